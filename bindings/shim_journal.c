/* shim_journal.c - a walk over the segments of a journal, in memory of its own. */
#include <stdlib.h>

#include "bindings/inner.h"

struct trb_journal {
    trd_journal_walk walk;
    uint8_t *segment; /* a copy of what was entered last */
    int is_open;
};

enum { SEGMENT_ALIGN = 64 };

static int usable(const trb_journal *journal) {
    return journal->is_open ? TRD_OK : TRB_E_CLOSED;
}

trb_journal *trb_journal_new(void) {
    return calloc(1, sizeof(trb_journal));
}

void trb_journal_delete(trb_journal *journal) {
    if (journal != NULL) {
        free(journal->segment);
        free(journal);
    }
}

int trb_journal_open(trb_journal *journal) {
    if (journal->is_open) {
        return TRD_E_ARG;
    }
    trd_journal_walk_begin(&journal->walk);
    journal->is_open = 1;
    return TRD_OK;
}

int trb_journal_close(trb_journal *journal) {
    const int result = usable(journal);
    free(journal->segment);
    memset(journal, 0, sizeof(*journal));
    return result;
}

int trb_journal_is_open(const trb_journal *journal) {
    return journal->is_open;
}

/* The segment before stays until the walk has left it. */
int trb_journal_enter(trb_journal *journal, uint64_t number, const void *data, size_t size) {
    int result = usable(journal);
    if (result != TRD_OK) {
        return result;
    }
    if (size > SIZE_MAX - SEGMENT_ALIGN) {
        return TRD_E_MEMORY;
    }
    uint8_t *segment = aligned_alloc(
        SEGMENT_ALIGN, (size + SEGMENT_ALIGN) & ~(size_t)(SEGMENT_ALIGN - 1)); /* never 0 bytes */
    if (segment == NULL) {
        return TRD_E_MEMORY;
    }
    if (size > 0) {
        memcpy(segment, data, size);
    }
    result = trd_journal_walk_enter(&journal->walk, number, segment, size);
    if (result != TRD_OK) {
        free(segment);
        return result;
    }
    free(journal->segment);
    journal->segment = segment;
    return TRD_OK;
}

/* Where the payload finds no room the walk has not moved: it is a plain value. */
int trb_journal_next(trb_journal *journal, trb_events *to, void *out, size_t out_size) {
    int result = usable(journal);
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(trd_journal_frame)) {
        return TRB_E_BUFFER;
    }
    const trd_journal_walk before = journal->walk;
    const trd_journal_frame *frame = NULL;
    result = trd_journal_walk_next(&journal->walk, &frame);
    if (result != 1) {
        return result;
    }
    result = trb_events_append(to, frame + 1, frame->payload * sizeof(*frame));
    if (result != TRD_OK) {
        journal->walk = before;
        return result;
    }
    memcpy(out, frame, sizeof(*frame));
    return 1;
}

int trb_journal_end(const trb_journal *journal, void *out, size_t out_size) {
    const int result = usable(journal);
    trd_journal_report report;
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(report)) {
        return TRB_E_BUFFER;
    }
    const int ended = trd_journal_walk_end(&journal->walk, &report);
    if (ended == TRD_OK || ended == TRD_E_CORRUPT) {
        memcpy(out, &report, sizeof(report));
    }
    return ended;
}
