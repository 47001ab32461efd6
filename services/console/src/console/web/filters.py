"""The filters of the coupon browser: which there are, and how the API's lists are asked. Pure.

A list shows what is live unless another status is asked for; `all` is everything but the bin. A
filter that the API takes is a line in FILTERS and one in `asked`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from console import query
from console.design.parts import Column
from console.format import instants
from console.query import Name, Query

ENDING: Final = "ending"
EVERYTHING: Final = "all"
LIVE: Final = "live"
ENDING_DAYS: Final = 7
STATUSES: Final = (
    LIVE,
    "scheduled",
    ENDING,
    "used_up",
    "expired",
    "disabled",
    EVERYTHING,
    "in_bin",
)
TYPES: Final = ("PERCENT", "AMOUNT", "FIXED", "UNIT")
FIRST_MOMENT: Final = timedelta(milliseconds=1)  # `after` is what follows it

FILTERS: Final[tuple[Name, ...]] = (
    query.text("q"),
    query.choice("status", STATUSES, usual=LIVE),
    query.choice("type", TYPES, many=True),
    query.text("partner", many=True),
    query.text("category", many=True),
    query.text("channel", many=True),
    query.day("start_from"),
    query.day("start_to"),
    query.day("created_from"),
    query.day("created_to"),
    query.whole("redeemed_min"),
    query.whole("redeemed_max"),
    query.text("meta"),
)
# The API's names of what is filtered by one's own choice of words.
_IDS: Final = {
    "type": "discount_type",
    "partner": "partner_id",
    "category": "category_id",
    "channel": "channel",
}
_DAYS: Final = {"start": "start_date", "created": "created_at"}


def names(own: Sequence[Name], sorts: Iterable[str], columns: Iterable[Column]) -> tuple[Name, ...]:
    """Return a list's names: the shared filters, its own, and how it is laid out."""
    return (
        *FILTERS,
        *own,
        query.order(sorts, "-created_at"),
        query.columns(column.key for column in columns),
        query.size(),
        query.page(),
        query.cursor("after"),
    )


def asked(asks: Query, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """Write the filters and the order as the API's lists take them."""
    found: dict[str, Any] = {"search": asks.one("q") or None, "order": asks.one("sort")}
    found |= _status(asks.one("status"), now)
    found |= {api: list(asks.many(ours)) or None for ours, api in _IDS.items()}
    for ours, api in _DAYS.items():
        if first := asks.one(f"{ours}_from"):
            begin = instants.begin_of(date.fromisoformat(first), zone) - FIRST_MOMENT
            found[f"{api}[after]"] = _instant(begin)
        if last := asks.one(f"{ours}_to"):
            found[f"{api}[before]"] = _instant(instants.end_of(date.fromisoformat(last), zone))
    for ours, operator in (("min", "$more_than_equal"), ("max", "$less_than_equal")):
        if count := asks.one(f"redeemed_{ours}"):
            found[f"filters[redemptions][conditions][{operator}]"] = count
    if meta := asks.one("meta"):
        key, has_value, value = meta.partition("=")
        operator, wanted = ("$is", value.strip()) if has_value else ("$has_value", "true")
        found[f"filters[metadata.{key.strip()}][conditions][{operator}]"] = wanted
    return {name: value for name, value in found.items() if value is not None}


def place(asks: Query) -> dict[str, Any]:
    """Write which rows: a page by its number, or those after a cursor."""
    after = asks.one("after")
    found: dict[str, Any] = {"limit": asks.one("limit")}
    return found | ({"cursor": after} if after else {"page": asks.one("page")})


def of_counts(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Write what a list was asked as its counts by status are."""
    return {n: value for n, value in asked.items() if n not in {"order", "status"}}


def of_job(asked: Mapping[str, Any]) -> str:
    """Write what a list was asked as the filter of a job over all that matches it."""
    return urlencode({n: value for n, value in asked.items() if n != "order"}, doseq=True)


def _status(status: str, now: datetime) -> dict[str, Any]:
    if status == EVERYTHING:
        return {}
    if status != ENDING:
        return {"status": [status]}
    soon = now + timedelta(days=ENDING_DAYS)
    return {"status": [LIVE], "expiration_date[before]": _instant(soon)}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
