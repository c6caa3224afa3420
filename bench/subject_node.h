/* subject_node.h - what bench_node measures: a node that executes the load accounts-1 of money.h,
 * with and without a journal; and what a bare engine makes of that load. */
#ifndef BENCH_SUBJECT_NODE_H
#define BENCH_SUBJECT_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tradsys/io/node.h>

#include "money.h"

typedef struct node_subject {
    const char *name;
    uint32_t mode; /* TRD_JOURNAL_*; 0: no journal */
    bool on_request;
} node_subject;

/* The first is what the others are compared with. With a journal the engine keeps a running hash of
 * its events, of which the journal gets the checkpoints. */
enum { NODE_SUBJECTS = 4 };
extern const node_subject node_subjects[NODE_SUBJECTS];
const node_subject *node_find(const char *name); /* or NULL */

/* Slots of the subscriber's ring, and of events that may be under way: it is never cut off. */
enum { NODE_ROOM = 1 << 16, NODE_WINDOW = NODE_ROOM / 2 };

/* A load, and what it leads to: found by a bare engine, each command with the same time, which is
 * that of the last one of the setting. */
typedef struct node_flow {
    const node_subject *who;
    const money *load;
    const trd_command *commands; /* [ops] */
    size_t ops;
    trd_engine *engine; /* behind the setting */
    size_t size;
    uint64_t *ends;  /* [ops]: slots of events up to the end of each command */
    uint64_t fills;  /* two per execution */
    uint64_t last;   /* seq of the last event */
    uint64_t hash;   /* of all slots */
    uint64_t digest; /* of the engine */
    bool right;      /* the bare engine has done what the load says */
} node_flow;

/* Ends the program without memory, or if a command gives no events. money_begin comes before. */
node_flow node_flow_make(const node_subject *who, const money *load);
void node_flow_free(node_flow *flow);

/* Where, and how. */
typedef struct node_place {
    const char *directory; /* below it each node with a journal makes its own, and removes it */
    uint32_t threads;      /* of the node; 0: by hand */
    uint32_t idle;
    int cpu[TRD_NODE_THREADS_MAX];
    bool fixed;          /* every command has the time of the bare engine's; else the system's */
    bool plain;          /* the journal makes its calls itself */
    uint32_t batch_size; /* of the journal, bytes; 0: the library's default */
} node_place;

/* What one reader has seen. */
typedef struct node_seen {
    uint64_t slots;
    uint64_t fills;
    uint64_t last; /* seq of an event */
    uint64_t hash; /* of all slots, if `hashes` */
    bool hashes;
    bool cut;
} node_seen;

static inline void node_see(node_seen *seen, const trd_event *event) {
    if (event->kind == TRD_EVENT_NONE) {
        return;
    }
    seen->slots += event->slots;
    seen->fills += event->kind == TRD_EVENT_FILL;
    seen->last = event->seq;
    seen->cut |= event->kind == TRD_NODE_CUT;
    if (seen->hashes) {
        seen->hash = trd_journal_digest(event, event->slots, seen->hash);
    }
}

/* A node at work. */
typedef struct node_work {
    const node_flow *flow;
    trd_node *node;
    bool fixed;
    char directory[512]; /* "": none */
} node_work;

/* node_open makes a node, and its threads if there are any; ends the program if it cannot.
 * node_close stops and removes it; false, and what differs is named on stderr: it has not done what
 * the flow leads to, as far as that was seen. */
node_work node_open(const node_flow *flow, const node_place *place);
bool node_close(node_work *work, const node_seen *seen);

#endif
