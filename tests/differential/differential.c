/* differential.c - the matcher against the naive model, command by command.
 *
 * Runs of random lives (tests/support/life.h), each with its own definition. Every record goes to
 * a matcher through trd_match_step, with an output of drawn capacity, and to the model; their
 * events must be the same bytes. The same slots go in batches through trd_match_run into a second
 * matcher with another hash seed and window, which must write the same bytes as the first. Depth,
 * queues, lookups, statistics and the audit are compared now and then.
 *
 * Handles are opaque: the model takes them from the ACCEPTED events (naive.h), where each must be
 * one that this run has not seen.
 *
 * Usage: differential [--commands N] [--seed S] [--minutes M] [--hash]
 * TRD_SEED sets the seed too. --hash compares nothing and prints the XXH3 of all events, to be
 * compared between builds; the model then only aims the commands. Exits with 1 on a divergence, and
 * when a run of a million commands or more has not met everything that coverage.c lists.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "coverage.h"
#include "life.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COVERAGE_COMMANDS = 1000000, OUT_ROOM = 4096, BATCH_MAX = 512, LEVELS_MAX = 4096 };

typedef struct options {
    uint64_t commands;
    uint64_t seed;
    uint64_t minutes; /* 0: no limit */
    bool hash;
} options;

/* A list of event slots that grows. */
typedef struct slots {
    trd_event *at;
    uint32_t count;
    uint32_t room;
} slots;

/* Handles of one run: open addressing, 0 is free. */
typedef struct handles {
    trd_order *at;
    uint32_t size; /* power of two */
    uint32_t count;
} handles;

typedef struct run {
    const options *opt;
    uint64_t number;
    uint64_t command; /* of this run */
    dice rng;         /* how calls are made; what is in them is drawn by the life */
    life life;
    trd_match *match;
    trd_match *second;
    naive_match *model;
    handles seen;
    trd_event out_slots[OUT_ROOM];
    trd_out out;
    slots got;        /* of the present command */
    slots batch_got;  /* of the first matcher since the last batch */
    slots second_got; /* of the second matcher for the batch */
    trd_command batch[BATCH_MAX];
    uint32_t batch_count;
    uint32_t batch_max;
    uint64_t batch_commands;
    bool cut; /* the last record of the batch is only its base */
    uint32_t look_every;
    XXH3_state_t *hash;
} run;

/* --- Saying what went wrong ------------------------------------------------------------------ */

static void print_event(const char *who, const trd_event *e) {
    if (e == NULL) {
        printf("  %-8s (no event)\n", who);
        return;
    }
    printf("  %-8s seq %" PRIu64 " time %" PRId64 " %s slots %u flags %u instrument %u account %u"
           " side %u liquidity %u status %u reason %u\n           body",
        who, e->seq, e->time, trd_event_text(e->kind), e->slots, e->flags, e->instrument,
        e->account, e->side, e->liquidity, e->status, e->reason);
    for (int i = 0; i < 4; i++) {
        int64_t word;
        memcpy(&word, &e->u.body[8 * i], 8);
        printf(" %" PRId64, word);
    }
    printf("\n");
}

static void print_command(const trd_command *c, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const trd_command *s = &c[i];
        printf("  command  seq %" PRIu64 " time %" PRId64 " %s (%u) slots %u flags %u instrument %u"
               " account %u\n           body",
            s->seq, s->time, trd_command_text(s->kind), s->kind, s->slots, s->flags, s->instrument,
            s->account);
        for (int at = 0; at < 4; at++) {
            int64_t word;
            memcpy(&word, &s->u.body[8 * at], 8);
            printf(" %" PRId64, word);
        }
        printf("\n");
    }
}

static void diverged(const run *r, const char *what) {
    printf("DIVERGENCE: %s\n  seed %" PRIu64 " run %" PRIu64 " command %" PRIu64 "\n", what,
        r->opt->seed, r->number, r->command);
    const trd_match_def *d = &r->life.def;
    printf("  def      orders_max %u ids_max %u id_mode %u accounts_max %u window %u\n",
        d->orders_max, d->ids_max, d->id_mode, d->accounts_max, d->window);
}

