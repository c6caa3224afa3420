/* Journals in files: on a real file system with and without a ring, and on a disk in memory where
 * calls are counted. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk.h"
#include "journal_bytes.h"
#include "journal_rig.h"
#include "scarce.h"

enum { SIZE = TRD_JOURNAL_SIZE_MIN, BATCH = 16384 };

/* ---- a directory of its own ---- */

static char directory[256];

static void make_directory(void) {
    snprintf(directory, sizeof(directory), "%s/journal-XXXXXX", TEST_SCRATCH);
    cr_assert(mkdtemp(directory) != NULL);
}

static void path_of(char *path, size_t size, unsigned number) {
    snprintf(path, size, "%s/%012u.journal", directory, number);
}

static void remove_directory(void) {
    char path[400];
    for (unsigned i = 1; i < 40; i++) {
        path_of(path, sizeof(path), i);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/segment.new", directory);
    unlink(path);
    cr_assert(rmdir(directory) == 0);
}

TestSuite(journal_files, .init = make_directory, .fini = remove_directory);

static trd_journal_def def_of(uint32_t mode, bool plain) {
    trd_journal_def def = trd_journal_def_default();
    def.directory = directory;
    def.mode = mode;
    def.segment_size = SIZE;
    def.batch_size = BATCH;
    def.flags = plain ? TRD_JOURNAL_PLAIN : 0;
    return def;
}

static trd_journal_writer *open_writer(const trd_journal_def *def, trd_journal_status *status) {
    trd_journal_writer *w;
    const int result = trd_journal_writer_open(def, status, &w);
    cr_assert(eq(int, result, TRD_OK), "%s %d", trd_io_call_text(status->fault.call),
        status->fault.error);
    return w;
}

/* Appends [from, to], polling whenever there is no room. */
static void append_all(trd_journal_writer *w, uint64_t from, uint64_t to) {
    for (uint64_t seq = from; seq <= to; seq++) {
        int result;
        while ((result = rig_append(w, seq)) == TRD_E_FULL) {
            cr_assert(trd_journal_poll(w) >= 0);
        }
        cr_assert(eq(int, result, TRD_OK));
    }
}

static trd_journal_progress progress_of(const trd_journal_writer *w) {
    trd_journal_progress p;
    trd_journal_progress_get(w, &p);
    return p;
}

/* ---- on a real file system ---- */

Test(journal_files, what_is_appended_is_read_again) {
    uint64_t last = 0;
    for (uint32_t mode = TRD_JOURNAL_SYNC; mode <= TRD_JOURNAL_LAZY; mode++) {
        for (int plain = 0; plain < 2; plain++) {
            const trd_journal_def def = def_of(mode, plain);
            trd_journal_status status;
            trd_journal_writer *w = open_writer(&def, &status);
            cr_assert(eq(u64, status.report.last.seq, last + 1));
            cr_assert(progress_of(w).ring == 0 || !plain);
            append_all(w, last + 1, last + 500);
            cr_assert(eq(int, trd_journal_checkpoint(w, last + 500, 77, 88), TRD_OK));
            last += 500;
            cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
            const rig_content c = rig_read(NULL, directory, 0);
            cr_assert(eq(int, c.result, 0));
            cr_assert(c.right);
            cr_assert(eq(u64, c.first, 1));
            cr_assert(eq(u64, c.next, last + 1));
            cr_assert(eq(u64, c.checks, last / 500));
            cr_assert(eq(u32, c.status.report.outcome, TRD_JOURNAL_CLEAN));
        }
    }
}

/* Polling alone leads there. */
Test(journal_files, polls_acknowledge_what_the_mode_waits_for) {
    for (int plain = 0; plain < 2; plain++) {
        const trd_journal_def def = def_of(TRD_JOURNAL_SYNC, plain);
        trd_journal_status status;
        trd_journal_writer *w = open_writer(&def, &status);
        const uint64_t first = status.report.last.seq;
        append_all(w, first, first + 20);
        cr_assert(eq(u64, trd_journal_acknowledged(w), first - 1));
        for (long polls = 0; trd_journal_acknowledged(w) < first + 20; polls++) {
            cr_assert(trd_journal_poll(w) >= 0);
            cr_assert(polls < 100000000);
        }
        cr_assert(eq(u64, progress_of(w).durable, first + 20));
        cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    }
}

Test(journal_files, a_restart_goes_on_in_a_new_segment) {
    const trd_journal_def def = def_of(TRD_JOURNAL_SYNC, false);
    trd_journal_status status;
    trd_journal_writer *w = open_writer(&def, &status);
    const uint64_t id = 0;
    append_all(w, 1, 10);
    cr_assert(eq(u64, progress_of(w).number, 1));
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    w = open_writer(&def, &status);
    cr_assert(eq(u64, status.report.last.seq, 11));
    cr_assert(eq(u64, status.report.last.number, 1));
    cr_assert(ne(u64, status.report.last.id, id));
    cr_assert(eq(u64, progress_of(w).number, 2));
    append_all(w, 11, 12);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    const rig_content c = rig_read(NULL, directory, 0);
    cr_assert(c.right);
    cr_assert(eq(u64, c.next, 13));
    cr_assert(eq(u64, c.status.report.frames, 2 + 4)); /* beside commands: begun, closed, twice */
}

/* The processors that this process may use are ones that the kernel's workers may. */
Test(journal_files, workers_of_the_kernel_can_be_given_processors) {
    trd_journal_def def = def_of(TRD_JOURNAL_SYNC, false);
    trd_journal_status status;
    cpu_set_t set;
    cr_assert(sched_getaffinity(0, sizeof(set), &set) == 0);
    trd_journal_writer *w = open_writer(&def, &status);
    const uint32_t ring = progress_of(w).ring;
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    for (int i = 0; i < 64; i++) {
        def.cpus |= CPU_ISSET(i, &set) ? UINT64_C(1) << i : 0;
    }
    w = open_writer(&def, &status);
    cr_assert(eq(u32, progress_of(w).ring, ring));
    append_all(w, 1, 100);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    cr_assert(eq(u64, rig_read(NULL, directory, 0).next, 101));
}

Test(journal_files, a_directory_has_one_writer) {
    const trd_journal_def def = def_of(TRD_JOURNAL_SYNC, false);
    trd_journal_status status;
    trd_journal_writer *second, *w = open_writer(&def, &status);
    cr_assert(eq(int, trd_journal_writer_open(&def, &status, &second), TRD_E_BUSY));
    cr_assert(second == NULL);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    w = open_writer(&def, &status);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
}

static void flip(unsigned number, off_t at) {
    char path[400];
    uint8_t byte;
    path_of(path, sizeof(path), number);
    const int fd = open(path, O_RDWR);
    cr_assert(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 4;
    cr_assert(pwrite(fd, &byte, 1, at) == 1);
    close(fd);
}

/* Command 1 is 64 bytes at 4,224, behind the empty frame and its own head. */
Test(journal_files, a_damaged_journal_is_refused_and_left_as_it_is) {
    const trd_journal_def def = def_of(TRD_JOURNAL_SYNC, false);
    trd_journal_status status;
    trd_journal_writer *w = open_writer(&def, &status);
    char path[400];
    append_all(w, 1, 5);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    for (unsigned i = 2; i < 4; i++) {
        path_of(path, sizeof(path), i);
        unlink(path);
    }
    flip(1, 4224 + 40);
    cr_assert(eq(int, trd_journal_writer_open(&def, &status, &w), TRD_E_CORRUPT));
    cr_assert(w == NULL);
    cr_assert(eq(u32, status.report.outcome, TRD_JOURNAL_CORRUPT));
    cr_assert(eq(u64, status.report.number, 1));
    cr_assert(eq(u64, status.report.at, 4160));
    path_of(path, sizeof(path), 2);
    cr_assert(access(path, F_OK) != 0);
    flip(1, 4224 + 40);
    w = open_writer(&def, &status);
    cr_assert(eq(u64, status.report.last.seq, 6));
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
}

/* A file may not grow beyond the limit, and a write that would, fails with EFBIG. */
static void exceed_the_limit(bool plain) {
    const trd_journal_def def = def_of(TRD_JOURNAL_SYNC, plain);
    trd_journal_status status;
    trd_journal_writer *w = open_writer(&def, &status);
    const uint64_t first = status.report.last.seq;
    signal(SIGXFSZ, SIG_IGN);
    append_all(w, first, first + 5);
    cr_assert(eq(int, trd_journal_flush(w), TRD_OK));
    const struct rlimit limit = {4096, RLIM_INFINITY};
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    cr_assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    append_all(w, first + 6, first + 6);
    cr_assert(eq(int, trd_journal_flush(w), TRD_E_IO));
    cr_assert(eq(u32, progress_of(w).fault.call, TRD_IO_WRITE));
    cr_assert(eq(int, progress_of(w).fault.error, EFBIG));
    cr_assert(eq(u64, trd_journal_acknowledged(w), first + 5));
    cr_assert(setrlimit(RLIMIT_FSIZE, &none) == 0);
    cr_assert(eq(int, rig_append(w, first + 7), TRD_E_IO)); /* and stays so */
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_E_IO));
    const rig_content c = rig_read(NULL, directory, 0);
    cr_assert(c.right);
    cr_assert(eq(u64, c.next, first + 6));
}

