/* Routing: which command goes where, by which number, and what a full ring or a dead node changes.
 */
#include "shard_rig.h"

/* --- the table of kinds ----------------------------------------------------------------------- */

enum { ALL = 7, NONE = 0 }; /* of three shards */

typedef struct routed {
    const char *name;
    uint64_t shards; /* NONE: it is refused */
    trd_command command;
} routed;

#define TO(what, mask, ...)                                                                        \
    {                                                                                              \
        .name = #what, .shards = (mask), .command = {                                              \
            .kind = TRD_COMMAND_##what,                                                            \
            .slots = 1,                                                                            \
            .instrument = 4,                                                                       \
            .account = 5,                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

/* Instrument 4 is at shard 1 (4 % 3), account 5 at home at shard 2 (5 % 3). The page says each. */
static const routed ROWS[] = {
    TO(NEW, 2, ),
    TO(CANCEL, 2, ),
    TO(REPLACE, 2, ),
    TO(REDUCE, 2, ),
    TO(QUOTE, 2, ),
    TO(SESSION, 2, ),
    TO(PRICE, 2, ),
    TO(SUBSCRIBE, 2, ),
    TO(FUNDING, 2, ),
    TO(CORPORATE, 2, ),
    TO(PROTECTION, 2, ),
    TO(TIMER, ALL, ),
    TO(ACCOUNT, ALL, ),
    TO(INSTRUMENT, NONE, ),
    TO(TRANSFER, 4, .u.transfer = {.action = TRD_TRANSFER_DEPOSIT}),
    TO(TRANSFER, 4, .u.transfer = {.action = TRD_TRANSFER_WITHDRAW}),
    TO(TRANSFER, 4, .u.transfer = {.action = TRD_TRANSFER_MOVE, .to = 6}),
    TO(TRANSFER, 4, .u.transfer = {.action = TRD_TRANSFER_BORROW}),
    TO(MASS_CANCEL, ALL, ),
    TO(MASS_CANCEL, ALL, .u.mass = {.filter = TRD_MASS_ACCOUNT | TRD_MASS_SIDE | TRD_MASS_TAG}),
    TO(MASS_CANCEL, 2, .u.mass = {.filter = TRD_MASS_INSTRUMENT}),
    TO(MASS_CANCEL, 2, .u.mass = {.filter = TRD_MASS_INSTRUMENT | TRD_MASS_ACCOUNT}),
    TO(KILL, ALL, .u.kill = {.scope = TRD_SCOPE_FIRM}),
    TO(KILL, ALL, .u.kill = {.scope = TRD_SCOPE_ACCOUNT}),
    TO(KILL, 2, .u.kill = {.scope = TRD_SCOPE_INSTRUMENT}),
    TO(KILL, ALL, .u.kill = {.scope = TRD_SCOPE_ACTOR}),
    TO(KILL, ALL, .u.kill = {.scope = TRD_SCOPE_TAG}),
    TO(DEADMAN, ALL, .u.deadman = {.scope = TRD_SCOPE_FIRM}),
    TO(DEADMAN, ALL, .u.deadman = {.scope = TRD_SCOPE_ACCOUNT}),
    TO(DEADMAN, 2, .u.deadman = {.scope = TRD_SCOPE_INSTRUMENT}),
    TO(DEADMAN, ALL, .u.deadman = {.scope = TRD_SCOPE_ACTOR}),
    TO(DEADMAN, ALL, .u.deadman = {.scope = TRD_SCOPE_TAG}),
    TO(LIMIT, ALL, .u.limit = {.scope = TRD_LIMIT_FIRM}),
    TO(LIMIT, ALL, .u.limit = {.scope = TRD_LIMIT_ACCOUNT}),
    TO(LIMIT, 2, .u.limit = {.scope = TRD_LIMIT_INSTRUMENT}),
    TO(LIMIT, 2, .u.limit = {.scope = TRD_LIMIT_PAIR}),
    TO(LIMIT, ALL, .u.limit = {.scope = TRD_LIMIT_ACTOR}),
    TO(LIMIT, ALL, .u.limit = {.scope = TRD_LIMIT_TAG}),
    TO(LIMIT, 2, .u.limit = {.scope = TRD_LIMIT_PARENT}),
    TO(BOOKS, ALL, .u.books = {.action = TRD_BOOKS_DAY}),
    TO(BOOKS, ALL, .u.books = {.action = TRD_BOOKS_PERIOD}),
    TO(BOOKS, ALL, .u.books = {.action = TRD_BOOKS_RATE}),
    TO(BOOKS, ALL, .u.books = {.action = TRD_BOOKS_INTEREST}),
    TO(BOOKS, 2, .u.books = {.action = TRD_BOOKS_EXPIRE}),
    TO(BOOKS, 2, .u.books = {.action = TRD_BOOKS_ENABLE}),
    TO(BOOKS, 2, .u.books = {.action = TRD_BOOKS_DISABLE}),
    TO(BOOKS, ALL, .u.books = {.action = TRD_BOOKS_COLLATERAL}),
};

enum { ROW_COUNT = sizeof(ROWS) / sizeof(ROWS[0]) };

static uint64_t sequenced(const fleet *f, uint32_t shard) {
    trd_node_stats stats;
    trd_node_stats_get(f->at[shard].node, &stats);
    return stats.sequenced;
}

Test(shard, every_kind_goes_where_the_page_says) {
    fleet *f = fleet_new(3);
    fleet_open(f);
    for (int i = 0; i < ROW_COUNT; i++) {
        uint64_t shards = 99, before[3];
        const int result = trd_shards_route(f->router, &ROWS[i].command, &shards);
        cr_assert(eq(int, result, ROWS[i].shards != NONE ? TRD_OK : TRD_E_ARG), "%s, row %d",
            ROWS[i].name, i);
        cr_assert(eq(u64, shards, ROWS[i].shards != NONE ? ROWS[i].shards : 99), "%s, row %d",
            ROWS[i].name, i);
        for (uint32_t s = 0; s < 3; s++) {
            before[s] = sequenced(f, s);
        }
        cr_assert(eq(int, trd_shards_send(f->router, &ROWS[i].command), result));
        fleet_rest(f);
        for (uint32_t s = 0; s < 3; s++) {
            cr_assert(eq(u64, sequenced(f, s) - before[s], ROWS[i].shards >> s & 1), "%s, row %d",
                ROWS[i].name, i);
        }
    }
    fleet_free(f);
}

Test(shard, no_kind_is_missing_in_the_table) {
    static const uint8_t kinds[] = {
#define TRD_COMMAND_ROW(name, number, text) number,
#include <tradsys/command.def>
    };
    for (size_t i = 0; i < sizeof(kinds); i++) {
        bool found = false;
        for (int r = 0; r < ROW_COUNT; r++) {
            found = found || ROWS[r].command.kind == kinds[i];
        }
        cr_assert(found, "%s", trd_command_text(kinds[i]));
    }
}

Test(shard, what_goes_nowhere_is_said_and_not_sent) {
    fleet *f = fleet_new(2);
    fleet_open(f);
    trd_command c = fleet_order(1, FLEET_INSTRUMENTS, 1, TRD_BUY, 1, 1);
    cr_assert(eq(int, trd_shards_send(f->router, &c), TRD_E_UNKNOWN));
    const uint8_t kinds[] = {0, 21, 95, 128, 129, 255};
    for (size_t i = 0; i < sizeof(kinds); i++) {
        c = (trd_command){.kind = kinds[i], .slots = 1};
        cr_assert(eq(int, trd_shards_send(f->router, &c), TRD_E_ARG), "kind %u", kinds[i]);
    }
    const uint8_t slots[] = {0, 5, 255};
    for (size_t i = 0; i < sizeof(slots); i++) {
        c = (trd_command){.kind = TRD_COMMAND_TIMER, .slots = slots[i]};
        cr_assert(eq(int, trd_shards_send(f->router, &c), TRD_E_ARG), "%u slots", slots[i]);
    }
    trd_command two[2] = {{.kind = TRD_COMMAND_TIMER, .slots = 2}}; /* no extension */
    cr_assert(eq(int, trd_shards_send(f->router, two), TRD_E_ARG));
    cr_assert(eq(int, trd_shards_send(f->router, NULL), TRD_OK));
    cr_assert(eq(int, trd_shards_send(NULL, &c), TRD_E_ARG));
    fleet_rest(f);
    cr_assert(eq(u64, sequenced(f, 0) + sequenced(f, 1), 0));
    fleet_free(f);
}

Test(shard, what_is_of_moves_is_nobody_elses) {
    fleet *f = fleet_new(2);
    fleet_open(f);
    static const struct {
        uint32_t account, to;
        uint64_t reference;
        uint8_t action;
        int result;
    } rows[] = {
        {1, 0, UINT64_MAX >> 1, TRD_TRANSFER_DEPOSIT, TRD_OK},
        {1, 0, TRD_MOVE_REFERENCE, TRD_TRANSFER_DEPOSIT, TRD_E_ARG},
        {1, 0, UINT64_MAX, TRD_TRANSFER_WITHDRAW, TRD_E_ARG},
        {FLEET_TRANSIT, 0, 1, TRD_TRANSFER_WITHDRAW, TRD_E_ARG},
        {FLEET_TRANSIT, 0, 1, TRD_TRANSFER_DEPOSIT, TRD_E_ARG},
        {FLEET_TRANSIT, 1, 1, TRD_TRANSFER_MOVE, TRD_E_ARG},
        {1, FLEET_TRANSIT, 1, TRD_TRANSFER_MOVE, TRD_E_ARG},
        {1, 2, 1, TRD_TRANSFER_MOVE, TRD_OK},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        trd_command c = fleet_deposit(rows[i].account, FLEET_USD, 1);
        c.u.transfer.action = rows[i].action;
        c.u.transfer.to = rows[i].to;
        c.u.transfer.reference = rows[i].reference;
        cr_assert(eq(int, trd_shards_send(f->router, &c), rows[i].result), "row %zu", i);
        cr_assert(eq(int, trd_shards_send_to(f->router, 1, &c), rows[i].result), "row %zu", i);
    }
    fleet_rest(f);
    cr_assert(eq(u64, sequenced(f, 0) + sequenced(f, 1), 4));
    fleet_free(f);
}

static uint32_t home_of(void *user, uint32_t account) {
    return account == 3 ? *(uint32_t *)user : 0;
}

Test(shard, the_host_may_say_where_an_account_is_at_home) {
    uint32_t home = 1;
    fleet *f = fleet_new(2);
    f->def.home = home_of;
    f->def.home_user = &home;
    fleet_open(f);
    fleet_accounts(f);
    const trd_command c = fleet_deposit(3, FLEET_USD, 70);
    cr_assert(eq(u32, trd_shards_home(f->router, 3), 1));
    cr_assert(eq(u32, trd_shards_home(f->router, 5), 0)); /* it would be 1 */
    fleet_send(f, &c);
    fleet_rest(f);
    cr_assert(eq(i64, fleet_balance(f, 0, 3, FLEET_USD).free, 0));
    cr_assert(eq(i64, fleet_balance(f, 1, 3, FLEET_USD).free, 70));
    fleet_free(f);
}

Test(shard, a_shard_may_be_named_where_more_than_one_would_do) {
    fleet *f = fleet_new(3);
    fleet_open(f);
    for (int i = 0; i < ROW_COUNT; i++) {
        for (uint32_t s = 0; s < 3; s++) {
            const trd_command *c = &ROWS[i].command;
            const bool may = (ROWS[i].shards >> s & 1) != 0 || c->kind == TRD_COMMAND_TRANSFER;
            const uint64_t before = sequenced(f, s);
            const int result = trd_shards_send_to(f->router, s, c);
            cr_assert(eq(int, result, may ? TRD_OK : TRD_E_ARG), "%s to %u", ROWS[i].name, s);
            fleet_rest(f);
            cr_assert(eq(u64, sequenced(f, s) - before, may));
        }
    }
    const trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1};
    cr_assert(eq(int, trd_shards_send_to(f->router, 3, &timer), TRD_E_ARG));
    cr_assert(eq(int, trd_shards_send_to(f->router, 0, NULL), TRD_E_ARG));
    fleet_free(f);
}

