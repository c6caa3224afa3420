/* export.c - an engine as lines of JSON: docs/formats/export.md. One function per kind of record
 * makes the next line of its section, until there is none. */
#include <tradsys/export.h>

#include "engine/image.h"
#include "engine/line.h"
#include "engine/state.h"
#include "match/rich.h"

_Static_assert(sizeof(((trd_exporter *)NULL)->walk) == sizeof(trd_walk), "kept as numbers");

#define INT(line, of, field) trd__line_int(line, #field, (of)->field)

static const trd_match *match_of(const trd_exporter *x) {
    return trd__engine_match(x->engine);
}

static const trd_accounts *accounts_of(const trd_exporter *x) {
    return trd__engine_accounts(x->engine);
}

static const trd_risk *risk_of(const trd_exporter *x) {
    return trd__engine_risk(x->engine);
}

/* --- what there is ---------------------------------------------------------------------------- */

static bool put_engine(trd_exporter *x, trd_line *line) {
    if (x->at++ != 0) {
        return false;
    }
    const trd_match *match = match_of(x);
    const trd_accounts *a = accounts_of(x);
    trd__line_begin(line, "engine");
    trd__line_int(line, "format", TRD_EXPORT_FORMAT);
    trd__line_int(line, "version", TRD_VERSION);
    trd__line_int(line, "time", match->time);
    trd__line_int(line, "seq", (trd_wide)x->engine->seq);
    trd__line_int(line, "events", (trd_wide)match->seq);
    INT(line, &a->def, assets_max);
    INT(line, &a->def, instruments_max);
    INT(line, &a->def, accounts_max);
    INT(line, &a->def, balances_max);
    INT(line, &a->def, positions_max);
    INT(line, &a->def, orders_max);
    INT(line, &risk_of(x)->def, parents_max);
    INT(line, &a->def, valuation_asset);
    INT(line, a, day);
    INT(line, a, period);
    trd__line_end(line);
    return true;
}

static bool put_asset(trd_exporter *x, trd_line *line) {
    const trd_accounts *a = accounts_of(x);
    if (x->at >= a->assets) {
        return false;
    }
    const trd_acct_asset *asset = trd__asset(a, (uint32_t)x->at);
    trd__line_begin(line, "asset");
    trd__line_int(line, "asset", (trd_wide)x->at++);
    trd__line_text(line, "symbol", asset->symbol);
    INT(line, asset, scale);
    if (asset->numerator != 0) {
        INT(line, asset, numerator);
        INT(line, asset, denominator);
    }
    INT(line, asset, haircut_ppm);
    if (asset->has_cap != 0) {
        INT(line, asset, cap);
    }
    trd__line_list(line, "venue");
    for (int i = 0; i < TRD_VENUE_COUNT; i++) {
        trd__line_item(line, asset->venue[i]);
    }
    trd__line_list_end(line);
    trd__line_end(line);
    return true;
}

static bool put_fees(trd_exporter *x, trd_line *line) {
    const trd_accounts *a = accounts_of(x);
    if (x->at >= a->tables) {
        return false;
    }
    const trd_fee_table *table = trd__fee_table(a, (uint32_t)x->at);
    trd__line_begin(line, "fees");
    trd__line_int(line, "table", (trd_wide)x->at++);
    trd__line_list(line, "tiers");
    for (uint32_t i = 0; i < table->tier_count; i++) {
        trd__line_row(line);
        trd__line_item(line, table->tiers[i].volume);
        trd__line_item(line, table->tiers[i].maker_ppb);
        trd__line_item(line, table->tiers[i].taker_ppb);
        trd__line_list_end(line);
    }
    trd__line_list_end(line);
    INT(line, table, pays_in);
    INT(line, table, discount_ppm);
    trd__line_end(line);
    return true;
}

