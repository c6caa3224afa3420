/* text.h - what writing and reading the state as text have in common: its head. */
#ifndef TRD_ENGINE_TEXT_H
#define TRD_ENGINE_TEXT_H

#include <tradsys/text.h>

#include "engine/rows.h"

/* The fields of trd_text_head, `format` apart. */
extern const trd_fields trd__text_head_fields;

/* The head of a text of this engine. */
void trd__text_head_of(const trd_engine *engine, trd_text_head *out);

/* Have both the same value in all of `fields`? */
bool trd__text_is_equal(const trd_fields *fields, const void *one, const void *other);

/* Is everything that was agreed before it was traded what an engine would have taken? TRD_TEXT_*.
 */
unsigned trd__text_check(const trd_engine *engine);

#endif
