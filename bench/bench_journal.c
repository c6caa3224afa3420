/* bench_journal.c - what a command costs on its way to the disk, and how long until it is
 * acknowledged.
 *
 *     bench_journal [--mode sync|written|lazy] [--plain] [--records N] [--rate N] [--cpus MASK]
 *                   [--directory DIR]
 *
 * One thread appends commands of one slot and polls, as a sequencer would. With a rate, command n
 * is due n / rate seconds after the start, and its latency counts from then, whether or not it
 * could be appended at that time; without one, as many as there is room for are appended between
 * two polls. What the journal holds afterwards is read again and compared. The figures say as much
 * of the machine's disk as of the library: they are worth comparing on one machine only. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/io/journal.h>

#include "bench.h"
#include "options.h"
#include "scratch.h"

typedef struct options {
    uint32_t mode;
    uint32_t flags;
    uint64_t records;
    uint64_t rate; /* per second; 0: as many as possible */
    uint64_t cpus;
    char directory[512];
    bool own; /* the directory is made here, and removed */
} options;

static const char *const MODES[] = {"", "sync", "written", "lazy"};

static void usage(FILE *to) {
    fprintf(to, "usage: bench_journal [options]\n"
                "  --mode M       sync, written or lazy (sync)\n"
                "  --plain        without io_uring\n"
                "  --records N    commands, [1, 10^8] (1,000,000)\n"
                "  --rate N       commands per second, [1, 10^8]; without: as many as possible\n"
                "  --cpus MASK    processors of the kernel's workers, decimal\n"
                "  --directory D  an empty directory (one that is made here)\n");
}

static const bench_program PROGRAM = {.name = "bench_journal", .usage = usage};

static uint32_t mode_of(const char *text) {
    for (uint32_t i = TRD_JOURNAL_SYNC; i <= TRD_JOURNAL_LAZY; i++) {
        if (strcmp(text, MODES[i]) == 0) {
            return i;
        }
    }
    bench_refuse(&PROGRAM, "mode", text);
}