/* --- numbers ---------------------------------------------------------------------------------- */

typedef struct ear {
    const fleet *f;
    uint32_t heard[FLEET_INSTRUMENTS]; /* ACCEPTED of each instrument over all */
    uint32_t wrong;
} ear;

static void hear(void *user, uint32_t shard, const trd_event *event) {
    ear *e = user;
    trd_event own[4];
    if (event->kind != TRD_EVENT_ACCEPTED) {
        return;
    }
    cr_assert(eq(int, trd_shards_event(e->f->router, shard, event, own), TRD_OK));
    e->heard[own[0].instrument]++;
    e->wrong += own[0].instrument % e->f->shards != shard;
    e->wrong += own[0].u.order.client_id != 100 + own[0].instrument;
    own[0].instrument = event->instrument;
    e->wrong += memcmp(own, event, event->slots * sizeof(*event)) != 0;
}

Test(shard, instruments_have_one_number_over_all_shards) {
    ear e = {0};
    fleet *f = fleet_new(4);
    e.f = f;
    f->told = hear;
    f->user = &e;
    fleet_open(f);
    fleet_accounts(f);
    for (uint32_t i = 0; i < FLEET_INSTRUMENTS; i++) {
        fleet_pay_in(f, i % 4, 1, FLEET_USD, 10000);
        const trd_command c = fleet_order(1, i, 100 + i, TRD_BUY, 1, 50);
        fleet_send(f, &c);
    }
    fleet_rest(f);
    for (uint32_t i = 0; i < FLEET_INSTRUMENTS; i++) {
        const trd_engine *engine = trd_node_engine(f->at[i % 4].node);
        trd_level best[1];
        trd_shard_place place;
        cr_assert(eq(u32, e.heard[i], 1));
        cr_assert(eq(int, trd_shards_place(f->router, i, &place), TRD_OK));
        cr_assert(eq(u32, place.shard, i % 4));
        cr_assert(eq(u32, place.local, i / 4));
        cr_assert(eq(int, trd_shards_number(f->router, &place), (int)i));
        cr_assert(eq(int, trd_match_depth(trd_engine_match(engine), i / 4, TRD_BUY, best, 1), 1));
        cr_assert(eq(i64, best[0].px, 50));
    }
    cr_assert(eq(u32, e.wrong, 0));
    trd_shard_place place = {.shard = 2, .local = 1};
    cr_assert(eq(int, trd_shards_number(f->router, &place), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_shards_place(f->router, 6, &place), TRD_E_UNKNOWN));
    place.shard = 4;
    cr_assert(eq(int, trd_shards_number(f->router, &place), TRD_E_ARG));
    fleet_free(f);
}

