"""An attempt to redeem, or a rollback, as lists and pages write it: whichever API tells. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.parts import Chip
from console.design.words import say
from console.format import instants, money
from console.query import Query
from console.web import listing, reasons, violations
from console.web.conditions import Reader

ROLLBACK: Final = "rollback"
NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
INSTANT: Final = re.compile(r"(until )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)")
BUDGET: Final = re.compile(r"(the budget of .+) is short: (\d+) of (\d+) left of (\d+)")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A redemption, a refusal or a rollback, in words; amounts are of its currency."""

    id: str
    at: str
    utc: str
    status: str
    is_accepted: bool
    note: str
    hint: str
    code: str
    is_known: bool  # whether it has a page: somebody issued it
    campaign_id: str
    campaign: str
    basket: str
    discount: str
    currency: str
    customer: str
    order: str

    @property
    def is_rollback(self) -> bool:
        return self.status == ROLLBACK


def of_ledger(
    told: Mapping[str, Any],
    zone: ZoneInfo,
    project_currency: str,
    segments: Mapping[str, str] = NOBODY,
) -> Attempt:
    """Write one of redemption's; `segments` are what those are called that its rules name.

    An order that names no currency is of the project's.
    """
    order, is_accepted = told["order"] or {}, told["result"] == "SUCCESS"
    voucher, currency = told["voucher"], order.get("currency") or project_currency
    status = _status(told)
    sign = -1 if status == ROLLBACK else 1
    return Attempt(
        id=told["id"],
        at=instants.moment(told["date"], zone),
        utc=instants.utc(told["date"]),
        status=status,
        is_accepted=is_accepted,
        note=_note(told, status),
        hint=hint(told.get("hint") or "", Reader(currency, zone, segments)),
        code=voucher["code"],
        is_known=is_accepted or told.get("reason") not in reasons.OF_NOBODYS,
        campaign_id=voucher.get("campaign_id") or "",
        campaign=voucher.get("campaign") or "",
        basket=money.money(sign * order["amount"], currency) if order else "",
        discount=money.money(sign * order["total_discount_amount"], currency)
        if is_accepted and order
        else "",
        currency=currency,
        customer=told["customer_id"] or "",
        order=order.get("source_id") or "",
    )


def of_reports(
    told: Mapping[str, Any], zone: ZoneInfo, segments: Mapping[str, str] = NOBODY
) -> Attempt:
    """Write one of analytics'."""
    is_accepted, currency = told["result"] == "SUCCESS", told["currency"]
    return Attempt(
        id=told["id"],
        at=instants.moment(told["occurred_at"], zone),
        utc=instants.utc(told["occurred_at"]),
        status="accepted" if is_accepted else "refused",
        is_accepted=is_accepted,
        note="" if is_accepted else reasons.word(told["reason"]),
        hint=hint(told["hint"] or "", Reader(currency, zone, segments)),
        code=told["code"],
        is_known=told.get("reason") not in reasons.OF_NOBODYS,
        campaign_id=told["campaign_id"] or "",
        campaign=told["campaign_name"] or "",
        basket=money.money(told["order_minor"], currency),
        discount=money.money(told["discount_minor"], currency) if is_accepted else "",
        currency=currency,
        customer=told["customer_id"] or "",
        order=told["order_id"] or "",
    )


def by_customers(found: Sequence[Attempt]) -> str:
    """Say how few customers redeemed what is shown: many uses by few may be misuse."""
    accepted = [each for each in found if each.is_accepted and not each.is_rollback]
    customers = {each.customer for each in accepted if each.customer}
    if not customers or len(accepted) == 1:
        return ""
    uses = say("figures.n_redemptions", n=len(accepted))
    return say("redemptions.by_customers", n=len(customers), redemptions=uses)


def chips(asks: Query, labels: Mapping[tuple[str, str], str]) -> tuple[Chip, ...]:
    """Write the filters of attempts in words; `labels` are what ids are called."""
    return tuple(
        Chip(
            say(f"redemptions.chip_{name}", value=labels.get((name, value)) or _word(name, value)),
            listing.link(asks.without(name, value)),
        )
        for name, value in asks.filters
    )


def _word(name: str, value: str) -> str:
    if name == "reason":
        return reasons.word(value)
    return say(f"redemptions.{value}") if name == "result" else value


def rollbacks(told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what was given back of a redemption, part by part."""
    return (told.get("related_redemptions") or {}).get("rollbacks") or ()


def _status(told: Mapping[str, Any]) -> str:
    if told.get("object") == "redemption_rollback":
        return ROLLBACK
    if told["result"] != "SUCCESS":
        return "refused"
    if told.get("status") == "ROLLED_BACK":
        return "rolled_back"
    return "partly_rolled_back" if rollbacks(told) else "accepted"


def _note(told: Mapping[str, Any], status: str) -> str:
    """Say why: of a rollback that is what somebody has said."""
    if status == ROLLBACK:
        return told.get("reason") or ""
    return reasons.word(told["reason"]) if status == "refused" else ""


def hint(told: str, reader: Reader) -> str:
    """Write what was told beside a reason as people read it."""
    if (short := BUDGET.fullmatch(told)) is not None:
        return _of_budget(short, reader.currency)
    return in_zone(violations.explained(told, reader), reader.zone)


def _of_budget(short: re.Match[str], currency: str) -> str:
    amounts = [money.money(int(minor), currency) for minor in short.groups()[1:]]
    wanted, left, budget = amounts
    values = {"wanted": wanted, "left": left, "budget": budget, "currency": currency}
    return say("passing.short_budget", of=short[1], **values)


def in_zone(hint: str, zone: ZoneInfo) -> str:
    """Write the instants that a hint names as people of that zone read them; an end is the last."""

    def written(found: re.Match[str]) -> str:
        until, instant = found.groups()
        if until:
            return until + instants.last_second(instant, zone)
        return instants.moment(instant, zone)

    return INSTANT.sub(written, hint)
