/* criterion.h - what the tests use of Criterion, as plain functions: with the build option `shim`
 * this directory stands before the real headers, and main.c beside it runs the tests.
 *
 * Criterion does not start under MemorySanitizer and ThreadSanitizer. Here a test is a function in
 * a process of its own that was forked, and nothing else is in between. Failures say the condition
 * and, of a comparison, its two values. Time limits are left to whoever runs the program. */
#ifndef TRD_SHIM_CRITERION_H
#define TRD_SHIM_CRITERION_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A test or, without a body, its suite. The names are those of Criterion's options. */
typedef struct shim_case {
    const char *suite;
    const char *name;
    void (*body)(void);
    void (*init)(void);
    void (*fini)(void);
    int signal; /* the process must end by this one; 0: by none */
    int exit_code;
    double timeout; /* not used */
    struct shim_case *next;
} shim_case;

/* Adds a case, before main begins. It stays the caller's. */
void shim_add(shim_case *of);

/* Says what was wrong. */
void shim_failed(const char *file, int line, const char *condition, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same, and that is the end of the test. */
_Noreturn void shim_fatal(const char *file, int line, const char *condition, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

_Noreturn void shim_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define SHIM_ADD(of, ...)                                                                          \
    __attribute__((constructor)) static void shim_add_##of(void) {                                 \
        static shim_case own = {__VA_ARGS__};                                                      \
        shim_add(&own);                                                                            \
    }

#define Test(of_suite, of_name, ...)                                                               \
    static void shim_test_##of_suite##_##of_name(void);                                            \
    SHIM_ADD(of_suite##_##of_name, .suite = #of_suite, .name = #of_name,                           \
        .body = shim_test_##of_suite##_##of_name, __VA_ARGS__)                                     \
    static void shim_test_##of_suite##_##of_name(void)

#define TestSuite(of_suite, ...) SHIM_ADD(of_suite, .suite = #of_suite, __VA_ARGS__)

#define SHIM_CHECK(failed, condition, text, ...)                                                   \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            failed(__FILE__, __LINE__, text, "\n" __VA_ARGS__);                                    \
        }                                                                                          \
    } while (0)

#define cr_assert(condition, ...) SHIM_CHECK(shim_fatal, condition, #condition, __VA_ARGS__)
#define cr_expect(condition, ...) SHIM_CHECK(shim_failed, condition, #condition, __VA_ARGS__)
#define cr_fail(...) shim_fatal(__FILE__, __LINE__, "cr_fail", "\n" __VA_ARGS__)
#define cr_skip(...) shim_skip("" __VA_ARGS__)
#define cr_log_info(...) fprintf(stderr, "\n" __VA_ARGS__)
#define cr_assert_eq(a, b, ...) SHIM_CHECK(shim_fatal, (a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)                                                                \
    SHIM_CHECK(shim_fatal, strcmp(a, b) == 0, #a " equals " #b, __VA_ARGS__)

#endif
