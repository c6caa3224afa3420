/* venue_books.c - see venue_books.h. */
#include "venue_books.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { SIDES = VENUE_SIDES };

/* Keeps the first thing that is wrong. */
__attribute__((format(printf, 2, 3))) static void wrong(venue_books *b, const char *format, ...) {
    if (b->wrong[0] == '\0') {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(b->wrong, sizeof(b->wrong), format, arguments);
        va_end(arguments);
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

static void post_venue(venue_books *b, const trd_event *e) {
    uint64_t *balance = &b->venue[e->account - TRD_ACCOUNT_VENUE][e->u.ledger.asset];
    *balance += (uint64_t)e->u.ledger.amount;
    if ((uint64_t)e->u.ledger.balance != *balance) {
        wrong(b, "event %" PRIu64 ": another balance of the venue than its sum", e->seq);
    }
}

/* A day settles within the account; an expiry pays. */
static bool is_within(const trd_event *e, const trd_command *c) {
    return e->u.ledger.entry == TRD_LEDGER_SETTLEMENT && c->kind == TRD_COMMAND_BOOKS &&
           c->u.books.action == TRD_BOOKS_DAY;
}

static void check_balance(venue_books *b, const trd_event *e, trd_amt sum) {
    if (e->u.ledger.balance != sum) {
        wrong(b, "event %" PRIu64 ": account %u asset %u has %" PRId64 ", not the sum %" PRId64,
            e->seq, e->account, e->u.ledger.asset, e->u.ledger.balance, sum);
    }
}

static void post(venue_books *b, const trd_event *e, const trd_command *c) {
    const uint32_t asset = e->u.ledger.asset;
    const trd_amt amount = e->u.ledger.amount;
    if (e->account >= TRD_ACCOUNT_VENUE) {
        post_venue(b, e);
        return;
    }
    switch (e->u.ledger.entry) {
    case TRD_LEDGER_LOCK:
    case TRD_LEDGER_RELEASE:
        b->locked[e->account][asset] -= amount;
        return;
    case TRD_LEDGER_INTEREST:
        b->debt[e->account][asset] += amount;
        check_balance(b, e, b->debt[e->account][asset]);
        return;
    case TRD_LEDGER_LOAN:
        b->debt[e->account][asset] += amount;
        break;
    default:
        break;
    }
    b->total[e->account][asset] += is_within(e, c) ? 0 : amount;
    check_balance(b, e, b->total[e->account][asset]);
}

static void forget(venue_books *b, trd_order order) {
    for (uint32_t i = 0; i < b->lives; i++) {
        if (b->live[i] == order) {
            b->live[i] = b->live[--b->lives];
            return;
        }
    }
    wrong(b, "order %" PRIx64 " ends that does not live", order);
}

static void follow_order(venue_books *b, const trd_event *e) {
    if ((e->flags & TRD_EVENT_DRY_RUN) != 0) {
        return;
    }
    if (e->kind == TRD_EVENT_ACCEPTED) {
        if (b->lives == VENUE_ORDERS) {
            wrong(b, "event %" PRIu64 ": more orders than have room", e->seq);
            return;
        }
        b->live[b->lives++] = e->u.order.order;
    } else if (e->kind == TRD_EVENT_CANCELED) {
        forget(b, e->u.cancel.order);
    } else if (e->kind == TRD_EVENT_FILL && e->status == TRD_STATUS_FILLED) {
        forget(b, e->u.fill.order);
    } else if (e->kind == TRD_EVENT_REPLACED && e->status == TRD_STATUS_FILLED) {
        forget(b, e->u.order.order);
    }
}

static void follow_lots(venue_books *b, const trd_event *e) {
    const trd_qty sign = e->side == TRD_BUY ? 1 : -1;
    if (e->kind == TRD_EVENT_FILL) {
        b->net[e->account][e->instrument] += sign * e->u.fill.qty;
    } else if (e->kind == TRD_EVENT_LIQUIDATION &&
               (e->reason == TRD_STEP_TAKEOVER || e->reason == TRD_STEP_DELEVERAGE)) {
        const trd_ev_liquidation *step = &e->u.liquidation;
        b->net[e->account][e->instrument] += sign * step->qty;
        b->net[step->contra][e->instrument] -= sign * step->qty;
    }
}

static void read_event(venue_books *b, const trd_event *e, const trd_command *c) {
    follow_order(b, e);
    follow_lots(b, e);
    if (e->kind == TRD_EVENT_LEDGER) {
        post(b, e, c);
    } else if (e->kind == TRD_EVENT_POSITION) {
        b->position[e->account][e->instrument][e->u.position.position] = e->u.position;
    }
}

bool venue_books_refused(const trd_event *events, uint32_t slots) {
    for (uint32_t i = 0; i < slots; i += events[i].slots) {
        if (events[i].kind == TRD_EVENT_COMMAND_REJECTED) {
            return true;
        }
    }
    return false;
}

static bool is_expiry(const trd_command *c) {
    return c->kind == TRD_COMMAND_BOOKS && c->u.books.action == TRD_BOOKS_EXPIRE;
}

static bool is_split(const trd_command *c) {
    return c->kind == TRD_COMMAND_CORPORATE && c->u.corporate.action == TRD_CORPORATE_SPLIT;
}

/* Executions are not all that moves lots: they end with an expiry, and become others in a split,
 * which are those that it has told. */
static void move_lots(venue_books *b, const trd_command *c, bool refused) {
    b->left_over = is_split(c) ? 0 : b->left_over;
    for (uint32_t account = 0; account < VENUE_ACCOUNTS && !refused; account++) {
        if (is_expiry(c)) {
            b->net[account][c->instrument] = 0;
        } else if (is_split(c)) {
            const trd_ev_position *sides = b->position[account][VENUE_STOCK];
            b->net[account][VENUE_STOCK] = sides[0].qty + sides[1].qty + sides[2].qty;
        }
    }
    for (uint32_t account = 0; account < VENUE_ACCOUNTS && is_split(c); account++) {
        b->left_over -= b->net[account][VENUE_STOCK];
    }
}

bool venue_books_read(
    venue_books *books, const trd_event *events, uint32_t slots, const trd_command *command) {
    for (uint32_t i = 0; i < slots; i += events[i].slots) {
        if (events[i].slots == 0) {
            wrong(books, "event %" PRIu64 " has no slots", events[i].seq);
            return false;
        }
        read_event(books, &events[i], command);
    }
    move_lots(books, command, venue_books_refused(events, slots));
    return books->wrong[0] == '\0';
}

/* --- laws ------------------------------------------------------------------------------------- */

static void money_is_conserved(venue_books *b) {
    for (uint32_t asset = 0; asset < VENUE_ASSETS; asset++) {
        uint64_t sum = 0;
        for (uint32_t account = 0; account < VENUE_ACCOUNTS; account++) {
            sum += (uint64_t)b->total[account][asset];
        }
        for (uint32_t account = 0; account < VENUE_OWN; account++) {
            sum += b->venue[account][asset];
        }
        if (sum != 0) {
            wrong(b, "asset %u: all that there is sums to %" PRId64, asset, (int64_t)sum);
        }
    }
}

static void lots_are_conserved(venue_books *b) {
    for (uint32_t i = 0; i < VENUE_INSTRUMENTS; i++) {
        trd_qty sum = i == VENUE_STOCK ? b->left_over : 0;
        for (uint32_t account = 0; account < VENUE_ACCOUNTS; account++) {
            const trd_ev_position *sides = b->position[account][i];
            const trd_qty net = sides[0].qty + sides[1].qty + sides[2].qty;
            if (net != b->net[account][i]) {
                wrong(b, "account %u instrument %u: %" PRId64 " lots, executed %" PRId64, account,
                    i, net, b->net[account][i]);
            }
            sum += net;
        }
        if (sum != 0) {
            wrong(b, "instrument %u: all lots sum to %" PRId64, i, sum);
        }
    }
}

static uint32_t settles_in(uint32_t instrument) {
    return instrument == VENUE_THIN ? VENUE_COIN : VENUE_USD;
}

static void clearing_has_what_contracts_cost(venue_books *b) {
    uint64_t cost[VENUE_ASSETS] = {0};
    for (uint32_t i = VENUE_NEAR; i <= VENUE_THIN; i++) {
        for (uint32_t at = 0; at < VENUE_ACCOUNTS * SIDES; at++) {
            cost[settles_in(i)] += (uint64_t)b->position[at / SIDES][i][at % SIDES].cost;
        }
    }
    for (uint32_t asset = 0; asset < VENUE_ASSETS; asset++) {
        if (b->venue[TRD_ACCOUNT_CLEARING - TRD_ACCOUNT_VENUE][asset] + cost[asset] != 0) {
            wrong(b, "asset %u: CLEARING has not what contracts cost", asset);
        }
    }
}

static void check_position(
    venue_books *b, uint32_t account, uint32_t instrument, const trd_holding *has, uint32_t side) {
    const trd_ev_position *told = &b->position[account][instrument][side];
    if (has->qty != told->qty || has->cost != told->cost || has->realised != told->realised) {
        wrong(b, "account %u instrument %u side %u: another position than was told", account,
            instrument, side);
    }
}

/* What live orders hold, and what stands behind positions. */
static void reservations(
    venue_books *b, const trd_accounts *a, trd_amt sums[VENUE_ACCOUNTS][VENUE_ASSETS]) {
    trd_held held;
    for (uint32_t i = 0; i < b->lives; i++) {
        if (trd_accounts_held(a, b->live[i], &held) == TRD_OK) {
            sums[held.account][held.asset] += held.amount;
        }
    }
    for (uint32_t at = 0; at < VENUE_ACCOUNTS * VENUE_INSTRUMENTS * SIDES; at++) {
        const uint32_t account = at / (VENUE_INSTRUMENTS * SIDES);
        const uint32_t instrument = at / SIDES % VENUE_INSTRUMENTS;
        trd_holding position = {.qty = 0}; /* an account that is not open has nothing */
        (void)trd_accounts_position(a, account, instrument, at % SIDES, &position);
        check_position(b, account, instrument, &position, at % SIDES);
        sums[account][settles_in(instrument)] += position.collateral;
    }
}

static void what_is_locked_is_reserved(venue_books *b, const trd_accounts *a) {
    trd_amt sums[VENUE_ACCOUNTS][VENUE_ASSETS] = {{0}};
    reservations(b, a, sums);
    for (uint32_t at = 0; at < VENUE_ACCOUNTS * VENUE_ASSETS; at++) {
        const uint32_t account = at / VENUE_ASSETS;
        const uint32_t asset = at % VENUE_ASSETS;
        trd_balance balance = {0};
        (void)trd_accounts_balance(a, account, asset, &balance);
        if (balance.free + balance.locked + balance.unsettled != b->total[account][asset] ||
            balance.debt != b->debt[account][asset]) {
            wrong(b, "account %u asset %u: another balance than was told", account, asset);
        }
        if (b->locked[account][asset] != sums[account][asset] ||
            balance.locked != sums[account][asset]) {
            wrong(b, "account %u asset %u: %" PRId64 " locked, told %" PRId64 ", reserved %" PRId64,
                account, asset, balance.locked, b->locked[account][asset], sums[account][asset]);
        }
    }
}

static void orders_are_those_that_live(venue_books *b, const trd_match *match) {
    trd_match_stats stats;
    trd_order_info info;
    trd_match_stats_get(match, &stats);
    if (stats.orders != b->lives) {
        wrong(b, "%u orders live, told were %u", stats.orders, b->lives);
    }
    for (uint32_t i = 0; i < b->lives; i++) {
        if (trd_match_order(match, b->live[i], &info) != TRD_OK) {
            wrong(b, "order %" PRIx64 " should live", b->live[i]);
        }
    }
}

bool venue_books_hold(venue_books *books, const trd_engine *engine) {
    money_is_conserved(books);
    lots_are_conserved(books);
    clearing_has_what_contracts_cost(books);
    what_is_locked_is_reserved(books, trd_engine_accounts(engine));
    orders_are_those_that_live(books, trd_engine_match(engine));
    return books->wrong[0] == '\0';
}
