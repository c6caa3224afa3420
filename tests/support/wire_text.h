/* wire_text.h - bytes of a message written so that a person can check them against a table: hex
 * digits, and text in single quotes. Blanks between fields are ignored.
 *
 *     "53 0001 0002 0A2B3C4D5E6F 'O'" */
#ifndef WIRE_TEXT_H
#define WIRE_TEXT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct wire_bytes {
    uint8_t data[512];
    size_t size;
} wire_bytes;

static inline int wire_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static inline void wire_put(wire_bytes *out, int byte) {
    if (byte < 0 || out->size == sizeof(out->data)) {
        fprintf(stderr, "wire_text: not hex, or too long\n");
        abort();
    }
    out->data[out->size++] = (uint8_t)byte;
}

static inline wire_bytes wire_text(const char *text) {
    wire_bytes out = {.size = 0};
    while (*text != '\0') {
        if (*text == ' ') {
            text++;
        } else if (*text == '\'') {
            for (text++; *text != '\''; text++) {
                wire_put(&out, *text == '\0' ? -1 : *text);
            }
            text++;
        } else {
            const int high = wire_digit(text[0]);
            const int low = wire_digit(text[1]);
            wire_put(&out, high < 0 || low < 0 ? -1 : high * 16 + low);
            text += 2;
        }
    }
    return out;
}

#endif
