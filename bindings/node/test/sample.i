/* sample.i - sample.h through the templates of ../napi, for their tests. */
%module sample
%{
extern "C" {
#include "sample.h"
}

static const char *js_result_code(int result) {
    static const char *const codes[] = {"SAMPLE_E_ARG", "SAMPLE_E_CLOSED", "SAMPLE_E_FULL"};
    return result < 0 && result >= -3 ? codes[-1 - result] : "?";
}

static const char *js_result_text(int result) {
    return result == SAMPLE_E_ARG ? "an argument is outside its range" : "it does not go";
}

static bool js_set_up(napi_env env, napi_value exports) {
    return env != nullptr && exports != nullptr;
}

static inline int64_t js_memory(const sample_box *box) {
    return (int64_t)sample_box_memory(box);
}
%}

%include <stdint.i>

%js_bytes(%arg(const void *RECORDS, size_t COUNT), 16, 8, -1, false)
%apply (const char *TEXT, size_t SIZE) { (const char *text, size_t size) };
%apply (const uint8_t *DATA, size_t SIZE) { (const uint8_t *bytes, size_t size) };
%apply (const void *RECORDS, size_t COUNT) { (const void *records, size_t count) };
%apply (const int64_t *DATA, size_t COUNT) { (const int64_t *numbers, size_t count) };
%apply (const void *DATA, size_t SIZE) { (const void *data, size_t size) };
%apply (void *DATA, size_t SIZE) { (void *data, size_t size) };
%apply int64_t *OUTPUT { int64_t *sum, int64_t *value };
%apply uint32_t *OUTPUT { uint32_t *twice };

%rename("%(strip:[sample_])s") "";
%nodefaultctor sample_copy;

struct sample_copy {};
%extend sample_copy {
    ~sample_copy() {
        sample_copy_delete($self);
    }
    uint32_t count();
}

struct sample_box {};
%extend sample_box {
    sample_box(uint32_t room) {
        return sample_box_new(room);
    }
    ~sample_box() {
        sample_box_delete($self);
    }
    int put(int64_t value);
    int get(uint32_t at, int64_t *value);
    int close();
    int add(const sample_box *other);
    sample_copy *copy();
}

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
const char *sample_text(const char *text);
size_t sample_text_size(const char *text, size_t size);
uint64_t sample_sum_bytes(const uint8_t *bytes, size_t size);
int64_t sample_sum_records(const void *records, size_t count);
int64_t sample_sum(const int64_t *numbers, size_t count);
int sample_sum_aligned(const void *data, size_t size, int64_t *sum);
void sample_fill(void *data, size_t size);
int sample_twice(uint32_t value, uint32_t *twice);
int64_t sample_boxes();
