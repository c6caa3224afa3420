"""Which system calls the threads of a node at work make, by name: those of its page, and no others.

usage: quiet_node_test.py QUIET_NODE; writes TAP. Skipped where strace is missing or may not trace, and with
QUIET_NODE in a build that it is skipped in.

QUIET_NODE says by its own name when the part begins and ends that is judged; the threads of the
node have names, too. What the kernel's ring does is no system call, and what a snapshot needs is
done by the thread that takes it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter

from tap import play

SKIPPED = 77
COMMANDS = 3000
LINE = re.compile(r'^(\d+) +(\w+)\((.*)$')
NAMED = re.compile(r'^PR_SET_NAME, "(\w+)"')

# With a ring all is submitted through it, but for a segment that is full: that is closed. Without one the
# sequencer writes, syncs, and makes the next segment. The time is no system call where the kernel
# shares its clock.
RING = {'io_uring_enter', 'close'}
PLAIN = {'pwrite64', 'fdatasync', 'openat', 'fallocate', 'fsync', 'renameat', 'renameat2', 'close'}
CLOCK = {'clock_gettime'}
REST = {'spin': set(), 'yield': {'sched_yield'}, 'park': {'sched_yield', 'futex', 'restart_syscall'}}
WRITERS = {'trd_sequencer', 'trd_ends', 'trd_node'}
THREADS = {3: {'trd_sequencer', 'trd_engine', 'trd_gate'}, 2: {'trd_ends', 'trd_engine'}, 1: {'trd_node'}}


def calls_of(log):
    """{thread: Counter of calls between the marks}, of threads with a name."""
    names, calls, judged = {}, {}, False
    for line in log.splitlines():
        match = LINE.match(line)
        if not match:
            continue  # a signal, an end, the rest of a call that was begun before
        thread, call, arguments = match.groups()
        named = NAMED.match(arguments) if call == 'prctl' else None
        if named:
            judged = {'quiet_begin': True, 'quiet_end': False}.get(named.group(1), judged)
            names[thread] = named.group(1)
            if names[thread].startswith('trd_'):
                calls.setdefault(names[thread], Counter())
        elif judged and names.get(thread, '').startswith('trd_'):
            calls[names[thread]][call] += 1
    return calls


def allowed_of(name, idle, plain):
    own = (PLAIN if plain else RING) | CLOCK if name in WRITERS else set()
    return own | REST[idle]


def judge(calls, threads, idle, plain):
    """What is wrong, as lines."""
    faults = [f'no thread {name}' for name in sorted(THREADS[threads] - set(calls))]
    for name, counts in sorted(calls.items()):
        faults += [f'{name}: {call}, {count} times' for call, count in sorted(counts.items())
                   if call not in allowed_of(name, idle, plain)]
        if name in WRITERS:
            # Segments are small: several were begun while we looked.
            needed = {'pwrite64', 'fdatasync', 'openat', 'fallocate', 'fsync'} if plain else {'io_uring_enter'}
            faults += [f'{name}: no {call}' for call in sorted(needed | {'close'}) if counts[call] == 0]
    if idle == 'park' and not any(counts['futex'] for counts in calls.values()):
        faults.append('nobody sleeps')
    return faults


def traced(idle, *arguments):
    """What strace writes about a run of the program. Who yields does so all the time, and may: that is left out."""
    unseen = ['--seccomp-bpf', '-e', 'trace=!sched_yield'] if idle == 'yield' else []
    with tempfile.TemporaryDirectory(dir='.') as directory:
        log = os.path.join(os.path.abspath(directory), 'log')
        done = subprocess.run(['strace', '-f', '-qq', *unseen, '-o', log, PROGRAM, *arguments], cwd=directory,
                              capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, f'exit {done.returncode}: {done.stderr}'
        with open(log, encoding='ascii', errors='replace') as lines:
            return lines.read()


def case(threads, idle, plain):
    def test():
        options = ['--commands', str(COMMANDS), '--threads', str(threads), '--idle', idle]
        calls = calls_of(traced(idle, *options, *(['--plain'] if plain else [])))
        for name, counts in sorted(calls.items()):
            print(f'# {name}:', ', '.join(f'{c} {n}' for c, n in sorted(counts.items())) or 'none')
        faults = judge(calls, threads, idle, plain)
        assert not faults, '\n'.join(faults)
    test.__name__ = f'{threads}_threads_{idle}_{"plain" if plain else "ring"}'
    return test


def a_call_that_is_not_allowed_is_found():
    """The judge, on small logs."""
    def log(*lines):
        return '\n'.join(['10 prctl(PR_SET_NAME, "trd_node") = 0', '9  getpid() = 9', *lines])
    begin, end = '9 prctl(PR_SET_NAME, "quiet_begin") = 0', '9 prctl(PR_SET_NAME, "quiet_end") = 0'
    good = ['10 io_uring_enter(3, 1 <unfinished ...>', '9 mmap(NULL) = 0', '10 <... io_uring_enter resumed>) = 1',
            '10 close(4) = 0']
    assert judge(calls_of(log(begin, *good, end, '10 mmap(NULL) = 0')), 1, 'spin', False) == []
    assert judge(calls_of(log('10 mmap(NULL) = 0', begin, *good)), 1, 'spin', False) == []
    faults = judge(calls_of(log(begin, *good, '10 mmap(NULL) = 0', end)), 1, 'spin', False)
    assert faults == ['trd_node: mmap, 1 times'], faults
    faults = judge(calls_of(log(begin, *good, '10 futex(0x1) = 0', end)), 1, 'spin', False)
    assert faults == ['trd_node: futex, 1 times'], faults
    faults = judge(calls_of(log(begin, '10 close(4) = 0', end)), 1, 'park', False)
    assert faults == ['trd_node: no io_uring_enter', 'nobody sleeps'], faults
    faults = judge(calls_of(log(begin, *good, end)), 3, 'spin', False)
    assert faults == ['no thread trd_engine', 'no thread trd_gate', 'no thread trd_sequencer'], faults


def reason_to_skip():
    if subprocess.run([PROGRAM, '--commands', '100'], capture_output=True, check=False).returncode == SKIPPED:
        return 'this build is instrumented'
    if not may_trace():
        return 'strace is missing, or may not trace'
    return None


def may_trace():
    tracing = ['strace', '-qq', '-o', '/dev/null', 'true']
    return (shutil.which('strace') is not None and
            subprocess.run(tracing, capture_output=True, check=False).returncode == 0)


if __name__ == '__main__':
    PROGRAM = os.path.abspath(sys.argv[1])
    REASON = reason_to_skip()
    if REASON:
        print('1..0 # SKIP ' + REASON)
        sys.exit(0)
    TESTS = [case(3, idle, plain) for idle in REST for plain in (False, True)]
    TESTS += [case(2, 'yield', False), case(2, 'park', True), case(1, 'spin', True), case(1, 'park', False)]
    sys.exit(play([a_call_that_is_not_allowed_is_found, *TESTS]))
