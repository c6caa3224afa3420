/* fuzz_match.c - hostile command records into the matcher.
 *
 * The first byte of an input chooses the definition: id mode, what is published, whether accounts
 * are limited. The rest are operations. The low three bits of the first byte of each say what it
 * is: 7 is a raw slot, 64 bytes as they are; the others make a record from few bytes, with prices,
 * sizes and ids so close together that orders meet. The records go through trd_match_step with the
 * smallest output, and as one array through trd_match_run of a second matcher with another hash
 * seed. Both must write the same bytes, no book may be crossed, the events must add up, and the
 * audit must find nothing. */
#include <stdint.h>
#include <string.h>

#include <tradsys/match.h>

#include "fuzz.h"

enum {
    SLOTS_MAX = 192,
    EVENTS_MAX = 1 << 15,
    MEMORY_SIZE = 1 << 20,
    INSTRUMENTS = 2,
    ORDERS_MAX = 12
};

static _Alignas(TRD_MATCH_ALIGN) uint8_t memory[2][MEMORY_SIZE];
static trd_command commands[SLOTS_MAX + TRD_SLOTS_MAX];
static trd_event by_step[EVENTS_MAX];
static trd_event by_run[EVENTS_MAX];

typedef struct input {
    const uint8_t *data;
    size_t size;
} input;

/* Bytes behind the end are zero. */
static uint8_t take(input *in) {
    if (in->size == 0) {
        return 0;
    }
    in->size--;
    return *in->data++;
}

/* --- From bytes to records ------------------------------------------------------------------- */

static void make_new(input *in, trd_command *c) {
    const uint8_t what = take(in);
    trd_new *n = &c->u.order;
    c->kind = TRD_COMMAND_NEW;
    c->account = what >> 6 & 1;
    c->instrument = what >> 7;
    n->side = (uint8_t)(TRD_BUY + (what & 1));
    n->type = (what & 2) != 0 && (what & 4) != 0 ? TRD_TYPE_MARKET : TRD_TYPE_LIMIT;
    n->tif = (uint8_t)(TRD_TIF_GTC + ((what & 8) != 0 ? 1 + (what >> 4 & 1) : 0));
    n->exec = (what & 2) != 0 && (what & 4) == 0 ? TRD_EXEC_POST_ONLY : 0;
    n->px = n->type == TRD_TYPE_LIMIT ? 90 + take(in) % 32 : 0;
    n->qty = take(in) % 16;
    n->client_id = take(in) % 64;
    if ((what & 2) == 0 && (what & 4) != 0) {
        const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .minimum = take(in) % 16};
        memcpy(&c[1], &sizes, sizeof(sizes));
        c->slots = 2;
    }
}

/* A target by handle is one of the few that a young matcher can have given. */
static uint64_t make_target(input *in, trd_command *c, bool by_handle) {
    const uint8_t name = take(in);
    c->account = name >> 6 & 1;
    c->instrument = name >> 7;
    c->flags |= by_handle ? TRD_COMMAND_BY_HANDLE : 0;
    return by_handle ? (uint64_t)(name >> 4 & 3) << 32 | (name & 15) : name & 63u;
}

static void make_cancel(input *in, trd_command *c, uint8_t head) {
    c->kind = (head & 7) == 4 ? TRD_COMMAND_CANCEL : TRD_COMMAND_REDUCE;
    c->u.cancel.target = make_target(in, c, (head & 8) != 0);
    c->u.cancel.qty = c->kind == TRD_COMMAND_REDUCE ? take(in) % 16 : 0;
}

static void make_replace(input *in, trd_command *c, uint8_t head) {
    trd_replace *r = &c->u.replace;
    c->kind = TRD_COMMAND_REPLACE;
    r->target = make_target(in, c, (head & 8) != 0);
    c->flags |= (uint16_t)(head >> 4 << 1 &
                           (TRD_COMMAND_KEEP_PX | TRD_COMMAND_KEEP_QTY | TRD_COMMAND_NEW_ID));
    r->px = (c->flags & TRD_COMMAND_KEEP_PX) != 0 ? 0 : 90 + take(in) % 32;
    r->qty = (c->flags & TRD_COMMAND_KEEP_QTY) != 0 ? 0 : take(in) % 24;
    r->client_id = (c->flags & TRD_COMMAND_NEW_ID) != 0 ? take(in) % 64 : 0;
}

