/* text.h - commands, events, orders and definitions as text that a person can read. */
#ifndef TESTS_DIFFERENTIAL_TEXT_H
#define TESTS_DIFFERENTIAL_TEXT_H

#include <tradsys/match.h>

/* Orders are called after the command that made them: o17 is the order of command 17. */
typedef struct text_names {
    uint64_t (*number)(const void *user, trd_order handle); /* UINT64_MAX: not one of the run */
    const void *user;
} text_names;

void text_def(const trd_match_def *def);
void text_instrument(uint32_t at, const trd_instrument *spec, const trd_profile *profile);
/* One line, without end of line; extension slots included. */
void text_command(const text_names *names, const trd_command *command, uint32_t slots);
/* One slot: a base, or an EXEC extension. */
void text_event(const text_names *names, const trd_event *event);
/* The fields in which two slots differ, one line each, behind `indent`. */
void text_difference(const char *indent, const trd_event *a, const trd_event *b);
void text_order(const text_names *names, const trd_order_info *order);
const char *text_state(unsigned state);

#endif
