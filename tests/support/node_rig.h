/* node_rig.h - commands for a small engine, what a bare engine makes of them, and a reader.
 *
 * Command number k is the same wherever it is asked for. The bare engine executes them as a
 * sequencer would stamp them: numbers from 1, times from a clock that counts commands. */
#ifndef TRD_SUPPORT_NODE_RIG_H
#define TRD_SUPPORT_NODE_RIG_H

#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "core/rng.h"

enum { RIG_EVENTS = 65536, RIG_SLOTS_MAX = 8 };
enum { RIG_ALICE = 1, RIG_BOB = 2, RIG_USD = 0, RIG_SHARE = 1 };
enum { RIG_ACCOUNTS = 2 }; /* the first commands open accounts: no events follow from these */

/* An engine with a trail, one instrument, two accounts with money. Each part of the set-up must
 * succeed: NULL otherwise. */
static inline trd_engine *rig_engine(void) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max = 1;
    match.orders_max = accounts.orders_max = risk.orders_max = 256;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = 8;
    match.specials_max = match.positions_max = match.ids_max = 256;
    match.publish = TRD_PUBLISH_EXEC | TRD_PUBLISH_LEVELS | TRD_PUBLISH_TAPE;
    accounts.assets_max = 2;
    accounts.balances_max = 16;
    accounts.positions_max = 16;
    accounts.publish = TRD_PUBLISH_MONEY_ALL;
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .trail = 1};
    trd_engine *engine = trd_engine_create(&def);
    trd_asset usd = {.struct_size = sizeof(usd), .scale = 2};
    trd_asset share = usd;
    strcpy(usd.symbol, "USD");
    strcpy(share.symbol, "SHARE");
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = 1000000, .taker_ppb = 1000000}}};
    trd_instrument spec = trd_instrument_default();
    strcpy(spec.symbol, "SHARE");
    spec.px_max = 1000;
    spec.qty_max = 1000;
    spec.base_asset = RIG_SHARE;
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms};
    const bool made = engine != NULL && trd_engine_asset(engine, &usd) == RIG_USD &&
                      trd_engine_asset(engine, &share) == RIG_SHARE &&
                      trd_engine_fees(engine, &fees) == 0 && trd_engine_list(engine, &listing) == 0;
    return made ? engine : NULL;
}

/* Command `number`, from 1: accounts and money first, then orders, most of which trade, cancels,
 * now and then an order with an extension, and mass cancels, without which the engine would be full
 * of orders that nobody wants after a while. Slots. */
static inline uint32_t rig_command(uint64_t number, trd_command out[TRD_SLOTS_MAX]) {
    const uint32_t account = number % 2 == 0 ? RIG_ALICE : RIG_BOB;
    memset(out, 0, TRD_SLOTS_MAX * sizeof(*out));
    out->slots = 1;
    out->account = account;
    if (number <= RIG_ACCOUNTS) {
        out->kind = TRD_COMMAND_ACCOUNT;
        out->u.account = (trd_account_body){.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = TRD_MODE_FLAT,
            .enabled = 1};
        return 1;
    }
    if (number <= 6) {
        out->kind = TRD_COMMAND_TRANSFER;
        out->u.transfer = (trd_transfer_body){.action = TRD_TRANSFER_DEPOSIT,
            .asset = number <= 4 ? RIG_USD : RIG_SHARE,
            .amount = 1000000000};
        return 1;
    }
    if (number % 100 == 0) {
        out->kind = TRD_COMMAND_MASS_CANCEL;
        out->account = number % 200 == 0 ? RIG_ALICE : RIG_BOB;
        out->u.mass.filter = TRD_MASS_ACCOUNT;
        return 1;
    }
    trd_rng rng = trd__rng_seeded(number);
    if (trd__rng_below(&rng, 8) == 0) {
        out->kind = TRD_COMMAND_CANCEL;
        out->u.cancel.target = number - 2 * (1 + trd__rng_below(&rng, 10));
        return 1;
    }
    out->kind = TRD_COMMAND_NEW;
    out->u.order = (trd_new){.client_id = number,
        .px = (trd_px)(95 + trd__rng_below(&rng, 11)),
        .qty = (trd_qty)(1 + trd__rng_below(&rng, 9)),
        .side = (uint8_t)(1 + trd__rng_below(&rng, 2)),
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_GTC};
    if (trd__rng_below(&rng, 4) != 0) {
        return 1;
    }
    trd_ext_sizes *sizes = (trd_ext_sizes *)&out[1];
    sizes->kind = TRD_EXT_ORDER_SIZES;
    sizes->peak = 1;
    out->slots = 2;
    return 2;
}

/* What a bare engine has made of commands 1 to n: event number e, from 1, is at at[e], and follows
 * from command by[e]. */
typedef struct rig_story {
    trd_engine *engine;
    trd_event *slots;
    uint32_t count; /* slots */
    uint32_t at[RIG_EVENTS];
    uint64_t by[RIG_EVENTS];
    uint64_t events;
    uint64_t commands;
} rig_story;

/* Executes one command more, at time `time`. False: there is no room, or it did not run. */
static inline bool rig_tell(rig_story *s, const trd_command *record, trd_ns time) {
    trd_command own[TRD_SLOTS_MAX];
    memcpy(own, record, record->slots * sizeof(*own));
    own->seq = ++s->commands;
    own->time = time;
    trd_out out = {.events = s->slots + s->count, .capacity = 4096};
    if (s->count + out.capacity > RIG_EVENTS || trd_engine_step(s->engine, own, &out) != TRD_OK) {
        return false;
    }
    for (uint32_t at = 0; at < out.count; at += out.events[at].slots) {
        s->events++;
        s->at[s->events] = s->count + at;
        s->by[s->events] = s->commands;
    }
    s->count += out.count;
    return true;
}

static inline rig_story *rig_story_new(void) {
    rig_story *s = calloc(1, sizeof(*s));
    s->engine = rig_engine();
    s->slots = calloc(RIG_EVENTS, sizeof(*s->slots));
    return s;
}

static inline void rig_story_free(rig_story *s) {
    trd_engine_destroy(s->engine);
    free(s->slots);
    free(s);
}

/* Commands 1 to `commands`, stamped with their numbers. */
static inline rig_story *rig_story_of(uint64_t commands) {
    rig_story *s = rig_story_new();
    for (uint64_t i = 1; i <= commands; i++) {
        trd_command record[TRD_SLOTS_MAX];
        rig_command(i, record);
        if (!rig_tell(s, record, (trd_ns)i)) {
            abort();
        }
    }
    return s;
}

#endif
