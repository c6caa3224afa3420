"""The engine from Python: set-up, commands, questions, snapshots."""
import json
import sys

import tap
from venue import ANNE, BERT, COIN, FUTURE, SPOT, USD, account, limit, listed, raises, small, specs, venue

import tradsys
from tradsys import command, event


def mark(px):
    return command.Price(instrument=FUTURE, px=px, source=tradsys.Source.MARK)


def an_order_is_executed_and_booked():
    engine = venue()
    engine.run([limit(ANNE, 1, 2, 5, 100), limit(BERT, 1, 1, 3, 100)])
    # 3 lots at 100 ticks: 300 minor units, no fees.
    tap.equal((engine.balance(BERT, COIN).free, engine.balance(BERT, USD).free), (3, 10**9 - 300))
    tap.equal((engine.balance(ANNE, COIN).free, engine.balance(ANNE, COIN).locked), (995, 2))
    tap.equal(engine.position(BERT, SPOT).qty, 3)
    tap.equal(engine.audit(), 0)


def a_no_of_the_market_is_an_event():
    engine = venue()
    refused = list(engine.run([limit(ANNE, 1, 2, 0, 100)]))
    tap.equal([(type(one), one.reason) for one in refused],
              [(event.Rejected, tradsys.Reject.QTY_ZERO)])


def submit_send_and_run_append_to_one_stream():
    engine = venue()
    tap.equal(engine.submit(ANNE, 1, tradsys.Side.SELL, 5, 100), 1)  # ACCEPTED
    count = engine.waiting()
    engine.send(limit(ANNE, 2, 2, 5, 101))
    assert engine.waiting() > count
    events = engine.run([limit(ANNE, 3, 2, 5, 102)])
    tap.equal([one.client_id for one in events if isinstance(one, event.Accepted)], [1, 2, 3])
    tap.equal(engine.waiting(), 0)


def submit_is_a_limit_order_unless_said_otherwise():
    engine = venue()
    engine.submit(ANNE, 1, tradsys.Side.SELL, 5, 100)
    order = engine.orders()[0]
    tap.equal((order.type, order.tif, order.instrument, order.exec),
              (tradsys.Type.LIMIT, tradsys.Tif.GTC, 0, 0))
    engine.run([limit(BERT, 1, 1, 5, 99)])
    engine.submit(ANNE, 2, tradsys.Side.SELL, 9, 0, 0, tradsys.Type.MARKET, tradsys.Tif.IOC)
    tap.equal([one.client_id for one in engine.orders()], [1])  # of Anne; Bert's is filled


def stamps_are_carried_by_submit():
    engine = venue()
    engine.stamp(1000, 50)
    engine.submit(ANNE, 1, 2, 1, 100)
    engine.submit(ANNE, 2, 2, 1, 100)
    tap.equal((engine.trail().seq, {one.time for one in engine.take()}), (51, {1000}))


def commands_in_an_array_are_the_same_as_records():
    one, other = venue(), venue()
    rows = [limit(ANNE, at, 2, 1 + at % 3, 100 + at % 7) for at in range(1, 60)]
    array = command.New.array(len(rows))
    for at, row in enumerate(rows):
        for name in ("account", "client_id", "side", "type", "tif", "qty", "px"):
            array[name][at] = getattr(row, name)
    assert one.run(rows) == other.run(array)
    tap.equal(other.consumed(), 59)
    tap.equal(one.digest(), other.digest())


def questions_about_orders():
    engine = venue()
    engine.run([limit(ANNE, 1, 2, 5, 100), limit(ANNE, 2, 2, 6, 100), limit(ANNE, 3, 2, 7, 101)])
    tap.equal([(one.px, one.qty, one.count) for one in engine.depth(SPOT, tradsys.Side.SELL)],
              [(100, 11, 2), (101, 7, 1)])
    tap.equal(len(engine.depth(SPOT, 2, 1)), 1)
    tap.equal((engine.best(SPOT, 2).px, engine.best(SPOT, 1)), (100, None))
    tap.equal([one.client_id for one in engine.queue(SPOT, 2, 100)], [1, 2])
    tap.equal([one.client_id for one in engine.orders(account=ANNE, side=2)], [1, 2, 3])
    tap.equal(engine.orders(account=BERT), [])
    handle = engine.find(ANNE, 3)
    tap.equal((engine.order(handle).leaves, engine.find(ANNE, 9)),
              (7, None))
    tap.equal(engine.stats().orders, 3)
    tap.equal(engine.spec(FUTURE).symbol, "COIN-F")
    tap.equal(engine.state(SPOT), tradsys.SessionState.CONTINUOUS)
    with raises(tradsys.UnknownError):
        engine.order(1)
    with raises(KeyError):
        engine.spec(9)
    with raises(TypeError):
        engine.orders(colour=1)


def more_orders_than_a_first_guess():
    engine = venue()
    engine.run([limit(ANNE, at, 2, 1, 100) for at in range(1, 501)])
    tap.equal([one.client_id for one in engine.orders()], list(range(1, 501)))


