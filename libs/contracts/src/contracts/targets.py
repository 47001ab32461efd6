"""Which lines of an order a discount is for, and which pieces of them."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from contracts.event import Identifier, Model
from contracts.money import LARGEST_MINOR

MOST_TARGETS = 10_000
MOST_COLLECTIONS = 100
MOST_CHOICES = 20

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
