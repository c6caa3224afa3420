import { Bytes, Integer, Record } from './lib/record';
import {
  Account, AccountsDef, AccountsDefFields, Activity, Actor, ActorFields, Asset, AssetBalance, AssetFields, Balance,
  BookOrder, Checkpoint, Collateral, Equity, EventTrail, FeeTable, FeeTableFields, Held, Holding, Instrument,
  InstrumentFields, InstrumentHolding, ItchCounts, JournalFrame, JournalReport, Level, LevelBookDef, LevelBookDefFields, Limit, LimitFields,
  Liquidation, LiquidationFields, MarginAccount, MarginAccountFields, MarginAsset, MarginAssetFields,
  MarginCollateralValue, MarginCut, MarginCutTerms, MarginCutTermsFields, MarginModel, MarginModelFields, MarginNeed,
  MarginPosition, MarginPositionFields, MarginPrices, MarginRequirement, MarginState, MarginTier, MarginTierFields,
  MatchDef, MatchDefFields, MatchStats, MonitorDef, MonitorDefFields, MonitorStats, OrderBookDef, OrderBookDefFields,
  OrderFilter, OrderFilterFields, OrderInfo, Page, Parent, Portfolio, Profile, ProfileFields, RiskDef, RiskDefFields,
  ScenarioArray, ScenarioArrayFields, ScenarioGroup, ScenarioGroupFields, ScenarioNeed, ScenarioPair,
  ScenarioPairFields, ScenarioSums, ScenarioSumsFields, SnapshotHead, Terms, TermsFields, Unit, UnitFields, Verdict,
  Vetted,
} from './lib/generated';

export * from './lib/generated';
export { Bytes, Integer, Record } from './lib/record';

/**
 * What calls throw when the library fails them, and nothing has happened: `code` is the result's name
 * (constants.E_ARG is 'TRD_E_ARG'), `result` its number. A market's "no" is an event and no exception.
 * 'TRB_E_CLOSED': the object was closed; 'TRB_E_IN_USE': a batch of it runs in another thread;
 * 'TRB_E_VIEWS': its memory was given away; 'TRB_E_BUFFER': bytes of a wrong size.
 */
export interface TradsysError extends Error {
  readonly code: string;
  readonly result: number;
}

/** The version of the library: major, minor, patch. */
export const version: readonly [number, number, number];

/** A price or quantity: ticks or lots, or exact decimal text by the instrument's specification. */
export type Decimal = Integer | string;

/** A limit order; what is not given is 0, GTC and LIMIT. For more than fits, send a record. */
export interface OrderFields {
  account: Integer;
  client_id: Integer;
  side: Integer;
  qty: Decimal;
  px?: Decimal;
  instrument?: Integer;
  type?: Integer;
  tif?: Integer;
  exec?: Integer;
  actor?: Integer;
}

/** Commands: their bytes, or a list of records and of what join returns. */
export type CommandList = Bytes | Iterable<Record | Uint8Array>;

/** The bytes of a command and of its extensions behind it: its `slots` counts them, they get its seq. */
export function join(command: Record, ...extensions: Record[]): Uint8Array;

/** The bytes of commands one after the other. */
export function batch(list: Iterable<Record | Uint8Array>): Uint8Array;

/**
 * Events: slots of 64 bytes in memory of the library, seen without a copy. What shows them (buffer, bytes,
 * records) is detached when the box is cleared, filled again or closed, and reading it then is a TypeError.
 */
export class Events implements Iterable<Record> {
  constructor();
  /** Slots, extensions counted. */
  readonly length: number;
  /** The memory itself. */
  readonly buffer: ArrayBuffer;
  readonly bytes: Uint8Array;
  /** A hash over all slots, as in the engine's trail. */
  readonly hash: bigint;
  /** Records of an EventKind; 0: all. */
  count(kind?: Integer): number;
  /** One slot, from the end if below zero. */
  at(index: number): Record;
  /** Each slot, extensions behind their base, as records of `events` and `extensions`. */
  [Symbol.iterator](): IterableIterator<Record>;
  /** The records of a kind with their extensions, added to `to`. */
  pick(kind: Integer, to?: Events): Events;
  append(bytes: Bytes): this;
  clear(): this;
  close(): void;
  [Symbol.dispose](): void;
}

