/* Chains of seals: docs/formats/seal.md. The digest is OpenSSL's SHA-256. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include <tradsys/seal.h>

enum { BLOCKS = 4, SLOTS = 3 };

/* MemorySanitizer takes what it did not compile, and so OpenSSL, for writing nothing. */
static void skip_where_openssl_is_misunderstood(void) {
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
    cr_skip("not under MemorySanitizer");
#endif
#endif
}

TestSuite(seal, .init = skip_where_openssl_is_misunderstood);

static int sha256(
    void *user, const void *head, size_t head_size, const void *data, size_t size, uint8_t *out) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int *calls = user;
    *calls += 1;
    cr_assert(EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    cr_assert(EVP_DigestUpdate(context, head, head_size) == 1);
    cr_assert(EVP_DigestUpdate(context, data, size) == 1);
    cr_assert(EVP_DigestFinal_ex(context, out, NULL) == 1);
    EVP_MD_CTX_free(context);
    return 0;
}

static int broken(
    void *user, const void *head, size_t head_size, const void *data, size_t size, uint8_t *out) {
    (void)user, (void)head, (void)head_size, (void)data, (void)size;
    memset(out, 0xee, TRD_DIGEST_SIZE);
    return TRD_E_MEMORY;
}

static int calls;
static const trd_digest digest = {sha256, &calls};

static trd_sealer sealer_at(const trd_seal *last) {
    trd_sealer sealer;
    cr_assert(eq(int, trd_sealer_start(&sealer, &digest, last), TRD_OK));
    return sealer;
}

/* A stored chain: blocks of 1, 2, 3, 1 slots. */
typedef struct chain {
    uint8_t slots[BLOCKS][SLOTS * 64];
    size_t counts[BLOCKS];
    trd_seal seals[BLOCKS];
} chain;

static chain chain_new(void) {
    chain c = {.counts = {1, 2, 3, 1}};
    trd_sealer sealer = sealer_at(NULL);
    for (size_t i = 0; i < BLOCKS; i++) {
        memset(c.slots[i], (int)(17 * i + 1), sizeof(c.slots[i]));
        cr_assert(eq(int,
            trd_seal_make(&sealer, c.slots[i], c.counts[i], (trd_ns)(5 * i), &c.seals[i]), TRD_OK));
    }
    return c;
}

/* The first block that is refused, with its result; BLOCKS if none is. */
static size_t walk(const chain *c, int *result) {
    trd_sealer sealer = sealer_at(NULL);
    for (size_t i = 0; i < BLOCKS; i++) {
        *result = trd_seal_verify(&sealer, &c->seals[i], c->slots[i], c->counts[i]);
        if (*result != TRD_OK) {
            return i;
        }
    }
    return BLOCKS;
}

