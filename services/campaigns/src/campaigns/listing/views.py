"""Shows campaigns and codes by their ids, with their statuses."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from campaigns import status
from campaigns.campaigns import store as campaigns
from campaigns.campaigns.bodies import campaign_response
from campaigns.listing import campaign_store, voucher_store
from campaigns.listing.bodies import ShownCampaign, ShownVoucher
from campaigns.model import Campaign, Voucher
from campaigns.status import CampaignFacts, Standing, VoucherFacts
from campaigns.vouchers import store as vouchers
from campaigns.vouchers.bodies import voucher_response
from servicekit.postgres.pool import Connection


async def shown_campaigns(
    conn: Connection, project_id: str, campaign_ids: Sequence[str], at: datetime
) -> list[ShownCampaign]:
    """Return these campaigns in this order; one that is gone by now is left out."""
    facts = await campaign_store.facts(conn, project_id, campaign_ids)
    found = {each.id: each for each in await campaigns.get_many(conn, project_id, [*campaign_ids])}
    return [_campaign(found[c], facts[c], at) for c in campaign_ids if c in found and c in facts]


async def shown_vouchers(
    conn: Connection, project_id: str, voucher_ids: Sequence[str], at: datetime
) -> list[ShownVoucher]:
    """Return these codes in this order; one that is gone by now is left out."""
    found = {each.id: each for each in await vouchers.get_many(conn, project_id, voucher_ids)}
    theirs = sorted({each.campaign_id for each in found.values()})
    facts = await campaign_store.facts(conn, project_id, theirs)
    by_id = {each.id: each for each in await campaigns.get_many(conn, project_id, theirs)}
    switched = [each.id for each in found.values() if not each.active]
    enforced = await voucher_store.enforced(conn, project_id, switched) if switched else {}
    return [
        _voucher(found[v], by_id[found[v].campaign_id], facts, enforced, at)
        for v in voucher_ids
        if v in found
    ]


async def shown_campaign(
    conn: Connection, project_id: str, campaign: Campaign, at: datetime
) -> ShownCampaign:
    facts = await campaign_store.facts(conn, project_id, [campaign.id])
    return _campaign(campaign, facts[campaign.id], at)


async def shown_voucher(
    conn: Connection, project_id: str, voucher: Voucher, at: datetime
) -> ShownVoucher:
    [campaign] = await campaigns.get_many(conn, project_id, [voucher.campaign_id])
    facts = await campaign_store.facts(conn, project_id, [campaign.id])
    switched = not voucher.active
    enforced = await voucher_store.enforced(conn, project_id, [voucher.id]) if switched else {}
    return _voucher(voucher, campaign, facts, enforced, at)


def _standing(facts: CampaignFacts, at: datetime) -> dict[str, object]:
    return _fields(status.of_campaign(facts, at))


def _fields(standing: Standing) -> dict[str, object]:
    return {
        "status": standing.status,
        "status_reason": standing.reason,
        "status_since": standing.since,
    }


def _campaign(campaign: Campaign, facts: CampaignFacts, at: datetime) -> ShownCampaign:
    shown = dict(campaign_response(campaign))
    return ShownCampaign(**shown, **_standing(facts, at), redemptions=facts.redemptions)


def _voucher(
    voucher: Voucher,
    campaign: Campaign,
    facts: Mapping[str, CampaignFacts],
    enforced: Mapping[str, bool],
    at: datetime,
) -> ShownVoucher:
    own = VoucherFacts(
        deleted_at=voucher.deleted_at,
        active=voucher.active,
        enforced=enforced.get(voucher.id, False),
        quantity=voucher.quantity,
        redeemed_quantity=voucher.redeemed_quantity,
        changed_at=voucher.updated_at or voucher.created_at,
    )
    standing = status.of_voucher(own, status.of_campaign(facts[voucher.campaign_id], at))
    return ShownVoucher(
        **dict(voucher_response(voucher, campaign)),
        **_fields(standing),
        partner=campaign.partner.name,
        partner_id=campaign.partner.id,
        channel=campaign.definition.channel,
    )
