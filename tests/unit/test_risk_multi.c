/* test_risk_multi.c - accounts of mode MULTI: docs/reference/risk.md, "Several assets as
 * collateral" and "Money that leaves". A tick x lot is one minor unit of USD, the valuation asset;
 * BTC is worth 50, counts with a haircut of 10 % and for 20,000 at most; initial margin is 10 %. */
#include "risk_rig.h"

#include "acct/value.h"
#include "risk/grant.h"
#include "risk/multi.h"

static void count_as(gate *g, uint32_t asset, uint32_t ppm, trd_amt cap) {
    const trd_haircut haircut = {.ppm = ppm, .has_cap = cap != 0, .cap = cap};
    cr_assert(eq(int, trd_accounts_haircut(g->r->a, asset, &haircut), TRD_OK));
}

/* A has so much, and pays the fees of a table: 0 has none, 1 has 1 %. */
static gate multi(trd_amt usd, trd_amt btc, uint32_t fees) {
    gate g = gate_new();
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(g.r->a, A, &terms), TRD_OK));
    terms.mode = TRD_MODE_MULTI;
    terms.fees = fees;
    cr_assert(eq(int, trd_accounts_open(g.r->a, A, &terms), TRD_OK));
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 50, 1), TRD_OK));
    count_as(&g, BTC, 100000, 20000);
    gate_withdraw(&g, A, USD, usd);
    if (btc != 0) {
        rig_deposit(g.r, A, BTC, btc);
    }
    return g;
}

/* Long 10 at 1,000, now 900: 1,000 lost, 900 needed. */
static gate page(trd_amt btc) {
    gate g = multi(1000, btc, 0);
    gate_fill(&g, A, FUT, TRD_BUY, 10, 1000);
    gate_mark(&g, FUT, 900);
    return g;
}

static trd_collateral state(const gate *g) {
    trd_collateral c;
    cr_assert(eq(int, trd_risk_collateral(g->k, g->r->a, A, &c), TRD_OK));
    return c;
}

static trd_amt most(const gate *g, uint32_t asset) {
    trd_amt out = -1;
    cr_assert(eq(int, trd_risk_withdrawable(g->k, g->r->a, A, asset, &out), TRD_OK));
    return out;
}

/* Says the same twice more: who may keep what positions come to and need, and who finds it kept. */
static trd_verdict checked(const gate *g, const trd_ask *ask) {
    const trd_verdict asked = gate_check(g, ask);
    for (int i = 0; i < 2; i++) {
        trd_verdict v;
        trd_acct_grant grant;
        cr_assert(eq(int, trd__risk_grant(g->k, g->r->a, ask, &v, &grant), TRD_OK));
        cr_assert(eq(u32, v.reason, asked.reason));
        cr_assert(eq(i64, v.measured, asked.measured));
        cr_assert(eq(i64, v.limit, asked.limit));
        cr_assert(eq(i64, v.need, asked.need));
        cr_assert(eq(int, trd__multi_audit(g->k, g->r->a), TRD_OK));
    }
    return asked;
}

static void passes(const gate *g, uint32_t instrument, uint8_t side, trd_qty qty, trd_px px) {
    const trd_ask ask = ask_of(A, instrument, side, qty, px);
    cr_assert(eq(u32, checked(g, &ask).reason, 0));
}

static void fails(
    const gate *g, const trd_ask *ask, uint32_t reason, int64_t measured, int64_t limit) {
    const trd_verdict v = checked(g, ask);
    cr_assert(eq(u32, v.reason, reason), "%s", trd_reject_text(v.reason));
    cr_assert(eq(i64, v.measured, measured));
    cr_assert(eq(i64, v.limit, limit));
    cr_assert(eq(u8, v.scope, 0));
}

