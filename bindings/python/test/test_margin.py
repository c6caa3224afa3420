"""Margin as functions of values; the numbers are worked out beside them."""
import sys

import tap
from venue import raises

import tradsys
from tradsys import margin

SPEC = tradsys.Instrument(symbol="F", kind=tradsys.InstrumentKind.LINEAR, px_max=1000, qty_max=1000)
LONG = tradsys.MarginPosition(qty=10, cost=1000, mark=110, has_mark=1)


def a_position_needs_percentages_of_its_worth():
    # Worth 1,100, cost 1,000: profit 100. 10 % and 5 % of 1,100: 110 and 55.
    need = margin.need(SPEC, margin.flat(100000, 50000), LONG)
    tap.equal((need.notional, need.profit, need.initial, need.maintenance), (1100, 100, 110, 55))


def leverage_bounds_the_initial_margin():
    # 5 x: a fifth of 1,000.
    need = margin.require(margin.leverage(500, 100000), 1000)
    tap.equal((need.initial, need.maintenance), (200, 100))


def tiers_are_continuous():
    model = margin.tiered([tradsys.MarginTier(floor=0, maintenance_ppm=10000, initial_ppm=20000),
                           tradsys.MarginTier(floor=1000, maintenance_ppm=20000, initial_ppm=40000)])
    # 1 % of the first 1,000, 2 % of what is above: 10 + 20.
    tap.equal(margin.require(model, 2000).maintenance, 30)
    tap.equal(model.tiers[1].cum, 10)
    with raises(tradsys.ArgumentError):
        margin.tiered([])
    with raises(tradsys.ArgumentError):
        margin.tiered([tradsys.MarginTier()] * 17)


def an_account_is_the_sum_of_its_positions():
    model = margin.flat(100000, 50000)
    account = tradsys.MarginAccount(warn_ppm=2000000, call_ppm=1000000, balance=5)
    # Two of the position above: equity 5 + 200, maintenance 110; 205 < 220: a warning.
    state = margin.state(account, [(SPEC, model, LONG), (SPEC, model, LONG)])
    tap.equal((state.equity, state.maintenance, state.level), (205, 110, tradsys.MarginLevel.WARN))
    # Alone, none: 5.
    tap.equal(margin.state(account, []).equity, 5)


def prices_at_which_something_happens():
    # Balance 100, cost 1,000, no maintenance: below 90 there is nothing left.
    model = margin.flat(0, 0)
    tap.equal(margin.bankruptcy(SPEC, model, LONG, 100), 90)
    # At 5 %: 100 + 10 p - 1000 is below ceil(p / 2) first at 94: 40 < 47; at 95: 50 >= 48.
    prices = margin.liquidation(SPEC, margin.flat(50000, 50000), LONG, 100)
    tap.equal((prices.has_trigger, prices.trigger), (1, 94))


def collateral_counts_with_haircuts():
    assets = [tradsys.MarginAsset(balance=1000, numerator=1, denominator=1, has_rate=1),
              tradsys.MarginAsset(balance=100, numerator=2, denominator=1, has_rate=1, haircut_ppm=100000)]
    # 1,000 and 200 less 10 %.
    tap.equal(margin.collateral(assets).total, 1180)
    assets[0].has_rate = 0
    with raises(tradsys.UnknownError):
        margin.collateral(assets)


def scenarios_add_up():
    array = tradsys.ScenarioArray(loss=[5, -5], delta=1000000)
    sums = margin.scenario_add(tradsys.ScenarioSums(), array, 0, 3)
    tap.equal((sums.loss[:2], sums.delta[0]), ((15, -15), 3000000))
    group = tradsys.ScenarioGroup(initial_ppm=2000000)
    needs, all_of_it = margin.scenario_require([group], [sums])
    tap.equal((needs[0].scan, all_of_it.maintenance, all_of_it.initial), (15, 15, 30))


def what_is_no_model_is_refused():
    with raises(tradsys.ArgumentError):
        margin.need(SPEC, tradsys.MarginModel(), LONG)
    with raises(tradsys.ArgumentError):
        margin.need(tradsys.Instrument(), margin.cash(), LONG)
    with raises(tradsys.UnknownError):
        margin.need(SPEC, margin.mis(200000, 100000), tradsys.MarginPosition(qty=1, cost=1))
    with raises(tradsys.BufferSizeError):
        margin.need(SPEC, margin.nrml(100000, 50000), SPEC)
    with raises(tradsys.ArgumentError):
        margin.flat(1, 2)


def a_cut_closes_what_is_needed():
    # Mark 95: worth 950, profit -50, balance 60: equity 10; 10 % maintenance: 95. Each lot closed at
    # 95 takes 9.5 off what is needed: 9 lots leave 10 >= ceil(9.5).
    position = tradsys.MarginPosition(qty=10, cost=1000, mark=95, has_mark=1)
    terms = tradsys.MarginCutTerms(px=95, balance=60, target_ppm=1000000, step_pct=10)
    cut = margin.reduction(SPEC, margin.flat(100000, 100000), position, terms)
    tap.equal((cut.lots, cut.restored, cut.equity, cut.maintenance), (9, 1, 10, 10))


def the_queue_of_deleveraging():
    # Profit 100 of cost 1,000: 10 %; worth 1,100 on equity 550: 2 x. 0.1 x 2 = 0.2.
    tap.equal(margin.rank(SPEC, margin.flat(0, 0), LONG, 550), 200000)


if __name__ == "__main__":
    sys.exit(tap.play(tap.functions_of(globals())))
