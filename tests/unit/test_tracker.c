/* test_tracker.c - the order tracker: one rule per test. A number such as S39 is that of the case
 * in the list of cases that hurt users of other engines. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include <tradsys/order.h>

#include "hook.h"

/* --- a small tracker, inputs in few words, and what comes of them --- */

enum { VENUE = 1, ACCOUNT = 7, INSTRUMENT = 3, REPLY = 100, QUERY = 50, SETTLE = 10 };

typedef struct rig {
    trd_tracker *tracker;
    trd_outcome out;
    trd_ns now;
} rig;

static trd_tracker_def def_small(void) {
    trd_tracker_def def = trd_tracker_def_default();
    def.orders_max = 8;
    def.requests_max = 8;
    def.fills_max = 16;
    def.positions_max = 4;
    def.accounts_max = 4;
    def.reply_ns = REPLY;
    def.query_ns = QUERY;
    def.settle_ns = SETTLE;
    return def;
}

static rig rig_of(const trd_tracker_def *def) {
    rig r = {.tracker = trd_tracker_create(def)};
    cr_assert(r.tracker != NULL);
    return r;
}

static rig rig_new(void) {
    const trd_tracker_def def = def_small();
    return rig_of(&def);
}

static void sound(const rig *r) {
    cr_assert(eq(int, trd_tracker_audit(r->tracker), TRD_OK));
}

static int request(rig *r, trd_request q) {
    q.venue = q.venue != 0 ? q.venue : VENUE;
    q.account = q.account != 0 ? q.account : ACCOUNT;
    q.instrument = q.kind == TRD_REQUEST_SUBMIT && q.instrument == 0 ? INSTRUMENT : q.instrument;
    q.time = r->now;
    const int result = trd_tracker_request(r->tracker, &q, &r->out);
    sound(r);
    return result;
}

#define REQUEST(r, ...) request(r, (trd_request){__VA_ARGS__})

static int tell(rig *r, trd_report p) {
    p.venue = p.venue != 0 ? p.venue : VENUE;
    p.account = p.account != 0 ? p.account : ACCOUNT;
    p.instrument = p.instrument != 0 ? p.instrument : INSTRUMENT;
    p.channel = p.channel != 0 ? p.channel : TRD_CHANNEL_STREAM;
    p.time = r->now;
    const int result = trd_tracker_report(r->tracker, &p, &r->out);
    sound(r);
    return result;
}

/* A report about client id `id` that is entered. */
#define SAY(r, what, id, ...)                                                                      \
    cr_assert(eq(int,                                                                              \
        tell_with(r, (trd_report){.kind = TRD_REPORT_##what, .client_id = id, __VA_ARGS__},        \
            TRD_REPORT_HAS_CLIENT_ID),                                                             \
        TRD_OK))

static int tell_with(rig *r, trd_report p, uint32_t flags) {
    p.flags |= flags;
    return tell(r, p);
}

static trd_name name(const char *text) {
    return trd_name_of(text, strlen(text));
}

static void buy(rig *r, uint64_t id, trd_qty qty) {
    cr_assert(eq(int,
        REQUEST(r, .kind = TRD_REQUEST_SUBMIT, .client_id = id, .qty = qty, .px = 100,
            .side = TRD_BUY, .tag = id * 1000),
        TRD_OK));
}

/* An order that the venue has accepted. */
static void bought(rig *r, uint64_t id, trd_qty qty) {
    buy(r, id, qty);
    SAY(r, NEW, id, );
}

static void cancel(rig *r, uint64_t id) {
    cr_assert(eq(int, REQUEST(r, .kind = TRD_REQUEST_CANCEL, .target = id), TRD_OK));
}

/* With an id of its own if `new_id` is not 0. */
static void replace(rig *r, uint64_t id, uint64_t new_id, trd_qty qty) {
    cr_assert(eq(int,
        REQUEST(r, .kind = TRD_REQUEST_REPLACE, .target = id, .client_id = new_id, .qty = qty,
            .px = 101, .flags = new_id != 0 ? TRD_REQUEST_HAS_ID : 0),
        TRD_OK));
}

static void fill(rig *r, uint64_t id, const char *trade, trd_qty qty) {
    SAY(r, FILL, id, .trade_id = name(trade), .fill_qty = qty, .fill_px = 100);
}

static trd_tracked get_at(const rig *r, uint32_t account, uint64_t id) {
    const trd_order_key key = {.client_id = id, .venue = VENUE, .account = account};
    trd_tracked order;
    const int result = trd_tracker_order(r->tracker, trd_tracker_find(r->tracker, &key), &order);
    cr_assert(eq(int, result, TRD_OK), "no order %llu", (unsigned long long)id);
    return order;
}

static trd_tracked get(const rig *r, uint64_t id) {
    return get_at(r, ACCOUNT, id);
}

static trd_qty position(const rig *r) {
    const trd_position_key key = {VENUE, ACCOUNT, INSTRUMENT};
    trd_tracked_position p = {.qty = 0};
    trd_tracker_position_of(r->tracker, &key, &p);
    return p.qty;
}

static void is_at(const rig *r, uint64_t id, unsigned state, const trd_qty *want, int line) {
    const trd_tracked o = get(r, id);
    cr_assert(eq(uint, o.state, state), "line %d: %s, not %s", line, trd_state_text(o.state),
        trd_state_text(state));
    cr_assert(eq(i64, o.qty, want[0]), "line %d: qty", line);
    cr_assert(eq(i64, o.cum, want[1]), "line %d: cum", line);
    cr_assert(eq(i64, o.leaves, want[2]), "line %d: leaves", line);
}

/* State, total, executed, open. */
#define IS(r, id, state, ...)                                                                      \
    is_at(r, id, TRD_STATE_##state, (const trd_qty[]){__VA_ARGS__}, __LINE__)

static bool flagged(const rig *r, uint32_t flag) {
    return (r->out.flags & flag) != 0;
}

static bool is_tracked(const rig *r, uint64_t id, uint32_t flag) {
    return (get(r, id).flags & flag) != 0;
}

#define FLAGGED(r, flag) cr_assert(flagged(r, TRD_OUTCOME_##flag), #flag)
#define NOT_FLAGGED(r, flag) cr_assert(flagged(r, TRD_OUTCOME_##flag) == false, #flag)

static int poll(rig *r, trd_ns now) {
    r->now = now;
    const int result = trd_tracker_poll(r->tracker, now, &r->out);
    sound(r);
    return result;
}

/* --- a plain life --- */

Test(tracker, an_order_is_pending_until_the_venue_has_it) {
    rig r = rig_new();
    buy(&r, 1, 10);
    cr_assert(eq(u8, r.out.kind, TRD_OUTCOME_REQUEST));
    cr_assert(eq(u8, r.out.state, TRD_STATE_PENDING_NEW));
    cr_assert(eq(u8, r.out.state_before, TRD_STATE_NONE));
    cr_assert(eq(u64, r.out.tag, 1000));
    cr_assert(eq(i64, r.out.leaves_delta, 10));
    IS(&r, 1, PENDING_NEW, 10, 0, 10);
    SAY(&r, NEW, 1, );
    cr_assert(eq(u8, r.out.state_before, TRD_STATE_PENDING_NEW));
    IS(&r, 1, NEW, 10, 0, 10);
}

Test(tracker, fills_move_cum_leaves_and_position) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    cr_assert(eq(i64, r.out.cum_delta, 4));
    cr_assert(eq(i64, r.out.leaves_delta, -4));
    cr_assert(eq(i64, r.out.position_delta, 4));
    cr_assert(eq(i64, r.out.position, 4));
    cr_assert(eq(i64, r.out.fill_px, 100));
    IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6);
    fill(&r, 1, "t2", 6);
    FLAGGED(&r, ENDED);
    IS(&r, 1, FILLED, 10, 10, 0);
    cr_assert(eq(i64, position(&r), 10));
}

Test(tracker, sells_lower_the_position) {
    rig r = rig_new();
    cr_assert(
        eq(int, REQUEST(&r, .kind = TRD_REQUEST_SUBMIT, .client_id = 1, .qty = 5, .side = TRD_SELL),
            TRD_OK));
    fill(&r, 1, "t1", 5);
    cr_assert(eq(i64, position(&r), -5));
}

Test(tracker, a_fill_may_come_before_the_acknowledgement) {
    rig r = rig_new();
    buy(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6);
    SAY(&r, NEW, 1, );
    IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6);
}

Test(tracker, a_rejected_order_has_ended) {
    rig r = rig_new();
    buy(&r, 1, 10);
    SAY(&r, REJECTED, 1, );
    FLAGGED(&r, ENDED);
    IS(&r, 1, REJECTED, 10, 0, 0);
    SAY(&r, REJECTED, 1, );
    FLAGGED(&r, DUPLICATE);
}

Test(tracker, a_canceled_order_keeps_what_was_executed) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 3);
    cancel(&r, 1);
    IS(&r, 1, PENDING_CANCEL, 10, 3, 7);
    SAY(&r, CANCELED, 1, );
    cr_assert(eq(i64, r.out.leaves_delta, -7));
    IS(&r, 1, CANCELED, 10, 3, 0);
}

/* S43 */
Test(tracker, a_partially_filled_order_may_expire) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 3);
    SAY(&r, EXPIRED, 1, );
    IS(&r, 1, EXPIRED, 10, 3, 0);
}

/* S43 */
Test(tracker, a_cancel_of_an_unknown_order_is_refused_before_it_is_sent) {
    rig r = rig_new();
    cr_assert(eq(int, REQUEST(&r, .kind = TRD_REQUEST_CANCEL, .target = 99), TRD_E_UNKNOWN));
    bought(&r, 1, 10);
    SAY(&r, CANCELED, 1, );
    cr_assert(eq(int, REQUEST(&r, .kind = TRD_REQUEST_CANCEL, .target = 1), TRD_E_UNKNOWN));
}

/* S43 */
Test(tracker, a_cancel_reject_of_an_unknown_order_makes_no_order) {
    rig r = rig_new();
    SAY(&r, CANCEL_REJECTED, 99, .side = TRD_BUY);
    FLAGGED(&r, UNKNOWN_ORDER);
    cr_assert(eq(u64, r.out.order, 0));
    cr_assert(eq(u64, trd_tracker_next_open(r.tracker, 0), 0));
}

