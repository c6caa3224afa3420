/* text.c - see text.h. */
#include "text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const types[] = {"TYPE_0", "LIMIT", "MARKET", "MARKET_PROTECTED",
    "MARKET_TO_LIMIT", "STOP", "STOP_LIMIT", "TOUCHED", "TOUCHED_LIMIT", "TRAILING_STOP",
    "TRAILING_STOP_LIMIT", "PEGGED"};
static const char *const tifs[] = {
    "TIF_0", "GTC", "IOC", "FOK", "DAY", "GTD", "AT_OPEN", "AT_CLOSE", "GFA", "GFN", "GTT"};
static const char *const stps[] = {
    "NONE", "CANCEL_TAKER", "CANCEL_MAKER", "CANCEL_BOTH", "DECREMENT", "TRANSFER", "REJECT"};
static const char *const execs[] = {"POST_ONLY", "POST_ONLY_SLIDE", "REDUCE_ONLY", "CLOSE_POSITION",
    "HIDDEN", "ALL_OR_NONE", "SINGLE_PRICE", "PEAK_RANDOM", "PEAK_IN_PLACE", "BUDGET"};
static const char *const sources[] = {"SOURCE_0", "LAST", "BID", "ASK", "MARK", "INDEX", "MID"};
static const char *const states[] = {
    "STATE_0", "CONTINUOUS", "PRE_OPEN", "OPENING", "VOLATILITY", "CLOSING", "CLOSED", "HALTED"};
