/* repeat.c - orders that were accepted, the last repeats_max of them: a ring, and chains of records
 * whose terms have the same hash, newest first. The records of a chain are linked both ways, so
 * that the oldest of the ring, which is the last of its chain, leaves it at once, however long that
 * is. */
#include "risk/state.h"

#include <string.h>

trd_risk_terms trd__terms_of(const trd_ask *ask) {
    return (trd_risk_terms){.px = ask->px,
        .qty = ask->qty,
        .account = ask->account,
        .instrument = ask->instrument,
        .side = ask->side,
        .position = ask->position,
        .has_px = ask->has_px};
}

static uint64_t folded(uint64_t a, uint64_t b) {
    const trd_uwide product = (trd_uwide)(a ^ 0xd1342543de82ef95u) * (b ^ 0x9e3779b97f4a7c15u);
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

uint32_t trd__repeat_chain(const trd_risk *risk, const trd_risk_terms *terms) {
    const uint64_t where = trd__pair_id(terms->account, terms->instrument);
    const uint64_t how =
        (uint64_t)terms->side << 16 | (uint64_t)terms->position << 8 | terms->has_px;
    const uint64_t what =
        folded((uint64_t)terms->px + risk->def.hash_seed, (uint64_t)terms->qty << 20 ^ how);
    return (uint32_t)(folded(what, where) >> 32) & (risk->chains - 1);
}

static bool are_same(const trd_risk_terms *a, const trd_risk_terms *b) {
    return memcmp(a, b, sizeof(*a)) == 0;
}

uint32_t trd__repeat_find(const trd_risk *risk, const trd_risk_terms *terms) {
    uint32_t at = *trd__risk_chain(risk, trd__repeat_chain(risk, terms));
    while (at != 0 && !are_same(&trd__risk_repeat(risk, at)->terms, terms)) {
        at = trd__risk_repeat(risk, at)->next;
    }
    return at;
}

/* Of the oldest record. */
static void leave_chain(trd_risk *risk, uint32_t number) {
    const trd_risk_repeat *old = trd__risk_repeat(risk, number);
    trd_assert(old->next == 0);
    if (old->prev != 0) {
        trd__risk_repeat(risk, old->prev)->next = 0;
    } else {
        *trd__risk_chain(risk, trd__repeat_chain(risk, &old->terms)) = 0;
    }
}

/* The record becomes the newest of its chain. */
static void join_chain(trd_risk *risk, uint32_t number) {
    trd_risk_repeat *record = trd__risk_repeat(risk, number);
    uint32_t *chain = trd__risk_chain(risk, trd__repeat_chain(risk, &record->terms));
    record->next = *chain;
    record->prev = 0;
    if (*chain != 0) {
        trd__risk_repeat(risk, *chain)->prev = number;
    }
    *chain = number;
}

bool trd__repeats_remake(trd_risk *risk) {
    const uint32_t most = risk->def.repeats_max;
    const bool is_full = risk->repeats == most;
    if (risk->repeats > most || risk->repeat_last > most ||
        (!is_full && risk->repeat_last != risk->repeats)) {
        return false;
    }
    memset(trd__risk_chain(risk, 0), 0, (size_t)risk->chains * sizeof(uint32_t));
    for (uint32_t i = 0; i < risk->repeats; i++) {
        const uint32_t from = is_full ? risk->repeat_last : 0;
        join_chain(risk, (from + i) % most + 1);
    }
    return true;
}

void trd__repeat_add(trd_risk *risk, const trd_risk_terms *terms, trd_ns now) {
    const uint32_t number = risk->repeat_last == risk->def.repeats_max ? 1 : risk->repeat_last + 1;
    if (risk->repeats == risk->def.repeats_max) {
        leave_chain(risk, number);
    } else {
        risk->repeats++;
    }
    /* The newest of equal ones has the latest time, also where time went back. */
    if (risk->repeats == 1 || now > risk->repeat_time) {
        risk->repeat_time = now;
    }
    *trd__risk_repeat(risk, number) = (trd_risk_repeat){.terms = *terms, .time = risk->repeat_time};
    join_chain(risk, number);
    risk->repeat_last = number;
}
