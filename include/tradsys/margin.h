/* margin.h - how much money positions need, what they are worth, and at which price it is not
 * enough.
 *
 * Pure functions over plain values: no engine, no object, nothing kept. Whoever has positions and
 * marks has the margin. docs/reference/margin.md writes out every formula with numbers.
 *
 * Units. Rates are parts per million (`_ppm`, 10^6 is the whole), leverages hundredths (`_centi`,
 * 1000 is 10 x), money minor units of the settlement asset, quantities signed lots. Requirements
 * and debts are rounded up, profits, credits and collateral down, each at the place that is named.
 *
 * Worth and cost. The *worth* W of a position is the cash flow of closing it at a price:
 *     spot, linear, option:  W = qty x px x numerator / denominator
 *     inverse:               W = -qty x numerator / (px x denominator)
 * rounded toward minus infinity, as every flow is. The *cost* of a position is minus the sum of the
 * flows that opened it. So a long position costs what was paid, with the sign of qty; in an inverse
 * contract buying brings the value and selling pays it, so a long position has a cost below zero.
 * For all kinds
 *     profit = floor(W) - cost                                   (what closing would realise)
 *     notional = ceil(|W|)                                       (what requirements are taken of)
 *
 * Failure. TRD_E_RANGE: a result does not fit. TRD_E_UNKNOWN: a price or a rate is needed that is
 * not there; nothing is ever assumed in its place. Outputs are untouched by any failure.
 */
#ifndef TRADSYS_MARGIN_H
#define TRADSYS_MARGIN_H

#include <tradsys/base.h>
#include <tradsys/instrument.h>

TRD_BEGIN_DECLS

/* ---- models: the requirement of one position ------------------------------------------------ */

enum {
    TRD_MARGIN_CASH = 1,     /* paid in full; sells only what is held */
    TRD_MARGIN_FLAT = 2,     /* fixed percentages */
    TRD_MARGIN_LEVERAGE = 3, /* initial by leverage, maintenance by percentage */
    TRD_MARGIN_TIERED = 4,   /* percentages that grow with the notional */
    TRD_MARGIN_CNC = 5,      /* India, delivery: as CASH */
    TRD_MARGIN_MIS = 6,      /* India, intraday: fixed percentages */
    TRD_MARGIN_NRML = 7,     /* India, overnight: value at risk plus extreme loss */
    TRD_MARGIN_GROUPED = 8   /* none of its own: its scenario group has it */
};

enum { TRD_MARGIN_TIERS_MAX = 16, TRD_MARGIN_LEVERAGE_MAX = 1000000 };

/* A tier holds from its floor up to the floor of the next. Maintenance of a notional N in it is
 *     ceil(N x maintenance_ppm / 10^6 - cum - cum_micro / 10^6)
 * where cum makes the requirement continuous from tier to tier; it is exact. */
typedef struct trd_margin_tier {
    trd_amt floor;            /* ascending; 0 in the first */
    trd_amt cum;              /* computed: whole minor units */
    uint32_t cum_micro;       /* computed: [0, 10^6), 10^-6 minor units */
    uint32_t maintenance_ppm; /* [0, 10^6], not below that of the tier before */
    uint32_t initial_ppm;     /* [maintenance_ppm, 10^6], not below that of the tier before */
    uint32_t reserved;        /* zero */
} trd_margin_tier;

TRD_STATIC_ASSERT(sizeof(trd_margin_tier) == 32, "two tiers, one cache line");

/* Every model is a table of tiers, most of them of one: that is what the functions below read. Made
 * by the functions that follow, not by hand; a plain value, to be copied and shared. */
typedef struct trd_margin_model {
    uint32_t struct_size;
    uint32_t kind;           /* TRD_MARGIN_* */
    uint32_t leverage_centi; /* bounds the initial margin from below; 0: does not */
    uint32_t tier_count;     /* [1, TRD_MARGIN_TIERS_MAX] */
    trd_margin_tier tiers[TRD_MARGIN_TIERS_MAX]; /* zero from tier_count on */
} trd_margin_model;

typedef struct trd_margin_rates {
    uint32_t initial_ppm;     /* [maintenance_ppm, 10^6] */
    uint32_t maintenance_ppm; /* [0, 10^6] */
} trd_margin_rates;

typedef struct trd_margin_leverage_terms {
    uint32_t leverage_centi;  /* [100, TRD_MARGIN_LEVERAGE_MAX] */
    uint32_t maintenance_ppm; /* not above 1 / leverage */
} trd_margin_leverage_terms;

