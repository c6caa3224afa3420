/* trim.c - segments that nobody needs any more are removed, the oldest first. */
#include "core/def.h"
#include "io/reader.h"

typedef struct trim {
    const trd_journal_trimming *def;
    const trd_io_ops *ops;
    int directory;
    uint8_t *memory;
    trd_io_fault *fault;
} trim;

static int sync_directory(const trim *t) {
    int result, tries = 0;
    do {
        result = t->ops->sync(t->ops->user, t->directory);
    } while (trd__again(TRD_IO_SYNC, result) && ++tries < TRD__RETRIES_MAX);
    return result < 0 ? trd__fault(t->fault, TRD_IO_SYNC, result, 0, 0) : TRD_OK;
}

static int remove_one(const trim *t, uint64_t number) {
    char name[TRD__NAME_SIZE];
    trd__name_of(number, name);
    if (t->def->archive != NULL) {
        const int result = t->def->archive(t->def->user, name, number);
        if (result < 0) {
            return result;
        }
    }
    const int result = t->ops->remove(t->ops->user, t->directory, name);
    return result < 0 ? trd__fault(t->fault, TRD_IO_REMOVE, result, number, 0) : TRD_OK;
}

/* The segment to keep first: the last one whose first frame does not begin behind the first command
 * that is kept. All commands of those before are below it. 0: none has a frame. */
static int find_kept(const trim *t, const trd__span *span, uint64_t *kept) {
    *kept = span->first;
    for (uint64_t number = span->first + 1; number <= span->last; number++) {
        uint64_t seq = 0;
        const int found = trd__first_frame(t->ops, t->directory, number, t->memory, &seq, t->fault);
        if (found < 0) {
            return found == TRD_E_UNKNOWN ? TRD_OK : found; /* a gap is left as it is */
        }
        if (found == 1 && seq > t->def->seq) {
            break;
        }
        *kept = found == 1 ? number : *kept;
    }
    return TRD_OK;
}

/* The oldest goes first, and is gone for good before the next one: whatever happens in between,
 * no number is missing. */
static int remove_before(const trim *t, uint64_t first, uint64_t kept) {
    int count = 0;
    for (uint64_t number = first; number < kept; number++, count++) {
        int result = remove_one(t, number);
        result = result == TRD_OK ? sync_directory(t) : result;
        if (result != TRD_OK) {
            return result;
        }
    }
    return count;
}

static int trim_directory(const trim *t) {
    trd__span span;
    uint64_t kept;
    const int listed = trd__span_of(t->ops, t->directory, &span);
    if (listed < 0) {
        return trd__fault(t->fault, TRD_IO_LIST, listed, 0, 0);
    }
    if (span.first == 0) {
        return 0;
    }
    const int result = find_kept(t, &span, &kept);
    return result == TRD_OK ? remove_before(t, span.first, kept) : result;
}

int trd_journal_trim(const trd_journal_trimming *def, trd_io_fault *fault) {
    trd_journal_trimming own = trd_journal_trimming_default();
    if (!trd__def_read(&own, sizeof(own), def) || own.directory == NULL || own.reserved != 0) {
        return TRD_E_ARG;
    }
    trim t = {.def = &own, .ops = own.ops != NULL ? own.ops : trd_io_system(), .fault = fault};
    t.memory = trd__io_alloc(&own.mem, TRD__FIRST_SIZE);
    if (t.memory == NULL) {
        return TRD_E_MEMORY;
    }
    t.directory = t.ops->open(t.ops->user, -1, own.directory, TRD_IO_DIRECTORY);
    int result;
    if (t.directory < 0) {
        result = trd__fault(fault, TRD_IO_OPEN, t.directory, 0, 0);
    } else {
        result = trim_directory(&t);
        t.ops->close(t.ops->user, t.directory);
    }
    trd__io_release(&own.mem, t.memory, TRD__FIRST_SIZE);
    return result;
}
