/* line.h - one line of JSON, put together in a buffer: an object of numbers, texts and lists. */
#ifndef TRD_ENGINE_LINE_H
#define TRD_ENGINE_LINE_H

#include <string.h>

#include "core/assert.h"
#include "core/fixed.h"

typedef struct trd_line {
    char *text;
    uint32_t size;
    uint32_t room;
} trd_line;

static inline void trd__line_put(trd_line *line, const char *text, size_t size) {
    trd_assert(size <= line->room - line->size);
    memcpy(line->text + line->size, text, size);
    line->size += (uint32_t)size;
}

/* A literal. */
#define TRD__LINE_PUT(line, text) trd__line_put(line, text, sizeof(text) - 1)

static inline void trd__line_number(trd_line *line, trd_wide number) {
    char digits[40]; /* 2^127 has 39 */
    size_t at = sizeof(digits);
    trd_uwide left = number < 0 ? -(trd_uwide)number : (trd_uwide)number;
    do {
        digits[--at] = (char)('0' + (int)(left % 10));
        left /= 10;
    } while (left != 0);
    if (number < 0) {
        TRD__LINE_PUT(line, "-");
    }
    trd__line_put(line, digits + at, sizeof(digits) - at);
}

/* Characters of ASCII, printable. Here and in keys they are put one by one, up to the zero: a loop
 * that only counts them becomes a call of strlen, and there is none in pure modules. */
static inline void trd__line_string(trd_line *line, const char *text) {
    TRD__LINE_PUT(line, "\"");
    for (; *text != 0; text++) {
        if (*text == '"' || *text == '\\') {
            TRD__LINE_PUT(line, "\\");
        }
        trd__line_put(line, text, 1);
    }
    TRD__LINE_PUT(line, "\"");
}

/* A key behind those that are there. */
static inline void trd__line_key(trd_line *line, const char *key) {
    TRD__LINE_PUT(line, ",\"");
    for (; *key != 0; key++) {
        trd__line_put(line, key, 1);
    }
    TRD__LINE_PUT(line, "\":");
}

static inline void trd__line_begin(trd_line *line, const char *record) {
    TRD__LINE_PUT(line, "{\"record\":");
    trd__line_string(line, record);
}

static inline void trd__line_end(trd_line *line) {
    TRD__LINE_PUT(line, "}\n");
}

static inline void trd__line_int(trd_line *line, const char *key, trd_wide number) {
    trd__line_key(line, key);
    trd__line_number(line, number);
}

static inline void trd__line_text(trd_line *line, const char *key, const char *text) {
    trd__line_key(line, key);
    trd__line_string(line, text);
}

/* A list: numbers, or lists of them. */
static inline void trd__line_list(trd_line *line, const char *key) {
    trd__line_key(line, key);
    TRD__LINE_PUT(line, "[");
}

static inline void trd__line_comma(trd_line *line) {
    if (line->text[line->size - 1] != '[') {
        TRD__LINE_PUT(line, ",");
    }
}

static inline void trd__line_item(trd_line *line, trd_wide number) {
    trd__line_comma(line);
    trd__line_number(line, number);
}

static inline void trd__line_row(trd_line *line) {
    trd__line_comma(line);
    TRD__LINE_PUT(line, "[");
}

static inline void trd__line_list_end(trd_line *line) {
    TRD__LINE_PUT(line, "]");
}

#endif
