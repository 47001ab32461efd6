"""Rolls back what is due of whichever orders, whether or not anybody tells of them again.

Somebody redeems on an order that was told to be cancelled or refunded before, Kafka's requests
being read late; a campaign was locked when its order was cancelled; whoever kept an order died
before it was rolled back.
"""

import asyncio
from typing import Final

import asyncpg
import structlog

from redemption import refunding
from redemption.decider import Decider
from redemption.model import OrderKey
from redemption.store import refunds
from redemption.work import OverloadedError
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
            await roll_back_all(pool, decider)
        except Exception as error:
            if not isinstance(error, OverloadedError) and not is_outage(error):
                raise
            log.warning("refunds_left_due", why=repr(error))
            await asyncio.sleep(AFTER_TROUBLE_SECONDS)


async def roll_back_all(pool: Lender, decider: Decider) -> None:
    """Roll back all that is due by now, some orders at a time.

    Raises LockNotAvailableError where campaigns are locked: the orders of all others are done.
    """
    behind, locked = FIRST, None
    while True:
        async with connection(pool) as conn:
            orders = await refunds.overdue(conn, behind)
        if not orders:
            break
        behind = orders[-1]
        try:
            await refunding.roll_back(pool, decider, orders)
        except asyncpg.LockNotAvailableError as error:
            locked = error
    if locked is not None:
        raise locked
