/* reader.c - a journal read from its files: a segment in memory at a time. */
#include "io/reader.h"

#include <errno.h>
#include <string.h>

#include "core/def.h"

struct trd_journal_reader {
    trd_io_ops ops;
    trd_mem mem;
    int directory;
    bool own_directory;
    bool settle;
    bool empty;   /* there are no segments */
    bool entered; /* segment `at` is in memory */
    uint64_t at;  /* number of the segment that is being read */
    uint64_t last;
    uint8_t *bytes;
    uint64_t bytes_size;
    uint64_t file_size;
    uint64_t frames_before; /* the report's, when this segment was entered */
    trd__settled settled;
    int result; /* 1: goes on; otherwise what trd_journal_reader_next returns from now on */
    trd_journal_walk walk;
    trd_io_fault fault;
};

int trd__first_frame(const trd_io_ops *ops, int directory, uint64_t number, uint8_t *memory,
    uint64_t *seq, trd_io_fault *fault) {
    char name[TRD__NAME_SIZE];
    trd__name_of(number, name);
    const int fd = ops->open(ops->user, directory, name, TRD_IO_TO_READ);
    if (fd < 0) {
        return fd == -ENOENT ? TRD_E_UNKNOWN : trd__fault(fault, TRD_IO_OPEN, fd, number, 0);
    }
    const int64_t size = trd__read_whole(ops, fd, memory, TRD__FIRST_SIZE);
    ops->close(ops->user, fd);
    if (size < 0) {
        return trd__fault(fault, TRD_IO_READ, size, number, 0);
    }
    trd_journal_walk walk;
    const trd_journal_frame *frame;
    trd_journal_walk_begin(&walk);
    if (trd_journal_walk_enter(&walk, number, memory, (size_t)size) != TRD_OK ||
        trd_journal_walk_next(&walk, &frame) != 1) {
        return 0;
    }
    *seq = frame->seq;
    return 1;
}

/* What the system has of the file and the disk has not is written, and what is left of it without
 * that, because a sync had failed before, is forgotten: from now on reads see the disk. */
static int settle(const trd_journal_reader *r, int fd, uint64_t number, trd_io_fault *fault) {
    int result;
    int tries = 0;
    do {
        result = r->ops.data_sync(r->ops.user, fd);
    } while (trd__again(TRD_IO_DATA_SYNC, result) && ++tries < TRD__RETRIES_MAX);
    if (result < 0) {
        return trd__fault(fault, TRD_IO_DATA_SYNC, result, number, 0);
    }
    /* A file system that keeps no copies, or cannot forget them, is no failure. */
    r->ops.drop(r->ops.user, fd);
    return TRD_OK;
}

/* The same for a segment that is not open. One that is missing is for others to tell. */
static int settle_segment(const trd_journal_reader *r, uint64_t number, trd_io_fault *fault) {
    char name[TRD__NAME_SIZE];
    trd__name_of(number, name);
    const int fd = r->ops.open(r->ops.user, r->directory, name, TRD_IO_TO_READ);
    if (fd < 0) {
        return fd == -ENOENT ? TRD_OK : trd__fault(fault, TRD_IO_OPEN, fd, number, 0);
    }
    const int result = settle(r, fd, number, fault);
    r->ops.close(r->ops.user, fd);
    return result;
}

/* The segment to begin with: the last one whose first frame does not begin behind `seq`. Nothing in
 * it is relied on but where to begin: damage before is found by whoever needs what is there. */
static int find_first(
    trd_journal_reader *r, const trd__span *span, uint64_t seq, trd_io_fault *fault) {
    r->at = span->first;
    if (seq == 0) {
        return TRD_OK;
    }
    uint8_t *memory = trd__io_alloc(&r->mem, TRD__FIRST_SIZE);
    if (memory == NULL) {
        return TRD_E_MEMORY;
    }
    int result = TRD_OK;
    bool any = false;
    for (uint64_t number = span->last; result == TRD_OK; number--) {
        uint64_t first = 0;
        int found = r->settle ? settle_segment(r, number, fault) : TRD_OK;
        if (found == TRD_OK) {
            found = trd__first_frame(&r->ops, r->directory, number, memory, &first, fault);
        }
        any = any || found == 1;
        if (found == 1 && first <= seq) {
            r->at = number;
            break;
        }
        if (found == TRD_E_IO) {
            result = found;
        } else if (number == span->first) {
            result = any ? TRD_E_UNKNOWN : TRD_OK; /* no frames at all: all are looked at */
            break;
        }
    }
    trd__io_release(&r->mem, memory, TRD__FIRST_SIZE);
    return result;
}

