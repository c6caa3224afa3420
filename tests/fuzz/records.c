/* records.c - command records from the bytes of an input. */
#include "records.h"

#include <stdbool.h>
#include <string.h>

trd_ns records_now;

uint8_t records_take(input *in) {
    if (in->size == 0) {
        return 0;
    }
    in->size--;
    return *in->data++;
}

/* The group that is being staged: the special orders that follow are its legs. */
static struct {
    uint8_t leg;
    uint8_t legs;
    uint8_t relation;
    uint16_t flags;
    uint32_t account;
    uint32_t instrument;
} staging;

static bool is_staging(void) {
    return staging.leg < staging.legs;
}

static void make_new(input *in, trd_command *c) {
    const uint8_t what = records_take(in);
    trd_new *n = &c->u.order;
    c->kind = TRD_COMMAND_NEW;
    c->account = what >> 6 & 1;
    c->instrument = what >> 7;
    n->side = (uint8_t)(TRD_BUY + (what & 1));
    n->type = (what & 2) != 0 && (what & 4) != 0 ? TRD_TYPE_MARKET : TRD_TYPE_LIMIT;
    n->tif = (uint8_t)(TRD_TIF_GTC + ((what & 8) != 0 ? 1 + (what >> 4 & 1) : 0));
    n->exec = (what & 2) != 0 && (what & 4) == 0 ? TRD_EXEC_POST_ONLY : 0;
    n->px = n->type == TRD_TYPE_LIMIT ? 90 + records_take(in) % 32 : 0;
    n->qty = records_take(in) % 16;
    n->client_id = records_take(in) % 64;
    if ((what & 2) == 0 && (what & 4) != 0) {
        const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .minimum = records_take(in) % 16};
        memcpy(&c[1], &sizes, sizeof(sizes));
        c->slots = 2;
    }
}

static bool has_trigger(uint8_t type) {
    return type >= TRD_TYPE_STOP && type <= TRD_TYPE_TOUCHED_LIMIT;
}

static bool has_trail(uint8_t type) {
    return type == TRD_TYPE_TRAILING_STOP || type == TRD_TYPE_TRAILING_STOP_LIMIT;
}

static bool has_limit(uint8_t type) {
    return type == TRD_TYPE_LIMIT || type == TRD_TYPE_STOP_LIMIT ||
           type == TRD_TYPE_TOUCHED_LIMIT || type == TRD_TYPE_TRAILING_STOP_LIMIT;
}

static void put_slot(trd_command *c, const void *slot) {
    memcpy(&c[c->slots++], slot, sizeof(*c));
}

static void make_prices(input *in, trd_command *c) {
    const uint8_t type = c->u.order.type;
    const uint8_t how = records_take(in);
    trd_ext_prices p = {.kind = TRD_EXT_ORDER_PRICES};
    if (has_trigger(type)) {
        p.flags = TRD_PRICES_TRIGGER;
        p.source = (uint8_t)(TRD_SOURCE_LAST + how % 5);
        p.trigger = 90 + records_take(in) % 32;
    } else {
        p.flags = TRD_PRICES_OFFSET;
        p.offset_unit = has_trail(type) ? (uint8_t)(TRD_OFFSET_TICKS + (how >> 3) % 3)
                                        : (uint8_t)TRD_OFFSET_TICKS;
        p.source = has_trail(type) ? (uint8_t)(TRD_SOURCE_LAST + how % 5) : 0;
        p.peg = type == TRD_TYPE_PEGGED ? (uint8_t)(TRD_PEG_BEST + how % 3) : 0;
        p.offset = (int8_t)records_take(in);
    }
    if ((how & 32) != 0 && has_trail(type)) {
        p.flags |= TRD_PRICES_ACTIVATION;
        p.activation = 90 + records_take(in) % 32;
    }
    if ((how & 64) != 0 && type == TRD_TYPE_PEGGED) {
        p.flags |= TRD_PRICES_CAP;
        p.cap = 90 + records_take(in) % 32;
    }
    if ((how & 128) != 0 && type == TRD_TYPE_TRAILING_STOP_LIMIT) {
        p.flags |= TRD_PRICES_LIMIT_OFFSET;
        p.limit_offset = (int8_t)records_take(in);
        c->u.order.px = 0;
    }
    put_slot(c, &p);
}

