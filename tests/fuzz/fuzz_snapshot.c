/* fuzz_snapshot.c - a snapshot of which anything was changed: nothing is read or written past the
 * memory that was given, and what is accepted is the snapshot that was written, unless somebody has
 * made its hashes anew.
 *
 * The first byte: bit 0 the rest is the snapshot itself, else a list of changes of a good one, four
 * bytes each: what (0 xor a byte, 1 cut here, 2 put bytes behind the end, 3 size of the pieces, 4 a
 * byte of a mark), where (2), value. Bit 1: hashes are made anew afterwards, bit 2: also the head's
 * numbers, so that a reader gets to what is behind them. */
#include <tradsys/tradsys.h>

#include <string.h>

#include "core/hash.h"
#include "fuzz.h"

enum {
    HEAD = sizeof(trd_snapshot_head),
    MARK = sizeof(trd_snapshot_mark),
    MEMORY_SIZE = 1 << 16,
    SNAPSHOT_MAX = 1 << 16,
    CHANGES_MAX = 64,
    GUARD = 64,
    RAW = 1,
    REPAIRS = 2,
    REPAIRS_HEAD = 4
};

static _Alignas(64) uint8_t first[MEMORY_SIZE];
static _Alignas(64) uint8_t memory[MEMORY_SIZE + GUARD];
static uint8_t good[SNAPSHOT_MAX];
static size_t good_size;
static uint64_t block_size;

/* --- the good one ----------------------------------------------------------------------------- */

static void make_good(void) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max = 1;
    match.orders_max = accounts.orders_max = risk.orders_max = 4;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = 2;
    match.specials_max = match.ids_max = 4;
    match.positions_max = 4;
    match.window = 64;
    accounts.assets_max = accounts.fee_tables_max = 1;
    accounts.balances_max = accounts.positions_max = 4;
    accounts.unsettled_max = 0;
    risk.models_max = risk.limits_max = risk.repeats_max = risk.actors_max = 4;
    risk.groups_max = risk.arrays_max = risk.pairs_max = risk.portfolios_max = 0;
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .trail = 1};
    block_size = trd_engine_footprint(&def);
    fuzz_check(block_size > 0 && block_size <= MEMORY_SIZE);
    trd_engine *engine = trd_engine_init(first, &def);
    static trd_snapshot_writer writer;
    fuzz_check(trd_snapshot_begin(&writer, engine) == TRD_OK);
    fuzz_check(trd_snapshot_write(&writer, good, sizeof(good), &good_size) == TRD_OK);
}

/* --- changes ---------------------------------------------------------------------------------- */

typedef struct changed {
    uint8_t bytes[SNAPSHOT_MAX + 256];
    size_t size;
    size_t piece;
} changed;

static void change(changed *c, const uint8_t *what) {
    const size_t at = (size_t)(what[1] | what[2] << 8);
    switch (what[0] % 5) {
    case 0:
        c->bytes[at % c->size] ^= what[3];
        break;
    case 1:
        c->size = at < c->size ? at + 1 : c->size;
        break;
    case 2:
        if (c->size + what[3] <= sizeof(c->bytes)) {
            memset(c->bytes + c->size, what[1], what[3]);
            c->size += what[3];
        }
        break;
    case 3:
        c->piece = at + 1;
        break;
    default: {
        const size_t mark = HEAD + at % 16 * (MARK + TRD_PAGE_SIZE);
        if (mark + MARK <= c->size) {
            c->bytes[mark + what[2] % MARK] = what[3];
        }
        break;
    }
    }
}

