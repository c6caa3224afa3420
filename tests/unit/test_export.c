/* test_export.c - an engine as text: lines of docs/formats/export.md, written out by hand. */
#include <stdio.h>
#include <stdlib.h>

#include "engine_rig.h"

enum { TEXT_MAX = 1 << 17 };

static char text[TEXT_MAX];

/* All of it, in pieces of `piece` characters. */
static size_t export_all(const trd_engine *engine, size_t piece) {
    static trd_exporter exporter;
    size_t at = 0;
    int result = TRD_MORE;
    cr_assert(eq(int, trd_export_begin(&exporter, engine), TRD_OK));
    while (result == TRD_MORE) {
        size_t written = 0;
        cr_assert(at + piece < TEXT_MAX);
        result = trd_export_write(&exporter, text + at, piece, &written);
        cr_assert(written <= piece);
        cr_assert(result == TRD_OK || written == piece);
        at += written;
    }
    cr_assert(eq(int, result, TRD_OK));
    text[at] = 0;
    return at;
}

static size_t lines_with(const char *begin) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, begin)) != NULL; at++) {
        count += at == text || at[-1] == '\n';
    }
    return count;
}

/* Is this a whole line of it? */
static void has_line(const char *line) {
    cr_assert(eq(sz, lines_with(line), 1), "%s", line);
    const char *at = strstr(text, line);
    cr_assert(at[strlen(line)] == '\n', "more behind it: %s", line);
}

Test(export, a_new_engine_says_what_it_has_room_for) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    trd_engine *engine = trd_engine_create(&def);
    export_all(engine, 100);
    char line[400];
    snprintf(line, sizeof(line),
        "{\"record\":\"engine\",\"format\":1,\"version\":%u,\"time\":-9223372036854775808,"
        "\"seq\":0,\"events\":0,\"assets_max\":2,\"instruments_max\":2,\"accounts_max\":16,"
        "\"balances_max\":32,\"positions_max\":64,\"orders_max\":64,\"parents_max\":2,"
        "\"valuation_asset\":0,\"day\":0,\"period\":0}\n{\"record\":\"end\",\"lines\":2}\n",
        trd_version());
    cr_assert(eq(int, strcmp(text, line), 0), "%s", text);
    trd_engine_destroy(engine);
}

Test(export, says_what_there_is) {
    rig r;
    rig_init(&r);
    set_mark(&r, 9000);
    deposit(&r, ALICE, USD, 100000);
    export_all(r.engine, 4096);
    has_line("{\"record\":\"asset\",\"asset\":0,\"symbol\":\"USD\",\"scale\":2,\"numerator\":1,"
             "\"denominator\":1,\"haircut_ppm\":0,\"venue\":[-100000,0,0,0,0,0,0,0]}");
    has_line("{\"record\":\"asset\",\"asset\":1,\"symbol\":\"SHARE\",\"scale\":2,\"haircut_ppm\":0,"
             "\"venue\":[0,0,0,0,0,0,0,0]}");
    has_line("{\"record\":\"fees\",\"table\":0,\"tiers\":[[0,1000000,1000000]],\"pays_in\":0,"
             "\"discount_ppm\":0}");
    has_line("{\"record\":\"model\",\"instrument\":1,\"kind\":2,\"leverage_centi\":0,"
             "\"tiers\":[[0,50000,100000]]}");
    has_line("{\"record\":\"profile\",\"instrument\":0,\"allocation\":0,\"fifo_percent\":0,"
             "\"band_action\":0,\"band_source\":0,\"band_whole\":0,\"limit_auction\":0,"
             "\"band_below\":0,\"band_above\":0,\"prorata_min\":0,\"top_min\":0,\"top_max\":0,"
             "\"limit_wait\":0,\"limit_pause\":0,\"breaker_window\":0,\"breaker_pause\":0,"
             "\"breaker_variation\":0,\"ties\":[1,2,3],\"lead\":[]}");
    char line[900];
    snprintf(line, sizeof(line),
        "{\"record\":\"instrument\",\"instrument\":1,\"symbol\":\"FUTURE\",\"kind\":%d,"
        "\"option\":0,\"px_scale\":2,\"qty_scale\":0,\"tick_size\":1,\"lot_size\":1,\"px_min\":1,"
        "\"px_max\":100000,\"qty_min\":1,\"qty_max\":10000,\"lot_step\":1,\"notional_min\":0,"
        "\"notional_max\":0,\"numerator\":1,\"denominator\":1,\"base_asset\":1,\"quote_asset\":0,"
        "\"settle_asset\":0,\"profile\":0,\"strike\":0,\"expiry\":0,\"tiers\":[],"
        "\"settle_days\":0,\"delivery\":0,\"fees\":0,\"taxes\":[],\"outside\":0,\"mark\":9000,"
        "\"state\":%d,\"disabled\":0}",
        TRD_INSTRUMENT_LINEAR, TRD_SESSION_CONTINUOUS);
    has_line(line);
    snprintf(line, sizeof(line),
        "{\"record\":\"account\",\"account\":1,\"group\":0,\"fees\":0,\"leverage\":0,\"role\":%d,"
        "\"mode\":%d,\"hedge\":0,\"enabled\":1}",
        TRD_ROLE_TRADER, TRD_MODE_FLAT);
    has_line(line);
    cr_assert(eq(sz, lines_with("{\"record\":\"account\""), 2));
    rig_fini(&r);
}

