/* case.h - an order as the checks look at it: everything that several of them need, found once. */
#ifndef TRD_RISK_CASE_H
#define TRD_RISK_CASE_H

#include "acct/hold.h"
#include "risk/grant.h"
#include "risk/state.h"

enum { TRD_RISK_SCOPES = TRD_LIMIT_TAG };

/* What it would lock. */
typedef struct trd_risk_need {
    trd_amt charge; /* what of the amount is not margin; both are read only if it fits */
    trd_amt amount; /* all of it */
    trd_amt own;    /* what `order` holds now */
    trd_amt free;
    trd_amt per_lot; /* of the margin, in a portfolio; else 0 */
    uint32_t asset;
    bool rehold;
    bool has_rate; /* the margin it needs is known */
    bool fits;     /* every amount keeps its range */
} trd_risk_need;

typedef struct trd_case {
    const trd_risk *risk;
    const trd_accounts *accounts;
    trd_accounts *keeps; /* the same, if sums may be kept (value.h); NULL: nothing is written */
    const trd_ask *ask;
    const trd_risk_beside *beside; /* not read of what is_new says is new */
    /* where it acts */
    const trd_acct_client *client;
    const trd_risk_market *market;
    const trd_acct_hold *held; /* of `order`, NULL: nothing */
    const trd_acct_entry *entry;
    trd_acct_seat seat;
    const trd_risk_node *nodes[TRD_RISK_SCOPES]; /* [scope - 1]; those of the pool if it has any */
    uint32_t mask; /* limits that are set somewhere and to be asked about */
    /* what it could come to */
    trd_qty own;   /* lots that `order` holds now */
    trd_qty worst; /* position if it and all held orders of its side execute */
    trd_px px;     /* worst price */
    bool has_px;   /* it is known; else it stands in for one that does not matter */
    bool has_value;
    bool reducing;
    bool on_margin;   /* kind of the hold */
    trd_amt notional; /* ceil |value| at the worst price, settlement asset */
    trd_amt value;    /* the same in the valuation asset */
    trd_risk_need need;
    const trd_risk_parent_row *parent; /* found by its check */
    /* what the check that failed has found */
    uint8_t scope;
    int64_t measured;
    int64_t limit;
    trd_acct_grant *grant; /* its hold as it would be; written when it is computed */
} trd_case;

/* Makes zero what is read also of an order that acts nowhere, or of which nothing is computed.
 * Field by field: clearing all of the case costs more than most checks. */
trd_inline void trd__case_begin(trd_case *c, const trd_risk *risk, const trd_accounts *accounts,
    trd_accounts *keeps, const trd_ask *ask, trd_acct_grant *grant) {
    c->risk = risk;
    c->accounts = accounts;
    c->keeps = keeps;
    c->ask = ask;
    c->beside = &trd__risk_alone;
    c->grant = grant;
    c->client = NULL;
    c->has_px = false;
    c->has_value = false;
    c->reducing = false;
    c->on_margin = false;
    c->need = (trd_risk_need){0};
    c->scope = 0;
    c->measured = 0;
    c->limit = 0;
}

/* --- findings --------------------------------------------------------------------------------- */

trd_inline int64_t trd__clamped(trd_wide x) {
    return x > INT64_MAX ? INT64_MAX : x < INT64_MIN ? INT64_MIN : (int64_t)x;
}

/* A check has failed: what it compared. Always false. */
trd_inline bool trd__found(trd_case *c, unsigned scope, trd_wide measured, trd_wide limit) {
    c->scope = (uint8_t)scope;
    c->measured = trd__clamped(measured);
    c->limit = trd__clamped(limit);
    return false;
}

trd_inline bool trd__has(const trd_risk_node *node, unsigned limit) {
    return (node->mask & trd__bit(limit)) != 0;
}

trd_inline int64_t trd__value_of_limit(const trd_risk_node *node, unsigned limit) {
    return node->value[limit - 1];
}

/* Scopes in which a limit is set, by whomever, in the order in which they are asked: nearly always
 * one.
 *
 *     for (uint32_t left = trd__scopes_of(c, limit); left != 0; left = trd__next_scopes(left)) {
 *         const unsigned at = trd__next_scope(left); */
trd_inline uint32_t trd__scopes_of(const trd_case *c, unsigned limit) {
    return c->risk->scopes_of[limit];
}

trd_inline unsigned trd__next_scope(uint32_t left) {
    return (unsigned)__builtin_ctz(left);
}

trd_inline uint32_t trd__next_scopes(uint32_t left) {
    return left & (left - 1);
}

/* Is `measured` at or below the limit in every one of these scopes that has it? */
trd_inline bool trd__is_within_scopes(
    trd_case *c, uint32_t scopes, unsigned limit, int64_t measured) {
    for (uint32_t left = scopes; left != 0; left = trd__next_scopes(left)) {
        const unsigned at = trd__next_scope(left);
        const trd_risk_node *node = c->nodes[at];
        if (trd__has(node, limit) && trd_unlikely(measured > trd__value_of_limit(node, limit))) {
            return trd__found(c, at + 1, measured, trd__value_of_limit(node, limit));
        }
    }
    return true;
}

trd_inline bool trd__is_within(trd_case *c, unsigned limit, int64_t measured) {
    const uint32_t scopes = trd__scopes_of(c, limit);
    if (trd_likely(scopes == 1u << (TRD_LIMIT_FIRM - 1))) { /* the usual one: the firm has it */
        const int64_t value = trd__value_of_limit(&c->risk->firm, limit);
        if (trd_likely(measured <= value)) {
            return true;
        }
        return trd__found(c, TRD_LIMIT_FIRM, measured, value);
    }
    return trd__is_within_scopes(c, scopes, limit, measured);
}

/* Does one of the order's own scopes have the limit? */
trd_inline bool trd__is_limited(const trd_case *c, unsigned limit) {
    bool is_limited = false;
    for (uint32_t left = trd__scopes_of(c, limit); left != 0; left = trd__next_scopes(left)) {
        is_limited |= trd__has(c->nodes[trd__next_scope(left)], limit);
    }
    return is_limited;
}

/* What the limit is compared with cannot be known: the first scope that has it fails. */
trd_inline bool trd__is_unknown(trd_case *c, unsigned limit) {
    for (uint32_t left = trd__scopes_of(c, limit); left != 0; left = trd__next_scopes(left)) {
        const unsigned at = trd__next_scope(left);
        if (trd__has(c->nodes[at], limit)) {
            return trd__found(c, at + 1, INT64_MAX, trd__value_of_limit(c->nodes[at], limit));
        }
    }
    return true;
}

/* Could the order, of which that much is needed, be paid by what it holds and what is free?
 * `is_there`: it is. The accounts ask the same: an amendment that needs less is no question, a new
 * hold of 0 neither. */
trd_inline bool trd__is_covered(const trd_risk_need *need, trd_amt amount, bool is_there) {
    return is_there || amount <= 0 || (!need->rehold && amount <= need->own);
}

#endif
