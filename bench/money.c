/* money.c - see money.h. */
#include "money.h"

#include <stdbool.h>
#include <string.h>

#include "bench.h"

const money_regime money_regimes[] = {
    {"accounts-1", 2},
    {"accounts-1M", 1000000},
    {.name = NULL},
};

const money_regime *money_find(const char *name) {
    for (const money_regime *r = money_regimes; r->name != NULL; r++) {
        if (strcmp(r->name, name) == 0) {
            return r;
        }
    }
    return NULL;
}

/* The best price is one tick from the middle, and never holds more than TOUCH_MAX orders. */
enum { SLOTS = 1024 }; /* order handles that the asks walk through */
enum { TOUCH_MAX = 64, BEHIND_MAX = 2 * MONEY_RESTING, ODDS_TOUCH = 200, ODDS_WHOLE = 500 };

typedef struct order {
    uint64_t id;
    uint64_t value; /* executed so far */
    trd_qty left;
    uint32_t account;
} order;

/* Orders of one side: those at the best price, first first, and those behind it. */
typedef struct book_side {
    order touch[TOUCH_MAX];
    uint32_t touch_count;
    order behind[BEHIND_MAX];
    uint32_t behind_count;
    uint32_t turns; /* accounts of this side that had theirs */
} book_side;

typedef struct maker {
    money *out;
    book_side sides[2]; /* buyers, sellers */
    uint32_t *turn;     /* in which order accounts come: a permutation of half of them */
    uint64_t rng;
    uint64_t ids;
    size_t at;
} maker;

/* --- Randomness ------------------------------------------------------------------------------- */

/* A number in [0, limit). */
static uint64_t draw(maker *m, uint64_t limit) {
    m->rng += BENCH_GOLDEN;
    return bench_mix(m->rng) % limit;
}

static bool draw_chance(maker *m, uint32_t per_mille) {
    return draw(m, 1000) < per_mille;
}

static void shuffle(maker *m) {
    const uint32_t half = m->out->accounts / 2;
    for (uint32_t i = 0; i < half; i++) {
        m->turn[i] = i;
    }
    for (uint32_t i = half; i > 1; i--) {
        const uint32_t other = (uint32_t)draw(m, i);
        const uint32_t kept = m->turn[i - 1];
        m->turn[i - 1] = m->turn[other];
        m->turn[other] = kept;
    }
}

/* The next account of a side: each has its turn before one has its second. */
static uint32_t account_next(maker *m, unsigned side) {
    const uint32_t turn = m->sides[side - TRD_BUY].turns++ % (m->out->accounts / 2);
    return 2 * m->turn[turn] + (side == TRD_SELL);
}

/* --- Money ------------------------------------------------------------------------------------ */

static uint64_t fee_of(uint64_t value, uint64_t ppb) {
    return (value * ppb + TRD_RATE_ONE - 1) / TRD_RATE_ONE;
}

uint64_t money_lock(unsigned side, trd_px px, trd_qty qty) {
    const uint64_t value = (uint64_t)px * (uint64_t)qty;
    return side == TRD_BUY ? value + fee_of(value, MONEY_TAKER_PPB) : (uint64_t)qty;
}

static unsigned asset_of(unsigned side) {
    return side == TRD_BUY ? MONEY_QUOTE : MONEY_BASE;
}

/* --- Commands --------------------------------------------------------------------------------- */

static trd_command *command_next(maker *m, unsigned kind, uint32_t account) {
    trd_command *command = &m->out->commands[m->at++];
    *command = (trd_command){
        .kind = (uint8_t)kind, .slots = 1, .time = (trd_ns)m->at * 100, .account = account};
    return command;
}

static order enter_for(
    maker *m, uint32_t account, unsigned side, unsigned tif, trd_px px, trd_qty qty) {
    const order made = {.id = bench_mix(++m->ids), .left = qty, .account = account};
    trd_command *command = command_next(m, TRD_COMMAND_NEW, account);
    command->u.order = (trd_new){.client_id = made.id,
        .px = px,
        .qty = qty,
        .side = (uint8_t)side,
        .type = TRD_TYPE_LIMIT,
        .tif = (uint8_t)tif};
    m->out->end.orders++;
    m->out->end.locked[asset_of(side)] += money_lock(side, px, qty);
    return made;
}

static order enter(maker *m, unsigned side, unsigned tif, trd_px px, trd_qty qty) {
    return enter_for(m, account_next(m, side), side, tif, px, qty);
}

static void cancel(maker *m, const order *o) {
    command_next(m, TRD_COMMAND_CANCEL, o->account)->u.cancel.target = o->id;
}

static trd_qty draw_qty(maker *m) {
    return 1 + (trd_qty)draw(m, MONEY_QTY_MAX);
}

/* The price `distance` ticks from the middle. */
static trd_px px_at(unsigned side, trd_px distance) {
    return side == TRD_BUY ? MONEY_MIDDLE - distance : MONEY_MIDDLE + distance;
}

static order enter_behind(maker *m, unsigned side) {
    const trd_px distance = 2 + (trd_px)draw(m, MONEY_DEPTH - 1);
    return enter(m, side, TRD_TIF_GTC, px_at(side, distance), draw_qty(m));
}

