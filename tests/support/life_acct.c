/* life_acct.c - which call is next: see life_acct.h. */
#include "life_acct_inner.h"

#include <string.h>

/* --- Arguments ---------------------------------------------------------------------------------
 */

bool life_acct_wrong(life_acct *l) {
    return l->wrong_of > 0 && dice_odds(&l->rng, 1, l->wrong_of);
}

bool life_acct_at_limit(life_acct *l) {
    return l->limit_of > 0 && dice_odds(&l->rng, 1, l->limit_of);
}

uint32_t life_acct_account(life_acct *l) {
    if (life_acct_wrong(l)) {
        return dice_odds(&l->rng, 1, 2) ? l->accounts + (uint32_t)dice_below(&l->rng, 3)
                                        : TRD_ACCOUNT_VENUE + (uint32_t)dice_below(&l->rng, 10);
    }
    return (uint32_t)dice_below(&l->rng, l->accounts);
}

static uint32_t some_asset(life_acct *l) {
    return (uint32_t)dice_below(&l->rng, l->assets + (life_acct_wrong(l) ? 2 : 0));
}

uint32_t life_acct_instrument_at(life_acct *l, naive_acct *m) {
    const uint32_t count = m->now.instruments;
    if (count == 0 || life_acct_wrong(l)) {
        return count + (uint32_t)dice_below(&l->rng, 2);
    }
    return (uint32_t)dice_below(&l->rng, count);
}

trd_px life_acct_px(life_acct *l, const naive_instrument *it) {
    switch (dice_below(&l->rng, life_acct_wrong(l) ? 4 : 12)) {
    case 0:
        return it->spec.px_min - life_acct_wrong(l);
    case 1:
        return it->spec.px_max + life_acct_wrong(l);
    default:
        return dice_in(&l->rng, it->spec.px_min, it->spec.px_max);
    }
}

trd_amt life_acct_about(life_acct *l, wide left) {
    const wide about = left + dice_in(&l->rng, -2, 2);
    return (trd_amt)wide_max(wide_min(about, INT64_MAX), 1);
}

static trd_amt some_amount(life_acct *l, naive_acct *m, uint32_t account, uint32_t asset) {
    if (life_acct_at_limit(l)) {
        const wide left = NAIVE_LIMIT - 1 - naive_load(m, account, asset);
        return life_acct_about(l, dice_odds(&l->rng, 1, 3) ? left / 3 : left);
    }
    return dice_log(&l->rng, 1, l->rich);
}

static wide free_money(naive_acct *m, uint32_t account, uint32_t asset) {
    const naive_balance *b = naive_find_balance(m, account, asset);
    return b == NULL ? 0 : b->free;
}

/* --- Calls -------------------------------------------------------------------------------------
 */

static void draw_transfer(life_acct *l, naive_acct *m, acct_call *c) {
    trd_transfer *t = &c->u.transfer;
    t->from = TRD_ACCOUNT_OUTSIDE;
    t->to = life_acct_account(l);
    t->asset = some_asset(l);
    for (uint32_t i = 0; l->endowed && l->made < LIFE_ACCT_FIRST && i < l->assets; i++) {
        if (naive_find_balance(m, t->to, t->asset) != NULL) {
            t->asset = (t->asset + 1) % l->assets; /* one that is not there */
        }
    }
    t->amount = some_amount(l, m, t->to, t->asset);
    const wide short_of = -free_money(m, t->to, t->asset);
    if (short_of > 0 && short_of < NAIVE_LIMIT && dice_odds(&l->rng, 1, 2)) {
        t->amount = (trd_amt)short_of; /* pays what is owed */
    }
    t->reference = dice_u64(&l->rng);
    const uint64_t form = dice_below(&l->rng, 10);
    if (form < 3) { /* a withdrawal, or between accounts */
        t->from = life_acct_account(l);
        const wide has = free_money(m, t->from, t->asset);
        if (has > 0 && dice_odds(&l->rng, 3, 4)) {
            t->amount = dice_odds(&l->rng, 1, 4) ? life_acct_about(l, has)
                                                 : dice_log(&l->rng, 1, (int64_t)has);
        }
        t->to = form == 0 ? TRD_ACCOUNT_OUTSIDE : t->to;
    } else if (form == 3) {
        t->from = TRD_ACCOUNT_VENUE + (uint32_t)dice_below(&l->rng, 8);
        t->to = dice_odds(&l->rng, 1, 2) ? TRD_ACCOUNT_INSURANCE : t->to;
    }
    if (life_acct_wrong(l)) {
        t->amount = dice_odds(&l->rng, 1, 2) ? dice_in(&l->rng, -1, 0) : INT64_MAX;
        t->reserved = dice_odds(&l->rng, 1, 4);
    }
}

