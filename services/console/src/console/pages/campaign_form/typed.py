"""What was typed into a campaign's form, as the API takes it. Pure.

A field has the API's name, so what the API says of it is shown at it. What is no number, amount or
date is told here, at the same field. Empty is null: no limit, no end, no text.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from console.design.words import say
from console.format import instants, money
from console.web.forms import Form

UNIQUE, PUBLIC, NONE = "unique", "public", "none"
PERCENT, AMOUNT = "PERCENT", "AMOUNT"
HUNDRED: Final = 100
LONGEST: Final = 24

Read = TypeVar("Read")


@dataclass
class Typed:
    """Reads fields one by one, and gathers what is wrong with them; a class because it gathers."""

    form: Form
    currency: str
    zone: ZoneInfo
    faults: dict[str, str] = field(default_factory=dict)

    def whole(self, name: str) -> int | None:
        return self._read(name, _whole, say("campaign_form.no_number"))

    def amount(self, name: str) -> int | None:
        return self._read(
            name,
            lambda text: money.minor_units(text, self.currency),
            say("campaign_form.no_amount", currency=self.currency),
        )

    def percent(self, name: str) -> Decimal | None:
        return self._read(name, _percent, say("campaign_form.no_percent"))

    def basis_points(self, name: str) -> int | None:
        share = self.percent(name)
        return None if share is None else int(share * HUNDRED)

    def moment(self, day: str, clock: str, *, is_end: bool) -> str | None:
        """Read a day with perhaps a time; a day alone is the whole of it, the last one too."""
        local = self._read(day, date.fromisoformat, say("campaign_form.no_day"))
        at = self._read(clock, time.fromisoformat, say("campaign_form.no_time"))
        if local is None:
            if at is not None:
                self.faults.setdefault(day, say("campaign_form.time_without_day"))
            return None
        if at is None:
            edge = instants.end_of if is_end else instants.begin_of
            return edge(local, self.zone).isoformat().replace("+00:00", "Z")
        try:
            return instants.of_field(f"{local.isoformat()}T{at:%H:%M}", self.zone)
        except ValueError:
            self.faults[clock] = say("campaign_form.skipped_time", zone=self.zone.key)
            return None

    def _read(self, name: str, read: Callable[[str], Read], otherwise: str) -> Read | None:
        text = self.form.text(name)
        if text is None:
            return None
        try:
            return read(text)
        except (ValueError, InvalidOperation):
            self.faults[name] = otherwise
            return None


def changes(typed: Typed) -> dict[str, Any]:
    """Return the body of a PUT: all that may change after a campaign was made."""
    form = typed.form
    starts = typed.moment("start_date", "start_time", is_end=False)
    ends = typed.moment("expiration_date", "expiration_time", is_end=True)
    if starts is not None and ends is not None and ends <= starts:
        typed.faults.setdefault("expiration_date", say("campaign_form.reversed"))
    return {
        "name": form.text("name"),
        "category": form.text("category"),
        "start_date": starts,
        "expiration_date": ends,
        "total_limit": typed.whole("total_limit"),
        "per_customer_limit": typed.whole("per_customer_limit"),
        "description": form.text("description"),
        "contract_notes": form.text("contract_notes"),
        "deal_url": form.text("deal_url"),
        "landing_url": form.text("landing_url"),
        "margin_basis_points": typed.basis_points("margin_basis_points"),
        "commission_plan": {
            "share_basis_points": typed.basis_points("commission_plan.share_basis_points"),
            "flat_minor": typed.amount("commission_plan.flat_minor"),
            "new_customer_bonus_minor": typed.amount("commission_plan.new_customer_bonus_minor"),
        },
        "voucher": {
            "type": "DISCOUNT_VOUCHER",
            "discount": _discount(typed),
            "redemption": {"quantity": typed.whole("voucher.redemption.quantity")},
            "code_config": _code_config(typed),
        },
    }


def campaign(typed: Typed, partner_id: str | None) -> dict[str, Any]:
    """Return the body that makes a campaign, without what was left empty."""
    form = typed.form
    body = changes(typed) | {
        "partner_id": partner_id,
        "channel": form.text("channel"),
        "active": not form.has("off"),
        "vouchers_count": typed.whole("vouchers_count") if form.one("codes") == UNIQUE else None,
    }
    if form.one("codes") != UNIQUE:  # how unique codes look is not asked
        body["voucher"].pop("code_config")
    given = {name: value for name, value in body.items() if value is not None}
    if form.one("codes") == PUBLIC and form.text("public_code") is None:
        typed.faults["public_code"] = say("campaign_form.no_code")
    return given


def _discount(typed: Typed) -> dict[str, Any]:
    if typed.form.one("voucher.discount.type") == AMOUNT:
        name = "voucher.discount.amount_off"
        discount: dict[str, Any] = {"type": AMOUNT, "amount_off": typed.amount(name)}
    else:
        name = "voucher.discount.percent_off"
        share = typed.percent(name)
        off = None if share is None else float(share)
        discount = {"type": PERCENT, "percent_off": int(off) if off == int(off or 0) else off}
    if typed.form.text(name) is None:
        typed.faults[name] = say("campaign_form.no_discount")
    return discount


def _code_config(typed: Typed) -> dict[str, Any]:
    """Return all of it: null is the usual, so what was emptied is emptied."""
    names = ("prefix", "postfix", "pattern", "charset")
    texts = {name: typed.form.text(f"voucher.code_config.{name}") for name in names}
    return {**texts, "length": typed.whole("voucher.code_config.length")}


def _whole(text: str) -> int:
    plain = text.replace(",", "")
    if not plain.isascii() or not plain.isdigit() or len(plain) > LONGEST:
        raise ValueError(text)
    return int(plain)


def _percent(text: str) -> Decimal:
    share = Decimal(text.replace("%", "").strip())
    if not share.is_finite() or not 0 <= share <= HUNDRED or share != round(share, 2):
        raise ValueError(text)
    return share
