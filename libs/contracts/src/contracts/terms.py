"""What redemption enforces of a campaign: one document, nested by question.

Additive: what a document does not say has the default that restricts nothing, so a term that is new
here leaves every campaign as it was. Deploy redemption first: a term that only campaigns knows is
read by nobody.
"""

from functools import cached_property
from typing import Literal

from contracts.discounts import Discount
from contracts.event import Model
from contracts.money import Count
from contracts.rules import Rule, ask_about_the_past, customer_properties, segment_ids
from contracts.targets import ApplicableTo
from contracts.validity import Validity


class Limit(Model):
    """At most so much of one thing: a campaign, a code, a customer, or a customer with one code.

    `what` is counted: redemptions, or in minor units of the campaign's currency the discount, or
    what orders come to before coupons, each of which counts once. `per` begins anew with each day,
    ISO week or month of the project's time zone; None: once and for all.
    """

    of: Literal["campaign", "code", "customer", "customer_and_code"]
    per: Literal["day", "week", "month"] | None = None
    what: Literal["redemptions", "discount", "order"] = "redemptions"
    most: Count


class Limits(Model):
    """How often: the whole campaign, one customer of it, and whatever else; None is "without"."""

    total: Count | None = None
    per_customer: Count | None = None
    others: tuple[Limit, ...] = ()


class Conditions(Model):
    """For whom and for which order: all of these rules have to be met."""

    rules: tuple[Rule, ...] = ()


class Rollback(Model):
    """What a redemption that is given back gives back: its use once it is whole, its budgets.

    `on_cancelled_order` also gives back what an order had, in proportion, when that is cancelled
    or refunded.
    """

    use: bool = True
    budget: bool = True
    on_cancelled_order: bool = False


class Terms(Model):
    """A campaign's terms in force."""

    discount: Discount
    applicable_to: ApplicableTo = ApplicableTo()
    validity: Validity = Validity()
    limits: Limits = Limits()
    conditions: Conditions = Conditions()
    rollback: Rollback = Rollback()

    @cached_property
    def asks_about_the_past(self) -> bool:
        """Whether a decision goes by what the customer did before."""
        return ask_about_the_past(self.conditions.rules)

    @cached_property
    def customer_properties(self) -> frozenset[str]:
        """The customer's metadata that a decision goes by: as sent, or else as kept."""
        return customer_properties(self.conditions.rules)

    @property
    def goes_by_the_clock(self) -> bool:
        """Whether anything here hangs on when a day begins in the project's time zone."""
        validity = self.validity
        windows = validity.weekdays or validity.hours or validity.recurrence
        return bool(windows or self.conditions.rules) or any(
            limit.per is not None for limit in self.limits.others
        )

    @cached_property
    def segment_ids(self) -> frozenset[str]:
        """The segments that a decision goes by."""
        return segment_ids(self.conditions.rules)
