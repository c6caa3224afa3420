/* image.h - the block of an engine as bytes: pages, and what of them is no state. */
#ifndef TRD_ENGINE_IMAGE_H
#define TRD_ENGINE_IMAGE_H

#include <tradsys/snapshot.h>

#include "engine/state.h"

/* Bytes that are zero in the image: `size` at each of `count` places, `stride` apart. */
typedef struct trd_blank {
    uint64_t at;
    uint64_t size;
    uint64_t stride;
    uint64_t count;
} trd_blank;

enum { TRD_BLANKS_MAX = 16 };

typedef struct trd_image {
    const trd_engine *engine;
    uint64_t size;
    uint64_t pages;
    uint32_t count;
    uint32_t reserved;
    trd_blank blanks[TRD_BLANKS_MAX];
} trd_image;

/* May there be an image for who gave `out`? TRD_OK; TRD_E_ARG: one of them is NULL; TRD_E_BUSY. */
trd_inline int trd__image_ask(const trd_engine *engine, const void *out) {
    if (engine == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    return engine->stage == TRD_ENGINE_IDLE ? TRD_OK : TRD_E_BUSY;
}

/* Of an engine that is between two commands. */
void trd__image_of(const trd_engine *engine, trd_image *out);

/* The bytes of a page of the image: where they are in the block, or, if some are not what the block
 * has, in `buffer`, TRD_PAGE_SIZE bytes. */
const uint8_t *trd__image_page(const trd_image *image, uint64_t number, uint8_t *buffer);

/* Pages of a block; bytes of one of them. */
trd_inline uint64_t trd__pages_of(uint64_t block_size) {
    return (block_size + TRD_PAGE_SIZE - 1) / TRD_PAGE_SIZE;
}

trd_inline uint32_t trd__page_size(uint64_t block_size, uint64_t number) {
    const uint64_t left = block_size - number * TRD_PAGE_SIZE;
    return left < TRD_PAGE_SIZE ? (uint32_t)left : TRD_PAGE_SIZE;
}

/* `size` is a whole number of lines. */
bool trd__is_zero(const uint8_t *bytes, uint32_t size);
uint64_t trd__page_hash(const uint8_t *bytes, uint32_t size, uint64_t number);
uint64_t trd__digest_add(uint64_t digest, uint64_t number, uint64_t hash);

/* All of an image. */
typedef struct trd_image_sum {
    uint64_t size; /* of the block */
    uint64_t digest;
    uint64_t pages; /* that are not zero */
    uint64_t bytes; /* of these */
} trd_image_sum;

/* Of an engine that is between two commands. */
trd_image_sum trd__image_sum(const trd_engine *engine);

/* What blocks of this library are made of, and how. */
uint64_t trd__image_layout(void);

#endif
