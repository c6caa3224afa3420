"""What a type checker must find right; test_types.py says what it must find wrong."""
import tradsys
from tradsys import command, event, extension, margin

engine = tradsys.Engine(instruments_max=1, accounts_max=4, orders_max=10)
number: int = engine.asset(tradsys.Asset(symbol="USD", scale=2))
spec = tradsys.Instrument(symbol="X", tiers=[tradsys.TickTier(from_=1, step=1)], tier_count=1)
engine.list(spec, model=margin.flat(100000, 50000))
slots: int = engine.submit(1, 1, tradsys.Side.BUY, 5, spec.px("1.00"), 0, tradsys.Type.LIMIT)
events: tradsys.Events = engine.run([command.New(account=1, qty=5), command.Cancel(target=1)])
engine.send(command.New().extended(extension.OrderLink(expiry=5)))
for one in events:
    if isinstance(one, event.Fill):
        leaves: int = one.leaves
best = engine.best(0, tradsys.Side.BUY)
px: int = best.px if best is not None else 0
symbol: str = engine.spec(0).symbol
free: int = engine.balance(1, 0).free
try:
    engine.order(7)
except tradsys.UnknownError as error:
    code: int = error.code
with tradsys.LevelBook(levels_max=64) as book:
    book.set(tradsys.Side.BUY, 1, 1)
copied: tradsys.Instrument = spec.copy()
