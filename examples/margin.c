/* margin.c - what a leveraged position needs, when it is liquidated, and how much of it has to go.
 * No engine: a position and a mark are enough.
 *
 *     cc margin.c $(pkg-config --cflags --libs tradsys) && ./a.out
 */
#include <inttypes.h>
#include <stdio.h>

#include <tradsys/tradsys.h>

enum { PPM = 1000000 };

/* Cents; maintenance of 0.4 % up to 50,000.00, then 0.5, 1 and 2.5 %. */
static const trd_margin_tier tiers[] = {
    {.floor = 0, .maintenance_ppm = 4000, .initial_ppm = 8000},
    {.floor = 5000000, .maintenance_ppm = 5000, .initial_ppm = 10000},
    {.floor = 25000000, .maintenance_ppm = 10000, .initial_ppm = 20000},
    {.floor = 100000000, .maintenance_ppm = 25000, .initial_ppm = 50000},
};

/* A tick is a cent, a lot is one coin: the value of a fill is px x qty cents. */
static trd_instrument perpetual(void) {
    trd_instrument spec = trd_instrument_default();
    spec.kind = TRD_INSTRUMENT_LINEAR;
    spec.symbol[0] = 'X';
    spec.qty_max = 100000;
    return spec;
}

/* Nothing here is below zero. */
static void print_money(const char *name, trd_amt cents) {
    printf("%-12s %8" PRId64 ".%02d\n", name, cents / 100, (int)(cents % 100));
}

static void print_state(const trd_margin_position *position, trd_amt balance) {
    const trd_margin_account account = {.positions = position,
        .count = 1,
        .warn_ppm = 2 * PPM,
        .call_ppm = PPM + PPM / 10,
        .balance = balance};
    static const char *const levels[] = {"fine", "warn", "call", "liquidate", "bankrupt"};
    trd_margin_state state;
    if (trd_margin_account_state(&account, &state) == TRD_OK) {
        print_money("mark", position->mark);
        print_money("equity", state.equity);
        print_money("initial", state.initial);
        print_money("maintenance", state.maintenance);
        printf("%-12s %11s\n\n", "level", levels[state.level]);
    }
}

int main(void) {
    const trd_instrument spec = perpetual();
    const trd_margin_tier_terms table = {.tiers = tiers, .count = 4};
    trd_margin_model model;
    if (trd_instrument_check(&spec, 1000) != TRD_INSTRUMENT_OK ||
        trd_margin_tiered(&model, &table) != TRD_OK) {
        return 1;
    }

    /* Ten coins bought at 30,000.00, with 30,000.00 in the account. */
    trd_margin_position position = {.spec = &spec,
        .model = &model,
        .qty = 10,
        .cost = 30000000,
        .mark = 2900000,
        .has_mark = 1};
    const trd_margin_funds funds = {.balance = 3000000};
    print_state(&position, funds.balance);

    trd_margin_prices prices;
    trd_px bankrupt;
    if (trd_margin_liquidation(&position, &funds, &prices) != TRD_OK || !prices.has_trigger ||
        trd_margin_bankruptcy(&position, &funds, 0, &bankrupt) != TRD_OK) {
        return 1;
    }
    print_money("liquidation", prices.trigger);
    print_money("bankruptcy", bankrupt);
    printf("\n");

    position.mark = prices.trigger;
    print_state(&position, funds.balance);

    /* Lots go one by one, at the mark, until maintenance is covered half as much again. */
    const trd_margin_cut_terms terms = {
        .px = position.mark, .balance = funds.balance, .target_ppm = PPM + PPM / 2, .step_pct = 10};
    trd_margin_cut cut;
    if (trd_margin_reduction(&position, &terms, &cut) != TRD_OK) {
        return 1;
    }
    printf("close %" PRId64 " of %" PRId64 "\n", cut.lots, position.qty);
    print_money("equity", cut.equity);
    print_money("maintenance", cut.maintenance);
    return 0;
}
