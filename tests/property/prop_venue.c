/* prop_venue.c - random lives of an engine that has everything at once.
 *
 * After every command the audits find nothing, an engine whose output has another room has told the
 * same, and the laws hold of books that are kept from the events alone (venue_books.h). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "venue_books.h"

enum { RUNS = 120, STEPS = 400, ROOM = 65536 };

typedef struct counts {
    uint64_t steps[TRD_STEP_DONE + 1];
    uint64_t splits, expired, loans, interest, modes, linked, quoted, budgets, kills, days;
    uint64_t followed;                    /* expiries of what a portfolio had lots of */
    uint64_t haircuts, children, used_up; /* orders with a parent; those it has no lots for */
    uint64_t multi[TRD_STEP_DONE + 1];    /* steps of accounts of mode MULTI */
    uint64_t backed;                      /* locks that take its balance below zero */
} counts;

typedef struct life {
    venue_life draws;
    trd_engine *engine[2];
    uint32_t room[2];
    trd_event told[2][ROOM];
    uint32_t count[2];
    venue_books books;
    counts counts;
} life;

/* --- running ---------------------------------------------------------------------------------- */

static void say(const char *condition, const char *file, int line) {
    fprintf(stderr, "# %s:%d: %s\n", file, line, condition);
}

static void audited(const trd_engine *engine) {
    const int result = trd_engine_audit(engine);
    cr_assert(eq(int, result, TRD_OK), "line %d", -result);
}

/* One of the two; the first is audited behind each part, too. */
static void run_one(life *l, int e, const trd_command *c) {
    static trd_event part[4096];
    trd_out out = {.events = part, .capacity = l->room[e]};
    int result = trd_engine_step(l->engine[e], c, &out);
    l->count[e] = 0;
    for (;;) {
        cr_assert(l->count[e] + out.count <= ROOM);
        memcpy(l->told[e] + l->count[e], part, out.count * sizeof(trd_event));
        l->count[e] += out.count;
        if (result != TRD_MORE) {
            break;
        }
        if (e == 0) {
            audited(l->engine[e]);
        }
        out.count = 0;
        result = trd_engine_step(l->engine[e], NULL, &out);
    }
    cr_assert(eq(int, result, TRD_OK));
}

static void run(life *l, const trd_command *c) {
    run_one(l, 0, c);
    run_one(l, 1, c);
    cr_assert(eq(u32, l->count[0], l->count[1]));
    cr_assert(eq(int, memcmp(l->told[0], l->told[1], l->count[0] * sizeof(trd_event)), 0));
    audited(l->engine[0]);
}

/* --- laws ------------------------------------------------------------------------------------- */

static bool is_refused(const life *l) {
    return venue_books_refused(l->told[0], l->count[0]);
}

static bool is_books(const trd_command *c, unsigned action) {
    return c->kind == TRD_COMMAND_BOOKS && c->u.books.action == action;
}

static void read_events(life *l, const trd_command *c) {
    cr_assert(venue_books_read(&l->books, l->told[0], l->count[0], c), "%s", l->books.wrong);
}

/* Lists by account and side, and by instrument, are those that live, and tell what a question for
 * each tells. */
static void lists_of_orders_have_each_once(const life *l) {
    const trd_match *match = trd_engine_match(l->engine[0]);
    static trd_order_info found[VENUE_ORDERS];
    uint32_t told = 0;
    uint32_t counted = 0;
    for (uint32_t part = 0; part < 2 * VENUE_ACCOUNTS; part++) {
        const trd_order_filter filter = {.account = part / 2,
            .side = part % 2 == 0 ? TRD_BUY : TRD_SELL,
            .filter = TRD_MASS_ACCOUNT | TRD_MASS_SIDE};
        const int count = trd_match_orders(match, &filter, found, VENUE_ORDERS);
        cr_assert(count >= 0 && count <= VENUE_ORDERS);
        for (int i = 0; i < count; i++) {
            trd_order_info info;
            cr_assert(eq(int, trd_match_order(match, found[i].order, &info), TRD_OK));
            cr_assert(eq(int, memcmp(&info, &found[i], sizeof(info)), 0));
            cr_assert(eq(u32, info.account, part / 2));
            cr_assert(eq(uint, info.side, filter.side));
            for (int k = 0; k < i; k++) {
                cr_assert(ne(u64, found[k].order, info.order));
            }
        }
        told += (uint32_t)count;
    }
    cr_assert(eq(u32, told, l->books.lives));
    trd_match_stats stats;
    trd_match_stats_get(match, &stats);
    for (uint32_t i = 0; i < stats.instruments; i++) {
        const trd_order_filter filter = {.instrument = i, .filter = TRD_MASS_INSTRUMENT};
        counted += (uint32_t)trd_match_orders(match, &filter, NULL, 0);
    }
    cr_assert(eq(u32, counted, told));
}

/* The same of what accounts have: each asset and each position that a question finds is there once.
 */
