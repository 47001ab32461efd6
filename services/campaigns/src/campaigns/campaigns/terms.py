"""A campaign's terms as clients write them: the one place of campaigns that a new term touches.

A term is a field of `TermsFields`, a line of `to_terms` and one of `from_terms`. Bodies, answers,
PUT, the store and snapshots follow.
"""

from typing import Annotated, Final, Self

from pydantic import Field

from campaigns import days
from campaigns.api.body import Body
from campaigns.api.fields import DayOrMoment, Limit, Moment
from campaigns.campaigns.applicable import ApplicableToBody, applicable_body
from campaigns.campaigns.limits import LimitBodies, limit_body
from campaigns.campaigns.rollbacks import RollbackBody, rollback_body
from campaigns.campaigns.windows import Days, HoursBody, TimeframeBody, hours_body, timeframe_body
from contracts.discounts import Discount
from contracts.targets import ApplicableTo
from contracts.terms import Limits, Rollback, Terms
from contracts.validity import Validity

STARTS: Final = Field(
    description="It holds from then on. A date alone, when it is sent: from the beginning of that "
    "day by the project's clock."
)
ENDS: Final = Field(
    description="It holds until then, exclusive. A date alone, when it is sent: until that day has "
    "ended by the project's clock."
)
TOTAL: Final = Field(description="How often it can be redeemed, by all its codes together.")
OF_EACH: Final = Field(description="How often each customer can redeem it, with whatever code.")
FURTHER: Final = Field(description="Further limits and budgets: per period, code, customer.")
ON_DAYS: Final = Field(description="On these days of the week alone by the project's clock: 0-6.")


class TermsFields(Body):
    """Terms, as they stand side by side in a campaign's bodies and in its answers."""

    start_date: Annotated[Moment | None, STARTS] = None
    expiration_date: Annotated[Moment | None, ENDS] = None
    total_limit: Annotated[Limit | None, TOTAL] = None
    per_customer_limit: Annotated[Limit | None, OF_EACH] = None
    limits: Annotated[LimitBodies | None, FURTHER] = None
    validity_timeframe: TimeframeBody | None = None
    validity_day_of_week: Annotated[Days | None, ON_DAYS] = None
    validity_hours: HoursBody | None = None
    applicable_to: ApplicableToBody | None = None
    rollback: RollbackBody | None = None


class SentTermsFields(TermsFields):
    """Terms as clients send them: a date alone is that whole day, by the project's clock."""

    start_date: Annotated[DayOrMoment | None, STARTS] = None  # type: ignore[assignment]  # wider
    expiration_date: Annotated[DayOrMoment | None, ENDS] = None  # type: ignore[assignment]

    def dated(self, time_zone: str) -> Self:
        """Return the same with instants: a start at the beginning of its day, an end after it."""
        instants = {
            "start_date": days.starts_at(self.start_date, time_zone),
            "expiration_date": days.ends_at(self.expiration_date, time_zone),
        }
        sent = {name: at for name, at in instants.items() if name in self.model_fields_set}
        return self.model_copy(update=sent)


def to_terms(discount: Discount, fields: TermsFields) -> Terms:
    """Read terms; what is None restricts nothing."""
    return Terms(
        discount=discount,
        applicable_to=fields.applicable_to.to_domain() if fields.applicable_to else ApplicableTo(),
        validity=Validity(
            starts_at=fields.start_date,
            ends_at=fields.expiration_date,
            weekdays=fields.validity_day_of_week or (),
            hours=tuple(each.to_domain() for each in fields.validity_hours.daily)
            if fields.validity_hours
            else (),
            recurrence=fields.validity_timeframe and fields.validity_timeframe.to_domain(),
        ),
        limits=Limits(
            total=fields.total_limit,
            per_customer=fields.per_customer_limit,
            others=tuple(each.to_domain() for each in fields.limits or ()),
        ),
        rollback=fields.rollback.to_domain() if fields.rollback else Rollback(),
    )


def from_terms(terms: Terms) -> TermsFields:
    """Write terms; `to_terms` reads them as they were, for every term that there is."""
    return TermsFields(
        start_date=terms.validity.starts_at,
        expiration_date=terms.validity.ends_at,
        total_limit=terms.limits.total,
        per_customer_limit=terms.limits.per_customer,
        limits=tuple(limit_body(each) for each in terms.limits.others),
        validity_timeframe=timeframe_body(terms.validity.recurrence),
        validity_day_of_week=terms.validity.weekdays or None,
        validity_hours=hours_body(terms.validity.hours),
        applicable_to=applicable_body(terms.applicable_to),
        rollback=rollback_body(terms.rollback),
    )
