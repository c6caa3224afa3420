/* test_risk_throttle.c - messages, repeated orders, executions: what is counted in time. */
#include "risk_rig.h"

static const trd_ns SECOND = 1000000000;

static trd_message message_at(trd_ns now) {
    return (trd_message){.tag = STRATEGY, .account = A, .actor = TRADER, .now = now};
}

static void throttle(gate *g, uint8_t scope, int64_t value, trd_ns window, uint64_t burst) {
    trd_limit l = limit_of(TRD_LIMIT_MESSAGES, scope, value);
    l.window = window;
    l.burst = burst;
    gate_set(g, &l);
}

/* 1: it passes. */
static int sent(gate *g, trd_ns now) {
    const trd_message m = message_at(now);
    const int result = trd_risk_message(g->k, &m);
    cr_assert(result == TRD_OK || result == TRD_REJECT_MESSAGES);
    return result == TRD_OK;
}

static int sent_many(gate *g, trd_ns now, int count) {
    int passed = 0;
    for (int i = 0; i < count; i++) {
        passed += sent(g, now);
    }
    return passed;
}

/* --- messages --------------------------------------------------------------------------------- */

/* S138. */
Test(risk_throttle, bucket_of_ten_gives_one_each_tenth_of_a_second) {
    gate g = gate_new();
    throttle(&g, TRD_LIMIT_FIRM, 10, SECOND, 10);
    cr_assert(eq(int, sent_many(&g, 0, 12), 10));
    cr_assert(eq(int, sent(&g, SECOND / 10 - 1), 0));
    cr_assert(eq(int, sent_many(&g, SECOND / 10, 2), 1));
    cr_assert(eq(int, sent(&g, 0), 0)); /* a step back gives nothing */
    cr_assert(eq(int, sent(&g, SECOND / 5 - 1), 0));
    cr_assert(eq(int, sent_many(&g, SECOND / 5, 2), 1));
    cr_assert(eq(int, sent_many(&g, 100 * SECOND, 12), 10)); /* never more than it holds */
    gate_free(&g);
}

/* 3 per 10 ns, two at once: one more each 3 1/3 ns, and nothing is lost in between. */
Test(risk_throttle, bucket_is_exact_where_the_division_is_not) {
    gate g = gate_new();
    throttle(&g, TRD_LIMIT_ACCOUNT, 3, 10, 2);
    cr_assert(eq(int, sent(&g, -100), 1));
    static const trd_ns passes[] = {-100, -96, -93, -90, -86, -83, -80};
    for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++) {
        cr_assert(eq(int, i == 0 || sent(&g, passes[i] - 1) == 0, 1));
        cr_assert(eq(int, sent(&g, passes[i]), 1), "at %zu", i);
    }
    gate_free(&g);
}

Test(risk_throttle, bucket_has_room_for_the_largest_numbers) {
    gate g = gate_new();
    throttle(&g, TRD_LIMIT_FIRM, UINT32_MAX, INT64_MAX, UINT32_MAX);
    cr_assert(eq(int, sent_many(&g, INT64_MIN, 3), 3));
    cr_assert(eq(int, sent_many(&g, INT64_MAX, 3), 3));
    throttle(&g, TRD_LIMIT_FIRM, 1, INT64_MAX, 1);
    cr_assert(eq(int, sent_many(&g, INT64_MIN, 2), 1));
    cr_assert(eq(int, sent(&g, -2), 0));
    cr_assert(eq(int, sent(&g, -1), 1)); /* INT64_MIN + INT64_MAX */
    gate_free(&g);
}

/* Windows begin at multiples of 10. */
Test(risk_throttle, fixed_windows_count_from_their_beginning) {
    gate g = gate_new();
    throttle(&g, TRD_LIMIT_ACTOR, 2, 10, 0);
    cr_assert(eq(int, sent_many(&g, -1, 3), 2));
    cr_assert(eq(int, sent_many(&g, 0, 3), 2));
    cr_assert(eq(int, sent(&g, 9), 0));
    cr_assert(eq(int, sent(&g, 10), 1));
    cr_assert(eq(int, sent_many(&g, 5, 2), 1)); /* from before: in the current one */
    cr_assert(eq(int, sent(&g, 19), 0));
    cr_assert(eq(int, sent_many(&g, 20, 3), 2));
    gate_free(&g);
}

