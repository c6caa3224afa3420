/* test_engine_books.c - commands about the books of all: days, periods, rates, interest, expiry,
 * dividends, loans. Numbers are worked out from docs/reference/accounts.md. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/tradsys.h>

#include "engine_rig.h"

static trd_command books(trd_books_body body) {
    return (trd_command){.kind = TRD_COMMAND_BOOKS, .slots = 1, .u.books = body};
}

static void done(rig *r, trd_command c) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    for (uint32_t i = 0; i < r->out.count; i += r->events[i].slots) {
        cr_assert(ne(u8, r->events[i].kind, TRD_EVENT_COMMAND_REJECTED), "%s",
            trd_reject_text(r->events[i].reason));
    }
}

/* Refused, by one event, with nothing else. */
static void turned_down(rig *r, trd_command c, unsigned reason) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, r->out.count, 1));
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(u8, r->events[0].liquidity, c.kind));
    cr_assert(eq(u8, r->events[0].reason, reason), "%s, not %s",
        trd_reject_text(r->events[0].reason), trd_reject_text(reason));
}

static trd_command transfer(uint32_t account, uint32_t in, unsigned action, trd_amt amount) {
    return (trd_command){.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = account,
        .u.transfer = {.action = (uint8_t)action, .asset = in, .amount = amount, .reference = 7}};
}

static trd_qty held_lots(const rig *r, uint32_t account, uint32_t instrument) {
    trd_holding holding;
    cr_assert(eq(int,
        trd_accounts_position(
            trd_engine_accounts(r->engine), account, instrument, TRD_POSITION_NET, &holding),
        TRD_OK));
    return holding.qty;
}

/* Alice is long `qty` of the future at px, Bob is short. */
static void open_future(rig *r, trd_qty qty, trd_px px) {
    deposit(r, ALICE, USD, 1000000);
    deposit(r, BOB, USD, 1000000);
    set_mark(r, px);
    good(r, order(r, BOB, FUTURE, TRD_SELL, qty, px));
    good(r, order(r, ALICE, FUTURE, TRD_BUY, qty, px));
}

/* --- days and periods ------------------------------------------------------------------------- */

/* 1,000 lots at 10.00, sold again at 9.00: 1,000 x 1.00 lost, and fees of 0.1 % of 1,000,000 and of
 * 900,000 cents. */
Test(engine_books, a_day_begins_the_daily_loss_anew) { /* S136 */
    rig r;
    rig_init(&r);
    open_future(&r, 1000, 1000);
    good(&r, order(&r, BOB, FUTURE, TRD_BUY, 1000, 900));
    good(&r, order(&r, ALICE, FUTURE, TRD_SELL, 1000, 900));
    trd_activity activity;
    const trd_accounts *accounts = trd_engine_accounts(r.engine);
    cr_assert(eq(int, trd_accounts_activity(accounts, ALICE, &activity), TRD_OK));
    cr_assert(eq(i64, activity.realised, -100000));
    cr_assert(eq(i64, activity.fees, 1900));
    const trd_command limit = {.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = ALICE,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = TRD_LIMIT_DAILY_LOSS,
            .scope = TRD_LIMIT_ACCOUNT,
            .value = 101900}};
    done(&r, limit);
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 900), TRD_REJECT_DAILY_LOSS);
    done(&r, books((trd_books_body){.action = TRD_BOOKS_DAY}));
    cr_assert(eq(u32, r.out.count, 0)); /* nothing is unsettled */
    cr_assert(eq(int, trd_accounts_activity(accounts, ALICE, &activity), TRD_OK));
    cr_assert(eq(i64, activity.realised, 0));
    cr_assert(eq(i64, activity.volume, 1900000));
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 900));
    rig_fini(&r);
}

