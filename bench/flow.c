/* flow.c - see flow.h. */
#include "flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "bench.h"

const flow_regime flow_regimes[] = {
    {"shallow", "1,000 orders a side", 1, 14, 2000, 20, 1000, 1000, 0},
    {"deep", "1 million orders", 1, 14, 1000000, 300, 6000, 100000, 0},
    {"instruments-1000", "1,000 books, Zipf", 1000, 10, 100000, 10, 200, 50, 0},
    {"still", "deep queues at a few prices", 1, 14, 100000, 1, 3, 0, 0},
    {"swing-2", "price up and down 2 %", 1, 14, 2000, 40, 1000, 0, 2},
    {"swing-25", "price up and down 25 %", 1, 14, 2000, 40, 1000, 0, 25},
    {"swing-60", "price up and down 60 %", 1, 14, 2000, 40, 1000, 0, 60},
    {.name = NULL},
};

const flow_regime *flow_regime_find(const char *name) {
    for (const flow_regime *r = flow_regimes; r->name != NULL; r++) {
        if (strcmp(r->name, name) == 0) {
            return r;
        }
    }
    return NULL;
}

enum { WHEEL = 1 << 15, GEOMETRIC = 4096, QUEUE_MAX = 4096, NONE = 0 };
enum { ACT_CANCEL, ACT_REPLACE };
enum { CHURN_MAX = 50000 }; /* commands between filling the books and the measured part */

/* The odds, per mille, chosen so that the shares flow.h promises come out. */
enum {
    ODDS_IOC = 150,
    ODDS_IOC_TAKES = 110,    /* of those */
    ODDS_TAKES = 5,          /* limit orders that cross */
    ODDS_REPLACE = 243,      /* of limit orders; some are gone before it comes to it */
    ODDS_REPLACE_TAKES = 10, /* of new prices */
    ODDS_LATE = 700,         /* a cancel of what is gone is sent all the same */
    ODDS_PULL = 900,         /* a quote that the price runs into, per tick */
    ODDS_STAY = 200,         /* limit orders without a time to go */
    ODDS_STAY_REFILL = 500,  /* the same while the books are not deep enough */
    ODDS_ACT = 700           /* what is due comes before the next new order */
};

/* Something that is to happen to an order. */
typedef struct act {
    uint32_t serial;
    uint32_t what;
    uint32_t next; /* in the wheel */
} act;

/* Commands name orders by serial number while the flow is made: 1, 2, ... in order of entry. */
typedef struct maker {
    const flow_regime *regime;
    const flow_def *def;
    flow *out;
    uint64_t rng;
    size_t at;         /* commands made */
    size_t warm;       /* where the measured part starts */
    uint32_t target;   /* resting orders */
    uint32_t serials;  /* given */
    uint32_t *book_of; /* instrument by serial */
    bool *pulled;      /* by serial: its cancel is already on the way */
    baseline *model;
    size_t model_size;
    uint32_t *middle; /* of each instrument */
    double *zipf;     /* cumulated */
    uint32_t geometric[GEOMETRIC];
    /* acts: a pool, a wheel of lists by command number, a queue of those that are due */
    act *acts;
    uint32_t act_free;
    uint32_t act_top;
    uint32_t wheel[WHEEL];
    uint32_t due_head;
    uint32_t due_tail;
    /* orders that live until a random one has to go */
    uint32_t *stayers;
    uint32_t stayer_count;
} maker;

/* --- Randomness ------------------------------------------------------------------------------- */

static uint64_t draw(maker *m) {
    m->rng += BENCH_GOLDEN;
    return bench_mix(m->rng);
}

static uint32_t draw_below(maker *m, uint32_t limit) {
    return (uint32_t)(((draw(m) >> 32) * limit) >> 32);
}

static bool draw_chance(maker *m, uint32_t per_mille) {
    return draw_below(m, 1000) < per_mille;
}

static uint32_t draw_distance(maker *m) {
    const uint32_t ticks = m->geometric[draw_below(m, GEOMETRIC)];
    return ticks < m->regime->distance_max ? ticks : draw_below(m, m->regime->distance_max);
}

