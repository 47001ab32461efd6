"""What the page of one order shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.parts import Column
from console.design.words import say
from console.format import instants, money
from console.session.people import Project
from console.web import attempt_table, attempts, changes, order_lines, orders
from console.web.attempt_table import Row
from console.web.order_lines import Lines
from console.web.orders import Order

ATTEMPTS: Final = ("at", "result", "code", "basket", "discount")
MOMENTS: Final = ("created_at", "paid_at", "updated_at")
AMOUNTS: Final = ("amount", "total_discount_amount", "total_amount", "refunded_amount")

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """One order."""

    order: Order
    facts: Sequence[Fact]
    metadata: Sequence[Fact]
    lines: Lines
    attempts: Sequence[Row]
    is_divided: bool  # among several redemptions: each counts its share
    attempt_columns: Sequence[Column]


def view(
    told: Mapping[str, Any], found: Sequence[Mapping[str, Any]], zone: ZoneInfo, project: Project
) -> View:
    order = orders.written(told, zone, project.currency)
    tried = [attempts.of_ledger(each, zone, order.currency) for each in found]
    return View(
        order=order,
        facts=_facts(told, order.currency, zone),
        metadata=[(name, str(changes.text(v))) for name, v in (told.get("metadata") or {}).items()],
        lines=order_lines.lines(told, order.currency),
        attempts=attempt_table.rows(tried, project),
        is_divided=sum(each.is_accepted and not each.is_rollback for each in tried) > 1,
        attempt_columns=attempt_table.columns(ATTEMPTS, project.currency),
    )


def _facts(told: Mapping[str, Any], currency: str, zone: ZoneInfo) -> Sequence[Fact]:
    amounts = {
        name: f"{money.money(told[name], currency)} {currency}"
        for name in AMOUNTS
        if told.get(name) is not None
    }
    moments = {name: instants.moment(told[name], zone) for name in MOMENTS if told.get(name)}
    return [(say(f"order.{name}"), text) for name, text in (amounts | moments).items()]
