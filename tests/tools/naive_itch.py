"""The books of an ITCH 5.0 file with zero length prefixes, in the simplest way: one dictionary.

Written from the published field offsets alone, as a second opinion on codec and order book."""

SIZES = dict(S=12, R=39, H=25, Y=20, L=26, V=35, W=12, K=28, J=35, h=21, A=36, F=40, E=31, C=36,
             X=23, D=19, U=35, P=44, Q=40, B=19, I=50, N=20, O=48)


def messages(data):
    at = 0
    while at < len(data):
        assert data[at:at + 2] == bytes(2)
        kind = chr(data[at + 2])
        yield kind, data[at + 2:at + 2 + SIZES[kind]]
        at += 2 + SIZES[kind]


def play(data):
    orders, names, seen = {}, {}, {}
    unknown = dict.fromkeys('ECXDU', 0)
    oversized = 0
    executions = 0
    for kind, bytes_of in messages(data):
        def number(at, size):
            return int.from_bytes(bytes_of[at:at + size], 'big')
        seen[kind] = seen.get(kind, 0) + 1
        locate, ref = number(1, 2), number(11, 8)
        if kind == 'R':
            names[locate] = bytes_of[11:19].decode().strip()
        elif kind in 'AF':
            orders[ref] = [locate, chr(bytes_of[19]), number(32, 4), number(20, 4)]
        elif kind in 'ECXDU' and ref not in orders:
            unknown[kind] += 1
            executions += kind in 'EC'
        elif kind in 'ECX':
            executions += kind in 'EC'
            oversized += number(19, 4) > orders[ref][3]
            orders[ref][3] -= number(19, 4)
            if orders[ref][3] <= 0:
                del orders[ref]
        elif kind == 'D':
            del orders[ref]
        elif kind == 'U':
            old = orders.pop(ref)
            orders[number(19, 8)] = [old[0], old[1], number(31, 4), number(27, 4)]
    return {'messages': seen, 'unknown': unknown, 'oversized': oversized, 'resting': len(orders),
            'executions': executions, 'books': {name: {side: ladder(orders, locate, side)
            for side in 'BS'} for locate, name in names.items()}}


def ladder(orders, locate, side):
    """(px, qty, orders) of every level, best first."""
    levels = {}
    for where, of, px, left in orders.values():
        if (where, of) == (locate, side):
            qty, count = levels.get(px, (0, 0))
            levels[px] = (qty + left, count + 1)
    return [(px, *levels[px]) for px in sorted(levels, reverse=side == 'B')]
