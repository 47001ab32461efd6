"""Rolls back what was redeemed on orders that are cancelled or refunded, where campaigns say so.

Each rollback has a key that the refund gives it, and what was rolled back is noted afterwards: who
dies in between does it again, and it was done. Only what was seen is noted: where somebody
redeems meanwhile, or a rollback is refused, the order stays due.
"""

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg
import orjson
import structlog

from contracts.rollbacks import NotRolledBack
from redemption.batches.decider import Decider
from redemption.model import OrderKey
from redemption.outcomes import Response
from redemption.reading.parsing import request_key
from redemption.returns import ORDERS, Original, Rollback
from redemption.store import definitions, refunds, rollbacks
from redemption.store.refunds import Refund
from servicekit.postgres.pool import Lender, transaction

log = structlog.get_logger()

REFUSED: Final = 400  # and above
REASON: Final = "the order was cancelled or refunded"


class Outcome(Enum):
    """What became of all that was asked of an order."""

    DONE = auto()
    REFUSED = auto()
    LOCKED = auto()


class Seen(NamedTuple):
    """A refund, what was redeemed on its order, and what is asked of that."""

    refund: Refund
    entries: Sequence[UUID]
    asked: Sequence[Rollback]


async def roll_back(
    pool: Lender,
    decider: Decider,
    orders: Collection[OrderKey],
    deadline: float | None = None,
) -> bool:
    """Roll back what is due of these orders; tell whether nothing of that was refused.

    `deadline` is the decider's. Raises OverloadedError where nothing was decided; it stays due.
    Raises LockNotAvailableError where somebody keeps a campaign locked: its orders stay due, and
    those of others are done.
    """
    async with transaction(pool) as conn:
        due = await refunds.due(conn, orders)
    if not due:
        return True
    seen = [await _look(pool, refund) for refund in due]
    outcomes = await _decide(decider, [each.asked for each in seen], deadline)
    done = [each for each, outcome in zip(seen, outcomes, strict=True) if outcome is Outcome.DONE]
    await _note(pool, done)
    if Outcome.LOCKED in outcomes:
        raise asyncpg.LockNotAvailableError("a refund's campaign is locked")
    return Outcome.REFUSED not in outcomes


async def _look(pool: Lender, refund: Refund) -> Seen:
    """See what was redeemed on a refunded order, after the revision that the refund is of."""
    async with transaction(pool) as conn:
        entries = await refunds.redeemed_on(conn, refund.key)
        found = await rollbacks.originals(conn, {(refund.key[0], each) for each in entries})
        originals = [original for each in found.values() for original in each]
        campaigns = {(each.project_id, each.campaign_id) for each in originals}
        known = await definitions.read_campaigns(conn, campaigns)
    asked: list[Rollback] = []
    now = datetime.now(UTC)
    for original in originals:
        campaign = known.get((original.project_id, original.campaign_id))
        if campaign is not None and campaign.terms.rollback.on_cancelled_order:
            asked += _asked(refund, original, now)
    return Seen(refund, entries, asked)


async def _note(pool: Lender, done: Sequence[Seen]) -> None:
    """Note what was done of orders that are as they were seen, but for what was rolled back.

    That alone moves an order on too. So it is seen again in its new revision, and noted if that
    holds still: what was redeemed since is either found here, or has moved the order on again.
    """
    unmoved = [each.refund for each in done if not each.asked]
    moved = [each for each in done if each.asked]
    async with transaction(pool) as conn:
        due = {
            refund.key: refund
            for refund in await refunds.due(conn, [each.refund.key for each in moved])
        }
        for refund, entries, _ in moved:
            now = due.get(refund.key)
            if (
                now is not None
                and now._replace(revision=refund.revision) == refund
                and await refunds.redeemed_on(conn, refund.key) == entries
            ):
                unmoved.append(now)
    async with transaction(pool) as conn:
        await refunds.note(conn, unmoved)


async def _decide(
    decider: Decider, asked: Sequence[Sequence[Rollback]], deadline: float | None
) -> Sequence[Outcome]:
    """Decide what is asked of each order."""
    rollbacks_ = [rollback for of_order in asked for rollback in of_order]
    try:
        responses = iter(await decider.decide(rollbacks_, deadline))
    except asyncpg.LockNotAvailableError:
        if len(asked) == 1:
            return [Outcome.LOCKED]
        # Each by itself, which the decider puts together again: those of other campaigns go on.
        each = await asyncio.gather(*(_decide(decider, [of], deadline) for of in asked))
        return [outcome for [outcome] in each]
    return [_outcome([(rollback, next(responses)) for rollback in of_order]) for of_order in asked]


def _outcome(answered: Sequence[tuple[Rollback, Response]]) -> Outcome:
    refused = [each for each in answered if _is_refused(*each)]
    return Outcome.REFUSED if refused else Outcome.DONE


def _is_refused(rollback: Rollback, response: Response) -> bool:
    """Tell, and log, whether it was refused; not where nothing was left to do."""
    if response.status < REFUSED:
        return False
    refused = orjson.loads(response.body)
    if refused["key"] == NotRolledBack.ALREADY_ROLLED_BACK:
        return False
    log.warning(
        "refund_not_rolled_back",
        project=rollback.project_id,
        redemption=rollback.redemption_id,
        key=refused["key"],
        details=refused["details"],
    )
    return True


def _asked(refund: Refund, original: Original, at: datetime) -> list[Rollback]:
    """Return the rollback of a redemption in proportion to the refund: none of nothing.

    What has no share of its order, all of which was counted before, gives back of its discount. It
    asks for so much in all: what was rolled back before is subtracted behind the locks, where two
    who see to one order at once wait for each other.
    """
    share, due = original.order_minor or 0, None
    if not refund.whole:
        base = share or original.discount_minor
        due = base * refund.refunded_minor // refund.amount_minor
        if due <= 0:
            return []
    (project_id, order_id), of = refund.key, original.id.hex
    key = request_key(project_id, f"\0refund {order_id}\0{'all' if due is None else due}\0{of}")
    return [
        Rollback(
            project_id=project_id,
            key=key,
            fingerprint=hashlib.sha256(key).digest()[:16],
            request_id=None,
            redemption_id=f"r_{of}",
            originals=(original,),
            amount_minor=due if share else None,
            units=(),
            customer_id=None,
            order_id=None,
            reason=REASON,
            tracking_id=None,
            metadata={},
            caller=ORDERS,
            at=at,
            in_all=True,
            discount_minor=0 if share else due or 0,
        )
    ]
