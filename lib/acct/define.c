/* define.c - what there is: assets, fee tables, instruments, accounts; prices of them. */
#include "acct/state.h"

#include <string.h>

#include "inst/symbol.h"

enum { SCALE_LIMIT = 12, DISCOUNT_LIMIT = 999999 };

/* --- assets ----------------------------------------------------------------------------------- */

int trd_accounts_asset_add(trd_accounts *accounts, const trd_asset *asset) {
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    if (asset == NULL || asset->struct_size != sizeof(*asset) || asset->scale > SCALE_LIMIT ||
        (asset->reserved[0] | asset->reserved[1] | asset->reserved[2]) != 0 ||
        !trd__symbol_is_good(asset->symbol)) {
        return TRD_E_ARG;
    }
    if (accounts->assets == accounts->def.assets_max) {
        return TRD_E_FULL;
    }
    const uint32_t number = accounts->assets++;
    trd_acct_asset *own = trd__asset(accounts, number);
    own->scale = asset->scale;
    memcpy(own->symbol, asset->symbol, sizeof(own->symbol));
    own->numerator = number == accounts->def.valuation_asset;
    own->denominator = own->numerator;
    return (int)number;
}

int trd_accounts_asset_get(const trd_accounts *accounts, uint32_t asset, trd_asset *out) {
    if (out == NULL) {
        return TRD_E_ARG;
    }
    if (asset >= accounts->assets) {
        return TRD_E_UNKNOWN;
    }
    const trd_acct_asset *own = trd__asset(accounts, asset);
    *out = (trd_asset){.struct_size = (uint32_t)sizeof(*out), .scale = (uint8_t)own->scale};
    memcpy(out->symbol, own->symbol, sizeof(out->symbol));
    return TRD_OK;
}

uint32_t trd_accounts_published(const trd_accounts *accounts) {
    return accounts->def.publish;
}

/* --- fee tables ------------------------------------------------------------------------------- */

static bool rate_is_good(int32_t ppb) {
    return ppb >= -(int32_t)TRD_FEE_RATE_MAX && ppb <= (int32_t)TRD_FEE_RATE_MAX;
}

static bool tiers_are_good(const trd_fee_table *table) {
    if (table->tier_count < 1 || table->tier_count > TRD_FEE_TIERS_MAX ||
        table->tiers[0].volume != 0) {
        return false;
    }
    for (uint32_t i = 0; i < TRD_FEE_TIERS_MAX; i++) {
        const trd_fee_tier *tier = &table->tiers[i];
        if (i >= table->tier_count) {
            if (tier->volume != 0 || tier->maker_ppb != 0 || tier->taker_ppb != 0) {
                return false;
            }
        } else if (!rate_is_good(tier->maker_ppb) || !rate_is_good(tier->taker_ppb) ||
                   (i > 0 && tier->volume <= table->tiers[i - 1].volume)) {
            return false;
        }
    }
    return true;
}

int trd_accounts_fees_add(trd_accounts *accounts, const trd_fee_table *table) {
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    if (table == NULL || table->struct_size != sizeof(*table) || !tiers_are_good(table) ||
        table->pays_in > accounts->assets || table->discount_ppm > DISCOUNT_LIMIT ||
        (table->pays_in == 0 && table->discount_ppm != 0)) {
        return TRD_E_ARG;
    }
    if (accounts->tables == accounts->def.fee_tables_max) {
        return TRD_E_FULL;
    }
    *trd__fee_table(accounts, accounts->tables) = *table;
    return (int)accounts->tables++;
}

/* --- instruments ------------------------------------------------------------------------------ */

static bool taxes_are_good(const trd_terms *terms) {
    if (terms->tax_count > TRD_TAXES_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < TRD_TAXES_MAX; i++) {
        const uint32_t limit = i < terms->tax_count ? (uint32_t)TRD_FEE_RATE_MAX : 0;
        if (terms->taxes[i].buyer_ppb > limit || terms->taxes[i].seller_ppb > limit) {
            return false;
        }
    }
    return true;
}

