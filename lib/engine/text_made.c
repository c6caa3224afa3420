/* text_made.c - reading text into an engine whose block is not like that of the text.
 *
 * Rows keep their numbers, so what refers to them by number goes as it is: orders, positions,
 * balances, their lists and chains, queues, trees of trails, timers. What depends on how much room
 * there is is made anew: maps (their keys are put in as they come), levels by price (of the
 * levels), chains of free rows (the new ones go behind the old ones, so that the next rows that are
 * taken are the same), rings (unrolled, if they have become longer) and the set of accounts. */
#include "engine/text.h"

#include <string.h>

#include "match/rich.h"
#include "risk/state.h"

/* --- a table begins --------------------------------------------------------------------------- */

static void row_clear(const trd_rows *rows, const trd_region *region, uint64_t place,
    const trd_fields *fields, char *at) {
    for (uint32_t i = 0; i < fields->count; i++) {
        const trd_field *field = &fields->field[i];
        for (uint32_t k = 0; k < field->count; k++) {
            char *to = at + field->at + (uint64_t)k * field->size;
            if (field->kind == TRD_FIELD_ROWS) {
                row_clear(rows, region, place, field->of, to);
            } else if (trd__field_has_value(field)) {
                memset(to, 0, field->size);
                trd__row_put(rows, field, to, trd__row_usual(region, place, field));
            }
        }
    }
}

static trd_map *map_of(const trd_text_reader *reader, const trd_region *region) {
    return (trd_map *)(void *)((char *)reader->engine + region->map_at);
}

void trd__text_table(trd_text_reader *reader, const trd_rows *rows, const trd_region *region) {
    if (reader->is_remade != 0 && region->how != TRD_TABLE_ROWS) {
        if (region->how == TRD_TABLE_MAP) {
            map_of(reader, region)->count = 0;
        }
        return;
    }
    if (region->is_plain) {
        memset((char *)reader->engine + region->at, 0, region->count * region->stride);
        return;
    }
    /* What is not said of a row is as it was in a new engine of those days. */
    trd_region was = *region;
    was.count = reader->table_rows;
    for (uint64_t place = 0; place < region->count; place++) {
        char *at = (char *)reader->engine + trd__row_at(region, place);
        row_clear(rows, place < was.count ? &was : region, place, region->of, at);
    }
}

/* --- a row ------------------------------------------------------------------------------------ */

/* Order slots of ids that were found anew: no slot has this bit. TRD_MAP_NONE has it, too. */
static const uint32_t FOUND = (uint32_t)1 << 31;

/* Is it the id of a live order that had this slot? Then the order knows its new one. */
static void id_follow(trd_match *match, uint32_t number, uint32_t was, uint32_t is) {
    trd_node *node = trd__order(match, trd__order_unit(number));
    if (node->level != 0 && node->id_slot == was) {
        node->id_slot = is | FOUND;
    }
}

static unsigned map_put(
    trd_text_reader *reader, const trd_region *region, uint64_t place, const trd_map_slot *slot) {
    trd_map *map = map_of(reader, region);
    trd_map_slot *slots = (trd_map_slot *)(void *)((char *)reader->engine + region->at);
    const uint32_t ref = slot->ref & TRD_MAP_REF;
    if (ref == 0) {
        return TRD_TEXT_NO_FAULT; /* left behind, or about the bucket */
    }
    const uint32_t home = trd__map_home(map, slot->id, slot->scope);
    if (ref > region->map_limit) {
        return TRD_TEXT_VALUE;
    }
    if (trd__map_find(map, slots, home, slot->id, slot->scope) != TRD_MAP_NONE) {
        return TRD_TEXT_ORDER;
    }
    if (map->count / 2 >= map->buckets) {
        return TRD_TEXT_ROOM;
    }
    const uint32_t is = trd__map_put(map, slots, home, slot->id, slot->scope, ref);
    if (map == &trd__engine_match(reader->engine)->ids) {
        id_follow(trd__engine_match(reader->engine), ref, (uint32_t)place, is);
    }
    return TRD_TEXT_NO_FAULT;
}

