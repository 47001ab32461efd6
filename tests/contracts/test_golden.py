"""The wire form of every event, pinned: what an old reader understood, it understands for ever.

A test here that turns red names a change of the contract. A new optional field: add it to the
golden file. Anything else: a new event, or a new major.
"""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import contracts
from contracts.answers import Answer, RequestAnswered
from contracts.applied import Applied, SnapshotApplied
from contracts.baskets import Customer, Item, Order
from contracts.campaigns import (
    CampaignCategory,
    CampaignChanged,
    CampaignSnapshot,
    CommissionPlan,
    Named,
)
from contracts.conditions import Condition
from contracts.discounts import AmountOff, PercentOff
from contracts.event import Event
from contracts.guesses import GuessesRefused, GuessLimits, RefusedGuesses
from contracts.orders import OrderChanged, OrderState
from contracts.projects import ApiKey, Ended, ProjectChanged, ProjectSnapshot
from contracts.redemptions import (
    Failed,
    Reason,
    Redeemable,
    RedemptionFailed,
    RedemptionRequest,
    RedemptionRequested,
    RedemptionSucceeded,
    Succeeded,
)
from contracts.refusals import WouldPass
from contracts.rollbacks import (
    RedemptionRolledBack,
    RollbackLine,
    RollbackRequest,
    RollbackRequested,
    RolledBack,
    RolledBackLine,
)
from contracts.rule_nodes import Lines, Node
from contracts.rules import Rule
from contracts.segments import Criterion, Filter, SegmentChanged, SegmentSnapshot
from contracts.targets import ApplicableTo, Choice, Targets
from contracts.terms import Conditions, Limit, Limits, Terms
from contracts.validity import Hours, Recurrence, Validity
from contracts.visits import Visit, Visited
from contracts.vouchers import Chunk, IssuedCode, VoucherChanged, VouchersIssued, VoucherSnapshot

ANY_BODY = "coupons.redemption.answered.v1"  # whatever is in it is the answer
GOLDEN = Path(__file__).parent / "golden"

