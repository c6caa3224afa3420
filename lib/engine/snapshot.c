/* snapshot.c - the image of an engine as a stream of bytes, and back: docs/formats/snapshot.md.
 *
 * Writer and reader are machines over pieces of any size. What the writer gives next is an item
 * (the head, a page behind its mark, the end), made where it goes if there is room for all of it,
 * and in the writer otherwise. The reader puts pages where they belong and looks at their hashes
 * there: the memory is no engine before all of them, and their digest, are right. */
#include "engine/image.h"

#include <string.h>

#include "core/hash.h"
#include "match/state.h"

enum { HEAD_SIZE = sizeof(trd_snapshot_head), MARK_SIZE = sizeof(trd_snapshot_mark) };

#define END_NUMBER UINT64_MAX

static uint64_t head_hash(const trd_snapshot_head *head) {
    return trd__hash(head, offsetof(trd_snapshot_head, head_hash), 0);
}

static uint64_t end_hash(const trd_snapshot_head *head, uint64_t digest) {
    const uint64_t pair[2] = {head->head_hash, digest};
    return trd__hash(pair, sizeof(pair), 0);
}

/* --- writing ---------------------------------------------------------------------------------- */

enum writer_phase { WRITES_HEAD = 1, WRITES_PAGES, WRITES_END };

int trd_snapshot_begin(trd_snapshot_writer *writer, const trd_engine *engine) {
    const int result = trd__image_ask(engine, writer);
    if (result != TRD_OK) {
        return result;
    }
    const trd_image_sum sum = trd__image_sum(engine);
    const trd_match *match = trd__engine_match(engine);
    writer->head = (trd_snapshot_head){.magic = TRD_SNAPSHOT_MAGIC,
        .format = TRD_SNAPSHOT_FORMAT,
        .head_size = HEAD_SIZE,
        .layout = trd__image_layout(),
        .version = TRD_VERSION,
        .page_size = TRD_PAGE_SIZE,
        .block_size = sum.size,
        .pages = sum.pages,
        .size = HEAD_SIZE + sum.pages * MARK_SIZE + sum.bytes + MARK_SIZE,
        .time = match->time,
        .seq = engine->seq,
        .events = match->seq,
        .slots = engine->past.slots,
        .hash = engine->past.hash,
        .digest = sum.digest};
    writer->head.head_hash = head_hash(&writer->head);
    writer->engine = engine;
    writer->next = 0;
    writer->digest = sum.size;
    writer->phase = WRITES_HEAD;
    writer->item_size = writer->item_at = 0;
    writer->reserved = 0;
    return TRD_OK;
}

static uint32_t put_mark(uint8_t *to, uint64_t number, uint64_t hash) {
    const trd_snapshot_mark mark = {.number = number, .hash = hash};
    memcpy(to, &mark, MARK_SIZE);
    return MARK_SIZE;
}

/* The next page that is not zero; 0 if there is none. */
static uint32_t put_page(trd_snapshot_writer *writer, const trd_image *image, uint8_t *to) {
    while (writer->next < image->pages) {
        const uint64_t number = writer->next++;
        const uint32_t size = trd__page_size(image->size, number);
        const uint8_t *page = trd__image_page(image, number, to + MARK_SIZE);
        if (!trd__is_zero(page, size)) {
            const uint64_t hash = trd__page_hash(page, size, number);
            writer->digest = trd__digest_add(writer->digest, number, hash);
            if (page != to + MARK_SIZE) {
                memcpy(to + MARK_SIZE, page, size);
            }
            return put_mark(to, number, hash) + size;
        }
    }
    return 0;
}

/* The next item, of which there is one; `to` has room for the largest. Its size. */
static uint32_t put_item(trd_snapshot_writer *writer, const trd_image *image, uint8_t *to) {
    trd_assert(writer->phase != WRITES_END);
    if (writer->phase == WRITES_HEAD) {
        memcpy(to, &writer->head, HEAD_SIZE);
        writer->phase = WRITES_PAGES;
        return HEAD_SIZE;
    }
    const uint32_t size = put_page(writer, image, to);
    if (size != 0) {
        return size;
    }
    writer->phase = WRITES_END;
    return put_mark(to, END_NUMBER, end_hash(&writer->head, writer->digest));
}

