/* test_accounts_state.c - life cycle, definitions, limits, what a refused call leaves, the audit.
 */
#include "accounts_rig.h"
#include "hook.h"

#include "acct/state.h"

enum { SPOT = TRD_INSTRUMENT_SPOT, LINEAR = TRD_INSTRUMENT_LINEAR, OPTION = TRD_INSTRUMENT_OPTION };

/* --- life cycle ------------------------------------------------------------------------------- */

Test(accounts_state, a_definition_outside_its_ranges_makes_nothing) {
    const struct {
        size_t at;
        uint32_t value;
    } rows[] = {
        {offsetof(trd_accounts_def, struct_size), 0},
        {offsetof(trd_accounts_def, struct_size), sizeof(trd_accounts_def) + 1},
        {offsetof(trd_accounts_def, assets_max), 0},
        {offsetof(trd_accounts_def, assets_max), 4097},
        {offsetof(trd_accounts_def, instruments_max), 0},
        {offsetof(trd_accounts_def, instruments_max), (1 << 20) + 1},
        {offsetof(trd_accounts_def, accounts_max), 0},
        {offsetof(trd_accounts_def, accounts_max), (1 << 24) + 1},
        {offsetof(trd_accounts_def, balances_max), 0},
        {offsetof(trd_accounts_def, balances_max), (1 << 26) + 1},
        {offsetof(trd_accounts_def, positions_max), 0},
        {offsetof(trd_accounts_def, positions_max), (1 << 26) + 1},
        {offsetof(trd_accounts_def, orders_max), 0},
        {offsetof(trd_accounts_def, orders_max), (1 << 26) + 1},
        {offsetof(trd_accounts_def, unsettled_max), (1 << 26) + 1},
        {offsetof(trd_accounts_def, fee_tables_max), 0},
        {offsetof(trd_accounts_def, fee_tables_max), 65537},
        {offsetof(trd_accounts_def, valuation_asset), 4},
        {offsetof(trd_accounts_def, publish), 16},
        {offsetof(trd_accounts_def, reserved), 1},
    };
    void *mem = aligned_alloc(TRD_ACCOUNTS_ALIGN, TRD_ACCOUNTS_ALIGN);
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        trd_accounts_def def = rig_def();
        memcpy((char *)&def + rows[i].at, &rows[i].value, sizeof(uint32_t));
        cr_assert(eq(sz, trd_accounts_footprint(&def), 0), "row %u", i);
        cr_assert(trd_accounts_create(&def) == NULL, "row %u", i);
        cr_assert(trd_accounts_init(mem, &def) == NULL, "row %u", i);
    }
    free(mem);
    cr_assert(eq(sz, trd_accounts_footprint(NULL), 0));
    trd_accounts_def def = rig_def();
    def.balances_max = 1 << 26;
    def.positions_max = 1 << 26;
    def.orders_max = 1 << 26;
    cr_assert(trd_accounts_footprint(&def) > (size_t)1 << 30);
}

Test(accounts_state, memory_that_is_not_there_or_not_aligned_makes_nothing) {
    const trd_accounts_def def = rig_def();
    char *mem = (char *)aligned_alloc(64, trd_accounts_footprint(&def) + 64);
    cr_assert(trd_accounts_init(NULL, &def) == NULL);
    cr_assert(trd_accounts_init(mem + 8, &def) == NULL);
    cr_assert(trd_accounts_init(mem + 64, &def) != NULL);
    free(mem);
    trd_accounts_destroy(NULL);
}

Test(accounts_state, creation_uses_the_hook_once_and_gives_back_what_it_got) {
    hook own = {0};
    trd_accounts_def def = rig_def();
    def.mem = hook_mem(&own);
    trd_accounts *a = trd_accounts_create(&def);
    cr_assert(a != NULL);
    cr_assert(eq(u32, own.allocs, 1));
    cr_assert(eq(sz, own.size, trd_accounts_footprint(&def)));
    trd_accounts_destroy(a);
    cr_assert(eq(u32, own.releases, 1));
    own = (hook){.fail_at = 1};
    cr_assert(trd_accounts_create(&def) == NULL);
    own = (hook){.shift = 8};
    cr_assert(trd_accounts_create(&def) == NULL);
    cr_assert(own.at == NULL);
}