static void put_spec(trd_line *line, const trd_instrument *spec) {
    trd__line_text(line, "symbol", spec->symbol);
    INT(line, spec, kind);
    INT(line, spec, option);
    INT(line, spec, px_scale);
    INT(line, spec, qty_scale);
    INT(line, spec, tick_size);
    INT(line, spec, lot_size);
    INT(line, spec, px_min);
    INT(line, spec, px_max);
    INT(line, spec, qty_min);
    INT(line, spec, qty_max);
    INT(line, spec, lot_step);
    INT(line, spec, notional_min);
    INT(line, spec, notional_max);
    INT(line, spec, numerator);
    INT(line, spec, denominator);
    INT(line, spec, base_asset);
    INT(line, spec, quote_asset);
    INT(line, spec, settle_asset);
    INT(line, spec, profile);
    INT(line, spec, strike);
    INT(line, spec, expiry);
    trd__line_list(line, "tiers");
    for (uint32_t i = 0; i < spec->tier_count; i++) {
        trd__line_row(line);
        trd__line_item(line, spec->tiers[i].from);
        trd__line_item(line, spec->tiers[i].step);
        trd__line_list_end(line);
    }
    trd__line_list_end(line);
}

static void put_terms(trd_line *line, const trd_acct_listing *listing) {
    INT(line, listing, settle_days);
    INT(line, listing, delivery);
    INT(line, listing, fees);
    trd__line_list(line, "taxes");
    for (uint32_t i = 0; i < listing->tax_count; i++) {
        trd__line_row(line);
        trd__line_item(line, listing->taxes[i].buyer_ppb);
        trd__line_item(line, listing->taxes[i].seller_ppb);
        trd__line_list_end(line);
    }
    trd__line_list_end(line);
    INT(line, listing, outside);
    if (listing->has_mark != 0) {
        INT(line, listing, mark);
    }
}

static bool put_instrument(trd_exporter *x, trd_line *line) {
    const trd_match *match = match_of(x);
    if (x->at >= match->instruments) {
        return false;
    }
    const uint32_t number = (uint32_t)x->at++;
    const trd_listing *listing = trd__listing(match, number);
    trd__line_begin(line, "instrument");
    trd__line_int(line, "instrument", number);
    put_spec(line, &listing->spec);
    put_terms(line, trd__listed(accounts_of(x), number));
    trd__line_int(line, "state", trd__desk(match, number)->state);
    trd__line_int(line, "disabled", trd__risk_market(risk_of(x), number)->is_disabled);
    if (listing->has_last != 0) {
        INT(line, listing, last);
    }
    trd__line_end(line);
    return true;
}

static void put_lists(trd_line *line, const trd_profile *profile) {
    trd__line_list(line, "ties");
    for (int i = 0; i < TRD_TIES_MAX && profile->ties[i] != TRD_TIE_NONE; i++) {
        trd__line_item(line, profile->ties[i]);
    }
    trd__line_list_end(line);
    trd__line_list(line, "lead");
    for (int i = 0; i < TRD_LEAD_MAKERS_MAX; i++) {
        if (profile->lead[i].percent != 0) {
            trd__line_row(line);
            trd__line_item(line, profile->lead[i].account);
            trd__line_item(line, profile->lead[i].percent);
            trd__line_list_end(line);
        }
    }
    trd__line_list_end(line);
}

static bool put_profile(trd_exporter *x, trd_line *line) {
    const trd_match *match = match_of(x);
    if (x->at >= match->instruments) {
        return false;
    }
    const uint32_t number = (uint32_t)x->at++;
    const trd_profile *profile = &trd__desk(match, number)->profile;
    trd__line_begin(line, "profile");
    trd__line_int(line, "instrument", number);
    INT(line, profile, allocation);
    INT(line, profile, fifo_percent);
    INT(line, profile, band_action);
    INT(line, profile, band_source);
    INT(line, profile, band_whole);
    INT(line, profile, limit_auction);
    INT(line, profile, band_below);
    INT(line, profile, band_above);
    INT(line, profile, prorata_min);
    INT(line, profile, top_min);
    INT(line, profile, top_max);
    INT(line, profile, limit_wait);
    INT(line, profile, limit_pause);
    INT(line, profile, breaker_window);
    INT(line, profile, breaker_pause);
    INT(line, profile, breaker_variation);
    put_lists(line, profile);
    trd__line_end(line);
    return true;
}

