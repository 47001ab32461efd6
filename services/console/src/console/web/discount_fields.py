"""What a code takes off, as fields of a form. Pure.

`read` is what the API is told, `filled` what it told, `shown` what the fields look like. Fields
that the chosen kind does not have are hidden by the page's style, and are not read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from console.design.parts import Option
from console.design.words import say
from console.format import money
from console.web import offers, rows
from console.web.forms import Form
from console.web.offers import MANY, ON_ORDER, SHIPPING
from console.web.terms import Typed, text

PERCENT, AMOUNT, FIXED, UNIT = KINDS = ("PERCENT", "AMOUNT", "FIXED", "UNIT")
EFFECTS: Final = (
    ON_ORDER,
    "APPLY_TO_ITEMS",
    "APPLY_TO_ITEMS_BY_QUANTITY",
    "APPLY_TO_ITEMS_PROPORTIONALLY",
    "APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY",
)
OF_AMOUNTS: Final = EFFECTS[2:]  # nothing else can be divided
MISSING: Final = "ADD_MISSING_ITEMS"
ADDING: Final = (MISSING, "ADD_NEW_ITEMS")
TYPE, EFFECT, PERCENT_OFF, MOST_OFF, MOST_TOGETHER, AMOUNT_OFF, PRICE, TIERS, UNITS = (
    f"voucher.discount.{name}"
    for name in (
        *("type", "effect", "percent_off", "amount_limit", "aggregated_amount_limit"),
        *("amount_off", "fixed_amount", "tiers", "units"),
    )
)
# The API has what is free alone in fields of its own: here it is the first row.
ALONE: Final = {
    f"voucher.discount.{part}": f"{UNITS}.0.{part}" for part in ("unit_off", "unit_type")
}
FREE_SHIPPING: Final = "free_shipping"
MOST_ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A tier, or free units, as they are typed."""

    name: str
    label: str
    values: Mapping[str, str]
    options: Sequence[Option]
    error: str
    faulty: str  # the field with which something is wrong


@dataclass(frozen=True, slots=True)
class Fields:
    """All of it."""

    kinds: Sequence[Option]
    effects: Sequence[Option]
    tiers: Sequence[Row]
    has_tiers: bool
    units: Sequence[Row]


def compacted(form: Form) -> Form:
    """Leave out the rows that are empty."""
    without = rows.compacted(form, TIERS, ("from_amount", "amount_off"))
    compact = rows.compacted(without, UNITS, ("unit_off", "unit_type"))
    faults = {ALONE.get(name, name): text for name, text in compact.faults.items()}
    return replace(compact, faults=faults)


def shown(form: Form, currency: str) -> Fields:
    """Return what there is to choose from; a percentage of the order unless something else is."""
    kind = form.one(TYPE) if form.one(TYPE) in KINDS else PERCENT
    effect = form.one(EFFECT) or ON_ORDER
    return Fields(
        kinds=[Option(k, say(f"discounts.type_{k}", currency=currency), k == kind) for k in KINDS],
        effects=[Option(e, say(f"discounts.effect_{e}"), e == effect) for e in EFFECTS],
        tiers=_rows(form, TIERS, "discounts.tier"),
        has_tiers=rows.count(form, TIERS) > 0,
        units=_rows(form, UNITS, "discounts.unit"),
    )


def read(typed: Typed) -> dict[str, Any]:
    """Return the discount for the API."""
    kind = typed.form.one(TYPE)
    if kind == UNIT:
        return _free(typed)
    found: dict[str, Any]
    match kind:
        case "AMOUNT":
            name = AMOUNT_OFF
            found = {"type": AMOUNT, "amount_off": typed.amount(name)}
            if tiers := _tiers(typed):
                found["tiers"] = tiers
        case "FIXED":
            name = PRICE
            found = {"type": FIXED, "fixed_amount": typed.amount(name)}
        case _:
            name = PERCENT_OFF
            found = {"type": PERCENT, "percent_off": _share(typed)}
            found["amount_limit"] = typed.amount(MOST_OFF)
    if typed.form.text(name) is None:
        typed.faults[name] = say("terms.no_discount")
    found["effect"] = effect = typed.form.one(EFFECT) or ON_ORDER
    if effect in OF_AMOUNTS and kind != AMOUNT:
        typed.faults.setdefault(EFFECT, say("discounts.of_amounts"))
    if effect != ON_ORDER and kind != FIXED:
        found["aggregated_amount_limit"] = typed.amount(MOST_TOGETHER)
    return found


