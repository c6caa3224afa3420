/* mirror.c - see mirror.h. */
#include "mirror.h"

#include "naive_liquidation.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void broken(mirror *w, const char *format, ...) {
    if (w->broken[0] == '\0') {
        va_list args;
        va_start(args, format);
        vsnprintf(w->broken, sizeof(w->broken), format, args);
        va_end(args);
    }
}

/* --- commands --------------------------------------------------------------------------------- */

static void price(mirror *w, const trd_command *c) {
    mirror_market *at = &w->market[c->instrument];
    naive_mon_instrument *in = &w->m.instrument[c->instrument];
    at->has_price[c->u.price.source] = true;
    at->price[c->u.price.source] = c->u.price.px;
    if (c->u.price.source == TRD_SOURCE_MARK) {
        in->has_mark = true;
        in->mark = c->u.price.px;
    }
}

static void kill_switch(mirror *w, const trd_command *c) {
    const mirror_kill kill = {
        .on = c->u.kill.action == TRD_KILL_ON, .reducing = c->u.kill.reducing != 0};
    if (c->u.kill.scope == TRD_SCOPE_FIRM) {
        w->firm = kill;
    } else if (c->u.kill.scope == TRD_SCOPE_ACCOUNT) {
        w->kill[c->account] = kill;
    } else if (c->u.kill.scope == TRD_SCOPE_INSTRUMENT) {
        w->market[c->instrument].kill = kill;
    }
}

static void transfer(mirror *w, const trd_command *c) {
    const trd_transfer_body *t = &c->u.transfer;
    w->deposited[t->asset] += t->action == TRD_TRANSFER_DEPOSIT    ? t->amount
                              : t->action == TRD_TRANSFER_WITHDRAW ? -t->amount
                                                                   : 0;
}

void mirror_command(mirror *w, const trd_command *c, bool refused) {
    w->time = c->time > w->time ? c->time : w->time;
    w->command = *c;
    memset(w->last, 0, sizeof(w->last));
    if (refused) {
        return;
    }
    switch (c->kind) {
    case TRD_COMMAND_PRICE:
        price(w, c);
        break;
    case TRD_COMMAND_ACCOUNT:
        w->m.mode[c->account] = c->u.account.margin;
        w->hedged[c->account] = c->u.account.hedge != 0;
        break;
    case TRD_COMMAND_KILL:
        kill_switch(w, c);
        break;
    case TRD_COMMAND_TRANSFER:
        transfer(w, c);
        break;
    default:
        break;
    }
}

/* --- orders ----------------------------------------------------------------------------------- */

/* What is held for begins positions and balances, also if nothing moves. */
static void accepted(mirror *w, const trd_event *e) {
    const uint64_t id = e->u.order.client_id;
    const naive_mon_instrument *in = &w->m.instrument[e->instrument];
    if ((e->flags & TRD_EVENT_DRY_RUN) != 0) {
        return;
    }
    if (w->order_count == MIRROR_ORDERS) {
        broken(w, "more orders than there is room for");
        return;
    }
    w->order[w->order_count++] = (mirror_order){.order = e->u.order.order,
        .client_id = id,
        .account = e->account,
        .instrument = e->instrument};
    if (id >= MIRROR_ENGINE_IDS) {
        return;
    }
    naive_monitor_position(&w->m, e->account, e->instrument, w->command.u.order.position);
    naive_monitor_purse(&w->m, e->account, in->spec.settle_asset);
    if (in->spec.kind == TRD_INSTRUMENT_SPOT) {
        naive_monitor_purse(&w->m, e->account, in->spec.base_asset);
    }
}

static void ended(mirror *w, trd_order order) {
    for (uint32_t i = 0; i < w->order_count; i++) {
        if (w->order[i].order == order) {
            memmove(&w->order[i], &w->order[i + 1], (w->order_count - i - 1) * sizeof(w->order[0]));
            w->order_count--;
            return;
        }
    }
    broken(w, "an order ended that does not live");
}

