#include "replay/runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t orders_max_default = 1u << 22;

/* Every id is remembered, as far as a window can be that large. */
static uint32_t ids_max(runner_sizes sizes) {
    const uint64_t ids = sizes.orders + sizes.renames + 1;
    return ids < 1u << 26 ? (uint32_t)ids : 1u << 26;
}

static trd_match_def definition(const arguments *args, runner_sizes sizes, bool publish) {
    const uint64_t most = args->orders_max > 0 ? args->orders_max : orders_max_default;
    const uint64_t orders = sizes.orders < 1024 ? 1024 : sizes.orders;
    trd_match_def def = trd_match_def_default();
    def.instruments_max = sizes.instruments > 0 ? (uint32_t)sizes.instruments : 1;
    def.orders_max = (uint32_t)(args->orders_max > 0 || orders > most ? most : orders);
    def.id_mode = sizes.id_mode;
    def.ids_max = sizes.id_mode == TRD_IDS_WINDOW ? ids_max(sizes) : 0;
    def.publish = publish ? TRD_PUBLISH_ORDERS : 0;
    return def;
}

static int open_fills(runner *at, const char *path) {
    at->fills = fopen(path, "w");
    if (at->fills == NULL) {
        return complain(path, 0, "%s", strerror(errno));
    }
    fputs("# fill,time_ns,symbol,side,px,qty,taker_account,maker_account\n", at->fills);
    return EXIT_DONE;
}

int runner_open(runner *at, const arguments *args, report *to, runner_sizes sizes) {
    memset(at, 0, sizeof(*at));
    at->report = to;
    at->tally = true;
    to->measured = "one command of the matching engine";
    const trd_match_def def = definition(args, sizes, args->itch != NULL);
    at->match = trd_match_create(&def);
    if (at->match == NULL) {
        return complain(args->file, 0, "no memory for %u instruments and %u orders",
            def.instruments_max, def.orders_max);
    }
    if (args->fills != NULL && open_fills(at, args->fills) != EXIT_DONE) {
        return EXIT_INPUT;
    }
    return args->itch != NULL ? feed_open(&at->feed, args->itch) : EXIT_DONE;
}

static int close_files(runner *at) {
    int result = feed_close(&at->feed);
    if (at->fills != NULL) {
        const bool failed = ferror(at->fills) != 0;
        if (fclose(at->fills) != 0 || failed) {
            result = complain("--trades", 0, "the file cannot be written");
        }
        at->fills = NULL;
    }
    return result;
}

void runner_close(runner *at) {
    close_files(at);
    trd_match_destroy(at->match);
    at->match = NULL;
}

const char *runner_add(runner *at, const trd_instrument *spec) {
    const int index = trd_match_add(at->match, spec);
    if (index == TRD_E_ARG) {
        const trd_instrument_fault fault = trd_instrument_check(spec, 1);
        return fault != TRD_INSTRUMENT_OK
                   ? trd_instrument_fault_text(fault)
                   : trd_instrument_fault_text(TRD_INSTRUMENT_TOTAL_OVERFLOW);
    }
    if (index < 0) {
        return trd_result_text(index);
    }
    symbols_add(&at->report->symbols, spec);
    feed_instrument(&at->feed, (uint32_t)index, spec);
    return NULL;
}

static void write_fill(runner *at, const trd_event *maker, const trd_instrument *spec) {
    char px[TRD_DECIMAL_SIZE] = "", qty[TRD_DECIMAL_SIZE] = "";
    trd_instrument_px_text(spec, maker->u.fill.px, px, sizeof(px));
    trd_instrument_qty_text(spec, maker->u.fill.qty, qty, sizeof(qty));
    fprintf(at->fills, "%llu,%lld,%s,%s,%s,%s,%u,%u\n", (unsigned long long)at->taker.seq,
        (long long)maker->time, spec->symbol, at->taker.side == TRD_BUY ? "buy" : "sell", px, qty,
        at->taker.account, maker->account);
}

