"""Finds and amends partners. The caller opened the transaction."""

from campaigns.campaigns import store as campaigns
from campaigns.campaigns.verbs import publish_snapshots
from campaigns.model import Campaign, Partner
from campaigns.partners import store as partners
from campaigns.projects import store as projects
from campaigns.refusals import NotFoundError
from servicekit.postgres.pool import Connection


async def hold(conn: Connection, project_id: str, partner_id: str) -> Partner:
    """Return a partner that nobody else changes until commit."""
    await projects.lock(conn, project_id)
    return await get(conn, project_id, partner_id)


async def amend(
    conn: Connection, project_id: str, current: Partner, wanted: Partner
) -> tuple[Partner, list[Campaign]]:
    """Change a partner that is held; return also the campaigns that were published again.

    Their snapshots name it, and tell nothing else of it: it may have thousands of them.
    """
    await partners.change(conn, project_id, wanted)
    changed = await get(conn, project_id, current.id)
    if changed.name == current.name:
        return changed, []
    concerned = await campaigns.bump_version(conn, project_id, partner_id=current.id)
    return changed, await publish_snapshots(conn, project_id, concerned)


async def get(conn: Connection, project_id: str, partner_id: str) -> Partner:
    found = await partners.find(conn, project_id, partner_id)
    if found is None:
        raise NotFoundError("partner", partner_id)
    return found