typedef struct trd_margin_tier_terms {
    const trd_margin_tier *tiers; /* read: floor, maintenance_ppm, initial_ppm */
    uint32_t count;               /* [1, TRD_MARGIN_TIERS_MAX] */
    uint32_t leverage_centi;      /* what the account chose, or 0 */
} trd_margin_tier_terms;

typedef struct trd_margin_nrml_terms {
    uint32_t var_ppm; /* value at risk */
    uint32_t elm_ppm; /* extreme loss; the sum of both is in [0, 10^6] */
} trd_margin_nrml_terms;

/* Each of these makes *out a model and returns TRD_OK, or TRD_E_ARG if a number is outside the
 * range that is written beside it (*out is then unchanged). O(tiers). */
TRD_API int trd_margin_cash(trd_margin_model *out);
TRD_API int trd_margin_flat(trd_margin_model *out, const trd_margin_rates *rates);
TRD_API int trd_margin_leverage(trd_margin_model *out, const trd_margin_leverage_terms *terms);
TRD_API int trd_margin_tiered(trd_margin_model *out, const trd_margin_tier_terms *terms);
TRD_API int trd_margin_cnc(trd_margin_model *out);
TRD_API int trd_margin_mis(trd_margin_model *out, const trd_margin_rates *rates);
TRD_API int trd_margin_nrml(trd_margin_model *out, const trd_margin_nrml_terms *terms);
TRD_API int trd_margin_grouped(trd_margin_model *out);

/* trd_margin_model_check returns TRD_OK if `model` is one that the functions above make, cum
 * included, else TRD_E_ARG: for models that were stored or sent. O(tiers). */
TRD_API int trd_margin_model_check(const trd_margin_model *model);

/* For everything below, specifications are such that trd_instrument_check finds no fault, and
 * models such that trd_margin_model_check finds none. */

typedef struct trd_margin_requirement {
    trd_amt initial;     /* to open: >= maintenance */
    trd_amt maintenance; /* to keep */
} trd_margin_requirement;

/* trd_margin_require stores what `notional` minor units need under `model`. It always fits, and
 * neither requirement falls when the notional rises. Returns TRD_OK, or TRD_E_ARG for a notional
 * below 0. O(tiers). */
TRD_API int trd_margin_require(
    const trd_margin_model *model, trd_amt notional, trd_margin_requirement *out);

/* ---- positions and accounts ----------------------------------------------------------------- */

typedef struct trd_margin_position {
    const trd_instrument *spec;
    const trd_margin_model *model;
    trd_qty qty;       /* > 0 long, < 0 short; 0 needs no mark */
    trd_qty held;      /* >= 0: lots owned besides, which CASH and CNC may sell */
    trd_amt cost;      /* minus the sum of the opening flows; 0 if qty is 0 */
    trd_px mark;       /* read if has_mark */
    uint32_t has_mark; /* 0 or 1 */
    uint32_t reserved; /* zero */
} trd_margin_position;

typedef struct trd_margin_need {
    trd_amt notional;
    trd_amt profit; /* unrealised */
    trd_amt initial;
    trd_amt maintenance;
} trd_margin_need;

/* trd_margin_need_of stores what one position is worth and needs at its mark.
 *
 * A position below zero under CASH or CNC must be covered by `held`. It then needs nothing, and its
 * profit is 0: the proceeds count once they are delivered and paid into the balance.
 *
 * Returns TRD_OK; TRD_E_ARG (has_mark or reserved out of range, qty 0 with a cost, held below 0, a
 * mark below 1 of an inverse contract or below 0 under CASH or CNC); TRD_E_UNKNOWN (no mark);
 * TRD_E_RANGE (a number does not fit, or an uncovered sale under CASH or CNC, which no margin
 * covers). O(tiers). */
TRD_API int trd_margin_need_of(const trd_margin_position *position, trd_margin_need *out);

/* How an account stands: the worst of these that holds. */
enum {
    TRD_MARGIN_FINE = 0,
    TRD_MARGIN_WARN = 1,      /* equity < maintenance x warn_ppm / 10^6 */
    TRD_MARGIN_CALL = 2,      /* equity < maintenance x call_ppm / 10^6 */
    TRD_MARGIN_LIQUIDATE = 3, /* equity < maintenance */
    TRD_MARGIN_BANKRUPT = 4   /* equity < 0 */
};

