/* mass.c - many orders at once: walks over an instrument, mass cancel, kill switch, dead man. */
#include "match/force.h"
#include "match/rich.h"

/* --- walks -------------------------------------------------------------------------------------
 */

enum { PHASE_WAITING = 8 };

/* The side or tree of a phase: bids and offers of book, hidden, aside, auction queue. */
static uint32_t phase_side(const trd_match *match, uint32_t instrument, uint32_t phase) {
    static const uint8_t trees[] = {
        [1] = TRD_TREE_HIDDEN, [2] = TRD_TREE_ASIDE, [3] = TRD_TREE_AUCTION};
    const uint32_t place = phase / 2;
    return place == 0 ? instrument * 2 + phase % 2
                      : trd__tree_at(match, instrument, trees[place] + phase % 2);
}

static uint32_t level_first(const trd_match *match, uint32_t side) {
    return trd__side_is_tree(&match->store, side) ? trd__tree_best(&match->store, side)
                                                  : trd__ladder_best(&match->store, side);
}

static uint32_t level_next(const trd_match *match, uint32_t side, uint64_t key) {
    return trd__side_is_tree(&match->store, side) ? trd__tree_below(&match->store, side, key)
                                                  : trd__ladder_worse(&match->store, side, key);
}

uint32_t trd__walk_next(const trd_match *match, uint32_t instrument, trd_walk *walk) {
    char *arena = trd__store_arena(&match->store);
    while (walk->phase < PHASE_WAITING) {
        const uint32_t side = phase_side(match, instrument, walk->phase);
        if (!walk->begun) {
            walk->begun = 1;
            walk->level = level_first(match, side);
            walk->at = walk->level != 0 ? trd__link(arena, walk->level)->next : 0;
        }
        if (walk->level == 0) {
            walk->begun = 0;
            walk->phase++;
            continue;
        }
        const uint32_t unit = walk->at;
        walk->at = trd__link(arena, unit)->next;
        if (walk->at == walk->level) {
            walk->level = level_next(match, side, trd__queue(arena, walk->level)->key);
            walk->at = walk->level != 0 ? trd__link(arena, walk->level)->next : 0;
        }
        return unit;
    }
    if (!walk->begun) {
        walk->begun = 1;
        walk->at = trd__desk(match, instrument)->waiting.first;
    }
    if (walk->at == 0) {
        return 0;
    }
    const trd_special *special = trd__special(match, walk->at);
    walk->at = special->list[TRD_LIST_WAITING].next;
    return special->unit;
}

/* For which cause the present session change ends an order; 0 if it does not. */
static unsigned session_cause(const trd_match *match, const trd_node *node) {
    const trd_work *work = &match->work;
    const uint32_t number = trd__special_of(node);
    const bool waits = number != 0 && trd__special(match, number)->where == TRD_WHERE_WAITING;
    switch (node->tif) {
    case TRD_TIF_AT_OPEN:
    case TRD_TIF_AT_CLOSE:
    case TRD_TIF_GFA:
        return work->uncrossed && !waits ? TRD_CAUSE_AUCTION : 0;
    case TRD_TIF_GFN:
        return TRD_CAUSE_SESSION; /* taken in CONTINUOUS alone, whose end is walked */
    case TRD_TIF_DAY:
        return work->to_state == TRD_SESSION_CLOSED ? TRD_CAUSE_EXPIRED : 0;
    default:
        return 0;
    }
}

bool trd__sieve_keeps(const trd_match *match, const trd_sieve *sieve, const trd_node *node) {
    const uint32_t number = trd__special_of(node);
    const uint64_t tag = number != 0 ? trd__special(match, number)->tag : 0;
    const unsigned filter = sieve->filter;
    return ((filter & TRD_MASS_ACCOUNT) == 0 || node->account == sieve->account) &&
           ((filter & TRD_MASS_SIDE) == 0 || node->side == sieve->side) &&
           ((filter & TRD_MASS_TAG) == 0 || tag == sieve->tag) &&
           ((filter & TRD_MASS_ACTOR) == 0 || node->actor == sieve->actor);
}

/* Why the sieve ends an order; 0 if it lets it live. */
static unsigned sieve_cause(const trd_match *match, const trd_sieve *sieve, const trd_node *node) {
    if (sieve == NULL) {
        return session_cause(match, node);
    }
    return trd__sieve_keeps(match, sieve, node) ? sieve->cause : 0;
}

bool trd__walk_unit(
    trd_match *match, trd_out *out, uint32_t instrument, trd_walk *walk, const trd_sieve *sieve) {
    uint32_t unit;
    while ((unit = trd__walk_next(match, instrument, walk)) != 0) {
        const trd_node *node = trd__order(match, unit);
        const unsigned cause = sieve_cause(match, sieve, node);
        if (cause != 0) {
            trd__end_order(match, out, unit, instrument, cause, trd__leaves(match, node));
            return true;
        }
    }
    return false;
}

