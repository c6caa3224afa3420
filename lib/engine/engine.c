/* engine.c - the command switch: one command, one unit of work after the other.
 *
 * The matcher runs one unit at a time, because what a unit executed is booked before the next one
 * begins: the room that it sees is always that of one unit, whatever the output has. So the events
 * do not depend on the output, and no order is judged on money that is spent already. Matcher and
 * accounts number their events from one counter, handed to and fro. */
#include "engine/state.h"

#include <string.h>

#include "core/def.h"
#include "core/handle.h"
#include "core/layout.h"
#include "core/memory.h"
#include "engine/ahead.h"
#include "engine/judge.h"
#include "engine/legs.h"
#include "match/emit.h"
#include "match/form.h"
#include "match/quote.h"
#include "match/rich.h"
#include "risk/grant.h"
#include "risk/state.h"

/* --- life cycle ------------------------------------------------------------------------------- */

/* A definition of the first version ended here: a smaller one has no parts. */
enum { DEF_SIZE_MIN = offsetof(trd_engine_def, trail) };

/* The definitions of the parts as the engine makes them. */
typedef struct parts {
    trd_engine_def def; /* as this version knows it */
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_monitor_def monitor;
    bool has_monitor;
    trd_liquidation terms; /* struct_size 0: nobody is liquidated */
} parts;

static bool monitor_read(const trd_engine_def *def, parts *out) {
    out->has_monitor = def->monitor != NULL;
    if (!out->has_monitor) {
        return def->liquidation == NULL;
    }
    out->monitor = *def->monitor;
    return out->monitor.accounts_max == out->accounts.accounts_max &&
           out->monitor.instruments_max == out->accounts.instruments_max &&
           out->monitor.balances_max == out->accounts.balances_max &&
           out->monitor.positions_max == out->accounts.positions_max;
}

/* Orders that only reduce need positions, and a record each. */
static bool liquidation_read(const trd_engine_def *def, parts *out) {
    out->terms = (trd_liquidation){0};
    if (def->liquidation == NULL) {
        return true;
    }
    const trd_liquidation *terms = def->liquidation;
    out->terms = *terms;
    return terms->struct_size == sizeof(*terms) && terms->target_ppm >= 1000000 &&
           terms->target_ppm <= 10000000 && terms->fee_ppm <= 100000 && terms->step_pct >= 1 &&
           terms->step_pct <= 100 && terms->orders_max >= 1 && terms->orders_max <= 1000 &&
           terms->fund < out->accounts.accounts_max && out->monitor.exempt == terms->fund + 1 &&
           out->match.positions_max != 0 && out->match.specials_max != 0;
}

static bool def_read(const trd_engine_def *given, parts *out) {
    out->def = (trd_engine_def){0};
    const trd_engine_def *def = &out->def;
    if (!trd__def_read(&out->def, sizeof(out->def), given) || def->struct_size < DEF_SIZE_MIN ||
        def->decisions > 1 || def->trail > 1 || def->reserved != 0 || def->match == NULL ||
        def->accounts == NULL || def->risk == NULL) {
        return false;
    }
    out->match = *def->match;
    out->accounts = *def->accounts;
    out->risk = *def->risk;
    if (out->match.struct_size != sizeof(out->match)) {
        return false;
    }
    out->match.verdicts = 1;
    return out->match.accounts_max == out->accounts.accounts_max &&
           out->risk.accounts_max == out->accounts.accounts_max &&
           out->match.instruments_max == out->accounts.instruments_max &&
           out->risk.instruments_max == out->accounts.instruments_max &&
           out->match.orders_max == out->accounts.orders_max &&
           out->risk.orders_max == out->accounts.orders_max && monitor_read(def, out) &&
           liquidation_read(def, out);
}

