#include "inspect/parts.h"

#include <stdio.h>
#include <tradsys/snapshot.h>

void parts_text(uint32_t parts, char out[PARTS_TEXT]) {
    size_t size = 0;
    out[0] = '\0';
    for (unsigned bit = 0; bit < PARTS_MAX; bit++) {
        const char *name = trd_part_text(1u << bit);
        if ((parts >> bit & 1) != 0 && name != NULL && size < PARTS_TEXT) {
            size +=
                (size_t)snprintf(out + size, PARTS_TEXT - size, "%s%s", size > 0 ? "+" : "", name);
        }
    }
}