/* A world with something of everything. */
static rig *lived(void) {
    rig *r = rig_new();
    const trd_instrument spec = rig_spec(SPOT);
    trd_terms terms = rig_terms();
    terms.settle_days = 2;
    terms.tax_count = 1;
    terms.taxes[0] = (trd_tax){.buyer_ppb = 1000000, .seller_ppb = 100000000};
    const uint32_t x = rig_add(r, &spec, &terms);
    const uint32_t y = rig_instrument(r, LINEAR);
    const trd_fee_table table = rig_fees(-500000, 100000000);
    rig_fees_of(r, A, &table);
    trd_account sub = rig_account();
    sub.parent = 1 + A;
    cr_assert(eq(int, trd_accounts_open(r->a, 5, &sub), TRD_OK));
    trd_hold hold = rig_hold(1, A, x, TRD_SELL, TRD_HOLD_FULL, 9, 1);
    OK(r, hold, &hold);
    trd_execution e = rig_execution(
        x, rig_leg(B), rig_order(1, A, TRD_LIQUIDITY_TAKER), 1, 1); /* leaves a tax missing */
    OK(r, execute, &e);
    hold = rig_hold(2, B, y, TRD_BUY, TRD_HOLD_MARGIN, 10, 1000);
    hold.margin_ppm = 100000;
    OK(r, hold, &hold);
    e = rig_execution(y, rig_order(2, B, TRD_LIQUIDITY_MAKER), rig_leg(A), 4, 999);
    OK(r, execute, &e);
    OK(r, loan, C, USD, 77, 0);
    cr_assert(eq(int, trd_accounts_mark(r->a, y, 1001), TRD_OK));
    cr_assert(eq(int, trd_accounts_rate(r->a, BTC, 3, 7), TRD_OK));
    const trd_funding f = {.instrument = y, .rate_ppb = 1000000, .mark = 1000, .due = 5};
    OK(r, funding, &f);
    OK(r, interest, USD, 1000000, 5);
    return r;
}

Test(accounts_state, a_copy_of_the_block_lives_on_somewhere_else) {
    rig *r = lived();
    rig *copy = (rig *)calloc(1, sizeof(rig));
    copy->size = r->size;
    copy->a = (trd_accounts *)aligned_alloc(64, r->size);
    memcpy(copy->a, r->a, r->size);
    copy->out = (trd_out){.events = copy->events, .capacity = RIG_SLOTS};
    memset(r->a, 0xa5, r->size); /* nothing may point there */
    rig_sound(copy);
    OK(copy, release, 1, 8);
    OK(copy, day);
    OK(copy, day);
    rig_fill(copy, 1, B, A, 3, 1000);
    cr_assert(eq(i64, rig_balance(copy, A, BTC).locked, 0));
    rig_free(copy);
    rig_free(r);
}

Test(accounts_state, reset_keeps_what_there_is_and_forgets_what_happened) {
    rig *r = lived();
    trd_accounts_reset(r->a);
    rig_sound(r);
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(r->a, A, &terms), TRD_E_UNKNOWN));
    cr_assert(eq(u64, trd_accounts_next_seq(r->a), 1));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_OUTSIDE, USD), 0));
    trd_held held;
    cr_assert(eq(int, trd_accounts_held(r->a, 1, &held), TRD_E_UNKNOWN));
    for (uint32_t account = A; account <= B; account++) {
        terms = rig_account();
        cr_assert(eq(int, trd_accounts_open(r->a, account, &terms), TRD_OK));
    }
    rig_deposit(r, A, USD, 100);
    cr_assert(eq(u64, r->events[0].seq, 1));
    rig_fill(r, 1, A, B, 1, 50); /* the instruments are there */
    trd_amt profit;
    cr_assert(
        eq(int, trd_accounts_unrealised(r->a, A, 1, TRD_POSITION_NET, &profit), TRD_E_UNKNOWN));
    const trd_funding f = {.instrument = 1, .rate_ppb = 1, .mark = 1000, .due = 5};
    OK(r, funding, &f);
    OK(r, interest, USD, 1, 5);
    rig_free(r);
}

Test(accounts_state, every_byte_of_the_memory_is_the_objects_own) {
    const trd_accounts_def def = rig_def();
    const size_t size = trd_accounts_footprint(&def);
    char *one = (char *)aligned_alloc(64, size);
    char *two = (char *)aligned_alloc(64, size);
    memset(one, 0xa5, size);
    memset(two, 0x5a, size);
    cr_assert(trd_accounts_init(one, &def) != NULL);
    cr_assert(trd_accounts_init(two, &def) != NULL);
    cr_assert(memcmp(one, two, size) == 0);
    free(one);
    free(two);
}

/* --- what there is ---------------------------------------------------------------------------- */

