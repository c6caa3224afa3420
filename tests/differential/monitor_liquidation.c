/* monitor_liquidation.c - one liquidation, step by step as docs/reference/monitoring.md has them:
 * each step is worked out before its event is looked at. See monitor_walk.h. */
#include "monitor_coverage.h"
#include "monitor_walk.h"

#include "naive_liquidation.h"

#include <string.h>

typedef struct work {
    mon_walk *k;
    naive_monitor *m;
    const trd_liquidation *terms;
    trd_unit unit;
    uint64_t digest; /* of the account when it began */
    bool any;        /* a step was told */
    bool is_position;
} work;

/* A position before lots of it were closed. */
typedef struct before {
    naive_mon_position p;
    trd_amt total;    /* of the account in the unit's asset */
    uint64_t closing; /* seq of the step that closes */
} before;

static void seen(const work *j, unsigned step) {
    if (j->k->counts) {
        mon_coverage_step(step);
    }
}

static const naive_mon_instrument *instrument_of(const work *j, const naive_mon_position *p) {
    return &j->m->instrument[p->instrument];
}

static naive_mon_purse *purse_of(const work *j, uint32_t account) {
    return naive_monitor_purse(j->m, account, j->unit.asset);
}

static bool fund_is_open(const work *j) {
    return j->m->mode[j->terms->fund] != 0;
}

static trd_amt fund_money(const work *j) {
    for (uint32_t i = 0; i < j->m->purse_count; i++) {
        const naive_mon_purse *p = &j->m->purse[i];
        if (p->account == j->terms->fund && p->asset == j->unit.asset) {
            return p->free;
        }
    }
    return 0;
}

/* What the fund can pay. */
static trd_amt fund_free(const work *j) {
    const trd_amt free = fund_money(j);
    return free > 0 ? free : 0;
}

static uint8_t closing_side(const naive_mon_position *p) {
    return p->qty > 0 ? TRD_SELL : TRD_BUY;
}

/* --- events ----------------------------------------------------------------------------------- */

/* A step about the unit as a whole. */
static trd_event step_of(const work *j, unsigned step) {
    return (trd_event){.time = j->k->w->time,
        .kind = TRD_EVENT_LIQUIDATION,
        .slots = 1,
        .instrument = j->unit.instrument,
        .account = j->unit.account,
        .status = naive_monitor_told(j->m, &j->unit),
        .reason = (uint8_t)step,
        .u.liquidation = {.position = j->unit.position, .unit = j->unit.kind}};
}

/* A step about lots of a position. */
static trd_event step_with(
    const work *j, unsigned step, const naive_mon_position *p, trd_qty qty, uint8_t side) {
    trd_event e = step_of(j, step);
    e.instrument = p->instrument;
    e.side = side;
    e.u.liquidation.position = p->side;
    e.u.liquidation.qty = qty;
    return e;
}

static bool expect(work *j, const trd_event *e, const char *what) {
    j->any = true;
    return mon_walk_expect(j->k, e, what);
}

/* --- how it stands ---------------------------------------------------------------------------- */

enum { GOES_ON, IS_OVER, IS_UNKNOWN };

static int check(const work *j) {
    const naive_stand s = naive_monitor_stand(j->m, &j->unit);
    if (!s.there || !s.margin) {
        return IS_OVER;
    }
    return !s.known ? IS_UNKNOWN : s.equity >= s.maintenance ? IS_OVER : GOES_ON;
}

static void forget(work *j) {
    mon_waiting *at = mon_walk_waiting(j->k, &j->unit);
    if (at != NULL) {
        *at = j->k->waiting[--j->k->waiting_count];
    }
}

static void remember(work *j) {
    forget(j);
    if (j->k->waiting_count < MON_WAITING) {
        j->k->waiting[j->k->waiting_count++] =
            (mon_waiting){.unit = j->unit, .digest = j->digest, .now = true};
    }
}

static bool waits(work *j, const naive_mon_position *p) {
    trd_event e = step_of(j, TRD_STEP_WAIT);
    if (p != NULL) {
        const trd_qty left = p->qty > 0 ? p->qty : -p->qty;
        e = step_with(j, TRD_STEP_WAIT, p, left, closing_side(p));
    }
    if (p == NULL) {
        e.instrument = 0;
        e.u.liquidation.position = 0;
    }
    remember(j);
    return expect(j, &e, "WAIT");
}

