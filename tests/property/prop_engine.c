/* prop_engine.c - random lives of the engine.
 *
 * After every command the audit compares matcher, accounts and risk with each other: what is held,
 * who has which position, that no money came or went. And the market is that of a matcher alone:
 * one that gets the same commands, without those that risk refused and with the same verdicts,
 * writes the same events. What risk says of an order is shown by its own tests. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "life_engine.h"
#include "match/quote.h"
#include "match/rich.h"

enum { RUNS = 160, STEPS = 400, ROOM = 8192, ACCOUNTS = LIFE_ENGINE_FEW };
enum { INSTRUMENTS = LIFE_ENGINE_INSTRUMENTS, ORDERS = LIFE_ENGINE_ORDERS };
enum { PARENTS = LIFE_ENGINE_PARENTS };

/* A parent order as the events tell of it. */
typedef struct kin {
    bool is_there;
    int64_t executed;
    int64_t used;  /* after the last command */
    int64_t fills; /* lots, by this command */
} kin;

typedef struct life {
    life_engine gen;
    trd_engine *engine;
    trd_match *alone;
    trd_event got[ROOM]; /* of the engine, money and decisions taken out */
    uint32_t count;
    trd_event own[ROOM]; /* of the matcher alone */
    uint32_t own_count;
    trd_event part[ROOM];
    uint64_t refused, released, executions, decisions, linked, granted, quoted, withdrawn, asked;
    uint64_t splits;     /* orders that a split has restated */
    uint64_t portfolios; /* commands after which a portfolio had something in a group */
    uint64_t backed;     /* and other assets stood for what was held on margin */
    uint8_t decided;     /* reason of the last one */
    kin kin[ACCOUNTS][PARENTS + 1];
    struct {
        trd_order order;
        uint32_t account;
        uint32_t parent;
    } children[ORDERS];
    uint64_t child_fills, child_refused, too_many;
} life;

static bool chance(life *l, int64_t percent) {
    return life_chance(&l->gen, percent);
}

/* --- the world -------------------------------------------------------------------------------- */

/* Has an account something in a group now? */
static bool has_portfolio(const life *l) {
    trd_scenario_sums sums;
    const trd_scenario_sums nothing = {0};
    for (uint32_t i = 0; i < 2 * l->gen.accounts; i++) {
        if (trd_risk_sums(trd_engine_risk(l->engine), i / 2, i % 2, &sums) == TRD_OK &&
            memcmp(&sums, &nothing, sizeof(sums)) != 0) {
            return true;
        }
    }
    return false;
}

/* Is something held on margin that is not free? */
static bool has_backed(const life *l) {
    trd_balance b;
    for (uint32_t i = 0; i < 3 * l->gen.accounts; i++) {
        if (trd_accounts_balance(trd_engine_accounts(l->engine), i / 3, i % 3, &b) == TRD_OK &&
            (b.cause & TRD_SHORT_MARGIN) != 0) {
            return true;
        }
    }
    return false;
}

/* A matcher with the same instruments. */
static trd_match *make_alone(life *l) {
    l->gen.match.verdicts = 1;
    trd_match *alone = trd_match_create(&l->gen.match);
    cr_assert(ne(ptr, alone, NULL));
    trd__quotes_ask(alone);
    const trd_match *match = trd_engine_match(l->engine);
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        cr_assert(eq(int, trd_match_add(alone, trd_match_instrument(match, i)), (int)i));
        cr_assert(eq(int, trd_match_configure(alone, i, &trd__desk(match, i)->profile), TRD_OK));
    }
    return alone;
}

static void begin(life *l) {
    l->engine = life_engine_begin(&l->gen);
    l->alone = make_alone(l);
}

static void end(life *l) {
    trd_engine_destroy(l->engine);
    trd_match_destroy(l->alone);
}

/* --- both of them ----------------------------------------------------------------------------- */

static bool is_apart(const trd_event *e) {
    return e->kind == TRD_EVENT_LEDGER || e->kind == TRD_EVENT_POSITION ||
           e->kind == TRD_EVENT_DECISION;
}

