/* test_match_api.c - life cycle and misuse of the matching engine: what each call refuses, and that
 * a refusal and a query leave every byte of the engine as it was. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "core/hash.h"

/* Note: gt() of Criterion 2.4.1 holds for equal values too, so `>` is written out here. */

/* --- counts of the C library's allocator, where nothing else stands in front of it --- */

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||                         \
    __has_feature(thread_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER 1
#endif

static volatile uint64_t heap_calls;

#if defined(__GLIBC__) && !defined(UNDER_SANITIZER)
#define HEAP_IS_COUNTED 1
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *at);

void *malloc(size_t size) {
    heap_calls++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    heap_calls++;
    return __libc_calloc(count, size);
}

void *realloc(void *at, size_t size) {
    heap_calls++;
    return __libc_realloc(at, size);
}

void *aligned_alloc(size_t align, size_t size) {
    heap_calls++;
    return __libc_memalign(align, size);
}

int posix_memalign(void **out, size_t align, size_t size) {
    heap_calls++;
    *out = __libc_memalign(align, size);
    return *out == NULL;
}

void free(void *at) {
    heap_calls++;
    __libc_free(at);
}
#else
#define HEAP_IS_COUNTED 0
#endif

/* --- a small engine in memory that the test owns and can look at --- */

enum { GUARD = 256, SLOTS = 64 };

typedef struct rig {
    trd_match_def def;
    trd_match *match;
    unsigned char *block;
    unsigned char *mem;
    size_t size;
    trd_event events[SLOTS];
    trd_out out;
} rig;

static trd_match_def def_small(void) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 2;
    def.orders_max = 8;
    def.ids_max = 8;
    def.window = 64;
    return def;
}

static trd_instrument spec_named(char name) {
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = name;
    return spec;
}

/* The memory is dirty before, and guarded on both sides. */
static void rig_init(rig *r, const trd_match_def *def) {
    memset(r, 0, sizeof(*r));
    r->def = *def;
    r->size = trd_match_footprint(def);
    cr_assert(r->size > 0);
    r->block = aligned_alloc(TRD_MATCH_ALIGN, r->size + 2 * GUARD);
    cr_assert(r->block != NULL);
    memset(r->block, 0xa5, r->size + 2 * GUARD);
    r->mem = r->block + GUARD;
    r->match = trd_match_init(r->mem, def);
    cr_assert(r->match != NULL);
    const trd_instrument spec = spec_named('X');
    cr_assert(eq(int, trd_match_add(r->match, &spec), 0));
    r->out = (trd_out){.events = r->events, .capacity = SLOTS};
}

static void rig_fini(rig *r) {
    for (size_t i = 0; i < GUARD; i++) {
        cr_assert(eq(uint, r->block[i], 0xa5), "a byte before the engine was written");
        cr_assert(
            eq(uint, r->block[GUARD + r->size + i], 0xa5), "a byte behind the engine was written");
    }
    free(r->block);
}

static uint64_t rig_hash(const rig *r) {
    return trd__hash(r->mem, r->size, 0);
}