static bool put_model(trd_exporter *x, trd_line *line) {
    const trd_risk *risk = risk_of(x);
    while (
        x->at < match_of(x)->instruments && trd__risk_market(risk, (uint32_t)x->at)->model == 0) {
        x->at++;
    }
    if (x->at >= match_of(x)->instruments) {
        return false;
    }
    const uint32_t number = (uint32_t)x->at++;
    const trd_margin_model *model = trd__risk_model(risk, trd__risk_market(risk, number)->model);
    trd__line_begin(line, "model");
    trd__line_int(line, "instrument", number);
    INT(line, model, kind);
    INT(line, model, leverage_centi);
    trd__line_list(line, "tiers");
    for (uint32_t i = 0; i < model->tier_count; i++) {
        trd__line_row(line);
        trd__line_item(line, model->tiers[i].floor);
        trd__line_item(line, model->tiers[i].maintenance_ppm);
        trd__line_item(line, model->tiers[i].initial_ppm);
        trd__line_list_end(line);
    }
    trd__line_list_end(line);
    trd__line_end(line);
    return true;
}

/* --- who may do what -------------------------------------------------------------------------- */

static bool put_role(trd_exporter *x, trd_line *line) {
    const trd_risk *risk = risk_of(x);
    const trd_map_slot *slots = trd__role_slots(risk);
    const uint64_t count = (uint64_t)risk->role_map.buckets * TRD_MAP_WAYS;
    while (x->at < count && trd__map_ref(slots, (uint32_t)x->at) == 0) {
        x->at++;
    }
    if (x->at >= count) {
        return false;
    }
    const uint32_t slot = (uint32_t)x->at++;
    const uint32_t account = (uint32_t)slots[slot].id; /* 0: all, else 1 + account */
    trd__line_begin(line, "role");
    trd__line_int(line, "actor", (trd_wide)(slots[slot].id >> 32));
    if (account != 0) {
        trd__line_int(line, "account", account - 1);
    }
    trd__line_int(line, "role", trd__map_ref(slots, slot));
    trd__line_end(line);
    return true;
}

/* The node at a place of the list firm, accounts, instruments, slots of the map; NULL behind the
 * last. *l gets its scope and names; an empty slot has no scope. */
static const trd_risk_node *node_at(const trd_risk *risk, uint64_t at, trd_limit *l) {
    const uint64_t accounts_end = 1 + (uint64_t)risk->def.accounts_max;
    const uint64_t markets_end = accounts_end + risk->def.instruments_max;
    const trd_map_slot *slots = trd__pool_slots(risk);
    *l = (trd_limit){0};
    if (at == 0) {
        l->scope = TRD_LIMIT_FIRM;
        return &risk->firm;
    }
    if (at < accounts_end) {
        l->scope = TRD_LIMIT_ACCOUNT;
        l->account = (uint32_t)(at - 1);
        return trd__risk_account(risk, l->account);
    }
    if (at < markets_end) {
        l->scope = TRD_LIMIT_INSTRUMENT;
        l->instrument = (uint32_t)(at - accounts_end);
        return &trd__risk_market(risk, l->instrument)->node;
    }
    if (at - markets_end >= (uint64_t)risk->pool_map.buckets * TRD_MAP_WAYS) {
        return NULL;
    }
    const trd_map_slot *slot = &slots[at - markets_end];
    const uint32_t number = slot->ref & TRD_MAP_REF;
    l->scope = number != 0 ? (uint8_t)slot->scope : 0;
    l->account = l->scope == TRD_LIMIT_PAIR ? (uint32_t)(slot->id >> 32) : 0;
    l->instrument = l->scope == TRD_LIMIT_PAIR ? (uint32_t)slot->id : 0;
    l->actor = l->scope == TRD_LIMIT_ACTOR ? (uint32_t)slot->id : 0;
    l->tag = l->scope == TRD_LIMIT_TAG ? slot->id : 0;
    return trd__risk_pooled(risk, number);
}

static void put_one_limit(trd_line *line, const trd_limit *l, bool is_latched) {
    trd__line_begin(line, "limit");
    INT(line, l, limit);
    INT(line, l, scope);
    if (l->scope == TRD_LIMIT_ACCOUNT || l->scope == TRD_LIMIT_PAIR) {
        INT(line, l, account);
    }
    if (l->scope == TRD_LIMIT_INSTRUMENT || l->scope == TRD_LIMIT_PAIR) {
        INT(line, l, instrument);
    }
    if (l->scope == TRD_LIMIT_ACTOR) {
        INT(line, l, actor);
    }
    if (l->scope == TRD_LIMIT_TAG) {
        trd__line_int(line, "tag", (trd_wide)l->tag);
    }
    INT(line, l, value);
    INT(line, l, window);
    trd__line_int(line, "burst", (trd_wide)l->burst);
    trd__line_int(line, "latched", is_latched);
    trd__line_end(line);
}

