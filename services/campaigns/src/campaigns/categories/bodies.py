"""Categories as clients write and read them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from campaigns.api.body import Body, Unsupported, example
from campaigns.api.fields import Name
from campaigns.api.voucherify import ReadBack
from campaigns.catalogue import Category
from contracts.instants import Instant


class CategoryBody(Body):
    """Both fields are needed, for a change too."""

    model_config = example(name="Seasonal", hierarchy=1)

    name: Name
    hierarchy: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
    stacking_rules_type: Unsupported = None


class CategoryChanges(CategoryBody, ReadBack):
    """The whole category as it is to be."""


class CategoryObject(BaseModel):
    id: str
    name: str
    hierarchy: int
    created_at: Instant
    updated_at: Instant | None
    object: Literal["category"] = "category"


class Categories(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[CategoryObject]
    total: int


def category_response(category: Category) -> CategoryObject:
    return CategoryObject.model_validate(category, from_attributes=True)
