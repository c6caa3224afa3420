/* wire.h - big-endian integers at any address, as network formats have them. */
#ifndef TRD_CODEC_WIRE_H
#define TRD_CODEC_WIRE_H

#include <string.h>

#include "core/compiler.h"

/* Loads and stores are written with memcpy and a swap, which compilers turn into one instruction
 * each; a 48-bit integer is two of them, so that nothing outside its six bytes is touched. */

trd_inline uint16_t trd__be16(const uint8_t *at) {
    uint16_t x;
    memcpy(&x, at, sizeof(x));
    return __builtin_bswap16(x);
}

trd_inline uint32_t trd__be32(const uint8_t *at) {
    uint32_t x;
    memcpy(&x, at, sizeof(x));
    return __builtin_bswap32(x);
}

trd_inline uint64_t trd__be64(const uint8_t *at) {
    uint64_t x;
    memcpy(&x, at, sizeof(x));
    return __builtin_bswap64(x);
}

trd_inline uint64_t trd__be48(const uint8_t *at) {
    return (uint64_t)trd__be16(at) << 32 | trd__be32(at + 2);
}

trd_inline void trd__put_be16(uint8_t *at, uint16_t x) {
    x = __builtin_bswap16(x);
    memcpy(at, &x, sizeof(x));
}

trd_inline void trd__put_be32(uint8_t *at, uint32_t x) {
    x = __builtin_bswap32(x);
    memcpy(at, &x, sizeof(x));
}

trd_inline void trd__put_be64(uint8_t *at, uint64_t x) {
    x = __builtin_bswap64(x);
    memcpy(at, &x, sizeof(x));
}

trd_inline void trd__put_be48(uint8_t *at, uint64_t x) {
    trd__put_be16(at, (uint16_t)(x >> 32));
    trd__put_be32(at + 2, (uint32_t)x);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the swaps above assume it");

#endif
