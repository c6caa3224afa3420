/* scratch.c - see scratch.h. */
#include "scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

void scratch_make(char *path, size_t size, const char *below, const char *name) {
    const int length = snprintf(path, size, "%s/%s-XXXXXX", below, name);
    if (length < 0 || (size_t)length >= size || mkdtemp(path) == NULL) {
        perror(path);
        exit(1);
    }
}

void scratch_remove(const char *path) {
    DIR *stream = opendir(path);
    if (stream == NULL) {
        return;
    }
    for (const struct dirent *e; (e = readdir(stream)) != NULL;) {
        if (e->d_name[0] != '.') {
            (void)unlinkat(dirfd(stream), e->d_name, 0);
        }
    }
    closedir(stream);
    (void)rmdir(path);
}

const char *scratch_system(const char *path) {
    static const struct {
        unsigned long number;
        const char *name;
    } known[] = {{0xef53, "ext4"}, {0x58465342, "xfs"}, {0x9123683e, "btrfs"},
        {0x01021994, "tmpfs"}, {0x794c7630, "overlay"}, {0x2fc12fc1, "zfs"}, {0xf2f52010, "f2fs"},
        {0x6969, "nfs"}};
    struct statfs found;
    if (statfs(path, &found) != 0) {
        return "?";
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if ((unsigned long)found.f_type == known[i].number) {
            return known[i].name;
        }
    }
    return "?";
}
