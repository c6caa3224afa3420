/* records.h - command records from the bytes of an input, for the targets that are fed with them.
 *
 * The low three bits of the first byte of an operation say what it is: 7 is a raw slot, 64 bytes as
 * they are; the others make a record from few bytes, with prices, sizes, ids and times so close
 * together that orders meet. */
#ifndef FUZZ_RECORDS_H
#define FUZZ_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include <tradsys/command.h>

typedef struct input {
    const uint8_t *data;
    size_t size;
} input;

/* Time of the last record. It is in the hands of the input, in small steps. */
extern trd_ns records_now;

/* The next byte; those behind the end are zero. */
uint8_t records_take(input *in);

/* Before the first record of an input. */
void records_begin(void);

/* records_make makes the record that begins with the byte `head` at `c`, which has TRD_SLOTS_MAX
 * slots of zeros. Returns the slots that were written, which are not always those that the record
 * says it has. */
uint32_t records_make(input *in, trd_command *c, uint8_t head);

#endif
