"""A partner's figures, as their pages draw them: nothing from which profit could be told. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.design.words import say
from console.format import money
from console.web import figures
from console.web.figures import Card

CARDS: Final = ("redemptions", "net_minor", "commission_minor", "visits")


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a period in the project's currency; `others` says what came in others."""

    cards: Sequence[Card]
    currency: str
    values: Mapping[str, Any]
    others: Sequence[str]


def earned(rows: Sequence[Mapping[str, Any]], currency: str, before: str) -> Figures:
    """Draw the totals of a period; `before` names what they are compared with."""
    own = figures.of_currency(rows, currency)
    told = own["figures"]
    return Figures(
        [figures.card(each, told[each], own["currency"], before) for each in CARDS],
        own["currency"],
        {each: told[each]["value"] for each in CARDS},
        [_other(row) for row in rows if row is not own],
    )


def _other(row: Mapping[str, Any]) -> str:
    told, currency = row["figures"], row["currency"]
    amounts = {
        name: money.money(told[f"{name}_minor"]["value"], currency)
        for name in ("net", "commission")
    }
    count = told["redemptions"]["value"]
    return say("portal.other_currency", n=count, currency=currency, **amounts)
