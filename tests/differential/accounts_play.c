/* accounts_play.c - see accounts_play.h. */
#include "accounts_play.h"

#include "accounts_coverage.h"
#include "accounts_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER = 128, BUSY_CALLS = 6, MORE_AT_MOST = 4096, UNTOUCHED = 0x5a };

struct acct_play {
    acct_script *script;
    trd_accounts *library;
    naive_acct *model;
    const acct_call *call; /* the last one */
    bool always;
    bool counts;
    uint32_t calls;
    trd_event buffer[BUFFER];
    trd_event written[NAIVE_ACCT_EVENTS]; /* by the library in this call */
    uint32_t count;
    trd_event expected[NAIVE_ACCT_EVENTS]; /* by the model */
    uint32_t expected_count;
};

/* --- Differences -------------------------------------------------------------------------------
 */

__attribute__((format(printf, 2, 3))) static bool differ(acct_play *p, const char *format, ...) {
    acct_outcome *o = &p->script->outcome;
    va_list args;
    va_start(args, format);
    const int used = snprintf(o->what, sizeof(o->what), "%s: ", acct_call_name(p->call->kind));
    vsnprintf(o->what + used, sizeof(o->what) - (size_t)used, format, args);
    va_end(args);
    o->failed = true;
    printf("DIVERGENCE: %s (seed %llu run %llu call %u)\n", o->what,
        (unsigned long long)p->script->seed, (unsigned long long)p->script->run, o->at);
    return false;
}

static void print_codes(const char *who, unsigned codes) {
    printf("  %s:", who);
    acct_text_codes(codes);
    puts("");
}

static unsigned codes_of(int result) {
    return result < 0 ? NAIVE_CODE(result) : NAIVE_DONE;
}

static bool is_allowed(int result, unsigned codes) {
    return codes == NAIVE_DONE ? result >= 0
                               : result < 0 && result > -31 && (NAIVE_CODE(result) & codes) != 0;
}

/* --- A call on the library ---------------------------------------------------------------------
 */

static int library_quote(trd_accounts *a, const acct_call *c, int64_t *number) {
    trd_amt amount = 0;
    uint32_t asset = 0;
    const int result =
        trd_accounts_quote_hold(a, acct_call_gets_null(c) ? NULL : &c->u.hold, &amount, &asset);
    *number = (int64_t)((uint64_t)amount * 8 + asset);
    return result;
}

static int library_control(trd_accounts *a, const acct_call *c, int64_t *number) {
    const bool null = acct_call_gets_null(c);
    switch (c->kind) {
    case ACCT_ASSET_ADD:
        return trd_accounts_asset_add(a, null ? NULL : &c->u.asset);
    case ACCT_FEES_ADD:
        return trd_accounts_fees_add(a, null ? NULL : &c->u.fees);
    case ACCT_INSTRUMENT_ADD:
        return trd_accounts_instrument_add(
            a, null ? NULL : &c->u.instrument.spec, &c->u.instrument.terms);
    case ACCT_OPEN:
        return trd_accounts_open(a, c->u.open.account, null ? NULL : &c->u.open.terms);
    case ACCT_STAMP:
        trd_accounts_stamp(a, c->u.stamp.time, c->u.stamp.seq);
        return TRD_OK;
    case ACCT_MARK:
        return trd_accounts_mark(a, c->u.price.number, c->u.price.px);
    case ACCT_RATE:
        return trd_accounts_rate(
            a, c->u.price.number, c->u.price.numerator, c->u.price.denominator);
    case ACCT_PERIOD:
        return trd_accounts_period(a);
    case ACCT_RESET:
        trd_accounts_reset(a);
        return TRD_OK;
    default:
        return library_quote(a, c, number);
    }
}

