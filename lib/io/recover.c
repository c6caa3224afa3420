/* recover.c - what a node does before it works: a snapshot, and the commands behind it.
 *
 * Events of commands that are executed again are kept in a spool until all checkpoints have agreed:
 * nobody gets events of a journal that leads elsewhere than it did. */
#include <errno.h>
#include <string.h>

#include "io/node.h"

enum {
    POINTS = 4096,       /* checkpoints that are remembered until the journal has its own */
    PIECE_SLOTS = 16384, /* of a piece of the spool */
    RECORD_MAX = 16      /* slots; more than any event has */
};

typedef struct recovery {
    trd_node *node;
    trd_node_status *status;
    uint64_t wanted; /* events behind this one are owed to somebody */
    uint64_t from;   /* commands behind this one are executed */
    uint64_t taken;  /* number of the last checkpoint taken from the engine */
    trd__block block;
    trd_checkpoint *points; /* ring of POINTS: made by the engine, not yet by the journal */
    uint64_t first, end;    /* positions in it */
    bool overrun;           /* some were overwritten */
} recovery;

/* --- the spool -------------------------------------------------------------------------------- */

static bool add_piece(trd_node *n) {
    trd__block block;
    const size_t size = sizeof(trd__spool_piece) + PIECE_SLOTS * sizeof(trd_event);
    if (!trd__block_make(&block, &n->mem, size, false)) {
        return false;
    }
    trd__spool_piece *piece = block.at;
    *piece = (trd__spool_piece){.block = block, .room = PIECE_SLOTS};
    if (n->spool.last != NULL) {
        n->spool.last->next = piece;
    } else {
        n->spool.first = piece;
    }
    n->spool.last = piece;
    return true;
}

static bool spool(trd_node *n, const trd_event *event) {
    trd_assert(event->slots >= 1 && event->slots <= RECORD_MAX);
    trd__spool_piece *piece = n->spool.last;
    if (piece == NULL || piece->room - piece->used < event->slots) {
        if (!add_piece(n)) {
            return false;
        }
        piece = n->spool.last;
    }
    memcpy(&piece->slots[piece->used], event, event->slots * sizeof(*event));
    piece->used += event->slots;
    return true;
}

/* --- executing again -------------------------------------------------------------------------- */

/* Is it owed to somebody? */
static bool is_wanted(const trd_node *n, const trd_event *event) {
    for (uint32_t i = 0; i < n->def.subscribers; i++) {
        const trd_subscription *def = &n->subscribers[i].def;
        if ((def->flags & TRD_SUBSCRIBE_NOW) == 0 && event->seq > def->last &&
            trd__node_wants(def, event)) {
            return true;
        }
    }
    return false;
}

static int take_events(recovery *r, const trd_out *out) {
    for (uint32_t at = 0; at < out->count; at += out->events[at].slots) {
        const trd_event *event = &out->events[at];
        r->status->event = event->seq;
        if (event->seq > r->wanted && is_wanted(r->node, event) && !spool(r->node, event)) {
            return TRD_E_MEMORY;
        }
    }
    return TRD_OK;
}

static void take_points(recovery *r) {
    trd_event_trail trail;
    const int result = trd_engine_trail(r->node->engine, &trail);
    trd_assert(result == TRD_OK);
    while (r->taken < trail.checkpoints) {
        r->taken++;
        trd_checkpoint *point = &r->points[r->end % POINTS];
        if (trd_engine_checkpoint(r->node->engine, r->taken, point) == TRD_OK) {
            r->end++;
        }
    }
    if (r->end - r->first > POINTS) {
        r->first = r->end - POINTS;
        r->overrun = true;
    }
}

/* Executes commands; their events go where nobody sees them yet, into a span of the event ring that
 * is never committed. */
