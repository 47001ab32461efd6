"""What was typed, as the API's body. Pure."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.words import say
from console.web.forms import Form
from console.web.terms import Typed

WHOLE, PART, TOGETHER = "whole", "part", "together"
LONGEST_REASON: Final = 1000


def body(form: Form, currency: str, zone: ZoneInfo) -> tuple[dict[str, Any], Mapping[str, str]]:
    """Return what the API is asked, and what is wrong at which field."""
    typed = Typed(form, currency, zone)
    found: dict[str, Any] = {}
    if form.one("what") == PART:
        amount = typed.amount("amount")
        if amount is None or amount <= 0:
            typed.faults.setdefault("amount", say("rollback.no_amount"))
        found["amount"] = amount
    if (reason := form.text("reason")) is not None:
        found["reason"] = reason
        if len(reason) > LONGEST_REASON:
            typed.faults["reason"] = say("rollback.long_reason", most=LONGEST_REASON)
    return found, typed.faults
