#include "replay/itch.h"

#include <stdlib.h>
#include <string.h>

#include "replay/input.h"
#include "replay/progress.h"

enum { ITCH_SEEN = 1, ITCH_FINE = 2 }; /* FINE: some price is no whole cent */

/* --- First pass: how much room is needed -------------------------------------------------------
 */

typedef struct survey {
    uint64_t instruments;
    uint64_t live; /* an upper bound: orders that were executed completely are still in it */
    uint64_t live_max;
} survey;

static void survey_message(itch_state *at, survey *sums, const trd_itch_msg *msg) {
    const bool adds = msg->type == TRD_ITCH_ADD || msg->type == TRD_ITCH_ADD_MPID;
    const uint32_t px = adds                            ? msg->u.add.px
                        : msg->type == TRD_ITCH_REPLACE ? msg->u.replace.px
                                                        : 0;
    if (adds || msg->type == TRD_ITCH_STOCK_DIRECTORY) {
        sums->instruments += at->seen[msg->locate] & ITCH_SEEN ? 0 : 1;
        at->seen[msg->locate] |= ITCH_SEEN;
    }
    at->seen[msg->locate] |= px % 100 != 0 ? ITCH_FINE : 0;
    sums->live += adds ? 1 : 0;
    sums->live -= msg->type == TRD_ITCH_DELETE && sums->live > 0 ? 1 : 0;
    sums->live_max = sums->live > sums->live_max ? sums->live : sums->live_max;
}

static int open_reader(const arguments *args, const source *from, trd_itch_reader *out) {
    const int framing = trd_itch_detect((const uint8_t *)from->data, from->size);
    if (framing <= 0) {
        return complain(args->file, 0, "is not an ITCH 5.0 file: %s", trd_result_text(framing));
    }
    trd_itch_reader_init(out, (unsigned)framing);
    trd_itch_reader_feed(out, (const uint8_t *)from->data, from->size);
    return EXIT_DONE;
}

/* What ended a pass: the end of the file is fine, anything else is said with its place. */
static int end_reader(const arguments *args, trd_itch_reader *reader, int last) {
    const unsigned long long place = reader->offset + reader->at;
    if (last < 0 && !args->lenient) {
        return complain(args->file, 0, "byte %llu: no ITCH 5.0 message", place);
    }
    if (last == 0 && trd_itch_reader_finish(reader) != TRD_OK && !args->lenient) {
        return complain(args->file, 0, "byte %llu: file ends inside a message", place);
    }
    return EXIT_DONE;
}

static int take_survey(const arguments *args, const source *from, itch_state *at, survey *sums) {
    trd_itch_reader reader;
    trd_itch_msg msg;
    int next, result = open_reader(args, from, &reader);
    if (result != EXIT_DONE) {
        return result;
    }
    while ((next = trd_itch_reader_next(&reader, &msg)) == 1) {
        survey_message(at, sums, &msg);
    }
    return end_reader(args, &reader, next);
}

/* --- Instruments -------------------------------------------------------------------------------
 */

static void name_of(const itch_state *at, const trd_itch_msg *msg, const char *stock, char *out) {
    size_t size = 0;
    while (size < TRD_ITCH_STOCK_SIZE && stock[size] > ' ' && stock[size] <= '~') {
        out[size] = stock[size];
        size++;
    }
    out[size] = '\0';
    if (size == 0 || symbols_find(&at->report->symbols, (text){out, size}) != SYMBOL_NONE) {
        snprintf(out + size, TRD_SYMBOL_SIZE - size, "#%u", (unsigned)msg->locate);
    }
}

/* Prices come in 1/10,000; an instrument that trades in cents gets a tick of a cent, so that the
 * array window of its books is not spent on prices in between. The limits are those of the format,
 * the largest for which every value is proved to fit. */
static const char *add_instrument(itch_state *at, const trd_itch_msg *msg, const char *stock) {
    trd_instrument spec = trd_instrument_default();
    name_of(at, msg, stock, spec.symbol);
    spec.px_scale = TRD_ITCH_PX_SCALE;
    spec.tick_size = at->seen[msg->locate] & ITCH_FINE ? 1 : 100;
    spec.px_min = 0;
    spec.px_max = UINT32_MAX / spec.tick_size;
    spec.qty_max = (1 << 30) - 1;
    const char *why = runner_add(at->run, &spec);
    at->index_of[msg->locate] = at->report->symbols.count - 1;
    return why;
}

/* --- Messages ----------------------------------------------------------------------------------
 */

trd_command itch_command(const trd_itch_msg *msg, unsigned kind, uint32_t instrument) {
    return (trd_command){.time = msg->time,
        .kind = (uint8_t)kind,
        .slots = 1,
        .instrument = instrument,
        .account = ITCH_MAKERS};
}