Test(accounts_state, an_asset_has_a_symbol_and_a_scale) {
    rig *r = rig_bare();
    trd_asset asset = {.struct_size = sizeof(asset), .scale = 12, .symbol = "ETH"};
    trd_asset wrong = asset;
    wrong.scale = 13;
    cr_assert(eq(int, trd_accounts_asset_add(r->a, &wrong), TRD_E_ARG));
    wrong = asset;
    wrong.symbol[1] = ' ';
    cr_assert(eq(int, trd_accounts_asset_add(r->a, &wrong), TRD_E_ARG));
    wrong = asset;
    wrong.symbol[0] = 0;
    cr_assert(eq(int, trd_accounts_asset_add(r->a, &wrong), TRD_E_ARG));
    wrong = asset;
    wrong.reserved[2] = 1;
    cr_assert(eq(int, trd_accounts_asset_add(r->a, &wrong), TRD_E_ARG));
    wrong = asset;
    wrong.struct_size--;
    cr_assert(eq(int, trd_accounts_asset_add(r->a, &wrong), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_asset_add(r->a, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_asset_add(r->a, &asset), 3));
    cr_assert(eq(int, trd_accounts_asset_add(r->a, &asset), TRD_E_FULL));
    trd_asset got = wrong;
    cr_assert(eq(int, trd_accounts_asset_get(r->a, 3, &got), TRD_OK));
    cr_assert(memcmp(&got, &asset, sizeof(got)) == 0);
    cr_assert(eq(int, trd_accounts_asset_get(r->a, 4, &got), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_asset_get(r->a, 3, NULL), TRD_E_ARG));
    rig_free(r);
}

Test(accounts_state, a_fee_table_has_tiers_that_rise) {
    rig *r = rig_bare();
    const trd_fee_table good = {.struct_size = sizeof(good),
        .tier_count = 2,
        .tiers = {{.maker_ppb = -TRD_FEE_RATE_MAX, .taker_ppb = TRD_FEE_RATE_MAX}, {.volume = 5}},
        .pays_in = 3,
        .discount_ppm = 999999};
    trd_fee_table bad[12];
    for (unsigned i = 0; i < 12; i++) {
        bad[i] = good;
    }
    bad[0].struct_size--;
    bad[1].tier_count = 0;
    bad[2].tier_count = TRD_FEE_TIERS_MAX + 1;
    bad[3].tiers[0].volume = 1;
    bad[4].tiers[1].volume = 0;
    bad[5].tiers[0].maker_ppb--;
    bad[6].tiers[1].taker_ppb = TRD_FEE_RATE_MAX + 1;
    bad[7].tiers[2].taker_ppb = 1;
    bad[8].pays_in = 4;
    bad[9].discount_ppm = 1000000;
    bad[10].tiers[2].volume = 6;
    bad[11].tiers[7].maker_ppb = 1;
    for (unsigned i = 0; i < 12; i++) {
        cr_assert(eq(int, trd_accounts_fees_add(r->a, &bad[i]), TRD_E_ARG), "table %u", i);
    }
    trd_fee_table table = good;
    table.pays_in = 0;
    cr_assert(eq(int, trd_accounts_fees_add(r->a, &table), TRD_E_ARG));
    table = good;
    table.tier_count = 3;
    table.tiers[2].volume = 5;
    cr_assert(eq(int, trd_accounts_fees_add(r->a, &table), TRD_E_ARG));
    for (int i = 1; i < 4; i++) {
        cr_assert(eq(int, trd_accounts_fees_add(r->a, &good), i));
    }
    cr_assert(eq(int, trd_accounts_fees_add(r->a, &good), TRD_E_FULL));
    rig_free(r);
}

Test(accounts_state, an_instrument_that_cannot_be_booked_is_refused) {
    rig *r = rig_bare();
    trd_instrument spec[15];
    trd_terms terms[15];
    for (unsigned i = 0; i < 15; i++) {
        spec[i] = rig_spec(SPOT);
        terms[i] = rig_terms();
    }
    spec[0].px_max = spec[0].px_min - 1;
    spec[1].px_min = -1;
    spec[2].settle_asset = JPY;
    spec[3].base_asset = 3;
    spec[4].qty_scale = 9; /* a tenth of a minor unit */
    spec[5].base_asset = USD;
    terms[6].delivery = TRD_DELIVERY_PHYSICAL;
    terms[7].settle_days = 4;
    terms[8].tax_count = 5;
    terms[9].taxes[0].buyer_ppb = 1; /* beyond tax_count */
    terms[10].fees = 2;              /* there is one table */
    terms[11].struct_size = 0;
    terms[12].reserved = 1;
    terms[13].reserved1 = 1;
    spec[14] = rig_spec(LINEAR);
    spec[14].quote_asset = 3;
    for (unsigned i = 0; i < 15; i++) {
        cr_assert(eq(int, trd_accounts_instrument_add(r->a, &spec[i], &terms[i]), TRD_E_ARG),
            "instrument %u", i);
    }
    spec[0] = rig_spec(LINEAR);
    terms[0] = rig_terms();
    terms[0].settle_days = 1;
    cr_assert(eq(int, trd_accounts_instrument_add(r->a, &spec[0], &terms[0]), TRD_E_ARG));
    spec[0].base_asset = USD;
    terms[0] = rig_terms();
    cr_assert(eq(int, trd_accounts_instrument_add(r->a, &spec[0], &terms[0]), 0));
    terms[0].delivery = TRD_DELIVERY_PHYSICAL;
    cr_assert(eq(int, trd_accounts_instrument_add(r->a, &spec[0], &terms[0]), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_instrument_add(r->a, &spec[0], NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_instrument_add(r->a, NULL, &terms[0]), TRD_E_ARG));
    for (int i = 1; i < 8; i++) {
        rig_instrument(r, SPOT);
    }
    terms[0] = rig_terms();
    cr_assert(eq(int, trd_accounts_instrument_add(r->a, &spec[0], &terms[0]), TRD_E_FULL));
    rig_free(r);
}

Test(accounts_state, accounts_form_families_of_two_generations) {
    rig *r = rig_bare();
    trd_account terms = rig_account();
    terms.parent = 1 + A;
    cr_assert(eq(int, trd_accounts_open(r->a, A, &terms), TRD_E_ARG)); /* itself */
    cr_assert(eq(int, trd_accounts_open(r->a, B, &terms), TRD_OK));
    rig_sound(r);
    terms.parent = 1 + B;
    cr_assert(eq(int, trd_accounts_open(r->a, C, &terms), TRD_E_ARG)); /* is one itself */
    terms.parent = 1 + C;
    cr_assert(eq(int, trd_accounts_open(r->a, A, &terms), TRD_E_ARG)); /* has one itself */
    terms.parent = 1 + 7;
    cr_assert(eq(int, trd_accounts_open(r->a, C, &terms), TRD_E_ARG)); /* not open */
    terms.parent = 0;
    cr_assert(eq(int, trd_accounts_open(r->a, B, &terms), TRD_OK));
    terms.parent = 1 + C;
    terms.group = 99;
    terms.leverage = 500;
    cr_assert(eq(int, trd_accounts_open(r->a, A, &terms), TRD_OK));
    trd_account got;
    cr_assert(eq(int, trd_accounts_get(r->a, A, &got), TRD_OK));
    cr_assert(memcmp(&got, &terms, sizeof(got)) == 0);
    cr_assert(eq(int, trd_accounts_open(r->a, 8, &terms), TRD_E_UNKNOWN));
    terms.fees = 1;
    cr_assert(eq(int, trd_accounts_open(r->a, A, &terms), TRD_E_ARG));
    rig_sound(r);
    rig_free(r);
}

Test(accounts_state, an_account_is_hedged_or_not_while_it_is_flat) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    trd_account terms = rig_account();
    terms.hedge = 1;
    const trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_NOTHING, 1, 100);
    OK(r, hold, &hold);
    cr_assert(eq(int, trd_accounts_open(r->a, A, &terms), TRD_E_BUSY));
    OK(r, release, 1, 1);
    rig_fill(r, x, A, B, 1, 100);
    cr_assert(eq(int, trd_accounts_open(r->a, A, &terms), TRD_E_BUSY));
    rig_fill(r, x, B, A, 1, 100);
    cr_assert(eq(int, trd_accounts_open(r->a, A, &terms), TRD_OK));
    rig_free(r);
}

