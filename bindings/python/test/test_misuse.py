"""What must be an error, and never a crash."""
import copy
import gc
import os
import pickle
import subprocess
import sys
import threading

import numpy
import tap
from venue import ANNE, BERT, limit, raises, small, venue

import tradsys
from tradsys import command

def calls_of(box):
    """Every call that SWIG has wrapped of a box, with arguments that are of the right number."""
    for name in dir(box):
        call = getattr(box, name)
        # The last ones are SWIG's own.
        if name.startswith("_") or not callable(call) or name in (
                "is_open", "memory", "open", "load", "acquire", "disown", "append", "next", "own", "this"):
            continue
        yield name, call


def refuses(call, kinds):
    """One number of arguments or the other is right; whichever it is, the error is of `kinds`."""
    for count in range(0, 14):
        for argument in (1, bytearray(64), b""):
            try:
                call(*[argument] * count)
            except TypeError:
                continue
            except kinds:
                return True
            else:
                return False
    return None


def everything_of_a_closed_object_is_refused():
    made = [small(), tradsys.Matcher(orders_max=8, instruments_max=1), tradsys.LevelBook(),
            tradsys.OrderBook(), tradsys.ItchReader()]
    native = [tradsys._native.Engine, tradsys._native.Match, tradsys._native.LevelBook,
              tradsys._native.OrderBook, tradsys._native.Itch]
    for one, kind in zip(made, native):
        one.close()
        checked = 0
        for name, call in calls_of(kind):
            done = refuses(lambda *given, call=call, one=one: call(one, *given), tradsys.ClosedError)
            # Calls that take buffers of a kind and numbers mixed are not met by one kind of argument.
            assert done is not False, f"{kind.__name__}.{name} of a closed one"
            checked += done is True
        assert checked > 5, kind.__name__
        with raises(ValueError):
            one.close()


def what_was_never_opened_is_closed():
    for kind in (tradsys.Engine, tradsys.Matcher, tradsys.LevelBook, tradsys.OrderBook,
                 tradsys.ItchReader):
        empty = kind.__new__(kind)
        with raises(tradsys.ClosedError):
            empty.close()
        with raises(tradsys.ClosedError):
            repr(empty)
    with raises(tradsys.ClosedError):
        len(tradsys.Events.__new__(tradsys.Events))
    with raises(tradsys.ClosedError):
        memoryview(tradsys.Events.__new__(tradsys.Events))


def an_engine_cannot_be_copied_by_accident():
    engine = small()
    for way in (copy.copy, copy.deepcopy, pickle.dumps):
        with raises(TypeError):
            way(engine)
    events = venue().run([limit(ANNE, 1, 2, 1, 1)])
    assert copy.copy(events) == pickle.loads(pickle.dumps(events)) == events


def closing_twice_and_leaving_closed():
    with small() as engine:
        engine.close()
    tap.equal((engine.closed, "closed" in repr(engine)), (True, True))


def events_outlive_their_engine():
    engine = venue()
    events = engine.run([limit(ANNE, 1, 2, 1, 1)])
    array = numpy.asarray(events)
    engine.close()
    del engine, events
    gc.collect()
    tap.equal(array["account"].tolist()[0], ANNE)


def a_call_that_failed_has_changed_nothing():
    engine = venue()
    before = engine.digest()
    for wrong in (lambda: engine.submit(1, 1, 1, 1.5, 1), lambda: engine.submit(1, 1, 300, 1, 1),
                  lambda: engine.submit(1, 1, 1, 2**63, 1), lambda: engine.submit(-1, 1, 1, 1, 1),
                  lambda: engine.send(b"x" * 64), lambda: engine.run(b"x" * 63),
                  lambda: engine.submit(1, float("nan"), 1, 1, 1), lambda: engine.submit(1, None, 1, 1, 1),
                  lambda: engine.submit(), lambda: engine.submit(*range(20))):
        try:
            wrong()
        except (TypeError, ValueError, OverflowError):
            pass
        else:
            raise AssertionError("it was taken")
    tap.equal(engine.digest(), before)


def arrays_of_something_else_are_refused():
    engine = venue()
    native = command.New.dtype
    big = native.newbyteorder(">")
    for wrong in (numpy.zeros(8), numpy.zeros(8, "i8"), numpy.zeros(64, "?"), numpy.zeros(2, big),
                  numpy.zeros(4, tradsys.OrderInfo.dtype), numpy.zeros(2, native)[::-1],
                  numpy.zeros(4, native)[::2], numpy.array([object()] * 8),
                  numpy.zeros(1, [("a", "f8", 8)]), memoryview(b"x" * 128)[::2]):
        try:
            engine.run(wrong)
        except (ValueError, BufferError):
            pass
        else:
            raise AssertionError(f"taken: {wrong!r}")
    for wrong in (None, 5, "text", object(), 1.5, {}):
        with raises(TypeError):
            engine.run(wrong)


def bytes_that_mean_nothing_are_refused_by_the_market():
    engine = venue()
    events = engine.run(bytes(range(256)) * 4)
    assert len(events) > 0 and all(one.KIND_NAME.endswith("REJECTED") for one in events)
    tap.equal(engine.audit(), 0)


