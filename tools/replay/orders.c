#include "replay/orders.h"

#include <stdlib.h>

#include "replay/input.h"
#include "replay/progress.h"

/* Reads one row of a dialect. */
typedef row_verdict read_row(order_rows *at, text line, order_record *out);

/* Counts what a matcher has to have room for: a row cannot make more than one of either. */
static runner_sizes sizes_of(const source *from) {
    runner_sizes sizes = {.id_mode = TRD_IDS_WINDOW};
    text line;
    for (lines at = lines_of(from); lines_next(&at, &line);) {
        sizes.instruments += text_starts(line, "instrument,") ? 1 : 0;
        sizes.orders += text_starts(line, "new,") || text_starts(line, "N,") ? 1 : 0;
        sizes.renames += text_starts(line, "replace,") ? 1 : 0;
    }
    return sizes;
}

/* A line that the file ends in without a newline was cut off, even if it can be read. */
static row_verdict read_line(
    order_rows *rows, const lines *at, text line, read_row *read, order_record *out) {
    if (at->cut) {
        rows->why = "file ends inside a row: no newline at its end";
        return ROW_BAD;
    }
    return read(rows, line, out);
}

static int play(const arguments *args, const source *from, order_rows *rows, read_row *read) {
    progress bar = progress_begin(from->size, !args->quiet);
    uint64_t seq = 0, bad_rows = 0;
    int result = EXIT_DONE;
    order_record record;
    text line;
    for (lines at = lines_of(from); result == EXIT_DONE && lines_next(&at, &line);) {
        const row_verdict verdict = read_line(rows, &at, line, read, &record);
        if (verdict == ROW_COMMAND) {
            record.base.seq = ++seq;
            result = runner_step(rows->run, &record.base);
        } else if (verdict == ROW_BAD && !args->lenient) {
            result = complain(args->file, at.number, "%s", rows->why);
        } else if (verdict == ROW_BAD) {
            bad_rows++;
        }
        progress_at(&bar, (size_t)(at.at - from->data));
    }
    progress_end(&bar);
    report_count(rows->run->report, "rows", "bad, skipped", bad_rows);
    report_count(
        rows->run->report, "rows", "refused, price no whole number of ticks", rows->off_tick);
    report_count(
        rows->run->report, "rows", "refused, quantity no whole number of lots", rows->off_lot);
    return result;
}

static int replay(const arguments *args, const source *from, report *to, const trd_instrument *spec,
    read_row *read) {
    order_rows rows = {.run = memory_or_end(calloc(1, sizeof(runner)))};
    to->unit = "commands";
    to->view = runner_view(rows.run);
    int result = runner_open(rows.run, args, to, sizes_of(from));
    if (result != EXIT_DONE) {
        return result;
    }
    const char *why = spec != NULL ? runner_add(rows.run, spec) : NULL;
    if (why != NULL) {
        return complain(args->file, 0, "%s", why);
    }
    const uint64_t start = now_ns();
    result = play(args, from, &rows, read);
    to->elapsed_ns = now_ns() - start;
    const int told = runner_tell(rows.run);
    return result != EXIT_DONE ? result : told;
}

int orders_replay(const arguments *args, const source *from, report *to) {
    to->format = "orders";
    return replay(args, from, to, NULL, order_row);
}

/* --- QuantCup ----------------------------------------------------------------------------------
 */

/* The engine of the contest knows orders by number alone and lets anyone cancel them, so all orders
 * belong to one account here; the trader is kept as the actor. */
static row_verdict quantcup_row(order_rows *at, text line, order_record *out) {
    text fields[FIELDS_MAX];
    if (line.size == 0 || line.at[0] == '#') {
        return ROW_NONE;
    }
    const int count = fields_split(line, fields);
    uint64_t id, trader, px = 0, qty = 0;
    const bool is_new = text_is(fields[0], "N");
    at->why = "row is neither N,id,trader,side,price,quantity nor C,id,trader";
    if (!(is_new && count == 6) && !(text_is(fields[0], "C") && count == 3)) {
        return ROW_BAD;
    }
    at->why = "order id or trader is not a number";
    if (!text_u64(fields[1], &id) || !text_starts(fields[2], "ID") ||
        !text_u64((text){fields[2].at + 2, fields[2].size - 2}, &trader) || trader > UINT32_MAX) {
        return ROW_BAD;
    }
    *out = (order_record){.base = {.slots = 1, .account = 1, .actor = (uint32_t)trader}};
    if (!is_new) {
        out->base.kind = TRD_COMMAND_CANCEL;
        out->base.u.cancel.target = id;
        return ROW_COMMAND;
    }
    at->why = "side, price or quantity is wrong";
    if (!(text_is(fields[3], "B") || text_is(fields[3], "S")) || !text_u64(fields[4], &px) ||
        !text_u64(fields[5], &qty) || px > INT64_MAX || qty > INT64_MAX) {
        return ROW_BAD;
    }
    out->base.kind = TRD_COMMAND_NEW;
    out->base.u.order = (trd_new){.client_id = id,
        .px = (trd_px)px,
        .qty = (trd_qty)qty,
        .side = text_is(fields[3], "B") ? TRD_BUY : TRD_SELL,
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_GTC};
    return ROW_COMMAND;
}

int quantcup_replay(const arguments *args, const source *from, report *to) {
    trd_instrument spec = trd_instrument_default();
    const char name[] = "QUANTCUP";
    for (size_t i = 0; i < sizeof(name); i++) {
        spec.symbol[i] = name[i];
    }
    spec.px_max = 65535; /* the contest's limits: prices and sizes fit 16 and 32 bits */
    to->format = "quantcup";
    return replay(args, from, to, &spec, quantcup_row);
}