#define FAILS(g, instrument, side, qty, px, reason, measured, limit)                               \
    do {                                                                                           \
        const trd_ask ask_ = ask_of(A, instrument, side, qty, px);                                 \
        fails((g), &ask_, TRD_REJECT_##reason, (measured), (limit));                               \
    } while (0)

static void take(
    gate *g, trd_order order, uint32_t instrument, uint8_t side, trd_qty qty, trd_px px) {
    trd_ask ask = ask_of(A, instrument, side, qty, px);
    gate_accept(g, &ask, order);
}

static void drop(gate *g, trd_order order, trd_qty qty) {
    OK(g->r, release, order, qty);
    cr_assert(eq(int, trd_risk_closed(g->k, order, qty), TRD_OK));
}

/* --- what it comes to ------------------------------------------------------------------------- */

Test(risk_multi, the_table_of_the_page) {
    gate g = multi(1000, 100, 0);
    cr_assert(eq(i64, state(&g).usable, 5500));
    cr_assert(eq(i64, state(&g).available, 5500));
    gate_fill(&g, A, FUT, TRD_BUY, 10, 1000);
    gate_mark(&g, FUT, 900);
    cr_assert(eq(i64, state(&g).usable, 4500));
    cr_assert(eq(i64, state(&g).initial, 900));
    FAILS(&g, FUT, TRD_BUY, 41, 900, MARGIN, 3690, 3600);
    take(&g, 1, FUT, TRD_BUY, 40, 900);
    cr_assert(eq(i64, rig_balance(g.r, A, USD).free, -2600));
    cr_assert(eq(u32, rig_balance(g.r, A, USD).cause, TRD_SHORT_MARGIN));
    cr_assert(eq(i64, state(&g).held, 3600));
    cr_assert(eq(i64, state(&g).available, 0));
    FAILS(&g, FUT, TRD_BUY, 1, 900, MARGIN, 90, 0);
    drop(&g, 1, 40);
    passes(&g, SPOT, TRD_SELL, 80, 50);
    FAILS(&g, SPOT, TRD_SELL, 81, 50, MARGIN, 900, 855);
    rig_deposit(g.r, A, BTC, 344);
    cr_assert(eq(i64, state(&g).usable, 19980)); /* 444 x 45 */
    rig_deposit(g.r, A, BTC, 1);
    cr_assert(eq(i64, state(&g).usable, 20000)); /* not 20,025 */
    gate_free(&g);
}

Test(risk_multi, what_is_owed_has_no_haircut) {
    gate g = page(100);
    gate_mark(&g, FUT, 400);
    cr_assert(eq(i64, state(&g).equity, -500)); /* 4,500 - 5,000 */
    cr_assert(eq(i64, state(&g).initial, 400));
    cr_assert(eq(i64, state(&g).available, -900));
    count_as(&g, USD, 500000, 0); /* nor when the asset has one */
    cr_assert(eq(i64, state(&g).equity, -500));
    gate_mark(&g, FUT, 1000); /* 1,000 USD, half of which counts */
    cr_assert(eq(i64, state(&g).equity, 5000));
    gate_free(&g);
}

/* 1 BTC at 50 less a third is 33.3. */
Test(risk_multi, what_is_owned_is_rounded_down) {
    gate g = multi(0, 1, 0);
    count_as(&g, BTC, 333333, 0);
    passes(&g, FUT, TRD_BUY, 1, 330);
    FAILS(&g, FUT, TRD_BUY, 1, 331, MARGIN, 34, 33);
    gate_free(&g);
}

/* One JPY that is owed, at a third of a unit, is one whole unit. */
Test(risk_multi, debts_are_taken_off_and_rounded_up) {
    gate g = multi(100, 0, 0);
    OK(g.r, loan, A, JPY, 1, 0);
    OK(g.r, transfer, (&(trd_transfer){.from = A, .to = B, .asset = JPY, .amount = 1}));
    cr_assert(eq(int, trd_accounts_rate(g.r->a, JPY, 1, 3), TRD_OK));
    passes(&g, FUT, TRD_BUY, 1, 990);
    FAILS(&g, FUT, TRD_BUY, 1, 991, MARGIN, 100, 99);
    OK(g.r, loan, A, USD, 1000, 0); /* what is got and owed is nothing */
    cr_assert(eq(i64, state(&g).equity, 99));
    gate_free(&g);
}

/* A future that settles in BTC: profits count with the haircut, losses beyond all BTC without. What
 * it needs is 10 % of 10 x the mark, in BTC. */
Test(risk_multi, profit_and_loss_belong_to_their_asset) {
    gate g = multi(9800, 100, 0);
    trd_instrument spec = rig_spec(TRD_INSTRUMENT_LINEAR);
    const trd_terms terms = rig_terms();
    spec.settle_asset = BTC;
    const uint32_t x = rig_add(g.r, &spec, &terms);
    gate_model(&g, x, 100000);
    gate_mark(&g, x, 110);
    gate_fill(&g, A, x, TRD_BUY, 10, 100);
    cr_assert(eq(i64, state(&g).equity, 9800 + 200 * 45));
    cr_assert(eq(i64, state(&g).initial, 110 * 50));
    gate_mark(&g, x, 90);
    cr_assert(eq(i64, state(&g).equity, 9800));
    gate_mark(&g, x, 80);
    cr_assert(eq(i64, state(&g).equity, 9800 - 100 * 50));
    cr_assert(eq(i64, state(&g).initial, 80 * 50));
    FAILS(&g, x, TRD_BUY, 3, 80, MARGIN, 24 * 50, 16 * 50);
    passes(&g, x, TRD_BUY, 2, 80); /* 16 BTC, of which it has none */
    gate_free(&g);
}

Test(risk_multi, the_leverage_of_the_account_counts) {
    gate g = page(100);
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(g.r->a, A, &terms), TRD_OK));
    terms.leverage = 700;
    cr_assert(eq(int, trd_accounts_open(g.r->a, A, &terms), TRD_OK));
    cr_assert(eq(i64, state(&g).initial, 1286)); /* 9,000 / 7 is 1,285.7 */
    gate_free(&g);
}

