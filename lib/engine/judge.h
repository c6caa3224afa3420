/* judge.h - what judging an order, and judging one that is linked, have in common (judge.c). */
#ifndef TRD_ENGINE_JUDGE_H
#define TRD_ENGINE_JUDGE_H

#include "engine/state.h"

/* Of two reasons, 0 being none, the one that stands first. */
trd_inline unsigned trd__engine_first_of(unsigned a, unsigned b) {
    return a != 0 && (b == 0 || trd_reject_before(a, b) != 0) ? a : b;
}

/* What risk is asked about the valid order in `record`; of one that is not valid: reasons of risk
 * may stand before its own. `slots` of it can be read. */
void trd__engine_ask_make(
    const trd_engine *engine, const trd_command *record, const trd_vetted *vetted, trd_ask *ask);
trd_ask trd__engine_ask_raw(const trd_engine *engine, const trd_command *record, uint32_t slots);

/* quote.c: the QUOTE in work, as trd__engine_judge; engine->sides are those that risk was asked
 * about and that have a DECISION each, bit 0 the bid. turn: the matcher asks about a side. */
unsigned trd__engine_judge_quote(trd_engine *engine, unsigned late);
void trd__engine_quote_turn(trd_engine *engine, trd_out *out);

/* May the actor of the command in work create orders for the account? NOT_PERMITTED, or 0; 0 also
 * if there is no such account. */
unsigned trd__engine_may_order(const trd_engine *engine);

#endif
