/* split.c - a split in all its parts: what is held becomes free, balances and positions are split,
 * then every order gets its new terms and holds again. Between any two units of it matcher,
 * accounts and risk are sound. */
#include "engine/state.h"

#include <string.h>

#include "acct/bulk.h"
#include "acct/hold.h"
#include "match/force.h"
#include "match/rich.h"
#include "risk/parent.h"
#include "risk/state.h"

/* --- may it be? ------------------------------------------------------------------------------- */

static bool is_formed(const trd_corporate_body *body) {
    const int64_t limit = INT64_C(1) << 20;
    const trd_corporate_body named = {.action = TRD_CORPORATE_SPLIT,
        .numerator = body->numerator,
        .denominator = body->denominator};
    return memcmp(body, &named, sizeof(named)) == 0 && body->numerator >= 1 &&
           body->numerator <= limit && body->denominator >= 1 && body->denominator <= limit;
}

static bool has_positions(const trd_accounts *a, uint32_t instrument) {
    for (uint32_t i = trd__listed(a, instrument)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_instrument) {
        if (trd__entry(a, i)->qty != 0) {
            return true;
        }
    }
    return false;
}

/* Does anything besides the instrument count on what a unit of its base asset is: an order or a
 * position of another instrument that delivers it, stands for it, or is settled in it? */
static bool is_in_use(const trd_engine *engine, uint32_t instrument) {
    const trd_accounts *a = trd__engine_accounts(engine);
    const trd_match *match = trd__engine_match(engine);
    const trd_acct_listing *own = trd__listed(a, instrument);
    for (uint32_t i = 0; i < a->listings; i++) {
        const trd_acct_listing *other = trd__listed(a, i);
        const bool concerns =
            other->base_asset == own->base_asset || other->settle_asset == own->base_asset;
        if (i != instrument && concerns &&
            (other->holds != 0 || trd__listing(match, i)->orders != 0 || has_positions(a, i))) {
            return true;
        }
    }
    trd_assert(trd__asset(a, own->base_asset)->holds == own->holds); /* nobody else holds some */
    return trd__split_is_hindered(match, instrument);
}

static trd_split terms_of(const trd_engine *engine) {
    const trd_command *command = engine->command;
    return (trd_split){.instrument = command->instrument,
        .numerator = (uint32_t)command->u.corporate.numerator,
        .denominator = (uint32_t)command->u.corporate.denominator,
        .px = engine->books.px};
}

unsigned trd__engine_split(trd_engine *engine, bool *more) {
    const trd_accounts *a = trd__engine_accounts(engine);
    const uint32_t instrument = engine->command[0].instrument;
    if (!is_formed(&engine->command[0].u.corporate)) {
        return TRD_REJECT_MALFORMED;
    }
    if (instrument >= a->listings) {
        return TRD_REJECT_UNKNOWN_INSTRUMENT;
    }
    const trd_acct_listing *listing = trd__listed(a, instrument);
    if (listing->kind != TRD_INSTRUMENT_SPOT || listing->base_asset == a->def.valuation_asset) {
        return TRD_REJECT_BAD_COMBINATION;
    }
    if (listing->has_mark == 0) {
        return TRD_REJECT_NO_MARK;
    }
    if (is_in_use(engine, instrument)) {
        return TRD_REJECT_ASSET_IN_USE;
    }
    engine->books = (trd_books){.px = listing->mark};
    const trd_split split = terms_of(engine);
    const int result = trd__split_fits(a, &split);
    if (result != TRD_OK) {
        return trd__books_reason(result);
    }
    engine->books.phase = TRD_PHASE_PARK;
    *more = true;
    return 0;
}

/* --- balances and positions ------------------------------------------------------------------- */

void trd__split_park_unit(trd_engine *engine, trd_out *out) {
    const trd_match *match = trd__engine_match(engine);
    trd_books *books = &engine->books;
    const uint32_t unit = trd__walk_next(match, engine->command[0].instrument, &books->walk);
    if (unit == 0) {
        books->phase = TRD_PHASE_SPLIT;
        return;
    }
    trd__engine_lend(engine);
    trd__hold_park(
        trd__engine_accounts(engine), trd__store_handle(trd__order(match, unit), unit), out);
    trd__engine_return(engine);
}

