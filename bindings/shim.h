/* shim.h - the library as the bindings of other languages want it: boxes, bytes and codes.
 *
 * SWIG reads bindings/tradsys.i, which wraps what is declared here and nothing else; both languages
 * are made of the same functions. Nothing is decided here: each function is a call of the library,
 * or of a few that belong together.
 *
 * A box is an object of the library with what a language with a garbage collector needs around it.
 * trb_<box>_new makes an empty one (NULL: no memory), open makes the object in it, close ends the
 * object and leaves an empty box, delete ends both and takes NULL. Every call on an empty box gives
 * TRB_E_CLOSED and does nothing else, so an object that was closed can be held on to for ever.
 *
 * Bytes. (data, size) is what the caller shows: records, definitions, text. It is read during the
 * call and not kept. (out, out_size) is what the caller lets be written. A record or definition has
 * exactly the size of its struct, at any alignment; its pointers, `mem` among them, are not read.
 * Where one may be missing, size 0 says so. Batches of 64-byte slots are aligned to 8. Whatever
 * does not fit that gives TRB_E_BUFFER, and nothing has happened. Lists are written as far as
 * out_size has room for whole records; what is returned is how many the library would have had.
 *
 * Results. Below zero is failure: a code of base.h or one of those below; zero and above success.
 *
 * Threads. A box belongs to one thread at a time; the caller's lock (that of the interpreter, or an
 * event loop) sees to it. The one exception are batches, which may go on without that lock between
 * begin and end, and what is asked of the box meanwhile gives TRB_E_IN_USE.
 */
#ifndef TRADSYS_BINDINGS_SHIM_H
#define TRADSYS_BINDINGS_SHIM_H

#include <stddef.h>
#include <stdint.h>

enum {
    TRB_E_CLOSED = -101, /* the box is empty: not opened yet, or closed */
    TRB_E_VIEWS = -102,  /* somebody still looks at the memory of the box */
    TRB_E_BUFFER = -103, /* a buffer has not the size or the alignment that it must have */
    TRB_E_IN_USE = -104  /* a batch of this box is running in another thread */
};

/* trb_result_text returns a static text for codes of the library and of this file. trb_result_name
 * their names, "TRD_E_ARG"; "?" for none of them. */
const char *trb_result_text(int result);
const char *trb_result_name(int result);

/* trb_version: trd_version(). trb_default writes what the default of a struct is, by its C name:
 * what its function of the library gives; without one zeros, struct_size set if it has that.
 * Returns the size of the struct; TRD_E_UNKNOWN: no such struct; TRB_E_BUFFER: out_size is another
 * one. The table is generated (generate.py). */
uint32_t trb_version(void);
int trb_default(const char *name, void *out, size_t out_size);

/* trb_event_format: the head of an event and its body as the format of a buffer (PEP 3118);
 * generated, too. */
const char *trb_event_format(void);

/* --- events ----------------------------------------------------------------------------------- */

/* A growing array of event slots. Engines and matchers have one of their own, the outbox, that
 * everything they write is appended to; take swaps it with the caller's box, whose memory they go
 * on with. A box is never empty in the sense above. */
typedef struct trb_events trb_events;

trb_events *trb_events_new(void);
void trb_events_delete(trb_events *events);         /* nobody looks at it any more */
size_t trb_events_memory(const trb_events *events); /* as trb_engine_memory */
size_t trb_events_slots(const trb_events *events);
const void *trb_events_data(const trb_events *events); /* NULL without slots */
/* view: as data, and until unview, once for each view, neither clear nor take touches the box. */
const void *trb_events_view(trb_events *events);
void trb_events_unview(trb_events *events);
uint32_t trb_events_views(const trb_events *events);
int trb_events_clear(trb_events *events); /* TRB_E_VIEWS */
/* append: slots that the caller has, as if they had been written here. TRD_E_MEMORY, TRB_E_VIEWS.
 */
int trb_events_append(trb_events *events, const void *data, size_t size);
/* pick appends the records of a kind, with their extensions, to `to`: how many. TRD_E_ARG: `to` is
 * the box itself; TRD_E_MEMORY; TRB_E_VIEWS: of `to`. */
int trb_events_pick(const trb_events *events, unsigned kind, trb_events *to);
/* count: records of a kind; 0 counts all. */
size_t trb_events_count(const trb_events *events, unsigned kind);
/* hash: as trd_event_trail has it, of all slots from h = 0. */
uint64_t trb_events_hash(const trb_events *events);

