/* shard.c - a router over several nodes: made, its table of instruments, its nodes. */
#include <string.h>
#include <time.h>

#include "core/def.h"
#include "core/layout.h"
#include "io/file.h"
#include "io/shard.h"

/* --- definitions ------------------------------------------------------------------------------ */

enum { INSTRUMENTS_MAX = 1 << 20, MOVES_MAX = 1 << 16 };

static bool is_valid(const trd_shards_def *def) {
    const bool moves = def->moves_max != 0;
    if (def->shards < 1 || def->shards > TRD_SHARDS_MAX || def->nodes == NULL ||
        def->instruments_max < 1 || def->instruments_max > INSTRUMENTS_MAX ||
        def->instrument_count > def->instruments_max ||
        (def->instrument_count != 0 && def->instruments == NULL) || def->moves_max > MOVES_MAX ||
        def->router >= TRD_SHARD_ROUTERS || def->first >= TRD__MOVE_NUMBERS ||
        def->transit > TRD_ACCOUNT_VENUE || (moves && def->transit == 0) ||
        (moves && def->subscriptions == NULL)) {
        return false;
    }
    for (uint32_t i = 0; i < def->shards; i++) {
        if (def->nodes[i] == NULL) {
            return false;
        }
    }
    return true;
}

/* --- memory ----------------------------------------------------------------------------------- */

/* Places all parts; 0 if that is too much. */
static size_t layout(const trd_shards_def *def, trd_shards *s) {
    const uint32_t moves = 2 * def->moves_max;
    const uint32_t buckets = moves != 0 ? trd__map_buckets(moves) : 0;
    trd_layout at = {0};
    trd__layout_add(&at, 1, sizeof(trd_shards), TRD_LINE);
    const size_t places =
        trd__layout_add(&at, def->instruments_max, sizeof(trd_shard_place), TRD_LINE);
    const size_t symbols = trd__layout_add(&at, def->instruments_max, TRD_SYMBOL_SIZE, TRD_LINE);
    const size_t numbers = trd__layout_add(
        &at, (size_t)def->shards * def->instruments_max, sizeof(uint32_t), TRD_LINE);
    const size_t moves_at = trd__layout_add(&at, moves, sizeof(trd__move), TRD_LINE);
    const size_t map_at =
        trd__layout_add(&at, (size_t)buckets * TRD_MAP_WAYS, sizeof(trd_map_slot), TRD_LINE);
    const size_t size = trd__layout_size(&at, TRD_LINE);
    if (s != NULL) {
        char *bytes = (char *)s;
        s->places = (trd_shard_place *)(bytes + places);
        s->symbols = (char(*)[TRD_SYMBOL_SIZE])(bytes + symbols);
        s->moves = (trd__move *)(bytes + moves_at);
        s->map_slots = (trd_map_slot *)(bytes + map_at);
        s->map = (trd_map){.buckets = buckets};
        s->places_max = moves;
        for (uint32_t i = 0; i < def->shards; i++) {
            s->shards[i].numbers = (uint32_t *)(bytes + numbers) + (size_t)i * def->instruments_max;
        }
    }
    return size;
}

/* --- what the engines have -------------------------------------------------------------------- */

/* Is the instrument there, by that symbol? */
static bool is_there(const trd_node *node, const trd_shard_instrument *row) {
    const trd_match *match = trd_engine_match(trd_node_engine(node));
    const trd_instrument *spec = trd_match_instrument(match, row->place.local);
    return spec != NULL && memcmp(spec->symbol, row->symbol, sizeof(row->symbol)) == 0;
}

/* Are the assets of both nodes the same? */
static bool has_assets_of(const trd_node *node, const trd_node *other) {
    const trd_accounts *one = trd_engine_accounts(trd_node_engine(node));
    const trd_accounts *two = trd_engine_accounts(trd_node_engine(other));
    for (uint32_t i = 0;; i++) {
        trd_asset a, b;
        const int result = trd_accounts_asset_get(one, i, &a);
        if (result != trd_accounts_asset_get(two, i, &b)) {
            return false;
        }
        if (result != TRD_OK) {
            return true;
        }
        if (memcmp(&a, &b, sizeof(a)) != 0) {
            return false;
        }
    }
}

/* Can a router follow moves by that subscription? */
static bool is_for_moves(const trd_node *node, uint32_t subscription) {
    if (subscription >= node->def.subscribers) {
        return false;
    }
    const trd_subscription wanted = trd_shards_subscription(0);
    const trd_subscription *def = &node->subscribers[subscription].def;
    return def->kinds == wanted.kinds && def->policy == wanted.policy &&
           def->flags == wanted.flags &&
           (trd_accounts_published(trd_engine_accounts(node->engine)) &
               TRD_PUBLISH_MONEY_ACCOUNTS) != 0;
}

