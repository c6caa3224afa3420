/* tradsys-inspect - looks into journals and snapshots. It writes nothing but what it says, and the
 * snapshot that is asked for. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <tradsys/base.h>

#include "inspect/inspect.h"
#include "replay/source.h"

enum { DEPTH_MAX = 1000 };

static const char help[] =
    "usage: tradsys-inspect journal [options] DIR|FILE\n"
    "       tradsys-inspect snapshot [options] FILE\n"
    "       tradsys-inspect state [options] FILE\n"
    "       tradsys-inspect diff [options] FILE_A FILE_B\n"
    "       tradsys-inspect text FILE\n"
    "       tradsys-inspect import [options] TEXT SNAPSHOT\n"
    "\n"
    "journal: segments, what is in them, and how the journal ends.\n"
    "  --frames      a line for each frame\n"
    "  --commands    a line for each command, with its fields by name\n"
    "\n"
    "snapshot: the head of a snapshot, its parts, and whether every byte is right.\n"
    "  --pages       a line for each page that is stored\n"
    "\n"
    "state: what the engine of a snapshot has, as tables: instruments, accounts, balances,\n"
    "positions, limits, orders, books.\n"
    "  --depth N     levels of each side of a book, 1 to 1000 (10)\n"
    "\n"
    "diff: the pages and parts in which two snapshots differ, then the lines of what they have,\n"
    "- of the first, + of the second.\n"
    "  --pages       a line for each page that differs\n"
    "\n"
    "text: all of the engine of a snapshot as text, line by line.\n"
    "\n"
    "import: a snapshot, which is not there yet, of such a text.\n"
    "  --set NAME=N  a capacity of the engine, more than it was: orders_max, accounts_max, ...\n"
    "  --edited      the text was changed: its digest is not asked for\n"
    "  --pass-over   tables and fields that are not known are passed over, and counted\n"
    "\n"
    "  --json        one JSON object per line\n"
    "  --quiet       no progress bar\n"
    "  --help, --version\n"
    "\n"
    "Exit codes: 0 done, 1 missing or damaged, 2 wrong usage, 3 the snapshots differ.\n";

/* Options have the bits of the words that take them. */
enum {
    OF_JOURNAL = 1,
    OF_SNAPSHOT = 2,
    OF_STATE = 4,
    OF_DIFF = 8,
    OF_TEXT = 16,
    OF_IMPORT = 32,
    OF_LOOKS = OF_JOURNAL | OF_SNAPSHOT | OF_STATE | OF_DIFF,
    OF_ALL = OF_LOOKS | OF_TEXT | OF_IMPORT
};

typedef struct word {
    const char *name;
    unsigned bit;
    int paths;
    int (*answer)(const inspect_arguments *args);
} word;

static const word words[] = {
    {"journal", OF_JOURNAL, 1, inspect_journal},
    {"snapshot", OF_SNAPSHOT, 1, inspect_snapshot},
    {"state", OF_STATE, 1, inspect_state},
    {"diff", OF_DIFF, 2, inspect_diff},
    {"text", OF_TEXT, 1, inspect_text},
    {"import", OF_IMPORT, 2, inspect_import},
};

enum { OPTION_FRAMES = 256, OPTION_COMMANDS, OPTION_PAGES, OPTION_DEPTH, OPTION_JSON };
enum { OPTION_QUIET = 300, OPTION_SET, OPTION_EDITED, OPTION_PASS_OVER };

static const struct option options[] = {
    {"frames", no_argument, NULL, OPTION_FRAMES},
    {"commands", no_argument, NULL, OPTION_COMMANDS},
    {"pages", no_argument, NULL, OPTION_PAGES},
    {"depth", required_argument, NULL, OPTION_DEPTH},
    {"json", no_argument, NULL, OPTION_JSON},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"set", required_argument, NULL, OPTION_SET},
    {"edited", no_argument, NULL, OPTION_EDITED},
    {"pass-over", no_argument, NULL, OPTION_PASS_OVER},
    {NULL, 0, NULL, 0},
};

static int usage(const char *what, const char *value) {
    fprintf(stderr, "%s: %s%s; see --help\n", program_name, what, value);
    return EXIT_USAGE;
}

/* The words that an option belongs to. */
static unsigned owners(int option) {
    switch (option) {
    case OPTION_FRAMES:
    case OPTION_COMMANDS:
        return OF_JOURNAL;
    case OPTION_PAGES:
        return OF_SNAPSHOT | OF_DIFF;
    case OPTION_DEPTH:
        return OF_STATE;
    case OPTION_JSON:
        return OF_LOOKS;
    case OPTION_SET:
    case OPTION_EDITED:
    case OPTION_PASS_OVER:
        return OF_IMPORT;
    default:
        return OF_ALL;
    }
}

static int apply(int option, inspect_arguments *out) {
    uint64_t depth;
    switch (option) {
    case OPTION_FRAMES:
        out->frames = true;
        return -1;
    case OPTION_COMMANDS:
        out->commands = true;
        return -1;
    case OPTION_PAGES:
        out->pages = true;
        return -1;
    case OPTION_JSON:
        out->json = true;
        return -1;
    case OPTION_QUIET:
        out->quiet = true;
        return -1;
    case OPTION_EDITED:
        out->edited = true;
        return -1;
    case OPTION_PASS_OVER:
        out->pass_over = true;
        return -1;
    case OPTION_SET:
        if (out->setting_count == INSPECT_SETTINGS_MAX) {
            return usage("too many of --set", "");
        }
        out->settings[out->setting_count++] = optarg;
        return -1;
    case OPTION_DEPTH:
        if (!text_u64((text){optarg, strlen(optarg)}, &depth) || depth < 1 || depth > DEPTH_MAX) {
            return usage("--depth must be 1 to 1000, not ", optarg);
        }
        out->depth = (uint32_t)depth;
        return -1;
    default:
        return usage("wrong option", "");
    }
}

static int parse(const word *of, int argc, char **argv, inspect_arguments *out) {
    *out = (inspect_arguments){.depth = 10};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        const int result = apply(option, out);
        if (result >= 0) {
            return result;
        }
        if ((owners(option) & of->bit) == 0) {
            return usage("an option that does not belong to ", of->name);
        }
    }
    if (argc - optind != of->paths) {
        return usage("wrong number of files for ", of->name);
    }
    for (int i = 0; i < of->paths; i++) {
        out->paths[i] = argv[optind + i];
    }
    return -1;
}

static int answer(const word *of, int argc, char **argv) {
    inspect_arguments args;
    const int end = parse(of, argc, argv, &args);
    if (end >= 0) {
        return end;
    }
    const int result = of->answer(&args);
    return fflush(stdout) == 0 ? result : complain("stdout", 0, "cannot be written");
}

static int version(void) {
    const uint32_t loaded = trd_version();
    printf("%s %u.%u.%u\n", program_name, loaded >> 16, loaded >> 8 & 0xff, loaded & 0xff);
    return EXIT_DONE;
}

int main(int argc, char **argv) {
    program_name = "tradsys-inspect";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(help, stdout);
            return EXIT_DONE;
        }
        if (strcmp(argv[i], "--version") == 0) {
            return version();
        }
    }
    for (size_t i = 0; argc > 1 && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(argv[1], words[i].name) == 0) {
            return answer(&words[i], argc - 1, argv + 1);
        }
    }
    return argc > 1 ? usage("cannot be asked for ", argv[1]) : usage("nothing was asked", "");
}
