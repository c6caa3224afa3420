/* run.c - plays scenario files against the matching engine and says TAP.
 *
 *     run FILE...        every `case` of the files is one test point
 *
 * A case is played line by line, and at each line the events are compared, in order and in full,
 * with what the text says. After each command the events so far, alone, must give the same orders
 * and depth that the queries give, and the audit of the engine must find nothing. Then the records
 * of the case are played again to engines with other output capacities, other hash seeds and other
 * windows, by step and by run: the stream must be the same, byte for byte, and so must be the
 * verdicts that are asked for. */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

enum {
    LINE_SIZE = 4096,
    RECORDS_MAX = 1024,
    EVENTS_MAX = 8192,
    OUT_MAX = 256,
    LEVELS_MAX = 64,
    ASKED_MAX = 256,
    REFUSALS_MAX = 16,
    STEPS_MAX = 100000
};

/* One playing of a case. `capacity` slots of output; `batch`: records go through trd_match_run. */
typedef struct variant {
    const char *name;
    uint32_t capacity;
    bool batch;
    uint32_t window;
    uint64_t hash_seed;
} variant;

static const variant variants[] = {
    {"capacity 8, seed 7, window 64", TRD_OUT_MIN, false, 64, 7},
    {"capacity 9, seed 8, window 128", TRD_OUT_MIN + 1, false, 128, 8},
    {"capacity 256, seed 9, window 65536", OUT_MAX, false, 65536, 9},
    {"run, capacity 8, seed 10, window 256", TRD_OUT_MIN, true, 256, 10},
    {"run, capacity 64, seed 11, window 64", 64, true, 64, 11},
};

/* A record as it was sent: where it starts in the log. */
typedef struct sent {
    uint32_t at;
    uint32_t slots;
} sent;

/* A verdict that was asked for: the order as it waits, and the slots of events before it. */
typedef struct asked {
    trd_order_info order;
    uint32_t at;
    bool refused;
} asked;

/* An order that the present command names after `refusing`. */
typedef struct refusal {
    order_name name;
    bool met;
} refusal;

/* Everything about the case that is being played. */
typedef struct player {
    char title[LINE_SIZE];
    bool open;   /* a case is being played */
    bool failed; /* its other lines are skipped: they would be noise */
    trd_match_def def;
    trd_profile profiles[BOOKS_MAX];
    bool configured[BOOKS_MAX]; /* the book has a profile line */
    trd_match *match;
    ledger known;
    trd_ns time;
    trd_command log[RECORDS_MAX + TRD_SLOTS_MAX];
    uint32_t log_count;
    sent records[RECORDS_MAX];
    uint32_t record_count;
    trd_event events[EVENTS_MAX];
    uint32_t event_count;
    asked asked[ASKED_MAX];
    uint32_t asked_count;
    refusal refusals[REFUSALS_MAX];
    uint32_t refusal_count;
} player;

static const char *file_name;
static int line_number;
static int points;
static int points_failed;
static player play;

void bail(const char *format, ...) {
    va_list values;
    va_start(values, format);
    printf("Bail out! %s:%d: ", file_name, line_number);
    vprintf(format, values);
    printf("\n");
    va_end(values);
    exit(1);
}

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void fail(const char *format, ...) {
    if (play.failed) {
        return;
    }
    play.failed = true;
    printf("# %s:%d: %s\n# ", file_name, line_number, play.title);
    va_list values;
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    printf("\n");
}

/* --- engines --- */

static trd_match *engine_make(const trd_match_def *def) {
    trd_match *match = trd_match_create(def);
    if (match == NULL) {
        bail("the definition of the engine is refused");
    }
    for (uint32_t i = 0; i < play.known.book_count; i++) {
        if (trd_match_add(match, &play.known.specs[i]) != (int)i) {
            bail("book %s: %s", play.known.books[i],
                trd_instrument_fault_text(
                    trd_instrument_check(&play.known.specs[i], def->orders_max)));
        }
        if (play.configured[i] && trd_match_configure(match, i, &play.profiles[i]) != TRD_OK) {
            bail("the profile of book %s is refused", play.known.books[i]);
        }
    }
    return match;
}

/* A growing list of events, and the small output that feeds it. */
typedef struct stream {
    trd_event *events;
    uint32_t count;
    trd_event buffer[OUT_MAX];
    trd_out out;
    uint32_t asked; /* verdicts that were asked for and given */
} stream;

