/* fuzz_match.c - hostile command records into the matcher.
 *
 * The first four bytes of an input choose the definition, the profile of the instruments and the
 * state of the first one (read_choice). The rest are operations (records.h). The records go through
 * trd_match_step with the smallest output, and as one array through trd_match_run of a second
 * matcher with another hash seed. Both must write the same bytes, the events must add up to what
 * lives at the end, no book may be crossed that must not be, and the audit must find nothing. */
#include <stdint.h>
#include <string.h>

#include <tradsys/match.h>

#include "fuzz.h"
#include "records.h"

enum {
    SLOTS_MAX = 192,
    EVENTS_MAX = 1 << 17,
    MEMORY_SIZE = 1 << 20,
    INSTRUMENTS = 2,
    ORDERS_MAX = 12
};

static _Alignas(TRD_MATCH_ALIGN) uint8_t memory[2][MEMORY_SIZE];
static trd_command commands[SLOTS_MAX + TRD_SLOTS_MAX];
static trd_event by_step[EVENTS_MAX];
static trd_event by_run[EVENTS_MAX];

/* --- What an input chooses -------------------------------------------------------------------- */

typedef struct choice {
    trd_match_def def;
    trd_profile profile;
    uint32_t spec_profile; /* TRD_PROFILE_* */
    uint8_t state;         /* TRD_SESSION_*: 0 and 1 leave it as it is */
} choice;

static void choose_profile(input *in, choice *to) {
    const uint8_t level = records_take(in);
    const uint8_t rules = records_take(in);
    trd_profile *p = &to->profile;
    *p = trd_profile_default();
    p->allocation = (uint8_t)((level & 15) % (TRD_ALLOCATE_PRORATA + 1));
    p->fifo_percent = 40;
    p->prorata_min = 2;
    p->lead[0] = (trd_lead_maker){.account = 1, .percent = 30};
    if ((level & 16) != 0) {
        p->band_action = (level & 32) != 0 ? TRD_BAND_CANCEL : TRD_BAND_REJECT;
        p->band_source = (rules & 1) != 0 ? TRD_SOURCE_MARK : TRD_SOURCE_LAST;
        p->band_whole = level >> 6 & 1;
        p->band_below = 300;
        p->band_above = 300;
        p->limit_wait = level >> 7 != 0 ? 5 : 0;
        p->limit_pause = level >> 7 != 0 ? 9 : 0;
        p->limit_auction = (uint8_t)(level >> 7 & rules);
    }
    if ((rules & 2) != 0) {
        p->breaker_window = 64;
        p->breaker_pause = 11;
        p->breaker_variation = 500;
    }
    trd_profile_ties(p, TRD_TIES_NSE + (rules >> 2 & 3));
    to->spec_profile = rules >> 4 & TRD_PROFILE_ALL;
    fuzz_check(trd_profile_check(p) == TRD_OK);
}

static choice read_choice(input *in) {
    choice to;
    const uint8_t first = records_take(in);
    memset(&to, 0, sizeof(to));
    trd_match_def *def = &to.def;
    *def = trd_match_def_default();
    def->instruments_max = INSTRUMENTS;
    def->orders_max = ORDERS_MAX;
    def->id_mode = TRD_IDS_WINDOW + first % 3;
    def->ids_max = def->id_mode == TRD_IDS_WINDOW ? 8 : 0;
    def->accounts_max = def->id_mode == TRD_IDS_ASCENDING || (first & 64) != 0 ? 2 : 0;
    def->publish = first >> 2 & TRD_PUBLISH_ALL;
    def->window = 64;
    def->allocates = 1;
    choose_profile(in, &to);
    const uint8_t room = records_take(in);
    to.state = room & 7;
    def->specials_max = (room & 8) != 0 ? 3 : ORDERS_MAX;
    def->positions_max = (room & 16) != 0 ? 3 : (room & 32) != 0 ? 24 : 0;
    def->elect_max = (room & 64) != 0 ? 2 : 64;
    def->verdicts = room >> 7;
    def->quotes_max = first >> 7 != 0 ? 1 : 4;
    def->groups_max = first >> 7 != 0 ? 1 : 4;
    return to;
}

