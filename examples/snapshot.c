/* snapshot.c - an engine that stops in the middle of a day: its state was written down, another
 * process reads it, executes the commands behind it, and stands where the first one stood.
 *
 *     cc snapshot.c $(pkg-config --cflags --libs tradsys) && ./a.out
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <tradsys/tradsys.h>

enum { COINS = 1, DOLLARS = 0, ANNE = 0, BERT = 1, ROOM = 512, FILE_MAX = 1 << 20 };

/* What a journal would have: each command with its number. */
static trd_command commands[] = {
    {.kind = TRD_COMMAND_ACCOUNT, .account = ANNE, .u.account = {.action = TRD_ACCOUNT_SET}},
    {.kind = TRD_COMMAND_ACCOUNT, .account = BERT, .u.account = {.action = TRD_ACCOUNT_SET}},
    {.kind = TRD_COMMAND_TRANSFER,
        .account = ANNE,
        .u.transfer = {.action = TRD_TRANSFER_DEPOSIT, .asset = COINS, .amount = 10}},
    {.kind = TRD_COMMAND_TRANSFER,
        .account = BERT,
        .u.transfer = {.action = TRD_TRANSFER_DEPOSIT, .asset = DOLLARS, .amount = 100000}},
    {.kind = TRD_COMMAND_NEW,
        .account = ANNE,
        .u.order = {.client_id = 1, .side = TRD_SELL, .qty = 8, .px = 5000}},
    {.kind = TRD_COMMAND_NEW,
        .account = BERT,
        .u.order = {.client_id = 1, .side = TRD_BUY, .qty = 3, .px = 5000}},
    {.kind = TRD_COMMAND_NEW,
        .account = BERT,
        .u.order = {.client_id = 2, .side = TRD_BUY, .qty = 2, .px = 5100}},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]), STOPS_BEHIND = 5 };

static void must(int result) {
    if (result < 0) {
        fprintf(stderr, "%s\n", trd_result_text(result));
        exit(1);
    }
}

static void number_commands(void) {
    for (uint64_t i = 0; i < COMMANDS; i++) {
        trd_command *c = &commands[i];
        c->seq = i + 1;
        c->slots = 1;
        if (c->kind == TRD_COMMAND_ACCOUNT) {
            c->u.account.role = TRD_ROLE_TRADER;
            c->u.account.margin = TRD_MODE_CASH;
            c->u.account.enabled = 1;
        } else if (c->kind == TRD_COMMAND_NEW) {
            c->u.order.type = TRD_TYPE_LIMIT;
            c->u.order.tif = TRD_TIF_GTC;
        }
    }
}

/* One pair, coins against dollars, and a hash of all events. */
static trd_engine *open_market(void) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max = 1;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = 2;
    match.orders_max = accounts.orders_max = risk.orders_max = 100;
    accounts.balances_max = accounts.positions_max = 10;
    risk.portfolios_max = risk.limits_max = risk.repeats_max = match.specials_max = 0;
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .trail = 1};
    trd_engine *engine = trd_engine_create(&def);
    const trd_asset dollar = {.struct_size = sizeof(dollar), .scale = 2, .symbol = "USD"};
    const trd_asset coin = {.struct_size = sizeof(coin), .symbol = "COIN"};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    const trd_terms terms = {.struct_size = sizeof(terms)};
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    spec.base_asset = COINS;
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms};
    must(engine != NULL ? TRD_OK : TRD_E_MEMORY);
    must(trd_engine_asset(engine, &dollar));
    must(trd_engine_asset(engine, &coin));
    must(trd_engine_fees(engine, &fees));
    must(trd_engine_list(engine, &listing));
    return engine;
}

/* The commands behind number `from`, up to number `to`. */
static void execute(trd_engine *engine, uint64_t from, uint64_t to) {
    static trd_event events[ROOM];
    for (uint64_t i = from; i < to; i++) {
        trd_out out = {.events = events, .capacity = ROOM};
        must(trd_engine_step(engine, &commands[i], &out));
    }
}

static void tell(const char *who, const trd_engine *engine) {
    trd_event_trail trail;
    trd_balance money;
    must(trd_engine_trail(engine, &trail));
    must(trd_accounts_balance(trd_engine_accounts(engine), ANNE, DOLLARS, &money));
    printf("%s: %" PRIu64 " commands, anne has %" PRId64 " cents\n", who, trail.seq, money.free);
}

/* Returns how many bytes it wrote to `file`, a piece at a time. */
static size_t write_down(const trd_engine *engine, uint8_t *file) {
    static trd_snapshot_writer writer;
    size_t at = 0;
    int result = TRD_MORE;
    must(trd_snapshot_begin(&writer, engine));
    while (result == TRD_MORE) {
        size_t written = 0;
        const size_t room = FILE_MAX - at < 4096 ? FILE_MAX - at : 4096;
        result = trd_snapshot_write(&writer, file + at, room, &written);
        at += written;
    }
    must(result);
    return at;
}

static int read_back(const uint8_t *file, size_t size, trd_engine **out) {
    trd_snapshot_head head;
    trd_snapshot_reader reader;
    const trd_mem mem = {0}; /* the C library's */
    must(trd_snapshot_peek(file, size, &head));
    void *block = aligned_alloc(TRD_ENGINE_ALIGN, head.block_size);
    must(trd_snapshot_open(&reader, &head, block, head.block_size));
    const int result = trd_snapshot_read(&reader, file + sizeof(head), size - sizeof(head));
    if (result != TRD_OK) {
        free(block);
        return result;
    }
    return trd_snapshot_engine(&reader, &mem, out);
}

int main(void) {
    static uint8_t file[FILE_MAX];
    uint64_t digests[2];
    number_commands();
    trd_engine *first = open_market();
    execute(first, 0, STOPS_BEHIND);
    const size_t size = write_down(first, file);
    tell("written down", first);
    execute(first, STOPS_BEHIND, COMMANDS);
    tell("the first one", first);

    trd_engine *second = NULL;
    must(read_back(file, size, &second));
    tell("read back", second);
    execute(second, STOPS_BEHIND, COMMANDS);
    tell("the second one", second);
    must(trd_engine_digest(first, &digests[0]));
    must(trd_engine_digest(second, &digests[1]));
    printf("%s\n", digests[0] == digests[1] ? "they are the same" : "they differ");

    file[size / 2] ^= 1;
    trd_engine *third = NULL;
    printf("with one bit changed: %s\n", trd_result_text(read_back(file, size, &third)));
    trd_engine_destroy(second);
    trd_engine_destroy(first);
    return 0;
}
