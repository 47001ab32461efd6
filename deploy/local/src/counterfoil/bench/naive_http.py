"""The baseline over HTTP: a FastAPI route that takes one transaction per request, on a pool of 16.

It decides the same requests on the same Postgres by the same essential steps: a request that is
known gets its answer again; the code is looked up under a lock; a ledger row with the answer, the
count, the outbox row. Beside it a route that does nothing. Run as a process of its own, served as
our api is.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import asyncpg
import orjson
import uvicorn
import uvloop
from fastapi import FastAPI, Header, HTTPException, Response
from pydantic import BaseModel

from contracts.ids import uuid7
from counterfoil.ports import HOST

DSN = "NAIVE_POSTGRES_DSN"  # by environment: arguments are visible to everybody
POOL = 16

SCHEMA = """
    DROP SCHEMA IF EXISTS naive_http CASCADE;
    CREATE SCHEMA naive_http;
    CREATE TABLE naive_http.campaigns (
        campaign_id text PRIMARY KEY, amount_off_minor bigint NOT NULL,
        total_limit bigint NOT NULL, used bigint NOT NULL DEFAULT 0
    );
    CREATE TABLE naive_http.codes (code text PRIMARY KEY, campaign_id text NOT NULL);
    CREATE TABLE naive_http.ledger (
        id uuid PRIMARY KEY, request_id text NOT NULL UNIQUE, code text NOT NULL,
        customer_id text, order_minor bigint NOT NULL, discount_minor bigint NOT NULL,
        decided_at timestamptz NOT NULL, body bytea NOT NULL
    );
    CREATE TABLE naive_http.outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL,
        key bytea NOT NULL, value bytea NOT NULL, at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE naive_http.commits (id bigint);
    INSERT INTO naive_http.campaigns VALUES ('campaign', 100, 1000000000);
"""


class Redeemable(BaseModel):
    """A code, in Voucherify's words."""

    object: str
    id: str


class Customer(BaseModel):
    """Who redeems."""

    source_id: str


class Order(BaseModel):
    """The basket."""

    source_id: str
    amount: int


class Redemption(BaseModel):
    """The body of a redemption."""

    redeemables: list[Redeemable]
    customer: Customer
    order: Order


async def redeem(conn: Any, request_id: str, redemption: Redemption) -> bytes:
    """Decide one request in the caller's transaction."""
    known: bytes | None = await conn.fetchval(
        "SELECT body FROM naive_http.ledger WHERE request_id = $1", request_id
    )
    if known is not None:
        return known
    code, order = redemption.redeemables[0].id, redemption.order
    offer = await conn.fetchrow(
        """
        SELECT campaign_id, amount_off_minor, total_limit, used FROM naive_http.campaigns
        WHERE campaign_id = (SELECT campaign_id FROM naive_http.codes WHERE code = $1) FOR UPDATE
        """,
        code,
    )
    if offer is None or offer["used"] >= offer["total_limit"]:
        raise HTTPException(400, "refused")
    decision, now = uuid7(), datetime.now(UTC)
    discount = min(offer["amount_off_minor"], order.amount)
    answer: dict[str, Any] = {
        "id": str(decision),
        "date": now,
        "result": "SUCCESS",
        "customer": redemption.customer.model_dump(),
        "order": {**order.model_dump(), "discount_amount": discount},
        "voucher": {"object": "voucher", "code": code, "campaign_id": offer["campaign_id"]},
    }
    body = orjson.dumps(answer)
    await conn.execute(
        "INSERT INTO naive_http.ledger VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        *(decision, request_id, code, redemption.customer.source_id, order.amount, discount),
        *(now, body),
    )
    await conn.execute(
        "UPDATE naive_http.campaigns SET used = used + 1 WHERE campaign_id = $1",
        offer["campaign_id"],
    )
    await conn.execute(
        "INSERT INTO naive_http.outbox (topic, key, value) VALUES ($1, $2, $3)",
        *("coupons.redemptions.v1", decision.bytes, body),
    )
    return body


def app(dsn: str) -> FastAPI:
    pool: asyncpg.Pool = asyncpg.create_pool(dsn, min_size=POOL, max_size=POOL)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    served = FastAPI(lifespan=lifespan)

    @served.post("/v1/redemptions")
    async def redemptions(
        redemption: Redemption, idempotency_key: Annotated[str, Header()]
    ) -> Response:
        async with pool.acquire() as conn, conn.transaction():
            body = await redeem(conn, idempotency_key, redemption)
        return Response(body, media_type="application/json")

    @served.post("/nothing")
    async def nothing(redemption: Redemption) -> dict[str, str]:
        return {"id": redemption.order.source_id}

    return served


async def main(port: int) -> None:
    config = uvicorn.Config(
        app(os.environ[DSN]), host=HOST, port=port, log_config=None, access_log=False
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1])))