static void stream_drain(stream *to) {
    if (to->count + to->out.count > EVENTS_MAX) {
        bail("more than %d events in a case", EVENTS_MAX);
    }
    memcpy(to->events + to->count, to->buffer, to->out.count * sizeof(trd_event));
    to->count += to->out.count;
    to->out.count = 0;
}

static bool is_refused(const trd_order_info *order) {
    bool refused = false;
    for (uint32_t i = 0; i < play.refusal_count; i++) {
        const order_name name = play.refusals[i].name;
        if (name.account == order->account && name.client_id == order->client_id) {
            play.refusals[i].met = true;
            refused = true;
        }
    }
    return refused;
}

/* The verdict that is asked for now: as the scenario says, and when the case is played again as it
 * was then. False: nothing is asked, or something else than it was. */
static bool judge(trd_match *match, stream *to) {
    asked now;
    memset(&now, 0, sizeof(now));
    now.at = to->count;
    if (to->asked == ASKED_MAX || trd_match_pending(match, &now.order) != TRD_OK) {
        return false;
    }
    if (to->events == play.events) {
        now.refused = is_refused(&now.order);
        play.asked[play.asked_count++] = now;
    }
    const asked *then = &play.asked[to->asked];
    if (to->asked == play.asked_count || now.at != then->at ||
        memcmp(&now.order, &then->order, sizeof(now.order)) != 0) {
        return false;
    }
    to->asked++;
    return trd_match_verdict(match, then->refused ? TRD_REJECT_POSITION : 0) == TRD_OK;
}

/* Takes a command to its end after `result`. */
static int play_on(trd_match *match, int result, stream *to) {
    stream_drain(to);
    for (int i = 0; (result == TRD_MORE || result == TRD_NEED_VERDICT) && i < STEPS_MAX; i++) {
        if (result == TRD_NEED_VERDICT && !judge(match, to)) {
            return TRD_E_UNKNOWN;
        }
        result = trd_match_step(match, NULL, &to->out);
        stream_drain(to);
    }
    return result;
}

static int play_step(trd_match *match, const trd_command *record, stream *to) {
    return play_on(match, trd_match_step(match, record, &to->out), to);
}

/* As many calls of run as it takes for `slots` slots. The output is drained between them, so that
 * each must consume something. */
static int play_run(trd_match *match, const trd_command *records, size_t slots, stream *to) {
    for (size_t at = 0; at < slots;) {
        size_t done = 0;
        const int first = trd_match_run(match, records + at, slots - at, &done, &to->out);
        const int result = play_on(match, first, to);
        if (result != TRD_OK) {
            return result;
        }
        if (done == 0 || done > slots - at) {
            return TRD_E_ARG;
        }
        at += done;
    }
    return TRD_OK;
}

/* A record whose `slots` byte is not what it is long can only be sent alone. */
static bool stands_alone(const sent *record) {
    return play.log[record->at].slots != record->slots ||
           trd_command_text(play.log[record->at].kind)[0] == '?' ||
           play.log[record->at].kind >= TRD_EXT_ORDER_PRICES;
}

static int play_records(trd_match *match, const variant *how, stream *to) {
    int result = TRD_OK;
    for (uint32_t i = 0; i < play.record_count && result == TRD_OK;) {
        const sent *first = &play.records[i++];
        if (!how->batch) {
            result = play_step(match, &play.log[first->at], to);
            continue;
        }
        size_t slots = first->slots;
        while (!stands_alone(first) && i < play.record_count && !stands_alone(&play.records[i])) {
            slots += play.records[i++].slots;
        }
        result = play_run(match, &play.log[first->at], slots, to);
    }
    return result;
}

/* Plays what was sent once more, in another way. */
static void play_variant(const variant *how) {
    static trd_event events[EVENTS_MAX];
    static stream to;
    trd_match_def def = play.def;
    def.window = how->window;
    def.hash_seed = how->hash_seed;
    trd_match *match = engine_make(&def);
    to.events = events;
    to.count = 0;
    to.asked = 0;
    to.out = (trd_out){.events = to.buffer, .capacity = how->capacity};
    const int result = play_records(match, how, &to);
    const int audit = trd_match_audit(match);
    trd_match_destroy(match);
    if (result != TRD_OK) {
        fail("with %s: result %d (%s)", how->name, result, trd_result_text(result));
    } else if (audit != TRD_OK) {
        fail("with %s: the audit fails at line %d", how->name, -audit);
    }
    for (uint32_t i = 0; i < play.event_count && i < to.count; i++) {
        if (memcmp(&events[i], &play.events[i], sizeof(trd_event)) != 0) {
            fail("with %s: slot %" PRIu32 " (seq %" PRIu64 ") differs", how->name, i,
                play.events[i].seq);
        }
    }
    if (to.asked != play.asked_count) {
        fail("with %s: %" PRIu32 " verdicts are asked for, not %" PRIu32, how->name, to.asked,
            play.asked_count);
    }
    if (to.count != play.event_count) {
        fail("with %s: %" PRIu32 " slots of events, not %" PRIu32, how->name, to.count,
            play.event_count);
    }
}

