/* diff.c - tradsys-inspect diff: in what two snapshots differ. First by pages, which leave out
 * nothing but do not say what it is; then by lines of the export, which do. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/export.h"
#include "inspect/inspect.h"
#include "inspect/parts.h"
#include "inspect/table.h"
#include "journal/restore.h"
#include "replay/json.h"
#include "replay/symbols.h"

enum { A, B, SIDES };

static const char *const signs[SIDES] = {"-", "+"};

/* The export of one side. */
typedef struct lines_list {
    char **lines;  /* as they came */
    char **sorted; /* the same, sorted */
    size_t count;
    size_t capacity;
} lines_list;

typedef struct comparing {
    const inspect_arguments *args;
    restored of[SIDES];
    lines_list lines[SIDES];
    bool comparable; /* the blocks are alike, so that pages can be compared */
    uint64_t pages;  /* that differ */
    uint64_t parts[PARTS_MAX];
    uint64_t only[SIDES]; /* lines that the other side does not have */
} comparing;

/* --- lines ------------------------------------------------------------------------------------ */

static void keep(void *user, const char *line, size_t size) {
    lines_list *to = user;
    if (to->count == to->capacity) {
        to->capacity = to->capacity * 2 + 64;
        to->lines = memory_or_end(realloc(to->lines, to->capacity * sizeof(to->lines[0])));
    }
    to->lines[to->count++] = memory_or_end(strndup(line, size - 1));
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect(lines_list *to, const trd_engine *engine) {
    export_lines(engine, keep, to);
    to->sorted = memory_or_end(malloc((to->count + 1) * sizeof(to->sorted[0])));
    if (to->count > 0) {
        memcpy(to->sorted, to->lines, to->count * sizeof(to->sorted[0]));
        qsort(to->sorted, to->count, sizeof(to->sorted[0]), by_text);
    }
}

static bool has(const lines_list *list, char *line) {
    return list->count > 0 &&
           bsearch(&line, list->sorted, list->count, sizeof(list->sorted[0]), by_text) != NULL;
}

static void free_lines(lines_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->lines[i]);
    }
    free(list->lines);
    free(list->sorted);
}

static bool is_of(const char *line, text record) {
    const text own = export_record(line);
    return own.size == record.size && memcmp(own.at, record.at, own.size) == 0;
}

static void tell_line(const comparing *c, int side, const char *line) {
    if (c->args->json) {
        printf("{\"record\":\"line\",\"side\":\"%s\",\"line\":%s}\n", side == A ? "a" : "b", line);
    } else {
        printf("%s %s\n", signs[side], line);
    }
}

/* Lines of one record that only one side has: those of A, then those of B. */
static void tell_record(comparing *c, text record) {
    for (int side = 0; side < SIDES; side++) {
        for (size_t i = 0; i < c->lines[side].count; i++) {
            char *line = c->lines[side].lines[i];
            if (is_of(line, record) && !has(&c->lines[1 - side], line)) {
                c->only[side]++;
                tell_line(c, side, line);
            }
        }
    }
}

/* Records stand in one order in both, each by itself; one may be missing. */
static void tell_lines(comparing *c) {
    size_t at[SIDES] = {0, 0};
    while (at[A] < c->lines[A].count || at[B] < c->lines[B].count) {
        const text left =
            at[A] < c->lines[A].count ? export_record(c->lines[A].lines[at[A]]) : (text){"", 0};
        bool left_later = left.size == 0;
        for (size_t i = at[B]; i < c->lines[B].count && !left_later; i++) {
            left_later = i > at[B] && is_of(c->lines[B].lines[i], left);
        }
        const bool take_right =
            at[B] < c->lines[B].count && left_later && !is_of(c->lines[B].lines[at[B]], left);
        const text record = take_right ? export_record(c->lines[B].lines[at[B]]) : left;
        tell_record(c, record);
        for (int side = 0; side < SIDES; side++) {
            while (
                at[side] < c->lines[side].count && is_of(c->lines[side].lines[at[side]], record)) {
                at[side]++;
            }
        }
    }
}

