/* itch.h - Nasdaq TotalView-ITCH 5.0: bytes to records and back, and the files they come in.
 *
 * A message is one 64-byte record, trd_itch_msg. The codec moves bytes and judges nothing: a code
 * such as side or state is the character on the wire, whatever it is, and every bit of a message is
 * kept. So for each of the 23 types
 *
 *     encode(decode(bytes)) == bytes        decode(encode(record)) == record
 *
 * the second for records whose `reserved` bytes, and fields that their type does not have, are
 * zero. Nothing allocates, nothing is kept between calls but what the caller holds.
 *
 * Units: a px is in 1/10,000 dollar (market-wide levels in 1/100,000,000), a qty in shares, time in
 * nanoseconds since midnight in New York. Text is left-justified, padded with spaces and not
 * terminated. `locate` names the instrument for one day. Files of the day and packets (mold.h)
 * both carry these messages behind a length.
 */
#ifndef TRADSYS_CODEC_ITCH_H
#define TRADSYS_CODEC_ITCH_H

#include <tradsys/base.h>

TRD_BEGIN_DECLS

/* Message types: the first byte on the wire. */
enum {
    TRD_ITCH_SYSTEM_EVENT = 'S',     /* u.system */
    TRD_ITCH_STOCK_DIRECTORY = 'R',  /* u.directory */
    TRD_ITCH_TRADING_ACTION = 'H',   /* u.action */
    TRD_ITCH_REG_SHO = 'Y',          /* u.reg_sho */
    TRD_ITCH_PARTICIPANT = 'L',      /* u.participant */
    TRD_ITCH_MWCB_LEVELS = 'V',      /* u.mwcb_levels */
    TRD_ITCH_MWCB_STATUS = 'W',      /* u.mwcb_status */
    TRD_ITCH_IPO_QUOTING = 'K',      /* u.ipo */
    TRD_ITCH_LULD_COLLAR = 'J',      /* u.collar */
    TRD_ITCH_OPERATIONAL_HALT = 'h', /* u.halt */
    TRD_ITCH_ADD = 'A',              /* u.add, without mpid */
    TRD_ITCH_ADD_MPID = 'F',         /* u.add */
    TRD_ITCH_EXECUTED = 'E',         /* u.executed, without px and printable */
    TRD_ITCH_EXECUTED_AT = 'C',      /* u.executed */
    TRD_ITCH_CANCEL = 'X',           /* u.cancel */
    TRD_ITCH_DELETE = 'D',           /* u.removed */
    TRD_ITCH_REPLACE = 'U',          /* u.replace */
    TRD_ITCH_TAPE = 'P',             /* u.tape */
    TRD_ITCH_CROSS = 'Q',            /* u.cross */
    TRD_ITCH_BROKEN = 'B',           /* u.broken */
    TRD_ITCH_IMBALANCE = 'I',        /* u.imbalance */
    TRD_ITCH_RETAIL_INTEREST = 'N',  /* u.retail */
    TRD_ITCH_DIRECT_LISTING = 'O'    /* u.listing */
};

enum {
    TRD_ITCH_TYPES = 23,      /* how many types there are */
    TRD_ITCH_SIZE_MAX = 50,   /* bytes of the longest message */
    TRD_ITCH_PX_SCALE = 4,    /* decimals of a px */
    TRD_ITCH_LEVEL_SCALE = 8, /* decimals of a market-wide level */
    TRD_ITCH_STOCK_SIZE = 8,
    TRD_ITCH_MPID_SIZE = 4
};

/* S: O start of messages, S start of system hours, Q start of market hours, M end of market hours,
 * E end of system hours, C end of messages. */
typedef struct trd_itch_system {
    char event;
} trd_itch_system;

/* R: one per instrument and day. */
typedef struct trd_itch_directory {
    char stock[TRD_ITCH_STOCK_SIZE];
    uint32_t round_lot_qty;
    uint32_t etp_leverage;
    char market_category;
    char financial_status;
    char round_lots_only;
    char classification;
    char subtype[2];
    char authenticity;
    char short_sale_threshold;
    char ipo;
    char luld_tier;
    char etp;
    char inverse;
} trd_itch_directory;

