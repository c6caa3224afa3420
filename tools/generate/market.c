#include "generate/market.h"

#include <stdlib.h>
#include <string.h>

/* symbol,tick,lot,px_min,px_max,qty_min,qty_max,step,value_min,value_max,tick table */
const listing listings[SYMBOL_COUNT] = {
    {"AURA,0.01,1,0.01,2000.00,1,1000000", "AURA", 2, 0, 1, 18235, 1, 100, 1, 300, 600},
    {"BOLT,0.01,1,0.01,2000.00,1,1000000", "BOLT", 2, 0, 1, 4710, 1, 100, 1, 200, 400},
    {"CRUX,0.05,10,0.05,5000.00,10,500000", "CRUX", 2, 0, 5, 24610, 1, 200, 10, 150, 300},
    {"DUNE,0.0001,1000,0.0001,100.0000,1000,100000000", "DUNE", 4, 0, 1, 10842, 1, 100000, 1000,
        120, 250},
    {"ECHO,0.1,0.0001,0.1,1000000.0,0.0010,1000", "ECHO", 1, 4, 1, 412500, 1, 2500, 10, 100, 400},
    {"FLUX,1,1,1,1000000,1,100000", "FLUX", 0, 0, 1, 1250, 1, 5, 1, 60, 150},
    {"GALE,0.001,1,0.001,500.000,10,100000,10,,,0.001:0.001;10.000:0.005", "GALE", 3, 0, 1, 14250,
        5, 500, 10, 40, 100},
    {"HALO,0.01,1,0.01,500.00,1,100000,,50.00,400000.00", "HALO", 2, 0, 1, 980, 1, 300, 10, 30, 80},
};

enum { MAKERS = 24, TAKERS = 400, TAKER_FIRST = 1001 };

void number_text(char out[32], int64_t value, unsigned scale) {
    const uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t unit = 1;
    for (unsigned i = 0; i < scale; i++) {
        unit *= 10;
    }
    const char *sign = value < 0 ? "-" : "";
    if (scale == 0) {
        snprintf(out, 32, "%s%llu", sign, (unsigned long long)size);
    } else {
        snprintf(out, 32, "%s%llu.%0*llu", sign, (unsigned long long)(size / unit), (int)scale,
            (unsigned long long)(size % unit));
    }
}

static void px_text(char out[32], const market *in, int64_t px) {
    number_text(out, px * in->is->tick, in->is->px_scale);
}

static void qty_text(char out[32], const market *in, int64_t qty) {
    number_text(out, qty, in->is->qty_scale);
}

/* --- The book ----------------------------------------------------------------------------------
 */

static void forget(market *in, int64_t index) {
    in->ended[in->ended_count++ % ENDED_MAX] = in->orders[index];
    in->count--;
    memmove(&in->orders[index], &in->orders[index + 1],
        (size_t)(in->count - index) * sizeof(in->orders[0]));
}

static void rest(market *in, resting order) {
    if (in->count == RESTING_MAX) {
        forget(in, 0);
    }
    in->orders[in->count++] = order;
}

/* The order that an incoming one would trade with next, -1 if there is none. */
static int64_t first_of(const market *in, bool buy) {
    int64_t found = -1;
    for (int64_t i = 0; i < in->count; i++) {
        const resting *order = &in->orders[i];
        if (order->buy == buy && (found < 0 || (buy ? order->px > in->orders[found].px
                                                    : order->px < in->orders[found].px))) {
            found = i;
        }
    }
    return found;
}

static bool crosses(bool buy, int64_t px, int64_t other) {
    return buy ? px >= other : px <= other;
}

/* What an order could trade at once. */
static int64_t reachable(const market *in, bool buy, bool any, int64_t px) {
    int64_t sum = 0;
    for (int64_t i = 0; i < in->count; i++) {
        const resting *order = &in->orders[i];
        sum += order->buy != buy && (any || crosses(buy, px, order->px)) ? order->qty : 0;
    }
    return sum;
}

