"""Codes that did not apply beside others that did, in Voucherify's words."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from contracts.redemptions import Reason
from redemption.decide.stacking import STACK_REFUSED
from redemption.ledger.entries import redemption_id
from redemption.model import Refusal
from redemption.outcomes import Decision, Inapplicable, Skipped
from redemption.render.bodies import RefusalBody, Told, refusal_body
from redemption.render.messages import MESSAGES

# What leaves codes out without a fault of theirs; all else makes them inapplicable.
SKIPS: Final = frozenset(
    {
        Reason.MOST_APPLIED,
        Reason.MOST_OF_CATEGORY_APPLIED,
        Reason.MOST_EXCLUSIVE_APPLIED,
        Reason.MOST_EXCLUSIVE_OF_CATEGORY_APPLIED,
        Reason.EXCLUDED,
        Reason.NO_EFFECT,
        Reason.STACK_REFUSED,
    }
)
PRECEDING: Final = "preceding_validation_failed"


class LeftOut(NamedTuple):
    """What answers tell of a code that did not apply."""

    id: UUID
    code: str
    campaign_id: str | None
    campaign_name: str | None
    refusal: Refusal


class WhyNot(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """The key and the sentence of a refusal."""

    key: str
    message: str


class WhyBody(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """`error` where the code would be refused by itself, too; `details` alone where skipped."""

    error: RefusalBody | msgspec.UnsetType = msgspec.UNSET
    details: WhyNot


class LeftOutBody(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """A code that did not apply, and why; of one that was skipped its campaign is not told."""

    status: str
    id: str
    object: str = "voucher"
    result: WhyBody
    campaign_name: str | None
    campaign_id: str | None


def of_decision(decision: Decision) -> list[LeftOut]:
    """Return the codes of a request that did not apply."""
    return [
        LeftOut(
            id=outcome.id,
            code=outcome.code,
            campaign_id=outcome.offer.campaign.id if outcome.offer else None,
            campaign_name=outcome.offer.campaign.name if outcome.offer else None,
            refusal=outcome.refusal,
        )
        for outcome in decision.outcomes
        if isinstance(outcome, Inapplicable | Skipped)
    ]


def inapplicable(told: Told, codes: Sequence[LeftOut], *, kept: bool) -> list[LeftOutBody]:
    """Show those that are refused by themselves; where `kept`, by the name of the refusal."""
    bodies = []
    for each in codes:
        if each.refusal.reason in SKIPS:
            continue
        name = redemption_id(each.id, accepted=False) if kept else None
        error = refusal_body(each.refusal, told.order_minor, each.code, name)
        bodies.append(
            LeftOutBody(
                status="INAPPLICABLE",
                id=each.code,
                result=WhyBody(error=error, details=WhyNot(error.key, error.message)),
                campaign_name=each.campaign_name,
                campaign_id=each.campaign_id,
            )
        )
    return bodies


def skipped(codes: Sequence[LeftOut]) -> list[LeftOutBody]:
    """Show those that are left out for the sake of others, whether or not they exist."""
    return [
        LeftOutBody(
            status="SKIPPED",
            id=each.code,
            result=WhyBody(details=_why(each.refusal)),
            campaign_name=None,  # or it would say which guesses exist
            campaign_id=None,
        )
        for each in codes
        if each.refusal.reason in SKIPS
    ]


def _why(refusal: Refusal) -> WhyNot:
    if refusal.reason is STACK_REFUSED.reason:
        return WhyNot(PRECEDING, "a code before this one would be refused")
    return WhyNot(refusal.reason, refusal.hint or MESSAGES[refusal.reason])