def an_answer_needs_room_that_can_be_written():
    engine = venue()
    native = tradsys._native.Engine
    for wrong in (b"", b"x" * tradsys.MatchStats.SIZE, bytearray(3)):
        with raises((BufferError, ValueError)):
            native.stats(engine, wrong)
    with raises(TypeError):
        native.stats(engine, None)
    with raises(TypeError):
        native.take(engine, engine)


def a_buffer_that_is_used_cannot_be_resized():
    engine = venue()
    data = bytearray(bytes(limit(ANNE, 1, 2, 1, 1)) * 4)

    class Growing:
        """Shows its bytes, and grows them when it is looked at again."""
        @property
        def _buf(self):
            return data

    engine.run(Growing())
    data.extend(b"x")
    with raises(tradsys.BufferSizeError):
        engine.run(Growing())


def two_threads_in_one_engine():
    engine = tradsys.Matcher(instruments_max=1, orders_max=1 << 18)
    engine.add(tradsys.Instrument(symbol="X"))
    rows = command.New.array(200000)
    rows["client_id"] = numpy.arange(len(rows)) + 1
    rows["side"], rows["type"], rows["tif"], rows["qty"] = 1, 1, 1, 1
    rows["px"] = 1000 + numpy.arange(len(rows)) % 500
    refused, failed = [], []

    def work():
        try:
            tradsys._native.Match.run(engine, rows)
        except Exception as error:  # pylint: disable=broad-except
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        for call in (engine.waiting, engine.close, engine.take, lambda: engine.run(rows[:1]),
                     lambda: engine.submit(1, 1, 1, 1, 1), engine.reset, engine.stats):
            if not thread.is_alive():
                break
            try:
                if call in (engine.waiting, engine.stats):
                    call()
                elif refused:
                    call()
            except tradsys.BusyError as error:
                refused.append(error)
            except tradsys.ClosedError:
                break
    thread.join()
    assert refused and isinstance(refused[0], RuntimeError), "nobody was refused"
    tap.equal(failed, [])


def threads_with_engines_of_their_own():
    results = []

    def work():
        engine = venue()
        engine.run([limit(ANNE, at, 2, 1, 100) for at in range(1, 200)])
        results.append(engine.digest())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tap.equal((len(results), len(set(results))), (4, 1))


def an_exception_in_a_loop_over_events():
    engine = venue()
    events = engine.run([limit(ANNE, at, 2, 1, 100) for at in range(1, 50)])
    with raises(ZeroDivisionError):
        for one in events:
            one.seq // 0
    events.clear()
    tap.equal(engine.audit(), 0)


PROGRAM = """
import tradsys, threading
from venue import *
engine = venue()
events = engine.run([limit(ANNE, at, 2, 1, 100) for at in range(1, 100)])
view = memoryview(events)
walk = iter(events)
next(walk)
cycle = [engine, events]
cycle.append(cycle)
engine.cycle = cycle
reader = tradsys.ItchReader()
reader.feed(b'x')
"""


def the_interpreter_ends_with_objects_alive():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False,
                          timeout=60)
    tap.equal((done.returncode, done.stderr), (0, ""))


def a_fork_has_an_engine_of_its_own():
    engine = venue()
    before = engine.digest()
    child = os.fork()
    if child == 0:
        engine.run([limit(BERT, 1, 1, 1, 1)])
        os._exit(0 if engine.digest() != before and engine.audit() == 0 else 1)
    tap.equal((os.waitpid(child, 0)[1], engine.digest()), (0, before))


def events_are_not_fed_with_themselves():
    events = venue().run([limit(ANNE, 1, 2, 1, 1)])
    with raises(BufferError):
        events.append(events)
    with raises(tradsys.ArgumentError):
        tradsys._native.Events.pick(events, 1, events)
    with raises(ValueError):
        events.of_kind("FILL")


def errors_say_what_and_where():
    engine = venue()
    try:
        engine.order(5)
    except tradsys.TradsysError as error:
        tap.equal((error.code, error.name), (tradsys.Result.E_UNKNOWN, "TRD_E_UNKNOWN"))
        tap.equal(str(pickle.loads(pickle.dumps(error))), str(error))
        assert "order" in error.where


def errors_are_the_built_in_ones_too():
    for kind, of in [(tradsys.ArgumentError, ValueError), (tradsys.UnknownError, KeyError),
                     (tradsys.OutOfMemory, MemoryError), (tradsys.RangeError, OverflowError),
                     (tradsys.ViewError, BufferError), (tradsys.BusyError, RuntimeError)]:
        assert issubclass(kind, of) and issubclass(kind, tradsys.TradsysError)


def memory_is_given_back():
    import resource
    engine = venue()
    def some():
        for _ in range(300):
            made = venue()
            events = made.run([limit(ANNE, 1, 2, 1, 1)])
            memoryview(events).release()
            for one in events:
                repr(one)
            try:
                made.order(1)
            except KeyError:
                pass
    some()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    some()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 2000, f"{after - before} KiB more"
    engine.close()


if __name__ == "__main__":
    sys.exit(tap.play(tap.functions_of(globals())))
