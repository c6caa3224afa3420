/* bytes.h - integers in byte buffers: unaligned load and store, big and little endian.
 *
 * The names say order and width: be16, le32, be48. Each is one load or store and at most one byte
 * swap; 48 bits, the timestamps of market data, are two. The buffer needs no alignment and may be
 * anything; the caller has checked that width / 8 bytes are there. */
#ifndef TRD_CORE_BYTES_H
#define TRD_CORE_BYTES_H

#include <string.h>

#include "core/assert.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "be swaps, le does not");

trd_inline uint16_t trd__load_le16(const void *at) {
    uint16_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

trd_inline uint32_t trd__load_le32(const void *at) {
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

trd_inline uint64_t trd__load_le64(const void *at) {
    uint64_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

trd_inline uint64_t trd__load_le48(const void *at) {
    const uint8_t *bytes = at;
    return trd__load_le32(bytes) | (uint64_t)trd__load_le16(bytes + 4) << 32;
}

trd_inline uint16_t trd__load_be16(const void *at) {
    return __builtin_bswap16(trd__load_le16(at));
}

trd_inline uint32_t trd__load_be32(const void *at) {
    return __builtin_bswap32(trd__load_le32(at));
}

trd_inline uint64_t trd__load_be64(const void *at) {
    return __builtin_bswap64(trd__load_le64(at));
}

trd_inline uint64_t trd__load_be48(const void *at) {
    const uint8_t *bytes = at;
    return (uint64_t)trd__load_be16(bytes) << 32 | trd__load_be32(bytes + 2);
}

trd_inline void trd__store_le16(void *at, uint16_t value) {
    memcpy(at, &value, sizeof(value));
}

trd_inline void trd__store_le32(void *at, uint32_t value) {
    memcpy(at, &value, sizeof(value));
}

trd_inline void trd__store_le64(void *at, uint64_t value) {
    memcpy(at, &value, sizeof(value));
}

/* `value` is in [0, 2^48 - 1]. */
trd_inline void trd__store_le48(void *at, uint64_t value) {
    trd_assert(value >> 48 == 0);
    uint8_t *bytes = at;
    trd__store_le32(bytes, (uint32_t)value);
    trd__store_le16(bytes + 4, (uint16_t)(value >> 32));
}

trd_inline void trd__store_be16(void *at, uint16_t value) {
    trd__store_le16(at, __builtin_bswap16(value));
}

trd_inline void trd__store_be32(void *at, uint32_t value) {
    trd__store_le32(at, __builtin_bswap32(value));
}

trd_inline void trd__store_be64(void *at, uint64_t value) {
    trd__store_le64(at, __builtin_bswap64(value));
}

/* `value` is in [0, 2^48 - 1]. */
trd_inline void trd__store_be48(void *at, uint64_t value) {
    trd_assert(value >> 48 == 0);
    uint8_t *bytes = at;
    trd__store_be16(bytes, (uint16_t)(value >> 32));
    trd__store_be32(bytes + 2, (uint32_t)value);
}

#endif