/* The first instrument begins in the state that was chosen. */
static uint32_t make_first(const choice *chosen) {
    if (chosen->state <= TRD_SESSION_CONTINUOUS) {
        return 0;
    }
    commands[0] = (trd_command){.seq = 1, .kind = TRD_COMMAND_SESSION, .slots = 1};
    commands[0].u.session.state = chosen->state;
    return 1;
}

/* Returns the slots written. */
static uint32_t make_commands(input *in, const choice *chosen) {
    memset(commands, 0, sizeof(commands));
    uint32_t count = make_first(chosen);
    records_begin();
    while (in->size > 0 && count < SLOTS_MAX) {
        trd_command *c = &commands[count];
        const uint8_t head = records_take(in);
        c->seq = count + 1;
        count += records_make(in, c, head);
    }
    return count;
}

/* --- The two ways through the matcher --------------------------------------------------------- */

static trd_match *make_match(int which, const choice *chosen) {
    trd_match_def def = chosen->def;
    def.hash_seed = (uint64_t)which * 0x9e3779b97f4a7c15u;
    fuzz_check(trd_match_footprint(&def) <= MEMORY_SIZE);
    trd_match *match = trd_match_init(memory[which], &def);
    fuzz_check(match != NULL);
    for (int i = 0; i < INSTRUMENTS; i++) {
        trd_instrument spec = trd_instrument_default();
        spec.symbol[0] = (char)('A' + i);
        spec.profile = chosen->spec_profile;
        fuzz_check(trd_match_add(match, &spec) == i);
        fuzz_check(trd_match_configure(match, (uint32_t)i, &chosen->profile) == TRD_OK);
    }
    return match;
}

static bool starts_record(const trd_command *c) {
    return c->kind >= 1 && c->kind < TRD_EXT_ORDER_PRICES && c->slots >= 1 &&
           c->slots <= TRD_SLOTS_MAX;
}

/* Some may go on, some end: by their order, so that both matchers decide alike. */
static void decide(trd_match *match) {
    trd_order_info info;
    fuzz_check(trd_match_pending(match, &info) == TRD_OK);
    const unsigned reason = info.client_id % 4 == 3 ? TRD_REJECT_BAND : 0;
    fuzz_check(trd_match_verdict(match, reason) == TRD_OK);
    fuzz_check(trd_match_verdict(match, reason) == TRD_E_UNKNOWN);
}

static uint32_t step_all(trd_match *match, uint32_t count) {
    uint32_t events = 0;
    for (uint32_t at = 0; at < count;) {
        trd_command cut = commands[at];
        const trd_command *c = &commands[at];
        const uint32_t slots = starts_record(c) ? c->slots : 1;
        if (at + slots > count) { /* refused whatever it is, as one slot */
            cut.slots = 0;
            c = &cut;
        }
        at += c == &cut ? 1 : slots;
        int result = TRD_MORE;
        while (result == TRD_MORE || result == TRD_NEED_VERDICT) {
            if (result == TRD_NEED_VERDICT) {
                decide(match);
            }
            fuzz_check(events + TRD_OUT_MIN <= EVENTS_MAX);
            trd_out out = {.events = &by_step[events], .capacity = TRD_OUT_MIN, .count = 0};
            result = trd_match_step(match, c, &out);
            fuzz_check(out.count <= out.capacity);
            fuzz_check(result == TRD_OK || result == TRD_NEED_VERDICT ||
                       (result == TRD_MORE && out.count > 0));
            events += out.count;
            c = NULL;
        }
    }
    return events;
}

