"""Runs tradsys-inspect on journals and snapshots of a small market that was worked out by hand.

usage: inspect_test.py INSPECT RECORD GOLDEN; writes TAP. RECORD is record_journal, which says what the
market is; GOLDEN is a journal that every version must read. There every frame of a command or a checkpoint has 128 bytes, from byte 4096 on, and
segments have 65536."""

import ctypes
import itertools
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile

from tap import equal, functions_of, good, play, refused, run

INSPECT, RECORD, GOLDEN = sys.argv[1:4]
NUMBERS = itertools.count()
ID = 'id 0000000000001267'  # 4711


def record(*options):
    path = pathlib.Path(SCRATCH, f'run{next(NUMBERS)}')
    path.mkdir()
    good(run(RECORD, path, *options))
    return path


def inspect(*arguments, code=0):
    return good(run(INSPECT, *arguments), code)


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def flip(path, byte):
    data = bytearray(path.read_bytes())
    data[byte] ^= 1
    path.write_bytes(data)


def only(rows, record_name):
    return [row for row in rows if row['record'] == record_name]


def without(row, *keys):
    return {key: value for key, value in row.items() if key not in keys}


# --- journals -------------------------------------------------------------------------------------

def segments_are_told_with_what_is_in_them():
    equal(inspect('journal', record('checks=2', 'segment=3')).splitlines(), [
        f'segment 1: {ID}, 65536 bytes, frames 4, commands 3 (1 to 3), checkpoints 1',
        f'segment 2: {ID}, 65536 bytes, frames 5, commands 3 (4 to 6), checkpoints 2',
        f'segment 3: {ID}, 65536 bytes, frames 1, commands 1 (7 to 7), checkpoints 0',
        'journal: clean, ends in segment 3 at byte 4224, frames 10, commands 7 (1 to 7), '
        'checkpoints 3'])


def one_segment_can_be_looked_at_by_itself():
    file = record('checks=2', 'segment=3') / '000000000002.journal'
    alone = file.with_name('copy')
    file.rename(alone)
    equal(inspect('journal', alone).splitlines()[0],
          f'segment 2: {ID}, 65536 bytes, frames 5, commands 3 (4 to 6), checkpoints 2')


def frames_are_told_with_their_places():
    lines = inspect('journal', '--frames', record('checks=2')).splitlines()
    frames = [re.sub(r' (before|hash)=[0-9a-f]{16}', '', line) for line in lines
              if line.startswith('frame ')]
    equal(frames[:3], [
        'frame segment=1 byte=4096 seq=1 time=1000 count=1 payload=1 synced=4096',
        'frame segment=1 byte=4224 seq=2 time=2000 count=1 payload=1 synced=4096',
        'frame segment=1 byte=4352 seq=3 time=2000 count=0 payload=1 synced=4096 '
        '+ CHECK seq=2 time=2000 events=0 digest=0000000000000000'])
    equal(len(frames), 10)
    hashes = [(row['before'], row['hash']) for row in only(objects(inspect(
        'journal', '--frames', '--json', record('checks=2'))), 'frame')]
    equal(hashes[0][0], '0' * 16)
    equal([before for before, _ in hashes[1:]], [own for _, own in hashes[:-1]])