/* Local number 1 of shard 1 of three is instrument 4; local 0 is instrument 1. */
Test(shard, an_event_about_no_instrument_stays_as_it_is) {
    static const struct {
        trd_event event;
        uint32_t becomes;
    } rows[] = {
        {{.kind = TRD_EVENT_FILL, .instrument = 1}, 4},
        {{.kind = TRD_EVENT_LEVEL}, 1},
        {{.kind = TRD_EVENT_POSITION}, 1},
        {{.kind = TRD_EVENT_LEDGER, .u.ledger.entry = TRD_LEDGER_TRANSFER}, 0},
        {{.kind = TRD_EVENT_LEDGER, .u.ledger.entry = TRD_LEDGER_LOAN}, 0},
        {{.kind = TRD_EVENT_LEDGER, .u.ledger.entry = TRD_LEDGER_INTEREST}, 0},
        {{.kind = TRD_EVENT_LEDGER, .u.ledger.entry = TRD_LEDGER_FEE, .instrument = 1}, 4},
        {{.kind = TRD_EVENT_LEDGER, .u.ledger.entry = TRD_LEDGER_FEE}, 1},
        {{.kind = TRD_EVENT_MARGIN, .reason = TRD_CHANGE_LEVEL, .u.margin.unit = TRD_UNIT_POOL}, 0},
        {{.kind = TRD_EVENT_MARGIN, .reason = TRD_CHANGE_LEVEL, .u.margin.unit = TRD_UNIT_POSITION},
            1},
        {{.kind = TRD_EVENT_MARGIN, .reason = TRD_CHANGE_ALERT, .u.margin.unit = TRD_UNIT_POOL}, 1},
        {{.kind = TRD_EVENT_LIQUIDATION, .side = TRD_BUY}, 1},
        {{.kind = TRD_EVENT_COMMAND_REJECTED, .liquidity = TRD_COMMAND_PRICE}, 1},
        {{.kind = TRD_EVENT_COMMAND_REJECTED, .liquidity = TRD_COMMAND_LIMIT, .instrument = 1}, 4},
        {{.kind = TRD_EVENT_COMMAND_REJECTED, .liquidity = TRD_COMMAND_TRANSFER}, 0},
        {{.kind = TRD_EVENT_COMMAND_REJECTED, .liquidity = TRD_COMMAND_ACCOUNT}, 0},
        {{.kind = TRD_NODE_CUT, .seq = 7}, 0},
    };
    fleet *f = fleet_new(3);
    fleet_open(f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        trd_event in = rows[i].event, out;
        in.slots = 1;
        cr_assert(eq(int, trd_shards_event(f->router, 1, &in, &out), TRD_OK), "row %zu", i);
        cr_assert(eq(u32, out.instrument, rows[i].becomes), "row %zu", i);
        out.instrument = in.instrument;
        cr_assert(memcmp(&in, &out, sizeof(in)) == 0, "row %zu", i);
    }
    trd_event in = {.kind = TRD_EVENT_FILL, .slots = 1, .instrument = 2}, out = {.seq = 5};
    cr_assert(eq(int, trd_shards_event(f->router, 1, &in, &out), TRD_E_UNKNOWN));
    cr_assert(eq(u64, out.seq, 5));
    cr_assert(eq(int, trd_shards_event(f->router, 3, &in, &out), TRD_E_ARG));
    fleet_free(f);
}

