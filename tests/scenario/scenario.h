/* scenario.h - what the parts of the scenario runner share: names, the ledger, three jobs.
 *
 * A scenario is text: `command | the events that it must cause`. The runner makes records of the
 * left side (command.c), turns the events into text again (show.c) and compares (run.c). The form
 * is described in README.md.
 *
 * An event line names what a trader wants to see. Everything else in the record is implied: an
 * ACCEPTED has the price of its command, the side of a FILL is the side of its order. The ledger
 * knows these from the commands and earlier events, and whatever differs from what is implied is
 * appended to the text as `!field=value`. So a short line still checks all 64 bytes. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <tradsys/tradsys.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BOOKS_MAX = 8, LEDGER_MAX = 512, WORDS_MAX = 64, TEXT_SIZE = 512 };

/* One order as commands and events so far say it is. */
typedef struct ledger_order {
    trd_order handle;
    uint64_t client_id;
    trd_px px;
    trd_qty total;
    trd_qty executed;
    uint32_t account;
    uint32_t instrument;
    uint8_t side;
    bool live;
} ledger_order;

typedef struct ledger {
    ledger_order orders[LEDGER_MAX];
    uint32_t count;
    uint64_t seq;       /* of the last event */
    uint64_t taker_seq; /* of the last FILL of a taker: the trade id */
    trd_ns now;         /* engine time by the rule */
    char books[BOOKS_MAX][TRD_SYMBOL_SIZE];
    uint32_t book_count;
} ledger;

/* A line cut into words. */
typedef struct words {
    char *at[WORDS_MAX];
    int count;
    int next;
} words;

/* A name such as A7: account 1 (A is 1, B is 2, ...), client id 7. */
typedef struct order_name {
    uint32_t account;
    uint64_t client_id;
} order_name;

/* --- run.c --- */

/* bail ends the run: the text is not a scenario. */
_Noreturn void bail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- command.c --- */

/* Words in the order of the line. more: is there one. word: the next one. number: as an integer. */
bool words_more(const words *line);
const char *words_take(words *line);
bool words_accept(words *line, const char *word);
int64_t words_number(words *line);
trd_ns words_time(words *line);
uint32_t words_publish(words *line);

/* command_read makes the record that the rest of `line` describes, in `record`, which has
 * TRD_SLOTS_MAX zeroed slots. Returns how many of them are there. */
int command_read(words *line, const ledger *known, trd_ns time, trd_command *record);

/* book_at returns the index of a book's name, bails if there is none. */
uint32_t book_at(const ledger *known, const char *name);

/* --- show.c --- */

/* The last order that had this name or handle, or NULL. */
const ledger_order *ledger_named(const ledger *known, order_name name);
const ledger_order *ledger_handle(const ledger *known, trd_order handle);

/* ledger_command notes the command whose events come next. */
void ledger_command(ledger *known, const trd_command *command);

/* show_event writes the text of the event at `event` (its extension slot behind it) to `text` and
 * books it. */
void show_event(ledger *known, const trd_command *cause, const trd_event *event, char *text);

/* name_text writes A7, or account:id for accounts beyond the alphabet. */
void name_text(uint32_t account, uint64_t client_id, char *text, size_t size);

#endif