/* A sold 10 options at 100: the premium is money, and what closing them costs is owed. */
Test(risk_multi, options_that_were_sold_need_margin) {
    gate g = multi(500, 0, 0);
    gate_fill(&g, A, OPT, TRD_SELL, 10, 100);
    cr_assert(eq(i64, state(&g).equity, 500));
    cr_assert(eq(i64, state(&g).initial, 100));
    gate_mark(&g, OPT, 140);
    cr_assert(eq(i64, state(&g).equity, 100));
    cr_assert(eq(i64, state(&g).initial, 140));
    FAILS(&g, OPT, TRD_SELL, 1, 140, MARGIN, 14, -40);
    FAILS(&g, SPOT, TRD_BUY, 1, 1, MARGIN, 140, 99);
    passes(&g, OPT, TRD_BUY, 10, 140); /* who buys them back is never kept from it */
    FAILS(&g, OPT, TRD_BUY, 21, 1, MARGIN, 140, 79);
    gate_free(&g);
}

/* --- what must be known ----------------------------------------------------------------------- */

Test(risk_multi, what_is_not_known_stands_for_nothing) {
    gate g = page(100);
    trd_collateral c;
    rig_deposit(g.r, A, JPY, 1); /* has no rate */
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, A, &c), TRD_E_UNKNOWN));
    FAILS(&g, FUT, TRD_BUY, 1, 1, MARGIN, INT64_MAX, 1000);
    FAILS(&g, SPOT, TRD_SELL, 1, 50, MARGIN, INT64_MAX, 100);
    passes(&g, FUT, TRD_SELL, 10, 900); /* reduces, and nothing is charged */
    cr_assert(eq(i64, most(&g, BTC), 0));
    gate_withdraw(&g, A, JPY, 0); /* a balance of 0 needs none */
    passes(&g, FUT, TRD_BUY, 40, 900);
    const uint32_t other = rig_instrument(g.r, TRD_INSTRUMENT_LINEAR);
    gate_fill(&g, A, other, TRD_BUY, 1, 100); /* neither mark nor model */
    FAILS(&g, FUT, TRD_BUY, 1, 1, MARGIN, INT64_MAX, 1000);
    FAILS(&g, SPOT, TRD_SELL, 1, 50, MARGIN, INT64_MAX, 100);
    gate_mark(&g, other, 100);
    FAILS(&g, FUT, TRD_BUY, 1, 1, MARGIN, INT64_MAX, 1000);
    gate_model(&g, other, 100000);
    passes(&g, FUT, TRD_BUY, 39, 900); /* 3,600 less 10 */
    FAILS(&g, FUT, TRD_BUY, 40, 900, MARGIN, 3600, 3590);
    gate_free(&g);
}

Test(risk_multi, an_option_that_was_bought_needs_its_mark) {
    gate g = page(100);
    const uint32_t other = rig_instrument(g.r, TRD_INSTRUMENT_OPTION);
    gate_fill(&g, A, other, TRD_BUY, 1, 100);
    FAILS(&g, FUT, TRD_BUY, 1, 900, MARGIN, INT64_MAX, 900);
    gate_mark(&g, other, 60); /* bought for 100, worth 60, and needs no model */
    cr_assert(eq(i64, state(&g).equity, 4460));
    gate_free(&g);
}

Test(risk_multi, cash_models_carry_no_short_position) {
    gate g = multi(5000, 0, 0);
    trd_margin_model cash;
    trd_collateral c;
    gate_fill(&g, A, FUT, TRD_SELL, 1, 100);
    cr_assert(eq(i64, state(&g).initial, 10));
    cr_assert(eq(int, trd_margin_cash(&cash), TRD_OK));
    cr_assert(eq(int, trd_risk_model(g.k, FUT, &cash), TRD_OK));
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, A, &c), TRD_E_UNKNOWN));
    gate_fill(&g, A, FUT, TRD_BUY, 2, 100);
    cr_assert(eq(i64, state(&g).initial, 100)); /* long: all of it */
    gate_free(&g);
}