/* Shard 0 has one instrument that is not in the table: what may be about none is told all the same.
 */
Test(shard, a_refusal_that_names_nothing_is_told_whatever_the_table_has) {
    fleet *f = fleet_new(2);
    f->def.instrument_count = 0;
    fleet_open(f);
    trd_event in = {
        .kind = TRD_EVENT_COMMAND_REJECTED, .slots = 1, .liquidity = TRD_COMMAND_MASS_CANCEL};
    trd_event out;
    cr_assert(eq(int, trd_shards_event(f->router, 0, &in, &out), TRD_OK));
    in.instrument = 1;
    cr_assert(eq(int, trd_shards_event(f->router, 0, &in, &out), TRD_E_UNKNOWN));
    in = (trd_event){.kind = TRD_EVENT_FILL, .slots = 1};
    cr_assert(eq(int, trd_shards_event(f->router, 0, &in, &out), TRD_E_UNKNOWN));
    fleet_free(f);
}

Test(shard, the_table_grows_by_what_the_engines_have) {
    fleet *f = fleet_new(2);
    f->def.instrument_count = 4;
    fleet_open(f);
    const trd_command c = fleet_order(1, 4, 1, TRD_BUY, 1, 1);
    uint64_t to;
    cr_assert(eq(int, trd_shards_route(f->router, &c, &to), TRD_E_UNKNOWN));
    trd_shard_instrument row = f->table[0];
    cr_assert(eq(int, trd_shards_list(f->router, &row), TRD_E_EXISTS));
    row = f->table[4];
    row.symbol[4] = '9';
    cr_assert(eq(int, trd_shards_list(f->router, &row), TRD_E_UNKNOWN));
    row = f->table[4];
    row.place.local = 5; /* the engine has three */
    cr_assert(eq(int, trd_shards_list(f->router, &row), TRD_E_UNKNOWN));
    row.place.local = FLEET_INSTRUMENTS;
    cr_assert(eq(int, trd_shards_list(f->router, &row), TRD_E_ARG));
    row.place.shard = 2;
    cr_assert(eq(int, trd_shards_list(f->router, &row), TRD_E_ARG));
    cr_assert(eq(int, trd_shards_list(f->router, &f->table[4]), 4));
    cr_assert(eq(int, trd_shards_route(f->router, &c, &to), TRD_OK));
    cr_assert(eq(u64, to, 1));
    cr_assert(eq(int, trd_shards_list(f->router, &f->table[5]), 5));
    cr_assert(eq(int, trd_shards_list(f->router, &f->table[5]), TRD_E_FULL));
    cr_assert(eq(int, trd_shards_list(f->router, NULL), TRD_E_ARG));
    fleet_free(f);
}

