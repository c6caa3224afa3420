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

static bool slots_readable(const trd_command *command, size_t slots) {
    return command->slots >= 1 && command->slots <= TRD_SLOTS_MAX && command->slots <= slots;
}

static bool prices_formed(const trd_ext_prices *prices) {
    return prices->slots == 0 && (prices->flags & ~PRICES_ALL) == 0 && prices->reserved0 == 0 &&
           prices->reserved == 0;
}

static bool sizes_formed(const trd_ext_sizes *sizes) {
    return sizes->slots == 0 && (sizes->flags & ~SIZES_ALL) == 0 && sizes->reserved0 == 0 &&
           sizes->reserved == 0;
}

static bool link_formed(const trd_ext_link *link) {
    return link->slots == 0 && (link->flags & ~LINK_ALL) == 0 && link->reserved == 0;
}

/* Reads the extension slots behind an order's base; false if any is not well formed. */
static bool extensions_read(const trd_command *command, trd_ticket *out) {
    *out = (trd_ticket){0};
    for (unsigned i = 1; i < command->slots; i++) {
        const trd_command *slot = command + i;
        bool formed = false;
        bool *seen = NULL;
        switch (slot->kind) {
        case TRD_EXT_ORDER_PRICES:
            memcpy(&out->prices, slot, sizeof(out->prices));
            formed = prices_formed(&out->prices);
            seen = &out->has_prices;
            break;
        case TRD_EXT_ORDER_SIZES:
            memcpy(&out->sizes, slot, sizeof(out->sizes));
            formed = sizes_formed(&out->sizes);
            seen = &out->has_sizes;
            break;
        case TRD_EXT_ORDER_LINK:
            memcpy(&out->link, slot, sizeof(out->link));
            formed = link_formed(&out->link);
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

static bool new_formed(const trd_command *command, size_t slots, trd_ticket *ticket) {
    const trd_new *order = &command->u.order;
    return slots_readable(command, slots) && (command->flags & ~TRD__FLAGS_LATER) == 0 &&
           order->reserved == 0 && (order->exec & ~EXEC_ALL) == 0 && order->stp <= TRD_STP_REJECT &&
           order->position <= TRD_POSITION_SHORT && extensions_read(command, ticket);
}

static bool new_supported(const trd_command *command, const trd_ticket *ticket, trd_keeps keeps) {
    const trd_new *order = &command->u.order;
    const bool positions = (order->exec & (TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION)) != 0 ||
                           order->position != 0;
    const bool linked = ticket->staged || ticket->link.link != 0;
    return (command->flags & ~TRD_COMMAND_STAGED) == 0 && (keeps.groups || !linked) &&
           (keeps.positions || !positions);
}

/* --- which combinations exist: docs/reference/special-orders.md ------------------------------- */

#define BIT(x) (1u << (x))

enum {
    TIF_REST = BIT(TRD_TIF_GTC) | BIT(TRD_TIF_DAY) | BIT(TRD_TIF_GTD) | BIT(TRD_TIF_GTT) |
               BIT(TRD_TIF_GFN),
    TIF_AUCTION = BIT(TRD_TIF_AT_OPEN) | BIT(TRD_TIF_AT_CLOSE) | BIT(TRD_TIF_GFA),
    TIF_STOP = BIT(TRD_TIF_GTC) | BIT(TRD_TIF_IOC) | BIT(TRD_TIF_FOK) | BIT(TRD_TIF_DAY) |
               BIT(TRD_TIF_GTD),
    RESTS_ALONE = TRD_EXEC_POST_ONLY | TRD_EXEC_POST_ONLY_SLIDE | TRD_EXEC_HIDDEN |
                  TRD_EXEC_ALL_OR_NONE, /* what needs an order that rests */
    ANY_TIF = (1 << (TRD_TIF_GTT + 1)) - 2
};

/* What a type asks for. */
typedef struct type_rule {
    uint16_t tifs;
    uint16_t never;     /* exec bits */
    uint8_t has_px;     /* 1: px is its limit; 0: px is zero */
    uint8_t prices;     /* flags of ORDER_PRICES that it needs; 0: no such slot */
    uint8_t more;       /* and those that it may have */
    uint8_t peak;       /* 1: may be an iceberg */
    uint8_t has_source; /* 1: watches one */
} type_rule;

static const type_rule type_rules[] = {
    [TRD_TYPE_LIMIT] = {.tifs = ANY_TIF & ~BIT(TRD_TIF_GTT), .has_px = 1, .peak = 1},
    [TRD_TYPE_MARKET] = {.tifs = BIT(TRD_TIF_GTC) | BIT(TRD_TIF_IOC) | BIT(TRD_TIF_FOK) |
                                 BIT(TRD_TIF_DAY) | BIT(TRD_TIF_GFN) | TIF_AUCTION,
        .never = RESTS_ALONE},
    [TRD_TYPE_MARKET_PROTECTED] = {.tifs = TIF_STOP | BIT(TRD_TIF_GFN),
        .never = TRD_EXEC_POST_ONLY,
        .prices = TRD_PRICES_OFFSET,
        .peak = 1},
    [TRD_TYPE_MARKET_TO_LIMIT] = {.tifs = (TIF_STOP | BIT(TRD_TIF_GFN)) & ~BIT(TRD_TIF_FOK),
        .never = TRD_EXEC_POST_ONLY | TRD_EXEC_ALL_OR_NONE,
        .peak = 1},
    [TRD_TYPE_STOP] = {.tifs = TIF_STOP | BIT(TRD_TIF_GTT),
        .never = RESTS_ALONE,
        .prices = TRD_PRICES_TRIGGER,
        .has_source = 1},
    [TRD_TYPE_STOP_LIMIT] = {.tifs = TIF_STOP | BIT(TRD_TIF_GTT),
        .has_px = 1,
        .prices = TRD_PRICES_TRIGGER,
        .peak = 1,
        .has_source = 1},
    [TRD_TYPE_TOUCHED] = {.tifs = TIF_STOP | BIT(TRD_TIF_GTT),
        .never = RESTS_ALONE,
        .prices = TRD_PRICES_TRIGGER,
        .has_source = 1},
    [TRD_TYPE_TOUCHED_LIMIT] = {.tifs = TIF_STOP | BIT(TRD_TIF_GTT),
        .has_px = 1,
        .prices = TRD_PRICES_TRIGGER,
        .peak = 1,
        .has_source = 1},
    [TRD_TYPE_TRAILING_STOP] = {.tifs = TIF_STOP,
        .never = RESTS_ALONE | TRD_EXEC_CLOSE_POSITION,
        .prices = TRD_PRICES_OFFSET,
        .more = TRD_PRICES_ACTIVATION,
        .has_source = 1},
    [TRD_TYPE_TRAILING_STOP_LIMIT] = {.tifs = TIF_STOP,
        .never = TRD_EXEC_CLOSE_POSITION,
        .has_px = 1, /* but with a limit that is relative to the trigger */
        .prices = TRD_PRICES_OFFSET,
        .more = TRD_PRICES_ACTIVATION | TRD_PRICES_LIMIT_OFFSET,
        .peak = 1,
        .has_source = 1},
    [TRD_TYPE_PEGGED] = {.tifs = BIT(TRD_TIF_GTC) | BIT(TRD_TIF_DAY) | BIT(TRD_TIF_GTD),
        .never = TRD_EXEC_POST_ONLY | TRD_EXEC_ALL_OR_NONE | TRD_EXEC_CLOSE_POSITION,
        .prices = TRD_PRICES_OFFSET,
        .more = TRD_PRICES_CAP},
};

static bool prices_go_together(
    const trd_new *order, const type_rule *rule, const trd_ticket *ticket) {
    const trd_ext_prices *prices = &ticket->prices;
    const unsigned flags = prices->flags;
    if (rule->prices == 0) {
        return !ticket->has_prices;
    }
    const bool pegs = order->type == TRD_TYPE_PEGGED;
    const bool by_offset = rule->prices == TRD_PRICES_OFFSET;
    const bool source =
        rule->has_source ? prices->source >= TRD_SOURCE_LAST && prices->source <= TRD_SOURCE_INDEX
                         : prices->source == 0;
    const bool unit = !by_offset       ? prices->offset_unit == 0
                      : ticket->trails ? prices->offset_unit >= TRD_OFFSET_TICKS &&
                                             prices->offset_unit <= TRD_OFFSET_BASIS_POINTS
                                       : prices->offset_unit == TRD_OFFSET_TICKS;
    const bool peg =
        pegs ? prices->peg >= TRD_PEG_BEST && prices->peg <= TRD_PEG_OPPOSITE : prices->peg == 0;
    return ticket->has_prices && (flags & rule->prices) == rule->prices &&
           (flags & ~(unsigned)(rule->prices | rule->more)) == 0 && source && unit && peg &&
           ((flags & TRD_PRICES_TRIGGER) != 0 || prices->trigger == 0) &&
           ((flags & TRD_PRICES_ACTIVATION) != 0 || prices->activation == 0) &&
           ((flags & TRD_PRICES_OFFSET) != 0 || prices->offset == 0) &&
           ((flags & TRD_PRICES_CAP) != 0 || prices->cap == 0) &&
           ((flags & TRD_PRICES_LIMIT_OFFSET) != 0 || prices->limit_offset == 0);
}

static bool sizes_go_together(
    const trd_new *order, const type_rule *rule, const trd_ext_sizes *sizes) {
    const unsigned exec = order->exec;
    const bool minimum = sizes->minimum != 0;
    const bool peak = sizes->peak != 0;
    const bool random = (exec & TRD_EXEC_PEAK_RANDOM) != 0;
    const bool peak_fits =
        rule->peak != 0 && (BIT(order->tif) & TIF_REST) != 0 &&
        (exec & (TRD_EXEC_HIDDEN | TRD_EXEC_ALL_OR_NONE | TRD_EXEC_CLOSE_POSITION)) == 0;
    const bool minimum_fits =
        order->type != TRD_TYPE_PEGGED &&
        (exec & (TRD_EXEC_POST_ONLY | TRD_EXEC_ALL_OR_NONE | TRD_EXEC_CLOSE_POSITION)) == 0;
    return (!peak || peak_fits) && (!minimum || minimum_fits) &&
           random == (sizes->peak_range != 0) && (random || sizes->seed == 0) &&
           (peak || (exec & (TRD_EXEC_PEAK_RANDOM | TRD_EXEC_PEAK_IN_PLACE)) == 0);
}

static bool budget_goes(const trd_new *order, const trd_ext_sizes *sizes) {
    const unsigned tifs = BIT(TRD_TIF_GTC) | BIT(TRD_TIF_IOC) | BIT(TRD_TIF_DAY) | BIT(TRD_TIF_GFN);
    if ((order->exec & TRD_EXEC_BUDGET) == 0) {
        return sizes->budget == 0;
    }
    return order->type == TRD_TYPE_MARKET && (BIT(order->tif) & tifs) != 0 && order->qty == 0 &&
           sizes->minimum == 0 && order->stp != TRD_STP_DECREMENT && order->stp != TRD_STP_TRANSFER;
}

static bool instructions_go_together(const trd_new *order, const trd_ticket *ticket) {
    const unsigned exec = order->exec;
    const unsigned tif = BIT(order->tif);
    const bool post = (exec & TRD_EXEC_POST_ONLY) != 0;
    const bool whole = (exec & TRD_EXEC_ALL_OR_NONE) != 0;
    const bool closes = (exec & TRD_EXEC_CLOSE_POSITION) != 0;
    const bool opens = order->position != 0 && !ticket->reduces;
    return (post || (exec & TRD_EXEC_POST_ONLY_SLIDE) == 0) &&
           (!post || ((tif & TIF_REST) != 0 && !whole)) && (!whole || (tif & TIF_REST) != 0) &&
           ((exec & TRD_EXEC_SINGLE_PRICE) == 0 || order->tif == TRD_TIF_FOK) &&
           ((exec & TRD_EXEC_HIDDEN) == 0 || !whole) &&
           (!closes || (ticket->reduces && order->qty == 0)) &&
           (!opens || (exec & (TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION)) == 0) &&
           ((exec & TRD_EXEC_BUDGET) == 0 || !ticket->reduces);
}

/* What only legs of a group fill in. */
static bool is_alone(const trd_ext_link *link) {
    return link->leg == 0 && link->legs == 0 && link->relation == 0 && link->race == 0 &&
           link->owner == 0 && (link->flags & (TRD_LINK_FULL_FILL | TRD_LINK_OWNER)) == 0;
}

static bool goes_together(const trd_new *order, const trd_ticket *ticket) {
    const type_rule *rule = &type_rules[order->type];
    const trd_ext_link *link = &ticket->link;
    const bool relative = (ticket->prices.flags & TRD_PRICES_LIMIT_OFFSET) != 0;
    const bool dated = order->tif == TRD_TIF_GTD || order->tif == TRD_TIF_GTT;
    if ((BIT(order->tif) & rule->tifs) == 0 || (order->exec & rule->never) != 0 ||
        ((rule->has_px == 0 || relative) && order->px != 0)) {
        return false;
    }
    if (ticket->auction_only && (order->exec != 0 || order->position != 0 ||
                                    ticket->sizes.peak != 0 || ticket->sizes.minimum != 0)) {
        return false;
    }
    if (dated != ((link->flags & TRD_LINK_EXPIRY) != 0) || (!dated && link->expiry != 0) ||
        (link->link == 0 && (ticket->staged || !is_alone(link)))) {
        return false;
    }
    const bool closes = (order->exec & TRD_EXEC_CLOSE_POSITION) != 0;
    if (closes &&
        (order->type == TRD_TYPE_MARKET_PROTECTED || order->type == TRD_TYPE_MARKET_TO_LIMIT)) {
        return false;
    }
    return prices_go_together(order, rule, ticket) &&
           sizes_go_together(order, rule, &ticket->sizes) && budget_goes(order, &ticket->sizes) &&
           instructions_go_together(order, ticket);
}

/* Does the order need more than a resting order's record? */
static bool is_special(const trd_new *order, const trd_ticket *ticket) {
    const unsigned exec =
        TRD_EXEC_HIDDEN | TRD_EXEC_ALL_OR_NONE | TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION;
    const unsigned tifs = BIT(TRD_TIF_GTD) | BIT(TRD_TIF_GTT) | TIF_AUCTION;
    return order->type > TRD_TYPE_MARKET || (BIT(order->tif) & tifs) != 0 ||
           (order->exec & exec) != 0 || ticket->reduces || ticket->sizes.peak != 0 ||
           ticket->has_link;
}

/* What follows from the record alone. */
static void derive(const trd_new *order, trd_ticket *ticket) {
    const bool closing = (order->position == TRD_POSITION_LONG && order->side == TRD_SELL) ||
                         (order->position == TRD_POSITION_SHORT && order->side == TRD_BUY);
    ticket->reduces = closing || (order->exec & TRD_EXEC_REDUCE_ONLY) != 0;
    if (order->position != 0 && !closing) {
        ticket->reduces = false; /* with the bit it is refused */
    }
    ticket->triggers = order->type >= TRD_TYPE_STOP && order->type <= TRD_TYPE_TOUCHED_LIMIT;
    ticket->trails =
        order->type == TRD_TYPE_TRAILING_STOP || order->type == TRD_TYPE_TRAILING_STOP_LIMIT;
    ticket->auction_only = order->tif == TRD_TIF_AT_OPEN || order->tif == TRD_TIF_AT_CLOSE ||
                           order->tif == TRD_TIF_GFA;
    ticket->has_px = order->type == TRD_TYPE_LIMIT || order->type == TRD_TYPE_STOP_LIMIT ||
                     order->type == TRD_TYPE_TOUCHED_LIMIT ||
                     (order->type == TRD_TYPE_TRAILING_STOP_LIMIT &&
                         (ticket->prices.flags & TRD_PRICES_LIMIT_OFFSET) == 0);
    ticket->special = is_special(order, ticket);
}

unsigned trd__form_new_read(
    const trd_command *command, size_t slots, trd_keeps keeps, trd_ticket *ticket) {
    if (!new_formed(command, slots, ticket)) {
        return TRD_REJECT_MALFORMED;
    }
    ticket->staged = (command->flags & TRD_COMMAND_STAGED) != 0;
    return new_supported(command, ticket, keeps) ? 0 : TRD_REJECT_UNSUPPORTED;
}

/* --- legs of a group: docs/reference/groups.md, "Linked orders" ------------------------------- */

static bool leg_counted(const trd_ext_link *link) {
    const bool bracket = link->relation == TRD_RELATION_BRACKET;
    return link->relation >= TRD_RELATION_OCO && link->relation <= TRD_RELATION_BRACKET &&
           link->legs >= 2 && link->legs <= TRD_SLOTS_MAX && (!bracket || link->legs == 3) &&
           link->leg >= 1 && link->leg <= link->legs;
}

unsigned trd__form_leg(const trd_new *order, const trd_ticket *ticket) {
    const trd_ext_link *link = &ticket->link;
    const bool apart =
        link->relation == TRD_RELATION_OCO || link->relation == TRD_RELATION_OUO; /* no parent */
    const unsigned types = BIT(TRD_TYPE_LIMIT) | BIT(TRD_TYPE_STOP) | BIT(TRD_TYPE_STOP_LIMIT) |
                           BIT(TRD_TYPE_TOUCHED) | BIT(TRD_TYPE_TOUCHED_LIMIT) |
                           (apart ? 0 : BIT(TRD_TYPE_MARKET));
    const unsigned tifs = BIT(TRD_TIF_GTC) | BIT(TRD_TIF_DAY) | BIT(TRD_TIF_GTD) |
                          (!apart && link->leg == 1 ? BIT(TRD_TIF_IOC) | BIT(TRD_TIF_FOK) : 0);
    const unsigned never = TRD_EXEC_BUDGET | TRD_EXEC_CLOSE_POSITION | TRD_EXEC_ALL_OR_NONE;
    const bool good = leg_counted(link) && ticket->staged == (link->leg < link->legs) &&
                      link->race == 0 && link->owner == 0 && (link->flags & TRD_LINK_OWNER) == 0 &&
                      (!apart || (link->flags & TRD_LINK_FULL_FILL) == 0) &&
                      (order->side == TRD_BUY || order->side == TRD_SELL) &&
                      order->type <= TRD_TYPE_PEGGED && (types & BIT(order->type)) != 0 &&
                      order->tif <= TRD_TIF_GTT && (tifs & BIT(order->tif)) != 0 &&
                      (order->exec & never) == 0 && ticket->sizes.peak == 0 &&
                      ticket->sizes.minimum == 0;
    return good ? 0 : TRD_REJECT_LINK;
}

unsigned trd__form_new_terms(const trd_new *order, trd_ticket *ticket) {
    if (order->side != TRD_BUY && order->side != TRD_SELL) {
        return TRD_REJECT_BAD_SIDE;
    }
    if (order->type < TRD_TYPE_LIMIT || order->type > TRD_TYPE_PEGGED) {
        return TRD_REJECT_BAD_TYPE;
    }
    if (order->tif < TRD_TIF_GTC || order->tif > TRD_TIF_GTT) {
        return TRD_REJECT_BAD_TIF;
    }
    derive(order, ticket);
    return goes_together(order, ticket) ? 0 : TRD_REJECT_BAD_COMBINATION;
}

unsigned trd__form_replace_closely(const trd_command *command, size_t slots) {
    const trd_replace *replace = &command->u.replace;
    const unsigned flags = command->flags;
    trd_ticket more;
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

static unsigned formed(bool well) {
    return well ? 0 : TRD_REJECT_MALFORMED;
}

static bool session_formed(const trd_session *session) {
    return bytes_zero(session->reserved, sizeof(session->reserved)) &&
           session->state >= TRD_SESSION_CONTINUOUS && session->state <= TRD_SESSION_HALTED &&
           (session->random == 0 || (session->until != 0 && session->random >> 63 == 0)) &&
           (session->random != 0 || session->seed == 0);
}

static bool mass_formed(const trd_mass_cancel *mass) {
    const unsigned all =
        TRD_MASS_ACCOUNT | TRD_MASS_INSTRUMENT | TRD_MASS_SIDE | TRD_MASS_TAG | TRD_MASS_ACTOR;
    const bool side = (mass->filter & TRD_MASS_SIDE) != 0
                          ? mass->side == TRD_BUY || mass->side == TRD_SELL
                          : mass->side == 0;
    return bytes_zero(mass->reserved, sizeof(mass->reserved)) && (mass->filter & ~all) == 0 &&
           side && ((mass->filter & TRD_MASS_TAG) != 0 || mass->tag == 0);
}

static bool scope_formed(unsigned scope, uint64_t tag) {
    return scope >= TRD_SCOPE_FIRM && scope <= TRD_SCOPE_TAG &&
           (scope == TRD_SCOPE_TAG || tag == 0);
}

static bool kill_formed(const trd_kill *kill) {
    const bool off = kill->action == TRD_KILL_OFF;
    return scope_formed(kill->scope, kill->tag) && (off || kill->action == TRD_KILL_ON) &&
           kill->cancel <= 1 && kill->reducing <= 1 &&
           (!off || (kill->cancel == 0 && kill->reducing == 0)) && kill->reserved == 0 &&
           kill->reserved1 == 0;
}

static bool deadman_formed(const trd_deadman *deadman) {
    return scope_formed(deadman->scope, deadman->tag) && deadman->action >= TRD_DEADMAN_ARM &&
           deadman->action <= TRD_DEADMAN_DISARM &&
           (deadman->action != TRD_DEADMAN_DISARM || deadman->timeout == 0) &&
           bytes_zero(deadman->reserved, sizeof(deadman->reserved));
}

static bool quote_formed(const trd_quote *quote) {
    return (quote->bid_qty != 0 || quote->bid_px == 0) &&
           (quote->ask_qty != 0 || quote->ask_px == 0);
}

/* The slot behind a PROTECTION: limits of delta and vega, and what one lot has of them. */
static bool exposure_formed(const trd_command *slot) {
    trd_ext_row row;
    memcpy(&row, slot, sizeof(row));
    return row.kind == TRD_EXT_TABLE_ROW && row.slots == 0 && row.flags == 0 &&
           row.table == TRD_TABLE_PROTECTION && row.key == 1 && row.value[0] >= 0 &&
           row.value[1] >= 0 && row.value[4] == 0;
}

static bool protection_formed(const trd_command *command, size_t slots) {
    const trd_protection *protection = &command->u.protection;
    if (!slots_readable(command, slots) || command->slots > 2 || command->flags != 0 ||
        !bytes_zero(protection->reserved, sizeof(protection->reserved)) ||
        (command->slots == 2 && !exposure_formed(command + 1))) {
        return false;
    }
    switch (protection->action) {
    case TRD_PROTECTION_SET:
        return protection->window >= 1 && protection->qty >= 0 && protection->amount >= 0;
    case TRD_PROTECTION_REMOVE:
    case TRD_PROTECTION_RESUME:
        return command->slots == 1 && protection->window == 0 && protection->qty == 0 &&
               protection->amount == 0 && protection->fills == 0;
    default:
        return false;
    }
}

/* QUOTE, PROTECTION: malformed, or supported only with quotes. */
static unsigned quotes_formed(bool well, bool quotes) {
    return !well ? TRD_REJECT_MALFORMED : quotes ? 0 : TRD_REJECT_UNSUPPORTED;
}

unsigned trd__form_other(const trd_command *command, size_t slots, bool quotes) {
    const bool plain = command->slots == 1 && command->flags == 0;
    switch (command->kind) {
    case TRD_COMMAND_TIMER:
        return formed(plain && bytes_zero(command->u.body, sizeof(command->u.body)));
    case TRD_COMMAND_SUBSCRIBE: {
        const trd_subscribe *subscribe = &command->u.subscribe;
        return formed(
            plain && (subscribe->publish & ~(uint32_t)TRD_PUBLISH_ALL) == 0 &&
            bytes_zero((const uint8_t *)subscribe->reserved, sizeof(subscribe->reserved)));
    }
    case TRD_COMMAND_PRICE: {
        const trd_price *price = &command->u.price;
        return formed(plain && bytes_zero(price->reserved, sizeof(price->reserved)) &&
                      price->source >= TRD_SOURCE_LAST && price->source <= TRD_SOURCE_MID);
    }
    case TRD_COMMAND_SESSION:
        return formed(plain && session_formed(&command->u.session));
    case TRD_COMMAND_MASS_CANCEL:
        return formed(plain && mass_formed(&command->u.mass));
    case TRD_COMMAND_KILL:
        return formed(plain && kill_formed(&command->u.kill));
    case TRD_COMMAND_DEADMAN:
        return formed(plain && deadman_formed(&command->u.deadman));
    case TRD_COMMAND_QUOTE:
        return quotes_formed(plain && quote_formed(&command->u.quote), quotes);
    case TRD_COMMAND_PROTECTION:
        return quotes_formed(protection_formed(command, slots), quotes);
    default:
        return kind_listed(command->kind) && slots_readable(command, slots) ? TRD_REJECT_UNSUPPORTED
                                                                            : TRD_REJECT_MALFORMED;
    }
}
