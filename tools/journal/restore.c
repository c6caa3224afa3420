#include "journal/restore.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL /* as in the library: no other one is linked */
#include <xxhash.h>

#include "replay/symbols.h"

const char *snapshot_state_text(snapshot_state state) {
    static const char *const texts[] = {
        [SNAPSHOT_NONE] = "is not a snapshot",
        [SNAPSHOT_FOREIGN] = "is a snapshot in a format that this program does not know",
        [SNAPSHOT_DAMAGED] = "is damaged",
        [SNAPSHOT_OTHER] = "is of a library whose engines are laid out otherwise",
        [SNAPSHOT_GOOD] = "can be read by this program",
    };
    return texts[state];
}

/* --- every byte ------------------------------------------------------------------------------- */

/* One pass over the pages. */
typedef struct pass {
    const trd_snapshot_head *head;
    const uint8_t *data;
    uint64_t size;
    uint64_t at;
    uint64_t next; /* lowest page that can come */
    uint64_t pages;
    uint64_t digest;
    const char *why; /* NULL: nothing is wrong so far */
} pass;

static uint64_t hash_of_pair(uint64_t a, uint64_t b, uint64_t seed) {
    const uint64_t pair[2] = {a, b};
    return XXH3_64bits_withSeed(pair, sizeof(pair), seed);
}

static bool wrong(pass *at, const char *why) {
    at->why = why;
    return false;
}

static bool pass_end(pass *at, const trd_snapshot_mark *mark) {
    if (at->pages != at->head->pages || at->digest != at->head->digest) {
        return wrong(at, "the pages are not those that the head tells of");
    }
    if (mark->hash != hash_of_pair(at->head->head_hash, at->digest, 0)) {
        return wrong(at, "the hash of the end is wrong");
    }
    at->at += sizeof(*mark);
    return at->at == at->size || wrong(at, "there are bytes behind the end");
}

/* The next page, or the end: false after that, or at what is wrong. */
static bool pass_step(pass *at) {
    trd_snapshot_mark mark;
    const uint64_t left = at->size - at->at;
    if (left < sizeof(mark)) {
        return wrong(at, "the end is missing");
    }
    memcpy(&mark, at->data + at->at, sizeof(mark));
    if (mark.number == UINT64_MAX) {
        pass_end(at, &mark);
        return false;
    }
    const uint64_t count = (at->head->block_size + TRD_PAGE_SIZE - 1) / TRD_PAGE_SIZE;
    if (mark.number < at->next || mark.number >= count) {
        return wrong(at, "a page is out of order");
    }
    const uint64_t rest = at->head->block_size - mark.number * TRD_PAGE_SIZE;
    const uint64_t size = rest < TRD_PAGE_SIZE ? rest : TRD_PAGE_SIZE;
    if (left - sizeof(mark) < size) {
        return wrong(at, "the end is missing");
    }
    if (XXH3_64bits_withSeed(at->data + at->at + sizeof(mark), size, mark.number) != mark.hash) {
        return wrong(at, "the hash of a page is wrong");
    }
    at->digest = hash_of_pair(mark.number, mark.hash, at->digest);
    at->next = mark.number + 1;
    at->pages++;
    at->at += sizeof(mark) + size;
    return true;
}

/* A head that peek takes: do engines of this library look like that? Asked with memory that is too
 * small for any, so that there is another answer only for those that do not. */
static bool fits_here(const trd_snapshot_head *head) {
    trd_snapshot_reader reader;
    static _Alignas(TRD_ENGINE_ALIGN) uint8_t none[TRD_ENGINE_ALIGN];
    return trd_snapshot_open(&reader, head, none, sizeof(none)) != TRD_E_UNKNOWN;
}

snapshot_state snapshot_check(
    const source *from, trd_snapshot_head *head, const char **why, uint64_t *at) {
    uint64_t magic = 0;
    memcpy(&magic, from->data, from->size < sizeof(magic) ? from->size : sizeof(magic));
    *why = "";
    *at = 0;
    if (magic != TRD_SNAPSHOT_MAGIC) {
        return SNAPSHOT_NONE;
    }
    const int peeked = trd_snapshot_peek(from->data, from->size, head);
    if (peeked == TRD_E_UNKNOWN) {
        return SNAPSHOT_FOREIGN;
    }
    if (peeked != TRD_OK) {
        *why = peeked == TRD_E_TRUNCATED ? "the end is missing" : "the head is wrong";
        return SNAPSHOT_DAMAGED;
    }
    pass over = {.head = head,
        .data = (const uint8_t *)from->data,
        .size = from->size,
        .at = sizeof(*head),
        .digest = head->block_size};
    while (pass_step(&over)) {
    }
    if (over.why != NULL) {
        *why = over.why;
        *at = over.at;
        return SNAPSHOT_DAMAGED;
    }
    return fits_here(head) ? SNAPSHOT_GOOD : SNAPSHOT_OTHER;
}

/* --- an engine -------------------------------------------------------------------------------- */

