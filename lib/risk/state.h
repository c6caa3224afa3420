/* state.h - the block of a trd_risk.
 *
 * Every scope that can have limits (the firm, an account, an instrument, a pair, an actor, a tag)
 * is one node: a mask of the limits that are set, their values, and what is counted for them. A
 * limit that is not set costs a bit in a mask that was read anyway.
 *
 *     firm      one node
 *     accounts  [account]       a node
 *     markets   [instrument]    a node, margin, open lots of all accounts
 *     pool      map             nodes of pairs, actors, tags; record 0 is empty, and stands for
 *                               scopes that have no limits
 *     orders    [order slot]    what an open order counts for
 *     repeats   ring, chains    accepted orders, for REPEATED
 *     models    [number]        margin models
 *     groups    [group]         scenario groups
 *     arrays    [number]        what instruments lose in the scenarios
 *     pairs     [number]        credits between groups
 *     portfolios  pool, map     what an account has in a group, in the list of the account
 *     parents   pool, map       parent orders
 *     roles     map             (actor, account) -> role */
#ifndef TRD_RISK_STATE_H
#define TRD_RISK_STATE_H

#include <tradsys/risk.h>

#include <string.h>

#include "core/fixed.h"
#include "core/handle.h"
#include "core/map.h"

enum { TRD_RISK_PPM = 1000000, TRD_RISK_GROUPS_MAX = 256 };

/* Limits that nodes have are below it: that of a parent order is in its own record. */
enum { TRD_RISK_LIMITS = TRD_LIMIT_PARENT_QTY };

/* Bits of a node's mask: one per limit that is set, and what has latched. */
trd_inline uint32_t trd__bit(unsigned limit) {
    return (uint32_t)1 << limit;
}

enum {
    TRD_RISK_LATCHED = 16,
    TRD_RISK_FOLLOWED = 17 /* of an account: its portfolios are kept */
};

typedef struct trd_risk_node {
    /* line 0: every order */
    uint32_t mask;
    uint32_t next_free;
    int64_t value[TRD_RISK_LIMITS - 1]; /* [limit - 1], of those in the mask */
    /* line 1, from value[7] on */
    trd_wide open_value; /* of open orders; TAG only while the node is there */
    uint64_t unpriced;   /* open orders whose value is not known */
    uint32_t with_unrealised;
    uint32_t portfolios; /* of an account: the first one; 0: none */
    /* line 2: messages and executions */
    trd_wide theory;         /* token bucket: the time it is full again, in 1 / value ns; fixed
                                windows: the time at which the current one ends */
    uint64_t reserved;       /* zero */
    uint32_t message_count;  /* in the current window */
    uint32_t executed_count; /* in the window that began at executed_from */
    trd_ns period;           /* window of MESSAGES */
    uint64_t burst;
    trd_ns window; /* of EXECUTIONS; of the firm: of REPEATED */
    trd_ns executed_from;
} trd_risk_node;

_Static_assert(sizeof(trd_risk_node) == 192, "three lines");

typedef struct trd_risk_market {
    trd_risk_node node;
    trd_wide open[2];    /* lots of open orders that buy, that sell */
    uint32_t model;      /* 0: none */
    uint32_t tiers;      /* of the model */
    uint32_t rate_ppm;   /* initial rate of its first tier, leverage included */
    uint32_t lever_ppm;  /* what its leverage asks for at least */
    uint32_t array;      /* 0: none */
    uint32_t group;      /* of the array */
    uint8_t is_disabled; /* 1: takes no orders */
    uint8_t is_cash;     /* model CASH or CNC */
    uint8_t reserved[6]; /* zero */
} trd_risk_market;

_Static_assert(sizeof(trd_risk_market) == 256, "four lines");

/* What an open order counts for: ceil(value x leaves / qty), so that what is left never depends on
 * how the rest went. */
typedef struct trd_risk_order {
    trd_order order; /* 0: the slot is free */
    uint64_t tag;
    trd_amt value; /* when it passed */
    trd_amt counted;
    trd_qty qty; /* when it passed */
    trd_qty leaves;
    uint32_t account;
    uint32_t instrument;
    uint8_t is_unpriced; /* 1: its value is not known */
    uint8_t is_child;    /* 1: it has a parent order */
    uint8_t sells;       /* 1: a seller */
    uint8_t reserved;    /* zero */
    uint32_t parent;     /* record of its parent order; 0: it has none */
} trd_risk_order;

_Static_assert(sizeof(trd_risk_order) == 64, "one line");

/* Is anything more to be counted than lots and value? One look for both. */
trd_inline bool trd__counts_more(const trd_risk_order *order) {
    uint16_t both;
    _Static_assert(offsetof(trd_risk_order, is_child) == offsetof(trd_risk_order, is_unpriced) + 1,
        "two bytes");
    memcpy(&both, &order->is_unpriced, sizeof(both));
    return both != 0;
}