Test(engine_books, a_period_begins_the_volume_anew) {
    rig r;
    rig_init(&r);
    open_future(&r, 10, 1000);
    done(&r, books((trd_books_body){.action = TRD_BOOKS_PERIOD}));
    trd_activity activity;
    const trd_accounts *accounts = trd_engine_accounts(r.engine);
    cr_assert(eq(int, trd_accounts_activity(accounts, ALICE, &activity), TRD_OK));
    cr_assert(eq(i64, activity.volume, 0));
    cr_assert(eq(i64, activity.volume_before, 10000));
    rig_fini(&r);
}

enum { SELLERS = 12 };

/* A share that is settled in two days; each of twelve sellers has sold one for 100 cents. */
static void settling(rig *r) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    accounts.unsettled_max = 32;
    *r = (rig){.engine = trd_engine_create(&def)};
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    cr_assert(ne(ptr, r->engine, NULL));
    const trd_asset usd = asset("USD");
    const trd_asset sh = asset("SHARE");
    cr_assert(eq(int, trd_engine_asset(r->engine, &usd), USD));
    cr_assert(eq(int, trd_engine_asset(r->engine, &sh), SHARE));
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_engine_fees(r->engine, &fees), 0));
    trd_instrument spec = share();
    const trd_terms terms = {.struct_size = sizeof(terms), .settle_days = 2};
    const trd_engine_listing spot = {.spec = &spec, .terms = &terms};
    cr_assert(eq(int, trd_engine_list(r->engine, &spot), SPOT));
    for (uint32_t account = 1; account <= 1 + SELLERS; account++) {
        open_account(r, account, TRD_MODE_CASH);
    }
    deposit(r, ALICE, USD, 100000);
    for (uint32_t account = 2; account <= 1 + SELLERS; account++) {
        deposit(r, account, SHARE, 100);
        good(r, order(r, account, SPOT, TRD_SELL, 1, 100));
        good(r, order(r, ALICE, SPOT, TRD_BUY, 1, 100));
    }
}

/* The events of two days, with an output of this room. */
static uint32_t two_days(uint32_t room, trd_event *all) {
    rig r;
    uint32_t count = 0;
    settling(&r);
    for (int day = 0; day < 2; day++) {
        const trd_command c = books((trd_books_body){.action = TRD_BOOKS_DAY});
        trd_out out = {.events = r.events, .capacity = room};
        int result = trd_engine_step(r.engine, &c, &out);
        for (;;) {
            memcpy(all + count, r.events, out.count * sizeof(trd_event));
            count += out.count;
            cr_assert(eq(int, trd_engine_audit(r.engine), TRD_OK));
            if (result == TRD_OK) {
                break;
            }
            cr_assert(eq(int, result, TRD_MORE));
            out.count = 0;
            result = trd_engine_step(r.engine, NULL, &out);
        }
    }
    for (uint32_t account = 2; account <= 1 + SELLERS; account++) {
        has(&r, account, USD, 100, 0);
    }
    has(&r, ALICE, SHARE, 100 * SELLERS, 0);
    rig_fini(&r);
    return count;
}

/* The buyer's shares and twelve times a dollar become free on the second day. */
Test(engine_books, on_its_day_unsettled_money_becomes_free) {
    rig r;
    settling(&r);
    cr_assert(eq(i64, balance(&r, 2, USD).unsettled, 100));
    done(&r, books((trd_books_body){.action = TRD_BOOKS_DAY}));
    cr_assert(eq(u32, r.out.count, 0));
    cr_assert(eq(i64, balance(&r, 2, USD).unsettled, 100));
    done(&r, books((trd_books_body){.action = TRD_BOOKS_DAY}));
    cr_assert(eq(u32, r.out.count, 1 + SELLERS));
    cr_assert(eq(u16, r.events[0].u.ledger.entry, TRD_LEDGER_SETTLEMENT));
    cr_assert(eq(i64, balance(&r, 2, USD).unsettled, 0));
    has(&r, 2, USD, 100, 0);
    rig_fini(&r);
}