/* --- the engine ------------------------------------------------------------------------------- */

typedef struct trb_engine trb_engine;

trb_engine *trb_engine_new(void);
void trb_engine_delete(trb_engine *engine);

/* open: the definitions of the parts; monitor and liquidation may be missing. TRD_E_ARG: the
 * definition is invalid, the parts do not go together, or the box is not empty; TRD_E_MEMORY. */
int trb_engine_open(trb_engine *engine, const void *match, size_t match_size, const void *accounts,
    size_t accounts_size, const void *risk, size_t risk_size, const void *monitor,
    size_t monitor_size, const void *liquidation, size_t liquidation_size, unsigned decisions,
    unsigned trail);
/* load: an engine of a snapshot. Also TRD_E_TRUNCATED, TRD_E_FORMAT, TRD_E_UNKNOWN (snapshot.h). */
int trb_engine_load(trb_engine *engine, const void *data, size_t size);
int trb_engine_close(trb_engine *engine); /* TRB_E_CLOSED if it was closed */
/* memory: bytes that the box holds, for garbage collectors that should know; 0: it is empty. */
size_t trb_engine_memory(const trb_engine *engine);
int trb_engine_is_open(const trb_engine *engine);
int trb_engine_reset(trb_engine *engine); /* the outbox too */

/* Set-up: engine.h. profile and model of list may be missing. */
int trb_engine_asset(trb_engine *engine, const void *data, size_t size);
int trb_engine_fees(trb_engine *engine, const void *data, size_t size);
int trb_engine_list(trb_engine *engine, const void *spec, size_t spec_size, const void *terms,
    size_t terms_size, const void *profile, size_t profile_size, const void *model,
    size_t model_size);
int trb_engine_actor(trb_engine *engine, const void *data, size_t size);
int trb_engine_enable(trb_engine *engine, uint32_t instrument, unsigned enabled);
int trb_engine_group(trb_engine *engine, uint32_t asset, const void *data, size_t size);
int trb_engine_pair(trb_engine *engine, const void *data, size_t size);
int trb_engine_array(
    trb_engine *engine, uint32_t instrument, uint32_t group, const void *data, size_t size);

/* Commands. What they write is appended to the outbox, which grows as it must; a command is always
 * finished. The one way not to finish it is TRD_E_MEMORY: no memory for the outbox; its rest is
 * executed by the next call, before anything else.
 *
 * stamp: time and seq that the next submit carries; each takes one seq. submit: a NEW of one slot,
 * for GTD, stops and the like send the record. send: exactly one record, else TRB_E_BUFFER. run: as
 * many as there are. All return the slots of events that were written, at most INT32_MAX is said.
 */
int trb_engine_stamp(trb_engine *engine, int64_t time, uint64_t seq);
int trb_engine_submit(trb_engine *engine, uint32_t account, uint64_t client_id, unsigned side,
    int64_t qty, int64_t px, uint32_t instrument, unsigned type, unsigned tif, unsigned exec,
    uint32_t actor);
int trb_engine_send(trb_engine *engine, const void *commands, size_t commands_size);
int trb_engine_run(trb_engine *engine, const void *commands, size_t commands_size);

/* run in three parts, so that work can go on without the caller's lock. begin: TRD_OK, and the
 * commands are kept until end. work touches nothing but the box and them. end: what run returns. */
int trb_engine_begin(trb_engine *engine, const void *commands, size_t commands_size);
void trb_engine_work(trb_engine *engine);
int trb_engine_end(trb_engine *engine);

/* consumed: slots of commands that the last run has executed: all, unless it failed. take: swaps
 * the outbox with `to`, which is cleared first: TRB_E_VIEWS. waiting: slots in the outbox. */
int trb_engine_consumed(const trb_engine *engine, uint64_t *value);
int trb_engine_take(trb_engine *engine, trb_events *to);
int trb_engine_waiting(const trb_engine *engine, uint64_t *value);

/* Questions. What they are is said where the library's function of that name is declared; those
 * with a letter in front are of match.h (m), account.h (a), risk.h (r), monitor.h (w). A filter,
 * unit or limit is its record's bytes. */
int trb_engine_ask(trb_engine *engine, const void *data, size_t size, void *out,
    size_t out_size); /* trd_verdict */