/* --- pages ------------------------------------------------------------------------------------ */

static void count_page(comparing *c, uint64_t number, const trd_page *page) {
    char parts[PARTS_TEXT];
    c->pages++;
    for (unsigned bit = 0; bit < PARTS_MAX; bit++) {
        c->parts[bit] += page->parts >> bit & 1;
    }
    if (!c->args->pages) {
        return;
    }
    parts_text(page->parts, parts);
    if (c->args->json) {
        printf("{\"record\":\"page\",\"number\":%" PRIu64 ",\"at\":%" PRIu64 ",\"parts\":\"%s\"}\n",
            number, page->at, parts);
    } else {
        printf("page number=%" PRIu64 " at=%" PRIu64 " parts=%s\n", number, page->at, parts);
    }
}

static void compare_pages(comparing *c) {
    trd_page page[SIDES];
    c->comparable = trd_engine_size(c->of[A].engine) == trd_engine_size(c->of[B].engine);
    for (uint64_t i = 0; c->comparable && trd_engine_page(c->of[A].engine, i, &page[A]) == TRD_OK &&
                         trd_engine_page(c->of[B].engine, i, &page[B]) == TRD_OK;
         i++) {
        if (page[A].hash != page[B].hash) {
            page[A].parts |= page[B].parts;
            count_page(c, i, &page[A]);
        }
    }
}

/* --- what was found --------------------------------------------------------------------------- */

static bool is_same(const comparing *c) {
    return c->of[A].head.digest == c->of[B].head.digest;
}

static void tell_text(const comparing *c) {
    if (!c->comparable) {
        printf("blocks of %" PRIu64 " and %" PRIu64 " bytes: no page can be compared\n",
            c->of[A].head.block_size, c->of[B].head.block_size);
    } else {
        printf("pages that differ: %" PRIu64, c->pages);
        for (unsigned bit = 0; bit < PARTS_MAX; bit++) {
            if (c->parts[bit] > 0) {
                printf(", %s %" PRIu64, trd_part_text(1u << bit), c->parts[bit]);
            }
        }
        putchar('\n');
    }
    printf("lines of the export: %" PRIu64 " only in A, %" PRIu64 " only in B\n", c->only[A],
        c->only[B]);
    if (is_same(c)) {
        puts("the states are the same");
    } else if (c->only[A] + c->only[B] == 0) {
        puts("the states differ in something that the export does not have");
    } else {
        puts("the states differ");
    }
}

static void tell_json(const comparing *c) {
    json out = {.out = stdout};
    json_open(&out, NULL, '{');
    json_text(&out, "record", "difference");
    json_bool(&out, "same", is_same(c));
    json_bool(&out, "pages_comparable", c->comparable);
    json_count(&out, "pages", c->pages);
    json_open(&out, "parts", '{');
    for (unsigned bit = 0; bit < PARTS_MAX; bit++) {
        if (c->parts[bit] > 0) {
            json_count(&out, trd_part_text(1u << bit), c->parts[bit]);
        }
    }
    json_close(&out, '}');
    json_count(&out, "lines_only_in_a", c->only[A]);
    json_count(&out, "lines_only_in_b", c->only[B]);
    json_close(&out, '}');
    putchar('\n');
}

int inspect_diff(const inspect_arguments *args) {
    comparing c = {.args = args};
    int result = restored_read(&c.of[A], args->paths[A]);
    if (result == EXIT_DONE) {
        result = restored_read(&c.of[B], args->paths[B]);
    }
    if (result == EXIT_DONE) {
        compare_pages(&c);
        collect(&c.lines[A], c.of[A].engine);
        collect(&c.lines[B], c.of[B].engine);
        tell_lines(&c);
        (args->json ? tell_json : tell_text)(&c);
        result = is_same(&c) ? EXIT_DONE : EXIT_MISMATCH;
    }
    for (int side = 0; side < SIDES; side++) {
        free_lines(&c.lines[side]);
        restored_free(&c.of[side]);
    }
    return result;
}
