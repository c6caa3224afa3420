/* accounts_shrink.c - see accounts_shrink.h.
 *
 * Delta debugging: pieces of the list are left out, half of it first, then ever smaller ones, until
 * no single call can be. Every attempt is a process of its own, because what is looked for may be a
 * crash; it succeeds if it ends with the same words, or by dying too. */
#include "accounts_shrink.h"

#include "accounts_play.h"
#include "accounts_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ATTEMPT_SECONDS = 10 };

typedef struct search {
    acct_script *script;
    acct_outcome wanted;
    bool keep[ACCT_SCRIPT_CALLS]; /* of the shortest list so far */
    bool trial[ACCT_SCRIPT_CALLS];
    uint32_t count; /* calls of the run */
    time_t end;
} search;

static time_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static void play_list(search *q, bool aloud) {
    acct_script *s = q->script;
    if (aloud) {
        acct_text_def(&s->def);
    }
    acct_play *p = acct_play_begin(s, true, false);
    bool good = true;
    for (uint32_t i = 0; i < q->count && good; i++) {
        if (q->trial[i]) {
            if (aloud) {
                acct_text_call(&s->call[i]);
                fflush(stdout);
            }
            good = acct_play_call(p, &s->call[i]);
        }
    }
    good = good && acct_play_finish(p);
    s->outcome.finished = true;
}

static bool ended_as_wanted(const search *q, int status) {
    const acct_outcome *o = &q->script->outcome;
    if (!q->wanted.finished) {
        return !o->finished && status != 0;
    }
    return o->finished && o->failed && strcmp(o->what, q->wanted.what) == 0;
}

/* Plays the trial in a child; true if it ends as the run did. */
static bool attempt(search *q, bool aloud) {
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(ATTEMPT_SECONDS);
        if (!aloud && (freopen("/dev/null", "w", stdout) == NULL ||
                          freopen("/dev/null", "w", stderr) == NULL)) {
            _exit(3);
        }
        play_list(q, aloud);
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && ended_as_wanted(q, status);
}

/* The trial has become the shortest list; what was not played any more is cut off. */
static void accept_trial(search *q) {
    const uint32_t last = q->script->outcome.at;
    for (uint32_t i = 0; i < q->count; i++) {
        q->keep[i] = q->trial[i] && q->script->call[i].number <= last;
    }
}

/* Leaves out calls [from, to) of those that are kept. */
static bool without(search *q, uint32_t from, uint32_t to) {
    uint32_t at = 0;
    bool less = false;
    for (uint32_t i = 0; i < q->count; i++) {
        const bool out = q->keep[i] && at >= from && at < to;
        q->trial[i] = q->keep[i] && !out;
        less |= out;
        at += q->keep[i];
    }
    if (!less || !attempt(q, false)) {
        return false;
    }
    accept_trial(q);
    return true;
}

static uint32_t kept(const search *q) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < q->count; i++) {
        count += q->keep[i];
    }
    return count;
}

static bool one_pass(search *q, uint32_t size) {
    bool found = false;
    for (uint32_t end = kept(q); end > 0 && now() < q->end;) {
        const uint32_t from = end > size ? end - size : 0;
        found |= without(q, from, end);
        const uint32_t left = kept(q);
        end = from < left ? from : left;
    }
    return found;
}

void acct_shrink(acct_script *script, unsigned seconds) {
    search *q = calloc(1, sizeof(*q));
    if (q == NULL) {
        return;
    }
    q->script = script;
    q->wanted = script->outcome;
    q->count = script->count;
    q->end = now() + (time_t)seconds;
    memset(q->trial, true, sizeof(q->trial));
    /* Looking after every call may see it earlier, and then as something else. */
    if (attempt(q, false) || (script->outcome.finished && script->outcome.failed)) {
        q->wanted = script->outcome;
        accept_trial(q);
        uint32_t size = kept(q) / 2;
        while (size >= 1 && now() < q->end) {
            const bool found = one_pass(q, size);
            size = size == 1 && found ? 1 : size / 2;
        }
        memcpy(q->trial, q->keep, sizeof(q->trial));
        printf("shortened to %u calls:\n", kept(q));
        attempt(q, true);
    } else {
        puts("it does not happen again");
    }
    free(q);
}
