// The package for npm: what pack.py makes of it is built by node-gyp alone, away from this tree, and
// the tests of the package pass with that.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const { TRADSYS_SOURCE: source, TRADSYS_BUILD: build, TRADSYS_HEADERS: headers } = process.env;

const has = (program, ...args) => spawnSync(program, args).status === 0;

// node-gyp by itself, or the one that npm brings.
function findGyp() {
  if (has('node-gyp', '--version')) {
    return ['node-gyp'];
  }
  const root = spawnSync('npm', ['root', '-g'], { encoding: 'utf8' }).stdout?.trim();
  const inside = join(root ?? '', 'npm/node_modules/node-gyp/bin/node-gyp.js');
  return existsSync(inside) ? [process.execPath, inside] : null;
}

function reason() {
  if (!has('npm', '--version')) {
    return 'no npm';
  }
  if (!has('make', '--version') || findGyp() === null) {
    return 'no make or node-gyp';
  }
  return basename(headers) === 'node' && basename(dirname(headers)) === 'include' ? false : 'headers are not in include/node';
}

const skip = reason();
const directory = mkdtempSync(join(tmpdir(), 'tradsys-pack-'));
after(() => rmSync(directory, { recursive: true }));
const place = join(directory, 'tried/package');

test('the tarball has what it needs, and nothing of where it was made', { skip }, () => {
  const made = execFileSync('python3', [join(here, '../pack.py'), source, build, directory], { encoding: 'utf8' }).trim();
  execFileSync('mkdir', [join(directory, 'tried')]);
  execFileSync('tar', ['xzf', made, '-C', join(directory, 'tried')]);
  rmSync(join(directory, 'package'), { recursive: true });
  for (const name of ['LICENSE', 'README.md', 'binding.gyp', 'index.mjs', 'index.d.ts', 'lib/generated.js', 'src/tradsys.cxx']) {
    assert.ok(existsSync(join(place, name)), name);
  }
  assert.equal(existsSync(join(place, 'tradsys.node')), false);
  assert.equal(has('grep', '-rqF', build, place), false);
});

test('node-gyp builds it, and its tests pass', { skip }, () => {
  const [program, ...first] = findGyp();
  const made = spawnSync(program, [...first, 'rebuild', `--nodedir=${dirname(dirname(headers))}`], { cwd: place, encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  const env = { ...process.env, TRADSYS_PACKAGE: place };
  delete env.NODE_TEST_CONTEXT;
  const tested = spawnSync(process.execPath, ['--expose-gc', '--test-reporter=tap', join(here, 'package.test.mjs')], { env, encoding: 'utf8' });
  assert.equal(tested.status, 0, tested.stdout);
  assert.ok(Number(tested.stdout.match(/^# pass (\d+)$/m)[1]) > 20);
});
