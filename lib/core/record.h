/* record.h - copying records of commands and events: 1 to TRD_SLOTS_MAX slots. */
#ifndef TRD_CORE_RECORD_H
#define TRD_CORE_RECORD_H

#include <string.h>

#include <tradsys/command.h>

#include "core/compiler.h"

/* trd__record_copy copies a record of `slots` slots. Most have one: its size is known here, so
 * there is no call for them. */
trd_inline void trd__record_copy(void *to, const void *from, uint32_t slots) {
    memcpy(to, from, TRD_SLOT_SIZE);
    if (trd_unlikely(slots > 1)) {
        memcpy((uint8_t *)to + TRD_SLOT_SIZE, (const uint8_t *)from + TRD_SLOT_SIZE,
            (size_t)(slots - 1) * TRD_SLOT_SIZE);
    }
}

#endif
