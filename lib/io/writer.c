/* writer.c - commands on their way to the disk.
 *
 * There are two batches of memory. One collects what is appended; the other is under way, or empty.
 * Frames lie in a batch as they will in the file, each with room for its head, which is made when
 * the batch leaves: only then is its place known, and how much is on the disk.
 *
 *     append -> batch that collects -> [seal] -> write -+-> sync -> durable
 *                                                       (linked, where the sync is wanted)
 *
 * One write and one sync are under way at most, so the order of frames on the disk is theirs, and
 * `synced` of a frame is all that came before its batch. Beside them the maker makes the next
 * segment. After the first failure nothing is started any more, and nothing acknowledged. */
#include <errno.h>
#include <string.h>

#include "core/def.h"
#include "io/prepare.h"
#include "io/reader.h"

enum { TAG_WRITE = 1, TAG_SYNC = 2 };

typedef struct batch {
    uint8_t *bytes;
    uint32_t size;     /* bytes collected */
    uint32_t frame;    /* byte of the head of the frame that is open */
    uint32_t payload;  /* slots behind it */
    uint32_t open;     /* 1: one is */
    uint64_t last_seq; /* of the commands in it and before */
} batch;

/* What is under way. */
typedef struct work {
    bool writing; /* of a batch: `size` bytes to byte `at` of the segment, `sent` of them done */
    bool syncing; /* what is written is synced, too */
    uint32_t under_way; /* requests */
    uint32_t retries;
    uint64_t at, size, sent;
    uint64_t end; /* byte up to which a sync that begins now will have synced */
    int64_t write_result, sync_result;
} work;

struct trd_journal_writer {
    trd_io_ops ops;
    trd_mem mem;
    uint32_t mode;
    uint32_t batch_size;
    uint64_t segment_size;
    int directory;
    int fd;
    trd__lane lane;
    trd__maker maker;
    trd_journal_place place; /* behind what was sealed */
    uint64_t seq;            /* of the next command */
    trd_ns time;
    batch batches[2];
    uint32_t filling; /* the one that collects */
    work work;
    bool urgent;   /* a flush waits: write what there is, and sync */
    bool demanded; /* the next segment was needed, and is being made once more */
    bool failed;
    trd_journal_progress seen;
};

/* ---- failure ---- */

static int fail(trd_journal_writer *w, uint32_t call, int64_t result, uint64_t at) {
    if (!w->failed) {
        w->failed = true;
        trd__fault(&w->seen.fault, call, result, w->place.number, at);
    }
    return TRD_E_IO;
}

static int fail_as(trd_journal_writer *w, const trd_io_fault *fault) {
    if (!w->failed) {
        w->failed = true;
        w->seen.fault = *fault;
    }
    return TRD_E_IO;
}

/* ---- collecting ---- */

static uint32_t bytes_of(uint32_t slots) {
    return slots * TRD_SLOT_SIZE;
}

/* Where `slots` more slots go: behind the open frame or a new one's head. NULL: there is no room.
 * `alone`: in a frame of their own. */
static uint8_t *place_for(trd_journal_writer *w, uint32_t slots, bool alone) {
    batch *b = &w->batches[w->filling];
    const bool joins = b->open != 0 && !alone && b->payload + slots <= TRD_JOURNAL_PAYLOAD_MAX;
    const uint32_t wanted = bytes_of(slots + (joins ? 0 : 1));
    if (wanted > w->batch_size - b->size) {
        return NULL;
    }
    if (!joins) {
        b->frame = b->size;
        b->payload = 0;
        b->size += TRD_SLOT_SIZE;
    }
    uint8_t *at = b->bytes + b->size;
    b->size += bytes_of(slots);
    b->payload += slots;
    b->open = !alone;
    /* Until it is sealed the head says only how many slots are behind it. */
    trd_journal_frame *head = (void *)(b->bytes + b->frame);
    head->payload = b->payload;
    return at;
}

