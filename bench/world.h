/* world.h - engines as benchmarks make them: one instrument, two assets, accounts with money. */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

#include <stdint.h>

#include <tradsys/engine.h>

/* The definition of an engine and what it points to: not to be copied. */
typedef struct world_parts {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_engine_def engine;
} world_parts;

/* world_parts_make defines an engine for so many orders, and accounts that have both assets and a
 * position. Everything else is as the library has it. */
void world_parts_make(world_parts *parts, uint32_t accounts, uint32_t orders);

/* The command that opens an account: a trader's, of mode CASH. */
trd_command world_open(uint32_t account);

/* The one that gives it money from outside. */
trd_command world_deposit(uint32_t account, uint32_t asset, trd_amt amount);

#endif