int trb_engine_find(const trb_engine *engine, uint32_t account, uint64_t client_id,
    uint64_t *value); /* m; 0: there is none */
int trb_engine_order(const trb_engine *engine, uint64_t order, void *out, size_t out_size); /* m */
int trb_engine_orders(const trb_engine *engine, const void *data, size_t size, void *out,
    size_t out_size); /* m: trd_order_info */
int trb_engine_best(const trb_engine *engine, uint32_t instrument, unsigned side, void *out,
    size_t out_size); /* m: 1, or 0 */
int trb_engine_depth(const trb_engine *engine, uint32_t instrument, unsigned side, void *out,
    size_t out_size); /* m: as many as there is room for */
int trb_engine_queue(const trb_engine *engine, uint32_t instrument, unsigned side, int64_t px,
    void *out, size_t out_size); /* m: as many as there is room for */
int trb_engine_state(const trb_engine *engine, uint32_t instrument); /* m: TRD_SESSION_* */
int trb_engine_net(const trb_engine *engine, uint32_t account, uint32_t instrument, unsigned side,
    int64_t *value); /* m: trd_match_position */
int trb_engine_spec(const trb_engine *engine, uint32_t instrument, void *out, size_t out_size);
int trb_engine_stats(const trb_engine *engine, void *out, size_t out_size);
int trb_engine_account(const trb_engine *engine, uint32_t account, void *out, size_t out_size);
int trb_engine_balance(
    const trb_engine *engine, uint32_t account, uint32_t asset, void *out, size_t out_size);
int trb_engine_balances(const trb_engine *engine, uint32_t account, void *out, size_t out_size);
int trb_engine_position(const trb_engine *engine, uint32_t account, uint32_t instrument,
    unsigned side, void *out, size_t out_size); /* a: trd_holding */
int trb_engine_positions(const trb_engine *engine, uint32_t account, void *out, size_t out_size);
int trb_engine_unrealised(
    const trb_engine *engine, uint32_t account, uint32_t instrument, unsigned side, int64_t *value);
int trb_engine_equity(const trb_engine *engine, uint32_t account, void *out, size_t out_size);
int trb_engine_activity(const trb_engine *engine, uint32_t account, void *out, size_t out_size);
int trb_engine_outside(const trb_engine *engine, uint32_t instrument, int64_t *value);
int trb_engine_held(const trb_engine *engine, uint64_t order, void *out, size_t out_size);
int trb_engine_withdrawable(
    const trb_engine *engine, uint32_t account, uint32_t asset, int64_t *value);
int trb_engine_portfolio(
    const trb_engine *engine, uint32_t account, uint32_t asset, void *out, size_t out_size);
int trb_engine_sums(
    const trb_engine *engine, uint32_t account, uint32_t group, void *out, size_t out_size);
int trb_engine_collateral(const trb_engine *engine, uint32_t account, void *out, size_t out_size);
int trb_engine_parent(
    const trb_engine *engine, uint32_t account, uint64_t parent, void *out, size_t out_size);
int trb_engine_limit(const trb_engine *engine, const void *data, size_t size, void *out,
    size_t out_size); /* r: the same record, value, window and burst filled in */
int trb_engine_may(
    const trb_engine *engine, uint32_t actor, uint32_t account, unsigned permissions);
int trb_engine_margin(const trb_engine *engine, const void *data, size_t size, void *out,
    size_t out_size); /* w: trd_monitor_state of a unit; TRD_E_UNKNOWN without a monitor */
int trb_engine_level(const trb_engine *engine, const void *data, size_t size); /* w: of a unit */
int trb_engine_interval(const trb_engine *engine, uint32_t account, uint32_t instrument,
    unsigned side, void *out, size_t out_size); /* w: two int64, low and high */
int trb_engine_watch(const trb_engine *engine, void *out, size_t out_size); /* trd_monitor_stats */

/* State: engine.h, snapshot.h, export.h. audit returns TRD_OK, or a negated line of the library's
 * source as a positive number, since lines are no codes. */
int trb_engine_trail(const trb_engine *engine, void *out, size_t out_size);
int trb_engine_checkpoint(const trb_engine *engine, uint64_t number, void *out, size_t out_size);
int trb_engine_digest(const trb_engine *engine, uint64_t *value);
int trb_engine_page(const trb_engine *engine, uint64_t number, void *out, size_t out_size);
int trb_engine_audit(const trb_engine *engine);

