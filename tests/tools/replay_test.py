"""Runs tradsys-replay and tradsys-generate on small files whose results were worked out by hand.

usage: replay_test.py REPLAY GENERATE DATA_DIRECTORY; writes TAP."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zlib

import itch_bytes

REPLAY, GENERATE, DATA = sys.argv[1:4]
ORDERS = '# tradsys-orders 1\n'
AAA = 'instrument,AAA,0.01,1,0.01,100.00,1,1000\n'
LEVELS = '# kind,frame,recv_time_s,symbol,side,price,qty\n'


# How a command loses root's right to read what it may not: a machine that builds often is root.
WITHOUT_RIGHTS = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search']


def run(*arguments, before=()):
    return subprocess.run([*before, REPLAY, *map(str, arguments)], capture_output=True, text=True,
                          check=False, timeout=60)


def write(name, content):
    path = pathlib.Path(SCRATCH, name)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def replay(path, *arguments, code=0):
    done = run('--json', *arguments, path)
    assert done.returncode == code, f'exit {done.returncode}, not {code}: {done.stderr}'
    return json.loads(done.stdout)


def refuse(path, message, *arguments, code=1, before=()):
    done = run(*arguments, path, before=before)
    assert done.returncode == code, f'exit {done.returncode}, not {code}: {done.stderr}'
    assert message in done.stderr, f'{done.stderr!r} does not say {message!r}'
    assert done.stdout == '', done.stdout


def equal(found, expected):
    assert found == expected, f'{found!r}, expected {expected!r}'


def level(px, qty, orders):
    return {'px': px, 'qty': qty, 'orders': orders}


# --- Order files ----------------------------------------------------------------------------------

def orders_execute_by_price_and_time():
    fills = pathlib.Path(SCRATCH, 'fills.csv')
    found = replay(f'{DATA}/orders_basic.csv', '--trades', fills)
    row = found['symbols'][0]
    equal(found['messages'], 9)
    equal(found['executions'], 3)
    equal((row['volume'], row['value']), ('150', '1503'))
    equal(row['bids'], [level('9.95', '10', 1)])
    equal(row['asks'], [level('10.1', '40', 1)])
    equal(found['counters']['commands'], {'NEW': 6, 'CANCEL': 1, 'REPLACE': 1, 'REDUCE': 1})
    assert 'rejects' not in found['counters']
    # The number of an execution is that of its event: accepted 1 to 4, fills 5 to 8, and so on.
    equal(fills.read_text(encoding='ascii').splitlines()[1:],
          ['5,4,AAA,sell,10,100,4,1', '7,4,AAA,sell,10,20,4,2', '12,7,AAA,buy,10.1,30,5,3'])


def every_reason_to_refuse_an_order_is_counted_by_its_name():
    path = pathlib.Path(DATA, 'orders_rejects.csv')
    expected = {}
    for reason in re.findall(r'^# expect (\w+)$', path.read_text(encoding='ascii'), re.MULTILINE):
        expected[reason] = expected.get(reason, 0) + 1
    found = replay(path)
    equal(expected.pop('text'), 2)
    equal(found['counters']['rows'], {'bad, skipped': 0,
                                      'refused, price no whole number of ticks': 1,
                                      'refused, quantity no whole number of lots': 1})
    equal(found['counters']['rejects'], expected)
    equal(found['counters']['matcher']['resting orders'], 2)


def a_quantcup_feed_is_recognised():
    # 3 sells 600 at 47.99: 300 to order 2 at 48.00, 300 to order 1 at 47.99, which keeps 200 and is
    # canceled; order 2 is gone then; orders 7 and 0 never were.
    found = replay(f'{DATA}/quantcup_small.csv')
    row = found['symbols'][0]
    equal(found['format'], 'quantcup')
    equal((found['executions'], row['volume'], row['value']), (2, '600', '28797'))
    equal((row['bids'], row['asks']), ([], [level('48.01', '50', 1)]))
    equal(found['counters']['rejects'], {'UNKNOWN_ORDER': 3})
    equal(found['counters']['ends'], {'USER': 1})


def the_ladder_has_as_many_levels_as_asked_for():
    rows = ''.join(f'new,1,AAA,1,{i},buy,limit,gtc,{i}.00,{i}\n' for i in range(1, 10))
    path = write('ladder.csv', ORDERS + AAA + rows)
    equal(replay(path, '--depth', 2)['symbols'][0]['bids'],
          [level('9', '9', 1), level('8', '8', 1)])
    text = run('--depth', 3, '--symbol', 'AAA', path).stdout
    assert '9 x 9' in text and '7 x 7' in text and '6 x 6' not in text, text


def bad_rows_stop_with_their_line():
    for row, message in [
            ('nonsense,1\n', 'row is none of'),
            ('new,1,AAA,1,1,buy\n', 'a new row has 10 to 12 fields'),
            ('new,x,AAA,1,1,buy,limit,gtc,1.00,1\n', 'time is not a number'),
            ('new,1,AAA,4294967296,1,buy,limit,gtc,1.00,1\n', 'account is not a number'),
            ('new,1,AAA,1,,buy,limit,gtc,1.00,1\n', 'client id is not a number'),
            ('new,1,AAA,1,18446744073709551616,buy,limit,gtc,1.00,1\n', 'client id is not a number'),
            ('new,1,AAA,1,1,both,limit,gtc,1.00,1\n', 'side is neither'),
            ('new,1,AAA,1,1,buy,guess,gtc,1.00,1\n', 'no such order type'),
            ('new,1,AAA,1,1,buy,limit,never,1.00,1\n', 'no such time in force'),
            ('new,1,AAA,1,1,buy,limit,gtc,1e2,1\n', 'price is not a decimal'),
            ('new,1,AAA,1,1,buy,limit,gtc,1.00,\n', 'quantity is not a decimal'),
            ('new,1,AAA,1,1,buy,limit,gtc,1.00,1,loud\n', 'no such flag'),
            ('cancel,1,AAA,1\n', 'a cancel row has 5 fields'),
            ('reduce,1,AAA,1,1\n', 'a reduce row has 6 fields'),
            ('replace,1,AAA,1,1,,1.00\n', 'a replace row has 8 fields'),
            (AAA, 'symbol is defined twice'),
            ('instrument,B B,0.01,1,0.01,1.00,1,10\n', 'printable'),
            ('instrument,BBBBBBBBBBBBBBBBBBBBBBBB,0.01,1,0.01,1.00,1,10\n', '1 to 23'),
            ('instrument,BBB,0,1,0.01,1.00,1,10\n', 'tick is not a decimal above zero'),
            ('instrument,BBB,0.01,1,2.00,1.00,1,10\n', 'px_min'),
            ('new,1,AAA,1,1' + ',' * 40 + '\n', 'a new row has 10 to 12 fields'),
            ('cancel,1,AAA,1,1', 'no newline at its end')]:
        path = write('bad.csv', ORDERS + AAA + row)
        refuse(path, 'bad.csv:3: ')
        refuse(path, message)


def lenient_counts_bad_rows_and_goes_on():
    path = write('lenient.csv', ORDERS + AAA + 'nonsense\nnew,1,AAA,1,1,buy,limit,gtc,1.00,5\nnew\n')
    refuse(path, 'lenient.csv:3:')
    found = replay(path, '--lenient')
    equal(found['counters']['rows']['bad, skipped'], 2)
    equal(found['symbols'][0]['bids'], [level('1', '5', 1)])


# --- Level recordings -----------------------------------------------------------------------------

def levels_book(digits, *more, price='10.10'):
    rows = [f'S,0,1.0,X/Y,a,{price},1.000', 'S,0,1.0,X/Y,a,10.20,2.500', 'S,0,1.0,X/Y,b,9.05,0.750',
            *more, f'K,1,2.0,X/Y,,,{zlib.crc32(digits.encode())}']
    return LEVELS + '\n'.join(rows) + '\n'


def checksums_are_of_asks_then_bids_without_points_and_leading_zeros():
    for digits, more in [
            ('1010' '1000' '1020' '2500' '905' '750', []),
            ('1020' '2500' '905' '750', ['U,1,2.0,X/Y,a,10.10,0.000']),
            ('1010' '1000' '1020' '2500' '906' '5' '905' '750', ['U,1,2.0,X/Y,b,9.06,0.005'])]:
        found = replay(write('levels.csv', levels_book(digits, *more)))
        equal((found['checksums'], found['checksums_equal']), (1, 1))


def a_wrong_checksum_is_counted_and_fails():
    path = write('wrong.csv', levels_book('1010' '1000'))
    found = replay(path, code=3)
    equal((found['checksums'], found['checksums_equal']), (1, 0))
    assert '1 of 1 checksums differ' in run(path).stderr


def levels_behind_the_thousandth_are_cut_after_each_frame():
    asks = ''.join(f'S,0,1.0,X/Y,a,{i}.00,1.000\n' for i in range(1, 1004))
    path = write('cut.csv', LEVELS + asks + 'U,1,2.0,X/Y,a,1.00,0.000\n')
    found = replay(path, '--depth', 1000)
    equal(found['counters']['odd']['levels cut behind the thousandth'], 3)
    # 1 to 1000 stay after the snapshot; the removal of the first leaves 999.
    asks = found['symbols'][0]['asks']
    equal((len(asks), asks[0]['px'], asks[-1]['px']), (999, '2', '1000'))


def a_snapshot_replaces_the_book():
    path = write('again.csv', levels_book('5' '7', 'S,1,2.0,X/Y,a,0.05,0.007'))
    found = replay(path)
    equal(found['checksums_equal'], 1)
    equal((found['symbols'][0]['bids'], found['symbols'][0]['asks']),
          ([], [level('0.05', '0.007', 0)]))


def bad_level_rows_stop_with_their_line():
    for row, message in [('S,0,1.0,X/Y,a,1.00\n', 'row does not have 7 fields'),
                         ('Z,0,1.0,X/Y,a,1.00,1\n', 'row is none of S, U, K'),
                         ('S,x,1.0,X/Y,a,1.00,1\n', 'frame is not a number'),
                         ('S,0,1.0,X Y,a,1.00,1\n', 'printable'),
                         ('S,0,1.0,X/Y,c,1.00,1\n', 'side is neither a nor b'),
                         ('S,0,1.0,X/Y,a,1.0.0,1\n', 'price is not a decimal'),
                         ('S,0,1.0,X/Y,a,1.00,-1\n', 'quantity is not a decimal'),
                         ('K,0,1.0,Q/Q,,,1\n', 'symbol has no levels'),
                         ('S,0,1.0,X/Y,a,1.00,1', 'no newline at its end')]:
        path = write('bad_levels.csv', LEVELS + row)
        refuse(path, 'bad_levels.csv:2: ')
        refuse(path, message)


# --- ITCH -----------------------------------------------------------------------------------------

def check_small(found):
    row = found['symbols'][0]
    equal(found['messages'], len(itch_bytes.SMALL))
    equal(found['counters']['executions of the venue'], {
        'differs: reference unknown': 1,
        'differs: more than the order had left': 1,
        'differs: already traded here, against a crossing order': 1,
        'differs: partly traded here, against a crossing order': 1,
        "differs: executed at another price than the order's": 1,
        'differs: a better price was there': 1,
        'differs: another order was first at the price': 1,
        'same order executed by the matching engine': 2,
        'not printable': 0})
    odd = found['counters']['odd']
    equal(odd['references to unknown orders'], 2)
    equal(odd['deleted, order unknown'], 1)
    equal(odd['executed, order unknown'], 1)
    equal(odd['reductions by more than the order had'], 2)
    equal(odd['added, reference lives already'], 1)
    equal(odd['added across the other side of the book'], 1)
    equal(found['counters']['prints beside the book']['hidden, shares'], 17)
    # 60 and 10 at 10.00, 20 at 10.05, 25 at 9.90, 10 at 9.80, 5 at 9.00, 5 at 9.10, 6 at 20.00
    equal((row['symbol'], row['volume'], row['value']), ('ABC', '141', '1457'))
    equal((row['bids'], row['asks']), ([level('9.9', '5', 1)], [level('10.1', '30', 1)]))
    equal(found['counters']['books']["symbols whose matcher's book differs"], 1)


def every_difference_of_an_execution_has_its_class():
    check_small(replay(write('small.itch', itch_bytes.with_lengths(itch_bytes.SMALL))))


def zero_lengths_read_the_same():
    check_small(replay(write('zeros.itch', itch_bytes.with_zeros(itch_bytes.SMALL))))


def an_order_at_the_best_price_of_the_other_side_comes_in_across():
    for side, other, px in (('B', 'S', 100000), ('S', 'B', 100000)):
        for off, crossed in ((-100, side == 'S'), (0, True), (100, side == 'B')):
            found = replay(write('locked.itch', itch_bytes.with_lengths(
                [itch_bytes.add(1, 1, other, 5, 'ABC', px),
                 itch_bytes.add(1, 2, side, 5, 'ABC', px + off)])))
            equal(found['counters']['odd']['added across the other side of the book'],
                  int(crossed))
            equal(found['counters']['matcher']['executions'], int(crossed))


def an_instrument_without_directory_is_made_on_first_sight():
    found = replay(write('no_directory.itch', itch_bytes.with_lengths(
        [itch_bytes.add(3, 1, 'B', 5, 'NEWCO', 123456)])))
    equal(found['counters']['odd']['instruments without a directory message'], 1)
    equal(found['symbols'][0]['symbol'], 'NEWCO')
    equal(found['symbols'][0]['bids'], [level('12.3456', '5', 1)])


def a_file_that_ends_inside_a_message_is_refused_at_its_byte():
    whole = itch_bytes.with_lengths(itch_bytes.SMALL)
    first = 2 + len(itch_bytes.SMALL[0])
    path = write('cut.itch', whole[:first + 20])
    refuse(path, f'byte {first}: file ends inside a message')
    found = replay(path, '--lenient')
    equal((found['messages'], found['counters']['odd']['file ends inside a message']), (1, 1))
    broken = itch_bytes.with_zeros(itch_bytes.SMALL[:2]) + b'\0\0?????????????'
    refuse(write('broken.itch', broken), f'byte {len(broken) - 15}: no ITCH 5.0 message')


def what_itch_cannot_hold_is_left_out_of_the_feed_and_said():
    path = write('fine.csv', ORDERS + 'instrument,AAA,0.00001,1,0.00001,9.00000,1,10\n'
                 'new,1,AAA,1,1,buy,limit,gtc,1.00001,5\nnew,1,AAA,1,2,buy,limit,gtc,1.0001,5\n')
    feed = f'{SCRATCH}/fine.itch'
    replay(path, '--write-itch', feed, code=3)
    assert '1 messages do not fit ITCH' in run('--write-itch', feed, path).stderr
    equal(replay(feed)['symbols'][0]['bids'], [level('1.0001', '5', 1)])


def a_missing_end_mark_and_unknown_types_are_counted():
    data = itch_bytes.with_lengths(itch_bytes.SMALL)[:-2] + b'\0\3?ab'
    odd = replay(write('unknown.itch', data))['counters']['odd']
    equal((odd['messages of unknown type'], odd['file ends without its end mark']), (1, 1))


# --- Files that are none ---------------------------------------------------------------------------

def what_is_no_file_is_refused():
    refuse(pathlib.Path(SCRATCH, 'missing'), 'missing: No such file')
    refuse(SCRATCH, 'is a directory')
    refuse(write('empty', b''), 'is empty')
    refuse(write('foreign', b'\x7fELF' + bytes(100)), 'is not a file this program knows')
    refuse(write('text', 'a,b,c\n1,2,3\n'), 'is not a file this program knows')
    pipe = pathlib.Path(SCRATCH, 'pipe')
    os.mkfifo(pipe)
    refuse(pipe, 'is not a regular file')


def unreadable_files_are_refused():
    path = write('locked', ORDERS)
    path.chmod(0)
    if os.geteuid() != 0:
        refuse(path, 'Permission denied')
        return None
    try:
        subprocess.run([*WITHOUT_RIGHTS, 'true'], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 'root reads everything, and cannot give that up here'
    refuse(path, 'Permission denied', before=WITHOUT_RIGHTS)
    return None


def format_forces_the_reading():
    path = write('headless.csv', AAA + 'new,1,AAA,1,1,buy,limit,gtc,1.00,5\n')
    refuse(path, 'is not a file this program knows')
    equal(replay(path, '--format', 'orders')['messages'], 1)
    refuse(path, 'is not an ITCH 5.0 file', '--format', 'itch')


def wrong_usage_is_exit_2():
    path = f'{DATA}/orders_basic.csv'
    for arguments in ((), (path, path), ('--depth', '0', path), ('--depth', 'x', path),
                      ('--format', 'fix', path), ('--bogus', path), ('--symbol', 'ZZZ', path),
                      ('--orders-max', '99999999999', path)):
        done = run(*arguments)
        equal(done.returncode, 2)
        assert done.stderr.startswith(('tradsys-replay:', REPLAY)) and done.stdout == '', done
    levels = write('no_orders.csv', levels_book('1010' '1000' '1020' '2500' '905' '750'))
    refuse(levels, 'need a file of orders', '--trades', f'{SCRATCH}/none', code=2)
    equal(run('--help').returncode, 0)
    assert re.fullmatch(r'tradsys-replay \d+\.\d+\.\d+\n', run('--version').stdout)


def outputs_that_cannot_be_written_are_refused():
    path = f'{DATA}/orders_basic.csv'
    refuse(path, 'No such file', '--trades', f'{SCRATCH}/no/such/place')
    refuse(path, 'No such file', '--write-itch', f'{SCRATCH}/no/such/place')


# --- Generated sessions -----------------------------------------------------------------------------

def generate(name, *arguments):
    path = pathlib.Path(SCRATCH, name)
    subprocess.run([GENERATE, *map(str, arguments), path], check=True, timeout=60)
    return path


def a_seed_makes_one_session():
    first = generate('one.csv', '--seed', 5, '--commands', 3000).read_bytes()
    equal(first, generate('two.csv', '--seed', 5, '--commands', 3000).read_bytes())
    assert first != generate('three.csv', '--seed', 6, '--commands', 3000).read_bytes()
    equal(sum(not row.startswith((b'#', b'instrument')) for row in first.splitlines()), 3000)


def a_session_has_everything_and_time_goes_forward():
    path = generate('all.csv', '--seed', 11, '--commands', 30000)
    found = replay(path)
    rejects = found['counters']['rejects']
    for reason in ('UNSUPPORTED BAD_SIDE BAD_TYPE BAD_TIF BAD_COMBINATION UNKNOWN_ORDER '
                   'ORDER_MISMATCH DUPLICATE_ID UNKNOWN_INSTRUMENT OFF_TICK PRICE_LIMIT QTY_ZERO '
                   'QTY_NEGATIVE OFF_LOT QTY_MIN QTY_MAX NOTIONAL_MIN NOTIONAL_MAX MIN_QTY '
                   'POST_ONLY').split():
        assert rejects.get(reason, 0) > 0, reason
    for cause in ('USER', 'IOC', 'FOK', 'MIN_QTY'):
        assert found['counters']['ends'].get(cause, 0) > 0, cause
    equal(found['counters']['matcher']['commands with a time before the last'], 0)
    equal(len(found['symbols']), 8)
    for row in found['symbols']:
        assert row['executions'] > 0 and row['bids'] and row['asks'], row['symbol']
    refused = sum(found['counters']['rows'].values())
    equal(found['messages'] + refused, 30000)


def the_feed_of_a_session_leads_to_the_same_books():
    path = generate('session.csv', '--seed', 7, '--commands', 20000)
    feed = pathlib.Path(SCRATCH, 'session.itch')
    orders = replay(path, '--write-itch', feed)
    found = replay(feed)
    equal(found['executions'], orders['executions'])
    assert found['executions'] > 1000
    compared = found['counters']['executions of the venue']
    equal(compared['same order executed by the matching engine'], orders['executions'])
    equal(found['counters']['books']["symbols whose matcher's book is the venue's"], 8)
    for mine, public in zip(orders['symbols'], found['symbols']):
        equal(mine['symbol'], public['symbol'])
        equal(mine['executions'], public['executions'])
        for key in ('bids', 'asks'):
            equal([(row['px'], row['orders']) for row in mine[key]],
                  [(row['px'], row['orders']) for row in public[key]])


TESTS = [value for name, value in list(globals().items())
         if callable(value) and getattr(value, '__module__', '') == '__main__'
         and name not in ('run', 'write', 'replay', 'refuse', 'equal', 'level', 'levels_book',
                          'check_small', 'generate')]


def main():
    failed = 0
    print(f'1..{len(TESTS)}')
    for number, test in enumerate(TESTS, 1):
        try:
            skipped = test()
            print(f'ok {number} - {test.__name__}' + (f' # SKIP {skipped}' if skipped else ''))
        except Exception as error:  # pylint: disable=broad-except
            failed = 1
            print(f'not ok {number} - {test.__name__}')
            for line in f'{type(error).__name__}: {error}'.splitlines():
                print('# ' + line)
    return failed


with tempfile.TemporaryDirectory() as SCRATCH:
    FAILED = main()
sys.exit(FAILED)