/* --- money between the unit and the fund -------------------------------------------------------
 */

static bool is_insurance(const trd_event *e, uint32_t account, trd_amt amount, uint64_t step) {
    return e->kind == TRD_EVENT_LEDGER && e->account == account &&
           e->u.ledger.entry == TRD_LEDGER_INSURANCE && e->u.ledger.amount == amount &&
           e->u.ledger.reference == step;
}

/* Behind a step: what it moves, who gives it first, and nothing else. */
static bool only_insurance(work *j, uint32_t from, uint32_t to, trd_amt amount) {
    const uint64_t step = j->k->event[j->k->at - 1].seq;
    const uint32_t at = j->k->at;
    mon_walk_consume(j->k);
    const trd_event *e = &j->k->event[at];
    const bool moved = amount > 0;
    const bool good = j->k->at - at == (moved ? 2u : 0u) &&
                      (!moved || (is_insurance(&e[0], from, -amount, step) &&
                                     is_insurance(&e[1], to, amount, step) &&
                                     e[0].u.ledger.asset == j->unit.asset));
    return good || mon_walk_differ(j->k, "the money of a step");
}

/* --- money that is missing -------------------------------------------------------------------- */

/* The fund pays what is missing, as much as it has: told if it pays. */
static bool insured(work *j, trd_amt missing) {
    const trd_amt has = fund_is_open(j) ? fund_free(j) : 0;
    const trd_amt paid = missing < has ? missing : has;
    if (missing > 0 && paid < missing) {
        seen(j, MON_STEP_UNINSURED);
    }
    if (missing <= 0 || paid == 0) {
        return true;
    }
    trd_event e = step_of(j, TRD_STEP_INSURED);
    e.u.liquidation.amount = paid;
    e.u.liquidation.contra = j->terms->fund;
    if (!expect(j, &e, "INSURED")) {
        return false;
    }
    seen(j, MON_STEP_INSURED);
    return only_insurance(j, j->terms->fund, j->unit.account, paid);
}

/* --- what was closed -------------------------------------------------------------------------- */

static before before_closing(const work *j, const naive_mon_position *p) {
    return (before){
        .p = *p, .total = purse_of(j, p->account)->total, .closing = j->k->event[j->k->at].seq};
}

static wide flow_since(const naive_mon_position *p, const before *b) {
    return ((wide)p->realised - p->cost) - ((wide)b->p.realised - b->p.cost);
}

/* A POSITION stands on its own collateral: what it is after lots were closed, and the fund for what
 * is missing. */
static bool own_collateral(work *j, naive_mon_position *p, const before *b, trd_amt fee) {
    if (!j->is_position) {
        return true;
    }
    const bool premium = instrument_of(j, p)->spec.kind == TRD_INSTRUMENT_OPTION;
    const wide realised = (wide)p->realised - b->p.realised;
    const wide moved = premium ? flow_since(p, b) : realised;
    const wide chain = b->p.collateral + realised - fee;
    if (purse_of(j, p->account)->total != (trd_amt)(b->total + moved - fee)) {
        return mon_walk_differ(j->k, "the balance after lots of a POSITION were closed");
    }
    p->collateral = chain > 0 && p->qty != 0 ? (trd_amt)chain : 0;
    if (chain < 0) {
        seen(j, MON_STEP_BELOW_COLLATERAL);
    }
    return insured(j, chain < 0 ? (trd_amt)-chain : 0);
}

/* --- 1: cancel -------------------------------------------------------------------------------- */

static bool is_to_end(const work *j, const mirror_order *o) {
    return o->account == j->unit.account &&
           (!j->is_position || o->instrument == j->unit.instrument);
}

static uint32_t open_orders(const work *j) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < j->k->w->order_count; i++) {
        count += is_to_end(j, &j->k->w->order[i]);
    }
    return count;
}

static bool is_end(const work *j, const trd_event *e) {
    return e->kind == TRD_EVENT_CANCELED && e->reason == TRD_CAUSE_LIQUIDATION &&
           e->account == j->unit.account &&
           (!j->is_position || e->instrument == j->unit.instrument);
}

