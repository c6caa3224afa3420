/* monitor_text.h - worlds, commands and events of monitor.c as lines of text on stdout. */
#ifndef TESTS_DIFFERENTIAL_MONITOR_TEXT_H
#define TESTS_DIFFERENTIAL_MONITOR_TEXT_H

#include "life_monitor.h"

void mon_text_world(const life_mon_world *world);
void mon_text_command(const trd_command *c);
void mon_text_event(const trd_event *e);

#endif