/* --- what is kept of it ----------------------------------------------------------------------- */

static const trd_acct_need *kept_need(const gate *g) {
    const trd_acct_client *client = trd__client(g->r->a, A);
    cr_assert(client->kept != 0);
    return &trd__kept(g->r->a, client->kept)->need;
}

/* Long 10 at 1,000, now 900: 4,500 count, 900 are needed. Each line moves one thing that the need
 * of the positions, or what there is, follows from. */
Test(risk_multi, what_is_kept_follows_all_that_it_comes_from) {
    gate g = page(100);
    trd_account terms;
    trd_margin_model model;
    const trd_margin_rates half = {.initial_ppm = 500000, .maintenance_ppm = 250000};
    FAILS(&g, FUT, TRD_BUY, 41, 900, MARGIN, 3690, 3600);
    cr_assert(eq(u8, kept_need(&g)->is_known, 1));
    FAILS(&g, FUT, TRD_BUY, 41, 900, MARGIN, 3690, 3600);
    gate_mark(&g, FUT, 1000); /* 5,500, 1,000 */
    FAILS(&g, FUT, TRD_BUY, 46, 1000, MARGIN, 4600, 4500);
    gate_fill(&g, A, FUT, TRD_BUY, 10, 1000); /* 2,000 */
    FAILS(&g, FUT, TRD_BUY, 36, 1000, MARGIN, 3600, 3500);
    cr_assert(eq(int, trd_accounts_get(g.r->a, A, &terms), TRD_OK));
    terms.leverage = 400; /* a quarter: 5,000 */
    cr_assert(eq(int, trd_accounts_open(g.r->a, A, &terms), TRD_OK));
    FAILS(&g, FUT, TRD_BUY, 3, 1000, MARGIN, 750, 500);
    terms.leverage = 0;
    cr_assert(eq(int, trd_accounts_open(g.r->a, A, &terms), TRD_OK));
    FAILS(&g, FUT, TRD_BUY, 36, 1000, MARGIN, 3600, 3500);
    cr_assert(eq(int, trd_margin_flat(&model, &half), TRD_OK));
    cr_assert(eq(int, trd_risk_model(g.k, FUT, &model), TRD_OK)); /* 10,000 */
    FAILS(&g, FUT, TRD_BUY, 1, 1000, MARGIN, 500, -4500);
    gate_fill(&g, A, FUT, TRD_SELL, 20, 1000);
    FAILS(&g, FUT, TRD_BUY, 12, 1000, MARGIN, 6000, 5500);
    gate_free(&g);
}

/* A future that settles in BTC, 10 lots at 100: what it needs, 100 BTC, is worth 5,000, then 6,000;
 * so are the 100 BTC that there are. */
Test(risk_multi, what_is_kept_follows_rates) {
    gate g = multi(9000, 100, 0);
    trd_instrument spec = rig_spec(TRD_INSTRUMENT_LINEAR);
    const trd_terms terms = rig_terms();
    spec.settle_asset = BTC;
    const uint32_t x = rig_add(g.r, &spec, &terms);
    gate_model(&g, x, 100000);
    count_as(&g, BTC, 0, 0);
    gate_mark(&g, x, 100);
    gate_fill(&g, A, x, TRD_BUY, 10, 100);
    FAILS(&g, FUT, TRD_BUY, 91, 1000, MARGIN, 9100, 9000);
    cr_assert(eq(u8, kept_need(&g)->is_known, 1));
    cr_assert(kept_need(&g)->initial == 5000);
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 60, 1), TRD_OK));
    FAILS(&g, FUT, TRD_BUY, 91, 1000, MARGIN, 9100, 9000);
    cr_assert(kept_need(&g)->initial == 6000);
    cr_assert(eq(u32, kept_need(&g)->positions, 1));
    gate_free(&g);
}

/* What stays where it is is not reckoned again, whatever is ordered: nothing is valued. */
Test(risk_multi, orders_leave_what_is_kept_as_it_is) {
    gate g = page(100);
    passes(&g, FUT, TRD_BUY, 1, 900);
    const uint64_t valued = g.r->a->valued;
    take(&g, 1, FUT, TRD_BUY, 20, 900);
    FAILS(&g, FUT, TRD_BUY, 21, 900, MARGIN, 1890, 1800);
    drop(&g, 1, 20);
    passes(&g, FUT, TRD_BUY, 40, 900);
    cr_assert(eq(u8, kept_need(&g)->is_known, 1));
    cr_assert(eq(u64, g.r->a->valued, valued));
    gate_free(&g);
}

