"""One redemption looked up again: a code's, or what codes redeemed together have in common."""

import re
from typing import Final
from urllib.parse import unquote
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from contracts.redemptions import Reason
from contracts.text import BLANKS
from redemption.batches.recall import recall
from redemption.browsing.nearest import nearest_codes
from redemption.render import history
from redemption.render.lookup import looked_up, parent_looked_up
from redemption.store import ledger, listing
from redemption.store.keys import Caller
from servicekit.http.errors import not_found
from servicekit.postgres.bulkheads import Bulkheads
from servicekit.postgres.pool import Connection, connection

ID: Final = re.compile(r"(?P<prefix>r[fr]?)_(?P<hex>[0-9a-f]{32})")
KINDS: Final = {"r": "redeemed", "rf": "refused", "rr": "rolled_back"}
JSON: Final = "application/json"
# Who has nothing but the checkout's key is told no code: guessing would be asking.
MAY_READ_CODES: Final = frozenset({"campaigns", "campaigns_read"})


async def look_up(request: Request, redemption_id: str, reads: Bulkheads) -> Response:
    """Answer with it. Raises ApiError 404."""
    caller: Caller = request.state.caller
    redemption_id = unquote(redemption_id).strip(BLANKS)  # paths match as they were sent
    match = ID.fullmatch(redemption_id)
    body = match and await _found(caller, match, reads)
    if not body:
        raise not_found("redemption", redemption_id)
    return Response(body, media_type=JSON)


async def _found(caller: Caller, match: re.Match[str], reads: Bulkheads) -> bytes | None:
    project_id, digits, kind = caller.project_id, match["hex"], KINDS[match["prefix"]]
    failed = kind == "refused"
    async with connection(reads.of(project_id)) as conn:
        found = await listing.shown(conn, project_id, [UUID(hex=digits)])
        if not found and not failed:
            return await _parent(conn, project_id, match)
        if not found or found[0].past.kind != kind:
            return None
        [entry] = found
        nearest = None
        if entry.past.reason == Reason.NOT_FOUND and caller.scopes & MAY_READ_CODES:
            nearest = await nearest_codes(conn, project_id, entry.past.code)
        answer = None if failed else await recall(conn, project_id, entry.past.request_key)
        others = await ledger.names_of_request(conn, entry.past.request_key)
    return looked_up(entry, answer and answer.body, others, nearest)


async def _parent(conn: Connection, project_id: str, match: re.Match[str]) -> bytes | None:
    """Return what the codes, or rollbacks, of a request have in common, where it is called so."""
    key = bytes.fromhex(match["hex"])
    response = await recall(conn, project_id, key)
    parent = history.parent(response.body) if response else None
    if parent is None or not _names(parent, match[0]):
        return None
    if KINDS[match["prefix"]] != "redeemed":
        return parent
    named = await ledger.names_of_request(conn, key)
    ids = [UUID(hex=name.removeprefix("r_")) for name in named if name.startswith("r_")]
    return parent_looked_up(parent, await listing.shown(conn, project_id, ids))


def _names(found: bytes, id_: str) -> bool:
    return bool(orjson.loads(found)["id"] == id_)
