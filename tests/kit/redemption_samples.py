"""What tests of redemption are about: each states only what matters to it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from redemption.decisions import Offer, Request, Uses

from contracts.campaigns import (
    AmountOff,
    Campaign,
    CampaignChanged,
    CommissionPlan,
    Named,
)
from contracts.projects import ApiKey, Project, ProjectChanged
from contracts.vouchers import Chunk, IssuedCode, Voucher, VoucherChanged, VouchersIssued
from redemption import wire

PROJECT = "proj_a"
CAMPAIGN = "camp_1"
CODE = "SUMMER"
CUSTOMER_KEY = b"the key of this installation"

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)


def a_request(
    code: str = CODE,
    *,
    project: str = PROJECT,
    request_id: str | None = None,
    customer: str | None = None,
    amount: int | None = 5000,
    currency: str | None = None,
    order_id: str | None = None,
    visit_id: str | None = None,
    at: datetime = NOON,
) -> Request:
    """Ask as a checkout does; without an id of its own the request is like no other."""
    wish = wire.Wish(
        code,
        wire.Customer(customer) if customer else None,
        None if amount is None else wire.Order(amount, order_id, currency),
        visit_id,
    )
    return wire.request(wish, project, request_id or uuid4().hex, at, CUSTOMER_KEY)


def an_offer(**overrides: Any) -> Offer:
    """Promise 5.00 off, without any limit."""
    return Offer(
        campaign_id=CAMPAIGN,
        campaign_version=1,
        campaign_name="Winter deal",
        partner_id="part_1",
        channel="newsletter",
        category_id="cat_1",
        campaign_active=True,
        starts_at=None,
        ends_at=None,
        total_limit=None,
        per_customer_limit=None,
        currency="EUR",
        discount=AmountOff(amount_off_minor=500),
        commission_plan=CommissionPlan(
            share_basis_points=750, flat_minor=50, new_customer_bonus_minor=300
        ),
        margin_basis_points=3000,
        voucher_id="v_1",
        voucher_active=True,
        quantity=None,
    )._replace(**overrides)


def some_uses(
    campaign: int = 0, code: int = 0, customers: dict[str, int] | None = None, sequence: int = 0
) -> Uses:
    """Count uses of the one campaign and code that these samples are about."""
    return Uses(
        {(PROJECT, CAMPAIGN): campaign},
        {(PROJECT, CODE): code},
        {(PROJECT, CAMPAIGN, customer): used for customer, used in (customers or {}).items()},
        {(PROJECT, CODE): sequence},
    )


def envelope(project: str, subject: str) -> dict[str, Any]:
    return {
        "id": uuid4().hex,
        "source": "/tests",
        "subject": subject,
        "time": NOON,
        "projectid": project,
    }


def campaign_changed(
    id_: str = CAMPAIGN, version: int = 1, project: str = PROJECT, **overrides: Any
) -> CampaignChanged:
    """Say that a campaign takes 5.00 off, without any limit."""
    terms: dict[str, Any] = {
        "name": "Winter deal",
        "partner": Named(id="part_1", name="Sparfuchs"),
        "channel": "newsletter",
        "category": Named(id="cat_1", name="Fashion"),
        "active": True,
        "currency": "EUR",
        "discount": AmountOff(amount_off_minor=500),
        "starts_at": None,
        "ends_at": None,
        "total_limit": None,
        "per_customer_limit": None,
        "commission_plan": CommissionPlan(share_basis_points=750),
        "margin_basis_points": 3000,
    }
    campaign = Campaign(id=id_, version=version, **(terms | overrides))
    return CampaignChanged(**envelope(project, id_), data=campaign)


def voucher_changed(
    code: str = CODE,
    campaign: str = CAMPAIGN,
    version: int = 1,
    project: str = PROJECT,
    *,
    active: bool = True,
    quantity: int | None = None,
) -> VoucherChanged:
    voucher = Voucher(
        id=f"v_{code}",
        version=version,
        campaign_id=campaign,
        code=code,
        active=active,
        quantity=quantity,
    )
    return VoucherChanged(**envelope(project, voucher.id), data=voucher)


def codes_issued(
    *codes: str,
    campaign: str = CAMPAIGN,
    number: int = 0,
    project: str = PROJECT,
    quantity: int | None = 1,
) -> VouchersIssued:
    issued = tuple(IssuedCode(id=f"v_{code}", code=code) for code in codes)
    chunk = Chunk(campaign_id=campaign, number=number, quantity=quantity, vouchers=issued)
    return VouchersIssued(**envelope(project, campaign), data=chunk)


def project_changed(id_: str = PROJECT, version: int = 1, *keys: ApiKey) -> ProjectChanged:
    project = Project(
        id=id_, version=version, name="Shop", currency="EUR", time_zone="Europe/Berlin", keys=keys
    )
    return ProjectChanged(**envelope(id_, id_), data=project)