static int library_call(trd_accounts *a, const acct_call *c, trd_out *out, int64_t *number) {
    const bool null = acct_call_gets_null(c);
    switch (c->kind) {
    case ACCT_TRANSFER:
        return trd_accounts_transfer(a, null ? NULL : &c->u.transfer, out);
    case ACCT_LOAN:
        return trd_accounts_loan(
            a, c->u.loan.account, c->u.loan.asset, c->u.loan.amount, c->u.loan.reference, out);
    case ACCT_HOLD:
        return trd_accounts_hold(a, null ? NULL : &c->u.hold, out);
    case ACCT_AMEND:
        return trd_accounts_amend(a, c->u.order.order, c->u.order.px, c->u.order.qty, out);
    case ACCT_RELEASE:
        return trd_accounts_release(a, c->u.order.order, c->u.order.qty, out);
    case ACCT_COLLATERAL:
        return trd_accounts_collateral(a, c->u.collateral.account, c->u.collateral.instrument,
            c->u.collateral.side, c->u.collateral.amount, out);
    case ACCT_EXECUTE:
        return trd_accounts_execute(a, null ? NULL : &c->u.execution, out);
    case ACCT_DAY:
        return trd_accounts_day(a, out);
    case ACCT_FUNDING:
        return trd_accounts_funding(a, null ? NULL : &c->u.funding, out);
    case ACCT_INTEREST:
        return trd_accounts_interest(
            a, c->u.interest.asset, c->u.interest.rate_ppb, c->u.interest.due, out);
    case ACCT_EXPIRE:
        return trd_accounts_expire(a, c->u.price.number, c->u.price.px, out);
    case ACCT_SPLIT:
        return trd_accounts_split(a, null ? NULL : &c->u.split, out);
    case ACCT_DIVIDEND:
        return trd_accounts_dividend(
            a, c->u.dividend.instrument, c->u.dividend.asset, c->u.dividend.amount, out);
    case ACCT_CONTINUE:
        return trd_accounts_continue(a, out);
    default:
        return library_control(a, c, number);
    }
}

/* --- Output ------------------------------------------------------------------------------------
 */

static trd_out draw_out(acct_play *p, const acct_call *c) {
    const uint32_t slots = c->slots < BUFFER - 8 ? c->slots : BUFFER - 8;
    trd_out out = {.events = p->buffer, .count = c->used, .capacity = c->used + slots};
    if (c->room == ACCT_ROOM_NO_ARRAY) {
        out.events = NULL;
    } else if (c->room == ACCT_ROOM_OVERFULL) {
        out.capacity = c->used == 0 ? 0 : c->used - 1;
        out.count = out.capacity + 1;
    }
    memset(p->buffer, UNTOUCHED, sizeof(p->buffer));
    return out;
}

static bool collect(acct_play *p, const trd_out *out, uint32_t from) {
    if (out->count < from || out->count > out->capacity) {
        return differ(p, "count of the output");
    }
    const uint32_t more = out->count - from;
    if (p->count + more > NAIVE_ACCT_EVENTS) {
        return differ(p, "events without end");
    }
    memcpy(&p->written[p->count], &p->buffer[from], more * sizeof(trd_event));
    p->count += more;
    for (uint32_t i = 0; i < BUFFER; i++) {
        const uint8_t *slot = (const uint8_t *)&p->buffer[i];
        if ((i < from || i >= out->count) && (slot[0] != UNTOUCHED || slot[63] != UNTOUCHED)) {
            return differ(p, "a slot outside of the output");
        }
    }
    return true;
}

static bool may_be_refused(const acct_call *c) {
    return c->kind != ACCT_STAMP && c->kind != ACCT_RESET && c->kind != ACCT_CONTINUE &&
           c->kind != ACCT_QUOTE_HOLD;
}

/* In the middle of a call all others are refused: those that came before it in the run are made
 * again. So is a continuation without room. */
