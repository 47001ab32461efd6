"""How long `counterfoil reconcile` takes, and how much memory: on real engines, made-up decisions.

`.venv/bin/python tests/bench/reconcile.py 1000000` from the root of the repository. The decisions
are written straight into the three places, as the services would write them. Measured is a process
of its own, three times: all agree; one amount altered; a thousand records repeated on Kafka.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import clickhouse_connect
import orjson

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from aiokafka import AIOKafkaProducer
from kit import engines

from contracts import ids, topics
from counterfoil.reconcile.reconciling import Addresses, reconcile
from servicekit.kafka import topics as kafka_topics

PROJECT = "proj_bench"
PARTNERS = 20
DAYS = 30
CHUNK = 50_000
REPEATED = 1_000
PLAN = {"share_basis_points": 500, "flat_minor": 30, "new_customer_bonus_minor": 100}


class Decision(NamedTuple):
    """One made-up decision, as all places tell it."""

    event_id: UUID
    number: int
    at: datetime

    @property
    def campaign(self) -> str:
        return f"camp_{self.number % PARTNERS}"

    @property
    def partner(self) -> str:
        return f"part_{self.number % PARTNERS}"

    @property
    def accepted(self) -> bool:
        return self.number % 10 != 0

    @property
    def order_minor(self) -> int:
        return 1_000 + self.number % 7_919

    @property
    def discount_minor(self) -> int:
        return 100 if self.accepted else 0

    @property
    def commission_minor(self) -> int:
        return (self.order_minor - 100 + 10) // 20 + 30 if self.accepted else 0


def decisions(count: int) -> Iterator[Decision]:
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(days=DAYS)
    step = timedelta(days=DAYS - 1) / count
    for number in range(count):
        at = began + number * step
        yield Decision(ids.uuid7(), number, at.replace(microsecond=at.microsecond // 1000 * 1000))


def text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def event(d: Decision) -> bytes:
    data: dict[str, Any] = {
        "redemption_id": f"r_{d.event_id}",
        "request_id": f"request-{d.number}",
        "code": f"CODE-{d.number % 50_000}",
        "campaign_id": d.campaign,
        "campaign_version": 1,
        "partner_id": d.partner,
        "channel": "newsletter",
        "category_id": None,
        "customer_id": f"cust_{d.number % 50_000:032d}",
        "order_id": f"order-{d.number}",
        "order_minor": d.order_minor,
        "currency": "USD",
        "visit_id": None,
        "decided_at": text(d.at),
    }
    if d.accepted:
        kind = "coupons.redemption.succeeded.v1"
        data |= {
            "voucher_id": f"v_{d.number % 50_000}",
            "uses": 1,
            "sequence": 1,
            "customer_is_new": False,
            "discount_minor": 100,
            "commission_plan": PLAN,
            "margin_basis_points": 3_000,
        }
    else:
        kind = "coupons.redemption.failed.v1"
        data |= {"reason": "voucher_expired", "hint": "it ended yesterday"}
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(d.event_id),
            "source": "/counterfoil/redemption",
            "type": kind,
            "subject": data["redemption_id"],
            "time": text(d.at),
            "projectid": PROJECT,
            "data": data,
        }
    )


async def into_ledger(conn: asyncpg.Connection, chunk: list[Decision]) -> None:
    columns = (
        *("id", "request_key", "project_id", "campaign_id", "campaign_version", "code"),
        *("customer_id", "order_id", "kind", "reason", "order_minor", "discount_minor"),
        *("currency", "claims", "caller", "at", "decided_at"),
    )
    await conn.copy_records_to_table(
        "ledger",
        columns=columns,
        records=[
            (
                *(d.event_id, d.event_id.bytes * 2, PROJECT, d.campaign, 1),
                *(f"CODE-{d.number % 50_000}", f"cust_{d.number % 50_000:032d}"),
                *(f"order-{d.number}", "redeemed" if d.accepted else "refused"),
                *(None if d.accepted else "voucher_expired", d.order_minor, d.discount_minor),
                *("USD", '[["campaign", "", 1]]' if d.accepted else None, "key", d.at, d.at),
            )
            for d in chunk
        ],
    )


async def onto_kafka(producer: AIOKafkaProducer, chunk: list[Decision]) -> None:
    batches = {p: producer.create_batch() for p in range(topics.REDEMPTIONS.partitions)}
    acks = []
    for d in chunk:
        partition = d.number % len(batches)
        key, value = d.event_id.bytes, event(d)
        if batches[partition].append(key=key, value=value, timestamp=None) is None:
            sending = producer.send_batch(
                batches[partition], topics.REDEMPTIONS.name, partition=partition
            )
            acks.append(await sending)
            batches[partition] = producer.create_batch()
            batches[partition].append(key=key, value=value, timestamp=None)
    for partition, batch in batches.items():
        if batch.record_count():
            acks.append(
                await producer.send_batch(batch, topics.REDEMPTIONS.name, partition=partition)
            )
    await asyncio.gather(*acks)


def into_clickhouse(client: Any, chunk: list[Decision]) -> None:
    columns = (
        *("event_id", "redemption_id", "project_id", "partner_id", "campaign_id"),
        *("campaign_version", "channel", "result", "reason", "code", "voucher_id"),
        *("customer_id", "order_id", "order_minor", "discount_minor", "commission_minor"),
        *("margin_basis_points", "currency", "occurred_at", "decided_at", "k_offset"),
    )
    rows = [
        (
            *(str(d.event_id), f"r_{d.event_id}", PROJECT, d.partner, d.campaign, 1),
            *("newsletter", "succeeded" if d.accepted else "failed"),
            *("" if d.accepted else "voucher_expired", f"CODE-{d.number % 50_000}", "v"),
            *(f"cust_{d.number % 50_000:032d}", f"order-{d.number}", d.order_minor),
            *(d.discount_minor, d.commission_minor, 3_000 if d.accepted else 0, "USD"),
            *(d.at, d.at, d.number),
        )
        for d in chunk
    ]
    client.insert("redemption_events", rows, column_names=columns)


async def fill(addresses: Addresses, count: int) -> list[Decision]:
    """Write them all; return the last ones."""
    await kafka_topics.ensure(addresses.kafka, [topics.REDEMPTIONS])
    conn = await asyncpg.connect(addresses.redemption_dsn)
    client = clickhouse_connect.get_client(dsn=addresses.clickhouse_url)
    producer = AIOKafkaProducer(
        **addresses.kafka.options(), compression_type="lz4", max_batch_size=262_144
    )
    await producer.start()
    for number in range(PARTNERS):
        await conn.execute(
            """
            INSERT INTO campaigns (project_id, campaign_id, version, name, partner_id, channel,
                currency, time_zone, terms, commission_plan, margin_basis_points)
            VALUES ($1, $2, 1, 'Deal', $3, 'newsletter', 'USD', 'UTC', '{}', '{}', 3000)
            """,
            PROJECT,
            f"camp_{number}",
            f"part_{number}",
        )
    told, chunk = decisions(count), []
    while ahead := list(islice(told, CHUNK)):
        chunk = ahead
        await into_ledger(conn, chunk)
        await onto_kafka(producer, chunk)
        await asyncio.to_thread(into_clickhouse, client, chunk)
    await conn.execute(
        """
        INSERT INTO campaign_locks (project_id, campaign_id, used)
        SELECT project_id, campaign_id, count(*) FROM ledger WHERE kind = 'redeemed' GROUP BY 1, 2
        """
    )
    await conn.execute("ANALYZE")
    await producer.stop()
    await conn.close()
    client.close()
    return chunk[-REPEATED:]


async def alter(addresses: Addresses, by_minor: int, decision: Decision) -> None:
    conn = await asyncpg.connect(addresses.redemption_dsn)
    await conn.execute(
        "UPDATE ledger SET order_minor = order_minor + $1 WHERE id = $2",
        by_minor,
        decision.event_id,
    )
    await conn.close()


async def repeat(addresses: Addresses, chunk: list[Decision]) -> None:
    producer = AIOKafkaProducer(**addresses.kafka.options())
    await producer.start()
    await onto_kafka(producer, chunk)
    await producer.stop()


def measured(addresses: Addresses, case: str, count: int) -> None:
    command = [sys.executable, __file__, "--measure", *vars_of(addresses)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    sys.stdout.write(
        json.dumps({"case": case, "decisions": count, **json.loads(done.stdout)}) + "\n"
    )
    sys.stdout.flush()


def vars_of(addresses: Addresses) -> list[str]:
    return [addresses.redemption_dsn, addresses.kafka.servers, addresses.clickhouse_url]


def measure(addresses: Addresses) -> None:
    began = time.perf_counter()
    found = asyncio.run(reconcile(addresses, wait_seconds=5))
    seconds = time.perf_counter() - began
    sys.stdout.write(
        json.dumps(
            {
                "seconds": round(seconds, 1),
                "own_cpu_seconds": round(time.process_time(), 1),
                "peak_rss_mb": peak_rss_mb(),
                "load_average": round(os.getloadavg()[0], 1),
                "differences": len(found.differences),
                **{k: found.checked[k] for k in ("compared_one_by_one", "kafka_duplicates")},
                "compared": found.checked["decisions"],
            }
        )
    )


def peak_rss_mb() -> int:
    """Of this program alone: getrusage would tell that of who started it, if it was larger."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise OSError("Linux tells no VmHWM")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("decisions", nargs="?", type=int, default=1_000_000)
    arguments.add_argument("--measure", nargs=3)
    told = arguments.parse_args()
    if told.measure:
        dsn, servers, url = told.measure
        measure(Addresses(dsn, replace(engines.NO_KAFKA, servers=servers), url))
        return
    with (
        engines.own_postgres() as admin,
        engines.own_kafka() as servers,
        engines.own_clickhouse() as warehouse,
    ):
        template = engines.migrated_template(admin, "redemption")
        dsn = asyncio.run(engines.clone(admin, "redemption", template))
        url = f"{warehouse.rpartition('/')[0]}/coupons"
        subprocess.run(
            [sys.executable, "-m", "analytics", "migrate"], env={"CLICKHOUSE_URL": url}, check=True
        )
        addresses = Addresses(dsn, replace(engines.NO_KAFKA, servers=servers), url)
        began = time.perf_counter()
        last = asyncio.run(fill(addresses, told.decisions))
        sys.stderr.write(f"filled in {time.perf_counter() - began:.0f} s\n")
        measured(addresses, "all agree", told.decisions)
        asyncio.run(alter(addresses, 1, last[0]))
        measured(addresses, "one amount altered", told.decisions)
        asyncio.run(alter(addresses, -1, last[0]))
        asyncio.run(repeat(addresses, last))
        measured(addresses, f"{len(last)} repeats at the end", told.decisions)


if __name__ == "__main__":
    main()