/** What an engine and a matcher have in common. */
declare abstract class Commands {
  readonly isOpen: boolean;
  /** As new, with what was set up. */
  reset(): void;
  /** Ends it. Every other call then throws TRB_E_CLOSED. */
  close(): void;
  [Symbol.dispose](): void;
  /** Decimal text of an instrument as ticks or lots: exact, or rounded by a Round. */
  px(instrument: Integer, text: string, rounding?: Integer): bigint;
  qty(instrument: Integer, text: string, rounding?: Integer): bigint;
  pxText(instrument: Integer, px: Integer): string;
  qtyText(instrument: Integer, qty: Integer): string;
  /** Time and seq that the next submit carries; each takes one seq. */
  stamp(time: Integer, seq: Integer): void;
  /** Executes an order. Returns the slots of events that it wrote: take has them. */
  submit(order: OrderFields): number;
  /** Executes a command with its extensions, or the bytes of one. */
  send(command: Record | Bytes, ...extensions: Record[]): number;
  /** Executes all of a list. */
  run(list: CommandList): number;
  /** The same in another thread. Until the promise is settled every other call throws TRB_E_IN_USE. */
  runAsync(list: CommandList): Promise<number>;
  /** Runs batch after batch in another thread and yields each event. */
  execute(batches: Iterable<CommandList> | AsyncIterable<CommandList>): AsyncGenerator<Record, void, undefined>;
  /** Slots of commands that the last run has executed. */
  readonly consumed: bigint;
  /** Slots of events that were not taken. */
  readonly waiting: bigint;
  /** All events since the last take; what `to` had is gone. */
  take(to?: Events): Events;
  /** The handle of a live order, 0n without one. */
  find(account: Integer, clientId: Integer): bigint;
  order(order: Integer): OrderInfo;
  orders(filter?: OrderFilter | OrderFilterFields): OrderInfo[];
  best(instrument: Integer, side: Integer): Level | null;
  depth(instrument: Integer, side: Integer, max?: number): Level[];
  queue(instrument: Integer, side: Integer, px: Integer, max?: number): OrderInfo[];
  /** A SessionState. */
  state(instrument: Integer): number;
  /** Net lots of an account. */
  net(account: Integer, instrument: Integer, side?: Integer): bigint;
  spec(instrument: Integer): Instrument;
  stats(): MatchStats;
  /** 0, or the line of the library where the first broken rule was seen. */
  audit(): number;
}

/** Sizes that the parts of an engine must agree in, and the parts: records, or fields over the defaults. */
export interface EngineOptions {
  instruments_max?: Integer;
  accounts_max?: Integer;
  orders_max?: Integer;
  balances_max?: Integer;
  positions_max?: Integer;
  match?: MatchDef | MatchDefFields;
  accounts?: AccountsDef | AccountsDefFields;
  risk?: RiskDef | RiskDefFields;
  /** Without one nobody is monitored. */
  monitor?: MonitorDef | MonitorDefFields | null;
  /** Without one nobody is liquidated. Needs monitor. */
  liquidation?: Liquidation | LiquidationFields | null;
  /** DECISION events are written. */
  decisions?: boolean;
  /** A running hash of all events is kept. */
  trail?: boolean;
}

