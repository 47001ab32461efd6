"""Switches campaigns and codes on and off, in one transaction each.

A switch that stands as wished already is not a new version: asking again after a late
confirmation waits for the version that was stored the first time.
"""

import asyncpg

from campaigns import define, snapshots
from campaigns.definitions import Campaign, Voucher
from campaigns.refusals import NotFoundError
from campaigns.store import campaigns, outbox, vouchers
from campaigns.store.connecting import transaction


async def turn_campaign(pool: asyncpg.Pool, project_id: str, named: str, active: bool) -> Campaign:
    """Switch a campaign, named by id or name, and return it as it now is."""
    async with transaction(pool) as conn:
        current = await campaigns.lock(conn, project_id, named)
        if current is None:
            raise NotFoundError("campaign", named)
        if current.active == active:
            return current
        await campaigns.turn(conn, project_id, current.id, active)
        [changed] = await define.tell(conn, project_id, [current.id])
        return changed


async def turn_voucher(pool: asyncpg.Pool, project_id: str, named: str, active: bool) -> Voucher:
    """Switch a code, named by itself or its id, and return it as it now is."""
    async with transaction(pool) as conn:
        current = await vouchers.lock(conn, project_id, named)
        if current is None:
            raise NotFoundError("voucher", named)
        if current.active == active:
            return current
        changed = await vouchers.turn(conn, project_id, current.id, active)
        await outbox.write(conn, [snapshots.of_voucher(project_id, changed)])
        return changed
