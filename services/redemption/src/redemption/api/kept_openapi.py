"""What orders and customers have in common: their query strings, and what their page says."""

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request

from redemption.api.customer_bodies import CustomerUpsertBody
from redemption.api.openapi import IDEMPOTENCY_KEY, KEY_REUSED, answers, body_of
from redemption.api.order_bodies import OrderUpsertBody
from redemption.store.showing import ORDERS_BY, Page, TooManyToSortError
from servicekit.http.brackets import Asked, parse, refusal
from servicekit.http.declared_queries import ANY_QUERY
from servicekit.http.openapi import error_response

LARGEST_LIMIT: Final = 100
LAST_PAGE: Final = 100
CREATED: Final = "created_at"
LONGEST_NUMBER: Final = 6

TEXT: Final = {"type": "string"}
AN_ORDER: Final = {
    "source_id": "order-1",
    "status": "PAID",
    "amount": 8900,
    "customer": {"source_id": "shopper-1"},
}
A_CUSTOMER: Final = {"source_id": "shopper-1", "name": "Ann", "email": "ann@example.org"}

_UNKNOWN: Final = error_response("Unknown here", 404, ("not_found", "Resource not found"))
_WRONG: Final = error_response("Malformed", 400, ("invalid_payload", "Invalid payload"))


# Of what is asked, all but these is text.
_SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": 10},
    "page": {"type": "integer", "minimum": 1, "maximum": LAST_PAGE, "default": 1},
}


def _parameters(**said: str) -> dict[str, Any]:
    described = [
        {"name": name, "in": "query", "description": text, "schema": _SCHEMAS.get(name, TEXT)}
        for name, text in said.items()
    ]
    return {"parameters": described} | ANY_QUERY


_PAGES: Final = {
    "limit": "How many",
    "page": "From 1 on",
    "order": "-created_at (the newest first) or created_at; of up to 10,000 also updated_at",
}
ORDER: Final[dict[str, Any]] = {
    "responses": {200: answers("The order as it is now", "KeptOrder"), 404: _UNKNOWN}
}
PUT_ORDER: Final[dict[str, Any]] = {
    "openapi_extra": {
        **body_of(OrderUpsertBody, one=("a paid order", AN_ORDER)),
        "parameters": [IDEMPOTENCY_KEY],
    },
    "responses": {**ORDER["responses"], 400: _WRONG, 422: KEY_REUSED},
}
LIST_OF_ORDERS: Final[dict[str, Any]] = {
    "openapi_extra": _parameters(
        **_PAGES, customer="Of whom: our id, the shop's, or an e-mail", source_id="The order's id"
    ),
    "responses": {200: answers("Orders", "OrderList"), 400: _WRONG},
}
CUSTOMER: Final[dict[str, Any]] = {
    "responses": {200: answers("The customer, with what they did", "KeptCustomer"), 404: _UNKNOWN}
}
PUT_CUSTOMER: Final[dict[str, Any]] = {
    "openapi_extra": body_of(CustomerUpsertBody, one=("a customer", A_CUSTOMER)),
    "responses": {**CUSTOMER["responses"], 400: _WRONG},
}
LIST_OF_CUSTOMERS: Final[dict[str, Any]] = {
    "openapi_extra": _parameters(
        **_PAGES,
        email="Whose e-mail it is",
        name="Whose name it is, in any letters",
        segment_id="Who is in this segment now: all customers are judged for it, one by one",
        starting_after="Instead of a page: our id of the last customer, or when they were created",
        **{
            f"{name}[{bound}]": f"{what} {bound} this instant, or day of UTC"
            for name, what in (("created_at", "First seen"), ("updated_at", "Last changed"))
            for bound in ("after", "before")
        },
    ),
    "responses": {
        200: answers("Customers", "CustomerList"),
        400: _WRONG,
        404: _UNKNOWN,
    },
}
NOTHING: Final[dict[str, Any]] = {
    "status_code": 204,
    "responses": {404: _UNKNOWN},
}
DELETION: Final[dict[str, Any]] = {
    "responses": {200: answers("Who they were is forgotten", "PermanentDeletion"), 404: _UNKNOWN}
}
EXPORT: Final[dict[str, Any]] = {
    "responses": {
        200: answers("The customer, their orders and all their redemptions", "PersonExport"),
        404: _UNKNOWN,
    }
}


def asked(request: Request, *known: str, dates: Sequence[str] = ()) -> Asked:
    """Read a query string. Raises ApiError 400 that names what is unknown."""
    return parse(request.query_params.multi_items(), plain=known, dates=dates, fields={})


def page_of(
    said: Asked, orders: Collection[str] = ORDERS_BY, after: str | datetime | None = None
) -> Page:
    """Return what part of a list is wanted."""
    limit = _number(said, "limit", 10, LARGEST_LIMIT)
    page = _number(said, "page", 1, LAST_PAGE)
    order = said.one("order")
    if order is None:
        order = f"-{CREATED}"
    by = order.removeprefix("-")
    if by not in orders:
        raise refusal("order", f"known are {', '.join(f'-{each}, {each}' for each in orders)}")
    if after is not None and "page" in said.plain:
        raise refusal("starting_after", "is instead of page")
    if after is not None and by != CREATED:
        raise refusal("starting_after", f"goes with order={CREATED}: take page")
    offset = (page - 1) * limit
    return Page(limit, offset, descending=order.startswith("-"), after=after, by=by)


@contextlib.contextmanager
def refusing_to_sort() -> Iterator[None]:
    """Refuse a list that is too long for its order, by name."""
    try:
        yield
    except TooManyToSortError as error:
        raise refusal("order", f"{error}: narrow it down, or order by {CREATED}") from error


def _number(said: Asked, name: str, default: int, most: int) -> int:
    text = said.one(name)
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else 0
    if not 1 <= number <= most:
        raise refusal(name, f"must be a number from 1 to {most}")
    return number
