/* test_mold.c - MoldUDP64: packets by hand, and the order that a receiver makes of them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/codec/mold.h>

#include "draw.h"
#include "wire_text.h"

static const char name_of_session[] = "SESSION001";

/* A packet whose messages are one byte each, the low byte of their number. */
static wire_bytes packet_of(uint64_t seq, uint16_t count) {
    wire_bytes wire = wire_text("'SESSION001'");
    for (int shift = 56; shift >= 0; shift -= 8) {
        wire.data[wire.size++] = (uint8_t)(seq >> shift);
    }
    wire.data[wire.size++] = (uint8_t)(count >> 8);
    wire.data[wire.size++] = (uint8_t)count;
    for (uint16_t i = 0; i < count && count != 0xFFFF; i++) {
        wire.data[wire.size++] = 0;
        wire.data[wire.size++] = 1;
        wire.data[wire.size++] = (uint8_t)(seq + i);
    }
    return wire;
}

static int receive(trd_mold_session *state, uint64_t seq, uint16_t count) {
    const wire_bytes wire = packet_of(seq, count);
    trd_mold_messages messages;
    return trd_mold_receive(state, wire.data, wire.size, &messages);
}

/* Receives a packet and wants exactly the messages first .. last of it. */
static void takes(
    trd_mold_session *state, uint64_t seq, uint16_t count, uint64_t first, uint64_t last) {
    const wire_bytes wire = packet_of(seq, count);
    trd_mold_messages messages;
    trd_mold_message message;
    cr_assert(eq(int, trd_mold_receive(state, wire.data, wire.size, &messages), TRD_MOLD_MESSAGES));
    for (uint64_t i = first; i <= last; i++) {
        cr_assert(eq(int, trd_mold_messages_next(&messages, &message), 1));
        cr_assert(eq(u64, message.seq, i));
        cr_assert(eq(u32, message.size, 1));
        cr_assert(eq(u8, message.data[0], (uint8_t)i));
    }
    cr_assert(eq(int, trd_mold_messages_next(&messages, &message), 0));
    cr_assert(eq(u64, state->expected, last + 1));
}

static void asks(const trd_mold_session *state, uint64_t seq, uint16_t count) {
    trd_mold_head head;
    cr_assert(eq(int, trd_mold_request(state, &head), 1));
    cr_assert(eq(u64, head.seq, seq));
    cr_assert(eq(u16, head.count, count));
    cr_assert(eq(int, memcmp(head.session, name_of_session, 10), 0));
}

static void asks_nothing(const trd_mold_session *state) {
    trd_mold_head head = {.seq = 77};
    cr_assert(eq(int, trd_mold_request(state, &head), 0));
    cr_assert(eq(u64, head.seq, 77));
}

static trd_mold_session session_at(uint64_t expected) {
    trd_mold_session state;
    trd_mold_session_init(&state, name_of_session, expected);
    return state;
}

/* --- Packets ---------------------------------------------------------------------------------- */

Test(mold_packet, is_a_head_and_messages_behind_their_lengths) {
    const wire_bytes wire =
        wire_text("'ABCDEFGH  ' 0102030405060708 0003 0002 'xy' 0000 0005 'hello'");
    trd_mold_head head;
    trd_mold_messages messages;
    trd_mold_message message;
    cr_assert(eq(int, trd_mold_packet(wire.data, wire.size, &head, &messages), 3));
    cr_assert(eq(int, memcmp(head.session, "ABCDEFGH  ", 10), 0));
    cr_assert(eq(u64, head.seq, 0x0102030405060708));
    cr_assert(eq(u16, head.count, 3));
    cr_assert(eq(int, trd_mold_messages_next(&messages, &message), 1));
    cr_assert(eq(u64, message.seq, 0x0102030405060708));
    cr_assert(eq(u32, message.size, 2));
    cr_assert(eq(int, memcmp(message.data, "xy", 2), 0));
    cr_assert(eq(int, trd_mold_messages_next(&messages, &message), 1));
    cr_assert(eq(u32, message.size, 0));
    cr_assert(eq(int, trd_mold_messages_next(&messages, &message), 1));
    cr_assert(eq(u64, message.seq, 0x010203040506070A));
    cr_assert(eq(u32, message.size, 5));
    cr_assert(eq(int, memcmp(message.data, "hello", 5), 0));
    cr_assert(eq(int, trd_mold_messages_next(&messages, &message), 0));
    cr_assert(eq(u64, message.seq, 0x010203040506070A));
}

