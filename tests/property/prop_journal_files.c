/* Journals in files, on a disk that fails calls, loses power and lies about neither: nothing that
 * was acknowledged is ever missing, what is read is what was appended from the first command on,
 * and no failure of calls or power is ever taken for damage. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "draw.h"
#include "journal_rig.h"

/* What a host knows of its journal. */
typedef struct host {
    uint64_t appended;
    uint64_t acknowledged, written, durable;
    int result; /* what ended it */
} host;

/* What is wanted of a run. */
typedef struct script {
    uint64_t seed;
    uint32_t mode;
    uint32_t batch_size;
    bool ring;
    bool leaves;    /* ends without closing */
    uint64_t first; /* command that is wanted */
    uint64_t commands;
    uint64_t largest; /* group between polls */
} script;

static trd_journal_def def_of(const script *s, const trd_io_ops *ops) {
    trd_journal_def def = trd_journal_def_default();
    def.directory = "journal";
    def.mode = s->mode;
    def.segment_size = TRD_JOURNAL_SIZE_MIN;
    def.batch_size = s->batch_size;
    def.seq = s->first;
    def.ops = ops;
    return def;
}

static void look(const trd_journal_writer *w, uint32_t mode, host *h) {
    trd_journal_progress p;
    trd_journal_progress_get(w, &p);
    cr_assert(p.acknowledged >= h->acknowledged && p.written >= h->written);
    cr_assert(p.durable >= h->durable && p.durable <= p.written && p.written <= p.appended);
    cr_assert(p.acknowledged <= p.appended);
    cr_assert(mode != TRD_JOURNAL_SYNC || p.acknowledged == p.durable);
    cr_assert(mode != TRD_JOURNAL_WRITTEN || p.acknowledged == p.written);
    cr_assert(mode != TRD_JOURNAL_LAZY || p.acknowledged == p.appended);
    h->appended = p.appended;
    h->acknowledged = p.acknowledged;
    h->written = p.written;
    h->durable = p.durable;
}

/* A journal that has failed says so for ever, and acknowledges nothing more. */
static void check_failed(trd_journal_writer *w, const host *h) {
    trd_journal_progress p;
    cr_assert(eq(int, rig_append(w, h->appended + 1), TRD_E_IO));
    cr_assert(eq(int, trd_journal_poll(w), TRD_E_IO));
    cr_assert(eq(int, trd_journal_flush(w), TRD_E_IO));
    cr_assert(eq(int, trd_journal_checkpoint(w, h->appended, 0, 0), TRD_E_IO));
    trd_journal_progress_get(w, &p);
    cr_assert(p.fault.call != 0 && p.fault.error > 0);
    cr_assert(eq(u64, p.acknowledged, h->acknowledged));
}

static int append_some(
    trd_journal_writer *w, draw *d, const script *s, uint64_t *seq, uint64_t end) {
    const uint64_t group = 1 + draw_below(d, s->largest);
    int result = TRD_OK;
    for (uint64_t i = 0; i < group && *seq <= end && result == TRD_OK; i++) {
        result = rig_append(w, *seq);
        *seq += result == TRD_OK;
    }
    if (result == TRD_OK && draw_chance(d, 10)) {
        result = trd_journal_checkpoint(w, *seq - 1 - draw_below(d, 2), *seq * 2, *seq * 3);
    }
    return result;
}

