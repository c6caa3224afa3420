/* symbol.h - names of instruments and assets. */
#ifndef TRD_INST_SYMBOL_H
#define TRD_INST_SYMBOL_H

#include <tradsys/instrument.h>

#include "core/compiler.h"

/* One or more printable characters, at least one zero, and nothing but zeros behind the first: two
 * equal symbols are equal bytes. `symbol` has TRD_SYMBOL_SIZE bytes. */
bool trd__symbol_is_good(const char *symbol);

#endif