/* H: state is H halted, P paused, Q quoting only, T trading. */
typedef struct trd_itch_action {
    char stock[TRD_ITCH_STOCK_SIZE];
    char reason[4];
    char state;
    char spare; /* the reserved byte of the message, kept as it came */
} trd_itch_action;

/* Y: action is 0 no restriction, 1 restricted from now on, 2 still restricted. */
typedef struct trd_itch_reg_sho {
    char stock[TRD_ITCH_STOCK_SIZE];
    char action;
} trd_itch_reg_sho;

/* L: a market maker's position in an instrument. */
typedef struct trd_itch_participant {
    char mpid[TRD_ITCH_MPID_SIZE];
    char stock[TRD_ITCH_STOCK_SIZE];
    char primary;
    char mode;
    char state;
} trd_itch_participant;

/* V: levels of the market-wide circuit breaker, TRD_ITCH_LEVEL_SCALE decimals. */
typedef struct trd_itch_mwcb_levels {
    uint64_t level1;
    uint64_t level2;
    uint64_t level3;
} trd_itch_mwcb_levels;

/* W: the level that was breached, 1, 2 or 3 as a character. */
typedef struct trd_itch_mwcb_status {
    char level;
} trd_itch_mwcb_status;

/* K */
typedef struct trd_itch_ipo {
    char stock[TRD_ITCH_STOCK_SIZE];
    uint32_t release_s; /* seconds since midnight */
    uint32_t px;
    char qualifier;
    char reserved[3];
} trd_itch_ipo;

/* J: collar of the auction that ends a limit-up limit-down pause. */
typedef struct trd_itch_collar {
    char stock[TRD_ITCH_STOCK_SIZE];
    uint32_t reference_px;
    uint32_t upper_px;
    uint32_t lower_px;
    uint32_t extension; /* how many times the auction was extended */
} trd_itch_collar;

/* h: action is H halted, T trading, on one market. */
typedef struct trd_itch_halt {
    char stock[TRD_ITCH_STOCK_SIZE];
    char market;
    char action;
} trd_itch_halt;

/* A, F: a new displayed order, at the back of its level. */
typedef struct trd_itch_add {
    uint64_t ref; /* the feed's name of the order, unique for the day */
    char stock[TRD_ITCH_STOCK_SIZE];
    uint32_t qty;
    uint32_t px;
    char mpid[TRD_ITCH_MPID_SIZE]; /* F; zero in A */
    char side;                     /* B or S */
    char reserved[3];
} trd_itch_add;

/* E, C: shares executed of a displayed order. E: at its own price. C: at `px`; with printable N
 * the shares are part of a later print and must not be counted as volume. */
typedef struct trd_itch_executed {
    uint64_t ref;
    uint64_t match;
    uint32_t qty;
    uint32_t px;    /* C; zero in E */
    char printable; /* C: Y or N; zero in E */
    char reserved[7];
} trd_itch_executed;

/* X: shares taken off an order, which keeps its place. */
typedef struct trd_itch_cancel {
    uint64_t ref;
    uint32_t qty;
    uint32_t reserved;
} trd_itch_cancel;

/* D: the order is gone. */
typedef struct trd_itch_removed {
    uint64_t ref;
} trd_itch_removed;

/* U: `ref` is gone; new_ref, of the same side and instrument, is at the back of its level. */
typedef struct trd_itch_replace {
    uint64_t ref;
    uint64_t new_ref;
    uint32_t qty;
    uint32_t px;
} trd_itch_replace;

/* P: an execution against an order that was not displayed. Changes no book. */
typedef struct trd_itch_tape {
    uint64_t ref;
    uint64_t match;
    char stock[TRD_ITCH_STOCK_SIZE];
    uint32_t qty;
    uint32_t px;
    char side;
    char reserved[7];
} trd_itch_tape;

/* Q: the print of an auction. kind is O opening, C closing, H halt or IPO. Changes no book. */
typedef struct trd_itch_cross {
    uint64_t match;
    uint64_t qty;
    char stock[TRD_ITCH_STOCK_SIZE];
    uint32_t px;
    char kind;
    char reserved[3];
} trd_itch_cross;

/* B: an execution is void. Changes no book. */
typedef struct trd_itch_broken {
    uint64_t match;
} trd_itch_broken;