static int execute(recovery *r, const trd_command *commands, size_t slots) {
    trd_node *n = r->node;
    uint32_t room;
    trd_event *span = trd__ring_reserve(n->events, 1 + TRD_ENGINE_OUT_MIN, &room);
    trd_assert(span != NULL); /* nothing is in it */
    room = room < TRD__NODE_EVENTS ? room : TRD__NODE_EVENTS;
    int result = TRD_OK;
    while (slots > 0 || result == TRD_MORE) {
        trd_out out = {.events = span, .capacity = room};
        size_t done = 0;
        result = result == TRD_MORE ? trd_engine_step(n->engine, NULL, &out)
                                    : trd_engine_run(n->engine, commands, slots, &done, &out);
        trd_assert(result == TRD_OK || result == TRD_MORE);
        commands += done;
        slots -= done;
        const int taken = take_events(r, &out);
        if (taken != TRD_OK) {
            return taken;
        }
        if (result == TRD_OK) {
            take_points(r);
        }
    }
    return TRD_OK;
}

static int replay_commands(recovery *r, const trd_journal_frame *frame) {
    const trd_command *at = (const void *)(frame + 1);
    uint32_t slots = frame->payload;
    const uint64_t end = frame->seq + frame->count;
    for (uint64_t seq = frame->seq; seq < end && seq <= r->from; seq++) {
        slots -= at->slots;
        at += at->slots;
    }
    if (slots == 0) {
        return TRD_OK;
    }
    r->status->replayed += end - 1 - r->status->seq;
    r->status->seq = end - 1;
    return execute(r, at, slots);
}

/* The journal's checkpoint, and the engine's of the same command. */
static int compare(recovery *r, const trd_journal_check *check) {
    trd_event_trail trail;
    const int result = trd_engine_trail(r->node->engine, &trail);
    trd_assert(result == TRD_OK);
    if (check->seq <= r->from) {
        return TRD_OK; /* before the snapshot, which has a digest of its own */
    }
    while (r->first < r->end && r->points[r->first % POINTS].seq < check->seq) {
        r->first++;
    }
    const trd_checkpoint *own = r->first < r->end ? &r->points[r->first % POINTS] : NULL;
    if (own != NULL && own->seq == check->seq && own->slots == check->events &&
        own->hash == check->digest) {
        r->status->checked++;
        return TRD_OK;
    }
    const bool no_trail = trail.slots == 0 && r->status->event != 0;
    if (no_trail || (r->overrun && (own == NULL || own->seq > check->seq))) {
        r->status->unchecked++;
        return TRD_OK;
    }
    r->status->differs = check->seq;
    return TRD_E_CORRUPT;
}

static int replay_frames(recovery *r, trd_journal_reader *reader) {
    const trd_journal_frame *frame;
    int result;
    while ((result = trd_journal_reader_next(reader, &frame)) == 1) {
        int done = TRD_OK;
        if (frame->count > 0) {
            done = replay_commands(r, frame);
        } else if (frame->payload == 1) {
            done = compare(r, (const void *)(frame + 1));
        }
        if (done != TRD_OK) {
            return done;
        }
    }
    if (result < 0) {
        (void)trd_journal_reader_report(reader, &r->status->journal);
    }
    return result;
}

static int replay(recovery *r) {
    trd_node *n = r->node;
    trd_journal_status status;
    trd_journal_reader *reader;
    trd_journal_reading def = trd_journal_reading_default();
    def.directory = n->journal_def.directory;
    def.seq = r->from + 1;
    def.ops = &n->ops;
    def.mem = n->mem;
    if (!trd__block_make(&r->block, &n->mem, POINTS * sizeof(*r->points), false)) {
        return TRD_E_MEMORY;
    }
    r->points = r->block.at;
    int result = trd_journal_reader_open(&def, &status, &reader);
    if (result == TRD_OK) {
        result = replay_frames(r, reader);
        trd_journal_reader_close(reader);
    } else {
        r->status->journal = status;
    }
    trd__block_free(&r->block, &n->mem);
    return result;
}

/* --- which snapshot --------------------------------------------------------------------------- */

/* The lowest `last` of those that have events and want the rest, UINT64_MAX if none does, and whose
 * it is, + 1. */