/* Each order is accepted or refused for the reason that its DECISION gave. */
static void follow_decision(life *l, const trd_event *e) {
    const bool rejects = e->kind == TRD_EVENT_REJECTED || e->kind == TRD_EVENT_REPLACE_REJECTED;
    if (e->kind == TRD_EVENT_DECISION) {
        l->decisions++;
        if (e->u.decision.ask != TRD_ASK_RELEASE) { /* between the sides of a quote */
            l->decided = e->reason;
        }
    } else if (l->gen.decides && rejects && e->reason != TRD_REJECT_LINK) { /* for another leg */
        cr_assert(eq(u8, e->reason, l->decided));
    } else if (l->gen.decides && e->kind == TRD_EVENT_ACCEPTED) {
        cr_assert(eq(u8, l->decided, 0));
    }
}

/* Lots of a child that executed count for the parent that it was accepted with. */
static void follow_child(life *l, const trd_event *e) {
    if (e->account >= ACCOUNTS) {
        return;
    }
    if (e->kind == TRD_EVENT_ACCEPTED) {
        const uint32_t at = (uint32_t)e->u.order.order - 1;
        l->children[at].order = e->u.order.order;
        l->children[at].account = e->account;
        l->children[at].parent =
            (uint32_t)life_engine_parent_of(&l->gen, e->u.order.client_id, e->instrument, e->side);
    } else if (e->kind == TRD_EVENT_FILL) {
        const uint32_t at = (uint32_t)e->u.fill.order - 1;
        cr_assert(l->children[at].order == e->u.fill.order);
        const uint32_t parent = l->children[at].parent;
        l->kin[l->children[at].account][parent].fills += e->u.fill.qty;
        l->child_fills += parent != 0;
    } else if (e->kind == TRD_EVENT_REJECTED) {
        l->child_refused += e->reason == TRD_REJECT_PARENT;
        l->too_many += e->reason == TRD_REJECT_PARENT_QTY;
    }
}

static bool is_split(const trd_event *e) {
    return e->kind == TRD_EVENT_RESTATED && e->reason == TRD_RESTATE_CORPORATE;
}

/* Takes the engine's events: numbered without gaps; kept without money and decisions. */
static void collect(life *l, const trd_out *out, uint64_t *seq) {
    for (uint32_t i = 0; i < out->count; i += out->events[i].slots) {
        const trd_event *e = &out->events[i];
        cr_assert(eq(u64, e->seq, *seq));
        (*seq)++;
        follow_decision(l, e);
        if (l->gen.kin_of != 0 && (e->flags & TRD_EVENT_DRY_RUN) == 0) {
            follow_child(l, e);
        }
        l->splits += is_split(e);
        if (!is_apart(e)) {
            memcpy(&l->got[l->count], e, e->slots * sizeof(*e));
            l->count += e->slots;
        }
    }
}

static void run_engine(life *l, const trd_command *c) {
    static uint64_t seq;
    trd_match_stats stats;
    trd_match_stats_get(trd_engine_match(l->engine), &stats);
    seq = stats.events + 1;
    l->count = 0;
    trd_out out = {.events = l->part, .capacity = l->gen.room};
    int result = trd_engine_step(l->engine, c, &out);
    while (result == TRD_MORE) {
        const int sound = trd_engine_audit(l->engine);
        cr_assert(eq(int, sound, TRD_OK), "line %d", -sound);
        collect(l, &out, &seq);
        out.count = 0;
        result = trd_engine_step(l->engine, NULL, &out);
    }
    cr_assert(eq(int, result, TRD_OK));
    collect(l, &out, &seq);
}

static bool was_turned_down(const life *l) {
    bool is_last = false;
    for (uint32_t i = 0; i < l->count; i += l->got[i].slots) {
        is_last = l->got[i].kind == TRD_EVENT_COMMAND_REJECTED;
    }
    return is_last;
}

