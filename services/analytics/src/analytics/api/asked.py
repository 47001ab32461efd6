"""What every report is asked for with: by whom, of which time, narrowed to what, told how."""

from typing import Annotated, NamedTuple

from fastapi import Depends

from analytics.api.answers import AskedForm, Wish
from analytics.api.parameters import CurrentCaller, Dates, dates, filters, refusal_filters
from analytics.keys import Caller
from analytics.query import Filters


class Asked(NamedTuple):
    """A question, but for what only one report asks."""

    caller: Caller
    dates: Dates
    narrowed: Filters
    form: Wish


AskedDates = Annotated[Dates, Depends(dates)]


def _of_deals(
    caller: CurrentCaller,
    dates: AskedDates,
    narrowed: Annotated[Filters, Depends(filters)],
    form: AskedForm,
) -> Asked:
    return Asked(caller, dates, narrowed, form)


def _of_attempts(
    caller: CurrentCaller,
    dates: AskedDates,
    narrowed: Annotated[Filters, Depends(refusal_filters)],
    form: AskedForm,
) -> Asked:
    return Asked(caller, dates, narrowed, form)


OfDeals = Annotated[Asked, Depends(_of_deals)]
OfAttempts = Annotated[Asked, Depends(_of_attempts)]
