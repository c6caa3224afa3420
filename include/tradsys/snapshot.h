/* snapshot.h - the state of an engine as bytes: digests, copies, snapshots.
 *
 * An engine is one block without pointers. What is compared, copied and stored here is its image:
 * the block in pages of 4 KiB, with zeros where it holds what is no state (the caller's allocator,
 * scratch of the last command, what is only remembered to be found faster). Between two commands
 * two engines of one definition that were set up alike and have executed the same commands have the
 * same image, byte for byte: with step or run, whatever the outputs had room for, whatever was
 * asked in between, whichever compiler made the library, wherever the blocks lie. One that was
 * reset is another: its handles go on from those before.
 *
 *     trd_engine_digest      are two engines the same?
 *     trd_engine_page        where do they differ?
 *     trd_engine_copy        a second engine that stands where the first one does
 *     trd_snapshot_begin     begin, then write: the image as a stream of bytes
 *     trd_snapshot_open      open, then read: an engine of such a stream
 *
 * A snapshot is the image itself, so it is read by a library whose engines are laid out alike, and
 * refused by others (TRD_E_UNKNOWN). Every byte is covered by a hash, and nothing of it is used
 * before its hash is right; the hashes find accidents, not forgery: seal (seal.h) or sign what
 * others could have changed. docs/formats/snapshot.md has the bytes.
 *
 * While a command is pending there is no image: TRD_E_BUSY. No call allocates, or calls the system.
 * A writer and a reader are plain values of the caller, each of one thread.
 */
#ifndef TRADSYS_SNAPSHOT_H
#define TRADSYS_SNAPSHOT_H

#include <tradsys/base.h>
#include <tradsys/engine.h>

TRD_BEGIN_DECLS

enum { TRD_PAGE_SIZE = 4096 };

/* --- digests ---------------------------------------------------------------------------------- */

/* Parts of an engine, as bits. */
enum {
    TRD_PART_ENGINE = 1, /* the switch itself */
    TRD_PART_MATCH = 2,
    TRD_PART_ACCOUNTS = 4,
    TRD_PART_RISK = 8,
    TRD_PART_MONITOR = 16
};

/* A page of the image. */
typedef struct trd_page {
    uint64_t at;    /* offset of its first byte in the block */
    uint64_t hash;  /* XXH3-64, seeded with its number; 0 of a page of zeros */
    uint32_t size;  /* TRD_PAGE_SIZE; of the last page what is left */
    uint32_t parts; /* TRD_PART_* of which it has bytes */
} trd_page;

/* trd_engine_size: bytes of the block, as trd_engine_footprint said. */
TRD_API size_t trd_engine_size(const trd_engine *engine);

/* trd_engine_digest: one number for the whole image. It is made of the pages that are not zero: d
 * begins as the size of the block, and d' = XXH3-64 of (number, hash), 16 bytes, seeded with d.
 * TRD_OK; TRD_E_ARG: NULL; TRD_E_BUSY. Reads the whole block. */
TRD_API int trd_engine_digest(const trd_engine *engine, uint64_t *out);

/* trd_engine_page: what the digest is made of, page by page from 0. TRD_OK; TRD_E_ARG: NULL;
 * TRD_E_UNKNOWN: the block has fewer pages; TRD_E_BUSY. */
TRD_API int trd_engine_page(const trd_engine *engine, uint64_t number, trd_page *out);

/* trd_part_text names one bit; NULL for what is none. */
TRD_API const char *trd_part_text(unsigned part);

/* --- copies ----------------------------------------------------------------------------------- */

/* trd_engine_copy makes an engine in `mem`, which has `size` bytes, at least trd_engine_size, at
 * TRD_ENGINE_ALIGN and is no part of the block of `engine`; whatever is in it is written over. It
 * writes the same events from then on. It is as one that trd_engine_init has made in that memory:
 * not to be destroyed. Meant for snapshots: the flow stands still for the copy, and whatever is
 * written of the copy is written at leisure. Reads the whole block, and writes of `mem` what is not
 * the same zero already. TRD_OK and *out; TRD_E_ARG: NULL, too small, misaligned; TRD_E_BUSY. */
TRD_API int trd_engine_copy(const trd_engine *engine, void *mem, size_t size, trd_engine **out);

/* --- snapshots -------------------------------------------------------------------------------- */

#define TRD_SNAPSHOT_MAGIC UINT64_C(0x50414e5344525421) /* "!TRDSNAP" */

enum { TRD_SNAPSHOT_FORMAT = 1 };

/* How a snapshot begins, as it is stored. Little-endian, no padding. */
typedef struct trd_snapshot_head {
    uint64_t magic;      /* TRD_SNAPSHOT_MAGIC */
    uint32_t format;     /* TRD_SNAPSHOT_FORMAT */
    uint32_t head_size;  /* 128 */
    uint64_t layout;     /* of the block: hash of what its parts are and where they lie */
    uint32_t version;    /* trd_version() of the library that has written it: to be told */
    uint32_t page_size;  /* TRD_PAGE_SIZE */
    uint64_t block_size; /* bytes of the block: what open needs */
    uint64_t pages;      /* that are stored */
    uint64_t size;       /* of the whole snapshot, head and end included */
    trd_ns time;         /* of the engine */
    uint64_t seq;        /* of the command executed last (trd_event_trail) */
    uint64_t events;     /* seq of the last event */
    uint64_t slots;      /* of events that are in `hash`, 0 without a trail */
    uint64_t hash;
    uint64_t digest;      /* trd_engine_digest */
    uint64_t reserved[2]; /* zero */
    uint64_t head_hash;   /* XXH3-64 of the bytes before it */
} trd_snapshot_head;

