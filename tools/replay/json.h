/* json.h - writes one JSON value to a stream, with commas and escapes in the right places.
 *
 * Integers that may pass 2^53 are written with json_text: a reader that keeps numbers as doubles
 * would round them. */
#ifndef REPLAY_JSON_H
#define REPLAY_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct json {
    FILE *out;
    bool comma; /* the next member needs one before it */
} json;

/* `key` is NULL for the outermost value and for the items of an array. */
void json_open(json *at, const char *key, char bracket);
void json_close(json *at, char bracket);
void json_count(json *at, const char *key, uint64_t value);
void json_int(json *at, const char *key, int64_t value);
/* A hash: 16 digits of 16, as text. */
void json_hash(json *at, const char *key, uint64_t value);
void json_real(json *at, const char *key, double value);
void json_text(json *at, const char *key, const char *value);
void json_bool(json *at, const char *key, bool value);

#endif
