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
class Campaign:
    """A campaign as it is in force; `off` is an amount, or a share where `is_percent`."""

    id: str
    off: int
    is_percent: bool = False
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