static uint32_t draw_qty(maker *m) {
    const uint32_t lots = 1 + draw_below(m, 100);
    return draw_below(m, 20) == 0 ? lots * 5 : lots;
}

static uint32_t draw_instrument(maker *m) {
    if (m->regime->instruments == 1) {
        return 0;
    }
    const double at = (double)(draw(m) >> 11) * 0x1p-53;
    uint32_t low = 0;
    uint32_t high = m->regime->instruments - 1;
    while (low < high) {
        const uint32_t half = (low + high) / 2;
        if (m->zipf[half] > at) {
            high = half;
        } else {
            low = half + 1;
        }
    }
    return low;
}

/* Commands until a short-lived order goes: a scale out of 8, 64, 512, 4,096, spread around it. */
static uint32_t draw_life(maker *m) {
    const uint32_t scale = 8u << (3 * draw_below(m, 4));
    const uint32_t life = 1 + draw_below(m, scale) + draw_below(m, scale);
    return life < WHEEL ? life : WHEEL - 1;
}

/* --- Acts ------------------------------------------------------------------------------------- */

static uint32_t act_take(maker *m, uint32_t serial, uint32_t what) {
    uint32_t at = m->act_free;
    if (at != NONE) {
        m->act_free = m->acts[at].next;
    } else {
        at = ++m->act_top;
    }
    m->acts[at] = (act){.serial = serial, .what = what};
    return at;
}

static void act_due(maker *m, uint32_t at) {
    m->acts[at].next = NONE;
    if (m->due_head == NONE) {
        m->due_head = at;
    } else {
        m->acts[m->due_tail].next = at;
    }
    m->due_tail = at;
}

static void act_later(maker *m, uint32_t serial, uint32_t what, uint32_t commands) {
    const uint32_t at = act_take(m, serial, what);
    uint32_t *list = &m->wheel[(m->at + commands) % WHEEL];
    m->acts[at].next = *list;
    *list = at;
}

static void acts_ripen(maker *m) {
    uint32_t at = m->wheel[m->at % WHEEL];
    m->wheel[m->at % WHEEL] = NONE;
    while (at != NONE) {
        const uint32_t next = m->acts[at].next;
        act_due(m, at);
        at = next;
    }
}

/* --- Commands --------------------------------------------------------------------------------- */

static uint64_t public_id(const maker *m, uint32_t serial) {
    return m->def->sparse ? bench_mix(serial + m->def->seed * BENCH_GOLDEN) : serial;
}

static trd_command command_of(const maker *m, uint32_t serial, unsigned kind) {
    return (trd_command){
        .seq = m->at + 1,
        .time = (trd_ns)(m->at + 1) * 100,
        .kind = (uint8_t)kind,
        .slots = 1,
        .instrument = m->book_of[serial],
        .account = (uint32_t)(bench_mix(serial) % FLOW_ACCOUNTS),
    };
}

/* Counts the orders that the command has filled: makers, seen by what rests less, and the taker. */
static void count_filled(maker *m, bool found, uint32_t resting, bool rests, bool taker) {
    const uint32_t expected = resting + rests - found;
    m->out->stats.filled += expected - baseline_resting(m->model) + taker;
}

/* Steps the model with the command, which names the order by `serial` in *id, and stores it with
 * the public number there. */
static void emit(maker *m, trd_command *command, uint64_t *id, uint32_t serial) {
    baseline_order order;
    const uint32_t instrument = command->instrument;
    const bool found = baseline_find(m->model, instrument, serial, &order);
    const uint32_t resting = baseline_resting(m->model);
    const uint64_t qty = baseline_tally(m->model).qty;
    *id = serial;
    baseline_step(m->model, command);
    const bool rests = baseline_find(m->model, instrument, serial, &order);
    if (command->kind == TRD_COMMAND_NEW) {
        const uint64_t executed = baseline_tally(m->model).qty - qty;
        count_filled(m, found, resting, rests, executed == (uint64_t)command->u.order.qty);
    } else if (command->kind == TRD_COMMAND_REPLACE) {
        count_filled(m, found, resting, rests, found && !rests);
    }
    const uint32_t now = baseline_resting(m->model);
    m->out->resting_max = now > m->out->resting_max ? now : m->out->resting_max;
    *id = public_id(m, serial);
    m->out->commands[m->at++] = *command;
}

