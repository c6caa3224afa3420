/* state.h - the block of a trd_engine: its own state, and behind it matcher, accounts and risk,
 * each in its part of the block. */
#ifndef TRD_ENGINE_STATE_H
#define TRD_ENGINE_STATE_H

#include <tradsys/engine.h>

#include "core/assert.h"
#include "core/compiler.h"

/* Flags of commands that end here: the matcher takes neither. */
enum { TRD__ENGINE_FLAGS = TRD_COMMAND_OVERRIDE | TRD_COMMAND_DRY_RUN };

/* What the command in work needs next. */
enum trd_engine_stage {
    TRD_ENGINE_IDLE = 0,
    TRD_ENGINE_TIMERS,  /* timers that are due before it */
    TRD_ENGINE_COMMAND, /* it has not begun */
    TRD_ENGINE_MATCH,   /* the matcher is at it */
    TRD_ENGINE_MONEY    /* the accounts are at it */
};

struct trd_engine {
    uint64_t match_at; /* offsets from the block's own address */
    uint64_t accounts_at;
    uint64_t risk_at;
    size_t size;
    trd_mem mem;
    uint32_t stage;
    uint32_t begun;     /* 1: the matcher has the command, or the timer */
    uint32_t slots;     /* of the command */
    uint32_t judged;    /* 1: `ask` and `verdict` are of the order in the command */
    uint32_t by_market; /* 1: the reason is one that the matcher gives itself */
    uint32_t reserved;
    trd_ask ask;
    trd_verdict verdict;
    trd_vetted vetted;
    trd_command command[TRD_SLOTS_MAX];
};

trd_inline trd_match *trd__engine_match(const trd_engine *engine) {
    return (trd_match *)(void *)((char *)(uintptr_t)engine + engine->match_at);
}

trd_inline trd_accounts *trd__engine_accounts(const trd_engine *engine) {
    return (trd_accounts *)(void *)((char *)(uintptr_t)engine + engine->accounts_at);
}

trd_inline trd_risk *trd__engine_risk(const trd_engine *engine) {
    return (trd_risk *)(void *)((char *)(uintptr_t)engine + engine->risk_at);
}

/* judge.c: counts the command as a message; TRD_REJECT_MESSAGES if it was one too many, else 0. */
unsigned trd__engine_count(trd_engine *engine);

/* May the NEW or REPLACE in work act? `late` is what counting it said. The reason, 0 if it may:
 * ask, verdict and vetted are then what they say. */
unsigned trd__engine_judge(trd_engine *engine, unsigned late);
/* Has its actor the permission that the command needs? NOT_PERMITTED, or 0. */
unsigned trd__engine_permitted(const trd_engine *engine);
/* Answers the matcher, which asks about an order that it releases. */
void trd__engine_release(trd_engine *engine, trd_out *out);

/* money.c: books what the events [from, to) of the output say; its own follow behind them. */
void trd__engine_book(trd_engine *engine, trd_out *out, uint32_t from, uint32_t to);

/* What is held for the order of `ask` is held on the terms of `verdict` from now on. */
void trd__engine_hold(trd_engine *engine, trd_out *out, const trd_ask *ask, trd_verdict *verdict);

/* portfolio.c: the positions of both sides of an execution before it, and what is to be said when
 * they are another. */
typedef struct trd_engine_place {
    uint32_t entry; /* of the accounts */
    trd_qty qty;
} trd_engine_place;

typedef struct trd_engine_places {
    trd_engine_place buyer;
    trd_engine_place seller;
} trd_engine_places;

trd_engine_places trd__engine_places(const trd_engine *engine, const trd_execution *execution);
void trd__engine_moved(trd_engine *engine, const trd_engine_places *places);

/* trd_accounts_open; and risk follows the account if its mode asks for it. */
int trd__engine_open(trd_engine *engine, uint32_t account, const trd_account *terms);

/* admin.c: ACCOUNT, TRANSFER, LIMIT, FUNDING. A reason, or 0; *more is set if the accounts go on
 * with trd_accounts_continue. */
unsigned trd__engine_admin(trd_engine *engine, trd_out *out, bool *more);

#endif
