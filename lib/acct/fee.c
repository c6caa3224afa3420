/* fee.c - fees, rebates and taxes of an order: cumulative, so that ten small fills cost what one
 * large one does. */
#include "acct/hold.h"

uint32_t trd__fee_tier(
    const trd_accounts *a, const trd_fee_table *table, const trd_acct_client *client) {
    trd_acct_client now = *client;
    trd__client_roll(a, &now);
    const trd_amt volume = now.volume > now.volume_before ? now.volume : now.volume_before;
    uint32_t tier = 0;
    while (tier + 1 < table->tier_count && table->tiers[tier + 1].volume <= volume) {
        tier++;
    }
    return tier;
}

/* ceil of what is due beyond what rounding up has taken already; *over becomes what it took now. */
trd_inline trd_amt due_of(uint32_t rate, trd_amt basis, uint32_t *over) {
    int64_t small = 0;
    if (trd_likely(!__builtin_mul_overflow(basis, (int64_t)rate, &small) && small >= *over)) {
        small -= *over;
        const trd_amt due = small / TRD_RATE_ONE + (small % TRD_RATE_ONE > 0);
        *over = (uint32_t)(due * TRD_RATE_ONE - small);
        return due;
    }
    const trd_wide exact = trd__mul(basis, rate) - *over;
    const trd_wide due = trd__ceil_ppb(exact);
    *over = (uint32_t)(due * TRD_RATE_ONE - exact);
    return (trd_amt)due;
}

/* Takes `due` and what was missing before out of *cap; what does not fit is missing. */
static trd_amt take(trd_acct_hold *hold, unsigned which, trd_amt due, trd_amt *cap) {
    if (trd_unlikely(hold->is_short != 0)) {
        due += hold->missing[which];
        hold->missing[which] = 0;
    }
    const trd_amt taken = due < *cap ? due : *cap;
    if (trd_unlikely(taken != due)) {
        hold->missing[which] = due - taken;
        hold->is_short = 1;
    }
    *cap -= taken;
    return taken;
}

static trd_amt rebate_of(trd_acct_hold *hold, int32_t rate, trd_amt basis) {
    const trd_wide exact = trd__mul(basis, -(int64_t)rate) + hold->rebate_rest;
    const trd_wide paid = exact / TRD_RATE_ONE;
    hold->rebate_rest = (uint32_t)(exact - paid * TRD_RATE_ONE);
    return (trd_amt)paid;
}

void trd__charge(const trd_acct_listing *listing, trd_acct_hold *hold, trd_amt basis,
    unsigned liquidity, trd_amt cap, trd_acct_charges *out) {
    *out = (trd_acct_charges){0};
    const int32_t rate = liquidity == TRD_LIQUIDITY_MAKER ? hold->maker_ppb : hold->taker_ppb;
    trd_amt due = 0;
    if (rate > 0) {
        due = due_of((uint32_t)rate, basis, &hold->fee_over);
    } else if (rate < 0) {
        out->rebate = rebate_of(hold, rate, basis);
    }
    out->fee = take(hold, 0, due, &cap);
    hold->charged += out->fee - out->rebate;
    for (unsigned k = 0; k < listing->tax_count; k++) {
        const trd_amt tax =
            due_of(trd__tax_rate(listing, k, hold->side), basis, &hold->tax_over[k]);
        out->taxes[k] = take(hold, 1 + k, tax, &cap);
        hold->charged += out->taxes[k];
    }
}

bool trd__fee_converted(const trd_accounts *a, const trd_fee_table *table, uint32_t settle,
    trd_amt fee, trd_wide *out) {
    const trd_acct_asset *from = trd__asset(a, settle);
    const trd_acct_asset *to = trd__asset(a, table->pays_in - 1);
    if (from->numerator == 0 || to->numerator == 0) {
        return false;
    }
    const trd_wide discounted = trd__ceil_ppm(trd__mul(fee, 1000000 - table->discount_ppm));
    const trd_wide above = discounted * ((int64_t)from->numerator * to->denominator);
    const trd_wide below = trd__mul(from->denominator, to->numerator);
    *out = trd__div_ceil(above, below);
    return true;
}
