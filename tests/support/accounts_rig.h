/* accounts_rig.h - a small world of accounts for tests: three assets, five accounts with money, one
 * fee table without fees, everything published, and an audit behind every call. */
#ifndef TRD_SUPPORT_ACCOUNTS_RIG_H
#define TRD_SUPPORT_ACCOUNTS_RIG_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include <tradsys/account.h>

enum { USD = 0, BTC = 1, JPY = 2 };              /* scales 2, 8, 0 */
enum { A = 0, B = 1, C = 2, D = 3, HEDGED = 4 }; /* accounts */
enum { RIG_SLOTS = 512, RIG_ORDERS = 32 };

typedef struct rig {
    trd_accounts *a;
    size_t size;
    trd_event events[RIG_SLOTS];
    trd_out out;
} rig;

static inline trd_accounts_def rig_def(void) {
    trd_accounts_def def = trd_accounts_def_default();
    def.assets_max = 4;
    def.instruments_max = 8;
    def.accounts_max = 8;
    def.balances_max = 32;
    def.positions_max = 32;
    def.orders_max = RIG_ORDERS;
    def.unsettled_max = 8;
    def.fee_tables_max = 4;
    def.publish = TRD_PUBLISH_MONEY_ALL;
    return def;
}

static inline void rig_sound(const rig *r) {
    cr_assert(eq(int, trd_accounts_audit(r->a), TRD_OK));
}

/* Every call begins with an empty output, and ends with an audit. */
#define CALL(r, function, ...)                                                                     \
    ((r)->out.count = 0,                                                                           \
        rig_audited((r), trd_accounts_##function((r)->a, ##__VA_ARGS__, &(r)->out)))
#define OK(r, function, ...) cr_assert(eq(int, CALL(r, function, ##__VA_ARGS__), TRD_OK))

static inline int rig_audited(const rig *r, int result) {
    rig_sound(r);
    return result;
}

static inline uint32_t rig_asset(rig *r, const char *symbol, uint8_t scale) {
    trd_asset asset = {.struct_size = sizeof(asset), .scale = scale};
    strcpy(asset.symbol, symbol);
    return (uint32_t)trd_accounts_asset_add(r->a, &asset);
}

static inline trd_account rig_account(void) {
    return (trd_account){.struct_size = sizeof(trd_account),
        .role = TRD_ROLE_TRADER,
        .mode = TRD_MODE_CROSS,
        .enabled = 1};
}

static inline trd_fee_table rig_fees(int32_t maker_ppb, int32_t taker_ppb) {
    return (trd_fee_table){.struct_size = sizeof(trd_fee_table),
        .tier_count = 1,
        .tiers = {{.maker_ppb = maker_ppb, .taker_ppb = taker_ppb}}};
}

static inline trd_terms rig_terms(void) {
    return (trd_terms){.struct_size = sizeof(trd_terms)};
}

/* A contract whose tick x lot is one minor unit of USD. */
static inline trd_instrument rig_spec(uint8_t kind) {
    trd_instrument spec = trd_instrument_default();
    strcpy(spec.symbol, "X");
    spec.kind = kind;
    spec.px_min = kind == TRD_INSTRUMENT_LINEAR ? -1000000 : kind == TRD_INSTRUMENT_INVERSE;
    spec.px_max = 1000000;
    spec.qty_max = 1000000;
    spec.base_asset = BTC;
    spec.quote_asset = USD;
    spec.settle_asset = USD;
    spec.qty_scale = 8; /* one lot is one minor unit of BTC */
    if (kind == TRD_INSTRUMENT_OPTION) {
        spec.option = TRD_OPTION_CALL;
        spec.strike = 100;
        spec.expiry = 1;
    }
    return spec;
}

static inline uint32_t rig_add(rig *r, const trd_instrument *spec, const trd_terms *terms) {
    const int number = trd_accounts_instrument_add(r->a, spec, terms);
    cr_assert(number >= 0);
    return (uint32_t)number;
}

static inline uint32_t rig_instrument(rig *r, uint8_t kind) {
    const trd_instrument spec = rig_spec(kind);
    const trd_terms terms = rig_terms();
    return rig_add(r, &spec, &terms);
}

static inline void rig_fees_of(rig *r, uint32_t account, const trd_fee_table *table) {
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(r->a, account, &terms), TRD_OK));
    const int number = trd_accounts_fees_add(r->a, table);
    cr_assert(number >= 0);
    terms.fees = (uint32_t)number;
    cr_assert(eq(int, trd_accounts_open(r->a, account, &terms), TRD_OK));
}

static inline void rig_deposit(rig *r, uint32_t account, uint32_t asset, trd_amt amount) {
    const trd_transfer t = {
        .from = TRD_ACCOUNT_OUTSIDE, .to = account, .asset = asset, .amount = amount};
    OK(r, transfer, &t);
}

