/* fuzz_decimal.c - any bytes as a decimal: nothing is read past the end, the three roundings agree
 * with each other, and what is accepted is written and read back the same. Two bytes say scale and
 * the capacity to write into, the rest is the text. */
#include <tradsys/instrument.h>

#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "fuzz.h"

static void check_roundings(const char *text, size_t size, unsigned scale) {
    int64_t exact = 0, low = 0, high = 0;
    const int exact_is = trd__decimal_parse(text, size, scale, TRD_ROUND_EXACT, &exact);
    const int low_is = trd__decimal_parse(text, size, scale, TRD_ROUND_FLOOR, &low);
    const int high_is = trd__decimal_parse(text, size, scale, TRD_ROUND_CEIL, &high);
    fuzz_check((exact_is == TRD_E_FORMAT) == (low_is == TRD_E_FORMAT));
    fuzz_check((exact_is == TRD_E_FORMAT) == (high_is == TRD_E_FORMAT));
    if (exact_is == TRD_OK) {
        fuzz_check(low_is == TRD_OK && high_is == TRD_OK && low == exact && high == exact);
    } else if (low_is == TRD_OK && high_is == TRD_OK) {
        fuzz_check(low < high && high - low == 1);
    }
}

static void check_text(int64_t value, unsigned scale, size_t capacity) {
    char text[TRD__DECIMAL_SIZE];
    const int length = trd__decimal_format(value, scale, text, sizeof(text));
    fuzz_check(length > 0 && text[length] == '\0' && strlen(text) == (size_t)length);
    int64_t back = 0;
    fuzz_check(trd__decimal_parse(text, (size_t)length, scale, TRD_ROUND_EXACT, &back) == TRD_OK);
    fuzz_check(back == value);

    char *small = malloc(capacity); /* of its own, so that a byte too many is seen */
    fuzz_check(small != NULL || capacity == 0);
    const int written = trd__decimal_format(value, scale, small, capacity);
    fuzz_check(written == (capacity > (size_t)length ? length : TRD_E_RANGE));
    free(small);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) {
        return 0;
    }
    const unsigned scale = data[0] % (TRD__DECIMAL_SCALE_MAX + 1);
    const size_t capacity = data[1] % (TRD__DECIMAL_SIZE + 1);
    const char *text = (const char *)data + 2;
    check_roundings(text, size - 2, scale);
    int64_t value = 0;
    if (trd__decimal_parse(text, size - 2, scale, TRD_ROUND_FLOOR, &value) == TRD_OK) {
        check_text(value, scale, capacity);
    }
    return 0;
}
