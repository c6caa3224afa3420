/* Level recordings: the books of a venue level by level, and the venue's own checksum of them after
 * each frame (docs/formats/levels-csv.md). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "replay/input.h"
#include "replay/progress.h"

/* A recording has this many levels per side; the venue does not say when it drops one behind. */
enum { LEVELS_KEPT = 1000, LEVELS_SUMMED = 10 };

typedef enum level_kind { LEVEL_SNAPSHOT, LEVEL_UPDATE, LEVEL_CHECKSUM } level_kind;

typedef struct level_row {
    level_kind kind;
    unsigned side;
    uint64_t frame;
    text symbol;
    text px;
    text qty; /* or the checksum */
} level_row;

typedef struct level_replay {
    report *report;
    trd_level_book **books; /* one per symbol */
    uint64_t *snapshots;    /* frame of each symbol's last snapshot row */
    uint32_t count;
    uint32_t touched; /* symbol of the frame at hand, SYMBOL_NONE before the first */
    uint64_t frame;
    const char *why; /* of the last row that was bad */
    uint64_t updates, snapshot_rows, missing, uneven, trimmed, bad_rows;
} level_replay;

/* What a row is, or NULL and it is read into *out. */
static const char *read_row(text line, level_row *out) {
    text fields[FIELDS_MAX];
    if (fields_split(line, fields) != 7) {
        return "row does not have 7 fields";
    }
    if (fields[0].size != 1 || strchr("SUK", fields[0].at[0]) == NULL) {
        return "row is none of S, U, K";
    }
    out->kind = fields[0].at[0] == 'S'   ? LEVEL_SNAPSHOT
                : fields[0].at[0] == 'U' ? LEVEL_UPDATE
                                         : LEVEL_CHECKSUM;
    if (!text_u64(fields[1], &out->frame)) {
        return "frame is not a number";
    }
    if (!text_names(fields[3], TRD_SYMBOL_SIZE - 1)) {
        return "symbol must have 1 to 23 printable characters";
    }
    if (out->kind != LEVEL_CHECKSUM && !text_is(fields[4], "a") && !text_is(fields[4], "b")) {
        return "side is neither a nor b";
    }
    out->side = text_is(fields[4], "a") ? TRD_SELL : TRD_BUY;
    out->symbol = fields[3];
    out->px = fields[5];
    out->qty = fields[6];
    return NULL;
}

static unsigned decimals_of(text number) {
    const char *point = memchr(number.at, '.', number.size);
    return point != NULL ? (unsigned)(number.at + number.size - point - 1) : 0;
}

/* --- First pass: which symbols there are, and how many decimals they have ----------------------
 */

static trd_instrument *spec_of(symbols *known, text name) {
    const uint32_t found = symbols_find(known, name);
    if (found != SYMBOL_NONE) {
        return &known->list[found].spec;
    }
    trd_instrument spec = trd_instrument_default();
    memcpy(spec.symbol, name.at, name.size);
    spec.px_scale = 0;
    spec.qty_scale = 0;
    return &symbols_add(known, &spec)->spec;
}

/* Every text of a symbol has the same decimals. So a price as an integer of its last decimal is the
 * text without its point and leading zeros, which is what the checksum is made of. */
static const char *survey_row(level_replay *at, const level_row *row) {
    const unsigned px = decimals_of(row->px);
    const unsigned qty = decimals_of(row->qty);
    if (px > TRD_SCALE_MAX || qty > TRD_SCALE_MAX) {
        return "more than 18 decimals";
    }
    trd_instrument *spec = spec_of(&at->report->symbols, row->symbol);
    spec->px_scale = (uint8_t)(px > spec->px_scale ? px : spec->px_scale);
    spec->qty_scale = (uint8_t)(qty > spec->qty_scale ? qty : spec->qty_scale);
    return NULL;
}

static bool skipped(text line) {
    return line.size == 0 || line.at[0] == '#';
}

