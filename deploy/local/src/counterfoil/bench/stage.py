"""Sets the scene for a benchmark through the public API: a project, campaigns, codes, a topic.

Each load has a project and a request topic of its own, so that the naive consumer can read the very
same requests, and nothing of one load waits behind another.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
from aiokafka.admin import AIOKafkaAdminClient

from contracts import topics
from counterfoil.access import vendors
from counterfoil.bench.load import Load
from counterfoil.errors import PlatformError
from counterfoil.platform import Platform
from servicekit.kafka.connection import Kafka

PARTITIONS = 4
HOT = "HOT-DEAL"
JOB_SECONDS = 120


class StageError(PlatformError):
    """The scene could not be set; the text says which call was refused, and how."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A project with its keys, its topic, its vendor's way in, its codes with their campaigns."""

    project_id: str
    keys: dict[str, str]
    topic: str
    vendor: Kafka
    load: Load
    campaigns: list[tuple[str, str]]


async def one_hot_code(platform: Platform, lines: int = 1) -> Scene:
    """Set up one campaign with one public code that everybody uses.

    Of baskets with more than a line its terms are a typical campaign's.
    """
    async with _client(platform) as client:
        project_id, keys = await _project(client, platform)
        load = Load("hot_code", [HOT], lines)
        campaign = await _campaign(client, "Hot deal", await _terms(client, load))
        await _call(client, "POST", f"/v1/campaigns/{campaign}/vouchers/{HOT}", {})
    vendor = await vendors.add(platform.kafka, project_id)
    topic = topics.for_project(project_id)
    return Scene(project_id, keys, topic, vendor, load, [(HOT, campaign)])


async def many_codes(platform: Platform, campaigns: int, codes: int, lines: int = 1) -> Scene:
    """Set up unique codes, spread evenly over campaigns, each good for many uses."""
    async with _client(platform) as client:
        project_id, keys = await _project(client, platform)
        terms = await _terms(client, Load("many_codes", [], lines))
        for number in range(campaigns):
            campaign = await _campaign(client, f"Deal {number}", terms)
            await _issue(client, campaign, codes // campaigns)
    pairs = await _issued(platform, project_id, codes)
    load = Load("many_codes", [code for code, _ in pairs], lines)
    vendor = await vendors.add(platform.kafka, project_id)
    topic = topics.for_project(project_id)
    return Scene(project_id, keys, topic, vendor, load, pairs)


def _client(platform: Platform) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=platform.gateway, timeout=30)


async def _call(client: httpx.AsyncClient, method: str, path: str, body: Any) -> dict[str, Any]:
    answer = await client.request(method, path, json=body)
    if not answer.is_success:
        raise StageError(f"{method} {path} was answered {answer.status_code}: {answer.text}")
    content: dict[str, Any] = answer.json()
    return content


async def _project(client: httpx.AsyncClient, platform: Platform) -> tuple[str, dict[str, str]]:
    client.headers["X-Management-Id"] = platform.management_id
    client.headers["X-Management-Token"] = platform.management_token
    body = {"name": "Benchmark", "currency": "USD", "time_zone": "UTC"}
    project = await _call(client, "POST", "/management/v1/projects", body)
    keys = {"X-App-Id": project["app_id"], "X-App-Token": project["app_token"]}
    client.headers.update(keys)
    return str(project["id"]), keys


async def _terms(client: httpx.AsyncClient, load: Load) -> dict[str, Any]:
    """Return what a typical campaign says beside its discount, if it is one that the load meets.

    Dates, three limits, a rule for the order and one for the customer.
    """
    if not load.is_typical:
        return {}
    rule = {
        "name": "Typical",
        "type": "expression",
        "rules": {
            "1": {"name": "order.amount", "conditions": {"$more_than": [1_000]}},
            "2": {
                "name": "customer.metadata",
                "property": "tier",
                "conditions": {"$in": ["gold", "silver"]},
            },
            "logic": "1 and 2",
        },
    }
    rule_id = (await _call(client, "POST", "/v1/validation-rules", rule))["id"]
    return {
        "start_date": "2020-01-01T00:00:00Z",
        "expiration_date": "2099-01-01T00:00:00Z",
        "per_customer_limit": 1_000_000,
        "limits": [{"of": "campaign", "per": "day", "redemptions": 1_000_000_000}],
        "validation_rules": [rule_id],
    }


async def _campaign(client: httpx.AsyncClient, name: str, terms: dict[str, Any]) -> str:
    body = {
        "name": name,
        "voucher": {
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "AMOUNT", "amount_off": 100},
            "redemption": {"quantity": None},
        },
        "total_limit": 1_000_000_000,
        "commission_plan": {"share_basis_points": 500},
        **terms,
    }
    return str((await _call(client, "POST", "/v1/campaigns", body))["id"])


async def _issue(client: httpx.AsyncClient, campaign: str, count: int) -> None:
    path = f"/v1/campaigns/{campaign}/vouchers?vouchers_count={count}"
    await _call(client, "POST", path, {"redemption": {"quantity": 1_000_000}})


async def _issued(platform: Platform, project_id: str, count: int) -> list[tuple[str, str]]:
    """Wait until redemption knows all the codes, and return them with their campaigns."""
    conn = await asyncpg.connect(platform.views["redemption"])
    try:
        async with asyncio.timeout(JOB_SECONDS):
            while True:
                rows = await conn.fetch(
                    "SELECT code, campaign_id FROM known_codes WHERE project_id = $1",
                    project_id,
                )
                if len(rows) >= count:
                    return [(row[0], row[1]) for row in rows]
                await asyncio.sleep(0.5)
    finally:
        await conn.close()


async def clear(platform: Platform, scene: Scene) -> None:
    """Delete what the vendor had on Kafka; the ledger keeps what was decided."""
    await vendors.remove(platform.kafka, scene.project_id)
    admin = AIOKafkaAdminClient(**platform.kafka.options())
    await admin.start()
    try:
        await admin.delete_topics([topic.name for topic in topics.of_project(scene.project_id)])
    finally:
        await admin.close()
