/* test_accounts_ledger.c - transfers, loans, interest, days, and that nothing is created or lost.
 * Numbers such as S110 are those of the list of cases that hurt users of other engines; the others
 * follow docs/reference/accounts.md. */
#include "accounts_rig.h"
#include "dice.h"

enum { SPOT = TRD_INSTRUMENT_SPOT, LINEAR = TRD_INSTRUMENT_LINEAR };

static trd_transfer transfer(uint32_t from, uint32_t to, uint32_t asset, trd_amt amount) {
    return (trd_transfer){.from = from, .to = to, .asset = asset, .amount = amount, .reference = 9};
}

/* --- transfers -------------------------------------------------------------------------------- */

Test(accounts_ledger, a_transfer_has_two_events_the_givers_first) {
    rig *r = rig_new();
    const trd_transfer t = transfer(A, B, USD, 300);
    OK(r, transfer, &t);
    cr_assert(eq(u32, r->out.count, 2));
    const trd_event *from = &r->events[0];
    const trd_event *to = &r->events[1];
    cr_assert(eq(u32, from->account, A));
    cr_assert(eq(i64, from->u.ledger.amount, -300));
    cr_assert(eq(i64, from->u.ledger.balance, 999700));
    cr_assert(eq(u64, from->u.ledger.reference, 9));
    cr_assert(eq(u16, from->u.ledger.entry, TRD_LEDGER_TRANSFER));
    cr_assert(eq(u32, to->account, B));
    cr_assert(eq(i64, to->u.ledger.amount, 300));
    cr_assert(eq(i64, to->u.ledger.balance, 1000300));
    rig_free(r);
}

Test(accounts_ledger, only_what_is_free_can_be_transferred) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    const trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_FULL, 1, 400000);
    OK(r, hold, &hold);
    trd_transfer t = transfer(A, TRD_ACCOUNT_OUTSIDE, USD, 600001);
    cr_assert(eq(int, CALL(r, transfer, &t), TRD_E_FUNDS));
    t.amount = 600000;
    OK(r, transfer, &t);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 0));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_OUTSIDE, USD), -5000000 + 600000));
    t = transfer(A, B, JPY, 1); /* never held */
    cr_assert(eq(int, CALL(r, transfer, &t), TRD_E_FUNDS));
    rig_free(r);
}

Test(accounts_ledger, accounts_of_the_venue_may_be_on_both_ends_and_below_zero) {
    rig *r = rig_bare();
    const trd_transfer t = transfer(TRD_ACCOUNT_FEES, TRD_ACCOUNT_INSURANCE, USD, 50);
    OK(r, transfer, &t);
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_FEES, USD), -50));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_INSURANCE, USD), 50));
    rig_free(r);
}

Test(accounts_ledger, a_transfer_that_cannot_be_is_refused) {
    rig *r = rig_new();
    const struct {
        trd_transfer transfer;
        int result;
    } rows[] = {
        {{.from = A, .to = A, .amount = 1}, TRD_E_ARG},
        {{.from = A, .to = B, .amount = 0}, TRD_E_ARG},
        {{.from = A, .to = B, .amount = -1}, TRD_E_ARG},
        {{.from = A, .to = B, .amount = 1, .reserved = 1}, TRD_E_ARG},
        {{.from = A, .to = TRD_ACCOUNT_CLEARING, .amount = 1}, TRD_E_ARG},
        {{.from = TRD_ACCOUNT_CLEARING, .to = A, .amount = 1}, TRD_E_ARG},
        {{.from = A, .to = 5, .amount = 1}, TRD_E_UNKNOWN},
        {{.from = 8, .to = A, .amount = 1}, TRD_E_UNKNOWN},
        {{.from = A, .to = TRD_ACCOUNT_LENDER + 1, .amount = 1}, TRD_E_UNKNOWN},
        {{.from = A, .to = TRD_ACCOUNT_VENUE - 1, .amount = 1}, TRD_E_UNKNOWN},
        {{.from = A, .to = B, .asset = 3, .amount = 1}, TRD_E_UNKNOWN},
        {{.from = TRD_ACCOUNT_OUTSIDE, .to = A, .amount = TRD_AMT_LIMIT}, TRD_E_RANGE},
        {{.from = TRD_ACCOUNT_OUTSIDE, .to = A, .amount = TRD_AMT_LIMIT - 1000000}, TRD_E_RANGE},
        {{.from = TRD_ACCOUNT_OUTSIDE, .to = A, .amount = TRD_AMT_LIMIT - 1000001}, TRD_OK},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert(eq(int, CALL(r, transfer, &rows[i].transfer), rows[i].result), "row %u", i);
    }
    cr_assert(eq(int, CALL(r, transfer, NULL), TRD_E_ARG));
    rig_free(r);
}

