/* test_shim.c - the layer below the bindings: boxes that may be empty, buffers that may be wrong,
 * batches that write more than there was room for. What the library does is tested elsewhere. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <tradsys/codec/itch.h>
#include <tradsys/tradsys.h>

#include "bindings/shim.h"

enum { ANNE = 1, BERT = 2, DOLLAR = 0, COIN = 1, MAKERS = 700 };

/* --- a small venue ---------------------------------------------------------------------------- */

typedef struct parts {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
} parts;

static parts small(void) {
    parts p = {trd_match_def_default(), trd_accounts_def_default(), trd_risk_def_default()};
    p.match.instruments_max = p.accounts.instruments_max = p.risk.instruments_max = 1;
    p.match.accounts_max = p.accounts.accounts_max = p.risk.accounts_max = 4;
    p.match.orders_max = p.accounts.orders_max = p.risk.orders_max = 1024;
    p.match.specials_max = p.risk.limits_max = p.risk.repeats_max = p.risk.portfolios_max = 0;
    p.match.publish = TRD_PUBLISH_ALL;
    p.accounts.balances_max = p.accounts.positions_max = 16;
    return p;
}

static int open_engine(trb_engine *engine, const parts *p) {
    return trb_engine_open(engine, &p->match, sizeof(p->match), &p->accounts, sizeof(p->accounts),
        &p->risk, sizeof(p->risk), NULL, 0, NULL, 0, 0, 1);
}

static trd_instrument coin(void) {
    trd_instrument spec = trd_instrument_default();
    strcpy(spec.symbol, "COIN");
    spec.base_asset = COIN;
    return spec;
}

static trb_engine *venue(void) {
    const parts p = small();
    const trd_asset dollar = {.struct_size = sizeof(dollar), .scale = 2, .symbol = "USD"};
    const trd_asset asset = {.struct_size = sizeof(asset), .symbol = "COIN"};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_instrument spec = coin();
    trb_engine *engine = trb_engine_new();
    cr_assert(eq(int, open_engine(engine, &p), TRD_OK));
    cr_assert(eq(int, trb_engine_asset(engine, &dollar, sizeof(dollar)), DOLLAR));
    cr_assert(eq(int, trb_engine_asset(engine, &asset, sizeof(asset)), COIN));
    cr_assert(eq(int, trb_engine_fees(engine, &fees, sizeof(fees)), 0));
    cr_assert(eq(int,
        trb_engine_list(engine, &spec, sizeof(spec), &terms, sizeof(terms), NULL, 0, NULL, 0), 0));
    return engine;
}

static trd_command account(uint32_t number) {
    return (trd_command){.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .account = number,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = TRD_MODE_CASH,
            .enabled = 1}};
}

static trd_command deposit(uint32_t number, uint32_t asset, trd_amt amount) {
    return (trd_command){.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = number,
        .u.transfer = {.amount = amount, .asset = asset, .action = TRD_TRANSFER_DEPOSIT}};
}

