/* prop_text.c - an engine that was read of text goes on as the one that was written, whatever room
 * it has: in random lives one engine is written again and again, read into another one that finds
 * things otherwise, or has more room, and both write the same events from then on, and the same
 * export. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "life_engine.h"
#include "life_venue.h"

enum { ROOM = 65536, ALIGN = 64, TEXT_MAX = 1 << 23, EXPORT_MAX = 1 << 19 };

typedef struct life {
    draw *rng;
    trd_engine *engine[2]; /* the first one, and the one that was read */
    void *mem;             /* of that */
    bool has_more_room;
    trd_event told[2][ROOM];
    uint32_t count[2];
    uint64_t read, grown, compared, commands, parted;
} life;

static char text[TEXT_MAX];
static char other[TEXT_MAX];

static bool chance(life *l, int64_t percent) {
    return draw_chance(l->rng, percent);
}

/* --- writing and reading ---------------------------------------------------------------------- */

static size_t write_text(const trd_engine *engine, char *to) {
    static trd_text_writer writer;
    size_t size = 0;
    cr_assert(eq(int, trd_text_begin(&writer, engine), TRD_OK));
    cr_assert(eq(int, trd_text_write(&writer, to, TEXT_MAX - 1, &size), TRD_OK));
    to[size] = 0;
    return size;
}

/* What was made anew may be otherwise: where levels are found, slots of maps and who names them,
 * the matcher's own row (free nodes of trees), and the digest. */
static bool is_made_anew(const char *line) {
    static const char *const tables[] = {"side", "side_bits", "side_window", "far", "tree", "id",
        "id_ended", "net_key", "quote_key", "group_key", "balance_key", "position_key", "limit_key",
        "role", "portfolio_key", "parent_key", "order", "net", "quote", "group", "matcher"};
    if (strncmp(line, "{\"row\":\"", 8) != 0) {
        return strncmp(line, "{\"end\"", 6) == 0;
    }
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        const size_t size = strlen(tables[i]);
        if (strncmp(line + 8, tables[i], size) == 0 && line[8 + size] == '"') {
            return true;
        }
    }
    return false;
}

static const char *line_after(const char *line) {
    return strchr(line, '\n') + 1;
}

static const char *that_stays(const char *line) {
    while (*line != 0 && is_made_anew(line)) {
        line = line_after(line);
    }
    return line;
}

/* Every row that goes as it is has. */
static void same_rows(const trd_engine *engine) {
    write_text(engine, other);
    const char *a = that_stays(text);
    const char *b = that_stays(other);
    while (*a != 0 && *b != 0) {
        const size_t size = (size_t)(line_after(a) - a);
        cr_assert(strncmp(a, b, size) == 0, "%.*s", (int)size, a);
        a = that_stays(line_after(a));
        b = that_stays(line_after(b));
    }
    cr_assert(a[0] == 0 && b[0] == 0);
}

static uint32_t more(life *l, uint32_t capacity) {
    return capacity + (capacity != 0 && chance(l, 60) ? (uint32_t)draw_in(l->rng, 1, 100) : 0);
}

/* More room for what there may be; what is remembered (ids, accepted orders) is as it was, because
 * who remembers more refuses more. */