/* --- limits ----------------------------------------------------------------------------------- */

/* One lot may be worth 2^40. Load: free + lots x 2^40 below 2^62, so 2^22 - 1 lots and not one
 * more, while free is below 2^40. */
Test(accounts_state, the_load_of_a_balance_stays_below_its_limit) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(LINEAR);
    const trd_terms terms = rig_terms();
    spec.px_min = 0;
    spec.px_max = (trd_px)1 << 40;
    spec.qty_max = 1 << 20;
    const uint32_t x = rig_add(r, &spec, &terms);
    trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_NOTHING, 1 << 22, 1);
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_RANGE));
    hold.qty--;
    OK(r, hold, &hold);
    cr_assert(eq(int, CALL(r, amend, 1, 1, 1 << 22), TRD_E_RANGE));
    const trd_transfer t = {
        .from = TRD_ACCOUNT_OUTSIDE, .to = A, .asset = USD, .amount = (trd_amt)1 << 40};
    cr_assert(eq(int, CALL(r, transfer, &t), TRD_E_RANGE));
    rig_deposit(r, A, USD, ((trd_amt)1 << 40) - 1);
    hold = rig_hold(2, A, x, TRD_SELL, TRD_HOLD_NOTHING, 1, 1);
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_RANGE));
    trd_execution e = rig_execution(x, rig_leg(A), rig_leg(B), 1, 1);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_RANGE));
    OK(r, release, 1, 1);
    OK(r, execute, &e);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_RANGE));
    OK(r, release, 1, (1 << 22) - 2); /* one lot is open as a position */
    e = rig_execution(x, rig_leg(B), rig_leg(A), 1, (trd_px)1 << 40);
    OK(r, execute, &e);
    cr_assert(eq(i64, rig_position(r, A, x).realised, ((trd_amt)1 << 40) - 1));
    rig_free(r);
}