def commands_are_told_with_all_their_fields():
    lines = inspect('journal', '--commands', record('commands=9')).splitlines()
    equal(lines[:9], [
        '1 1000 ACCOUNT instrument=0 account=0 group=0 action=1 role=2 margin=1 hedge=0 enabled=1 '
        'fees=0 parent=0 leverage=0',
        '2 2000 ACCOUNT instrument=0 account=1 group=0 action=1 role=2 margin=1 hedge=0 enabled=1 '
        'fees=0 parent=0 leverage=0',
        '3 3000 TRANSFER instrument=0 account=0 amount=10 reference=77 asset=1 to=0 action=DEPOSIT',
        '4 4000 TRANSFER instrument=0 account=1 amount=100000 reference=77 asset=0 to=0 '
        'action=DEPOSIT',
        '5 5000 NEW instrument=0 account=0 client_id=1 px=5000 qty=8 side=SELL type=LIMIT tif=GTC '
        'stp=NONE exec=0 position=NET',
        '6 6000 NEW instrument=0 account=1 client_id=1 px=5000 qty=3 side=BUY type=LIMIT tif=GTC '
        'stp=NONE exec=0 position=NET',
        '7 7000 NEW instrument=0 account=1 client_id=2 px=5100 qty=2 side=BUY type=LIMIT tif=GTC '
        'stp=NONE exec=0 position=NET',
        '8 8000 NEW instrument=0 account=1 client_id=8 px=100 qty=1 side=BUY type=LIMIT tif=GTC '
        'stp=NONE exec=0 position=NET',
        '9 9000 CANCEL instrument=0 account=1 target=8 qty=0'])


def commands_are_told_as_json():
    rows = objects(inspect('journal', '--commands', '--json', record()))
    equal(rows[6], {'kind': 'NEW', 'seq': 7, 'time': 7000, 'flags': 0, 'instrument': 0,
                    'account': 1, 'actor': 0, 'client_id': 2, 'px': 5100, 'qty': 2, 'side': 'BUY',
                    'type': 'LIMIT', 'tif': 'GTC', 'stp': 'NONE', 'exec': 0, 'position': 'NET'})
    equal(without(rows[-1], 'record'), {
        'outcome': 'clean', 'segment': 1, 'byte': 4096 + 7 * 128, 'frames_behind': 0, 'frames': 7,
        'commands': 7, 'first': 1, 'last': 7, 'checkpoints': 0})


def an_interrupted_write_is_no_failure():
    assert inspect('journal', record('torn=1')).endswith(
        f'journal: torn, ends in segment 1 at byte {4096 + 6 * 128}, frames 6, commands 6 (1 to 6), '
        'checkpoints 0\n')


def what_stands_behind_a_gap_is_counted():
    path = record()
    flip(path / '000000000001.journal', 4096 + 3 * 128 + 70)
    # Command 4 is gone; nobody knew it to be on the disk; 5, 6 and 7 are whole.
    assert inspect('journal', path).endswith(
        f'journal: gap, ends in segment 1 at byte {4096 + 3 * 128}, whole frames behind it 3, '
        'frames 3, commands 3 (1 to 3), checkpoints 0\n')


def a_torn_end_that_was_given_up_is_told_with_its_segment():
    """What make_journal.py says it has written: a segment whose last frame never came to the disk,
    and one that goes on behind the one before."""
    lines = inspect('journal', GOLDEN).splitlines()
    # Frames of 1, 5 and 2 slots, from byte 4096 on; then the torn one. In the second of 1, 2, 1.
    equal(lines, ['segment 1: id 0123456789abcdef, 65536 bytes, torn at byte 4608, frames 3, '
                  'commands 3 (1 to 3), checkpoints 1',
                  'segment 2: id 0123456789abcdef, 65536 bytes, frames 3, commands 1 (4 to 4), '
                  'checkpoints 0',
                  'journal: clean, ends in segment 2 at byte 4352, frames 6, commands 4 (1 to 4), '
                  'checkpoints 1'])
    rows = only(objects(inspect('journal', '--json', GOLDEN)), 'segment')
    equal([(row['stop'], row['stop_byte']) for row in rows], [('torn', 4608), ('clean', 4352)])


def damage_is_told_with_its_place_and_what_was_read_before():
    path = record('segment=3')
    flip(path / '000000000001.journal', 4096 + 128 + 70)
    done = run(INSPECT, 'journal', path)
    refused(done, 'the journal is damaged: segment 1, byte 4224')
    assert 'journal: corrupt, ends in segment 1 at byte 4224' in done.stdout, done.stdout
    assert 'frames 1, commands 1 (1 to 1)' in done.stdout