static bool terms_are_good(
    const trd_accounts *a, const trd_terms *terms, const trd_instrument *spec) {
    const bool can_deliver =
        spec->kind == TRD_INSTRUMENT_LINEAR || spec->kind == TRD_INSTRUMENT_OPTION;
    return terms->struct_size == sizeof(*terms) && terms->reserved == 0 && terms->reserved1 == 0 &&
           terms->settle_days <=
               (spec->kind == TRD_INSTRUMENT_SPOT ? (unsigned)TRD_SETTLE_DAYS_MAX : 0) &&
           terms->delivery <=
               (can_deliver ? (unsigned)TRD_DELIVERY_PHYSICAL : (unsigned)TRD_DELIVERY_CASH) &&
           taxes_are_good(terms) && terms->fees <= a->tables;
}

/* Minor units of the base asset in one lot: lot_size x 10^(scale - qty_scale). False if that is not
 * a whole number, or too large. */
static bool base_per_lot(int64_t lot_size, int exponent, trd_amt *out) {
    trd_wide base = lot_size;
    for (; exponent > 0; exponent--) {
        base *= 10; /* at most 2^62 x 10 */
        if (!trd__is_amount(base)) {
            return false;
        }
    }
    for (; exponent < 0; exponent++) {
        if (base % 10 != 0) {
            return false;
        }
        base /= 10;
    }
    *out = (trd_amt)base;
    return trd__is_amount(base);
}

/* Most that one lot is worth: at the price farthest from zero, of an inverse contract at the
 * lowest. trd_instrument_check has proved that it is an amount. */
static trd_amt unit_of(const trd_instrument *spec) {
    const uint64_t low = trd__magnitude(spec->px_min);
    const uint64_t high = trd__magnitude(spec->px_max);
    const bool is_inverse = spec->kind == TRD_INSTRUMENT_INVERSE;
    const uint64_t times[2] = {(uint64_t)spec->numerator, is_inverse ? 1 : low > high ? low : high};
    const uint64_t by[2] = {(uint64_t)spec->denominator, is_inverse ? low : 1};
    trd_amt unit = 0;
    bool inexact = false;
    const bool fits = trd__ratio(times, 2, by, 2, &unit, &inexact);
    trd_assert(fits);
    return unit + inexact;
}

static bool spec_is_good(const trd_accounts *a, const trd_instrument *spec, bool delivers) {
    if (trd_instrument_check(spec, a->def.orders_max) != TRD_INSTRUMENT_OK) {
        return false;
    }
    const bool is_spot = spec->kind == TRD_INSTRUMENT_SPOT;
    const bool pays_premium = is_spot || spec->kind == TRD_INSTRUMENT_OPTION;
    return spec->base_asset < a->assets && spec->quote_asset < a->assets &&
           spec->settle_asset < a->assets && !(pays_premium && spec->px_min < 0) &&
           !(is_spot && spec->settle_asset != spec->quote_asset) &&
           !(delivers && spec->base_asset == spec->settle_asset);
}

