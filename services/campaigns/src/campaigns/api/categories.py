"""Categories: what campaigns are grouped by."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from campaigns import define
from campaigns.api.access import By, Given
from campaigns.api.fields import Body, Name, Segment
from campaigns.api.waiting import hope_for_campaigns
from campaigns.definitions import Category
from campaigns.store import categories
from campaigns.store.connecting import transaction
from contracts.instants import Instant

router = APIRouter(prefix="/v1/categories", tags=["categories"])


class CategoryBody(Body):
    """Both fields are needed, for a change too."""

    name: Name
    hierarchy: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


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


@router.post("")
async def create_category(new: CategoryBody, by: By, tools: Given) -> CategoryObject:
    async with transaction(tools.pool) as conn:
        return _shown(await define.add_category(conn, by.project_id, new.name, new.hierarchy))


@router.get("")
async def list_categories(by: By, tools: Given) -> Categories:
    async with transaction(tools.pool) as conn:
        found = await categories.every(conn, by.project_id)
    return Categories(data=[_shown(category) for category in found], total=len(found))


@router.get("/{category}")
async def get_category(category: Segment, by: By, tools: Given) -> CategoryObject:
    async with transaction(tools.pool) as conn:
        return _shown(await define.category_of(conn, by.project_id, category))


@router.put("/{category}")
async def update_category(
    category: Segment, body: CategoryBody, by: By, tools: Given
) -> CategoryObject:
    async with transaction(tools.pool) as conn:
        changed, campaigns = await define.change_category(
            conn, by.project_id, category, body.name, body.hierarchy
        )
    await hope_for_campaigns(tools.enforcement, by.project_id, campaigns)
    return _shown(changed)


@router.delete("/{category}", status_code=204)
async def delete_category(category: Segment, by: By, tools: Given) -> Response:
    """Delete a category that no campaign is in."""
    async with transaction(tools.pool) as conn:
        await define.remove_category(conn, by.project_id, category)
    return Response(status_code=204)


def _shown(category: Category) -> CategoryObject:
    return CategoryObject.model_validate(category, from_attributes=True)