Test(shard, a_table_in_another_order_than_the_engines_is_refused) {
    fleet *f = fleet_new(2);
    for (uint32_t i = 0; i < 2; i++) {
        fleet_open_node(f, i);
    }
    const trd_shard_instrument row = f->table[3];
    f->table[3].place = f->table[5].place;
    cr_assert(eq(int, fleet_try_router(f, &f->def, &f->router), TRD_E_UNKNOWN));
    cr_assert(eq(u32, f->status.instrument, 4));
    cr_assert(f->router == NULL);
    f->table[3] = f->table[1];
    cr_assert(eq(int, fleet_try_router(f, &f->def, &f->router), TRD_E_EXISTS));
    cr_assert(eq(u32, f->status.instrument, 4));
    f->table[3] = row;
    fleet_open_router(f);
    fleet_free(f);
}

/* --- full rings, dead nodes ------------------------------------------------------------------- */

static const trd_command TIMER = {.kind = TRD_COMMAND_TIMER, .slots = 1};

/* Fills a shard's ingress but for so many records. */
static uint64_t fill(fleet *f, uint32_t shard, uint32_t leave) {
    const uint32_t count = f->at[shard].def.ingress - leave;
    for (uint32_t i = 0; i < count; i++) {
        cr_assert(eq(int, trd_node_send(f->at[shard].node, &TIMER), TRD_OK));
    }
    return count;
}

