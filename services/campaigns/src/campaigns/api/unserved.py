"""Voucherify's paths that nobody serves here: who asks for one is told what is served instead.

The gateway brings them here, whoever serves what is meant. Nobody is asked for a key: the answer is
the same for all.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from servicekit.http.errors import ApiError

_CODE: Final = '{"redeemables": [{"object": "voucher", "id": the code}]}'
_ALL_CODES: Final = "make a campaign with a code that all shoppers share"
_NO_CARDS: Final = (
    "there are discounts alone: a campaign's limits say how often, and up to what sum"
)


class Unserved(NamedTuple):
    """A path that Voucherify has, and what is served instead."""

    method: str
    path: str
    instead: str


UNSERVED: Final = (
    Unserved(
        "POST", "/v1/vouchers/{code}/redemption", f"redeem by POST /v1/redemptions with {_CODE}"
    ),
    Unserved("POST", "/v1/vouchers/{code}/validate", f"ask by POST /v1/validations with {_CODE}"),
    Unserved(
        "POST", "/v1/qualifications", f"ask of each code by POST /v1/validations with {_CODE}"
    ),
    Unserved(
        "DELETE",
        "/v1/vouchers/{code}/sessions/{session}",
        "there are no sessions: a validation takes nothing that would have to be given back",
    ),
    Unserved("POST", "/v1/vouchers/{code}/balance", _NO_CARDS),
    Unserved("GET", "/v1/vouchers/{code}/transactions", _NO_CARDS),
    Unserved("POST", "/v1/promotions/validation", _ALL_CODES),
    Unserved("GET", "/v1/promotions/tiers", _ALL_CODES),
    Unserved("POST", "/v1/promotions/tiers/{tier}/redemption", _ALL_CODES),
    Unserved("GET", "/v1/loyalties", _NO_CARDS),
    Unserved("GET", "/v1/rewards", _NO_CARDS),
    Unserved(
        "POST",
        "/v1/events",
        "no events are kept: send what rules ask for as metadata of the customer, by "
        "POST /v1/customers",
    ),
    Unserved("GET", "/v1/metadata-schemas", "metadata have no schema here: nothing is to be set"),
    Unserved(
        "POST", "/v1/exports", "lists are files by format=csv, as GET /v1/vouchers?format=csv"
    ),
)
# As doors have them.
OPEN: Final = tuple(
    (each.method, re.compile(re.sub(r"\{\w+\}", "[^/]+", each.path))) for each in UNSERVED
)


def routes() -> list[Route]:
    """Return a route for each, which refuses whatever comes."""
    return [
        Route(each.path, _refusing(each), methods=[each.method], include_in_schema=False)
        for each in UNSERVED
    ]


def _refusing(unserved: Unserved) -> Callable[[Request], Awaitable[Response]]:
    async def refuse(_request: Request) -> Response:
        raise ApiError(404, "This is not served here", unserved.instead, key="not_served")

    return refuse
