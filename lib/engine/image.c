/* image.c - the image of an engine: which bytes of its block are state.
 *
 * All of them, but for the list below. Whoever keeps something new between two commands need do
 * nothing: it is in the image. Whoever keeps something that another engine, after the same
 * commands, could have otherwise (because it was driven with other outputs, or asked something in
 * between) adds it here, and must be able to do with zeros instead: a snapshot has zeros there.
 * Both are shown by tests/property/prop_snapshot.c. */
#include "engine/image.h"

#include <string.h>

#include "core/hash.h"
#include "engine/rows.h"
#include "match/rich.h"
#include "monitor/state.h"

/* --- what is no state ------------------------------------------------------------------------- */

static void blank(trd_image *image, const trd_blank *what) {
    trd_assert(image->count < TRD_BLANKS_MAX);
    image->blanks[image->count++] = *what;
}

/* Bytes [from, to) of the struct at `base` in the block. */
static void blank_part(trd_image *image, uint64_t base, size_t from, size_t to) {
    blank(image, &(trd_blank){.at = base + from, .size = to - from, .count = 1});
}

#define BLANK_FIELD(image, base, type, field)                                                      \
    blank_part(                                                                                    \
        image, base, offsetof(type, field), offsetof(type, field) + sizeof(((type *)NULL)->field))

static void blank_engine(trd_image *image) {
    const trd_engine *engine = image->engine;
    BLANK_FIELD(image, 0, trd_engine, mem);
    blank_part(image, 0, offsetof(trd_engine, stage), offsetof(trd_engine, terms));
    BLANK_FIELD(image, 0, trd_engine, books);
    if (engine->ranks_at != 0) {
        const uint64_t positions = trd__engine_accounts(engine)->def.positions_max;
        blank_part(image, engine->ranks_at, 0, positions * sizeof(trd_rank));
    }
}

/* Whether an instrument is quiet, and where its nearest triggers are, is found out when it is asked
 * for, by a question too. */
static void blank_match(trd_image *image) {
    const uint64_t base = image->engine->match_at;
    const trd_match *match = trd__engine_match(image->engine);
    BLANK_FIELD(image, base, trd_match, taker);
    BLANK_FIELD(image, base, trd_match, work);
    BLANK_FIELD(image, base, trd_match, mem);
    blank(image, &(trd_blank){.at = base + match->listings_at + offsetof(trd_listing, quiet),
                     .size = sizeof(((trd_listing *)NULL)->quiet),
                     .stride = sizeof(trd_listing),
                     .count = match->instruments_max});
    blank(image, &(trd_blank){.at = base + match->desks_at + offsetof(trd_desk, nearest),
                     .size = sizeof(((trd_desk *)NULL)->nearest),
                     .stride = sizeof(trd_desk),
                     .count = match->instruments_max});
    if (match->allocates != 0) {
        const uint64_t orders = match->store.orders_max;
        blank_part(image, base + match->scratch_at, 0, orders * sizeof(trd_alloc_order));
        blank_part(image, base + match->handles_at, 0, orders * sizeof(trd_order));
    }
}

void trd__image_of(const trd_engine *engine, trd_image *out) {
    trd_assert(engine->stage == TRD_ENGINE_IDLE);
    *out =
        (trd_image){.engine = engine, .size = engine->size, .pages = trd__pages_of(engine->size)};
    blank_engine(out);
    blank_match(out);
    BLANK_FIELD(out, engine->accounts_at, trd_accounts, def.mem);
    BLANK_FIELD(out, engine->risk_at, trd_risk, def.mem);
    if (engine->monitor_at != 0) {
        BLANK_FIELD(out, engine->monitor_at, trd_monitor, def.mem);
    }
}

/* --- pages ------------------------------------------------------------------------------------ */

/* The first place of `what` that ends behind `from`; its count if none does. */
static uint64_t first_behind(const trd_blank *what, uint64_t from) {
    if (what->at + what->size > from) {
        return 0;
    }
    const uint64_t places =
        what->stride != 0 ? (from - what->at - what->size) / what->stride + 1 : 1;
    return places < what->count ? places : what->count;
}

