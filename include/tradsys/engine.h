/* engine.h - the whole of it behind one switch: matching, accounts and risk.
 *
 * A trd_engine takes commands and writes events, as a matcher does, and keeps the money right: an
 * order is valid, then risk lets it pass, then what it may cost is held, then it matches, and what
 * it executes is booked before anything else is asked. Orders that the engine itself releases
 * (elected stops, children of linked orders) are judged like those from outside.
 *
 *     NEW       timers -> valid (match.h) -> risk (risk.h) -> hold -> match -> ledger (account.h)
 *
 * The reason of a refusal is the one that stands first in reject.def, whoever found it. A pure
 * function of its commands: no clock, no thread, no I/O, no allocation after creation; the same
 * commands give the same events whatever the room of the output. One writer.
 * docs/reference/engine.md: which command does what, and in which order events come.
 */
#ifndef TRADSYS_ENGINE_H
#define TRADSYS_ENGINE_H

#include <tradsys/account.h>
#include <tradsys/base.h>
#include <tradsys/command.h>
#include <tradsys/event.h>
#include <tradsys/instrument.h>
#include <tradsys/margin.h>
#include <tradsys/match.h>
#include <tradsys/monitor.h>
#include <tradsys/profile.h>
#include <tradsys/risk.h>

TRD_BEGIN_DECLS

typedef struct trd_engine trd_engine;

/* How units that are short of their maintenance are liquidated: docs/reference/monitoring.md. The
 * matcher must keep positions (positions_max and specials_max above 0). Client ids from 2^64 - 2^32
 * on are the engine's own then. A liquidation costs what its orders cost, and O(positions of the
 * account) for each; ending open orders O(instruments + orders in those where it has some);
 * deleveraging O(n log n), n positions in the instrument. */
typedef struct trd_liquidation {
    uint32_t struct_size; /* sizeof(trd_liquidation) */
    uint32_t target_ppm;  /* equity wanted per maintenance, [10^6, 10^7] */
    uint32_t fee_ppm;     /* of the value that is closed, to the fund: [0, 10^5] */
    uint32_t step_pct;    /* lots are closed in steps of that much of the position, [1, 100] */
    uint32_t orders_max;  /* orders of the engine per position before it is taken over, [1, 1000] */
    uint32_t fund;        /* account that is the insurance fund; the one that monitor exempts */
} trd_liquidation;

/* Start from zero, and set struct_size; fields are only ever added at the end, where zero is what
 * older versions did. The definitions of its parts are read while the engine is made, and not kept.
 * They must go together: accounts_max of all the same, instruments_max too, orders_max the same,
 * balances_max and positions_max of accounts and monitor. `verdicts` of the matcher is set by the
 * engine, `mem` of the parts not read. */
typedef struct trd_engine_def {
    uint32_t struct_size; /* sizeof(trd_engine_def) */
    uint32_t decisions;   /* 1: DECISION events are written, for audits; 0: none */
    const trd_match_def *match;
    const trd_accounts_def *accounts;
    const trd_risk_def *risk;
    const trd_monitor_def *monitor;     /* NULL: nobody is monitored */
    const trd_liquidation *liquidation; /* NULL: nobody is liquidated. Needs monitor */
    trd_mem mem;                        /* for trd_engine_create */
    uint32_t trail;                     /* 1: a running hash of all events is kept; 0: none */
    uint32_t reserved;                  /* zero */
} trd_engine_def;

enum { TRD_ENGINE_ALIGN = 64 };

/* Life cycle, as in match.h. reset: as new, with assets, fee tables, instruments and what
 * they are margined by: models, scenario groups, pairs and arrays. */
TRD_API size_t trd_engine_footprint(const trd_engine_def *def);
TRD_API trd_engine *trd_engine_init(void *mem, const trd_engine_def *def);
TRD_API trd_engine *trd_engine_create(const trd_engine_def *def);
TRD_API void trd_engine_destroy(trd_engine *engine);
TRD_API void trd_engine_reset(trd_engine *engine);

/* An instrument in all its parts. */
typedef struct trd_engine_listing {
    const trd_instrument *spec;
    const trd_terms *terms;
    const trd_profile *profile;    /* NULL: the default */
    const trd_margin_model *model; /* NULL: what needs margin does not pass */
} trd_engine_listing;

/* Set-up, not for the hot path: TRD_E_BUSY while a command is pending. asset and fees: as
 * trd_accounts_asset_add, trd_accounts_fees_add. list: number of the instrument, or the first
 * failure of trd_match_add, trd_match_configure, trd_accounts_instrument_add, trd_risk_model, and
 * then it is listed nowhere. */
TRD_API int trd_engine_asset(trd_engine *engine, const trd_asset *asset);
TRD_API int trd_engine_fees(trd_engine *engine, const trd_fee_table *table);
TRD_API int trd_engine_list(trd_engine *engine, const trd_engine_listing *listing);
TRD_API int trd_engine_actor(trd_engine *engine, const trd_actor *actor);
TRD_API int trd_engine_enable(trd_engine *engine, uint32_t instrument, unsigned enabled);

