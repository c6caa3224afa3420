// The package as its users see it. What the library does is tested in C; here it is what JavaScript
// adds: numbers, bytes, promises, the end of objects. Expected values are worked out by hand.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

const place = join(process.env.TRADSYS_PACKAGE, 'index.mjs');
const tradsys = await import(pathToFileURL(place));
const {
  Engine, EventKind, Events, Instrument, ItchReader, LevelBook, Matcher, Mode, OrderBook, Reject,
  Role, Side, Tif, TransferAction, Type, commands, events, extensions, itch,
} = tradsys;

const ANNE = 1;
const BERT = 2;
const DOLLAR = 0;
const COIN = 1;

const typeError = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const rangeError = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const closed = { code: 'TRB_E_CLOSED', result: -101 };
const inUse = { code: 'TRB_E_IN_USE', result: -104 };

// A venue of one instrument: COIN for USD, a tick is a cent, a lot is one coin, no fees.
function venue(options = {}) {
  const engine = new Engine({
    instruments_max: 2, accounts_max: 4, orders_max: 1024, balances_max: 16, positions_max: 16,
    match: { specials_max: 0 }, risk: { limits_max: 0, repeats_max: 0, portfolios_max: 0 }, ...options,
  });
  assert.equal(engine.asset({ symbol: 'USD', scale: 2 }), DOLLAR);
  assert.equal(engine.asset({ symbol: 'COIN' }), COIN);
  assert.equal(engine.fees({ tier_count: 1 }), 0);
  assert.equal(engine.list({ symbol: 'COIN', base_asset: COIN }), 0);
  return engine;
}

const account = (number) => new commands.Account({
  account: number, action: 1, role: Role.TRADER, margin: Mode.CASH, enabled: 1,
});
const deposit = (number, asset, amount) => new commands.Transfer({
  account: number, asset, amount, action: TransferAction.DEPOSIT,
});
const limit = (number, id, side, qty, px) => new commands.New({
  account: number, client_id: id, side, qty, px, type: Type.LIMIT, tif: Tif.GTC,
});

// Anne has 100 coins, Bert 1,000 dollars.
function funded(options) {
  const engine = venue(options);
  engine.run([account(ANNE), account(BERT), deposit(ANNE, COIN, 100), deposit(BERT, DOLLAR, 100000n)]);
  engine.take();
  return engine;
}

const kinds = (list) => Array.from(list, (one) => one.constructor.name);

test('an order rests, another one meets it, and money and coins change hands', () => {
  const engine = funded();
  engine.stamp(10, 5);
  engine.submit({ account: ANNE, client_id: 1, side: Side.SELL, qty: 10, px: 250 });
  engine.submit({ account: BERT, client_id: 1n, side: Side.BUY, qty: 4, px: '2.50' });
  const out = engine.take();
  const fills = Array.from(out).filter((one) => one instanceof events.Fill);
  assert.deepEqual(fills.map((one) => [one.account, one.side, one.px, one.qty, one.leaves]),
    [[BERT, Side.BUY, 250n, 4n, 0n], [ANNE, Side.SELL, 250n, 4n, 6n]]);
  assert.ok(fills.every((one) => one.time === 10n));
  const held = (number, asset) => {
    const { free, locked } = engine.balance(number, asset);
    return [free, locked];
  };
  assert.deepEqual(held(BERT, COIN), [4n, 0n]);
  assert.deepEqual(held(BERT, DOLLAR), [99000n, 0n]); // 1,000 dollars less 4 x 2.50
  assert.deepEqual(held(ANNE, DOLLAR), [1000n, 0n]);
  assert.deepEqual(held(ANNE, COIN), [90n, 6n]);
  const best = engine.best(0, Side.SELL);
  assert.deepEqual([best.px, best.qty], [250n, 6n]);
  assert.equal(engine.best(0, Side.BUY), null);
  assert.equal(engine.audit(), 0);
});

test('a refusal is an event and no exception', () => {
  const engine = funded();
  engine.submit({ account: BERT, client_id: 1, side: Side.BUY, qty: 1000, px: 250 });
  const [rejected] = engine.take();
  assert.ok(rejected instanceof events.Rejected);
  assert.equal(rejected.client_id, 1n);
  assert.equal(rejected.reason, Reject.BALANCE);
});