/* The same lots in two instruments weigh on the one balance that both settle in. */
Test(accounts_state, the_load_is_that_of_all_positions_of_a_balance) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(LINEAR);
    const trd_terms terms = rig_terms();
    spec.px_min = 0;
    spec.px_max = (trd_px)1 << 40;
    spec.qty_max = 1 << 20;
    const uint32_t x = rig_add(r, &spec, &terms);
    const uint32_t y = rig_add(r, &spec, &terms);
    trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_NOTHING, 1 << 21, 1);
    OK(r, hold, &hold);
    hold = rig_hold(2, A, y, TRD_BUY, TRD_HOLD_NOTHING, 1 << 21, 1);
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_RANGE));
    hold.qty--;
    OK(r, hold, &hold);
    rig_free(r);
}

/* Three halves at most: a lot counts 2. */
Test(accounts_state, what_a_lot_is_worth_at_most_is_rounded_up) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(LINEAR);
    const trd_terms terms = rig_terms();
    spec.px_min = 0;
    spec.px_max = 3;
    spec.denominator = 2;
    const uint32_t x = rig_add(r, &spec, &terms);
    trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_NOTHING, TRD_QTY_LIMIT / 2, 1);
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_RANGE));
    hold.qty--;
    OK(r, hold, &hold);
    rig_free(r);
}

/* Two sides with order 0 of one account count both: 2 x (2^21 - 1) fit below 2^22, 2 x 2^21 do
 * not. */
Test(accounts_state, both_sides_of_an_execution_with_itself_count) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(LINEAR);
    const trd_terms terms = rig_terms();
    spec.px_min = 0;
    spec.px_max = (trd_px)1 << 40;
    spec.qty_max = 1 << 20;
    const uint32_t x = rig_add(r, &spec, &terms);
    trd_execution e = rig_execution(x, rig_leg(A), rig_leg(A), 1 << 21, 1);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_RANGE));
    e.qty--;
    OK(r, execute, &e);
    rig_free(r);
}

/* A tick x lot worth 2^-40: lots alone reach their limit. */
Test(accounts_state, the_lots_of_a_position_stay_below_their_limit) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(LINEAR);
    const trd_terms terms = rig_terms();
    spec.px_min = 0;
    spec.px_max = 0;
    spec.qty_max = 1 << 20;
    const uint32_t x = rig_add(r, &spec, &terms);
    trd_execution e = rig_execution(x, rig_leg(A), rig_leg(B), TRD_QTY_LIMIT, 0);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_RANGE));
    e.qty = TRD_QTY_LIMIT - 1;
    OK(r, execute, &e);
    e.qty = 1;
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_RANGE));
    e = rig_execution(x, rig_leg(C), rig_outside(), TRD_QTY_LIMIT - 1, 0);
    OK(r, execute, &e);
    e = rig_execution(x, rig_leg(D), rig_outside(), 1, 0);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_RANGE));
    rig_free(r);
}

/* One lot may be worth 2^20. 2^40 lots for 2^60 become 2^20 that still cost 2^60: with 3 x 2^40
 * more at 2^20 the cost would be 2^62. */
Test(accounts_state, the_cost_that_a_split_leaves_counts) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(SPOT);
    const trd_terms terms = rig_terms();
    spec.px_max = 1 << 20;
    spec.qty_max = 1 << 20;
    const uint32_t x = rig_add(r, &spec, &terms);
    const trd_qty lots = (trd_qty)1 << 40;
    rig_fill(r, x, A, B, lots, 1 << 20);
    const trd_split s = {.instrument = x, .numerator = 1, .denominator = 1 << 20, .px = 1};
    OK(r, split, &s);
    EXPECT_POSITION(r, A, x, 1 << 20, (trd_amt)1 << 60, 0);
    rig_deposit(r, A, USD, (trd_amt)1 << 60);
    trd_execution e = rig_execution(x, rig_leg(A), rig_leg(C), 3 * lots, 1 << 20);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_RANGE));
    e.qty--;
    OK(r, execute, &e);
    EXPECT_POSITION(r, A, x, (1 << 20) + 3 * lots - 1, TRD_AMT_LIMIT - (1 << 20), 0);
    rig_free(r);
}

Test(accounts_state, margin_beyond_every_amount_is_refused) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_MARGIN, 2, 100);
    trd_amt amount;
    uint32_t asset;
    hold.margin_per_lot = TRD_AMT_LIMIT / 2;
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_RANGE));
    cr_assert(eq(int, trd_accounts_quote_hold(r->a, &hold, &amount, &asset), TRD_E_RANGE));
    hold.margin_per_lot--;
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_FUNDS));
    cr_assert(eq(int, trd_accounts_quote_hold(r->a, &hold, &amount, &asset), TRD_OK));
    cr_assert(eq(i64, amount, TRD_AMT_LIMIT - 2));
    hold.margin_per_lot = TRD_AMT_LIMIT;
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_ARG));
    hold.margin_per_lot = 0;
    hold.margin_ppm = 10000001;
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_ARG));
    rig_free(r);
}

