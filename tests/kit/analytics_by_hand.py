"""The definitions of docs/metrics.md, worked out in Python over a project's events."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any, TypeAlias

import pytest

from contracts.campaigns import CommissionPlan
from contracts.redemptions import Reason, RedemptionFailed, RedemptionSucceeded
from contracts.rollbacks import RedemptionRolledBack
from contracts.visits import Visited
from kit.analytics_samples import a_failure, a_rollback, a_success, a_visit, an_unknown_code

Fact: TypeAlias = RedemptionSucceeded | RedemptionFailed | RedemptionRolledBack | Visited
HALF = Fraction(1, 2)
CURRENCIES = ("EUR", "JPY")


def figures_of(facts: Iterable[Fact]) -> dict[str, Any]:
    """Every measure over facts of one currency, in exact fractions."""
    events = list(facts)
    good = [e.data for e in events if isinstance(e, RedemptionSucceeded)]
    bad = [e.data for e in events if isinstance(e, RedemptionFailed)]
    back = [e.data for e in events if isinstance(e, RedemptionRolledBack)]
    whole = [d for d in back if d.whole]
    commission = sum((_owed(d, d.order_minor, d.discount_minor) for d in good), Fraction(0))
    for d in back:
        order, discount = d.order_left_minor, d.discount_left_minor
        commission -= _owed(d, order + d.order_minor, discount + d.discount_minor)
        commission += Fraction(0) if d.whole else _owed(d, order, discount)
    discount = sum(d.discount_minor for d in good) - sum(d.discount_minor for d in back)
    net = sum(max(d.order_minor - d.discount_minor, 0) for d in good)
    for d in back:
        left = d.order_left_minor - d.discount_left_minor
        net += max(left, 0) - max(left + d.order_minor - d.discount_minor, 0)
    cost = discount + commission
    earned = _earned(good) - _earned(back)
    gross_profit = (earned + HALF) // 1
    attempts = len(good) + len(bad)
    return {
        "visits": sum(isinstance(e, Visited) for e in events),
        "redemptions": len(good) - len(whole),
        "rolled_back": len(whole),
        "refused": len(bad),
        "attempts": attempts,
        "refusal_rate": pytest.approx(len(bad) / attempts) if attempts else None,
        "new_customers": sum(d.customer_is_new for d in good)
        - sum(d.customer_is_new for d in whole),
        "gross_minor": sum(d.order_minor for d in good) - sum(d.order_minor for d in back),
        "discount_minor": discount,
        "net_minor": net,
        "commission_minor": commission,
        "gross_profit_minor": gross_profit,
        "cost_minor": cost,
        "profit_minor": gross_profit - cost,
        "roi": pytest.approx(float(Fraction(gross_profit - cost, cost))) if cost > 0 else None,
        "refused_minor": sum(d.order_minor for d in bad),
    }


def _earned(of: Iterable[Any]) -> Fraction:
    return Fraction(sum(d.order_minor * d.margin_basis_points for d in of), 10_000)


def _owed(data: Any, order_minor: int, discount_minor: int) -> Fraction:
    plan = data.commission_plan
    net = Fraction(max(order_minor - discount_minor, 0))
    return Fraction(
        (net * plan.share_basis_points / 10_000 + HALF) // 1
        + plan.flat_minor
        + plan.new_customer_bonus_minor * data.customer_is_new
    )


def currency_of(fact: Fact) -> str:
    """A visit has none and an unknown code need not: both count in the project's."""
    return CURRENCIES[0] if isinstance(fact, Visited) else fact.data.currency or CURRENCIES[0]


def some_facts(project: str, starts_at: datetime, hours: int, number: int, seed: int) -> list[Fact]:
    """Make facts of six campaigns of three partners, two channels, two categories and none.

    Some of what is redeemed is given back in the hours after it, in one step or in two.
    """
    chance = Random(seed)  # noqa: S311
    facts = [
        _fact(project, starts_at + timedelta(seconds=chance.randrange(hours * 3600)), chance)
        for _ in range(number)
    ]
    redeemed = [fact for fact in facts if isinstance(fact, RedemptionSucceeded)]
    until = starts_at + timedelta(hours=hours, seconds=-1)
    return [*facts, *(back for each in redeemed[::4] for back in _given_back(each, until, chance))]


def _given_back(of: RedemptionSucceeded, until: datetime, chance: Random) -> list[Fact]:
    order, discount = of.data.order_minor, of.data.discount_minor
    later = min(until, of.time + timedelta(hours=chance.randrange(30)))
    if order < 2 or chance.random() < 0.4:
        return [a_rollback(of, at=later)]
    part, off = chance.randrange(1, order), chance.randrange(discount + 1)
    first = a_rollback(of, at=later, order_minor=part, discount_minor=off)
    if chance.random() < 0.5:
        return [first]
    return [first, a_rollback(of, at=later, left=(order - part, discount - off))]


def _fact(project: str, at: datetime, chance: Random) -> Fact:
    number = chance.randrange(6)
    deal: dict[str, Any] = {
        "at": at,
        "project": project,
        "campaign_id": f"camp_{number}",
        "partner_id": f"part_{number % 3}",
        "channel": ("newsletter", "influencer")[number % 2],
        "category_id": ("cat_0", "cat_1", None)[number % 3],
    }
    customer = chance.choice([None, *(f"cust_{n}" for n in range(9))])
    kind = chance.random()
    if kind < 0.3:
        return a_visit(**deal)
    basket: dict[str, Any] = {
        "customer_id": customer,
        "order_minor": chance.randrange(20_000),
        "currency": chance.choice(CURRENCIES),
    }
    if kind < 0.35:
        return an_unknown_code(**{"at": at, "project": project, "code": f"BAD{number}"} | basket)
    code = f"CODE-{number}-{chance.randrange(3)}"
    if kind < 0.6:
        reason = chance.choice([Reason.VOUCHER_EXPIRED, Reason.QUANTITY_EXCEEDED])
        return a_failure(**deal, **basket, reason=reason, code=code)
    return a_success(
        **deal,
        **basket,
        code=code,
        discount_minor=chance.randrange(3_000),  # sometimes more than the order
        customer_is_new=chance.random() < 0.3,
        margin_basis_points=chance.randrange(10_001),
        commission_plan=CommissionPlan(
            share_basis_points=chance.randrange(2_000),
            flat_minor=chance.randrange(50),
            new_customer_bonus_minor=chance.randrange(200),
        ),
    )


def of(facts: Sequence[Fact], currency: str, **values: Any) -> list[Fact]:
    """Return those of the currency whose data have these values."""
    return [
        fact
        for fact in facts
        if currency_of(fact) == currency
        and all(getattr(fact.data, name) == value for name, value in values.items())
    ]
