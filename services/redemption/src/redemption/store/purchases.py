"""What a batch says of orders and customers, written together."""

from collections.abc import Callable
from typing import NamedTuple

from redemption.customers.purchases import Purchases
from redemption.store import customer_changes, orders
from servicekit.postgres.writing import Rows, Statement


class Written(NamedTuple):
    """How they are kept: who is new by rows, which are cheaper, and who is known by statements."""

    additions: list[Callable[[], Rows]]
    statements: list[Statement]


def put(purchases: Purchases) -> Written:
    """Keep what customers did, and orders: in this order, in which everybody locks them.

    Raises UniqueViolationError for what is known although nobody knew it when it was read, and
    SerializationError for what was changed since.
    """
    written = Written([], [])
    if purchases.changes:
        came = {key: change for key, change in purchases.changes.items() if change.as_read == 0}
        if len(came) < len(purchases.changes):
            others = {key: each for key, each in purchases.changes.items() if key not in came}
            written.statements.append(customer_changes.add(others))
        profiles = customer_changes.put_profiles(purchases.changes)
        if profiles is not None:
            written.statements.append(profiles)
        if came:
            written.additions.append(lambda: customer_changes.rows(came))
    made = {key: order for key, order in purchases.kept.items() if order.revision == 0}
    known = {key: order for key, order in purchases.kept.items() if order.revision}
    if known:
        written.statements.append(orders.put(known))
    if made:
        written.additions.append(lambda: orders.rows(made))
    return written
