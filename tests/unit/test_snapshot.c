/* test_snapshot.c - digests, copies and snapshots of an engine. The bytes are those of
 * docs/formats/snapshot.md, put together here once more. */
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "engine/image.h"
#include "engine_rig.h"
#include "match/rich.h"
#include "monitor/state.h"

enum { HEAD = 128, MARK = 16, PAGE = 4096 };

/* --- the smallest engine ---------------------------------------------------------------------- */

static size_t small_size;

static trd_engine_def small_def(
    trd_match_def *match, trd_accounts_def *accounts, trd_risk_def *risk) {
    trd_engine_def def = def_of(match, accounts, risk);
    match->instruments_max = accounts->instruments_max = risk->instruments_max = 1;
    match->orders_max = accounts->orders_max = risk->orders_max = 1;
    match->accounts_max = accounts->accounts_max = risk->accounts_max = 1;
    match->specials_max = match->positions_max = match->groups_max = match->quotes_max = 0;
    match->ids_max = 1;
    match->window = 64;
    accounts->assets_max = accounts->balances_max = accounts->positions_max = 1;
    accounts->fee_tables_max = 1;
    accounts->unsettled_max = 0;
    risk->models_max = risk->limits_max = risk->repeats_max = risk->arrays_max = 0;
    risk->groups_max = risk->pairs_max = risk->portfolios_max = 0;
    return def;
}

static trd_engine *small_engine(void *mem) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = small_def(&match, &accounts, &risk);
    small_size = trd_engine_footprint(&def);
    return mem != NULL ? trd_engine_init(mem, &def) : trd_engine_create(&def);
}

static void *memory(size_t size, int filth) {
    void *mem = aligned_alloc(PAGE, (size + PAGE - 1) / PAGE * PAGE);
    cr_assert(ne(ptr, mem, NULL));
    memset(mem, filth, size);
    return mem;
}

/* --- writing and reading at once -------------------------------------------------------------- */

typedef struct stored {
    uint8_t *bytes;
    size_t size;
    trd_snapshot_head head;
} stored;

static stored store(const trd_engine *engine) {
    static trd_snapshot_writer writer;
    stored s;
    cr_assert(eq(int, trd_snapshot_begin(&writer, engine), TRD_OK));
    s.head = writer.head;
    s.bytes = malloc(s.head.size);
    cr_assert(ne(ptr, s.bytes, NULL));
    cr_assert(eq(int, trd_snapshot_write(&writer, s.bytes, s.head.size, &s.size), TRD_OK));
    cr_assert(eq(sz, s.size, s.head.size));
    return s;
}

/* What a reader says of these bytes: peek, open, read, engine, up to the first that refuses. */
static int load(const uint8_t *bytes, size_t size, void *mem, size_t mem_size, trd_engine **out) {
    trd_snapshot_head head;
    trd_snapshot_reader reader;
    int result = trd_snapshot_peek(bytes, size, &head);
    if (result == TRD_OK) {
        result = trd_snapshot_open(&reader, &head, mem, mem_size);
    }
    if (result == TRD_OK) {
        result = trd_snapshot_read(&reader, bytes + HEAD, size - HEAD);
    }
    return result >= TRD_OK ? trd_snapshot_engine(&reader, NULL, out) : result;
}

static uint64_t hash_of(const void *bytes, size_t size, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, size, seed);
}

/* A head that somebody has changed on purpose. */
static void seal_head(trd_snapshot_head *head) {
    head->head_hash = hash_of(head, 120, 0);
}

/* --- the head --------------------------------------------------------------------------------- */

Test(snapshot, says_in_its_head_where_the_engine_is) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_engine_def def = def_of(&match, &accounts, &risk);
    def.trail = 1;
    rig r = {.engine = trd_engine_create(&def), .time = 77};
    r.out = (trd_out){.events = r.events, .capacity = ROOM};
    trd_command c = order(&r, 0, 0, TRD_BUY, 1, 1); /* refused: one event, one slot */
    c.seq = 5;
    cr_assert(eq(int, send(&r, c), TRD_OK));
    const stored s = store(r.engine);
    trd_event_trail trail;
    uint64_t digest;
    cr_assert(eq(int, trd_engine_trail(r.engine, &trail), TRD_OK));
    cr_assert(eq(int, trd_engine_digest(r.engine, &digest), TRD_OK));
    cr_assert(eq(int, memcmp(s.bytes, "!TRDSNAP", 8), 0));
    cr_assert(eq(int, memcmp(s.bytes, &s.head, HEAD), 0));
    cr_assert(eq(u32, s.head.format, 1));
    cr_assert(eq(u32, s.head.head_size, HEAD));
    cr_assert(eq(u32, s.head.version, trd_version()));
    cr_assert(eq(u32, s.head.page_size, PAGE));
    cr_assert(eq(u64, s.head.block_size, trd_engine_footprint(&def)));
    cr_assert(eq(i64, s.head.time, 77));
    cr_assert(eq(u64, s.head.seq, 5));
    cr_assert(eq(u64, s.head.events, 1));
    cr_assert(eq(u64, s.head.slots, 1));
    cr_assert(eq(u64, s.head.hash, hash_of(r.events, 64, 0)));
    cr_assert(eq(u64, s.head.hash, trail.hash));
    cr_assert(eq(u64, s.head.digest, digest));
    cr_assert(eq(u64, s.head.reserved[0] | s.head.reserved[1], 0));
    cr_assert(eq(u64, s.head.head_hash, hash_of(s.bytes, 120, 0)));
    free(s.bytes);
    trd_engine_destroy(r.engine);
}