static void grow(life *l, trd_text_head *head) {
    trd_match_def *match = &head->match;
    trd_accounts_def *accounts = &head->accounts;
    trd_risk_def *risk = &head->risk;
    match->instruments_max = accounts->instruments_max = risk->instruments_max =
        more(l, match->instruments_max);
    match->orders_max = accounts->orders_max = risk->orders_max = more(l, match->orders_max);
    match->accounts_max = accounts->accounts_max = risk->accounts_max =
        more(l, match->accounts_max);
    match->specials_max = more(l, match->specials_max);
    match->specials_max =
        match->specials_max < match->orders_max ? match->specials_max : match->orders_max;
    match->positions_max = more(l, match->positions_max);
    match->quotes_max = more(l, match->quotes_max);
    match->groups_max = more(l, match->groups_max);
    match->window = chance(l, 50) ? match->window : (uint32_t)64 << draw_in(l->rng, 0, 4);
    match->hash_seed += chance(l, 50);
    accounts->assets_max = more(l, accounts->assets_max);
    accounts->balances_max = more(l, accounts->balances_max);
    accounts->positions_max = more(l, accounts->positions_max);
    accounts->unsettled_max = more(l, accounts->unsettled_max);
    accounts->hash_seed += chance(l, 50);
    risk->limits_max = more(l, risk->limits_max);
    risk->models_max = more(l, risk->models_max);
    risk->parents_max = more(l, risk->parents_max);
    risk->portfolios_max = more(l, risk->portfolios_max);
    risk->arrays_max = more(l, risk->arrays_max);
    risk->hash_seed += chance(l, 50);
    head->monitor.accounts_max = accounts->accounts_max;
    head->monitor.instruments_max = accounts->instruments_max;
    head->monitor.balances_max = accounts->balances_max;
    head->monitor.positions_max = accounts->positions_max;
}

static void read_again(life *l) {
    static trd_text_reader reader;
    trd_text_head head, larger;
    trd_engine_def def;
    size_t at = 0;
    const size_t size = write_text(l->engine[0], text);
    cr_assert(eq(int, trd_text_peek(text, size, &head, &at, NULL), TRD_OK));
    larger = head;
    l->has_more_room = chance(l, 60);
    if (l->has_more_room) {
        grow(l, &larger);
    }
    trd_text_def(&larger, &def);
    const size_t block_size = trd_engine_footprint(&def);
    cr_assert(block_size > 0);
    free(l->mem);
    l->mem = aligned_alloc(ALIGN, block_size);
    cr_assert(ne(ptr, l->mem, NULL));
    memset(l->mem, (int)draw_in(l->rng, 0, 255), block_size);
    cr_assert(
        eq(int, trd_text_open(&reader, &head, &def, l->mem, block_size, TRD_TEXT_EDITED), TRD_OK));
    const int result = trd_text_read(&reader, text + at, size - at);
    cr_assert(eq(int, result, TRD_OK), "line %" PRIu64 ": %s, %s %" PRIu64 " %s, audit %d",
        reader.fault.line, trd_text_why(reader.fault.why), reader.fault.table, reader.fault.row,
        reader.fault.field, trd_engine_audit(reader.engine));
    cr_assert(eq(int, trd_text_engine(&reader, NULL, &l->engine[1]), TRD_OK));
    if (!l->has_more_room) {
        same_rows(l->engine[1]);
    }
    l->read++;
    l->grown += l->has_more_room;
}

/* --- the same --------------------------------------------------------------------------------- */

/* Of all lines of an export but the first, which has capacities: a sum that does not ask in which
 * order they come. */
static uint64_t export_sum(const trd_engine *engine) {
    static trd_exporter exporter;
    static char lines[EXPORT_MAX];
    size_t size = 0;
    uint64_t sum = 0;
    cr_assert(eq(int, trd_export_begin(&exporter, engine), TRD_OK));
    cr_assert(eq(int, trd_export_write(&exporter, lines, EXPORT_MAX, &size), TRD_OK));
    const char *line = memchr(lines, '\n', size);
    for (line++; line < lines + size; line++) {
        uint64_t hash = 14695981039346656037u;
        for (; *line != '\n'; line++) {
            hash = (hash ^ (uint8_t)*line) * 1099511628211u;
        }
        sum += hash;
    }
    return sum;
}

static void live(life *l, int which, const trd_command *c) {
    int result = TRD_MORE;
    l->count[which] = 0;
    for (bool is_first = true; result == TRD_MORE; is_first = false) {
        trd_out out = {
            .events = l->told[which] + l->count[which], .capacity = ROOM - l->count[which]};
        result = trd_engine_step(l->engine[which], is_first ? c : NULL, &out);
        l->count[which] += out.count;
    }
    cr_assert(eq(int, result, TRD_OK));
}

