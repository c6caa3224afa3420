/* shim_itch.c - a reader of ITCH that keeps what it was fed. */
#include <stdlib.h>

#include <tradsys/codec/itch.h>

#include "bindings/inner.h"

struct trb_itch {
    trd_itch_reader reader;
    uint8_t *bytes; /* the span of the reader */
    size_t capacity;
    int is_open;
};

static int usable(const trb_itch *reader) {
    return reader->is_open ? TRD_OK : TRB_E_CLOSED;
}

trb_itch *trb_itch_new(void) {
    return calloc(1, sizeof(trb_itch));
}

void trb_itch_delete(trb_itch *reader) {
    if (reader != NULL) {
        free(reader->bytes);
        free(reader);
    }
}

int trb_itch_open(trb_itch *reader, unsigned framing) {
    if (reader->is_open) {
        return TRD_E_ARG;
    }
    const int result = trd_itch_reader_init(&reader->reader, framing);
    reader->is_open = result == TRD_OK;
    return result;
}

size_t trb_itch_memory(const trb_itch *reader) {
    return reader->capacity;
}

int trb_itch_close(trb_itch *reader) {
    const int result = usable(reader);
    free(reader->bytes);
    memset(reader, 0, sizeof(*reader));
    return result;
}

int trb_itch_is_open(const trb_itch *reader) {
    return reader->is_open;
}

/* The new span begins with what the last one left over. */
int trb_itch_feed(trb_itch *reader, const void *data, size_t size) {
    const int result = usable(reader);
    if (result != TRD_OK || size == 0) {
        return result;
    }
    const size_t left = reader->reader.size - reader->reader.at;
    if (size > SIZE_MAX / 2 - left) {
        return TRD_E_MEMORY;
    }
    if (left + size > reader->capacity) {
        uint8_t *bytes = malloc(left + size);
        if (bytes == NULL) {
            return TRD_E_MEMORY;
        }
        if (left > 0) {
            memcpy(bytes, reader->bytes + reader->reader.at, left);
        }
        free(reader->bytes);
        reader->bytes = bytes;
        reader->capacity = left + size;
    } else {
        memmove(reader->bytes, reader->bytes + reader->reader.at, left);
    }
    memcpy(reader->bytes + left, data, size);
    trd_itch_reader_feed(&reader->reader, reader->bytes, left + size);
    return TRD_OK;
}

int trb_itch_read(trb_itch *reader, void *out, size_t out_size) {
    int result = usable(reader);
    if (result != TRD_OK) {
        return result;
    }
    if (!trb__is_array(out, out_size, sizeof(trd_itch_msg)) || out_size == 0) {
        return TRB_E_BUFFER;
    }
    trd_itch_msg *messages = out;
    const int room = (int)(out_size / sizeof(*messages));
    int count = 0;
    while (count < room) {
        result = trd_itch_reader_next(&reader->reader, &messages[count]);
        if (result <= 0) {
            break;
        }
        count++;
    }
    /* A fault behind messages is said by the next call: the reader stands before it. */
    return count > 0 ? count : result;
}

int trb_itch_finish(trb_itch *reader) {
    const int result = usable(reader);
    return result != TRD_OK ? result : trd_itch_reader_finish(&reader->reader);
}

int trb_itch_ended(const trb_itch *reader) {
    const int result = usable(reader);
    return result != TRD_OK ? result : reader->reader.ended;
}

int trb_itch_offset(const trb_itch *reader, uint64_t *value) {
    *value = reader->reader.offset + reader->reader.at;
    return usable(reader);
}

int trb_itch_counts(const trb_itch *reader, void *out, size_t out_size) {
    const int result = usable(reader);
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(reader->reader.counts)) {
        return TRB_E_BUFFER;
    }
    memcpy(out, &reader->reader.counts, out_size);
    return TRD_OK;
}

int trb_itch_detect(const void *data, size_t size) {
    return trd_itch_detect(data, size);
}

int trb_itch_decode(const void *data, size_t size, void *out, size_t out_size) {
    trd_itch_msg message;
    if (out_size != sizeof(message)) {
        return TRB_E_BUFFER;
    }
    return trb__give(trd_itch_decode(data, size, &message), out, &message, sizeof(message));
}

int trb_itch_encode(const void *data, size_t size, void *out, size_t out_size) {
    trd_itch_msg message;
    return trb__read(&message, sizeof(message), data, size)
               ? trd_itch_encode(&message, out, out_size)
               : TRB_E_BUFFER;
}
