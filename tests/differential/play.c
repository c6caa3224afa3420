/* play.c - see play.h. */
#include "play.h"

#include "coverage.h"
#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUT_ROOM = 4096, BATCH_MAX = 512, LEVELS_MAX = 4096, RECENT = 256 };

/* A list of event slots that grows. */
typedef struct event_list {
    trd_event *at;
    uint32_t count;
    uint32_t room;
} event_list;

/* A verdict that was asked for. */
typedef struct question {
    trd_order_info order; /* as trd_match_pending told it */
    uint32_t slots;       /* of events that were written before */
    bool refused;
} question;

typedef struct question_list {
    question *at;
    uint32_t count;
    uint32_t room;
} question_list;

/* Who made which handle: open addressing, 0 is free. */
typedef struct origin {
    trd_order handle;
    uint32_t number;
    uint32_t nth;
} origin;

typedef struct origins {
    origin *at;
    uint32_t size; /* power of two */
    uint32_t count;
} origins;

struct play {
    script *script;
    play_options options;
    uint32_t number; /* of the present command */
    dice rng;        /* how it is called */
    trd_match *match;
    trd_match *second;
    naive_match *model;
    origins known;
    trd_order made[SCRIPT_RECORDS + 1][SCRIPT_MADE]; /* by number of the command */
    trd_order recent[RECENT];                        /* handles and ids, to be looked up later */
    uint64_t recent_id[RECENT];
    trd_order accepted[TRD_SLOTS_MAX]; /* by the present command */
    uint32_t accepted_count;
    trd_event out_slots[OUT_ROOM];
    trd_out out;
    event_list got;             /* of the present command */
    event_list batch_got;       /* of the first matcher since the last batch */
    event_list second_got;      /* of the second matcher for the batch */
    question_list asked;        /* of the present command */
    question_list batch_asked;  /* of the first matcher since the last batch */
    question_list second_asked; /* of the second matcher for the batch */
    trd_command batch[BATCH_MAX];
    uint32_t batch_count;
};

/* --- Saying what went wrong ------------------------------------------------------------------- */

static uint64_t number_of(const void *user, trd_order handle) {
    uint32_t number;
    uint32_t nth;
    return play_maker(user, handle, &number, &nth) ? number : UINT64_MAX;
}

static text_names names_of(const play *p) {
    return (text_names){.number = number_of, .user = p};
}

__attribute__((format(printf, 2, 3))) static bool diverged(const play *p, const char *format, ...) {
    script_outcome *o = &p->script->outcome;
    va_list values;
    va_start(values, format);
    vsnprintf(o->what, sizeof(o->what), format, values);
    va_end(values);
    o->failed = true;
    printf("DIVERGENCE: %s\n  seed %" PRIu64 " run %" PRIu64 " command %u\n", o->what,
        p->script->seed, p->script->run, p->number);
    return false;
}

static void print_events(const play *p, const char *mark, const trd_event *e, uint32_t count) {
    const text_names names = names_of(p);
    for (uint32_t i = 0; i < count; i++) {
        printf("    %s ", mark);
        text_event(&names, &e[i]);
        printf("\n");
    }
}

static void *checked(void *at) {
    if (at == NULL) {
        fputs("differential: no memory\n", stderr);
        abort();
    }
    return at;
}

/* --- Lists ------------------------------------------------------------------------------------ */

static void events_append(event_list *s, const trd_event *from, uint32_t count) {
    if (count == 0) {
        return;
    }
    if (s->count + count > s->room) {
        s->room = (s->count + count) * 2 + 64;
        s->at = checked(realloc(s->at, s->room * sizeof(trd_event)));
    }
    memcpy(&s->at[s->count], from, count * sizeof(trd_event));
    s->count += count;
}

static void questions_append(question_list *s, const question *q) {
    if (s->count == s->room) {
        s->room = s->room * 2 + 16;
        s->at = checked(realloc(s->at, s->room * sizeof(question)));
    }
    s->at[s->count++] = *q;
}

static uint32_t origins_place(const origins *o, trd_order handle) {
    uint32_t at = (uint32_t)((handle * 0x9e3779b97f4a7c15u) >> 32) & (o->size - 1);
    while (o->at[at].handle != 0 && o->at[at].handle != handle) {
        at = (at + 1) & (o->size - 1);
    }
    return at;
}

static void origins_grow(origins *o) {
    origins wider = {.size = o->size == 0 ? 1024 : o->size * 2, .count = o->count};
    wider.at = checked(calloc(wider.size, sizeof(origin)));
    for (uint32_t i = 0; i < o->size; i++) {
        if (o->at[i].handle != 0) {
            wider.at[origins_place(&wider, o->at[i].handle)] = o->at[i];
        }
    }
    free(o->at);
    *o = wider;
}

/* Returns false if the handle was there. */
static bool origins_add(origins *o, origin added) {
    if (o->count * 2 >= o->size) {
        origins_grow(o);
    }
    const uint32_t at = origins_place(o, added.handle);
    if (o->at[at].handle == added.handle) {
        return false;
    }
    o->at[at] = added;
    o->count++;
    return true;
}