Test(journal_files, a_limit_of_the_system_ends_a_journal) {
    exceed_the_limit(true);
    exceed_the_limit(false);
}

/* A file system in memory on the directory, of this process alone; not everybody may do that. */
static void mount_small(const char *size) {
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", directory, "tmpfs", 0, size) != 0) {
        cr_skip("mount: %s", strerror(errno));
    }
}

/* Two segments fit, and half of a third: the journal goes on to the end of the second one. */
static void fill_the_disk(bool plain) {
    const trd_journal_def def = def_of(TRD_JOURNAL_SYNC, plain);
    trd_journal_status status;
    uint64_t taken = 0;
    int result = TRD_OK;
    mount_small("size=160k");
    trd_journal_writer *w = open_writer(&def, &status);
    while (result == TRD_OK && taken < 4000) {
        result = rig_append(w, taken + 1);
        taken += result == TRD_OK;
        if (result == TRD_E_FULL) {
            result = trd_journal_poll(w) < 0 ? TRD_E_IO : TRD_OK;
        }
    }
    cr_assert(eq(int, result, TRD_E_IO));
    cr_assert(eq(int, progress_of(w).fault.error, ENOSPC));
    cr_assert(eq(u64, progress_of(w).number, 2));
    cr_assert(eq(u32, progress_of(w).ahead.call, TRD_IO_ALLOCATE)); /* it was told */
    const uint64_t acknowledged = trd_journal_acknowledged(w);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_E_IO));
    const rig_content c = rig_read(NULL, directory, 0);
    cr_assert(c.right && c.result == 0);
    cr_assert(c.next > acknowledged && c.next <= taken + 1);
    cr_assert(acknowledged > 100);
    cr_assert(umount(directory) == 0);
}

Test(journal_files, a_full_disk_ends_a_journal_behind_its_last_segment) {
    fill_the_disk(true);
    fill_the_disk(false);
}

/* The kernel's ring, and writes that do less than they were told; what is linked behind them is
 * made all the same, and its success says nothing of the rest. */
static uint64_t shortened;
static int64_t replaced; /* 0: none; else the result of the next sync, though it was made */

static int submit_shorter(void *user, void *ring, const trd_io_request *requests, uint32_t count) {
    trd_io_request changed[4];
    cr_assert(count <= 4);
    memcpy(changed, requests, count * sizeof(*requests));
    for (uint32_t i = 0; i < count; i++) {
        if (changed[i].call == TRD_IO_WRITE && changed[i].size > 100) {
            changed[i].size /= 3;
            shortened++;
        }
    }
    return trd_io_system()->ring_submit(user, ring, changed, count);
}

static int reap_replaced(
    void *user, void *ring, trd_io_result *results, uint32_t max, unsigned wait) {
    const int count = trd_io_system()->ring_reap(user, ring, results, max, wait);
    for (int i = 0; i < count; i++) {
        if (replaced != 0 && results[i].result == 0) { /* of what the tests below have: a sync */
            results[i].result = replaced;
            replaced = 0;
        }
    }
    return count;
}

