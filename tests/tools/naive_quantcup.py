"""Price-time matching of a QuantCup feed in the simplest way: every order in one list.

Written from the rules alone, as a second opinion on the matching engine: an incoming order trades
with the best-priced order of the other side, the oldest one first, at that order's price."""


def best(orders, side):
    """The order of a side that trades next. Orders are in order of arrival; min and max return the
    first of equals."""
    mine = [o for o in orders.values() if o['side'] == side]
    if not mine:
        return None
    return (max if side == 'B' else min)(mine, key=lambda o: o['px'])


def play(lines):
    orders = {}  # dictionaries keep the order of insertion
    sums = {'accepted': 0, 'canceled': 0, 'cancel_rejected': 0, 'executions': 0, 'volume': 0,
            'value': 0}
    for line in lines:
        fields = line.strip().split(',')
        if line.startswith('#'):
            continue
        if fields[0] == 'C':
            if orders.pop(int(fields[1]), None):
                sums['canceled'] += 1
            else:
                sums['cancel_rejected'] += 1
            continue
        side, px, left = fields[3], int(fields[4]), int(fields[5])
        sums['accepted'] += 1
        while left > 0:
            other = best(orders, 'S' if side == 'B' else 'B')
            if other is None or (px < other['px'] if side == 'B' else px > other['px']):
                break
            done = min(left, other['qty'])
            left -= done
            other['qty'] -= done
            sums['executions'] += 1
            sums['volume'] += done
            sums['value'] += done * other['px']
            if other['qty'] == 0:
                del orders[other['id']]
        if left > 0:
            orders[int(fields[1])] = {'id': int(fields[1]), 'side': side, 'px': px, 'qty': left}
    sums['resting'] = len(orders)
    sums['levels'] = {side: ladder(orders, side) for side in 'BS'}
    return sums


def ladder(orders, side):
    """(px, qty, orders) of every level, best first."""
    levels = {}
    for order in orders.values():
        if order['side'] == side:
            qty, count = levels.get(order['px'], (0, 0))
            levels[order['px']] = (qty + order['qty'], count + 1)
    return [(px, *levels[px]) for px in sorted(levels, reverse=side == 'B')]
