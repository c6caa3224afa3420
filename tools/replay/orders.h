/* orders.h - order files: rows of text that become commands (docs/formats/orders-csv.md). */
#ifndef REPLAY_ORDERS_H
#define REPLAY_ORDERS_H

#include "replay/runner.h"
#include "replay/source.h"

/* How the files begin. */
#define ORDERS_HEADER "# tradsys-orders 1"
#define QUANTCUP_HEADER "# N,order_id,trader,side"
#define LEVELS_HEADER "# kind,frame,recv_time_s,symbol,side,price,qty"

/* A command with room for the one extension that an order file can ask for. */
typedef struct order_record {
    trd_command base;
    trd_ext_sizes sizes;
} order_record;

/* What reading a row can come to. */
typedef enum row_verdict {
    ROW_COMMAND, /* *out is to be executed */
    ROW_NONE,    /* an instrument, or nothing */
    ROW_REFUSED, /* a price or quantity that no integer of the instrument can hold: counted */
    ROW_BAD      /* not in the format: `why` says so */
} row_verdict;

/* The state of one pass over an order file. */
typedef struct order_rows {
    runner *run;
    const char *why;
    uint64_t off_tick; /* refused rows, by what was wrong */
    uint64_t off_lot;
} order_rows;

/* order_row reads one row of the order dialect, orders_instrument its instrument rows. */
row_verdict order_row(order_rows *at, text line, order_record *out);
row_verdict orders_instrument(order_rows *at, const text fields[FIELDS_MAX], int count);

#endif