static trd_command order(uint64_t id, unsigned side, trd_px px, trd_qty qty) {
    return (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = 1,
        .u.order = {.client_id = id,
            .px = px,
            .qty = qty,
            .side = (uint8_t)side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
}

static trd_command cancel(uint64_t id) {
    return (trd_command){
        .kind = TRD_COMMAND_CANCEL, .slots = 1, .account = 1, .u.cancel = {.target = id}};
}

/* Executes a command completely; returns its first event. */
static trd_event send(rig *r, trd_command command) {
    r->out.count = 0;
    cr_assert(eq(int, trd_match_step(r->match, &command, &r->out), TRD_OK));
    cr_assert(r->out.count > 0);
    return r->events[0];
}

static trd_order accepted(rig *r, trd_command command) {
    const trd_event event = send(r, command);
    cr_assert(eq(uint, event.kind, TRD_EVENT_ACCEPTED), "reason %u", event.reason);
    cr_assert(event.u.order.order != 0);
    return event.u.order.order;
}

/* Six asks, and a buy that sweeps them all: with 8 slots it stops in between. */
static void rig_pend(rig *r) {
    for (uint64_t id = 1; id <= 6; id++) {
        accepted(r, order(id, TRD_SELL, 100 + (trd_px)id, 1));
    }
    r->out = (trd_out){.events = r->events, .capacity = TRD_OUT_MIN};
    const trd_command sweep = order(9, TRD_BUY, 200, 6);
    cr_assert(eq(int, trd_match_step(r->match, &sweep, &r->out), TRD_MORE));
}

static trd_match_stats stats_of(const rig *r) {
    trd_match_stats stats;
    trd_match_stats_get(r->match, &stats);
    return stats;
}

/* --- definitions --- */

typedef struct fault {
    const char *what;
    trd_match_def def;
} fault;

#define WITH(field_, value_)                                                                       \
    ({                                                                                             \
        trd_match_def def_ = def_small();                                                          \
        def_.field_ = (value_);                                                                    \
        def_;                                                                                      \
    })

static trd_match_def def_ids(uint32_t mode, uint32_t ids_max, uint32_t accounts_max) {
    trd_match_def def = def_small();
    def.id_mode = mode;
    def.ids_max = ids_max;
    def.accounts_max = accounts_max;
    return def;
}

static void check_refused(const fault *row) {
    static _Alignas(TRD_MATCH_ALIGN) unsigned char memory[1 << 16];
    cr_expect(eq(sz, trd_match_footprint(&row->def), 0), "%s", row->what);
    cr_expect(trd_match_init(memory, &row->def) == NULL, "%s", row->what);
    cr_expect(trd_match_create(&row->def) == NULL, "%s", row->what);
}

Test(match_api, a_definition_outside_its_ranges_has_no_footprint_and_makes_no_engine) {
    const uint32_t today = (uint32_t)sizeof(trd_match_def);
    const fault rows[] = {
        {"struct_size 0", WITH(struct_size, 0)},
        {"struct_size of a later version", WITH(struct_size, today + 8)},
        {"struct_size huge", WITH(struct_size, UINT32_MAX)},
        {"instruments_max 0", WITH(instruments_max, 0)},
        {"instruments_max above 2^20", WITH(instruments_max, (1u << 20) + 1)},
        {"orders_max 0", WITH(orders_max, 0)},
        {"orders_max above 2^26", WITH(orders_max, (1u << 26) + 1)},
        {"orders_max huge", WITH(orders_max, UINT32_MAX)},
        {"ids_max 0 in a window", WITH(ids_max, 0)},
        {"ids_max above 2^26", WITH(ids_max, (1u << 26) + 1)},
        {"id_mode 0", WITH(id_mode, 0)},
        {"id_mode 4", WITH(id_mode, 4)},
        {"ascending with ids_max", def_ids(TRD_IDS_ASCENDING, 1, 4)},
        {"ascending without accounts_max", def_ids(TRD_IDS_ASCENDING, 0, 0)},
        {"reuse with ids_max", def_ids(TRD_IDS_REUSE, 1, 0)},
        {"window 0", WITH(window, 0)},
        {"window 32", WITH(window, 32)},
        {"window 65", WITH(window, 65)},
        {"window 96", WITH(window, 96)},
        {"window 131072", WITH(window, 131072)},
        {"publish with an undefined bit", WITH(publish, 32)},
        {"positions_max above 2^26", WITH(positions_max, (1u << 26) + 1)},
        {"elect_max 0", WITH(elect_max, 0)},
        {"allocates 2", WITH(allocates, 2)},
        {"quotes_max above 2^24", WITH(quotes_max, (1u << 24) + 1)},
        {"groups_max above 2^24", WITH(groups_max, (1u << 24) + 1)},
        {"verdicts 2", WITH(verdicts, 2)},
        {"reserved1 not 0", WITH(reserved1, 1)},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_refused(&rows[i]);
    }
}

Test(match_api, a_definition_at_the_ends_of_its_ranges_has_a_footprint) {
    const trd_match_def rows[] = {
        trd_match_def_default(),
        WITH(instruments_max, 1),
        WITH(instruments_max, 1u << 20),
        WITH(orders_max, 1),
        WITH(orders_max, 1u << 26),
        WITH(ids_max, 1),
        WITH(ids_max, 1u << 26),
        WITH(window, 64),
        WITH(window, 65536),
        WITH(accounts_max, 0),
        WITH(accounts_max, 1),
        WITH(publish, TRD_PUBLISH_ALL),
        WITH(hash_seed, UINT64_MAX),
        WITH(specials_max, 0),
        WITH(positions_max, 1u << 26),
        WITH(elect_max, 1),
        WITH(elect_max, UINT32_MAX),
        WITH(allocates, 1),
        WITH(quotes_max, 1u << 24),
        WITH(groups_max, 1u << 24),
        WITH(verdicts, 1),
        def_ids(TRD_IDS_ASCENDING, 0, 1),
        def_ids(TRD_IDS_REUSE, 0, 0),
        def_ids(TRD_IDS_REUSE, 0, 5),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect(trd_match_footprint(&rows[i]) > 0, "row %zu", i);
    }
}

static void *alloc_must_not_be_called(void *user, size_t size, size_t align) {
    (void)user;
    (void)size;
    (void)align;
    cr_assert(false, "a field that the caller does not have was used");
    return NULL;
}

/* An older caller's definition ends earlier: what is behind its end is not read. */
Test(match_api, a_smaller_struct_size_gets_the_defaults_for_the_fields_behind_it) {
    trd_match_def old = def_small();
    old.struct_size = (uint32_t)offsetof(trd_match_def, publish);
    old.publish = UINT32_MAX;
    old.hash_seed = UINT64_MAX;
    old.mem.alloc = alloc_must_not_be_called;
    const trd_match_def now = def_small();
    cr_assert(eq(sz, trd_match_footprint(&old), trd_match_footprint(&now)));
    trd_match *match = trd_match_create(&old);
    cr_assert(match != NULL);
    const trd_instrument spec = spec_named('X');
    cr_assert(eq(int, trd_match_add(match, &spec), 0));
    trd_event events[TRD_OUT_MIN];
    trd_out out = {.events = events, .capacity = TRD_OUT_MIN};
    const trd_command command = order(1, TRD_BUY, 100, 1);
    cr_assert(eq(int, trd_match_step(match, &command, &out), TRD_OK));
    cr_assert(eq(u32, out.count, 1), "ACCEPTED and nothing published");
    trd_match_destroy(match);
}

Test(match_api, a_struct_size_of_itself_only_is_the_default_definition) {
    const trd_match_def now = trd_match_def_default();
    trd_match_def old;
    memset(&old, 0xff, sizeof(old));
    old.struct_size = (uint32_t)sizeof(old.struct_size);
    cr_assert(eq(sz, trd_match_footprint(&old), trd_match_footprint(&now)));
}

/* --- memory --- */

Test(match_api, misaligned_memory_makes_no_engine) {
    const trd_match_def def = def_small();
    const size_t size = trd_match_footprint(&def);
    unsigned char *block = aligned_alloc(TRD_MATCH_ALIGN, size + TRD_MATCH_ALIGN);
    for (size_t off = 1; off < TRD_MATCH_ALIGN; off++) {
        cr_expect(trd_match_init(block + off, &def) == NULL, "offset %zu", off);
    }
    cr_expect(trd_match_init(block, &def) != NULL);
    free(block);
}

typedef struct hook {
    int allocs, releases;
    size_t size, align, released_size;
    size_t shift; /* off the alignment that was asked for */
    void *given, *released;
    bool fails;
} hook;

static void *hook_alloc(void *user, size_t size, size_t align) {
    hook *h = user;
    h->allocs++;
    h->size += size;
    h->align = align;
    if (h->fails) {
        return NULL;
    }
    char *block = aligned_alloc(align, (size + h->shift + align - 1) / align * align);
    cr_assert(block != NULL);
    h->given = block + h->shift;
    return h->given;
}

static void hook_release(void *user, void *at, size_t size) {
    hook *h = user;
    h->releases++;
    h->released = at;
    h->released_size += size;
    free((char *)at - h->shift);
}

static trd_match_def def_hooked(hook *h) {
    trd_match_def def = def_small();
    def.mem = (trd_mem){.alloc = hook_alloc, .release = hook_release, .user = h};
    return def;
}

Test(match_api, no_memory_makes_no_engine_and_releases_nothing) {
    hook h = {.fails = true};
    const trd_match_def def = def_hooked(&h);
    cr_assert(trd_match_create(&def) == NULL);
    cr_assert(eq(int, h.allocs, 1));
    cr_assert(eq(int, h.releases, 0));
}

Test(match_api, misaligned_memory_of_the_hook_is_given_back) {
    hook h = {.shift = 8};
    const trd_match_def def = def_hooked(&h);
    cr_assert(trd_match_create(&def) == NULL);
    cr_assert(eq(int, h.allocs, 1));
    cr_assert(eq(int, h.releases, 1));
    cr_assert(eq(ptr, h.released, h.given));
    cr_assert(eq(sz, h.released_size, h.size));
}

Test(match_api, an_invalid_definition_does_not_ask_for_memory) {
    hook h = {0};
    trd_match_def def = def_hooked(&h);
    def.window = 65;
    cr_assert(trd_match_create(&def) == NULL);
    cr_assert(eq(int, h.allocs, 0));
}

Test(match_api, create_allocates_the_footprint_once_and_destroy_releases_it) {
    hook h = {0};
    const trd_match_def def = def_hooked(&h);
    trd_match *match = trd_match_create(&def);
    cr_assert(match != NULL);
    cr_assert(eq(int, h.allocs, 1));
    cr_assert(ge(sz, h.size, trd_match_footprint(&def)));
    cr_assert(ge(sz, h.align, TRD_MATCH_ALIGN));
    trd_match_destroy(match);
    cr_assert(eq(int, h.releases, 1));
    cr_assert(eq(ptr, h.released, h.given));
    cr_assert(eq(sz, h.released_size, h.size));
    trd_match_destroy(NULL);
    cr_assert(eq(int, h.releases, 1));
}

/* A life that touches every path that could want memory: far levels, full pools, forgotten ids. */
static void live(trd_match *match, trd_event *events, int rounds) {
    trd_out out = {.events = events, .capacity = SLOTS};
    for (int i = 0; i < rounds; i++) {
        const uint64_t id = (uint64_t)i + 1;
        const trd_px px = 1 + (trd_px)(id * 7919 % 1000) * 999983;
        const trd_command commands[] = {
            order(id, i % 3 == 0 ? TRD_SELL : TRD_BUY, px, 1 + i % 7), cancel(id - id % 5)};
        for (int k = 0; k < 2; k++) {
            int result = trd_match_step(match, &commands[k], &out);
            for (; result == TRD_MORE; result = trd_match_step(match, NULL, &out)) {
                out.count = 0;
            }
            out.count = 0;
        }
        trd_level levels[4];
        trd_match_depth(match, 0, TRD_BUY, levels, 4);
    }
}

Test(match_api, nothing_is_allocated_after_creation) {
    hook h = {0};
    trd_match_def def = def_hooked(&h);
    def.publish = TRD_PUBLISH_ALL;
    trd_match *match = trd_match_create(&def);
    trd_event *events = malloc(SLOTS * sizeof(*events));
    cr_assert(match != NULL && events != NULL);
    const uint64_t calls_before = heap_calls;
    const trd_instrument spec = spec_named('X');
    const int added = trd_match_add(match, &spec);
    live(match, events, 2000);
    trd_match_reset(match);
    live(match, events, 2000);
    const int audit = trd_match_audit(match);
    const uint64_t calls_after = heap_calls;
    cr_assert(eq(int, added, 0));
    cr_assert(eq(int, audit, TRD_OK));
    cr_assert(eq(u64, calls_after, calls_before));
    cr_assert(eq(int, h.allocs, 1));
    if (HEAP_IS_COUNTED) {
        cr_assert(calls_before > 0, "the counter does not count");
    }
    trd_match_stats stats;
    trd_match_stats_get(match, &stats);
    cr_assert(stats.executions > 0);
    cr_assert(stats.ids_forgotten > 0);
    trd_match_destroy(match);
    free(events);
}

Test(match_api, an_engine_stays_within_its_memory) {
    trd_match_def def = def_small();
    def.publish = TRD_PUBLISH_ALL;
    rig r;
    rig_init(&r, &def);
    live(r.match, r.events, 2000);
    cr_assert(eq(int, trd_match_audit(r.match), TRD_OK));
    rig_fini(&r);
}

/* --- instruments --- */

Test(match_api, instruments_get_the_indices_0_1_until_there_is_no_room) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def); /* adds X as 0 */
    const trd_instrument y = spec_named('Y');
    cr_assert(eq(int, trd_match_add(r.match, &y), 1));
    const uint64_t before = rig_hash(&r);
    cr_assert(eq(int, trd_match_add(r.match, &y), TRD_E_FULL));
    cr_assert(eq(u64, rig_hash(&r), before));
    cr_assert(eq(u32, stats_of(&r).instruments, 2));
    const trd_instrument *spec = trd_match_instrument(r.match, 1);
    cr_assert(spec != NULL);
    cr_assert(eq(int, memcmp(spec, &y, sizeof(y)), 0));
    cr_assert(trd_match_instrument(r.match, 0) != spec);
    cr_assert(trd_match_instrument(r.match, 2) == NULL);
    cr_assert(trd_match_instrument(r.match, UINT32_MAX) == NULL);
    rig_fini(&r);
}

