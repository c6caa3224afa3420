/* subject_money.c - see subject_money.h.
 *
 * Events go into an array of OUT_SLOTS slots that is emptied when it is half full, as a ring with a
 * quick consumer would be. Nobody reads them while the clock runs; the run before does, and sums
 * them up. A subject also counts for itself, and that is compared after every run.
 */
#include "subject_money.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/engine.h>

#include "acct/hold.h"
#include "bench.h"
#include "risk/grant.h"
#include "world.h"

enum { OUT_SLOTS = 4096 };
/* Limits are set and never met, but what an account has is finite. */
#define DEPOSIT ((trd_amt)1 << 50)
#define WIDE ((int64_t)1 << 60)

static trd_event *events;
static trd_out out;
static uint32_t publish; /* of the money: TRD_PUBLISH_MONEY_* */

static void fail(const char *what, int result) {
    fprintf(stderr, "bench: %s: %s\n", what, trd_result_text(result));
    exit(2);
}

static void must(const char *what, int result) {
    if (result < 0) {
        fail(what, result);
    }
}

/* --- What is read in the run that is not timed ------------------------------------------------ */

/* Sums over all events. */
typedef struct sums {
    uint64_t accepted;
    uint64_t refused;
    uint64_t fills; /* two per execution */
    uint64_t lots;  /* of both sides */
    uint64_t locks;
    uint64_t locked[2];
    uint64_t released[2];
    uint64_t value; /* QUOTE that sellers got */
    uint64_t fees;  /* that accounts paid */
} sums;

static sums seen;
static bool reads; /* whether events are read; while the clock runs they are not */

static void read_ledger(const trd_event *event) {
    const trd_ev_ledger *ledger = &event->u.ledger;
    const uint64_t size = (uint64_t)(ledger->amount < 0 ? -ledger->amount : ledger->amount);
    if (event->account >= TRD_ACCOUNT_VENUE) {
        return;
    }
    switch (ledger->entry) {
    case TRD_LEDGER_LOCK:
        seen.locks++;
        seen.locked[ledger->asset] += size;
        break;
    case TRD_LEDGER_RELEASE:
        seen.released[ledger->asset] += size;
        break;
    case TRD_LEDGER_PRINCIPAL:
        seen.value += ledger->amount > 0 && ledger->asset == MONEY_QUOTE ? size : 0;
        break;
    case TRD_LEDGER_FEE:
        seen.fees += size;
        break;
    default:
        break;
    }
}

static void read_event(const trd_event *event) {
    switch (event->kind) {
    case TRD_EVENT_ACCEPTED:
        seen.accepted++;
        break;
    case TRD_EVENT_FILL:
        seen.fills++;
        seen.lots += (uint64_t)event->u.fill.qty;
        break;
    case TRD_EVENT_REJECTED:
    case TRD_EVENT_COMMAND_REJECTED:
    case TRD_EVENT_REPLACE_REJECTED:
        if (seen.refused++ == 0) {
            fprintf(stderr, "bench: event %llu: %s: %s\n", (unsigned long long)event->seq,
                trd_event_text(event->kind), trd_reject_text(event->reason));
        }
        break;
    case TRD_EVENT_LEDGER:
        read_ledger(event);
        break;
    default:
        break;
    }
}

/* Takes the events out when there are many. */
static inline void drain(bool all) {
    if (!all && out.count <= out.capacity / 2) {
        return;
    }
    for (uint32_t i = 0; reads && i < out.count; i += events[i].slots) {
        read_event(&events[i]);
    }
    out.count = 0;
}

static bool same(const char *who, const char *what, uint64_t got, uint64_t wanted) {
    if (got != wanted) {
        fprintf(stderr, "bench: %s: %s is %llu, not %llu\n", who, what, (unsigned long long)got,
            (unsigned long long)wanted);
    }
    return got == wanted;
}

/* --- What all of them are made of ------------------------------------------------------------- */

static trd_instrument spec_of(void) {
    trd_instrument spec = trd_instrument_default();
    memcpy(spec.symbol, "MONEY", sizeof("MONEY"));
    spec.px_max = (1 << MONEY_LEVELS_LOG2) - 2;
    spec.base_asset = MONEY_BASE;
    spec.quote_asset = MONEY_QUOTE;
    spec.settle_asset = MONEY_QUOTE;
    return spec;
}

