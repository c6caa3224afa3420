/* shrink.c - see shrink.h.
 *
 * Every attempt is a child process of its own, because what is searched for may be a crash or an
 * endless loop. An attempt succeeds if it ends as the run did: with the same line of words, or by
 * dying too. Whole groups go first (all other instruments, all other accounts, a market that is
 * like any other), then ever smaller pieces (delta debugging), until no single command can be left
 * out. */
#include "shrink.h"

#include "play.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ATTEMPT_SECONDS = 10, ALWAYS_BELOW = 300 };

typedef struct list {
    uint32_t *at; /* records of the script, ascending */
    uint32_t count;
} list;

typedef struct search {
    script *script;
    script_outcome wanted;
    list best;
    list trial;
    time_t end;
    uint32_t attempts;
    bool out_of_time;
} search;

static time_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/* --- One attempt ------------------------------------------------------------------------------ */

static void play_list(const search *q, const list *l, bool aloud) {
    const play_options options = {.second = q->wanted.by_second,
        .trace = aloud,
        .always = q->wanted.by_state && l->count < ALWAYS_BELOW};
    script *s = q->script;
    play *p = play_begin(s, options);
    bool good = true;
    for (uint32_t i = 0; i < l->count && good; i++) {
        const script_record *record = &s->record[l->at[i]];
        if (aloud && i + 1 == l->count) {
            play_show(p, record);
        }
        good = play_record(p, record);
    }
    if (good) {
        play_finish(p);
    }
    s->outcome.finished = true;
}

static bool as_wanted(const search *q, int status) {
    const script_outcome *o = &q->script->outcome;
    if (!q->wanted.finished) {
        return !o->finished && !o->failed && status != 0 && strcmp(o->what, q->wanted.what) == 0;
    }
    return o->finished && o->failed && strcmp(o->what, q->wanted.what) == 0;
}

/* Plays the list in a child; true if it ends as wanted. */
static bool attempt(search *q, const list *l, bool aloud) {
    q->attempts++;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(ATTEMPT_SECONDS);
        if (!aloud && (freopen("/dev/null", "w", stdout) == NULL ||
                          freopen("/dev/null", "w", stderr) == NULL)) {
            _exit(3);
        }
        play_list(q, l, aloud);
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return false;
    }
    return as_wanted(q, status);
}

/* The trial has become the best list; what was not played any more is cut off. */
static void accept_trial(search *q) {
    uint32_t count = 0;
    while (count < q->trial.count &&
           q->script->record[q->trial.at[count]].number <= q->script->outcome.at) {
        count++;
    }
    memcpy(q->best.at, q->trial.at, count * sizeof(*q->best.at));
    q->best.count = count;
}

static bool try_trial(search *q) {
    if (now() >= q->end) {
        q->out_of_time = true;
    }
    if (q->out_of_time || q->trial.count >= q->best.count || q->trial.count == 0) {
        return false;
    }
    if (!attempt(q, &q->trial, false)) {
        return false;
    }
    accept_trial(q);
    return true;
}

/* --- What is left out ------------------------------------------------------------------------- */

static const trd_command *base_at(const search *q, uint32_t i) {
    return q->script->record[q->best.at[i]].slot;
}

static void without_instrument(search *q, uint32_t instrument) {
    q->trial.count = 0;
    for (uint32_t i = 0; i < q->best.count; i++) {
        if (base_at(q, i)->instrument != instrument) {
            q->trial.at[q->trial.count++] = q->best.at[i];
        }
    }
    try_trial(q);
}

static void without_account(search *q, uint32_t account) {
    q->trial.count = 0;
    for (uint32_t i = 0; i < q->best.count; i++) {
        if (base_at(q, i)->account != account) {
            q->trial.at[q->trial.count++] = q->best.at[i];
        }
    }
    try_trial(q);
}

static void without_kind(search *q, uint8_t kind) {
    q->trial.count = 0;
    for (uint32_t i = 0; i < q->best.count; i++) {
        if (base_at(q, i)->kind != kind) {
            q->trial.at[q->trial.count++] = q->best.at[i];
        }
    }
    try_trial(q);
}

