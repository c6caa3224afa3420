/* audit.c - the parts are sound, and say the same. */
#include "engine/state.h"

#include "acct/state.h"
#include "engine/legs.h"
#include "match/rich.h"
#include "risk/multi.h"
#include "risk/state.h"

/* The parent order that an order counts for is the one it came with, and has executed what its
 * child has, at least. */
static int audit_parent(
    const trd_engine *engine, const trd_risk_order *counted, const trd_order_info *info) {
    const trd_match *match = trd__engine_match(engine);
    const trd_risk *risk = trd__engine_risk(engine);
    const trd_node *node = trd__order(match, trd__store_unit(&match->store, info->order));
    const uint32_t number = trd__special_of(node);
    const uint64_t named = number != 0 ? trd__special(match, number)->parent : 0;
    if (named == 0 || risk->parents == 0) {
        trd_audit(counted->is_child == 0);
        return TRD_OK;
    }
    trd_audit(counted->is_child != 0);
    const trd_risk_parent_row *parent = trd__risk_parent(risk, counted->parent);
    trd_audit(parent->id == named && parent->executed >= info->executed);
    return TRD_OK;
}

/* Each held order lives, with as many open lots in all three parts. */
static int audit_holds(const trd_engine *engine, uint32_t *count) {
    const trd_match *match = trd__engine_match(engine);
    const trd_accounts *accounts = trd__engine_accounts(engine);
    const trd_risk *risk = trd__engine_risk(engine);
    *count = 0;
    trd_audit(engine->liq.order == 0);
    for (uint32_t slot = 0; slot < accounts->def.orders_max; slot++) {
        const trd_acct_hold *held = trd__held(accounts, slot);
        const trd_risk_order *counted = trd__risk_order(risk, slot);
        trd_order_info info;
        trd_audit(held->order == counted->order);
        if (held->order == 0) {
            continue;
        }
        (*count)++;
        trd_audit(counted->leaves == held->leaves);
        trd_audit(trd_match_order(match, held->order, &info) == TRD_OK);
        const trd_leg_info leg = trd__leg_info(match, held->order);
        trd_audit(leg.waits == 0 && info.side == held->side);
        trd_audit(info.leaves + leg.to_come == held->leaves);
        trd_audit(!trd__engine_is_own(engine, info.client_id));
        const trd_acct_entry *entry = trd__entry(accounts, held->entry);
        trd_audit(entry->account == info.account && entry->instrument == info.instrument);
        trd_audit(audit_parent(engine, counted, &info) == TRD_OK);
    }
    return TRD_OK;
}

/* Live orders that hold nothing: they wait, and get their lots, or are let in, when they are
 * released. */
static uint32_t unsized(const trd_match *match) {
    uint32_t count = 0;
    for (uint32_t number = 1; number <= match->specials_max; number++) {
        const trd_special *special = trd__special(match, number);
        if (special->unit == 0) {
            continue;
        }
        const trd_node *node = trd__order(match, special->unit);
        const trd_leg_info leg = trd__leg_info(match, trd__store_handle(node, special->unit));
        count += leg.waits != 0 || trd__leaves(match, node) + leg.to_come == 0;
    }
    return count;
}

/* What is known of each leg is what the matcher says; of no other order anything is. */
static int audit_links(const trd_engine *engine) {
    const trd_match *match = trd__engine_match(engine);
    uint32_t legs = 0;
    if (engine->links_at == 0) {
        return TRD_OK;
    }
    for (uint32_t number = 1; number <= match->specials_max; number++) {
        const trd_special *special = trd__special(match, number);
        if (special->unit == 0 || special->linked == 0) {
            continue;
        }
        const trd_order order = trd__store_handle(trd__order(match, special->unit), special->unit);
        const trd_engine_link *link = trd__engine_link(engine, order);
        trd_audit(link->group == special->linked && link->leg == special->leg);
        trd_audit(link->to_come == trd__leg_info(match, order).to_come);
        legs++;
    }
    for (uint32_t slot = 0; slot < trd__engine_accounts(engine)->def.orders_max; slot++) {
        legs -= trd__engine_link(engine, trd__handle_make(slot, 0))->group != 0;
    }
    trd_audit(legs == 0 && engine->legs == 0);
    return TRD_OK;
}

/* Positions that the matcher keeps are those of the accounts. */
static int audit_positions(const trd_engine *engine) {
    const trd_match *match = trd__engine_match(engine);
    const trd_accounts *accounts = trd__engine_accounts(engine);
    for (uint32_t number = 1; number <= accounts->entries && match->positions.capacity != 0;
         number++) {
        const trd_acct_entry *entry = trd__entry(accounts, number);
        trd_qty qty = 0;
        trd_audit(trd_match_position(match, entry->account, entry->instrument, entry->side, &qty) ==
                  TRD_OK);
        trd_audit(qty == entry->qty);
    }
    return TRD_OK;
}

int trd_engine_audit(const trd_engine *engine) {
    const trd_match *match = trd__engine_match(engine);
    uint32_t holds = 0;
    int result = trd_match_audit(match);
    result = result == TRD_OK ? trd_accounts_audit(trd__engine_accounts(engine)) : result;
    result = result == TRD_OK ? trd_risk_audit(trd__engine_risk(engine)) : result;
    if (result != TRD_OK || engine->stage != TRD_ENGINE_IDLE) {
        return result;
    }
    if ((result = audit_holds(engine, &holds)) != TRD_OK) {
        return result;
    }
    result = trd_risk_audit_portfolios(trd__engine_risk(engine), trd__engine_accounts(engine));
    if (result == TRD_OK) {
        result = trd__multi_audit(trd__engine_risk(engine), trd__engine_accounts(engine));
    }
    if (result != TRD_OK) {
        return result;
    }
    trd_audit(holds + unsized(match) == match->store.orders);
    if ((result = audit_links(engine)) != TRD_OK) {
        return result;
    }
    if ((result = audit_positions(engine)) != TRD_OK || engine->monitor_at == 0) {
        return result;
    }
    if (engine->regrouped != 0) {
        return TRD_OK; /* who is due is looked at behind the next command */
    }
    return trd_monitor_audit(
        trd__engine_monitor(engine), trd__engine_accounts(engine), trd__engine_risk(engine));
}
