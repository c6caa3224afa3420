'use strict';
// commands.js - what an engine and a matcher have in common: commands go in, events are taken out,
// and what stands in the books can be asked.
const native = require('./native.js');
const { BOX, DISPOSE, FILL, answer, answers, bytesOf, firstAnswers } = require('./call.js');
const { Events } = require('./events.js');
const records = require('./generated.js');
const { Record, listOf, wrongRange, wrongType } = require('./record.js');

const { Instrument, Level, MatchStats, OrderFilter, OrderInfo, Round, Tif, Type, commands, extensions } = records;

const SLOT = 64;
const SLOTS_MAX = 4;
const SLOTS_AT = 17;
// Functions of the compiled module that both have: engine_submit, match_submit.
const VERBS = [
  'audit', 'best', 'close', 'consumed', 'depth', 'find', 'is_open', 'net', 'order', 'orders', 'queue',
  'reset', 'run', 'run_async', 'send', 'spec', 'stamp', 'state', 'stats', 'submit', 'take', 'waiting',
];

const ORDER_FIELDS = new Set([
  'account', 'client_id', 'side', 'qty', 'px', 'instrument', 'type', 'tif', 'exec', 'actor',
]);

const isCommand = new Set(Object.values(commands));
const isExtension = new Set(Object.values(extensions));

// join is the bytes of a command with the extensions that follow it: its `slots` counts them, and
// they carry its seq.
function join(command, ...following) {
  if (!isCommand.has(command?.constructor)) {
    throw wrongType('command', 'a record of commands');
  }
  if (following.length >= SLOTS_MAX) {
    throw wrongRange('extensions', `more than ${SLOTS_MAX - 1}`);
  }
  const made = new Uint8Array((1 + following.length) * SLOT);
  made.set(command.bytes);
  made[SLOTS_AT] = 1 + following.length;
  following.forEach((extension, i) => {
    if (!isExtension.has(extension?.constructor)) {
      throw wrongType('extension', 'a record of extensions');
    }
    const at = (i + 1) * SLOT;
    made.set(extension.bytes, at);
    made[at + SLOTS_AT] = 0;
    made.set(command.bytes.subarray(0, 8), at);
  });
  return made;
}

// batch is the bytes of commands one after the other: records, or what join made.
function batch(list) {
  const parts = listOf(list, Infinity, 'commands').map((one) => (one instanceof Record ? join(one) : one));
  if (!parts.every((part) => part instanceof Uint8Array)) {
    throw wrongType('commands', 'a list of records of commands, or of what join made,');
  }
  const made = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.byteLength;
  }
  return made;
}

// Bytes as they are; of anything else that is a list, the bytes of its commands.
function slotsOf(given) {
  return ArrayBuffer.isView(given) || given instanceof ArrayBuffer ? given : batch(given);
}

// over makes the base of a class from the functions of the compiled module that begin with `name`.
function over(name) {
  const call = Object.fromEntries(VERBS.map((verb) => [verb, native[`${name}_${verb}`]]));

  return class {
    #specs = new Map();

    get isOpen() {
      return call.is_open(this[BOX]) === 1;
    }

    reset() {
      call.reset(this[BOX]);
    }

    close() {
      call.close(this[BOX]);
    }

    [DISPOSE]() {
      if (this.isOpen) {
        this.close();
      }
    }

    // The specification of an instrument, kept: it does not change.
    #spec(instrument) {
      let bytes = this.#specs.get(instrument);
      if (bytes === undefined) {
        bytes = new Uint8Array(Instrument.size);
        call.spec(this[BOX], instrument, bytes);
        this.#specs.set(instrument, bytes);
      }
      return bytes;
    }

    px(instrument, text, rounding = Round.EXACT) {
      return native.instrument_px(this.#spec(instrument), text, rounding);
    }

    qty(instrument, text, rounding = Round.EXACT) {
      return native.instrument_qty(this.#spec(instrument), text, rounding);
    }

    pxText(instrument, px) {
      return textOf((out) => native.instrument_px_text(this.#spec(instrument), px, out));
    }

    qtyText(instrument, qty) {
      return textOf((out) => native.instrument_qty_text(this.#spec(instrument), qty, out));
    }

    stamp(time, seq) {
      call.stamp(this[BOX], time, seq);
    }

    submit(order) {
      for (const key in order) {
        if (!ORDER_FIELDS.has(key)) {
          throw wrongType(`submit.${key}`, 'a field of an order');
        }
      }
      const {
        account, client_id, side, instrument = 0, type = Type.LIMIT, tif = Tif.GTC, exec = 0, actor = 0,
      } = order;
      const qty = typeof order.qty === 'string' ? this.qty(instrument, order.qty) : order.qty;
      const px = typeof order.px === 'string' ? this.px(instrument, order.px) : order.px ?? 0;
      return call.submit(this[BOX], account, client_id, side, qty, px, instrument, type, tif, exec, actor);
    }

    send(command, ...following) {
      return call.send(this[BOX], command instanceof Record ? join(command, ...following) : command);
    }

    run(list) {
      return call.run(this[BOX], slotsOf(list));
    }

    // run, in another thread: a promise of what it returns. Until then the object is in use.
    async runAsync(list) {
      return call.run_async(this[BOX], slotsOf(list));
    }

    // execute runs each batch of a source in another thread, and yields the events of all of them.
    async* execute(batches) {
      for await (const list of batches) {
        await this.runAsync(list);
        yield* this.take();
      }
    }

    get consumed() {
      return call.consumed(this[BOX]);
    }

    get waiting() {
      return call.waiting(this[BOX]);
    }

    take(to = new Events()) {
      if (!(to instanceof Events)) {
        throw wrongType('to', 'an Events');
      }
      call.take(this[BOX], to[FILL]());
      return to;
    }

    find(account, clientId) {
      return call.find(this[BOX], account, clientId);
    }

    order(order) {
      return answer(OrderInfo, (out) => call.order(this[BOX], order, out));
    }

    orders(filter) {
      const bytes = bytesOf(OrderFilter, filter ?? {});
      return answers(OrderInfo, (out) => call.orders(this[BOX], bytes, out));
    }

    best(instrument, side) {
      let found = 0;
      const level = answer(Level, (out) => { found = call.best(this[BOX], instrument, side, out); });
      return found === 1 ? level : null;
    }

    depth(instrument, side, max = 10) {
      return firstAnswers(Level, max, (out) => call.depth(this[BOX], instrument, side, out));
    }

    queue(instrument, side, px, max = 1000) {
      return firstAnswers(OrderInfo, max, (out) => call.queue(this[BOX], instrument, side, px, out));
    }

    state(instrument) {
      return call.state(this[BOX], instrument);
    }

    net(account, instrument, side = records.Position.NET) {
      return call.net(this[BOX], account, instrument, side);
    }

    spec(instrument) {
      return answer(Instrument, (out) => call.spec(this[BOX], instrument, out));
    }

    stats() {
      return answer(MatchStats, (out) => call.stats(this[BOX], out));
    }

    audit() {
      return call.audit(this[BOX]);
    }
  };
}

const decoder = new TextDecoder();

function textOf(call) {
  const bytes = new Uint8Array(records.constants.DECIMAL_SIZE);
  return decoder.decode(bytes.subarray(0, call(bytes)));
}

module.exports = { batch, join, over, textOf };
