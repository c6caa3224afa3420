/* dice.h - the random numbers of the random lives: xoshiro256** seeded by splitmix64. A run is a
 * function of one 64-bit seed, on every machine.
 *
 * Tests otherwise draw from the library's generator (draw.h). The lives have one of their own,
 * because what judges the library includes none of it. */
#ifndef TESTS_SUPPORT_DICE_H
#define TESTS_SUPPORT_DICE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct dice {
    uint64_t s[4];
} dice;

static inline uint64_t dice_mix(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline dice dice_seeded(uint64_t seed) {
    dice d;
    for (int i = 0; i < 4; i++) {
        d.s[i] = dice_mix(&seed);
    }
    return d;
}

static inline uint64_t dice_rotl(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

/* dice_u64 returns any 64-bit number. */
static inline uint64_t dice_u64(dice *d) {
    const uint64_t out = dice_rotl(d->s[1] * 5, 7) * 9;
    const uint64_t t = d->s[1] << 17;
    d->s[2] ^= d->s[0];
    d->s[3] ^= d->s[1];
    d->s[1] ^= d->s[2];
    d->s[0] ^= d->s[3];
    d->s[2] ^= t;
    d->s[3] = dice_rotl(d->s[3], 45);
    return out;
}

/* dice_below returns a number in [0, n), n > 0. The bias of the multiplication is below n / 2^64.
 */
static inline uint64_t dice_below(dice *d, uint64_t n) {
    return (uint64_t)(((unsigned __int128)dice_u64(d) * n) >> 64);
}

/* dice_in returns a number in [low, high]; high - low must fit int64. */
static inline int64_t dice_in(dice *d, int64_t low, int64_t high) {
    return low + (int64_t)dice_below(d, (uint64_t)(high - low) + 1);
}

/* dice_odds is true `part` times of `of`. */
static inline bool dice_odds(dice *d, uint32_t part, uint32_t of) {
    return dice_below(d, of) < part;
}

/* dice_log returns a number in [low, high], low >= 1, small ones as likely as big ones: the number
 * of bits is drawn first. */
static inline int64_t dice_log(dice *d, int64_t low, int64_t high) {
    const int bits = (int)dice_below(d, (uint64_t)(64 - __builtin_clzll((uint64_t)high)) + 1);
    const int64_t top = bits >= 63 ? INT64_MAX : (int64_t)1 << bits;
    const int64_t cut = top < high ? top : high;
    return cut <= low ? low : dice_in(d, low, cut);
}

#endif
