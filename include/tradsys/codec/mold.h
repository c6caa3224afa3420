/* mold.h - MoldUDP64: numbered messages in datagrams, and what to ask for when some are missing.
 *
 * A packet is a head of 20 bytes - session, sequence number of its first message, count - and
 * `count` messages, each behind two bytes of length. Count 0 is a heartbeat, whose number is the
 * one that comes next; count 65,535 says that the session is over. The head alone, sent to the
 * server of the past, asks for messages again; the answer is a packet like any other. All numbers
 * are big-endian; messages are numbered from 1.
 *
 * Two feeds of the same session (A and B) go through one receiver: what came first counts, the
 * other is a duplicate. The messages themselves are somebody else's: see itch.h, trd_itch_take.
 */
#ifndef TRADSYS_CODEC_MOLD_H
#define TRADSYS_CODEC_MOLD_H

#include <tradsys/base.h>

TRD_BEGIN_DECLS

enum {
    TRD_MOLD_SESSION_SIZE = 10,
    TRD_MOLD_HEAD_SIZE = 20,
    TRD_MOLD_COUNT_HEARTBEAT = 0,
    TRD_MOLD_COUNT_MAX = 65534, /* messages of a packet, and of a request, at most */
    TRD_MOLD_COUNT_END = 65535
};

/* The head of a packet; a request is nothing else. */
typedef struct trd_mold_head {
    uint64_t seq; /* of the first message; of a heartbeat: the next one there will be */
    uint16_t count;
    char session[TRD_MOLD_SESSION_SIZE]; /* text, padded with spaces, not terminated */
    uint8_t reserved[4];
} trd_mold_head;

TRD_STATIC_ASSERT(sizeof(trd_mold_head) == 24, "no padding");

/* trd_mold_head_decode reads a head. Returns TRD_MOLD_HEAD_SIZE, or TRD_E_TRUNCATED with *out
 * untouched. */
TRD_API int trd_mold_head_decode(const uint8_t *data, size_t size, trd_mold_head *out);

/* trd_mold_head_encode writes a head: a request, a heartbeat or the end of a session. Returns
 * TRD_MOLD_HEAD_SIZE, or TRD_E_FULL with nothing written. */
TRD_API int trd_mold_head_encode(const trd_mold_head *head, uint8_t *out, size_t capacity);

/* --- Receiving -------------------------------------------------------------------------------- */

/* The messages of a packet that are still to be read: a view into the packet. Read only. */
typedef struct trd_mold_messages {
    const uint8_t *at;
    uint64_t seq;   /* of the next message */
    uint32_t count; /* still to come */
    uint32_t reserved;
} trd_mold_messages;

/* One message: a view into the packet, size in [0, 65535]. */
typedef struct trd_mold_message {
    const uint8_t *data;
    uint64_t seq;
    uint32_t size;
    uint32_t reserved;
} trd_mold_message;

/* trd_mold_packet looks at a whole datagram: fills *head, and *messages with all of its messages.
 * Returns their number; TRD_E_TRUNCATED if it ends before its head or its last message does;
 * TRD_E_FORMAT if bytes are left behind them, or if the numbers of its messages are not in
 * [1, 2^64 - 1). Outputs are untouched on failure. O(count). */
TRD_API int trd_mold_packet(
    const uint8_t *data, size_t size, trd_mold_head *head, trd_mold_messages *messages);

/* trd_mold_messages_next returns 1 and the next message, or 0 when there is none. */
TRD_API int trd_mold_messages_next(trd_mold_messages *messages, trd_mold_message *out);

/* What trd_mold_receive made of a packet. */
enum {
    TRD_MOLD_MESSAGES = 1,  /* there are messages to read, all of them new and in order */
    TRD_MOLD_HEARTBEAT = 2, /* no messages, none missing */
    TRD_MOLD_DUPLICATE = 3, /* everything in it was here before */
    TRD_MOLD_GAP = 4,       /* messages are missing, and nothing was taken */
    TRD_MOLD_END = 5        /* the session is over and nothing is missing */
};

