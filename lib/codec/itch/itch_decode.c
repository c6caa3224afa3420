/* itch_decode.c - one ITCH message: bytes to record; sizes and names of the types. */
#include <tradsys/codec/itch.h>

#include <string.h>

#include "codec/itch/itch.h"
#include "core/assert.h"
#include "core/bytes.h"

#define ITCH_MESSAGE(name, size) [TRD_ITCH_##name] = (size),
const uint8_t trd__itch_sizes[256] = {
#include "codec/itch/itch.def"
};

int trd_itch_size(unsigned type) {
    const int size = type < 256 ? trd__itch_sizes[type] : 0;
    return size > 0 ? size : TRD_E_UNKNOWN;
}

const char *trd_itch_text(unsigned type) {
    switch (type) {
#define ITCH_MESSAGE(name, size)                                                                   \
    case TRD_ITCH_##name:                                                                          \
        return #name;
#include "codec/itch/itch.def"
    default:
        return "?";
    }
}

/* Reads what is behind the common prefix. `out` is zero there. */
static void decode_body(const uint8_t *data, trd_itch_msg *out) {
    switch (out->type) {
#define ITCH_MESSAGE(name, size) case TRD_ITCH_##name:
#define ITCH_CODE(field, at) out->u.field = (char)data[at];
#define ITCH_TEXT(field, at) memcpy(out->u.field, data + (at), sizeof(out->u.field));
#define ITCH_U32(field, at) out->u.field = trd__load_be32(data + (at));
#define ITCH_U64(field, at) out->u.field = trd__load_be64(data + (at));
#define ITCH_END break;
#include "codec/itch/itch.def"
    default:
        trd_assert(false); /* a type that has a size has a layout */
    }
}

int trd_itch_decode(const uint8_t *data, size_t size, trd_itch_msg *out) {
    trd_assert(data != NULL || size == 0);
    trd_assert(out != NULL);
    if (size == 0) {
        return TRD_E_TRUNCATED;
    }
    const size_t used = trd__itch_sizes[data[0]];
    if (used == 0) {
        return TRD_E_UNKNOWN;
    }
    if (size < used) {
        return TRD_E_TRUNCATED;
    }
    memset(out, 0, sizeof(*out));
    out->type = data[0];
    out->locate = trd__load_be16(data + 1);
    out->tracking = trd__load_be16(data + 3);
    out->time = (trd_ns)trd__load_be48(data + 5);
    decode_body(data, out);
    return (int)used;
}
