/* frame.h - what writing and reading a journal share: what a frame is made of, and its hash. */
#ifndef TRD_LOG_FRAME_H
#define TRD_LOG_FRAME_H

#include <tradsys/journal.h>

#include "core/compiler.h"

/* What a payload holds, of records that are all right. */
typedef struct trd__payload {
    uint32_t count; /* commands */
    trd_ns time;    /* of the last one; without any, as it was before */
} trd__payload;

/* trd__payload_check looks at the `slots` slots of a frame: whole records of commands numbered from
 * `seq` on, whose times do not fall below `time`, or one checkpoint of a command before `seq`, or
 * none. False if they are not, and `out` as it was. `any_time`: the first may have any time. */
bool trd__payload_check(
    const uint8_t *at, uint32_t slots, uint64_t seq, trd_ns time, bool any_time, trd__payload *out);

/* The hash that a frame with that head, and its payload behind it, has at `at`. */
uint64_t trd__frame_hash(uint64_t id, uint64_t number, uint64_t at, const trd_journal_frame *frame);

#endif
