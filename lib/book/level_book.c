/* level_book.c - a book of totals: the ladder of store.h without orders. */
#include <tradsys/book.h>

#include <string.h>

#include "book/store.h"
#include "core/def.h"
#include "core/memory.h"

struct trd_level_book {
    uint32_t levels_max;
    uint32_t reserved;
    size_t size;
    trd_mem mem;
    trd_store store;
};

static bool def_read(const trd_level_book_def *def, trd_level_book_def *out) {
    *out = trd_level_book_def_default();
    if (!trd__def_read(out, sizeof(*out), def)) {
        return false;
    }
    return out->levels_max >= 2 && out->levels_max <= 1 << 24 &&
           trd__store_window_valid(out->window) && out->reserved == 0;
}

/* What the limits of a definition allow is far below 2^64 bytes: the footprint is never 0. */
static size_t layout(const trd_level_book_def *def, trd_level_book *book) {
    trd_layout at = {0};
    const trd_store_def store = {.books = 1, .levels_max = def->levels_max, .window = def->window};
    trd__layout_add(&at, 1, sizeof(trd_level_book), TRD_LINE);
    if (book != NULL) {
        memset(book, 0, at.size);
        book->levels_max = def->levels_max;
    }
    trd__store_layout(&at, &store, book != NULL ? &book->store : NULL, book);
    return trd__layout_size(&at, TRD_LINE);
}

size_t trd_level_book_footprint(const trd_level_book_def *def) {
    trd_level_book_def own;
    return def_read(def, &own) ? layout(&own, NULL) : 0;
}

trd_level_book *trd_level_book_init(void *mem, const trd_level_book_def *def) {
    trd_level_book_def own;
    if (!def_read(def, &own) || mem == NULL || (uintptr_t)mem % TRD_BOOK_ALIGN != 0) {
        return NULL;
    }
    trd_level_book *book = mem;
    book->size = layout(&own, book);
    return book;
}

trd_level_book *trd_level_book_create(const trd_level_book_def *def) {
    trd_level_book_def own;
    if (!def_read(def, &own)) {
        return NULL;
    }
    const size_t size = layout(&own, NULL);
    void *mem = trd__mem_alloc(&own.mem, size, TRD_BOOK_ALIGN);
    trd_level_book *book = trd_level_book_init(mem, &own);
    if (book != NULL) {
        book->mem = own.mem;
    } else if (mem != NULL) {
        trd__mem_release(&own.mem, mem, size);
    }
    return book;
}

void trd_level_book_destroy(trd_level_book *book) {
    if (book != NULL) {
        const trd_mem mem = book->mem;
        trd__mem_release(&mem, book, book->size);
    }
}

void trd_level_book_reset(trd_level_book *book) {
    trd__store_reset(&book->store);
}

static bool side_valid(unsigned side) {
    return side == TRD_BUY || side == TRD_SELL;
}

static void level_remove(trd_level_book *book, uint32_t s, uint64_t key, uint32_t unit) {
    trd__ladder_remove(&book->store, s, key);
    trd__level_release(&book->store, unit);
}

int trd_level_book_set(trd_level_book *book, unsigned side, trd_px px, trd_qty qty) {
    if (!side_valid(side) || qty < 0) {
        return TRD_E_ARG;
    }
    trd_store *store = &book->store;
    const uint32_t s = side - 1;
    const uint64_t key = trd__key(px, s);
    uint32_t unit = trd__ladder_find(store, s, key);
    if (qty == 0) {
        if (unit == 0) {
            return TRD_E_UNKNOWN;
        }
        level_remove(book, s, key, unit);
        return TRD_OK;
    }
    if (unit == 0) {
        if (store->levels == book->levels_max) {
            return TRD_E_FULL;
        }
        unit = trd__level_alloc(store, s, key);
        trd__ladder_insert(store, s, key, unit);
    }
    trd__queue(trd__store_arena(store), unit)->qty = qty;
    return TRD_OK;
}

int trd_level_book_trim(trd_level_book *book, unsigned side, uint32_t keep) {
    if (!side_valid(side)) {
        return TRD_E_ARG;
    }
    trd_store *store = &book->store;
    const uint32_t s = side - 1;
    const trd_side *own = trd__store_side(store, s);
    int removed = 0;
    while (own->near + own->far_count > keep) {
        const uint32_t unit = trd__ladder_worst(store, s);
        level_remove(book, s, trd__queue(trd__store_arena(store), unit)->key, unit);
        removed++;
    }
    return removed;
}

int trd_level_book_best(const trd_level_book *book, unsigned side, trd_level *out) {
    return trd_level_book_depth(book, side, out, 1);
}

int trd_level_book_depth(const trd_level_book *book, unsigned side, trd_level *out, uint32_t max) {
    return side_valid(side) ? (int)trd__ladder_view(&book->store, side - 1, out, max) : TRD_E_ARG;
}

trd_qty trd_level_book_get(const trd_level_book *book, unsigned side, trd_px px) {
    if (!side_valid(side)) {
        return TRD_E_ARG;
    }
    const trd_store *store = &book->store;
    const uint32_t unit = trd__ladder_find(store, side - 1, trd__key(px, side - 1));
    return unit != 0 ? trd__queue(trd__store_arena(store), unit)->qty : 0;
}

int trd_level_book_count(const trd_level_book *book, unsigned side) {
    if (!side_valid(side)) {
        return TRD_E_ARG;
    }
    const trd_side *own = trd__store_side(&book->store, side - 1);
    return (int)(own->near + own->far_count);
}

int trd_level_book_audit(const trd_level_book *book) {
    trd_audit(book->store.levels <= book->levels_max);
    return trd__store_audit(&book->store, 0);
}
