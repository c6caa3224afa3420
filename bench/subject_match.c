/* subject_match.c - the library's matcher as a subject, in three settings.
 *
 * Every event is written into an output array of OUT_SLOTS slots that is emptied between batches,
 * as a ring with a quick consumer would be: it stays in the second level cache. While the clock
 * runs nobody reads the events; the check reads all of them.
 */
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/match.h>

enum { OUT_SLOTS = 4096, BATCH = 64 };

static subject_ids ids = {.mode = TRD_IDS_WINDOW, .ids_max = 0};
static trd_match *match;
static trd_event *events;
static trd_out out;
static uint32_t orders_known;

void subject_match_ids(subject_ids wanted) {
    ids = wanted;
}

static void fail(const char *what, int result) {
    fprintf(stderr, "bench: %s: %s\n", what, trd_result_text(result));
    exit(2);
}

/* --- Life ------------------------------------------------------------------------------------- */

static trd_match_def def_of(const flow *made, uint32_t orders_max, uint32_t publish) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = made->def.regime->instruments;
    def.orders_max = orders_max;
    def.publish = publish;
    def.id_mode = ids.mode;
    if (ids.mode != TRD_IDS_WINDOW) {
        def.ids_max = 0;
    } else if (ids.ids_max != 0) {
        def.ids_max = ids.ids_max;
    }
    def.accounts_max = ids.mode == TRD_IDS_ASCENDING ? FLOW_ACCOUNTS : 0;
    return def;
}

static void instruments_add(const flow_regime *regime) {
    for (uint32_t i = 0; i < regime->instruments; i++) {
        trd_instrument spec = trd_instrument_default();
        snprintf(spec.symbol, sizeof(spec.symbol), "B%u", i);
        spec.px_max = ((trd_px)1 << regime->levels_log2) - 2;
        spec.base_asset = 1;
        spec.quote_asset = 2;
        spec.settle_asset = 2;
        const int at = trd_match_add(match, &spec);
        if (at != (int)i) {
            fail("trd_match_add", at);
        }
    }
}

static void start_with(void *mem, const flow *made, uint32_t orders_max, uint32_t publish) {
    const trd_match_def def = def_of(made, orders_max, publish);
    match = trd_match_init(mem, &def);
    if (match == NULL) {
        fail("trd_match_init", TRD_E_ARG);
    }
    instruments_add(made->def.regime);
    if (events == NULL) {
        events = bench_alloc(OUT_SLOTS * sizeof(*events));
    }
    out = (trd_out){.events = events, .capacity = OUT_SLOTS};
    orders_known = orders_max;
}

static size_t footprint(const flow *made, uint32_t orders_max) {
    const trd_match_def def = def_of(made, orders_max, 0);
    return trd_match_footprint(&def);
}

static void start(void *mem, const flow *made, uint32_t orders_max) {
    start_with(mem, made, orders_max, 0);
}

static void start_data(void *mem, const flow *made, uint32_t orders_max) {
    start_with(mem, made, orders_max, TRD_PUBLISH_ALL);
}

/* --- Running ---------------------------------------------------------------------------------- */

typedef void drain_fn(void);

static inline __attribute__((always_inline)) void drain_nothing(void) {
    out.count = 0;
}

/* Brings the command that is pending to its end. */
static inline __attribute__((always_inline)) void finish(drain_fn *drain, int result) {
    while (result == TRD_MORE) {
        drain();
        result = trd_match_step(match, NULL, &out);
    }
    if (result != TRD_OK) {
        fail("trd_match_step", result);
    }
}

static inline __attribute__((always_inline)) void one(drain_fn *drain, const trd_command *command) {
    finish(drain, trd_match_step(match, command, &out));
    if (out.count > OUT_SLOTS / 2) {
        drain();
    }
}

static inline __attribute__((always_inline)) void batches(
    drain_fn *drain, const trd_command *commands, size_t count) {
    size_t at = 0;
    while (at < count) {
        size_t done = 0;
        const size_t slots = count - at < BATCH ? count - at : BATCH;
        const int result = trd_match_run(match, commands + at, slots, &done, &out);
        at += done;
        if (result == TRD_E_FULL) {
            drain();
            continue;
        }
        finish(drain, result);
        if (out.count > OUT_SLOTS / 2) {
            drain();
        }
    }
}

static void run(const trd_command *commands, size_t count) {
    batches(drain_nothing, commands, count);
}

static void run_step(const trd_command *commands, size_t count) {
    for (size_t i = 0; i < count; i++) {
        one(drain_nothing, &commands[i]);
    }
}

static void time_each(
    const trd_command *commands, size_t count, const bench_clock *clock, bench_hist *hist) {
    for (size_t i = 0; i < count; i++) {
        const uint64_t from = bench_ticks_begin();
        one(drain_nothing, &commands[i]);
        subject_record(hist, clock, bench_ticks_end() - from);
    }
}

/* --- Checking --------------------------------------------------------------------------------- */

/* Client id by slot of the handle: a fill names its maker by handle only. */
static uint64_t *clients;
static outcome seen;

static uint32_t slot_of(trd_order order) {
    const uint32_t slot = (uint32_t)order - 1;
    if (slot > 2 * orders_known) {
        fprintf(stderr, "bench: order slot %u out of %u\n", slot, orders_known);
        exit(2);
    }
    return slot;
}

static void refused(const trd_event *event) {
    if (seen.refused++ == 0) {
        fprintf(stderr, "bench: event %llu: %s: %s\n", (unsigned long long)event->seq,
            trd_event_text(event->kind), trd_reject_text(event->reason));
    }
}

static void read_event(const trd_event *event) {
    switch (event->kind) {
    case TRD_EVENT_ACCEPTED:
        if (event->u.order.order != 0) {
            clients[slot_of(event->u.order.order)] = event->u.order.client_id;
        }
        break;
    case TRD_EVENT_FILL:
        if (event->liquidity == TRD_LIQUIDITY_MAKER) {
            const trd_ev_fill *fill = &event->u.fill;
            tally_add(
                &seen.sum, (uint64_t)fill->px, (uint64_t)fill->qty, clients[slot_of(fill->order)]);
        }
        break;
    case TRD_EVENT_REJECTED:
    case TRD_EVENT_REPLACE_REJECTED:
    case TRD_EVENT_COMMAND_REJECTED:
        refused(event);
        break;
    default:
        break;
    }
}

static void drain_read(void) {
    for (uint32_t i = 0; i < out.count; i += events[i].slots) {
        read_event(&events[i]);
    }
    out.count = 0;
}

static outcome check_with(const trd_command *commands, size_t count, bool steps) {
    const size_t size = (2 * (size_t)orders_known + 1) * sizeof(*clients);
    clients = bench_alloc(size);
    seen = (outcome){.refused = 0};
    if (steps) {
        for (size_t i = 0; i < count; i++) {
            one(drain_read, &commands[i]);
        }
    } else {
        batches(drain_read, commands, count);
    }
    drain_read();
    trd_match_stats stats;
    trd_match_stats_get(match, &stats);
    seen.resting = stats.orders;
    bench_free(clients, size);
    return seen;
}

static outcome check(const trd_command *commands, size_t count) {
    return check_with(commands, count, false);
}

static outcome check_step(const trd_command *commands, size_t count) {
    return check_with(commands, count, true);
}

const subject subject_match = {"matcher", footprint, start, run, time_each, check};
const subject subject_match_step = {
    "matcher-step", footprint, start, run_step, time_each, check_step};
const subject subject_match_data = {"matcher+data", footprint, start_data, run, time_each, check};