Test(engine_books, the_events_of_a_day_do_not_depend_on_the_room) {
    static trd_event whole[ROOM];
    static trd_event parts[ROOM];
    const uint32_t count = two_days(ROOM, whole);
    cr_assert(eq(u32, count, 1 + SELLERS));
    for (uint32_t room = TRD_ENGINE_OUT_MIN; room < TRD_ENGINE_OUT_MIN + 12; room++) {
        cr_assert(eq(u32, two_days(room, parts), count));
        cr_assert(eq(int, memcmp(whole, parts, count * sizeof(trd_event)), 0));
    }
}

/* --- rates, interest, loans ------------------------------------------------------------------- */

/* A hundredth of a share is worth 7 / 2 cents. */
Test(engine_books, a_rate_is_what_an_asset_is_worth) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, SHARE, 1001);
    trd_equity equity;
    const trd_accounts *accounts = trd_engine_accounts(r.engine);
    cr_assert(eq(int, trd_accounts_equity(accounts, ALICE, &equity), TRD_E_UNKNOWN));
    done(&r, books((trd_books_body){
                 .action = TRD_BOOKS_RATE, .asset = SHARE, .numerator = 7, .denominator = 2}));
    cr_assert(eq(int, trd_accounts_equity(accounts, ALICE, &equity), TRD_OK));
    cr_assert(eq(i64, equity.total, 3503)); /* 3,503.5 */
    rig_fini(&r);
}

Test(engine_books, a_loan_is_borrowed_grows_and_is_paid_back) {
    rig r;
    rig_init(&r);
    done(&r, transfer(ALICE, USD, TRD_TRANSFER_BORROW, 1000));
    cr_assert(eq(u16, r.events[0].u.ledger.entry, TRD_LEDGER_LOAN));
    cr_assert(eq(u64, r.events[0].u.ledger.reference, 7));
    has(&r, ALICE, USD, 1000, 0);
    cr_assert(eq(i64, balance(&r, ALICE, USD).debt, 1000));
    /* 0.12 %: 1.2, rounded up. */
    const trd_books_body interest = {
        .action = TRD_BOOKS_INTEREST, .asset = USD, .numerator = 1200000, .due = 5};
    done(&r, books(interest));
    cr_assert(eq(i64, balance(&r, ALICE, USD).debt, 1002));
    turned_down(&r, books(interest), TRD_REJECT_DUPLICATE_ID);
    cr_assert(eq(i64, balance(&r, ALICE, USD).debt, 1002));
    turned_down(&r, transfer(ALICE, USD, TRD_TRANSFER_WITHDRAW, 1), TRD_REJECT_MARGIN);
    turned_down(&r, transfer(ALICE, USD, TRD_TRANSFER_REPAY, 1001), TRD_REJECT_BALANCE);
    deposit(&r, ALICE, USD, 100);
    turned_down(&r, transfer(ALICE, USD, TRD_TRANSFER_REPAY, 1003), TRD_REJECT_BALANCE);
    done(&r, transfer(ALICE, USD, TRD_TRANSFER_REPAY, 1002));
    has(&r, ALICE, USD, 98, 0);
    cr_assert(eq(i64, balance(&r, ALICE, USD).debt, 0));
    done(&r, transfer(ALICE, USD, TRD_TRANSFER_WITHDRAW, 98));
    rig_fini(&r);
}

