/* seal.c - chains of digests over blocks of records. */
#include <tradsys/seal.h>

#include <string.h>

#include "core/compiler.h"

/* What of a seal is digested, ahead of the slots. */
enum { HEAD = offsetof(trd_seal, digest), SLOT = 64 };

static bool is_block(const void *slots, size_t count) {
    return slots != NULL && count != 0 && count <= SIZE_MAX / SLOT;
}

static int digest_of(const trd_sealer *sealer, const trd_seal *seal, const void *slots,
    size_t count, uint8_t out[TRD_DIGEST_SIZE]) {
    const trd_digest *digest = &sealer->digest;
    const int result = digest->sum(digest->user, seal, HEAD, slots, count * SLOT, out);
    return result < 0 ? result : TRD_OK;
}

static void advance(trd_sealer *sealer, const trd_seal *seal) {
    sealer->number = seal->number + 1;
    memcpy(sealer->before, seal->digest, TRD_DIGEST_SIZE);
}

int trd_sealer_start(trd_sealer *sealer, const trd_digest *digest, const trd_seal *last) {
    if (sealer == NULL || digest == NULL || digest->sum == NULL) {
        return TRD_E_ARG;
    }
    *sealer = (trd_sealer){.digest = *digest};
    if (last != NULL) {
        advance(sealer, last);
    }
    return TRD_OK;
}

int trd_seal_make(trd_sealer *sealer, const void *slots, size_t count, trd_ns time, trd_seal *out) {
    if (sealer == NULL || out == NULL || !is_block(slots, count)) {
        return TRD_E_ARG;
    }
    trd_seal seal = {.number = sealer->number, .slots = count, .time = time};
    memcpy(seal.before, sealer->before, TRD_DIGEST_SIZE);
    const int result = digest_of(sealer, &seal, slots, count, seal.digest);
    if (result == TRD_OK) {
        advance(sealer, &seal);
        *out = seal;
    }
    return result;
}

int trd_seal_verify(trd_sealer *sealer, const trd_seal *seal, const void *slots, size_t count) {
    if (sealer == NULL || seal == NULL || !is_block(slots, count)) {
        return TRD_E_ARG;
    }
    if (seal->number != sealer->number ||
        memcmp(seal->before, sealer->before, TRD_DIGEST_SIZE) != 0) {
        return TRD_E_UNKNOWN;
    }
    uint8_t digest[TRD_DIGEST_SIZE];
    const int result = digest_of(sealer, seal, slots, count, digest);
    if (result != TRD_OK) {
        return result;
    }
    if (seal->slots != count || memcmp(digest, seal->digest, TRD_DIGEST_SIZE) != 0) {
        return TRD_E_FORMAT;
    }
    advance(sealer, seal);
    return TRD_OK;
}