static const trd_asset assets[2] = {
    {.struct_size = sizeof(trd_asset), .symbol = "QUOTE"},
    {.struct_size = sizeof(trd_asset), .symbol = "BASE"},
};

static const trd_fee_table fees = {
    .struct_size = sizeof(fees),
    .tier_count = 1,
    .tiers = {{.maker_ppb = MONEY_MAKER_PPB, .taker_ppb = MONEY_TAKER_PPB}},
};

static const trd_terms terms = {.struct_size = sizeof(terms)};

/* The limits that a venue sets. */
static const trd_limit limits[] = {
    {.limit = TRD_LIMIT_ORDER_QTY, .scope = TRD_LIMIT_FIRM, .value = MONEY_QTY_MAX},
    {.limit = TRD_LIMIT_ORDER_VALUE, .scope = TRD_LIMIT_FIRM, .value = WIDE},
    {.limit = TRD_LIMIT_OPEN_VALUE, .scope = TRD_LIMIT_FIRM, .value = WIDE},
    {.limit = TRD_LIMIT_DAILY_LOSS, .scope = TRD_LIMIT_FIRM, .value = WIDE},
    {.limit = TRD_LIMIT_POSITION, .scope = TRD_LIMIT_INSTRUMENT, .value = WIDE},
    {.limit = TRD_LIMIT_COLLAR, .scope = TRD_LIMIT_INSTRUMENT, .value = 100000},
    {.limit = TRD_LIMIT_MESSAGES,
        .scope = TRD_LIMIT_FIRM,
        .value = TRD_LIMIT_EVENTS_MAX,
        .window = 1000000000},
};

enum { LIMITS = sizeof(limits) / sizeof(*limits) };

static void parts_of(const money *load, world_parts *p) {
    world_parts_make(p, load->accounts, load->orders_max);
    p->match.specials_max = 0;
    p->accounts.fee_tables_max = 1;
    p->accounts.publish = publish;
    p->risk.models_max = 0;
}

/* What a buyer pays with, and what a seller sells. */
static uint32_t deposited(uint32_t account) {
    return account % 2 == 0 ? MONEY_QUOTE : MONEY_BASE;
}

/* The money that the executions moved, and the fees that came in. */
static bool money_is_right(const char *who, const trd_accounts *books, const money_end *end) {
    trd_balance balance;
    must("trd_accounts_balance",
        trd_accounts_balance(books, TRD_ACCOUNT_FEES, MONEY_QUOTE, &balance));
    bool right = same(who, "fees", (uint64_t)balance.free, end->fees);
    must("trd_accounts_balance",
        trd_accounts_balance(books, TRD_ACCOUNT_CLEARING, MONEY_QUOTE, &balance));
    return same(who, "clearing", (uint64_t)balance.free, 0) && right;
}

static bool stats_are_right(const char *who, const trd_match *match, const money *load) {
    trd_match_stats stats;
    trd_match_stats_get(match, &stats);
    bool right = same(who, "executions", stats.executions, load->end.executions);
    return same(who, "live orders", stats.orders, load->end.resting) && right;
}

/* --- The matcher ------------------------------------------------------------------------------ */

static trd_match *alone;

static size_t match_footprint(const money *load) {
    world_parts p;
    parts_of(load, &p);
    return trd_match_footprint(&p.match);
}

static void match_open(void *mem, const money *load) {
    world_parts p;
    parts_of(load, &p);
    const trd_instrument spec = spec_of();
    alone = trd_match_init(mem, &p.match);
    must("trd_match_init", alone != NULL ? TRD_OK : TRD_E_ARG);
    must("trd_match_add", trd_match_add(alone, &spec));
}

static inline __attribute__((always_inline)) void match_one(const trd_command *command) {
    int result = trd_match_step(alone, command, &out);
    drain(false);
    while (result == TRD_MORE) {
        drain(true);
        result = trd_match_step(alone, NULL, &out);
    }
    must("trd_match_step", result);
}

static void match_set(const money *load) {
    for (size_t i = 0; i < load->warm; i++) {
        match_one(&load->commands[i]);
    }
}

