#include <stdlib.h>
#include <string.h>
#include <tradsys/base.h>

#include "replay/json.h"
#include "replay/report.h"

static void write_level(json *to, const trd_instrument *spec, const trd_level *level) {
    char px[TRD_DECIMAL_SIZE] = "";
    char qty[DECIMAL_TEXT_SIZE];
    trd_instrument_px_text(spec, level->px, px, sizeof(px));
    decimal_text(level->qty, spec->lot_size, spec->qty_scale, qty);
    json_open(to, NULL, '{');
    json_text(to, "px", px);
    json_text(to, "qty", qty);
    json_count(to, "orders", level->count);
    json_close(to, '}');
}

static void write_side(
    json *to, report *at, uint32_t index, const char *key, unsigned side, uint32_t depth) {
    trd_level *levels = memory_or_end(calloc(depth, sizeof(*levels)));
    const int count = at->view.depth(at->view.state, index, side, levels, depth);
    json_open(to, key, '[');
    for (int i = 0; i < count; i++) {
        write_level(to, &at->symbols.list[index].spec, &levels[i]);
    }
    json_close(to, ']');
    free(levels);
}

/* Every symbol has its best level of each side; those chosen have `depth` of them. */
static void write_symbol(json *to, report *at, uint32_t index, uint32_t depth) {
    const symbol *row = &at->symbols.list[index];
    char volume[DECIMAL_TEXT_SIZE], value[DECIMAL_TEXT_SIZE];
    symbol_volume_text(row, volume);
    symbol_value_text(row, value);
    json_open(to, NULL, '{');
    json_text(to, "symbol", row->spec.symbol);
    json_count(to, "messages", row->messages);
    json_count(to, "executions", row->executions);
    json_text(to, "volume", volume);
    json_text(to, "value", value);
    if (row->checks > 0) {
        json_count(to, "checksums", row->checks);
        json_count(to, "checksums_equal", row->checked);
    }
    write_side(to, at, index, "bids", TRD_BUY, depth);
    write_side(to, at, index, "asks", TRD_SELL, depth);
    json_close(to, '}');
}

static void write_counters(json *to, const report *at) {
    const char *group = NULL;
    json_open(to, "counters", '{');
    for (uint32_t i = 0; i < at->counter_count; i++) {
        const counter *row = &at->counters[i];
        if (group == NULL || strcmp(row->group, group) != 0) {
            if (group != NULL) {
                json_close(to, '}');
            }
            group = row->group;
            json_open(to, group, '{');
        }
        json_count(to, row->name, row->count);
    }
    if (group != NULL) {
        json_close(to, '}');
    }
    json_close(to, '}');
}

static void write_latency(json *to, const report *at) {
    json_open(to, "latency_ns", '{');
    json_text(to, "of", at->measured);
    json_count(to, "clock", now_overhead_ns());
    json_count(to, "count", at->latency.count);
    for (unsigned i = 0; i < PERCENTILES; i++) {
        json_count(to, report_percentiles[i].name,
            histogram_percentile(&at->latency, report_percentiles[i].per_100000));
    }
    json_count(to, "max", at->latency.max);
    json_close(to, '}');
}

static bool chosen(const uint32_t *shown, uint32_t count, uint32_t index) {
    for (uint32_t i = 0; i < count; i++) {
        if (shown[i] == index) {
            return true;
        }
    }
    return false;
}

void report_print_json(
    report *at, const arguments *args, const uint32_t *shown, uint32_t shown_count) {
    json to = {.out = stdout};
    const double seconds_f64 = (double)(at->elapsed_ns > 0 ? at->elapsed_ns : 1) / 1e9;
    json_open(&to, NULL, '{');
    json_text(&to, "file", args->file);
    json_text(&to, "format", at->format);
    json_text(&to, "unit", at->unit);
    json_count(&to, "messages", at->messages);
    json_count(&to, "executions", at->executions);
    json_real(&to, "seconds", seconds_f64);
    json_real(&to, "per_second", (double)at->messages / seconds_f64);
    if (at->checks > 0) {
        json_count(&to, "checksums", at->checks);
        json_count(&to, "checksums_equal", at->checked);
    }
    write_latency(&to, at);
    json_open(&to, "symbols", '[');
    for (uint32_t i = 0; i < at->symbols.count; i++) {
        write_symbol(&to, at, i, chosen(shown, shown_count, i) ? args->depth : 1);
    }
    json_close(&to, ']');
    write_counters(&to, at);
    json_close(&to, '}');
    fputc('\n', stdout);
}