/* A snapshot, or the text of an export, is written in pieces: begin, then write until it gives
 * TRD_OK instead of TRD_MORE; *value is how many bytes the piece has. snapshot_begin stores the
 * size of all of it. What is not finished is given up by the next begin, or with the box. */
int trb_engine_snapshot_begin(trb_engine *engine, uint64_t *value);
int trb_engine_snapshot_write(trb_engine *engine, void *out, size_t out_size, uint64_t *value);
int trb_engine_export_begin(trb_engine *engine);
int trb_engine_export_write(trb_engine *engine, void *out, size_t out_size, uint64_t *value);
/* The head of a snapshot: trd_snapshot_head. */
int trb_snapshot_peek(const void *data, size_t size, void *out, size_t out_size);

/* --- the matcher alone ------------------------------------------------------------------------ */

typedef struct trb_match trb_match;

/* As with the engine, where the names are the same. A matcher with `verdicts` is not made: who
 * judges what it releases is the engine. */
trb_match *trb_match_new(void);
void trb_match_delete(trb_match *match);
int trb_match_open(trb_match *match, const void *data, size_t size);
int trb_match_close(trb_match *match);
size_t trb_match_memory(const trb_match *match);
int trb_match_is_open(const trb_match *match);
int trb_match_reset(trb_match *match);
int trb_match_add(trb_match *match, const void *data, size_t size);
int trb_match_configure(trb_match *match, uint32_t instrument, const void *data, size_t size);
int trb_match_stamp(trb_match *match, int64_t time, uint64_t seq);
int trb_match_submit(trb_match *match, uint32_t account, uint64_t client_id, unsigned side,
    int64_t qty, int64_t px, uint32_t instrument, unsigned type, unsigned tif, unsigned exec,
    uint32_t actor);
int trb_match_send(trb_match *match, const void *commands, size_t commands_size);
int trb_match_run(trb_match *match, const void *commands, size_t commands_size);
int trb_match_begin(trb_match *match, const void *commands, size_t commands_size);
void trb_match_work(trb_match *match);
int trb_match_end(trb_match *match);
int trb_match_consumed(const trb_match *match, uint64_t *value);
int trb_match_take(trb_match *match, trb_events *to);
int trb_match_waiting(const trb_match *match, uint64_t *value);
/* vet: trd_vetted, and the reason it would be refused for; 0: it would not. */
int trb_match_vet(trb_match *match, const void *data, size_t size, void *out, size_t out_size);
int trb_match_find(const trb_match *match, uint32_t account, uint64_t client_id, uint64_t *value);
int trb_match_order(const trb_match *match, uint64_t order, void *out, size_t out_size);
int trb_match_orders(
    const trb_match *match, const void *data, size_t size, void *out, size_t out_size);
int trb_match_best(
    const trb_match *match, uint32_t instrument, unsigned side, void *out, size_t out_size);
int trb_match_depth(
    const trb_match *match, uint32_t instrument, unsigned side, void *out, size_t out_size);
int trb_match_queue(const trb_match *match, uint32_t instrument, unsigned side, int64_t px,
    void *out, size_t out_size);
int trb_match_state(const trb_match *match, uint32_t instrument);
int trb_match_net(
    const trb_match *match, uint32_t account, uint32_t instrument, unsigned side, int64_t *value);
int trb_match_spec(const trb_match *match, uint32_t instrument, void *out, size_t out_size);
int trb_match_stats(const trb_match *match, void *out, size_t out_size);
int trb_match_audit(const trb_match *match);

/* --- books of feeds --------------------------------------------------------------------------- */

typedef struct trb_level_book trb_level_book;

trb_level_book *trb_level_book_new(void);
void trb_level_book_delete(trb_level_book *book);
int trb_level_book_open(trb_level_book *book, const void *data, size_t size);
int trb_level_book_close(trb_level_book *book);
size_t trb_level_book_memory(const trb_level_book *book);
int trb_level_book_is_open(const trb_level_book *book);
int trb_level_book_reset(trb_level_book *book);
int trb_level_book_set(trb_level_book *book, unsigned side, int64_t px, int64_t qty);
int trb_level_book_trim(trb_level_book *book, unsigned side, uint32_t keep);
int trb_level_book_best(const trb_level_book *book, unsigned side, void *out, size_t out_size);
int trb_level_book_depth(const trb_level_book *book, unsigned side, void *out, size_t out_size);
int trb_level_book_get(
    const trb_level_book *book, unsigned side, int64_t px, int64_t *value); /* TRD_E_ARG */