static uint64_t at_most(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Sets the bytes of `what` within [from, from + size) to zero, in a buffer that has these. */
static void apply(const trd_blank *what, uint8_t *buffer, uint64_t from, uint32_t size) {
    for (uint64_t i = first_behind(what, from); i < what->count; i++) {
        const uint64_t at = what->at + i * what->stride;
        if (at >= from + size) {
            return;
        }
        const uint64_t begin = at > from ? at : from;
        memset(buffer + (begin - from), 0, at_most(at + what->size, from + size) - begin);
    }
}

static bool touches(const trd_blank *what, uint64_t from, uint32_t size) {
    const uint64_t i = first_behind(what, from);
    return i < what->count && what->at + i * what->stride < from + size;
}

const uint8_t *trd__image_page(const trd_image *image, uint64_t number, uint8_t *buffer) {
    const uint64_t from = number * TRD_PAGE_SIZE;
    const uint32_t size = trd__page_size(image->size, number);
    const uint8_t *bytes = (const uint8_t *)image->engine + from;
    for (uint32_t i = 0; i < image->count; i++) {
        if (touches(&image->blanks[i], from, size)) {
            if (bytes != buffer) {
                memcpy(buffer, bytes, size);
                bytes = buffer;
            }
            apply(&image->blanks[i], buffer, from, size);
        }
    }
    return bytes;
}

/* A page in use nearly always shows at its first line; of others each line is the one before it. */
bool trd__is_zero(const uint8_t *bytes, uint32_t size) {
    static const uint8_t zeros[TRD_LINE];
    return memcmp(bytes, zeros, TRD_LINE) == 0 &&
           memcmp(bytes, bytes + TRD_LINE, size - TRD_LINE) == 0;
}

uint64_t trd__page_hash(const uint8_t *bytes, uint32_t size, uint64_t number) {
    return trd__hash(bytes, size, number);
}

uint64_t trd__digest_add(uint64_t digest, uint64_t number, uint64_t hash) {
    const uint64_t pair[2] = {number, hash};
    return trd__hash(pair, sizeof(pair), digest);
}

trd_image_sum trd__image_sum(const trd_engine *engine) {
    uint8_t buffer[TRD_PAGE_SIZE];
    trd_image image;
    trd__image_of(engine, &image);
    trd_image_sum sum = {.size = image.size, .digest = image.size};
    for (uint64_t number = 0; number < image.pages; number++) {
        const uint8_t *page = trd__image_page(&image, number, buffer);
        const uint32_t size = trd__page_size(image.size, number);
        if (!trd__is_zero(page, size)) {
            const uint64_t hash = trd__page_hash(page, size, number);
            sum.digest = trd__digest_add(sum.digest, number, hash);
            sum.pages++;
            sum.bytes += size;
        }
    }
    return sum;
}

/* --- layout ----------------------------------------------------------------------------------- */

/* What a reader must have in common with a writer: the tables of rows.h, and what they do not show.
 * Raise the first number when the same bytes mean something else: another use of a field, other
 * numbers of an enumeration. */
uint64_t trd__image_layout(void) {
    static const uint32_t more[] = {
        1,
        0x01020304, /* the order of bytes */
        TRD_VERSION >> 8,
        TRD_MAP_WAYS,
        TRD_TREES,
        TRD_ACCT_MOVES,
        TRD_SLICES,
        TRD_SCOPES_MAX,
        TRD_CHECKPOINTS,
    };
    return trd__rows_layout(trd__hash(more, sizeof(more), 0));
}

/* --- questions -------------------------------------------------------------------------------- */

size_t trd_engine_size(const trd_engine *engine) {
    return engine->size;
}

int trd_engine_digest(const trd_engine *engine, uint64_t *out) {
    const int result = trd__image_ask(engine, out);
    if (result == TRD_OK) {
        *out = trd__image_sum(engine).digest;
    }
    return result;
}

/* The parts that have bytes in [from, to) of the block. */
static uint32_t parts_in(const trd_engine *engine, uint64_t from, uint64_t to) {
    const trd_match *match = trd__engine_match(engine);
    const trd_accounts *accounts = trd__engine_accounts(engine);
    const trd_risk *risk = trd__engine_risk(engine);
    const uint64_t monitor_at = engine->monitor_at;
    const uint64_t monitor_end = monitor_at != 0 ? monitor_at + trd_engine_monitor(engine)->size
                                                 : engine->risk_at + risk->size;
    const struct {
        uint64_t from, to;
        uint32_t part;
    } places[] = {{0, engine->match_at, TRD_PART_ENGINE},
        {engine->match_at, engine->match_at + match->size, TRD_PART_MATCH},
        {engine->accounts_at, engine->accounts_at + accounts->size, TRD_PART_ACCOUNTS},
        {engine->risk_at, engine->risk_at + risk->size, TRD_PART_RISK},
        {monitor_at, monitor_at != 0 ? monitor_end : 0, TRD_PART_MONITOR},
        {monitor_end, engine->size, TRD_PART_ENGINE}};
    uint32_t parts = 0;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (places[i].from < to && places[i].to > from) {
            parts |= places[i].part;
        }
    }
    return parts;
}

