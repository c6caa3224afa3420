'use strict';
// functions.js - what needs no object: conversions of an instrument, profiles, margin. Reference:
// instrument.h, profile.h, margin.h.
const native = require('./native.js');
const { answer, bytesOf } = require('./call.js');
const { textOf } = require('./commands.js');
const {
  Instrument, MarginAccount, MarginAsset, MarginCollateralValue, MarginCut, MarginCutTerms, MarginModel,
  MarginNeed, MarginPosition, MarginPrices, MarginRequirement, MarginState, MarginTier, Profile, Round, ScenarioArray,
  ScenarioGroup, ScenarioNeed, ScenarioPair, ScenarioSums,
} = require('./generated.js');

const spec = (given) => bytesOf(Instrument, given);
const model = (given) => bytesOf(MarginModel, given);
const position = (given) => bytesOf(MarginPosition, given);

const instrument = Object.freeze({
  // The fault of a specification, 0 if there is none; and its text.
  check: (given, ordersMax) => native.instrument_check(spec(given), ordersMax),
  faultText: (fault) => native.instrument_fault_text(fault),
  tickStep: (given, px) => native.instrument_tick_step(spec(given), px),
  value: (given, px, qty, rounding = Round.EXACT) => native.instrument_value(spec(given), px, qty, rounding),
  px: (given, text, rounding = Round.EXACT) => native.instrument_px(spec(given), text, rounding),
  qty: (given, text, rounding = Round.EXACT) => native.instrument_qty(spec(given), text, rounding),
  pxText: (given, px) => textOf((out) => native.instrument_px_text(spec(given), px, out)),
  qtyText: (given, qty) => textOf((out) => native.instrument_qty_text(spec(given), qty, out)),
});

const profile = Object.freeze({
  check: (given) => native.profile_check(bytesOf(Profile, given)),
  ties: (given, preset) => answer(Profile, (out) => native.profile_ties(bytesOf(Profile, given), preset, out)),
});

const madeModel = (call) => answer(MarginModel, call);

const margin = Object.freeze({
  cash: () => madeModel((out) => native.margin_cash(out)),
  cnc: () => madeModel((out) => native.margin_cnc(out)),
  grouped: () => madeModel((out) => native.margin_grouped(out)),
  flat: (initialPpm, maintenancePpm) => madeModel((out) => native.margin_flat(initialPpm, maintenancePpm, out)),
  mis: (initialPpm, maintenancePpm) => madeModel((out) => native.margin_mis(initialPpm, maintenancePpm, out)),
  leverage: (leverageCenti, maintenancePpm) => madeModel((out) => native.margin_leverage(leverageCenti, maintenancePpm, out)),
  nrml: (varPpm, elmPpm) => madeModel((out) => native.margin_nrml(varPpm, elmPpm, out)),
  tiered: (tiers, leverageCenti) => madeModel((out) => native.margin_tiered(MarginTier.pack(tiers), leverageCenti, out)),
  check: (given) => native.margin_model_check(model(given)),
  require: (given, notional) => answer(MarginRequirement, (out) => native.margin_require(model(given), notional, out)),
  // A position is { spec, model, position }.
  need: (held) => answer(MarginNeed, (out) => native.margin_need(
    spec(held.spec), model(held.model), position(held.position), out)),
  state: (account, positions) => answer(MarginState, (out) => native.margin_state(
    bytesOf(MarginAccount, account), Instrument.pack(positions.map((one) => one.spec)),
    MarginModel.pack(positions.map((one) => one.model)), MarginPosition.pack(positions.map((one) => one.position)), out)),
  collateral: (asset) => answer(MarginCollateralValue, (out) => native.margin_collateral(bytesOf(MarginAsset, asset), out)),
  liquidation: (held, balance, others) => answer(MarginPrices, (out) => native.margin_liquidation(
    spec(held.spec), model(held.model), position(held.position), balance, others, out)),
  bankruptcy: (held, balance, others, feePpm) => native.margin_bankruptcy(
    spec(held.spec), model(held.model), position(held.position), balance, others, feePpm),
  reduction: (held, terms) => answer(MarginCut, (out) => native.margin_reduction(
    spec(held.spec), model(held.model), position(held.position), bytesOf(MarginCutTerms, terms), out)),
  rank: (held, equity) => native.margin_rank(spec(held.spec), model(held.model), position(held.position), equity),
});

const scenario = Object.freeze({
  add: (sums, array, before, after) => answer(ScenarioSums, (out) => native.scenario_add(
    bytesOf(ScenarioSums, sums), bytesOf(ScenarioArray, array), before, after, out)),
  require(groups, sums, pairs = []) {
    const size = groups.length * ScenarioNeed.size;
    const bytes = new Uint8Array(size + MarginRequirement.size);
    native.scenario_require(ScenarioGroup.pack(groups), ScenarioSums.pack(sums), ScenarioPair.pack(pairs), bytes);
    return { needs: ScenarioNeed.list(bytes.subarray(0, size)), requirement: MarginRequirement.over(bytes, size) };
  },
});

exports.instrument = instrument;
exports.profile = profile;
exports.margin = margin;
exports.scenario = scenario;
