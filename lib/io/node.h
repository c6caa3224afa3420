/* node.h - what the parts of a node share: its struct, each agent, files of snapshots.
 *
 * What threads share is atomic and says its partner; everything else belongs to one agent, or to
 * the thread that opens, stops and closes while no agent works. */
#ifndef TRD_IO_NODE_H
#define TRD_IO_NODE_H

#include <stdatomic.h>

#include <tradsys/io/node.h>
#include <tradsys/snapshot.h>

#include "core/mpsc.h"
#include "core/record.h"
#include "core/ring.h"
#include "io/agent.h"
#include "io/conflate.h"
#include "io/file.h"

enum {
    TRD__NODE_SLOTS = 64,    /* of commands that are journaled at once */
    TRD__NODE_BATCHES = 16,  /* of these in one round of the sequencer */
    TRD__NODE_RUN = 256,     /* slots of commands executed under one mark */
    TRD__NODE_EVENTS = 4096, /* slots of events behind one mark */
    TRD__NODE_PASSED = 1024, /* and less than a batch: slots that the gate passes in one round */
    TRD__NODE_CHECKS = 64    /* slots on the way from the engine to the journal */
};

/* Before the events of a batch. */
typedef struct trd__mark {
    uint64_t seq;   /* they follow from commands up to this one */
    uint64_t last;  /* seq of the last of them */
    uint8_t kind;   /* TRD_NODE_MARK */
    uint8_t slots;  /* 1 */
    uint16_t flags; /* zero */
    uint32_t count; /* slots of events behind it */
    uint64_t reserved[5];
} trd__mark;

/* A checkpoint on its way to the journal. */
typedef struct trd__node_check {
    uint64_t seq;
    uint64_t hash;
    uint8_t kind; /* TRD_NODE_CHECK */
    uint8_t slots;
    uint16_t flags;
    uint32_t reserved;
    uint64_t count; /* slots of events */
    uint64_t reserved1[4];
} trd__node_check;

_Static_assert(sizeof(trd__mark) == TRD_SLOT_SIZE, "one slot");
_Static_assert(sizeof(trd__node_check) == TRD_SLOT_SIZE, "one slot");
_Static_assert(offsetof(trd__mark, kind) == 16, "as in every slot");
_Static_assert(offsetof(trd__node_check, kind) == 16, "as in every slot");

/* Memory of a node: through its hook, or pages of the system. */
typedef struct trd__block {
    void *at;
    size_t size;
} trd__block;

/* False: there is none. All zero, and every page of it is there. */
bool trd__block_make(trd__block *out, const trd_mem *mem, size_t size, bool huge);
void trd__block_free(trd__block *block, const trd_mem *mem);

/* Events of commands that were executed again, in pieces that hold whole records. */
typedef struct trd__spool_piece {
    trd__block block; /* this piece's own */
    struct trd__spool_piece *next;
    uint32_t used; /* slots */
    uint32_t room;
    _Alignas(TRD_LINE) trd_event slots[];
} trd__spool_piece;

typedef struct trd__spool {
    trd__spool_piece *first, *last;
} trd__spool;

/* A subscriber, as the gate sees it. */
typedef struct trd__subscriber {
    trd_subscription def;
    trd_ring *ring;
    trd__conflate *table; /* NULL: CUT */
    bool wants_all;       /* no event has to be looked at */
    trd__block ring_block, table_block;
    const trd__spool_piece *owed; /* what it gets next of the past */
    uint32_t owed_at;
    /* The gate writes, anybody reads; apart from what a subscriber needs for every peek. `state`:
     * released before a TRD_NODE_CUT is, acquired by trd_node_resume, which so sees it at the
     * latest when that was read. */
    _Alignas(TRD_LINES_APART) _Atomic uint32_t state;
    _Atomic uint64_t given, conflated, cuts;
    /* The subscriber writes, the gate reads: released by trd_node_resume, trd_node_drop; acquired
     * by the gate, which so writes after what was read. */
    _Alignas(TRD_LINES_APART) _Atomic uint32_t resume;
    _Atomic uint32_t dropped;
    _Atomic uint32_t routed;    /* a router (shard.h) has it: one, once */
    _Atomic uint64_t confirmed; /* read by whoever removes snapshots; orders nothing */
    _Alignas(TRD_LINES_APART) uint8_t end[TRD_LINES_APART];
} trd__subscriber;

/* The way of a snapshot. Each step is released by who makes it and acquired by who goes on. */
enum {
    TRD__SHOT_NONE,
    TRD__SHOT_WANTED,  /* the caller: memory is there */
    TRD__SHOT_COPYING, /* the engine's agent: the caller cannot take it back any more */
    TRD__SHOT_TAKEN,   /* the engine's agent: the copy is made */
    TRD__SHOT_FLUSH,   /* the caller: the file is written, the journal must have its commands */
    TRD__SHOT_FLUSHED, /* the sequencer */
    TRD__SHOT_FAILED   /* the sequencer */
};

