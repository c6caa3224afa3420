/* world.c - the node and its disk: what is done to them. opening.c: what is found afterwards. */
#include <errno.h>
#include <stdlib.h>

#include "sim.h"

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

/* Whoever keeps old segments cannot always: then they stay, and the snapshot is there all the same.
 */
enum { ARCHIVE_FAILS = -1000 };

static int archive(void *of, const char *name, uint64_t number) {
    sim *s = of;
    must(s, disk_file(s->disk, name, NULL) != NULL, "segment %" PRIu64 " is not there any more",
        number);
    s->counts->archived++;
    return sim_chance(s, 10) ? ARCHIVE_FAILS : 0;
}

static trd_engine *make_origin(sim *s) {
    s->venue = (venue_life){.rng = &s->rng, .trail = true};
    s->venue.publish = TRD_PUBLISH_LEVELS;
    s->venue.publish |= sim_chance(s, 50) ? TRD_PUBLISH_TAPE : 0;
    s->venue.publish |= sim_chance(s, 30) ? TRD_PUBLISH_EXEC : 0;
    s->venue.publish |= sim_chance(s, 30) ? TRD_PUBLISH_ORDERS : 0;
    trd_engine *origin = venue_create(&s->venue);
    must(s, origin != NULL, "no engine");
    return origin;
}

void world_begin(sim *s) {
    s->disk = disk_new(draw_u64(&s->rng));
    disk_set_pace(s->disk, sim_chance(s, 50) ? sim_in(s, 5, 100) : 40);
    if (s->options->plant == SIM_PLANT_LYING_SYNC) {
        disk_set_lies(s->disk, 1u << TRD_IO_DATA_SYNC);
    }
    s->ops = disk_ops(s->disk, sim_chance(s, 80));
    s->looks = disk_ops(s->disk, false);
    trd_engine *origin = make_origin(s);
    story_begin(s->story, origin, (uint32_t)sim_in(s, TRD_ENGINE_OUT_MIN, 600));
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
    s->def.archive = sim_chance(s, 50) ? archive : NULL;
    s->def.archive_user = s;
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

void world_end_process(sim *s, bool power) {
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

bool world_is_dead(sim *s) {
    if (!disk_is_dead(s->disk)) {
        return false;
    }
    sim_chance(s, 60) ? world_power(s) : world_kill(s);
    return true;
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
    world_end_process(s, power);
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
    if (world_is_dead(s)) {
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
        world_end_process(s, true);
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
    if (world_is_dead(s)) {
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
    if (world_is_dead(s)) {
        return;
    }
    look(s);
    sim_say(s, "snapshot of %" PRIu64 ": %d", status.snapshot, result);
    const bool taken = result == TRD_OK || result == ARCHIVE_FAILS;
    must(s, taken || result == TRD_E_BUSY || (result == TRD_E_IO && s->struck),
        "snapshot: %d, %s %d", result, trd_io_call_text(status.fault.call), status.fault.error);
    if (taken) {
        must(s, status.seq == before.executed, "a snapshot of %" PRIu64 ", executed are %" PRIu64,
            status.seq, before.executed);
        s->durable = s->durable > status.seq ? s->durable : status.seq;
        s->shot = status.seq;
        s->counts->snapshots++;
    }
}