static unsigned refused; /* the last order, for that reason */

static void remember_refusal(void *user, uint32_t shard, const trd_event *event) {
    (void)user;
    (void)shard;
    refused = event->kind == TRD_EVENT_REJECTED ? event->reason : refused;
}

Test(shard, a_command_to_many_reaches_each_once_whoever_has_no_room) {
    for (uint64_t full = 1; full < 7; full++) { /* all but those where none or all are full */
        fleet *f = fleet_new(3);
        f->told = remember_refusal;
        fleet_open(f);
        uint64_t others[3] = {0};
        for (uint32_t s = 0; s < 3; s++) {
            others[s] = (full >> s & 1) != 0 ? fill(f, s, 0) : 0;
        }
        trd_command kill = {
            .kind = TRD_COMMAND_KILL, .slots = 1, .u.kill = {.scope = 1, .action = TRD_KILL_ON}};
        cr_assert(eq(int, trd_shards_send(f->router, &kill), TRD_MORE));
        kill = (trd_command){0}; /* it is the router's now */
        cr_assert(eq(int, trd_shards_send(f->router, NULL), TRD_MORE));
        cr_assert(eq(int, trd_shards_send(f->router, &TIMER), TRD_E_BUSY));
        cr_assert(eq(int, trd_shards_send_to(f->router, 0, &TIMER), TRD_E_BUSY));
        cr_assert(eq(u64, trd_shards_missed(f->router), 0));
        fleet_rest(f);
        for (uint32_t s = 0; s < 3; s++) {
            cr_assert(eq(u64, sequenced(f, s), (full >> s & 1) != 0 ? others[s] : 1));
        }
        cr_assert(eq(int, trd_shards_send(f->router, NULL), TRD_OK));
        cr_assert(eq(int, trd_shards_send(f->router, NULL), TRD_OK));
        fleet_rest(f);
        for (uint32_t s = 0; s < 3; s++) {
            cr_assert(eq(u64, sequenced(f, s), others[s] + 1));
            const trd_command order = fleet_order(1, s, 1, TRD_BUY, 1, 1);
            cr_assert(eq(int, trd_shards_send(f->router, &order), TRD_OK));
            fleet_rest(f);
            cr_assert(eq(u32, refused, TRD_REJECT_KILLED));
            refused = 0;
        }
        fleet_free(f);
    }
}

Test(shard, where_nobody_has_room_nothing_is_begun) {
    fleet *f = fleet_new(2);
    fleet_open(f);
    fill(f, 0, 0);
    fill(f, 1, 0);
    cr_assert(eq(int, trd_shards_send(f->router, &TIMER), TRD_E_FULL));
    cr_assert(eq(int, trd_shards_send(f->router, NULL), TRD_OK));
    const trd_command order = fleet_order(1, 1, 1, TRD_BUY, 1, 1);
    cr_assert(eq(int, trd_shards_send(f->router, &order), TRD_E_FULL));
    fleet_rest(f);
    cr_assert(eq(u64, sequenced(f, 0), f->at[0].def.ingress));
    cr_assert(eq(u64, sequenced(f, 1), f->at[1].def.ingress));
    cr_assert(eq(int, trd_shards_send(f->router, &order), TRD_OK));
    fleet_free(f);
}

