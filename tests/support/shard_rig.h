/* shard_rig.h - a fleet of small nodes, each on a disk in memory of its own, and a router.
 *
 * Instrument number i over all is at shard i % shards, as number i / shards there: a SPOT
 * instrument in dollars of asset 1 + i. Subscription 0 of each node is the test's, of all events,
 * subscription 1 the router's. All is called by hand. */
#ifndef TRD_SUPPORT_SHARD_RIG_H
#define TRD_SUPPORT_SHARD_RIG_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/io/shard.h>
#include <tradsys/tradsys.h>

#include "disk.h"

enum {
    FLEET_SHARDS_MAX = 4,
    FLEET_INSTRUMENTS = 6,
    FLEET_USD = 0,
    FLEET_ASSETS = 1 + FLEET_INSTRUMENTS,
    FLEET_ACCOUNTS = 8, /* 0 to 7 */
    FLEET_TRANSIT = 8,  /* account */
    FLEET_ACCOUNTS_MAX = 16,
    FLEET_PX_MAX = 1000
};

typedef struct fleet fleet;

typedef struct fleet_shard {
    disk *d;
    trd_io_ops ops;
    trd_journal_def journal;
    trd_node_def def;
    trd_subscription subs[2];
    trd_node_status status;
    trd_engine *engine; /* as it is at the beginning */
    trd_node *node;
    uint64_t got; /* seq of the last event that the test has */
    fleet *of;
} fleet_shard;

struct fleet {
    uint32_t shards;
    fleet_shard at[FLEET_SHARDS_MAX];
    trd_shard_instrument table[FLEET_INSTRUMENTS];
    uint32_t subscriptions[FLEET_SHARDS_MAX];
    trd_shards_def def;
    trd_shards_status status;
    trd_shards *router;
    uint64_t clock;                                                   /* of all */
    void (*told)(void *user, uint32_t shard, const trd_event *event); /* NULL: nobody */
    void *user;
};

static inline void fleet_symbol(uint32_t instrument, char *out) {
    snprintf(out, TRD_SYMBOL_SIZE, "COIN%u", instrument);
}

static inline trd_instrument fleet_spec(uint32_t instrument) {
    trd_instrument spec = trd_instrument_default();
    fleet_symbol(instrument, spec.symbol);
    spec.px_max = FLEET_PX_MAX;
    spec.qty_max = 1000;
    spec.base_asset = 1 + instrument;
    spec.quote_asset = spec.settle_asset = FLEET_USD;
    return spec;
}

/* What an engine is made with. */
typedef struct fleet_making {
    uint32_t shard, shards;
    uint32_t actors;  /* above 0: who is not given a role may nothing */
    uint32_t publish; /* of the accounts */
    uint32_t assets;
    uint8_t scale;    /* of the last asset */
    const char *name; /* of the assets, before their numbers */
} fleet_making;

static inline fleet_making fleet_making_of(uint32_t shard, uint32_t shards) {
    return (fleet_making){.shard = shard,
        .shards = shards,
        .publish = TRD_PUBLISH_MONEY_ALL,
        .assets = FLEET_ASSETS,
        .scale = 2,
        .name = "ASSET"};
}

static inline trd_engine *fleet_engine(const fleet_making *m) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max = FLEET_INSTRUMENTS;
    match.orders_max = accounts.orders_max = risk.orders_max = 256;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = FLEET_ACCOUNTS_MAX;
    match.specials_max = match.positions_max = match.ids_max = 256;
    match.quotes_max = 8;
    match.publish = TRD_PUBLISH_LEVELS | TRD_PUBLISH_TAPE;
    accounts.assets_max = FLEET_ASSETS + 1;
    accounts.balances_max = 256;
    accounts.positions_max = 256;
    accounts.publish = m->publish;
    risk.actors_max = m->actors;
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .trail = 1};
    trd_engine *engine = trd_engine_create(&def);
    cr_assert(engine != NULL);
    for (uint32_t i = 0; i < m->assets; i++) {
        trd_asset asset = {
            .struct_size = sizeof(asset), .scale = i + 1 == m->assets ? m->scale : 2};
        snprintf(asset.symbol, sizeof(asset.symbol), "%s%u", m->name, i);
        cr_assert(eq(int, trd_engine_asset(engine, &asset), (int)i));
    }
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = 1000000, .taker_ppb = 2000000}}};
    cr_assert(eq(int, trd_engine_fees(engine, &fees), 0));
    for (uint32_t i = m->shard; i < FLEET_INSTRUMENTS; i += m->shards) {
        const trd_instrument spec = fleet_spec(i);
        const trd_terms terms = {.struct_size = sizeof(terms)};
        const trd_engine_listing listing = {.spec = &spec, .terms = &terms};
        cr_assert(eq(int, trd_engine_list(engine, &listing), (int)(i / m->shards)));
    }
    return engine;
}