struct trd_node {
    /* Set by open. */
    trd_node_def def;
    trd_journal_def journal_def;
    trd_io_ops ops;
    trd_mem mem;
    trd_engine *engine;
    trd_mpsc *ingress;
    trd_ring *commands, *events, *checks;
    trd_journal_writer *journal; /* NULL: there is none */
    int directory;               /* -1 */
    trd__block own, engine_block, ingress_block, commands_block, events_block, checks_block,
        directory_block, subscribers_block;
    char *directory_name;
    trd__subscriber *subscribers;
    trd__spool spool;
    /* Of the thread that starts and stops. */
    trd__agent agents[TRD_NODE_THREADS_MAX];
    _Atomic uint32_t running; /* threads */
    bool stopped;
    int stop_result;

    /* Looked at by others with every command or round, and hardly ever written: not beside what
     * is, whose line travels from one processor to the other. */
    _Alignas(TRD_LINES_APART) _Atomic uint32_t closed; /* to senders */
    _Atomic int failed;    /* released after `fault`; acquired by send and stats */
    _Atomic uint32_t owed; /* subscribers, something of the past. Partners: gate and sequencer */

    /* The sequencer writes it with every batch, and the gate reads it with every batch: it is
     * acquired before events are given. UINT64_MAX: no journal. */
    _Alignas(TRD_LINES_APART) _Atomic uint64_t acknowledged;

    /* The sequencer's. */
    _Alignas(TRD_LINES_APART) uint64_t seq; /* of the next command */
    trd_ns time;                            /* of the last one */
    trd_io_fault fault;                     /* written before `failed` is */
    _Atomic uint64_t sequenced;
    _Atomic uint64_t sequencer_waits;

    /* The engine's. */
    _Alignas(TRD_LINES_APART) bool pending; /* a command is not finished */
    uint64_t pending_seq;
    uint64_t checkpoint; /* number of the last one given to the sequencer */
    _Atomic uint64_t executed;
    _Atomic uint64_t engine_waits;
    _Atomic uint64_t skipped;

    /* The gate's. */
    _Alignas(TRD_LINES_APART) uint64_t event; /* seq of the last one that has passed */
    _Atomic uint64_t passed;                  /* the same */
    _Atomic uint64_t gate_waits;

    /* Of a snapshot. */
    _Alignas(TRD_LINES_APART) _Atomic uint32_t shot;
    _Atomic uint32_t shooting; /* one caller at a time */
    trd__block shot_block;
    trd_engine *shot_engine;
};

/* --- agents: how much was done ---------------------------------------------------------------- */

uint32_t trd__node_sequence(trd_node *node);
uint32_t trd__node_execute(trd_node *node);
uint32_t trd__node_gate(trd_node *node);

/* After a round that did nothing: is it for something that nobody wakes this agent for, the disk or
 * room in a ring? */
bool trd__node_sequence_waits(trd_node *node);
bool trd__node_execute_waits(trd_node *node);
bool trd__node_gate_waits(const trd_node *node);

/* Whose thread an agent is in. The sequencer is in the first one. */
static inline trd__agent *trd__node_engine_agent(trd_node *node) {
    return &node->agents[node->def.threads == 1 ? 0 : 1];
}

static inline trd__agent *trd__node_gate_agent(trd_node *node) {
    return &node->agents[node->def.threads == 3 ? 2 : 0];
}

/* The gate, when nobody reads any more: whoever is still owed something is cut off. */
void trd__node_cut_owed(trd_node *node);

/* Does the subscriber want this event? */
bool trd__node_wants(const trd_subscription *def, const trd_event *event);

/* The copy of a snapshot is made, if one is wanted and no command is pending. */
bool trd__node_shoot(trd_node *node);

/* --- recovery --------------------------------------------------------------------------------- */

/* Loads, replays, opens the journal. A result of trd_node_open. */
int trd__node_recover(trd_node *node, const trd_engine *engine, trd_node_status *status);

/* --- files of snapshots ----------------------------------------------------------------------- */

/* The highest snapshot below `bound`: 1 and *seq; 0: none; TRD_E_IO. */
int trd__shot_below(const trd_node *node, uint64_t bound, uint64_t *seq, trd_io_fault *fault);

/* Writes a snapshot of an engine that nobody works on, up to its sync, without its name. TRD_OK and
 * *head, TRD_E_IO, TRD_E_MEMORY. */
int trd__shot_write(
    const trd_node *node, const trd_engine *engine, trd_snapshot_head *head, trd_io_fault *fault);

/* Gives it its name, on the disk. */
int trd__shot_publish(const trd_node *node, uint64_t seq, trd_io_fault *fault);

/* Reads a head. TRD_OK; TRD_E_CORRUPT: it is not whole; TRD_E_UNKNOWN: another format; TRD_E_IO. */
int trd__shot_head(
    const trd_node *node, uint64_t seq, trd_snapshot_head *head, trd_io_fault *fault);

/* Reads the snapshot of that head into memory that it makes: node->engine. As above, and
 * TRD_E_UNKNOWN: laid out otherwise; TRD_E_MEMORY. */
int trd__shot_load(
    trd_node *node, uint64_t seq, const trd_snapshot_head *head, trd_io_fault *fault);

/* Removes snapshots and segments that are not kept. TRD_OK, or as trd_journal_trim. */
int trd__shot_retain(const trd_node *node, trd_io_fault *fault);

#endif
