"""Limits beside the two usual ones, as clients write them."""

from collections.abc import Sequence
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


class LimitBody(Body):
    """At most so many `redemptions`, or so much `discount_amount` in minor units; one of the two.

    Of the whole campaign, of each code, of each customer, or of each customer with each code; once
    and for all, or anew with each day, ISO week (it begins on Monday) or month of the project's
    time zone. What is counted "of a customer" needs a customer: a request that names none is
    refused with `missing_customer`.
    """

    of: Literal["campaign", "code", "customer", "customer_and_code"]
    per: Literal["day", "week", "month"] | None = None
    redemptions: fields.Limit | None = None
    discount_amount: Minor | None = None

    @model_validator(mode="after")
    def _limits_one_thing(self) -> Self:
        if (self.redemptions is None) == (self.discount_amount is None):
            raise ValueError("should have either redemptions or discount_amount")
        if self.redemptions is not None and self.per is None and self.of in ELSEWHERE:
            raise ValueError(f"is said by {ELSEWHERE[self.of]}: send that, or name a period in per")
        return self

    def to_domain(self) -> terms.Limit:
        if self.redemptions is not None:
            return terms.Limit(of=self.of, per=self.per, most=self.redemptions)
        most = self.discount_amount or 0
        return terms.Limit(of=self.of, per=self.per, what="discount", most=most)


def _distinct(limits: Sequence[LimitBody]) -> Sequence[LimitBody]:
    asked = [(each.of, each.per, each.redemptions is None) for each in limits]
    if len(set(asked)) < len(asked):
        raise ValueError("should limit the same thing once: of two the lower would hold")
    return limits


LimitBodies = Annotated[
    tuple[LimitBody, ...], Field(max_length=MOST_LIMITS), AfterValidator(_distinct)
]


def limit_body(limit: terms.Limit) -> LimitBody:
    """Write a limit; `to_domain` reads it as it was."""
    said = "discount_amount" if limit.what == "discount" else "redemptions"
    return LimitBody.model_validate({"of": limit.of, "per": limit.per, said: limit.most})
