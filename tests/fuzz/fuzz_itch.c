/* fuzz_itch.c - hostile ITCH files and MoldUDP64 packets.
 *
 * The first byte of an input picks what the rest is: a file with lengths, with zeros, of bare
 * messages, or packets of one session, each behind two bytes of length. Whatever comes, nothing is
 * read beyond the input, each message that is accepted encodes to the bytes it came from, each
 * framing is read as a second, simpler reading of it says, and a receiver never goes back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/codec/itch.h>
#include <tradsys/codec/mold.h>

#include "fuzz.h"

static size_t length_at(const uint8_t *data) {
    return (size_t)data[0] << 8 | data[1];
}

static size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

/* The message came from the start of data[0 .. size). */
static void check_message(const trd_itch_msg *msg, const uint8_t *data, size_t size) {
    uint8_t bytes[TRD_ITCH_SIZE_MAX];
    trd_itch_msg again;
    const int used = trd_itch_encode(msg, bytes, sizeof(bytes));
    fuzz_check(used > 0 && used == trd_itch_size(msg->type));
    fuzz_check((size_t)used <= size);
    fuzz_check(memcmp(bytes, data, (size_t)used) == 0);
    fuzz_check(trd_itch_decode(bytes, (size_t)used, &again) == used);
    fuzz_check(memcmp(&again, msg, sizeof(again)) == 0);
}

static void check_counts(const trd_itch_counts *counts) {
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof(counts->type) / sizeof(counts->type[0]); i++) {
        fuzz_check(counts->type[i] == 0 || trd_itch_size((unsigned)i) > 0);
        sum += counts->type[i];
    }
    fuzz_check(sum == counts->messages);
    fuzz_check(counts->oversized <= counts->messages);
    fuzz_check(counts->truncated <= 1);
}

/* Where the message of the frame at `at` begins and how long it may be. Returns false if there is
 * no whole frame, or none that the framing can pass. */
static bool frame_at(
    unsigned framing, const uint8_t *data, size_t size, size_t *at, size_t *message_size) {
    const size_t prefix = framing == TRD_ITCH_FRAMING_RAW ? 0 : 2;
    const size_t left = size - *at;
    if (left < prefix + (framing != TRD_ITCH_FRAMING_LENGTH)) {
        return false;
    }
    const uint8_t *frame = data + *at;
    int known = 0;
    if (framing == TRD_ITCH_FRAMING_LENGTH) {
        known = (int)length_at(frame);
    } else if (prefix == 0 || length_at(frame) == 0) {
        known = trd_itch_size(frame[prefix]);
    }
    if (known <= 0 || left - prefix < (size_t)known) {
        return false;
    }
    *at += prefix;
    *message_size = (size_t)known;
    return true;
}

/* Reads the file frame by frame beside the reader, which must see the same messages. */
static trd_itch_counts read_whole(unsigned framing, const uint8_t *data, size_t size) {
    trd_itch_reader reader;
    fuzz_check(trd_itch_reader_init(&reader, framing) == TRD_OK);
    trd_itch_reader_feed(&reader, data, size);
    trd_itch_counts counts = {0};
    trd_itch_msg msg, seen;
    size_t at = 0, message_size = 0;
    while (frame_at(framing, data, size, &at, &message_size)) {
        if (trd_itch_take(data + at, message_size, &msg, &counts) == 1) {
            check_message(&msg, data + at, message_size);
            fuzz_check(trd_itch_reader_next(&reader, &seen) == 1);
            fuzz_check(memcmp(&msg, &seen, sizeof(msg)) == 0);
            fuzz_check(reader.at == at + message_size);
        }
        at += message_size;
    }
    const int result = trd_itch_reader_next(&reader, &seen);
    fuzz_check(result == 0 || (result == TRD_E_FORMAT && framing != TRD_ITCH_FRAMING_LENGTH));
    fuzz_check(reader.at == at + (reader.ended ? 2 : 0));
    const bool whole = reader.ended || at == size;
    fuzz_check(trd_itch_reader_finish(&reader) == (whole ? TRD_OK : TRD_E_TRUNCATED));
    counts.truncated = !whole;
    fuzz_check(memcmp(&counts, &reader.counts, sizeof(counts)) == 0);
    return counts;
}