def a_first_segment_without_frames_is_damage_if_another_goes_on():
    path = record('segment=3')
    flip(path / '000000000001.journal', 4096 + 70)
    done = run(INSPECT, 'journal', path)
    refused(done, 'the journal is damaged: segment 1, byte 4096')
    # Without it the rest is a journal whose beginning was removed.
    (path / '000000000001.journal').unlink()
    assert 'commands 4 (4 to 7)' in inspect('journal', path)


def a_file_cut_short_is_told_with_its_size():
    path = record()
    file = path / '000000000001.journal'
    file.write_bytes(file.read_bytes()[:4096 + 128 + 10])
    lines = inspect('journal', path).splitlines()
    equal(lines, [f'segment 1: {ID}, 65536 bytes (the file has 4234), torn at byte 4224, frames 1, '
                  'commands 1 (1 to 1), checkpoints 0',
                  'journal: torn, ends in segment 1 at byte 4224, frames 1, commands 1 (1 to 1), '
                  'checkpoints 0'])


def a_segment_whose_making_was_interrupted_is_told():
    path = record()
    (path / '000000000002.journal').write_bytes(b'')
    lines = inspect('journal', path).splitlines()
    equal(lines[1], 'segment 2: without a whole head (the file has 0), frames 0, commands 0, '
                    'checkpoints 0')
    assert lines[2].startswith('journal: clean')


# --- snapshots ------------------------------------------------------------------------------------

def the_head_of_a_snapshot_is_told():
    path = record('snapshot=6', 'checks=6')
    row = objects(inspect('snapshot', '--json', path / '6.snapshot'))[-1]
    size = (path / '6.snapshot').stat().st_size
    # Twelve events up to command 6, each of one slot.
    for key, value in (('format', 1), ('seq', 6), ('time', 6000), ('events', 12),
                       ('event_slots', 12), ('size', size), ('readable', True)):
        equal((key, row[key]), (key, value))
    check = [row for row in objects(inspect('journal', '--frames', '--json', path))
             if 'check' in row][0]['check']
    equal((check['seq'], check['events'], check['digest']), (6, 12, row['event_hash']))
    text = inspect('snapshot', path / '6.snapshot')
    assert 'command         6, time 6000\n' in text and 'every byte is right' in text, text


def pages_are_told_with_their_parts():
    path = record()
    rows = objects(inspect('snapshot', '--pages', '--json', path / '0.snapshot'))
    pages, head = only(rows, 'page'), rows[-1]
    equal(len(pages), head['pages'])
    numbers = [page['number'] for page in pages]
    equal(numbers, sorted(set(numbers)))
    assert all(page['at'] == page['number'] * 4096 for page in pages)
    found = {}
    for page in pages:
        for part in page['parts'].split('+'):
            found[part] = found.get(part, 0) + 1
    equal(found, {part: count for part, count in head['parts'].items() if count > 0})


def every_flipped_bit_of_a_snapshot_is_told():
    path = record()
    size = (path / '0.snapshot').stat().st_size
    for byte, message in ((0, 'is not a snapshot'), (30, 'the head is wrong'),
                          (8, 'a format that this program does not know'),
                          (128, 'a page is out of order'), (128 + 8, 'the hash of a page is wrong'),
                          (128 + 16, 'byte 128: the hash of a page is wrong'),
                          (size - 1, 'the hash of the end is wrong')):
        copy = path / f'{byte}'
        copy.write_bytes((path / '0.snapshot').read_bytes())
        flip(copy, byte)
        if byte == 128:
            data = bytearray(copy.read_bytes())
            data[128:136] = (1 << 40).to_bytes(8, 'little')
            copy.write_bytes(data)
        refused(run(INSPECT, 'snapshot', copy), message)


def page_twice(data):
    """The first page, which is a mark of 16 bytes and 4096 behind it, stands there again."""
    return data[:128 + 4112] + data[128:]