/* Is an engine out of room? Then one that has more goes another way. */
static bool is_out_of_room(const life *l) {
    for (uint32_t i = 0; i < l->count[0]; i++) {
        const trd_event *event = &l->told[0][i];
        const bool is_refusal =
            event->kind == TRD_EVENT_REJECTED || event->kind == TRD_EVENT_CANCEL_REJECTED ||
            event->kind == TRD_EVENT_REPLACE_REJECTED || event->kind == TRD_EVENT_COMMAND_REJECTED;
        if (is_refusal && event->reason == TRD_REJECT_NO_CAPACITY) {
            return true;
        }
    }
    return false;
}

static void one(life *l, const trd_command *c) {
    live(l, 0, c);
    l->commands++;
    if (l->engine[1] != NULL) {
        live(l, 1, c);
        const bool is_same = l->count[0] == l->count[1] &&
                             memcmp(l->told[0], l->told[1], l->count[0] * sizeof(trd_event)) == 0;
        if (l->has_more_room && is_out_of_room(l)) {
            l->engine[1] = NULL;
            l->parted++;
        } else {
            cr_assert(is_same, "command %" PRIu64 ", kind %u", l->commands, c->kind);
            l->compared++;
        }
    }
    if (chance(l, 2)) {
        read_again(l);
        cr_assert(eq(u64, export_sum(l->engine[0]), export_sum(l->engine[1])));
    } else if (l->engine[1] != NULL && chance(l, 2)) {
        cr_assert(eq(int, trd_engine_audit(l->engine[1]), TRD_OK));
    }
}

static void end(life *l) {
    trd_engine_destroy(l->engine[0]);
    free(l->mem);
    l->engine[0] = l->engine[1] = NULL;
    l->mem = NULL;
}

static void say(const char *condition, const char *file, int line) {
    fprintf(stderr, "# %s:%d: %s\n", file, line, condition);
}

static void were_met(const life *l, uint64_t least) {
    fprintf(stderr,
        "# %" PRIu64 " commands, %" PRIu64 " compared, %" PRIu64 " read, %" PRIu64
        " of them into more room, %" PRIu64 " parted\n",
        l->commands, l->compared, l->read, l->grown, l->parted);
    cr_assert(l->read > least);
    cr_assert(l->grown > least / 3);
    cr_assert(l->compared > l->commands / 3);
}

/* --- lives ------------------------------------------------------------------------------------ */

enum { ENGINES = 100, ENGINE_STEPS = 400, ACCOUNTS = 6, VENUES = 30, VENUE_STEPS = 400 };

Test(text_law, an_engine_of_text_goes_on_as_the_first_one, .timeout = 120) {
    draw rng = draw_seeded(1);
    static life l;
    static life_engine gen;
    trd_on_assert(say);
    l.rng = &rng;
    for (int run = 0; run < ENGINES; run++) {
        trd_command c[TRD_SLOTS_MAX] = {{0}};
        gen = (life_engine){.rng = &rng, .accounts = ACCOUNTS, .parents = true, .is_apart = true};
        gen.trail = true;
        gen.watches = draw_chance(&rng, 50);
        gen.allocates = draw_chance(&rng, 50);
        l.engine[0] = life_engine_begin(&gen);
        for (uint32_t account = 0; account < gen.accounts; account++) {
            life_engine_open(&gen, account, c);
            one(&l, c);
        }
        for (int step = 0; step < ENGINE_STEPS; step++) {
            life_engine_next(&gen, c);
            one(&l, c);
        }
        end(&l);
    }
    were_met(&l, 500);
}

