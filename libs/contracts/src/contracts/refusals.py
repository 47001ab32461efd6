"""What a refused code went without: for machines, beside the sentence for people."""

from typing import Literal

from contracts.event import Model
from contracts.instants import Instant
from contracts.money import Count, Currency, Minor


class WouldPass(Model):
    """What would have made a code pass; what there is nothing to say of is absent.

    It is not active before `starts_at`, it was until `ends_at`, exclusive, or it is again at
    `opens_at`. Of `limit` uses there are `uses_left` beside this request's own. Of a budget
    of `budget_minor` there are `left_minor`, which is `amount_short` too little. `missing` was not
    sent; amounts are to be in `currency`.
    """

    starts_at: Instant | None = None
    ends_at: Instant | None = None
    opens_at: Instant | None = None
    limit: Count | None = None
    uses_left: Count | None = None
    budget_minor: Minor | None = None
    left_minor: Minor | None = None
    amount_short: Minor | None = None
    missing: Literal["customer", "order", "order_items", "applicable_items"] | None = None
    currency: Currency | None = None