Test(engine_books, a_loan_that_cannot_be_is_refused) {
    rig r;
    rig_init(&r);
    turned_down(&r, transfer(ALICE, USD, TRD_TRANSFER_BORROW, 0), TRD_REJECT_MALFORMED);
    turned_down(&r, transfer(ALICE, USD, TRD_TRANSFER_REPAY, -1), TRD_REJECT_MALFORMED);
    turned_down(&r, transfer(ALICE, USD, TRD_TRANSFER_REPAY, INT64_MIN), TRD_REJECT_MALFORMED);
    turned_down(&r, transfer(ALICE, USD, TRD_TRANSFER_BORROW, TRD_AMT_LIMIT), TRD_REJECT_POSITION);
    turned_down(&r, transfer(5, USD, TRD_TRANSFER_BORROW, 1), TRD_REJECT_UNKNOWN_ACCOUNT);
    turned_down(&r, transfer(ALICE, 2, TRD_TRANSFER_BORROW, 1), TRD_REJECT_UNKNOWN_ASSET);
    trd_command to = transfer(ALICE, USD, TRD_TRANSFER_BORROW, 1);
    to.u.transfer.to = BOB;
    turned_down(&r, to, TRD_REJECT_MALFORMED);
    to = transfer(ALICE, USD, TRD_TRANSFER_REPAY + 1, 1);
    turned_down(&r, to, TRD_REJECT_MALFORMED);
    has(&r, ALICE, USD, 0, 0);
    rig_fini(&r);
}

/* --- expiry ----------------------------------------------------------------------------------- */

static uint32_t count_of(const rig *r, unsigned kind) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->out.count; i += r->events[i].slots) {
        count += r->events[i].kind == kind;
    }
    return count;
}

/* Long 10 at 10.00 with fees of 10; at 10.70 it gains 700. Two orders and a stop of it end first,
 * and give back what they hold. */
Test(engine_books, at_expiry_orders_end_and_positions_are_settled) {
    rig r;
    rig_init(&r);
    open_future(&r, 10, 1000);
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 3, 900));
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 4, 1200));
    trd_command stop[2] = {order(&r, BOB, FUTURE, TRD_BUY, 2, 1300)};
    stop[0].slots = 2;
    stop[0].u.order.type = TRD_TYPE_STOP_LIMIT;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = 1250,
        .source = TRD_SOURCE_LAST};
    memcpy(&stop[1], &prices, sizeof(prices));
    r.out.count = 0;
    cr_assert(eq(int, trd_engine_step(r.engine, stop, &r.out), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    good(&r, order(&r, BOB, SPOT, TRD_BUY, 1, 100)); /* of another instrument: 100 and a fee of 1 */
    trd_command expire = books((trd_books_body){.action = TRD_BOOKS_EXPIRE, .px = 1070});
    expire.instrument = FUTURE;
    done(&r, expire);
    cr_assert(eq(u32, count_of(&r, TRD_EVENT_CANCELED), 3));
    for (uint32_t i = 0; i < r.out.count; i += r.events[i].slots) {
        if (r.events[i].kind == TRD_EVENT_CANCELED) {
            cr_assert(eq(u8, r.events[i].reason, TRD_CAUSE_MATURED));
        }
    }
    cr_assert(eq(u32, count_of(&r, TRD_EVENT_POSITION), 2));
    has(&r, ALICE, USD, 1000000 - 10 + 700, 0);
    has(&r, BOB, USD, 1000000 - 10 - 700 - 101, 101);
    cr_assert(eq(i64, held_lots(&r, ALICE, FUTURE), 0));
    trd_qty qty = 1;
    cr_assert(eq(int,
        trd_match_position(trd_engine_match(r.engine), ALICE, FUTURE, TRD_POSITION_NET, &qty),
        TRD_OK));
    cr_assert(eq(i64, qty, 0));
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 900), TRD_REJECT_DISABLED);
    done(&r, expire); /* again: nothing is left */
    cr_assert(eq(u32, r.out.count, 0));
    rig_fini(&r);
}