int trd_accounts_instrument_add(
    trd_accounts *accounts, const trd_instrument *spec, const trd_terms *terms) {
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    if (spec == NULL || terms == NULL || !terms_are_good(accounts, terms, spec)) {
        return TRD_E_ARG;
    }
    const bool delivers =
        spec->kind == TRD_INSTRUMENT_SPOT || terms->delivery == TRD_DELIVERY_PHYSICAL;
    trd_amt base = 0;
    if (!spec_is_good(accounts, spec, delivers) ||
        (delivers &&
            !base_per_lot(spec->lot_size,
                trd__asset(accounts, spec->base_asset)->scale - (int)spec->qty_scale, &base))) {
        return TRD_E_ARG;
    }
    if (accounts->listings == accounts->def.instruments_max) {
        return TRD_E_FULL;
    }
    trd_acct_listing *listing = trd__listed(accounts, accounts->listings);
    *listing = (trd_acct_listing){.numerator = spec->numerator,
        .denominator = spec->denominator,
        .px_min = spec->px_min,
        .px_max = spec->px_max,
        .unit = unit_of(spec),
        .base = base,
        .base_asset = spec->base_asset,
        .settle_asset = spec->settle_asset,
        .kind = spec->kind,
        .settle_days = terms->settle_days,
        .tax_count = terms->tax_count,
        .delivery = terms->delivery,
        .fees = terms->fees,
        .strike = spec->strike,
        .option = spec->option};
    memcpy(listing->taxes, terms->taxes, sizeof(listing->taxes));
    return (int)accounts->listings++;
}

/* --- accounts --------------------------------------------------------------------------------- */

static bool account_is_good(const trd_accounts *a, const trd_account *terms) {
    return terms->struct_size == sizeof(*terms) && terms->fees < a->tables &&
           terms->role >= TRD_ROLE_VIEWER && terms->role <= TRD_ROLE_ADMIN &&
           terms->mode >= TRD_MODE_CASH && terms->mode <= TRD_MODE_MULTI && terms->hedge <= 1 &&
           terms->enabled <= 1 && terms->reserved == 0;
}

/* A parent is an open account without a parent of its own, and its sub-account has none itself. */
static bool parent_is_good(const trd_accounts *a, uint32_t account, uint32_t parent) {
    return parent == 0 ||
           (parent - 1 != account && trd__is_open(a, parent - 1) &&
               trd__client(a, parent - 1)->parent == 0 && trd__client(a, account)->subs == 0);
}

/* The account is, or was, of mode MULTI: what is held for its orders on margin is counted there,
 * and nowhere else. */
static void count_on_margin(trd_accounts *a, uint32_t account) {
    const trd_acct_client *client = trd__client(a, account);
    for (uint32_t i = client->purses.first; i != 0; i = trd__purse(a, i)->next_of_account) {
        trd__pool(a, i)->on_margin = 0;
    }
    const bool counts = client->mode == TRD_MODE_MULTI && client->holds != 0;
    for (uint32_t slot = 0; slot < a->def.orders_max && counts; slot++) {
        const trd_acct_hold *hold = trd__held(a, slot);
        const trd_acct_entry *entry = trd__entry(a, hold->entry);
        if (hold->order != 0 && hold->kind == TRD_HOLD_MARGIN && entry->account == account) {
            trd__pool(a, entry->settle)->on_margin += hold->amount;
        }
    }
}

int trd_accounts_open(trd_accounts *accounts, uint32_t account, const trd_account *terms) {
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    if (terms == NULL || !account_is_good(accounts, terms)) {
        return TRD_E_ARG;
    }
    if (account >= accounts->def.accounts_max) {
        return TRD_E_UNKNOWN;
    }
    if (!parent_is_good(accounts, account, terms->parent)) {
        return TRD_E_ARG;
    }
    trd_acct_client *client = trd__client(accounts, account);
    if (client->open != 0 && client->hedge != terms->hedge &&
        (client->positions != 0 || client->holds != 0)) {
        return TRD_E_BUSY;
    }
    if (client->parent != 0) {
        trd__client(accounts, client->parent - 1)->subs--;
    }
    if (terms->parent != 0) {
        trd__client(accounts, terms->parent - 1)->subs++;
    }
    const bool was_multi = client->mode == TRD_MODE_MULTI;
    const bool is_multi = terms->mode == TRD_MODE_MULTI;
    client->open = 1;
    client->role = terms->role;
    client->mode = terms->mode;
    client->hedge = terms->hedge;
    client->enabled = terms->enabled;
    client->fees = terms->fees;
    if (client->leverage != terms->leverage && client->kept != 0) {
        trd__kept(accounts, client->kept)->need.is_known = 0;
    }
    client->leverage = terms->leverage;
    client->group = terms->group;
    client->parent = terms->parent;
    accounts->multis += (uint32_t)(is_multi - was_multi);
    if (was_multi != is_multi) {
        count_on_margin(accounts, account);
    }
    trd__acct_touch(accounts, account);
    return TRD_OK;
}

