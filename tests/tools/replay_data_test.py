"""Replays a recorded file and compares with an independent account of it.

usage: replay_data_test.py PROGRAM levels|quantcup|itch [DIRECTORY]
TRADSYS_DATA, or else DIRECTORY, holds the recordings; without them: skipped (77)."""

import json
import os
import pathlib
import subprocess
import sys
from decimal import Decimal

import naive_itch
import naive_quantcup

FILES = {'levels': 'kraken_book_20210417.csv', 'quantcup': 'quantcup_feed.csv',
         'itch': 'ritch-ex20101224.itch50'}


def replay(program, path):
    run = subprocess.run([program, '--json', '--depth', '1000', path], capture_output=True,
                         text=True, check=False)
    assert run.returncode == 0, f'exit {run.returncode}: {run.stderr}'
    return json.loads(run.stdout)


def equal(what, found, expected):
    assert found == expected, f'{what}: {found}, expected {expected}'
    print(f'{what}: {str(found)[:60]}')


def ladder(levels):
    return [(Decimal(row['px']), Decimal(row['qty']), row['orders']) for row in levels]


def scaled(levels, unit):
    return [(Decimal(px) / unit, Decimal(qty), count) for px, qty, count in levels]


def check_levels(found, _path):
    equal('checksums', found['checksums'], 4269)
    equal('checksums equal', found['checksums_equal'], 4269)
    equal('symbols', len(found['symbols']), 10)
    equal('updates', found['counters']['rows']['updates'], 4272)
    equal('snapshot levels', found['counters']['rows']['snapshot levels'], 7473)


def check_quantcup(found, path):
    with open(path, encoding='ascii') as lines:
        naive = naive_quantcup.play(lines)
    row = found['symbols'][0]
    events = found['counters']['events']
    equal('accepted', events['ACCEPTED'], naive['accepted'])
    equal('canceled', events['CANCELED'], naive['canceled'])
    equal('cancels rejected', events['CANCEL_REJECTED'], naive['cancel_rejected'])
    equal('executions', found['executions'], naive['executions'])
    equal('volume', int(row['volume']), naive['volume'])
    equal('value', Decimal(row['value']), Decimal(naive['value']) / 100)
    equal('resting orders', found['counters']['matcher']['resting orders'], naive['resting'])
    equal('bids', ladder(row['bids']), scaled(naive['levels']['B'], 100))
    equal('asks', ladder(row['asks']), scaled(naive['levels']['S'], 100))


def check_itch(found, path):
    naive = naive_itch.play(pathlib.Path(path).read_bytes())
    names = {'A': 'ADD', 'F': 'ADD_MPID', 'E': 'EXECUTED', 'D': 'DELETE', 'X': 'CANCEL',
             'U': 'REPLACE', 'P': 'TAPE', 'S': 'SYSTEM_EVENT', 'R': 'STOCK_DIRECTORY',
             'H': 'TRADING_ACTION'}
    odd = found['counters']['odd']
    equal('messages', found['messages'], 12012)
    equal('by type', found['counters']['messages'],
          {names[kind]: count for kind, count in naive['messages'].items()})
    equal('unknown references', odd['references to unknown orders'], 117)
    equal('unknown references, naive', sum(naive['unknown'].values()), 117)
    for kind, name in zip('ECXDU', ('executed', 'executed at a price', 'canceled in part',
                                    'deleted', 'replaced')):
        equal(name, odd[name + ', order unknown'], naive['unknown'][kind])
    # Three partial cancels name orders that the file never added: they would go below zero in a book
    # that takes what it does not know for empty.
    equal('reductions of nothing', odd['canceled in part, order unknown'], 3)
    equal('reductions of more than there is', odd['reductions by more than the order had'],
          naive['oversized'])
    equal('resting orders', found['counters']['books']["orders in the venue's books at the end"],
          naive['resting'])
    equal('executions', found['executions'], naive['executions'])
    compared = found['counters']['executions of the venue']
    equal('executions compared', sum(n for name, n in compared.items() if name != 'not printable'),
          naive['executions'])
    for row in found['symbols']:
        for key, side in (('bids', 'B'), ('asks', 'S')):
            equal(row['symbol'] + ' ' + key, ladder(row[key]),
                  scaled(naive['books'][row['symbol']][side], 10000)[:1000])


def main():
    program, kind = sys.argv[1:3]
    directory = os.environ.get('TRADSYS_DATA') or (sys.argv[3] if len(sys.argv) > 3 else '')
    path = os.path.join(directory, FILES[kind])
    if not directory or not os.path.isfile(path):
        print(f'skipped: {FILES[kind]} is not in TRADSYS_DATA')
        return 77
    found = replay(program, path)
    {'levels': check_levels, 'quantcup': check_quantcup, 'itch': check_itch}[kind](found, path)
    return 0


if __name__ == '__main__':
    sys.exit(main())