static void match_run(const money *load, size_t from, size_t to) {
    const trd_command *commands = &load->commands[load->warm];
    size_t at = from;
    while (at < to) {
        size_t done = 0;
        int result = trd_match_run(alone, &commands[at], to - at, &done, &out);
        at += done;
        drain(result == TRD_MORE || at < to);
        while (result == TRD_MORE) {
            result = trd_match_step(alone, NULL, &out);
            drain(result == TRD_MORE);
        }
        must("trd_match_run", result);
    }
}

static bool match_is_right(const money *load) {
    drain(true);
    bool right = stats_are_right("matcher", alone, load);
    if (reads) {
        right &= same("matcher", "accepted", seen.accepted, load->end.orders);
        right &= same("matcher", "fills", seen.fills, 2 * load->end.executions);
        right &= same("matcher", "lots", seen.lots, 2 * load->end.lots);
        right &= same("matcher", "refused", seen.refused, 0);
    }
    return right;
}

/* --- The engine ------------------------------------------------------------------------------- */

static trd_engine *engine;

size_t money_engine_footprint(const money *load, bool trail) {
    world_parts p;
    parts_of(load, &p);
    p.engine.trail = trail;
    return trd_engine_footprint(&p.engine);
}

static size_t engine_footprint(const money *load) {
    return money_engine_footprint(load, false);
}

static inline __attribute__((always_inline)) void engine_one(const trd_command *command) {
    int result = trd_engine_step(engine, command, &out);
    drain(false);
    while (result == TRD_MORE) {
        drain(true);
        result = trd_engine_step(engine, NULL, &out);
    }
    must("trd_engine_step", result);
}

static void engine_limits(void) {
    const trd_command mark = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .u.price = {.px = MONEY_MIDDLE, .source = TRD_SOURCE_MARK}};
    engine_one(&mark);
    for (int i = 0; i < LIMITS; i++) {
        const trd_command limit = {.kind = TRD_COMMAND_LIMIT,
            .slots = 1,
            .u.limit = {.action = TRD_LIMIT_SET,
                .limit = limits[i].limit,
                .scope = limits[i].scope,
                .value = limits[i].value,
                .window = limits[i].window}};
        engine_one(&limit);
    }
}

static void engine_account(uint32_t account) {
    const trd_command open = world_open(account);
    const trd_command deposit = world_deposit(account, deposited(account), DEPOSIT);
    engine_one(&open);
    engine_one(&deposit);
}

static void engine_make(void *mem, const money *load, bool trail) {
    world_parts p;
    parts_of(load, &p);
    p.engine.trail = trail;
    const trd_instrument spec = spec_of();
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms};
    engine = trd_engine_init(mem, &p.engine);
    must("trd_engine_init", engine != NULL ? TRD_OK : TRD_E_ARG);
    must("trd_engine_asset", trd_engine_asset(engine, &assets[MONEY_QUOTE]));
    must("trd_engine_asset", trd_engine_asset(engine, &assets[MONEY_BASE]));
    must("trd_engine_fees", trd_engine_fees(engine, &fees));
    must("trd_engine_list", trd_engine_list(engine, &listing));
    engine_limits();
    for (uint32_t i = 0; i < load->accounts; i++) {
        engine_account(i);
    }
}

static void engine_open(void *mem, const money *load) {
    engine_make(mem, load, false);
}

static void engine_set(const money *load) {
    for (size_t i = 0; i < load->warm; i++) {
        engine_one(&load->commands[i]);
    }
}

trd_engine *money_engine_make(void *mem, const money *load, bool trail) {
    engine_make(mem, load, trail);
    engine_set(load);
    money_forget();
    return engine;
}

static void engine_run(const money *load, size_t from, size_t to) {
    const trd_command *commands = &load->commands[load->warm];
    size_t at = from;
    while (at < to) {
        size_t done = 0;
        int result = trd_engine_run(engine, &commands[at], to - at, &done, &out);
        at += done;
        drain(result == TRD_MORE || at < to);
        while (result == TRD_MORE) {
            result = trd_engine_step(engine, NULL, &out);
            drain(result == TRD_MORE);
        }
        must("trd_engine_run", result);
    }
}