static uint32_t px_limit(const maker *m) {
    return (1u << m->regime->levels_log2) - 2;
}

static uint32_t px_clamp(const maker *m, int64_t px) {
    const int64_t high = px_limit(m);
    return (uint32_t)(px < 1 ? 1 : px > high ? high : px);
}

/* A price behind the middle that does not cross. */
static uint32_t px_behind(maker *m, uint32_t instrument, unsigned side) {
    const int64_t away = 1 + (int64_t)draw_distance(m);
    const int64_t middle = m->middle[instrument];
    if (side == TRD_BUY) {
        const int64_t ask = baseline_best(m->model, instrument, TRD_SELL);
        const int64_t px = middle - away;
        return px_clamp(m, ask != 0 && px >= ask ? ask - 1 : px);
    }
    const int64_t bid = baseline_best(m->model, instrument, TRD_BUY);
    const int64_t px = middle + away;
    return px_clamp(m, bid != 0 && px <= bid ? bid + 1 : px);
}

/* The opposite best and up to two ticks through it, or short of it by one to three. */
static uint32_t px_near_opposite(maker *m, uint32_t instrument, unsigned side, bool takes) {
    const unsigned opposite = side == TRD_BUY ? TRD_SELL : TRD_BUY;
    const int64_t best = baseline_best(m->model, instrument, opposite);
    if (best == 0) {
        return px_behind(m, instrument, side);
    }
    const int64_t through = takes ? draw_below(m, 3) : -1 - (int64_t)draw_below(m, 3);
    return px_clamp(m, side == TRD_BUY ? best + through : best - through);
}

static uint32_t emit_new(maker *m, unsigned tif, unsigned side, uint32_t instrument, uint32_t px) {
    const uint32_t serial = ++m->serials;
    m->book_of[serial] = instrument;
    trd_command command = command_of(m, serial, TRD_COMMAND_NEW);
    command.u.order = (trd_new){
        .px = px,
        .qty = draw_qty(m),
        .side = (uint8_t)side,
        .type = TRD_TYPE_LIMIT,
        .tif = (uint8_t)tif,
    };
    emit(m, &command, &command.u.order.client_id, serial);
    m->out->stats.orders++;
    return serial;
}

static void make_ioc(maker *m, unsigned side, uint32_t instrument) {
    const bool takes = draw_chance(m, ODDS_IOC_TAKES);
    const uint32_t px = px_near_opposite(m, instrument, side, takes);
    emit_new(m, TRD_TIF_IOC, side, instrument, px);
    m->out->stats.ioc++;
}

/* One stayer leaves for each order too many. */
static void make_room(maker *m) {
    baseline_order order;
    while (baseline_resting(m->model) > m->target && m->stayer_count > 0) {
        const uint32_t at = draw_below(m, m->stayer_count);
        const uint32_t serial = m->stayers[at];
        m->stayers[at] = m->stayers[--m->stayer_count];
        if (baseline_find(m->model, m->book_of[serial], serial, &order)) {
            act_due(m, act_take(m, serial, ACT_CANCEL));
            return;
        }
    }
}

static void make_limit(maker *m, unsigned side, uint32_t instrument) {
    const bool takes = draw_chance(m, ODDS_TAKES);
    const uint32_t px =
        takes ? px_near_opposite(m, instrument, side, true) : px_behind(m, instrument, side);
    const uint32_t serial = emit_new(m, TRD_TIF_GTC, side, instrument, px);
    const bool thin = baseline_resting(m->model) < m->target;
    const uint32_t life = draw_life(m);
    if (draw_chance(m, thin ? ODDS_STAY_REFILL : ODDS_STAY)) {
        m->stayers[m->stayer_count++] = serial;
    } else {
        act_later(m, serial, ACT_CANCEL, life);
    }
    if (draw_chance(m, ODDS_REPLACE)) {
        act_later(m, serial, ACT_REPLACE, 1 + draw_below(m, life));
    }
    make_room(m);
}