/* The terms of an order that make it the same as another. */
typedef struct trd_risk_terms {
    trd_px px;
    trd_qty qty;
    uint32_t account;
    uint32_t instrument;
    uint8_t side;
    uint8_t position;
    uint8_t has_px;
    uint8_t reserved[5]; /* zero */
} trd_risk_terms;

_Static_assert(sizeof(trd_risk_terms) == 32, "no gaps: compared as bytes");

typedef struct trd_risk_repeat {
    trd_risk_terms terms;
    trd_ns time;
    uint32_t next; /* in its chain, newest first; 0: the last */
    uint32_t prev; /* 0: the first */
} trd_risk_repeat;

_Static_assert(sizeof(trd_risk_repeat) == 48, "no gaps");

typedef struct trd_risk_grouping {
    trd_scenario_group terms;
    uint32_t asset;
    uint32_t reserved; /* zero */
} trd_risk_grouping;

/* An instrument in a group, and the margin of one lot of an order that buys, that sells. */
typedef struct trd_risk_losses {
    trd_scenario_array terms;
    trd_amt per_lot[2];
} trd_risk_losses;

_Static_assert(sizeof(trd_risk_losses) == 160, "no gaps");

/* Sums over the positions of an account in a group, in 128 bits, where they never wrap: lots of all
 * positions that settle in one asset stay below 2^62 together (accounts.md, "Limits": a lot is
 * worth at least one unit), and numbers of an array are below 2^64. So a position can always move,
 * and only who asks finds out that a sum does not fit. */
typedef struct trd_risk_folio {
    trd_wide loss[TRD_SCENARIO_COUNT];
    trd_wide delta[TRD_SCENARIO_MONTHS_MAX];
    trd_wide short_lots;
    uint32_t account;
    uint32_t group;
    uint32_t next; /* of the account; free records: the next one */
    uint32_t reserved;
} trd_risk_folio;

_Static_assert(sizeof(trd_risk_folio) == 544, "no gaps");

/* A parent order. While a child is open, `open` is not 0 and the record stays: an order may name it
 * by its number. executed + open never overflows: nothing passes that takes them above 2^62. */
typedef struct trd_risk_parent_row {
    uint64_t id; /* 0: the record is free */
    trd_qty qty;
    trd_qty executed;
    trd_qty open; /* leaves of its children */
    uint32_t account;
    uint32_t instrument;
    uint32_t next_free;
    uint8_t side;
    uint8_t reserved[3]; /* zero */
} trd_risk_parent_row;

_Static_assert(sizeof(trd_risk_parent_row) == 48, "no gaps");

struct trd_risk {
    trd_risk_node firm;
    /* Which limits there are: an order asks the scopes that have one somewhere, and looks at no
     * other. */
    uint32_t limits; /* bits: set in any scope; LATCHED beside EXECUTIONS; PARENT_QTY if there is
                        room for parent orders, declared or not */
    uint8_t scopes_of[TRD_RISK_LIMITS]; /* [limit]: bits [scope - 1], in which it is set */
    trd_map pool_map;
    trd_map role_map;
    trd_map portfolio_map;
    uint64_t pool_slots_at; /* offsets from the block's own address */
    uint64_t role_slots_at;
    uint64_t portfolio_slots_at;
    uint64_t accounts_at;
    uint64_t markets_at;
    uint64_t pool_at;
    uint64_t orders_at;
    uint64_t models_at;
    uint64_t repeats_at;
    uint64_t chains_at;
    uint64_t groups_at;
    uint64_t arrays_at;
    uint64_t scenario_pairs_at;
    uint64_t portfolios_at;
    uint32_t groups;
    uint32_t arrays;
    uint32_t
        parents; /* parents_max. Beside it: what few orders have to do with, seen at one look */
    uint32_t scenario_pairs;
    uint32_t portfolio_free; /* first free record */
    uint32_t pool_free;      /* first free node */
    uint32_t pairs;          /* nodes of each kind: without any, none is looked for */
    uint32_t actors;
    uint32_t tags;
    uint32_t models;
    uint32_t repeats;                             /* records in use */
    uint32_t repeat_last;                         /* the newest; 0: none */
    uint32_t chains;                              /* how many; a power of two, or 0 */
    trd_ns repeat_time;                           /* of the newest */
    uint32_t set[TRD_LIMIT_TAG][TRD_RISK_LIMITS]; /* [scope - 1][limit]: how many are */
    trd_map parent_map;
    uint64_t parent_slots_at;
    uint64_t parents_at;
    uint32_t parent_free; /* first free record */
    uint64_t modelled;    /* how often an instrument was given a model */
    trd_risk_def def;
    size_t size;
};

