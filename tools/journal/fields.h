/* fields.h - the fields of commands and events by name, as text.
 *
 * Names, places and widths are those of the byte table that docs/formats/records.md is checked
 * against; names of kinds, reasons and causes those of the .def lists. */
#ifndef JOURNAL_FIELDS_H
#define JOURNAL_FIELDS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef enum record_kind { RECORD_COMMAND, RECORD_EVENT } record_kind;

enum { FIELDS_PER_SLOT = 24, FIELD_TEXT_SIZE = 88 };

typedef struct field_text {
    const char *name;
    bool word;     /* a word, or bytes, and no number */
    bool quoted;   /* text of a user, which may have blanks */
    bool optional; /* zero, of the head: a line leaves it out */
    char text[FIELD_TEXT_SIZE];
} field_text;

/* slot_fields stores the fields of one slot, in their order, and returns how many. `slot` is 64
 * bytes, the base of a record of that kind or one of its extensions. Reserved bytes are a field
 * only if they are not zero; of a kind that has no table there are the bytes of the body. */
unsigned slot_fields(const void *slot, record_kind kind, field_text out[FIELDS_PER_SLOT]);

/* slot_kind returns the name of the slot's kind, "?" if it has none. */
const char *slot_kind(const void *slot, record_kind kind);

/* record_line writes a record of `slots` slots as one line:
 *     SEQ TIME KIND name=value ... + EXTENSION name=value ...
 * and as JSON an object {"kind": ..., "seq": ..., ..., "extensions": [...]}, numbers as integers.
 */
void record_line(FILE *out, const void *record, unsigned slots, record_kind kind, bool json);

/* record_object writes that object without a line feed. */
void record_object(FILE *out, const void *record, unsigned slots, record_kind kind);

#endif
