"""What was typed, as the API's body. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.words import say
from console.web.forms import Form
from console.web.terms import Typed

WHOLE, PART, LINES, TOGETHER = "whole", "part", "lines", "together"
NAMES: Final = ("product_id", "sku_id")
LONGEST_REASON: Final = 1000


def sent(order: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    """Return the lines that were sent with an order; a code may have added others."""
    found = (order or {}).get("items") or ()
    return [each for each in found if each.get("initial_quantity") != 0]


def body(
    form: Form, currency: str, zone: ZoneInfo, items: Sequence[Mapping[str, Any]] = ()
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """Return what the API is asked, and what is wrong at which field; `items` were sent."""
    typed = Typed(form, currency, zone)
    found: dict[str, Any] = {}
    if form.one("what") not in (WHOLE, PART, LINES, TOGETHER):
        typed.faults["what"] = say("rollback.no_choice")
    if form.one("what") == PART:
        amount = typed.amount("amount")
        if amount is None or amount <= 0:
            typed.faults.setdefault("amount", say("rollback.no_amount"))
        found["amount"] = amount
    if form.one("what") == LINES:
        found["order"] = {"items": _lines(typed, items)}
    if (reason := form.text("reason")) is not None:
        found["reason"] = reason
        if len(reason) > LONGEST_REASON:
            typed.faults["reason"] = say("rollback.long_reason", most=LONGEST_REASON)
    return found, typed.faults


def _lines(typed: Typed, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Read how many of each line come back; those of which none does are left out."""
    found = []
    for at, item in enumerate(items):
        if quantity := typed.whole(f"lines.{at}"):
            named = {name: item[name] for name in NAMES if item.get(name)}
            found.append(named | {"quantity": quantity})
    if not found and not typed.faults:
        typed.faults["lines.0"] = say("rollback.no_lines")
    return found
