/* crash_audit.c - what is left in the end: a whole journal, and which file system it is on. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <tradsys/io/journal.h>

#include "crash.h"
#include "node_rig.h"
#include "stress.h"

typedef struct pair {
    const char *directory, *archive;
    uint64_t kept; /* segments that were not removed */
} pair;

/* Segments that were not removed join those that were. */
static int join(void *to, const char *name) {
    pair *p = to;
    const char *end = strstr(name, ".journal");
    char from[PATH_MAX], there[PATH_MAX];
    if (end != NULL && end[strlen(".journal")] == '\0') {
        snprintf(from, sizeof(from), "%s/%s", p->directory, name);
        snprintf(there, sizeof(there), "%s/%s", p->archive, name);
        p->kept++;
        check(link(from, there) == 0 || errno == EEXIST, "%s: errno %d", name, errno);
    }
    return 0;
}

/* How many of them there are. */
static uint64_t join_all(const char *directory, const char *archive) {
    const trd_io_ops *ops = trd_io_system();
    pair p = {directory, archive, 0};
    const int fd = ops->open(ops->user, -1, directory, TRD_IO_DIRECTORY);
    check(fd >= 0 && ops->list(ops->user, fd, join, &p) == 0, "%s", directory);
    close(fd);
    return p.kept;
}

/* Each command as it was sent: number and time apart, which are the node's. */
static uint64_t execute(trd_engine *engine, const trd_journal_frame *frame, uint64_t before) {
    static trd_event events[8192];
    const trd_command *at = (const void *)(frame + 1);
    for (uint32_t i = 0; i < frame->count; i++, at += at->slots) {
        trd_command record[TRD_SLOTS_MAX];
        rig_command(++before, record);
        record->seq = before;
        record->time = at->time;
        check(at->slots == record->slots && memcmp(at, record, at->slots * sizeof(*at)) == 0,
            "the journal has another command %" PRIu64, before);
        trd_out out = {.events = events, .capacity = 8192};
        check(trd_engine_step(engine, at, &out) == TRD_OK, "command %" PRIu64, before);
    }
    return before;
}

static void compare(const trd_engine *own, const trd_engine *other) {
    trd_event_trail a, b;
    check(trd_engine_trail(own, &a) == TRD_OK && trd_engine_trail(other, &b) == TRD_OK, "busy");
    check(a.seq == b.seq && a.slots == b.slots && a.hash == b.hash,
        "the journal leads to other events");
}

crash_segments crash_audit(
    const char *directory, const char *archive, uint64_t commands, const trd_engine *engine) {
    trd_engine *own = rig_engine();
    trd_journal_reading def = trd_journal_reading_default();
    trd_journal_status status;
    trd_journal_reader *reader;
    const trd_journal_frame *frame;
    uint64_t seq = 0;
    int result;
    const uint64_t kept = join_all(directory, archive);
    def.directory = archive;
    def.seq = 1;
    check(trd_journal_reader_open(&def, &status, &reader) == TRD_OK, "no journal");
    while ((result = trd_journal_reader_next(reader, &frame)) == 1) {
        seq = execute(own, frame, seq);
    }
    check(result == 0 && trd_journal_reader_report(reader, &status) == TRD_OK, "%d", result);
    check(seq == commands, "%" PRIu64 " of %" PRIu64 " commands", seq, commands);
    compare(own, engine);
    trd_journal_reader_close(reader);
    trd_engine_destroy(own);
    return (crash_segments){.made = status.report.last.number, .kept = kept};
}

/* From the table of mounts, where a line is: number, parent, major:minor, ..., "-", name. */
void crash_file_system(const char *directory, char *name, size_t size) {
    struct stat status;
    char line[2048], device[32];
    FILE *mounts = fopen("/proc/self/mountinfo", "r");
    snprintf(name, size, "?");
    if (mounts == NULL || stat(directory, &status) != 0) {
        return;
    }
    snprintf(device, sizeof(device), " %u:%u ", major(status.st_dev), minor(status.st_dev));
    while (fgets(line, sizeof(line), mounts) != NULL) {
        const char *type = strstr(line, " - ");
        const char *at = strstr(line, device);
        if (type != NULL && at != NULL && at < type) {
            type += strlen(" - ");
            snprintf(name, size, "%.*s", (int)strcspn(type, " "), type);
        }
    }
    fclose(mounts);
}
