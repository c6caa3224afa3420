/* fuzz_engine.c - hostile command records into the engine.
 *
 * The first bytes of an input choose the definitions, the instruments and the room of the output
 * (read_choice). The rest are operations: those of records.h, but that 3 in the low three bits of
 * the first byte makes a command about accounts, money and limits, or a flag or some damage for the
 * record that follows. Two engines get the records one by one: one with the output that was chosen,
 * one with a large output and other hash seeds, which is asked about each order before it is sent.
 * Both must write the same bytes, what was said of an order must come true, events must be
 * numbered, and the audit must find nothing. */
#include <stdint.h>
#include <string.h>

#include <tradsys/engine.h>

#include "fuzz.h"
#include "records.h"

enum {
    RECORDS_MAX = 160,
    EVENTS_MAX = 1 << 14, /* of one command */
    MEMORY_SIZE = 1 << 20,
    INSTRUMENTS = 2,
    ASSETS = 2,
    ACCOUNTS = 3, /* records name the first two, transfers all */
    ORDERS_MAX = 12
};

static _Alignas(TRD_ENGINE_ALIGN) uint8_t memory[2][MEMORY_SIZE];
static trd_event by_parts[EVENTS_MAX];
static trd_event at_once[EVENTS_MAX];

/* --- What an input chooses -------------------------------------------------------------------- */

typedef struct choice {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_profile profile;
    uint32_t room;  /* of the output of the first engine */
    uint8_t listed; /* what the instruments are like */
    uint8_t fees;
    uint8_t audits; /* every so many records */
} choice;

static void choose_market(input *in, choice *to) {
    const uint8_t first = records_take(in);
    const uint8_t level = records_take(in);
    trd_match_def *def = &to->match;
    *def = trd_match_def_default();
    def->instruments_max = INSTRUMENTS;
    def->orders_max = ORDERS_MAX;
    def->id_mode = TRD_IDS_WINDOW + first % 3;
    def->ids_max = def->id_mode == TRD_IDS_WINDOW ? 8 : 0;
    def->accounts_max = ACCOUNTS;
    def->publish = first >> 2 & TRD_PUBLISH_ALL;
    def->window = 64;
    def->specials_max = (level & 1) != 0 ? 3 : ORDERS_MAX;
    def->positions_max = (level & 2) != 0 ? 3 : (level & 4) != 0 ? 0 : 24;
    def->elect_max = (level & 8) != 0 ? 2 : 64;
    to->profile = trd_profile_default();
    if ((level & 16) != 0) {
        to->profile.band_action = (level & 32) != 0 ? TRD_BAND_CANCEL : TRD_BAND_REJECT;
        to->profile.band_source = (level & 64) != 0 ? TRD_SOURCE_MARK : TRD_SOURCE_LAST;
        to->profile.band_below = 1000;
        to->profile.band_above = 1000;
        to->profile.limit_wait = (first & 128) != 0 ? 5 : 0;
        to->profile.limit_pause = (first & 128) != 0 ? 9 : 0;
    }
}

static void choose_money(input *in, choice *to) {
    const uint8_t tight = records_take(in);
    trd_accounts_def *accounts = &to->accounts;
    *accounts = trd_accounts_def_default();
    accounts->assets_max = ASSETS;
    accounts->instruments_max = INSTRUMENTS;
    accounts->accounts_max = ACCOUNTS;
    accounts->balances_max = (tight & 1) != 0 ? 3 : 8;
    accounts->positions_max = (tight & 2) != 0 ? 3 : 24;
    accounts->orders_max = ORDERS_MAX;
    accounts->unsettled_max = (tight & 4) != 0 ? 1 : 4;
    accounts->fee_tables_max = 1;
    accounts->publish = (tight & 8) != 0 ? TRD_PUBLISH_MONEY_ALL : TRD_PUBLISH_MONEY_ACCOUNTS;
    trd_risk_def *risk = &to->risk;
    *risk = trd_risk_def_default();
    risk->accounts_max = ACCOUNTS;
    risk->instruments_max = INSTRUMENTS;
    risk->orders_max = ORDERS_MAX;
    risk->actors_max = (tight & 16) != 0 ? 4 : 0;
    risk->limits_max = (tight & 32) != 0 ? 1 : 8;
    risk->models_max = INSTRUMENTS;
    risk->repeats_max = (tight & 64) != 0 ? 2 : 8;
    risk->parents_max = (tight & 128) != 0 ? 3 : 0;
}

