/* scenario.h - what the parts of the scenario runner share: names, the ledger, four jobs.
 *
 * A scenario is text: `command | the events that it must cause`. The runner makes records of the
 * left side (command.c), turns the events into text again (show.c) and compares (run.c); define.c
 * reads what the engine and its books are. The form is described in README.md.
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

enum { BOOKS_MAX = 8, LEDGER_MAX = 512, WORDS_MAX = 64, TEXT_SIZE = 512, STAGED_MAX = 32 };

/* One order as commands and events so far say it is. */
typedef struct ledger_order {
    trd_order handle;
    uint64_t client_id;
    trd_px px;           /* limit now; 0 while it has none */
    trd_qty leaves;      /* open lots */
    trd_qty executed;    /* by FILL events */
    trd_qty prevented;   /* by PREVENTED events */
    trd_qty transferred; /* of these, lots that moved a position all the same */
    trd_qty displayed;   /* lots that others see */
    uint64_t draws;      /* state of its random peaks */
    trd_new terms;       /* as entered, with its extensions (zero: it had none) */
    trd_ext_prices prices;
    trd_ext_sizes sizes;
    trd_ext_link link;
    uint32_t account;
    uint32_t instrument;
    uint8_t type;  /* as it is now */
    uint8_t where; /* TRD_WHERE_* */
    bool live;
    bool arriving; /* on its way: it may take, and is nowhere yet */
    bool joined;   /* of AT_OPEN, AT_CLOSE, GFA: its auction has begun */
    bool priced;   /* of PEGGED: it has a price */
    bool quoted;   /* a side of a quote: it has no client id */
    bool idle;     /* a child that waits for lots of its parent */
    bool granted;  /* a child that has had some */
    trd_qty own;   /* of these at most */
    trd_qty given; /* so far */
} ledger_order;

typedef struct ledger {
    ledger_order orders[LEDGER_MAX];
    uint32_t count;
    uint64_t seq;       /* of the last event */
    uint64_t taker_seq; /* of the last FILL that named a trade id */
    trd_ns now;         /* engine time by the rule, the command's */
    trd_ns event_time;  /* of the last event, or of the command before: no event is earlier */
    char books[BOOKS_MAX][TRD_SYMBOL_SIZE];
    trd_instrument specs[BOOKS_MAX];
    uint8_t states[BOOKS_MAX]; /* TRD_SESSION_* */
    uint32_t book_count;
    trd_command staged[STAGED_MAX][TRD_SLOTS_MAX]; /* legs that no event has told of yet */
    uint32_t staged_count;
} ledger;

/* A line cut into words. */
typedef struct words {
    char *at[WORDS_MAX];
    int count;
    int next;
} words;

/* A name such as A7: account 1 (A is 1, B is 2, ...), client id 7. Or Abid, Aask: a side of its
 * quote. */
typedef struct order_name {
    uint32_t account;
    uint32_t quote_side; /* TRD_BUY or TRD_SELL, 0: it is named by its id */
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
uint32_t words_account(words *line);
order_name words_name(words *line);

/* words_choice returns which of `count` names the next word is, counted from 1, or 0, in which case
 * it is not taken. */
unsigned words_choice(words *line, const char *const *names, size_t count);

/* Names of TRD_SESSION_*, TRD_SOURCE_* and TRD_STP_* beginning with 1, as scenarios say them. */
enum { STATES_COUNT = 7, SOURCES_COUNT = 6, MODES_COUNT = 6 };
extern const char *const state_names[STATES_COUNT];
extern const char *const source_names[SOURCES_COUNT];
extern const char *const mode_names[MODES_COUNT];

/* command_read makes the record that the rest of `line` describes, in `record`, which has
 * TRD_SLOTS_MAX zeroed slots. Returns how many of them are there. */
int command_read(words *line, const ledger *known, trd_ns time, trd_command *record);

/* book_at returns the index of a book's name, bails if there is none. */
uint32_t book_at(const ledger *known, const char *name);

/* --- define.c --- */

/* What follows the words engine, book and profile (README.md). */
void define_engine(words *line, trd_match_def *def);
void define_book(words *line, ledger *known);
void define_profile(words *line, trd_profile *profile);

/* --- show.c --- */

/* The last order that had this name or handle, or NULL. */
const ledger_order *ledger_named(const ledger *known, order_name name);
const ledger_order *ledger_handle(const ledger *known, trd_order handle);
order_name ledger_name(const ledger_order *order);

/* ledger_command notes the command whose events come next; ledger_settle that they are all there:
 * what was on its way rests now. */
void ledger_command(ledger *known, const trd_command *command);
void ledger_settle(ledger *known);

/* ledger_position returns the net quantity that the fills so far gave an account. */
trd_qty ledger_position(const ledger *known, uint32_t account, uint32_t book, unsigned side);

/* time_text writes 5s, 20ms, 7us, 1ns. */
void time_text(trd_ns time, char *text, size_t size);

/* show_event writes the text of the event at `event` (its extension slot behind it) to `text` and
 * books it. */
void show_event(ledger *known, const trd_command *cause, const trd_event *event, char *text);

/* name_text writes A7, Abid, or account:id for accounts beyond the alphabet. */
void name_text(order_name name, char *text, size_t size);

#endif