static options parse(int argc, char **argv) {
    static const struct option names[] = {{"mode", 1, NULL, 'm'}, {"plain", 0, NULL, 'p'},
        {"records", 1, NULL, 'n'}, {"rate", 1, NULL, 'r'}, {"cpus", 1, NULL, 'c'},
        {"directory", 1, NULL, 'd'}, {"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0}};
    options o = {.mode = TRD_JOURNAL_SYNC, .records = 1000000, .own = true};
    int found;
    while ((found = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (found) {
        case 'm':
            o.mode = mode_of(optarg);
            break;
        case 'p':
            o.flags = TRD_JOURNAL_PLAIN;
            break;
        case 'n':
            o.records = bench_number(&PROGRAM, "records", optarg, 1, 100000000);
            break;
        case 'r':
            o.rate = bench_number(&PROGRAM, "rate", optarg, 1, 100000000);
            break;
        case 'c':
            o.cpus = bench_number(&PROGRAM, "cpus", optarg, 1, UINT64_MAX);
            break;
        case 'd':
            o.own = false;
            snprintf(o.directory, sizeof(o.directory), "%s", optarg);
            break;
        default:
            usage(found == 'h' ? stdout : stderr);
            exit(found == 'h' ? 0 : 2);
        }
    }
    bench_options_end(&PROGRAM, argc, argv);
    return o;
}

static _Noreturn void give_up(const char *what, int result, const trd_io_fault *fault) {
    fprintf(stderr, "bench_journal: %s: %s", what, trd_result_text(result));
    if (fault != NULL && fault->call != 0) {
        fprintf(stderr, " (%s: %s)", trd_io_call_text(fault->call), strerror(fault->error));
    }
    fprintf(stderr, "\n");
    exit(1);
}

static trd_command command_of(uint64_t seq) {
    return (trd_command){.seq = seq,
        .time = (trd_ns)seq,
        .kind = TRD_COMMAND_NEW,
        .slots = 1,
        .u.order = {.client_id = seq, .px = 100, .qty = 1, .side = TRD_BUY}};
}

/* Journal and clock of a run. */
typedef struct run {
    const options *o;
    trd_journal_writer *writer;
    uint64_t *sent; /* [records]: when each was due, or appended if nothing says when */
    uint64_t next, acknowledged;
    uint64_t appending_ns;
    bench_hist latency;
} run;

/* Appends what is due and fits. */
static void append_due(run *r, uint64_t begun, uint64_t now) {
    const uint64_t rate = r->o->rate;
    uint64_t due = r->o->records;
    if (rate != 0) {
        const uint64_t by_now = (uint64_t)((double)(now - begun) * 1e-9 * (double)rate);
        due = by_now < due ? by_now : due;
    }
    const uint64_t first = r->next;
    while (r->next < due) {
        const trd_command c = command_of(r->next + 1);
        if (trd_journal_append(r->writer, &c, 1) != TRD_OK) {
            break;
        }
        r->sent[r->next] =
            rate == 0 ? now : begun + (uint64_t)((double)r->next * 1e9 / (double)rate);
        r->next++;
    }
    r->appending_ns += r->next > first ? bench_now_ns() - now : 0;
}

static void take_acknowledged(run *r) {
    const uint64_t acknowledged = trd_journal_acknowledged(r->writer);
    if (acknowledged > r->acknowledged) {
        const uint64_t now = bench_now_ns();
        while (r->acknowledged < acknowledged) {
            bench_hist_add(&r->latency, now - r->sent[r->acknowledged++]);
        }
    }
}

static void write_all(run *r) {
    const uint64_t begun = bench_now_ns();
    while (r->acknowledged < r->o->records) {
        append_due(r, begun, bench_now_ns());
        const int polled = trd_journal_poll(r->writer);
        if (polled < 0) {
            trd_journal_progress p;
            trd_journal_progress_get(r->writer, &p);
            give_up("poll", polled, &p.fault);
        }
        take_acknowledged(r);
    }
    const int flushed = trd_journal_flush(r->writer);
    const double seconds = (double)(bench_now_ns() - begun) * 1e-9;
    trd_journal_progress p;
    trd_journal_progress_get(r->writer, &p);
    if (flushed != TRD_OK) {
        give_up("flush", flushed, &p.fault);
    }
    printf("%-8s %-6s %10" PRIu64 " %12.0f %8.1f %9" PRIu64 " %9.1f %9.1f %9.1f %9.1f\n",
        MODES[r->o->mode], p.ring != 0 ? "ring" : "plain", r->o->records,
        (double)r->o->records / seconds, (double)r->appending_ns / (double)r->o->records, p.syncs,
        (double)r->o->records / (double)(p.writes > 0 ? p.writes : 1),
        (double)bench_hist_value(&r->latency, 0.5) * 1e-3,
        (double)bench_hist_value(&r->latency, 0.99) * 1e-3, (double)r->latency.max * 1e-3);
}

static void read_all(const options *o) {
    trd_journal_reading def = trd_journal_reading_default();
    trd_journal_status status;
    trd_journal_reader *reader;
    const trd_journal_frame *frame;
    def.directory = o->directory;
    int result = trd_journal_reader_open(&def, &status, &reader);
    uint64_t seq = 1;
    while (result >= 0 && (result = trd_journal_reader_next(reader, &frame)) == 1) {
        const trd_command *at = (const void *)(frame + 1);
        for (uint32_t i = 0; i < frame->count; i++, seq++) {
            const trd_command wanted = command_of(seq);
            if (memcmp(&at[i], &wanted, sizeof(wanted)) != 0) {
                give_up("another command was read than was written", TRD_E_CORRUPT, NULL);
            }
        }
    }
    if (result != 0 || seq != o->records + 1) {
        give_up("not all commands were read", result < 0 ? result : TRD_E_UNKNOWN, NULL);
    }
    trd_journal_reader_close(reader);
}

int main(int argc, char **argv) {
    options o = parse(argc, argv);
    if (o.own) {
        scratch_make(o.directory, sizeof(o.directory), ".", PROGRAM.name);
    }
    static run r;
    r.o = &o;
    r.sent = bench_alloc(o.records * sizeof(*r.sent));
    trd_journal_def def = trd_journal_def_default();
    trd_journal_status status;
    def.directory = o.directory;
    def.mode = o.mode;
    def.flags = o.flags;
    def.cpus = o.cpus;
    const int result = trd_journal_writer_open(&def, &status, &r.writer);
    if (result != TRD_OK) {
        give_up("open", result, &status.fault);
    }
    if (status.report.last.seq != 1) {
        give_up("the directory is not empty", TRD_E_EXISTS, NULL);
    }
    printf("%-8s %-6s %10s %12s %8s %9s %9s %9s %9s %9s\n", "mode", "lane", "records", "per_second",
        "add_ns", "syncs", "per_write", "p50_us", "p99_us", "max_us");
    write_all(&r);
    if (trd_journal_writer_close(r.writer) != TRD_OK) {
        give_up("close", TRD_E_IO, NULL);
    }
    read_all(&o);
    if (o.own) {
        scratch_remove(o.directory);
    }
    bench_free(r.sent, o.records * sizeof(*r.sent));
    return 0;
}