static bool is_busy(acct_play *p, const acct_call *c) {
    const uint32_t at = (uint32_t)(c - p->script->call);
    bool good = true;
    naive_acct_pending(p->model, true);
    for (uint32_t i = 0; good && i <= BUSY_CALLS && i <= at; i++) {
        const acct_call *again = c - i;
        if (may_be_refused(again)) {
            int64_t number;
            const unsigned codes = acct_call_model(p->model, again, &number);
            trd_out out = draw_out(p, again);
            const uint32_t count = out.count;
            const int result = library_call(
                p->library, again, again->room == ACCT_ROOM_NULL ? NULL : &out, &number);
            good = (is_allowed(result, codes) && out.count == count) ||
                   differ(p, "%s in the middle of it", acct_call_name(again->kind));
        }
    }
    naive_acct_pending(p->model, false);
    trd_out out = {.events = p->buffer, .capacity = TRD_ACCOUNTS_OUT_MIN - 1};
    if (good && (trd_accounts_continue(p->library, &out) != TRD_E_FULL || out.count != 0)) {
        return differ(p, "continue without room");
    }
    return good;
}

/* Goes on with a call that is not finished. *result: what its end returned. */
static bool continued(acct_play *p, const acct_call *c, int *result) {
    for (int i = 0; *result == TRD_MORE; i++) {
        if (p->counts) {
            acct_coverage_more(c);
        }
        if (i == MORE_AT_MOST) {
            return differ(p, "no end");
        }
        if (!is_busy(p, c)) {
            return false;
        }
        if (c->reset) {
            return true;
        }
        trd_out out = draw_out(p, c);
        const uint32_t from = out.count;
        *result = trd_accounts_continue(p->library, &out);
        if (!collect(p, &out, from)) {
            return false;
        }
    }
    return true;
}

static bool same_events(acct_play *p, bool beginning) {
    const trd_event *e = p->expected;
    const uint32_t count = p->expected_count;
    uint32_t at = 0;
    while (at < p->count && at < count && memcmp(&e[at], &p->written[at], sizeof(*e)) == 0) {
        at++;
    }
    if (at == p->count && (beginning || at == count)) {
        return true;
    }
    differ(p, "events");
    puts("  model:");
    for (uint32_t i = 0; i < count; i++) {
        acct_text_event(&e[i]);
    }
    puts("  library:");
    for (uint32_t i = 0; i < p->count; i++) {
        acct_text_event(&p->written[i]);
    }
    return false;
}

/* --- Everything that can be asked --------------------------------------------------------------
 */

/* The answers are equal, or both none and nothing was written. */
static bool same(acct_play *p, const char *what, int result, unsigned codes, const void *a,
    const void *b, size_t size) {
    if (is_allowed(result, codes) && memcmp(a, b, size) == 0) {
        return true;
    }
    differ(p, "%s", what);
    print_codes("model", codes);
    print_codes("library", codes_of(result));
    const int64_t *library = a;
    const int64_t *model = b;
    for (size_t i = 0; i < size / sizeof(*model); i++) {
        printf("  field %zu: model %lld library %lld\n", i, (long long)model[i],
            (long long)library[i]);
    }
    return false;
}

/* Room for every answer, filled alike. */
typedef union answer {
    int64_t word[16];
    trd_balance balance;
    trd_holding holding;
    trd_equity equity;
    trd_activity activity;
    trd_held held;
    trd_account account;
    trd_amt amount;
} answer;

static void clear(answer pair[2]) {
    memset(pair, UNTOUCHED, 2 * sizeof(*pair));
}

#define SAME(what, result, codes) same(p, what, result, codes, &pair[0], &pair[1], sizeof(answer))

static bool look_at_balance(acct_play *p, uint32_t account, uint32_t asset) {
    answer pair[2];
    clear(pair);
    const int result = trd_accounts_balance(p->library, account, asset, &pair[0].balance);
    const unsigned codes = naive_acct_balance(p->model, account, asset, &pair[1].balance);
    if (p->counts && codes == NAIVE_DONE) {
        acct_coverage_balance(&pair[1].balance);
    }
    if (!SAME("balance", result, codes)) {
        printf("  account %u asset %u\n", account, asset);
        return false;
    }
    return true;
}