/* --- Lists ----------------------------------------------------------------------------------- */

static void *checked(void *at) {
    if (at == NULL) {
        fputs("differential: no memory\n", stderr);
        abort();
    }
    return at;
}

static void slots_append(slots *s, const trd_event *from, uint32_t count) {
    if (count == 0) {
        return;
    }
    if (s->count + count > s->room) {
        s->room = (s->count + count) * 2 + 64;
        s->at = checked(realloc(s->at, s->room * sizeof(trd_event)));
    }
    memcpy(&s->at[s->count], from, count * sizeof(trd_event));
    s->count += count;
}

static uint32_t handles_place(const handles *h, trd_order handle) {
    uint32_t at = (uint32_t)((handle * 0x9e3779b97f4a7c15u) >> 32) & (h->size - 1);
    while (h->at[at] != 0 && h->at[at] != handle) {
        at = (at + 1) & (h->size - 1);
    }
    return at;
}

static void handles_grow(handles *h) {
    handles wider = {.size = h->size == 0 ? 1024 : h->size * 2, .count = h->count};
    wider.at = checked(calloc(wider.size, sizeof(trd_order)));
    for (uint32_t i = 0; i < h->size; i++) {
        if (h->at[i] != 0) {
            wider.at[handles_place(&wider, h->at[i])] = h->at[i];
        }
    }
    free(h->at);
    *h = wider;
}

/* handles_add returns false if the handle was there. */
static bool handles_add(handles *h, trd_order handle) {
    if (h->count * 2 >= h->size) {
        handles_grow(h);
    }
    const uint32_t at = handles_place(h, handle);
    if (h->at[at] == handle) {
        return false;
    }
    h->at[at] = handle;
    h->count++;
    return true;
}

/* --- One command through step ---------------------------------------------------------------- */

static void drain(run *r) {
    slots_append(&r->got, r->out.events, r->out.count);
    r->out.count = 0;
}

/* While a command is pending nothing but its continuation is accepted. */
static bool refuses_others_while_pending(run *r, const trd_command *c) {
    const uint32_t count = r->out.count;
    size_t done = 77;
    if (dice_odds(&r->rng, 1, 4)) {
        coverage_count_call(COVERAGE_BUSY_STEP);
        return trd_match_step(r->match, c, &r->out) == TRD_E_BUSY && r->out.count == count;
    }
    if (dice_odds(&r->rng, 1, 4)) {
        coverage_count_call(COVERAGE_BUSY_RUN);
        return trd_match_run(r->match, c, 1, &done, &r->out) == TRD_E_BUSY && done == 0 &&
               r->out.count == count;
    }
    return true;
}

/* A continuation without room does nothing and says so. */
static bool waits_for_room(run *r) {
    if (!dice_odds(&r->rng, 1, 4)) {
        return true;
    }
    coverage_count_call(COVERAGE_MORE_NO_ROOM);
    const uint32_t count = r->out.capacity - (uint32_t)dice_below(&r->rng, TRD_OUT_MIN);
    r->out.count = count;
    const int result = trd_match_step(r->match, NULL, &r->out);
    const bool good = result == TRD_MORE && r->out.count == count;
    r->out.count = 0;
    return good;
}

static bool step_to_the_end(run *r, const trd_command *c) {
    int result = trd_match_step(r->match, c, &r->out);
    if (r->out.capacity - r->out.count < TRD_OUT_MIN && result == TRD_E_FULL) {
        drain(r);
        result = trd_match_step(r->match, c, &r->out);
    }
    while (result == TRD_MORE) {
        coverage_count_call(COVERAGE_MORE);
        const uint32_t before = r->out.count;
        drain(r);
        if (before == 0) {
            diverged(r, "TRD_MORE from an output with room and no event written");
            return false;
        }
        if (!refuses_others_while_pending(r, c)) {
            diverged(r, "a command was not refused with TRD_E_BUSY while one is pending");
            return false;
        }
        if (!waits_for_room(r)) {
            diverged(r, "a continuation without room did something, or was not TRD_MORE");
            return false;
        }
        result = trd_match_step(r->match, NULL, &r->out);
    }
    if (result != TRD_OK) {
        diverged(r, "step failed");
        printf("  result %d\n", result);
        return false;
    }
    return true;
}

