/* life_acct_world.c - what a life of accounts begins with: see life_acct_inner.h. */
#include "life_acct_inner.h"

#include <string.h>

static void name(char *symbol, char kind, uint32_t number) {
    symbol[0] = kind;
    symbol[1] = (char)('0' + number / 10);
    symbol[2] = (char)('0' + number % 10);
}

static bool wrong(life_acct *l) {
    return l->wrong_of > 0 && dice_odds(&l->rng, 1, l->wrong_of);
}

void life_acct_asset(life_acct *l, naive_acct *m, acct_call *c) {
    trd_asset *a = &c->u.asset;
    a->struct_size = sizeof(*a);
    a->scale = (uint8_t)dice_below(&l->rng, 9);
    name(a->symbol, 'A', m->now.assets);
    if (wrong(l)) {
        switch (dice_below(&l->rng, 4)) {
        case 0:
            a->scale = (uint8_t)dice_in(&l->rng, 12, 14);
            break;
        case 1:
            a->struct_size -= 1;
            break;
        case 2:
            a->reserved[dice_below(&l->rng, 3)] = 1;
            break;
        default:
            a->symbol[dice_below(&l->rng, TRD_SYMBOL_SIZE)] = '\n';
            break;
        }
    }
}

static int32_t fee_rate(life_acct *l, int64_t least) {
    const int64_t most = l->charges ? TRD_FEE_RATE_MAX : TRD_FEE_RATE_MAX / 50;
    if (dice_odds(&l->rng, 1, 6)) {
        return 0;
    }
    /* Round rates, too: sums that come out even are where a rounding shows. */
    const int64_t step = dice_odds(&l->rng, 1, 2) ? most / (1 << dice_below(&l->rng, 3)) : 1;
    return (int32_t)(dice_in(&l->rng, least * (most / step), most / step) * step);
}

static void spoil_fees(life_acct *l, trd_fee_table *t) {
    switch (dice_below(&l->rng, 7)) {
    case 0:
        t->struct_size++;
        break;
    case 1:
        t->tier_count = dice_odds(&l->rng, 1, 2) ? 0 : TRD_FEE_TIERS_MAX + 1;
        break;
    case 2:
        t->tiers[0].volume = 1;
        break;
    case 3:
        t->tiers[0].maker_ppb = TRD_FEE_RATE_MAX + 1;
        break;
    case 4:
        t->tiers[0].taker_ppb = -TRD_FEE_RATE_MAX - 1;
        break;
    case 5:
        t->discount_ppm = 1000000;
        break;
    default:
        t->tiers[TRD_FEE_TIERS_MAX - 1].taker_ppb = 1;
        t->pays_in = l->assets + 1;
        break;
    }
}

void life_acct_fees(life_acct *l, acct_call *c) {
    trd_fee_table *t = &c->u.fees;
    t->struct_size = sizeof(*t);
    t->tier_count = (uint32_t)dice_in(&l->rng, 1, 4);
    trd_amt volume = 0;
    for (uint32_t i = 0; i < t->tier_count; i++) {
        t->tiers[i].volume = volume;
        t->tiers[i].maker_ppb = fee_rate(l, -1);
        t->tiers[i].taker_ppb = fee_rate(l, dice_odds(&l->rng, 1, 3) ? -1 : 0);
        volume += dice_log(&l->rng, 1, 100000);
    }
    if (dice_odds(&l->rng, 1, 2)) {
        t->pays_in = 1 + (uint32_t)dice_below(&l->rng, l->assets);
        t->discount_ppm = (uint32_t)dice_below(&l->rng, dice_odds(&l->rng, 1, 2) ? 1000000 : 2);
    }
    if (wrong(l)) {
        spoil_fees(l, t);
    }
}

/* --- Instruments -------------------------------------------------------------------------------
 */

static void draw_ratio(life_acct *l, trd_instrument *s) {
    static const int64_t odd[] = {1, 1, 2, 3, 5, 7, 10, 97, 1000, 1009};
    s->numerator = odd[dice_below(&l->rng, 10)];
    s->denominator = odd[dice_below(&l->rng, 10)];
    if (s->kind == TRD_INSTRUMENT_INVERSE) {
        s->numerator *= dice_log(&l->rng, 1, 100000);
    }
}

