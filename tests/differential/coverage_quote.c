/* coverage_quote.c - see coverage_quote.h. */
#include "coverage_quote.h"

#include "grid.h"

#include <stdbool.h>

/* --- QUOTE: rows of its table x session state --------------------------------------------------
 */

static const char *const row_names[] = {"NOTHING", "ENTERED", "WITHDRAWN", "KEPT", "MOVED"};
static const char *const state_names[] = {
    "STATE_0", "CONTINUOUS", "PRE_OPEN", "OPENING", "VOLATILITY", "CLOSING", "CLOSED", "HALTED"};
#define S(name) BIT(TRD_SESSION_##name)

/* CLOSED and HALTED take withdrawals only, and no quote lives to be closed. */
static grid rows = {.name = "QUOTE: row of its table x session state",
    .rows = row_names,
    .columns = state_names,
    .row_count = COUNT_OF(row_names),
    .column_count = COUNT_OF(state_names),
    .never = {[0] = BIT(0),
        [1] = BIT(0) | S(CLOSED) | S(HALTED),
        [2] = BIT(0) | S(CLOSED),
        [3] = BIT(0) | S(CLOSED) | S(HALTED),
        [4] = BIT(0) | S(CLOSED) | S(HALTED)}};
static uint64_t barred;
static uint64_t barred_off;

/* --- PROTECTION: the limits that acted x for whom ----------------------------------------------
 */

static const char *const limit_names[] = {"QTY", "AMOUNT", "FILLS", "DELTA", "VEGA"};
static const char *const who_names[] = {"TAKER", "MAKER", "UNCROSS", "ENDS_TAKER"};
static grid acted = {.name = "PROTECTION: limit that acted x whose row",
    .rows = limit_names,
    .columns = who_names,
    .row_count = COUNT_OF(limit_names),
    .column_count = COUNT_OF(who_names)};

static const char *const action_names[] = {"ACTION_0", "SET", "REMOVE", "RESUME"};
static const char *const found_names[] = {"NO_PROTECTION", "PROTECTION", "ACTED"};
static grid actions = {.name = "PROTECTION: action x what was there",
    .rows = action_names,
    .columns = found_names,
    .row_count = COUNT_OF(action_names),
    .column_count = COUNT_OF(found_names),
    .never = {[0] = UINT64_MAX}};
static unsigned found;

/* --- Quote orders ------------------------------------------------------------------------------
 */

/* Handles of quotes by their hash; a later one takes the place of an earlier one. */
enum { QUOTES = 1 << 14 };
static trd_order quotes[QUOTES];
static uint64_t ends[32];
static uint64_t takes;
static uint64_t makes;
static uint64_t crosses;
static uint64_t crosses_itself;

static const char *const named_names[] = {"CANCEL", "REPLACE", "REDUCE"};
static const char *const result_names[] = {"DONE", "REFUSED"};
static grid named = {.name = "quotes: command by handle x result",
    .rows = named_names,
    .columns = result_names,
    .row_count = COUNT_OF(named_names),
    .column_count = COUNT_OF(result_names),
    .never = {[0] = BIT(1)}}; /* only a wrong record of a CANCEL is refused */
static bool is_named;
static uint64_t renamed; /* refused, because it has no id */

static trd_order *quote_at(trd_order order) {
    return &quotes[(order * 0x9e3779b97f4a7c15u) >> 50];
}

static bool is_quote(trd_order order) {
    return order != 0 && *quote_at(order) == order;
}

void coverage_quote_execution(
    const naive_match *m, const naive_order *taker, const naive_order *maker) {
    const bool opens = naive_state(m, maker->instrument) == TRD_SESSION_CONTINUOUS;
    takes += opens && taker->quote;
    makes += opens && maker->quote;
    crosses += !opens && (taker->quote || maker->quote);
    crosses_itself += !opens && taker->quote && maker->quote && taker->account == maker->account;
}

/* --- Counting ----------------------------------------------------------------------------------
 */

