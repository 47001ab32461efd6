"""What tests of campaigns are about: each states only what matters to it."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import httpx

from campaigns.campaigns import store as campaigns
from campaigns.model import Campaign, CampaignDefinition, CodeTemplate, Details, Voucher
from campaigns.partners import store as partners
from campaigns.projects import store as projects
from campaigns.tenants import ApiKey, Project
from campaigns.vouchers import store as vouchers
from contracts.campaigns import CommissionPlan, Named
from contracts.discounts import AmountOff
from contracts.guesses import GuessLimits
from contracts.stacking import StackingRules
from contracts.terms import Limits, Terms
from contracts.validity import Validity
from contracts.vouchers import IssuedCode
from kit import engines, outboxes, service_process, tokens
from kit.service_process import ServiceProcess
from servicekit.kafka.connection import Kafka
from servicekit.postgres.pool import transaction

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MANAGEMENT = {"X-Management-Id": "operator", "X-Management-Token": "a secret of the operator"}
CUSTOMER_KEY = "the key of this installation"
FIVE_OFF = {  # as it is shown
    "type": "AMOUNT",
    "amount_off": 500,
    "aggregated_amount_limit": None,
    "tiers": [],
    "effect": "APPLY_TO_ORDER",
}


def environment(dsn: str, kafka: Kafka = engines.NO_KAFKA) -> dict[str, str]:
    """Return what a process of this service is told."""
    return {
        "CAMPAIGNS_POSTGRES_DSN": dsn,
        "CAMPAIGNS_PORT": "0",  # a process is told another
        "CAMPAIGNS_MANAGEMENT_ID": MANAGEMENT["X-Management-Id"],
        "CAMPAIGNS_MANAGEMENT_TOKEN": MANAGEMENT["X-Management-Token"],
        "CAMPAIGNS_TOKEN_PRIVATE_KEY": tokens.PRIVATE_KEY,
        "CUSTOMER_ID_KEY": CUSTOMER_KEY,
        **tokens.environment(),
        **engines.acting_as(kafka, "campaigns").environment(),
    }


@dataclass(frozen=True)
class Shop:
    """A project and its key: what a test calls the api with."""

    http: httpx.AsyncClient
    project_id: str
    key_id: str
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        return {"X-App-Id": self.key_id, "X-App-Token": self.secret}

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.http.request(method, path, json=body, headers=self.headers, **more)

    async def made(self, path: str, body: Any = None) -> dict[str, Any]:
        """Create something, and return it."""
        answer = await self.call("POST", path, body)
        assert answer.is_success, answer.text
        created: dict[str, Any] = answer.json()
        return created

    async def campaign(self, **overrides: Any) -> dict[str, Any]:
        return await self.made("/v1/campaigns", a_campaign_body(**overrides))


async def open_shop(http: httpx.AsyncClient, name: str = "shop", **settings: Any) -> Shop:
    body = {"name": name, "currency": "EUR", "time_zone": "Europe/Berlin"} | settings
    answer = await http.post("/management/v1/projects", json=body, headers=MANAGEMENT)
    assert answer.status_code == 200, answer.text
    opened = answer.json()
    return Shop(http, opened["id"], opened["app_id"], opened["app_token"])


def a_campaign_body(**overrides: Any) -> dict[str, Any]:
    """Say what a client of Voucherify's says, at least."""
    return {
        "name": "Winter deal",
        "voucher": {
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "AMOUNT", "amount_off": 500},
        },
    } | overrides


@asynccontextmanager
async def a_process(
    role: str, dsn: str, kafka: Kafka = engines.NO_KAFKA
) -> AsyncIterator[ServiceProcess]:
    """Run a role, which answers by now; what it logged is shown when the test fails."""
    settings = environment(dsn, kafka)
    with TemporaryDirectory(prefix="counterfoil-") as folder:
        async with service_process.running("campaigns", role, Path(folder), settings) as process:
            try:
                await process.listening()
                yield process
            finally:
                sys.stdout.write(process.log)


async def store_vouchers(pool: asyncpg.Pool, project_id: str, codes: Mapping[str, str]) -> None:
    """Store a project with one campaign and these codes, by the ids of their vouchers."""
    async with transaction(pool) as conn:
        await projects.add(
            conn,
            project_id,
            "shop",
            "EUR",
            "UTC",
            case_sensitive_codes=True,
            guess_limits=GuessLimits(),
        )
        await partners.add(conn, project_id, "part_1", "Blog")
        await campaigns.add(
            conn,
            project_id,
            "camp_1",
            a_definition(),
            partner_id="part_1",
            category_id=None,
            code_template=CodeTemplate(),
        )
        for voucher_id, code in codes.items():
            await vouchers.add(
                conn,
                project_id,
                "camp_1",
                IssuedCode(id=voucher_id, code=code),
                generated=False,
                quantity=None,
                metadata={},
            )


async def outbox_of(dsn: str) -> list[dict[str, Any]]:
    conn = await asyncpg.connect(dsn)
    try:
        return [message._asdict() for message in await outboxes.messages(conn)]
    finally:
        await conn.close()


def a_project(**overrides: Any) -> Project:
    facts: dict[str, Any] = {
        "id": "proj_a",
        "version": 3,
        "name": "shop",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "case_sensitive_codes": True,
        "guess_limits": GuessLimits(),
        "stacking": StackingRules(),
        "keys": (ApiKey("cpn_live_1", "ab" * 32, ("campaigns", "reports")),),
        "created_at": NOON,
        "changed_at": NOON,
    }
    return Project(**facts | overrides)


def a_definition(**overrides: Any) -> CampaignDefinition:
    facts: dict[str, Any] = {
        "name": "Winter deal",
        "channel": "newsletter",
        "terms": Terms(
            discount=AmountOff(amount_off_minor=500),
            validity=Validity(starts_at=NOON),
            limits=Limits(total=100),
        ),
        "details": Details(contract_notes="5 % until spring"),
        "commission_plan": CommissionPlan(share_basis_points=500),
        "margin_basis_points": 3000,
        "metadata": {},
    }
    return CampaignDefinition(**facts | overrides)


def a_campaign(**overrides: Any) -> Campaign:
    facts: dict[str, Any] = {
        "id": "camp_1",
        "version": 2,
        "active": True,
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "definition": a_definition(),
        "partner": Named(id="part_1", name="Blog"),
        "partner_active": True,
        "category": None,
        "code_template": CodeTemplate(),
        "vouchers_count": 0,
        "issuing": False,
        "created_at": NOON,
        "updated_at": None,
    }
    return Campaign(**facts | overrides)


def a_voucher(**overrides: Any) -> Voucher:
    facts: dict[str, Any] = {
        "id": "v_1",
        "code": "WINTER",
        "campaign_id": "camp_1",
        "generated": False,
        "active": True,
        "version": 1,
        "quantity": None,
        "redeemed_quantity": 0,
        "metadata": {},
        "created_at": NOON,
        "updated_at": None,
    }
    return Voucher(**facts | overrides)