/* --- states --- */

Test(tracker, the_state_of_several_that_hold_is_the_one_of_highest_precedence) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, STOPPED, 1, );
    fill(&r, 1, "t1", 4);
    IS(&r, 1, STOPPED, 10, 4, 6);
    SAY(&r, DONE_FOR_DAY, 1, );
    IS(&r, 1, DONE_FOR_DAY, 10, 4, 6);
    replace(&r, 1, 0, 20);
    IS(&r, 1, PENDING_REPLACE, 10, 4, 6);
    cancel(&r, 1);
    IS(&r, 1, PENDING_CANCEL, 10, 4, 6);
    SAY(&r, CANCEL_REJECTED, 1, );
    IS(&r, 1, PENDING_REPLACE, 10, 4, 6);
    SAY(&r, REPLACE_REJECTED, 1, );
    IS(&r, 1, DONE_FOR_DAY, 10, 4, 6);
    fill(&r, 1, "t2", 6);
    IS(&r, 1, DONE_FOR_DAY, 10, 10, 0); /* 10 above Filled, 8 */
}

Test(tracker, a_stopped_order_that_fills_is_filled) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, STOPPED, 1, );
    fill(&r, 1, "t1", 10);
    IS(&r, 1, FILLED, 10, 10, 0);
}

Test(tracker, a_suspended_order_becomes_active_when_the_venue_says_so) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, SUSPENDED, 1, );
    IS(&r, 1, SUSPENDED, 10, 0, 10);
    SAY(&r, NEW, 1, ); /* the acknowledgement, late: no news */
    IS(&r, 1, SUSPENDED, 10, 0, 10);
    SAY(&r, RESTATED, 1, .state = TRD_STATE_NEW);
    IS(&r, 1, NEW, 10, 0, 10);
}

Test(tracker, calculated_is_a_state_of_its_own) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, CALCULATED, 1, );
    IS(&r, 1, CALCULATED, 10, 0, 10);
}

Test(tracker, an_end_is_not_followed_by_another_one) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, EXPIRED, 1, );
    SAY(&r, CANCELED, 1, );
    FLAGGED(&r, CONFLICT);
    IS(&r, 1, EXPIRED, 10, 0, 0);
    SAY(&r, SUSPENDED, 1, );
    IS(&r, 1, EXPIRED, 10, 0, 0);
}

Test(tracker, with_versions_an_older_state_never_replaces_a_newer_one) {
    rig r = rig_new();
    buy(&r, 1, 10);
    SAY(&r, SUSPENDED, 1, .version = 5);
    SAY(&r, NEW, 1, .version = 1);
    FLAGGED(&r, STALE);
    IS(&r, 1, SUSPENDED, 10, 0, 10);
    SAY(&r, STATUS, 1, .version = 4, .state = TRD_STATE_NEW, .flags = TRD_REPORT_HAS_CUM);
    FLAGGED(&r, STALE);
    IS(&r, 1, SUSPENDED, 10, 0, 10);
    SAY(&r, NEW, 1, .version = 6);
    IS(&r, 1, NEW, 10, 0, 10);
}

/* The table of order.h, cell by cell, for an order of 10 of which nothing is executed. Columns are
 * the states before: PENDING_NEW, NEW, SUSPENDED, PENDING_REPLACE, PENDING_CANCEL, CANCELED, LOST.
 */

enum { COLUMNS = 7 };

static void not_found_three_times(rig *r) {
    for (int i = 0; i < 3; i++) {
        cr_assert(eq(int, poll(r, r->now + REPLY), 1));
        SAY(r, NOT_FOUND, 1, .channel = TRD_CHANNEL_QUERY);
    }
}

/* An order in the state of a column. Its replace has the id 2. */
static rig rig_in(int column) {
    rig r = rig_new();
    buy(&r, 1, 10);
    if (column == 6) {
        not_found_three_times(&r);
    } else if (column > 0) {
        SAY(&r, NEW, 1, );
    }
    if (column == 2) {
        SAY(&r, SUSPENDED, 1, );
    } else if (column == 3) {
        replace(&r, 1, 2, 20);
    } else if (column == 4) {
        cancel(&r, 1);
    } else if (column == 5) {
        SAY(&r, CANCELED, 1, );
    }
    return r;
}

typedef struct row {
    trd_report report; /* kind 0: `request` instead */
    uint8_t request;
    const char *after; /* two letters for each column */
} row;

static const char *const LETTERS[TRD_STATE_COUNT] = {[TRD_STATE_NEW] = "NW",
    [TRD_STATE_PARTIALLY_FILLED] = "PF",
    [TRD_STATE_FILLED] = "FI",
    [TRD_STATE_CANCELED] = "CA",
    [TRD_STATE_REJECTED] = "RJ",
    [TRD_STATE_EXPIRED] = "EX",
    [TRD_STATE_SUSPENDED] = "SU",
    [TRD_STATE_PENDING_NEW] = "PN",
    [TRD_STATE_PENDING_CANCEL] = "PC",
    [TRD_STATE_PENDING_REPLACE] = "PR",
    [TRD_STATE_STOPPED] = "ST",
    [TRD_STATE_DONE_FOR_DAY] = "DD",
    [TRD_STATE_CALCULATED] = "CC",
    [TRD_STATE_LOST] = "LO"};

Test(tracker, the_table_of_states_and_inputs_holds) {
    const trd_report fill_4 = {
        .kind = TRD_REPORT_FILL, .trade_id = name("t"), .fill_qty = 4, .fill_px = 100};
    trd_report fill_10 = fill_4, correct = fill_4, bust = fill_4;
    fill_10.fill_qty = 10;
    correct.kind = TRD_REPORT_CORRECT;
    bust.kind = TRD_REPORT_BUST;
    const row rows[] = {
        {.request = TRD_REQUEST_CANCEL, .after = "PC PC PC PC PC CA LO"},
        {.request = TRD_REQUEST_REPLACE, .after = "PR PR PR PR PC CA LO"},
        {.report = {.kind = TRD_REPORT_PENDING_NEW}, .after = "PN NW SU PR PC CA LO"},
        {.report = {.kind = TRD_REPORT_PENDING_CANCEL}, .after = "PN NW SU PR PC CA LO"},
        {.report = {.kind = TRD_REPORT_PENDING_REPLACE}, .after = "PN NW SU PR PC CA LO"},
        {.report = {.kind = TRD_REPORT_NEW}, .after = "NW NW SU PR PC CA NW"},
        {.report = {.kind = TRD_REPORT_NEW, .version = 1}, .after = "NW NW NW PR PC CA NW"},
        {.report = {.kind = TRD_REPORT_REJECTED}, .after = "RJ RJ RJ RJ RJ CA RJ"},
        {.report = fill_4, .after = "PF PF SU PR PC CA PF"},
        {.report = fill_10, .after = "FI FI FI PR FI FI FI"},
        {.report = {.kind = TRD_REPORT_CANCELED}, .after = "CA CA CA CA CA CA CA"},
        {.report = {.kind = TRD_REPORT_EXPIRED}, .after = "EX EX EX EX EX CA EX"},
        {.report = {.kind = TRD_REPORT_CANCEL_REJECTED}, .after = "PN NW SU PR NW CA LO"},
        {.report = {.kind = TRD_REPORT_REPLACED}, .after = "NW NW SU NW PC CA NW"},
        {.report = {.kind = TRD_REPORT_REPLACE_REJECTED}, .after = "PN NW SU NW PC CA LO"},
        {.report = {.kind = TRD_REPORT_SUSPENDED}, .after = "SU SU SU PR PC CA SU"},
        {.report = {.kind = TRD_REPORT_STOPPED}, .after = "ST ST ST PR PC CA ST"},
        {.report = {.kind = TRD_REPORT_DONE_FOR_DAY}, .after = "DD DD DD PR PC CA DD"},
        {.report = {.kind = TRD_REPORT_CALCULATED}, .after = "CC CC CC PR PC CA CC"},
        {.report = {.kind = TRD_REPORT_RESTATED, .state = TRD_STATE_NEW},
            .after = "NW NW NW PR PC CA NW"},
        {.report = {.kind = TRD_REPORT_STATUS,
             .state = TRD_STATE_EXPIRED,
             .flags = TRD_REPORT_HAS_CUM},
            .after = "EX EX EX EX EX CA EX"},
        {.report = {.kind = TRD_REPORT_STATUS,
             .state = TRD_STATE_SUSPENDED,
             .flags = TRD_REPORT_HAS_CUM},
            .after = "SU SU SU PR PC CA SU"},
        {.report = bust, .after = "PN NW SU PR PC CA LO"},
        {.report = correct, .after = "PF PF SU PR PC CA PF"},
        {.report = {.kind = TRD_REPORT_NOT_FOUND}, .after = "PN NW SU PR PC CA LO"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int column = 0; column < COLUMNS; column++) {
            rig r = rig_in(column);
            trd_report report = rows[i].report;
            report.client_id = 1;
            if (report.kind != 0) {
                cr_assert(eq(int, tell_with(&r, report, TRD_REPORT_HAS_CLIENT_ID), TRD_OK));
            } else {
                const bool replaces = rows[i].request == TRD_REQUEST_REPLACE;
                const int result =
                    REQUEST(&r, .kind = rows[i].request, .target = 1, .qty = replaces ? 30 : 0);
                cr_assert(eq(int, result, column < 5 ? TRD_OK : TRD_E_UNKNOWN));
            }
            const char *after = LETTERS[get(&r, 1).state];
            cr_assert(eq(int, strncmp(after, rows[i].after + column * 3, 2), 0),
                "row %zu column %d: %s", i, column, after);
            trd_tracker_destroy(r.tracker);
        }
    }
}

/* --- fills: once, late, too many, undone --- */

/* S41 */
Test(tracker, a_trade_id_counts_once) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    fill(&r, 1, "t1", 4);
    FLAGGED(&r, DUPLICATE);
    cr_assert(eq(i64, r.out.cum_delta, 0));
    cr_assert(eq(i64, r.out.position_delta, 0));
    IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6);
    cr_assert(eq(i64, position(&r), 4));
}

