/* test_text.c - the state of an engine as text, and back; lines as docs/formats/text.md has them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine_rig.h"

enum { TEXT_MAX = 1 << 18, ALIGN = 64 };

/* --- writing and reading at once -------------------------------------------------------------- */

typedef struct written {
    char text[TEXT_MAX];
    size_t size;
} written;

static void write_all(const trd_engine *engine, written *out) {
    static trd_text_writer writer;
    cr_assert(eq(int, trd_text_begin(&writer, engine), TRD_OK));
    cr_assert(eq(int, trd_text_write(&writer, out->text, TEXT_MAX - 1, &out->size), TRD_OK));
    out->text[out->size] = 0;
}

static trd_text_reader reader;

/* What a reader says of the text, up to the first that refuses; *out is in memory that nobody gives
 * back. `def` NULL: the definition of the text. */
static int read_into(
    const char *text, size_t size, const trd_engine_def *def, unsigned flags, trd_engine **out) {
    static trd_text_head head;
    trd_engine_def own;
    size_t at = 0;
    int result = trd_text_peek(text, size, &head, &at, &reader.fault);
    if (result != TRD_OK) {
        return result;
    }
    trd_text_def(&head, &own);
    def = def != NULL ? def : &own;
    const size_t block_size = trd_engine_footprint(def);
    void *mem = aligned_alloc(ALIGN, block_size);
    cr_assert(ne(ptr, mem, NULL));
    memset(mem, 0x5a, block_size);
    result = trd_text_open(&reader, &head, def, mem, block_size, flags);
    if (result == TRD_OK) {
        result = trd_text_read(&reader, text + at, size - at);
    }
    return result == TRD_OK || result == TRD_MORE ? trd_text_engine(&reader, NULL, out) : result;
}

static int read_all(const written *w, unsigned flags, trd_engine **out) {
    return read_into(w->text, w->size, NULL, flags, out);
}

static uint64_t digest_of(const trd_engine *engine) {
    uint64_t digest = 0;
    cr_assert(eq(int, trd_engine_digest(engine, &digest), TRD_OK));
    return digest;
}

static bool has_line(const written *w, const char *line) {
    const size_t size = strlen(line);
    for (const char *at = w->text; *at != 0; at = strchr(at, '\n') + 1) {
        if (strncmp(at, line, size) == 0 && at[size] == '\n') {
            return true;
        }
    }
    return false;
}

static bool has_words(const written *w, const char *words) {
    return strstr(w->text, words) != NULL;
}

/* --- a small market --------------------------------------------------------------------------- */

/* ALICE has 10,000.00 dollars and bids 10 of the future at 500, ids from 1. */
static written text_of_market(rig *r) {
    static written w;
    rig_init(r);
    deposit(r, ALICE, USD, 1000000);
    set_mark(r, 500);
    good(r, order(r, ALICE, FUTURE, TRD_BUY, 10, 500));
    write_all(r->engine, &w);
    return w;
}

static rig r;
static written market;
static written changed;

/* The text with `from`, which it has, replaced by `to`. */
static const written *change(const written *w, const char *from, const char *to) {
    const char *at = strstr(w->text, from);
    cr_assert(at != NULL, "%s", from);
    const size_t before = (size_t)(at - w->text);
    changed.size = (size_t)snprintf(
        changed.text, TEXT_MAX, "%.*s%s%s", (int)before, w->text, to, at + strlen(from));
    return &changed;
}

/* --- what is written -------------------------------------------------------------------------- */

Test(text, begins_with_what_the_engine_is_made_of) {
    market = text_of_market(&r);
    cr_assert(eq(int, strncmp(market.text, "{\"text\":1,\"version\":", 20), 0));
    cr_assert(has_words(&market, ",\"match.orders_max\":64,"));
    cr_assert(has_words(&market, ",\"accounts.balances_max\":32,"));
    cr_assert(has_words(&market, ",\"risk.parents_max\":2}\n")); /* nothing else is not 0 */
}

/* 10 lots at 500 are worth 5,000 cents; 10 % margin and 0.1 % fees: 505 are held of 1,000,000. */
Test(text, names_what_rows_are_and_leaves_out_what_is_zero) {
    market = text_of_market(&r);
    cr_assert(has_line(&market, "{\"row\":\"balance\",\"at\":1,\"free\":999495,\"locked\":505,"
                                "\"at_risk\":1000000,\"account\":1}"));
    cr_assert(has_words(&market, "{\"table\":\"order\",\"rows\":64}\n{\"row\":\"order\",\"at\":1,"
                                 "\"link.prev\":-1,\"link.next\":-1,\"level\":-1,\"leaves\":10,"));
    cr_assert(has_words(&market, "{\"row\":\"level\",\"at\":1,\"link.prev\":1,\"link.next\":1,"
                                 "\"qty\":10,\"key\":9223372036854776308,\"count\":1,"
                                 "\"side_at\":2}\n")); /* 2^63 + 500 */
    cr_assert(has_words(&market, "\"spec.symbol\":\"FUTURE\""));
}

