/* admin.c - commands about accounts, money and limits. */
#include "engine/state.h"

#include "match/rich.h"

/* The reason that stands for a failure of the parts. */
static unsigned reason_of(int result) {
    switch (result) {
    case TRD_OK:
    case TRD_MORE:
        return 0;
    case TRD_E_UNKNOWN:
        return TRD_REJECT_UNKNOWN_ACCOUNT;
    case TRD_E_FULL:
        return TRD_REJECT_NO_CAPACITY;
    case TRD_E_FUNDS:
        return TRD_REJECT_BALANCE;
    case TRD_E_BUSY:
        return TRD_REJECT_BAD_COMBINATION;
    default:
        return TRD_REJECT_MALFORMED;
    }
}

static bool is_zero(const uint8_t *bytes, size_t count) {
    uint8_t all = 0;
    for (size_t i = 0; i < count; i++) {
        all |= bytes[i];
    }
    return all == 0;
}

static unsigned account(trd_engine *engine) {
    const trd_command *command = engine->command;
    const trd_account_body *body = &command->u.account;
    if (body->action != TRD_ACCOUNT_SET || !is_zero(body->reserved, sizeof(body->reserved)) ||
        body->reserved1 != 0) {
        return TRD_REJECT_MALFORMED;
    }
    const trd_account terms = {.struct_size = sizeof(terms),
        .parent = body->parent,
        .group = body->group,
        .fees = body->fees,
        .leverage = body->leverage,
        .role = body->role,
        .mode = body->margin,
        .hedge = body->hedge,
        .enabled = body->enabled};
    return reason_of(trd__engine_open(engine, command->account, &terms));
}

/* May the money leave? What the accounts refuse themselves, for want of funds too, they say. */
static bool may_leave(const trd_engine *engine, const trd_transfer *terms) {
    const trd_accounts *accounts = trd__engine_accounts(engine);
    trd_balance balance;
    trd_amt most = 0;
    int result =
        trd_risk_withdrawable(trd__engine_risk(engine), accounts, terms->from, terms->asset, &most);
    if (result != TRD_OK || terms->to == terms->from || terms->amount <= most ||
        trd_accounts_balance(accounts, terms->to, terms->asset, &balance) != TRD_OK) {
        return true;
    }
    result = trd_accounts_balance(accounts, terms->from, terms->asset, &balance);
    trd_assert(result == TRD_OK);
    return terms->amount > balance.free;
}

/* What is owed stands against what was got: the equity of the account stays as it is, and nothing
 * that is needed leaves. */
static unsigned loan(trd_engine *engine, trd_out *out) {
    const trd_command *command = engine->command;
    const trd_transfer_body *body = &command->u.transfer;
    if (body->amount <= 0) {
        return TRD_REJECT_MALFORMED;
    }
    const bool borrows = body->action == TRD_TRANSFER_BORROW;
    const int result = trd_accounts_loan(trd__engine_accounts(engine), command->account,
        body->asset, borrows ? body->amount : -body->amount, body->reference, out);
    if (result == TRD_E_RANGE) { /* above every balance, or above what is owed */
        return borrows ? TRD_REJECT_POSITION : TRD_REJECT_BALANCE;
    }
    return reason_of(result);
}

static unsigned transfer(trd_engine *engine, trd_out *out) {
    const trd_command *command = engine->command;
    const trd_transfer_body *body = &command->u.transfer;
    const bool moves = body->action == TRD_TRANSFER_MOVE;
    if (body->action < TRD_TRANSFER_DEPOSIT || body->action > TRD_TRANSFER_REPAY ||
        (!moves && body->to != 0) || !is_zero(body->reserved, sizeof(body->reserved))) {
        return TRD_REJECT_MALFORMED;
    }
    if (body->asset >= trd__engine_accounts(engine)->assets) {
        return TRD_REJECT_UNKNOWN_ASSET;
    }
    if (body->action >= TRD_TRANSFER_BORROW) {
        return loan(engine, out);
    }
    const bool comes = body->action == TRD_TRANSFER_DEPOSIT;
    const trd_transfer terms = {.from = comes ? TRD_ACCOUNT_OUTSIDE : command->account,
        .to = comes   ? command->account
              : moves ? body->to
                      : TRD_ACCOUNT_OUTSIDE,
        .asset = body->asset,
        .amount = body->amount,
        .reference = body->reference};
    if (!comes && !may_leave(engine, &terms)) {
        return TRD_REJECT_MARGIN;
    }
    return reason_of(trd_accounts_transfer(trd__engine_accounts(engine), &terms, out));
}