/* --- mass cancels ------------------------------------------------------------------------------
 */

/* Begins to end what the sieve keeps, in the instruments from `first` to `last`. */
static void mass_begin(trd_match *match, const trd_sieve *sieve, uint32_t first, uint32_t last) {
    trd_work *work = &match->work;
    work->sieve = *sieve;
    work->walk = (trd_walk){0};
    work->mass_at = first;
    work->mass_end = last;
    work->mass_ended = 0;
    work->mass_settled = 0;
    work->stage = TRD_STAGE_MASS;
    work->after_settle = TRD_STAGE_MASS;
}

void trd__match_end_orders(trd_match *match, uint32_t instrument, unsigned cause) {
    trd_work *work = &match->work;
    trd_assert(work->stage == TRD_STAGE_IDLE && match->taker.unit == 0);
    work->time = match->time;
    work->after_end = TRD_STAGE_IDLE;
    work->elections = 0;
    work->refused = 0;
    work->timed = 0;
    work->indicate = UINT32_MAX;
    work->watched = 0;
    const trd_sieve sieve = {.cause = (uint8_t)cause};
    mass_begin(match, &sieve, instrument, instrument + 1);
}

void trd__mass_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    if (work->mass_settled) {
        trd__auction_indicate(match, out, work->mass_at);
        work->mass_settled = 0;
        work->mass_ended = 0;
        work->mass_at++;
        work->walk = (trd_walk){0};
        return;
    }
    while (work->mass_at < work->mass_end) {
        if (trd__walk_unit(match, out, work->mass_at, &work->walk, &work->sieve)) {
            work->mass_ended = 1;
            return;
        }
        if (work->mass_ended) {
            work->mass_settled = 1;
            trd__settle_begin(match, work->mass_at);
            return;
        }
        work->mass_at++;
        work->walk = (trd_walk){0};
    }
    work->stage = TRD_STAGE_END;
    work->after_settle = TRD_STAGE_END;
}

void trd__mass_command(trd_match *match, trd_out *out) {
    const trd_command *command = match->work.command;
    const trd_mass_cancel *mass = &command->u.mass;
    const bool one = (mass->filter & TRD_MASS_INSTRUMENT) != 0;
    if (one && command->instrument >= match->instruments) {
        trd__reject_command(match, out, command, TRD_REJECT_UNKNOWN_INSTRUMENT);
        return;
    }
    if ((mass->filter & TRD_MASS_ACCOUNT) != 0 && command->account >= match->accounts_end) {
        trd__reject_command(match, out, command, TRD_REJECT_UNKNOWN_ACCOUNT);
        return;
    }
    const trd_sieve sieve = {.tag = mass->tag,
        .account = command->account,
        .actor = command->actor,
        .filter = mass->filter,
        .side = mass->side,
        .cause = match->work.forced ? TRD_CAUSE_LIQUIDATION : TRD_CAUSE_MASS};
    mass_begin(match, &sieve, one ? command->instrument : 0,
        one ? command->instrument + 1 : match->instruments);
}

/* --- scopes ------------------------------------------------------------------------------------
 */

static trd_scope scope_of(const trd_command *command, unsigned kind, uint64_t tag) {
    const uint32_t key = kind == TRD_SCOPE_ACCOUNT      ? command->account
                         : kind == TRD_SCOPE_INSTRUMENT ? command->instrument
                         : kind == TRD_SCOPE_ACTOR      ? command->actor
                                                        : 0;
    return (trd_scope){.tag = tag, .key = key, .kind = (uint8_t)kind};
}

static bool scope_equals(const trd_scope *a, const trd_scope *b) {
    return a->kind == b->kind && a->key == b->key && a->tag == b->tag;
}

static unsigned scope_reason(const trd_match *match, const trd_command *command, unsigned kind) {
    if (kind == TRD_SCOPE_INSTRUMENT && command->instrument >= match->instruments) {
        return TRD_REJECT_UNKNOWN_INSTRUMENT;
    }
    return kind == TRD_SCOPE_ACCOUNT && command->account >= match->accounts_end
               ? TRD_REJECT_UNKNOWN_ACCOUNT
               : 0;
}

/* Ends all orders of a scope. */
static void scope_cancel(trd_match *match, const trd_scope *scope, unsigned cause) {
    const bool one = scope->kind == TRD_SCOPE_INSTRUMENT;
    const trd_sieve sieve = {.tag = scope->tag,
        .account = scope->key,
        .actor = scope->key,
        .filter = scope->kind == TRD_SCOPE_ACCOUNT ? TRD_MASS_ACCOUNT
                  : scope->kind == TRD_SCOPE_ACTOR ? TRD_MASS_ACTOR
                  : scope->kind == TRD_SCOPE_TAG   ? TRD_MASS_TAG
                                                   : 0,
        .cause = (uint8_t)cause};
    mass_begin(match, &sieve, one ? scope->key : 0, one ? scope->key + 1 : match->instruments);
}

