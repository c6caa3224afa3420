/* baseline.c - see baseline.h. One block of memory:
 *
 *   header | books | bitmap words | summary words | nodes | id array or hash slots
 *
 * Nodes [0, instruments << levels_log2) are the sentinels of the price levels: level `px` of book
 * `i` is the circular list around node (i << levels_log2) + px. Orders follow. With sentinels in
 * the same array a node is linked and unlinked without a branch, and an order knows its book and
 * price by the number of its level.
 *
 * One ladder serves both sides: a book is never crossed between commands, so levels up to the best
 * bid are bids and the others asks. The lowest and the highest level of each book are marked as
 * occupied for ever, so that a scan always ends: a best bid of 0, or a best ask of the highest
 * level, is an empty side, and no price ever crosses it.
 */
#include "baseline.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum { HEADER_SIZE = 128 };

typedef struct node {
    uint32_t next;
    uint32_t prev;
    uint32_t level; /* number of its sentinel */
    uint32_t leaves;
    uint32_t total;
    uint32_t reserved;
    uint64_t id;
} node;

typedef struct book {
    uint32_t best[2]; /* levels within this book: bid, ask */
} book;

typedef struct slot {
    uint64_t id; /* 0 is free */
    uint64_t node;
} slot;

struct baseline {
    node *nodes;
    book *books;
    uint64_t *words;     /* a bit per level, 2^(levels_log2 - 6) words per book */
    uint64_t *summaries; /* a bit per word, summary_count words per book */
    uint32_t *dense;     /* node by id, 0 is none (a sentinel) */
    slot *slots;         /* open addressing, linear probing */
    uint32_t levels_log2;
    uint32_t summary_count;
    uint32_t free; /* LIFO through node.next */
    uint32_t resting;
    uint32_t slot_shift;
    uint32_t slot_mask;
    bool sparse;
    tally sum;
};

_Static_assert(sizeof(node) == 32, "two orders, one cache line");
_Static_assert(sizeof(struct baseline) <= HEADER_SIZE, "the header keeps what follows aligned");

/* --- Memory ---------------------------------------------------------------------------------- */

typedef struct layout {
    size_t books, words, summaries, nodes, ids, size;
    uint32_t summary_count;
    uint32_t slots_log2;
} layout;

static size_t take(size_t *at, size_t size) {
    const size_t start = *at;
    *at += (size + 63) & ~(size_t)63;
    return start;
}

static layout plan(const baseline_def *def) {
    const size_t levels = (size_t)def->instruments << def->levels_log2;
    const uint32_t word_count = 1u << (def->levels_log2 - 6);
    layout at = {.summary_count = (word_count + 63) / 64};
    /* Between a quarter and half of the hash slots are in use when the book is full. */
    while ((1u << at.slots_log2) < def->orders_max * 2) {
        at.slots_log2++;
    }
    size_t end = HEADER_SIZE;
    at.books = take(&end, def->instruments * sizeof(book));
    at.words = take(&end, levels / 8);
    at.summaries = take(&end, (size_t)def->instruments * at.summary_count * 8);
    at.nodes = take(&end, (levels + def->orders_max) * sizeof(node));
    at.ids = take(&end, def->sparse ? sizeof(slot) << at.slots_log2 : (def->id_max + 1) * 4);
    at.size = end;
    return at;
}

size_t baseline_footprint(const baseline_def *def) {
    return plan(def).size;
}

static void nodes_init(baseline *base, const baseline_def *def) {
    const uint32_t levels = def->instruments << def->levels_log2;
    for (uint32_t i = 0; i < levels; i++) {
        base->nodes[i].next = i;
        base->nodes[i].prev = i;
    }
    for (uint32_t i = 0; i < def->orders_max; i++) {
        base->nodes[levels + i].next = levels + i + 1;
    }
    base->free = levels;
}

static void books_init(baseline *base, const baseline_def *def) {
    const uint32_t word_count = 1u << (def->levels_log2 - 6);
    for (uint32_t i = 0; i < def->instruments; i++) {
        uint64_t *words = base->words + (size_t)i * word_count;
        uint64_t *summary = base->summaries + (size_t)i * base->summary_count;
        words[0] = 1;
        words[word_count - 1] |= 1ull << 63;
        summary[0] = 1;
        summary[base->summary_count - 1] |= 1ull << ((word_count - 1) & 63);
        base->books[i].best[0] = 0;
        base->books[i].best[1] = (1u << def->levels_log2) - 1;
    }
}

