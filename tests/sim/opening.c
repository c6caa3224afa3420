/* opening.c - a node is opened, whatever it takes: what it must find, and what it may refuse. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

enum { OPENINGS_MAX = 40, NAME_SIZE = 40 };

/* --- snapshots on the disk -------------------------------------------------------------------- */

typedef struct search {
    uint64_t bound, seq;
    bool found;
    char name[NAME_SIZE];
} search;

static int see_name(void *to, const char *name) {
    search *look_for = to;
    uint64_t seq = 0;
    int at = 0;
    for (; at < 20 && name[at] >= '0' && name[at] <= '9'; at++) {
        seq = seq * 10 + (uint64_t)(name[at] - '0');
    }
    if (at == 20 && strcmp(name + at, ".snapshot") == 0 && seq < look_for->bound &&
        (!look_for->found || seq > look_for->seq)) {
        look_for->found = true;
        look_for->seq = seq;
        strcpy(look_for->name, name);
    }
    return 0;
}

/* The highest below a bound. The fault that is set, if any, is not asked. */
static bool find_shot(sim *s, uint64_t bound, search *out) {
    *out = (search){.bound = bound};
    world_heal(s);
    (void)s->looks.list(s->looks.user, 0, see_name, out);
    return out->found;
}

const uint8_t *opening_shot(sim *s, uint64_t bound, uint64_t *seq, uint64_t *size) {
    search found;
    if (!find_shot(s, bound, &found)) {
        return NULL;
    }
    *seq = found.seq;
    return disk_file(s->disk, found.name, size);
}

static bool is_whole(const uint8_t *bytes, uint64_t size) {
    static trd_snapshot_reader reader;
    trd_snapshot_head head;
    if (trd_snapshot_peek(bytes, size, &head) != TRD_OK) {
        return false;
    }
    void *mem = aligned_alloc(TRD_ENGINE_ALIGN, (head.block_size + 63) & ~UINT64_C(63));
    const bool whole =
        trd_snapshot_open(&reader, &head, mem, head.block_size) == TRD_OK &&
        trd_snapshot_read(&reader, bytes + sizeof(head), size - sizeof(head)) == TRD_OK;
    free(mem);
    return whole;
}

/* The lowest last event of those that have some, and want the rest. True: somebody has none. */
static bool lowest_last(const sim *s, uint64_t *lowest) {
    bool newcomer = false;
    *lowest = UINT64_MAX;
    for (uint32_t i = 0; i < s->hearers_count; i++) {
        const trd_subscription *sub = &s->subs[i];
        const bool wants = (sub->flags & TRD_SUBSCRIBE_NOW) == 0;
        newcomer = newcomer || (wants && sub->last == 0);
        *lowest = wants && sub->last > 0 && sub->last < *lowest ? sub->last : *lowest;
    }
    return newcomer;
}

/* docs/reference/node.md, "Recovery": the newest one that is whole and not behind the events that a
 * subscriber has; if somebody has none yet, the one that makes most of the past. */
static bool expect_shot(sim *s, uint64_t *seq) {
    uint64_t size, most, best = UINT64_MAX, bound = UINT64_MAX;
    const uint8_t *bytes;
    const bool newcomer = lowest_last(s, &most);
    while ((bytes = opening_shot(s, bound, &bound, &size)) != NULL) {
        trd_snapshot_head head;
        const bool headed = trd_snapshot_peek(bytes, size, &head) == TRD_OK;
        must(s, headed || s->damaged, "snapshot %" PRIu64 " has no head", bound);
        const bool fits =
            headed && head.events <= most && head.events < best && (best == UINT64_MAX || newcomer);
        if (fits && (!s->damaged || is_whole(bytes, size))) {
            *seq = bound;
            best = head.events;
        }
    }
    return best != UINT64_MAX;
}

/* One byte of the newest snapshot is not what it was. */
typedef struct damage {
    bool done;
    char name[NAME_SIZE];
    uint64_t at;
    uint8_t flip;
} damage;

static damage damage_newest(sim *s) {
    search found;
    damage d = {.done = false};
    if (find_shot(s, UINT64_MAX, &found)) {
        uint64_t size;
        d.done = disk_file(s->disk, found.name, &size) != NULL && size > 0;
        memcpy(d.name, found.name, sizeof(d.name));
        d.at = sim_chance(s, 30) ? (uint64_t)sim_in(s, 0, 127)
                                 : (uint64_t)sim_in(s, 0, (int64_t)size - 1);
        d.flip = (uint8_t)(1u << sim_in(s, 0, 7));
        disk_damage(s->disk, d.name, d.at, d.flip);
        s->damaged = true;
        s->counts->damaged++;
        sim_say(s, "byte %" PRIu64 " of %s is damaged", d.at, d.name);
    }
    return d;
}