/* --- loans ------------------------------------------------------------------------------------ */

Test(accounts_ledger, a_loan_is_money_and_debt_and_is_paid_back_from_both) {
    rig *r = rig_bare();
    OK(r, loan, A, USD, 1000, 4);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000));
    cr_assert(eq(i64, rig_balance(r, A, USD).debt, 1000));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_LENDER, USD), -1000));
    cr_assert(eq(int, CALL(r, loan, A, USD, -1001, 0), TRD_E_RANGE));
    const trd_transfer t = transfer(A, B, USD, 1);
    OK(r, transfer, &t);
    cr_assert(eq(int, CALL(r, loan, A, USD, -1000, 0), TRD_E_FUNDS));
    OK(r, loan, A, USD, -999, 0);
    cr_assert(eq(i64, rig_balance(r, A, USD).debt, 1));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 0));
    cr_assert(eq(int, CALL(r, loan, A, USD, 0, 0), TRD_E_ARG));
    cr_assert(eq(int, CALL(r, loan, A, 3, 1, 0), TRD_E_UNKNOWN));
    cr_assert(eq(int, CALL(r, loan, TRD_ACCOUNT_FEES, USD, 1, 0), TRD_E_UNKNOWN));
    rig_free(r);
}

/* free and debt both count: half of the limit, once. */
Test(accounts_ledger, a_loan_counts_as_money_and_as_debt) {
    rig *r = rig_bare();
    cr_assert(eq(int, CALL(r, loan, A, USD, TRD_AMT_LIMIT / 2, 0), TRD_E_RANGE));
    OK(r, loan, A, USD, TRD_AMT_LIMIT / 2 - 1, 0);
    OK(r, loan, A, BTC, 1, 0);
    cr_assert(eq(int, CALL(r, loan, A, BTC, TRD_AMT_LIMIT, 0), TRD_E_RANGE));
    cr_assert(eq(int, CALL(r, loan, A, BTC, INT64_MIN, 0), TRD_E_RANGE));
    rig_free(r);
}

/* 0.1 % of 1,500 is 1.5: 2. Of 1,502: 1.502: 2. */
Test(accounts_ledger, interest_is_rounded_up_and_each_due_is_applied_once) {
    rig *r = rig_bare();
    OK(r, loan, A, USD, 1500, 0);
    OK(r, loan, B, USD, 1, 0);
    rig_deposit(r, C, USD, 5);
    OK(r, interest, USD, 1000000, 10);
    cr_assert(eq(u32, r->out.count, 2));
    cr_assert(eq(i64, r->events[0].u.ledger.amount, 2));
    cr_assert(eq(i64, r->events[0].u.ledger.balance, 1502));
    cr_assert(eq(u16, r->events[0].u.ledger.entry, TRD_LEDGER_INTEREST));
    cr_assert(eq(i64, rig_balance(r, A, USD).debt, 1502));
    cr_assert(eq(i64, rig_balance(r, B, USD).debt, 2));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1500));
    cr_assert(eq(int, CALL(r, interest, USD, 1000000, 10), TRD_E_EXISTS));
    cr_assert(eq(int, CALL(r, interest, USD, 1000000001, 11), TRD_E_ARG));
    cr_assert(eq(int, CALL(r, interest, 3, 1, 11), TRD_E_UNKNOWN));
    OK(r, interest, BTC, 1000000, 10); /* each asset has its own */
    OK(r, interest, USD, 1000000, 11);
    cr_assert(eq(i64, rig_balance(r, A, USD).debt, 1504));
    rig_free(r);
}

/* --- days ------------------------------------------------------------------------------------- */

static uint32_t spot_in(rig *r, uint8_t days) {
    const trd_instrument spec = rig_spec(SPOT);
    trd_terms terms = rig_terms();
    terms.settle_days = days;
    return rig_add(r, &spec, &terms);
}

