/* state.c - one number for the states of engines along random lives.
 *
 *     state --runs RUNS --seed SEED
 *
 * Prints how many states there were, and a hash over their digests and over the hashes of their
 * events. Builds by other compilers, with other options, must print the same line: builds.sh
 * compares them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "life_engine.h"

enum { STEPS = 300, ACCOUNTS = 6, ROOM = 600, LOOK_EVERY = 20 };

typedef struct sum {
    uint64_t states;
    uint64_t hash;
} sum;

static void must(int result, const char *what) {
    if (result != TRD_OK) {
        fprintf(stderr, "state: %s: %d\n", what, result);
        exit(1);
    }
}

static void live(trd_engine *engine, const trd_command *c, uint32_t room) {
    static trd_event events[ROOM];
    trd_out out = {.events = events, .capacity = room};
    int result = trd_engine_step(engine, c, &out);
    while (result == TRD_MORE) {
        out.count = 0;
        result = trd_engine_step(engine, NULL, &out);
    }
    must(result, "step");
}

static void look(const trd_engine *engine, sum *s) {
    uint64_t seen[2];
    trd_event_trail trail;
    must(trd_engine_digest(engine, &seen[0]), "digest");
    must(trd_engine_trail(engine, &trail), "trail");
    seen[1] = trail.hash;
    s->hash = trd__hash(seen, sizeof(seen), s->hash);
    s->states++;
}

static void run(draw *rng, bool watches, sum *s) {
    life_engine l = {.rng = rng,
        .accounts = ACCOUNTS,
        .is_apart = true,
        .watches = watches,
        .allocates = draw_chance(rng, 50),
        .trail = true};
    trd_command c[TRD_SLOTS_MAX];
    memset(c, 0, sizeof(c));
    trd_engine *engine = life_engine_begin(&l);
    look(engine, s);
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        life_engine_open(&l, account, c);
        live(engine, c, l.room);
    }
    for (int step = 1; step <= STEPS; step++) {
        life_engine_next(&l, c);
        live(engine, c, l.room);
        if (step % LOOK_EVERY == 0) {
            look(engine, s);
        }
    }
    trd_engine_destroy(engine);
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: %s --runs RUNS --seed SEED\n", argv[0]);
        return 2;
    }
    const unsigned long runs = strtoul(argv[2], NULL, 10);
    draw rng = trd__rng_seeded(strtoull(argv[4], NULL, 0));
    sum s = {0};
    for (unsigned long i = 0; i < runs; i++) {
        run(&rng, i % 2 == 1, &s);
    }
    printf("states %llu hash %016llx\n", (unsigned long long)s.states, (unsigned long long)s.hash);
    return s.states > 0 ? 0 : 1;
}
