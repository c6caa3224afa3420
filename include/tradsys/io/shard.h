/* shard.h - instruments over several engines, and a router in front of them.
 *
 *                        +--> node 0 --> its events
 *     trd_shards_send ---+--> node 1 --> its events       each with journal and directory of its
 * own
 *                        +--> node 2 --> its events
 *
 * An engine is one thread. Whoever needs more gives each engine some of the instruments: a shard.
 * Instruments have numbers over all shards; the router knows of each where it is and sends a
 * command there, with the number that it has there; what is about an account or about all goes to
 * every shard. Events come from each node as ever, and are read with numbers over all, beside the
 * shard they are from: their seq, order handles and trade ids are that shard's own.
 *
 * An account's money at a shard is what was brought there: no order at one shard can spend what is
 * at another, and limits, margin, liquidation are each shard's for itself. trd_shards_move brings
 * money from one shard to another by three commands, each in the journal of its shard; a move
 * happens once or not at all, whatever crashes. docs/reference/shards.md has the rules, and says
 * what limits per shard mean.
 *
 * A router belongs to one thread. Several routers may send to the same nodes. It allocates while it
 * is opened, and never later; no locks, no system call.
 */
#ifndef TRADSYS_IO_SHARD_H
#define TRADSYS_IO_SHARD_H

#include <tradsys/account.h>
#include <tradsys/base.h>
#include <tradsys/command.h>
#include <tradsys/event.h>
#include <tradsys/instrument.h>
#include <tradsys/io/node.h>

TRD_BEGIN_DECLS

typedef struct trd_shards trd_shards;

enum { TRD_SHARDS_MAX = 64, TRD_SHARD_ROUTERS = 16 };

/* Where an instrument is. */
typedef struct trd_shard_place {
    uint32_t shard; /* [0, shards) */
    uint32_t local; /* its number there */
} trd_shard_place;

/* An instrument of the table. Its number over all shards is its place in the table, from 0. */
typedef struct trd_shard_instrument {
    trd_shard_place place;
    char symbol[TRD_SYMBOL_SIZE]; /* that the instrument has there: a table in another order than
                                     the engines were set up in is found out */
} trd_shard_instrument;

/* References from 2^63 on are those of moves: no other TRANSFER may have one. */
#define TRD_MOVE_REFERENCE ((uint64_t)1 << 63)

/* Start from trd_shards_def_default(). What it points to is read by trd_shards_open and not kept,
 * but for the nodes and home_user. */
typedef struct trd_shards_def {
    uint32_t struct_size;          /* sizeof(trd_shards_def) */
    uint32_t shards;               /* [1, TRD_SHARDS_MAX] */
    trd_node *const *nodes;        /* one for each, open; they stay the caller's */
    const uint32_t *subscriptions; /* of each node the number of a subscription made by
                                      trd_shards_subscription, nobody else's; NULL without moves */
    const trd_shard_instrument *instruments;
    uint32_t instrument_count;
    uint32_t instruments_max; /* numbers over all, and local ones, are below: [1, 2^20] */
    /* Where deposits of the account go that name no shard: below `shards`, the same each time.
     * NULL: account % shards. */
    uint32_t (*home)(void *user, uint32_t account);
    void *home_user;
    uint32_t moves_max; /* under way, or with a result that is not taken: [0, 2^16] */
    uint32_t transit;   /* 1 + the account that money is in between two shards, this router's alone;
                           0: none, no moves */
    uint32_t actor;     /* of the router's own commands: user.manage for all accounts */
    uint32_t router;    /* [0, TRD_SHARD_ROUTERS): routers that move have different ones, each the
                           same after every start */
    uint64_t first;     /* moves are numbered from here, or behind the highest number that is found,
                           [0, 2^47); 0: from the system's clock */
    trd_mem mem;
} trd_shards_def;

static inline trd_shards_def trd_shards_def_default(void) {
    trd_shards_def def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    def.instruments_max = 4096;
    return def;
}

/* trd_shards_subscription: what a node's definition must have for a router that moves, with a ring
 * of `capacity` slots. A ring that was full takes the shard out until its node is opened anew
 * (trd_shards_join), so it is not small: transfers and refusals of all accounts go through it. */
