/* pos.c - the table of net quantities. */
#include "pos/pos.h"

#include <string.h>

static uint64_t key_of(uint32_t account, uint32_t instrument) {
    return (uint64_t)account << 32 | instrument;
}

void trd__pos_layout(trd_layout *at, uint32_t capacity, trd_pos *pos, const void *origin) {
    const uint32_t buckets = capacity != 0 ? trd__map_buckets(capacity) : 0;
    const size_t slots_at =
        trd__layout_add(at, buckets, sizeof(trd_map_slot) * TRD_MAP_WAYS, TRD_LINE);
    const size_t entries_at = trd__layout_add(
        at, capacity != 0 ? (size_t)capacity + 1 : 0, sizeof(trd_pos_entry), TRD_LINE);
    if (pos == NULL) {
        return;
    }
    const size_t shift = (size_t)((const char *)pos - (const char *)origin);
    *pos = (trd_pos){.map = {.buckets = buckets},
        .slots_at = slots_at - shift,
        .entries_at = entries_at - shift,
        .capacity = capacity};
    trd__pos_reset(pos);
}

void trd__pos_reset(trd_pos *pos) {
    pos->map.count = 0;
    pos->count = 0;
    pos->free = 0;
    if (pos->capacity == 0) {
        return;
    }
    memset(trd__pos_slots(pos), 0, (size_t)pos->map.buckets * TRD_MAP_WAYS * sizeof(trd_map_slot));
    memset(trd__pos_entry(pos, 0), 0, ((size_t)pos->capacity + 1) * sizeof(trd_pos_entry));
    for (uint32_t number = pos->capacity; number > 0; number--) {
        trd__pos_entry(pos, number)->next_free = pos->free;
        pos->free = number;
    }
}

uint32_t trd__pos_find(const trd_pos *pos, uint32_t account, uint32_t instrument, uint32_t side) {
    const uint64_t key = key_of(account, instrument);
    const trd_map_slot *slots = trd__pos_slots(pos);
    const uint32_t slot =
        trd__map_find(&pos->map, slots, trd__map_home(&pos->map, key, side), key, side);
    return slot != TRD_MAP_NONE ? trd__map_ref(slots, slot) : 0;
}

bool trd__pos_has_room(const trd_pos *pos, uint32_t account, uint32_t instrument, uint32_t side) {
    return pos->free != 0 || trd__pos_find(pos, account, instrument, side) != 0;
}

uint32_t trd__pos_hold(trd_pos *pos, uint32_t account, uint32_t instrument, uint32_t side) {
    uint32_t number = trd__pos_find(pos, account, instrument, side);
    if (number == 0) {
        number = pos->free;
        if (number == 0) {
            return 0;
        }
        const uint64_t key = key_of(account, instrument);
        trd_pos_entry *entry = trd__pos_entry(pos, number);
        pos->free = entry->next_free;
        pos->count++;
        *entry = (trd_pos_entry){.account = account, .instrument = instrument, .side = side};
        entry->slot = trd__map_put(
            &pos->map, trd__pos_slots(pos), trd__map_home(&pos->map, key, side), key, side, number);
    }
    trd__pos_entry(pos, number)->orders++;
    return number;
}

void trd__pos_release(trd_pos *pos, uint32_t number) {
    trd_pos_entry *entry = trd__pos_entry(pos, number);
    trd_assert(entry->orders > 0);
    entry->orders--;
    if (entry->orders == 0 && entry->qty == 0) {
        trd_assert(entry->first == 0);
        trd__map_erase(&pos->map, trd__pos_slots(pos), entry->slot);
        entry->next_free = pos->free;
        pos->free = number;
        pos->count--;
    }
}

int trd__pos_audit(const trd_pos *pos) {
    if (pos->capacity == 0) {
        return 0;
    }
    trd_audit(trd__map_audit(&pos->map, trd__pos_slots(pos)) == 0);
    trd_audit(pos->map.count == pos->count);
    uint32_t free = 0;
    for (uint32_t number = pos->free; number != 0;
         number = trd__pos_entry(pos, number)->next_free) {
        trd_audit(number <= pos->capacity && free < pos->capacity);
        free++;
    }
    trd_audit(free + pos->count == pos->capacity);
    for (uint32_t at = 0; at < pos->map.buckets * TRD_MAP_WAYS; at++) {
        const uint32_t number = trd__map_ref(trd__pos_slots(pos), at);
        if (number != 0) {
            const trd_pos_entry *entry = trd__pos_entry(pos, number);
            trd_audit(entry->slot == at);
            trd_audit(entry->orders > 0 || entry->qty != 0);
            trd_audit(entry->reducing[0] >= 0 && entry->reducing[1] >= 0);
        }
    }
    return 0;
}