static void without_groups(search *q) {
    for (uint32_t i = 0; i < q->script->instruments; i++) {
        without_instrument(q, i);
    }
    for (uint32_t i = 0; i < q->script->accounts; i++) {
        without_account(q, i);
    }
    for (unsigned kind = 0; kind < TRD_EXT_ORDER_PRICES; kind++) {
        without_kind(q, (uint8_t)kind);
    }
}

/* One pass over the list, leaving out `size` records at a time, the last ones first: what is close
 * to the end is the least likely to be needed by what is before it. */
static bool without_pieces(search *q, uint32_t size) {
    bool found = false;
    for (uint32_t end = q->best.count; end > 0 && !q->out_of_time;) {
        const uint32_t from = end > size ? end - size : 0;
        q->trial.count = 0;
        for (uint32_t i = 0; i < q->best.count; i++) {
            if (i < from || i >= end) {
                q->trial.at[q->trial.count++] = q->best.at[i];
            }
        }
        found |= try_trial(q);
        end = from < q->best.count ? from : q->best.count;
    }
    return found;
}

static void without_what_is_not_needed(search *q) {
    without_groups(q);
    uint32_t size = q->best.count / 2;
    while (size >= 1 && !q->out_of_time) {
        const bool found = without_pieces(q, size);
        size = size == 1 && found ? 1 : size / 2;
    }
}

/* --- Markets like any other ------------------------------------------------------------------- */

/* Tries the list with another script; undone if it does not end as wanted. */
static void try_plainer(search *q, void *field, const void *plainer, size_t size) {
    uint8_t before[sizeof(trd_instrument) + sizeof(trd_profile)];
    if (q->out_of_time || memcmp(field, plainer, size) == 0) {
        return;
    }
    memcpy(before, field, size);
    memcpy(field, plainer, size);
    if (now() >= q->end || !attempt(q, &q->best, false)) {
        memcpy(field, before, size);
    }
}

static void plainer_markets(search *q) {
    const trd_profile profile = trd_profile_default();
    const uint32_t zero = 0;
    script *s = q->script;
    for (uint32_t i = 0; i < s->instruments; i++) {
        try_plainer(q, &s->profile[i], &profile, sizeof(profile));
        try_plainer(q, &s->spec[i].profile, &zero, sizeof(zero));
    }
    try_plainer(q, &s->def.publish, &zero, sizeof(zero));
    try_plainer(q, &s->refuse, &zero, sizeof(zero));
}

/* --- Orders like any other -------------------------------------------------------------------- */

/* Takes one thing off a record. The numbers of the steps: what is off already is left as it is. */
enum {
    EDIT_TIME,
    EDIT_ACTOR,
    EDIT_STP,
    EDIT_POSITION,
    EDIT_MINIMUM,
    EDIT_TAG,
    EDIT_GROUP,
    EDIT_TIF,
    EDIT_SLOT,
    EDIT_EXEC = EDIT_SLOT + TRD_SLOTS_MAX - 1,
    EDITS = EDIT_EXEC + 10
};

static void edit_extension(script_record *r, uint8_t kind, size_t at, size_t size) {
    for (uint32_t i = 1; i < r->slots; i++) {
        if (r->slot[i].kind == kind) {
            memset((uint8_t *)&r->slot[i] + at, 0, size);
        }
    }
}

static void drop_slot(script_record *r, uint32_t at) {
    if (at < r->slots && r->slot[0].slots == r->slots) {
        memmove(&r->slot[at], &r->slot[at + 1], (r->slots - at - 1) * sizeof(r->slot[0]));
        r->slots--;
        r->slot[0].slots--;
    }
}

