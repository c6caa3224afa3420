/* world.c - the node and its disk: what is done to them, and what must be found afterwards. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

enum { OPENINGS_MAX = 40, NAME_SIZE = 40 };

/* --- memory ----------------------------------------------------------------------------------- */

/* What a killed node had is freed without a word of its: nothing may be waiting for that. */
static void *take_block(void *of, size_t size, size_t align) {
    sim *s = of;
    if (s->blocks_count == SIM_BLOCKS) {
        return NULL;
    }
    void *at = aligned_alloc(align, (size + align - 1) / align * align);
    s->blocks[s->blocks_count++] = at;
    return at;
}

static void give_block(void *of, void *at, size_t size) {
    sim *s = of;
    (void)size;
    for (uint32_t i = s->blocks_count; i-- > 0;) {
        if (s->blocks[i] == at) {
            s->blocks[i] = s->blocks[--s->blocks_count];
            free(at);
            return;
        }
    }
    sim_wrong(s, "memory is given back that was not taken");
}

static void drop_blocks(sim *s) {
    for (uint32_t i = 0; i < s->blocks_count; i++) {
        free(s->blocks[i]);
    }
    s->blocks_count = 0;
}

/* --- beginning -------------------------------------------------------------------------------- */

static trd_ns clock_of(void *of) {
    return ((const sim *)of)->clock;
}

