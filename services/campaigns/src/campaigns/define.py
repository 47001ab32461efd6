"""Defines partners, categories and campaigns. The caller opened the transaction.

Each verb that writes a snapshot first locks the project: snapshots embed the names of partners
and categories, and none may change between being read and being written.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from campaigns import snapshots
from campaigns.definitions import Campaign, Category, Codes, Partner, Terms
from campaigns.refusals import InvalidError, NotFoundError
from campaigns.store import campaigns, categories, outbox, partners, projects
from campaigns.store.connecting import Connection
from contracts import ids

DIRECT = "Direct"  # the partner of campaigns that name none, as the official clients do


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    """A category named by id or by name; neither is none."""

    id: str | None = None
    name: str | None = None


async def create_campaign(
    conn: Connection,
    project_id: str,
    terms: Terms,
    *,
    partner_id: str | None,
    category: CategoryChoice,
    codes: Codes,
) -> Campaign:
    """Create a campaign and tell the others; a name that exists raises a unique violation."""
    _refuse_empty_window(terms)
    await projects.lock(conn, project_id)
    partner = await _partner_or_direct(conn, project_id, partner_id)
    category_id = await _category_id(conn, project_id, category)
    campaign_id = ids.new("camp_")
    await campaigns.add(
        conn,
        project_id,
        campaign_id,
        terms,
        partner_id=partner,
        category_id=category_id,
        codes=codes,
    )
    [campaign] = await tell(conn, project_id, [campaign_id])
    return campaign


async def amend_campaign(
    conn: Connection,
    project_id: str,
    named: str,
    amend: Callable[[Terms], Terms],
    category: CategoryChoice | None,
) -> Campaign:
    """Change a campaign's terms, as its next version; no choice of category leaves it."""
    await projects.lock(conn, project_id)
    current = await campaigns.lock(conn, project_id, named)
    if current is None:
        raise NotFoundError("campaign", named)
    terms = amend(current.terms)
    _refuse_empty_window(terms)
    if category is None:
        category_id = None if current.category is None else current.category.id
    else:
        category_id = await _category_id(conn, project_id, category)
    await campaigns.change(conn, project_id, current.id, terms, category_id)
    [campaign] = await tell(conn, project_id, [current.id])
    return campaign


async def amend_partner(
    conn: Connection, project_id: str, partner_id: str, amend: Callable[[Partner], Partner]
) -> tuple[Partner, list[Campaign]]:
    """Change a partner; return the campaigns whose snapshots name it, told again."""
    await projects.lock(conn, project_id)
    current = await partners.find(conn, project_id, partner_id)
    if current is None:
        raise NotFoundError("partner", partner_id)
    await partners.change(conn, project_id, amend(current))
    changed = await partners.find(conn, project_id, partner_id)
    named = await campaigns.advance(conn, project_id, partner_id=partner_id)
    return changed or current, await tell(conn, project_id, named)


async def add_category(conn: Connection, project_id: str, name: str, hierarchy: int) -> Category:
    """Add a category; a name that exists raises a unique violation."""
    category_id = "cat_" + secrets.token_hex(9)
    await categories.add(conn, project_id, category_id, name, hierarchy)
    return await category_of(conn, project_id, category_id)


async def change_category(
    conn: Connection, project_id: str, category_id: str, name: str, hierarchy: int
) -> tuple[Category, list[Campaign]]:
    """Write a category; return the campaigns whose snapshots name it, told again."""
    await projects.lock(conn, project_id)
    await categories.change(conn, project_id, category_id, name, hierarchy)
    changed = await category_of(conn, project_id, category_id)
    named = await campaigns.advance(conn, project_id, category_id=category_id)
    return changed, await tell(conn, project_id, named)


async def remove_category(conn: Connection, project_id: str, category_id: str) -> None:
    """Remove a category; one that a campaign is in raises a foreign key violation."""
    await projects.lock(conn, project_id)
    if not await categories.remove(conn, project_id, category_id):
        raise NotFoundError("category", category_id)


async def category_of(conn: Connection, project_id: str, category_id: str) -> Category:
    found = await categories.find(conn, project_id, category_id)
    if found is None:
        raise NotFoundError("category", category_id)
    return found


async def tell(conn: Connection, project_id: str, campaign_ids: list[str]) -> list[Campaign]:
    """Publish campaigns as this transaction leaves them."""
    changed = await campaigns.every(conn, project_id, campaign_ids)
    await outbox.write(conn, [snapshots.of_campaign(project_id, each) for each in changed])
    return changed


async def _partner_or_direct(conn: Connection, project_id: str, partner_id: str | None) -> str:
    if partner_id is not None:
        if await partners.find(conn, project_id, partner_id) is None:
            raise NotFoundError("partner", partner_id)
        return partner_id
    direct = await partners.named(conn, project_id, DIRECT)
    if direct is None:
        return await partners.add(conn, project_id, ids.new("part_"), DIRECT)
    return direct.id


async def _category_id(conn: Connection, project_id: str, category: CategoryChoice) -> str | None:
    if category.id is not None:
        return (await category_of(conn, project_id, category.id)).id
    if category.name is None:
        return None
    found = await categories.named(conn, project_id, category.name)
    if found is None:
        raise NotFoundError("category", category.name)
    return found.id


def _refuse_empty_window(terms: Terms) -> None:
    if terms.starts_at is None or terms.ends_at is None or terms.starts_at < terms.ends_at:
        return
    raise InvalidError(
        "Property .expiration_date should be after .start_date",
        f"expiration_date {terms.ends_at.isoformat()} is not after start_date",
    )