/* --- the pages -------------------------------------------------------------------------------- */

/* A reader by hand: from the bytes to the block, with nothing but the format. */
static uint8_t *block_of(const stored *s) {
    uint8_t *block = calloc(1, s->head.block_size + PAGE);
    uint64_t digest = s->head.block_size;
    uint64_t pages = 0;
    size_t at = HEAD;
    uint64_t pair[2];
    for (;; pages++) {
        memcpy(pair, s->bytes + at, MARK);
        at += MARK;
        if (pair[0] == UINT64_MAX) {
            break;
        }
        const size_t left = s->head.block_size - pair[0] * PAGE;
        const size_t size = left < PAGE ? left : PAGE;
        cr_assert(eq(u64, pair[1], hash_of(s->bytes + at, size, pair[0])));
        memcpy(block + pair[0] * PAGE, s->bytes + at, size);
        digest = hash_of(pair, MARK, digest);
        at += size;
    }
    cr_assert(eq(u64, pages, s->head.pages));
    cr_assert(eq(u64, digest, s->head.digest));
    const uint64_t end[2] = {s->head.head_hash, digest};
    cr_assert(eq(u64, pair[1], hash_of(end, MARK, 0)));
    cr_assert(eq(sz, at, s->size));
    return block;
}

Test(snapshot, is_the_image_as_the_format_says) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 2, 100));
    const stored s = store(r.engine);
    uint8_t *block = block_of(&s);
    const uint64_t size = trd_engine_size(r.engine);
    cr_assert(eq(u64, s.head.block_size, size));
    for (uint64_t number = 0; number < (size + PAGE - 1) / PAGE; number++) {
        trd_page page;
        cr_assert(eq(int, trd_engine_page(r.engine, number, &page), TRD_OK));
        cr_assert(eq(u64, page.at, number * PAGE));
        bool is_zero = true;
        for (uint32_t i = 0; i < page.size; i++) {
            is_zero = is_zero && block[page.at + i] == 0;
        }
        cr_assert(eq(u64, page.hash, is_zero ? 0 : hash_of(block + page.at, page.size, number)));
    }
    free(block);
    free(s.bytes);
    rig_fini(&r);
}

Test(snapshot, leaves_out_what_is_empty) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    match.window = 65536; /* 4 x 64 x 4 KiB of windows in which nothing is */
    trd_engine *engine = trd_engine_create(&def);
    cr_assert(ne(ptr, engine, NULL));
    const stored s = store(engine);
    cr_assert(s.head.block_size > 4 * 64 * PAGE);
    cr_assert(s.size < s.head.block_size - 4 * 63 * PAGE);
    free(s.bytes);
    trd_engine_destroy(engine);
}

Test(snapshot, names_the_part_that_a_page_is_of) {
    rig r;
    rig_init(&r);
    trd_page page;
    uint32_t seen = 0;
    uint64_t number = 0;
    for (; trd_engine_page(r.engine, number, &page) == TRD_OK; number++) {
        seen |= page.parts;
        cr_assert(page.parts != 0);
    }
    cr_assert(eq(u64, number, (trd_engine_size(r.engine) + PAGE - 1) / PAGE));
    cr_assert(eq(u32, seen, TRD_PART_ENGINE | TRD_PART_MATCH | TRD_PART_ACCOUNTS | TRD_PART_RISK));
    cr_assert(eq(int, trd_engine_page(r.engine, 0, &page), TRD_OK));
    cr_assert(ne(u32, page.parts & TRD_PART_ENGINE, 0));
    cr_assert(eq(int, trd_engine_page(r.engine, number, &page), TRD_E_UNKNOWN));
    cr_assert(strcmp(trd_part_text(TRD_PART_ENGINE), "engine") == 0);
    cr_assert(strcmp(trd_part_text(TRD_PART_MATCH), "matcher") == 0);
    cr_assert(strcmp(trd_part_text(TRD_PART_ACCOUNTS), "accounts") == 0);
    cr_assert(strcmp(trd_part_text(TRD_PART_RISK), "risk") == 0);
    cr_assert(strcmp(trd_part_text(TRD_PART_MONITOR), "monitor") == 0);
    cr_assert(trd_part_text(0) == NULL);
    cr_assert(trd_part_text(3) == NULL);
    rig_fini(&r);
}