static choice read_choice(input *in) {
    choice to;
    memset(&to, 0, sizeof(to));
    choose_market(in, &to);
    choose_money(in, &to);
    to.listed = records_take(in);
    to.fees = records_take(in);
    const uint8_t room = records_take(in);
    to.room = TRD_ENGINE_OUT_MIN + (room & 63) * 3;
    to.audits = (uint8_t)(1 << (room >> 6)); /* 1, 2, 4, 8 */
    return to;
}

/* --- The engines ------------------------------------------------------------------------------ */

static trd_instrument spec_of(const choice *chosen, int number) {
    static const uint8_t kinds[] = {
        TRD_INSTRUMENT_SPOT, TRD_INSTRUMENT_LINEAR, TRD_INSTRUMENT_INVERSE, TRD_INSTRUMENT_OPTION};
    const uint8_t how = chosen->listed;
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = (char)('A' + number);
    spec.kind = number == 0 ? kinds[how & 1] : kinds[how >> 1 & 3];
    spec.px_max = 1 << 20;
    spec.qty_max = 1 << 10;
    spec.numerator = (how & 8) != 0 ? 1 : (how & 16) != 0 ? 1 << 28 : 7;
    spec.denominator = (how & 32) != 0 ? 3 : 1;
    spec.base_asset = 1;
    if (spec.kind == TRD_INSTRUMENT_INVERSE) {
        spec.settle_asset = 1;
    } else if (spec.kind == TRD_INSTRUMENT_LINEAR && (how & 64) != 0) {
        spec.px_min = -100;
    } else if (spec.kind == TRD_INSTRUMENT_OPTION) {
        spec.option = TRD_OPTION_CALL;
        spec.strike = 100;
        spec.expiry = 1;
    }
    return spec;
}

static trd_margin_model model_of(const choice *chosen) {
    const trd_margin_rates rates = {
        .initial_ppm = (chosen->fees & 64) != 0 ? 1000000 : 70000, .maintenance_ppm = 30000};
    trd_margin_model model;
    fuzz_check(trd_margin_flat(&model, &rates) == TRD_OK);
    return model;
}

static void list_all(trd_engine *engine, const choice *chosen) {
    const trd_margin_model model = model_of(chosen);
    trd_terms terms = {.struct_size = sizeof(terms)};
    terms.tax_count = chosen->fees >> 7;
    terms.taxes[0].seller_ppb = terms.tax_count != 0 ? 1500000 : 0;
    for (int i = 0; i < INSTRUMENTS; i++) {
        const trd_instrument spec = spec_of(chosen, i);
        const trd_engine_listing listing = {
            .spec = &spec, .terms = &terms, .profile = &chosen->profile, .model = &model};
        terms.settle_days = spec.kind == TRD_INSTRUMENT_SPOT ? chosen->listed >> 7 : 0;
        fuzz_check(trd_engine_list(engine, &listing) == i);
    }
}

/* Actors 0 and 1, who send the records: the first may do everything, the second what he may. */
static void give_roles(trd_engine *engine, const choice *chosen) {
    if (chosen->risk.actors_max != 0) {
        const trd_actor actors[] = {{.actor = 0, .role = TRD_ROLE_ADMIN},
            {.actor = 1, .account = 2, .role = TRD_ROLE_TRADER}};
        fuzz_check(trd_engine_actor(engine, &actors[0]) == TRD_OK);
        fuzz_check(trd_engine_actor(engine, &actors[1]) == TRD_OK);
    }
}

