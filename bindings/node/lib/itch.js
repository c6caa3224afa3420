'use strict';
// itch.js - messages of a NASDAQ feed. Reference: codec/itch.h.
const native = require('./native.js');
const { BOX, DISPOSE, answer, keepBox } = require('./call.js');
const { ItchCounts, ItchFraming, itch } = require('./generated.js');
const { Record, wrongType } = require('./record.js');

const SLOT = 64;
const TYPE_AT = itch.Add.kindAt;

const classes = new Map(Object.values(itch).map((type) => [type.kind, type]));

// messageOver is the record of a decoded message.
function messageOver(bytes, at = 0) {
  return classes.get(bytes[at + TYPE_AT]).over(bytes, at);
}

class ItchReader {
  constructor(framing = ItchFraming.LENGTH) {
    keepBox(this, native.itch_new());
    native.itch_open(this[BOX], framing);
  }

  get isOpen() {
    return native.itch_is_open(this[BOX]) === 1;
  }

  close() {
    native.itch_close(this[BOX]);
  }

  [DISPOSE]() {
    if (this.isOpen) {
      this.close();
    }
  }

  feed(bytes) {
    native.itch_feed(this[BOX], bytes);
    return this;
  }

  // read decodes into bytes of the caller's, 64 for each message: how many there were.
  read(out) {
    return native.itch_read(this[BOX], out);
  }

  // The messages that are complete, one by one.
  * [Symbol.iterator]() {
    for (;;) {
      const bytes = new Uint8Array(256 * SLOT);
      const count = this.read(bytes);
      if (count === 0) {
        return;
      }
      for (let i = 0; i < count; i++) {
        yield messageOver(bytes, i * SLOT);
      }
    }
  }

  finish() {
    native.itch_finish(this[BOX]);
  }

  get ended() {
    return native.itch_ended(this[BOX]) === 1;
  }

  get offset() {
    return native.itch_offset(this[BOX]);
  }

  counts() {
    return answer(ItchCounts, (out) => native.itch_counts(this[BOX], out));
  }

  static detect(bytes) {
    return native.itch_detect(bytes);
  }

  // One message without a frame, to a record and back.
  static decode(bytes) {
    const made = new Uint8Array(SLOT);
    native.itch_decode(bytes, made);
    return messageOver(made);
  }

  static encode(message) {
    if (!(message instanceof Record) || classes.get(message.constructor.kind) !== message.constructor) {
      throw wrongType('message', 'a record of itch');
    }
    const made = new Uint8Array(SLOT);
    return made.subarray(0, native.itch_encode(message.bytes, made));
  }
}

exports.ItchReader = ItchReader;