static bool engine_is_right(const money *load) {
    drain(true);
    static const char who[] = "match+risk+ledger";
    const money_end *end = &load->end;
    bool right = stats_are_right(who, trd_engine_match(engine), load);
    right &= money_is_right(who, trd_engine_accounts(engine), end);
    if (reads) {
        right &= same(who, "accepted", seen.accepted, end->orders);
        right &= same(who, "fills", seen.fills, 2 * end->executions);
        right &= same(who, "lots", seen.lots, 2 * end->lots);
        right &= same(who, "refused", seen.refused, 0);
        right &= same(who, "holds", seen.locks, end->orders);
        right &= same(who, "QUOTE held", seen.locked[MONEY_QUOTE], end->locked[MONEY_QUOTE]);
        right &= same(who, "BASE held", seen.locked[MONEY_BASE], end->locked[MONEY_BASE]);
        right &= same(who, "value", seen.value, end->value);
        right &= same(who, "fees paid", seen.fees, end->fees);
        right &= same(who, "audit", (uint64_t)trd_engine_audit(engine), TRD_OK);
    }
    return right;
}

/* --- The checks of an order ------------------------------------------------------------------- */

/* Accounts in front, risk behind them. A host asks by the public calls, of which each looks for
 * itself; the engine holds what risk has found. */
typedef struct pipe {
    const char *name;
    bool grants; /* as the engine does it */
    trd_accounts *accounts;
    trd_risk *risk;
    uint64_t passed;
    uint64_t asked[2];
} pipe;

static pipe by_host = {.name = "pipeline"};
static pipe by_engine = {.name = "pipeline-engine", .grants = true};

static size_t risk_at(const world_parts *p) {
    return (trd_accounts_footprint(&p->accounts) + TRD_RISK_ALIGN - 1) &
           ~((size_t)TRD_RISK_ALIGN - 1);
}

static size_t pipe_footprint(const money *load) {
    world_parts p;
    parts_of(load, &p);
    return risk_at(&p) + trd_risk_footprint(&p.risk);
}

static void pipe_account(const pipe *to, uint32_t account) {
    const trd_account made = {
        .struct_size = sizeof(made), .role = TRD_ROLE_TRADER, .mode = TRD_MODE_CASH, .enabled = 1};
    const trd_transfer deposit = {
        .from = TRD_ACCOUNT_OUTSIDE, .to = account, .asset = deposited(account), .amount = DEPOSIT};
    must("trd_accounts_open", trd_accounts_open(to->accounts, account, &made));
    must("trd_accounts_transfer", trd_accounts_transfer(to->accounts, &deposit, &out));
    drain(false);
}

static void pipe_open(pipe *to, void *mem, const money *load) {
    world_parts p;
    parts_of(load, &p);
    const trd_instrument spec = spec_of();
    to->accounts = trd_accounts_init(mem, &p.accounts);
    to->risk = trd_risk_init((char *)mem + risk_at(&p), &p.risk);
    must("init", to->accounts != NULL && to->risk != NULL ? TRD_OK : TRD_E_ARG);
    must("trd_accounts_asset_add", trd_accounts_asset_add(to->accounts, &assets[MONEY_QUOTE]));
    must("trd_accounts_asset_add", trd_accounts_asset_add(to->accounts, &assets[MONEY_BASE]));
    must("trd_accounts_fees_add", trd_accounts_fees_add(to->accounts, &fees));
    must("trd_accounts_instrument_add", trd_accounts_instrument_add(to->accounts, &spec, &terms));
    must("trd_accounts_mark", trd_accounts_mark(to->accounts, 0, MONEY_MIDDLE));
    for (int i = 0; i < LIMITS; i++) {
        must("trd_risk_limit", trd_risk_limit(to->risk, &limits[i]));
    }
    for (uint32_t i = 0; i < load->accounts; i++) {
        pipe_account(to, i);
    }
}