/* ALICE sells three shares, 300 minor units, to BOB at 100: 300 cents, and 0.1 % of it rounded up
 * from each. */
Test(export, says_who_has_what) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, SHARE, 1000);
    deposit(&r, BOB, USD, 5000);
    good(&r, order(&r, ALICE, SPOT, TRD_SELL, 3, 100));
    good(&r, order(&r, BOB, SPOT, TRD_BUY, 3, 100));
    export_all(r.engine, 4096);
    has_line("{\"record\":\"balance\",\"account\":1,\"asset\":1,\"free\":700,\"locked\":0,"
             "\"unsettled\":0,\"debt\":0,\"cause\":0}");
    has_line("{\"record\":\"balance\",\"account\":1,\"asset\":0,\"free\":299,\"locked\":0,"
             "\"unsettled\":0,\"debt\":0,\"cause\":0}");
    has_line("{\"record\":\"balance\",\"account\":2,\"asset\":0,\"free\":4699,\"locked\":0,"
             "\"unsettled\":0,\"debt\":0,\"cause\":0}");
    has_line("{\"record\":\"position\",\"account\":2,\"instrument\":0,\"side\":0,\"qty\":3,"
             "\"cost\":300,\"realised\":0,\"fees\":1,\"funding\":0,\"collateral\":0}");
    cr_assert(eq(sz, lines_with("{\"record\":\"order\""), 0));
    rig_fini(&r);
}

/* The client ids of the orders that are told, in their order. */
static void orders_are(const uint64_t *ids, size_t count) {
    const char *at = text;
    for (size_t i = 0; i < count; i++) {
        at = strstr(at, "{\"record\":\"order\"");
        cr_assert(at != NULL, "order %zu", i);
        const char *id = strstr(at, "\"client_id\":");
        cr_assert(eq(u64, strtoull(id + strlen("\"client_id\":"), NULL, 10), ids[i]));
        at++;
    }
    cr_assert(strstr(at, "{\"record\":\"order\"") == NULL);
}

Test(export, tells_orders_as_they_would_execute) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, SHARE, 1000);
    deposit(&r, BOB, USD, 5000);
    good(&r, order(&r, BOB, SPOT, TRD_BUY, 1, 90));                  /* 1 */
    good(&r, order(&r, BOB, SPOT, TRD_BUY, 2, 91));                  /* 2: the best bid */
    good(&r, order(&r, BOB, SPOT, TRD_BUY, 3, 90));                  /* 3: behind 1 */
    good(&r, order(&r, ALICE, SPOT, TRD_SELL, 1, 99));               /* 4 */
    good(&r, order(&r, ALICE, SPOT, TRD_SELL, 1, 98));               /* 5: the best offer */
    trd_command stop[2] = {order(&r, ALICE, SPOT, TRD_SELL, 1, 80)}; /* 6: waits */
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = 85,
        .source = TRD_SOURCE_LAST};
    stop[0].slots = 2;
    stop[0].u.order.type = TRD_TYPE_STOP_LIMIT;
    memcpy(&stop[1], &prices, sizeof(prices));
    r.out.count = 0;
    cr_assert(eq(int, trd_engine_step(r.engine, stop, &r.out), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    deposit(&r, ALICE, USD, 1000);
    set_mark(&r, 100);
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 100)); /* 7: in another instrument */
    export_all(r.engine, 4096);
    const uint64_t ids[] = {2, 1, 3, 5, 4, 6, 7};
    orders_are(ids, sizeof(ids) / sizeof(ids[0]));
    /* 2 x 91 cents, and 0.1 % of it rounded up */
    const trd_order handle = trd_match_find(trd_engine_match(r.engine), BOB, 2);
    char line[600];
    snprintf(line, sizeof(line),
        "{\"record\":\"order\",\"instrument\":0,\"account\":2,\"order\":%llu,\"client_id\":2,"
        "\"side\":1,\"type\":%d,\"tif\":%d,\"exec\":0,\"stp\":0,\"where\":0,\"px\":91,"
        "\"leaves\":2,\"executed\":0,\"displayed\":2,\"prevented\":0,\"trigger\":0,\"actor\":0,"
        "\"held\":183,\"held_asset\":0}",
        (unsigned long long)handle, TRD_TYPE_LIMIT, TRD_TIF_GTC);
    has_line(line);
    rig_fini(&r);
}

