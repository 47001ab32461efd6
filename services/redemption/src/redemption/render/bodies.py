"""The objects that both redemptions and validations are made of, in Voucherify's words."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from contracts import refusals
from contracts.redemptions import Reason
from redemption.model import Refusal, Request
from redemption.render.messages import MESSAGES, status_of
from servicekit.structs import Manner, twin

if TYPE_CHECKING:
    WouldPass = refusals.WouldPass
else:
    WouldPass = twin(refusals.WouldPass, manner=Manner(omits_defaults=True))


class Told(NamedTuple):
    """What an answer repeats of its request; an order of None is "none was sent"."""

    at: datetime
    customer_id: str | None
    tracking_id: str | None
    metadata: Mapping[str, Any]
    order_id: str | None
    order_minor: int | None


def told_of(request: Request) -> Told:
    """Return what an answer to this request repeats."""
    order = request.order
    return Told(
        at=request.at,
        customer_id=request.customer_id,
        tracking_id=request.tracking_id,
        metadata=request.metadata,
        order_id=order.id if order else None,
        order_minor=order.amount_minor if order else None,
    )


class VoucherBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A code that was redeemed."""

    id: str
    object: str = "voucher"
    code: str
    campaign: str
    campaign_id: str
    type: str = "DISCOUNT_VOUCHER"


class RuleError(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the author of a validation rule would have people told who do not meet it."""

    message: str


class RefusalBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The error object of a refusal: why, what was at stake, what would help."""

    code: int
    key: Reason
    message: str
    details: str
    resource_id: str | None
    resource_type: str = "redemption"
    order_amount: int | None
    would_pass: WouldPass | msgspec.UnsetType = msgspec.UNSET
    error: RuleError | msgspec.UnsetType = msgspec.UNSET


def refusal_body(
    refusal: Refusal, order_minor: int | None, code: str, resource_id: str | None = None
) -> RefusalBody:
    return RefusalBody(
        code=status_of(refusal.reason),
        key=refusal.reason,
        message=MESSAGES[refusal.reason],
        details=refusal.hint or code,
        resource_id=resource_id,
        order_amount=order_minor,
        would_pass=written(refusal.would_pass),
        error=_error(refusal.would_pass),
    )


def _error(would_pass: Mapping[str, str | int] | None) -> RuleError | msgspec.UnsetType:
    message = (would_pass or {}).get("message")
    return RuleError(message=message) if isinstance(message, str) else msgspec.UNSET


def written(would_pass: Mapping[str, str | int] | None) -> Any:
    """Return what would have passed as it is written: its names are the contract's already."""
    return would_pass or msgspec.UNSET