/* Cross margin: one balance for all positions. Isolated margin: one call per position, with the
 * collateral of that position as balance. All positions settle in one asset, which is that of the
 * balance. */
typedef struct trd_margin_account {
    const trd_margin_position *positions;
    uint32_t count;
    uint32_t warn_ppm;         /* >= call_ppm */
    uint32_t call_ppm;         /* >= 10^6 */
    uint32_t reserved;         /* zero */
    trd_amt balance;           /* money, or trd_margin_collateral's total */
    trd_amt group_initial;     /* >= group_maintenance: of the scenario groups, or 0 */
    trd_amt group_maintenance; /* >= 0 */
} trd_margin_account;

typedef struct trd_margin_state {
    trd_amt equity;      /* balance + profits */
    trd_amt profit;      /* sum, unrealised */
    trd_amt initial;     /* sum */
    trd_amt maintenance; /* sum */
    trd_amt available;   /* equity - initial; below 0: nothing may be opened */
    int64_t ratio_ppm;   /* ceil(10^6 x maintenance / equity); read if has_ratio */
    uint32_t has_ratio;  /* 0 if equity <= 0 or the ratio does not fit */
    uint32_t level;      /* TRD_MARGIN_FINE to BANKRUPT, from exact products */
} trd_margin_state;

/* trd_margin_account_state sums up an account. The order of the positions never matters, not even
 * to which failure is returned: TRD_E_ARG before TRD_E_RANGE before TRD_E_UNKNOWN. Returns TRD_OK;
 * what trd_margin_need_of returns; TRD_E_ARG for numbers of `account` outside their ranges, or
 * positions that settle in different assets; TRD_E_RANGE if a sum does not fit. O(positions). */
TRD_API int trd_margin_account_state(const trd_margin_account *account, trd_margin_state *out);

/* ---- several assets as collateral ----------------------------------------------------------- */

typedef struct trd_margin_asset {
    trd_amt balance;      /* minor units of the asset; below 0: a debt */
    int64_t numerator;    /* one of them is numerator / denominator minor units of the */
    int64_t denominator;  /* valuation asset; numerator > 0, denominator in [1, 10^12] */
    trd_amt cap;          /* >= 0: what it counts for at most, read if has_cap */
    uint32_t haircut_ppm; /* [0, 10^6] taken off what is owned, never off what is owed */
    uint16_t has_rate;    /* 0 or 1; without a rate only a balance of 0 is known */
    uint16_t has_cap;     /* 0 or 1 */
} trd_margin_asset;

typedef struct trd_margin_collateral_value {
    trd_amt credit; /* sum of floor(balance x rate x (1 - haircut)), each at most its cap */
    trd_amt debt;   /* sum of ceil(-balance x rate), >= 0 */
    trd_amt total;  /* credit - debt */
} trd_margin_collateral_value;

/* trd_margin_collateral values `count` assets in minor units of the valuation asset. Their order
 * never matters. Returns TRD_OK; TRD_E_ARG (a number outside its range) before TRD_E_RANGE before
 * TRD_E_UNKNOWN (no rate). O(count). */
TRD_API int trd_margin_collateral(
    const trd_margin_asset *assets, uint32_t count, trd_margin_collateral_value *out);

/* ---- prices at which something happens ------------------------------------------------------ */

/* What stands behind one position besides its own profit. */
typedef struct trd_margin_funds {
    trd_amt balance; /* of the account; isolated: collateral of the position */
    trd_amt others;  /* the account's other positions; 0 if isolated */
} trd_margin_funds;

typedef struct trd_margin_prices {
    trd_px trigger;       /* read if has_trigger */
    trd_px shown;         /* read if has_shown */
    uint32_t has_trigger; /* 0 or 1 */
    uint32_t has_shown;   /* 0 or 1 */
} trd_margin_prices;

