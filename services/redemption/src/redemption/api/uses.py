"""A code's uses, as Voucherify shows them: looked up by a code, which may be a guess."""

import time
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from redemption.api import filters
from redemption.api.answers import RedemptionEntries
from redemption.api.list_openapi import SINGULAR
from redemption.api.lists import Reads, code_of
from redemption.api.looking_up import MAY_READ_CODES
from redemption.api.redemptions import (
    DEADLINE_SECONDS,
    JSON,
    Dependencies,
    places,
)
from redemption.browsing import browse
from redemption.ledger.criteria import REDEEMED
from redemption.reading.parsing import Content
from redemption.reading.parsing import request as to_request
from redemption.render import shown
from redemption.store import vouchers
from redemption.store.keys import Caller
from redemption.store.ways import Part
from servicekit.http.brackets import Asked
from servicekit.http.errors import not_found
from servicekit.postgres.pool import connection

ENTRIES: Final = 100

_encode: Final = msgspec.json.Encoder().encode


def router(reads: Reads, dependencies: Dependencies) -> APIRouter:
    """Make the route."""
    routes = APIRouter(tags=["redemptions"])

    @routes.get("/v1/vouchers/{code}/redemption", summary="Look up a code's uses", **SINGULAR)
    async def get_redemption_of_code(request: Request, code: str) -> Response:
        code = code_of(request, code)
        return await _uses(request, reads, code, await _uses_of(request, dependencies, code))

    return routes


async def _uses_of(request: Request, dependencies: Dependencies, code: str) -> vouchers.Uses:
    """Look a code up. Who may not read codes is guessing, where nobody issued it."""
    caller: Caller = request.state.caller
    held = None
    if not caller.scopes & MAY_READ_CODES:
        asked = to_request(
            Content((code,)),
            caller.project_id,
            None,
            caller=caller.key_id,
            at=datetime.now(UTC),
            customer_key=dependencies.customer_key,
        )
        held = await places(request, asked, dependencies, time.monotonic() + DEADLINE_SECONDS)
    wrong = False
    try:
        async with connection(dependencies.reads.of(caller.project_id)) as conn:
            uses = await vouchers.uses_of(conn, caller.project_id, code)
        wrong = uses is None
    finally:
        if held is not None:
            dependencies.places.give_back(held, refused=wrong)
    if uses is None:
        raise not_found("voucher", code)
    return uses


async def _uses(request: Request, reads: Reads, code: str, uses: vouchers.Uses) -> Response:
    """Answer as Voucherify does: what was redeemed of a code, the newest of it."""
    caller: Caller = request.state.caller
    lender = reads.reads.of(caller.project_id)
    asked = Asked({}, [])
    wanted = filters.wanted(asked, caller, reads.customer_key, code)
    wanted = wanted._replace(criteria=wanted.criteria._replace(reasons=(REDEEMED,)))
    page = await browse.page(lender, wanted, Part(ENTRIES))
    body = RedemptionEntries(
        quantity=uses.quantity,
        redeemed_quantity=uses.uses,
        url=f"/v1/vouchers/{quote(code, safe='')}/redemptions?result=SUCCESS",
        total=page.total.number,
        redemption_entries=[shown.listed(entry) for entry in page.entries],
    )
    return Response(_encode(body), media_type=JSON)
