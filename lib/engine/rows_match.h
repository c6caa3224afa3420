/* rows_match.h - the structs of the matcher, for rows.c alone. */
#ifndef TRD_ENGINE_ROWS_MATCH_H
#define TRD_ENGINE_ROWS_MATCH_H

#include "core/wheel_state.h"
#include "engine/rows_field.h"
#include "match/rich.h"

/* --- shared ----------------------------------------------------------------------------------- */

static const trd_field map_row[] = {
    MADE(trd_map, seed),
    MADE(trd_map, buckets),
    V(trd_map, count),
};
TABLE(map, trd_map)

static const trd_field map_slot_row[] = {
    V(trd_map_slot, id),
    V(trd_map_slot, scope),
    V(trd_map_slot, ref),
};
TABLE(map_slot, trd_map_slot)

/* Neighbours in a queue of the store; of special orders and of groups. */
static const trd_field unit_link_row[] = {
    U(trd_link, prev, TRD_USUALLY_ZERO),
    U(trd_link, next, TRD_USUALLY_NEXT),
};
TABLE(unit_link, trd_link)

static const trd_field special_link_row[] = {
    VL(trd_link, prev, TRD_UP_TO_SPECIALS),
    VL(trd_link, next, TRD_UP_TO_SPECIALS),
};
TABLE(special_link, trd_link)

static const trd_field group_link_row[] = {
    VL(trd_link, prev, TRD_UP_TO_GROUPS),
    VL(trd_link, next, TRD_UP_TO_GROUPS),
};
TABLE(group_link, trd_link)

/* --- the matcher: what is traded -------------------------------------------------------------- */

static const trd_field tick_tier_row[] = {
    V(trd_tick_tier, from),
    V(trd_tick_tier, step),
};
TABLE(tick_tier, trd_tick_tier)

static const trd_field instrument_row[] = {
    V(trd_instrument, struct_size),
    V(trd_instrument, kind),
    V(trd_instrument, option),
    V(trd_instrument, px_scale),
    V(trd_instrument, qty_scale),
    TEXT(trd_instrument, symbol),
    V(trd_instrument, tick_size),
    V(trd_instrument, lot_size),
    V(trd_instrument, px_min),
    V(trd_instrument, px_max),
    V(trd_instrument, qty_min),
    V(trd_instrument, qty_max),
    V(trd_instrument, lot_step),
    V(trd_instrument, notional_min),
    V(trd_instrument, notional_max),
    V(trd_instrument, numerator),
    V(trd_instrument, denominator),
    VL(trd_instrument, base_asset, TRD_UP_TO_ASSETS),
    VL(trd_instrument, quote_asset, TRD_UP_TO_ASSETS),
    VL(trd_instrument, settle_asset, TRD_UP_TO_ASSETS),
    V(trd_instrument, profile),
    V(trd_instrument, strike),
    V(trd_instrument, expiry),
    V(trd_instrument, tier_count),
    ZERO(trd_instrument, reserved),
    SA(trd_instrument, tiers, tick_tier_fields),
};
TABLE(instrument, trd_instrument)

static const trd_field rules_row[] = {
    V(trd_rules, px_min),
    V(trd_rules, px_inverse),
    V(trd_rules, px_span),
    V(trd_rules, qty_inverse),
    V(trd_rules, qty_first),
    V(trd_rules, qty_span),
    V(trd_rules, px_shift),
    V(trd_rules, qty_shift),
    V(trd_rules, tier_count),
    V(trd_rules, has_notional),
    V(trd_rules, is_inverse),
    ZERO(trd_rules, reserved),
    V(trd_rules, tiers_at),
    V(trd_rules, px_max),
    V(trd_rules, step),
    V(trd_rules, lot_step),
    V(trd_rules, notional_min),
    V(trd_rules, notional_max),
    V(trd_rules, numerator),
    V(trd_rules, denominator),
    V(trd_rules, lots_max),
};
TABLE(rules, trd_rules)