static void behind(maker *m, unsigned side) {
    book_side *s = &m->sides[side - TRD_BUY];
    const bool enters =
        s->behind_count < BEHIND_MAX && draw(m, 2 * MONEY_RESTING) >= s->behind_count;
    if (enters) {
        s->behind[s->behind_count++] = enter_behind(m, side);
        return;
    }
    order *gone = &s->behind[draw(m, s->behind_count)];
    cancel(m, gone);
    *gone = s->behind[--s->behind_count];
}

/* What the first order at the best price executes against an IOC of the other side. */
static void take(maker *m, unsigned side) {
    book_side *s = &m->sides[side - TRD_BUY];
    order *first = &s->touch[0];
    money_end *end = &m->out->end;
    const trd_px px = px_at(side, 1);
    const bool whole = draw_chance(m, ODDS_WHOLE);
    const trd_qty qty = whole ? first->left : 1 + (trd_qty)draw(m, (uint64_t)first->left);
    const uint64_t value = (uint64_t)px * (uint64_t)qty;
    enter(m, side == TRD_BUY ? TRD_SELL : TRD_BUY, TRD_TIF_IOC, px, qty);
    end->executions++;
    end->lots += (uint64_t)qty;
    end->value += value;
    end->fees += fee_of(value, MONEY_TAKER_PPB);
    end->fees += fee_of(first->value + value, MONEY_MAKER_PPB) -
                 fee_of(first->value, MONEY_MAKER_PPB); /* rounded once for an order */
    first->value += value;
    first->left -= qty;
    if (first->left == 0) {
        s->touch_count--;
        memmove(first, first + 1, s->touch_count * sizeof(*first));
    }
}

static void touch(maker *m, unsigned side) {
    book_side *s = &m->sides[side - TRD_BUY];
    const bool enters = s->touch_count < TOUCH_MAX && draw(m, TOUCH_MAX) >= s->touch_count;
    if (enters) {
        s->touch[s->touch_count++] = enter(m, side, TRD_TIF_GTC, px_at(side, 1), draw_qty(m));
    } else {
        take(m, side);
    }
}

/* --- A load ----------------------------------------------------------------------------------- */

/* Accounts come in the order of their numbers here, in random order later: what is next to each
 * other in memory is not used one after the other. */
static void make_warm(maker *m) {
    for (uint32_t i = 0; i < m->out->accounts; i++) {
        const unsigned side = i % 2 == 0 ? TRD_BUY : TRD_SELL;
        const order visit =
            enter_for(m, i, side, TRD_TIF_GTC, px_at(side, MONEY_DEPTH), draw_qty(m));
        cancel(m, &visit);
    }
    for (uint32_t i = 0; i < 2 * MONEY_RESTING; i++) {
        const unsigned side = i % 2 == 0 ? TRD_BUY : TRD_SELL;
        book_side *s = &m->sides[side - TRD_BUY];
        s->behind[s->behind_count++] = enter_behind(m, side);
    }
}

static void make_ops(maker *m) {
    for (size_t i = 0; i < m->out->ops; i++) {
        const unsigned side = draw(m, 2) == 0 ? TRD_BUY : TRD_SELL;
        if (draw_chance(m, ODDS_TOUCH)) {
            touch(m, side);
        } else {
            behind(m, side);
        }
    }
}

static void make_asks(maker *m) {
    for (size_t i = 0; i < m->out->ops; i++) {
        const unsigned side = draw(m, 2) == 0 ? TRD_BUY : TRD_SELL;
        trd_ask *ask = &m->out->asks[i];
        *ask = (trd_ask){.order = (trd_order)(i / SLOTS + 1) << 32 | (i % SLOTS + 1),
            .account = account_next(m, side),
            .kind = TRD_ASK_NEW,
            .side = (uint8_t)side,
            .has_px = 1,
            .px = px_at(side, 1 + (trd_px)draw(m, MONEY_DEPTH)),
            .qty = draw_qty(m),
            .now = (trd_ns)(i + 1) * 100};
        m->out->asked[asset_of(side)] += money_lock(side, ask->px, ask->qty);
    }
}

static size_t commands_size(const money *load) {
    return (load->warm + load->ops) * sizeof(*load->commands);
}

static size_t asks_size(const money *load) {
    return load->ops * sizeof(*load->asks);
}

money money_make(const money_def *def) {
    static maker m;
    money load = {.def = *def, .ops = def->ops};
    load.accounts = def->accounts != 0 ? def->accounts : def->regime->accounts;
    load.warm = 2 * (size_t)load.accounts + 2 * MONEY_RESTING;
    load.orders_max = 2 * (BEHIND_MAX + TOUCH_MAX) + 1;
    load.commands = bench_alloc(commands_size(&load));
    load.asks = bench_alloc(asks_size(&load));
    const size_t turn_size = load.accounts / 2 * sizeof(*m.turn);
    m = (maker){.out = &load, .rng = def->seed, .turn = bench_alloc(turn_size)};
    shuffle(&m);
    make_warm(&m);
    make_ops(&m);
    for (int i = 0; i < 2; i++) {
        load.end.resting += m.sides[i].touch_count + m.sides[i].behind_count;
    }
    make_asks(&m);
    bench_free(m.turn, turn_size);
    return load;
}

void money_free(money *load) {
    bench_free(load->commands, commands_size(load));
    bench_free(load->asks, asks_size(load));
    *load = (money){.warm = 0};
}
