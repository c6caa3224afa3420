#include "replay/args.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <tradsys/base.h>

#include "replay/source.h"

static const char help[] =
    "usage: tradsys-replay [options] FILE\n"
    "       tradsys-replay journal [options] DIR        see tradsys-replay journal --help\n"
    "       tradsys-replay diff [options] DIR_A DIR_B   see tradsys-replay diff --help\n"
    "\n"
    "Replays a file through the order books of libtradsys and says what came of it.\n"
    "FILE is one of the following, told apart by how it begins:\n"
    "  orders    commands for the matching engine    docs/formats/orders-csv.md\n"
    "  quantcup  order flow of the QuantCup contest  docs/formats/orders-csv.md\n"
    "  levels    recorded level book with checksums  docs/formats/levels-csv.md\n"
    "  itch      Nasdaq TotalView-ITCH 5.0 file      docs/formats/itch-replay.md\n"
    "\n"
    "  --format NAME     take FILE for one of these formats\n"
    "  --depth N         levels of each ladder, 1 to 1000 (5)\n"
    "  --symbol NAME     show the ladder of this symbol, not of the most active ones\n"
    "  --json            write one JSON object instead of text\n"
    "  --lenient         count and skip bad rows instead of stopping at the first\n"
    "  --trades FILE     write each execution of the matching engine as CSV\n"
    "  --write-itch FILE write the public feed of a replayed order file as ITCH 5.0\n"
    "  --orders-max N    room for resting orders (from the file, at most 4194304)\n"
    "  --quiet           no progress bar\n"
    "  --help, --version\n"
    "\n"
    "Exit codes: 0 done, 1 the file cannot be read or is not in its format, 2 wrong usage,\n"
    "3 replayed, but a checksum or a check of the books failed.\n";

static const char *const format_names[] = {"auto", "orders", "quantcup", "levels", "itch"};

enum { OPTION_FORMAT = 256, OPTION_DEPTH, OPTION_SYMBOL, OPTION_JSON, OPTION_LENIENT };
enum { OPTION_TRADES = 300, OPTION_ITCH, OPTION_ORDERS, OPTION_QUIET, OPTION_HELP, OPTION_VERSION };

static const struct option options[] = {
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"depth", required_argument, NULL, OPTION_DEPTH},
    {"symbol", required_argument, NULL, OPTION_SYMBOL},
    {"json", no_argument, NULL, OPTION_JSON},
    {"lenient", no_argument, NULL, OPTION_LENIENT},
    {"trades", required_argument, NULL, OPTION_TRADES},
    {"write-itch", required_argument, NULL, OPTION_ITCH},
    {"orders-max", required_argument, NULL, OPTION_ORDERS},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

static int usage(const char *what, const char *value) {
    fprintf(stderr, "tradsys-replay: %s%s; see --help\n", what, value);
    return EXIT_USAGE;
}

static int parse_format(const char *name, input_format *out) {
    for (unsigned i = 0; i < sizeof(format_names) / sizeof(format_names[0]); i++) {
        if (strcmp(name, format_names[i]) == 0) {
            *out = (input_format)i;
            return -1;
        }
    }
    return usage("no such format: ", name);
}

static int parse_count(const char *what, const char *value, uint64_t most, uint32_t *out) {
    uint64_t count;
    if (!text_u64((text){value, strlen(value)}, &count) || count < 1 || count > most) {
        fprintf(stderr, "tradsys-replay: %s must be 1 to %llu, not %s; see --help\n", what,
            (unsigned long long)most, value);
        return EXIT_USAGE;
    }
    *out = (uint32_t)count;
    return -1;
}

static int version(void) {
    const uint32_t loaded = trd_version();
    printf("tradsys-replay %u.%u.%u\n", loaded >> 16, loaded >> 8 & 0xff, loaded & 0xff);
    return EXIT_DONE;
}

static int apply(int option, arguments *out) {
    switch (option) {
    case OPTION_FORMAT:
        return parse_format(optarg, &out->format);
    case OPTION_DEPTH:
        return parse_count("--depth", optarg, DEPTH_MAX, &out->depth);
    case OPTION_ORDERS:
        return parse_count("--orders-max", optarg, 1u << 26, &out->orders_max);
    case OPTION_SYMBOL:
        out->symbol = optarg;
        return -1;
    case OPTION_TRADES:
        out->fills = optarg;
        return -1;
    case OPTION_ITCH:
        out->itch = optarg;
        return -1;
    case OPTION_JSON:
        out->json = true;
        return -1;
    case OPTION_LENIENT:
        out->lenient = true;
        return -1;
    case OPTION_QUIET:
        out->quiet = true;
        return -1;
    case OPTION_HELP:
        fputs(help, stdout);
        return EXIT_DONE;
    case OPTION_VERSION:
        return version();
    default:
        return usage("wrong option", "");
    }
}

int args_parse(int argc, char **argv, arguments *out) {
    *out = (arguments){.depth = 5};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        const int result = apply(option, out);
        if (result >= 0) {
            return result;
        }
    }
    if (optind == argc) {
        return usage("no file given", "");
    }
    if (optind + 1 < argc) {
        return usage("more than one file: ", argv[optind + 1]);
    }
    out->file = argv[optind];
    return -1;
}