static trd_command limit(uint32_t number, uint64_t id, uint8_t side, trd_qty qty, trd_px px) {
    return (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = number,
        .u.order = {.client_id = id,
            .px = px,
            .qty = qty,
            .side = side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
}

/* Anne sells one coin 700 times, Bert buys all of them at once: more events by one command than an
 * output has room for in one piece. */
enum { FLOW = 4 + MAKERS + 1 };

static const trd_command *flow(void) {
    static trd_command commands[FLOW];
    size_t at = 0;
    commands[at++] = account(ANNE);
    commands[at++] = account(BERT);
    commands[at++] = deposit(ANNE, COIN, MAKERS);
    commands[at++] = deposit(BERT, DOLLAR, 1000000000);
    for (uint64_t i = 1; i <= MAKERS; i++) {
        commands[at++] = limit(ANNE, i, TRD_SELL, 1, 100);
    }
    commands[at++] = limit(BERT, 1, TRD_BUY, MAKERS, 100);
    for (size_t i = 0; i < FLOW; i++) {
        commands[i].seq = i + 1;
        commands[i].time = (trd_ns)i;
    }
    return commands;
}

/* --- boxes ------------------------------------------------------------------------------------ */

Test(shim, an_empty_box_answers_closed) {
    trb_engine *engine = trb_engine_new();
    trb_match *match = trb_match_new();
    trb_level_book *levels = trb_level_book_new();
    trb_order_book *orders = trb_order_book_new();
    trb_itch *itch = trb_itch_new();
    trb_events *events = trb_events_new();
    uint8_t out[512];
    uint64_t value;
    int64_t number;
    cr_assert(eq(int, trb_engine_close(engine), TRB_E_CLOSED));
    cr_assert(eq(int, trb_engine_reset(engine), TRB_E_CLOSED));
    cr_assert(eq(int, trb_engine_asset(engine, out, sizeof(trd_asset)), TRB_E_CLOSED));
    cr_assert(eq(int, trb_engine_run(engine, flow(), 64), TRB_E_CLOSED));
    cr_assert(eq(int, trb_engine_send(engine, flow(), 64), TRB_E_CLOSED));
    cr_assert(eq(int, trb_engine_submit(engine, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0), TRB_E_CLOSED));
    cr_assert(eq(int, trb_engine_take(engine, events), TRB_E_CLOSED));
    cr_assert(eq(int, trb_engine_stats(engine, out, sizeof(trd_match_stats)), TRB_E_CLOSED));
    cr_assert(eq(int, trb_engine_digest(engine, &value), TRB_E_CLOSED));
    cr_assert(eq(int, trb_engine_outside(engine, 0, &number), TRB_E_CLOSED));
    cr_assert(eq(int, trb_engine_snapshot_begin(engine, &value), TRB_E_CLOSED));
    cr_assert(eq(int, trb_engine_export_begin(engine), TRB_E_CLOSED));
    cr_assert(eq(int, trb_engine_watch(engine, out, sizeof(trd_monitor_stats)), TRB_E_CLOSED));
    cr_assert(eq(int, trb_match_close(match), TRB_E_CLOSED));
    cr_assert(eq(int, trb_match_run(match, flow(), 64), TRB_E_CLOSED));
    cr_assert(eq(int, trb_level_book_set(levels, TRD_BUY, 1, 1), TRB_E_CLOSED));
    cr_assert(eq(int, trb_level_book_close(levels), TRB_E_CLOSED));
    cr_assert(eq(int, trb_order_book_remove(orders, 1), TRB_E_CLOSED));
    cr_assert(eq(int, trb_order_book_close(orders), TRB_E_CLOSED));
    cr_assert(eq(int, trb_itch_feed(itch, out, 1), TRB_E_CLOSED));
    cr_assert(eq(int, trb_itch_close(itch), TRB_E_CLOSED));
    trb_engine_delete(engine);
    trb_match_delete(match);
    trb_level_book_delete(levels);
    trb_order_book_delete(orders);
    trb_itch_delete(itch);
    trb_events_delete(events);
    trb_engine_delete(NULL);
    trb_match_delete(NULL);
    trb_level_book_delete(NULL);
    trb_order_book_delete(NULL);
    trb_itch_delete(NULL);
    trb_events_delete(NULL);
}

Test(shim, a_closed_box_can_be_opened_again) {
    trb_engine *engine = venue();
    const parts p = small();
    cr_assert(eq(int, open_engine(engine, &p), TRD_E_ARG), "it is open");
    cr_assert(eq(int, trb_engine_run(engine, flow(), 64), 0));
    cr_assert(eq(int, trb_engine_close(engine), TRD_OK));
    cr_assert(eq(int, trb_engine_is_open(engine), 0));
    cr_assert(eq(int, trb_engine_run(engine, flow(), 64), TRB_E_CLOSED));
    cr_assert(eq(int, open_engine(engine, &p), TRD_OK));
    cr_assert(eq(int, trb_engine_is_open(engine), 1));
    trb_engine_delete(engine);
}

Test(shim, a_buffer_of_another_size_is_refused) {
    trb_engine *engine = trb_engine_new();
    parts p = small();
    cr_assert(eq(int,
        trb_engine_open(engine, &p.match, sizeof(p.match) - 1, &p.accounts, sizeof(p.accounts),
            &p.risk, sizeof(p.risk), NULL, 0, NULL, 0, 0, 0),
        TRB_E_BUFFER));
    cr_assert(eq(int,
        trb_engine_open(engine, &p.match, sizeof(p.match), &p.accounts, sizeof(p.accounts), &p.risk,
            sizeof(p.risk), &p.risk, sizeof(p.risk), NULL, 0, 0, 0),
        TRB_E_BUFFER));
    p.risk.accounts_max++;
    cr_assert(eq(int, open_engine(engine, &p), TRD_E_ARG), "parts that do not go together");
    p.risk.accounts_max--;
    cr_assert(eq(int, open_engine(engine, &p), TRD_OK));
    trd_verdict verdict;
    const trd_command command = limit(ANNE, 1, TRD_BUY, 1, 1);
    cr_assert(eq(int, trb_engine_asset(engine, &p, sizeof(trd_asset) + 1), TRB_E_BUFFER));
    cr_assert(eq(int, trb_engine_stats(engine, &p, sizeof(trd_match_stats) - 1), TRB_E_BUFFER));
    cr_assert(eq(int, trb_engine_send(engine, &command, 63), TRB_E_BUFFER));
    cr_assert(eq(int, trb_engine_send(engine, &command, 0), TRB_E_BUFFER));
    cr_assert(eq(int, trb_engine_run(engine, &command, 63), TRB_E_BUFFER));
    cr_assert(eq(int, trb_engine_ask(engine, &command, 64, &verdict, 8), TRB_E_BUFFER));
    trb_engine_delete(engine);
}

Test(shim, a_record_says_its_own_size) {
    trb_engine *engine = venue();
    trd_command record[4] = {limit(ANNE, 1, TRD_BUY, 1, 1)};
    cr_assert(eq(int, trb_engine_send(engine, record, 128), TRB_E_BUFFER));
    record[0].slots = 2;
    cr_assert(eq(int, trb_engine_send(engine, record, 64), TRB_E_BUFFER));
    record[0].slots = 5;
    cr_assert(eq(int, trb_engine_send(engine, record, 320), TRB_E_BUFFER));
    trb_engine_delete(engine);
}

Test(shim, a_batch_lies_at_eight_bytes_a_record_anywhere) {
    trb_engine *engine = venue();
    _Alignas(8) uint8_t bytes[65];
    memcpy(bytes + 1, flow(), 64);
    cr_assert(eq(int, trb_engine_run(engine, bytes + 1, 64), TRB_E_BUFFER));
    cr_assert(eq(int, trb_engine_send(engine, bytes + 1, 64), 0));
    trb_engine_delete(engine);
}

/* --- commands and events ---------------------------------------------------------------------- */

/* The events of the flow, by the library itself, one step after the other. */
static size_t by_hand(trd_event *events, size_t room) {
    const parts p = small();
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &p.match,
        .accounts = &p.accounts,
        .risk = &p.risk,
        .trail = 1};
    trd_engine *engine = trd_engine_create(&def);
    const trd_asset dollar = {.struct_size = sizeof(dollar), .scale = 2, .symbol = "USD"};
    const trd_asset asset = {.struct_size = sizeof(asset), .symbol = "COIN"};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_instrument spec = coin();
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms};
    trd_engine_asset(engine, &dollar);
    trd_engine_asset(engine, &asset);
    trd_engine_fees(engine, &fees);
    trd_engine_list(engine, &listing);
    trd_out out = {.events = events, .capacity = (uint32_t)room};
    for (size_t i = 0; i < FLOW; i++) {
        cr_assert(eq(int, trd_engine_step(engine, &flow()[i], &out), TRD_OK));
    }
    trd_engine_destroy(engine);
    return out.count;
}