/* The stream of an expiry that ends many orders, with an output of this room. */
static uint32_t expiry(uint32_t room, trd_event *all) {
    rig r;
    rig_init(&r);
    open_future(&r, 10, 1000);
    for (int i = 0; i < 20; i++) {
        good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 900 + i));
        good(&r, order(&r, BOB, FUTURE, TRD_SELL, 1, 1200 - i));
    }
    trd_command c = books((trd_books_body){.action = TRD_BOOKS_EXPIRE, .px = 1070});
    c.instrument = FUTURE;
    trd_out out = {.events = r.events, .capacity = room};
    uint32_t count = 0;
    int result = trd_engine_step(r.engine, &c, &out);
    for (;;) {
        memcpy(all + count, r.events, out.count * sizeof(trd_event));
        count += out.count;
        cr_assert(eq(int, trd_engine_audit(r.engine), TRD_OK));
        if (result == TRD_OK) {
            break;
        }
        cr_assert(eq(int, result, TRD_MORE));
        cr_assert(eq(int, trd_engine_step(r.engine, &c, &out), TRD_E_BUSY));
        out.count = 0;
        result = trd_engine_step(r.engine, NULL, &out);
    }
    rig_fini(&r);
    return count;
}

Test(engine_books, the_events_of_an_expiry_do_not_depend_on_the_room) {
    static trd_event whole[ROOM];
    static trd_event parts[ROOM];
    const uint32_t count = expiry(ROOM, whole);
    cr_assert(count > 40 * 2);
    for (uint32_t room = TRD_ENGINE_OUT_MIN; room < 200; room += 5) {
        cr_assert(eq(u32, expiry(room, parts), count));
        cr_assert(eq(int, memcmp(whole, parts, count * sizeof(trd_event)), 0));
    }
}

Test(engine_books, an_expiry_that_cannot_be_ends_no_order) {
    rig r;
    rig_init(&r);
    open_future(&r, 10, 1000);
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 3, 900));
    trd_command c = books((trd_books_body){.action = TRD_BOOKS_EXPIRE, .px = 100001});
    c.instrument = FUTURE;
    turned_down(&r, c, TRD_REJECT_PRICE_LIMIT);
    c.u.books.px = 1000;
    c.instrument = SPOT;
    turned_down(&r, c, TRD_REJECT_BAD_COMBINATION);
    c.instrument = 2;
    turned_down(&r, c, TRD_REJECT_UNKNOWN_INSTRUMENT);
    cr_assert(ne(u64, trd_match_find(trd_engine_match(r.engine), ALICE, r.id), 0));
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 900)); /* it is not disabled either */
    rig_fini(&r);
}

/* ALICE has 1,000 and buys 10 calls at 100 of BOB, who has 100,000: for 50 and a fee of 1. */
static void buy_ten_calls(rig *r) {
    const trd_instrument spec = call(100);
    const trd_command mark = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = THIRD,
        .u.price = {.px = 5, .source = TRD_SOURCE_MARK}};
    rig_init_third(r, &spec);
    deposit(r, ALICE, USD, 1000);
    deposit(r, BOB, USD, 100000);
    done(r, mark);
    good(r, order(r, BOB, THIRD, TRD_SELL, 10, 5));
    good(r, order(r, ALICE, THIRD, TRD_BUY, 10, 5));
}

/* A call at 100 that was bought for 5 ends at 2,100 of the share, which no price of the call could
 * be: 10 lots bring 20,000. */
Test(engine_books, an_option_expires_at_a_price_of_what_it_is_on) {
    rig r;
    buy_ten_calls(&r);
    trd_command expire = books((trd_books_body){.action = TRD_BOOKS_EXPIRE, .px = 2100});
    expire.instrument = THIRD;
    done(&r, expire);
    has(&r, ALICE, USD, 1000 - 51 + 20000, 0);
    has(&r, BOB, USD, 100000 + 50 - 1 - 20000, 0);
    cr_assert(eq(i64, held_lots(&r, ALICE, THIRD), 0));
    rig_fini(&r);
}