static uint64_t lowest_last(const trd_node *n, uint32_t *whose) {
    uint64_t lowest = UINT64_MAX;
    *whose = 0;
    for (uint32_t i = 0; i < n->def.subscribers; i++) {
        const trd_subscription *def = &n->subscribers[i].def;
        if ((def->flags & TRD_SUBSCRIBE_NOW) == 0 && def->last > 0 && def->last < lowest) {
            lowest = def->last;
            *whose = i + 1;
        }
    }
    return lowest;
}

/* Has somebody nothing yet, and wants what there is? */
static bool has_newcomer(const trd_node *n) {
    bool found = false;
    for (uint32_t i = 0; i < n->def.subscribers && !found; i++) {
        const trd_subscription *def = &n->subscribers[i].def;
        found = (def->flags & TRD_SUBSCRIBE_NOW) == 0 && def->last == 0;
    }
    return found;
}

/* The newest snapshot that is whole, of those with no event behind `most`. TRD_E_UNKNOWN: all are
 * behind it, and *oldest is the last event of the oldest one. */
static int load_below(trd_node *n, uint64_t most, trd_node_status *status, trd_snapshot_head *head,
    uint64_t *oldest) {
    uint64_t bound = UINT64_MAX;
    bool passed_over = false;
    int found;
    status->damaged = 0;
    while ((found = trd__shot_below(n, bound, &bound, &status->fault)) == 1) {
        int result = trd__shot_head(n, bound, head, &status->fault);
        if (result == TRD_OK && head->events > most) {
            passed_over = true;
            *oldest = head->events;
            continue;
        }
        result = result == TRD_OK ? trd__shot_load(n, bound, head, &status->fault) : result;
        if (result != TRD_E_CORRUPT) {
            return result;
        }
        status->damaged++;
    }
    return found < 0 ? found : passed_over ? TRD_E_UNKNOWN : TRD_E_CORRUPT;
}

/* The snapshot to begin with: not behind what a subscriber has. Who has nothing yet gets what can
 * still be made: of all that, if it can be. Each round lets one snapshot more be loaded. */
static int load_newest(trd_node *n, trd_node_status *status, trd_snapshot_head *head) {
    uint32_t whose;
    const uint64_t lowest = lowest_last(n, &whose);
    const bool newcomer = has_newcomer(n);
    uint64_t most, next = newcomer ? 0 : lowest;
    int result;
    do {
        most = next;
        result = load_below(n, most, status, head, &next);
    } while (newcomer && result == TRD_E_UNKNOWN && next > most && next <= lowest);
    if (result == TRD_E_UNKNOWN && next > most) {
        status->subscriber = whose;
    }
    return result;
}

/* A directory without snapshots gets its first one. */
static int begin_new(const trd_node *n, const trd_engine *engine, trd_node_status *status) {
    trd__span segments;
    trd_snapshot_head head;
    const int listed = trd__span_of(&n->ops, n->directory, &segments);
    if (listed < 0) {
        return trd__fault(&status->fault, TRD_IO_LIST, listed, 0, 0);
    }
    if (segments.first != 0 || engine == NULL) {
        return TRD_E_UNKNOWN;
    }
    const int result = trd__shot_write(n, engine, &head, &status->fault);
    if (result != TRD_OK) {
        return result == TRD_E_BUSY ? TRD_E_ARG : result;
    }
    return trd__shot_publish(n, head.seq, &status->fault);
}

/* --- all of it -------------------------------------------------------------------------------- */

static int open_journal(trd_node *n, const trd_snapshot_head *head, trd_node_status *status) {
    trd_journal_def def = n->journal_def;
    def.seq = head->seq + 1;
    def.time = head->time;
    def.ops = &n->ops;
    def.mem = n->mem;
    return trd_journal_writer_open(&def, &status->journal, &n->journal);
}

/* Nobody can have events that there are not. */
static int check_lasts(const trd_node *n, trd_node_status *status) {
    for (uint32_t i = 0; i < n->def.subscribers; i++) {
        const trd_subscription *def = &n->subscribers[i].def;
        if ((def->flags & TRD_SUBSCRIBE_NOW) == 0 && def->last > status->event) {
            status->subscriber = i + 1;
            return TRD_E_RANGE;
        }
    }
    return TRD_OK;
}

