/* What stands in tests/golden of states: a snapshot that another program has written from
 * docs/formats/snapshot.md (make_snapshot.py says what is in it), and a text that the first version
 * with texts has written. Every version must judge the one and read the other. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

/* What make_snapshot.py printed. */
#define GOLDEN_DIGEST UINT64_C(0xef53d35fb1ea1de6)

enum { SIZE = 10496, TEXT_MAX = 1 << 17 };

static size_t load(const char *name, void *to, size_t most) {
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", TEST_GOLDEN, name);
    FILE *file = fopen(path, "rb");
    cr_assert(file != NULL);
    const size_t size = fread(to, 1, most, file);
    fclose(file);
    return size;
}

Test(snapshot_golden, is_known_by_its_head_and_no_engine_of_ours) {
    static uint8_t bytes[SIZE + 1];
    static _Alignas(64) uint8_t memory[16384];
    trd_snapshot_head head;
    trd_snapshot_reader reader;
    cr_assert(eq(sz, load("snapshot-1/42.snapshot", bytes, sizeof(bytes)), SIZE));
    cr_assert(eq(int, trd_snapshot_peek(bytes, SIZE, &head), TRD_OK));
    cr_assert(eq(u32, head.format, 1));
    cr_assert(eq(u64, head.layout, 0x0123456789abcdef));
    cr_assert(eq(u32, head.version, 7 << 16 | 8 << 8 | 9));
    cr_assert(eq(u64, head.block_size, 14400));
    cr_assert(eq(u64, head.pages, 3));
    cr_assert(eq(u64, head.size, SIZE));
    cr_assert(eq(i64, head.time, -5));
    cr_assert(eq(u64, head.seq, 42));
    cr_assert(eq(u64, head.events, 99));
    cr_assert(eq(u64, head.slots, 120));
    cr_assert(eq(u64, head.hash, 0xfedcba9876543210));
    cr_assert(eq(u64, head.digest, GOLDEN_DIGEST));
    cr_assert(eq(int, trd_snapshot_open(&reader, &head, memory, sizeof(memory)), TRD_E_UNKNOWN));
}

/* A share for cents, after command 6 of tests/tools/record_journal.c: Bert, account 1, has bought 3
 * at 50.00 of Anne's 10, account 0, who had 8 for sale. */
Test(snapshot_golden, a_text_of_the_first_version_is_an_engine_of_this_one) {
    static char text[TEXT_MAX];
    static trd_text_reader reader;
    trd_text_head head;
    trd_engine_def def;
    trd_engine *engine = NULL;
    trd_balance balance;
    trd_level level;
    size_t at = 0;
    const size_t size = load("text-1/6.text", text, TEXT_MAX);
    cr_assert(size > 0 && size < TEXT_MAX);
    cr_assert(eq(int, trd_text_peek(text, size, &head, &at, NULL), TRD_OK));
    cr_assert(eq(u64, head.seq, 6));
    trd_text_def(&head, &def);
    const size_t block_size = trd_engine_footprint(&def);
    void *mem = aligned_alloc(TRD_ENGINE_ALIGN, block_size);
    const unsigned flags = TRD_TEXT_EDITED | TRD_TEXT_PASS_OVER;
    cr_assert(eq(int, trd_text_open(&reader, &head, &def, mem, block_size, flags), TRD_OK));
    cr_assert(eq(int, trd_text_read(&reader, text + at, size - at), TRD_OK), "line %" PRIu64 ": %s",
        reader.fault.line, trd_text_why(reader.fault.why));
    cr_assert(eq(int, trd_text_engine(&reader, NULL, &engine), TRD_OK));
    const trd_accounts *accounts = trd_engine_accounts(engine);
    cr_assert(eq(int, trd_accounts_balance(accounts, 1, 0, &balance), TRD_OK));
    cr_assert(eq(i64, balance.free, 85000));
    cr_assert(eq(int, trd_accounts_balance(accounts, 1, 1, &balance), TRD_OK));
    cr_assert(eq(i64, balance.free, 3));
    cr_assert(eq(int, trd_accounts_balance(accounts, 0, 1, &balance), TRD_OK));
    cr_assert(eq(i64, balance.free, 2));
    cr_assert(eq(i64, balance.locked, 5));
    cr_assert(eq(int, trd_match_best(trd_engine_match(engine), 0, TRD_SELL, &level), 1));
    cr_assert(eq(i64, level.px, 5000));
    cr_assert(eq(i64, level.qty, 5));
    cr_assert(eq(int, trd_engine_audit(engine), TRD_OK));
}