Test(accounts_ledger, what_is_got_is_free_after_its_days_and_what_is_given_leaves_at_once) {
    rig *r = rig_new();
    const uint32_t x = spot_in(r, 2);
    rig_fill(r, x, A, B, 10, 100);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 999000));
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 1000000));
    cr_assert(eq(i64, rig_balance(r, A, BTC).unsettled, 10));
    cr_assert(eq(i64, rig_free_of(r, B, BTC), 999990));
    cr_assert(eq(i64, rig_balance(r, B, USD).unsettled, 1000));
    OK(r, day);
    cr_assert(eq(u32, r->out.count, 0));
    rig_fill(r, x, A, B, 1, 100);
    OK(r, day);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 1000010));
    cr_assert(eq(i64, rig_balance(r, A, BTC).unsettled, 1));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 1001000));
    cr_assert(eq(u32, r->out.count, 2));
    cr_assert(eq(u32, r->events[0].account, A)); /* got its first first */
    cr_assert(eq(i64, r->events[0].u.ledger.amount, 10));
    cr_assert(eq(i64, r->events[0].u.ledger.balance, 1000011));
    cr_assert(eq(u16, r->events[0].u.ledger.entry, TRD_LEDGER_SETTLEMENT));
    OK(r, day);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 1000011));
    cr_assert(eq(i64, rig_balance(r, B, USD).unsettled, 0));
    OK(r, day);
    cr_assert(eq(u32, r->out.count, 0));
    rig_free(r);
}

Test(accounts_ledger, fees_of_a_seller_come_out_of_what_is_unsettled) {
    rig *r = rig_new();
    const uint32_t x = spot_in(r, 1);
    const trd_fee_table table = rig_fees(0, 10000000);
    rig_fees_of(r, B, &table);
    rig_fill(r, x, A, B, 10, 100);
    cr_assert(eq(i64, rig_balance(r, B, USD).unsettled, 990));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 1000000));
    OK(r, day);
    cr_assert(eq(i64, rig_free_of(r, B, USD), 1000990));
    rig_free(r);
}

Test(accounts_ledger, an_order_that_holds_has_a_place_for_what_settles_later) {
    trd_accounts_def def = rig_def();
    def.unsettled_max = 2;
    rig *r = rig_bare_of(&def);
    const uint32_t x = spot_in(r, 1);
    for (uint32_t account = A; account <= C; account++) {
        rig_deposit(r, account, USD, 1000);
        rig_deposit(r, account, BTC, 1000);
    }
    const trd_hold buy = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_FULL, 2, 100);
    const trd_hold sell = rig_hold(2, B, x, TRD_SELL, TRD_HOLD_FULL, 2, 100);
    const trd_hold late = rig_hold(3, C, x, TRD_SELL, TRD_HOLD_FULL, 2, 100);
    OK(r, hold, &buy);
    OK(r, hold, &sell);
    cr_assert(eq(int, CALL(r, hold, &late), TRD_E_FULL));
    trd_execution e = rig_execution(x, rig_leg(A), rig_leg(C), 1, 100);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_FULL));
    e = rig_execution(
        x, rig_order(1, A, TRD_LIQUIDITY_TAKER), rig_order(2, B, TRD_LIQUIDITY_MAKER), 2, 100);
    OK(r, execute, &e);
    cr_assert(eq(int, CALL(r, hold, &late), TRD_E_FULL)); /* both wait for the day */
    OK(r, day);
    OK(r, hold, &late);
    OK(r, release, 3, 2);
    rig_free(r);
}

/* --- conservation ----------------------------------------------------------------------------- */

/* 100 yen have no fraction: 1/3 of a yen a lot. 1 lot at 100: 33.33..., the buyer gives 34, the
 * seller gets 33, 1 is kept. Of one order three such fills give 34, 33, 33. */
Test(accounts_ledger, S110_an_asset_without_decimals_has_no_fraction_anywhere) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(SPOT);
    const trd_terms terms = rig_terms();
    spec.quote_asset = JPY;
    spec.settle_asset = JPY;
    spec.denominator = 3;
    const uint32_t x = rig_add(r, &spec, &terms);
    rig_deposit(r, A, JPY, 1000);
    rig_deposit(r, B, BTC, 1000);
    const trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_FULL, 3, 100);
    const trd_hold sale = rig_hold(2, B, x, TRD_SELL, TRD_HOLD_FULL, 3, 100);
    OK(r, hold, &hold);
    OK(r, hold, &sale);
    const trd_amt given[] = {34, 67, 100};
    const trd_amt got[] = {33, 66, 100};
    for (unsigned i = 0; i < 3; i++) {
        const trd_execution e = rig_execution(
            x, rig_order(1, A, TRD_LIQUIDITY_TAKER), rig_order(2, B, TRD_LIQUIDITY_MAKER), 1, 100);
        OK(r, execute, &e);
        const trd_balance a = rig_balance(r, A, JPY);
        cr_assert(eq(i64, a.free + a.locked, 1000 - given[i]), "fill %u", i);
        cr_assert(eq(i64, rig_free_of(r, B, JPY), got[i]), "fill %u", i);
        cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_ROUNDING, JPY), given[i] - got[i]));
    }
    rig_free(r);
}

