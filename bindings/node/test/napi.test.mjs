// The templates in ../napi, by the sample module that is made of them: what each type of C takes,
// what it refuses and how. TRADSYS_SAMPLE is the path of sample.node; run with --expose-gc.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

const path = process.env.TRADSYS_SAMPLE;
const sample = createRequire(import.meta.url)(path);

const typeError = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const rangeError = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };

// Each integer type: its function, least and greatest value, and whether it comes back as a BigInt.
const widths = [
  ['i8', -(2n ** 7n), 2n ** 7n - 1n, false],
  ['i16', -(2n ** 15n), 2n ** 15n - 1n, false],
  ['i32', -(2n ** 31n), 2n ** 31n - 1n, false],
  ['i64', -(2n ** 63n), 2n ** 63n - 1n, true],
  ['u8', 0n, 2n ** 8n - 1n, false],
  ['u16', 0n, 2n ** 16n - 1n, false],
  ['u32', 0n, 2n ** 32n - 1n, false],
  ['u64', 0n, 2n ** 64n - 1n, true],
  ['unsigned', 0n, 2n ** 32n - 1n, false],
  ['count', 0n, 2n ** 53n - 1n, false],
];

for (const [name, least, greatest, isBig] of widths) {
  const call = sample[name];
  const as = (value) => (isBig ? value : Number(value));

  test(`${name} takes both ends of its range as a BigInt`, () => {
    assert.equal(call(least), as(least));
    assert.equal(call(greatest), as(greatest));
    assert.throws(() => call(least - 1n), rangeError);
    assert.throws(() => call(greatest + 1n), rangeError);
    assert.throws(() => call(2n ** 100n), rangeError);
    assert.throws(() => call(-(2n ** 100n)), rangeError);
  });

  test(`${name} takes Numbers that are integers and exact`, () => {
    const safe = BigInt(Number.MAX_SAFE_INTEGER);
    const low = least < -safe ? -safe : least;
    const high = greatest > safe ? safe : greatest;
    assert.equal(call(Number(low)), as(low));
    assert.equal(call(Number(high)), as(high));
    assert.equal(call(0), as(0n));
    assert.equal(call(-0), as(0n));
    assert.throws(() => call(2 ** 53), rangeError);
    assert.throws(() => call(-(2 ** 53)), rangeError);
    assert.throws(() => call(2 ** 64), rangeError);
    assert.throws(() => call(1e300), rangeError);
    assert.throws(() => call(-1e300), rangeError);
    if (greatest < safe) {
      assert.throws(() => call(Number(greatest) + 1), rangeError);
    }
    if (least > -safe) {
      assert.throws(() => call(Number(least) - 1), rangeError);
    }
  });

  test(`${name} takes nothing that is no integer`, () => {
    for (const value of [1.5, -0.5, NaN, Infinity, -Infinity, 2 ** -1074, null, undefined, '1', true,
      {}, [], [1], Symbol('1'), () => 1, new Date(1), Object(1), Object(1n)]) {
      assert.throws(() => call(value), typeError, String(value));
    }
  });
}

test('an error names the function and the argument', () => {
  assert.throws(() => sample.i8(300), { message: /^i8: value: / });
});

test('arguments are as many as the function has', () => {
  const error = { name: 'TypeError', code: 'ERR_MISSING_ARGS' };
  assert.throws(() => sample.i8(), error);
  assert.throws(() => sample.i8(1, 2), error);
  assert.throws(() => sample.i8(...Array(100).fill(1)), error);
});

test('a truth is true or false and nothing else', () => {
  assert.equal(sample.not(true), false);
  assert.equal(sample.not(false), true);
  for (const value of [0, 1, 'true', null, undefined, {}, 1n]) {
    assert.throws(() => sample.not(value), typeError);
  }
});

test('a result below zero is thrown with its name and number', () => {
  assert.equal(sample.result(0), 0);
  assert.equal(sample.result(7), 7);
  assert.throws(() => sample.result(-1), {
    name: 'Error', code: 'SAMPLE_E_ARG', result: -1, message: 'result: an argument is outside its range',
  });
  assert.throws(() => sample.result(-2), { code: 'SAMPLE_E_CLOSED', result: -2 });
});

test('a value that a function stores is what it returns', () => {
  assert.equal(sample.twice(2 ** 31 - 1), 2 ** 32 - 2);
  assert.throws(() => sample.twice(2 ** 31), { code: 'SAMPLE_E_ARG' });
});

test('a double goes out as it is', () => {
  assert.equal(sample.half(3), 1.5);
  assert.equal(sample.half(-1), -0.5);
});

test('text is UTF-8 and has no zero inside', () => {
  for (const text of ['a', 'ä€𝄞', 'x'.repeat(119), 'x'.repeat(120), 'x'.repeat(1000)]) {
    assert.equal(sample.text(text), text);
    assert.equal(sample.text_size(text), Buffer.byteLength(text));
  }
  assert.equal(sample.text_size('x'.repeat(1e6)), 1e6);
  assert.equal(sample.text(''), null);
  assert.throws(() => sample.text('a\0b'), typeError);
  assert.throws(() => sample.text_size('\0'), typeError);
  for (const value of [1, null, undefined, {}, ['a'], Object('a'), Symbol('a')]) {
    assert.throws(() => sample.text(value), typeError);
  }
});