Test(journal_files, writes_of_the_ring_that_are_short_are_continued) {
    trd_journal_def def = def_of(TRD_JOURNAL_SYNC, false);
    trd_io_ops changed = *trd_io_system();
    trd_journal_status status;
    changed.ring_submit = submit_shorter;
    def.ops = &changed;
    trd_journal_writer *w = open_writer(&def, &status);
    append_all(w, 1, 600);
    cr_assert(eq(int, trd_journal_flush(w), TRD_OK));
    cr_assert(progress_of(w).ring == 0 || shortened > 10, "%lu", (unsigned long)shortened);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    const rig_content c = rig_read(NULL, directory, 0);
    cr_assert(c.right);
    cr_assert(eq(u64, c.next, 601));
}

/* Interrupted: made again. Anything else: the end, and what was on its way is not acknowledged. */
Test(journal_files, a_sync_of_the_ring_that_fails_ends_the_journal) {
    trd_journal_def def = def_of(TRD_JOURNAL_SYNC, false);
    trd_io_ops changed = *trd_io_system();
    trd_journal_status status;
    changed.ring_reap = reap_replaced;
    def.ops = &changed;
    trd_journal_writer *w = open_writer(&def, &status);
    if (progress_of(w).ring == 0) { /* the kernel allows none here */
        cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
        return;
    }
    while (progress_of(w).ready == 0) {
        cr_assert(trd_journal_poll(w) >= 0);
    }
    append_all(w, 1, 5);
    replaced = -EINTR;
    cr_assert(eq(int, trd_journal_flush(w), TRD_OK));
    cr_assert(eq(i64, replaced, 0));
    append_all(w, 6, 9);
    replaced = -EIO;
    cr_assert(eq(int, trd_journal_flush(w), TRD_E_IO));
    cr_assert(eq(u32, progress_of(w).fault.call, TRD_IO_DATA_SYNC));
    cr_assert(eq(int, progress_of(w).fault.error, EIO));
    cr_assert(eq(u64, trd_journal_acknowledged(w), 5));
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_E_IO));
}

/* A child appends and says what is acknowledged, until it is killed. */
static void append_until_killed(bool plain, int say) {
    const trd_journal_def def = def_of(TRD_JOURNAL_SYNC, plain);
    trd_journal_status status;
    trd_journal_writer *w;
    int result;
    /* The kernel closes what a ring had open some time after its process has ended. */
    while ((result = trd_journal_writer_open(&def, &status, &w)) == TRD_E_BUSY) {
        sched_yield();
    }
    if (result != TRD_OK) {
        _exit(1);
    }
    uint64_t seq = status.report.last.seq, said = 0;
    for (;;) {
        for (int i = 0; i < 20 && rig_append(w, seq) == TRD_OK; i++) {
            seq++;
        }
        if (trd_journal_poll(w) < 0) {
            _exit(1);
        }
        const uint64_t last = trd_journal_acknowledged(w);
        if (last > said && write(say, &last, sizeof(last)) == sizeof(last)) {
            said = last;
        }
    }
}

Test(journal_files, what_was_acknowledged_before_a_kill_is_there, .timeout = 60) {
    uint64_t last = 0;
    for (int cycle = 0; cycle < 12; cycle++) {
        int pipes[2];
        cr_assert(pipe(pipes) == 0);
        const pid_t child = fork();
        if (child == 0) {
            append_until_killed(cycle % 2, pipes[1]);
        }
        close(pipes[1]);
        for (int reports = 0; reports < 3 + cycle; reports++) {
            cr_assert(read(pipes[0], &last, sizeof(last)) == sizeof(last));
        }
        cr_assert(kill(child, SIGKILL) == 0);
        uint64_t more;
        while (read(pipes[0], &more, sizeof(more)) == sizeof(more)) {
            last = more;
        }
        close(pipes[0]);
        cr_assert(waitpid(child, NULL, 0) == child);
        const rig_content c = rig_read(NULL, directory, 0);
        cr_assert(eq(int, c.result, 0));
        cr_assert(c.right);
        cr_assert(c.next > last, "%lu of %lu", (unsigned long)c.next, (unsigned long)last);
        /* Twelve segments at most are to be cleared away. */
        trd_journal_trimming trimming = trd_journal_trimming_default();
        trimming.directory = directory;
        trimming.seq = 1;
        cr_assert(eq(int, trd_journal_trim(&trimming, NULL), 0));
    }
}

/* ---- on a disk in memory ---- */

static disk *memory;
static trd_io_ops ops;

static void begin_disk(bool ring) {
    memory = disk_new(1);
    ops = disk_ops(memory, ring);
}

static trd_journal_def disk_def(uint32_t mode) {
    trd_journal_def def = def_of(mode, false);
    def.directory = "journal";
    def.ops = &ops;
    return def;
}

static uint64_t calls_of(uint32_t mask) {
    static uint32_t counting;
    if (mask != counting) {
        const disk_fault count = {.calls = mask};
        disk_set_fault(memory, &count);
        counting = mask;
    }
    return disk_calls(memory);
}

