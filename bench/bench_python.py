"""bench_python.py - what calls from Python cost. One line each: name, calls, best and median ns per call.

    PYTHONPATH=build/bindings/python python3 bench/bench_python.py

Commands are made before the clock starts. Each line is the best and the median of so many rounds;
the time of the loop itself is told first, and not taken off.
"""
import gc
import statistics
import time

import numpy

import tradsys
from tradsys import command

ROUNDS, ORDERS = 15, 20000


def matcher():
    made = tradsys.Matcher(instruments_max=1, orders_max=1 << 16)
    made.add(tradsys.Instrument(symbol="X"))
    return made


def engine():
    """Two accounts that can pay for whatever comes."""
    made = tradsys.Engine(instruments_max=1, accounts_max=4, orders_max=1 << 16, balances_max=16,
                          positions_max=16)
    made.asset(tradsys.Asset(symbol="USD", scale=2))
    coin = made.asset(tradsys.Asset(symbol="COIN"))
    made.fees(tradsys.FeeTable(tier_count=1))
    made.list(tradsys.Instrument(symbol="COIN", base_asset=coin))
    for account in (1, 2):
        made.run([command.Account(account=account, action=tradsys.ACCOUNT_SET, role=tradsys.Role.TRADER,
                                  margin=tradsys.Mode.CASH, enabled=1)])
        for asset in (0, 1):
            made.run([command.Transfer(account=account, asset=asset, amount=10**15,
                                       action=tradsys.TransferAction.DEPOSIT)])
    return made


def orders():
    """Half of them rest, half of them take."""
    rows = command.New.array(ORDERS)
    at = numpy.arange(ORDERS)
    rows["client_id"], rows["qty"], rows["px"] = at + 1, 1, 100
    rows["account"], rows["side"] = 1 + at % 2, 1 + at % 2
    rows["type"], rows["tif"] = tradsys.Type.LIMIT, tradsys.Tif.GTC
    return rows


def measure(name, prepare, work, count):
    """`work` of what `prepare` has made, `count` calls, so many times."""
    found = []
    for _ in range(ROUNDS):
        prepared = prepare()
        gc.disable()
        begin = time.perf_counter_ns()
        work(prepared)
        found.append((time.perf_counter_ns() - begin) / count)
        gc.enable()
    print(f"{name:28} {count:8} {min(found):9.1f} {statistics.median(found):9.1f}")


def submits(made):
    submit = made.submit
    for at in range(1, ORDERS + 1):
        side = 1 + at % 2
        submit(side, at, side, 1, 100)


def sends(prepared):
    made, records = prepared
    send = made.send
    for record in records:
        send(record)


def main():
    rows = orders()
    records = [rows[at:at + 1].tobytes() for at in range(ORDERS)]
    print(f"{'name':28} {'calls':>8} {'best_ns':>9} {'median_ns':>9}")
    measure("loop", lambda: None, lambda _: [None for _ in range(ORDERS)], ORDERS)
    for name, make in (("matcher", matcher), ("engine", engine)):
        measure(f"{name}/submit", make, submits, ORDERS)
        measure(f"{name}/send", lambda make=make: (make(), records), sends, ORDERS)
        measure(f"{name}/run_array", make, lambda made: made.run(rows), ORDERS)
    events = engine().run(rows)
    measure("events/iterate", lambda: events, lambda of: sum(1 for _ in of), events.count())
    measure("events/fills_as_array", lambda: events,
            lambda of: of.array(tradsys.EventKind.FILL), events.count())
    measure("record/make", lambda: None,
            lambda _: [command.New(account=1, client_id=2, qty=3, px=4) for _ in range(1000)], 1000)
    one = command.New(qty=5)
    measure("record/read_field", lambda: one, lambda of: [of.qty for _ in range(1000)], 1000)


if __name__ == "__main__":
    main()