# Micros and an offset, so that the golden files show what becomes of them.
NOON = datetime(2026, 11, 23, 14, 0, 0, 123_999, timezone(timedelta(hours=1)))
ENVELOPE: dict[str, Any] = {
    "id": "01932f6e-7b3a-7c42-9d55-0a1b2c3d4e5f",
    "source": "/shop/checkout",
    "subject": "SUMMER-7F3K",
    "time": NOON,
    "projectid": "proj_9yX2",
}
PLAN = CommissionPlan(share_basis_points=750, flat_minor=50, new_customer_bonus_minor=300)
CAMPAIGN = CampaignSnapshot(
    id="camp_1",
    version=3,
    name="Winter deal · Sparfuchs",
    partner=Named(id="part_1", name="Sparfuchs"),
    channel="newsletter",
    category=CampaignCategory(id="cat_1", name="Fashion"),
    active=True,
    currency="EUR",
    time_zone="Europe/Berlin",
    terms=Terms(
        discount=AmountOff(amount_off_minor=500),
        applicable_to=ApplicableTo(
            included=Targets(products=("shoes",)),
            choices=(
                Choice(
                    targets=Targets(products=("shoes",)),
                    by="APPLY_FROM_CHEAPEST",
                    most_of_line=1,
                    most=3,
                ),
            ),
        ),
        validity=Validity(
            starts_at=NOON,
            ends_at=NOON + timedelta(days=30),
            weekdays=(5, 6),
            hours=(Hours(from_minute=22 * 60, to_minute=120, weekdays=(5,)),),
            recurrence=Recurrence(every_seconds=7 * 86_400, lasts_seconds=3_600),
        ),
        limits=Limits(
            total=1000,
            per_customer=2,
            others=(
                Limit(of="customer", per="month", most=1),
                Limit(of="campaign", what="discount", most=100_000),
            ),
        ),
        conditions=Conditions(
            rules=(
                Rule(
                    id="val_1",
                    name="Shoes for 50.00",
                    nodes=(
                        Node(
                            key="1",
                            name="order.amount",
                            conditions=(Condition(operator="$more_than_equal", values=(5000,)),),
                        ),
                        Node(key="2", name="order.items.any", lines=Lines(products=("shoes",))),
                    ),
                    logic="1 and 2",
                    message="Buy shoes for 50.00",
                ),
                Rule(
                    id="val_2",
                    name="New customers",
                    nodes=(
                        Node(
                            key="1",
                            name="customer.is_new",
                            conditions=(Condition(operator="$is", values=(True,)),),
                        ),
                    ),
                    logic="1",
                    vouchers=("v_1", "v_2"),
                ),
            )
        ),
    ),
    commission_plan=PLAN,
    margin_basis_points=3000,
)
BARE_CAMPAIGN = CAMPAIGN.model_copy(
    update={
        "active": False,
        "category": None,
        "time_zone": "UTC",
        "terms": Terms(discount=PercentOff(basis_points=1550, most_minor=2000)),
        "commission_plan": CommissionPlan(),
    }
)
SUCCEEDED = Succeeded(
    redemption_id="r_01932f6e7b3a7c429d550a1b2c3d4e5f",
    parent_redemption_id=None,
    request_id="till-7/4711",
    code="SUMMER-7F3K",
    voucher_id="v_1",
    uses=12,
    sequence=12,
    campaign_id="camp_1",
    campaign_version=3,
    partner_id="part_1",
    channel="newsletter",
    category_id="cat_1",
    customer_id="cust_0123456789abcdef01234567",
    customer_is_new=True,
    order_id="order-99",
    order_minor=4999,
    discount_minor=500,
    currency="EUR",
    commission_plan=PLAN,
    margin_basis_points=3000,
    visit_id="visit-1",
    decided_at=NOON + timedelta(seconds=1),
    caller="app_1",
    segment_ids=("seg_1", "seg_2"),
)
ROLLED_BACK = RolledBack(
    rollback_id="rr_01932f6e7b3a7c429d550a1b2c3d4e60",
    redemption_id=SUCCEEDED.redemption_id,
    request_id="till-7/4712",
    code="SUMMER-7F3K",
    voucher_id="v_1",
    uses=12,
    sequence=13,
    campaign_id="camp_1",
    campaign_version=3,
    partner_id="part_1",
    channel="newsletter",
    category_id="cat_1",
    customer_id="cust_1",
    customer_is_new=True,
    order_id="order-1",
    whole=False,
    order_minor=1500,
    discount_minor=150,
    order_left_minor=3490,
    discount_left_minor=350,
    items=(
        RolledBackLine(
            product_id="sku-1", sku_id=None, quantity=1, amount_minor=1500, discount_minor=150
        ),
    ),
    currency="EUR",
    commission_plan=PLAN,
    margin_basis_points=3000,
    reason="one parcel came back",
    redeemed_at=NOON,
    decided_at=NOON,
    caller="app_1",
    segment_ids=("seg_1",),
)
FAILED = Failed(
    redemption_id="rf_01932f6e7b3a7c429d550a1b2c3d4e5f",
    request_id=None,
    code="SUMER-7F3K",
    reason=Reason.NOT_FOUND,
    hint="",
    would_pass=WouldPass(limit=3, uses_left=0),
    campaign_id=None,
    campaign_version=None,
    partner_id=None,
    channel=None,
    category_id=None,
    customer_id=None,
    order_id=None,
    order_minor=0,
    currency=None,
    visit_id=None,
    decided_at=NOON + timedelta(seconds=1),
)

