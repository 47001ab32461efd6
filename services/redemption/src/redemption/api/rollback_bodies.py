"""What a client may send to roll a redemption back; all of it is optional, the body itself too."""

from typing import Annotated, Any, Final, Literal

import msgspec
from starlette.requests import Request

from contracts.baskets import MOST_ITEMS, identity_of
from contracts.money import LARGEST_MINOR
from contracts.rollbacks import LONGEST_REASON
from redemption.api.bodies import CustomerBody, Identifier
from redemption.api.reading import decoded, read_customer, read_metadata, read_text
from redemption.rollbacks.asking_back import Wish, WishedLine
from servicekit.http.brackets import refusal
from servicekit.http.errors import invalid

Amount = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_MINOR)]
Said = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_REASON, pattern=r"^[^\x00]+\Z")]


class RollbackItemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many units of a line, which its product names, or its SKU, or both.

    `source_id` is a product's, or what `related_object` says.
    """

    quantity: Amount
    product_id: Identifier | None = None
    sku_id: Identifier | None = None
    source_id: Identifier | None = None
    related_object: Literal["product", "sku"] | None = None
    object: Literal["order_item"] | None = None


class RollbackOrderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which order it was: it must be the redemption's own. Of it, what is rolled back."""

    id: Identifier | None = None
    source_id: Identifier | None = None
    object: str | None = None
    items: (
        Annotated[list[RollbackItemBody], msgspec.Meta(min_length=1, max_length=MOST_ITEMS)] | None
    ) = None


class RollbackRequestBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is left of a redemption is rolled back, or what is in proportion to an `amount`.

    Or what was taken off the units that `order.items` names. An amount is of the order, in minor
    units. A customer or an order that is named must be the
    redemption's own. `reason` and `tracking_id` may stand in the query as well.
    """

    amount: Amount | None = None
    reason: Said | None = None
    tracking_id: Identifier | None = None
    customer: CustomerBody | None = None
    order: RollbackOrderBody | None = None
    metadata: dict[str, Any] | None = None


_body: Final = msgspec.json.Decoder(RollbackRequestBody)
_reason: Final = msgspec.json.Decoder(Said)
_identifier: Final = msgspec.json.Decoder(Identifier)


async def parse_rollback(
    request: Request, redemption_id: str, reason: str | None, tracking_id: str | None
) -> Wish:
    """Read and check what is asked, in body and query. Raises ApiError 400 that names the field."""
    raw = await request.body()
    body = decoded(raw, _body) if raw.strip() else RollbackRequestBody()
    order_id = None if body.order is None else body.order.source_id or body.order.id
    customer = None if body.customer is None else read_customer(body.customer)
    tracked = _one_of(body.tracking_id, _in_query(tracking_id, "tracking_id"), "tracking_id")
    return Wish(
        rollback_of=redemption_id,
        amount_minor=body.amount,
        customer=None if customer is None else identity_of(customer),
        order_id=order_id and read_text(order_id, "$.order.source_id"),
        reason=_one_of(body.reason, _in_query(reason, "reason"), "reason"),
        tracking_id=tracked and read_text(tracked, "$.tracking_id"),
        metadata=read_metadata(body.metadata, "$.metadata"),
        items=_items(body),
    )


def _items(body: RollbackRequestBody) -> tuple[WishedLine, ...]:
    sent = () if body.order is None else body.order.items or ()
    if sent and body.amount is not None:
        raise invalid("`$.amount`: is beside `$.order.items`: one of them says how much")
    return tuple([_item(each, f"$.order.items[{n}]") for n, each in enumerate(sent)])


def _item(item: RollbackItemBody, field: str) -> WishedLine:
    product, sku = item.product_id, item.sku_id
    if item.related_object == "sku":
        sku = sku or item.source_id
    else:
        product = product or item.source_id
    if product is None and sku is None:
        raise invalid(f"`{field}`: needs product_id, sku_id or source_id")
    return WishedLine(
        item.quantity,
        product_id=product and read_text(product, field),
        sku_id=sku and read_text(sku, field),
    )


def _in_query(text: str | None, name: str) -> str | None:
    if text is None:
        return None
    if not text:
        raise refusal(name, "is empty")
    decoder = _reason if name == "reason" else _identifier
    try:
        return decoder.decode(msgspec.json.encode(text))
    except (msgspec.MsgspecError, ValueError) as error:
        raise refusal(name, str(error)) from error


def _one_of(said: str | None, asked: str | None, name: str) -> str | None:
    """Return what body or query say, which may not be two things."""
    if None not in {said, asked} and said != asked:
        raise invalid(f"`$.{name}`: is another one in the query")
    return said if said is not None else asked