/* What a parent order has executed is what the fills of its children say, and it never has more
 * than it may have, unless it had before. Of a split the rounding is known, if it is all there was.
 */
static void parent_is_right(life *l, const trd_command *c, uint32_t account, uint64_t number) {
    kin *k = &l->kin[account][number];
    trd_parent got;
    const bool is_there =
        trd_risk_parent(trd_engine_risk(l->engine), account, number, &got) == TRD_OK;
    const bool splits = c->kind == TRD_COMMAND_CORPORATE && is_there &&
                        c->instrument == got.instrument &&
                        c->u.corporate.action == TRD_CORPORATE_SPLIT && !was_turned_down(l);
    if (!is_there) {
        cr_assert(k->is_there || k->fills == 0);
        *k = (kin){0};
        return;
    }
    k->executed += k->fills;
    if (splits && k->fills == 0) {
        k->executed = k->executed * c->u.corporate.numerator / c->u.corporate.denominator;
    }
    if (!splits || k->fills == 0) {
        cr_assert(eq(i64, got.executed, k->executed));
        cr_assert(
            got.executed + got.open <= got.qty || got.executed + got.open <= k->used || splits);
    }
    *k = (kin){.is_there = true, .executed = got.executed, .used = got.executed + got.open};
}

static void parents_are_right(life *l, const trd_command *c) {
    for (uint32_t account = 0; l->gen.kin_of != 0 && account < l->gen.accounts; account++) {
        for (uint64_t number = 1; number <= PARENTS; number++) {
            parent_is_right(l, c, account, number);
        }
    }
}

/* Was the order refused when it was released? Then that is the next event. */
static bool was_refused(const life *l, uint32_t at, trd_order order) {
    const trd_event *e = &l->got[at];
    return at < l->count && e->kind == TRD_EVENT_CANCELED && e->reason == TRD_CAUSE_RISK &&
           e->u.cancel.order == order;
}

/* Was a side of a quote entered, or given new terms? Then that is the next event. */
static bool was_entered(const life *l, uint32_t at, const trd_quote_side *side) {
    const trd_event *e = &l->got[at];
    return at < l->count && (e->kind == TRD_EVENT_ACCEPTED || e->kind == TRD_EVENT_REPLACED) &&
           e->side == side->side && e->u.order.client_id == 0;
}

static void run_alone(life *l, const trd_command *c) {
    trd_out out = {.events = l->own, .capacity = ROOM, .count = l->own_count};
    int result = trd_match_step(l->alone, c, &out);
    while (result == TRD_NEED_VERDICT) {
        trd_order_info info;
        trd_quote_side side;
        if (trd__quote_pending(l->alone, &side)) {
            trd__quote_verdict(l->alone, !was_entered(l, out.count, &side));
            result = trd_match_step(l->alone, NULL, &out);
            continue;
        }
        cr_assert(eq(int, trd_match_pending(l->alone, &info), TRD_OK));
        const bool refused = was_refused(l, out.count, info.order);
        l->released++;
        cr_assert(eq(int, trd_match_verdict(l->alone, refused), TRD_OK));
        result = trd_match_step(l->alone, NULL, &out);
    }
    cr_assert(eq(int, result, TRD_OK));
    l->own_count = out.count;
}

static bool is_of_risk(unsigned reason) {
    switch (reason) {
    case TRD_REJECT_NOT_PERMITTED:
    case TRD_REJECT_DISABLED:
    case TRD_REJECT_NO_BOUND:
    case TRD_REJECT_PARENT:
    case TRD_REJECT_PARENT_QTY:
    case TRD_REJECT_BALANCE:
    case TRD_REJECT_POSITION_LIMIT:
    case TRD_REJECT_MARGIN:
        return true;
    default:
        return false;
    }
}