static void lists_of_money_have_each_once(const life *l) {
    const trd_accounts *a = trd_engine_accounts(l->engine[0]);
    for (uint32_t account = 0; account < VENUE_ACCOUNTS; account++) {
        trd_asset_balance balances[VENUE_ASSETS];
        trd_instrument_holding positions[3 * VENUE_INSTRUMENTS];
        bool met[VENUE_ASSETS] = {false};
        bool seen[VENUE_INSTRUMENTS][3] = {{false}};
        const int assets = trd_accounts_balances(a, account, balances, VENUE_ASSETS);
        cr_assert(assets >= 0 && assets <= VENUE_ASSETS);
        for (int i = 0; i < assets; i++) {
            trd_balance one;
            const uint32_t asset = balances[i].asset;
            cr_assert(not(met[asset]));
            met[asset] = true;
            cr_assert(eq(int, trd_accounts_balance(a, account, asset, &one), TRD_OK));
            cr_assert(eq(int, memcmp(&one, &balances[i].balance, sizeof(one)), 0));
        }
        const int count = trd_accounts_positions(a, account, positions, 3 * VENUE_INSTRUMENTS);
        cr_assert(count >= 0 && count <= 3 * VENUE_INSTRUMENTS);
        for (int i = 0; i < count; i++) {
            trd_holding one;
            const trd_instrument_holding *at = &positions[i];
            cr_assert(not(seen[at->instrument][at->side]));
            seen[at->instrument][at->side] = true;
            cr_assert(
                eq(int, trd_accounts_position(a, account, at->instrument, at->side, &one), TRD_OK));
            cr_assert(eq(int, memcmp(&one, &at->holding, sizeof(one)), 0));
        }
        for (uint32_t asset = 0; asset < VENUE_ASSETS; asset++) {
            cr_assert(met[asset] || l->books.total[account][asset] == 0);
        }
        for (uint32_t i = 0; i < VENUE_INSTRUMENTS; i++) {
            for (uint32_t side = 0; side < 3; side++) {
                cr_assert(seen[i][side] || l->books.position[account][i][side].qty == 0);
            }
        }
    }
}

static void laws_hold(life *l) {
    cr_assert(venue_books_hold(&l->books, l->engine[0]), "%s", l->books.wrong);
    lists_of_orders_have_each_once(l);
    lists_of_money_have_each_once(l);
}

/* --- what was met ----------------------------------------------------------------------------- */

/* Has a portfolio lots of the instrument? */
static bool is_followed(const life *l, uint32_t instrument) {
    const trd_accounts *a = trd_engine_accounts(l->engine[0]);
    for (uint32_t account = 0; account < VENUE_ACCOUNTS; account++) {
        const trd_ev_position *sides = l->books.position[account][instrument];
        trd_account terms;
        cr_assert(eq(int, trd_accounts_get(a, account, &terms), TRD_OK));
        if (terms.mode == TRD_MODE_PORTFOLIO &&
            (sides[0].qty != 0 || sides[1].qty != 0 || sides[2].qty != 0)) {
            return true;
        }
    }
    return false;
}

static bool is_multi(const life *l, uint32_t account) {
    trd_account terms;
    return trd_accounts_get(trd_engine_accounts(l->engine[0]), account, &terms) == TRD_OK &&
           terms.mode == TRD_MODE_MULTI;
}

static void count_event(life *l, const trd_event *e) {
    counts *n = &l->counts;
    switch (e->kind) {
    case TRD_EVENT_LIQUIDATION:
        n->steps[e->reason]++;
        n->multi[e->reason] += is_multi(l, e->account);
        break;
    case TRD_EVENT_REJECTED:
        n->used_up += e->reason == TRD_REJECT_PARENT_QTY;
        break;
    case TRD_EVENT_RESTATED:
        n->splits += e->reason == TRD_RESTATE_CORPORATE;
        n->linked += e->reason == TRD_RESTATE_LINKED;
        break;
    case TRD_EVENT_ACCEPTED:
        n->quoted += e->u.order.client_id == 0;
        break;
    case TRD_EVENT_CANCELED:
        n->budgets += e->reason == TRD_CAUSE_BUDGET;
        n->kills += e->reason == TRD_CAUSE_KILL;
        break;
    case TRD_EVENT_LEDGER:
        n->loans += e->u.ledger.entry == TRD_LEDGER_LOAN;
        n->interest += e->u.ledger.entry == TRD_LEDGER_INTEREST;
        n->days += e->u.ledger.entry == TRD_LEDGER_SETTLEMENT;
        break;
    default:
        break;
    }
}

static bool has_parent(const trd_command *c) {
    for (uint32_t i = 1; c->kind == TRD_COMMAND_NEW && i < c->slots; i++) {
        const trd_ext_link *link = (const trd_ext_link *)(const void *)(c + i);
        if (link->kind == TRD_EXT_ORDER_LINK && link->parent != 0) {
            return true;
        }
    }
    return false;
}