static inline trd_subscription trd_shards_subscription(uint32_t capacity) {
    trd_subscription sub = TRD_ZERO;
    sub.kinds = (uint64_t)1 << TRD_EVENT_LEDGER | (uint64_t)1 << TRD_EVENT_COMMAND_REJECTED;
    sub.capacity = capacity;
    sub.policy = TRD_SLOW_CUT;
    sub.flags = TRD_SUBSCRIBE_CONFIRMS | TRD_SUBSCRIBE_TRANSFERS;
    return sub;
}

/* What opening met. */
typedef struct trd_shards_status {
    uint32_t shard;      /* it was about this one, + 1; 0: none */
    uint32_t instrument; /* or about this row of the table, + 1; 0: none */
    uint32_t unfinished; /* moves found under way, which go on */
    uint32_t reserved;
} trd_shards_status;

/* trd_shards_open makes a router over nodes that are open, running or not. Moves that a router of
 * the same number has left unfinished are found in what the nodes give again, and go on with
 * trd_shards_poll. TRD_OK and *out; otherwise *out is NULL:
 *   TRD_E_ARG      the definition, or NULL; a subscription that is not as it must be; with moves an
 *                  engine that does not publish what accounts get (TRD_PUBLISH_MONEY_ACCOUNTS)
 *   TRD_E_MEMORY
 *   TRD_E_UNKNOWN  status->instrument: the shard has no instrument of that number and symbol;
 *                  status->shard: an asset there is not what it is at shard 0, or moves say that
 *                  it was another shard; neither: a move goes to a shard that is not among these
 *   TRD_E_EXISTS   status->instrument: that place is in the table already
 *   TRD_E_BUSY     status->shard: the subscription has served a router since its node was opened
 *   TRD_E_FULL     more moves are unfinished than moves_max
 * O(instruments + assets x shards + events given again). */
TRD_API int trd_shards_open(const trd_shards_def *def, trd_shards_status *status, trd_shards **out);

/* trd_shards_close frees the router. Moves under way stay as they are until a router is opened over
 * nodes that were opened anew. NULL does nothing. */
TRD_API void trd_shards_close(trd_shards *shards);

/* --- instruments ------------------------------------------------------------------------------ */

/* trd_shards_list adds an instrument that an engine has had all along to the table; it returns its
 * number, or TRD_E_ARG, TRD_E_FULL, TRD_E_EXISTS, TRD_E_UNKNOWN as above, TRD_E_BUSY: the shard has
 * no node. No thread asks about instruments or events meanwhile. */
TRD_API int trd_shards_list(trd_shards *shards, const trd_shard_instrument *instrument);

/* place: where instrument number `instrument` is; TRD_OK, TRD_E_UNKNOWN, TRD_E_ARG. number: the
 * other way round; TRD_E_UNKNOWN if that place is not in the table. Any thread. O(1). */
TRD_API int trd_shards_place(const trd_shards *shards, uint32_t instrument, trd_shard_place *out);
TRD_API int trd_shards_number(const trd_shards *shards, const trd_shard_place *place);

/* trd_shards_event copies the record at `from`, an event of a node, with the number over all of its
 * instrument to `to`, which has room for from->slots slots. What is about no instrument stays as it
 * is; what it has in `instrument` then means nothing. Any thread. TRD_OK; TRD_E_UNKNOWN: the
 * instrument is not in the table; TRD_E_ARG. O(1). */
TRD_API int trd_shards_event(
    const trd_shards *shards, uint32_t shard, const trd_event *from, trd_event *to);

/* --- commands --------------------------------------------------------------------------------- */

/* trd_shards_home: the shard of an account's deposits. */
TRD_API uint32_t trd_shards_home(const trd_shards *shards, uint32_t account);

/* trd_shards_route: which shards the command would be sent to, bit n: shard n. By its kind:
 * docs/reference/shards.md. TRD_OK; TRD_E_UNKNOWN: no such instrument; TRD_E_ARG: no kind that an
 * engine acts on, or a TRANSFER from or to the account in transit, or with a reference of moves. */