Test(journal_files, each_mode_waits_for_what_its_name_says) {
    begin_disk(false);
    trd_journal_status status;
    trd_journal_def def = disk_def(TRD_JOURNAL_LAZY);
    trd_journal_writer *w = open_writer(&def, &status);
    calls_of(1u << TRD_IO_WRITE | 1u << TRD_IO_DATA_SYNC);
    while (trd_journal_poll(w) > 0) { /* the next segment */
    }
    const uint64_t before = calls_of(1u << TRD_IO_WRITE | 1u << TRD_IO_DATA_SYNC);
    append_all(w, 1, 3);
    cr_assert(eq(u64, trd_journal_acknowledged(w), 3));
    cr_assert(eq(int, trd_journal_poll(w), 0)); /* half a batch is not there */
    cr_assert(eq(u64, calls_of(1u << TRD_IO_WRITE | 1u << TRD_IO_DATA_SYNC), before));
    append_all(w, 4, 128); /* 8,192 bytes and more */
    cr_assert(trd_journal_poll(w) > 0);
    cr_assert(trd_journal_poll(w) > 0);
    cr_assert(eq(u64, calls_of(1u << TRD_IO_WRITE | 1u << TRD_IO_DATA_SYNC), before + 1));
    cr_assert(eq(u64, progress_of(w).written, 128));
    cr_assert(eq(u64, progress_of(w).durable, 0));
    cr_assert(eq(int, trd_journal_flush(w), TRD_OK));
    cr_assert(eq(u64, progress_of(w).durable, 128));
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));

    def.mode = TRD_JOURNAL_WRITTEN;
    w = open_writer(&def, &status);
    append_all(w, 129, 130);
    cr_assert(eq(u64, trd_journal_acknowledged(w), 128));
    cr_assert(trd_journal_poll(w) > 0); /* begins it */
    cr_assert(trd_journal_poll(w) > 0); /* takes the result */
    cr_assert(eq(u64, trd_journal_acknowledged(w), 130));
    cr_assert(eq(u64, progress_of(w).durable, 128));
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    disk_free(memory);
}

/* Appending makes no call; a poll with a ring and nothing to do makes none either. */
Test(journal_files, appending_makes_no_call) {
    begin_disk(true);
    trd_journal_status status;
    const trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    trd_journal_writer *w = open_writer(&def, &status);
    cr_assert(eq(u32, progress_of(w).ring, 1));
    for (int i = 0; i < 1000; i++) {
        cr_assert(trd_journal_poll(w) >= 0);
    }
    cr_assert(eq(u32, progress_of(w).ready, 1));
    const disk_fault count = {.kind = DISK_FAULT_NONE};
    disk_set_fault(memory, &count);
    append_all(w, 1, 100);
    cr_assert(eq(int, trd_journal_checkpoint(w, 100, 0, 0), TRD_OK));
    cr_assert(eq(u64, disk_calls(memory), 0));
    cr_assert(eq(int, trd_journal_flush(w), TRD_OK));
    cr_assert(eq(u64, disk_calls(memory), 3)); /* one submission, of a write and a sync */
    cr_assert(eq(int, trd_journal_poll(w), 0));
    cr_assert(eq(u64, disk_calls(memory), 3));
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    disk_free(memory);
}

Test(journal_files, memory_is_taken_while_it_is_opened_and_given_back) {
    begin_disk(true);
    trd_journal_status status;
    trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    scarce s = {.fails_at = -1};
    def.mem = scarce_mem(&s);
    for (int i = 0; i < 2; i++) {
        trd_journal_writer *w = open_writer(&def, &status);
        const int opened = s.allocations;
        append_all(w, status.report.last.seq, status.report.last.seq + 2000);
        cr_assert(eq(int, trd_journal_flush(w), TRD_OK));
        cr_assert(progress_of(w).number > 2);
        cr_assert(eq(int, s.allocations, opened));
        cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
        cr_assert(eq(sz, s.size, 0));
    }
    disk_free(memory);
}

Test(journal_files, the_next_segment_is_ready_before_it_is_needed) {
    begin_disk(true);
    trd_journal_status status;
    const trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    trd_journal_writer *w = open_writer(&def, &status);
    uint64_t size = 0;
    while (progress_of(w).ready == 0) {
        cr_assert(trd_journal_poll(w) >= 0);
    }
    const uint8_t *next = disk_file(memory, "000000000002.journal", &size);
    trd_journal_head head;
    cr_assert(eq(u64, size, SIZE));
    cr_assert(eq(int, trd_journal_head_check(next, size, &head), TRD_OK));
    cr_assert(eq(u64, head.number, 2));
    cr_assert(jb_is_zero(next, 64, size));
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    w = open_writer(&def, &status); /* a restart takes it */
    cr_assert(eq(u64, progress_of(w).number, 2));
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    disk_free(memory);
}

/* Room for one segment only: the journal works until the next one is needed, and says before that
 * it will not be there. */
Test(journal_files, a_full_disk_is_told_ahead_and_fails_when_it_matters) {
    begin_disk(false);
    trd_journal_status status;
    const trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    trd_journal_writer *w = open_writer(&def, &status);
    disk_fault full = {.kind = DISK_FAULT_ERROR,
        .keeps_on = true,
        .calls = 1u << TRD_IO_ALLOCATE,
        .error = ENOSPC};
    disk_set_fault(memory, &full);
    while (progress_of(w).ahead.call == 0) {
        cr_assert(trd_journal_poll(w) >= 0);
    }
    cr_assert(eq(u32, progress_of(w).ahead.call, TRD_IO_ALLOCATE));
    cr_assert(eq(int, progress_of(w).ahead.error, ENOSPC));
    append_all(w, 1, 100);
    cr_assert(eq(int, trd_journal_flush(w), TRD_OK));
    full.kind = DISK_FAULT_NONE; /* somebody makes room in time */
    disk_set_fault(memory, &full);
    append_all(w, 101, 1000);
    cr_assert(eq(int, trd_journal_flush(w), TRD_OK));
    cr_assert(progress_of(w).number >= 2);
    full.kind = DISK_FAULT_ERROR; /* nobody does */
    disk_set_fault(memory, &full);
    int result = TRD_OK;
    for (uint64_t seq = 1001; result != TRD_E_IO; seq += result == TRD_OK) {
        result = rig_append(w, seq);
        result = result == TRD_E_FULL ? trd_journal_poll(w) < 0 ? TRD_E_IO : TRD_E_FULL : result;
        cr_assert(seq < 4000);
    }
    cr_assert(eq(u32, progress_of(w).fault.call, TRD_IO_ALLOCATE));
    cr_assert(eq(int, progress_of(w).fault.error, ENOSPC));
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_E_IO));
    disk_free(memory);
}