bool play_maker(const play *p, trd_order handle, uint32_t *number, uint32_t *nth) {
    if (handle == 0 || p->known.size == 0) {
        return false;
    }
    const origin *found = &p->known.at[origins_place(&p->known, handle)];
    *number = found->number;
    *nth = found->nth;
    return found->handle == handle;
}

/* --- One command through step ----------------------------------------------------------------- */

static void drain(play *p) {
    events_append(&p->got, p->out.events, p->out.count);
    p->out.count = 0;
}

/* While a command is pending nothing but its continuation is accepted. */
static bool refuses_others_while_pending(play *p, const trd_command *c) {
    const uint32_t count = p->out.count;
    size_t done = 77;
    if (dice_odds(&p->rng, 1, 4)) {
        coverage_count_call(COVERAGE_BUSY_STEP);
        return trd_match_step(p->match, c, &p->out) == TRD_E_BUSY && p->out.count == count;
    }
    if (dice_odds(&p->rng, 1, 4)) {
        coverage_count_call(COVERAGE_BUSY_RUN);
        return trd_match_run(p->match, c, 1, &done, &p->out) == TRD_E_BUSY && done == 0 &&
               p->out.count == count;
    }
    return true;
}

/* A continuation without room does nothing and says so. */
static bool waits_for_room(play *p) {
    if (!dice_odds(&p->rng, 1, 4)) {
        return true;
    }
    coverage_count_call(COVERAGE_MORE_NO_ROOM);
    const uint32_t count = p->out.capacity - (uint32_t)dice_below(&p->rng, TRD_OUT_MIN);
    p->out.count = count;
    const int result = trd_match_step(p->match, NULL, &p->out);
    const bool good = result == TRD_MORE && p->out.count == count;
    p->out.count = 0;
    return good;
}

/* --- Verdicts --------------------------------------------------------------------------------- */

/* What is answered about an order: the same whoever asks, and when it plays again. 0: go on. */
static unsigned reason_for(const play *p, const trd_order_info *order) {
    uint64_t state = p->script->call_seed ^ order->client_id;
    state += ((uint64_t)p->number << 32) + order->account;
    const uint64_t drawn = dice_mix(&state);
    return drawn % 1000 < p->script->refuse ? (unsigned)(drawn >> 32) | 1 : 0;
}

static unsigned judge_for_model(void *user, const trd_order_info *order) {
    return reason_for(user, order);
}

/* Without a verdict the command does not go on, and what waits is still there to be seen. */
static bool asks_again(play *p, const question *q) {
    if (!dice_odds(&p->rng, 1, 4)) {
        return true;
    }
    coverage_count_call(COVERAGE_VERDICT_AGAIN);
    const uint32_t count = p->out.count;
    trd_order_info again;
    trd_order_info found;
    memset(&again, 0, sizeof(again));
    memset(&found, 0, sizeof(found));
    return trd_match_step(p->match, NULL, &p->out) == TRD_NEED_VERDICT && p->out.count == count &&
           trd_match_pending(p->match, &again) == TRD_OK &&
           memcmp(&again, &q->order, sizeof(again)) == 0 &&
           trd_match_order(p->match, q->order.order, &found) == TRD_OK &&
           memcmp(&found, &q->order, sizeof(found)) == 0;
}

static bool has_no_question(play *p) {
    trd_order_info info;
    return trd_match_pending(p->match, &info) == TRD_E_UNKNOWN &&
           trd_match_verdict(p->match, 0) == TRD_E_UNKNOWN;
}

/* Gives the verdict that the matcher has asked for. */
static bool judge(play *p, const trd_command *c) {
    question q;
    memset(&q, 0, sizeof(q));
    q.slots = p->got.count + p->out.count;
    coverage_count_call(COVERAGE_VERDICT);
    if (p->script->def.verdicts == 0 || trd_match_pending(p->match, &q.order) != TRD_OK) {
        return diverged(p, "TRD_NEED_VERDICT and nothing to judge");
    }
    if (!asks_again(p, &q) || !refuses_others_while_pending(p, c)) {
        return diverged(p, "a command went on, or changed, without its verdict");
    }
    const unsigned reason = reason_for(p, &q.order);
    q.refused = reason != 0;
    questions_append(&p->asked, &q);
    if (trd_match_verdict(p->match, reason) != TRD_OK) {
        return diverged(p, "a verdict was not taken");
    }
    if (dice_odds(&p->rng, 1, 4)) {
        coverage_count_call(COVERAGE_VERDICT_TWICE);
        if (!has_no_question(p)) {
            return diverged(p, "a verdict was taken twice");
        }
    }
    if (!refuses_others_while_pending(p, c)) {
        return diverged(p, "a command was not refused with TRD_E_BUSY after a verdict");
    }
    if (dice_odds(&p->rng, 1, 2)) {
        drain(p);
    }
    return true;
}

/* --- To the end of a command ------------------------------------------------------------------ */

