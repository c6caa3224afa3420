/* instrument.h - what is traded: what a tick, a lot and a fill are worth, and what is allowed.
 *
 * Decimal text and integers. A price in text has at most `px_scale` digits after the point; the
 * integer is text x 10^px_scale / tick_size, exactly, so px_scale 2 and tick_size 5 make the price
 * 12.35 the px 247. Quantities are the same with qty_scale and lot_size.
 *
 * px counts the finest tick. Where the tick is coarser at some prices (tick table) px must be a
 * multiple of the tier's `step`. Likewise qty counts lots, and must be a multiple of `lot_step`.
 *
 * Value of a fill in minor units of the settlement asset:
 *     spot, linear, option:  px x qty x numerator / denominator
 *     inverse:               qty x numerator / (px x denominator)        (px > 0)
 * in 128 bits, rounded where it is booked. trd_instrument_check proves that no value of an accepted
 * order can overflow; nothing is checked again when a fill happens.
 */
#ifndef TRADSYS_INSTRUMENT_H
#define TRADSYS_INSTRUMENT_H

#include <tradsys/base.h>

TRD_BEGIN_DECLS

enum {
    TRD_INSTRUMENT_SPOT = 1,
    TRD_INSTRUMENT_LINEAR = 2,
    TRD_INSTRUMENT_INVERSE = 3,
    TRD_INSTRUMENT_OPTION = 4
};

enum { TRD_OPTION_NONE = 0, TRD_OPTION_CALL = 1, TRD_OPTION_PUT = 2 };

/* Profile: where venues differ, bits. What needs numbers is in profile.h. */
enum {
    TRD_PROFILE_POST_ONLY_SLIDE = 1,      /* every post-only order slides */
    TRD_PROFILE_FOK_SINGLE_PRICE = 2,     /* every FOK order must trade at one price */
    TRD_PROFILE_STOP_THROUGH_REJECTS = 4, /* a trigger that is touched already is refused */
    TRD_PROFILE_AUCTION_STP = 8,          /* self-trade prevention in an uncross */
    TRD_PROFILE_ALL = 15
};

enum { TRD_TIERS_MAX = 16, TRD_SYMBOL_SIZE = 24, TRD_SCALE_MAX = 18 };

/* From `from` ticks on (to the next tier's `from`) prices are multiples of `step`. */
typedef struct trd_tick_tier {
    trd_px from;  /* ascending; the first tier also covers what is below its `from` */
    int64_t step; /* [1, 2^32] */
} trd_tick_tier;

typedef struct trd_instrument {
    uint32_t struct_size;         /* as set by trd_instrument_default */
    uint8_t kind;                 /* TRD_INSTRUMENT_* */
    uint8_t option;               /* TRD_OPTION_*; NONE unless kind is OPTION */
    uint8_t px_scale;             /* [0, 18] decimals of price text */
    uint8_t qty_scale;            /* [0, 18] decimals of quantity text */
    char symbol[TRD_SYMBOL_SIZE]; /* 1 to 23 of ASCII 0x21 to 0x7e, the rest zero */
    int64_t tick_size;            /* one tick in units of 10^-px_scale, > 0 */
    int64_t lot_size;             /* one lot in units of 10^-qty_scale, > 0 */
    trd_px px_min;                /* lowest price accepted */
    trd_px px_max;                /* highest price accepted, >= px_min */
    trd_qty qty_min;              /* > 0 */
    trd_qty qty_max;              /* >= qty_min, and a multiple of lot_step lies in between */
    int64_t lot_step;             /* quantities are multiples of it, >= 1 */
    trd_amt notional_min;         /* of a limit order at its price, minor units; 0: no minimum */
    trd_amt notional_max;         /* 0: no maximum */
    int64_t numerator;     /* value of px 1 x qty 1 = numerator / denominator minor units; > 0 */
    int64_t denominator;   /* > 0 */
    uint32_t base_asset;   /* asset bought and sold; the underlying of a derivative */
    uint32_t quote_asset;  /* asset prices are in */
    uint32_t settle_asset; /* asset of value, margin and profit */
    uint32_t profile;      /* TRD_PROFILE_* bits */
    trd_px strike;         /* options, ticks of the underlying; else 0 */
    trd_ns expiry;         /* derivatives; 0: none (perpetual), not for options */
    uint32_t tier_count;   /* [0, TRD_TIERS_MAX]; 0: every tick is a price */
    uint32_t reserved;     /* zero */
    trd_tick_tier tiers[TRD_TIERS_MAX]; /* zero from tier_count on */
} trd_instrument;

/* trd_instrument_default: SPOT, scales 2 and 0, sizes 1, px [1, 10^9], qty [1, 10^9], lot_step 1,
 * numerator and denominator 1, no tiers, symbol empty (to be filled). */