test('what the library fails is an exception with its code', () => {
  const engine = venue();
  assert.throws(() => engine.order(5), { name: 'Error', code: 'TRD_E_UNKNOWN', result: -6 });
  assert.throws(() => engine.state(7), { code: 'TRD_E_UNKNOWN' });
  assert.throws(() => engine.best(0, 3), { code: 'TRD_E_ARG' });
  assert.throws(() => engine.asset({ symbol: '', scale: 2 }), { code: 'TRD_E_ARG' });
  assert.throws(() => new Engine({ accounts_max: 0 }), { code: 'TRD_E_ARG' });
  assert.throws(() => new Engine({ acounts_max: 5 }), typeError);
  assert.throws(() => new Matcher({ window: 63 }), { code: 'TRD_E_ARG' });
});

test('an order has the fields that orders have, and numbers that are integers', () => {
  const engine = funded();
  const order = { account: ANNE, client_id: 1, side: Side.SELL, qty: 1, px: 250 };
  for (const [key, value] of [['px', 2.5], ['qty', NaN], ['qty', null], ['client_id', undefined], ['account', -1],
    ['account', 2 ** 32], ['px', 2 ** 53], ['px', 2n ** 63n], ['side', '1'], ['qty', true], ['px', {}]]) {
    assert.throws(() => engine.submit({ ...order, [key]: value }), (error) => error instanceof TypeError || error instanceof RangeError);
  }
  assert.throws(() => engine.submit({ ...order, price: 250 }), typeError);
  assert.throws(() => engine.submit(), TypeError);
  assert.equal(engine.waiting, 0n);
});

test('decimal text is exact or refused', () => {
  const engine = funded();
  assert.equal(engine.px(0, '2.5'), 250n);
  assert.equal(engine.pxText(0, 250n), '2.5');
  assert.equal(engine.qtyText(0, 12), '12');
  assert.equal(engine.px(0, '-0.01'), -1n);
  assert.equal(engine.px(0, '2.505', tradsys.Round.FLOOR), 250n);
  assert.equal(engine.px(0, '2.505', tradsys.Round.CEIL), 251n);
  assert.throws(() => engine.px(0, '2.505'), { code: 'TRD_E_RANGE' });
  assert.throws(() => engine.px(0, '2,5'), { code: 'TRD_E_FORMAT' });
  assert.throws(() => engine.px(0, ''), { code: 'TRD_E_FORMAT' });
  assert.throws(() => engine.px(0, 2.5), typeError);
  assert.throws(() => engine.submit({ account: ANNE, client_id: 1, side: Side.SELL, qty: '1.5', px: '2' }), { code: 'TRD_E_RANGE' });
  assert.equal(tradsys.instrument.px({ symbol: 'X', px_scale: 8, tick_size: 5 }, '0.00000015'), 3n);
});

test('a command has its extensions behind it', () => {
  const engine = funded({ match: { specials_max: 16 } });
  const bytes = tradsys.join(limit(ANNE, 1, Side.SELL, 10, 300), new extensions.OrderSizes({ peak: 2 }));
  assert.equal(bytes.length, 128);
  assert.equal(bytes[17], 2);
  assert.equal(bytes[64 + 17], 0);
  engine.send(bytes);
  assert.equal(engine.best(0, Side.SELL).qty, 2n);
  engine.send(limit(ANNE, 2, Side.SELL, 10, 400), new extensions.OrderSizes({ peak: 3 }));
  assert.deepEqual(engine.depth(0, Side.SELL).map((one) => one.qty), [2n, 3n]);
  assert.throws(() => tradsys.join(new extensions.OrderSizes()), typeError);
  assert.throws(() => tradsys.join(limit(ANNE, 3, 1, 1, 1), limit(ANNE, 3, 1, 1, 1)), typeError);
  assert.throws(() => tradsys.join(limit(ANNE, 3, 1, 1, 1), ...Array(4).fill(new extensions.OrderSizes())), rangeError);
});

test('lists have all that there is', () => {
  const engine = funded();
  const flow = Array.from({ length: 50 }, (_, i) => limit(ANNE, i + 1, Side.SELL, 1, 300 + i));
  assert.equal(engine.run(flow), 50);
  assert.equal(engine.orders().length, 50);
  assert.equal(engine.orders({ account: BERT, filter: tradsys.MassFilter.ACCOUNT }).length, 0);
  assert.equal(engine.depth(0, Side.SELL, 7).length, 7);
  assert.equal(engine.depth(0, Side.SELL, 70).length, 50);
  assert.equal(engine.queue(0, Side.SELL, 310)[0].client_id, 11n);
  const coins = engine.balances(ANNE).find((one) => one.asset === COIN);
  assert.deepEqual([coins.balance.free, coins.balance.locked], [50n, 50n]);
  const handle = engine.find(ANNE, 20);
  assert.equal(engine.order(handle).px, 319n);
  assert.equal(engine.find(ANNE, 51), 0n);
  assert.throws(() => engine.depth(0, Side.SELL, -1), rangeError);
  assert.throws(() => engine.depth(0, Side.SELL, 1.5), rangeError);
});

