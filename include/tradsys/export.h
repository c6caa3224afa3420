/* export.h - what an engine has, as text: for people, and for those who move to something else.
 *
 * Lines of JSON: one record per line, what it is in "record", numbers as the headers say them
 * (ticks, lots, minor units; integers of 64 bits and more, so read them with something that keeps
 * them). First what there is (definition, assets, fees, instruments, models, roles, limits, parent
 * orders), then who has what (accounts, balances, positions), then the orders of each instrument in
 * the order in which they would execute, then an end that counts the lines. docs/formats/export.md
 * has every key.
 *
 * It is not all of the state, and nothing reads it back: ids that ended, counts of throttles, what
 * links orders to each other, and scenario groups are not in it. That is text.h. Between two
 * commands only: TRD_E_BUSY. No call allocates. An exporter is a plain value of the caller, of one
 * thread.
 */
#ifndef TRADSYS_EXPORT_H
#define TRADSYS_EXPORT_H

#include <tradsys/base.h>
#include <tradsys/engine.h>

TRD_BEGIN_DECLS

enum { TRD_EXPORT_FORMAT = 1, TRD_EXPORT_LINE_MAX = 4096 };

typedef struct trd_exporter {
    const trd_engine *engine;
    uint64_t commands; /* of the engine, when it began */
    uint64_t lines;    /* so far */
    uint64_t at;       /* where it is in the section */
    uint32_t section;
    uint32_t sub;
    uint32_t walk[4];
    uint32_t line_size;
    uint32_t line_at; /* characters of the line that were given */
    char line[TRD_EXPORT_LINE_MAX];
} trd_exporter;

/* trd_export_begin begins with the first line. The engine executes nothing and is not destroyed
 * until the last. TRD_OK; TRD_E_ARG: NULL; TRD_E_BUSY. */
TRD_API int trd_export_begin(trd_exporter *exporter, const trd_engine *engine);

/* trd_export_write stores the next characters, up to `size`, without a zero behind them, and in
 * *written how many these are. Whatever the sizes, the text is the same. TRD_OK: these were the
 * last ones; TRD_MORE; TRD_E_BUSY: the engine has executed something meanwhile, what was written is
 * to be thrown away; TRD_E_ARG: NULL, size 0. O(size), and O(capacity) for all of it. */
TRD_API int trd_export_write(trd_exporter *exporter, char *out, size_t size, size_t *written);

TRD_END_DECLS

#endif
