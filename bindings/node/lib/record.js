'use strict';
// record.js - what the generated classes of records are made of (records.js has them).
//
// A record is an object over the bytes of a C struct: `view` is a DataView of exactly them, each
// field a property that reads and writes there. 64 bits are a BigInt, narrower numbers a Number,
// char arrays a string. What is set is checked: a number that does not fit its field is a
// RangeError, what is none a TypeError, and both name the field. A constructor takes the fields by
// name; what is not given has the library's default.
const { inspect } = require('node:util');

if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) {
  throw new Error('tradsys: records are little-endian, and this machine is not');
}

// Names of two properties that generated classes have: a function of the class's defaults, and its
// fields.
const defaults = new Map();
let source = null;

// defaultsFrom sets who knows the default of a struct: (name in C, bytes to fill).
function defaultsFrom(fill) {
  source = fill;
}

function defaultOf(type) {
  let bytes = defaults.get(type);
  if (bytes === undefined) {
    bytes = new Uint8Array(type.size);
    if (type.kind !== undefined) {
      bytes[type.kindAt] = type.kind;
      if (type.slotsAt !== undefined) {
        bytes[type.slotsAt] = 1;
      }
    } else {
      source(type.cName, bytes);
    }
    defaults.set(type, bytes);
  }
  return bytes;
}

function wrongType(name, wanted) {
  const error = new TypeError(`${name}: ${wanted} is needed`);
  error.code = 'ERR_INVALID_ARG_TYPE';
  return error;
}

function wrongRange(name, wanted) {
  const error = new RangeError(`${name}: ${wanted}`);
  error.code = 'ERR_OUT_OF_RANGE';
  return error;
}

// int is an integer of [low, high] as a Number.
function int(value, low, high, name) {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) {
      throw Number.isInteger(value) ? wrongRange(name, `not in [${low}, ${high}]`) : wrongType(name, 'an integer');
    }
  } else if (typeof value !== 'bigint') {
    throw wrongType(name, 'an integer');
  }
  if (value < low || value > high) {
    throw wrongRange(name, `not in [${low}, ${high}]`);
  }
  return Number(value);
}

// big is an integer of [low, high] as a BigInt.
function big(value, low, high, name) {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) {
      throw Number.isInteger(value)
        ? wrongRange(name, 'beyond 2^53 - 1 a Number is not exact, give a BigInt')
        : wrongType(name, 'an integer');
    }
    value = BigInt(value);
  } else if (typeof value !== 'bigint') {
    throw wrongType(name, 'an integer');
  }
  if (value < low || value > high) {
    throw wrongRange(name, `not in [${low}, ${high}]`);
  }
  return value;
}

const I64_LOW = -(2n ** 63n);
const I64_HIGH = 2n ** 63n - 1n;
const U64_HIGH = 2n ** 64n - 1n;

// For each number of C: its range check, and the typed array of them.
const numbers = {
  i8: { take: (value, name) => int(value, -128, 127, name), array: Int8Array },
  u8: { take: (value, name) => int(value, 0, 255, name), array: Uint8Array },
  i16: { take: (value, name) => int(value, -32768, 32767, name), array: Int16Array },
  u16: { take: (value, name) => int(value, 0, 65535, name), array: Uint16Array },
  i32: { take: (value, name) => int(value, -2147483648, 2147483647, name), array: Int32Array },
  u32: { take: (value, name) => int(value, 0, 4294967295, name), array: Uint32Array },
  i64: { take: (value, name) => big(value, I64_LOW, I64_HIGH, name), array: BigInt64Array },
  u64: { take: (value, name) => big(value, 0n, U64_HIGH, name), array: BigUint64Array },
};

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: false });

function bytesOf(view, at, size) {
  return new Uint8Array(view.buffer, view.byteOffset + at, size);
}

