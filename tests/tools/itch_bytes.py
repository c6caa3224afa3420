"""ITCH 5.0 messages and files as bytes, made from the published field offsets alone."""


def head(kind, locate, time):
    return kind.encode() + locate.to_bytes(2, 'big') + bytes(2) + time.to_bytes(6, 'big')


def number(value, size):
    return value.to_bytes(size, 'big')


def stock(name):
    return name.encode().ljust(8)


def directory(locate, name):
    return head('R', locate, 0) + stock(name) + b'Q' + b'N' + number(100, 4) + b'NCZ ' + b'PN 1N' \
        + number(0, 4) + b'N'


def add(locate, ref, side, qty, name, px):
    return head('A', locate, 1) + number(ref, 8) + side.encode() + number(qty, 4) + stock(name) \
        + number(px, 4)


def executed(locate, ref, qty):
    return head('E', locate, 2) + number(ref, 8) + number(qty, 4) + number(1, 8)


def executed_at(locate, ref, qty, printable, px):
    return head('C', locate, 2) + number(ref, 8) + number(qty, 4) + number(1, 8) \
        + printable.encode() + number(px, 4)


def cancel(locate, ref, qty):
    return head('X', locate, 3) + number(ref, 8) + number(qty, 4)


def delete(locate, ref):
    return head('D', locate, 3) + number(ref, 8)


def replace(locate, old, new, qty, px):
    return head('U', locate, 3) + number(old, 8) + number(new, 8) + number(qty, 4) + number(px, 4)


def hidden(locate, qty, name, px):
    return head('P', locate, 4) + number(0, 8) + b'B' + number(qty, 4) + stock(name) \
        + number(px, 4) + number(9, 8)


def with_lengths(messages):
    return b''.join(number(len(m), 2) + m for m in messages) + bytes(2)


def with_zeros(messages):
    return b''.join(bytes(2) + m for m in messages)


# One message of every kind of difference that the comparison of executions knows. The comments say
# what is left where the venue's book and the matcher's part.
SMALL = [
    directory(7, 'ABC'),
    add(7, 1, 'B', 100, 'ABC', 100000),
    add(7, 2, 'B', 100, 'ABC', 100000),
    add(7, 3, 'S', 50, 'ABC', 101000),
    executed(7, 1, 60),                   # same order: 1 is first
    executed(7, 2, 10),                   # 1 is first, not 2
    executed_at(7, 3, 20, 'Y', 100500),   # not at the price of 3
    cancel(7, 1, 500),                    # 1 had 40: gone, counted
    delete(7, 99),                        # never added
    executed(7, 98, 5),                   # never added
    replace(7, 2, 4, 30, 99000),
    add(7, 4, 'S', 1, 'ABC', 120000),     # reference lives
    add(7, 5, 'S', 10, 'ABC', 98000),     # crosses: the matcher trades 10 of 4, and 5 is gone
    executed(7, 4, 25),                   # the matcher has 20 of 4 left
    executed(7, 5, 10),                   # the matcher has no 5
    add(7, 6, 'B', 5, 'ABC', 90000),
    add(7, 7, 'B', 5, 'ABC', 91000),
    executed(7, 6, 5),                    # 7 is better
    executed(7, 7, 5),                    # same order
    add(7, 8, 'S', 5, 'ABC', 200000),
    executed(7, 8, 6),                    # 8 has 5
    hidden(7, 17, 'ABC', 99500),
]
