/* shot.c - snapshots in files: named by the last command, whole or not there. */
#include <errno.h>
#include <string.h>

#include "core/hash.h"
#include "io/node.h"

enum { DIGITS = 20, NAME_SIZE = 32, BUFFER = 65536 };
static const char SUFFIX[] = ".snapshot";
static const char UNFINISHED[] = "snapshot.new";

_Static_assert(DIGITS + sizeof(SUFFIX) <= NAME_SIZE, "a name has room");

static void name_of(uint64_t seq, char name[NAME_SIZE]) {
    for (int i = DIGITS - 1; i >= 0; i--) {
        name[i] = (char)('0' + seq % 10);
        seq /= 10;
    }
    memcpy(name + DIGITS, SUFFIX, sizeof(SUFFIX));
}

/* Is that the name of a snapshot? Then *seq is its number. */
static bool is_name(const char *name, uint64_t *seq) {
    *seq = 0;
    for (int i = 0; i < DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9' || __builtin_mul_overflow(*seq, 10u, seq) ||
            __builtin_add_overflow(*seq, (uint64_t)(name[i] - '0'), seq)) {
            return false;
        }
    }
    return strcmp(name + DIGITS, SUFFIX) == 0;
}

typedef struct search {
    uint64_t bound, seq;
    bool found;
} search;

static int look_at(void *to, const char *name) {
    search *s = to;
    uint64_t seq;
    if (is_name(name, &seq) && seq < s->bound && (!s->found || seq > s->seq)) {
        s->seq = seq;
        s->found = true;
    }
    return 0;
}

int trd__shot_below(const trd_node *node, uint64_t bound, uint64_t *seq, trd_io_fault *fault) {
    search s = {.bound = bound};
    const int result = node->ops.list(node->ops.user, node->directory, look_at, &s);
    if (result < 0) {
        return trd__fault(fault, TRD_IO_LIST, result, 0, 0);
    }
    *seq = s.seq;
    return s.found;
}

/* --- writing ---------------------------------------------------------------------------------- */

static int write_whole(const trd_node *n, int fd, const uint8_t *from, uint64_t size, uint64_t at,
    uint64_t number, trd_io_fault *fault) {
    int retries = 0;
    for (uint64_t done = 0; done < size;) {
        const int64_t put = n->ops.write(n->ops.user, fd, from + done, size - done, at + done);
        if (put > 0) {
            done += (uint64_t)put;
            retries = 0;
        } else if ((put < 0 && !trd__again(TRD_IO_WRITE, put)) || ++retries > TRD__RETRIES_MAX) {
            return trd__fault(fault, TRD_IO_WRITE, put, number, at + done);
        }
    }
    return TRD_OK;
}

static int sync_file(const trd_node *n, int fd, uint64_t number, trd_io_fault *fault) {
    int result, tries = 0;
    do {
        result = n->ops.sync(n->ops.user, fd);
    } while (trd__again(TRD_IO_SYNC, result) && ++tries < TRD__RETRIES_MAX);
    return result < 0 ? trd__fault(fault, TRD_IO_SYNC, result, number, 0) : TRD_OK;
}

static int write_pages(
    const trd_node *n, int fd, trd_snapshot_writer *writer, uint8_t *buffer, trd_io_fault *fault) {
    uint64_t at = 0;
    int more;
    do {
        size_t size = 0;
        more = trd_snapshot_write(writer, buffer, BUFFER, &size);
        trd_assert(more == TRD_OK || more == TRD_MORE);
        const int result = write_whole(n, fd, buffer, size, at, writer->head.seq, fault);
        if (result != TRD_OK) {
            return result;
        }
        at += size;
    } while (more == TRD_MORE);
    return sync_file(n, fd, writer->head.seq, fault);
}