static void make_new(maker *m) {
    const unsigned side = draw_below(m, 2) == 0 ? TRD_BUY : TRD_SELL;
    const uint32_t instrument = draw_instrument(m);
    if (draw_chance(m, ODDS_IOC)) {
        make_ioc(m, side, instrument);
    } else {
        make_limit(m, side, instrument);
    }
}

static void make_cancel(maker *m, uint32_t serial) {
    baseline_order order;
    const bool late = !baseline_find(m->model, m->book_of[serial], serial, &order);
    if (late && !draw_chance(m, ODDS_LATE)) {
        return;
    }
    trd_command command = command_of(m, serial, TRD_COMMAND_CANCEL);
    emit(m, &command, &command.u.cancel.target, serial);
    m->out->stats.cancels++;
    m->out->stats.late += late;
}

static void make_replace(maker *m, uint32_t serial) {
    baseline_order order;
    const uint32_t instrument = m->book_of[serial];
    if (!baseline_find(m->model, instrument, serial, &order)) {
        return;
    }
    uint32_t px = order.px;
    uint32_t total = order.total;
    if (order.leaves > 1 && draw_below(m, 2) == 0) {
        total -= 1 + draw_below(m, order.leaves - 1);
    } else if (draw_chance(m, ODDS_REPLACE_TAKES)) {
        px = px_near_opposite(m, instrument, order.side, true);
    } else {
        px = px_behind(m, instrument, order.side);
    }
    trd_command command = command_of(m, serial, TRD_COMMAND_REPLACE);
    command.u.replace = (trd_replace){.px = px, .qty = total};
    emit(m, &command, &command.u.replace.target, serial);
    m->out->stats.replaced++;
}

/* --- The price -------------------------------------------------------------------------------- */

/* Pulls most of what rests at px. */
static void pull(maker *m, uint32_t instrument, uint32_t px) {
    static uint64_t serials[QUEUE_MAX];
    const uint32_t count = baseline_queue(m->model, instrument, px, serials, QUEUE_MAX);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t serial = (uint32_t)serials[i];
        if (!m->pulled[serial] && draw_chance(m, ODDS_PULL)) {
            m->pulled[serial] = true;
            act_due(m, act_take(m, serial, ACT_CANCEL));
        }
    }
}

static void middle_rise(maker *m, uint32_t instrument) {
    const uint32_t middle = ++m->middle[instrument];
    const uint32_t ask = baseline_best(m->model, instrument, TRD_SELL);
    for (uint32_t px = ask; px != 0 && px <= middle; px++) {
        pull(m, instrument, px);
    }
}

static void middle_fall(maker *m, uint32_t instrument) {
    const uint32_t middle = --m->middle[instrument];
    for (uint32_t px = baseline_best(m->model, instrument, TRD_BUY); px >= middle && px > 0; px--) {
        pull(m, instrument, px);
    }
}

static uint32_t px_start(const maker *m) {
    return 1u << (m->regime->levels_log2 - 1);
}

/* Where the swing is: from the start up by `swing` per cent at half of the measured part, back at
 * its end. */
static uint32_t swing_goal(const maker *m) {
    const size_t done = m->at < m->warm ? 0 : m->at - m->warm;
    const size_t ops = m->def->ops;
    const size_t part = done < ops / 2 ? done : ops - done;
    const uint64_t height = (uint64_t)px_start(m) * m->regime->swing / 100;
    return px_start(m) + (uint32_t)(height * part * 2 / (ops + (ops == 0)));
}

/* At most one tick at a time: a run that is too short for its swing does not get all the way. */
static void middle_move(maker *m) {
    const flow_regime *r = m->regime;
    if (r->swing > 0) {
        const uint32_t goal = swing_goal(m);
        if (goal > m->middle[0]) {
            middle_rise(m, 0);
        } else if (goal < m->middle[0]) {
            middle_fall(m, 0);
        }
    } else if (r->walk > 0 && draw_below(m, r->walk) == 0) {
        const uint32_t instrument = draw_below(m, r->instruments);
        const uint32_t start = px_start(m);
        const uint32_t span = start / 4;
        const bool up = draw_below(m, 2) == 0;
        if (up && m->middle[instrument] < start + span) {
            middle_rise(m, instrument);
        } else if (!up && m->middle[instrument] > start - span) {
            middle_fall(m, instrument);
        }
    }
}