/* Are these the records of the next commands? Then `seq` and `time` are behind them. */
static bool are_next(const trd_command *records, uint32_t slots, uint64_t *seq, trd_ns *time) {
    uint32_t i = 0;
    while (i < slots) {
        const trd_command *base = &records[i];
        if (base->kind == 0 || base->kind >= TRD_JOURNAL_HEAD || base->slots < 1 ||
            base->slots > TRD_SLOTS_MAX || base->slots > slots - i || base->seq != *seq ||
            base->time < *time) {
            return false;
        }
        for (uint32_t e = 1; e < base->slots; e++) {
            if (records[i + e].kind < 128 || records[i + e].slots != 0) {
                return false;
            }
        }
        *seq += 1;
        *time = base->time;
        i += base->slots;
    }
    return true;
}

int trd_journal_append(trd_journal_writer *writer, const trd_command *records, uint32_t slots) {
    if (writer == NULL || records == NULL || slots == 0 || slots > TRD_JOURNAL_PAYLOAD_MAX) {
        return TRD_E_ARG;
    }
    if (writer->failed) {
        return TRD_E_IO;
    }
    uint64_t seq = writer->seq;
    trd_ns time = writer->time;
    if (!are_next(records, slots, &seq, &time)) {
        return TRD_E_ARG;
    }
    uint8_t *at = place_for(writer, slots, false);
    if (at == NULL) {
        return TRD_E_FULL;
    }
    memcpy(at, records, bytes_of(slots));
    writer->seq = seq;
    writer->time = time;
    writer->batches[writer->filling].last_seq = seq - 1;
    writer->seen.appended = seq - 1;
    if (writer->mode == TRD_JOURNAL_LAZY) {
        writer->seen.acknowledged = seq - 1;
    }
    return TRD_OK;
}

int trd_journal_checkpoint(
    trd_journal_writer *writer, uint64_t seq, uint64_t events, uint64_t digest) {
    if (writer == NULL || seq >= writer->seq) {
        return TRD_E_ARG;
    }
    if (writer->failed) {
        return TRD_E_IO;
    }
    uint8_t *at = place_for(writer, 1, true);
    if (at == NULL) {
        return TRD_E_FULL;
    }
    const trd_journal_check check = {.seq = seq,
        .time = writer->time,
        .kind = TRD_JOURNAL_CHECK,
        .slots = 1,
        .events = events,
        .digest = digest};
    memcpy(at, &check, sizeof(check));
    writer->batches[writer->filling].last_seq = writer->seq - 1;
    return TRD_OK;
}

/* ---- starting ---- */

/* Makes the heads of all frames of the batch, at the place where they will stand. */
static int seal(trd_journal_writer *w, const batch *b) {
    for (uint32_t at = 0; at < b->size;) {
        trd_journal_frame *head = (void *)(b->bytes + at);
        const uint32_t payload = head->payload;
        if (trd_journal_frame_seal(&w->place, head, payload) != TRD_OK) {
            return fail(w, TRD_IO_WRITE, -EINVAL, w->place.at); /* append has let it in */
        }
        at += bytes_of(1 + payload);
    }
    return TRD_OK;
}

/* Gives the lane what of the work is left: the rest of the write, the sync, or both. */
static int start_work(trd_journal_writer *w) {
    trd_io_request requests[2];
    uint32_t count = 0;
    const work *k = &w->work;
    const batch *b = &w->batches[1 - w->filling];
    if (k->writing && k->sent < k->size) {
        requests[count++] = (trd_io_request){.call = TRD_IO_WRITE,
            .link = k->syncing,
            .fd = w->fd,
            .data = b->bytes + k->sent,
            .size = k->size - k->sent,
            .at = k->at + k->sent,
            .tag = TAG_WRITE};
    }
    if (k->syncing) {
        requests[count++] =
            (trd_io_request){.call = TRD_IO_DATA_SYNC, .fd = w->fd, .tag = TAG_SYNC};
    }
    w->work.under_way = count;
    w->work.write_result = w->work.sync_result = -ECANCELED;
    const int result = trd__lane_start(&w->lane, requests, count);
    return result < 0 ? fail(w, TRD_IO_RING, result, k->at) : (int)count;
}

static int start_sync(trd_journal_writer *w) {
    w->work = (work){.syncing = true, .end = w->place.at};
    return start_work(w);
}