test('a batch in bytes is what the records are', () => {
  const one = funded();
  const two = funded();
  const flow = [limit(ANNE, 1, Side.SELL, 5, 300), limit(BERT, 1, Side.BUY, 3, 300)];
  one.run(flow);
  two.run(tradsys.batch(flow));
  const a = one.take();
  const b = two.take();
  assert.ok(a.length > 0);
  assert.deepEqual(a.bytes, b.bytes);
  assert.equal(a.hash, b.hash);
  assert.equal(one.digest, two.digest);
  assert.throws(() => one.run(new Uint8Array(65)), { code: 'TRB_E_BUFFER' });
  assert.throws(() => one.run([1, 2]), typeError);
  assert.throws(() => one.run(5), typeError);
  assert.throws(() => one.run(null), typeError);
  assert.throws(() => one.run(undefined), typeError);
});

test('events are seen without a copy, and gone when their box is used again', () => {
  const engine = funded();
  engine.submit({ account: ANNE, client_id: 1, side: Side.SELL, qty: 10, px: 250 });
  const out = engine.take();
  const buffer = out.buffer;
  assert.equal(out.buffer, buffer);
  assert.equal(buffer.byteLength, out.length * 64);
  const first = out.at(0);
  assert.equal(first.client_id, 1n);
  assert.equal(out.at(-1).constructor, out.at(out.length - 1).constructor);
  assert.throws(() => out.at(out.length), rangeError);
  out.clear();
  assert.equal(buffer.byteLength, 0);
  assert.throws(() => first.client_id, TypeError);
  assert.equal(out.length, 0);
  assert.deepEqual([...out], []);
  engine.submit({ account: BERT, client_id: 1, side: Side.BUY, qty: 1, px: 250 });
  assert.equal(engine.take(out), out);
  assert.ok(out.count(EventKind.FILL) === 2);
  assert.equal(out.pick(EventKind.FILL).length >= 2, true);
});

test('events that change while they are looked through are an error', () => {
  const engine = funded();
  engine.run(Array.from({ length: 5 }, (_, i) => limit(ANNE, i + 1, Side.SELL, 1, 300)));
  const out = engine.take();
  assert.throws(() => {
    for (const one of out) {
      assert.ok(one.seq > 0n);
      out.clear();
    }
  }, { code: 'TRB_E_VIEWS' });
});

test('an exception in the middle of events leaves all as it was', () => {
  const engine = funded();
  engine.run(Array.from({ length: 5 }, (_, i) => limit(ANNE, i + 1, Side.SELL, 1, 300)));
  const out = engine.take();
  const mine = new Error('mine');
  assert.throws(() => { for (const one of out) { throw Object.assign(mine, { one }); } }, mine);
  assert.equal([...out].length, out.length);
});

test('memory of events that was given to another thread is not touched', () => {
  const engine = funded();
  engine.submit({ account: ANNE, client_id: 1, side: Side.SELL, qty: 10, px: 250 });
  const out = engine.take();
  const { buffer } = out;
  let moved = null;
  try {
    moved = structuredClone(buffer, { transfer: [buffer] });
  } catch (error) {
    assert.equal(error.name, 'DataCloneError'); // as of Node 21; older ones make a copy
  }
  if (moved !== null && buffer.byteLength === 0) {
    const before = Buffer.from(moved).toString('hex');
    assert.throws(() => out.clear(), { code: 'TRB_E_VIEWS' });
    assert.equal(Buffer.from(moved).toString('hex'), before);
  } else {
    out.clear();
  }
});