static bool put_limit(trd_exporter *x, trd_line *line) {
    const trd_risk *risk = risk_of(x);
    trd_limit l;
    const trd_risk_node *node;
    for (; (node = node_at(risk, x->at, &l)) != NULL; x->at++, x->sub = 0) {
        for (; l.scope != 0 && x->sub < TRD_LIMIT_COUNT; x->sub++) {
            if ((node->mask & trd__bit(x->sub)) != 0) {
                l.limit = (uint8_t)x->sub++;
                const int result = trd_risk_limit_get(risk, &l);
                trd_assert(result == TRD_OK);
                put_one_limit(line, &l,
                    l.limit == TRD_LIMIT_EXECUTIONS &&
                        (node->mask & trd__bit(TRD_RISK_LATCHED)) != 0);
                return true;
            }
        }
    }
    return false;
}

static bool put_parent(trd_exporter *x, trd_line *line) {
    const trd_risk *risk = risk_of(x);
    while (x->at < risk->parents && trd__risk_parent(risk, (uint32_t)x->at + 1)->id == 0) {
        x->at++;
    }
    if (x->at >= risk->parents) {
        return false;
    }
    const trd_risk_parent_row *parent = trd__risk_parent(risk, (uint32_t)++x->at);
    trd__line_begin(line, "parent");
    INT(line, parent, account);
    trd__line_int(line, "parent", (trd_wide)parent->id);
    INT(line, parent, instrument);
    INT(line, parent, side);
    INT(line, parent, qty);
    INT(line, parent, executed);
    INT(line, parent, open);
    trd__line_end(line);
    return true;
}

/* --- who has what ----------------------------------------------------------------------------- */

static bool put_account(trd_exporter *x, trd_line *line) {
    const trd_accounts *a = accounts_of(x);
    trd_account terms;
    while (x->at < a->def.accounts_max && trd_accounts_get(a, (uint32_t)x->at, &terms) != TRD_OK) {
        x->at++;
    }
    if (x->at >= a->def.accounts_max) {
        return false;
    }
    trd__line_begin(line, "account");
    trd__line_int(line, "account", (trd_wide)x->at++);
    if (terms.parent != 0) {
        trd__line_int(line, "parent", terms.parent - 1);
    }
    trd__line_int(line, "group", (trd_wide)terms.group);
    INT(line, &terms, fees);
    INT(line, &terms, leverage);
    INT(line, &terms, role);
    INT(line, &terms, mode);
    INT(line, &terms, hedge);
    INT(line, &terms, enabled);
    trd__line_end(line);
    return true;
}

static bool put_balance(trd_exporter *x, trd_line *line) {
    const trd_accounts *a = accounts_of(x);
    if (x->at >= a->purses) {
        return false;
    }
    const trd_acct_purse *purse = trd__purse(a, (uint32_t)++x->at);
    trd__line_begin(line, "balance");
    INT(line, purse, account);
    INT(line, purse, asset);
    INT(line, purse, free);
    INT(line, purse, locked);
    INT(line, purse, unsettled);
    INT(line, purse, debt);
    INT(line, purse, cause);
    trd__line_end(line);
    return true;
}

static bool put_position(trd_exporter *x, trd_line *line) {
    const trd_accounts *a = accounts_of(x);
    if (x->at >= a->entries) {
        return false;
    }
    const trd_acct_entry *entry = trd__entry(a, (uint32_t)++x->at);
    trd__line_begin(line, "position");
    INT(line, entry, account);
    INT(line, entry, instrument);
    INT(line, entry, side);
    INT(line, entry, qty);
    INT(line, entry, cost);
    INT(line, entry, realised);
    INT(line, entry, fees);
    INT(line, entry, funding);
    INT(line, entry, collateral);
    trd__line_end(line);
    return true;
}

/* --- orders ----------------------------------------------------------------------------------- */

