/* hash.h - xxh3, inlined: the one hash of the library (maps, event and state hashes). */
#ifndef TRD_CORE_HASH_H
#define TRD_CORE_HASH_H

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/compiler.h"

trd_inline uint64_t trd__hash(const void *data, size_t size, uint64_t seed) {
    return XXH3_64bits_withSeed(data, size, seed);
}

#endif