static const char *const statuses[] = {
    "-", "NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "REJECTED", "EXPIRED", "SUSPENDED"};
static const char *const whats[] = {"WHAT_0", "ADDED", "EXECUTED", "REDUCED", "DELETED"};
static const char *const liquidities[] = {"-", "MAKER", "TAKER", "AUCTION"};
static const char *const restates[] = {
    "RESTATE_0", "PEAK", "CUT", "PEG", "SLIDE", "LINKED", "CORPORATE"};
static const char *const session_causes[] = {
    "BY_0", "COMMAND", "TIME", "BREAKER", "LIMIT", "CASCADE"};
static const char *const wheres[] = {"BOOK", "HIDDEN", "ASIDE", "AUCTION", "WAITING"};
static const char *const units[] = {"UNIT_0", "TICKS", "AMOUNT", "BASIS_POINTS"};
static const char *const pegs[] = {"PEG_0", "BEST", "MID", "OPPOSITE"};
static const char *const scopes[] = {"SCOPE_0", "FIRM", "ACCOUNT", "INSTRUMENT", "ACTOR", "TAG"};
static const char *const allocations[] = {"FIFO", "A", "C", "K", "O", "Q", "S", "T", "PRORATA"};
static const char *const ties[] = {
    "NONE", "IMBALANCE", "PRESSURE", "REFERENCE", "MIDDLE", "HIGHEST", "LOWEST"};

/* A name, or the number where there is none: two buffers would do, four are safe. */
static const char *named(const char *const *names, size_t count, unsigned at) {
    static char number[4][16];
    static unsigned next;
    if (at < count) {
        return names[at];
    }
    char *to = number[next++ % 4];
    snprintf(to, sizeof(number[0]), "?%u", at);
    return to;
}

#define NAME(table, at) named(table, COUNT_OF(table), (at))

const char *text_state(unsigned state) {
    return NAME(states, state);
}

static const char *side_text(unsigned side) {
    return side == TRD_BUY ? "BUY" : side == TRD_SELL ? "SELL" : side == 0 ? "-" : "SIDE?";
}

static void put_order(const text_names *names, trd_order order) {
    const uint64_t number =
        names != NULL && order != 0 ? names->number(names->user, order) : UINT64_MAX;
    if (number != UINT64_MAX) {
        printf("o%" PRIu64, number);
    } else {
        printf("handle:%" PRIx64, order);
    }
}

static void put_i64(const char *field, int64_t value) {
    if (value != 0) {
        printf(" %s=%" PRId64, field, value);
    }
}

static void put_bits(const char *const *table, size_t count, unsigned bits) {
    for (unsigned i = 0; i < 16; i++) {
        if ((bits >> i & 1) != 0) {
            printf(" %s", named(table, count, i));
        }
    }
}

/* --- Definitions ------------------------------------------------------------------------------ */

void text_def(const trd_match_def *d) {
    static const char *const modes[] = {"IDS_0", "WINDOW", "ASCENDING", "REUSE"};
    printf("  definition  orders_max=%u ids_max=%u id_mode=%s accounts_max=%u window=%u publish=%u"
           " specials_max=%u positions_max=%u elect_max=%u allocates=%u quotes_max=%u"
           " groups_max=%u verdicts=%u\n",
        d->orders_max, d->ids_max, NAME(modes, d->id_mode), d->accounts_max, d->window, d->publish,
        d->specials_max, d->positions_max, d->elect_max, d->allocates, d->quotes_max, d->groups_max,
        d->verdicts);
}

static void put_profile(const trd_profile *p) {
    if (p->allocation != TRD_ALLOCATE_FIFO) {
        printf("\n              allocation=%s fifo_percent=%u prorata_min=%" PRId64 " top=%" PRId64
               "..%" PRId64,
            NAME(allocations, p->allocation), p->fifo_percent, p->prorata_min, p->top_min,
            p->top_max);
        for (int i = 0; i < TRD_LEAD_MAKERS_MAX; i++) {
            if (p->lead[i].percent != 0) {
                printf(" lead:a%u=%u%%", p->lead[i].account, p->lead[i].percent);
            }
        }
    }
    printf("\n              ties=");
    for (int i = 0; i < TRD_TIES_MAX && p->ties[i] != TRD_TIE_NONE; i++) {
        printf("%s%s", i > 0 ? "," : "", NAME(ties, p->ties[i]));
    }
    if (p->band_action != 0) {
        printf("\n              band=%s of %s -%u +%u bp%s limit_wait=%" PRId64
               " limit_pause=%" PRId64 " limit_auction=%u",
            p->band_action == TRD_BAND_REJECT ? "REJECT" : "CANCEL", NAME(sources, p->band_source),
            p->band_below, p->band_above, p->band_whole ? " whole" : "", p->limit_wait,
            p->limit_pause, p->limit_auction);
    }
    if (p->breaker_window != 0) {
        printf("\n              breaker window=%" PRId64 " pause=%" PRId64 " variation=%u bp",
            p->breaker_window, p->breaker_pause, p->breaker_variation);
    }
    printf("\n");
}

void text_instrument(uint32_t at, const trd_instrument *s, const trd_profile *p) {
    static const char *const kinds[] = {"KIND_0", "SPOT", "LINEAR", "INVERSE", "OPTION"};
    static const char *const bits[] = {
        "POST_ONLY_SLIDE", "FOK_SINGLE_PRICE", "STOP_THROUGH_REJECTS", "AUCTION_STP"};
    printf("  instrument i%u %s px [%" PRId64 ", %" PRId64 "] tick_size=%" PRId64 " qty [%" PRId64
           ", %" PRId64 "] lot_step=%" PRId64 " notional [%" PRId64 ", %" PRId64 "] value %" PRId64
           "/%" PRId64,
        at, NAME(kinds, s->kind), s->px_min, s->px_max, s->tick_size, s->qty_min, s->qty_max,
        s->lot_step, s->notional_min, s->notional_max, s->numerator, s->denominator);
    put_bits(bits, COUNT_OF(bits), s->profile);
    for (uint32_t i = 0; i < s->tier_count; i++) {
        printf(" tier:%" PRId64 "/%" PRId64, s->tiers[i].from, s->tiers[i].step);
    }
    put_profile(p);
}

/* --- Commands --------------------------------------------------------------------------------- */

static void put_new(const trd_new *n) {
    printf(" #%" PRIu64 " %s %" PRId64, n->client_id, side_text(n->side), n->qty);
    if (n->px != 0 || n->type == TRD_TYPE_LIMIT) {
        printf(" @ %" PRId64, n->px);
    }
    printf(" %s %s", NAME(types, n->type), NAME(tifs, n->tif));
    put_bits(execs, COUNT_OF(execs), n->exec);
    if (n->stp != 0) {
        printf(" stp=%s", NAME(stps, n->stp));
    }
    if (n->position != 0) {
        printf(" position=%s", n->position == 1 ? "LONG" : n->position == 2 ? "SHORT" : "?");
    }
    put_i64("reserved", n->reserved);
}

static void put_target(const text_names *names, const trd_command *c, uint64_t target) {
    if ((c->flags & TRD_COMMAND_BY_HANDLE) != 0) {
        printf(" ");
        put_order(names, target);
    } else {
        printf(" #%" PRIu64, target);
    }
}

static void put_replace(const text_names *names, const trd_command *c) {
    const trd_replace *r = &c->u.replace;
    put_target(names, c, r->target);
    if ((c->flags & TRD_COMMAND_KEEP_PX) == 0 || r->px != 0) {
        printf(" px=%" PRId64, r->px);
    }
    if ((c->flags & TRD_COMMAND_KEEP_QTY) == 0 || r->qty != 0) {
        printf(" total=%" PRId64, r->qty);
    }
    if ((c->flags & TRD_COMMAND_NEW_ID) != 0 || r->client_id != 0) {
        printf(" new id=#%" PRIu64, r->client_id);
    }
}

static void put_session(const trd_session *s) {
    printf(" %s", NAME(states, s->state));
    put_i64("until", s->until);
    put_i64("random", (int64_t)s->random);
    put_i64("seed", (int64_t)s->seed);
}

static uint64_t body64(const trd_command *c, int at) {
    uint64_t value;
    memcpy(&value, &c->u.body[at], sizeof(value));
    return value;
}

static void put_kill(const trd_command *c) {
    static const char *const actions[] = {"ACTION_0", "ON", "OFF"};
    const uint8_t *body = c->u.body;
    printf(" %s %s%s%s", NAME(scopes, body[8]), NAME(actions, body[9]),
        body[10] != 0 ? " cancel" : "", body[11] != 0 ? " reducing" : "");
    put_i64("tag", (int64_t)body64(c, 0));
}

static void put_deadman(const trd_command *c) {
    static const char *const actions[] = {"ACTION_0", "ARM", "FEED", "DISARM"};
    printf(" %s %s", NAME(scopes, c->u.body[16]), NAME(actions, c->u.body[17]));
    put_i64("timeout", (int64_t)body64(c, 0));
    put_i64("tag", (int64_t)body64(c, 8));
}

static void put_mass(const trd_mass_cancel *m) {
    static const char *const filters[] = {"ACCOUNT", "INSTRUMENT", "SIDE", "TAG", "ACTOR"};
    printf(" filter:");
    put_bits(filters, COUNT_OF(filters), m->filter);
    put_i64("side", m->side);
    put_i64("tag", (int64_t)m->tag);
}

static void put_protection(const trd_protection *p) {
    static const char *const actions[] = {"ACTION_0", "SET", "REMOVE", "RESUME"};
    printf(" %s", NAME(actions, p->action));
    put_i64("window", p->window);
    put_i64("qty", p->qty);
    put_i64("amount", p->amount);
    put_i64("fills", p->fills);
    for (unsigned i = 0; i < sizeof(p->reserved); i++) {
        put_i64("reserved", p->reserved[i]);
    }
}

static void put_words(const uint8_t *body) {
    printf(" body");
    for (int i = 0; i < 4; i++) {
        int64_t word;
        memcpy(&word, &body[8 * i], sizeof(word));
        printf(" %" PRId64, word);
    }
}

static void put_body(const text_names *names, const trd_command *c) {
    switch (c->kind) {
    case TRD_COMMAND_NEW:
        put_new(&c->u.order);
        break;
    case TRD_COMMAND_CANCEL:
    case TRD_COMMAND_REDUCE:
        put_target(names, c, c->u.cancel.target);
        put_i64("qty", c->u.cancel.qty);
        break;
    case TRD_COMMAND_REPLACE:
        put_replace(names, c);
        break;
    case TRD_COMMAND_MASS_CANCEL:
        put_mass(&c->u.mass);
        break;
    case TRD_COMMAND_QUOTE:
        printf(" bid %" PRId64 " @ %" PRId64 " ask %" PRId64 " @ %" PRId64, c->u.quote.bid_qty,
            c->u.quote.bid_px, c->u.quote.ask_qty, c->u.quote.ask_px);
        break;
    case TRD_COMMAND_PRICE:
        printf(" %s %" PRId64, NAME(sources, c->u.price.source), c->u.price.px);
        break;
    case TRD_COMMAND_SUBSCRIBE:
        printf(" publish=%u", c->u.subscribe.publish);
        break;
    case TRD_COMMAND_SESSION:
        put_session(&c->u.session);
        break;
    case TRD_COMMAND_KILL:
        put_kill(c);
        break;
    case TRD_COMMAND_DEADMAN:
        put_deadman(c);
        break;
    case TRD_COMMAND_PROTECTION:
        put_protection(&c->u.protection);
        break;
    case TRD_COMMAND_TIMER:
        break;
    default:
        put_words(c->u.body);
    }
}

static void put_prices(const trd_command *at) {
    static const char *const flags[] = {"TRIGGER", "ACTIVATION", "CAP", "OFFSET", "LIMIT_OFFSET"};
    trd_ext_prices p;
    memcpy(&p, at, sizeof(p));
    printf(" {prices:");
    put_bits(flags, COUNT_OF(flags), p.flags);
    if (p.source != 0) {
        printf(" source=%s", NAME(sources, p.source));
    }
    put_i64("trigger", p.trigger);
    put_i64("activation", p.activation);
    if (p.offset_unit != 0 || p.offset != 0) {
        printf(" offset=%" PRId64 " %s", p.offset, NAME(units, p.offset_unit));
    }
    if (p.peg != 0) {
        printf(" peg=%s", NAME(pegs, p.peg));
    }
    put_i64("cap", p.cap);
    put_i64("limit_offset", p.limit_offset);
    printf("}");
}

static void put_sizes(const trd_command *at) {
    trd_ext_sizes s;
    memcpy(&s, at, sizeof(s));
    printf(" {sizes");
    put_i64("minimum", s.minimum);
    put_i64("peak", s.peak);
    put_i64("range", s.peak_range);
    put_i64("seed", (int64_t)s.seed);
    put_i64("budget", s.budget);
    printf("}");
}

static void put_link(const trd_command *at) {
    static const char *const flags[] = {"EXPIRY", "FULL_FILL", "OWNER"};
    trd_ext_link link;
    memcpy(&link, at, sizeof(link));
    printf(" {link:");
    put_bits(flags, COUNT_OF(flags), link.flags);
    put_i64("expiry", link.expiry);
    put_i64("tag", (int64_t)link.tag);
    put_i64("group", (int64_t)link.group);
    put_i64("link", (int64_t)link.link);
    put_i64("leg", link.leg);
    put_i64("legs", link.legs);
    put_i64("relation", link.relation);
    put_i64("race", link.race);
    put_i64("owner", link.owner);
    printf("}");
}

static void put_row(const trd_command *at) {
    trd_ext_row row;
    memcpy(&row, at, sizeof(row));
    printf(" {row: table=%u key=%" PRIu64 " values", row.table, row.key);
    for (unsigned i = 0; i < COUNT_OF(row.value); i++) {
        printf(" %" PRId64, row.value[i]);
    }
    put_i64("flags", row.flags);
    put_i64("slots", row.slots);
    printf("}");
}

static void put_extension(const trd_command *at) {
    switch (at->kind) {
    case TRD_EXT_ORDER_PRICES:
        put_prices(at);
        break;
    case TRD_EXT_ORDER_SIZES:
        put_sizes(at);
        break;
    case TRD_EXT_ORDER_LINK:
        put_link(at);
        break;
    case TRD_EXT_TABLE_ROW:
        put_row(at);
        break;
    default:
        printf(" {%s (%u)", trd_command_text(at->kind), at->kind);
        put_words(at->u.body);
        printf("}");
    }
}

void text_command(const text_names *names, const trd_command *c, uint32_t slots) {
    static const char *const flags[] = {
        "BY_HANDLE", "KEEP_PX", "KEEP_QTY", "NEW_ID", "DRY_RUN", "OVERRIDE", "STAGED"};
    printf("t=%" PRId64 " %s", c->time, trd_command_text(c->kind));
    if (trd_command_text(c->kind)[0] == '?') {
        printf("(%u)", c->kind);
    }
    printf(" i%u a%u", c->instrument, c->account);
    put_i64("actor", c->actor);
    put_body(names, c);
    put_bits(flags, COUNT_OF(flags), c->flags);
    if (c->slots != slots) {
        printf(" slots=%u", c->slots);
    }
    for (uint32_t i = 1; i < slots; i++) {
        put_extension(&c[i]);
    }
}

/* --- Events ----------------------------------------------------------------------------------- */

static void put_exec(const text_names *names, const trd_event *e) {
    trd_ext_exec x;
    memcpy(&x, e, sizeof(x));
    printf("  EXEC #%" PRIu64 " contra ", x.client_id);
    put_order(names, x.contra);
    printf(" a%u cum=%" PRId64 " prevented=%" PRId64 " command_seq=%" PRIu64 " tag=%" PRIu64,
        x.contra_account, x.cum, x.prevented, x.command_seq, x.tag);
}

static void put_order_event(const text_names *names, const trd_event *e) {
    const trd_ev_order *o = &e->u.order;
    const bool refused = e->kind == TRD_EVENT_REJECTED || e->kind == TRD_EVENT_CANCEL_REJECTED ||
                         e->kind == TRD_EVENT_REPLACE_REJECTED ||
                         e->kind == TRD_EVENT_COMMAND_REJECTED;
    if (refused) {
        printf(" %s of %s,", trd_reject_text(e->reason), trd_command_text(e->liquidity));
    }
    if (o->order != 0) {
        printf(" ");
        put_order(names, o->order);
    }
    printf(" #%" PRIu64 " %s total %" PRId64 " @ %" PRId64 " %s", o->client_id, side_text(e->side),
        o->qty, o->px, NAME(statuses, e->status));
}

static void put_fill(const text_names *names, const trd_event *e) {
    printf(" ");
    put_order(names, e->u.fill.order);
    printf(" %s %" PRId64 " @ %" PRId64 " leaves %" PRId64 " %s %s", side_text(e->side),
        e->u.fill.qty, e->u.fill.px, e->u.fill.leaves, NAME(liquidities, e->liquidity),
        NAME(statuses, e->status));
}

static void put_session_event(const trd_event *e) {
    const trd_ev_session *s = &e->u.session;
    printf(" %s from %s by %s", NAME(states, s->state), NAME(states, s->former),
        NAME(session_causes, s->cause));
    put_i64("until", s->until);
}

static void put_auction(const trd_event *e) {
    const trd_ev_auction *a = &e->u.auction;
    printf(" %s", a->final == 1 ? "final" : a->final == 0 ? "indicative" : "final=?");
    if (a->priced == 0) {
        printf(" no price");
    }
    printf(" px=%" PRId64 " volume=%" PRId64 " imbalance=%" PRId64, a->px, a->volume, a->imbalance);
}

static void put_event_body(const text_names *names, const trd_event *e) {
    switch (e->kind) {
    case TRD_EVENT_FILL:
        put_fill(names, e);
        break;
    case TRD_EVENT_CANCELED:
        printf(" ");
        put_order(names, e->u.cancel.order);
        printf(" #%" PRIu64 " %s cause %s qty %" PRId64 " cum %" PRId64 " %s",
            e->u.cancel.client_id, side_text(e->side), trd_cause_text(e->reason), e->u.cancel.qty,
            e->u.cancel.cum, NAME(statuses, e->status));
        break;
    case TRD_EVENT_TRIGGERED:
        printf(" ");
        put_order(names, e->u.trigger.order);
        printf(" #%" PRIu64 " %s trigger %" PRId64 " touched by %s %" PRId64,
            e->u.trigger.client_id, side_text(e->side), e->u.trigger.trigger,
            NAME(sources, e->reason), e->u.trigger.reference);
        break;
    case TRD_EVENT_PREVENTED:
        printf(" ");
        put_order(names, e->u.prevent.order);
        printf(" %s %" PRId64 " with ", side_text(e->side), e->u.prevent.qty);
        put_order(names, e->u.prevent.contra);
        printf(" leaves %" PRId64 " %s", e->u.prevent.leaves, NAME(stps, e->reason));
        break;
    case TRD_EVENT_RESTATED:
        printf(" ");
        put_order(names, e->u.restate.order);
        printf(" %s %s px %" PRId64 " displayed %" PRId64 " leaves %" PRId64 " %s",
            NAME(restates, e->reason), side_text(e->side), e->u.restate.px, e->u.restate.displayed,
            e->u.restate.leaves, NAME(statuses, e->status));
        break;
    case TRD_EVENT_LEVEL:
        printf(" %s %" PRId64 " x %" PRId64 " (%u)", side_text(e->side), e->u.level.px,
            e->u.level.qty, e->u.level.count);
        break;
    case TRD_EVENT_ORDER:
        printf(" ");
        put_order(names, e->u.displayed.order);
        printf(" %s %s @ %" PRId64 " left %" PRId64 " changed %" PRId64, NAME(whats, e->status),
            side_text(e->side), e->u.displayed.px, e->u.displayed.qty, e->u.displayed.changed);
        break;
    case TRD_EVENT_TAPE:
        printf(" %s %" PRId64 " @ %" PRId64 " trade %" PRIu64, side_text(e->side), e->u.tape.qty,
            e->u.tape.px, e->u.tape.trade);
        break;
    case TRD_EVENT_SESSION:
        put_session_event(e);
        break;
    case TRD_EVENT_AUCTION:
        put_auction(e);
        break;
    case TRD_EVENT_ACCEPTED:
    case TRD_EVENT_REJECTED:
    case TRD_EVENT_REPLACED:
    case TRD_EVENT_CANCEL_REJECTED:
    case TRD_EVENT_REPLACE_REJECTED:
    case TRD_EVENT_COMMAND_REJECTED:
        put_order_event(names, e);
        break;
    default:
        put_words(e->u.body);
    }
}

void text_event(const text_names *names, const trd_event *e) {
    if (e->kind == TRD_EXT_EXEC) {
        put_exec(names, e);
        return;
    }
    printf("%" PRIu64 " t=%" PRId64 " %s i%u", e->seq, e->time, trd_event_text(e->kind),
        e->instrument);
    if (e->account != 0 || e->kind == TRD_EVENT_FILL) {
        printf(" a%u", e->account);
    }
    put_event_body(names, e);
    if ((e->flags & TRD_EVENT_PLACE_KEPT) != 0) {
        printf(" PLACE_KEPT");
    }
}

/* --- Differences ------------------------------------------------------------------------------ */

static const char *word_name(uint8_t kind, unsigned at) {
    static const char *const names[][4] = {
        [TRD_EVENT_NONE] = {"word 0", "word 1", "word 2", "word 3"},
        [TRD_EVENT_ACCEPTED] = {"client_id", "order", "px", "qty"},
        [TRD_EVENT_REJECTED] = {"client_id", "order", "px", "qty"},
        [TRD_EVENT_FILL] = {"order", "px", "qty", "leaves"},
        [TRD_EVENT_CANCELED] = {"client_id", "order", "qty", "cum"},
        [TRD_EVENT_REPLACED] = {"client_id", "order", "px", "qty"},
        [TRD_EVENT_CANCEL_REJECTED] = {"client_id", "order", "px", "qty"},
        [TRD_EVENT_REPLACE_REJECTED] = {"client_id", "order", "px", "qty"},
        [TRD_EVENT_COMMAND_REJECTED] = {"word 0", "word 1", "word 2", "word 3"},
        [TRD_EVENT_TRIGGERED] = {"client_id", "order", "trigger", "reference"},
        [TRD_EVENT_PREVENTED] = {"order", "contra", "qty", "leaves"},
        [TRD_EVENT_RESTATED] = {"order", "px", "displayed", "leaves"},
        [TRD_EVENT_LEVEL] = {"px", "qty", "count", "reserved"},
        [TRD_EVENT_ORDER] = {"order", "px", "qty", "changed"},
        [TRD_EVENT_TAPE] = {"px", "qty", "trade", "reserved"},
        [TRD_EVENT_SESSION] = {"state, former, cause", "until", "reserved", "reserved"},
        [TRD_EVENT_AUCTION] = {"px", "volume", "imbalance", "final, priced"},
    };
    return names[kind < COUNT_OF(names) && names[kind][0] != NULL ? kind : 0][at];
}

static void put_differing(const char *indent, const char *field, int64_t a, int64_t b) {
    if (a != b) {
        printf("%s%s: matcher %" PRId64 ", model %" PRId64 "\n", indent, field, a, b);
    }
}

void text_difference(const char *indent, const trd_event *a, const trd_event *b) {
    if (a->kind != b->kind) {
        printf("%skind: matcher %s, model %s\n", indent, trd_event_text(a->kind),
            trd_event_text(b->kind));
        return;
    }
    put_differing(indent, "seq", (int64_t)a->seq, (int64_t)b->seq);
    put_differing(indent, "time", a->time, b->time);
    put_differing(indent, "slots", a->slots, b->slots);
    put_differing(indent, "flags", a->flags, b->flags);
    put_differing(indent, "instrument", a->instrument, b->instrument);
    put_differing(indent, "account", a->account, b->account);
    put_differing(indent, "side", a->side, b->side);
    put_differing(indent, "liquidity", a->liquidity, b->liquidity);
    put_differing(indent, "status", a->status, b->status);
    put_differing(indent, "reason", a->reason, b->reason);
    for (unsigned i = 0; i < 4; i++) {
        int64_t left;
        int64_t right;
        memcpy(&left, &a->u.body[8 * i], sizeof(left));
        memcpy(&right, &b->u.body[8 * i], sizeof(right));
        put_differing(indent, word_name(a->kind, i), left, right);
    }
}

/* --- Orders ----------------------------------------------------------------------------------- */

void text_order(const text_names *names, const trd_order_info *o) {
    put_order(names, o->order);
    printf(" i%u a%u #%" PRIu64 " %s %s %" PRId64 " (shown %" PRId64 ") @ %" PRId64 " %s %s",
        o->instrument, o->account, o->client_id, NAME(wheres, o->where), side_text(o->side),
        o->leaves, o->displayed, o->px, NAME(types, o->type), NAME(tifs, o->tif));
    put_bits(execs, COUNT_OF(execs), o->exec);
    if (o->stp != 0) {
        printf(" stp=%s", NAME(stps, o->stp));
    }
    put_i64("executed", o->executed);
    put_i64("prevented", o->prevented);
    put_i64("trigger", o->trigger);
    put_i64("reserved", o->reserved);
}