/* I: net order imbalance before an auction. */
typedef struct trd_itch_imbalance {
    uint64_t paired_qty;
    uint64_t imbalance_qty;
    char stock[TRD_ITCH_STOCK_SIZE];
    uint32_t far_px;
    uint32_t near_px;
    uint32_t reference_px;
    char direction;
    char kind; /* of the auction, as in Q */
    char variation;
    char reserved;
} trd_itch_imbalance;

/* N: interest is B, S, A both, N none. */
typedef struct trd_itch_retail {
    char stock[TRD_ITCH_STOCK_SIZE];
    char interest;
} trd_itch_retail;

/* O: price discovery of a direct listing. */
typedef struct trd_itch_listing {
    uint64_t near_time;
    char stock[TRD_ITCH_STOCK_SIZE];
    uint32_t min_px;
    uint32_t max_px;
    uint32_t near_px;
    uint32_t lower_px;
    uint32_t upper_px;
    char open_eligible;
    char reserved[3];
} trd_itch_listing;

typedef struct trd_itch_msg {
    trd_ns time; /* [0, 2^48) */
    uint16_t locate;
    uint16_t tracking;
    uint8_t type; /* TRD_ITCH_*: says which member of `u` */
    uint8_t reserved[3];
    union {
        trd_itch_system system;
        trd_itch_directory directory;
        trd_itch_action action;
        trd_itch_reg_sho reg_sho;
        trd_itch_participant participant;
        trd_itch_mwcb_levels mwcb_levels;
        trd_itch_mwcb_status mwcb_status;
        trd_itch_ipo ipo;
        trd_itch_collar collar;
        trd_itch_halt halt;
        trd_itch_add add;
        trd_itch_executed executed;
        trd_itch_cancel cancel;
        trd_itch_removed removed;
        trd_itch_replace replace;
        trd_itch_tape tape;
        trd_itch_cross cross;
        trd_itch_broken broken;
        trd_itch_imbalance imbalance;
        trd_itch_retail retail;
        trd_itch_listing listing;
        uint8_t body[48];
    } u;
} trd_itch_msg;

TRD_STATIC_ASSERT(sizeof(trd_itch_msg) == 64, "one cache line");
TRD_STATIC_ASSERT(sizeof(trd_itch_directory) == 28, "no padding");
TRD_STATIC_ASSERT(sizeof(trd_itch_add) == 32, "no padding");
TRD_STATIC_ASSERT(sizeof(trd_itch_tape) == 40, "no padding");
TRD_STATIC_ASSERT(sizeof(trd_itch_imbalance) == 40, "no padding");
TRD_STATIC_ASSERT(sizeof(trd_itch_listing) == 40, "no padding");

/* --- One message ------------------------------------------------------------------------------ */

/* trd_itch_size returns the bytes of a message of `type`, [12, 50], or TRD_E_UNKNOWN. */
TRD_API int trd_itch_size(unsigned type);

/* trd_itch_text returns the name of a type, e.g. "ADD_MPID"; "?" if there is no such type. */
TRD_API const char *trd_itch_text(unsigned type);

/* trd_itch_decode reads the message at the start of data[0 .. size) into *out, all 64 bytes of it;
 * what the type does not use is zero. Returns the bytes consumed, which is trd_itch_size of the
 * type; TRD_E_TRUNCATED if the message is longer than `size`, or size is 0; TRD_E_UNKNOWN if its
 * type is none of the 23. *out is untouched on failure. O(1). */
TRD_API int trd_itch_decode(const uint8_t *data, size_t size, trd_itch_msg *out);

/* trd_itch_encode writes `msg` to out[0 .. capacity). Returns the bytes written; TRD_E_UNKNOWN if
 * its type is none of the 23, TRD_E_RANGE if its time is outside [0, 2^48), TRD_E_FULL if capacity
 * is too small; nothing is written then. O(1). */
TRD_API int trd_itch_encode(const trd_itch_msg *msg, uint8_t *out, size_t capacity);

/* --- Messages behind a length ----------------------------------------------------------------- */

/* What was met. Every message that had a length is in exactly one of messages, unknown and
 * malformed. */