int itch_cancel(itch_state *at, const trd_itch_msg *msg, const trd_book_order *order) {
    trd_command command = itch_command(msg, TRD_COMMAND_CANCEL, order->instrument);
    command.u.cancel.target = order->ref;
    return runner_step(at->run, &command);
}

int itch_reduce(itch_state *at, const trd_itch_msg *msg, const trd_book_order *order, trd_qty qty) {
    trd_command command = itch_command(msg, TRD_COMMAND_REDUCE, order->instrument);
    command.u.cancel = (trd_cancel){.target = order->ref, .qty = qty};
    return runner_step(at->run, &command);
}

bool itch_take_off(itch_state *at, const trd_book_order *order, trd_qty qty) {
    if (trd_order_book_reduce(at->book, order->ref, qty) == TRD_E_RANGE) {
        at->oversized++;
        trd_order_book_remove(at->book, order->ref);
        return false;
    }
    return true;
}

static int enter(itch_state *at, const trd_itch_msg *msg, const trd_book_order *order) {
    trd_level best;
    const unsigned other = order->side == TRD_BUY ? TRD_SELL : TRD_BUY;
    if (trd_order_book_best(at->book, order->instrument, other, &best) == 1 &&
        (order->side == TRD_BUY ? best.px <= order->px : best.px >= order->px)) {
        at->crossed++;
    }
    trd_command command = itch_command(msg, TRD_COMMAND_NEW, order->instrument);
    command.u.order = (trd_new){.client_id = order->ref,
        .px = order->px,
        .qty = order->qty,
        .side = order->side,
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_GTC};
    return runner_step(at->run, &command);
}

/* Counts why the venue's book did not take a message. True if it did. */
static bool taken(itch_state *at, const trd_itch_msg *msg, int result) {
    switch (result) {
    case TRD_OK:
        return true;
    case TRD_E_EXISTS:
        at->duplicates++;
        return false;
    case TRD_E_UNKNOWN:
        at->unknown[msg->type]++;
        return false;
    case TRD_E_FULL:
        at->full++;
        return false;
    default:
        at->wrong++;
        return false;
    }
}

static trd_px px_of(const itch_state *at, uint32_t instrument, uint32_t px) {
    return (trd_px)px / at->report->symbols.list[instrument].spec.tick_size;
}

static int add(itch_state *at, const trd_itch_msg *msg) {
    const trd_itch_add *add = &msg->u.add;
    if (at->index_of[msg->locate] == SYMBOL_NONE) {
        at->nameless++;
        const char *why = add_instrument(at, msg, add->stock);
        if (why != NULL) {
            return complain("instrument", 0, "%s", why);
        }
    }
    const uint32_t instrument = at->index_of[msg->locate];
    const trd_book_order order = {.ref = add->ref,
        .px = px_of(at, instrument, add->px),
        .qty = add->qty,
        .instrument = instrument,
        .side = add->side == 'B'   ? TRD_BUY
                : add->side == 'S' ? TRD_SELL
                                   : 0};
    return taken(at, msg, trd_order_book_add(at->book, &order)) ? enter(at, msg, &order)
                                                                : EXIT_DONE;
}

static int cancel(itch_state *at, const trd_itch_msg *msg) {
    const trd_qty qty = msg->u.cancel.qty;
    trd_book_order order;
    if (!taken(at, msg, trd_order_book_find(at->book, msg->u.cancel.ref, &order))) {
        return EXIT_DONE;
    }
    if (qty == 0) {
        at->wrong++;
        return EXIT_DONE;
    }
    return itch_take_off(at, &order, qty) ? itch_reduce(at, msg, &order, qty)
                                          : itch_cancel(at, msg, &order);
}

static int delete_order(itch_state *at, const trd_itch_msg *msg) {
    trd_book_order order;
    if (!taken(at, msg, trd_order_book_find(at->book, msg->u.removed.ref, &order))) {
        return EXIT_DONE;
    }
    trd_order_book_remove(at->book, order.ref);
    return itch_cancel(at, msg, &order);
}

/* A replace is a cancel and a new order for the matcher: REPLACE would keep the place of an order
 * that only gets smaller, the venue never does. */
static int replace(itch_state *at, const trd_itch_msg *msg) {
    const trd_itch_replace *change = &msg->u.replace;
    trd_book_order old;
    if (!taken(at, msg, trd_order_book_find(at->book, change->ref, &old))) {
        return EXIT_DONE;
    }
    const trd_book_order order = {.ref = change->new_ref,
        .px = px_of(at, old.instrument, change->px),
        .qty = change->qty,
        .instrument = old.instrument,
        .side = old.side};
    if (!taken(at, msg, trd_order_book_replace(at->book, old.ref, &order))) {
        return EXIT_DONE;
    }
    const int result = itch_cancel(at, msg, &old);
    return result == EXIT_DONE ? enter(at, msg, &order) : result;
}

