"""What tests of redemption are about: each states only what matters to it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from contracts.baskets import Customer, Item, Order
from contracts.campaigns import (
    CampaignCategory,
    CampaignChanged,
    CampaignSnapshot,
    CommissionPlan,
    Named,
)
from contracts.discounts import AmountOff, Discount
from contracts.guesses import GuessLimits
from contracts.projects import ApiKey, ProjectChanged, ProjectSnapshot
from contracts.rules import Rule
from contracts.segments import SegmentChanged, SegmentSnapshot
from contracts.stacking import ALL_TOGETHER, StackingRules
from contracts.targets import ApplicableTo
from contracts.terms import Conditions, Limit, Limits, Rollback, Terms
from contracts.validity import Hours, Validity
from contracts.vouchers import Chunk, IssuedCode, VoucherChanged, VouchersIssued, VoucherSnapshot
from redemption.claims import limits
from redemption.decide.facts import Facts
from redemption.model import Campaign, CounterKey, Offer, Request, Voucher
from redemption.moments.periods import clock
from redemption.reading import parsing
from redemption.rules.compiling import compile_rules
from servicekit.structs import twin

PROJECT = "proj_a"
CAMPAIGN = "camp_1"
CODE = "SUMMER"
CALLER = "key_a"
CUSTOMER_KEY = b"the key of this installation"

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)

FIVE_OFF: Final = AmountOff(amount_off_minor=500)
PLAN: Final = {"share_basis_points": 750, "flat_minor": 50, "new_customer_bonus_minor": 300}
ZONE: Final = "Europe/Berlin"
TERMS: Final = (
    "discount",
    "starts_at",
    "ends_at",
    "total_limit",
    "per_customer_limit",
    "limits",
    "weekdays",
    "hours",
    "rules",
    "applicable_to",
    "rollback",
)

_plan: Final = twin(CommissionPlan)


def an_order(
    amount: int = 5000,
    order_id: str | None = None,
    currency: str | None = None,
    lines: Sequence[int | Item] = (),
) -> Order:
    """Put into a basket, as the service reads one; lines may be amounts, of products `p0`, `p1`…"""
    items = tuple(
        a_line(f"p{n}", each) if isinstance(each, int) else each for n, each in enumerate(lines)
    )
    amount = sum(item.amount_minor for item in items) if items else amount
    return parsing.to_order(id=order_id, amount_minor=amount, currency=currency, items=items)


def a_line(
    product: str, amount: int, quantity: int = 1, sku: str | None = None, **more: Any
) -> Item:
    """Put so many of a product into a basket, as the service reads it."""
    return parsing.to_item(
        product_id=product, sku_id=sku, amount_minor=amount, quantity=quantity, **more
    )


def a_customer(source_id: str | None = None, **more: Any) -> Customer:
    """Be somebody, as the service reads one."""
    return parsing.to_customer(source_id=source_id, **more)


def content(
    *codes: str,
    customer: Customer | str | None = None,
    amount: int | None = 5000,
    currency: str | None = None,
    order_id: str | None = None,
    tracking_id: str | None = None,
    visit_id: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    lines: Sequence[int | Item] = (),
) -> parsing.Content:
    """Say what is asked, whoever asks."""
    return parsing.Content(
        codes=codes or (CODE,),
        customer=customer if not isinstance(customer, str) else a_customer(customer),
        order=None if amount is None else an_order(amount, order_id, currency, lines),
        visit_id=visit_id,
        metadata=metadata or {},
        tracking_id=tracking_id,
    )


def a_request(
    *codes: str,
    project: str = PROJECT,
    request_id: str | None = None,
    caller: str = CALLER,
    at: datetime = NOON,
    **asked: Any,
) -> Request:
    """Ask as a checkout does: for one code, or for several together.

    Without an id of its own the request is like no other.
    """
    return parsing.request(
        content(*codes, **asked),
        project,
        request_id or uuid4().hex,
        caller=caller,
        at=at,
        customer_key=CUSTOMER_KEY,
    )


def terms(
    *,
    discount: Discount = FIVE_OFF,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    total_limit: int | None = None,
    per_customer_limit: int | None = None,
    limits: tuple[Limit, ...] = (),
    weekdays: tuple[int, ...] = (),
    hours: tuple[Hours, ...] = (),
    rules: tuple[Rule, ...] = (),
    applicable_to: ApplicableTo | None = None,
    rollback: Rollback = Rollback(),  # noqa: B008 - a value
) -> Terms:
    """Take 5.00 off, without any limit."""
    return Terms(
        discount=discount,
        applicable_to=applicable_to or ApplicableTo(),
        validity=Validity(starts_at=starts_at, ends_at=ends_at, weekdays=weekdays, hours=hours),
        limits=Limits(total=total_limit, per_customer=per_customer_limit, others=limits),
        conditions=Conditions(rules=rules),
        rollback=rollback,
    )


def an_offer(
    code: str = CODE,
    *,
    project: str = PROJECT,
    campaign: str = CAMPAIGN,
    active: bool = True,
    voucher_active: bool = True,
    quantity: int | None = None,
    voucher_ends_at: datetime | None = None,
    sequence: int = 0,
    **overrides: Any,
) -> Offer:
    """Promise 5.00 off, without any limit. Overrides are words of `terms`, or the campaign's."""
    said = {name: overrides.pop(name) for name in TERMS if name in overrides}
    words: dict[str, Any] = {
        "version": 1,
        "name": "Winter deal",
        "partner_id": "part_1",
        "channel": "newsletter",
        "category_id": "cat_1",
        "category_hierarchy": 0,
        "currency": "EUR",
        "time_zone": ZONE,
        "commission_plan": _plan(**PLAN),
        "margin_basis_points": 3000,
    }
    return Offer(
        project_id=project,
        code=code,
        voucher=Voucher(
            id=f"v_{code}",
            active=voucher_active,
            quantity=quantity,
            sequence=sequence,
            number=1,
            ends_at=voucher_ends_at,
        ),
        campaign=Campaign(
            id=campaign,
            terms=terms(**said),
            judge=compile_rules(said.get("rules", ()), clock(ZONE)),
            **(words | overrides),
        ),
        campaign_active=active,
    )


