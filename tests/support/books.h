/* books.h - what the tests of both kinds of book share: blocks of memory, and levels as text. */
#ifndef TRD_SUPPORT_BOOKS_H
#define TRD_SUPPORT_BOOKS_H

#include <tradsys/book.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Memory for one book that is not zeroed, with bytes around it that must stay as they are. */
typedef struct block {
    char *at; /* what the book gets: `size` bytes at TRD_BOOK_ALIGN */
    size_t size;
} block;

enum { BLOCK_GUARD = 256, BLOCK_FILL = 0xa5 };

static inline block block_new(size_t size) {
    const size_t whole = (size + 2 * BLOCK_GUARD + 63) & ~(size_t)63;
    char *at = (char *)aligned_alloc(64, whole);
    memset(at, BLOCK_FILL, whole);
    return (block){.at = at + BLOCK_GUARD, .size = size};
}

static inline bool block_guards_intact(const block *own) {
    for (size_t i = 0; i < BLOCK_GUARD; i++) {
        if ((unsigned char)own->at[-1 - (long)i] != BLOCK_FILL ||
            (unsigned char)own->at[own->size + i] != BLOCK_FILL) {
            return false;
        }
    }
    return true;
}

static inline void block_free(block *own) {
    free(own->at - BLOCK_GUARD);
    own->at = NULL;
}

/* A copy elsewhere; the original is filled with rubbish and freed. */
static inline block block_moved(block *own) {
    block to = block_new(own->size);
    memcpy(to.at, own->at, own->size);
    memset(own->at, BLOCK_FILL, own->size);
    block_free(own);
    return to;
}

/* The first place in the block that holds `value`, or NULL. */
static inline char *block_find(block *own, int64_t value) {
    for (size_t at = 0; at + sizeof(value) <= own->size; at += sizeof(value)) {
        if (memcmp(own->at + at, &value, sizeof(value)) == 0) {
            return own->at + at;
        }
    }
    return NULL;
}

/* Overwrites that place. False: there is none. */
static inline bool block_damage(block *own, int64_t value, int64_t damaged) {
    char *at = block_find(own, value);
    if (at != NULL) {
        memcpy(at, &damaged, sizeof(damaged));
    }
    return at != NULL;
}

static inline bool levels_equal(const trd_level *a, const trd_level *b, int count) {
    for (int i = 0; i < count; i++) {
        if (a[i].px != b[i].px || a[i].qty != b[i].qty || a[i].count != b[i].count ||
            a[i].reserved != b[i].reserved) {
            return false;
        }
    }
    return true;
}

#endif
