/* tradsys-replay - replays order files, level recordings, ITCH files and journals through
 * libtradsys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/input.h"
#include "replay/journal.h"

static int replay(const arguments *args, const source *from, report *to) {
    switch (args->format != INPUT_AUTO ? args->format : input_detect(from)) {
    case INPUT_ORDERS:
        return orders_replay(args, from, to);
    case INPUT_QUANTCUP:
        return quantcup_replay(args, from, to);
    case INPUT_LEVELS:
        return levels_replay(args, from, to);
    case INPUT_ITCH:
        return itch_replay(args, from, to);
    default:
        return complain(args->file, 0,
            "is not a file this program knows: neither orders, quantcup, levels nor ITCH 5.0");
    }
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "journal") == 0) {
        return journal_main(argc - 1, argv + 1);
    }
    if (argc > 1 && strcmp(argv[1], "diff") == 0) {
        return diff_main(argc - 1, argv + 1);
    }
    arguments args;
    source from;
    const int end = args_parse(argc, argv, &args);
    if (end >= 0) {
        return end;
    }
    int result = source_open(&from, args.file);
    if (result != EXIT_DONE) {
        return result;
    }
    report *to = memory_or_end(calloc(1, sizeof(*to)));
    result = replay(&args, &from, to);
    if (result == EXIT_DONE || result == EXIT_MISMATCH) {
        const int printed = report_print(to, &args);
        result = printed != EXIT_DONE ? printed : result;
    }
    report_free(to);
    free(to);
    source_close(&from);
    return fflush(stdout) == 0 ? result : complain("stdout", 0, "cannot be written");
}
