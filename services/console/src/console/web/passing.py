"""What would have made a refused code pass, in words; what is unknown here is left out. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from console.design.words import say
from console.format import instants, money
from console.web import violations
from console.web.conditions import Reader

FIELDS: Final[Mapping[str, str]] = {
    "customer": "customer",
    "order": "amount",
    "order_items": "items.0.product_id",
    "applicable_items": "items.0.product_id",
}
# Where a form asks for what a condition is about.
STARTS: Final[Mapping[str, str]] = {
    "order.items.": "items.0.product_id",
    "order.metadata": "order_metadata",
    "order.": "amount",
    "customer.metadata": "customer_metadata",
    "customer.": "customer",
    "redemption.metadata": "metadata",
}


class Passing(NamedTuple):
    """One thing that would do; `field` is where a form asks for it."""

    text: str
    field: str = ""


def passing(would_pass: Mapping[str, Any], reader: Reader) -> Sequence[Passing]:
    """Write `would_pass` of a refusal."""
    has, currency, zone = would_pass.keys(), reader.currency, reader.zone
    found = list(_of_rule(would_pass, reader))
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
    if "resets_at" in has:
        at = instants.moment(would_pass["resets_at"], zone)
        found.append(Passing(say("passing.resets", at=at), "at"))
    if (missing := would_pass.get("missing", "")) in FIELDS:
        found.append(_missing(missing, would_pass))
    if "currency" in has:
        found.append(Passing(say("passing.currency", currency=would_pass["currency"])))
    return found


def _missing(what: str, would_pass: Mapping[str, Any]) -> Passing:
    if (rule := would_pass.get("rule")) is None:
        return Passing(say(f"passing.missing_{what}"), FIELDS[what])
    return Passing(say(f"passing.asked_{what}", rule=rule), FIELDS[what])


def _of_rule(would_pass: Mapping[str, Any], reader: Reader) -> Iterator[Passing]:
    """Write what a validation rule wanted, and what it found."""
    violation = violations.of_passing(would_pass)
    if violation is None:
        return
    wanted = violations.sentence(violation, reader)
    field = next((of for start, of in STARTS.items() if violation.condition.startswith(start)), "")
    if "found" in would_pass:
        instead = violations.found(violation, would_pass["found"], reader)
        rule = would_pass["rule"]
        yield Passing(say("passing.rule_found", rule=rule, what=wanted, found=instead), field)
    else:
        yield Passing(say("passing.rule", rule=would_pass["rule"], what=wanted), field)
    if "amount_short" in would_pass:
        short = money.money(would_pass["amount_short"], reader.currency)
        yield Passing(say("passing.short", short=short, currency=reader.currency), field)
