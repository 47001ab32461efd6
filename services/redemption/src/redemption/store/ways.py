"""How entries of the ledger are found in the order of their moments: the statements, put together.

Three ways lead to them. The walk merges ordered index scans, one for each campaign (or the project)
and reason, and stops when the page is full: nothing is sorted, however much there is. The trace is
for what is found by a code, a customer or an order: it reads some weeks at once, and sorts what it
finds. And requests know their entries.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from redemption.ledger.criteria import EPOCH, EVERY_REASON, Criteria, Position

MOST_WALKS: Final = 48  # merged in one statement; of more, each is read to the page's end
MOST_CAMPAIGNS: Final = 200  # that are walked; for more the project is
CODE, CUSTOMER, ORDER = 1, 2, 3  # kinds of traces
GROWTH: Final = 4


class Part(NamedTuple):
    """What part of a list is read, in which direction."""

    limit: int
    offset: int = 0
    after: Position | None = None
    descending: bool = True

    @property
    def ordered(self) -> str:
        """Return the order, as SQL."""
        return "ORDER BY at DESC, id DESC" if self.descending else "ORDER BY at, id"

    @property
    def enough(self) -> str:
        """Return how much of any one walk the part may need, as SQL."""
        return f"{self.ordered} LIMIT {self.limit + self.offset}"


class Way(Enum):
    """How entries are found."""

    REQUESTS = auto()
    TRACE = auto()
    WALK = auto()


class Weeks(NamedTuple):
    """Some weeks, from the first to the last; they are counted from 1970 on."""

    first: int
    last: int


class Parameters:
    """The values of a statement that is being put together; a class because it numbers them."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: Any, kind: str) -> str:
        self.values.append(value)
        return f"${len(self.values)}::{kind}"


def way_to(of: Criteria) -> Way:
    """Return how these entries are found."""
    if of.request_keys is not None:
        return Way.REQUESTS
    return Way.WALK if _traced(of) is None else Way.TRACE


def weeks_between(first: datetime, last: datetime, of: Criteria, part: Part) -> list[Weeks]:
    """Part what is asked between these moments as it is looked through.

    That is a week, and then four times as many each time: few reads where there is little, and
    little where there is much.
    """
    passed = None if part.after is None else part.after.at
    since, until = (None, passed) if part.descending else (passed, None)
    low = _week_of(max(each for each in (first, of.since, since) if each is not None))
    high = _week_of(min(each for each in (last, of.until, until) if each is not None))
    parts: list[Weeks] = []
    count = 1
    while low <= high:
        if part.descending:
            parts.append(Weeks(max(low, high - count + 1), high))
            high -= count
        else:
            parts.append(Weeks(low, min(high, low + count - 1)))
            low += count
        count *= GROWTH
    return parts


def _week_of(at: datetime) -> int:
    return (at - EPOCH) // timedelta(weeks=1)


def by_requests(of: Criteria, part: Part, given: Parameters) -> str:
    keys = given.add(list(of.request_keys or ()), "bytea[]")
    return f"""
        SELECT l.at, l.id FROM requests AS r
        CROSS JOIN LATERAL generate_series(1, length(r.entries), 16) AS place
        CROSS JOIN LATERAL (
            SELECT * FROM ledger
            WHERE id = encode(substr(r.entries, place, 16), 'hex')::uuid OFFSET 0
        ) AS l
        WHERE r.key = ANY ({keys}) AND {conditions(of, part, given)}
        """  # noqa: S608 - our own words


def by_trace(of: Criteria, weeks: Weeks, part: Part, given: Parameters) -> str:
    """Find them by the numbers of what is sought, and see that they are not another's."""
    kind, subjects = _traced(of) or (CODE, ())
    project, sought = given.add(of.project_id, "text"), given.add(list(subjects), "text[]")
    first, last = given.add(weeks.first, "integer"), given.add(weeks.last, "integer")
    return f"""
        SELECT l.at, l.id FROM (
            SELECT * FROM ledger
            WHERE traces(project_id, at, code, customer_id, order_id) && ARRAY(
                SELECT trace({project}, {kind}, week, subject)
                FROM unnest({sought}) AS subject CROSS JOIN generate_series({first}, {last}) AS week
            ) OFFSET 0
        ) AS l WHERE {conditions(of, part, given)}
        """  # noqa: S608 - our own words


