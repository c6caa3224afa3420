/* assert.h - the conditions inside cr_assert: eq(type, a, b), ne, lt, le, ge, not(a). There is no
 * gt: that of Criterion 2.4.1 is wrong, and nothing may use it (docs/testing.md). */
#ifndef TRD_SHIM_ASSERT_H
#define TRD_SHIM_ASSERT_H

#include <inttypes.h>

#include <criterion/criterion.h>

/* The last comparison, for shim_failed: a number is kept as it prints. */
typedef struct shim_operands {
    const char *format; /* of both: NULL if nothing was compared */
    union {
        int64_t i64;
        uint64_t u64;
        double dbl;
        const char *str;
    } a, b;
} shim_operands;

extern shim_operands shim_compared;

/* Below 0, 0, above 0: as a is below, equal to, above b. */
#define SHIM_NUMBER(name, type, field, as)                                                         \
    static inline int shim_##name(type a, type b) {                                                \
        shim_compared.format = as;                                                                 \
        shim_compared.a.field = a;                                                                 \
        shim_compared.b.field = b;                                                                 \
        return (a > b) - (a < b);                                                                  \
    }

SHIM_NUMBER(chr, char, i64, PRId64)
SHIM_NUMBER(int, int, i64, PRId64)
SHIM_NUMBER(i32, int32_t, i64, PRId64)
SHIM_NUMBER(i64, int64_t, i64, PRId64)
SHIM_NUMBER(u8, uint8_t, u64, PRIu64)
SHIM_NUMBER(u16, uint16_t, u64, PRIu64)
SHIM_NUMBER(u32, uint32_t, u64, PRIu64)
SHIM_NUMBER(u64, uint64_t, u64, PRIu64)
SHIM_NUMBER(uint, unsigned, u64, PRIu64)
SHIM_NUMBER(sz, size_t, u64, PRIu64)
SHIM_NUMBER(dbl, double, dbl, "g")

static inline int shim_ptr(const volatile void *a, const volatile void *b) {
    return shim_u64((uintptr_t)a, (uintptr_t)b);
}

static inline int shim_str(const char *a, const char *b) {
    shim_compared.format = "s";
    shim_compared.a.str = a;
    shim_compared.b.str = b;
    return strcmp(a, b);
}

#define eq(type, a, b) (shim_##type(a, b) == 0)
#define ne(type, a, b) (shim_##type(a, b) != 0)
#define lt(type, a, b) (shim_##type(a, b) < 0)
#define le(type, a, b) (shim_##type(a, b) <= 0)
#define ge(type, a, b) (shim_##type(a, b) >= 0)
#define not(condition) (!(condition))

#endif