/* Places the parts; 0 if one of them cannot be made. */
static size_t layout(const parts *p, trd_engine *engine) {
    const size_t sizes[4] = {trd_match_footprint(&p->match), trd_accounts_footprint(&p->accounts),
        trd_risk_footprint(&p->risk), p->has_monitor ? trd_monitor_footprint(&p->monitor) : 0};
    if (sizes[0] == 0 || sizes[1] == 0 || sizes[2] == 0 || (p->has_monitor && sizes[3] == 0)) {
        return 0;
    }
    const bool ranks = p->terms.struct_size != 0;
    trd_layout at = {0};
    trd__layout_add(&at, 1, sizeof(trd_engine), TRD_ENGINE_ALIGN);
    const size_t match_at = trd__layout_add(&at, 1, sizes[0], TRD_ENGINE_ALIGN);
    const size_t accounts_at = trd__layout_add(&at, 1, sizes[1], TRD_ENGINE_ALIGN);
    const size_t risk_at = trd__layout_add(&at, 1, sizes[2], TRD_ENGINE_ALIGN);
    const size_t monitor_at = trd__layout_add(&at, 1, sizes[3], TRD_ENGINE_ALIGN);
    const size_t ranks_at = trd__layout_add(
        &at, ranks ? p->accounts.positions_max : 0, sizeof(trd_rank), TRD_ENGINE_ALIGN);
    const size_t links_at = trd__layout_add(&at, p->match.groups_max != 0 ? p->match.orders_max : 0,
        sizeof(trd_engine_link), TRD_ENGINE_ALIGN);
    const size_t size = trd__layout_size(&at, TRD_ENGINE_ALIGN);
    if (engine != NULL) {
        engine->match_at = match_at;
        engine->accounts_at = accounts_at;
        engine->risk_at = risk_at;
        engine->monitor_at = p->has_monitor ? monitor_at : 0;
        engine->ranks_at = ranks ? ranks_at : 0;
        engine->links_at = p->match.groups_max != 0 ? links_at : 0;
        engine->terms = p->terms;
        engine->size = size;
    }
    return size;
}

size_t trd_engine_footprint(const trd_engine_def *def) {
    parts p;
    return def_read(def, &p) ? layout(&p, NULL) : 0;
}

/* No order is a leg. */
static void links_forget(trd_engine *engine) {
    trd_engine_link *links = trd__engine_link(engine, trd__handle_make(0, 0));
    if (links != NULL) {
        memset(links, 0, trd__engine_accounts(engine)->def.orders_max * sizeof(*links));
    }
}

/* The bytes between the parts, and behind them: what is compared and stored is the whole block. */
static void clear_gaps(const parts *p, trd_engine *engine) {
    char *bytes = (char *)engine;
    const size_t end = p->has_monitor ? engine->monitor_at + trd_monitor_footprint(&p->monitor)
                                      : engine->risk_at + trd_risk_footprint(&p->risk);
    memset(bytes + sizeof(*engine), 0, engine->match_at - sizeof(*engine));
    memset(bytes + end, 0, engine->size - end);
}

trd_engine *trd_engine_init(void *mem, const trd_engine_def *def) {
    parts p;
    if (!def_read(def, &p) || mem == NULL || (uintptr_t)mem % TRD_ENGINE_ALIGN != 0 ||
        layout(&p, NULL) == 0) {
        return NULL;
    }
    trd_engine *engine = mem;
    memset(engine, 0, sizeof(*engine));
    layout(&p, engine);
    clear_gaps(&p, engine);
    engine->decisions = p.def.decisions;
    engine->trail = p.def.trail;
    trd__past_begin(&engine->past);
    trd_match *match = trd_match_init((char *)mem + engine->match_at, &p.match);
    trd_accounts *accounts = trd_accounts_init((char *)mem + engine->accounts_at, &p.accounts);
    trd_risk *risk = trd_risk_init((char *)mem + engine->risk_at, &p.risk);
    trd_assert(match != NULL && accounts != NULL && risk != NULL); /* footprints were not 0 */
    trd__quotes_ask(match);
    if (p.has_monitor) {
        const trd_monitor *monitor = trd_monitor_init((char *)mem + engine->monitor_at, &p.monitor);
        trd_assert(monitor != NULL);
    }
    return engine;
}

