'use strict';
// engine.js - the engine: matching, accounts and risk behind one switch. Reference: engine.h.
const native = require('./native.js');
const { BOX, answer, answers, bytesOf, keepBox, nothing, optionalBytesOf } = require('./call.js');
const { over } = require('./commands.js');
const records = require('./generated.js');
const { wrongType } = require('./record.js');

const {
  Account, AccountsDef, Activity, Actor, Asset, AssetBalance, Balance, Checkpoint, Collateral, Equity, EventTrail,
  FeeTable, Held, Holding, Instrument, InstrumentHolding, Limit, Liquidation, MarginModel, MarginState, MatchDef,
  MonitorDef, MonitorStats, Page, Parent, Portfolio, Position, Profile, RiskDef, ScenarioArray, ScenarioGroup,
  ScenarioPair, ScenarioSums, SnapshotHead, Terms, Unit, Verdict,
} = records;

const PIECE = 1 << 16;

const PARTS = { match: MatchDef, accounts: AccountsDef, risk: RiskDef, monitor: MonitorDef };

// Sizes that the parts must agree in are said once, beside them.
const SHARED = ['instruments_max', 'accounts_max', 'orders_max', 'balances_max', 'positions_max'];

// What a part is by itself: its record, or its fields over the default with the shared sizes.
function part(name, given, shared) {
  const type = PARTS[name];
  if (given instanceof type) {
    return given.bytes;
  }
  const own = Object.fromEntries(Object.entries(shared).filter(([key]) => Object.hasOwn(type.fields, key)));
  return new type(own).assign(given ?? {}).bytes;
}

function sharedOf(options) {
  const defaults = new AccountsDef();
  return Object.fromEntries(SHARED.map((key) => [key, options[key] ?? defaults[key]]));
}

class Engine extends over('engine') {
  constructor(options = {}) {
    super();
    keepBox(this, native.engine_new());
    if (options === null) {
      return; // load fills it
    }
    const known = [...Object.keys(PARTS), ...SHARED, 'liquidation', 'decisions', 'trail'];
    for (const key of Object.keys(options)) {
      if (!known.includes(key)) {
        throw wrongType(`Engine.${key}`, 'a part or size of an engine');
      }
    }
    const shared = sharedOf(options);
    const { monitor, liquidation, decisions = false, trail = false } = options;
    native.engine_open(
      this[BOX], part('match', options.match, shared), part('accounts', options.accounts, shared),
      part('risk', options.risk, shared), monitor ? part('monitor', monitor, shared) : nothing,
      optionalBytesOf(Liquidation, liquidation), decisions ? 1 : 0, trail ? 1 : 0);
  }

  static load(bytes) {
    const made = new Engine(null);
    native.engine_load(made[BOX], bytes);
    return made;
  }

  asset(asset) {
    return native.engine_asset(this[BOX], bytesOf(Asset, asset));
  }

  fees(table) {
    return native.engine_fees(this[BOX], bytesOf(FeeTable, table));
  }

  list(spec, terms = {}, { profile, model } = {}) {
    return native.engine_list(
      this[BOX], bytesOf(Instrument, spec), bytesOf(Terms, terms), optionalBytesOf(Profile, profile),
      optionalBytesOf(MarginModel, model));
  }

  actor(actor) {
    native.engine_actor(this[BOX], bytesOf(Actor, actor));
  }

  enable(instrument, enabled = true) {
    native.engine_enable(this[BOX], instrument, enabled ? 1 : 0);
  }

  group(asset, group) {
    return native.engine_group(this[BOX], asset, bytesOf(ScenarioGroup, group));
  }

  pair(pair) {
    return native.engine_pair(this[BOX], bytesOf(ScenarioPair, pair));
  }

  array(instrument, group, array) {
    native.engine_array(this[BOX], instrument, group, bytesOf(ScenarioArray, array));
  }

  ask(command) {
    return answer(Verdict, (out) => native.engine_ask(this[BOX], command.bytes ?? command, out));
  }