/* What is kept of A is looked at first, and that of B is sound. */
Test(risk_multi, an_audit_finds_a_need_that_is_wrong) {
    gate g = page(100);
    passes(&g, FUT, TRD_BUY, 1, 900);
    gate_fill(&g, B, FUT, TRD_BUY, 1, 900);
    cr_assert(eq(int, trd_accounts_revalue(g.r->a, B), TRD_OK));
    cr_assert(eq(u32, trd__client(g.r->a, A)->kept, 1));
    cr_assert(eq(u32, trd__client(g.r->a, B)->kept, 2));
    trd_acct_need *need = (trd_acct_need *)(uintptr_t)kept_need(&g);
    const trd_acct_need sound = *need;
    need->initial++;
    cr_expect(trd__multi_audit(g.k, g.r->a) < 0);
    *need = sound;
    need->maintenance--;
    cr_expect(trd__multi_audit(g.k, g.r->a) < 0);
    *need = sound;
    need->positions = 2;
    cr_expect(trd__multi_audit(g.k, g.r->a) < 0);
    *need = sound;
    trd__listed(g.r->a, FUT)->has_mark = 0; /* then nothing is known of it */
    cr_expect(trd__multi_audit(g.k, g.r->a) < 0);
    trd__listed(g.r->a, FUT)->has_mark = 1;
    cr_assert(eq(int, trd__multi_audit(g.k, g.r->a), TRD_OK));
    gate_free(&g);
}

/* Somebody else's models are not those that it was kept with. */
Test(risk_multi, who_only_asks_reads_no_need_that_another_kept) {
    gate g = page(100);
    gate other = gate_new();
    trd_collateral c;
    passes(&g, FUT, TRD_BUY, 1, 900);
    cr_assert(eq(i64, state(&g).initial, 900));
    gate_model(&other, FUT, 500000);
    cr_assert(eq(int, trd_risk_collateral(other.k, g.r->a, A, &c), TRD_OK));
    cr_assert(eq(i64, c.initial, 4500));
    gate_free(&other);
    gate_free(&g);
}

/* --- orders in full --------------------------------------------------------------------------- */

/* 1,900 are left of all USD, 900 must stay. BTC counts for nothing here: what is paid is gone. */
Test(risk_multi, two_orders_in_full_spend_no_collateral_twice) {
    gate g = page(0);
    rig_deposit(g.r, A, USD, 1900);
    count_as(&g, BTC, 1000000, 0);
    take(&g, 1, SPOT, TRD_BUY, 20, 49);
    cr_assert(eq(i64, state(&g).equity, 1900));
    cr_assert(eq(i64, state(&g).usable, 920));
    FAILS(&g, SPOT, TRD_BUY, 1, 21, MARGIN, 900, 899);
    FAILS(&g, FUT, TRD_BUY, 1, 201, MARGIN, 21, 20);
    take(&g, 2, FUT, TRD_BUY, 1, 150); /* 15 */
    FAILS(&g, SPOT, TRD_BUY, 1, 6, MARGIN, 915, 914);
    passes(&g, SPOT, TRD_BUY, 1, 5);
    gate_free(&g);
}

Test(risk_multi, what_counts_for_nothing_may_be_sold) {
    gate g = page(100);
    count_as(&g, BTC, 1000000, 0);
    rig_deposit(g.r, A, USD, 900); /* 900 when the loss is off: all that is needed */
    take(&g, 1, SPOT, TRD_SELL, 100, 50);
    cr_assert(eq(i64, state(&g).available, 0));
    FAILS(&g, FUT, TRD_BUY, 1, 1, MARGIN, 1, 0);
    gate_free(&g);
}

Test(risk_multi, beyond_a_cap_too) {
    gate g = page(100);
    count_as(&g, BTC, 0, 900); /* 18 of 100 are worth it */
    take(&g, 1, SPOT, TRD_SELL, 82, 50);
    FAILS(&g, SPOT, TRD_SELL, 1, 50, MARGIN, 900, 850);
    gate_free(&g);
}

