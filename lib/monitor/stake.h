/* stake.h - one position as a function of its mark, and how far the mark may go.
 *
 * W is what closing the position would bring, |W| its notional, M its maintenance. Marks are turned
 * round for positions that gain when the price falls: x = mark, or -mark, such that W never falls
 * when x rises. With W the equity of a unit is a sum of
 *
 *     floor(W) - basis,    and its maintenance a sum of M(ceil |W|)
 *
 * and a level holds as long as, for its `ppm`, the sum of what is called the excess here,
 *
 *     floor(W) x 10^6 - M(ceil |W|) x ppm,
 *
 * is not below a bound; all of it in whole numbers, with the roundings that the level itself has.
 */
#ifndef TRD_MONITOR_STAKE_H
#define TRD_MONITOR_STAKE_H

#include "acct/margin.h"
#include "acct/position.h"

typedef struct trd_stake {
    const trd_acct_listing *listing;
    const trd_margin_tier *tiers;
    uint32_t count; /* of tiers, >= 1 */
    int side;       /* x = side x mark */
    trd_qty qty;
    trd_wide gross; /* |qty| x numerator > 0, < 2^126 */
    int64_t per;    /* linear: |W| = |x| x gross / per; inverse: gross / (|x| x per) */
    trd_wide low;   /* least and largest x */
    trd_wide high;
} trd_stake;

/* W at some x, rounded both ways. */
typedef struct trd_worth {
    trd_amt floor; /* floor(W) */
    trd_amt up;    /* ceil |W| */
} trd_worth;

/* A level is kept while the excess for next_ppm is not below `next`, and (has_here) that for
 * here_ppm is below `here`. In 10^-6 minor units. */
typedef struct trd_keep {
    trd_wide next;
    trd_wide here;
    uint32_t next_ppm;
    uint32_t here_ppm;
    bool has_here;
} trd_keep;

/* A position that is not flat, with `count` tiers; NULL: it needs no margin. */
trd_stake trd__stake_of(
    const trd_acct_listing *listing, trd_qty qty, const trd_margin_tier *tiers, uint32_t count);

trd_worth trd__stake_worth(const trd_stake *s, trd_wide x);

trd_inline trd_wide trd__stake_x(const trd_stake *s, trd_px mark) {
    return s->side > 0 ? (trd_wide)mark : -(trd_wide)mark;
}

trd_inline trd_amt trd__stake_maintenance(const trd_stake *s, trd_amt notional) {
    uint32_t at = s->count - 1;
    while (at > 0 && notional < s->tiers[at].floor) {
        at--;
    }
    return trd__margin_tier_keep(&s->tiers[at], notional);
}

trd_inline trd_wide trd__stake_excess(const trd_stake *s, const trd_worth *at, uint32_t ppm) {
    return trd__mul(at->floor, TRD__PPM) - trd__mul(trd__stake_maintenance(s, at->up), ppm);
}

/* The least x with W >= w; high + 1 if none has. O(1). */
trd_wide trd__stake_reaches(const trd_stake *s, trd_wide w);

/* The least and the largest x such that the level is kept at each x from the one to the other; at
 * `from`, where W is `worth`, it is. Exact, unless equity and ppm x maintenance run nearly
 * parallel: where roundings decide on more than TRD_WALK_MAX values to one side it ends after so
 * many, and a level that changes somewhat later is found when it is looked at from there. O(tiers),
 * plus the values on which roundings decide. */
enum { TRD_WALK_MAX = 1024 };
void trd__stake_walk(const trd_stake *s, const trd_keep *keep, trd_wide from,
    const trd_worth *worth, trd_wide *low, trd_wide *high);

#endif