Test(match_api, a_faulty_instrument_is_not_added) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    trd_instrument spec = spec_named('Y');
    spec.px_max = spec.px_min - 1;
    const uint64_t before = rig_hash(&r);
    cr_assert(eq(int, trd_match_add(r.match, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_match_add(r.match, &spec), TRD_E_ARG));
    spec = spec_named('Y');
    spec.px_max = 1;
    spec.qty_max = INT64_MAX / 8 + 1; /* with 8 orders the total would not fit */
    cr_assert(eq(int, trd_match_add(r.match, &spec), TRD_E_ARG));
    cr_assert(eq(u64, rig_hash(&r), before));
    cr_assert(eq(u32, stats_of(&r).instruments, 1));
    rig_fini(&r);
}

/* --- step --- */

Test(match_api, step_needs_a_command_if_nothing_is_pending) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const uint64_t before = rig_hash(&r);
    cr_assert(eq(int, trd_match_step(r.match, NULL, &r.out), TRD_E_ARG));
    accepted(&r, order(1, TRD_BUY, 100, 1));
    cr_assert(eq(int, trd_match_step(r.match, NULL, &r.out), TRD_E_ARG));
    cr_assert(rig_hash(&r) != before);
    rig_fini(&r);
}

Test(match_api, step_needs_room_for_one_unit_of_work_and_consumes_nothing_without) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const trd_command command = order(1, TRD_BUY, 100, 1);
    const uint64_t before = rig_hash(&r);
    for (uint32_t free_slots = 0; free_slots < TRD_OUT_MIN; free_slots++) {
        r.out.count = SLOTS - free_slots;
        cr_expect(eq(int, trd_match_step(r.match, &command, &r.out), TRD_E_FULL));
        cr_expect(eq(u32, r.out.count, SLOTS - free_slots));
    }
    cr_assert(eq(u64, rig_hash(&r), before));
    r.out.count = SLOTS - TRD_OUT_MIN;
    cr_assert(eq(int, trd_match_step(r.match, &command, &r.out), TRD_OK));
    cr_assert(eq(u32, r.out.count, SLOTS - TRD_OUT_MIN + 1));
    cr_assert(eq(uint, r.events[SLOTS - TRD_OUT_MIN].kind, TRD_EVENT_ACCEPTED));
    rig_fini(&r);
}

Test(match_api, an_output_that_is_none_is_refused) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const trd_command command = order(1, TRD_BUY, 100, 1);
    trd_out overfull = {.events = r.events, .capacity = 10, .count = 11};
    trd_out nowhere = {.events = NULL, .capacity = SLOTS};
    size_t done = 99;
    const uint64_t before = rig_hash(&r);
    cr_expect(eq(int, trd_match_step(r.match, &command, NULL), TRD_E_ARG));
    cr_expect(eq(int, trd_match_step(r.match, &command, &nowhere), TRD_E_ARG));
    cr_expect(eq(int, trd_match_step(r.match, &command, &overfull), TRD_E_ARG));
    cr_expect(eq(int, trd_match_run(r.match, &command, 1, &done, &overfull), TRD_E_ARG));
    cr_expect(eq(u32, overfull.count, 11));
    cr_assert(eq(u64, rig_hash(&r), before));
    rig_fini(&r);
}

Test(match_api, events_are_appended_behind_those_that_are_there) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const trd_command commands[] = {order(1, TRD_BUY, 100, 1), order(2, TRD_BUY, 100, 1)};
    cr_assert(eq(int, trd_match_step(r.match, &commands[0], &r.out), TRD_OK));
    cr_assert(eq(int, trd_match_step(r.match, &commands[1], &r.out), TRD_OK));
    cr_assert(eq(u32, r.out.count, 2));
    cr_assert(eq(u64, r.events[0].seq, 1));
    cr_assert(eq(u64, r.events[1].seq, 2));
    cr_assert(eq(u64, r.events[1].u.order.client_id, 2));
    rig_fini(&r);
}

Test(match_api, nothing_is_written_behind_the_capacity_of_an_output) {
    trd_match_def def = def_small();
    def.publish = TRD_PUBLISH_ALL;
    rig r;
    rig_init(&r, &def);
    for (uint64_t id = 1; id <= 7; id++) {
        accepted(&r, order(id, TRD_SELL, 100 + (trd_px)(id / 2), 1));
    }
    memset(r.events, 0xa5, sizeof(r.events));
    r.out = (trd_out){.events = r.events, .capacity = TRD_OUT_MIN};
    const trd_command sweep = order(9, TRD_BUY, 200, 9);
    int result = trd_match_step(r.match, &sweep, &r.out);
    int calls = 1;
    for (; result == TRD_MORE && calls < 100; calls++) {
        cr_assert(le(u32, r.out.count, TRD_OUT_MIN));
        r.out.count = 0;
        result = trd_match_step(r.match, NULL, &r.out);
    }
    cr_assert(eq(int, result, TRD_OK));
    cr_assert(calls > 6, "seven executions of 6 slots each do not fit in fewer");
    for (size_t i = TRD_OUT_MIN * sizeof(trd_event); i < sizeof(r.events); i++) {
        cr_assert(eq(uint, ((unsigned char *)r.events)[i], 0xa5), "byte %zu", i);
    }
    rig_fini(&r);
}