trd_engine *trd_engine_create(const trd_engine_def *def) {
    parts p;
    const size_t size = def_read(def, &p) ? layout(&p, NULL) : 0;
    void *mem = size != 0 ? trd__mem_alloc(&p.def.mem, size, TRD_ENGINE_ALIGN) : NULL;
    trd_engine *engine = mem != NULL ? trd_engine_init(mem, def) : NULL;
    if (engine != NULL) {
        engine->mem = p.def.mem;
    }
    return engine;
}

void trd_engine_destroy(trd_engine *engine) {
    if (engine != NULL) {
        const trd_mem mem = engine->mem;
        trd__mem_release(&mem, engine, engine->size);
    }
}

void trd_engine_reset(trd_engine *engine) {
    trd_match_reset(trd__engine_match(engine));
    trd_accounts_reset(trd__engine_accounts(engine));
    trd__risk_restart(trd__engine_risk(engine));
    if (engine->monitor_at != 0) {
        trd_monitor_reset(trd__engine_monitor(engine));
    }
    engine->liq = (trd_liq){0};
    engine->books = (trd_books){0};
    engine->regrouped = 0;
    engine->seq = 0;
    trd__past_begin(&engine->past);
    engine->stage = TRD_ENGINE_IDLE;
    engine->judged = 0;
    engine->legs = 0;
    links_forget(engine);
}

/* --- set-up ----------------------------------------------------------------------------------- */

int trd_engine_asset(trd_engine *engine, const trd_asset *asset) {
    return engine->stage != TRD_ENGINE_IDLE
               ? TRD_E_BUSY
               : trd_accounts_asset_add(trd__engine_accounts(engine), asset);
}

int trd_engine_fees(trd_engine *engine, const trd_fee_table *table) {
    return engine->stage != TRD_ENGINE_IDLE
               ? TRD_E_BUSY
               : trd_accounts_fees_add(trd__engine_accounts(engine), table);
}

int trd_engine_actor(trd_engine *engine, const trd_actor *actor) {
    return engine->stage != TRD_ENGINE_IDLE ? TRD_E_BUSY
                                            : trd_risk_actor(trd__engine_risk(engine), actor);
}

int trd_engine_enable(trd_engine *engine, uint32_t instrument, unsigned enabled) {
    return engine->stage != TRD_ENGINE_IDLE
               ? TRD_E_BUSY
               : trd_risk_enable(trd__engine_risk(engine), instrument, enabled);
}

/* All that profile and model could be refused for is looked at first: what the accounts have taken
 * needs never be taken back. */
int trd_engine_list(trd_engine *engine, const trd_engine_listing *listing) {
    if (engine->stage != TRD_ENGINE_IDLE) {
        return TRD_E_BUSY;
    }
    if (listing == NULL || listing->spec == NULL || listing->terms == NULL ||
        (listing->profile != NULL && trd_profile_check(listing->profile) != TRD_OK) ||
        (listing->model != NULL && trd_margin_model_check(listing->model) != TRD_OK)) {
        return TRD_E_ARG;
    }
    trd_match *match = trd__engine_match(engine);
    if (listing->profile != NULL && listing->profile->allocation != TRD_ALLOCATE_FIFO &&
        match->allocates == 0) {
        return TRD_E_ARG;
    }
    const trd_risk *risk = trd__engine_risk(engine);
    if (listing->model != NULL && listing->model->kind == TRD_MARGIN_GROUPED) {
        return TRD_E_ARG;
    }
    if (listing->model != NULL && risk->models == risk->def.models_max) {
        return TRD_E_FULL;
    }
    const int number =
        trd_accounts_instrument_add(trd__engine_accounts(engine), listing->spec, listing->terms);
    if (number < 0) {
        return number;
    }
    const int also = trd_match_add(match, listing->spec);
    trd_assert(also == number);
    if (listing->profile != NULL) {
        const int result = trd_match_configure(match, (uint32_t)number, listing->profile);
        trd_assert(result == TRD_OK);
    }
    if (listing->model != NULL) {
        const int result =
            trd_risk_model(trd__engine_risk(engine), (uint32_t)number, listing->model);
        trd_assert(result == TRD_OK);
    }
    return number;
}

