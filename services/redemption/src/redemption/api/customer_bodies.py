"""What a client may say of a customer, in Voucherify's words."""

from typing import Any, Final

import msgspec
from starlette.requests import Request

from contracts.baskets import Customer
from redemption.api.bodies import CustomerBody, Identifier, Metadata
from redemption.api.reading import decoded, read_customer
from redemption.reading.parsing import to_customer
from servicekit.http.errors import invalid

DETAILS: Final = ("phone", "description", "birthdate", "address")


class AddressBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a customer lives: kept, shown and forgotten, and asked for by no rule."""

    city: Identifier | None = None
    state: Identifier | None = None
    line_1: Identifier | None = None
    line_2: Identifier | None = None
    country: Identifier | None = None
    postal_code: Identifier | None = None


class CustomerUpsertBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent changes, the rest stays; metadata are merged.

    Of a customer 100 properties are kept, of 10 kB as JSON: what would be more is refused.
    """

    id: Identifier | None = None
    source_id: Identifier | None = None
    email: Identifier | None = None
    name: Identifier | None = None
    phone: Identifier | None = None
    description: Identifier | None = None
    birthdate: Identifier | None = None
    address: AddressBody | None = None
    metadata: Metadata | None = None


_customers: Final = msgspec.json.Decoder(CustomerUpsertBody)


async def parse_customer(request: Request) -> CustomerUpsertBody:
    """Read and check a body. Raises ApiError 400 that names the field."""
    return decoded(await request.body(), _customers)


def who(body: CustomerUpsertBody, *, is_known: bool) -> Customer:
    """Return whom a body means; of one who is known beside it, what it says of them."""
    told = CustomerBody(
        source_id=body.source_id or ("known" if is_known and body.email is None else None),
        email=body.email,
        name=body.name,
        metadata=body.metadata,
    )
    found = read_customer(told, "$")
    if found is None:
        raise invalid("`$`: needs source_id or email")
    return (
        found
        if body.source_id or not is_known
        else to_customer(**{name: getattr(found, name) for name in ("email", "name", "metadata")})
    )


def details_of(body: CustomerUpsertBody) -> dict[str, Any]:
    """Return what is said of them beside name and e-mail."""
    said = {name: msgspec.to_builtins(getattr(body, name)) for name in DETAILS}
    return {name: value for name, value in said.items() if value is not None}
