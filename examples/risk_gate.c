/* risk_gate.c - orders are asked about before they act: limits, margin, and what they would lock.
 * No matching engine: whoever has one, or a venue, says what was accepted and executed.
 *
 *     cc risk_gate.c $(pkg-config --cflags --libs tradsys) && ./a.out
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <tradsys/tradsys.h>

/* A tick is a cent, a lot is one coin: the value of a fill is px x qty cents. */
enum { DOLLAR = 0, ACCOUNT = 0, X = 0, SECOND = 1000000000 };

static trd_accounts *accounts;
static trd_risk *risk;
static trd_ns now;

static void must(int result) {
    if (result < 0) {
        fprintf(stderr, "%s\n", trd_result_text(result));
        exit(1);
    }
}

/* One account with 10,000.00, one contract at 100.00; fees of 0.05 %. */
static void open_books(void) {
    trd_accounts_def def = trd_accounts_def_default();
    def.accounts_max = 1;
    def.orders_max = 16;
    def.publish = 0;
    accounts = trd_accounts_create(&def);
    if (accounts == NULL) {
        exit(1);
    }
    const trd_asset dollar = {.struct_size = sizeof(dollar), .scale = 2, .symbol = "USD"};
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = 500000, .taker_ppb = 500000}}};
    const trd_account terms = {.struct_size = sizeof(terms),
        .role = TRD_ROLE_TRADER,
        .mode = TRD_MODE_LEVERAGE,
        .enabled = 1};
    const trd_transfer deposit = {
        .from = TRD_ACCOUNT_OUTSIDE, .to = ACCOUNT, .asset = DOLLAR, .amount = 1000000};
    const trd_terms cash = {.struct_size = sizeof(cash)};
    trd_instrument spec = trd_instrument_default();
    spec.kind = TRD_INSTRUMENT_LINEAR;
    spec.symbol[0] = 'X';
    spec.qty_max = 100000;
    must(trd_accounts_asset_add(accounts, &dollar));
    must(trd_accounts_fees_add(accounts, &fees));
    must(trd_accounts_open(accounts, ACCOUNT, &terms));
    must(trd_accounts_transfer(accounts, &deposit, NULL));
    must(trd_accounts_instrument_add(accounts, &spec, &cash));
    must(trd_accounts_mark(accounts, X, 10000));
}

/* 10 % margin; at most 80 lots, 5 % from the mark, not the same order twice in a second. */
static void set_limits(void) {
    static const trd_limit limits[] = {
        {.limit = TRD_LIMIT_POSITION, .scope = TRD_LIMIT_ACCOUNT, .account = ACCOUNT, .value = 80},
        {.limit = TRD_LIMIT_COLLAR, .scope = TRD_LIMIT_FIRM, .value = 50000},
        {.limit = TRD_LIMIT_REPEATED, .scope = TRD_LIMIT_FIRM, .window = SECOND},
    };
    const trd_margin_rates rates = {.initial_ppm = 100000, .maintenance_ppm = 50000};
    trd_risk_def def = trd_risk_def_default();
    trd_margin_model model;
    def.accounts_max = 1;
    def.orders_max = 16;
    risk = trd_risk_create(&def);
    if (risk == NULL) {
        exit(1);
    }
    must(trd_margin_flat(&model, &rates));
    must(trd_risk_model(risk, X, &model));
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        must(trd_risk_limit(risk, &limits[i]));
    }
}

/* Asks, and if it passes locks what it could cost under the handle `order`. */
static void enter(trd_order order, uint8_t side, trd_qty qty, trd_px px) {
    trd_ask ask = {.order = order,
        .account = ACCOUNT,
        .instrument = X,
        .kind = TRD_ASK_NEW,
        .side = side,
        .has_px = px != 0,
        .px = px,
        .qty = qty,
        .now = now};
    trd_verdict v;
    must(trd_risk_check(risk, accounts, &ask, &v));
    printf("%-4s %3" PRId64 " @ %5" PRId64 "  ", side == TRD_BUY ? "buy" : "sell", qty, px);
    if (v.reason != 0) {
        printf(
            "%s: %" PRId64 ", limit %" PRId64 "\n", trd_reject_text(v.reason), v.measured, v.limit);
        return;
    }
    must(trd_accounts_hold(accounts, &v.hold, NULL));
    must(trd_risk_passed(risk, &ask, &v));
    printf("locks %" PRId64 "%s\n", v.need, v.reducing ? ", reduces" : "");
}

static void execute(trd_order order, trd_qty qty, trd_px px) {
    const trd_execution x = {.instrument = X,
        .px = px,
        .qty = qty,
        .buyer = {.order = order, .account = ACCOUNT, .liquidity = TRD_LIQUIDITY_TAKER},
        .seller = {.account = TRD_ACCOUNT_OUTSIDE}};
    must(trd_accounts_execute(accounts, &x, NULL));
    must(trd_risk_filled(risk, order, qty, now));
    printf("bought %" PRId64 " @ %" PRId64 "\n", qty, px);
}

int main(void) {
    open_books();
    set_limits();
    enter(1, TRD_BUY, 50, 10000);
    enter(2, TRD_BUY, 50, 10000);
    enter(2, TRD_BUY, 31, 9900);
    enter(2, TRD_BUY, 10, 10600);
    enter(2, TRD_SELL, 20, 0); /* at the market: its price is not below the mark, for all we know */
    execute(1, 50, 10000);
    now += SECOND;
    enter(3, TRD_SELL, 30, 10000);
    enter(4, TRD_SELL, 131, 10000);
    trd_risk_destroy(risk);
    trd_accounts_destroy(accounts);
    return 0;
}
