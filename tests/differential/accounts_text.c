/* accounts_text.c - see accounts_text.h. */
#include "accounts_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void acct_text_def(const trd_accounts_def *def) {
    printf("  assets %u instruments %u accounts %u balances %u positions %u orders %u unsettled %u "
           "fee tables %u valuation %u publish %u\n",
        def->assets_max, def->instruments_max, def->accounts_max, def->balances_max,
        def->positions_max, def->orders_max, def->unsettled_max, def->fee_tables_max,
        def->valuation_asset, def->publish);
}

static void text_fees(const trd_fee_table *t) {
    printf(" pays_in %u discount %u tiers %u", t->pays_in, t->discount_ppm, t->tier_count);
    for (uint32_t i = 0; i < t->tier_count && i < TRD_FEE_TIERS_MAX; i++) {
        printf(" [%" PRId64 " maker %d taker %d]", t->tiers[i].volume, t->tiers[i].maker_ppb,
            t->tiers[i].taker_ppb);
    }
}

static void text_instrument(const trd_instrument *s, const trd_terms *t) {
    static const char *const kinds[] = {"?", "SPOT", "LINEAR", "INVERSE", "OPTION"};
    printf(" %s px %" PRId64 "..%" PRId64 " qty_max %" PRId64 " ratio %" PRId64 "/%" PRId64
           " lot %" PRId64 "e-%u base %u quote %u settle %u strike %" PRId64 "%s",
        kinds[s->kind <= TRD_INSTRUMENT_OPTION ? s->kind : 0], s->px_min, s->px_max, s->qty_max,
        s->numerator, s->denominator, s->lot_size, s->qty_scale, s->base_asset, s->quote_asset,
        s->settle_asset, s->strike,
        s->option == TRD_OPTION_CALL  ? " call"
        : s->option == TRD_OPTION_PUT ? " put"
                                      : "");
    printf(" days %u%s fees %u taxes", t->settle_days, t->delivery ? " physical" : "", t->fees);
    for (uint32_t i = 0; i < t->tax_count && i < TRD_TAXES_MAX; i++) {
        printf(" %u/%u", t->taxes[i].buyer_ppb, t->taxes[i].seller_ppb);
    }
}

static void text_order(trd_order order) {
    printf(" order %" PRIu64 ".%u", order >> 32, (uint32_t)order);
}

static void text_account(uint32_t account) {
    static const char *const venue[] = {
        "OUTSIDE", "CLEARING", "FEES", "REBATES", "TAXES", "INSURANCE", "ROUNDING", "LENDER"};
    if (account >= TRD_ACCOUNT_VENUE && account < TRD_ACCOUNT_VENUE + TRD_VENUE_COUNT) {
        printf(" %s", venue[account - TRD_ACCOUNT_VENUE]);
    } else {
        printf(" account %u", account);
    }
}

static void text_hold(const trd_hold *h) {
    static const char *const kinds[] = {"?", "FULL", "MARGIN", "NOTHING"};
    text_order(h->order);
    text_account(h->account);
    printf(" instrument %u %s position %u %s px %" PRId64 " qty %" PRId64, h->instrument,
        h->side == TRD_BUY    ? "buy"
        : h->side == TRD_SELL ? "sell"
                              : "?",
        h->position, kinds[h->kind <= TRD_HOLD_NOTHING ? h->kind : 0], h->px, h->qty);
    printf(" margin %u ppm + %" PRId64, h->margin_ppm, h->margin_per_lot);
}

static void text_leg(const trd_leg *leg) {
    text_account(leg->account);
    text_order(leg->order);
    printf(" position %u liquidity %u%s%s", leg->position, leg->liquidity,
        leg->free_of_fees ? " free" : "", leg->reserved ? " reserved" : "");
}

static void text_control(const acct_call *c) {
    switch (c->kind) {
    case ACCT_ASSET_ADD:
        printf(" scale %u", c->u.asset.scale);
        break;
    case ACCT_FEES_ADD:
        text_fees(&c->u.fees);
        break;
    case ACCT_INSTRUMENT_ADD:
        text_instrument(&c->u.instrument.spec, &c->u.instrument.terms);
        break;
    case ACCT_OPEN:
        text_account(c->u.open.account);
        printf(" fees %u parent %u hedge %u role %u mode %u", c->u.open.terms.fees,
            c->u.open.terms.parent, c->u.open.terms.hedge, c->u.open.terms.role,
            c->u.open.terms.mode);
        break;
    case ACCT_STAMP:
        printf(" time %" PRId64 " seq %" PRIu64, c->u.stamp.time, c->u.stamp.seq);
        break;
    case ACCT_MARK:
    case ACCT_EXPIRE:
        printf(" instrument %u px %" PRId64, c->u.price.number, c->u.price.px);
        break;
    case ACCT_RATE:
        printf(" asset %u %u/%u", c->u.price.number, c->u.price.numerator, c->u.price.denominator);
        break;
    case ACCT_FUNDING:
        printf(" instrument %u rate %d mark %" PRId64 " due %" PRId64, c->u.funding.instrument,
            c->u.funding.rate_ppb, c->u.funding.mark, c->u.funding.due);
        break;
    case ACCT_INTEREST:
        printf(" asset %u rate %u due %" PRId64, c->u.interest.asset, c->u.interest.rate_ppb,
            c->u.interest.due);
        break;
    case ACCT_SPLIT:
        printf(" instrument %u %u for %u at %" PRId64, c->u.split.instrument, c->u.split.numerator,
            c->u.split.denominator, c->u.split.px);
        break;
    case ACCT_DIVIDEND:
        printf(" instrument %u asset %u amount %" PRId64, c->u.dividend.instrument,
            c->u.dividend.asset, c->u.dividend.amount);
        break;
    default:
        break;
    }
}

