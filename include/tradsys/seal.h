/* seal.h - records that nobody can change afterwards unnoticed.
 *
 * Commands and events are sealed in blocks: a seal holds the digest of its block and of the seal
 * before it, so that whoever knows one seal knows whether anything before it was changed, taken
 * out, put in, or put in another order. Meant for the audit of decisions: an engine's commands in
 * and events out, kept beside their seals.
 *
 *     trd_sealer_start    at the beginning, or behind the last seal that is stored
 *     trd_seal_make       one block after the other; store the seal behind the block
 *     trd_seal_verify     the same walk when it is read: TRD_OK up to the first break
 *
 * The digest is the caller's (trd_digest), 32 bytes: SHA-256 of any crypto library, or an HMAC of
 * it. Without a key a chain shows changes to whoever has kept one of its later seals somewhere
 * else (printed, sent to a supervisor, signed); with a key also to whoever has the key. What was
 * cut off at the end shows only by such a later seal. examples/seal.c does it with OpenSSL.
 *
 * All calls cost one digest of the block. No allocation, no system call; different sealers may be
 * used by different threads. docs/formats/seal.md has the bytes.
 */
#ifndef TRADSYS_SEAL_H
#define TRADSYS_SEAL_H

#include <tradsys/base.h>

TRD_BEGIN_DECLS

enum { TRD_DIGEST_SIZE = 32 };

/* `sum` stores the digest of the `head_size` bytes at `head` followed by the `size` bytes at
 * `data`, and returns 0; what it returns otherwise, below zero, is returned to the caller. */
typedef struct trd_digest {
    int (*sum)(void *user, const void *head, size_t head_size, const void *data, size_t size,
        uint8_t out[TRD_DIGEST_SIZE]);
    void *user;
} trd_digest;

/* A seal, as it is stored. Little-endian, no padding. */
typedef struct trd_seal {
    uint64_t number;                 /* 0, 1, 2, ... */
    uint64_t slots;                  /* 64-byte slots of the block, >= 1 */
    trd_ns time;                     /* the caller's */
    uint64_t reserved;               /* zero */
    uint8_t before[TRD_DIGEST_SIZE]; /* digest of the seal before; of the first one: zero */
    uint8_t digest[TRD_DIGEST_SIZE]; /* of all above, and of the slots */
} trd_seal;

TRD_STATIC_ASSERT(sizeof(trd_seal) == 96, "stored as it is");

/* Where a chain is. A plain value of the caller's: a copy goes on from the same place. */
typedef struct trd_sealer {
    trd_digest digest;
    uint64_t number; /* of the next seal */
    uint8_t before[TRD_DIGEST_SIZE];
} trd_sealer;

/* trd_sealer_start: `last` is the last seal of the chain, NULL for a new one. What is in `last` is
 * believed: verify the chain to learn whether it is to be. TRD_OK; TRD_E_ARG: NULL, no `sum`. */
TRD_API int trd_sealer_start(trd_sealer *sealer, const trd_digest *digest, const trd_seal *last);

/* trd_seal_make seals `count` slots and stores the seal. TRD_OK; TRD_E_ARG: a NULL argument, count
 * 0 or above SIZE_MAX / 64; what `sum` returned below zero. After a failure nothing has changed. */
TRD_API int trd_seal_make(
    trd_sealer *sealer, const void *slots, size_t count, trd_ns time, trd_seal *out);

/* trd_seal_verify: is `seal` the next one, and are these its slots? TRD_OK, and the sealer stands
 * behind it; TRD_E_UNKNOWN: it is not the next one, by its number or by `before` (a block or a seal
 * is missing, or out of place); TRD_E_FORMAT: the slots, or the seal, are not what was sealed;
 * TRD_E_ARG: a NULL argument, count 0 or too large; what `sum` returned. */
TRD_API int trd_seal_verify(
    trd_sealer *sealer, const trd_seal *seal, const void *slots, size_t count);

TRD_END_DECLS

#endif
