"""The response to a redemption, as Voucherify's clients read it; the bytes are kept for repeats."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from contracts.instants import to_rfc3339
from redemption.entries import parent_redemption_id, redemption_id
from redemption.model import Applied, Decision, Inapplicable, Request, Response
from redemption.render.bodies import (
    OrderBody,
    VoucherBody,
    order_body,
    refusal_body,
    voucher_body,
)
from redemption.render.messages import status_of

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
    """The response to a request whose codes were all redeemed."""

    redemptions: list[RedemptionBody]
    parent_redemption: ParentBody | msgspec.UnsetType = msgspec.UNSET
    order: OrderBody | None
    inapplicable_redeemables: tuple[()] = ()
    skipped_redeemables: tuple[()] = ()


def response(decision: Decision) -> Response:
    """Render the response to a decision."""
    request, refused = decision.request, decision.refused
    if refused is not None:
        status = status_of(refused.refusal.reason)
        return Response(request.fingerprint, status, _encode(_refused(request, refused)))
    return Response(request.fingerprint, 200, _encode(_redeemed(decision)))


def key_reused(request: Request) -> Response:
    """Render the answer to a known key with other content: never a second decision."""
    body = {
        "code": 422,
        "key": "idempotency_key_reused",
        "message": "this key was used for another request",
        "details": "send the same content again, or a new key",
    }
    return Response(request.fingerprint, 422, _encode(body), key_reused=True)


def _refused(request: Request, refused: Inapplicable) -> object:
    resource_id = redemption_id(refused.id, accepted=False)
    return refusal_body(refused.refusal, request, refused.code, resource_id)


def _redeemed(decision: Decision) -> RedemptionsBody:
    request = decision.request
    parent_id = parent_redemption_id(request)
    date = to_rfc3339(request.at)
    bodies: list[RedemptionBody] = []
    order, discount_minor = None, 0
    for outcome in decision.outcomes:
        if not isinstance(outcome, Applied):
            continue
        discount_minor += outcome.discount_minor
        order = order_body(request, discount_minor, outcome.discount_minor)
        bodies.append(
            RedemptionBody(
                id=redemption_id(outcome.id, accepted=True),
                date=date,
                customer_id=request.customer_id,
                tracking_id=request.tracking_id,
                metadata=request.metadata,
                redemption=parent_id or msgspec.UNSET,
                related_object_id=outcome.offer.voucher.id,
                voucher=voucher_body(outcome.offer),
                order=order,
            )
        )
    if parent_id is None:
        return RedemptionsBody(redemptions=bodies, order=order)
    total = order_body(request, discount_minor, discount_minor)
    parent = ParentBody(
        id=parent_id,
        date=date,
        customer_id=request.customer_id,
        tracking_id=request.tracking_id,
        metadata=request.metadata,
        related_object_id=parent_id,
        order=total,
    )
    return RedemptionsBody(redemptions=bodies, parent_redemption=parent, order=total)
