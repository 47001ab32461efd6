"""Finds where a deal's link leads, and records looks at it. The caller's transaction."""

from dataclasses import dataclass
from datetime import UTC, datetime

from campaigns import snapshots
from campaigns.campaigns import store as campaigns
from campaigns.model import Campaign
from campaigns.partners import store as partners
from campaigns.refusals import NotFoundError
from campaigns.visits.redirect import landing_url
from campaigns.vouchers import store as vouchers
from contracts import ids
from contracts.visits import Visit
from servicekit.postgres import outbox
from servicekit.postgres.outbox import Lane
from servicekit.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Deal:
    """A campaign as a shopper meets it: its page, and a code that can be redeemed now, if any."""

    project_id: str
    campaign: Campaign
    page: str
    coupon: str | None

    def url(self, visit_id: str | None = None) -> str:
        return landing_url(
            self.page,
            coupon=self.coupon,
            partner=self.campaign.partner.name,
            channel=self.campaign.definition.channel,
            campaign=self.campaign.definition.name,
            visit_id=visit_id,
        )


async def find(conn: Connection, project_id: str, campaign_id: str) -> Deal:
    """Find the deal behind a link."""
    campaign = await campaigns.find(conn, project_id, campaign_id)
    if campaign is None:
        raise NotFoundError("campaign", campaign_id)
    page = await _landing_page(conn, project_id, campaign)
    if page is None:
        raise NotFoundError("landing page", campaign_id)
    coupon = None
    if await _is_open(conn, project_id, campaign, datetime.now(UTC)):
        coupon = await vouchers.public_code(conn, project_id, campaign.id)
    return Deal(project_id, campaign, page, coupon)


async def record(conn: Connection, deal: Deal, customer_key: bytes, source_id: str | None) -> str:
    """Record a look at a deal, of a customer where one is named; return the visit's id."""
    category = deal.campaign.category
    seen = Visit(
        visit_id=str(ids.uuid7()),
        campaign_id=deal.campaign.id,
        campaign_version=deal.campaign.version,
        partner_id=deal.campaign.partner.id,
        channel=deal.campaign.definition.channel,
        category_id=None if category is None else category.id,
        customer_id=None
        if source_id is None
        else ids.customer(customer_key, deal.project_id, source_id),
    )
    visit = snapshots.of_visit(deal.project_id, seen, datetime.now(UTC))
    await outbox.write(conn, [visit], Lane.BULK)
    return seen.visit_id


async def _landing_page(conn: Connection, project_id: str, campaign: Campaign) -> str | None:
    details = campaign.definition.details
    if details.landing_url is not None:
        return details.landing_url
    return details.landing_page(await partners.landing_url(conn, project_id, campaign.partner.id))


async def _is_open(conn: Connection, project_id: str, campaign: Campaign, now: datetime) -> bool:
    """Tell whether any code of the campaign redeems now, as far as we have heard."""
    validity, limits = campaign.definition.terms.validity, campaign.limits
    starts_at, ends_at = validity.starts_at, validity.ends_at
    if not campaign.enforced_active or limits.per_customer == 0:
        return False
    if (starts_at is not None and now < starts_at) or (ends_at is not None and now >= ends_at):
        return False
    if limits.total is None:
        return True
    return await campaigns.uses(conn, project_id, campaign.id) < limits.total