static inline trd_ns fleet_tick(void *of) {
    return (trd_ns)++ * (uint64_t *)of;
}

static inline void fleet_shard_begin(fleet *f, uint32_t shard) {
    fleet_shard *s = &f->at[shard];
    *s = (fleet_shard){.d = disk_new(1 + shard), .of = f};
    s->ops = disk_ops(s->d, true);
    const fleet_making making = fleet_making_of(shard, f->shards);
    s->engine = fleet_engine(&making);
    s->journal = trd_journal_def_default();
    s->journal.directory = "/";
    s->journal.ops = &s->ops;
    s->journal.segment_size = TRD_JOURNAL_SIZE_MIN;
    s->journal.batch_size = 8192;
    s->subs[0] = (trd_subscription){
        .capacity = 4096, .policy = TRD_SLOW_CUT, .flags = TRD_SUBSCRIBE_CONFIRMS};
    s->subs[1] = trd_shards_subscription(4096);
    s->def = trd_node_def_default();
    s->def.engine = s->engine;
    s->def.journal = &s->journal;
    s->def.clock = fleet_tick;
    s->def.clock_user = &f->clock;
    s->def.subscriptions = s->subs;
    s->def.subscribers = 2;
    s->def.ingress = 64;
    s->def.commands = 64;
    s->def.events = 512;
}

/* A fleet of so many shards, with nothing open. */
static inline fleet *fleet_new(uint32_t shards) {
    fleet *f = calloc(1, sizeof(*f));
    f->shards = shards;
    for (uint32_t i = 0; i < shards; i++) {
        fleet_shard_begin(f, i);
        f->subscriptions[i] = 1;
    }
    for (uint32_t i = 0; i < FLEET_INSTRUMENTS; i++) {
        f->table[i] = (trd_shard_instrument){.place = {.shard = i % shards, .local = i / shards}};
        fleet_symbol(i, f->table[i].symbol);
    }
    f->def = trd_shards_def_default();
    f->def.shards = shards;
    f->def.subscriptions = f->subscriptions;
    f->def.instruments = f->table;
    f->def.instrument_count = FLEET_INSTRUMENTS;
    f->def.instruments_max = FLEET_INSTRUMENTS;
    f->def.moves_max = 16;
    f->def.transit = 1 + FLEET_TRANSIT;
    f->def.first = 1;
    return f;
}

static inline void fleet_free(fleet *f) {
    trd_shards_close(f->router);
    for (uint32_t i = 0; i < f->shards; i++) {
        (void)trd_node_close(f->at[i].node);
        trd_engine_destroy(f->at[i].engine);
        disk_free(f->at[i].d);
    }
    free(f);
}

/* Opens a node: the router's subscription begins with nothing, the test's behind what it has. */
static inline void fleet_open_node(fleet *f, uint32_t shard) {
    fleet_shard *s = &f->at[shard];
    s->subs[0].last = s->got;
    const int result = trd_node_open(&s->def, &s->status, &s->node);
    cr_assert(eq(int, result, TRD_OK), "shard %u: %s %d, %s %d", shard,
        trd_io_call_text(s->status.fault.call), s->status.fault.error,
        trd_io_call_text(s->status.journal.fault.call), s->status.journal.fault.error);
}

static inline int fleet_try_router(fleet *f, const trd_shards_def *def, trd_shards **out) {
    trd_node *nodes[FLEET_SHARDS_MAX];
    for (uint32_t i = 0; i < f->shards; i++) {
        nodes[i] = f->at[i].node;
    }
    trd_shards_def own = *def;
    own.nodes = nodes;
    return trd_shards_open(&own, &f->status, out);
}

static inline void fleet_open_router(fleet *f) {
    const int result = fleet_try_router(f, &f->def, &f->router);
    cr_assert(
        eq(int, result, TRD_OK), "shard %u, instrument %u", f->status.shard, f->status.instrument);
}

static inline void fleet_open(fleet *f) {
    for (uint32_t i = 0; i < f->shards; i++) {
        fleet_open_node(f, i);
    }
    fleet_open_router(f);
}