/* What is left of the item that stands in the writer, as far as it fits. */
static size_t give(trd_snapshot_writer *writer, uint8_t *to, size_t room) {
    const size_t left = writer->item_size - writer->item_at;
    const size_t size = left < room ? left : room;
    memcpy(to, writer->item + writer->item_at, size);
    writer->item_at += (uint32_t)size;
    return size;
}

static bool is_over(const trd_snapshot_writer *writer) {
    return writer->phase == WRITES_END && writer->item_at == writer->item_size;
}

/* Has the engine other pages than it had when the snapshot began? */
static bool has_gone_on(const trd_snapshot_writer *writer) {
    return writer->engine->stage != TRD_ENGINE_IDLE ||
           (writer->phase == WRITES_END && writer->digest != writer->head.digest);
}

/* Items, as many as fit, and the beginning of one more; the writer has none. */
static size_t fill(trd_snapshot_writer *writer, uint8_t *to, size_t room) {
    trd_image image;
    size_t at = 0;
    trd__image_of(writer->engine, &image);
    while (at < room && !is_over(writer)) {
        if (room - at >= sizeof(writer->item)) {
            at += put_item(writer, &image, to + at);
        } else {
            writer->item_at = 0;
            writer->item_size = put_item(writer, &image, writer->item);
            at += give(writer, to + at, room - at);
        }
    }
    return at;
}

int trd_snapshot_write(trd_snapshot_writer *writer, void *out, size_t size, size_t *written) {
    if (writer == NULL || out == NULL || size == 0 || written == NULL) {
        return TRD_E_ARG;
    }
    if (has_gone_on(writer)) {
        return TRD_E_BUSY;
    }
    size_t at = give(writer, out, size);
    if (at < size && !is_over(writer)) {
        at += fill(writer, (uint8_t *)out + at, size - at);
    }
    if (has_gone_on(writer)) {
        return TRD_E_BUSY;
    }
    *written = at;
    return is_over(writer) ? TRD_OK : TRD_MORE;
}

/* --- reading ---------------------------------------------------------------------------------- */

