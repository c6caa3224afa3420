/* profile.h - how an instrument is matched, where venues differ: allocation within a price level,
 * auctions, price bands, pauses.
 *
 * The default is continuous price-time matching without bands. A profile belongs to the instrument
 * for as long as orders rest in it: trd_match_configure (match.h) sets it. What each field does is
 * said in docs/reference/special-orders.md and docs/reference/sessions.md.
 */
#ifndef TRADSYS_PROFILE_H
#define TRADSYS_PROFILE_H

#include <tradsys/base.h>

TRD_BEGIN_DECLS

/* How an aggressor's quantity is divided within a price level. The letters are CME's. */
enum {
    TRD_ALLOCATE_FIFO = 0,   /* F: by time */
    TRD_ALLOCATE_A = 1,      /* allocation */
    TRD_ALLOCATE_C = 2,      /* pro-rata */
    TRD_ALLOCATE_K = 3,      /* configurable split */
    TRD_ALLOCATE_O = 4,      /* threshold pro-rata */
    TRD_ALLOCATE_Q = 5,      /* threshold pro-rata with lead makers */
    TRD_ALLOCATE_S = 6,      /* FIFO with top order and lead makers */
    TRD_ALLOCATE_T = 7,      /* FIFO with lead makers */
    TRD_ALLOCATE_PRORATA = 8 /* pro-rata with minimum prorata_min, TOP if top_max > 0 */
};

/* Tie-breaks of the auction price, after the maximum volume, which always comes first. */
enum {
    TRD_TIE_NONE = 0,
    TRD_TIE_IMBALANCE = 1, /* the smallest surplus */
    TRD_TIE_PRESSURE = 2,  /* surplus of buyers: the highest price; of sellers: the lowest */
    TRD_TIE_REFERENCE = 3, /* the nearest to the reference; between two, the reference itself */
    TRD_TIE_MIDDLE = 4,    /* the middle of the range that is left */
    TRD_TIE_HIGHEST = 5,
    TRD_TIE_LOWEST = 6
};

enum { TRD_TIES_MAX = 5, TRD_LEAD_MAKERS_MAX = 4 };

enum { TRD_BAND_REJECT = 1, TRD_BAND_CANCEL = 2 };

typedef struct trd_lead_maker {
    uint32_t account;
    uint32_t percent; /* [1, 100] of what is left after TOP; 0: unused row */
} trd_lead_maker;

typedef struct trd_profile {
    uint32_t struct_size; /* set by trd_profile_default */

    uint8_t allocation;         /* TRD_ALLOCATE_* */
    uint8_t fifo_percent;       /* K: share that goes by time before pro-rata, [0, 100] */
    uint8_t ties[TRD_TIES_MAX]; /* TRD_TIE_*, in order; NONE ends the list */
    uint8_t band_action;        /* TRD_BAND_*; 0: there is no band */
    uint8_t band_source;        /* TRD_SOURCE_LAST, MARK or INDEX: the reference of the band */
    uint8_t band_whole;         /* 1: an order that would trade outside does not trade at all */
    uint8_t limit_auction;      /* 1: a pause at the band is a volatility auction, 0: a halt */
    uint8_t reserved;
    uint32_t band_below; /* distance in basis points of the reference, [0, 10000] */
    uint32_t band_above;
    trd_qty prorata_min;        /* an allocation below it becomes 0 */
    trd_qty top_min;            /* a smaller order does not become TOP */
    trd_qty top_max;            /* TOP takes at most this; 0: no limit (PRORATA: no TOP) */
    trd_ns limit_wait;          /* time at the band until the pause; 0: none */
    trd_ns limit_pause;         /* length of that pause, > 0 with limit_wait */
    trd_ns breaker_window;      /* rolling window of the circuit breaker, >= 16; 0: none */
    trd_ns breaker_pause;       /* length of its volatility auction, > 0 with breaker_window */
    uint32_t breaker_variation; /* basis points of the window's low or high, [1, 10000] */
    uint32_t reserved1;
    trd_lead_maker lead[TRD_LEAD_MAKERS_MAX];
} trd_profile;

/* trd_profile_default: FIFO, ties IMBALANCE, PRESSURE, REFERENCE, no band, no pauses. */
static inline trd_profile trd_profile_default(void) {
    trd_profile def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    def.ties[0] = TRD_TIE_IMBALANCE;
    def.ties[1] = TRD_TIE_PRESSURE;
    def.ties[2] = TRD_TIE_REFERENCE;
    return def;
}

/* trd_profile_ties fills in all of `ties` with the chain of a venue (sessions.md). TRD_OK, or
 * TRD_E_ARG for a preset that is none, which changes nothing. */
enum { TRD_TIES_NSE = 1, TRD_TIES_NASDAQ = 2, TRD_TIES_LSE = 3, TRD_TIES_VEGA = 4 };
TRD_API int trd_profile_ties(trd_profile *profile, unsigned preset);

/* trd_profile_check: TRD_OK, or TRD_E_ARG if `profile` is NULL or a field is out of range. What is
 * switched off is 0: without band_action the rest of the band and limit_wait; without limit_wait
 * limit_pause and limit_auction; without breaker_window the rest of the breaker; without a percent
 * the account of a lead maker. Lead makers are different accounts and their percents sum up to 100
 * at most. Behind the first NONE of `ties` there are only NONE. */
TRD_API int trd_profile_check(const trd_profile *profile);

TRD_END_DECLS

#endif
