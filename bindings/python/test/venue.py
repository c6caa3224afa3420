"""A small venue for tests: dollars of two decimals, a coin, and a future on it."""
import contextlib

import tradsys
from tradsys import command, margin

USD, COIN = 0, 1
SPOT, FUTURE = 0, 1
ANNE, BERT = 1, 2


@contextlib.contextmanager
def raises(kind, text=""):
    """What is inside raises an error of exactly this class, or one of its kind, that says the text."""
    try:
        yield
    except kind as error:
        assert text in str(error), f"{error} does not say {text!r}"
    else:
        raise AssertionError(f"no {kind.__name__}")


def small(**more):
    """Definitions of an engine of little size."""
    given = {"instruments_max": 2, "accounts_max": 8, "orders_max": 4096, "balances_max": 32,
             "positions_max": 32}
    given.update(more)
    return tradsys.Engine(**given)


def specs():
    spot = tradsys.Instrument(symbol="COIN", base_asset=COIN, px_max=100000, qty_max=100000)
    future = tradsys.Instrument(symbol="COIN-F", kind=tradsys.InstrumentKind.LINEAR, px_max=100000,
                                base_asset=COIN, qty_max=100000)
    return spot, future


def listed(engine):
    """The engine with assets, fees and instruments."""
    assert engine.asset(tradsys.Asset(scale=2, symbol="USD")) == USD
    assert engine.asset(tradsys.Asset(symbol="COIN")) == COIN
    assert engine.fees(tradsys.FeeTable(tier_count=1)) == 0
    spot, future = specs()
    assert engine.list(spot) == SPOT
    assert engine.list(future, model=margin.flat(100000, 50000)) == FUTURE
    return engine


def account(number, mode=tradsys.Mode.CROSS):
    return command.Account(account=number, action=tradsys.ACCOUNT_SET, role=tradsys.Role.TRADER,
                           margin=mode, enabled=1)


def deposit(number, asset, amount):
    return command.Transfer(account=number, asset=asset, amount=amount,
                            action=tradsys.TransferAction.DEPOSIT)


def funded(engine):
    """Two accounts with money."""
    engine.run([account(ANNE), account(BERT), deposit(ANNE, COIN, 1000), deposit(ANNE, USD, 10**9),
                deposit(BERT, USD, 10**9)])
    return engine


def limit(number, client_id, side, qty, px, **more):
    return command.New(account=number, client_id=client_id, side=side, qty=qty, px=px,
                       type=tradsys.Type.LIMIT, tif=tradsys.Tif.GTC, **more)


def venue(**more):
    return funded(listed(small(**more)))