/* Reads the file in spans of `step` new bytes and must count the same. */
static void read_in_steps(
    unsigned framing, const uint8_t *data, size_t size, size_t step, const trd_itch_counts *whole) {
    trd_itch_reader reader;
    trd_itch_reader_init(&reader, framing);
    trd_itch_msg msg;
    size_t at = 0;
    for (size_t end = 0; end < size;) {
        end = min_size(end + step, size);
        trd_itch_reader_feed(&reader, data + at, end - at);
        int result;
        while ((result = trd_itch_reader_next(&reader, &msg)) == 1) {
            fuzz_check(reader.at <= end - at);
        }
        at = (size_t)reader.offset + reader.at;
        if (result < 0 || reader.ended) {
            break;
        }
    }
    if (at < size) {
        /* A fault stops before the input does: the reader has what is left as well. */
        trd_itch_reader_feed(&reader, data + at, size - at);
    }
    trd_itch_reader_finish(&reader);
    fuzz_check(memcmp(&reader.counts, whole, sizeof(*whole)) == 0);
}

static void fuzz_file(unsigned framing, const uint8_t *data, size_t size) {
    const int detected = trd_itch_detect(data, size);
    fuzz_check(detected == TRD_ITCH_FRAMING_LENGTH || detected == TRD_ITCH_FRAMING_ZERO ||
               detected == TRD_E_FORMAT || detected == TRD_E_TRUNCATED);
    fuzz_check(detected != TRD_E_TRUNCATED || size <= 2);
    const trd_itch_counts counts = read_whole(framing, data, size);
    check_counts(&counts);
    read_in_steps(framing, data, size, 1 + size / 7, &counts);
}

/* A well-formed packet, written again, is the same bytes. */
static void check_packet(const uint8_t *data, size_t size) {
    trd_mold_head head;
    trd_mold_messages messages;
    if (trd_mold_packet(data, size, &head, &messages) < 0) {
        return;
    }
    uint8_t *bytes = malloc(size);
    trd_mold_writer writer;
    fuzz_check(trd_mold_writer_begin(&writer, bytes, size, head.session, head.seq) == TRD_OK);
    trd_mold_message message;
    bool writable = head.count != TRD_MOLD_COUNT_END;
    while (trd_mold_messages_next(&messages, &message) == 1) {
        /* Empty messages are read, but never written. */
        const int result = trd_mold_writer_add(&writer, message.data, message.size);
        fuzz_check(result == (message.size == 0 ? TRD_E_ARG : TRD_OK));
        writable = writable && result == TRD_OK;
    }
    if (writable) {
        fuzz_check(trd_mold_writer_end(&writer) == size);
        fuzz_check(memcmp(bytes, data, size) == 0);
    }
    free(bytes);
}

static void fuzz_packet(
    trd_mold_session *state, const uint8_t *data, size_t size, trd_itch_counts *counts) {
    const uint64_t before = state->expected;
    const uint64_t taken = state->messages;
    trd_mold_messages messages;
    trd_mold_message message;
    trd_itch_msg msg;
    const int result = trd_mold_receive(state, data, size, &messages);
    fuzz_check(result == TRD_E_TRUNCATED || result == TRD_E_FORMAT || result == TRD_E_UNKNOWN ||
               (result >= TRD_MOLD_MESSAGES && result <= TRD_MOLD_END));
    fuzz_check((result == TRD_MOLD_MESSAGES) == (messages.count > 0));
    fuzz_check(state->expected >= before);
    fuzz_check(state->messages == taken + messages.count);
    uint64_t seq = state->expected - messages.count;
    while (trd_mold_messages_next(&messages, &message) == 1) {
        fuzz_check(message.seq == seq++);
        fuzz_check(message.data + message.size <= data + size);
        if (trd_itch_take(message.data, message.size, &msg, counts) == 1) {
            check_message(&msg, message.data, message.size);
        }
    }
    fuzz_check(seq == state->expected);
    trd_mold_head request;
    const int asks = trd_mold_request(state, &request);
    fuzz_check(asks == 1 || result != TRD_MOLD_GAP);
    fuzz_check(asks == 0 || (result != TRD_MOLD_END && result != TRD_MOLD_HEARTBEAT));
    fuzz_check(asks == 0 || request.seq == state->expected);
    fuzz_check(asks == 0 || (request.count > 0 && request.count <= TRD_MOLD_COUNT_MAX));
    check_packet(data, size);
}

static void fuzz_session(const uint8_t *data, size_t size) {
    trd_mold_session state;
    trd_mold_session_init(&state, NULL, 0);
    trd_itch_counts counts = {0};
    for (size_t at = 0; size - at >= 2;) {
        const size_t length = min_size(length_at(data + at), size - at - 2);
        fuzz_packet(&state, data + at + 2, length, &counts);
        at += 2 + length;
    }
    check_counts(&counts);
    fuzz_check(counts.messages + counts.unknown + counts.malformed == state.messages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    const unsigned pick = data[0] % 4u;
    if (pick == 3) {
        fuzz_session(data + 1, size - 1);
    } else {
        fuzz_file(TRD_ITCH_FRAMING_LENGTH + pick, data + 1, size - 1);
    }
    return 0;
}