enum { EVENTS_MAX = 20000 };

Test(shim, a_batch_of_any_length_gives_the_events_of_single_steps) {
    static trd_event expected[EVENTS_MAX];
    const size_t slots = by_hand(expected, EVENTS_MAX);
    trb_engine *engine = venue();
    trb_events *events = trb_events_new();
    uint64_t consumed;
    trd_event_trail trail;
    cr_assert(eq(int, trb_engine_run(engine, flow(), FLOW * 64), (int)slots));
    cr_assert(eq(int, trb_engine_consumed(engine, &consumed), TRD_OK));
    cr_assert(eq(u64, consumed, FLOW));
    cr_assert(eq(int, trb_engine_take(engine, events), TRD_OK));
    cr_assert(eq(sz, trb_events_slots(events), slots));
    cr_assert(eq(int, memcmp(trb_events_data(events), expected, slots * 64), 0));
    cr_assert(eq(int, trb_engine_trail(engine, &trail, sizeof(trail)), TRD_OK));
    cr_assert(eq(u64, trail.hash, trb_events_hash(events)));
    /* 700 sales and one purchase: two fills each. */
    cr_assert(eq(sz, trb_events_count(events, TRD_EVENT_FILL), 2 * MAKERS));
    trb_events_delete(events);
    trb_engine_delete(engine);
}

Test(shim, one_record_after_the_other_gives_the_same) {
    static trd_event expected[EVENTS_MAX];
    const size_t slots = by_hand(expected, EVENTS_MAX);
    trb_engine *engine = venue();
    trb_events *events = trb_events_new();
    uint64_t waiting;
    int sum = 0;
    for (size_t i = 0; i < FLOW; i++) {
        const int written = trb_engine_send(engine, &flow()[i], 64);
        cr_assert(written >= 0);
        sum += written;
    }
    cr_assert(eq(int, sum, (int)slots));
    cr_assert(eq(int, trb_engine_waiting(engine, &waiting), TRD_OK));
    cr_assert(eq(u64, waiting, slots));
    trb_engine_take(engine, events);
    cr_assert(eq(int, memcmp(trb_events_data(events), expected, slots * 64), 0));
    cr_assert(eq(int, trb_engine_waiting(engine, &waiting), TRD_OK));
    cr_assert(eq(u64, waiting, 0));
    trb_events_delete(events);
    trb_engine_delete(engine);
}

