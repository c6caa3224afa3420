/* The functions of base.h and the texts of the .def lists. The names are those of docs/reference.
 */
#include <criterion/criterion.h>
#include <tradsys/tradsys.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/assert.h"

enum { NUMBERS = 300 }; /* beyond any byte */

static const char *const COMMANDS[NUMBERS] = {NULL, "NEW", "CANCEL", "REPLACE", "REDUCE",
    "MASS_CANCEL", "QUOTE", "TIMER", "SESSION", "PRICE", "SUBSCRIBE", "INSTRUMENT", "ACCOUNT",
    "TRANSFER", "LIMIT", "KILL", "FUNDING", "CORPORATE", "DEADMAN", "PROTECTION",
    "BOOKS", [128] = "ORDER_PRICES", "ORDER_SIZES", "ORDER_LINK", "EXEC", "TEXT", "TABLE_ROW",
    "DECISION"};

static const char *const EVENTS[NUMBERS] = {NULL, "ACCEPTED", "REJECTED", "FILL", "CANCELED",
    "REPLACED", "CANCEL_REJECTED", "REPLACE_REJECTED", "COMMAND_REJECTED", "TRIGGERED", "PREVENTED",
    "RESTATED", "LEVEL", "ORDER", "TAPE", "SESSION", "AUCTION", "LEDGER", "POSITION", "MARGIN",
    "LIQUIDATION", "DECISION"};

static const char *const REJECTS[NUMBERS] = {NULL, "MALFORMED", "UNSUPPORTED", "BAD_SIDE",
    "BAD_TYPE", "BAD_TIF", "BAD_COMBINATION", "UNKNOWN_ORDER", "ORDER_MISMATCH", "DUPLICATE_ID",
    "ID_NOT_ASCENDING", "UNKNOWN_INSTRUMENT", "UNKNOWN_ACCOUNT", [14] = "OFF_TICK", "PRICE_LIMIT",
    "QTY_ZERO", "QTY_NEGATIVE", "OFF_LOT", "QTY_MIN", "QTY_MAX", "NOTIONAL_MIN", "NOTIONAL_MAX",
    "MIN_QTY", "POST_ONLY", "NO_CAPACITY", "KILLED", "SESSION", "PROTECTED", "PEAK", "BUDGET",
    "OFFSET", "EXPIRY", "BAND", "NO_MARKET", "REDUCE_ONLY", "POSITION", "THROUGH", "SELF_MATCH",
    "LINK", "NOT_PERMITTED", "DISABLED", "RESTRICTED", "COLLAR", "ORDER_QTY", "NO_BOUND",
    "ORDER_VALUE", "REPEATED", "LATCHED", "MESSAGES", "BALANCE", "POSITION_LIMIT", "OPEN_VALUE",
    "LEVERAGE", "DAILY_LOSS", "MARGIN", "UNKNOWN_ASSET", "NO_MARK", "ASSET_IN_USE", "PARENT",
    "PARENT_QTY"};

static const char *const CAUSES[NUMBERS] = {NULL, "USER", "IOC", "FOK", "MARKET", "MIN_QTY",
    "REDUCED", "EXPIRED", "SELF_MATCH", "REDUCE_ONLY", "POST_ONLY", "BUDGET", "SESSION", "BAND",
    "AUCTION", "MASS", "KILL", "DEADMAN", "PROTECTION", "LINKED", "RISK", "LIQUIDATION", "MATURED",
    "CORPORATE"};

static void check_names(const char *(*text)(unsigned), const char *const *names) {
    for (unsigned number = 0; number < NUMBERS; number++) {
        const char *expected = names[number] != NULL ? names[number] : "?";
        cr_expect(strcmp(text(number), expected) == 0, "%u is %s, must be %s", number, text(number),
            expected);
    }
}

Test(base, every_listed_number_has_its_name_and_the_others_a_question_mark) {
    check_names(trd_command_text, COMMANDS);
    check_names(trd_event_text, EVENTS);
    check_names(trd_reject_text, REJECTS);
    check_names(trd_cause_text, CAUSES);
}

Test(base, every_reason_has_a_sentence_of_its_own) {
    for (unsigned number = 0; number < NUMBERS; number++) {
        const char *text = trd_reject_description(number);
        if (REJECTS[number] == NULL) {
            cr_expect(strcmp(text, "?") == 0, "%u", number);
            continue;
        }
        cr_expect(strlen(text) > 5, "%u", number);
        for (unsigned other = 0; other < number; other++) {
            cr_expect(strcmp(text, trd_reject_description(other)) != 0, "%u %u", number, other);
        }
    }
}

Test(base, every_result_has_a_text_of_its_own) {
    for (int result = TRD_E_IO; result <= TRD_NEED_VERDICT; result++) {
        const char *text = trd_result_text(result);
        cr_expect(strlen(text) > 1, "%d", result);
        for (int other = TRD_E_IO; other < result; other++) {
            cr_expect(strcmp(text, trd_result_text(other)) != 0, "%d %d", result, other);
        }
    }
    cr_expect(strcmp(trd_result_text(TRD_E_IO - 1), "?") == 0);
    cr_expect(strcmp(trd_result_text(3), trd_result_text(INT32_MAX)) == 0, "both are counts");
}

Test(base, the_library_has_the_version_of_its_headers) {
    cr_expect(trd_version() == TRD_VERSION);
}

/* The hook leaves by a way that a plain abort does not: exit code 7. */
static void leave(const char *condition, const char *file, int line) {
    const bool told = strcmp(condition, "1 > 2") == 0 && strstr(file, "test_base") && line > 0;
    _exit(told ? 7 : 8);
}

static void stay(const char *condition, const char *file, int line) {
    (void)condition;
    (void)file;
    (void)line;
}

Test(base, a_failed_assertion_tells_the_hook, .exit_code = 7) {
    trd_on_assert(leave);
    trd_assert(1 > 2);
}

Test(base, a_hook_that_returns_does_not_go_on, .signal = SIGABRT) {
    trd_on_assert(stay);
    trd_assert(1 > 2);
}

Test(base, without_a_hook_a_failed_assertion_aborts, .signal = SIGABRT) {
    trd_on_assert(leave);
    trd_on_assert(NULL);
    trd_assert(1 > 2);
}

Test(base, an_assertion_that_holds_says_nothing) {
    trd_on_assert(leave);
    trd_assert(2 > 1);
}