static uint32_t run_all(trd_match *match, uint32_t count) {
    trd_out out = {.events = by_run, .capacity = EVENTS_MAX, .count = 0};
    size_t done = 0;
    for (size_t at = 0; at < count; at += done) {
        int result = trd_match_run(match, &commands[at], count - at, &done, &out);
        fuzz_check(done > 0);
        while (result == TRD_NEED_VERDICT) {
            decide(match);
            result = trd_match_step(match, NULL, &out);
        }
        fuzz_check(result == TRD_OK);
    }
    return out.count;
}

/* --- What must be so whatever came ------------------------------------------------------------ */

/* Both sides of an execution stand one behind the other, the taker, or in an auction the buyer,
 * first. `first` is the side that came before, if there is one. */
static void check_fill(const trd_event *e, const trd_event *first) {
    fuzz_check(e->u.fill.qty > 0 && e->u.fill.leaves >= 0 && e->u.fill.order != 0);
    fuzz_check(e->u.fill.leaves == 0 || e->status == TRD_STATUS_PARTIALLY_FILLED);
    fuzz_check(e->status == TRD_STATUS_FILLED || e->status == TRD_STATUS_PARTIALLY_FILLED);
    if (first != NULL) {
        fuzz_check(first->seq + 1 == e->seq && first->side + e->side == TRD_BUY + TRD_SELL);
        fuzz_check(first->u.fill.qty == e->u.fill.qty && first->u.fill.px == e->u.fill.px);
        fuzz_check(first->u.fill.order != e->u.fill.order);
    } else {
        fuzz_check(e->liquidity == TRD_LIQUIDITY_TAKER ||
                   (e->liquidity == TRD_LIQUIDITY_AUCTION && e->side == TRD_BUY));
    }
}

static void check_events(uint32_t count) {
    const trd_event *first = NULL;
    uint64_t seq = 0;
    trd_ns time = INT64_MIN;
    for (uint32_t i = 0; i < count; i += by_step[i].slots) {
        const trd_event *e = &by_step[i];
        fuzz_check(e->slots >= 1 && i + e->slots <= count);
        fuzz_check(e->seq == ++seq);
        fuzz_check(e->time >= time);
        time = e->time;
        fuzz_check(first == NULL || e->kind == TRD_EVENT_FILL);
        if (e->kind == TRD_EVENT_FILL) {
            check_fill(e, first);
            first = first == NULL ? e : NULL;
        } else if (e->kind == TRD_EVENT_CANCELED) {
            fuzz_check(e->u.cancel.qty >= 0 && e->u.cancel.cum >= 0);
        } else if (e->kind == TRD_EVENT_LEVEL) {
            fuzz_check((e->u.level.qty == 0) == (e->u.level.count == 0) && e->u.level.qty >= 0);
        }
    }
}

/* An order as its private events tell it. */
typedef struct open_order {
    trd_order order;
    trd_qty leaves;
    trd_qty executed;
    trd_qty prevented;
    bool unsized; /* BUDGET, CLOSE_POSITION: what is open is not told */
} open_order;

static open_order open[ORDERS_MAX + 1];

static open_order *find_open(trd_order order) {
    for (int i = 0; i <= ORDERS_MAX; i++) {
        if (open[i].order == order) {
            return &open[i];
        }
    }
    return NULL;
}

static open_order *known(trd_order order) {
    open_order *o = find_open(order);
    fuzz_check(order != 0 && o != NULL);
    return o;
}

static void end_order(open_order *o) {
    *o = (open_order){.order = 0};
}

static void book_accepted(const trd_event *e) {
    fuzz_check(e->u.order.order != 0 && find_open(e->u.order.order) == NULL);
    open_order *o = find_open(0);
    fuzz_check(o != NULL);
    *o = (open_order){
        .order = e->u.order.order, .leaves = e->u.order.qty, .unsized = e->u.order.qty == 0};
}

static void book_replaced(const trd_event *e) {
    open_order *o = known(e->u.order.order);
    o->leaves = e->u.order.qty - o->executed - o->prevented;
    if (e->status == TRD_STATUS_FILLED) {
        end_order(o);
    }
}