/* --- do the queries agree with the events? --- */

/* The trigger that a query shows; a trail moves unseen and is told by `info` lines. */
static bool same_trigger(const ledger_order *order, const trd_order_info *info) {
    const bool trails =
        order->type == TRD_TYPE_TRAILING_STOP || order->type == TRD_TYPE_TRAILING_STOP_LIMIT;
    const bool waits =
        !order->idle && order->type >= TRD_TYPE_STOP && order->type <= TRD_TYPE_TOUCHED_LIMIT;
    return trails || info->trigger == (waits ? order->prices.trigger : 0);
}

/* A GTT order that is released is GTC; the closing side of a hedged position is reduce-only with or
 * without the bit. */
static bool same_terms(const ledger_order *order, const trd_order_info *info) {
    const unsigned free = order->terms.position != TRD_POSITION_NET ? TRD_EXEC_REDUCE_ONLY : 0;
    return info->side == order->terms.side && (info->exec | free) == (order->terms.exec | free) &&
           info->stp == order->terms.stp && info->type == order->type && info->reserved == 0 &&
           (info->tif == order->terms.tif || order->terms.tif == TRD_TIF_GTT);
}

static bool same_order(const ledger_order *order, const trd_order_info *info) {
    return info->order == order->handle && info->client_id == order->client_id &&
           info->px == order->px && info->leaves == order->leaves &&
           info->executed == order->executed && info->prevented == order->prevented &&
           info->displayed == order->displayed && info->where == order->where &&
           info->account == order->account && info->instrument == order->instrument &&
           same_terms(order, info) && same_trigger(order, info);
}

static void tell_order(const ledger_order *order, int result, const trd_order_info *info) {
    char name[48];
    name_text(ledger_name(order), name, sizeof(name));
    if (result != TRD_OK) {
        fail("query: %s is not found", name);
        return;
    }
    fail("query: %s has px %" PRId64 " leaves %" PRId64 " displayed %" PRId64 " executed %" PRId64
         " prevented %" PRId64 " where %u type %u tif %u stp %u exec %u trigger %" PRId64
         ", but the events say px %" PRId64 " leaves %" PRId64 " displayed %" PRId64
         " executed %" PRId64 " prevented %" PRId64 " where %u type %u tif %u stp %u exec %u",
        name, info->px, info->leaves, info->displayed, info->executed, info->prevented, info->where,
        info->type, info->tif, info->stp, info->exec, info->trigger, order->px, order->leaves,
        order->displayed, order->executed, order->prevented, order->where, order->type,
        order->terms.tif, order->terms.stp, order->terms.exec);
}

/* Positions are sums of fills, where they are kept. */
static void check_position(const ledger_order *order) {
    const unsigned side = order->terms.position;
    trd_qty qty = 0;
    if (play.def.positions_max == 0) {
        return;
    }
    const trd_qty sum = ledger_position(&play.known, order->account, order->instrument, side);
    const int result =
        trd_match_position(play.match, order->account, order->instrument, side, &qty);
    if (result != TRD_OK || qty != sum) {
        fail("query: the position of account %" PRIu32 " is %" PRId64
             ", but the events say %" PRId64,
            order->account, qty, sum);
    }
}

/* Does an order need more than a resting order's record (special-orders.md, "Words")? */
static bool is_special(const ledger_order *order) {
    enum {
        BITS =
            TRD_EXEC_HIDDEN | TRD_EXEC_ALL_OR_NONE | TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION
    };
    const trd_new *terms = &order->terms;
    const bool closes = (terms->position == TRD_POSITION_LONG && terms->side == TRD_SELL) ||
                        (terms->position == TRD_POSITION_SHORT && terms->side == TRD_BUY);
    const bool auction = terms->tif >= TRD_TIF_AT_OPEN && terms->tif <= TRD_TIF_GFA;
    return terms->type > TRD_TYPE_MARKET || auction || (terms->exec & BITS) != 0 || closes ||
           order->sizes.peak != 0 || order->link.kind != 0 || order->quoted;
}

