// What must compile, and behind @ts-expect-error what must not. Never run.
import {
  Engine, EventKind, Events, Instrument, Integer, ItchReader, LevelBook, Matcher, OrderBook, Record, Side, Type, batch, commands,
  constants, events, extensions, instrument, itch, join, margin, version,
} from 'tradsys';

const engine = new Engine({ accounts_max: 4, match: { publish: 3 }, decisions: true });
const handle: bigint = engine.find(1, 2n);
const order: number = engine.submit({ account: 1, client_id: 1n, side: Side.BUY, qty: '1.5', px: 100 });
const spec = new Instrument({ symbol: 'X', px_min: 1n, tiers: [{ from: 0, step: 5n }] });
const symbol: string = spec.symbol;
const low: bigint = spec.px_min;
spec.px_min = 5;
const step: bigint = spec.tiers[0].step;
engine.list(spec, {}, { model: margin.cash() });
engine.list({ symbol: 'Y' });
engine.send(new commands.New({ account: 1 }), new extensions.OrderSizes({ peak: 2 }));
engine.run([new commands.Cancel({ target: 1 }), join(new commands.New())]);
engine.run(new BigInt64Array(8));
const promise: Promise<number> = engine.runAsync(batch([]));
for (const one of engine.take()) {
  if (one instanceof events.Fill) {
    const px: bigint = one.px;
    const side: number = one.side;
    void [px, side];
  }
}
async function all(): Promise<Record[]> {
  const list: Record[] = [];
  for await (const one of engine.execute([[new commands.Timer()]])) {
    list.push(one);
  }
  return list;
}
for (const one of new ItchReader().feed(new Uint8Array(4))) {
  if (one instanceof itch.Add) {
    const stock: string = one.stock;
    void stock;
  }
}
const kind: 3 = EventKind.FILL;
const best = new LevelBook().best(Side.BUY)?.px ?? 0n;
const total: Integer = best;
void [handle, order, symbol, low, step, promise, all, kind, total, new Matcher({}).add(spec), new OrderBook().count,
  version[0], constants.E_ARG, instrument.px(spec, '1'), new Events().count(EventKind.FILL), Type.LIMIT];

// @ts-expect-error an unknown field
new Instrument({ symbl: 'X' });
// @ts-expect-error text is no number
new Instrument({ px_min: '5' });
// @ts-expect-error 64 bits are a bigint
const wrong: number = spec.px_min;
// @ts-expect-error a misspelt field of an order
engine.submit({ account: 1, client_id: 1, side: 1, qty: 1, prize: 5 });
// @ts-expect-error a field that an order must have
engine.submit({ account: 1, client_id: 1, side: 1 });
// @ts-expect-error a record is no list
engine.run(new commands.New());
// @ts-expect-error constants are constant
Side.BUY = 3;
// @ts-expect-error the fields of one kind are not those of another
new commands.Cancel({ px: 1 });
// @ts-expect-error read only
engine.digest = 5n;
// @ts-expect-error an option that there is not
new Engine({ acounts_max: 5 });
void wrong;
