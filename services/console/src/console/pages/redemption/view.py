"""What the page of one attempt shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from console.design.words import say
from console.format import instants, money, numbers
from console.web import attempts, claims, order_lines, orders
from console.web.attempts import Attempt
from console.web.conditions import Reader
from console.web.cures import Cure
from console.web.order_lines import Lines
from console.web.passing import passing

Fact = tuple[str, str]


class Link(NamedTuple):
    """A customer or an order that has a page, and what it is called."""

    id: str
    name: str


class About(NamedTuple):
    """What is known besides: who was only refused is no customer. `segments` are names."""

    customer: Mapping[str, Any] | None = None
    order: Mapping[str, Any] | None = None
    segments: Mapping[str, str] = attempts.NOBODY
    codes: Mapping[str, str] = attempts.NOBODY  # of what was redeemed together with it


NOTHING: Final = About()


class Rollback(NamedTuple):
    """What was given back at one time."""

    id: str
    at: str
    order: str
    discount: str


@dataclass(frozen=True, slots=True)
class View:
    """One attempt, or a rollback."""

    attempt: Attempt
    customer: Link | None
    order: Link | None
    explanation: str
    basket: Sequence[Fact]
    lines: Lines
    given_back: Sequence[Fact]  # by this rollback
    rollbacks: Sequence[Rollback]  # of this redemption
    rollback_of: str
    judged: Sequence[Fact]
    took: Sequence[Fact]
    others: Sequence[Link]  # by their codes
    passing: Sequence[str]  # what would have made a refusal pass
    nearest: Sequence[Mapping[str, Any]]
    cures: Sequence[Cure]
    again: str  # its code and basket, as the page asks where codes are tried

    @property
    def may_be_rolled_back(self) -> bool:
        return self.attempt.status in {"accepted", "partly_rolled_back"}


def view(
    told: Mapping[str, Any],
    zone: ZoneInfo,
    currency: str,
    cures: Sequence[Cure],
    about: About = NOTHING,
) -> View:
    """`currency` is the project's."""
    attempt = attempts.of_ledger(told, zone, currency, about.segments)
    related = told.get("related_redemptions") or {}
    return View(
        attempt=attempt,
        customer=None if (of := about.customer) is None else Link(of["id"], orders.called(of)),
        order=None if about.order is None else Link(about.order["id"], attempt.order),
        explanation=told["explanation"] or "",
        basket=() if attempt.is_rollback else _basket(told, attempt),
        lines=order_lines.lines(told["order"], attempt.currency),
        given_back=_given_back(told, attempt.currency) if attempt.is_rollback else (),
        rollbacks=[_rollback(each, attempt.currency, zone) for each in attempts.rollbacks(told)],
        rollback_of=told["redemption"] if attempt.is_rollback else "",
        judged=_named(_judged(told, zone)),
        took=[claims.written(each, attempt.currency) for each in told["claims"] or ()],
        others=[
            Link(each["id"], about.codes.get(each["id"], each["id"]))
            for each in related.get("redemptions") or ()
        ],
        passing=[
            each.text
            for each in passing(
                told.get("would_pass") or {}, Reader(attempt.currency, zone, about.segments)
            )
        ],
        nearest=told.get("nearest") or (),
        cures=cures,
        again="" if attempt.is_accepted else urlencode(_again(told, attempt, currency)),
    )


def _given_back(told: Mapping[str, Any], currency: str) -> Sequence[Fact]:
    amounts = {
        f"gave_{name}": f"{money.money(told[name], currency)} {currency}"
        for name in ("amount", "discount_amount")
        if told.get(name) is not None
    }
    why = {"gave_because": told.get("reason") or ""}
    how = {"gave_whole": say(f"redemption.whole_{'yes' if told.get('whole') else 'no'}")}
    return _named(amounts | how | why)


def _rollback(told: Mapping[str, Any], currency: str, zone: ZoneInfo) -> Rollback:
    return Rollback(
        told["id"],
        instants.moment(told["date"], zone),
        f"{money.money(told['amount'], currency)} {currency}",
        f"{money.money(told['discount_amount'], currency)} {currency}",
    )


def _again(told: Mapping[str, Any], attempt: Attempt, currency: str) -> Mapping[str, str]:
    asked, order = {"code": attempt.code}, told["order"]
    if not order or attempt.currency != currency:
        return asked
    return asked | {"amount": money.plain(order["amount"], currency)}


def _basket(told: Mapping[str, Any], attempt: Attempt) -> Sequence[Fact]:
    order = told["order"]
    if not order:
        return ()
    currency = attempt.currency
    names = ("amount", "total_discount_amount", "total_amount")
    written = {
        name: f"{money.money(order[name], currency)} {currency}"
        for name in names
        if order.get(name) is not None
    }
    return _named(written)


def _judged(told: Mapping[str, Any], zone: ZoneInfo) -> Mapping[str, str]:
    caller, version = told["caller"], told["campaign_version"]
    return {
        "judged_at": f"{instants.day(told['judged_at'], zone)}, "
        f"{instants.exactly(told['judged_at'], zone)}",
        "decided_at": f"{instants.day(told['decided_at'], zone)}, "
        f"{instants.exactly(told['decided_at'], zone)}",
        "version": "" if version is None else numbers.number(version),
        "door": say(f"redemption.door_{caller['kind']}", id=caller["id"]),
        "request": told["request_key"],
        "tracking": told["tracking_id"] or "",
        "id": told["id"],
    }


def _named(values: Mapping[str, str]) -> Sequence[Fact]:
    return [(say(f"redemption.{name}"), text) for name, text in values.items() if text]