static void make_sizes(input *in, trd_command *c) {
    const uint8_t how = records_take(in);
    trd_ext_sizes s = {.kind = TRD_EXT_ORDER_SIZES};
    s.minimum = (how & 1) != 0 ? records_take(in) % 16 : 0;
    s.peak = (how & 2) != 0 ? records_take(in) % 8 : 0;
    if ((c->u.order.exec & TRD_EXEC_PEAK_RANDOM) != 0) {
        s.peak_range = how >> 4 & 3;
        s.seed = how >> 6;
    }
    if ((c->u.order.exec & TRD_EXEC_BUDGET) != 0) {
        s.budget = 64 * records_take(in);
        c->u.order.qty = 0;
    }
    put_slot(c, &s);
}

static void make_link(input *in, trd_command *c, bool is_leg) {
    const uint8_t how = records_take(in);
    trd_ext_link link = {
        .kind = TRD_EXT_ORDER_LINK, .tag = how & 3, .parent = how >> 4 & 3, .group = how >> 2 & 3};
    const uint8_t tif = c->u.order.tif;
    if (tif == TRD_TIF_GTD || tif == TRD_TIF_GTT) {
        link.flags = TRD_LINK_EXPIRY;
        link.expiry = records_now + (how >> 4) * 4;
    }
    if (!is_staging() && is_leg) {
        const uint8_t kind = records_take(in);
        staging.leg = 0;
        staging.relation = (uint8_t)(TRD_RELATION_OCO + (kind & 3));
        staging.legs =
            staging.relation == TRD_RELATION_BRACKET ? 3 : (uint8_t)(2 + (kind >> 2 & 3) % 3);
        staging.flags = (kind & 128) != 0 ? TRD_LINK_FULL_FILL : 0;
        staging.account = c->account;
        staging.instrument = c->instrument;
    }
    if (is_staging()) {
        c->account = staging.account;
        c->instrument = staging.instrument;
        link.link = 1;
        link.leg = ++staging.leg;
        link.legs = staging.legs;
        link.relation = staging.relation;
        link.flags |= staging.flags;
        c->flags = is_staging() ? TRD_COMMAND_STAGED : 0;
    }
    put_slot(c, &link);
}

static void make_special(input *in, trd_command *c) {
    trd_new *n = &c->u.order;
    const uint8_t what = records_take(in);
    const uint8_t kind = records_take(in);
    const uint8_t exec = records_take(in);
    const uint8_t more = records_take(in);
    c->kind = TRD_COMMAND_NEW;
    c->account = what >> 6 & 1;
    c->instrument = what >> 7;
    c->actor = more >> 7;
    n->side = (uint8_t)(TRD_BUY + (what & 1));
    n->type = (uint8_t)(TRD_TYPE_LIMIT + (kind & 15) % TRD_TYPE_PEGGED);
    n->tif = (uint8_t)(TRD_TIF_GTC + (kind >> 4) % TRD_TIF_GTT);
    n->exec = (uint16_t)(exec | (more & 3) << 8);
    n->stp = (uint8_t)((more >> 2 & 7) % (TRD_STP_REJECT + 1));
    n->position = (uint8_t)((more >> 5 & 3) % (TRD_POSITION_SHORT + 1));
    n->px = has_limit(n->type) ? 90 + records_take(in) % 32 : 0;
    n->qty = records_take(in) % 16;
    n->client_id = records_take(in) % 64;
    if ((n->exec & TRD_EXEC_CLOSE_POSITION) != 0) {
        n->qty = 0;
    }
    if (n->type == TRD_TYPE_MARKET_PROTECTED || n->type >= TRD_TYPE_STOP) {
        make_prices(in, c);
    }
    const uint16_t sized = TRD_EXEC_PEAK_RANDOM | TRD_EXEC_PEAK_IN_PLACE | TRD_EXEC_BUDGET;
    if ((what & 2) != 0 || (n->exec & sized) != 0) {
        make_sizes(in, c);
    }
    if (is_staging() || (what & 4) != 0 || n->tif == TRD_TIF_GTD || n->tif == TRD_TIF_GTT) {
        make_link(in, c, (more & 64) != 0);
    }
}