Test(match_api, while_a_command_is_pending_only_its_continuation_is_accepted) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    rig_pend(&r);
    const uint32_t count = r.out.count;
    r.out = (trd_out){.events = r.events, .capacity = SLOTS, .count = count};
    const uint64_t before = rig_hash(&r);
    const trd_command other = order(10, TRD_BUY, 100, 1);
    const trd_instrument spec = spec_named('Y');
    size_t done = 99;
    cr_expect(eq(int, trd_match_step(r.match, &other, &r.out), TRD_E_BUSY));
    cr_expect(eq(int, trd_match_run(r.match, &other, 1, &done, &r.out), TRD_E_BUSY));
    cr_expect(eq(sz, done, 0));
    cr_expect(eq(int, trd_match_add(r.match, &spec), TRD_E_BUSY));
    cr_expect(eq(u32, r.out.count, count));
    cr_expect(eq(u64, rig_hash(&r), before));
    cr_assert(eq(int, trd_match_step(r.match, NULL, &r.out), TRD_OK));
    cr_assert(eq(int, trd_match_step(r.match, NULL, &r.out), TRD_E_ARG));
    cr_assert(eq(u64, stats_of(&r).executions, 6));
    cr_assert(eq(int, trd_match_step(r.match, &other, &r.out), TRD_OK));
    cr_assert(eq(int, trd_match_add(r.match, &spec), 1));
    rig_fini(&r);
}

Test(match_api, a_continuation_needs_room_as_well) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    rig_pend(&r);
    r.out.count = r.out.capacity - TRD_OUT_MIN + 1;
    const uint64_t before = rig_hash(&r);
    cr_assert(eq(int, trd_match_step(r.match, NULL, &r.out), TRD_MORE));
    cr_assert(eq(u64, rig_hash(&r), before));
    r.out = (trd_out){.events = r.events, .capacity = SLOTS};
    cr_assert(eq(int, trd_match_step(r.match, NULL, &r.out), TRD_OK));
    cr_assert(eq(u64, stats_of(&r).executions, 6));
    rig_fini(&r);
}

/* --- run --- */

Test(match_api, run_executes_records_until_the_end) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    trd_command slots[4] = {order(1, TRD_SELL, 100, 5), order(2, TRD_BUY, 100, 3)};
    slots[1].slots = 2;
    trd_ext_sizes minimum = {.kind = TRD_EXT_ORDER_SIZES, .minimum = 3};
    memcpy(&slots[2], &minimum, sizeof(minimum));
    slots[3] = cancel(1);
    size_t done = 99;
    cr_assert(eq(int, trd_match_run(r.match, slots, 4, &done, &r.out), TRD_OK));
    cr_assert(eq(sz, done, 4));
    cr_assert(eq(u64, stats_of(&r).commands, 3));
    const unsigned kinds[] = {
        TRD_EVENT_ACCEPTED, TRD_EVENT_ACCEPTED, TRD_EVENT_FILL, TRD_EVENT_FILL, TRD_EVENT_CANCELED};
    cr_assert(eq(u32, r.out.count, 5));
    for (size_t i = 0; i < 5; i++) {
        cr_expect(eq(uint, r.events[i].kind, kinds[i]), "event %zu", i);
    }
    rig_fini(&r);
}

Test(match_api, run_of_nothing_does_nothing) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const trd_command command = order(1, TRD_BUY, 100, 1);
    const uint64_t before = rig_hash(&r);
    size_t done = 99;
    cr_assert(eq(int, trd_match_run(r.match, &command, 0, &done, &r.out), TRD_OK));
    cr_assert(eq(sz, done, 0));
    cr_assert(eq(u64, rig_hash(&r), before));
    rig_fini(&r);
}

Test(match_api, run_refuses_arguments_that_are_none_and_consumes_nothing) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const trd_command commands[] = {order(1, TRD_BUY, 100, 1)};
    trd_out nowhere = {.events = NULL, .capacity = SLOTS};
    trd_out beyond = {.events = r.events, .capacity = SLOTS, .count = SLOTS + 1};
    const uint64_t before = rig_hash(&r);
    size_t done = 7;
    cr_assert(eq(int, trd_match_run(r.match, NULL, 1, &done, &r.out), TRD_E_ARG));
    cr_assert(eq(sz, done, 0));
    cr_assert(eq(int, trd_match_run(r.match, commands, 1, NULL, &r.out), TRD_E_ARG));
    trd_out *const outs[] = {NULL, &nowhere, &beyond};
    for (size_t i = 0; i < sizeof(outs) / sizeof(outs[0]); i++) {
        done = 7;
        cr_assert(eq(int, trd_match_run(r.match, commands, 1, &done, outs[i]), TRD_E_ARG));
        cr_assert(eq(sz, done, 0));
    }
    cr_assert(eq(u32, r.out.count, 0));
    cr_assert(eq(u64, rig_hash(&r), before));
    rig_fini(&r);
}

Test(match_api, run_without_room_consumes_nothing) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const trd_command command = order(1, TRD_BUY, 100, 1);
    r.out.count = SLOTS - TRD_OUT_MIN + 1;
    const uint64_t before = rig_hash(&r);
    size_t done = 99;
    cr_assert(eq(int, trd_match_run(r.match, &command, 1, &done, &r.out), TRD_E_FULL));
    cr_assert(eq(sz, done, 0));
    cr_assert(eq(u64, rig_hash(&r), before));
    rig_fini(&r);
}

Test(match_api, run_stops_between_records_when_the_output_is_full_and_says_where) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const trd_command commands[] = {order(1, TRD_BUY, 100, 1), order(2, TRD_BUY, 100, 1),
        order(3, TRD_BUY, 100, 1), order(4, TRD_BUY, 100, 1)};
    r.out.capacity = TRD_OUT_MIN + 2; /* room for a unit of work is there three times */
    size_t done = 0;
    cr_assert(eq(int, trd_match_run(r.match, commands, 4, &done, &r.out), TRD_OK));
    cr_assert(eq(sz, done, 3));
    cr_assert(eq(u32, r.out.count, 3));
    cr_assert(eq(u64, stats_of(&r).commands, 3));
    r.out.count = 0;
    cr_assert(eq(int, trd_match_run(r.match, commands + done, 1, &done, &r.out), TRD_OK));
    cr_assert(eq(sz, done, 1));
    rig_fini(&r);
}

Test(match_api, run_counts_a_pending_command_as_consumed) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    for (uint64_t id = 1; id <= 6; id++) {
        accepted(&r, order(id, TRD_SELL, 100, 1));
    }
    const trd_command commands[] = {order(9, TRD_BUY, 100, 6), order(10, TRD_BUY, 100, 1)};
    r.out = (trd_out){.events = r.events, .capacity = TRD_OUT_MIN};
    size_t done = 0;
    cr_assert(eq(int, trd_match_run(r.match, commands, 2, &done, &r.out), TRD_MORE));
    cr_assert(eq(sz, done, 1));
    rig_fini(&r);
}

typedef struct stray {
    const char *what;
    uint8_t kind, slots;
    unsigned event;
} stray;

