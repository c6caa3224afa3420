/* test_bytes.c - bytes come and go in the stated order, at any address (core/bytes.h). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>

#include "core/bytes.h"

/* Guard bytes around a field of eight, at an odd address. */
static unsigned char buffer[1 + 8 + 1];

static void *field(void) {
    memset(buffer, 0xa5, sizeof(buffer));
    return buffer + 1;
}

static void expect(const char *bytes, size_t size) {
    cr_assert(eq(int, memcmp(buffer + 1, bytes, size), 0));
    cr_assert(eq(u8, buffer[0], 0xa5));
    for (size_t i = 1 + size; i < sizeof(buffer); i++) {
        cr_assert(eq(u8, buffer[i], 0xa5), "byte %zu was written", i);
    }
}

Test(bytes, big_endian_has_the_high_byte_first) {
    trd__store_be16(field(), 0x8102);
    expect("\x81\x02", 2);
    trd__store_be32(field(), 0x81020304);
    expect("\x81\x02\x03\x04", 4);
    trd__store_be48(field(), UINT64_C(0x810203040506));
    expect("\x81\x02\x03\x04\x05\x06", 6);
    trd__store_be64(field(), UINT64_C(0x8102030405060708));
    expect("\x81\x02\x03\x04\x05\x06\x07\x08", 8);
}

Test(bytes, little_endian_has_the_low_byte_first) {
    trd__store_le16(field(), 0x8102);
    expect("\x02\x81", 2);
    trd__store_le32(field(), 0x81020304);
    expect("\x04\x03\x02\x81", 4);
    trd__store_le48(field(), UINT64_C(0x810203040506));
    expect("\x06\x05\x04\x03\x02\x81", 6);
    trd__store_le64(field(), UINT64_C(0x8102030405060708));
    expect("\x08\x07\x06\x05\x04\x03\x02\x81", 8);
}

Test(bytes, loads_read_their_width_and_no_more) {
    static const unsigned char bytes[] = {0xff, 0x81, 2, 3, 4, 5, 6, 7, 0x98, 0xff};
    const void *at = bytes + 1;
    cr_assert(eq(u16, trd__load_be16(at), 0x8102));
    cr_assert(eq(u32, trd__load_be32(at), 0x81020304));
    cr_assert(eq(u64, trd__load_be48(at), UINT64_C(0x810203040506)));
    cr_assert(eq(u64, trd__load_be64(at), UINT64_C(0x8102030405060798)));
    cr_assert(eq(u16, trd__load_le16(at), 0x0281));
    cr_assert(eq(u32, trd__load_le32(at), 0x04030281));
    cr_assert(eq(u64, trd__load_le48(at), UINT64_C(0x060504030281)));
    cr_assert(eq(u64, trd__load_le64(at), UINT64_C(0x9807060504030281)));
}

Test(bytes, every_address_works) {
    for (size_t offset = 0; offset < 8; offset++) {
        _Alignas(8) unsigned char at[16] = {0};
        trd__store_be64(at + offset, UINT64_C(0x0123456789abcdef));
        cr_assert(eq(u64, trd__load_be64(at + offset), UINT64_C(0x0123456789abcdef)));
        cr_assert(eq(u64, trd__load_le64(at + offset), UINT64_C(0xefcdab8967452301)));
    }
}

Test(bytes, be48_refuses_what_does_not_fit, .signal = SIGABRT) {
    trd__store_be48(field(), UINT64_C(1) << 48);
}

Test(bytes, le48_refuses_what_does_not_fit, .signal = SIGABRT) {
    trd__store_le48(field(), UINT64_C(1) << 48);
}
