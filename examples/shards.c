/* shards.c - two engines, each with some of the instruments, and a router in front: an account's
 * money is where it was paid in, and moves.
 *
 *     cc shards.c $(pkg-config --cflags --libs tradsys-io) && ./a.out
 *
 * By hand and without journals. A host gives each node a journal and threads (io/node.h), and calls
 * trd_shards_poll in the router's. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/io/shard.h>
#include <tradsys/tradsys.h>

/* Instrument i is of asset 1 + i, and at shard i. */
enum { DOLLAR = 0, APPLE = 0, PEAR = 1, SHARDS = 2, ACCOUNTS = 8, ALICE = 1, BOB = 2, TRANSIT = 3 };

static const trd_shard_instrument table[] = {{.place = {.shard = 0, .local = 0}, .symbol = "APPLE"},
    {.place = {.shard = 1, .local = 0}, .symbol = "PEAR"}};

static trd_node *nodes[SHARDS];
static trd_shards *shards;

static void must(int result) {
    if (result < 0) {
        fprintf(stderr, "%s\n", trd_result_text(result));
        exit(1);
    }
}

/* Assets have the same numbers everywhere; a tick is a cent, a lot is one piece. */
static trd_engine *make_engine(uint32_t shard) {
    static const trd_asset assets[] = {
        {.struct_size = sizeof(trd_asset), .scale = 2, .symbol = "USD"},
        {.struct_size = sizeof(trd_asset), .symbol = "APPLE"},
        {.struct_size = sizeof(trd_asset), .symbol = "PEAR"}};
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max = 1;
    match.orders_max = accounts.orders_max = risk.orders_max = 64;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = ACCOUNTS;
    const trd_engine_def def = {
        .struct_size = sizeof(def), .match = &match, .accounts = &accounts, .risk = &risk};
    trd_engine *engine = trd_engine_create(&def);
    if (engine == NULL) {
        exit(1);
    }
    for (size_t i = 0; i < sizeof(assets) / sizeof(assets[0]); i++) {
        must(trd_engine_asset(engine, &assets[i]));
    }
    const trd_fee_table free_of_fees = {.struct_size = sizeof(free_of_fees), .tier_count = 1};
    trd_instrument spec = trd_instrument_default();
    memcpy(spec.symbol, table[shard].symbol, sizeof(spec.symbol));
    spec.px_max = 1000000;
    spec.qty_max = 1000;
    spec.base_asset = 1 + shard;
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms};
    must(trd_engine_fees(engine, &free_of_fees));
    must(trd_engine_list(engine, &listing));
    return engine;
}

/* A node with a subscription for this program, and one for the router. */
static void open_node(uint32_t shard) {
    const trd_subscription subscriptions[] = {
        {.kinds = UINT64_C(1) << TRD_EVENT_FILL | UINT64_C(1) << TRD_EVENT_REJECTED,
            .capacity = 1024,
            .policy = TRD_SLOW_CUT},
        trd_shards_subscription(1024)};
    trd_engine *engine = make_engine(shard);
    trd_node_def def = trd_node_def_default();
    trd_node_status status;
    def.engine = engine;
    def.subscriptions = subscriptions;
    def.subscribers = 2;
    must(trd_node_open(&def, &status, &nodes[shard]));
    trd_engine_destroy(engine); /* the node has a copy */
}

static void open_router(void) {
    static const uint32_t second[SHARDS] = {1, 1};
    trd_shards_def def = trd_shards_def_default();
    trd_shards_status status;
    def.shards = SHARDS;
    def.nodes = nodes;
    def.subscriptions = second;
    def.instruments = table;
    def.instrument_count = 2;
    def.moves_max = 16;
    def.transit = 1 + TRANSIT;
    must(trd_shards_open(&def, &status, &shards));
}

static void print_event(uint32_t shard, const trd_event *from) {
    trd_event e[TRD_SLOTS_MAX];
    must(trd_shards_event(shards, shard, from, e));
    printf("shard %" PRIu32 ": account %" PRIu32 " ", shard, e->account);
    if (e->kind == TRD_EVENT_FILL) {
        printf("%s %" PRId64 " of %s at %" PRId64 "\n", e->side == TRD_BUY ? "buys" : "sells",
            e->u.fill.qty, table[e->instrument].symbol, e->u.fill.px);
    } else {
        printf("may not buy %s: %s\n", table[e->instrument].symbol, trd_reject_text(e->reason));
    }
}