static void set_limit(rig *r, const trd_limit_body *body, uint32_t account, uint32_t instrument) {
    const trd_command c = {.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = account,
        .instrument = instrument,
        .u.limit = *body};
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, r->out.count, 0));
}

Test(export, says_every_limit_that_is_set) {
    rig r;
    rig_init(&r);
    const trd_limit_body firm = {.action = TRD_LIMIT_SET,
        .limit = TRD_LIMIT_ORDER_QTY,
        .scope = TRD_LIMIT_FIRM,
        .value = 500};
    const trd_limit_body rate = {.action = TRD_LIMIT_SET,
        .limit = TRD_LIMIT_MESSAGES,
        .scope = TRD_LIMIT_ACCOUNT,
        .value = 9,
        .window = 1000};
    const trd_limit_body size = {.action = TRD_LIMIT_SET,
        .limit = TRD_LIMIT_POSITION,
        .scope = TRD_LIMIT_ACCOUNT,
        .value = 7};
    const trd_limit_body collar = {.action = TRD_LIMIT_SET,
        .limit = TRD_LIMIT_COLLAR,
        .scope = TRD_LIMIT_INSTRUMENT,
        .value = 10};
    const trd_limit_body pair = {
        .action = TRD_LIMIT_SET, .limit = TRD_LIMIT_POSITION, .scope = TRD_LIMIT_PAIR, .value = 3};
    const trd_limit_body tag = {.action = TRD_LIMIT_SET,
        .limit = TRD_LIMIT_ORDER_VALUE,
        .scope = TRD_LIMIT_TAG,
        .name = UINT64_MAX,
        .value = INT64_MAX};
    set_limit(&r, &firm, 0, 0);
    set_limit(&r, &rate, ALICE, 0);
    set_limit(&r, &size, ALICE, 0);
    set_limit(&r, &collar, 0, FUTURE);
    set_limit(&r, &pair, BOB, FUTURE);
    set_limit(&r, &tag, 0, 0);
    export_all(r.engine, 4096);
    has_line("{\"record\":\"limit\",\"limit\":2,\"scope\":1,\"value\":500,\"window\":0,\"burst\":0,"
             "\"latched\":0}");
    has_line("{\"record\":\"limit\",\"limit\":7,\"scope\":2,\"account\":1,\"value\":9,"
             "\"window\":1000,\"burst\":0,\"latched\":0}");
    has_line("{\"record\":\"limit\",\"limit\":1,\"scope\":2,\"account\":1,\"value\":7,"
             "\"window\":0,\"burst\":0,\"latched\":0}");
    has_line("{\"record\":\"limit\",\"limit\":8,\"scope\":3,\"instrument\":1,\"value\":10,"
             "\"window\":0,\"burst\":0,\"latched\":0}");
    has_line("{\"record\":\"limit\",\"limit\":1,\"scope\":4,\"account\":2,\"instrument\":1,"
             "\"value\":3,\"window\":0,\"burst\":0,\"latched\":0}");
    has_line("{\"record\":\"limit\",\"limit\":3,\"scope\":6,\"tag\":18446744073709551615,"
             "\"value\":9223372036854775807,\"window\":0,\"burst\":0,\"latched\":0}");
    cr_assert(eq(sz, lines_with("{\"record\":\"limit\""), 6));
    rig_fini(&r);
}

/* USD counts for all it is, a share (a hundredth of one) is worth 5, less 20 %, for 7,000 at most.
 */
