/* options.h - what every benchmark can be told, and what it does about it: options are read, and
 * the regimes that are wanted run one after the other. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The program whose options are read. */
typedef struct bench_program {
    const char *name;
    void (*usage)(FILE *to);
    uint32_t runs_max;
    uint32_t resting_min;
    /* Name of regime number `at`; NULL: there are no more. */
    const char *(*regime)(size_t at);
    /* Is there a regime, or a part of one, of that name? NULL: those of `regime` are all. */
    bool (*has)(const char *name);
    /* Options of its own, ended by one without name; NULL: none. `take` puts one, whose value is in
     * optarg, into what bench_parse was given. */
    const struct option *more;
    void (*take)(void *own, int found);
} bench_program;

/* bench_refuse says that a value is not possible, how the program is used, and ends it with 2.
 * bench_number reads a decimal number in [low, high], or refuses it. */
_Noreturn void bench_refuse(const bench_program *program, const char *name, const char *value);
uint64_t bench_number(
    const bench_program *program, const char *name, const char *text, uint64_t low, uint64_t high);

/* bench_options_end refuses what is left over behind the options. */
void bench_options_end(const bench_program *program, int argc, char **argv);

/* What every program can be told. */
typedef struct bench_options {
    const char *regime; /* NULL: all */
    uint64_t seed;
    uint32_t ops;
    uint32_t runs;
    uint32_t resting_max; /* regimes with more are made smaller; 0: none */
    bool json;
    bool instructions;
} bench_options;

/* bench_parse reads the options that all programs have, and the program's own into `own`. --help
 * and what is no option end the program. */
bench_options bench_parse(const bench_program *program, int argc, char **argv, void *own);

/* bench_usage_regimes lists the names of the regimes. */
void bench_usage_regimes(const bench_program *program, FILE *to);

/* bench_regimes calls `one` for each regime that is wanted, with the array around its rows, where
 * that is wanted. 1 if one of them was false, else 0: what the program ends with. A regime of which
 * a part may be wanted is always asked. */
int bench_regimes(const bench_program *program, const bench_options *options,
    bool (*one)(size_t at, const void *of), const void *of);

#endif
