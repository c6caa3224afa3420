/* life_acct_call.c - names of calls, and calls made on the model: see life_acct_inner.h. */
#include "life_acct_inner.h"

static const char *const names[ACCT_KINDS] = {[ACCT_ASSET_ADD] = "asset_add",
    [ACCT_FEES_ADD] = "fees_add",
    [ACCT_INSTRUMENT_ADD] = "instrument_add",
    [ACCT_OPEN] = "open",
    [ACCT_STAMP] = "stamp",
    [ACCT_TRANSFER] = "transfer",
    [ACCT_LOAN] = "loan",
    [ACCT_HOLD] = "hold",
    [ACCT_QUOTE_HOLD] = "quote_hold",
    [ACCT_AMEND] = "amend",
    [ACCT_RELEASE] = "release",
    [ACCT_COLLATERAL] = "collateral",
    [ACCT_EXECUTE] = "execute",
    [ACCT_MARK] = "mark",
    [ACCT_RATE] = "rate",
    [ACCT_DAY] = "day",
    [ACCT_PERIOD] = "period",
    [ACCT_FUNDING] = "funding",
    [ACCT_INTEREST] = "interest",
    [ACCT_EXPIRE] = "expire",
    [ACCT_SPLIT] = "split",
    [ACCT_DIVIDEND] = "dividend",
    [ACCT_CONTINUE] = "continue",
    [ACCT_RESET] = "reset"};

const char *acct_call_name(unsigned kind) {
    return kind < ACCT_KINDS ? names[kind] : "?";
}

bool acct_call_writes(const acct_call *c) {
    switch (c->kind) {
    case ACCT_ASSET_ADD:
    case ACCT_FEES_ADD:
    case ACCT_INSTRUMENT_ADD:
    case ACCT_OPEN:
    case ACCT_STAMP:
    case ACCT_QUOTE_HOLD:
    case ACCT_MARK:
    case ACCT_RATE:
    case ACCT_PERIOD:
    case ACCT_RESET:
        return false;
    default:
        return true;
    }
}

bool acct_call_is_bulk(const acct_call *c) {
    return c->kind == ACCT_DAY || (c->kind >= ACCT_FUNDING && c->kind <= ACCT_DIVIDEND);
}

static bool takes_pointer(const acct_call *c) {
    switch (c->kind) {
    case ACCT_ASSET_ADD:
    case ACCT_FEES_ADD:
    case ACCT_INSTRUMENT_ADD:
    case ACCT_OPEN:
    case ACCT_TRANSFER:
    case ACCT_HOLD:
    case ACCT_QUOTE_HOLD:
    case ACCT_EXECUTE:
    case ACCT_FUNDING:
    case ACCT_SPLIT:
        return true;
    default:
        return false;
    }
}

bool acct_call_gets_null(const acct_call *c) {
    return c->null && takes_pointer(c);
}

static unsigned output_codes(naive_acct *m, const acct_call *c) {
    if (!acct_call_writes(c)) {
        return 0;
    }
    switch (c->room) {
    case ACCT_ROOM_SHORT:
        return NAIVE_CODE(TRD_E_FULL);
    case ACCT_ROOM_NULL:
        return naive_if(m->def.publish != 0, TRD_E_ARG);
    case ACCT_ROOM_NO_ARRAY:
    case ACCT_ROOM_OVERFULL:
        return NAIVE_CODE(TRD_E_ARG);
    default:
        return 0;
    }
}

static unsigned quote(naive_acct *m, const acct_call *c, int64_t *number) {
    trd_amt amount = 0;
    uint32_t asset = 0;
    const unsigned codes = naive_acct_quote_hold(m, &c->u.hold, &amount, &asset);
    *number = codes == 0 ? (int64_t)((uint64_t)amount * 8 + asset) : 0;
    return codes;
}

static unsigned control(naive_acct *m, const acct_call *c, int64_t *number) {
    int given = 0;
    unsigned codes = 0;
    switch (c->kind) {
    case ACCT_ASSET_ADD:
        codes = naive_acct_asset_add(m, &c->u.asset, &given);
        break;
    case ACCT_FEES_ADD:
        codes = naive_acct_fees_add(m, &c->u.fees, &given);
        break;
    case ACCT_INSTRUMENT_ADD:
        codes = naive_acct_instrument_add(m, &c->u.instrument.spec, &c->u.instrument.terms, &given);
        break;
    case ACCT_OPEN:
        codes = naive_acct_open(m, c->u.open.account, &c->u.open.terms);
        break;
    case ACCT_STAMP:
        naive_acct_stamp(m, c->u.stamp.time, c->u.stamp.seq);
        break;
    case ACCT_MARK:
        codes = naive_acct_mark(m, c->u.price.number, c->u.price.px);
        break;
    case ACCT_RATE:
        codes = naive_acct_rate(m, c->u.price.number, c->u.price.numerator, c->u.price.denominator);
        break;
    case ACCT_PERIOD:
        codes = naive_acct_period(m);
        break;
    case ACCT_RESET:
        naive_acct_reset(m);
        break;
    default:
        codes = quote(m, c, number);
        return codes;
    }
    *number = given;
    return codes;
}

unsigned acct_call_model(naive_acct *m, const acct_call *c, int64_t *number) {
    *number = 0;
    m->events = 0;
    m->seen = 0;
    naive_acct_output(m, output_codes(m, c));
    if (acct_call_gets_null(c)) {
        const bool changes = c->kind != ACCT_QUOTE_HOLD;
        const unsigned codes = changes ? naive_begin(m, acct_call_writes(c)) : 0;
        return codes | NAIVE_CODE(TRD_E_ARG);
    }
    switch (c->kind) {
    case ACCT_TRANSFER:
        return naive_acct_transfer(m, &c->u.transfer);
    case ACCT_LOAN:
        return naive_acct_loan(
            m, c->u.loan.account, c->u.loan.asset, c->u.loan.amount, c->u.loan.reference);
    case ACCT_HOLD:
        return naive_acct_hold(m, &c->u.hold);
    case ACCT_AMEND:
        return naive_acct_amend(m, c->u.order.order, c->u.order.px, c->u.order.qty);
    case ACCT_RELEASE:
        return naive_acct_release(m, c->u.order.order, c->u.order.qty);
    case ACCT_COLLATERAL:
        return naive_acct_collateral(m, c->u.collateral.account, c->u.collateral.instrument,
            c->u.collateral.side, c->u.collateral.amount);
    case ACCT_EXECUTE:
        return naive_acct_execute(m, &c->u.execution);
    case ACCT_DAY:
        return naive_acct_day(m);
    case ACCT_FUNDING:
        return naive_acct_funding(m, &c->u.funding);
    case ACCT_INTEREST:
        return naive_acct_interest(
            m, c->u.interest.asset, c->u.interest.rate_ppb, c->u.interest.due);
    case ACCT_EXPIRE:
        return naive_acct_expire(m, c->u.price.number, c->u.price.px);
    case ACCT_SPLIT:
        return naive_acct_split(m, &c->u.split);
    case ACCT_DIVIDEND:
        return naive_acct_dividend(
            m, c->u.dividend.instrument, c->u.dividend.asset, c->u.dividend.amount);
    case ACCT_CONTINUE:
        return naive_acct_continue(m);
    default:
        return control(m, c, number);
    }
}
