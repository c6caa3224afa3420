/* input.h - the kinds of files that can be replayed. */
#ifndef REPLAY_INPUT_H
#define REPLAY_INPUT_H

#include "replay/args.h"
#include "replay/report.h"
#include "replay/source.h"

/* An input replays `from` and fills `to`. An exit code; what failed is said on stderr. After
 * EXIT_DONE and EXIT_MISMATCH the report can be printed. */
int orders_replay(const arguments *args, const source *from, report *to);
int quantcup_replay(const arguments *args, const source *from, report *to);
int levels_replay(const arguments *args, const source *from, report *to);
int itch_replay(const arguments *args, const source *from, report *to);

/* input_detect tells the format from how the file begins; INPUT_AUTO if it is none of them. */
input_format input_detect(const source *from);

#endif
