"""Keeps what shops tell of their orders, with what it is to their customers: a batch at once.

Behind the locks of the customers and then of the orders, which redemptions take too: who is new is
judged before or after, and never in between.
"""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from contracts.baskets import Customer
from redemption.batches.collisions import COLLISIONS
from redemption.customers.purchases import Purchases
from redemption.model import CustomerKey
from redemption.orders.told import Told, is_later, order_after
from redemption.store import customer_changes, customers, order_requests, orders, showing
from redemption.store import purchases as store
from redemption.store.order_requests import OrderRequest, ToldBefore
from servicekit.postgres.pool import Connection, Lender, transaction
from servicekit.postgres.writing import write

Done = TypeVar("Done")

ATTEMPTS: Final = 10


async def keep(pool: Lender, told: Sequence[Told]) -> None:
    """Keep what was told, in its order, in one transaction."""
    await _try(pool, lambda conn: _keep(conn, told))


async def keep_once(pool: Lender, told: Told, request: OrderRequest) -> ToldBefore | None:
    """Keep what was told, unless something was under the same key before: then return that."""

    async def work(conn: Connection) -> ToldBefore | None:
        before = await order_requests.claim(conn, request)
        if before is None:
            await _keep(conn, [told])
        return before

    return await _try(pool, work)


async def meet(
    pool: Lender,
    key: CustomerKey,
    customer: Customer,
    at: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    """Keep what is said of a customer, known or not, with details of who it is.

    Raises TooManyPropertiesError where metadata are more than is kept.
    """

    async def work(conn: Connection) -> None:
        await _meet(conn, key, customer, at)
        if details:
            await showing.put_details(conn, *key, details)

    await _try(pool, work)


async def _try(pool: Lender, work: Callable[[Connection], Awaitable[Done]]) -> Done:
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(*COLLISIONS):
            async with transaction(pool) as conn:
                return await work(conn)
    async with transaction(pool) as conn:
        return await work(conn)


async def _meet(conn: Connection, key: CustomerKey, customer: Customer, at: datetime) -> None:
    purchases = Purchases(customers=await customers.lock(conn, [key]))
    purchases.customers[key].properties.check_room_for(customer.metadata, at)
    purchases.meet(key, customer, at)
    written = store.put(purchases)
    await write(conn, 1, written.additions, written.statements)


async def _keep(conn: Connection, told: Sequence[Told]) -> None:
    keys = {each.key for each in told}
    seen = await orders.read(conn, keys)  # whose an order is never changes, once that is known
    whose = {(key[0], known.customer_id) for key, known in seen.items() if known.customer_id}
    whose |= {key for each in told if (key := each.customer_key) is not None}
    purchases = Purchases(customers=await customers.lock(conn, whose) if whose else {})
    purchases.orders = await orders.lock(conn, keys)
    for each in told:
        before = purchases.orders.get(each.key)
        after = order_after(before, each)
        if after is not before:
            purchases.keep(each.key, after)
        holds = before is None or before.customer_id is None or is_later(each, before)
        if holds and each.customer is not None and each.customer_key is not None:
            purchases.meet(each.customer_key, each.customer, each.at)
    written = store.put(purchases)
    await write(conn, len(told), written.additions, written.statements)
    if purchases.bereft:
        await write(conn, 0, [], [customer_changes.find_ends(purchases.bereft)])
