/* story.h - what was sent to a node, and what must have come of it.
 *
 * A list of its own of all commands that the node has taken, in order; and a bare engine, set up
 * alike, that executes them one by one. What subscribers get is compared with its events. Where a
 * crash has lost commands, the story goes back with them: no further than to the last opening,
 * since what a node has found then is on the disk. */
#ifndef TRD_SIM_STORY_H
#define TRD_SIM_STORY_H

#include "venue_books.h"

enum { STORY_COMMANDS = 4000, STORY_SLOTS = 1 << 18, STORY_EVENTS = STORY_SLOTS };

/* Room that the events of one command have, and so what must be left to go on. */
enum { STORY_SPARE = 1 << 15 };

typedef struct story_command {
    trd_command slots[TRD_SLOTS_MAX];
    uint32_t intent; /* what a client wants by it: the same of a retry; 0: an operator's */
} story_command;

typedef struct story {
    /* Commands 1 to `sent`; those up to `numbered` are stamped. */
    story_command command[STORY_COMMANDS + 1];
    uint64_t sent, numbered;

    /* What the engine has made of the first `executed`: event e is at slots[at[e]] and follows
     * from command by[e]; behind command n there were after[n] events, in end[n] slots. */
    trd_engine *origin, *engine, *base;
    void *engine_mem, *base_mem;
    uint32_t room; /* of its output */
    uint64_t executed, base_executed;
    uint64_t events;
    trd_event slots[STORY_SLOTS];
    uint32_t at[STORY_EVENTS + 1];
    uint32_t by[STORY_EVENTS + 1];
    uint64_t after[STORY_COMMANDS + 1];
    uint32_t end[STORY_COMMANDS + 1];

    /* The books of who has seen the events of the first `booked` commands. */
    venue_books books, base_books;
    uint64_t booked, base_booked;
} story;

/* For the engine `origin`, which is the story's from now on. */
void story_begin(story *s, trd_engine *origin, uint32_t room);
void story_end(story *s);

/* Is there room for a command more? */
bool story_has_room(const story *s);

/* The node has taken a command. */
void story_send(story *s, const trd_command *record, uint32_t intent);

/* Commands up to `seq` have been numbered at time `time`, or at that of the one before if that is
 * later. */
void story_number(story *s, uint64_t seq, trd_ns time);

/* Executes the commands up to `seq`, which are stamped. False: the engine did not. */
bool story_execute(story *s, uint64_t seq);

/* A node has found the commands up to `seq` and no more; it is at least that of the last opening,
 * and all are stamped. */
bool story_go_back(story *s, uint64_t seq);

/* What is there now stays. */
void story_settle(story *s);

/* Somebody has seen the events up to `event`. False: books.wrong says what is wrong with them. */
bool story_book(story *s, uint64_t event);

static inline const trd_event *story_event(const story *s, uint64_t event) {
    return &s->slots[s->at[event]];
}

#endif