Test(shim, submit_stamps_and_counts) {
    trb_engine *engine = venue();
    trd_event_trail trail;
    trb_engine_run(engine, flow(), 4 * 64);
    cr_assert(eq(int, trb_engine_stamp(engine, 77, 40), TRD_OK));
    cr_assert(trb_engine_submit(
                  engine, ANNE, 5, TRD_SELL, 3, 100, 0, TRD_TYPE_LIMIT, TRD_TIF_GTC, 0, 0) > 0);
    cr_assert(trb_engine_submit(
                  engine, BERT, 5, TRD_BUY, 3, 100, 0, TRD_TYPE_LIMIT, TRD_TIF_IOC, 0, 0) > 0);
    trb_engine_trail(engine, &trail, sizeof(trail));
    cr_assert(eq(u64, trail.seq, 41), "the second of two that began at 40");
    cr_assert(eq(int, trb_engine_submit(engine, BERT, 6, 257, 1, 1, 0, 1, 1, 0, 0), TRD_E_RANGE),
        "257 is no side, and not 1");
    cr_assert(eq(int, trb_engine_submit(engine, BERT, 6, 1, 1, 1, 0, 1, 1, 65536, 0), TRD_E_RANGE));
    trb_engine_trail(engine, &trail, sizeof(trail));
    cr_assert(eq(u64, trail.seq, 41));
    trd_balance balance;
    cr_assert(eq(int, trb_engine_balance(engine, BERT, COIN, &balance, sizeof(balance)), TRD_OK));
    cr_assert(eq(i64, balance.free, 3));
    trb_engine_delete(engine);
}

Test(shim, what_is_looked_at_is_not_taken_back) {
    trb_engine *engine = venue();
    trb_events *events = trb_events_new();
    trb_engine_run(engine, flow(), 5 * 64);
    cr_assert(eq(int, trb_engine_take(engine, events), TRD_OK));
    const size_t slots = trb_events_slots(events);
    cr_assert(slots > 0);
    const void *at = trb_events_view(events);
    cr_assert(eq(int, trb_engine_take(engine, events), TRB_E_VIEWS));
    cr_assert(eq(int, trb_events_clear(events), TRB_E_VIEWS));
    cr_assert(eq(int, trb_events_append(events, at, 64), TRB_E_VIEWS));
    cr_assert(eq(sz, trb_events_slots(events), slots));
    trb_events_unview(events);
    cr_assert(eq(int, trb_events_clear(events), TRD_OK));
    cr_assert(eq(sz, trb_events_slots(events), 0));
    trb_events_delete(events);
    trb_engine_delete(engine);
}

Test(shim, a_running_batch_is_left_alone) {
    trb_engine *engine = venue();
    trb_events *events = trb_events_new();
    uint64_t value;
    cr_assert(eq(int, trb_engine_begin(engine, flow(), FLOW * 64), TRD_OK));
    cr_assert(eq(int, trb_engine_begin(engine, flow(), FLOW * 64), TRB_E_IN_USE));
    cr_assert(eq(int, trb_engine_close(engine), TRB_E_IN_USE));
    cr_assert(eq(int, trb_engine_reset(engine), TRB_E_IN_USE));
    cr_assert(eq(int, trb_engine_take(engine, events), TRB_E_IN_USE));
    cr_assert(eq(int, trb_engine_digest(engine, &value), TRB_E_IN_USE));
    cr_assert(eq(int, trb_engine_submit(engine, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0), TRB_E_IN_USE));
    trb_engine_work(engine);
    cr_assert(trb_engine_end(engine) > 0);
    cr_assert(eq(int, trb_engine_audit(engine), TRD_OK));
    trb_events_delete(events);
    trb_engine_delete(engine);
}

Test(shim, kinds_are_picked_with_their_extensions) {
    trd_event slots[4] = {{.kind = TRD_EVENT_FILL, .slots = 2, .seq = 1},
        {.kind = TRD_EXT_EXEC, .seq = 1}, {.kind = TRD_EVENT_LEVEL, .slots = 1, .seq = 2},
        {.kind = TRD_EVENT_FILL, .slots = 1, .seq = 3}};
    trb_events *events = trb_events_new();
    trb_events *fills = trb_events_new();
    cr_assert(eq(int, trb_events_append(events, slots, sizeof(slots)), TRD_OK));
    cr_assert(eq(int, trb_events_append(events, slots, 63), TRB_E_BUFFER));
    cr_assert(eq(sz, trb_events_count(events, 0), 3));
    cr_assert(eq(int, trb_events_pick(events, TRD_EVENT_FILL, events), TRD_E_ARG));
    cr_assert(eq(int, trb_events_pick(events, TRD_EVENT_FILL, fills), 2));
    cr_assert(eq(sz, trb_events_slots(fills), 3));
    const trd_event *picked = trb_events_data(fills);
    cr_assert(eq(int, picked[1].kind, TRD_EXT_EXEC));
    cr_assert(eq(u64, picked[2].seq, 3));
    trb_events_delete(events);
    trb_events_delete(fills);
}

