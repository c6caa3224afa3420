/* legs.h - linked orders for who judges them besides the market: what their records would be, what
 * is staged, and which lots of a child are still to come. Groups exist (groups_max > 0). */
#ifndef TRD_MATCH_LEGS_H
#define TRD_MATCH_LEGS_H

#include <tradsys/match.h>

#include "core/compiler.h"
#include "match/special.h"

/* What a NEW with a link would be. Of the last leg of a group all legs are judged, in their order:
 * `reasons` and, where that is 0 or NO_CAPACITY, `legs` are of those; their records lie
 * TRD_SLOTS_MAX slots apart. Of any other record `count` is 0. */
typedef struct trd_link_vetted {
    uint32_t count;
    const trd_command *records;
    unsigned reasons[TRD_LEGS_MAX];
    trd_vetted legs[TRD_LEGS_MAX];
} trd_link_vetted;

/* Is the record, which can be read, a NEW with a link? */
bool trd__link_is(const trd_command *command);

/* Why the record would be refused whatever the legs are: MALFORMED, UNSUPPORTED, LINK, NO_CAPACITY;
 * 0: it would wait, or the legs decide. Changes nothing; no timer is due at its time. */
unsigned trd__link_vet(trd_match *match, const trd_command *command, trd_link_vetted *out);

/* What the account stages is refused: leg `guilty`, from 0, for `reason`, all others for LINK. At
 * most TRD_LEGS_MAX - 1 slots of the output; nothing if nothing is staged. */
void trd__staged_refuse(
    trd_match *match, trd_out *out, uint32_t account, uint32_t guilty, unsigned reason);

/* A live order as a leg. Of orders that are no children the rest is 0. */
typedef struct trd_leg_info {
    uint32_t group;       /* 0: it is no leg */
    uint32_t leg;         /* from 0 */
    uint8_t waits;        /* 1: a child that has not been released */
    uint8_t grows;        /* 1: it may be granted lots again, after those that come next */
    uint8_t parent_side;  /* while that may execute lots; else 0 */
    uint8_t parent_holds; /* TRD_POSITION_* */
    uint32_t reserved;
    trd_qty to_come; /* what it may be granted yet, if it was released */
    trd_qty beyond;  /* lots of those, or of all that it waits with, that no parent has executed */
} trd_leg_info;

/* By its handle, if it rests or waits; by its place in a group, also if it takes. */
trd_leg_info trd__leg_info(const trd_match *match, trd_order order);
trd_leg_info trd__leg_at(const trd_match *match, uint32_t group, uint32_t at);

/* Leg `at` of a group, from 0; 0 if it does not live. The group may have ended. */
trd_order trd__leg_order(const trd_match *match, uint32_t group, uint32_t at);

/* Is the group one whose children take lots off each other? */
bool trd__leg_is_bracket(const trd_match *match, uint32_t group);

#endif