static trd_monitor_def small_monitor(void) {
    trd_monitor_def def = trd_monitor_def_default();
    def.accounts_max = 16;
    def.instruments_max = 2;
    def.balances_max = 32;
    def.positions_max = 64;
    return def;
}

Test(snapshot, names_the_monitor_too) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_monitor_def monitor = small_monitor();
    trd_engine_def def = def_of(&match, &accounts, &risk);
    def.monitor = &monitor;
    trd_engine *engine = trd_engine_create(&def);
    trd_page page;
    uint32_t seen = 0;
    for (uint64_t number = 0; trd_engine_page(engine, number, &page) == TRD_OK; number++) {
        seen |= page.parts;
        const uint64_t last = page.at + page.size - 1;
        const bool begins = page.at >= engine->monitor_at;
        const bool ends = last < engine->monitor_at + trd_engine_monitor(engine)->size;
        cr_assert(page.parts == TRD_PART_MONITOR || !begins || !ends);
    }
    cr_assert(eq(u32, seen & TRD_PART_MONITOR, TRD_PART_MONITOR));
    trd_engine_destroy(engine);
}

/* What is found again when it is missing is none of the state, of any instrument on any page. */
Test(snapshot, is_not_about_what_is_found_again) {
    enum { INSTRUMENTS = 64 };
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    match.instruments_max = accounts.instruments_max = risk.instruments_max = INSTRUMENTS;
    match.window = 64;
    match.allocates = 1;
    trd_engine *engine = trd_engine_create(&def);
    const trd_match *matcher = trd_engine_match(engine);
    uint64_t before, after;
    cr_assert(eq(int, trd_engine_digest(engine, &before), TRD_OK));
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        trd_desk *desk = trd__desk(matcher, i);
        trd__listing(matcher, i)->quiet = TRD_QUIET_YES;
        memset(desk->nearest, 0x77, sizeof(desk->nearest));
    }
    trd_match *inner = trd__engine_match(engine);
    memset(&inner->taker, 0x77, sizeof(inner->taker));
    memset(&inner->work, 0x77, sizeof(inner->work));
    memset(trd__region(matcher, matcher->scratch_at), 0x77, 64 * sizeof(trd_alloc_order));
    memset(trd__region(matcher, matcher->handles_at), 0x77, 64 * sizeof(trd_order));
    cr_assert(eq(int, trd_engine_digest(engine, &after), TRD_OK));
    cr_assert(eq(u64, after, before));
    for (uint32_t i = 0; i < INSTRUMENTS; i++) { /* but what is beside it is */
        trd__listing(matcher, i)->orders++;
        cr_assert(eq(int, trd_engine_digest(engine, &after), TRD_OK));
        cr_assert(ne(u64, after, before), "instrument %u", i);
        trd__listing(matcher, i)->orders--;
        trd__desk(matcher, i)->peg_bid++;
        cr_assert(eq(int, trd_engine_digest(engine, &after), TRD_OK));
        cr_assert(ne(u64, after, before), "instrument %u", i);
        trd__desk(matcher, i)->peg_bid--;
    }
    trd_engine_destroy(engine);
}

/* --- the digest ------------------------------------------------------------------------------- */

static uint64_t digest_of(const trd_engine *engine) {
    uint64_t digest;
    cr_assert(eq(int, trd_engine_digest(engine, &digest), TRD_OK));
    return digest;
}

Test(snapshot, a_new_engine_is_the_same_wherever_it_is_made) {
    small_engine(NULL);
    void *zeros = memory(small_size, 0);
    void *ones = memory(small_size, 0xff);
    const trd_engine *one = small_engine(zeros);
    const trd_engine *other = small_engine(ones);
    cr_assert(one != NULL && other != NULL);
    cr_assert(eq(int, memcmp(zeros, ones, small_size), 0));
    cr_assert(eq(u64, digest_of(one), digest_of(other)));
    free(zeros);
    free(ones);
}

Test(snapshot, every_byte_of_a_new_engine_is_its_own) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_monitor_def monitor = small_monitor();
    trd_engine_def def = def_of(&match, &accounts, &risk);
    monitor.positions_max = accounts.positions_max = 63; /* no whole lines of ranks */
    monitor.exempt = 1;
    const trd_liquidation terms = {
        .struct_size = sizeof(terms), .target_ppm = 1000000, .step_pct = 10, .orders_max = 1};
    for (uint32_t orders = 1; orders <= 8; orders++) {
        match.orders_max = accounts.orders_max = risk.orders_max = orders;
        def.monitor = orders % 2 == 0 ? &monitor : NULL;
        def.liquidation = orders % 4 == 0 ? &terms : NULL;
        const size_t size = trd_engine_footprint(&def);
        cr_assert(size > 0);
        void *zeros = memory(size, 0);
        void *ones = memory(size, 0xff);
        cr_assert(ne(ptr, trd_engine_init(zeros, &def), NULL));
        cr_assert(ne(ptr, trd_engine_init(ones, &def), NULL));
        cr_assert(eq(int, memcmp(zeros, ones, size), 0), "orders_max %u", orders);
        free(zeros);
        free(ones);
    }
}