static bool look_at_position(acct_play *p, uint32_t account, uint32_t instrument, unsigned side) {
    answer pair[2];
    clear(pair);
    int result = trd_accounts_position(p->library, account, instrument, side, &pair[0].holding);
    unsigned codes = naive_acct_position(p->model, account, instrument, side, &pair[1].holding);
    bool good = SAME("position", result, codes);
    clear(pair);
    result = trd_accounts_unrealised(p->library, account, instrument, side, &pair[0].amount);
    codes = naive_acct_unrealised(p->model, account, instrument, side, &pair[1].amount);
    good = good && SAME("unrealised", result, codes);
    if (!good) {
        printf("  account %u instrument %u side %u\n", account, instrument, side);
    }
    return good;
}

/* The equity is the same whether it is kept or summed up. Some are brought up to date now and then,
 * and have come some way when they are next. */
static bool look_at_equity(acct_play *p, uint32_t account) {
    bool good = true;
    const bool revalues = (p->calls + account) % 3 == 0;
    for (int i = 0; i <= revalues && good; i++) {
        answer pair[2];
        clear(pair);
        const int result = trd_accounts_equity(p->library, account, &pair[0].equity);
        const unsigned codes = naive_acct_equity(p->model, account, &pair[1].equity);
        good = SAME("equity", result, codes);
        (void)(revalues ? trd_accounts_revalue(p->library, account) : 0);
    }
    return good;
}

static bool look_at_account(acct_play *p, uint32_t account) {
    answer pair[2];
    bool good = look_at_equity(p, account);
    clear(pair);
    int result = trd_accounts_activity(p->library, account, &pair[0].activity);
    unsigned codes = naive_acct_activity(p->model, account, &pair[1].activity);
    good = good && SAME("activity", result, codes);
    clear(pair);
    result = trd_accounts_get(p->library, account, &pair[0].account);
    codes = naive_acct_get(p->model, account, &pair[1].account);
    good = good && SAME("account", result, codes);
    if (!good) {
        printf("  account %u\n", account);
    }
    return good;
}

static bool look_at_order(acct_play *p, trd_order order) {
    answer pair[2];
    clear(pair);
    const int result = trd_accounts_held(p->library, order, &pair[0].held);
    const unsigned codes = naive_acct_held(p->model, order, &pair[1].held);
    return SAME("held", result, codes);
}

/* All slots, with the last handle that this run had there, and one behind it. */
static bool look_at_orders(acct_play *p) {
    const acct_script *s = p->script;
    bool good = look_at_order(p, 0);
    for (uint32_t i = p->call->number < 40 ? 0 : p->call->number - 40; good && i < s->count; i++) {
        const acct_call *c = &s->call[i];
        if (c->kind == ACCT_HOLD && c->number <= p->call->number) {
            good = look_at_order(p, c->u.hold.order) &&
                   look_at_order(p, c->u.hold.order + ((trd_order)1 << 32));
        }
    }
    return good;
}

static bool look_at_instrument(acct_play *p, uint32_t instrument) {
    answer pair[2];
    clear(pair);
    const int result = trd_accounts_outside(p->library, instrument, &pair[0].amount);
    const unsigned codes = naive_acct_outside(p->model, instrument, &pair[1].amount);
    bool good = SAME("outside", result, codes);
    for (uint32_t account = 0; good && account <= p->script->def.accounts_max; account++) {
        for (unsigned side = 0; good && side <= TRD_POSITION_SHORT; side++) {
            good = look_at_position(p, account, instrument, side);
        }
    }
    return good;
}

static bool look(acct_play *p) {
    const trd_accounts_def *def = &p->script->def;
    bool good = look_at_orders(p);
    for (uint32_t account = 0; good && account <= def->accounts_max; account++) {
        good = look_at_account(p, account);
        for (uint32_t asset = 0; good && asset <= def->assets_max; asset++) {
            good = look_at_balance(p, account, asset);
        }
    }
    for (uint32_t i = 0; good && i <= TRD_VENUE_COUNT; i++) {
        for (uint32_t asset = 0; good && asset < def->assets_max; asset++) {
            good = look_at_balance(p, TRD_ACCOUNT_VENUE + i, asset);
        }
    }
    for (uint32_t i = 0; good && i <= def->instruments_max; i++) {
        good = look_at_instrument(p, i);
    }
    good = good && look_at_position(p, 0, 0, TRD_POSITION_SHORT + 1);
    const int broken = good ? trd_accounts_audit(p->library) : TRD_OK;
    if (broken != TRD_OK) {
        printf("  audit %d\n", broken);
        return differ(p, "audit");
    }
    return good;
}

