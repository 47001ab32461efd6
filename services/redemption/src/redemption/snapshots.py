"""Applies what campaigns says: campaigns, codes and projects, and reports what is enforced now.

A snapshot takes the same counter lock as a decision and writes `applied` to the outbox in its own
transaction. So once `applied` is published no batch, on any replica, decides by the old version.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from contracts import topics
from contracts.applied import Applied, SnapshotApplied
from contracts.campaigns import CampaignChanged
from contracts.ids import uuid7
from contracts.projects import ProjectChanged
from contracts.vouchers import VoucherChanged, VouchersIssued
from redemption import books, copies, store
from redemption.decisions import CampaignKey, CodeKey
from redemption.events import SOURCE

Snapshot = ProjectChanged | CampaignChanged | VoucherChanged | VouchersIssued


async def apply(pool: asyncpg.Pool, snapshots: Sequence[Snapshot]) -> None:
    """Apply a batch in one transaction, behind the locks of all campaigns that it touches."""
    vouchers = [(s.projectid, s.data) for s in snapshots if isinstance(s, VoucherChanged)]
    async with pool.acquire() as conn, conn.transaction():
        await copies.hold(conn, [key for s in snapshots for key in _campaigns(s)])
        versions = await copies.put_vouchers(conn, vouchers) if vouchers else {}
        applied = [(s, await _apply(conn, s, versions)) for s in snapshots]
        await books.write_outbox(conn, [_message(s, result) for s, result in applied])


def _campaigns(snapshot: Snapshot) -> list[CampaignKey]:
    match snapshot:
        case CampaignChanged():
            return [(snapshot.projectid, snapshot.data.id)]
        case VoucherChanged() | VouchersIssued():
            return [(snapshot.projectid, snapshot.data.campaign_id)]
        case ProjectChanged():
            return []


async def _apply(
    conn: store.Connection, snapshot: Snapshot, versions: dict[CodeKey, int]
) -> Applied:
    project_id = snapshot.projectid
    match snapshot:
        case CampaignChanged(data=campaign):
            counted = await copies.limits_customers(conn, project_id, campaign.id)
            version = await copies.put_campaign(conn, project_id, campaign)
            appeared = campaign.per_customer_limit is not None and not counted
            if appeared and version == campaign.version:
                await copies.recount_customers(conn, project_id, campaign.id)
            return Applied(kind="campaign", id=campaign.id, version=version)
        case VoucherChanged(data=voucher):
            version = versions[project_id, voucher.code]  # written above, all in one statement
            return Applied(kind="voucher", id=voucher.id, version=version)
        case VouchersIssued(data=chunk):
            await copies.put_chunk(conn, project_id, chunk)
            return Applied(kind="chunk", id=f"{chunk.campaign_id}:{chunk.number}", version=1)
        case ProjectChanged(data=project):
            version = await copies.put_project(conn, project)
            return Applied(kind="project", id=project.id, version=version)


def _message(snapshot: Snapshot, applied: Applied) -> books.Message:
    event = SnapshotApplied(
        id=str(uuid7()),
        source=SOURCE,
        subject=applied.id,
        time=datetime.now(UTC),
        projectid=snapshot.projectid,
        data=applied,
    )
    return books.Message(topics.APPLIED.name, applied.id.encode(), event.encode())