/* Was the command, or a leg beside it, refused by the engine's own hand? */
static bool is_refused(const life *l, const trd_command *c) {
    for (uint32_t i = 0; i < l->count; i += l->got[i].slots) {
        const trd_event *e = &l->got[i];
        const bool rejects = e->kind == TRD_EVENT_REJECTED ||
                             e->kind == TRD_EVENT_REPLACE_REJECTED ||
                             e->kind == TRD_EVENT_COMMAND_REJECTED;
        if (rejects && e->liquidity == c->kind && is_of_risk(e->reason)) {
            return true;
        }
    }
    return false;
}

/* Is the command one that the matcher never gets? */
static bool is_of_money(const trd_command *c) {
    return c->kind == TRD_COMMAND_TRANSFER || c->kind == TRD_COMMAND_FUNDING ||
           c->kind == TRD_COMMAND_LIMIT || c->kind == TRD_COMMAND_ACCOUNT ||
           c->kind == TRD_COMMAND_BOOKS || c->kind == TRD_COMMAND_CORPORATE;
}

/* The matcher alone gets another command instead of one that risk refused, which drops what is
 * staged as that does. The last events, that both are refused, are left out; one of the legs before
 * it may have been the one for which risk refused it. */
static void run_refused(life *l, const trd_command *c) {
    const trd_command cancel = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .flags = TRD_COMMAND_BY_HANDLE,
        .time = c->time,
        .account = c->account,
        .instrument = c->instrument};
    run_alone(l, &cancel);
    l->own_count--;
    l->count--;
    l->refused++;
    for (uint32_t i = 0; i < l->count; i += l->got[i].slots) {
        trd_event *e = &l->got[i];
        if (e->kind == TRD_EVENT_REJECTED && is_of_risk(e->reason)) {
            e->reason = TRD_REJECT_LINK;
        }
    }
}

static void same_market(life *l, const trd_command *c) {
    l->own_count = 0;
    if (is_of_money(c)) {
        const trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1, .time = c->time};
        run_alone(l, &timer);
        l->count -= l->count > l->own_count; /* the refusal, which is the last event */
    } else if (is_refused(l, c)) {
        run_refused(l, c);
    } else {
        run_alone(l, c);
    }
    cr_assert(eq(u32, l->count, l->own_count));
    for (uint32_t i = 0; i < l->count; i++) {
        l->executions += l->got[i].kind == TRD_EVENT_FILL;
        l->granted +=
            l->got[i].kind == TRD_EVENT_RESTATED && l->got[i].reason == TRD_RESTATE_LINKED;
        l->quoted += c->kind == TRD_COMMAND_QUOTE && l->got[i].kind == TRD_EVENT_ACCEPTED;
        l->withdrawn +=
            l->got[i].kind == TRD_EVENT_CANCELED && l->got[i].reason == TRD_CAUSE_PROTECTION;
        l->linked += c->kind == TRD_COMMAND_NEW && c->slots > 1 && i > 0 &&
                     l->got[i].kind == TRD_EVENT_ACCEPTED;
        l->got[i].seq = 0;
        l->own[i].seq = 0;
        cr_assert(eq(int, memcmp(&l->got[i], &l->own[i], sizeof(trd_event)), 0),
            "event %u: %s, %s, %s", i, trd_event_text(l->got[i].kind),
            trd_event_text(l->own[i].kind), trd_reject_text(l->got[i].reason));
    }
}

/* Asks about an order before it is sent; false if it was not asked, or timers are due. */
static bool ask_before(life *l, const trd_command *c, trd_verdict *verdict) {
    if ((c->kind != TRD_COMMAND_NEW && c->kind != TRD_COMMAND_REPLACE) || !chance(l, 30)) {
        return false;
    }
    const int result = trd_engine_ask(l->engine, c, verdict);
    cr_assert(result == TRD_OK || result == TRD_E_BUSY);
    l->asked += result == TRD_OK;
    return result == TRD_OK;
}

