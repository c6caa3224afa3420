/* snapshot.c - tradsys-inspect snapshot. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <tradsys/snapshot.h>

#include "inspect/inspect.h"
#include "inspect/parts.h"
#include "journal/restore.h"
#include "replay/json.h"

/* Pages of the image by part; a page may be of several. */
typedef struct shares {
    uint64_t pages[PARTS_MAX]; /* by bit */
    uint64_t stored[PARTS_MAX];
} shares;

static void tell_page(uint64_t number, const trd_page *page, bool as_json) {
    char parts[PARTS_TEXT], hash[20];
    parts_text(page->parts, parts);
    snprintf(hash, sizeof(hash), "%016" PRIx64, page->hash);
    if (!as_json) {
        printf("page number=%" PRIu64 " at=%" PRIu64 " size=%" PRIu32 " hash=%s parts=%s\n", number,
            page->at, page->size, hash, parts);
        return;
    }
    json out = {.out = stdout};
    json_open(&out, NULL, '{');
    json_text(&out, "record", "page");
    json_count(&out, "number", number);
    json_count(&out, "at", page->at);
    json_count(&out, "size", page->size);
    json_text(&out, "hash", hash);
    json_text(&out, "parts", parts);
    json_close(&out, '}');
    putchar('\n');
}

/* Counts the pages, and tells those that are not zero if they are asked for. */
static shares look_at_pages(const trd_engine *engine, const inspect_arguments *args) {
    shares found = {0};
    trd_page page;
    for (uint64_t number = 0; trd_engine_page(engine, number, &page) == TRD_OK; number++) {
        for (unsigned bit = 0; bit < PARTS_MAX; bit++) {
            found.pages[bit] += page.parts >> bit & 1;
            found.stored[bit] += page.hash != 0 ? page.parts >> bit & 1 : 0;
        }
        if (args->pages && page.hash != 0) {
            tell_page(number, &page, args->json);
        }
    }
    return found;
}

static void version_text(uint32_t version, char out[32]) {
    snprintf(out, 32, "%u.%u.%u", version >> 16, version >> 8 & 0xff, version & 0xff);
}

static void head_text(const trd_snapshot_head *head) {
    char version[32];
    version_text(head->version, version);
    printf("format          %" PRIu32 ", of library %s, layout %016" PRIx64 "\n", head->format,
        version, head->layout);
    printf("command         %" PRIu64 ", time %" PRId64 "\n", head->seq, head->time);
    printf("events          %" PRIu64 ", %" PRIu64 " slots in hash %016" PRIx64 "\n", head->events,
        head->slots, head->hash);
    printf("state digest    %016" PRIx64 "\n", head->digest);
    printf("size            %" PRIu64 " bytes, %" PRIu64 " pages of a block of %" PRIu64 " bytes\n",
        head->size, head->pages, head->block_size);
}

static void parts_of_text(const shares *found) {
    for (unsigned bit = 0; bit < PARTS_MAX; bit++) {
        const char *name = trd_part_text(1u << bit);
        if (name != NULL && found->pages[bit] > 0) {
            printf("part %-10s %" PRIu64 " of %" PRIu64 " pages are stored\n", name,
                found->stored[bit], found->pages[bit]);
        }
    }
}

static void head_json(json *out, const trd_snapshot_head *head) {
    char version[32];
    version_text(head->version, version);
    json_count(out, "format", head->format);
    json_text(out, "version", version);
    json_hash(out, "layout", head->layout);
    json_count(out, "seq", head->seq);
    json_int(out, "time", head->time);
    json_count(out, "events", head->events);
    json_count(out, "event_slots", head->slots);
    json_hash(out, "event_hash", head->hash);
    json_hash(out, "state_digest", head->digest);
    json_count(out, "size", head->size);
    json_count(out, "pages", head->pages);
    json_count(out, "block_size", head->block_size);
}

static void parts_of_json(json *out, const shares *found) {
    json_open(out, "parts", '{');
    for (unsigned bit = 0; bit < PARTS_MAX; bit++) {
        const char *name = trd_part_text(1u << bit);
        if (name != NULL && found->pages[bit] > 0) {
            json_count(out, name, found->stored[bit]);
        }
    }
    json_close(out, '}');
}

static void tell(const inspect_arguments *args, const trd_snapshot_head *head, snapshot_state state,
    const shares *found) {
    if (!args->json) {
        head_text(head);
        parts_of_text(found);
        printf("every byte is right; the snapshot %s\n", snapshot_state_text(state));
        return;
    }
    json out = {.out = stdout};
    json_open(&out, NULL, '{');
    json_text(&out, "record", "snapshot");
    head_json(&out, head);
    parts_of_json(&out, found);
    json_bool(&out, "readable", state == SNAPSHOT_GOOD);
    json_close(&out, '}');
    putchar('\n');
}

static int look(const inspect_arguments *args, const source *from) {
    trd_snapshot_head head;
    const char *why;
    uint64_t at;
    const snapshot_state state = snapshot_check(from, &head, &why, &at);
    if (state == SNAPSHOT_DAMAGED) {
        return complain(from->path, 0, "byte %" PRIu64 ": %s: the snapshot is damaged", at, why);
    }
    if (state < SNAPSHOT_DAMAGED) {
        return complain(from->path, 0, "%s", snapshot_state_text(state));
    }
    shares found = {0};
    if (state == SNAPSHOT_GOOD) {
        restored engine;
        const int result = restored_read(&engine, from->path);
        if (result != EXIT_DONE) {
            return result;
        }
        found = look_at_pages(engine.engine, args);
        restored_free(&engine);
    }
    tell(args, &head, state, &found);
    return EXIT_DONE;
}

int inspect_snapshot(const inspect_arguments *args) {
    source from;
    int result = source_open(&from, args->paths[0]);
    if (result == EXIT_DONE) {
        result = look(args, &from);
        source_close(&from);
    }
    return result;
}
