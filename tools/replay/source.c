#include "replay/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const char *program_name = "tradsys-replay";

int complain(const char *path, uint64_t line, const char *format, ...) {
    va_list values;
    fprintf(stderr, "%s: %s:", program_name, path);
    if (line > 0) {
        fprintf(stderr, "%llu:", (unsigned long long)line);
    }
    fputc(' ', stderr);
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
    return EXIT_INPUT;
}

static int map_file(source *at, int file) {
    struct stat info;
    if (fstat(file, &info) != 0) {
        return complain(at->path, 0, "%s", strerror(errno));
    }
    if (S_ISDIR(info.st_mode)) {
        return complain(at->path, 0, "is a directory");
    }
    if (!S_ISREG(info.st_mode)) {
        return complain(at->path, 0, "is not a regular file");
    }
    if (info.st_size == 0) {
        return complain(at->path, 0, "is empty");
    }
    void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED) {
        return complain(at->path, 0, "cannot be mapped: %s", strerror(errno));
    }
    madvise(data, (size_t)info.st_size, MADV_SEQUENTIAL);
    at->data = data;
    at->size = (size_t)info.st_size;
    return EXIT_DONE;
}

int source_open(source *at, const char *path) {
    *at = (source){.path = path};
    /* Without O_NONBLOCK a named pipe without a writer would block here instead of being refused.
     */
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return complain(path, 0, "%s", strerror(errno));
    }
    const int result = map_file(at, file);
    close(file);
    return result;
}

void source_close(source *at) {
    if (at->data != NULL) {
        munmap((void *)(uintptr_t)at->data, at->size);
    }
    *at = (source){0};
}

lines lines_of(const source *at) {
    return (lines){.at = at->data, .end = at->data + at->size};
}

bool lines_next(lines *at, text *out) {
    if (at->at == at->end) {
        return false;
    }
    const char *stop = memchr(at->at, '\n', (size_t)(at->end - at->at));
    at->cut = stop == NULL;
    const char *last = at->cut ? at->end : stop;
    *out = (text){at->at, (size_t)(last - at->at)};
    if (out->size > 0 && out->at[out->size - 1] == '\r') {
        out->size--;
    }
    at->at = at->cut ? at->end : stop + 1;
    at->number++;
    return true;
}

int fields_split(text line, text out[FIELDS_MAX]) {
    int count = 0;
    const char *at = line.at;
    const char *end = line.at + line.size;
    memset(out, 0, FIELDS_MAX * sizeof(out[0]));
    for (;;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        if (count == FIELDS_MAX) {
            return FIELDS_MAX + 1;
        }
        out[count++] = (text){at, (size_t)(stop - at)};
        if (comma == NULL) {
            return count;
        }
        at = comma + 1;
    }
}

bool text_is(text at, const char *word) {
    return at.size == strlen(word) && memcmp(at.at, word, at.size) == 0;
}

bool text_starts(text at, const char *prefix) {
    const size_t size = strlen(prefix);
    return at.size >= size && memcmp(at.at, prefix, size) == 0;
}

bool text_names(text at, size_t most) {
    for (size_t i = 0; i < at.size; i++) {
        if (at.at[i] <= ' ' || at.at[i] > '~') {
            return false;
        }
    }
    return at.size > 0 && at.size <= most;
}

bool text_u64(text at, uint64_t *out) {
    uint64_t value = 0;
    for (size_t i = 0; i < at.size; i++) {
        const unsigned digit = (unsigned)(unsigned char)at.at[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value)) {
            return false;
        }
    }
    *out = value;
    return at.size > 0;
}