static const trd_field listing_row[] = {
    S(trd_listing, rules, rules_fields),
    V(trd_listing, publish),
    V(trd_listing, rich),
    V(trd_listing, last),
    V(trd_listing, has_last),
    V(trd_listing, orders),
    BLANK(trd_listing, quiet),
    ZERO(trd_listing, reserved),
    S(trd_listing, spec, instrument_fields),
};
TABLE(listing, trd_listing)

static const trd_field last_id_row[] = {
    V(trd_last_id, client_id),
    V(trd_last_id, used),
};
TABLE(last_id, trd_last_id)

static const trd_field lead_maker_row[] = {
    V(trd_lead_maker, account),
    V(trd_lead_maker, percent),
};
TABLE(lead_maker, trd_lead_maker)

static const trd_field profile_row[] = {
    V(trd_profile, struct_size),
    V(trd_profile, allocation),
    V(trd_profile, fifo_percent),
    A(trd_profile, ties),
    V(trd_profile, band_action),
    V(trd_profile, band_source),
    V(trd_profile, band_whole),
    V(trd_profile, limit_auction),
    ZERO(trd_profile, reserved),
    V(trd_profile, band_below),
    V(trd_profile, band_above),
    V(trd_profile, prorata_min),
    V(trd_profile, top_min),
    V(trd_profile, top_max),
    V(trd_profile, limit_wait),
    V(trd_profile, limit_pause),
    V(trd_profile, breaker_window),
    V(trd_profile, breaker_pause),
    V(trd_profile, breaker_variation),
    ZERO(trd_profile, reserved1),
    SA(trd_profile, lead, lead_maker_fields),
};
TABLE(profile, trd_profile)

static const trd_field alloc_rule_row[] = {
    V(trd_alloc_rule, top),
    V(trd_alloc_rule, lmm),
    V(trd_alloc_rule, fifo_percent),
    V(trd_alloc_rule, leveling),
    V(trd_alloc_rule, top_min),
    V(trd_alloc_rule, top_max),
    V(trd_alloc_rule, prorata_min),
};
TABLE(alloc_rule, trd_alloc_rule)

static const trd_field ev_auction_row[] = {
    V(trd_ev_auction, px),
    V(trd_ev_auction, volume),
    V(trd_ev_auction, imbalance),
    V(trd_ev_auction, final),
    V(trd_ev_auction, priced),
    ZERO(trd_ev_auction, reserved),
};
TABLE(ev_auction, trd_ev_auction)

static const trd_field ends_row[] = {
    VL(trd_ends, first, TRD_UP_TO_SPECIALS),
    VL(trd_ends, last, TRD_UP_TO_SPECIALS),
};
TABLE(ends, trd_ends)

static const trd_field slice_row[] = {
    V(trd_slice, number),
    V(trd_slice, low),
    V(trd_slice, high),
    V(trd_slice, used),
};
TABLE(slice, trd_slice)

static const trd_field cross_row[] = {
    A(trd_cross, lots),
    V(trd_cross, px),
    V(trd_cross, is),
};
TABLE(cross, trd_cross)

static const trd_field trail_row[] = {
    V(trd_trail, root),
    V(trd_trail, lowest),
};
TABLE(trail, trd_trail)

