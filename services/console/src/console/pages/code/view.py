"""What a code's page shows, of what the API says. Pure."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import segno
from markupsafe import Markup

from console.design.parts import Column, Happening
from console.design.words import say
from console.format import instants, money
from console.web import changes, deals, history, reasons
from console.web.changes import Reader

COLUMNS: Final = ("at", "result", "basket", "discount", "customer", "order")
MONEY: Final = frozenset({"basket", "discount"})
CARDS: Final[Mapping[str, Any]] = {"at": "title", "result": "status", "discount": "figure"}

Fact = tuple[str, str]


class Told(NamedTuple):
    """What the API says of a code; attempts are None where redemption is out of reach."""

    code: Mapping[str, Any]
    attempts: Mapping[str, Any] | None
    entries: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A redemption or a refusal of the code."""

    id: str
    at: str
    is_accepted: bool
    note: str
    basket: str
    discount: str
    customer: str
    order: str


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
    qr: Markup
    columns: tuple[Column, ...]
    attempts: Sequence[Attempt] | None
    more_attempts: bool
    happenings: Sequence[Happening]

    @property
    def is_in_bin(self) -> bool:
        return bool(self.code["status"] == "in_bin")


def view(told: Told, now: datetime, zone: ZoneInfo, currency: str) -> View:
    code, attempts = told.code, told.attempts
    used, limit = code["redemption"]["redeemed_quantity"], code["redemption"]["quantity"]
    return View(
        code=code,
        note=deals.status_note(code, used, limit, now, zone),
        offer=deals.offer(code["discount"], currency),
        used=used,
        limit=limit,
        facts=_facts(code, zone),
        metadata=[(name, str(changes.text(value))) for name, value in code["metadata"].items()],
        qr=qr(code["code"]),
        columns=tuple(_column(key, currency) for key in COLUMNS),
        attempts=None if attempts is None else [_attempt(r, zone) for r in attempts["redemptions"]],
        more_attempts=attempts is not None and bool(attempts["has_more"]),
        happenings=history.happenings(told.entries["data"], Reader(zone, currency)),
    )


def qr(text: str) -> Markup:
    """Draw a text as a QR code: an SVG that stands in the page."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn,
        kind="svg",
        xmldecl=False,
        svgns=False,
        nl=False,
        omitsize=True,
        border=2,
        dark="#000",
        light="#fff",
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704  # drawn by us: squares, no text


def _facts(code: Mapping[str, Any], zone: ZoneInfo) -> tuple[Fact, ...]:
    found = (
        ("holds", deals.validity(code, zone)),
        ("channel", code["channel"]),
        ("category", code["category"]),
        ("created", instants.moment(code["created_at"], zone)),
        ("changed", instants.moment(code["updated_at"], zone) if code["updated_at"] else ""),
        ("id", code["id"]),
    )
    return tuple((say(f"code.{name}"), text) for name, text in found if text)


def _column(key: str, currency: str) -> Column:
    label = say(f"code.{key}")
    label = f"{label}, {currency}" if key in MONEY else label
    return Column(key, label, number=key in MONEY, card=CARDS.get(key, "rest"))


def _attempt(told: Mapping[str, Any], zone: ZoneInfo) -> Attempt:
    order, is_accepted = told["order"] or {}, told["result"] == "SUCCESS"
    currency = order.get("currency") or "EUR"
    return Attempt(
        id=told["id"],
        at=instants.moment(told["date"], zone),
        is_accepted=is_accepted,
        note="" if is_accepted else reasons.word(told["reason"]),
        basket=money.money(order["amount"], currency) if order else "",
        discount=money.money(order["total_discount_amount"], currency) if is_accepted else "",
        customer=told["customer_id"] or "",
        order=order.get("source_id") or "",
    )
