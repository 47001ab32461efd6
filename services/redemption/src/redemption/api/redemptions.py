"""The two hot routes, and one redemption looked up again."""

import re
import time
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
import orjson
from fastapi import APIRouter, Request, Response

from contracts.instants import wire as instant
from redemption import lookups, wire
from redemption.api import bodies, openapi, validations
from redemption.api.errors import invalid, missing, unavailable
from redemption.api.keys import Keys
from redemption.decider import Decider, OverloadedError
from redemption.validate import validate

DEADLINE_SECONDS = 2.0
ID = re.compile(r"(?:r|rf)_(?P<hex>[0-9a-f]{32})")
IDEMPOTENCY_KEY = msgspec.json.Decoder(wire.Key)

BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}},
    }
}


class Tools(NamedTuple):
    """What the routes work with, made by the composition root."""

    pool: asyncpg.Pool
    decider: Decider
    keys: Keys
    customer_key: bytes


def router(tools: Tools) -> APIRouter:
    """Make the routes. Bodies are checked by msgspec: pydantic would halve the throughput."""
    routes = APIRouter(tags=["redemptions"])

    keyed = {**BODY, "parameters": [openapi.IDEMPOTENCY_KEY]}

    @routes.post("/v1/redemptions", openapi_extra=keyed, summary="Redeem a code")
    async def redeem(request: Request) -> Response:
        received = datetime.now(UTC)
        caller = await tools.keys.caller(request)
        wish, said = await bodies.wish(request)
        key = _idempotency_key(request)
        asked = wire.request(wish, caller.project_id, key, received, tools.customer_key, asked=said)
        try:
            [answer] = await tools.decider.decide([asked], time.monotonic() + DEADLINE_SECONDS)
        except OverloadedError as overload:
            raise unavailable(f"{overload}; nothing was redeemed, try again") from overload
        headers = {"Idempotent-Replayed": "true"} if answer.replayed else None
        return Response(answer.body, answer.status, headers, "application/json")

    @routes.post("/v1/validations", openapi_extra=BODY, summary="Ask whether a code would pass")
    async def foretell(request: Request) -> Response:
        received = datetime.now(UTC)
        caller = await tools.keys.caller(request)
        wish, _ = await bodies.wish(request)
        asked = wire.request(wish, caller.project_id, None, received, tools.customer_key)
        offer, refusal, discount = await validate(tools.pool, asked)
        return _json(validations.body(asked, offer, refusal, discount))

    @routes.get("/v1/redemptions/{redemption_id}", summary="Look a redemption up")
    async def one(request: Request, redemption_id: str) -> Response:
        caller = await tools.keys.caller(request)
        match = ID.fullmatch(redemption_id)
        entry = match and await lookups.ledger_entry(
            tools.pool, caller.project_id, UUID(hex=match["hex"])
        )
        if not entry:
            raise missing("redemption", redemption_id)
        return _json(_entry(redemption_id, entry))

    return routes


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    try:
        return IDEMPOTENCY_KEY.decode(orjson.dumps(key))
    except (msgspec.MsgspecError, TypeError) as error:
        raise invalid("Idempotency-Key: send 1 to 200 characters") from error


def _entry(redemption_id: str, entry: asyncpg.Record) -> dict[str, Any]:
    answer: dict[str, Any] = orjson.loads(entry["body"])
    if entry["accepted"]:
        redemption: dict[str, Any] = answer["redemptions"][0]
        return redemption
    return {
        "id": redemption_id,
        "object": "redemption",
        "date": instant(entry["at"]),
        "customer_id": entry["customer_id"],
        "tracking_id": None,
        "metadata": {},
        "result": "FAILURE",
        "status": "FAILED",
        "failure_code": "resource_not_found" if entry["reason"] == "not_found" else entry["reason"],
        "failure_message": answer["message"],
        "related_object_type": "voucher",
        "related_object_id": None,
        "voucher": {"object": "voucher", "code": entry["code"]},
        "order": {
            "object": "order",
            "source_id": entry["order_id"],
            "amount": entry["order_minor"],
        },
    }


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