static void make_raw(input *in, trd_command *c) {
    uint8_t bytes[sizeof(*c)];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = take(in);
    }
    memcpy(c, bytes, sizeof(*c));
}

/* Returns the slots written. */
static uint32_t make_commands(input *in) {
    memset(commands, 0, sizeof(commands));
    uint32_t count = 0;
    while (in->size > 0 && count < SLOTS_MAX) {
        trd_command *c = &commands[count];
        const uint8_t head = take(in);
        c->seq = count + 1;
        c->time = count;
        c->slots = 1;
        switch (head & 7) {
        case 4:
        case 6:
            make_cancel(in, c, head);
            break;
        case 5:
            make_replace(in, c, head);
            break;
        case 7:
            make_raw(in, c);
            count++;
            continue;
        default:
            make_new(in, c);
        }
        count += c->slots;
    }
    return count;
}

/* --- The two ways through the matcher -------------------------------------------------------- */

static trd_match *make_match(int which, uint8_t choice) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = INSTRUMENTS;
    def.orders_max = ORDERS_MAX;
    def.id_mode = TRD_IDS_WINDOW + choice % 3;
    def.ids_max = def.id_mode == TRD_IDS_WINDOW ? 8 : 0;
    def.accounts_max = def.id_mode == TRD_IDS_ASCENDING || (choice & 64) != 0 ? 2 : 0;
    def.publish = choice >> 2 & TRD_PUBLISH_ALL;
    def.window = 64;
    def.hash_seed = (uint64_t)which * 0x9e3779b97f4a7c15u;
    fuzz_check(trd_match_footprint(&def) <= MEMORY_SIZE);
    trd_match *match = trd_match_init(memory[which], &def);
    fuzz_check(match != NULL);
    for (int i = 0; i < INSTRUMENTS; i++) {
        trd_instrument spec = trd_instrument_default();
        spec.symbol[0] = (char)('A' + i);
        fuzz_check(trd_match_add(match, &spec) == i);
    }
    return match;
}

static bool starts_record(const trd_command *c) {
    return c->kind >= 1 && c->kind < TRD_EXT_ORDER_PRICES && c->slots >= 1 &&
           c->slots <= TRD_SLOTS_MAX;
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
        while (result == TRD_MORE) {
            fuzz_check(events + TRD_OUT_MIN <= EVENTS_MAX);
            trd_out out = {.events = &by_step[events], .capacity = TRD_OUT_MIN, .count = 0};
            result = trd_match_step(match, c, &out);
            fuzz_check(out.count <= out.capacity);
            fuzz_check(result == TRD_OK || (result == TRD_MORE && out.count > 0));
            events += out.count;
            c = NULL;
        }
    }
    return events;
}

static uint32_t run_all(trd_match *match, uint32_t count) {
    trd_out out = {.events = by_run, .capacity = EVENTS_MAX, .count = 0};
    size_t done = 0;
    fuzz_check(trd_match_run(match, commands, count, &done, &out) == TRD_OK);
    fuzz_check(done == count);
    return out.count;
}

/* --- What must be so whatever came ----------------------------------------------------------- */

static void check_fill(const trd_event *e, const trd_event *taker) {
    fuzz_check(e->u.fill.qty > 0 && e->u.fill.leaves >= 0);
    fuzz_check(e->u.fill.order != 0);
    fuzz_check(
        e->status == (e->u.fill.leaves == 0 ? TRD_STATUS_FILLED : TRD_STATUS_PARTIALLY_FILLED));
    if (e->liquidity == TRD_LIQUIDITY_MAKER) {
        fuzz_check(taker != NULL && taker->seq + 1 == e->seq);
        fuzz_check(taker->u.fill.qty == e->u.fill.qty && taker->u.fill.px == e->u.fill.px);
        fuzz_check(taker->side + e->side == TRD_BUY + TRD_SELL);
        fuzz_check(taker->u.fill.order != e->u.fill.order);
    }
}

