/* main.c - runs the tests of a program that was built with the option `shim`, one process each, and
 * tells of them in TAP.
 *
 *     PROGRAM [--filter SUITE/NAME]
 *
 * `*`, `?` and `[` work in the filter. Other arguments are those of Criterion and change nothing:
 * one test runs at a time. Exit 1 if one failed. */
#include <fnmatch.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

enum { FAILED = 1, SKIPPED = 77 };

shim_operands shim_compared;

static shim_case *cases, **cases_end = &cases;
static bool has_failed; /* in the process of a test */

void shim_add(shim_case *of) {
    *cases_end = of;
    cases_end = &of->next;
}

/* The two values of a comparison, which may not be that of the condition that failed: another may
 * have been made since, or none. */
static void print_compared(void) {
    char format[32];
    if (shim_compared.format == NULL) {
        return;
    }
    snprintf(format, sizeof(format), "  compared last: %%%s, %%%s\n", shim_compared.format,
        shim_compared.format);
    switch (*shim_compared.format) {
    case 's':
        fprintf(stderr, format, shim_compared.a.str, shim_compared.b.str);
        break;
    case 'g':
        fprintf(stderr, format, shim_compared.a.dbl, shim_compared.b.dbl);
        break;
    default:
        fprintf(stderr, format, shim_compared.a.u64, shim_compared.b.u64);
    }
}

static void tell(
    const char *file, int line, const char *condition, const char *format, va_list of) {
    fprintf(stderr, "%s:%d: %s", file, line, condition);
    vfprintf(stderr, format, of);
    fputc('\n', stderr);
    print_compared();
}

void shim_failed(const char *file, int line, const char *condition, const char *format, ...) {
    va_list of;
    va_start(of, format);
    tell(file, line, condition, format, of);
    va_end(of);
    has_failed = true;
}

_Noreturn void shim_fatal(
    const char *file, int line, const char *condition, const char *format, ...) {
    va_list of;
    va_start(of, format);
    tell(file, line, condition, format, of);
    va_end(of);
    exit(FAILED);
}

_Noreturn void shim_skip(const char *format, ...) {
    va_list of;
    va_start(of, format);
    vfprintf(stderr, format, of);
    va_end(of);
    fputc('\n', stderr);
    exit(SKIPPED);
}

static void call(void (*body)(void)) {
    if (body != NULL) {
        body();
    }
}

static const shim_case *suite_of(const shim_case *of) {
    static const shim_case none;
    for (const shim_case *c = cases; c != NULL; c = c->next) {
        if (c->body == NULL && strcmp(c->suite, of->suite) == 0) {
            return c;
        }
    }
    return &none;
}

static _Noreturn void run_here(const shim_case *of) {
    const shim_case *suite = suite_of(of);
    call(suite->init);
    call(of->init);
    of->body();
    call(of->fini);
    call(suite->fini);
    exit(has_failed ? FAILED : 0);
}

/* The status of the process of a test. */
static int run(const shim_case *of) {
    int status;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        run_here(of);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("fork");
        exit(FAILED);
    }
    return status;
}

/* Says how the test ended; false if that is not how it had to. */
static bool judge(const shim_case *of, int number, int status) {
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    const bool skipped = code == SKIPPED && of->exit_code != SKIPPED;
    const bool good = skipped || (signal == of->signal && code == of->exit_code);
    printf("%s %d - %s::%s%s\n", good ? "ok" : "not ok", number, of->suite, of->name,
        skipped ? " # SKIP" : "");
    if (!good) {
        printf("# %s::%s: exit status %d, signal %d\n", of->suite, of->name, code, signal);
    }
    return good;
}

static bool is_wanted(const shim_case *of, const char *filter) {
    char name[512];
    snprintf(name, sizeof(name), "%s/%s", of->suite, of->name);
    return of->body != NULL && fnmatch(filter, name, 0) == 0;
}

int main(int argc, char **argv) {
    const char *filter = "*";
    int count = 0, number = 0, failed = 0;
    for (int i = 1; i + 1 < argc; i++) {
        filter = strcmp(argv[i], "--filter") == 0 ? argv[i + 1] : filter;
    }
    for (const shim_case *c = cases; c != NULL; c = c->next) {
        count += is_wanted(c, filter);
    }
    printf("TAP version 13\n1..%d\n", count);
    for (const shim_case *c = cases; c != NULL; c = c->next) {
        if (is_wanted(c, filter)) {
            number++;
            failed += !judge(c, number, run(c));
        }
    }
    return failed > 0 ? FAILED : 0;
}