static int start_batch(trd_journal_writer *w) {
    batch *b = &w->batches[w->filling];
    const uint64_t at = w->place.at;
    if (seal(w, b) != TRD_OK) {
        return TRD_E_IO;
    }
    w->filling = 1 - w->filling;
    w->batches[w->filling] = (batch){.bytes = w->batches[w->filling].bytes};
    w->work = (work){.writing = true,
        .syncing = w->mode == TRD_JOURNAL_SYNC || w->urgent,
        .at = at,
        .size = b->size,
        .end = at + b->size};
    return start_work(w);
}

static void begin_segment(trd_journal_writer *w, uint64_t number) {
    trd_journal_head head = {
        .id = w->place.id, .number = number, .size = w->segment_size, .time = w->time};
    (void)trd_journal_head_seal(&head); /* the definition was checked */
    trd__maker_begin(&w->maker, &head);
}

/* The segment is full and synced: goes on in the next one, when that is there. */
static int turn(trd_journal_writer *w) {
    trd__maker *m = &w->maker;
    if (m->state == TRD__MAKING_FAILED) {
        if (w->demanded || m->final) {
            return fail_as(w, &m->fault);
        }
        w->demanded = true;
        begin_segment(w, m->head.number);
    }
    if (m->state != TRD__MAKING_READY) {
        return 0;
    }
    w->ops.close(w->ops.user, w->fd); /* all of it is on the disk: nothing can fail any more */
    if (trd_journal_turn(&w->place, &m->head) != TRD_OK) {
        return fail(w, TRD_IO_OPEN, -EINVAL, 0);
    }
    w->fd = trd__maker_hand_over(m);
    w->demanded = false;
    begin_segment(w, w->place.number + 1);
    return 1;
}

/* Starts the next work, if none is under way and there is something to do. */
static int start_next(trd_journal_writer *w) {
    const batch *b = &w->batches[w->filling];
    if (w->work.under_way > 0) {
        return 0;
    }
    if (b->size == 0) {
        return w->urgent && w->place.synced < w->place.at ? start_sync(w) : 0;
    }
    const bool waits = w->mode == TRD_JOURNAL_LAZY && !w->urgent && b->size < w->batch_size / 2;
    if (waits) {
        return 0;
    }
    if (b->size <= w->place.size - w->place.at) {
        return start_batch(w);
    }
    return w->place.synced < w->place.at ? start_sync(w) : turn(w);
}

/* ---- finishing ---- */

static void finish(trd_journal_writer *w) {
    const work *k = &w->work;
    if (k->writing) {
        w->seen.written = w->batches[1 - w->filling].last_seq;
        w->seen.writes++;
    }
    if (k->syncing) {
        w->place.synced = k->end;
        w->seen.durable = w->seen.written;
        w->seen.syncs++;
    }
    const uint64_t reached = w->mode == TRD_JOURNAL_SYNC ? w->seen.durable : w->seen.written;
    if (reached > w->seen.acknowledged) {
        w->seen.acknowledged = reached;
    }
    w->work = (work){0};
}

/* The same again, for what was interrupted or made no progress; but not for ever. */
static int retry(trd_journal_writer *w, uint32_t call, int64_t result) {
    if (++w->work.retries > TRD__RETRIES_MAX) {
        return fail(w, call, result, w->work.at + w->work.sent);
    }
    return start_work(w);
}

/* All requests of the work have come back. */
static int settle(trd_journal_writer *w) {
    work *k = &w->work;
    if (k->writing && k->sent < k->size) {
        const int64_t result = k->write_result;
        if (trd__again(TRD_IO_WRITE, result) || result == 0) {
            return retry(w, TRD_IO_WRITE, result < 0 ? result : -EIO);
        }
        if (result < 0 || (uint64_t)result > k->size - k->sent) {
            return fail(w, TRD_IO_WRITE, result, k->at + k->sent);
        }
        k->sent += (uint64_t)result;
        k->retries = 0;
        if (k->sent < k->size) { /* a sync that was made knows nothing of the rest */
            return start_work(w);
        }
    }
    if (k->syncing && k->sync_result < 0) {
        /* ECANCELED: it was not made, because the write before it was not full at first. */
        if (trd__again(TRD_IO_DATA_SYNC, k->sync_result) || k->sync_result == -ECANCELED) {
            return retry(w, TRD_IO_DATA_SYNC, k->sync_result);
        }
        return fail(w, TRD_IO_DATA_SYNC, k->sync_result, 0);
    }
    finish(w);
    return TRD_OK;
}

