/* grid.h - tables of counts, for who counts what a test has met. */
#ifndef TESTS_DIFFERENTIAL_GRID_H
#define TESTS_DIFFERENTIAL_GRID_H

#include <stdint.h>

enum { GRID_SIDE = 40 };

/* `never` names the cells that cannot be met, a bit per column. All others must be, but for the
 * `rare` ones, which are two features that each are seldom met: too seldom for five million
 * commands to promise them. */
typedef struct grid {
    const char *name;
    const char *const *rows;
    const char *const *columns;
    uint32_t row_count;
    uint32_t column_count;
    uint64_t never[GRID_SIDE];
    uint64_t rare[GRID_SIDE];
    uint64_t count[GRID_SIDE][GRID_SIDE];
} grid;

#define BIT(n) ((uint64_t)1 << (n))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* grid_add counts every pair of a row bit and a column bit. */
void grid_add(grid *g, uint64_t rows, uint64_t columns);

/* grid_report prints the counts and returns how many cells were missed. */
uint32_t grid_report(const grid *g);

/* grid_line prints one count that is no table's; returns 1 if it is 0 and `must`. */
uint32_t grid_line(const char *what, const char *name, uint64_t count, int must);

#endif