static const trd_field desk_row[] = {
    V(trd_desk, state),
    V(trd_desk, known),
    V(trd_desk, observed),
    V(trd_desk, allocates),
    V(trd_desk, at_band),
    V(trd_desk, pegs_settled),
    V(trd_desk, peg_known),
    V(trd_desk, tripped),
    A(trd_desk, price),
    A(trd_desk, low),
    A(trd_desk, high),
    A(trd_desk, before),
    S(trd_desk, waiting, ends_fields),
    S(trd_desk, aside, ends_fields),
    S(trd_desk, pegs, ends_fields),
    S(trd_desk, elected, ends_fields),
    S(trd_desk, refreshing, ends_fields),
    S(trd_desk, late, ends_fields),
    S(trd_desk, reacting, ends_fields),
    VL(trd_desk, pegs_priced, TRD_UP_TO_SPECIALS),
    VL(trd_desk, icebergs, TRD_UP_TO_SPECIALS),
    VL(trd_desk, peg_next, TRD_UP_TO_SPECIALS),
    VL(trd_desk, waits, TRD_UP_TO_SPECIALS),
    BLANK(trd_desk, nearest),
    V(trd_desk, peg_bid),
    V(trd_desk, peg_offer),
    A(trd_desk, top),
    V(trd_desk, session_timer),
    V(trd_desk, limit_timer),
    S(trd_desk, told, ev_auction_fields),
    S(trd_desk, cross, cross_fields),
    S(trd_desk, rule, alloc_rule_fields),
    V(trd_desk, top_min),
    S(trd_desk, profile, profile_fields),
    NO(trd_desk, slices, TRD_FIELD_APART),
    SA2(trd_desk, trails, trail_fields),
};
TABLE(desk, trd_desk)

/* --- the matcher: orders ---------------------------------------------------------------------- */

static const trd_field queue_row[] = {
    S(trd_queue, link, unit_link_fields),
    V(trd_queue, qty),
    V(trd_queue, key),
    V(trd_queue, count),
    FIELD(trd_queue, side_at, TRD_FIELD_SIDE, 4, 1, 0, TRD_USUALLY_ZERO, TRD_UP_TO_ANY, NULL),
};
TABLE(queue, trd_queue)

static const trd_field node_row[] = {
    S(trd_node, link, unit_link_fields),
    U(trd_node, level, TRD_USUALLY_ZERO),
    VU(trd_node, generation, TRD_USUALLY_ONE),
    V(trd_node, leaves),
    V(trd_node, executed),
    V(trd_node, more),
    VL(trd_node, account, TRD_UP_TO_ACCOUNTS),
    V(trd_node, id_slot),
    V(trd_node, side),
    V(trd_node, tif),
    V(trd_node, exec),
    V(trd_node, actor),
    V(trd_node, place),
};
TABLE(node, trd_node)

static const trd_field far_row[] = {
    V(trd_far, root),
    V(trd_far, height),
};
TABLE(far, trd_far)

static const trd_field far_node_row[] = {
    V(trd_far_node, count),
    VU(trd_far_node, next_free, TRD_USUALLY_NEXT),
    ZERO(trd_far_node, reserved),
    A(trd_far_node, key),
    A(trd_far_node, ref),
};
TABLE(far_node, trd_far_node)

static const trd_field far_pool_row[] = {
    V(trd_far_pool, free),
    V(trd_far_pool, used),
    MADE(trd_far_pool, capacity),
    ZERO(trd_far_pool, reserved),
};
TABLE(far_pool, trd_far_pool)

static const trd_field side_row[] = {
    V(trd_side, best),
    V(trd_side, base_page),
    V(trd_side, near),
    V(trd_side, far_count),
    S(trd_side, far, far_fields),
};
TABLE(side, trd_side)

static const trd_field store_row[] = {
    MADE(trd_store, arena_at),
    MADE(trd_store, sides_at),
    MADE(trd_store, windows_at),
    MADE(trd_store, bits_at),
    MADE(trd_store, far_at),
    MADE(trd_store, trees_at),
    MADE(trd_store, window),
    MADE(trd_store, window_shift),
    MADE(trd_store, pages),
    MADE(trd_store, bit_words),
    MADE(trd_store, level_unit),
    U(trd_store, order_free, TRD_USUALLY_ZERO),
    U(trd_store, level_free, TRD_USUALLY_ZERO),
    V(trd_store, orders),
    V(trd_store, levels),
    MADE(trd_store, orders_max),
    MADE(trd_store, levels_max),
    MADE(trd_store, books),
    V(trd_store, far_levels),
    S(trd_store, far_pool, far_pool_fields),
    MADE(trd_store, trees),
    V(trd_store, tree_levels),
    ZERO(trd_store, reserved),
    MADE(trd_store, limbo),
    ZERO(trd_store, reserved1),
    V(trd_store, place),
};
TABLE(store, trd_store)

