#!/usr/bin/env python3
"""mutate.py - plants faults one at a time and says which of them no test sees.

    tools/mutate [--count N | --all] [--seed S] [--files GLOB ...] [--tests NAME ...]
                 [--max-survivors M] [--list] [-v]

The faults come from a fixed list: operators exchanged, constants moved by one, conditions negated,
statements dropped, errors turned into success, arguments exchanged. --count of them (default 40) are
drawn by --seed; --all takes every one, --list only prints them. --files says where (default:
lib/book and lib/match), --tests which suites or single tests of `meson test` are asked (default:
every suite but the slow ones).

Works in a copy, build-mutate/source: the tree itself is not touched. Faults that do not compile,
or that leave the compiled code as it was, do not count. For the others the programs that changed
are run, the quick ones first, up to the first that fails; one that takes far longer than it should
has seen the fault.

Prints each fault that was not seen and ends with

    mutate: K of N faults seen, S not

Fails (exit 2) on errors of its own, and with --max-survivors (exit 1) if S > M. See
docs/mutation.md.
"""
import argparse
import fnmatch
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / 'build-mutate'
SOURCE = WORK / 'source'
BUILD = WORK / 'build'

FILES = ['lib/book/*.[ch]', 'lib/match/*.[ch]']
SUITES_LEFT_OUT = {'slow', 'bench', 'tidy', 'abi'}
MEMORY_MAX = 4 << 30  # a fault in a size must not take the machine down
SKIPPED = 77          # the exit status that says so to meson
SECONDS_MAX = 20      # a test that takes longer without a fault is not asked

EXCHANGED = {
    '<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==', '&&': '||', '||': '&&',
    '+': '-', '-': '+', '*': '/', '/': '*', '%': '/', '<<': '>>', '>>': '<<', '&': '|', '|': '&',
    '^': '|', '+=': '-=', '-=': '+=', '|=': '&=', '&=': '|=', '++': '--', '--': '++',
}
WORDS = {'true': 'false', 'false': 'true', 'continue': 'break'}
NOT_A_STATEMENT = {
    'return', 'break', 'continue', 'goto', 'if', 'else', 'for', 'while', 'do', 'switch', 'case',
    'default', 'const', 'static', 'struct', 'union', 'enum', 'typedef', 'extern', 'sizeof',
}
# Not behaviour: what they say is checked elsewhere, or cannot be seen from outside.
LEFT_ALONE = {
    'trd_assert', '_Static_assert', 'TRD_STATIC_ASSERT', 'trd_prefetch', 'trd_likely',
    'trd_unlikely', '__attribute__',
}
HINTS = {'trd_likely', 'trd_unlikely'}  # their argument is behaviour

TOKEN = re.compile(r'''
    (?P<skip>/\*.*?\*/|//[^\n]*|^[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<number>\b(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*\b)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<operator>->|\.\.\.|<<=|>>=|\+\+|--|&&|\|\||[<>=!+\-*/%&|^]=|<<|>>|[^\s\w])
''', re.VERBOSE | re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, order=True)
class Fault:
    path: str
    start: int
    end: int
    new: str
    line: int
    old: str

    def __str__(self):
        def show(text):
            return ' '.join(text.split()) or 'nothing'
        return f'{self.path}:{self.line}: `{show(self.old)}` -> `{show(self.new)}`'

    def planted(self, text):
        return text[:self.start] + self.new + text[self.end:]


class Error(Exception):
    pass


def tokens_of(text):
    return [Token(m.lastgroup, m.group(), m.start(), m.end())
            for m in TOKEN.finditer(text) if m.lastgroup != 'skip']