/* May the order act? What it may cost is held, and given back. */
static inline __attribute__((always_inline)) void pipe_one(
    pipe *to, bool grants, const trd_ask *ask) {
    trd_verdict verdict;
    trd_acct_grant grant;
    must("trd_risk_check", grants ? trd__risk_grant(to->risk, to->accounts, ask, &verdict, &grant)
                                  : trd_risk_check(to->risk, to->accounts, ask, &verdict));
    if (verdict.reason != 0) {
        return;
    }
    to->passed++;
    to->asked[verdict.asset] += (uint64_t)verdict.need;
    if (grants) {
        trd__hold_granted(to->accounts, &grant, ask->order, &out);
    } else {
        must("trd_accounts_hold", trd_accounts_hold(to->accounts, &verdict.hold, &out));
    }
    must("trd_accounts_release", trd_accounts_release(to->accounts, ask->order, ask->qty, &out));
    drain(false);
}

/* An ask for every account: it comes to have both balances, and a position. */
static void pipe_set(pipe *to, const money *load) {
    for (uint32_t i = 0; i < load->accounts; i++) {
        trd_ask ask = load->asks[0];
        ask.account = i;
        ask.side = i % 2 == 0 ? TRD_BUY : TRD_SELL;
        pipe_one(to, to->grants, &ask);
    }
    if (!same(to->name, "passed", to->passed, load->accounts)) {
        exit(2);
    }
    money_forget();
}

static bool pipe_is_right(const pipe *to, const money *load) {
    drain(true);
    bool right = same(to->name, "passed", to->passed, load->ops);
    right &= same(to->name, "QUOTE asked", to->asked[MONEY_QUOTE], load->asked[MONEY_QUOTE]);
    right &= same(to->name, "BASE asked", to->asked[MONEY_BASE], load->asked[MONEY_BASE]);
    if (reads) {
        right &= same(to->name, "holds", seen.locks, load->ops);
        for (int asset = 0; asset < 2; asset++) {
            right &= same(to->name, "held", seen.locked[asset], load->asked[asset]);
            right &= same(to->name, "released", seen.released[asset], load->asked[asset]);
        }
        right &= same(to->name, "audit", (uint64_t)trd_accounts_audit(to->accounts), TRD_OK);
        right &= same(to->name, "audit", (uint64_t)trd_risk_audit(to->risk), TRD_OK);
    }
    return right;
}

static void by_host_open(void *mem, const money *load) {
    pipe_open(&by_host, mem, load);
}

static void by_host_set(const money *load) {
    pipe_set(&by_host, load);
}

static void by_host_run(const money *load, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        pipe_one(&by_host, false, &load->asks[i]);
    }
}

static bool by_host_is_right(const money *load) {
    return pipe_is_right(&by_host, load);
}

static void by_engine_open(void *mem, const money *load) {
    pipe_open(&by_engine, mem, load);
}

static void by_engine_set(const money *load) {
    pipe_set(&by_engine, load);
}

static void by_engine_run(const money *load, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        pipe_one(&by_engine, true, &load->asks[i]);
    }
}

static bool by_engine_is_right(const money *load) {
    return pipe_is_right(&by_engine, load);
}

/* --- All of them ------------------------------------------------------------------------------ */

void money_begin(bool wanted) {
    if (events == NULL) {
        events = bench_alloc(OUT_SLOTS * sizeof(*events));
        out = (trd_out){.events = events, .capacity = OUT_SLOTS};
    }
    reads = wanted;
    publish = wanted ? TRD_PUBLISH_MONEY_ALL : trd_accounts_def_default().publish;
}

void money_forget(void) {
    out.count = 0;
    seen = (sums){.locks = 0};
    pipe *const pipes[] = {&by_host, &by_engine};
    for (int i = 0; i < 2; i++) {
        pipes[i]->passed = 0;
        pipes[i]->asked[0] = pipes[i]->asked[1] = 0;
    }
}

const money_subject money_subjects[MONEY_SUBJECTS] = {
    {"matcher", "command", match_footprint, match_open, match_set, match_run, match_is_right},
    {"match+risk+ledger", "command", engine_footprint, engine_open, engine_set, engine_run,
        engine_is_right},
    {"pipeline", "order", pipe_footprint, by_host_open, by_host_set, by_host_run, by_host_is_right},
    {"pipeline-engine", "order", pipe_footprint, by_engine_open, by_engine_set, by_engine_run,
        by_engine_is_right},
};
