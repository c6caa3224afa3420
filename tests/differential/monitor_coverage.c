/* monitor_coverage.c - see monitor_coverage.h. */
#include "monitor_coverage.h"

#include "grid.h"

enum { ALL_COMMANDS = 10000000, MANY_COMMANDS = 100000 };

/* --- levels ----------------------------------------------------------------------------------- */

enum { LEVELS = 5, TRANSITIONS = LEVELS * LEVELS, BEGINS = TRANSITIONS, ENDS };

static const char *const shape_names[] = {"pool of one", "pool of several", "position", "gone"};
static const char *const transition_names[] = {NULL, "fine-warn", "fine-call", "fine-liquidate",
    "fine-bankrupt", "warn-fine", NULL, "warn-call", "warn-liquidate", "warn-bankrupt", "call-fine",
    "call-warn", NULL, "call-liquidate", "call-bankrupt", "liquidate-fine", "liquidate-warn",
    "liquidate-call", NULL, "liquidate-bankrupt", "bankrupt-fine", "bankrupt-warn", "bankrupt-call",
    "bankrupt-liquidate", NULL, "alert begins", "alert ends"};

enum { SHAPE_ONE, SHAPE_SEVERAL, SHAPE_POSITION, SHAPE_GONE, SHAPES };
static uint64_t shapes[SHAPES][COUNT_OF(transition_names)];

static const char *const reason_names[] = {
    "mark", "order", "transfer", "funding", "account", "other"};
static const char *const way_names[] = {"worse", "better", "alert begins", "alert ends"};
static grid reasons = {.name = "what is told x command",
    .rows = reason_names,
    .columns = way_names,
    .row_count = COUNT_OF(reason_names),
    .column_count = COUNT_OF(way_names),
    /* Money alone changes no profit. */
    .never = {[2] = BIT(2) | BIT(3), [3] = BIT(2) | BIT(3)},
    .rare = {[4] = BIT(2), [5] = BIT(0) | BIT(1) | BIT(2) | BIT(3)}};

static unsigned reason_of(const trd_command *c) {
    switch (c->kind) {
    case TRD_COMMAND_PRICE:
        return 0;
    case TRD_COMMAND_NEW:
    case TRD_COMMAND_REPLACE:
        return 1;
    case TRD_COMMAND_TRANSFER:
        return 2;
    case TRD_COMMAND_FUNDING:
        return 3;
    case TRD_COMMAND_ACCOUNT:
        return 4;
    default:
        return 5;
    }
}

/* An engine lets nobody have a position without a mark or a model (MARGIN of risk.md), so no unit
 * is ever unknown here. */

/* --- single things ---------------------------------------------------------------------------- */

static const char *const seen_names[MON_SEEN_COUNT] = {"executions", "refused commands",
    "outputs that were full", "exempt units at another level", "long options in a pool",
    "short options", "inverse contracts", "tiers above the first", "both sides of an instrument",
    "units that are flat again", "client ids of the engine", "exact ends of intervals",
    "ends at the price range", "intervals of a pool of several", "units that a mode took away"};
static uint64_t seen_count[MON_SEEN_COUNT];

static const char *const step_names[MON_STEP_COUNT] = {"CANCEL", "CANCEL unblocks an order",
    "REDUCE, all of it", "REDUCE, a part", "REDUCE, nothing", "REDUCE, cut to the largest order",
    "REDUCE once more", "REDUCE not sent", "elects an order", "cuts a reduce-only order",
    "the next position", "restored by orders", "FEE capped", "FEE not paid", "TAKEOVER",
    "TAKEOVER of another position", "TAKEOVER with a loss", "the fund is not open",
    "the fund is hedged", "the fund is too small", "DELEVERAGE", "DELEVERAGE of another account",
    "DELEVERAGE at a bearable price", "one rank of two", "nobody to deleverage", "INSURED",
    "not insured in full", "covered by long options", "worse than the collateral",
    "an instrument passed over", "a POOL", "a POSITION", "with an inverse contract",
    "with a short option", "with both sides of an instrument", "DONE"};
static uint64_t step_count[MON_STEP_COUNT];

#define RARE_STEPS                                                                                 \
    (BIT(MON_STEP_UNBLOCKS) | BIT(MON_STEP_NOT_SENT) | BIT(MON_STEP_ELECTS) |                      \
        BIT(MON_STEP_BOUNDED) | BIT(MON_STEP_TIE) | BIT(MON_STEP_COVERED))

void mon_coverage_seen(unsigned seen) {
    seen_count[seen]++;
}

void mon_coverage_step(unsigned step) {
    step_count[step]++;
}

static uint32_t positions_of(const naive_monitor *m, const trd_unit *unit) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->position_count; i++) {
        count += naive_is_in_unit(m, &m->position[i], unit);
    }
    return count;
}

static void unit_seen(const naive_monitor *m, const trd_monitor_change *change) {
    const naive_stand s = naive_monitor_stand(m, &change->unit);
    const uint32_t count = positions_of(m, &change->unit);
    const unsigned shape = !s.there || !s.margin                    ? SHAPE_GONE
                           : change->unit.kind == TRD_UNIT_POSITION ? SHAPE_POSITION
                           : count > 1                              ? SHAPE_SEVERAL
                                                                    : SHAPE_ONE;
    shapes[shape][change->former * LEVELS + change->level]++;
    if (s.there && !s.margin) {
        mon_coverage_seen(MON_SEEN_FLAT_AGAIN);
    }
}

