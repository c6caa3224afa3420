/* test_engine_trail.c - the running hash of the events, and its checkpoints. */
#include "engine_rig.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static trd_engine *engine_with(uint32_t trail) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_engine_def def = def_of(&match, &accounts, &risk);
    def.trail = trail;
    return trd_engine_create(&def);
}

/* A rig without instruments and accounts: every order is refused, with one event. */
static void begin(rig *r, uint32_t trail) {
    *r = (rig){.engine = engine_with(trail)};
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    cr_assert(ne(ptr, r->engine, NULL));
}

static void refuse_next(rig *r, uint64_t seq) {
    trd_command c = order(r, 0, 0, TRD_BUY, 1, 1);
    c.seq = seq;
    r->out.count = 0;
    cr_assert(eq(int, trd_engine_step(r->engine, &c, &r->out), TRD_OK));
    cr_assert(eq(u32, r->out.count, 1));
}

static trd_event_trail trail_of(const rig *r) {
    trd_event_trail trail;
    cr_assert(eq(int, trd_engine_trail(r->engine, &trail), TRD_OK));
    return trail;
}

Test(engine_trail, begins_with_nothing) {
    rig r;
    begin(&r, 1);
    const trd_event_trail trail = trail_of(&r);
    const trd_event_trail nothing = {0};
    cr_assert(eq(int, memcmp(&trail, &nothing, sizeof(trail)), 0));
    trd_engine_destroy(r.engine);
}

Test(engine_trail, is_the_hash_of_each_slot_seeded_with_the_one_before) {
    rig r;
    begin(&r, 1);
    uint64_t hash = 0;
    for (uint64_t seq = 1; seq <= 5; seq++) {
        refuse_next(&r, 10 * seq);
        hash = XXH3_64bits_withSeed(&r.events[0], 64, hash);
        const trd_event_trail trail = trail_of(&r);
        cr_assert(eq(u64, trail.slots, seq));
        cr_assert(eq(u64, trail.hash, hash));
        cr_assert(eq(u64, trail.seq, 10 * seq));
    }
    trd_engine_destroy(r.engine);
}

Test(engine_trail, keeps_the_seq_of_the_last_command_whatever_it_is) {
    rig r;
    begin(&r, 0);
    refuse_next(&r, 7);
    cr_assert(eq(u64, trail_of(&r).seq, 7));
    refuse_next(&r, 3); /* not looked at: whoever gives them out has put them in order */
    cr_assert(eq(u64, trail_of(&r).seq, 3));
    trd_verdict verdict;
    trd_command c = order(&r, 0, 0, TRD_BUY, 1, 1);
    c.seq = 9;
    cr_assert(eq(int, trd_engine_ask(r.engine, &c, &verdict), TRD_OK)); /* executes nothing */
    cr_assert(eq(u64, trail_of(&r).seq, 3));
    trd_engine_destroy(r.engine);
}

Test(engine_trail, costs_and_tells_nothing_where_it_is_not_asked_for) {
    rig r;
    begin(&r, 0);
    for (uint64_t seq = 1; seq <= 2048; seq++) {
        refuse_next(&r, seq);
    }
    const trd_event_trail trail = trail_of(&r);
    cr_assert(eq(u64, trail.seq, 2048));
    cr_assert(eq(u64, trail.slots, 0));
    cr_assert(eq(u64, trail.hash, 0));
    cr_assert(eq(u64, trail.checkpoints, 0));
    trd_engine_destroy(r.engine);
}

Test(engine_trail, has_a_checkpoint_every_1024_slots) {
    rig r;
    begin(&r, 1);
    trd_checkpoint point;
    uint64_t hash = 0;
    for (uint64_t seq = 1; seq <= 2048; seq++) {
        cr_assert(eq(u64, trail_of(&r).checkpoints, (seq - 1) / 1024));
        refuse_next(&r, seq);
        hash = seq <= 1024 ? XXH3_64bits_withSeed(&r.events[0], 64, hash) : hash;
    }
    cr_assert(eq(u64, trail_of(&r).checkpoints, 2));
    cr_assert(eq(int, trd_engine_checkpoint(r.engine, 0, &point), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_engine_checkpoint(r.engine, 3, &point), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_engine_checkpoint(r.engine, 1, &point), TRD_OK));
    cr_assert(eq(u64, point.slots, 1024));
    cr_assert(eq(u64, point.seq, 1024));
    cr_assert(eq(u64, point.hash, hash));
    cr_assert(eq(int, trd_engine_checkpoint(r.engine, 2, &point), TRD_OK));
    cr_assert(eq(u64, point.slots, 2048));
    cr_assert(eq(u64, point.hash, trail_of(&r).hash));
    trd_engine_destroy(r.engine);
}