static void text_money(const acct_call *c) {
    switch (c->kind) {
    case ACCT_TRANSFER:
        text_account(c->u.transfer.from);
        fputs(" ->", stdout);
        text_account(c->u.transfer.to);
        printf(" asset %u amount %" PRId64, c->u.transfer.asset, c->u.transfer.amount);
        break;
    case ACCT_LOAN:
        text_account(c->u.loan.account);
        printf(" asset %u amount %" PRId64, c->u.loan.asset, c->u.loan.amount);
        break;
    case ACCT_HOLD:
    case ACCT_QUOTE_HOLD:
        text_hold(&c->u.hold);
        break;
    case ACCT_AMEND:
    case ACCT_RELEASE:
        text_order(c->u.order.order);
        printf(" px %" PRId64 " qty %" PRId64, c->u.order.px, c->u.order.qty);
        break;
    case ACCT_COLLATERAL:
        text_account(c->u.collateral.account);
        printf(" instrument %u position %u amount %" PRId64, c->u.collateral.instrument,
            c->u.collateral.side, c->u.collateral.amount);
        break;
    case ACCT_EXECUTE:
        printf(" instrument %u px %" PRId64 " qty %" PRId64 " |", c->u.execution.instrument,
            c->u.execution.px, c->u.execution.qty);
        text_leg(&c->u.execution.buyer);
        fputs(" |", stdout);
        text_leg(&c->u.execution.seller);
        break;
    default:
        text_control(c);
        break;
    }
}

void acct_text_call(const acct_call *c) {
    static const char *const rooms[] = {
        "", " SHORT OUTPUT", " NO OUTPUT", " NO ARRAY", " OVERFULL"};
    printf("  %4u %s", c->number, acct_call_name(c->kind));
    if (acct_call_gets_null(c)) {
        fputs(" NULL", stdout);
    } else {
        text_money(c);
    }
    printf("%s\n", acct_call_writes(c) ? rooms[c->room] : "");
}

void acct_text_event(const trd_event *e) {
    static const char *const entries[] = {"?", "PRINCIPAL", "FEE", "REBATE", "FUNDING", "TRANSFER",
        "LOCK", "RELEASE", "ROUNDING", "SETTLEMENT", "INSURANCE", "REALISED", "TAX", "INTEREST",
        "LOAN", "CORPORATE", "DELIVERY"};
    int64_t number[3];
    memcpy(number, e->u.body, sizeof(number));
    printf("    seq %" PRIu64 " time %" PRId64, e->seq, e->time);
    text_account(e->account);
    printf(" instrument %u", e->instrument);
    if (e->kind == TRD_EVENT_POSITION) {
        printf(" POSITION qty %" PRId64 " cost %" PRId64 " realised %" PRId64 " side %u", number[0],
            number[1], number[2], e->u.body[24]);
    } else {
        uint32_t asset;
        uint16_t entry[2];
        memcpy(&asset, e->u.body + 24, sizeof(asset));
        memcpy(entry, e->u.body + 28, sizeof(entry));
        printf(" %s%s amount %" PRId64 " balance %" PRId64 " reference %" PRIx64
               " asset %u part %u",
            e->kind == TRD_EVENT_LEDGER ? "" : "kind? ", entries[entry[0] <= 16 ? entry[0] : 0],
            number[0], number[1], (uint64_t)number[2], asset, entry[1]);
    }
    if (e->side != 0 || e->liquidity != 0 || e->status != 0 || e->reason != 0 || e->flags != 0 ||
        e->slots != 1) {
        printf(" HEAD side %u liquidity %u status %u reason %u flags %u slots %u", e->side,
            e->liquidity, e->status, e->reason, e->flags, e->slots);
    }
    puts("");
}

void acct_text_codes(unsigned codes) {
    static const char *const code_names[] = {"OK", "ARG", "FULL", "BUSY", "RANGE", "MEMORY",
        "UNKNOWN", "EXISTS", "FORMAT", "TRUNCATED", "FUNDS"};
    if (codes == NAIVE_DONE) {
        fputs(" OK", stdout);
    }
    for (unsigned i = 1; i <= 10; i++) {
        if ((codes & 1u << i) != 0) {
            printf(" %s", code_names[i]);
        }
    }
}
