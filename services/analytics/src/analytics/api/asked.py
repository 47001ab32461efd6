"""What every report is asked for with: by whom, of which time, narrowed to what, told how."""

from typing import Annotated, NamedTuple

from fastapi import Depends

from analytics.api.answers import AskedForm, Wish
from analytics.api.parameters import CurrentCaller, Dates, dates, filters, refusal_filters
from analytics.keys import Caller
from analytics.periods import Period
from analytics.query import Filters, ReportQuery


class Asked(NamedTuple):
    """A question, but for what only one report asks."""

    caller: Caller
    dates: Dates
    narrowed: Filters
    form: Wish

    def query(self, period: Period, before: Period | None = None) -> ReportQuery:
        """Ask for a period of what is left, and for the one that it is compared with."""
        caller = self.caller
        return ReportQuery(caller.project_id, period, self.narrowed, before, caller.currency)


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