Test(journal_files, a_file_system_that_cannot_allocate_is_given_zeros) {
    begin_disk(true);
    const disk_fault cannot = {.kind = DISK_FAULT_ERROR,
        .keeps_on = true,
        .calls = 1u << TRD_IO_ALLOCATE,
        .error = EOPNOTSUPP};
    trd_journal_status status;
    const trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    uint64_t size = 0;
    disk_set_fault(memory, &cannot);
    trd_journal_writer *w = open_writer(&def, &status);
    append_all(w, 1, 1500);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    cr_assert(disk_file(memory, "000000000001.journal", &size) != NULL);
    cr_assert(eq(u64, size, SIZE));
    cr_assert(eq(u64, rig_read(&ops, "journal", 0).next, 1501));
    disk_free(memory);
}

/* Whatever becomes of the next segment: what a failed sync has lost is not known. */
Test(journal_files, any_failed_sync_ends_a_journal) {
    for (int nth = 0; nth < 2; nth++) { /* of the file, of the directory */
        begin_disk(true);
        trd_journal_status status;
        const trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
        trd_journal_writer *w = open_writer(&def, &status);
        const disk_fault fails = {.kind = DISK_FAULT_ERROR,
            .at = (uint64_t)nth,
            .calls = 1u << TRD_IO_SYNC,
            .error = EIO};
        disk_set_fault(memory, &fails);
        int result = 0;
        for (int i = 0; i < 1000 && result >= 0; i++) {
            result = trd_journal_poll(w);
        }
        cr_assert(eq(int, result, TRD_E_IO));
        cr_assert(eq(u32, progress_of(w).fault.call, TRD_IO_SYNC));
        cr_assert(eq(u64, progress_of(w).fault.number, 2));
        cr_assert(eq(int, trd_journal_writer_close(w), TRD_E_IO));
        disk_free(memory);
    }
}

/* A sync fails, and the process ends. The page cache still has what the disk has not; whoever opens
 * the writer first does not read it. */
Test(journal_files, opening_decides_what_the_journal_holds) {
    begin_disk(false);
    trd_journal_status status;
    const trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    trd_journal_writer *w = open_writer(&def, &status);
    append_all(w, 1, 5);
    cr_assert(eq(int, trd_journal_flush(w), TRD_OK));
    const disk_fault fails = {
        .kind = DISK_FAULT_ERROR, .calls = 1u << TRD_IO_DATA_SYNC, .error = EIO};
    disk_set_fault(memory, &fails);
    append_all(w, 6, 9);
    cr_assert(eq(int, trd_journal_flush(w), TRD_E_IO));
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_E_IO));
    disk_kill(memory);
    cr_assert(eq(u64, rig_read(&ops, "journal", 0).next, 10));
    w = open_writer(&def, &status);
    cr_assert(eq(u64, status.report.last.seq, 6));
    cr_assert(eq(u64, rig_read(&ops, "journal", 0).next, 6)); /* while the writer waits */
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    disk_free(memory);
}

Test(journal_files, a_kernel_without_a_ring_is_served_without) {
    begin_disk(true);
    const disk_fault denied = {
        .kind = DISK_FAULT_ERROR, .calls = 1u << TRD_IO_RING, .error = EPERM};
    trd_journal_status status;
    const trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    disk_set_fault(memory, &denied);
    trd_journal_writer *w = open_writer(&def, &status);
    cr_assert(eq(u32, progress_of(w).ring, 0));
    append_all(w, 1, 10);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    cr_assert(eq(u64, rig_read(&ops, "journal", 0).next, 11));
    disk_free(memory);
}

/* Appends until four segments have commands; the first one of each is told. */
static void make_segments(uint64_t firsts[4]) {
    trd_journal_status status;
    const trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    trd_journal_writer *w = open_writer(&def, &status);
    uint64_t number = 0;
    for (uint64_t seq = 1; progress_of(w).number < 4; seq++) {
        append_all(w, seq, seq);
        cr_assert(eq(int, trd_journal_flush(w), TRD_OK));
        if (progress_of(w).number != number) {
            number = progress_of(w).number;
            firsts[number - 1] = seq;
        }
    }
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
}

static int archived_count, archive_result;
static char archived_last[32];

static int archive(void *user, const char *name, uint64_t number) {
    cr_assert(user == &archived_count);
    cr_assert(eq(u64, number, strtoull(name, NULL, 10)));
    if (archive_result < 0) {
        return archive_result;
    }
    archived_count++;
    snprintf(archived_last, sizeof(archived_last), "%s", name);
    return 0;
}

static int trim_to(uint64_t seq) {
    trd_journal_trimming def = trd_journal_trimming_default();
    trd_io_fault fault;
    def.directory = "journal";
    def.seq = seq;
    def.archive = archive;
    def.user = &archived_count;
    def.ops = &ops;
    return trd_journal_trim(&def, &fault);
}

Test(journal_files, segments_below_a_command_are_archived_and_removed) {
    uint64_t firsts[4];
    begin_disk(true);
    make_segments(firsts);
    cr_assert(eq(int, trim_to(firsts[1] - 1), 0));
    archive_result = -77;
    cr_assert(eq(int, trim_to(firsts[1]), -77));
    cr_assert(disk_file(memory, "000000000001.journal", NULL) != NULL);
    archive_result = 0;
    cr_assert(eq(int, trim_to(firsts[1]), 1));
    cr_assert(disk_file(memory, "000000000001.journal", NULL) == NULL);
    cr_assert(eq(int, archived_count, 1));
    cr_assert(eq(int, trim_to(firsts[3] + 1000), 2)); /* the last one with a frame stays */
    cr_assert(eq(int, archived_count, 3));
    cr_assert(strcmp(archived_last, "000000000003.journal") == 0);
    cr_assert(disk_file(memory, "000000000004.journal", NULL) != NULL);
    const rig_content c = rig_read(&ops, "journal", firsts[3]);
    cr_assert(eq(int, c.result, 0));
    cr_assert(c.right);
    cr_assert(eq(u64, c.first, firsts[3]));
    cr_assert(eq(int, rig_read(&ops, "journal", firsts[3] - 1).result, TRD_E_UNKNOWN));
    disk_free(memory);
}

