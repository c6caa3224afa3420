#include "replay/input.h"

#include <tradsys/codec/itch.h>

#include "replay/orders.h"

input_format input_detect(const source *from) {
    const text start = {from->data, from->size};
    if (text_starts(start, ORDERS_HEADER)) {
        return INPUT_ORDERS;
    }
    if (text_starts(start, QUANTCUP_HEADER)) {
        return INPUT_QUANTCUP;
    }
    if (text_starts(start, LEVELS_HEADER)) {
        return INPUT_LEVELS;
    }
    if (trd_itch_detect((const uint8_t *)from->data, from->size) > 0) {
        return INPUT_ITCH;
    }
    return INPUT_AUTO;
}