def some_uses(
    campaign: int = 0,
    code: int = 0,
    customers: Mapping[str, int] | None = None,
    project: str = PROJECT,
) -> dict[CounterKey, int]:
    """Count uses of the one campaign and code that these samples are about."""
    counted = {
        (limits.CAMPAIGN, ""): campaign,
        (limits.CODE, CODE): code,
        **{(limits.CUSTOMER, customer): used for customer, used in (customers or {}).items()},
    }
    return {CounterKey(project, CAMPAIGN, *key): used for key, used in counted.items()}


def facts_of(
    *offers: Offer,
    used: Mapping[CounterKey, int] | None = None,
    stacking: StackingRules | None = None,
) -> Facts:
    """Know these offers, and nothing else."""
    return Facts(
        {(offer.project_id, offer.code): offer for offer in offers},
        dict(used or {}),
        stacking={} if stacking is None else {PROJECT: stacking},
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
    """Say that a campaign takes 5.00 off, without any limit; overrides are those of `an_offer`."""
    said = {name: overrides.pop(name) for name in TERMS if name in overrides}
    words: dict[str, Any] = {
        "name": "Winter deal",
        "partner": Named(id="part_1", name="Sparfuchs"),
        "channel": "newsletter",
        "category": CampaignCategory(id="cat_1", name="Fashion"),
        "active": True,
        "currency": "EUR",
        "time_zone": ZONE,
        "commission_plan": CommissionPlan(**PLAN),
        "margin_basis_points": 3000,
    }
    campaign = CampaignSnapshot(id=id_, version=version, terms=terms(**said), **(words | overrides))
    return CampaignChanged(**envelope(project, id_), data=campaign)


def voucher_changed(
    code: str = CODE,
    campaign: str = CAMPAIGN,
    version: int = 1,
    project: str = PROJECT,
    *,
    active: bool = True,
    quantity: int | None = None,
    ends_at: datetime | None = None,
    active_from_version: int | None = None,
) -> VoucherChanged:
    voucher = VoucherSnapshot(
        id=f"v_{code}",
        version=version,
        campaign_id=campaign,
        code=code,
        active=active,
        quantity=quantity,
        ends_at=ends_at,
        active_from_version=active_from_version,
    )
    return VoucherChanged(**envelope(project, voucher.id), data=voucher)


def segment_changed(
    segment: str = "seg_1", version: int = 1, project: str = PROJECT, **fields: Any
) -> SegmentChanged:
    """A list, unless it has a filter."""
    defaults: dict[str, Any] = {"name": segment, "type": "static"}
    snapshot = SegmentSnapshot(id=segment, version=version, **(defaults | fields))
    return SegmentChanged(**envelope(project, segment), data=snapshot)


def codes_issued(
    *codes: str,
    campaign: str = CAMPAIGN,
    number: int = 0,
    project: str = PROJECT,
    quantity: int | None = 1,
    active: bool = True,
) -> VouchersIssued:
    issued = tuple(IssuedCode(id=f"v_{code}", code=code) for code in codes)
    chunk = Chunk(
        campaign_id=campaign, number=number, quantity=quantity, active=active, vouchers=issued
    )
    return VouchersIssued(**envelope(project, campaign), data=chunk)


ANY_GUESSES = GuessLimits(per_customer=None, per_address=None, per_key=None)


def project_changed(
    id_: str = PROJECT,
    version: int = 1,
    *keys: ApiKey,
    guess_limits: GuessLimits = ANY_GUESSES,
    stacking: StackingRules = ALL_TOGETHER,
    case_sensitive_codes: bool = True,
) -> ProjectChanged:
    project = ProjectSnapshot(
        id=id_,
        version=version,
        name="Shop",
        currency="EUR",
        time_zone=ZONE,
        keys=keys,
        guess_limits=guess_limits,
        stacking=stacking,
        case_sensitive_codes=case_sensitive_codes,
    )
    return ProjectChanged(**envelope(id_, id_), data=project)