static int make(restored *at, const source *from) {
    trd_snapshot_reader reader;
    const size_t size =
        (at->head.block_size + TRD_ENGINE_ALIGN - 1) / TRD_ENGINE_ALIGN * (size_t)TRD_ENGINE_ALIGN;
    at->block = memory_or_end(aligned_alloc(TRD_ENGINE_ALIGN, size));
    int result = trd_snapshot_open(&reader, &at->head, at->block, at->head.block_size);
    if (result == TRD_OK) {
        result = trd_snapshot_read(
            &reader, from->data + sizeof(at->head), from->size - sizeof(at->head));
    }
    if (result == TRD_OK) {
        result = trd_snapshot_engine(&reader, NULL, &at->engine);
    }
    return result == TRD_OK ? EXIT_DONE : complain(from->path, 0, "%s", trd_result_text(result));
}

static int read_source(restored *at, const source *from) {
    const char *why;
    uint64_t byte;
    const snapshot_state state = snapshot_check(from, &at->head, &why, &byte);
    if (state == SNAPSHOT_DAMAGED) {
        return complain(from->path, 0, "byte %" PRIu64 ": %s: the snapshot is damaged", byte, why);
    }
    if (state != SNAPSHOT_GOOD) {
        return complain(from->path, 0, "%s", snapshot_state_text(state));
    }
    return make(at, from);
}

int restored_read(restored *at, const char *path) {
    source from;
    *at = (restored){0};
    int result = source_open(&from, path);
    if (result != EXIT_DONE) {
        return result;
    }
    at->path = memory_or_end(strdup(path));
    result = read_source(at, &from);
    source_close(&from);
    if (result != EXIT_DONE) {
        restored_free(at);
    }
    return result;
}

void restored_free(restored *at) {
    free(at->block); /* the engine is in it, and has no memory of its own */
    free(at->path);
    *at = (restored){0};
}

/* --- found ------------------------------------------------------------------------------- */

typedef struct found {
    char *path;
    uint64_t seq;
} found;

typedef struct findings {
    found *list;
    size_t count;
} findings;

/* What begins as a snapshot. Files that are none are passed over without a word: a directory of a
 * journal has others. */
static bool begins(const char *path, uint64_t *seq) {
    trd_snapshot_head head = {0};
    uint8_t bytes[sizeof(head)] = {0};
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return false;
    }
    const size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    memcpy(&head, bytes, sizeof(head));
    if (head.magic != TRD_SNAPSHOT_MAGIC) {
        return false;
    }
    const int result = trd_snapshot_peek(bytes, size, &head);
    if (result != TRD_OK) {
        complain(path, 0, "passed over: its head is damaged, or of another format");
    }
    *seq = head.seq;
    return result == TRD_OK;
}

static bool is_new(const char *name) {
    const size_t size = strlen(name);
    return size > 4 && strcmp(name + size - 4, ".new") == 0;
}

static void collect(findings *to, DIR *open, const snapshot_wanted *wanted) {
    for (const struct dirent *entry; (entry = readdir(open)) != NULL;) {
        const size_t size = strlen(wanted->directory) + strlen(entry->d_name) + 2;
        const bool regular =
            entry->d_type == DT_REG || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
        if (!regular || is_new(entry->d_name)) {
            continue;
        }
        char *path = memory_or_end(malloc(size));
        snprintf(path, size, "%s/%s", wanted->directory, entry->d_name);
        uint64_t seq;
        if (begins(path, &seq) && seq >= wanted->least && seq <= wanted->most) {
            to->list = memory_or_end(realloc(to->list, (to->count + 1) * sizeof(to->list[0])));
            to->list[to->count++] = (found){path, seq};
        } else {
            free(path);
        }
    }
}

/* Of one command by name, so that the choice is the same everywhere. */
static int oldest_first(const void *a, const void *b) {
    const found *left = a, *right = b;
    const int by_seq = (left->seq > right->seq) - (left->seq < right->seq);
    return by_seq != 0 ? by_seq : strcmp(left->path, right->path);
}

static int pick(restored *at, const findings *all, const snapshot_wanted *wanted) {
    int result = EXIT_INPUT;
    for (size_t i = 0; i < all->count && result != EXIT_DONE; i++) {
        result = restored_read(at, all->list[wanted->oldest ? i : all->count - 1 - i].path);
    }
    return result;
}

static int say_none(const snapshot_wanted *wanted) {
    if (wanted->oldest) {
        return complain(wanted->directory, 0,
            "has no snapshot of command %" PRIu64 " or later, where the journal goes on",
            wanted->least);
    }
    return complain(
        wanted->directory, 0, "has no snapshot of command %" PRIu64 " or earlier", wanted->most);
}

int restored_find(restored *at, const snapshot_wanted *wanted) {
    findings all = {0};
    *at = (restored){0};
    DIR *open = opendir(wanted->directory);
    if (open == NULL) {
        return complain(wanted->directory, 0, "%s", strerror(errno));
    }
    collect(&all, open, wanted);
    closedir(open);
    if (all.count == 0) {
        return say_none(wanted);
    }
    qsort(all.list, all.count, sizeof(all.list[0]), oldest_first);
    const int result = pick(at, &all, wanted);
    for (size_t i = 0; i < all.count; i++) {
        free(all.list[i].path);
    }
    free(all.list);
    return result;
}