Test(snapshot, tells_engines_apart_that_did_something_else) {
    rig r, s;
    rig_init(&r);
    rig_init(&s);
    cr_assert(eq(u64, digest_of(r.engine), digest_of(s.engine)));
    deposit(&r, ALICE, USD, 1000);
    cr_assert(ne(u64, digest_of(r.engine), digest_of(s.engine)));
    deposit(&s, ALICE, USD, 1001);
    cr_assert(ne(u64, digest_of(r.engine), digest_of(s.engine)));
    rig_fini(&r);
    rig_fini(&s);
}

Test(snapshot, a_question_changes_nothing) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    const uint64_t digest = digest_of(r.engine);
    trd_verdict verdict;
    const trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 2, 100);
    cr_assert(eq(int, trd_engine_ask(r.engine, &c, &verdict), TRD_OK));
    cr_assert(eq(u64, digest_of(r.engine), digest));
    rig_fini(&r);
}

/* --- while a command is pending --------------------------------------------------------------- */

Test(snapshot, there_is_none_while_a_command_is_pending) {
    rig r;
    static trd_snapshot_writer writer;
    rig_make(&r, 0, 0);
    deposit(&r, ALICE, SHARE, 100000);
    deposit(&r, BOB, USD, 10000000);
    for (int i = 0; i < 60; i++) {
        good(&r, order(&r, ALICE, SPOT, TRD_SELL, 1, 100));
    }
    cr_assert(eq(int, trd_snapshot_begin(&writer, r.engine), TRD_OK));
    const trd_command taker = order(&r, BOB, SPOT, TRD_BUY, 60, 100);
    r.out = (trd_out){.events = r.events, .capacity = TRD_ENGINE_OUT_MIN};
    cr_assert(eq(int, trd_engine_step(r.engine, &taker, &r.out), TRD_MORE));
    uint8_t bytes[HEAD];
    size_t written;
    uint64_t digest;
    trd_page page;
    trd_engine *copy;
    const size_t size = trd_engine_size(r.engine);
    void *mem = memory(size, 0);
    cr_assert(eq(int, trd_snapshot_write(&writer, bytes, HEAD, &written), TRD_E_BUSY));
    cr_assert(eq(int, trd_snapshot_begin(&writer, r.engine), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_digest(r.engine, &digest), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_page(r.engine, 0, &page), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_copy(r.engine, mem, size, &copy), TRD_E_BUSY));
    int result = TRD_MORE;
    while (result == TRD_MORE) {
        r.out.count = 0;
        result = trd_engine_step(r.engine, NULL, &r.out);
    }
    cr_assert(eq(int, trd_engine_digest(r.engine, &digest), TRD_OK));
    free(mem);
    rig_fini(&r);
}

/* One byte is left, and there is room for more. */
Test(snapshot, ends_in_the_middle_of_what_there_is_room_for) {
    rig r;
    static trd_snapshot_writer writer;
    uint8_t end[MARK];
    size_t written;
    rig_init(&r);
    const stored s = store(r.engine);
    uint8_t *bytes = malloc(s.size);
    cr_assert(eq(int, trd_snapshot_begin(&writer, r.engine), TRD_OK));
    cr_assert(eq(int, trd_snapshot_write(&writer, bytes, s.size - 1, &written), TRD_MORE));
    cr_assert(eq(sz, written, s.size - 1));
    cr_assert(eq(int, trd_snapshot_write(&writer, end, MARK, &written), TRD_OK));
    cr_assert(eq(sz, written, 1));
    cr_assert(memcmp(bytes, s.bytes, s.size - 1) == 0);
    cr_assert(eq(u8, end[0], s.bytes[s.size - 1]));
    free(bytes);
    free(s.bytes);
    rig_fini(&r);
}

Test(snapshot, is_refused_to_the_writer_when_the_engine_has_gone_on) {
    rig r;
    static trd_snapshot_writer writer;
    static uint8_t bytes[1 << 22];
    size_t written;
    rig_init(&r);
    cr_assert(eq(int, trd_snapshot_begin(&writer, r.engine), TRD_OK));
    cr_assert(eq(int, trd_snapshot_write(&writer, bytes, HEAD, &written), TRD_MORE));
    deposit(&r, ALICE, USD, 1000);
    cr_assert(eq(int, trd_snapshot_write(&writer, bytes, sizeof(bytes), &written), TRD_E_BUSY));
    cr_assert(eq(int, trd_snapshot_write(&writer, bytes, sizeof(bytes), &written), TRD_E_BUSY));
    rig_fini(&r);
}