def closing(tokens, at):
    """Index of the token that closes the bracket at `at`."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += tokens[i].text in '([{'
        depth -= tokens[i].text in ')]}'
        if depth == 0:
            return i
    raise Error('unbalanced brackets')


def left_alone(tokens):
    """Indices of tokens inside assertions and hints."""
    found = set()
    for i, token in enumerate(tokens[:-1]):
        if token.text in LEFT_ALONE - HINTS and tokens[i + 1].text == '(':
            found.update(range(i, closing(tokens, i + 1) + 1))
    return found


def is_binary(text, token):
    """clang-format puts spaces around binary operators, and only around them."""
    return text[token.start - 1] in ' \n' and text[token.end:token.end + 1] in (' ', '\n')


def one_off(number):
    digits = number.rstrip('uUlL')
    value = int(digits, 0)
    changed = 1 - value if value < 2 else value + 1
    return str(changed) + number[len(digits):]


def token_faults(text, tokens, at):
    """What can be put in the place of one token."""
    token = tokens[at]
    if token.kind == 'number':
        return [one_off(token.text)]
    if token.text in WORDS:
        return [WORDS[token.text]]
    if token.kind != 'operator' or token.text not in EXCHANGED:
        return []
    if token.text in ('++', '--') or is_binary(text, token):
        return [EXCHANGED[token.text]]
    return []


def function_starts(tokens):
    """Indices of the `{` of function bodies: behind a `)` on the outermost level."""
    found, depth = [], 0
    for i, token in enumerate(tokens):
        if token.text == '{':
            if depth == 0 and tokens[i - 1].text == ')':
                found.append(i)
            depth += 1
        depth -= token.text == '}'
    return found


def statement_end(tokens, at):
    """Index of the `;` of a simple statement that starts at `at`, or None."""
    first, second, third = ([t.text for t in tokens[at:at + 3]] + ['', ''])[:3]
    is_word = re.compile(r'[A-Za-z_]\w*$').match
    if first in NOT_A_STATEMENT or first in LEFT_ALONE or first == '.':
        return None
    if is_word(first) and (is_word(second) or second == '*' and is_word(third)):
        return None  # a declaration
    if not (is_word(first) or first in ('*', '(', '++', '--')) or second == ':':
        return None
    i = at
    while tokens[i].text != ';':
        if tokens[i].text in '{}':
            return None
        i = closing(tokens, i) + 1 if tokens[i].text in '([' else i + 1
    return i


def body_faults(text, tokens, start):
    """Faults in the shape of one function body: (first token, last token, new text)."""
    end = closing(tokens, start)
    loop_heads = set()
    for i in range(start + 1, end):
        if tokens[i].text == 'for':
            loop_heads.update(range(i, closing(tokens, i + 1)))
    for i in range(start + 1, end):
        before, token = tokens[i - 1].text, tokens[i]
        if before in (';', '{', '}') and i not in loop_heads:
            stop = statement_end(tokens, i)
            if stop is not None and stop < end:
                yield i, stop - 1, ''
        if token.text == 'if' and tokens[i + 1].text == '(':
            stop = closing(tokens, i + 1)
            condition = text[tokens[i + 1].start:tokens[stop].end]
            yield i + 1, stop, f'(!{condition})'
        if token.text == 'return' and tokens[i + 1].text.startswith('TRD_E_'):
            yield i + 1, i + 1, 'TRD_OK'
        if token.text == '(' and tokens[i - 1].kind == 'word' and before not in NOT_A_STATEMENT:
            one, comma, two, after = (tokens[i + 1:end + 1] + [tokens[end]] * 4)[:4]
            if comma.text == ',' and after.text in (',', ')') and one.text != two.text:
                if {one.kind, two.kind} <= {'word', 'number'}:
                    yield i + 1, i + 3, f'{two.text}, {one.text}'


def faults_of(path):
    text = (ROOT / path).read_text()
    tokens = tokens_of(text)
    untouched = left_alone(tokens)
    found = []

    def add(first, last, new):
        if untouched.isdisjoint(range(first, last + 1)):
            start, end = tokens[first].start, tokens[last].end
            line = text.count('\n', 0, start) + 1
            found.append(Fault(path, start, end, new, line, text[start:end]))

    for start in function_starts(tokens):
        for at in range(start + 1, closing(tokens, start)):
            for new in token_faults(text, tokens, at):
                add(at, at, new)
        for first, last, new in body_faults(text, tokens, start):
            add(first, last, new)
    return found


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise Error(f'{" ".join(map(str, command))}\n{done.stdout}{done.stderr}')
    return done.stdout


def tree_files():
    names = run(['git', '-C', ROOT, 'ls-files', '-co', '--exclude-standard', '-z'])
    return sorted(n for n in names.split('\0') if n and (ROOT / n).is_file())


def copy_tree(names):
    """Makes the copy equal to the tree. What is equal keeps its time and is not built again."""
    for name in names:
        source, target = ROOT / name, SOURCE / name
        if not target.exists() or source.read_bytes() != target.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
            os.utime(target)
    wanted = set(names)
    for target in [p for p in SOURCE.rglob('*') if p.is_file()]:
        if str(target.relative_to(SOURCE)) not in wanted:
            target.unlink()


def configure():
    if not (BUILD / 'build.ninja').exists():
        shutil.rmtree(BUILD, ignore_errors=True)
        run(['meson', 'setup', BUILD, SOURCE, '-Dbuildtype=plain', '-Doptimization=1',
             '-Dtests=enabled', '-Dpython=disabled', '-Dwerror=false', '-Dwarning_level=0'])


def build(targets):
    """True if everything compiles."""
    done = subprocess.run(['ninja', '-C', BUILD, *targets], capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


@dataclass
class Case:
    name: str
    command: list
    env: dict
    workdir: str
    programs: list  # files of the build that it depends on
    hashes: list = None
    seconds: float = 0

    def hashed(self):
        return [hashlib.sha256(p.read_bytes()).hexdigest() for p in self.programs]

    def changed(self):
        return self.hashed() != self.hashes

    def passes(self, timeout):
        return self.status(timeout) == 0

    def status(self, timeout):
        """Runs it: its exit status, None if late. Everything it started is ended with it."""
        def limits():
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
        own = subprocess.Popen(self.command, env={**os.environ, **self.env}, cwd=self.workdir,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True,
                               preexec_fn=limits)
        try:
            return own.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        finally:
            try:
                os.killpg(own.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            own.wait()


def is_asked(test, names):
    suites = {s.split(':')[-1] for s in test['suite']}
    if names:
        return any(fnmatch.fnmatch(n, p) for p in names for n in suites | {test['name']})
    return not suites & SUITES_LEFT_OUT


def cases_of(names):
    """The tests that are asked, and that run something of the build."""
    tests = json.loads(run(['meson', 'introspect', '--tests', BUILD]))
    targets = json.loads(run(['meson', 'introspect', '--targets', BUILD]))
    files = {t['id']: [Path(f) for f in t['filename']] for t in targets}
    built = {f for outputs in files.values() for f in outputs}
    cases = []
    for test in tests:
        given = {Path(p) for p in test['cmd']} & built  # not a directory to work in
        programs = given | {f for t in test['depends'] for f in files.get(t, [])}
        if is_asked(test, names) and programs:
            cases.append(Case(test['name'], test['cmd'], test['env'], test['workdir'] or str(BUILD),
                              sorted(programs)))
    if not cases:
        raise Error('no such tests')
    return cases


def measure(cases):
    """Runs all without a fault: they have to pass. Returns those that are quick enough and do not
    skip themselves, for want of recorded data."""
    asked = []
    for case in cases:
        begin = time.monotonic()
        status = case.status(SECONDS_MAX * 10)
        case.seconds = time.monotonic() - begin
        case.hashes = case.hashed()
        if status == SKIPPED:
            print(f'{case.name} is not asked: it skips itself', file=sys.stderr)
        elif status != 0:
            raise Error(f'{case.name} fails without a fault')
        elif case.seconds > SECONDS_MAX:
            print(f'{case.name} is not asked: {case.seconds:.0f} s', file=sys.stderr)
        else:
            asked.append(case)
    return sorted(asked, key=lambda c: c.seconds)


def objects():
    """What the library's sources became: a fault may be in code that no test links at all."""
    return {p: hashlib.sha256(p.read_bytes()).digest() for p in (BUILD / 'lib').rglob('*.o')}