Test(export, says_what_assets_count_for) {
    rig r;
    rig_init(&r);
    const trd_books_body bodies[] = {
        {.action = TRD_BOOKS_RATE, .asset = SHARE, .numerator = 5, .denominator = 1},
        {.action = TRD_BOOKS_COLLATERAL,
            .asset = SHARE,
            .numerator = 200000,
            .denominator = 1,
            .cap = 7000},
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        const trd_command c = {.kind = TRD_COMMAND_BOOKS, .slots = 1, .u.books = bodies[i]};
        cr_assert(eq(int, send(&r, c), TRD_OK));
    }
    open_account(&r, ALICE, TRD_MODE_MULTI);
    export_all(r.engine, 4096);
    has_line("{\"record\":\"asset\",\"asset\":1,\"symbol\":\"SHARE\",\"scale\":2,\"numerator\":5,"
             "\"denominator\":1,\"haircut_ppm\":200000,\"cap\":7000,\"venue\":[0,0,0,0,0,0,0,0]}");
    char line[300];
    snprintf(line, sizeof(line),
        "{\"record\":\"account\",\"account\":1,\"group\":0,\"fees\":0,\"leverage\":0,\"role\":%d,"
        "\"mode\":%d,\"hedge\":0,\"enabled\":1}",
        TRD_ROLE_TRADER, TRD_MODE_MULTI);
    has_line(line);
    rig_fini(&r);
}

static void declare(rig *r, uint64_t parent, uint32_t instrument, uint8_t side, trd_qty qty) {
    const trd_limit_body body = {.action = TRD_LIMIT_SET,
        .limit = TRD_LIMIT_PARENT_QTY,
        .scope = TRD_LIMIT_PARENT,
        .side = side,
        .name = parent,
        .value = qty};
    set_limit(r, &body, ALICE, instrument);
}

/* ALICE works 40 lots by a child of 10, of which 4 are executed, and has room for one more parent.
 * Her other order is nobody's child. */
Test(export, says_which_orders_are_children_and_of_whom) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    deposit(&r, BOB, SHARE, 1000);
    declare(&r, UINT64_MAX, SPOT, TRD_BUY, 40);
    declare(&r, 5, FUTURE, TRD_SELL, 9);
    trd_command child[2] = {order(&r, ALICE, SPOT, TRD_BUY, 10, 100)};
    const trd_ext_link link = {.kind = TRD_EXT_ORDER_LINK, .parent = UINT64_MAX};
    child[0].slots = 2;
    memcpy(&child[1], &link, sizeof(link));
    r.out.count = 0;
    cr_assert(eq(int, trd_engine_step(r.engine, child, &r.out), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 90));
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 4, 100));
    export_all(r.engine, 4096);
    has_line("{\"record\":\"parent\",\"account\":1,\"parent\":18446744073709551615,"
             "\"instrument\":0,\"side\":1,\"qty\":40,\"executed\":4,\"open\":6}");
    has_line("{\"record\":\"parent\",\"account\":1,\"parent\":5,\"instrument\":1,\"side\":2,"
             "\"qty\":9,\"executed\":0,\"open\":0}");
    cr_assert(eq(sz, lines_with("{\"record\":\"parent\""), 2));
    cr_assert(eq(sz, lines_with("{\"record\":\"limit\""), 0));
    cr_assert(eq(sz, lines_with("{\"record\":\"order\""), 2));
    const char *said = strstr(text, "\"actor\":0,\"parent\":18446744073709551615,\"held\":");
    cr_assert(said != NULL);
    cr_assert(strstr(said + 1, "\"actor\":0,\"parent\"") == NULL);
    rig_fini(&r);
}

/* Of two executions in a window one is allowed: the other latches. */
Test(export, says_whose_executions_have_latched) {
    rig r;
    rig_init(&r);
    const trd_limit_body one = {.action = TRD_LIMIT_SET,
        .limit = TRD_LIMIT_EXECUTIONS,
        .scope = TRD_LIMIT_ACCOUNT,
        .value = 1,
        .window = 1000};
    deposit(&r, ALICE, SHARE, 1000);
    deposit(&r, BOB, USD, 10000);
    set_limit(&r, &one, BOB, 0);
    for (int i = 0; i < 2; i++) {
        good(&r, order(&r, ALICE, SPOT, TRD_SELL, 1, 100));
        good(&r, order(&r, BOB, SPOT, TRD_BUY, 1, 100));
        export_all(r.engine, 4096);
        has_line(i == 0
                     ? "{\"record\":\"limit\",\"limit\":10,\"scope\":2,\"account\":2,\"value\":1,"
                       "\"window\":1000,\"burst\":0,\"latched\":0}"
                     : "{\"record\":\"limit\",\"limit\":10,\"scope\":2,\"account\":2,\"value\":1,"
                       "\"window\":1000,\"burst\":0,\"latched\":1}");
    }
    rig_fini(&r);
}

