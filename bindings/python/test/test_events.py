"""Events: a sequence of records that is a buffer, too."""
import gc
import pickle
import sys

import numpy
import tap
from venue import ANNE, BERT, limit, raises, venue

import tradsys
from tradsys import event


def some():
    """Three orders to sell of one lot each, one that buys two: events of a run by hand."""
    return venue().run([limit(ANNE, 1, 2, 1, 100), limit(ANNE, 2, 2, 1, 101), limit(ANNE, 3, 2, 1, 102),
                        limit(BERT, 1, 1, 2, 101)])


def iterating_gives_records_by_kind():
    kinds = [one.KIND_NAME for one in some()]
    tap.equal(kinds[:4], ["ACCEPTED"] * 4)
    tap.equal(kinds.count("FILL"), 4)
    fills = [one for one in some() if isinstance(one, event.Fill)]
    tap.equal([(one.account, one.px, one.qty, one.liquidity) for one in fills],
              [(BERT, 100, 1, 2), (ANNE, 100, 1, 1), (BERT, 101, 1, 2), (ANNE, 101, 1, 1)])


def an_event_is_a_copy_that_is_only_read():
    events = some()
    first = next(iter(events))
    events.clear()
    tap.equal(first.client_id, 1)
    with raises(TypeError, "only be read"):
        first.client_id = 2


def numpy_sees_the_same_bytes():
    events = some()
    array = numpy.asarray(events)
    tap.equal((len(array), array.dtype.itemsize, array.dtype.names[:4]),
              (len(events), 64, ("seq", "time", "kind", "slots")))
    tap.equal(array["seq"].tolist(), [one.seq for one in events])
    tap.equal(array.tobytes(), bytes(events))
    assert not array.flags.owndata and not array.flags.writeable
    with raises(ValueError):
        array["seq"] = 0


def one_kind_by_name_of_its_fields():
    events = some()
    fills = events.array(event.Fill)
    tap.equal((fills["px"].tolist(), fills["leaves"].tolist()), ([100, 100, 101, 101], [1, 0, 0, 0]))
    tap.equal(events.count(event.Fill), 4)
    tap.equal([one.seq for one in events.of_kind(tradsys.EventKind.FILL)], fills["seq"].tolist())
    with raises(ValueError):
        events.count(99)


def while_somebody_looks_nothing_moves():
    events = some()
    view = memoryview(events)
    other = numpy.asarray(events)
    for refused in (events.clear, lambda: events.append(bytes(64))):
        with raises(BufferError):
            refused()
    view.release()
    with raises(BufferError):
        events.clear()
    del other
    gc.collect()
    events.clear()
    tap.equal(len(events), 0)


def a_view_keeps_the_memory():
    array = numpy.asarray(some())
    gc.collect()
    tap.equal(array["seq"][0], numpy.asarray(some())["seq"][0])


def no_events_are_a_buffer_too():
    events = tradsys.Events()
    tap.equal((len(events), bytes(events), list(events), len(numpy.asarray(events))), (0, b"", [], 0))
    tap.equal((events.array(event.Fill).tolist(), events.count()), ([], 0))


def what_is_cleared_while_it_is_read_is_said():
    events = some()
    walk = iter(events)
    next(walk)
    events.clear()
    with raises(RuntimeError, "cleared"):
        next(walk)


def events_show_how_many_of_which():
    assert "4 FILL" in repr(some())


def extensions_stand_behind_their_event():
    engine = venue()
    with raises(BufferError):
        with memoryview(some()) as view:
            view.obj.clear()
    events = tradsys.Events()
    fill = bytearray(bytes(event.Fill(seq=9, qty=3)))
    fill[17] = 2
    events.append(bytes(fill) + bytes(tradsys.extension.Exec(seq=9, cum=3)))
    made = list(events)
    tap.equal((len(events), len(made), made[0].qty, made[0].extensions[0].cum), (2, 1, 3, 3))
    other = list(tradsys.Events(bytes(fill) + bytes(tradsys.extension.Exec(seq=9, cum=4))))
    assert made[0] != other[0] and made[0] == made[0].copy() == pickle.loads(pickle.dumps(made[0]))
    tap.equal(event.Fill.of(bytes(64)).extensions, ())
    engine.close()


def the_hash_of_events_is_that_of_the_trail():
    engine = venue()
    engine.reset()
    tap.equal(engine.trail().hash, 0)
    events = engine.run([limit(ANNE, 1, 1, 1, 100)])
    tap.equal((engine.trail().hash, engine.trail().slots), (events.hash(), len(events)))


if __name__ == "__main__":
    sys.exit(tap.play([test for test in tap.functions_of(globals()) if test is not some]))