/* Whatever happens in between, no number is missing: so the directory is synced behind each one. */
Test(journal_files, each_removed_segment_is_gone_for_good_before_the_next) {
    uint64_t firsts[4];
    begin_disk(true);
    make_segments(firsts);
    disk_fault syncs = {.calls = 1u << TRD_IO_SYNC};
    disk_set_fault(memory, &syncs);
    cr_assert(eq(int, trim_to(firsts[2]), 2));
    cr_assert(eq(u64, disk_calls(memory), 2));
    syncs.kind = DISK_FAULT_ERROR;
    syncs.error = EIO;
    disk_set_fault(memory, &syncs);
    trd_journal_trimming def = trd_journal_trimming_default();
    trd_io_fault fault;
    def.directory = "journal";
    def.seq = firsts[3];
    def.ops = &ops;
    cr_assert(eq(int, trd_journal_trim(&def, &fault), TRD_E_IO));
    cr_assert(eq(u32, fault.call, TRD_IO_SYNC));
    cr_assert(eq(int, fault.error, EIO));
    disk_free(memory);
}

/* What can be done with a journal of four segments that takes memory; 0 or more: it was done. */
static int open_for_writing(const trd_mem *mem) {
    trd_journal_status status;
    trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    trd_journal_writer *w;
    def.mem = *mem;
    const int result = trd_journal_writer_open(&def, &status, &w);
    if (result == TRD_OK) {
        cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    }
    return result;
}

static int read_from_200(const trd_mem *mem) {
    trd_journal_status status;
    trd_journal_reading def = trd_journal_reading_default();
    trd_journal_reader *reader;
    const trd_journal_frame *frame;
    def.directory = "journal";
    def.seq = 200;
    def.ops = &ops;
    def.mem = *mem;
    int result = trd_journal_reader_open(&def, &status, &reader);
    if (result == TRD_OK) {
        while ((result = trd_journal_reader_next(reader, &frame)) == 1) {
        }
        cr_assert(eq(int, trd_journal_reader_next(reader, &frame), result));
        trd_journal_reader_close(reader);
    }
    return result;
}

static int trim_to_200(const trd_mem *mem) {
    trd_journal_trimming def = trd_journal_trimming_default();
    def.directory = "journal";
    def.seq = 200;
    def.ops = &ops;
    def.mem = *mem;
    return trd_journal_trim(&def, NULL);
}

/* One allocation fails, or it and all after it: each of those that are made, `least` or more. */
static void deny_each(int (*does)(const trd_mem *mem), int least) {
    for (int keeps_on = 0; keeps_on < 2; keeps_on++) {
        uint64_t firsts[4];
        begin_disk(true);
        make_segments(firsts);
        scarce s = {.keeps_on = keeps_on};
        for (;;) {
            const trd_mem mem = scarce_mem(&s);
            const int result = does(&mem);
            cr_assert(eq(int, s.live, 0), "allocation %d", s.fails_at);
            cr_assert(eq(u32, disk_open_count(memory), 0), "allocation %d", s.fails_at);
            if (result >= 0) {
                break;
            }
            cr_assert(eq(int, result, TRD_E_MEMORY), "allocation %d", s.fails_at);
            s = (scarce){.fails_at = s.fails_at + 1, .keeps_on = keeps_on};
        }
        cr_assert(eq(int, s.fails_at, s.allocations));
        cr_assert(s.fails_at >= least);
        disk_free(memory);
    }
}

Test(journal_files, every_allocation_may_fail) {
    deny_each(open_for_writing, 5); /* writer, reader, first frame, segment, batches */
    deny_each(read_from_200, 3);    /* reader, first frame, segment */
    deny_each(trim_to_200, 1);
}

Test(journal_files, reading_begins_in_the_segment_of_the_command_that_is_wanted) {
    uint64_t firsts[4];
    begin_disk(true);
    make_segments(firsts);
    for (int i = 0; i < 4; i++) {
        const uint64_t behind = i < 3 ? firsts[i + 1] - 1 : firsts[i];
        cr_assert(eq(u64, rig_read(&ops, "journal", firsts[i]).first, firsts[i]));
        cr_assert(eq(u64, rig_read(&ops, "journal", behind).first, firsts[i]));
    }
    /* Damage before it is not looked at, damage behind it is found. */
    disk_damage(memory, "000000000002.journal", 4096 + 70, 1);
    cr_assert(eq(int, rig_read(&ops, "journal", firsts[2]).result, 0));
    cr_assert(eq(int, rig_read(&ops, "journal", firsts[1]).result, TRD_E_CORRUPT));
    cr_assert(eq(int, rig_read(&ops, "journal", 0).result, TRD_E_CORRUPT));
    disk_free(memory);
}

Test(journal_files, a_writer_wants_the_command_behind_its_snapshot) {
    begin_disk(true);
    trd_journal_status status;
    trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    trd_journal_writer *w;
    def.seq = 100;
    def.time = 7;
    w = open_writer(&def, &status); /* a journal that begins behind a snapshot */
    cr_assert(eq(u64, status.report.last.seq, 100));
    cr_assert(eq(i64, status.report.last.time, 7));
    append_all(w, 100, 110);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    def.seq = 111;
    w = open_writer(&def, &status);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    def.seq = 112; /* 111 is missing */
    cr_assert(eq(int, trd_journal_writer_open(&def, &status, &w), TRD_E_UNKNOWN));
    def.seq = 99; /* so is 99 */
    cr_assert(eq(int, trd_journal_writer_open(&def, &status, &w), TRD_E_UNKNOWN));
    cr_assert(eq(u32, disk_open_count(memory), 0));
    disk_free(memory);
}

