/* risk.c - the checks in their order. */
#include "risk/check.h"
#include "risk/grant.h"
#include "risk/parent.h"
#include "risk/plain.h"

#include <string.h>

/* --- the ask ---------------------------------------------------------------------------------- */

/* Kind, side, position and the flags are eight bytes of which each has few bits: one comparison for
 * all that must be zero. */
_Static_assert(offsetof(trd_ask, reserved) == offsetof(trd_ask, kind) + 7, "eight bytes");

static bool bits_are_good(const trd_ask *ask) {
    static const trd_ask bits = {.kind = 3,
        .side = 3,
        .position = 3,
        .reduce_only = 1,
        .has_px = 1,
        .has_bound = 1,
        .override = 1};
    uint64_t own;
    uint64_t good;
    memcpy(&own, &ask->kind, sizeof(own));
    memcpy(&good, &bits.kind, sizeof(good));
    return (own & ~good) == 0 && ask->kind != 0 && ask->side != 0 && ask->side <= TRD_SELL &&
           ask->position <= TRD_POSITION_SHORT && ask->reserved1 == 0;
}

static bool kind_is_good(const trd_ask *ask) {
    return ask->kind == TRD_ASK_NEW ||
           (ask->order != 0 && (ask->kind == TRD_ASK_AMEND || ask->override == 0));
}

static bool ask_is_good(const trd_ask *ask) {
    return bits_are_good(ask) && kind_is_good(ask) && (ask->has_px != 0 || ask->px == 0) &&
           (ask->has_bound != 0 || ask->bound == 0) && ask->qty > 0;
}

/* Is what `order` holds, if anything, that of the ask? */
static bool hold_is_its_own(const trd_accounts *a, const trd_ask *ask, const trd_acct_hold *held) {
    if (held == NULL) {
        return true;
    }
    const trd_acct_entry *entry = trd__entry(a, held->entry);
    return held->side == ask->side && entry->account == ask->account &&
           entry->instrument == ask->instrument && entry->side == ask->position;
}

/* --- the checks ------------------------------------------------------------------------------- */

/* Where margin is held and the order does not reduce. Positions that are margined together need
 * money that is not locked: there, also what is paid in full must leave enough of it. What is
 * bought and sold for delivery is never less risk. */
static bool asks_margin(const trd_case *c) {
    if (trd_likely(!trd__is_whole(c->client->mode))) {
        return c->on_margin && !c->reducing;
    }
    return !c->reducing || trd__delivers_now(c->seat.listing);
}

#define LIMITED(name) ((c->mask & trd__bit(TRD_LIMIT_##name)) != 0)

/* Each line: the reason, when it is asked about, what has to hold. The lines stand as in
 * reject.def; a limit is asked about only where it is set, and not where the order is exempt. */
trd_inline uint32_t first_fault(trd_case *c, bool is_new) {
    const bool is_sent = c->ask->kind != TRD_ASK_RELEASE;
    const bool has_limit = c->ask->has_px != 0;
#define ASK(reason, is_asked, passes)                                                              \
    if ((is_asked) && trd_unlikely(!(passes))) {                                                   \
        return TRD_REJECT_##reason;                                                                \
    }
    /* valid */
    ASK(NOT_PERMITTED, is_sent, trd__check_permitted(c))
    ASK(DISABLED, true, trd__check_enabled(c))
    ASK(RESTRICTED, LIMITED(RESTRICTED), trd__check_restricted(c))
    ASK(PRICE_LIMIT, has_limit, trd__check_px(c))
    ASK(COLLAR, has_limit && LIMITED(COLLAR), trd__check_collar(c))
    ASK(ORDER_QTY, LIMITED(ORDER_QTY), trd__check_order_qty(c))
    ASK(NO_BOUND, !has_limit, trd__check_bound(c))
    ASK(ORDER_VALUE, LIMITED(ORDER_VALUE), trd__check_order_value(c))
    if (trd_unlikely(LIMITED(REPEATED) || LIMITED(PARENT_QTY))) { /* few have either */
        const bool is_child = LIMITED(PARENT_QTY) && c->ask->parent != 0;
        ASK(REPEATED, (is_new || c->ask->kind == TRD_ASK_NEW) && LIMITED(REPEATED),
            trd__check_repeated(c))
        ASK(PARENT, is_child, trd__check_parent(c))
        ASK(PARENT_QTY, is_child, trd__check_parent_qty(c))
    }
    ASK(POSITION, true, trd__check_range(c))
    ASK(LATCHED, (c->mask & trd__bit(TRD_RISK_LATCHED)) != 0, trd__check_latched(c))
    ASK(NO_CAPACITY, true, trd__check_room(c))
    /* balance */
    ASK(BALANCE, true, trd__check_balance(c))
    /* position limit */
    ASK(POSITION_LIMIT, LIMITED(POSITION), trd__check_position(c))
    ASK(OPEN_VALUE, LIMITED(OPEN_VALUE), trd__check_open_value(c))
    /* leverage */
    ASK(LEVERAGE, LIMITED(LEVERAGE), trd__check_leverage(c))
    /* daily loss */
    ASK(DAILY_LOSS, LIMITED(DAILY_LOSS), trd__check_daily_loss(c))
    /* margin */
    ASK(MARGIN, asks_margin(c), trd__check_margin(c))
#undef ASK
    return TRD_REJECT_NONE;
}