static void draw_loan(life_acct *l, naive_acct *m, acct_call *c) {
    c->u.loan.account = life_acct_account(l);
    c->u.loan.asset = some_asset(l);
    c->u.loan.reference = dice_u64(&l->rng);
    const naive_balance *b = naive_find_balance(m, c->u.loan.account, c->u.loan.asset);
    if (b != NULL && b->debt > 0 && dice_odds(&l->rng, 1, 2)) {
        const trd_amt debt = (trd_amt)b->debt;
        c->u.loan.amount = -(dice_odds(&l->rng, 1, 2) ? debt : dice_log(&l->rng, 1, debt));
    } else {
        c->u.loan.amount = some_amount(l, m, c->u.loan.account, c->u.loan.asset) / 2;
    }
    if (life_acct_wrong(l)) {
        static const trd_amt bad[] = {0, INT64_MIN, INT64_MAX, -1, -TRD_AMT_LIMIT};
        c->u.loan.amount = bad[dice_below(&l->rng, 5)];
    }
}

static const naive_position *some_position(life_acct *l, naive_acct *m) {
    if (m->now.positions == 0 || life_acct_wrong(l)) {
        return NULL;
    }
    return &m->now.position[dice_below(&l->rng, m->now.positions)];
}

static void draw_collateral(life_acct *l, naive_acct *m, acct_call *c) {
    const naive_position *p = some_position(l, m);
    c->u.collateral.account = p != NULL ? p->account : life_acct_account(l);
    c->u.collateral.instrument = p != NULL ? p->instrument : life_acct_instrument_at(l, m);
    c->u.collateral.side = p != NULL ? p->side : (uint32_t)dice_below(&l->rng, 4);
    c->u.collateral.amount = dice_log(&l->rng, 1, 100);
    if (p != NULL) {
        const uint32_t asset = m->now.instrument[p->instrument].spec.settle_asset;
        const bool back = p->collateral > 0 && dice_odds(&l->rng, 1, 2);
        const wide has = back ? p->collateral : free_money(m, p->account, asset);
        trd_amt amount =
            has > 0 ? dice_log(&l->rng, 1, (int64_t)has) + dice_odds(&l->rng, 1, 8) : 1;
        c->u.collateral.amount = back ? -amount : amount;
    }
    if (life_acct_wrong(l)) {
        static const trd_amt bad[] = {0, INT64_MIN, INT64_MAX, -1};
        c->u.collateral.amount = bad[dice_below(&l->rng, 4)];
    }
}

static void draw_mark(life_acct *l, naive_acct *m, acct_call *c) {
    c->u.price.number = life_acct_instrument_at(l, m);
    if (c->u.price.number < m->now.instruments) {
        c->u.price.px = life_acct_px(l, &m->now.instrument[c->u.price.number]);
    }
}

static void draw_rate(life_acct *l, acct_call *c) {
    const int64_t most = dice_odds(&l->rng, 1, 8) ? INT64_C(1) << 31 : 1000;
    c->u.price.number = some_asset(l);
    if (c->u.price.number == l->def.valuation_asset && !life_acct_wrong(l)) {
        c->u.price.number = (c->u.price.number + 1) % l->assets;
    }
    c->u.price.numerator = (uint32_t)dice_log(&l->rng, 1, most);
    c->u.price.denominator = (uint32_t)dice_log(&l->rng, 1, most);
    if (life_acct_wrong(l)) {
        uint32_t *one = dice_odds(&l->rng, 1, 2) ? &c->u.price.numerator : &c->u.price.denominator;
        *one = dice_odds(&l->rng, 1, 2) ? 0 : (1u << 31) + 1;
    }
}

static trd_ns next_due(life_acct *l) {
    l->due += dice_odds(&l->rng, 1, 8) ? 0 : dice_log(&l->rng, 1, 1000);
    return l->due - (life_acct_wrong(l) ? dice_log(&l->rng, 1, 3000) : 0);
}