/* S147 */
Test(tracker, a_fill_by_stream_and_by_query_counts_once) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    SAY(&r, FILL, 1, .trade_id = name("t1"), .fill_qty = 4, .fill_px = 100, .cum = 4,
        .channel = TRD_CHANNEL_QUERY, .flags = TRD_REPORT_HAS_CUM);
    FLAGGED(&r, DUPLICATE);
    IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6);
    cr_assert(eq(i64, position(&r), 4));
}

Test(tracker, both_sides_of_an_execution_with_oneself_count) {
    rig r = rig_new();
    bought(&r, 1, 10);
    cr_assert(eq(int,
        REQUEST(&r, .kind = TRD_REQUEST_SUBMIT, .client_id = 2, .qty = 10, .side = TRD_SELL),
        TRD_OK));
    fill(&r, 1, "t1", 10);
    fill(&r, 2, "t1", 10);
    IS(&r, 2, FILLED, 10, 10, 0);
    cr_assert(eq(i64, position(&r), 0));
}

Test(tracker, trade_ids_of_two_instruments_are_different_fills) {
    rig r = rig_new();
    bought(&r, 1, 10);
    cr_assert(eq(int,
        REQUEST(&r, .kind = TRD_REQUEST_SUBMIT, .client_id = 2, .qty = 10, .side = TRD_BUY,
            .instrument = 4),
        TRD_OK));
    fill(&r, 1, "7", 10);
    fill(&r, 2, "7", 10);
    IS(&r, 2, FILLED, 10, 10, 0);
}

Test(tracker, a_trade_id_outside_the_window_is_news_again) {
    trd_tracker_def def = def_small();
    def.fills_max = 2;
    rig r = rig_of(&def);
    bought(&r, 1, 100);
    fill(&r, 1, "t1", 1);
    fill(&r, 1, "t2", 1);
    fill(&r, 1, "t1", 1);
    IS(&r, 1, PARTIALLY_FILLED, 100, 2, 98);
    fill(&r, 1, "t3", 1); /* forgets t1 */
    fill(&r, 1, "t1", 1);
    IS(&r, 1, PARTIALLY_FILLED, 100, 4, 96);
    trd_tracker_stats stats;
    trd_tracker_stats_get(r.tracker, &stats);
    cr_assert(eq(u64, stats.fills_forgotten, 2));
    cr_assert(eq(u64, stats.duplicates, 1));
}

/* S39 */
Test(tracker, a_late_fill_after_canceled_raises_cum_and_moves_the_position) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, CANCELED, 1, );
    fill(&r, 1, "t1", 4);
    FLAGGED(&r, LATE);
    cr_assert(eq(i64, r.out.position_delta, 4));
    IS(&r, 1, CANCELED, 10, 4, 0);
    fill(&r, 1, "t2", 6);
    IS(&r, 1, FILLED, 10, 10, 0);
    cr_assert(eq(i64, position(&r), 10));
}

/* S42 */
Test(tracker, an_overfill_is_flagged_and_leaves_are_never_negative) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 12);
    FLAGGED(&r, OVERFILL);
    IS(&r, 1, FILLED, 10, 12, 0);
    cr_assert(is_tracked(&r, 1, TRD_TRACKED_OVERFILLED));
    cr_assert(eq(i64, position(&r), 12));
    SAY(&r, BUST, 1, .trade_id = name("t1"));
    cr_assert(is_tracked(&r, 1, TRD_TRACKED_OVERFILLED) == false);
}

Test(tracker, a_bust_lowers_cum_and_does_not_reopen) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    fill(&r, 1, "t2", 6);
    SAY(&r, BUST, 1, .trade_id = name("t1"));
    cr_assert(eq(i64, r.out.cum_delta, -4));
    cr_assert(eq(i64, r.out.position_delta, -4));
    NOT_FLAGGED(&r, REVIVED);
    IS(&r, 1, CANCELED, 10, 6, 0);
    cr_assert(eq(i64, position(&r), 6));
    SAY(&r, BUST, 1, .trade_id = name("t1"));
    FLAGGED(&r, DUPLICATE);
    cr_assert(eq(i64, position(&r), 6));
}

Test(tracker, a_bust_of_an_open_order_gives_the_lots_back) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    SAY(&r, BUST, 1, .trade_id = name("t1"));
    IS(&r, 1, NEW, 10, 0, 10);
}

Test(tracker, a_bust_before_its_fill_makes_the_fill_count_for_nothing) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, BUST, 1, .trade_id = name("t1"), .fill_qty = 4);
    cr_assert(eq(i64, r.out.cum_delta, 0));
    fill(&r, 1, "t1", 4);
    FLAGGED(&r, BUSTED);
    IS(&r, 1, NEW, 10, 0, 10);
    cr_assert(eq(i64, position(&r), 0));
}

Test(tracker, a_bust_needs_no_order_id_if_its_fill_is_known) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    cr_assert(eq(int,
        tell(&r, (trd_report){.kind = TRD_REPORT_BUST, .trade_id = name("t1"), .side = TRD_BUY}),
        TRD_OK));
    IS(&r, 1, NEW, 10, 0, 10);
}

Test(tracker, a_correction_moves_cum_by_the_difference) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    SAY(&r, CORRECT, 1, .trade_id = name("t1"), .fill_qty = 6, .fill_px = 99);
    cr_assert(eq(i64, r.out.cum_delta, 2));
    IS(&r, 1, PARTIALLY_FILLED, 10, 6, 4);
    SAY(&r, CORRECT, 1, .trade_id = name("t1"), .fill_qty = 6, .fill_px = 99);
    FLAGGED(&r, DUPLICATE);
    SAY(&r, CORRECT, 1, .trade_id = name("t1"), .fill_qty = 1, .fill_px = 99);
    cr_assert(eq(i64, r.out.position_delta, -5));
    IS(&r, 1, PARTIALLY_FILLED, 10, 1, 9);
}

Test(tracker, a_correction_before_its_fill_is_the_fill) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, CORRECT, 1, .trade_id = name("t1"), .fill_qty = 6, .fill_px = 99);
    fill(&r, 1, "t1", 4);
    FLAGGED(&r, DUPLICATE);
    IS(&r, 1, PARTIALLY_FILLED, 10, 6, 4);
}

Test(tracker, a_fill_behind_its_correction_takes_back_what_cum_had_of_it) {
    rig r = rig_new();
    bought(&r, 1, 30);
    SAY(&r, STATUS, 1, .state = TRD_STATE_PARTIALLY_FILLED, .cum = 24, .flags = TRD_REPORT_HAS_CUM);
    SAY(&r, CORRECT, 1, .trade_id = name("t1"), .fill_qty = 2, .fill_px = 99);
    IS(&r, 1, PARTIALLY_FILLED, 30, 24, 6);
    fill(&r, 1, "t1", 24);
    cr_assert(eq(i64, r.out.position_delta, -22));
    IS(&r, 1, PARTIALLY_FILLED, 30, 2, 28);
    bought(&r, 2, 10);
    fill(&r, 2, "t2", 1);
    SAY(&r, STATUS, 1, .state = TRD_STATE_PARTIALLY_FILLED, .cum = 2, .flags = TRD_REPORT_HAS_CUM);
    fill(&r, 1, "t1", 24); /* once */
    IS(&r, 1, PARTIALLY_FILLED, 30, 2, 28);
}

Test(tracker, of_two_corrections_the_newer_version_holds) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, FILL, 1, .trade_id = name("t1"), .fill_qty = 4, .fill_px = 100, .version = 1);
    SAY(&r, CORRECT, 1, .trade_id = name("t1"), .fill_qty = 2, .fill_px = 100, .version = 3);
    SAY(&r, CORRECT, 1, .trade_id = name("t1"), .fill_qty = 3, .fill_px = 100, .version = 2);
    FLAGGED(&r, STALE);
    IS(&r, 1, PARTIALLY_FILLED, 10, 2, 8);
}

/* --- what the venue says cum is --- */

Test(tracker, lots_whose_fill_is_missing_count_at_once_and_the_fill_explains_them) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, FILL, 1, .trade_id = name("t2"), .fill_qty = 2, .fill_px = 100, .cum = 5,
        .flags = TRD_REPORT_HAS_CUM);
    FLAGGED(&r, GAP);
    cr_assert(eq(i64, r.out.cum_delta, 5));
    cr_assert(eq(i64, get(&r, 1).unnamed, 3));
    SAY(&r, FILL, 1, .trade_id = name("t1"), .fill_qty = 3, .fill_px = 100, .cum = 3,
        .flags = TRD_REPORT_HAS_CUM);
    NOT_FLAGGED(&r, GAP);
    cr_assert(eq(i64, r.out.cum_delta, 0));
    cr_assert(eq(i64, r.out.position_delta, 0));
    IS(&r, 1, PARTIALLY_FILLED, 10, 5, 5);
    cr_assert(eq(i64, position(&r), 5));
}

Test(tracker, fills_without_trade_ids_count_by_cum) {
    rig r = rig_new();
    bought(&r, 1, 10);
    for (int i = 0; i < 2; i++) {
        SAY(&r, FILL, 1, .fill_qty = 4, .fill_px = 100, .cum = 4, .flags = TRD_REPORT_HAS_CUM);
        IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6);
    }
    NOT_FLAGGED(&r, GAP);
    cr_assert(eq(i64, position(&r), 4));
}

Test(tracker, a_bust_that_was_lost_shows_in_a_newer_cum) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, FILL, 1, .trade_id = name("t1"), .fill_qty = 4, .version = 1);
    SAY(&r, STATUS, 1, .state = TRD_STATE_NEW, .cum = 0, .version = 2, .flags = TRD_REPORT_HAS_CUM);
    FLAGGED(&r, GAP);
    IS(&r, 1, NEW, 10, 0, 10);
    cr_assert(eq(i64, position(&r), 0));
    SAY(&r, BUST, 1, .trade_id = name("t1"), .version = 2);
    NOT_FLAGGED(&r, GAP);
    cr_assert(eq(i64, position(&r), 0));
}

Test(tracker, a_fill_older_than_the_known_cum_is_in_it_already) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, STATUS, 1, .state = TRD_STATE_PARTIALLY_FILLED, .cum = 4, .version = 3,
        .flags = TRD_REPORT_HAS_CUM);
    SAY(&r, FILL, 1, .trade_id = name("t1"), .fill_qty = 4, .version = 1);
    FLAGGED(&r, STALE);
    cr_assert(eq(i64, r.out.cum_delta, 0));
    IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6);
}