/* --- running ---------------------------------------------------------------------------------- */

trd_inline bool out_full(const trd_out *out) {
    return out->capacity - out->count < TRD_ENGINE_OUT_MIN;
}

/* The matcher asks about an order that it releases, or a side of a quote. */
static void give_verdict(trd_engine *engine, trd_out *out) {
    trd_order_info info;
    if (trd_match_pending(trd__engine_match(engine), &info) == TRD_OK) {
        trd__engine_release(engine, out);
    } else {
        trd__engine_quote_turn(engine, out);
    }
}

/* One unit of the matcher, and what it means for the accounts. */
trd_inline int unit(trd_engine *engine, const trd_command *command, trd_out *out) {
    trd_match *match = trd__engine_match(engine);
    const uint32_t from = out->count;
    trd_out view = *out;
    view.capacity = from + TRD_OUT_MIN;
    /* What is known of the entrant was found just before its command begins. */
    trd_assert(engine->entrant_known == 0 || command == engine->command);
    const int result = engine->entrant_known != 0
                           ? trd__entrant_enter(match, command, &engine->entrant, &view)
                           : trd_match_step(match, engine->begun != 0 ? NULL : command, &view);
    trd_assert(result >= 0);
    engine->entrant_known = 0;
    engine->begun = 1;
    out->count = view.count;
    trd__engine_lend(engine);
    trd__engine_book(engine, out, from, view.count);
    if (result == TRD_NEED_VERDICT) {
        give_verdict(engine, out);
    }
    trd__engine_return(engine);
    return result;
}

trd_inline int drive(trd_engine *engine, const trd_command *command, trd_out *out) {
    int result;
    do {
        if (out_full(out)) {
            return TRD_MORE;
        }
        result = unit(engine, command, out);
    } while (result != TRD_OK);
    engine->begun = 0;
    return TRD_OK;
}

int trd__engine_drive(trd_engine *engine, const trd_command *command, trd_out *out) {
    return drive(engine, command, out);
}

static int timers(trd_engine *engine, trd_out *out) {
    const trd_ns time = engine->command[0].time;
    if (trd_likely(engine->begun == 0 && time < trd__engine_match(engine)->timer_bound)) {
        return TRD_OK;
    }
    const trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1, .time = time};
    return trd__engine_drive(engine, &timer, out);
}

/* The command in work is consumed, without the matcher. */
static void consume(trd_engine *engine) {
    trd_match *match = trd__engine_match(engine);
    match->commands++;
    trd__time_pass(match, engine->command[0].time);
}

/* Refuses the command in work, whatever it is. */
static void tell_refused(trd_engine *engine, trd_out *out, unsigned reason) {
    trd_match *match = trd__engine_match(engine);
    const trd_command *command = engine->command;
    switch (command->kind) {
    case TRD_COMMAND_NEW:
        trd__reject_new(match, out, command, reason);
        break;
    case TRD_COMMAND_CANCEL:
    case TRD_COMMAND_REDUCE:
    case TRD_COMMAND_REPLACE:
        trd__reject_target(
            match, out, command, trd__store_unit(&match->store, engine->vetted.order), reason);
        break;
    default:
        trd__reject_command(match, out, command, reason);
        break;
    }
}

static void refuse(trd_engine *engine, trd_out *out, unsigned reason) {
    consume(engine);
    tell_refused(engine, out, reason);
}

/* Does an order that the engine refuses take along what its account stages, whether it goes with it
 * or not? Not one that its sender may not send, or that is none. */
static bool drops_staged(const trd_engine *engine, unsigned reason) {
    const unsigned kind = engine->command[0].kind;
    const bool is_of_other = engine->legs != 0 && engine->guilty != engine->own_leg;
    return trd_unlikely(engine->links_at != 0) &&
           (kind == TRD_COMMAND_NEW || kind == TRD_COMMAND_REPLACE || kind == TRD_COMMAND_QUOTE) &&
           (reason != TRD_REJECT_NOT_PERMITTED || is_of_other) && reason != TRD_REJECT_UNSUPPORTED;
}

