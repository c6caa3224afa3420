/* parts.h - parts of an engine (TRD_PART_*) as text. */
#ifndef INSPECT_PARTS_H
#define INSPECT_PARTS_H

#include <stdint.h>

enum { PARTS_MAX = 32, PARTS_TEXT = 64 };

/* parts_text writes the names of the bits that have one, with + between them. */
void parts_text(uint32_t parts, char out[PARTS_TEXT]);

#endif