/* The output was full. */
static bool makes_room(play *p, const trd_command *c) {
    coverage_count_call(COVERAGE_MORE);
    const uint32_t before = p->out.count;
    drain(p);
    if (before == 0) {
        return diverged(p, "TRD_MORE from an output with room and no event written");
    }
    if (!refuses_others_while_pending(p, c) || !has_no_question(p)) {
        return diverged(p, "a command was not refused with TRD_E_BUSY while one is pending");
    }
    if (!waits_for_room(p)) {
        return diverged(p, "a continuation without room did something, or was not TRD_MORE");
    }
    return true;
}

static bool step_to_the_end(play *p, const trd_command *c) {
    int result = trd_match_step(p->match, c, &p->out);
    if (p->out.capacity - p->out.count < TRD_OUT_MIN && result == TRD_E_FULL) {
        drain(p);
        result = trd_match_step(p->match, c, &p->out);
    }
    while (result == TRD_MORE || result == TRD_NEED_VERDICT) {
        if (!(result == TRD_MORE ? makes_room(p, c) : judge(p, c))) {
            return false;
        }
        result = trd_match_step(p->match, NULL, &p->out);
    }
    return result == TRD_OK || diverged(p, "step failed with %d", result);
}

/* Makes the output too small at times: the command must then not be consumed. */
static bool refuses_full_output(play *p, const trd_command *c) {
    drain(p);
    p->out.count = p->out.capacity - (uint32_t)dice_below(&p->rng, TRD_OUT_MIN);
    const uint32_t count = p->out.count;
    trd_match_stats before;
    trd_match_stats after;
    trd_match_stats_get(p->match, &before);
    const int result = trd_match_step(p->match, c, &p->out);
    trd_match_stats_get(p->match, &after);
    const bool good = result == TRD_E_FULL && p->out.count == count &&
                      memcmp(&before, &after, sizeof(before)) == 0;
    p->out.count = 0;
    coverage_count_call(COVERAGE_FULL);
    return good ||
           diverged(p, "a full output was not refused with TRD_E_FULL, or something was done");
}

/* --- What is said before ---------------------------------------------------------------------- */

/* Is the command one whose fate trd_match_vet tells in full? */
static bool can_be_vetted(const trd_command *c) {
    const bool formed = c->slots >= 1 && c->slots <= TRD_SLOTS_MAX;
    for (unsigned at = 1; formed && c->kind == TRD_COMMAND_NEW && at < c->slots; at++) {
        const trd_ext_link *link = (const trd_ext_link *)(const void *)(c + at);
        if (link->kind == TRD_EXT_ORDER_LINK && link->link != 0) {
            return false; /* a leg: the others have a say */
        }
    }
    return c->kind == TRD_COMMAND_NEW || c->kind == TRD_COMMAND_REPLACE;
}

static bool says_so(const trd_command *c, const trd_event *e, int reason, const trd_vetted *v) {
    const bool new = c->kind == TRD_COMMAND_NEW;
    if (reason != 0) {
        return e->kind == (new ? TRD_EVENT_REJECTED : TRD_EVENT_REPLACE_REJECTED) &&
               e->reason == reason && e->liquidity == c->kind;
    }
    return e->kind == (new ? TRD_EVENT_ACCEPTED : TRD_EVENT_REPLACED) && e->account == v->account &&
           e->side == v->side && e->u.order.px == (v->has_px ? v->px : 0) &&
           (new ? e->u.order.client_id == c->u.order.client_id : e->u.order.order == v->order);
}

/* What trd_match_vet says of a command; TRD_E_BUSY if it was not asked, or says nothing. */
static int vet(play *p, const trd_command *c, trd_vetted *v) {
    if (!can_be_vetted(c) || dice_odds(&p->rng, 1, 2)) {
        return TRD_E_BUSY;
    }
    const int reason = trd_match_vet(p->match, c, v);
    coverage_count_call(reason < 0    ? COVERAGE_VET_BUSY
                        : reason == 0 ? COVERAGE_VETTED
                                      : COVERAGE_VET_REFUSED);
    return reason;
}

/* Has the command done what was said before? */
static bool keeps_word(play *p, const trd_command *c, int reason, const trd_vetted *v) {
    for (uint32_t i = 0; i < p->got.count; i++) {
        if (says_so(c, &p->got.at[i], reason, v)) {
            return true;
        }
    }
    print_events(p, "!", p->got.at, p->got.count);
    return diverged(p, "trd_match_vet said %d (%s)", reason, trd_reject_text((unsigned)reason));
}