static void draw_prices(life_acct *l, trd_instrument *s) {
    s->px_max = dice_in(&l->rng, 1, l->many);
    s->px_min = dice_in(&l->rng, 0, dice_odds(&l->rng, 1, 3) ? s->px_max : 0);
    if (s->kind == TRD_INSTRUMENT_INVERSE) {
        s->px_min += s->px_min == 0;
    }
    if (s->kind == TRD_INSTRUMENT_LINEAR && dice_odds(&l->rng, 1, 2)) {
        s->px_min = -dice_in(&l->rng, 0, l->many);
        if (dice_odds(&l->rng, 1, 8)) {
            s->px_max = s->px_min + dice_in(&l->rng, 0, 20);
        }
    }
    if (s->kind != TRD_INSTRUMENT_INVERSE && dice_odds(&l->rng, 1, 30)) {
        s->px_min = s->px_max = 0; /* then no value limits the lots */
    }
    s->qty_max = dice_log(&l->rng, 1, 1000000);
}

/* Numbers as large as an instrument may have them. */
static void draw_huge(life_acct *l, trd_instrument *s) {
    s->numerator = dice_log(&l->rng, 1, INT64_MAX);
    s->denominator = dice_log(&l->rng, 1, INT64_MAX);
    s->qty_max = 1;
    if (dice_odds(&l->rng, 1, 2)) {
        s->px_max = dice_log(&l->rng, 1, INT64_MAX);
        s->px_min = dice_log(&l->rng, 1, s->px_max);
        s->px_min =
            s->kind == TRD_INSTRUMENT_LINEAR && dice_odds(&l->rng, 1, 2) ? -s->px_min : s->px_min;
    }
    s->lot_size = dice_log(&l->rng, 1, INT64_MAX);
}

static void draw_spec(life_acct *l, naive_acct *m, trd_instrument *s) {
    *s = trd_instrument_default();
    name(s->symbol, 'I', m->now.instruments);
    s->kind = (uint8_t)dice_in(&l->rng, TRD_INSTRUMENT_SPOT, TRD_INSTRUMENT_OPTION);
    draw_ratio(l, s);
    draw_prices(l, s);
    s->base_asset = (uint32_t)dice_below(&l->rng, l->assets);
    s->quote_asset = (uint32_t)dice_below(&l->rng, l->assets);
    if (s->base_asset == s->quote_asset) {
        s->quote_asset = (s->base_asset + 1) % l->assets;
    }
    s->settle_asset = s->quote_asset;
    if (s->kind != TRD_INSTRUMENT_SPOT && dice_odds(&l->rng, 1, 3)) {
        s->settle_asset = (uint32_t)dice_below(&l->rng, l->assets);
    }
    s->lot_size = dice_odds(&l->rng, 1, 2) ? 1 : dice_in(&l->rng, 1, 30);
    if (s->base_asset < m->now.assets && dice_odds(&l->rng, 1, 2)) {
        s->qty_scale = (uint8_t)dice_below(&l->rng, m->now.asset[s->base_asset].spec.scale + 1);
    }
    if (l->huge && dice_odds(&l->rng, 1, 2)) {
        draw_huge(l, s);
    }
    if (s->kind == TRD_INSTRUMENT_OPTION) {
        s->option = (uint8_t)dice_in(&l->rng, TRD_OPTION_CALL, TRD_OPTION_PUT);
        s->expiry = 1;
        s->strike = dice_in(&l->rng, dice_odds(&l->rng, 1, 4) ? -10 : 0, l->many);
        if (l->huge && dice_odds(&l->rng, 1, 2)) {
            s->strike = dice_log(&l->rng, 1, INT64_MAX);
        }
    }
}

static void draw_terms(life_acct *l, const trd_instrument *s, trd_terms *t) {
    t->struct_size = sizeof(*t);
    if (s->kind == TRD_INSTRUMENT_SPOT && dice_odds(&l->rng, 1, 2)) {
        t->settle_days = (uint8_t)dice_in(&l->rng, 1, TRD_SETTLE_DAYS_MAX);
    }
    if (s->kind == TRD_INSTRUMENT_LINEAR || s->kind == TRD_INSTRUMENT_OPTION) {
        t->delivery = (uint8_t)dice_odds(&l->rng, 1, 2);
    }
    t->tax_count = (uint8_t)dice_below(&l->rng, TRD_TAXES_MAX + 1);
    for (uint32_t i = 0; i < t->tax_count; i++) {
        const int64_t most = l->charges ? TRD_FEE_RATE_MAX : TRD_FEE_RATE_MAX / 100;
        t->taxes[i].buyer_ppb = (uint32_t)dice_in(&l->rng, 0, most);
        t->taxes[i].seller_ppb = (uint32_t)dice_in(&l->rng, 0, most);
    }
    if (dice_odds(&l->rng, 1, 3)) {
        t->fees = 1 + (uint32_t)dice_below(&l->rng, l->tables);
    }
}