Test(shim, slots_that_lie_about_themselves_end_the_walk) {
    trd_event slots[2] = {
        {.kind = TRD_EVENT_FILL, .slots = 0}, {.kind = TRD_EVENT_FILL, .slots = 200}};
    trb_events *events = trb_events_new();
    trb_events_append(events, slots, sizeof(slots));
    cr_assert(eq(sz, trb_events_count(events, 0), 2));
    trb_events_delete(events);
}

/* --- state ------------------------------------------------------------------------------------ */

Test(shim, a_snapshot_is_read_back_as_the_same_engine) {
    trb_engine *engine = venue();
    trb_engine *copy = trb_engine_new();
    uint64_t size, piece, digests[2];
    trb_engine_run(engine, flow(), (FLOW - 1) * 64);
    cr_assert(eq(int, trb_engine_snapshot_write(engine, &size, 8, &piece), TRD_E_ARG), "not begun");
    cr_assert(eq(int, trb_engine_snapshot_begin(engine, &size), TRD_OK));
    uint8_t *bytes = malloc(size);
    cr_assert(eq(int, trb_engine_snapshot_write(engine, bytes, 100, &piece), TRD_MORE));
    cr_assert(eq(u64, piece, 100));
    cr_assert(eq(int, trb_engine_snapshot_write(engine, bytes + 100, size - 100, &piece), TRD_OK));
    cr_assert(eq(u64, piece, size - 100));
    trd_snapshot_head head;
    cr_assert(eq(int, trb_snapshot_peek(bytes, size, &head, sizeof(head)), TRD_OK));
    cr_assert(eq(u64, head.seq, FLOW - 1));
    cr_assert(eq(int, trb_engine_load(copy, bytes, 0), TRD_E_TRUNCATED));
    cr_assert(eq(int, trb_engine_load(copy, bytes, 100), TRD_E_TRUNCATED));
    cr_assert(eq(int, trb_engine_load(copy, bytes, size - 1), TRD_E_TRUNCATED));
    bytes[size / 2] ^= 1;
    cr_assert(eq(int, trb_engine_load(copy, bytes, size), TRD_E_FORMAT));
    bytes[size / 2] ^= 1;
    cr_assert(eq(int, trb_engine_is_open(copy), 0));
    cr_assert(eq(int, trb_engine_load(copy, bytes, size), TRD_OK));
    cr_assert(eq(int, trb_engine_load(copy, bytes, size), TRD_E_ARG), "it is open");
    /* The last command does the same to both, and ends the snapshot that was begun before it. */
    cr_assert(eq(int, trb_engine_snapshot_begin(engine, &size), TRD_OK));
    trb_engine_run(engine, &flow()[FLOW - 1], 64);
    trb_engine_run(copy, &flow()[FLOW - 1], 64);
    trb_engine_digest(engine, &digests[0]);
    trb_engine_digest(copy, &digests[1]);
    cr_assert(eq(u64, digests[0], digests[1]));
    cr_assert(eq(int, trb_engine_snapshot_write(engine, bytes, size, &piece), TRD_E_BUSY));
    free(bytes);
    trb_engine_delete(engine);
    trb_engine_delete(copy);
}

Test(shim, an_export_is_written_in_pieces) {
    trb_engine *engine = venue();
    static char text[100000];
    uint64_t piece = 0, at = 0;
    int result = TRD_MORE;
    cr_assert(eq(int, trb_engine_export_write(engine, text, 8, &piece), TRD_E_ARG), "not begun");
    cr_assert(eq(int, trb_engine_export_begin(engine), TRD_OK));
    while (result == TRD_MORE) {
        result = trb_engine_export_write(engine, text + at, 50, &piece);
        at += piece;
    }
    cr_assert(eq(int, result, TRD_OK));
    cr_assert(ne(ptr, strstr(text, "\"COIN\""), NULL));
    trb_engine_reset(engine);
    cr_assert(eq(int, trb_engine_export_write(engine, text, 8, &piece), TRD_E_ARG));
    trb_engine_delete(engine);
}

/* --- the other boxes -------------------------------------------------------------------------- */