/* Opens, appends, polls; ends with a close, or where something failed. Adds to what `h` knows. */
static void play(disk *at, const script *s, host *h) {
    const trd_io_ops ops = disk_ops(at, s->ring);
    const trd_journal_def def = def_of(s, &ops);
    draw d = trd__rng_seeded(s->seed);
    trd_journal_writer *w;
    trd_journal_status status;
    h->result = trd_journal_writer_open(&def, &status, &w);
    if (h->result != TRD_OK) {
        cr_assert(h->result != TRD_E_CORRUPT && w == NULL);
        cr_assert(h->result != TRD_E_IO || status.fault.error > 0);
        return;
    }
    *h = (host){0};
    look(w, s->mode, h);
    uint64_t seq = status.report.last.seq;
    cr_assert(eq(u64, h->acknowledged, seq - 1));
    const uint64_t end = seq + s->commands;
    int result = TRD_OK;
    while (seq <= end && result >= 0) {
        result = append_some(w, &d, s, &seq, end);
        if (result == TRD_OK || result == TRD_E_FULL) {
            result = draw_chance(&d, 5) ? trd_journal_flush(w) : trd_journal_poll(w);
        }
        look(w, s->mode, h);
    }
    if (result == TRD_E_IO) {
        check_failed(w, h);
    } else if (!s->leaves) {
        result = trd_journal_flush(w);
        look(w, s->mode, h);
        cr_assert(result == TRD_E_IO || h->durable == h->appended);
    }
    if (s->leaves) { /* as a process that ends: nothing of it is written any more */
        const disk_fault dead = {.kind = DISK_FAULT_POWER};
        disk_set_fault(at, &dead);
    }
    const int closed = trd_journal_writer_close(w);
    h->result = result < 0 ? result : s->leaves ? TRD_OK : closed;
}

/* What is on the disk now is what it must be: no less than `floor`, no more than was appended. */
static uint64_t check_content(disk *at, uint64_t from, uint64_t floor, const host *h) {
    const trd_io_ops ops = disk_ops(at, false);
    const rig_content c = rig_read(&ops, "journal", from);
    cr_assert(eq(int, c.result, 0));
    cr_assert(c.right);
    cr_assert(c.first <= from, "%" PRIu64 " is the first", c.first);
    cr_assert(c.next - 1 >= floor, "%" PRIu64 " are left of %" PRIu64, c.next - 1, floor);
    cr_assert(c.next - 1 <= h->appended);
    return c.next - 1;
}

/* ---- a call that fails ---- */

typedef struct failure {
    enum disk_fault_kind kind;
    int error;
    uint64_t part;
    bool written_once, written; /* a write that fails so, once or always, is continued */
    bool synced_once, synced;   /* a sync */
} failure;

static const failure FAILURES[] = {
    {DISK_FAULT_ERROR, EIO, 0, false, false, false, false},
    {DISK_FAULT_ERROR, ENOSPC, 0, false, false, false, false},
    {DISK_FAULT_ERROR, EFBIG, 0, false, false, false, false},
    {DISK_FAULT_ERROR, EINTR, 0, true, false, true, false},
    {DISK_FAULT_ERROR, EAGAIN, 0, true, false, false, false},
    {DISK_FAULT_SHORT, 0, 0, true, false, true, true},
    {DISK_FAULT_SHORT, 0, 1, true, true, true, true},
    {DISK_FAULT_SHORT, 0, 64, true, true, true, true},
    {DISK_FAULT_SHORT, 0, 1000, true, true, true, true},
};

#define WRITES (1u << TRD_IO_WRITE)
#define SYNCS (1u << TRD_IO_DATA_SYNC | 1u << TRD_IO_SYNC)

static void fail_at(const script *s, disk_fault fault, bool survived, uint64_t *struck) {
    host h = {0};
    disk *at = disk_new(s->seed);
    disk_set_fault(at, &fault);
    play(at, s, &h);
    const bool met = disk_struck(at);
    const unsigned files = disk_open_count(at);
    cr_assert(eq(u32, files, 0), "call %" PRIu64 " leaves files open", fault.at);
    *struck += met;
    if (!met || survived) {
        cr_assert(eq(int, h.result, TRD_OK), "call %" PRIu64 " error %d part %" PRIu64, fault.at,
            fault.error, fault.part);
    }
    draw d = trd__rng_seeded(fault.at);
    const bool power = draw_chance(&d, 50);
    power ? disk_crash(at) : disk_kill(at);
    check_content(at, 1, power ? h.durable : h.written, &h);
    script more = *s;
    more.commands = 10;
    play(at, &more, &h);
    cr_assert(eq(int, h.result, TRD_OK));
    disk_crash(at); /* what a failed sync had forgotten must not have been believed */
    check_content(at, 1, h.durable, &h);
    disk_free(at);
}

