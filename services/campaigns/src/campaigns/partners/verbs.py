"""Finds and amends partners. The caller opened the transaction."""

from collections.abc import Callable

from campaigns.campaigns import store as campaigns
from campaigns.campaigns.verbs import publish_snapshots
from campaigns.model import Campaign, Partner
from campaigns.partners import store as partners
from campaigns.projects import store as projects
from campaigns.refusals import NotFoundError
from servicekit.postgres.pool import Connection


async def amend(
    conn: Connection, project_id: str, partner_id: str, change: Callable[[Partner], Partner]
) -> tuple[Partner, list[Campaign]]:
    """Change a partner; return also the campaigns that were published again.

    Their snapshots name it, and tell nothing else of it: it may have thousands of them.
    """
    await projects.lock(conn, project_id)
    current = await get(conn, project_id, partner_id)
    await partners.change(conn, project_id, change(current))
    changed = await get(conn, project_id, partner_id)
    if changed.name == current.name:
        return changed, []
    concerned = await campaigns.bump_version(conn, project_id, partner_id=partner_id)
    return changed, await publish_snapshots(conn, project_id, concerned)


async def get(conn: Connection, project_id: str, partner_id: str) -> Partner:
    found = await partners.find(conn, project_id, partner_id)
    if found is None:
        raise NotFoundError("partner", partner_id)
    return found