/* --- Calls -------------------------------------------------------------------------------------
 */

/* Compares what both say to a call, and what they wrote. */
static bool compare(acct_play *p, const acct_call *c, unsigned codes, int64_t number) {
    trd_out out = draw_out(p, c);
    const uint32_t from = out.count;
    int64_t given = 0;
    p->count = 0;
    int result = library_call(p->library, c, c->room == ACCT_ROOM_NULL ? NULL : &out, &given);
    if (p->counts) {
        acct_coverage_result(c, result);
    }
    if (!is_allowed(result, codes) ||
        (result == TRD_MORE && !acct_call_is_bulk(c) && c->kind > ACCT_OPEN)) {
        differ(p, "result");
        print_codes("model", codes);
        print_codes("library", codes_of(result));
        return false;
    }
    if (codes != NAIVE_DONE) {
        return out.count == from || differ(p, "count of the output after a refusal");
    }
    const bool numbers = c->kind <= ACCT_INSTRUMENT_ADD;
    if (number != (numbers ? result : given)) {
        return differ(p, "number");
    }
    if (acct_call_writes(c) && c->room == ACCT_ROOM_GOOD && !collect(p, &out, from)) {
        return false;
    }
    if (acct_call_is_bulk(c) && !continued(p, c, &result)) {
        return false;
    }
    const bool cut = acct_call_is_bulk(c) && result == TRD_MORE;
    if (!same_events(p, cut)) {
        return false;
    }
    if (cut) {
        trd_accounts_reset(p->library);
        naive_acct_reset(p->model);
    } else if (!numbers && result != TRD_OK) {
        return differ(p, "result at the end");
    }
    return true;
}

bool acct_play_call(acct_play *p, const acct_call *c) {
    p->call = c;
    p->script->outcome.at = c->number;
    p->calls++;
    if (p->counts) {
        acct_coverage_before(p->model, c);
    }
    int64_t number;
    const unsigned codes = acct_call_model(p->model, c, &number);
    const uint32_t seen = naive_acct_seen(p->model);
    const trd_event *events = naive_acct_events(p->model, &p->expected_count);
    memcpy(p->expected, events, p->expected_count * sizeof(*events));
    if (!compare(p, c, codes, number)) {
        return false;
    }
    if (p->counts && codes == NAIVE_DONE && c->kind != ACCT_QUOTE_HOLD) {
        acct_coverage_seen(seen);
        acct_coverage_executed(c);
        acct_coverage_events(p->written, p->count);
    }
    if (trd_accounts_next_seq(p->library) != naive_acct_next_seq(p->model)) {
        return differ(p, "seq of the next event");
    }
    const char *broken = naive_acct_broken(p->model);
    if (broken != NULL) {
        return differ(p, "the model: %s", broken);
    }
    return (!p->always && p->calls % p->script->look_every != 0) || look(p);
}

bool acct_play_finish(acct_play *p) {
    return p->calls == 0 || look(p);
}

/* --- Life cycle --------------------------------------------------------------------------------
 */

acct_play *acct_play_begin(acct_script *script, bool always, bool counts) {
    acct_play *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        abort();
    }
    p->script = script;
    p->always = always;
    p->counts = counts;
    memset(&script->outcome, 0, sizeof(script->outcome));
    p->library = trd_accounts_create(&script->def);
    p->model = naive_acct_create(&script->def);
    if (p->library == NULL) {
        fputs("accounts: the definition is refused\n", stderr);
        abort();
    }
    return p;
}

void acct_play_end(acct_play *p) {
    trd_accounts_destroy(p->library);
    naive_acct_destroy(p->model);
    free(p);
}

naive_acct *acct_play_model(acct_play *p) {
    return p->model;
}