/* A leg that a group may have. */
static void make_leg(input *in, trd_command *c) {
    const uint8_t what = records_take(in);
    trd_new *n = &c->u.order;
    c->kind = TRD_COMMAND_NEW;
    c->account = what >> 6 & 1;
    c->instrument = what >> 7;
    n->side = (uint8_t)(TRD_BUY + (what & 1));
    n->type = (what & 6) == 6 ? TRD_TYPE_STOP : TRD_TYPE_LIMIT;
    n->tif = TRD_TIF_GTC;
    n->px = n->type == TRD_TYPE_LIMIT ? 90 + (what >> 1 & 31) : 0;
    n->qty = 1 + records_take(in) % 16;
    n->client_id = records_take(in) % 64;
    if (n->type == TRD_TYPE_STOP) {
        make_prices(in, c);
    }
    make_link(in, c, true);
}

/* A target by handle is one of the few that a young matcher can have given. */
static uint64_t make_target(input *in, trd_command *c, bool by_handle) {
    const uint8_t name = records_take(in);
    c->account = name >> 6 & 1;
    c->instrument = name >> 7;
    c->flags |= by_handle ? TRD_COMMAND_BY_HANDLE : 0;
    return by_handle ? (uint64_t)(name >> 4 & 3) << 32 | (name & 15) : name & 63u;
}

static void make_cancel(input *in, trd_command *c, uint8_t head) {
    c->kind = (head & 16) == 0 ? TRD_COMMAND_CANCEL : TRD_COMMAND_REDUCE;
    c->u.cancel.target = make_target(in, c, (head & 8) != 0);
    c->u.cancel.qty = c->kind == TRD_COMMAND_REDUCE ? records_take(in) % 16 : 0;
}

static void make_replace(input *in, trd_command *c, uint8_t head) {
    trd_replace *r = &c->u.replace;
    c->kind = TRD_COMMAND_REPLACE;
    r->target = make_target(in, c, (head & 8) != 0);
    c->flags |= (uint16_t)(head >> 4 << 1 &
                           (TRD_COMMAND_KEEP_PX | TRD_COMMAND_KEEP_QTY | TRD_COMMAND_NEW_ID));
    r->px = (c->flags & TRD_COMMAND_KEEP_PX) != 0 ? 0 : 90 + records_take(in) % 32;
    r->qty = (c->flags & TRD_COMMAND_KEEP_QTY) != 0 ? 0 : records_take(in) % 24;
    r->client_id = (c->flags & TRD_COMMAND_NEW_ID) != 0 ? records_take(in) % 64 : 0;
}

/* A scope from one byte: its kind, a tag, and how the command is meant. */
static void make_scope(input *in, trd_command *c, uint8_t *scope, uint64_t *tag) {
    const uint8_t what = records_take(in);
    *scope = (uint8_t)(TRD_SCOPE_FIRM + (what & 7) % TRD_SCOPE_TAG);
    *tag = *scope == TRD_SCOPE_TAG ? what >> 3 & 3 : 0;
    c->account = what >> 5 & 1;
    c->instrument = what >> 6 & 1;
    c->actor = what >> 7;
}

static void make_quote(input *in, trd_command *c, uint8_t what) {
    trd_quote *q = &c->u.quote;
    c->kind = TRD_COMMAND_QUOTE;
    c->account = what >> 6 & 1;
    q->bid_qty = what & 7;
    q->ask_qty = what >> 3 & 7;
    q->bid_px = q->bid_qty != 0 ? 90 + records_take(in) % 32 : 0;
    q->ask_px = q->ask_qty != 0 ? 90 + records_take(in) % 32 : 0;
}

static void make_protection(input *in, trd_command *c, uint8_t what) {
    trd_protection *p = &c->u.protection;
    c->kind = TRD_COMMAND_PROTECTION;
    c->account = what >> 6 & 1;
    p->action = (uint8_t)(TRD_PROTECTION_SET + (what & 3) % 3);
    if (p->action == TRD_PROTECTION_SET) {
        p->window = 1 + records_take(in) % 64;
        p->qty = what >> 2 & 7;
        p->fills = what >> 5 & 1;
    }
}

