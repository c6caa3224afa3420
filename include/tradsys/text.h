/* text.h - the whole state of an engine as text, and an engine of such a text.
 *
 * Lines of JSON: a head that says what the engine was made of, a line for each row of its tables
 * that is not as in a new engine, an end. All that an engine has is in it, with its names: who
 * wants to know looks it up, who moves to a larger engine or to another version reads it into one,
 * who must repair something edits it. What people want to see first is shorter in export.h.
 * docs/formats/text.md has the lines, and the rules for changing them.
 *
 *     trd_text_begin, trd_text_write            an engine as text
 *     trd_text_peek, trd_text_def               what an engine for it is made of
 *     trd_text_open, trd_text_read              text, in pieces, into memory
 *     trd_text_engine                           the engine that it is then
 *
 * Read by a library whose tables are the same, into an engine of the same definition, it is the
 * same engine: the digests are equal (snapshot.h), and that is looked at. Everywhere else what
 * tables are found by is made anew; the engine answers every question as the first one did, goes on
 * as it would have, and is audited before it is given out.
 *
 * While a command is pending there is no text: TRD_E_BUSY. No call allocates, or calls the system.
 * A writer and a reader are plain values of the caller, each of one thread.
 */
#ifndef TRADSYS_TEXT_H
#define TRADSYS_TEXT_H

#include <tradsys/base.h>
#include <tradsys/engine.h>

TRD_BEGIN_DECLS

enum { TRD_TEXT_FORMAT = 1, TRD_TEXT_LINE_MAX = 8192 };

/* What the engine of a text was made of: definitions without `mem`. */
typedef struct trd_text_head {
    uint32_t format;    /* TRD_TEXT_FORMAT */
    uint32_t version;   /* trd_version() of the library that has written it: to be told */
    uint64_t layout;    /* hash of its tables */
    trd_ns time;        /* of the engine */
    uint64_t seq;       /* of the command executed last (trd_event_trail) */
    uint64_t events;    /* seq of the last event */
    uint32_t decisions; /* these two as in trd_engine_def */
    uint32_t trail;
    uint32_t is_monitored;  /* 1: `monitor` is its definition */
    uint32_t is_liquidated; /* 1: `liquidation` */
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_monitor_def monitor;
    trd_liquidation liquidation;
} trd_text_head;

/* --- writing ---------------------------------------------------------------------------------- */

typedef struct trd_text_writer {
    trd_text_head head;
    const trd_engine *engine;
    uint64_t digest; /* of the engine, when it began */
    uint64_t lines;  /* so far */
    uint64_t place;  /* of the row that is looked at next, in its table */
    uint32_t table;
    uint32_t phase;
    uint32_t line_size;
    uint32_t line_at; /* characters of the line that were given */
    char line[TRD_TEXT_LINE_MAX];
} trd_text_writer;

/* trd_text_begin begins with the head. The engine executes nothing and is not destroyed until the
 * end is written. Reads the whole block. TRD_OK; TRD_E_ARG: NULL; TRD_E_BUSY. */
TRD_API int trd_text_begin(trd_text_writer *writer, const trd_engine *engine);

/* trd_text_write stores the next characters, up to `size`, without a zero behind them, and in
 * *written how many these are. Whatever the sizes, the text is the same. TRD_OK: these were the
 * last ones; TRD_MORE; TRD_E_BUSY: the engine has executed something meanwhile, what was written is
 * to be thrown away; TRD_E_ARG: NULL, size 0. O(size), and O(capacity) for all of it. */
TRD_API int trd_text_write(trd_text_writer *writer, char *out, size_t size, size_t *written);

/* --- reading ---------------------------------------------------------------------------------- */

/* Why a text was refused. */
enum {
    TRD_TEXT_NO_FAULT = 0,
    TRD_TEXT_SYNTAX, /* a line is none of this format, or the text does not begin or end as one */
    TRD_TEXT_LENGTH, /* a line has more than TRD_TEXT_LINE_MAX characters */
    TRD_TEXT_TABLE,  /* there is no such table in this library, or in this engine */
    TRD_TEXT_FIELD,  /* the table has no such field in this library */
    TRD_TEXT_ORDER,  /* a table, row or field comes twice, or behind one that it stands before */
    TRD_TEXT_NUMBER, /* the table has no row of this number in this engine */
    TRD_TEXT_VALUE,  /* a value is none that the field can have in this engine */
    TRD_TEXT_LINES,  /* the end counts other lines */
    TRD_TEXT_BEHIND, /* something stands behind the end */
    TRD_TEXT_DIGEST, /* the engine that was read is not the one that was written */
    TRD_TEXT_RULES,  /* an instrument, profile or model that no engine would have taken */
    TRD_TEXT_ROOM,   /* the engine is too small for what it would have to hold */
    TRD_TEXT_AUDIT,  /* rows contradict each other */
    TRD_TEXT_FAULTS
};