/* Hashes of head, pages and end, as far as the bytes have them where a snapshot would. */
static void repair(changed *c, bool with_head) {
    if (c->size < HEAD) {
        return;
    }
    trd_snapshot_head head;
    memcpy(&head, c->bytes, HEAD);
    uint64_t digest = head.block_size;
    uint64_t pages = 0;
    size_t at = HEAD;
    uint64_t mark[2] = {0, 0};
    for (; c->size - at >= MARK; pages++) {
        memcpy(mark, c->bytes + at, MARK);
        if (mark[0] == UINT64_MAX || mark[0] > head.block_size / TRD_PAGE_SIZE) {
            break;
        }
        const uint64_t left = head.block_size - mark[0] * TRD_PAGE_SIZE;
        const size_t size = left < TRD_PAGE_SIZE ? left : TRD_PAGE_SIZE;
        if (c->size - at - MARK < size) {
            break;
        }
        mark[1] = trd__hash(c->bytes + at + MARK, size, mark[0]);
        memcpy(c->bytes + at, mark, MARK);
        digest = trd__hash(mark, MARK, digest);
        at += MARK + size;
    }
    head.pages = with_head ? pages : head.pages;
    head.digest = with_head ? digest : head.digest;
    head.head_hash = trd__hash(&head, offsetof(trd_snapshot_head, head_hash), 0);
    memcpy(c->bytes, &head, HEAD);
    if (c->size - at >= MARK && mark[0] == UINT64_MAX) {
        const uint64_t pair[2] = {head.head_hash, digest};
        mark[1] = trd__hash(pair, sizeof(pair), 0);
        memcpy(c->bytes + at, mark, MARK);
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool is_refusal(int result) {
    return result == TRD_E_FORMAT || result == TRD_E_TRUNCATED || result == TRD_E_UNKNOWN;
}

/* TRD_OK and *out, or what the bytes are refused for. */
static int load(const changed *c, trd_engine **out) {
    trd_snapshot_head head;
    trd_snapshot_reader reader;
    int result = trd_snapshot_peek(c->bytes, c->size, &head);
    if (result != TRD_OK) {
        return result;
    }
    result = trd_snapshot_open(&reader, &head, memory, block_size);
    if (result == TRD_E_ARG) {
        fuzz_check(head.block_size > block_size);
        return TRD_E_FORMAT;
    }
    for (size_t at = HEAD; result >= TRD_OK && at < c->size; at += c->piece) {
        const size_t left = c->size - at;
        result = trd_snapshot_read(&reader, c->bytes + at, left < c->piece ? left : c->piece);
        fuzz_check(result == TRD_OK || result == TRD_MORE || result == TRD_E_FORMAT);
    }
    return result >= TRD_OK ? trd_snapshot_engine(&reader, NULL, out) : result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static changed c;
    trd_engine *engine = NULL;
    if (good_size == 0) {
        make_good();
    }
    const uint8_t how = size > 0 ? data[0] : 0;
    c.piece = 4096;
    if ((how & RAW) != 0) {
        c.size = size - 1 < SNAPSHOT_MAX ? size - 1 : SNAPSHOT_MAX;
        memcpy(c.bytes, data + 1, c.size);
    } else {
        c.size = good_size;
        memcpy(c.bytes, good, good_size);
        for (size_t at = 1; at + 4 <= size && at < 4 * CHANGES_MAX; at += 4) {
            change(&c, data + at);
        }
    }
    if ((how & REPAIRS) != 0) {
        repair(&c, (how & REPAIRS_HEAD) != 0);
    }
    memset(memory + block_size, 0x5a, GUARD);
    const int result = load(&c, &engine);
    for (size_t i = 0; i < GUARD; i++) {
        fuzz_check(memory[block_size + i] == 0x5a);
    }
    const bool is_good = c.size == good_size && memcmp(c.bytes, good, good_size) == 0;
    fuzz_check(result == TRD_OK ? engine != NULL : is_refusal(result) && engine == NULL);
    fuzz_check(!is_good || result == TRD_OK);
    if ((how & REPAIRS) == 0 && result == TRD_OK) {
        uint64_t digest;
        fuzz_check(is_good);
        fuzz_check(trd_engine_digest(engine, &digest) == TRD_OK);
        fuzz_check(memcmp(&digest, good + offsetof(trd_snapshot_head, digest), 8) == 0);
    }
    return 0;
}
