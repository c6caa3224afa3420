/* rows_risk.h - the structs of risk and monitor, for rows.c alone. */
#ifndef TRD_ENGINE_ROWS_RISK_H
#define TRD_ENGINE_ROWS_RISK_H

#include "engine/rows_acct.h"
#include "monitor/state.h"
#include "risk/state.h"

/* --- risk ------------------------------------------------------------------------------------- */

/* Of firm, accounts and instruments; of the pool, whose free ones are chained. */
static const trd_field risk_node_row[] = {
    V(trd_risk_node, mask),
    VL(trd_risk_node, next_free, TRD_UP_TO_NODES),
    A(trd_risk_node, value),
    V(trd_risk_node, open_value),
    V(trd_risk_node, unpriced),
    V(trd_risk_node, with_unrealised),
    VL(trd_risk_node, portfolios, TRD_UP_TO_PORTFOLIOS),
    V(trd_risk_node, theory),
    ZERO(trd_risk_node, reserved),
    V(trd_risk_node, message_count),
    V(trd_risk_node, executed_count),
    V(trd_risk_node, period),
    V(trd_risk_node, burst),
    V(trd_risk_node, window),
    V(trd_risk_node, executed_from),
};
TABLE(risk_node, trd_risk_node)

static const trd_field pooled_node_row[] = {
    V(trd_risk_node, mask),
    VUL(trd_risk_node, next_free, TRD_USUALLY_NEXT, TRD_UP_TO_NODES),
    A(trd_risk_node, value),
    V(trd_risk_node, open_value),
    V(trd_risk_node, unpriced),
    V(trd_risk_node, with_unrealised),
    VL(trd_risk_node, portfolios, TRD_UP_TO_PORTFOLIOS),
    V(trd_risk_node, theory),
    ZERO(trd_risk_node, reserved),
    V(trd_risk_node, message_count),
    V(trd_risk_node, executed_count),
    V(trd_risk_node, period),
    V(trd_risk_node, burst),
    V(trd_risk_node, window),
    V(trd_risk_node, executed_from),
};
TABLE(pooled_node, trd_risk_node)

static const trd_field risk_market_row[] = {
    S(trd_risk_market, node, risk_node_fields),
    A(trd_risk_market, open),
    VL(trd_risk_market, model, TRD_UP_TO_MODELS),
    V(trd_risk_market, tiers),
    V(trd_risk_market, rate_ppm),
    V(trd_risk_market, lever_ppm),
    VL(trd_risk_market, array, TRD_UP_TO_ARRAYS),
    V(trd_risk_market, group),
    V(trd_risk_market, is_disabled),
    V(trd_risk_market, is_cash),
    ZERO(trd_risk_market, reserved),
};
TABLE(risk_market, trd_risk_market)

static const trd_field risk_order_row[] = {
    V(trd_risk_order, order),
    V(trd_risk_order, tag),
    V(trd_risk_order, value),
    V(trd_risk_order, counted),
    V(trd_risk_order, qty),
    V(trd_risk_order, leaves),
    VL(trd_risk_order, account, TRD_UP_TO_ACCOUNTS),
    VL(trd_risk_order, instrument, TRD_UP_TO_INSTRUMENTS),
    V(trd_risk_order, is_unpriced),
    V(trd_risk_order, is_child),
    V(trd_risk_order, sells),
    ZERO(trd_risk_order, reserved),
    VL(trd_risk_order, parent, TRD_UP_TO_PARENTS),
};
TABLE(risk_order, trd_risk_order)

static const trd_field risk_terms_row[] = {
    V(trd_risk_terms, px),
    V(trd_risk_terms, qty),
    VL(trd_risk_terms, account, TRD_UP_TO_ACCOUNTS),
    VL(trd_risk_terms, instrument, TRD_UP_TO_INSTRUMENTS),
    V(trd_risk_terms, side),
    V(trd_risk_terms, position),
    V(trd_risk_terms, has_px),
    ZERO(trd_risk_terms, reserved),
};
TABLE(risk_terms, trd_risk_terms)