/* --- reading ---------------------------------------------------------------------------------- */

Test(snapshot, gives_back_the_same_engine) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 2, 100));
    const stored s = store(r.engine);
    void *mem = memory(s.head.block_size, 0x55);
    trd_engine *again = NULL;
    cr_assert(eq(int, load(s.bytes, s.size, mem, s.head.block_size, &again), TRD_OK));
    cr_assert(eq(ptr, again, mem));
    cr_assert(eq(u64, digest_of(again), digest_of(r.engine)));
    trd_engine *first = r.engine;
    r.engine = again;
    has(&r, ALICE, USD, 100000 - 201, 201); /* 2 x 100 cents, and 0.1 % of it rounded up */
    const trd_command cancel = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .account = ALICE,
        .instrument = SPOT,
        .u.cancel.target = r.id};
    cr_assert(eq(int, send(&r, cancel), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_CANCELED));
    has(&r, ALICE, USD, 100000, 0);
    r.engine = first;
    has(&r, ALICE, USD, 100000 - 201, 201);
    free(mem);
    free(s.bytes);
    rig_fini(&r);
}

static size_t released;

static void *give_nothing(void *user, size_t size, size_t align) {
    (void)user;
    (void)size;
    (void)align;
    return NULL;
}

static void note_release(void *user, void *at, size_t size) {
    (void)user;
    released = size;
    free(at);
}

Test(snapshot, gives_its_memory_back_where_it_is_told) {
    trd_engine *engine = small_engine(NULL);
    const stored s = store(engine);
    void *mem = memory(small_size, 0x55);
    trd_snapshot_head head;
    trd_snapshot_reader reader;
    trd_engine *again;
    const trd_mem own = {.alloc = give_nothing, .release = note_release};
    cr_assert(eq(int, trd_snapshot_peek(s.bytes, s.size, &head), TRD_OK));
    cr_assert(eq(int, trd_snapshot_open(&reader, &head, mem, small_size), TRD_OK));
    cr_assert(eq(int, trd_snapshot_read(&reader, s.bytes + HEAD, s.size - HEAD), TRD_OK));
    cr_assert(eq(int, trd_snapshot_engine(&reader, &own, &again), TRD_OK));
    cr_assert(eq(int, trd_snapshot_engine(&reader, &own, &again), TRD_E_ARG)); /* once */
    trd_engine_destroy(again);
    cr_assert(eq(sz, released, small_size));
    free(s.bytes);
    trd_engine_destroy(engine);
}

/* What a reader may say of damaged bytes, by the place of the damage. */
static int fault_at(size_t byte) {
    return byte >= 8 && byte < 12 ? TRD_E_UNKNOWN : TRD_E_FORMAT;
}

/* Is it in the number of the last page, which is shorter than others? A number that says it were a
 * whole one leaves the reader waiting for the rest (docs/formats/snapshot.md). */
static bool waits_for_more(const stored *s, size_t byte) {
    const size_t mark =
        s->size - sizeof(trd_snapshot_mark) - small_size % PAGE - sizeof(trd_snapshot_mark);
    return byte >= mark && byte < mark + sizeof(uint64_t);
}