static bool same_position(const ledger_order *a, const ledger_order *b) {
    return a->account == b->account && a->instrument == b->instrument &&
           a->terms.position == b->terms.position;
}

/* How many positions are kept: those with a live order or a quantity. */
static uint32_t positions_kept(void) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < play.known.count && play.def.positions_max > 0; i++) {
        const ledger_order *order = &play.known.orders[i];
        bool first = true;
        bool live = false;
        for (uint32_t k = 0; k < play.known.count; k++) {
            const bool same = same_position(order, &play.known.orders[k]);
            first = first && (k >= i || !same);
            live = live || (same && play.known.orders[k].live);
        }
        const trd_qty net =
            ledger_position(&play.known, order->account, order->instrument, order->terms.position);
        kept += first && (live || net != 0);
    }
    return kept;
}

static void check_orders(void) {
    uint32_t live = 0;
    uint32_t specials = 0;
    for (uint32_t i = 0; i < play.known.count; i++) {
        const ledger_order *order = &play.known.orders[i];
        trd_order_info info;
        const int result = trd_match_order(play.match, order->handle, &info);
        check_position(order);
        if (!order->live && result != TRD_E_UNKNOWN) {
            fail("an order that ended can still be queried");
        }
        if (!order->live) {
            continue;
        }
        live++;
        specials += is_special(order);
        const trd_order found = trd_match_find(play.match, order->account, order->client_id);
        if (result != TRD_OK || !same_order(order, &info) ||
            (found == order->handle) == order->quoted) {
            tell_order(order, result, &info);
        }
    }
    trd_match_stats stats;
    trd_match_stats_get(play.match, &stats);
    if (stats.positions != positions_kept()) {
        fail("stats: positions %" PRIu32 ", but the events say %" PRIu32, stats.positions,
            positions_kept());
    }
    if (stats.orders != live || stats.specials != specials || stats.events != play.known.seq ||
        stats.commands != play.record_count || stats.instruments != play.known.book_count) {
        fail("stats: orders %" PRIu32 " (%" PRIu32 "), specials %" PRIu32 " (%" PRIu32
             "), events %" PRIu64 " (%" PRIu64 "), commands %" PRIu64 " (%" PRIu32 ")",
            stats.orders, live, stats.specials, specials, stats.events, play.known.seq,
            stats.commands, play.record_count);
    }
}

static void check_level(uint32_t book, unsigned side, const trd_level *level) {
    trd_qty qty = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < play.known.count; i++) {
        const ledger_order *order = &play.known.orders[i];
        if (order->live && order->instrument == book && order->terms.side == side &&
            order->px == level->px && order->where == TRD_WHERE_BOOK) {
            qty += order->displayed;
            count += order->displayed > 0;
        }
    }
    if (level->qty != qty || level->count != count || level->qty <= 0 || level->reserved != 0) {
        fail("query: level %" PRId64 " has %" PRId64 " in %" PRIu32 ", but the events say %" PRId64
             " in %" PRIu32,
            level->px, level->qty, level->count, qty, count);
    }
}

/* Lots that the events say are displayed on a side. */
static trd_qty displayed_on(uint32_t book, unsigned side) {
    trd_qty sum = 0;
    for (uint32_t i = 0; i < play.known.count; i++) {
        const ledger_order *order = &play.known.orders[i];
        const bool here = order->live && order->instrument == book && order->terms.side == side;
        sum += here && order->where == TRD_WHERE_BOOK ? order->displayed : 0;
    }
    return sum;
}

static void check_depth(uint32_t book, unsigned side) {
    trd_level levels[LEVELS_MAX];
    trd_level best;
    const int count = trd_match_depth(play.match, book, side, levels, LEVELS_MAX);
    const int any = trd_match_best(play.match, book, side, &best);
    if (any != (count > 0) || (any == 1 && memcmp(&best, &levels[0], sizeof(best)) != 0)) {
        fail("query: best is not the first of depth");
    }
    trd_qty sum = 0;
    for (int i = 0; i < count; i++) {
        check_level(book, side, &levels[i]);
        sum += levels[i].qty;
        const bool sorted = i == 0 || (side == TRD_BUY ? levels[i].px < levels[i - 1].px
                                                       : levels[i].px > levels[i - 1].px);
        if (!sorted) {
            fail("query: depth is not sorted");
        }
    }
    if (sum != displayed_on(book, side)) {
        fail("query: depth leaves out a level");
    }
}

