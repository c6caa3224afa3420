/* table.h - records of an export (docs/formats/export.md) as tables of text.
 *
 * Lines of one record after the other become one table: its columns are the keys as they first
 * appear, right-aligned; a table that would be wider than TABLE_WIDTH is a list of keys and values
 * for each line instead. So there is no second list of what a record has. */
#ifndef INSPECT_TABLE_H
#define INSPECT_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "replay/source.h"

enum { TABLE_WIDTH = 160, COLUMNS_MAX = 64 };

typedef struct column {
    text key;
    size_t width;
} column;

typedef struct table {
    char **lines; /* of the record, each with its zero */
    size_t count;
    size_t capacity;
    column columns[COLUMNS_MAX];
    uint32_t column_count;
} table;

/* table_add adds a line. Lines of another record than the ones before print these first. */
void table_add(table *at, const char *line, size_t size);

/* table_print prints what is there, and the table is empty. */
void table_print(table *at);

/* export_key finds the next key and value of a line; `*at` begins as the line. False at its end. */
bool export_key(const char **at, text *key, text *value);

/* export_record: what a line is. */
text export_record(const char *line);

#endif