Test(shard, a_long_record_goes_to_many_as_a_whole) {
    fleet *f = fleet_new(2);
    fleet_open(f);
    fill(f, 1, 0);
    trd_command record[2] = {{.kind = TRD_COMMAND_TIMER, .slots = 2}};
    trd_ext_row *row = (trd_ext_row *)&record[1];
    row->kind = TRD_EXT_TABLE_ROW;
    row->key = 77;
    cr_assert(eq(int, trd_shards_send(f->router, record), TRD_MORE));
    memset(record, 0xff, sizeof(record));
    fleet_rest(f);
    cr_assert(eq(int, trd_shards_send(f->router, NULL), TRD_OK));
    fleet_rest(f);
    /* A TIMER of two slots is malformed: each shard says so, once. */
    cr_assert(eq(u64, f->at[0].got, 1));
    cr_assert(eq(u64, f->at[1].got, 1));
    fleet_free(f);
}

Test(shard, a_dead_shard_keeps_nobody_else_from_a_command) {
    fleet *f = fleet_new(3);
    fleet_open(f);
    cr_assert(eq(int, trd_node_stop(f->at[1].node), TRD_OK));
    cr_assert(eq(int, trd_shards_send(f->router, &TIMER), TRD_E_IO));
    cr_assert(eq(u64, trd_shards_missed(f->router), 2));
    cr_assert(eq(int, trd_shards_send(f->router, NULL), TRD_OK)); /* it is over */
    const trd_command dead = fleet_order(1, 1, 1, TRD_BUY, 1, 1);
    const trd_command live = fleet_order(1, 0, 1, TRD_BUY, 1, 1);
    cr_assert(eq(int, trd_shards_send(f->router, &dead), TRD_E_IO));
    cr_assert(eq(u64, trd_shards_missed(f->router), 2));
    cr_assert(eq(int, trd_shards_send(f->router, &live), TRD_OK));
    cr_assert(eq(u64, trd_shards_missed(f->router), 0));
    cr_assert(eq(int, trd_shards_leave(f->router, 1), TRD_OK));
    cr_assert(eq(int, trd_shards_leave(f->router, 1), TRD_E_BUSY));
    fleet_rest(f);
    fill(f, 2, 0);
    cr_assert(eq(int, trd_shards_send(f->router, &TIMER), TRD_MORE)); /* one has it, one is dead */
    fleet_rest(f);
    cr_assert(eq(int, trd_shards_send(f->router, NULL), TRD_E_IO));
    cr_assert(eq(u64, trd_shards_missed(f->router), 2));
    fleet_rest(f);
    cr_assert(eq(u64, sequenced(f, 0), 3));
    cr_assert(eq(u64, sequenced(f, 2), 1 + f->at[2].def.ingress + 1));
    fleet_free(f);
}

Test(shard, all_that_is_left_may_be_full_and_the_rest_dead) {
    fleet *f = fleet_new(2);
    fleet_open(f);
    cr_assert(eq(int, trd_node_stop(f->at[0].node), TRD_OK));
    fill(f, 1, 0);
    cr_assert(eq(int, trd_shards_send(f->router, &TIMER), TRD_MORE));
    fleet_rest(f);
    cr_assert(eq(int, trd_shards_send(f->router, NULL), TRD_E_IO));
    cr_assert(eq(u64, trd_shards_missed(f->router), 1));
    fleet_free(f);
}

/* --- opening ---------------------------------------------------------------------------------- */