static void spoil_instrument(life_acct *l, trd_instrument *s, trd_terms *t) {
    switch (dice_below(&l->rng, 16)) {
    case 0:
        s->base_asset = l->assets;
        break;
    case 1:
        s->settle_asset = l->assets + 5;
        break;
    case 2:
        t->fees = l->tables + 1;
        break;
    case 3:
        t->settle_days = (uint8_t)dice_in(&l->rng, 1, TRD_SETTLE_DAYS_MAX + 1);
        break;
    case 4:
        t->delivery = (uint8_t)dice_in(&l->rng, 1, 2);
        break;
    case 5:
        t->tax_count = TRD_TAXES_MAX + 1;
        break;
    case 6:
        t->taxes[TRD_TAXES_MAX - 1].seller_ppb = TRD_FEE_RATE_MAX + 1;
        break;
    case 7:
        t->taxes[t->tax_count % TRD_TAXES_MAX].buyer_ppb = 1;
        break;
    case 8:
        s->qty_scale = (uint8_t)dice_in(&l->rng, 1, 12);
        break;
    case 9:
        s->px_min = -1;
        break;
    case 10:
        s->settle_asset = s->base_asset;
        break;
    case 11:
        s->denominator = 0;
        break;
    case 12:
        s->lot_size = INT64_MAX;
        break;
    case 13:
        s->numerator = INT64_MAX;
        break;
    case 14:
        t->reserved = 1;
        break;
    default:
        t->struct_size = 0;
        break;
    }
}

void life_acct_instrument(life_acct *l, naive_acct *m, acct_call *c) {
    trd_instrument *s = &c->u.instrument.spec;
    trd_terms *t = &c->u.instrument.terms;
    draw_spec(l, m, s);
    draw_terms(l, s, t);
    if (t->delivery == TRD_DELIVERY_PHYSICAL && s->base_asset == s->settle_asset) {
        s->settle_asset = s->quote_asset;
    }
    if (wrong(l)) {
        spoil_instrument(l, s, t);
    }
}

/* --- Accounts ----------------------------------------------------------------------------------
 */

void life_acct_open(life_acct *l, naive_acct *m, acct_call *c, uint32_t account) {
    trd_account *t = &c->u.open.terms;
    c->u.open.account = account;
    const bool is = account < l->def.accounts_max && m->now.account[account].open;
    t->struct_size = sizeof(*t);
    t->group = dice_below(&l->rng, 3);
    t->fees = (uint32_t)dice_below(&l->rng, l->tables);
    t->leverage = (uint32_t)dice_below(&l->rng, 1000);
    t->role = (uint8_t)dice_in(&l->rng, TRD_ROLE_VIEWER, TRD_ROLE_ADMIN);
    t->mode = (uint8_t)dice_in(&l->rng, TRD_MODE_CASH, TRD_MODE_MULTI);
    t->hedge = l->hedge_of > 0 && dice_odds(&l->rng, 1, l->hedge_of);
    if (is && dice_odds(&l->rng, 3, 4)) {
        t->hedge = m->now.account[account].terms.hedge;
    }
    t->enabled = (uint8_t)dice_below(&l->rng, 2);
    if (dice_odds(&l->rng, 1, 4)) {
        t->parent = (uint32_t)dice_below(&l->rng, l->accounts + 1);
    }
    if (wrong(l)) {
        switch (dice_below(&l->rng, 7)) {
        case 0:
            t->role = dice_odds(&l->rng, 1, 2) ? 0 : TRD_ROLE_ADMIN + 1;
            break;
        case 1:
            t->mode = dice_odds(&l->rng, 1, 2) ? 0 : TRD_MODE_MULTI + 1;
            break;
        case 2:
            t->hedge = 2;
            break;
        case 3:
            t->enabled = 2;
            break;
        case 4:
            t->reserved = 1;
            break;
        case 5:
            t->fees = l->tables;
            break;
        default:
            t->struct_size++;
            break;
        }
    }
}

