/* test_quote.c - the rows of quotes after a reset, and that the audit sees what is wrong in them.
 * What quotes do is in tests/scenario/quotes.txt and protection.txt. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "match/rich.h"

enum { SLOTS = 64, ROWS = 2 };

static trd_event events[SLOTS];

static trd_match *match_new(void) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 1;
    def.orders_max = 8;
    def.ids_max = 8;
    def.quotes_max = ROWS;
    trd_match *match = trd_match_create(&def);
    cr_assert(match != NULL);
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    cr_assert(eq(int, trd_match_add(match, &spec), 0));
    return match;
}

/* Sends a quote of 5 lots on both sides of 100; returns how many events it caused. */
static uint32_t quote(trd_match *match, uint32_t account) {
    trd_out out = {.events = events, .capacity = SLOTS};
    const trd_command command = {.kind = TRD_COMMAND_QUOTE,
        .slots = 1,
        .account = account,
        .u.quote = {.bid_px = 99, .bid_qty = 5, .ask_px = 101, .ask_qty = 5}};
    cr_assert(eq(int, trd_match_step(match, &command, &out), TRD_OK));
    return out.count;
}

/* Sets a protection that acts after the first fill; returns how many events that caused. */
static uint32_t protect(trd_match *match, uint32_t account) {
    trd_out out = {.events = events, .capacity = SLOTS};
    const trd_command command = {.kind = TRD_COMMAND_PROTECTION,
        .slots = 1,
        .account = account,
        .u.protection = {.window = 1, .fills = 1, .action = TRD_PROTECTION_SET}};
    cr_assert(eq(int, trd_match_step(match, &command, &out), TRD_OK));
    return out.count;
}

static void sell_into(trd_match *match) {
    trd_out out = {.events = events, .capacity = SLOTS};
    const trd_command command = {.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = 9,
        .u.order = {.client_id = 1,
            .px = 99,
            .qty = 1,
            .side = TRD_SELL,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_IOC}};
    cr_assert(eq(int, trd_match_step(match, &command, &out), TRD_OK));
}

Test(quote, more_rows_than_there_can_be_are_no_definition) {
    trd_match_def def = trd_match_def_default();
    def.quotes_max = (1 << 24) + 1;
    cr_assert(eq(sz, trd_match_footprint(&def), 0));
    def.quotes_max = 1 << 24;
    cr_assert(ne(sz, trd_match_footprint(&def), 0));
}

/* Every row is used and one has acted: none of that is there after the reset. */
Test(quote, a_reset_forgets_quotes_protections_and_that_one_has_acted) {
    trd_match *match = match_new();
    for (int life = 0; life < 2; life++) {
        cr_assert(eq(u32, protect(match, 1), 0));
        cr_assert(eq(u32, quote(match, 1), 2));
        cr_assert(eq(u32, quote(match, 2), 2));
        sell_into(match);
        cr_assert(eq(u32, quote(match, 1), 1));
        cr_assert(eq(u32, events[0].reason, TRD_REJECT_PROTECTED));
        cr_assert(eq(u32, protect(match, 3), 1));
        cr_assert(eq(u32, events[0].reason, TRD_REJECT_NO_CAPACITY));
        cr_assert(eq(int, trd_match_audit(match), TRD_OK));
        trd_match_reset(match);
        cr_assert(eq(int, trd_match_audit(match), TRD_OK));
        cr_assert(eq(u32, match->quotes.count, 0));
    }
    trd_match_destroy(match);
}

/* A side of a quote has no client id, so it is not in the id map while it takes either. */
Test(quote, the_audit_counts_a_quote_that_is_taking_once) {
    trd_match *match = match_new();
    for (uint64_t id = 1; id <= 6; id++) {
        trd_out out = {.events = events, .capacity = SLOTS};
        const trd_command command = {.kind = TRD_COMMAND_NEW,
            .slots = 1,
            .account = 9,
            .u.order = {.client_id = id,
                .px = 99,
                .qty = 1,
                .side = TRD_SELL,
                .type = TRD_TYPE_LIMIT,
                .tif = TRD_TIF_GTC}};
        cr_assert(eq(int, trd_match_step(match, &command, &out), TRD_OK));
    }
    const trd_command bid = {.kind = TRD_COMMAND_QUOTE,
        .slots = 1,
        .account = 1,
        .u.quote = {.bid_px = 99, .bid_qty = 7}};
    trd_out out = {.events = events, .capacity = TRD_OUT_MIN};
    int result = trd_match_step(match, &bid, &out);
    int taking = 0;
    while (result == TRD_MORE) {
        taking += match->taker.unit != 0;
        cr_assert(eq(int, trd_match_audit(match), TRD_OK));
        out = (trd_out){.events = events, .capacity = TRD_OUT_MIN};
        result = trd_match_step(match, NULL, &out);
    }
    cr_assert(eq(int, result, TRD_OK));
    cr_assert(lt(int, 0, taking));
    trd_match_destroy(match);
}

/* Changes one number of a sound matcher: the audit sees it, and nothing else when it is put back.
 */
static void check_seen(const trd_match *match, uint32_t *at, uint32_t wrong, const char *what) {
    const uint32_t right = *at;
    *at = wrong;
    cr_expect(lt(int, trd_match_audit(match), 0), "%s", what);
    *at = right;
    cr_assert(eq(int, trd_match_audit(match), TRD_OK));
}

Test(quote, the_audit_sees_rows_and_orders_that_disagree) {
    trd_match *match = match_new();
    quote(match, 1);
    trd_quote_row *row = trd__quote_row(match, 1);
    trd_special *bid = trd__special(match, row->number[0]);
    trd_special *ask = trd__special(match, row->number[1]);
    cr_assert(eq(u32, bid->quote, 1));
    check_seen(match, &row->number[0], 0, "an order that its row does not have");
    check_seen(match, &row->number[0], row->number[1], "an order on the other side");
    check_seen(match, &row->number[0], 100, "a number beyond all records");
    check_seen(match, &row->account, 2, "another account");
    check_seen(match, &row->instrument, 1, "another instrument");
    check_seen(match, &row->slot, row->slot ^ 1, "another slot of the map");
    check_seen(match, &bid->quote, 2, "an order of another row");
    check_seen(match, &ask->quote, 0, "an order of no row");
    check_seen(match, &match->quotes.count, 2, "a count that is not the map's");
    check_seen(match, &match->quotes.free, 0, "a free row that is lost");
    check_seen(match, &match->quotes.free, ROWS + 1, "a free row that does not exist");
    row->guard.acted = 1;
    cr_expect(lt(int, trd_match_audit(match), 0), "a protection that is not set has acted");
    trd_match_destroy(match);
}

/* The bucket says that its first slot is free. */
Test(quote, the_audit_sees_a_map_that_is_not_sound) {
    trd_match *match = match_new();
    quote(match, 1);
    trd_map_slot *bucket = trd__quote_slots(match);
    bucket += trd__quote_row(match, 1)->slot / TRD_MAP_WAYS * TRD_MAP_WAYS;
    check_seen(match, &bucket[1].ref, bucket[1].ref ^ 1u << TRD_MAP_BUCKET_SHIFT, "a mask");
    trd_match_destroy(match);
}