Test(tracker, without_versions_a_lower_cum_is_old_news) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    SAY(&r, STATUS, 1, .state = TRD_STATE_NEW, .cum = 0, .flags = TRD_REPORT_HAS_CUM);
    IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6);
}

Test(tracker, without_versions_cum_is_not_believed_after_a_bust) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    SAY(&r, BUST, 1, .trade_id = name("t1"));
    SAY(&r, STATUS, 1, .state = TRD_STATE_NEW, .cum = 4, .flags = TRD_REPORT_HAS_CUM);
    IS(&r, 1, NEW, 10, 0, 10);
}

/* --- replace --- */

/* S32 */
Test(tracker, a_replace_sets_the_total_and_leaves_follow) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    replace(&r, 1, 2, 6);
    SAY(&r, REPLACED, 2, );
    IS(&r, 1, PARTIALLY_FILLED, 6, 4, 2);
}

/* S33 */
Test(tracker, a_replace_to_what_is_executed_fills_the_order) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 7);
    replace(&r, 1, 2, 7);
    SAY(&r, REPLACED, 2, );
    FLAGGED(&r, ENDED);
    IS(&r, 1, FILLED, 7, 7, 0);
}

/* S34 */
Test(tracker, a_replace_below_what_is_executed_has_the_executed_as_total) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 7);
    replace(&r, 1, 2, 5);
    SAY(&r, REPLACED, 2, );
    IS(&r, 1, FILLED, 7, 7, 0);
    cr_assert(is_tracked(&r, 1, TRD_TRACKED_OVERFILLED) == false);
}

/* S34, the last fill behind the acceptance */
Test(tracker, a_fill_that_crossed_a_replace_to_less_is_no_overfill) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    replace(&r, 1, 2, 5);
    SAY(&r, REPLACED, 2, );
    IS(&r, 1, PARTIALLY_FILLED, 5, 4, 1);
    fill(&r, 1, "t2", 3);
    NOT_FLAGGED(&r, OVERFILL);
    IS(&r, 1, FILLED, 7, 7, 0);
}

Test(tracker, a_fill_proved_to_be_after_a_replace_to_less_is_an_overfill) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 5);
    SAY(&r, REPLACED, 2, .version = 3, .qty = 5, .px = 101, .flags = TRD_REPORT_HAS_TERMS);
    SAY(&r, FILL, 2, .trade_id = name("t1"), .fill_qty = 6, .version = 4);
    FLAGGED(&r, OVERFILL);
    IS(&r, 1, FILLED, 5, 6, 0);
}

/* S37 */
Test(tracker, a_fill_while_a_replace_is_pending_carries_the_old_terms) {
    rig r = rig_new();
    bought(&r, 1, 1000);
    replace(&r, 1, 2, 2000);
    IS(&r, 1, PENDING_REPLACE, 1000, 0, 1000);
    fill(&r, 1, "t1", 500);
    cr_assert(eq(u8, r.out.state, TRD_STATE_PENDING_REPLACE));
    IS(&r, 1, PENDING_REPLACE, 1000, 500, 500);
    SAY(&r, REPLACED, 2, );
    IS(&r, 1, PARTIALLY_FILLED, 2000, 500, 1500);
    cr_assert(eq(i64, get(&r, 1).px, 101));
}

Test(tracker, an_order_that_fills_while_a_replace_is_pending_waits_for_the_reply) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 15);
    fill(&r, 1, "t1", 10);
    IS(&r, 1, PENDING_REPLACE, 10, 10, 0);
    NOT_FLAGGED(&r, ENDED);
    SAY(&r, REPLACED, 2, );
    IS(&r, 1, PARTIALLY_FILLED, 15, 10, 5);
}

Test(tracker, a_filled_order_takes_a_replace_to_more) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 10);
    cr_assert(
        eq(int, REQUEST(&r, .kind = TRD_REQUEST_REPLACE, .target = 1, .qty = 10), TRD_E_UNKNOWN));
    replace(&r, 1, 2, 12);
    FLAGGED(&r, REVIVED);
    IS(&r, 1, PENDING_REPLACE, 10, 10, 0);
    SAY(&r, REPLACED, 2, );
    IS(&r, 1, PARTIALLY_FILLED, 12, 10, 2);
}

Test(tracker, a_filled_order_whose_replace_to_more_is_rejected_is_filled) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 10);
    replace(&r, 1, 2, 12);
    SAY(&r, REPLACE_REJECTED, 2, );
    IS(&r, 1, FILLED, 10, 10, 0);
}

Test(tracker, an_order_that_filled_is_filled_when_its_replace_is_rejected) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 15);
    fill(&r, 1, "t1", 10);
    SAY(&r, REPLACE_REJECTED, 2, );
    FLAGGED(&r, ENDED);
    IS(&r, 1, FILLED, 10, 10, 0);
}

Test(tracker, fills_under_a_replace_whose_acceptance_is_late_are_no_overfill) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 15);
    fill(&r, 2, "t1", 12);
    NOT_FLAGGED(&r, OVERFILL);
    SAY(&r, REPLACED, 2, );
    IS(&r, 1, PARTIALLY_FILLED, 15, 12, 3);
}

Test(tracker, fills_up_to_the_total_of_a_pending_replace_are_no_overfill) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 15);
    cr_assert(eq(u8, r.out.state_before, TRD_STATE_NEW));
    fill(&r, 2, "t1", 15);
    NOT_FLAGGED(&r, OVERFILL);
    fill(&r, 2, "t2", 1);
    FLAGGED(&r, OVERFILL);
    SAY(&r, REPLACED, 2, );
    IS(&r, 1, FILLED, 15, 16, 0);
}

Test(tracker, a_rejected_replace_leaves_the_order_as_it_was) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 15);
    SAY(&r, REPLACE_REJECTED, 2, );
    IS(&r, 1, NEW, 10, 0, 10);
    cr_assert(eq(i64, get(&r, 1).px, 100));
    SAY(&r, REPLACE_REJECTED, 2, );
    FLAGGED(&r, DUPLICATE);
}

Test(tracker, replaces_chain_and_every_id_names_the_order) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 11);
    replace(&r, 2, 3, 12);
    cr_assert(eq(u16, get(&r, 1).replaces, 2));
    SAY(&r, REPLACED, 2, );
    IS(&r, 1, PENDING_REPLACE, 11, 0, 11);
    cr_assert(eq(u64, get(&r, 1).client_id, 2));
    SAY(&r, REPLACED, 3, );
    IS(&r, 1, NEW, 12, 0, 12);
    for (uint64_t id = 1; id <= 3; id++) {
        cr_assert(eq(u64, get(&r, id).client_id, 3));
    }
    fill(&r, 1, "t1", 5); /* names the id before both */
    IS(&r, 3, PARTIALLY_FILLED, 12, 5, 7);
}

Test(tracker, replies_in_the_wrong_order_leave_the_newest_terms) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 11);
    replace(&r, 2, 3, 12);
    SAY(&r, REPLACED, 3, );
    IS(&r, 1, NEW, 12, 0, 12);
    SAY(&r, REPLACED, 2, );
    FLAGGED(&r, STALE);
    IS(&r, 1, NEW, 12, 0, 12);
    cr_assert(eq(u64, get(&r, 1).client_id, 3));
}

Test(tracker, the_second_of_a_chain_may_be_rejected) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 11);
    replace(&r, 2, 3, 12);
    SAY(&r, REPLACE_REJECTED, 3, );
    IS(&r, 1, PENDING_REPLACE, 10, 0, 10);
    SAY(&r, REPLACED, 2, );
    IS(&r, 1, NEW, 11, 0, 11);
}

Test(tracker, a_replace_without_an_id_keeps_the_client_id) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 0, 20);
    SAY(&r, REPLACED, 1, );
    IS(&r, 1, NEW, 20, 0, 20);
    cr_assert(eq(u64, get(&r, 1).client_id, 1));
}

Test(tracker, a_cancel_may_follow_a_pending_replace) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 11);
    cancel(&r, 2);
    IS(&r, 1, PENDING_CANCEL, 10, 0, 10);
    SAY(&r, REPLACED, 2, );
    IS(&r, 1, PENDING_CANCEL, 11, 0, 11);
    SAY(&r, CANCELED, 2, );
    IS(&r, 1, CANCELED, 11, 0, 0);
}

Test(tracker, an_acceptance_behind_the_end_still_sets_the_terms) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 11);
    SAY(&r, CANCELED, 1, );
    SAY(&r, REPLACED, 2, );
    FLAGGED(&r, LATE);
    IS(&r, 1, CANCELED, 11, 0, 0);
}

Test(tracker, the_venues_own_terms_count) {
    rig r = rig_new();
    buy(&r, 1, 10);
    SAY(&r, NEW, 1, .qty = 10, .px = 98, .flags = TRD_REPORT_HAS_TERMS);
    cr_assert(eq(i64, get(&r, 1).px, 98));
    SAY(&r, RESTATED, 1, .qty = 8, .px = 98, .flags = TRD_REPORT_HAS_TERMS);
    IS(&r, 1, NEW, 8, 0, 8);
}

Test(tracker, a_replace_that_nobody_asked_for_is_told) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, REPLACED, 1, .qty = 4, .px = 100, .flags = TRD_REPORT_HAS_TERMS);
    FLAGGED(&r, UNSOLICITED);
    IS(&r, 1, NEW, 4, 0, 4);
}

/* --- cancel --- */

/* S38 */
Test(tracker, an_order_that_fills_under_a_pending_cancel_is_filled_and_absorbs_the_reject) {
    rig r = rig_new();
    bought(&r, 1, 10);
    cancel(&r, 1);
    fill(&r, 1, "t1", 4);
    FLAGGED(&r, RACED);
    IS(&r, 1, PENDING_CANCEL, 10, 4, 6);
    fill(&r, 1, "t2", 6);
    IS(&r, 1, FILLED, 10, 10, 0);
    SAY(&r, CANCEL_REJECTED, 1, .state = TRD_STATE_FILLED);
    FLAGGED(&r, ABSORBED);
    IS(&r, 1, FILLED, 10, 10, 0);
}