/* A receiver of one session: a plain value in the caller's memory, fields read only. One owner. */
typedef struct trd_mold_session {
    uint64_t expected; /* number of the next message; 0 until the first packet, if it decides */
    uint64_t gap_end;  /* > expected: messages [expected, gap_end) are missing, at least */
    uint64_t end_seq;  /* once `ended`: number behind the last message of the session */
    char session[TRD_MOLD_SESSION_SIZE];
    uint8_t named; /* 1: `session` is known */
    uint8_t ended; /* 1: the end was announced; all is here when expected >= end_seq as well */
    uint8_t reserved[4];
    uint64_t packets;    /* well-formed packets of this session */
    uint64_t messages;   /* taken */
    uint64_t duplicates; /* messages that were here before */
    uint64_t heartbeats;
    uint64_t gaps;    /* times that a first missing message was noticed */
    uint64_t foreign; /* packets of another session */
    uint64_t refused; /* packets that were not well formed */
} trd_mold_session;

/* trd_mold_session_init makes a receiver. `session` is TRD_MOLD_SESSION_SIZE bytes, or NULL to take
 * the name of the first packet. `expected` is the number of the first message wanted, or 0 to begin
 * with the first packet that comes. */
TRD_API void trd_mold_session_init(trd_mold_session *state, const char *session, uint64_t expected);

/* trd_mold_receive puts a datagram in its place and says which, TRD_MOLD_*. For TRD_MOLD_MESSAGES
 * *out has those messages that are new; they count as taken, and must be read while the datagram is
 * there. Otherwise *out has none.
 *
 * After TRD_MOLD_GAP ask for what is missing (trd_mold_request). The packet may be kept and
 * received again when the gap is closed, before more is asked for; or dropped: then it is part of
 * the next gap. `gap_end` is the lowest number seen beyond what is missing, so that nothing is
 * asked for that was here.
 *
 * Fails as trd_mold_packet does, counted in `refused`, or with TRD_E_UNKNOWN for a packet of
 * another session, counted in `foreign`; apart from that count the state is then unchanged.
 * O(count). */
TRD_API int trd_mold_receive(
    trd_mold_session *state, const uint8_t *data, size_t size, trd_mold_messages *out);

/* trd_mold_request returns 1 and the request for the first messages that are missing, up to
 * TRD_MOLD_COUNT_MAX of them, or 0 with *out untouched if none are. It is the same again until
 * messages arrive: when to repeat it is the caller's decision. */
TRD_API int trd_mold_request(const trd_mold_session *state, trd_mold_head *out);

/* --- Sending ---------------------------------------------------------------------------------- */

/* A packet in the making, in the caller's bytes. */
typedef struct trd_mold_writer {
    uint8_t *data;
    size_t capacity;
    size_t size; /* bytes of the packet so far */
    trd_mold_head head;
} trd_mold_writer;

/* trd_mold_writer_begin starts a packet in data[0 .. capacity) whose first message is number
 * `seq` (not 0); `session` is TRD_MOLD_SESSION_SIZE bytes. TRD_OK; TRD_E_FULL if there is no room
 * for a head, TRD_E_ARG if seq is 0. */
TRD_API int trd_mold_writer_begin(
    trd_mold_writer *writer, uint8_t *data, size_t capacity, const char *session, uint64_t seq);

/* trd_mold_writer_add appends a message of `size` bytes, [1, 65535]. TRD_OK; TRD_E_FULL if there is
 * no room or the packet has TRD_MOLD_COUNT_MAX messages, TRD_E_ARG for another size, TRD_E_RANGE if
 * numbers are used up; the packet is unchanged then. */
TRD_API int trd_mold_writer_add(trd_mold_writer *writer, const uint8_t *message, size_t size);

/* trd_mold_writer_end completes the head and returns the bytes of the packet; with no messages it
 * is a heartbeat. More may be added and the packet ended again. */
TRD_API size_t trd_mold_writer_end(trd_mold_writer *writer);

TRD_END_DECLS

#endif
