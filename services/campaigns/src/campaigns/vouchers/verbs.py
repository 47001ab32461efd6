"""Finds and switches codes. The caller opened the transaction."""

from campaigns import snapshots
from campaigns.campaigns import store as campaigns
from campaigns.model import Campaign, Voucher
from campaigns.refusals import NotFoundError
from campaigns.vouchers import store as vouchers
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection


async def set_active(conn: Connection, project_id: str, name: str, active: bool) -> Voucher:
    """Switch a code, named by itself or its id, and return it as it now is.

    A switch that stands as wished already is not a new version, as with campaigns.
    """
    current = await vouchers.lock(conn, project_id, name)
    if current is None:
        raise NotFoundError("voucher", name)
    if current.active == active:
        return current
    changed = await vouchers.set_active(conn, project_id, current.id, active)
    await outbox.write(conn, [snapshots.of_voucher(project_id, changed)])
    return changed


async def get(conn: Connection, project_id: str, name: str) -> Voucher:
    found = await vouchers.find(conn, project_id, name)
    if found is None:
        raise NotFoundError("voucher", name)
    return found


async def campaign_of(conn: Connection, project_id: str, voucher: Voucher) -> Campaign:
    [campaign] = await campaigns.get_many(conn, project_id, [voucher.campaign_id])
    return campaign
