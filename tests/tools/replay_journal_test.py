"""Runs tradsys-replay journal on journals of a small market whose events were worked out by hand.

usage: replay_journal_test.py REPLAY RECORD; writes TAP. RECORD is record_journal, which says what
the market is. There every frame of a command or a checkpoint has 128 bytes, from byte 4096 on."""

import itertools
import json
import pathlib
import re
import shutil
import sys
import tempfile

from tap import equal, functions_of, good, play, refused, run

REPLAY, RECORD = sys.argv[1:3]
NUMBERS = itertools.count()

# Bert buys 3 of Anne's 8 coins at 50.00, then 2 more, again at 50.00, since that is her price.
# Fills are 5 and 14: what moves money or coins has that number.
EVENTS = '''\
1 3000 LEDGER instrument=0 account=0 amount=10 balance=10 reference=77 asset=1 entry=TRANSFER part=0
2 4000 LEDGER instrument=0 account=1 amount=100000 balance=100000 reference=77 asset=0 entry=TRANSFER part=0
3 5000 ACCEPTED instrument=0 account=0 side=SELL status=NEW client_id=1 order=A px=5000 qty=8
4 6000 ACCEPTED instrument=0 account=1 side=BUY status=NEW client_id=1 order=B px=5000 qty=3
5 6000 FILL instrument=0 account=1 side=BUY liquidity=TAKER status=FILLED order=B px=5000 qty=3 leaves=0
6 6000 FILL instrument=0 account=0 side=SELL liquidity=MAKER status=PARTIALLY_FILLED order=A px=5000 qty=3 leaves=5
7 6000 LEDGER instrument=0 account=1 amount=-15000 balance=85000 reference=5 asset=0 entry=PRINCIPAL part=0
8 6000 LEDGER instrument=0 account=1 amount=3 balance=3 reference=5 asset=1 entry=DELIVERY part=0
9 6000 POSITION instrument=0 account=1 qty=3 cost=15000 realised=0 position=NET
10 6000 LEDGER instrument=0 account=0 amount=15000 balance=15000 reference=5 asset=0 entry=PRINCIPAL part=0
11 6000 LEDGER instrument=0 account=0 amount=-3 balance=7 reference=5 asset=1 entry=DELIVERY part=0
12 6000 POSITION instrument=0 account=0 qty=-3 cost=-15000 realised=0 position=NET
13 7000 ACCEPTED instrument=0 account=1 side=BUY status=NEW client_id=2 order=C px=5100 qty=2
14 7000 FILL instrument=0 account=1 side=BUY liquidity=TAKER status=FILLED order=C px=5000 qty=2 leaves=0
15 7000 FILL instrument=0 account=0 side=SELL liquidity=MAKER status=PARTIALLY_FILLED order=A px=5000 qty=2 leaves=3
16 7000 LEDGER instrument=0 account=1 amount=-10000 balance=75000 reference=14 asset=0 entry=PRINCIPAL part=0
17 7000 LEDGER instrument=0 account=1 amount=2 balance=5 reference=14 asset=1 entry=DELIVERY part=0
18 7000 POSITION instrument=0 account=1 qty=5 cost=25000 realised=0 position=NET
19 7000 LEDGER instrument=0 account=0 amount=10000 balance=25000 reference=14 asset=0 entry=PRINCIPAL part=0
20 7000 LEDGER instrument=0 account=0 amount=-2 balance=5 reference=14 asset=1 entry=DELIVERY part=0
21 7000 POSITION instrument=0 account=0 qty=-5 cost=-25000 realised=0 position=NET
'''.splitlines()


def record(*options):
    path = pathlib.Path(SCRATCH, f'run{next(NUMBERS)}')
    path.mkdir()
    good(run(RECORD, path, *options))
    return path


def journal(path, *arguments, code=0):
    return good(run(REPLAY, 'journal', *arguments, path), code)


def result(path, *arguments, code=0):
    return json.loads(journal(path, '--json', *arguments, code=code).splitlines()[-1])