baseline *baseline_init(void *mem, const baseline_def *def) {
    const layout at = plan(def);
    char *bytes = mem;
    memset(mem, 0, at.size);
    baseline *base = mem;
    base->books = (book *)(bytes + at.books);
    base->words = (uint64_t *)(bytes + at.words);
    base->summaries = (uint64_t *)(bytes + at.summaries);
    base->nodes = (node *)(bytes + at.nodes);
    base->dense = (uint32_t *)(bytes + at.ids);
    base->slots = (slot *)(bytes + at.ids);
    base->levels_log2 = def->levels_log2;
    base->summary_count = at.summary_count;
    base->slot_shift = 64 - at.slots_log2;
    base->slot_mask = (1u << at.slots_log2) - 1;
    base->sparse = def->sparse;
    nodes_init(base, def);
    books_init(base, def);
    return base;
}

/* --- Ids -------------------------------------------------------------------------------------- */

INLINE uint32_t slot_home(const baseline *base, uint64_t id) {
    return (uint32_t)((id * 0x9e3779b97f4a7c15u) >> base->slot_shift);
}

INLINE uint32_t slot_of(const baseline *base, uint64_t id) {
    uint32_t at = slot_home(base, id);
    while (base->slots[at].id != id && base->slots[at].id != 0) {
        at = (at + 1) & base->slot_mask;
    }
    return at;
}

/* Closes the gap at `hole` by moving back what would not be found any more. */
INLINE void slot_clear(baseline *base, uint32_t hole) {
    uint32_t at = hole;
    for (;;) {
        at = (at + 1) & base->slot_mask;
        if (base->slots[at].id == 0) {
            break;
        }
        const uint32_t home = slot_home(base, base->slots[at].id);
        if (((at - home) & base->slot_mask) >= ((at - hole) & base->slot_mask)) {
            base->slots[hole] = base->slots[at];
            hole = at;
        }
    }
    base->slots[hole].id = 0;
}

/* `sparse` is a constant in every caller of these: one copy of the engine for each. */
INLINE uint32_t id_get(const baseline *base, uint64_t id, bool sparse) {
    if (!sparse) {
        return base->dense[id];
    }
    const slot *found = &base->slots[slot_of(base, id)];
    return found->id == 0 ? 0 : (uint32_t)found->node;
}

INLINE void id_put(baseline *base, uint64_t id, uint32_t at, bool sparse) {
    if (!sparse) {
        base->dense[id] = at;
        return;
    }
    base->slots[slot_of(base, id)] = (slot){.id = id, .node = at};
}

INLINE void id_drop(baseline *base, uint64_t id, bool sparse) {
    if (!sparse) {
        base->dense[id] = 0;
        return;
    }
    slot_clear(base, slot_of(base, id));
}

/* --- Levels ----------------------------------------------------------------------------------- */

INLINE uint64_t *words_of(const baseline *base, uint32_t instrument) {
    return base->words + ((size_t)instrument << (base->levels_log2 - 6));
}

INLINE uint64_t *summary_of(const baseline *base, uint32_t instrument) {
    return base->summaries + (size_t)instrument * base->summary_count;
}

INLINE void level_mark(baseline *base, uint32_t instrument, uint32_t px) {
    words_of(base, instrument)[px >> 6] |= 1ull << (px & 63);
    summary_of(base, instrument)[px >> 12] |= 1ull << ((px >> 6) & 63);
}

INLINE void level_unmark(baseline *base, uint32_t instrument, uint32_t px) {
    uint64_t *word = &words_of(base, instrument)[px >> 6];
    *word &= ~(1ull << (px & 63));
    if (*word == 0) {
        summary_of(base, instrument)[px >> 12] &= ~(1ull << ((px >> 6) & 63));
    }
}

/* Next occupied level above px; px is not the highest. */
INLINE uint32_t level_above(const baseline *base, uint32_t instrument, uint32_t px) {
    const uint64_t *words = words_of(base, instrument);
    const uint32_t from = px + 1;
    uint64_t bits = words[from >> 6] >> (from & 63);
    if (bits != 0) {
        return from + (uint32_t)__builtin_ctzll(bits);
    }
    const uint64_t *summary = summary_of(base, instrument);
    const uint32_t word = (from >> 6) + 1;
    uint32_t group = word >> 6;
    bits = summary[group] >> (word & 63) << (word & 63);
    while (bits == 0) {
        bits = summary[++group];
    }
    const uint32_t found = (group << 6) + (uint32_t)__builtin_ctzll(bits);
    return (found << 6) + (uint32_t)__builtin_ctzll(words[found]);
}