/* What was said holds: the command, or a leg beside it, was refused for that reason, or was not. */
static void was_as_said(const life *l, const trd_command *c, unsigned reason) {
    bool is_refused = false;
    bool is_told = reason == 0;
    for (uint32_t i = 0; i < l->count; i += l->got[i].slots) {
        const trd_event *e = &l->got[i];
        is_refused |= e->kind == TRD_EVENT_REPLACE_REJECTED;
        if (e->kind == TRD_EVENT_REJECTED) {
            is_refused |= e->u.order.client_id == c->u.order.client_id;
            is_told |= e->reason == reason;
        }
        is_told |= e->kind == TRD_EVENT_REPLACE_REJECTED && e->reason == reason;
    }
    cr_assert(eq(int, is_refused, reason != 0), "%s", trd_reject_text(reason));
    cr_assert(is_told, "%s", trd_reject_text(reason));
}

/* Most lives know what everything is worth: else accounts whose assets stand together do little. */
static void open_accounts(life *l) {
    const bool is_known = chance(l, 80);
    for (uint32_t asset = 1; asset <= 2 && is_known; asset++) {
        const trd_command c = {.kind = TRD_COMMAND_BOOKS,
            .slots = 1,
            .u.books = {.action = TRD_BOOKS_RATE,
                .asset = asset,
                .numerator = (uint32_t)life_in(&l->gen, 1, 300),
                .denominator = (uint32_t)life_in(&l->gen, 1, 10)}};
        run_engine(l, &c);
        cr_assert(eq(u32, l->count, 0));
    }
    for (uint32_t account = 0; account < l->gen.accounts; account++) {
        trd_command c;
        life_engine_open(&l->gen, account, &c);
        run_engine(l, &c);
        cr_assert(eq(u32, l->count, 0));
    }
}

/* Parent orders of most accounts, instruments and sides, as far as there is room. */
static void declare_parents(life *l) {
    for (uint64_t number = 1; number <= PARENTS && l->gen.kin_of != 0; number++) {
        for (uint32_t account = 0; account < l->gen.accounts; account++) {
            trd_command c;
            life_engine_parent(&l->gen, account, number, &c);
            run_engine(l, &c);
            parents_are_right(l, &c);
        }
    }
}

static void say(const char *condition, const char *file, int line) {
    fprintf(stderr, "# %s:%d: %s\n", file, line, condition);
}

Test(engine, a_market_with_money_is_a_market_and_the_money_is_right, .timeout = 120) {
    draw rng = draw_seeded(1);
    trd_on_assert(say);
    static life l;
    uint64_t refused = 0;
    uint64_t released = 0;
    uint64_t executions = 0;
    uint64_t decisions = 0;
    uint64_t linked = 0;
    uint64_t granted = 0;
    uint64_t quoted = 0;
    uint64_t withdrawn = 0;
    uint64_t asked = 0;
    uint64_t portfolios = 0;
    uint64_t backed = 0;
    uint64_t child_fills = 0;
    uint64_t child_refused = 0;
    uint64_t too_many = 0;
    for (int run = 0; run < RUNS; run++) {
        memset(&l, 0, sizeof(l));
        l.gen.rng = &rng;
        l.gen.accounts = ACCOUNTS;
        l.gen.parents = true;
        begin(&l);
        open_accounts(&l);
        declare_parents(&l);
        for (int step = 0; step < STEPS; step++) {
            trd_command c[TRD_SLOTS_MAX];
            life_engine_next(&l.gen, c);
            trd_verdict said;
            const bool is_asked = ask_before(&l, c, &said);
            run_engine(&l, c);
            if (is_asked) {
                was_as_said(&l, c, said.reason);
            }
            parents_are_right(&l, c);
            same_market(&l, c);
            const int result = trd_engine_audit(l.engine);
            cr_assert(eq(int, result, TRD_OK), "run %d step %d: line %d", run, step, -result);
            l.portfolios += has_portfolio(&l);
            l.backed += has_backed(&l);
        }
        portfolios += l.portfolios;
        backed += l.backed;
        refused += l.refused;
        released += l.released;
        executions += l.executions;
        decisions += l.decisions;
        linked += l.linked;
        granted += l.granted;
        quoted += l.quoted;
        withdrawn += l.withdrawn;
        asked += l.asked;
        child_fills += l.child_fills;
        child_refused += l.child_refused;
        too_many += l.too_many;
        end(&l);
    }
    cr_assert(refused > 1000);
    cr_assert(released > 100);
    cr_assert(executions > 3000);
    cr_assert(decisions > 10000);
    cr_assert(linked > 200);
    cr_assert(granted > 200);
    cr_assert(quoted > 200);
    cr_assert(withdrawn > 10);
    cr_assert(asked > 1000);
    cr_assert(portfolios > 1000);
    cr_assert(backed > 1000, "%lu", (unsigned long)backed);
    cr_assert(child_fills > 300, "%lu", (unsigned long)child_fills);
    cr_assert(child_refused > 300, "%lu", (unsigned long)child_refused);
    cr_assert(too_many > 100, "%lu", (unsigned long)too_many);
}