Test(text, ends_with_its_lines_and_the_digest) {
    char end[64];
    unsigned lines = 0;
    market = text_of_market(&r);
    for (const char *at = market.text; *at != 0; at = strchr(at, '\n') + 1) {
        lines++;
    }
    snprintf(end, sizeof(end), "{\"end\":%u,\"digest\":%" PRIu64 "}", lines, digest_of(r.engine));
    cr_assert(has_line(&market, end));
}

Test(text, is_the_same_in_pieces_of_any_size) {
    static trd_text_writer writer;
    static written pieces;
    market = text_of_market(&r);
    for (size_t size = 1; size < 300; size += 13) {
        int result = TRD_MORE;
        cr_assert(eq(int, trd_text_begin(&writer, r.engine), TRD_OK));
        for (pieces.size = 0; result == TRD_MORE;) {
            size_t given = 0;
            result = trd_text_write(&writer, pieces.text + pieces.size, size, &given);
            cr_assert(given > 0 || result == TRD_OK);
            pieces.size += given;
        }
        cr_assert(eq(int, result, TRD_OK));
        cr_assert(eq(sz, pieces.size, market.size));
        cr_assert(eq(int, memcmp(pieces.text, market.text, market.size), 0));
    }
}

Test(text, there_is_none_while_a_command_is_pending) {
    static trd_text_writer writer;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1000000);
    set_mark(&r, 500);
    for (int i = 0; i < 20; i++) {
        good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 400 + i));
    }
    r.out.count = 0;
    r.out.capacity = TRD_ENGINE_OUT_MIN;
    const trd_command all = {.kind = TRD_COMMAND_MASS_CANCEL,
        .slots = 1,
        .account = ALICE,
        .u.mass = {.filter = TRD_MASS_ACCOUNT}};
    cr_assert(eq(int, trd_engine_step(r.engine, &all, &r.out), TRD_MORE));
    cr_assert(eq(int, trd_text_begin(&writer, r.engine), TRD_E_BUSY));
}

Test(text, is_refused_to_the_writer_when_the_engine_has_gone_on) {
    static trd_text_writer writer;
    char piece[300];
    size_t size = 0;
    rig_init(&r);
    cr_assert(eq(int, trd_text_begin(&writer, r.engine), TRD_OK));
    cr_assert(eq(int, trd_text_write(&writer, piece, sizeof(piece), &size), TRD_MORE));
    deposit(&r, ALICE, USD, 1);
    cr_assert(eq(int, trd_text_write(&writer, piece, sizeof(piece), &size), TRD_E_BUSY));
}

/* What was set up leaves no trace but in the state itself. */
Test(text, is_refused_at_its_end_when_something_was_set_up) {
    static trd_text_writer writer;
    static written w;
    char piece[300];
    size_t size = 0;
    rig_init(&r);
    cr_assert(eq(int, trd_text_begin(&writer, r.engine), TRD_OK));
    cr_assert(eq(int, trd_text_write(&writer, piece, sizeof(piece), &size), TRD_MORE));
    cr_assert(eq(int, trd_engine_enable(r.engine, SPOT, 0), TRD_OK));
    cr_assert(eq(int, trd_text_write(&writer, w.text, TEXT_MAX, &size), TRD_E_BUSY));
}

/* --- what is read ----------------------------------------------------------------------------- */

Test(text, gives_back_the_same_engine) {
    trd_engine *engine = NULL;
    market = text_of_market(&r);
    cr_assert(eq(int, read_all(&market, 0, &engine), TRD_OK));
    cr_assert(eq(u32, reader.is_same, 1));
    cr_assert(eq(u32, reader.is_remade, 0));
    cr_assert(eq(u64, digest_of(engine), digest_of(r.engine)));
}

Test(text, is_taken_in_pieces_of_any_size) {
    static trd_text_head head;
    trd_engine_def def;
    size_t begin = 0;
    market = text_of_market(&r);
    cr_assert(eq(int, trd_text_peek(market.text, market.size, &head, &begin, NULL), TRD_OK));
    trd_text_def(&head, &def);
    const size_t block_size = trd_engine_footprint(&def);
    void *mem = aligned_alloc(ALIGN, block_size);
    for (size_t piece = 1; piece < 20000; piece = piece * 3 + 1) {
        trd_engine *engine = NULL;
        cr_assert(eq(int, trd_text_open(&reader, &head, &def, mem, block_size, 0), TRD_OK));
        for (size_t at = begin; at < market.size; at += piece) {
            const size_t left = market.size - at;
            cr_assert(eq(int, trd_text_engine(&reader, NULL, &engine), TRD_E_TRUNCATED));
            cr_assert(eq(int, trd_text_read(&reader, market.text + at, left < piece ? left : piece),
                left <= piece ? TRD_OK : TRD_MORE));
        }
        cr_assert(eq(int, trd_text_engine(&reader, NULL, &engine), TRD_OK));
        cr_assert(eq(u64, digest_of(engine), digest_of(r.engine)));
        cr_assert(eq(int, trd_text_engine(&reader, NULL, &engine), TRD_E_ARG)); /* once */
    }
}

