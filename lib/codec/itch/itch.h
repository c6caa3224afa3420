/* itch.h - what the files of the ITCH codec share. */
#ifndef TRD_CODEC_ITCH_ITCH_H
#define TRD_CODEC_ITCH_ITCH_H

#include <tradsys/codec/itch.h>

/* Bytes of a message by its type; 0 for types there are not. One line of it serves most of a feed.
 */
extern const uint8_t trd__itch_sizes[256] __attribute__((visibility("hidden")));

#endif