EVENTS: dict[str, Event] = {
    "coupons.redemption.requested.v1": RedemptionRequested(
        **ENVELOPE,
        data=RedemptionRequest(
            request_id="till-7/4711",
            code="SUMMER-7F3K",
            customer=Customer(
                source_id="household-12",
                email="Ann@Shop.example",
                name="Ann",
                metadata={"tier": "gold"},
            ),
            order=Order(
                id="order-99",
                amount_minor=4999,
                currency="EUR",
                items=(
                    Item(
                        product_id="sku-1",
                        sku_id="sku-1-red",
                        quantity=2,
                        amount_minor=4999,
                        metadata={"colour": "red"},
                    ),
                ),
                metadata={"till": 7},
            ),
            tracking_id="track-7",
            visit_id="visit-1",
            metadata={"till": 7},
        ),
    ),
    "coupons.redemption.requested.v1 (stack)": RedemptionRequested(
        **ENVELOPE,
        data=RedemptionRequest(
            request_id="2", redeemables=(Redeemable(code="SUMMER-7F3K"), Redeemable(code="SHIP"))
        ),
    ),
    "coupons.redemption.requested.v1 (bare)": RedemptionRequested(
        **ENVELOPE, data=RedemptionRequest(request_id="1", code="SUMMER-7F3K")
    ),
    "coupons.redemption.requested.v1 (reply)": RedemptionRequested(
        **ENVELOPE | {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
        data=RedemptionRequest(request_id="3", code="SUMMER-7F3K", reply=True),
    ),
    "coupons.redemption.answered.v1": RequestAnswered(
        **ENVELOPE,
        data=Answer(request_id="3", status=404, body={"code": 404, "key": "not_found"}),
    ),
    "coupons.redemption.answered.v1 (bare)": RequestAnswered(
        **ENVELOPE, data=Answer(request_id="4", status=200, body=None)
    ),
    "coupons.redemption.succeeded.v1": RedemptionSucceeded(**ENVELOPE, data=SUCCEEDED),
    "coupons.redemption.failed.v1": RedemptionFailed(**ENVELOPE, data=FAILED),
    "coupons.redemption.rollback_requested.v1": RollbackRequested(
        **ENVELOPE,
        data=RollbackRequest(
            request_id="till-7/4712",
            redemption_id=SUCCEEDED.redemption_id,
            items=(RollbackLine(product_id="sku-1", quantity=1),),
            customer=Customer(source_id="shopper-1"),
            order_id="order-1",
            reason="one parcel came back",
            tracking_id="shopper-1",
            metadata={"till": 7},
        ),
    ),
    "coupons.redemption.rolled_back.v1": RedemptionRolledBack(**ENVELOPE, data=ROLLED_BACK),
    "coupons.campaign.changed.v1": CampaignChanged(**ENVELOPE, data=CAMPAIGN),
    "coupons.campaign.changed.v1 (bare)": CampaignChanged(**ENVELOPE, data=BARE_CAMPAIGN),
    "coupons.voucher.changed.v1": VoucherChanged(
        **ENVELOPE,
        data=VoucherSnapshot(
            id="v_1", version=2, campaign_id="camp_1", code="SUMMER-7F3K", active=False, quantity=1
        ),
    ),
    "coupons.voucher.changed.v1 (published)": VoucherChanged(
        **ENVELOPE,
        data=VoucherSnapshot(
            id="v_1",
            version=3,
            campaign_id="camp_1",
            code="SUMMER-7F3K",
            active=True,
            quantity=1,
            ends_at=NOON + timedelta(days=30),
            active_from_version=4,
        ),
    ),
    "coupons.vouchers.issued.v1": VouchersIssued(
        **ENVELOPE,
        data=Chunk(
            campaign_id="camp_1",
            number=0,
            quantity=None,
            vouchers=(IssuedCode(id="v_1", code="A-1"), IssuedCode(id="v_2", code="A-2")),
        ),
    ),
    "coupons.project.changed.v1": ProjectChanged(
        **ENVELOPE,
        data=ProjectSnapshot(
            id="proj_9yX2",
            version=1,
            name="Shop",
            currency="EUR",
            time_zone="Europe/Berlin",
            keys=(ApiKey(id="app_1", digest="ab" * 32, scopes=("campaigns", "redemptions")),),
            ended=(Ended(id="sess_1", until=NOON),),
            guess_limits=GuessLimits(window_seconds=600, per_key=None),
        ),
    ),
    "coupons.segment.changed.v1": SegmentChanged(
        **ENVELOPE,
        data=SegmentSnapshot(
            id="seg_1",
            version=2,
            name="Asleep",
            type="passive",
            filter=Filter(
                junction="or",
                criteria=(
                    Criterion(
                        attribute="summary.orders.last_order_date",
                        conditions=(Condition(operator="$more_than_ago", values=(60,)),),
                    ),
                    Criterion(
                        attribute="metadata.tier",
                        conditions=(Condition(operator="$in", values=("gold", 1, 1.5, True)),),
                    ),
                ),
            ),
        ),
    ),
    "coupons.segment.changed.v1 (list)": SegmentChanged(
        **ENVELOPE,
        data=SegmentSnapshot(
            id="seg_2",
            version=1,
            name="Press",
            type="static",
            members=("cust_0123456789abcdef01234567",),
            in_reports=True,
        ),
    ),
    "coupons.snapshot.applied.v1": SnapshotApplied(
        **ENVELOPE, data=Applied(kind="campaign", id="camp_1", version=3)
    ),
    "coupons.guesses.refused.v1": GuessesRefused(
        **ENVELOPE,
        data=RefusedGuesses(
            minute=NOON.replace(microsecond=0), limit="customer", caller="app_1", count=1873
        ),
    ),
    "coupons.order.changed.v1": OrderChanged(
        **ENVELOPE,
        data=OrderState(
            order_id="order-1",
            status="PAID",
            amount_minor=8900,
            refunded_minor=900,
            currency="USD",
            customer=Customer(source_id="shopper-1", metadata={"tier": "gold"}),
            items=(Item(product_id="sku-1", quantity=2, amount_minor=8900),),
            metadata={"shop": 7},
            version=3,
            paid_at=NOON - timedelta(hours=1),
        ),
    ),
    "coupons.order.changed.v1 (bare)": OrderChanged(
        **ENVELOPE, data=OrderState(order_id="order-1", status="CANCELED")
    ),
    "coupons.visit.recorded.v1": Visited(
        **ENVELOPE,
        data=Visit(
            visit_id="visit-1",
            campaign_id="camp_1",
            campaign_version=3,
            partner_id="part_1",
            channel="newsletter",
            category_id="cat_1",
        ),
    ),
}

FROM_OUTSIDE = {name for name in EVENTS if "requested" in name or "order.changed" in name}


def golden(name: str) -> Path:
    return GOLDEN / f"{name.replace(' (', '.').removesuffix(')')}.json"


def with_a_newer_writers_fields(value: Any) -> Any:
    if isinstance(value, dict):
        known = {
            key: inner if key == "metadata" else with_a_newer_writers_fields(inner)
            for key, inner in value.items()
        }
        return known | {"from_the_future": {"deep": [1.5, None]}}
    if isinstance(value, list):
        return [with_a_newer_writers_fields(inner) for inner in value]
    return value


def event_classes(of: type[Event] = Event) -> Iterator[type[Event]]:
    for module in pkgutil.iter_modules(contracts.__path__):
        importlib.import_module(f"contracts.{module.name}")
    yield from of.__subclasses__()


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_written_as_its_golden_file(name: str) -> None:
    written = json.dumps(json.loads(EVENTS[name].encode()), indent=2, ensure_ascii=False) + "\n"

    assert written == golden(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", EVENTS)
def test_a_golden_file_is_read_as_its_event(name: str) -> None:
    read = type(EVENTS[name]).model_validate_json(golden(name).read_bytes())

    assert read == EVENTS[name]


@pytest.mark.parametrize(
    "name", [name for name in EVENTS if name not in FROM_OUTSIDE and name != ANY_BODY]
)
def test_fields_of_a_newer_writer_are_ignored_at_every_depth(name: str) -> None:
    newer = with_a_newer_writers_fields(json.loads(golden(name).read_bytes()))

    assert type(EVENTS[name]).model_validate_json(json.dumps(newer)) == EVENTS[name]


@pytest.mark.parametrize("name", sorted(FROM_OUTSIDE))
def test_a_request_may_have_more_around_it_and_nothing_unknown_inside(name: str) -> None:
    sent = json.loads(golden(name).read_bytes())
    around = json.dumps(sent | {"extension": "x"})
    inside = json.dumps(with_a_newer_writers_fields(sent))

    assert type(EVENTS[name]).model_validate_json(around) == EVENTS[name]
    with pytest.raises(ValidationError, match="from_the_future"):
        type(EVENTS[name]).model_validate_json(inside)


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_cannot_be_changed_after_the_fact(name: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        EVENTS[name].id = "another"  # type: ignore[misc]


def test_every_event_has_a_golden_file_under_the_name_of_its_type() -> None:
    types = {cls.model_fields["type"].default for cls in event_classes()}

    assert types == {name for name in EVENTS if "(" not in name}
    assert {path.name for path in GOLDEN.iterdir()} == {golden(name).name for name in EVENTS}


@pytest.mark.parametrize("name", EVENTS)
def test_another_events_type_is_refused(name: str) -> None:
    other = json.loads(golden(name).read_bytes()) | {"type": "coupons.something.else.v1"}

    with pytest.raises(ValidationError, match="type"):
        type(EVENTS[name]).model_validate_json(json.dumps(other))


def test_instants_are_utc_with_milliseconds() -> None:
    encoded = EVENTS["coupons.redemption.succeeded.v1"].encode()

    assert json.loads(encoded)["time"] == "2026-11-23T13:00:00.123Z"
    assert datetime.fromisoformat(json.loads(encoded)["time"]).tzinfo == UTC


def test_reasons_are_stable_words_of_the_wire() -> None:
    assert [reason.value for reason in Reason] == [
        "not_found",
        "campaign_inactive",
        "voucher_disabled",
        "voucher_not_active",
        "voucher_expired",
        "voucher_not_active_now",
        "quantity_exceeded",
        "campaign_limit_exceeded",
        "customer_limit_exceeded",
        "period_limit_exceeded",
        "budget_exceeded",
        "order_rules_violated",
        "customer_rules_violated",
        "redemption_rules_violated",
        "missing_customer",
        "missing_order",
        "missing_order_items",
        "invalid_order",
        "applicable_redeemables_limit_exceeded",
        "applicable_redeemables_per_category_limit_exceeded",
        "applicable_exclusive_redeemables_limit_exceeded",
        "applicable_exclusive_redeemables_per_category_limit_exceeded",
        "exclusion_rules_not_met",
        "no_effect",
        "stack_refused",
    ]
