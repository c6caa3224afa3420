/* subject_money.h - what bench_money runs: the matcher alone, the engine, and the checks of an
 * order by themselves, on the same load. */
#ifndef BENCH_SUBJECT_MONEY_H
#define BENCH_SUBJECT_MONEY_H

#include <stdbool.h>
#include <stddef.h>

#include <tradsys/engine.h>

#include "money.h"

typedef struct money_subject {
    const char *name;
    const char *unit; /* what the cost is per */
    /* Bytes needed for the load. */
    size_t (*footprint)(const money *load);
    /* A new one in `mem` (2 MiB aligned, footprint bytes), with accounts, money and limits. One at
     * a time per subject. */
    void (*open)(void *mem, const money *load);
    /* Executes the setting; units [from, to) of what is measured. */
    void (*set)(const money *load);
    void (*run)(const money *load, size_t from, size_t to);
    /* Has it counted what the load leads to? Names on stderr what differs. */
    bool (*is_right)(const money *load);
} money_subject;

/* The first is what the others are compared with. */
enum { MONEY_SUBJECTS = 4 };
extern const money_subject money_subjects[MONEY_SUBJECTS];

/* money_begin: what is opened next publishes everything, and each event is read and counted; or
 * (false) what venues publish, and nobody reads it. money_forget drops events that are not read yet
 * and starts all counts anew: to be called behind `open`, and when a block is put back to what it
 * was. */
void money_begin(bool reads);
void money_forget(void);

/* money_engine_make makes the engine of `match+risk+ledger` in `mem` (2 MiB aligned, as many bytes
 * as money_engine_footprint says) and executes the setting. `trail`: it keeps a running hash of its
 * events. It is the caller's; money_begin comes before. */
size_t money_engine_footprint(const money *load, bool trail);
trd_engine *money_engine_make(void *mem, const money *load, bool trail);

#endif