/* Refuses the command in work by the engine's own hand. Of the legs of a group one is refused for
 * `reason`, all others for LINK. */
static trd_noinline void refuse_own(trd_engine *engine, trd_out *out, unsigned reason) {
    const bool is_group = engine->legs != 0;
    consume(engine);
    if (drops_staged(engine, reason)) {
        trd__staged_refuse(trd__engine_match(engine), out, engine->command[0].account,
            is_group ? engine->guilty : TRD_LEGS_MAX, reason);
    }
    tell_refused(engine, out,
        is_group && engine->guilty != engine->own_leg ? (unsigned)TRD_REJECT_LINK : reason);
}

/* The terms that ACCEPTED or REPLACED would tell: of a new order those of the command, where it has
 * them; of one that is there the total, with what was executed and prevented. */
static trd_ev_order terms_told(const trd_engine *engine) {
    const trd_command *command = engine->command;
    const trd_vetted *vetted = &engine->vetted;
    trd_ev_order terms = {.order = vetted->order, .px = vetted->px};
    if (command->kind == TRD_COMMAND_NEW) {
        const trd_new *order = &command->u.order;
        terms.client_id = order->client_id;
        terms.qty = order->qty != 0 ? order->qty : vetted->leaves;
        return terms;
    }
    trd_order_info info;
    const int result = trd_match_order(trd__engine_match(engine), vetted->order, &info);
    trd_assert(result == TRD_OK);
    const bool renames = (command->flags & TRD_COMMAND_NEW_ID) != 0;
    terms.client_id = renames ? command->u.replace.client_id : info.client_id;
    terms.qty = vetted->leaves + info.executed + info.prevented;
    return terms;
}

/* What a dry run found, as an event. */
static trd_noinline void tell_dry_run(trd_engine *engine, trd_out *out, unsigned reason) {
    trd_match *match = trd__engine_match(engine);
    const trd_command *command = engine->command;
    const bool new = command->kind == TRD_COMMAND_NEW;
    const uint32_t at = out->count;
    if (reason != 0) {
        refuse(engine, out, reason);
    } else {
        consume(engine);
        trd_event *event = trd__emit(match, out, new ? TRD_EVENT_ACCEPTED : TRD_EVENT_REPLACED, 0,
            command->instrument, command->account,
            TRD_DETAIL(engine->vetted.side, 0, TRD_STATUS_NONE, 0));
        event->u.order = terms_told(engine);
    }
    out->events[at].flags |= TRD_EVENT_DRY_RUN;
}

/* Is the kind one of those whose bits [kind] are set? */
trd_inline bool is_among(unsigned kind, uint64_t kinds) {
    return kind < 64 && (kinds >> kind & 1) != 0;
}

trd_inline bool is_admin(unsigned kind) {
    const uint64_t kinds = (uint64_t)1 << TRD_COMMAND_ACCOUNT |
                           (uint64_t)1 << TRD_COMMAND_TRANSFER | (uint64_t)1 << TRD_COMMAND_LIMIT |
                           (uint64_t)1 << TRD_COMMAND_FUNDING |
                           (uint64_t)1 << TRD_COMMAND_CORPORATE | (uint64_t)1 << TRD_COMMAND_BOOKS;
    return is_among(kind, kinds);
}

/* ACCOUNT, TRANSFER, LIMIT, FUNDING, CORPORATE, BOOKS: nothing that the matcher takes as a command.
 */
static trd_noinline int administer(trd_engine *engine, trd_out *out) {
    trd_match *match = trd__engine_match(engine);
    bool more = false;
    trd__time_pass(match, engine->command[0].time);
    unsigned reason = trd__engine_permitted(engine);
    trd__engine_tell(engine, out, reason);
    if (reason == 0) {
        trd__engine_lend(engine);
        reason = trd__engine_admin(engine, out, &more);
        trd__engine_return(engine);
    }
    match->commands++;
    if (reason != 0) {
        tell_refused(engine, out, reason);
        return TRD_OK;
    }
    if (!more) {
        return TRD_OK;
    }
    engine->stage = engine->books.phase != TRD_PHASE_IDLE ? TRD_ENGINE_BOOKS : TRD_ENGINE_MONEY;
    return TRD_MORE;
}