def orders_named(lines):
    """Handles are the library's own: they become A, B, C as they appear."""
    names = {}

    def name(match):
        if match.group(1) not in names:
            names[match.group(1)] = 'ABC'[len(names)]
        return 'order=' + names[match.group(1)]
    return [re.sub(r'\border=(\d+)', name, line) for line in lines]


def events_of(text):
    return orders_named(line for line in text.splitlines() if line[0].isdigit())


def flip(path, byte):
    data = bytearray(path.read_bytes())
    data[byte] ^= 1
    path.write_bytes(data)


def every_event_is_a_line_with_all_its_fields():
    equal(events_of(journal(record(), '--print')), EVENTS)


def events_go_to_a_file():
    file = pathlib.Path(SCRATCH, 'events.txt')
    text = journal(record('segment=2'), '--events', file)
    equal(orders_named(file.read_text(encoding='ascii').splitlines()), EVENTS)
    equal(events_of(text), [])


def events_are_told_as_json():
    lines = journal(record(), '--print', '--json', '--from', 6, '--to', 6).splitlines()
    equal(len(lines), 10)  # 4 to 12 of the list, and the result
    fill = json.loads(lines[1])
    fill.pop('order')
    equal(fill, {'kind': 'FILL', 'seq': 5, 'time': 6000, 'flags': 0, 'instrument': 0, 'account': 1,
                 'side': 'BUY', 'liquidity': 'TAKER', 'status': 'FILLED', 'reason': 0, 'px': 5000,
                 'qty': 3, 'leaves': 0})


def from_and_to_choose_commands():
    path = record('snapshot=4')
    equal(events_of(journal(path, '--print', '--from', 3, '--to', 4)), EVENTS[:2])
    # Of command 6 on: the names begin with the first that is seen.
    lines = events_of(journal(path, '--print', '--from', 7))
    equal([line.split()[:3] for line in lines], [line.split()[:3] for line in EVENTS[12:]])


def the_newest_snapshot_before_from_is_taken():
    path = record('snapshot=4')
    for start, seq, commands in ((1, 0, 7), (4, 0, 7), (5, 4, 3), (7, 4, 3)):
        found = result(path, '--from', start)
        equal((found['snapshot_seq'], found['commands']), (seq, commands))
    equal(result(path)['snapshot_seq'], 0)


def wherever_it_begins_the_end_is_the_same():
    path = record('snapshot=5', 'commands=60')
    for key in ('seq', 'event_slots', 'event_hash', 'state_digest'):
        equal(result(path)[key], result(path, '--from', 6)[key])
    assert result(path)['state_digest'] != result(path, '--to', 58)['state_digest']
    # 21 of the small market; then ACCEPTED and CANCELED of 26 orders, and one that stays.
    equal(result(path)['event_slots'], 21 + 26 * 2 + 1)
    equal(result(path, '--from', 6)['events'], 21 + 26 * 2 + 1)
    assert 'events          74, in 74 slots\n' in journal(path)


def checkpoints_are_compared():
    found = result(record('checks=2', 'segment=3'), '--verify')
    equal((found['checkpoints'], found['checkpoints_equal'], found['differs']), (3, 3, False))
    assert 'checkpoints     3 equal\n' in journal(record('checks=2'), '--verify')


def a_checkpoint_that_differs_is_said_with_its_place():
    path = record('checks=2', 'wrong=4')
    # Commands 1 and 2, a checkpoint, commands 3 and 4: five frames stand before it.
    done = run(REPLAY, 'journal', '--verify', path)
    refused(done, f'segment 1, byte {4096 + 5 * 128}: the checkpoint of command 4 differs', code=3)
    assert 'recorded 2 slots of events' in done.stderr and '; replayed 2, ' in done.stderr
    assert 'checkpoints     1 equal, then one that differs' in done.stdout
    equal(result(path, '--verify', code=3)['seq'], 4)
    good(run(REPLAY, 'journal', path))


def a_state_of_another_run_is_found_by_the_next_checkpoint():
    path = record('commands=60', 'checks=7')
    other = record('commands=60', 'alter=8', 'snapshot=12')
    shutil.copy(other / '12.snapshot', path)
    done = run(REPLAY, 'journal', '--verify', '--from', 13, path)
    refused(done, 'the checkpoint of command 14 differs', code=3)
    equal(result(path, '--verify')['checkpoints_equal'], 8)


