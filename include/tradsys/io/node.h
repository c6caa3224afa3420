/* node.h - an engine at work: its commands through a journal, its events to subscribers.
 *
 *     any thread                                              a thread each
 *     trd_node_send ---> sequencer ---> engine ---> gate ---> trd_node_peek, trd_node_release
 *                            |                       ^
 *                            +---> journal ----------+ acknowledged
 *
 * A node is three agents, functions that do what there is to do and return: the sequencer numbers
 * and stamps commands and journals them, the engine executes them at the same time, and the gate
 * gives events to subscribers when the journal has acknowledged the commands that they follow from:
 * nobody hears of what a crash could undo. The agents meet at rings only. Call them by hand
 * (trd_node_work: tests, simulations), or give them 1 to 3 threads (trd_node_start).
 *
 * A node recovers by itself: it loads the newest snapshot that is whole, executes what the journal
 * has behind it, compares the checkpoints on the way, and gives each subscriber the events that it
 * does not have yet, each once. docs/reference/node.md has the rules.
 *
 * Between trd_node_open and trd_node_stop nothing allocates but trd_node_snapshot, in the thread
 * that calls it, which gives all back. Engine and gate make no system call but to rest and to wake
 * each other (TRD_IDLE_PARK, YIELD), the sequencer those of the journal besides.
 */
#ifndef TRADSYS_IO_NODE_H
#define TRADSYS_IO_NODE_H

#include <tradsys/base.h>
#include <tradsys/command.h>
#include <tradsys/engine.h>
#include <tradsys/event.h>
#include <tradsys/io/journal.h>

TRD_BEGIN_DECLS

typedef struct trd_node trd_node;

/* Kinds of slots in a subscriber's ring besides those of event.h. Each is one slot; only `seq` of
 * the head is set. The node's are 104 to 111. */
enum {
    TRD_NODE_MARK = 104,    /* inside the node */
    TRD_NODE_CUT = 105,     /* cut off: from event `seq` on not all were given, and now none are */
    TRD_NODE_RESUMED = 106, /* after trd_node_resume: from event `seq` on they are given again */
    TRD_NODE_CHECK = 107    /* inside the node */
};

/* What happens to a subscriber whose ring is full. Nobody waits for it. */
enum {
    TRD_SLOW_CUT = 1,     /* it is cut off: TRD_NODE_CUT is its last record, until it resumes */
    TRD_SLOW_CONFLATE = 2 /* of LEVEL events the latest of each (instrument, side, price) is kept
                             and given when there is room; cut off where another event, or one level
                             more than `levels`, would have to wait */
};

/* Flags of a subscription. */
enum {
    TRD_SUBSCRIBE_ACCOUNT = 1,  /* of events that name an account only those of `account`. LEVEL,
                                   ORDER, TAPE, SESSION, AUCTION are public and pass by kind */
    TRD_SUBSCRIBE_NOW = 2,      /* nothing of the past is wanted: `last` is not looked at */
    TRD_SUBSCRIBE_CONFIRMS = 4, /* it says what it has (trd_node_confirm), and snapshots from which
                                   the rest can be made again are kept beyond `keep` */
    TRD_SUBSCRIBE_TRANSFERS = 8 /* of LEDGER events only those of entry TRANSFER */
};

/* Who gets which events. */
typedef struct trd_subscription {
    uint64_t kinds;    /* bit n: events of kind n; 0: all */
    uint64_t last;     /* seq of the last event that it has; 0: none yet, it gets what
                          can still be made again */
    uint32_t capacity; /* slots of its ring: a power of two, [64, 2^24] */
    uint32_t policy;   /* TRD_SLOW_* */
    uint32_t levels;   /* CONFLATE: [1, 2^20]; else 0 */
    uint32_t account;  /* with TRD_SUBSCRIBE_ACCOUNT; else 0 */
    uint32_t flags;    /* TRD_SUBSCRIBE_* */
    uint32_t reserved; /* zero */
} trd_subscription;

