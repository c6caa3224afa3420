"""A small exchange in Python: accounts with money, some orders, and what happens to them.

    PYTHONPATH=build/bindings/python python3 exchange.py
"""
import tradsys
from tradsys import Side, command, event

ANNE, BERT = 1, 2


def account(number):
    return command.Account(account=number, action=tradsys.ACCOUNT_SET, role=tradsys.Role.TRADER,
                           margin=tradsys.Mode.CASH, enabled=1)


def deposit(number, asset, amount):
    return command.Transfer(account=number, asset=asset, amount=amount,
                            action=tradsys.TransferAction.DEPOSIT)


def show(one, spec):
    """One event as a line; most kinds are left out."""
    if isinstance(one, event.Accepted):
        print(f"account {one.account} order {one.client_id}: {Side(one.side).name} "
              f"{spec.qty_text(one.qty)} at {spec.px_text(one.px)}")
    elif isinstance(one, event.Fill):
        print(f"account {one.account} {'bought' if one.side == Side.BUY else 'sold'} "
              f"{spec.qty_text(one.qty)} at {spec.px_text(one.px)}, {spec.qty_text(one.leaves)} left")
    elif isinstance(one, event.Rejected):
        print(f"account {one.account} order {one.client_id}: {tradsys.Reject(one.reason).name}")


def main():
    with tradsys.Engine(instruments_max=1, accounts_max=8, orders_max=1000, balances_max=32,
                        positions_max=32) as engine:
        dollar = engine.asset(tradsys.Asset(symbol="USD", scale=2))
        coin = engine.asset(tradsys.Asset(symbol="COIN"))
        engine.fees(tradsys.FeeTable(tier_count=1))
        spec = tradsys.Instrument(symbol="COIN", base_asset=coin, quote_asset=dollar, settle_asset=dollar)
        engine.list(spec)
        engine.run([account(ANNE), account(BERT), deposit(ANNE, coin, 100), deposit(BERT, dollar, 100000)])

        engine.submit(ANNE, 1, Side.SELL, spec.qty("5"), spec.px("10.10"))
        engine.submit(ANNE, 2, Side.SELL, spec.qty("5"), spec.px("10.20"))
        engine.submit(BERT, 1, Side.BUY, spec.qty("7"), spec.px("10.20"))
        engine.submit(BERT, 2, Side.BUY, spec.qty("200"), spec.px("10.00"))  # more than he can pay
        for one in engine.take():
            show(one, spec)

        best = engine.best(0, Side.SELL)
        print(f"best offer: {spec.qty_text(best.qty)} at {spec.px_text(best.px)}")
        print(f"Bert has {engine.balance(BERT, coin).free} coins and {engine.balance(BERT, dollar).free} cents")


if __name__ == "__main__":
    main()