static uint64_t calls_of(const script *s, uint32_t mask) {
    const disk_fault count = {.kind = DISK_FAULT_NONE, .calls = mask};
    host h = {0};
    disk *at = disk_new(s->seed);
    disk_set_fault(at, &count);
    play(at, s, &h);
    cr_assert(eq(int, h.result, TRD_OK));
    const uint64_t calls = disk_calls(at);
    disk_free(at);
    return calls;
}

static bool survives(const failure *e, bool keeps_on, uint32_t mask) {
    const bool written = keeps_on ? e->written : e->written_once;
    const bool synced = keeps_on ? e->synced : e->synced_once;
    return (mask == WRITES && written) || (mask == SYNCS && synced);
}

static void fail_every_call(const script *s, uint32_t mask) {
    const uint64_t calls = calls_of(s, mask);
    uint64_t struck = 0;
    for (size_t f = 0; f < sizeof(FAILURES) / sizeof(FAILURES[0]); f++) {
        const failure *e = &FAILURES[f];
        for (int keeps_on = 0; keeps_on < 2; keeps_on++) {
            for (uint64_t k = 0; k < calls; k++) {
                fail_at(s,
                    (disk_fault){.kind = e->kind,
                        .at = k,
                        .keeps_on = keeps_on,
                        .calls = mask,
                        .error = e->error,
                        .part = e->part},
                    survives(e, keeps_on, mask), &struck);
            }
        }
    }
    cr_assert(struck > calls, "only %" PRIu64 " struck", struck);
}

/* Long enough to turn to a second and a third segment. */
static const script SCRIPT = {.seed = 5,
    .mode = TRD_JOURNAL_SYNC,
    .batch_size = 16384,
    .first = 1,
    .commands = 1300,
    .largest = 60};

#define FAILING(name, uses_ring, how, mask)                                                        \
    Test(journal_files, name, .timeout = 240) {                                                    \
        script s = SCRIPT;                                                                         \
        s.ring = uses_ring;                                                                        \
        s.mode = how;                                                                              \
        fail_every_call(&s, mask);                                                                 \
    }

FAILING(any_call_fails, false, TRD_JOURNAL_SYNC, 0)
FAILING(any_call_fails_with_a_ring, true, TRD_JOURNAL_SYNC, 0)
FAILING(any_call_fails_where_writes_are_acknowledged, true, TRD_JOURNAL_WRITTEN, 0)
FAILING(writes_are_continued, false, TRD_JOURNAL_SYNC, WRITES)
FAILING(writes_are_continued_with_a_ring, true, TRD_JOURNAL_SYNC, WRITES)
FAILING(writes_are_continued_where_nothing_is_waited_for, true, TRD_JOURNAL_LAZY, WRITES)
FAILING(syncs_are_continued, false, TRD_JOURNAL_SYNC, SYNCS)
FAILING(syncs_are_continued_with_a_ring, true, TRD_JOURNAL_WRITTEN, SYNCS)

/* ---- lives ---- */

static int trim(disk *at, uint64_t seq) {
    const trd_io_ops ops = disk_ops(at, false);
    trd_journal_trimming def = trd_journal_trimming_default();
    trd_io_fault fault;
    def.directory = "journal";
    def.seq = seq;
    def.ops = &ops;
    return trd_journal_trim(&def, &fault);
}