/* A file without a head under the name of the next segment: made anew, in its place. */
Test(journal_files, a_segment_without_a_head_is_made_again) {
    for (int last = 0; last < 2; last++) {
        begin_disk(true);
        trd_journal_status status;
        const trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
        trd_journal_writer *w;
        uint64_t next = 1;
        if (last != 0) {
            w = open_writer(&def, &status);
            append_all(w, 1, 5);
            cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
            ops.remove(ops.user, -1, "000000000002.journal"); /* it may have been made ahead */
            next = 6;
        }
        const char *name = last == 0 ? "000000000001.journal" : "000000000002.journal";
        const int fd = ops.open(ops.user, -1, name, TRD_IO_TO_WRITE);
        cr_assert(ops.allocate(ops.user, fd, SIZE) == 0 && ops.close(ops.user, fd) == 0);
        w = open_writer(&def, &status);
        cr_assert(eq(u64, status.report.last.seq, next));
        cr_assert(eq(u64, progress_of(w).number, last == 0 ? 1 : 2));
        append_all(w, next, next + 5);
        cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
        const rig_content c = rig_read(&ops, "journal", 0);
        cr_assert(eq(int, c.result, 0));
        cr_assert(c.right);
        cr_assert(eq(u64, c.next, next + 6));
        disk_free(memory);
    }
}

/* Segments of 64 KiB are continued by segments of 128: one that was made ahead is left empty. */
Test(journal_files, the_size_of_segments_may_change) {
    begin_disk(true);
    trd_journal_status status;
    trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    trd_journal_writer *w = open_writer(&def, &status);
    append_all(w, 1, 5);
    while (progress_of(w).ready == 0) {
        cr_assert(trd_journal_poll(w) >= 0);
    }
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    def.segment_size = UINT64_C(2) * SIZE;
    w = open_writer(&def, &status);
    cr_assert(eq(u64, progress_of(w).number, 3));
    append_all(w, 6, 10);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    uint64_t size = 0;
    cr_assert(disk_file(memory, "000000000003.journal", &size) != NULL);
    cr_assert(eq(u64, size, UINT64_C(2) * SIZE));
    const rig_content c = rig_read(&ops, "journal", 0);
    cr_assert(eq(int, c.result, 0));
    cr_assert(c.right);
    cr_assert(eq(u64, c.next, 11));
    cr_assert(eq(int, trim_to(11), 2)); /* the empty one goes with the one before */
    disk_free(memory);
}

/* A segment that is missing between others. */
Test(journal_files, a_missing_segment_is_damage) {
    uint64_t firsts[4];
    begin_disk(true);
    make_segments(firsts);
    ops.remove(ops.user, -1, "000000000002.journal");
    const rig_content c = rig_read(&ops, "journal", 0);
    cr_assert(eq(int, c.result, TRD_E_CORRUPT));
    cr_assert(eq(u64, c.status.report.number, 2));
    cr_assert(eq(u64, c.next, firsts[1]));
    cr_assert(eq(int, rig_read(&ops, "journal", firsts[2]).result, 0));
    cr_assert(eq(int, rig_read(&ops, "journal", firsts[1]).result, TRD_E_CORRUPT));
    disk_free(memory);
}

