/* monitor.h - which accounts run short of margin, found at the very tick, without looking at all.
 *
 * A trd_monitor stands beside trd_accounts and keeps, for everything that stands on one balance (a
 * unit: one isolated position, all positions of an account that settle in one asset, or all of
 * them, where all assets stand behind them), the level
 * that it is at: fine, warned, called, to be liquidated, bankrupt (TRD_MARGIN_* of margin.h). It
 * keeps for each position an interval of marks within which no level can change while the marks of
 * the unit's other positions stay in theirs. So a new mark touches only those that leave their
 * interval, and costs O(log n) if nobody does; and yet every level changes at exactly the tick at
 * which a walk over all accounts would say so.
 *
 *     trd_accounts_mark, trd_monitor_mark      a mark has changed
 *     trd_monitor_next                         until 0: who is at another level now
 *
 * It changes no money and sends no orders: that is the engine's, or the host's who uses it alone.
 * Rules: docs/reference/monitoring.md. One writer; no clock, no allocation after creation.
 */
#ifndef TRADSYS_MONITOR_H
#define TRADSYS_MONITOR_H

#include <tradsys/account.h>
#include <tradsys/base.h>
#include <tradsys/margin.h>
#include <tradsys/risk.h>

TRD_BEGIN_DECLS

typedef struct trd_monitor trd_monitor;

/* Largest warn_ppm, call_ppm and alert_ppm: 100 times. */
enum { TRD_MONITOR_PPM_MAX = 100000000 };

/* Start from trd_monitor_def_default(); struct_size as in trd_accounts_def. */
typedef struct trd_monitor_def {
    uint32_t struct_size;  /* set by trd_monitor_def_default */
    uint32_t accounts_max; /* these four: as in the trd_accounts_def of the accounts */
    uint32_t instruments_max;
    uint32_t balances_max;
    uint32_t positions_max;
    uint32_t warn_ppm; /* of the maintenance: [call_ppm, TRD_MONITOR_PPM_MAX] */
    uint32_t call_ppm; /* [10^6, TRD_MONITOR_PPM_MAX] */
    uint32_t
        alert_ppm;   /* loss of one position, of its cost: [0, TRD_MONITOR_PPM_MAX]; 0: no alert */
    uint32_t exempt; /* 0: none; else 1 + account that is never looked at */
    uint32_t reserved; /* zero */
    trd_mem mem;       /* for trd_monitor_create */
} trd_monitor_def;

/* trd_monitor_def_default: the numbers of trd_accounts_def_default, warning at 150 % of the
 * maintenance, call at 120 %, no alert, nobody exempt. */
static inline trd_monitor_def trd_monitor_def_default(void) {
    trd_monitor_def def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    def.accounts_max = 1 << 16;
    def.instruments_max = 1024;
    def.balances_max = 1 << 17;
    def.positions_max = 1 << 17;
    def.warn_ppm = 1500000;
    def.call_ppm = 1200000;
    return def;
}

enum { TRD_MONITOR_ALIGN = 64 };

/* Life cycle, as in match.h: footprint 0, init and create NULL for an invalid definition. reset: as
 * new, when the accounts are. */
TRD_API size_t trd_monitor_footprint(const trd_monitor_def *def);
TRD_API trd_monitor *trd_monitor_init(void *mem, const trd_monitor_def *def);
TRD_API trd_monitor *trd_monitor_create(const trd_monitor_def *def);
TRD_API void trd_monitor_destroy(trd_monitor *monitor);
TRD_API void trd_monitor_reset(trd_monitor *monitor);

/* What stands on one balance. */
enum {
    TRD_UNIT_POOL = 1, /* FLAT, LEVERAGE, CROSS, PORTFOLIO: all positions that settle in `asset` */
    TRD_UNIT_POSITION = 2, /* ISOLATED: one position, on its collateral */
    TRD_UNIT_ACCOUNT = 3   /* MULTI: all positions, on all assets; `asset` is the valuation asset */
};

typedef struct trd_unit {
    uint32_t account;
    uint32_t asset;      /* settlement asset; ACCOUNT: valuation asset */
    uint32_t instrument; /* POSITION; else 0 */
    uint8_t kind;        /* TRD_UNIT_* */
    uint8_t position;    /* POSITION: TRD_POSITION_*; else 0 */
    uint8_t reserved[2]; /* zero */
} trd_unit;

enum {
    TRD_CHANGE_LEVEL = 1, /* the unit is at another level */
    TRD_CHANGE_ALERT =
        2,               /* one position begins, or ends, to lose more than alert_ppm of its cost */
    TRD_CHANGE_SHORT = 3 /* the unit is at LIQUIDATE or BANKRUPT: told at every look, not only when
                            it has come to it */
};

