#include "replay/feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <tradsys/codec/itch.h>

#include "replay/source.h"
#include "replay/symbols.h"

static void put(feed *at, const trd_itch_msg *msg) {
    uint8_t bytes[2 + TRD_ITCH_SIZE_MAX];
    const int size = trd_itch_encode(msg, bytes + 2, TRD_ITCH_SIZE_MAX);
    if (size < 0) {
        at->left_out++;
        return;
    }
    bytes[0] = 0;
    bytes[1] = (uint8_t)size;
    fwrite(bytes, 1, (size_t)size + 2, at->out);
}

int feed_open(feed *at, const char *path) {
    *at = (feed){.out = fopen(path, "wb"), .path = path};
    if (at->out == NULL) {
        return complain(path, 0, "%s", strerror(errno));
    }
    put(at, &(trd_itch_msg){.type = TRD_ITCH_SYSTEM_EVENT, .u.system.event = 'O'});
    return EXIT_DONE;
}

static void stock_of(const trd_instrument *spec, char out[TRD_ITCH_STOCK_SIZE]) {
    const size_t size = strlen(spec->symbol);
    memset(out, ' ', TRD_ITCH_STOCK_SIZE);
    memcpy(out, spec->symbol, size < TRD_ITCH_STOCK_SIZE ? size : TRD_ITCH_STOCK_SIZE);
}

void feed_instrument(feed *at, uint32_t index, const trd_instrument *spec) {
    if (at->out == NULL) {
        return;
    }
    at->specs = memory_or_end(realloc(at->specs, (index + 1) * sizeof(*spec)));
    at->specs[index] = *spec;
    at->count = index + 1;
    trd_itch_msg msg = {.type = TRD_ITCH_STOCK_DIRECTORY, .locate = (uint16_t)(index + 1)};
    stock_of(spec, msg.u.directory.stock);
    msg.u.directory.round_lot_qty = 1;
    memset(&msg.u.directory.market_category, ' ', 12);
    put(at, &msg);
}

/* Ticks as 1/10,000: false if the price has more decimals or does not fit. */
static bool itch_px(const trd_instrument *spec, trd_px px, uint32_t *out) {
    wide value = (wide)px * spec->tick_size;
    for (unsigned i = spec->px_scale; i < TRD_ITCH_PX_SCALE; i++) {
        value *= 10;
    }
    for (unsigned i = spec->px_scale; i > TRD_ITCH_PX_SCALE; i--) {
        if (value % 10 != 0) {
            return false;
        }
        value /= 10;
    }
    *out = (uint32_t)value;
    return value >= 0 && value <= UINT32_MAX;
}

static bool make(const trd_event *event, const trd_instrument *spec, trd_itch_msg *msg) {
    const trd_ev_public *order = &event->u.displayed;
    uint32_t px;
    if (!itch_px(spec, order->px, &px) || order->changed < 0 || order->changed > UINT32_MAX) {
        return false;
    }
    switch (event->status) {
    case TRD_ORDER_ADDED:
        msg->type = TRD_ITCH_ADD;
        msg->u.add = (trd_itch_add){.ref = order->order,
            .qty = (uint32_t)order->qty,
            .px = px,
            .side = event->side == TRD_BUY ? 'B' : 'S'};
        stock_of(spec, msg->u.add.stock);
        return order->qty <= UINT32_MAX;
    case TRD_ORDER_EXECUTED:
        msg->type = TRD_ITCH_EXECUTED;
        msg->u.executed = (trd_itch_executed){.ref = order->order, .qty = (uint32_t)order->changed};
        return true;
    case TRD_ORDER_REDUCED:
        msg->type = TRD_ITCH_CANCEL;
        msg->u.cancel = (trd_itch_cancel){.ref = order->order, .qty = (uint32_t)order->changed};
        return true;
    default:
        msg->type = TRD_ITCH_DELETE;
        msg->u.removed = (trd_itch_removed){.ref = order->order};
        return true;
    }
}

void feed_order(feed *at, const trd_event *event) {
    if (at->out == NULL) {
        return;
    }
    trd_itch_msg msg = {.time = event->time, .locate = (uint16_t)(event->instrument + 1)};
    if (event->instrument >= UINT16_MAX || !make(event, &at->specs[event->instrument], &msg)) {
        at->left_out++;
        return;
    }
    if (msg.type == TRD_ITCH_EXECUTED) {
        msg.u.executed.match = ++at->matches;
    }
    put(at, &msg);
}

int feed_close(feed *at) {
    if (at->out == NULL) {
        return EXIT_DONE;
    }
    static const uint8_t end[2] = {0, 0};
    int result = EXIT_DONE;
    put(at, &(trd_itch_msg){.type = TRD_ITCH_SYSTEM_EVENT, .u.system.event = 'C'});
    fwrite(end, 1, sizeof(end), at->out);
    const bool failed = ferror(at->out) != 0;
    if (fclose(at->out) != 0 || failed) {
        result = complain(at->path, 0, "cannot be written");
    } else if (at->left_out > 0) {
        complain(at->path, 0, "%llu messages do not fit ITCH and were left out",
            (unsigned long long)at->left_out);
        result = EXIT_MISMATCH;
    }
    free(at->specs);
    *at = (feed){0};
    return result;
}