int trd_accounts_get(const trd_accounts *accounts, uint32_t account, trd_account *out) {
    if (out == NULL) {
        return TRD_E_ARG;
    }
    if (!trd__is_open(accounts, account)) {
        return TRD_E_UNKNOWN;
    }
    const trd_acct_client *client = trd__client(accounts, account);
    *out = (trd_account){.struct_size = (uint32_t)sizeof(*out),
        .parent = client->parent,
        .group = client->group,
        .fees = client->fees,
        .leverage = client->leverage,
        .role = client->role,
        .mode = client->mode,
        .hedge = client->hedge,
        .enabled = client->enabled};
    return TRD_OK;
}

/* --- prices ----------------------------------------------------------------------------------- */

int trd_accounts_mark(trd_accounts *accounts, uint32_t instrument, trd_px px) {
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    if (instrument >= accounts->listings) {
        return TRD_E_UNKNOWN;
    }
    trd_acct_listing *listing = trd__listed(accounts, instrument);
    if (!trd__px_fits(listing, px)) {
        return TRD_E_ARG;
    }
    if (listing->has_mark == 0 || listing->mark != px) {
        *trd__marked(accounts, accounts->marks++) = instrument;
    }
    listing->mark = px;
    listing->has_mark = 1;
    return TRD_OK;
}

/* What the asset counts for is another number: who has it behind positions in others is to be
 * looked at. */
static void revalued(trd_accounts *a, uint32_t asset) {
    uint32_t i = a->multis != 0 ? trd__asset(a, asset)->purses.first : 0;
    for (; i != 0; i = trd__purse(a, i)->next_of_asset) {
        const uint32_t account = trd__purse(a, i)->account;
        if (trd__client(a, account)->mode == TRD_MODE_MULTI) {
            trd__acct_touch(a, account);
        }
    }
}

int trd_accounts_rate(
    trd_accounts *accounts, uint32_t asset, uint32_t numerator, uint32_t denominator) {
    const uint32_t limit = UINT32_C(1) << 31;
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    if (numerator < 1 || numerator > limit || denominator < 1 || denominator > limit) {
        return TRD_E_ARG;
    }
    if (asset >= accounts->assets) {
        return TRD_E_UNKNOWN;
    }
    if (asset == accounts->def.valuation_asset) {
        return TRD_E_ARG;
    }
    trd_acct_asset *own = trd__asset(accounts, asset);
    if (own->numerator != numerator || own->denominator != denominator) {
        own->rated = ++accounts->rates;
    }
    own->numerator = numerator;
    own->denominator = denominator;
    revalued(accounts, asset);
    return TRD_OK;
}

int trd_accounts_haircut(trd_accounts *accounts, uint32_t asset, const trd_haircut *haircut) {
    enum { PPM = 1000000 };
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    if (haircut == NULL || haircut->ppm > PPM || haircut->has_cap > 1 || haircut->cap < 0 ||
        haircut->cap >= (haircut->has_cap != 0 ? TRD_AMT_LIMIT : 1)) {
        return TRD_E_ARG;
    }
    if (asset >= accounts->assets) {
        return TRD_E_UNKNOWN;
    }
    trd_acct_asset *own = trd__asset(accounts, asset);
    own->haircut_ppm = haircut->ppm;
    own->has_cap = (uint8_t)haircut->has_cap;
    own->cap = haircut->cap;
    revalued(accounts, asset);
    return TRD_OK;
}

int trd_accounts_period(trd_accounts *accounts) {
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    accounts->period++;
    return TRD_OK;
}