Test(tracker, a_rejected_cancel_leaves_the_order_open) {
    rig r = rig_new();
    bought(&r, 1, 10);
    cancel(&r, 1);
    SAY(&r, CANCEL_REJECTED, 1, );
    IS(&r, 1, NEW, 10, 0, 10);
}

Test(tracker, a_reply_by_the_id_of_the_cancel_finds_the_order) {
    rig r = rig_new();
    bought(&r, 1, 10);
    cr_assert(eq(int,
        REQUEST(&r, .kind = TRD_REQUEST_CANCEL, .target = 1, .client_id = 50,
            .flags = TRD_REQUEST_HAS_ID),
        TRD_OK));
    SAY(&r, CANCELED, 50, );
    IS(&r, 1, CANCELED, 10, 0, 0);
    cr_assert(eq(u64, get(&r, 50).client_id, 1));
}

Test(tracker, a_reply_may_name_the_order_by_the_original_id) {
    rig r = rig_new();
    bought(&r, 1, 10);
    cancel(&r, 1);
    SAY(&r, CANCELED, 777, .orig_id = 1, .flags = TRD_REPORT_HAS_ORIG_ID);
    IS(&r, 1, CANCELED, 10, 0, 0);
}

Test(tracker, a_cancel_that_the_venue_does_not_know_is_asked_for_at_once) {
    rig r = rig_new();
    bought(&r, 1, 10);
    cancel(&r, 1);
    SAY(&r, CANCEL_REJECTED, 1, .flags = TRD_REPORT_NOT_KNOWN);
    FLAGGED(&r, NEEDS_QUERY);
    cr_assert(eq(int, poll(&r, 0), 1));
    cr_assert(eq(u64, r.out.client_id, 1));
}

/* S79 */
Test(tracker, a_child_in_flight_is_canceled_and_a_fill_that_races_is_told) {
    rig r = rig_new();
    buy(&r, 2, 10); /* the child, not acknowledged yet, when its entry is canceled */
    cancel(&r, 2);
    IS(&r, 2, PENDING_CANCEL, 10, 0, 10);
    SAY(&r, NEW, 2, );
    IS(&r, 2, PENDING_CANCEL, 10, 0, 10);
    fill(&r, 2, "t1", 3);
    FLAGGED(&r, RACED);
    cr_assert(eq(i64, r.out.position_delta, 3)); /* what a policy would flatten */
    SAY(&r, CANCELED, 2, );
    IS(&r, 2, CANCELED, 10, 3, 0);
    fill(&r, 2, "t2", 1);
    FLAGGED(&r, RACED);
    cr_assert(eq(i64, position(&r), 4));
}

/* --- replies that stay out --- */

/* S145 */
Test(tracker, an_order_whose_reply_is_lost_is_asked_for_and_not_sent_again) {
    rig r = rig_new();
    buy(&r, 1, 10);
    cr_assert(eq(int, poll(&r, REPLY - 1), 0));
    cr_assert(eq(int, poll(&r, REPLY), 1));
    cr_assert(eq(u8, r.out.kind, TRD_OUTCOME_QUERY));
    cr_assert(eq(u64, r.out.client_id, 1));
    FLAGGED(&r, NEEDS_QUERY);
    cr_assert(eq(int, poll(&r, REPLY), 0));
    buy(&r, 9, 1);
    cr_assert(
        eq(int, REQUEST(&r, .kind = TRD_REQUEST_SUBMIT, .client_id = 1, .qty = 10, .side = TRD_BUY),
            TRD_E_EXISTS));
    SAY(&r, STATUS, 1, .state = TRD_STATE_NEW, .channel = TRD_CHANNEL_QUERY,
        .flags = TRD_REPORT_HAS_CUM);
    IS(&r, 1, NEW, 10, 0, 10);
    SAY(&r, NEW, 9, );
    cr_assert(eq(int, poll(&r, REPLY * 100), 0));
}

Test(tracker, an_unanswered_query_is_repeated) {
    rig r = rig_new();
    buy(&r, 1, 10);
    cr_assert(eq(int, poll(&r, REPLY), 1));
    cr_assert(eq(int, poll(&r, REPLY + QUERY - 1), 0));
    cr_assert(eq(int, poll(&r, REPLY + QUERY), 1));
}

Test(tracker, the_deadline_is_never_after_what_is_due) {
    rig r = rig_new();
    trd_ns deadline;
    cr_assert(eq(int, trd_tracker_deadline(r.tracker, &deadline), 0));
    buy(&r, 1, 10);
    int steps = 0;
    do {
        cr_assert(eq(int, trd_tracker_deadline(r.tracker, &deadline), 1));
        cr_assert(deadline <= REPLY);
        steps++;
        cr_assert(steps < 20);
    } while (poll(&r, deadline) == 0);
    cr_assert(eq(i64, r.out.time, REPLY));
}

static void ask_and_not_find(rig *r, uint64_t id) {
    cr_assert(eq(int, poll(r, r->now + REPLY), 1));
    SAY(r, NOT_FOUND, id, .channel = TRD_CHANNEL_QUERY);
}

/* S146 */
Test(tracker, not_found_three_times_is_lost_and_a_later_fill_still_applies) {
    rig r = rig_new();
    buy(&r, 1, 10);
    ask_and_not_find(&r, 1);
    IS(&r, 1, PENDING_NEW, 10, 0, 10);
    ask_and_not_find(&r, 1);
    IS(&r, 1, PENDING_NEW, 10, 0, 10);
    ask_and_not_find(&r, 1);
    FLAGGED(&r, LOST);
    IS(&r, 1, LOST, 10, 0, 0);
    cr_assert(eq(int, poll(&r, r.now + REPLY * 10), 0));
    fill(&r, 1, "t1", 4);
    FLAGGED(&r, LATE);
    FLAGGED(&r, REVIVED);
    FLAGGED(&r, NEEDS_QUERY);
    IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6);
    cr_assert(eq(i64, position(&r), 4));
    fill(&r, 1, "t2", 6);
    IS(&r, 1, FILLED, 10, 10, 0);
}

Test(tracker, an_answer_to_one_query_counts_once) {
    rig r = rig_new();
    buy(&r, 1, 10);
    ask_and_not_find(&r, 1);
    for (int i = 0; i < 5; i++) { /* the same answer again and again */
        SAY(&r, NOT_FOUND, 1, .channel = TRD_CHANNEL_QUERY);
        NOT_FLAGGED(&r, LOST);
    }
    IS(&r, 1, PENDING_NEW, 10, 0, 10);
}

Test(tracker, an_order_that_is_found_again_starts_its_count_anew) {
    rig r = rig_new();
    buy(&r, 1, 10);
    ask_and_not_find(&r, 1);
    ask_and_not_find(&r, 1);
    SAY(&r, NEW, 1, );
    cancel(&r, 1);
    ask_and_not_find(&r, 1);
    IS(&r, 1, PENDING_CANCEL, 10, 0, 10);
}

Test(tracker, a_cancel_that_never_arrived_is_dropped_and_the_order_is_as_before) {
    rig r = rig_new();
    bought(&r, 1, 10);
    cancel(&r, 1);
    for (int i = 0; i < 3; i++) {
        IS(&r, 1, PENDING_CANCEL, 10, 0, 10);
        cr_assert(eq(int, poll(&r, r.now + REPLY), 1));
        SAY(&r, STATUS, 1, .state = TRD_STATE_NEW, .channel = TRD_CHANNEL_QUERY,
            .flags = TRD_REPORT_HAS_CUM);
    }
    FLAGGED(&r, REQUEST_LOST);
    IS(&r, 1, NEW, 10, 0, 10);
    SAY(&r, CANCELED, 1, ); /* it arrived after all */
    IS(&r, 1, CANCELED, 10, 0, 0);
}

Test(tracker, a_status_with_the_new_terms_accepts_the_replace) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 20);
    cr_assert(eq(int, poll(&r, REPLY), 1));
    SAY(&r, STATUS, 1, .state = TRD_STATE_NEW, .qty = 20, .px = 101, .channel = TRD_CHANNEL_QUERY,
        .flags = TRD_REPORT_HAS_CUM | TRD_REPORT_HAS_TERMS);
    IS(&r, 1, NEW, 20, 0, 20);
    cr_assert(eq(u64, get(&r, 1).client_id, 2));
    SAY(&r, REPLACED, 2, );
    FLAGGED(&r, DUPLICATE);
    IS(&r, 1, NEW, 20, 0, 20);
}

Test(tracker, a_status_by_the_id_of_a_replace_accepts_it_also_after_the_end) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 20);
    SAY(&r, CANCELED, 1, );
    IS(&r, 1, CANCELED, 10, 0, 0);
    SAY(&r, STATUS, 2, .state = TRD_STATE_CANCELED, .channel = TRD_CHANNEL_QUERY,
        .flags = TRD_REPORT_HAS_CUM);
    IS(&r, 1, CANCELED, 20, 0, 0);
    cr_assert(eq(u64, get(&r, 1).client_id, 2));
}

Test(tracker, a_status_by_the_id_of_a_rejected_replace_accepts_nothing) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 20);
    SAY(&r, REPLACE_REJECTED, 2, );
    SAY(&r, STATUS, 2, .state = TRD_STATE_NEW, .channel = TRD_CHANNEL_QUERY,
        .flags = TRD_REPORT_HAS_CUM);
    IS(&r, 1, NEW, 10, 0, 10);
}

Test(tracker, a_status_that_shows_an_end_ends_the_order) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, STATUS, 1, .state = TRD_STATE_CANCELED, .cum = 4, .channel = TRD_CHANNEL_QUERY,
        .flags = TRD_REPORT_HAS_CUM);
    IS(&r, 1, CANCELED, 10, 4, 0);
    cr_assert(eq(i64, position(&r), 4));
}

Test(tracker, a_gap_is_asked_for_once) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, FILL, 1, .trade_id = name("t2"), .fill_qty = 2, .cum = 5, .flags = TRD_REPORT_HAS_CUM);
    cr_assert(eq(int, poll(&r, REPLY), 1));
    FLAGGED(&r, GAP);
    cr_assert(eq(int, poll(&r, REPLY * 100), 0));
}

Test(tracker, a_gap_that_closes_is_not_asked_for) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, FILL, 1, .trade_id = name("t2"), .fill_qty = 2, .cum = 5, .flags = TRD_REPORT_HAS_CUM);
    fill(&r, 1, "t1", 3);
    cr_assert(eq(int, poll(&r, REPLY * 100), 0));
}