typedef struct trd_itch_counts {
    uint64_t messages;  /* decoded */
    uint64_t oversized; /* of these: longer than their type, the rest of the bytes ignored */
    uint64_t unknown;   /* skipped: none of the 23 types */
    uint64_t malformed; /* skipped: shorter than their type, or empty */
    uint64_t truncated; /* inputs that ended inside a message, [0, 1] per input */
    uint64_t type[128]; /* decoded, by type: type['A'] */
} trd_itch_counts;

/* trd_itch_take decodes a message whose length is known from outside: data[0 .. size) is all of it.
 * Returns 1 and *out, or 0 if it is of no use, with *out untouched; counts it either way. A feed
 * may add types and may append fields to a type, so neither stops a reader:
 *   - unknown type: skipped, counted as unknown;
 *   - longer than its type: the part that is known is decoded, counted as oversized as well;
 *   - shorter than its type, or empty: skipped, counted as malformed. */
TRD_API int trd_itch_take(
    const uint8_t *data, size_t size, trd_itch_msg *out, trd_itch_counts *counts);

/* --- Files ------------------------------------------------------------------------------------ */

/* How messages follow each other. */
enum {
    TRD_ITCH_FRAMING_LENGTH = 1, /* two bytes of length, big-endian, before each; length 0 ends.
                                    Nasdaq's files of the day are so, when unpacked */
    TRD_ITCH_FRAMING_ZERO = 2,   /* two zero bytes before each: the type says the length */
    TRD_ITCH_FRAMING_RAW = 3     /* nothing between: the type says the length */
};

/* Bytes that a frame can have at most: a caller who keeps this much never waits in vain. */
enum { TRD_ITCH_FRAME_MAX = 2 + 65535 };

/* trd_itch_detect tells the framing of a file from its start: data[0 .. size) is the whole file or
 * at least its first 64 bytes. The first message must be one of the 23 types, and with lengths it
 * must have exactly the length of its type; with zeros, the second must begin like the first as far
 * as it is there. Two zero bytes alone are an empty file with lengths. Returns
 * TRD_ITCH_FRAMING_LENGTH or TRD_ITCH_FRAMING_ZERO; TRD_E_TRUNCATED if there is too little to tell;
 * TRD_E_FORMAT if it is another kind of file. RAW is never guessed: any text might be it. */
TRD_API int trd_itch_detect(const uint8_t *data, size_t size);

/* A reader goes through the messages of a byte stream that comes in one span or in many. It is a
 * plain value in the caller's memory and refers to the span of the last feed; fields are to be read
 * only. One owner. */
typedef struct trd_itch_reader {
    const uint8_t *data; /* the span, the caller's */
    size_t size;
    size_t at;       /* bytes of the span consumed; whole frames only */
    uint64_t offset; /* place of the span in the stream: offset + at is where a fault is */
    uint8_t framing; /* TRD_ITCH_FRAMING_* */
    uint8_t ended;   /* 1 once the length 0 that ends a stream was met */
    uint8_t reserved[6];
    trd_itch_counts counts;
} trd_itch_reader;

/* trd_itch_reader_init makes an empty reader. TRD_OK, or TRD_E_ARG if there is no such framing. */
TRD_API int trd_itch_reader_init(trd_itch_reader *reader, unsigned framing);

/* trd_itch_reader_feed gives the reader its next span, which it reads until the next feed. The span
 * must begin with the bytes that the last one left over, data[at .. size). */
TRD_API void trd_itch_reader_feed(trd_itch_reader *reader, const uint8_t *data, size_t size);

/* trd_itch_reader_next returns 1 and the next message in *out; 0 if the span has no further whole
 * message or the stream has ended; TRD_E_FORMAT if what follows is no message and its length is not
 * known either (ZERO: no zeros or an unknown type; RAW: an unknown type). Then, and at every
 * further call, the reader stands before the fault. With lengths, messages are treated as by
 * trd_itch_take. O(1) per message, skipped ones included. */
TRD_API int trd_itch_reader_next(trd_itch_reader *reader, trd_itch_msg *out);

/* trd_itch_reader_finish is called once, when next has returned 0 and there is no more input.
 * TRD_OK if the input ended with a whole message, TRD_E_TRUNCATED if inside one, which is counted.
 * With lengths, `ended` is 0 if the input ended without the length 0 that should be its last. Bytes
 * behind that are not looked at. */
TRD_API int trd_itch_reader_finish(trd_itch_reader *reader);

TRD_END_DECLS

#endif