/* Makes the output too small at times: the command must then not be consumed. */
static bool refuses_full_output(run *r, const trd_command *c) {
    drain(r);
    r->out.count = r->out.capacity - (uint32_t)dice_below(&r->rng, TRD_OUT_MIN);
    const uint32_t count = r->out.count;
    trd_match_stats before;
    trd_match_stats after;
    trd_match_stats_get(r->match, &before);
    const int result = trd_match_step(r->match, c, &r->out);
    trd_match_stats_get(r->match, &after);
    const bool good = result == TRD_E_FULL && r->out.count == count &&
                      memcmp(&before, &after, sizeof(before)) == 0;
    r->out.count = 0;
    coverage_count_call(COVERAGE_FULL);
    if (!good) {
        diverged(r, "a full output was not refused with TRD_E_FULL, or something was done");
    }
    return good;
}

static bool step_matcher(run *r, const trd_command *c) {
    r->got.count = 0;
    r->out.count = 0;
    if (dice_odds(&r->rng, 1, 64) && !refuses_full_output(r, c)) {
        return false;
    }
    if (dice_odds(&r->rng, 1, 8)) { /* append behind what is there */
        r->out.count = (uint32_t)dice_below(&r->rng, r->out.capacity - TRD_OUT_MIN + 1);
    }
    const uint32_t offset = r->out.count;
    r->out.events = r->out_slots;
    memset(r->out_slots, 0xa5, offset * sizeof(trd_event));
    if (!step_to_the_end(r, c)) {
        return false;
    }
    drain(r);
    for (uint32_t i = 0; i < offset; i++) {
        if (r->got.at[i].kind != 0xa5) {
            diverged(r, "events before out->count were written to");
            return false;
        }
    }
    if (offset > 0) {
        r->got.count -= offset;
        memmove(r->got.at, &r->got.at[offset], r->got.count * sizeof(trd_event));
    }
    if (dice_odds(&r->rng, 1, 256)) {
        coverage_count_call(COVERAGE_NOTHING_PENDING);
        if (trd_match_step(r->match, NULL, &r->out) != TRD_E_ARG || r->out.count != 0) {
            diverged(r, "step(NULL) with nothing pending was not TRD_E_ARG");
            return false;
        }
    }
    return true;
}

/* The handle that the matcher gave, or 0; says so if it is not a new one. */
static bool learn_handle(run *r, trd_order *handle) {
    *handle = 0;
    if (r->got.count == 0 || r->got.at[0].kind != TRD_EVENT_ACCEPTED) {
        return true;
    }
    *handle = r->got.at[0].u.order.order;
    if (*handle == 0 || !handles_add(&r->seen, *handle)) {
        diverged(r, "ACCEPTED with a handle that is 0 or was used before");
        print_event("matcher", &r->got.at[0]);
        return false;
    }
    life_learn(&r->life, *handle);
    return true;
}

static bool same_events(const run *r, const char *what, const slots *a, const trd_event *b,
    uint32_t b_count, const char *b_name) {
    const uint32_t most = a->count > b_count ? a->count : b_count;
    for (uint32_t i = 0; i < most; i++) {
        const trd_event *left = i < a->count ? &a->at[i] : NULL;
        const trd_event *right = i < b_count ? &b[i] : NULL;
        if (left != NULL && right != NULL && memcmp(left, right, sizeof(*left)) == 0) {
            continue;
        }
        diverged(r, what);
        printf("  event slot %u of %u and %u\n", i, a->count, b_count);
        print_event("matcher", left);
        print_event(b_name, right);
        return false;
    }
    return true;
}

/* --- Comparing states ------------------------------------------------------------------------ */

