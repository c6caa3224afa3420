/* base.c - the functions of base.h, and the texts of the .def lists. */
#include <tradsys/base.h>
#include <tradsys/command.h>
#include <tradsys/event.h>

#include "core/assert.h"

static trd_assert_hook on_assert;

void trd_on_assert(trd_assert_hook hook) {
    on_assert = hook;
}

void trd__assert_failed(const char *condition, const char *file, int line) {
    if (on_assert != NULL) {
        on_assert(condition, file, line);
    }
    __builtin_abort(); /* nothing else of <stdlib.h> is wanted here */
}

#if defined(TRD_COVERAGE)
void trd__assert_that(bool holds, const char *condition, const char *file, int line) {
    if (!holds) {
        trd__assert_failed(condition, file, line);
    }
}
#endif

uint32_t trd_version(void) {
    return TRD_VERSION;
}

const char *trd_result_text(int result) {
    if (result > TRD_NEED_VERDICT) {
        return "a count";
    }
    switch (result) {
    case TRD_OK:
        return "done";
    case TRD_NEED_VERDICT:
        return "an order waits for a verdict";
    case TRD_MORE:
        return "output is full, continue";
    case TRD_E_ARG:
        return "argument or definition out of range";
    case TRD_E_FULL:
        return "no room now";
    case TRD_E_BUSY:
        return "a command is not finished";
    case TRD_E_RANGE:
        return "number out of range";
    case TRD_E_MEMORY:
        return "no memory";
    case TRD_E_UNKNOWN:
        return "no such thing";
    case TRD_E_EXISTS:
        return "exists already";
    case TRD_E_FORMAT:
        return "wrong format";
    case TRD_E_TRUNCATED:
        return "input ends inside a record";
    case TRD_E_FUNDS:
        return "not enough free money";
    case TRD_E_CORRUPT:
        return "stored data is damaged";
    case TRD_E_IO:
        return "a system call failed";
    default:
        return "?";
    }
}

const char *trd_command_text(unsigned kind) {
    switch (kind) {
#define TRD_COMMAND_ROW(name, number, text)                                                        \
    case number:                                                                                   \
        return #name;
#define TRD_EXTENSION_ROW(name, number, text)                                                      \
    case number:                                                                                   \
        return #name;
#include <tradsys/command.def>
    default:
        return "?";
    }
}

const char *trd_event_text(unsigned kind) {
    switch (kind) {
#define TRD_EVENT_ROW(name, number, text)                                                          \
    case number:                                                                                   \
        return #name;
#include <tradsys/event.def>
    default:
        return "?";
    }
}

const char *trd_reject_text(unsigned reason) {
    switch (reason) {
#define TRD_REJECT_ROW(name, number, text)                                                         \
    case number:                                                                                   \
        return #name;
#include <tradsys/reject.def>
    default:
        return "?";
    }
}

const char *trd_reject_description(unsigned reason) {
    switch (reason) {
#define TRD_REJECT_ROW(name, number, text)                                                         \
    case number:                                                                                   \
        return text;
#include <tradsys/reject.def>
    default:
        return "?";
    }
}

const char *trd_cause_text(unsigned cause) {
    switch (cause) {
#define TRD_CAUSE_ROW(name, number, text)                                                          \
    case number:                                                                                   \
        return #name;
#include <tradsys/cause.def>
    default:
        return "?";
    }
}