static int begin(trd_journal_reader *r, uint64_t seq, trd_io_fault *fault) {
    trd__span span;
    const int listed = trd__span_of(&r->ops, r->directory, &span);
    if (listed < 0) {
        return trd__fault(fault, TRD_IO_LIST, listed, 0, 0);
    }
    r->empty = span.first == 0;
    r->last = span.last;
    r->settled.next = 1;
    return r->empty ? TRD_OK : find_first(r, &span, seq, fault);
}

int trd__reader_open(const trd_journal_reading *def, int directory, bool settle,
    trd_journal_status *status, trd_journal_reader **out) {
    trd_journal_reader *r = trd__io_alloc(&def->mem, sizeof(*r));
    if (r == NULL) {
        return TRD_E_MEMORY;
    }
    *r = (trd_journal_reader){.ops = def->ops != NULL ? *def->ops : *trd_io_system(),
        .mem = def->mem,
        .directory = directory,
        .settle = settle,
        .result = 1};
    trd_journal_walk_begin(&r->walk);
    const int result = begin(r, def->seq, &status->fault);
    if (result != TRD_OK) {
        trd__io_release(&r->mem, r, sizeof(*r));
        return result;
    }
    *out = r;
    return TRD_OK;
}

int trd_journal_reader_open(
    const trd_journal_reading *def, trd_journal_status *status, trd_journal_reader **out) {
    trd_journal_reading own = trd_journal_reading_default();
    if (status == NULL || out == NULL || !trd__def_read(&own, sizeof(own), def) ||
        own.directory == NULL || own.reserved != 0) {
        return TRD_E_ARG;
    }
    *out = NULL;
    *status = (trd_journal_status){0};
    const trd_io_ops *ops = own.ops != NULL ? own.ops : trd_io_system();
    const int fd = ops->open(ops->user, -1, own.directory, TRD_IO_DIRECTORY);
    if (fd < 0) {
        return trd__fault(&status->fault, TRD_IO_OPEN, fd, 0, 0);
    }
    const int result = trd__reader_open(&own, fd, false, status, out);
    if (result != TRD_OK) {
        ops->close(ops->user, fd);
        return result;
    }
    (*out)->own_directory = true;
    return TRD_OK;
}

/* Memory for a segment of `size` bytes. */
static int make_room(trd_journal_reader *r, uint64_t size) {
    if (size <= r->bytes_size) {
        return TRD_OK;
    }
    trd__io_release(&r->mem, r->bytes, r->bytes_size);
    r->bytes_size = 0;
    r->bytes = trd__io_alloc(&r->mem, size);
    if (r->bytes == NULL) {
        return TRD_E_MEMORY;
    }
    r->bytes_size = size;
    return TRD_OK;
}

static int read_file(trd_journal_reader *r, int fd) {
    if (r->settle) {
        const int result = settle(r, fd, r->at, &r->fault);
        if (result != TRD_OK) {
            return result;
        }
    }
    const int64_t size = r->ops.size(r->ops.user, fd);
    if (size < 0) {
        return trd__fault(&r->fault, TRD_IO_SIZE, size, r->at, 0);
    }
    /* More than a segment can have is as good as one byte more. */
    const uint64_t most = (uint64_t)TRD_JOURNAL_SIZE_MAX + 1;
    const uint64_t wanted = (uint64_t)size < most ? (uint64_t)size : most;
    const int result = make_room(r, wanted > 0 ? wanted : 1);
    if (result != TRD_OK) {
        return result;
    }
    const int64_t got = trd__read_whole(&r->ops, fd, r->bytes, wanted);
    if (got < 0) {
        return trd__fault(&r->fault, TRD_IO_READ, got, r->at, 0);
    }
    r->file_size = (uint64_t)got;
    return TRD_OK;
}