/* What stands between CANCEL and the next step: the ends of these orders, and of no other. Only an
 * all-or-none order of somebody else, for which they stood in the way, may execute then. */
static bool only_cancels(work *j, uint32_t from, uint32_t count) {
    bool executes = false;
    uint32_t ends = 0;
    for (uint32_t i = from; i < j->k->at; i += j->k->event[i].slots) {
        const trd_event *e = &j->k->event[i];
        const bool release = e->kind == TRD_EVENT_LEDGER && e->account == j->unit.account &&
                             e->u.ledger.entry == TRD_LEDGER_RELEASE;
        executes = executes || e->kind == TRD_EVENT_FILL;
        ends += is_end(j, e);
        if (e->reason == TRD_CAUSE_LIQUIDATION && e->kind == TRD_EVENT_CANCELED && !is_end(j, e)) {
            return mon_walk_differ(j->k, "CANCEL: an order of somebody else");
        }
        if (!executes && !release && !is_end(j, e)) {
            return mon_walk_differ(j->k, "CANCEL: more than the ends of its orders");
        }
    }
    if (executes) {
        seen(j, MON_STEP_UNBLOCKS);
    }
    return executes || ends == count || mon_walk_differ(j->k, "CANCEL: not each order once");
}

static bool cancel_orders(work *j) {
    if (open_orders(j) == 0) {
        return true;
    }
    const trd_event e = step_of(j, TRD_STEP_CANCEL);
    if (!expect(j, &e, "CANCEL")) {
        return false;
    }
    seen(j, MON_STEP_CANCEL);
    const uint32_t from = j->k->at;
    const uint32_t count = open_orders(j);
    mon_walk_consume(j->k);
    if (open_orders(j) != 0) {
        return mon_walk_differ(j->k, "CANCEL: orders are left");
    }
    return only_cancels(j, from, count);
}

/* --- 2 and 3: orders of the engine, and the fee ------------------------------------------------
 */

static trd_qty lots_to_close(const work *j, const naive_mon_position *p) {
    const trd_instrument *spec = &instrument_of(j, p)->spec;
    const trd_qty lots = naive_liquidation_lots(j->m, &j->unit, p, j->terms);
    const trd_qty most = spec->qty_max / spec->lot_step * spec->lot_step;
    if (lots > most) {
        seen(j, MON_STEP_REDUCE_CUT);
    }
    return lots < most ? lots : most;
}

static bool is_order(const trd_event *e, const trd_event *step) {
    return e->kind == TRD_EVENT_ACCEPTED && e->account == step->account &&
           e->instrument == step->instrument && e->side == step->side &&
           e->u.order.client_id >= MIRROR_ENGINE_IDS && e->u.order.px == step->u.liquidation.px &&
           e->u.order.qty == step->u.liquidation.qty;
}

static bool is_charge(const trd_event *e, const trd_event *step) {
    return e->kind == TRD_EVENT_LEDGER && e->account == step->account &&
           (e->u.ledger.entry == TRD_LEDGER_FEE || e->u.ledger.entry == TRD_LEDGER_REBATE);
}

/* The order and its executions: none beyond its limit, no lots but its own, no fee, and what they
 * brought is what they are worth, each rounded at most once. */
static bool within_limit(
    work *j, uint32_t from, const trd_event *order, trd_qty closed, wide flow) {
    const naive_mon_instrument *in = &j->m->instrument[order->instrument];
    trd_qty lots = 0;
    wide worth = 0;
    uint32_t fills = 0;
    if (from == j->k->at || !is_order(&j->k->event[from], order)) {
        return mon_walk_differ(j->k, "REDUCE: the order");
    }
    for (uint32_t i = from; i < j->k->at; i += j->k->event[i].slots) {
        const trd_event *e = &j->k->event[i];
        if (e->kind == TRD_EVENT_TRIGGERED) {
            seen(j, MON_STEP_ELECTS);
        }
        if (is_charge(e, order)) {
            return mon_walk_differ(j->k, "REDUCE: a fee of the market");
        }
        if (e->kind == TRD_EVENT_FILL && e->account == j->unit.account &&
            e->instrument == order->instrument && e->side == order->side &&
            e->liquidity == TRD_LIQUIDITY_TAKER) {
            const trd_px px = e->u.fill.px;
            const trd_px limit = order->u.liquidation.px;
            const trd_qty closing = order->side == TRD_SELL ? e->u.fill.qty : -e->u.fill.qty;
            lots += e->u.fill.qty;
            worth += naive_worth(&in->spec, closing, px);
            fills++;
            if (order->side == TRD_SELL ? px < limit : px > limit) {
                return mon_walk_differ(j->k, "REDUCE: an execution beyond the limit");
            }
        }
    }
    if (flow < worth || flow > worth + fills) {
        return mon_walk_differ(j->k, "REDUCE: what the executions brought");
    }
    return lots == closed || mon_walk_differ(j->k, "REDUCE: lots that moved without a fill");
}