TRD_STATIC_ASSERT(sizeof(trd_snapshot_head) == 128, "stored as it is");

/* What stands before each page, and at the end. */
typedef struct trd_snapshot_mark {
    uint64_t number; /* of the page, rising; UINT64_MAX at the end */
    uint64_t hash;   /* of the page; at the end of (head_hash, digest), 16 bytes */
} trd_snapshot_mark;

TRD_STATIC_ASSERT(sizeof(trd_snapshot_mark) == 16, "stored as it is");

/* A snapshot that is being written. To be looked at: `head`. */
typedef struct trd_snapshot_writer {
    trd_snapshot_head head; /* of the snapshot: its size, too */
    const trd_engine *engine;
    uint64_t next;   /* page that is looked at next */
    uint64_t digest; /* of the pages before it */
    uint32_t phase;
    uint32_t item_size; /* of `item` */
    uint32_t item_at;   /* bytes of it that were given */
    uint32_t reserved;
    uint8_t item[sizeof(trd_snapshot_mark) + TRD_PAGE_SIZE];
} trd_snapshot_writer;

/* trd_snapshot_begin begins a snapshot of `engine`, which executes nothing and is not destroyed
 * until it is written; who cannot wait so long begins one of a copy. Reads the whole block. TRD_OK,
 * and writer->head says what the snapshot is, and how large; TRD_E_ARG: NULL; TRD_E_BUSY. */
TRD_API int trd_snapshot_begin(trd_snapshot_writer *writer, const trd_engine *engine);

/* trd_snapshot_write stores the next bytes of the snapshot, up to `size`, and in *written how many
 * these are. Whatever the sizes, the bytes are the same. TRD_OK: these were the last ones;
 * TRD_MORE; TRD_E_BUSY: the engine has executed something meanwhile, what was written is to be
 * thrown away; TRD_E_ARG: NULL, size 0. O(size). */
TRD_API int trd_snapshot_write(
    trd_snapshot_writer *writer, void *out, size_t size, size_t *written);

/* trd_snapshot_peek reads the head of the snapshot that begins at `bytes`. TRD_OK and *out;
 * TRD_E_TRUNCATED: fewer than sizeof(trd_snapshot_head) bytes; TRD_E_FORMAT: no snapshot, or
 * damaged; TRD_E_UNKNOWN: a format that this library does not know; TRD_E_ARG: NULL. */
TRD_API int trd_snapshot_peek(const void *bytes, size_t size, trd_snapshot_head *out);

/* A snapshot that is being read. */
typedef struct trd_snapshot_reader {
    trd_snapshot_head head;
    uint8_t *mem;
    uint64_t next;   /* lowest page that can come */
    uint64_t digest; /* of the pages before it */
    uint64_t pages;  /* so far */
    int32_t state;   /* TRD_MORE, TRD_OK, or what it was refused for */
    uint32_t phase;
    uint32_t item_at; /* bytes of the mark, or page, that are there */
    uint32_t reserved;
    trd_snapshot_mark mark;
} trd_snapshot_reader;

/* trd_snapshot_open begins to read the snapshot with this head (peek) into `mem`, which has `size`
 * bytes, at least head->block_size, at TRD_ENGINE_ALIGN. TRD_OK; TRD_E_UNKNOWN: the engines of this
 * library are laid out otherwise; TRD_E_FORMAT: no head that peek has given; TRD_E_ARG: NULL, too
 * small, misaligned. */
TRD_API int trd_snapshot_open(
    trd_snapshot_reader *reader, const trd_snapshot_head *head, void *mem, size_t size);

/* trd_snapshot_read takes the next bytes of the snapshot, those behind its head first, in pieces of
 * any size. TRD_MORE: more must come; TRD_OK: it is complete and right; TRD_E_FORMAT: it is
 * damaged, or these bytes go on behind its end; then it is lost, and every later call says so.
 * TRD_E_ARG: NULL. */
TRD_API int trd_snapshot_read(trd_snapshot_reader *reader, const void *bytes, size_t size);

/* trd_snapshot_engine: the engine, in the memory that open was given, when read has said TRD_OK;
 * once. `mem` is where trd_engine_destroy gives the memory back, NULL if it is not to be destroyed.
 * TRD_OK and *out; TRD_E_TRUNCATED: more must come; TRD_E_FORMAT: it is damaged; TRD_E_ARG: NULL.
 */
TRD_API int trd_snapshot_engine(trd_snapshot_reader *reader, const trd_mem *mem, trd_engine **out);

TRD_END_DECLS

#endif
