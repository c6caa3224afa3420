'use strict';
const native = require('./lib/native.js');
const { batch, join } = require('./lib/commands.js');

Object.assign(
  exports, require('./lib/generated.js'), require('./lib/engine.js'), require('./lib/matcher.js'),
  require('./lib/books.js'), require('./lib/events.js'), require('./lib/itch.js'), require('./lib/journal.js'),
  require('./lib/functions.js'),
  { Record: require('./lib/record.js').Record, batch, join });

// The version of the library that is loaded: major, minor, patch.
exports.version = Object.freeze([native.version() >>> 16, (native.version() >>> 8) & 255, native.version() & 255]);
