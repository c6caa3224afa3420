/* decimal.h - decimal text to scaled integers and back: the only place where decimals are parsed.
 *
 * A decimal is: an optional '-', at least one digit, and optionally '.' and at least one digit.
 * Nothing before, between or behind. So "5." and ".5" are no decimals, nor are "+5", "1e-7", "nan",
 * "1,000", " 5" and "": feeds write none of these, and a text that is damaged or cut off in the
 * middle is found more often. Leading zeros and zeros at the end of the fraction mean nothing, in
 * any number. "-0" is 0.
 *
 * The integer at scale s is the number times 10^s. The whole int64 range is read and written. */
#ifndef TRD_CORE_DECIMAL_H
#define TRD_CORE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

enum {
    TRD__DECIMAL_SCALE_MAX = 18,
    TRD__DECIMAL_SIZE = 22 /* sign, 19 digits, point, zero byte */
};

/* trd__decimal_parse stores the decimal in the `size` bytes at `text` x 10^scale in *out, for scale
 * in [0, 18]. `rounding` (TRD_ROUND_*) says what happens to digits behind the scale that are not
 * zero: EXACT refuses them, FLOOR and CEIL go to the next integer below or above. Returns
 *   TRD_OK
 *   TRD_E_FORMAT  not a decimal, whatever its value would be
 *   TRD_E_RANGE   a decimal, but beyond int64, or with digits behind the scale and EXACT
 * and leaves *out alone in failure. The bytes behind `size` are not looked at. O(size). */
int trd__decimal_parse(const char *text, size_t size, unsigned scale, int rounding, int64_t *out);

/* trd__decimal_format writes value / 10^scale, for scale in [0, 18], as the shortest decimal that
 * is exactly that number, and a zero byte. Returns the length without the zero byte, or TRD_E_RANGE
 * if that needs more than `capacity` bytes, with `out` untouched; TRD__DECIMAL_SIZE are always
 * enough. */
int trd__decimal_format(int64_t value, unsigned scale, char *out, size_t capacity);

#endif
