"""What a campaign's discount is for, as clients write it."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from campaigns.api.body import Body, Unsupported
from contracts.terms import MOST_COLLECTIONS, MOST_TARGETS, ApplicableTo, Targets
from contracts.text import Trimmed


class TargetBody(Body):
    """A product or a SKU, by the id that orders' lines name it by, or a collection of them."""

    object: Literal["product", "sku", "products_collection"]
    id: Trimmed
    source_id: Unsupported = None
    strict: Unsupported = None
    effect: Literal["APPLY_TO_EVERY"] | None = Field(default=None, exclude=True)
    quantity_limit: Unsupported = None
    aggregated_quantity_limit: Unsupported = None
    amount_limit: Unsupported = None
    aggregated_amount_limit: Unsupported = None
    price: Unsupported = None


TargetBodies = Annotated[tuple[TargetBody, ...], Field(max_length=MOST_TARGETS)]


class ApplicableToBody(Body):
    """Lines that are included, or all of them, but those that are excluded."""

    included: TargetBodies | None = None
    excluded: TargetBodies | None = None
    included_all: bool | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.included_all is not None and self.included_all == bool(self.included):
            raise ValueError("included_all should be true where included is empty, and only there")
        for each in (self.included or (), self.excluded or ()):
            if sum(one.object == "products_collection" for one in each) > MOST_COLLECTIONS:
                raise ValueError(f"should name {MOST_COLLECTIONS:,} collections at most")
        if len(self.included or ()) + len(self.excluded or ()) > MOST_TARGETS:
            raise ValueError(f"should name {MOST_TARGETS:,} products and SKUs at most")
        return self

    def to_domain(self) -> ApplicableTo:
        return ApplicableTo(
            included=_targets(self.included or ()), excluded=_targets(self.excluded or ())
        )


def applicable_body(applicable_to: ApplicableTo) -> ApplicableToBody | None:
    """Write what a discount is for; None is "for everything"."""
    if not applicable_to:
        return None
    return ApplicableToBody(
        included=_bodies(applicable_to.included),
        excluded=_bodies(applicable_to.excluded),
        included_all=not applicable_to.included,
    )


def _targets(bodies: Sequence[TargetBody]) -> Targets:
    return Targets(
        products=tuple(dict.fromkeys(each.id for each in bodies if each.object == "product")),
        skus=tuple(dict.fromkeys(each.id for each in bodies if each.object == "sku")),
        collections=tuple(
            dict.fromkeys(each.id for each in bodies if each.object == "products_collection")
        ),
    )


def _bodies(targets: Targets) -> tuple[TargetBody, ...]:
    return (
        *[TargetBody(object="product", id=each) for each in targets.products],
        *[TargetBody(object="sku", id=each) for each in targets.skus],
        *[TargetBody(object="products_collection", id=each) for each in targets.collections],
    )
