"""What the list of attempts shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console import query
from console.design.parts import Chip, Column, Option
from console.design.words import say
from console.query import Query
from console.web import attempts, period, reasons
from console.web.attempts import Attempt
from console.web.listing import Pager, by_cursor, link
from console.web.period import Picked, Picker, picker

RESULTS: Final = ("SUCCESS", "FAILURE", "ROLLBACK")
OBJECT: Final = "filters[object][conditions][$is][0]"
# A rollback is no success of a code, though the API says of both that they succeeded.
ASKED: Final[Mapping[str, Mapping[str, str]]] = {
    "SUCCESS": {"result": "SUCCESS", OBJECT: "redemption"},
    "FAILURE": {"result": "FAILURE"},
    "ROLLBACK": {OBJECT: "redemption_rollback"},
}
COLUMNS: Final = ("at", "result", "code", "campaign", "basket", "discount", "customer", "order")
NUMBERS: Final = frozenset({"basket", "discount"})
CARDS: Final[Mapping[str, Any]] = {"code": "title", "result": "status", "basket": "figure"}
NAMES: Final = (
    *(name for name in period.NAMES if name.name in {"period", "from", "to"}),
    query.choice("result", RESULTS),
    query.choice("reason", reasons.REASONS, many=True),
    query.text("campaign", many=True),
    query.text("partner", many=True),
    query.text("code"),
    query.text("customer"),
    query.text("order"),
    query.order(("at",), "-at"),
    query.size(),
    query.page(),
    query.cursor("after"),
)


@dataclass(frozen=True, slots=True)
class View:
    """The list as page.html draws it."""

    query: Query
    picker: Picker
    attempts: Sequence[Attempt]
    by_customers: str
    columns: tuple[Column, ...]
    results: tuple[Option, ...]
    reasons: tuple[Option, ...]
    chips: tuple[Chip, ...]
    pager: Pager
    export: str


def asked(asks: Query, picked: Picked) -> dict[str, Any]:
    """Write a view as the API is asked for it."""
    found = {
        **ASKED.get(asks.one("result"), {}),
        "reason": list(asks.many("reason")),
        "campaign_id": list(asks.many("campaign")),
        "partner_id": list(asks.many("partner")),
        "code": asks.one("code"),
        "customer": asks.one("customer"),
        "order_id": asks.one("order"),
        "order": "created_at" if asks.one("sort") == "at" else "-created_at",
    }
    return {name: value for name, value in found.items() if value} | picked.instants()


def view(
    picked: Picked,
    answer: Mapping[str, Any],
    labels: Mapping[tuple[str, str], str],
    currency: str,
) -> View:
    """`labels` are what the campaigns and partners that are filtered by are called."""
    asks, found = picked.asks, answer["redemptions"]
    shown = [attempts.of_ledger(each, picked.zone, currency) for each in found]
    return View(
        query=asks,
        picker=picker(picked, compare=False),
        attempts=shown,
        by_customers=attempts.by_customers(shown),
        columns=tuple(_column(asks, key, currency) for key in COLUMNS),
        results=tuple(
            Option(each, say(f"redemptions.{each}"), each == asks.one("result")) for each in RESULTS
        ),
        reasons=reasons.options(asks),
        chips=attempts.chips(asks, labels),
        pager=by_cursor(asks, answer, len(found)),
        export=say("browsing.export", n=answer["total"]),
    )


def _column(asks: Query, key: str, currency: str) -> Column:
    return Column(
        key,
        say(f"redemptions.{key}", of=currency),
        number=key in NUMBERS,
        cut=key == "campaign",
        card=CARDS.get(key, "rest"),
        sort_href=link(asks.to_sort(key)) if key == "at" else None,
        sorted=asks.sorted_by(key) or "",
    )
