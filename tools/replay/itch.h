/* itch.h - what the parts of the ITCH input share: the venue's books, and the matcher beside them.
 *
 * Each message goes two ways. The venue's book by order takes it as it is. The matcher gets it as
 * the command that would have caused it (docs/formats/itch-replay.md), so that its choice of the
 * resting order can be compared with the venue's at every execution. */
#ifndef REPLAY_ITCH_H
#define REPLAY_ITCH_H

#include <tradsys/codec/itch.h>

#include "replay/runner.h"

/* How an execution of the venue compares with what the matcher would do. Several may be true: the
 * first one is counted. */
typedef enum itch_verdict {
    ITCH_UNKNOWN,     /* the order was never added */
    ITCH_OVERSIZED,   /* more than is left of the order */
    ITCH_GONE,        /* the matcher traded it before, when a crossing order came in */
    ITCH_LESS,        /* ... traded a part of it, less is left than the venue executed */
    ITCH_OTHER_PRICE, /* C at another price than the order's */
    ITCH_BETTER,      /* a better price was there */
    ITCH_BEHIND,      /* another order was first at the price */
    ITCH_SAME,        /* the matcher executed the same order */
    ITCH_VERDICTS
} itch_verdict;

enum { ITCH_MAKERS = 1, ITCH_TAKERS = 2 }; /* accounts of the matcher */

typedef struct itch_state {
    report *report;
    runner *run;
    trd_order_book *book;
    uint32_t index_of[65536]; /* instrument of a locate, SYMBOL_NONE before it is seen */
    uint8_t seen[65536];      /* first pass: ITCH_SEEN, ITCH_FINE */
    uint64_t takers;          /* client ids of the takers so far */
    uint64_t verdicts[ITCH_VERDICTS];
    uint64_t broken;       /* the matcher executed another order than its queue had first */
    uint64_t unknown[128]; /* references to orders that are not there, by message type */
    uint64_t duplicates, crossed, oversized, wrong, full, nameless, no_instrument;
    uint64_t prints, print_qty, crosses, cross_qty, breaks, unprintable;
} itch_state;

/* itch_execute takes an E or C message, books and matcher alike. An exit code. */
int itch_execute(itch_state *at, const trd_itch_msg *msg);

/* itch_tell adds what was counted to the report, and compares the books at the end. */
void itch_tell(const itch_state *at, const trd_itch_reader *reader);

/* itch_command starts a command to the matcher that msg causes. */
trd_command itch_command(const trd_itch_msg *msg, unsigned kind, uint32_t instrument);

/* itch_cancel and itch_reduce tell the matcher that (a part of) a maker's order is gone. */
int itch_cancel(itch_state *at, const trd_itch_msg *msg, const trd_book_order *order);
int itch_reduce(itch_state *at, const trd_itch_msg *msg, const trd_book_order *order, trd_qty qty);

/* itch_take_off takes qty off an order of the venue's book; one that has less goes altogether and
 * is counted. False if it had less. */
bool itch_take_off(itch_state *at, const trd_book_order *order, trd_qty qty);

#endif
