/* story.c - see story.h. */
#include "story.h"

#include <stdlib.h>
#include <string.h>

static void *block_for(const trd_engine *engine) {
    const size_t size = (trd_engine_size(engine) + TRD_ENGINE_ALIGN - 1) & ~(size_t)63;
    void *mem = aligned_alloc(TRD_ENGINE_ALIGN, size);
    if (mem == NULL) {
        abort();
    }
    return mem;
}

static trd_engine *copy_of(const trd_engine *engine, void *mem) {
    trd_engine *copy;
    if (trd_engine_copy(engine, mem, trd_engine_size(engine), &copy) != TRD_OK) {
        abort();
    }
    return copy;
}

void story_begin(story *s, trd_engine *origin, uint32_t room) {
    s->sent = s->numbered = 0;
    s->origin = origin;
    s->engine_mem = block_for(origin);
    s->base_mem = block_for(origin);
    s->engine = copy_of(origin, s->engine_mem);
    s->base = copy_of(origin, s->base_mem);
    s->room = room;
    s->executed = s->base_executed = 0;
    s->events = 0;
    s->at[0] = 0;
    s->after[0] = 0;
    s->end[0] = 0;
    s->command[0] = (story_command){.slots = {{.time = INT64_MIN}}};
    s->books = s->base_books = (venue_books){.lives = 0};
    s->booked = s->base_booked = 0;
}

void story_end(story *s) {
    free(s->engine_mem);
    free(s->base_mem);
    trd_engine_destroy(s->origin);
}

bool story_has_room(const story *s) {
    return s->sent < STORY_COMMANDS && s->end[s->executed] + STORY_SPARE < STORY_SLOTS;
}

void story_send(story *s, const trd_command *record, uint32_t intent) {
    story_command *c = &s->command[++s->sent];
    memset(c, 0, sizeof(*c));
    memcpy(c->slots, record, record->slots * sizeof(*record));
    c->slots[0].seq = s->sent;
    c->intent = intent;
}

void story_number(story *s, uint64_t seq, trd_ns time) {
    const trd_ns before = s->command[s->numbered].slots[0].time;
    while (s->numbered < seq) {
        s->command[++s->numbered].slots[0].time = time > before ? time : before;
    }
}

/* --- the bare engine -------------------------------------------------------------------------- */

static bool run(story *s, const trd_command *command, uint32_t *count) {
    int result = TRD_MORE;
    while (result == TRD_MORE) {
        const uint32_t left = STORY_SLOTS - *count;
        trd_out out = {.events = s->slots + *count, .capacity = s->room < left ? s->room : left};
        if (out.capacity < TRD_ENGINE_OUT_MIN) {
            return false;
        }
        result = trd_engine_step(s->engine, command, &out);
        *count += out.count;
        command = NULL;
    }
    return result == TRD_OK;
}

static bool execute_next(story *s) {
    const uint64_t number = s->executed + 1;
    const uint32_t begin = s->end[s->executed];
    uint32_t count = begin;
    if (!run(s, s->command[number].slots, &count)) {
        return false;
    }
    for (uint32_t at = begin; at < count; at += s->slots[at].slots) {
        s->events++;
        if (s->slots[at].seq != s->events || s->slots[at].slots == 0) {
            return false;
        }
        s->at[s->events] = at;
        s->by[s->events] = (uint32_t)number;
    }
    s->executed = number;
    s->after[number] = s->events;
    s->end[number] = count;
    return true;
}

bool story_execute(story *s, uint64_t seq) {
    while (s->executed < seq) {
        if (!execute_next(s)) {
            return false;
        }
    }
    return true;
}

bool story_go_back(story *s, uint64_t seq) {
    if (s->executed > seq) {
        s->engine = copy_of(s->base, s->engine_mem);
        s->executed = s->base_executed;
        s->events = s->after[s->executed];
    }
    if (s->booked > seq) {
        const uint64_t seen = s->after[seq];
        s->books = s->base_books;
        s->booked = s->base_booked;
        if (!story_execute(s, seq) || !story_book(s, seen)) {
            return false;
        }
    }
    s->sent = s->numbered = seq;
    return story_execute(s, seq);
}

void story_settle(story *s) {
    s->base = copy_of(s->engine, s->base_mem);
    s->base_executed = s->executed;
    s->base_books = s->books;
    s->base_booked = s->booked;
}

bool story_book(story *s, uint64_t event) {
    while (s->booked < s->executed && s->after[s->booked + 1] <= event) {
        const uint32_t begin = s->end[s->booked];
        s->booked++;
        if (!venue_books_read(&s->books, s->slots + begin, s->end[s->booked] - begin,
                s->command[s->booked].slots)) {
            return false;
        }
    }
    return true;
}
