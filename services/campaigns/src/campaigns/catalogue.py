"""What campaigns and their terms name: categories, segments, validation rules, products."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.actors import Target, TargetKind
from campaigns.limiting import WrittenExpression, WrittenRule
from contracts.segments import Filter, SegmentType


@dataclass(frozen=True, slots=True)
class Category:
    """Groups campaigns; a lower hierarchy comes first."""

    id: str
    name: str
    hierarchy: int
    created_at: datetime
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of customers: a list (`static`), whose members are read apart, or a filter."""

    id: str
    version: int
    name: str
    type: SegmentType
    filter: Filter | None
    members_count: int
    in_reports: bool
    created_at: datetime
    updated_at: datetime | None

    @property
    def target(self) -> Target:
        return Target("segment", self.id, self.name)


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """What orders, customers and redemptions have to be like, wherever it is assigned."""

    id: str
    version: int
    name: str
    expression: WrittenExpression
    message: str | None
    context_type: str
    assignments_count: int
    created_at: datetime
    updated_at: datetime | None

    @property
    def target(self) -> Target:
        return Target("validation_rule", self.id, self.name)


@dataclass(frozen=True, slots=True)
class Assignment:
    """That a rule holds for a campaign, or for one code of it alone."""

    id: str
    rule_id: str
    campaign_id: str
    created_at: datetime
    voucher_id: str | None = None


@dataclass(frozen=True, slots=True)
class AssignedRule:
    """A rule as it holds for a campaign, and since when it does."""

    assignment: Assignment
    rule: WrittenRule


@dataclass(frozen=True, slots=True)
class RuleOfCodes:
    """A rule that single codes of a campaign have of their own, by their ids."""

    campaign_id: str
    rule: WrittenRule
    voucher_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Something that a shop sells; a SKU is one that is `of_product`."""

    id: str
    of_product: str | None
    source_id: str | None
    name: str | None
    price: int | None
    metadata: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime | None

    @property
    def target(self) -> Target:
        kind: TargetKind = "product" if self.of_product is None else "sku"
        return Target(kind, self.id, self.name or self.source_id or self.id)


@dataclass(frozen=True, slots=True)
class ProductCollection:
    """Products and SKUs that are named together; what they are is read apart."""

    id: str
    version: int
    name: str
    products_count: int
    created_at: datetime
    updated_at: datetime | None

    @property
    def target(self) -> Target:
        return Target("products_collection", self.id, self.name)