Test(text_law, a_venue_of_text_goes_on_as_the_first_one, .timeout = 120) {
    draw rng = draw_seeded(2);
    static life l;
    trd_on_assert(say);
    l.rng = &rng;
    for (int run = 0; run < VENUES; run++) {
        trd_command c[TRD_SLOTS_MAX];
        venue_life draws = {.rng = &rng};
        l.engine[0] = venue_create(&draws);
        cr_assert(ne(ptr, l.engine[0], NULL));
        for (uint32_t n = 0; venue_opening(&draws, n, c); n++) {
            one(&l, c);
        }
        for (int step = 0; step < VENUE_STEPS; step++) {
            venue_command(&draws, c);
            one(&l, c);
        }
        end(&l);
    }
    were_met(&l, 150);
}

/* --- what somebody has changed ---------------------------------------------------------------- */

enum { CHANGED_LIVES = 4, CHANGED_STEPS = 200, CHANGES = 300 };

/* The place of a number somewhere in the rows, and its size. */
static size_t number_in(draw *rng, size_t size, size_t *digits) {
    size_t at;
    do {
        at = (size_t)draw_in(rng, 1, (int64_t)size - 2);
    } while (text[at] != ':' || text[at + 1] == '"');
    *digits = strcspn(text + at + 1, ",}");
    return at + 1;
}

/* A value that is another one: what is refused is, and nothing is asserted; what is not has passed
 * the audit. */
static bool change_one(draw *rng, size_t size, void *mem, size_t mem_size) {
    static const char *const values[] = {"0", "1", "2", "3", "7", "40", "1000000", "-1", "-2",
        "2147483648", "4294967295", "9223372036854775807", "-9223372036854775807"};
    static trd_text_reader reader;
    trd_text_head head;
    trd_engine_def def;
    size_t digits, begin;
    const size_t at = number_in(rng, size, &digits);
    const char *value = values[draw_below(rng, sizeof(values) / sizeof(values[0]))];
    const int changed =
        snprintf(other, TEXT_MAX, "%.*s%s%s", (int)at, text, value, text + at + digits);
    if (trd_text_peek(other, (size_t)changed, &head, &begin, NULL) != TRD_OK) {
        return false;
    }
    trd_text_def(&head, &def);
    const size_t needed = trd_engine_footprint(&def);
    if (needed == 0 || needed > mem_size ||
        trd_text_open(&reader, &head, &def, mem, needed, TRD_TEXT_EDITED) != TRD_OK) {
        return false;
    }
    const int result = trd_text_read(&reader, other + begin, (size_t)changed - begin);
    cr_assert(result == TRD_OK || result == TRD_E_FORMAT);
    cr_assert(eq(u32, reader.fault.why != TRD_TEXT_NO_FAULT, result != TRD_OK));
    return result == TRD_OK;
}

Test(text_law, with_one_value_changed_it_is_refused_or_sound, .timeout = 120) {
    draw rng = draw_seeded(3);
    uint64_t refused = 0, sound = 0;
    trd_on_assert(say);
    static life l;
    l.rng = &rng;
    for (int run = 0; run < CHANGED_LIVES; run++) {
        trd_command c[TRD_SLOTS_MAX] = {{0}};
        life_engine gen = {.rng = &rng, .accounts = ACCOUNTS, .parents = true, .is_apart = true};
        gen.watches = true;
        gen.allocates = true;
        l.engine[0] = life_engine_begin(&gen);
        for (uint32_t account = 0; account < gen.accounts; account++) {
            life_engine_open(&gen, account, c);
            live(&l, 0, c);
        }
        for (int step = 0; step < CHANGED_STEPS; step++) {
            life_engine_next(&gen, c);
            live(&l, 0, c);
        }
        const size_t size = write_text(l.engine[0], text);
        const size_t mem_size = trd_engine_size(l.engine[0]);
        void *mem = aligned_alloc(ALIGN, mem_size);
        for (int i = 0; i < CHANGES; i++) {
            *(change_one(&rng, size, mem, mem_size) ? &sound : &refused) += 1;
        }
        free(mem);
        end(&l);
    }
    fprintf(stderr, "# %" PRIu64 " refused, %" PRIu64 " sound\n", refused, sound);
    cr_assert(refused > CHANGES);
    cr_assert(sound > 0); /* a client id may be another one */
}