static bool same_best(const run *r) {
    for (uint32_t i = 0; i < r->life.instruments * 2; i++) {
        trd_level ours = TRD_ZERO;
        trd_level theirs = TRD_ZERO;
        const int has = trd_match_best(r->match, i / 2, i % 2 + 1, &ours);
        const uint32_t should = naive_depth(r->model, i / 2, i % 2 + 1, &theirs, 1);
        if (has != (int)should || (has == 1 && memcmp(&ours, &theirs, sizeof(ours)) != 0)) {
            diverged(r, "best price");
            printf("  instrument %u side %u: matcher %d %" PRId64 " x %" PRId64 " (%u), model %u"
                   " %" PRId64 " x %" PRId64 " (%u)\n",
                i / 2, i % 2 + 1, has, ours.px, ours.qty, ours.count, should, theirs.px, theirs.qty,
                theirs.count);
            return false;
        }
    }
    return true;
}

static bool same_queue(const run *r, uint32_t instrument, unsigned side, trd_px px) {
    static trd_order_info ours[LEVELS_MAX];
    static trd_order_info theirs[LEVELS_MAX];
    const int count = trd_match_queue(r->match, instrument, side, px, ours, LEVELS_MAX);
    const uint32_t should = naive_queue(r->model, instrument, side, px, theirs, LEVELS_MAX);
    if (count != (int)should || memcmp(ours, theirs, should * sizeof(ours[0])) != 0) {
        diverged(r, "queue at a price");
        return false;
    }
    for (uint32_t i = 0; i < should; i++) {
        trd_order_info info;
        const trd_order_info *order = &theirs[i];
        if (trd_match_order(r->match, order->order, &info) != TRD_OK ||
            memcmp(&info, order, sizeof(info)) != 0 ||
            trd_match_find(r->match, order->account, order->client_id) != order->order) {
            diverged(r, "order by handle or by client id");
            return false;
        }
    }
    return true;
}

static bool same_side(const run *r, uint32_t instrument, unsigned side) {
    static trd_level ours[LEVELS_MAX];
    static trd_level theirs[LEVELS_MAX];
    const int count = trd_match_depth(r->match, instrument, side, ours, LEVELS_MAX);
    const uint32_t should = naive_depth(r->model, instrument, side, theirs, LEVELS_MAX);
    if (count != (int)should || memcmp(ours, theirs, should * sizeof(ours[0])) != 0) {
        diverged(r, "depth");
        return false;
    }
    for (uint32_t i = 0; i < should; i++) {
        if (!same_queue(r, instrument, side, theirs[i].px)) {
            return false;
        }
    }
    return true;
}

/* An id or handle that the life used before is live for both or for neither. */
static bool same_lookups(const run *r) {
    for (uint32_t i = 0; i < LIFE_MEMORY; i++) {
        const trd_order handle = r->life.handles[i];
        const bool live = naive_by_handle(r->model, handle) != NULL;
        trd_order_info info;
        const int result = trd_match_order(r->match, handle, &info);
        const naive_order *order = naive_find(r->model, i % r->life.accounts, r->life.ids[i]);
        const trd_order found = trd_match_find(r->match, i % r->life.accounts, r->life.ids[i]);
        if (result != (live ? TRD_OK : TRD_E_UNKNOWN) ||
            found != (order != NULL ? order->handle : 0)) {
            diverged(r, "lookup of an old handle or id");
            return false;
        }
    }
    return true;
}

