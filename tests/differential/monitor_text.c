/* monitor_text.c - see monitor_text.h. */
#include "monitor_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *side_text(unsigned side) {
    return side == TRD_BUY ? "buy" : side == TRD_SELL ? "sell" : "-";
}

static const char *position_text(unsigned position) {
    static const char *const names[] = {"NET", "LONG", "SHORT"};
    return position < 3 ? names[position] : "?";
}

static const char *mode_text(unsigned mode) {
    static const char *const names[] = {
        "-", "CASH", "FLAT", "LEVERAGE", "ISOLATED", "CROSS", "PORTFOLIO"};
    return mode < 7 ? names[mode] : "?";
}

static const char *level_text(unsigned level) {
    static const char *const names[] = {"FINE", "WARN", "CALL", "LIQUIDATE", "BANKRUPT"};
    return level < 5 ? names[level] : "?";
}

/* --- the world -------------------------------------------------------------------------------- */

static void listing(uint32_t number, const life_mon_listing *at) {
    static const char *const kinds[] = {"?", "SPOT", "LINEAR", "INVERSE", "OPTION"};
    const trd_instrument *s = &at->spec;
    printf("  instrument %u: %s, tick x lot %" PRId64 "/%" PRId64 ", settle %u, px %" PRId64
           "..%" PRId64 ", qty_max %" PRId64 ", lot_step %" PRId64 "\n",
        number, kinds[s->kind], s->numerator, s->denominator, s->settle_asset, s->px_min, s->px_max,
        s->qty_max, s->lot_step);
    printf("    model %s%s, leverage %u:", at->has_model ? "" : "none",
        at->naive.covered ? "CASH" : "", at->has_model ? at->model.leverage_centi : 0);
    for (uint32_t i = 0; at->has_model && i < at->model.tier_count; i++) {
        printf(" from %" PRId64 " initial %u maintenance %u", at->model.tiers[i].floor,
            at->model.tiers[i].initial_ppm, at->model.tiers[i].maintenance_ppm);
    }
    printf("\n    band action %u source %u below %u above %u\n", at->profile.band_action,
        at->profile.band_source, at->profile.band_below, at->profile.band_above);
}

void mon_text_world(const life_mon_world *w) {
    const trd_liquidation *t = &w->liquidation;
    printf("world: %u accounts, warn %u call %u alert %u exempt %u, fees maker %d taker %d\n",
        w->accounts, w->warn_ppm, w->call_ppm, w->alert_ppm, w->exempt, w->fees.maker_ppb,
        w->fees.taker_ppb);
    if (w->liquidates) {
        printf("  liquidation: target %u fee %u step %u orders %u fund %u\n", t->target_ppm,
            t->fee_ppm, t->step_pct, t->orders_max, t->fund);
    }
    for (uint32_t i = 0; i < w->instruments; i++) {
        listing(i, &w->listing[i]);
    }
}

/* --- commands --------------------------------------------------------------------------------- */

static void order_text(const trd_command *c) {
    const trd_new *o = &c->u.order;
    printf(" i%u a%u id %" PRIu64 " %s %" PRId64 " @ %" PRId64 " type %u tif %u exec %u %s",
        c->instrument, c->account, o->client_id, side_text(o->side), o->qty, o->px, o->type, o->tif,
        o->exec, position_text(o->position));
    if (c->slots == 2) {
        trd_ext_prices x;
        memcpy(&x, c + 1, sizeof(x));
        printf(" trigger %" PRId64 " source %u", x.trigger, x.source);
    }
}

static void body_text(const trd_command *c) {
    switch (c->kind) {
    case TRD_COMMAND_NEW:
        order_text(c);
        break;
    case TRD_COMMAND_CANCEL:
        printf(" i%u a%u id %" PRIu64, c->instrument, c->account, c->u.cancel.target);
        break;
    case TRD_COMMAND_REPLACE:
        printf(" i%u a%u id %" PRIu64 " %" PRId64 " @ %" PRId64, c->instrument, c->account,
            c->u.replace.target, c->u.replace.qty, c->u.replace.px);
        break;
    case TRD_COMMAND_PRICE:
        printf(" i%u source %u px %" PRId64, c->instrument, c->u.price.source, c->u.price.px);
        break;
    case TRD_COMMAND_ACCOUNT:
        printf(" a%u %s hedge %u", c->account, mode_text(c->u.account.margin), c->u.account.hedge);
        break;
    case TRD_COMMAND_TRANSFER:
        printf(" a%u asset %u action %u amount %" PRId64 " to %u", c->account, c->u.transfer.asset,
            c->u.transfer.action, c->u.transfer.amount, c->u.transfer.to);
        break;
    case TRD_COMMAND_FUNDING:
        printf(" i%u rate %" PRId64 " mark %" PRId64 " due %" PRId64, c->instrument,
            c->u.funding.rate, c->u.funding.mark, c->u.funding.due);
        break;
    case TRD_COMMAND_SESSION:
        printf(" i%u state %u", c->instrument, c->u.session.state);
        break;
    case TRD_COMMAND_KILL:
        printf(" i%u a%u scope %u action %u cancel %u reducing %u", c->instrument, c->account,
            c->u.kill.scope, c->u.kill.action, c->u.kill.cancel, c->u.kill.reducing);
        break;
    default:
        break;
    }
}