/* Are there instruments with arrays, or can there be parent orders? */
trd_inline bool trd__has_more(const trd_risk *risk) {
    uint64_t both;
    _Static_assert(offsetof(trd_risk, parents) == offsetof(trd_risk, arrays) + 4, "two numbers");
    memcpy(&both, &risk->arrays, sizeof(both));
    return both != 0;
}

trd_inline void *trd__risk_at(const trd_risk *risk, uint64_t offset) {
    return (char *)(uintptr_t)risk + offset;
}

trd_inline trd_risk_node *trd__risk_account(const trd_risk *risk, uint32_t account) {
    return (trd_risk_node *)trd__risk_at(risk, risk->accounts_at) + account;
}

trd_inline trd_risk_market *trd__risk_market(const trd_risk *risk, uint32_t instrument) {
    return (trd_risk_market *)trd__risk_at(risk, risk->markets_at) + instrument;
}

trd_inline trd_risk_node *trd__risk_pooled(const trd_risk *risk, uint32_t number) {
    return (trd_risk_node *)trd__risk_at(risk, risk->pool_at) + number;
}

trd_inline trd_risk_order *trd__risk_order(const trd_risk *risk, uint32_t slot) {
    return (trd_risk_order *)trd__risk_at(risk, risk->orders_at) + slot;
}

trd_inline trd_margin_model *trd__risk_model(const trd_risk *risk, uint32_t number) {
    return (trd_margin_model *)trd__risk_at(risk, risk->models_at) + number - 1;
}

trd_inline trd_risk_repeat *trd__risk_repeat(const trd_risk *risk, uint32_t number) {
    return (trd_risk_repeat *)trd__risk_at(risk, risk->repeats_at) + number;
}

trd_inline uint32_t *trd__risk_chain(const trd_risk *risk, uint32_t chain) {
    return (uint32_t *)trd__risk_at(risk, risk->chains_at) + chain;
}

trd_inline trd_risk_grouping *trd__risk_group(const trd_risk *risk, uint32_t group) {
    return (trd_risk_grouping *)trd__risk_at(risk, risk->groups_at) + group;
}

trd_inline trd_risk_losses *trd__risk_array(const trd_risk *risk, uint32_t number) {
    return (trd_risk_losses *)trd__risk_at(risk, risk->arrays_at) + number - 1;
}

trd_inline trd_scenario_pair *trd__risk_pair(const trd_risk *risk, uint32_t at) {
    return (trd_scenario_pair *)trd__risk_at(risk, risk->scenario_pairs_at) + at;
}

trd_inline trd_risk_folio *trd__risk_portfolio(const trd_risk *risk, uint32_t number) {
    return (trd_risk_folio *)trd__risk_at(risk, risk->portfolios_at) + number - 1;
}

trd_inline trd_risk_parent_row *trd__risk_parent(const trd_risk *risk, uint32_t number) {
    return (trd_risk_parent_row *)trd__risk_at(risk, risk->parents_at) + number - 1;
}

trd_inline trd_map_slot *trd__parent_slots(const trd_risk *risk) {
    return (trd_map_slot *)trd__risk_at(risk, risk->parent_slots_at);
}

trd_inline trd_map_slot *trd__portfolio_slots(const trd_risk *risk) {
    return (trd_map_slot *)trd__risk_at(risk, risk->portfolio_slots_at);
}

trd_inline trd_map_slot *trd__pool_slots(const trd_risk *risk) {
    return (trd_map_slot *)trd__risk_at(risk, risk->pool_slots_at);
}

trd_inline trd_map_slot *trd__role_slots(const trd_risk *risk) {
    return (trd_map_slot *)trd__risk_at(risk, risk->role_slots_at);
}

/* The least margin that a leverage > 0, in hundredths, leaves: ceil(1 / leverage), ppm. */
trd_inline uint32_t trd__lever_ppm(uint32_t leverage) {
    return (100 * TRD_RISK_PPM - 1) / leverage + 1;
}

/* block.c: trd_risk_reset, but what instruments are margined by stays: models, scenario groups,
 * pairs and arrays. */
void trd__risk_restart(trd_risk *risk);

/* --- nodes ------------------------------------------------------------------------------------ */

trd_inline uint64_t trd__pair_id(uint32_t account, uint32_t instrument) {
    return (uint64_t)account << 32 | instrument;
}

trd_inline uint32_t trd__pool_find(const trd_risk *risk, uint64_t id, uint32_t scope) {
    return trd__map_find(&risk->pool_map, trd__pool_slots(risk),
        trd__map_home(&risk->pool_map, id, scope), id, scope);
}

/* The node of a pair, an actor or a tag: the empty one if there is none. */
trd_inline trd_risk_node *trd__pooled_of(const trd_risk *risk, uint64_t id, uint32_t scope) {
    const uint32_t slot = trd__pool_find(risk, id, scope);
    return trd__risk_pooled(
        risk, slot != TRD_MAP_NONE ? trd__map_ref(trd__pool_slots(risk), slot) : 0);
}