/* 10 lots of 2^61 are more than any amount: refused, and its orders live. */
Test(engine_books, an_expiry_beyond_every_amount_ends_no_order) {
    rig r;
    buy_ten_calls(&r);
    good(&r, order(&r, ALICE, THIRD, TRD_BUY, 1, 5));
    const uint64_t id = r.id;
    trd_command expire =
        books((trd_books_body){.action = TRD_BOOKS_EXPIRE, .px = INT64_C(1) << 61});
    expire.instrument = THIRD;
    turned_down(&r, expire, TRD_REJECT_POSITION);
    cr_assert(ne(u64, trd_match_find(trd_engine_match(r.engine), ALICE, id), 0));
    cr_assert(eq(i64, held_lots(&r, ALICE, THIRD), 10));
    good(&r, order(&r, ALICE, THIRD, TRD_BUY, 1, 5)); /* it is not disabled either */
    rig_fini(&r);
}

/* --- an expiry of more positions than one output has room for --------------------------------- */

enum { HOLDERS = 160, CROWD_ROOM = 4096 };

/* The future, and so many who are long one lot of it each, against BOB. There was a split of the
 * share before, which is over. */
static void crowd(rig *r) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    match.accounts_max = accounts.accounts_max = risk.accounts_max = 16 + HOLDERS;
    accounts.balances_max = 32 + HOLDERS;
    accounts.positions_max = match.positions_max = 64 + HOLDERS;
    rig_make_of(r, &def);
    const trd_command mark = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = SPOT,
        .u.price = {.px = 100, .source = TRD_SOURCE_MARK}};
    const trd_command split = {.kind = TRD_COMMAND_CORPORATE,
        .slots = 1,
        .instrument = SPOT,
        .u.corporate = {.action = TRD_CORPORATE_SPLIT, .numerator = 2, .denominator = 1}};
    done(r, mark);
    done(r, split);
    deposit(r, BOB, USD, 1000000);
    set_mark(r, 1000);
    for (uint32_t i = 0; i < HOLDERS; i++) {
        open_account(r, 16 + i, TRD_MODE_FLAT);
        deposit(r, 16 + i, USD, 10000);
        good(r, order(r, BOB, FUTURE, TRD_SELL, 1, 1000));
        good(r, order(r, 16 + i, FUTURE, TRD_BUY, 1, 1000));
    }
}

/* The events of the expiry, with outputs of this room. */
static uint32_t crowd_expires(uint32_t room, trd_event *all) {
    rig r;
    crowd(&r);
    trd_command c = books((trd_books_body){.action = TRD_BOOKS_EXPIRE, .px = 1070});
    c.instrument = FUTURE;
    trd_out out = {.events = r.events, .capacity = room};
    uint32_t count = 0;
    int result = trd_engine_step(r.engine, &c, &out);
    for (;;) {
        cr_assert(count + out.count <= CROWD_ROOM);
        memcpy(all + count, r.events, out.count * sizeof(trd_event));
        count += out.count;
        if (result == TRD_OK) {
            break;
        }
        cr_assert(eq(int, result, TRD_MORE));
        out.count = 0;
        result = trd_engine_step(r.engine, NULL, &out);
    }
    for (uint32_t i = 0; i < HOLDERS; i++) {
        /* A fee of 1 was paid, 70 are gained. */
        has(&r, 16 + i, USD, 10000 - 1 + 70, 0);
    }
    has(&r, BOB, USD, 1000000 - HOLDERS - 70 * HOLDERS, 0);
    rig_fini(&r);
    return count;
}

Test(engine_books, an_expiry_of_many_positions_goes_on_where_it_was) {
    static trd_event whole[CROWD_ROOM];
    static trd_event parts[CROWD_ROOM];
    const uint32_t count = crowd_expires(ROOM, whole);
    cr_assert(count > ROOM); /* not even that is enough */
    for (uint32_t room = TRD_ENGINE_OUT_MIN; room < ROOM; room += 127) {
        cr_assert(eq(u32, crowd_expires(room, parts), count));
        cr_assert(eq(int, memcmp(whole, parts, count * sizeof(trd_event)), 0));
    }
}

/* Interest on all of them, too: each owes 100, of which 10 % are 10. There was a split before,
 * which is over. */