Test(engine, any_record_gets_an_answer_and_the_money_stays_right, .timeout = 120) {
    draw rng = draw_seeded(2);
    trd_on_assert(say);
    static life l;
    uint64_t splits = 0;
    for (int run = 0; run < RUNS; run++) {
        memset(&l, 0, sizeof(l));
        l.gen.rng = &rng;
        l.gen.accounts = ACCOUNTS;
        l.gen.parents = true;
        l.gen.is_apart = true;
        begin(&l);
        open_accounts(&l);
        declare_parents(&l);
        for (int step = 0; step < STEPS; step++) {
            trd_command c[TRD_SLOTS_MAX];
            life_engine_next(&l.gen, c);
            if (chance(&l, 40)) {
                life_engine_damage(&l.gen, c);
            }
            run_engine(&l, c);
            const int result = trd_engine_audit(l.engine);
            cr_assert(eq(int, result, TRD_OK), "run %d step %d: line %d", run, step, -result);
        }
        splits += l.splits;
        end(&l);
    }
    cr_assert(splits > 20); /* orders that a split has restated */
}

/* --- batches ---------------------------------------------------------------------------------- */

/* Accounts with which an engine looks ahead for their sake, and with which it does not. */
enum { MANY = 4200, RECORDS = 500, BATCH_SLOTS = RECORDS * TRD_SLOTS_MAX, BATCH_ROOM = 1 << 16 };

typedef struct tape {
    trd_event events[BATCH_ROOM];
    uint32_t count;
} tape;

static void keep(tape *t, trd_out *out) {
    cr_assert(t->count + out->count <= BATCH_ROOM);
    memcpy(t->events + t->count, out->events, out->count * sizeof(trd_event));
    t->count += out->count;
    out->count = 0;
}

/* The rest of a command. */
static void finish(life *l, int result, trd_out *out, tape *t) {
    keep(t, out);
    while (result == TRD_MORE) {
        result = trd_engine_step(l->engine, NULL, out);
        keep(t, out);
    }
    cr_assert(eq(int, result, TRD_OK));
}

/* What is a record of an array, as match.h says. */
static size_t record_at(const trd_command *c, size_t left) {
    return c->kind >= 1 && c->kind <= 127 && c->slots >= 1 && c->slots <= TRD_SLOTS_MAX &&
                   c->slots <= left
               ? c->slots
               : 1;
}

static void step_by_step(life *l, const trd_command *commands, size_t slots, tape *t) {
    trd_out out = {.events = l->part, .capacity = ROOM};
    for (size_t at = 0; at < slots;) {
        const size_t size = record_at(&commands[at], slots - at);
        trd_command c[TRD_SLOTS_MAX] = {{0}};
        memcpy(c, &commands[at], size * sizeof(*c));
        finish(l, trd_engine_step(l->engine, c, &out), &out, t);
        at += size;
    }
}