/* Followed by a good order, which must be found at the next slot. */
Test(match_api, run_refuses_a_slot_that_starts_no_record_and_skips_just_that_slot) {
    const stray rows[] = {
        {"no kind", 0, 1, TRD_EVENT_COMMAND_REJECTED},
        {"no such kind", 77, 1, TRD_EVENT_COMMAND_REJECTED},
        {"an extension", TRD_EXT_ORDER_SIZES, 0, TRD_EVENT_COMMAND_REJECTED},
        {"an extension that claims slots", TRD_EXT_ORDER_SIZES, 2, TRD_EVENT_COMMAND_REJECTED},
        {"the first extension", TRD_EXT_ORDER_PRICES, 2, TRD_EVENT_COMMAND_REJECTED},
        {"no slots", TRD_COMMAND_NEW, 0, TRD_EVENT_REJECTED},
        {"beyond the array", TRD_COMMAND_NEW, 3, TRD_EVENT_REJECTED},
        {"a cancel beyond the array", TRD_COMMAND_CANCEL, 3, TRD_EVENT_CANCEL_REJECTED},
        {"a replace beyond the array", TRD_COMMAND_REPLACE, 4, TRD_EVENT_REPLACE_REJECTED},
        {"a timer beyond the array", TRD_COMMAND_TIMER, 4, TRD_EVENT_COMMAND_REJECTED},
        {"more slots than there can be", TRD_COMMAND_NEW, 255, TRD_EVENT_REJECTED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const trd_match_def def = def_small();
        rig r;
        rig_init(&r, &def);
        trd_command slots[2] = {order(1, TRD_BUY, 100, 1), order(2, TRD_BUY, 100, 1)};
        slots[0].kind = rows[i].kind;
        slots[0].slots = rows[i].slots;
        size_t done = 0;
        cr_expect(
            eq(int, trd_match_run(r.match, slots, 2, &done, &r.out), TRD_OK), "%s", rows[i].what);
        cr_expect(eq(sz, done, 2), "%s", rows[i].what);
        cr_expect(eq(u32, r.out.count, 2), "%s", rows[i].what);
        cr_expect(eq(uint, r.events[0].kind, rows[i].event), "%s", rows[i].what);
        cr_expect(eq(uint, r.events[0].reason, TRD_REJECT_MALFORMED), "%s", rows[i].what);
        cr_expect(eq(uint, r.events[0].liquidity, rows[i].kind), "%s", rows[i].what);
        cr_expect(eq(uint, r.events[1].kind, TRD_EVENT_ACCEPTED), "%s", rows[i].what);
        rig_fini(&r);
    }
}

Test(match_api, run_takes_a_record_of_four_slots_as_one) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    trd_command slots[6] = {order(1, TRD_BUY, 100, 1), {.kind = TRD_COMMAND_INSTRUMENT, .slots = 4},
        {.kind = TRD_COMMAND_NEW}, {.kind = TRD_COMMAND_NEW}, {.kind = TRD_COMMAND_NEW},
        order(2, TRD_BUY, 100, 1)};
    size_t done = 0;
    cr_assert(eq(int, trd_match_run(r.match, slots, 6, &done, &r.out), TRD_OK));
    cr_assert(eq(sz, done, 6));
    cr_assert(eq(u32, r.out.count, 3));
    cr_assert(eq(uint, r.events[1].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(uint, r.events[1].reason, TRD_REJECT_UNSUPPORTED));
    cr_assert(eq(u64, r.events[2].u.order.client_id, 2));
    rig_fini(&r);
}

Test(match_api, run_takes_a_kind_that_is_not_listed_with_all_its_slots) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const trd_command slots[3] = {
        {.kind = 127, .slots = 2}, order(1, TRD_BUY, 100, 1), order(2, TRD_BUY, 100, 1)};
    size_t done = 0;
    cr_assert(eq(int, trd_match_run(r.match, slots, 3, &done, &r.out), TRD_OK));
    cr_assert(eq(sz, done, 3));
    cr_assert(eq(u32, r.out.count, 2));
    cr_assert(eq(uint, r.events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(uint, r.events[0].reason, TRD_REJECT_MALFORMED));
    cr_assert(eq(u64, r.events[1].u.order.client_id, 2));
    rig_fini(&r);
}

Test(match_api, run_sees_the_end_of_the_array_wherever_the_record_starts) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    trd_command slots[4] = {order(1, TRD_BUY, 100, 1), order(2, TRD_BUY, 100, 1)};
    trd_ext_sizes minimum = {.kind = TRD_EXT_ORDER_SIZES};
    memcpy(&slots[2], &minimum, sizeof(minimum)); /* would make it whole, but is not in the array */
    slots[1].slots = 2;
    size_t done = 0;
    cr_assert(eq(int, trd_match_run(r.match, slots, 2, &done, &r.out), TRD_OK));
    cr_assert(eq(sz, done, 2));
    cr_assert(eq(u32, r.out.count, 2));
    cr_assert(eq(uint, r.events[1].kind, TRD_EVENT_REJECTED));
    cr_assert(eq(uint, r.events[1].reason, TRD_REJECT_MALFORMED));
    rig_fini(&r);
}

/* trd_match_run looks ahead from a footprint of 1 MiB on, and further from 16 MiB on. */
static trd_match *match_of_size(uint32_t instruments_max, uint32_t window, size_t least) {
    trd_match_def def = def_small();
    def.instruments_max = instruments_max;
    def.window = window;
    cr_assert(trd_match_footprint(&def) >= least);
    cr_assert(trd_match_footprint(&def) < 16 * least);
    trd_match *match = trd_match_create(&def);
    cr_assert(match != NULL);
    const trd_instrument spec = spec_named('X');
    cr_assert(eq(int, trd_match_add(match, &spec), 0));
    return match;
}

static trd_command by_handle(unsigned kind, trd_order handle) {
    trd_command command = cancel(handle);
    command.kind = (uint8_t)kind;
    command.flags = TRD_COMMAND_BY_HANDLE;
    return command;
}

/* Names that lead outside of every table if they are followed without a look; the caller puts in
 * the handle of order 1. */
enum { WILD_BY_HANDLE_1 = 20, WILD = 48 };

static void wild_commands(trd_command *wild) {
    static const uint64_t names[] = {0, 8, 9, 10, 17, 1u << 30, (1u << 31) - 1, (uint64_t)1 << 31,
        ((uint64_t)1 << 31) + 9, UINT32_MAX, (uint64_t)1 << 32, (uint64_t)1 << 63, UINT64_MAX};
    static const unsigned kinds[] = {TRD_COMMAND_CANCEL, TRD_COMMAND_REDUCE, TRD_COMMAND_REPLACE};
    static const unsigned sides[] = {0, 3, 255};
    static const uint32_t instruments[] = {1, 2, 1u << 20, 1u << 31, UINT32_MAX};
    for (size_t i = 0; i < WILD; i++) {
        wild[i] = order(i + 1, TRD_BUY, 100, 1);
        if (i % 4 == 1) {
            wild[i] = by_handle(kinds[i / 4 % 3], names[i / 4]);
        } else if (i % 4 == 2) {
            wild[i].instrument = instruments[i / 4 % 5];
        } else if (i % 8 == 3) {
            wild[i].u.order.side = (uint8_t)sides[i / 8 % 3];
        } else if (i % 8 == 7) {
            wild[i].u.order.px = i % 16 == 7 ? INT64_MIN : INT64_MAX;
        }
    }
}

Test(match_api, run_is_step_by_step_for_an_engine_of_any_size_whatever_the_commands_name) {
    trd_match *matches[] = {match_of_size(1, 64, 1 << 13), match_of_size(1, 1 << 16, 1 << 19),
        match_of_size(4, 1 << 16, 1 << 20), match_of_size(40, 1 << 16, 1 << 24)};
    static trd_event stepped[4 * WILD], run[4 * WILD];
    trd_command wild[WILD];
    wild_commands(wild);
    trd_out out = {.events = stepped, .capacity = 4 * WILD};
    for (size_t i = 0; i < WILD; i++) {
        cr_assert(eq(int, trd_match_step(matches[0], &wild[i], &out), TRD_OK));
        if (i == 0) {
            wild[WILD_BY_HANDLE_1] = by_handle(TRD_COMMAND_CANCEL, stepped[0].u.order.order);
        }
    }
    cr_assert(eq(u32, out.count, WILD), "each of them has one event");
    cr_assert(eq(uint, stepped[WILD_BY_HANDLE_1].kind, TRD_EVENT_CANCELED));
    for (size_t k = 1; k < sizeof(matches) / sizeof(matches[0]); k++) {
        trd_out all = {.events = run, .capacity = 4 * WILD};
        size_t done = 0;
        cr_assert(eq(int, trd_match_run(matches[k], wild, WILD, &done, &all), TRD_OK));
        cr_assert(eq(sz, done, WILD));
        cr_assert(eq(u32, all.count, out.count));
        cr_assert(eq(int, memcmp(run, stepped, out.count * sizeof(*run)), 0), "engine %zu", k);
        cr_assert(eq(int, trd_match_audit(matches[k]), TRD_OK));
        trd_match_destroy(matches[k]);
    }
    trd_match_destroy(matches[0]);
}