def a_snapshot_cut_short_or_too_long_is_told():
    path = record()
    data = (path / '0.snapshot').read_bytes()
    for content, message in ((data[:-1], 'the end is missing'), (data[:100], 'the end is missing'),
                             (data[:3000], 'the end is missing'),
                             (data + b'x', 'there are bytes behind the end'),
                             (data[:-16 - 16 - 4096] + data[-16:], 'the pages are not those'),
                             (page_twice(data), 'byte 4240: a page is out of order')):
        (path / 'other').write_bytes(content)
        refused(run(INSPECT, 'snapshot', path / 'other'), message)


def with_layout(data, layout):
    """A whole snapshot of another library: the head with another layout, and the hashes of it."""
    xxh = ctypes.CDLL('libxxhash.so.0')
    xxh.XXH3_64bits.restype = ctypes.c_uint64
    xxh.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    data = bytearray(data)
    data[16:24] = struct.pack('<Q', layout)
    data[120:128] = struct.pack('<Q', xxh.XXH3_64bits(bytes(data[:120]), 120))
    pair = bytes(data[120:128] + data[96:104])  # head_hash and digest
    data[-8:] = struct.pack('<Q', xxh.XXH3_64bits(pair, 16))
    return bytes(data)


def a_snapshot_of_another_layout_is_verified_and_not_read():
    path = record()
    data = (path / '0.snapshot').read_bytes()
    equal(with_layout(data, struct.unpack_from('<Q', data, 16)[0]), data)
    other = path / 'other'
    other.write_bytes(with_layout(data, 1))
    row, = objects(inspect('snapshot', '--json', other))
    equal((row['layout'], row['readable'], row['parts']), ('0000000000000001', False, {}))
    assert 'laid out otherwise' in inspect('snapshot', other)
    refused(run(INSPECT, 'state', other), 'laid out otherwise')
    flip(other, 5000)
    refused(run(INSPECT, 'snapshot', other), 'the snapshot is damaged')


# --- states ---------------------------------------------------------------------------------------

def a_state_is_told_as_json():
    """After command 6: Bert has 3 coins and 85,000 cents, Anne 5 coins for sale and 2 more."""
    rows = objects(inspect('state', '--json', record('snapshot=6') / '6.snapshot'))
    money = {(row['account'], row['asset']): (row['free'], row['locked'])
             for row in only(rows, 'balance')}
    equal(money, {(0, 1): (2, 5), (1, 0): (85000, 0), (0, 0): (15000, 0), (1, 1): (3, 0)})
    equal({row['account']: (row['qty'], row['cost']) for row in only(rows, 'position')},
          {0: (-3, -15000), 1: (3, 15000)})
    order, = only(rows, 'order')
    equal((order['account'], order['client_id'], order['leaves'], order['executed']), (0, 1, 5, 3))
    equal(only(rows, 'level'), [{'record': 'level', 'instrument': 0, 'side': 'SELL', 'px': 5000,
                                 'qty': 5, 'count': 1}])
    equal([row['symbol'] for row in only(rows, 'asset')], ['USD', 'COIN'])


def a_state_is_told_as_tables():
    text = inspect('state', record('snapshot=6') / '6.snapshot')
    tables = dict(re.findall(r'^--- (\w+) \(\d+\)\n(.*?)\n\n', text, re.MULTILINE | re.DOTALL))
    equal(tables['level'].split('\n'), ['instrument  side    px  qty  count',
                                        '         0  SELL  5000    5      1'])
    equal(tables['position'].split('\n')[0].split()[:5],
          ['account', 'instrument', 'side', 'qty', 'cost'])
    assert 'end' not in tables
    # Too wide for a table: a list.
    assert re.search(r'^  symbol +X$', tables['instrument'], re.MULTILINE), tables['instrument']
    for name in ('engine', 'asset', 'fees', 'profile', 'account', 'balance', 'order'):
        assert name in tables, name