/* Everything by hand, until nothing is to be done. */
static void work(void) {
    while (trd_shards_work(shards) > 0) {
    }
    for (uint32_t shard = 0; shard < SHARDS; shard++) {
        uint32_t count;
        const trd_event *span;
        while ((span = trd_node_peek(nodes[shard], 0, &count)) != NULL) {
            for (uint32_t at = 0; at < count; at += span[at].slots) {
                if (span[at].kind != TRD_EVENT_NONE) {
                    print_event(shard, &span[at]);
                }
            }
            trd_node_release(nodes[shard], 0, count);
        }
    }
}

static void send(trd_command command) {
    must(trd_shards_send(shards, &command));
    work();
}

static void open_account(uint32_t account, uint8_t role) {
    const trd_account_body body = {
        .action = TRD_ACCOUNT_SET, .role = role, .margin = TRD_MODE_CASH, .enabled = 1};
    send((trd_command){
        .kind = TRD_COMMAND_ACCOUNT, .slots = 1, .account = account, .u = {.account = body}});
}

static void pay_in(uint32_t shard, uint32_t account, uint32_t asset, trd_amt amount) {
    trd_command c = {.kind = TRD_COMMAND_TRANSFER, .slots = 1, .account = account};
    c.u.transfer.action = TRD_TRANSFER_DEPOSIT;
    c.u.transfer.asset = asset;
    c.u.transfer.amount = amount;
    must(trd_shards_send_to(shards, shard, &c));
    work();
}

static void order(uint32_t account, uint32_t instrument, uint64_t id, uint8_t side) {
    trd_command c = {
        .kind = TRD_COMMAND_NEW, .slots = 1, .instrument = instrument, .account = account};
    c.u.order = (trd_new){.client_id = id, .px = 10000, .qty = 5, .side = side};
    c.u.order.type = TRD_TYPE_LIMIT;
    c.u.order.tif = TRD_TIF_GTC;
    send(c);
}

static void move_money(uint32_t from, uint32_t to, trd_amt amount) {
    const trd_shard_move move = {
        .account = ALICE, .asset = DOLLAR, .from = from, .to = to, .amount = amount};
    trd_shard_result result;
    uint64_t reference;
    must(trd_shards_move(shards, &move, &reference));
    work();
    while (trd_shards_result(shards, &result) == 1) {
        printf("%" PRId64 " from shard %" PRIu32 " to %" PRIu32 ": %s\n", result.move.amount,
            result.move.from, result.move.to,
            result.reason == 0 ? "done" : trd_reject_text(result.reason));
    }
}

int main(void) {
    trd_balance balance;
    trd_shard_sum sum;
    open_node(0);
    open_node(1);
    open_router();
    open_account(ALICE, TRD_ROLE_TRADER);
    open_account(BOB, TRD_ROLE_TRADER);
    open_account(TRANSIT, TRD_ROLE_VIEWER); /* nobody's */
    pay_in(0, ALICE, DOLLAR, 100000);
    pay_in(1, BOB, 1 + PEAR, 10);
    order(BOB, PEAR, 1, TRD_SELL);
    order(ALICE, PEAR, 1, TRD_BUY); /* her money is at the other shard */
    move_money(0, 1, 60000);
    order(ALICE, PEAR, 2, TRD_BUY);
    move_money(0, 1, 60000);
    must(trd_shards_balance(shards, ALICE, DOLLAR, &balance, NULL));
    must(trd_shards_sum(shards, DOLLAR, &sum));
    printf("account 1 has %" PRId64 ", of %" PRId64 " at all shards\n", balance.free, sum.owned);
    trd_command stop = {.kind = TRD_COMMAND_KILL, .slots = 1};
    stop.u.kill = (trd_kill){.scope = TRD_SCOPE_FIRM, .action = TRD_KILL_ON};
    send(stop);
    order(ALICE, APPLE, 3, TRD_BUY);
    order(ALICE, PEAR, 3, TRD_BUY);
    trd_shards_close(shards);
    must(trd_node_close(nodes[0]));
    must(trd_node_close(nodes[1]));
    return 0;
}
