/* layout.h - footprints: append regions with their alignment, get offsets, stop at overflow.
 *
 *     trd_layout at = {0};
 *     size_t nodes = trd__layout_add(&at, count, sizeof(node), 64);
 *     size_t total = trd__layout_size(&at, 64);          0 if anything overflowed
 *
 * The same lines compute the footprint and place the regions, so the two cannot disagree. */
#ifndef TRD_CORE_LAYOUT_H
#define TRD_CORE_LAYOUT_H

#include "core/compiler.h"

typedef struct trd_layout {
    size_t size;
    bool overflow;
} trd_layout;

/* Appends `count` items of `size` bytes aligned to `align` (a power of two); returns the offset. */
static inline size_t trd__layout_add(trd_layout *at, size_t count, size_t size, size_t align) {
    size_t start, bytes;
    if (__builtin_add_overflow(at->size, align - 1, &start) ||
        __builtin_mul_overflow(count, size, &bytes)) {
        at->overflow = true;
        return 0;
    }
    start &= ~(align - 1);
    if (__builtin_add_overflow(start, bytes, &at->size)) {
        at->overflow = true;
        return 0;
    }
    return start;
}

static inline size_t trd__layout_size(trd_layout *at, size_t align) {
    trd__layout_add(at, 0, 1, align);
    const size_t size = (at->size + align - 1) & ~(align - 1);
    return at->overflow || size > SIZE_MAX / 2 ? 0 : size;
}

#endif
