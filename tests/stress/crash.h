/* crash.h - what a server that is killed and the witness who survives it say to each other.
 *
 *     witness                                      server, a process
 *     commands in the order of their numbers --->  trd_node_send
 *     notes, some with events behind         <---  trd_node_peek
 *
 * Each arrow is a pipe. What was written to one is there when its writer has been killed, and each
 * write is one piece: so whatever a server has told of counts, up to its last moment. */
#ifndef TRD_STRESS_CRASH_H
#define TRD_STRESS_CRASH_H

#include <limits.h>
#include <stddef.h>

#include <tradsys/engine.h>
#include <tradsys/event.h>

enum crash_kind {
    CRASH_REFUSED = 1, /* the node cannot be opened: `result`; `event`: the last one there is */
    CRASH_OPENED,      /* recovered: `seq`, `event` of the last command and event; `replayed` */
    CRASH_LIVE,        /* what was owed has been told: `seq` as above */
    CRASH_EVENTS,      /* `slots` slots of them are behind this */
    CRASH_SHOT_BEGINS, /* a snapshot */
    CRASH_SHOT_ENDS,   /* it is there: `seq` */
    CRASH_ENDED        /* in order: the trail's `seq`, `hash`, and `event`: slots */
};

typedef struct crash_note {
    uint32_t kind;
    uint32_t slots;
    int32_t result;
    uint32_t reserved;
    uint64_t seq, event, hash, replayed;
} crash_note;

/* Slots behind one note: what the system writes to a pipe in one piece. */
enum { CRASH_SLOTS_MAX = (PIPE_BUF - (int)sizeof(crash_note)) / TRD_SLOT_SIZE };

/* What one write has. */
typedef struct crash_message {
    crash_note note;
    trd_event slots[CRASH_SLOTS_MAX];
} crash_message;

_Static_assert(sizeof(crash_message) <= PIPE_BUF, "in one piece");
_Static_assert(offsetof(crash_message, slots) == sizeof(crash_note), "without a gap");

/* One life of a server. */
typedef struct crash_life {
    const char *directory; /* of the node */
    const char *archive;   /* where segments are kept that the node removes */
    uint64_t last;         /* event that the witness has */
    uint32_t threads, idle, mode, keep, plain;
    uint64_t segment_size;
    uint32_t batch_size;
    uint32_t shot_us;  /* from the end of a snapshot to the beginning of the next */
    int commands_from; /* read end; when it ends, so does the server */
    int notes_to;      /* write end */
} crash_life;

/* Lives, and ends the process. */
_Noreturn void crash_serve(const crash_life *life);

typedef struct crash_segments {
    uint64_t made;
    uint64_t kept; /* the others were removed on the way */
} crash_segments;

/* Reads the whole journal, removed segments included: it must hold commands 1 to `commands`, each
 * once and as it was sent, and lead to the events that `engine` has written. */
crash_segments crash_audit(
    const char *directory, const char *archive, uint64_t commands, const trd_engine *engine);

/* The name of the file system that a directory is on, "?" if there is none. */
void crash_file_system(const char *directory, char *name, size_t size);

#endif