static void take(trd_journal_writer *w, const trd_io_result *result) {
    if (result->tag == TRD__TAG_MAKER) {
        trd__maker_take(&w->maker, result->result);
        if (w->maker.state == TRD__MAKING_FAILED && w->maker.final) {
            fail_as(w, &w->maker.fault);
        }
        return;
    }
    if (result->tag == TAG_WRITE) {
        w->work.write_result = result->result;
    } else {
        w->work.sync_result = result->result;
    }
    if (--w->work.under_way == 0 && !w->failed) {
        settle(w);
    }
}

static int reap(trd_journal_writer *w, bool wait) {
    trd_io_result results[TRD__LANE_MAX];
    const int count = trd__lane_reap(&w->lane, results, TRD__LANE_MAX, wait);
    if (trd__again(TRD_IO_RING, count)) {
        return 0;
    }
    if (count < 0) {
        return fail(w, TRD_IO_RING, count, 0);
    }
    for (int i = 0; i < count; i++) {
        take(w, &results[i]);
    }
    return count;
}

/* One round; `wait`: until something has come back, if anything is under way. */
static int advance(trd_journal_writer *w, bool wait) {
    if (w->failed) {
        return TRD_E_IO;
    }
    int done = w->lane.under_way > 0 ? reap(w, wait) : 0;
    if (!w->failed) {
        done += start_next(w) > 0;
    }
    if (!w->failed) {
        const int step = trd__maker_step(&w->maker);
        if (step < 0) {
            fail(w, TRD_IO_RING, step, 0);
        }
        done += step > 0;
    }
    return w->failed ? TRD_E_IO : done;
}

int trd_journal_poll(trd_journal_writer *writer) {
    return writer != NULL ? advance(writer, false) : TRD_E_ARG;
}

static bool is_settled(const trd_journal_writer *w) {
    return w->work.under_way == 0 && w->batches[w->filling].size == 0 &&
           w->place.synced == w->place.at;
}

int trd_journal_flush(trd_journal_writer *writer) {
    if (writer == NULL) {
        return TRD_E_ARG;
    }
    writer->urgent = true;
    while (!writer->failed && !is_settled(writer)) {
        advance(writer, true);
    }
    writer->urgent = false;
    return writer->failed ? TRD_E_IO : TRD_OK;
}

bool trd__journal_is_under_way(const trd_journal_writer *writer) {
    return !writer->failed && writer->lane.under_way > 0;
}

uint64_t trd_journal_acknowledged(const trd_journal_writer *writer) {
    return writer != NULL ? writer->seen.acknowledged : 0;
}

void trd_journal_progress_get(const trd_journal_writer *writer, trd_journal_progress *progress) {
    if (writer == NULL || progress == NULL) {
        return;
    }
    *progress = writer->seen;
    progress->number = writer->place.number;
    progress->at = writer->place.at;
    progress->ring = writer->lane.ring != NULL;
    progress->ready = writer->maker.state == TRD__MAKING_READY;
    progress->ahead = writer->maker.fault;
}

/* ---- opening and closing ---- */

static bool is_valid(const trd_journal_def *def) {
    const bool sizes = def->segment_size >= TRD_JOURNAL_SIZE_MIN &&
                       def->segment_size <= TRD_JOURNAL_SIZE_MAX &&
                       def->segment_size % TRD_JOURNAL_DATA == 0 && def->batch_size >= 8192 &&
                       def->batch_size <= 1u << 24 && def->batch_size % 4096 == 0 &&
                       def->batch_size <= def->segment_size - TRD_JOURNAL_DATA;
    return sizes && def->directory != NULL && def->seq >= 1 && def->mode >= TRD_JOURNAL_SYNC &&
           def->mode <= TRD_JOURNAL_LAZY && (def->flags & ~(uint32_t)TRD_JOURNAL_PLAIN) == 0;
}

