"""What was typed, as the API's body; the form's address is what was typed. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.words import say
from console.format import instants, money
from console.pages.try_code import basket
from console.query import Query
from console.web import metadata
from console.web.forms import Form
from console.web.terms import Typed

MOST_CODES: Final = 30
LONGEST_CODE: Final = 200
LONGEST_METADATA: Final = 1000
METADATA: Final = ("customer_metadata", "order_metadata", "metadata")
# Codes are lines of one field: an address that anybody can write, and a form without a script.
NAMES: Final = (
    query.Name("code", lambda value: len(value) <= MOST_CODES * (LONGEST_CODE + 2)),
    query.text("amount"),
    *basket.NAMES,
    query.text("customer"),
    query.text("at"),
    query.text("email"),
    *(query.Name(name, lambda value: len(value) <= LONGEST_METADATA) for name in METADATA),
)
OUR_CUSTOMER: Final = re.compile(r"cust_[0-9a-f]{24}")

Body = dict[str, Any]


def form(asks: Query, empty: Form) -> Form:
    """Fill the form in as the address says."""
    rows = {name.name for name in basket.NAMES}
    others = {name.name: asks.one(name.name) for name in NAMES if name.name not in rows}
    return empty.starting(others | basket.typed(asks))


def body(form: Form, currency: str, zone: ZoneInfo) -> tuple[Body | None, Mapping[str, str]]:
    """Return what the API is asked, None where no code is named; and what is wrong at which field.

    Amounts are of the project's currency, the moment is by its clock; without one it is now.
    """
    typed = Typed(form, currency, zone)
    codes, at = _codes(form.one("code"), typed.faults), _moment(form.text("at"), zone, typed.faults)
    parts = {
        "order": _order(typed),
        "customer": _customer(typed),
        "metadata": metadata.read(typed, "metadata"),
        "at": at,
    }
    if not codes:
        return None, typed.faults
    found: Body = {"redeemables": [{"object": "voucher", "id": code} for code in codes]}
    return found | {name: part for name, part in parts.items() if part}, typed.faults


def has_more(form: Form) -> bool:
    """Say whether more is said than codes, an amount, a customer and a moment."""
    return any(
        form.text(name) for name in form.names if name not in {"code", "amount", "customer", "at"}
    )


def _order(typed: Typed) -> Body:
    """Read the basket: what its lines come to is its amount, whether that was typed or not."""
    amount, items = typed.amount_from_zero("amount"), basket.read(typed)
    about = metadata.read(typed, "order_metadata")
    if amount is None and not items:
        if about:
            typed.faults["amount"] = say("try_code.no_basket")
        return {}
    order: Body = {"currency": typed.currency}
    if amount is not None:
        order["amount"] = amount
    if items:
        order["items"] = items
        comes_to = sum(each.get("price", 0) * each.get("quantity", 1) for each in items)
        if amount not in {None, comes_to}:
            said = say("try_code.comes_to", sum=money.plain(comes_to, typed.currency))
            typed.faults.setdefault("amount", said)
    return order | ({"metadata": about} if about else {})


def _customer(typed: Typed) -> Body:
    """Read who buys: by the shop's own id, or a guest by an e-mail address."""
    customer, email = typed.form.text("customer"), typed.form.text("email")
    about = metadata.read(typed, "customer_metadata")
    if customer is not None and OUR_CUSTOMER.fullmatch(customer):
        typed.faults["customer"] = say("try_code.our_customer")
    found = {"source_id": customer, "email": email, "metadata": about or None}
    if about and customer is None and email is None:
        typed.faults["customer"] = say("try_code.no_customer")
    return {name: value for name, value in found.items() if value is not None}


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
