/* A writer that goes on behind a snapshot looks for the segment to begin with by its first frame.
 * It looked before it had synced the segment and forgotten the system's copy of it: so it found the
 * frame of a process whose sync had failed, which is nowhere but in that copy, began with that
 * segment, found no frame in it any more, and went on as if there had been no journal: its next
 * frame did not follow the one before, and nothing older could be read ever after. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>

#include "disk.h"
#include "journal_rig.h"

enum { COMMANDS = 10, SYNCS = 4 };

static trd_journal_def def_of(const trd_io_ops *ops, uint64_t seq) {
    trd_journal_def def = trd_journal_def_default();
    def.directory = "journal";
    def.segment_size = TRD_JOURNAL_SIZE_MIN;
    def.batch_size = 8192;
    def.seq = seq;
    def.ops = ops;
    return def;
}

static int open_behind(const trd_io_ops *ops, uint64_t seq, trd_journal_writer **out) {
    const trd_journal_def def = def_of(ops, seq);
    trd_journal_status status;
    return trd_journal_writer_open(&def, &status, out);
}

static void write_commands(const trd_io_ops *ops) {
    trd_journal_writer *writer;
    cr_assert(eq(int, open_behind(ops, 1, &writer), TRD_OK));
    for (uint64_t seq = 1; seq <= COMMANDS; seq++) {
        cr_assert(eq(int, rig_append(writer, seq), TRD_OK));
    }
    cr_assert(eq(int, trd_journal_writer_close(writer), TRD_OK));
}

/* Whichever sync of an opening fails, the next opening, and all that is older, are as before. */
static void fail_sync(uint64_t at) {
    disk *d = disk_new(at);
    const trd_io_ops ops = disk_ops(d, false);
    trd_journal_writer *writer;
    write_commands(&ops);
    disk_set_fault(
        d, &(disk_fault){
               .kind = DISK_FAULT_ERROR, .at = at, .calls = 1u << TRD_IO_DATA_SYNC, .error = EIO});
    if (open_behind(&ops, COMMANDS + 1, &writer) == TRD_OK) {
        (void)trd_journal_writer_close(writer);
    }
    cr_assert(disk_struck(d), "sync %lu was not reached", at);
    disk_kill(d);
    cr_assert(eq(int, open_behind(&ops, COMMANDS + 1, &writer), TRD_OK));
    cr_assert(eq(int, rig_append(writer, COMMANDS + 1), TRD_OK));
    cr_assert(eq(int, trd_journal_writer_close(writer), TRD_OK));
    const rig_content content = rig_read(&ops, "journal", 1);
    cr_assert(eq(int, content.result, 0), "sync %lu", at);
    cr_assert(content.right);
    cr_assert(eq(u64, content.first, 1));
    cr_assert(eq(u64, content.next, COMMANDS + 2));
    disk_free(d);
}

Test(journal_files, a_frame_of_a_failed_sync_begins_nothing) {
    for (uint64_t at = 0; at < SYNCS; at++) {
        fail_sync(at);
    }
}
