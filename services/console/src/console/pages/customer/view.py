"""What the page of one customer shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from console.design.parts import Column
from console.design.words import say
from console.format import instants, money, numbers
from console.session.people import Project
from console.web import attempt_table, attempts, changes, orders
from console.web.attempt_table import Row
from console.web.orders import Order

ATTEMPTS: Final = ("at", "result", "code", "basket", "discount", "order")
ORDERS: Final = ("at", "order", "status", "amount", "discount", "to_pay")
PROFILE: Final = ("name", "email", "phone", "source_id", "birthdate", "description")
AMOUNTS: Final = ("total_amount", "average_amount", "last_order_amount")
COUNTS: Final = ("total_succeeded", "total_failed", "total_rolled_back")

Fact = tuple[str, str]


class Answers(NamedTuple):
    """What the API told."""

    customer: Mapping[str, Any]
    orders: Mapping[str, Any]
    redemptions: Mapping[str, Any]
    segments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """One customer."""

    id: str
    name: str
    facts: Sequence[Fact]
    summary: Sequence[Fact]
    metadata: Sequence[Fact]
    segments: Sequence[Mapping[str, Any]]
    orders: Sequence[Order]
    order_columns: Sequence[Column]
    more_orders: bool
    attempts: Sequence[Row]
    attempt_columns: Sequence[Column]
    more_attempts: bool


def view(answers: Answers, zone: ZoneInfo, project: Project) -> View:
    told, currency = answers.customer, project.currency
    bought, tried = answers.orders["orders"], answers.redemptions["redemptions"]
    metadata = told.get("metadata") or {}
    return View(
        id=told["id"],
        name=orders.called(told),
        facts=_profile(told, zone),
        summary=_summary(told["summary"], currency, zone),
        metadata=[(name, str(changes.text(value))) for name, value in metadata.items()],
        segments=answers.segments["data"],
        orders=[orders.written(each, zone, currency) for each in bought],
        order_columns=orders.columns(ORDERS, currency),
        more_orders=answers.orders["total"] > len(bought),
        attempts=attempt_table.rows(
            (attempts.of_ledger(each, zone, currency) for each in tried), project
        ),
        attempt_columns=attempt_table.columns(ATTEMPTS, currency),
        more_attempts=answers.redemptions["total"] > len(tried),
    )


def _profile(told: Mapping[str, Any], zone: ZoneInfo) -> Sequence[Fact]:
    found = {name: told.get(name) or "" for name in PROFILE}
    place = told.get("address") or {}
    found["address"] = ", ".join(str(each) for each in place.values() if each)
    for name in ("created_at", "last_seen_at"):
        found[name] = instants.moment(told[name], zone) if told.get(name) else ""
    found["id"] = told["id"]
    return _named(found)


def _summary(told: Mapping[str, Any], currency: str, zone: ZoneInfo) -> Sequence[Fact]:
    of_orders, of_redemptions = told["orders"], told["redemptions"]
    found = {"total_count": numbers.number(of_orders["total_count"] or 0)}
    for name in AMOUNTS:
        if of_orders.get(name) is not None:
            found[name] = f"{money.money(of_orders[name], currency)} {currency}"
    if of_orders.get("last_order_date"):
        found["last_order_date"] = instants.moment(of_orders["last_order_date"], zone)
    found |= {name: numbers.number(of_redemptions.get(name) or 0) for name in COUNTS}
    return _named(found)


def _named(values: Mapping[str, str]) -> Sequence[Fact]:
    return [(say(f"customer.{name}"), text) for name, text in values.items() if text]