/* Next occupied level below px; px is not 0. */
INLINE uint32_t level_below(const baseline *base, uint32_t instrument, uint32_t px) {
    const uint64_t *words = words_of(base, instrument);
    const uint32_t from = px - 1;
    uint64_t bits = words[from >> 6] << (63 - (from & 63));
    if (bits != 0) {
        return from - (uint32_t)__builtin_clzll(bits);
    }
    const uint64_t *summary = summary_of(base, instrument);
    const uint32_t word = (from >> 6) - 1;
    uint32_t group = word >> 6;
    bits = summary[group] << (63 - (word & 63)) >> (63 - (word & 63));
    while (bits == 0) {
        bits = summary[--group];
    }
    const uint32_t found = (group << 6) + 63 - (uint32_t)__builtin_clzll(bits);
    return (found << 6) + 63 - (uint32_t)__builtin_clzll(words[found]);
}

/* Level `px` has just become empty. */
INLINE void level_emptied(baseline *base, uint32_t instrument, uint32_t px) {
    book *b = &base->books[instrument];
    level_unmark(base, instrument, px);
    if (px == b->best[0]) {
        b->best[0] = level_below(base, instrument, px);
    } else if (px == b->best[1]) {
        b->best[1] = level_above(base, instrument, px);
    }
}

/* --- Orders ----------------------------------------------------------------------------------- */

INLINE void order_unlink(baseline *base, uint32_t instrument, const node *order) {
    node *nodes = base->nodes;
    const uint32_t next = order->next;
    const uint32_t prev = order->prev;
    nodes[next].prev = prev;
    nodes[prev].next = next;
    if (next == prev && next == order->level) {
        level_emptied(base, instrument, next & ((1u << base->levels_log2) - 1));
    }
}

INLINE void order_link(baseline *base, uint32_t instrument, bool buys, uint32_t px, uint32_t at) {
    node *nodes = base->nodes;
    const uint32_t level = (instrument << base->levels_log2) + px;
    const uint32_t last = nodes[level].prev;
    nodes[at].next = level;
    nodes[at].prev = last;
    nodes[at].level = level;
    nodes[last].next = at;
    nodes[level].prev = at;
    if (last == level) {
        book *b = &base->books[instrument];
        level_mark(base, instrument, px);
        if (buys) {
            b->best[0] = px > b->best[0] ? px : b->best[0];
        } else {
            b->best[1] = px < b->best[1] ? px : b->best[1];
        }
    }
}

INLINE void order_release(baseline *base, uint32_t at) {
    base->nodes[at].next = base->free;
    base->free = at;
    base->resting--;
}

/* Executes what crosses, at the makers' prices. Returns what is left. */
INLINE uint32_t cross(baseline *base, uint32_t instrument, const bool buys, uint32_t px,
    uint32_t qty, const bool sparse) {
    node *nodes = base->nodes;
    book *b = &base->books[instrument];
    while (qty > 0 && (buys ? b->best[1] <= px : b->best[0] >= px)) {
        const uint32_t best = buys ? b->best[1] : b->best[0];
        const uint32_t level = (instrument << base->levels_log2) + best;
        uint32_t at = nodes[level].next;
        do {
            node *maker = &nodes[at];
            if (maker->leaves > qty) {
                tally_add(&base->sum, best, qty, maker->id);
                maker->leaves -= qty;
                nodes[level].next = at;
                nodes[at].prev = level;
                return 0;
            }
            tally_add(&base->sum, best, maker->leaves, maker->id);
            qty -= maker->leaves;
            id_drop(base, maker->id, sparse);
            const uint32_t next = maker->next;
            order_release(base, at);
            at = next;
        } while (at != level && qty > 0);
        nodes[level].next = at;
        nodes[at].prev = level;
        if (at == level) {
            level_unmark(base, instrument, best);
            if (buys) {
                b->best[1] = level_above(base, instrument, best);
            } else {
                b->best[0] = level_below(base, instrument, best);
            }
        }
    }
    return qty;
}

INLINE bool crosses(const book *b, bool buys, uint32_t px) {
    return buys ? b->best[1] <= px : b->best[0] >= px;
}

INLINE void enter(baseline *base, const trd_command *command, const bool sparse) {
    const trd_new *order = &command->u.order;
    const uint32_t instrument = command->instrument;
    const bool buys = order->side == TRD_BUY;
    const uint32_t px = (uint32_t)order->px;
    uint32_t qty = (uint32_t)order->qty;
    if (crosses(&base->books[instrument], buys, px)) {
        qty = buys ? cross(base, instrument, true, px, qty, sparse)
                   : cross(base, instrument, false, px, qty, sparse);
    }
    if (qty == 0 || order->tif == TRD_TIF_IOC) {
        return;
    }
    const uint32_t at = base->free;
    node *resting = &base->nodes[at];
    base->free = resting->next;
    base->resting++;
    resting->id = order->client_id;
    resting->total = (uint32_t)order->qty;
    resting->leaves = qty;
    order_link(base, instrument, buys, px, at);
    id_put(base, order->client_id, at, sparse);
}

