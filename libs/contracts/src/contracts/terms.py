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
    """Takes a share off the order, rounded half up to the minor unit."""

    type: Literal["PERCENT"] = "PERCENT"
    basis_points: BasisPoints


Discount = Annotated[AmountOff | PercentOff, Field(discriminator="type")]


class Validity(Model):
    """When: from `starts_at`, inclusive, to `ends_at`, exclusive; None is "without"."""

    starts_at: Instant | None = None
    ends_at: Instant | None = None


class Limits(Model):
    """How often: the whole campaign, and one customer of it; None is "without"."""

    total: Count | None = None
    per_customer: Count | None = None


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
