"""What a campaign's discount is for, as clients write it."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from campaigns.api.body import Body, Unsupported
from contracts.targets import (
    MOST_CHOICES,
    MOST_COLLECTIONS,
    MOST_TARGETS,
    ApplicableTo,
    Choice,
    Pieces,
    Selection,
    Targets,
)
from contracts.text import Trimmed

Kind = Literal["product", "sku", "products_collection"]
NARROWEST_FIRST: Final[tuple[Kind, ...]] = ("sku", "product", "products_collection")


def _is_unsaid(value: object) -> bool:
    return value is None


class ChoiceFields(Body):
    """Which pieces are meant, where not all of them are.

    `effect`: of every line, of the line whose pieces cost least or most alone (APPLY_TO_…), or from
    that one on (APPLY_FROM_…). `quantity_limit` is how many of each line at most,
    `aggregated_quantity_limit` of all together.
    """

    effect: Selection | None = Field(default=None, exclude_if=_is_unsaid)
    quantity_limit: Pieces | None = Field(default=None, exclude_if=_is_unsaid)
    aggregated_quantity_limit: Pieces | None = Field(default=None, exclude_if=_is_unsaid)

    @property
    def chooses(self) -> bool:
        limits = self.quantity_limit, self.aggregated_quantity_limit
        return self.effect not in {None, "APPLY_TO_EVERY"} or limits != (None, None)

    def to_choice(self, targets: Targets) -> Choice:
        return Choice(
            targets=targets,
            by=self.effect or "APPLY_TO_EVERY",
            most_of_line=self.quantity_limit,
            most=self.aggregated_quantity_limit,
        )


class TargetBody(ChoiceFields):
    """A product or a SKU, by the id that orders' lines name it by, or a collection of them."""

    object: Kind
    id: Trimmed
    source_id: Unsupported = None
    strict: Unsupported = None
    amount_limit: Unsupported = None
    aggregated_amount_limit: Unsupported = None
    price: Unsupported = None


TargetBodies = Annotated[tuple[TargetBody, ...], Field(max_length=MOST_TARGETS)]


class ApplicableToBody(ChoiceFields):
    """Lines that are included, or all of them, but those that are excluded.

    Which pieces of them is said of all together here (ours), or of single ones that are included:
    what is said of a SKU goes before what is said of its product, and that before a collection. So
    once one of them chooses, of another APPLY_TO_EVERY is a choice, too.
    """

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
        excluded = {(one.object, one.id) for one in self.excluded or ()}
        for one in self.included or ():
            if (one.object, one.id) in excluded:
                raise ValueError(
                    f"names {one.object} {one.id} as included and as excluded: nothing can be "
                    "both, take it out of one of them"
                )
        return self

    @model_validator(mode="after")
    def _chooses_once(self) -> Self:
        said = self._choosing()
        if said and self.chooses:
            raise ValueError("says of all and of single ones which pieces are meant: say it once")
        if len(said) > MOST_CHOICES:
            raise ValueError(f"should say of {MOST_CHOICES} at most which pieces are meant")
        times = Counter((each.object, each.id) for each in self.included or ())
        for each in said:
            if times[each.object, each.id] > 1:
                raise ValueError(
                    f"names {each.object} {each.id} twice: say once which pieces of it are meant"
                )
        if any(each.chooses for each in self.excluded or ()):
            raise ValueError("excluded should say no effect or quantity_limit: all of it is")
        return self

    def _choosing(self) -> list[TargetBody]:
        """Return of which single ones something is said, if that leaves any piece out."""
        included = self.included or ()
        if not (self.chooses or any(each.chooses for each in included)):
            return []
        return [each for each in included if each.chooses or each.effect is not None]

    def to_domain(self) -> ApplicableTo:
        included = self.included or ()
        choosing = sorted(self._choosing(), key=lambda each: NARROWEST_FIRST.index(each.object))
        choices = [each.to_choice(_targets((each,))) for each in choosing]
        if self.chooses:
            choices = [self.to_choice(Targets())]
        return ApplicableTo(
            included=_targets(included),
            excluded=_targets(self.excluded or ()),
            choices=tuple(choices),
        )


def applicable_body(applicable_to: ApplicableTo) -> ApplicableToBody | None:
    """Write what a discount is for; None is "for everything"."""
    if not applicable_to:
        return None
    of_all = [each for each in applicable_to.choices if not each.targets]
    return ApplicableToBody(
        included=_bodies(applicable_to.included, applicable_to.choices),
        excluded=_bodies(applicable_to.excluded),
        included_all=not applicable_to.included,
        **_said(of_all[0] if of_all else None),
    )


def _said(choice: Choice | None) -> dict[str, Any]:
    if choice is None:
        return {}
    return {
        "effect": choice.by,
        "quantity_limit": choice.most_of_line,
        "aggregated_quantity_limit": choice.most,
    }


def _targets(bodies: Sequence[TargetBody]) -> Targets:
    return Targets(
        products=tuple(dict.fromkeys(each.id for each in bodies if each.object == "product")),
        skus=tuple(dict.fromkeys(each.id for each in bodies if each.object == "sku")),
        collections=tuple(
            dict.fromkeys(each.id for each in bodies if each.object == "products_collection")
        ),
    )


def _bodies(targets: Targets, choices: Sequence[Choice] = ()) -> tuple[TargetBody, ...]:
    chosen = {key: each for each in choices for key in _keys(each.targets)}
    return tuple(
        TargetBody(object=kind, id=id_, **_said(chosen.get((kind, id_))))
        for kind, id_ in _keys(targets)
    )


def _keys(targets: Targets) -> list[tuple[Kind, str]]:
    return [
        *[("product", each) for each in targets.products],
        *[("sku", each) for each in targets.skus],
        *[("products_collection", each) for each in targets.collections],
    ]
