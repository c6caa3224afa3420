/* handle.h - handles: a slot number that knows when its slot was given to somebody else.
 *
 *     bits 63..32  generation of the slot
 *     bits 31..0   slot + 1
 *
 * Zero is no handle, whatever the generation, because slot + 1 is never zero. A table keeps the
 * generation of each slot and moves it on when the slot is released; a handle whose generation is
 * not the table's is stale. The generation counts modulo 2^32: a handle that was kept while its own
 * slot was released 2^32 times is taken for a live one again. */
#ifndef TRD_CORE_HANDLE_H
#define TRD_CORE_HANDLE_H

#include "core/assert.h"

enum { TRD_HANDLE_NONE = 0 };

/* What trd__handle_slot gives for a handle that names no slot: outside of every table. */
#define TRD_HANDLE_NO_SLOT UINT32_MAX

/* For a table that counts its slots from 1, so that 0 is free to mean none: the low half is then
 * the number itself. `number` is not 0; the caller, on the hot path, has seen to that. */
trd_inline uint64_t trd__handle_numbered(uint32_t number, uint32_t generation) {
    return (uint64_t)generation << 32 | number;
}

/* `slot` is in [0, 2^32 - 2]. */
trd_inline uint64_t trd__handle_make(uint32_t slot, uint32_t generation) {
    trd_assert(slot != TRD_HANDLE_NO_SLOT);
    return trd__handle_numbered(slot + 1, generation);
}

/* The slot, or TRD_HANDLE_NO_SLOT if the low half is zero: one comparison with the size of the
 * table refuses that and every slot beyond its end. Any value may be asked, handles are input. */
trd_inline uint32_t trd__handle_slot(uint64_t handle) {
    return (uint32_t)handle - 1;
}

trd_inline uint32_t trd__handle_generation(uint64_t handle) {
    return (uint32_t)(handle >> 32);
}

/* The generation of a slot after its release: follows 2^32 - 1 with 0. */
trd_inline uint32_t trd__handle_generation_next(uint32_t generation) {
    return generation + 1;
}

#endif
