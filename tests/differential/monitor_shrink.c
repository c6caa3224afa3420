/* monitor_shrink.c - see monitor_shrink.h.
 *
 * Pieces of the list are left out, half of it first, then ever smaller ones, until no single
 * command can be. Every attempt is a process of its own, because what is looked for may be a
 * failed assertion; it succeeds if it ends with the same words, or by dying too. */
#include "monitor_shrink.h"

#include "monitor_play.h"
#include "monitor_text.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ATTEMPT_SECONDS = 10 };

typedef struct search {
    mon_script *script;
    mon_outcome wanted;
    uint32_t count;                     /* commands of `list` */
    uint32_t list[MON_SCRIPT_COMMANDS]; /* the shortest so far: numbers in the script */
    time_t end;
} search;

static time_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/* In the child: the list without [from, to). */
static void play(const search *q, uint32_t from, uint32_t to, bool aloud) {
    mon_script *s = q->script;
    mon_play *p = mon_play_begin(s, true, false, aloud);
    bool good = true;
    for (uint32_t i = 0; i < q->count && good; i++) {
        const trd_command *c = s->command[q->list[i]];
        if (i >= from && i < to) {
            continue;
        }
        if (aloud) {
            mon_text_command(c);
            fflush(stdout);
        }
        good = mon_play_command(p, c);
    }
    if (good) {
        mon_play_again(p);
    }
    s->outcome.finished = true;
}

static bool ended_as_wanted(const search *q, int status) {
    const mon_outcome *o = &q->script->outcome;
    return q->wanted.finished ? o->finished && o->failed && strcmp(o->what, q->wanted.what) == 0
                              : !o->finished && status != 0;
}

static bool attempt(search *q, uint32_t from, uint32_t to, bool aloud) {
    fflush(stdout);
    q->script->outcome = (mon_outcome){0};
    const pid_t child = fork();
    if (child == 0) {
        alarm(ATTEMPT_SECONDS);
        if (!aloud && (freopen("/dev/null", "w", stdout) == NULL ||
                          freopen("/dev/null", "w", stderr) == NULL)) {
            _exit(3);
        }
        play(q, from, to, aloud);
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && ended_as_wanted(q, status);
}

/* The attempt has become the list; what was not played any more is cut off. */
static void accept_attempt(search *q, uint32_t from, uint32_t to) {
    const uint64_t last = q->script->outcome.at;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < q->count; i++) {
        if ((i < from || i >= to) && q->script->command[q->list[i]]->seq <= last) {
            q->list[kept++] = q->list[i];
        }
    }
    q->count = kept;
}

static bool one_pass(search *q, uint32_t size) {
    bool found = false;
    for (uint32_t end = q->count; end > 0 && now() < q->end;) {
        const uint32_t from = end > size ? end - size : 0;
        if (attempt(q, from, end, false)) {
            accept_attempt(q, from, end);
            found = true;
        }
        end = from < q->count ? from : q->count;
    }
    return found;
}

void mon_shrink(mon_script *script, unsigned seconds) {
    static search q;
    q = (search){.script = script,
        .wanted = script->outcome,
        .count = script->count,
        .end = now() + (time_t)seconds};
    for (uint32_t i = 0; i < q.count; i++) {
        q.list[i] = i;
    }
    /* Audits after every command may see it earlier, and then as something else. */
    const bool again = attempt(&q, 0, 0, false);
    if (!again && !(script->outcome.finished && script->outcome.failed)) {
        puts("it does not happen again");
        return;
    }
    q.wanted = script->outcome;
    accept_attempt(&q, 0, 0);
    uint32_t size = q.count / 2;
    while (size >= 1 && now() < q.end) {
        const bool found = one_pass(&q, size);
        size = size == 1 && found ? 1 : size / 2;
    }
    printf("shortened to %u commands:\n", q.count);
    mon_text_world(&script->world);
    attempt(&q, 0, 0, true);
}