def try_fault(fault, cases, targets, good):
    """'seen by ...', 'not seen', or why it does not count."""
    place = SOURCE / fault.path
    text = (ROOT / fault.path).read_text()
    place.write_text(fault.planted(text))
    try:
        if not build(targets)[0]:
            return 'does not compile'
        changed = [c for c in cases if c.changed()]
        if not changed:
            return 'changes nothing' if objects() == good else 'not seen'
        for case in changed:
            if not case.passes(5 + 10 * case.seconds):
                # The next fault is near this one: ask this test first.
                cases.remove(case)
                cases.insert(0, case)
                return f'seen by {case.name}'
        return 'not seen'
    finally:
        place.write_text(text)


def try_faults(faults, count, cases, options):
    """Tries faults, which are in the order they were drawn, until `count` of them counted. They are
    tried in the order of the files, by rounds, so that little is built twice."""
    targets = sorted({str(p.relative_to(BUILD)) for c in cases for p in c.programs})
    good = objects()
    seen, unseen = [], []
    while faults and len(seen) + len(unseen) < count:
        missing = count - len(seen) - len(unseen)
        for fault in sorted(faults[:missing]):
            verdict = try_fault(fault, cases, targets, good)
            if options.verbose:
                print(f'{fault}: {verdict}', file=sys.stderr, flush=True)
            if verdict.startswith('seen'):
                seen.append(fault)
            elif verdict == 'not seen':
                unseen.append(fault)
                print(f'{fault}: not seen', flush=True)
        faults = faults[missing:]
    return len(seen), len(unseen)