/* --- orders that are not ours --- */

static trd_report liquidation(uint8_t kind) {
    return (trd_report){.kind = kind,
        .venue_id = name("0190c5a8-2d3e-7b1f-8a55-3f1d2c4b5a69"),
        .side = TRD_SELL,
        .px = 90,
        .qty = 10,
        .flags = TRD_REPORT_HAS_TERMS};
}

Test(tracker, an_order_that_the_venue_made_is_adopted) {
    rig r = rig_new();
    trd_report p = liquidation(TRD_REPORT_FILL);
    p.trade_id = name("t1");
    p.fill_qty = 4;
    cr_assert(eq(int, tell(&r, p), TRD_OK));
    FLAGGED(&r, EXTERNAL);
    cr_assert(eq(i64, r.out.position_delta, -4));
    trd_tracked order;
    const trd_account_key account = {VENUE, ACCOUNT};
    const trd_order handle = trd_tracker_find_venue_id(r.tracker, &account, &p.venue_id);
    cr_assert(eq(int, trd_tracker_order(r.tracker, handle, &order), TRD_OK));
    cr_assert(eq(u8, order.state, TRD_STATE_PARTIALLY_FILLED));
    cr_assert(eq(i64, order.leaves, 6));
    cr_assert(eq(u32, order.flags, TRD_TRACKED_EXTERNAL | TRD_TRACKED_OPEN));
    cr_assert(eq(int,
        REQUEST(&r, .kind = TRD_REQUEST_CANCEL, .target = handle, .flags = TRD_REQUEST_BY_HANDLE),
        TRD_OK));
}

Test(tracker, a_fill_without_terms_is_an_order_of_that_size) {
    rig r = rig_new();
    trd_report p = liquidation(TRD_REPORT_FILL);
    p.flags = 0;
    p.trade_id = name("t1");
    p.fill_qty = 4;
    cr_assert(eq(int, tell(&r, p), TRD_OK));
    cr_assert(eq(u8, r.out.state, TRD_STATE_FILLED));
    cr_assert(eq(i64, r.out.qty, 4));
    p.trade_id = name("t2");
    cr_assert(eq(int, tell(&r, p), TRD_OK));
    NOT_FLAGGED(&r, OVERFILL);
    cr_assert(eq(i64, r.out.qty, 8));
    cr_assert(eq(i64, position(&r), -8));
}

Test(tracker, an_unknown_order_that_has_ended_is_not_adopted) {
    rig r = rig_new();
    trd_report p = liquidation(TRD_REPORT_CANCELED);
    cr_assert(eq(int, tell(&r, p), TRD_OK));
    FLAGGED(&r, UNKNOWN_ORDER);
    cr_assert(eq(u64, r.out.order, 0));
}

Test(tracker, a_fill_of_no_order_moves_the_position_once) {
    rig r = rig_new();
    const trd_report p = {
        .kind = TRD_REPORT_FILL, .trade_id = name("t1"), .fill_qty = 4, .side = TRD_BUY};
    cr_assert(eq(int, tell(&r, p), TRD_OK));
    FLAGGED(&r, UNKNOWN_ORDER);
    cr_assert(eq(i64, r.out.position_delta, 4));
    cr_assert(eq(int, tell(&r, p), TRD_OK));
    FLAGGED(&r, DUPLICATE);
    cr_assert(eq(i64, position(&r), 4));
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4); /* now it is known whose it was */
    cr_assert(eq(i64, r.out.position_delta, 0));
    IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6);
}

Test(tracker, a_sell_of_no_order_lowers_the_position_and_its_bust_raises_it) {
    rig r = rig_new();
    trd_report p = {
        .kind = TRD_REPORT_FILL, .trade_id = name("t1"), .fill_qty = 4, .side = TRD_SELL};
    cr_assert(eq(int, tell(&r, p), TRD_OK));
    cr_assert(eq(i64, position(&r), -4));
    p.kind = TRD_REPORT_BUST;
    cr_assert(eq(int, tell(&r, p), TRD_OK));
    cr_assert(eq(i64, r.out.position_delta, 4));
    cr_assert(eq(i64, position(&r), 0));
}

Test(tracker, an_order_known_by_the_venues_id_first_is_merged_by_the_acknowledgement) {
    rig r = rig_new();
    buy(&r, 1, 10);
    cr_assert(eq(int,
        tell(&r, (trd_report){.kind = TRD_REPORT_FILL,
                     .trade_id = name("t1"),
                     .fill_qty = 4,
                     .side = TRD_BUY,
                     .venue_id = name("V1")}),
        TRD_OK));
    FLAGGED(&r, EXTERNAL);
    SAY(&r, NEW, 1, .venue_id = name("V1"));
    FLAGGED(&r, MERGED);
    cr_assert(eq(i64, r.out.cum_delta, 4));
    cr_assert(eq(i64, r.out.position_delta, 0));
    IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6);
    cr_assert(eq(i64, position(&r), 4));
    fill(&r, 1, "t1", 4);
    FLAGGED(&r, DUPLICATE);
    SAY(&r, BUST, 1, .trade_id = name("t1"));
    IS(&r, 1, NEW, 10, 0, 10);
    trd_tracker_stats stats;
    trd_tracker_stats_get(r.tracker, &stats);
    cr_assert(eq(u32, stats.orders_open, 1));
}

Test(tracker, a_bust_before_the_merge_makes_a_cum_without_version_doubtful) {
    rig r = rig_new();
    buy(&r, 1, 10);
    const trd_report first = {.kind = TRD_REPORT_FILL,
        .trade_id = name("t1"),
        .fill_qty = 4,
        .side = TRD_BUY,
        .venue_id = name("V1")};
    trd_report bust = first;
    bust.kind = TRD_REPORT_BUST;
    cr_assert(eq(int, tell(&r, first), TRD_OK));
    cr_assert(eq(int, tell(&r, bust), TRD_OK));
    SAY(&r, NEW, 1, .venue_id = name("V1"), .cum = 4, .flags = TRD_REPORT_HAS_CUM);
    FLAGGED(&r, MERGED);
    IS(&r, 1, NEW, 10, 0, 10);
    cr_assert(eq(i64, position(&r), 0));
}

Test(tracker, a_gap_that_grows_is_asked_for_again) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, FILL, 1, .trade_id = name("t2"), .fill_qty = 2, .cum = 5, .flags = TRD_REPORT_HAS_CUM);
    cr_assert(eq(int, poll(&r, REPLY), 1));
    fill(&r, 1, "t1", 1); /* one of the three that are missing */
    cr_assert(eq(int, poll(&r, REPLY * 10), 0));
    SAY(&r, FILL, 1, .trade_id = name("t4"), .fill_qty = 1, .cum = 9, .flags = TRD_REPORT_HAS_CUM);
    cr_assert(eq(int, poll(&r, REPLY * 20), 1));
    FLAGGED(&r, GAP);
}

Test(tracker, an_id_of_the_venue_that_changed_still_finds_the_order) {
    rig r = rig_new();
    bought(&r, 1, 10);
    SAY(&r, STATUS, 1, .state = TRD_STATE_NEW, .venue_id = name("V1"), .flags = TRD_REPORT_HAS_CUM);
    SAY(&r, REPLACED, 1, .venue_id = name("V2"), .qty = 8, .px = 100,
        .flags = TRD_REPORT_HAS_TERMS);
    cr_assert(eq(int,
        tell(&r, (trd_report){.kind = TRD_REPORT_FILL,
                     .trade_id = name("t1"),
                     .fill_qty = 3,
                     .venue_id = name("V1")}),
        TRD_OK));
    IS(&r, 1, PARTIALLY_FILLED, 8, 3, 5);
    cr_assert(eq(int, memcmp(get(&r, 1).venue_id.text, "V2", 3), 0));
}

/* S150 */
Test(tracker, two_accounts_at_one_venue_do_not_merge) {
    rig r = rig_new();
    bought(&r, 1, 10);
    cr_assert(eq(int,
        REQUEST(&r, .kind = TRD_REQUEST_SUBMIT, .client_id = 1, .qty = 20, .side = TRD_BUY,
            .account = 8),
        TRD_OK));
    SAY(&r, NEW, 1, .account = 8, .venue_id = name("V1"));
    SAY(&r, FILL, 1, .account = 8, .trade_id = name("t1"), .fill_qty = 5);
    fill(&r, 1, "t1", 2);
    IS(&r, 1, PARTIALLY_FILLED, 10, 2, 8);
    cr_assert(eq(i64, get_at(&r, 8, 1).cum, 5));
    cr_assert(eq(i64, position(&r), 2));
    SAY(&r, CANCELED, 1, .account = 8);
    IS(&r, 1, PARTIALLY_FILLED, 10, 2, 8);
    const trd_name id = name("V1");
    const trd_account_key other = {VENUE, ACCOUNT};
    cr_assert(eq(u64, trd_tracker_find_venue_id(r.tracker, &other, &id), 0));
}

/* S150 */
Test(tracker, a_handle_of_another_account_is_refused) {
    rig r = rig_new();
    bought(&r, 1, 10);
    const trd_order handle = r.out.order;
    cr_assert(eq(int,
        REQUEST(&r, .kind = TRD_REQUEST_CANCEL, .target = handle, .account = 8,
            .flags = TRD_REQUEST_BY_HANDLE),
        TRD_E_UNKNOWN));
}

/* --- reconciliation --- */

static void venue_position(rig *r, trd_qty qty) {
    const trd_position_report p = {
        .time = r->now, .qty = qty, .venue = VENUE, .account = ACCOUNT, .instrument = INSTRUMENT};
    cr_assert(eq(int, trd_tracker_reconcile(r->tracker, &p, &r->out), TRD_OK));
    sound(r);
}

/* S149 */
Test(tracker, a_position_mismatch_is_one_delta) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    r.now = SETTLE;
    venue_position(&r, 7);
    FLAGGED(&r, MISMATCH);
    cr_assert(eq(i64, r.out.position_delta, 3));
    cr_assert(eq(i64, r.out.position, 7));
    for (int i = 0; i < 3; i++) {
        r.now += SETTLE;
        venue_position(&r, 7);
        NOT_FLAGGED(&r, MISMATCH);
        cr_assert(eq(i64, r.out.position_delta, 0));
    }
    IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6); /* no order changed, none was made */
    trd_tracker_stats stats;
    trd_tracker_stats_get(r.tracker, &stats);
    cr_assert(eq(u64, stats.mismatches, 1));
    cr_assert(eq(u32, stats.orders_open, 1));
}