/* trd_margin_liquidation finds the mark at which `position` is liquidated; its own mark is not
 * read. funds->others is the sum of profit - maintenance over the account's other positions, at
 * marks that stand still, less what its scenario groups need.
 *
 * trigger: of the ticks in [px_min, px_max] of the specification the first, coming from the
 * favourable end, at which trd_margin_account_state would say equity < maintenance, with all its
 * roundings. If the mark is already beyond it the position is due now. Where less than one minor
 * unit lies between ticks, some ticks just behind the trigger may be back at maintenance.
 * shown: the tick nearest to where equity = maintenance without any rounding, halves away from
 * zero. Neither exists for a position of 0 and for sales under CASH and CNC, nor if it would lie
 * outside [px_min, px_max].
 *
 * Returns TRD_OK; TRD_E_ARG (qty 0 with a cost, prices below 0 under CASH and CNC, or GROUPED,
 * whose maintenance no one price gives); TRD_E_RANGE if the notional at px_min or px_max does not
 * fit. The trigger is solved, not searched: O(tiers), plus at most 126 divisions for a short
 * inverse position. shown takes 63 comparisons of 256 bits. */
TRD_API int trd_margin_liquidation(
    const trd_margin_position *position, const trd_margin_funds *funds, trd_margin_prices *out);

/* trd_margin_bankruptcy stores the last tick, coming from the favourable end, at which closing all
 * of `position` still leaves at least 0:
 *     balance + others + profit - ceil(fee_ppm x notional / 10^6) >= 0
 * where funds->others is the sum of profits of the other positions. What is left to the account is
 * less than a tick is worth, and every price beyond it is a debit of the insurance fund. Model and
 * mark are not read.
 *
 * Returns TRD_OK; TRD_E_UNKNOWN if all or none of the ticks of the specification leave that much;
 * TRD_E_ARG (qty 0, fee_ppm above 10^6); TRD_E_RANGE as trd_margin_liquidation. */
TRD_API int trd_margin_bankruptcy(const trd_margin_position *position,
    const trd_margin_funds *funds, uint32_t fee_ppm, trd_px *out);

typedef struct trd_margin_cut_terms {
    trd_px px;                  /* price the lots are closed at */
    trd_amt balance;            /* of the account, before */
    trd_amt others_profit;      /* sums over the other positions */
    trd_amt others_maintenance; /* >= 0 */
    uint32_t target_ppm;        /* [10^6, 10^7]: balance wanted per maintenance */
    uint32_t fee_ppm;           /* [0, 10^6] of the closed notional */
    uint32_t step_pct;          /* [1, 100] of the position */
    uint32_t reserved;          /* zero */
} trd_margin_cut_terms;

typedef struct trd_margin_cut {
    trd_qty lots;        /* to close, >= 0 */
    trd_amt equity;      /* after that */
    trd_amt maintenance; /* after that */
    uint32_t restored;   /* 1: the target is met; 0: not even by closing all, which `lots` is */
    uint32_t reserved;
} trd_margin_cut;

/* trd_margin_reduction stores the fewest lots to close so that
 *     equity >= ceil(maintenance x target_ppm / 10^6).
 * Candidates are 0, the multiples of a step, and the whole position; the step is step_pct of the
 * position, rounded up to a multiple of lot_step. Closed lots bring their worth at terms->px less
 * ceil(fee_ppm x notional / 10^6); what is left is valued at the position's mark.
 *
 * Returns TRD_OK; TRD_E_ARG (a number outside its range, qty 0, GROUPED, a sale under CASH or CNC,
 * or what trd_margin_need_of refuses); TRD_E_UNKNOWN (no mark); TRD_E_RANGE. At most 101 candidates
 * are tried. */
TRD_API int trd_margin_reduction(
    const trd_margin_position *position, const trd_margin_cut_terms *terms, trd_margin_cut *out);

/* trd_margin_adl_rank stores where a position stands in the queue of auto-deleveraging, the highest
 * first, ties to be broken by account:
 *     profit_ppm = floor(10^6 x profit / |cost|)
 *     leverage_ppm = floor(10^6 x notional / equity)
 *     rank = floor(profit_ppm x leverage_ppm / 10^6)
 * `equity` is that of the account, or of the position if isolated. A position without profit has a
 * rank of 0 or below and is no candidate. Returns TRD_OK; TRD_E_ARG (qty 0, or a mark
 * below 1 of an inverse contract); TRD_E_UNKNOWN (no mark); TRD_E_RANGE (cost 0, equity not above
 * 0, or a number does not fit). O(1). */
TRD_API int trd_margin_adl_rank(const trd_margin_position *position, trd_amt equity, int64_t *out);

/* ---- scenarios: one requirement for all positions on an underlying -------------------------- */

enum {
    TRD_SCENARIO_COUNT = 16,      /* scenarios */
    TRD_SCENARIO_MONTHS_MAX = 16, /* expiries, or tiers of them, that are told apart */
    TRD_SCENARIO_SPREADS_MAX = 32
};

