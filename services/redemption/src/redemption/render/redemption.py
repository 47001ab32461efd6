"""The response to a redemption, as Voucherify's clients read it.

Rendered from a decision, or from what the ledger keeps of one: the same bytes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from contracts.instants import to_rfc3339
from redemption.ledger.entries import parent_redemption_id, redemption_id
from redemption.model import Refusal
from redemption.outcomes import Applied, Decision, Line, Response
from redemption.render.bodies import (
    Told,
    VoucherBody,
    refusal_body,
    told_of,
)
from redemption.render.left_out import LeftOut, LeftOutBody, inapplicable, of_decision, skipped
from redemption.render.messages import status_of
from redemption.render.orders import Applying, OrderBody, as_one
from redemption.returns import Asked

_encode: Final[Callable[[object], bytes]] = msgspec.json.Encoder().encode


class RedemptionBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One code that was redeemed. `redemption` is what codes redeemed together have in common."""

    id: str
    object: str = "redemption"
    date: str
    customer_id: str | None
    tracking_id: str | None
    metadata: Mapping[str, Any]
    redemption: str | msgspec.UnsetType = msgspec.UNSET
    result: str = "SUCCESS"
    status: str = "SUCCEEDED"
    related_object_type: str = "voucher"
    related_object_id: str
    voucher: VoucherBody
    order: OrderBody | None


class ParentBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What codes redeemed together have in common."""

    id: str
    object: str = "redemption"
    date: str
    customer_id: str | None
    tracking_id: str | None
    metadata: Mapping[str, Any]
    result: str = "SUCCESS"
    status: str = "SUCCEEDED"
    related_object_type: str = "redemption"
    related_object_id: str
    order: OrderBody | None


class RedemptionsBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The response to a request whose codes were redeemed: all of them, or those that may be."""

    redemptions: list[RedemptionBody]
    parent_redemption: ParentBody | msgspec.UnsetType = msgspec.UNSET
    order: OrderBody | None
    inapplicable_redeemables: Sequence[LeftOutBody] = ()
    skipped_redeemables: Sequence[LeftOutBody] = ()


class RedeemedCode(NamedTuple):
    """What a response tells of a code that was redeemed."""

    redemption_id: str
    code: str
    voucher_id: str
    campaign_id: str
    campaign_name: str
    discount_minor: int
    lines: tuple[Line, ...]


def response(decision: Decision) -> Response:
    """Render the response to a decision."""
    request, refused = decision.request, decision.refused
    told = told_of(request)
    if refused is None:
        codes = [_redeemed(o) for o in decision.outcomes if isinstance(o, Applied)]
        left_out = of_decision(decision) if len(codes) < len(decision.outcomes) else ()
        body = redeemed_body(told, codes, left_out, parent_redemption_id(request))
    else:
        body = refused_body(told, refused.id, refused.code, refused.refusal)
    return Response(request.fingerprint, _status(decision), body)


def bare_response(decision: Decision) -> Response:
    """Return the response to a decision where nobody waits for its body."""
    return Response(decision.request.fingerprint, _status(decision), b"")


def _status(decision: Decision) -> int:
    return 200 if decision.refused is None else status_of(decision.refused.refusal.reason)


def key_reused(request: Asked) -> Response:
    """Render the answer to a known key with other content: never a second decision."""
    body = {
        "code": 422,
        "key": "idempotency_key_reused",
        "message": "this key was used for another request",
        "details": "send the same content again, or a new key",
    }
    return Response(request.fingerprint, 422, _encode(body), key_reused=True)


def refused_body(told: Told, entry_id: UUID, code: str, refusal: Refusal) -> bytes:
    """Render why nothing was redeemed: the reason of the first code that was refused."""
    resource_id = redemption_id(entry_id, accepted=False)
    return _encode(refusal_body(refusal, told.order_minor, code, resource_id))


def redeemed_body(
    told: Told, codes: Sequence[RedeemedCode], left_out: Sequence[LeftOut], parent_id: str | None
) -> bytes:
    """Render what was redeemed, in the order in which the codes applied."""
    date = to_rfc3339(told.at)
    bodies: list[RedemptionBody] = []
    order, applying = None, Applying(told)
    for each in codes:
        order = applying.after(each.discount_minor, each.lines)
        bodies.append(
            RedemptionBody(
                id=each.redemption_id,
                date=date,
                customer_id=told.customer_id,
                tracking_id=told.tracking_id,
                metadata=told.metadata,
                redemption=parent_id or msgspec.UNSET,
                related_object_id=each.voucher_id,
                voucher=VoucherBody(
                    id=each.voucher_id,
                    code=each.code,
                    campaign=each.campaign_name,
                    campaign_id=each.campaign_id,
                ),
                order=order,
            )
        )
    if parent_id is None:
        return _encode(RedemptionsBody(redemptions=bodies, order=order))
    total = as_one(order)
    parent = ParentBody(
        id=parent_id,
        date=date,
        customer_id=told.customer_id,
        tracking_id=told.tracking_id,
        metadata=told.metadata,
        related_object_id=parent_id,
        order=total,
    )
    return _encode(
        RedemptionsBody(
            redemptions=bodies,
            parent_redemption=parent,
            order=total,
            inapplicable_redeemables=inapplicable(told, left_out, kept=True),
            skipped_redeemables=skipped(left_out),
        )
    )


def _redeemed(outcome: Applied) -> RedeemedCode:
    offer = outcome.offer
    return RedeemedCode(
        redemption_id=redemption_id(outcome.id, accepted=True),
        code=offer.code,
        voucher_id=offer.voucher.id,
        campaign_id=offer.campaign.id,
        campaign_name=offer.campaign.name,
        discount_minor=outcome.discount_minor,
        lines=outcome.lines,
    )