Test(snapshot, finds_every_bit_that_has_changed, .timeout = 120) {
    trd_engine *engine = small_engine(NULL);
    const stored s = store(engine);
    void *mem = memory(small_size, 0);
    trd_engine *again = NULL;
    cr_assert(s.size < 24 * PAGE); /* the square of it is looked at */
    for (size_t bit = 0; bit < s.size * 8; bit++) {
        s.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const int result = load(s.bytes, s.size, mem, small_size, &again);
        if (result != TRD_E_TRUNCATED || !waits_for_more(&s, bit / 8)) {
            cr_assert(eq(int, result, fault_at(bit / 8)), "bit %zu", bit);
        }
        s.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cr_assert(eq(ptr, again, NULL));
    cr_assert(eq(int, load(s.bytes, s.size, mem, small_size, &again), TRD_OK));
    free(mem);
    free(s.bytes);
    trd_engine_destroy(engine);
}

Test(snapshot, finds_every_end_that_is_missing, .timeout = 120) {
    trd_engine *engine = small_engine(NULL);
    const stored s = store(engine);
    void *mem = memory(small_size, 0);
    trd_engine *again = NULL;
    for (size_t size = 0; size < s.size; size++) {
        uint8_t *cut = malloc(size + 1); /* of its own, so that a read behind it is seen */
        memcpy(cut, s.bytes, size);
        cr_assert(eq(int, load(cut, size, mem, small_size, &again), TRD_E_TRUNCATED), "%zu", size);
        free(cut);
    }
    cr_assert(eq(ptr, again, NULL));
    free(mem);
    free(s.bytes);
    trd_engine_destroy(engine);
}

Test(snapshot, refuses_bytes_behind_its_end) {
    trd_engine *engine = small_engine(NULL);
    const stored s = store(engine);
    uint8_t *longer = calloc(1, s.size + 1);
    memcpy(longer, s.bytes, s.size);
    void *mem = memory(small_size, 0);
    trd_engine *again = NULL;
    cr_assert(eq(int, load(longer, s.size + 1, mem, small_size, &again), TRD_E_FORMAT));
    cr_assert(eq(ptr, again, NULL));
    free(longer);
    free(mem);
    free(s.bytes);
    trd_engine_destroy(engine);
}

/* Sections [from, from + size) of a snapshot in another order. */
Test(snapshot, refuses_pages_that_are_missing_doubled_or_out_of_order) {
    enum { ITEM = MARK + PAGE };
    rig r;
    rig_init(&r);
    const stored s = store(r.engine);
    void *mem = memory(s.head.block_size, 0);
    uint8_t *changed = malloc(s.size + ITEM);
    trd_engine *again = NULL;
    const size_t size = s.head.block_size;
    cr_assert(s.head.pages > 3);

    memcpy(changed, s.bytes, HEAD + ITEM); /* without the second one */
    memcpy(changed + HEAD + ITEM, s.bytes + HEAD + 2 * ITEM, s.size - HEAD - 2 * ITEM);
    cr_assert(eq(int, load(changed, s.size - ITEM, mem, size, &again), TRD_E_FORMAT));

    memcpy(changed, s.bytes, HEAD + ITEM); /* the first one twice */
    memcpy(changed + HEAD + ITEM, s.bytes + HEAD, s.size - HEAD);
    cr_assert(eq(int, load(changed, s.size + ITEM, mem, size, &again), TRD_E_FORMAT));

    memcpy(changed, s.bytes, s.size); /* the first two the other way round */
    memcpy(changed + HEAD, s.bytes + HEAD + ITEM, ITEM);
    memcpy(changed + HEAD + ITEM, s.bytes + HEAD, ITEM);
    cr_assert(eq(int, load(changed, s.size, mem, size, &again), TRD_E_FORMAT));

    cr_assert(eq(ptr, again, NULL));
    free(changed);
    free(mem);
    free(s.bytes);
    rig_fini(&r);
}

Test(snapshot, of_engines_that_are_laid_out_otherwise_are_refused_before_a_page_is_read) {
    trd_engine *engine = small_engine(NULL);
    stored s = store(engine);
    void *mem = memory(small_size, 0x55);
    trd_engine *again = NULL;
    trd_snapshot_head head;
    s.head.layout ^= 1;
    s.head.version = 0x020304;
    seal_head(&s.head);
    memcpy(s.bytes, &s.head, HEAD);
    cr_assert(eq(int, trd_snapshot_peek(s.bytes, s.size, &head), TRD_OK)); /* it can be told */
    cr_assert(eq(u32, head.version, 0x020304));
    cr_assert(eq(int, load(s.bytes, s.size, mem, small_size, &again), TRD_E_UNKNOWN));
    cr_assert(eq(u8, *(uint8_t *)mem, 0x55));
    free(mem);
    free(s.bytes);
    trd_engine_destroy(engine);
}

/* --- hashes that somebody has made anew --------------------------------------------------------
 */

/* All hashes of a snapshot whose bytes were changed; the end stands where it stood. */
static void seal_all(stored *s) {
    uint64_t pair[2];
    uint64_t digest = s->head.block_size;
    for (size_t at = HEAD; at + 2 * MARK < s->size;) {
        memcpy(pair, s->bytes + at, MARK);
        const size_t left = s->head.block_size - pair[0] * PAGE;
        const size_t size = left < PAGE ? left : PAGE;
        pair[1] = hash_of(s->bytes + at + MARK, size, pair[0]);
        memcpy(s->bytes + at, pair, MARK);
        digest = hash_of(pair, MARK, digest);
        at += MARK + size;
    }
    s->head.digest = digest;
    seal_head(&s->head);
    memcpy(s->bytes, &s->head, HEAD);
    const uint64_t end[2] = {s->head.head_hash, digest};
    const uint64_t hash = hash_of(end, MARK, 0);
    memcpy(s->bytes + s->size - 8, &hash, 8);
}

/* The head says something else than what follows, and the end agrees with it. */
static void disagrees(void (*change)(trd_snapshot_head *)) {
    trd_engine *engine = small_engine(NULL);
    stored s = store(engine);
    void *mem = memory(small_size, 0);
    trd_engine *again = NULL;
    const uint64_t digest = s.head.digest;
    change(&s.head);
    seal_head(&s.head);
    memcpy(s.bytes, &s.head, HEAD);
    const uint64_t end[2] = {s.head.head_hash, digest};
    const uint64_t hash = hash_of(end, MARK, 0);
    memcpy(s.bytes + s.size - 8, &hash, 8);
    cr_assert(eq(int, load(s.bytes, s.size, mem, small_size, &again), TRD_E_FORMAT));
    cr_assert(eq(ptr, again, NULL));
    free(mem);
    free(s.bytes);
    trd_engine_destroy(engine);
}

static void other_digest(trd_snapshot_head *head) {
    head->digest++;
}

static void other_count(trd_snapshot_head *head) {
    head->pages++;
}

Test(snapshot, with_a_head_of_something_else_is_refused) {
    disagrees(other_digest);
    disagrees(other_count);
}

Test(snapshot, a_block_that_is_no_engine_is_refused) {
    static const struct {
        const char *what;
        size_t at;
        uint64_t value;
    } rows[] = {{"size", offsetof(trd_engine, size), 64},
        {"matcher within the head", offsetof(trd_engine, match_at), 64},
        {"matcher behind the accounts", offsetof(trd_engine, match_at), UINT64_MAX - 63},
        {"accounts behind risk", offsetof(trd_engine, accounts_at), UINT64_MAX - 63},
        {"risk behind the end", offsetof(trd_engine, risk_at), UINT64_MAX - 63},
        {"accounts at no line", offsetof(trd_engine, accounts_at), 0},
        {"pending", offsetof(trd_engine, stage), 1}};
    trd_engine *engine = small_engine(NULL);
    void *mem = memory(small_size, 0x55);
    trd_engine *again = NULL;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        stored s = store(engine);
        uint8_t *field = s.bytes + HEAD + MARK + rows[i].at;
        seal_all(&s);
        cr_assert(eq(int, load(s.bytes, s.size, mem, small_size, &again), TRD_OK));
        again = NULL;
        const uint64_t value = rows[i].value != 0 ? rows[i].value : engine->accounts_at + 8;
        memcpy(field, &value, rows[i].at == offsetof(trd_engine, stage) ? 4 : 8);
        seal_all(&s);
        cr_assert(eq(int, load(s.bytes, s.size, mem, small_size, &again), TRD_E_FORMAT), "%s",
            rows[i].what);
        cr_assert(eq(ptr, again, NULL));
        free(s.bytes);
    }
    free(mem);
    trd_engine_destroy(engine);
}

