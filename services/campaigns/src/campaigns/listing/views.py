"""Shows campaigns and codes by their ids, in the order asked."""

from collections.abc import Collection, Mapping, Sequence

from campaigns.campaigns import store as campaigns
from campaigns.campaigns.bodies import CampaignObject, campaign_response
from campaigns.listing import voucher_store
from campaigns.listing.bodies import ListedVoucher
from campaigns.model import Campaign, Voucher
from campaigns.vouchers import store as vouchers
from campaigns.vouchers.bodies import voucher_response
from servicekit.postgres.pool import Connection


async def shown_campaigns(
    conn: Connection, project_id: str, campaign_ids: Sequence[str]
) -> list[CampaignObject]:
    """Return these campaigns; one that is gone by now is left out."""
    found = {each.id: each for each in await campaigns.get_many(conn, project_id, [*campaign_ids])}
    return [campaign_response(found[each]) for each in campaign_ids if each in found]


async def shown_vouchers(
    conn: Connection, project_id: str, voucher_ids: Sequence[str]
) -> list[ListedVoucher]:
    """Return these codes; one that is gone by now is left out."""
    found = {each.id: each for each in await vouchers.get_many(conn, project_id, voucher_ids)}
    theirs = sorted({each.campaign_id for each in found.values()})
    by_id = {each.id: each for each in await campaigns.get_many(conn, project_id, theirs)}
    switched = [each.id for each in found.values() if not each.active]
    enforced = await vouchers.enforced(conn, project_id, switched) if switched else {}
    rows = [found[each] for each in voucher_ids if each in found]
    homes = [(row.id, row.campaign_id) for row in rows]
    shared = await voucher_store.shared(conn, project_id, homes) if rows else ()
    return [_listed(row, by_id[row.campaign_id], enforced, shared) for row in rows]


def _listed(
    row: Voucher, campaign: Campaign, enforced: Mapping[str, bool], shared: Collection[str]
) -> ListedVoucher:
    shown = voucher_response(row, campaign, enforced=enforced.get(row.id, True))
    return ListedVoucher(**dict(shown), shared=row.id in shared)
