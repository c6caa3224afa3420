/* mold.c - MoldUDP64: packets, the order of their messages, and what is missing. */
#include <tradsys/codec/mold.h>

#include <string.h>

#include "core/assert.h"
#include "core/bytes.h"

enum { AT_SESSION = 0, AT_SEQ = 10, AT_COUNT = 18, PREFIX = 2 };

int trd_mold_head_decode(const uint8_t *data, size_t size, trd_mold_head *out) {
    trd_assert(data != NULL || size == 0);
    if (size < TRD_MOLD_HEAD_SIZE) {
        return TRD_E_TRUNCATED;
    }
    memset(out, 0, sizeof(*out));
    memcpy(out->session, data + AT_SESSION, TRD_MOLD_SESSION_SIZE);
    out->seq = trd__load_be64(data + AT_SEQ);
    out->count = trd__load_be16(data + AT_COUNT);
    return TRD_MOLD_HEAD_SIZE;
}

int trd_mold_head_encode(const trd_mold_head *head, uint8_t *out, size_t capacity) {
    trd_assert(out != NULL || capacity == 0);
    if (capacity < TRD_MOLD_HEAD_SIZE) {
        return TRD_E_FULL;
    }
    memcpy(out + AT_SESSION, head->session, TRD_MOLD_SESSION_SIZE);
    trd__store_be64(out + AT_SEQ, head->seq);
    trd__store_be16(out + AT_COUNT, head->count);
    return TRD_MOLD_HEAD_SIZE;
}

/* --- One packet ------------------------------------------------------------------------------- */

static uint32_t messages_of(const trd_mold_head *head) {
    return head->count == TRD_MOLD_COUNT_END ? 0 : head->count;
}

/* Where the blocks of `count` messages end, or NULL if that is beyond `end`. */
static const uint8_t *blocks_end(const uint8_t *at, const uint8_t *end, uint32_t count) {
    for (; count > 0; count--) {
        if (end - at < PREFIX || end - at - PREFIX < trd__load_be16(at)) {
            return NULL;
        }
        at += PREFIX + trd__load_be16(at);
    }
    return at;
}

int trd_mold_packet(
    const uint8_t *data, size_t size, trd_mold_head *head, trd_mold_messages *messages) {
    trd_mold_head read;
    if (trd_mold_head_decode(data, size, &read) < 0) {
        return TRD_E_TRUNCATED;
    }
    const uint32_t count = messages_of(&read);
    const uint8_t *first = data + TRD_MOLD_HEAD_SIZE;
    const uint8_t *end = blocks_end(first, data + size, count);
    if (end == NULL) {
        return TRD_E_TRUNCATED;
    }
    if (end != data + size || read.seq == 0 || read.seq > UINT64_MAX - count) {
        return TRD_E_FORMAT;
    }
    *head = read;
    *messages = (trd_mold_messages){.at = first, .seq = read.seq, .count = count};
    return (int)count;
}

int trd_mold_messages_next(trd_mold_messages *messages, trd_mold_message *out) {
    if (messages->count == 0) {
        return 0;
    }
    const uint32_t size = trd__load_be16(messages->at);
    *out = (trd_mold_message){.data = messages->at + PREFIX, .seq = messages->seq, .size = size};
    messages->at += PREFIX + size;
    messages->seq++;
    messages->count--;
    return 1;
}

static void messages_skip(trd_mold_messages *messages, uint64_t count) {
    trd_assert(count <= messages->count);
    trd_mold_message passed;
    for (; count > 0; count--) {
        trd_mold_messages_next(messages, &passed);
    }
}

/* --- The order of packets --------------------------------------------------------------------- */

void trd_mold_session_init(trd_mold_session *state, const char *session, uint64_t expected) {
    memset(state, 0, sizeof(*state));
    state->expected = expected;
    if (session != NULL) {
        memcpy(state->session, session, TRD_MOLD_SESSION_SIZE);
        state->named = 1;
    }
}

static bool gap_open(const trd_mold_session *state) {
    return state->gap_end > state->expected;
}

/* How many messages are known to exist and missing next. The announced end counts as well: behind
 * the last message no packet comes that could show that it is missing. */
static uint64_t missing_count(const trd_mold_session *state) {
    if (gap_open(state)) {
        return state->gap_end - state->expected;
    }
    return state->end_seq > state->expected ? state->end_seq - state->expected : 0;
}

/* What the first packet of a session decides, if the caller left it open. */
static void join(trd_mold_session *state, const trd_mold_head *head) {
    if (!state->named) {
        memcpy(state->session, head->session, TRD_MOLD_SESSION_SIZE);
        state->named = 1;
    }
    if (state->expected == 0) {
        state->expected = head->seq;
    }
}

