/* record_journal.c - makes a directory with a journal and its snapshots, for the tests of the
 * programs that read them: a small market, and whatever the options say is odd about it.
 *
 *     record_journal DIR [NAME=NUMBER]...
 *
 *     commands=N   how many commands (7): 7 of the small market, then orders that are entered and
 *                  canceled, two commands each
 *     alter=N      command N, a NEW, has one lot more
 *     checks=N     a checkpoint behind every N commands (0: none)
 *     wrong=N      the checkpoint of command N has another digest
 *     segment=N    a new segment before every N-th command (0: when one is full)
 *     snapshot=N   a snapshot behind command N, beside the one before the first command
 *     trail=0      the engine keeps no hash of its events
 *     torn=N       the last N slots of the last frame are not there */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tradsys/journal.h>
#include <tradsys/snapshot.h>

enum { DOLLARS = 0, COINS = 1, ANNE = 0, BERT = 1, ROOM = 512, SEGMENT = TRD_JOURNAL_SIZE_MIN };

static struct {
    uint64_t commands, alter, checks, wrong, segment, snapshot, trail, torn;
} want = {.commands = 7, .trail = 1};

static struct {
    const char *directory;
    trd_engine *engine;
    trd_journal_place place;
    _Alignas(8) uint8_t bytes[SEGMENT];
    uint64_t last_frame; /* byte where it begins */
    uint64_t slots;
    uint64_t digest;
} now;

static void must(int good, const char *what) {
    if (!good) {
        fprintf(stderr, "record_journal: %s\n", what);
        exit(1);
    }
}

/* --- the market ------------------------------------------------------------------------------- */

static trd_engine *open_market(void) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max = 1;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = 2;
    match.orders_max = accounts.orders_max = risk.orders_max = 16;
    accounts.balances_max = accounts.positions_max = 10;
    risk.portfolios_max = risk.limits_max = risk.repeats_max = match.specials_max = 0;
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .trail = (uint32_t)want.trail};
    trd_engine *engine = trd_engine_create(&def);
    const trd_asset dollar = {.struct_size = sizeof(dollar), .scale = 2, .symbol = "USD"};
    const trd_asset coin = {.struct_size = sizeof(coin), .symbol = "COIN"};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    const trd_terms terms = {.struct_size = sizeof(terms)};
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    spec.base_asset = COINS;
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms};
    must(engine != NULL, "no engine");
    must(trd_engine_asset(engine, &dollar) >= 0 && trd_engine_asset(engine, &coin) >= 0 &&
             trd_engine_fees(engine, &fees) >= 0 && trd_engine_list(engine, &listing) >= 0,
        "the market cannot be set up");
    return engine;
}

static void account(trd_command *c, uint32_t number) {
    c->kind = TRD_COMMAND_ACCOUNT;
    c->account = number;
    c->u.account = (trd_account_body){
        .action = TRD_ACCOUNT_SET, .role = TRD_ROLE_TRADER, .margin = TRD_MODE_CASH, .enabled = 1};
}

static void deposit(trd_command *c, uint32_t to, uint32_t asset, trd_amt amount) {
    c->kind = TRD_COMMAND_TRANSFER;
    c->account = to;
    c->u.transfer = (trd_transfer_body){
        .action = TRD_TRANSFER_DEPOSIT, .asset = asset, .amount = amount, .reference = 77};
}

static void order(trd_command *c, uint32_t of, uint64_t id, unsigned side, trd_qty qty, trd_px px) {
    c->kind = TRD_COMMAND_NEW;
    c->account = of;
    c->u.order = (trd_new){.client_id = id,
        .side = (uint8_t)side,
        .qty = qty,
        .px = px,
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_GTC};
}

static trd_command command(uint64_t seq) {
    trd_command c = {.seq = seq, .time = (trd_ns)(1000 * seq), .slots = 1};
    if (seq <= 2) {
        account(&c, seq == 1 ? ANNE : BERT);
    } else if (seq == 3) {
        deposit(&c, ANNE, COINS, 10);
    } else if (seq == 4) {
        deposit(&c, BERT, DOLLARS, 100000);
    } else if (seq == 5) {
        order(&c, ANNE, 1, TRD_SELL, 8, 5000);
    } else if (seq == 6) {
        order(&c, BERT, 1, TRD_BUY, 3, 5000);
    } else if (seq == 7) {
        order(&c, BERT, 2, TRD_BUY, 2, 5100);
    } else if (seq % 2 == 0) {
        order(&c, BERT, seq, TRD_BUY, 1, 100);
    } else {
        c.kind = TRD_COMMAND_CANCEL;
        c.account = BERT;
        c.u.cancel.target = seq - 1;
    }
    if (seq == want.alter) {
        must(c.kind == TRD_COMMAND_NEW, "the altered command is no NEW");
        c.u.order.qty++;
    }
    return c;
}

