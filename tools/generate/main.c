/* tradsys-generate - writes a made-up trading day as an order file for tradsys-replay. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <tradsys/base.h>

#include "generate/market.h"

static const char help[] =
    "usage: tradsys-generate [options] FILE\n"
    "\n"
    "Writes a trading session of eight symbols as an order file (docs/formats/orders-csv.md):\n"
    "makers and takers, cancels, replaces, and some invalid commands of each kind. The same seed\n"
    "makes the same file. FILE - is the standard output.\n"
    "\n"
    "  --seed N       which session (1)\n"
    "  --commands N   how long (250000)\n"
    "  --help, --version\n";

enum { EXIT_FILE = 1, EXIT_USAGE = 2 };

/* The day is 9:30 to 16:00 in parts of five minutes; a part's share of the commands is a parabola:
 * busiest at the open and the close. */
enum { PARTS = 78 };
static const int64_t day_begin_ns = 34200000000000;
static const int64_t part_ns = 300000000000;

static uint64_t weight_of(uint64_t part) {
    const int64_t from_noon = 2 * (int64_t)part - (PARTS - 1);
    return 2000 + (uint64_t)(from_noon * from_noon);
}

static void write_part(session *at, uint64_t part, uint64_t commands) {
    const int64_t begin = day_begin_ns + (int64_t)part * part_ns;
    for (uint64_t i = 0; i < commands; i++) {
        /* Each command has its slot of the time and comes somewhere in it: time never goes back. */
        const int64_t slot = part_ns / (int64_t)commands;
        const int64_t late = (int64_t)rng_below(&at->random, 1000) * slot / 1000;
        session_command(at, begin + (int64_t)i * slot + late);
    }
}

static void write_day(session *at, uint64_t commands) {
    uint64_t sum = 0, weights = 0;
    for (uint64_t i = 0; i < PARTS; i++) {
        sum += weight_of(i);
    }
    for (uint64_t i = 0; i < PARTS; i++) {
        /* The parts end at rounded shares of the whole, so that all of it is written. */
        const uint64_t before = (uint64_t)((__extension__(__int128) commands * weights) / sum);
        weights += weight_of(i);
        const uint64_t after = (uint64_t)((__extension__(__int128) commands * weights) / sum);
        write_part(at, i, after - before);
    }
}

static int write_file(const char *path, uint64_t seed, uint64_t commands) {
    FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    session *at = calloc(1, sizeof(*at));
    if (out == NULL || at == NULL) {
        fprintf(stderr, "tradsys-generate: %s: %s\n", path, strerror(errno));
        free(at);
        return EXIT_FILE;
    }
    session_begin(at, out, seed);
    write_day(at, commands);
    free(at);
    const int failed = ferror(out);
    if (fclose(out) != 0 || failed != 0) {
        fprintf(stderr, "tradsys-generate: %s: cannot be written\n", path);
        return EXIT_FILE;
    }
    return 0;
}

static int parse(const char *value, uint64_t least, uint64_t most, uint64_t *out) {
    char *end;
    errno = 0;
    *out = strtoull(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || *out < least ||
        *out > most) {
        fprintf(stderr, "tradsys-generate: %s is no number from %llu to %llu; see --help\n", value,
            (unsigned long long)least, (unsigned long long)most);
        return EXIT_USAGE;
    }
    return 0;
}

int main(int argc, char **argv) {
    static const struct option options[] = {{"seed", required_argument, NULL, 's'},
        {"commands", required_argument, NULL, 'c'}, {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};
    uint64_t seed = 1, commands = 250000;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(help, stdout);
            return 0;
        }
        if (option == 'v') {
            printf("tradsys-generate %d.%d.%d\n", TRD_VERSION_MAJOR, TRD_VERSION_MINOR,
                TRD_VERSION_PATCH);
            return 0;
        }
        const bool is_seed = option == 's';
        if (option == '?' || (is_seed ? parse(optarg, 0, UINT64_MAX, &seed)
                                      : parse(optarg, 1, 1000000000, &commands)) != 0) {
            return EXIT_USAGE;
        }
    }
    if (optind + 1 != argc) {
        fputs("tradsys-generate: one file must be named; see --help\n", stderr);
        return EXIT_USAGE;
    }
    return write_file(argv[optind], seed, commands);
}
