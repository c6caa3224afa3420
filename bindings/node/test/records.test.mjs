// S160. The generated classes of records against C: fields.txt is what a program made of the same headers
// has put into each field of each record, and the bytes that it got.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const url = (name) => pathToFileURL(join(process.env.TRADSYS_PACKAGE, 'lib', name));
const records = await import(url('generated.js'));
const { default: base } = await import(url('record.js'));

function read(text) {
  const found = [];
  for (const line of text.trim().split('\n')) {
    const [first, second, third] = line.split(' ');
    if (first === 'record' && third !== undefined) {
      found.push({ name: second, size: Number(third), fields: [] });
    } else if (first === 'bytes' && /^[0-9a-f]{2,}$/.test(second) && second.length === 2 * found.at(-1).size) {
      found.at(-1).bytes = Buffer.from(second, 'hex');
    } else {
      found.at(-1).fields.push([first, second]);
    }
  }
  return found;
}

const told = read(readFileSync(process.env.TRADSYS_FIELDS, 'utf8'));
const classOf = (name) => name.split('.').reduce((from, part) => from[part], records);
const classes = [...Object.values(records), ...['commands', 'events', 'extensions', 'itch']
  .flatMap((space) => Object.values(records[space]))].filter((one) => one?.prototype instanceof base.Record);

// A library that knows no defaults: struct_size alone.
base.defaultsFrom((name, bytes) => bytes.fill(0));

function getAt(record, path) {
  return path.split('.').reduce((from, part) => from[part], record);
}

// The fields of a record as nested objects, made of paths.
function nested(fields) {
  const made = {};
  for (const [path, text] of fields) {
    const parts = path.split('.');
    let at = made;
    parts.forEach((part, i) => {
      const isLast = i === parts.length - 1;
      at[part] ??= isLast ? text : (/^\d+$/.test(parts[i + 1]) ? [] : {});
      at = at[part];
    });
  }
  return made;
}

function numbersOf(value) {
  if (typeof value === 'string') {
    return /^-?\d+$/.test(value) ? BigInt(value) : value;
  }
  return Array.isArray(value) ? value.map(numbersOf)
    : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, numbersOf(one)]));
}

test('each class of records is told by C, and the other way round', () => {
  assert.deepEqual(told.map(({ name }) => classOf(name)?.name === undefined ? name : null).filter(Boolean), []);
  assert.equal(new Set(told.map(({ name }) => classOf(name))).size, told.length);
  assert.equal(told.length, classes.length);
});

for (const { name, size, fields, bytes } of told) {
  test(`${name}: each field is where C has it`, () => {
    const type = classOf(name);
    assert.equal(type.size, size);
    assert.equal(type.size % type.align, 0);
    const record = type.from(bytes);
    for (const [path, text] of fields) {
      assert.equal(String(getAt(record, path)), text, path);
    }
    const made = type.over(new ArrayBuffer(size)).assign(numbersOf(nested(fields)));
    assert.equal(Buffer.from(made.bytes).toString('hex'), bytes.toString('hex'));
    assert.ok(made.equals(record));
  });
}

// What C's program puts into a record touches each of its fields, so nothing above was empty.
test('C has told each field', () => {
  for (const { name, fields } of told) {
    const heard = new Set(fields.map(([path]) => path.split('.')[0]));
    const places = new Map();
    const type = classOf(name);
    for (const key of Object.keys(type.fields)) {
      if (heard.has(key)) {
        continue;
      }
      // Members of a union: another one at the same place was told.
      const probe = type.from(new Uint8Array(type.size).fill(1));
      const at = [...heard].some((other) => probe[other] === probe[key]);
      places.set(key, at);
      assert.ok(at, `${name}.${key}`);
    }
    assert.ok(places.size <= 1, `${name}: ${[...places.keys()]}`);
  }
});

const typeError = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const rangeError = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };

test('each number refuses what does not fit it, by its name, and keeps what it was', () => {
  let tried = 0;
  for (const type of classes) {
    const record = type.over(new ArrayBuffer(type.size));
    for (const [key, what] of Object.entries(type.fields)) {
      if (what !== 'number') {
        continue;
      }
      tried++;
      const before = record[key];
      for (const value of [2n ** 64n, -(2n ** 63n) - 1n, 2 ** 53, 2 ** 64, 1e300]) {
        assert.throws(() => { record[key] = value; }, { ...rangeError, message: new RegExp(`^${key}: `) });
      }
      for (const value of [1.5, NaN, Infinity, '1', null, undefined, true, {}, [1]]) {
        assert.throws(() => { record[key] = value; }, { ...typeError, message: new RegExp(`^${key}: `) });
      }
      assert.equal(record[key], before);
    }
  }
  assert.ok(tried > 1000);
});