static void check_queries(void) {
    const int audit = trd_match_audit(play.match);
    if (audit != TRD_OK) {
        fail("the audit fails at line %d", -audit);
    }
    check_orders();
    for (uint32_t book = 0; book < play.known.book_count; book++) {
        check_depth(book, TRD_BUY);
        check_depth(book, TRD_SELL);
        if (trd_match_state(play.match, book) != play.known.states[book]) {
            fail("query: the state of %s is not what the events say", play.known.books[book]);
        }
    }
}

/* --- expectations --- */

/* One of the items between ';', without the blanks around it and with single blanks inside. */
static bool next_item(char **rest, char *item) {
    size_t used = 0;
    char *at = *rest;
    if (at == NULL || *at == '\0') {
        return false;
    }
    for (; *at != '\0' && *at != ';'; at++) {
        const bool blank = isspace((unsigned char)*at);
        if ((blank && (used == 0 || item[used - 1] == ' ')) || used >= TEXT_SIZE - 1) {
            continue;
        }
        item[used++] = blank ? ' ' : *at;
    }
    while (used > 0 && item[used - 1] == ' ') {
        used--;
    }
    item[used] = '\0';
    *rest = *at == ';' ? at + 1 : at;
    return true;
}

/* Compares what came with the next expected item. `got` NULL: nothing came any more. */
static void expect_item(char **rest, const char *got) {
    char item[TEXT_SIZE];
    if (!next_item(rest, item)) {
        if (got != NULL) {
            fail("expected no more, got '%s'", got);
        }
    } else if (got == NULL) {
        fail("expected '%s', got no more", item);
    } else if (strcmp(item, got) != 0) {
        fail("expected '%s', got '%s'", item, got);
    }
}

/* `-` alone means that nothing may come. */
static char *expectation(char *text) {
    char item[TEXT_SIZE];
    char *rest = text;
    if (text == NULL || !next_item(&rest, item) || item[0] == '\0') {
        bail("what is expected is missing: '| -' if nothing is");
    }
    return strcmp(item, "-") == 0 && *rest == '\0' ? rest : text;
}

/* --- lines --- */

static void ready(void) {
    if (play.match != NULL) {
        return;
    }
    if (play.known.book_count == 0) {
        play.known.specs[0] = trd_instrument_default();
        memcpy(play.known.specs[0].symbol, "X", 2);
        memcpy(play.known.books[0], "X", 2);
        play.known.states[0] = TRD_SESSION_CONTINUOUS;
        play.known.book_count = 1;
    }
    play.match = engine_make(&play.def);
}

/* ... refusing A1 A2: the verdicts of these orders, if they are asked for. They end the line. */
static void read_refusals(words *line) {
    play.refusal_count = 0;
    for (int i = line->next; i < line->count; i++) {
        if (strcmp(line->at[i], "refusing") != 0) {
            continue;
        }
        words names = *line;
        names.next = i + 1;
        line->count = i;
        while (words_more(&names)) {
            if (play.refusal_count == REFUSALS_MAX) {
                bail("more than %d orders are refused", REFUSALS_MAX);
            }
            play.refusals[play.refusal_count++] = (refusal){.name = words_name(&names)};
        }
        if (play.refusal_count == 0) {
            bail("refusing whom?");
        }
    }
}

/* What is asked about is as the events so far say, and waits. */
static void check_asked(const asked *question) {
    const ledger_order *order = ledger_handle(&play.known, question->order.order);
    if (order == NULL || !order->live) {
        fail("a verdict for an order that the events do not know");
        return;
    }
    ledger_order waits = *order;
    waits.where = TRD_WHERE_WAITING;
    waits.displayed = 0;
    if (!same_order(&waits, &question->order)) {
        tell_order(&waits, TRD_OK, &question->order);
    }
}