test('bytes are any view of memory, and only what it shows', () => {
  const buffer = new ArrayBuffer(16);
  new Uint8Array(buffer).fill(1);
  assert.equal(sample.sum_bytes(buffer), 16n);
  assert.equal(sample.sum_bytes(new ArrayBuffer(0)), 0n);
  assert.equal(sample.sum_bytes(new DataView(buffer, 3, 5)), 5n);
  assert.equal(sample.sum_bytes(Buffer.from([1, 2, 255])), 258n);
  for (const type of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array,
    Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array]) {
    assert.equal(sample.sum_bytes(new type(buffer)), 16n, type.name);
    assert.equal(sample.sum_bytes(new type(buffer, 8)), 8n, type.name);
  }
});

test('bytes are no string, array, number or nothing', () => {
  for (const value of ['abc', [1, 2], 5, 5n, null, undefined, {}, { byteLength: 8 }, () => 1]) {
    assert.throws(() => sample.sum_bytes(value), typeError);
  }
});

test('memory that was detached is refused', () => {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  for (const value of [bytes, view, bytes.buffer]) {
    assert.throws(() => sample.sum_bytes(value), typeError);
    assert.throws(() => sample.fill(value), typeError);
  }
});

test('memory that threads share is refused', () => {
  const shared = new SharedArrayBuffer(16);
  for (const value of [shared, new Uint8Array(shared), new BigInt64Array(shared)]) {
    assert.throws(() => sample.sum_bytes(value), typeError);
  }
});

test('bytes of records are a multiple of one', () => {
  const numbers = new BigInt64Array([1n, 2n, 3n, -10n]);
  assert.equal(sample.sum_records(numbers), -4n);
  assert.equal(sample.sum_records(numbers.buffer), -4n);
  assert.throws(() => sample.sum_records(numbers.subarray(1)), rangeError);
  assert.throws(() => sample.sum_records(new Uint8Array(8)), rangeError);
  assert.equal(sample.sum_records(new Uint8Array(0)), 0n);
});

test('an array of 64 bit numbers is of that type', () => {
  const greatest = 2n ** 63n - 1n;
  assert.equal(sample.sum(new BigInt64Array([greatest, -1n])), greatest - 1n);
  for (const value of [new BigUint64Array(2), new Float64Array(2), new Uint8Array(16),
    new ArrayBuffer(16), new DataView(new ArrayBuffer(16)), [1n]]) {
    assert.throws(() => sample.sum(value), typeError);
  }
});

test('records that begin anywhere are read, and C sees them aligned', () => {
  const bytes = new Uint8Array(64);
  for (let at = 0; at < 16; at++) {
    new DataView(bytes.buffer).setBigInt64(at, 7n, true);
    new DataView(bytes.buffer).setBigInt64(at + 8, -9n, true);
    assert.equal(sample.sum_aligned(bytes.subarray(at, at + 16)), -2n, `at ${at}`);
  }
});

test('what is written must begin where C may write', () => {
  const bytes = new Uint8Array(24);
  sample.fill(bytes.subarray(8, 12));
  assert.deepEqual([...bytes], [...Array(8).fill(0), 1, 2, 3, 4, ...Array(12).fill(0)]);
  assert.throws(() => sample.fill(bytes.subarray(1)), rangeError);
});

test('an object has its class', () => {
  const box = new sample.box(4);
  assert.ok(box instanceof sample.box);
  assert.equal(sample.box.name, 'box');
  assert.equal(box.put(5), 1);
  assert.equal(box.put(-(2n ** 63n)), 2);
  assert.equal(box.get(0), 5n);
  assert.equal(box.get(1), -(2n ** 63n));
  assert.throws(() => box.get(2), { code: 'SAMPLE_E_ARG' });
});

test('a class is called with new, and takes what its constructor takes', () => {
  assert.throws(() => sample.box(4), { name: 'TypeError', code: 'ERR_CONSTRUCT_CALL_REQUIRED' });
  assert.throws(() => new sample.box(), { code: 'ERR_MISSING_ARGS' });
  assert.throws(() => new sample.box(-1), rangeError);
  assert.throws(() => new sample.box('4'), typeError);
  assert.throws(() => new sample.box(0), { code: 'ERR_MEMORY_ALLOCATION_FAILED' });
});

test('a method refuses another object as this', () => {
  const { put } = sample.box.prototype;
  const copy = new sample.box(1).copy();
  for (const self of [undefined, null, {}, 5, 'box', copy, new Map(), Object.create(sample.box.prototype),
    new Proxy(new sample.box(1), {}), sample.box]) {
    assert.throws(() => put.call(self, 1), TypeError);
  }
});