Test(shim, a_matcher_alone) {
    trd_match_def def = trd_match_def_default();
    const trd_instrument spec = coin();
    trb_match *match = trb_match_new();
    trb_events *events = trb_events_new();
    trd_level level;
    trd_order_info info[4];
    const trd_order_filter all = {0};
    uint64_t order;
    def.instruments_max = 1;
    def.orders_max = 16;
    def.specials_max = 0;
    def.verdicts = 1;
    cr_assert(eq(int, trb_match_open(match, &def, sizeof(def)), TRD_E_ARG), "nobody judges here");
    def.verdicts = 0;
    cr_assert(eq(int, trb_match_open(match, &def, sizeof(def)), TRD_OK));
    cr_assert(eq(int, trb_match_add(match, &spec, sizeof(spec)), 0));
    cr_assert(eq(int, trb_match_best(match, 0, TRD_BUY, &level, sizeof(level)), 0));
    cr_assert(
        trb_match_submit(match, 1, 9, TRD_BUY, 5, 99, 0, TRD_TYPE_LIMIT, TRD_TIF_GTC, 0, 0) == 1);
    cr_assert(eq(int, trb_match_best(match, 0, TRD_BUY, &level, sizeof(level)), 1));
    cr_assert(eq(i64, level.px, 99));
    cr_assert(eq(i64, level.qty, 5));
    cr_assert(eq(int, trb_match_find(match, 1, 9, &order), TRD_OK));
    cr_assert(eq(int, trb_match_order(match, order, info, sizeof(info[0])), TRD_OK));
    cr_assert(eq(u64, info[0].client_id, 9));
    cr_assert(eq(int, trb_match_orders(match, &all, sizeof(all), NULL, 0), 1));
    cr_assert(eq(int, trb_match_orders(match, &all, sizeof(all), info, sizeof(info)), 1));
    cr_assert(
        eq(int, trb_match_depth(match, 0, TRD_BUY, info, sizeof(trd_level) - 1), 0), "no room");
    cr_assert(eq(int, trb_match_queue(match, 0, TRD_BUY, 99, info, sizeof(info)), 1));
    cr_assert(eq(int, trb_match_take(match, events), TRD_OK));
    cr_assert(eq(sz, trb_events_slots(events), 1));
    cr_assert(eq(int, trb_match_close(match), TRD_OK));
    trb_match_delete(match);
    trb_events_delete(events);
}

Test(shim, books_of_feeds) {
    const trd_level_book_def level_def = trd_level_book_def_default();
    const trd_order_book_def order_def = trd_order_book_def_default();
    trb_level_book *levels = trb_level_book_new();
    trb_order_book *orders = trb_order_book_new();
    trd_level level[3];
    trd_book_order found;
    int64_t qty;
    cr_assert(eq(int, trb_level_book_open(levels, &level_def, sizeof(level_def)), TRD_OK));
    cr_assert(eq(int, trb_order_book_open(orders, &order_def, sizeof(order_def)), TRD_OK));
    cr_assert(eq(int, trb_level_book_set(levels, TRD_SELL, 10, 3), TRD_OK));
    cr_assert(eq(int, trb_level_book_set(levels, TRD_SELL, 11, 4), TRD_OK));
    cr_assert(eq(int, trb_level_book_depth(levels, TRD_SELL, level, 2 * sizeof(level[0])), 2));
    cr_assert(eq(i64, level[1].px, 11));
    cr_assert(eq(int, trb_level_book_get(levels, TRD_SELL, 11, &qty), TRD_OK));
    cr_assert(eq(i64, qty, 4));
    cr_assert(eq(int, trb_level_book_get(levels, 3, 11, &qty), TRD_E_ARG));
    cr_assert(eq(int, trb_order_book_add(orders, 7, 0, TRD_BUY, 2, 20), TRD_OK));
    cr_assert(eq(int, trb_order_book_add(orders, 8, 0, 258, 2, 20), TRD_E_ARG), "no side");
    cr_assert(eq(int, trb_order_book_replace(orders, 7, 9, 5, 21), TRD_OK));
    cr_assert(eq(int, trb_order_book_find(orders, 7, &found, sizeof(found)), TRD_E_UNKNOWN));
    cr_assert(eq(int, trb_order_book_find(orders, 9, &found, sizeof(found)), TRD_OK));
    cr_assert(eq(i64, found.px, 21));
    cr_assert(eq(int, trb_order_book_count(orders), 1));
    trb_level_book_delete(levels);
    trb_order_book_delete(orders);
}