TRD_API int trd_shards_route(const trd_shards *shards, const trd_command *base, uint64_t *out);

/* trd_shards_send sends the record that begins at `base`, with instruments numbered over all, to
 * the shards that trd_shards_route says, each once.
 *   TRD_OK         it is on its way to all of them, as trd_node_send has it
 *   TRD_E_FULL     none of them had room: nothing was done
 *   TRD_MORE       some have it, others had no room: call with NULL until it is something else.
 *                  `base` need not stay
 *   TRD_E_IO       all have it but those of trd_shards_missed, whose nodes have failed, were
 *                  stopped, or have left
 *   TRD_E_BUSY     `base` is not NULL, and another record waits for room: nothing was done
 *   TRD_E_ARG, TRD_E_UNKNOWN  as route, or no record: nothing was done
 * NULL when nothing waits: TRD_OK. O(shards). */
TRD_API int trd_shards_send(trd_shards *shards, const trd_command *base);

/* trd_shards_send_to sends to one shard alone: a deposit that names its shard, a limit's share. Not
 * what is about an instrument somewhere else: TRD_E_ARG. Else as send. */
TRD_API int trd_shards_send_to(trd_shards *shards, uint32_t shard, const trd_command *base);

/* The shards that did not get the last record, bit n: shard n. */
TRD_API uint64_t trd_shards_missed(const trd_shards *shards);

/* --- work ------------------------------------------------------------------------------------- */

/* trd_shards_poll reads what the nodes have told since, and goes on with moves; how much that was,
 * 0: there is nothing to do now. Without moves there never is. O(what was told). */
TRD_API int trd_shards_poll(trd_shards *shards);

/* trd_shards_work is poll, and trd_node_work of each node that has no threads: all of it by hand.
 */
TRD_API int trd_shards_work(trd_shards *shards);

/* trd_shards_leave: the shard has no node any more: it has failed, and is to be closed. The router
 * does not touch it again. Moves that need it wait. join: the node that was opened in its place, on
 * the same directory, subscribed at number `subscription` with a `last` not above `seen` of its
 * stats: 0 always is. Steps of moves that the other one has lost are sent again.
 * TRD_OK; TRD_E_ARG; TRD_E_BUSY: leave: it has left; join: it has not, or as in open;
 * join also TRD_E_UNKNOWN: instruments or assets are others; TRD_E_RANGE: the node lacks events
 * that the router has seen (a journal that is not in mode SYNC may lose some), or gives less. */
TRD_API int trd_shards_leave(trd_shards *shards, uint32_t shard);
TRD_API int trd_shards_join(
    trd_shards *shards, uint32_t shard, trd_node *node, uint32_t subscription);

enum {
    TRD_SHARD_LIVE = 1,
    TRD_SHARD_CUT = 2, /* its ring was full. Commands pass, moves wait until it joins anew */
    TRD_SHARD_LEFT = 3
};

typedef struct trd_shard_stats {
    uint64_t seen;      /* seq of the last event that the router has seen */
    uint64_t confirmed; /* it needs no event up to this one any more: trd_node_confirm */
    uint32_t state;     /* TRD_SHARD_* */
    uint32_t waiting;   /* steps of moves that had no room yet */
} trd_shard_stats;

TRD_API int trd_shards_stats(const trd_shards *shards, uint32_t shard, trd_shard_stats *out);

/* --- moves ------------------------------------------------------------------------------------ */

/* Free money of an account, from one shard to another. */
typedef struct trd_shard_move {
    uint32_t account; /* not the one in transit */
    uint32_t asset;
    uint32_t from;  /* shard */
    uint32_t to;    /* another one */
    trd_amt amount; /* > 0 */
} trd_shard_move;

