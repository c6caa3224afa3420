/* options.c - see options.h. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 24 };

static const struct option USUAL[] = {{"regime", 1, NULL, 'g'}, {"runs", 1, NULL, 'r'},
    {"ops", 1, NULL, 'o'}, {"seed", 1, NULL, 's'}, {"resting-max", 1, NULL, 'd'},
    {"instructions", 0, NULL, 'n'}, {"json", 0, NULL, 'j'}, {"help", 0, NULL, 'h'}};

_Noreturn void bench_refuse(const bench_program *program, const char *name, const char *value) {
    fprintf(stderr, "%s: --%s %s is not possible\n", program->name, name, value);
    program->usage(stderr);
    exit(2);
}

uint64_t bench_number(
    const bench_program *program, const char *name, const char *text, uint64_t low, uint64_t high) {
    char *end;
    const unsigned long long value = strtoull(text, &end, 10);
    if (end == text || *end != 0 || *text == '-' || value < low || value > high) {
        bench_refuse(program, name, text);
    }
    return value;
}

void bench_options_end(const bench_program *program, int argc, char **argv) {
    if (optind < argc) {
        bench_refuse(program, "", argv[optind]);
    }
}

static const char *regime_known(const bench_program *program, const char *name) {
    bool known = program->has != NULL && program->has(name);
    for (size_t i = 0; !known && program->has == NULL && program->regime(i) != NULL; i++) {
        known = strcmp(program->regime(i), name) == 0;
    }
    if (!known) {
        bench_refuse(program, "regime", name);
    }
    return name;
}

/* One that all programs have; false: it is the program's own. */
static bool take_usual(const bench_program *program, bench_options *options, int found) {
    switch (found) {
    case 'g':
        options->regime = regime_known(program, optarg);
        break;
    case 'r':
        options->runs = (uint32_t)bench_number(program, "runs", optarg, 1, program->runs_max);
        break;
    case 'o':
        options->ops = (uint32_t)bench_number(program, "ops", optarg, 1, 100000000);
        break;
    case 's':
        options->seed = bench_number(program, "seed", optarg, 0, UINT64_MAX);
        break;
    case 'd':
        options->resting_max = (uint32_t)bench_number(
            program, "resting-max", optarg, program->resting_min, UINT32_MAX);
        break;
    case 'n':
        options->instructions = true;
        break;
    case 'j':
        options->json = true;
        break;
    case 'h':
        program->usage(stdout);
        exit(0);
    case '?':
        program->usage(stderr);
        exit(2);
    default:
        return false;
    }
    return true;
}

/* All names: those of all programs, and this one's own. */
static void names_of(const bench_program *program, struct option *names) {
    const size_t usual = sizeof(USUAL) / sizeof(*USUAL);
    size_t count = usual;
    memcpy(names, USUAL, sizeof(USUAL));
    for (const struct option *o = program->more; o != NULL && o->name != NULL; o++) {
        if (count + 1 >= NAMES_MAX) {
            fprintf(stderr, "%s: too many options\n", program->name);
            exit(2);
        }
        names[count++] = *o;
    }
    names[count] = (struct option){.name = NULL};
}

bench_options bench_parse(const bench_program *program, int argc, char **argv, void *own) {
    struct option names[NAMES_MAX];
    bench_options options = {.seed = 1, .ops = 1000000, .runs = 5};
    names_of(program, names);
    for (int found; (found = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (!take_usual(program, &options, found)) {
            program->take(own, found);
        }
    }
    bench_options_end(program, argc, argv);
    return options;
}

void bench_usage_regimes(const bench_program *program, FILE *to) {
    for (size_t i = 0; program->regime(i) != NULL; i++) {
        fprintf(to, " %s", program->regime(i));
    }
}

int bench_regimes(const bench_program *program, const bench_options *options,
    bool (*one)(size_t at, const void *of), const void *of) {
    const bool array = options->json && !options->instructions;
    const bool all = options->regime == NULL || program->has != NULL;
    bool right = true;
    printf("%s", array ? "[" : "");
    for (size_t i = 0; program->regime(i) != NULL; i++) {
        if (all || strcmp(options->regime, program->regime(i)) == 0) {
            right &= one(i, of);
        }
    }
    printf("%s", array ? "]\n" : "");
    return right ? 0 : 1;
}