Test(shim, a_reader_keeps_what_is_not_a_whole_message) {
    const trd_itch_msg sent[2] = {
        {.time = 5, .locate = 1, .type = TRD_ITCH_DELETE, .u.removed = {.ref = 77}},
        {.time = 6, .locate = 1, .type = TRD_ITCH_DELETE, .u.removed = {.ref = 78}}};
    uint8_t stream[2 * (2 + TRD_ITCH_SIZE_MAX)];
    size_t size = 0;
    for (size_t i = 0; i < 2; i++) {
        const int written = trb_itch_encode(&sent[i], sizeof(sent[i]), stream + size + 2, 50);
        cr_assert(written > 0);
        stream[size] = 0;
        stream[size + 1] = (uint8_t)written;
        size += 2 + (size_t)written;
    }
    trd_itch_msg got[2];
    uint64_t offset;
    trb_itch *reader = trb_itch_new();
    cr_assert(eq(int, trb_itch_open(reader, 9), TRD_E_ARG));
    cr_assert(eq(int, trb_itch_open(reader, TRD_ITCH_FRAMING_LENGTH), TRD_OK));
    int count = 0;
    for (size_t i = 0; i < size; i++) { /* one byte at a time */
        cr_assert(eq(int, trb_itch_feed(reader, stream + i, 1), TRD_OK));
        const int read = trb_itch_read(reader, &got[count], sizeof(got[0]));
        cr_assert(read >= 0);
        count += read;
    }
    cr_assert(eq(int, count, 2));
    cr_assert(eq(int, memcmp(got, sent, sizeof(sent)), 0));
    cr_assert(eq(int, trb_itch_offset(reader, &offset), TRD_OK));
    cr_assert(eq(u64, offset, size));
    cr_assert(eq(int, trb_itch_finish(reader), TRD_OK));
    trb_itch_delete(reader);
}

Test(shim, a_frame_that_finds_no_room_is_still_the_next_one) {
    static _Alignas(64) uint8_t segment[TRD_JOURNAL_SIZE_MIN];
    trd_journal_head head = {.id = 7, .number = 1, .size = sizeof(segment), .time = 5};
    trd_journal_place place = {0};
    trd_journal_frame frame;
    trd_journal_report report;
    cr_assert(eq(int, trd_journal_head_seal(&head), TRD_OK));
    memcpy(segment, &head, sizeof(head));
    cr_assert(eq(int, trd_journal_turn(&place, &head), TRD_OK));
    trd_command *payload = (trd_command *)(void *)(segment + place.at + sizeof(frame));
    payload[0] = limit(ANNE, 1, TRD_BUY, 1, 1);
    payload[0].seq = place.seq = 1;
    payload[0].time = 5;
    cr_assert(eq(int, trd_journal_frame_seal(&place, segment + place.at, 1), TRD_OK));

    trb_journal *journal = trb_journal_new();
    trb_events *to = trb_events_new();
    cr_assert(eq(int, trb_journal_enter(journal, 1, segment, sizeof(segment)), TRB_E_CLOSED));
    cr_assert(eq(int, trb_journal_open(journal), TRD_OK));
    cr_assert(eq(int, trb_journal_enter(journal, 1, segment, sizeof(segment)), TRD_OK));
    cr_assert(eq(int, trb_journal_next(journal, to, &frame, 63), TRB_E_BUFFER));
    trb_events_view(to);
    cr_assert(eq(int, trb_journal_next(journal, to, &frame, sizeof(frame)), TRB_E_VIEWS));
    trb_events_unview(to);
    cr_assert(eq(int, trb_journal_next(journal, to, &frame, sizeof(frame)), 1));
    cr_assert(eq(u32, frame.count, 1));
    cr_assert(eq(sz, trb_events_slots(to), 1));
    cr_assert(eq(int, memcmp(trb_events_data(to), payload, 64), 0));
    cr_assert(eq(int, trb_journal_next(journal, to, &frame, sizeof(frame)), 0));
    cr_assert(eq(int, trb_journal_end(journal, &report, sizeof(report)), TRD_OK));
    cr_assert(eq(u64, report.commands, 1));
    trb_journal_delete(journal);
    trb_events_delete(to);
}

/* --- values ----------------------------------------------------------------------------------- */

Test(shim, defaults_are_those_of_the_library) {
    trd_match_def def;
    trd_account made;
    const trd_match_def expected = trd_match_def_default();
    cr_assert(eq(int, trb_default("trd_match_def", &def, sizeof(def)), (int)sizeof(def)));
    cr_assert(eq(int, memcmp(&def, &expected, sizeof(def)), 0));
    cr_assert(eq(int, trb_default("trd_account", &made, sizeof(made)), (int)sizeof(made)));
    cr_assert(eq(u32, made.struct_size, sizeof(made)));
    cr_assert(eq(int, trb_default("trd_account", &made, 1), TRB_E_BUFFER));
    cr_assert(eq(int, trb_default("trd_nothing", &made, 1), TRD_E_UNKNOWN));
}

Test(shim, numbers_and_text_of_an_instrument) {
    trd_instrument spec = coin();
    int64_t value;
    char text[TRD_DECIMAL_SIZE];
    /* Two decimals and a tick of 0.01: 12.34 is 1234 ticks. */
    cr_assert(eq(
        int, trb_instrument_px(&spec, sizeof(spec), "12.34", 5, TRD_ROUND_EXACT, &value), TRD_OK));
    cr_assert(eq(i64, value, 1234));
    cr_assert(eq(int, trb_instrument_px(&spec, sizeof(spec), "x", 1, TRD_ROUND_EXACT, &value),
        TRD_E_FORMAT));
    cr_assert(eq(int, trb_instrument_px_text(&spec, sizeof(spec), 1234, text, sizeof(text)), 5));
    cr_assert(eq(int, memcmp(text, "12.34", 5), 0));
    spec.tick_size = 0;
    cr_assert(eq(int, trb_instrument_px(&spec, sizeof(spec), "1", 1, 0, &value), TRD_E_ARG));
    cr_assert(eq(int, trb_instrument_check(&spec, sizeof(spec), 1), TRD_INSTRUMENT_TICK));
}