Test(mold_packet, that_is_cut_anywhere_is_truncated_and_leaves_the_outputs_alone) {
    const wire_bytes wire = wire_text("'ABCDEFGH  ' 0000000000000001 0002 0002 'xy' 0001 'z'");
    for (size_t size = 0; size < wire.size; size++) {
        uint8_t *cut = malloc(size + 1);
        memcpy(cut + 1, wire.data, size);
        trd_mold_head head = {.seq = 77};
        trd_mold_messages messages = {.seq = 78};
        const int result = trd_mold_packet(cut + 1, size, &head, &messages);
        cr_assert(eq(int, result, TRD_E_TRUNCATED), "at %zu", size);
        cr_assert(eq(u64, head.seq, 77));
        cr_assert(eq(u64, messages.seq, 78));
        if (size < TRD_MOLD_HEAD_SIZE) {
            cr_assert(eq(int, trd_mold_head_decode(cut + 1, size, &head), TRD_E_TRUNCATED));
            cr_assert(eq(u64, head.seq, 77));
        }
        free(cut);
    }
}

Test(mold_packet, with_bytes_left_over_or_impossible_numbers_is_refused) {
    static const struct {
        const char *wire;
        int result;
    } rows[] = {
        {"'ABCDEFGH  ' 0000000000000001 0001 0001 'a'", 1},
        {"'ABCDEFGH  ' 0000000000000001 0001 0001 'ab'", TRD_E_FORMAT},
        {"'ABCDEFGH  ' 0000000000000001 0000", 0},
        {"'ABCDEFGH  ' 0000000000000001 0000 00", TRD_E_FORMAT},
        {"'ABCDEFGH  ' 0000000000000001 FFFF", 0},
        {"'ABCDEFGH  ' 0000000000000001 FFFF 0000", TRD_E_FORMAT},
        {"'ABCDEFGH  ' 0000000000000000 0000", TRD_E_FORMAT},
        {"'ABCDEFGH  ' FFFFFFFFFFFFFFFF 0000", 0},
        {"'ABCDEFGH  ' FFFFFFFFFFFFFFFE 0001 0001 'a'", 1},
        {"'ABCDEFGH  ' FFFFFFFFFFFFFFFF 0001 0001 'a'", TRD_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const wire_bytes wire = wire_text(rows[i].wire);
        trd_mold_head head;
        trd_mold_messages messages;
        cr_assert(eq(int, trd_mold_packet(wire.data, wire.size, &head, &messages), rows[i].result),
            "row %zu", i);
    }
}

Test(mold_writer, makes_the_bytes_of_a_packet) {
    const wire_bytes expected =
        wire_text("'SESSION001' 00000000000000FF 0002 0002 'xy' 0003 'abc'");
    uint8_t bytes[64];
    trd_mold_writer writer;
    cr_assert(
        eq(int, trd_mold_writer_begin(&writer, bytes, sizeof(bytes), name_of_session, 255), 0));
    cr_assert(eq(int, trd_mold_writer_add(&writer, (const uint8_t *)"xy", 2), TRD_OK));
    cr_assert(eq(int, trd_mold_writer_add(&writer, (const uint8_t *)"abc", 3), TRD_OK));
    cr_assert(eq(sz, trd_mold_writer_end(&writer), expected.size));
    cr_assert(eq(int, memcmp(bytes, expected.data, expected.size), 0));
}

Test(mold_writer, without_messages_makes_a_heartbeat) {
    const wire_bytes expected = wire_text("'SESSION001' 0000000000000009 0000");
    uint8_t bytes[TRD_MOLD_HEAD_SIZE];
    trd_mold_writer writer;
    cr_assert(
        eq(int, trd_mold_writer_begin(&writer, bytes, sizeof(bytes), name_of_session, 9), TRD_OK));
    cr_assert(eq(sz, trd_mold_writer_end(&writer), sizeof(bytes)));
    cr_assert(eq(int, memcmp(bytes, expected.data, sizeof(bytes)), 0));
}

Test(mold_writer, refuses_what_has_no_room_and_keeps_the_packet) {
    const wire_bytes expected = wire_text("'SESSION001' 0000000000000001 0001 0002 'xy'");
    uint8_t bytes[25];
    trd_mold_writer writer;
    memset(bytes, 0xEE, sizeof(bytes));
    cr_assert(eq(int, trd_mold_writer_begin(&writer, bytes, 19, name_of_session, 1), TRD_E_FULL));
    cr_assert(eq(int, trd_mold_writer_begin(&writer, bytes, 20, name_of_session, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_mold_writer_begin(&writer, bytes, 24, name_of_session, 1), TRD_OK));
    cr_assert(eq(int, trd_mold_writer_add(&writer, (const uint8_t *)"xyz", 3), TRD_E_FULL));
    cr_assert(eq(int, trd_mold_writer_add(&writer, (const uint8_t *)"", 0), TRD_E_ARG));
    cr_assert(eq(int, trd_mold_writer_add(&writer, (const uint8_t *)"", 65536), TRD_E_ARG));
    cr_assert(eq(int, trd_mold_writer_add(&writer, (const uint8_t *)"xy", 2), TRD_OK));
    cr_assert(eq(int, trd_mold_writer_add(&writer, (const uint8_t *)"x", 1), TRD_E_FULL));
    cr_assert(eq(sz, trd_mold_writer_end(&writer), 24));
    cr_assert(eq(int, memcmp(bytes, expected.data, 24), 0));
    cr_assert(eq(u8, bytes[24], 0xEE));

    cr_assert(
        eq(int, trd_mold_writer_begin(&writer, bytes, 24, name_of_session, UINT64_MAX), TRD_OK));
    cr_assert(eq(int, trd_mold_writer_add(&writer, (const uint8_t *)"x", 1), TRD_E_RANGE));
}

Test(mold_writer, stops_at_65534_messages_because_the_next_count_means_the_end) {
    const size_t capacity = TRD_MOLD_HEAD_SIZE + 3 * 65535;
    uint8_t *bytes = malloc(capacity);
    trd_mold_writer writer;
    trd_mold_writer_begin(&writer, bytes, capacity, name_of_session, 1);
    for (int i = 0; i < 65534; i++) {
        cr_assert(eq(int, trd_mold_writer_add(&writer, (const uint8_t *)"x", 1), TRD_OK));
    }
    cr_assert(eq(int, trd_mold_writer_add(&writer, (const uint8_t *)"x", 1), TRD_E_FULL));
    trd_mold_head head;
    trd_mold_messages messages;
    cr_assert(
        eq(int, trd_mold_packet(bytes, trd_mold_writer_end(&writer), &head, &messages), 65534));
    free(bytes);
}

Test(mold_head, alone_is_a_request) {
    const wire_bytes expected = wire_text("'SESSION001' 0000000000000005 0003");
    const trd_mold_head head = {.session = "SESSION001", .seq = 5, .count = 3};
    uint8_t bytes[TRD_MOLD_HEAD_SIZE] = {0};
    cr_assert(eq(int, trd_mold_head_encode(&head, bytes, 19), TRD_E_FULL));
    cr_assert(eq(int, bytes[0], 0));
    cr_assert(eq(int, trd_mold_head_encode(&head, bytes, 20), 20));
    cr_assert(eq(int, memcmp(bytes, expected.data, 20), 0));
    trd_mold_head again;
    cr_assert(eq(int, trd_mold_head_decode(bytes, 20, &again), 20));
    cr_assert(eq(int, memcmp(&again, &head, sizeof(head)), 0));
}

/* --- The order of packets --------------------------------------------------------------------- */

Test(mold, packets_in_order_are_taken) {
    trd_mold_session state = session_at(1);
    takes(&state, 1, 3, 1, 3);
    takes(&state, 4, 1, 4, 4);
    takes(&state, 5, 2, 5, 6);
    asks_nothing(&state);
    cr_assert(eq(u64, state.packets, 3));
    cr_assert(eq(u64, state.messages, 6));
    cr_assert(eq(u64, state.duplicates, 0));
    cr_assert(eq(u64, state.gaps, 0));
}

Test(mold, what_was_here_is_a_duplicate_and_an_overlap_is_skipped) {
    trd_mold_session state = session_at(10);
    takes(&state, 10, 3, 10, 12);
    cr_assert(eq(int, receive(&state, 10, 3), TRD_MOLD_DUPLICATE)); /* the other feed */
    cr_assert(eq(int, receive(&state, 1, 4), TRD_MOLD_DUPLICATE));
    cr_assert(eq(int, receive(&state, 12, 1), TRD_MOLD_DUPLICATE));
    takes(&state, 12, 2, 13, 13);
    takes(&state, 11, 6, 14, 16);
    cr_assert(eq(u64, state.messages, 7));
    cr_assert(eq(u64, state.duplicates, 3 + 4 + 1 + 1 + 3));
    asks_nothing(&state);
}

Test(mold, a_gap_is_asked_for_and_its_packet_taken_once_it_is_closed) {
    trd_mold_session state = session_at(5);
    cr_assert(eq(int, receive(&state, 10, 3), TRD_MOLD_GAP));
    cr_assert(eq(u64, state.expected, 5));
    asks(&state, 5, 5);
    asks(&state, 5, 5);
    takes(&state, 5, 2, 5, 6); /* half an answer */
    asks(&state, 7, 3);
    cr_assert(eq(int, receive(&state, 10, 3), TRD_MOLD_GAP));
    takes(&state, 7, 3, 7, 9);
    asks_nothing(&state);
    takes(&state, 10, 3, 10, 12); /* it was kept */
    cr_assert(eq(u64, state.gaps, 1));
    cr_assert(eq(u64, state.messages, 8));
}

Test(mold, one_missing_message_is_a_gap) {
    trd_mold_session state = session_at(5);
    cr_assert(eq(int, receive(&state, 6, 2), TRD_MOLD_GAP));
    asks(&state, 5, 1);
    takes(&state, 5, 1, 5, 5);
    takes(&state, 6, 2, 6, 7);
    cr_assert(eq(u64, state.duplicates, 0));
}

Test(mold, of_two_packets_beyond_a_gap_the_nearer_one_bounds_it) {
    trd_mold_session state = session_at(5);
    receive(&state, 10, 1);
    asks(&state, 5, 5);
    receive(&state, 7, 1);
    asks(&state, 5, 2);
    receive(&state, 20, 1);
    asks(&state, 5, 2);
    takes(&state, 5, 2, 5, 6);
    asks_nothing(&state);
    cr_assert(eq(u64, state.gaps, 1));
    cr_assert(eq(int, receive(&state, 10, 1), TRD_MOLD_GAP));
    asks(&state, 7, 3);
    cr_assert(eq(u64, state.gaps, 2));
}

Test(mold, a_heartbeat_says_what_comes_next_and_so_shows_a_gap) {
    trd_mold_session state = session_at(5);
    cr_assert(eq(int, receive(&state, 5, 0), TRD_MOLD_HEARTBEAT));
    cr_assert(eq(int, receive(&state, 4, 0), TRD_MOLD_HEARTBEAT)); /* late */
    cr_assert(eq(int, receive(&state, 8, 0), TRD_MOLD_GAP));
    asks(&state, 5, 3);
    cr_assert(eq(int, receive(&state, 5, 0), TRD_MOLD_GAP)); /* still open */
    takes(&state, 5, 3, 5, 7);
    cr_assert(eq(int, receive(&state, 8, 0), TRD_MOLD_HEARTBEAT));
    cr_assert(eq(u64, state.heartbeats, 5));
    cr_assert(eq(u64, state.expected, 8));
}

Test(mold, the_end_is_the_end_only_when_nothing_is_missing) {
    trd_mold_session state = session_at(5);
    cr_assert(eq(int, receive(&state, 7, 0xFFFF), TRD_MOLD_GAP));
    cr_assert(eq(u8, state.ended, 1));
    cr_assert(eq(u64, state.end_seq, 7));
    asks(&state, 5, 2);
    takes(&state, 5, 2, 5, 6);
    asks_nothing(&state);
    cr_assert(eq(int, receive(&state, 7, 0xFFFF), TRD_MOLD_END));
    cr_assert(eq(int, receive(&state, 7, 0), TRD_MOLD_END));
    cr_assert(eq(u64, state.heartbeats, 1));
}

/* Nothing comes behind the last message that could show that it is missing. */
Test(mold, messages_between_a_closed_gap_and_the_end_are_asked_for) {
    trd_mold_session state = session_at(5);
    receive(&state, 7, 1); /* dropped by the caller */
    receive(&state, 9, 0xFFFF);
    asks(&state, 5, 2);
    takes(&state, 5, 2, 5, 6);
    asks(&state, 7, 2);
    cr_assert(eq(int, receive(&state, 7, 0), TRD_MOLD_GAP));
    takes(&state, 7, 2, 7, 8);
    asks_nothing(&state);
}

Test(mold, a_request_is_for_65534_messages_at_most) {
    trd_mold_session state = session_at(1);
    receive(&state, 65535, 1);
    asks(&state, 1, 65534);
    state = session_at(1);
    receive(&state, 65536, 1);
    asks(&state, 1, 65534);
    state = session_at(1);
    receive(&state, 65534, 1);
    asks(&state, 1, 65533);
    receive(&state, UINT64_MAX, 0);
    state = session_at(1);
    receive(&state, UINT64_MAX, 0);
    asks(&state, 1, 65534);
}

Test(mold, the_first_packet_names_the_session_and_the_number_if_they_are_left_open) {
    trd_mold_session state;
    trd_mold_session_init(&state, NULL, 0);
    asks_nothing(&state);
    takes(&state, 1000, 2, 1000, 1001);
    cr_assert(eq(int, memcmp(state.session, name_of_session, 10), 0));

    trd_mold_session_init(&state, NULL, 0);
    cr_assert(eq(int, receive(&state, 1000, 0), TRD_MOLD_HEARTBEAT));
    cr_assert(eq(u64, state.expected, 1000));

    trd_mold_session_init(&state, NULL, 990);
    cr_assert(eq(int, receive(&state, 1000, 2), TRD_MOLD_GAP));
    asks(&state, 990, 10);
}

Test(mold, packets_of_others_and_damaged_ones_change_nothing_but_their_count) {
    trd_mold_session state = session_at(5);
    trd_mold_session expected = state;
    const wire_bytes foreign = wire_text("'SESSION002' 0000000000000009 0000");
    const wire_bytes damaged = wire_text("'SESSION001' 0000000000000009 0001 0002 'x'");
    const wire_bytes longer = wire_text("'SESSION001' 0000000000000009 0001 0001 'xy'");
    trd_mold_messages messages = {.count = 77};
    int result = trd_mold_receive(&state, foreign.data, foreign.size, &messages);
    cr_assert(eq(int, result, TRD_E_UNKNOWN));
    cr_assert(eq(u32, messages.count, 0));
    result = trd_mold_receive(&state, damaged.data, damaged.size, &messages);
    cr_assert(eq(int, result, TRD_E_TRUNCATED));
    result = trd_mold_receive(&state, longer.data, longer.size, &messages);
    cr_assert(eq(int, result, TRD_E_FORMAT));
    expected.foreign = 1;
    expected.refused = 2;
    cr_assert(eq(int, memcmp(&state, &expected, sizeof(state)), 0));
}

/* A random network - two feeds that lose, repeat and reorder, a server that answers requests -
 * delivers every message once and in order. The odds are drawn per run. */
Test(mold, whatever_the_network_does_every_message_comes_once_and_in_order) {
    const uint64_t seed = draw_seed(1);
    draw d = trd__rng_seeded(seed);
    for (int run = 0; run < 200; run++) {
        const uint64_t last = 200;
        const unsigned loss = (unsigned)draw_below(&d, 100);
        trd_mold_session state = session_at(1);
        uint64_t sent = 1, seen = 1;
        for (int step = 0; seen <= last && step < 20000; step++) {
            const unsigned dice = (unsigned)(draw_u64(&d) >> 33);
            uint64_t seq = sent;
            uint16_t count = (uint16_t)(dice % 5);
            trd_mold_head head;
            if (dice % 3 == 0 && trd_mold_request(&state, &head) == 1) {
                seq = head.seq;
                count = head.count < 9 ? head.count : 9;
            } else if (dice % 7 == 0) {
                seq = 1 + dice % sent; /* an old packet again */
            } else if (sent > last) {
                count = 0xFFFF;
            } else {
                sent = sent + count > last + 1 ? last + 1 : sent + count;
            }
            if (count != 0xFFFF && seq + count > last + 1) {
                count = (uint16_t)(last + 1 - seq);
            }
            if (dice / 1024 % 100 < loss) {
                continue;
            }
            const wire_bytes wire = packet_of(seq, count);
            trd_mold_messages messages;
            trd_mold_message message;
            const int result = trd_mold_receive(&state, wire.data, wire.size, &messages);
            cr_assert(ge(int, result, TRD_MOLD_MESSAGES), "seed %" PRIu64 " run %d", seed, run);
            while (trd_mold_messages_next(&messages, &message) == 1) {
                cr_assert(eq(u64, message.seq, seen), "seed %" PRIu64 " run %d", seed, run);
                cr_assert(
                    eq(u8, message.data[0], (uint8_t)seen), "seed %" PRIu64 " run %d", seed, run);
                seen++;
            }
            cr_assert(eq(u64, state.expected, seen), "seed %" PRIu64 " run %d", seed, run);
        }
        cr_assert(eq(u64, seen, last + 1), "seed %" PRIu64 " run %d loss %u", seed, run, loss);
        cr_assert(eq(u64, state.messages, last));
        asks_nothing(&state);
    }
}
