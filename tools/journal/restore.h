/* restore.h - snapshots in files: found, judged, and made engines of. */
#ifndef JOURNAL_RESTORE_H
#define JOURNAL_RESTORE_H

#include <stdbool.h>
#include <tradsys/snapshot.h>

#include "replay/source.h"

/* How a snapshot is, in the order in which it is found out. */
typedef enum snapshot_state {
    SNAPSHOT_NONE,    /* no file that begins as one */
    SNAPSHOT_FOREIGN, /* of a format that is not known */
    SNAPSHOT_DAMAGED, /* a hash is wrong, or something is missing */
    SNAPSHOT_OTHER,   /* whole, but engines of this library are laid out otherwise */
    SNAPSHOT_GOOD     /* whole, and this library makes an engine of it */
} snapshot_state;

/* snapshot_state_text: as a sentence without its subject. */
const char *snapshot_state_text(snapshot_state state);

/* snapshot_check looks at every byte, without making an engine. *head is set unless NONE, FOREIGN,
 * or the head is damaged; *why says what is wrong, and *at is the byte. */
snapshot_state snapshot_check(
    const source *from, trd_snapshot_head *head, const char **why, uint64_t *at);

/* An engine of a snapshot. */
typedef struct restored {
    char *path; /* of the snapshot */
    trd_snapshot_head head;
    trd_engine *engine;
    void *block;
} restored;

/* restored_read makes an engine of the snapshot in a file. An exit code; what failed is said. */
int restored_read(restored *at, const char *path);

/* Which snapshot of a directory. A snapshot is any file that begins as one, whatever its name,
 * unless that ends in ".new". */
typedef struct snapshot_wanted {
    const char *directory;
    uint64_t least; /* its last command is in [least, most] */
    uint64_t most;
    bool oldest; /* of these the oldest, else the newest */
} snapshot_wanted;

/* restored_find makes an engine of the snapshot that is wanted; one that is damaged is said on
 * stderr, and the next best is taken. EXIT_INPUT, and said, if there is none. */
int restored_find(restored *at, const snapshot_wanted *wanted);

void restored_free(restored *at);

#endif