static bool step_matcher(play *p, const trd_command *c) {
    p->got.count = 0;
    p->asked.count = 0;
    p->out.count = 0;
    if (dice_odds(&p->rng, 1, 64) && !refuses_full_output(p, c)) {
        return false;
    }
    if (dice_odds(&p->rng, 1, 8)) { /* append behind what is there */
        p->out.count = (uint32_t)dice_below(&p->rng, p->out.capacity - TRD_OUT_MIN + 1);
    }
    const uint32_t offset = p->out.count;
    memset(p->out_slots, 0xa5, offset * sizeof(trd_event));
    trd_vetted vetted;
    const int vetted_as = vet(p, c, &vetted);
    if (!step_to_the_end(p, c)) {
        return false;
    }
    drain(p);
    for (uint32_t i = 0; i < offset; i++) {
        if (p->got.at[i].kind != 0xa5) {
            return diverged(p, "events before out->count were written to");
        }
    }
    if (offset > 0) {
        p->got.count -= offset;
        memmove(p->got.at, &p->got.at[offset], p->got.count * sizeof(trd_event));
    }
    for (uint32_t i = 0; i < p->asked.count; i++) {
        p->asked.at[i].slots -= offset;
    }
    if (vetted_as >= 0 && !keeps_word(p, c, vetted_as, &vetted)) {
        return false;
    }
    if (dice_odds(&p->rng, 1, 256)) {
        coverage_count_call(COVERAGE_NOTHING_PENDING);
        if (trd_match_step(p->match, NULL, &p->out) != TRD_E_ARG || p->out.count != 0) {
            return diverged(p, "step(NULL) with nothing pending was not TRD_E_ARG");
        }
    }
    return true;
}

/* Learns the handles that the matcher gave; says so if one is not new. */
static bool learn_handles(play *p) {
    p->accepted_count = 0;
    for (uint32_t i = 0; i<p->got.count; i += p->got.at[i].slots> 0 ? p->got.at[i].slots : 1) {
        const trd_event *e = &p->got.at[i];
        if (e->kind != TRD_EVENT_ACCEPTED || p->accepted_count == TRD_SLOTS_MAX) {
            continue;
        }
        const trd_order handle = e->u.order.order;
        const origin added = {handle, p->number, p->accepted_count};
        if (handle == 0 || handle == UINT64_MAX || !origins_add(&p->known, added)) {
            return diverged(p, "ACCEPTED with a handle that is none or was used before");
        }
        if (p->accepted_count < SCRIPT_MADE) {
            p->made[p->number][p->accepted_count] = handle;
        }
        p->accepted[p->accepted_count++] = handle;
        p->recent[p->number % RECENT] = handle;
    }
    return true;
}

/* --- Comparing events ------------------------------------------------------------------------- */

/* What two lists have in common, then the rest of each. */
static void print_both(const play *p, const event_list *a, const trd_event *b, uint32_t b_count,
    const char *b_name, uint32_t first) {
    static const trd_event none;
    printf("  events, first different one at slot %u of %u and %u: = both, - matcher, + %s\n",
        first, a->count, b_count, b_name);
    print_events(p, "=", b, first);
    print_events(p, "-", &a->at[first], a->count - first);
    print_events(p, "+", &b[first], b_count - first);
    printf("  the first different ones differ in\n");
    text_difference(
        "    ", first < a->count ? &a->at[first] : &none, first < b_count ? &b[first] : &none);
}

static bool same_events(const play *p, const char *what, const event_list *a, const trd_event *b,
    uint32_t b_count, const char *b_name) {
    const uint32_t least = a->count < b_count ? a->count : b_count;
    uint32_t i = 0;
    while (i < least && memcmp(&a->at[i], &b[i], sizeof(b[i])) == 0) {
        i++;
    }
    if (i == a->count && i == b_count) {
        return true;
    }
    diverged(p, "%s", what);
    print_both(p, a, b, b_count, b_name, i);
    return false;
}

static void print_infos(const play *p, const char *who, const trd_order_info *at, uint32_t count) {
    const text_names names = names_of(p);
    for (uint32_t i = 0; i < count; i++) {
        printf("    %-8s", who);
        text_order(&names, &at[i]);
        printf("\n");
    }
}

static void print_question(const play *p, const char *who, const question_list *list, uint32_t at) {
    if (at < list->count) {
        const question *q = &list->at[at];
        print_infos(p, who, &q->order, 1);
        printf("             after %u slots of events, %s\n", q->slots,
            q->refused ? "refused" : "goes on");
    }
}

static bool same_question(const question *a, const question *b) {
    return memcmp(&a->order, &b->order, sizeof(a->order)) == 0 && a->slots == b->slots &&
           a->refused == b->refused;
}

static bool same_questions(const play *p, const char *what, const question_list *a,
    const question_list *b, const char *b_name) {
    const uint32_t least = a->count < b->count ? a->count : b->count;
    uint32_t i = 0;
    while (i < least && same_question(&a->at[i], &b->at[i])) {
        i++;
    }
    if (i == a->count && i == b->count) {
        return true;
    }
    diverged(p, "%s", what);
    printf("  questions %u and %u, number %u differs\n", a->count, b->count, i + 1);
    print_question(p, "matcher", a, i);
    print_question(p, b_name, b, i);
    return false;
}

/* What the model has asked about in the present command. */
static bool asks_like_model(const play *p) {
    static question_list theirs;
    uint32_t count;
    const naive_question *asked = naive_questions(p->model, &count);
    theirs.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        question q;
        memset(&q, 0, sizeof(q));
        q.order = asked[i].order;
        q.slots = asked[i].slots;
        q.refused = asked[i].refused;
        questions_append(&theirs, &q);
    }
    return same_questions(p, "verdicts that are asked for", &p->asked, &theirs, "model");
}

