/* base.h - units, ids, result codes, export macros and version: what every other header needs.
 *
 * Everything in libtradsys is counted in integers. A price is a signed count of ticks, a quantity a
 * count of lots, money a count of minor units of its asset; what a tick, a lot and a minor unit are
 * worth is said by the instrument (instrument.h). No value doubles as a sentinel: "no price" is
 * always a flag or a count of its own.
 */
#ifndef TRADSYS_BASE_H
#define TRADSYS_BASE_H

#include <stddef.h>
#include <stdint.h>

#define TRD_VERSION_MAJOR 0
#define TRD_VERSION_MINOR 1
#define TRD_VERSION_PATCH 0
#define TRD_VERSION ((TRD_VERSION_MAJOR << 16) | (TRD_VERSION_MINOR << 8) | TRD_VERSION_PATCH)

#ifdef __cplusplus
#define TRD_BEGIN_DECLS extern "C" {
#define TRD_END_DECLS }
#define TRD_ZERO                                                                                   \
    {}
#else
#define TRD_BEGIN_DECLS
#define TRD_END_DECLS
#define TRD_ZERO                                                                                   \
    { 0 }
#endif

#if defined(SWIG)
#define TRD_API
#define TRD_STATIC_ASSERT(condition, text)
#else
#define TRD_API __attribute__((visibility("default")))
#ifdef __cplusplus
#define TRD_STATIC_ASSERT(condition, text) static_assert(condition, text)
#else
#define TRD_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif
#endif

TRD_BEGIN_DECLS

typedef int64_t trd_px;     /* price in ticks of the instrument; may be negative */
typedef int64_t trd_qty;    /* quantity in lots; orders > 0, positions signed */
typedef int64_t trd_amt;    /* money in minor units of its asset */
typedef int64_t trd_ns;     /* nanoseconds; as a point in time, since an epoch the host chooses */
typedef uint64_t trd_order; /* order handle: generation << 32 | slot + 1; 0 is no order */

/* Side of an order. Zero is no side and always refused, so a forgotten field cannot become a buy.
 */
enum { TRD_BUY = 1, TRD_SELL = 2 };

/* How a number that does not come out even is rounded: not at all (it is refused), toward minus
 * infinity, toward plus infinity. */
enum { TRD_ROUND_EXACT = 0, TRD_ROUND_FLOOR = 1, TRD_ROUND_CEIL = 2 };

/* What calls return. Zero and above is success: a count, or TRD_MORE. Below zero is failure, and
 * object and outputs are then as they were before the call. A market's "no" is no failure: it is a
 * reject event (event.h). */
enum {
    TRD_OK = 0,
    TRD_MORE = 1,         /* output is full, the command is not finished: drain and continue */
    TRD_NEED_VERDICT = 2, /* an order is about to be released: judge it and continue (match.h) */
    TRD_E_ARG = -1,       /* an argument or definition is outside its documented range */
    TRD_E_FULL = -2,      /* no room now, nothing done: drain or free, then try again */
    TRD_E_BUSY = -3,      /* a command is not finished: only what continues it is accepted */
    TRD_E_RANGE = -4,     /* a number does not fit its type or its declared range */
    TRD_E_MEMORY = -5,    /* the allocator hook returned no memory */
    TRD_E_UNKNOWN = -6,   /* no such order, level, instrument, key or message type */
    TRD_E_EXISTS = -7,    /* the key is already there */
    TRD_E_FORMAT = -8,    /* input is not in the format it claims */
    TRD_E_TRUNCATED = -9, /* input ends inside a record */
    TRD_E_FUNDS = -10,    /* the free balance does not cover it */
    TRD_E_CORRUPT = -11,  /* stored data is damaged: it is not what was written */
    TRD_E_IO = -12        /* the operating system failed a call, now or earlier */
};

/* trd_result_text returns a static English text for a result code; never NULL. */
TRD_API const char *trd_result_text(int result);

/* trd_version returns TRD_VERSION of the library that is loaded: compare it with the macro of the
 * headers the caller was compiled with. */
TRD_API uint32_t trd_version(void);

/* Allocator hook. The library allocates only while an object is created and frees only when it is
 * destroyed. `alloc` returns `size` bytes aligned to `align` (a power of two), or NULL; `release`
 * gets the same size, and only what `alloc` gave; without `release` the memory is not given back
 * (an arena). A zeroed trd_mem means the C library. */
typedef struct trd_mem {
    void *(*alloc)(void *user, size_t size, size_t align);
    void (*release)(void *user, void *at, size_t size);
    void *user;
} trd_mem;

/* What to do when an assertion fails: an error of ours or of the calling program, not of input. The
 * hook may log; when it returns the process aborts. NULL restores the default, which aborts at
 * once. Set it before any object exists: it is not synchronised. */
typedef void (*trd_assert_hook)(const char *condition, const char *file, int line);
TRD_API void trd_on_assert(trd_assert_hook hook);

TRD_END_DECLS

#endif
