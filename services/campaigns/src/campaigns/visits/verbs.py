"""Records a look at a deal, and tells where the shopper goes on. The caller's transaction."""

from datetime import UTC, datetime

from campaigns import snapshots
from campaigns.campaigns import store as campaigns
from campaigns.refusals import NotFoundError
from campaigns.visits.redirect import landing_url
from campaigns.vouchers import store as vouchers
from contracts import ids
from contracts.visits import Visit
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection


async def record(
    conn: Connection, campaign_id: str, customer_key: bytes, source_id: str | None
) -> str:
    """Return the landing page with the campaign's public code; a switched-off one shows none.

    The link carries no key, so the campaign's id alone says whose it is.
    """
    project_id = await campaigns.project_of(conn, campaign_id)
    campaign = None if project_id is None else await campaigns.find(conn, project_id, campaign_id)
    if project_id is None or campaign is None:
        raise NotFoundError("campaign", campaign_id)
    definition = campaign.definition
    page = definition.details.landing_url or definition.details.deal_url
    if page is None:
        raise NotFoundError("landing page", campaign_id)
    coupon = await vouchers.public_code(conn, project_id, campaign.id) if campaign.active else None
    seen = Visit(
        visit_id=str(ids.uuid7()),
        campaign_id=campaign.id,
        campaign_version=campaign.version,
        partner_id=campaign.partner.id,
        channel=definition.channel,
        customer_id=None
        if source_id is None
        else ids.customer(customer_key, project_id, source_id),
    )
    await outbox.write(conn, [snapshots.of_visit(project_id, seen, datetime.now(UTC))])
    return landing_url(
        page,
        coupon=coupon,
        partner=campaign.partner.name,
        channel=definition.channel,
        campaign=definition.name,
        visit_id=seen.visit_id,
    )