/* An instrument with everything that can be a list, and a sub-account. */
Test(export, writes_lists_of_what_there_are_several) {
    rig r;
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    match.allocates = 1;
    r = (rig){.engine = trd_engine_create(&def)};
    r.out = (trd_out){.events = r.events, .capacity = ROOM};
    const trd_asset usd = asset("USD");
    const trd_asset sh = asset("SHARE");
    const trd_fee_table fees = {
        .struct_size = sizeof(fees), .tier_count = 2, .tiers = {{0, -5, 9}, {100, -6, 8}}};
    const trd_terms terms = {.struct_size = sizeof(terms),
        .tax_count = 2,
        .taxes = {{.buyer_ppb = 1, .seller_ppb = 2}, {.buyer_ppb = 3, .seller_ppb = 4}}};
    trd_profile profile = trd_profile_default();
    trd_instrument spec = share();
    profile.allocation = TRD_ALLOCATE_T;
    const uint8_t ties[TRD_TIES_MAX] = {
        TRD_TIE_PRESSURE, TRD_TIE_IMBALANCE, TRD_TIE_REFERENCE, TRD_TIE_MIDDLE, TRD_TIE_LOWEST};
    memcpy(profile.ties, ties, sizeof(ties));
    profile.lead[0] = (trd_lead_maker){.account = ALICE, .percent = 30};
    profile.lead[2] = (trd_lead_maker){.account = BOB, .percent = 20};
    spec.tier_count = 2;
    spec.tiers[0] = (trd_tick_tier){.from = 1, .step = 1};
    spec.tiers[1] = (trd_tick_tier){.from = 1000, .step = 10};
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms, .profile = &profile};
    cr_assert(eq(int, trd_engine_asset(r.engine, &usd), USD));
    cr_assert(eq(int, trd_engine_asset(r.engine, &sh), SHARE));
    cr_assert(eq(int, trd_engine_fees(r.engine, &fees), 0));
    cr_assert(eq(int, trd_engine_list(r.engine, &listing), SPOT));
    open_account(&r, ALICE, TRD_MODE_CASH);
    trd_command sub = {.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .account = BOB,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = TRD_MODE_CASH,
            .enabled = 1,
            .parent = 1 + ALICE}};
    cr_assert(eq(int, send(&r, sub), TRD_OK));
    const trd_limit_body actor = {.action = TRD_LIMIT_SET,
        .limit = TRD_LIMIT_ORDER_QTY,
        .scope = TRD_LIMIT_ACTOR,
        .name = ADMIN,
        .value = 4};
    set_limit(&r, &actor, 0, 0);
    export_all(r.engine, 4096);
    has_line("{\"record\":\"fees\",\"table\":0,\"tiers\":[[0,-5,9],[100,-6,8]],\"pays_in\":0,"
             "\"discount_ppm\":0}");
    cr_assert(strstr(text, "\"expiry\":0,\"tiers\":[[1,1],[1000,10]],\"settle_days\"") != NULL);
    cr_assert(strstr(text, "\"taxes\":[[1,2],[3,4]],\"outside\"") != NULL);
    cr_assert(strstr(text, "\"ties\":[2,1,3,4,6],\"lead\":[[1,30],[2,20]]}") != NULL);
    cr_assert(strstr(text, "\"account\":2,\"parent\":1,\"group\"") != NULL);
    has_line("{\"record\":\"limit\",\"limit\":2,\"scope\":5,\"actor\":90,\"value\":4,"
             "\"window\":0,\"burst\":0,\"latched\":0}");
    trd_engine_destroy(r.engine);
}