static const trd_field risk_repeat_row[] = {
    S(trd_risk_repeat, terms, risk_terms_fields),
    V(trd_risk_repeat, time),
    VL(trd_risk_repeat, next, TRD_UP_TO_REPEATS),
    VL(trd_risk_repeat, prev, TRD_UP_TO_REPEATS),
};
TABLE(risk_repeat, trd_risk_repeat)

static const trd_field scenario_spread_row[] = {
    V(trd_scenario_spread, month_a),
    V(trd_scenario_spread, month_b),
    V(trd_scenario_spread, charge),
};
TABLE(scenario_spread, trd_scenario_spread)

static const trd_field scenario_group_row[] = {
    V(trd_scenario_group, initial_ppm),
    V(trd_scenario_group, spread_count),
    V(trd_scenario_group, short_min),
    SA(trd_scenario_group, spreads, scenario_spread_fields),
};
TABLE(scenario_group, trd_scenario_group)

static const trd_field scenario_array_row[] = {
    A(trd_scenario_array, loss),
    V(trd_scenario_array, delta),
    V(trd_scenario_array, month),
    V(trd_scenario_array, is_option),
};
TABLE(scenario_array, trd_scenario_array)

static const trd_field scenario_pair_row[] = {
    VL(trd_scenario_pair, group_a, TRD_UP_TO_SCENARIOS),
    VL(trd_scenario_pair, group_b, TRD_UP_TO_SCENARIOS),
    V(trd_scenario_pair, delta_a),
    V(trd_scenario_pair, delta_b),
    V(trd_scenario_pair, credit_ppm),
    V(trd_scenario_pair, same_side),
};
TABLE(scenario_pair, trd_scenario_pair)

static const trd_field risk_grouping_row[] = {
    S(trd_risk_grouping, terms, scenario_group_fields),
    VL(trd_risk_grouping, asset, TRD_UP_TO_ASSETS),
    ZERO(trd_risk_grouping, reserved),
};
TABLE(risk_grouping, trd_risk_grouping)

static const trd_field risk_losses_row[] = {
    S(trd_risk_losses, terms, scenario_array_fields),
    A(trd_risk_losses, per_lot),
};
TABLE(risk_losses, trd_risk_losses)

static const trd_field risk_folio_row[] = {
    A(trd_risk_folio, loss),
    A(trd_risk_folio, delta),
    V(trd_risk_folio, short_lots),
    VL(trd_risk_folio, account, TRD_UP_TO_ACCOUNTS),
    V(trd_risk_folio, group),
    VUL(trd_risk_folio, next, TRD_USUALLY_NEXT, TRD_UP_TO_PORTFOLIOS),
    ZERO(trd_risk_folio, reserved),
};
TABLE(risk_folio, trd_risk_folio)

static const trd_field risk_parent_row_row[] = {
    V(trd_risk_parent_row, id),
    V(trd_risk_parent_row, qty),
    V(trd_risk_parent_row, executed),
    V(trd_risk_parent_row, open),
    VL(trd_risk_parent_row, account, TRD_UP_TO_ACCOUNTS),
    VL(trd_risk_parent_row, instrument, TRD_UP_TO_INSTRUMENTS),
    VUL(trd_risk_parent_row, next_free, TRD_USUALLY_NEXT, TRD_UP_TO_PARENTS),
    V(trd_risk_parent_row, side),
    ZERO(trd_risk_parent_row, reserved),
};
TABLE(risk_parent_row, trd_risk_parent_row)

static const trd_field margin_tier_row[] = {
    V(trd_margin_tier, floor),
    V(trd_margin_tier, cum),
    V(trd_margin_tier, cum_micro),
    V(trd_margin_tier, maintenance_ppm),
    V(trd_margin_tier, initial_ppm),
    ZERO(trd_margin_tier, reserved),
};
TABLE(margin_tier, trd_margin_tier)

static const trd_field margin_model_row[] = {
    V(trd_margin_model, struct_size),
    V(trd_margin_model, kind),
    V(trd_margin_model, leverage_centi),
    V(trd_margin_model, tier_count),
    SA(trd_margin_model, tiers, margin_tier_fields),
};
TABLE(margin_model, trd_margin_model)