/* Reads segment r->at and lets the walk in. TRD_E_UNKNOWN: there is no such file. */
static int enter(trd_journal_reader *r) {
    char name[TRD__NAME_SIZE];
    trd__name_of(r->at, name);
    const int fd = r->ops.open(r->ops.user, r->directory, name, TRD_IO_TO_READ);
    if (fd < 0) {
        return fd == -ENOENT ? TRD_E_UNKNOWN : trd__fault(&r->fault, TRD_IO_OPEN, fd, r->at, 0);
    }
    const int result = read_file(r, fd);
    r->ops.close(r->ops.user, fd);
    if (result != TRD_OK) {
        return result;
    }
    r->entered = true;
    r->frames_before = r->walk.ended.frames;
    return trd_journal_walk_enter(&r->walk, r->at, r->bytes, r->file_size);
}

static bool is_blank(const trd_journal_reader *r, const trd_journal_head *head) {
    if (r->file_size != head->size) {
        return false;
    }
    for (uint64_t i = sizeof(*head); i < r->file_size; i++) {
        if (r->bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Where a writer goes on: in the last segment if it is new, or has no head and is made again; else
 * in the one behind it. */
static void settle_next(trd_journal_reader *r) {
    const bool headed = trd_journal_head_check(r->bytes, r->file_size, &r->settled.head) == TRD_OK;
    const bool frames = r->walk.ended.frames != r->frames_before;
    r->settled.blank = headed && !frames && is_blank(r, &r->settled.head);
    r->settled.next = r->settled.blank || !headed ? r->at : r->at + 1;
}

/* The last segment is finished. */
static int finish(trd_journal_reader *r) {
    trd_journal_report report;
    settle_next(r);
    return trd_journal_walk_end(&r->walk, &report) == TRD_OK ? 0 : TRD_E_CORRUPT;
}

static int step(trd_journal_reader *r, const trd_journal_frame **frame) {
    while (!r->empty) {
        int result = r->entered ? TRD_OK : enter(r);
        if (result == TRD_OK) {
            result = trd_journal_walk_next(&r->walk, frame);
            if (result == 0 && r->at == r->last) {
                return finish(r);
            }
        }
        /* A number that is missing is for the walk to say, when it is given the next one. */
        if (result != 0 && (result != TRD_E_UNKNOWN || r->at == r->last)) {
            return result;
        }
        r->at++;
        r->entered = false;
    }
    return 0;
}

int trd_journal_reader_next(trd_journal_reader *reader, const trd_journal_frame **frame) {
    if (reader == NULL || frame == NULL) {
        return TRD_E_ARG;
    }
    if (reader->result == 1) {
        reader->result = step(reader, frame);
    }
    return reader->result;
}

int trd_journal_reader_report(const trd_journal_reader *reader, trd_journal_status *status) {
    if (reader == NULL || status == NULL) {
        return TRD_E_ARG;
    }
    if (reader->result == 1) {
        return TRD_E_BUSY;
    }
    trd_journal_status own = {.fault = reader->fault};
    own.report.last = reader->walk.place;
    if (reader->empty) {
        own.report.outcome = TRD_JOURNAL_CLEAN;
    } else {
        (void)trd_journal_walk_end(&reader->walk, &own.report); /* or a call had failed before */
    }
    *status = own;
    return TRD_OK;
}

trd__settled trd__reader_settled(const trd_journal_reader *reader) {
    return reader->settled;
}

void trd_journal_reader_close(trd_journal_reader *reader) {
    if (reader == NULL) {
        return;
    }
    const trd_mem mem = reader->mem;
    if (reader->own_directory) {
        reader->ops.close(reader->ops.user, reader->directory);
    }
    trd__io_release(&mem, reader->bytes, reader->bytes_size);
    trd__io_release(&mem, reader, sizeof(*reader));
}
