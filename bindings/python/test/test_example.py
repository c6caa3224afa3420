"""The example prints what its orders come to."""
import os
import sys
from pathlib import Path

import tap

# 5 at 10.10 and 2 at 10.20 are 50.50 + 20.40 = 70.90 of 1,000.00 dollars.
EXPECTED = """\
account 1 order 1: SELL 5 at 10.1
account 1 order 2: SELL 5 at 10.2
account 2 order 1: BUY 7 at 10.2
account 2 bought 5 at 10.1, 2 left
account 1 sold 5 at 10.1, 0 left
account 2 bought 2 at 10.2, 0 left
account 1 sold 2 at 10.2, 3 left
account 2 order 2: BALANCE
best offer: 3 at 10.2
Bert has 7 coins and 92910 cents
"""


def the_exchange():
    example = Path(os.environ["INCLUDE"]).parent / "examples" / "exchange.py"
    tap.equal(tap.good(tap.run(sys.executable, example)), EXPECTED)


def every_call_has_documentation():
    import tradsys
    for kind in (tradsys.Engine, tradsys.Matcher, tradsys.LevelBook, tradsys.OrderBook,
                 tradsys.ItchReader, tradsys.Events):
        for name in dir(kind):
            call = getattr(kind, name)
            # The last four are SWIG's own.
            if not name.startswith("_") and callable(call) and name not in ("append", "next", "own", "this"):
                assert call.__doc__ and len(call.__doc__) > 10, f"{kind.__name__}.{name}: {call.__doc__!r}"


def every_record_and_field_of_a_kind_has_documentation():
    from tradsys import command, event
    for module in (command, event):
        for name in module.__all__:
            kind = getattr(module, name)
            assert len(kind.__doc__) > 10, name
    assert "limit in ticks" in command.New.px.__doc__


if __name__ == "__main__":
    sys.exit(tap.play(tap.functions_of(globals())))