INLINE void cancel(baseline *base, const trd_command *command, const bool sparse) {
    const uint64_t id = command->u.cancel.target;
    uint32_t at;
    if (sparse) {
        const uint32_t found = slot_of(base, id);
        if (base->slots[found].id == 0) {
            return;
        }
        at = (uint32_t)base->slots[found].node;
        slot_clear(base, found);
    } else {
        at = base->dense[id];
        if (at == 0) {
            return;
        }
        base->dense[id] = 0;
    }
    order_unlink(base, command->instrument, &base->nodes[at]);
    order_release(base, at);
}

INLINE void replace(baseline *base, const trd_command *command, const bool sparse) {
    const trd_replace *terms = &command->u.replace;
    const uint32_t instrument = command->instrument;
    const uint32_t at = id_get(base, terms->target, sparse);
    if (at == 0) {
        return;
    }
    node *order = &base->nodes[at];
    const uint32_t executed = order->total - order->leaves;
    const uint32_t total = (uint32_t)terms->qty;
    const uint32_t px = (uint32_t)terms->px;
    const uint32_t old_px = order->level & ((1u << base->levels_log2) - 1);
    if (total <= executed) {
        order_unlink(base, instrument, order);
        id_drop(base, terms->target, sparse);
        order_release(base, at);
        return;
    }
    if (px == old_px && total <= order->total) {
        order->total = total;
        order->leaves = total - executed;
        return;
    }
    const bool buys = old_px <= base->books[instrument].best[0];
    order_unlink(base, instrument, order);
    uint32_t leaves = total - executed;
    if (crosses(&base->books[instrument], buys, px)) {
        leaves = buys ? cross(base, instrument, true, px, leaves, sparse)
                      : cross(base, instrument, false, px, leaves, sparse);
        if (leaves == 0) {
            id_drop(base, terms->target, sparse);
            order_release(base, at);
            return;
        }
    }
    order->total = total;
    order->leaves = leaves;
    order_link(base, instrument, buys, px, at);
}

INLINE void step(baseline *base, const trd_command *command, const bool sparse) {
    switch (command->kind) {
    case TRD_COMMAND_NEW:
        enter(base, command, sparse);
        break;
    case TRD_COMMAND_CANCEL:
        cancel(base, command, sparse);
        break;
    default:
        replace(base, command, sparse);
        break;
    }
}

static __attribute__((noinline)) void run_dense(
    baseline *base, const trd_command *commands, size_t count) {
    for (size_t i = 0; i < count; i++) {
        step(base, &commands[i], false);
    }
}

static __attribute__((noinline)) void run_sparse(
    baseline *base, const trd_command *commands, size_t count) {
    for (size_t i = 0; i < count; i++) {
        step(base, &commands[i], true);
    }
}

void baseline_run(baseline *base, const trd_command *commands, size_t count) {
    if (base->sparse) {
        run_sparse(base, commands, count);
    } else {
        run_dense(base, commands, count);
    }
}

void baseline_step(baseline *base, const trd_command *command) {
    baseline_run(base, command, 1);
}

/* --- Views ------------------------------------------------------------------------------------ */

tally baseline_tally(const baseline *base) {
    return base->sum;
}

bool baseline_find(const baseline *base, uint32_t instrument, uint64_t id, baseline_order *out) {
    const uint32_t at = id_get(base, id, base->sparse);
    if (at == 0) {
        return false;
    }
    const node *order = &base->nodes[at];
    const uint32_t px = order->level & ((1u << base->levels_log2) - 1);
    *out = (baseline_order){
        .px = px,
        .leaves = order->leaves,
        .total = order->total,
        .side = px <= base->books[instrument].best[0] ? TRD_BUY : TRD_SELL,
    };
    return true;
}

uint32_t baseline_best(const baseline *base, uint32_t instrument, unsigned side) {
    const book *b = &base->books[instrument];
    if (side == TRD_BUY) {
        return b->best[0];
    }
    return b->best[1] == (1u << base->levels_log2) - 1 ? 0 : b->best[1];
}

uint32_t baseline_queue(
    const baseline *base, uint32_t instrument, uint32_t px, uint64_t *ids, uint32_t max) {
    const uint32_t level = (instrument << base->levels_log2) + px;
    uint32_t count = 0;
    for (uint32_t at = base->nodes[level].next; at != level && count < max;
         at = base->nodes[at].next) {
        ids[count++] = base->nodes[at].id;
    }
    return count;
}

uint32_t baseline_resting(const baseline *base) {
    return base->resting;
}