def by_walks(of: Criteria, part: Part, given: Parameters) -> str:
    campaigns = of.campaign_ids if len(of.campaign_ids or ()) <= MOST_CAMPAIGNS else None
    if campaigns is not None and len(campaigns) * len(of.reasons) > MOST_WALKS:
        return _walked_each(of, campaigns, part, given)
    where = " AND ".join(
        [
            f"l.project_id = {given.add(of.project_id, 'text')}",
            *(_of_campaigns(of, given) if campaigns is None else ()),
            *_of_subjects(of, given),
            *_of_moments(of, part, given),
        ]
    )
    # Each in its order by itself: the planner merges them then, and does not sort.
    return " UNION ALL ".join(
        f"(SELECT l.at, l.id FROM ledger AS l WHERE {where} AND {reason}{campaign} {part.enough})"  # noqa: S608 - our own words
        for campaign in _each_campaign(campaigns, given)
        for reason in _each_reason(of, given)
    )


def _walked_each(of: Criteria, campaigns: tuple[str, ...], part: Part, given: Parameters) -> str:
    """Read of every campaign and reason as much as the page may need."""
    each, reasons = given.add(list(campaigns), "text[]"), given.add(list(of.reasons), "text[]")
    where = [f"l.project_id = {given.add(of.project_id, 'text')}", "l.campaign_id = c"]
    where += ["l.reason = r", *_of_subjects(of, given), *_of_moments(of, part, given)]
    return f"""
        SELECT w.* FROM unnest({each}) AS c CROSS JOIN unnest({reasons}) AS r
        CROSS JOIN LATERAL (
            SELECT l.at, l.id FROM ledger AS l WHERE {" AND ".join(where)}
            {part.enough}
        ) AS w
        """  # noqa: S608 - our own words


def _each_campaign(campaigns: tuple[str, ...] | None, given: Parameters) -> list[str]:
    if campaigns is None:
        return [""]
    return [f" AND l.campaign_id = {given.add(each, 'text')}" for each in campaigns]


def _each_reason(of: Criteria, given: Parameters) -> list[str]:
    return [f"l.reason = {given.add(reason, 'text')}" for reason in of.reasons]


def conditions(of: Criteria, part: Part, given: Parameters) -> str:
    """Return all that is asked of an entry."""
    return " AND ".join(
        [
            f"l.project_id = {given.add(of.project_id, 'text')}",
            *_of_reasons(of, given),
            *_of_campaigns(of, given),
            *_of_subjects(of, given),
            *_of_moments(of, part, given),
        ]
    )


def _of_reasons(of: Criteria, given: Parameters) -> Iterator[str]:
    if of.reasons != EVERY_REASON:
        yield f"l.reason = ANY ({given.add(list(of.reasons), 'text[]')})"


def _of_campaigns(of: Criteria, given: Parameters) -> Iterator[str]:
    if of.campaign_ids is not None:
        yield f"l.campaign_id = ANY ({given.add(list(of.campaign_ids), 'text[]')})"


def _of_subjects(of: Criteria, given: Parameters) -> Iterator[str]:
    subjects = {"code": of.codes, "customer_id": of.customer_ids, "order_id": of.order_ids}
    for column, values in subjects.items():
        if values is not None:
            yield f"l.{column} = ANY ({given.add(list(values), 'text[]')})"


def _of_moments(of: Criteria, part: Part, given: Parameters) -> Iterator[str]:
    if of.since is not None:
        yield f"l.at >= {given.add(of.since, 'timestamptz')}"
    if of.until is not None:
        yield f"l.at < {given.add(of.until, 'timestamptz')}"
    if part.after is not None:
        beyond = "<" if part.descending else ">"
        at, id_ = given.add(part.after.at, "timestamptz"), given.add(part.after.id, "uuid")
        yield f"(l.at, l.id) {beyond} ({at}, {id_})"


def _traced(of: Criteria) -> tuple[int, tuple[str, ...]] | None:
    """Return the kind of trace that there are fewest of, and whose; None where there is none."""
    for kind, subjects in ((ORDER, of.order_ids), (CUSTOMER, of.customer_ids), (CODE, of.codes)):
        if subjects is not None:
            return kind, subjects
    return None