Test(text, of_an_edited_engine_is_another_one) {
    trd_engine *engine = NULL;
    rig other = {.out = {.events = r.events, .capacity = ROOM}};
    market = text_of_market(&r);
    change(&market, "\"free\":999495,", "\"free\":999595,");
    market = changed;
    change(&market, "\"venue[0]\":-1000000,", "\"venue[0]\":-1000100,");
    cr_assert(eq(int, read_all(&changed, 0, &engine), TRD_E_FORMAT));
    cr_assert(eq(u32, reader.fault.why, TRD_TEXT_DIGEST));
    cr_assert(eq(int, read_all(&changed, TRD_TEXT_EDITED, &engine), TRD_OK));
    cr_assert(eq(u32, reader.is_same, 0));
    other.engine = engine;
    has(&other, ALICE, USD, 999595, 505);
}

/* --- what is refused -------------------------------------------------------------------------- */

static void refused_as(const char *from, const char *to, unsigned flags, unsigned why,
    const char *table, const char *field) {
    trd_engine *engine = NULL;
    change(&market, from, to);
    cr_assert(eq(int, read_all(&changed, flags, &engine), TRD_E_FORMAT), "%s", to);
    cr_assert(eq(u32, reader.fault.why, why), "%s: %s", to, trd_text_why(reader.fault.why));
    cr_assert(eq(str, reader.fault.table, (char *)(uintptr_t)table), "%s", to);
    cr_assert(eq(str, reader.fault.field, (char *)(uintptr_t)field), "%s", to);
    cr_assert(reader.fault.line > 0 && reader.fault.column > 0);
    cr_assert(eq(ptr, engine, NULL));
    /* And stays refused. */
    cr_assert(eq(int, trd_text_read(&reader, "x", 1), TRD_E_FORMAT));
    cr_assert(eq(int, trd_text_engine(&reader, NULL, &engine), TRD_E_FORMAT));
}

#define BALANCE "{\"row\":\"balance\",\"at\":1,\"free\":999495,"

Test(text, with_a_line_of_another_form_is_refused) {
    static const char *const lines[] = {"{\"row\":\"balance\",\"at\":1,\"free\":0999495,",
        "{\"row\":\"balance\",\"at\":1,\"free\":-0,", "{\"row\":\"balance\",\"at\":1,\"free\":,",
        "{\"row\":\"balance\",\"at\":1,\"free\":1.5,", "{\"row\":\"balance\",\"at\":1,\"free\":1 ,",
        "{\"row\":\"balance\",\"at\":1,,", "{\"row\":\"balance\",\"at\":1,\"free:1,",
        "{\"row\":\"balance\",\"free\":1,", "{\"row\":\"balance\",\"at\":\"1\",",
        " {\"row\":\"balance\",\"at\":1,\"free\":999495,",
        "{\"row\":\"balance\",\"at\":1,\"free\":true,", "{\"rows\":\"balance\",\"at\":1,",
        "[\"row\",", "{\"row\":\"balance\",\"at\":1}}", "{\"row\":\"balance\",\"at\":1"};
    market = text_of_market(&r);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        trd_engine *engine = NULL;
        change(&market, BALANCE, lines[i]);
        cr_assert(eq(int, read_all(&changed, TRD_TEXT_EDITED, &engine), TRD_E_FORMAT));
        cr_assert(eq(u32, reader.fault.why, TRD_TEXT_SYNTAX), "%s", lines[i]);
    }
}

Test(text, names_the_field_that_it_does_not_know) {
    market = text_of_market(&r);
    refused_as("\"free\":999495", "\"fre\":999495", 0, TRD_TEXT_FIELD, "balance", "fre");
    refused_as("\"free\":999495", "\"free[0]\":1", 0, TRD_TEXT_FIELD, "balance", "free[0]");
    refused_as("\"venue[0]\":", "\"venue[8]\":", 0, TRD_TEXT_FIELD, "asset", "venue[8]");
    refused_as("\"venue[0]\":", "\"venue[00]\":", 0, TRD_TEXT_FIELD, "asset", "venue[00]");
    refused_as("\"venue[0]\":", "\"venue\":", 0, TRD_TEXT_FIELD, "asset", "venue");
    refused_as("\"link.prev\":", "\"link\":", 0, TRD_TEXT_FIELD, "order", "link");
    refused_as("\"leaves\":10", "\"reserved\":10", 0, TRD_TEXT_FIELD, "order", "reserved");
}

