/* liquidation.c - a venue with margin: the mark falls, an account is warned and called, some of its
 * position is closed in the market, the rest is taken over by the insurance fund.
 *
 *     cc liquidation.c $(pkg-config --cflags --libs tradsys) && ./a.out
 */
#include <stdio.h>
#include <stdlib.h>

#include <tradsys/tradsys.h>

/* A tick is a dollar, a lot is one contract, money is in cents. */
enum { DOLLAR = 0, X = 0, ALICE = 1, BOB = 2, CAROL = 3, FUND = 9, ROOM = 256 };

static trd_engine *engine;

static const char *const levels[] = {"fine", "warned", "called", "to be liquidated", "bankrupt"};
static const char *const steps[] = {
    "?", "cancel", "reduce", "fee", "takeover", "deleverage", "insured", "wait", "done"};

static void print_money(const char *name, trd_amt cents) {
    const char *sign = cents < 0 ? "-" : "";
    const trd_amt size = cents < 0 ? -cents : cents;
    printf(" %s %s%lld.%02lld", name, sign, (long long)(size / 100), (long long)(size % 100));
}

static void print_event(const trd_event *event) {
    if (event->kind == TRD_EVENT_MARGIN) {
        printf("  account %u was %s, is %s:", event->account, levels[event->u.margin.former],
            levels[event->status]);
        print_money("equity", event->u.margin.equity);
        print_money("maintenance", event->u.margin.maintenance);
        printf("\n");
    } else if (event->kind == TRD_EVENT_LIQUIDATION) {
        const trd_ev_liquidation *step = &event->u.liquidation;
        printf("  account %u %s", event->account, steps[event->reason]);
        if (step->qty != 0) {
            printf(" %lld", (long long)step->qty);
        }
        if (step->px != 0) {
            printf(" at %lld", (long long)step->px);
        }
        if (step->amount != 0) {
            print_money("of", step->amount);
        }
        printf("\n");
    } else if (event->kind == TRD_EVENT_FILL) {
        printf("  account %u %s %lld at %lld\n", event->account,
            event->side == TRD_BUY ? "buys" : "sells", (long long)event->u.fill.qty,
            (long long)event->u.fill.px);
    } else if (event->kind == TRD_EVENT_REJECTED || event->kind == TRD_EVENT_COMMAND_REJECTED) {
        printf("  refused: %s\n", trd_reject_description(event->reason));
    }
}

static void execute(const trd_command *command) {
    int result;
    do {
        trd_event events[ROOM];
        trd_out out = {events, ROOM, 0};
        result = trd_engine_step(engine, command, &out);
        for (uint32_t i = 0; i < out.count; i += events[i].slots) {
            print_event(&events[i]);
        }
        command = NULL;
    } while (result == TRD_MORE);
    if (result != TRD_OK) {
        fprintf(stderr, "%s\n", trd_result_text(result));
        exit(1);
    }
}

static void open_account(uint32_t account, trd_amt cents) {
    const trd_command terms = {.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .account = account,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = TRD_MODE_CROSS,
            .enabled = 1}};
    const trd_command deposit = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = account,
        .u.transfer = {.action = TRD_TRANSFER_DEPOSIT, .asset = DOLLAR, .amount = cents}};
    execute(&terms);
    execute(&deposit);
}

static void order(uint32_t account, uint8_t side, trd_qty qty, trd_px px) {
    const trd_command command = {.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = account,
        .instrument = X,
        .u.order = {.client_id = (uint64_t)px,
            .px = px,
            .qty = qty,
            .side = side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
    execute(&command);
}

static void mark(trd_px px) {
    const trd_command command = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = X,
        .u.price = {.px = px, .source = TRD_SOURCE_MARK}};
    printf("mark %lld\n", (long long)px);
    execute(&command);
}

/* Initial margin 10 %, maintenance 5 %; warned at 150 % of it, called at 120 %. Closing goes in
 * tenths of the position until equity is 120 % of the maintenance again, for a fee of 1 %. */
static void open_venue(void) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    trd_monitor_def monitor = trd_monitor_def_default();
    const trd_liquidation liquidation = {.struct_size = sizeof(liquidation),
        .target_ppm = 1200000,
        .fee_ppm = 10000,
        .step_pct = 10,
        .orders_max = 10,
        .fund = FUND};
    match.instruments_max = accounts.instruments_max = risk.instruments_max = 1;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = 16;
    match.orders_max = accounts.orders_max = risk.orders_max = 1024;
    match.positions_max = accounts.positions_max = 64;
    accounts.balances_max = 64;
    monitor.instruments_max = 1;
    monitor.accounts_max = 16;
    monitor.balances_max = monitor.positions_max = 64;
    monitor.exempt = 1 + FUND;
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .monitor = &monitor,
        .liquidation = &liquidation};
    engine = trd_engine_create(&def);
    if (engine == NULL) {
        fprintf(stderr, "the definitions do not go together, or there is no memory\n");
        exit(1);
    }
}

static void list(void) {
    const trd_asset dollar = {.struct_size = sizeof(dollar), .scale = 2, .symbol = "USD"};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    const trd_margin_rates rates = {.initial_ppm = 100000, .maintenance_ppm = 50000};
    const trd_terms terms = {.struct_size = sizeof(terms)};
    trd_instrument spec = trd_instrument_default();
    trd_margin_model model;
    spec.kind = TRD_INSTRUMENT_LINEAR;
    spec.symbol[0] = 'X';
    spec.numerator = 100; /* a tick of a lot is 100 cents */
    spec.px_max = 10000;
    spec.qty_max = 100000;
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms, .model = &model};
    if (trd_engine_asset(engine, &dollar) != DOLLAR || trd_engine_fees(engine, &fees) != 0 ||
        trd_margin_flat(&model, &rates) != TRD_OK || trd_engine_list(engine, &listing) != X) {
        fprintf(stderr, "the contract cannot be listed\n");
        exit(1);
    }
}

int main(void) {
    open_venue();
    list();
    open_account(ALICE, 150000);
    open_account(BOB, 1000000);
    open_account(CAROL, 1000000);
    open_account(FUND, 500000);
    mark(1000);
    order(BOB, TRD_SELL, 10, 1000);
    order(ALICE, TRD_BUY, 10, 1000); /* 10,000.00 on 1,500.00 */
    order(CAROL, TRD_BUY, 4, 880);   /* the only one who wants to buy below */
    mark(920);
    mark(910);
    mark(900);
    mark(890);
    mark(800);
    trd_engine_destroy(engine);
    return 0;
}