def without_a_trail_the_first_checkpoint_says_what_was_before():
    path = record('checks=2', 'trail=0', 'snapshot=4')
    found = result(path, '--verify', '--from', 6)
    equal((found['snapshot_seq'], found['checkpoints_equal'], found['event_slots']), (4, 1, 21))
    found = result(path, '--from', 6)
    equal((found['event_slots_known'], found['event_slots']), (False, 19))
    equal(result(path)['event_slots_known'], True)


def a_torn_end_is_told_and_what_is_whole_is_replayed():
    found = result(record('torn=1'))
    equal((found['seq'], found['outcome'], found['segment'], found['byte']),
          (6, 'torn', 1, 4096 + 6 * 128))
    equal(events_of(journal(record('torn=1'), '--print')), EVENTS[:12])


def damage_is_refused_with_its_place():
    path = record('segment=3')
    flip(path / '000000000001.journal', 4096 + 128 + 64 + 40)
    done = run(REPLAY, 'journal', '--print', path)
    refused(done, 'the journal is damaged: segment 1, byte 4224, behind command 1')
    equal(done.stdout, '')


def a_missing_segment_is_damage():
    path = record('segment=3')
    (path / '000000000002.journal').unlink()
    refused(run(REPLAY, 'journal', path), 'segment 2, byte 0, behind command 3')


def a_damaged_snapshot_is_said_and_the_one_before_it_is_taken():
    for byte, message in ((5000, 'the snapshot is damaged'), (100, 'passed over')):
        path = record('snapshot=4')
        flip(path / '4.snapshot', byte)
        done = run(REPLAY, 'journal', '--print', '--from', 5, path)
        refused(done, message, code=0)
        equal(events_of(done.stdout), EVENTS[2:])
        assert '0.snapshot, behind command 0' in done.stdout


def snapshots_may_be_elsewhere_and_have_any_name():
    path = record()
    elsewhere = pathlib.Path(SCRATCH, 'elsewhere')
    elsewhere.mkdir()
    (path / '0.snapshot').rename(elsewhere / 'image')
    refused(run(REPLAY, 'journal', path), 'has no snapshot of command 0 or later')
    equal(result(path, '--snapshots', elsewhere)['seq'], 7)
    (elsewhere / 'image').rename(elsewhere / 'image.new')
    refused(run(REPLAY, 'journal', '--snapshots', elsewhere, path), 'has no snapshot')


def a_trimmed_journal_begins_with_the_snapshot_that_it_goes_on_from():
    path = record('segment=3', 'snapshot=4')
    (path / '000000000001.journal').unlink()
    equal((result(path)['snapshot_seq'], result(path)['commands']), (4, 3))
    refused(run(REPLAY, 'journal', '--from', 2, path), 'has no command 1')


def what_is_no_journal_is_refused():
    empty = pathlib.Path(SCRATCH, 'empty')
    empty.mkdir()
    refused(run(REPLAY, 'journal', empty), 'has no segment')
    refused(run(REPLAY, 'journal', f'{SCRATCH}/missing'), 'No such file')


def wrong_usage_is_exit_2():
    path = record()
    for arguments in ((), (path, path), ('--from', 0, path), ('--from', 'x', path),
                      ('--from', 5, '--to', 4, path), ('--bogus', path),
                      ('--print', '--events', 'x', path)):
        done = run(REPLAY, 'journal', *arguments)
        equal((done.returncode, done.stdout), (2, ''))
    assert 'DIR' in good(run(REPLAY, 'journal', '--help'))


def a_file_that_cannot_be_written_is_refused():
    refused(run(REPLAY, 'journal', '--events', f'{SCRATCH}/no/such', record()), 'No such file')
    refused(run(REPLAY, 'journal', '--events', '/dev/full', record()), 'cannot be written')


TESTS = functions_of(globals())

with tempfile.TemporaryDirectory() as SCRATCH:
    FAILED = play(TESTS)
sys.exit(FAILED)