/* How an agent's thread rests when there was nothing to do. */
enum {
    TRD_IDLE_SPIN = 1,  /* not at all: a processor of its own */
    TRD_IDLE_YIELD = 2, /* spins a while, then lets others run */
    TRD_IDLE_PARK = 3   /* then sleeps until it is woken, park_ns at most; senders and agents
                           wake whom they have something for */
};

enum { TRD_NODE_SUBSCRIBERS_MAX = 64, TRD_NODE_THREADS_MAX = 3 };

/* Flags of a definition. */
enum { TRD_NODE_HUGE = 1 /* engine and rings in huge pages, if there are any */ };

/* Start from trd_node_def_default(). What it points to is read by trd_node_open and not kept, but
 * for `user` of the hooks. */
typedef struct trd_node_def {
    uint32_t struct_size;     /* sizeof(trd_node_def) */
    uint32_t flags;           /* TRD_NODE_* */
    const trd_engine *engine; /* set up: a new node begins with a copy of it. One that has
                                 snapshots does not look at it, and it may be NULL */
    /* Its directory has the snapshots too. NULL: no journal, and nothing is ever recovered. seq,
     * time, mem are the node's to set. */
    const trd_journal_def *journal;
    trd_ns (*clock)(void *user); /* stamps commands, in the sequencer's thread; NULL: the system's
                                    real time. Where it goes back the last time is used again */
    void *clock_user;
    const trd_subscription *subscriptions;
    uint32_t subscribers; /* [0, TRD_NODE_SUBSCRIBERS_MAX] */
    uint32_t ingress;     /* commands that wait to be numbered: a power of two, [2, 2^22] */
    uint32_t commands;    /* slots on the way to the engine: a power of two, [64, 2^24] */
    uint32_t events;      /* slots on the way to the gate: a power of two, [512, 2^24] */
    uint32_t keep;        /* snapshots that are kept, >= 1, and the journal from the oldest on */
    uint32_t threads;     /* of trd_node_start, [1, 3]: all in one; engine apart; each its own */
    uint32_t idle;        /* TRD_IDLE_* */
    uint32_t park_ns;     /* [1000, 10^9] */
    int32_t cpu[3];       /* processor of the thread of sequencer, engine, gate; -1: any. With fewer
                             threads the first of them (1), engine and sequencer (2) count */
    uint32_t reserved;    /* zero */
    /* Before the journal's segment of that name is removed, as in trd_journal_trimming. */
    int (*archive)(void *user, const char *name, uint64_t number);
    void *archive_user;
    trd_mem mem; /* for all memory, then without huge pages; zero: the system's */
} trd_node_def;

static inline trd_node_def trd_node_def_default(void) {
    trd_node_def def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    def.ingress = 4096;
    def.commands = 16384;
    def.events = 65536;
    def.keep = 2;
    def.threads = 3;
    def.idle = TRD_IDLE_YIELD;
    def.park_ns = 50000;
    def.cpu[0] = def.cpu[1] = def.cpu[2] = -1;
    return def;
}

/* How opening went, or a snapshot. */
typedef struct trd_node_status {
    trd_journal_status journal; /* of its writer */
    trd_io_fault fault;         /* with TRD_E_IO, if it was about a snapshot */
    uint64_t snapshot;          /* command behind which the snapshot was taken that is used */
    uint64_t damaged;           /* newer snapshots that are not whole, and were passed over */
    uint64_t seq;               /* of the last command executed */
    uint64_t event;             /* of the last event */
    uint64_t replayed;          /* commands executed again */
    uint64_t checked;           /* checkpoints compared, and the same */
    uint64_t unchecked;         /* that could not be: no trail, or its place was too long ago */
    uint64_t differs; /* with TRD_E_CORRUPT: command of the first checkpoint that is not the same;
                         0: none */
    uint32_t subscriber; /* with TRD_E_UNKNOWN, TRD_E_RANGE: whose `last` it is, + 1; 0: nobody's */
    uint32_t reserved;
} trd_node_status;

