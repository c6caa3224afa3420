"""One random flow of commands, executed here and by a C program: the same events, the same state."""
import os
import random
import struct
import subprocess
import sys
import tempfile

import tap
from venue import ANNE, BERT, FUTURE, SPOT, account, deposit, limit, specs

import tradsys
from tradsys import command, extension, margin

SEED = int(os.environ.get("TRD_SEED", "1"))
ACCOUNTS = 6


def definitions():
    parts = [tradsys.MatchDef(), tradsys.AccountsDef(), tradsys.RiskDef(), tradsys.MonitorDef()]
    parts[0].publish = tradsys.Publish.ALL
    parts[0].positions_max = parts[0].groups_max = parts[0].quotes_max = 64
    parts[1].publish = tradsys.PublishMoney.ALL
    for part in parts:
        part.accounts_max, part.instruments_max = 8, 2
        for name, value in (("orders_max", 256), ("balances_max", 32), ("ids_max", 64),
                            ("specials_max", 64), ("limits_max", 16), ("repeats_max", 16)):
            if name in part.FIELDS:
                setattr(part, name, value)
    parts[1].positions_max = parts[3].positions_max = 32
    return parts


ASSETS = [tradsys.Asset(scale=2, symbol="USD"), tradsys.Asset(symbol="COIN")]
FEES = tradsys.FeeTable(tier_count=1, tiers=[tradsys.FeeTier(maker_ppb=1000000, taker_ppb=2000000)])
MODEL = margin.flat(100000, 50000)


def engine():
    made = tradsys.Engine(*definitions())
    for asset in ASSETS:
        made.asset(asset)
    made.fees(FEES)
    for spec in specs():
        made.list(spec, model=MODEL)
    return made


def some_command(dice, at):
    """One record as bytes: of most kinds, sensible and not."""
    who, instrument = dice.randint(0, ACCOUNTS), dice.choice((SPOT, FUTURE))
    px, qty = dice.randint(90, 110), dice.randint(1, 30)
    side = dice.choice((1, 2))
    what = dice.random()
    if what < 0.5:
        return bytes(limit(who, at, side, qty, px, instrument=instrument,
                           exec=dice.choice((0, 0, 0, tradsys.Exec.POST_ONLY, tradsys.Exec.REDUCE_ONLY)),
                           stp=dice.randint(0, 6), flags=dice.choice((0, 0, 0, 16))))
    if what < 0.58:
        return command.New(account=who, client_id=at, instrument=instrument, side=side, qty=qty,
                           type=tradsys.Type.STOP_LIMIT, tif=tradsys.Tif.GTC, px=px).extended(
            extension.OrderPrices(trigger=dice.randint(90, 110), source=tradsys.Source.LAST,
                                  flags=tradsys.PricesFlag.TRIGGER))
    if what < 0.63:
        return command.New(account=who, client_id=at, instrument=instrument, side=side, qty=qty,
                           type=tradsys.Type.LIMIT, tif=tradsys.Tif.GTC, px=px).extended(
            extension.OrderSizes(peak=dice.randint(1, qty)))
    if what < 0.75:
        return bytes(command.Cancel(account=who, target=dice.randint(max(1, at - 40), at)))
    if what < 0.82:
        return bytes(command.Replace(account=who, target=dice.randint(max(1, at - 40), at), px=px, qty=qty))
    if what < 0.9:
        return bytes(command.Price(instrument=instrument, px=px, source=tradsys.Source.MARK))
    if what < 0.94:
        return bytes(deposit(who, dice.choice((0, 1, 2)), dice.randint(1, 10**6)))
    if what < 0.96:
        return bytes(command.MassCancel(account=who, filter=tradsys.MassFilter.ACCOUNT))
    if what < 0.98:
        return bytes(dice.randint(0, 255) for _ in range(16)) + b"\x01\x01" + bytes(46)
    return bytes(command.Timer(time=at * 1000))


def flow(count):
    dice = random.Random(SEED)
    records = [bytes(account(number, tradsys.Mode.CROSS if number % 2 else tradsys.Mode.CASH))
               for number in range(1, ACCOUNTS)]
    records += [bytes(deposit(number, asset, 10**7)) for number in (ANNE, BERT, 3, 4) for asset in (0, 1)]
    records += [some_command(dice, at) for at in range(1, count)]
    for at, one in enumerate(records):
        stamped = bytearray(one)
        struct.pack_into("<Qq", stamped, 0, at + 1, at * 1000)
        records[at] = bytes(stamped)
    return records


def in_c(records):
    """(slots, hash, digest) of the C program."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(tradsys.pack(definitions()))
        file.write(struct.pack("<I", len(ASSETS)) + tradsys.pack(ASSETS) + bytes(FEES))
        file.write(struct.pack("<I", len(specs())))
        for spec in specs():
            file.write(bytes(spec) + bytes(tradsys.Terms()) + bytes(MODEL))
        file.write(b"".join(records))
        file.flush()
        done = subprocess.run([os.environ["FLOW_HASH"], file.name], capture_output=True, text=True,
                              check=False, timeout=60)
    return tuple(map(int, tap.good(done).split()))


def of(made):
    return made.trail().slots, made.trail().hash, made.digest()


RECORDS = flow(4000)
EXPECTED = in_c(RECORDS)


def the_flow_does_something():
    print(f"# seed {SEED}, {len(RECORDS)} records, {EXPECTED[0]} slots of events")
    assert EXPECTED[0] > len(RECORDS)
    kinds = {one.KIND_NAME for one in engine().run(b"".join(RECORDS))}
    for kind in ("FILL", "CANCELED", "REPLACED", "TRIGGERED", "REJECTED", "LEDGER", "POSITION", "LEVEL"):
        assert kind in kinds, f"no {kind}"


def in_one_batch():
    made = engine()
    events = made.run(b"".join(RECORDS))
    tap.equal(of(made), EXPECTED)
    tap.equal((len(events), events.hash()), EXPECTED[:2])


def record_by_record():
    made = engine()
    for one in RECORDS:
        made.send(one)
    tap.equal(of(made), EXPECTED)
    tap.equal(made.take().hash(), EXPECTED[1])


def in_pieces_of_any_size_with_questions_between():
    dice, made, at, events = random.Random(SEED), engine(), 0, tradsys.Events()
    while at < len(RECORDS):
        count = dice.randint(1, 200)
        events.append(made.run(b"".join(RECORDS[at:at + count])))
        made.orders()
        made.ask(limit(ANNE, 10**9, 1, 1, 100))
        at += count
    tap.equal(of(made), EXPECTED)
    tap.equal(events.hash(), EXPECTED[1])


def with_a_snapshot_in_the_middle():
    made = engine()
    made.run(b"".join(RECORDS[:2000]))
    made = tradsys.Engine.load(made.snapshot())
    made.run(b"".join(RECORDS[2000:]))
    tap.equal(of(made), EXPECTED)
    tap.equal(made.audit(), 0)


def one_command_less_is_another_hash():
    made = engine()
    made.run(b"".join(RECORDS[:-2] + RECORDS[-1:]))
    assert of(made)[2] != EXPECTED[2]


if __name__ == "__main__":
    sys.exit(tap.play([test for test in tap.functions_of(globals())
                       if test not in (engine, definitions)]))
