"""What redemption enforces of a campaign: one document, nested by question.

Additive: what a document does not say has the default that restricts nothing, so a term that is new
here leaves every campaign as it was. Deploy redemption first: a term that only campaigns knows is
read by nobody. A new kind of discount makes a whole snapshot unreadable to an older redemption;
analytics reads nothing of it.
"""

from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import Field

from contracts.event import Identifier, Model
from contracts.instants import Instant
from contracts.money import LARGEST_MINOR, BasisPoints, Count, Minor
from contracts.rules import Rule, ask_about_the_past, customer_properties, segment_ids

OrderEffect = Literal["APPLY_TO_ORDER"]
ItemsEffect = Literal["APPLY_TO_ITEMS"]
DividedEffect = Literal[
    "APPLY_TO_ITEMS_BY_QUANTITY",
    "APPLY_TO_ITEMS_PROPORTIONALLY",
    "APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY",
]
AddingEffect = Literal["ADD_MISSING_ITEMS", "ADD_NEW_ITEMS"]

MOST_TIERS = 20
MOST_UNITS = 20
MOST_TARGETS = 10_000
MOST_COLLECTIONS = 100
MOST_CHOICES = 20
SHIPPING: Final = "prod_5h1pp1ng"  # the product that a shop's shipping costs are a line of


class AmountTier(Model):
    """What an amount is where the order comes to so much or more, before any coupon."""

    from_minor: Minor
    amount_off_minor: Minor


class AmountOff(Model):
    """Takes a fixed amount off the order or its lines, never more than they come to.

    Off each line (APPLY_TO_ITEMS), off each unit of it (…_BY_QUANTITY), or once, divided among the
    lines by amount (…_PROPORTIONALLY) or by quantity; `most_together_minor` is the most off all
    lines. Of `tiers`, which rise, the last that the order reaches says the amount.
    """

    type: Literal["AMOUNT"] = "AMOUNT"
    amount_off_minor: Minor
    effect: OrderEffect | ItemsEffect | DividedEffect = "APPLY_TO_ORDER"
    tiers: Annotated[tuple[AmountTier, ...], Field(max_length=MOST_TIERS)] = ()
    most_together_minor: Minor | None = None

    def amount_for(self, order_minor: int) -> int:
        """Return the amount that is taken off an order of that size."""
        amount = self.amount_off_minor
        for tier in self.tiers:
            if order_minor >= tier.from_minor:
                amount = tier.amount_off_minor
        return amount


class PercentOff(Model):
    """Takes a share off the order, or off each line, rounded half up to the minor unit.

    `most_minor` is the most off the order, or off each line; `most_together_minor` off all lines.
    """

    type: Literal["PERCENT"] = "PERCENT"
    basis_points: BasisPoints
    most_minor: Minor | None = None
    effect: OrderEffect | ItemsEffect = "APPLY_TO_ORDER"
    most_together_minor: Minor | None = None


class FixedPrice(Model):
    """Takes off what the order, or each unit, comes to beyond a price; what is cheaper stays."""

    type: Literal["FIXED"] = "FIXED"
    price_minor: Minor
    effect: OrderEffect | ItemsEffect = "APPLY_TO_ORDER"


class Unit(Model):
    """So many of a product or a SKU for nothing: those that are in the order, or further ones."""

    item: Identifier
    quantity: Annotated[int, Field(strict=True, ge=1, le=LARGEST_MINOR)]
    effect: AddingEffect


class FreeUnits(Model):
    """Gives units for nothing; shipping costs too, which are a line of their own."""

    type: Literal["UNIT"] = "UNIT"
    units: Annotated[tuple[Unit, ...], Field(min_length=1, max_length=MOST_UNITS)]


Discount = Annotated[AmountOff | PercentOff | FixedPrice | FreeUnits, Field(discriminator="type")]


TargetIds = Annotated[tuple[Identifier, ...], Field(max_length=MOST_TARGETS)]


class Targets(Model):
    """Products and SKUs, by the ids that lines of orders name them by.

    Those of `collections` are among them where a campaign is published. There need be none, and
    then it is for nothing.
    """

    products: TargetIds = ()
    skus: TargetIds = ()
    collections: Annotated[tuple[Identifier, ...], Field(max_length=MOST_COLLECTIONS)] = ()

    def __bool__(self) -> bool:
        """Whether any is named."""
        return bool(self.products or self.skus or self.collections)

    def hold(self, product_id: str | None, sku_id: str | None) -> bool:
        """Tell whether a line of this product or SKU is among them."""
        return product_id in self._products or sku_id in self._skus

    @cached_property
    def _products(self) -> frozenset[str]:
        return frozenset(self.products)

    @cached_property
    def _skus(self) -> frozenset[str]:
        return frozenset(self.skus)


Selection = Literal[
    "APPLY_TO_EVERY",
    "APPLY_TO_CHEAPEST",
    "APPLY_FROM_CHEAPEST",
    "APPLY_TO_MOST_EXPENSIVE",
    "APPLY_FROM_MOST_EXPENSIVE",
]
Pieces = Annotated[int, Field(strict=True, ge=1, le=LARGEST_MINOR)]


class Choice(Model):
    """Which pieces of its lines a discount is for, where it is not for all of them.

    Of every line in turn, of the line whose pieces cost least or most alone (TO_), or from that one
    on (FROM_); at most so many of each line, and of all together. Without `targets` it is about all
    lines that the discount is for, else about those of them.
    """

    targets: Targets = Targets()
    by: Selection = "APPLY_TO_EVERY"
    most_of_line: Pieces | None = None
    most: Pieces | None = None


class ApplicableTo(Model):
    """What lines a discount is for: those that are included, or all, but those excluded.

    A line that several choices are about is the first one's.
    """

    included: Targets = Targets()
    excluded: Targets = Targets()
    choices: Annotated[tuple[Choice, ...], Field(max_length=MOST_CHOICES)] = ()

    def __bool__(self) -> bool:
        """Whether it leaves any line or piece out."""
        return bool(self.included or self.excluded or self.choices)

    def choice_of(self, product_id: str | None, sku_id: str | None) -> int | None:
        """Return which choice a line that is covered belongs to; None: it is for all of it."""
        for n, choice in enumerate(self.choices):
            if not choice.targets or choice.targets.hold(product_id, sku_id):
                return n
        return None

    def covers(self, product_id: str | None, sku_id: str | None) -> bool:
        """Tell whether a discount is for such a line."""
        if self.excluded.hold(product_id, sku_id):
            return False
        return not self.included or self.included.hold(product_id, sku_id)


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