static int open_directory(trd_journal_writer *w, const char *name, trd_io_fault *fault) {
    const int fd = w->ops.open(w->ops.user, -1, name, TRD_IO_DIRECTORY);
    if (fd < 0) {
        return trd__fault(fault, TRD_IO_OPEN, fd, 0, 0);
    }
    w->directory = fd;
    const int locked = w->ops.lock(w->ops.user, fd);
    if (locked == -EWOULDBLOCK) {
        return TRD_E_BUSY;
    }
    return locked < 0 ? trd__fault(fault, TRD_IO_LOCK, locked, 0, 0) : TRD_OK;
}

/* Reads what is there; status->report says how it ended. */
static int recover(trd_journal_writer *w, const trd_journal_def *def, trd_journal_status *status,
    trd__settled *settled) {
    const trd_journal_reading reading = {
        .directory = def->directory, .seq = def->seq, .ops = &w->ops, .mem = def->mem};
    trd_journal_reader *reader;
    const trd_journal_frame *frame;
    int result = trd__reader_open(&reading, w->directory, true, status, &reader);
    if (result != TRD_OK) {
        return result;
    }
    do {
        result = trd_journal_reader_next(reader, &frame);
    } while (result == 1);
    (void)trd_journal_reader_report(reader, status);
    *settled = trd__reader_settled(reader);
    trd_journal_reader_close(reader);
    const bool ends_before = status->report.last.seq != 0 && status->report.last.seq < def->seq;
    return result == 0 && ends_before ? TRD_E_UNKNOWN : result;
}

/* The place to go on at, as far as it is known without a segment. */
static int continue_from(
    trd_journal_writer *w, const trd_journal_def *def, trd_journal_status *status) {
    w->place = status->report.last;
    if (w->place.id == 0) {
        const int result = w->ops.random(w->ops.user, &w->place.id, sizeof(w->place.id));
        if (result < 0) {
            return trd__fault(&status->fault, TRD_IO_RANDOM, result, 0, 0);
        }
    }
    if (w->place.seq == 0) { /* no frames: whatever segments there are, they hold nothing */
        w->place.seq = def->seq;
        w->place.time = def->time;
        w->place.hash = 0;
    }
    w->place.number = 0; /* the first turn is to any number */
    w->seq = w->place.seq;
    w->time = w->place.time;
    const uint64_t last = w->seq - 1;
    w->seen.appended = w->seen.acknowledged = w->seen.written = w->seen.durable = last;
    w->batches[0].last_seq = w->batches[1].last_seq = last;
    status->report.last.seq = w->seq;
    status->report.last.time = w->time;
    return TRD_OK;
}

static int open_lane(trd_journal_writer *w, const trd_journal_def *def) {
    void *buffers[2];
    for (int i = 0; i < 2; i++) {
        w->batches[i].bytes = trd__io_alloc(&w->mem, w->batch_size);
        if (w->batches[i].bytes == NULL) {
            return TRD_E_MEMORY;
        }
        buffers[i] = w->batches[i].bytes;
    }
    const trd_io_ring_def ring = {.requests_max = TRD__LANE_MAX,
        .buffers = 2,
        .cpus = def->cpus,
        .buffer = buffers,
        .buffer_size = w->batch_size};
    trd__lane_open(&w->lane, &w->ops, &ring, (def->flags & TRD_JOURNAL_PLAIN) != 0);
    w->maker = (trd__maker){.lane = &w->lane, .directory = w->directory, .fd = -1};
    return TRD_OK;
}

/* Waits until the segment that is being made is there. */
static int await_segment(trd_journal_writer *w) {
    while (!w->failed && w->maker.state != TRD__MAKING_READY) {
        if (w->maker.state == TRD__MAKING_FAILED) {
            return fail_as(w, &w->maker.fault);
        }
        const int step = trd__maker_step(&w->maker);
        if (step < 0) {
            return fail(w, TRD_IO_RING, step, 0);
        }
        reap(w, true);
    }
    return w->failed ? TRD_E_IO : TRD_OK;
}

