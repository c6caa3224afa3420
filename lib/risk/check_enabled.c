/* check_enabled.c - DISABLED: account and instrument take orders. */
#include "risk/check.h"

bool trd__check_enabled(trd_case *c) {
    return c->client->enabled != 0 && c->market->is_disabled == 0;
}
