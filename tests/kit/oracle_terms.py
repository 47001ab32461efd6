"""The oracle's terms as the product is told them: snapshots, requests and words about orders."""

import json
from collections.abc import Collection
from typing import Any

from contracts import ids
from contracts.campaigns import CampaignCategory, CampaignChanged
from contracts.discounts import (
    AmountOff,
    AmountTier,
    Discount,
    FixedPrice,
    FreeUnits,
    PercentOff,
    Unit,
)
from contracts.instants import to_rfc3339
from contracts.projects import ProjectChanged
from contracts.rules import Rule
from contracts.segments import SegmentChanged
from contracts.stacking import StackingRules
from contracts.targets import ApplicableTo, Targets
from contracts.terms import Limit, Rollback
from contracts.vouchers import VoucherChanged
from kit.oracle import terms
from kit.redemption_samples import (
    CUSTOMER_KEY,
    ZONE,
    a_customer,
    a_line,
    a_request,
    campaign_changed,
    project_changed,
    segment_changed,
    voucher_changed,
)
from kit.rules import a_rule
from redemption.model import Request

LINES = {"order.items.any", "order.items.none"}
EFFECTS = {
    "order": "APPLY_TO_ORDER",
    "items": "APPLY_TO_ITEMS",
    "by_quantity": "APPLY_TO_ITEMS_BY_QUANTITY",
    "divided": "APPLY_TO_ITEMS_PROPORTIONALLY",
    "divided_by_quantity": "APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY",
    "missing": "ADD_MISSING_ITEMS",
    "new": "ADD_NEW_ITEMS",
}
ZONES = {-11: "Pacific/Niue", 1: ZONE, 14: "Pacific/Kiritimati"}  # in winter


def campaign(of: terms.Campaign, version: int, project: str) -> CampaignChanged:
    category = of.category and CampaignCategory(
        id=of.category, name=of.category, hierarchy=of.hierarchy
    )
    only = () if of.discount.only is None else (of.discount.only,)
    return campaign_changed(
        of.id,
        version,
        project,
        discount=discount(of.discount),
        applicable_to=ApplicableTo(included=Targets(products=only)),
        time_zone=ZONES[of.hours_ahead],
        active=of.active,
        starts_at=of.starts_at,
        ends_at=of.ends_at,
        total_limit=of.total,
        per_customer_limit=of.per_customer,
        limits=tuple(Limit(of=q.of, per=q.per, what=q.what, most=q.most) for q in of.quotas),
        rules=(*map(rule, of.rules), *(_own(each, codes) for each, codes in of.own_rules)),
        category=category,
        rollback=Rollback(
            use=of.gives_use, budget=of.gives_budget, on_cancelled_order=of.follows_orders
        ),
    )


def voucher(code: str, of: terms.Code, version: int, project: str) -> VoucherChanged:
    return voucher_changed(
        code,
        of.campaign,
        version,
        project,
        active=of.active,
        quantity=of.quantity,
        ends_at=of.ends_at,
    )


def discount(of: terms.Discount) -> Discount:
    effect: Any = EFFECTS[of.effect]
    match of.kind:
        case "amount":
            return AmountOff(
                amount_off_minor=of.off,
                effect=effect,
                tiers=tuple(AmountTier(from_minor=f, amount_off_minor=a) for f, a in of.tiers),
                most_together_minor=of.together,
            )
        case "percent":
            return PercentOff(
                basis_points=of.off * 100,
                effect=effect,
                most_minor=of.cap,
                most_together_minor=of.together,
            )
        case "fixed":
            return FixedPrice(price_minor=of.off, effect=effect)
        case "unit":
            return FreeUnits(units=(Unit(item=of.unit, quantity=of.off, effect=effect),))


def stacking(of: terms.Stacking, version: int, project: str) -> ProjectChanged:
    rules = StackingRules(
        mode="PARTIAL" if of.partial else "ALL",
        order="CATEGORY_HIERARCHY" if of.by_hierarchy else "REQUESTED_ORDER",
        most=of.most,
        most_per_category=of.most_of_category,
        most_exclusive=of.most_exclusive,
        exclusive_categories=tuple(sorted(of.exclusive)),
        joint_categories=tuple(sorted(of.joint)),
        no_effect="SKIP" if of.skips_no_effect else "REDEEM_ANYWAY",
    )
    return project_changed(project, version, stacking=rules)


def segment(name: str, of: terms.Segment, version: int, project: str) -> SegmentChanged:
    if of.members is not None:
        members = tuple(pseudonym(project, each) for each in sorted(of.members))
        return segment_changed(name, version, project, members=members)
    attribute, operator, value = (
        ("is_new", "$is", of.is_new)
        if of.spent is None
        else ("summary.orders.total_amount", "$more_than_equal", of.spent)
    )
    asked = {"operator": operator, "values": [value]}
    criteria = [{"attribute": attribute, "conditions": [asked]}]
    return segment_changed(
        name, version, project, type="auto-update", filter={"criteria": criteria}
    )


def rule(of: terms.Rule) -> Rule:
    """Raises ValueError for what nothing can meet."""
    made = a_rule(_logic(of.tree), of.id, **{k: _node(c) for k, c in of.conditions.items()})
    return made.model_copy(update={"message": of.message})


def _own(of: terms.Rule, codes: Collection[str]) -> Rule:
    return rule(of).model_copy(update={"vouchers": tuple(f"v_{code}" for code in sorted(codes))})


def request(wish: terms.Wish, project: str) -> Request:
    who = None
    if wish.customer is not None:
        who = a_customer(wish.customer, metadata=wish.of_customer)
    return a_request(
        *wish.codes,
        project=project,
        at=wish.at,
        customer=who,
        amount=wish.amount,
        currency=wish.currency,
        order_id=wish.order_id,
        metadata=wish.metadata,
        lines=[a_line(each.product, each.amount, each.quantity) for each in wish.lines],
    )


def order_body(word: terms.Word) -> bytes:
    """Write a word as it is posted to /v1/orders."""
    said: dict[str, Any] = {
        "source_id": word.order_id,
        "status": word.status,
        "amount": word.amount,
        "refunded_amount": word.refunded,
        "customer": word.customer and {"source_id": word.customer},
        "version": word.version,
    }
    return json.dumps(said).encode()


def order_record(word: terms.Word, project: str) -> bytes:
    """Write a word as it is sent by Kafka."""
    data: dict[str, Any] = {
        "order_id": word.order_id,
        "status": word.status,
        "amount_minor": word.amount,
        "refunded_minor": word.refunded,
        "customer": word.customer and {"source_id": word.customer},
        "version": word.version,
    }
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/shop",
        "type": "coupons.order.changed.v1",
        "time": to_rfc3339(word.at),
        "projectid": project,
        "data": {name: value for name, value in data.items() if value is not None},
    }
    return json.dumps(event).encode()


def pseudonym(project: str, customer: str) -> str:
    return ids.customer(CUSTOMER_KEY, project, customer)


def _logic(tree: Any) -> str:
    match tree:
        case str():
            return tree
        case ("not", part):
            return f"not ({_logic(part)})"
        case (word, *parts):
            return f" {word} ".join(f"({_logic(part)})" for part in parts)
        case _:
            raise AssertionError(tree)


def _node(condition: terms.Condition) -> dict[str, Any]:
    if condition.name in LINES:
        return {"name": condition.name, "lines": {"products": [condition.named]}}
    node = {"name": condition.name, condition.operator: [condition.value]}
    return node | ({"property": condition.named} if condition.named else {})
