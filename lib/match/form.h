/* form.h - is a record well formed, and is it one that this version acts on?
 *
 * Only what does not depend on any state but the definition. Each function returns a TRD_REJECT_*
 * reason or 0. */
#ifndef TRD_MATCH_FORM_H
#define TRD_MATCH_FORM_H

#include <tradsys/command.h>
#include <tradsys/event.h>

#include <string.h>

#include "core/compiler.h"

enum {
    TRD__FLAGS_TARGET = TRD_COMMAND_BY_HANDLE,
    TRD__FLAGS_REPLACE =
        TRD_COMMAND_BY_HANDLE | TRD_COMMAND_KEEP_PX | TRD_COMMAND_KEEP_QTY | TRD_COMMAND_NEW_ID,
    TRD__FLAGS_LATER = TRD_COMMAND_DRY_RUN | TRD_COMMAND_OVERRIDE | TRD_COMMAND_STAGED
};

/* A NEW as read: its extensions where there are any, zeros where not. */
typedef struct trd_ticket {
    trd_ext_prices prices;
    trd_ext_sizes sizes;
    trd_ext_link link;
    bool has_prices;
    bool has_sizes;
    bool has_link;
    bool staged;   /* more legs follow */
    bool reduces;  /* reduce-only, said or implied by the position side */
    bool special;  /* needs a special record */
    bool has_px;   /* its px is a limit */
    bool triggers; /* waits for a trigger that does not move */
    bool trails;
    bool auction_only;
} trd_ticket;

/* What a matcher was made to keep. */
typedef struct trd_keeps {
    bool positions;
    bool groups;
} trd_keeps;

/* NEW, in two parts. read: MALFORMED and UNSUPPORTED; `slots` is how many slots can be read at
 * `command`. *ticket is written whenever the record is well formed. terms: what the fields of a
 * record that was read say together. */
unsigned trd__form_new_read(
    const trd_command *command, size_t slots, trd_keeps keeps, trd_ticket *ticket);
unsigned trd__form_new_terms(const trd_new *order, trd_ticket *ticket);

/* The usual order, decided by a look at two words: one slot, no flags, LIMIT with GTC, IOC or FOK,
 * or POST_ONLY with GTC. False only means that trd__form_new_read must have a closer look. */
trd_inline bool trd__form_plain(const trd_command *command) {
    uint32_t head;
    uint64_t terms;
    memcpy(&head, &command->kind, sizeof(head));
    memcpy(&terms, &command->u.order.side, sizeof(terms));
    const uint64_t open = 3 | 3 << 16 | (uint64_t)TRD_EXEC_POST_ONLY << 32; /* side, tif, exec */
    const trd_new *order = &command->u.order;
    return head == (TRD_COMMAND_NEW | 1 << 8) && (terms & ~open) == TRD_TYPE_LIMIT << 8 &&
           (uint8_t)(order->side - 1) < 2 && order->tif != 0 &&
           (order->exec == 0 || order->tif == TRD_TIF_GTC);
}

/* CANCEL, REDUCE. */
trd_inline unsigned trd__form_cancel(const trd_command *command) {
    const trd_cancel *cancel = &command->u.cancel;
    const bool formed = command->slots == 1 && (command->flags & ~TRD__FLAGS_TARGET) == 0 &&
                        (cancel->reserved[0] | cancel->reserved[1]) == 0 &&
                        (cancel->qty == 0 || command->kind == TRD_COMMAND_REDUCE);
    return trd_likely(formed) ? 0 : TRD_REJECT_MALFORMED;
}

unsigned trd__form_replace_closely(const trd_command *command, size_t slots);

trd_inline unsigned trd__form_replace(const trd_command *command, size_t slots) {
    const trd_replace *replace = &command->u.replace;
    const bool formed = command->slots == 1 && (command->flags & ~TRD__FLAGS_REPLACE) == 0 &&
                        ((command->flags & TRD_COMMAND_NEW_ID) != 0 || replace->client_id == 0) &&
                        ((command->flags & TRD_COMMAND_KEEP_PX) == 0 || replace->px == 0) &&
                        ((command->flags & TRD_COMMAND_KEEP_QTY) == 0 || replace->qty == 0);
    return trd_likely(formed) ? 0 : trd__form_replace_closely(command, slots);
}

/* NEW with a link, read: may it be a leg at all, whatever the others are? TRD_REJECT_LINK or 0. */
unsigned trd__form_leg(const trd_new *order, const trd_ticket *ticket);

/* All other kinds. `quotes`: there may be some. */
unsigned trd__form_other(const trd_command *command, size_t slots, bool quotes);

#endif