Test(accounts_state, funding_that_would_be_too_much_for_one_happens_to_nobody) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 1000, 1000);
    rig_fill(r, x, C, D, 1000, 1000);
    const trd_amt room = 1000 * (trd_amt)1000000; /* what the position may be worth */
    rig_deposit(r, D, USD, TRD_AMT_LIMIT - 1 - room);
    trd_funding f = {.instrument = x, .rate_ppb = TRD_RATE_ONE, .mark = 1000000, .due = 1};
    OK(r, funding, &f); /* D is at the limit less one now */
    f.due = 2;
    f.rate_ppb = 1000;
    f.mark = 1;
    OK(r, funding, &f); /* 0.001 each: C pays 1, D gets nothing */
    f.due = 3;
    f.mark = 1000;
    cr_assert(eq(int, CALL(r, funding, &f), TRD_E_RANGE));
    cr_assert(eq(i64, rig_position(r, C, x).funding, -room - 1));
    cr_assert(eq(u32, r->out.count, 0));
    f.rate_ppb = -f.rate_ppb;
    OK(r, funding, &f); /* the due was not used up */
    rig_free(r);
}

/* --- outputs ---------------------------------------------------------------------------------- */

Test(accounts_state, an_output_must_be_usable_and_have_room) {
    rig *r = rig_new();
    const trd_transfer t = {.from = A, .to = B, .asset = USD, .amount = 1};
    cr_assert(eq(int, trd_accounts_transfer(r->a, &t, NULL), TRD_E_ARG));
    trd_out out = {.events = NULL, .capacity = 100};
    cr_assert(eq(int, trd_accounts_transfer(r->a, &t, &out), TRD_E_ARG));
    out = (trd_out){.events = r->events, .capacity = 100, .count = 101};
    cr_assert(eq(int, trd_accounts_transfer(r->a, &t, &out), TRD_E_ARG));
    out = (trd_out){.events = r->events, .capacity = 100, .count = 100 - TRD_ACCOUNTS_OUT_MIN + 1};
    cr_assert(eq(int, trd_accounts_transfer(r->a, &t, &out), TRD_E_FULL));
    out.count--;
    cr_assert(eq(int, trd_accounts_transfer(r->a, &t, &out), TRD_OK));
    cr_assert(eq(u32, out.count, 100 - TRD_ACCOUNTS_OUT_MIN + 2));
    rig_free(r);
}

Test(accounts_state, events_are_those_that_the_definition_asks_for) {
    const struct {
        uint32_t publish;
        uint32_t events;
    } rows[] = {
        {0, 0},
        {TRD_PUBLISH_MONEY_ACCOUNTS, 2},  /* DELIVERY and PRINCIPAL of A */
        {TRD_PUBLISH_MONEY_VENUE, 4},     /* their other ends, PRINCIPAL and DELIVERY of OUTSIDE */
        {TRD_PUBLISH_MONEY_HOLDS, 1},     /* RELEASE */
        {TRD_PUBLISH_MONEY_POSITIONS, 1}, /* POSITION of A */
        {TRD_PUBLISH_MONEY_ALL, 10},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        trd_accounts_def def = rig_def();
        def.publish = rows[i].publish;
        rig *r = rig_bare_of(&def);
        cr_assert(eq(u32, trd_accounts_published(r->a), rows[i].publish));
        const uint32_t x = rig_instrument(r, SPOT);
        rig_deposit(r, A, USD, 1000);
        const trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_FULL, 1, 100);
        OK(r, hold, &hold);
        const trd_execution e =
            rig_execution(x, rig_order(1, A, TRD_LIQUIDITY_TAKER), rig_outside(), 1, 100);
        OK(r, execute, &e);
        const uint32_t events = rows[i].publish == TRD_PUBLISH_MONEY_VENUE ? 6 : rows[i].events;
        cr_assert(eq(u32, r->out.count, events), "row %u", i);
        rig_free(r);
    }
}

/* --- what a refused call leaves --------------------------------------------------------------- */

