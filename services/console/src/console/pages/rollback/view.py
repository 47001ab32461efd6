"""What the page says before and after. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from console.design.words import say
from console.format import money, numbers
from console.pages.rollback.typed import LINES, PART, TOGETHER, WHOLE, sent
from console.web import attempts, order_lines

USUAL: Final = {"use": True, "budget": True}


class Left(NamedTuple):
    """What can still be given back; minor units of the order's currency."""

    is_nothing: bool
    order_minor: int
    discount_minor: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to roll back, and what it gives back, as sentences."""

    value: str
    label: str
    gives: Sequence[str]


class LineField(NamedTuple):
    """How many of a line come back."""

    name: str
    thing: str
    quantity: str


@dataclass(frozen=True, slots=True)
class View:
    """What may be rolled back, and what that gives back."""

    id: str
    code: str
    currency: str
    choices: Sequence[Choice]
    left: Left  # of this code
    lines: Sequence[LineField]

    @property
    def may_be_part(self) -> bool:
        """Say whether there is an order that has parts."""
        return self.left.order_minor > 0


def view(
    told: Mapping[str, Any],
    together: Sequence[Mapping[str, Any]],
    campaign: Mapping[str, Any] | None,
    project_currency: str,
) -> View:
    """`together` are the codes that were redeemed at once, this one too, with their shares."""
    currency = currency_of(told, project_currency)
    gives = USUAL | ((campaign or {}).get("rollback") or {})
    mine = _mine(told, together)
    alone, all_ = left(mine), left(together)
    items = () if alone.is_nothing else sent(told["order"])
    choices = []
    if not alone.is_nothing:
        choices.append(_whole(WHOLE, mine, alone, gives, currency))
        if items:
            choices.append(_part(LINES, gives))
        if alone.order_minor > 0:
            choices.append(_part(PART, gives))
    if len(together) > 1 and not all_.is_nothing:
        choices.append(_whole(TOGETHER, together, all_, gives, currency))
    rows = order_lines.lines({"items": items}, currency).rows
    lines = [
        LineField(f"lines.{n}", row.thing, numbers.number(item.get("quantity", 1)))
        for n, (row, item) in enumerate(zip(rows, items, strict=True))
    ]
    return View(told["id"], told["voucher"]["code"], currency, choices, alone, lines)


def currency_of(told: Mapping[str, Any], project_currency: str) -> str:
    """Return of which currency its amounts are."""
    return (told["order"] or {}).get("currency") or project_currency


def left(entries: Iterable[Mapping[str, Any]]) -> Left:
    """Add up what is left of redemptions, of which each has its share of the order."""
    parts = [_left_of(each) for each in entries]
    return Left(
        all(part.is_nothing for part in parts),
        sum(part.order_minor for part in parts),
        sum(part.discount_minor for part in parts),
    )


def too_much(
    amount: int, told: Mapping[str, Any], together: Sequence[Mapping[str, Any]], currency: str
) -> Mapping[str, str]:
    """Say at its field that more of the order is named than is left of it."""
    most = left(_mine(told, together)).order_minor
    if amount <= most:
        return {}
    return {"amount": say("rollback.too_much", left=f"{money.money(most, currency)} {currency}")}


def done(rollbacks: Sequence[Mapping[str, Any]], currency: str) -> str:
    """Say what was given back."""
    off = sum(each["discount_amount"] for each in rollbacks)
    codes = ", ".join(each["voucher"]["code"] for each in rollbacks)
    amount = f"{money.money(off, currency)} {currency}"
    whole = all(each["whole"] for each in rollbacks)
    return say(f"rollback.done_{'whole' if whole else 'part'}", code=codes, amount=amount)


def _mine(
    told: Mapping[str, Any], together: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    return [each for each in together if each["id"] == told["id"]]


def _left_of(entry: Mapping[str, Any]) -> Left:
    if entry["status"] != "SUCCEEDED" or entry.get("object") == "redemption_rollback":
        return Left(is_nothing=True, order_minor=0, discount_minor=0)
    order, given = entry["order"] or {}, attempts.rollbacks(entry)
    return Left(
        is_nothing=False,
        order_minor=order.get("amount", 0) - sum(each["amount"] for each in given),
        discount_minor=order.get("total_discount_amount", 0)
        - sum(each["discount_amount"] for each in given),
    )


def _whole(
    value: str,
    entries: Sequence[Mapping[str, Any]],
    left: Left,
    gives: Mapping[str, Any],
    currency: str,
) -> Choice:
    codes = [each["voucher"]["code"] for each in entries]
    names, is_one = ", ".join(codes), value == WHOLE
    label = say("rollback.whole", code=names) if is_one else say("rollback.all", codes=names)
    use = "gives_use" if gives["use"] else "keeps_use"
    said = [say(f"rollback.{use}", code=names, n=len(codes))]
    if left.discount_minor:
        amount = f"{money.money(left.discount_minor, currency)} {currency}"
        budget = "gives_budget" if gives["budget"] else "keeps_budget"
        said.append(say(f"rollback.{budget}", amount=amount))
    if not is_one:  # others may be of campaigns that give back something else
        said = [say("rollback.all_gives")]
    return Choice(value, label, [*said, say("rollback.reports")])


def _part(value: str, gives: Mapping[str, Any]) -> Choice:
    budget = f"{value}_gives" if gives["budget"] else f"{value}_no_budget"
    said = [say(f"rollback.{budget}"), say("rollback.part_use")]
    return Choice(value, say(f"rollback.{value}"), said)