static void draw_funding(life_acct *l, naive_acct *m, acct_call *c) {
    trd_funding *f = &c->u.funding;
    f->instrument = life_acct_instrument_at(l, m);
    f->rate_ppb = (int32_t)dice_in(&l->rng, -TRD_RATE_ONE, TRD_RATE_ONE);
    f->rate_ppb /= (int32_t)dice_log(&l->rng, 1, 1000000);
    if (l->limit_of > 0 && dice_odds(&l->rng, 1, 4)) {
        f->rate_ppb = dice_odds(&l->rng, 1, 2) ? TRD_RATE_ONE : -TRD_RATE_ONE;
    }
    f->due = next_due(l);
    if (f->instrument < m->now.instruments) {
        f->mark = life_acct_px(l, &m->now.instrument[f->instrument]);
    }
    if (life_acct_wrong(l)) {
        f->rate_ppb = (int32_t)dice_in(&l->rng, TRD_RATE_ONE, TRD_RATE_ONE + 1);
        f->rate_ppb = dice_odds(&l->rng, 1, 2) ? -f->rate_ppb : f->rate_ppb;
    }
}

static void draw_interest(life_acct *l, acct_call *c) {
    c->u.interest.asset = some_asset(l);
    c->u.interest.rate_ppb = (uint32_t)dice_log(&l->rng, 1, TRD_RATE_ONE) - 1;
    c->u.interest.due = next_due(l);
    if (life_acct_wrong(l)) {
        c->u.interest.rate_ppb = (uint32_t)dice_in(&l->rng, TRD_RATE_ONE, TRD_RATE_ONE + 1);
    }
}

/* An instrument of a kind if there is one. */
static uint32_t instrument_of(life_acct *l, naive_acct *m, bool spot) {
    const uint32_t at = life_acct_instrument_at(l, m);
    if (life_acct_wrong(l)) {
        return at;
    }
    for (uint32_t i = 0; i < m->now.instruments; i++) {
        const uint32_t other = (at + i) % m->now.instruments;
        if ((m->now.instrument[other].spec.kind == TRD_INSTRUMENT_SPOT) == spot) {
            return other;
        }
    }
    return at;
}

static void draw_expiry(life_acct *l, naive_acct *m, acct_call *c) {
    c->u.price.number = instrument_of(l, m, false);
    if (c->u.price.number >= m->now.instruments) {
        return;
    }
    const naive_instrument *it = &m->now.instrument[c->u.price.number];
    c->u.price.px = life_acct_px(l, it);
    if (it->spec.kind == TRD_INSTRUMENT_OPTION) {
        const int64_t away = dice_log(&l->rng, 1, l->huge ? INT64_C(1) << 40 : 1000);
        c->u.price.px = (trd_px)wide_min(
            wide_max((wide)it->spec.strike + dice_in(&l->rng, -10, 10) * away, INT64_MIN),
            INT64_MAX);
        if (life_acct_at_limit(l)) {
            c->u.price.px = dice_odds(&l->rng, 1, 2) ? INT64_MAX : INT64_MIN;
        }
    }
}

static void draw_split(life_acct *l, naive_acct *m, acct_call *c) {
    trd_split *s = &c->u.split;
    const int64_t most = dice_odds(&l->rng, 1, 8) ? 1 << 20 : 9;
    s->instrument = instrument_of(l, m, true);
    s->numerator = (uint32_t)dice_in(&l->rng, 1, most);
    s->denominator = (uint32_t)dice_in(&l->rng, 1, most);
    if (s->instrument < m->now.instruments) {
        s->px = life_acct_px(l, &m->now.instrument[s->instrument]);
    }
    if (life_acct_wrong(l)) {
        uint32_t *bad[] = {&s->numerator, &s->denominator, &s->reserved};
        *bad[dice_below(&l->rng, 3)] = dice_odds(&l->rng, 1, 2) ? 0 : (1u << 20) + 1;
    }
}

static void draw_dividend(life_acct *l, naive_acct *m, acct_call *c) {
    c->u.dividend.instrument = life_acct_instrument_at(l, m);
    c->u.dividend.asset = some_asset(l);
    c->u.dividend.amount = dice_log(&l->rng, 1, 1000) - 1;
    if (life_acct_at_limit(l)) {
        c->u.dividend.amount = dice_log(&l->rng, 1, INT64_MAX);
    }
    if (life_acct_wrong(l)) {
        c->u.dividend.amount = -1;
    }
}

static void draw_stamp(life_acct *l, naive_acct *m, acct_call *c) {
    l->time += dice_log(&l->rng, 1, 1000000);
    c->u.stamp.time = l->time;
    c->u.stamp.seq = m->now.seq + (dice_odds(&l->rng, 1, 2) ? 0 : dice_below(&l->rng, 100));
}

/* --- Which -------------------------------------------------------------------------------------
 */