typedef struct trd_monitor_change {
    trd_unit unit;
    uint8_t what;        /* TRD_CHANGE_* */
    uint8_t level;       /* TRD_MARGIN_*; ALERT: 1 begins, 0 ends */
    uint8_t former;      /* before */
    uint8_t position;    /* ALERT: TRD_POSITION_* of the position; else 0 */
    uint32_t instrument; /* ALERT: of the position; else 0 */
    trd_amt equity;      /* of the unit; ALERT: the position's unrealised profit */
    trd_amt maintenance; /* of the unit; ALERT: the position's |cost| */
} trd_monitor_change;

/* In all calls the accounts are of a definition with the same four numbers, and models are given
 * before there are positions. What accounts of mode PORTFOLIO need is what `risk` keeps of them: it
 * follows them, and has been told of their positions (trd_risk_moved), before trd_monitor_next.
 *
 * trd_monitor_mark: the mark of the instrument was set (trd_accounts_mark). Who leaves his interval
 * by it is due. TRD_OK; TRD_E_UNKNOWN: no such instrument, or it has no mark. O(1) for each who is
 * due, O(1) for the others together. */
TRD_API int trd_monitor_mark(trd_monitor *monitor, trd_accounts *accounts, uint32_t instrument);

/* trd_monitor_portfolios: an array was set, or a pair made, while there were positions
 * (trd_risk_array, trd_risk_pair). Every account that `risk` has sums of is due. O(accounts), O(1)
 * if there are no sums. */
TRD_API void trd_monitor_portfolios(
    const trd_monitor *monitor, trd_accounts *accounts, const trd_risk *risk);

/* trd_monitor_next looks at the accounts that are due, lowest number first, until there is
 * something to tell: 1 and *out, or 0 if nobody is due any more. Due are who left an interval, and
 * every account of which money, collateral, position or terms have changed since it was last looked
 * at, rates and collateral terms of its assets too (ACCOUNT): the accounts remember them. Of one
 * account first all LEVEL and ALERT changes are told, then
 * each unit that is SHORT; whatever changes in between makes its accounts due again. Of a unit that
 * is SHORT the interval is its mark alone: it is looked at with each, also with the same.
 *
 * For each account that is due O(units and positions), and what its groups need (PORTFOLIO, as
 * trd_risk_portfolio); for each of its positions O(tiers) to solve its interval, up to 2,048 values
 * more where roundings decide (monitoring.md; ACCOUNT: none), and O(log n) for the index, n holders
 * of the instrument. */
TRD_API int trd_monitor_next(
    trd_monitor *monitor, trd_accounts *accounts, const trd_risk *risk, trd_monitor_change *out);

/* trd_monitor_state computes how a unit stands now: TRD_OK, TRD_E_UNKNOWN without a mark, model or
 * array of one of its positions or a rate (ACCOUNT), if its account is a PORTFOLIO that is not
 * followed, or if there is no such unit; TRD_E_RANGE if a number does not fit. Of *out `profit` is
 * equity less balance (ACCOUNT: less what the balances count for without positions), `initial` that
 * of margin positions, or of the groups. O(positions), ACCOUNT O(balances x positions), PORTFOLIO
 * also as trd_risk_portfolio.
 * trd_monitor_level is the level that was told last; 0 (FINE) if nothing was. */
TRD_API int trd_monitor_state(const trd_monitor *monitor, const trd_accounts *accounts,
    const trd_risk *risk, const trd_unit *unit, trd_margin_state *out);
TRD_API int trd_monitor_level(
    const trd_monitor *monitor, const trd_accounts *accounts, const trd_unit *unit);

/* The interval of a position: while its mark is in [low, high], and those of the unit's other
 * positions are in theirs, nothing changes level, and no alert begins or ends. TRD_OK, or
 * TRD_E_UNKNOWN if it has none: flat, not looked at, of a unit of which something is missing, or of
 * none without alerts. O(1). */
TRD_API int trd_monitor_interval(const trd_monitor *monitor, const trd_accounts *accounts,
    uint32_t account, uint32_t instrument, unsigned position, trd_px *low, trd_px *high);

typedef struct trd_monitor_stats {
    uint64_t marks;  /* trd_monitor_mark that returned TRD_OK */
    uint64_t left;   /* positions that were due by them */
    uint64_t looked; /* accounts looked at */
    uint64_t told;   /* changes */
} trd_monitor_stats;

TRD_API void trd_monitor_stats_get(const trd_monitor *monitor, trd_monitor_stats *out);

/* trd_monitor_audit walks all accounts, when nobody is due: each unit is at the level that
 * trd_margin_account_state gives it, each mark is in its interval, index and positions agree.
 * TRD_OK, or the negated line of lib/monitor that saw the first break. O(capacity). */
TRD_API int trd_monitor_audit(
    const trd_monitor *monitor, const trd_accounts *accounts, const trd_risk *risk);

TRD_END_DECLS

#endif