// A text ends at the first zero, or with the field.
function getText(view, at, size) {
  const bytes = bytesOf(view, at, size);
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function setText(view, at, size, value, name) {
  if (typeof value !== 'string') {
    throw wrongType(name, 'a string');
  }
  const bytes = encoder.encode(value);
  if (bytes.length > size) {
    throw wrongRange(name, `longer than ${size} bytes`);
  }
  if (bytes.includes(0)) {
    throw wrongType(name, 'a text without a zero');
  }
  const field = bytesOf(view, at, size);
  field.set(bytes);
  field.fill(0, bytes.length);
}

// A single letter; '' is a zero. All 256 bytes go out and in again as the first 256 characters.
function getLetter(view, at) {
  const code = view.getUint8(at);
  return code === 0 ? '' : String.fromCharCode(code);
}

function setLetter(view, at, value, name) {
  if (typeof value !== 'string') {
    throw wrongType(name, 'a string');
  }
  if (value.length > 1 || (value.length === 1 && value.charCodeAt(0) > 255)) {
    throw wrongRange(name, 'more than one letter of a byte');
  }
  view.setUint8(at, value === '' ? 0 : value.charCodeAt(0));
}

// An array of numbers is a typed array over the record itself.
function getNumbers(view, at, code, count) {
  return new numbers[code].array(view.buffer, view.byteOffset + at, count);
}

function listOf(value, count, name) {
  if (value === null || typeof value !== 'object' || typeof value[Symbol.iterator] !== 'function') {
    throw wrongType(name, 'an array');
  }
  const list = Array.from(value);
  if (list.length > count) {
    throw wrongRange(name, `more than ${count}`);
  }
  return list;
}

// What is not given is zero.
function setNumbers(view, at, code, count, value, name) {
  const { take } = numbers[code];
  const list = listOf(value, count, name).map((one, i) => take(one, `${name}[${i}]`));
  const field = getNumbers(view, at, code, count);
  field.set(list);
  field.fill(typeof field[0] === 'bigint' ? 0n : 0, list.length);
}

function getRecords(view, at, type, count) {
  return Array.from({ length: count }, (_, i) => type.over(view, at + i * type.size));
}

function setRecords(view, at, type, count, value, name) {
  const list = listOf(value, count, name).map((one, i) => recordBytes(type, one, `${name}[${i}]`));
  const field = bytesOf(view, at, type.size * count);
  field.fill(0);
  list.forEach((bytes, i) => field.set(bytes, i * type.size));
}

function setRecord(view, at, type, value, name) {
  bytesOf(view, at, type.size).set(recordBytes(type, value, name));
}

// The bytes of a record: of its class, or of the fields of one, where what is not given is zero.
function recordBytes(type, value, name) {
  if (value instanceof type) {
    return value.bytes.slice();
  }
  if (value === null || typeof value !== 'object' || value instanceof Record) {
    throw wrongType(name, `a ${type.name} or an object with its fields`);
  }
  const made = type.over(new ArrayBuffer(type.size));
  made.assign(value, name);
  return made.bytes;
}

class Record {
  constructor(fields) {
    const type = new.target;
    if (type === Record || type.size === undefined) {
      throw new TypeError('Record is the base of records, there are none of its own');
    }
    const bytes = defaultOf(type).slice();
    this.view = new DataView(bytes.buffer);
    if (fields !== undefined) {
      this.assign(fields);
    }
  }

  // over is a record over bytes that are there: what one changes, the other sees.
  static over(bytes, offset = 0) {
    const isView = ArrayBuffer.isView(bytes);
    if (!isView && !(bytes instanceof ArrayBuffer)) {
      throw wrongType(`${this.name}.over`, 'an ArrayBuffer or a view of one');
    }
    int(offset, 0, Number.MAX_SAFE_INTEGER, 'offset');
    if (bytes.byteLength - offset < this.size) {
      throw wrongRange(`${this.name}.over`, `less than ${this.size} bytes`);
    }
    const buffer = isView ? bytes.buffer : bytes;
    const at = (isView ? bytes.byteOffset : 0) + offset;
    if (at % this.align !== 0) {
      throw wrongRange(`${this.name}.over`, `does not begin at a multiple of ${this.align}`);
    }
    const made = Object.create(this.prototype);
    made.view = new DataView(buffer, at, this.size);
    return made;
  }

  // from is a record of a copy of bytes, wherever they begin.
  static from(bytes, offset = 0) {
    const isView = ArrayBuffer.isView(bytes);
    if (!isView && !(bytes instanceof ArrayBuffer)) {
      throw wrongType(`${this.name}.from`, 'an ArrayBuffer or a view of one');
    }
    int(offset, 0, Number.MAX_SAFE_INTEGER, 'offset');
    if (bytes.byteLength - offset < this.size) {
      throw wrongRange(`${this.name}.from`, `less than ${this.size} bytes`);
    }
    const at = (isView ? bytes.byteOffset : 0) + offset;
    const buffer = isView ? bytes.buffer : bytes;
    return this.over(buffer.slice(at, at + this.size));
  }

  // list is the records that lie one after the other in bytes.
  static list(bytes) {
    if (bytes.byteLength % this.size !== 0) {
      throw wrongRange(`${this.name}.list`, `no multiple of ${this.size} bytes`);
    }
    return Array.from({ length: bytes.byteLength / this.size }, (_, i) => this.over(bytes, i * this.size));
  }

  // pack is the bytes of records or of their fields, one after the other.
  static pack(records) {
    const bytes = new Uint8Array(records.length * this.size);
    records.forEach((record, i) => {
      bytes.set(record instanceof this ? record.bytes : new this(record).bytes, i * this.size);
    });
    return bytes;
  }

  // The bytes of the record itself, not of a copy.
  get bytes() {
    return bytesOf(this.view, 0, this.view.byteLength);
  }

  // assign sets fields by their names: all of them, or none if one is wrong.
  assign(fields, name = this.constructor.name) {
    if (fields === null || typeof fields !== 'object') {
      throw wrongType(name, 'an object with fields');
    }
    const type = this.constructor;
    const next = Object.create(type.prototype);
    next.view = new DataView(this.bytes.slice().buffer);
    for (const key of Object.keys(fields)) {
      if (!Object.hasOwn(type.fields, key)) {
        throw wrongType(`${name}.${key}`, `a field of ${type.name}`);
      }
      next[key] = fields[key];
    }
    this.bytes.set(next.bytes);
    return this;
  }

  equals(other) {
    return other instanceof this.constructor && Buffer.compare(this.bytes, other.bytes) === 0;
  }

  // toObject is a plain object of the fields; reserved ones are left out.
  toObject() {
    const made = {};
    for (const [key, what] of Object.entries(this.constructor.fields)) {
      if (key.startsWith('reserved')) {
        continue;
      }
      const value = this[key];
      made[key] = what === 'record' ? value.toObject()
        : what === 'records' ? value.map((record) => record.toObject())
          : what === 'numbers' || what === 'bytes' ? Array.from(value) : value;
    }
    return made;
  }

  // JSON has no integers of 64 bits: they are strings.
  toJSON() {
    return JSON.parse(JSON.stringify(this.toObject(), (_, value) => (typeof value === 'bigint' ? String(value) : value)));
  }

  [inspect.custom](depth, options) {
    return depth < 0 ? `[${this.constructor.name}]` : `${this.constructor.name} ${inspect(this.toObject(), options)}`;
  }
}

module.exports = {
  Record, big, defaultsFrom, getLetter, getNumbers, getRecords, getText, int, listOf, numbers, setLetter, setNumbers,
  setRecord, setRecords, setText, wrongRange, wrongType,
};