/* --- queries --- */

Test(match_api, queries_about_what_does_not_exist) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const trd_order handle = accepted(&r, order(1, TRD_BUY, 100, 1));
    trd_level level = {.px = 77};
    trd_order_info info = {.px = 77};
    cr_expect(eq(u64, trd_match_find(r.match, 1, 2), 0));
    cr_expect(eq(u64, trd_match_find(r.match, 2, 1), 0));
    cr_expect(eq(u64, trd_match_find(r.match, UINT32_MAX, UINT64_MAX), 0));
    const trd_order handles[] = {0, 1, handle + 1, handle ^ (1ull << 32), handle ^ (1ull << 63),
        (trd_order)UINT32_MAX, UINT64_MAX, handle & UINT64_C(0xffffffff00000000)};
    for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++) {
        if (handles[i] != handle) {
            cr_expect(eq(int, trd_match_order(r.match, handles[i], &info), TRD_E_UNKNOWN),
                "handle %zu", i);
        }
    }
    cr_expect(eq(int, trd_match_best(r.match, 1, TRD_BUY, &level), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_match_best(r.match, UINT32_MAX, TRD_BUY, &level), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_match_best(r.match, 0, 0, &level), TRD_E_ARG));
    cr_expect(eq(int, trd_match_best(r.match, 0, 3, &level), TRD_E_ARG));
    cr_expect(eq(int, trd_match_best(r.match, 0, TRD_SELL, &level), 0));
    cr_expect(eq(int, trd_match_depth(r.match, 1, TRD_BUY, &level, 1), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_match_depth(r.match, 0, 0, &level, 1), TRD_E_ARG));
    cr_expect(eq(int, trd_match_depth(r.match, 0, TRD_SELL, &level, 1), 0));
    cr_expect(eq(int, trd_match_depth(r.match, 0, TRD_BUY, &level, 0), 0));
    cr_expect(eq(int, trd_match_state(r.match, 0), TRD_SESSION_CONTINUOUS));
    cr_expect(eq(int, trd_match_state(r.match, 1), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_match_state(r.match, UINT32_MAX), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_match_queue(r.match, 1, TRD_BUY, 100, &info, 1), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_match_queue(r.match, 0, 4, 100, &info, 1), TRD_E_ARG));
    cr_expect(eq(int, trd_match_queue(r.match, 0, TRD_BUY, 101, &info, 1), 0));
    cr_expect(eq(int, trd_match_queue(r.match, 0, TRD_BUY, INT64_MIN, &info, 1), 0));
    cr_expect(eq(int, trd_match_queue(r.match, 0, TRD_BUY, INT64_MAX, &info, 1), 0));
    cr_expect(eq(int, trd_match_queue(r.match, 0, TRD_SELL, 100, &info, 1), 0));
    cr_expect(eq(int, trd_match_queue(r.match, 0, TRD_BUY, 100, &info, 0), 0));
    cr_expect(eq(i64, level.px, 77), "an answer of nothing stores nothing");
    cr_expect(eq(i64, info.px, 77));
    rig_fini(&r);
}

Test(match_api, queries_tell_everything_about_an_order) {
    trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    trd_command post = order(7, TRD_SELL, 105, 9);
    post.account = 3;
    post.u.order.exec = TRD_EXEC_POST_ONLY;
    const trd_order handle = accepted(&r, post);
    accepted(&r, order(8, TRD_BUY, 105, 4));
    trd_order_info info;
    memset(&info, 0xff, sizeof(info));
    const trd_order_info expected = {.order = handle,
        .client_id = 7,
        .px = 105,
        .leaves = 5,
        .executed = 4,
        .account = 3,
        .side = TRD_SELL,
        .tif = TRD_TIF_GTC,
        .exec = TRD_EXEC_POST_ONLY,
        .type = TRD_TYPE_LIMIT,
        .where = TRD_WHERE_BOOK,
        .displayed = 5};
    cr_assert(eq(u64, trd_match_find(r.match, 3, 7), handle));
    cr_assert(eq(int, trd_match_order(r.match, handle, &info), TRD_OK));
    cr_assert(eq(int, memcmp(&info, &expected, sizeof(info)), 0));
    memset(&info, 0xff, sizeof(info));
    cr_assert(eq(int, trd_match_queue(r.match, 0, TRD_SELL, 105, &info, 1), 1));
    cr_assert(eq(int, memcmp(&info, &expected, sizeof(info)), 0));
    rig_fini(&r);
}

Test(match_api, depth_and_queue_store_no_more_than_asked) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    for (uint64_t id = 1; id <= 3; id++) {
        accepted(&r, order(id, TRD_BUY, 100 - (trd_px)id, 1));
        accepted(&r, order(id + 3, TRD_BUY, 99, 1));
    }
    trd_level levels[4] = {[2] = {.px = 77}};
    cr_assert(eq(int, trd_match_depth(r.match, 0, TRD_BUY, levels, 2), 2));
    cr_assert(eq(i64, levels[0].px, 99));
    cr_assert(eq(i64, levels[0].qty, 4));
    cr_assert(eq(u32, levels[0].count, 4));
    cr_assert(eq(i64, levels[1].px, 98));
    cr_assert(eq(i64, levels[2].px, 77));
    cr_assert(eq(int, trd_match_depth(r.match, 0, TRD_BUY, levels, 4), 3));
    trd_order_info queue[4] = {[2] = {.px = 77}};
    cr_assert(eq(int, trd_match_queue(r.match, 0, TRD_BUY, 99, queue, 2), 2));
    cr_assert(eq(u64, queue[0].client_id, 1));
    cr_assert(eq(u64, queue[1].client_id, 4));
    cr_assert(eq(i64, queue[2].px, 77));
    rig_fini(&r);
}

Test(match_api, depth_and_queue_may_be_asked_for_more_than_there_can_be) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    for (uint64_t id = 1; id <= 3; id++) {
        accepted(&r, order(id, TRD_BUY, 100 - (trd_px)id, 1));
        accepted(&r, order(id + 3, TRD_BUY, 99, 1));
    }
    const uint32_t most[] = {4, INT32_MAX, (uint32_t)INT32_MAX + 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
        trd_level levels[4] = {[3] = {.px = 77}};
        trd_order_info queue[4];
        cr_expect(eq(int, trd_match_depth(r.match, 0, TRD_BUY, levels, most[i]), 3));
        cr_expect(eq(i64, levels[2].px, 97));
        cr_expect(eq(i64, levels[3].px, 77));
        cr_expect(eq(int, trd_match_queue(r.match, 0, TRD_BUY, 99, queue, most[i]), 4));
        cr_expect(eq(u64, queue[3].client_id, 6));
    }
    rig_fini(&r);
}

/* The ids of the orders that fit, in a number: 253 is 2, 5, 3. */
static int ids_of(const rig *r, trd_order_filter filter) {
    trd_order_info orders[8];
    const int count = trd_match_orders(r->match, &filter, orders, 8);
    int ids = 0;
    for (int i = 0; i < count; i++) {
        ids = 10 * ids + (int)orders[i].client_id;
    }
    return ids;
}