def columns_that_some_rows_do_not_have_stay_empty():
    text = inspect('state', record() / '0.snapshot')
    table = re.search(r'^--- asset \(2\)\n(.*?)\n\n', text, re.MULTILINE | re.DOTALL).group(1)
    header, dollar, coin = table.split('\n')
    at = header.index('numerator') + len('numerator')
    equal((dollar[at - 1], coin[at - 1]), ('1', ' '))
    # The balances of eight accounts of the venue are one column.
    equal([row.split()[-1] for row in (header, dollar, coin)], ['venue'] + ['[0,0,0,0,0,0,0,0]'] * 2)


def the_best_levels_are_told():
    path = record('commands=8', 'snapshot=8') / '8.snapshot'
    # A bid at 1.00, and Anne's 3 coins at 50.00.
    equal([(row['side'], row['px'], row['qty']) for row in only(objects(
        inspect('state', '--json', '--depth', 1, path)), 'level')],
          [('BUY', 100, 1), ('SELL', 5000, 3)])


# --- two snapshots --------------------------------------------------------------------------------

def snapshots_of_one_state_do_not_differ():
    first, second = record('snapshot=6'), record('snapshot=6', 'segment=2', 'checks=1')
    text = inspect('diff', first / '6.snapshot', second / '6.snapshot')
    equal(text.splitlines(), ['pages that differ: 0',
                              'lines of the export: 0 only in A, 0 only in B',
                              'the states are the same'])


def lines_that_differ_are_told():
    """In the second market Bert's first order has one lot more: he gets 4 coins for 20,000."""
    paths = [record('snapshot=6', *more) / '6.snapshot' for more in ((), ('alter=6',))]
    rows = objects(inspect('diff', '--json', *paths, code=3))
    lines = {}
    for row in only(rows, 'line'):
        lines.setdefault((row['line']['record'], row['side']), []).append(row['line'])
    equal({name for name, _ in lines}, {'balance', 'position', 'order'})
    money = {side: {(row['account'], row['asset']): row['free'] for row in lines['balance', side]}
             for side in 'ab'}
    equal(money, {'a': {(0, 1): 2, (1, 0): 85000, (0, 0): 15000, (1, 1): 3},
                  'b': {(0, 1): 2, (1, 0): 80000, (0, 0): 20000, (1, 1): 4}})
    equal([lines['order', side][0]['leaves'] for side in 'ab'], [5, 4])
    equal([sorted(row['qty'] for row in lines['position', side]) for side in 'ab'],
          [[-3, 3], [-4, 4]])
    last = rows[-1]
    equal((last['same'], last['lines_only_in_a'], last['lines_only_in_b']),
          (False, *(sum(row['side'] == side for row in only(rows, 'line')) for side in 'ab')))
    text = inspect('diff', *paths, code=3)
    assert '- {"record":"order"' in text and '+ {"record":"order"' in text, text
    assert text.endswith('the states differ\n')


def records_that_one_side_does_not_have_are_told():
    path = record('snapshot=3')
    rows = objects(inspect('diff', '--json', path / '0.snapshot', path / '3.snapshot', code=3))
    told = [(row['side'], row['line']['record']) for row in only(rows, 'line')]
    # Two accounts and a balance, and what counts: the engine's numbers, the coins outside, the end.
    equal(told, [('a', 'engine'), ('b', 'engine'), ('a', 'asset'), ('b', 'asset'),
                 ('b', 'account'), ('b', 'account'), ('b', 'balance'), ('a', 'end'), ('b', 'end')])
    back = objects(inspect('diff', '--json', path / '3.snapshot', path / '0.snapshot', code=3))
    equal(sorted((('b' if side == 'a' else 'a'), name) for side, name in told),
          sorted((row['side'], row['line']['record']) for row in only(back, 'line')))


def pages_that_differ_are_told_with_their_parts():
    path = record('snapshot=3')
    rows = objects(inspect('diff', '--json', '--pages', path / '0.snapshot', path / '3.snapshot',
                           code=3))
    pages = only(rows, 'page')
    equal(len(pages), rows[-1]['pages'])
    assert rows[-1]['parts']['accounts'] > 0 and rows[-1]['pages_comparable']
    assert any('accounts' in page['parts'] for page in pages)


