"""What the query string of a report says: the period, what narrows it, what it is compared with."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import structlog
from fastapi import Depends, Query, Request
from pydantic import Field

from analytics import periods
from analytics.keys import Caller
from analytics.periods import Period
from analytics.query import Filters, SortBy
from contracts.codes import in_capitals
from contracts.text import Trimmed
from servicekit.http.errors import ApiError, invalid_query

LONGEST_ID: Final = 100
LONGEST_CODE: Final = 200
MOST_VALUES: Final = 50

MOMENT: Final = (
    "A date, the beginning of that day in the project's time zone, or an instant (RFC 3339)."
)
IN_NONE: Final = "none"  # no segment has such an id
REPEATED: Final = "May be repeated: any of them."
ORDER: Final = "A field of the answer's rows, with - before it to descend."

Id = Annotated[Trimmed, Field(max_length=LONGEST_ID)]
Code = Annotated[Trimmed, Field(max_length=LONGEST_CODE)]
Ids = Annotated[list[Id], Query(max_length=MOST_VALUES, description=REPEATED)]
SegmentIds = Annotated[
    list[Id],
    Query(
        max_length=MOST_VALUES,
        description=f"Of customers in one of them when it was judged; `{IN_NONE}` is of who was in "
        f"none. {REPEATED}",
    ),
]
Codes = Annotated[list[Code], Query(max_length=MOST_VALUES, description=REPEATED)]
Moment = Annotated[str | None, Query(description=MOMENT)]
SortOrder = Annotated[str, Query(max_length=50, description=ORDER)]
Compare = Annotated[
    Literal["none", "previous", "year", "custom"],
    Query(
        description="With what: `previous` is the period before, as long; `year` lies 364 days "
        "before, so that weekdays meet; `custom` begins at `compare_from`."
    ),
]


def invalid(name: str, reason: str) -> ApiError:
    return invalid_query(f"{name}: {reason}", f"Query parameter {name}: {reason}")


async def caller_of(request: Request) -> Caller:
    """Return who calls; the door has let him in."""
    caller: Caller = request.state.caller
    structlog.contextvars.bind_contextvars(project_id=caller.project_id)
    return caller


CurrentCaller = Annotated[Caller, Depends(caller_of)]


class Dates(NamedTuple):
    """The period as it was asked for: None where an end was not named."""

    starts_at: datetime | None
    ends_at: datetime | None
    where: ZoneInfo


def dates(
    caller: CurrentCaller,
    starts: Annotated[Moment, Query(alias="from")] = None,
    ends: Annotated[Moment, Query(alias="to", description=f"Exclusive. {MOMENT}")] = None,
) -> Dates:
    """Read `from` and `to`."""
    where = zone_of(caller)
    starts_at, ends_at = moment("from", starts, where), moment("to", ends, where)
    if starts_at is not None and ends_at is not None and ends_at < starts_at:
        raise invalid("to", "must not be before from")
    return Dates(starts_at, ends_at, where)


def zone_of(caller: Caller) -> ZoneInfo:
    try:
        return periods.zone(caller.time_zone)
    except ValueError as error:
        raise invalid("from", str(error)) from error


def moment(name: str, text: str | None, where: ZoneInfo) -> datetime | None:
    if text is None:
        return None
    try:
        return periods.instant(text, where.key)
    except ValueError as error:
        raise invalid(name, f"neither a date nor an instant: {error}") from error


def filters(
    partner_id: Ids = [],  # noqa: B006  # FastAPI copies it
    campaign_id: Ids = [],  # noqa: B006
    category_id: Ids = [],  # noqa: B006
    channel: Ids = [],  # noqa: B006
    segment_id: SegmentIds = [],  # noqa: B006
) -> Filters:
    return Filters(
        partners=tuple(partner_id),
        campaigns=tuple(campaign_id),
        categories=tuple(category_id),
        channels=tuple(channel),
        segments=tuple("" if each == IN_NONE else each for each in segment_id),
    )


def refusal_filters(
    caller: CurrentCaller,
    narrowed: Annotated[Filters, Depends(filters)],
    reason: Ids = [],  # noqa: B006
    code: Codes = [],  # noqa: B006
) -> Filters:
    codes = code if caller.case_sensitive_codes else [in_capitals(each) for each in code]
    return narrowed._replace(reasons=tuple(reason), codes=tuple(codes))


class Comparison(NamedTuple):
    """With what a period is compared."""

    kind: str
    starts_at: datetime | None
    ends_at: datetime | None
    where: ZoneInfo

    def of(self, period: Period, *, named: bool) -> Period | None:
        """Return the other period; `named` says whether somebody asked for where it begins."""
        match self.kind:
            case "none":
                return None
            case _ if not named:
                raise invalid("compare", "needs from: nothing is before all time")
            case "previous":
                return periods.previous(period, self.where)
            case "year":
                return periods.a_year_before(period, self.where)
            case _:
                return self._custom(period)

    def _custom(self, period: Period) -> Period:
        if self.starts_at is None:
            raise invalid("compare_from", "is needed where compare is custom")
        if self.ends_at is None:
            return periods.as_long_from(self.starts_at, period, self.where)
        if self.ends_at < self.starts_at:
            raise invalid("compare_to", "must not be before compare_from")
        return Period(self.starts_at, self.ends_at)


def comparison(
    caller: CurrentCaller,
    compare: Compare = "none",
    compare_from: Moment = None,
    compare_to: Moment = None,
) -> Comparison:
    if compare != "custom" and (compare_from, compare_to) != (None, None):
        given = "compare_to" if compare_from is None else "compare_from"
        raise invalid(given, "means something where compare is custom")
    where = zone_of(caller)
    starts_at = moment("compare_from", compare_from, where)
    return Comparison(compare, starts_at, moment("compare_to", compare_to, where), where)


def sort_by(fields: Collection[str], order: str) -> SortBy:
    field = order.removeprefix("-")
    if field not in fields:
        raise invalid("order", f"one of {', '.join(fields)}, or - and one")
    return SortBy(field, descending=order.startswith("-"))


def all_time(asked: Dates) -> Period:
    """Return the period of a list, which without dates is all time."""
    return Period(asked.starts_at or periods.EARLIEST, asked.ends_at or periods.LATEST)


def today_ends(now: datetime, where: ZoneInfo) -> datetime:
    return periods.beginning(periods.day_of(now, where) + timedelta(days=1), where)


def check_length(period: Period) -> None:
    """Refuse what is too long to be looked at."""
    if period.ends_at - period.starts_at > periods.LONGEST:
        raise invalid("to", "must not be more than ten years after from")


AskedComparison = Annotated[Comparison, Depends(comparison)]