static uint32_t mask_of(uint32_t ids_max) {
    uint32_t slots = 1;
    while (slots < ids_max) {
        slots *= 2;
    }
    return slots - 1;
}

/* Ended ids that were remembered. */
static uint64_t remembered(const trd_text_reader *reader) {
    const uint64_t ended = trd__engine_match(reader->engine)->ended;
    const uint64_t most = reader->head.match.ids_max;
    return ended < most ? ended : most;
}

static unsigned ended_put(trd_text_reader *reader, uint64_t place, const trd_text_ended *ended) {
    trd_match *match = trd__engine_match(reader->engine);
    const uint64_t behind = (match->ended - 1 - place) & mask_of(reader->head.match.ids_max);
    if (behind >= remembered(reader)) {
        return TRD_TEXT_NO_FAULT;
    }
    const uint32_t slot = trd__map_find(&match->ids, trd__id_slots(match),
        trd__map_home(&match->ids, ended->id, ended->account), ended->id, ended->account);
    if (slot == TRD_MAP_NONE) {
        return TRD_TEXT_VALUE;
    }
    const bool is_longer = match->ids_max != reader->head.match.ids_max;
    const uint64_t count = is_longer ? remembered(reader) : match->ended;
    trd__ended(match)[(count - 1 - behind) & match->ended_mask] = slot;
    return TRD_TEXT_NO_FAULT;
}

/* A word of the lowest level of the set; those above it follow. */
static void set_put(trd_text_reader *reader, uint64_t place, uint64_t word) {
    trd_accounts *accounts = trd__engine_accounts(reader->engine);
    if (place >= trd__set_above(reader->head.accounts.accounts_max)) {
        return;
    }
    for (uint64_t left = word; left != 0; left &= left - 1) {
        const uint64_t account = place * 64 + (uint64_t)__builtin_ctzll(left);
        if (account < accounts->def.accounts_max) {
            trd__acct_touch(accounts, (uint32_t)account);
        }
    }
}

/* Does the ring of accepted orders become longer, and was it full? */
static bool is_unrolled(const trd_text_reader *reader) {
    const trd_risk *risk = trd__engine_risk(reader->engine);
    return risk->def.repeats_max != reader->head.risk.repeats_max &&
           risk->repeats == reader->head.risk.repeats_max;
}

static void repeat_put(trd_text_reader *reader, uint64_t place, const trd_risk_repeat *row) {
    const trd_risk *risk = trd__engine_risk(reader->engine);
    const uint64_t most = reader->head.risk.repeats_max;
    const uint64_t at =
        is_unrolled(reader) ? (place + most - risk->repeat_last % most) % most : place;
    *trd__risk_repeat(risk, (uint32_t)at + 1) = *row;
}

unsigned trd__text_row(
    trd_text_reader *reader, const trd_region *region, uint64_t place, const trd_text_row *row) {
    switch (region->how) {
    case TRD_TABLE_MAP:
        return map_put(reader, region, place, &row->u.slot);
    case TRD_TABLE_ENDED:
        return ended_put(reader, place, &row->u.ended);
    case TRD_TABLE_SET:
        set_put(reader, place, row->u.word);
        return TRD_TEXT_NO_FAULT;
    case TRD_TABLE_REPEATS:
        repeat_put(reader, place, &row->u.repeat);
        return TRD_TEXT_NO_FAULT;
    default:
        return TRD_TEXT_NO_FAULT;
    }
}

/* --- a table ends ----------------------------------------------------------------------------- */

/* The field of a free row that names the next one. */
static const trd_field *next_field(const trd_fields *fields, uint64_t *at) {
    for (uint32_t i = 0; i < fields->count; i++) {
        const trd_field *field = &fields->field[i];
        *at = field->at;
        if (field->usual == TRD_USUALLY_NEXT) {
            return field;
        }
        uint64_t within = 0;
        const trd_field *found = field->of != NULL ? next_field(field->of, &within) : NULL;
        if (found != NULL) {
            *at += within;
            return found;
        }
    }
    return NULL;
}