void coverage_quote_before(const naive_match *m, const trd_command *c) {
    is_named = false;
    found = 0;
    if (c->kind == TRD_COMMAND_PROTECTION) {
        const naive_row *row = naive_row_of(m, c->account, c->instrument);
        found = row == NULL || !row->has_protection ? 0 : row->acted ? 2 : 1;
    } else if (c->kind >= TRD_COMMAND_CANCEL && c->kind <= TRD_COMMAND_REDUCE &&
               (c->flags & TRD_COMMAND_BY_HANDLE) != 0) {
        const uint64_t target =
            c->kind == TRD_COMMAND_REPLACE ? c->u.replace.target : c->u.cancel.target;
        const naive_order *order = naive_by_handle(m, target);
        is_named = order != NULL && order->quote && order->account == c->account &&
                   order->instrument == c->instrument;
    }
}

/* Returns true if the state was the same all the time. */
static bool count_events(const naive_match *m, const trd_command *c) {
    uint32_t slots;
    const trd_event *e = naive_events(m, &slots);
    bool steady = true;
    for (uint32_t i = 0; i < slots; i += e[i].slots) {
        if (e[i].kind == TRD_EVENT_ACCEPTED) { /* another run may have had the same handle */
            *quote_at(e[i].u.order.order) = c->kind == TRD_COMMAND_QUOTE ? e[i].u.order.order : 0;
        } else if (e[i].kind == TRD_EVENT_CANCELED && is_quote(e[i].u.cancel.order)) {
            ends[e[i].reason % COUNT_OF(ends)]++;
        }
        steady &= e[i].kind != TRD_EVENT_SESSION;
    }
    return steady;
}

void coverage_quote_after(const naive_match *m, const trd_command *c) {
    const unsigned bits = naive_quoting(m);
    const bool refused = naive_broken(m) != 0;
    const bool steady = count_events(m, c);
    if (c->kind == TRD_COMMAND_QUOTE && !refused && steady) {
        grid_add(&rows, bits & (BIT(COUNT_OF(row_names)) - 1),
            BIT(naive_state(m, c->instrument) % COUNT_OF(state_names)));
    }
    barred += (bits & NAIVE_QUOTE_BARRED) != 0;
    barred_off += (bits & NAIVE_QUOTE_BARRED_OFF) != 0;
    grid_add(&acted, bits / NAIVE_ACTED_QTY & (BIT(COUNT_OF(limit_names)) - 1),
        bits / NAIVE_ACTED_TAKER & (BIT(COUNT_OF(who_names)) - 1));
    if (c->kind == TRD_COMMAND_PROTECTION && !refused) {
        grid_add(&actions, BIT(c->u.protection.action), BIT(found));
    }
    if (is_named && (!refused || c->kind != TRD_COMMAND_CANCEL)) {
        grid_add(&named, BIT(c->kind - TRD_COMMAND_CANCEL), BIT(refused));
        renamed += refused && c->kind == TRD_COMMAND_REPLACE &&
                   (naive_broken(m) & BIT(TRD_REJECT_BAD_COMBINATION)) != 0;
    }
}

/* --- Report ------------------------------------------------------------------------------------
 */

uint32_t coverage_quote_report(void) {
    static const uint8_t causes[] = {TRD_CAUSE_USER, TRD_CAUSE_REDUCED, TRD_CAUSE_EXPIRED,
        TRD_CAUSE_SELF_MATCH, TRD_CAUSE_SESSION, TRD_CAUSE_BAND, TRD_CAUSE_MASS, TRD_CAUSE_KILL,
        TRD_CAUSE_DEADMAN, TRD_CAUSE_PROTECTION};
    uint32_t missed = 0;
    for (size_t i = 0; i < COUNT_OF(causes); i++) {
        /* A quote ends with SESSION only if its bid has halted the instrument: seldom. */
        missed += grid_line("quotes end", trd_cause_text(causes[i]), ends[causes[i]],
            causes[i] != TRD_CAUSE_SESSION);
    }
    missed += grid_line("quotes", "take", takes, 1);
    missed += grid_line("quotes", "make", makes, 1);
    missed += grid_line("quotes", "cross in an auction", crosses, 1);
    missed += grid_line("quotes", "cross each other, of one account", crosses_itself, 1);
    missed += grid_line("quotes", "offer that the bid barred", barred, 1);
    missed += grid_line("quotes", "offer canceled for it", barred_off, 0);
    missed += grid_line("quotes", "REPLACE with NEW_ID", renamed, 1);
    const grid *all[] = {&rows, &acted, &actions, &named};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        missed += grid_report(all[i]);
    }
    return missed;
}