Test(text, says_the_column_of_what_it_refuses) {
    market = text_of_market(&r);
    /* {"row":"balance","at":1,"fre: the name begins behind 25 characters. */
    refused_as("\"free\":999495", "\"fre\":999495", 0, TRD_TEXT_FIELD, "balance", "fre");
    cr_assert(eq(u32, reader.fault.column, 26));
    cr_assert(eq(u64, reader.fault.row, 1));
    const char *line = market.text;
    for (uint64_t i = 1; i < reader.fault.line; i++) {
        line = strchr(line, '\n') + 1;
    }
    cr_assert(eq(int, strncmp(line, BALANCE, strlen(BALANCE)), 0));
}

Test(text, passes_over_what_it_does_not_know_if_it_is_told_to) {
    trd_engine *engine = NULL;
    const unsigned flags = TRD_TEXT_PASS_OVER;
    market = text_of_market(&r);
    change(&market, "\"free\":999495", "\"free\":999495,\"hue\":7");
    cr_assert(eq(int, read_all(&changed, flags, &engine), TRD_OK));
    cr_assert(eq(u64, reader.passed_over, 1));
    cr_assert(eq(str, reader.passed.table, "balance"));
    cr_assert(eq(str, reader.passed.field, "hue"));
    cr_assert(eq(u64, digest_of(engine), digest_of(r.engine)));
}

Test(text, passes_over_whole_tables_too) {
    static char lines[32], more[32];
    trd_engine *engine = NULL;
    market = text_of_market(&r);
    change(&market, "{\"table\":\"balance\",",
        "{\"table\":\"hues\",\"rows\":9}\n{\"row\":\"hues\",\"at\":3,\"hue\":1}\n"
        "{\"table\":\"balance\",");
    market = changed;
    const unsigned count = (unsigned)strtoul(strstr(market.text, "{\"end\":") + 7, NULL, 10);
    snprintf(lines, sizeof(lines), "{\"end\":%u,", count);
    snprintf(more, sizeof(more), "{\"end\":%u,", count + 2);
    change(&market, lines, more);
    market = changed;
    cr_assert(eq(int, read_all(&market, TRD_TEXT_PASS_OVER, &engine), TRD_OK));
    cr_assert(eq(u64, reader.passed_over, 2));
    cr_assert(eq(u64, digest_of(engine), digest_of(r.engine)));
    cr_assert(eq(int, read_all(&market, 0, &engine), TRD_E_FORMAT));
    cr_assert(eq(u32, reader.fault.why, TRD_TEXT_TABLE));
    cr_assert(eq(str, reader.fault.table, "hues"));
}

/* accounts_max is 16, balances_max 32: of ALICE's account, 1, and of her balance, 1. */
Test(text, with_a_value_that_no_field_can_have_is_refused) {
    market = text_of_market(&r);
    refused_as("\"at_risk\":1000000,\"account\":1}", "\"at_risk\":1000000,\"account\":16}", 0,
        TRD_TEXT_VALUE, "balance", "account");
    refused_as("\"at_risk\":1000000,\"account\":1}", "\"at_risk\":1000000,\"account\":-1}", 0,
        TRD_TEXT_VALUE, "balance", "account");
    refused_as("\"at_risk\":1000000,", "\"at_risk\":9223372036854775808,", 0, TRD_TEXT_VALUE,
        "balance", "at_risk");
    refused_as("\"open\":1,", "\"open\":256,", 0, TRD_TEXT_VALUE, "account", "open");
    refused_as(
        "\"purses.first\":1,", "\"purses.first\":33,", 0, TRD_TEXT_VALUE, "asset", "purses.first");
    refused_as("\"level\":-1,", "\"level\":-129,", 0, TRD_TEXT_VALUE, "order", "level");
    refused_as("\"link.prev\":-1,", "\"link.prev\":65,", 0, TRD_TEXT_VALUE, "order", "link.prev");
    refused_as("\"side_at\":2}", "\"side_at\":4}", 0, TRD_TEXT_VALUE, "level", "side_at");
    refused_as("\"symbol\":\"USD\"", "\"symbol\":\"A_SYMBOL_THAT_IS_TOO_LONG\"", 0, TRD_TEXT_VALUE,
        "asset", "symbol");
    refused_as("\"symbol\":\"USD\"", "\"symbol\":7", 0, TRD_TEXT_VALUE, "asset", "symbol");
    refused_as("\"leaves\":10", "\"leaves\":\"10\"", 0, TRD_TEXT_VALUE, "order", "leaves");
    refused_as("\"leaves\":10", "\"leaves\":999999999999999999999999999999999999999999", 0,
        TRD_TEXT_VALUE, "order", "leaves");
}

