"""Margin: functions of values, as in tradsys/margin.h. Nothing here has a state."""
from . import _native as native
from . import record
from ._boxes import _asked, pack

__all__ = ["cash", "cnc", "grouped", "flat", "mis", "leverage", "nrml", "tiered", "require", "need",
           "state", "collateral", "liquidation", "bankruptcy", "reduction", "rank", "scenario_add",
           "scenario_require"]


def cash():
    """Paid in full; sells only what is held."""
    return _asked(record.MarginModel, native.trb_margin_cash)


def cnc():
    """India, delivery: as cash."""
    return _asked(record.MarginModel, native.trb_margin_cnc)


def grouped():
    """None of its own: the scenario group has it."""
    return _asked(record.MarginModel, native.trb_margin_grouped)


def flat(initial_ppm, maintenance_ppm):
    """Fixed percentages."""
    return _asked(record.MarginModel, native.trb_margin_flat, initial_ppm, maintenance_ppm)


def mis(initial_ppm, maintenance_ppm):
    """India, intraday: fixed percentages."""
    return _asked(record.MarginModel, native.trb_margin_mis, initial_ppm, maintenance_ppm)


def leverage(leverage_centi, maintenance_ppm):
    """Initial by leverage, maintenance by percentage."""
    return _asked(record.MarginModel, native.trb_margin_leverage, leverage_centi, maintenance_ppm)


def nrml(var_ppm, elm_ppm):
    """India, overnight: value at risk plus extreme loss."""
    return _asked(record.MarginModel, native.trb_margin_nrml, var_ppm, elm_ppm)


def tiered(tiers, leverage_centi=0):
    """Percentages that grow with the notional: tiers are MarginTier."""
    return _asked(record.MarginModel, native.trb_margin_tiered, pack(tiers), leverage_centi)


def require(model, notional):
    """What a notional needs under a model."""
    return _asked(record.MarginRequirement, native.trb_margin_require, model, notional)


def need(spec, model, position):
    """What one position is worth and needs at its mark."""
    return _asked(record.MarginNeed, native.trb_margin_need, spec, model, position)


def state(account, positions):
    """How an account stands: positions are (spec, model, MarginPosition)."""
    specs, models, held = zip(*positions) if positions else ((), (), ())
    return _asked(record.MarginState, native.trb_margin_state, account, pack(specs), pack(models),
                  pack(held))


def collateral(assets):
    """What several assets count for: assets are MarginAsset."""
    return _asked(record.MarginCollateralValue, native.trb_margin_collateral, pack(assets))


def liquidation(spec, model, position, balance, others=0):
    """The marks at which a position is liquidated."""
    return _asked(record.MarginPrices, native.trb_margin_liquidation, spec, model, position, balance,
                  others)


def bankruptcy(spec, model, position, balance, others=0, fee_ppm=0):
    """The last tick at which closing still leaves at least nothing."""
    return native.trb_margin_bankruptcy(spec, model, position, balance, others, fee_ppm)


def reduction(spec, model, position, terms):
    """The fewest lots to close: terms are MarginCutTerms."""
    return _asked(record.MarginCut, native.trb_margin_reduction, spec, model, position, terms)


def rank(spec, model, position, equity):
    """Where a position stands in the queue of deleveraging."""
    return native.trb_margin_rank(spec, model, position, equity)


def scenario_add(sums, array, qty_before, qty_after):
    """The sums of a group after a position has moved."""
    return _asked(record.ScenarioSums, native.trb_scenario_add, sums, array, qty_before, qty_after)


def scenario_require(groups, sums, pairs=()):
    """([ScenarioNeed of each group], MarginRequirement of all)."""
    size = record.ScenarioNeed.SIZE
    found = bytearray(len(groups) * size + record.MarginRequirement.SIZE)
    native.trb_scenario_require(pack(groups), pack(sums), pack(pairs), found)
    needs = [record.ScenarioNeed.of(found[at:at + size]) for at in range(0, len(groups) * size, size)]
    return needs, record.MarginRequirement.of(found[len(groups) * size:])