static void filled(mirror *w, const trd_event *e) {
    mirror_market *at = &w->market[e->instrument];
    at->has_price[TRD_SOURCE_LAST] = true;
    at->price[TRD_SOURCE_LAST] = e->u.fill.px;
    if (e->status == TRD_STATUS_FILLED) {
        ended(w, e->u.fill.order);
    }
}

/* --- money ------------------------------------------------------------------------------------ */

static void ledger(mirror *w, const trd_event *e) {
    const trd_ev_ledger *l = &e->u.ledger;
    if (e->account >= TRD_ACCOUNT_VENUE) {
        return;
    }
    naive_mon_purse *p = naive_monitor_purse(&w->m, e->account, l->asset);
    p->free += l->amount;
    if (l->entry == TRD_LEDGER_LOCK || l->entry == TRD_LEDGER_RELEASE) {
        if (p->free != l->balance) {
            broken(w, "free of account %u asset %u", e->account, l->asset);
        }
        return;
    }
    p->total += l->amount;
    if (p->total != l->balance) {
        broken(w, "balance of account %u asset %u", e->account, l->asset);
    }
}

static bool is_entry(const trd_event *e, const trd_event *of, unsigned entry) {
    return e->kind == TRD_EVENT_LEDGER && e->account == of->account &&
           e->instrument == of->instrument && e->u.ledger.entry == entry;
}

/* The event just before that of a position is the lock of its collateral, if there is one, and
 * before that the release. */
static void collateral(mirror *w, naive_mon_position *p, const trd_event *e) {
    const wide change = (wide)e->u.position.qty - p->qty;
    const bool against = (change > 0) != (p->qty > 0) && p->qty != 0;
    const wide closed = against ? wide_min(wide_abs(change), wide_abs(p->qty)) : 0;
    const bool locks = is_entry(&w->last[0], e, TRD_LEDGER_LOCK);
    const trd_event *release = &w->last[locks ? 1 : 0];
    wide back = 0;
    if (closed > 0) {
        back = wide_floor((quotient){{p->collateral, closed, 1}, {wide_abs(p->qty), 1, 1}});
    }
    if (back > 0 &&
        (!is_entry(release, e, TRD_LEDGER_RELEASE) || release->u.ledger.amount != (trd_amt)back)) {
        broken(w, "release of collateral of account %u instrument %u", e->account, e->instrument);
    }
    p->collateral -= (trd_amt)back;
    p->collateral -= locks ? w->last[0].u.ledger.amount : 0;
}

static void position(mirror *w, const trd_event *e) {
    naive_mon_position *p =
        naive_monitor_position(&w->m, e->account, e->instrument, e->u.position.position);
    if (w->m.instrument[e->instrument].spec.kind != TRD_INSTRUMENT_SPOT) {
        collateral(w, p, e);
    }
    p->qty = e->u.position.qty;
    p->cost = e->u.position.cost;
    p->realised = e->u.position.realised;
}

void mirror_event(mirror *w, const trd_event *e) {
    switch (e->kind) {
    case TRD_EVENT_ACCEPTED:
        accepted(w, e);
        break;
    case TRD_EVENT_FILL:
        filled(w, e);
        break;
    case TRD_EVENT_CANCELED:
        ended(w, e->u.cancel.order);
        break;
    case TRD_EVENT_REPLACED:
        if (e->status == TRD_STATUS_FILLED) {
            ended(w, e->u.order.order);
        }
        break;
    case TRD_EVENT_SESSION:
        w->market[e->instrument].state = e->u.session.state;
        break;
    case TRD_EVENT_LEDGER:
        ledger(w, e);
        break;
    case TRD_EVENT_POSITION:
        position(w, e);
        break;
    default:
        break;
    }
    w->last[1] = w->last[0];
    w->last[0] = *e;
}

/* --- the engine's own answers ------------------------------------------------------------------
 */