int trd__shot_write(
    const trd_node *node, const trd_engine *engine, trd_snapshot_head *head, trd_io_fault *fault) {
    trd__block block;
    if (!trd__block_make(&block, &node->mem, sizeof(trd_snapshot_writer) + BUFFER, false)) {
        return TRD_E_MEMORY;
    }
    trd_snapshot_writer *writer = block.at;
    int result = trd_snapshot_begin(writer, engine);
    if (result == TRD_OK) {
        *head = writer->head;
        const int fd = node->ops.open(node->ops.user, node->directory, UNFINISHED, TRD_IO_TO_WRITE);
        if (fd < 0) {
            result = trd__fault(fault, TRD_IO_OPEN, fd, head->seq, 0);
        } else {
            result = write_pages(node, fd, writer, (uint8_t *)(writer + 1), fault);
            node->ops.close(node->ops.user, fd);
        }
    }
    trd__block_free(&block, &node->mem);
    return result;
}

int trd__shot_publish(const trd_node *node, uint64_t seq, trd_io_fault *fault) {
    char name[NAME_SIZE];
    name_of(seq, name);
    const int result = node->ops.rename(node->ops.user, node->directory, UNFINISHED, name);
    if (result < 0) {
        return trd__fault(fault, TRD_IO_RENAME, result, seq, 0);
    }
    return sync_file(node, node->directory, seq, fault);
}

/* --- reading ---------------------------------------------------------------------------------- */

static int open_shot(const trd_node *n, uint64_t seq, trd_io_fault *fault) {
    char name[NAME_SIZE];
    name_of(seq, name);
    const int fd = n->ops.open(n->ops.user, n->directory, name, TRD_IO_TO_READ);
    return fd < 0 ? trd__fault(fault, TRD_IO_OPEN, fd, seq, 0) : fd;
}

/* A head of another format has a right hash all the same; a damaged one has not. */
static int judge(const uint8_t *bytes, size_t size, uint64_t seq, trd_snapshot_head *head) {
    const int result = trd_snapshot_peek(bytes, size, head);
    if (result == TRD_E_UNKNOWN) {
        memcpy(head, bytes, sizeof(*head));
        const size_t hashed = offsetof(trd_snapshot_head, head_hash);
        return trd__hash(bytes, hashed, 0) == head->head_hash ? TRD_E_UNKNOWN : TRD_E_CORRUPT;
    }
    return result == TRD_OK && head->seq == seq ? TRD_OK : TRD_E_CORRUPT;
}

int trd__shot_head(
    const trd_node *node, uint64_t seq, trd_snapshot_head *head, trd_io_fault *fault) {
    uint8_t bytes[sizeof(*head)];
    const int fd = open_shot(node, seq, fault);
    if (fd < 0) {
        return fd;
    }
    const int64_t got = trd__read_whole(&node->ops, fd, bytes, sizeof(bytes));
    node->ops.close(node->ops.user, fd);
    return got < 0 ? trd__fault(fault, TRD_IO_READ, got, seq, 0)
                   : judge(bytes, (size_t)got, seq, head);
}

/* Feeds the reader with what is behind the head. */
static int read_pages(
    const trd_node *n, int fd, trd_snapshot_reader *reader, uint8_t *buffer, trd_io_fault *fault) {
    uint64_t at = sizeof(trd_snapshot_head);
    int retries = 0;
    for (;;) {
        const int64_t got = n->ops.read(n->ops.user, fd, buffer, BUFFER, at);
        if (got == 0) {
            return TRD_OK;
        }
        if (got > 0) {
            if (trd_snapshot_read(reader, buffer, (size_t)got) < 0) {
                return TRD_E_CORRUPT;
            }
            at += (uint64_t)got;
            retries = 0;
        } else if (!trd__again(TRD_IO_READ, got) || ++retries > TRD__RETRIES_MAX) {
            return trd__fault(fault, TRD_IO_READ, got, reader->head.seq, at);
        }
    }
}

static int load(
    trd_node *n, const trd_snapshot_head *head, trd_snapshot_reader *reader, trd_io_fault *fault) {
    const trd__block *block = &n->engine_block;
    const int opened = trd_snapshot_open(reader, head, block->at, block->size);
    if (opened != TRD_OK) {
        return opened == TRD_E_UNKNOWN ? TRD_E_UNKNOWN : TRD_E_CORRUPT;
    }
    const int fd = open_shot(n, head->seq, fault);
    if (fd < 0) {
        return fd;
    }
    const int result = read_pages(n, fd, reader, (uint8_t *)(reader + 1), fault);
    n->ops.close(n->ops.user, fd);
    if (result != TRD_OK) {
        return result;
    }
    return trd_snapshot_engine(reader, NULL, &n->engine) == TRD_OK ? TRD_OK : TRD_E_CORRUPT;
}

