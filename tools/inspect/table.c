#include "inspect/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/symbols.h"

/* The end of a text in quotes that begins at `at`: behind its last quote. */
static const char *behind_text(const char *at) {
    for (at++; *at != '\0' && *at != '"'; at++) {
        if (*at == '\\' && at[1] != '\0') {
            at++;
        }
    }
    return *at == '"' ? at + 1 : at;
}

/* The end of a value: a text, a list, or a number. */
static const char *behind_value(const char *at) {
    int depth = 0;
    if (*at == '"') {
        return behind_text(at);
    }
    for (; *at != '\0' && *at != '}' && !(*at == ',' && depth == 0); at++) {
        depth += (*at == '[') - (*at == ']');
    }
    return at;
}

bool export_key(const char **at, text *key, text *value) {
    const char *from = strchr(*at, '"');
    if (from == NULL) {
        return false;
    }
    const char *to = behind_text(from);
    if (*to != ':') {
        return false;
    }
    *key = (text){from + 1, (size_t)(to - from) - 2};
    const char *end = behind_value(to + 1);
    *value = (text){to + 1, (size_t)(end - to) - 1};
    if (value->size >= 2 && value->at[0] == '"') {
        *value = (text){value->at + 1, value->size - 2};
    }
    *at = end;
    return true;
}

text export_record(const char *line) {
    text key, value = {"", 0};
    (void)export_key(&line, &key, &value);
    return value;
}

static bool same(text a, text b) {
    return a.size == b.size && memcmp(a.at, b.at, a.size) == 0;
}

static column *column_of(table *at, text key) {
    for (uint32_t i = 0; i < at->column_count; i++) {
        if (same(at->columns[i].key, key)) {
            return &at->columns[i];
        }
    }
    if (at->column_count == COLUMNS_MAX) {
        return NULL;
    }
    at->columns[at->column_count] = (column){key, key.size};
    return &at->columns[at->column_count++];
}

static void measure(table *at) {
    at->column_count = 0;
    for (size_t i = 0; i < at->count; i++) {
        const char *line = at->lines[i];
        text key, value;
        (void)export_key(&line, &key, &value); /* what it is */
        while (export_key(&line, &key, &value)) {
            column *to = column_of(at, key);
            if (to != NULL && value.size > to->width) {
                to->width = value.size;
            }
        }
    }
}

/* The value of a key, of no characters if the line has none. */
static text value_of(const char *line, text wanted) {
    text key, value;
    while (export_key(&line, &key, &value)) {
        if (same(key, wanted)) {
            return value;
        }
    }
    return (text){"", 0};
}

static void put(text value, size_t width) {
    printf("%*s%.*s", (int)(width > value.size ? width - value.size : 0), "", (int)value.size,
        value.at);
}

/* What a line is stands in the title of the table, and in no column. */
static const char *behind_record(const char *line) {
    text key, value;
    (void)export_key(&line, &key, &value);
    return line;
}

static void print_rows(const table *at) {
    for (uint32_t i = 0; i < at->column_count; i++) {
        fputs(i > 0 ? "  " : "", stdout);
        put(at->columns[i].key, at->columns[i].width);
    }
    putchar('\n');
    for (size_t row = 0; row < at->count; row++) {
        for (uint32_t i = 0; i < at->column_count; i++) {
            fputs(i > 0 ? "  " : "", stdout);
            put(value_of(behind_record(at->lines[row]), at->columns[i].key), at->columns[i].width);
        }
        putchar('\n');
    }
}

static void print_lists(const table *at) {
    for (size_t row = 0; row < at->count; row++) {
        const char *line = behind_record(at->lines[row]);
        text key, value;
        fputs(row > 0 ? "\n" : "", stdout);
        while (export_key(&line, &key, &value)) {
            printf("  %-18.*s%.*s\n", (int)key.size, key.at, (int)value.size, value.at);
        }
    }
}

static size_t width_of(const table *at) {
    size_t width = 0;
    for (uint32_t i = 0; i < at->column_count; i++) {
        width += at->columns[i].width + 2;
    }
    return width;
}

void table_print(table *at) {
    if (at->count > 0) {
        const text name = export_record(at->lines[0]);
        measure(at);
        printf("--- %.*s (%zu)\n", (int)name.size, name.at, at->count);
        (width_of(at) <= TABLE_WIDTH ? print_rows : print_lists)(at);
        putchar('\n');
    }
    for (size_t i = 0; i < at->count; i++) {
        free(at->lines[i]);
    }
    free(at->lines);
    *at = (table){0};
}

void table_add(table *at, const char *line, size_t size) {
    char *copy = memory_or_end(malloc(size + 1));
    memcpy(copy, line, size);
    copy[size] = '\0';
    if (at->count > 0 && !same(export_record(copy), export_record(at->lines[0]))) {
        table_print(at);
    }
    if (at->count == at->capacity) {
        at->capacity = at->capacity * 2 + 16;
        at->lines = memory_or_end(realloc(at->lines, at->capacity * sizeof(at->lines[0])));
    }
    at->lines[at->count++] = copy;
}
