"""Rolls back what was redeemed on orders that are cancelled or refunded, where campaigns say so.

Each rollback has a key that the refund gives it, and what was rolled back is noted afterwards: who
dies in between does it again, and it was done.
"""

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final

import asyncpg
import orjson
import structlog

from contracts.rollbacks import NotRolledBack
from redemption.decider import Decider
from redemption.model import OrderKey
from redemption.outcomes import Response
from redemption.parsing import request_key
from redemption.returns import ORDERS, Original, Rollback
from redemption.store import definitions, refunds, rollbacks
from redemption.store.refunds import Refund
from servicekit.postgres.pool import Lender, transaction

log = structlog.get_logger()

REFUSED: Final = 400  # and above
REASON: Final = "the order was cancelled or refunded"


async def roll_back(
    pool: Lender,
    decider: Decider,
    orders: Collection[OrderKey],
    deadline: float | None = None,
) -> None:
    """Roll back what is due of these orders.

    `deadline` is the decider's. Raises OverloadedError where nothing was decided; it stays due.
    Raises LockNotAvailableError where somebody keeps a campaign locked: its orders stay due, and
    those of others are done.
    """
    async with transaction(pool) as conn:
        due = await refunds.due(conn, orders)
    if not due:
        return
    asked: list[list[Rollback]] = []
    for refund in due:
        asked.append([])
        async with transaction(pool) as conn:
            entries = await refunds.redeemed_on(conn, refund.key)
            found = await rollbacks.originals(conn, {(refund.key[0], each) for each in entries})
            originals = [original for each in found.values() for original in each]
            campaigns = {(each.project_id, each.campaign_id) for each in originals}
            known = await definitions.read_campaigns(conn, campaigns)
        now = datetime.now(UTC)
        for original in originals:
            campaign = known.get((original.project_id, original.campaign_id))
            if campaign is not None and campaign.terms.rollback.on_cancelled_order:
                asked[-1] += _asked(refund, original, now)
    locked = await _decide(decider, asked, deadline)
    async with transaction(pool) as conn:
        await refunds.note(
            conn, [each for each, is_locked in zip(due, locked, strict=True) if not is_locked]
        )
    if any(locked):
        raise asyncpg.LockNotAvailableError("a refund's campaign is locked")


async def _decide(
    decider: Decider, asked: Sequence[Sequence[Rollback]], deadline: float | None
) -> Sequence[bool]:
    """Decide what is asked of each order; tell which wait for a campaign that is locked."""
    try:
        await _decide_all(
            decider, [rollback for of_order in asked for rollback in of_order], deadline
        )
    except asyncpg.LockNotAvailableError:
        if len(asked) == 1:
            return [True]
        # Each by itself, which the decider puts together again: those of other campaigns go on.
        return await asyncio.gather(
            *(_is_locked(decider, of_order, deadline) for of_order in asked)
        )
    return [False] * len(asked)


async def _is_locked(decider: Decider, asked: Sequence[Rollback], deadline: float | None) -> bool:
    try:
        await _decide_all(decider, asked, deadline)
    except asyncpg.LockNotAvailableError:
        return True
    return False


async def _decide_all(decider: Decider, asked: Sequence[Rollback], deadline: float | None) -> None:
    for rollback, response in zip(asked, await decider.decide(asked, deadline), strict=True):
        if response.status >= REFUSED:
            _tell(rollback, response)


def _tell(rollback: Rollback, response: Response) -> None:
    """Log a refusal, unless it says that nothing was left to do."""
    refused = orjson.loads(response.body)
    if refused["key"] != NotRolledBack.ALREADY_ROLLED_BACK:
        log.warning(
            "refund_not_rolled_back",
            project=rollback.project_id,
            redemption=rollback.redemption_id,
            key=refused["key"],
            details=refused["details"],
        )


def _asked(refund: Refund, original: Original, at: datetime) -> list[Rollback]:
    """Return the rollback of a redemption in proportion to the refund: none of nothing.

    It asks for so much in all: what was rolled back before is subtracted behind the locks, where
    two who see to one order at once wait for each other.
    """
    amount = None
    if not refund.whole:
        amount = (original.order_minor or 0) * refund.refunded_minor // refund.amount_minor
        if amount <= 0:
            return []
    (project_id, order_id), of = refund.key, original.id.hex
    key = request_key(
        project_id, f"\0refund {order_id}\0{'all' if amount is None else amount}\0{of}"
    )
    return [
        Rollback(
            project_id=project_id,
            key=key,
            fingerprint=hashlib.sha256(key).digest()[:16],
            request_id=None,
            redemption_id=f"r_{of}",
            originals=(original,),
            amount_minor=amount,
            units=(),
            customer_id=None,
            order_id=None,
            reason=REASON,
            tracking_id=None,
            metadata={},
            caller=ORDERS,
            at=at,
            in_all=True,
        )
    ]