/* --- Comparing states ------------------------------------------------------------------------- */

static bool state_differs(const play *p, const char *what) {
    diverged(p, "%s", what);
    p->script->outcome.by_state = true;
    return false;
}

static bool same_best(const play *p) {
    for (uint32_t i = 0; i < p->script->instruments * 2; i++) {
        trd_level ours = TRD_ZERO;
        trd_level theirs = TRD_ZERO;
        const int has = trd_match_best(p->match, i / 2, i % 2 + 1, &ours);
        const uint32_t should = naive_depth(p->model, i / 2, i % 2 + 1, &theirs, 1);
        if (has != (int)should || (has == 1 && memcmp(&ours, &theirs, sizeof(ours)) != 0)) {
            state_differs(p, "best price");
            printf("  instrument %u side %u: matcher %d: %" PRId64 " x %" PRId64 " (%u), model %u:"
                   " %" PRId64 " x %" PRId64 " (%u)\n",
                i / 2, i % 2 + 1, has, ours.px, ours.qty, ours.count, should, theirs.px, theirs.qty,
                theirs.count);
            return false;
        }
    }
    return true;
}

static bool same_queue(const play *p, uint32_t instrument, unsigned side, trd_px px) {
    static trd_order_info ours[LEVELS_MAX];
    static trd_order_info theirs[LEVELS_MAX];
    const int count = trd_match_queue(p->match, instrument, side, px, ours, LEVELS_MAX);
    const uint32_t should = naive_queue(p->model, instrument, side, px, theirs, LEVELS_MAX);
    if (count != (int)should || memcmp(ours, theirs, should * sizeof(ours[0])) != 0) {
        state_differs(p, "queue at a price");
        printf("  instrument %u side %u px %" PRId64 ": matcher %d, model %u\n", instrument, side,
            px, count, should);
        print_infos(p, "matcher", ours, count > 0 ? (uint32_t)count : 0);
        print_infos(p, "model", theirs, should);
        return false;
    }
    return true;
}

static bool same_side(const play *p, uint32_t instrument, unsigned side) {
    static trd_level ours[LEVELS_MAX];
    static trd_level theirs[LEVELS_MAX];
    const int count = trd_match_depth(p->match, instrument, side, ours, LEVELS_MAX);
    const uint32_t should = naive_depth(p->model, instrument, side, theirs, LEVELS_MAX);
    if (count != (int)should || memcmp(ours, theirs, should * sizeof(ours[0])) != 0) {
        state_differs(p, "depth");
        printf("  instrument %u side %u: matcher %d levels, model %u\n", instrument, side, count,
            should);
        for (uint32_t i = 0; i < should || (int)i < count; i++) {
            printf("    matcher %" PRId64 " x %" PRId64 " (%u)  model %" PRId64 " x %" PRId64
                   " (%u)\n",
                (int)i < count ? ours[i].px : 0, (int)i < count ? ours[i].qty : 0,
                (int)i < count ? ours[i].count : 0, i < should ? theirs[i].px : 0,
                i < should ? theirs[i].qty : 0, i < should ? theirs[i].count : 0);
        }
        return false;
    }
    for (uint32_t i = 0; i < should; i++) {
        if (!same_queue(p, instrument, side, theirs[i].px)) {
            return false;
        }
    }
    return true;
}

/* Every live order, wherever it is. */
static bool same_orders(const play *p, uint32_t instrument) {
    const naive_order *const *live;
    const uint32_t count = naive_live(p->model, instrument, &live);
    for (uint32_t i = 0; i < count; i++) {
        trd_order_info ours;
        trd_order_info theirs;
        memset(&ours, 0, sizeof(ours));
        memset(&theirs, 0, sizeof(theirs));
        const trd_order handle = live[i]->handle;
        const int result = trd_match_order(p->match, handle, &ours);
        naive_order_info(p->model, handle, &theirs);
        if (result != TRD_OK || memcmp(&ours, &theirs, sizeof(ours)) != 0) {
            state_differs(p, "an order by its handle");
            printf("  result %d\n", result);
            print_infos(p, "matcher", &ours, result == TRD_OK);
            print_infos(p, "model", &theirs, 1);
            return false;
        }
    }
    return true;
}

/* An id or handle of the run is live for both or for neither. */
static bool same_lookups(const play *p) {
    for (uint32_t i = 0; i < RECENT; i++) {
        const trd_order handle = p->recent[i];
        const uint32_t account = i % p->script->accounts;
        const bool live = naive_by_handle(p->model, handle) != NULL;
        trd_order_info info;
        const int result = trd_match_order(p->match, handle, &info);
        const naive_order *order = naive_find(p->model, account, p->recent_id[i]);
        const trd_order found = trd_match_find(p->match, account, p->recent_id[i]);
        if (result != (live ? TRD_OK : TRD_E_UNKNOWN) ||
            found != (order != NULL ? order->handle : 0)) {
            return state_differs(p, "lookup of an old handle or id");
        }
    }
    return true;
}