/* --- kill --------------------------------------------------------------------------------------
 */

bool trd__is_killed(const trd_match *match, uint32_t account, uint32_t instrument, uint32_t actor,
    uint64_t tag, bool reduces) {
    for (int i = 0; i < TRD_SCOPES_MAX; i++) {
        const trd_scope *scope = &match->kills[i];
        const bool fits = scope->kind == TRD_SCOPE_FIRM ||
                          (scope->kind == TRD_SCOPE_ACCOUNT && scope->key == account) ||
                          (scope->kind == TRD_SCOPE_INSTRUMENT && scope->key == instrument) ||
                          (scope->kind == TRD_SCOPE_ACTOR && scope->key == actor) ||
                          (scope->kind == TRD_SCOPE_TAG && scope->tag == tag);
        if (fits && !(scope->flag && reduces)) {
            return true;
        }
    }
    return false;
}

void trd__kill_command(trd_match *match, trd_out *out) {
    const trd_command *command = match->work.command;
    const trd_kill *kill = &command->u.kill;
    trd_scope scope = scope_of(command, kill->scope, kill->tag);
    const unsigned reason = scope_reason(match, command, kill->scope);
    trd_scope *row = NULL;
    trd_scope *unused = NULL;
    if (reason != 0) {
        trd__reject_command(match, out, command, reason);
        return;
    }
    for (int i = 0; i < TRD_SCOPES_MAX; i++) {
        trd_scope *at = &match->kills[i];
        row = scope_equals(at, &scope) ? at : row;
        unused = at->kind == 0 && unused == NULL ? at : unused;
    }
    if (kill->action == TRD_KILL_OFF) {
        if (row != NULL) {
            *row = (trd_scope){0};
            match->kill_count--;
            trd__plain_until_set(match);
        }
        return;
    }
    if (row == NULL && unused == NULL) {
        trd__reject_command(match, out, command, TRD_REJECT_NO_CAPACITY);
        return;
    }
    match->kill_count += row == NULL;
    trd__plain_until_set(match);
    row = row != NULL ? row : unused;
    scope.flag = kill->reducing;
    *row = scope;
    if (kill->cancel) {
        scope_cancel(match, &scope, TRD_CAUSE_KILL);
    }
}

/* --- dead man ----------------------------------------------------------------------------------
 */

void trd__deadman_fire(trd_match *match, uint32_t number) {
    trd_deadman_row *row = &match->deadmen[number];
    const trd_scope scope = row->scope;
    *row = (trd_deadman_row){0};
    scope_cancel(match, &scope, TRD_CAUSE_DEADMAN);
}

static void deadman_set(
    trd_match *match, trd_deadman_row *row, const trd_scope *scope, trd_ns deadline) {
    trd__timer_cancel(match, &row->timer);
    row->scope = *scope;
    row->timer = trd__timer_add(
        match, deadline, (uint64_t)TRD_TIMER_DEADMAN << 32 | (uint32_t)(row - match->deadmen), 4);
}

void trd__deadman_command(trd_match *match, trd_out *out) {
    const trd_command *command = match->work.command;
    const trd_deadman *deadman = &command->u.deadman;
    const trd_scope scope = scope_of(command, deadman->scope, deadman->tag);
    unsigned reason = scope_reason(match, command, deadman->scope);
    const bool disarm = deadman->action == TRD_DEADMAN_DISARM;
    const trd_wide deadline = (trd_wide)match->time + deadman->timeout;
    if (reason == 0 && !disarm && (deadman->timeout < 1 || deadline > INT64_MAX)) {
        reason = TRD_REJECT_EXPIRY;
    }
    trd_deadman_row *row = NULL;
    trd_deadman_row *unused = NULL;
    for (int i = 0; i < TRD_SCOPES_MAX; i++) {
        trd_deadman_row *at = &match->deadmen[i];
        row = scope_equals(&at->scope, &scope) ? at : row;
        unused = at->scope.kind == 0 && unused == NULL ? at : unused;
    }
    if (reason == 0 && deadman->action == TRD_DEADMAN_ARM && row == NULL && unused == NULL) {
        reason = TRD_REJECT_NO_CAPACITY;
    }
    if (reason != 0) {
        trd__reject_command(match, out, command, reason);
    } else if (disarm) {
        if (row != NULL) {
            trd__timer_cancel(match, &row->timer);
            *row = (trd_deadman_row){0};
        }
    } else if (row != NULL || deadman->action == TRD_DEADMAN_ARM) {
        deadman_set(match, row != NULL ? row : unused, &scope, (trd_ns)deadline);
    }
}