/* Calls that fail in a lived world, each for a reason of its own. */
static int refused(rig *r, unsigned which) {
    trd_transfer t = {.from = A, .to = B, .asset = USD, .amount = 1};
    trd_hold h = rig_hold(9, A, 0, TRD_BUY, TRD_HOLD_FULL, 1, 100);
    trd_execution e = rig_execution(0, rig_leg(B), rig_order(1, A, TRD_LIQUIDITY_TAKER), 1, 100);
    trd_funding f = {.instrument = 1, .rate_ppb = 1, .mark = 1000, .due = 6};
    trd_split s = {.instrument = 0, .numerator = 2, .denominator = 1, .px = 100};
    trd_account account = rig_account();
    switch (which) {
    case 0:
        t.amount = 0;
        return trd_accounts_transfer(r->a, &t, &r->out);
    case 1:
        t.amount = 100000000;
        return trd_accounts_transfer(r->a, &t, &r->out);
    case 2:
        t = (trd_transfer){.from = TRD_ACCOUNT_OUTSIDE, .to = A, .amount = TRD_AMT_LIMIT - 1};
        return trd_accounts_transfer(r->a, &t, &r->out);
    case 3:
        return trd_accounts_loan(r->a, C, USD, -1000, 0, &r->out);
    case 4:
        h.qty = 1000000;
        return trd_accounts_hold(r->a, &h, &r->out);
    case 5:
        h.qty = TRD_QTY_LIMIT;
        return trd_accounts_hold(r->a, &h, &r->out);
    case 6:
        h.order = 1;
        return trd_accounts_hold(r->a, &h, &r->out);
    case 7:
        h.position = TRD_POSITION_LONG;
        return trd_accounts_hold(r->a, &h, &r->out);
    case 8:
        return trd_accounts_amend(r->a, 1, 100, 100000000, &r->out);
    case 9:
        return trd_accounts_release(r->a, 1, 9, &r->out);
    case 10:
        e.qty = 9;
        return trd_accounts_execute(r->a, &e, &r->out);
    case 11:
        e.buyer.account = 6;
        return trd_accounts_execute(r->a, &e, &r->out);
    case 12:
        e = rig_execution(0, rig_leg(HEDGED), rig_leg(5), TRD_QTY_LIMIT, 100);
        e.buyer.position = TRD_POSITION_LONG;
        return trd_accounts_execute(r->a, &e, &r->out);
    case 13:
        f.due = 5;
        return trd_accounts_funding(r->a, &f, &r->out);
    case 14:
        return trd_accounts_interest(r->a, USD, 1, 5, &r->out);
    case 15:
        return trd_accounts_expire(r->a, 1, 1000, &r->out);
    case 16:
        return trd_accounts_split(r->a, &s, &r->out);
    case 17:
        return trd_accounts_dividend(r->a, 1, USD, TRD_AMT_LIMIT - 1, &r->out);
    case 18:
        account.hedge = 1;
        return trd_accounts_open(r->a, A, &account);
    case 19:
        return trd_accounts_mark(r->a, 0, -1);
    case 20:
        return trd_accounts_rate(r->a, USD, 1, 1);
    case 21:
        return trd_accounts_collateral(r->a, B, 1, TRD_POSITION_NET, 100000000, &r->out);
    case 22:
        r->out.count = r->out.capacity;
        return trd_accounts_day(r->a, &r->out);
    default:
        return TRD_OK;
    }
}

Test(accounts_state, a_refused_call_leaves_every_byte_as_it_was) {
    const int results[] = {TRD_E_ARG, TRD_E_FUNDS, TRD_E_RANGE, TRD_E_RANGE, TRD_E_FUNDS,
        TRD_E_RANGE, TRD_E_EXISTS, TRD_E_ARG, TRD_E_FUNDS, TRD_E_RANGE, TRD_E_RANGE, TRD_E_UNKNOWN,
        TRD_E_RANGE, TRD_E_EXISTS, TRD_E_EXISTS, TRD_E_BUSY, TRD_E_BUSY, TRD_E_RANGE, TRD_E_BUSY,
        TRD_E_ARG, TRD_E_ARG, TRD_E_FUNDS, TRD_E_FULL};
    rig *r = lived();
    void *before = malloc(r->size);
    memcpy(before, r->a, r->size);
    for (unsigned i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
        r->out.count = 0;
        cr_assert(eq(int, refused(r, i), results[i]), "call %u", i);
        cr_assert(memcmp(before, r->a, r->size) == 0, "call %u", i);
        cr_assert(r->out.count == 0 || r->out.count == r->out.capacity, "call %u", i);
    }
    free(before);
    rig_free(r);
}

Test(accounts_state, without_room_for_a_balance_or_a_position_nothing_happens) {
    trd_accounts_def def = rig_def();
    def.balances_max = 4;
    def.positions_max = 2;
    rig *r = rig_bare_of(&def);
    const uint32_t x = rig_instrument(r, SPOT);
    const uint32_t y = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 1, 100); /* four balances, two positions */
    trd_execution e = rig_execution(x, rig_leg(A), rig_leg(C), 1, 100);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_FULL));
    e = rig_execution(y, rig_leg(A), rig_leg(B), 1, 100);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_FULL));
    trd_hold hold = rig_hold(1, C, x, TRD_BUY, TRD_HOLD_NOTHING, 1, 100);
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_FULL));
    const trd_transfer t = {.from = TRD_ACCOUNT_OUTSIDE, .to = C, .asset = USD, .amount = 1};
    cr_assert(eq(int, CALL(r, transfer, &t), TRD_E_FULL));
    cr_assert(eq(int, CALL(r, loan, C, USD, 1, 0), TRD_E_FULL));
    e = rig_execution(x, rig_leg(A), rig_leg(B), 1, 100);
    OK(r, execute, &e);
    rig_free(r);
}