void mon_coverage_change(const mirror *w, const trd_monitor_change *change) {
    const bool alert = change->what == TRD_CHANGE_ALERT;
    const unsigned way =
        (alert ? 2u : 0u) + (alert ? change->level == 0 : change->level < change->former);
    grid_add(&reasons, BIT(reason_of(&w->command)), BIT(way));
    if (alert) {
        const unsigned shape = change->unit.kind == TRD_UNIT_POSITION   ? SHAPE_POSITION
                               : positions_of(&w->m, &change->unit) > 1 ? SHAPE_SEVERAL
                                                                        : SHAPE_ONE;
        shapes[shape][change->level != 0 ? BEGINS : ENDS]++;
        return;
    }
    if (w->command.kind == TRD_COMMAND_ACCOUNT) {
        mon_coverage_seen(MON_SEEN_GONE);
    }
    unit_seen(&w->m, change);
}

static void position_state(const naive_monitor *m, const naive_mon_position *p) {
    const naive_mon_instrument *in = &m->instrument[p->instrument];
    const trd_unit unit = naive_monitor_unit(m, p);
    const naive_stand s = naive_monitor_stand(m, &unit);
    if (p->qty == 0 || !s.there || !s.margin || !s.known) {
        return;
    }
    if (in->spec.kind == TRD_INSTRUMENT_OPTION) {
        mon_coverage_seen(p->qty > 0 ? MON_SEEN_OPTION_LONG : MON_SEEN_OPTION_SHORT);
    }
    if (in->spec.kind == TRD_INSTRUMENT_INVERSE) {
        mon_coverage_seen(MON_SEEN_INVERSE);
    }
    if (in->model.count > 1 && naive_notional(&in->spec, p->qty, in->mark) > in->model.floor[1]) {
        mon_coverage_seen(MON_SEEN_TIERED);
    }
    if (p->side == TRD_POSITION_LONG && unit.kind == TRD_UNIT_POOL) {
        for (uint32_t i = 0; i < m->position_count; i++) {
            const naive_mon_position *o = &m->position[i];
            if (o->account == p->account && o->instrument == p->instrument &&
                o->side == TRD_POSITION_SHORT && o->qty != 0) {
                mon_coverage_seen(MON_SEEN_HEDGED);
            }
        }
    }
}

/* Would the exempt account be told of another level? */
static void exempt_state(const naive_monitor *m) {
    static naive_monitor copy;
    trd_monitor_change change;
    if (m->exempt == 0) {
        return;
    }
    copy = *m;
    copy.exempt = 0;
    if (naive_monitor_next(&copy, &change) && change.unit.account + 1 == m->exempt) {
        mon_coverage_seen(MON_SEEN_EXEMPT);
    }
}

void mon_coverage_state(const mirror *w) {
    for (uint32_t i = 0; i < w->m.position_count; i++) {
        position_state(&w->m, &w->m.position[i]);
    }
    exempt_state(&w->m);
}

/* --- report ----------------------------------------------------------------------------------- */

/* Levels jump far in isolated and single positions alike; what liquidations leave nobody at, only
 * lives without them meet. */
static bool is_rare(unsigned shape, unsigned transition, bool liquidates) {
    const unsigned former = transition / LEVELS;
    const unsigned level = transition % LEVELS;
    return liquidates && transition < TRANSITIONS &&
           (former >= TRD_MARGIN_LIQUIDATE || level >= TRD_MARGIN_LIQUIDATE || shape == SHAPE_GONE);
}

static uint32_t report_levels(bool liquidates, uint64_t commands) {
    uint32_t missed = 0;
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        for (unsigned i = 0; i < COUNT_OF(transition_names); i++) {
            const bool cannot = shape == SHAPE_GONE && (i >= TRANSITIONS || i % LEVELS != 0);
            const bool must =
                commands >= MANY_COMMANDS && !cannot && !is_rare(shape, i, liquidates);
            if (transition_names[i] != NULL && (must || shapes[shape][i] > 0)) {
                missed +=
                    grid_line(shape_names[shape], transition_names[i], shapes[shape][i], must);
            }
        }
    }
    return missed;
}

uint32_t mon_coverage_report(unsigned liquidation, uint64_t commands) {
    const bool liquidates = liquidation != 0;
    uint32_t missed = report_levels(liquidation == 1, commands);
    const uint32_t cells = grid_report(&reasons);
    missed += commands >= ALL_COMMANDS ? cells : 0;
    for (unsigned i = 0; i < MON_SEEN_COUNT; i++) {
        const bool must = commands >= MANY_COMMANDS && (i != MON_SEEN_RESERVED_ID || liquidates);
        missed += grid_line("seen", seen_names[i], seen_count[i], must);
    }
    for (unsigned i = 0; liquidates && i < MON_STEP_COUNT; i++) {
        const uint64_t enough = (RARE_STEPS & BIT(i)) != 0 ? ALL_COMMANDS : MANY_COMMANDS;
        missed += grid_line("liquidation", step_names[i], step_count[i], commands >= enough);
    }
    return missed;
}