/* trd_node_open makes a node, and recovers what its directory has. TRD_OK and *out; otherwise *out
 * is NULL:
 *   TRD_E_ARG      the definition, or NULL
 *   TRD_E_MEMORY
 *   TRD_E_BUSY     another node has the directory
 *   TRD_E_IO       status->fault, or status->journal.fault
 *   TRD_E_CORRUPT  no snapshot is whole, though there are some; or the journal is damaged; or
 *                  status->differs is set: the journal's commands lead elsewhere than they did
 *   TRD_E_UNKNOWN  a journal without any snapshot; neither snapshot nor engine; a snapshot whose
 *                  engine this library lays out otherwise; the journal ends before the snapshot; or
 *                  status->subscriber: there is no snapshot left from before its last event
 *   TRD_E_RANGE    status->subscriber has events that are none: of commands that the journal lost,
 *                  as modes other than SYNC may
 * What was replayed is given to the subscribers as the node works. They must read: new commands are
 * numbered once every one of them has all that it is owed (or was dropped, trd_node_drop). */
TRD_API int trd_node_open(const trd_node_def *def, trd_node_status *status, trd_node **out);

/* trd_node_send gives the record that begins at `base`, base->slots adjacent slots, to the
 * sequencer, which sets its seq and time. Any thread. TRD_OK: it is on its way, no more than that;
 * TRD_E_FULL: no room now; TRD_E_IO: the journal has failed, nothing is taken any more; TRD_E_BUSY:
 * the node was stopped; TRD_E_ARG: NULL, or no record: a kind outside [1, 95], slots outside
 * [1, 4], extensions of a kind below 128 or with slots. A copy, and one exchange on a counter that
 * all senders share. */
TRD_API int trd_node_send(trd_node *node, const trd_command *base);

/* trd_node_peek: the slots that subscriber number `subscriber` can read in one span, and how many;
 * NULL and 0 if there are none. Whole records: of events in the order of their seq, of
 * TRD_NODE_CUT, TRD_NODE_RESUMED, and padding of kind TRD_EVENT_NONE to be skipped, each with its
 * slots at byte 17. They stay until released. release: the first `count` of those last peeked have
 * been read. One thread for each subscriber. O(1). */
TRD_API const trd_event *trd_node_peek(trd_node *node, uint32_t subscriber, uint32_t *count);
TRD_API void trd_node_release(trd_node *node, uint32_t subscriber, uint32_t count);

/* trd_node_resume: whoever was cut off, and has released TRD_NODE_CUT, gets events again. What was
 * missed in between stays missed: it is had from elsewhere, or from a node that is opened with
 * `last`. TRD_OK; TRD_E_BUSY: it is not cut off, or TRD_NODE_CUT is not released; TRD_E_ARG. The
 * subscriber's thread. */
TRD_API int trd_node_resume(trd_node *node, uint32_t subscriber);

/* trd_node_confirm: the subscriber has dealt with the events up to `seq`, and will not name a lower
 * one as its `last`. Until the first call that is the `last` of its subscription. Any thread.
 * TRD_OK; TRD_E_ARG, also without TRD_SUBSCRIBE_CONFIRMS. */
TRD_API int trd_node_confirm(trd_node *node, uint32_t subscriber, uint64_t seq);

/* trd_node_drop: the subscriber is gone: it gets nothing any more, and nobody waits for it. Any
 * thread. TRD_OK, TRD_E_ARG. */
TRD_API int trd_node_drop(trd_node *node, uint32_t subscriber);

/* trd_node_work lets each agent do what there is to do, once, and returns how much that was; 0:
 * nothing is to be done now. What is under way to the disk comes back to a later call. TRD_E_BUSY:
 * threads do it. A journal that has failed is no failure here: trd_node_stats has it. */
