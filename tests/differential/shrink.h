/* shrink.h - the shortest list of commands that shows what a script has shown. */
#ifndef TESTS_DIFFERENTIAL_SHRINK_H
#define TESTS_DIFFERENTIAL_SHRINK_H

#include "script.h"

/* shrink plays the script, which is in memory shared with child processes, again and again with
 * commands left out, for `seconds` at most, and prints the shortest list that ends in the same
 * way: command by command, with the events of the model, and with both at the end. */
void shrink(script *s, unsigned seconds);

#endif