static bool charge(work *j, naive_mon_position *p, const before *b, trd_qty closed, uint8_t side) {
    const wide flow = flow_since(p, b);
    const wide profit = p->qty == 0 ? 0 : naive_contribution(j->m, p, instrument_of(j, p)->mark);
    const wide left = j->is_position ? (wide)b->p.collateral + p->realised - b->p.realised + profit
                                     : naive_monitor_stand(j->m, &j->unit).equity;
    const trd_amt due = naive_liquidation_fee(flow, j->terms->fee_ppm, INT64_MAX);
    trd_amt fee = naive_liquidation_fee(flow, j->terms->fee_ppm, left);
    fee = fund_is_open(j) ? fee : 0;
    if (fee < due) {
        seen(j, fee == 0 ? MON_STEP_FEE_NONE : MON_STEP_FEE_CAPPED);
    }
    trd_event e = step_with(j, TRD_STEP_FEE, p, closed, side);
    e.u.liquidation.amount = fee;
    e.u.liquidation.contra = j->terms->fund;
    if (!expect(j, &e, "FEE") || !only_insurance(j, j->unit.account, j->terms->fund, fee)) {
        return false;
    }
    return own_collateral(j, p, b, fee);
}

/* One order of the engine. *closed: its lots that executed. */
static bool reduce_once(work *j, naive_mon_position *p, trd_qty *closed) {
    const trd_qty lots = lots_to_close(j, p);
    const uint8_t side = closing_side(p);
    trd_event e = step_with(j, TRD_STEP_REDUCE, p, lots, side);
    if (!mirror_bound(j->k->w, p->instrument, side, &e.u.liquidation.px)) {
        *closed = 0; /* it is not sent */
        seen(j, MON_STEP_NOT_SENT);
        return true;
    }
    const before b = before_closing(j, p);
    if (!expect(j, &e, "REDUCE")) {
        return false;
    }
    const uint32_t from = j->k->at;
    mon_walk_consume(j->k);
    *closed = b.p.qty > 0 ? b.p.qty - p->qty : p->qty - b.p.qty;
    if (*closed < 0 || *closed > lots || !within_limit(j, from, &e, *closed, flow_since(p, &b))) {
        return mon_walk_differ(j->k, "REDUCE: the lots that were closed");
    }
    seen(j, *closed == lots ? MON_STEP_REDUCE_ALL
            : *closed > 0   ? MON_STEP_REDUCE_PART
                            : MON_STEP_REDUCE_NONE);
    return *closed == 0 || charge(j, p, &b, *closed, side);
}

/* *passed: the first position that could not be sent anywhere. *state: of the last check. */
static bool reduce(work *j, const naive_mon_position **passed, int *state) {
    uint32_t order[NAIVE_MON_POSITIONS];
    const uint32_t count = naive_liquidation_order(j->m, &j->unit, order);
    for (uint32_t i = 0; i < count && *state == GOES_ON; i++) {
        naive_mon_position *p = &j->m->position[order[i]];
        if (!mirror_trades(j->k->w, j->unit.account, p->instrument)) {
            *passed = *passed == NULL ? p : *passed;
            seen(j, MON_STEP_PASSED_OVER);
            continue;
        }
        if (i > 0) {
            seen(j, MON_STEP_NEXT_POSITION);
        }
        trd_qty closed = 1;
        for (uint32_t n = 0; n < j->terms->orders_max && closed > 0 && p->qty != 0; n++) {
            if (n > 0) {
                seen(j, MON_STEP_REDUCE_AGAIN);
            }
            if (!reduce_once(j, p, &closed)) {
                return false;
            }
            *state = closed > 0 ? check(j) : *state;
            if (*state != GOES_ON) {
                break;
            }
        }
    }
    if (*state == IS_OVER) {
        seen(j, MON_STEP_RESTORED);
    }
    return true;
}