TRD_API int trd_node_work(trd_node *node);

/* trd_node_start starts the threads of the definition. TRD_OK; TRD_E_BUSY: they run, or the node
 * was stopped; TRD_E_MEMORY: the system has no thread; TRD_E_ARG: NULL, or no such processor. */
TRD_API int trd_node_start(trd_node *node);

/* trd_node_stop ends the threads, numbers and executes all that was sent, flushes the journal, and
 * gives subscribers what they have room for; who has too little is cut off. Nobody sends or takes
 * snapshots meanwhile. What can be read can be read until trd_node_close. TRD_OK: all that was sent
 * is acknowledged; TRD_E_IO: what is behind `acknowledged` of trd_node_stats was never seen by
 * anybody. Calling again gives the same. */
TRD_API int trd_node_stop(trd_node *node);

/* trd_node_close stops the node, closes the journal and frees all. Nobody uses the node any more.
 * TRD_OK, TRD_E_IO. NULL does nothing. */
TRD_API int trd_node_close(trd_node *node);

/* trd_node_snapshot: the engine's thread copies the engine between two commands, which is all that
 * it stands still for; the calling thread writes the copy, waits until the journal has its commands
 * on the disk, and gives it its name; then removes snapshots and segments that are not kept. Not in
 * an agent's thread. Mind the memory: a second engine.
 *
 * TRD_OK, and status->snapshot, seq, event; TRD_E_BUSY: another call is at it, or by hand a command
 * is not finished (work, and try again); TRD_E_IO: status->fault; the journal has failed, or a
 * call: then the snapshots are as they were, or the new one is there and what is not needed stays;
 * TRD_E_MEMORY; TRD_E_ARG: NULL, or there is no journal; what `archive` returned. */
TRD_API int trd_node_snapshot(trd_node *node, trd_node_status *status);

/* What the node has done. Each number is right, all together may be of different moments. */
typedef struct trd_node_stats {
    uint64_t sequenced;    /* last command numbered */
    uint64_t acknowledged; /* last one that may be told of; without a journal as executed */
    uint64_t executed;     /* last one that the engine has executed */
    uint64_t event;        /* last event that the gate has passed */
    uint64_t waits[3];     /* rounds in which there was work, and no room: of sequencer (engine or
                              journal behind), engine (gate behind), gate (journal behind) */
    uint64_t skipped;      /* checkpoints that the journal had no room for */
    uint32_t commands;     /* slots on the way to the engine */
    uint32_t events;       /* slots on the way to the gate */
    int32_t failed;        /* TRD_OK; TRD_E_IO: of the journal */
    uint32_t recovering;   /* 1: not every subscriber has yet what it is owed; 0: it is in their
                              rings, or was read */
    trd_io_fault fault;    /* what the journal has failed of */
} trd_node_stats;

TRD_API void trd_node_stats_get(const trd_node *node, trd_node_stats *out);

/* How a subscriber does. */
typedef struct trd_subscriber_stats {
    uint64_t given;     /* slots of events */
    uint64_t conflated; /* LEVEL events that a later one has taken the place of */
    uint64_t cuts;
    uint32_t used;  /* slots in its ring */
    uint32_t state; /* TRD_SUBSCRIBER_* */
} trd_subscriber_stats;

enum {
    TRD_SUBSCRIBER_OWED = 0, /* it does not have all of the past yet */
    TRD_SUBSCRIBER_LIVE = 1,
    TRD_SUBSCRIBER_CUT = 2,
    TRD_SUBSCRIBER_DROPPED = 3
};

/* TRD_OK, TRD_E_ARG. Any thread. */
TRD_API int trd_node_subscriber(
    const trd_node *node, uint32_t subscriber, trd_subscriber_stats *out);

/* trd_node_engine: the engine, for questions: before start, after stop, or between two
 * trd_node_work. */
TRD_API const trd_engine *trd_node_engine(const trd_node *node);

TRD_END_DECLS

#endif