static const trd_field risk_def_row[] = {
    MADE(trd_risk_def, struct_size),
    MADE(trd_risk_def, accounts_max),
    MADE(trd_risk_def, instruments_max),
    MADE(trd_risk_def, orders_max),
    MADE(trd_risk_def, actors_max),
    MADE(trd_risk_def, limits_max),
    MADE(trd_risk_def, models_max),
    MADE(trd_risk_def, repeats_max),
    MADE(trd_risk_def, hash_seed),
    BLANK(trd_risk_def, mem),
    MADE(trd_risk_def, groups_max),
    MADE(trd_risk_def, arrays_max),
    MADE(trd_risk_def, pairs_max),
    MADE(trd_risk_def, portfolios_max),
    MADE(trd_risk_def, parents_max),
    MADE(trd_risk_def, reserved),
};
TABLE(risk_def, trd_risk_def)

static const trd_field risk_row[] = {
    S(trd_risk, firm, risk_node_fields),
    V(trd_risk, limits),
    A(trd_risk, scopes_of),
    S(trd_risk, pool_map, map_fields),
    S(trd_risk, role_map, map_fields),
    S(trd_risk, portfolio_map, map_fields),
    MADE(trd_risk, pool_slots_at),
    MADE(trd_risk, role_slots_at),
    MADE(trd_risk, portfolio_slots_at),
    MADE(trd_risk, accounts_at),
    MADE(trd_risk, markets_at),
    MADE(trd_risk, pool_at),
    MADE(trd_risk, orders_at),
    MADE(trd_risk, models_at),
    MADE(trd_risk, repeats_at),
    MADE(trd_risk, chains_at),
    MADE(trd_risk, groups_at),
    MADE(trd_risk, arrays_at),
    MADE(trd_risk, scenario_pairs_at),
    MADE(trd_risk, portfolios_at),
    V(trd_risk, groups),
    V(trd_risk, arrays),
    MADE(trd_risk, parents),
    V(trd_risk, scenario_pairs),
    VL(trd_risk, portfolio_free, TRD_UP_TO_PORTFOLIOS),
    VL(trd_risk, pool_free, TRD_UP_TO_NODES),
    V(trd_risk, pairs),
    V(trd_risk, actors),
    V(trd_risk, tags),
    VL(trd_risk, models, TRD_UP_TO_MODELS),
    V(trd_risk, repeats),
    VL(trd_risk, repeat_last, TRD_UP_TO_REPEATS),
    MADE(trd_risk, chains),
    V(trd_risk, repeat_time),
    A2(trd_risk, set),
    S(trd_risk, parent_map, map_fields),
    MADE(trd_risk, parent_slots_at),
    MADE(trd_risk, parents_at),
    VL(trd_risk, parent_free, TRD_UP_TO_PARENTS),
    V(trd_risk, modelled),
    S(trd_risk, def, risk_def_fields),
    MADE(trd_risk, size),
};
TABLE(risk, trd_risk)

/* --- the monitor ------------------------------------------------------------------------------ */

static const trd_field seat_row[] = {
    V(trd_seat, equity),
    V(trd_seat, maintenance),
    V(trd_seat, told),
    V(trd_seat, level),
    V(trd_seat, known),
    V(trd_seat, mode),
    ZERO(trd_seat, reserved),
};
TABLE(seat, trd_seat)

static const trd_field market_row[] = {
    V(trd_market, root),
    V(trd_market, count),
};
TABLE(market, trd_market)

static const trd_field slot_row[] = {
    A(trd_slot, key),
    AUL(trd_slot, watch, TRD_USUALLY_ZERO, TRD_UP_TO_ENTRIES),
    VL(trd_slot, parent, TRD_UP_TO_ENTRIES),
    VL(trd_slot, left, TRD_UP_TO_ENTRIES),
    VL(trd_slot, right, TRD_UP_TO_ENTRIES),
    ZERO(trd_slot, reserved),
};
TABLE(slot, trd_slot)