Test(risk_multi, with_nothing_on_margin_it_is_not_asked) {
    gate g = multi(100, 10, 0);
    rig_deposit(g.r, A, JPY, 1); /* has no rate */
    passes(&g, SPOT, TRD_BUY, 1, 100);
    passes(&g, SPOT, TRD_SELL, 10, 50);
    gate_withdraw(&g, A, JPY, 0);
    OK(g.r, loan, A, USD, 1000, 0); /* 1,100 are gone and 1,000 owed: it may be sold all the same */
    gate_withdraw(&g, A, USD, 0);
    cr_assert(eq(i64, state(&g).equity, 450 - 1000));
    passes(&g, SPOT, TRD_SELL, 10, 50);
    rig_deposit(g.r, A, USD, 600);   /* 50 */
    take(&g, 1, FUT, TRD_BUY, 1, 1); /* 1 is held on margin */
    FAILS(&g, SPOT, TRD_SELL, 10, 50, MARGIN, 1, -400);
    FAILS(&g, SPOT, TRD_SELL, 2, 50, MARGIN, 1, -40);
    passes(&g, SPOT, TRD_SELL, 1, 50);
    gate_free(&g);
}

/* --- orders on margin ------------------------------------------------------------------------- */

/* Fees 1 %: selling 10 at 100 is charged 10. No USD is there, and less than the 100 that the
 * position needs: who reduces is not asked for that. */
Test(risk_multi, other_assets_pay_the_charge_of_who_reduces) {
    gate g = multi(0, 0, 1);
    gate_fill(&g, A, FUT, TRD_BUY, 10, 100);
    rig_deposit(g.r, A, JPY, 9);
    FAILS(&g, FUT, TRD_SELL, 10, 100, BALANCE, 10, 0); /* no rate: what is free */
    cr_assert(eq(int, trd_accounts_rate(g.r->a, JPY, 1, 1), TRD_OK));
    FAILS(&g, FUT, TRD_SELL, 10, 100, BALANCE, 10, 9);
    passes(&g, FUT, TRD_SELL, 9, 100);
    take(&g, 1, FUT, TRD_SELL, 5, 100);
    cr_assert(eq(i64, rig_free_of(g.r, A, USD), -5));
    FAILS(&g, FUT, TRD_SELL, 5, 100, BALANCE, 5, 4);
    rig_deposit(g.r, A, JPY, 1);
    take(&g, 2, FUT, TRD_SELL, 5, 100);
    FAILS(&g, FUT, TRD_BUY, 1, 100, BALANCE, 1, 0);
    gate_free(&g);
}

Test(risk_multi, the_second_order_finds_what_the_first_has_left) {
    gate g = page(100);
    take(&g, 1, FUT, TRD_BUY, 20, 900);
    FAILS(&g, FUT, TRD_BUY, 21, 900, MARGIN, 1890, 1800);
    FAILS(&g, FUT, TRD_SELL, 21, 600, MARGIN, 1890, 1800); /* at the mark */
    take(&g, 2, FUT, TRD_BUY, 20, 900);
    FAILS(&g, FUT, TRD_BUY, 1, 1, MARGIN, 1, 0);
    passes(&g, FUT, TRD_SELL, 20, 900); /* turns 10 into -10 at most: reduces */
    gate_free(&g);
}

/* 40 lots hold all there is. What is held already is no question, more is. */
Test(risk_multi, an_amendment_has_what_it_holds) {
    gate g = page(100);
    take(&g, 1, FUT, TRD_BUY, 40, 900);
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 40, 900);
    ask.kind = TRD_ASK_AMEND;
    ask.order = 1;
    EXPECT_PASS(&g, &ask);
    ask.qty = 41;
    fails(&g, &ask, TRD_REJECT_MARGIN, 3690, 3600);
    gate_mark(&g, FUT, 800); /* 1,000 more is lost, 800 needed */
    fails(&g, &ask, TRD_REJECT_MARGIN, 3690, 2700);
    ask.qty = 40;
    EXPECT_PASS(&g, &ask);
    ask.qty = 20;
    gate_accept(&g, &ask, 1);
    cr_assert(eq(i64, state(&g).available, 900)); /* 4,500 - 1,000 - 800 - 1,800 */
    gate_free(&g);
}

/* The same in full: 82 of 100 BTC at a cap of 900 (18 x 50). */
Test(risk_multi, so_has_one_in_full) {
    gate g = page(100);
    count_as(&g, BTC, 0, 900);
    take(&g, 1, SPOT, TRD_SELL, 82, 50);
    trd_ask ask = ask_of(A, SPOT, TRD_SELL, 83, 50);
    ask.kind = TRD_ASK_AMEND;
    ask.order = 1;
    fails(&g, &ask, TRD_REJECT_MARGIN, 900, 850);
    gate_mark(&g, FUT, 899); /* 10 more is lost, 899 needed */
    ask.qty = 82;
    EXPECT_PASS(&g, &ask);
    gate_free(&g);
}

/* --- money that leaves ------------------------------------------------------------------------ */

