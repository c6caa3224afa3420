/* name.c - names of segments, and the small things around files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"

enum { DIGITS = 12 };
static const char SUFFIX[] = ".journal";

_Static_assert(DIGITS + sizeof(SUFFIX) <= TRD__NAME_SIZE, "a name has room");

void trd__name_of(uint64_t number, char name[TRD__NAME_SIZE]) {
    for (int i = DIGITS - 1; i >= 0; i--) {
        name[i] = (char)('0' + number % 10);
        number /= 10;
    }
    memcpy(name + DIGITS, SUFFIX, sizeof(SUFFIX));
}

uint64_t trd__name_number(const char *name) {
    uint64_t number = 0;
    for (int i = 0; i < DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9') {
            return 0;
        }
        number = number * 10 + (uint64_t)(name[i] - '0');
    }
    return strcmp(name + DIGITS, SUFFIX) == 0 ? number : 0;
}

static int add_to_span(void *to, const char *name) {
    trd__span *span = to;
    const uint64_t number = trd__name_number(name);
    if (number != 0) {
        span->first = span->count == 0 || number < span->first ? number : span->first;
        span->last = number > span->last ? number : span->last;
        span->count++;
    }
    return 0;
}

int trd__span_of(const trd_io_ops *ops, int directory, trd__span *out) {
    *out = (trd__span){0};
    return ops->list(ops->user, directory, add_to_span, out);
}

void *trd__io_alloc(const trd_mem *mem, size_t size) {
    /* Page-aligned, so that what is written from can be registered, and all zero. */
    enum { PAGE = 4096 };
    const size_t rounded = (size + PAGE - 1) / PAGE * PAGE;
    void *at =
        mem->alloc != NULL ? mem->alloc(mem->user, rounded, PAGE) : aligned_alloc(PAGE, rounded);
    return at != NULL ? memset(at, 0, rounded) : NULL;
}

void trd__io_release(const trd_mem *mem, void *at, size_t size) {
    enum { PAGE = 4096 };
    if (at == NULL) {
        return;
    }
    if (mem->alloc == NULL) {
        free(at);
    } else if (mem->release != NULL) {
        mem->release(mem->user, at, (size + PAGE - 1) / PAGE * PAGE);
    }
}

bool trd__again(uint32_t call, int64_t result) {
    const bool sync = call == TRD_IO_SYNC || call == TRD_IO_DATA_SYNC;
    return result == -EINTR || (result == -EAGAIN && !sync);
}

int64_t trd__read_whole(const trd_io_ops *ops, int fd, uint8_t *to, uint64_t size) {
    uint64_t done = 0;
    int retries = 0;
    while (done < size) {
        const int64_t got = ops->read(ops->user, fd, to + done, size - done, done);
        if (got == 0) {
            break;
        }
        if (got > 0) {
            done += (uint64_t)got;
            retries = 0;
        } else if (!trd__again(TRD_IO_READ, got) || ++retries > TRD__RETRIES_MAX) {
            return got;
        }
    }
    return (int64_t)done;
}

int trd__fault(trd_io_fault *fault, uint32_t call, int64_t result, uint64_t number, uint64_t at) {
    if (fault != NULL) {
        const int32_t error = result < 0 && result > INT32_MIN ? (int32_t)-result : EIO;
        *fault = (trd_io_fault){.call = call, .error = error, .number = number, .at = at};
    }
    return TRD_E_IO;
}