/* The maker's FILL follows the taker's: together they are one execution. */
static void take_fill(runner *at, const trd_event *event) {
    if (event->liquidity == TRD_LIQUIDITY_TAKER) {
        at->taker = *event;
        return;
    }
    symbol *row = &at->report->symbols.list[event->instrument];
    at->executions++;
    if (at->tally) {
        row->executions++;
        row->volume += event->u.fill.qty;
        row->value += (wide)event->u.fill.px * event->u.fill.qty;
        at->report->executions++;
    }
    if (at->last.fills++ == 0) {
        at->last.maker = event->u.fill.order;
        at->last.maker_qty = event->u.fill.qty;
    }
    if (at->fills != NULL) {
        write_fill(at, event, &row->spec);
    }
}

static void take_event(runner *at, const trd_event *event) {
    at->events[event->kind]++;
    switch (event->kind) {
    case TRD_EVENT_FILL:
        take_fill(at, event);
        break;
    case TRD_EVENT_REJECTED:
    case TRD_EVENT_CANCEL_REJECTED:
    case TRD_EVENT_REPLACE_REJECTED:
    case TRD_EVENT_COMMAND_REJECTED:
        at->rejects[event->reason]++;
        at->last.rejected = event->reason;
        break;
    case TRD_EVENT_CANCELED:
        at->causes[event->reason]++;
        break;
    case TRD_EVENT_ORDER:
        feed_order(&at->feed, event);
        break;
    default:
        break;
    }
}

static void drain(runner *at, trd_out *out) {
    for (uint32_t i = 0; i < out->count; i += out->events[i].slots) {
        take_event(at, &out->events[i]);
    }
    out->count = 0;
}

static void count_command(runner *at, const trd_command *command) {
    at->report->messages++;
    if (command->instrument < at->report->symbols.count) {
        at->report->symbols.list[command->instrument].messages++;
    }
}

int runner_step(runner *at, const trd_command *command) {
    trd_out out = {.events = at->out, .capacity = RUNNER_EVENTS};
    uint64_t took = 0;
    int result = TRD_MORE;
    at->last = (runner_last){0};
    at->commands[command->kind]++;
    if (at->tally) {
        count_command(at, command);
    }
    for (const trd_command *next = command; result == TRD_MORE; next = NULL) {
        const uint64_t start = now_ns();
        result = trd_match_step(at->match, next, &out);
        took += now_ns() - start;
        drain(at, &out);
    }
    histogram_add(&at->report->latency, took);
    return result == TRD_OK ? EXIT_DONE : EXIT_MISMATCH;
}

int runner_tell(runner *at) {
    report *to = at->report;
    trd_match_stats stats;
    trd_match_stats_get(at->match, &stats);
    for (unsigned i = 0; i < 256; i++) {
        report_count_some(to, "commands", trd_command_text(i), at->commands[i]);
    }
    for (unsigned i = 0; i < 256; i++) {
        report_count_some(to, "events", trd_event_text(i), at->events[i]);
    }
    for (unsigned i = 0; i < 256; i++) {
        report_count_some(to, "rejects", trd_reject_text(i), at->rejects[i]);
    }
    for (unsigned i = 0; i < 256; i++) {
        report_count_some(to, "ends", trd_cause_text(i), at->causes[i]);
    }
    report_count(to, "matcher", "executions", at->executions);
    report_count(to, "matcher", "resting orders", stats.orders);
    report_count(to, "matcher", "price levels", stats.levels);
    report_count(to, "matcher", "price levels outside the window", stats.far_levels);
    report_count(to, "matcher", "commands with a time before the last", stats.time_steps_back);
    report_count(to, "matcher", "ended ids forgotten", stats.ids_forgotten);
    if (trd_match_audit(at->match) != TRD_OK || stats.executions != at->executions) {
        complain("matcher", 0, "an invariant of the matching engine is broken");
        return EXIT_MISMATCH;
    }
    return close_files(at);
}

static int depth(void *state, uint32_t at, unsigned side, trd_level *out, uint32_t max) {
    const int count = trd_match_depth(((runner *)state)->match, at, side, out, max);
    return count > 0 ? count : 0;
}

static void release(void *state) {
    runner_close(state);
    free(state);
}

view runner_view(runner *at) {
    return (view){depth, release, at};
}