Test(shim, margin_of_a_position_and_of_an_account) {
    trd_instrument spec = coin();
    trd_margin_model model;
    trd_margin_need need;
    trd_margin_state state;
    spec.kind = TRD_INSTRUMENT_LINEAR;
    /* 10 lots bought at 100, mark 110: worth 1100, cost 1000, profit 100; 10 % of 1100 is 110. */
    const trd_margin_position position = {.qty = 10, .cost = 1000, .mark = 110, .has_mark = 1};
    const trd_margin_account terms = {.warn_ppm = 1000000, .call_ppm = 1000000, .balance = 5};
    cr_assert(eq(int, trb_margin_flat(100000, 50000, &model, sizeof(model)), TRD_OK));
    cr_assert(eq(int,
        trb_margin_need(&spec, sizeof(spec), &model, sizeof(model), &position, sizeof(position),
            &need, sizeof(need)),
        TRD_OK));
    cr_assert(eq(i64, need.profit, 100));
    cr_assert(eq(i64, need.initial, 110));
    cr_assert(eq(i64, need.maintenance, 55));
    cr_assert(eq(int,
        trb_margin_state(&terms, sizeof(terms), &spec, sizeof(spec), &model, sizeof(model),
            &position, sizeof(position), &state, sizeof(state)),
        TRD_OK));
    cr_assert(eq(i64, state.equity, 105));
    cr_assert(eq(int,
        trb_margin_state(&terms, sizeof(terms), &spec, sizeof(spec), &model, 0, &position,
            sizeof(position), &state, sizeof(state)),
        TRB_E_BUFFER));
    memset(&model, 0, sizeof(model));
    cr_assert(eq(int,
                  trb_margin_need(&spec, sizeof(spec), &model, sizeof(model), &position,
                      sizeof(position), &need, sizeof(need)),
                  TRD_E_ARG),
        "no model");
}

Test(shim, codes_have_names) {
    cr_assert(eq(int, strcmp(trb_result_name(TRD_E_IO), "TRD_E_IO"), 0));
    cr_assert(eq(int, strcmp(trb_result_name(TRB_E_CLOSED), "TRB_E_CLOSED"), 0));
    cr_assert(eq(int, strcmp(trb_result_name(-50), "?"), 0));
    for (int result = TRD_E_IO; result <= TRD_NEED_VERDICT; result++) {
        cr_assert(ne(int, strcmp(trb_result_name(result), "?"), 0));
    }
}

Test(shim, a_box_says_how_much_it_holds) {
    const trd_match_def def = trd_match_def_default();
    trb_match *match = trb_match_new();
    trb_events *events = trb_events_new();
    cr_assert(eq(sz, trb_match_memory(match), 0));
    cr_assert(eq(int, trb_match_open(match, &def, sizeof(def)), TRD_OK));
    cr_assert(eq(sz, trb_match_memory(match), trd_match_footprint(&def)));
    cr_assert(eq(int, trb_match_close(match), TRD_OK));
    cr_assert(eq(sz, trb_match_memory(match), 0));

    static const trd_event slots[3];
    cr_assert(eq(sz, trb_events_memory(events), 0));
    cr_assert(eq(int, trb_events_append(events, slots, sizeof(slots)), TRD_OK));
    cr_assert(ge(sz, trb_events_memory(events), sizeof(slots)));
    trb_match_delete(match);
    trb_events_delete(events);
}

Test(shim, a_loaded_engine_holds_what_the_first_one_did) {
    trb_engine *engine = venue();
    static uint8_t bytes[1 << 22] __attribute__((aligned(8)));
    uint64_t size = 0;
    uint64_t written = 0;
    cr_assert(eq(int, trb_engine_snapshot_begin(engine, &size), TRD_OK));
    cr_assert(le(u64, size, sizeof(bytes)));
    cr_assert(eq(int, trb_engine_snapshot_write(engine, bytes, sizeof(bytes), &written), TRD_OK));
    trb_engine *loaded = trb_engine_new();
    cr_assert(eq(int, trb_engine_load(loaded, bytes, written), TRD_OK));
    cr_assert(eq(sz, trb_engine_memory(loaded), trb_engine_memory(engine)));
    trb_engine_delete(loaded);
    trb_engine_delete(engine);
}