def a_difference_that_no_line_has_is_told():
    """With a trail or without: of that an export says nothing."""
    paths = record() / '0.snapshot', record('trail=0') / '0.snapshot'
    text = inspect('diff', *paths, code=3)
    assert 'differ in something that the export does not have' in text, text


def what_is_no_snapshot_is_not_compared():
    path = record()
    refused(run(INSPECT, 'diff', path / '0.snapshot', path / '000000000001.journal'),
            'is not a snapshot')
    equal(run(INSPECT, 'diff', path / '0.snapshot').returncode, 2)


# --- as text, and back ----------------------------------------------------------------------------

def imported(text, *options, code=0):
    path = pathlib.Path(SCRATCH, f'text{next(NUMBERS)}')
    path.write_text(text)
    snapshot = path.with_suffix('.snapshot')
    return snapshot, run(INSPECT, 'import', *options, path, snapshot)


def digest_of(path):
    return objects(inspect('snapshot', '--json', path))[-1]['state_digest']


def a_text_is_lines_of_json_that_begin_with_what_the_engine_is_made_of():
    rows = objects(inspect('text', record('snapshot=6') / '6.snapshot'))
    equal((rows[0]['text'], rows[0]['seq']), (1, 6))
    equal((rows[-1]['end']), len(rows))
    # As a_state_is_told_as_json: Bert, account 1, has 3 coins and 85,000 cents.
    money = {(row.get('account', 0), row.get('asset', 0)): (row.get('free', 0), row.get('locked', 0))
             for row in rows if row.get('row') == 'balance'}
    equal(money, {(0, 1): (2, 5), (1, 0): (85000, 0), (0, 0): (15000, 0), (1, 1): (3, 0)})


def a_text_becomes_the_snapshot_that_it_was():
    before = record('snapshot=6') / '6.snapshot'
    after, done = imported(inspect('text', before))
    assert 'the engine is the one that was written' in good(done)
    equal(after.read_bytes(), before.read_bytes())
    equal(list(after.parent.glob('*.new')), [])


def a_text_becomes_a_larger_engine_with_the_same_state():
    before = record('snapshot=6') / '6.snapshot'
    after, done = imported(inspect('text', before), '--set', 'orders_max=5000', '--set', 'window=64')
    assert 'made anew, and audited' in good(done)
    was, now = (objects(inspect('state', '--json', path)) for path in (before, after))
    equal((was[0].pop('orders_max') < 5000, now[0].pop('orders_max')), (True, 5000))
    equal(was, now)


def a_larger_engine_goes_on_as_the_first_one():
    path = record('commands=12', 'snapshot=6', 'checks=2')
    after, done = imported(inspect('text', path / '6.snapshot'), '--set', 'accounts_max=2000')
    good(done)
    (path / '6.snapshot').unlink()
    (path / '0.snapshot').unlink()
    after.rename(path / '6.snapshot')
    replay = pathlib.Path(INSPECT).parents[1] / 'replay' / 'tradsys-replay'
    good(run(replay, 'journal', '--verify', path))


def an_edited_text_is_told_as_such():
    text = inspect('text', record('snapshot=6') / '6.snapshot')
    money = text.replace('"free":85000,', '"free":86000,', 1)
    snapshot, done = imported(money)
    refused(done, 'not the engine that was written')
    assert not snapshot.exists()
    # And somebody must have brought it: the balances of all sum to zero.
    refused(imported(money, '--edited')[1], 'rows contradict each other')
    outside = re.search(r'"venue\[0\]":(-\d+)', money)
    whole = money.replace(outside.group(), f'"venue[0]":{int(outside.group(1)) - 1000}', 1)
    snapshot, done = imported(whole, '--edited')
    good(done)
    balance, = [row for row in only(objects(inspect('state', '--json', snapshot)), 'balance')
                if (row['account'], row['asset']) == (1, 0)]
    equal(balance['free'], 86000)


