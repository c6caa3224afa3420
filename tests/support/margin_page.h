/* margin_page.h - the scenario group of docs/reference/margin.md, "Scenarios": a future that loses
 * 30, 60, 90 per third of the range and 95 in the extreme move, a spread between two months that
 * costs 20, an option of which four sold can lose 1 each and need 10 at least. Initial is 1.1 times
 * maintenance. */
#ifndef TRD_SUPPORT_MARGIN_PAGE_H
#define TRD_SUPPORT_MARGIN_PAGE_H

#include <tradsys/margin.h>

static const trd_scenario_group TERMS = {.initial_ppm = 1100000,
    .spread_count = 1,
    .short_min = 10,
    .spreads = {{.month_a = 0, .month_b = 1, .charge = 20}}};

static const trd_scenario_array FUTURE = {
    .loss = {0, 0, -30, -30, 30, 30, -60, -60, 60, 60, -90, -90, 90, 90, -95, 95},
    .delta = 1000000};

static const trd_scenario_array OPTION = {.loss = {-1}, .delta = 500000, .is_option = 1};

#endif
