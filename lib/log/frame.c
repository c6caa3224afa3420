/* frame.c - heads and frames of the journal, as they are written: docs/formats/journal.md. */
#include "log/frame.h"

#include <string.h>

#include "core/assert.h"
#include "core/hash.h"

/* Bytes of a head that its hash covers. */
enum { COVERED = offsetof(trd_journal_frame, hash) };

_Static_assert(offsetof(trd_journal_head, hash) == COVERED, "both heads end in their hash");

uint64_t trd_journal_digest(const void *slots, size_t count, uint64_t digest) {
    const uint8_t *at = slots;
    for (size_t i = 0; i < count; i++) {
        digest = trd__hash(at + i * TRD_SLOT_SIZE, TRD_SLOT_SIZE, digest);
    }
    return digest;
}

uint64_t trd__frame_hash(
    uint64_t id, uint64_t number, uint64_t at, const trd_journal_frame *frame) {
    uint8_t keyed[24 + COVERED];
    memcpy(keyed, &id, 8);
    memcpy(keyed + 8, &number, 8);
    memcpy(keyed + 16, &at, 8);
    memcpy(keyed + 24, frame, COVERED);
    const uint64_t seed = trd__hash(keyed, sizeof(keyed), 0);
    return trd__hash(frame + 1, (size_t)frame->payload * TRD_SLOT_SIZE, seed);
}

static bool is_size(uint64_t size) {
    return size >= TRD_JOURNAL_SIZE_MIN && size <= TRD_JOURNAL_SIZE_MAX &&
           size % TRD_JOURNAL_DATA == 0;
}

int trd_journal_head_seal(trd_journal_head *head) {
    if (head == NULL || head->number == 0 || !is_size(head->size)) {
        return TRD_E_ARG;
    }
    *head = (trd_journal_head){.magic = TRD_JOURNAL_MAGIC,
        .time = head->time,
        .kind = TRD_JOURNAL_HEAD,
        .slots = 1,
        .version = TRD_JOURNAL_VERSION,
        .data = TRD_JOURNAL_DATA,
        .id = head->id,
        .number = head->number,
        .size = head->size};
    head->hash = trd__hash(head, COVERED, 0);
    return TRD_OK;
}

int trd_journal_head_check(const void *segment, size_t size, trd_journal_head *out) {
    if (segment == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    if (size < sizeof(trd_journal_head)) {
        return TRD_E_TRUNCATED;
    }
    trd_journal_head head;
    memcpy(&head, segment, sizeof(head));
    trd_journal_head made = head;
    /* A head is right if making it again from what it says gives the same bytes. */
    if (trd_journal_head_seal(&made) != TRD_OK || memcmp(&made, &head, sizeof(head)) != 0) {
        return TRD_E_FORMAT;
    }
    *out = head;
    return TRD_OK;
}

int trd_journal_turn(trd_journal_place *place, const trd_journal_head *head) {
    if (place == NULL || head == NULL) {
        return TRD_E_ARG;
    }
    if (place->number != 0 && (head->id != place->id || head->number <= place->number)) {
        return TRD_E_ARG;
    }
    place->id = head->id;
    place->number = head->number;
    place->at = TRD_JOURNAL_DATA;
    place->synced = TRD_JOURNAL_DATA;
    place->size = head->size;
    return TRD_OK;
}

/* Slots of the record at `base`, of which `left` slots are there; 0 if it is none. */
static uint32_t record_slots(const uint8_t *at, uint32_t left) {
    const trd_command *base = (const void *)at;
    const uint32_t slots = base->slots;
    if (base->kind == 0 || base->kind >= TRD_JOURNAL_HEAD || slots < 1 || slots > TRD_SLOTS_MAX ||
        slots > left) {
        return 0;
    }
    for (uint32_t i = 1; i < slots; i++) {
        const trd_ext_text *extension = (const void *)(at + i * TRD_SLOT_SIZE);
        if (extension->kind < 128 || extension->slots != 0) {
            return 0;
        }
    }
    return slots;
}

static bool is_check(const uint8_t *at, uint64_t seq) {
    const trd_journal_check *check = (const void *)at;
    return check->kind == TRD_JOURNAL_CHECK && check->slots == 1 && check->flags == 0 &&
           check->reserved == 0 && check->seq < seq && check->reserved1[0] == 0 &&
           check->reserved1[1] == 0 && check->reserved1[2] == 0;
}

bool trd__payload_check(const uint8_t *at, uint32_t slots, uint64_t seq, trd_ns time, bool any_time,
    trd__payload *out) {
    trd__payload found = {.time = time};
    if (slots == 1 && is_check(at, seq)) {
        *out = found;
        return true;
    }
    for (uint32_t i = 0; i < slots;) {
        const trd_command *base = (const void *)(at + (size_t)i * TRD_SLOT_SIZE);
        const uint32_t size = record_slots((const uint8_t *)base, slots - i);
        const bool orderly = base->time >= found.time || (any_time && found.count == 0);
        if (size == 0 || base->seq != seq + found.count || !orderly) {
            return false;
        }
        found.time = base->time;
        found.count++;
        i += size;
    }
    *out = found;
    return true;
}

static bool has_room(const trd_journal_place *place, uint32_t payload) {
    const uint64_t size = (1 + (uint64_t)payload) * TRD_SLOT_SIZE;
    return place->at <= place->size && size <= place->size - place->at;
}

int trd_journal_frame_seal(trd_journal_place *place, void *frame, uint32_t payload) {
    if (place == NULL || frame == NULL || payload > TRD_JOURNAL_PAYLOAD_MAX || place->seq == 0) {
        return TRD_E_ARG;
    }
    trd_journal_frame *head = frame;
    trd__payload held;
    if (!trd__payload_check(
            (const uint8_t *)(head + 1), payload, place->seq, place->time, false, &held)) {
        return TRD_E_ARG;
    }
    if (!has_room(place, payload)) {
        return TRD_E_FULL;
    }
    *head = (trd_journal_frame){.seq = place->seq,
        .time = held.time,
        .kind = TRD_JOURNAL_FRAME,
        .slots = 1,
        .count = held.count,
        .payload = payload,
        .before = place->hash,
        .synced = place->synced};
    head->hash = trd__frame_hash(place->id, place->number, place->at, head);
    place->seq += held.count;
    place->time = held.time;
    place->hash = head->hash;
    place->at += (1 + (uint64_t)payload) * TRD_SLOT_SIZE;
    return TRD_OK;
}
