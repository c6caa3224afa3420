/* check_multi.c - BALANCE and MARGIN of an account of mode MULTI: all of its assets stand behind
 * what is on margin, and what is paid must leave enough of them. */
#include "risk/check_margin.h"

#include "risk/check_balance.h"
#include "risk/multi.h"

/* How the account stands without what the order holds now, with what will be held beside it, and
 * with `spent` of its own. */
static bool find_standing(const trd_case *c, trd_wide spent, trd_multi *out) {
    const trd_risk_need *need = &c->need;
    const trd_wide own = spent - need->own;
    const trd_multi_with with = {.asset = need->asset,
        .full = c->beside->full + (c->on_margin ? 0 : own),
        .margin = c->beside->amount - c->beside->full + (c->on_margin ? own : 0)};
    return trd__multi_of(c->risk, c->accounts, c->keeps, c->ask->account, &with, out) == TRD_OK;
}

bool trd__check_backed(trd_case *c) {
    const trd_risk_need *need = &c->need;
    trd_multi all;
    trd_wide asked = 0;
    if (!find_standing(c, 0, &all) ||
        !trd__multi_up(c->accounts, need->asset, need->charge, &asked)) {
        return trd__found(c, 0, need->charge, (trd_wide)need->free + need->own);
    }
    const trd_wide left = all.value - all.held;
    if (asked <= left) {
        return true;
    }
    return trd__found(c, 0, asked, left);
}

/* LINEAR, INVERSE, sellers of options. */
static bool outright_passes(trd_case *c, trd_wide usable) {
    const trd_risk_need *need = &c->need;
    trd_multi all;
    trd_wide asked = 0;
    if (!need->has_rate || !find_standing(c, 0, &all) ||
        !trd__multi_up(c->accounts, need->asset, need->amount > 0 ? need->amount : 0, &asked)) {
        return trd__found(c, 0, INT64_MAX, usable);
    }
    const trd_wide left = all.value - all.initial - all.held;
    if (trd__is_covered(need, need->amount, asked <= left)) {
        return true;
    }
    return trd__found(c, 0, asked, left);
}

/* SPOT, buyers of options: the money is there, and what is left without it must be enough. */
static bool paid_passes(trd_case *c, trd_wide usable) {
    const trd_risk_need *need = &c->need;
    trd_multi all;
    if (!trd__multi_is_used(c->risk, c->accounts, c->keeps, c->ask->account)) {
        return true;
    }
    if (!find_standing(c, need->amount, &all)) {
        return trd__found(c, 0, INT64_MAX, usable);
    }
    const trd_wide wanted = all.initial + all.held;
    if (trd__is_covered(need, need->amount, wanted <= all.value)) {
        return true;
    }
    return trd__found(c, 0, wanted, all.value);
}

bool trd__check_multi(trd_case *c) {
    const trd_wide usable = (trd_wide)c->need.free + c->need.own;
    return c->on_margin ? outright_passes(c, usable) : paid_passes(c, usable);
}