/* `ask A1 5` for each verdict that was asked for when there were `at` slots of events. */
static void expect_asked(uint32_t *next, uint32_t at, char **rest) {
    while (*next < play.asked_count && play.asked[*next].at == at && !play.failed) {
        const asked *question = &play.asked[(*next)++];
        const ledger_order *order = ledger_handle(&play.known, question->order.order);
        char name[48] = "?";
        char text[TEXT_SIZE];
        if (order != NULL) {
            name_text(ledger_name(order), name, sizeof(name));
        }
        snprintf(text, sizeof(text), "ask %s %" PRId64, name, question->order.leaves);
        expect_item(rest, text);
        check_asked(question);
    }
}

static void check_refusals(void) {
    for (uint32_t i = 0; i < play.refusal_count; i++) {
        if (!play.refusals[i].met) {
            char name[48];
            name_text(play.refusals[i].name, name, sizeof(name));
            fail("nothing was asked about %s", name);
        }
    }
}

static void do_command(words *line, char *expected) {
    static stream to;
    if (play.record_count == RECORDS_MAX || play.log_count + TRD_SLOTS_MAX > RECORDS_MAX) {
        bail("more than %d slots of commands in a case", RECORDS_MAX);
    }
    ready();
    trd_command *record = &play.log[play.log_count];
    memset(record, 0, TRD_SLOTS_MAX * sizeof(*record));
    read_refusals(line);
    record->seq = play.record_count + 1000;
    const int slots = command_read(line, &play.known, play.time, record);
    play.records[play.record_count++] = (sent){play.log_count, (uint32_t)slots};
    play.log_count += (uint32_t)slots;

    const uint32_t first = play.event_count;
    uint32_t next_asked = play.asked_count;
    to.events = play.events;
    to.count = play.event_count;
    to.asked = play.asked_count;
    to.out = (trd_out){.events = to.buffer, .capacity = 64};
    const int result = play_step(play.match, record, &to);
    play.event_count = to.count;
    if (result != TRD_OK) {
        fail("result %d (%s)", result, trd_result_text(result));
    }

    char *rest = expectation(expected);
    ledger_command(&play.known, record);
    for (uint32_t at = first; at < play.event_count && !play.failed;) {
        char text[TEXT_SIZE];
        const trd_event *event = &play.events[at];
        if (event->slots < 1 || event->slots > play.event_count - at) {
            fail("an event of %u slots", event->slots);
            break;
        }
        expect_asked(&next_asked, at, &rest);
        show_event(&play.known, record, event, text);
        expect_item(&rest, text);
        at += event->slots;
    }
    expect_asked(&next_asked, play.event_count, &rest);
    if (!play.failed) {
        expect_item(&rest, NULL);
        check_refusals();
        ledger_settle(&play.known);
        check_queries();
    }
}

static uint32_t read_book(words *line) {
    return words_accept(line, "on") ? book_at(&play.known, words_take(line)) : 0;
}

static void expect_side(uint32_t book, unsigned side, char **rest) {
    const char *name = side == TRD_BUY ? "bid" : "ask";
    trd_level levels[LEVELS_MAX];
    char text[TEXT_SIZE];
    const int count = trd_match_depth(play.match, book, side, levels, LEVELS_MAX);
    for (int i = 0; i < count; i++) {
        snprintf(text, sizeof(text), "%s %" PRId64 " %" PRId64 " in %" PRIu32, name, levels[i].px,
            levels[i].qty, levels[i].count);
        expect_item(rest, text);
    }
    if (count == 0) {
        snprintf(text, sizeof(text), "%s -", name);
        expect_item(rest, text);
    }
}

/* depth [on BOOK] | bid PX QTY in COUNT ; ... ; ask ... */
static void do_depth(words *line, char *expected) {
    ready();
    const uint32_t book = read_book(line);
    char *rest = expected;
    expect_side(book, TRD_BUY, &rest);
    expect_side(book, TRD_SELL, &rest);
    expect_item(&rest, NULL);
}

/* queue bid PX [on BOOK] | A1 4 ; B2 6 */
static void do_queue(words *line, char *expected) {
    ready();
    const unsigned side = words_accept(line, "bid") ? TRD_BUY : TRD_SELL;
    if (side == TRD_SELL && !words_accept(line, "ask")) {
        bail("queue of bid or ask?");
    }
    const trd_px px = words_number(line);
    trd_order_info orders[LEVELS_MAX];
    const int count = trd_match_queue(play.match, read_book(line), side, px, orders, LEVELS_MAX);
    char *rest = expectation(expected);
    for (int i = 0; i < count; i++) {
        char name[48];
        char text[TEXT_SIZE];
        const ledger_order *order = ledger_handle(&play.known, orders[i].order);
        if (order == NULL) {
            fail("query: an order in the queue that the events do not know");
            return;
        }
        name_text(ledger_name(order), name, sizeof(name));
        if (orders[i].displayed == orders[i].leaves) {
            snprintf(text, sizeof(text), "%s %" PRId64, name, orders[i].leaves);
        } else {
            snprintf(text, sizeof(text), "%s %" PRId64 " of %" PRId64, name, orders[i].displayed,
                orders[i].leaves);
        }
        expect_item(&rest, text);
    }
    expect_item(&rest, NULL);
}