test('the ends of each width', () => {
  const { New } = records.commands;
  const record = new New();
  record.seq = 2n ** 64n - 1n;
  record.time = -(2n ** 63n);
  record.flags = 65535;
  record.side = 255n;
  record.account = 2 ** 32 - 1;
  assert.equal(record.seq, 2n ** 64n - 1n);
  assert.equal(record.time, -(2n ** 63n));
  assert.equal(record.flags, 65535);
  assert.equal(record.side, 255);
  assert.equal(record.account, 4294967295);
  assert.throws(() => { record.flags = 65536; }, rangeError);
  assert.throws(() => { record.side = -1; }, rangeError);
  assert.throws(() => { record.seq = -1; }, rangeError);
  assert.throws(() => { record.time = 2n ** 63n; }, rangeError);
  assert.equal(record.flags, 65535);
});

test('a constructor takes fields by name and refuses others', () => {
  const { New } = records.commands;
  const record = new New({ account: 7, px: -5, qty: 10n, side: records.Side.BUY });
  assert.equal(record.px, -5n);
  assert.equal(record.qty, 10n);
  assert.equal(record.kind, records.CommandKind.NEW);
  assert.equal(record.slots, 1);
  assert.throws(() => new New({ price: 5 }), { ...typeError, message: /New\.price/ });
  assert.throws(() => new New({ toString: 5 }), typeError);
  assert.throws(() => new New({ view: 5 }), typeError);
  assert.throws(() => new New(5), typeError);
  assert.throws(() => new New(null), typeError);
});

test('assign sets all or nothing', () => {
  const record = new records.commands.New({ px: 1, qty: 2 });
  assert.throws(() => record.assign({ px: 9, qty: 1.5 }), typeError);
  assert.throws(() => record.assign({ px: 9, no: 1 }), typeError);
  assert.equal(record.px, 1n);
});

test('text fits its field or is refused', () => {
  const made = records.Instrument.over(new ArrayBuffer(records.Instrument.size));
  made.symbol = 'x'.repeat(24);
  assert.equal(made.symbol, 'x'.repeat(24));
  made.symbol = 'ab';
  assert.equal(made.symbol, 'ab');
  assert.throws(() => { made.symbol = 'x'.repeat(25); }, rangeError);
  assert.throws(() => { made.symbol = 'a\0'; }, typeError);
  assert.throws(() => { made.symbol = 5; }, typeError);
  assert.equal(made.symbol, 'ab');
});

test('records inside of records are views, and what is not given is zero', () => {
  const { FeeTable } = records;
  const table = FeeTable.over(new ArrayBuffer(FeeTable.size));
  table.tiers = [{ volume: 0, maker_ppb: -5 }, { volume: 10n }];
  assert.equal(table.tiers[0].maker_ppb, -5);
  table.tiers[1].taker_ppb = 7;
  assert.equal(table.tiers[1].taker_ppb, 7);
  assert.equal(table.tiers[7].volume, 0n);
  assert.throws(() => { table.tiers = Array(9).fill({}); }, rangeError);
  assert.throws(() => { table.tiers = [{ none: 1 }]; }, typeError);
  assert.throws(() => { table.tiers = 5; }, typeError);
  assert.equal(table.tiers[1].taker_ppb, 7);
  table.tiers = [];
  assert.equal(table.tiers[1].taker_ppb, 0);
});

test('a record over bytes shares them, one from bytes does not', () => {
  const { Level } = records;
  const bytes = new Uint8Array(3 * Level.size);
  const over = Level.over(bytes, Level.size);
  over.px = -1;
  assert.equal(bytes[Level.size], 255);
  const from = Level.from(bytes, Level.size);
  from.px = 0;
  assert.equal(bytes[Level.size], 255);
  assert.equal(Level.list(bytes)[1].px, -1n);
  assert.throws(() => Level.over(bytes, 1), rangeError);
  assert.equal(Level.from(bytes, Level.size + 1).view.byteLength, Level.size);
  assert.throws(() => Level.over(bytes, 2 * Level.size + 8), rangeError);
  assert.throws(() => Level.over([1, 2]), typeError);
  assert.throws(() => Level.list(bytes.subarray(1)), rangeError);
});

test('a record whose memory went away is an error, not a crash', () => {
  const record = new records.commands.New();
  structuredClone(record.view.buffer, { transfer: [record.view.buffer] });
  assert.throws(() => record.px, TypeError);
  assert.throws(() => { record.px = 1; }, TypeError);
});

test('a record becomes an object and JSON', () => {
  const record = new records.commands.Cancel({ target: 2n ** 60n, account: 3 });
  assert.equal(record.toObject().target, 2n ** 60n);
  assert.equal(JSON.parse(JSON.stringify(record)).target, String(2n ** 60n));
  assert.equal('reserved' in record.toObject(), false);
});

test('constants are frozen, and the groups agree with them', () => {
  'use strict';
  assert.throws(() => { records.Side.BUY = 3; }, TypeError);
  assert.equal(records.Side.SELL, 2);
  assert.equal(records.constants.EVENT_FILL, records.EventKind.FILL);
  assert.equal(records.constants.AMT_LIMIT, 2n ** 62n);
  assert.equal(records.constants.E_FORMAT, -8);
});
