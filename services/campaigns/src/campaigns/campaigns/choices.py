"""The partner and the category that a campaign's body chooses: by id, by name, or as usual."""

from dataclasses import dataclass
from typing import Final

from campaigns.categories import store as categories
from campaigns.partners import store as partners
from campaigns.refusals import InvalidError, NotFoundError
from contracts import ids
from servicekit.postgres.pool import Connection

DIRECT: Final = "Direct"  # the partner of campaigns that name none, as the official clients do


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    """A category named by id or by name; neither is none."""

    id: str | None = None
    name: str | None = None


async def partner_or_direct(conn: Connection, project_id: str, partner_id: str | None) -> str:
    if partner_id is not None:
        if not await partners.keep_as_is(conn, project_id, partner_id):
            raise NotFoundError("partner", partner_id)
        return partner_id
    direct = await partners.id_of_name(conn, project_id, DIRECT)
    if direct is None:
        return await partners.add(conn, project_id, ids.new("part_"), DIRECT)
    await partners.keep_as_is(conn, project_id, direct)
    return direct


async def category_id_of(conn: Connection, project_id: str, category: CategoryChoice) -> str | None:
    if category.id is not None:
        found = await categories.find(conn, project_id, category.id)
    elif category.name is not None:
        found = await categories.find_by_name(conn, project_id, category.name)
    else:
        return None
    if found is None:
        raise NotFoundError("category", category.id or category.name or "")
    if category.name not in {None, found.name}:
        raise InvalidError(
            "Properties .category and .category_id name different categories",
            f"{found.id} is {found.name}: send one of the two",
        )
    return found.id