/* info A1 | PLACE [SHOWN of] LEAVES [@ PX] [trigger PX], or gone */
static void do_info(words *line, char *expected) {
    static const char *const places[] = {"book", "hidden", "aside", "auction", "waiting"};
    ready();
    const order_name name = words_name(line);
    const ledger_order *quoted = name.quote_side != 0 ? ledger_named(&play.known, name) : NULL;
    const trd_order handle =
        quoted != NULL ? quoted->handle : trd_match_find(play.match, name.account, name.client_id);
    trd_order_info info;
    char text[TEXT_SIZE] = "gone";
    if (trd_match_order(play.match, handle, &info) == TRD_OK) {
        int used = snprintf(text, sizeof(text), "%s ", places[info.where % 5]);
        if (info.where == TRD_WHERE_BOOK && info.displayed != info.leaves) {
            used += snprintf(
                text + used, sizeof(text) - (size_t)used, "%" PRId64 " of ", info.displayed);
        }
        used += snprintf(text + used, sizeof(text) - (size_t)used, "%" PRId64, info.leaves);
        if (info.px != 0) {
            used += snprintf(text + used, sizeof(text) - (size_t)used, " @ %" PRId64, info.px);
        }
        if (info.trigger != 0) {
            snprintf(text + used, sizeof(text) - (size_t)used, " trigger %" PRId64, info.trigger);
        }
    }
    char *rest = expected;
    expect_item(&rest, text);
    expect_item(&rest, NULL);
}

/* position A [long|short] [on BOOK] | QTY */
static void do_position(words *line, char *expected) {
    ready();
    const uint32_t account = words_account(line);
    const unsigned side = words_accept(line, "long")    ? TRD_POSITION_LONG
                          : words_accept(line, "short") ? TRD_POSITION_SHORT
                                                        : TRD_POSITION_NET;
    char text[TEXT_SIZE];
    trd_qty qty = 0;
    const int result = trd_match_position(play.match, account, read_book(line), side, &qty);
    snprintf(text, sizeof(text), "%" PRId64, qty);
    char *rest = expected;
    expect_item(&rest, result == TRD_OK ? text : trd_result_text(result));
    expect_item(&rest, NULL);
}

/* state [on BOOK] | STATE */
static void do_state(words *line, char *expected) {
    ready();
    const int state = trd_match_state(play.match, read_book(line));
    char *rest = expected;
    expect_item(&rest, state >= 1 && state <= STATES_COUNT ? state_names[state - 1] : "none");
    expect_item(&rest, NULL);
}

/* stats NAME | VALUE */
static void do_stats(words *line, char *expected) {
    ready();
    trd_match_stats stats;
    trd_match_stats_get(play.match, &stats);
    const struct {
        const char *name;
        uint64_t value;
    } values[] = {{"executions", stats.executions}, {"time_steps_back", stats.time_steps_back},
        {"ids_forgotten", stats.ids_forgotten}, {"orders", stats.orders}, {"levels", stats.levels},
        {"specials", stats.specials}, {"positions", stats.positions}};
    const char *name = words_take(line);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (strcmp(values[i].name, name) == 0) {
            char text[TEXT_SIZE];
            snprintf(text, sizeof(text), "%" PRIu64, values[i].value);
            char *rest = expected;
            expect_item(&rest, text);
            expect_item(&rest, NULL);
            return;
        }
    }
    bail("no such count: %s", name);
}

/* profile BOOK [key value]... */
static void do_profile(words *line) {
    const uint32_t book = book_at(&play.known, words_take(line));
    play.configured[book] = true;
    define_profile(line, &play.profiles[book]);
}