Test(text, with_something_twice_or_out_of_order_is_refused) {
    market = text_of_market(&r);
    refused_as("\"free\":999495,", "\"free\":999495,\"free\":999495,", 0, TRD_TEXT_ORDER, "balance",
        "free");
    refused_as("\"free\":999495,\"locked\":505,", "\"locked\":505,\"free\":999495,", 0,
        TRD_TEXT_ORDER, "balance", "free");
    refused_as(
        BALANCE, "{\"row\":\"balance\",\"at\":1}\n" BALANCE, 0, TRD_TEXT_ORDER, "balance", "");
    refused_as(BALANCE, "{\"row\":\"asset\",\"at\":0}\n" BALANCE, 0, TRD_TEXT_ORDER, "asset", "");
    refused_as("{\"table\":\"balance\",",
        "{\"table\":\"asset\",\"rows\":2}\n{\"table\":\"balance\",", 0, TRD_TEXT_ORDER, "asset",
        "");
}

Test(text, with_rows_that_are_not_there_is_refused) {
    market = text_of_market(&r);
    refused_as(
        "\"balance\",\"at\":1,", "\"balance\",\"at\":33,", 0, TRD_TEXT_NUMBER, "balance", "");
    refused_as("\"balance\",\"at\":1,", "\"balance\",\"at\":0,", 0, TRD_TEXT_NUMBER, "balance", "");
    refused_as("\"table\":\"balance\",\"rows\":32", "\"table\":\"balance\",\"rows\":33", 0,
        TRD_TEXT_ROOM, "balance", "");
    refused_as(
        "{\"table\":\"balance\",", "{\"table\":\"balances\",", 0, TRD_TEXT_TABLE, "balances", "");
    refused_as("{\"table\":\"wheel\",\"rows\":1}\n{\"row\":\"wheel\",\"at\":0,\"sorting\":705}\n",
        "", 0, TRD_TEXT_TABLE, "timer", "");
}

/* Each line that is missing, alone; the end counts them. */
Test(text, without_any_of_its_lines_is_refused) {
    market = text_of_market(&r);
    const char *line = strchr(market.text, '\n') + 1;
    for (; strncmp(line, "{\"end\"", 6) != 0; line = strchr(line, '\n') + 1) {
        trd_engine *engine = NULL;
        const char *next = strchr(line, '\n') + 1;
        changed.size = (size_t)snprintf(
            changed.text, TEXT_MAX, "%.*s%s", (int)(line - market.text), market.text, next);
        cr_assert(eq(int, read_all(&changed, TRD_TEXT_EDITED, &engine), TRD_E_FORMAT));
        cr_assert(eq(ptr, engine, NULL));
    }
}

Test(text, that_is_cut_anywhere_is_not_complete) {
    market = text_of_market(&r);
    for (size_t size = 0; size < market.size; size += size < 3000 ? 7 : 101) {
        trd_engine *engine = NULL;
        cr_assert(eq(int, read_into(market.text, size, NULL, 0, &engine), TRD_E_TRUNCATED));
        cr_assert(eq(ptr, engine, NULL));
    }
}

Test(text, goes_on_behind_its_end_for_nobody) {
    market = text_of_market(&r);
    refused_as("{\"end\":", "{\"end\":1", 0, TRD_TEXT_LINES, "", "");
    const written whole = market;
    trd_engine *engine = NULL;
    changed = whole;
    changed.text[changed.size++] = '\n';
    cr_assert(eq(int, read_all(&changed, 0, &engine), TRD_E_FORMAT));
    cr_assert(eq(u32, reader.fault.why, TRD_TEXT_BEHIND));
}

Test(text, with_a_line_that_is_too_long_is_refused) {
    static char many[TRD_TEXT_LINE_MAX + 64];
    market = text_of_market(&r);
    memset(many, ' ', TRD_TEXT_LINE_MAX + 1);
    refused_as(BALANCE, many, 0, TRD_TEXT_LENGTH, "", "");
}

/* Digits anywhere in a row, changed: the digest is another one, if nothing was wrong before. Every
 * fifth of them. */
Test(text, finds_every_number_that_has_changed, .timeout = 120) {
    market = text_of_market(&r);
    uint32_t found = 0;
    uint32_t digits = 0;
    const char *rows = strchr(market.text, '\n');
    for (const char *at = rows; *at != 0; at++) {
        trd_engine *engine = NULL;
        if (*at < '0' || *at > '9' || ++digits % 5 != 0) {
            continue;
        }
        changed = market;
        char *digit = changed.text + (at - market.text);
        *digit = *digit == '9' ? '8' : (char)(*digit + 1);
        cr_assert(eq(int, read_all(&changed, 0, &engine), TRD_E_FORMAT), "%.80s", at - 40);
        found++;
    }
    cr_assert(found > 150, "%u", found);
}

