/* rows_acct.h - the structs of the accounts, for rows.c alone. */
#ifndef TRD_ENGINE_ROWS_ACCT_H
#define TRD_ENGINE_ROWS_ACCT_H

#include "acct/state.h"
#include "engine/rows_match.h"

/* --- accounts --------------------------------------------------------------------------------- */

static const trd_field fee_tier_row[] = {
    V(trd_fee_tier, volume),
    V(trd_fee_tier, maker_ppb),
    V(trd_fee_tier, taker_ppb),
};
TABLE(fee_tier, trd_fee_tier)

static const trd_field fee_table_row[] = {
    V(trd_fee_table, struct_size),
    V(trd_fee_table, tier_count),
    SA(trd_fee_table, tiers, fee_tier_fields),
    V(trd_fee_table, pays_in),
    V(trd_fee_table, discount_ppm),
};
TABLE(fee_table, trd_fee_table)

static const trd_field tax_row[] = {
    V(trd_tax, buyer_ppb),
    V(trd_tax, seller_ppb),
};
TABLE(tax, trd_tax)

LIST(purse_list, TRD_UP_TO_PURSES)
LIST(entry_list, TRD_UP_TO_ENTRIES)
LIST(due_list, TRD_UP_TO_DUES)

static const trd_field acct_asset_row[] = {
    A(trd_acct_asset, venue),
    V(trd_acct_asset, numerator),
    V(trd_acct_asset, denominator),
    S(trd_acct_asset, purses, purse_list_fields),
    V(trd_acct_asset, interest_due),
    V(trd_acct_asset, holds),
    V(trd_acct_asset, rated),
    V(trd_acct_asset, has_interest),
    V(trd_acct_asset, scale),
    V(trd_acct_asset, has_cap),
    ZERO(trd_acct_asset, reserved),
    V(trd_acct_asset, haircut_ppm),
    TEXT(trd_acct_asset, symbol),
    V(trd_acct_asset, cap),
    ZERO(trd_acct_asset, reserved1),
};
TABLE(acct_asset, trd_acct_asset)

static const trd_field acct_listing_row[] = {
    V(trd_acct_listing, numerator),
    V(trd_acct_listing, denominator),
    V(trd_acct_listing, px_min),
    V(trd_acct_listing, px_max),
    V(trd_acct_listing, unit),
    V(trd_acct_listing, base),
    VL(trd_acct_listing, base_asset, TRD_UP_TO_ASSETS),
    VL(trd_acct_listing, settle_asset, TRD_UP_TO_ASSETS),
    V(trd_acct_listing, kind),
    V(trd_acct_listing, settle_days),
    V(trd_acct_listing, tax_count),
    V(trd_acct_listing, delivery),
    V(trd_acct_listing, fees),
    SA(trd_acct_listing, taxes, tax_fields),
    V(trd_acct_listing, outside),
    V(trd_acct_listing, holds),
    S(trd_acct_listing, entries, entry_list_fields),
    V(trd_acct_listing, mark),
    V(trd_acct_listing, strike),
    V(trd_acct_listing, funding_due),
    V(trd_acct_listing, option),
    V(trd_acct_listing, has_mark),
    V(trd_acct_listing, has_funding),
    ZERO(trd_acct_listing, reserved),
    ZERO(trd_acct_listing, reserved1),
};
TABLE(acct_listing, trd_acct_listing)

static const trd_field acct_client_row[] = {
    V(trd_acct_client, open),
    V(trd_acct_client, role),
    V(trd_acct_client, mode),
    V(trd_acct_client, hedge),
    V(trd_acct_client, enabled),
    V(trd_acct_client, watched),
    ZERO(trd_acct_client, reserved),
    V(trd_acct_client, fees),
    V(trd_acct_client, leverage),
    V(trd_acct_client, group),
    V(trd_acct_client, parent),
    V(trd_acct_client, subs),
    V(trd_acct_client, holds),
    V(trd_acct_client, positions),
    S(trd_acct_client, purses, purse_list_fields),
    S(trd_acct_client, entries, entry_list_fields),
    V(trd_acct_client, day),
    VL(trd_acct_client, recent, TRD_UP_TO_ENTRIES),
    V(trd_acct_client, realised),
    V(trd_acct_client, charged),
    V(trd_acct_client, funding),
    V(trd_acct_client, volume),
    V(trd_acct_client, volume_before),
    V(trd_acct_client, executions),
    V(trd_acct_client, unpriced),
    V(trd_acct_client, period),
    VL(trd_acct_client, kept, TRD_UP_TO_KEPT),
    VL(trd_acct_client, due, TRD_UP_TO_ENTRIES),
};
TABLE(acct_client, trd_acct_client)