/* --- 4 and 5: takeover, deleveraging -----------------------------------------------------------
 */

static bool fund_takes(const work *j, const naive_mon_position *p, trd_px px) {
    const uint32_t fund = j->terms->fund;
    const wide loss = naive_liquidation_loss(instrument_of(j, p), p->qty, px);
    if (!fund_is_open(j)) {
        seen(j, MON_STEP_FUND_CLOSED);
        return false;
    }
    if (j->k->w->hedged[fund]) {
        seen(j, MON_STEP_FUND_HEDGED);
        return false;
    }
    if (loss > 0 && fund_free(j) < loss) {
        seen(j, MON_STEP_FUND_POOR);
        return false;
    }
    if (loss > 0) {
        seen(j, MON_STEP_TAKEOVER_LOSES);
    }
    return true;
}

/* Lots that go over to another account without an order. */
typedef struct handover {
    unsigned step; /* TAKEOVER, DELEVERAGE */
    trd_qty lots;
    trd_px px;
    uint32_t to;
    uint8_t side; /* of its position */
} handover;

/* What stands behind the step: executions of no market, without fees. */
static bool only_handover(work *j, uint32_t from, uint64_t step) {
    for (uint32_t i = from; i < j->k->at; i += j->k->event[i].slots) {
        const trd_event *e = &j->k->event[i];
        const unsigned entry = e->kind == TRD_EVENT_LEDGER ? e->u.ledger.entry : 0;
        const bool moved = entry == TRD_LEDGER_PRINCIPAL || entry == TRD_LEDGER_REALISED;
        if ((e->kind == TRD_EVENT_RESTATED && e->reason == TRD_RESTATE_CUT) ||
            (e->kind == TRD_EVENT_CANCELED && e->reason == TRD_CAUSE_REDUCE_ONLY)) {
            seen(j, MON_STEP_CUTS);
        }
        if (moved && e->u.ledger.reference != step) {
            return mon_walk_differ(j->k, "the reference of what went over");
        }
        if (e->kind == TRD_EVENT_FILL || e->kind == TRD_EVENT_TAPE || entry == TRD_LEDGER_FEE ||
            entry == TRD_LEDGER_REBATE) {
            return mon_walk_differ(j->k, "what went over is no execution of the market");
        }
    }
    return true;
}

static bool goes_over(work *j, naive_mon_position *p, const handover *h) {
    const trd_qty lots = p->qty > 0 ? h->lots : -h->lots;
    trd_event e = step_with(j, h->step, p, h->lots, closing_side(p));
    e.u.liquidation.px = h->px;
    e.u.liquidation.contra = h->to;
    const before b = before_closing(j, p);
    if (!expect(j, &e, h->step == TRD_STEP_TAKEOVER ? "TAKEOVER" : "DELEVERAGE")) {
        return false;
    }
    /* Both begin with the execution, if they were not there. */
    const naive_mon_position *other = naive_monitor_position(j->m, h->to, p->instrument, h->side);
    purse_of(j, h->to);
    const trd_qty had = other->qty;
    const uint32_t from = j->k->at;
    mon_walk_consume(j->k);
    if (!only_handover(j, from, b.closing)) {
        return false;
    }
    if (p->qty != b.p.qty - lots || other->qty != had + lots) {
        return mon_walk_differ(j->k, "the lots that went over");
    }
    if (flow_since(p, &b) != naive_worth(&instrument_of(j, p)->spec, lots, h->px)) {
        return mon_walk_differ(j->k, "the price at which lots went over");
    }
    return own_collateral(j, p, &b, 0);
}