/* Executes up to qty and returns what is left. The meeting point follows the trading. */
static int64_t execute(market *in, bool buy, bool any, int64_t px, int64_t qty) {
    while (qty > 0) {
        const int64_t at = first_of(in, !buy);
        if (at < 0 || !(any || crosses(buy, px, in->orders[at].px))) {
            break;
        }
        resting *order = &in->orders[at];
        const int64_t done = qty < order->qty ? qty : order->qty;
        in->fair += (buy ? 12 : -12) * in->is->step;
        qty -= done;
        order->qty -= done;
        if (order->qty == 0) {
            forget(in, at);
        }
    }
    return qty;
}

/* --- Commands ----------------------------------------------------------------------------------
 */

void session_order(session *at, market *in, bool buy, int64_t qty, const order_text *as) {
    const bool any = strcmp(as->type, "market") == 0;
    const bool post = strcmp(as->flags, "post_only") == 0;
    const bool stays = strcmp(as->tif, "gtc") == 0 && !any;
    const uint32_t account = (uint32_t)(stays ? 1 + rng_below(&at->random, MAKERS)
                                              : TAKER_FIRST + rng_below(&at->random, TAKERS));
    char px[32] = "", lots[32], minimum[32] = "";
    if (!any) {
        px_text(px, in, as->px);
    }
    if (as->minimum > 0) {
        qty_text(minimum, in, as->minimum);
    }
    qty_text(lots, in, qty);
    fprintf(at->out, "new,%lld,%s,%u,%llu,%s,%s,%s,%s,%s,%s,%s\n", (long long)at->time,
        in->is->name, account, (unsigned long long)++at->ids, buy ? "buy" : "sell", as->type,
        as->tif, px, lots, as->flags, minimum);
    const int64_t found = reachable(in, buy, any, as->px);
    if ((post && found > 0) || (strcmp(as->tif, "fok") == 0 && found < qty) ||
        found < as->minimum) {
        return;
    }
    const int64_t left = execute(in, buy, any, as->px, qty);
    if (left > 0 && stays) {
        rest(in, (resting){at->ids, as->px, left, account, buy});
    }
}

static int64_t draw_qty(session *at, const market *in) {
    const int64_t units = 1 + rng_run(&at->random, 550, 40);
    int64_t qty = units * in->is->unit;
    if (rng_chance(&at->random, 150)) { /* odd quantities */
        qty = 1 + (int64_t)rng_below(&at->random, (uint64_t)qty);
    }
    return (qty + in->is->grain - 1) / in->is->grain * in->is->grain;
}

static int64_t on_step(const market *in, int64_t px) {
    const int64_t rounded = px / in->is->step * in->is->step;
    return rounded > in->is->step ? rounded : in->is->step;
}

/* Makers look at the book: what they mean to rest does not cross, but for some who are too late. */
static int64_t passive_px(session *at, const market *in, bool buy) {
    const int64_t away = 1 + rng_run(&at->random, 780, 60);
    const int64_t other = first_of(in, !buy);
    int64_t px = in->fair / 256 + (buy ? -away : away) * in->is->step;
    if (other >= 0 && crosses(buy, px, in->orders[other].px) && !rng_chance(&at->random, 60)) {
        px = in->orders[other].px + (buy ? -in->is->step : in->is->step);
    }
    return on_step(in, px);
}

static void make(session *at, market *in) {
    const bool buy = rng_chance(&at->random, 500);
    const order_text as = {.type = "limit",
        .tif = "gtc",
        .flags = rng_chance(&at->random, 250) ? "post_only" : "",
        .px = passive_px(at, in, buy)};
    session_order(at, in, buy, draw_qty(at, in), &as);
}

static void take(session *at, market *in) {
    const bool buy = rng_chance(&at->random, 500);
    const uint64_t kind = rng_below(&at->random, 100);
    const int64_t qty = draw_qty(at, in);
    const int64_t reach = 1 + rng_run(&at->random, 600, 12);
    order_text as = {.type = kind < 15 ? "market" : "limit",
        .tif = kind < 70   ? "ioc"
               : kind < 85 ? "fok"
                           : "gtc",
        .flags = "",
        .px = on_step(in, in->fair / 256 + (buy ? reach : -reach) * in->is->step)};
    if (kind >= 60 && kind < 70) {
        as.minimum = (qty / 2 + in->is->grain - 1) / in->is->grain * in->is->grain;
    }
    session_order(at, in, buy, qty, &as);
}