Test(shard, definitions_outside_their_ranges_are_refused) {
    fleet *f = fleet_new(2);
    trd_shards *out;
    for (uint32_t i = 0; i < 2; i++) {
        fleet_open_node(f, i);
    }
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        trd_shards_def def = f->def;                                                               \
        change;                                                                                    \
        cr_assert(eq(int, fleet_try_router(f, &def, &out), TRD_E_ARG), #change);                   \
        cr_assert(out == NULL);                                                                    \
    } while (0)
    REFUSED(def.struct_size = 0);
    REFUSED(def.struct_size++);
    REFUSED(def.shards = 0);
    REFUSED(def.shards = 65);
    REFUSED(def.instruments_max = 0);
    REFUSED(def.instruments_max = (1 << 20) + 1);
    REFUSED(def.instruments_max = FLEET_INSTRUMENTS - 1);
    REFUSED(def.instruments = NULL);
    REFUSED(def.moves_max = (1 << 16) + 1);
    REFUSED(def.transit = 0);
    REFUSED(def.transit = TRD_ACCOUNT_VENUE + 1);
    REFUSED(def.subscriptions = NULL);
    REFUSED(def.router = TRD_SHARD_ROUTERS);
    REFUSED(def.first = UINT64_C(1) << 47);
    f->subscriptions[1] = 2;
    REFUSED((void)def);
    f->subscriptions[1] = 0; /* one for the test, of all events */
    REFUSED((void)def);
    cr_assert(eq(u32, f->status.shard, 2));
    f->subscriptions[1] = 1;
    trd_shards_def def = f->def;
    cr_assert(eq(int, trd_shards_open(&def, &f->status, &out), TRD_E_ARG)); /* no nodes */
    trd_node *const nodes[2] = {f->at[0].node, NULL};
    def.nodes = nodes;
    cr_assert(eq(int, trd_shards_open(&def, &f->status, &out), TRD_E_ARG));
    cr_assert(eq(int, fleet_try_router(f, &f->def, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_shards_open(NULL, &f->status, &out), TRD_E_ARG));
    cr_assert(eq(int, trd_shards_open(&f->def, NULL, &out), TRD_E_ARG));
    def = f->def; /* without moves none of that is needed */
    def.moves_max = def.transit = 0;
    def.subscriptions = NULL;
    cr_assert(eq(int, fleet_try_router(f, &def, &f->router), TRD_OK));
    cr_assert(eq(int, trd_shards_poll(f->router), 0));
    fleet_free(f);
}

/* A fleet of two whose second engine is made otherwise. */
static fleet *fleet_with(const fleet_making *second) {
    fleet *f = fleet_new(2);
    trd_engine_destroy(f->at[1].engine);
    f->at[1].engine = fleet_engine(second);
    f->at[1].def.engine = f->at[1].engine;
    fleet_open_node(f, 0);
    fleet_open_node(f, 1);
    return f;
}

Test(shard, assets_have_the_same_numbers_everywhere) {
    const fleet_making good = fleet_making_of(1, 2);
    fleet_making rows[4] = {good, good, good, good};
    rows[0].name = "OTHER";
    rows[1].scale = 3;
    rows[2].assets = FLEET_ASSETS + 1;
    rows[3].publish = TRD_PUBLISH_MONEY_ALL & ~TRD_PUBLISH_MONEY_ACCOUNTS;
    for (int i = 0; i < 4; i++) {
        fleet *f = fleet_with(&rows[i]);
        const int result = fleet_try_router(f, &f->def, &f->router);
        cr_assert(eq(int, result, i < 3 ? TRD_E_UNKNOWN : TRD_E_ARG), "row %d", i);
        cr_assert(eq(u32, f->status.shard, 2));
        fleet_free(f);
    }
}

/* Counts what it gives, and fails once. */
typedef struct pool {
    int allocations, fails_at, live;
} pool;

static void *pool_alloc(void *user, size_t size, size_t align) {
    pool *p = user;
    if (p->allocations++ == p->fails_at) {
        return NULL;
    }
    p->live++;
    return aligned_alloc(align, size);
}

static void pool_release(void *user, void *at, size_t size) {
    (void)size;
    ((pool *)user)->live--;
    free(at);
}

Test(shard, memory_is_taken_once_and_given_back) {
    fleet *f = fleet_new(2);
    pool p = {.fails_at = 0};
    for (uint32_t i = 0; i < 2; i++) {
        fleet_open_node(f, i);
    }
    f->def.mem = (trd_mem){.alloc = pool_alloc, .release = pool_release, .user = &p};
    cr_assert(eq(int, fleet_try_router(f, &f->def, &f->router), TRD_E_MEMORY));
    p = (pool){.fails_at = 1};
    fleet_open_router(f); /* what failed has not taken the subscriptions either */
    fleet_accounts(f);
    fleet_pay_in(f, 0, 1, FLEET_USD, 1000);
    uint64_t reference;
    const trd_shard_move move = {.account = 1, .from = 0, .to = 1, .amount = 400};
    cr_assert(eq(int, trd_shards_move(f->router, &move, &reference), TRD_OK));
    fleet_rest(f);
    cr_assert(eq(i64, fleet_balance(f, 1, 1, FLEET_USD).free, 400));
    cr_assert(eq(int, p.allocations, 1));
    trd_shards_close(f->router);
    f->router = NULL;
    cr_assert(eq(int, p.live, 0));
    trd_shards_close(NULL);
    fleet_free(f);
}
