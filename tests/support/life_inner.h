/* life_inner.h - what the files of the random lives share. Nobody else includes it. */
#ifndef TESTS_SUPPORT_LIFE_INNER_H
#define TESTS_SUPPORT_LIFE_INNER_H

#include "life.h"

/* life_pick returns a row number with the odds of its row; they must not all be 0. */
static inline uint32_t life_pick(dice *d, const uint32_t *odds, uint32_t count) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += odds[i];
    }
    uint64_t at = dice_below(d, sum);
    uint32_t i = 0;
    while (at >= odds[i]) {
        at -= odds[i++];
    }
    return i;
}

static inline int64_t life_between(__int128 x, int64_t low, int64_t high) {
    return x < low ? low : x > high ? high : (int64_t)x;
}

static inline int64_t life_sum(int64_t a, int64_t b) {
    return life_between((__int128)a + b, INT64_MIN, INT64_MAX);
}

/* Any number of [low, high], whatever their distance. */
static inline int64_t life_anywhere(dice *d, int64_t low, int64_t high) {
    const unsigned __int128 width = (unsigned __int128)((__int128)high - low) + 1;
    return (int64_t)(low + (__int128)(((unsigned __int128)dice_u64(d) * width) >> 64));
}

static inline bool life_has(const life *l, uint32_t feature) {
    return (l->features & feature) != 0;
}

/* The price of a source; false for what is no source too. */
static inline bool life_known(
    const naive_match *model, uint32_t instrument, unsigned source, trd_px *out) {
    return source >= TRD_SOURCE_LAST && source <= TRD_SOURCE_INDEX &&
           naive_price(model, instrument, source, out);
}

/* life_def.c: the definition, instruments, profiles, style and odds. */
void life_draw_def(life *l);
void life_draw_style(life *l);
void life_draw_mood(life *l);
void life_draw_instrument(life *l, uint32_t at);
int64_t life_step_at(const trd_instrument *spec, trd_px px);
int64_t life_value_of(const trd_instrument *spec, trd_px px, trd_qty qty);

/* life.c: heads, prices, quantities. */
uint32_t life_instrument(life *l);
uint32_t life_account(life *l);
void life_head(life *l, trd_command *c, uint8_t kind);
trd_px life_px(life *l, uint32_t instrument, unsigned side);
trd_qty life_qty(life *l, uint32_t instrument);
uint64_t life_fresh_id(life *l);

/* life_special.c: dresses a plain NEW, and suits it to a session state. */
void life_dress(life *l, const naive_match *model, trd_command *c);
void life_suit(life *l, const naive_match *model, trd_command *c);

/* life_market.c: commands that are not about one order. */
trd_ns life_due(life *l);
void life_price(life *l, const naive_match *model, trd_command *c);
void life_session(life *l, const naive_match *model, uint32_t instrument, trd_command *c);
void life_mass(life *l, trd_command *c);
void life_kill_on(life *l, trd_command *c);
void life_kill_off(life *l, trd_command *c);
void life_deadman(life *l, trd_command *c);
void life_wait(life *l, trd_command *c);

/* life_quote.c: market makers, and who meets them. */
void life_quote(life *l, const naive_match *model, trd_command *c);
void life_protection(life *l, const naive_match *model, trd_command *c);
void life_hit_quote(life *l, const naive_match *model, trd_command *c);

/* life_linked.c: linked orders, and who meets them. life_linked: false if no leg is due. */
bool life_linked(life *l, const naive_match *model, trd_command *c);
void life_hit_leg(life *l, const naive_match *model, trd_command *c);

#endif