  account(account) {
    return answer(Account, (out) => native.engine_account(this[BOX], account, out));
  }

  balance(account, asset) {
    return answer(Balance, (out) => native.engine_balance(this[BOX], account, asset, out));
  }

  balances(account) {
    return answers(AssetBalance, (out) => native.engine_balances(this[BOX], account, out));
  }

  position(account, instrument, side = Position.NET) {
    return answer(Holding, (out) => native.engine_position(this[BOX], account, instrument, side, out));
  }

  positions(account) {
    return answers(InstrumentHolding, (out) => native.engine_positions(this[BOX], account, out));
  }

  unrealised(account, instrument, side = Position.NET) {
    return native.engine_unrealised(this[BOX], account, instrument, side);
  }

  equity(account) {
    return answer(Equity, (out) => native.engine_equity(this[BOX], account, out));
  }

  activity(account) {
    return answer(Activity, (out) => native.engine_activity(this[BOX], account, out));
  }

  outside(instrument) {
    return native.engine_outside(this[BOX], instrument);
  }

  held(order) {
    return answer(Held, (out) => native.engine_held(this[BOX], order, out));
  }

  withdrawable(account, asset) {
    return native.engine_withdrawable(this[BOX], account, asset);
  }

  portfolio(account, asset) {
    return answer(Portfolio, (out) => native.engine_portfolio(this[BOX], account, asset, out));
  }

  sums(account, group) {
    return answer(ScenarioSums, (out) => native.engine_sums(this[BOX], account, group, out));
  }

  collateral(account) {
    return answer(Collateral, (out) => native.engine_collateral(this[BOX], account, out));
  }

  parent(account, parent) {
    return answer(Parent, (out) => native.engine_parent(this[BOX], account, parent, out));
  }

  limit(limit) {
    const bytes = bytesOf(Limit, limit);
    return answer(Limit, (out) => native.engine_limit(this[BOX], bytes, out));
  }

  may(actor, account, permissions) {
    return native.engine_may(this[BOX], actor, account, permissions) !== 0;
  }

  margin(unit) {
    const bytes = bytesOf(Unit, unit);
    return answer(MarginState, (out) => native.engine_margin(this[BOX], bytes, out));
  }

  level(unit) {
    return native.engine_level(this[BOX], bytesOf(Unit, unit));
  }

  interval(account, instrument, side = Position.NET) {
    const ends = new BigInt64Array(2);
    native.engine_interval(this[BOX], account, instrument, side, ends);
    return { low: ends[0], high: ends[1] };
  }

  watch() {
    return answer(MonitorStats, (out) => native.engine_watch(this[BOX], out));
  }

  trail() {
    return answer(EventTrail, (out) => native.engine_trail(this[BOX], out));
  }

  checkpoint(number) {
    return answer(Checkpoint, (out) => native.engine_checkpoint(this[BOX], number, out));
  }

  get digest() {
    return native.engine_digest(this[BOX]);
  }

  page(number) {
    return answer(Page, (out) => native.engine_page(this[BOX], number, out));
  }

  // All of the state: load makes an engine of it.
  snapshot() {
    const made = new Uint8Array(Number(native.engine_snapshot_begin(this[BOX])));
    for (let at = 0, more = true, size; more; at += size) {
      [size, more] = native.engine_snapshot_write(this[BOX], made.subarray(at));
    }
    return made;
  }

  // The state as lines of JSON (export.h).
  export() {
    native.engine_export_begin(this[BOX]);
    const pieces = [];
    for (let more = true, size; more;) {
      const piece = Buffer.allocUnsafe(PIECE);
      [size, more] = native.engine_export_write(this[BOX], piece);
      pieces.push(piece.subarray(0, size));
    }
    return Buffer.concat(pieces).toString();
  }
}

function snapshotHead(bytes) {
  return answer(SnapshotHead, (out) => native.snapshot_peek(bytes, out));
}

exports.Engine = Engine;
exports.snapshotHead = snapshotHead;