/* Money that walks many accounts. */
static int go_on(trd_engine *engine, trd_out *out) {
    const int result = trd_accounts_continue(trd__engine_accounts(engine), out);
    trd_assert(result >= 0);
    trd__engine_return(engine);
    return result;
}

/* PRICE: a mark that the matcher will take holds for the accounts first: what it elects is judged
 * by it.
 */
static trd_noinline void mark(trd_engine *engine) {
    const trd_command *command = engine->command;
    if (command->u.price.source == TRD_SOURCE_MARK &&
        trd__form_other(command, engine->slots, false) == 0) {
        /* What it refuses, an instrument or a price that is none, the matcher refuses too. */
        trd_accounts *accounts = trd__engine_accounts(engine);
        const int result = trd_accounts_mark(accounts, command->instrument, command->u.price.px);
        if (result == TRD_OK && engine->monitor_at != 0) {
            trd_monitor_mark(trd__engine_monitor(engine), accounts, command->instrument);
        }
    }
}

/* Counts the command as a message, if it is one that a throttle counts. MESSAGES if it was one too
 * many, else 0. */
trd_inline unsigned count(trd_engine *engine) {
    const uint64_t kinds = (uint64_t)1 << TRD_COMMAND_NEW | (uint64_t)1 << TRD_COMMAND_REPLACE |
                           (uint64_t)1 << TRD_COMMAND_QUOTE | (uint64_t)1 << TRD_COMMAND_CANCEL |
                           (uint64_t)1 << TRD_COMMAND_REDUCE |
                           (uint64_t)1 << TRD_COMMAND_MASS_CANCEL;
    trd_risk *risk = trd__engine_risk(engine);
    if (risk->scopes_of[TRD_LIMIT_MESSAGES] == 0 || !is_among(engine->command[0].kind, kinds) ||
        trd_likely(trd__message_counts(risk, trd__engine_now(engine)))) {
        return 0;
    }
    return trd__engine_count(engine);
}

/* May the command in work, which is none about money, do what it asks for? */
trd_inline unsigned judge(trd_engine *engine, bool is_order, unsigned late) {
    if (is_order) {
        return trd__engine_judge(engine, late);
    }
    if (trd_unlikely(engine->command[0].kind == TRD_COMMAND_QUOTE)) {
        return trd__engine_judge_quote(engine, late);
    }
    /* Without roles nobody lacks a permission, whichever it is. */
    return trd__engine_risk(engine)->def.actors_max == 0 ? 0 : trd__engine_permitted(engine);
}

/* The record of that. */
static trd_noinline void tell(trd_engine *engine, trd_out *out, unsigned reason) {
    switch (engine->command[0].kind) {
    case TRD_COMMAND_NEW:
    case TRD_COMMAND_REPLACE:
        trd__engine_tell_order(engine, out, reason);
        break;
    case TRD_COMMAND_QUOTE:
        trd__engine_tell_quote(engine, out, reason);
        break;
    default:
        trd__engine_tell(engine, out, reason);
        break;
    }
}

/* Begins the command: what it asks for is judged. TRD_OK if nothing is left to do. */
trd_inline int begin(trd_engine *engine, trd_out *out) {
    trd_command *command = engine->command;
    if (is_admin(command->kind)) {
        return administer(engine, out);
    }
    const bool judges = command->kind == TRD_COMMAND_NEW || command->kind == TRD_COMMAND_REPLACE;
    const unsigned late = count(engine);
    const unsigned reason = judge(engine, judges, late);
    if (trd_unlikely(engine->decisions != 0)) {
        tell(engine, out, reason);
    }
    if (judges && trd_unlikely((command->flags & TRD_COMMAND_DRY_RUN) != 0)) {
        engine->entrant_known = 0;
        tell_dry_run(engine, out, reason);
        return TRD_OK;
    }
    if (trd_unlikely(reason != 0) && engine->by_market == 0) {
        refuse_own(engine, out, reason);
        return TRD_OK;
    }
    if (judges) {
        command->flags &= (uint16_t)~TRD__ENGINE_FLAGS; /* nothing that the matcher knows */
    } else if (trd_unlikely(command->kind == TRD_COMMAND_PRICE)) {
        mark(engine);
    }
    engine->stage = TRD_ENGINE_MATCH;
    return TRD_MORE;
}

