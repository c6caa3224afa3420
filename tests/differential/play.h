/* play.h - plays records on a matcher, a second one and the model, and compares them. */
#ifndef TESTS_DIFFERENTIAL_PLAY_H
#define TESTS_DIFFERENTIAL_PLAY_H

#include "script.h"

typedef struct play play;

typedef struct play_options {
    bool second; /* compare trd_match_run with trd_match_step too */
    bool hash;   /* compare nothing, so that only the matcher counts */
    bool trace;  /* print every command and the events of the model */
    bool always; /* compare states after every command */
} play_options;

/* play_begin makes matchers and model for the script's definition. */
play *play_begin(script *s, play_options options);
void play_end(play *p);

const naive_match *play_model(const play *p);

/* play_record executes a record on all and compares. False after a divergence, which is then in
 * script.outcome and printed. */
bool play_record(play *p, const script_record *record);

/* play_finish compares what is left to compare at the end of a run. */
bool play_finish(play *p);

/* play_made returns the handles that the last record made, and how many; play_events its slots. */
uint32_t play_made(const play *p, const trd_order **out);
const trd_event *play_events(const play *p, uint32_t *slots);

/* play_maker finds the command that made an order: false if none did. */
bool play_maker(const play *p, trd_order handle, uint32_t *number, uint32_t *nth);

/* play_show prints what lives before a command is played. */
void play_show(const play *p, const script_record *record);

#endif
