/* agent.c - threads of agents. The only place of the library that starts any. */
#include "io/agent.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <tradsys/io/node.h>

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

/* Sleeps until it is woken, or for `most_ns`. */
static void sleep_on(trd__agent *a, uint32_t most_ns) {
    const struct timespec most = {.tv_sec = most_ns / 1000000000, .tv_nsec = most_ns % 1000000000};
    const long result =
        syscall(SYS_futex, &a->parked, FUTEX_WAIT_PRIVATE, 1, &most, NULL, 0); /* compares */
    if (result < 0 && errno == ETIMEDOUT && most_ns == a->park_ns) {
        const uint64_t count = atomic_load_explicit(&a->overslept, memory_order_relaxed);
        atomic_store_explicit(&a->overslept, count + 1, memory_order_relaxed);
    }
}

/* Says that it sleeps, looks once more, and sleeps. Partner of the exchange: that of
 * trd__agent_wake. Of the two one comes first: if ours, the other finds 1 and wakes us; if the
 * other, ours synchronizes with it, and the look finds what was stored before it. How much the look
 * has done. */
static uint32_t park(trd__agent *a) {
    (void)atomic_exchange_explicit(&a->parked, 1, memory_order_acq_rel);
    uint32_t done = 0;
    if (atomic_load_explicit(&a->ends, memory_order_relaxed) == 0) {
        done = a->work(a->of);
        if (done == 0) {
            const bool naps = a->waits != NULL && a->waits(a->of) && a->park_ns > TRD__NAP_NS;
            sleep_on(a, naps ? TRD__NAP_NS : a->park_ns);
        }
    }
    /* No plain store: between two exchanges of ours it would hide one of somebody's from us. */
    (void)atomic_exchange_explicit(&a->parked, 0, memory_order_acq_rel);
    return done;
}

/* How much was done meanwhile. */
static uint32_t rest(trd__agent *a, uint32_t idle_rounds) {
    if (a->idle == TRD_IDLE_SPIN || idle_rounds < TRD__SPINS) {
        relax();
    } else if (a->idle == TRD_IDLE_YIELD || idle_rounds < TRD__SPINS + TRD__YIELDS) {
        sched_yield();
    } else {
        return park(a);
    }
    return 0;
}

static void *run(void *of) {
    trd__agent *a = of;
    uint32_t idle_rounds = 0;
    (void)prctl(PR_SET_NAME, a->name); /* a thread without a name works, too */
    /* Partner: the store of trd__agent_stop. */
    while (atomic_load_explicit(&a->ends, memory_order_acquire) == 0) {
        if (a->work(a->of) > 0 || rest(a, idle_rounds) > 0) {
            idle_rounds = 0;
        } else {
            idle_rounds += idle_rounds < UINT32_MAX;
        }
    }
    return NULL;
}

int trd__agent_start(trd__agent *agent) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) {
        return TRD_E_MEMORY;
    }
    int result = 0;
    if (agent->cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        if (agent->cpu < CPU_SETSIZE) {
            CPU_SET(agent->cpu, &set);
        }
        result = pthread_attr_setaffinity_np(&attributes, sizeof(set), &set);
    }
    atomic_store_explicit(&agent->ends, 0, memory_order_relaxed);
    result = result == 0 ? pthread_create(&agent->thread, &attributes, run, agent) : result;
    pthread_attr_destroy(&attributes);
    agent->started = result == 0;
    return result == 0 ? TRD_OK : result == EINVAL ? TRD_E_ARG : TRD_E_MEMORY;
}

void trd__agent_stop(trd__agent *agent) {
    if (!agent->started) {
        return;
    }
    atomic_store_explicit(&agent->ends, 1, memory_order_release);
    trd__agent_wake(agent);
    pthread_join(agent->thread, NULL);
    agent->started = false;
}

void trd__agent_wake(trd__agent *agent) {
    /* A plain load could be made before the caller's stores are seen: then both would miss each
     * other. The exchange costs what a fence does, and only agents that sleep are asked. */
    if (agent->idle == TRD_IDLE_PARK &&
        atomic_exchange_explicit(&agent->parked, 0, memory_order_acq_rel) != 0) {
        syscall(SYS_futex, &agent->parked, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    }
}