Test(engine_books, interest_of_many_debts_goes_on_where_it_was) {
    rig r;
    crowd(&r);
    for (uint32_t i = 0; i < HOLDERS; i++) {
        done(&r, transfer(16 + i, USD, TRD_TRANSFER_BORROW, 100));
    }
    const trd_command c = books((trd_books_body){
        .action = TRD_BOOKS_INTEREST, .asset = USD, .numerator = 100000000, .due = 1});
    trd_event events[TRD_ENGINE_OUT_MIN];
    trd_out out = {.events = events, .capacity = TRD_ENGINE_OUT_MIN};
    uint32_t told = 0;
    uint32_t parts = 1;
    int result = trd_engine_step(r.engine, &c, &out);
    for (; result == TRD_MORE; parts++) {
        told += out.count;
        out.count = 0;
        result = trd_engine_step(r.engine, NULL, &out);
    }
    cr_assert(eq(int, result, TRD_OK));
    cr_assert(parts > 1);
    cr_assert(eq(u32, told + out.count, HOLDERS));
    for (uint32_t i = 0; i < HOLDERS; i++) {
        cr_assert(eq(i64, balance(&r, 16 + i, USD).debt, 110));
    }
    rig_fini(&r);
}

/* --- instruments on and off, dividends -------------------------------------------------------- */

Test(engine_books, a_disabled_instrument_takes_no_orders_until_it_is_enabled) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 10000);
    trd_command c = books((trd_books_body){.action = TRD_BOOKS_DISABLE});
    c.instrument = SPOT;
    done(&r, c);
    refused(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100), TRD_REJECT_DISABLED);
    c.u.books.action = TRD_BOOKS_ENABLE;
    done(&r, c);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100));
    c.instrument = 2;
    turned_down(&r, c, TRD_REJECT_UNKNOWN_INSTRUMENT);
    rig_fini(&r);
}

Test(engine_books, a_dividend_is_paid_per_lot_by_the_short_to_the_long) {
    rig r;
    rig_init(&r);
    open_future(&r, 10, 1000);
    const trd_amt alice = balance(&r, ALICE, USD).free;
    const trd_amt bob = balance(&r, BOB, USD).free;
    trd_command c = {.kind = TRD_COMMAND_CORPORATE,
        .slots = 1,
        .instrument = FUTURE,
        .u.corporate = {.action = TRD_CORPORATE_DIVIDEND, .amount = 25, .asset = USD}};
    done(&r, c);
    cr_assert(eq(i64, balance(&r, ALICE, USD).free, alice + 250));
    cr_assert(eq(i64, balance(&r, BOB, USD).free, bob - 250));
    c.instrument = 2;
    turned_down(&r, c, TRD_REJECT_UNKNOWN_INSTRUMENT);
    c.instrument = FUTURE;
    c.u.corporate.asset = 2;
    turned_down(&r, c, TRD_REJECT_UNKNOWN_ASSET);
    c.u.corporate.asset = USD;
    c.u.corporate.amount = -1;
    turned_down(&r, c, TRD_REJECT_MALFORMED);
    c.u.corporate.amount = TRD_AMT_LIMIT;
    turned_down(&r, c, TRD_REJECT_POSITION);
    c.u.corporate.amount = 25;
    c.u.corporate.numerator = 1;
    turned_down(&r, c, TRD_REJECT_MALFORMED);
    rig_fini(&r);
}

/* --- records, permissions, decisions ---------------------------------------------------------- */

