/* coverage_verdict.c - see coverage_verdict.h. Each table is followed by the rule that keeps the
 * cells out that are in its `never`. */
#include "coverage_verdict.h"

#include "grid.h"

/* --- What was asked about x what the answer was ------------------------------------------------
 */

enum { ELECTED_PASSED, ELECTED_REFUSED, CHILD_PASSED, CHILD_REFUSED, ANSWERS };
static const char *const answer_names[ANSWERS] = {
    "ELECTED_PASSED", "ELECTED_REFUSED", "CHILD_PASSED", "CHILD_REFUSED"};
static const char *const type_names[] = {"TYPE_0", "LIMIT", "MARKET", "MARKET_PROTECTED",
    "MARKET_TO_LIMIT", "STOP", "STOP_LIMIT", "TOUCHED", "TOUCHED_LIMIT", "TRAILING_STOP",
    "TRAILING_STOP_LIMIT", "PEGGED"};
static const char *const relation_names[] = {"NOT_LINKED", "OCO", "OTO", "OUO", "BRACKET"};

#define ELECTED (BIT(ELECTED_PASSED) | BIT(ELECTED_REFUSED))
#define CHILD (BIT(CHILD_PASSED) | BIT(CHILD_REFUSED))

/* Trigger orders are elected. Children are LIMIT, MARKET, STOP, STOP_LIMIT, TOUCHED, TOUCHED_LIMIT.
 * Pegs and what is priced as it is entered are neither. */
static grid types = {.name = "verdicts: type x answer",
    .rows = type_names,
    .columns = answer_names,
    .row_count = COUNT_OF(type_names),
    .column_count = ANSWERS,
    .never = {[0] = UINT64_MAX,
        [TRD_TYPE_LIMIT] = ELECTED,
        [TRD_TYPE_MARKET] = ELECTED,
        [TRD_TYPE_MARKET_PROTECTED] = UINT64_MAX,
        [TRD_TYPE_MARKET_TO_LIMIT] = UINT64_MAX,
        [TRD_TYPE_TRAILING_STOP] = CHILD,
        [TRD_TYPE_TRAILING_STOP_LIMIT] = CHILD,
        [TRD_TYPE_PEGGED] = UINT64_MAX}};

/* OTO and BRACKET have children; a leg of any group may be elected. */
static grid relations = {.name = "verdicts: relation x answer",
    .rows = relation_names,
    .columns = answer_names,
    .row_count = COUNT_OF(relation_names),
    .column_count = ANSWERS,
    .never = {[0] = CHILD, [TRD_RELATION_OCO] = CHILD, [TRD_RELATION_OUO] = CHILD}};

/* --- What the order was ------------------------------------------------------------------------
 */

enum { GTT_PASSED, GTT_REFUSED, CLOSE_POSITION_REFUSED, REDUCE_ONLY_REFUSED, KINDS };
static const char *const kind_names[KINDS] = {
    "GTT passed", "GTT refused", "CLOSE_POSITION refused", "REDUCE_ONLY refused"};
static uint64_t kinds[KINDS];

/* --- How many in one command --------------------------------------------------------------------
 */

enum { ONE, SEVERAL, REFUSED_THEN_PASSED, PASSED_THEN_REFUSED, TURNS };
static const char *const turn_names[TURNS] = {
    "one", "several", "refused, then passed", "passed, then refused"};
static uint64_t turns[TURNS];

static void count_question(const naive_question *q) {
    const unsigned answer = (q->child ? CHILD_PASSED : ELECTED_PASSED) + (q->refused ? 1u : 0u);
    const bool closes = (q->order.exec & TRD_EXEC_CLOSE_POSITION) != 0;
    const bool reduces = (q->order.exec & TRD_EXEC_REDUCE_ONLY) != 0;
    grid_add(&types, BIT(q->order.type), BIT(answer));
    grid_add(&relations, BIT(q->relation), BIT(answer));
    kinds[GTT_PASSED] += q->order.tif == TRD_TIF_GTT && !q->refused;
    kinds[GTT_REFUSED] += q->order.tif == TRD_TIF_GTT && q->refused;
    kinds[CLOSE_POSITION_REFUSED] += closes && q->refused;
    kinds[REDUCE_ONLY_REFUSED] += reduces && q->refused;
}

void coverage_verdict_after(const naive_match *m) {
    uint32_t count;
    const naive_question *q = naive_questions(m, &count);
    turns[ONE] += count == 1;
    turns[SEVERAL] += count > 1;
    for (uint32_t i = 0; i < count; i++) {
        count_question(&q[i]);
        turns[REFUSED_THEN_PASSED] += i > 0 && q[i - 1].refused && !q[i].refused;
        turns[PASSED_THEN_REFUSED] += i > 0 && !q[i - 1].refused && q[i].refused;
    }
}

uint32_t coverage_verdict_report(void) {
    uint32_t missed = grid_report(&types) + grid_report(&relations);
    for (unsigned i = 0; i < KINDS; i++) {
        missed += grid_line("verdict", kind_names[i], kinds[i], 1);
    }
    for (unsigned i = 0; i < TURNS; i++) {
        missed += grid_line("questions", turn_names[i], turns[i], 1);
    }
    return missed;
}
