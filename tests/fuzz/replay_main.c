/* replay_main.c - runs a fuzz target over the files of a directory, without a fuzzer.
 *
 *     fuzz_<name> DIRECTORY
 *
 * Every input that was ever worth keeping is a test from then on. A directory without files fails:
 * a test that ran nothing must not pass. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

/* Each input is in a block of exactly its size, so that a read beyond it can be seen. */
static uint8_t *read_file(FILE *file, size_t size) {
    uint8_t *data = malloc(size > 0 ? size : 1);
    if (data != NULL && fread(data, 1, size, file) != size) {
        free(data);
        return NULL;
    }
    return data;
}

/* Returns 1 if the file was run, 0 if it is none (".", a directory), -1 if it cannot be read. */
static int replay(const char *directory, const char *name) {
    char path[4096];
    const int length = snprintf(path, sizeof(path), "%s/%s", directory, name);
    struct stat status;
    if (length < 0 || (size_t)length >= sizeof(path) || stat(path, &status) != 0) {
        return -1;
    }
    if (!S_ISREG(status.st_mode)) {
        return 0;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return -1;
    }
    const size_t size = (size_t)status.st_size;
    uint8_t *data = read_file(file, size);
    fclose(file);
    if (data == NULL) {
        return -1;
    }
    /* Said before it runs: the last name printed is the one that crashed. */
    printf("%s\n", name);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return 2;
    }
    DIR *directory = opendir(argv[1]);
    if (directory == NULL) {
        fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    int inputs = 0, failures = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        const int result = replay(argv[1], entry->d_name);
        inputs += result > 0;
        failures += result < 0;
    }
    closedir(directory);
    printf("%d inputs, %d unreadable\n", inputs, failures);
    return inputs > 0 && failures == 0 ? 0 : 1;
}