/* Who has an interest in the past is owed all that was kept. */
static void owe(trd_node *n) {
    uint32_t owed = 0;
    for (uint32_t i = 0; i < n->def.subscribers; i++) {
        trd__subscriber *s = &n->subscribers[i];
        const bool wants = (s->def.flags & TRD_SUBSCRIBE_NOW) == 0 && n->spool.first != NULL;
        s->owed = wants ? n->spool.first : NULL;
        atomic_init(&s->state, wants ? TRD_SUBSCRIBER_OWED : TRD_SUBSCRIBER_LIVE);
        owed += wants;
    }
    atomic_init(&n->owed, owed);
}

/* The agents go on behind what there is. */
static void go_on(trd_node *n, const trd_node_status *status, trd_ns time) {
    trd_event_trail trail;
    const int result = trd_engine_trail(n->engine, &trail);
    trd_assert(result == TRD_OK);
    n->seq = status->seq + 1;
    n->time = time;
    n->checkpoint = trail.checkpoints;
    n->event = status->event;
    atomic_init(&n->sequenced, status->seq);
    atomic_init(&n->executed, status->seq);
    atomic_init(&n->passed, status->event);
    owe(n);
}

/* Without a journal: the engine goes on from where the host's stands. */
static int copy_engine(trd_node *n, const trd_engine *engine, trd_node_status *status) {
    trd__block work;
    if (engine == NULL) {
        return TRD_E_UNKNOWN;
    }
    const bool huge = (n->def.flags & TRD_NODE_HUGE) != 0;
    if (!trd__block_make(&work, &n->mem, sizeof(trd_snapshot_writer), false)) {
        return TRD_E_MEMORY;
    }
    trd_snapshot_writer *writer = work.at;
    int result = trd_snapshot_begin(writer, engine);
    const trd_snapshot_head head = writer->head;
    trd__block_free(&work, &n->mem);
    if (result != TRD_OK) {
        return TRD_E_ARG; /* a command is not finished */
    }
    if (!trd__block_make(&n->engine_block, &n->mem, head.block_size, huge)) {
        return TRD_E_MEMORY;
    }
    result = trd_engine_copy(engine, n->engine_block.at, n->engine_block.size, &n->engine);
    trd_assert(result == TRD_OK);
    status->seq = head.seq;
    status->event = head.events;
    atomic_init(&n->acknowledged, UINT64_MAX);
    go_on(n, status, head.time);
    return TRD_OK;
}

static int recover(trd_node *n, const trd_engine *engine, trd_node_status *status) {
    uint64_t newest;
    trd_snapshot_head head;
    int result = trd__shot_below(n, UINT64_MAX, &newest, &status->fault);
    result = result == 0 ? begin_new(n, engine, status) : result < 0 ? result : TRD_OK;
    result = result == TRD_OK ? load_newest(n, status, &head) : result;
    result = result == TRD_OK ? open_journal(n, &head, status) : result;
    if (result != TRD_OK) {
        return result;
    }
    trd_event_trail trail;
    uint32_t whose;
    (void)trd_engine_trail(n->engine, &trail);
    recovery r = {.node = n,
        .status = status,
        .wanted = has_newcomer(n) ? 0 : lowest_last(n, &whose),
        .from = head.seq,
        .taken = trail.checkpoints};
    status->snapshot = status->seq = head.seq;
    status->event = head.events;
    const trd_journal_place last = status->journal.report.last;
    result = replay(&r);
    result = result == TRD_OK ? check_lasts(n, status) : result;
    if (result != TRD_OK) {
        return result;
    }
    trd_assert(status->seq + 1 == last.seq); /* what the writer has read, the reader has too */
    atomic_init(&n->acknowledged, status->seq);
    go_on(n, status, last.time > head.time ? last.time : head.time);
    return TRD_OK;
}

int trd__node_recover(trd_node *node, const trd_engine *engine, trd_node_status *status) {
    return node->directory < 0 ? copy_engine(node, engine, status) : recover(node, engine, status);
}
