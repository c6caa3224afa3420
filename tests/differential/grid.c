/* grid.c - see grid.h. */
#include "grid.h"

#include <inttypes.h>
#include <stdio.h>

void grid_add(grid *g, uint64_t rows, uint64_t columns) {
    for (uint64_t r = rows; r != 0; r &= r - 1) {
        for (uint64_t c = columns; c != 0; c &= c - 1) {
            g->count[__builtin_ctzll(r)][__builtin_ctzll(c)]++;
        }
    }
}

static void print_counts(const grid *g) {
    for (uint32_t r = 0; r < g->row_count; r++) {
        printf("  %-24s", g->rows[r]);
        for (uint32_t c = 0; c < g->column_count; c++) {
            if ((g->never[r] & BIT(c)) == 0) {
                printf(" %s %" PRIu64, g->columns[c], g->count[r][c]);
            }
        }
        printf("\n");
    }
}

uint32_t grid_report(const grid *g) {
    uint32_t cells = 0;
    uint32_t missed = 0;
    uint32_t seldom = 0;
    uint64_t least = UINT64_MAX;
    print_counts(g);
    for (uint32_t r = 0; r < g->row_count; r++) {
        for (uint32_t c = 0; c < g->column_count; c++) {
            if ((g->never[r] & BIT(c)) != 0) {
                continue;
            }
            if ((g->rare[r] & BIT(c)) != 0) {
                seldom += g->count[r][c] == 0;
                continue;
            }
            cells++;
            least = g->count[r][c] < least ? g->count[r][c] : least;
            if (g->count[r][c] == 0) {
                missed++;
                printf("  %s: %s x %s NEVER MET\n", g->name, g->rows[r], g->columns[c]);
            }
        }
    }
    printf("%s: %u pairs, %u never met, rarest %" PRIu64 " times; of the rare ones %u not met\n",
        g->name, cells, missed, least, seldom);
    return missed;
}

uint32_t grid_line(const char *what, const char *name, uint64_t count, int must) {
    const int missed = must && count == 0;
    printf("  %-12s %-28s %12" PRIu64 "%s\n", what, name, count, missed ? "  NEVER MET" : "");
    return missed ? 1 : 0;
}