/* --- The beginning -----------------------------------------------------------------------------
 */

static void draw_odds(life_acct *l) {
    dice *d = &l->rng;
    static const uint8_t plain[ACCT_KINDS] = {[ACCT_TRANSFER] = 16,
        [ACCT_LOAN] = 2,
        [ACCT_HOLD] = 30,
        [ACCT_QUOTE_HOLD] = 2,
        [ACCT_AMEND] = 6,
        [ACCT_RELEASE] = 9,
        [ACCT_COLLATERAL] = 3,
        [ACCT_EXECUTE] = 30,
        [ACCT_MARK] = 3,
        [ACCT_RATE] = 3,
        [ACCT_DAY] = 3,
        [ACCT_PERIOD] = 1,
        [ACCT_FUNDING] = 3,
        [ACCT_INTEREST] = 2,
        [ACCT_EXPIRE] = 2,
        [ACCT_SPLIT] = 2,
        [ACCT_DIVIDEND] = 2,
        [ACCT_OPEN] = 1,
        [ACCT_STAMP] = 1,
        [ACCT_CONTINUE] = 1};
    for (int kind = 0; kind < ACCT_KINDS; kind++) {
        l->weight[kind] = plain[kind] * (uint32_t)dice_log(d, 1, 16);
    }
    l->weight[ACCT_RESET] = dice_odds(d, 1, 4);
    l->weight[ACCT_ASSET_ADD] = l->weight[ACCT_FEES_ADD] = l->weight[ACCT_INSTRUMENT_ADD] = 1;
    l->wrong_of = dice_odds(d, 1, 2) ? 0 : (uint32_t)dice_log(d, 10, 300);
    l->limit_of = dice_odds(d, 2, 3) ? 0 : (uint32_t)dice_log(d, 4, 100);
    l->fresh_of = (uint32_t)dice_log(d, 2, 32);
    l->endowed = dice_odds(d, 2, 3);
    l->outside_of = (uint32_t)dice_log(d, 2, 32);
    l->hedge_of = (uint32_t)dice_below(d, 4);
    l->nothing_of = (uint32_t)dice_log(d, 2, 32);
    l->many = (uint32_t)dice_log(d, 4, 1 << 20);
    l->rich = (uint32_t)dice_log(d, 1000, 1 << 30);
    l->charges = dice_odds(d, 1, 2);
    l->huge = dice_odds(d, 1, 6);
    l->dribbles = dice_odds(d, 1, 3);
    if (l->dribbles) {
        l->weight[ACCT_EXECUTE] *= 4;
        l->weight[ACCT_RELEASE] = 1;
        l->many = (uint32_t)dice_log(d, 4, 1000);
    }
}

void life_acct_begin(life_acct *l, uint64_t seed) {
    memset(l, 0, sizeof(*l));
    l->rng = dice_seeded(seed);
    dice *d = &l->rng;
    l->assets = (uint32_t)dice_in(d, 2, 6);
    l->tables = (uint32_t)dice_in(d, 1, 5);
    l->instruments = (uint32_t)dice_in(d, 2, 6);
    l->accounts = (uint32_t)dice_in(d, 3, 8);
    draw_odds(l);
    l->def = trd_accounts_def_default();
    l->def.assets_max = l->assets + (uint32_t)dice_below(d, 2);
    l->def.instruments_max = l->instruments + (uint32_t)dice_below(d, 2);
    l->def.accounts_max = l->accounts + (uint32_t)dice_below(d, 2);
    l->def.balances_max = dice_odds(d, 1, 8) ? (uint32_t)dice_in(d, 1, 20) : 80;
    l->def.positions_max = dice_odds(d, 1, 8) ? (uint32_t)dice_in(d, 1, 20) : 120;
    l->def.orders_max = dice_odds(d, 1, 8) ? (uint32_t)dice_in(d, 1, 8) : 48;
    l->def.unsettled_max = dice_odds(d, 1, 4) ? (uint32_t)dice_in(d, 0, 6) : 50;
    l->def.fee_tables_max = l->tables + (uint32_t)dice_below(d, 2);
    l->def.valuation_asset = (uint32_t)dice_below(d, l->assets);
    l->def.publish = dice_odds(d, 3, 4) ? TRD_PUBLISH_MONEY_ALL : (uint32_t)dice_below(d, 16);
    l->def.hash_seed = dice_u64(d);
}