Test(match_api, orders_are_those_that_fit_bids_first_best_first_by_time) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    trd_command all[] = {order(1, TRD_BUY, 99, 1), order(2, TRD_BUY, 100, 1),
        order(3, TRD_SELL, 105, 1), order(4, TRD_SELL, 104, 1), order(5, TRD_BUY, 99, 1)};
    all[1].account = all[3].account = all[4].account = 2;
    all[0].actor = all[4].actor = 7;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        accepted(&r, all[i]);
    }
    cr_expect(eq(int, ids_of(&r, (trd_order_filter){0}), 21543));
    cr_expect(
        eq(int, ids_of(&r, (trd_order_filter){.instrument = 3, .side = 2, .account = 2}), 21543),
        "what has no bit does not count");
    const unsigned account = TRD_MASS_ACCOUNT;
    const unsigned side = TRD_MASS_SIDE;
    const unsigned actor = TRD_MASS_ACTOR;
    const trd_order_filter filters[] = {
        {.filter = (uint8_t)account, .account = 2},
        {.filter = (uint8_t)(account | side), .account = 1, .side = TRD_SELL},
        {.filter = (uint8_t)actor, .actor = 7},
        {.filter = (uint8_t)(actor | account), .actor = 7, .account = 2},
        {.filter = TRD_MASS_TAG, .tag = 1},
        {.filter = TRD_MASS_TAG, .tag = 0},
        {.filter = TRD_MASS_INSTRUMENT, .instrument = 0},
    };
    const int expected[] = {254, 3, 15, 5, 0, 21543, 21543};
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        cr_expect(eq(int, ids_of(&r, filters[i]), expected[i]), "filter %zu", i);
    }
    rig_fini(&r);
}

Test(match_api, orders_are_counted_whatever_there_is_room_for) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    for (uint64_t id = 1; id <= 3; id++) {
        accepted(&r, order(id, TRD_BUY, 100, 1));
    }
    const trd_order_filter all = {0};
    trd_order_info orders[3] = {[2] = {.px = 77}};
    cr_expect(eq(int, trd_match_orders(r.match, &all, NULL, 0), 3));
    cr_expect(eq(int, trd_match_orders(r.match, &all, orders, 2), 3));
    cr_expect(eq(u64, orders[1].client_id, 2));
    cr_expect(eq(i64, orders[2].px, 77));
    const trd_order_filter other = {.filter = TRD_MASS_INSTRUMENT, .instrument = 1};
    const trd_order_filter unknown = {.filter = 32};
    cr_expect(eq(int, trd_match_orders(r.match, &other, orders, 3), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_match_orders(r.match, &unknown, orders, 3), TRD_E_ARG));
    cr_expect(eq(int, trd_match_orders(r.match, NULL, orders, 3), TRD_E_ARG));
    cr_expect(eq(int, trd_match_orders(r.match, &all, NULL, 1), TRD_E_ARG));
    cr_expect(eq(i64, orders[2].px, 77));
    rig_fini(&r);
}

static void ask_everything(const rig *r, trd_order handle) {
    trd_level levels[4];
    trd_order_info orders[4];
    for (uint32_t instrument = 0; instrument < 3; instrument++) {
        trd_match_instrument(r->match, instrument);
        for (unsigned side = 0; side < 4; side++) {
            trd_match_best(r->match, instrument, side, levels);
            trd_match_depth(r->match, instrument, side, levels, 4);
            trd_match_queue(r->match, instrument, side, 101, orders, 4);
        }
        const trd_order_filter filter = {.instrument = instrument, .filter = TRD_MASS_INSTRUMENT};
        trd_match_orders(r->match, &filter, orders, 4);
    }
    for (uint64_t id = 0; id < 12; id++) {
        trd_match_find(r->match, 1, id);
    }
    trd_match_order(r->match, handle, orders);
    trd_match_order(r->match, handle + 1, orders);
    stats_of(r);
}

Test(match_api, queries_change_nothing_even_while_a_command_is_pending) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const uint64_t empty = rig_hash(&r);
    ask_everything(&r, 1);
    cr_assert(eq(int, trd_match_audit(r.match), TRD_OK));
    cr_assert(eq(u64, rig_hash(&r), empty));
    rig_pend(&r);
    const uint64_t pending = rig_hash(&r);
    cr_assert(pending != empty);
    ask_everything(&r, trd_match_find(r.match, 1, 6));
    cr_assert(eq(u64, rig_hash(&r), pending));
    r.out = (trd_out){.events = r.events, .capacity = SLOTS};
    cr_assert(eq(int, trd_match_step(r.match, NULL, &r.out), TRD_OK));
    accepted(&r, order(10, TRD_BUY, 100, 1));
    const uint64_t after = rig_hash(&r);
    ask_everything(&r, trd_match_find(r.match, 1, 10));
    cr_assert(eq(int, trd_match_audit(r.match), TRD_OK));
    cr_assert(eq(u64, rig_hash(&r), after));
    rig_fini(&r);
}

/* --- handles --- */

Test(match_api, a_handle_ends_with_its_order_and_is_not_given_again) {
    enum { LIVES = 2000 };
    static trd_order seen[LIVES];
    trd_match_def def = def_small();
    def.orders_max = 1; /* every order takes the same place */
    rig r;
    rig_init(&r, &def);
    trd_order_info info;
    for (size_t i = 0; i < LIVES; i++) {
        seen[i] = accepted(&r, order(i + 1, TRD_BUY, 100, 1));
        cr_assert(eq(int, trd_match_order(r.match, seen[i], &info), TRD_OK));
        cr_assert(eq(u64, trd_match_find(r.match, 1, i + 1), seen[i]));
        for (size_t k = 0; k < i; k += 1 + i / 8) {
            cr_assert(seen[k] != seen[i]);
            cr_assert(eq(int, trd_match_order(r.match, seen[k], &info), TRD_E_UNKNOWN));
        }
        cr_assert(eq(uint, send(&r, cancel(i + 1)).kind, TRD_EVENT_CANCELED));
        cr_assert(eq(int, trd_match_order(r.match, seen[i], &info), TRD_E_UNKNOWN));
        cr_assert(eq(u64, trd_match_find(r.match, 1, i + 1), 0));
    }
    rig_fini(&r);
}

Test(match_api, a_handle_is_generation_and_slot) {
    trd_match_def def = def_small();
    def.orders_max = 1;
    rig r;
    rig_init(&r, &def);
    const trd_order first = accepted(&r, order(1, TRD_BUY, 100, 1));
    send(&r, cancel(1));
    const trd_order second = accepted(&r, order(2, TRD_BUY, 100, 1));
    cr_assert(eq(u32, (uint32_t)first, (uint32_t)second), "the same slot");
    cr_assert(0 < (uint32_t)first, "slot + 1");
    cr_assert(first >> 32 != second >> 32, "another generation");
    rig_fini(&r);
}

/* --- profiles and positions --- */

Test(match_api, a_profile_that_is_none_is_refused_and_nothing_changes) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const uint64_t before = rig_hash(&r);
    trd_profile profile = trd_profile_default();
    cr_expect(eq(int, trd_match_configure(r.match, 1, &profile), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_match_configure(r.match, UINT32_MAX, &profile), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_match_configure(r.match, 0, NULL), TRD_E_ARG));
    profile.struct_size = 0;
    cr_expect(eq(int, trd_match_configure(r.match, 0, &profile), TRD_E_ARG));
    profile = trd_profile_default();
    profile.allocation = TRD_ALLOCATE_C;
    cr_assert(eq(int, trd_profile_check(&profile), TRD_OK));
    cr_expect(eq(int, trd_match_configure(r.match, 0, &profile), TRD_E_ARG), "allocates is 0");
    cr_expect(eq(u64, rig_hash(&r), before));
    profile = trd_profile_default();
    cr_expect(eq(int, trd_match_configure(r.match, 0, &profile), TRD_OK));
    rig_fini(&r);
}

static void ended(rig *r, uint64_t id) {
    cr_assert(eq(uint, send(r, cancel(id)).kind, TRD_EVENT_CANCELED));
}

