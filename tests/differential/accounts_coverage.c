/* accounts_coverage.c - see accounts_coverage.h.
 *
 * Which codes a call can return is written out below from account.h, not taken from a run. BUSY in
 * the middle of another call is looked for by accounts_play.c each time there is one. */
#include "accounts_coverage.h"

#include "grid.h"
#include "naive_acct_model.h"

#include <stdio.h>
#include <string.h>

enum { CODES = 11, ALL_CALLS = 1000000 };

#define ARG BIT(1)
#define FULL BIT(2)
#define BUSY BIT(3)
#define RANGE BIT(4)
#define UNKNOWN BIT(6)
#define EXISTS BIT(7)
#define FUNDS BIT(10)
#define OK BIT(0)

static const uint64_t must[ACCT_KINDS] = {[ACCT_ASSET_ADD] = OK | ARG | FULL,
    [ACCT_FEES_ADD] = OK | ARG | FULL,
    [ACCT_INSTRUMENT_ADD] = OK | ARG | FULL,
    [ACCT_OPEN] = OK | ARG | UNKNOWN | BUSY,
    [ACCT_STAMP] = OK,
    [ACCT_TRANSFER] = OK | ARG | UNKNOWN | FULL | RANGE | FUNDS,
    [ACCT_LOAN] = OK | ARG | UNKNOWN | FULL | RANGE | FUNDS,
    [ACCT_HOLD] = OK | ARG | UNKNOWN | EXISTS | FULL | RANGE | FUNDS,
    [ACCT_QUOTE_HOLD] = OK | ARG | UNKNOWN | RANGE,
    [ACCT_AMEND] = OK | ARG | UNKNOWN | RANGE | FUNDS | FULL,
    [ACCT_RELEASE] = OK | ARG | UNKNOWN | RANGE | FULL,
    [ACCT_COLLATERAL] = OK | ARG | UNKNOWN | FUNDS | FULL,
    [ACCT_EXECUTE] = OK | ARG | UNKNOWN | RANGE | FULL,
    [ACCT_MARK] = OK | ARG | UNKNOWN,
    [ACCT_RATE] = OK | ARG | UNKNOWN,
    [ACCT_DAY] = OK | ARG | FULL,
    [ACCT_PERIOD] = OK,
    [ACCT_FUNDING] = OK | ARG | UNKNOWN | EXISTS | FULL,
    [ACCT_INTEREST] = OK | ARG | UNKNOWN | EXISTS | FULL | RANGE,
    [ACCT_EXPIRE] = OK | ARG | UNKNOWN | BUSY | FULL | RANGE,
    [ACCT_SPLIT] = OK | ARG | UNKNOWN | BUSY | FULL | RANGE,
    [ACCT_DIVIDEND] = OK | ARG | UNKNOWN | FULL | RANGE,
    [ACCT_CONTINUE] = OK | ARG | FULL,
    [ACCT_RESET] = OK};

/* Too seldom for 200,000 calls to promise them. */
static const uint64_t rare[ACCT_KINDS] = {[ACCT_OPEN] = UNKNOWN,
    [ACCT_QUOTE_HOLD] = RANGE,
    [ACCT_INTEREST] = UNKNOWN,
    [ACCT_EXPIRE] = UNKNOWN,
    [ACCT_SPLIT] = UNKNOWN,
    [ACCT_CONTINUE] = FULL};
static const uint64_t rare_seen =
    NAIVE_SEEN_KEPT | NAIVE_SEEN_RESIDUAL_BELOW | NAIVE_SEEN_CAUGHT_UP;

static uint64_t results[ACCT_KINDS][CODES];
static uint64_t more[ACCT_KINDS];
static uint64_t seen_count[NAIVE_SEEN_COUNT];
static uint64_t causes[7];
static uint64_t debts;

static const char *const seen_names[NAIVE_SEEN_COUNT] = {"flips", "closing cost with a remainder",
    "closing flow with a remainder", "rebates", "charges cut to what a seller got",
    "charges caught up", "charges waived", "fees in another asset",
    "fees not in another asset: not enough free", "unsettled amounts", "settled amounts",
    "charges out of unsettled amounts", "residuals above zero", "residuals below zero",
    "holds that would have grown", "collateral locked by an execution",
    "collateral cut to what was free", "collateral released by an execution", "self executions",
    "rates of a higher tier", "unpriced amounts", "causes forgotten", "fractions paid by a split",
    "fractions of lots in a split", "options delivered", "options worthless",
    "linear contracts delivered", "funding paid", "executions with OUTSIDE", "free of fees",
    "locks that took free below zero"};

static const char *const cause_names[] = {
    "LOSS", "FEES", "FUNDING", "UNHELD", "DELIVERY", "CORPORATE", "MARGIN"};

