/* reason.c - which of two reasons is reported. */
#include "risk/state.h"

/* Places of the rows of reject.def, from 1. */
enum {
    PLACE_NONE,
#define TRD_REJECT_ROW(name, number, text) PLACE_##name,
#include <tradsys/reject.def>
    PLACE_LAST
};

static unsigned place_of(unsigned reason) {
    switch (reason) {
#define TRD_REJECT_ROW(name, number, text)                                                         \
    case number:                                                                                   \
        return PLACE_##name;
#include <tradsys/reject.def>
    default:
        return PLACE_LAST;
    }
}

int trd_reject_before(unsigned a, unsigned b) {
    return place_of(a) < place_of(b);
}
