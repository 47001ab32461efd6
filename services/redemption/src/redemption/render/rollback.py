"""The response to a rollback, as Voucherify's clients read it, and one rollback out of it.

It is kept as a list, whoever asked: so the same wish has the same answer, and who asked to roll one
redemption back gets the one that the list has.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import msgspec

from contracts.instants import to_rfc3339
from contracts.rollbacks import NotRolledBack
from redemption.ledger.entries import redemption_id, rollback_id
from redemption.outcomes import Response
from redemption.render.bodies import VoucherBody
from redemption.returns import Part, Returned, Rollback

OK: Final = 200

MESSAGES: Final[Mapping[NotRolledBack, str]] = {
    NotRolledBack.NOT_FOUND: "Resource not found",
    NotRolledBack.ALREADY_ROLLED_BACK: "the redemption was rolled back already",
    NotRolledBack.INVALID_REDEMPTION: "several codes were redeemed together",
    NotRolledBack.INVALID_REDEMPTION_PARENT: "the code was redeemed together with others",
    NotRolledBack.INVALID_ROLLBACK_PARAMS: "so much cannot be rolled back",
    NotRolledBack.INVALID_CUSTOMER: "the customer is not related with the redemption",
    NotRolledBack.INVALID_ORDER: "the order is not related with the redemption",
}

_encode: Final[Callable[[object], bytes]] = msgspec.json.Encoder().encode


class RolledBackOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The order that a redemption has a share of, as that leaves it; minor units.

    Where the whole is rolled back it is cancelled, with all its share and no discount; or else it
    is what is left of the share, with what is left of the discount.
    """

    source_id: str | None
    object: Literal["order"] = "order"
    status: Literal["CANCELED", "PAID"]
    amount: int
    discount_amount: int
    total_discount_amount: int
    applied_discount_amount: int
    total_applied_discount_amount: int
    total_amount: int
    customer_id: str | None


class RolledBackItem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Units of a line that were given back, what they came to and what was taken off them."""

    object: Literal["order_item"] = "order_item"
    product_id: str | None
    sku_id: str | None
    quantity: int
    amount: int
    discount_amount: int


class RollbackBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was given back of one code's redemption, named by `redemption`.

    `amount` is the part of its order, `discount_amount` what was taken off that; `whole` tells
    whether nothing is left of it. `items` are there where lines were named. Of several codes
    `parent_rollback` names what they have in common.
    """

    id: str
    object: Literal["redemption_rollback"] = "redemption_rollback"
    date: str
    customer_id: str | None
    tracking_id: str | None
    metadata: Mapping[str, Any]
    redemption: str
    parent_rollback: str | msgspec.UnsetType = msgspec.UNSET
    reason: str | None
    result: Literal["SUCCESS"] = "SUCCESS"
    status: Literal["SUCCEEDED"] = "SUCCEEDED"
    related_object_type: Literal["voucher"] = "voucher"
    related_object_id: str
    voucher: VoucherBody
    amount: int | None
    discount_amount: int
    whole: bool
    items: list[RolledBackItem] | msgspec.UnsetType = msgspec.UNSET
    order: RolledBackOrder | None


class ParentRollbackBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What rollbacks of codes that were redeemed together have in common."""

    id: str
    object: Literal["redemption_rollback"] = "redemption_rollback"
    date: str
    customer_id: str | None
    tracking_id: str | None
    metadata: Mapping[str, Any]
    redemption: str
    reason: str | None
    result: Literal["SUCCESS"] = "SUCCESS"
    status: Literal["SUCCEEDED"] = "SUCCEEDED"
    related_object_type: Literal["redemption"] = "redemption"
    related_object_id: str
    order: RolledBackOrder | None


class RollbacksBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The response to a rollback: what was given back, code by code."""

    rollbacks: list[RollbackBody]
    parent_rollback: ParentRollbackBody | msgspec.UnsetType = msgspec.UNSET
    order: RolledBackOrder | None


class NotRolledBackBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The error object of a rollback that was refused."""

    code: int
    key: NotRolledBack
    message: str
    details: str
    resource_id: str
    resource_type: Literal["redemption_rollback"] = "redemption_rollback"


def response(decision: Returned) -> Response:
    """Render the response to a rollback."""
    request, refusal = decision.request, decision.refusal
    if refusal is not None:
        body = refused(refusal.reason, refusal.hint, f"rrf_{request.key.hex()}")
        return Response(request.fingerprint, body.code, _encode(body))
    return Response(request.fingerprint, OK, _encode(_body(request, decision.parts)))


def refused(reason: NotRolledBack, hint: str, resource_id: str) -> NotRolledBackBody:
    """Say why nothing is given back."""
    return NotRolledBackBody(
        code=404 if reason is NotRolledBack.NOT_FOUND else 400,
        key=reason,
        message=MESSAGES[reason],
        details=hint,
        resource_id=resource_id,
    )


def alone(body: bytes) -> bytes:
    """Return the only rollback of a response that has one."""
    [rollback] = msgspec.json.decode(body)["rollbacks"]
    return _encode(rollback)


def without_what_was_sent(body: bytes) -> bytes:
    """Return a response that says nothing any more of what was sent to identify or explain it."""
    told = msgspec.json.decode(body)
    common = [told["parent_rollback"]] if "parent_rollback" in told else []
    for each in [*told["rollbacks"], *common]:
        each.update(tracking_id=None, metadata={}, reason=None)
    return _encode(told)


def _body(request: Rollback, parts: tuple[Part, ...]) -> RollbacksBody:
    date, first = to_rfc3339(request.at), parts[0].original
    together = len(request.originals) > 1
    parent_id = f"rr_{request.key.hex()}"
    rollbacks = [
        RollbackBody(
            id=rollback_id(part.id),
            date=date,
            customer_id=part.original.customer_id,
            tracking_id=request.tracking_id,
            metadata=request.metadata,
            redemption=redemption_id(part.original.id, accepted=True),
            parent_rollback=parent_id if together else msgspec.UNSET,
            reason=request.reason,
            related_object_id=part.original.voucher_id,
            voucher=VoucherBody(
                id=part.original.voucher_id,
                code=part.original.code,
                campaign=part.original.campaign_name,
                campaign_id=part.original.campaign_id,
            ),
            amount=None if part.original.order_minor is None else part.order_minor,
            discount_amount=part.discount_minor,
            whole=part.whole,
            items=_items(part) or msgspec.UNSET,
            order=_order((part,)),
        )
        for part in parts
    ]
    order = _order(parts)
    if not together:
        return RollbacksBody(rollbacks=rollbacks, order=order)
    parent = ParentRollbackBody(
        id=parent_id,
        date=date,
        customer_id=first.customer_id,
        tracking_id=request.tracking_id,
        metadata=request.metadata,
        redemption=request.redemption_id,
        reason=request.reason,
        related_object_id=request.redemption_id,
        order=order,
    )
    return RollbacksBody(rollbacks=rollbacks, parent_rollback=parent, order=order)


def _items(part: Part) -> list[RolledBackItem]:
    return [
        RolledBackItem(
            product_id=line.product_id,
            sku_id=line.sku_id,
            quantity=line.quantity,
            amount=line.amount_minor,
            discount_amount=line.discount_minor,
        )
        for line in part.lines
        if line.quantity
    ]


def _order(parts: tuple[Part, ...]) -> RolledBackOrder | None:
    original = parts[0].original
    if original.order_minor is None:
        return None
    whole = all(part.whole for part in parts)
    if whole:
        amount, discount = sum(part.original.order_minor or 0 for part in parts), 0
    else:
        amount = sum(part.order_left_minor for part in parts)
        discount = sum(part.discount_left_minor for part in parts)
    return RolledBackOrder(
        source_id=original.order_id,
        status="CANCELED" if whole else "PAID",
        amount=amount,
        discount_amount=discount,
        total_discount_amount=discount,
        applied_discount_amount=discount,
        total_applied_discount_amount=discount,
        total_amount=amount - discount,
        customer_id=original.customer_id,
    )
