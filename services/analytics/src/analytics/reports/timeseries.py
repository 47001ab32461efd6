"""How figures went over time: a series for all, or one for each of the greatest and the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, get_args

from clickhouse_connect.driver.asyncclient import AsyncClient

from analytics.grains import Bucket, milliseconds
from analytics.query import ReportQuery, SortBy, fetch_rows, performance
from analytics.reports.figures import COLUMNS, NOTHING

SplitBy = Literal["partner", "campaign", "category", "channel"]
SPLITS: Final[tuple[SplitBy, ...]] = get_args(SplitBy)
# Where the view has what a series is about, and its name.
_SUBJECT: Final[Mapping[SplitBy, tuple[str, str]]] = MappingProxyType(
    {
        "partner": ("partner_id", "partner_name"),
        "campaign": ("campaign_id", "campaign_name"),
        "category": ("category_id", "category_name"),
        "channel": ("channel", "channel"),
    }
)


class Split(NamedTuple):
    """By what a series is parted, how many parts are shown alone, and what makes one great."""

    by: SplitBy
    top: int
    sort_by: SortBy


class Subject(NamedTuple):
    """What a series is about: of all, of one, or of all others; in one currency."""

    id: str | None
    others: bool
    currency: str


@dataclass(frozen=True)
class Series:
    """The figures of every bucket, one after the other."""

    subject: Subject
    name: str | None
    points: Sequence[Mapping[str, Any]]


async def fetch(
    client: AsyncClient,
    query: ReportQuery,
    buckets: Sequence[Bucket],
    split: Split | None,
    currency: str,
) -> list[Series]:
    """Return the series, the greatest first; where there is nothing one of zeros."""
    if not buckets:
        return []
    bounds = [milliseconds(bucket.starts_at) for bucket in buckets]
    if split is None:
        ranked, rows = [], await fetch_rows(client, _ALL, query, bounds=bounds)
    else:
        ranked = await _greatest(client, query, split)
        named = list(dict.fromkeys(ranked))
        rows = []
        if named:
            rows = await fetch_rows(client, _each(split.by), query, bounds=bounds, named=named)
    return _series(rows, bounds, ranked, currency)


async def _greatest(client: AsyncClient, query: ReportQuery, split: Split) -> list[str]:
    subject, _ = _SUBJECT[split.by]
    direction = "DESC" if split.sort_by.descending else "ASC"
    rows = await fetch_rows(
        client,
        f"SELECT {subject} AS id FROM {performance(split.by)} "  # noqa: S608  # our own words
        f"ORDER BY {{sort_by:Identifier}} {direction} NULLS LAST, id "
        f"LIMIT {split.top:d} BY currency",
        query,
        sort_by=split.sort_by.field,
    )
    return [row["id"] for row in rows]


_ALL: Final = f"""
    SELECT bucket, '' AS id, '' AS name, others, currency, {COLUMNS}
    FROM {performance()} ORDER BY bucket
"""  # noqa: S608  # constants of ours


def _each(by: SplitBy) -> str:
    subject, name = _SUBJECT[by]
    return f"""
        SELECT bucket, {subject} AS id, {name} AS name, others, currency, {COLUMNS}
        FROM {performance(by)} ORDER BY bucket
    """  # noqa: S608  # constants of ours


def _series(
    rows: Sequence[Mapping[str, Any]], bounds: Sequence[int], ranked: Sequence[str], currency: str
) -> list[Series]:
    found: dict[Subject, dict[int, Mapping[str, Any]]] = {}
    names: dict[Subject, str] = {}
    for row in rows:
        subject = Subject(row["id"] or None, bool(row["others"]), row["currency"])
        found.setdefault(subject, {})[row["bucket"]] = row
        names[subject] = row["name"] or names.get(subject, "")  # as it was called at last
    if not found:
        found[Subject(None, others=False, currency=currency)] = {}
    places = {each: place for place, each in reversed([*enumerate(ranked)])}

    def rank(subject: Subject) -> tuple[bool, str, bool, int, str]:
        return (
            subject.currency != currency,
            subject.currency,
            subject.others,
            places.get(subject.id or "", len(places)),
            subject.id or "",
        )

    return [
        Series(
            subject,
            names.get(subject) or None,
            [found[subject].get(bound, NOTHING) for bound in bounds],
        )
        for subject in sorted(found, key=rank)
    ]