int trd__split_books(trd_engine *engine, trd_out *out) {
    trd_match *match = trd__engine_match(engine);
    const trd_split split = terms_of(engine);
    const trd_split_terms terms = {split.instrument, split.numerator, split.denominator};
    trd__split_begin(match, &engine->books.split, &terms);
    return trd__split_parked(trd__engine_accounts(engine), &split, out);
}

/* --- orders ----------------------------------------------------------------------------------- */

/* What is held for the order from now on; false if it cannot be, and the order ends. */
static bool resumption_of(
    const trd_engine *engine, const trd_split_order *order, trd_resumption *out) {
    const trd_match *match = trd__engine_match(engine);
    const trd_accounts *a = trd__engine_accounts(engine);
    const trd_acct_hold *hold = trd__hold_of(a, order->order);
    *out = (trd_resumption){.leaves = order->lots, .executed = order->executed};
    /* A buyer never holds more than before; what a seller holds are lots. */
    const bool has_px = trd__split_px(match, &engine->books.split.terms, hold->px, false, &out->px);
    return (has_px || hold->side == TRD_SELL) && trd__hold_can_resume(a, order->order, out);
}

void trd__split_order_unit(trd_engine *engine, trd_out *out) {
    trd_match *match = trd__engine_match(engine);
    trd_accounts *a = trd__engine_accounts(engine);
    trd_books *books = &engine->books;
    trd_split_order order;
    trd_resumption held = {0};
    const int what = trd__split_next(match, &books->split, &order);
    if (what != TRD_SPLIT_ORDER) {
        books->phase = what == TRD_SPLIT_OVER ? TRD_PHASE_FOLLOW : books->phase;
        return;
    }
    const bool holds = trd__hold_of(a, order.order) != NULL;
    const bool ends = order.ends || (holds && !resumption_of(engine, &order, &held));
    const uint32_t from = out->count;
    trd__split_apply(match, out, &books->split, &order, ends);
    trd__engine_lend(engine);
    if (ends) {
        trd__engine_book(engine, out, from, out->count);
    } else if (holds) {
        trd__hold_resume(a, order.order, &held, out);
        trd__risk_restated(trd__engine_risk(engine), order.order, held.leaves);
    }
    trd__engine_return(engine);
}

/* --- prices ----------------------------------------------------------------------------------- */

static uint64_t common_divisor(uint64_t a, uint64_t b) {
    while (b != 0) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* What a minor unit is worth: exact if it can be said, else less rather than more, but not nothing.
 */
static void follow_rate(trd_engine *engine) {
    const uint64_t limit = UINT64_C(1) << 31;
    const trd_split split = terms_of(engine);
    trd_accounts *a = trd__engine_accounts(engine);
    const uint32_t number = trd__listed(a, split.instrument)->base_asset;
    const trd_acct_asset *asset = trd__asset(a, number);
    if (asset->numerator == 0) {
        return;
    }
    uint64_t up = (uint64_t)asset->numerator * split.denominator;
    uint64_t down = (uint64_t)asset->denominator * split.numerator;
    const uint64_t divisor = common_divisor(up, down);
    up /= divisor;
    down /= divisor;
    while (up > limit || down > limit) {
        up /= 2;
        down = down / 2 + down % 2;
    }
    const int result = trd_accounts_rate(a, number, (uint32_t)(up != 0 ? up : 1), (uint32_t)down);
    trd_assert(result == TRD_OK);
}

/* The mark is the old one in new ticks, until another comes. */
static void follow_mark(trd_engine *engine) {
    trd_match *match = trd__engine_match(engine);
    trd_accounts *a = trd__engine_accounts(engine);
    const uint32_t instrument = engine->command[0].instrument;
    trd_px px = 0;
    (void)trd__split_px(match, &engine->books.split.terms, engine->books.px, false, &px);
    const int result = trd_accounts_mark(a, instrument, px);
    trd_assert(result == TRD_OK);
    if (engine->monitor_at != 0) {
        trd_monitor_mark(trd__engine_monitor(engine), a, instrument);
    }
}

void trd__split_follow(trd_engine *engine) {
    follow_rate(engine);
    follow_mark(engine);
    const trd_split split = terms_of(engine);
    trd__parents_split(
        trd__engine_risk(engine), split.instrument, split.numerator, split.denominator);
    trd__split_settle(trd__engine_match(engine), &engine->books.split);
    engine->begun = 1;
}
