"""Segments as clients write and read them."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from campaigns.api.body import Body, example
from campaigns.api.fields import Name
from campaigns.api.versions import Versioned
from campaigns.api.voucherify import ReadBack
from campaigns.catalogue import Segment
from campaigns.segments import filters
from contracts.instants import Instant
from contracts.segments import MOST_IN_REPORTS, MOST_MEMBERS, Filter, SegmentType
from contracts.text import Trimmed

InReports = Annotated[
    bool,
    Field(
        description="Whether reports tell what its customers brought, from now on; "
        f"{MOST_IN_REPORTS} of a project at most."
    ),
]
SentFilter = Annotated[Filter, BeforeValidator(filters.read), WithJsonSchema(filters.SCHEMA)]
Customers = Annotated[
    list[Trimmed],
    Field(
        max_length=MOST_MEMBERS,
        description="Customers by their ids (`cust_…`), or by your own ids of them.",
    ),
]


class NewSegment(Body):
    """A list of customers (`static`), or a filter; `auto-update` and `passive` mean the same."""

    model_config = example(
        name="Asleep",
        type="passive",
        filter={"summary.orders.last_order_date": {"conditions": {"$more_than_ago": [60]}}},
    )

    name: Name
    type: SegmentType
    customers: Customers | None = None
    filter: SentFilter | None = None
    in_reports: InReports = False

    @model_validator(mode="after")
    def _has_what_its_type_has(self) -> Self:
        if self.type == "static" and self.filter is not None:
            raise ValueError("a static segment is a list of `customers`, and has no `filter`")
        if self.type != "static" and (self.filter is None or self.customers is not None):
            raise ValueError(f"a segment of type {self.type} has a `filter`, and no `customers`")
        return self


class SegmentChanges(Versioned, ReadBack):
    """What is absent stays. A list is sent whole; a segment stays of its type."""

    model_config = example(name="Asleep for long")

    name: Name | None = None
    customers: Customers | None = None
    filter: SentFilter | None = None
    in_reports: InReports | None = None
    type: Annotated[SegmentType | None, Field(description="As it is: it stays so.")] = None

    customers_count: Any = Field(default=None, exclude=True, description="Ignored: an answer's own")


class SegmentObject(BaseModel):
    """`customers_count` is of a list; of a filter `GET /v1/customers?segment_id=` counts them."""

    id: str
    name: str
    type: SegmentType
    filter: Annotated[dict[str, Any], WithJsonSchema(filters.SCHEMA)] | None
    customers_count: int | None
    in_reports: bool
    created_at: Instant
    updated_at: Instant | None
    version: int
    object: Literal["segment"] = "segment"


class Segments(BaseModel):
    """Newest first."""

    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[SegmentObject]
    total: int


class MemberObject(BaseModel):
    id: str
    object: Literal["customer"] = "customer"


class Members(BaseModel):
    """In the order of their ids."""

    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[MemberObject]
    total: int


def segment_response(segment: Segment) -> SegmentObject:
    return SegmentObject(
        id=segment.id,
        name=segment.name,
        type=segment.type,
        filter=None if segment.filter is None else filters.spelled(segment.filter),
        customers_count=segment.members_count if segment.type == "static" else None,
        in_reports=segment.in_reports,
        created_at=segment.created_at,
        updated_at=segment.updated_at,
        version=segment.version,
    )


def members_response(members: list[str], total: int) -> Members:
    return Members(data=[MemberObject(id=each) for each in members], total=total)
