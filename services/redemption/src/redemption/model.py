"""The words of the decision path: what is asked, what a code promises, what was decided.

Named tuples, because a batch makes a thousand of each and they cost half of a frozen dataclass.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, TypeAlias

from contracts.baskets import Customer, Order
from contracts.campaigns import CommissionPlan
from contracts.redemptions import Reason
from contracts.terms import Terms
from redemption.moments.periods import Period

# (project id, the thing's own id): the same text in two projects is two things, in one batch too.
CampaignKey: TypeAlias = tuple[str, str]
CodeKey: TypeAlias = tuple[str, str]
CustomerKey: TypeAlias = tuple[str, str]
# The validation rules of a campaign and its codes: judge a case, and what is taken off its order.
# Of refusals for the reasons that are passed over, none is given: what the next rule says is.
Judge: TypeAlias = Callable[["Case", int, AbstractSet[Reason]], "Refusal | None"]
OrderKey: TypeAlias = tuple[str, str]  # with the shop's own id
SegmentKey: TypeAlias = tuple[str, str]


class Place(NamedTuple):
    """Where a code stands for ever: the campaign that it belongs to, and the number of its row."""

    campaign: CampaignKey
    number: int


class Request(NamedTuple):
    """A request to spend codes together, judged at `at`: its record's timestamp, or its receipt.

    `key` identifies the request for ever, `fingerprint` tells whether the same thing is asked, by
    HTTP or by Kafka. `tracking_id` and `metadata` come back with the redemption.
    `caller` is the API key or the topic that it came by. Customer and order are the contract's or
    their twins; `customer_id` is the pseudonym of the former. By Kafka, `reply` asks for an answer.
    """

    project_id: str
    key: bytes
    fingerprint: bytes
    request_id: str | None
    code_keys: tuple[CodeKey, ...]
    customer_id: str | None
    customer: Customer | None
    order: Order | None
    tracking_id: str | None
    visit_id: str | None
    metadata: Mapping[str, Any]
    caller: str
    at: datetime
    traceparent: str | None = None
    reply: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """Return its codes as they were asked for, in their order."""
        return tuple([code for _, code in self.code_keys])


class Campaign(NamedTuple):
    """A campaign in one version: nothing here changes without a higher version."""

    id: str
    version: int
    name: str
    partner_id: str
    channel: str
    category_id: str | None
    category_hierarchy: int | None
    currency: str
    time_zone: str  # of its project
    terms: Terms
    commission_plan: CommissionPlan
    margin_basis_points: int
    judge: Judge | None = None  # made of the terms, once for each version


class Voucher(NamedTuple):
    """A code as read behind its campaign's lock; a quantity of None is "without limit".

    `ends_at` is an end of its own, beside its campaign's. It is not active before its campaign's
    version `active_from_version`.
    """

    id: str
    active: bool
    quantity: int | None
    sequence: int
    number: int  # of its row
    ends_at: datetime | None = None
    active_from_version: int | None = None


class Offer(NamedTuple):
    """What a code promises now; switches and quantities are as read behind the lock."""

    project_id: str
    code: str
    voucher: Voucher
    campaign: Campaign
    campaign_active: bool

    @property
    def ends_at(self) -> datetime | None:
        """Return when it ends: with its campaign, or sooner, where it has an end of its own."""
        of_campaign, own = self.campaign.terms.validity.ends_at, self.voucher.ends_at
        if of_campaign is None or own is None:
            return own if of_campaign is None else of_campaign
        return min(of_campaign, own)


class CounterKey(NamedTuple):
    """What is counted in a campaign: its kind of limit, and the code, customer or period of it."""

    project_id: str
    campaign_id: str
    kind: str
    subject: str


class Claim(NamedTuple):
    """What a use needs: an amount of a counter that may reach `limit`; None is "without".

    `hint` is for who is refused, with `{limit}`, `{left}` and `{amount}` where the numbers stand. A
    limit `per` something is whole again with the next one.
    """

    counter: CounterKey
    amount: int
    limit: int | None
    reason: Reason
    hint: str
    per: Period | None = None


class Refusal(NamedTuple):
    """Why not, and what would have made it pass: in words, and by the names of the contract's."""

    reason: Reason
    hint: str = ""
    would_pass: Mapping[str, str | int] | None = None


class Coded(Protocol):
    """A code and its campaign: what limits are of."""

    @property
    def project_id(self) -> str: ...

    @property
    def code(self) -> str: ...

    @property
    def campaign(self) -> Campaign: ...


class Use(Protocol):
    """By whom and when a code is used: what limits count by."""

    @property
    def customer_id(self) -> str | None: ...

    @property
    def at(self) -> datetime: ...


class CustomerFacts(NamedTuple):
    """What a customer did before, this very order left out; of who is not known, nothing.

    `spent_minor` is what paid orders came to before coupons, less what was refunded of them. New is
    who has paid no order before, with or without a coupon, and redeemed none.
    """

    paid_orders: int = 0
    spent_minor: int = 0
    first_paid_at: datetime | None = None
    last_paid_at: datetime | None = None
    created_at: datetime | None = None
    metadata: Mapping[str, Any] = MappingProxyType({})
    is_new: bool = True


class Case(NamedTuple):
    """All that a check may look at: a code of a request, and what is left of the order by now.

    Of a customer whom the terms do not ask about there are no facts.
    """

    request: Request
    offer: Offer
    order_left_minor: int | None
    customer: CustomerFacts | None = None
    segments: frozenset[str] = frozenset()  # of those that the terms name, what the customer is in