/* Margin of accounts of mode PORTFOLIO, as trd_risk_group, trd_risk_pair, trd_risk_array; or
 * TRD_E_BUSY. Who is followed the engine sees to itself. Where there are positions already, levels
 * that an array or a pair has changed are told, and dealt with, behind the next command. */
TRD_API int trd_engine_group(trd_engine *engine, uint32_t asset, const trd_scenario_group *group);
TRD_API int trd_engine_pair(trd_engine *engine, const trd_scenario_pair *pair);
TRD_API int trd_engine_array(
    trd_engine *engine, uint32_t instrument, uint32_t group, const trd_scenario_array *array);

/* Room that an output must have: less than this free, and step does nothing. */
enum { TRD_ENGINE_OUT_MIN = 128 };

/* trd_engine_step executes a command and appends its events. Returns TRD_OK; TRD_MORE: drain the
 * output and go on with command NULL; TRD_E_FULL: fewer than TRD_ENGINE_OUT_MIN slots free before
 * starting, the command is not consumed; TRD_E_BUSY, TRD_E_ARG as trd_match_step. */
TRD_API int trd_engine_step(trd_engine *engine, const trd_command *command, trd_out *out);

/* trd_engine_run executes records from an array of `slots` slots and looks ahead in it to have
 * memory ready: the fast way for batches. The events are those of one trd_engine_step after the
 * other. It stops at the end of the array, or when fewer than TRD_ENGINE_OUT_MIN slots of the
 * output are free. The number of slots consumed is stored in *done. Returns TRD_OK      stopped
 * between records: *done says where to go on; TRD_MORE    the last record of *done is pending:
 * drain, continue with trd_engine_step and NULL; TRD_E_FULL  no room for the first record, *done =
 * 0; TRD_E_BUSY  a command is pending, *done = 0; TRD_E_ARG   `commands` or `done` is NULL or the
 * output is unusable; *done = 0 if there is one. What a record of the array is, is said at
 * trd_match_run. */
TRD_API int trd_engine_run(
    trd_engine *engine, const trd_command *commands, size_t slots, size_t *done, trd_out *out);

/* trd_engine_ask is the dry run of a NEW or REPLACE: what the verdict would be, and the hold. Of
 * the last leg of linked orders it is that of all of them: docs/reference/engine.md, "Linked
 * orders". TRD_OK and *out (reason 0: it would be accepted), TRD_E_ARG for another command,
 * TRD_E_BUSY as trd_match_vet. Changes nothing. */
TRD_API int trd_engine_ask(trd_engine *engine, const trd_command *command, trd_verdict *out);

/* A running hash of all events, if the definition asks for it: h' = XXH3-64 of the 64 bytes of a
 * slot, seeded with h; slot by slot, extensions too, from h = 0. So it depends neither on the room
 * of outputs nor on step or run, and two engines with one hash after as many slots have written the
 * same events.
 *
 * At the end of the first command that has reached a multiple of 1,024 slots, or passed it, where
 * the hash stood is noted: a checkpoint. They are numbered from 1; the last TRD_CHECKPOINTS are
 * kept, so whoever reads them once per (TRD_CHECKPOINTS - 1) x 1,024 slots at the latest misses
 * none (the journal writes them). Two runs of the same commands part between the last checkpoint
 * that agrees and the first one that does not, which is found by bisection. */
enum { TRD_CHECKPOINT_SLOTS = 1024, TRD_CHECKPOINTS = 64 };

typedef struct trd_checkpoint {
    uint64_t slots; /* of events, so far */
    uint64_t hash;
    uint64_t seq; /* of the command, as in trd_event_trail */
} trd_checkpoint;

typedef struct trd_event_trail {
    uint64_t seq;         /* of the command executed last, as it said; 0 before the first */
    uint64_t slots;       /* of events so far; these three are 0 if the definition says 0 */
    uint64_t hash;        /* over them */
    uint64_t checkpoints; /* number of the last one; 0: none yet */
} trd_event_trail;

/* trd_engine_trail: where the engine is. TRD_OK; TRD_E_ARG: NULL; TRD_E_BUSY while a command is
 * pending. Whether a command's seq is the one that comes next is for whoever gives them out to see
 * to: the engine keeps it and does not look at it. checkpoint: one by its number. TRD_E_UNKNOWN:
 * there is none yet, or no more. O(1). */
TRD_API int trd_engine_trail(const trd_engine *engine, trd_event_trail *out);
TRD_API int trd_engine_checkpoint(const trd_engine *engine, uint64_t number, trd_checkpoint *out);

/* The parts, for their questions. */
TRD_API const trd_match *trd_engine_match(const trd_engine *engine);
TRD_API const trd_accounts *trd_engine_accounts(const trd_engine *engine);
TRD_API const trd_risk *trd_engine_risk(const trd_engine *engine);
TRD_API const trd_monitor *trd_engine_monitor(const trd_engine *engine); /* NULL without one */

/* trd_engine_audit audits all parts, and that they agree: each live order holds its open lots,
 * positions are the same wherever they are kept, levels are those of a walk over all accounts.
 * O(capacity). */
TRD_API int trd_engine_audit(const trd_engine *engine);

TRD_END_DECLS

#endif
