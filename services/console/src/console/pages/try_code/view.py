"""What the page shows of a forecast. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.design.parts import Tone
from console.design.words import say
from console.format import instants, money
from console.pages.try_code import basket
from console.web import attempts, offers, order_lines, reasons, violations
from console.web.conditions import Reader
from console.web.cures import Cure
from console.web.order_lines import Lines
from console.web.passing import Passing, passing

# How the statuses of the API are drawn: shape and tone of `status`.
LOOKS: Final[Mapping[str, str]] = {
    "APPLICABLE": "accepted",
    "INAPPLICABLE": "refused",
    "SKIPPED": "stopped",
}

BEFORE_IT: Final = "preceding_validation_failed"
OF_CALLERS: Final = frozenset({"redemption.channel", "redemption.api_key"})  # here the console's

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Tried:
    """One code, and what would become of it; of one that nobody issued there is no campaign."""

    code: str
    look: str
    word: str
    note: str
    hint: str
    message: str  # what the author of a rule would have shoppers told
    facts: Sequence[Fact]
    lines: Lines
    passing: Sequence[Passing]
    campaign_id: str
    is_unknown: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """The forecast: of all codes, and of each."""

    tone: Tone
    verdict: str
    judged: str
    facts: Sequence[Fact]
    tried: Sequence[Tried]
    cures: Sequence[Cure]


@dataclass(frozen=True, slots=True)
class View:
    """The form's surroundings, and the answer where something was asked."""

    currency: str
    zone: str
    items: Sequence[basket.Row]
    has_more: bool
    answer: Answer | None


def refused(told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the first code that would be refused."""
    return next((each for each in _codes(told) if each["status"] == "INAPPLICABLE"), None)


def hints(told: Mapping[str, Any]) -> list[str]:
    """Return what the API says of codes that would be refused."""
    errors = (each["result"].get("error") or {} for each in _codes(told))
    return [error.get("details") or "" for error in errors]


def _codes(told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return all codes: of those that would be redeemed in part, those left out stand apart."""
    if not told["valid"]:
        return list(told["redeemables"])
    left_out = [*told["inapplicable_redeemables"], *told["skipped_redeemables"]]
    return [*told["redeemables"], *left_out]


def answer(
    told: Mapping[str, Any], at: str | None, reader: Reader, cures: Sequence[Cure]
) -> Answer:
    """`at` is the moment that was asked about, None is now."""
    currency, zone = reader.currency, reader.zone
    found, is_valid = _codes(told), told["valid"]
    pass_ = [each for each in found if each["status"] == "APPLICABLE"]
    return Answer(
        tone="ok" if is_valid else "warn",
        verdict=_verdict(len(pass_) if is_valid else 0, len(found)),
        judged=say("try_code.judged_now")
        if at is None
        else say("try_code.judged", at=instants.moment(at, zone)),
        facts=_order(told["order"], "total_discount_amount", currency) if len(found) > 1 else (),
        tried=[_tried(each, reader) for each in found],
        cures=cures,
    )


def _verdict(redeemed: int, of: int) -> str:
    if not redeemed:
        return say("try_code.invalid", n=of)
    if redeemed < of:
        return say("try_code.in_part", n=redeemed, of=of)
    return say("try_code.valid", n=of)


def _tried(told: Mapping[str, Any], reader: Reader) -> Tried:
    currency = reader.currency
    result, status = told["result"], told["status"]
    error = result.get("error") or {}
    reason, would_pass = error.get("key", ""), error.get("would_pass") or {}
    left_out = (result.get("details") or {}).get("key", "")
    if left_out != BEFORE_IT:  # else it was not looked at, for no reason of its own
        reason = reason or left_out
    is_left_out = status == "SKIPPED" and left_out not in ("", BEFORE_IT)
    details = error.get("details") or ""
    # Where there is nothing to say it names the code; a budget's counts in minor units. What a
    # rule wants is said where it is said what would pass.
    is_said = bool({"budget_minor", "rule_id"} & would_pass.keys())
    hint = "" if details == told["id"] or is_said else details
    violation = violations.of_passing(would_pass)
    if violation is not None and violation.condition in OF_CALLERS:
        hint = say("try_code.of_callers")
    message = (error.get("error") or {}).get("message")
    return Tried(
        code=told["id"],
        look=LOOKS[status],
        word=say("try_code.left_out" if is_left_out else f"try_code.{status}"),
        note=reasons.word(reason) if reason else "",
        hint=attempts.hint(hint, reader),
        message=say("try_code.message", message=message) if message else "",
        facts=[
            *_order(told.get("order"), "total_applied_discount_amount", currency),
            *_deal(told, currency),
        ],
        lines=order_lines.lines(told.get("order"), currency),
        passing=passing(would_pass, reader),
        campaign_id=told["campaign_id"] or "",
        is_unknown=reason in reasons.OF_NOBODYS,
    )


def _deal(told: Mapping[str, Any], currency: str) -> Sequence[Fact]:
    discount = told["result"].get("discount")
    found = {
        "offer": offers.offer(discount, currency) if discount else "",
        "campaign": told["campaign_name"] or "",
    }
    return [(say(f"try_code.{name}"), text) for name, text in found.items() if text]


def _order(order: Mapping[str, Any] | None, discount: str, currency: str) -> Sequence[Fact]:
    """Write what is taken off a basket, and what is left of it to pay."""
    if order is None:
        return ()
    figures = {
        "before": order["total_amount"] + order[discount],
        "discount": order[discount],
        "to_pay": order["total_amount"],
    }
    return [
        (say(f"try_code.{name}"), f"{money.money(minor, currency)} {currency}")
        for name, minor in figures.items()
    ]