/* --- what somebody has edited ----------------------------------------------------------------- */

Test(text, whose_rows_contradict_each_other_is_refused) {
    const unsigned edited = TRD_TEXT_EDITED;
    market = text_of_market(&r);
    refused_as("\"free\":999495,", "\"free\":999496,", edited, TRD_TEXT_AUDIT, "", "");
    refused_as("\"leaves\":10,", "\"leaves\":11,", edited, TRD_TEXT_AUDIT, "", "");
    refused_as("\"qty\":10,", "\"qty\":11,", edited, TRD_TEXT_AUDIT, "", "");
    refused_as("\"link.prev\":-1,\"link.next\":-1,\"level\":-1,\"leaves\":10,",
        "\"link.prev\":-1,\"link.next\":2,\"level\":-1,\"leaves\":10,", edited, TRD_TEXT_AUDIT, "",
        ""); /* an order that does not exist */
}

Test(text, with_terms_that_no_engine_takes_is_refused) {
    const unsigned edited = TRD_TEXT_EDITED;
    market = text_of_market(&r);
    refused_as("\"spec.lot_step\":1,", "\"spec.lot_step\":0,", edited, TRD_TEXT_RULES, "", "");
    refused_as("\"rules.lot_step\":1,", "\"rules.lot_step\":2,", edited, TRD_TEXT_RULES, "", "");
    refused_as("\"profile.ties[0]\":1,", "\"profile.ties[0]\":9,", edited, TRD_TEXT_RULES, "", "");
    refused_as("\"tiers[0].maintenance_ppm\":50000,", "\"tiers[0].maintenance_ppm\":5000000,",
        edited, TRD_TEXT_RULES, "", "");
    refused_as("\"instruments\":2,", "\"instruments\":3,", edited, TRD_TEXT_RULES, "", "");
}

/* --- engines with more room ------------------------------------------------------------------- */

typedef struct grown {
    trd_text_head head;
    trd_engine_def def;
} grown;

static grown *larger_than(const written *w) {
    static grown g;
    size_t at = 0;
    cr_assert(eq(int, trd_text_peek(w->text, w->size, &g.head, &at, NULL), TRD_OK));
    trd_text_def(&g.head, &g.def);
    return &g;
}

static void orders_max(grown *g, uint32_t count) {
    g->head.match.orders_max = g->head.accounts.orders_max = g->head.risk.orders_max = count;
}

static void restart(rig *old, const written *w, const grown *g) {
    trd_engine *engine = NULL;
    const int result = read_into(w->text, w->size, &g->def, 0, &engine);
    cr_assert(eq(int, result, TRD_OK), "%s, %s %s", trd_text_why(reader.fault.why),
        reader.fault.table, reader.fault.field);
    cr_assert(eq(u32, reader.is_remade, 1));
    trd_engine_destroy(old->engine);
    old->engine = engine;
}

/* 64 orders are all that the first engine can have; their handles and their order stay. */
Test(text, into_more_room_has_the_same_orders_and_takes_more) {
    trd_order_info before[64], after;
    trd_order_info queue[70];
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000000);
    set_mark(&r, 500);
    for (int i = 0; i < 64; i++) {
        good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1 + i, 400 + i % 3));
        const trd_order handle = r.events[0].u.order.order;
        cr_assert(eq(int, trd_match_order(trd_engine_match(r.engine), handle, &before[i]), TRD_OK));
    }
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 400), TRD_REJECT_NO_CAPACITY);
    write_all(r.engine, &market);
    grown *g = larger_than(&market);
    orders_max(g, 66);
    restart(&r, &market, g);
    for (int i = 0; i < 64; i++) {
        const trd_match *match = trd_engine_match(r.engine);
        cr_assert(eq(int, trd_match_order(match, before[i].order, &after), TRD_OK));
        cr_assert(eq(int, memcmp(&before[i], &after, sizeof(after)), 0));
    }
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 402));
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 402));
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 402), TRD_REJECT_NO_CAPACITY);
    /* At 402: orders 3, 6 .. 63 of the first engine, then the two new ones. */
    const int count = trd_match_queue(trd_engine_match(r.engine), FUTURE, TRD_BUY, 402, queue, 70);
    cr_assert(eq(int, count, 23));
    for (int i = 0; i < 21; i++) {
        cr_assert(eq(u64, queue[i].order, before[2 + 3 * i].order));
    }
    rig_fini(&r);
}

static void cancel(rig *at, uint64_t id) {
    const trd_command c = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .account = ALICE,
        .instrument = FUTURE,
        .u.cancel = {.target = id}};
    cr_assert(eq(int, send(at, c), TRD_OK));
    cr_assert(eq(u8, at->events[0].kind, TRD_EVENT_CANCELED));
}

static trd_command with_id(uint64_t id) {
    trd_command c = order(&r, ALICE, FUTURE, TRD_BUY, 1, 400);
    c.u.order.client_id = id;
    return c;
}