static void cancel(session *at, market *in) {
    const bool late = in->ended_count >= ENDED_MAX && rng_chance(&at->random, 30);
    const int64_t index = (int64_t)rng_below(&at->random, (uint64_t)in->count);
    const resting order = late ? in->ended[rng_below(&at->random, ENDED_MAX)] : in->orders[index];
    fprintf(at->out, "cancel,%lld,%s,%u,%llu\n", (long long)at->time, in->is->name, order.account,
        (unsigned long long)order.id);
    if (!late) {
        forget(in, index);
    }
}

static void reduce(session *at, market *in) {
    const int64_t index = (int64_t)rng_below(&at->random, (uint64_t)in->count);
    resting *order = &in->orders[index];
    char lots[32];
    const int64_t grains = order->qty / in->is->grain;
    const int64_t qty = (1 + (int64_t)rng_below(&at->random, (uint64_t)grains)) * in->is->grain;
    qty_text(lots, in, qty);
    fprintf(at->out, "reduce,%lld,%s,%u,%llu,%s\n", (long long)at->time, in->is->name,
        order->account, (unsigned long long)order->id, lots);
    order->qty -= qty;
    if (order->qty <= 0) {
        forget(in, index);
    }
}

/* A new price, as makers follow the market; every third time with a new id. The total stays. */
static void reprice(session *at, market *in) {
    const int64_t index = (int64_t)rng_below(&at->random, (uint64_t)in->count);
    resting order = in->orders[index];
    char px[32], id[32] = "";
    order.px = passive_px(at, in, order.buy);
    px_text(px, in, order.px);
    const uint64_t old = order.id;
    if (rng_chance(&at->random, 333)) {
        order.id = ++at->ids;
        number_text(id, (int64_t)order.id, 0);
    }
    fprintf(at->out, "replace,%lld,%s,%u,%llu,%s,%s,\n", (long long)at->time, in->is->name,
        order.account, (unsigned long long)old, id, px);
    forget(in, index);
    order.qty = execute(in, order.buy, false, order.px, order.qty);
    if (order.qty > 0) {
        rest(in, order);
    }
}

static market *choose(session *at) {
    uint64_t left = rng_below(&at->random, 1000);
    unsigned i = 0;
    while (i + 1 < SYMBOL_COUNT && left >= listings[i].share) {
        left -= listings[i].share;
        i++;
    }
    return &at->markets[i];
}

/* --- The session -------------------------------------------------------------------------------
 */

void session_begin(session *at, FILE *out, uint64_t seed) {
    memset(at, 0, sizeof(*at));
    at->out = out;
    at->random.state = seed;
    fprintf(out, "# tradsys-orders 1\n# generated session, seed %llu\n", (unsigned long long)seed);
    for (unsigned i = 0; i < SYMBOL_COUNT; i++) {
        at->markets[i].is = &listings[i];
        at->markets[i].fair = listings[i].px * 256;
        fprintf(out, "instrument,%s\n", listings[i].row);
    }
}

/* The fuller a book the more is canceled, so that it stays about as full as it should be. */
void session_command(session *at, int64_t time) {
    market *in = choose(at);
    at->time = time;
    at->written++;
    in->fair += ((int64_t)rng_below(&at->random, 65) - 32) * in->is->step;
    if (in->fair < 8 * 256 * in->is->step) {
        in->fair += 256 * in->is->step;
    }
    const int64_t full = 1000 * in->count / in->is->resting;
    const uint64_t kind = rng_below(&at->random, 1000);
    if (kind < 5) {
        session_invalid(at);
    } else if (kind < 120) {
        take(at, in);
    } else if (in->count < 4 || full < 300) {
        make(at, in);
    } else if (kind < 270) {
        reprice(at, in);
    } else if (kind < 285) {
        reduce(at, in);
    } else if ((int64_t)rng_below(&at->random, 2000) < full) {
        cancel(at, in);
    } else {
        make(at, in);
    }
}