Test(tracker, a_position_that_just_moved_is_not_compared) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    r.now = SETTLE - 1;
    venue_position(&r, 0); /* taken before the fill */
    FLAGGED(&r, UNSETTLED);
    cr_assert(eq(i64, position(&r), 4));
}

Test(tracker, a_position_that_nobody_knew_is_a_mismatch_too) {
    rig r = rig_new();
    venue_position(&r, 0);
    NOT_FLAGGED(&r, MISMATCH);
    venue_position(&r, -5);
    FLAGGED(&r, MISMATCH);
    cr_assert(eq(i64, position(&r), -5));
    trd_tracked_position p;
    cr_assert(eq(int, trd_tracker_position_at(r.tracker, 0, &p), TRD_OK));
    cr_assert(eq(i64, p.adjusted, -5));
    cr_assert(eq(int, trd_tracker_position_at(r.tracker, 1, &p), TRD_E_UNKNOWN));
}

Test(tracker, an_open_order_that_is_missing_at_the_venue_is_asked_for) {
    rig r = rig_new();
    bought(&r, 1, 10);
    bought(&r, 2, 10);
    r.now = 500;
    bought(&r, 3, 10); /* sent after the list was asked for */
    const trd_account_key account = {VENUE, ACCOUNT};
    cr_assert(eq(int, trd_tracker_snapshot_begin(r.tracker, &account, 400), TRD_OK));
    cr_assert(eq(int, trd_tracker_snapshot_begin(r.tracker, &account, 400), TRD_E_BUSY));
    SAY(&r, STATUS, 1, .state = TRD_STATE_NEW, .flags = TRD_REPORT_HAS_CUM,
        .channel = TRD_CHANNEL_QUERY);
    trd_report foreign = liquidation(TRD_REPORT_STATUS);
    foreign.state = TRD_STATE_NEW;
    foreign.flags |= TRD_REPORT_HAS_CUM;
    foreign.channel = TRD_CHANNEL_QUERY;
    cr_assert(eq(int, tell(&r, foreign), TRD_OK));
    FLAGGED(&r, EXTERNAL);
    cr_assert(eq(int, trd_tracker_snapshot_end(r.tracker), 1));
    cr_assert(eq(int, trd_tracker_snapshot_end(r.tracker), TRD_E_ARG));
    cr_assert(eq(int, poll(&r, 500), 1));
    FLAGGED(&r, MISSING);
    cr_assert(eq(u64, r.out.client_id, 2));
    IS(&r, 2, NEW, 10, 0, 10); /* missing is no state: the answer will say */
    cr_assert(eq(int, poll(&r, 500), 0));
    SAY(&r, STATUS, 2, .state = TRD_STATE_CANCELED, .channel = TRD_CHANNEL_QUERY,
        .flags = TRD_REPORT_HAS_CUM);
    IS(&r, 2, CANCELED, 10, 0, 0);
    cr_assert(eq(int, poll(&r, 100000), 0));
}

/* --- limits, misuse, memory --- */

Test(tracker, open_orders_are_listed_in_the_order_of_opening) {
    rig r = rig_new();
    bought(&r, 1, 10);
    bought(&r, 2, 10);
    bought(&r, 3, 10);
    SAY(&r, CANCELED, 2, );
    const trd_order ended = r.out.order;
    const trd_order first = trd_tracker_next_open(r.tracker, 0);
    const trd_order second = trd_tracker_next_open(r.tracker, first);
    cr_assert(eq(u64, first, get(&r, 1).order));
    cr_assert(eq(u64, second, get(&r, 3).order));
    cr_assert(eq(u64, trd_tracker_next_open(r.tracker, second), 0));
    cr_assert(eq(u64, trd_tracker_next_open(r.tracker, ended), 0));
}

Test(tracker, a_full_tracker_forgets_the_order_that_ended_first) {
    rig r = rig_new();
    for (uint64_t id = 1; id <= 8; id++) {
        bought(&r, id, 10);
    }
    cr_assert(
        eq(int, REQUEST(&r, .kind = TRD_REQUEST_SUBMIT, .client_id = 9, .qty = 10, .side = TRD_BUY),
            TRD_E_FULL));
    fill(&r, 5, "t1", 10);
    SAY(&r, CANCELED, 2, );
    const trd_order forgotten = get(&r, 5).order;
    bought(&r, 9, 10);
    trd_tracked order;
    cr_assert(eq(int, trd_tracker_order(r.tracker, forgotten, &order), TRD_E_UNKNOWN));
    IS(&r, 2, CANCELED, 10, 0, 0);
    cr_assert(eq(i64, position(&r), 10));
}

Test(tracker, requests_are_bounded_and_settled_ones_make_room) {
    rig r = rig_new();
    bought(&r, 1, 10);
    for (uint64_t id = 2; id <= 9; id++) {
        replace(&r, 1, id, 10 + (trd_qty)id);
    }
    cr_assert(eq(int, REQUEST(&r, .kind = TRD_REQUEST_CANCEL, .target = 1), TRD_E_FULL));
    SAY(&r, REPLACED, 3, );
    cancel(&r, 1); /* in the place of 2, which was settled first */
    const trd_order_key gone = {.client_id = 2, .venue = VENUE, .account = ACCOUNT};
    cr_assert(eq(u64, trd_tracker_find(r.tracker, &gone), 0));
    cr_assert(eq(u64, get(&r, 1).client_id, 3));
}

Test(tracker, an_order_has_a_bounded_number_of_pending_requests) {
    trd_tracker_def def = def_small();
    def.requests_max = 1 << 18;
    rig r = rig_of(&def);
    bought(&r, 1, 10);
    for (uint8_t kind = TRD_REQUEST_CANCEL; kind <= TRD_REQUEST_REPLACE; kind++) {
        const trd_request q = {.kind = kind,
            .target = 1,
            .qty = kind == TRD_REQUEST_REPLACE,
            .venue = VENUE,
            .account = ACCOUNT};
        for (int i = 0; i < UINT16_MAX; i++) {
            cr_assert(eq(int, trd_tracker_request(r.tracker, &q, &r.out), TRD_OK));
        }
        cr_assert(eq(int, trd_tracker_request(r.tracker, &q, &r.out), TRD_E_FULL));
    }
    SAY(&r, CANCEL_REJECTED, 1, );
    cancel(&r, 1);
    SAY(&r, CANCELED, 1, );
    IS(&r, 1, CANCELED, 10, 0, 0);
}

Test(tracker, positions_and_accounts_are_bounded) {
    rig r = rig_new();
    for (uint32_t i = 1; i <= 4; i++) {
        cr_assert(eq(int,
            REQUEST(&r, .kind = TRD_REQUEST_SUBMIT, .client_id = i, .qty = 1, .side = TRD_BUY,
                .instrument = i),
            TRD_OK));
    }
    cr_assert(eq(int,
        REQUEST(&r, .kind = TRD_REQUEST_SUBMIT, .client_id = 5, .qty = 1, .side = TRD_BUY,
            .instrument = 5),
        TRD_E_FULL));
}

Test(tracker, a_client_id_that_is_remembered_is_not_given_twice) {
    rig r = rig_new();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 20);
    for (uint64_t id = 1; id <= 2; id++) {
        cr_assert(eq(int,
            REQUEST(&r, .kind = TRD_REQUEST_SUBMIT, .client_id = id, .qty = 1, .side = TRD_BUY),
            TRD_E_EXISTS));
        cr_assert(eq(int,
            REQUEST(&r, .kind = TRD_REQUEST_REPLACE, .target = 1, .client_id = id, .qty = 1,
                .flags = TRD_REQUEST_HAS_ID),
            TRD_E_EXISTS));
    }
}

Test(tracker, requests_out_of_form_are_refused) {
    rig r = rig_new();
    bought(&r, 1, 10);
    const trd_request good = {
        .kind = TRD_REQUEST_SUBMIT, .client_id = 5, .qty = 1, .side = TRD_BUY};
    trd_request bad[] = {good, good, good, good, good, good, good, good, good};
    bad[0].kind = 0;
    bad[1].kind = TRD_REQUEST_KINDS;
    bad[2].qty = 0;
    bad[3].qty = TRD_TRACKER_QTY_MAX + 1;
    bad[4].side = 0;
    bad[5].side = 3;
    bad[6].flags = TRD_REQUEST_HAS_ID;
    bad[7].target = 1;
    bad[8] = (trd_request){.kind = TRD_REQUEST_CANCEL, .target = 1, .qty = 1};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert(eq(int, request(&r, bad[i]), TRD_E_ARG), "%zu", i);
    }
    cr_assert(
        eq(int, REQUEST(&r, .kind = TRD_REQUEST_CANCEL, .target = 1, .client_id = 2), TRD_E_ARG));
    cr_assert(eq(int, REQUEST(&r, .kind = TRD_REQUEST_REPLACE, .target = 1), TRD_E_ARG));
    cr_assert(eq(int, request(&r, good), TRD_OK));
}

Test(tracker, reports_out_of_form_are_refused) {
    rig r = rig_new();
    bought(&r, 1, 10);
    const trd_report good = {.kind = TRD_REPORT_FILL,
        .client_id = 1,
        .flags = TRD_REPORT_HAS_CLIENT_ID,
        .trade_id = name("t1"),
        .fill_qty = 1};
    trd_report bad[15];
    for (size_t i = 0; i < 15; i++) {
        bad[i] = good;
    }
    bad[0].kind = 0;
    bad[1].kind = TRD_REPORT_KINDS;
    bad[2].channel = 3;
    bad[3].flags |= 32;
    bad[4].state = TRD_STATE_LOST;
    bad[5].side = 3;
    bad[6].reserved[15] = 1;
    bad[7].reserved0 = 1;
    bad[8].fill_qty = 0;
    bad[9].trade_id.text[39] = 'x';
    bad[10].trade_id = name("");
    bad[11].flags |= TRD_REPORT_HAS_TERMS;
    bad[12].flags |= TRD_REPORT_HAS_CUM;
    bad[12].cum = -1;
    bad[13].kind = TRD_REPORT_STATUS;
    bad[14].kind = TRD_REPORT_BUST;
    bad[14].trade_id = name("");
    const trd_outcome before = r.out;
    for (size_t i = 0; i < 15; i++) {
        cr_assert(eq(int, tell(&r, bad[i]), TRD_E_ARG), "%zu", i);
    }
    cr_assert(eq(int, memcmp(&before, &r.out, sizeof(before)), 0));
    cr_assert(eq(int, tell(&r, good), TRD_OK));
}

