/* itch_encode.c - one ITCH message: record to bytes. */
#include <tradsys/codec/itch.h>

#include <string.h>

#include "codec/itch/itch.h"
#include "core/assert.h"
#include "core/bytes.h"

static void encode_body(const trd_itch_msg *msg, uint8_t *out) {
    switch (msg->type) {
#define ITCH_MESSAGE(name, size) case TRD_ITCH_##name:
#define ITCH_CODE(field, at) out[at] = (uint8_t)msg->u.field;
#define ITCH_TEXT(field, at) memcpy(out + (at), msg->u.field, sizeof(msg->u.field));
#define ITCH_U32(field, at) trd__store_be32(out + (at), msg->u.field);
#define ITCH_U64(field, at) trd__store_be64(out + (at), msg->u.field);
#define ITCH_END break;
#include "codec/itch/itch.def"
    default:
        trd_assert(false); /* a type that has a size has a layout */
    }
}

int trd_itch_encode(const trd_itch_msg *msg, uint8_t *out, size_t capacity) {
    trd_assert(msg != NULL);
    trd_assert(out != NULL || capacity == 0);
    const size_t size = trd__itch_sizes[msg->type];
    if (size == 0) {
        return TRD_E_UNKNOWN;
    }
    if (msg->time < 0 || msg->time >= (trd_ns)1 << 48) {
        return TRD_E_RANGE;
    }
    if (capacity < size) {
        return TRD_E_FULL;
    }
    out[0] = msg->type;
    trd__store_be16(out + 1, msg->locate);
    trd__store_be16(out + 3, msg->tracking);
    trd__store_be48(out + 5, (uint64_t)msg->time);
    encode_body(msg, out);
    return (int)size;
}