Test(risk_throttle, none_pass_where_none_are_allowed) {
    gate g = gate_new();
    for (uint64_t burst = 0; burst < 2; burst++) {
        throttle(&g, TRD_LIMIT_TAG, 0, 10, burst);
        cr_assert(eq(int, sent(&g, 1000), 0));
        trd_message m = message_at(1000);
        m.cancels = 1;
        cr_assert(eq(int, trd_risk_message(g.k, &m), TRD_OK));
    }
    gate_free(&g);
}

/* The tag is over: the account, which allows two, has not counted what the tag refused. */
Test(risk_throttle, all_scopes_count_a_message_or_none) {
    static const uint8_t scopes[] = {TRD_LIMIT_FIRM, TRD_LIMIT_ACCOUNT, TRD_LIMIT_ACTOR};
    for (int i = 0; i < 3; i++) {
        gate g = gate_new();
        throttle(&g, scopes[i], 2, SECOND, 0);
        throttle(&g, TRD_LIMIT_TAG, 1, SECOND, 1);
        cr_assert(eq(int, sent_many(&g, 0, 5), 1));
        trd_message other = message_at(0);
        other.tag = 9;
        cr_assert(eq(int, trd_risk_message(g.k, &other), TRD_OK));
        cr_assert(eq(int, trd_risk_message(g.k, &other), TRD_REJECT_MESSAGES));
        gate_free(&g);
    }
}

Test(risk_throttle, other_accounts_actors_and_tags_have_their_own) {
    gate g = gate_new();
    throttle(&g, TRD_LIMIT_ACCOUNT, 1, SECOND, 1);
    throttle(&g, TRD_LIMIT_ACTOR, 1, SECOND, 1);
    throttle(&g, TRD_LIMIT_TAG, 1, SECOND, 1);
    cr_assert(eq(int, sent(&g, 0), 1));
    const trd_message other = {.tag = 9, .account = B, .actor = ADMIN};
    for (int i = 0; i < 3; i++) {
        cr_assert(eq(int, trd_risk_message(g.k, &other), TRD_OK));
    }
    trd_message m = other;
    m.account = A;
    cr_assert(eq(int, trd_risk_message(g.k, &m), TRD_REJECT_MESSAGES));
    m = other;
    m.actor = TRADER;
    cr_assert(eq(int, trd_risk_message(g.k, &m), TRD_REJECT_MESSAGES));
    m = other;
    m.tag = STRATEGY;
    cr_assert(eq(int, trd_risk_message(g.k, &m), TRD_REJECT_MESSAGES));
    m.tag = 0;
    cr_assert(eq(int, trd_risk_message(g.k, &m), TRD_OK));
    gate_free(&g);
}

/* A cancel passes an empty bucket, and what it took has to come back first. */
Test(risk_throttle, cancels_count_and_are_never_refused) {
    gate g = gate_new();
    throttle(&g, TRD_LIMIT_FIRM, 1, 10, 1);
    trd_message cancel = message_at(0);
    cancel.cancels = 1;
    for (int i = 0; i < 3; i++) {
        cr_assert(eq(int, trd_risk_message(g.k, &cancel), TRD_OK));
    }
    cr_assert(eq(int, sent(&g, 29), 0));
    cr_assert(eq(int, sent(&g, 30), 1));
    throttle(&g, TRD_LIMIT_FIRM, 2, 10, 0);
    for (int i = 0; i < 3; i++) {
        cr_assert(eq(int, trd_risk_message(g.k, &cancel), TRD_OK));
    }
    cr_assert(eq(int, sent(&g, 0), 0));
    cr_assert(eq(int, sent(&g, 10), 1));
    gate_free(&g);
}

