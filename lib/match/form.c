/* form.c - the closer look at records that are not plain. */
#include "match/form.h"

#include <string.h>

enum {
    FLAGS_ALL = TRD__FLAGS_REPLACE | TRD__FLAGS_LATER,
    EXEC_ALL = TRD_EXEC_POST_ONLY | TRD_EXEC_POST_ONLY_SLIDE | TRD_EXEC_REDUCE_ONLY |
               TRD_EXEC_CLOSE_POSITION | TRD_EXEC_HIDDEN | TRD_EXEC_ALL_OR_NONE |
               TRD_EXEC_SINGLE_PRICE | TRD_EXEC_PEAK_RANDOM | TRD_EXEC_PEAK_IN_PLACE |
               TRD_EXEC_BUDGET,
    PRICES_ALL = TRD_PRICES_TRIGGER | TRD_PRICES_ACTIVATION | TRD_PRICES_CAP | TRD_PRICES_OFFSET |
                 TRD_PRICES_LIMIT_OFFSET,
    SIZES_ALL = TRD_SIZES_MINIMUM | TRD_SIZES_PEAK | TRD_SIZES_PEAK_RANGE | TRD_SIZES_BUDGET,
    LINK_ALL = TRD_LINK_EXPIRY | TRD_LINK_FULL_FILL | TRD_LINK_OWNER
};

/* The extensions of an order. */
typedef struct extensions {
    bool has_prices;
    bool has_sizes;
    bool has_link;
    trd_ext_sizes sizes;
} extensions;

static bool slots_readable(const trd_command *command, size_t slots) {
    return command->slots >= 1 && command->slots <= TRD_SLOTS_MAX && command->slots <= slots;
}

static bool prices_formed(const void *slot) {
    trd_ext_prices prices;
    memcpy(&prices, slot, sizeof(prices));
    return prices.slots == 0 && (prices.flags & ~PRICES_ALL) == 0 && prices.reserved0 == 0 &&
           prices.reserved == 0;
}

static bool sizes_formed(const void *slot, trd_ext_sizes *sizes) {
    memcpy(sizes, slot, sizeof(*sizes));
    return sizes->slots == 0 && (sizes->flags & ~SIZES_ALL) == 0 && sizes->reserved0 == 0 &&
           sizes->reserved == 0;
}

static bool link_formed(const void *slot) {
    trd_ext_link link;
    memcpy(&link, slot, sizeof(link));
    return link.slots == 0 && (link.flags & ~LINK_ALL) == 0 && link.reserved == 0;
}

/* Reads the extension slots behind an order's base; false if any is not well formed. */
static bool extensions_read(const trd_command *command, extensions *out) {
    *out = (extensions){0};
    for (unsigned i = 1; i < command->slots; i++) {
        const trd_command *slot = command + i;
        bool formed = false;
        bool *seen = NULL;
        switch (slot->kind) {
        case TRD_EXT_ORDER_PRICES:
            formed = prices_formed(slot);
            seen = &out->has_prices;
            break;
        case TRD_EXT_ORDER_SIZES:
            formed = sizes_formed(slot, &out->sizes);
            seen = &out->has_sizes;
            break;
        case TRD_EXT_ORDER_LINK:
            formed = link_formed(slot);
            seen = &out->has_link;
            break;
        default:
            return false;
        }
        if (!formed || *seen) {
            return false;
        }
        *seen = true;
    }
    return true;
}

static bool new_formed(const trd_command *command, size_t slots, extensions *more) {
    const trd_new *order = &command->u.order;
    return slots_readable(command, slots) && (command->flags & ~TRD__FLAGS_LATER) == 0 &&
           order->reserved == 0 && (order->exec & ~EXEC_ALL) == 0 && order->stp <= TRD_STP_REJECT &&
           order->position <= TRD_POSITION_SHORT && extensions_read(command, more);
}