static void make_market(input *in, trd_command *c, uint8_t head) {
    static const uint8_t sources[] = {
        TRD_SOURCE_LAST, TRD_SOURCE_MARK, TRD_SOURCE_INDEX, TRD_SOURCE_BID};
    const uint8_t what = records_take(in);
    c->instrument = what >> 7;
    switch (head >> 3 & 7) {
    case 0:
        c->kind = TRD_COMMAND_PRICE;
        c->u.price.source = sources[what >> 5 & 3];
        c->u.price.px = 90 + what % 32;
        break;
    case 1:
        c->kind = TRD_COMMAND_SESSION;
        c->u.session.state = (uint8_t)(TRD_SESSION_CONTINUOUS + what % 7);
        c->u.session.until = (head & 64) != 0 ? records_now + 1 + records_take(in) % 32 : 0;
        c->u.session.random = (head & 128) != 0 && (head & 64) != 0 ? records_take(in) % 16 : 0;
        c->u.session.seed = c->u.session.random != 0 ? what : 0;
        break;
    case 2:
        if ((head & 64) == 0) {
            make_quote(in, c, what);
        } else {
            make_protection(in, c, what);
        }
        break;
    case 3:
        c->kind = TRD_COMMAND_MASS_CANCEL;
        c->u.mass.filter = what & 31;
        c->u.mass.side = (what & TRD_MASS_SIDE) != 0 ? (uint8_t)(TRD_BUY + (what >> 5 & 1)) : 0;
        c->u.mass.tag = (what & TRD_MASS_TAG) != 0 ? what >> 5 & 3 : 0;
        break;
    case 4:
        c->kind = TRD_COMMAND_KILL;
        make_scope(in, c, &c->u.kill.scope, &c->u.kill.tag);
        c->u.kill.action = (what & 1) != 0 ? TRD_KILL_OFF : TRD_KILL_ON;
        c->u.kill.cancel = (what & 1) == 0 ? what >> 1 & 1 : 0;
        c->u.kill.reducing = (what & 1) == 0 ? what >> 2 & 1 : 0;
        break;
    case 5:
        c->kind = TRD_COMMAND_DEADMAN;
        make_scope(in, c, &c->u.deadman.scope, &c->u.deadman.tag);
        c->u.deadman.action = (uint8_t)(TRD_DEADMAN_ARM + what % 3);
        c->u.deadman.timeout = c->u.deadman.action == TRD_DEADMAN_DISARM ? 0 : 1 + (what >> 2 & 15);
        break;
    case 6:
        c->kind = TRD_COMMAND_SUBSCRIBE;
        c->u.subscribe.publish = what & TRD_PUBLISH_ALL;
        break;
    default:
        c->kind = TRD_COMMAND_TIMER;
        c->instrument = 0;
        records_now += what;
        c->time = records_now;
    }
}

static void make_raw(input *in, trd_command *c) {
    uint8_t bytes[sizeof(*c)];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = records_take(in);
    }
    memcpy(c, bytes, sizeof(*c));
    if (c->time > records_now + 255) { /* or an instrument would pause at its band for ages */
        c->time = records_now + (c->time & 255);
    }
    records_now = c->time > records_now ? c->time : records_now;
}

void records_begin(void) {
    records_now = 0;
    memset(&staging, 0, sizeof(staging));
}

uint32_t records_make(input *in, trd_command *c, uint8_t head) {
    c->time = ++records_now;
    c->slots = 1;
    switch (head & 7) {
    case 0:
        make_new(in, c);
        break;
    case 1:
        if ((head & 8) != 0) {
            make_leg(in, c);
        } else {
            make_new(in, c);
        }
        break;
    case 4:
        make_cancel(in, c, head);
        break;
    case 5:
        make_replace(in, c, head);
        break;
    case 6:
        make_market(in, c, head);
        break;
    case 7:
        make_raw(in, c);
        return 1;
    default:
        make_special(in, c);
    }
    return c->slots;
}