static bool same_stats(const run *r, const trd_match *match, const char *who) {
    trd_match_stats ours;
    trd_match_stats theirs;
    trd_match_stats_get(match, &ours);
    naive_stats(r->model, &theirs);
    const bool possible = ours.far_levels <= ours.levels;
    if (ours.far_levels > 0) {
        coverage_count_call(COVERAGE_FAR_LEVELS);
    }
    if (ours.ids_forgotten > 0) {
        coverage_count_call(COVERAGE_IDS_FORGOTTEN);
    }
    ours.far_levels = 0; /* how levels are stored is not in the rules */
    if (!possible || memcmp(&ours, &theirs, sizeof(ours)) != 0) {
        diverged(r, "statistics");
        printf("  %s: commands %" PRIu64 "/%" PRIu64 " events %" PRIu64 "/%" PRIu64
               " executions %" PRIu64 "/%" PRIu64 " steps back %" PRIu64 "/%" PRIu64
               " forgotten %" PRIu64 "/%" PRIu64 " orders %u/%u levels %u/%u instruments %u/%u\n",
            who, ours.commands, theirs.commands, ours.events, theirs.events, ours.executions,
            theirs.executions, ours.time_steps_back, theirs.time_steps_back, ours.ids_forgotten,
            theirs.ids_forgotten, ours.orders, theirs.orders, ours.levels, theirs.levels,
            ours.instruments, theirs.instruments);
        return false;
    }
    return true;
}

static bool audit(const run *r, const trd_match *match, const char *who) {
    const int result = trd_match_audit(match);
    coverage_count_call(COVERAGE_AUDIT);
    if (result != TRD_OK) {
        diverged(r, "audit");
        printf("  %s: line %d\n", who, -result);
        return false;
    }
    return true;
}

static bool same_state(const run *r) {
    for (uint32_t i = 0; i < r->life.instruments * 2; i++) {
        if (!same_side(r, i / 2, i % 2 + 1)) {
            return false;
        }
    }
    return same_lookups(r) && same_stats(r, r->match, "matcher") && audit(r, r->match, "matcher");
}

/* --- The second matcher ---------------------------------------------------------------------- */

/* Takes what trd_match_run left pending to its end. */
static bool second_continues(run *r, trd_out *out) {
    int result = TRD_MORE;
    while (result == TRD_MORE) {
        coverage_count_call(COVERAGE_RUN_MORE);
        slots_append(&r->second_got, out->events, out->count);
        out->count = 0;
        result = trd_match_step(r->second, NULL, out);
    }
    return result == TRD_OK;
}

static bool run_failed(const run *r, const char *when, int result, size_t done) {
    diverged(r, "trd_match_run");
    printf("  %s: result %d, %zu slots done, of %u\n", when, result, done, r->batch_count);
    return false;
}

static bool second_runs(run *r) {
    trd_out out = {.events = r->out_slots, .capacity = r->out.capacity, .count = 0};
    size_t at = 0;
    while (at < r->batch_count) {
        size_t done = 0;
        const bool full = dice_odds(&r->rng, 1, 16);
        out.count = full ? out.capacity - (uint32_t)dice_below(&r->rng, TRD_OUT_MIN) : 0;
        const int result =
            trd_match_run(r->second, &r->batch[at], r->batch_count - at, &done, &out);
        if (full) {
            coverage_count_call(COVERAGE_RUN_FULL);
            if (result != TRD_E_FULL || done != 0) {
                return run_failed(r, "with a full output", result, done);
            }
            continue;
        }
        coverage_count_call(done < r->batch_count - at ? COVERAGE_RUN_STOPPED : COVERAGE_RUN);
        at += done;
        if (done == 0 || (result != TRD_OK && result != TRD_MORE)) {
            return run_failed(r, "with room in the output", result, done);
        }
        if (result == TRD_MORE && !second_continues(r, &out)) {
            return run_failed(r, "continuation by step", result, done);
        }
        slots_append(&r->second_got, out.events, out.count);
    }
    return at == r->batch_count || run_failed(r, "beyond the array", TRD_OK, at);
}

static bool compare_batch(run *r) {
    r->second_got.count = 0;
    if (!second_runs(r)) {
        return false;
    }
    if (!same_events(r, "run writes other events than step", &r->second_got, r->batch_got.at,
            r->batch_got.count, "by step")) {
        print_command(r->batch, r->batch_count);
        return false;
    }
    r->batch_count = 0;
    r->batch_got.count = 0;
    r->batch_max = (uint32_t)dice_log(&r->rng, 1, BATCH_MAX - TRD_SLOTS_MAX);
    return same_stats(r, r->second, "second matcher");
}

/* --- A command, a run, all runs -------------------------------------------------------------- */

