"""What redemption enforces of a campaign: one document, nested by question.

Additive: what a document does not say has the default that restricts nothing, so a term that is new
here leaves every campaign as it was. Deploy redemption first: a term that only campaigns knows is
read by nobody. A new kind of discount makes a whole snapshot unreadable to an older redemption;
analytics reads nothing of it.
"""

from typing import Annotated, Literal

from pydantic import Field

from contracts.event import Model
from contracts.instants import Instant
from contracts.money import BasisPoints, Count, Minor


class AmountOff(Model):
    """Takes a fixed amount off the order, never more than the order."""

    type: Literal["AMOUNT"] = "AMOUNT"
    amount_off_minor: Minor


class PercentOff(Model):
    """Takes a share off the order, rounded half up to the minor unit, `most_minor` at most."""

    type: Literal["PERCENT"] = "PERCENT"
    basis_points: BasisPoints
    most_minor: Minor | None = None


class FixedPrice(Model):
    """Takes off what the order comes to beyond this price, which one that is cheaper keeps."""

    type: Literal["FIXED"] = "FIXED"
    price_minor: Minor


Discount = Annotated[AmountOff | PercentOff | FixedPrice, Field(discriminator="type")]


Weekday = Annotated[int, Field(strict=True, ge=0, le=6)]  # 0 is Sunday
MinuteOfDay = Annotated[int, Field(strict=True, ge=0, le=24 * 60)]
Seconds = Annotated[int, Field(strict=True, ge=1, le=366 * 24 * 60 * 60)]


class Hours(Model):
    """Times of the day, by the clock of the project's time zone; on these weekdays, none is all.

    From the first minute, inclusive, to the last, exclusive; one that is not after the first is the
    next day's.
    """

    from_minute: MinuteOfDay
    to_minute: MinuteOfDay
    weekdays: tuple[Weekday, ...] = ()


class Recurrence(Model):
    """Windows that begin at `starts_at` and again and again, and how long each lasts."""

    every_seconds: Seconds
    lasts_seconds: Seconds


class Validity(Model):
    """When: from `starts_at`, inclusive, to `ends_at`, exclusive; None is "without".

    Within that on these weekdays, in these hours and in these windows; of what is empty, always.
    """

    starts_at: Instant | None = None
    ends_at: Instant | None = None
    weekdays: tuple[Weekday, ...] = ()
    hours: tuple[Hours, ...] = ()
    recurrence: Recurrence | None = None


class Limit(Model):
    """At most so much of one thing: a campaign, a code, a customer, or a customer with one code.

    `what` is counted: redemptions, or the discount in minor units of the campaign's currency. `per`
    begins anew with each day, ISO week or month of the project's time zone; None: once and for all.
    """

    of: Literal["campaign", "code", "customer", "customer_and_code"]
    per: Literal["day", "week", "month"] | None = None
    what: Literal["redemptions", "discount"] = "redemptions"
    most: Count


class Limits(Model):
    """How often: the whole campaign, one customer of it, and whatever else; None is "without"."""

    total: Count | None = None
    per_customer: Count | None = None
    others: tuple[Limit, ...] = ()


class Conditions(Model):
    """For whom and for which order; nothing can be asked yet."""


class Stacking(Model):
    """Together with which other codes in one request; with all of them, for now."""


class Terms(Model):
    """A campaign's terms in force."""

    discount: Discount
    validity: Validity = Validity()
    limits: Limits = Limits()
    conditions: Conditions = Conditions()
    stacking: Stacking = Stacking()

    @property
    def asks_about_customers(self) -> bool:
        """Whether a decision goes by what the customer did before; no condition does yet."""
        return False

    @property
    def goes_by_the_clock(self) -> bool:
        """Whether anything here hangs on when a day begins in the project's time zone."""
        validity = self.validity
        windows = validity.weekdays or validity.hours or validity.recurrence
        return bool(windows) or any(limit.per is not None for limit in self.limits.others)