static void hex_of(const uint8_t *bytes, char out[2 * TRD_DIGEST_SIZE + 1]) {
    for (size_t i = 0; i < TRD_DIGEST_SIZE; i++) {
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
}

/* Computed from the page with another implementation:
 *     d0 = sha256(pack('<QQqQ', 0, 1, 1000, 0) + bytes(32) + bytes(range(64)))
 *     d1 = sha256(pack('<QQqQ', 1, 2, 2000, 0) + d0 + bytes(128))      (Python: hashlib, struct) */
Test(seal, the_bytes_are_those_of_the_format) {
    uint8_t first[64];
    const uint8_t second[128] = {0};
    trd_sealer sealer = sealer_at(NULL);
    trd_seal seal;
    char text[2 * TRD_DIGEST_SIZE + 1];
    for (size_t i = 0; i < sizeof(first); i++) {
        first[i] = (uint8_t)i;
    }
    cr_assert(eq(int, trd_seal_make(&sealer, first, 1, 1000, &seal), TRD_OK));
    hex_of(seal.digest, text);
    cr_assert(eq(str, text, "72887d47269a2d8d6b72bdef27494b4febee463c03a6bd8e5b949a4136b1cf2d"));
    cr_assert(eq(int, trd_seal_make(&sealer, second, 2, 2000, &seal), TRD_OK));
    hex_of(seal.digest, text);
    cr_assert(eq(str, text, "2b520dd1f1ea3e41f6e14089c65814c81ed6ed2388c0b21cc158284e82758ff5"));
    cr_assert(eq(u64, seal.number, 1));
    cr_assert(eq(u64, seal.slots, 2));
}

Test(seal, an_untouched_chain_verifies_from_any_of_its_seals) {
    const chain c = chain_new();
    int result;
    cr_assert(eq(sz, walk(&c, &result), BLOCKS));
    for (size_t from = 0; from + 1 < BLOCKS; from++) {
        trd_sealer sealer = sealer_at(&c.seals[from]);
        cr_assert(eq(int,
            trd_seal_verify(&sealer, &c.seals[from + 1], c.slots[from + 1], c.counts[from + 1]),
            TRD_OK));
    }
}

Test(seal, every_changed_bit_is_found_at_its_block) {
    chain c = chain_new();
    int result;
    for (size_t i = 0; i < BLOCKS; i++) {
        for (size_t bit = 0; bit < c.counts[i] * 64 * 8; bit++) {
            c.slots[i][bit / 8] ^= (uint8_t)(1u << bit % 8);
            cr_assert(eq(sz, walk(&c, &result), i));
            cr_assert(eq(int, result, TRD_E_FORMAT));
            c.slots[i][bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        uint8_t *seal = (uint8_t *)&c.seals[i];
        for (size_t bit = 0; bit < sizeof(trd_seal) * 8; bit++) {
            const size_t byte = bit / 8;
            const bool places = byte < 8 || (byte >= 32 && byte < 64); /* number, before */
            seal[byte] ^= (uint8_t)(1u << bit % 8);
            cr_assert(eq(sz, walk(&c, &result), i));
            cr_assert(eq(int, result, places ? TRD_E_UNKNOWN : TRD_E_FORMAT));
            seal[byte] ^= (uint8_t)(1u << bit % 8);
        }
    }
    cr_assert(eq(sz, walk(&c, &result), BLOCKS));
}

Test(seal, a_block_out_of_place_is_found) {
    const chain good = chain_new();
    int result;
    for (size_t a = 0; a < BLOCKS; a++) {
        for (size_t b = a + 1; b < BLOCKS; b++) { /* two change places */
            chain c = good;
            c.seals[a] = good.seals[b];
            c.seals[b] = good.seals[a];
            memcpy(c.slots[a], good.slots[b], sizeof(c.slots[a]));
            memcpy(c.slots[b], good.slots[a], sizeof(c.slots[b]));
            c.counts[a] = good.counts[b];
            c.counts[b] = good.counts[a];
            cr_assert(eq(sz, walk(&c, &result), a));
            cr_assert(eq(int, result, TRD_E_UNKNOWN));
        }
    }
    trd_sealer sealer = sealer_at(&good.seals[0]); /* the second one is missing */
    cr_assert(eq(int, trd_seal_verify(&sealer, &good.seals[2], good.slots[2], good.counts[2]),
        TRD_E_UNKNOWN));
    sealer = sealer_at(&good.seals[1]); /* the second one comes twice */
    cr_assert(eq(int, trd_seal_verify(&sealer, &good.seals[1], good.slots[1], good.counts[1]),
        TRD_E_UNKNOWN));
}

/* Whoever seals again from a changed block on cannot reach the seal that was kept elsewhere. */
Test(seal, a_chain_that_was_made_anew_ends_in_another_seal) {
    const chain good = chain_new();
    chain c = good;
    trd_sealer sealer = sealer_at(&good.seals[0]);
    int result;
    c.slots[1][0] ^= 1;
    for (size_t i = 1; i < BLOCKS; i++) {
        cr_assert(eq(int,
            trd_seal_make(&sealer, c.slots[i], c.counts[i], (trd_ns)(5 * i), &c.seals[i]), TRD_OK));
    }
    cr_assert(eq(sz, walk(&c, &result), BLOCKS));
    cr_assert(
        memcmp(c.seals[BLOCKS - 1].digest, good.seals[BLOCKS - 1].digest, TRD_DIGEST_SIZE) != 0);
}

Test(seal, what_fails_changes_nothing) {
    const chain c = chain_new();
    const trd_digest bad = {broken, NULL};
    const trd_digest none = {NULL, NULL};
    const uint8_t slot[64] = {0};
    trd_sealer sealer;
    trd_seal seal;
    memset(&sealer, 0x5a, sizeof(sealer));
    memset(&seal, 0x5a, sizeof(seal));
    trd_sealer was = sealer;
    const trd_seal seal_was = seal;
    cr_assert(eq(int, trd_sealer_start(NULL, &digest, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_sealer_start(&sealer, NULL, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_sealer_start(&sealer, &none, NULL), TRD_E_ARG));
    cr_assert(memcmp(&sealer, &was, sizeof(was)) == 0);

    cr_assert(eq(int, trd_sealer_start(&sealer, &bad, &c.seals[0]), TRD_OK));
    was = sealer;
    calls = 0;
    cr_assert(eq(int, trd_seal_make(&sealer, slot, 1, 0, &seal), TRD_E_MEMORY));
    cr_assert(
        eq(int, trd_seal_verify(&sealer, &c.seals[1], c.slots[1], c.counts[1]), TRD_E_MEMORY));
    cr_assert(eq(int, trd_seal_make(NULL, slot, 1, 0, &seal), TRD_E_ARG));
    cr_assert(eq(int, trd_seal_make(&sealer, NULL, 1, 0, &seal), TRD_E_ARG));
    cr_assert(eq(int, trd_seal_make(&sealer, slot, 0, 0, &seal), TRD_E_ARG));
    cr_assert(eq(int, trd_seal_make(&sealer, slot, SIZE_MAX / 64 + 1, 0, &seal), TRD_E_ARG));
    cr_assert(eq(int, trd_seal_make(&sealer, slot, 1, 0, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_seal_verify(NULL, &c.seals[1], slot, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_seal_verify(&sealer, NULL, slot, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_seal_verify(&sealer, &c.seals[1], NULL, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_seal_verify(&sealer, &c.seals[1], slot, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_seal_verify(&sealer, &c.seals[1], slot, SIZE_MAX / 64 + 1), TRD_E_ARG));
    cr_assert(memcmp(&sealer, &was, sizeof(was)) == 0);
    cr_assert(memcmp(&seal, &seal_was, sizeof(seal)) == 0);
    cr_assert(eq(int, calls, 0));
}