static void execute(const trd_command *c) {
    static trd_event events[ROOM];
    trd_out out = {.events = events, .capacity = ROOM};
    must(trd_engine_step(now.engine, c, &out) == TRD_OK, "a command is not executed");
    now.slots += out.count;
    now.digest = trd_journal_digest(events, out.count, now.digest);
}

/* --- the files -------------------------------------------------------------------------------- */

static FILE *create(const char *name) {
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", now.directory, name);
    FILE *file = fopen(path, "wbe");
    must(file != NULL, "a file cannot be made");
    return file;
}

static void put_segment(void) {
    char name[32];
    snprintf(name, sizeof(name), "%012llu.journal", (unsigned long long)now.place.number);
    FILE *file = create(name);
    must(fwrite(now.bytes, SEGMENT, 1, file) == 1 && fclose(file) == 0, "a file is not written");
}

static void next_segment(void) {
    if (now.place.number > 0) {
        put_segment();
    }
    memset(now.bytes, 0, sizeof(now.bytes));
    trd_journal_head head = {.id = 4711, .number = now.place.number + 1, .size = SEGMENT};
    must(trd_journal_head_seal(&head) == TRD_OK, "no head");
    memcpy(now.bytes, &head, sizeof(head));
    must(trd_journal_turn(&now.place, &head) == TRD_OK, "no turn");
    now.place.seq = now.place.seq == 0 ? 1 : now.place.seq;
}

static void put_frame(const void *slot) {
    if (now.place.at + 2 * TRD_SLOT_SIZE > SEGMENT) {
        next_segment();
    }
    now.last_frame = now.place.at;
    memcpy(now.bytes + now.place.at + TRD_SLOT_SIZE, slot, TRD_SLOT_SIZE);
    must(trd_journal_frame_seal(&now.place, now.bytes + now.place.at, 1) == TRD_OK, "no frame");
}

static void put_check(const trd_command *after) {
    const trd_journal_check check = {.seq = after->seq,
        .time = after->time,
        .kind = TRD_JOURNAL_CHECK,
        .slots = 1,
        .events = now.slots,
        .digest = after->seq == want.wrong ? ~now.digest : now.digest};
    put_frame(&check);
}

static void put_snapshot(uint64_t seq) {
    static trd_snapshot_writer writer;
    static uint8_t bytes[65536];
    char name[32];
    int result = TRD_MORE;
    snprintf(name, sizeof(name), "%llu.snapshot", (unsigned long long)seq);
    FILE *file = create(name);
    must(trd_snapshot_begin(&writer, now.engine) == TRD_OK, "no snapshot");
    while (result == TRD_MORE) {
        size_t written = 0;
        result = trd_snapshot_write(&writer, bytes, sizeof(bytes), &written);
        must(fwrite(bytes, 1, written, file) == written, "a snapshot is not written");
    }
    must(result == TRD_OK && fclose(file) == 0, "a snapshot is not written");
}

static void record(void) {
    put_snapshot(0);
    next_segment();
    for (uint64_t seq = 1; seq <= want.commands; seq++) {
        const trd_command c = command(seq);
        if (want.segment != 0 && seq > 1 && (seq - 1) % want.segment == 0) {
            next_segment();
        }
        put_frame(&c);
        execute(&c);
        if (want.checks != 0 && seq % want.checks == 0) {
            put_check(&c);
        }
        if (seq == want.snapshot) {
            put_snapshot(seq);
        }
    }
    memset(now.bytes + now.place.at - want.torn * TRD_SLOT_SIZE, 0, want.torn * TRD_SLOT_SIZE);
    put_segment();
}

/* --- options ---------------------------------------------------------------------------------- */

static void option(const char *text) {
    static const struct {
        const char *name;
        uint64_t *value;
    } names[] = {{"commands", &want.commands}, {"alter", &want.alter}, {"checks", &want.checks},
        {"wrong", &want.wrong}, {"segment", &want.segment}, {"snapshot", &want.snapshot},
        {"trail", &want.trail}, {"torn", &want.torn}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const size_t size = strlen(names[i].name);
        if (strncmp(text, names[i].name, size) == 0 && text[size] == '=') {
            *names[i].value = strtoull(text + size + 1, NULL, 10);
            return;
        }
    }
    must(0, "no such option");
}

int main(int argc, char **argv) {
    must(argc > 1, "no directory");
    for (int i = 2; i < argc; i++) {
        option(argv[i]);
    }
    now.directory = argv[1];
    now.engine = open_market();
    record();
    trd_engine_destroy(now.engine);
    return 0;
}
