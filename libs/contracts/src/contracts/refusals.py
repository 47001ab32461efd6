"""What a refused code went without: for machines, beside the sentence for people."""

from typing import Literal

from contracts.event import Model
from contracts.instants import Instant
from contracts.money import Count, Currency, Minor


class WouldPass(Model):
    """What would have made a code pass; what there is nothing to say of is absent.

    It is not active before `starts_at`, it was until `ends_at`, exclusive, or it is again at
    `opens_at`. Of `limit` uses there are `uses_left` beside this request's own. Of a budget
    of `budget_minor` there are `left_minor`, which is `amount_short` too little. Either is whole
    again at `resets_at`, where it is per day, week or month. `missing` was not sent; amounts are to
    be in `currency`. The `condition` of the validation rule `rule_id`, called `rule`, is to be as
    `wanted` says, and `found` was found (of `property`, where it asks for one): a number, a yes or
    no, or text, such as which products; what its author would have the customer told is `message`.
    """

    starts_at: Instant | None = None
    ends_at: Instant | None = None
    opens_at: Instant | None = None
    limit: Count | None = None
    uses_left: Count | None = None
    budget_minor: Minor | None = None
    left_minor: Minor | None = None
    amount_short: Minor | None = None
    resets_at: Instant | None = None
    missing: Literal["customer", "order", "order_items", "applicable_items"] | None = None
    currency: Currency | None = None
    rule_id: str | None = None
    rule: str | None = None
    condition: str | None = None
    property: str | None = None
    wanted: str | None = None
    found: bool | int | str | None = None
    message: str | None = None
