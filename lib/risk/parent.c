/* parent.c - parent orders: declared, counted, changed by a split. */
#include "risk/parent.h"

/* --- records ---------------------------------------------------------------------------------- */

/* The account is the scope of the key. */
static uint32_t slot_of(const trd_risk *risk, uint32_t account, uint64_t id) {
    return trd__map_find(&risk->parent_map, trd__parent_slots(risk),
        trd__map_home(&risk->parent_map, id, account), id, account);
}

static uint32_t find(const trd_risk *risk, uint32_t account, uint64_t id) {
    const uint32_t slot = slot_of(risk, account, id);
    return slot != TRD_MAP_NONE ? trd__map_ref(trd__parent_slots(risk), slot) : 0;
}

static void add(trd_risk *risk, const trd_limit *l) {
    const uint32_t number = risk->parent_free;
    trd_risk_parent_row *parent = trd__risk_parent(risk, number);
    risk->parent_free = parent->next_free;
    *parent = (trd_risk_parent_row){.id = l->tag,
        .qty = l->value,
        .account = l->account,
        .instrument = l->instrument,
        .side = l->side};
    trd__map_put(&risk->parent_map, trd__parent_slots(risk),
        trd__map_home(&risk->parent_map, l->tag, l->account), l->tag, l->account, number);
}

static void drop(trd_risk *risk, uint32_t number) {
    trd_risk_parent_row *parent = trd__risk_parent(risk, number);
    trd__map_erase(
        &risk->parent_map, trd__parent_slots(risk), slot_of(risk, parent->account, parent->id));
    *parent = (trd_risk_parent_row){.next_free = risk->parent_free};
    risk->parent_free = number;
}

/* --- limits ----------------------------------------------------------------------------------- */

static bool is_named_by(const trd_risk_parent_row *parent, const trd_limit *l) {
    return parent->instrument == l->instrument && parent->side == l->side;
}

int trd__parent_limit(trd_risk *risk, const trd_limit *l) {
    const uint32_t number = find(risk, l->account, l->tag);
    if (number == 0) {
        if (l->remove != 0) {
            return TRD_OK;
        }
        if (risk->parent_free == 0) {
            return TRD_E_FULL;
        }
        add(risk, l);
        return TRD_OK;
    }
    trd_risk_parent_row *parent = trd__risk_parent(risk, number);
    if (!is_named_by(parent, l)) {
        return TRD_E_EXISTS;
    }
    if (l->remove == 0) {
        parent->qty = l->value;
        return TRD_OK;
    }
    if (parent->open != 0) {
        return TRD_E_BUSY;
    }
    drop(risk, number);
    return TRD_OK;
}

int trd__parent_limit_get(const trd_risk *risk, trd_limit *l) {
    const uint32_t number = find(risk, l->account, l->tag);
    if (number == 0 || !is_named_by(trd__risk_parent(risk, number), l)) {
        return TRD_E_UNKNOWN;
    }
    l->value = trd__risk_parent(risk, number)->qty;
    l->window = 0;
    l->burst = 0;
    return TRD_OK;
}

int trd_risk_parent(const trd_risk *risk, uint32_t account, uint64_t id, trd_parent *out) {
    if (out == NULL) {
        return TRD_E_ARG;
    }
    const uint32_t number = find(risk, account, id);
    if (number == 0) {
        return TRD_E_UNKNOWN;
    }
    const trd_risk_parent_row *parent = trd__risk_parent(risk, number);
    *out = (trd_parent){.qty = parent->qty,
        .executed = parent->executed,
        .open = parent->open,
        .instrument = parent->instrument,
        .side = parent->side};
    return TRD_OK;
}

/* --- children --------------------------------------------------------------------------------- */

static uint32_t number_of(const trd_risk *risk, const trd_ask *ask) {
    const uint32_t number = find(risk, ask->account, ask->parent);
    const trd_risk_parent_row *parent = number != 0 ? trd__risk_parent(risk, number) : NULL;
    return parent != NULL && parent->instrument == ask->instrument && parent->side == ask->side
               ? number
               : 0;
}

const trd_risk_parent_row *trd__parent_of(const trd_risk *risk, const trd_ask *ask) {
    const uint32_t number = number_of(risk, ask);
    return number != 0 ? trd__risk_parent(risk, number) : NULL;
}

