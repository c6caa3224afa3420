/* agent.c - threads of agents. The only place of the library that starts any. */
#include "io/agent.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <tradsys/io/node.h>

/* Rounds without work before anything else than spinning: about a microsecond. */
enum { SPINS = 64, YIELDS = 64 };

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void park(trd__agent *a) {
    const struct timespec most = {
        .tv_sec = a->park_ns / 1000000000, .tv_nsec = a->park_ns % 1000000000};
    /* Partner: the exchange of trd__agent_wake. The futex compares, so a wake after this store is
     * seen; one before it is missed, and costs park_ns. */
    atomic_store_explicit(&a->parked, 1, memory_order_seq_cst);
    if (atomic_load_explicit(&a->ends, memory_order_seq_cst) == 0) {
        syscall(SYS_futex, &a->parked, FUTEX_WAIT_PRIVATE, 1, &most, NULL, 0);
    }
    atomic_store_explicit(&a->parked, 0, memory_order_relaxed);
}

static void rest(trd__agent *a, uint32_t idle_rounds) {
    if (a->idle == TRD_IDLE_SPIN || idle_rounds < SPINS) {
        relax();
    } else if (a->idle == TRD_IDLE_YIELD || idle_rounds < SPINS + YIELDS) {
        sched_yield();
    } else {
        park(a);
    }
}

static void *run(void *of) {
    trd__agent *a = of;
    uint32_t idle_rounds = 0;
    /* Partner: the store of trd__agent_stop. */
    while (atomic_load_explicit(&a->ends, memory_order_acquire) == 0) {
        if (a->work(a->of) > 0) {
            idle_rounds = 0;
        } else {
            rest(a, idle_rounds);
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
    atomic_store_explicit(&agent->parked, 0, memory_order_relaxed);
    result = result == 0 ? pthread_create(&agent->thread, &attributes, run, agent) : result;
    pthread_attr_destroy(&attributes);
    agent->started = result == 0;
    return result == 0 ? TRD_OK : result == EINVAL ? TRD_E_ARG : TRD_E_MEMORY;
}

void trd__agent_stop(trd__agent *agent) {
    if (!agent->started) {
        return;
    }
    atomic_store_explicit(&agent->ends, 1, memory_order_seq_cst);
    trd__agent_wake(agent);
    pthread_join(agent->thread, NULL);
    agent->started = false;
}

void trd__agent_wake(trd__agent *agent) {
    if (atomic_load_explicit(&agent->parked, memory_order_seq_cst) != 0 &&
        atomic_exchange_explicit(&agent->parked, 0, memory_order_seq_cst) != 0) {
        syscall(SYS_futex, &agent->parked, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    }
}
