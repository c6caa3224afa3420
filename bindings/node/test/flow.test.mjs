// The same flow through C and through the package: flow.c draws commands and runs them by the library
// alone; here they are drawn again, as records of JavaScript. Commands, events and state must be the
// same bytes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const {
  Engine, Events, Mode, Publish, Role, Tif, TransferAction, Type, batch, commands, extensions, join: joined,
} = await import(pathToFileURL(join(process.env.TRADSYS_PACKAGE, 'index.mjs')));

const COMMANDS = 20000;
const ACCOUNTS = 6;
const INSTRUMENTS = 3;
const COIN = 1;

const directory = mkdtempSync(join(tmpdir(), 'tradsys-flow-'));
after(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'commands');
const [slots, hash, digest] = execFileSync(process.env.TRADSYS_FLOW, [file]).toString().trim().split(' ').map(BigInt);
const written = readFileSync(file);

function venue() {
  const engine = new Engine({
    instruments_max: INSTRUMENTS, accounts_max: ACCOUNTS + 1, orders_max: 4096, balances_max: 64, positions_max: 64,
    match: { specials_max: 1024, publish: Publish.ALL }, decisions: true, trail: true,
  });
  engine.asset({ symbol: 'USD', scale: 2 });
  engine.asset({ symbol: 'COIN' });
  engine.fees({ tier_count: 1, tiers: [{ maker_ppb: -100000, taker_ppb: 300000 }] });
  for (let i = 0; i < INSTRUMENTS; i++) {
    engine.list({ symbol: 'ABC'[i], base_asset: COIN });
  }
  return engine;
}

function drawn() {
  let state = 1n;
  const draw = (below) => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number((state >> 32n) % BigInt(below));
  };
  const next = (number) => {
    const account = 1 + draw(ACCOUNTS);
    const head = { seq: number, time: number * 1000 };
    if (number <= ACCOUNTS) {
      return new commands.Account({ ...head, account: number, action: 1, role: Role.TRADER, margin: Mode.CASH, enabled: 1 });
    }
    if (number <= 3 * ACCOUNTS) {
      return new commands.Transfer({
        ...head, account: 1 + (number % ACCOUNTS), amount: 100000000, asset: number <= 2 * ACCOUNTS ? COIN : 0,
        action: TransferAction.DEPOSIT,
      });
    }
    const instrument = draw(INSTRUMENTS);
    const what = draw(10);
    const target = number - draw(3 * ACCOUNTS);
    const px = 990 + draw(20);
    const qty = 1 + draw(30);
    const side = 1 + draw(2);
    const tif = 1 + draw(3);
    const peak = 1 + draw(5);
    if (what === 0) {
      return new commands.Cancel({ ...head, account, instrument, target });
    }
    if (what === 1) {
      return new commands.Replace({ ...head, account, instrument, target, px, qty });
    }
    const order = new commands.New({
      ...head, account, instrument, client_id: number, px, qty, side, type: Type.LIMIT, tif: what === 2 ? Tif.GTC : tif,
    });
    return what === 2 ? joined(order, new extensions.OrderSizes({ peak })) : order;
  };
  return batch(Array.from({ length: COMMANDS }, (_, i) => next(i + 1)));
}

function same(engine, out) {
  assert.equal(BigInt(out.length), slots);
  assert.equal(out.hash, hash);
  assert.equal(engine.trail().hash, hash);
  assert.equal(engine.digest, digest);
}

test('the flow is one worth comparing', () => {
  assert.ok(slots > 2n * BigInt(COMMANDS));
  assert.ok(written.length > COMMANDS * 64);
});

test('commands made in JavaScript are those of C', () => {
  assert.equal(Buffer.compare(drawn(), written), 0);
});

test('one batch of all: the events of C', () => {
  const engine = venue();
  engine.run(written);
  same(engine, engine.take());
});

test('in another thread, in batches: the events of C', async () => {
  const engine = venue();
  const all = new Events();
  let at = 0;
  for (let size = 64; at < written.length; size = Math.min(size * 2, 64 * 5000)) {
    let end = Math.min(at + size, written.length);
    while (end < written.length && written[end + 16] >= 128) {
      end += 64; // a record is not cut before its extensions
    }
    await engine.runAsync(written.subarray(at, end));
    all.append(engine.take().bytes);
    at = end;
  }
  same(engine, all);
});

test('one by one: the events of C', () => {
  const engine = venue();
  for (let at = 0, slotsHere; at < written.length; at += 64 * slotsHere) {
    slotsHere = written[at + 17];
    engine.send(written.subarray(at, at + 64 * slotsHere));
  }
  same(engine, engine.take());
});

test('from a snapshot in the middle: the state of C', () => {
  const engine = venue();
  let half = 64 * 10000;
  while (written[half + 16] >= 128) {
    half += 64;
  }
  engine.run(written.subarray(0, half));
  const other = Engine.load(engine.snapshot());
  other.run(written.subarray(half));
  assert.equal(other.digest, digest);
});