static int directory(itch_state *at, const trd_itch_msg *msg) {
    if (at->index_of[msg->locate] != SYMBOL_NONE) {
        return EXIT_DONE;
    }
    const char *why = add_instrument(at, msg, msg->u.directory.stock);
    return why != NULL ? complain("instrument", 0, "%s", why) : EXIT_DONE;
}

static int apply(itch_state *at, const trd_itch_msg *msg) {
    if (at->index_of[msg->locate] != SYMBOL_NONE) {
        at->report->symbols.list[at->index_of[msg->locate]].messages++;
    }
    at->report->messages++;
    switch (msg->type) {
    case TRD_ITCH_STOCK_DIRECTORY:
        return directory(at, msg);
    case TRD_ITCH_ADD:
    case TRD_ITCH_ADD_MPID:
        return add(at, msg);
    case TRD_ITCH_EXECUTED:
    case TRD_ITCH_EXECUTED_AT:
        return itch_execute(at, msg);
    case TRD_ITCH_CANCEL:
        return cancel(at, msg);
    case TRD_ITCH_DELETE:
        return delete_order(at, msg);
    case TRD_ITCH_REPLACE:
        return replace(at, msg);
    case TRD_ITCH_TAPE:
        at->prints++;
        at->print_qty += msg->u.tape.qty;
        return EXIT_DONE;
    case TRD_ITCH_CROSS:
        at->crosses++;
        at->cross_qty += msg->u.cross.qty;
        return EXIT_DONE;
    case TRD_ITCH_BROKEN:
        at->breaks++;
        return EXIT_DONE;
    default:
        return EXIT_DONE;
    }
}

/* --- The pass and its report -------------------------------------------------------------------
 */

static int play(const arguments *args, const source *from, itch_state *at) {
    progress bar = progress_begin(from->size, !args->quiet);
    trd_itch_reader reader;
    trd_itch_msg msg;
    int next = 0, result = open_reader(args, from, &reader);
    while (result == EXIT_DONE && (next = trd_itch_reader_next(&reader, &msg)) == 1) {
        result = apply(at, &msg);
        progress_at(&bar, reader.at);
    }
    progress_end(&bar);
    if (result == EXIT_DONE) {
        result = end_reader(args, &reader, next);
    }
    itch_tell(at, &reader);
    return result;
}

static int depth(void *state, uint32_t index, unsigned side, trd_level *out, uint32_t max) {
    const int count = trd_order_book_depth(((itch_state *)state)->book, index, side, out, max);
    return count > 0 ? count : 0;
}

static void release(void *state) {
    itch_state *at = state;
    trd_order_book_destroy(at->book);
    runner_close(at->run);
    free(at->run);
    free(at);
}

static int make_books(const arguments *args, itch_state *at, const survey *sums) {
    trd_order_book_def def = trd_order_book_def_default();
    const uint64_t most = args->orders_max > 0 ? args->orders_max : 1u << 26;
    const uint64_t orders = sums->live_max + 1024 < most ? sums->live_max + 1024 : most;
    def.instruments_max = sums->instruments > 0 ? (uint32_t)sums->instruments : 1;
    def.orders_max = (uint32_t)orders;
    at->book = trd_order_book_create(&def);
    if (at->book == NULL) {
        return complain(args->file, 0, "no memory for %u books and %u orders", def.instruments_max,
            def.orders_max);
    }
    return runner_open(at->run, args, at->report,
        (runner_sizes){
            .instruments = sums->instruments, .orders = orders, .id_mode = TRD_IDS_REUSE});
}

static int tell(const arguments *args, itch_state *at) {
    const int told = runner_tell(at->run);
    if (trd_order_book_audit(at->book) != TRD_OK || at->broken > 0) {
        complain(args->file, 0, "an invariant of the books is broken");
        return EXIT_MISMATCH;
    }
    return told;
}

int itch_replay(const arguments *args, const source *from, report *to) {
    itch_state *at = memory_or_end(calloc(1, sizeof(*at)));
    survey sums = {0};
    memset(at->index_of, 0xff, sizeof(at->index_of));
    at->report = to;
    at->run = memory_or_end(calloc(1, sizeof(runner)));
    to->format = "itch";
    to->unit = "messages";
    to->view = (view){depth, release, at};
    int result = take_survey(args, from, at, &sums);
    if (result == EXIT_DONE) {
        result = make_books(args, at, &sums);
    }
    if (result != EXIT_DONE) {
        return result;
    }
    at->run->tally = false;
    const uint64_t start = now_ns();
    result = play(args, from, at);
    to->elapsed_ns = now_ns() - start;
    const int told = result == EXIT_DONE ? tell(args, at) : result;
    return told;
}
