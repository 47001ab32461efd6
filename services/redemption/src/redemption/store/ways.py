"""How entries of the ledger are found in the order of their moments: the statements, put together.

Three ways lead to them. The walk merges ordered index scans, one for each campaign (or the project)
and reason, and stops when the page is full: nothing is sorted, however much there is. The trace is
for what is found by a code, a customer or an order: few entries, which are sorted. Of a code that
has very many the walk is quicker, since it meets them soon. And requests know their entries.
"""

from collections.abc import Iterator
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from redemption.criteria import EVERY_REASON, Criteria, Position

MOST_WALKS: Final = 48  # merged in one statement; of more, each is read to the page's end
MOST_CAMPAIGNS: Final = 200  # that are walked; for more the project is
CODE, CUSTOMER, ORDER = 1, 2, 3  # kinds of traces


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


class Way(Enum):
    """How entries are found."""

    REQUESTS = auto()
    TRACE = auto()
    WALK = auto()


class Parameters:
    """The values of a statement that is being put together; a class because it numbers them."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: Any, kind: str) -> str:
        self.values.append(value)
        return f"${len(self.values)}::{kind}"


def source(of: Criteria, way: Way, part: Part, given: Parameters) -> str:
    match way:
        case Way.REQUESTS:
            return _by_requests(of, part, given)
        case Way.TRACE:
            return _by_trace(of, part, given)
        case Way.WALK:
            return _by_walks(of, part, given)


def _by_requests(of: Criteria, part: Part, given: Parameters) -> str:
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


def _by_trace(of: Criteria, part: Part, given: Parameters) -> str:
    """Find them by the numbers of what is sought, and see that they are not another's."""
    kind, subjects = traced(of) or (CODE, ())
    project, sought = given.add(of.project_id, "text"), given.add(list(subjects), "text[]")
    return f"""
        SELECT l.at, l.id FROM (
            SELECT * FROM ledger
            WHERE traces(project_id, code, customer_id, order_id) && ARRAY(
                SELECT trace({project}, {kind}, subject) FROM unnest({sought}) AS subject
            ) OFFSET 0
        ) AS l WHERE {conditions(of, part, given)}
        """  # noqa: S608 - our own words


def _by_walks(of: Criteria, part: Part, given: Parameters) -> str:
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
    return " UNION ALL ".join(
        f"SELECT l.at, l.id FROM ledger AS l WHERE {where} AND {reason}{campaign}"  # noqa: S608 - our own words
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
            {part.ordered} LIMIT {part.limit + part.offset}
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


def traced(of: Criteria) -> tuple[int, tuple[str, ...]] | None:
    """Return the kind of trace that there are fewest of, and whose; None where there is none."""
    for kind, subjects in ((ORDER, of.order_ids), (CUSTOMER, of.customer_ids), (CODE, of.codes)):
        if subjects is not None:
            return kind, subjects
    return None
