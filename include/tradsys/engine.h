/* engine.h - the whole of it behind one switch: matching, accounts and risk.
 *
 * A trd_engine takes commands and writes events, as a matcher does, and keeps the money right: an
 * order is valid, then risk lets it pass, then what it may cost is held, then it matches, and what
 * it executes is booked before anything else is asked. Orders that the engine itself releases
 * (elected stops) are judged like those from outside.
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
#include <tradsys/profile.h>
#include <tradsys/risk.h>

TRD_BEGIN_DECLS

typedef struct trd_engine trd_engine;

/* The definitions of its parts are read while the engine is made, and not kept. They must go
 * together: accounts_max of all three the same, instruments_max too, orders_max the same;
 * match->groups_max and quotes_max 0 (linked orders and quotes are not taken yet). `verdicts` of
 * the matcher is set by the engine, `mem` of the parts not read. */
typedef struct trd_engine_def {
    uint32_t struct_size; /* sizeof(trd_engine_def) */
    uint32_t reserved;    /* zero */
    const trd_match_def *match;
    const trd_accounts_def *accounts;
    const trd_risk_def *risk;
    trd_mem mem; /* for trd_engine_create */
} trd_engine_def;

enum { TRD_ENGINE_ALIGN = 64 };

/* Life cycle, as in match.h. reset: as new, with assets, fee tables and instruments. */
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
 * TRD_E_BUSY. Who is followed the engine sees to itself. */
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

/* trd_engine_ask is the dry run of a NEW or REPLACE: what the verdict would be, and the hold.
 * TRD_OK and *out (reason 0: it would be accepted), TRD_E_ARG for another command, TRD_E_BUSY as
 * trd_match_vet. Changes nothing. */
TRD_API int trd_engine_ask(trd_engine *engine, const trd_command *command, trd_verdict *out);

/* The parts, for their questions. */
TRD_API const trd_match *trd_engine_match(const trd_engine *engine);
TRD_API const trd_accounts *trd_engine_accounts(const trd_engine *engine);
TRD_API const trd_risk *trd_engine_risk(const trd_engine *engine);

/* trd_engine_audit audits all parts, and that they agree: each live order holds its open lots, and
 * positions are the same wherever they are kept. O(capacity). */
TRD_API int trd_engine_audit(const trd_engine *engine);

TRD_END_DECLS

#endif