Test(export, says_who_may_do_what) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    risk.actors_max = 4;
    trd_engine *engine = trd_engine_create(&def);
    const trd_actor all = {.actor = 90, .role = TRD_ROLE_ADMIN};
    const trd_actor one = {.actor = 7, .account = 1 + 5, .role = TRD_ROLE_VIEWER};
    cr_assert(eq(int, trd_engine_actor(engine, &all), TRD_OK));
    cr_assert(eq(int, trd_engine_actor(engine, &one), TRD_OK));
    export_all(engine, 4096);
    has_line("{\"record\":\"role\",\"actor\":90,\"role\":4}");
    has_line("{\"record\":\"role\",\"actor\":7,\"account\":5,\"role\":1}");
    trd_engine_destroy(engine);
}

Test(export, writes_symbols_so_that_json_can_be_read) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    trd_engine *engine = trd_engine_create(&def);
    const trd_asset odd = asset("A\"B\\C");
    cr_assert(eq(int, trd_engine_asset(engine, &odd), 0));
    export_all(engine, 4096);
    cr_assert(strstr(text, "\"symbol\":\"A\\\"B\\\\C\",") != NULL);
    trd_engine_destroy(engine);
}

Test(export, is_the_same_in_pieces_of_any_size) {
    rig r;
    rig_init(&r);
    deposit(&r, BOB, USD, 5000);
    good(&r, order(&r, BOB, SPOT, TRD_BUY, 1, 90));
    const size_t size = export_all(r.engine, 1 << 16);
    char *whole = malloc(size);
    memcpy(whole, text, size);
    static const size_t pieces[] = {1, 2, 7, 63, 64, 1000, 4095, 4096, 5000};
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        cr_assert(eq(sz, export_all(r.engine, pieces[i]), size));
        cr_assert(eq(int, memcmp(text, whole, size), 0), "%zu", pieces[i]);
    }
    size_t lines = 0;
    for (size_t i = 0; i < size; i++) {
        lines += whole[i] == '\n';
    }
    char end[60];
    snprintf(end, sizeof(end), "\n{\"record\":\"end\",\"lines\":%zu}\n", lines);
    cr_assert(eq(int, memcmp(whole + size - strlen(end), end, strlen(end)), 0));
    free(whole);
    rig_fini(&r);
}

Test(export, is_refused_when_the_engine_goes_on) {
    static trd_exporter exporter;
    rig r;
    size_t written;
    rig_init(&r);
    cr_assert(eq(int, trd_export_begin(&exporter, r.engine), TRD_OK));
    cr_assert(eq(int, trd_export_write(&exporter, text, 10, &written), TRD_MORE));
    deposit(&r, BOB, USD, 1);
    cr_assert(eq(int, trd_export_write(&exporter, text, 10, &written), TRD_E_BUSY));
    rig_fini(&r);
}

Test(export, there_is_none_while_a_command_is_pending) {
    static trd_exporter exporter;
    rig r;
    size_t written;
    rig_make(&r, 0, 0);
    deposit(&r, ALICE, SHARE, 100000);
    deposit(&r, BOB, USD, 10000000);
    for (int i = 0; i < 60; i++) {
        good(&r, order(&r, ALICE, SPOT, TRD_SELL, 1, 100));
    }
    cr_assert(eq(int, trd_export_begin(&exporter, r.engine), TRD_OK));
    const trd_command taker = order(&r, BOB, SPOT, TRD_BUY, 60, 100);
    r.out = (trd_out){.events = r.events, .capacity = TRD_ENGINE_OUT_MIN};
    cr_assert(eq(int, trd_engine_step(r.engine, &taker, &r.out), TRD_MORE));
    cr_assert(eq(int, trd_export_write(&exporter, text, 10, &written), TRD_E_BUSY));
    cr_assert(eq(int, trd_export_begin(&exporter, r.engine), TRD_E_BUSY));
    trd_engine_destroy(r.engine);
}

Test(export, null_is_an_argument_of_no_use) {
    static trd_exporter exporter;
    rig r;
    size_t written;
    rig_init(&r);
    cr_assert(eq(int, trd_export_begin(NULL, r.engine), TRD_E_ARG));
    cr_assert(eq(int, trd_export_begin(&exporter, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_export_begin(&exporter, r.engine), TRD_OK));
    cr_assert(eq(int, trd_export_write(NULL, text, 1, &written), TRD_E_ARG));
    cr_assert(eq(int, trd_export_write(&exporter, NULL, 1, &written), TRD_E_ARG));
    cr_assert(eq(int, trd_export_write(&exporter, text, 0, &written), TRD_E_ARG));
    cr_assert(eq(int, trd_export_write(&exporter, text, 1, NULL), TRD_E_ARG));
    rig_fini(&r);
}
