/* passage.h - all commands of a flow through a node: who sends them, who reads what they lead to,
 * and how long each takes. */
#ifndef BENCH_PASSAGE_H
#define BENCH_PASSAGE_H

#include <stdatomic.h>

#include "bench.h"
#include "subject_node.h"

/* One passage: the first fields say how, the others begin as zero. */
typedef struct passage {
    const node_flow *flow;
    trd_node *node;
    double gap_ns;       /* between two commands that are due; 0: as soon as there is room */
    uint64_t begun;      /* when the first one is due: bench_now_ns */
    bool yields;         /* who has nothing to do gives its processor away at once */
    int cpu;             /* of the sender, if it has a thread; -1: any */
    bench_hist *latency; /* ns from due to read, of each command; NULL: is not wanted */
    /* Set by sender or reader, seen by both: it goes no further. Orders nothing. */
    _Atomic bool failed;

    /* The sender's. */
    _Alignas(128) size_t sent;

    /* The reader's. */
    _Alignas(128) _Atomic uint64_t read; /* seen.slots, for the sender: it orders nothing */
    node_seen seen;
    size_t done;    /* commands of which everything was read */
    uint64_t ended; /* when the last event was */
} passage;

/* Each returns when everything was read, or when it has failed: the journal has, the reader was cut
 * off, or nothing has come for half a minute. What was seen tells.
 *
 * in_turn: the calling thread sends what is due, and then reads. apart: it reads, and another one
 * sends. by_hand: it sends `burst` commands, calls all agents until there is nothing to do, and
 * reads; there is no time. */
void passage_in_turn(passage *p);
void passage_apart(passage *p);
void passage_by_hand(passage *p, uint32_t burst);

/* passage_pin: the calling thread runs on that processor only, if the system lets it. */
void passage_pin(int cpu);

#endif