/** Matching, accounts and risk behind one switch. What calls mean is said in engine.h and its parts. */
export class Engine extends Commands {
  constructor(options?: EngineOptions);
  /** An engine of a snapshot. */
  static load(bytes: Bytes): Engine;
  /** Set-up: each returns the number of what was added. */
  asset(asset: Asset | AssetFields): number;
  fees(table: FeeTable | FeeTableFields): number;
  list(
    spec: Instrument | InstrumentFields, terms?: Terms | TermsFields,
    parts?: { profile?: Profile | ProfileFields; model?: MarginModel | MarginModelFields }): number;
  actor(actor: Actor | ActorFields): void;
  enable(instrument: Integer, enabled?: boolean): void;
  group(asset: Integer, group: ScenarioGroup | ScenarioGroupFields): number;
  pair(pair: ScenarioPair | ScenarioPairFields): number;
  array(instrument: Integer, group: Integer, array: ScenarioArray | ScenarioArrayFields): void;
  /** What the verdict on a new order or replace would be, and what would be held. */
  ask(command: Record | Bytes): Verdict;
  account(account: Integer): Account;
  balance(account: Integer, asset: Integer): Balance;
  balances(account: Integer): AssetBalance[];
  position(account: Integer, instrument: Integer, side?: Integer): Holding;
  positions(account: Integer): InstrumentHolding[];
  unrealised(account: Integer, instrument: Integer, side?: Integer): bigint;
  equity(account: Integer): Equity;
  activity(account: Integer): Activity;
  outside(instrument: Integer): bigint;
  held(order: Integer): Held;
  withdrawable(account: Integer, asset: Integer): bigint;
  portfolio(account: Integer, asset: Integer): Portfolio;
  sums(account: Integer, group: Integer): ScenarioSums;
  collateral(account: Integer): Collateral;
  parent(account: Integer, parent: Integer): Parent;
  limit(limit: Limit | LimitFields): Limit;
  may(actor: Integer, account: Integer, permissions: Integer): boolean;
  margin(unit: Unit | UnitFields): MarginState;
  /** A MarginLevel. */
  level(unit: Unit | UnitFields): number;
  interval(account: Integer, instrument: Integer, side?: Integer): { low: bigint; high: bigint };
  watch(): MonitorStats;
  trail(): EventTrail;
  checkpoint(number: Integer): Checkpoint;
  /** One number for all of the state. */
  readonly digest: bigint;
  page(number: Integer): Page;
  /** All of the state, for load. */
  snapshot(): Uint8Array;
  /** The state as lines of JSON. Integers of 64 bits are numbers there: JSON.parse rounds what is beyond 2^53. */
  export(): string;
}

/** The head of a snapshot. */
export function snapshotHead(bytes: Bytes): SnapshotHead;

/** The matching engine alone. What calls mean is said in match.h. */
export class Matcher extends Commands {
  constructor(definition?: MatchDef | MatchDefFields);
  add(spec: Instrument | InstrumentFields): number;
  configure(instrument: Integer, profile: Profile | ProfileFields): void;
  /** The Reject a command would get, 0 for none, and what it would be. */
  vet(command: Record | Bytes): { reason: number; vetted: Vetted };
}

/** A book of a feed by levels (book.h). */
export class LevelBook {
  constructor(definition?: LevelBookDef | LevelBookDefFields);
  readonly isOpen: boolean;
  reset(): void;
  close(): void;
  [Symbol.dispose](): void;
  set(side: Integer, px: Integer, qty: Integer): number;
  trim(side: Integer, keep: Integer): number;
  get(side: Integer, px: Integer): bigint;
  best(side: Integer): Level | null;
  depth(side: Integer, max?: number): Level[];
  count(side: Integer): number;
  audit(): number;
}

/** A book of a feed by orders (book.h). */
export class OrderBook {
  constructor(definition?: OrderBookDef | OrderBookDefFields);
  readonly isOpen: boolean;
  reset(): void;
  close(): void;
  [Symbol.dispose](): void;
  add(order: { ref: Integer; instrument?: Integer; side: Integer; qty: Integer; px: Integer }): void;
  reduce(ref: Integer, qty: Integer): number;
  remove(ref: Integer): void;
  replace(ref: Integer, next: { ref: Integer; qty: Integer; px: Integer }): void;
  find(ref: Integer): BookOrder;
  first(instrument: Integer, side: Integer): BookOrder | null;
  best(instrument: Integer, side: Integer): Level | null;
  depth(instrument: Integer, side: Integer, max?: number): Level[];
  readonly count: number;
  audit(): number;
}

/** Messages of a NASDAQ feed (codec/itch.h): feed bytes as they come, and iterate over what is complete. */
export class ItchReader implements Iterable<Record> {
  /** An ItchFraming. */
  constructor(framing?: Integer);
  readonly isOpen: boolean;
  close(): void;
  [Symbol.dispose](): void;
  feed(bytes: Bytes): this;
  /** Decodes into 64 bytes per message: how many. */
  read(out: Bytes): number;
  [Symbol.iterator](): IterableIterator<Record>;
  finish(): void;
  readonly ended: boolean;
  readonly offset: bigint;
  counts(): ItchCounts;
  static detect(bytes: Bytes): number;
  static decode(bytes: Bytes): Record;
  static encode(message: Record): Uint8Array;
}