static bool compare_command(run *r, const trd_command *c) {
    trd_order handle;
    coverage_before(r->model, &r->life.def, c);
    if (!step_matcher(r, c) || !learn_handle(r, &handle)) {
        print_command(c, naive_stride(c));
        return false;
    }
    naive_step(r->model, c, handle != 0 ? handle : UINT64_MAX);
    coverage_after(r->model, c);
    uint32_t count;
    const trd_event *events = naive_events(r->model, &count);
    if (!same_events(r, "events", &r->got, events, count, "model") || !same_best(r)) {
        print_command(c, naive_stride(c));
        return false;
    }
    slots_append(&r->batch_got, r->got.at, r->got.count);
    return true;
}

/* A record that the end of the array cuts is refused whatever is in it. step has no end of an
 * array: it is given a base with an impossible number of slots, which has the same events. */
static bool compare_record(run *r, const trd_command *c) {
    const uint32_t stride = naive_stride(c);
    trd_command base = *c;
    r->command++;
    if (stride > 1 && dice_odds(&r->rng, 1, 8)) {
        coverage_count_call(COVERAGE_CUT_RECORD);
        r->batch[r->batch_count++] = *c;
        base.slots = 0;
        return compare_command(r, &base) && compare_batch(r);
    }
    memcpy(&r->batch[r->batch_count], c, stride * sizeof(*c));
    r->batch_count += stride;
    if (!compare_command(r, c)) {
        return false;
    }
    if (r->batch_count >= r->batch_max && !compare_batch(r)) {
        return false;
    }
    return r->command % r->look_every != 0 || same_state(r);
}

static bool hash_record(run *r, const trd_command *c) {
    trd_order handle;
    r->command++;
    if (!step_matcher(r, c) || !learn_handle(r, &handle)) {
        return false;
    }
    naive_step(r->model, c, handle != 0 ? handle : UINT64_MAX);
    XXH3_64bits_update(r->hash, r->got.at, r->got.count * sizeof(trd_event));
    return true;
}

/* A spoilt record may claim fewer slots than were drawn: those left over are looked at as records
 * of their own, as trd_match_run does. */
static bool live_once(run *r) {
    trd_command slot[LIFE_RECORD_SLOTS];
    uint32_t count = life_next(&r->life, r->model, slot);
    for (uint32_t at = 0; at < count;) {
        const uint32_t stride = naive_stride(&slot[at]);
        if (r->hash != NULL ? !hash_record(r, &slot[at]) : !compare_record(r, &slot[at])) {
            return false;
        }
        at += stride;
    }
    return true;
}

static bool add_instruments(run *r) {
    for (uint32_t i = 0; i < r->life.instruments; i++) {
        naive_add(r->model, &r->life.spec[i]);
        const int first = trd_match_add(r->match, &r->life.spec[i]);
        const int second = trd_match_add(r->second, &r->life.spec[i]);
        if (first != (int)i || second != (int)i) {
            diverged(r, "an instrument was refused");
            printf("  result %d, fault %s\n", first,
                trd_instrument_fault_text(
                    trd_instrument_check(&r->life.spec[i], r->life.def.orders_max)));
            return false;
        }
    }
    return true;
}

static void run_begin(run *r, const options *opt, uint64_t number, XXH3_state_t *hash) {
    memset(r, 0, sizeof(*r));
    r->opt = opt;
    r->number = number;
    r->hash = hash;
    uint64_t state = opt->seed + number * 0x632be59bd9b4e019u;
    r->rng = dice_seeded(dice_mix(&state));
    life_begin(&r->life, dice_mix(&state));
    trd_match_def other = r->life.def;
    other.hash_seed = dice_u64(&r->rng);
    other.window = (uint32_t)64 << dice_below(&r->rng, 5);
    r->match = checked(trd_match_create(&r->life.def));
    r->second = checked(trd_match_create(&other));
    r->model = naive_create(&r->life.def);
    naive_set_watch(r->model, coverage_execution, NULL);
    r->out.events = r->out_slots;
    r->out.capacity = (uint32_t)dice_log(&r->rng, TRD_OUT_MIN, OUT_ROOM);
    if (dice_odds(&r->rng, 1, 3)) {
        r->out.capacity = TRD_OUT_MIN + (uint32_t)dice_below(&r->rng, 16);
    }
    r->batch_max = 1;
    r->look_every = (uint32_t)dice_log(&r->rng, 20, 2000);
}

