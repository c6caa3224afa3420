#include "journal/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replay/source.h"
#include "replay/symbols.h"

enum { NAME_DIGITS = 12 };

/* What stands for the bytes of a file that has none. */
static const _Alignas(8) uint8_t nothing[TRD_SLOT_SIZE];

uint64_t journal_number(const char *name) {
    uint64_t number = 0;
    for (int i = 0; i < NAME_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9') {
            return 0;
        }
        number = number * 10 + (uint64_t)(name[i] - '0');
    }
    return strcmp(name + NAME_DIGITS, ".journal") == 0 ? number : 0;
}

static int map_segment(segment *at, int file) {
    struct stat info;
    if (fstat(file, &info) != 0) {
        return complain(at->path, 0, "%s", strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return complain(at->path, 0, "is not a regular file");
    }
    at->size = (uint64_t)info.st_size;
    if (at->size == 0) {
        at->data = nothing;
        return EXIT_DONE;
    }
    void *data = mmap(NULL, at->size, PROT_READ, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED) {
        return complain(at->path, 0, "cannot be mapped: %s", strerror(errno));
    }
    at->data = data;
    return EXIT_DONE;
}

static int open_segment(segment *at) {
    const int file = open(at->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return complain(at->path, 0, "%s", strerror(errno));
    }
    const int result = map_segment(at, file);
    close(file);
    return result;
}

static void add(journal *at, char *path, uint64_t number) {
    at->segments = memory_or_end(realloc(at->segments, (at->count + 1) * sizeof(at->segments[0])));
    at->segments[at->count++] = (segment){.path = path, .number = number};
}

static int by_number(const void *a, const void *b) {
    const uint64_t left = ((const segment *)a)->number, right = ((const segment *)b)->number;
    return (left > right) - (left < right);
}

static void list(journal *at, DIR *directory) {
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        const uint64_t number = journal_number(entry->d_name);
        if (number != 0) {
            const size_t size = strlen(at->path) + strlen(entry->d_name) + 2;
            char *path = memory_or_end(malloc(size));
            snprintf(path, size, "%s/%s", at->path, entry->d_name);
            add(at, path, number);
        }
    }
    if (at->count > 0) {
        qsort(at->segments, at->count, sizeof(at->segments[0]), by_number);
    }
}

/* The number of a segment by itself: as its head says, for it may have been given another name. */
static void number_alone(segment *at) {
    trd_journal_head head;
    const char *slash = strrchr(at->path, '/');
    at->number = journal_number(slash != NULL ? slash + 1 : at->path);
    if (trd_journal_head_check(at->data, at->size, &head) == TRD_OK) {
        at->number = head.number;
    }
    at->number = at->number != 0 ? at->number : 1;
}

int journal_open(journal *at, const char *path) {
    *at = (journal){.path = path};
    DIR *directory = opendir(path);
    const bool alone = directory == NULL && errno == ENOTDIR;
    if (directory == NULL && !alone) {
        return complain(path, 0, "%s", strerror(errno));
    }
    if (alone) {
        add(at, memory_or_end(strdup(path)), 0);
    } else {
        list(at, directory);
        closedir(directory);
    }
    for (uint32_t i = 0; i < at->count; i++) {
        const int result = open_segment(&at->segments[i]);
        if (result != EXIT_DONE) {
            journal_close(at);
            return result;
        }
        at->size += at->segments[i].size;
    }
    if (alone) {
        number_alone(&at->segments[0]);
    }
    at->stops = memory_or_end(calloc(at->count + 1, sizeof(at->stops[0])));
    return at->count > 0 ? EXIT_DONE : complain(path, 0, "has no segment of a journal in it");
}

void journal_close(journal *at) {
    for (uint32_t i = 0; i < at->count; i++) {
        if (at->segments[i].data != NULL && at->segments[i].data != nothing) {
            munmap((void *)(uintptr_t)at->segments[i].data, at->segments[i].size);
        }
        free(at->segments[i].path);
    }
    free(at->segments);
    free(at->stops);
    *at = (journal){0};
}

uint32_t journal_find(const journal *at, uint64_t seq) {
    bool any = false;
    for (uint32_t i = at->count; i-- > 0;) {
        const trd_journal_frame *frame;
        trd_journal_walk walk;
        trd_journal_walk_begin(&walk);
        if (trd_journal_walk_enter(&walk, at->segments[i].number, at->segments[i].data,
                at->segments[i].size) != TRD_OK ||
            trd_journal_walk_next(&walk, &frame) != 1) {
            continue;
        }
        any = true;
        if (frame->seq <= seq) {
            return i;
        }
    }
    return any ? at->count : 0; /* without any frame there is nothing to be before */
}

cursor cursor_begin(const journal *of, uint32_t first) {
    cursor at = {.of = of, .first = first, .at = first};
    trd_journal_walk_begin(&at.walk);
    return at;
}

static int first_frame(cursor *at, const trd_journal_frame *frame) {
    at->begun = true;
    at->headless = at->at > at->first && frame->before != 0;
    return at->headless ? TRD_E_CORRUPT : 1;
}

int cursor_next(cursor *at, const trd_journal_frame **frame, frame_place *place) {
    for (; at->at < at->of->count; at->at++, at->entered = false) {
        if (at->headless) {
            return TRD_E_CORRUPT;
        }
        const segment *in = &at->of->segments[at->at];
        int result = TRD_OK;
        if (!at->entered) {
            result = trd_journal_walk_enter(&at->walk, in->number, in->data, in->size);
            at->entered = true;
        }
        if (result == TRD_OK) {
            result = trd_journal_walk_next(&at->walk, frame);
        }
        if (result == 1) {
            *place = (frame_place){in, (uint64_t)((const uint8_t *)*frame - in->data)};
            result = at->begun ? 1 : first_frame(at, *frame);
        }
        if (result != 0) {
            return result;
        }
        (void)trd_journal_walk_end(&at->walk, &at->of->stops[at->at]);
        at->done += in->size;
    }
    return 0;
}

int cursor_end(const cursor *at, trd_journal_report *report) {
    if (at->headless) {
        *report = (trd_journal_report){.number = at->of->segments[at->first].number,
            .at = TRD_JOURNAL_DATA,
            .outcome = TRD_JOURNAL_CORRUPT};
        return TRD_E_CORRUPT;
    }
    return trd_journal_walk_end(&at->walk, report);
}

uint64_t cursor_done(const cursor *at) {
    return at->done;
}

const trd_command *frame_command(const trd_journal_frame *frame, const trd_command *before) {
    const trd_command *slots = (const void *)(frame + 1);
    const trd_command *next = before == NULL ? slots : before + before->slots;
    return frame->count > 0 && next < slots + frame->payload ? next : NULL;
}

const trd_journal_check *frame_check(const trd_journal_frame *frame) {
    const trd_journal_check *check = (const void *)(frame + 1);
    return frame->payload == 1 && check->kind == TRD_JOURNAL_CHECK ? check : NULL;
}
