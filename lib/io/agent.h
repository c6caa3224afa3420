/* agent.h - a thread that calls a function again and again, and how it rests. */
#ifndef TRD_IO_AGENT_H
#define TRD_IO_AGENT_H

#include <pthread.h>
#include <stdatomic.h>

#include <tradsys/base.h>

#include "core/compiler.h"

typedef struct trd__agent {
    uint32_t (*work)(void *of); /* does what there is to do, returns how much */
    /* Is something under way elsewhere (a disk's work, room in a ring) that nobody wakes it for?
     * Asked when it is about to sleep; then it sleeps TRD__NAP_NS at most. NULL: never. */
    bool (*waits)(void *of);
    void *of;
    const char *name; /* of its thread: 15 characters at most */
    uint32_t idle;    /* TRD_IDLE_*; like all above set before anybody wakes it */
    uint32_t park_ns; /* PARK: sleeps that long at most */
    int cpu;          /* -1: any */
    pthread_t thread;
    bool started;
    _Alignas(TRD_LINES_APART) _Atomic uint32_t ends; /* set by stop, looked at every round */
    /* 1: it sleeps, or is about to. Set by the agent, cleared by who wakes it. */
    _Alignas(TRD_LINES_APART) _Atomic uint32_t parked;
    _Atomic uint64_t overslept; /* times that it slept park_ns out, and nobody had woken it */
} trd__agent;

/* Rounds without work before anything else than spinning, about a microsecond; and before sleep. */
enum { TRD__SPINS = 64, TRD__YIELDS = 64, TRD__NAP_NS = 50000 };

/* TRD_OK, TRD_E_MEMORY: no thread; TRD_E_ARG: no such processor. */
int trd__agent_start(trd__agent *agent);

/* Ends the thread after the round that it is in, and waits for it. */
void trd__agent_stop(trd__agent *agent);

/* Wakes it if it sleeps. What was stored before the call is seen by its next round of work, and no
 * wake is missed. No system call if it is awake; nothing at all if it never sleeps. */
void trd__agent_wake(trd__agent *agent);

#endif