static void edit_order(script_record *r, uint32_t edit) {
    trd_new *n = &r->slot[0].u.order;
    if (edit >= EDIT_EXEC) {
        n->exec &= (uint16_t) ~(1u << (edit - EDIT_EXEC));
    } else if (edit >= EDIT_SLOT) {
        drop_slot(r, edit - EDIT_SLOT + 1);
    } else if (edit == EDIT_STP) {
        n->stp = TRD_STP_NONE;
    } else if (edit == EDIT_POSITION) {
        n->position = TRD_POSITION_NET;
    } else if (edit == EDIT_TIF) {
        n->tif = TRD_TIF_GTC;
    } else if (edit == EDIT_MINIMUM) {
        edit_extension(r, TRD_EXT_ORDER_SIZES, offsetof(trd_ext_sizes, minimum), sizeof(trd_qty));
    } else if (edit == EDIT_TAG) {
        edit_extension(r, TRD_EXT_ORDER_LINK, offsetof(trd_ext_link, tag), sizeof(uint64_t));
    } else if (edit == EDIT_GROUP) {
        edit_extension(r, TRD_EXT_ORDER_LINK, offsetof(trd_ext_link, group), sizeof(uint64_t));
    }
}

static void edit_record(script_record *r, uint32_t edit, trd_ns former) {
    if (edit == EDIT_TIME) {
        r->slot[0].time = former;
    } else if (edit == EDIT_ACTOR) {
        r->slot[0].actor = 0;
    } else if (r->slot[0].kind == TRD_COMMAND_NEW) {
        edit_order(r, edit);
    }
}

static void try_edit(search *q, script_record *r, uint32_t edit, trd_ns former) {
    script_record before;
    memcpy(&before, r, sizeof(before));
    edit_record(r, edit, former);
    if (memcmp(&before, r, sizeof(before)) == 0) {
        return;
    }
    q->out_of_time |= now() >= q->end;
    if (q->out_of_time || !attempt(q, &q->best, false)) {
        memcpy(r, &before, sizeof(before));
    }
}

static void plainer_records(search *q) {
    trd_ns former = 0;
    for (uint32_t i = 0; i < q->best.count; i++) {
        script_record *r = &q->script->record[q->best.at[i]];
        for (uint32_t edit = 0; edit < EDITS; edit++) {
            try_edit(q, r, edit, former);
        }
        former = r->slot[0].time;
    }
}

/* --- The report ------------------------------------------------------------------------------- */

static bool uses_instrument(const search *q, uint32_t instrument) {
    for (uint32_t i = 0; i < q->best.count; i++) {
        if (base_at(q, i)->instrument == instrument) {
            return true;
        }
    }
    return false;
}

static void report(search *q, uint32_t all) {
    const script *s = q->script;
    printf("\nSHORTEST LIST: %u of %u commands (%u attempts, %s)\n", q->best.count, all,
        q->attempts, q->out_of_time ? "out of time" : "no single one can be left out");
    printf("  to see all of it: differential --seed %" PRIu64 " --trace %" PRIu64
           " and the features of this run\n",
        s->seed, s->run);
    text_def(&s->def);
    for (uint32_t i = 0; i < s->instruments; i++) {
        if (uses_instrument(q, i)) {
            text_instrument(i, &s->spec[i], &s->profile[i]);
        }
    }
    attempt(q, &q->best, true);
    if (!q->wanted.finished) {
        printf("  ... and there it dies.\n");
    }
}

void shrink(script *s, unsigned seconds) {
    search q = {.script = s, .wanted = s->outcome, .end = now() + (time_t)seconds};
    q.best.at = calloc(s->count, sizeof(uint32_t));
    q.trial.at = calloc(s->count, sizeof(uint32_t));
    if (q.best.at == NULL || q.trial.at == NULL) {
        printf("differential: no memory to look for a shorter list\n");
        return;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        q.best.at[q.best.count++] = i;
    }
    bool repeats = attempt(&q, &q.best, false);
    if (!repeats && !q.wanted.by_second) { /* a crash may have been in the second matcher */
        q.wanted.by_second = true;
        repeats = attempt(&q, &q.best, false);
    }
    if (repeats) {
        without_what_is_not_needed(&q);
        plainer_markets(&q);
        plainer_records(&q);
        without_what_is_not_needed(&q);
        report(&q, s->count);
    } else {
        printf("differential: the recorded commands alone do not end like this\n");
    }
    free(q.best.at);
    free(q.trial.at);
}