Test(accounts_state, without_room_for_a_balance_alone_nothing_happens) {
    trd_accounts_def def = rig_def();
    def.balances_max = 3;
    rig *r = rig_bare_of(&def);
    const uint32_t x = rig_instrument(r, SPOT);
    rig_deposit(r, A, USD, 100);
    trd_execution e = rig_execution(x, rig_leg(A), rig_leg(B), 1, 100);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_FULL)); /* wants three more */
    e.seller = rig_outside();
    OK(r, execute, &e);
    trd_hold hold = rig_hold(1, B, x, TRD_BUY, TRD_HOLD_NOTHING, 1, 100);
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_FULL)); /* wants two */
    rig_free(r);
}

/* An account that trades with itself needs its records once. */
Test(accounts_state, what_both_sides_need_is_counted_once) {
    trd_accounts_def def = rig_def();
    def.balances_max = 2;
    def.positions_max = 1;
    rig *r = rig_bare_of(&def);
    const uint32_t x = rig_instrument(r, SPOT);
    rig_fill(r, x, A, A, 1, 100);
    EXPECT_POSITION(r, A, x, 0, 0, 0);
    rig_free(r);
}

/* --- the audit -------------------------------------------------------------------------------- */

/* Changes one byte after the other of what matters, and sees it found. */
static void damage_is_seen(rig *r, const char *what, void *at, size_t size) {
    unsigned char *byte = (unsigned char *)at;
    for (size_t i = 0; i < size; i++) {
        byte[i] ^= 1;
        cr_assert(trd_accounts_audit(r->a) != TRD_OK, "%s, byte %zu", what, i);
        byte[i] ^= 1;
    }
    rig_sound(r);
}

#define SEEN(r, field) damage_is_seen((r), #field, &(field), sizeof(field))

Test(accounts_state, the_audit_sees_damage_to_everything_that_counts) {
    rig *r = lived();
    const trd_accounts *a = r->a;
    trd_acct_purse *purse = trd__purse(a, trd__purse_find(a, A, BTC));
    SEEN(r, purse->free);
    SEEN(r, purse->locked);
    SEEN(r, purse->at_risk);
    SEEN(r, purse->account);
    SEEN(r, purse->asset);
    SEEN(r, purse->next_of_account);
    SEEN(r, purse->next_of_asset);
    SEEN(r, purse->cause);
    purse = trd__purse(a, trd__purse_find(a, B, BTC)); /* has something unsettled */
    SEEN(r, purse->unsettled);
    SEEN(r, trd__due(a, purse->due)->in);
    SEEN(r, trd__due(a, purse->due)->orders);
    SEEN(r, trd__due(a, purse->due)->purse);
    SEEN(r, trd__due(a, purse->due)->prev);
    trd_acct_entry *entry = trd__entry(a, trd__entry_find(a, B, 1, TRD_POSITION_NET));
    SEEN(r, entry->qty);
    SEEN(r, entry->open);
    SEEN(r, entry->booked);
    SEEN(r, entry->cost);
    SEEN(r, entry->realised);
    SEEN(r, entry->fees);
    SEEN(r, entry->funding);
    SEEN(r, entry->collateral);
    SEEN(r, trd__pool(a, entry->settle)->on_margin);
    SEEN(r, entry->settle);
    SEEN(r, entry->base);
    SEEN(r, entry->next_of_account);
    SEEN(r, entry->next_of_instrument);
    trd_acct_hold *hold = trd__hold_of(a, 1);
    damage_is_seen(r, "slot of the order", &hold->order, sizeof(uint32_t));
    SEEN(r, hold->leaves);
    SEEN(r, hold->amount);
    SEEN(r, hold->entry);
    SEEN(r, hold->side);
    trd_acct_client *client = trd__client(a, A);
    SEEN(r, client->open);
    SEEN(r, client->holds);
    SEEN(r, client->positions);
    SEEN(r, client->subs);
    SEEN(r, client->purses);
    SEEN(r, client->entries);
    const uint32_t recent = client->recent;
    client->recent = trd__entry_find(a, B, 1, TRD_POSITION_NET);
    cr_assert(trd_accounts_audit(a) != TRD_OK, "a position of somebody else");
    client->recent = a->entries + 1;
    cr_assert(trd_accounts_audit(a) != TRD_OK, "no position");
    client->recent = recent;
    SEEN(r, trd__client(a, 5)->parent);
    SEEN(r, trd__asset(a, USD)->holds);
    SEEN(r, trd__asset(a, USD)->venue);
    SEEN(r, trd__asset(a, USD)->purses);
    SEEN(r, trd__asset(a, USD)->cap); /* without one it is 0 */
    SEEN(r, trd__listed(a, 1)->outside);
    SEEN(r, trd__listed(a, 1)->holds);
    SEEN(r, trd__listed(a, 1)->entries);
    SEEN(r, r->a->purses);
    SEEN(r, r->a->entries);
    SEEN(r, r->a->dues);
    SEEN(r, r->a->due_list);
    SEEN(r, r->a->purse_map.count);
    rig_free(r);
}