int trd_snapshot_peek(const void *bytes, size_t size, trd_snapshot_head *out) {
    if (bytes == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    if (size < HEAD_SIZE) {
        return TRD_E_TRUNCATED;
    }
    trd_snapshot_head head;
    memcpy(&head, bytes, HEAD_SIZE);
    if (head.magic != TRD_SNAPSHOT_MAGIC) {
        return TRD_E_FORMAT;
    }
    if (head.format != TRD_SNAPSHOT_FORMAT) {
        return TRD_E_UNKNOWN;
    }
    if (head.head_hash != head_hash(&head) || head.head_size != HEAD_SIZE ||
        head.page_size != TRD_PAGE_SIZE || head.block_size % TRD_ENGINE_ALIGN != 0) {
        return TRD_E_FORMAT;
    }
    *out = head;
    return TRD_OK;
}

enum reader_phase { READS_MARK = 1, READS_PAGE, HAS_GIVEN };

int trd_snapshot_open(
    trd_snapshot_reader *reader, const trd_snapshot_head *head, void *mem, size_t size) {
    if (reader == NULL || head == NULL || mem == NULL || (uintptr_t)mem % TRD_ENGINE_ALIGN != 0) {
        return TRD_E_ARG;
    }
    trd_snapshot_head own;
    const int result = trd_snapshot_peek(head, sizeof(*head), &own);
    if (result != TRD_OK) {
        return TRD_E_FORMAT;
    }
    if (own.layout != trd__image_layout()) {
        return TRD_E_UNKNOWN;
    }
    if (own.block_size < sizeof(trd_engine)) {
        return TRD_E_FORMAT;
    }
    if (size < own.block_size) {
        return TRD_E_ARG;
    }
    *reader = (trd_snapshot_reader){
        .head = own, .mem = mem, .digest = own.block_size, .state = TRD_MORE, .phase = READS_MARK};
    return TRD_OK;
}

/* Pages before `number` that did not come are zero. */
static void skip_to(trd_snapshot_reader *reader, uint64_t number) {
    const uint64_t from = reader->next * TRD_PAGE_SIZE;
    const uint64_t to = number * TRD_PAGE_SIZE;
    const uint64_t end = to < reader->head.block_size ? to : reader->head.block_size;
    if (end > from) {
        memset(reader->mem + from, 0, end - from);
    }
    reader->next = number;
}

/* Do the parts lie where an engine of this size has them? */
static bool is_engine(const trd_engine *engine, uint64_t size) {
    if (engine->size != size || engine->stage != TRD_ENGINE_IDLE ||
        engine->match_at < sizeof(*engine) || engine->accounts_at < engine->match_at ||
        engine->risk_at < engine->accounts_at || engine->risk_at > size - sizeof(trd_risk)) {
        return false;
    }
    return (engine->match_at | engine->accounts_at | engine->risk_at) % TRD_ENGINE_ALIGN == 0;
}

static int end(trd_snapshot_reader *reader) {
    skip_to(reader, trd__pages_of(reader->head.block_size));
    const bool is_whole = reader->mark.hash == end_hash(&reader->head, reader->digest) &&
                          reader->digest == reader->head.digest &&
                          reader->pages == reader->head.pages;
    const trd_engine *engine = (const trd_engine *)(const void *)reader->mem;
    return is_whole && is_engine(engine, reader->head.block_size) ? TRD_OK : TRD_E_FORMAT;
}

/* The mark is complete: a page follows, or nothing. */
static int marked(trd_snapshot_reader *reader) {
    const uint64_t number = reader->mark.number;
    reader->item_at = 0;
    if (number == END_NUMBER) {
        return end(reader);
    }
    if (number < reader->next || number >= trd__pages_of(reader->head.block_size)) {
        return TRD_E_FORMAT;
    }
    skip_to(reader, number);
    reader->phase = READS_PAGE;
    return TRD_MORE;
}

static int paged(trd_snapshot_reader *reader) {
    const uint64_t number = reader->mark.number;
    const uint32_t size = trd__page_size(reader->head.block_size, number);
    const uint64_t hash = trd__page_hash(reader->mem + number * TRD_PAGE_SIZE, size, number);
    if (hash != reader->mark.hash) {
        return TRD_E_FORMAT;
    }
    reader->digest = trd__digest_add(reader->digest, number, hash);
    reader->pages++;
    reader->next = number + 1;
    reader->item_at = 0;
    reader->phase = READS_MARK;
    return TRD_MORE;
}

/* Takes what fits of the mark or page that is being read; returns how many bytes. */
static size_t accept(trd_snapshot_reader *reader, const uint8_t *bytes, size_t size) {
    const bool is_mark = reader->phase == READS_MARK;
    uint8_t *to =
        is_mark ? (uint8_t *)&reader->mark : reader->mem + reader->mark.number * TRD_PAGE_SIZE;
    const uint32_t whole =
        is_mark ? MARK_SIZE : trd__page_size(reader->head.block_size, reader->mark.number);
    const size_t left = whole - reader->item_at;
    const size_t taken = left < size ? left : size;
    memcpy(to + reader->item_at, bytes, taken);
    reader->item_at += (uint32_t)taken;
    if (reader->item_at == whole) {
        reader->state = is_mark ? marked(reader) : paged(reader);
    }
    return taken;
}

int trd_snapshot_read(trd_snapshot_reader *reader, const void *bytes, size_t size) {
    if (reader == NULL || (bytes == NULL && size != 0)) {
        return TRD_E_ARG;
    }
    const uint8_t *at = bytes;
    size_t left = size;
    while (left > 0 && reader->state == TRD_MORE) {
        const size_t taken = accept(reader, at, left);
        at += taken;
        left -= taken;
    }
    if (left > 0) {
        reader->state = TRD_E_FORMAT;
    }
    return reader->state;
}

int trd_snapshot_engine(trd_snapshot_reader *reader, const trd_mem *mem, trd_engine **out) {
    if (reader == NULL || out == NULL || reader->phase == HAS_GIVEN) {
        return TRD_E_ARG;
    }
    if (reader->state != TRD_OK) {
        return reader->state == TRD_MORE ? TRD_E_TRUNCATED : reader->state;
    }
    reader->phase = HAS_GIVEN;
    trd_engine *engine = (trd_engine *)(void *)reader->mem;
    if (mem != NULL) {
        engine->mem = *mem;
    }
    *out = engine;
    return TRD_OK;
}