/* The order of an amendment or a release, if it is open. */
static const trd_risk_order *known_of(const trd_risk *risk, const trd_ask *ask) {
    return ask->kind != TRD_ASK_NEW ? trd__risk_order_of(risk, ask->order) : NULL;
}

bool trd__parent_fits(const trd_risk *risk, const trd_risk_parent_row *parent, const trd_ask *ask,
    trd_qty beside, trd_wide *used) {
    const trd_risk_order *known = known_of(risk, ask);
    const trd_qty own = known != NULL ? known->leaves : 0;
    *used = (trd_wide)parent->executed + parent->open + beside + ask->qty - own;
    return *used <= parent->qty || ask->qty <= own;
}

int trd__parent_take(const trd_risk *risk, const trd_ask *ask, uint32_t *number) {
    trd_wide used;
    *number = 0;
    if (risk->def.parents_max == 0) {
        return TRD_OK;
    }
    const uint32_t found = number_of(risk, ask);
    if (found == 0) {
        return TRD_E_UNKNOWN;
    }
    if (!trd__parent_fits(risk, trd__risk_parent(risk, found), ask, 0, &used)) {
        return TRD_E_FULL;
    }
    *number = found;
    return TRD_OK;
}

bool trd__parent_names_own(const trd_risk *risk, const trd_ask *ask) {
    const trd_risk_order *known = known_of(risk, ask);
    return known == NULL ||
           ask->parent == (known->parent != 0 ? trd__risk_parent(risk, known->parent)->id : 0);
}

/* --- splits ----------------------------------------------------------------------------------- */

static trd_qty restated(trd_qty lots, uint32_t numerator, uint32_t denominator) {
    const trd_wide product = trd__mul(lots, numerator) / denominator; /* neither is below zero */
    return product < TRD_QTY_LIMIT ? (trd_qty)product : TRD_QTY_LIMIT - 1;
}

void trd__parents_split(
    trd_risk *risk, uint32_t instrument, uint32_t numerator, uint32_t denominator) {
    for (uint32_t number = 1; number <= risk->def.parents_max; number++) {
        trd_risk_parent_row *parent = trd__risk_parent(risk, number);
        if (parent->id != 0 && parent->instrument == instrument) {
            parent->qty = restated(parent->qty, numerator, denominator);
            parent->executed = restated(parent->executed, numerator, denominator);
        }
    }
}

/* --- audit ------------------------------------------------------------------------------------ */

int trd__parents_audit(const trd_risk *risk) {
    uint32_t used = 0;
    uint32_t free = 0;
    trd_audit(trd__map_audit(&risk->parent_map, trd__parent_slots(risk)) == TRD_OK);
    for (uint32_t number = 1; number <= risk->def.parents_max; number++) {
        const trd_risk_parent_row *parent = trd__risk_parent(risk, number);
        if (parent->id == 0) {
            trd_audit(parent->open == 0);
            continue;
        }
        used++;
        trd_audit(find(risk, parent->account, parent->id) == number);
        trd_audit(parent->account < risk->def.accounts_max);
        trd_audit(parent->instrument < risk->def.instruments_max);
        trd_audit(parent->side == TRD_BUY || parent->side == TRD_SELL);
        trd_audit(parent->qty >= 0 && parent->qty < TRD_QTY_LIMIT);
        trd_audit(parent->executed >= 0 && parent->open >= 0);
    }
    trd_audit(used == risk->parent_map.count);
    for (uint32_t i = risk->parent_free; i != 0; i = trd__risk_parent(risk, i)->next_free) {
        trd_audit(i <= risk->def.parents_max && free < risk->def.parents_max);
        trd_audit(trd__risk_parent(risk, i)->id == 0);
        free++;
    }
    trd_audit(used + free == risk->def.parents_max);
    return TRD_OK;
}

int trd__parent_audit_child(const trd_risk *risk, const trd_risk_order *order) {
    trd_audit(order->parent <= risk->def.parents_max);
    const trd_risk_parent_row *parent = trd__risk_parent(risk, order->parent);
    trd_audit(parent->id != 0 && parent->account == order->account);
    trd_audit(parent->instrument == order->instrument);
    trd_audit(parent->side == (order->sells != 0 ? TRD_SELL : TRD_BUY));
    return TRD_OK;
}