Test(risk_throttle, override_passes_if_the_actor_may_configure) {
    gate g = gate_new();
    throttle(&g, TRD_LIMIT_FIRM, 1, 10, 1);
    cr_assert(eq(int, sent(&g, 0), 1));
    trd_message m = message_at(0);
    m.override = 1;
    cr_assert(eq(int, trd_risk_message(g.k, &m), TRD_REJECT_MESSAGES));
    m.actor = ADMIN;
    cr_assert(eq(int, trd_risk_message(g.k, &m), TRD_OK));
    cr_assert(eq(int, sent(&g, 19), 0)); /* it was counted */
    cr_assert(eq(int, sent(&g, 20), 1));
    gate_free(&g);
}

Test(risk_throttle, set_again_begins_anew) {
    gate g = gate_new();
    throttle(&g, TRD_LIMIT_FIRM, 1, 10, 1);
    cr_assert(eq(int, sent_many(&g, 0, 2), 1));
    throttle(&g, TRD_LIMIT_FIRM, 1, 10, 1);
    cr_assert(eq(int, sent_many(&g, 0, 2), 1));
    throttle(&g, TRD_LIMIT_FIRM, 1, 10, 0);
    cr_assert(eq(int, sent_many(&g, 0, 2), 1));
    throttle(&g, TRD_LIMIT_FIRM, 1, 10, 0);
    cr_assert(eq(int, sent_many(&g, 0, 2), 1));
    gate_free(&g);
}

Test(risk_throttle, messages_have_a_form) {
    gate g = gate_new();
    cr_assert(eq(int, trd_risk_message(g.k, NULL), TRD_E_ARG));
    trd_message m = message_at(0);
    m.account = 8;
    cr_assert(eq(int, trd_risk_message(g.k, &m), TRD_E_ARG));
    m = message_at(0);
    m.cancels = 2;
    cr_assert(eq(int, trd_risk_message(g.k, &m), TRD_E_ARG));
    m = message_at(0);
    m.override = 2;
    cr_assert(eq(int, trd_risk_message(g.k, &m), TRD_E_ARG));
    m = message_at(0);
    m.reserved[5] = 1;
    cr_assert(eq(int, trd_risk_message(g.k, &m), TRD_E_ARG));
    gate_free(&g);
}

/* --- the same order again --------------------------------------------------------------------- */

static void remember(gate *g, trd_ask *ask, trd_order order, trd_ns now) {
    ask->now = now;
    gate_accept(g, ask, order);
}

static void repeats_within(gate *g, trd_ns window) {
    trd_limit l = limit_of(TRD_LIMIT_REPEATED, TRD_LIMIT_FIRM, 0);
    l.window = window;
    gate_set(g, &l);
}

/* S141. */
Test(risk_throttle, same_order_within_the_window_is_repeated) {
    gate g = gate_new();
    repeats_within(&g, 100);
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, 100);
    remember(&g, &ask, 1, 1000);
    ask.now = 1099;
    EXPECT_REASON(&g, &ask, REPEATED);
    const trd_verdict verdict = gate_check(&g, &ask);
    cr_assert(eq(i64, verdict.measured, 99));
    cr_assert(eq(i64, verdict.limit, 100));
    ask.now = 1000;
    EXPECT_REASON(&g, &ask, REPEATED);
    ask.now = 999;
    EXPECT_REASON(&g, &ask, REPEATED);
    ask.now = 1100;
    EXPECT_PASS(&g, &ask);
    gate_free(&g);
}

