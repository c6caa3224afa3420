/* book.h - order books for who rebuilds a market: by level and by order.
 *
 * Both kinds keep any int64 price: `window` ticks around the best of each side are an array, levels
 * further out are in a tree, at the cost of a few cache lines. Memory depends on how many levels
 * and orders there can be, not on how far apart their prices are. A book may be crossed or locked:
 * it says what the feed said. One writer; no allocation after creation.
 */
#ifndef TRADSYS_BOOK_H
#define TRADSYS_BOOK_H

#include <tradsys/base.h>

TRD_BEGIN_DECLS

/* One price level as views show it. */
typedef struct trd_level {
    trd_px px;
    trd_qty qty;    /* sum of the lots at this price, > 0 */
    uint32_t count; /* orders; 0 if the book does not know (level book) */
    uint32_t reserved;
} trd_level;

/* --- By level: for feeds that send (side, price, new quantity) ------------------------------- */

typedef struct trd_level_book trd_level_book;

typedef struct trd_level_book_def {
    uint32_t struct_size; /* set by trd_level_book_def_default */
    uint32_t levels_max;  /* both sides together, [2, 2^24] */
    uint32_t window;      /* power of two, [64, 65536] */
    uint32_t reserved;    /* zero */
    trd_mem mem;          /* for create */
} trd_level_book_def;

static inline trd_level_book_def trd_level_book_def_default(void) {
    trd_level_book_def def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    def.levels_max = 8192;
    def.window = 1024;
    return def;
}

enum { TRD_BOOK_ALIGN = 64 };

/* Life cycle as everywhere: footprint 0 and init/create NULL mean an invalid definition (or no
 * memory, misaligned memory); destroy takes NULL, and is for what create made: a book made by init
 * ends with its memory; reset empties. */
TRD_API size_t trd_level_book_footprint(const trd_level_book_def *def);
TRD_API trd_level_book *trd_level_book_init(void *mem, const trd_level_book_def *def);
TRD_API trd_level_book *trd_level_book_create(const trd_level_book_def *def);
TRD_API void trd_level_book_destroy(trd_level_book *book);
TRD_API void trd_level_book_reset(trd_level_book *book);

/* trd_level_book_set makes `qty` the quantity at px; 0 removes the level. Returns TRD_OK,
 * TRD_E_UNKNOWN for a removal of what is not there, TRD_E_FULL if levels_max are in use, TRD_E_ARG
 * for a wrong side or qty < 0; the book is unchanged when negative. O(1) near the best, O(log
 * levels) beyond the window; a new best that lies a whole window above the last one O(window),
 * once. */
TRD_API int trd_level_book_set(trd_level_book *book, unsigned side, trd_px px, trd_qty qty);

/* trd_level_book_trim removes the levels of a side behind its best `keep`. Returns how many.
 * O(levels removed x log levels). */
TRD_API int trd_level_book_trim(trd_level_book *book, unsigned side, uint32_t keep);

/* Views. best: 1 and *out, 0 if empty. depth: the best `max` levels, best first; returns how many.
 * get: quantity at px, 0 if none. count: levels of a side. TRD_E_ARG for a wrong side. */
TRD_API int trd_level_book_best(const trd_level_book *book, unsigned side, trd_level *out);
TRD_API int trd_level_book_depth(
    const trd_level_book *book, unsigned side, trd_level *out, uint32_t max);
TRD_API trd_qty trd_level_book_get(const trd_level_book *book, unsigned side, trd_px px);
TRD_API int trd_level_book_count(const trd_level_book *book, unsigned side);

/* trd_level_book_audit: as trd_match_audit. */
TRD_API int trd_level_book_audit(const trd_level_book *book);

/* --- By order: for feeds that send each order (ITCH and its kind) ------------------------------
 */

typedef struct trd_order_book trd_order_book;

typedef struct trd_order_book_def {
    uint32_t struct_size;     /* set by trd_order_book_def_default */
    uint32_t instruments_max; /* books in it, [1, 2^20] */
    uint32_t orders_max;      /* orders of all books together, [1, 2^26] */
    uint32_t window;          /* power of two, [64, 65536] */
    uint64_t hash_seed;
    trd_mem mem;
} trd_order_book_def;

static inline trd_order_book_def trd_order_book_def_default(void) {
    trd_order_book_def def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    def.instruments_max = 1;
    def.orders_max = 1 << 16;
    def.window = 1024;
    return def;
}

TRD_API size_t trd_order_book_footprint(const trd_order_book_def *def);
TRD_API trd_order_book *trd_order_book_init(void *mem, const trd_order_book_def *def);
TRD_API trd_order_book *trd_order_book_create(const trd_order_book_def *def);
TRD_API void trd_order_book_destroy(trd_order_book *book);
TRD_API void trd_order_book_reset(trd_order_book *book);

/* One order of the feed. */
typedef struct trd_book_order {
    uint64_t ref; /* the feed's name of the order: any value, unique while it lives */
    trd_px px;
    trd_qty qty; /* lots, > 0 */
    uint32_t instrument;
    uint8_t side;
    uint8_t reserved[3];
} trd_book_order;

/* trd_order_book_add appends an order at the back of its level. TRD_OK; TRD_E_EXISTS if ref lives;
 * TRD_E_RANGE if the total of its level would not fit;
 * TRD_E_FULL; TRD_E_ARG for a wrong side, instrument or qty. */
TRD_API int trd_order_book_add(trd_order_book *book, const trd_book_order *order);

/* trd_order_book_reduce takes `qty` off an order, which keeps its place; the order goes when
 * nothing is left. TRD_E_UNKNOWN for a ref that does not live; TRD_E_RANGE if qty is more than the
 * order has (nothing is changed); TRD_E_ARG if qty <= 0. */
TRD_API int trd_order_book_reduce(trd_order_book *book, uint64_t ref, trd_qty qty);

/* trd_order_book_remove takes an order away. TRD_E_UNKNOWN. */
TRD_API int trd_order_book_remove(trd_order_book *book, uint64_t ref);

/* trd_order_book_replace: the order `ref` becomes new_ref with px and qty of `order` (side and
 * instrument stay and are ignored there), at the back of its level. TRD_E_ARG if qty <= 0,
 * TRD_E_UNKNOWN, TRD_E_EXISTS, TRD_E_RANGE if the total of its level would not fit; unchanged then.
 */
TRD_API int trd_order_book_replace(trd_order_book *book, uint64_t ref, const trd_book_order *order);

/* Views, as in match.h. find: TRD_OK and *out, or TRD_E_UNKNOWN. first: the order that would trade
 * next on a side: 1 and *out, or 0. TRD_E_ARG for a wrong side or an instrument that there is not.
 */
TRD_API int trd_order_book_find(const trd_order_book *book, uint64_t ref, trd_book_order *out);
TRD_API int trd_order_book_first(
    const trd_order_book *book, uint32_t instrument, unsigned side, trd_book_order *out);
TRD_API int trd_order_book_best(
    const trd_order_book *book, uint32_t instrument, unsigned side, trd_level *out);
TRD_API int trd_order_book_depth(
    const trd_order_book *book, uint32_t instrument, unsigned side, trd_level *out, uint32_t max);
TRD_API uint32_t trd_order_book_count(const trd_order_book *book); /* orders, all books */
TRD_API int trd_order_book_audit(const trd_order_book *book);

TRD_END_DECLS

#endif
