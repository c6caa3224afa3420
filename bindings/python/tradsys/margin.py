"""Margin: functions of values, as in tradsys/margin.h. Nothing here has a state."""
from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import _native as native
from . import record
from ._boxes import _asked, pack

__all__ = ["cash", "cnc", "grouped", "flat", "mis", "leverage", "nrml", "tiered", "require", "need",
           "state", "collateral", "liquidation", "bankruptcy", "reduction", "rank", "scenario_add",
           "scenario_require"]


def cash() -> record.MarginModel:
    """Paid in full; sells only what is held."""
    return _asked(record.MarginModel, native.trb_margin_cash)


def cnc() -> record.MarginModel:
    """India, delivery: as cash."""
    return _asked(record.MarginModel, native.trb_margin_cnc)


def grouped() -> record.MarginModel:
    """None of its own: the scenario group has it."""
    return _asked(record.MarginModel, native.trb_margin_grouped)


def flat(initial_ppm: int, maintenance_ppm: int) -> record.MarginModel:
    """Fixed percentages."""
    return _asked(record.MarginModel, native.trb_margin_flat, initial_ppm, maintenance_ppm)


def mis(initial_ppm: int, maintenance_ppm: int) -> record.MarginModel:
    """India, intraday: fixed percentages."""
    return _asked(record.MarginModel, native.trb_margin_mis, initial_ppm, maintenance_ppm)


def leverage(leverage_centi: int, maintenance_ppm: int) -> record.MarginModel:
    """Initial by leverage, maintenance by percentage."""
    return _asked(record.MarginModel, native.trb_margin_leverage, leverage_centi, maintenance_ppm)


def nrml(var_ppm: int, elm_ppm: int) -> record.MarginModel:
    """India, overnight: value at risk plus extreme loss."""
    return _asked(record.MarginModel, native.trb_margin_nrml, var_ppm, elm_ppm)


def tiered(tiers: Iterable[record.MarginTier], leverage_centi: int = 0) -> record.MarginModel:
    """Percentages that grow with the notional: tiers are MarginTier."""
    return _asked(record.MarginModel, native.trb_margin_tiered, pack(tiers), leverage_centi)


def require(model: record.MarginModel, notional: int) -> record.MarginRequirement:
    """What a notional needs under a model."""
    return _asked(record.MarginRequirement, native.trb_margin_require, model, notional)


def need(spec: record.Instrument, model: record.MarginModel,
         position: record.MarginPosition) -> record.MarginNeed:
    """What one position is worth and needs at its mark."""
    return _asked(record.MarginNeed, native.trb_margin_need, spec, model, position)


def state(account: record.MarginAccount,
          positions: Sequence[tuple[record.Instrument, record.MarginModel, record.MarginPosition]],
          ) -> record.MarginState:
    """How an account stands: positions are (spec, model, MarginPosition)."""
    specs, models, held = zip(*positions) if positions else ((), (), ())
    return _asked(record.MarginState, native.trb_margin_state, account, pack(specs), pack(models),
                  pack(held))


def collateral(assets: Iterable[record.MarginAsset]) -> record.MarginCollateralValue:
    """What several assets count for: assets are MarginAsset."""
    return _asked(record.MarginCollateralValue, native.trb_margin_collateral, pack(assets))


def liquidation(spec: record.Instrument, model: record.MarginModel, position: record.MarginPosition,
                balance: int, others: int = 0) -> record.MarginPrices:
    """The marks at which a position is liquidated."""
    return _asked(record.MarginPrices, native.trb_margin_liquidation, spec, model, position, balance,
                  others)


def bankruptcy(spec: record.Instrument, model: record.MarginModel, position: record.MarginPosition,
               balance: int, others: int = 0, fee_ppm: int = 0) -> int:
    """The last tick at which closing still leaves at least nothing."""
    return native.trb_margin_bankruptcy(spec, model, position, balance, others, fee_ppm)


def reduction(spec: record.Instrument, model: record.MarginModel, position: record.MarginPosition,
              terms: record.MarginCutTerms) -> record.MarginCut:
    """The fewest lots to close: terms are MarginCutTerms."""
    return _asked(record.MarginCut, native.trb_margin_reduction, spec, model, position, terms)


def rank(spec: record.Instrument, model: record.MarginModel, position: record.MarginPosition,
         equity: int) -> int:
    """Where a position stands in the queue of deleveraging."""
    return native.trb_margin_rank(spec, model, position, equity)


def scenario_add(sums: record.ScenarioSums, array: record.ScenarioArray, qty_before: int,
                 qty_after: int) -> record.ScenarioSums:
    """The sums of a group after a position has moved."""
    return _asked(record.ScenarioSums, native.trb_scenario_add, sums, array, qty_before, qty_after)


def scenario_require(groups: Sequence[record.ScenarioGroup], sums: Iterable[record.ScenarioSums],
                     pairs: Iterable[record.ScenarioPair] = (),
                     ) -> tuple[list[record.ScenarioNeed], record.MarginRequirement]:
    """([ScenarioNeed of each group], MarginRequirement of all)."""
    size = record.ScenarioNeed.SIZE
    found = bytearray(len(groups) * size + record.MarginRequirement.SIZE)
    native.trb_scenario_require(pack(groups), pack(sums), pack(pairs), found)
    needs = [record.ScenarioNeed.of(found[at:at + size]) for at in range(0, len(groups) * size, size)]
    return needs, record.MarginRequirement.of(found[len(groups) * size:])