static bool new_supported(const trd_command *command, const extensions *more) {
    const trd_new *order = &command->u.order;
    const bool later_type = order->type > TRD_TYPE_MARKET && order->type <= TRD_TYPE_PEGGED;
    const bool later_tif = order->tif > TRD_TIF_FOK && order->tif <= TRD_TIF_GTT;
    const trd_ext_sizes *sizes = &more->sizes;
    const bool later_sizes =
        sizes->peak != 0 || sizes->peak_range != 0 || sizes->budget != 0 || sizes->seed != 0;
    return command->flags == 0 && !more->has_prices && !more->has_link && !later_sizes &&
           !later_type && !later_tif && (order->exec & ~TRD_EXEC_POST_ONLY) == 0 &&
           order->stp == 0 && order->position == 0;
}

unsigned trd__form_new(const trd_command *command, size_t slots, trd_qty *minimum) {
    const trd_new *order = &command->u.order;
    extensions more;
    if (!new_formed(command, slots, &more)) {
        return TRD_REJECT_MALFORMED;
    }
    if (!new_supported(command, &more)) {
        return TRD_REJECT_UNSUPPORTED;
    }
    if (order->side != TRD_BUY && order->side != TRD_SELL) {
        return TRD_REJECT_BAD_SIDE;
    }
    if (order->type != TRD_TYPE_LIMIT && order->type != TRD_TYPE_MARKET) {
        return TRD_REJECT_BAD_TYPE;
    }
    if (order->tif < TRD_TIF_GTC || order->tif > TRD_TIF_FOK) {
        return TRD_REJECT_BAD_TIF;
    }
    *minimum = more.sizes.minimum;
    const bool market = order->type == TRD_TYPE_MARKET;
    const bool post_only = (order->exec & TRD_EXEC_POST_ONLY) != 0;
    if ((market && order->px != 0) ||
        (post_only && (market || order->tif != TRD_TIF_GTC || *minimum != 0))) {
        return TRD_REJECT_BAD_COMBINATION;
    }
    return 0;
}

unsigned trd__form_replace_closely(const trd_command *command, size_t slots) {
    const trd_replace *replace = &command->u.replace;
    const unsigned flags = command->flags;
    extensions more;
    if (!slots_readable(command, slots) || (flags & ~FLAGS_ALL) != 0 ||
        ((flags & TRD_COMMAND_NEW_ID) == 0 && replace->client_id != 0) ||
        ((flags & TRD_COMMAND_KEEP_PX) != 0 && replace->px != 0) ||
        ((flags & TRD_COMMAND_KEEP_QTY) != 0 && replace->qty != 0) ||
        !extensions_read(command, &more)) {
        return TRD_REJECT_MALFORMED;
    }
    return TRD_REJECT_UNSUPPORTED;
}

static bool kind_listed(unsigned kind) {
    switch (kind) {
#define TRD_COMMAND_ROW(name, number, text) case number:
#include <tradsys/command.def>
        return true;
    default:
        return false;
    }
}

static bool bytes_zero(const uint8_t *bytes, size_t size) {
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

unsigned trd__form_other(const trd_command *command, size_t slots) {
    const bool plain = command->slots == 1 && command->flags == 0;
    if (command->kind == TRD_COMMAND_TIMER) {
        return plain && bytes_zero(command->u.body, sizeof(command->u.body)) ? 0
                                                                             : TRD_REJECT_MALFORMED;
    }
    if (command->kind == TRD_COMMAND_SUBSCRIBE) {
        const trd_subscribe *subscribe = &command->u.subscribe;
        return plain && (subscribe->publish & ~(uint32_t)TRD_PUBLISH_ALL) == 0 &&
                       bytes_zero((const uint8_t *)subscribe->reserved, sizeof(subscribe->reserved))
                   ? 0
                   : TRD_REJECT_MALFORMED;
    }
    return kind_listed(command->kind) && slots_readable(command, slots) ? TRD_REJECT_UNSUPPORTED
                                                                        : TRD_REJECT_MALFORMED;
}