static void check_events(uint32_t count) {
    const trd_event *taker = NULL;
    uint64_t seq = 0;
    trd_ns time = INT64_MIN;
    for (uint32_t i = 0; i < count; i += by_step[i].slots) {
        const trd_event *e = &by_step[i];
        fuzz_check(e->slots >= 1 && i + e->slots <= count);
        fuzz_check(e->seq == ++seq);
        fuzz_check(e->time >= time);
        time = e->time;
        if (e->kind == TRD_EVENT_FILL) {
            check_fill(e, taker);
            taker = e->liquidity == TRD_LIQUIDITY_TAKER ? e : NULL;
        } else if (e->kind == TRD_EVENT_CANCELED) {
            fuzz_check(e->u.cancel.qty > 0 && e->u.cancel.cum >= 0);
        } else if (e->kind == TRD_EVENT_LEVEL) {
            fuzz_check((e->u.level.qty == 0) == (e->u.level.count == 0) && e->u.level.qty >= 0);
        }
    }
}

/* What entered by ACCEPTED and REPLACED, less what left by FILL and CANCELED, rests. */
static trd_qty resting_qty(const trd_match *match) {
    trd_qty sum = 0;
    for (uint32_t i = 0; i < INSTRUMENTS * 2; i++) {
        trd_level level[ORDERS_MAX];
        const int count = trd_match_depth(match, i / 2, i % 2 + 1, level, ORDERS_MAX);
        fuzz_check(count >= 0 && count <= ORDERS_MAX);
        for (int at = 0; at < count; at++) {
            fuzz_check(level[at].qty > 0 && level[at].count > 0);
            sum += level[at].qty;
        }
    }
    return sum;
}

typedef struct open_order {
    trd_order order;
    trd_qty total;
    trd_qty executed;
} open_order;

static open_order *find_open(open_order *open, trd_order order) {
    for (int i = 0; i <= ORDERS_MAX; i++) {
        if (open[i].order == order) {
            return &open[i];
        }
    }
    return NULL;
}

/* An order book of totals only, kept from the private events: nothing is executed that was not
 * open, and what is open at the end is what rests. */
static void check_sums(const trd_match *match, uint32_t count) {
    open_order open[ORDERS_MAX + 1] = {{0, 0, 0}};
    for (uint32_t i = 0; i < count; i += by_step[i].slots) {
        const trd_event *e = &by_step[i];
        open_order *o = NULL;
        if (e->kind == TRD_EVENT_ACCEPTED) {
            fuzz_check(find_open(open, e->u.order.order) == NULL);
            o = find_open(open, 0);
            fuzz_check(o != NULL);
            *o = (open_order){.order = e->u.order.order, .total = e->u.order.qty};
        } else if (e->kind == TRD_EVENT_REPLACED) {
            o = find_open(open, e->u.order.order);
            fuzz_check(o != NULL && e->u.order.qty >= o->executed);
            o->total = e->u.order.qty;
        } else if (e->kind == TRD_EVENT_FILL) {
            o = find_open(open, e->u.fill.order);
            fuzz_check(o != NULL);
            o->executed += e->u.fill.qty;
            fuzz_check(o->total - o->executed == e->u.fill.leaves);
        } else if (e->kind == TRD_EVENT_CANCELED) {
            o = find_open(open, e->u.cancel.order);
            fuzz_check(o != NULL && o->executed == e->u.cancel.cum);
            fuzz_check(o->total - o->executed == e->u.cancel.qty);
            o->total = o->executed;
        }
        if (o != NULL && o->total == o->executed) {
            *o = (open_order){0, 0, 0};
        }
    }
    trd_qty sum = 0;
    for (int i = 0; i <= ORDERS_MAX; i++) {
        sum += open[i].total - open[i].executed;
    }
    fuzz_check(sum == resting_qty(match));
}

static void check_book(const trd_match *match) {
    fuzz_check(trd_match_audit(match) == TRD_OK);
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        trd_level bid;
        trd_level ask;
        if (trd_match_best(match, i, TRD_BUY, &bid) == 1 &&
            trd_match_best(match, i, TRD_SELL, &ask) == 1) {
            fuzz_check(bid.px < ask.px);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input in = {data, size};
    const uint8_t choice = take(&in);
    const uint32_t count = make_commands(&in);
    trd_match *first = make_match(0, choice);
    trd_match *second = make_match(1, choice);
    const uint32_t events = step_all(first, count);
    fuzz_check(run_all(second, count) == events);
    fuzz_check(memcmp(by_step, by_run, events * sizeof(trd_event)) == 0);
    check_events(events);
    check_sums(first, events);
    check_book(first);
    check_book(second);
    return 0;
}
