'use strict';
// call.js - how the classes of the package call the compiled module.
const { wrongRange, wrongType } = require('./record.js');

// Where an object keeps its box: an object of C that knows nothing of JavaScript.
const BOX = Symbol('box');

// The method by which an Events empties itself to be filled by a call.
const FILL = Symbol('fill');

// `using` calls it where there is that; older versions of Node have no such symbol.
const DISPOSE = Symbol.dispose ?? Symbol.for('Symbol.dispose');

// failure is the error of a result, as the compiled module throws it.
function failure(native, result) {
  const error = new Error(native.result_text(result));
  error.code = native.result_name(result);
  error.result = result;
  return error;
}

const nothing = new Uint8Array(0);

function keepBox(self, box) {
  Object.defineProperty(self, BOX, { value: box });
}

// bytesOf is the bytes of a record of a class, or of the fields of one.
function bytesOf(type, value, name = type.name) {
  if (value instanceof type) {
    return value.bytes;
  }
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    throw wrongType(name, `a ${type.name} or an object with its fields`);
  }
  return new type(value).bytes;
}

function optionalBytesOf(type, value, name) {
  return value === undefined || value === null ? nothing : bytesOf(type, value, name);
}

// answer is a record that a call fills.
function answer(type, call) {
  const made = type.over(new ArrayBuffer(type.size));
  call(made.bytes);
  return made;
}

// answers is all records of a list; the call returns how many there are, and writes what fits.
function answers(type, call) {
  for (let room = 16; ;) {
    const bytes = new Uint8Array(room * type.size);
    const count = call(bytes);
    if (count <= room) {
      return type.list(bytes.subarray(0, count * type.size));
    }
    room = count;
  }
}

// firstAnswers is at most `max` records of a list.
function firstAnswers(type, max, call) {
  if (!Number.isInteger(max) || max < 0 || max > 2 ** 24) {
    throw wrongRange('max', 'not in [0, 2^24]');
  }
  const bytes = new Uint8Array(max * type.size);
  return type.list(bytes.subarray(0, call(bytes) * type.size));
}

module.exports = {
  BOX, DISPOSE, FILL, answer, answers, bytesOf, failure, firstAnswers, keepBox, nothing, optionalBytesOf,
};