/** Commands of a journal (journal.h): enter its segments in their order, and iterate each to its end. */
export class JournalReader implements Iterable<{ frame: JournalFrame; payload: Uint8Array }> {
  constructor();
  readonly isOpen: boolean;
  close(): void;
  [Symbol.dispose](): void;
  /** The bytes of the file with this number, copied. */
  enter(number: Integer, bytes: Bytes): this;
  /** Frames with what belongs to each: whole commands, for run, or one JournalCheck if `count` is 0. */
  [Symbol.iterator](): IterableIterator<{ frame: JournalFrame; payload: Uint8Array }>;
  /** How it ended. Throws TRD_E_CORRUPT with `report` if what was acknowledged is not all there. */
  end(): JournalReport;
}

/** Conversions of an instrument's specification (instrument.h). */
export const instrument: {
  check(spec: Instrument | InstrumentFields, ordersMax: Integer): number;
  faultText(fault: Integer): string;
  tickStep(spec: Instrument | InstrumentFields, px: Integer): bigint;
  value(spec: Instrument | InstrumentFields, px: Integer, qty: Integer, rounding?: Integer): bigint;
  px(spec: Instrument | InstrumentFields, text: string, rounding?: Integer): bigint;
  qty(spec: Instrument | InstrumentFields, text: string, rounding?: Integer): bigint;
  pxText(spec: Instrument | InstrumentFields, px: Integer): string;
  qtyText(spec: Instrument | InstrumentFields, qty: Integer): string;
};

/** Matching profiles (profile.h). */
export const profile: {
  check(profile: Profile | ProfileFields): number;
  ties(profile: Profile | ProfileFields, preset: Integer): Profile;
};

/** A position with what it is margined by. */
export interface MarginedPosition {
  spec: Instrument | InstrumentFields;
  model: MarginModel | MarginModelFields;
  position: MarginPosition | MarginPositionFields;
}

/** Margin (margin.h). */
export const margin: {
  cash(): MarginModel;
  cnc(): MarginModel;
  grouped(): MarginModel;
  flat(initialPpm: Integer, maintenancePpm: Integer): MarginModel;
  mis(initialPpm: Integer, maintenancePpm: Integer): MarginModel;
  leverage(leverageCenti: Integer, maintenancePpm: Integer): MarginModel;
  nrml(varPpm: Integer, elmPpm: Integer): MarginModel;
  tiered(tiers: readonly (MarginTier | MarginTierFields)[], leverageCenti: Integer): MarginModel;
  check(model: MarginModel | MarginModelFields): number;
  require(model: MarginModel | MarginModelFields, notional: Integer): MarginRequirement;
  need(held: MarginedPosition): MarginNeed;
  state(account: MarginAccount | MarginAccountFields, positions: readonly MarginedPosition[]): MarginState;
  collateral(asset: MarginAsset | MarginAssetFields): MarginCollateralValue;
  liquidation(held: MarginedPosition, balance: Integer, others: Integer): MarginPrices;
  bankruptcy(held: MarginedPosition, balance: Integer, others: Integer, feePpm: Integer): bigint;
  reduction(held: MarginedPosition, terms: MarginCutTerms | MarginCutTermsFields): MarginCut;
  rank(held: MarginedPosition, equity: Integer): bigint;
};

/** Margin by scenarios (margin.h). */
export const scenario: {
  add(
    sums: ScenarioSums | ScenarioSumsFields, array: ScenarioArray | ScenarioArrayFields, before: Integer,
    after: Integer): ScenarioSums;
  require(
    groups: readonly (ScenarioGroup | ScenarioGroupFields)[], sums: readonly (ScenarioSums | ScenarioSumsFields)[],
    pairs?: readonly (ScenarioPair | ScenarioPairFields)[]): { needs: ScenarioNeed[]; requirement: MarginRequirement };
};