def options_of(arguments):
    parser = argparse.ArgumentParser(prog='tools/mutate', description=__doc__.split('\n')[0])
    parser.add_argument('--count', type=int, default=40, metavar='N')
    parser.add_argument('--all', action='store_true')
    parser.add_argument('--seed', type=int, default=1, metavar='S')
    parser.add_argument('--files', nargs='+', default=FILES, metavar='GLOB')
    parser.add_argument('--tests', nargs='+', default=[], metavar='NAME')
    parser.add_argument('--max-survivors', type=int, metavar='M')
    parser.add_argument('--list', action='store_true')
    parser.add_argument('-v', '--verbose', action='store_true')
    options = parser.parse_args(arguments)
    if options.count < 1:
        parser.error('--count is at least 1')
    return options


def main(arguments):
    options = options_of(arguments)
    run([ROOT / 'tools' / 'setup', 'test'])
    names = tree_files()
    paths = [n for n in names if any(fnmatch.fnmatch(n, g) for g in options.files)]
    faults = sorted(f for path in paths for f in faults_of(path))
    if not faults:
        raise Error(f'no faults in {" ".join(options.files)}')
    if options.list:
        print('\n'.join(map(str, faults)))
        return 0
    random.Random(options.seed).shuffle(faults)
    copy_tree(names)
    configure()
    cases = cases_of(options.tests)
    works, log = build(sorted({str(p.relative_to(BUILD)) for c in cases for p in c.programs}))
    if not works:
        raise Error(f'does not build without a fault\n{log}')
    cases = measure(cases)
    seen, unseen = try_faults(faults, len(faults) if options.all else options.count, cases, options)
    print(f'mutate: {seen} of {seen + unseen} faults seen, {unseen} not')
    return 1 if options.max_survivors is not None and unseen > options.max_survivors else 0


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv[1:]))
    except (Error, OSError) as error:
        print(f'mutate: {error}', file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