/* The queue, as it is when deleveraging begins. */
static uint32_t queue_of(const work *j, const naive_mon_position *p,
    uint32_t out[NAIVE_MON_POSITIONS], int64_t rank[NAIVE_MON_POSITIONS]) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < j->m->position_count; i++) {
        const naive_mon_position *o = &j->m->position[i];
        const bool opposite = p->qty > 0 ? o->qty < 0 : o->qty > 0;
        rank[i] = 0;
        if (o->instrument == p->instrument && opposite && o->account != j->unit.account &&
            o->account != j->terms->fund) {
            rank[i] = naive_liquidation_rank(j->m, o);
        }
        if (rank[i] <= 0) {
            continue;
        }
        uint32_t at = count++;
        for (; at > 0; at--) {
            const naive_mon_position *q = &j->m->position[out[at - 1]];
            if (rank[i] == rank[out[at - 1]]) {
                seen(j, MON_STEP_TIE);
            }
            const bool is_ahead =
                rank[i] > rank[out[at - 1]] ||
                (rank[i] == rank[out[at - 1]] &&
                    (o->account < q->account || (o->account == q->account && o->side < q->side)));
            if (!is_ahead) {
                break;
            }
            out[at] = out[at - 1];
        }
        out[at] = i;
    }
    return count;
}

/* The price of step 4, but none that leaves the other unit less than nothing. */
static trd_px bearable(const work *j, const naive_mon_position *other, trd_px px) {
    const trd_unit unit = naive_monitor_unit(j->m, other);
    const trd_px most = naive_liquidation_price(j->m, &unit, other);
    const bool buys = other->qty < 0;
    const trd_px out = buys ? (px < most ? px : most) : (px > most ? px : most);
    if (out != px) {
        seen(j, MON_STEP_BOUNDED);
    }
    return out;
}

static bool deleverage(work *j, naive_mon_position *p, trd_px px) {
    uint32_t queue[NAIVE_MON_POSITIONS];
    int64_t rank[NAIVE_MON_POSITIONS];
    const uint32_t count = queue_of(j, p, queue, rank);
    for (uint32_t i = 0; i < count && p->qty != 0; i++) {
        const naive_mon_position *o = &j->m->position[queue[i]];
        const trd_qty theirs = o->qty > 0 ? o->qty : -o->qty;
        const trd_qty left = p->qty > 0 ? p->qty : -p->qty;
        seen(j, i == 0 ? MON_STEP_DELEVERAGE : MON_STEP_DELEVERAGE_MANY);
        const handover h = {.step = TRD_STEP_DELEVERAGE,
            .lots = theirs < left ? theirs : left,
            .px = bearable(j, o, px),
            .to = o->account,
            .side = o->side};
        const trd_unit theirs_unit = naive_monitor_unit(j->m, o);
        if (!goes_over(j, p, &h)) {
            return false;
        }
        const naive_stand s = naive_monitor_stand(j->m, &theirs_unit);
        if (s.there && s.known && s.equity < -1) { /* one may be rounded off */
            return mon_walk_differ(j->k, "DELEVERAGE: an account is ruined");
        }
    }
    return true;
}

static bool take_over(work *j, int *state, bool *waiting) {
    for (int n = 0; *state == GOES_ON; n++) {
        uint32_t order[NAIVE_MON_POSITIONS];
        naive_liquidation_order(j->m, &j->unit, order);
        naive_mon_position *p = &j->m->position[order[0]];
        const trd_px px = naive_liquidation_price(j->m, &j->unit, p);
        const handover all = {.step = TRD_STEP_TAKEOVER,
            .lots = p->qty > 0 ? p->qty : -p->qty,
            .px = px,
            .to = j->terms->fund};
        const bool takes = fund_takes(j, p, px);
        if (takes) {
            seen(j, n == 0 ? MON_STEP_TAKEOVER : MON_STEP_TAKEOVER_AGAIN);
        }
        if (takes ? !goes_over(j, p, &all) : !deleverage(j, p, px)) {
            return false;
        }
        if (p->qty != 0) {
            seen(j, MON_STEP_NOBODY);
            *waiting = true;
            return waits(j, p);
        }
        *state = check(j);
    }
    return true;
}

/* --- all of it -------------------------------------------------------------------------------- */

