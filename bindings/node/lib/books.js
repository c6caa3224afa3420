'use strict';
// books.js - books of market data, by levels and by orders. Reference: book.h.
const native = require('./native.js');
const { BOX, DISPOSE, answer, bytesOf, firstAnswers, keepBox } = require('./call.js');
const { BookOrder, Level, LevelBookDef, OrderBookDef } = require('./generated.js');

// A record of a call that returns 1 with one, 0 without.
function maybe(type, call) {
  let found = 0;
  const made = answer(type, (out) => { found = call(out); });
  return found === 1 ? made : null;
}

class LevelBook {
  constructor(definition = {}) {
    keepBox(this, native.level_book_new());
    native.level_book_open(this[BOX], bytesOf(LevelBookDef, definition));
  }

  get isOpen() {
    return native.level_book_is_open(this[BOX]) === 1;
  }

  reset() {
    native.level_book_reset(this[BOX]);
  }

  close() {
    native.level_book_close(this[BOX]);
  }

  [DISPOSE]() {
    if (this.isOpen) {
      this.close();
    }
  }

  set(side, px, qty) {
    return native.level_book_set(this[BOX], side, px, qty);
  }

  trim(side, keep) {
    return native.level_book_trim(this[BOX], side, keep);
  }

  get(side, px) {
    return native.level_book_get(this[BOX], side, px);
  }

  best(side) {
    return maybe(Level, (out) => native.level_book_best(this[BOX], side, out));
  }

  depth(side, max = 10) {
    return firstAnswers(Level, max, (out) => native.level_book_depth(this[BOX], side, out));
  }

  count(side) {
    return native.level_book_count(this[BOX], side);
  }

  audit() {
    return native.level_book_audit(this[BOX]);
  }
}

class OrderBook {
  constructor(definition = {}) {
    keepBox(this, native.order_book_new());
    native.order_book_open(this[BOX], bytesOf(OrderBookDef, definition));
  }

  get isOpen() {
    return native.order_book_is_open(this[BOX]) === 1;
  }

  reset() {
    native.order_book_reset(this[BOX]);
  }

  close() {
    native.order_book_close(this[BOX]);
  }

  [DISPOSE]() {
    if (this.isOpen) {
      this.close();
    }
  }

  add({ ref, instrument = 0, side, qty, px }) {
    native.order_book_add(this[BOX], ref, instrument, side, qty, px);
  }

  reduce(ref, qty) {
    return native.order_book_reduce(this[BOX], ref, qty);
  }

  remove(ref) {
    native.order_book_remove(this[BOX], ref);
  }

  replace(ref, { ref: next, qty, px }) {
    native.order_book_replace(this[BOX], ref, next, qty, px);
  }

  find(ref) {
    return answer(BookOrder, (out) => native.order_book_find(this[BOX], ref, out));
  }

  first(instrument, side) {
    return maybe(BookOrder, (out) => native.order_book_first(this[BOX], instrument, side, out));
  }

  best(instrument, side) {
    return maybe(Level, (out) => native.order_book_best(this[BOX], instrument, side, out));
  }

  depth(instrument, side, max = 10) {
    return firstAnswers(Level, max, (out) => native.order_book_depth(this[BOX], instrument, side, out));
  }

  get count() {
    return native.order_book_count(this[BOX]);
  }

  audit() {
    return native.order_book_audit(this[BOX]);
  }
}

exports.LevelBook = LevelBook;
exports.OrderBook = OrderBook;