test('an object that was closed says so', async () => {
  const engine = funded();
  engine.submit({ account: ANNE, client_id: 1, side: Side.SELL, qty: 10, px: 250 });
  const out = engine.take();
  assert.equal(engine.isOpen, true);
  engine.close();
  assert.equal(engine.isOpen, false);
  assert.throws(() => engine.submit({ account: 1, client_id: 2, side: 1, qty: 1, px: 1 }), closed);
  assert.throws(() => engine.take(), closed);
  assert.throws(() => engine.stats(), closed);
  assert.throws(() => engine.close(), closed);
  await assert.rejects(engine.runAsync([]), closed);
  assert.ok(out.length > 0);
  const { buffer } = out;
  out.close();
  assert.equal(buffer.byteLength, 0);
  assert.throws(() => out.length, closed);
  assert.throws(() => out.buffer, closed);
  assert.throws(() => [...out], closed);
  assert.throws(() => funded().take(out), closed);
  assert.throws(() => out.close(), closed);
});

test('using ends objects', () => {
  const dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
  for (const one of [venue(), new Matcher({ orders_max: 16 }), new LevelBook(), new OrderBook({ orders_max: 16 }), new ItchReader()]) {
    one[dispose]();
    assert.equal(one.isOpen, false);
    one[dispose]();
  }
  const out = new Events();
  out[dispose]();
  out[dispose]();
  assert.throws(() => out.length, closed);
});

test('wrong objects are refused', () => {
  const engine = funded();
  assert.throws(() => engine.take({}), typeError);
  assert.throws(() => engine.take(engine), typeError);
  assert.throws(() => Engine.prototype.stats.call({}), TypeError);
  assert.throws(() => Engine.prototype.stats.call(new Matcher({ orders_max: 16 })), TypeError);
  assert.throws(() => Engine.prototype.stats.call(undefined), TypeError);
  assert.throws(() => engine.list(5), typeError);
  assert.throws(() => engine.list(new Uint8Array(416)), typeError);
  assert.throws(() => engine.send(new Uint8Array(63)), { code: 'TRB_E_BUFFER' });
  assert.throws(() => engine.send(new Uint8Array(128)), { code: 'TRB_E_BUFFER' });
});

test('a batch in another thread is a promise, and the engine is in use meanwhile', async () => {
  const engine = funded();
  const flow = Array.from({ length: 500 }, (_, i) => limit(ANNE, i + 1, i % 2 ? Side.SELL : Side.BUY, 1, i % 2 ? 300 : 0));
  const bytes = tradsys.batch(flow);
  const promise = engine.runAsync(bytes);
  bytes.fill(0); // the batch has a copy
  assert.throws(() => engine.stats(), inUse);
  assert.throws(() => engine.submit({ account: 1, client_id: 1, side: 1, qty: 1, px: 1 }), inUse);
  assert.throws(() => engine.close(), inUse);
  await assert.rejects(engine.runAsync(flow), inUse);
  const written = await promise;
  const other = funded();
  assert.equal(other.run(flow), written);
  assert.equal(engine.take().hash, other.take().hash);
  assert.equal(engine.consumed, 500n);
});

test('many engines run batches at the same time', async () => {
  const flow = tradsys.batch(Array.from({ length: 400 }, (_, i) => limit(ANNE, i + 1, Side.SELL, 1, 300 + (i % 7))));
  const engines = Array.from({ length: 8 }, () => funded());
  await Promise.all(engines.map((engine) => engine.runAsync(flow)));
  assert.equal(new Set(engines.map((engine) => engine.digest)).size, 1);
  assert.ok(engines.every((engine) => engine.stats().commands === 404n));
});

test('events of batches come one by one', async () => {
  const engine = funded();
  async function* batches() {
    for (let i = 0; i < 3; i++) {
      yield [limit(ANNE, i + 1, Side.SELL, 1, 300)];
    }
  }
  const seen = [];
  for await (const one of engine.execute(batches())) {
    if (one instanceof events.Accepted) {
      seen.push(one.client_id);
    }
  }
  assert.deepEqual(seen, [1n, 2n, 3n]);
});

test('an engine that nobody knows any more finishes its batch', async () => {
  const flow = tradsys.batch(Array.from({ length: 500 }, (_, i) => limit(ANNE, i + 1, Side.SELL, 1, 300)));
  const promises = Array.from({ length: 20 }, () => funded().runAsync(flow));
  globalThis.gc();
  const written = await Promise.all(promises);
  assert.equal(new Set(written).size, 1);
});

test('memory of events outlives their objects', async () => {
  const buffers = [];
  for (let i = 0; i < 50; i++) {
    const engine = funded();
    engine.submit({ account: ANNE, client_id: i + 1, side: Side.SELL, qty: 10, px: 250 });
    buffers.push(engine.take().buffer);
  }
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const ids = buffers.map((buffer) => events.Accepted.over(buffer).client_id);
  assert.deepEqual(ids, Array.from({ length: 50 }, (_, i) => BigInt(i + 1)));
});