static bool settle(work *j) {
    const naive_stand s = naive_monitor_stand(j->m, &j->unit);
    if (!j->is_position && !s.margin) {
        /* Options that were bought may cover what `free` has not. */
        const wide missing = wide_min(-(wide)purse_of(j, j->unit.account)->free, -s.equity);
        if (missing > 0 && missing < -(wide)purse_of(j, j->unit.account)->free) {
            seen(j, MON_STEP_COVERED);
        }
        if (!insured(j, missing > 0 ? (trd_amt)missing : 0)) {
            return false;
        }
    }
    forget(j);
    if (!j->any) {
        return mon_walk_differ(j->k, "a liquidation without a step");
    }
    const trd_event e = step_of(j, TRD_STEP_DONE);
    seen(j, MON_STEP_DONE);
    return expect(j, &e, "DONE");
}

static void count_unit(work *j) {
    bool sides[NAIVE_MON_INSTRUMENTS][3] = {{false}};
    seen(j, j->is_position ? MON_STEP_POSITION : MON_STEP_POOL);
    for (uint32_t i = 0; i < j->m->position_count; i++) {
        const naive_mon_position *p = &j->m->position[i];
        const uint8_t kind = instrument_of(j, p)->spec.kind;
        if (!naive_is_in_unit(j->m, p, &j->unit)) {
            continue;
        }
        sides[p->instrument][p->side] = true;
        if (kind == TRD_INSTRUMENT_INVERSE || (kind == TRD_INSTRUMENT_OPTION && p->qty < 0)) {
            seen(j, kind == TRD_INSTRUMENT_INVERSE ? MON_STEP_INVERSE : MON_STEP_OPTION);
        }
    }
    for (uint32_t i = 0; i < j->m->instrument_count; i++) {
        if (sides[i][TRD_POSITION_LONG] && sides[i][TRD_POSITION_SHORT]) {
            seen(j, MON_STEP_HEDGED);
        }
    }
}

static bool liquidate(work *j) {
    const naive_mon_position *passed = NULL;
    bool waiting = false;
    int state = check(j);
    if (state != GOES_ON) {
        return mon_walk_differ(j->k, "a liquidation of a unit that is not short");
    }
    j->digest = mon_walk_digest(j->m, j->unit.account);
    count_unit(j);
    if (!cancel_orders(j)) {
        return false;
    }
    state = check(j);
    if (!reduce(j, &passed, &state)) {
        return false;
    }
    if (state == GOES_ON && passed != NULL) {
        return waits(j, passed);
    }
    if (!take_over(j, &state, &waiting)) {
        return false;
    }
    if (waiting) {
        return true;
    }
    return state == IS_UNKNOWN ? waits(j, NULL) : settle(j);
}

/* The asset of a pool does not stand in the event: that of the first lots that are told of, or of
 * the first pool that is short. */
static bool find_pool(const mon_walk *k, trd_unit *unit) {
    const naive_monitor *m = &k->w->m;
    for (uint32_t i = k->at; i < k->count; i += k->event[i].slots) {
        const trd_event *e = &k->event[i];
        if (e->kind != TRD_EVENT_LIQUIDATION || e->account != unit->account) {
            continue;
        }
        if (e->u.liquidation.qty > 0) {
            unit->asset = m->instrument[e->instrument].spec.settle_asset;
            return true;
        }
    }
    for (uint32_t i = 0; i < m->purse_count; i++) {
        unit->asset = m->purse[i].asset;
        const naive_stand s = naive_monitor_stand(m, unit);
        if (m->purse[i].account == unit->account && s.known && s.level >= TRD_MARGIN_LIQUIDATE) {
            return true;
        }
    }
    return false;
}

bool mon_walk_liquidation(mon_walk *k) {
    const trd_event *e = &k->event[k->at];
    work j = {.k = k,
        .m = &k->w->m,
        .terms = &k->world->liquidation,
        .unit = {.account = e->account, .kind = e->u.liquidation.unit},
        .is_position = e->u.liquidation.unit == TRD_UNIT_POSITION};
    if (j.is_position) {
        j.unit.instrument = e->instrument;
        j.unit.position = e->u.liquidation.position;
        j.unit.asset = k->w->m.instrument[e->instrument].spec.settle_asset;
    } else if (j.unit.kind != TRD_UNIT_POOL || !find_pool(k, &j.unit)) {
        return mon_walk_differ(k, "a liquidation of a unit that is none, or not short");
    }
    return liquidate(&j);
}