static const trd_field special_row[] = {
    U(trd_special, unit, TRD_USUALLY_ZERO),
    VL(trd_special, instrument, TRD_UP_TO_INSTRUMENTS),
    V(trd_special, type),
    V(trd_special, where),
    V(trd_special, waits),
    V(trd_special, source),
    V(trd_special, direction),
    V(trd_special, in_ticks),
    V(trd_special, peg),
    V(trd_special, reduces),
    V(trd_special, has_cap),
    V(trd_special, has_limit_offset),
    V(trd_special, refreshing),
    V(trd_special, has_activation),
    VL(trd_special, position, TRD_UP_TO_POSITIONS),
    V(trd_special, px),
    V(trd_special, trigger),
    V(trd_special, activation),
    V(trd_special, cap),
    V(trd_special, offset),
    V(trd_special, limit_offset),
    V(trd_special, minimum),
    V(trd_special, peak),
    V(trd_special, peak_range),
    V(trd_special, reserve),
    V(trd_special, prevented),
    V(trd_special, random),
    V(trd_special, group),
    V(trd_special, tag),
    V(trd_special, parent),
    V(trd_special, expiry),
    V(trd_special, timer),
    SA(trd_special, list, special_link_fields),
    VUL(trd_special, next_free, TRD_USUALLY_NEXT, TRD_UP_TO_SPECIALS),
    VL(trd_special, quote, TRD_UP_TO_QUOTES),
    VL(trd_special, linked, TRD_UP_TO_GROUPS),
    V(trd_special, leg),
};
TABLE(special, trd_special)

static const trd_field trail_node_row[] = {
    V(trd_trail_node, key),
    V(trd_trail_node, trigger),
    V(trd_trail_node, place),
    VL(trd_trail_node, left, TRD_UP_TO_SPECIALS),
    VL(trd_trail_node, right, TRD_UP_TO_SPECIALS),
    VL(trd_trail_node, first, TRD_UP_TO_SPECIALS),
    VL(trd_trail_node, group, TRD_UP_TO_SPECIALS),
    V(trd_trail_node, unit),
    V(trd_trail_node, height),
    ZERO(trd_trail_node, reserved),
};
TABLE(trail_node, trd_trail_node)

static const trd_field trail_group_row[] = {
    AUL(trd_trail_group, tree, TRD_USUALLY_ZERO, TRD_UP_TO_SPECIALS),
    V(trd_trail_group, count),
    VL(trd_trail_group, first, TRD_UP_TO_SPECIALS),
    VUL(trd_trail_group, next_free, TRD_USUALLY_NEXT, TRD_UP_TO_SPECIALS),
};
TABLE(trail_group, trd_trail_group)

static const trd_field trail_pool_row[] = {
    MADE(trd_trail_pool, capacity),
    VL(trd_trail_pool, free, TRD_UP_TO_SPECIALS),
    V(trd_trail_pool, used),
    ZERO(trd_trail_pool, reserved),
    V(trd_trail_pool, moves),
};
TABLE(trail_pool, trd_trail_pool)

static const trd_field pos_entry_row[] = {
    V(trd_pos_entry, qty),
    A(trd_pos_entry, reducing),
    VL(trd_pos_entry, first, TRD_UP_TO_SPECIALS),
    VL(trd_pos_entry, last, TRD_UP_TO_SPECIALS),
    VL(trd_pos_entry, account, TRD_UP_TO_ACCOUNTS),
    VL(trd_pos_entry, instrument, TRD_UP_TO_INSTRUMENTS),
    V(trd_pos_entry, orders),
    V(trd_pos_entry, side),
    VUL(trd_pos_entry, next_free, TRD_USUALLY_NEXT, TRD_UP_TO_POSITIONS),
    V(trd_pos_entry, slot),
};
TABLE(pos_entry, trd_pos_entry)