static bool same_position(const play *p, uint32_t account, uint32_t instrument, unsigned side) {
    trd_qty ours = 0;
    const int result = trd_match_position(p->match, account, instrument, side, &ours);
    const bool kept = p->script->def.positions_max > 0;
    const trd_qty theirs = kept ? naive_position(p->model, account, instrument, side) : 0;
    if (result != (kept ? TRD_OK : TRD_E_UNKNOWN) || ours != theirs) {
        state_differs(p, "position");
        printf("  account %u instrument %u position side %u: matcher %" PRId64 " (result %d), model"
               " %" PRId64 "\n",
            account, instrument, side, ours, result, theirs);
        return false;
    }
    return true;
}

static bool same_positions(const play *p, uint32_t instrument) {
    for (uint32_t i = 0; i < p->script->accounts * 3; i++) {
        if (!same_position(p, i / 3, instrument, i % 3)) {
            return false;
        }
    }
    return true;
}

static bool same_session(const play *p, uint32_t instrument) {
    const int ours = trd_match_state(p->match, instrument);
    const int theirs = (int)naive_state(p->model, instrument);
    if (ours != theirs) {
        state_differs(p, "session state");
        printf("  instrument %u: matcher %s, model %s\n", instrument, text_state((unsigned)ours),
            text_state((unsigned)theirs));
        return false;
    }
    return true;
}

static bool same_stats(const play *p, const trd_match *match, const char *who) {
    trd_match_stats a;
    trd_match_stats b;
    trd_match_stats_get(match, &a);
    naive_stats(p->model, &b);
    const bool possible = a.far_levels <= a.levels;
    if (a.far_levels > 0) {
        coverage_count_call(COVERAGE_FAR_LEVELS);
    }
    if (a.ids_forgotten > 0) {
        coverage_count_call(COVERAGE_IDS_FORGOTTEN);
    }
    a.far_levels = 0; /* how levels are stored is not in the rules */
    if (possible && memcmp(&a, &b, sizeof(a)) == 0) {
        return true;
    }
    state_differs(p, "statistics");
    printf("  %s: commands %" PRIu64 "/%" PRIu64 " events %" PRIu64 "/%" PRIu64
           " executions %" PRIu64 "/%" PRIu64 " steps back %" PRIu64 "/%" PRIu64
           " forgotten %" PRIu64 "/%" PRIu64
           " orders %u/%u levels %u/%u instruments %u/%u specials %u/%u positions %u/%u\n",
        who, a.commands, b.commands, a.events, b.events, a.executions, b.executions,
        a.time_steps_back, b.time_steps_back, a.ids_forgotten, b.ids_forgotten, a.orders, b.orders,
        a.levels, b.levels, a.instruments, b.instruments, a.specials, b.specials, a.positions,
        b.positions);
    return false;
}

static bool audit(const play *p, const trd_match *match, const char *who) {
    const int result = trd_match_audit(match);
    coverage_count_call(COVERAGE_AUDIT);
    if (result != TRD_OK) {
        state_differs(p, "audit");
        printf("  %s: line %d\n", who, -result);
        return false;
    }
    return true;
}

static bool same_state(const play *p) {
    for (uint32_t i = 0; i < p->script->instruments; i++) {
        if (!same_session(p, i) || !same_side(p, i, TRD_BUY) || !same_side(p, i, TRD_SELL) ||
            !same_orders(p, i) || !same_positions(p, i)) {
            return false;
        }
    }
    return same_lookups(p) && same_stats(p, p->match, "matcher") && audit(p, p->match, "matcher");
}

/* --- The second matcher ----------------------------------------------------------------------- */

/* Answers as the first matcher was answered; what else differs is seen when the batch is over. */
static bool second_judges(play *p, const trd_out *out) {
    question q;
    memset(&q, 0, sizeof(q));
    q.slots = p->second_got.count + out->count;
    coverage_count_call(COVERAGE_RUN_VERDICT);
    if (trd_match_pending(p->second, &q.order) != TRD_OK ||
        p->second_asked.count >= p->batch_asked.count) {
        return false;
    }
    q.refused = p->batch_asked.at[p->second_asked.count].refused;
    questions_append(&p->second_asked, &q);
    return trd_match_verdict(p->second, q.refused ? TRD_REJECT_POSITION : 0) == TRD_OK;
}

/* Takes what trd_match_run left pending to its end. */
static bool second_continues(play *p, trd_out *out, int result) {
    while (result == TRD_MORE || result == TRD_NEED_VERDICT) {
        if (result == TRD_NEED_VERDICT) {
            if (!second_judges(p, out)) {
                return false;
            }
        } else {
            coverage_count_call(COVERAGE_RUN_MORE);
            events_append(&p->second_got, out->events, out->count);
            out->count = 0;
        }
        result = trd_match_step(p->second, NULL, out);
    }
    return result == TRD_OK;
}

static bool run_failed(const play *p, const char *when, int result, size_t done) {
    diverged(p, "trd_match_run %s", when);
    printf("  result %d, %zu slots done, of %u\n", result, done, p->batch_count);
    return false;
}