def filled(discount: Mapping[str, Any], currency: str) -> dict[str, str]:
    """Return what stands in the fields of a discount: what is read as it was."""
    found = {
        TYPE: discount["type"],
        PERCENT_OFF: text(discount.get("percent_off")),
        MOST_OFF: money.plain(discount.get("amount_limit"), currency),
        MOST_TOGETHER: money.plain(discount.get("aggregated_amount_limit"), currency),
        AMOUNT_OFF: money.plain(discount.get("amount_off"), currency),
        PRICE: money.plain(discount.get("fixed_amount"), currency),
        EFFECT: ON_ORDER,
    }
    for at, tier in enumerate(discount.get("tiers") or ()):
        for part in ("from_amount", "amount_off"):
            found[f"{TIERS}.{at}.{part}"] = money.plain(tier[part], currency)
    if discount["type"] == UNIT:
        return found | _filled_units(offers.units_of(discount))
    return found | {EFFECT: discount.get("effect") or ON_ORDER}


def _share(typed: Typed) -> float | int | None:
    share = typed.percent(PERCENT_OFF)
    if share is None:
        return None
    return int(share) if share == int(share) else float(share)


def _tiers(typed: Typed) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for at in range(rows.count(typed.form, TIERS)):
        names = {part: f"{TIERS}.{at}.{part}" for part in ("from_amount", "amount_off")}
        tier = {part: typed.amount(name) for part, name in names.items()}
        for part, name in names.items():
            if tier[part] is None:
                typed.faults.setdefault(name, say("discounts.no_tier"))
        found.append(tier)
    return found


def _free(typed: Typed) -> dict[str, Any]:
    units = [_unit(typed, f"{UNITS}.{at}") for at in range(rows.count(typed.form, UNITS))]
    if typed.form.has(FREE_SHIPPING):
        units.append({"unit_off": 1, "unit_type": SHIPPING, "effect": MISSING})
    if not units:
        typed.faults[UNITS] = say("discounts.no_units")
        return {"type": UNIT}  # of which a preview has nothing to say
    if len(units) == 1:
        return {"type": UNIT, **units[0]}
    return {"type": UNIT, "effect": MANY, "units": units}


def _unit(typed: Typed, row: str) -> dict[str, Any]:
    number, what = f"{row}.unit_off", typed.form.text(f"{row}.unit_type")
    if what is None:
        typed.faults.setdefault(f"{row}.unit_type", say("discounts.no_product"))
    quantity = 1 if typed.form.text(number) is None else typed.whole(number)
    effect = typed.form.one(f"{row}.effect") or MISSING
    return {"unit_off": quantity, "unit_type": what, "effect": effect}


def _filled_units(units: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Fill in the rows; free shipping as usual, named last, is a box."""
    usual = {"unit_off": 1, "unit_type": SHIPPING, "effect": MISSING}
    found = {}
    if units and dict(units[-1]) == usual:
        found[FREE_SHIPPING] = "on"
        units = units[:-1]
    for at, unit in enumerate(units):
        for part in usual:
            found[f"{UNITS}.{at}.{part}"] = str(unit[part])
    return found


def _rows(form: Form, prefix: str, word: str) -> tuple[Row, ...]:
    """Return the rows that there are, and a few empty ones."""
    count = min(MOST_ROWS, rows.count(form, prefix) + rows.SPARE)
    return tuple(_row(form, f"{prefix}.{at}", say(word, n=at + 1)) for at in range(count))


def _row(form: Form, name: str, label: str) -> Row:
    faulty, error = rows.fault(form, name)
    parts = ("from_amount", "amount_off", "unit_off", "unit_type")
    effect = form.one(f"{name}.effect") or MISSING
    return Row(
        name,
        label,
        {part: form.one(f"{name}.{part}") for part in parts},
        [Option(each, say(f"discounts.{each}"), each == effect) for each in ADDING],
        error,
        faulty,
    )