/* --- the verdict ------------------------------------------------------------------------------ */

trd_hold trd__granted_hold(const trd_acct_grant *grant) {
    const trd_acct_hold *hold = &grant->hold;
    return (trd_hold){.order = hold->order,
        .account = grant->account,
        .instrument = grant->instrument,
        .side = hold->side,
        .position = (uint8_t)grant->side,
        .kind = hold->kind,
        .margin_ppm = hold->margin_ppm,
        .px = hold->px,
        .qty = hold->leaves,
        .margin_per_lot = hold->margin_per_lot};
}

/* All of the verdict but the hold. */
trd_inline void say(const trd_case *c, uint32_t reason, trd_verdict *out) {
    const trd_risk_need *need = &c->need;
    out->reason = reason;
    out->scope = c->scope;
    out->reducing = c->reducing;
    out->rehold = reason == TRD_REJECT_NONE && need->rehold;
    out->has_value = c->has_value;
    out->measured = c->measured;
    out->limit = c->limit;
    out->value = c->has_value ? c->value : 0;
    out->need = need->fits ? need->amount : 0;
    out->free_before = need->free;
    out->free_after =
        need->fits ? (trd_amt)((trd_wide)need->free + need->own - need->amount) : need->free;
    out->asset = need->asset;
    out->reserved = 0;
}

/* The checks of a good ask. */
trd_inline int judge(trd_case *c, bool is_new, trd_verdict *out) {
    c->held =
        is_new || c->ask->kind == TRD_ASK_NEW ? NULL : trd__hold_of(c->accounts, c->ask->order);
    if (!hold_is_its_own(c->accounts, c->ask, trd__case_held(c, is_new))) {
        return TRD_E_ARG;
    }
    if (!is_new && !trd__parent_is_its_own(c->risk, c->ask)) {
        return TRD_E_ARG;
    }
    uint32_t reason = trd__case_place(c);
    if (trd_likely(reason == TRD_REJECT_NONE)) {
        trd__case_terms(c, is_new);
        reason = first_fault(c, is_new);
    }
    say(c, reason, out);
    return TRD_OK;
}

static trd_noinline int judge_again(trd_case *c, trd_verdict *out) {
    return judge(c, false, out);
}

trd_inline int begin(trd_case *c, const trd_risk *risk, const trd_accounts *accounts,
    trd_accounts *keeps, const trd_ask *ask, trd_acct_grant *grant) {
    if (!ask_is_good(ask)) {
        return TRD_E_ARG;
    }
    if (trd_unlikely(accounts->work.task != TRD_TASK_NONE)) {
        return TRD_E_BUSY;
    }
    trd__case_begin(c, risk, accounts, keeps, ask, grant);
    grant->account = ask->account;
    grant->instrument = ask->instrument;
    grant->side = ask->position;
    grant->reserved = 0;
    return TRD_OK;
}

/* The long way. */
static trd_noinline int judge_any(const trd_risk *risk, const trd_accounts *accounts,
    trd_accounts *keeps, const trd_ask *ask, trd_verdict *out, trd_acct_grant *grant) {
    trd_case c;
    const int result = begin(&c, risk, accounts, keeps, ask, grant);
    if (result != TRD_OK) {
        return result;
    }
    return trd_likely(ask->kind == TRD_ASK_NEW) ? judge(&c, true, out) : judge_again(&c, out);
}

int trd__risk_judge(const trd_risk *risk, const trd_accounts *accounts, trd_accounts *keeps,
    const trd_ask *ask, trd_verdict *out, trd_acct_grant *grant) {
    if (ask == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    return trd_likely(trd__plain_grant(risk, accounts, ask, out, grant))
               ? TRD_OK
               : judge_any(risk, accounts, keeps, ask, out, grant);
}

int trd_risk_check(
    const trd_risk *risk, const trd_accounts *accounts, const trd_ask *ask, trd_verdict *out) {
    trd_acct_grant grant; /* what is held later is computed anew */
    const int result = trd__risk_judge(risk, accounts, NULL, ask, out, &grant);
    if (result == TRD_OK) {
        out->hold = out->reason == TRD_REJECT_NONE ? trd__granted_hold(&grant) : (trd_hold){0};
    }
    return result;
}

const trd_risk_beside trd__risk_alone = {.all = 0};

/* What is counted beside it is looked at where nothing is taken for granted of a new order. */
int trd__risk_grant_beside(const trd_risk *risk, trd_accounts *accounts, const trd_ask *ask,
    const trd_risk_beside *beside, trd_verdict *out, trd_acct_grant *grant) {
    trd_case c;
    const int result = begin(&c, risk, accounts, accounts, ask, grant);
    if (result != TRD_OK) {
        return result;
    }
    c.beside = beside;
    return judge_again(&c, out);
}
