/* text.h - what writing and reading the state as text have in common. */
#ifndef TRD_ENGINE_TEXT_H
#define TRD_ENGINE_TEXT_H

#include <tradsys/text.h>

#include "engine/rows.h"

/* The fields of trd_text_head, `format` apart. */
extern const trd_fields trd__text_head_fields;

/* The head of a text of this engine. */
void trd__text_head_of(const trd_engine *engine, trd_text_head *out);

/* Are both of engines whose blocks are alike? If not: may an engine of `is` be made of a text of
 * one of `was`, because it has more room, or finds things otherwise? */
bool trd__text_is_alike(const trd_text_head *was, const trd_text_head *is);
bool trd__text_may_become(const trd_text_head *was, const trd_text_head *is);

/* Which end stands at a place of the ring of ended ids, counted from 0: false if it is one that is
 * remembered no more. */
trd_inline bool trd__ended_number(const trd_match *match, uint64_t place, uint64_t *number) {
    const uint64_t behind = match->ended - 1 - place;
    *number = match->ended - 1 - (behind & match->ended_mask);
    return match->id_mode == TRD_IDS_WINDOW &&
           (behind & match->ended_mask) < trd__ended_count(match);
}

/* --- text_made.c: an engine whose block is not like that of the text -------------------------- */

/* An id that has ended, as text has it. */
typedef struct trd_text_ended {
    uint32_t slot;
    uint32_t reserved;
    uint64_t id;
    uint32_t account;
    uint32_t reserved1;
} trd_text_ended;

/* A row that does not go where it went. */
typedef struct trd_text_row {
    union {
        trd_map_slot slot;      /* TRD_TABLE_MAP */
        trd_text_ended ended;   /* TRD_TABLE_ENDED */
        uint64_t word;          /* TRD_TABLE_SET */
        trd_risk_repeat repeat; /* TRD_TABLE_REPEATS */
        char found[512];        /* TRD_TABLE_FOUND: for nothing */
    } u;
} trd_text_row;

/* A table begins, of which the text has reader->table_rows rows: all of them are as in a new
 * engine. Its row at `place` has been read, and goes where it belongs. It ends: new rows that are
 * free go behind the old ones. */
void trd__text_table(trd_text_reader *reader, const trd_rows *rows, const trd_region *region);
unsigned trd__text_row(
    trd_text_reader *reader, const trd_region *region, uint64_t place, const trd_text_row *row);
unsigned trd__text_table_end(
    trd_text_reader *reader, const trd_rows *rows, const trd_region *region);

/* All tables have ended: what follows from them is made. The last three return TRD_TEXT_*. */
unsigned trd__text_remake(trd_text_reader *reader);

/* --- text_check.c ----------------------------------------------------------------------------- */

/* Is what set-up has agreed something that an engine would have taken? TRD_TEXT_*. */
unsigned trd__text_check(const trd_engine *engine);

#endif