Test(tracker, sums_that_do_not_fit_change_nothing) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", TRD_TRACKER_QTY_MAX);
    fill(&r, 1, "t2", TRD_TRACKER_QTY_MAX); /* 2^61 */
    const trd_outcome before = r.out;
    cr_assert(eq(int,
        tell(&r, (trd_report){.kind = TRD_REPORT_FILL,
                     .client_id = 1,
                     .flags = TRD_REPORT_HAS_CLIENT_ID,
                     .trade_id = name("t3"),
                     .fill_qty = 1}),
        TRD_E_RANGE));
    cr_assert(eq(int, memcmp(&before, &r.out, sizeof(before)), 0));
    IS(&r, 1, FILLED, 10, TRD_TRACKER_QTY_MAX * 2, 0);
}

Test(tracker, a_short_position_is_bounded_too) {
    rig r = rig_new();
    cr_assert(eq(int,
        REQUEST(&r, .kind = TRD_REQUEST_SUBMIT, .client_id = 1, .qty = 10, .side = TRD_SELL),
        TRD_OK));
    cr_assert(eq(int,
        REQUEST(&r, .kind = TRD_REQUEST_SUBMIT, .client_id = 2, .qty = 10, .side = TRD_SELL),
        TRD_OK));
    fill(&r, 1, "t1", TRD_TRACKER_QTY_MAX);
    fill(&r, 1, "t2", TRD_TRACKER_QTY_MAX); /* position -2^61 */
    cr_assert(eq(int,
        tell(&r, (trd_report){.kind = TRD_REPORT_FILL,
                     .client_id = 2,
                     .flags = TRD_REPORT_HAS_CLIENT_ID,
                     .trade_id = name("t3"),
                     .fill_qty = 1}),
        TRD_E_RANGE));
    bought(&r, 3, 10);
    fill(&r, 3, "t4", 1);
    cr_assert(eq(i64, position(&r), 1 - 2 * TRD_TRACKER_QTY_MAX));
}

Test(tracker, time_never_goes_back) {
    rig r = rig_new();
    r.now = 1000;
    buy(&r, 1, 10);
    r.now = 10;
    SAY(&r, NEW, 1, );
    cr_assert(eq(i64, r.out.time, 1000));
    trd_tracker_stats stats;
    trd_tracker_stats_get(r.tracker, &stats);
    cr_assert(eq(u64, stats.time_steps_back, 1));
}

Test(tracker, what_happens_is_counted) {
    trd_tracker_def def = def_small();
    def.requests_max = 1;
    rig r = rig_of(&def);
    bought(&r, 1, 10);
    SAY(&r, NEW, 1, .version = 5);
    SAY(&r, NEW, 1, .version = 4); /* stale */
    replace(&r, 1, 2, 20);
    SAY(&r, REPLACE_REJECTED, 2, );
    cancel(&r, 1); /* forgets 2 */
    SAY(&r, CANCELED, 1, );
    SAY(&r, CANCELED, 1, );         /* duplicate */
    fill(&r, 1, "t1", 4);           /* late */
    fill(&r, 1, "t1", 4);           /* duplicate */
    fill(&r, 1, "t2", 7);           /* late, overfill */
    SAY(&r, CANCEL_REJECTED, 99, ); /* unknown */
    buy(&r, 3, 1);
    for (int i = 0; i < 3; i++) {
        ask_and_not_find(&r, 3);
    }
    trd_tracker_stats s;
    trd_tracker_stats_get(r.tracker, &s);
    cr_assert(eq(u64, s.requests, 4));
    cr_assert(eq(u64, s.reports, 13));
    cr_assert(eq(u64, s.stale, 1));
    cr_assert(eq(u64, s.duplicates, 2));
    cr_assert(eq(u64, s.late_fills, 2));
    cr_assert(eq(u64, s.overfills, 1));
    cr_assert(eq(u64, s.unknown, 1));
    cr_assert(eq(u64, s.queries, 3));
    cr_assert(eq(u64, s.lost, 1));
    cr_assert(eq(u64, s.requests_forgotten, 1));
    cr_assert(eq(u64, s.adopted, 0));
    cr_assert(eq(u32, s.orders_open, 0));
    cr_assert(eq(u32, s.orders_ended, 2));
    cr_assert(eq(u32, s.requests_pending, 0));
    cr_assert(eq(u32, s.positions, 1));
}

Test(tracker, an_id_of_an_order_that_is_forgotten_may_be_adopted) {
    trd_tracker_def def = def_small();
    def.orders_max = 1;
    rig r = rig_of(&def);
    bought(&r, 1, 10);
    replace(&r, 1, 2, 20);
    SAY(&r, REPLACE_REJECTED, 2, );
    SAY(&r, CANCELED, 1, );
    bought(&r, 3, 10); /* forgets order 1; 2 is the id of a request, and is remembered */
    const trd_order_key key = {.client_id = 2, .venue = VENUE, .account = ACCOUNT};
    cr_assert(eq(u64, trd_tracker_find(r.tracker, &key), 0));
    SAY(&r, CANCELED, 3, );
    SAY(&r, NEW, 2, .side = TRD_SELL, .qty = 5, .px = 99, .flags = TRD_REPORT_HAS_TERMS);
    FLAGGED(&r, EXTERNAL);
    IS(&r, 2, NEW, 5, 0, 5);
}

Test(tracker, definitions_outside_their_ranges_are_refused) {
    trd_tracker_def def = def_small();
    cr_assert(trd_tracker_footprint(&def) != 0);
    def.settle_ns = 0;
    cr_assert(trd_tracker_footprint(&def) != 0);
    trd_tracker_def bad[12];
    for (int i = 0; i < 12; i++) {
        bad[i] = def;
    }
    bad[0].struct_size = 0;
    bad[1].struct_size = sizeof(def) + 8;
    bad[2].orders_max = 0;
    bad[3].requests_max = (1 << 24) + 1;
    bad[4].fills_max = 0;
    bad[5].positions_max = (1 << 20) + 1;
    bad[6].accounts_max = 0;
    bad[7].not_found_max = 101;
    bad[8].reserved = 1;
    bad[9].reply_ns = 0;
    bad[10].query_ns = -1;
    bad[11].settle_ns = -1;
    for (int i = 0; i < 12; i++) {
        cr_assert(eq(sz, trd_tracker_footprint(&bad[i]), 0), "%d", i);
        cr_assert(trd_tracker_create(&bad[i]) == NULL);
    }
    cr_assert(eq(sz, trd_tracker_footprint(NULL), 0));
}

Test(tracker, memory_comes_from_the_hook_and_goes_back) {
    hook own = {0};
    trd_tracker_def def = def_small();
    def.mem = hook_mem(&own);
    rig r = rig_of(&def);
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 10);
    cr_assert(eq(uint, own.allocs, 1));
    trd_tracker_destroy(r.tracker);
    cr_assert(eq(uint, own.releases, 1));
    own.fail_at = 2;
    cr_assert(trd_tracker_create(&def) == NULL);
    own.fail_at = 0;
    own.shift = 8;
    cr_assert(trd_tracker_create(&def) == NULL);
    cr_assert(eq(uint, own.releases, 2));
    trd_tracker_destroy(NULL);
}

Test(tracker, a_copy_of_the_block_is_a_tracker) {
    rig r = rig_new();
    const trd_tracker_def def = def_small();
    bought(&r, 1, 10);
    replace(&r, 1, 2, 20);
    const size_t size = trd_tracker_footprint(&def);
    rig copy = r;
    copy.tracker = aligned_alloc(TRD_TRACKER_ALIGN, size);
    memcpy((void *)copy.tracker, (void *)r.tracker, size);
    memset((void *)r.tracker, 0xff, size);
    SAY(&copy, REPLACED, 2, );
    fill(&copy, 1, "t1", 4);
    IS(&copy, 1, PARTIALLY_FILLED, 20, 4, 16);
    cr_assert(eq(int, poll(&copy, 10000), 0));
    free(copy.tracker);
}

Test(tracker, reset_forgets_everything_and_old_handles_stay_old) {
    rig r = rig_new();
    bought(&r, 1, 10);
    fill(&r, 1, "t1", 4);
    const trd_order before = r.out.order;
    for (uint64_t id = 2; id <= 9; id++) {
        replace(&r, 1, id, 20);
    }
    trd_tracker_reset(r.tracker);
    sound(&r);
    cr_assert(eq(int, poll(&r, 0), 0));
    cr_assert(eq(i64, position(&r), 0));
    trd_tracked order;
    bought(&r, 1, 10);
    cr_assert(eq(int, trd_tracker_order(r.tracker, before, &order), TRD_E_UNKNOWN));
    fill(&r, 1, "t1", 4);
    IS(&r, 1, PARTIALLY_FILLED, 10, 4, 6);
    for (uint64_t id = 2; id <= 9; id++) {
        replace(&r, 1, id, 20);
    }
}

Test(tracker, names_hold_forty_bytes_and_numbers_are_decimal) {
    const trd_name number = trd_name_of_number(UINT64_MAX);
    cr_assert(eq(int, memcmp(number.text, "18446744073709551615", 21), 0));
    cr_assert(eq(int, memcmp(trd_name_of_number(0).text, "0", 2), 0));
    const char *forty = "0123456789012345678901234567890123456789";
    cr_assert(eq(int, memcmp(trd_name_of(forty, 40).text, forty, 40), 0));
    cr_assert(eq(int, trd_name_of("01234567890123456789012345678901234567890", 41).text[0], 0));
}

Test(tracker, states_have_names) {
    cr_assert(eq(int, strcmp(trd_state_text(TRD_STATE_LOST), "LOST"), 0));
    cr_assert(eq(int, strcmp(trd_state_text(TRD_STATE_COUNT), "?"), 0));
}
