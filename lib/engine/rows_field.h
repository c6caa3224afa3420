/* rows_field.h - how the tables of engine/rows.h are written: one macro per kind of field. */
#ifndef TRD_ENGINE_ROWS_FIELD_H
#define TRD_ENGINE_ROWS_FIELD_H

#include "engine/rows.h"

#define OF(type, field) (((type *)NULL)->field)

#define KIND(of)                                                                                   \
    _Generic((of), int64_t                                                                         \
             : TRD_FIELD_INT, int32_t                                                              \
             : TRD_FIELD_INT, trd_wide                                                             \
             : TRD_FIELD_INT, default                                                              \
             : TRD_FIELD_UINT)

#define FIELD(type, field, kind_, size_, count_, array_, usual_, limit_, of_)                      \
    {                                                                                              \
        .name = #field, .of = of_, .at = (uint32_t)offsetof(type, field),                          \
        .size = (uint32_t)(size_), .count = (uint32_t)(count_), .kind = kind_, .is_array = array_, \
        .usual = usual_, .limit = limit_                                                           \
    }

/* A value; one with a limit; one that is usually something else than 0; an array of values. */
#define V(type, field) VUL(type, field, TRD_USUALLY_ZERO, TRD_UP_TO_ANY)
#define VL(type, field, limit) VUL(type, field, TRD_USUALLY_ZERO, limit)
#define VU(type, field, usual) VUL(type, field, usual, TRD_UP_TO_ANY)
#define VUL(type, field, usual, limit)                                                             \
    FIELD(type, field, KIND(OF(type, field)), sizeof(OF(type, field)), 1, 0, usual, limit, NULL)
#define AUL(type, field, usual, limit)                                                             \
    FIELD(type, field, KIND(OF(type, field)[0]), sizeof(OF(type, field)[0]),                       \
        sizeof(OF(type, field)) / sizeof(OF(type, field)[0]), 1, usual, limit, NULL)
#define A(type, field) AUL(type, field, TRD_USUALLY_ZERO, TRD_UP_TO_ANY)

/* A unit of the store; text. */
#define U(type, field, usual)                                                                      \
    FIELD(type, field, TRD_FIELD_UNIT, sizeof(OF(type, field)), 1, 0, usual, TRD_UP_TO_ANY, NULL)
#define TEXT(type, field)                                                                          \
    FIELD(type, field, TRD_FIELD_TEXT, 1, sizeof(OF(type, field)), 0, TRD_USUALLY_ZERO,            \
        TRD_UP_TO_ANY, NULL)

/* A struct; an array of structs; one of two dimensions. */
#define S(type, field, of)                                                                         \
    FIELD(type, field, TRD_FIELD_ROWS, sizeof(OF(type, field)), 1, 0, TRD_USUALLY_ZERO,            \
        TRD_UP_TO_ANY, &(of))
#define SA(type, field, of)                                                                        \
    FIELD(type, field, TRD_FIELD_ROWS, sizeof(OF(type, field)[0]),                                 \
        sizeof(OF(type, field)) / sizeof(OF(type, field)[0]), 1, TRD_USUALLY_ZERO, TRD_UP_TO_ANY,  \
        &(of))
#define SA2(type, field, of)                                                                       \
    FIELD(type, field, TRD_FIELD_ROWS, sizeof(OF(type, field)[0][0]),                              \
        sizeof(OF(type, field)) / sizeof(OF(type, field)[0][0]), 1, TRD_USUALLY_ZERO,              \
        TRD_UP_TO_ANY, &(of))
#define A2(type, field)                                                                            \
    FIELD(type, field, KIND(OF(type, field)[0][0]), sizeof(OF(type, field)[0][0]),                 \
        sizeof(OF(type, field)) / sizeof(OF(type, field)[0][0]), 1, TRD_USUALLY_ZERO,              \
        TRD_UP_TO_ANY, NULL)

/* No values; the last one from one field to the one behind the last. */
#define NO(type, field, kind)                                                                      \
    FIELD(type, field, kind, sizeof(OF(type, field)), 1, 0, TRD_USUALLY_ZERO, TRD_UP_TO_ANY, NULL)
#define MADE(type, field) NO(type, field, TRD_FIELD_MADE)
#define BLANK(type, field) NO(type, field, TRD_FIELD_BLANK)
#define ZERO(type, field) NO(type, field, TRD_FIELD_ZERO)
#define BLANK_TO(type, field, behind)                                                              \
    FIELD(type, field, TRD_FIELD_BLANK, offsetof(type, behind) - offsetof(type, field), 1, 0,      \
        TRD_USUALLY_ZERO, TRD_UP_TO_ANY, NULL)

/* The table of a struct, whose fields stand before it in `name`_row. */
#define TABLE(name, type)                                                                          \
    static const trd_fields name##_fields = {                                                      \
        name##_row, sizeof(name##_row) / sizeof(name##_row[0]), sizeof(type)};

/* A list of balances, positions, unsettled amounts. */
#define LIST(name, limit)                                                                          \
    static const trd_field name##_row[] = {                                                        \
        VL(trd_acct_list, first, limit),                                                           \
        VL(trd_acct_list, last, limit),                                                            \
    };                                                                                             \
    TABLE(name, trd_acct_list)

#endif