static void repair(sim *s, damage *d) {
    if (d->done) {
        disk_damage(s->disk, d->name, d->at, d->flip);
        d->done = false;
        sim_say(s, "%s is repaired", d->name);
    }
}

/* --- opening ---------------------------------------------------------------------------------- */

/* Commands up to `seq` were found, and all others are lost for ever. */
static void go_back(sim *s, uint64_t seq) {
    story *t = s->story;
    must(s, seq >= s->floor && seq <= t->numbered,
        "%" PRIu64 " commands are found, %" PRIu64 " may not be lost, %" PRIu64 " there were", seq,
        s->floor, t->numbered);
    const bool lost = seq < s->acknowledged;
    s->counts->lost += lost ? s->acknowledged - seq : 0;
    must(s, story_go_back(t, seq), "the bare engine goes another way: %s", t->books.wrong);
    s->acknowledged = s->durable = s->floor = seq;
    for (uint32_t i = 0; i < s->clients_count && lost; i++) {
        client_doubt(&s->clients[i]);
    }
}

/* Subscribers that have events of commands that are lost: they are told, and forget them. */
static void forget(sim *s) {
    const uint64_t events = s->story->after[s->status.seq];
    bool any = false;
    must(s,
        s->status.subscriber >= 1 && s->status.subscriber <= s->hearers_count &&
            s->subs[s->status.subscriber - 1].last > events,
        "subscriber %u is refused, and has no event too many", s->status.subscriber);
    for (uint32_t i = 0; i < s->hearers_count; i++) {
        hearer *h = &s->hearers[i];
        any = any || h->last > events;
        h->last = h->last < events ? h->last : events;
        h->confirmed = h->confirmed < events ? h->confirmed : events;
        s->subs[i].last = s->subs[i].last < events ? s->subs[i].last : events;
        h->sub.last = s->subs[i].last;
    }
    must(s, any, "nobody has an event too many");
}

/* No snapshot is left from before its last event: only who does not confirm may find that, or
 * everybody where snapshots were damaged. */
static void give_up(sim *s, damage *d) {
    const uint32_t number = s->status.subscriber - 1;
    uint64_t seq;
    must(s, number < s->hearers_count, "refused: UNKNOWN, and of no subscriber");
    hearer *h = &s->hearers[number];
    const bool confirms = (h->sub.flags & TRD_SUBSCRIBE_CONFIRMS) != 0 && !h->dropped;
    must(s, !confirms || s->damaged, "subscriber %u is refused what it needs", number);
    must(s, !expect_shot(s, &seq), "snapshot %" PRIu64 " was not found", seq);
    if (d->done) {
        repair(s, d);
        return;
    }
    sim_say(s, "subscriber %u gives up what it lacks behind %" PRIu64, number, h->last);
    h->last = 0;
    s->subs[number].last = h->sub.last = 0;
}

/* What a failed attempt must have been, and what the host does about it. */
static void judge_refusal(sim *s, int result, damage *d) {
    const trd_node_status *status = &s->status;
    uint64_t seq;
    sim_say(s, "not opened: %d, %s %d, %s %d", result, trd_io_call_text(status->fault.call),
        status->fault.error, trd_io_call_text(status->journal.fault.call),
        status->journal.fault.error);
    must(s, disk_is_dead(s->disk) || disk_open_count(s->disk) == 0, "files are left open");
    must(s, s->blocks_count == 0, "%u blocks of memory are left", s->blocks_count);
    switch (result) {
    case TRD_E_BUSY: /* a lock that fails with EAGAIN is somebody else's */
    case TRD_E_IO:
        must(s, disk_struck(s->disk), "a call has failed: %s %d",
            trd_io_call_text(status->fault.call), status->fault.error);
        world_end_process(s, sim_chance(s, 50));
        s->floor = s->durable; /* the call that failed may have been a sync */
        return;
    case TRD_E_RANGE:
        must(s, s->durable < s->acknowledged, "events were seen of commands that are lost");
        go_back(s, status->seq);
        forget(s);
        return;
    case TRD_E_UNKNOWN:
        give_up(s, d);
        return;
    case TRD_E_CORRUPT:
        must(s, s->damaged && status->differs == 0 && status->damaged > 0,
            "damage is found: %s at %" PRIu64 " of segment %" PRIu64 ", differs %" PRIu64,
            trd_journal_outcome_text(status->journal.report.outcome), status->journal.report.at,
            status->journal.report.number, status->differs);
        must(s, !expect_shot(s, &seq), "snapshot %" PRIu64 " was not used", seq);
        must(s, d->done, "no snapshot is whole, and one was");
        repair(s, d);
        return;
    default:
        sim_wrong(s, "the node does not open: %d", result);
    }
}