static int survey(const arguments *args, const source *from, level_replay *at) {
    text line;
    for (lines rest = lines_of(from); lines_next(&rest, &line);) {
        level_row row;
        if (skipped(line)) {
            continue;
        }
        const char *why =
            rest.cut ? "file ends inside a row: no newline at its end" : read_row(line, &row);
        if (why == NULL && row.kind != LEVEL_CHECKSUM) {
            why = survey_row(at, &row);
        }
        if (why != NULL && !args->lenient) {
            return complain(args->file, rest.number, "%s", why);
        }
    }
    return EXIT_DONE;
}

static int make_books(const arguments *args, level_replay *at) {
    trd_level_book_def def = trd_level_book_def_default();
    at->count = at->report->symbols.count;
    at->books = memory_or_end(calloc(at->count + 1, sizeof(at->books[0])));
    at->snapshots = memory_or_end(calloc(at->count + 1, sizeof(at->snapshots[0])));
    for (uint32_t i = 0; i < at->count; i++) {
        at->snapshots[i] = UINT64_MAX;
        at->books[i] = trd_level_book_create(&def);
        if (at->books[i] == NULL) {
            return complain(args->file, 0, "no memory for %" PRIu32 " books", at->count);
        }
    }
    return EXIT_DONE;
}

/* --- Second pass: the books --------------------------------------------------------------------
 */

static void trim(level_replay *at, uint32_t index) {
    if (index != SYMBOL_NONE) {
        at->trimmed += (uint64_t)trd_level_book_trim(at->books[index], TRD_BUY, LEVELS_KEPT);
        at->trimmed += (uint64_t)trd_level_book_trim(at->books[index], TRD_SELL, LEVELS_KEPT);
    }
}

static uint32_t checksum_side(const trd_level_book *book, unsigned side, uint32_t sum) {
    trd_level levels[LEVELS_SUMMED];
    const int count = trd_level_book_depth(book, side, levels, LEVELS_SUMMED);
    for (int i = 0; i < count; i++) {
        char digits[64];
        const int size =
            snprintf(digits, sizeof(digits), "%" PRId64 "%" PRId64, levels[i].px, levels[i].qty);
        sum = (uint32_t)crc32(sum, (const Bytef *)digits, (uInt)size);
    }
    return sum;
}

/* The checksum is of the ten best asks, then the ten best bids. */
static const char *check(level_replay *at, uint32_t index, text field) {
    symbol *row = &at->report->symbols.list[index];
    uint64_t expected;
    if (!text_u64(field, &expected) || expected > UINT32_MAX) {
        return "checksum is not a number in [0, 2^32)";
    }
    const trd_level_book *book = at->books[index];
    const uint32_t sum = checksum_side(book, TRD_BUY, checksum_side(book, TRD_SELL, 0));
    row->checks++;
    row->checked += sum == expected ? 1 : 0;
    at->report->checks++;
    at->report->checked += sum == expected ? 1 : 0;
    return NULL;
}

static int set_level(level_replay *at, uint32_t index, unsigned side, trd_px px, trd_qty qty) {
    const uint64_t start = now_ns();
    const int result = trd_level_book_set(at->books[index], side, px, qty);
    histogram_add(&at->report->latency, now_ns() - start);
    return result;
}

static const char *update(level_replay *at, uint32_t index, const level_row *row) {
    symbol *known = &at->report->symbols.list[index];
    const trd_instrument *spec = &known->spec;
    trd_px px;
    trd_qty qty;
    if (trd_instrument_px(spec, row->px.at, row->px.size, TRD_ROUND_EXACT, &px) != TRD_OK) {
        return "price is not a decimal number in range";
    }
    if (trd_instrument_qty(spec, row->qty.at, row->qty.size, TRD_ROUND_EXACT, &qty) != TRD_OK ||
        qty < 0) {
        return "quantity is not a decimal number in range";
    }
    if (row->kind == LEVEL_SNAPSHOT && at->snapshots[index] != row->frame) {
        trd_level_book_reset(at->books[index]);
        at->snapshots[index] = row->frame;
    }
    at->uneven +=
        decimals_of(row->px) != spec->px_scale || decimals_of(row->qty) != spec->qty_scale ? 1 : 0;
    const int result = set_level(at, index, row->side, px, qty);
    at->missing += result == TRD_E_UNKNOWN ? 1 : 0;
    *(row->kind == LEVEL_SNAPSHOT ? &at->snapshot_rows : &at->updates) += 1;
    known->messages++;
    at->report->messages++;
    return result < 0 && result != TRD_E_UNKNOWN ? trd_result_text(result) : NULL;
}