/* The test reads what a node has told, each event once and in order. */
static inline void fleet_read(fleet *f, uint32_t shard) {
    fleet_shard *s = &f->at[shard];
    uint32_t count;
    const trd_event *span;
    while (s->node != NULL && (span = trd_node_peek(s->node, 0, &count)) != NULL) {
        for (uint32_t at = 0; at < count; at += span[at].slots) {
            if (span[at].kind == TRD_EVENT_NONE) {
                continue;
            }
            cr_assert(eq(u64, span[at].seq, s->got + 1));
            s->got++;
            if (f->told != NULL) {
                f->told(f->user, shard, &span[at]);
            }
        }
        trd_node_release(s->node, 0, count);
    }
    if (s->node != NULL) {
        cr_assert(eq(int, trd_node_confirm(s->node, 0, s->got), TRD_OK));
    }
}

/* One round of everything; how much was done. */
static inline int fleet_work(fleet *f) {
    const int done = trd_shards_work(f->router);
    cr_assert(done >= 0);
    for (uint32_t i = 0; i < f->shards; i++) {
        fleet_read(f, i);
    }
    return done;
}

/* Until nothing is to be done any more; what is on its way to a disk comes when it does. */
static inline void fleet_rest(fleet *f) {
    for (int idle = 0; idle < 20;) {
        idle = fleet_work(f) > 0 ? 0 : idle + 1;
    }
}

/* A node is gone all at once: with the power, or its process alone. */
static inline void fleet_crash(fleet *f, uint32_t shard, bool power) {
    fleet_shard *s = &f->at[shard];
    disk_set_fault(s->d, &(disk_fault){.kind = DISK_FAULT_POWER});
    (void)trd_node_close(s->node);
    s->node = NULL;
    if (power) {
        disk_crash(s->d);
    } else {
        disk_kill(s->d);
    }
    disk_set_fault(s->d, &(disk_fault){0});
}

/* All of them are, and the router with them. */
static inline void fleet_crash_all(fleet *f, bool power) {
    trd_shards_close(f->router);
    f->router = NULL;
    for (uint32_t i = 0; i < f->shards; i++) {
        fleet_crash(f, i, power);
    }
}

/* Sends, and works until there is room; the record is taken once. */
static inline void fleet_send(fleet *f, const trd_command *record) {
    int result = trd_shards_send(f->router, record);
    for (int round = 0; result == TRD_E_FULL || result == TRD_MORE; round++) {
        cr_assert(round < 1000);
        fleet_work(f);
        result = trd_shards_send(f->router, result == TRD_MORE ? NULL : record);
    }
    cr_assert(eq(int, result, TRD_OK));
}

/* --- commands --------------------------------------------------------------------------------- */

static inline trd_command fleet_account(uint32_t account) {
    const bool transit = account == FLEET_TRANSIT;
    return (trd_command){.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .account = account,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = transit ? TRD_ROLE_VIEWER : TRD_ROLE_TRADER,
            .margin = TRD_MODE_CASH,
            .enabled = !transit}};
}

static inline trd_command fleet_deposit(uint32_t account, uint32_t asset, trd_amt amount) {
    return (trd_command){.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = account,
        .u.transfer = {.action = TRD_TRANSFER_DEPOSIT, .asset = asset, .amount = amount}};
}

static inline trd_command fleet_order(
    uint32_t account, uint32_t instrument, uint64_t id, unsigned side, trd_qty qty, trd_px px) {
    return (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = account,
        .instrument = instrument,
        .u.order = {.client_id = id,
            .px = px,
            .qty = qty,
            .side = (uint8_t)side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
}

/* Opens accounts 0 to 7 and the one in transit, everywhere. */
static inline void fleet_accounts(fleet *f) {
    for (uint32_t i = 0; i <= FLEET_TRANSIT; i++) {
        const trd_command c = fleet_account(i);
        fleet_send(f, &c);
    }
    fleet_rest(f);
}

/* A deposit that names its shard. */
static inline void fleet_pay_in(
    fleet *f, uint32_t shard, uint32_t account, uint32_t asset, trd_amt amount) {
    const trd_command c = fleet_deposit(account, asset, amount);
    cr_assert(eq(int, trd_shards_send_to(f->router, shard, &c), TRD_OK));
    fleet_rest(f);
}

static inline trd_balance fleet_balance(
    const fleet *f, uint32_t shard, uint32_t account, uint32_t asset) {
    trd_balance balance;
    const trd_accounts *accounts = trd_engine_accounts(trd_node_engine(f->at[shard].node));
    cr_assert(eq(int, trd_accounts_balance(accounts, account, asset, &balance), TRD_OK));
    return balance;
}

#endif
