"""Makes and revokes feed keys, and reads a page of a feed. The caller opened the transaction."""

from dataclasses import dataclass, replace
from typing import Final

from campaigns.actors import Actor
from campaigns.feeds import store as feeds
from campaigns.feeds.store import FeedKey
from campaigns.history import verbs as history
from campaigns.model import Partner
from campaigns.partners import verbs as partners
from campaigns.projects import credentials
from campaigns.projects import verbs as projects
from campaigns.projects.credentials import Credentials
from campaigns.refusals import NotFoundError
from campaigns.shares import pages, visible
from campaigns.shares.pages import CodesPage
from campaigns.shares.positions import Position
from campaigns.tenants import Project
from contracts import ids
from servicekit.postgres.pool import Connection

KEY_PREFIX: Final = "cpn_feed_"
KEY_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Codes that are shared with a partner and redeem now."""

    project: Project
    partner: Partner
    page: CodesPage


async def make_key(
    conn: Connection, project_id: str, actor: Actor, partner_id: str
) -> tuple[FeedKey, Credentials]:
    """Give a partner a key in place of the one that it may have."""
    partner = await partners.get(conn, project_id, partner_id)
    former = await feeds.find(conn, project_id, partner_id)
    fresh = replace(credentials.make(), key_id=ids.new(KEY_PREFIX, KEY_LENGTH))
    await feeds.put(
        conn,
        project_id,
        partner_id,
        key_id=fresh.key_id,
        digest=credentials.digest(fresh.secret),
        created_by=actor.id,
    )
    await history.record(
        conn,
        project_id,
        actor,
        "feed_opened",
        partner.target,
        before={"feed": _in_force(former)},
        after={"feed": fresh.key_id},
    )
    return await get_key(conn, project_id, partner_id), fresh


async def revoke_key(conn: Connection, project_id: str, actor: Actor, partner_id: str) -> None:
    """Take a partner's key out of force; a second time changes nothing."""
    partner = await partners.get(conn, project_id, partner_id)
    former = await get_key(conn, project_id, partner_id)
    await feeds.revoke(conn, project_id, partner_id)
    await history.record(
        conn,
        project_id,
        actor,
        "feed_closed",
        partner.target,
        before={"feed": _in_force(former)},
        after={"feed": None},
    )


async def read_page(
    conn: Connection,
    project_id: str,
    partner_id: str,
    *,
    campaign_id: str | None,
    after: Position | None,
    limit: int,
) -> FeedPage:
    project = await projects.get(conn, project_id)
    partner = await partners.get(conn, project_id, partner_id)
    live = await visible.deals(conn, project_id, partner_id, campaign_id=campaign_id, status="live")
    page = await pages.read(conn, project_id, live, after=after, limit=limit)
    return FeedPage(project, partner, page)


async def get_key(conn: Connection, project_id: str, partner_id: str) -> FeedKey:
    found = await feeds.find(conn, project_id, partner_id)
    if found is None:
        raise NotFoundError("feed key", partner_id)
    return found


def _in_force(key: FeedKey | None) -> str | None:
    return key.id if key is not None and key.revoked_at is None else None