static const trd_field acct_purse_row[] = {
    V(trd_acct_purse, free),
    V(trd_acct_purse, locked),
    V(trd_acct_purse, unsettled),
    V(trd_acct_purse, debt),
    V(trd_acct_purse, at_risk),
    VL(trd_acct_purse, account, TRD_UP_TO_ACCOUNTS),
    VL(trd_acct_purse, asset, TRD_UP_TO_ASSETS),
    VL(trd_acct_purse, next_of_account, TRD_UP_TO_PURSES),
    VL(trd_acct_purse, next_of_asset, TRD_UP_TO_PURSES),
    VL(trd_acct_purse, due, TRD_UP_TO_DUES),
    V(trd_acct_purse, cause),
};
TABLE(acct_purse, trd_acct_purse)

static const trd_field acct_entry_row[] = {
    V(trd_acct_entry, qty),
    A(trd_acct_entry, open),
    V(trd_acct_entry, booked),
    VL(trd_acct_entry, account, TRD_UP_TO_ACCOUNTS),
    VL(trd_acct_entry, instrument, TRD_UP_TO_INSTRUMENTS),
    VL(trd_acct_entry, settle, TRD_UP_TO_PURSES),
    VL(trd_acct_entry, base, TRD_UP_TO_PURSES),
    V(trd_acct_entry, side),
    VL(trd_acct_entry, next_of_account, TRD_UP_TO_ENTRIES),
    VL(trd_acct_entry, next_of_instrument, TRD_UP_TO_ENTRIES),
    V(trd_acct_entry, valued),
    V(trd_acct_entry, cost),
    V(trd_acct_entry, realised),
    V(trd_acct_entry, fees),
    V(trd_acct_entry, funding),
    V(trd_acct_entry, collateral),
    VL(trd_acct_entry, next_due, TRD_UP_TO_ENTRIES),
    ZERO(trd_acct_entry, reserved),
    ZERO(trd_acct_entry, reserved1),
};
TABLE(acct_entry, trd_acct_entry)

static const trd_field acct_hold_row[] = {
    V(trd_acct_hold, order),
    V(trd_acct_hold, px),
    V(trd_acct_hold, leaves),
    V(trd_acct_hold, amount),
    V(trd_acct_hold, rest),
    V(trd_acct_hold, margin_per_lot),
    V(trd_acct_hold, margin_ppm),
    VL(trd_acct_hold, entry, TRD_UP_TO_ENTRIES),
    V(trd_acct_hold, kind),
    V(trd_acct_hold, side),
    V(trd_acct_hold, is_short),
    V(trd_acct_hold, parked),
    V(trd_acct_hold, maker_ppb),
    V(trd_acct_hold, taker_ppb),
    VL(trd_acct_hold, table, TRD_UP_TO_TABLES),
    V(trd_acct_hold, fee_over),
    V(trd_acct_hold, rebate_rest),
    A(trd_acct_hold, tax_over),
    V(trd_acct_hold, charged),
    V(trd_acct_hold, moved),
    V(trd_acct_hold, executed),
    V(trd_acct_hold, margin),
    A(trd_acct_hold, missing),
    ZERO(trd_acct_hold, reserved2),
};
TABLE(acct_hold, trd_acct_hold)

static const trd_field acct_due_row[] = {
    A(trd_acct_due, in),
    VL(trd_acct_due, purse, TRD_UP_TO_PURSES),
    V(trd_acct_due, orders),
    VUL(trd_acct_due, next, TRD_USUALLY_NEXT, TRD_UP_TO_DUES),
    VL(trd_acct_due, prev, TRD_UP_TO_DUES),
    ZERO(trd_acct_due, reserved),
};
TABLE(acct_due, trd_acct_due)

static const trd_field acct_value_row[] = {
    V(trd_acct_value, px),
    V(trd_acct_value, profit),
    V(trd_acct_value, worth),
    V(trd_acct_value, unrealised),
    V(trd_acct_value, equity),
    V(trd_acct_value, worst),
    VL(trd_acct_value, next, TRD_UP_TO_ENTRIES),
    V(trd_acct_value, has_px),
    V(trd_acct_value, missing),
    ZERO(trd_acct_value, reserved),
};
TABLE(acct_value, trd_acct_value)

static const trd_field acct_sums_row[] = {
    V(trd_acct_sums, unrealised),
    V(trd_acct_sums, equity),
    V(trd_acct_sums, options),
    V(trd_acct_sums, worst),
    V(trd_acct_sums, no_unrealised),
    V(trd_acct_sums, no_equity),
    V(trd_acct_sums, no_worst),
    ZERO(trd_acct_sums, reserved),
};
TABLE(acct_sums, trd_acct_sums)