static const char *compare_money(const mirror *w, const trd_accounts *accounts) {
    for (uint32_t i = 0; i < w->m.purse_count; i++) {
        const naive_mon_purse *p = &w->m.purse[i];
        trd_balance b;
        if (trd_accounts_balance(accounts, p->account, p->asset, &b) != TRD_OK ||
            b.free != p->free || b.free + b.locked + b.unsettled - b.debt != p->total) {
            return "a balance is not what the events say";
        }
    }
    for (uint32_t i = 0; i < w->m.position_count; i++) {
        const naive_mon_position *p = &w->m.position[i];
        trd_holding h;
        if (trd_accounts_position(accounts, p->account, p->instrument, p->side, &h) != TRD_OK ||
            h.qty != p->qty || h.cost != p->cost || h.realised != p->realised) {
            return "a position is not what the events say";
        }
        if (h.collateral != p->collateral) {
            return "a collateral is not what the rules say";
        }
    }
    return NULL;
}

/* Accounts and accounts of the venue together have nothing; without OUTSIDE what was paid in. */
static const char *compare_sums(const mirror *w, const trd_accounts *accounts) {
    for (uint32_t asset = 0; asset < NAIVE_MON_ASSETS; asset++) {
        wide sum = 0;
        for (uint32_t i = 0; i < w->m.purse_count; i++) {
            sum += w->m.purse[i].asset == asset ? w->m.purse[i].total : 0;
        }
        for (uint32_t v = TRD_ACCOUNT_CLEARING; v < TRD_ACCOUNT_VENUE + TRD_VENUE_COUNT; v++) {
            trd_balance b;
            sum += trd_accounts_balance(accounts, v, asset, &b) == TRD_OK ? b.free : 0;
        }
        if (sum != w->deposited[asset]) {
            return "money came or went";
        }
    }
    for (uint32_t i = 0; i < w->m.instrument_count; i++) {
        wide sum = 0;
        for (uint32_t k = 0; k < w->m.position_count; k++) {
            sum += w->m.position[k].instrument == i ? w->m.position[k].qty : 0;
        }
        if (sum != 0) {
            return "positions of an instrument do not sum to zero";
        }
    }
    return NULL;
}

static const char *compare_orders(const mirror *w, const trd_match *match) {
    trd_match_stats stats;
    trd_match_stats_get(match, &stats);
    for (uint32_t i = 0; i < w->order_count; i++) {
        trd_order_info info;
        if (trd_match_order(match, w->order[i].order, &info) != TRD_OK) {
            return "an order does not live that the events left alive";
        }
    }
    return stats.orders == w->order_count ? NULL : "orders live that the events do not know";
}

const char *mirror_compare(const mirror *w, const trd_engine *engine) {
    if (w->broken[0] != '\0') {
        return w->broken;
    }
    const char *what = compare_money(w, trd_engine_accounts(engine));
    what = what == NULL ? compare_sums(w, trd_engine_accounts(engine)) : what;
    return what == NULL ? compare_orders(w, trd_engine_match(engine)) : what;
}

/* --- questions -------------------------------------------------------------------------------- */

uint32_t mirror_orders_of(const mirror *w, uint32_t account) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->order_count; i++) {
        count += w->order[i].account == account;
    }
    return count;
}

static bool is_open(const mirror_kill *kill) {
    return !kill->on || kill->reducing;
}

bool mirror_trades(const mirror *w, uint32_t account, uint32_t instrument) {
    const mirror_market *at = &w->market[instrument];
    return at->state == TRD_SESSION_CONTINUOUS && is_open(&at->kill) && is_open(&w->firm) &&
           is_open(&w->kill[account]);
}

bool mirror_bound(const mirror *w, uint32_t instrument, unsigned side, trd_px *out) {
    const mirror_market *at = &w->market[instrument];
    const trd_instrument *spec = &w->m.instrument[instrument].spec;
    *out = side == TRD_SELL ? spec->px_min : spec->px_max;
    if (at->band_action == 0 || !at->has_price[at->band_source]) {
        return true;
    }
    const trd_px reference = at->price[at->band_source];
    const trd_px upper = naive_liquidation_band(reference, at->band_above, TRD_BUY);
    const trd_px lower = naive_liquidation_band(reference, at->band_below, TRD_SELL);
    *out = naive_liquidation_bound(spec, side == TRD_SELL ? lower : upper, side);
    return at->band_action != TRD_BAND_REJECT || (*out >= lower && *out <= upper);
}