int trd__shot_load(
    trd_node *node, uint64_t seq, const trd_snapshot_head *head, trd_io_fault *fault) {
    trd__block work;
    const bool huge = (node->def.flags & TRD_NODE_HUGE) != 0;
    trd_assert(head->seq == seq);
    if (!trd__block_make(&work, &node->mem, sizeof(trd_snapshot_reader) + BUFFER, false)) {
        return TRD_E_MEMORY;
    }
    int result = TRD_E_MEMORY;
    if (trd__block_make(&node->engine_block, &node->mem, head->block_size, huge)) {
        result = load(node, head, work.at, fault);
    }
    if (result != TRD_OK) {
        trd__block_free(&node->engine_block, &node->mem);
    }
    trd__block_free(&work, &node->mem);
    return result;
}

/* --- keeping ---------------------------------------------------------------------------------- */

/* Removes all snapshots below `bound`. The directory says so when it returns. */
static int remove_below(const trd_node *n, uint64_t bound, trd_io_fault *fault) {
    uint64_t seq = 0;
    int found, removed = 0;
    while ((found = trd__shot_below(n, bound, &seq, fault)) == 1) {
        char name[NAME_SIZE];
        name_of(seq, name);
        const int result = n->ops.remove(n->ops.user, n->directory, name);
        if (result < 0) {
            return trd__fault(fault, TRD_IO_REMOVE, result, seq, 0);
        }
        bound = seq;
        removed++;
    }
    return found < 0 || removed == 0 ? found : sync_file(n, n->directory, 0, fault);
}

/* The last event that all have who say what they have. */
static uint64_t confirmed_by_all(const trd_node *n) {
    uint64_t lowest = UINT64_MAX;
    for (uint32_t i = 0; i < n->def.subscribers; i++) {
        const trd__subscriber *s = &n->subscribers[i];
        const uint64_t confirmed = atomic_load_explicit(&s->confirmed, memory_order_relaxed);
        const bool counts = (s->def.flags & TRD_SUBSCRIBE_CONFIRMS) != 0 &&
                            atomic_load_explicit(&s->dropped, memory_order_relaxed) == 0;
        lowest = counts && confirmed < lowest ? confirmed : lowest;
    }
    return lowest;
}

/* Is there an event that somebody lacks and that this snapshot is behind? One that is not whole
 * makes nothing again. */
static bool is_behind(const trd_node *n, uint64_t seq, uint64_t confirmed) {
    trd_snapshot_head head;
    return trd__shot_head(n, seq, &head, NULL) != TRD_OK || head.events > confirmed;
}

/* The oldest snapshot to keep: 1 and *oldest; 0: there are none; TRD_E_IO. */
static int find_oldest(const trd_node *n, uint64_t *oldest, trd_io_fault *fault) {
    const uint64_t confirmed = confirmed_by_all(n);
    uint64_t bound = UINT64_MAX;
    uint32_t kept = 0;
    int found;
    while ((found = trd__shot_below(n, bound, &bound, fault)) == 1) {
        *oldest = bound;
        kept++;
        if (kept >= n->def.keep && (confirmed == UINT64_MAX || !is_behind(n, bound, confirmed))) {
            return 1;
        }
    }
    return found < 0 ? found : kept > 0;
}

int trd__shot_retain(const trd_node *node, trd_io_fault *fault) {
    uint64_t oldest = 0;
    const int found = find_oldest(node, &oldest, fault);
    if (found <= 0) {
        return found;
    }
    int result = remove_below(node, oldest, fault);
    if (result != TRD_OK) {
        return result;
    }
    /* What the oldest snapshot needs begins behind it. */
    trd_journal_trimming def = trd_journal_trimming_default();
    def.directory = node->journal_def.directory;
    def.seq = oldest + 1;
    def.archive = node->def.archive;
    def.user = node->def.archive_user;
    def.ops = &node->ops;
    def.mem = node->mem;
    result = trd_journal_trim(&def, fault);
    return result < 0 ? result : TRD_OK;
}