/* Nobody else has it, nor had. Another router may be opened at the same time, by another thread. */
static bool claim(const trd_node *node, uint32_t subscription) {
    trd__subscriber *sub = &node->subscribers[subscription];
    return atomic_exchange_explicit(&sub->routed, 1, memory_order_relaxed) == 0;
}

/* --- instruments ------------------------------------------------------------------------------ */

int trd_shards_list(trd_shards *shards, const trd_shard_instrument *instrument) {
    if (shards == NULL || instrument == NULL || instrument->place.shard >= shards->def.shards ||
        instrument->place.local >= shards->def.instruments_max) {
        return TRD_E_ARG;
    }
    const trd_shard_place place = instrument->place;
    trd__shard *shard = &shards->shards[place.shard];
    if (shard->node == NULL) {
        return TRD_E_BUSY;
    }
    if (shards->instruments == shards->def.instruments_max) {
        return TRD_E_FULL;
    }
    if (shard->numbers[place.local] != 0) {
        return TRD_E_EXISTS;
    }
    if (!is_there(shard->node, instrument)) {
        return TRD_E_UNKNOWN;
    }
    const uint32_t number = shards->instruments++;
    shards->places[number] = place;
    memcpy(shards->symbols[number], instrument->symbol, TRD_SYMBOL_SIZE);
    shard->numbers[place.local] = number + 1;
    return (int)number;
}

int trd_shards_place(const trd_shards *shards, uint32_t instrument, trd_shard_place *out) {
    if (shards == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    if (instrument >= shards->instruments) {
        return TRD_E_UNKNOWN;
    }
    *out = shards->places[instrument];
    return TRD_OK;
}

int trd_shards_number(const trd_shards *shards, const trd_shard_place *place) {
    if (shards == NULL || place == NULL || place->shard >= shards->def.shards) {
        return TRD_E_ARG;
    }
    const uint32_t *numbers = shards->shards[place->shard].numbers;
    const bool is_known = place->local < shards->def.instruments_max && numbers[place->local] != 0;
    return is_known ? (int)numbers[place->local] - 1 : TRD_E_UNKNOWN;
}

/* --- opening ---------------------------------------------------------------------------------- */

static int list_all(trd_shards *s, trd_shards_status *status) {
    for (uint32_t i = 0; i < s->def.instrument_count; i++) {
        const int number = trd_shards_list(s, &s->def.instruments[i]);
        if (number < 0) {
            status->instrument = i + 1;
            return number;
        }
    }
    return TRD_OK;
}

/* Everything about the nodes that can be wrong. */
static int check_nodes(const trd_shards *s, trd_shards_status *status) {
    const trd_shards_def *def = &s->def;
    for (uint32_t i = 0; i < def->shards; i++) {
        status->shard = i + 1;
        if (!has_assets_of(def->nodes[i], def->nodes[0])) {
            return TRD_E_UNKNOWN;
        }
        if (def->moves_max != 0 && !is_for_moves(def->nodes[i], def->subscriptions[i])) {
            return TRD_E_ARG;
        }
    }
    status->shard = 0;
    return TRD_OK;
}

static void release_claims(const trd_shards *s, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const trd__shard *shard = &s->shards[i];
        atomic_store_explicit(
            &shard->node->subscribers[shard->subscription].routed, 0, memory_order_relaxed);
    }
}

/* The subscriptions are this router's from now on, and what they give again is looked through. */
static int begin_moves(trd_shards *s, trd_shards_status *status) {
    if (s->def.moves_max == 0) {
        return TRD_OK;
    }
    trd__moves_begin(s);
    for (uint32_t i = 0; i < s->def.shards; i++) {
        if (!claim(s->shards[i].node, s->shards[i].subscription)) {
            release_claims(s, i);
            status->shard = i + 1;
            return TRD_E_BUSY;
        }
    }
    const int result = trd__moves_find(s, &status->shard);
    if (result != TRD_OK) {
        release_claims(s, s->def.shards);
    }
    status->unfinished = s->moves_count;
    return result;
}

/* Numbers that rise from one start to the next even where no event of the moves before is given
 * again: eight for each millisecond. */
static uint64_t number_by_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    return ms * 8 % TRD__MOVE_NUMBERS;
}

static int open_all(trd_shards *s, trd_shards_status *status) {
    const trd_shards_def *def = &s->def;
    for (uint32_t i = 0; i < def->shards; i++) {
        trd__shard *shard = &s->shards[i];
        shard->node = def->nodes[i];
        shard->state = TRD_SHARD_LIVE;
        if (def->moves_max != 0) {
            shard->subscription = def->subscriptions[i];
        }
    }
    int result = check_nodes(s, status);
    if (result == TRD_OK && def->moves_max != 0) {
        for (uint32_t i = 0; i < def->shards; i++) {
            trd__shard *shard = &s->shards[i];
            shard->seen = shard->node->subscribers[shard->subscription].def.last;
            shard->confirmed = shard->seen;
        }
    }
    result = result == TRD_OK ? list_all(s, status) : result;
    s->number = def->first != 0 ? def->first : number_by_clock();
    return result == TRD_OK ? begin_moves(s, status) : result;
}