/* What the rest of the world gave is what there is. */
static void nothing_is_lost(const rig *r) {
    for (uint32_t asset = USD; asset <= JPY; asset++) {
        trd_amt sum = 0;
        for (uint32_t k = 0; k < TRD_VENUE_COUNT; k++) {
            sum += rig_free_of(r, TRD_ACCOUNT_VENUE + k, asset);
        }
        for (uint32_t account = A; account <= HEDGED; account++) {
            const trd_balance b = rig_balance(r, account, asset);
            sum += b.free + b.locked + b.unsettled;
        }
        cr_assert(eq(i64, sum, 0));
    }
}

typedef struct churn {
    rig *r;
    dice random;
    uint32_t instrument[3];
    trd_order order[RIG_ORDERS];
    uint32_t account[RIG_ORDERS];
    uint8_t side[RIG_ORDERS];
    uint32_t of[RIG_ORDERS];
    uint64_t done;
} churn;

static trd_amt in(churn *c, trd_amt low, trd_amt high) {
    return dice_in(&c->random, low, high);
}

static void churn_hold(churn *c, uint32_t slot) {
    const uint32_t of = (uint32_t)in(c, 0, 2);
    const uint8_t side = (uint8_t)in(c, TRD_BUY, TRD_SELL);
    const uint32_t account = (uint32_t)in(c, A, D);
    const trd_hold hold = rig_hold(c->order[slot] + ((trd_order)1 << 32), account,
        c->instrument[of], side, TRD_HOLD_FULL, in(c, 1, 50), side == TRD_BUY ? 120 : 80);
    if (trd_accounts_hold(c->r->a, &hold, NULL) == TRD_OK) {
        c->order[slot] = hold.order;
        c->account[slot] = account;
        c->side[slot] = side;
        c->of[slot] = of;
        c->done++;
    }
}

static bool is_held(const churn *c, uint32_t slot, trd_held *held) {
    return trd_accounts_held(c->r->a, c->order[slot], held) == TRD_OK;
}

static void churn_execute(churn *c, uint32_t one, uint32_t two) {
    trd_held first;
    trd_held second;
    if (is_held(c, one, &first) && is_held(c, two, &second) && c->of[one] == c->of[two] &&
        c->side[one] != c->side[two]) {
        const uint32_t buyer = c->side[one] == TRD_BUY ? one : two;
        const uint32_t seller = buyer == one ? two : one;
        const trd_qty most = first.leaves < second.leaves ? first.leaves : second.leaves;
        const trd_execution e = rig_execution(c->instrument[c->of[one]],
            rig_order(c->order[buyer], c->account[buyer], TRD_LIQUIDITY_TAKER),
            rig_order(c->order[seller], c->account[seller], TRD_LIQUIDITY_MAKER), in(c, 1, most),
            in(c, 80, 120));
        cr_assert(eq(int, trd_accounts_execute(c->r->a, &e, NULL), TRD_OK));
        c->done++;
    }
}

static void churn_step(churn *c) {
    const uint32_t slot = (uint32_t)in(c, 0, RIG_ORDERS - 1);
    trd_held held;
    if (!is_held(c, slot, &held)) {
        churn_hold(c, slot);
    } else if (in(c, 0, 9) == 0) {
        cr_assert(eq(int,
            trd_accounts_release(c->r->a, c->order[slot], in(c, 1, held.leaves), NULL), TRD_OK));
        c->done++;
    } else {
        churn_execute(c, slot, (uint32_t)in(c, 0, RIG_ORDERS - 1));
    }
}