Test(risk_multi, what_stands_on_it_stays) {
    gate g = page(100);
    cr_assert(eq(i64, most(&g, BTC), 80));
    cr_assert(eq(i64, most(&g, USD), 1000));
    count_as(&g, BTC, 0, 0);
    cr_assert(eq(i64, most(&g, BTC), 82)); /* 18 x 50 */
    take(&g, 1, FUT, TRD_BUY, 1, 10);      /* holds 1: 901 need 19 */
    cr_assert(eq(i64, most(&g, BTC), 81));
    take(&g, 2, SPOT, TRD_SELL, 10, 50); /* may be spent as well */
    cr_assert(eq(i64, most(&g, BTC), 71));
    gate_free(&g);
}

Test(risk_multi, all_that_is_free_leaves_an_account_on_which_nothing_stands) {
    gate g = multi(1000, 100, 0);
    rig_deposit(g.r, A, JPY, 5);
    cr_assert(eq(i64, most(&g, BTC), 100));
    cr_assert(eq(i64, most(&g, JPY), 5)); /* without a rate */
    OK(g.r, loan, A, USD, 1, 0);
    cr_assert(eq(i64, most(&g, BTC), 0));
    gate_free(&g);
}

/* A loss of 50 is left in USD: one BTC of 45 is not enough for it, two are. */
Test(risk_multi, what_is_below_zero_keeps_the_rest) {
    gate g = multi(0, 3, 0);
    gate_fill(&g, A, FUT, TRD_BUY, 1, 150);
    gate_fill(&g, A, FUT, TRD_SELL, 1, 100);
    cr_assert(eq(i64, rig_balance(g.r, A, USD).free, -50));
    cr_assert(eq(i64, most(&g, BTC), 1));
    gate_withdraw(&g, A, BTC, 2);
    cr_assert(eq(i64, most(&g, BTC), 0));
    gate_free(&g);
}

Test(risk_multi, nothing_leaves_an_account_that_has_not_enough) {
    gate g = page(100);
    gate_mark(&g, FUT, 400);
    cr_assert(eq(i64, most(&g, BTC), 0));
    cr_assert(eq(i64, most(&g, USD), 0));
    gate_free(&g);
}

/* --- the question ----------------------------------------------------------------------------- */

Test(risk_multi, errors) {
    gate g = page(100);
    trd_collateral c = {.equity = 7};
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, A, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, B, &c), TRD_E_ARG)); /* CROSS */
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, 7, &c), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, 8, &c), TRD_E_UNKNOWN));
    rig_deposit(g.r, A, JPY, ((trd_amt)1 << 62) - 1);
    cr_assert(eq(int, trd_accounts_rate(g.r->a, JPY, 3, 1), TRD_OK));
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, A, &c), TRD_E_RANGE));
    cr_assert(eq(i64, c.equity, 7));
    count_as(&g, JPY, 0, 1); /* what does not fit is above every cap */
    cr_assert(eq(i64, state(&g).equity, 4501));
    gate_free(&g);
}

Test(risk_multi, nothing_is_told_while_the_accounts_are_busy) {
    gate g = page(100);
    trd_collateral c;
    trd_event events[TRD_ACCOUNTS_OUT_MIN];
    trd_out out = {.events = events, .capacity = TRD_ACCOUNTS_OUT_MIN};
    const trd_funding funding = {.instrument = FUT, .rate_ppb = 1000000, .mark = 100, .due = 1};
    gate_fill(&g, B, FUT, TRD_BUY, 5, 100);
    cr_assert(eq(int, trd_accounts_funding(g.r->a, &funding, &out), TRD_MORE));
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, A, &c), TRD_E_BUSY));
    while (out.count = 0, trd_accounts_continue(g.r->a, &out) == TRD_MORE) {
    }
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, A, &c), TRD_OK));
    gate_free(&g);
}

/* An instrument that only the accounts have could have positions that nobody knows the margin of.
 */
Test(risk_multi, nothing_is_told_where_an_instrument_is_missing) {
    const trd_accounts_def accounts = rig_def();
    trd_risk_def def = gate_def();
    trd_collateral c;
    def.instruments_max = 4;
    gate g = gate_of(&accounts, &def);
    gate_mode(&g, A, TRD_MODE_MULTI);
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, A, &c), TRD_OK));
    rig_instrument(g.r, TRD_INSTRUMENT_LINEAR);
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, A, &c), TRD_E_UNKNOWN));
    gate_free(&g);
}

/* A future that settles in BTC. */
static uint32_t in_btc(gate *g) {
    trd_instrument spec = rig_spec(TRD_INSTRUMENT_LINEAR);
    const trd_terms terms = rig_terms();
    spec.settle_asset = BTC;
    const uint32_t x = rig_add(g->r, &spec, &terms);
    gate_model(g, x, 100000);
    return x;
}

