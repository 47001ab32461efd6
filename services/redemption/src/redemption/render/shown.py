"""An entry of the ledger as lists show it: Voucherify's words, and ours beside. Pure."""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from contracts.instants import to_rfc3339
from contracts.redemptions import Reason
from redemption.ledger.entries import ShownEntry, redemption_id, rollback_id, shown_id
from redemption.render.bodies import WouldPass, written
from redemption.render.messages import EXPLANATIONS, MESSAGES
from redemption.render.orders import ItemBody

USERS: Final = "user_"


class ShownVoucher(msgspec.Struct, frozen=True, kw_only=True):
    """The code as it was sent; an unknown one has neither an id nor a campaign."""

    object: Literal["voucher"] = "voucher"
    id: str | None
    code: str
    campaign: str | None
    campaign_id: str | None
    type: Literal["DISCOUNT_VOUCHER"] = "DISCOUNT_VOUCHER"


class ShownOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The code's share of the order, in minor units, and what the code took off it.

    One that is looked up is the whole order as it was answered, with its lines.
    """

    object: Literal["order"] = "order"
    source_id: str | None
    amount: int
    discount_amount: int
    total_discount_amount: int
    applied_discount_amount: int
    total_applied_discount_amount: int
    total_amount: int
    customer_id: str | None
    currency: str | None
    initial_amount: int | msgspec.UnsetType = msgspec.UNSET
    items_discount_amount: int | msgspec.UnsetType = msgspec.UNSET
    items_applied_discount_amount: int | msgspec.UnsetType = msgspec.UNSET
    items: list[ItemBody] | msgspec.UnsetType = msgspec.UNSET


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """By whose key, or by which topic it came."""

    channel_id: str
    channel_type: Literal["API", "USER"]


class OfRollback(msgspec.Struct, frozen=True, kw_only=True):
    """What was given back of a redemption at one time: of its order, and of its discount."""

    id: str
    date: str
    amount: int
    discount_amount: int
    whole: bool
    reason: str | None


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """Another redemption of the same request."""

    id: str


class Related(msgspec.Struct, frozen=True, kw_only=True):
    """What was given back of it, and what became of the other codes of its request."""

    rollbacks: list[OfRollback] = []
    redemptions: list[Other] = []


class ListedRedemption(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one code: redeemed, refused, or given back.

    `redemption` names what codes redeemed together have in common, and of a rollback what it gives
    back: its order and discount are the parts that were, its `reason` what was said. Of a refusal
    that is its key. Rolled back is what nothing is left of; `related_redemptions` has the parts.
    `segment_ids` are what the customer was in of the segments in reports, where in any.
    """

    id: str
    object: Literal["redemption", "redemption_rollback"] = "redemption"
    date: str
    customer_id: str | None
    tracking_id: str | None
    metadata: Mapping[str, Any]
    redemption: str | msgspec.UnsetType = msgspec.UNSET
    result: Literal["SUCCESS", "FAILURE"]
    status: Literal["SUCCEEDED", "FAILED", "ROLLED_BACK"]
    failure_code: str | msgspec.UnsetType = msgspec.UNSET
    failure_message: str | msgspec.UnsetType = msgspec.UNSET
    related_object_type: Literal["voucher"] = "voucher"
    related_object_id: str | None
    voucher: ShownVoucher
    order: ShownOrder | None
    channel: Channel
    reason: str | None
    explanation: str | None
    hint: str | None
    would_pass: WouldPass | msgspec.UnsetType = msgspec.UNSET
    partner_id: str | None
    decided_at: str
    segment_ids: list[str] | msgspec.UnsetType = msgspec.UNSET
    related_redemptions: Related | msgspec.UnsetType = msgspec.UNSET


def listed(entry: ShownEntry) -> ListedRedemption:
    """Show an entry as lists do."""
    past = entry.past
    reason = None if past.reason is None else Reason(past.reason)
    refused = reason is not None
    return ListedRedemption(
        id=shown_id(past.id, past.kind),
        object="redemption_rollback" if entry.is_rollback else "redemption",
        date=to_rfc3339(past.at),
        customer_id=past.customer_id,
        tracking_id=past.tracking_id,
        metadata=past.metadata or {},
        redemption=belongs_to(entry) or msgspec.UNSET,
        result="FAILURE" if refused else "SUCCESS",
        status=_status(entry),
        failure_code=msgspec.UNSET if reason is None else failure_code(reason),
        failure_message=msgspec.UNSET if reason is None else MESSAGES[reason],
        related_object_id=past.voucher_id,
        voucher=ShownVoucher(
            id=past.voucher_id,
            code=past.code,
            campaign=past.campaign_name,
            campaign_id=past.campaign_id,
        ),
        order=_order(entry),
        channel=Channel(
            channel_id=entry.caller,
            channel_type="USER" if entry.caller.startswith(USERS) else "API",
        ),
        reason=entry.rollback_reason if reason is None else reason.value,
        explanation=None if reason is None else EXPLANATIONS[reason],
        hint=past.hint or None,
        would_pass=written(past.would_pass),
        partner_id=entry.partner_id,
        decided_at=to_rfc3339(entry.decided_at),
        segment_ids=entry.segment_ids or msgspec.UNSET,
        related_redemptions=Related(rollbacks=rollbacks_of(entry))
        if entry.rollbacks
        else msgspec.UNSET,
    )


def rollbacks_of(entry: ShownEntry) -> list[OfRollback]:
    """Show what was given back of an entry, the oldest first."""
    return [
        OfRollback(
            id=rollback_id(each.id),
            date=to_rfc3339(each.at),
            amount=each.order_minor,
            discount_amount=each.discount_minor,
            whole=each.whole,
            reason=each.reason,
        )
        for each in entry.rollbacks
    ]


def _status(entry: ShownEntry) -> Literal["SUCCEEDED", "FAILED", "ROLLED_BACK"]:
    if entry.past.kind == "refused":
        return "FAILED"
    return "ROLLED_BACK" if entry.is_rolled_back else "SUCCEEDED"


def belongs_to(entry: ShownEntry) -> str | None:
    """Name what a rollback gives back, or what codes redeemed together have in common."""
    of = entry.rollback_of
    return parent_id(entry) if of is None else redemption_id(of, accepted=True)


def failure_code(reason: Reason) -> str:
    """Return a reason as Voucherify's history says it."""
    return "resource_not_found" if reason is Reason.NOT_FOUND else reason.value


def parent_id(entry: ShownEntry) -> str | None:
    """Name what codes redeemed together have in common."""
    together = entry.codes > 1 and entry.past.reason is None
    return f"r_{entry.past.request_key.hex()}" if together else None


def _order(entry: ShownEntry) -> ShownOrder | None:
    past = entry.past
    if past.order_minor is None:
        return None
    sign = -1 if entry.is_rollback else 1  # the ledger has what is given back as negative amounts
    amount, off = sign * past.order_minor, sign * past.discount_minor
    return ShownOrder(
        source_id=past.order_id,
        amount=amount,
        discount_amount=off,
        total_discount_amount=off,
        applied_discount_amount=off,
        total_applied_discount_amount=off,
        total_amount=amount - off,
        customer_id=past.customer_id,
        currency=past.currency,
    )