Test(snapshot, without_pages_is_refused) {
    trd_engine *engine = small_engine(NULL);
    stored s = store(engine);
    void *mem = memory(small_size, 0x55);
    trd_engine *again = NULL;
    s.head.pages = 0;
    s.size = HEAD + MARK;
    memset(s.bytes + HEAD, 0xff, 8);
    seal_all(&s);
    cr_assert(eq(int, load(s.bytes, s.size, mem, small_size, &again), TRD_E_FORMAT));
    cr_assert(eq(ptr, again, NULL));
    free(mem);
    free(s.bytes);
    trd_engine_destroy(engine);
}

static int open_changed(
    const stored *s, void (*change)(trd_snapshot_head *), void *mem, size_t size) {
    trd_snapshot_reader reader;
    trd_snapshot_head head = s->head;
    change(&head);
    return trd_snapshot_open(&reader, &head, mem, size);
}

static void as_it_is(trd_snapshot_head *head) {
    (void)head;
}

static void without_hash(trd_snapshot_head *head) {
    head->pages++;
}

static void too_small_for_an_engine(trd_snapshot_head *head) {
    head->block_size = 64;
    seal_head(head);
}

static void no_whole_lines(trd_snapshot_head *head) {
    head->block_size++;
    seal_head(head);
}

static void other_pages(trd_snapshot_head *head) {
    head->page_size = 8192;
    seal_head(head);
}

static void other_head(trd_snapshot_head *head) {
    head->head_size = 256;
    seal_head(head);
}

Test(snapshot, is_read_into_memory_that_can_be_used) {
    trd_engine *engine = small_engine(NULL);
    const stored s = store(engine);
    uint8_t *mem = memory(small_size + 64, 0);
    cr_assert(eq(int, open_changed(&s, as_it_is, mem, small_size), TRD_OK));
    cr_assert(eq(int, open_changed(&s, as_it_is, mem, small_size - 1), TRD_E_ARG));
    cr_assert(eq(int, open_changed(&s, as_it_is, mem + 8, small_size), TRD_E_ARG));
    cr_assert(eq(int, open_changed(&s, as_it_is, NULL, small_size), TRD_E_ARG));
    void (*const bad[])(trd_snapshot_head *) = {
        without_hash, too_small_for_an_engine, no_whole_lines, other_pages, other_head};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert(eq(int, open_changed(&s, bad[i], mem, small_size), TRD_E_FORMAT), "%zu", i);
    }
    free(mem);
    free(s.bytes);
    trd_engine_destroy(engine);
}