/* A packet from beyond what is expected. The nearest one bounds the gap. */
static int note_gap(trd_mold_session *state, uint64_t seq) {
    trd_assert(seq > state->expected);
    if (!gap_open(state)) {
        state->gaps++;
        state->gap_end = seq;
    } else if (seq < state->gap_end) {
        state->gap_end = seq;
    }
    return TRD_MOLD_GAP;
}

/* A packet without messages whose number is not beyond what is expected. */
static int receive_empty(trd_mold_session *state) {
    if (missing_count(state) > 0) {
        return TRD_MOLD_GAP;
    }
    return state->ended ? TRD_MOLD_END : TRD_MOLD_HEARTBEAT;
}

/* A packet whose first message is not beyond what is expected: what is known is skipped. */
static int receive_messages(trd_mold_session *state, trd_mold_messages *out) {
    trd_assert(out->seq <= state->expected);
    const uint64_t known = state->expected - out->seq;
    if (known >= out->count) {
        state->duplicates += out->count;
        messages_skip(out, out->count);
        return TRD_MOLD_DUPLICATE;
    }
    messages_skip(out, known);
    state->duplicates += known;
    state->messages += out->count;
    state->expected += out->count;
    return TRD_MOLD_MESSAGES;
}

int trd_mold_receive(
    trd_mold_session *state, const uint8_t *data, size_t size, trd_mold_messages *out) {
    trd_mold_head head;
    trd_mold_messages messages;
    memset(out, 0, sizeof(*out));
    const int count = trd_mold_packet(data, size, &head, &messages);
    if (count < 0) {
        state->refused++;
        return count;
    }
    if (state->named && memcmp(state->session, head.session, TRD_MOLD_SESSION_SIZE) != 0) {
        state->foreign++;
        return TRD_E_UNKNOWN;
    }
    join(state, &head);
    state->packets++;
    state->heartbeats += head.count == TRD_MOLD_COUNT_HEARTBEAT;
    if (head.count == TRD_MOLD_COUNT_END) {
        state->ended = 1;
        state->end_seq = head.seq;
    }
    if (head.seq > state->expected) {
        return note_gap(state, head.seq);
    }
    if (count == 0) {
        return receive_empty(state);
    }
    const int result = receive_messages(state, &messages);
    *out = messages;
    return result;
}

int trd_mold_request(const trd_mold_session *state, trd_mold_head *out) {
    const uint64_t missing = missing_count(state);
    if (missing == 0) {
        return 0;
    }
    const uint64_t count = missing < TRD_MOLD_COUNT_MAX ? missing : TRD_MOLD_COUNT_MAX;
    memset(out, 0, sizeof(*out));
    out->seq = state->expected;
    out->count = (uint16_t)count;
    memcpy(out->session, state->session, TRD_MOLD_SESSION_SIZE);
    return 1;
}

/* --- Making packets --------------------------------------------------------------------------- */

int trd_mold_writer_begin(
    trd_mold_writer *writer, uint8_t *data, size_t capacity, const char *session, uint64_t seq) {
    trd_assert(data != NULL || capacity == 0);
    if (seq == 0) {
        return TRD_E_ARG;
    }
    if (capacity < TRD_MOLD_HEAD_SIZE) {
        return TRD_E_FULL;
    }
    memset(writer, 0, sizeof(*writer));
    writer->data = data;
    writer->capacity = capacity;
    writer->size = TRD_MOLD_HEAD_SIZE;
    writer->head.seq = seq;
    memcpy(writer->head.session, session, TRD_MOLD_SESSION_SIZE);
    return TRD_OK;
}

int trd_mold_writer_add(trd_mold_writer *writer, const uint8_t *message, size_t size) {
    if (size == 0 || size > UINT16_MAX) {
        return TRD_E_ARG;
    }
    if (writer->head.seq == UINT64_MAX - writer->head.count) {
        return TRD_E_RANGE;
    }
    if (writer->head.count == TRD_MOLD_COUNT_MAX ||
        writer->capacity - writer->size < PREFIX + size) {
        return TRD_E_FULL;
    }
    uint8_t *block = writer->data + writer->size;
    trd__store_be16(block, (uint16_t)size);
    memcpy(block + PREFIX, message, size);
    writer->size += PREFIX + size;
    writer->head.count++;
    return TRD_OK;
}

size_t trd_mold_writer_end(trd_mold_writer *writer) {
    trd_mold_head_encode(&writer->head, writer->data, writer->capacity);
    return writer->size;
}