/* The node is open: what it has found is what there was. */
static void judge_opening(sim *s, uint64_t expected) {
    const trd_node_status *status = &s->status;
    go_back(s, status->seq);
    must(s, status->event == s->story->after[status->seq],
        "%" PRIu64 " events behind command %" PRIu64 ", not %" PRIu64, status->event, status->seq,
        s->story->after[status->seq]);
    must(s, status->snapshot == expected, "snapshot %" PRIu64 " was used, not %" PRIu64,
        status->snapshot, expected);
    must(s, s->damaged || status->damaged == 0, "%" PRIu64 " snapshots are not whole",
        status->damaged);
    must(s, status->replayed == status->seq - status->snapshot, "%" PRIu64 " executed again",
        status->replayed);
    s->counts->fallen_back += status->damaged > 0;
    s->counts->replayed += status->replayed;
    story_settle(s->story);
    s->failed = s->struck = false;
    for (uint32_t i = 0; i < s->hearers_count; i++) {
        hearer_opened(s, i);
    }
}

/* What a host may have otherwise in each run. */
static void draw_definitions(sim *s) {
    s->def.ingress = 2u << sim_in(s, 0, 7);
    s->def.commands = 64u << sim_in(s, 0, 3);
    s->def.events = 512u << sim_in(s, 0, 4);
    s->def.keep = (uint32_t)sim_in(s, 1, 3);
    s->journal.batch_size = (uint32_t)sim_in(s, 2, 15) * 4096;
    s->journal.flags = sim_chance(s, 30) ? TRD_JOURNAL_PLAIN : 0;
    if (!s->was_set_up || sim_chance(s, s->odds_mode)) {
        s->journal.mode = (uint32_t)(sim_chance(s, 50)   ? TRD_JOURNAL_SYNC
                                     : sim_chance(s, 50) ? TRD_JOURNAL_WRITTEN
                                                         : TRD_JOURNAL_LAZY);
    }
}

/* One attempt. */
static bool try_open(sim *s, damage *d) {
    uint64_t seq, size, expected = 0;
    const bool any = opening_shot(s, UINT64_MAX, &seq, &size) != NULL;
    must(s, s->shot == 0 || (any && seq >= s->shot), "snapshot %" PRIu64 " is gone", s->shot);
    /* A directory that is new, or was never finished, begins with the engine of the host. */
    const bool found = expect_shot(s, &expected);
    if (sim_rarely(s, 10 * s->odds_fault) && !s->calm) {
        world_fault(s);
    }
    const int result = trd_node_open(&s->def, &s->status, &s->node);
    if (result == TRD_OK) {
        must(s, found || !any, "a snapshot comes out of nothing");
        judge_opening(s, expected);
        return !world_is_dead(s);
    }
    must(s, s->node == NULL, "a node that is none");
    judge_refusal(s, result, d);
    if (disk_is_dead(s->disk)) {
        world_end_process(s, sim_chance(s, 50));
    }
    return false;
}

void opening_do(sim *s) {
    damage d = {.done = false};
    draw_definitions(s);
    for (uint32_t i = 0; i < s->hearers_count; i++) {
        hearer_subscribe(s, i);
        s->subs[i] = s->hearers[i].sub;
    }
    s->def.subscribers = s->hearers_count;
    if (s->was_set_up && sim_chance(s, s->odds_damage)) {
        d = damage_newest(s);
    }
    uint32_t attempts = 0;
    while (!try_open(s, &d)) {
        must(s, ++attempts < OPENINGS_MAX, "the node does not open");
    }
    if (sim_chance(s, 75)) {
        repair(s, &d);
    }
    s->was_set_up = true;
    s->counts->opens++;
    s->counts->by_mode[s->journal.mode]++;
    sim_say(s, "opened: mode %u, snapshot %" PRIu64 ", commands %" PRIu64 ", events %" PRIu64,
        s->journal.mode, s->status.snapshot, s->status.seq, s->status.event);
}
