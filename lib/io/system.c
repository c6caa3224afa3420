/* system.c - the table of system calls, as the system has them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/ring.h"

static int or_errno(int result) {
    return result < 0 ? -errno : result;
}

int trd__open_flags(unsigned how) {
    switch (how) {
    case TRD_IO_TO_READ:
        return O_RDONLY | O_CLOEXEC;
    case TRD_IO_TO_WRITE:
        return O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC;
    case TRD_IO_TO_ADD:
        return O_RDWR | O_CLOEXEC;
    default:
        return O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    }
}

static int system_open(void *user, int directory, const char *name, unsigned how) {
    (void)user;
    const int from = how == TRD_IO_DIRECTORY ? AT_FDCWD : directory;
    return or_errno(openat(from, name, trd__open_flags(how), 0640));
}

static int system_close(void *user, int fd) {
    (void)user;
    return or_errno(close(fd));
}

static int64_t system_size(void *user, int fd) {
    (void)user;
    struct stat status;
    return fstat(fd, &status) < 0 ? -errno : (int64_t)status.st_size;
}

static int64_t system_read(void *user, int fd, void *to, uint64_t size, uint64_t at) {
    (void)user;
    const ssize_t got = pread(fd, to, size, (off_t)at);
    return got < 0 ? -errno : got;
}

static int64_t system_write(void *user, int fd, const void *from, uint64_t size, uint64_t at) {
    (void)user;
    const ssize_t put = pwrite(fd, from, size, (off_t)at);
    return put < 0 ? -errno : put;
}

static int system_allocate(void *user, int fd, uint64_t size) {
    (void)user;
    return or_errno(fallocate(fd, 0, 0, (off_t)size));
}

static int system_sync(void *user, int fd) {
    (void)user;
    return or_errno(fsync(fd));
}

static int system_data_sync(void *user, int fd) {
    (void)user;
    return or_errno(fdatasync(fd));
}

static int system_drop(void *user, int fd) {
    (void)user;
    return -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

static int system_rename(void *user, int directory, const char *from, const char *to) {
    (void)user;
    return or_errno(renameat(directory, from, directory, to));
}

static int system_remove(void *user, int directory, const char *name) {
    (void)user;
    return or_errno(unlinkat(directory, name, 0));
}

static int each_name(DIR *stream, int (*each)(void *to, const char *name), void *to) {
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (entry == NULL) {
            return -errno;
        }
        const int result = each(to, entry->d_name);
        if (result < 0) {
            return result;
        }
    }
}

static int system_list(
    void *user, int directory, int (*each)(void *to, const char *name), void *to) {
    (void)user;
    const int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    DIR *stream = fdopendir(fd);
    if (stream == NULL) {
        const int error = -errno;
        close(fd);
        return error;
    }
    const int result = each_name(stream, each, to);
    closedir(stream);
    return result;
}

static int system_lock(void *user, int fd) {
    (void)user;
    return or_errno(flock(fd, LOCK_EX | LOCK_NB));
}

static int system_random(void *user, void *to, uint64_t size) {
    (void)user;
    const ssize_t got = getrandom(to, size, 0);
    return got == (ssize_t)size ? 0 : got < 0 ? -errno : -EIO;
}

static const trd_io_ops SYSTEM = {
    .open = system_open,
    .close = system_close,
    .size = system_size,
    .read = system_read,
    .write = system_write,
    .allocate = system_allocate,
    .sync = system_sync,
    .data_sync = system_data_sync,
    .drop = system_drop,
    .rename = system_rename,
    .remove = system_remove,
    .list = system_list,
    .lock = system_lock,
    .random = system_random,
    .ring_open = trd__ring_open,
    .ring_submit = trd__ring_submit,
    .ring_reap = trd__ring_reap,
    .ring_close = trd__ring_close,
};

const trd_io_ops *trd_io_system(void) {
    return &SYSTEM;
}

const char *trd_io_call_text(unsigned call) {
    static const char *const texts[] = {"?", "open", "close", "read", "write", "allocate", "sync",
        "data sync", "rename", "remove", "list", "lock", "size", "drop", "random", "ring"};
    return texts[call < sizeof(texts) / sizeof(texts[0]) ? call : 0];
}
