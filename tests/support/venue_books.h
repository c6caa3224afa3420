/* venue_books.h - books of the venue's world (life_venue.h) that are kept from events alone.
 *
 * They know docs/reference/accounts.md and nothing of the library: each posting moves a balance,
 * each fill moves lots, and what an event says of a balance afterwards must be what the sum of all
 * before it says. At any command the laws must hold:
 *
 *   - what all accounts, those of the venue included, have of an asset sums to zero;
 *   - what is locked is what live orders hold and what stands behind positions;
 *   - lots follow fills, takeovers and deleveraging alone, and sum to zero; but for what a split
 *     leaves over, which is OUTSIDE's;
 *   - CLEARING has the negative of what open contracts cost. */
#ifndef TRD_SUPPORT_VENUE_BOOKS_H
#define TRD_SUPPORT_VENUE_BOOKS_H

#include <tradsys/tradsys.h>

#include "life_venue.h"

enum { VENUE_SIDES = 3, VENUE_OWN = 8 };

/* A plain value: a copy is the books as they stood. All zero: nothing has happened yet. */
typedef struct venue_books {
    trd_amt total[VENUE_ACCOUNTS][VENUE_ASSETS];
    trd_amt locked[VENUE_ACCOUNTS][VENUE_ASSETS];
    trd_amt debt[VENUE_ACCOUNTS][VENUE_ASSETS];
    uint64_t venue[VENUE_OWN][VENUE_ASSETS]; /* modulo 2^64 */
    trd_ev_position position[VENUE_ACCOUNTS][VENUE_INSTRUMENTS][VENUE_SIDES];
    trd_qty net[VENUE_ACCOUNTS][VENUE_INSTRUMENTS]; /* from executions */
    trd_qty left_over;                              /* of splits of STOCK: what OUTSIDE has */
    trd_order live[VENUE_ORDERS];
    uint32_t lives;
    char wrong[160]; /* the first thing that was; "": nothing */
} venue_books;

/* Was the command refused? `events`: all of its events, `slots` slots. */
bool venue_books_refused(const trd_event *events, uint32_t slots);

/* Reads all events of one command. False: books->wrong says what. */
bool venue_books_read(
    venue_books *books, const trd_event *events, uint32_t slots, const trd_command *command);

/* Do the laws hold, and does the engine that has executed these commands and no more answer the
 * same? False: books->wrong says what does not. */
bool venue_books_hold(venue_books *books, const trd_engine *engine);

#endif
