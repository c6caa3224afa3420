/* shim_book.c - books of feeds, by level and by order. */
#include <stdlib.h>

#include "bindings/inner.h"

/* --- by level --------------------------------------------------------------------------------- */

struct trb_level_book {
    trd_level_book *book; /* NULL: the box is empty */
    size_t memory;        /* bytes of the book */
};

static int level_usable(const trb_level_book *book) {
    return book->book == NULL ? TRB_E_CLOSED : TRD_OK;
}

trb_level_book *trb_level_book_new(void) {
    return calloc(1, sizeof(trb_level_book));
}

void trb_level_book_delete(trb_level_book *book) {
    if (book != NULL) {
        trd_level_book_destroy(book->book);
        free(book);
    }
}

int trb_level_book_open(trb_level_book *book, const void *data, size_t size) {
    trd_level_book_def def;
    if (!trb__read(&def, sizeof(def), data, size)) {
        return TRB_E_BUFFER;
    }
    def.mem = (trd_mem){0};
    if (book->book != NULL || trd_level_book_footprint(&def) == 0) {
        return TRD_E_ARG;
    }
    book->book = trd_level_book_create(&def);
    book->memory = trd_level_book_footprint(&def);
    return book->book == NULL ? TRD_E_MEMORY : TRD_OK;
}

size_t trb_level_book_memory(const trb_level_book *book) {
    return book->book == NULL ? 0 : book->memory;
}

int trb_level_book_close(trb_level_book *book) {
    const int result = level_usable(book);
    trd_level_book_destroy(book->book);
    book->book = NULL;
    return result;
}

int trb_level_book_is_open(const trb_level_book *book) {
    return book->book != NULL;
}

int trb_level_book_reset(trb_level_book *book) {
    const int result = level_usable(book);
    if (result == TRD_OK) {
        trd_level_book_reset(book->book);
    }
    return result;
}

int trb_level_book_set(trb_level_book *book, unsigned side, int64_t px, int64_t qty) {
    const int result = level_usable(book);
    return result != TRD_OK ? result : trd_level_book_set(book->book, side, px, qty);
}

int trb_level_book_trim(trb_level_book *book, unsigned side, uint32_t keep) {
    const int result = level_usable(book);
    return result != TRD_OK ? result : trd_level_book_trim(book->book, side, keep);
}

int trb_level_book_best(const trb_level_book *book, unsigned side, void *out, size_t out_size) {
    trd_level found = {0};
    const int result = level_usable(book);
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    return trb__give(trd_level_book_best(book->book, side, &found), out, &found, sizeof(found));
}

int trb_level_book_depth(const trb_level_book *book, unsigned side, void *out, size_t out_size) {
    const int result = level_usable(book);
    if (result != TRD_OK) {
        return result;
    }
    if (!trb__aligned(out, out_size)) {
        return TRB_E_BUFFER;
    }
    return trd_level_book_depth(book->book, side, out, trb__room(out_size, sizeof(trd_level)));
}

int trb_level_book_get(const trb_level_book *book, unsigned side, int64_t px, int64_t *value) {
    const int result = level_usable(book);
    if (result != TRD_OK) {
        return result;
    }
    if (side != TRD_BUY && side != TRD_SELL) {
        return TRD_E_ARG; /* a quantity has no codes */
    }
    *value = trd_level_book_get(book->book, side, px);
    return TRD_OK;
}

int trb_level_book_count(const trb_level_book *book, unsigned side) {
    const int result = level_usable(book);
    return result != TRD_OK ? result : trd_level_book_count(book->book, side);
}

int trb_level_book_audit(const trb_level_book *book) {
    const int result = level_usable(book);
    return result != TRD_OK ? result : -trd_level_book_audit(book->book);
}

/* --- by order --------------------------------------------------------------------------------- */

struct trb_order_book {
    trd_order_book *book; /* NULL: the box is empty */
    size_t memory;        /* bytes of the book */
};

static int order_usable(const trb_order_book *book) {
    return book->book == NULL ? TRB_E_CLOSED : TRD_OK;
}

trb_order_book *trb_order_book_new(void) {
    return calloc(1, sizeof(trb_order_book));
}