def a_future_is_margined():
    engine = venue()
    # 10 lots at 200: worth 2,000; 10 % initial are 200, held for an order.
    engine.run([mark(200)])
    engine.run([limit(ANNE, 1, 2, 10, 200, instrument=FUTURE)])
    tap.equal(engine.balance(ANNE, USD).locked, 200)
    verdict = engine.ask(limit(BERT, 1, 1, 10, 200, instrument=FUTURE))
    tap.equal((verdict.reason, verdict.need), (0, 200))
    engine.run([limit(BERT, 1, 1, 10, 200, instrument=FUTURE),
                mark(210)])
    tap.equal((engine.position(BERT, FUTURE).qty, engine.unrealised(BERT, FUTURE, 0)), (10, 100))
    tap.equal(sorted(one.instrument for one in engine.positions(BERT)), [FUTURE])


def levels_of_margin_are_watched_if_they_are_asked_for():
    plain = venue()
    with raises(tradsys.UnknownError):
        plain.watch()
    engine = venue(monitor=True)
    engine.run([mark(200), limit(ANNE, 1, 2, 10, 200, instrument=FUTURE),
                limit(BERT, 1, 1, 10, 200, instrument=FUTURE)])
    unit = tradsys.Unit(account=BERT, asset=USD, kind=tradsys.UnitKind.POOL)
    state = engine.margin(unit)
    # 5 % of 2,000.
    tap.equal((state.maintenance, engine.level(unit)), (100, tradsys.MarginLevel.FINE))


def a_snapshot_is_the_same_engine():
    engine = venue()
    engine.run([limit(ANNE, at, 2, 1, 100 + at) for at in range(1, 20)])
    engine.take()
    data = engine.snapshot()
    other = tradsys.Engine.load(data)
    tap.equal(other.digest(), engine.digest())
    assert engine.run([limit(BERT, 1, 1, 5, 200)]) == other.run([limit(BERT, 1, 1, 5, 200)])
    tap.equal(tradsys.snapshot_head(data).format, tradsys.SNAPSHOT_FORMAT)
    for damaged in (data[:-1], data[:1000] + b"x" + data[1001:], b"", b"nothing"):
        with raises(tradsys.FormatError):
            tradsys.Engine.load(damaged)


def an_export_is_lines_of_json():
    lines = [json.loads(line) for line in venue().export().splitlines()]
    assert len(lines) > 5
    tap.equal(lines[-1]["record"], "end")


def definitions_may_be_given_in_whole():
    match, accounts, risk = tradsys.MatchDef(), tradsys.AccountsDef(), tradsys.RiskDef()
    for part in (match, accounts, risk):
        part.accounts_max, part.instruments_max, part.orders_max = 4, 1, 64
    engine = tradsys.Engine(match, accounts, risk)
    tap.equal(engine.audit(), 0)
    risk.accounts_max = 5
    with raises(tradsys.ArgumentError):
        tradsys.Engine(match, accounts, risk)
    with raises(TypeError):
        tradsys.Engine(accounts_maximum=4)


def the_defaults_go_together():
    with tradsys.Engine(orders_max=64) as engine:
        tap.equal(engine.stats().orders, 0)
    with tradsys.Engine(orders_max=64, monitor=True) as engine:
        tap.equal(engine.watch().told, 0)


def set_up_says_what_is_wrong():
    engine = small()
    with raises(tradsys.ArgumentError):
        engine.asset(tradsys.Asset(symbol=""))
    with raises(tradsys.ArgumentError):
        engine.list(specs()[0])  # there are no assets yet
    with raises(tradsys.BufferSizeError):
        engine.asset(tradsys.Terms())
    listed(engine)
    with raises(tradsys.FullError):
        engine.list(specs()[0])


def roles_and_reset():
    engine = venue()
    engine.run([limit(ANNE, 1, 2, 5, 100)])
    engine.reset()
    tap.equal((engine.orders(), engine.spec(SPOT).symbol), ([], "COIN"))
    with raises(tradsys.UnknownError):
        engine.account(ANNE)
    engine.run([account(ANNE)])
    tap.equal(engine.account(ANNE).mode, tradsys.Mode.CROSS)


def a_matcher_alone():
    with tradsys.Matcher(instruments_max=1, orders_max=64) as matcher:
        tap.equal(matcher.add(specs()[0]), 0)
        matcher.submit(ANNE, 1, 2, 5, 100)
        events = matcher.run([limit(BERT, 1, 1, 2, 100)])
        tap.equal([one.KIND_NAME for one in events], ["ACCEPTED", "ACCEPTED", "FILL", "FILL"])
        reason, vetted = matcher.vet(limit(BERT, 2, 1, 3, 100))
        tap.equal((reason, vetted.leaves, vetted.has_px), (0, 3, 1))
        tap.equal(matcher.vet(limit(BERT, 2, 3, 3, 100))[0], tradsys.Reject.BAD_SIDE)
        tap.equal(matcher.audit(), 0)
    assert matcher.closed


if __name__ == "__main__":
    sys.exit(tap.play(tap.functions_of(globals())))