static void open_accounts(trd_engine *engine, const choice *chosen) {
    for (uint32_t account = 0; account < 2; account++) {
        const trd_command c = {.kind = TRD_COMMAND_ACCOUNT,
            .slots = 1,
            .account = account,
            .u.account = {.action = TRD_ACCOUNT_SET,
                .role = TRD_ROLE_TRADER,
                .margin = (uint8_t)(TRD_MODE_CASH + (chosen->fees >> account & 7) % 7),
                .enabled = 1}};
        trd_out out = {.events = at_once, .capacity = EVENTS_MAX};
        fuzz_check(trd_engine_step(engine, &c, &out) == TRD_OK && out.count == 0);
    }
}

static trd_engine *make_engine(int which, const choice *chosen) {
    choice c = *chosen;
    c.match.hash_seed = c.accounts.hash_seed = c.risk.hash_seed =
        (uint64_t)which * 0x9e3779b97f4a7c15u;
    const trd_engine_def def = {
        .struct_size = sizeof(def), .match = &c.match, .accounts = &c.accounts, .risk = &c.risk};
    const size_t size = trd_engine_footprint(&def);
    fuzz_check(size != 0 && size <= MEMORY_SIZE);
    trd_engine *engine = trd_engine_init(memory[which], &def);
    fuzz_check(engine != NULL);
    for (int i = 0; i < ASSETS; i++) {
        const trd_asset asset = {
            .struct_size = sizeof(asset), .scale = 2, .symbol = {(char)('P' + i)}};
        fuzz_check(trd_engine_asset(engine, &asset) == i);
    }
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = (chosen->fees & 7) * 1000000 - 2000000,
            .taker_ppb = (chosen->fees >> 3 & 7) * 1000000}}};
    fuzz_check(trd_engine_fees(engine, &fees) == 0);
    list_all(engine, chosen);
    give_roles(engine, chosen);
    open_accounts(engine, chosen);
    return engine;
}

/* --- From bytes to records -------------------------------------------------------------------- */

/* What is done to the record that follows. */
static struct {
    uint16_t flags;
    uint8_t at; /* 0: none of its bytes is changed */
    uint8_t byte;
} next;

/* From 0 to beyond every limit, with few bits. */
static int64_t some_amount(input *in) {
    const uint8_t byte = records_take(in);
    return (int64_t)((uint64_t)(byte & 15) << (byte >> 4) * 4);
}

static void make_account(input *in, trd_command *c, uint8_t what) {
    const uint8_t more = records_take(in);
    c->kind = TRD_COMMAND_ACCOUNT;
    c->account = what % ACCOUNTS;
    c->u.account = (trd_account_body){.action = TRD_ACCOUNT_SET,
        .role = (uint8_t)(TRD_ROLE_VIEWER + (more & 3)),
        .margin = (uint8_t)(TRD_MODE_CASH + (more >> 2 & 7) % 7),
        .hedge = more >> 5 & 1,
        .enabled = (more >> 6) != 0,
        .leverage = (what & 32) != 0 ? 250 : 0,
        .parent = what >> 6};
}

static void make_transfer(input *in, trd_command *c, uint8_t what) {
    c->kind = TRD_COMMAND_TRANSFER;
    c->account = what % ACCOUNTS;
    c->u.transfer = (trd_transfer_body){.amount = some_amount(in),
        .asset = what >> 2 & 1,
        .action = (uint8_t)(TRD_TRANSFER_DEPOSIT + (what >> 3) % 3)};
    c->u.transfer.to = c->u.transfer.action == TRD_TRANSFER_MOVE ? what >> 6 : 0;
}

