#include "replay/json.h"

#include <inttypes.h>

static void quoted(json *at, const char *value) {
    fputc('"', at->out);
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            fprintf(at->out, "\\%c", *c);
        } else if ((unsigned char)*c < 0x20) {
            fprintf(at->out, "\\u%04x", (unsigned)(unsigned char)*c);
        } else {
            fputc(*c, at->out);
        }
    }
    fputc('"', at->out);
}

static void member(json *at, const char *key) {
    if (at->comma) {
        fputc(',', at->out);
    }
    at->comma = true;
    if (key != NULL) {
        quoted(at, key);
        fputc(':', at->out);
    }
}

void json_open(json *at, const char *key, char bracket) {
    member(at, key);
    fputc(bracket, at->out);
    at->comma = false;
}

void json_close(json *at, char bracket) {
    fputc(bracket, at->out);
    at->comma = true;
}

void json_count(json *at, const char *key, uint64_t value) {
    member(at, key);
    fprintf(at->out, "%llu", (unsigned long long)value);
}

void json_int(json *at, const char *key, int64_t value) {
    member(at, key);
    fprintf(at->out, "%" PRId64, value);
}

void json_hash(json *at, const char *key, uint64_t value) {
    member(at, key);
    fprintf(at->out, "\"%016" PRIx64 "\"", value);
}

void json_real(json *at, const char *key, double value) {
    member(at, key);
    fprintf(at->out, "%.6f", value);
}

void json_text(json *at, const char *key, const char *value) {
    member(at, key);
    quoted(at, value);
}

void json_bool(json *at, const char *key, bool value) {
    member(at, key);
    fputs(value ? "true" : "false", at->out);
}