Test(snapshot, once_refused_stays_refused) {
    trd_engine *engine = small_engine(NULL);
    const stored s = store(engine);
    void *mem = memory(small_size, 0);
    trd_snapshot_reader reader;
    trd_engine *again = NULL;
    cr_assert(eq(int, trd_snapshot_open(&reader, &s.head, mem, small_size), TRD_OK));
    s.bytes[HEAD + MARK] ^= 1;
    cr_assert(eq(int, trd_snapshot_read(&reader, s.bytes + HEAD, s.size - HEAD), TRD_E_FORMAT));
    s.bytes[HEAD + MARK] ^= 1;
    cr_assert(eq(int, trd_snapshot_read(&reader, s.bytes + HEAD, s.size - HEAD), TRD_E_FORMAT));
    cr_assert(eq(int, trd_snapshot_read(&reader, NULL, 0), TRD_E_FORMAT));
    cr_assert(eq(int, trd_snapshot_engine(&reader, NULL, &again), TRD_E_FORMAT));
    free(mem);
    free(s.bytes);
    trd_engine_destroy(engine);
}

/* --- copies ----------------------------------------------------------------------------------- */

Test(snapshot, a_copy_is_an_engine_of_its_own) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1000);
    const size_t size = trd_engine_size(r.engine);
    void *mem = memory(size, 0x77);
    trd_engine *copy = NULL;
    cr_assert(eq(int, trd_engine_copy(r.engine, mem, size, &copy), TRD_OK));
    cr_assert(eq(u64, digest_of(copy), digest_of(r.engine)));
    deposit(&r, ALICE, USD, 1000);
    has(&r, ALICE, USD, 2000, 0);
    trd_engine *first = r.engine;
    r.engine = copy;
    has(&r, ALICE, USD, 1000, 0);
    deposit(&r, ALICE, USD, 1000);
    r.engine = first;
    cr_assert(eq(u64, digest_of(copy), digest_of(first)));
    cr_assert(eq(int, trd_engine_copy(first, mem, size - 1, &copy), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_copy(first, (char *)mem + 8, size, &copy), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_copy(first, (char *)first + 64, size, &copy), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_copy(NULL, mem, size, &copy), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_copy(first, NULL, size, &copy), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_copy(first, mem, size, NULL), TRD_E_ARG));
    free(mem);
    rig_fini(&r);
}

/* --- arguments -------------------------------------------------------------------------------- */

Test(snapshot, null_is_an_argument_of_no_use) {
    static trd_snapshot_writer writer;
    trd_engine *engine = small_engine(NULL);
    trd_snapshot_head head;
    trd_snapshot_reader reader;
    trd_page page;
    uint64_t digest;
    size_t written;
    uint8_t bytes[HEAD];
    cr_assert(eq(int, trd_snapshot_begin(NULL, engine), TRD_E_ARG));
    cr_assert(eq(int, trd_snapshot_begin(&writer, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_snapshot_begin(&writer, engine), TRD_OK));
    cr_assert(eq(int, trd_snapshot_write(NULL, bytes, HEAD, &written), TRD_E_ARG));
    cr_assert(eq(int, trd_snapshot_write(&writer, NULL, HEAD, &written), TRD_E_ARG));
    cr_assert(eq(int, trd_snapshot_write(&writer, bytes, 0, &written), TRD_E_ARG));
    cr_assert(eq(int, trd_snapshot_write(&writer, bytes, HEAD, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_snapshot_write(&writer, bytes, HEAD, &written), TRD_MORE));
    cr_assert(eq(int, trd_snapshot_peek(NULL, HEAD, &head), TRD_E_ARG));
    cr_assert(eq(int, trd_snapshot_peek(bytes, HEAD, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_snapshot_peek(bytes, HEAD, &head), TRD_OK));
    cr_assert(eq(int, trd_snapshot_open(NULL, &head, engine, small_size), TRD_E_ARG));
    cr_assert(eq(int, trd_snapshot_open(&reader, NULL, engine, small_size), TRD_E_ARG));
    cr_assert(eq(int, trd_snapshot_read(NULL, bytes, HEAD), TRD_E_ARG));
    void *mem = memory(small_size, 0);
    cr_assert(eq(int, trd_snapshot_open(&reader, &head, mem, small_size), TRD_OK));
    cr_assert(eq(int, trd_snapshot_read(&reader, NULL, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_snapshot_read(&reader, NULL, 0), TRD_MORE));
    cr_assert(eq(int, trd_snapshot_engine(&reader, NULL, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_snapshot_engine(NULL, NULL, &engine), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_digest(NULL, &digest), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_digest(engine, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_page(NULL, 0, &page), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_page(engine, 0, NULL), TRD_E_ARG));
    free(mem);
    trd_engine_destroy(engine);
}
