'use strict';
// matcher.js - the matching engine alone. Reference: match.h.
const native = require('./native.js');
const { BOX, answer, bytesOf, keepBox } = require('./call.js');
const { over } = require('./commands.js');
const { Instrument, MatchDef, Profile, Vetted } = require('./generated.js');

class Matcher extends over('match') {
  constructor(definition = {}) {
    super();
    keepBox(this, native.match_new());
    native.match_open(this[BOX], bytesOf(MatchDef, definition));
  }

  add(spec) {
    return native.match_add(this[BOX], bytesOf(Instrument, spec));
  }

  configure(instrument, profile) {
    native.match_configure(this[BOX], instrument, bytesOf(Profile, profile));
  }

  // The reason for which a command would be refused, 0 for none, and what it would be.
  vet(command) {
    let reason = 0;
    const vetted = answer(Vetted, (out) => {
      reason = native.match_vet(this[BOX], command.bytes ?? command, out);
    });
    return { reason, vetted };
  }
}

exports.Matcher = Matcher;
