/* passage.c - see passage.h. */
#include "passage.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

enum { SENT_AT_ONCE = 16 };  /* commands, before the same thread reads again */
enum { READ_AT_ONCE = 64 };  /* slots, before the clock is read */
enum { TURNS = 64 };         /* in which nothing was done, before others may run */
enum { TURNS_LONG = 65536 }; /* before it is asked whether anything will come */
static const uint64_t PATIENCE_NS = 30000000000; /* without anything: it has failed */

static uint64_t due_at(const passage *p, size_t at) {
    return p->begun + (uint64_t)((double)at * p->gap_ns);
}

static void give_up_unless(passage *p, bool goes_on) {
    if (!goes_on) {
        atomic_store_explicit(&p->failed, true, memory_order_relaxed);
    }
}

static bool has_failed(passage *p) {
    return atomic_load_explicit(&p->failed, memory_order_relaxed);
}

/* Sends what is due and has room, SENT_AT_ONCE at most. */
static bool send_some(passage *p) {
    const node_flow *f = p->flow;
    const uint64_t now = p->gap_ns > 0 ? bench_now_ns() : 0;
    const uint64_t room = atomic_load_explicit(&p->read, memory_order_relaxed) + NODE_WINDOW;
    const size_t first = p->sent;
    const size_t end = f->ops - first < SENT_AT_ONCE ? f->ops : first + SENT_AT_ONCE;
    while (p->sent < end && f->ends[p->sent] <= room &&
           (p->gap_ns <= 0 || due_at(p, p->sent) <= now)) {
        const int answer = trd_node_send(p->node, &f->commands[p->sent]);
        if (answer != TRD_OK) {
            give_up_unless(p, answer == TRD_E_FULL);
            break;
        }
        p->sent++;
    }
    return p->sent > first;
}

/* Of some commands everything was read: their latency ends now. */
static void finish(passage *p) {
    const node_flow *f = p->flow;
    const uint64_t now =
        p->latency != NULL || p->seen.slots == f->ends[f->ops - 1] ? bench_now_ns() : 0;
    while (p->done < f->ops && f->ends[p->done] <= p->seen.slots) {
        if (p->latency != NULL) {
            const uint64_t due = due_at(p, p->done);
            bench_hist_add(p->latency, now > due ? now - due : 0);
        }
        p->done++;
    }
    p->ended = now;
}

/* Reads what there is, READ_AT_ONCE slots and less than a record at most. */
static bool read_some(passage *p) {
    uint32_t count, at = 0;
    const trd_event *slots = trd_node_peek(p->node, 0, &count);
    if (slots == NULL) {
        return false;
    }
    while (at < count && at < READ_AT_ONCE) {
        node_see(&p->seen, &slots[at]);
        at += slots[at].slots;
    }
    trd_node_release(p->node, 0, at);
    atomic_store_explicit(&p->read, p->seen.slots, memory_order_relaxed);
    finish(p);
    return true;
}

/* How long a thread has had nothing to do. */
typedef struct quiet {
    uint32_t turns; /* in a row */
    uint64_t since; /* about */
} quiet;

/* Nothing was to be done. With a processor for everybody a yield returns at once; the kernel's
 * workers may need this one. */
static void rest(passage *p, quiet *q) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
    q->turns++;
    if (p->yields || q->turns % TURNS == 0) {
        sched_yield();
    }
    if (q->turns % TURNS_LONG == 0) {
        const uint64_t now = bench_now_ns();
        trd_node_stats stats;
        trd_node_stats_get(p->node, &stats);
        q->since = q->turns == TURNS_LONG ? now : q->since;
        give_up_unless(p, stats.failed == TRD_OK && now - q->since < PATIENCE_NS);
    }
}

static bool is_over(passage *p) {
    return p->done == p->flow->ops || p->seen.cut || has_failed(p);
}

void passage_in_turn(passage *p) {
    quiet q = {0};
    while (!is_over(p)) {
        const bool sent = send_some(p);
        if (read_some(p) || sent) {
            q.turns = 0;
        } else {
            rest(p, &q);
        }
    }
}

static void *send_all(void *of) {
    passage *p = of;
    quiet q = {0};
    if (p->cpu >= 0) {
        passage_pin(p->cpu);
    }
    while (p->sent < p->flow->ops && !has_failed(p)) {
        if (send_some(p)) {
            q.turns = 0;
        } else {
            rest(p, &q);
        }
    }
    return NULL;
}

void passage_apart(passage *p) {
    quiet q = {0};
    pthread_t sender;
    if (pthread_create(&sender, NULL, send_all, p) != 0) {
        fprintf(stderr, "bench: no thread\n");
        exit(2);
    }
    while (!is_over(p)) {
        if (read_some(p)) {
            q.turns = 0;
        } else {
            rest(p, &q);
        }
    }
    give_up_unless(p, p->done == p->flow->ops);
    pthread_join(sender, NULL);
}

void passage_by_hand(passage *p, uint32_t burst) {
    const size_t ops = p->flow->ops;
    while (!is_over(p)) {
        bool moves = p->sent < ops;
        const size_t end = ops - p->sent < burst ? ops : p->sent + burst;
        while (p->sent < end) {
            const int answer = trd_node_send(p->node, &p->flow->commands[p->sent++]);
            give_up_unless(p, answer == TRD_OK);
        }
        while (trd_node_work(p->node) > 0) {
        }
        while (read_some(p)) {
            moves = true;
        }
        give_up_unless(p, moves);
    }
}

void passage_pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    (void)sched_setaffinity(0, sizeof(set), &set); /* else the scheduler chooses */
}