/* The command in work is through; what it has changed may bring somebody to another level. */
trd_inline void ended(trd_engine *engine) {
    engine->judged = 0;
    engine->legs = 0;
    engine->stage = engine->monitor_at != 0 ? TRD_ENGINE_WATCH : TRD_ENGINE_IDLE;
}

static trd_noinline int run(trd_engine *engine, trd_out *out) {
    for (;;) {
        if (out_full(out)) {
            return TRD_MORE;
        }
        int result = TRD_OK;
        switch (engine->stage) {
        case TRD_ENGINE_TIMERS:
            if (timers(engine, out) != TRD_OK) {
                return TRD_MORE;
            }
            engine->stage = TRD_ENGINE_COMMAND;
            continue;
        case TRD_ENGINE_COMMAND:
            if (begin(engine, out) != TRD_OK) {
                continue;
            }
            break;
        case TRD_ENGINE_MATCH:
            result = trd__engine_drive(engine, engine->command, out);
            break;
        case TRD_ENGINE_MONEY:
            result = go_on(engine, out);
            break;
        case TRD_ENGINE_BOOKS:
            if (trd__books_unit(engine, out) != TRD_OK) {
                continue;
            }
            break;
        case TRD_ENGINE_WATCH:
            if (trd__engine_watch(engine, out) != TRD_OK) {
                continue;
            }
            engine->regrouped = 0;
            engine->stage = TRD_ENGINE_IDLE;
            return TRD_OK;
        default:
            if (trd__liq_unit(engine, out) == TRD_OK) {
                engine->stage = TRD_ENGINE_WATCH;
            }
            continue;
        }
        if (result != TRD_OK) {
            return result;
        }
        ended(engine);
        if (engine->stage == TRD_ENGINE_IDLE) {
            return TRD_OK;
        }
    }
}

/* Begins the command that was taken; the output has room for a unit. Nearly all have no timer
 * before them and end in one go, and nobody watches: they go straight on. The others are left where
 * they are, for `run` to go on with. */
static int start(trd_engine *engine, trd_out *out) {
    engine->begun = 0;
    engine->stage = TRD_ENGINE_TIMERS;
    if (trd_unlikely(engine->command[0].time >= trd__engine_match(engine)->timer_bound)) {
        return run(engine, out);
    }
    engine->stage = TRD_ENGINE_COMMAND;
    if (begin(engine, out) != TRD_OK) {
        if (trd_unlikely(engine->stage != TRD_ENGINE_MATCH) ||
            trd_unlikely(drive(engine, engine->command, out) != TRD_OK)) {
            return run(engine, out);
        }
    }
    ended(engine);
    return trd_likely(engine->stage == TRD_ENGINE_IDLE) ? TRD_OK : run(engine, out);
}

/* The same, and the hash of all events has what is written. */
static trd_noinline int start_and_hash(trd_engine *engine, trd_out *out) {
    const uint32_t from = out->count;
    const int result = start(engine, out);
    trd__past_follow(engine, out, from, result == TRD_OK);
    return result;
}

static trd_noinline int run_and_hash(trd_engine *engine, trd_out *out) {
    const uint32_t from = out->count;
    const int result = run(engine, out);
    trd__past_follow(engine, out, from, result == TRD_OK);
    return result;
}

static bool out_usable(const trd_out *out) {
    return out != NULL && out->events != NULL && out->count <= out->capacity;
}

/* The record, of which `left` slots can be read, becomes the one in work. Nearly all have one slot:
 * a copy whose size is known is a few moves. One that says it has more than there are gets 0: there
 * is no such record, so that it is MALFORMED wherever it is looked at. */