static void make_limit(input *in, trd_command *c, uint8_t what) {
    const uint8_t where = records_take(in);
    const uint8_t more = records_take(in);
    trd_limit_body *l = &c->u.limit;
    c->kind = TRD_COMMAND_LIMIT;
    c->account = what >> 6 & 1;
    c->instrument = what >> 7;
    l->limit = what & 15;
    l->action = (uint8_t)(TRD_LIMIT_SET + (what >> 4 & 3) % 3);
    l->scope = (uint8_t)(TRD_LIMIT_FIRM + (where & 7) % TRD_LIMIT_PARENT);
    l->side = l->scope == TRD_LIMIT_PARENT ? (uint8_t)(TRD_BUY + (where >> 5 & 1)) : 0;
    l->name = l->scope >= TRD_LIMIT_ACTOR ? where >> 3 & 3 : 0;
    if (l->action == TRD_LIMIT_SET) {
        const bool timed = l->limit == TRD_LIMIT_MESSAGES || l->limit == TRD_LIMIT_EXECUTIONS ||
                           l->limit == TRD_LIMIT_REPEATED;
        const bool bare = l->limit == TRD_LIMIT_REPEATED || l->limit == TRD_LIMIT_RESTRICTED;
        l->window = timed ? more & 31 : 0;
        l->burst = l->limit == TRD_LIMIT_MESSAGES     ? more >> 6
                   : l->limit == TRD_LIMIT_DAILY_LOSS ? more >> 7
                                                      : 0;
        l->value = bare ? 0 : some_amount(in);
    }
}

static void make_funding(input *in, trd_command *c, uint8_t what) {
    c->kind = TRD_COMMAND_FUNDING;
    c->instrument = what & 1;
    c->u.funding = (trd_funding_body){.rate = (int8_t)what * (int64_t)10000000,
        .mark = 60 + records_take(in) % 64,
        .due = records_now};
}

/* A mark of any size. */
static void make_mark(input *in, trd_command *c, uint8_t what) {
    c->kind = TRD_COMMAND_PRICE;
    c->instrument = what & 1;
    c->u.price = (trd_price){.px = (what & 2) != 0 ? some_amount(in) : 60 + records_take(in) % 64,
        .source = TRD_SOURCE_MARK};
}

/* 1 if there is a record, 0 if the bytes were about the one that follows. */
static bool make_money(input *in, trd_command *c, uint8_t head) {
    const uint8_t what = records_take(in);
    switch (head >> 3 & 7) {
    case 0:
        make_account(in, c, what);
        return true;
    case 1:
    case 2:
        make_transfer(in, c, what);
        return true;
    case 3:
        make_limit(in, c, what);
        return true;
    case 4:
        make_funding(in, c, what);
        return true;
    case 5:
        make_mark(in, c, what);
        return true;
    case 6:
        next.flags = what & (TRD_COMMAND_DRY_RUN | TRD_COMMAND_OVERRIDE);
        return false;
    default:
        next.at = what;
        next.byte = records_take(in);
        return false;
    }
}

static bool is_money(uint8_t head) {
    return (head & 7) == 3;
}

/* Bytes behind the time, and not the number of slots, which are not there. */
static void damage(trd_command *c) {
    uint8_t *bytes = (uint8_t *)c;
    c->flags |= next.flags;
    if (next.at >= 16 && next.at != 17) {
        bytes[next.at] = next.byte;
    }
    memset(&next, 0, sizeof(next));
}

/* The next record, in TRD_SLOTS_MAX slots; false if there is none. */
static bool make_record(input *in, trd_command *c, uint64_t seq) {
    while (in->size > 0) {
        const uint8_t head = records_take(in);
        memset(c, 0, TRD_SLOTS_MAX * sizeof(*c));
        c->seq = seq;
        if (!is_money(head)) {
            records_make(in, c, head);
        } else if (make_money(in, c, head)) {
            c->time = ++records_now;
            c->slots = 1;
            c->actor = head >> 6 & 1;
        } else {
            continue;
        }
        damage(c);
        return true;
    }
    return false;
}

/* --- Both engines at one record --------------------------------------------------------------- */