static bool second_runs(play *p) {
    trd_out out = {.events = p->out_slots, .capacity = p->out.capacity, .count = 0};
    size_t at = 0;
    while (at < p->batch_count) {
        size_t done = 0;
        const bool full = dice_odds(&p->rng, 1, 16);
        out.count = full ? out.capacity - (uint32_t)dice_below(&p->rng, TRD_OUT_MIN) : 0;
        const int result =
            trd_match_run(p->second, &p->batch[at], p->batch_count - at, &done, &out);
        if (full) {
            coverage_count_call(COVERAGE_RUN_FULL);
            if (result != TRD_E_FULL || done != 0) {
                return run_failed(p, "with a full output", result, done);
            }
            continue;
        }
        coverage_count_call(done < p->batch_count - at ? COVERAGE_RUN_STOPPED : COVERAGE_RUN);
        at += done;
        if (done == 0 || result < TRD_OK) {
            return run_failed(p, "with room in the output", result, done);
        }
        if (!second_continues(p, &out, result)) {
            return run_failed(p, "continued by step", result, done);
        }
        events_append(&p->second_got, out.events, out.count);
    }
    return at == p->batch_count || run_failed(p, "beyond the array", TRD_OK, at);
}

static bool compare_batch(play *p) {
    p->second_got.count = 0;
    p->second_asked.count = 0;
    const bool good = second_runs(p) &&
                      same_events(p, "run writes other events than step", &p->second_got,
                          p->batch_got.at, p->batch_got.count, "by step") &&
                      same_questions(p, "run asks for other verdicts than step", &p->second_asked,
                          &p->batch_asked, "by step") &&
                      same_stats(p, p->second, "second matcher");
    p->script->outcome.by_second = !good;
    p->batch_count = 0;
    p->batch_got.count = 0;
    p->batch_asked.count = 0;
    return good;
}

/* --- A record --------------------------------------------------------------------------------- */

static void trace_command(const play *p, const trd_command *c) {
    const text_names names = names_of(p);
    printf("#%-5u ", p->number);
    text_command(&names, c, naive_stride(c));
    printf("\n");
    fflush(stdout);
}

static bool step_both(play *p, const trd_command *c) {
    if (p->options.trace) {
        trace_command(p, c);
    }
    if (!p->options.hash) {
        coverage_before(p->model, &p->script->def, c);
    }
    if (!step_matcher(p, c) || !learn_handles(p)) {
        return false;
    }
    naive_step(p->model, c, p->accepted, p->accepted_count);
    if (p->options.hash) {
        return true;
    }
    coverage_after(p->model, &p->script->def, c);
    uint32_t count;
    const trd_event *events = naive_events(p->model, &count);
    if (!same_events(p, "events", &p->got, events, count, "model")) {
        return false;
    }
    if (!asks_like_model(p)) {
        return false;
    }
    if (p->options.trace) {
        print_events(p, " ", events, count);
        for (uint32_t i = 0; i < p->asked.count; i++) {
            print_question(p, "asked", &p->asked, i);
        }
    }
    if (p->options.second) {
        for (uint32_t i = 0; i < p->asked.count; i++) {
            question q = p->asked.at[i];
            q.slots += p->batch_got.count;
            questions_append(&p->batch_asked, &q);
        }
        events_append(&p->batch_got, p->got.at, p->got.count);
    }
    return same_best(p);
}

/* The command that a record is in this play: a target by handle is the order that its maker made
 * here, or a number that names none. */
static void put_target(const play *p, const script_record *record, trd_command *c) {
    const bool by_handle = (c->flags & TRD_COMMAND_BY_HANDLE) != 0;
    if (!by_handle || record->maker == 0) {
        return;
    }
    const trd_order handle = p->made[record->maker][record->nth];
    if (c->kind == TRD_COMMAND_REPLACE) {
        c->u.replace.target = handle;
    } else if (c->kind == TRD_COMMAND_CANCEL || c->kind == TRD_COMMAND_REDUCE) {
        c->u.cancel.target = handle;
    }
}

/* A record that the end of the array cuts is refused whatever is in it. step has no end of an
 * array: it is given a base with an impossible number of slots, which has the same events. */
static bool play_cut(play *p, const trd_command *c) {
    trd_command base = *c;
    coverage_count_call(COVERAGE_CUT_RECORD);
    base.slots = 0;
    if (!p->options.second) {
        return step_both(p, &base);
    }
    p->batch[p->batch_count++] = *c;
    return step_both(p, &base) && compare_batch(p);
}

static bool play_whole(play *p, const trd_command *c, uint32_t slots, bool flush) {
    if (!p->options.second) {
        return step_both(p, c);
    }
    memcpy(&p->batch[p->batch_count], c, slots * sizeof(*c));
    p->batch_count += slots;
    if (!step_both(p, c)) {
        return false;
    }
    const bool full = p->batch_count + TRD_SLOTS_MAX > BATCH_MAX;
    return !(flush || full) || compare_batch(p);
}

