/* source.h - the input file: mapped, and read line by line where it is text.
 *
 * A file is mapped, not loaded: it may be larger than memory, the kernel brings pages and drops
 * them again. */
#ifndef REPLAY_SOURCE_H
#define REPLAY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the program returns. */
enum {
    EXIT_DONE = 0,
    EXIT_INPUT = 1,   /* file missing, unreadable, or not in its format */
    EXIT_USAGE = 2,   /* the command line is wrong */
    EXIT_MISMATCH = 3 /* replayed, but a check of the result failed */
};

typedef struct source {
    const char *path;
    const char *data;
    size_t size;
} source;

/* source_open maps a regular, not empty file. EXIT_DONE, or EXIT_INPUT with the reason said on
 * stderr. source_close unmaps; a zeroed source may be closed. */
int source_open(source *at, const char *path);
void source_close(source *at);

/* What messages on stderr begin with; a program of another name sets it first. */
extern const char *program_name;

/* complain writes "PROGRAM: PATH: text" (with ":LINE" if line > 0) to stderr and returns
 * EXIT_INPUT, so that a failure is said and returned in one statement. */
int complain(const char *path, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A piece of the input. */
typedef struct text {
    const char *at;
    size_t size;
} text;

/* One pass over the lines of a source. */
typedef struct lines {
    const char *at;
    const char *end;
    uint64_t number; /* of the last line given out, from 1 */
    bool cut;        /* the last line given out has no newline at its end */
} lines;

lines lines_of(const source *at);

/* lines_next stores the next line without its line end (LF or CR LF) in *out; false at the end. */
bool lines_next(lines *at, text *out);

enum { FIELDS_MAX = 16 };

/* fields_split cuts a line at its commas. Returns how many fields there are, FIELDS_MAX + 1 if more
 * than FIELDS_MAX; the fields behind the last are empty. */
int fields_split(text line, text out[FIELDS_MAX]);

bool text_is(text at, const char *word);
bool text_starts(text at, const char *prefix);

/* text_names says whether the text can be a name: 1 to `most` printable ASCII characters, no
 * blanks. */
bool text_names(text at, size_t most);

/* text_u64 reads digits only; false if there are none, others, or too many. */
bool text_u64(text at, uint64_t *out);

#endif
