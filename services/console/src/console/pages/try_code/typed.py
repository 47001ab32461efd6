"""What was typed, as the API's body; the form's address is what was typed. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.words import say
from console.format import instants
from console.query import Query
from console.web.forms import Form
from console.web.terms import Typed

MOST_CODES: Final = 30
LONGEST_CODE: Final = 200
# Codes are lines of one field: an address that anybody can write, and a form without a script.
NAMES: Final = (
    query.Name("code", lambda value: len(value) <= MOST_CODES * (LONGEST_CODE + 2)),
    query.text("amount"),
    query.text("customer"),
    query.text("at"),
)
OUR_CUSTOMER: Final = re.compile(r"cust_[0-9a-f]{24}")

Body = dict[str, Any]


def form(asks: Query, empty: Form) -> Form:
    """Fill the form in as the address says."""
    return empty.starting({name.name: asks.one(name.name) for name in NAMES})


def body(form: Form, currency: str, zone: ZoneInfo) -> tuple[Body | None, Mapping[str, str]]:
    """Return what the API is asked, None where no code is named; and what is wrong at which field.

    Amounts are of the project's currency, the moment is by its clock; without one it is now.
    """
    typed = Typed(form, currency, zone)
    codes = _codes(form.one("code"), typed.faults)
    amount, at = typed.amount("amount"), _moment(form.text("at"), zone, typed.faults)
    customer = form.text("customer")
    if customer is not None and OUR_CUSTOMER.fullmatch(customer):
        typed.faults["customer"] = say("try_code.our_customer")
    if not codes:
        return None, typed.faults
    found: Body = {"redeemables": [{"object": "voucher", "id": code} for code in codes]}
    if amount is not None:
        found["order"] = {"amount": amount, "currency": currency}
    if customer is not None:
        found["customer"] = {"source_id": customer}
    if at is not None:
        found["at"] = at
    return found, typed.faults


def _codes(text: str, faults: dict[str, str]) -> Sequence[str]:
    codes = [code for line in text.splitlines() if (code := line.strip())]
    if len(codes) > MOST_CODES:
        faults["code"] = say("try_code.too_many_codes", most=MOST_CODES)
    elif len(set(codes)) < len(codes):
        faults["code"] = say("try_code.twice")
    elif any(len(code) > LONGEST_CODE for code in codes):
        faults["code"] = say("try_code.too_long", most=LONGEST_CODE)
    return codes


def _moment(text: str | None, zone: ZoneInfo, faults: dict[str, str]) -> str | None:
    if text is None:
        return None
    try:
        query.read_day(text.partition("T")[0])
    except ValueError:
        faults["at"] = say("try_code.no_moment")
        return None
    try:
        return instants.of_field(text, zone)
    except ValueError:
        faults["at"] = say("terms.skipped_time", zone=zone.key)
        return None
