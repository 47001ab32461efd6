"""What the oracle is told: campaigns, codes, rules, segments and how codes stack. Plain values."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True)
class Quota:
    """At most so much of one thing."""

    of: Literal["campaign", "code", "customer", "customer_and_code"]
    per: Literal["day", "week", "month"] | None
    what: Literal["redemptions", "discount", "order"]
    most: int


@dataclass(frozen=True)
class Condition:
    """What one value has to be; `named` is a property's, or a product's."""

    name: str
    operator: str
    value: Any
    named: str | None = None


@dataclass(frozen=True)
class Rule:
    """A tree of `("and", a, b)`, `("or", a, b)`, `("not", a)` and keys of conditions."""

    id: str
    tree: Any
    conditions: dict[str, Condition]
    message: str | None = None


@dataclass(frozen=True)
class Discount:
    """What comes off: an amount, a share in percent, all beyond a price, or so many units.

    `only` is for lines of one product. `cap` is the most off the order, or off each line, and
    `together` off all lines. Of `tiers`, (from, amount), the last that an order reaches holds.
    """

    kind: Literal["amount", "percent", "fixed", "unit"]
    off: int
    effect: Literal[
        "order", "items", "by_quantity", "divided", "divided_by_quantity", "missing", "new"
    ] = "order"
    only: str | None = None
    cap: int | None = None
    together: int | None = None
    tiers: tuple[tuple[int, int], ...] = ()
    unit: str = ""  # the product that is given

    @property
    def is_for_lines(self) -> bool:
        return self.only is not None or (self.kind != "unit" and self.effect != "order")

    @property
    def needs_an_order(self) -> bool:
        return self.is_for_lines or self.kind != "amount" or bool(self.tiers)


@dataclass(frozen=True)
class Campaign:
    """A campaign as it is in force; its days are by a clock so many hours ahead of UTC."""

    id: str
    discount: Discount
    hours_ahead: int = 1
    active: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    total: int | None = None
    per_customer: int | None = None
    quotas: tuple[Quota, ...] = ()
    rules: tuple[Rule, ...] = ()
    own_rules: tuple[tuple[Rule, frozenset[str]], ...] = ()  # of these codes alone
    category: str | None = None
    hierarchy: int = 0
    gives_use: bool = True
    gives_budget: bool = True
    follows_orders: bool = False


@dataclass(frozen=True)
class Code:
    campaign: str
    quantity: int | None = None
    active: bool = True
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Stacking:
    partial: bool = False
    by_hierarchy: bool = False
    most: int = 30
    most_of_category: int = 30
    most_exclusive: int = 30
    exclusive: frozenset[str] = frozenset()
    joint: frozenset[str] = frozenset()
    skips_no_effect: bool = False


@dataclass(frozen=True)
class Segment:
    """A list of customers, or those who spent so much, or who are new."""

    members: frozenset[str] | None = None
    spent: int | None = None
    is_new: bool | None = None


@dataclass(frozen=True)
class Line:
    product: str
    amount: int
    quantity: int


@dataclass(frozen=True)
class Wish:
    """What somebody would redeem: `amount` is None where there is no order."""

    codes: tuple[str, ...]
    customer: str | None
    amount: int | None
    at: datetime
    order_id: str | None = None
    lines: tuple[Line, ...] = ()
    currency: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    of_customer: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Word:
    """What a shop tells of an order; None is "as it was", where it may be left out."""

    order_id: str
    at: datetime
    status: str | None
    amount: int | None
    refunded: int | None
    customer: str | None
    version: int | None
    by_http: bool = False