/* Without money. */
static inline rig *rig_bare_of(const trd_accounts_def *def) {
    rig *r = (rig *)calloc(1, sizeof(rig));
    r->size = trd_accounts_footprint(def);
    r->a = trd_accounts_init(aligned_alloc(TRD_ACCOUNTS_ALIGN, r->size), def);
    r->out = (trd_out){.events = r->events, .capacity = RIG_SLOTS};
    cr_assert(r->a != NULL);
    cr_assert(rig_asset(r, "USD", 2) == USD);
    cr_assert(rig_asset(r, "BTC", 8) == BTC);
    cr_assert(rig_asset(r, "JPY", 0) == JPY);
    const trd_fee_table table = rig_fees(0, 0);
    cr_assert(eq(int, trd_accounts_fees_add(r->a, &table), 0));
    for (uint32_t account = A; account <= HEDGED; account++) {
        trd_account terms = rig_account();
        terms.hedge = account == HEDGED;
        cr_assert(eq(int, trd_accounts_open(r->a, account, &terms), TRD_OK));
    }
    return r;
}

static inline rig *rig_bare(void) {
    const trd_accounts_def def = rig_def();
    return rig_bare_of(&def);
}

static inline rig *rig_new(void) {
    rig *r = rig_bare();
    for (uint32_t account = A; account <= HEDGED; account++) {
        rig_deposit(r, account, USD, 1000000);
        rig_deposit(r, account, BTC, 1000000);
    }
    return r;
}

static inline void rig_free(rig *r) {
    free(r->a);
    free(r);
}

/* --- orders and executions -------------------------------------------------------------------- */

static inline trd_leg rig_leg(uint32_t account) {
    return (trd_leg){.account = account, .liquidity = TRD_LIQUIDITY_TAKER};
}

static inline trd_leg rig_outside(void) {
    return (trd_leg){.account = TRD_ACCOUNT_OUTSIDE};
}

static inline trd_execution rig_execution(
    uint32_t instrument, trd_leg buyer, trd_leg seller, trd_qty qty, trd_px px) {
    return (trd_execution){.instrument = instrument,
        .px = px,
        .qty = qty,
        .reference = 77,
        .buyer = buyer,
        .seller = seller};
}

/* `buyer` buys from `seller`, without holds. */
static inline void rig_fill(
    rig *r, uint32_t instrument, uint32_t buyer, uint32_t seller, trd_qty qty, trd_px px) {
    const trd_execution x = rig_execution(instrument, rig_leg(buyer), rig_leg(seller), qty, px);
    OK(r, execute, &x);
}

static inline trd_hold rig_hold(trd_order order, uint32_t account, uint32_t instrument,
    uint8_t side, uint8_t kind, trd_qty qty, trd_px px) {
    return (trd_hold){.order = order,
        .account = account,
        .instrument = instrument,
        .side = side,
        .kind = kind,
        .px = px,
        .qty = qty};
}

/* A side of the order `order`. */
static inline trd_leg rig_order(trd_order order, uint32_t account, uint8_t liquidity) {
    return (trd_leg){.order = order, .account = account, .liquidity = liquidity};
}

/* --- questions -------------------------------------------------------------------------------- */

static inline trd_balance rig_balance(const rig *r, uint32_t account, uint32_t asset) {
    trd_balance balance;
    cr_assert(eq(int, trd_accounts_balance(r->a, account, asset, &balance), TRD_OK));
    return balance;
}

static inline trd_amt rig_free_of(const rig *r, uint32_t account, uint32_t asset) {
    return rig_balance(r, account, asset).free;
}

static inline trd_holding rig_position(const rig *r, uint32_t account, uint32_t instrument) {
    trd_holding holding;
    cr_assert(eq(
        int, trd_accounts_position(r->a, account, instrument, TRD_POSITION_NET, &holding), TRD_OK));
    return holding;
}

#define EXPECT_POSITION(r, account, instrument, qty_, cost_, realised_)                            \
    do {                                                                                           \
        const trd_holding holding_ = rig_position((r), (account), (instrument));                   \
        cr_assert(eq(i64, holding_.qty, (qty_)));                                                  \
        cr_assert(eq(i64, holding_.cost, (cost_)));                                                \
        cr_assert(eq(i64, holding_.realised, (realised_)));                                        \
    } while (0)

static inline trd_held rig_held(const rig *r, trd_order order) {
    trd_held held;
    cr_assert(eq(int, trd_accounts_held(r->a, order, &held), TRD_OK));
    return held;
}

/* The LEDGER events of an entry in the output of the last call: how many, and their sum, of one
 * account. */
static inline unsigned rig_count(const rig *r, uint32_t account, uint16_t entry) {
    unsigned count = 0;
    for (uint32_t i = 0; i < r->out.count; i++) {
        const trd_event *e = &r->events[i];
        count += e->kind == TRD_EVENT_LEDGER && e->account == account && e->u.ledger.entry == entry;
    }
    return count;
}

static inline trd_amt rig_sum(const rig *r, uint32_t account, uint16_t entry) {
    trd_amt sum = 0;
    for (uint32_t i = 0; i < r->out.count; i++) {
        const trd_event *e = &r->events[i];
        if (e->kind == TRD_EVENT_LEDGER && e->account == account && e->u.ledger.entry == entry) {
            sum += e->u.ledger.amount;
        }
    }
    return sum;
}

#endif