static trd_noinline uint32_t take_more(
    trd_engine *engine, const trd_command *command, size_t left) {
    uint32_t slots = command->slots >= 1 && command->slots <= TRD_SLOTS_MAX ? command->slots : 1;
    if (slots > left) {
        engine->command[0].slots = 0;
        slots = 1;
    }
    if (slots > 1) {
        memcpy(engine->command + 1, command + 1, (slots - 1) * sizeof(*command));
    }
    return slots;
}

trd_inline void take(trd_engine *engine, const trd_command *command, size_t left) {
    engine->command[0] = command[0];
    engine->slots = trd_likely(command->slots == 1) ? 1 : take_more(engine, command, left);
    engine->by_market = 0;
    engine->entrant_known = 0;
    engine->vetted.order = 0; /* the rest is read only of an order that was vetted */
}

int trd_engine_step(trd_engine *engine, const trd_command *command, trd_out *out) {
    if (!out_usable(out)) {
        return TRD_E_ARG;
    }
    if (engine->stage != TRD_ENGINE_IDLE) {
        return command != NULL      ? TRD_E_BUSY
               : engine->trail == 0 ? run(engine, out)
                                    : run_and_hash(engine, out);
    }
    if (command == NULL) {
        return TRD_E_ARG;
    }
    if (out_full(out)) {
        return TRD_E_FULL;
    }
    take(engine, command, SIZE_MAX);
    engine->seq = command->seq;
    return trd_likely(engine->trail == 0) ? start(engine, out) : start_and_hash(engine, out);
}

int trd_engine_run(
    trd_engine *engine, const trd_command *commands, size_t slots, size_t *done, trd_out *out) {
    if (done != NULL) {
        *done = 0;
    }
    if (commands == NULL || done == NULL || !out_usable(out)) {
        return TRD_E_ARG;
    }
    if (engine->stage != TRD_ENGINE_IDLE) {
        return TRD_E_BUSY;
    }
    int result = TRD_OK;
    size_t at = 0;
    trd_engine_horizon seen = {.entry = {0}};
    while (at < slots && result == TRD_OK) {
        if (out_full(out)) {
            result = at == 0 ? TRD_E_FULL : TRD_OK;
            break;
        }
        trd__engine_look_ahead(engine, commands, at, slots, &seen);
        take(engine, &commands[at], slots - at);
        engine->seq = commands[at].seq;
        result = trd_likely(engine->trail == 0) ? start(engine, out) : start_and_hash(engine, out);
        at +=
            trd_likely(commands[at].slots == 1) ? 1 : trd__record_slots(&commands[at], slots - at);
    }
    *done = at;
    return result;
}

int trd_engine_ask(trd_engine *engine, const trd_command *command, trd_verdict *out) {
    if (engine == NULL || command == NULL || out == NULL ||
        (command->kind != TRD_COMMAND_NEW && command->kind != TRD_COMMAND_REPLACE)) {
        return TRD_E_ARG;
    }
    if (engine->stage != TRD_ENGINE_IDLE ||
        command->time >= trd__engine_match(engine)->timer_bound) {
        return TRD_E_BUSY;
    }
    take(engine, command, SIZE_MAX);
    const unsigned reason = trd__engine_judge(engine, 0);
    *out = engine->verdict;
    out->reason = reason;
    if (reason == 0 && (engine->judged != 0 || engine->legs != 0)) {
        out->hold = trd__granted_hold(&engine->grant);
    }
    engine->judged = 0;
    engine->legs = 0;
    engine->entrant_known = 0;
    return TRD_OK;
}

/* --- questions -------------------------------------------------------------------------------- */

const trd_match *trd_engine_match(const trd_engine *engine) {
    return trd__engine_match(engine);
}

const trd_accounts *trd_engine_accounts(const trd_engine *engine) {
    return trd__engine_accounts(engine);
}

const trd_risk *trd_engine_risk(const trd_engine *engine) {
    return trd__engine_risk(engine);
}

const trd_monitor *trd_engine_monitor(const trd_engine *engine) {
    return engine->monitor_at != 0 ? trd__engine_monitor(engine) : NULL;
}