static const trd_field pos_row[] = {
    S(trd_pos, map, map_fields),
    MADE(trd_pos, slots_at),
    MADE(trd_pos, entries_at),
    MADE(trd_pos, capacity),
    VL(trd_pos, free, TRD_UP_TO_POSITIONS),
    V(trd_pos, count),
    ZERO(trd_pos, reserved),
};
TABLE(pos, trd_pos)

static const trd_field scope_row[] = {
    V(trd_scope, tag),
    V(trd_scope, key),
    V(trd_scope, kind),
    V(trd_scope, flag),
    ZERO(trd_scope, reserved),
};
TABLE(scope, trd_scope)

static const trd_field deadman_row_row[] = {
    S(trd_deadman_row, scope, scope_fields),
    V(trd_deadman_row, timer),
};
TABLE(deadman_row, trd_deadman_row)

static const trd_field guard_row[] = {
    V(trd_guard, lots),
    V(trd_guard, value),
    A(trd_guard, exposure),
    V(trd_guard, fills),
    V(trd_guard, begun),
    V(trd_guard, window),
    V(trd_guard, lots_max),
    V(trd_guard, value_max),
    A(trd_guard, exposure_max),
    A(trd_guard, exposure_of_lot),
    V(trd_guard, fills_max),
    V(trd_guard, is_set),
    V(trd_guard, runs),
    V(trd_guard, acted),
    ZERO(trd_guard, reserved),
};
TABLE(guard, trd_guard)

static const trd_field quote_row_row[] = {
    S(trd_quote_row, guard, guard_fields),
    VL(trd_quote_row, account, TRD_UP_TO_ACCOUNTS),
    VL(trd_quote_row, instrument, TRD_UP_TO_INSTRUMENTS),
    AUL(trd_quote_row, number, TRD_USUALLY_ZERO, TRD_UP_TO_SPECIALS),
    V(trd_quote_row, slot),
    VUL(trd_quote_row, next_free, TRD_USUALLY_NEXT, TRD_UP_TO_QUOTES),
    ZERO(trd_quote_row, reserved),
};
TABLE(quote_row, trd_quote_row)

static const trd_field quotes_row[] = {
    S(trd_quotes, map, map_fields),
    MADE(trd_quotes, slots_at),
    MADE(trd_quotes, rows_at),
    MADE(trd_quotes, capacity),
    VL(trd_quotes, free, TRD_UP_TO_QUOTES),
    V(trd_quotes, count),
    ZERO(trd_quotes, reserved),
};
TABLE(quotes, trd_quotes)

static const trd_field group_leg_row[] = {
    V(trd_group_leg, own),
    V(trd_group_leg, granted),
    V(trd_group_leg, owed),
    VL(trd_group_leg, number, TRD_UP_TO_SPECIALS),
    V(trd_group_leg, released),
};
TABLE(group_leg, trd_group_leg)

static const trd_field group_row[] = {
    V(trd_group, link),
    V(trd_group, executed),
    SA(trd_group, legs, group_leg_fields),
    V(trd_group, account),
    V(trd_group, instrument),
    V(trd_group, slot),
    VUL(trd_group, next_free, TRD_USUALLY_NEXT, TRD_UP_TO_GROUPS),
    S(trd_group, list, group_link_fields),
    V(trd_group, relation),
    V(trd_group, count),
    V(trd_group, staged),
    V(trd_group, live),
    V(trd_group, full_fill),
    V(trd_group, decided),
    V(trd_group, unfilled),
    V(trd_group, reacts),
};
TABLE(group, trd_group)