static bool is_multi_below_zero(const life *l) {
    trd_balance balance;
    for (uint32_t at = 0; at < VENUE_ACCOUNTS * VENUE_ASSETS; at++) {
        cr_assert(eq(int,
            trd_accounts_balance(
                trd_engine_accounts(l->engine[0]), at / VENUE_ASSETS, at % VENUE_ASSETS, &balance),
            TRD_OK));
        if (balance.free < 0 && balance.locked > 0 && is_multi(l, at / VENUE_ASSETS)) {
            return true;
        }
    }
    return false;
}

static void count_all(life *l, const trd_command *c, bool followed) {
    counts *n = &l->counts;
    for (uint32_t i = 0; i < l->count[0]; i += l->told[0][i].slots) {
        count_event(l, &l->told[0][i]);
    }
    n->children += l->told[0][0].kind == TRD_EVENT_ACCEPTED && has_parent(c);
    n->backed += is_multi_below_zero(l);
    const bool done = !is_refused(l);
    n->expired += done && is_books(c, TRD_BOOKS_EXPIRE);
    n->followed += done && followed;
    n->modes += done && c->kind == TRD_COMMAND_ACCOUNT;
    n->haircuts += done && is_books(c, TRD_BOOKS_COLLATERAL);
}

static void add(counts *sum, const counts *one) {
    const uint64_t *from = (const uint64_t *)one;
    uint64_t *to = (uint64_t *)sum;
    for (size_t i = 0; i < sizeof(*sum) / sizeof(uint64_t); i++) {
        to[i] += from[i];
    }
}

/* --- the lives -------------------------------------------------------------------------------- */

static void begin(life *l, draw *rng) {
    draw same = *rng;
    memset(l, 0, sizeof(*l));
    l->draws.rng = &same;
    l->engine[0] = venue_create(&l->draws);
    l->draws.rng = rng;
    l->engine[1] = venue_create(&l->draws);
    cr_assert(l->engine[0] != NULL);
    cr_assert(l->engine[1] != NULL);
    l->room[0] = TRD_ENGINE_OUT_MIN;
    l->room[1] = (uint32_t)draw_in(rng, TRD_ENGINE_OUT_MIN + 1, 4096);
}

static void live(life *l, const trd_command *c) {
    const bool followed = is_books(c, TRD_BOOKS_EXPIRE) && is_followed(l, c->instrument);
    run(l, c);
    read_events(l, c);
    laws_hold(l);
    count_all(l, c, followed);
}

static void were_met(const counts *n) {
    fprintf(stderr,
        "# splits %" PRIu64 " expired %" PRIu64 " followed %" PRIu64 " loans %" PRIu64
        " interest %" PRIu64 " modes %" PRIu64 " linked %" PRIu64 " quoted %" PRIu64
        " budgets %" PRIu64 " kills %" PRIu64 " days %" PRIu64 "\n",
        n->splits, n->expired, n->followed, n->loans, n->interest, n->modes, n->linked, n->quoted,
        n->budgets, n->kills, n->days);
    fprintf(stderr,
        "# haircuts %" PRIu64 " children %" PRIu64 " used up %" PRIu64 " backed %" PRIu64 "\n",
        n->haircuts, n->children, n->used_up, n->backed);
    for (int s = TRD_STEP_CANCEL; s <= TRD_STEP_DONE; s++) {
        fprintf(stderr, "# step %d: %" PRIu64 ", MULTI %" PRIu64 "\n", s, n->steps[s], n->multi[s]);
        cr_assert(n->steps[s] > 5, "step %d", s);
    }
    cr_assert(n->multi[TRD_STEP_REDUCE] > 5);
    cr_assert(n->multi[TRD_STEP_TAKEOVER] > 2);
    cr_assert(n->multi[TRD_STEP_DONE] > 2);
    cr_assert(n->haircuts > 50);
    cr_assert(n->children > 60);
    cr_assert(n->used_up > 5);
    cr_assert(n->backed > 100);
    cr_assert(n->splits > 20);
    cr_assert(n->expired > 100);
    cr_assert(n->followed > 30);
    cr_assert(n->loans > 100);
    cr_assert(n->interest > 10);
    cr_assert(n->modes > 100);
    cr_assert(n->linked > 50);
    cr_assert(n->quoted > 100);
    cr_assert(n->budgets > 20);
    cr_assert(n->kills > 20);
    cr_assert(n->days > 10);
}

Test(venue, money_and_lots_are_conserved_whatever_happens_at_once, .timeout = 120) {
    draw rng = draw_seeded(1);
    trd_on_assert(say);
    static life l;
    counts sum = {.splits = 0};
    for (int round = 0; round < RUNS; round++) {
        trd_command c[TRD_SLOTS_MAX];
        begin(&l, &rng);
        for (uint32_t n = 0; venue_opening(&l.draws, n, c); n++) {
            run(&l, c);
            read_events(&l, c);
        }
        for (int step = 0; step < STEPS; step++) {
            venue_command(&l.draws, c);
            live(&l, c);
        }
        add(&sum, &l.counts);
        trd_engine_destroy(l.engine[0]);
        trd_engine_destroy(l.engine[1]);
    }
    were_met(&sum);
}
