/* scratch.h - a directory of a test's own below the one that it runs in, and its end. */
#ifndef TRD_SUPPORT_SCRATCH_H
#define TRD_SUPPORT_SCRATCH_H

#include <string.h>
#include <unistd.h>

#include <tradsys/io/ops.h>

#include "stress.h"

/* `name` ends in XXXXXX, which are replaced. */
static inline void scratch_make(char *name) {
    check(mkdtemp(name) != NULL, "no directory %s", name);
}

static inline int scratch_remove_one(void *to, const char *name) {
    const int *directory = to;
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
        check(unlinkat(*directory, name, 0) == 0, "%s", name);
    }
    return 0;
}

/* Files first, of which there are no directories. */
static inline void scratch_remove(const char *directory) {
    const trd_io_ops *ops = trd_io_system();
    int fd = ops->open(ops->user, -1, directory, TRD_IO_DIRECTORY);
    check(fd >= 0 && ops->list(ops->user, fd, scratch_remove_one, &fd) == 0, "%s", directory);
    close(fd);
    check(rmdir(directory) == 0, "%s", directory);
}

#endif