trd_inline trd_risk_node *trd__pair_node(const trd_risk *risk, uint32_t account, uint32_t number) {
    return risk->pairs != 0 ? trd__pooled_of(risk, trd__pair_id(account, number), TRD_LIMIT_PAIR)
                            : trd__risk_pooled(risk, 0);
}

trd_inline trd_risk_node *trd__actor_node(const trd_risk *risk, uint32_t actor) {
    return risk->actors != 0 ? trd__pooled_of(risk, actor, TRD_LIMIT_ACTOR)
                             : trd__risk_pooled(risk, 0);
}

/* Tag 0 is no tag, and never has limits. */
trd_inline trd_risk_node *trd__tag_node(const trd_risk *risk, uint64_t tag) {
    return risk->tags != 0 ? trd__pooled_of(risk, tag, TRD_LIMIT_TAG) : trd__risk_pooled(risk, 0);
}

/* --- orders (order.c) ------------------------------------------------------------------------- */

/* The record of an open order, NULL if there is none. */
trd_inline trd_risk_order *trd__risk_order_of(const trd_risk *risk, trd_order order) {
    const uint32_t slot = trd__handle_slot(order);
    if (slot >= risk->def.orders_max || trd__risk_order(risk, slot)->order != order) {
        return NULL;
    }
    return trd__risk_order(risk, slot);
}

/* An order has other lots after a split: what it counts for stays as it is. */
void trd__risk_restated(trd_risk *risk, trd_order handle, trd_qty leaves);

/* Counts every open order of a tag, whose node is new. */
void trd__tag_counts(trd_risk *risk, uint64_t tag, trd_risk_node *node);

/* --- orders that were accepted (repeat.c) ----------------------------------------------------- */

trd_risk_terms trd__terms_of(const trd_ask *ask);

/* The newest record with the same terms; 0: none is remembered. */
uint32_t trd__repeat_find(const trd_risk *risk, const trd_risk_terms *terms);
bool trd__repeats_remake(trd_risk *risk); /* chains of the records; false if these are none */
void trd__repeat_add(trd_risk *risk, const trd_risk_terms *terms, trd_ns now);

/* The chain that terms are in. */
uint32_t trd__repeat_chain(const trd_risk *risk, const trd_risk_terms *terms);

/* --- messages (throttle.c) -------------------------------------------------------------------- */

/* Counts a message, if the only throttle there is counts it without a second look: fixed windows of
 * the firm, one of which goes on and is not full. False: it is not counted, trd_risk_message is to
 * be asked. */
trd_inline bool trd__message_counts(trd_risk *risk, trd_ns now) {
    trd_risk_node *firm = &risk->firm;
    if (trd_unlikely(risk->scopes_of[TRD_LIMIT_MESSAGES] != 1u << (TRD_LIMIT_FIRM - 1)) ||
        trd_unlikely(firm->burst != 0) || trd_unlikely(now >= firm->theory) ||
        trd_unlikely(firm->message_count >= firm->value[TRD_LIMIT_MESSAGES - 1])) {
        return false;
    }
    firm->message_count++;
    return true;
}

/* Nothing was counted yet. */
void trd__messages_begin(trd_risk_node *node);
trd_inline void trd__executions_begin(trd_risk_node *node) {
    node->executed_count = 0;
    node->executed_from = 0;
}

/* --- permissions (roles.c) -------------------------------------------------------------------- */

/* Bits of a role; 0 for what is none. */
trd_inline unsigned trd__role_permissions(unsigned role) {
    enum {
        VIEW = TRD_MAY_VIEW_ORDERS | TRD_MAY_VIEW_POSITIONS | TRD_MAY_VIEW_BALANCES,
        ACT = VIEW | TRD_MAY_CREATE_ORDERS | TRD_MAY_CANCEL_ORDERS,
        ALL = ACT | TRD_MAY_MANAGE_USERS | TRD_MAY_CONFIGURE | TRD_MAY_REPORT
    };
    static const uint8_t of[] = {[TRD_ROLE_VIEWER] = VIEW,
        [TRD_ROLE_TRADER] = ACT,
        [TRD_ROLE_MARKET_MAKER] = ACT,
        [TRD_ROLE_ADMIN] = ALL};
    return role < sizeof(of) ? of[role] : 0;
}

bool trd__may_by_role(const trd_risk *risk, uint32_t actor, uint32_t account, unsigned permissions);

/* Without roles everybody may do everything. */
trd_inline bool trd__may(
    const trd_risk *risk, uint32_t actor, uint32_t account, unsigned permissions) {
    return risk->def.actors_max == 0 || trd__may_by_role(risk, actor, account, permissions);
}

#endif
