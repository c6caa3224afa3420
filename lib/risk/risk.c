/* risk.c - the checks in their order. */
#include "risk/check.h"

/* --- the ask ---------------------------------------------------------------------------------- */

static bool flags_are_good(const trd_ask *ask) {
    return ask->reduce_only <= 1 && ask->has_px <= 1 && ask->has_bound <= 1 && ask->override <= 1 &&
           ask->reserved == 0 && ask->reserved1 == 0 && (ask->has_px != 0 || ask->px == 0) &&
           (ask->has_bound != 0 || ask->bound == 0);
}

static bool kind_is_good(const trd_ask *ask) {
    switch (ask->kind) {
    case TRD_ASK_NEW:
        return true;
    case TRD_ASK_AMEND:
        return ask->order != 0;
    case TRD_ASK_RELEASE:
        return ask->order != 0 && ask->override == 0;
    default:
        return false;
    }
}

static bool ask_is_good(const trd_ask *ask) {
    return ask != NULL && kind_is_good(ask) && flags_are_good(ask) &&
           (ask->side == TRD_BUY || ask->side == TRD_SELL) && ask->position <= TRD_POSITION_SHORT &&
           ask->qty > 0;
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

/* Where margin is held and the order does not reduce. A portfolio needs money that is not locked:
 * there, also what is paid in full must leave enough of it. What is bought and sold for delivery
 * is never less risk. */
static bool asks_margin(const trd_case *c) {
    if (trd_likely(c->client->mode != TRD_MODE_PORTFOLIO)) {
        return c->on_margin && !c->reducing;
    }
    return !c->reducing || trd__delivers_now(c->seat.listing);
}

#define LIMITED(name) ((c->mask & trd__bit(TRD_LIMIT_##name)) != 0)

/* Each line: the reason, when it is asked about, what has to hold. The lines stand as in
 * reject.def; a limit is asked about only where it is set, and not where the order is exempt. */
static uint32_t first_fault(trd_case *c) {
    const bool is_new = c->ask->kind == TRD_ASK_NEW;
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
    ASK(REPEATED, is_new && LIMITED(REPEATED), trd__check_repeated(c))
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

static trd_hold hold_of(const trd_case *c) {
    const trd_acct_hold *hold = &c->hold;
    return (trd_hold){.order = c->ask->order,
        .account = c->ask->account,
        .instrument = c->ask->instrument,
        .side = c->ask->side,
        .position = c->ask->position,
        .kind = hold->kind,
        .margin_ppm = hold->margin_ppm,
        .px = hold->px,
        .qty = hold->leaves,
        .margin_per_lot = hold->margin_per_lot};
}

static void say(const trd_case *c, uint32_t reason, trd_verdict *out) {
    const trd_risk_need *need = &c->need;
    const bool passes = reason == TRD_REJECT_NONE;
    const trd_wide after = (trd_wide)need->free + need->own - need->amount;
    *out = (trd_verdict){.reason = reason,
        .scope = c->scope,
        .reducing = c->reducing,
        .rehold = passes && need->rehold,
        .has_value = c->has_value,
        .measured = c->measured,
        .limit = c->limit,
        .value = c->has_value ? c->value : 0,
        .need = need->fits ? (trd_amt)need->amount : 0,
        .free_before = need->free,
        .free_after = need->fits ? (trd_amt)after : need->free,
        .asset = need->asset,
        .reserved = 0,
        .hold = passes ? hold_of(c) : (trd_hold){0}};
}

int trd_risk_check(
    const trd_risk *risk, const trd_accounts *accounts, const trd_ask *ask, trd_verdict *out) {
    if (!ask_is_good(ask) || out == NULL) {
        return TRD_E_ARG;
    }
    if (trd_unlikely(accounts->work.task != TRD_TASK_NONE)) {
        return TRD_E_BUSY;
    }
    trd_case c;
    trd__case_begin(&c, risk, accounts, ask);
    c.held = ask->kind != TRD_ASK_NEW ? trd__hold_of(accounts, ask->order) : NULL;
    if (!hold_is_its_own(accounts, ask, c.held)) {
        return TRD_E_ARG;
    }
    uint32_t reason = trd__case_place(&c);
    if (trd_likely(reason == TRD_REJECT_NONE)) {
        trd__case_terms(&c);
        reason = first_fault(&c);
    }
    say(&c, reason, out);
    return TRD_OK;
}
