"""What is said to who meets a limit: of how much is how much left, and when there is more. Pure."""

from collections.abc import Mapping
from datetime import datetime

from contracts.instants import to_rfc3339
from contracts.redemptions import Reason
from redemption.model import Claim, Offer, Refusal
from redemption.moments.periods import next_begins


def refused(claim: Claim, left: int, beside: int, offer: Offer, at: datetime) -> Refusal:
    """Say that a claim of a use of the offer cannot be met beside what was used.

    `beside` is what the codes before it in the same request take of that.
    """
    limit = claim.limit or 0
    said = claim.hint.format(limit=limit, left=left, amount=claim.amount)
    told = dict(_told(claim.reason, claim.amount, limit, left))
    if (resets_at := _resets_at(claim, beside, offer, at)) is not None:
        told["resets_at"] = to_rfc3339(resets_at)
    return Refusal(claim.reason, said, told)


def _told(reason: Reason, amount: int, limit: int, left: int) -> Mapping[str, str | int]:
    match reason:
        case Reason.MISSING_CUSTOMER:
            return {"missing": "customer"}
        case Reason.BUDGET_EXCEEDED:
            return {"budget_minor": limit, "left_minor": left, "amount_short": amount - left}
        case _:
            return {"limit": limit, "uses_left": left}


def _resets_at(claim: Claim, beside: int, offer: Offer, at: datetime) -> datetime | None:
    """Return when a limit is whole again; None where that would not do, or not for this code."""
    if claim.per is None or claim.limit is None or beside + claim.amount > claim.limit:
        return None
    resets_at = next_begins(at, claim.per, offer.campaign.time_zone)
    return resets_at if offer.ends_at is None or resets_at < offer.ends_at else None