/* --- The whole -------------------------------------------------------------------------------- */

static void tables_fill(maker *m) {
    for (uint32_t i = 0; i < GEOMETRIC; i++) {
        const double u = (i + 0.5) / GEOMETRIC;
        m->geometric[i] = (uint32_t)(-log(u) * m->regime->distance);
    }
    const uint32_t instruments = m->regime->instruments;
    double sum = 0;
    for (uint32_t i = 0; i < instruments; i++) {
        sum += 1.0 / (i + 1);
        m->zipf[i] = sum;
        m->middle[i] = px_start(m);
    }
    for (uint32_t i = 0; i < instruments; i++) {
        m->zipf[i] /= sum;
    }
}

static void books_fill(maker *m) {
    while (m->at < m->target) {
        const unsigned side = draw_below(m, 2) == 0 ? TRD_BUY : TRD_SELL;
        const uint32_t instrument = draw_instrument(m);
        const uint32_t px = px_behind(m, instrument, side);
        m->stayers[m->stayer_count++] = emit_new(m, TRD_TIF_GTC, side, instrument, px);
    }
}

static void books_churn(maker *m, size_t end) {
    while (m->at < end) {
        acts_ripen(m);
        const uint32_t at = m->due_head;
        if (at == NONE || !draw_chance(m, ODDS_ACT)) {
            make_new(m);
            middle_move(m);
            continue;
        }
        const act due = m->acts[at];
        m->due_head = due.next;
        m->acts[at].next = m->act_free;
        m->act_free = at;
        if (due.what == ACT_CANCEL) {
            make_cancel(m, due.serial);
        } else {
            make_replace(m, due.serial);
        }
        middle_move(m);
    }
}

static void maker_init(maker *m, size_t total) {
    /* Every order is canceled, replaced, pulled and made room with at most once each. */
    const uint32_t instruments = m->regime->instruments;
    m->book_of = bench_alloc((total + 1) * sizeof(*m->book_of));
    m->pulled = bench_alloc(total + 1);
    m->stayers = bench_alloc((total + 1) * sizeof(*m->stayers));
    m->acts = bench_alloc((4 * total + 1) * sizeof(*m->acts));
    m->middle = bench_alloc(instruments * sizeof(*m->middle));
    m->zipf = bench_alloc(instruments * sizeof(*m->zipf));
    const baseline_def def = {
        .instruments = instruments,
        .levels_log2 = m->regime->levels_log2,
        .orders_max = (uint32_t)total + 1,
        .id_max = total,
    };
    m->model_size = baseline_footprint(&def);
    m->model = baseline_init(bench_alloc(m->model_size), &def);
    tables_fill(m);
}

static void maker_fini(maker *m, size_t total) {
    const uint32_t instruments = m->regime->instruments;
    bench_free(m->book_of, (total + 1) * sizeof(*m->book_of));
    bench_free(m->pulled, total + 1);
    bench_free(m->stayers, (total + 1) * sizeof(*m->stayers));
    bench_free(m->acts, (4 * total + 1) * sizeof(*m->acts));
    bench_free(m->middle, instruments * sizeof(*m->middle));
    bench_free(m->zipf, instruments * sizeof(*m->zipf));
    bench_free(m->model, m->model_size);
}

flow flow_make(const flow_def *def) {
    static maker m;
    m = (maker){.regime = def->regime, .def = def, .rng = bench_mix(def->seed + 1)};
    m.target = def->resting != 0 ? def->resting : def->regime->resting;
    m.warm = m.target + (def->ops < CHURN_MAX ? def->ops : CHURN_MAX);
    const size_t total = m.warm + def->ops;
    flow made = {.def = *def, .warm = m.warm, .ops = def->ops};
    made.size = total * sizeof(trd_command);
    made.commands = bench_alloc(made.size);
    m.out = &made;
    maker_init(&m, total);
    books_fill(&m);
    books_churn(&m, total);
    made.id_max = m.serials;
    maker_fini(&m, total);
    return made;
}

void flow_free(flow *made) {
    bench_free(made->commands, made->size);
    *made = (flow){.size = 0};
}
