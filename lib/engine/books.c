/* books.c - what happens to the books of all: days, periods, rates, interest, dividends, expiry,
 * and whether an instrument takes orders. */
#include "engine/state.h"

#include <string.h>

#include "acct/bulk.h"
#include "match/force.h"
#include "risk/portfolio.h"

/* Instruments and assets that do not exist are looked for before the accounts are asked. */
unsigned trd__books_reason(int result) {
    switch (result) {
    case TRD_OK:
    case TRD_MORE:
        return 0;
    case TRD_E_EXISTS:
        return TRD_REJECT_DUPLICATE_ID;
    case TRD_E_RANGE:
        return TRD_REJECT_POSITION;
    case TRD_E_FULL:
        return TRD_REJECT_NO_CAPACITY;
    case TRD_E_BUSY:
        return TRD_REJECT_ASSET_IN_USE;
    default:
        return TRD_REJECT_MALFORMED;
    }
}

/* --- expiry ----------------------------------------------------------------------------------- */

/* All that could stand in the way is looked at before the first order ends. From then on the
 * instrument takes no orders. */
static unsigned expire(trd_engine *engine, bool *more) {
    const trd_accounts *accounts = trd__engine_accounts(engine);
    const uint32_t instrument = engine->command[0].instrument;
    const trd_px px = engine->command[0].u.books.px;
    if (instrument >= accounts->listings) {
        return TRD_REJECT_UNKNOWN_INSTRUMENT;
    }
    const trd_acct_listing *listing = trd__listed(accounts, instrument);
    if (listing->kind == TRD_INSTRUMENT_SPOT) {
        return TRD_REJECT_BAD_COMBINATION;
    }
    if (listing->kind != TRD_INSTRUMENT_OPTION && !trd__px_fits(listing, px)) {
        return TRD_REJECT_PRICE_LIMIT;
    }
    const int result = trd__expire_fits(accounts, instrument, px);
    if (result != TRD_OK) {
        return trd__books_reason(result);
    }
    trd__risk_market(trd__engine_risk(engine), instrument)->is_disabled = 1;
    trd__match_end_orders(trd__engine_match(engine), instrument, TRD_CAUSE_MATURED);
    engine->begun = 1;
    engine->books = (trd_books){.phase = TRD_PHASE_END_ORDERS};
    *more = true;
    return 0;
}

/* The positions that the matcher keeps follow those of the accounts. */
static void follow_positions(trd_engine *engine) {
    const trd_accounts *accounts = trd__engine_accounts(engine);
    trd_match *match = trd__engine_match(engine);
    const uint32_t instrument = engine->command[0].instrument;
    if (match->positions.capacity == 0) {
        return;
    }
    for (uint32_t i = trd__listed(accounts, instrument)->entries.first; i != 0;
         i = trd__entry(accounts, i)->next_of_instrument) {
        const trd_acct_entry *entry = trd__entry(accounts, i);
        trd__match_set_position(match, entry->account, instrument, entry->side, entry->qty);
    }
}

/* The accounts have begun, or go on. */
static void work_on(trd_engine *engine, int result, enum trd_books_phase after) {
    trd_assert(result >= 0); /* it was looked at first */
    engine->books.phase = result == TRD_MORE ? TRD_PHASE_GO_ON : after;
    engine->books.after = after;
}

/* Sums of portfolios lose the positions before these change, and get them back with what is left
 * of them (follow). Nobody asks in between. */
static void expire_positions(trd_engine *engine, trd_out *out) {
    const trd_command *command = engine->command;
    trd__portfolio_move_all(
        trd__engine_risk(engine), trd__engine_accounts(engine), command->instrument, -1);
    trd__engine_lend(engine);
    const int result = trd_accounts_expire(
        trd__engine_accounts(engine), command->instrument, command->u.books.px, out);
    trd__engine_return(engine);
    work_on(engine, result, TRD_PHASE_FOLLOW);
}

static void split_positions(trd_engine *engine, trd_out *out) {
    trd__engine_lend(engine);
    const int result = trd__split_books(engine, out);
    trd__engine_return(engine);
    work_on(engine, result, TRD_PHASE_ORDERS);
}

static void go_on(trd_engine *engine, trd_out *out) {
    trd__engine_lend(engine);
    const int result = trd_accounts_continue(trd__engine_accounts(engine), out);
    trd__engine_return(engine);
    work_on(engine, result, engine->books.after);
}

/* What is kept elsewhere follows the accounts. */
static int follow(trd_engine *engine) {
    const bool is_split = engine->command[0].kind == TRD_COMMAND_CORPORATE;
    follow_positions(engine);
    if (is_split) {
        trd__split_follow(engine); /* of SPOT, which is in no portfolio */
    } else {
        trd__portfolio_move_all(trd__engine_risk(engine), trd__engine_accounts(engine),
            engine->command[0].instrument, 1);
    }
    engine->books.phase = is_split ? TRD_PHASE_SETTLE : TRD_PHASE_IDLE;
    return is_split ? TRD_MORE : TRD_OK;
}

int trd__books_unit(trd_engine *engine, trd_out *out) {
    trd_books *books = &engine->books;
    switch (books->phase) {
    case TRD_PHASE_END_ORDERS:
        if (trd__engine_drive(engine, NULL, out) == TRD_OK) {
            books->phase = TRD_PHASE_EXPIRE;
        }
        return TRD_MORE;
    case TRD_PHASE_EXPIRE:
        expire_positions(engine, out);
        return TRD_MORE;
    case TRD_PHASE_PARK:
        trd__split_park_unit(engine, out);
        return TRD_MORE;
    case TRD_PHASE_SPLIT:
        split_positions(engine, out);
        return TRD_MORE;
    case TRD_PHASE_GO_ON:
        go_on(engine, out);
        return TRD_MORE;
    case TRD_PHASE_ORDERS:
        trd__split_order_unit(engine, out);
        return TRD_MORE;
    case TRD_PHASE_FOLLOW:
        return follow(engine);
    default:
        if (trd__engine_drive(engine, NULL, out) != TRD_OK) {
            return TRD_MORE;
        }
        books->phase = TRD_PHASE_IDLE;
        return TRD_OK;
    }
}

