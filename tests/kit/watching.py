"""What an operator sees of a running platform."""

import asyncio
import hashlib
from typing import Any

import asyncpg

from counterfoil import plain_http
from counterfoil.platform import Platform
from counterfoil.reconcile.reconciling import Addresses, reconcile
from kit.histories import History
from kit.patience import NotYetError
from kit.records import lag
from kit.shops import Shop

GROUPS = ("redemption", "redemption-snapshots", "campaigns", "analytics")
RECOVERED_SECONDS = 60.0
NEEDS = {
    "kafka": (
        *("campaigns-worker", "campaigns-applied", "campaigns-relay"),
        *("redemption-worker", "redemption-definitions", "redemption-relay", "analytics-worker"),
    ),
    "postgres": (
        *("campaigns", "campaigns-worker", "campaigns-applied", "campaigns-relay"),
        *("redemption", "redemption-worker", "redemption-definitions", "redemption-relay"),
    ),
    "clickhouse": ("analytics", "analytics-worker"),
}


async def readiness(platform: Platform, service: str) -> dict[str, Any]:
    async with plain_http.client(timeout=10) as http:
        answer = await http.get(f"{platform.services[service]}/readyz")
    body: dict[str, Any] = answer.json()
    assert (answer.status_code == 200) == body["ready"]
    return body


async def missing(platform: Platform) -> dict[str, dict[str, str]]:
    """Return what each service says that it misses, and why."""
    told = await asyncio.gather(*(readiness(platform, each) for each in platform.services))
    return {
        service: {name: why for name, why in body["dependencies"].items() if why != "ok"}
        for service, body in zip(platform.services, told, strict=True)
    }


async def miss(platform: Platform, *engines: str) -> bool:
    """Tell whether every service misses what it needs of these engines, and nothing else."""
    needed = {s: {engine for engine in engines if s in NEEDS[engine]} for s in platform.services}
    found = await missing(platform)
    if wrong := {s: found[s] for s in found if found[s].keys() != needed[s]}:
        raise NotYetError(f"these miss what they should not, or too little: {wrong}")
    return True


async def all_ready(platform: Platform) -> bool:
    return await miss(platform)


async def nothing_waits(platform: Platform) -> bool:
    """Tell whether every outbox is empty and every record read."""
    for service in ("campaigns", "redemption"):
        dsn = platform.views[service]
        conn = await asyncpg.connect(dsn, timeout=5)
        try:
            if await conn.fetchval("SELECT count(*) FROM reconciliation_outbox"):
                return False
        finally:
            await conn.close(timeout=5)
    return await lag(platform.kafka, GROUPS) == 0


def restarts(platform: Platform) -> dict[str, int]:
    parts = platform.folder.state()["parts"]
    return {name: part["restarts"] for name, part in parts.items() if part["kind"] == "service"}


async def assert_nothing_lost(shop: Shop, history: History) -> None:
    """Every request has one decision, every answer was kept, nobody else's is there."""
    conn = await asyncpg.connect(shop.platform.views["redemption"])
    try:
        rows = await conn.fetch(
            "SELECT key, status, body FROM reconciliation_answers WHERE project_id = $1",
            shop.project_id,
        )
    finally:
        await conn.close()
    ledger = {row["key"]: row for row in rows}
    keys = {key: digest(shop.project_id, key) for key in history.asked}
    assert set(ledger) == set(keys.values())
    assert len(rows) == len(ledger)
    assert not history.unknown
    for key, given in history.answered.items():
        row = ledger[keys[key]]
        assert (row["status"], bytes(row["body"])) == given


def digest(project_id: str, request_id: str) -> bytes:
    return hashlib.sha256(f"{project_id}\0{request_id}".encode()).digest()[:16]


async def assert_reconciled(shop: Shop) -> None:
    """Ledger, Kafka and ClickHouse tell the same, and they tell something."""
    platform = shop.platform
    addresses = Addresses(platform.views["redemption"], platform.kafka, platform.views["analytics"])
    found = await reconcile(addresses, project_id=shop.project_id)
    assert found.differences == []
    assert found.checked["decisions"]["clickhouse"] > 0