/* What one long lot of an instrument loses in each scenario. All of it is input, published by a
 * clearing house or computed by a pricing model: the library prices no option. The reference page
 * lists the usual meaning of the 16. */
typedef struct trd_scenario_array {
    trd_amt loss[TRD_SCENARIO_COUNT]; /* minor units per lot; below 0: a gain */
    int64_t delta;                    /* of one long lot, 10^-6 */
    uint32_t month;                   /* [0, TRD_SCENARIO_MONTHS_MAX) */
    uint32_t is_option;               /* 0 or 1: 1 counts for the short option minimum */
} trd_scenario_array;

/* Running sums of one group; all zero is no position. */
typedef struct trd_scenario_sums {
    trd_amt loss[TRD_SCENARIO_COUNT];
    int64_t delta[TRD_SCENARIO_MONTHS_MAX]; /* net, 10^-6 */
    trd_qty short_lots;                     /* of options, >= 0 */
} trd_scenario_sums;

typedef struct trd_scenario_change {
    trd_qty qty_before;
    trd_qty qty_after;
} trd_scenario_change;

/* trd_scenario_add moves one instrument's position from qty_before to qty_after. The sums depend on
 * the positions only, never on the way to them. Returns TRD_OK; TRD_E_ARG (month or is_option out
 * of range, or more short option lots taken back than there are); TRD_E_RANGE (a sum does not fit;
 * *sums is unchanged). O(16). */
TRD_API int trd_scenario_add(
    trd_scenario_sums *sums, const trd_scenario_array *array, const trd_scenario_change *change);

/* A long delta of one month against a short one of another. */
typedef struct trd_scenario_spread {
    uint32_t month_a;
    uint32_t month_b; /* another one */
    trd_amt charge;   /* >= 0, per delta of 1 on each side */
} trd_scenario_spread;

typedef struct trd_scenario_group {
    uint32_t initial_ppm;  /* [10^6, 10^7]: initial per maintenance */
    uint32_t spread_count; /* [0, TRD_SCENARIO_SPREADS_MAX] */
    trd_amt short_min;     /* >= 0, per short option lot */
    trd_scenario_spread spreads[TRD_SCENARIO_SPREADS_MAX]; /* in the order they are formed */
} trd_scenario_group;

/* A delta of group a against one of group b, which earns a part of the risk of both. */
typedef struct trd_scenario_pair {
    uint32_t group_a;    /* numbers in the array of groups */
    uint32_t group_b;    /* another one */
    int64_t delta_a;     /* > 0, 10^-6: what one spread takes of a */
    int64_t delta_b;     /* > 0 */
    uint32_t credit_ppm; /* [0, 10^6] */
    uint32_t same_side;  /* 0: one long, one short; 1: both long or both short */
} trd_scenario_pair;

typedef struct trd_scenario_need {
    trd_amt scan;        /* max(0, worst of the 16 sums) */
    trd_amt spread;      /* charges between months */
    trd_amt credit;      /* from pairs with other groups, <= scan */
    trd_amt minimum;     /* short_min x short_lots */
    trd_amt initial;     /* ceil(maintenance x initial_ppm / 10^6) */
    trd_amt maintenance; /* max(scan + spread - credit, minimum) */
    int64_t delta;       /* net over the months, less what pairs took */
} trd_scenario_need;

typedef struct trd_scenario_portfolio {
    const trd_scenario_group *groups; /* `count` of them */
    const trd_scenario_sums *sums;    /* beside each */
    const trd_scenario_pair *pairs;   /* in order of priority */
    uint32_t count;
    uint32_t pair_count;
} trd_scenario_portfolio;

/* trd_scenario_check returns TRD_OK if all groups and pairs of `portfolio` are in range, else
 * TRD_E_ARG; the sums are not read. trd_scenario_require needs it. O(groups x spreads + pairs). */
TRD_API int trd_scenario_check(const trd_scenario_portfolio *portfolio);

/* trd_scenario_require stores what each group needs in needs[0 .. count - 1] and the sums of
 * initial and maintenance in *out. Returns TRD_OK, or TRD_E_RANGE if any of it, before credits,
 * does not fit. O(groups x spreads + pairs). */
TRD_API int trd_scenario_require(
    const trd_scenario_portfolio *portfolio, trd_scenario_need *needs, trd_margin_requirement *out);

TRD_END_DECLS

#endif
