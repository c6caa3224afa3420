// The types of the package: that they say what there is, and what the compiler makes of them.
// TRADSYS_TSC is where npm puts the compiler; without it, and without one on the PATH, that is skipped.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const place = process.env.TRADSYS_PACKAGE;
const tradsys = await import(pathToFileURL(join(place, 'index.mjs')));
const written = readFileSync(join(place, 'index.d.ts'), 'utf8');
const generated = readFileSync(join(place, 'lib/generated.d.ts'), 'utf8');

// Names that a block of declarations says: methods and properties, static ones apart.
function said(block) {
  const names = { own: new Set(), fixed: new Set() };
  for (const line of block.split('\n')) {
    const match = line.match(/^ {2}(?:readonly )?(static )?(?:readonly )?(?:get |set )?(\w+|\[Symbol\.\w+\])(?:[(:<])/);
    if (match && match[2] !== 'constructor') {
      names[match[1] ? 'fixed' : 'own'].add(match[2]);
    }
  }
  return names;
}

function block(text, head) {
  const from = text.indexOf(head);
  assert.ok(from >= 0, head);
  return text.slice(text.indexOf('{\n', from) + 2, text.indexOf('\n}', from));
}

function names(object, leaves) {
  const dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
  const symbols = { [Symbol.iterator]: '[Symbol.iterator]', [dispose]: '[Symbol.dispose]' };
  return Reflect.ownKeys(object).map((key) => (typeof key === 'symbol' ? symbols[key] : key))
    .filter((key) => key !== undefined && !leaves.includes(key));
}

const sorted = (list) => [...list].sort();

for (const name of ['Engine', 'Matcher', 'Events', 'LevelBook', 'OrderBook', 'ItchReader', 'JournalReader']) {
  test(`${name} has the members that its type has`, () => {
    const type = tradsys[name];
    const { own, fixed } = said(block(written, `export class ${name} `));
    assert.deepEqual(sorted(names(type.prototype, ['constructor'])), sorted(own));
    assert.deepEqual(sorted(names(type, ['length', 'name', 'prototype'])), sorted(fixed));
  });
}

test('what engines and matchers share is in one type', () => {
  const { own } = said(block(written, 'declare abstract class Commands '));
  for (const type of [tradsys.Engine, tradsys.Matcher]) {
    assert.deepEqual(sorted(names(Object.getPrototypeOf(type.prototype), ['constructor'])), sorted(own));
  }
});

for (const name of ['instrument', 'profile', 'margin', 'scenario']) {
  test(`${name} has the functions that its type has`, () => {
    assert.deepEqual(sorted(Object.keys(tradsys[name])), sorted(said(block(written, `export const ${name}: `)).own));
  });
}

test('each export has a type, and each type of a value is there', () => {
  const typed = [...`${written}\n${generated}`.matchAll(/^export (?:class|const|function|namespace) (\w+)/gm)].map((match) => match[1]);
  assert.deepEqual(sorted(new Set([...typed, 'Record'])), sorted(Object.keys(tradsys).filter((key) => key !== 'default')));
});

test('each class of records has the fields that its type has', () => {
  const classes = Object.entries(tradsys).filter(([, value]) => value?.prototype instanceof tradsys.Record);
  assert.ok(classes.length > 50);
  for (const [name, type] of classes) {
    const { own } = said(block(generated, `export class ${name} `));
    own.delete('assign');
    assert.deepEqual(sorted(Object.keys(type.fields)), sorted(own), name);
  }
});

function compiler() {
  const placed = process.env.TRADSYS_TSC;
  if (placed && existsSync(placed)) {
    return placed;
  }
  return spawnSync('tsc', ['--version']).status === 0 ? 'tsc' : null;
}

const tsc = compiler();
const skip = tsc === null && 'no TypeScript: npm ci in bindings/node brings it';

function compile(source) {
  const directory = mkdtempSync(join(tmpdir(), 'tradsys-types-'));
  try {
    mkdirSync(join(directory, 'node_modules'));
    symlinkSync(place, join(directory, 'node_modules/tradsys'));
    writeFileSync(join(directory, 'types.ts'), source);
    const compilerOptions = {
      strict: true, noEmit: true, target: 'es2022', module: 'node16', moduleResolution: 'node16', lib: ['esnext'],
      types: [], skipLibCheck: false,
    };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.ts'] }));
    return spawnSync(tsc, ['-p', directory], { encoding: 'utf8' });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('tsc --strict takes the types, and what uses them', { skip }, () => {
  const source = readFileSync(join(fileURLToPath(import.meta.url), '../types.ts'), 'utf8');
  const done = compile(source);
  assert.equal(done.status, 0, done.stdout);
});

test('tsc finds what is wrong: the sample without its marks', { skip }, () => {
  const source = readFileSync(join(fileURLToPath(import.meta.url), '../types.ts'), 'utf8');
  const done = compile(source.replaceAll('// @ts-expect-error', '//'));
  assert.notEqual(done.status, 0);
  const marks = source.match(/\/\/ @ts-expect-error/g).length;
  assert.equal(new Set(done.stdout.match(/types\.ts\(\d+/g)).size, marks, done.stdout);
});