/* BTC is bought and sold for dollars, in thirds, and for yen, in sevenths, and yen for dollars. */
Test(accounts_ledger, S111_total_is_free_plus_locked_through_a_million_operations_in_3_assets) {
    trd_accounts_def def = rig_def();
    def.publish = 0;
    def.fee_tables_max = 8;
    churn c = {.r = rig_bare_of(&def), .random = dice_seeded(1)};
    rig *r = c.r;
    const uint32_t pairs[3][3] = {{BTC, USD, 3}, {BTC, JPY, 7}, {JPY, USD, 3}};
    for (unsigned i = 0; i < 3; i++) {
        trd_instrument spec = rig_spec(SPOT);
        trd_terms terms = rig_terms();
        spec.base_asset = pairs[i][0];
        spec.quote_asset = pairs[i][1];
        spec.settle_asset = pairs[i][1];
        spec.denominator = pairs[i][2];
        spec.qty_scale = pairs[i][0] == BTC ? 8 : 0;
        terms.tax_count = 1;
        terms.taxes[0] = (trd_tax){.buyer_ppb = 1500000, .seller_ppb = 2500000};
        c.instrument[i] = rig_add(r, &spec, &terms);
    }
    const trd_fee_table table = rig_fees(-1300000, 2700000);
    for (uint32_t account = A; account <= D; account++) {
        rig_fees_of(r, account, &table);
        for (uint32_t asset = USD; asset <= JPY; asset++) {
            const trd_transfer t = transfer(TRD_ACCOUNT_OUTSIDE, account, asset, 100000000);
            cr_assert(eq(int, trd_accounts_transfer(r->a, &t, NULL), TRD_OK));
        }
    }
    for (uint32_t slot = 0; slot < RIG_ORDERS; slot++) {
        c.order[slot] = slot + 1;
    }
    for (uint64_t steps = 0; c.done < 1000000; steps++) {
        cr_assert(steps < 20000000);
        churn_step(&c);
        if (steps % 50000 == 0) {
            nothing_is_lost(r);
            rig_sound(r);
        }
    }
    for (uint32_t slot = 0; slot < RIG_ORDERS; slot++) {
        trd_held held;
        if (is_held(&c, slot, &held)) {
            cr_assert(
                eq(int, trd_accounts_release(r->a, c.order[slot], held.leaves, NULL), TRD_OK));
        }
    }
    for (uint32_t account = A; account <= D; account++) {
        for (uint32_t asset = USD; asset <= JPY; asset++) {
            cr_assert(eq(i64, rig_balance(r, account, asset).locked, 0));
        }
    }
    nothing_is_lost(r);
    rig_sound(r);
    rig_free(r);
}

/* The deltas of all events sum to zero per asset, save for those within an account. */
static void deltas_are_zero(const rig *r) {
    trd_amt sum[3] = {0};
    for (uint32_t i = 0; i < r->out.count; i++) {
        const trd_event *e = &r->events[i];
        const uint16_t entry = e->u.ledger.entry;
        const bool within =
            entry == TRD_LEDGER_LOCK || entry == TRD_LEDGER_RELEASE || entry == TRD_LEDGER_INTEREST;
        if (e->kind == TRD_EVENT_LEDGER && !within) {
            sum[e->u.ledger.asset] += e->u.ledger.amount;
        }
    }
    for (uint32_t asset = USD; asset <= JPY; asset++) {
        cr_assert(eq(i64, sum[asset], 0));
    }
}

Test(accounts_ledger, S118_the_deltas_of_an_execution_sum_to_zero_in_each_asset) {
    rig *r = rig_new();
    const trd_fee_table table = rig_fees(-1300000, 2700000);
    rig_fees_of(r, A, &table);
    rig_fees_of(r, B, &table);
    trd_instrument spec = rig_spec(SPOT);
    trd_terms terms = rig_terms();
    spec.denominator = 7;
    terms.tax_count = 1;
    terms.taxes[0] = (trd_tax){.buyer_ppb = 1500000, .seller_ppb = 2500000};
    const uint32_t x = rig_add(r, &spec, &terms);
    spec = rig_spec(LINEAR);
    spec.denominator = 11;
    const uint32_t y = rig_add(r, &spec, &terms);
    for (trd_qty qty = 1; qty < 60; qty += 7) {
        rig_fill(r, x, A, B, qty, 1001);
        deltas_are_zero(r);
        rig_fill(r, x, B, A, qty + 3, 997);
        deltas_are_zero(r);
        rig_fill(r, y, A, B, qty, 1001);
        deltas_are_zero(r);
        rig_fill(r, y, B, A, qty + 3, -997);
        deltas_are_zero(r);
    }
    nothing_is_lost(r);
    rig_free(r);
}