/* How a move stands: the step that it is at, or how it has ended. */
enum {
    TRD_MOVE_OUT = 1,      /* from: the account -> transit */
    TRD_MOVE_IN = 2,       /* to: a deposit of the account */
    TRD_MOVE_FIN = 3,      /* from: transit -> out; it is the account's at `to` already */
    TRD_MOVE_BACK = 4,     /* from: transit -> the account: `to` has refused it, `reason` */
    TRD_MOVE_DONE = 5,     /* it has ended: the money is at `to` */
    TRD_MOVE_REFUSED = 6,  /* it has ended: `from` has refused it, `reason`; nothing was moved */
    TRD_MOVE_RETURNED = 7, /* it has ended: `to` has refused it, `reason`; it is at `from` again */
    TRD_MOVE_HELD = 8 /* FIN or BACK was refused, `reason`, which nothing but roles, or a balance at
                         its limit, can be the cause of. It stands still: trd_shards_again */
};

typedef struct trd_shard_result {
    uint64_t reference; /* of all its TRANSFERs */
    trd_shard_move move;
    uint8_t state;  /* TRD_MOVE_* */
    uint8_t reason; /* TRD_REJECT_*; 0: none */
    uint8_t reserved[6];
} trd_shard_result;

/* trd_shards_move begins a move. TRD_OK and its reference in *reference: unique, and above those of
 * this router's moves before; TRD_E_FULL: moves_max; TRD_E_ARG; TRD_E_RANGE: 2^47 moves. Each step
 * is sent by trd_shards_poll when the one before is acknowledged. O(1). */
TRD_API int trd_shards_move(trd_shards *shards, const trd_shard_move *move, uint64_t *reference);

/* trd_shards_result takes the next result: 1 and *out; 0: none. Each move that has ended has one,
 * in the order in which they ended; one that is HELD has one each time. Until it is taken the move
 * takes a place of moves_max, and is known after a crash: trd_shards_look between open and the
 * first poll. Those that the crash has found unfinished have a result like others. */
TRD_API int trd_shards_result(trd_shards *shards, trd_shard_result *out);

/* trd_shards_look: how the move of that reference stands. TRD_OK and *out; TRD_E_UNKNOWN: its
 * result was taken, or it never happened; TRD_E_ARG. Of moves that had ended before the nodes were
 * opened it looks through all events that these give again; `reason` may be 0 then, if `to` does
 * not. */
TRD_API int trd_shards_look(const trd_shards *shards, uint64_t reference, trd_shard_result *out);

/* trd_shards_again sends the last step of a move that is HELD once more. TRD_OK; TRD_E_UNKNOWN: no
 * such move; TRD_E_BUSY: it is not held, or its result is not taken. */
TRD_API int trd_shards_again(trd_shards *shards, uint64_t reference);

/* --- all shards together, at rest ------------------------------------------------------------- */

/* At rest: no node has threads, and no step of a move is on its way (work until nothing is done);
 * else, or while a shard has left, TRD_E_BUSY. */

/* An asset over all shards. */
typedef struct trd_shard_sum {
    trd_amt owned;   /* deposits - withdrawals, and what else came from OUTSIDE; moves excluded */
    trd_amt transit; /* in the accounts in transit */
    trd_amt arrived; /* of that what is at its shard already: there twice, and counted once */
    uint32_t moves;  /* that `transit` belongs to */
    uint32_t reserved;
} trd_shard_sum;

/* trd_shards_sum: TRD_OK; TRD_E_CORRUPT, and *out: what is in transit is not what this router's
 * moves have there; TRD_E_UNKNOWN: no such asset; TRD_E_RANGE: a number does not fit; TRD_E_ARG. By
 * the rule of account.h all accounts together, those of the venue but OUTSIDE too, have `owned` +
 * `arrived`. O(moves_max). */
TRD_API int trd_shards_sum(const trd_shards *shards, uint32_t asset, trd_shard_sum *out);

/* trd_shards_balance: what an account has of an asset at all shards together, and in *transit
 * (NULL: not wanted) what of it is on its way and at neither. TRD_OK; TRD_E_UNKNOWN: no such asset,
 * or no shard has the account; TRD_E_RANGE; TRD_E_ARG. */
TRD_API int trd_shards_balance(
    const trd_shards *shards, uint32_t account, uint32_t asset, trd_balance *out, trd_amt *transit);

TRD_END_DECLS

#endif
