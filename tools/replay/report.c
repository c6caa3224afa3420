#include "replay/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const percentile report_percentiles[PERCENTILES] = {
    {"p50", 50000}, {"p90", 90000}, {"p99", 99000}, {"p99.9", 99900}};

enum { TABLE_ROWS = 20, LADDERS = 3 };

void report_count(report *at, const char *group, const char *name, uint64_t count) {
    if (at->counter_count < COUNTERS_MAX) {
        at->counters[at->counter_count++] = (counter){group, name, count};
    }
}

void report_count_some(report *at, const char *group, const char *name, uint64_t count) {
    if (count > 0) {
        report_count(at, group, name, count);
    }
}

void report_free(report *at) {
    if (at->view.release != NULL) {
        at->view.release(at->view.state);
    }
    symbols_free(&at->symbols);
}

/* Most executions first, then most messages, then the order of the file. */
static const symbol *compared;

static int by_activity(const void *a, const void *b) {
    const uint32_t left = *(const uint32_t *)a;
    const uint32_t right = *(const uint32_t *)b;
    const symbol *x = &compared[left];
    const symbol *y = &compared[right];
    if (x->executions != y->executions) {
        return x->executions > y->executions ? -1 : 1;
    }
    if (x->messages != y->messages) {
        return x->messages > y->messages ? -1 : 1;
    }
    return left < right ? -1 : 1;
}

/* The indices of all symbols, most active first. The caller frees them. */
static uint32_t *ranked(const report *at) {
    uint32_t *out = memory_or_end(malloc((at->symbols.count + 1) * sizeof(*out)));
    for (uint32_t i = 0; i < at->symbols.count; i++) {
        out[i] = i;
    }
    compared = at->symbols.list;
    qsort(out, at->symbols.count, sizeof(*out), by_activity);
    return out;
}

static void level_text(const trd_instrument *spec, const trd_level *level, char out[128]) {
    char px[TRD_DECIMAL_SIZE] = "-";
    char qty[DECIMAL_TEXT_SIZE];
    trd_instrument_px_text(spec, level->px, px, sizeof(px));
    decimal_text(level->qty, spec->lot_size, spec->qty_scale, qty);
    snprintf(out, 128, "%s x %s", px, qty);
}

static void best_text(report *at, uint32_t index, unsigned side, char out[128]) {
    trd_level level;
    if (at->view.depth(at->view.state, index, side, &level, 1) == 1) {
        level_text(&at->symbols.list[index].spec, &level, out);
    } else {
        snprintf(out, 128, "-");
    }
}

static void print_symbols(report *at, const uint32_t *order) {
    printf("\n%-12s %10s %10s %16s %20s  %-22s %s\n", "symbol", at->unit, "executions", "volume",
        "value", "best bid", "best ask");
    for (uint32_t i = 0; i < at->symbols.count && i < TABLE_ROWS; i++) {
        const symbol *row = &at->symbols.list[order[i]];
        char volume[DECIMAL_TEXT_SIZE], value[DECIMAL_TEXT_SIZE], bid[128], ask[128];
        symbol_volume_text(row, volume);
        symbol_value_text(row, value);
        best_text(at, order[i], TRD_BUY, bid);
        best_text(at, order[i], TRD_SELL, ask);
        printf("%-12s %10llu %10llu %16s %20s  %-22s %s\n", row->spec.symbol,
            (unsigned long long)row->messages, (unsigned long long)row->executions, volume, value,
            bid, ask);
    }
    if (at->symbols.count > TABLE_ROWS) {
        printf("... and %u more symbols\n", at->symbols.count - TABLE_ROWS);
    }
}