static script draw_script(draw *d) {
    return (script){.seed = draw_u64(d),
        .mode = (uint32_t)draw_in(d, TRD_JOURNAL_SYNC, TRD_JOURNAL_LAZY),
        .batch_size = (uint32_t)draw_in(d, 2, 15) * 4096,
        .ring = draw_chance(d, 50),
        .leaves = draw_chance(d, 50),
        .commands = draw_below(d, draw_chance(d, 30) ? 2500 : 200),
        .largest = 1 + draw_below(d, 100)};
}

/* What was met in all lives. */
static struct { uint64_t torn, gap, clean, trimmed, powers, kills, refused; } met;

static void count_outcome(disk *at, uint64_t from) {
    const trd_io_ops ops = disk_ops(at, false);
    const rig_content c = rig_read(&ops, "journal", from);
    met.torn += c.status.report.outcome == TRD_JOURNAL_TORN;
    met.gap += c.status.report.outcome == TRD_JOURNAL_GAP;
    met.clean += c.status.report.outcome == TRD_JOURNAL_CLEAN;
}

/* Old segments are removed, and sometimes the power goes while they are. */
static void live_trimmed(disk *at, draw *d, uint64_t snapshot, host *h) {
    const bool power = draw_chance(d, 50);
    const disk_fault fault = {
        .kind = power ? DISK_FAULT_POWER : DISK_FAULT_NONE, .at = draw_below(d, 40)};
    disk_set_fault(at, &fault);
    const int removed = trim(at, snapshot);
    cr_assert(removed >= 0 || (power && removed == TRD_E_IO));
    met.trimmed += removed > 0 ? (uint64_t)removed : 0;
    if (power) {
        disk_crash(at);
        h->written = h->durable;
        h->appended = check_content(at, snapshot, h->durable, h);
        const trd_io_ops ops = disk_ops(at, false);
        cr_assert(eq(int, rig_read(&ops, "journal", 0).result, 0)); /* no number is missing */
    }
}

/* A life of one journal: runs that end in any way, each on what the ones before have left. */
static void live(draw *d) {
    disk *at = disk_new(draw_u64(d));
    uint64_t snapshot = 1; /* commands before it are not needed */
    host h = {0};
    const int64_t power_odds = draw_in(d, 0, 100);
    for (int64_t rounds = draw_in(d, 1, 8); rounds > 0; rounds--) {
        script s = draw_script(d);
        s.first = snapshot;
        const disk_fault fault = {.kind = draw_chance(d, 60) ? DISK_FAULT_POWER : DISK_FAULT_NONE,
            .at = draw_below(d, draw_chance(d, 50) ? 30 : 400)};
        disk_set_fault(at, &fault);
        play(at, &s, &h);
        met.refused += h.result == TRD_E_IO;
        const bool power = draw_chance(d, power_odds);
        power ? disk_crash(at) : disk_kill(at);
        const uint64_t floor = power ? h.durable : h.written;
        count_outcome(at, snapshot);
        const uint64_t last = check_content(at, snapshot, floor, &h);
        met.powers += power;
        met.kills += !power;
        h.appended = last;
        h.written = last;
        h.durable = power ? last : h.durable;
        if (draw_chance(d, 30) && h.durable >= snapshot) {
            snapshot = (uint64_t)draw_in(d, (int64_t)snapshot, (int64_t)h.durable + 1);
            live_trimmed(at, d, snapshot, &h);
        }
    }
    cr_assert(eq(u32, disk_open_count(at), 0));
    disk_free(at);
}

Test(journal_files, nothing_acknowledged_is_lost_in_any_life, .timeout = 240) {
    draw d = draw_seeded(7);
    for (int i = 0; i < 1500; i++) {
        live(&d);
    }
    cr_log_info("torn %" PRIu64 " gap %" PRIu64 " clean %" PRIu64, met.torn, met.gap, met.clean);
    cr_assert(met.torn > 20 && met.gap > 20 && met.clean > 20);
    cr_assert(met.trimmed > 20 && met.powers > 20 && met.kills > 20 && met.refused > 20);
}