static void in_batches(life *l, const trd_command *commands, size_t slots, tape *t) {
    trd_out out = {.events = l->part, .capacity = l->gen.room};
    size_t at = 0;
    while (at < slots) {
        size_t done = 0;
        const int result = trd_engine_run(l->engine, &commands[at], slots - at, &done, &out);
        cr_assert(done > 0 && done <= slots - at);
        at += done;
        finish(l, result, &out, t);
    }
}

/* Everybody is open, has money and a position record: an order that is canceled again. */
static size_t make_setting(life *l, trd_command *c) {
    size_t at = 0;
    for (uint32_t account = 0; account < l->gen.accounts; account++) {
        life_engine_open(&l->gen, account, &c[at++]);
        c[at++] = (trd_command){.kind = TRD_COMMAND_TRANSFER,
            .slots = 1,
            .account = account,
            .u.transfer = {.action = TRD_TRANSFER_DEPOSIT, .amount = 100000}};
        c[at++] = (trd_command){.kind = TRD_COMMAND_NEW,
            .slots = 1,
            .account = account,
            .u.order = {.client_id = ++l->gen.id,
                .px = 50,
                .qty = 1,
                .side = TRD_BUY,
                .type = TRD_TYPE_LIMIT,
                .tif = TRD_TIF_GTC}};
        c[at++] = (trd_command){.kind = TRD_COMMAND_CANCEL,
            .slots = 1,
            .account = account,
            .u.cancel.target = l->gen.id};
    }
    return at;
}

static size_t make_batch(life *l, trd_command *commands) {
    size_t at = 0;
    for (int i = 0; i < RECORDS; i++) {
        trd_command c[TRD_SLOTS_MAX];
        life_engine_next(&l->gen, c);
        const size_t size = c->slots;
        if (chance(l, 10)) {
            life_engine_damage(&l->gen, c);
        }
        memcpy(&commands[at], c, size * sizeof(*c));
        at += size;
    }
    for (int i = 1; i < TRD_SLOTS_MAX; i++) { /* no record reaches beyond the array */
        commands[at++] = (trd_command){.kind = TRD_COMMAND_TIMER, .slots = 1, .time = l->gen.time};
    }
    return at;
}

/* Two engines with the same definition. */
static void begin_both(life *one, life *other, draw *rng, uint32_t accounts) {
    draw same = *rng;
    memset(one, 0, sizeof(*one));
    memset(other, 0, sizeof(*other));
    one->gen.accounts = other->gen.accounts = accounts;
    one->gen.rng = &same;
    begin(one);
    other->gen.rng = one->gen.rng = rng;
    begin(other);
}

static uint64_t batches_of(draw *rng, uint32_t accounts) {
    static life one, other;
    static tape stepped, ran;
    begin_both(&one, &other, rng, accounts);
    trd_command *c = (trd_command *)malloc((4 * (size_t)MANY + BATCH_SLOTS + 3) * sizeof(*c));
    size_t slots = make_setting(&one, c);
    slots += make_batch(&one, c + slots);
    stepped.count = ran.count = 0;
    step_by_step(&one, c, slots, &stepped);
    in_batches(&other, c, slots, &ran);
    cr_assert(eq(u32, ran.count, stepped.count));
    cr_assert(memcmp(ran.events, stepped.events, ran.count * sizeof(trd_event)) == 0);
    cr_assert(eq(int, trd_engine_audit(other.engine), TRD_OK));
    trd_match_stats stats;
    trd_match_stats_get(trd_engine_match(other.engine), &stats);
    free(c);
    end(&one);
    end(&other);
    return stats.executions;
}

Test(engine, a_batch_writes_the_events_of_its_records, .timeout = 120) {
    draw rng = draw_seeded(3);
    trd_on_assert(say);
    uint64_t executions = 0;
    for (int run = 0; run < RUNS / 2; run++) {
        executions += batches_of(&rng, ACCOUNTS);
    }
    cr_assert(executions > 1000);
    executions = 0;
    for (int run = 0; run < 3; run++) {
        executions += batches_of(&rng, MANY);
    }
    cr_assert(executions > 0);
}