test('a function refuses another object as an argument', () => {
  const box = new sample.box(8);
  const copy = box.copy();
  for (const value of [undefined, null, {}, 5, 'box', copy, Object.create(sample.box.prototype)]) {
    assert.throws(() => box.add(value), typeError);
  }
  const other = new sample.box(2);
  other.put(1);
  other.put(2);
  assert.equal(box.add(other), 2);
  assert.equal(box.get(1), 2n);
});

test('an object that was closed says so for ever', () => {
  const box = new sample.box(4);
  const other = new sample.box(4);
  assert.equal(box.close(), 0);
  for (let i = 0; i < 3; i++) {
    assert.throws(() => box.put(1), { code: 'SAMPLE_E_CLOSED', result: -2 });
    assert.throws(() => other.add(box), { code: 'SAMPLE_E_CLOSED' });
    assert.throws(() => box.close(), { code: 'SAMPLE_E_CLOSED' });
  }
});

test('a class may be derived in JavaScript', () => {
  class Mine extends sample.box {
    put(value) {
      return super.put(value * 2);
    }
  }
  const mine = new Mine(2);
  mine.put(4);
  assert.equal(mine.get(0), 8n);
  assert.ok(mine instanceof Mine);
  class Half extends sample.box {
    constructor() {
      try {
        super(0);
      } catch {
        super(1);
      }
    }
  }
  assert.equal(new Half().put(1), 1);
});

test('objects of a class that only functions return are not made by new', () => {
  assert.throws(() => new sample.copy(), { name: 'TypeError', code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  const box = new sample.box(2);
  box.put(1);
  const copy = box.copy();
  assert.ok(copy instanceof sample.copy);
  assert.equal(copy.count(), 1);
});

async function collect(until) {
  for (let i = 0; i < 100 && !until(); i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('objects that nobody knows any more are released', async () => {
  await collect(() => sample.boxes() < 3n);
  const before = sample.boxes();
  for (let i = 0; i < 5000; i++) {
    const box = new sample.box(10);
    box.put(i);
    if (i % 2 === 0) {
      box.close();
    }
  }
  assert.ok(sample.boxes() > before);
  await collect(() => sample.boxes() <= before + 1n);
  // The last one may still stand in a register.
  assert.ok(sample.boxes() <= before + 1n, `${sample.boxes()} boxes, ${before} before`);
});

// Boxes are made and dropped; how many of them are there at the end, without a call of gc().
async function dropped(count, room, close) {
  await collect(() => sample.boxes() < 3n);
  const before = sample.boxes();
  for (let i = 0; i < count; i++) {
    const box = new sample.box(room);
    if (close) {
      box.close();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return Number(sample.boxes() - before);
}

test('the garbage collector hurries where objects hold much, and not where close gave it back', async () => {
  assert.ok(await dropped(300, 1 << 20, false) < 150);
  assert.ok(await dropped(300, 1 << 20, true) >= 250);
  assert.ok(await dropped(300, 1, false) >= 250);
});

test('an exception inside of a callback passes through, and the object goes on', () => {
  const box = new sample.box(2);
  const thrown = new Error('mine');
  assert.throws(() => box.put({ valueOf() { throw thrown; } }), typeError);
  assert.throws(() => { for (const i of [1, 2, 3]) { box.put(i); } }, { code: 'SAMPLE_E_FULL' });
  assert.equal(box.get(1), 2n);
});

function work(code) {
  const worker = new Worker(code, { eval: true, workerData: path });
  return new Promise((resolve, reject) => {
    let said;
    worker.on('message', (message) => { said = message; });
    worker.on('error', reject);
    worker.on('exit', (status) => resolve({ said, status }));
  });
}

test('workers have an instance of the module each, at the same time', async () => {
  const box = new sample.box(1);
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const sample = require(workerData);
    let sum = 0n;
    for (let i = 0; i < 20000; i++) {
      const box = new sample.box(4);
      box.put(i);
      sum += box.copy().count() === 1 ? box.get(0) : -1n;
    }
    let code = '';
    try { sample.result(-3); } catch (error) { code = error.code; }
    parentPort.postMessage({ sum, code });`;
  const results = await Promise.all([work(code), work(code), work(code)]);
  for (const { said, status } of results) {
    assert.equal(status, 0);
    assert.equal(said.sum, (19999n * 20000n) / 2n);
    assert.equal(said.code, 'SAMPLE_E_FULL');
  }
  assert.equal(box.put(3), 1);
});

test('a worker that ends releases what it had', async () => {
  await collect(() => sample.boxes() < 3n);
  const before = sample.boxes();
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const sample = require(workerData);
    globalThis.kept = Array.from({ length: 1000 }, () => new sample.box(4));
    parentPort.postMessage(sample.boxes());
    process.exit(0);`;
  const { said } = await work(code);
  assert.ok(said >= 1000n);
  assert.ok(sample.boxes() <= before, `${sample.boxes()} boxes, ${before} before`);
});

test('an object is not sent to another thread', () => {
  const { port1 } = new MessageChannel();
  const box = new sample.box(1);
  port1.postMessage(box); // what arrives is a plain object: nothing of C in it
  port1.close();
  const clone = structuredClone(box);
  assert.throws(() => sample.box.prototype.put.call(clone, 1), TypeError);
});
