/* sample.h - a small library for the tests of the templates in ../napi: one function for each way
 * of passing something, and two classes of boxes. */
#ifndef TRADSYS_BINDINGS_NODE_SAMPLE_H
#define TRADSYS_BINDINGS_NODE_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SAMPLE_E_ARG = -1, SAMPLE_E_CLOSED = -2, SAMPLE_E_FULL = -3 };

/* What comes in goes out again. */
int8_t sample_i8(int8_t value);
int16_t sample_i16(int16_t value);
int32_t sample_i32(int32_t value);
int64_t sample_i64(int64_t value);
uint8_t sample_u8(uint8_t value);
uint16_t sample_u16(uint16_t value);
uint32_t sample_u32(uint32_t value);
uint64_t sample_u64(uint64_t value);
unsigned sample_unsigned(unsigned value);
size_t sample_count(size_t value);
bool sample_not(bool value);
int sample_result(int value);
double sample_half(int32_t value);

const char *sample_text(const char *text); /* valid until the next call; NULL for "" */
size_t sample_text_size(const char *text, size_t size);

/* The sum of bytes, of records (two int64 each) and of numbers. */
uint64_t sample_sum_bytes(const uint8_t *bytes, size_t size);
int64_t sample_sum_records(const void *records, size_t count);
int64_t sample_sum(const int64_t *numbers, size_t count);
/* The sum of bytes read as int64, wherever they begin; SAMPLE_E_ARG if that is no multiple of 8. */
int sample_sum_aligned(const void *data, size_t size, int64_t *sum);
void sample_fill(void *data, size_t size);         /* 1, 2, 3, ... */
int sample_twice(uint32_t value, uint32_t *twice); /* SAMPLE_E_ARG where it does not fit */

/* Numbers up to a count; how many boxes there are, of all threads. */
typedef struct sample_box sample_box;
sample_box *sample_box_new(uint32_t room); /* NULL for 0 */
void sample_box_delete(sample_box *box);
int sample_box_put(sample_box *box, int64_t value); /* how many there are now */
int sample_box_get(const sample_box *box, uint32_t at, int64_t *value);
int sample_box_close(sample_box *box);
int sample_box_add(sample_box *box, const sample_box *other); /* how many were taken */
size_t sample_box_memory(const sample_box *box);
int64_t sample_boxes(void);

/* What a box had at one time. */
typedef struct sample_copy sample_copy;
sample_copy *sample_box_copy(const sample_box *box); /* NULL without memory */
void sample_copy_delete(sample_copy *copy);
uint32_t sample_copy_count(const sample_copy *copy);

#endif