/* engine, book and profile lines; false if it is none. */
static bool do_definition(words *line) {
    const bool engine = words_accept(line, "engine");
    const bool book = !engine && words_accept(line, "book");
    if (!engine && !book && !words_accept(line, "profile")) {
        return false;
    }
    if (play.match != NULL) {
        bail("definitions come before the first command");
    }
    if (engine) {
        define_engine(line, &play.def);
    } else if (book) {
        define_book(line, &play.known);
    } else {
        do_profile(line);
    }
    return true;
}

static void case_end(void) {
    if (!play.open) {
        return;
    }
    if (play.record_count == 0) {
        bail("a case without a command shows nothing");
    }
    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]) && !play.failed; i++) {
        play_variant(&variants[i]);
    }
    trd_match_destroy(play.match);
    play.match = NULL;
    play.open = false;
    points_failed += play.failed;
    printf("%s %d - %s\n", play.failed ? "not ok" : "ok", ++points, play.title);
}

static void case_begin(const char *title) {
    case_end();
    memset(&play, 0, sizeof(play));
    play.open = true;
    snprintf(play.title, sizeof(play.title), "%s", title);
    play.def = trd_match_def_default();
    play.def.instruments_max = BOOKS_MAX;
    play.def.orders_max = 64;
    play.def.specials_max = 64;
    play.def.ids_max = 64;
    play.def.hash_seed = 1;
    play.known.now = INT64_MIN; /* engine time starts at the lowest value */
}

static words split(char *text) {
    words line = {.count = 0};
    for (char *word = strtok(text, " \t"); word != NULL; word = strtok(NULL, " \t")) {
        if (line.count == WORDS_MAX) {
            bail("more than %d words", WORDS_MAX);
        }
        line.at[line.count++] = word;
    }
    return line;
}

static void do_line(char *text) {
    if (strncmp(text, "case ", 5) == 0) {
        case_begin(text + 5);
        return;
    }
    char *expected = strchr(text, '|');
    if (expected != NULL) {
        *expected++ = '\0';
    }
    words line = split(text);
    if (line.count == 0 || play.failed) {
        return;
    }
    if (!play.open) {
        bail("a line before the first case");
    }
    if (words_accept(&line, "at")) {
        play.time = words_time(&line);
        if (!words_more(&line)) {
            return;
        }
    }
    if (do_definition(&line)) {
        /* nothing is played yet */
    } else if (expected == NULL) {
        bail("what is expected is missing");
    } else if (words_accept(&line, "depth")) {
        do_depth(&line, expected);
    } else if (words_accept(&line, "queue")) {
        do_queue(&line, expected);
    } else if (words_accept(&line, "info")) {
        do_info(&line, expected);
    } else if (words_accept(&line, "position")) {
        do_position(&line, expected);
    } else if (words_accept(&line, "state")) {
        do_state(&line, expected);
    } else if (words_accept(&line, "stats")) {
        do_stats(&line, expected);
    } else {
        do_command(&line, expected);
    }
    if (words_more(&line) && !play.failed) {
        bail("what is '%s'?", words_take(&line));
    }
}

/* Reads one line without comment and line end into `text`. */
static bool read_line(FILE *file, char *text) {
    if (fgets(text, LINE_SIZE, file) == NULL) {
        return false;
    }
    if (strchr(text, '\n') == NULL && !feof(file)) {
        bail("a line is longer than %d bytes", LINE_SIZE);
    }
    text[strcspn(text, "#\r\n")] = '\0';
    return true;
}

static bool continues(const char *text) {
    text += strspn(text, " \t");
    return *text == ';';
}

/* A line that starts with ';' belongs to the line before it. */
static void play_file(const char *name) {
    static char text[LINE_SIZE];
    static char next[LINE_SIZE];
    FILE *file = fopen(name, "r");
    file_name = name;
    line_number = 0;
    if (file == NULL) {
        bail("cannot be read");
    }
    int number = 1;
    bool more = read_line(file, text);
    while (more) {
        line_number = number;
        while ((more = read_line(file, next))) {
            number++;
            if (!continues(next)) {
                break;
            }
            if (strlen(text) + strlen(next) >= LINE_SIZE) {
                bail("a line with its continuation is longer than %d bytes", LINE_SIZE);
            }
            strcat(text, next);
        }
        do_line(text);
        memcpy(text, next, sizeof(text));
    }
    fclose(file);
    case_end();
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 1; i < argc; i++) {
        play_file(argv[i]);
    }
    printf("1..%d\n", points);
    return points == 0 || points_failed > 0;
}
