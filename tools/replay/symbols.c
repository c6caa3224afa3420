#include "replay/symbols.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *memory_or_end(void *at) {
    if (at == NULL) {
        fputs("tradsys-replay: out of memory\n", stderr);
        exit(EXIT_INPUT);
    }
    return at;
}

/* FNV-1a: names are short and there are some thousands of them. */
static uint32_t hash_of(text name) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < name.size; i++) {
        hash = (hash ^ (uint8_t)name.at[i]) * 16777619u;
    }
    return hash;
}

static text name_of(const symbol *at) {
    return (text){at->spec.symbol, strlen(at->spec.symbol)};
}

/* The slot that holds `name`, or the free one where it belongs. */
static uint32_t slot_of(const symbols *at, text name) {
    uint32_t slot = hash_of(name) & (at->slot_count - 1);
    while (at->slots[slot] != 0 && !text_is(name, at->list[at->slots[slot] - 1].spec.symbol)) {
        slot = (slot + 1) & (at->slot_count - 1);
    }
    return slot;
}

uint32_t symbols_find(const symbols *at, text name) {
    if (at->count == 0) {
        return SYMBOL_NONE;
    }
    const uint32_t held = at->slots[slot_of(at, name)];
    return held != 0 ? held - 1 : SYMBOL_NONE;
}

static void grow(symbols *at) {
    at->capacity = at->capacity > 0 ? 2 * at->capacity : 64;
    at->slot_count = 2 * at->capacity;
    at->list = memory_or_end(realloc(at->list, at->capacity * sizeof(at->list[0])));
    free(at->slots);
    at->slots = memory_or_end(calloc(at->slot_count, sizeof(at->slots[0])));
    for (uint32_t i = 0; i < at->count; i++) {
        at->slots[slot_of(at, name_of(&at->list[i]))] = i + 1;
    }
}

symbol *symbols_add(symbols *at, const trd_instrument *spec) {
    if (at->count == at->capacity) {
        grow(at);
    }
    symbol *added = &at->list[at->count++];
    *added = (symbol){.spec = *spec};
    at->slots[slot_of(at, name_of(added))] = at->count;
    return added;
}

void symbols_free(symbols *at) {
    free(at->list);
    free(at->slots);
    *at = (symbols){0};
}

/* Digits of `value`, least first; at least `least` of them. */
static int digits_of(unsigned __int128 value, unsigned least, char out[DECIMAL_TEXT_SIZE]) {
    unsigned count = 0;
    while (value > 0 || count < least) {
        out[count++] = (char)('0' + (int)(value % 10));
        value /= 10;
    }
    return (int)count;
}

void decimal_text(wide value, wide unit, unsigned scale, char out[DECIMAL_TEXT_SIZE]) {
    char digits[DECIMAL_TEXT_SIZE];
    const wide product = value * unit;
    const bool negative = product < 0;
    const unsigned __int128 size =
        negative ? -(unsigned __int128)product : (unsigned __int128)product;
    const int count = digits_of(size, scale + 1, digits);
    int last = 0; /* trailing zeros behind the point are not written */
    while (last < (int)scale && digits[last] == '0') {
        last++;
    }
    char *at = out;
    if (negative) {
        *at++ = '-';
    }
    for (int i = count - 1; i >= last; i--) {
        *at++ = digits[i];
        if (i == (int)scale && i > last) {
            *at++ = '.';
        }
    }
    *at = '\0';
}

void symbol_volume_text(const symbol *at, char out[DECIMAL_TEXT_SIZE]) {
    decimal_text(at->volume, at->spec.lot_size, at->spec.qty_scale, out);
}

void symbol_value_text(const symbol *at, char out[DECIMAL_TEXT_SIZE]) {
    /* One step after the other: each product is proved to fit before it is made. */
    wide unit = (wide)at->spec.tick_size * at->spec.lot_size;
    wide product;
    if (__builtin_mul_overflow(at->value, unit, &product)) {
        snprintf(out, DECIMAL_TEXT_SIZE, "out of range");
        return;
    }
    decimal_text(product, 1, (unsigned)at->spec.px_scale + at->spec.qty_scale, out);
}