/* Two ended ids are remembered, then four: of 1, 2 and 3 the first was forgotten. */
Test(text, remembers_the_ids_that_were_and_more_from_then_on) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    match.ids_max = 2;
    rig_make_of(&r, &def);
    deposit(&r, ALICE, USD, 1000000);
    set_mark(&r, 500);
    for (uint64_t id = 1; id <= 3; id++) {
        good(&r, with_id(id));
        cancel(&r, id);
    }
    write_all(r.engine, &market);
    grown *g = larger_than(&market);
    g->head.match.ids_max = 4;
    restart(&r, &market, g);
    refused(&r, with_id(2), TRD_REJECT_DUPLICATE_ID);
    refused(&r, with_id(3), TRD_REJECT_DUPLICATE_ID);
    for (uint64_t id = 4; id <= 5; id++) {
        good(&r, with_id(id));
        cancel(&r, id);
    }
    for (uint64_t id = 2; id <= 5; id++) {
        refused(&r, with_id(id), TRD_REJECT_DUPLICATE_ID);
    }
    good(&r, with_id(6));
    cancel(&r, 6);
    good(&r, with_id(2)); /* 3, 4, 5, 6 are remembered */
    refused(&r, with_id(3), TRD_REJECT_DUPLICATE_ID);
    rig_fini(&r);
}

/* Two accepted orders are remembered, then three: of those at 401, 402, 403 the first was
 * forgotten. */
Test(text, remembers_the_orders_that_were_accepted_and_more_from_then_on) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    risk.repeats_max = 2;
    rig_make_of(&r, &def);
    deposit(&r, ALICE, USD, 1000000);
    set_mark(&r, 500);
    const trd_command limit = {.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = TRD_LIMIT_REPEATED,
            .scope = TRD_LIMIT_FIRM,
            .window = 1000000}};
    cr_assert(eq(int, send(&r, limit), TRD_OK));
    for (trd_px px = 401; px <= 403; px++) {
        good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, px));
    }
    write_all(r.engine, &market);
    grown *g = larger_than(&market);
    g->head.risk.repeats_max = 3;
    restart(&r, &market, g);
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 402), TRD_REJECT_REPEATED);
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 403), TRD_REJECT_REPEATED);
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 404));
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 402), TRD_REJECT_REPEATED);
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 405));
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 402)); /* 403, 404, 405 are remembered */
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 404), TRD_REJECT_REPEATED);
    rig_fini(&r);
}

static int opened_with(void (*otherwise)(grown *)) {
    size_t at = 0;
    static trd_text_head head;
    grown *g = larger_than(&market);
    otherwise(g);
    cr_assert(eq(int, trd_text_peek(market.text, market.size, &head, &at, NULL), TRD_OK));
    const size_t size = trd_engine_footprint(&g->def);
    void *mem = size != 0 ? aligned_alloc(ALIGN, size) : &reader;
    const int result = trd_text_open(&reader, &head, &g->def, mem, size, 0);
    if (size != 0) {
        free(mem);
    }
    return result;
}

static void fewer_orders(grown *g) {
    orders_max(g, 63);
}
static void other_ids(grown *g) {
    g->head.match.id_mode = TRD_IDS_REUSE;
    g->head.match.ids_max = 0;
}
static void first_actors(grown *g) {
    g->head.risk.actors_max = 1;
}
static void no_quotes(grown *g) {
    g->head.match.quotes_max = 0;
}
static void decided(grown *g) {
    g->def.decisions = 1;
}
static void hashed(grown *g) {
    g->def.trail = 1;
}
static void valued(grown *g) {
    g->head.accounts.valuation_asset = 1;
}
static void published(grown *g) {
    g->head.accounts.publish = 0;
}
static void not_at_all(grown *g) {
    g->head.match.orders_max = 0;
}
static void other_window(grown *g) {
    g->head.match.window = 64;
}
static void other_seeds(grown *g) {
    g->head.match.hash_seed = g->head.accounts.hash_seed = g->head.risk.hash_seed = 7;
}
static void more_of_all(grown *g) {
    g->head.match.specials_max = 65;
    orders_max(g, 65);
    g->head.match.accounts_max = g->head.accounts.accounts_max = g->head.risk.accounts_max = 17;
}

Test(text, goes_where_it_can) {
    market = text_of_market(&r);
    static const struct {
        void (*otherwise)(grown *);
        int result;
    } rows[] = {{fewer_orders, TRD_E_UNKNOWN}, {other_ids, TRD_E_UNKNOWN},
        {first_actors, TRD_E_UNKNOWN}, {no_quotes, TRD_E_UNKNOWN}, {decided, TRD_E_UNKNOWN},
        {hashed, TRD_E_UNKNOWN}, {valued, TRD_E_UNKNOWN}, {published, TRD_E_UNKNOWN},
        {not_at_all, TRD_E_ARG}, {other_window, TRD_OK}, {other_seeds, TRD_OK},
        {more_of_all, TRD_OK}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert(eq(int, opened_with(rows[i].otherwise), rows[i].result), "row %zu", i);
    }
}

