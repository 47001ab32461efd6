"""Rolls back what was redeemed on orders that are cancelled or refunded, where campaigns say so.

Each rollback has a key that the refund gives it, and what was rolled back is noted afterwards: who
dies in between does it again, and it was done.
"""

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime

from redemption.decider import Decider
from redemption.model import OrderKey
from redemption.parsing import request_key
from redemption.returns import Original, Rollback
from redemption.store import definitions, refunds, rollbacks
from redemption.store.refunds import Refund
from servicekit.postgres.pool import Lender, transaction

CALLER = "orders"
REASON = "the order was cancelled or refunded"


async def roll_back(pool: Lender, decider: Decider, orders: Collection[OrderKey]) -> None:
    """Roll back what is due of these orders."""
    async with transaction(pool) as conn:
        due = await refunds.due(conn, orders)
    if not due:
        return
    asked: list[Rollback] = []
    for refund in due:
        async with transaction(pool) as conn:
            entries = await refunds.redeemed_on(conn, refund.key)
            found = await rollbacks.originals(conn, {(refund.key[0], each) for each in entries})
            originals = [original for each in found.values() for original in each]
            given = await refunds.given_back(conn, entries, CALLER)
            campaigns = {(each.project_id, each.campaign_id) for each in originals}
            known = await definitions.read_campaigns(conn, campaigns)
        now = datetime.now(UTC)
        for original in originals:
            campaign = known.get((original.project_id, original.campaign_id))
            if campaign is not None and campaign.terms.rollback.on_cancelled_order:
                asked += _asked(refund, original, given.get(original.id, 0), now)
    if asked:
        await decider.decide(asked)
    async with transaction(pool) as conn:
        await refunds.note(conn, due)


def _asked(refund: Refund, original: Original, given_minor: int, at: datetime) -> list[Rollback]:
    """Return the rollback of a redemption in proportion to the refund: none of nothing."""
    amount = None
    if not refund.whole:
        share = original.order_minor or 0
        amount = share * refund.refunded_minor // refund.amount_minor - given_minor
        if amount <= 0:
            return []
    (project_id, order_id), of = refund.key, original.id.hex
    key = request_key(project_id, f"\0refund {order_id}\0{refund.refunded_minor}\0{of}")
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
            caller=CALLER,
            at=at,
        )
    ]
