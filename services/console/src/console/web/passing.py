"""What would have made a refused code pass, in words; what is unknown here is left out. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from console.design.words import say
from console.format import instants, money

FIELDS: Final[Mapping[str, str]] = {
    "customer": "customer",
    "order": "amount",
    "order_items": "items.0.product_id",
    "applicable_items": "items.0.product_id",
}


class Passing(NamedTuple):
    """One thing that would do; `field` is where a form asks for it."""

    text: str
    field: str = ""


def passing(would_pass: Mapping[str, Any], currency: str, zone: ZoneInfo) -> Sequence[Passing]:
    """Write `would_pass` of a refusal; amounts are of this currency."""
    has = would_pass.keys()
    found = []
    if "starts_at" in has:
        at = instants.moment(would_pass["starts_at"], zone)
        found.append(Passing(say("passing.starts", at=at), "at"))
    if "ends_at" in has:
        last = instants.last_second(would_pass["ends_at"], zone)
        found.append(Passing(say("passing.ends", at=last), "at"))
    if "opens_at" in has:
        at = instants.moment(would_pass["opens_at"], zone)
        found.append(Passing(say("passing.opens", at=at), "at"))
    if {"limit", "uses_left"} <= has:
        left, limit = would_pass["uses_left"], would_pass["limit"]
        found.append(Passing(say("passing.uses", left=left, limit=limit)))
    if {"budget_minor", "left_minor", "amount_short"} <= has:
        names = {"short": "amount_short", "left": "left_minor", "budget": "budget_minor"}
        amounts = {name: money.money(would_pass[of], currency) for name, of in names.items()}
        found.append(Passing(say("passing.budget", currency=currency, **amounts)))
    if (missing := would_pass.get("missing", "")) in FIELDS:
        found.append(Passing(say(f"passing.missing_{missing}"), FIELDS[missing]))
    if "currency" in has:
        found.append(Passing(say("passing.currency", currency=would_pass["currency"])))
    return found