static void put_one_order(trd_exporter *x, trd_line *line, uint32_t unit) {
    const trd_match *match = match_of(x);
    const trd_node *node = trd__order(match, unit);
    trd_order_info info;
    trd_held held;
    const trd_order order = trd__store_handle(node, unit);
    const int result = trd_match_order(match, order, &info);
    trd_assert(result == TRD_OK);
    trd__line_begin(line, "order");
    INT(line, &info, instrument);
    INT(line, &info, account);
    trd__line_int(line, "order", (trd_wide)info.order);
    trd__line_int(line, "client_id", (trd_wide)info.client_id);
    INT(line, &info, side);
    INT(line, &info, type);
    INT(line, &info, tif);
    INT(line, &info, exec);
    INT(line, &info, stp);
    INT(line, &info, where);
    INT(line, &info, px);
    INT(line, &info, leaves);
    INT(line, &info, executed);
    INT(line, &info, displayed);
    INT(line, &info, prevented);
    INT(line, &info, trigger);
    INT(line, node, actor);
    const uint32_t special = trd__special_of(node);
    if (special != 0 && trd__special(match, special)->parent != 0) {
        trd__line_int(line, "parent", (trd_wide)trd__special(match, special)->parent);
    }
    if (trd_accounts_held(accounts_of(x), order, &held) == TRD_OK) {
        trd__line_int(line, "held", held.amount);
        trd__line_int(line, "held_asset", held.asset);
    }
    trd__line_end(line);
}

static bool put_order(trd_exporter *x, trd_line *line) {
    const trd_match *match = match_of(x);
    for (; x->at < match->instruments; x->at++) {
        trd_walk walk;
        memcpy(&walk, x->walk, sizeof(walk));
        const uint32_t unit = trd__walk_next(match, (uint32_t)x->at, &walk);
        memcpy(x->walk, &walk, sizeof(walk));
        if (unit != 0) {
            put_one_order(x, line, unit);
            return true;
        }
        memset(x->walk, 0, sizeof(x->walk));
    }
    return false;
}

static bool put_end(trd_exporter *x, trd_line *line) {
    trd__line_begin(line, "end");
    trd__line_int(line, "lines", (trd_wide)x->lines + 1);
    trd__line_end(line);
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool (*const sections[])(trd_exporter *, trd_line *) = {put_engine, put_asset, put_fees,
    put_instrument, put_profile, put_model, put_role, put_limit, put_parent, put_account,
    put_balance, put_position, put_order, put_end};

enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

/* Makes the next line; false if there is none. The last section has one. */
static bool next_line(trd_exporter *x) {
    trd_line line = {x->line, 0, sizeof(x->line)};
    while (x->section < SECTIONS) {
        if (sections[x->section](x, &line)) {
            x->lines++;
            x->line_at = 0;
            x->line_size = line.size;
            x->section += x->section == SECTIONS - 1;
            return true;
        }
        x->section++;
        x->at = 0;
        x->sub = 0;
    }
    return false;
}

static bool has_gone_on(const trd_exporter *x) {
    return x->engine->stage != TRD_ENGINE_IDLE || match_of(x)->commands != x->commands;
}

int trd_export_begin(trd_exporter *exporter, const trd_engine *engine) {
    const int result = trd__image_ask(engine, exporter);
    if (result != TRD_OK) {
        return result;
    }
    *exporter = (trd_exporter){.engine = engine, .commands = trd__engine_match(engine)->commands};
    return TRD_OK;
}

int trd_export_write(trd_exporter *exporter, char *out, size_t size, size_t *written) {
    if (exporter == NULL || out == NULL || size == 0 || written == NULL) {
        return TRD_E_ARG;
    }
    if (has_gone_on(exporter)) {
        return TRD_E_BUSY;
    }
    size_t at = 0;
    while (exporter->line_at < exporter->line_size || next_line(exporter)) {
        const size_t left = exporter->line_size - exporter->line_at;
        const size_t taken = left < size - at ? left : size - at;
        memcpy(out + at, exporter->line + exporter->line_at, taken);
        exporter->line_at += (uint32_t)taken;
        at += taken;
        if (at == size) {
            break;
        }
    }
    *written = at;
    const bool is_over = exporter->section == SECTIONS && exporter->line_at == exporter->line_size;
    return is_over ? TRD_OK : TRD_MORE;
}
