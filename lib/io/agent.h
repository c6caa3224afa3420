/* agent.h - a thread that calls a function again and again, and how it rests. */
#ifndef TRD_IO_AGENT_H
#define TRD_IO_AGENT_H

#include <pthread.h>
#include <stdatomic.h>

#include <tradsys/base.h>

#include "core/compiler.h"

typedef struct trd__agent {
    uint32_t (*work)(void *of); /* does what there is to do, returns how much */
    void *of;
    uint32_t idle;    /* TRD_IDLE_* */
    uint32_t park_ns; /* PARK: sleeps that long at most */
    int cpu;          /* -1: any */
    pthread_t thread;
    bool started;
    _Alignas(TRD_LINES_APART) _Atomic uint32_t ends; /* set by stop, looked at every round */
    /* 1: it sleeps, or is about to. Set by the agent, cleared by who wakes it. */
    _Alignas(TRD_LINES_APART) _Atomic uint32_t parked;
} trd__agent;

/* TRD_OK, TRD_E_MEMORY: no thread; TRD_E_ARG: no such processor. */
int trd__agent_start(trd__agent *agent);

/* Ends the thread after the round that it is in, and waits for it. */
void trd__agent_stop(trd__agent *agent);

/* Wakes it if it sleeps. A wake that comes just before it falls asleep may be missed: it sleeps
 * park_ns at most. No system call if it is awake. */
void trd__agent_wake(trd__agent *agent);

#endif
