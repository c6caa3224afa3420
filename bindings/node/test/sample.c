#include "sample.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct sample_box {
    int64_t *values; /* NULL: closed */
    uint32_t room, count;
};

struct sample_copy {
    uint32_t count;
};

static atomic_llong boxes;

int8_t sample_i8(int8_t value) {
    return value;
}
int16_t sample_i16(int16_t value) {
    return value;
}
int32_t sample_i32(int32_t value) {
    return value;
}
int64_t sample_i64(int64_t value) {
    return value;
}
uint8_t sample_u8(uint8_t value) {
    return value;
}
uint16_t sample_u16(uint16_t value) {
    return value;
}
uint32_t sample_u32(uint32_t value) {
    return value;
}
uint64_t sample_u64(uint64_t value) {
    return value;
}
unsigned sample_unsigned(unsigned value) {
    return value;
}
size_t sample_count(size_t value) {
    return value;
}
bool sample_not(bool value) {
    return !value;
}
int sample_result(int value) {
    return value;
}
double sample_half(int32_t value) {
    return value / 2.0;
}

const char *sample_text(const char *text) {
    static _Thread_local char kept[1024];
    if (*text == 0) {
        return NULL;
    }
    const size_t size = strlen(text);
    const size_t taken = size < sizeof(kept) ? size : sizeof(kept) - 1;
    memcpy(kept, text, taken);
    kept[taken] = 0;
    return kept;
}

size_t sample_text_size(const char *text, size_t size) {
    return strlen(text) == size ? size : SIZE_MAX >> 12;
}

uint64_t sample_sum_bytes(const uint8_t *bytes, size_t size) {
    uint64_t sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum += bytes[i];
    }
    return sum;
}

int64_t sample_sum(const int64_t *numbers, size_t count) {
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += numbers[i];
    }
    return sum;
}

int64_t sample_sum_records(const void *records, size_t count) {
    return sample_sum((const int64_t *)records, 2 * count);
}

int sample_sum_aligned(const void *data, size_t size, int64_t *sum) {
    if ((uintptr_t)data % 8 != 0 || size % 8 != 0) {
        return SAMPLE_E_ARG;
    }
    *sum = sample_sum((const int64_t *)data, size / 8);
    return 0;
}

void sample_fill(void *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        ((uint8_t *)data)[i] = (uint8_t)(i + 1);
    }
}

int sample_twice(uint32_t value, uint32_t *twice) {
    if (value > UINT32_MAX / 2) {
        return SAMPLE_E_ARG;
    }
    *twice = 2 * value;
    return 0;
}

sample_box *sample_box_new(uint32_t room) {
    sample_box *const box = room == 0 ? NULL : malloc(sizeof(*box));
    if (box == NULL) {
        return NULL;
    }
    *box = (sample_box){.values = calloc(room, sizeof(int64_t)), .room = room};
    atomic_fetch_add(&boxes, 1);
    return box;
}

void sample_box_delete(sample_box *box) {
    free(box->values);
    free(box);
    atomic_fetch_sub(&boxes, 1);
}

int sample_box_put(sample_box *box, int64_t value) {
    if (box->values == NULL) {
        return SAMPLE_E_CLOSED;
    }
    if (box->count == box->room) {
        return SAMPLE_E_FULL;
    }
    box->values[box->count++] = value;
    return (int)box->count;
}

int sample_box_get(const sample_box *box, uint32_t at, int64_t *value) {
    if (box->values == NULL) {
        return SAMPLE_E_CLOSED;
    }
    if (at >= box->count) {
        return SAMPLE_E_ARG;
    }
    *value = box->values[at];
    return 0;
}

int sample_box_close(sample_box *box) {
    if (box->values == NULL) {
        return SAMPLE_E_CLOSED;
    }
    free(box->values);
    box->values = NULL;
    return 0;
}

int sample_box_add(sample_box *box, const sample_box *other) {
    int taken = 0;
    if (box->values == NULL || other->values == NULL) {
        return SAMPLE_E_CLOSED;
    }
    for (uint32_t i = 0; i < other->count && box->count < box->room; i++, taken++) {
        box->values[box->count++] = other->values[i];
    }
    return taken;
}

size_t sample_box_memory(const sample_box *box) {
    return sizeof(*box) + (box->values == NULL ? 0 : box->room * sizeof(int64_t));
}

int64_t sample_boxes(void) {
    return atomic_load(&boxes);
}

sample_copy *sample_box_copy(const sample_box *box) {
    sample_copy *const copy = malloc(sizeof(*copy));
    if (copy != NULL) {
        copy->count = box->count;
    }
    return copy;
}

void sample_copy_delete(sample_copy *copy) {
    free(copy);
}

uint32_t sample_copy_count(const sample_copy *copy) {
    return copy->count;
}