static unsigned limit(trd_engine *engine) {
    const trd_command *command = engine->command;
    const trd_limit_body *body = &command->u.limit;
    trd_limit terms = {.limit = body->limit,
        .side = body->side,
        .scope = body->scope,
        .remove = body->action == TRD_LIMIT_REMOVE,
        .value = body->value,
        .window = body->window,
        .burst = body->burst};
    const bool both = body->scope == TRD_LIMIT_PAIR || body->scope == TRD_LIMIT_PARENT;
    const bool tagged = body->scope == TRD_LIMIT_TAG || body->scope == TRD_LIMIT_PARENT;
    terms.account = both || body->scope == TRD_LIMIT_ACCOUNT ? command->account : 0;
    terms.instrument = both || body->scope == TRD_LIMIT_INSTRUMENT ? command->instrument : 0;
    terms.actor = body->scope == TRD_LIMIT_ACTOR ? (uint32_t)body->name : 0;
    terms.tag = tagged ? body->name : 0;
    const bool named = body->scope == TRD_LIMIT_ACTOR || tagged;
    if ((!named && body->name != 0) ||
        (body->scope == TRD_LIMIT_ACTOR && body->name > UINT32_MAX) ||
        body->action < TRD_LIMIT_SET || body->action > TRD_LIMIT_REARM) {
        return TRD_REJECT_MALFORMED;
    }
    trd_risk *risk = trd__engine_risk(engine);
    const int result = body->action == TRD_LIMIT_REARM ? trd_risk_rearm(risk, &terms)
                                                       : trd_risk_limit(risk, &terms);
    /* A parent order is there, of another instrument or side. */
    return result == TRD_E_EXISTS ? TRD_REJECT_ORDER_MISMATCH
                                  : reason_of(result > 0 ? TRD_OK : result);
}

static unsigned funding(trd_engine *engine, trd_out *out, bool *more) {
    const trd_command *command = engine->command;
    const trd_funding_body *body = &command->u.funding;
    if (body->reserved != 0 || body->rate < INT32_MIN || body->rate > INT32_MAX) {
        return TRD_REJECT_MALFORMED;
    }
    const trd_funding terms = {.instrument = command->instrument,
        .rate_ppb = (int32_t)body->rate,
        .mark = body->mark,
        .due = body->due};
    const int result = trd_accounts_funding(trd__engine_accounts(engine), &terms, out);
    *more = result == TRD_MORE;
    return result == TRD_E_UNKNOWN  ? TRD_REJECT_UNKNOWN_INSTRUMENT
           : result == TRD_E_EXISTS ? TRD_REJECT_DUPLICATE_ID
                                    : reason_of(result);
}

unsigned trd__engine_admin(trd_engine *engine, trd_out *out, bool *more) {
    const trd_command *command = engine->command;
    if (command->slots != 1 || command->flags != 0) {
        return TRD_REJECT_MALFORMED;
    }
    switch (command->kind) {
    case TRD_COMMAND_ACCOUNT:
        return account(engine);
    case TRD_COMMAND_TRANSFER:
        return transfer(engine, out);
    case TRD_COMMAND_LIMIT:
        return limit(engine);
    case TRD_COMMAND_BOOKS:
        return trd__engine_books(engine, out, more);
    case TRD_COMMAND_CORPORATE:
        return trd__engine_corporate(engine, out, more);
    default:
        return funding(engine, out, more);
    }
}