static void configure_gives(rig *r, int result, const char *when) {
    const uint64_t before = rig_hash(r);
    const trd_profile profile = trd_profile_default();
    cr_expect(eq(int, trd_match_configure(r->match, 0, &profile), result), "%s", when);
    if (result != TRD_OK) {
        cr_expect(eq(u64, rig_hash(r), before), "%s", when);
    }
}

Test(match_api, a_profile_waits_until_nothing_rests_or_waits) {
    trd_match_def def = def_small();
    def.specials_max = 4;
    rig r;
    rig_init(&r, &def);
    configure_gives(&r, TRD_OK, "empty");
    accepted(&r, order(21, TRD_BUY, 1000000, 1));
    configure_gives(&r, TRD_E_BUSY, "a bid");
    accepted(&r, order(22, TRD_BUY, 1, 1));
    ended(&r, 21);
    configure_gives(&r, TRD_E_BUSY, "a bid that was far from the best");
    ended(&r, 22);
    configure_gives(&r, TRD_OK, "no bid left");
    accepted(&r, order(23, TRD_SELL, 100, 1));
    accepted(&r, order(24, TRD_SELL, 1000000, 1));
    configure_gives(&r, TRD_E_BUSY, "an ask");
    ended(&r, 23);
    configure_gives(&r, TRD_E_BUSY, "an ask that was far from the best");
    ended(&r, 24);
    trd_command at_close = order(25, TRD_BUY, 100, 1);
    at_close.u.order.tif = TRD_TIF_AT_CLOSE;
    accepted(&r, at_close);
    configure_gives(&r, TRD_E_BUSY, "an order for the closing");
    ended(&r, 25);
    rig_pend(&r);
    configure_gives(&r, TRD_E_BUSY, "a pending command");
    r.out = (trd_out){.events = r.events, .capacity = SLOTS};
    cr_assert(eq(int, trd_match_step(r.match, NULL, &r.out), TRD_OK));
    configure_gives(&r, TRD_OK, "after it");
    rig_fini(&r);
}

Test(match_api, a_position_is_asked_for_by_instrument_and_side) {
    trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    trd_qty qty = 77;
    cr_expect(eq(int, trd_match_position(r.match, 0, 0, TRD_POSITION_NET, &qty), TRD_E_UNKNOWN),
        "positions are not kept");
    rig_fini(&r);
    def.positions_max = 4;
    rig_init(&r, &def);
    const unsigned none = TRD_POSITION_SHORT + 1;
    cr_expect(eq(int, trd_match_position(r.match, 0, 0, none, &qty), TRD_E_ARG));
    cr_expect(eq(int, trd_match_position(r.match, 0, 1, TRD_POSITION_NET, &qty), TRD_E_UNKNOWN));
    cr_expect(eq(i64, qty, 77));
    cr_expect(eq(int, trd_match_position(r.match, 0, 0, TRD_POSITION_NET, &qty), TRD_OK));
    cr_expect(eq(i64, qty, 0));
    rig_fini(&r);
}

/* --- reset --- */

Test(match_api, reset_empties_everything_but_the_instruments) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    const trd_order handle = accepted(&r, order(1, TRD_BUY, 100, 5));
    accepted(&r, order(2, TRD_BUY, 900000000, 5));
    accepted(&r, order(3, TRD_SELL, 900000000, 5));
    trd_match_reset(r.match);
    cr_assert(eq(int, trd_match_audit(r.match), TRD_OK));
    const trd_match_stats expected = {.instruments = 1};
    const trd_match_stats stats = stats_of(&r);
    cr_assert(eq(int, memcmp(&stats, &expected, sizeof(stats)), 0));
    trd_level level;
    trd_order_info info;
    cr_assert(eq(int, trd_match_best(r.match, 0, TRD_BUY, &level), 0));
    cr_assert(eq(int, trd_match_best(r.match, 0, TRD_SELL, &level), 0));
    cr_assert(eq(int, trd_match_order(r.match, handle, &info), TRD_E_UNKNOWN));
    cr_assert(eq(u64, trd_match_find(r.match, 1, 1), 0));
    cr_assert(trd_match_instrument(r.match, 0) != NULL);
    for (uint64_t id = 1; id <= 3; id++) { /* live and ended ids are forgotten */
        accepted(&r, order(id, TRD_BUY, 100, 1));
        cr_assert(eq(u64, r.events[0].seq, id));
    }
    rig_fini(&r);
}

Test(match_api, reset_drops_a_pending_command) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    rig_pend(&r);
    trd_match_reset(r.match);
    r.out = (trd_out){.events = r.events, .capacity = SLOTS};
    cr_assert(eq(int, trd_match_step(r.match, NULL, &r.out), TRD_E_ARG));
    accepted(&r, order(1, TRD_BUY, 100, 1));
    cr_assert(eq(int, trd_match_audit(r.match), TRD_OK));
    rig_fini(&r);
}

Test(match_api, reset_brings_back_the_lowest_time) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    trd_command command = order(1, TRD_BUY, 100, 1);
    command.time = 5000;
    cr_assert(eq(i64, send(&r, command).time, 5000));
    trd_match_reset(r.match);
    command.time = INT64_MIN;
    cr_assert(eq(i64, send(&r, command).time, INT64_MIN));
    cr_assert(eq(u64, stats_of(&r).time_steps_back, 0));
    rig_fini(&r);
}

/* ACCEPTED and LEVEL with the mask of the definition, ACCEPTED and ORDER with the subscribed one.
 */
Test(match_api, reset_brings_back_the_mask_of_the_definition) {
    trd_match_def def = def_small();
    def.publish = TRD_PUBLISH_LEVELS;
    rig r;
    rig_init(&r, &def);
    const trd_command subscribe = {
        .kind = TRD_COMMAND_SUBSCRIBE, .slots = 1, .u.subscribe = {.publish = TRD_PUBLISH_ORDERS}};
    cr_assert(eq(int, trd_match_step(r.match, &subscribe, &r.out), TRD_OK));
    accepted(&r, order(1, TRD_BUY, 100, 1));
    cr_assert(eq(u32, r.out.count, 2));
    cr_assert(eq(uint, r.events[1].kind, TRD_EVENT_ORDER));
    trd_match_reset(r.match);
    accepted(&r, order(1, TRD_BUY, 100, 1));
    cr_assert(eq(u32, r.out.count, 2));
    cr_assert(eq(uint, r.events[1].kind, TRD_EVENT_LEVEL));
    rig_fini(&r);
}

Test(match_api, a_handle_from_before_a_reset_never_names_an_order_after_it) {
    const trd_match_def def = def_small();
    rig r;
    rig_init(&r, &def);
    trd_order before[8];
    for (uint64_t id = 1; id <= 8; id++) {
        before[id - 1] = accepted(&r, order(id, TRD_BUY, 100, 1));
    }
    trd_match_reset(r.match);
    for (uint64_t id = 1; id <= 8; id++) { /* every slot is in use again */
        accepted(&r, order(id, TRD_BUY, 100, 1));
    }
    for (int i = 0; i < 8; i++) {
        trd_order_info info;
        cr_assert(eq(int, trd_match_order(r.match, before[i], &info), TRD_E_UNKNOWN));
    }
    rig_fini(&r);
}

Test(match_api, reset_brings_back_the_highest_ids_and_the_whole_room) {
    const trd_match_def def = def_ids(TRD_IDS_ASCENDING, 0, 4);
    rig r;
    rig_init(&r, &def);
    for (int round = 0; round < 3; round++) {
        for (uint64_t id = 1; id <= 8; id++) {
            accepted(&r, order(id, TRD_BUY, (trd_px)id * 1000000, 1));
        }
        const trd_event event = send(&r, order(9, TRD_BUY, 100, 1));
        cr_assert(eq(uint, event.reason, TRD_REJECT_NO_CAPACITY));
        trd_match_reset(r.match);
    }
    rig_fini(&r);
}
