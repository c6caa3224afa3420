'use strict';
// native.js - the compiled module: beside the package as it is built here, or where node-gyp puts it.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const places = ['tradsys.node', 'build/Release/tradsys.node'].map((name) => join(__dirname, '..', name));
const place = places.find(existsSync);
if (place === undefined) {
  throw new Error(`tradsys: the compiled module is not there: ${places.join(', ')}`);
}

const native = require(place);
require('./record.js').defaultsFrom((name, bytes) => native.default(name, bytes));
module.exports = native;
