'use strict';
// journal.js - commands of a journal. Reference: journal.h.
const native = require('./native.js');
const { BOX, DISPOSE, FILL, answer, keepBox } = require('./call.js');
const { Events } = require('./events.js');
const { JournalFrame, JournalReport } = require('./generated.js');

class JournalReader {
  constructor() {
    keepBox(this, native.journal_new());
    native.journal_open(this[BOX]);
  }

  get isOpen() {
    return native.journal_is_open(this[BOX]) === 1;
  }

  close() {
    native.journal_close(this[BOX]);
  }

  [DISPOSE]() {
    if (this.isOpen) {
      this.close();
    }
  }

  enter(number, bytes) {
    native.journal_enter(this[BOX], number, bytes);
    return this;
  }

  // The frames of the segment, each with its payload: bytes of commands, or of one check.
  * [Symbol.iterator]() {
    for (;;) {
      const payload = new Events();
      let found = 0;
      const frame = answer(JournalFrame, (out) => { found = native.journal_next(this[BOX], payload[FILL](), out); });
      if (found === 0) {
        return;
      }
      yield { frame, payload: payload.bytes };
    }
  }

  // How it ended. Damage is thrown, with the report as its `report`.
  end() {
    const report = JournalReport.over(new ArrayBuffer(JournalReport.size));
    try {
      native.journal_end(this[BOX], report.bytes);
    } catch (error) {
      if (error.code === 'TRD_E_CORRUPT') {
        error.report = report;
      }
      throw error;
    }
    return report;
  }
}

exports.JournalReader = JournalReader;