int trd_shards_open(const trd_shards_def *def, trd_shards_status *status, trd_shards **out) {
    trd_shards_def own = trd_shards_def_default();
    if (out != NULL) {
        *out = NULL;
    }
    if (status == NULL || out == NULL || !trd__def_read(&own, sizeof(own), def) ||
        !is_valid(&own)) {
        return TRD_E_ARG;
    }
    *status = (trd_shards_status){0};
    const size_t size = layout(&own, NULL);
    trd_shards *s = size != 0 ? trd__io_alloc(&own.mem, size) : NULL;
    if (s == NULL) {
        return TRD_E_MEMORY;
    }
    memset(s, 0, size);
    s->def = own;
    s->size = size;
    (void)layout(&own, s);
    const int result = open_all(s, status);
    if (result != TRD_OK) {
        trd_shards_close(s);
        return result;
    }
    s->def.nodes = NULL; /* the caller's */
    s->def.subscriptions = NULL;
    s->def.instruments = NULL;
    *out = s;
    return TRD_OK;
}

void trd_shards_close(trd_shards *shards) {
    if (shards != NULL) {
        const trd_mem mem = shards->def.mem;
        trd__io_release(&mem, shards, shards->size);
    }
}

/* --- nodes ------------------------------------------------------------------------------------ */

int trd_shards_leave(trd_shards *shards, uint32_t shard) {
    if (shards == NULL || shard >= shards->def.shards) {
        return TRD_E_ARG;
    }
    trd__shard *own = &shards->shards[shard];
    if (own->node == NULL) {
        return TRD_E_BUSY;
    }
    own->node = NULL;
    own->state = TRD_SHARD_LEFT;
    return TRD_OK;
}

/* Are the instruments of the table that are at this shard still what they were? */
static bool has_instruments(const trd_shards *s, uint32_t shard, const trd_node *node) {
    for (uint32_t i = 0; i < s->instruments; i++) {
        trd_shard_instrument row = {.place = s->places[i]};
        memcpy(row.symbol, s->symbols[i], TRD_SYMBOL_SIZE);
        if (row.place.shard == shard && !is_there(node, &row)) {
            return false;
        }
    }
    return true;
}

/* A node with the assets that all have; NULL: no other is left to compare with. */
static const trd_node *any_node(const trd_shards *s) {
    for (uint32_t i = 0; i < s->def.shards; i++) {
        if (s->shards[i].node != NULL) {
            return s->shards[i].node;
        }
    }
    return NULL;
}

/* Has the node all that the router has seen, and gives all that is behind it? */
static bool continues(const trd__shard *shard, const trd_node *node, uint32_t subscription) {
    trd_node_stats stats;
    trd_node_stats_get(node, &stats);
    return stats.event >= shard->seen && node->subscribers[subscription].def.last <= shard->seen;
}

int trd_shards_join(trd_shards *shards, uint32_t shard, trd_node *node, uint32_t subscription) {
    if (shards == NULL || shard >= shards->def.shards || node == NULL) {
        return TRD_E_ARG;
    }
    trd__shard *own = &shards->shards[shard];
    const trd_node *other = any_node(shards);
    const bool moves = shards->def.moves_max != 0;
    if (own->node != NULL) {
        return TRD_E_BUSY;
    }
    if (moves && !is_for_moves(node, subscription)) {
        return TRD_E_ARG;
    }
    if (!has_instruments(shards, shard, node) || (other != NULL && !has_assets_of(node, other))) {
        return TRD_E_UNKNOWN;
    }
    if (moves && !continues(own, node, subscription)) {
        return TRD_E_RANGE;
    }
    if (moves && !claim(node, subscription)) {
        return TRD_E_BUSY;
    }
    own->node = node;
    own->subscription = subscription;
    own->state = TRD_SHARD_LIVE;
    if (moves) {
        own->confirmed = node->subscribers[subscription].def.last;
        trd__moves_rejoin(shards, shard);
    }
    return TRD_OK;
}

int trd_shards_stats(const trd_shards *shards, uint32_t shard, trd_shard_stats *out) {
    if (shards == NULL || out == NULL || shard >= shards->def.shards) {
        return TRD_E_ARG;
    }
    const trd__shard *own = &shards->shards[shard];
    *out = (trd_shard_stats){.seen = own->seen,
        .confirmed = own->confirmed,
        .state = own->state,
        .waiting = own->waiting};
    return TRD_OK;
}

int trd_shards_work(trd_shards *shards) {
    if (shards == NULL) {
        return TRD_E_ARG;
    }
    int done = trd_shards_poll(shards);
    for (uint32_t i = 0; i < shards->def.shards; i++) {
        trd_node *node = shards->shards[i].node;
        const int worked = node != NULL ? trd_node_work(node) : 0;
        done += worked > 0 && worked <= INT32_MAX - done ? worked : 0;
    }
    return done;
}