/* --- heads and arguments ---------------------------------------------------------------------- */

Test(text, without_a_head_is_refused) {
    static const struct {
        const char *text;
        int result;
    } rows[] = {{"", TRD_E_TRUNCATED}, {"{\"text\":1}", TRD_E_TRUNCATED},
        {"{\"text\":1}\n", TRD_OK}, {"{\"text\":2}\n", TRD_E_UNKNOWN},
        {"{\"text\":\"1\"}\n", TRD_E_FORMAT}, {"{\"record\":1}\n", TRD_E_FORMAT},
        {"\n", TRD_E_FORMAT}, {"{}\n", TRD_E_FORMAT},
        {"{\"text\":1,\"match.orders_max\":4294967296}\n", TRD_E_FORMAT},
        {"{\"text\":1,\"match.orders_max\":4294967295}\n", TRD_OK},
        {"{\"text\":1,\"hue\":7}\n", TRD_OK}, /* a definition may have more one day */
        {"{\"text\":1,\"seq\":1,\"seq\":1}\n", TRD_E_FORMAT}};
    trd_text_head head;
    trd_text_fault fault;
    size_t size = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const size_t length = strlen(rows[i].text);
        cr_assert(
            eq(int, trd_text_peek(rows[i].text, length, &head, &size, &fault), rows[i].result),
            "row %zu", i);
    }
    static char many[TRD_TEXT_LINE_MAX + 2];
    memset(many, ' ', sizeof(many));
    cr_assert(eq(int, trd_text_peek(many, sizeof(many), &head, &size, &fault), TRD_E_FORMAT));
    cr_assert(eq(u32, fault.why, TRD_TEXT_LENGTH));
}

Test(text, null_is_an_argument_of_no_use) {
    static trd_text_writer writer;
    static trd_text_head head;
    trd_engine_def def;
    trd_engine *engine = NULL;
    size_t size = 0;
    char c;
    market = text_of_market(&r);
    cr_assert(eq(int, trd_text_begin(NULL, r.engine), TRD_E_ARG));
    cr_assert(eq(int, trd_text_begin(&writer, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_text_begin(&writer, r.engine), TRD_OK));
    cr_assert(eq(int, trd_text_write(NULL, &c, 1, &size), TRD_E_ARG));
    cr_assert(eq(int, trd_text_write(&writer, NULL, 1, &size), TRD_E_ARG));
    cr_assert(eq(int, trd_text_write(&writer, &c, 0, &size), TRD_E_ARG));
    cr_assert(eq(int, trd_text_write(&writer, &c, 1, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_text_peek(NULL, 1, &head, &size, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_text_peek(&c, 1, NULL, &size, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_text_peek(&c, 1, &head, NULL, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_text_peek(market.text, market.size, &head, &size, NULL), TRD_OK));
    trd_text_def(&head, &def);
    const size_t block_size = trd_engine_footprint(&def);
    char *mem = aligned_alloc(ALIGN, block_size + ALIGN);
    cr_assert(eq(int, trd_text_open(NULL, &head, &def, mem, block_size, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_text_open(&reader, NULL, &def, mem, block_size, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_text_open(&reader, &head, NULL, mem, block_size, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_text_open(&reader, &head, &def, NULL, block_size, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_text_open(&reader, &head, &def, mem, block_size - 1, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_text_open(&reader, &head, &def, mem + 8, block_size, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_text_open(&reader, &head, &def, mem, block_size, 4), TRD_E_ARG));
    cr_assert(eq(int, trd_text_open(&reader, &head, &def, mem, block_size, 0), TRD_OK));
    cr_assert(eq(int, trd_text_read(NULL, &c, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_text_read(&reader, NULL, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_text_read(&reader, NULL, 0), TRD_MORE));
    cr_assert(eq(int, trd_text_engine(NULL, NULL, &engine), TRD_E_ARG));
    cr_assert(eq(int, trd_text_engine(&reader, NULL, NULL), TRD_E_ARG));
}

Test(text, every_fault_has_a_name) {
    for (unsigned why = 0; why < TRD_TEXT_FAULTS; why++) {
        cr_assert(ne(ptr, (void *)(uintptr_t)trd_text_why(why), NULL));
        for (unsigned other = 0; other < why; other++) {
            cr_assert(strcmp(trd_text_why(why), trd_text_why(other)) != 0);
        }
    }
    cr_assert(eq(str, (char *)(uintptr_t)trd_text_why(TRD_TEXT_FAULTS), "?"));
}
