/* naive.h - a second implementation of docs/reference/matching.md that is slow and obviously right.
 *
 * Each side of each market is one array of orders, the next to trade first; everything is found by
 * walking it. No index, no cached best, no level object: a level is the run of orders that have its
 * price. It shares nothing with the library but the public records.
 *
 * Handles. The text says that handles are opaque: which numbers appear is the matcher's business.
 * So the model is told the handle of an order when it would accept one, and uses it from then on.
 * Whoever compares reads it from the matcher's ACCEPTED event and checks that it is new; from there
 * on every byte of every event is determined.
 */
#ifndef TESTS_SUPPORT_NAIVE_H
#define TESTS_SUPPORT_NAIVE_H

#include <stdbool.h>
#include <tradsys/match.h>

/* What happened to an order so far, for who counts what a test has met: bits. */
enum {
    NAIVE_HAD_MINIMUM = 1,
    NAIVE_WAS_MOVED = 2,   /* replaced, lost its place */
    NAIVE_WAS_CUT = 4,     /* reduced or replaced, kept its place */
    NAIVE_WAS_RENAMED = 8, /* has another client id than at first */
    NAIVE_BY_REPLACE = 16  /* is a taker because of a replace, now */
};

typedef struct naive_order {
    trd_order handle;
    uint64_t client_id;
    trd_px px;
    trd_qty total;
    trd_qty executed;
    uint32_t account;
    uint32_t instrument;
    uint8_t side;
    uint8_t type;
    uint8_t tif;
    uint16_t exec;
    unsigned marks; /* NAIVE_* */
} naive_order;

/* Orders of one side, in the order in which they trade. */
typedef struct naive_side {
    naive_order **at;
    uint32_t count;
    uint32_t room;
} naive_side;

typedef struct naive_match naive_match;

/* Called at each execution, before quantities change. */
typedef void (*naive_watch)(void *user, const naive_match *model, const naive_order *taker,
    const naive_order *maker, trd_qty qty);

/* naive_create makes a model of a matcher with this (valid) definition; never NULL. */
naive_match *naive_create(const trd_match_def *def);
void naive_destroy(naive_match *model);

/* naive_add adds an instrument that trd_instrument_check would pass; returns its index. */
uint32_t naive_add(naive_match *model, const trd_instrument *spec);
void naive_set_watch(naive_match *model, naive_watch watch, void *user);

/* naive_step executes the record at `command`; `handle` names the order if one is accepted. Only as
 * many slots are read as `slots` says, and one if it is outside [1, TRD_SLOTS_MAX]. */
void naive_step(naive_match *model, const trd_command *command, trd_order handle);

/* naive_events returns the slots that the last step wrote; valid until the next step. */
const trd_event *naive_events(const naive_match *model, uint32_t *slots);

/* naive_broken returns the rules the last command broke, bit TRD_REJECT_*: the one of the reject
 * event and those behind it in precedence that could be judged. 0 if it was not refused. */
uint64_t naive_broken(const naive_match *model);

/* naive_stride returns how many slots of a long enough array the record at `command` takes: `slots`
 * if they are in [1, TRD_SLOTS_MAX] and the kind is in [1, 127], else 1. */
uint32_t naive_stride(const trd_command *command);

/* Views of the model. best, depth and queue return how many were stored. */
const naive_side *naive_orders(const naive_match *model, uint32_t instrument, unsigned side);
const trd_instrument *naive_spec(const naive_match *model, uint32_t instrument);
uint32_t naive_publish(const naive_match *model, uint32_t instrument);
uint32_t naive_instruments(const naive_match *model);
uint32_t naive_count(const naive_match *model);
naive_order *naive_find(const naive_match *model, uint32_t account, uint64_t client_id);
naive_order *naive_by_handle(const naive_match *model, trd_order handle);
uint32_t naive_depth(
    const naive_match *model, uint32_t instrument, unsigned side, trd_level *out, uint32_t max);
uint32_t naive_queue(const naive_match *model, uint32_t instrument, unsigned side, trd_px px,
    trd_order_info *out, uint32_t max);

/* naive_stats fills what the text determines; far_levels, which it does not, is 0. */
void naive_stats(const naive_match *model, trd_match_stats *out);

#endif
