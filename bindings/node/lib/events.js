'use strict';
// events.js - what was written: slots of 64 bytes in memory of the library, seen without copying.
const native = require('./native.js');
const { BOX, DISPOSE, FILL, failure, keepBox } = require('./call.js');
const { Record, wrongRange, wrongType } = require('./record.js');
const records = require('./generated.js');

const SLOT = 64;
const KIND_AT = 16;
const CLOSED = -101;
const VIEWS = -102;

// The class of a slot by its kind, which a base and an extension have at the same place.
const classes = new Map();
for (const type of [...Object.values(records.events), ...Object.values(records.extensions)]) {
  classes.set(type.kind, type);
}

// A kind that this version does not know: its bytes.
class Unknown extends Record {
  static size = SLOT;
  static align = 8;
  static fields = Object.freeze({});
}

class Events {
  #buffer = null; // of the box, while it is shown
  #closed = false;

  constructor() {
    keepBox(this, native.events_new());
  }

  #open() {
    if (this.#closed) {
      throw failure(native, CLOSED);
    }
    return this[BOX];
  }

  // What was shown of the box is detached: it is about to change.
  #hide() {
    const box = this.#open();
    if (this.#buffer !== null) {
      native.events_release(box, this.#buffer);
      this.#buffer = null;
    }
    return box;
  }

  // The box, for a call that fills it.
  [FILL]() {
    return this.#hide();
  }

  get length() {
    return native.events_slots(this.#open());
  }

  get buffer() {
    const box = this.#open();
    this.#buffer ??= native.events_buffer(box);
    return this.#buffer;
  }

  get bytes() {
    return new Uint8Array(this.buffer);
  }

  get hash() {
    return native.events_hash(this.#open());
  }

  count(kind = 0) {
    return native.events_count(this.#open(), kind);
  }

  at(index) {
    if (!Number.isInteger(index)) {
      throw wrongType('index', 'an integer');
    }
    const length = this.length;
    const at = index < 0 ? index + length : index;
    if (at < 0 || at >= length) {
      throw wrongRange('index', `not in [${-length}, ${length})`);
    }
    return this.#record(this.buffer, at);
  }

  #record(buffer, at) {
    const kind = new Uint8Array(buffer, at * SLOT + KIND_AT, 1)[0];
    return (classes.get(kind) ?? Unknown).over(buffer, at * SLOT);
  }

  * [Symbol.iterator]() {
    const buffer = this.buffer;
    const size = buffer.byteLength;
    const kinds = new Uint8Array(buffer);
    for (let at = 0; at < size; at += SLOT) {
      if (buffer.byteLength !== size) {
        throw failure(native, VIEWS);
      }
      yield (classes.get(kinds[at + KIND_AT]) ?? Unknown).over(buffer, at);
    }
  }

  pick(kind, to = new Events()) {
    if (!(to instanceof Events)) {
      throw wrongType('to', 'an Events');
    }
    native.events_pick(this.#open(), kind, to[FILL]());
    return to;
  }

  append(bytes) {
    native.events_append(this.#hide(), bytes);
    return this;
  }

  clear() {
    native.events_clear(this.#hide());
    return this;
  }

  close() {
    native.events_clear(this.#hide());
    this.#closed = true;
  }

  [DISPOSE]() {
    if (!this.#closed) {
      this.close();
    }
  }
}

exports.Events = Events;
