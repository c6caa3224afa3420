/* shard_route.c - which kind of command goes where, and sending it, also to many.
 *
 * A record to several shards is tried at all of them at once, so that a full ring or a dead node
 * keeps nobody else from having it; who had no room is tried again until none is left. */
#include <string.h>

#include "io/shard.h"

/* Where a kind of command goes. */
enum route {
    INSTRUMENT = 1, /* where its instrument is */
    EVERY,          /* to all shards */
    HOME,           /* to that of the account's deposits */
    BY_BODY,        /* the body says whether it names an instrument: instrument_in_body */
    NOWHERE         /* no engine acts on it */
};

/* A kind that is new in command.def must have a line here. */
enum {
    ROUTE_OF_NEW = INSTRUMENT,
    ROUTE_OF_CANCEL = INSTRUMENT,
    ROUTE_OF_REPLACE = INSTRUMENT,
    ROUTE_OF_REDUCE = INSTRUMENT,
    ROUTE_OF_MASS_CANCEL = BY_BODY,
    ROUTE_OF_QUOTE = INSTRUMENT,
    ROUTE_OF_TIMER = EVERY,
    ROUTE_OF_SESSION = INSTRUMENT,
    ROUTE_OF_PRICE = INSTRUMENT,
    ROUTE_OF_SUBSCRIBE = INSTRUMENT,
    ROUTE_OF_INSTRUMENT = NOWHERE,
    ROUTE_OF_ACCOUNT = EVERY,
    ROUTE_OF_TRANSFER = HOME,
    ROUTE_OF_LIMIT = BY_BODY,
    ROUTE_OF_KILL = BY_BODY,
    ROUTE_OF_FUNDING = INSTRUMENT,
    ROUTE_OF_CORPORATE = INSTRUMENT,
    ROUTE_OF_DEADMAN = BY_BODY,
    ROUTE_OF_PROTECTION = INSTRUMENT,
    ROUTE_OF_BOOKS = BY_BODY
};

static const uint8_t routes[] = {
#define TRD_COMMAND_ROW(name, number, text) [number] = ROUTE_OF_##name,
#include <tradsys/command.def>
};

static unsigned route_of(unsigned kind) {
    return kind < sizeof(routes) && routes[kind] != 0 ? routes[kind] : (unsigned)NOWHERE;
}

/* Does a command of such a kind name an instrument? */
static bool instrument_in_body(const trd_command *c) {
    switch (c->kind) {
    case TRD_COMMAND_MASS_CANCEL:
        return (c->u.mass.filter & TRD_MASS_INSTRUMENT) != 0;
    case TRD_COMMAND_KILL:
        return c->u.kill.scope == TRD_SCOPE_INSTRUMENT;
    case TRD_COMMAND_DEADMAN:
        return c->u.deadman.scope == TRD_SCOPE_INSTRUMENT;
    case TRD_COMMAND_LIMIT:
        return c->u.limit.scope == TRD_LIMIT_INSTRUMENT || c->u.limit.scope == TRD_LIMIT_PAIR ||
               c->u.limit.scope == TRD_LIMIT_PARENT;
    default:
        trd_assert(c->kind == TRD_COMMAND_BOOKS);
        return c->u.books.action == TRD_BOOKS_EXPIRE || c->u.books.action == TRD_BOOKS_ENABLE ||
               c->u.books.action == TRD_BOOKS_DISABLE;
    }
}

static uint64_t bit(uint32_t shard) {
    return (uint64_t)1 << shard;
}

static uint64_t all_of(const trd_shards *s) {
    return s->def.shards == TRD_SHARDS_MAX ? UINT64_MAX : bit(s->def.shards) - 1;
}

/* What is the router's own is nobody else's. */
static bool is_of_moves(const trd_shards *s, const trd_command *c) {
    const trd_transfer_body *body = &c->u.transfer;
    const uint32_t transit = s->def.transit;
    return (body->reference & TRD_MOVE_REFERENCE) != 0 ||
           (transit != 0 && (c->account == transit - 1 ||
                                (body->action == TRD_TRANSFER_MOVE && body->to == transit - 1)));
}

/* Where the record goes, and the number that its instrument has there: as it is, if it names none.
 * TRD_OK, TRD_E_UNKNOWN, TRD_E_ARG. */
static int find_route(
    const trd_shards *s, const trd_command *c, uint64_t *shards, uint32_t *instrument) {
    unsigned route = route_of(c->kind);
    if (route == BY_BODY) {
        route = instrument_in_body(c) ? INSTRUMENT : EVERY;
    }
    *instrument = c->instrument;
    switch (route) {
    case INSTRUMENT:
        if (c->instrument >= s->instruments) {
            return TRD_E_UNKNOWN;
        }
        *instrument = s->places[c->instrument].local;
        *shards = bit(s->places[c->instrument].shard);
        return TRD_OK;
    case EVERY:
        *shards = all_of(s);
        return TRD_OK;
    case HOME:
        *shards = bit(trd_shards_home(s, c->account));
        return is_of_moves(s, c) ? TRD_E_ARG : TRD_OK;
    default:
        return TRD_E_ARG;
    }
}

uint32_t trd_shards_home(const trd_shards *shards, uint32_t account) {
    const trd_shards_def *def = &shards->def;
    const uint32_t home =
        def->home != NULL ? def->home(def->home_user, account) : account % def->shards;
    trd_assert(home < def->shards);
    return home;
}