Test(journal_files, a_reader_says_how_it_ended_when_it_has) {
    begin_disk(true);
    trd_journal_status status;
    const trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    trd_journal_writer *w = open_writer(&def, &status);
    append_all(w, 1, 5);
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    trd_journal_reading reading = trd_journal_reading_default();
    trd_journal_reader *reader;
    const trd_journal_frame *frame;
    reading.directory = "journal";
    reading.ops = &ops;
    cr_assert(eq(int, trd_journal_reader_open(&reading, &status, &reader), TRD_OK));
    cr_assert(eq(int, trd_journal_reader_report(reader, &status), TRD_E_BUSY));
    cr_assert(eq(int, trd_journal_reader_next(reader, NULL), TRD_E_ARG));
    while (trd_journal_reader_next(reader, &frame) == 1) {
    }
    cr_assert(eq(int, trd_journal_reader_next(reader, &frame), 0));
    cr_assert(eq(int, trd_journal_reader_report(reader, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_reader_report(reader, &status), TRD_OK));
    cr_assert(eq(u64, status.report.last.seq, 6));
    trd_journal_reader_close(reader);
    disk_free(memory);
}

/* Reads and trims with every call failing in turn: all of it is right, or the failure is said. */
Test(journal_files, reading_and_trimming_say_what_failed) {
    uint64_t firsts[4], struck = 0;
    for (uint64_t k = 0; k < 200; k++) {
        begin_disk(true);
        make_segments(firsts);
        disk_fault fails = {.kind = DISK_FAULT_ERROR, .at = k, .error = EIO};
        disk_set_fault(memory, &fails);
        const rig_content c = rig_read(&ops, "journal", firsts[1]);
        cr_assert(c.right);
        cr_assert(c.result == TRD_E_IO || (c.result == 0 && c.next == firsts[3] + 1));
        cr_assert(c.result == 0 || (c.status.fault.error == EIO && disk_struck(memory)));
        struck += c.result == TRD_E_IO;
        disk_set_fault(memory, &fails);
        const int removed = trim_to(firsts[2]);
        cr_assert(removed == TRD_E_IO || removed == 2);
        struck += removed == TRD_E_IO;
        cr_assert(eq(u32, disk_open_count(memory), 0));
        fails.kind = DISK_FAULT_NONE;
        disk_set_fault(memory, &fails);
        cr_assert(eq(int, rig_read(&ops, "journal", 0).result, 0));
        disk_free(memory);
    }
    cr_assert(struck > 20, "%lu", (unsigned long)struck);
}

Test(journal_files, an_empty_directory_is_an_empty_journal) {
    const rig_content c = rig_read(NULL, directory, 5);
    cr_assert(eq(int, c.result, 0));
    cr_assert(eq(u64, c.first, 0));
    cr_assert(eq(u64, c.status.report.last.seq, 0));
    cr_assert(eq(u32, c.status.report.outcome, TRD_JOURNAL_CLEAN));
    const rig_content none = rig_read(NULL, "/nowhere/at/all", 5);
    cr_assert(eq(int, none.result, TRD_E_IO));
    cr_assert(eq(u32, none.status.fault.call, TRD_IO_OPEN));
    cr_assert(eq(int, none.status.fault.error, ENOENT));
}

Test(journal_files, only_the_next_commands_are_taken) {
    begin_disk(true);
    trd_journal_status status;
    const trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    trd_journal_writer *w = open_writer(&def, &status);
    static trd_command r[TRD_JOURNAL_PAYLOAD_MAX + 1];
    r[0] = (trd_command){.seq = 1, .time = 5, .kind = 1, .slots = 1};
    cr_assert(eq(int, trd_journal_append(w, r, 1), TRD_OK));
    const trd_command bad[] = {{.seq = 1, .time = 5, .kind = 1, .slots = 1},
        {.seq = 3, .time = 5, .kind = 1, .slots = 1}, {.seq = 2, .time = 4, .kind = 1, .slots = 1},
        {.seq = 2, .time = 5, .kind = 0, .slots = 1}, {.seq = 2, .time = 5, .kind = 96, .slots = 1},
        {.seq = 2, .time = 5, .kind = 1, .slots = 0}, {.seq = 2, .time = 5, .kind = 1, .slots = 2},
        {.seq = 2, .time = 5, .kind = 1, .slots = 5}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert(eq(int, trd_journal_append(w, &bad[i], 1), TRD_E_ARG), "row %zu", i);
    }
    trd_command two[2] = {{.seq = 2, .time = 5, .kind = 1, .slots = 2}, {.kind = 127}};
    cr_assert(eq(int, trd_journal_append(w, two, 2), TRD_E_ARG));
    two[1].kind = 128;
    two[1].slots = 1;
    cr_assert(eq(int, trd_journal_append(w, two, 2), TRD_E_ARG));
    two[1].slots = 0;
    cr_assert(eq(int, trd_journal_append(w, two, 2), TRD_OK));
    cr_assert(eq(int, trd_journal_append(w, r, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_append(w, NULL, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_append(NULL, r, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_append(w, r, TRD_JOURNAL_PAYLOAD_MAX + 1), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_checkpoint(w, 3, 0, 0), TRD_E_ARG)); /* not appended yet */
    cr_assert(eq(int, trd_journal_checkpoint(NULL, 0, 0, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_checkpoint(w, 2, 0, 0), TRD_OK));
    cr_assert(eq(u64, progress_of(w).appended, 2));
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    disk_free(memory);
}

/* 16,384 bytes are a head and 255 slots; what does not fit is refused as a whole. */
Test(journal_files, a_full_batch_takes_no_part_of_a_run) {
    begin_disk(true);
    trd_journal_status status;
    const trd_journal_def def = disk_def(TRD_JOURNAL_SYNC);
    trd_journal_writer *w = open_writer(&def, &status);
    static trd_command r[256];
    for (uint64_t i = 0; i < 256; i++) {
        r[i] = (trd_command){.seq = i + 1, .kind = 1, .slots = 1};
    }
    cr_assert(eq(int, trd_journal_append(w, r, 256), TRD_E_FULL));
    cr_assert(eq(int, trd_journal_append(w, r, 254), TRD_OK));
    cr_assert(eq(int, trd_journal_append(w, r + 254, 2), TRD_E_FULL));
    cr_assert(eq(int, trd_journal_checkpoint(w, 254, 0, 0), TRD_E_FULL)); /* needs a head */
    cr_assert(eq(int, trd_journal_append(w, r + 254, 1), TRD_OK));
    cr_assert(eq(int, trd_journal_flush(w), TRD_OK));
    cr_assert(eq(int, trd_journal_append(w, r + 255, 1), TRD_OK));
    cr_assert(eq(int, trd_journal_writer_close(w), TRD_OK));
    disk_free(memory);
}

Test(journal_files, definitions_out_of_range_are_refused) {
    begin_disk(true);
    const trd_journal_def good = disk_def(TRD_JOURNAL_SYNC);
    trd_journal_status status;
    trd_journal_writer *w;
    trd_journal_reader *reader;
    trd_journal_def bad[12];
    for (size_t i = 0; i < 12; i++) {
        bad[i] = good;
    }
    bad[0].struct_size = 0;
    bad[1].struct_size = sizeof(good) + 1;
    bad[2].mode = 0;
    bad[3].mode = 4;
    bad[4].directory = NULL;
    bad[5].seq = 0;
    bad[6].segment_size = SIZE - 4096;
    bad[7].segment_size = SIZE + 64;
    bad[8].batch_size = 4096;
    bad[9].batch_size = 8192 + 64;
    bad[10].batch_size = SIZE; /* more than a segment has room for */
    bad[11].flags = 2;
    for (size_t i = 0; i < 12; i++) {
        cr_assert(eq(int, trd_journal_writer_open(&bad[i], &status, &w), TRD_E_ARG), "row %zu", i);
    }
    cr_assert(eq(int, trd_journal_writer_open(NULL, &status, &w), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_writer_open(&good, NULL, &w), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_writer_open(&good, &status, NULL), TRD_E_ARG));
    trd_journal_reading reading = trd_journal_reading_default();
    cr_assert(eq(int, trd_journal_reader_open(&reading, &status, &reader), TRD_E_ARG));
    reading.directory = "journal";
    reading.reserved = 1;
    cr_assert(eq(int, trd_journal_reader_open(&reading, &status, &reader), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_reader_open(NULL, &status, &reader), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_reader_next(NULL, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_reader_report(NULL, &status), TRD_E_ARG));
    trd_journal_reader_close(NULL);
    trd_journal_trimming trimming = trd_journal_trimming_default();
    cr_assert(eq(int, trd_journal_trim(&trimming, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_trim(NULL, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_poll(NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_flush(NULL), TRD_E_ARG));
    cr_assert(eq(u64, trd_journal_acknowledged(NULL), 0));
    cr_assert(eq(int, trd_journal_writer_close(NULL), TRD_OK));
    trd_journal_progress_get(NULL, NULL);
    disk_free(memory);
}

Test(journal_files, every_call_has_a_name) {
    for (unsigned i = TRD_IO_OPEN; i <= TRD_IO_RING; i++) {
        for (unsigned other = 0; other < i; other++) {
            cr_assert(strcmp(trd_io_call_text(i), trd_io_call_text(other)) != 0);
        }
    }
    cr_assert(strcmp(trd_io_call_text(0), "?") == 0);
    cr_assert(strcmp(trd_io_call_text(TRD_IO_RING + 1), "?") == 0);
}
