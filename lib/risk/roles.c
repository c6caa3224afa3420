/* roles.c - who may do what. */
#include "risk/state.h"

#include <string.h>

unsigned trd_risk_permissions(unsigned role) {
    return trd__role_permissions(role);
}

const char *trd_permission_text(unsigned permission) {
    switch (permission) {
    case TRD_MAY_MANAGE_USERS:
        return "user.manage";
    case TRD_MAY_CREATE_ORDERS:
        return "order.create";
    case TRD_MAY_CANCEL_ORDERS:
        return "order.cancel";
    case TRD_MAY_VIEW_ORDERS:
        return "order.view";
    case TRD_MAY_VIEW_POSITIONS:
        return "position.view";
    case TRD_MAY_VIEW_BALANCES:
        return "balance.view";
    case TRD_MAY_CONFIGURE:
        return "system.configure";
    case TRD_MAY_REPORT:
        return "reports.generate";
    default:
        return "?";
    }
}

/* `account` is that of trd_actor: 0 for all, else 1 + account. The map refers to the role itself.
 */
static uint32_t find(const trd_risk *risk, uint32_t actor, uint32_t account) {
    const uint64_t id = trd__pair_id(actor, account);
    return trd__map_find(
        &risk->role_map, trd__role_slots(risk), trd__map_home(&risk->role_map, id, 0), id, 0);
}

static unsigned permitted(const trd_risk *risk, uint32_t actor, uint32_t account) {
    const uint32_t slot = find(risk, actor, account);
    return slot != TRD_MAP_NONE ? trd__role_permissions(trd__map_ref(trd__role_slots(risk), slot))
                                : 0;
}

bool trd__may_by_role(
    const trd_risk *risk, uint32_t actor, uint32_t account, unsigned permissions) {
    const unsigned own = permitted(risk, actor, account + 1);
    return (permissions & ~own) == 0 || (permissions & ~(own | permitted(risk, actor, 0))) == 0;
}

int trd_risk_may(const trd_risk *risk, uint32_t actor, uint32_t account, unsigned permissions) {
    return account < risk->def.accounts_max && trd__may(risk, actor, account, permissions);
}

static bool actor_is_good(const trd_risk *risk, const trd_actor *actor) {
    static const uint8_t zero[sizeof(actor->reserved)] = {0};
    return actor != NULL && actor->role <= TRD_ROLE_ADMIN &&
           actor->account <= risk->def.accounts_max &&
           memcmp(actor->reserved, zero, sizeof(zero)) == 0;
}

int trd_risk_actor(trd_risk *risk, const trd_actor *actor) {
    if (!actor_is_good(risk, actor)) {
        return TRD_E_ARG;
    }
    trd_map_slot *slots = trd__role_slots(risk);
    const uint64_t id = trd__pair_id(actor->actor, actor->account);
    const uint32_t slot = find(risk, actor->actor, actor->account);
    if (slot == TRD_MAP_NONE && actor->role != 0 && risk->role_map.count == risk->def.actors_max) {
        return TRD_E_FULL;
    }
    if (slot != TRD_MAP_NONE) {
        trd__map_erase(&risk->role_map, slots, slot);
    }
    if (actor->role != 0) {
        trd__map_put(
            &risk->role_map, slots, trd__map_home(&risk->role_map, id, 0), id, 0, actor->role);
    }
    return TRD_OK;
}
