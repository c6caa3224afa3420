/* rows.h - the block of an engine as rows of typed fields: what of it is state, by name.
 *
 * One table per struct names every byte of it once: as a value, as something that the definition
 * makes (capacities, offsets), as no state (image.c), or as reserved. One table of regions says
 * where the rows are. The state as text (text.c) is written and read by these tables alone, and the
 * hash of the layout that stands in snapshots is made of them; so a field that is added to a struct
 * is added here, and tests/unit/test_rows.c fails until it is. */
#ifndef TRD_ENGINE_ROWS_H
#define TRD_ENGINE_ROWS_H

#include "engine/state.h"

enum {
    TRD_FIELD_UINT = 1, /* 1, 2, 4, 8 or 16 bytes */
    TRD_FIELD_INT,
    TRD_FIELD_TEXT, /* `count` characters, zeros behind the last */
    TRD_FIELD_UNIT, /* of the store: 4 bytes; in text orders count up from 1, levels down from -1 */
    TRD_FIELD_ROWS, /* `count` structs, their fields in `of` */
    TRD_FIELD_SIDE, /* of the store: 4 bytes; books count up from 0, trees down from -1 */
    TRD_FIELD_APART, /* rows of a region of their own */
    TRD_FIELD_MADE,  /* by the definition */
    TRD_FIELD_BLANK, /* no state: zero in the image */
    TRD_FIELD_ZERO   /* reserved */
};

/* What a value is where nothing is said. */
enum {
    TRD_USUALLY_ZERO = 0,
    TRD_USUALLY_ONE,
    TRD_USUALLY_ONES, /* all bits: no node */
    TRD_USUALLY_NEXT  /* the number of the next row, as free rows are chained at first */
};

/* Up to which number a value goes. */
enum {
    TRD_UP_TO_ANY = 0,
    TRD_UP_TO_ASSETS,
    TRD_UP_TO_INSTRUMENTS,
    TRD_UP_TO_ACCOUNTS,
    TRD_UP_TO_SPECIALS,
    TRD_UP_TO_POSITIONS, /* of the matcher */
    TRD_UP_TO_QUOTES,
    TRD_UP_TO_GROUPS,
    TRD_UP_TO_PURSES,
    TRD_UP_TO_ENTRIES,
    TRD_UP_TO_DUES,
    TRD_UP_TO_KEPT,
    TRD_UP_TO_TABLES,
    TRD_UP_TO_MODELS,
    TRD_UP_TO_REPEATS,
    TRD_UP_TO_SCENARIOS, /* scenario groups */
    TRD_UP_TO_ARRAYS,
    TRD_UP_TO_PORTFOLIOS,
    TRD_UP_TO_PARENTS,
    TRD_UP_TO_NODES, /* of limits */
    TRD_UP_TO_FREE,  /* of a definition: an engine that is read may have it otherwise */
    TRD_UP_TO_GROWN, /* of a definition: it may have more, if it is not 0 */
    TRD_UP_TO_COUNT
};

typedef struct trd_field {
    const char *name;
    const struct trd_fields *of;
    uint32_t at;    /* in the struct */
    uint32_t size;  /* of one */
    uint32_t count; /* 1, or of the array */
    uint8_t kind;   /* TRD_FIELD_* */
    uint8_t is_array;
    uint8_t usual; /* TRD_USUALLY_* */
    uint8_t limit; /* TRD_UP_TO_* */
} trd_field;

typedef struct trd_fields {
    const trd_field *field;
    uint32_t count;
    uint32_t size; /* of the struct */
} trd_fields;

/* How a table goes from one engine to another that has more room. */
enum {
    TRD_TABLE_ROWS = 0, /* row by row */
    TRD_TABLE_MAP,      /* its keys are put in anew */
    TRD_TABLE_FOUND,    /* it follows from other tables */
    TRD_TABLE_SET,      /* numbers of accounts (core/set.h) */
    TRD_TABLE_ENDED,    /* slots of ids, which have other numbers then */
    TRD_TABLE_REPEATS   /* a ring */
};

/* Rows that lie `stride` apart; in groups of `inner`, which lie `outer` apart, if inner is not 0.
 */
typedef struct trd_region {
    const char *name;
    const trd_fields *of;
    uint64_t at; /* of the first row, in the block */
    uint64_t stride;
    uint64_t outer;
    uint64_t inner;
    uint64_t first; /* its number */
    uint64_t count;
    int64_t next_from; /* where a field holds the next row: of the first one, in text */
    int64_t next_step;
    int64_t next_last;  /* of the last one */
    bool has_usual;     /* new rows have values that are not zero */
    bool is_plain;      /* new rows are zero, next to each other, and have nothing but values */
    uint8_t how;        /* TRD_TABLE_* */
    uint64_t map_at;    /* of the trd_map, in the block */
    uint64_t map_limit; /* highest reference in it */
    uint64_t free_at;   /* where the first free row of a chain stands; 0: they are in none */
} trd_region;

enum { TRD_REGIONS_MAX = 80 };

typedef struct trd_rows {
    uint64_t limit[TRD_UP_TO_COUNT]; /* highest value */
    uint32_t orders;                 /* of the store, as units: see TRD_FIELD_UNIT */
    uint32_t levels;                 /* without the limbo, which is behind them */
    uint32_t level_unit;
    uint32_t sides; /* of books */
    uint32_t trees;
    uint32_t count;
    trd_region region[TRD_REGIONS_MAX];
} trd_rows;

/* The regions of an engine, in the order of the text. */
void trd__rows_of(const trd_engine *engine, trd_rows *out);

/* Address of a row, by its place from 0. */
trd_inline uint64_t trd__row_at(const trd_region *region, uint64_t place) {
    return region->inner == 0 ? region->at + region->stride * place
                              : region->at + region->outer * (place / region->inner) +
                                    region->stride * (place % region->inner);
}

/* What a value of the row at `place` is where nothing is said, as bits. */
trd_wide trd__row_usual(const trd_region *region, uint64_t place, const trd_field *field);

/* Is it a value, or several, and not something that only has values in it? */
trd_inline bool trd__field_has_value(const trd_field *field) {
    return field->kind <= TRD_FIELD_SIDE && field->kind != TRD_FIELD_ROWS;
}

/* A value as a number, and back: false if it does not fit the field. A unit of the store becomes
 * what it is in text. */
trd_wide trd__row_get(const trd_rows *rows, const trd_field *field, const void *at);
bool trd__row_put(const trd_rows *rows, const trd_field *field, void *at, trd_wide value);

/* All of the tables, whatever an engine has: for tests, and for the hash of the layout. */
const trd_fields *trd__rows_table(uint32_t number); /* NULL behind the last */
uint64_t trd__rows_layout(uint64_t seed);

#endif