void acct_coverage_result(const acct_call *c, int result) {
    const unsigned code = (unsigned)(result < 0 ? -result : 0);
    results[c->kind][code < CODES ? code : 0]++;
}

void acct_coverage_more(const acct_call *c) {
    more[c->kind]++;
}

void acct_coverage_seen(uint32_t seen) {
    for (unsigned i = 0; i < NAIVE_SEEN_COUNT; i++) {
        seen_count[i] += seen >> i & 1;
    }
}

void acct_coverage_balance(const trd_balance *b) {
    for (unsigned i = 0; i < COUNT_OF(causes); i++) {
        causes[i] += b->cause >> i & 1;
    }
    debts += b->debt > 0;
}

/* --- Executions --------------------------------------------------------------------------------
 */

static const char *const kind_names[] = {"SPOT", "LINEAR", "INVERSE", "OPTION"};
enum { LEG_FULL, LEG_MARGIN, LEG_NOTHING, LEG_FRESH, LEG_OUTSIDE, LEG_KINDS };
static const char *const leg_names[] = {"buys FULL", "buys MARGIN", "buys NOTHING", "buys, order 0",
    "OUTSIDE buys", "sells FULL", "sells MARGIN", "sells NOTHING", "sells, order 0",
    "OUTSIDE sells"};

/* FULL: SPOT and who buys an OPTION; MARGIN: LINEAR, INVERSE and who sells an OPTION. */
static grid legs = {.name = "executions: kind x leg",
    .rows = kind_names,
    .columns = leg_names,
    .row_count = COUNT_OF(kind_names),
    .column_count = COUNT_OF(leg_names),
    .never = {BIT(LEG_MARGIN) | BIT(LEG_KINDS + LEG_MARGIN), BIT(LEG_FULL) | BIT(LEG_KINDS),
        BIT(LEG_FULL) | BIT(LEG_KINDS), BIT(LEG_MARGIN) | BIT(LEG_KINDS)}};

static const char *const meeting_names[] = {"FULL", "MARGIN", "NOTHING", "order 0", "OUTSIDE"};
static grid meetings = {.name = "executions: buyer x seller",
    .rows = meeting_names,
    .columns = meeting_names,
    .row_count = COUNT_OF(meeting_names),
    .column_count = COUNT_OF(meeting_names),
    .never = {[LEG_MARGIN] = BIT(LEG_FULL), [LEG_OUTSIDE] = BIT(LEG_OUTSIDE)}};

static const char *const feature_names[] = {"NET", "LONG", "SHORT", "no liquidity", "MAKER",
    "TAKER", "AUCTION", "opens", "closes", "flips", "taxes", "settle days", "PHYSICAL", "px < 0",
    "px = 0", "own fee table", "sub-account", "free of fees", "second part"};
enum {
    SEEN_NET,
    SEEN_LIQUIDITY = 3,
    SEEN_OPENS = 7,
    SEEN_CLOSES,
    SEEN_FLIPS,
    SEEN_TAXES,
    SEEN_DAYS,
    SEEN_PHYSICAL,
    SEEN_BELOW,
    SEEN_ZERO,
    SEEN_TABLE,
    SEEN_SUB,
    SEEN_FREE,
    SEEN_PARTS
};
static grid features = {.name = "executions: kind x feature",
    .rows = kind_names,
    .columns = feature_names,
    .row_count = COUNT_OF(kind_names),
    .column_count = COUNT_OF(feature_names),
    .never = {BIT(SEEN_PHYSICAL) | BIT(SEEN_BELOW), BIT(SEEN_DAYS),
        BIT(SEEN_DAYS) | BIT(SEEN_PHYSICAL) | BIT(SEEN_BELOW) | BIT(SEEN_ZERO),
        BIT(SEEN_DAYS) | BIT(SEEN_BELOW)}};

static uint64_t rows;
static unsigned leg_kind[2];
static uint64_t found;

static const char *const entry_names[] = {"", "PRINCIPAL", "FEE", "REBATE", "FUNDING", "TRANSFER",
    "LOCK", "RELEASE", "ROUNDING", "SETTLEMENT", NULL, "REALISED", "TAX", "INTEREST", "LOAN",
    "CORPORATE", "DELIVERY"};
static uint64_t entries[COUNT_OF(entry_names)];

static unsigned kind_of(naive_acct *m, const trd_leg *leg) {
    const naive_order *o = naive_find_order(m, leg->order);
    if (leg->account == TRD_ACCOUNT_OUTSIDE) {
        return LEG_OUTSIDE;
    }
    return o == NULL ? LEG_FRESH : LEG_FULL + o->terms.kind - TRD_HOLD_FULL;
}

