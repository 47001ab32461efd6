"""Outcomes as they go on Kafka: built as fast twins of the contract's models."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec

from contracts.instants import to_rfc3339
from contracts.redemptions import Failed, RedemptionFailed, RedemptionSucceeded, Succeeded
from contracts.refusals import WouldPass
from contracts.rollbacks import RedemptionRolledBack, RolledBack, RolledBackLine
from redemption.ledger.entries import Entry, redemption_id, rollback_id
from redemption.model import Offer, Refusal
from redemption.returns import ORDERS, Part, Rollback
from servicekit.structs import twin

SOURCE = "/counterfoil/redemption"

_encode: Final[Callable[[object], bytes]] = msgspec.json.Encoder().encode
_succeeded_event: Final = twin(RedemptionSucceeded)
_failed_event: Final = twin(RedemptionFailed)
_succeeded: Final = twin(Succeeded)
_failed: Final = twin(Failed)
_rolled_back_event: Final = twin(RedemptionRolledBack)
_rolled_back: Final = twin(RolledBack)
_rolled_back_line: Final = twin(RolledBackLine)
_would_pass: Final[Callable[..., WouldPass]] = twin(WouldPass)


def outcome(entry: Entry, decided_at: datetime) -> bytes:
    """Render the event that tells everybody what became of a code."""
    at = _written(decided_at)
    if entry.refusal is not None:
        return _encode(_enveloped(_failed_event, entry, _refused(entry, entry.refusal, at)))
    if entry.offer is None:
        raise ValueError("an unknown code cannot be redeemed")
    data = _redeemed(entry, entry.offer, at)
    return _encode(_enveloped(_succeeded_event, entry, data))


def rolled_back(request: Rollback, part: Part, decided_at: datetime) -> bytes:
    """Render the event that tells everybody what was given back of a redemption."""
    original = part.original
    data = _rolled_back(
        rollback_id=rollback_id(part.id),
        redemption_id=redemption_id(original.id, accepted=True),
        parent_redemption_id=f"r_{original.request_key.hex()}" if original.codes > 1 else None,
        request_id=request.request_id,
        code=original.code,
        voucher_id=original.voucher_id,
        uses=part.uses,
        sequence=part.sequence,
        campaign_id=original.campaign_id,
        campaign_version=original.campaign_version,
        partner_id=original.partner_id,
        channel=original.channel,
        category_id=original.category_id,
        customer_id=original.customer_id,
        customer_is_new=original.customer_is_new,
        order_id=original.order_id,
        whole=part.whole,
        order_minor=part.order_minor,
        discount_minor=part.discount_minor,
        order_left_minor=part.order_left_minor,
        discount_left_minor=part.discount_left_minor,
        items=tuple([_line(*line[:5]) for line in part.lines if line.quantity]),
        currency=original.currency,
        commission_plan=original.commission_plan,
        margin_basis_points=original.margin_basis_points,
        # What people write may say who it was, and nobody can take it back from Kafka.
        reason=request.reason if request.caller == ORDERS else None,
        redeemed_at=_written(original.at),
        decided_at=_written(decided_at),
        caller=request.caller,
        segment_ids=original.segment_ids,
    )
    event = _rolled_back_event(
        id=str(part.id),
        source=SOURCE,
        subject=data.rollback_id,
        time=_written(request.at),
        projectid=request.project_id,
        traceparent=request.traceparent,
        data=data,
    )
    return _encode(event)


def _line(
    product_id: str | None,
    sku_id: str | None,
    quantity: int,
    amount_minor: int,
    discount_minor: int,
) -> RolledBackLine:
    return _rolled_back_line(
        product_id=product_id,
        sku_id=sku_id,
        quantity=quantity,
        amount_minor=amount_minor,
        discount_minor=discount_minor,
    )


def _written(instant: datetime) -> Any:
    """Return an instant as the contract writes it; a twin takes it as it is."""
    return to_rfc3339(instant)


def _enveloped(event: Any, entry: Entry, data: Succeeded | Failed) -> object:
    return event(
        id=str(entry.id),
        source=SOURCE,
        subject=entry.redemption_id,
        time=_written(entry.request.at),
        projectid=entry.request.project_id,
        traceparent=entry.request.traceparent,
        data=data,
    )


def _redeemed(entry: Entry, offer: Offer, at: Any) -> Succeeded:
    request, campaign = entry.request, offer.campaign
    return _succeeded(
        redemption_id=entry.redemption_id,
        parent_redemption_id=entry.parent_redemption_id,
        request_id=request.request_id,
        code=entry.code,
        voucher_id=offer.voucher.id,
        uses=entry.uses,
        sequence=entry.sequence,
        campaign_id=campaign.id,
        campaign_version=campaign.version,
        partner_id=campaign.partner_id,
        channel=campaign.channel,
        category_id=campaign.category_id,
        customer_id=request.customer_id,
        customer_is_new=entry.customer_is_new,
        order_id=request.order.id if request.order else None,
        order_minor=entry.order_minor,
        discount_minor=entry.discount_minor,
        currency=campaign.currency,
        commission_plan=campaign.commission_plan,
        margin_basis_points=campaign.margin_basis_points,
        visit_id=request.visit_id,
        decided_at=at,
        caller=request.caller,
        segment_ids=entry.segment_ids,
    )


def _refused(entry: Entry, refusal: Refusal, at: Any) -> Failed:
    request, campaign = entry.request, entry.offer.campaign if entry.offer else None
    return _failed(
        redemption_id=entry.redemption_id,
        parent_redemption_id=entry.parent_redemption_id,
        request_id=request.request_id,
        code=entry.code,
        reason=refusal.reason,
        hint=refusal.hint,
        would_pass=_would_pass(**(refusal.would_pass or {})),
        campaign_id=campaign.id if campaign else None,
        campaign_version=campaign.version if campaign else None,
        partner_id=campaign.partner_id if campaign else None,
        channel=campaign.channel if campaign else None,
        category_id=campaign.category_id if campaign else None,
        customer_id=request.customer_id,
        order_id=request.order.id if request.order else None,
        order_minor=entry.order_minor,
        currency=entry.currency,
        visit_id=request.visit_id,
        decided_at=at,
        segment_ids=entry.segment_ids,
    )
