"""How figures went over time: a series for all, or one for each of the greatest and the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from clickhouse_connect.driver.asyncclient import AsyncClient

from analytics.periods import Period
from analytics.query import (
    BEFORE,
    NOW,
    SEGMENT_NAME,
    ReportQuery,
    SortBy,
    fetch_rows,
    figures,
    named_figures,
)
from analytics.reports.figures import COLUMNS, NOTHING
from analytics.reports.totals import Total, totals

SplitBy = Literal["partner", "campaign", "category", "channel", "segment"]
# Where the view has what a series is about, and its name.
_SUBJECT: Final[Mapping[SplitBy, tuple[str, str]]] = MappingProxyType(
    {
        "partner": ("f.partner_id", "c.partner_name"),
        "campaign": ("f.campaign_id", "c.campaign_name"),
        "category": ("f.category_id", "if(c.category_id = f.category_id, c.category_name, '')"),
        "channel": ("f.channel", "f.channel"),
        "segment": ("f.segment_id", SEGMENT_NAME),
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


class Story(NamedTuple):
    """How a period went, how the other one did, and what they came to."""

    series: list[Series]
    before: list[Series] | None
    totals: list[Total]


async def fetch(
    client: AsyncClient, query: ReportQuery, buckets: Sequence[Period], split: Split
) -> list[Series]:
    """Return a series for each of the greatest, the greatest first, and one for the others."""
    if not buckets:
        return []
    ranked = await _greatest(client, query, split)
    named = list(dict.fromkeys(ranked))
    rows: Sequence[Mapping[str, Any]] = []
    if named:
        apart = query._replace(slots=tuple(buckets))
        rows = await fetch_rows(client, _each(split.by), apart, named=named)
    return _series(rows, range(len(buckets)), ranked, query.currency)


async def fetch_all(
    client: AsyncClient, query: ReportQuery, buckets: Sequence[Period], earlier: Sequence[Period]
) -> Story:
    """Return a series of all per currency, of the other period's buckets too, and the sums.

    One statement answers, as half of what a small one costs is planning. Sums are of what was
    exact, and rounded once: adding up points would round often. The other period's is of as much
    of it as can be counted of this one, its points are of all of it.
    """
    compared, sums = query.before, [query.period]
    if compared is not None:
        sums.append(compared)
        ends_at = max(part.ends_at for part in (compared, *earlier))
        query = query._replace(before=Period(compared.starts_at, ends_at))
    rows = await fetch_rows(client, _ALL, query._replace(slots=(*sums, *buckets, *earlier)))
    of_buckets = range(len(sums), len(sums) + len(buckets))
    of_earlier = range(of_buckets.stop, of_buckets.stop + len(earlier))
    now = [row for row in rows if row["bucket"] == NOW]
    before = None if compared is None else [row for row in rows if row["bucket"] == BEFORE]
    return Story(
        _series(rows, of_buckets, (), query.currency),
        None if compared is None else _series(rows, of_earlier, (), query.currency),
        totals(now, before, query.currency),
    )


async def _greatest(client: AsyncClient, query: ReportQuery, split: Split) -> list[str]:
    subject, _ = _SUBJECT[split.by]
    direction = "DESC" if split.sort_by.descending else "ASC"
    rows = await fetch_rows(
        client,
        f"SELECT {subject} AS id FROM {figures(split.by)} AS f "  # noqa: S608  # our own words
        f"ORDER BY {{sort_by:Identifier}} {direction} NULLS LAST, id "
        f"LIMIT {split.top:d} BY currency",
        query,
        sort_by=split.sort_by.field,
    )
    return [row["id"] for row in rows]


_ALL: Final = f"""
    SELECT
        f.bucket AS bucket, '' AS id, '' AS name, f.others AS others, f.currency AS currency,
        {COLUMNS}
    FROM {figures()} AS f ORDER BY bucket
"""  # noqa: S608  # constants of ours


def _each(by: SplitBy) -> str:
    subject, name = _SUBJECT[by]
    return f"""
        SELECT
            f.bucket AS bucket, {subject} AS id, if(others, '', {name}) AS name,
            f.others AS others, f.currency AS currency,
            {COLUMNS}
        FROM {named_figures(by)} ORDER BY bucket
    """  # noqa: S608  # constants of ours


def _series(
    rows: Sequence[Mapping[str, Any]], buckets: range, ranked: Sequence[str], currency: str
) -> list[Series]:
    """Make series of the rows that are of these buckets; of no buckets there are none."""
    if not buckets:
        return []
    found: dict[Subject, dict[int, Mapping[str, Any]]] = {}
    names: dict[Subject, str] = {}
    for row in rows:
        if row["bucket"] not in buckets:
            continue
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
            [found[subject].get(bucket, NOTHING) for bucket in buckets],
        )
        for subject in sorted(found, key=rank)
    ]
