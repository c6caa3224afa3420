/* cases.c - tests that end in every way there is; shim.py knows what main.c has to say of them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static const char *begun = "";

static void begin_suite(void) {
    begun = "suite";
}

static void begin_test(void) {
    begun = strcmp(begun, "suite") == 0 ? "suite, test" : "test alone";
}

static void end_wrongly(void) {
    cr_expect(false, "at the end");
}

TestSuite(begun, .init = begin_suite);

Test(begun, in_order, .init = begin_test) {
    cr_assert(eq(str, begun, "suite, test"));
}

Test(begun, and_ended, .fini = end_wrongly) {
}

Test(good, comparisons) {
    const int two = 2;
    cr_assert(eq(int, two, 2));
    cr_assert(ne(u8, 255, 0));
    cr_assert(lt(i64, INT64_MIN, INT64_MAX));
    cr_assert(le(sz, 2, 2));
    cr_assert(ge(u64, UINT64_MAX, 0));
    cr_assert(not(eq(ptr, &two, NULL)));
    cr_assert(lt(dbl, 0.25, 0.5));
    cr_assert_eq(two, 2);
}

Test(bad, equal) {
    cr_assert(eq(i64, -7, 8), "case %d", 3);
}

Test(bad, less) {
    cr_assert(lt(u32, 2, 2));
}

Test(bad, expected) {
    cr_expect(1 > 2);
    fprintf(stderr, "goes on\n");
}

Test(bad, asserted) {
    cr_assert(1 > 2);
    fprintf(stderr, "goes on\n");
}

Test(bad, crash) {
    raise(SIGSEGV);
}

Test(ends, by_signal, .signal = SIGABRT) {
    abort();
}

Test(ends, by_no_signal, .signal = SIGABRT) {
}

Test(ends, by_another_signal, .signal = SIGABRT) {
    raise(SIGSEGV);
}

Test(ends, with_a_code, .exit_code = 7) {
    exit(7);
}

Test(ends, with_another_code, .exit_code = 7) {
}

Test(ends, skipped) {
    cr_skip("for %s", "want of data");
    abort();
}
