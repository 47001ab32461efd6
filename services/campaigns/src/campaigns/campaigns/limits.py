"""Limits beside the two usual ones, as clients write them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from campaigns.api import fields
from campaigns.api.body import Body
from contracts import terms
from contracts.money import Minor

MOST_LIMITS: Final = 10
# What has a field of its own, and is said there alone.
ELSEWHERE: Final = {
    "campaign": "total_limit",
    "customer": "per_customer_limit",
    "code": "voucher.redemption.quantity",
}
What = Literal["redemptions", "discount", "order"]
WHAT: Final[Mapping[str, What]] = {
    "redemptions": "redemptions",
    "discount_amount": "discount",
    "orders_amount": "order",
}


class LimitBody(Body):
    """At most so many `redemptions`, or so much `discount_amount` or `orders_amount`; one of them.

    Amounts are in minor units. An order counts once, before coupons, however many it carries.

    Of the whole campaign, of each code, of each customer, or of each customer with each code; once
    and for all, or anew with each day, ISO week (it begins on Monday) or month of the project's
    time zone. What is counted "of a customer" needs a customer: a request that names none is
    refused with `missing_customer`.
    """

    of: Literal["campaign", "code", "customer", "customer_and_code"]
    per: Literal["day", "week", "month"] | None = None
    redemptions: fields.Limit | None = None
    discount_amount: Minor | None = None
    orders_amount: Minor | None = None

    @model_validator(mode="after")
    def _limits_one_thing(self) -> Self:
        if len(self._said) != 1:
            raise ValueError(f"should have one of {', '.join(WHAT)}")
        if self.redemptions is not None and self.per is None and self.of in ELSEWHERE:
            raise ValueError(f"is said by {ELSEWHERE[self.of]}: send that, or name a period in per")
        return self

    @property
    def _said(self) -> dict[What, int]:
        said = {what: getattr(self, name) for name, what in WHAT.items()}
        return {what: most for what, most in said.items() if most is not None}

    @property
    def limited(self) -> tuple[str, ...]:
        """Name what is limited, of which two limits would be one too many."""
        return (self.of, self.per or "", *self._said)

    def to_domain(self) -> terms.Limit:
        [(what, most)] = self._said.items()
        return terms.Limit(of=self.of, per=self.per, what=what, most=most)


def _distinct(limits: Sequence[LimitBody]) -> Sequence[LimitBody]:
    if len({each.limited for each in limits}) < len(limits):
        raise ValueError("should limit the same thing once: of two the lower would hold")
    return limits


LimitBodies = Annotated[
    tuple[LimitBody, ...], Field(max_length=MOST_LIMITS), AfterValidator(_distinct)
]


def limit_body(limit: terms.Limit) -> LimitBody:
    """Write a limit; `to_domain` reads it as it was."""
    [name] = [name for name, what in WHAT.items() if what == limit.what]
    return LimitBody.model_validate({"of": limit.of, "per": limit.per, name: limit.most})