static const trd_field pool_watch_row[] = {
    V(trd_pool_watch, equity),
    V(trd_pool_watch, maintenance),
    V(trd_pool_watch, told),
    V(trd_pool_watch, level),
    V(trd_pool_watch, known),
    ZERO(trd_pool_watch, reserved),
};
TABLE(pool_watch, trd_pool_watch)

static const trd_field watch_row[] = {
    V(trd_watch, low),
    V(trd_watch, high),
    AUL(trd_watch, slot, TRD_USUALLY_ZERO, TRD_UP_TO_ENTRIES),
    V(trd_watch, state),
    V(trd_watch, told),
    V(trd_watch, level),
    V(trd_watch, known),
    V(trd_watch, alert_told),
    V(trd_watch, alert),
    ZERO(trd_watch, reserved),
};
TABLE(watch, trd_watch)

static const trd_field unit_sums_row[] = {
    V(trd_unit_sums, equity),
    V(trd_unit_sums, maintenance),
    V(trd_unit_sums, weights),
    V(trd_unit_sums, margined),
    V(trd_unit_sums, known),
    V(trd_unit_sums, level),
    V(trd_unit_sums, need),
    ZERO(trd_unit_sums, reserved),
};
TABLE(unit_sums, trd_unit_sums)

static const trd_field share_row[] = {
    V(trd_share, next),
    V(trd_share, here),
    V(trd_share, basis),
    V(trd_share, shares),
    V(trd_share, is_margined),
    ZERO(trd_share, reserved),
};
TABLE(share, trd_share)

static const trd_field pot_row[] = {
    V(trd_pot, next),
    V(trd_pot, here),
    V(trd_pot, basis),
    V(trd_pot, to_next),
    V(trd_pot, to_here),
    V(trd_pot, weights),
    V(trd_pot, positions),
    V(trd_pot, margined),
    V(trd_pot, had_level),
    ZERO(trd_pot, reserved),
};
TABLE(pot, trd_pot)

static const trd_field monitor_stats_row[] = {
    V(trd_monitor_stats, marks),
    V(trd_monitor_stats, left),
    V(trd_monitor_stats, looked),
    V(trd_monitor_stats, told),
};
TABLE(monitor_stats, trd_monitor_stats)

static const trd_field monitor_def_row[] = {
    MADE(trd_monitor_def, struct_size),
    MADE(trd_monitor_def, accounts_max),
    MADE(trd_monitor_def, instruments_max),
    MADE(trd_monitor_def, balances_max),
    MADE(trd_monitor_def, positions_max),
    MADE(trd_monitor_def, warn_ppm),
    MADE(trd_monitor_def, call_ppm),
    MADE(trd_monitor_def, alert_ppm),
    MADE(trd_monitor_def, exempt),
    MADE(trd_monitor_def, reserved),
    BLANK(trd_monitor_def, mem),
};
TABLE(monitor_def, trd_monitor_def)

static const trd_field monitor_row[] = {
    MADE(trd_monitor, seats_at),
    MADE(trd_monitor, markets_at),
    MADE(trd_monitor, pools_at),
    MADE(trd_monitor, watches_at),
    MADE(trd_monitor, slots_at),
    MADE(trd_monitor, sums_at),
    MADE(trd_monitor, shares_at),
    MADE(trd_monitor, pots_at),
    V(trd_monitor, slots),
    VL(trd_monitor, slot_free, TRD_UP_TO_ENTRIES),
    VL(trd_monitor, account, TRD_UP_TO_ACCOUNTS),
    V(trd_monitor, telling),
    V(trd_monitor, at),
    V(trd_monitor, changes),
    V(trd_monitor, shorts),
    ZERO(trd_monitor, reserved),
    V(trd_monitor, looked_at_moved),
    S(trd_monitor, stats, monitor_stats_fields),
    S(trd_monitor, def, monitor_def_fields),
    MADE(trd_monitor, size),
};
TABLE(monitor, trd_monitor)

#endif