void mon_text_command(const trd_command *c) {
    printf("%" PRIu64 " t%" PRId64 " %s", c->seq, c->time, trd_command_text(c->kind));
    body_text(c);
    puts("");
}

/* --- events ----------------------------------------------------------------------------------- */

static void ledger_text(const trd_event *e) {
    static const char *const entries[] = {"?", "PRINCIPAL", "FEE", "REBATE", "FUNDING", "TRANSFER",
        "LOCK", "RELEASE", "ROUNDING", "SETTLEMENT", "INSURANCE", "REALISED", "TAX", "INTEREST",
        "LOAN", "CORPORATE", "DELIVERY"};
    const trd_ev_ledger *l = &e->u.ledger;
    printf(" %s amount %" PRId64 " balance %" PRId64 " asset %u reference %" PRIu64,
        l->entry < 17 ? entries[l->entry] : "?", l->amount, l->balance, l->asset, l->reference);
}

static void margin_text(const trd_event *e) {
    const trd_ev_margin *x = &e->u.margin;
    const bool alert = e->reason == TRD_CHANGE_ALERT;
    printf(" %s %s -> %s unit %u %s asset %u equity %" PRId64 " maintenance %" PRId64
           " mark %" PRId64,
        alert ? "ALERT" : "LEVEL", alert ? (x->former ? "on" : "off") : level_text(x->former),
        alert ? (e->status ? "on" : "off") : level_text(e->status), x->unit,
        position_text(x->position), x->asset, x->equity, x->maintenance, x->mark);
}

static void liquidation_text(const trd_event *e) {
    static const char *const steps[] = {
        "?", "CANCEL", "REDUCE", "FEE", "TAKEOVER", "DELEVERAGE", "INSURED", "WAIT", "DONE"};
    const trd_ev_liquidation *x = &e->u.liquidation;
    printf(" %s %s unit %u %s side %s qty %" PRId64 " px %" PRId64 " amount %" PRId64 " contra %u",
        e->reason < 9 ? steps[e->reason] : "?", level_text(e->status), x->unit,
        position_text(x->position), side_text(e->side), x->qty, x->px, x->amount, x->contra);
}

void mon_text_event(const trd_event *e) {
    printf(
        "    %" PRIu64 " %s i%u a%u", e->seq, trd_event_text(e->kind), e->instrument, e->account);
    switch (e->kind) {
    case TRD_EVENT_LEDGER:
        ledger_text(e);
        break;
    case TRD_EVENT_POSITION:
        printf(" %s qty %" PRId64 " cost %" PRId64 " realised %" PRId64,
            position_text(e->u.position.position), e->u.position.qty, e->u.position.cost,
            e->u.position.realised);
        break;
    case TRD_EVENT_MARGIN:
        margin_text(e);
        break;
    case TRD_EVENT_LIQUIDATION:
        liquidation_text(e);
        break;
    case TRD_EVENT_FILL:
        printf(" %s %" PRId64 " @ %" PRId64 " leaves %" PRId64, side_text(e->side), e->u.fill.qty,
            e->u.fill.px, e->u.fill.leaves);
        break;
    case TRD_EVENT_REJECTED:
    case TRD_EVENT_REPLACE_REJECTED:
    case TRD_EVENT_COMMAND_REJECTED:
    case TRD_EVENT_CANCEL_REJECTED:
        printf(" %s", trd_reject_text(e->reason));
        break;
    case TRD_EVENT_CANCELED:
        printf(" %s qty %" PRId64, trd_cause_text(e->reason), e->u.cancel.qty);
        break;
    case TRD_EVENT_ACCEPTED:
    case TRD_EVENT_REPLACED:
        printf(" %s %" PRId64 " @ %" PRId64, side_text(e->side), e->u.order.qty, e->u.order.px);
        break;
    default:
        break;
    }
    puts("");
}