static uint64_t features_of(naive_acct *m, const trd_execution *x, const trd_leg *leg, int sign) {
    if (leg->account >= m->def.accounts_max) {
        return 0;
    }
    const naive_position *p = naive_find_position(m, leg->account, x->instrument, leg->position);
    const naive_order *o = naive_find_order(m, leg->order);
    const wide qty = p == NULL ? 0 : p->qty * sign;
    uint64_t f = BIT(SEEN_NET + leg->position % 3) | BIT(SEEN_LIQUIDITY + leg->liquidity % 4);
    f |= qty >= 0 ? BIT(SEEN_OPENS) : -qty >= x->qty ? BIT(SEEN_CLOSES) : BIT(SEEN_FLIPS);
    f |= m->now.account[leg->account].terms.parent != 0 ? BIT(SEEN_SUB) : 0;
    f |= leg->free_of_fees ? BIT(SEEN_FREE) : 0;
    f |= o != NULL && o->executed > 0 ? BIT(SEEN_PARTS) : 0;
    return f;
}

void acct_coverage_before(naive_acct *m, const acct_call *c) {
    const trd_execution *x = &c->u.execution;
    rows = 0;
    if (c->kind != ACCT_EXECUTE || x->instrument >= m->now.instruments) {
        return;
    }
    const naive_instrument *it = &m->now.instrument[x->instrument];
    rows = BIT(it->spec.kind - TRD_INSTRUMENT_SPOT);
    leg_kind[0] = kind_of(m, &x->buyer);
    leg_kind[1] = kind_of(m, &x->seller);
    found = features_of(m, x, &x->buyer, 1) | features_of(m, x, &x->seller, -1);
    found |= it->terms.tax_count > 0 ? BIT(SEEN_TAXES) : 0;
    found |= it->terms.settle_days > 0 ? BIT(SEEN_DAYS) : 0;
    found |= it->terms.delivery != 0 ? BIT(SEEN_PHYSICAL) : 0;
    found |= it->terms.fees != 0 ? BIT(SEEN_TABLE) : 0;
    found |= x->px < 0 ? BIT(SEEN_BELOW) : x->px == 0 ? BIT(SEEN_ZERO) : 0;
}

void acct_coverage_executed(const acct_call *c) {
    if (c->kind == ACCT_EXECUTE && rows != 0) {
        grid_add(&legs, rows, BIT(leg_kind[0]) | BIT(LEG_KINDS + leg_kind[1]));
        grid_add(&meetings, BIT(leg_kind[0]), BIT(leg_kind[1]));
        grid_add(&features, rows, found);
    }
}

void acct_coverage_events(const trd_event *events, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        uint16_t entry;
        memcpy(&entry, events[i].u.body + 28, sizeof(entry));
        if (events[i].kind == TRD_EVENT_LEDGER && entry < COUNT_OF(entries)) {
            entries[entry]++;
        }
    }
}

/* --- Report ------------------------------------------------------------------------------------
 */

static uint32_t report_results(uint64_t left_out) {
    static const char *const code_names[CODES] = {
        "OK", "ARG", "FULL", "BUSY", "RANGE", NULL, "UNKNOWN", "EXISTS", NULL, NULL, "FUNDS"};
    uint32_t missed = 0;
    for (unsigned kind = 0; kind < ACCT_KINDS; kind++) {
        for (unsigned code = 0; code < CODES; code++) {
            const int needed = (must[kind] & ~(rare[kind] & left_out) & BIT(code)) != 0;
            if (needed || results[kind][code] > 0) {
                missed += grid_line(acct_call_name(kind),
                    code_names[code] == NULL ? "?" : code_names[code], results[kind][code], needed);
            }
        }
        const acct_call c = {.kind = (uint8_t)kind};
        if (acct_call_is_bulk(&c)) {
            missed += grid_line(acct_call_name(kind), "MORE", more[kind], 1);
        }
    }
    return missed;
}

uint32_t acct_coverage_report(uint64_t calls) {
    const uint64_t left_out = calls < ALL_CALLS ? UINT64_MAX : 0;
    uint32_t missed = report_results(left_out);
    for (unsigned i = 0; i < NAIVE_SEEN_COUNT; i++) {
        const int needed = (rare_seen & left_out & BIT(i)) == 0;
        missed += grid_line("seen", seen_names[i], seen_count[i], needed);
    }
    for (unsigned i = 0; i < COUNT_OF(causes); i++) {
        missed += grid_line("free below zero", cause_names[i], causes[i], 1);
    }
    missed += grid_line("balances", "with debt", debts, 1);
    for (unsigned i = 1; i < COUNT_OF(entries); i++) {
        if (entry_names[i] != NULL) {
            missed += grid_line("LEDGER", entry_names[i], entries[i], 1);
        }
    }
    missed += grid_report(&legs) + grid_report(&meetings) + grid_report(&features);
    return missed;
}