static const char *replay_row(level_replay *at, const level_row *row) {
    const uint32_t index = symbols_find(&at->report->symbols, row->symbol);
    if (index == SYMBOL_NONE) {
        return "symbol has no levels in this file";
    }
    if (row->frame != at->frame || index != at->touched) {
        trim(at, at->touched);
        at->frame = row->frame;
        at->touched = index;
    }
    if (row->kind == LEVEL_CHECKSUM) {
        trim(at, index);
        return check(at, index, row->qty);
    }
    return update(at, index, row);
}

static int play(const arguments *args, const source *from, level_replay *at) {
    progress bar = progress_begin(from->size, !args->quiet);
    int result = EXIT_DONE;
    text line;
    for (lines rest = lines_of(from); result == EXIT_DONE && lines_next(&rest, &line);) {
        level_row row;
        if (skipped(line)) {
            continue;
        }
        const char *why = rest.cut ? "cut" : read_row(line, &row);
        why = why == NULL ? replay_row(at, &row) : why;
        at->bad_rows += why != NULL ? 1 : 0;
        if (why != NULL && !args->lenient) {
            result = complain(args->file, rest.number, "%s", why);
        }
        progress_at(&bar, (size_t)(rest.at - from->data));
    }
    trim(at, at->touched);
    progress_end(&bar);
    return result;
}

/* --- The report --------------------------------------------------------------------------------
 */

static int depth(void *state, uint32_t index, unsigned side, trd_level *out, uint32_t max) {
    const int count = trd_level_book_depth(((level_replay *)state)->books[index], side, out, max);
    return count > 0 ? count : 0;
}

static void release(void *state) {
    level_replay *at = state;
    for (uint32_t i = 0; i < at->count; i++) {
        trd_level_book_destroy(at->books[i]);
    }
    free(at->books);
    free(at->snapshots);
    free(at);
}

static int tell(const arguments *args, const level_replay *at) {
    report *to = at->report;
    report_count(to, "rows", "snapshot levels", at->snapshot_rows);
    report_count(to, "rows", "updates", at->updates);
    report_count(to, "rows", "bad, skipped", at->bad_rows);
    report_count(to, "odd", "removals of levels that were not there", at->missing);
    report_count(to, "odd", "texts with other decimals than their symbol", at->uneven);
    report_count(to, "odd", "levels cut behind the thousandth", at->trimmed);
    report_count(to, "odd", "checksums that differ", to->checks - to->checked);
    for (uint32_t i = 0; i < at->count; i++) {
        if (trd_level_book_audit(at->books[i]) != TRD_OK) {
            complain(args->file, 0, "an invariant of a level book is broken");
            return EXIT_MISMATCH;
        }
    }
    if (to->checked != to->checks) {
        complain(args->file, 0, "%" PRIu64 " of %" PRIu64 " checksums differ",
            to->checks - to->checked, to->checks);
        return EXIT_MISMATCH;
    }
    return EXIT_DONE;
}

int levels_replay(const arguments *args, const source *from, report *to) {
    if (args->fills != NULL || args->itch != NULL) {
        complain(args->file, 0, "--trades and --write-itch need a file of orders: nothing matches");
        return EXIT_USAGE;
    }
    level_replay *at = memory_or_end(calloc(1, sizeof(*at)));
    *at = (level_replay){.report = to, .touched = SYMBOL_NONE};
    to->format = "levels";
    to->unit = "updates";
    to->measured = "one update of a level book";
    to->view = (view){depth, release, at};
    int result = survey(args, from, at);
    if (result == EXIT_DONE) {
        result = make_books(args, at);
    }
    if (result != EXIT_DONE) {
        return result;
    }
    const uint64_t start = now_ns();
    result = play(args, from, at);
    to->elapsed_ns = now_ns() - start;
    return result == EXIT_DONE ? tell(args, at) : result;
}