static void book_fill(const trd_event *e) {
    open_order *o = known(e->u.fill.order);
    o->executed += e->u.fill.qty;
    o->leaves -= e->u.fill.qty;
    fuzz_check(o->unsized || o->leaves == e->u.fill.leaves);
    o->leaves = e->u.fill.leaves;
    if (e->status == TRD_STATUS_FILLED) {
        end_order(o);
    }
}

static void book_prevented(const trd_event *e) {
    open_order *o = known(e->u.prevent.order);
    o->prevented += e->u.prevent.qty;
    o->leaves = e->u.prevent.leaves;
}

static void book_canceled(const trd_event *e) {
    open_order *o = known(e->u.cancel.order);
    fuzz_check(o->executed == e->u.cancel.cum);
    fuzz_check(o->unsized || o->leaves == e->u.cancel.qty || e->u.cancel.qty == 0);
    end_order(o);
}

static void book_event(const trd_event *e) {
    switch (e->kind) {
    case TRD_EVENT_ACCEPTED:
        book_accepted(e);
        break;
    case TRD_EVENT_REPLACED:
        book_replaced(e);
        break;
    case TRD_EVENT_FILL:
        book_fill(e);
        break;
    case TRD_EVENT_PREVENTED:
        book_prevented(e);
        break;
    case TRD_EVENT_RESTATED:
        known(e->u.restate.order)->leaves = e->u.restate.leaves;
        break;
    case TRD_EVENT_CANCELED:
        book_canceled(e);
        break;
    default:
        break;
    }
}

/* Orders of totals only, kept from the private events: what is open at the end is what lives. */
static void check_sums(const trd_match *match, uint32_t count) {
    memset(open, 0, sizeof(open));
    for (uint32_t i = 0; i < count; i += by_step[i].slots) {
        book_event(&by_step[i]);
    }
    uint32_t live = 0;
    for (int i = 0; i <= ORDERS_MAX; i++) {
        trd_order_info info;
        if (open[i].order != 0) {
            live++;
            fuzz_check(trd_match_order(match, open[i].order, &info) == TRD_OK);
            fuzz_check(info.executed == open[i].executed && info.prevented == open[i].prevented);
            fuzz_check(open[i].unsized || info.leaves == open[i].leaves);
            fuzz_check(info.displayed >= 0 && info.displayed <= info.leaves);
        }
    }
    trd_match_stats stats;
    trd_match_stats_get(match, &stats);
    fuzz_check(stats.orders == live);
}

/* In continuous trading without a band no book is crossed: with one an order may rest in front of
 * another that it may not reach. */
static void check_book(const trd_match *match, const choice *chosen) {
    fuzz_check(trd_match_audit(match) == TRD_OK);
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        trd_level bid;
        trd_level ask;
        if (chosen->profile.band_action == 0 &&
            trd_match_state(match, i) == TRD_SESSION_CONTINUOUS &&
            trd_match_best(match, i, TRD_BUY, &bid) == 1 &&
            trd_match_best(match, i, TRD_SELL, &ask) == 1) {
            fuzz_check(bid.px < ask.px);
        }
    }
}

static void say_assertion(const char *condition, const char *file, int line) {
    fprintf(stderr, "%s:%d: assertion %s\n", file, line, condition);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input in = {data, size};
    trd_on_assert(say_assertion);
    const choice chosen = read_choice(&in);
    const uint32_t count = make_commands(&in, &chosen);
    trd_match *first = make_match(0, &chosen);
    trd_match *second = make_match(1, &chosen);
    const uint32_t events = step_all(first, count);
    fuzz_check(run_all(second, count) == events);
    fuzz_check(memcmp(by_step, by_run, events * sizeof(trd_event)) == 0);
    check_events(events);
    check_sums(first, events);
    check_book(first, &chosen);
    check_book(second, &chosen);
    return 0;
}