static const trd_field acct_pool_row[] = {
    V(trd_acct_pool, profit),
    V(trd_acct_pool, worth),
    V(trd_acct_pool, collateral),
    V(trd_acct_pool, on_margin),
    V(trd_acct_pool, no_mark),
    ZERO(trd_acct_pool, reserved),
};
TABLE(acct_pool, trd_acct_pool)

static const trd_field acct_need_row[] = {
    V(trd_acct_need, initial),
    V(trd_acct_need, maintenance),
    V(trd_acct_need, models),
    V(trd_acct_need, positions),
    V(trd_acct_need, is_known),
    ZERO(trd_acct_need, reserved),
};
TABLE(acct_need, trd_acct_need)

static const trd_field acct_kept_row[] = {
    S(trd_acct_kept, sums, acct_sums_fields),
    V(trd_acct_kept, marks),
    V(trd_acct_kept, rates),
    VL(trd_acct_kept, listed, TRD_UP_TO_ENTRIES),
    V(trd_acct_kept, positions),
    VL(trd_acct_kept, account, TRD_UP_TO_ACCOUNTS),
    V(trd_acct_kept, has_worst),
    ZERO(trd_acct_kept, reserved),
    S(trd_acct_kept, need, acct_need_fields),
};
TABLE(acct_kept, trd_acct_kept)

static const trd_field acct_work_row[] = {
    V(trd_acct_work, task),
    V(trd_acct_work, next),
    VL(trd_acct_work, instrument, TRD_UP_TO_INSTRUMENTS),
    VL(trd_acct_work, asset, TRD_UP_TO_ASSETS),
    V(trd_acct_work, px),
    V(trd_acct_work, amount),
    V(trd_acct_work, rate),
    V(trd_acct_work, numerator),
    V(trd_acct_work, denominator),
};
TABLE(acct_work, trd_acct_work)

static const trd_field accounts_def_row[] = {
    MADE(trd_accounts_def, struct_size),
    MADE(trd_accounts_def, assets_max),
    MADE(trd_accounts_def, instruments_max),
    MADE(trd_accounts_def, accounts_max),
    MADE(trd_accounts_def, balances_max),
    MADE(trd_accounts_def, positions_max),
    MADE(trd_accounts_def, orders_max),
    MADE(trd_accounts_def, unsettled_max),
    MADE(trd_accounts_def, fee_tables_max),
    MADE(trd_accounts_def, valuation_asset),
    MADE(trd_accounts_def, publish),
    MADE(trd_accounts_def, reserved),
    MADE(trd_accounts_def, hash_seed),
    BLANK(trd_accounts_def, mem),
};
TABLE(accounts_def, trd_accounts_def)

static const trd_field accounts_row[] = {
    V(trd_accounts, seq),
    V(trd_accounts, time),
    S(trd_accounts, purse_map, map_fields),
    S(trd_accounts, entry_map, map_fields),
    MADE(trd_accounts, purse_slots_at),
    MADE(trd_accounts, entry_slots_at),
    MADE(trd_accounts, assets_at),
    MADE(trd_accounts, listings_at),
    MADE(trd_accounts, tables_at),
    MADE(trd_accounts, clients_at),
    MADE(trd_accounts, purses_at),
    MADE(trd_accounts, entries_at),
    MADE(trd_accounts, holds_at),
    MADE(trd_accounts, dues_at),
    MADE(trd_accounts, touched_at),
    MADE(trd_accounts, kept_at),
    MADE(trd_accounts, values_at),
    MADE(trd_accounts, pools_at),
    MADE(trd_accounts, moves_at),
    V(trd_accounts, marks),
    V(trd_accounts, rates),
    V(trd_accounts, valued),
    VL(trd_accounts, kept, TRD_UP_TO_KEPT),
    V(trd_accounts, multis),
    V(trd_accounts, assets),
    V(trd_accounts, listings),
    V(trd_accounts, tables),
    V(trd_accounts, purses),
    V(trd_accounts, entries),
    V(trd_accounts, dues),
    VL(trd_accounts, due_free, TRD_UP_TO_DUES),
    MADE(trd_accounts, publish),
    S(trd_accounts, due_list, due_list_fields),
    V(trd_accounts, day),
    V(trd_accounts, period),
    S(trd_accounts, work, acct_work_fields),
    S(trd_accounts, def, accounts_def_fields),
    MADE(trd_accounts, size),
};
TABLE(accounts, trd_accounts)

#endif