static trd_engine *make_origin(sim *s) {
    s->venue = (venue_life){.rng = &s->rng, .trail = true};
    s->venue.publish = TRD_PUBLISH_LEVELS | (sim_chance(s, 50) ? TRD_PUBLISH_TAPE : 0) |
                       (sim_chance(s, 30) ? TRD_PUBLISH_EXEC : 0) |
                       (sim_chance(s, 30) ? TRD_PUBLISH_ORDERS : 0);
    trd_engine *origin = venue_create(&s->venue);
    must(s, origin != NULL, "no engine");
    return origin;
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

void world_begin(sim *s) {
    s->disk = disk_new(draw_u64(&s->rng));
    disk_set_pace(s->disk, sim_chance(s, 50) ? sim_in(s, 5, 100) : 40);
    if (s->options->plant == SIM_PLANT_LYING_SYNC) {
        disk_set_lies(s->disk, 1u << TRD_IO_DATA_SYNC);
    }
    s->ops = disk_ops(s->disk, sim_chance(s, 80));
    s->looks = disk_ops(s->disk, false);
    story_begin(s->story, make_origin(s), (uint32_t)sim_in(s, TRD_ENGINE_OUT_MIN, 600));
    s->mem = (trd_mem){.alloc = take_block, .release = give_block, .user = s};
    s->def = trd_node_def_default();
    s->journal = trd_journal_def_default();
    s->journal.directory = "/";
    s->journal.ops = &s->ops;
    s->journal.segment_size = TRD_JOURNAL_SIZE_MIN;
    s->def.engine = s->story->origin;
    s->def.journal = &s->journal;
    s->def.clock = clock_of;
    s->def.clock_user = s;
    s->def.subscriptions = s->subs;
    s->def.mem = s->mem;
}

void world_end(sim *s) {
    story_end(s->story);
    disk_free(s->disk);
}

/* --- faults ----------------------------------------------------------------------------------- */

static void note_fault(sim *s) {
    s->struck = s->struck || disk_struck(s->disk);
}

void world_heal(sim *s) {
    note_fault(s);
    s->counts->faults += disk_struck(s->disk);
    disk_set_fault(s->disk, &(disk_fault){0});
}

/* All that only the process had is gone; and if the power went, what was not synced. */
static void end_process(sim *s, bool power) {
    world_heal(s);
    power ? disk_crash(s->disk) : disk_kill(s->disk);
    drop_blocks(s);
}

/* All calls but DROP: a copy of the disk that cannot be forgotten is the system's own affair. */
static uint32_t draw_calls(sim *s) {
    static const uint32_t some[] = {1u << TRD_IO_WRITE, 1u << TRD_IO_DATA_SYNC,
        1u << TRD_IO_DATA_SYNC | 1u << TRD_IO_SYNC, 1u << TRD_IO_ALLOCATE, 1u << TRD_IO_RENAME,
        1u << TRD_IO_REMOVE, 1u << TRD_IO_READ, 1u << TRD_IO_OPEN};
    const uint32_t all = 0xffff & ~(1u << TRD_IO_DROP);
    return sim_chance(s, 50) ? all : some[sim_in(s, 0, 7)];
}

void world_fault(sim *s) {
    static const int errors[] = {EIO, ENOSPC, EFBIG, EINTR, EAGAIN};
    static const uint64_t parts[] = {0, 1, 64, 1000};
    world_heal(s);
    disk_fault fault = {.kind = sim_chance(s, 50)   ? DISK_FAULT_POWER
                                : sim_chance(s, 70) ? DISK_FAULT_ERROR
                                                    : DISK_FAULT_SHORT,
        .at = (uint64_t)sim_in(s, 0, sim_chance(s, 50) ? 5 : 80),
        .keeps_on = sim_chance(s, 30),
        .calls = draw_calls(s),
        .error = errors[sim_in(s, 0, 4)],
        .part = parts[sim_in(s, 0, 3)]};
    if ((fault.calls >> TRD_IO_READ & 1) != 0 && fault.part == 0) {
        fault.part = 1; /* no bytes of a read are the end of the file */
    }
    disk_set_fault(s->disk, &fault);
    sim_say(s, "fault %d at call %" PRIu64 " of %x, error %d part %" PRIu64 "%s", (int)fault.kind,
        fault.at, fault.calls, fault.error, fault.part, fault.keeps_on ? ", on and on" : "");
}

/* --- looking ---------------------------------------------------------------------------------- */

/* What the node says of itself after each call; and the story goes as far as it is acknowledged. */
static void look(sim *s) {
    trd_node_stats stats;
    trd_node_stats_get(s->node, &stats);
    note_fault(s);
    must(s, stats.sequenced <= s->story->sent && stats.sequenced >= s->story->numbered,
        "%" PRIu64 " commands numbered, of %" PRIu64, stats.sequenced, s->story->sent);
    story_number(s->story, stats.sequenced, s->clock);
    must(s, stats.acknowledged >= s->acknowledged && stats.acknowledged <= stats.sequenced,
        "acknowledged %" PRIu64 ", of %" PRIu64 ", before %" PRIu64, stats.acknowledged,
        stats.sequenced, s->acknowledged);
    must(s, stats.failed == TRD_OK || s->struck, "the journal fails: %s %d, and nothing had",
        trd_io_call_text(stats.fault.call), stats.fault.error);
    must(s, !s->failed || stats.failed != TRD_OK, "a journal that has failed goes on");
    must(s, !s->failed || stats.acknowledged == s->acknowledged,
        "a journal that has failed acknowledges %" PRIu64, stats.acknowledged);
    if (stats.failed != TRD_OK && !s->failed) {
        s->failed = true;
        s->counts->poisoned++;
        sim_say(s, "the journal has failed: %s %d", trd_io_call_text(stats.fault.call),
            stats.fault.error);
    }
    s->acknowledged = stats.acknowledged;
    if (s->journal.mode == TRD_JOURNAL_SYNC) {
        s->durable = s->acknowledged;
    }
    must(s, story_execute(s->story, stats.acknowledged), "the bare engine stands still");
}

/* The power has gone in the middle of a call: the node knows nothing of it, and is not asked. */
static bool is_dead(sim *s) {
    if (!disk_is_dead(s->disk)) {
        return false;
    }
    sim_chance(s, 60) ? world_power(s) : world_kill(s);
    return true;
}

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

const uint8_t *world_shot(sim *s, uint64_t bound, uint64_t *seq, uint64_t *size) {
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
    while ((bytes = world_shot(s, bound, &bound, &size)) != NULL) {
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
    must(s, number < s->hearers_count, "what is missing for nobody is missing");
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
        end_process(s, sim_chance(s, 50));
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

/* One attempt. */
static bool try_open(sim *s, damage *d) {
    uint64_t seq, size, expected = 0;
    const bool any = world_shot(s, UINT64_MAX, &seq, &size) != NULL;
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
        return !is_dead(s);
    }
    must(s, s->node == NULL, "a node that is none");
    judge_refusal(s, result, d);
    if (disk_is_dead(s->disk)) {
        end_process(s, sim_chance(s, 50));
    }
    return false;
}

void world_open(sim *s) {
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

/* --- ending ----------------------------------------------------------------------------------- */

/* Commands that may not be lost when the process or the machine ends now: what the mode promises
 * (io/journal.h). A sync that has failed may have lost what was only written. */
static uint64_t floor_of(const sim *s, bool power) {
    const bool written = s->journal.mode == TRD_JOURNAL_WRITTEN && !power && !s->struck;
    return written ? s->acknowledged : s->durable;
}

static void gone(sim *s, bool power) {
    s->floor = floor_of(s, power);
    end_process(s, power);
    s->node = NULL;
    must(s, disk_open_count(s->disk) == 0, "a process that has ended has files");
}

void world_kill(sim *s) {
    look(s);
    sim_say(s, "killed: %" PRIu64 " acknowledged of %" PRIu64, s->acknowledged, s->story->sent);
    gone(s, false);
    s->counts->kills++;
}

void world_power(sim *s) {
    look(s);
    sim_say(s, "no power: %" PRIu64 " acknowledged of %" PRIu64, s->acknowledged, s->story->sent);
    gone(s, true);
    s->counts->powers++;
}

/* In order, as far as the disk lets it. */
void world_close(sim *s) {
    const int stopped = trd_node_stop(s->node);
    if (is_dead(s)) {
        return;
    }
    look(s);
    must(s, stopped == (s->failed ? TRD_E_IO : TRD_OK), "stopped: %d", stopped);
    must(s, s->failed || s->acknowledged == s->story->sent,
        "stopped with %" PRIu64 " of %" PRIu64 " acknowledged", s->acknowledged, s->story->sent);
    for (uint32_t i = 0; i < s->hearers_count; i++) {
        hearer_read(s, i, sim_chance(s, 80) ? UINT32_MAX : 5);
    }
    const int closed = trd_node_close(s->node);
    note_fault(s);
    must(s, closed == TRD_OK || (closed == TRD_E_IO && s->struck), "closed: %d", closed);
    s->node = NULL;
    must(s, s->blocks_count == 0, "%u blocks of memory are left", s->blocks_count);
    sim_say(s, "closed: %d, %" PRIu64 " of %" PRIu64, closed, s->acknowledged, s->story->sent);
    const bool dead = disk_is_dead(s->disk);
    must(s, dead || disk_open_count(s->disk) == 0, "files are left open");
    /* What was stopped in order is on the disk, whatever the mode. */
    s->durable = closed == TRD_OK ? s->acknowledged : s->durable;
    s->floor = s->durable;
    s->counts->restarts++;
    if (dead || sim_chance(s, 20)) {
        end_process(s, true);
        s->counts->powers++;
    }
}

/* --- working ---------------------------------------------------------------------------------- */

bool world_send(sim *s, const trd_command *record, uint32_t intent) {
    if (s->node == NULL || !story_has_room(s->story)) {
        return false;
    }
    const int result = trd_node_send(s->node, record);
    must(s, result == TRD_OK || result == TRD_E_FULL || (result == TRD_E_IO && s->failed),
        "sent: %d", result);
    must(s, result != TRD_OK || !s->failed, "a node whose journal has failed takes commands");
    if (result == TRD_OK) {
        story_send(s->story, record, intent);
        s->counts->commands++;
    }
    return result == TRD_OK;
}

int world_work(sim *s) {
    const int done = trd_node_work(s->node);
    must(s, done >= 0, "work: %d", done);
    if (is_dead(s)) {
        return 0;
    }
    look(s);
    return done;
}

/* The power goes where names change: between them and their sync. */
static void aim(sim *s) {
    static const uint32_t calls[] = {1u << TRD_IO_SYNC, 1u << TRD_IO_REMOVE | 1u << TRD_IO_SYNC,
        1u << TRD_IO_RENAME | 1u << TRD_IO_REMOVE | 1u << TRD_IO_SYNC};
    const disk_fault fault = {
        .kind = DISK_FAULT_POWER, .at = (uint64_t)sim_in(s, 0, 5), .calls = calls[sim_in(s, 0, 2)]};
    world_heal(s);
    disk_set_fault(s->disk, &fault);
}

void world_snapshot(sim *s) {
    trd_node_status status;
    trd_node_stats before;
    if (sim_rarely(s, 10 * s->odds_power)) {
        aim(s);
    }
    trd_node_stats_get(s->node, &before);
    const int result = trd_node_snapshot(s->node, &status);
    if (is_dead(s)) {
        return;
    }
    look(s);
    sim_say(s, "snapshot of %" PRIu64 ": %d", status.snapshot, result);
    must(s, result == TRD_OK || result == TRD_E_BUSY || (result == TRD_E_IO && s->struck),
        "snapshot: %d, %s %d", result, trd_io_call_text(status.fault.call), status.fault.error);
    if (result == TRD_OK) {
        must(s, status.seq == before.executed, "a snapshot of %" PRIu64 ", executed are %" PRIu64,
            status.seq, before.executed);
        s->durable = s->durable > status.seq ? s->durable : status.seq;
        s->shot = status.seq;
        s->counts->snapshots++;
    }
}