def what_is_wrong_in_a_text_is_told_with_its_place():
    text = inspect('text', record('snapshot=6') / '6.snapshot')
    line = 1 + text[:text.index('"free":85000')].count('\n')
    wrong = text.replace('"free":85000', '"fre":85000', 1)
    number = json.loads(text.splitlines()[line - 1])['at']
    refused(imported(wrong)[1], f':{line}: column 26, balance {number}, fre: no such field')
    assert 'passed over: 1' in good(imported(text.replace('"free":85000', '"free":85000,"hue":1', 1),
                                             '--pass-over')[1])
    refused(imported(text[:-30])[1], 'the end is missing')
    refused(imported('{"record":"engine"}\n')[1], ':1: column')
    refused(imported('x')[1], 'no text of an engine')


def what_is_there_is_not_written_over():
    before = record('snapshot=6') / '6.snapshot'
    text = pathlib.Path(SCRATCH, f'text{next(NUMBERS)}')
    text.write_text(inspect('text', before))
    bytes_before = before.read_bytes()
    refused(run(INSPECT, 'import', text, before), 'File exists')
    equal(before.read_bytes(), bytes_before)


def capacities_that_cannot_be_are_refused():
    text = inspect('text', record('snapshot=6') / '6.snapshot')
    equal(imported(text, '--set', 'hues_max=1')[1].returncode, 2)
    equal(imported(text, '--set', 'orders_max')[1].returncode, 2)
    refused(imported(text, '--set', 'orders_max=1')[1], 'less than it was')
    refused(imported(text, '--set', 'orders_max=0')[1], 'no engine can be made')


# --- progress ---------------------------------------------------------------------------------------

def a_bar_is_shown_on_a_terminal_only():
    path = record('commands=6000', 'checks=6000')
    for options, shown in (((), True), (('--quiet',), False), (('--frames',), False)):
        ours, theirs = pty.openpty()
        subprocess.run([INSPECT, 'journal', *options, path], stdout=subprocess.DEVNULL,
                       stderr=theirs, check=True, timeout=60)
        os.set_blocking(ours, False)
        try:
            said = os.read(ours, 4096)
        except BlockingIOError:
            said = b''
        os.close(theirs)
        os.close(ours)
        equal((options, b'%' in said), (options, shown))
    equal(run(INSPECT, 'journal', path).stderr, '')


# --- the command line -----------------------------------------------------------------------------

def wrong_usage_is_exit_2():
    path = record()
    for arguments in ((), ('books', path), ('journal',), ('journal', path, path),
                      ('journal', '--bogus', path), ('journal', '--pages', path),
                      ('snapshot', '--frames', path / '0.snapshot'),
                      ('state', '--depth', 0, path / '0.snapshot'),
                      ('state', '--depth', 'x', path / '0.snapshot'),
                      ('text', '--json', path / '0.snapshot'), ('import', path / '0.snapshot'),
                      ('state', '--edited', path / '0.snapshot')):
        done = run(INSPECT, *arguments)
        equal((arguments, done.returncode, done.stdout), (arguments, 2, ''))
    assert 'tradsys-inspect state' in inspect('--help')
    assert re.fullmatch(r'tradsys-inspect \d+\.\d+\.\d+\n', inspect('--version'))


def what_is_missing_is_said():
    for word in ('journal', 'snapshot', 'state'):
        refused(run(INSPECT, word, f'{SCRATCH}/missing'), 'tradsys-inspect: ')
        refused(run(INSPECT, word, f'{SCRATCH}/missing'), 'No such file')
    path = record()
    refused(run(INSPECT, 'state', path / '000000000001.journal'), 'is not a snapshot')
    (path / 'short').write_bytes(b'!TRD')
    refused(run(INSPECT, 'snapshot', path / 'short'), 'is not a snapshot')


TESTS = functions_of(globals())

with tempfile.TemporaryDirectory() as SCRATCH:
    FAILED = play(TESTS)
sys.exit(FAILED)
