/* conflate.c - levels that wait: entries in a list by seq, found by an index with linear probing.
 *
 * An entry that is taken out leaves no tombstone: what stands behind it in the index moves up, so
 * probes stay short whatever came and went. */
#include "io/conflate.h"

#include <string.h>

#include "core/assert.h"
#include "core/hash.h"
#include "core/layout.h"

typedef struct entry {
    trd_event event;
    uint32_t before, behind; /* in the list, entry + 1; behind: also of free ones */
    uint32_t at;             /* place in the index */
    uint32_t reserved;
} entry;

typedef struct shape {
    size_t entries, index, size;
    uint32_t places;
} shape;

static shape shape_of(uint32_t capacity) {
    trd_layout at = {0};
    shape s = {.places = 4};
    while (s.places < 2 * capacity) {
        s.places *= 2;
    }
    trd__layout_add(&at, 1, sizeof(trd__conflate), TRD_LINE);
    s.entries = trd__layout_add(&at, capacity, sizeof(entry), TRD_LINE);
    s.index = trd__layout_add(&at, s.places, sizeof(uint32_t), TRD_LINE);
    s.size = trd__layout_size(&at, TRD_LINE);
    return s;
}

/* The table's own offsets follow from its capacity and mask alone. */
static entry *entry_at(const trd__conflate *t, uint32_t number) {
    const size_t head = (sizeof(*t) + TRD_LINE - 1) / TRD_LINE * TRD_LINE;
    return (entry *)((uintptr_t)t + head) + (number - 1);
}

static uint32_t *index_of(const trd__conflate *t) {
    const size_t entries = (size_t)t->capacity * sizeof(entry);
    const size_t rounded = (entries + TRD_LINE - 1) / TRD_LINE * TRD_LINE;
    return (uint32_t *)((uintptr_t)entry_at(t, 1) + rounded);
}

size_t trd__conflate_footprint(uint32_t capacity) {
    return shape_of(capacity).size;
}

trd__conflate *trd__conflate_init(void *mem, uint32_t capacity) {
    const shape s = shape_of(capacity);
    memset(mem, 0, s.size);
    trd__conflate *t = mem;
    t->capacity = capacity;
    t->mask = s.places - 1;
    trd_assert((uintptr_t)entry_at(t, 1) == (uintptr_t)mem + s.entries);
    trd_assert((uintptr_t)index_of(t) == (uintptr_t)mem + s.index);
    trd__conflate_clear(t);
    return t;
}

void trd__conflate_clear(trd__conflate *table) {
    memset(index_of(table), 0, ((size_t)table->mask + 1) * sizeof(uint32_t));
    for (uint32_t number = 1; number <= table->capacity; number++) {
        entry_at(table, number)->behind = number < table->capacity ? number + 1 : 0;
    }
    table->unused = 1;
    table->first = table->last = table->count = 0;
}

static uint32_t home_of(const trd__conflate *t, const trd_event *level) {
    const uint64_t key[2] = {
        (uint64_t)level->u.level.px, (uint64_t)level->instrument << 8 | level->side};
    return (uint32_t)trd__hash(key, sizeof(key), 0) & t->mask;
}

static bool is_same(const trd_event *a, const trd_event *b) {
    return a->u.level.px == b->u.level.px && a->instrument == b->instrument && a->side == b->side;
}

static void append(trd__conflate *t, uint32_t number) {
    entry *e = entry_at(t, number);
    e->before = t->last;
    e->behind = 0;
    if (t->last != 0) {
        entry_at(t, t->last)->behind = number;
    } else {
        t->first = number;
    }
    t->last = number;
}

static void unlink_entry(trd__conflate *t, const entry *e) {
    if (e->before != 0) {
        entry_at(t, e->before)->behind = e->behind;
    } else {
        t->first = e->behind;
    }
    if (e->behind != 0) {
        entry_at(t, e->behind)->before = e->before;
    } else {
        t->last = e->before;
    }
}

bool trd__conflate_add(trd__conflate *table, const trd_event *level) {
    table->since = table->count == 0 ? level->seq : table->since;
    uint32_t *index = index_of(table);
    uint32_t at = home_of(table, level);
    for (; index[at] != 0; at = (at + 1) & table->mask) {
        const uint32_t number = index[at];
        entry *e = entry_at(table, number);
        if (is_same(&e->event, level)) {
            e->event = *level;
            unlink_entry(table, e);
            append(table, number);
            table->replaced++;
            return true;
        }
    }
    if (table->unused == 0) {
        return false;
    }
    const uint32_t number = table->unused;
    entry *e = entry_at(table, number);
    table->unused = e->behind;
    e->event = *level;
    e->at = at;
    index[at] = number;
    append(table, number);
    table->count++;
    return true;
}

const trd_event *trd__conflate_first(const trd__conflate *table) {
    return table->first != 0 ? &entry_at(table, table->first)->event : NULL;
}

/* Closes the hole at `hole`: each entry of the run behind it that may stand there moves up. */
static void close_hole(trd__conflate *t, uint32_t hole) {
    uint32_t *index = index_of(t);
    for (uint32_t at = (hole + 1) & t->mask; index[at] != 0; at = (at + 1) & t->mask) {
        entry *e = entry_at(t, index[at]);
        const uint32_t home = home_of(t, &e->event);
        if (((at - home) & t->mask) >= ((at - hole) & t->mask)) {
            index[hole] = index[at];
            e->at = hole;
            hole = at;
        }
    }
    index[hole] = 0;
}

void trd__conflate_pop(trd__conflate *table) {
    trd_assert(table->count > 0);
    const uint32_t number = table->first;
    entry *e = entry_at(table, number);
    unlink_entry(table, e);
    close_hole(table, e->at);
    e->behind = table->unused;
    table->unused = number;
    table->count--;
}
