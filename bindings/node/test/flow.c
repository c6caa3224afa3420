/* flow FILE - runs a flow of commands through an engine, by the library alone, writes the commands
 * into FILE and prints how many slots of events there were, their hash and the engine's digest:
 * flow.test.mjs makes the same commands and must get the same events. What is drawn, and in which
 * order, is the same in both. */
#include <stdio.h>
#include <string.h>

#include <tradsys/snapshot.h>
#include <tradsys/tradsys.h>

enum { COMMANDS = 20000, ACCOUNTS = 6, INSTRUMENTS = 3, ROOM = 4096, COIN = 1 };

static uint64_t state = 1;

/* draw is a number of [0, below). */
static uint32_t draw(uint32_t below) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((state >> 32) % below);
}

static trd_engine *venue(void) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max = INSTRUMENTS;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = ACCOUNTS + 1;
    match.orders_max = accounts.orders_max = risk.orders_max = 4096;
    match.positions_max = accounts.positions_max = 64;
    accounts.balances_max = 64;
    match.specials_max = 1024;
    match.publish = TRD_PUBLISH_ALL;
    const trd_engine_def def = {.struct_size = sizeof(def),
        .decisions = 1,
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .trail = 1};
    trd_engine *engine = trd_engine_create(&def);
    const trd_asset dollar = {.struct_size = sizeof(dollar), .scale = 2, .symbol = "USD"};
    const trd_asset coin = {.struct_size = sizeof(coin), .symbol = "COIN"};
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = -100000, .taker_ppb = 300000}}};
    const trd_terms terms = {.struct_size = sizeof(terms)};
    int failed = trd_engine_asset(engine, &dollar) != 0;
    failed |= trd_engine_asset(engine, &coin) != COIN;
    failed |= trd_engine_fees(engine, &fees) != 0;
    for (int i = 0; i < INSTRUMENTS; i++) {
        trd_instrument spec = trd_instrument_default();
        spec.symbol[0] = (char)('A' + i);
        spec.base_asset = COIN;
        const trd_engine_listing listing = {.spec = &spec, .terms = &terms};
        failed |= trd_engine_list(engine, &listing) != i;
    }
    return failed ? NULL : engine;
}

/* One command in four slots at most; how many it has. */
static size_t next(trd_command slots[4], uint64_t number) {
    memset(slots, 0, 4 * sizeof(*slots));
    trd_command *const base = &slots[0];
    base->seq = number;
    base->time = (trd_ns)(number * 1000);
    base->slots = 1;
    base->account = 1 + draw(ACCOUNTS);
    if (number <= ACCOUNTS) {
        base->kind = TRD_COMMAND_ACCOUNT;
        base->account = (uint32_t)number;
        base->u.account = (trd_account_body){.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = TRD_MODE_CASH,
            .enabled = 1};
        return 1;
    }
    if (number <= 3 * ACCOUNTS) {
        base->kind = TRD_COMMAND_TRANSFER;
        base->account = 1 + (uint32_t)(number % ACCOUNTS);
        base->u.transfer = (trd_transfer_body){.amount = 100000000,
            .asset = number <= 2 * ACCOUNTS ? COIN : 0,
            .action = TRD_TRANSFER_DEPOSIT};
        return 1;
    }
    base->instrument = draw(INSTRUMENTS);
    const uint32_t what = draw(10);
    const uint64_t target = number - draw(3 * ACCOUNTS);
    const trd_px px = 990 + draw(20);
    const trd_qty qty = 1 + draw(30);
    const uint8_t side = (uint8_t)(1 + draw(2));
    const uint8_t tif = (uint8_t)(1 + draw(3));
    const trd_qty peak = 1 + draw(5);
    if (what == 0) {
        base->kind = TRD_COMMAND_CANCEL;
        base->u.cancel.target = target;
        return 1;
    }
    if (what == 1) {
        base->kind = TRD_COMMAND_REPLACE;
        base->u.replace = (trd_replace){.target = target, .px = px, .qty = qty};
        return 1;
    }
    base->kind = TRD_COMMAND_NEW;
    base->u.order = (trd_new){.client_id = number,
        .px = px,
        .qty = qty,
        .side = side,
        .type = TRD_TYPE_LIMIT,
        .tif = what == 2 ? TRD_TIF_GTC : tif};
    if (what != 2) {
        return 1;
    }
    const trd_ext_sizes sizes = {.seq = number, .kind = TRD_EXT_ORDER_SIZES, .peak = peak};
    base->slots = 2;
    memcpy(&slots[1], &sizes, sizeof(sizes));
    return 2;
}

static int execute(trd_engine *engine, const trd_command *command) {
    static trd_event events[ROOM];
    trd_out out = {.events = events, .capacity = ROOM};
    int result = trd_engine_step(engine, command, &out);
    while (result == TRD_MORE) {
        out.count = 0;
        result = trd_engine_step(engine, NULL, &out);
    }
    return result;
}

int main(int argc, char **argv) {
    FILE *const file = argc == 2 ? fopen(argv[1], "wb") : NULL;
    trd_engine *const engine = venue();
    if (file == NULL || engine == NULL) {
        return 1;
    }
    for (uint64_t number = 1; number <= COMMANDS; number++) {
        trd_command slots[4];
        const size_t count = next(slots, number);
        if (fwrite(slots, sizeof(*slots), count, file) != count ||
            execute(engine, slots) != TRD_OK) {
            return 1;
        }
    }
    trd_event_trail trail;
    uint64_t digest;
    if (trd_engine_trail(engine, &trail) != TRD_OK ||
        trd_engine_digest(engine, &digest) != TRD_OK) {
        return 1;
    }
    printf("%llu %llu %llu\n", (unsigned long long)trail.slots, (unsigned long long)trail.hash,
        (unsigned long long)digest);
    trd_engine_destroy(engine);
    return fclose(file) != 0;
}