/* The second of two equal ones came at 900, behind 1000: it counts as from then. */
Test(risk_throttle, time_that_goes_back_stands_still_for_repeated_orders) {
    gate g = gate_new();
    repeats_within(&g, 100);
    trd_ask first = ask_of(A, FUT, TRD_BUY, 1, 100);
    trd_ask second = ask_of(A, FUT, TRD_BUY, 2, 100);
    remember(&g, &first, 1, 1000);
    remember(&g, &second, 2, 900);
    second.now = 1099;
    EXPECT_REASON(&g, &second, REPEATED);
    cr_assert(eq(i64, gate_check(&g, &second).measured, 99));
    second.now = 1100;
    EXPECT_PASS(&g, &second);
    gate_free(&g);
}

Test(risk_throttle, any_other_term_is_another_order) {
    gate g = gate_new();
    repeats_within(&g, 100);
    trd_ask first = ask_of(A, FUT, TRD_BUY, 2, 0);
    remember(&g, &first, 1, 0);
    EXPECT_REASON(&g, &first, REPEATED);
    trd_ask ask = first;
    ask.account = B;
    EXPECT_PASS(&g, &ask);
    ask = first;
    ask.instrument = OPT;
    EXPECT_PASS(&g, &ask);
    ask = first;
    ask.side = TRD_SELL;
    EXPECT_PASS(&g, &ask);
    ask = first;
    ask.px = 1;
    EXPECT_PASS(&g, &ask);
    ask = first;
    ask.qty = 1;
    EXPECT_PASS(&g, &ask);
    ask = first;
    ask.has_px = 0;
    ask.has_bound = 1;
    EXPECT_PASS(&g, &ask);
    ask = first;
    ask.tag = 9;
    ask.actor = ADMIN;
    EXPECT_REASON(&g, &ask, REPEATED);
    gate_free(&g);
}

/* Four are remembered: the fifth takes the place of the first. */
Test(risk_throttle, only_the_last_orders_are_remembered) {
    gate g = gate_new();
    repeats_within(&g, 1000);
    trd_ask asks[6];
    for (int i = 0; i < 6; i++) {
        asks[i] = ask_of(A, FUT, TRD_BUY, 1, 100 + i);
        remember(&g, &asks[i], (trd_order)(1 + i), i);
        for (int before = 0; before <= i; before++) {
            asks[before].now = i;
            if (before + 4 > i) {
                EXPECT_REASON(&g, &asks[before], REPEATED);
            } else {
                EXPECT_PASS(&g, &asks[before]);
            }
        }
    }
    gate_free(&g);
}

Test(risk_throttle, amended_and_released_orders_are_no_repetition) {
    gate g = gate_new();
    repeats_within(&g, 100);
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, 100);
    remember(&g, &ask, 1, 0);
    ask.kind = TRD_ASK_AMEND;
    gate_accept(&g, &ask, 1);
    ask.kind = TRD_ASK_RELEASE;
    gate_accept(&g, &ask, 1);
    ask.px = 101;
    gate_accept(&g, &ask, 1);
    ask.kind = TRD_ASK_NEW;
    EXPECT_PASS(&g, &ask); /* nor were they remembered */
    gate_free(&g);
}

/* --- executions ------------------------------------------------------------------------------- */

static int executed(gate *g, trd_ns now) {
    return trd_risk_executed(g->k, A, STRATEGY, now);
}

static void executions(gate *g, uint8_t scope, int64_t value, trd_ns window) {
    trd_limit l = limit_of(TRD_LIMIT_EXECUTIONS, scope, value);
    l.window = window;
    gate_set(g, &l);
}

static const uint8_t LATCHING[] = {TRD_LIMIT_ACCOUNT, TRD_LIMIT_TAG};

