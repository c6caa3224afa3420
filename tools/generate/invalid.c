#include "generate/market.h"

/* One row per reason to refuse a command: what follows kind and time. %llu stands for an id that
 * is new. The fields are those of docs/formats/orders-csv.md; numbers in place of words are codes
 * that no venue knows. */
typedef struct invalid_row {
    const char *kind;
    const char *rest;
} invalid_row;

static const invalid_row rows[] = {
    {"new", "NOSUCH,1,%llu,buy,limit,gtc,10.00,100"},            /* UNKNOWN_INSTRUMENT */
    {"new", "AURA,1,%llu,0,limit,gtc,180.00,100"},               /* BAD_SIDE */
    {"new", "AURA,1,%llu,buy,99,gtc,180.00,100"},                /* BAD_TYPE */
    {"new", "AURA,1,%llu,buy,limit,99,180.00,100"},              /* BAD_TIF */
    {"new", "AURA,1,%llu,buy,market,ioc,180.00,100"},            /* BAD_COMBINATION */
    {"new", "AURA,1,%llu,buy,limit,ioc,180.00,100,post_only"},   /* BAD_COMBINATION */
    {"new", "AURA,1,%llu,buy,stop,gtc,,100"},                    /* BAD_COMBINATION: no trigger */
    {"new", "AURA,1,%llu,buy,limit,gtt,180.00,100"},             /* BAD_COMBINATION */
    {"new", "AURA,1,%llu,buy,limit,gtc,180.00,100,reduce_only"}, /* UNSUPPORTED: no positions */
    {"cancel", "AURA,999,%llu"},                                 /* UNKNOWN_ORDER */
    {"reduce", "AURA,999,%llu,100"},                             /* UNKNOWN_ORDER */
    {"replace", "AURA,999,%llu,,180.00,100"},                    /* UNKNOWN_ORDER */
    {"new", "AURA,1,%llu,buy,limit,gtc,2000.01,100"},            /* PRICE_LIMIT */
    {"new", "GALE,1,%llu,buy,limit,gtc,14.251,100"},             /* OFF_TICK */
    {"new", "AURA,1,%llu,buy,limit,gtc,180.00,0"},               /* QTY_ZERO */
    {"new", "AURA,1,%llu,buy,limit,gtc,180.00,-5"},              /* QTY_NEGATIVE */
    {"new", "GALE,1,%llu,buy,limit,gtc,14.250,105"},             /* OFF_LOT */
    {"new", "ECHO,1,%llu,buy,limit,gtc,41000.0,0.0009"},         /* QTY_MIN */
    {"new", "CRUX,1,%llu,buy,limit,gtc,1000.00,500010"},         /* QTY_MAX */
    {"new", "HALO,1,%llu,buy,limit,gtc,1.00,10"},                /* NOTIONAL_MIN */
    {"new", "HALO,1,%llu,buy,limit,gtc,9.00,90000"},             /* NOTIONAL_MAX */
    {"new", "AURA,1,%llu,buy,limit,ioc,1.00,100,,200"},          /* MIN_QTY */
    {"new", "AURA,1,%llu,buy,limit,gtc,100000.005,100"},         /* no whole number of ticks */
    {"new", "CRUX,1,%llu,buy,limit,gtc,1000.00,15"},             /* no whole number of lots */
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), OF_LIVE = 2 };

/* Two more kinds need an order that lives: its id once more, and its id under another symbol. */
static bool invalid_of_live(session *at, uint64_t kind) {
    const market *in = &at->markets[0];
    if (in->count == 0) {
        return false;
    }
    const resting *order = &in->orders[0];
    if (kind == 0) {
        fprintf(at->out, "new,%lld,%s,%u,%llu,buy,limit,gtc,1.00,1\n", (long long)at->time,
            in->is->name, order->account, (unsigned long long)order->id); /* DUPLICATE_ID */
    } else {
        fprintf(at->out, "cancel,%lld,%s,%u,%llu\n", (long long)at->time, listings[1].name,
            order->account, (unsigned long long)order->id); /* ORDER_MISMATCH */
    }
    return true;
}

void session_invalid(session *at) {
    const uint64_t kind = at->invalid++ % (ROWS + OF_LIVE);
    if (kind >= ROWS && invalid_of_live(at, kind - ROWS)) {
        return;
    }
    const invalid_row *row = &rows[kind < ROWS ? kind : 0];
    char rest[128];
    unsigned long long id = ++at->ids;
    const char *mark = row->rest;
    size_t size = 0;
    while (*mark != '\0' && size < sizeof(rest) - 24) {
        if (*mark == '%') {
            size += (size_t)snprintf(rest + size, sizeof(rest) - size, "%llu", id);
            mark += 4;
        } else {
            rest[size++] = *mark++;
        }
    }
    rest[size] = '\0';
    fprintf(at->out, "%s,%lld,%s\n", row->kind, (long long)at->time, rest);
}