/* What there is comes first, a piece per call. Something wrong is drawn again. */
static acct_kind first_kind(const life_acct *l, naive_acct *m, uint32_t *account) {
    if (m->now.assets < l->assets) {
        return ACCT_ASSET_ADD;
    }
    if (m->now.tables < l->tables) {
        return ACCT_FEES_ADD;
    }
    if (m->now.instruments < l->instruments) {
        return ACCT_INSTRUMENT_ADD;
    }
    for (uint32_t i = 0; i < l->accounts; i++) {
        if (!m->now.account[i].open) {
            *account = i;
            return ACCT_OPEN;
        }
    }
    return l->endowed && m->now.balances < l->accounts * l->assets ? ACCT_TRANSFER : ACCT_KINDS;
}

static acct_kind weighed_kind(life_acct *l) {
    uint64_t sum = 0;
    for (int kind = 0; kind < ACCT_KINDS; kind++) {
        sum += l->weight[kind];
    }
    uint64_t at = dice_below(&l->rng, sum);
    int kind = 0;
    while (at >= l->weight[kind]) {
        at -= l->weight[kind++];
    }
    return (acct_kind)kind;
}

static void draw_call(life_acct *l, naive_acct *m, acct_call *c, uint32_t account) {
    switch (c->kind) {
    case ACCT_ASSET_ADD:
        life_acct_asset(l, m, c);
        break;
    case ACCT_FEES_ADD:
        life_acct_fees(l, c);
        break;
    case ACCT_INSTRUMENT_ADD:
        life_acct_instrument(l, m, c);
        break;
    case ACCT_OPEN:
        life_acct_open(l, m, c, account);
        break;
    case ACCT_STAMP:
        draw_stamp(l, m, c);
        break;
    case ACCT_TRANSFER:
        draw_transfer(l, m, c);
        break;
    case ACCT_LOAN:
        draw_loan(l, m, c);
        break;
    case ACCT_HOLD:
    case ACCT_QUOTE_HOLD:
        life_acct_hold(l, m, c);
        break;
    case ACCT_AMEND:
        life_acct_amend(l, m, c);
        break;
    case ACCT_RELEASE:
        life_acct_release(l, m, c);
        break;
    case ACCT_COLLATERAL:
        draw_collateral(l, m, c);
        break;
    case ACCT_EXECUTE:
        life_acct_execute(l, m, c);
        break;
    case ACCT_MARK:
        draw_mark(l, m, c);
        break;
    case ACCT_RATE:
        draw_rate(l, c);
        break;
    case ACCT_FUNDING:
        draw_funding(l, m, c);
        break;
    case ACCT_INTEREST:
        draw_interest(l, c);
        break;
    case ACCT_EXPIRE:
        draw_expiry(l, m, c);
        break;
    case ACCT_SPLIT:
        draw_split(l, m, c);
        break;
    case ACCT_DIVIDEND:
        draw_dividend(l, m, c);
        break;
    default:
        break;
    }
}

static void draw_output(life_acct *l, acct_call *c) {
    c->room = ACCT_ROOM_GOOD;
    c->used = (uint32_t)dice_below(&l->rng, 4);
    c->slots = TRD_ACCOUNTS_OUT_MIN + (uint32_t)dice_below(&l->rng, 4);
    if (life_acct_wrong(l)) {
        c->room = (uint8_t)dice_below(&l->rng, ACCT_ROOM_OVERFULL + 1);
        if (c->room == ACCT_ROOM_SHORT) {
            c->slots = (uint32_t)dice_below(&l->rng, TRD_ACCOUNTS_OUT_MIN);
        }
    }
    if (c->room == ACCT_ROOM_GOOD && l->def.publish == 0 && dice_odds(&l->rng, 1, 2)) {
        c->room = ACCT_ROOM_NULL;
    }
}

void life_acct_next(life_acct *l, naive_acct *m, acct_call *out) {
    memset(out, 0, sizeof(*out));
    out->number = ++l->made;
    uint32_t account = (uint32_t)dice_below(&l->rng, l->accounts + (life_acct_wrong(l) ? 3 : 0));
    const acct_kind first = l->made < LIFE_ACCT_FIRST ? first_kind(l, m, &account) : ACCT_KINDS;
    out->kind = (uint8_t)(first == ACCT_KINDS ? weighed_kind(l) : first);
    draw_output(l, out);
    draw_call(l, m, out, account);
    out->null = life_acct_wrong(l) && dice_odds(&l->rng, 1, 8);
    out->reset = l->weight[ACCT_RESET] > 0 && dice_odds(&l->rng, 1, 50);
}