/* The place of the row with this number, as the field holds it. */
static uint64_t place_of(const trd_region *region, trd_wide number) {
    return (uint64_t)((number - region->next_from) / region->next_step + 1);
}

static trd_wide number_of(const trd_region *region, uint64_t place) {
    return region->next_from + region->next_step * ((trd_wide)place - 1);
}

unsigned trd__text_table_end(
    trd_text_reader *reader, const trd_rows *rows, const trd_region *region) {
    if (region->free_at == 0 || reader->table_rows == 0 || reader->table_rows == region->count) {
        return TRD_TEXT_NO_FAULT;
    }
    uint64_t at = 0;
    const trd_field *field = next_field(region->of, &at);
    char *next = (char *)reader->engine + region->free_at;
    for (uint64_t i = 0; i <= reader->table_rows; i++) {
        const trd_wide number = trd__row_get(rows, field, next);
        if (number == region->next_last) {
            trd__row_put(rows, field, next, number_of(region, reader->table_rows));
            return TRD_TEXT_NO_FAULT;
        }
        const uint64_t place = place_of(region, number);
        if (place >= reader->table_rows) {
            break;
        }
        next = (char *)reader->engine + trd__row_at(region, place) + at;
    }
    return TRD_TEXT_AUDIT; /* it leaves the table, or goes round */
}

/* --- all tables have ended -------------------------------------------------------------------- */

/* Every live order has found its id; those of quotes have none. */
static bool ids_settle(trd_match *match) {
    for (uint32_t number = 1; number <= match->store.orders_max; number++) {
        trd_node *node = trd__order(match, trd__order_unit(number));
        if (node->id_slot == TRD_MAP_NONE) {
            continue;
        }
        if (node->level != 0 && (node->id_slot & FOUND) == 0) {
            return false;
        }
        node->id_slot &= ~FOUND;
    }
    return true;
}

/* Rows that name their slot in a map. */
static void slots_settle(const trd_match *match) {
    const trd_map_slot *net = trd__pos_slots(&match->positions);
    const trd_map_slot *quotes = trd__quote_slots(match);
    const trd_map_slot *groups = trd__region(match, match->groups.slots_at);
    trd_group *group = trd__region(match, match->groups.rows_at);
    for (uint32_t i = 0; i < match->positions.map.buckets * TRD_MAP_WAYS; i++) {
        if (trd__map_ref(net, i) != 0) {
            trd__pos_entry(&match->positions, trd__map_ref(net, i))->slot = i;
        }
    }
    for (uint32_t i = 0; i < match->quotes.map.buckets * TRD_MAP_WAYS; i++) {
        if (trd__map_ref(quotes, i) != 0) {
            trd__quote_row(match, trd__map_ref(quotes, i))->slot = i;
        }
    }
    for (uint32_t i = 0; i < match->groups.map.buckets * TRD_MAP_WAYS; i++) {
        if (trd__map_ref(groups, i) != 0) {
            group[trd__map_ref(groups, i)].slot = i;
        }
    }
}

unsigned trd__text_remake(trd_text_reader *reader) {
    trd_match *match = trd__engine_match(reader->engine);
    trd_risk *risk = trd__engine_risk(reader->engine);
    if (!ids_settle(match) || !trd__store_remake(&match->store, match->specials_max)) {
        return TRD_TEXT_AUDIT;
    }
    slots_settle(match);
    if (match->ids_max != reader->head.match.ids_max) {
        match->ended = remembered(reader);
    }
    if (is_unrolled(reader)) {
        risk->repeat_last = risk->repeats;
    }
    return trd__repeats_remake(risk) ? TRD_TEXT_NO_FAULT : TRD_TEXT_AUDIT;
}
