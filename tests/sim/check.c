/* check.c - what must hold when nothing is on its way, and of what is on the disk. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

enum { ROOM = 4096, REPLAYS = 16 };

static void same_engine(sim *s, const trd_engine *engine, const char *what) {
    uint64_t own, told;
    trd_event_trail trail, bare;
    must(s, trd_engine_trail(engine, &trail) == TRD_OK, "%s has no trail", what);
    must(s, trd_engine_trail(s->story->engine, &bare) == TRD_OK, "no trail");
    must(s, trail.seq == bare.seq && trail.slots == bare.slots && trail.hash == bare.hash,
        "%s has written %" PRIu64 " slots of events up to command %" PRIu64 ", hash %016" PRIx64
        "; a bare engine %" PRIu64 ", %" PRIu64 ", %016" PRIx64,
        what, trail.slots, trail.seq, trail.hash, bare.slots, bare.seq, bare.hash);
    must(s, trd_engine_digest(engine, &own) == TRD_OK, "%s has no digest", what);
    must(s, trd_engine_digest(s->story->engine, &told) == TRD_OK, "no digest");
    must(s, own == told, "%s is not in the state of a bare engine", what);
}

void check_quiet(sim *s) {
    const trd_engine *engine = trd_node_engine(s->node);
    const int audited = trd_engine_audit(engine);
    must(s, audited == TRD_OK, "audit: line %d", -audited);
    same_engine(s, engine, "the node's engine");
    for (uint32_t i = 0; i < s->hearers_count; i++) {
        hearer_quiet(s, i);
    }
    story *t = s->story;
    must(s, story_book(t, t->events), "books: %s", t->books.wrong);
    must(s, venue_books_hold(&t->books, engine), "books: %s", t->books.wrong);
    client_check(s);
    s->counts->audits++;
}

/* --- journals --------------------------------------------------------------------------------- */

/* An engine of a snapshot, which the commands behind it are to bring to where the story is. */
typedef struct replay {
    uint64_t seq;
    trd_engine *engine;
    void *mem;
} replay;

typedef struct replays {
    replay at[REPLAYS];
    uint32_t count;
} replays;

static void execute(sim *s, const replay *r, const trd_command *command) {
    static trd_event events[ROOM];
    int result = TRD_MORE;
    while (result == TRD_MORE) {
        trd_out out = {.events = events, .capacity = ROOM};
        result = trd_engine_step(r->engine, command, &out);
        command = NULL;
    }
    must(s, result == TRD_OK, "command %" PRIu64 " behind a snapshot: %d", r->seq, result);
}

/* Is that record command `seq`, as it was sent and stamped? */
static void check_record(sim *s, const trd_command *record, uint64_t seq) {
    const story_command *sent = &s->story->command[seq];
    must(s,
        seq <= s->story->numbered && record->slots == sent->slots[0].slots &&
            memcmp(record, sent->slots, record->slots * sizeof(*record)) == 0,
        "command %" PRIu64 " of the journal is not the one that was sent", seq);
}

static uint64_t read_frame(
    sim *s, const trd_journal_frame *frame, uint64_t next, const replays *all) {
    const trd_command *at = (const void *)(frame + 1);
    for (uint32_t i = 0; i < frame->count; i++, next++) {
        must(s, frame->seq + i == next, "command %" PRIu64 " follows %" PRIu64, frame->seq + i,
            next - 1);
        check_record(s, at, next);
        for (uint32_t k = 0; k < all->count; k++) {
            if (next > all->at[k].seq) {
                execute(s, &all->at[k], at);
            }
        }
        at += at->slots;
    }
    return next;
}

/* Reads all that there is: from `first` or before up to `last`. */
static void read_journal(sim *s, uint64_t first, uint64_t last, const replays *all) {
    trd_journal_reading def = trd_journal_reading_default();
    trd_journal_status status;
    trd_journal_reader *reader;
    const trd_journal_frame *frame;
    uint64_t next = 0;
    int result;
    world_heal(s);
    def.directory = "/";
    def.ops = &s->looks;
    must(s, trd_journal_reader_open(&def, &status, &reader) == TRD_OK, "no journal");
    while ((result = trd_journal_reader_next(reader, &frame)) == 1) {
        next = next == 0 ? frame->seq : next;
        next = read_frame(s, frame, next, all);
    }
    (void)trd_journal_reader_report(reader, &status);
    trd_journal_reader_close(reader);
    must(s, result == 0, "the journal is damaged: %s, segment %" PRIu64 " byte %" PRIu64,
        trd_journal_outcome_text(status.report.outcome), status.report.number, status.report.at);
    must(s, next == last + 1, "the journal ends with %" PRIu64 ", not %" PRIu64, next - 1, last);
    must(s, status.report.last.seq - status.report.commands <= first,
        "the journal begins behind command %" PRIu64, first);
}

/* --- snapshots -------------------------------------------------------------------------------- */

/* The engine of a snapshot; false: it is not whole. */
static bool restore(replay *r, const uint8_t *bytes, uint64_t size) {
    static trd_snapshot_reader reader;
    trd_snapshot_head head;
    if (trd_snapshot_peek(bytes, size, &head) != TRD_OK) {
        return false;
    }
    r->mem = aligned_alloc(TRD_ENGINE_ALIGN, (head.block_size + 63) & ~UINT64_C(63));
    if (trd_snapshot_open(&reader, &head, r->mem, head.block_size) == TRD_OK &&
        trd_snapshot_read(&reader, bytes + sizeof(head), size - sizeof(head)) == TRD_OK &&
        trd_snapshot_engine(&reader, NULL, &r->engine) == TRD_OK) {
        return true;
    }
    free(r->mem);
    return false;
}

static void restore_all(sim *s, replays *all) {
    uint64_t size, bound = UINT64_MAX;
    const uint8_t *bytes;
    while (all->count < REPLAYS && (bytes = opening_shot(s, bound, &bound, &size)) != NULL) {
        replay *r = &all->at[all->count];
        if (!restore(r, bytes, size)) {
            must(s, s->damaged, "snapshot %" PRIu64 " is not whole", bound);
            continue;
        }
        const int audited = trd_engine_audit(r->engine);
        must(s, audited == TRD_OK, "audit of snapshot %" PRIu64 ": line %d", bound, -audited);
        r->seq = bound;
        all->count++;
    }
}

void check_journal(sim *s, uint64_t last) {
    const replays none = {.count = 0};
    uint64_t size, first = 0, bound = UINT64_MAX;
    while (opening_shot(s, bound, &bound, &size) != NULL) {
        first = bound;
    }
    read_journal(s, first + 1, last, &none);
}

void check_replays(sim *s, uint64_t last) {
    replays all = {.count = 0};
    must(s, story_execute(s->story, last), "the bare engine stands still");
    restore_all(s, &all);
    const uint64_t first = all.count > 0 ? all.at[all.count - 1].seq : 0;
    read_journal(s, first + 1, last, &all);
    for (uint32_t i = 0; i < all.count; i++) {
        same_engine(s, all.at[i].engine, "a snapshot, and the commands behind it,");
        free(all.at[i].mem);
    }
    s->counts->restored += all.count;
}