int trb_level_book_count(const trb_level_book *book, unsigned side);
int trb_level_book_audit(const trb_level_book *book);

typedef struct trb_order_book trb_order_book;

trb_order_book *trb_order_book_new(void);
void trb_order_book_delete(trb_order_book *book);
int trb_order_book_open(trb_order_book *book, const void *data, size_t size);
int trb_order_book_close(trb_order_book *book);
size_t trb_order_book_memory(const trb_order_book *book);
int trb_order_book_is_open(const trb_order_book *book);
int trb_order_book_reset(trb_order_book *book);
int trb_order_book_add(trb_order_book *book, uint64_t ref, uint32_t instrument, unsigned side,
    int64_t qty, int64_t px);
int trb_order_book_reduce(trb_order_book *book, uint64_t ref, int64_t qty);
int trb_order_book_remove(trb_order_book *book, uint64_t ref);
int trb_order_book_replace(
    trb_order_book *book, uint64_t ref, uint64_t new_ref, int64_t qty, int64_t px);
int trb_order_book_find(const trb_order_book *book, uint64_t ref, void *out, size_t out_size);
int trb_order_book_first(
    const trb_order_book *book, uint32_t instrument, unsigned side, void *out, size_t out_size);
int trb_order_book_best(
    const trb_order_book *book, uint32_t instrument, unsigned side, void *out, size_t out_size);
int trb_order_book_depth(
    const trb_order_book *book, uint32_t instrument, unsigned side, void *out, size_t out_size);
int trb_order_book_count(const trb_order_book *book);
int trb_order_book_audit(const trb_order_book *book);

/* --- ITCH ------------------------------------------------------------------------------------- */

/* A reader that keeps what it was fed until it is read: the caller's bytes are copied. */
typedef struct trb_itch trb_itch;

trb_itch *trb_itch_new(void);
void trb_itch_delete(trb_itch *reader);
int trb_itch_open(trb_itch *reader, unsigned framing); /* TRD_ITCH_FRAMING_* */
int trb_itch_close(trb_itch *reader);
size_t trb_itch_memory(const trb_itch *reader);
int trb_itch_is_open(const trb_itch *reader);
int trb_itch_feed(trb_itch *reader, const void *data, size_t size); /* TRD_E_MEMORY */
/* read decodes into records of 64 bytes, as many as there is room for: how many. 0: it needs more,
 * or the stream has ended. TRD_E_FORMAT where trd_itch_reader_next says so, and no message has been
 * read by this call. */
int trb_itch_read(trb_itch *reader, void *out, size_t out_size);
int trb_itch_finish(trb_itch *reader);      /* TRD_E_TRUNCATED */
int trb_itch_ended(const trb_itch *reader); /* 1 once the length that ends a stream was met */
int trb_itch_offset(const trb_itch *reader, uint64_t *value); /* in the stream, of what is next */
int trb_itch_counts(const trb_itch *reader, void *out, size_t out_size);
int trb_itch_detect(const void *data, size_t size);
/* One message by itself. decode: bytes consumed; encode: bytes written. */
int trb_itch_decode(const void *data, size_t size, void *out, size_t out_size);
int trb_itch_encode(const void *data, size_t size, void *out, size_t out_size);

/* --- journals --------------------------------------------------------------------------------- */

/* Reads the segments of a journal (journal.h), each of which is copied. enter: the bytes of the
 * file with that number; what trd_journal_walk_enter says. next: 1, the head of the next frame in
 * out (trd_journal_frame), and its payload, whole commands or one checkpoint, appended to `to`; 0:
 * the segment has no more; TRB_E_VIEWS, TRD_E_MEMORY of `to`, and it is still the next one. end:
 * the trd_journal_report, with TRD_E_CORRUPT too. */
typedef struct trb_journal trb_journal;

trb_journal *trb_journal_new(void);
void trb_journal_delete(trb_journal *journal);
int trb_journal_open(trb_journal *journal);
int trb_journal_close(trb_journal *journal);
int trb_journal_is_open(const trb_journal *journal);
int trb_journal_enter(trb_journal *journal, uint64_t number, const void *data, size_t size);
int trb_journal_next(trb_journal *journal, trb_events *to, void *out, size_t out_size);
int trb_journal_end(const trb_journal *journal, void *out, size_t out_size);

