"""A segment of customers as redemption judges it: a list of them, or a filter of their facts.

A filter is judged at each decision, and no membership of it is kept anywhere. A customer whom
nobody has seen before is judged as one who is new.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from contracts.conditions import Condition, Kind, refuse_wrong_kind
from contracts.contradictions import refuse_contradictions
from contracts.event import Event, Identifier, Model
from contracts.money import Count

MOST_MEMBERS: Final = 20_000  # of a list: so many ids are two thirds of what Kafka takes at once
MOST_CRITERIA: Final = 50
MOST_IN_REPORTS: Final = 20  # of a project's: each is judged with each redemption
METADATA: Final = "metadata."

# What is known of a customer beside the metadata; amounts in minor units, of orders that are paid.
ATTRIBUTES: Final[dict[str, Kind]] = {
    "created_at": "moment",
    "is_new": "flag",
    "summary.orders.total_count": "number",
    "summary.orders.total_amount": "number",
    "summary.orders.first_order_date": "moment",
    "summary.orders.last_order_date": "moment",
}

SegmentType = Literal["static", "auto-update", "passive"]


class UnknownAttributeError(ValueError):
    """A filter asks for what is not known of customers."""

    def __init__(self, attribute: str) -> None:
        known = ", ".join([*ATTRIBUTES, f"{METADATA}<name>"])
        super().__init__(f"{attribute[:100]} is unknown of customers, known are {known}")


def kind_of(attribute: str) -> Kind:
    """Return of which kind an attribute is; raise UnknownAttributeError for one that is none."""
    if attribute.startswith(METADATA) and len(attribute) > len(METADATA):
        return "any"
    kind = ATTRIBUTES.get(attribute)
    if kind is None:
        raise UnknownAttributeError(attribute)
    return kind


class Criterion(Model):
    """What one attribute has to be: all of its conditions have to hold."""

    attribute: Identifier
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _fits_its_attribute(self) -> "Criterion":
        kind = kind_of(self.attribute)
        try:
            refuse_wrong_kind(kind, self.conditions)
            refuse_contradictions(kind, self.conditions)
        except ValueError as error:
            raise ValueError(f"{self.attribute}: {error}") from error
        return self


class Filter(Model):
    """All of the criteria have to be met, or one of them."""

    junction: Literal["and", "or"] = "and"
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1, max_length=MOST_CRITERIA)]


class SegmentSnapshot(Model):
    """A segment as it now is: of customers by their ids, or by a filter; neither: of nobody.

    One that was deleted is of nobody for ever. `auto-update` and `passive` are filters alike: who
    enters or leaves is judged when somebody asks. Of one that is `in_reports` outcomes tell whether
    the customer was in it.
    """

    id: Identifier
    version: Count
    name: Identifier
    type: SegmentType
    filter: Filter | None = None
    members: Annotated[tuple[Identifier, ...], Field(max_length=MOST_MEMBERS)] = ()
    in_reports: bool = False
    deleted: bool = False


class SegmentChanged(Event):
    """The whole segment as it now is; the highest version wins."""

    type: Literal["coupons.segment.changed.v1"] = "coupons.segment.changed.v1"
    data: SegmentSnapshot