/* Into `events`, in parts of `room` slots. While more is to come, nothing else is taken. */
static uint32_t step_in_parts(
    trd_engine *engine, const trd_command *c, uint32_t room, trd_event *events) {
    uint32_t count = 0;
    int result = TRD_MORE;
    for (const trd_command *now = c; result == TRD_MORE; now = NULL) {
        fuzz_check(count + room <= EVENTS_MAX);
        trd_out out = {.events = events + count, .capacity = room};
        result = trd_engine_step(engine, now, &out);
        fuzz_check(result == TRD_OK || result == TRD_MORE);
        fuzz_check(result == TRD_OK || out.count > 0);
        fuzz_check(out.count <= room);
        if (result == TRD_MORE) {
            trd_verdict verdict;
            fuzz_check(trd_engine_step(engine, c, &out) == TRD_E_BUSY);
            const int asked = trd_engine_ask(engine, c, &verdict);
            fuzz_check(asked == TRD_E_BUSY || asked == TRD_E_ARG);
        }
        count += out.count;
    }
    return count;
}

/* The reason that the events tell for the command; 0: it was accepted. */
static unsigned told(const trd_command *c, const trd_event *e) {
    const bool new = c->kind == TRD_COMMAND_NEW;
    fuzz_check(e->kind == (new ? TRD_EVENT_ACCEPTED : TRD_EVENT_REPLACED) ||
               e->kind == (new ? TRD_EVENT_REJECTED : TRD_EVENT_REPLACE_REJECTED));
    const bool good = e->kind == TRD_EVENT_ACCEPTED || e->kind == TRD_EVENT_REPLACED;
    return good ? 0 : e->reason;
}

/* What the engine said before it got the command comes true, but for the counting of messages. */
static void check_verdict(const trd_command *c, int asked, const trd_verdict *verdict, uint32_t n) {
    if (asked == TRD_OK) {
        fuzz_check(n > 0);
        const unsigned reason = told(c, at_once);
        fuzz_check(reason == verdict->reason || reason == TRD_REJECT_MESSAGES);
        fuzz_check((at_once->flags & TRD_EVENT_DRY_RUN) == 0 || n == 1);
    } else {
        fuzz_check(asked == TRD_E_BUSY || asked == TRD_E_ARG);
    }
}

static void check_numbers(uint32_t count, uint64_t *seq) {
    for (uint32_t i = 0; i < count; i += at_once[i].slots) {
        fuzz_check(at_once[i].slots >= 1 && i + at_once[i].slots <= count);
        fuzz_check(at_once[i].seq == *seq);
        (*seq)++;
    }
}

static void check_audit(const trd_engine *engine) {
    const int result = trd_engine_audit(engine);
    if (result != TRD_OK) {
        fprintf(stderr, "audit: line %d\n", -result);
    }
    fuzz_check(result == TRD_OK);
}

static void say_assertion(const char *condition, const char *file, int line) {
    fprintf(stderr, "%s:%d: assertion %s\n", file, line, condition);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input in = {data, size};
    trd_on_assert(say_assertion);
    const choice chosen = read_choice(&in);
    trd_engine *first = make_engine(0, &chosen);
    trd_engine *second = make_engine(1, &chosen);
    trd_command record[TRD_SLOTS_MAX];
    uint64_t seq = 1;
    records_begin();
    memset(&next, 0, sizeof(next));
    for (uint64_t i = 1; i <= RECORDS_MAX && make_record(&in, record, i); i++) {
        trd_verdict verdict;
        const uint32_t parts = step_in_parts(first, record, chosen.room, by_parts);
        const int asked = trd_engine_ask(second, record, &verdict);
        const uint32_t count = step_in_parts(second, record, EVENTS_MAX, at_once);
        fuzz_check(parts == count);
        fuzz_check(memcmp(by_parts, at_once, count * sizeof(trd_event)) == 0);
        check_verdict(record, asked, &verdict, count);
        check_numbers(count, &seq);
        if (i % chosen.audits == 0) {
            check_audit(first);
        }
    }
    check_audit(first);
    check_audit(second);
    return 0;
}