/* --- BOOKS ------------------------------------------------------------------------------------ */

/* Are all fields 0 but those that the action names? */
static bool is_formed(const trd_books_body *body) {
    trd_books_body named = {.action = body->action};
    switch (body->action) {
    case TRD_BOOKS_RATE:
        named.asset = body->asset;
        named.numerator = body->numerator;
        named.denominator = body->denominator;
        break;
    case TRD_BOOKS_INTEREST:
        named.asset = body->asset;
        named.numerator = body->numerator;
        named.due = body->due;
        break;
    case TRD_BOOKS_COLLATERAL:
        named.asset = body->asset;
        named.numerator = body->numerator;
        named.denominator = body->denominator;
        named.cap = body->cap;
        break;
    case TRD_BOOKS_EXPIRE:
        named.px = body->px;
        break;
    default:
        break;
    }
    return body->action >= TRD_BOOKS_DAY && body->action <= TRD_BOOKS_COLLATERAL &&
           memcmp(body, &named, sizeof(named)) == 0;
}

static unsigned rate(trd_engine *engine) {
    const trd_books_body *body = &engine->command[0].u.books;
    trd_accounts *accounts = trd__engine_accounts(engine);
    if (body->asset >= accounts->assets) {
        return TRD_REJECT_UNKNOWN_ASSET;
    }
    if (body->asset == accounts->def.valuation_asset) {
        return TRD_REJECT_BAD_COMBINATION; /* it is worth itself */
    }
    return trd__books_reason(
        trd_accounts_rate(accounts, body->asset, body->numerator, body->denominator));
}

static unsigned interest(trd_engine *engine, trd_out *out, bool *more) {
    const trd_books_body *body = &engine->command[0].u.books;
    trd_accounts *accounts = trd__engine_accounts(engine);
    if (body->asset >= accounts->assets) {
        return TRD_REJECT_UNKNOWN_ASSET;
    }
    const int result =
        trd_accounts_interest(accounts, body->asset, body->numerator, body->due, out);
    *more = result == TRD_MORE;
    return trd__books_reason(result);
}

/* MALFORMED comes before UNKNOWN_ASSET. */
static unsigned collateral(trd_engine *engine) {
    const trd_books_body *body = &engine->command[0].u.books;
    const trd_haircut haircut = {
        .cap = body->cap, .ppm = body->numerator, .has_cap = body->denominator};
    const int result = trd_accounts_haircut(trd__engine_accounts(engine), body->asset, &haircut);
    return result == TRD_E_UNKNOWN ? (unsigned)TRD_REJECT_UNKNOWN_ASSET : trd__books_reason(result);
}

static unsigned enable(trd_engine *engine) {
    const trd_command *command = engine->command;
    if (command->instrument >= trd__engine_accounts(engine)->listings) {
        return TRD_REJECT_UNKNOWN_INSTRUMENT;
    }
    return trd__books_reason(trd_risk_enable(trd__engine_risk(engine), command->instrument,
        command->u.books.action == TRD_BOOKS_ENABLE));
}

unsigned trd__engine_books(trd_engine *engine, trd_out *out, bool *more) {
    trd_accounts *accounts = trd__engine_accounts(engine);
    const trd_books_body *body = &engine->command[0].u.books;
    if (!is_formed(body)) {
        return TRD_REJECT_MALFORMED;
    }
    switch (body->action) {
    case TRD_BOOKS_DAY: {
        const int result = trd_accounts_day(accounts, out);
        *more = result == TRD_MORE;
        return trd__books_reason(result);
    }
    case TRD_BOOKS_PERIOD:
        return trd__books_reason(trd_accounts_period(accounts));
    case TRD_BOOKS_RATE:
        return rate(engine);
    case TRD_BOOKS_INTEREST:
        return interest(engine, out, more);
    case TRD_BOOKS_EXPIRE:
        return expire(engine, more);
    case TRD_BOOKS_COLLATERAL:
        return collateral(engine);
    default:
        return enable(engine);
    }
}

/* --- CORPORATE -------------------------------------------------------------------------------- */

static unsigned dividend(trd_engine *engine, trd_out *out, bool *more) {
    const trd_command *command = engine->command;
    const trd_corporate_body *body = &command->u.corporate;
    trd_accounts *accounts = trd__engine_accounts(engine);
    if (command->instrument >= accounts->listings) {
        return TRD_REJECT_UNKNOWN_INSTRUMENT;
    }
    if (body->asset >= accounts->assets) {
        return TRD_REJECT_UNKNOWN_ASSET;
    }
    const int result =
        trd_accounts_dividend(accounts, command->instrument, body->asset, body->amount, out);
    *more = result == TRD_MORE;
    return trd__books_reason(result);
}

unsigned trd__engine_corporate(trd_engine *engine, trd_out *out, bool *more) {
    const trd_corporate_body *body = &engine->command[0].u.corporate;
    const trd_corporate_body paid = {
        .action = TRD_CORPORATE_DIVIDEND, .amount = body->amount, .asset = body->asset};
    if (memcmp(body, &paid, sizeof(paid)) == 0) {
        return dividend(engine, out, more);
    }
    return trd__engine_split(engine, more);
}