int trd_engine_page(const trd_engine *engine, uint64_t number, trd_page *out) {
    const int result = trd__image_ask(engine, out);
    if (result != TRD_OK) {
        return result;
    }
    if (number >= trd__pages_of(engine->size)) {
        return TRD_E_UNKNOWN;
    }
    trd_image image;
    uint8_t buffer[TRD_PAGE_SIZE];
    trd__image_of(engine, &image);
    const uint8_t *page = trd__image_page(&image, number, buffer);
    const uint32_t size = trd__page_size(image.size, number);
    const uint64_t at = number * TRD_PAGE_SIZE;
    *out = (trd_page){.at = at,
        .hash = trd__is_zero(page, size) ? 0 : trd__page_hash(page, size, number),
        .size = size,
        .parts = parts_in(engine, at, at + size)};
    return TRD_OK;
}

const char *trd_part_text(unsigned part) {
    switch (part) {
    case TRD_PART_ENGINE:
        return "engine";
    case TRD_PART_MATCH:
        return "matcher";
    case TRD_PART_ACCOUNTS:
        return "accounts";
    case TRD_PART_RISK:
        return "risk";
    case TRD_PART_MONITOR:
        return "monitor";
    default:
        return NULL;
    }
}

/* --- copies ----------------------------------------------------------------------------------- */

static bool overlaps(const trd_engine *engine, const void *mem, size_t size) {
    const uintptr_t one = (uintptr_t)engine;
    const uintptr_t other = (uintptr_t)mem;
    return one < other + size && other < one + engine->size;
}

/* Zeros that are there already are not written: a page of fresh memory that nobody has touched
 * stays one that does not exist. */
static void copy_page(const trd_image *image, uint64_t number, uint8_t *to) {
    uint8_t buffer[TRD_PAGE_SIZE];
    const uint8_t *page = trd__image_page(image, number, buffer);
    const uint32_t size = trd__page_size(image->size, number);
    if (!trd__is_zero(page, size)) {
        memcpy(to, page, size);
    } else if (!trd__is_zero(to, size)) {
        memset(to, 0, size);
    }
}

int trd_engine_copy(const trd_engine *engine, void *mem, size_t size, trd_engine **out) {
    if (engine == NULL || mem == NULL || out == NULL || size < engine->size ||
        (uintptr_t)mem % TRD_ENGINE_ALIGN != 0 || overlaps(engine, mem, size)) {
        return TRD_E_ARG;
    }
    if (engine->stage != TRD_ENGINE_IDLE) {
        return TRD_E_BUSY;
    }
    trd_image image;
    trd__image_of(engine, &image);
    for (uint64_t number = 0; number < image.pages; number++) {
        copy_page(&image, number, (uint8_t *)mem + number * TRD_PAGE_SIZE);
    }
    *out = mem;
    return TRD_OK;
}
