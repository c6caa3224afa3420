/* quote.h - quotes for who judges them besides the market: what a QUOTE would do to each side, and
 * the question before a side acts. */
#ifndef TRD_MATCH_QUOTE_H
#define TRD_MATCH_QUOTE_H

#include <tradsys/match.h>

#include "core/compiler.h"

/* What a QUOTE says of one side. */
typedef struct trd_quote_side {
    trd_order order; /* that is there now, 0: none */
    trd_px px;
    trd_qty qty; /* 0: none is wanted */
    uint8_t side;
    uint8_t reserved[7];
} trd_quote_side;

/* From now on each side that would enter an order, or give it new terms, waits for a verdict when
 * its turn comes: step returns TRD_NEED_VERDICT, and trd__quote_pending tells the side. One that is
 * refused is not entered; an order that is there is CANCELED, cause RISK. */
void trd__quotes_ask(trd_match *match);
bool trd__quote_pending(const trd_match *match, trd_quote_side *out);
void trd__quote_verdict(trd_match *match, unsigned reason);

/* Why a QUOTE would be refused, 0 if it would not; bid and offer in sides[] unless it is MALFORMED
 * or UNSUPPORTED. Changes nothing; nothing is pending, and no timer is due at its time. */
unsigned trd__quote_vet(trd_match *match, const trd_command *command, trd_quote_side *sides);

#endif