/* 1,023 slots, and a command of more than one: its end is where the checkpoint is. The next one is
 * due at 2,048 nevertheless. */
Test(engine_trail, has_its_checkpoints_at_the_ends_of_commands) {
    rig r;
    begin(&r, 1);
    trd_checkpoint point;
    const trd_asset usd = asset("USD");
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_engine_asset(r.engine, &usd), USD));
    cr_assert(eq(int, trd_engine_fees(r.engine, &fees), 0));
    open_account(&r, ALICE, TRD_MODE_CASH);
    while (trail_of(&r).slots < 1023) {
        refuse_next(&r, 0);
    }
    deposit(&r, ALICE, USD, 1);
    const uint64_t behind = 1023 + r.out.count;
    cr_assert(r.out.count > 1);
    cr_assert(eq(int, trd_engine_checkpoint(r.engine, 1, &point), TRD_OK));
    cr_assert(eq(u64, point.slots, behind));
    cr_assert(eq(u64, point.hash, trail_of(&r).hash));
    for (uint64_t slots = behind; slots < 2047; slots++) {
        refuse_next(&r, 0);
    }
    cr_assert(eq(u64, trail_of(&r).checkpoints, 1));
    refuse_next(&r, 0);
    cr_assert(eq(int, trd_engine_checkpoint(r.engine, 2, &point), TRD_OK));
    cr_assert(eq(u64, point.slots, 2048));
    trd_engine_destroy(r.engine);
}

Test(engine_trail, keeps_the_last_64_checkpoints) {
    rig r;
    begin(&r, 1);
    trd_checkpoint point;
    for (uint64_t seq = 1; seq <= 65 * 1024; seq++) {
        refuse_next(&r, seq);
    }
    cr_assert(eq(u64, trail_of(&r).checkpoints, 65));
    cr_assert(eq(int, trd_engine_checkpoint(r.engine, 1, &point), TRD_E_UNKNOWN));
    for (uint64_t number = 2; number <= 65; number++) {
        cr_assert(eq(int, trd_engine_checkpoint(r.engine, number, &point), TRD_OK));
        cr_assert(eq(u64, point.slots, number * 1024));
    }
    trd_engine_destroy(r.engine);
}

/* A market order that executes against `makers` orders of one lot: the events of one command are
 * more than an output holds. Without money and decisions an execution is two slots. */
static void cross_many(rig *r, uint32_t makers, trd_command *taker) {
    rig_make(r, 0, 0);
    deposit(r, ALICE, SHARE, 100000);
    deposit(r, BOB, USD, 10000000);
    for (uint32_t i = 0; i < makers; i++) {
        good(r, order(r, ALICE, SPOT, TRD_SELL, 1, 100));
    }
    *taker = order(r, BOB, SPOT, TRD_BUY, makers, 100);
}

Test(engine_trail, waits_for_the_end_of_a_command) {
    rig r;
    trd_command taker;
    trd_event_trail trail;
    trd_checkpoint point;
    cross_many(&r, 60, &taker);
    r.out = (trd_out){.events = r.events, .capacity = TRD_ENGINE_OUT_MIN};
    cr_assert(eq(int, trd_engine_step(r.engine, &taker, &r.out), TRD_MORE));
    cr_assert(eq(int, trd_engine_trail(r.engine, &trail), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_checkpoint(r.engine, 1, &point), TRD_E_BUSY));
    int result = TRD_MORE;
    while (result == TRD_MORE) {
        r.out.count = 0;
        result = trd_engine_step(r.engine, NULL, &r.out);
    }
    cr_assert(eq(int, result, TRD_OK));
    cr_assert(eq(int, trd_engine_trail(r.engine, &trail), TRD_OK));
    rig_fini(&r);
}

Test(engine_trail, begins_again_when_the_engine_is_reset) {
    rig r;
    begin(&r, 1);
    refuse_next(&r, 1);
    const uint64_t hash = trail_of(&r).hash;
    trd_engine_reset(r.engine);
    cr_assert(eq(u64, trail_of(&r).slots, 0));
    cr_assert(eq(u64, trail_of(&r).hash, 0));
    cr_assert(eq(u64, trail_of(&r).seq, 0));
    r.id = 0;
    refuse_next(&r, 1);
    cr_assert(eq(u64, trail_of(&r).hash, hash));
    trd_engine_destroy(r.engine);
}

Test(engine_trail, null_is_an_argument_of_no_use) {
    rig r;
    begin(&r, 1);
    trd_event_trail trail;
    trd_checkpoint point;
    cr_assert(eq(int, trd_engine_trail(NULL, &trail), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_trail(r.engine, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_checkpoint(NULL, 1, &point), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_checkpoint(r.engine, 1, NULL), TRD_E_ARG));
    trd_engine_destroy(r.engine);
}
