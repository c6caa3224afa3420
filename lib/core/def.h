/* def.h - definitions of objects as this version knows them.
 *
 * A definition begins with `uint32_t struct_size`, set by its ..._def_default(), and only ever
 * grows at its end. So the size tells which fields the caller was compiled with: zero is a
 * definition that was never begun, more than the library knows comes from a newer caller whose
 * wishes would be lost, and less comes from an older one, who gets defaults for the rest. */
#ifndef TRD_CORE_DEF_H
#define TRD_CORE_DEF_H

#include <string.h>

#include "core/compiler.h"

/* trd__def_read copies what the caller's `def` has over `own`, which holds the defaults and has
 * `size` bytes. False, and `own` as it was, if def is NULL or of no usable size. */
static inline bool trd__def_read(void *own, size_t size, const void *def) {
    if (def == NULL) {
        return false;
    }
    uint32_t given;
    memcpy(&given, def, sizeof(given));
    if (given == 0 || given > size) {
        return false;
    }
    memcpy(own, def, given);
    return true;
}

#endif