static void run_end(run *r) {
    trd_match_destroy(r->match);
    trd_match_destroy(r->second);
    naive_destroy(r->model);
    free(r->seen.at);
    free(r->got.at);
    free(r->batch_got.at);
    free(r->second_got.at);
}

/* Returns the commands done, or 0 after a divergence. */
static uint64_t one_run(const options *opt, uint64_t number, uint64_t left, XXH3_state_t *hash) {
    static run r;
    run_begin(&r, opt, number, hash);
    const uint64_t most = (uint64_t)dice_log(&r.rng, 2000, 50000);
    bool good = add_instruments(&r);
    while (good && r.command < most && r.command < left) {
        good = live_once(&r);
    }
    if (good && hash == NULL) {
        good = same_state(&r) && (r.batch_count == 0 || compare_batch(&r)) &&
               audit(&r, r.second, "second matcher");
    }
    const uint64_t done = r.command;
    run_end(&r);
    return good ? done : 0;
}

static int64_t seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec;
}

static bool all_runs(const options *opt, XXH3_state_t *hash, uint64_t *done) {
    const int64_t end = seconds_now() + (int64_t)opt->minutes * 60;
    *done = 0;
    for (uint64_t number = 0; *done < opt->commands; number++) {
        if (opt->minutes > 0 && seconds_now() >= end) {
            break;
        }
        const uint64_t more = one_run(opt, number, opt->commands - *done, hash);
        if (more == 0) {
            return false;
        }
        *done += more;
    }
    return true;
}

static int print_hash(const options *opt) {
    XXH3_state_t *hash = checked(XXH3_createState());
    XXH3_64bits_reset(hash);
    uint64_t done;
    const bool good = all_runs(opt, hash, &done);
    printf("hash: seed %" PRIu64 ", %" PRIu64 " commands, %016" PRIx64 "\n", opt->seed, done,
        (uint64_t)XXH3_64bits_digest(hash));
    XXH3_freeState(hash);
    return good ? 0 : 1;
}

static int compare(const options *opt) {
    printf("differential: seed %" PRIu64 "\n", opt->seed);
    uint64_t done;
    if (!all_runs(opt, NULL, &done)) {
        printf("differential: 1 divergence\n");
        return 1;
    }
    const uint32_t missed = coverage_report();
    printf("differential: %" PRIu64 " commands, 0 divergences\n", done);
    return missed > 0 && done >= COVERAGE_COMMANDS ? 1 : 0;
}

static bool read_number(const char *text, uint64_t *out) {
    char *end;
    *out = strtoull(text, &end, 0);
    return text[0] != '\0' && *end == '\0';
}

static bool read_options(int argc, char **argv, options *opt) {
    const char *seed = getenv("TRD_SEED");
    if (seed != NULL && !read_number(seed, &opt->seed)) {
        return false;
    }
    for (int i = 1; i < argc; i++) {
        uint64_t *number = strcmp(argv[i], "--commands") == 0  ? &opt->commands
                           : strcmp(argv[i], "--seed") == 0    ? &opt->seed
                           : strcmp(argv[i], "--minutes") == 0 ? &opt->minutes
                                                               : NULL;
        if (number != NULL) {
            if (i + 1 == argc || !read_number(argv[++i], number)) {
                return false;
            }
        } else if (strcmp(argv[i], "--hash") == 0) {
            opt->hash = true;
        } else {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv) {
    options opt = {.commands = 200000, .seed = 1};
    if (!read_options(argc, argv, &opt)) {
        fputs("usage: differential [--commands N] [--seed S] [--minutes M] [--hash]\n", stderr);
        return 2;
    }
    return opt.hash ? print_hash(&opt) : compare(&opt);
}
