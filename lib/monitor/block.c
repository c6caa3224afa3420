/* block.c - life cycle. */
#include "monitor/state.h"

#include <string.h>

#include "core/def.h"
#include "core/layout.h"
#include "core/memory.h"

/* As in trd_accounts_def. */
enum { ACCOUNTS_LIMIT = 1 << 24, INSTRUMENTS_LIMIT = 1 << 20, POOL_LIMIT = 1 << 26 };

static bool within(uint32_t value, uint32_t low, uint32_t high) {
    return value >= low && value <= high;
}

/* The definition as this version knows it; false if it is invalid. */
static bool def_read(const trd_monitor_def *def, trd_monitor_def *out) {
    *out = trd_monitor_def_default();
    return trd__def_read(out, sizeof(*out), def) && within(out->accounts_max, 1, ACCOUNTS_LIMIT) &&
           within(out->instruments_max, 1, INSTRUMENTS_LIMIT) &&
           within(out->balances_max, 1, POOL_LIMIT) && within(out->positions_max, 1, POOL_LIMIT) &&
           within(out->call_ppm, TRD_RISK_PPM, TRD_MONITOR_PPM_MAX) &&
           within(out->warn_ppm, out->call_ppm, TRD_MONITOR_PPM_MAX) &&
           out->alert_ppm <= TRD_MONITOR_PPM_MAX && out->exempt <= out->accounts_max &&
           out->reserved == 0;
}

/* Places the regions; with `m` not NULL it also makes the block of them. Returns the footprint.
 * Pools and watches are counted from 1, as in trd_accounts; slot 0 is none. */
static size_t layout(const trd_monitor_def *def, trd_monitor *m) {
    trd_layout at = {0};
    const size_t positions = (size_t)def->positions_max + 1;
    trd__layout_add(&at, 1, sizeof(trd_monitor), TRD_LINE);
    const size_t seats_at = trd__layout_add(&at, def->accounts_max, sizeof(trd_seat), TRD_LINE);
    const size_t markets_at =
        trd__layout_add(&at, def->instruments_max, sizeof(trd_market), TRD_LINE);
    const size_t pools_at =
        trd__layout_add(&at, (size_t)def->balances_max + 1, sizeof(trd_pool_watch), TRD_LINE);
    const size_t watches_at = trd__layout_add(&at, positions, sizeof(trd_watch), TRD_LINE);
    const size_t slots_at = trd__layout_add(&at, positions, sizeof(trd_slot), TRD_LINE);
    const size_t sums_at =
        trd__layout_add(&at, TRD_ACCT_ASSETS_LIMIT, sizeof(trd_unit_sums), TRD_LINE);
    const size_t shares_at = trd__layout_add(&at, positions, sizeof(trd_share), TRD_LINE);
    const size_t pots_at =
        trd__layout_add(&at, (size_t)def->balances_max + 1, sizeof(trd_pot), TRD_LINE);
    const size_t size = trd__layout_size(&at, TRD_LINE);
    if (m != NULL) {
        memset(m, 0, size);
        m->seats_at = seats_at;
        m->markets_at = markets_at;
        m->pools_at = pools_at;
        m->watches_at = watches_at;
        m->slots_at = slots_at;
        m->sums_at = sums_at;
        m->shares_at = shares_at;
        m->pots_at = pots_at;
        m->def = *def;
        m->size = size;
    }
    return size;
}

size_t trd_monitor_footprint(const trd_monitor_def *def) {
    trd_monitor_def own;
    return def_read(def, &own) ? layout(&own, NULL) : 0;
}

trd_monitor *trd_monitor_init(void *mem, const trd_monitor_def *def) {
    trd_monitor_def own;
    if (!def_read(def, &own) || mem == NULL || (uintptr_t)mem % TRD_MONITOR_ALIGN != 0) {
        return NULL;
    }
    layout(&own, mem);
    return mem;
}

trd_monitor *trd_monitor_create(const trd_monitor_def *def) {
    trd_monitor_def own;
    if (!def_read(def, &own)) {
        return NULL;
    }
    const size_t size = layout(&own, NULL);
    void *mem = trd__mem_alloc(&own.mem, size, TRD_MONITOR_ALIGN);
    trd_monitor *m = trd_monitor_init(mem, &own);
    if (m == NULL && mem != NULL) {
        trd__mem_release(&own.mem, mem, size);
    }
    return m;
}

void trd_monitor_destroy(trd_monitor *monitor) {
    if (monitor != NULL) {
        const trd_mem mem = monitor->def.mem;
        trd__mem_release(&mem, monitor, monitor->size);
    }
}

void trd_monitor_reset(trd_monitor *monitor) {
    const trd_monitor_def def = monitor->def;
    layout(&def, monitor);
}
