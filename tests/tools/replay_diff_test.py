"""Runs tradsys-replay diff on two runs of a small market, one of them odd.

usage: replay_diff_test.py REPLAY RECORD; writes TAP. RECORD is record_journal, which says what the
market is: 21 events up to command 7, then one for each command."""

import itertools
import json
import pathlib
import sys
import tempfile

from tap import equal, functions_of, good, play, refused, run

REPLAY, RECORD = sys.argv[1:3]
NUMBERS = itertools.count()


def record(*options):
    path = pathlib.Path(SCRATCH, f'run{next(NUMBERS)}')
    path.mkdir()
    good(run(RECORD, path, *options))
    return path


def diff(*paths, code):
    return good(run(REPLAY, 'diff', *paths), code)


def difference(*paths, code=3):
    return json.loads(diff('--json', *paths, code=code))


def picked(found, *keys):
    return tuple(found[key] for key in keys)


def equal_runs_do_not_differ():
    paths = record('commands=60', 'checks=7'), record('commands=60', 'checks=7', 'segment=5')
    found = difference(*paths, code=0)
    # Checkpoints of 7, 14, ... 56; what is behind the last one is replayed.
    equal(picked(found, 'checkpoints', 'checkpoints_agreeing', 'from', 'differs', 'states_differ'),
          (8, 8, 56, False, False))
    assert 'no event differs up to command 60' in diff(*paths, code=0)


def the_first_event_that_differs_is_found_behind_the_last_checkpoint_that_agrees():
    found = difference(record('commands=60', 'checks=7'),
                       record('commands=60', 'checks=7', 'alter=38'))
    equal(picked(found, 'checkpoints', 'checkpoints_agreeing', 'checkpoint_differs_at', 'from'),
          (8, 5, 42, 35))
    equal(picked(found, 'first_command', 'differs', 'command'), (38, True, 38))
    # 21 events up to command 7, 30 of commands 8 to 37.
    equal(picked(found['a'], 'seq', 'kind', 'qty'), (52, 'ACCEPTED', 1))
    equal(picked(found['b'], 'seq', 'kind', 'qty'), (52, 'ACCEPTED', 2))
    equal({key for key in found['a'] if found['a'][key] != found['b'][key]}, {'qty'})


def both_events_are_shown_side_by_side():
    text = diff(record('alter=6'), record(), code=3)
    lines = [line.split() for line in text.splitlines()]
    assert ['*', 'qty', '4', '3'] in lines, text
    assert ['px', '5000', '5000'] in lines, text
    equal([line for line in lines if line[0] == '*'], [['*', 'qty', '4', '3']])
    place = 'segment 1, byte 4736: 6 6000 NEW'  # behind five frames
    assert f'A  {place}' in text and f'B  {place}' in text, text


def without_checkpoints_all_is_replayed():
    found = difference(record('commands=20'), record('commands=20', 'alter=14'))
    equal(picked(found, 'checkpoints', 'from', 'command'), (0, 0, 14))


def it_begins_with_a_snapshot_that_both_have():
    first, second = record('snapshot=6', 'segment=3'), record('snapshot=4', 'alter=7')
    (first / '0.snapshot').unlink()
    # The first run can begin behind command 6, the second one gets there from 4.
    found = difference(first, second)
    equal(picked(found, 'from', 'command', 'states_differ'), (6, 7, False))
    equal(picked(found['a'], 'kind', 'qty') + picked(found['b'], 'kind', 'qty'),
          ('ACCEPTED', 2, 'ACCEPTED', 3))


def a_run_that_ends_earlier_differs_there():
    found = difference(record('commands=50'), record('commands=60'))
    equal(picked(found, 'command', 'a', 'first_command'), (51, None, 0))
    equal(picked(found['b'], 'kind', 'seq'), ('CANCELED', 21 + 44))
    text = diff(record('commands=60'), record('commands=50'), code=3)
    assert 'B  has no command behind 50\n' in text and 'B  no event\n' in text, text


def a_checkpoint_that_is_wrong_by_itself_is_told():
    for wrong, agreeing in ((7, 0), (21, 2), (56, 7)):
        paths = record('commands=60', 'checks=7'), record('commands=60', 'checks=7',
                                                           f'wrong={wrong}')
        found = difference(*paths)
        equal(picked(found, 'checkpoints_agreeing', 'checkpoint_differs_at', 'differs'),
              (agreeing, wrong, False))
        assert f'up to command {wrong}, whose checkpoints do' in diff(*paths, code=3)


def checkpoints_of_the_same_commands_are_compared():
    found = difference(record('commands=60', 'checks=4'),
                       record('commands=60', 'checks=6', 'alter=38'))
    # In both: 12, 24, 36, 48, 60.
    equal(picked(found, 'checkpoints', 'checkpoints_agreeing', 'from'), (5, 3, 36))


def states_that_differ_from_the_beginning_are_told():
    paths = record('trail=0'), record()
    found = difference(*paths, code=0)
    equal(picked(found, 'states_differ', 'differs'), (True, False))
    assert 'from behind command 0, where the states differ already' in diff(*paths, code=0)


def damage_and_missing_files_are_refused():
    path, other = record('segment=3'), record()
    data = bytearray((path / '000000000001.journal').read_bytes())
    data[4096 + 70] ^= 1
    (path / '000000000001.journal').write_bytes(data)
    refused(run(REPLAY, 'diff', other, path), 'the journal is damaged: segment 1, byte 4096')
    refused(run(REPLAY, 'diff', path, f'{SCRATCH}/missing'), 'damaged')
    refused(run(REPLAY, 'diff', other, f'{SCRATCH}/missing'), 'No such file')


def runs_without_a_command_in_common_are_refused():
    path = record('commands=60', 'snapshot=40', 'segment=10')
    (path / '0.snapshot').unlink()
    refused(run(REPLAY, 'diff', path, record()), 'ends behind command 7')


def wrong_usage_is_exit_2():
    path = record()
    for arguments in ((), (path,), (path, path, path), ('--bogus', path, path)):
        done = run(REPLAY, 'diff', *arguments)
        equal((done.returncode, done.stdout), (2, ''))
    assert 'DIR_A' in good(run(REPLAY, 'diff', '--help'))


TESTS = functions_of(globals())

with tempfile.TemporaryDirectory() as SCRATCH:
    FAILED = play(TESTS)
sys.exit(FAILED)