static void print_ladder(report *at, uint32_t index, uint32_t depth) {
    const trd_instrument *spec = &at->symbols.list[index].spec;
    trd_level *levels[2];
    int count[2];
    for (unsigned i = 0; i < 2; i++) {
        levels[i] = memory_or_end(calloc(depth, sizeof(trd_level)));
        count[i] =
            at->view.depth(at->view.state, index, i == 0 ? TRD_BUY : TRD_SELL, levels[i], depth);
    }
    printf("\n%-34s %34s\n", spec->symbol, "(orders) bid | ask (orders)");
    for (int row = 0; row < count[0] || row < count[1]; row++) {
        char bid[128] = "", ask[128] = "", bid_count[16] = "", ask_count[16] = "";
        if (row < count[0]) {
            level_text(spec, &levels[0][row], bid);
            snprintf(bid_count, sizeof(bid_count), "(%u)", levels[0][row].count);
        }
        if (row < count[1]) {
            level_text(spec, &levels[1][row], ask);
            snprintf(ask_count, sizeof(ask_count), "(%u)", levels[1][row].count);
        }
        printf("%8s %34s | %-34s %s\n", bid_count, bid, ask, ask_count);
    }
    free(levels[0]);
    free(levels[1]);
}

static void print_counters(const report *at) {
    const char *group = "";
    for (uint32_t i = 0; i < at->counter_count; i++) {
        const counter *row = &at->counters[i];
        if (strcmp(row->group, group) != 0) {
            group = row->group;
            printf("\n%s\n", group);
        }
        printf("  %-56s %14llu\n", row->name, (unsigned long long)row->count);
    }
}

static void print_latency(const report *at) {
    printf("\nlatency of %s, ns (the clock itself: %llu)\n ", at->measured,
        (unsigned long long)now_overhead_ns());
    for (unsigned i = 0; i < PERCENTILES; i++) {
        printf(" %s %llu ", report_percentiles[i].name,
            (unsigned long long)histogram_percentile(
                &at->latency, report_percentiles[i].per_100000));
    }
    printf(" max %llu\n", (unsigned long long)at->latency.max);
}

static void print_totals(const report *at) {
    const double seconds_f64 = (double)(at->elapsed_ns > 0 ? at->elapsed_ns : 1) / 1e9;
    const double busy_f64 = (double)(at->latency.sum > 0 ? at->latency.sum : 1) / 1e9;
    printf("\n%llu %s in %.3f s: %.0f %s/s with reading, %.0f /s in the library alone\n",
        (unsigned long long)at->messages, at->unit, seconds_f64, (double)at->messages / seconds_f64,
        at->unit, (double)at->latency.count / busy_f64);
    if (at->checks > 0) {
        printf("%llu of %llu checksums equal\n", (unsigned long long)at->checked,
            (unsigned long long)at->checks);
    } else {
        printf("%llu executions\n", (unsigned long long)at->executions);
    }
}

/* The symbols whose ladders are shown are moved to the front of `order`. Returns how many they are,
 * 0 if the one that was asked for does not exist. */
static uint32_t choose(const report *at, const arguments *args, uint32_t *order) {
    if (args->symbol == NULL) {
        return at->symbols.count < LADDERS ? at->symbols.count : LADDERS;
    }
    const uint32_t found = symbols_find(&at->symbols, (text){args->symbol, strlen(args->symbol)});
    if (found == SYMBOL_NONE) {
        return 0;
    }
    order[0] = found;
    return 1;
}

static void print_text(report *at, const arguments *args, const uint32_t *shown, uint32_t count) {
    printf("%s: %s\n", args->file, at->format);
    uint32_t *order = ranked(at);
    print_symbols(at, order);
    free(order);
    for (uint32_t i = 0; i < count; i++) {
        print_ladder(at, shown[i], args->depth);
    }
    print_counters(at);
    print_latency(at);
    print_totals(at);
}

int report_print(report *at, const arguments *args) {
    uint32_t *shown = ranked(at);
    const uint32_t count = choose(at, args, shown);
    const bool unknown = args->symbol != NULL && count == 0;
    if (unknown) {
        fprintf(stderr, "tradsys-replay: no symbol %s in %s\n", args->symbol, args->file);
    } else if (args->json) {
        report_print_json(at, args, shown, count);
    } else {
        print_text(at, args, shown, count);
    }
    free(shown);
    return unknown ? EXIT_USAGE : EXIT_DONE;
}
