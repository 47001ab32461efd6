"""Rolls back what is due of whichever orders, whether or not anybody tells of them again.

Somebody redeems on an order that was told to be cancelled or refunded before, Kafka's requests
being read late; a campaign was locked when its order was cancelled; whoever kept an order died
before it was rolled back.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import asyncpg
import structlog

from redemption.batches.decider import Decider
from redemption.batches.work import OverloadedError
from redemption.model import OrderKey
from redemption.orders import refunding
from redemption.store import refunds
from servicekit.postgres.pool import Lender, connection, is_outage

log = structlog.get_logger()

EVERY_SECONDS: Final = 0.5
AFTER_TROUBLE_SECONDS: Final = 10.0  # who tries a lock again holds all others up for two seconds
FIRST: Final[OrderKey] = ("", "")


async def roll_back_for_ever(pool: Lender, decider: Decider) -> None:
    """Look for what is due, and see to it; what an outage has kept is seen to after it."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            all_is_well = await roll_back_all(pool, decider)
        except Exception as error:
            if not _is_of_all(error):
                raise
            log.warning("refunds_left_due", why=repr(error))
            all_is_well = False
        if not all_is_well:
            await asyncio.sleep(AFTER_TROUBLE_SECONDS)


def _is_of_all(error: Exception) -> bool:
    """Tell "not now", which is the trouble of all orders, from that of one."""
    return isinstance(error, OverloadedError) or is_outage(error)


async def roll_back_all(pool: Lender, decider: Decider) -> bool:
    """Roll back all that is due by now, some orders at a time; tell whether there was no trouble.

    Raises LockNotAvailableError where campaigns are locked: the orders of all others are done.
    """
    behind, locked, all_is_well = FIRST, None, True
    while True:
        async with connection(pool) as conn:
            orders = await refunds.overdue(conn, behind)
        if not orders:
            break
        behind = orders[-1]
        try:
            all_is_well &= await _roll_back(pool, decider, orders)
        except asyncpg.LockNotAvailableError as error:
            locked = error
    if locked is not None:
        raise locked
    return all_is_well


async def _roll_back(pool: Lender, decider: Decider, orders: Sequence[OrderKey]) -> bool:
    """Roll back orders, and of those that bring trouble leave each by itself."""
    try:
        return await refunding.roll_back(pool, decider, orders)
    except Exception as error:
        if _is_of_all(error):
            raise
        if len(orders) == 1:
            [(project_id, order_id)] = orders
            log.exception("refund_left_due", project=project_id, order=order_id)
            return False
    locked, all_are_well = None, True
    for order in orders:
        try:
            all_are_well &= await _roll_back(pool, decider, [order])
        except asyncpg.LockNotAvailableError as error:
            locked = error
    if locked is not None:
        raise locked
    return all_are_well
