"""A project on a running platform, and what its marketing and its checkouts do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer

from contracts import topics
from contracts.baskets import Customer, Order
from contracts.redemptions import RedemptionRequest, RedemptionRequested
from counterfoil import plain_http
from counterfoil.platform import Platform

CALL_SECONDS = 30.0


@dataclass(frozen=True)
class Shop:
    """Calls the gateway with the keys of one project."""

    platform: Platform
    http: httpx.AsyncClient
    project_id: str
    app_id: str
    app_token: str

    @property
    def keys(self) -> dict[str, str]:
        return {"X-App-Id": self.app_id, "X-App-Token": self.app_token}

    async def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        return await self.http.request(method, path, json=body, headers=self.keys | (headers or {}))

    async def made(self, path: str, body: Any = None) -> dict[str, Any]:
        """Create something, and return it."""
        answer = await self.call("POST", path, body)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        created: dict[str, Any] = answer.json()
        return created

    async def listed(self, path: str) -> list[dict[str, Any]]:
        answer = await self.call("GET", path)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        body = answer.json()
        lines: list[dict[str, Any]] = body[body["data_ref"]]
        return lines

    async def campaign(self, **overrides: Any) -> dict[str, Any]:
        """Create a partner and a campaign that takes 5.00 off."""
        marker = uuid4().hex[:8]
        partner = await self.made("/v1/partners", {"name": f"Partner {marker}"})
        body = {
            "name": f"Campaign {marker}",
            "partner_id": partner["id"],
            "channel": "newsletter",
            "landing_url": "https://shop.example/deal?ref=7",
            "voucher": {
                "type": "DISCOUNT_VOUCHER",
                "discount": {"type": "AMOUNT", "amount_off": 500},
            },
            "commission_plan": {
                "share_basis_points": 1000,
                "flat_minor": 50,
                "new_customer_bonus_minor": 300,
            },
            "margin_basis_points": 4000,
        }
        return await self.made("/v1/campaigns", body | overrides)

    async def code(self, campaign: dict[str, Any], code: str | None = None) -> str:
        """Issue a fixed code that may be used as often as the campaign allows."""
        code = code or f"CODE-{uuid4().hex[:12].upper()}"
        await self.made(f"/v1/campaigns/{campaign['id']}/vouchers/{code}")
        return code

    async def redeem(self, code: str, *, key: str | None = None, **wish: Any) -> httpx.Response:
        headers = None if key is None else {"Idempotency-Key": key}
        return await self.call("POST", "/v1/redemptions", redemption(code, **wish), headers)


def redemption(code: str, *, customer: str | None = None, amount: int = 5000) -> dict[str, Any]:
    """Write the body of a redemption or a validation."""
    return {
        "redeemables": [{"object": "voucher", "id": code}],
        "order": {"amount": amount},
        "customer": {"source_id": customer} if customer else None,
    }


def requested(
    project_id: str,
    code: str,
    *,
    request_id: str | None = None,
    customer: str | None = None,
    amount: int = 5000,
) -> RedemptionRequested:
    """Write a checkout's request for Kafka: with the same key, HTTP asks the same."""
    return RedemptionRequested(
        id=uuid4().hex,
        source="/tests/checkout",
        subject=code,
        time=datetime.now(UTC),
        projectid=project_id,
        data=RedemptionRequest(
            request_id=request_id or uuid4().hex,
            code=code,
            customer=Customer(source_id=customer) if customer else None,
            order=Order(amount_minor=amount),
        ),
    )


async def ask(
    producer: AIOKafkaProducer,
    request: RedemptionRequested,
    topic: str = topics.REDEMPTION_REQUESTS.name,
    **more: Any,
) -> None:
    """Append a request; it is Kafka's when this returns."""
    key = request.data.codes[0].encode()
    await producer.send_and_wait(topic, request.encode(), key, **more)


@asynccontextmanager
async def first_shop(platform: Platform) -> AsyncIterator[Shop]:
    """Use the project that the platform comes with: the one that its BI reader sees."""
    async with client(platform) as http:
        project = platform.project
        yield Shop(platform, http, project["id"], project["app_id"], project["app_token"])


@asynccontextmanager
async def new_shop(platform: Platform) -> AsyncIterator[Shop]:
    """Open a project of one's own."""
    async with client(platform) as http:
        answer = await manage(
            platform, http, "POST", "", {"name": f"Shop {uuid4().hex[:8]}", "currency": "EUR"}
        )
        opened = answer.json()
        yield Shop(platform, http, opened["id"], opened["app_id"], opened["app_token"])


async def manage(
    platform: Platform, http: httpx.AsyncClient, method: str, path: str, body: Any = None
) -> httpx.Response:
    """Act as the operator of this installation, on `/management/v1/projects`."""
    keys = {
        "X-Management-Id": platform.management_id,
        "X-Management-Token": platform.management_token,
    }
    answer = await http.request(method, f"/management/v1/projects{path}", json=body, headers=keys)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer


def client(platform: Platform) -> httpx.AsyncClient:
    return plain_http.client(base_url=platform.gateway, timeout=CALL_SECONDS)
