/* feed.h - the public feed of a replayed session as an ITCH 5.0 file: what a venue would send.
 *
 * Displayed orders only: added (A), executed (E), reduced (X) and deleted (D), the order's handle
 * as its reference. It exists so that an order session and its own market data can be checked
 * against each other. Prices and quantities that ITCH cannot hold are counted and left out. */
#ifndef REPLAY_FEED_H
#define REPLAY_FEED_H

#include <stdio.h>
#include <tradsys/event.h>
#include <tradsys/instrument.h>

typedef struct feed {
    FILE *out; /* NULL: closed, everything below does nothing */
    const char *path;
    trd_instrument *specs;
    uint32_t count;
    uint64_t matches;
    uint64_t left_out;
} feed;

int feed_open(feed *at, const char *path);
void feed_instrument(feed *at, uint32_t index, const trd_instrument *spec);
void feed_order(feed *at, const trd_event *event);

/* feed_close ends the file. An exit code: what could not be written is said. */
int feed_close(feed *at);

#endif