/* Two within 10 are allowed; the third latches, and that stays. */
Test(risk_throttle, too_many_executions_latch_until_rearmed) {
    for (int i = 0; i < 2; i++) {
        gate g = gate_new();
        const trd_limit name = limit_of(TRD_LIMIT_EXECUTIONS, LATCHING[i], 0);
        cr_assert(eq(int, trd_risk_rearm(g.k, &name), TRD_E_UNKNOWN));
        executions(&g, LATCHING[i], 2, 10);
        const trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, 100);
        cr_assert(eq(int, executed(&g, 5), 0));
        cr_assert(eq(int, executed(&g, 14), 0));
        cr_assert(eq(int, executed(&g, 15), 0)); /* a window of its own */
        cr_assert(eq(int, executed(&g, 24), 0));
        EXPECT_PASS(&g, &ask);
        cr_assert(eq(int, executed(&g, 24), 1));
        cr_assert(eq(int, executed(&g, 24), 0));
        EXPECT_REASON(&g, &ask, LATCHED);
        cr_assert(eq(u8, gate_check(&g, &ask).scope, LATCHING[i]));
        cr_assert(eq(int, executed(&g, 1000), 0));
        EXPECT_REASON(&g, &ask, LATCHED);
        cr_assert(eq(int, trd_risk_rearm(g.k, &name), 1));
        EXPECT_PASS(&g, &ask);
        cr_assert(eq(int, trd_risk_rearm(g.k, &name), 0));
        cr_assert(eq(int, executed(&g, 1000), 0));
        cr_assert(eq(int, executed(&g, 1000), 0));
        cr_assert(eq(int, executed(&g, 999), 1)); /* from before: in the current window */
        gate_free(&g);
    }
}

Test(risk_throttle, latched_accounts_may_reduce) {
    gate g = gate_new();
    gate_fill(&g, A, FUT, TRD_BUY, 5, 100);
    executions(&g, TRD_LIMIT_ACCOUNT, 0, 10);
    cr_assert(eq(int, executed(&g, 0), 1));
    trd_ask ask = ask_of(A, FUT, TRD_SELL, 5, 100);
    EXPECT_PASS(&g, &ask);
    ask.qty = 11;
    EXPECT_REASON(&g, &ask, LATCHED);
    ask.reduce_only = 1;
    EXPECT_PASS(&g, &ask);
    gate_free(&g);
}

Test(risk_throttle, latched_ends_with_its_limit_alone) {
    for (int i = 0; i < 2; i++) {
        gate g = gate_new();
        executions(&g, LATCHING[i], 0, 10);
        cr_assert(eq(int, executed(&g, 0), 1));
        const trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, 100);
        executions(&g, LATCHING[i], 5, 10); /* set again: still latched */
        EXPECT_REASON(&g, &ask, LATCHED);
        trd_limit away = limit_of(TRD_LIMIT_EXECUTIONS, LATCHING[i], 0);
        away.remove = 1;
        gate_set(&g, &away);
        EXPECT_PASS(&g, &ask);
        executions(&g, LATCHING[i], 0, 10);
        EXPECT_PASS(&g, &ask);
        gate_free(&g);
    }
}

Test(risk_throttle, executions_of_others_do_not_count) {
    gate g = gate_new();
    executions(&g, TRD_LIMIT_ACCOUNT, 0, 10);
    executions(&g, TRD_LIMIT_TAG, 0, 10);
    cr_assert(eq(int, trd_risk_executed(g.k, B, 9, 0), 0));
    cr_assert(eq(int, trd_risk_executed(g.k, B, 0, 0), 0));
    cr_assert(eq(int, trd_risk_executed(g.k, 8, 0, 0), TRD_E_ARG));
    const trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, 100);
    EXPECT_PASS(&g, &ask);
    cr_assert(eq(int, trd_risk_executed(g.k, B, STRATEGY, 0), 1));
    EXPECT_REASON(&g, &ask, LATCHED);
    gate_free(&g);
}

Test(risk_throttle, rearm_names_executions) {
    gate g = gate_new();
    const trd_limit other = limit_of(TRD_LIMIT_MESSAGES, TRD_LIMIT_ACCOUNT, 0);
    const trd_limit firm = limit_of(TRD_LIMIT_EXECUTIONS, TRD_LIMIT_FIRM, 0);
    cr_assert(eq(int, trd_risk_rearm(g.k, &other), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_rearm(g.k, &firm), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_rearm(g.k, NULL), TRD_E_ARG));
    gate_free(&g);
}
