"""The baseline: what one writes first. One message, one transaction, one awaited publication.

It decides the same requests, read from the same topic, on the same Postgres and Kafka, by the same
essential steps: look the code up under a lock, refuse a known request, keep a ledger row, count the
use, tell the world. Run as a process of its own, like the worker that it is compared with.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker

from contracts.ids import uuid7
from contracts.redemptions import RedemptionRequested
from servicekit.kafka.broker import security
from servicekit.kafka.connection import KafkaSettings

DSN = "NAIVE_POSTGRES_DSN"  # by environment: arguments are visible to everybody

SCHEMA = """
    DROP SCHEMA IF EXISTS naive CASCADE;
    CREATE SCHEMA naive;
    CREATE TABLE naive.campaigns (
        campaign_id text PRIMARY KEY, amount_off_minor bigint NOT NULL,
        total_limit bigint NOT NULL, used bigint NOT NULL DEFAULT 0
    );
    CREATE TABLE naive.codes (code text PRIMARY KEY, campaign_id text NOT NULL);
    CREATE TABLE naive.ledger (
        id uuid PRIMARY KEY, request_id text NOT NULL UNIQUE, code text NOT NULL,
        customer_id text, order_minor bigint NOT NULL, discount_minor bigint NOT NULL,
        decided_at timestamptz NOT NULL
    );
"""


async def prepare(dsn: str, codes: list[tuple[str, str]]) -> None:
    """Make the tables anew, with (code, campaign) pairs; `dsn` is the owner's."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(SCHEMA)
        await conn.executemany(
            "INSERT INTO naive.campaigns VALUES ($1, 100, 1000000000)",
            [(campaign,) for campaign in {campaign for _, campaign in codes}],
        )
        await conn.copy_records_to_table("codes", schema_name="naive", records=codes)
        await conn.execute("ANALYZE")
    finally:
        await conn.close()


async def decided(dsn: str) -> int:
    """Count what the naive consumer has decided."""
    conn = await asyncpg.connect(dsn)
    try:
        count: int = await conn.fetchval("SELECT count(*) FROM naive.ledger")
    finally:
        await conn.close()
    return count


async def remove(dsn: str) -> None:
    """Leave nothing behind."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("DROP SCHEMA IF EXISTS naive CASCADE")
    finally:
        await conn.close()


async def redeem(conn: PoolConnectionProxy, request: RedemptionRequested) -> dict[str, Any]:
    """Decide one request in the caller's transaction."""
    wish = request.data
    known = await conn.fetchval(
        "SELECT id FROM naive.ledger WHERE request_id = $1", wish.request_id
    )
    if known is not None:
        return {"id": str(known)}
    offer = await conn.fetchrow(
        """
        SELECT campaign_id, amount_off_minor, total_limit, used FROM naive.campaigns
        WHERE campaign_id = (SELECT campaign_id FROM naive.codes WHERE code = $1) FOR UPDATE
        """,
        wish.code,
    )
    if offer is None or offer["used"] >= offer["total_limit"]:
        return {"refused": wish.request_id}
    amount = wish.order.amount_minor if wish.order else 0
    discount = min(offer["amount_off_minor"], amount)
    decision = uuid7()
    await conn.execute(
        "INSERT INTO naive.ledger VALUES ($1, $2, $3, $4, $5, $6, $7)",
        decision,
        wish.request_id,
        wish.code,
        wish.customer.source_id if wish.customer else None,
        amount,
        discount,
        datetime.now(UTC),
    )
    await conn.execute(
        "UPDATE naive.campaigns SET used = used + 1 WHERE campaign_id = $1", offer["campaign_id"]
    )
    return {"id": str(decision), "discount_minor": discount, "request_id": wish.request_id}


async def main(topic: str, outcomes: str) -> None:
    """Consume until told to stop."""
    dsn = os.environ[DSN]
    kafka = KafkaSettings().kafka
    broker = KafkaBroker(
        kafka.servers, security=security(kafka), allow_auto_create_topics=False, logger=None
    )
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:

        @broker.subscriber(
            topic,
            group_id=f"naive-{topic}",
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
        )
        async def on_request(request: RedemptionRequested) -> None:
            async with pool.acquire() as conn, conn.transaction():
                outcome = await redeem(conn, request)
            await broker.publish(outcome, outcomes, key=request.data.request_id.encode())

        await FastStream(broker, logger=None).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
