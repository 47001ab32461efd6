"""Adds, amends and removes categories. The caller opened the transaction."""

import secrets
from typing import Final

from campaigns.campaigns import versions
from campaigns.campaigns.verbs import publish_snapshots
from campaigns.catalogue import Category
from campaigns.categories import store as categories
from campaigns.model import Campaign
from campaigns.projects import store as projects
from campaigns.referrers import store as referrers
from campaigns.refusals import InvalidError, NotFoundError, check_unused
from servicekit.postgres.pool import Connection

MOST_CATEGORIES: Final = 1_000  # a list of them has no pages


async def add(conn: Connection, project_id: str, name: str, hierarchy: int) -> Category:
    """Add a category; a name that exists raises a unique violation."""
    await projects.lock(conn, project_id)
    if await categories.count(conn, project_id) >= MOST_CATEGORIES:
        raise InvalidError(
            f"A project has {MOST_CATEGORIES:,} categories at most", "remove some of them"
        )
    category_id = "cat_" + secrets.token_hex(9)
    await categories.add(conn, project_id, category_id, name, hierarchy)
    return await get(conn, project_id, category_id)


async def amend(
    conn: Connection, project_id: str, category_id: str, name: str, hierarchy: int
) -> tuple[Category, Category, list[Campaign]]:
    """Write a category; return it before and after, and the campaigns that name it anew."""
    await projects.lock(conn, project_id)
    before = await get(conn, project_id, category_id)
    await categories.change(conn, project_id, category_id, name, hierarchy)
    changed = await get(conn, project_id, category_id)
    if (changed.name, changed.hierarchy) == (before.name, before.hierarchy):
        return before, changed, []
    concerned = await versions.bump(conn, project_id, category_id=category_id)
    return before, changed, await publish_snapshots(conn, project_id, concerned)


async def remove(conn: Connection, project_id: str, category_id: str) -> Category:
    """Remove a category that no campaign is in, and return it."""
    await projects.lock(conn, project_id)
    removed = await get(conn, project_id, category_id)
    check_unused(await referrers.of_category(conn, project_id, category_id))
    await categories.remove(conn, project_id, category_id)
    return removed


async def get(conn: Connection, project_id: str, category_id: str) -> Category:
    found = await categories.find(conn, project_id, category_id)
    if found is None:
        raise NotFoundError("category", category_id)
    return found