static const trd_field groups_row[] = {
    S(trd_groups, map, map_fields),
    MADE(trd_groups, slots_at),
    MADE(trd_groups, rows_at),
    MADE(trd_groups, records_at),
    MADE(trd_groups, capacity),
    VL(trd_groups, free, TRD_UP_TO_GROUPS),
    V(trd_groups, count),
    V(trd_groups, staged),
};
TABLE(groups, trd_groups)

/* --- the matcher: timers, and its head -------------------------------------------------------- */

static const trd_field wheel_node_row[] = {
    V(trd_wheel_node, deadline),
    V(trd_wheel_node, sequence),
    V(trd_wheel_node, key),
    V(trd_wheel_node, order),
    V(trd_wheel_node, generation),
    V(trd_wheel_node, next),
    V(trd_wheel_node, prev),
    V(trd_wheel_node, list),
    ZERO(trd_wheel_node, reserved),
};
TABLE(wheel_node, trd_wheel_node)

static const trd_field wheel_row[] = {
    V(trd_wheel, now),
    V(trd_wheel, sequence),
    MADE(trd_wheel, capacity),
    V(trd_wheel, due_count),
    V(trd_wheel, sorting),
    V(trd_wheel, levels),
    MADE(trd_wheel, nodes_at),
    MADE(trd_wheel, heap_at),
    MADE(trd_wheel, pool_at),
    ZERO(trd_wheel, reserved),
    A(trd_wheel, slots),
    AUL(trd_wheel, heads, TRD_USUALLY_ONES, TRD_UP_TO_ANY),
};
TABLE(wheel, trd_wheel)

static const trd_field match_row[] = {
    V(trd_match, time),
    V(trd_match, seq),
    V(trd_match, commands),
    V(trd_match, executions),
    V(trd_match, instruments),
    MADE(trd_match, id_mode),
    MADE(trd_match, accounts_end),
    MADE(trd_match, listings_at),
    MADE(trd_match, slots_at),
    S(trd_match, ids, map_fields),
    MADE(trd_match, ended_at),
    MADE(trd_match, last_ids_at),
    V(trd_match, ended),
    MADE(trd_match, ended_mask),
    MADE(trd_match, ids_max),
    MADE(trd_match, instruments_max),
    MADE(trd_match, looks_ahead),
    MADE(trd_match, publish),
    V(trd_match, publish_any),
    V(trd_match, rich_any),
    V(trd_match, time_steps_back),
    V(trd_match, plain_until),
    V(trd_match, timer_bound),
    BLANK(trd_match, taker),
    S(trd_match, store, store_fields),
    BLANK(trd_match, work),
    MADE(trd_match, desks_at),
    MADE(trd_match, specials_at),
    MADE(trd_match, wheel_at),
    MADE(trd_match, trail_nodes_at),
    MADE(trd_match, trail_tops_at),
    MADE(trd_match, trail_groups_at),
    S(trd_match, trail_pool, trail_pool_fields),
    MADE(trd_match, scratch_at),
    MADE(trd_match, handles_at),
    S(trd_match, positions, pos_fields),
    S(trd_match, quotes, quotes_fields),
    S(trd_match, groups, groups_fields),
    MADE(trd_match, specials_max),
    V(trd_match, specials),
    VL(trd_match, special_free, TRD_UP_TO_SPECIALS),
    MADE(trd_match, elect_max),
    MADE(trd_match, allocates),
    MADE(trd_match, verdicts),
    MADE(trd_match, timer_count),
    V(trd_match, kill_count),
    V(trd_match, crosses),
    MADE(trd_match, asks_quotes),
    NO(trd_match, kills, TRD_FIELD_APART),
    NO(trd_match, deadmen, TRD_FIELD_APART),
    BLANK(trd_match, mem),
    MADE(trd_match, size),
};
TABLE(match, trd_match)

#endif