enum { TRD_TEXT_NAME_SIZE = 48 };

/* Where a text was refused. */
typedef struct trd_text_fault {
    uint64_t line;   /* from 1; 0: there is no fault */
    uint32_t column; /* from 1 */
    uint32_t why;    /* TRD_TEXT_* */
    uint64_t row;    /* its number, if there is a table */
    char table[TRD_TEXT_NAME_SIZE];
    char field[TRD_TEXT_NAME_SIZE]; /* as it stands there; "" without one */
} trd_text_fault;

/* trd_text_why names a fault in English; "?" for any other number. */
TRD_API const char *trd_text_why(unsigned why);

/* trd_text_peek reads the head, which is the first line, of the text that begins at `text`. TRD_OK,
 * *out, and *head_size with the characters of it; TRD_E_TRUNCATED: there is no whole line in the
 * first `size` characters; TRD_E_UNKNOWN: a format that this library does not know; TRD_E_FORMAT:
 * *fault says where (fault may be NULL); TRD_E_ARG: NULL. */
TRD_API int trd_text_peek(
    const char *text, size_t size, trd_text_head *out, size_t *head_size, trd_text_fault *fault);

/* trd_text_def: the definition of the engine, whose parts are those in `head`, to be changed before
 * an engine is made of it: capacities may grow, `mem` may be set. */
TRD_API void trd_text_def(const trd_text_head *head, trd_engine_def *out);

/* How a text is read, bits. */
enum {
    TRD_TEXT_PASS_OVER = 1, /* unknown tables and fields are passed over, and counted */
    TRD_TEXT_EDITED = 2     /* somebody has changed it: the digest of the end is not asked for */
};

typedef struct trd_text_reader {
    trd_text_head head;
    trd_text_fault fault;
    trd_engine *engine;
    uint64_t lines;       /* so far, the head included */
    uint64_t rows;        /* of them rows */
    uint64_t passed_over; /* tables' rows and fields that were; the first of them: */
    trd_text_fault passed;
    uint64_t row;        /* that may come next, of the table */
    uint64_t table_rows; /* that the table had where it was written */
    uint32_t tables;     /* that began, as they are numbered here */
    uint32_t flags;      /* TRD_TEXT_* */
    uint32_t is_remade;  /* 1: what tables are found by is made anew */
    uint32_t is_same;    /* 1: the digest was that of the engine that was written */
    int32_t state;       /* TRD_MORE, TRD_OK, or what it was refused for */
    uint32_t phase;
    uint32_t line_size;
    uint32_t skips; /* 1: the table is passed over */
    char line[TRD_TEXT_LINE_MAX];
} trd_text_reader;

/* trd_text_open begins to read the text with this head (peek) into an engine of `def`, made in
 * `mem`, which has `size` bytes, at least trd_engine_footprint(def), at TRD_ENGINE_ALIGN. The
 * definition may differ from that of the text where docs/formats/text.md says so. TRD_OK;
 * TRD_E_ARG: NULL, no valid definition, too small, misaligned, unknown flags; TRD_E_UNKNOWN: the
 * definition differs where it may not. O(capacity). */
TRD_API int trd_text_open(trd_text_reader *reader, const trd_text_head *head,
    const trd_engine_def *def, void *mem, size_t size, unsigned flags);

/* trd_text_read takes the next characters of the text, those behind its head first, in pieces of
 * any size. TRD_MORE: more must come; TRD_OK: it is complete, and the engine is sound;
 * TRD_E_FORMAT: it is refused, and reader->fault says where and why; then every later call says
 * so, and what is in the memory is of no use. TRD_E_ARG: NULL. O(size); the end is O(capacity). */
TRD_API int trd_text_read(trd_text_reader *reader, const char *text, size_t size);

/* trd_text_engine: the engine, in the memory that open was given, when read has said TRD_OK; once.
 * `mem` as in trd_snapshot_engine. TRD_OK and *out; TRD_E_TRUNCATED: more must come; TRD_E_FORMAT:
 * it was refused; TRD_E_ARG: NULL. */
TRD_API int trd_text_engine(trd_text_reader *reader, const trd_mem *mem, trd_engine **out);

TRD_END_DECLS

#endif