int trd_shards_route(const trd_shards *shards, const trd_command *base, uint64_t *out) {
    uint32_t instrument;
    uint64_t found;
    if (shards == NULL || base == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    const int result = find_route(shards, base, &found, &instrument);
    if (result == TRD_OK) {
        *out = found;
    }
    return result;
}

/* --- sending ---------------------------------------------------------------------------------- */

static int send_one(const trd__shard *shard, const trd_command *record) {
    const int result = shard->node != NULL ? trd_node_send(shard->node, record) : TRD_E_IO;
    return result == TRD_E_BUSY ? TRD_E_IO : result; /* it was stopped: as good as failed */
}

/* Tries all shards that the parcel has not reached. */
static int deliver(trd_shards *s) {
    trd__parcel *p = &s->parcel;
    for (uint64_t left = p->left; left != 0; left &= left - 1) {
        const uint32_t shard = (uint32_t)__builtin_ctzll(left);
        const int result = send_one(&s->shards[shard], p->record);
        if (result == TRD_E_ARG) { /* no record: all nodes look at that alike, and before others */
            p->left = p->missed = 0;
            return TRD_E_ARG;
        }
        if (result == TRD_E_FULL) {
            continue;
        }
        p->left &= ~bit(shard);
        p->missed |= result == TRD_OK ? 0 : bit(shard);
        p->is_begun = p->is_begun || result == TRD_OK;
    }
    if (p->left == 0) {
        return p->missed == 0 ? TRD_OK : TRD_E_IO;
    }
    if (!p->is_begun && p->missed == 0) {
        p->left = 0;
        return TRD_E_FULL;
    }
    return TRD_MORE;
}

static int begin(trd_shards *s, const trd_command *base, uint64_t shards, uint32_t instrument) {
    trd__parcel *p = &s->parcel;
    if (base->slots < 1 || base->slots > TRD_SLOTS_MAX) {
        return TRD_E_ARG;
    }
    memcpy(p->record, base, base->slots * sizeof(*base));
    p->record[0].instrument = instrument;
    p->left = shards;
    p->missed = 0;
    p->is_begun = false;
    return deliver(s);
}

int trd_shards_send(trd_shards *shards, const trd_command *base) {
    uint64_t to;
    uint32_t instrument;
    if (shards == NULL) {
        return TRD_E_ARG;
    }
    if (base == NULL) {
        return shards->parcel.left != 0 ? deliver(shards) : TRD_OK;
    }
    if (shards->parcel.left != 0) {
        return TRD_E_BUSY;
    }
    const int result = find_route(shards, base, &to, &instrument);
    return result == TRD_OK ? begin(shards, base, to, instrument) : result;
}

int trd_shards_send_to(trd_shards *shards, uint32_t shard, const trd_command *base) {
    uint64_t to;
    uint32_t instrument;
    if (shards == NULL || base == NULL || shard >= shards->def.shards) {
        return TRD_E_ARG;
    }
    if (shards->parcel.left != 0) {
        return TRD_E_BUSY;
    }
    const int result = find_route(shards, base, &to, &instrument);
    if (result != TRD_OK) {
        return result;
    }
    const bool anywhere = base->kind == TRD_COMMAND_TRANSFER;
    return anywhere || (to & bit(shard)) != 0 ? begin(shards, base, bit(shard), instrument)
                                              : TRD_E_ARG;
}

uint64_t trd_shards_missed(const trd_shards *shards) {
    return shards != NULL ? shards->parcel.missed : 0;
}

/* --- events ----------------------------------------------------------------------------------- */

/* Is the event about an instrument? 0: no, 1: it does not tell, 2: yes. */
static int has_instrument(const trd_event *e) {
    switch (e->kind) {
    case TRD_EVENT_COMMAND_REJECTED: {
        const unsigned route = route_of(e->liquidity);
        return route == INSTRUMENT ? 2 : route == BY_BODY ? 1 : 0;
    }
    case TRD_EVENT_LEDGER: {
        const unsigned entry = e->u.ledger.entry;
        const bool none = entry == TRD_LEDGER_TRANSFER || entry == TRD_LEDGER_LOAN ||
                          entry == TRD_LEDGER_INTEREST;
        return none ? 0 : 1;
    }
    case TRD_EVENT_MARGIN:
        return e->reason == TRD_CHANGE_ALERT || e->u.margin.unit == TRD_UNIT_POSITION ? 2 : 0;
    case TRD_EVENT_LIQUIDATION:
        return e->side != 0 ? 2 : 1;
    default:
        return e->kind < TRD_NODE_MARK ? 2 : 0;
    }
}

int trd_shards_event(
    const trd_shards *shards, uint32_t shard, const trd_event *from, trd_event *to) {
    if (shards == NULL || from == NULL || to == NULL || shard >= shards->def.shards) {
        return TRD_E_ARG;
    }
    uint32_t instrument = from->instrument;
    const int has = has_instrument(from);
    if (has != 0) {
        const trd_shard_place place = {.shard = shard, .local = instrument};
        const int number = trd_shards_number(shards, &place);
        if (number < 0 && (has == 2 || instrument != 0)) {
            return number;
        }
        instrument = number >= 0 ? (uint32_t)number : 0;
    }
    memmove(to, from, from->slots * sizeof(*from));
    to->instrument = instrument;
    return TRD_OK;
}