static inline trd_instrument trd_instrument_default(void) {
    trd_instrument def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    def.kind = TRD_INSTRUMENT_SPOT;
    def.px_scale = 2;
    def.tick_size = 1;
    def.lot_size = 1;
    def.px_min = 1;
    def.px_max = 1000000000;
    def.qty_min = 1;
    def.qty_max = 1000000000;
    def.lot_step = 1;
    def.numerator = 1;
    def.denominator = 1;
    return def;
}

/* What trd_instrument_check found; 0 is fine. */
typedef enum trd_instrument_fault {
    TRD_INSTRUMENT_OK = 0,
    TRD_INSTRUMENT_STRUCT_SIZE, /* not of this version's trd_instrument_default */
    TRD_INSTRUMENT_KIND,
    TRD_INSTRUMENT_SYMBOL,
    TRD_INSTRUMENT_SCALE,
    TRD_INSTRUMENT_TICK,         /* tick_size below 1 */
    TRD_INSTRUMENT_LOT,          /* lot_size or lot_step below 1 */
    TRD_INSTRUMENT_PX_RANGE,     /* px_min > px_max, or an inverse contract with px_min < 1 */
    TRD_INSTRUMENT_QTY_RANGE,    /* qty_min < 1, or no multiple of lot_step up to qty_max */
    TRD_INSTRUMENT_NOTIONAL,     /* a limit below 0, or the minimum above the maximum */
    TRD_INSTRUMENT_RATIO,        /* numerator or denominator not positive */
    TRD_INSTRUMENT_OPTION_TERMS, /* option, strike or expiry do not go with the kind */
    TRD_INSTRUMENT_PROFILE,      /* undefined bits */
    TRD_INSTRUMENT_TIERS,    /* not ascending, step out of range, or min/max price off its tier */
    TRD_INSTRUMENT_RESERVED, /* reserved, or a tier from tier_count on, not zero */
    TRD_INSTRUMENT_VALUE_OVERFLOW, /* |px|max x qty_max x numerator / denominator >= 2^62 */
    TRD_INSTRUMENT_TOTAL_OVERFLOW  /* qty_max x orders_max >= 2^63 */
} trd_instrument_fault;

/* trd_instrument_check proves that `spec` is usable with up to `orders_max` live orders
 * at a time: every value and every sum of their quantities fits. Returns the first fault in the
 * order of the list above. O(tiers). */
TRD_API trd_instrument_fault trd_instrument_check(const trd_instrument *spec, uint64_t orders_max);

/* trd_instrument_fault_text returns a static text for a fault, "?" for any other number. */
TRD_API const char *trd_instrument_fault_text(trd_instrument_fault fault);

/* For everything below, `spec` is one in which trd_instrument_check finds no fault.
 *
 * trd_instrument_tick_step returns the step that px must be a multiple of; any px has one.
 * O(tiers). */
TRD_API int64_t trd_instrument_tick_step(const trd_instrument *spec, trd_px px);

/* trd_instrument_value stores the value of `qty` lots at px in minor units into *out, rounded as
 * said, once. px and qty need not be within the limits of `spec`; the value of a negative price is
 * negative. Returns TRD_OK; TRD_E_RANGE if the value overflows, or is not whole and rounding is
 * EXACT; TRD_E_ARG for a negative qty, a px below 1 of an inverse contract, or a rounding that is
 * none. *out is unchanged in failure. O(1). */
TRD_API int trd_instrument_value(
    const trd_instrument *spec, trd_px px, trd_qty qty, int rounding, trd_amt *out);

/* trd_instrument_px and trd_instrument_qty read decimal text. Text is `size` bytes, not necessarily
 * terminated: optional '-', digits, optionally '.' and digits. "5." and ".5" are refused, so are
 * "+5", exponents, NaN and blanks. Zeros in front and at the end of the fraction mean nothing; "-0"
 * is 0. The limits of `spec` are not applied. Returns TRD_OK; TRD_E_FORMAT (not a decimal);
 * TRD_E_RANGE (text x 10^scale does not fit int64, or is not a whole number of ticks or lots and
 * rounding is EXACT); TRD_E_ARG for a rounding that is none. *out is unchanged in failure.
 * O(size). */
TRD_API int trd_instrument_px(
    const trd_instrument *spec, const char *text, size_t size, int rounding, trd_px *out);
TRD_API int trd_instrument_qty(
    const trd_instrument *spec, const char *text, size_t size, int rounding, trd_qty *out);

/* trd_instrument_px_text and trd_instrument_qty_text write the shortest decimal that is exactly px
 * or qty, never with an exponent, zero terminated. They return its length without the zero, or
 * TRD_E_RANGE if `capacity` bytes do not hold it (TRD_DECIMAL_SIZE always do) or the number x
 * 10^scale overflows int64; `out` is then unchanged. Read back with EXACT it is the same px or qty.
 * O(1). */
enum { TRD_DECIMAL_SIZE = 48 };
TRD_API int trd_instrument_px_text(
    const trd_instrument *spec, trd_px px, char *out, size_t capacity);
TRD_API int trd_instrument_qty_text(
    const trd_instrument *spec, trd_qty qty, char *out, size_t capacity);

TRD_END_DECLS

#endif
