"""A reader of snapshots that knows docs/formats/snapshot.md alone (tests/golden/read_snapshot.py) and
tradsys-inspect say the same of a snapshot that the library has written, and of the golden one.

usage: snapshot_test.py INSPECT RECORD GOLDEN; writes TAP. RECORD is record_journal; GOLDEN the
directory tests/golden."""

import json
import pathlib
import sys
import tempfile

from tap import equal, functions_of, good, play, run

INSPECT, RECORD, GOLDEN = sys.argv[1:4]
sys.path.insert(0, GOLDEN)
from read_snapshot import Wrong, read  # noqa: E402

GOLDEN_SNAPSHOT = pathlib.Path(GOLDEN, 'snapshot-1', '42.snapshot')


def inspected(path):
    rows = [json.loads(line) for line in good(run(INSPECT, 'snapshot', '--pages', '--json', path)).splitlines()]
    return rows[-1], [row for row in rows if row['record'] == 'page']


def recorded(*options):
    good(run(RECORD, SCRATCH, *options))
    return pathlib.Path(SCRATCH, '6.snapshot')


def same_head(path):
    told, _ = inspected(path)
    ours = read(path.read_bytes())
    version = ours['version']
    equal(told['version'], f'{version >> 16}.{version >> 8 & 255}.{version & 255}')
    for theirs, name in (('layout', 'layout'), ('event_hash', 'hash'), ('state_digest', 'digest')):
        equal((theirs, int(told[theirs], 16)), (theirs, ours[name]))
    for theirs, name in (('format', 'format'), ('seq', 'seq'), ('time', 'time'), ('events', 'events'),
                         ('event_slots', 'slots'), ('size', 'size'), ('pages', 'pages'),
                         ('block_size', 'block_size')):
        equal((theirs, told[theirs]), (theirs, ours[name]))
    return told


def the_golden_head_is_told_as_it_was_written():
    told = same_head(GOLDEN_SNAPSHOT)
    equal((told['seq'], told['time'], told['events'], told['block_size']), (42, -5, 99, 14400))
    equal(told['readable'], False)


def a_head_of_the_library_is_what_the_page_says():
    equal(same_head(recorded('snapshot=6'))['seq'], 6)


def pages_of_the_library_are_what_the_page_says():
    path = recorded('snapshot=6')
    _, pages = inspected(path)
    equal([(row['number'], row['size'], int(row['hash'], 16)) for row in pages],
          [(page['number'], page['size'], page['hash']) for page in read(path.read_bytes())['stored']])
    assert len(pages) > 10


def both_refuse_the_same_damage():
    good_bytes = GOLDEN_SNAPSHOT.read_bytes()
    path = pathlib.Path(SCRATCH, 'damaged')
    damages = [good_bytes[:-1], good_bytes + b'x', good_bytes[:4000], good_bytes[:128] + good_bytes[4240:]]
    damages += [good_bytes[:at] + bytes([good_bytes[at] ^ 1]) + good_bytes[at + 1:]
                for at in range(0, len(good_bytes), 37)]
    for number, data in enumerate(damages):
        path.write_bytes(data)
        try:
            read(data)
            ours = 0
        except Wrong:
            ours = 1
        equal((number, run(INSPECT, 'snapshot', path).returncode), (number, ours))
        equal((number, ours), (number, 1))


TESTS = functions_of(globals())

with tempfile.TemporaryDirectory() as SCRATCH:
    FAILED = play(TESTS)
sys.exit(FAILED)
