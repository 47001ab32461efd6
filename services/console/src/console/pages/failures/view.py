"""What refusals cost, by reason, partner, campaign and code: a row leads one level down. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.parts import Change, Chip, Column, Option
from console.design.words import say
from console.format import instants, money, numbers
from console.query import Query
from console.web import attempts, figures, period, reasons
from console.web.attempts import Attempt
from console.web.conditions import Reader
from console.web.cures import Cure
from console.web.listing import link
from console.web.period import Picked, Picker, picker

SEGMENT: Final = "segment"  # across the levels: who was refused
LEVELS: Final = ("reason", "partner", "campaign", "code")
ROWS: Final = 100
ATTEMPTS: Final = 20
IN_NONE: Final = "none"
SORTS: Final = ("attempts", "refused_minor", "customers")
NAMES: Final = (
    *(name for name in period.NAMES if name.name != "unit"),
    query.choice("reason", reasons.REASONS, many=True),
    query.text("partner", many=True),
    query.text("campaign", many=True),
    query.text("code"),
    query.text("segment", many=True),
    query.choice("by", (SEGMENT,)),
    query.order(SORTS, "-attempts"),
    query.cursor("after"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Refusals that have something in common."""

    id: str
    name: str
    href: str
    is_code: bool
    attempts: str
    share: str
    customers: str
    lost: str
    currency: str
    change: Change | None
    top: str
    last: str


@dataclass(frozen=True, slots=True)
class View:
    """Refusals as page.html draws them."""

    query: Query
    picker: Picker
    level: str | None
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    attempt_columns: tuple[Column, ...]
    attempts: Sequence[Attempt]
    more: str
    chips: tuple[Chip, ...]
    reasons: tuple[Option, ...]
    cures: Sequence[Cure]
    by: tuple[Option, ...]


def level(asks: Query) -> str | None:
    """Return what rows are grouped by: the next that is not chosen yet, None at one code."""
    if asks.one("by"):
        return SEGMENT
    chosen = {name for name in LEVELS if asks.many(name)}
    if asks.many("reason") and set(asks.many("reason")) <= reasons.OF_NOBODYS:
        chosen |= {"partner", "campaign"}
    return next((name for name in LEVELS if name not in chosen), None)


def asked(asks: Query, picked: Picked) -> dict[str, Any]:
    """Write the filters and the period as reports are asked."""
    found = {
        "reason": list(asks.many("reason")),
        "partner_id": list(asks.many("partner")),
        "campaign_id": list(asks.many("campaign")),
        "code": asks.one("code"),
        "segment_id": list(asks.many("segment")),
    }
    return {name: value for name, value in found.items() if value} | picked.asked()


def grouped(asks: Query, picked: Picked) -> dict[str, Any]:
    """Write how the report is asked: grouped by the level, compared as is chosen."""
    wanted = asked(asks, picked) | picked.asked(compare=True)
    return wanted | {"group_by": level(asks) or "code", "order": asks.one("sort")}


def view(
    picked: Picked,
    answer: Mapping[str, Any] | None,
    single: Mapping[str, Any],
    labels: Mapping[tuple[str, str], str],
    cures: Sequence[Cure],
    *,
    reader: Reader,
) -> View:
    asks, by, currency = picked.asks, level(picked.asks), reader.currency
    rows = answer["data"] if answer is not None else ()
    more = single["more_cursor"]
    return View(
        query=asks,
        picker=picker(picked),
        level=by,
        columns=_columns(asks, by, currency),
        rows=[_row(each, by or "code", asks, picked.zone) for each in rows],
        attempt_columns=tuple(
            Column(key, say(f"redemptions.{key}", of=currency), key == "basket", card=card)
            for key, card in _ATTEMPT.items()
        ),
        attempts=[
            attempts.of_reports(each, picked.zone, reader.segments) for each in single["data"]
        ],
        more=link(asks.changed("after", more)) if more else "",
        chips=attempts.chips(asks, labels),
        reasons=reasons.options(asks),
        cures=cures,
        by=(Option(SEGMENT, say("failures.by_segment"), by == SEGMENT),),
    )


_ATTEMPT: Final[Mapping[str, Any]] = {
    "at": "title",
    "reason": "status",
    "code": "rest",
    "campaign": "rest",
    "basket": "figure",
    "customer": "rest",
    "order": "rest",
}


def _columns(asks: Query, by: str | None, currency: str) -> tuple[Column, ...]:
    cards: Mapping[str, Any] = {"name": "title", "attempts": "figure"}
    keys = ("name", "attempts", "change", "share", "customers", "lost", "top", "last")
    labels = {"name": say(f"failures.by_{by or 'code'}"), "lost": say("failures.lost", of=currency)}
    sorts = {"attempts": "attempts", "customers": "customers", "lost": "refused_minor"}
    return tuple(
        Column(
            key,
            labels.get(key) or say(f"failures.{key}"),
            number=key in {"attempts", "change", "share", "customers", "lost"},
            card=cards.get(key, "rest"),
            sort_href=link(asks.to_sort(sorts[key])) if key in sorts else None,
            sorted=(asks.sorted_by(sorts[key]) or "") if key in sorts else "",
        )
        for key in keys
        if key != "top" or by == "reason"
    )


def _row(told: Mapping[str, Any], by: str, asks: Query, zone: ZoneInfo) -> Row:
    value, name = _subject(told, by)
    return Row(
        id=f"{value}-{told['currency']}",
        name=name or say("failures.in_none" if by == SEGMENT else "failures.nobodys"),
        href=link(_one_level_down(asks, by, value)) if value else "",
        is_code=by == "code",
        attempts=numbers.number(told["attempts"]),
        share=numbers.percent(told["share"]),
        customers=numbers.number(told["customers"]),
        lost=money.money(told["refused_minor"], told["currency"]),
        currency=told["currency"],
        change=_change(told, asks),
        top=told["top_partner_name"] or "",
        last=instants.moment(told["last_at"], zone),
    )


def _one_level_down(asks: Query, by: str, value: str) -> Query:
    return (asks.changed("by", "") if by == SEGMENT else asks).changed(by, value)


def _subject(told: Mapping[str, Any], by: str) -> tuple[str, str]:
    """Return what a row is about, and its name."""
    if by == "reason":
        return told["reason"], reasons.word(told["reason"])
    if by == "code":
        return told["code"], told["code"]
    if by == SEGMENT and told["segment_id"] is None:
        return IN_NONE, ""
    return told[f"{by}_id"] or "", told[f"{by}_name"] or ""


def _change(told: Mapping[str, Any], asks: Query) -> Change | None:
    if told["difference"] is None:
        return None
    figure = {"before": told["before_attempts"], "value": told["attempts"]}
    rest = {name: told[name] for name in ("difference", "ratio", "new")}
    return figures.change("refused", figure | rest, told["currency"], asks.one("compare"))