/* 74,500 x 10^6 x 10 % are 7.45 x 10^9 BTC; at 2^30 each that is 8 x 10^18, below 2^63 = 9.2 x
 * 10^18, and twice as much is not; at 2^31 once is not. */
Test(risk_multi, numbers_that_do_not_fit_are_not_told) {
    trd_collateral c = {.equity = 7};
    gate g = multi(MONEY - 1, 0, 0);
    const uint32_t x = in_btc(&g);
    rig_deposit(g.r, A, USD, 1000000000000);
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 1, 1), TRD_OK));
    gate_mark(&g, x, 74500);
    take(&g, 1, x, TRD_BUY, 1000000, 74500);
    cr_assert(eq(i64, state(&g).held, 7450000000));
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 1u << 30, 1), TRD_OK));
    cr_assert(eq(i64, state(&g).held, 7450000000 << 30));
    gate_fill(&g, A, x, TRD_BUY, 1000000, 74500);
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, A, &c), TRD_E_RANGE)); /* both together */
    drop(&g, 1, 1000000);
    cr_assert(eq(i64, state(&g).initial, 7450000000 << 30));
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 1u << 31, 1), TRD_OK));
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, A, &c), TRD_E_RANGE));
    cr_assert(eq(i64, c.equity, 7));
    gate_free(&g);
}

Test(risk_multi, what_is_held_may_not_fit_alone) {
    trd_collateral c;
    gate g = multi(MONEY - 1, 0, 0);
    const uint32_t x = in_btc(&g);
    rig_deposit(g.r, A, USD, 1000000000000);
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 1, 1), TRD_OK));
    gate_mark(&g, x, 74500);
    take(&g, 1, x, TRD_BUY, 1000000, 74500);
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 1u << 31, 1), TRD_OK));
    cr_assert(eq(int, trd_risk_collateral(g.k, g.r->a, A, &c), TRD_E_RANGE));
    gate_free(&g);
}

/* All of 10^12 BTC are lost, at a mark of 0 that needs nothing. Half of what is free would be a
 * debt beyond 64 bits; 3 are worth as much as the USD that are there. */
Test(risk_multi, a_debt_beyond_64_bits_does_not_leave) {
    gate g = multi(1, 0, 0);
    const uint32_t x = in_btc(&g);
    rig_deposit(g.r, A, BTC, 1000000000000);
    gate_fill(&g, A, x, TRD_BUY, 1000000, 1000000);
    gate_mark(&g, x, 0);
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 1u << 31, 1), TRD_OK));
    cr_assert(eq(i64, most(&g, BTC), 0)); /* one USD */
    rig_deposit(g.r, A, USD, ((trd_amt)3 << 31) - 2);
    cr_assert(eq(i64, most(&g, BTC), 2));
    rig_deposit(g.r, A, USD, 1);
    cr_assert(eq(i64, most(&g, BTC), 3));
    gate_free(&g);
}

/* What is asked for is in an asset of which nothing is known, and nothing is there. */
Test(risk_multi, what_is_asked_needs_a_rate) {
    for (uint32_t fees = 0; fees <= 1; fees++) {
        gate g = multi(MONEY - 1, 0, fees);
        trd_instrument spec = rig_spec(TRD_INSTRUMENT_LINEAR);
        const trd_terms terms = rig_terms();
        spec.settle_asset = JPY;
        const uint32_t x = rig_add(g.r, &spec, &terms);
        gate_model(&g, x, 100000);
        gate_mark(&g, x, 100);
        if (fees != 0) {
            FAILS(&g, x, TRD_BUY, 10, 100, BALANCE, 10, 0);
        } else {
            FAILS(&g, x, TRD_BUY, 10, 100, MARGIN, INT64_MAX, 0);
        }
        cr_assert(eq(int, trd_accounts_rate(g.r->a, JPY, 1, 1), TRD_OK));
        passes(&g, x, TRD_BUY, 10, 100);
        gate_free(&g);
    }
}

/* 4.6 x 10^12 lots at 10^6 are 4.6 x 10^18, below 2^62 = 4.611 x 10^18, and all of it is needed;
 * with charges of 1 % it is not. */
Test(risk_multi, what_holds_more_than_any_amount_is_out_of_range) {
    gate g = multi(MONEY - 1, 0, 1);
    gate_model(&g, FUT, 1000000);
    FAILS(&g, FUT, TRD_BUY, 4600000000000, 1000000, POSITION, 0, 0);
    gate_free(&g);
}
