"""What a batch says of orders and customers, written together."""

from redemption.purchases import Purchases
from redemption.store import customers, orders
from servicekit.postgres.writing import Statement


def put(purchases: Purchases) -> list[Statement]:
    """Keep orders, and what customers did."""
    statements: list[Statement] = []
    if purchases.kept:
        statements.append(orders.put(purchases.kept))
    if purchases.changes:
        profiles = customers.put_profiles(purchases.changes)
        if profiles is not None:
            statements.append(profiles)
        statements.append(customers.add(purchases.changes))
    return statements
