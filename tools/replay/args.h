/* args.h - the command line. */
#ifndef REPLAY_ARGS_H
#define REPLAY_ARGS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum input_format {
    INPUT_AUTO,
    INPUT_ORDERS,
    INPUT_QUANTCUP,
    INPUT_LEVELS,
    INPUT_ITCH
} input_format;

enum { DEPTH_MAX = 1000 };

typedef struct arguments {
    const char *file;
    const char *symbol; /* NULL: the most active */
    const char *fills;  /* where executions are written, NULL: nowhere */
    const char *itch;   /* where the public feed is written, NULL: nowhere */
    input_format format;
    uint32_t depth;      /* [1, DEPTH_MAX] */
    uint32_t orders_max; /* resting orders at a time */
    bool json;
    bool lenient;
    bool quiet;
} arguments;

/* args_parse reads the command line into *out. Returns -1 to go on, or the exit code with which to
 * end: after --help and --version, or an error said on stderr. */
int args_parse(int argc, char **argv, arguments *out);

#endif
