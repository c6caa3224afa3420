/* itch_frame.c - ITCH messages one behind the other: with lengths, with zeros, with nothing. */
#include <tradsys/codec/itch.h>

#include <string.h>

#include "codec/itch/itch.h"
#include "core/assert.h"
#include "core/bytes.h"

enum { PREFIX = 2 }; /* bytes of a length, or of the zeros in its place */

static void count_message(trd_itch_counts *counts, const trd_itch_msg *msg) {
    trd_assert(msg->type < sizeof(counts->type) / sizeof(counts->type[0]));
    counts->messages++;
    counts->type[msg->type]++;
}

int trd_itch_take(const uint8_t *data, size_t size, trd_itch_msg *out, trd_itch_counts *counts) {
    const int used = trd_itch_decode(data, size, out);
    if (used < 0) {
        *(used == TRD_E_UNKNOWN ? &counts->unknown : &counts->malformed) += 1;
        return 0;
    }
    counts->oversized += (size_t)used < size;
    count_message(counts, out);
    return 1;
}

/* The second message of a file with zeros, or as much of it as there is, begins like the first. */
static bool zeros_go_on(const uint8_t *data, size_t size, size_t at) {
    for (size_t i = at; i < size && i < at + PREFIX; i++) {
        if (data[i] != 0) {
            return false;
        }
    }
    return size <= at + PREFIX || trd__itch_sizes[data[at + PREFIX]] > 0;
}

int trd_itch_detect(const uint8_t *data, size_t size) {
    trd_assert(data != NULL || size == 0);
    if (size < PREFIX) {
        return TRD_E_TRUNCATED;
    }
    const size_t length = trd__load_be16(data);
    if (size == PREFIX) {
        return length == 0 ? TRD_ITCH_FRAMING_LENGTH : TRD_E_TRUNCATED;
    }
    const size_t known = trd__itch_sizes[data[PREFIX]];
    if (known == 0) {
        return TRD_E_FORMAT;
    }
    if (length == known) {
        return TRD_ITCH_FRAMING_LENGTH;
    }
    return length == 0 && zeros_go_on(data, size, PREFIX + known) ? TRD_ITCH_FRAMING_ZERO
                                                                  : TRD_E_FORMAT;
}

int trd_itch_reader_init(trd_itch_reader *reader, unsigned framing) {
    if (framing < TRD_ITCH_FRAMING_LENGTH || framing > TRD_ITCH_FRAMING_RAW) {
        return TRD_E_ARG;
    }
    memset(reader, 0, sizeof(*reader));
    reader->framing = (uint8_t)framing;
    return TRD_OK;
}

void trd_itch_reader_feed(trd_itch_reader *reader, const uint8_t *data, size_t size) {
    trd_assert(data != NULL || size == 0);
    trd_assert(reader->at <= reader->size);
    trd_assert(size >= reader->size - reader->at || reader->ended);
    reader->offset += reader->at;
    reader->data = data;
    reader->size = size;
    reader->at = 0;
}

/* With lengths: skips what is of no use, so one call may pass many frames. */
static int next_with_length(trd_itch_reader *reader, trd_itch_msg *out) {
    while (!reader->ended && reader->size - reader->at >= PREFIX) {
        const uint8_t *frame = reader->data + reader->at;
        const size_t length = trd__load_be16(frame);
        if (reader->size - reader->at - PREFIX < length) {
            return 0;
        }
        reader->at += PREFIX + length;
        if (length == 0) {
            reader->ended = 1;
        } else if (trd_itch_take(frame + PREFIX, length, out, &reader->counts) == 1) {
            return 1;
        }
    }
    return 0;
}

/* Without: the type says the length, behind `zeros` bytes that must be zero. */
static int next_by_type(trd_itch_reader *reader, size_t zeros, trd_itch_msg *out) {
    const uint8_t *frame = reader->data + reader->at;
    const size_t left = reader->size - reader->at;
    for (size_t i = 0; i < zeros && i < left; i++) {
        if (frame[i] != 0) {
            return TRD_E_FORMAT;
        }
    }
    if (left <= zeros) {
        return 0;
    }
    const int used = trd_itch_decode(frame + zeros, left - zeros, out);
    if (used < 0) {
        return used == TRD_E_TRUNCATED ? 0 : TRD_E_FORMAT;
    }
    reader->at += zeros + (size_t)used;
    count_message(&reader->counts, out);
    return 1;
}

int trd_itch_reader_next(trd_itch_reader *reader, trd_itch_msg *out) {
    trd_assert(reader->at <= reader->size);
    if (reader->size == reader->at) {
        return 0; /* also before the first feed, when there is no span to point into */
    }
    switch (reader->framing) {
    case TRD_ITCH_FRAMING_LENGTH:
        return next_with_length(reader, out);
    case TRD_ITCH_FRAMING_ZERO:
        return next_by_type(reader, PREFIX, out);
    default:
        trd_assert(reader->framing == TRD_ITCH_FRAMING_RAW);
        return next_by_type(reader, 0, out);
    }
}

int trd_itch_reader_finish(trd_itch_reader *reader) {
    if (reader->ended || reader->at == reader->size) {
        return TRD_OK;
    }
    reader->counts.truncated++;
    return TRD_E_TRUNCATED;
}
