"""What a code's page shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from console.design.parts import Column, Happening
from console.design.words import say
from console.format import instants, numbers
from console.web import (
    attempts,
    changes,
    deals,
    history,
    limits,
    offers,
    qr,
    rollback_fields,
    windows,
)
from console.web.attempts import Attempt
from console.web.changes import Reader
from console.web.rules import Kept

COLUMNS: Final = ("at", "result", "basket", "discount", "customer", "order")
MONEY: Final = frozenset({"basket", "discount"})
CARDS: Final[Mapping[str, Any]] = {"at": "title", "result": "status", "discount": "figure"}

GIVABLE: Final = frozenset({"live", "scheduled"})
USUAL: Final = ("total_limit", "per_customer_limit")

Fact = tuple[str, str | Sequence[str]]


class Answers(NamedTuple):
    """What the API says of a code; attempts are None where redemption is out of reach."""

    code: Mapping[str, Any]
    attempts: Mapping[str, Any] | None
    entries: Mapping[str, Any]
    rules: Sequence[Kept] = ()
    inherited: Sequence[Kept] = ()
    collections: Mapping[str, str] = offers.NOBODY
    reader: Reader | None = None  # of its history


@dataclass(frozen=True, slots=True)
class View:
    """One code."""

    code: Mapping[str, Any]
    note: str
    offer: str
    used: int
    limit: int | None
    facts: Sequence[Fact]
    metadata: Sequence[Fact]
    rules: Sequence[Kept]
    inherited: Sequence[Kept]  # from its campaign, beside its own
    picture: str
    columns: tuple[Column, ...]
    attempts: Sequence[Attempt] | None
    by_customers: str
    more_attempts: bool
    happenings: Sequence[Happening]

    @property
    def may_be_given(self) -> bool:
        """Say whether a customer can be given it: it is nobody's, and redeems or will."""
        return self.code["holder_id"] is None and self.code["status"] in GIVABLE

    @property
    def is_in_bin(self) -> bool:
        return bool(self.code["status"] == "in_bin")


def view(answers: Answers, now: datetime, zone: ZoneInfo, currency: str) -> View:
    code, found = answers.code, answers.attempts
    told = found["redemptions"] if found is not None else ()
    rows = [attempts.of_ledger(each, zone, currency) for each in told]
    used, limit = code["redemption"]["redeemed_quantity"], code["redemption"]["quantity"]
    return View(
        code=code,
        note=deals.status_note(code, used, limit, now, zone),
        offer=offers.offer(code["discount"], currency),
        used=used,
        limit=limit,
        facts=_facts(code, currency, zone, answers.collections),
        metadata=[(name, str(changes.text(value))) for name, value in code["metadata"].items()],
        rules=answers.rules,
        inherited=answers.inherited,
        picture=qr.picture(code["code"]),
        columns=tuple(_column(key, currency) for key in COLUMNS),
        attempts=None if found is None else rows,
        by_customers=attempts.by_customers(rows),
        more_attempts=found is not None and bool(found["has_more"]),
        happenings=history.happenings(
            answers.entries["data"], answers.reader or Reader(zone, currency)
        ),
    )


def _facts(
    code: Mapping[str, Any], currency: str, zone: ZoneInfo, collections: Mapping[str, str]
) -> tuple[Fact, ...]:
    found: tuple[Fact, ...] = (
        ("holds", deals.validity(code, zone)),
        ("given", _given(code, zone)),
        ("only", windows.sentences(code, zone)),
        ("applies", offers.applicable(code["applicable_to"], collections)),
        *_limits(code, currency),
        ("rollbacks", rollback_fields.sentences(code["rollback"])),
        ("channel", code["channel"]),
        ("category", code["category"]),
        ("created", instants.moment(code["created_at"], zone)),
        ("changed", instants.moment(code["updated_at"], zone) if code["updated_at"] else ""),
        ("id", code["id"]),
    )
    return tuple((say(f"code.{name}"), text) for name, text in found if text)


def _given(code: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Say when it was given to a customer, whom the page names beside it."""
    return instants.moment(code["published_at"], zone) if code["published_at"] else ""


def _limits(code: Mapping[str, Any], currency: str) -> tuple[Fact, ...]:
    """Write the limits that it has beside its uses, if it stands alone: others are shared."""
    if not code["standalone"]:
        return ()
    return (
        *((name, numbers.number(code[name])) for name in USUAL if code[name] is not None),
        ("limits", limits.sentences(code["limits"], currency)),
    )


def _column(key: str, currency: str) -> Column:
    label = say(f"code.{key}")
    label = f"{label}, {currency}" if key in MONEY else label
    return Column(key, label, number=key in MONEY, card=CARDS.get(key, "rest"))