// A sanitizer keeps what was freed.
const sanitized = process.env.TRADSYS_SANITIZED === '1';

test('engines that nobody closed are collected before memory runs out', { skip: sanitized }, async () => {
  // Each has 64 bytes and more for each of 2^18 orders: 60 of them are 1 GB at least.
  let last = null;
  for (let i = 0; i < 60; i++) {
    last = new Matcher({ orders_max: 2 ** 18, instruments_max: 1, specials_max: 0 });
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(last.stats().orders, 0);
  assert.ok(process.memoryUsage().rss < 0.7 * 2 ** 30);
});

test('a snapshot makes the same engine', () => {
  const engine = funded();
  engine.run([limit(ANNE, 1, Side.SELL, 5, 300), limit(BERT, 1, Side.BUY, 3, 300)]);
  const bytes = engine.snapshot();
  const other = Engine.load(bytes);
  assert.equal(other.digest, engine.digest);
  assert.equal(other.best(0, Side.SELL).qty, 2n);
  assert.equal(tradsys.snapshotHead(bytes).size, BigInt(bytes.length));
  assert.throws(() => Engine.load(bytes.subarray(0, bytes.length - 8)), { code: 'TRD_E_TRUNCATED' });
  bytes[0] ^= 1;
  assert.throws(() => Engine.load(bytes), { code: 'TRD_E_FORMAT' });
});

test('an export is lines of JSON', () => {
  const engine = funded();
  engine.run([limit(ANNE, 1, Side.SELL, 5, 300)]);
  const lines = engine.export().trim().split('\n').map((line) => JSON.parse(line));
  assert.ok(lines.some((line) => line.record === 'order'));
  assert.ok(lines.every((line) => typeof line.record === 'string'));
});

test('a dry run says what would be', () => {
  const engine = funded();
  const verdict = engine.ask(limit(ANNE, 1, Side.SELL, 5, 300));
  assert.equal(verdict.reason, 0);
  assert.notEqual(engine.ask(limit(ANNE, 1, Side.SELL, 500, 300)).reason, 0);
  assert.equal(engine.stats().orders, 0);
});

test('a matcher alone', () => {
  const matcher = new Matcher({ orders_max: 16, instruments_max: 1, specials_max: 0 });
  assert.equal(matcher.add({ symbol: 'X' }), 0);
  matcher.submit({ account: 1, client_id: 1, side: Side.BUY, qty: 3, px: 100 });
  matcher.submit({ account: 2, client_id: 1, side: Side.SELL, qty: 3, px: 100 });
  assert.deepEqual(kinds(matcher.take()), ['Accepted', 'Accepted', 'Fill', 'Fill']);
  assert.equal(matcher.vet(limit(1, 1, Side.BUY, 1, 1)).reason, Reject.DUPLICATE_ID);
  assert.equal(matcher.vet(limit(1, 2, Side.BUY, 1, 1)).reason, 0);
});

test('books of a feed', () => {
  const levels = new LevelBook();
  levels.set(Side.BUY, 100, 5);
  levels.set(Side.BUY, 99, 2n ** 40n);
  assert.equal(levels.best(Side.BUY).px, 100n);
  assert.equal(levels.get(Side.BUY, 99), 2n ** 40n);
  assert.deepEqual(levels.depth(Side.BUY).map((one) => one.px), [100n, 99n]);
  assert.equal(levels.best(Side.SELL), null);
  const orders = new OrderBook({ orders_max: 16 });
  orders.add({ ref: 2n ** 63n, side: Side.SELL, qty: 5, px: 100 });
  orders.reduce(2n ** 63n, 2);
  assert.equal(orders.find(2n ** 63n).qty, 3n);
  assert.equal(orders.first(0, Side.SELL).ref, 2n ** 63n);
  assert.equal(orders.first(0, Side.BUY), null);
  assert.throws(() => orders.add({ ref: 2n ** 63n, side: Side.SELL, qty: 5, px: 100 }), { code: 'TRD_E_EXISTS' });
});

test('a message of a feed, in pieces', () => {
  // System event S of 5.0: type, locate, tracking, time (6 bytes), code; in front its length, 12.
  const message = Buffer.from('00' + '0c' + '53' + '0000' + '0000' + '000000000001' + '4f', 'hex');
  const reader = new ItchReader();
  for (const byte of message) {
    assert.deepEqual([...reader].length, 0);
    reader.feed(Buffer.from([byte]));
  }
  const [read] = reader;
  assert.ok(read instanceof itch.SystemEvent);
  assert.equal(read.time, 1n);
  assert.equal(read.event, 'O');
  assert.deepEqual(Buffer.from(ItchReader.encode(read)), message.subarray(2));
  assert.ok(ItchReader.decode(message.subarray(2)).equals(read));
  assert.throws(() => ItchReader.encode(new Instrument()), typeError);
});

// tests/golden/journal-1: what stands in it is said by tests/golden/make_journal.py.
test('a journal is read segment by segment, and its commands run', async () => {
  const { readFileSync } = await import('node:fs');
  const segment = (number) => readFileSync(
    new URL(`../../../tests/golden/journal-1/${String(number).padStart(12, '0')}.journal`, import.meta.url));
  const reader = new tradsys.JournalReader();
  assert.throws(() => [...reader], { code: 'TRD_E_ARG' });
  const frames = [...reader.enter(1, segment(1))];
  frames.push(...reader.enter(2n, segment(2)));
  assert.deepEqual(frames.map(({ frame, payload }) => [frame.seq, frame.time, frame.count, payload.length / 64]), [
    [1n, 1000n, 0, 0], [1n, 1500n, 3, 4], [4n, 1500n, 0, 1], [4n, 1500n, 0, 0], [4n, 2000n, 1, 1], [5n, 2000n, 0, 0]]);
  const report = reader.end();
  assert.deepEqual([report.outcome, report.frames, report.commands], [tradsys.JournalEnd.CLEAN, 6n, 4n]);
  const matcher = new Matcher({ instruments_max: 1, orders_max: 8, specials_max: 0 });
  frames.filter(({ frame }) => frame.count > 0).forEach(({ payload }) => matcher.run(payload));
  assert.equal(matcher.stats().commands, 4n);
  reader.close();
  assert.throws(() => reader.enter(1, segment(1)), closed);
  const damaged = segment(1);
  damaged[5] ^= 1;
  const other = new tradsys.JournalReader();
  assert.throws(() => { [...other.enter(1, damaged)]; other.end(); }, (error) => /^TRD_E_/.test(error.code));
});

test('CommonJS and ESM are one package', () => {
  const required = createRequire(import.meta.url)(join(process.env.TRADSYS_PACKAGE, 'index.js'));
  assert.equal(required.Engine, Engine);
  assert.deepEqual(Object.keys(required).sort(), Object.keys(tradsys).filter((key) => key !== 'default').sort());
});

test('the example of README.md runs, and prints what it should', async () => {
  const { readFileSync } = await import('node:fs');
  const { spawnSync } = await import('node:child_process');
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = text.match(/```js\n(.*?)```/s)[1].replace("'tradsys'", JSON.stringify(String(pathToFileURL(place))));
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  assert.equal(done.stderr, '');
  assert.equal(done.stdout, '2 250n 4n 0n\n1 250n 4n 6n\n');
});

// What a worker, or a process, does with the package until its end.
const program = `
  const { Engine, Side } = require(${JSON.stringify(join(process.env.TRADSYS_PACKAGE, 'index.js'))});
  const engine = new Engine({ accounts_max: 4, instruments_max: 1, orders_max: 4096, balances_max: 16, positions_max: 16 });
  const out = engine.take();
  globalThis.kept = [engine, out, out.buffer];
  const work = () => engine.runAsync(new Uint8Array(64 * 200000));`;

test('a worker ends in the middle of a batch', async () => {
  for (const end of ['process.exit(0)', 'undefined']) {
    const worker = new Worker(`${program} work(); require('node:worker_threads').parentPort.postMessage(1); setTimeout(() => ${end}, 1);`, { eval: true });
    await new Promise((resolve) => worker.once('message', resolve));
    if (end === 'undefined') {
      await worker.terminate();
    } else {
      await new Promise((resolve) => worker.once('exit', resolve));
    }
  }
});

test('a process ends with objects alive and a batch under way', async () => {
  const { spawnSync } = await import('node:child_process');
  for (const end of ['process.exit(7)', 'setImmediate(() => process.exit(7))', 'work().then(() => process.exit(7))']) {
    const done = spawnSync(process.execPath, ['-e', `${program} work(); ${end}`.replace('work(); work()', 'work()')]);
    assert.equal(done.status, 7, done.stderr.toString());
  }
});