bool play_record(play *p, const script_record *record) {
    const script *s = p->script;
    trd_command slot[TRD_SLOTS_MAX];
    memcpy(slot, record->slot, sizeof(slot));
    p->number = record->number;
    p->script->outcome.at = record->number;
    p->rng = dice_seeded(s->call_seed + record->number * 0x9e3779b97f4a7c15u);
    put_target(p, record, slot);
    if (slot->kind == TRD_COMMAND_NEW) {
        p->recent_id[p->number % RECENT] = slot->u.order.client_id;
    }
    const bool cut = dice_odds(&p->rng, 1, 8) && record->slots > 1 && !p->options.hash;
    const bool flush = dice_odds(&p->rng, 1, s->batch_mean);
    if (!(cut ? play_cut(p, slot) : play_whole(p, slot, record->slots, flush))) {
        return false;
    }
    const bool look = p->options.always || p->number % s->look_every == 0;
    return p->options.hash || !look || same_state(p);
}

bool play_finish(play *p) {
    if (p->options.hash) {
        return true;
    }
    if (!same_state(p)) {
        return false;
    }
    return !p->options.second ||
           ((p->batch_count == 0 || compare_batch(p)) && audit(p, p->second, "second matcher"));
}

/* --- Life cycle and views --------------------------------------------------------------------- */

static void add_instruments(const play *p, trd_match *match) {
    const script *s = p->script;
    for (uint32_t i = 0; i < s->instruments; i++) {
        if (trd_match_add(match, &s->spec[i]) != (int)i ||
            trd_match_configure(match, i, &s->profile[i]) != TRD_OK) {
            printf("an instrument was refused: %s, profile %d\n",
                trd_instrument_fault_text(trd_instrument_check(&s->spec[i], s->def.orders_max)),
                trd_profile_check(&s->profile[i]));
            text_instrument(i, &s->spec[i], &s->profile[i]);
            abort();
        }
    }
}

/* An assertion says which it was before the process dies of it. */
static script *asserting;

static void say_assertion(const char *condition, const char *file, int line) {
    const char *name = strrchr(file, '/');
    script_outcome *o = &asserting->outcome;
    snprintf(o->what, sizeof(o->what), "%s:%d: assertion %s", name != NULL ? name + 1 : file, line,
        condition);
    printf("  %s\n", o->what);
    fflush(stdout);
}

play *play_begin(script *s, play_options options) {
    asserting = s;
    trd_on_assert(say_assertion);
    play *p = checked(calloc(1, sizeof(*p)));
    p->script = s;
    p->options = options;
    memset(&s->outcome, 0, sizeof(s->outcome));
    p->match = checked(trd_match_create(&s->def));
    add_instruments(p, p->match);
    if (options.second) {
        p->second = checked(trd_match_create(&s->second_def));
        add_instruments(p, p->second);
    }
    p->model = naive_create(&s->def);
    for (uint32_t i = 0; i < s->instruments; i++) {
        naive_add(p->model, &s->spec[i]);
        naive_configure(p->model, i, &s->profile[i]);
    }
    naive_set_watch(p->model, coverage_execution, NULL);
    naive_set_judge(p->model, judge_for_model, p);
    p->out.events = p->out_slots;
    p->out.capacity = s->capacity;
    return p;
}

void play_end(play *p) {
    trd_match_destroy(p->match);
    trd_match_destroy(p->second);
    naive_destroy(p->model);
    free(p->known.at);
    free(p->got.at);
    free(p->batch_got.at);
    free(p->second_got.at);
    free(p->asked.at);
    free(p->batch_asked.at);
    free(p->second_asked.at);
    free(p);
}

const naive_match *play_model(const play *p) {
    return p->model;
}

uint32_t play_made(const play *p, const trd_order **out) {
    *out = p->accepted;
    return p->accepted_count;
}

const trd_event *play_events(const play *p, uint32_t *slots) {
    *slots = p->got.count;
    return p->got.at;
}

void play_show(const play *p, const script_record *record) {
    static const char *const sources[] = {"", "LAST", "BID", "ASK", "MARK", "INDEX"};
    const text_names names = names_of(p);
    for (uint32_t i = 0; i < p->script->instruments; i++) {
        const naive_order *const *live;
        const uint32_t count = naive_live(p->model, i, &live);
        if (count == 0 && i != record->slot->instrument) {
            continue;
        }
        printf("  before #%u: i%u %s", record->number, i,
            text_state((unsigned)naive_state(p->model, i)));
        for (unsigned source = TRD_SOURCE_LAST; source <= TRD_SOURCE_INDEX; source++) {
            trd_px px;
            if (naive_price(p->model, i, source, &px)) {
                printf(" %s %" PRId64, sources[source], px);
            }
        }
        printf(", live orders %u\n", count);
        for (uint32_t at = 0; at < count && at < 60; at++) {
            trd_order_info info;
            if (naive_order_info(p->model, live[at]->handle, &info) == TRD_OK) {
                printf("      ");
                text_order(&names, &info);
                printf("\n");
            }
        }
        for (uint32_t at = 0; at < p->script->accounts * 3; at++) {
            const trd_qty net = naive_position(p->model, at / 3, i, at % 3);
            if (net != 0) {
                printf("      position a%u side %u: %" PRId64 "\n", at / 3, at % 3, net);
            }
        }
    }
}