/* --- instruments ------------------------------------------------------------------------------ */

/* spec is a trd_instrument; what is asked of one that is faulty gives TRD_E_ARG. check returns the
 * fault, 0: none. */
int trb_instrument_check(const void *spec, size_t spec_size, uint64_t orders_max);
const char *trb_instrument_fault_text(int fault);
int trb_instrument_tick_step(const void *spec, size_t spec_size, int64_t px, int64_t *value);
int trb_instrument_value(
    const void *spec, size_t spec_size, int64_t px, int64_t qty, int rounding, int64_t *value);
int trb_instrument_px(const void *spec, size_t spec_size, const char *text, size_t text_size,
    int rounding, int64_t *value);
int trb_instrument_qty(const void *spec, size_t spec_size, const char *text, size_t text_size,
    int rounding, int64_t *value);
/* The text, without a zero at its end: its length. */
int trb_instrument_px_text(
    const void *spec, size_t spec_size, int64_t px, void *out, size_t out_size);
int trb_instrument_qty_text(
    const void *spec, size_t spec_size, int64_t qty, void *out, size_t out_size);
/* profile_check: TRD_OK, TRD_E_ARG. profile_ties: data with the chain of a preset, into out. */
int trb_profile_check(const void *data, size_t size);
int trb_profile_ties(const void *data, size_t size, unsigned preset, void *out, size_t out_size);

/* --- margin ----------------------------------------------------------------------------------- */

/* Models: out is a trd_margin_model. tiers: an array of trd_margin_tier. */
int trb_margin_cash(void *out, size_t out_size);
int trb_margin_cnc(void *out, size_t out_size);
int trb_margin_grouped(void *out, size_t out_size);
int trb_margin_flat(uint32_t initial_ppm, uint32_t maintenance_ppm, void *out, size_t out_size);
int trb_margin_mis(uint32_t initial_ppm, uint32_t maintenance_ppm, void *out, size_t out_size);
int trb_margin_leverage(
    uint32_t leverage_centi, uint32_t maintenance_ppm, void *out, size_t out_size);
int trb_margin_nrml(uint32_t var_ppm, uint32_t elm_ppm, void *out, size_t out_size);
int trb_margin_tiered(
    const void *data, size_t size, uint32_t leverage_centi, void *out, size_t out_size);
int trb_margin_model_check(const void *model, size_t model_size);

/* Requirements and prices. A position is a trd_margin_position with its specification and model
 * beside it; faulty ones give TRD_E_ARG. state: `data` is a trd_margin_account, positions an array,
 * specs and models arrays of as many. */
int trb_margin_require(
    const void *model, size_t model_size, int64_t notional, void *out, size_t out_size);
int trb_margin_need(const void *spec, size_t spec_size, const void *model, size_t model_size,
    const void *position, size_t position_size, void *out, size_t out_size);
int trb_margin_state(const void *data, size_t size, const void *spec, size_t spec_size,
    const void *model, size_t model_size, const void *position, size_t position_size, void *out,
    size_t out_size);
int trb_margin_collateral(const void *data, size_t size, void *out, size_t out_size);
int trb_margin_liquidation(const void *spec, size_t spec_size, const void *model, size_t model_size,
    const void *position, size_t position_size, int64_t balance, int64_t others, void *out,
    size_t out_size);
int trb_margin_bankruptcy(const void *spec, size_t spec_size, const void *model, size_t model_size,
    const void *position, size_t position_size, int64_t balance, int64_t others, uint32_t fee_ppm,
    int64_t *value);
int trb_margin_reduction(const void *spec, size_t spec_size, const void *model, size_t model_size,
    const void *position, size_t position_size, const void *data, size_t size, void *out,
    size_t out_size);
int trb_margin_rank(const void *spec, size_t spec_size, const void *model, size_t model_size,
    const void *position, size_t position_size, int64_t equity, int64_t *value);

/* Scenarios. add: `data` are the sums, out gets the new ones. require: arrays of groups and of as
 * many sums, and of pairs; out gets a trd_scenario_need for each group, and behind them a
 * trd_margin_requirement. */
int trb_scenario_add(const void *data, size_t size, const void *array, size_t array_size,
    int64_t qty_before, int64_t qty_after, void *out, size_t out_size);
int trb_scenario_require(const void *groups, size_t groups_size, const void *sums, size_t sums_size,
    const void *pairs, size_t pairs_size, void *out, size_t out_size);

#endif