/* Opens the segment to go on in: one that waits there, or a new one. */
static int first_segment(trd_journal_writer *w, const trd__settled *settled) {
    const bool fits = settled->blank && settled->head.size == w->segment_size;
    trd_journal_head head = settled->head;
    if (fits) {
        char name[TRD__NAME_SIZE];
        trd__name_of(settled->next, name);
        w->fd = w->ops.open(w->ops.user, w->directory, name, TRD_IO_TO_ADD);
        if (w->fd < 0) {
            return fail(w, TRD_IO_OPEN, w->fd, 0);
        }
    } else {
        begin_segment(w, settled->next + settled->blank);
        if (await_segment(w) != TRD_OK) {
            return TRD_E_IO;
        }
        head = w->maker.head;
        w->fd = trd__maker_hand_over(&w->maker);
    }
    if (trd_journal_turn(&w->place, &head) != TRD_OK) {
        return fail(w, TRD_IO_OPEN, -EINVAL, 0);
    }
    /* What an earlier process named may not have been synced by it. */
    int result, tries = 0;
    do {
        result = w->ops.sync(w->ops.user, w->directory);
    } while (trd__again(TRD_IO_SYNC, result) && ++tries < TRD__RETRIES_MAX);
    return result < 0 ? fail(w, TRD_IO_SYNC, result, 0) : TRD_OK;
}

/* An empty frame, on the disk when it returns. */
static int mark(trd_journal_writer *w) {
    if (trd_journal_flush(w) != TRD_OK) {
        return TRD_E_IO;
    }
    (void)place_for(w, 0, true); /* the batch is empty */
    w->batches[w->filling].last_seq = w->seq - 1;
    return trd_journal_flush(w);
}

static int open_all(trd_journal_writer *w, const trd_journal_def *def, trd_journal_status *status) {
    trd__settled settled = {0};
    int result = open_directory(w, def->directory, &status->fault);
    if (result != TRD_OK) {
        return result;
    }
    result = recover(w, def, status, &settled);
    if (result != TRD_OK) {
        return result;
    }
    result = continue_from(w, def, status);
    if (result != TRD_OK) {
        return result;
    }
    result = open_lane(w, def);
    if (result != TRD_OK) {
        return result;
    }
    result = first_segment(w, &settled);
    result = result == TRD_OK ? mark(w) : result;
    if (result == TRD_OK) {
        begin_segment(w, w->place.number + 1);
    } else {
        status->fault = w->seen.fault;
    }
    return result;
}

static void release(trd_journal_writer *w) {
    if (w->lane.ops != NULL) {
        while (w->lane.under_way > 0 && reap(w, true) > 0) { /* a file may still be opened */
        }
        trd__lane_close(&w->lane);
        trd__maker_end(&w->maker);
    }
    if (w->fd >= 0) {
        w->ops.close(w->ops.user, w->fd);
    }
    if (w->directory >= 0) {
        w->ops.close(w->ops.user, w->directory);
    }
    const trd_mem mem = w->mem;
    trd__io_release(&mem, w->batches[0].bytes, w->batch_size);
    trd__io_release(&mem, w->batches[1].bytes, w->batch_size);
    trd__io_release(&mem, w, sizeof(*w));
}

int trd_journal_writer_open(
    const trd_journal_def *def, trd_journal_status *status, trd_journal_writer **out) {
    trd_journal_def own = trd_journal_def_default();
    if (out != NULL) {
        *out = NULL;
    }
    if (status == NULL || out == NULL || !trd__def_read(&own, sizeof(own), def) ||
        !is_valid(&own)) {
        return TRD_E_ARG;
    }
    *status = (trd_journal_status){0};
    trd_journal_writer *w = trd__io_alloc(&own.mem, sizeof(*w));
    if (w == NULL) {
        return TRD_E_MEMORY;
    }
    *w = (trd_journal_writer){.ops = own.ops != NULL ? *own.ops : *trd_io_system(),
        .mem = own.mem,
        .mode = own.mode,
        .batch_size = own.batch_size,
        .segment_size = own.segment_size,
        .directory = -1,
        .fd = -1};
    const int result = open_all(w, &own, status);
    if (result != TRD_OK) {
        release(w);
        return result;
    }
    *out = w;
    return TRD_OK;
}

int trd_journal_writer_close(trd_journal_writer *writer) {
    if (writer == NULL) {
        return TRD_OK;
    }
    const int result = mark(writer);
    release(writer);
    return result;
}
