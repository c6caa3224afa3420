"""Books of feeds, and the reader of ITCH."""
import sys

import tap
from venue import raises

import tradsys
from tradsys import itch


def a_book_by_level():
    with tradsys.LevelBook(levels_max=16) as book:
        book.set(tradsys.Side.BUY, 99, 5)
        book.set(tradsys.Side.BUY, 98, 7)
        book.set(tradsys.Side.SELL, 101, 1)
        tap.equal([(one.px, one.qty) for one in book.depth(tradsys.Side.BUY)], [(99, 5), (98, 7)])
        tap.equal((book.best(2).px, book.get(1, 98), book.count(1)), (101, 7, 2))
        book.set(1, 99, 0)
        tap.equal((book.best(1).px, book.audit()), (98, 0))
        with raises(tradsys.UnknownError):
            book.set(1, 55, 0)
        with raises(tradsys.ArgumentError):
            book.best(3)
        tap.equal(book.trim(1, 0), 1)
        tap.equal(book.best(1), None)
    with raises(tradsys.ClosedError):
        book.set(1, 1, 1)


def prices_of_any_size():
    book = tradsys.LevelBook()
    book.set(1, -2**63, 2**63 - 1)
    tap.equal((book.best(1).px, book.best(1).qty), (-2**63, 2**63 - 1))


def a_book_by_order():
    with tradsys.OrderBook(orders_max=8, instruments_max=2) as book:
        book.add(2**64 - 1, 1, 2, 5, 100)
        book.add(7, 1, 2, 6, 100)
        tap.equal((book.first(1, 2).ref, book.best(1, 2).qty, book.best(1, 2).count), (2**64 - 1, 11, 2))
        book.reduce(2**64 - 1, 5)
        tap.equal((book.first(1, 2).ref, len(book)), (7, 1))
        book.replace(7, 8, 3, 99)
        tap.equal([(one.px, one.qty) for one in book.depth(1, 2)], [(99, 3)])
        with raises(tradsys.UnknownError):
            book.find(7)
        with raises(tradsys.ExistsError):
            book.add(8, 0, 1, 1, 1)
        tap.equal(book.first(0, 1), None)
        tap.equal(book.audit(), 0)


def messages():
    return [itch.SystemEvent(time=1, event="O"),
            itch.AddMpid(time=2, locate=7, ref=1, side="B", qty=100, stock="TEST    ", px=12345, mpid="ABCD"),
            itch.Delete(time=3, locate=7, ref=1)]


def framed(made):
    return b"".join(len(one).to_bytes(2, "big") + one for one in map(tradsys.itch_encode, made))


def a_message_is_bytes_and_back():
    for one in messages():
        data = tradsys.itch_encode(one)
        tap.equal(tradsys.itch_decode(data + b"rest"), (one, len(data)))
    with raises(tradsys.FormatError):
        tradsys.itch_decode(tradsys.itch_encode(messages()[1])[:-1])
    with raises(tradsys.UnknownError):
        tradsys.itch_decode(b"?" * 60)


def the_bytes_of_a_delete_are_those_of_the_specification():
    # D, locate, tracking, 6 bytes of time, 8 bytes of reference; big-endian.
    tap.equal(tradsys.itch_encode(itch.Delete(time=3, locate=7, ref=1)),
              b"D" + b"\0\7" + b"\0\0" + b"\0\0\0\0\0\3" + b"\0\0\0\0\0\0\0\1")


def a_reader_takes_pieces_of_any_size():
    data = framed(messages()) + b"\0\0"
    for size in (1, 2, 7, 1000):
        reader = tradsys.ItchReader()
        got = []
        for at in range(0, len(data), size):
            reader.feed(data[at:at + size])
            got += list(reader)
        tap.equal(got, messages())
        tap.equal((reader.ended(), reader.finish(), reader.counts().messages), (1, 0, 3))


def a_reader_fills_an_array():
    import numpy
    reader = tradsys.ItchReader()
    reader.feed(framed(messages()))
    room = numpy.zeros(2, dtype=itch.Delete.dtype)
    tap.equal((reader.read(room), room["time"].tolist()), (2, [1, 2]))
    tap.equal((reader.read(room), room[0]["ref"]), (1, 1))
    tap.equal(reader.read(room), 0)


def what_is_no_message_is_said_where_it_stands():
    reader = tradsys.ItchReader(tradsys.ItchFraming.RAW)
    good = tradsys.itch_encode(messages()[0])
    reader.feed(good + b"?????")
    walk = iter(reader)
    tap.equal(next(walk), messages()[0])
    with raises(tradsys.FormatError):
        next(walk)
    tap.equal(reader.offset(), len(good))


def a_file_tells_its_framing():
    tap.equal(tradsys.itch_detect(framed(messages())), tradsys.ItchFraming.LENGTH)
    with raises(tradsys.FormatError):
        tradsys.itch_detect(b"{'not': 'itch', 'at': 'all', 'but': 'long enough to tell, is it not'}")


if __name__ == "__main__":
    sys.exit(tap.play([test for test in tap.functions_of(globals()) if test is not messages]))