Test(engine_books, fields_that_an_action_does_not_name_are_zero) {
    static const trd_books_body rows[] = {
        {.action = 0},
        {.action = TRD_BOOKS_COLLATERAL + 1},
        {.action = TRD_BOOKS_DAY, .px = 1},
        {.action = TRD_BOOKS_DAY, .due = 1},
        {.action = TRD_BOOKS_PERIOD, .asset = 1},
        {.action = TRD_BOOKS_RATE, .asset = SHARE, .numerator = 1},
        {.action = TRD_BOOKS_RATE, .asset = SHARE, .denominator = 1},
        {.action = TRD_BOOKS_RATE, .asset = SHARE, .numerator = 1, .denominator = 1, .due = 1},
        {.action = TRD_BOOKS_RATE, .asset = SHARE, .numerator = 0x80000001, .denominator = 1},
        {.action = TRD_BOOKS_INTEREST, .numerator = 1, .denominator = 1},
        {.action = TRD_BOOKS_INTEREST, .numerator = TRD_RATE_ONE + 1},
        {.action = TRD_BOOKS_EXPIRE, .numerator = 1},
        {.action = TRD_BOOKS_ENABLE, .px = 1},
        {.action = TRD_BOOKS_DISABLE, .reserved = {0, 0, 1}},
    };
    rig r;
    rig_init(&r);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        turned_down(&r, books(rows[i]), TRD_REJECT_MALFORMED);
    }
    trd_books_body unknown = {
        .action = TRD_BOOKS_RATE, .asset = 2, .numerator = 1, .denominator = 1};
    turned_down(&r, books(unknown), TRD_REJECT_UNKNOWN_ASSET);
    unknown.asset = USD; /* others are valued in it */
    turned_down(&r, books(unknown), TRD_REJECT_BAD_COMBINATION);
    turned_down(&r, books((trd_books_body){.action = TRD_BOOKS_INTEREST, .asset = 2}),
        TRD_REJECT_UNKNOWN_ASSET);
    trd_command flagged = books((trd_books_body){.action = TRD_BOOKS_PERIOD});
    flagged.flags = 1;
    turned_down(&r, flagged, TRD_REJECT_MALFORMED);
    rig_fini(&r);
}

/* An engine with roles: actor 7 may enter orders, ADMIN may everything. */
static void with_roles(rig *r) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_engine_def def = def_of(&match, &accounts, &risk);
    risk.actors_max = 4;
    def.decisions = 1;
    *r = (rig){.engine = trd_engine_create(&def)};
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    const trd_asset usd = asset("USD");
    cr_assert(eq(int, trd_engine_asset(r->engine, &usd), USD));
    const trd_actor trader = {.actor = 7, .role = TRD_ROLE_TRADER};
    const trd_actor admin = {.actor = ADMIN, .role = TRD_ROLE_ADMIN};
    cr_assert(eq(int, trd_engine_actor(r->engine, &trader), TRD_OK));
    cr_assert(eq(int, trd_engine_actor(r->engine, &admin), TRD_OK));
}

Test(engine_books, only_who_configures_may_and_the_decision_is_told) {
    rig r;
    with_roles(&r);
    static const unsigned kinds[] = {TRD_COMMAND_BOOKS, TRD_COMMAND_CORPORATE};
    for (int i = 0; i < 2; i++) {
        trd_command c = {.kind = (uint8_t)kinds[i], .slots = 1, .actor = 7};
        cr_assert(eq(int, send(&r, c), TRD_OK));
        cr_assert(eq(u32, r.out.count, 2));
        cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_DECISION));
        cr_assert(eq(u8, r.events[0].reason, TRD_REJECT_NOT_PERMITTED));
        cr_assert(eq(u32, r.events[0].u.decision.actor, 7));
        cr_assert(eq(u8, r.events[0].u.decision.command, kinds[i]));
        cr_assert(eq(u8, r.events[1].kind, TRD_EVENT_COMMAND_REJECTED));
        cr_assert(eq(u8, r.events[1].reason, TRD_REJECT_NOT_PERMITTED));
    }
    trd_command day = books((trd_books_body){.action = TRD_BOOKS_DAY});
    day.actor = ADMIN;
    cr_assert(eq(int, send(&r, day), TRD_OK));
    cr_assert(eq(u32, r.out.count, 1));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_DECISION));
    cr_assert(eq(u8, r.events[0].reason, 0));
    rig_fini(&r);
}