void trb_order_book_delete(trb_order_book *book) {
    if (book != NULL) {
        trd_order_book_destroy(book->book);
        free(book);
    }
}

int trb_order_book_open(trb_order_book *book, const void *data, size_t size) {
    trd_order_book_def def;
    if (!trb__read(&def, sizeof(def), data, size)) {
        return TRB_E_BUFFER;
    }
    def.mem = (trd_mem){0};
    if (book->book != NULL || trd_order_book_footprint(&def) == 0) {
        return TRD_E_ARG;
    }
    book->book = trd_order_book_create(&def);
    book->memory = trd_order_book_footprint(&def);
    return book->book == NULL ? TRD_E_MEMORY : TRD_OK;
}

size_t trb_order_book_memory(const trb_order_book *book) {
    return book->book == NULL ? 0 : book->memory;
}

int trb_order_book_close(trb_order_book *book) {
    const int result = order_usable(book);
    trd_order_book_destroy(book->book);
    book->book = NULL;
    return result;
}

int trb_order_book_is_open(const trb_order_book *book) {
    return book->book != NULL;
}

int trb_order_book_reset(trb_order_book *book) {
    const int result = order_usable(book);
    if (result == TRD_OK) {
        trd_order_book_reset(book->book);
    }
    return result;
}

int trb_order_book_add(trb_order_book *book, uint64_t ref, uint32_t instrument, unsigned side,
    int64_t qty, int64_t px) {
    const int result = order_usable(book);
    if (result != TRD_OK) {
        return result;
    }
    if (side > UINT8_MAX) {
        return TRD_E_ARG;
    }
    const trd_book_order order = {
        .ref = ref, .px = px, .qty = qty, .instrument = instrument, .side = (uint8_t)side};
    return trd_order_book_add(book->book, &order);
}

int trb_order_book_reduce(trb_order_book *book, uint64_t ref, int64_t qty) {
    const int result = order_usable(book);
    return result != TRD_OK ? result : trd_order_book_reduce(book->book, ref, qty);
}

int trb_order_book_remove(trb_order_book *book, uint64_t ref) {
    const int result = order_usable(book);
    return result != TRD_OK ? result : trd_order_book_remove(book->book, ref);
}

int trb_order_book_replace(
    trb_order_book *book, uint64_t ref, uint64_t new_ref, int64_t qty, int64_t px) {
    const int result = order_usable(book);
    const trd_book_order order = {.ref = new_ref, .px = px, .qty = qty};
    return result != TRD_OK ? result : trd_order_book_replace(book->book, ref, &order);
}

int trb_order_book_find(const trb_order_book *book, uint64_t ref, void *out, size_t out_size) {
    trd_book_order found = {0};
    const int result = order_usable(book);
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    return trb__give(trd_order_book_find(book->book, ref, &found), out, &found, sizeof(found));
}

int trb_order_book_first(
    const trb_order_book *book, uint32_t instrument, unsigned side, void *out, size_t out_size) {
    trd_book_order found = {0};
    const int result = order_usable(book);
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    return trb__give(
        trd_order_book_first(book->book, instrument, side, &found), out, &found, sizeof(found));
}

int trb_order_book_best(
    const trb_order_book *book, uint32_t instrument, unsigned side, void *out, size_t out_size) {
    trd_level found = {0};
    const int result = order_usable(book);
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    return trb__give(
        trd_order_book_best(book->book, instrument, side, &found), out, &found, sizeof(found));
}

int trb_order_book_depth(
    const trb_order_book *book, uint32_t instrument, unsigned side, void *out, size_t out_size) {
    const int result = order_usable(book);
    if (result != TRD_OK) {
        return result;
    }
    if (!trb__aligned(out, out_size)) {
        return TRB_E_BUFFER;
    }
    return trd_order_book_depth(
        book->book, instrument, side, out, trb__room(out_size, sizeof(trd_level)));
}

int trb_order_book_count(const trb_order_book *book) {
    const int result = order_usable(book);
    return result != TRD_OK ? result : (int)trd_order_book_count(book->book); /* at most 2^26 */
}

int trb_order_book_audit(const trb_order_book *book) {
    const int result = order_usable(book);
    return result != TRD_OK ? result : -trd_order_book_audit(book->book);
}
