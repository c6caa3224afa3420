/* symbols.h - what is known of each instrument of a replay, found by index or by name. */
#ifndef REPLAY_SYMBOLS_H
#define REPLAY_SYMBOLS_H

#include <stdint.h>
#include <tradsys/instrument.h>

#include "replay/source.h"

/* Sums over a file of any size: lots, and ticks x lots. */
__extension__ typedef __int128 wide;

typedef struct symbol {
    trd_instrument spec;
    uint64_t messages; /* commands, updates or messages that name it */
    uint64_t executions;
    wide volume;      /* lots executed */
    wide value;       /* px x qty summed over the executions, in ticks x lots */
    uint64_t checks;  /* checksums compared (level recordings) */
    uint64_t checked; /* of these equal */
} symbol;

typedef struct symbols {
    symbol *list;
    uint32_t count;
    uint32_t capacity;
    uint32_t *slots; /* open addressing, index + 1; at most half full */
    uint32_t slot_count;
} symbols;

enum { SYMBOL_NONE = UINT32_MAX };

/* symbols_find returns the index of a name, SYMBOL_NONE if there is none. */
uint32_t symbols_find(const symbols *at, text name);

/* symbols_add appends a symbol, whose name must be new and which gets the next index. Ends the
 * program if there is no memory. The pointers into `list` are valid until the next add. */
symbol *symbols_add(symbols *at, const trd_instrument *spec);

void symbols_free(symbols *at);

/* memory_or_end returns `at`, or says that there is no memory and ends the program. */
void *memory_or_end(void *at);

/* decimal_text writes value x unit / 10^scale as the shortest exact decimal text to out[0 .. 64).
 * value x unit must fit 127 bits; scale in [0, 36]. */
enum { DECIMAL_TEXT_SIZE = 64 };
void decimal_text(wide value, wide unit, unsigned scale, char out[DECIMAL_TEXT_SIZE]);

/* symbol_volume_text and symbol_value_text write the sums in units of the instrument (not lots) and
 * of its prices. */
void symbol_volume_text(const symbol *at, char out[DECIMAL_TEXT_SIZE]);
void symbol_value_text(const symbol *at, char out[DECIMAL_TEXT_SIZE]);

#endif
