"""Applies what campaigns says of campaigns, codes, segments and projects; reports what is in force.

A snapshot takes the same lock as a decision, and `applied` is sent once that is committed. So when
it is published no batch, on any replica, decides by the old version. It needs no outbox, where it
would stand behind the outcomes of batches: whoever dies before it is acknowledged has not told
Kafka of the snapshot either, and who reads that again reports again what is in force.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import asyncpg

from contracts import topics
from contracts.applied import Applied, SnapshotApplied
from contracts.campaigns import CampaignChanged, CampaignSnapshot
from contracts.ids import uuid7
from contracts.projects import ProjectChanged
from contracts.segments import SegmentChanged, SegmentSnapshot
from contracts.vouchers import VoucherChanged, VouchersIssued
from redemption.applying import recount
from redemption.model import CampaignKey, CodeKey, SegmentKey
from redemption.render.events import SOURCE
from redemption.store import definitions, locks, projects
from redemption.store import segments as segment_store
from redemption.store.locks import Lock
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection

Snapshot = ProjectChanged | CampaignChanged | VoucherChanged | VouchersIssued | SegmentChanged
Report = Callable[[Sequence[outbox.Message]], Awaitable[None]]


class InForce(NamedTuple):
    """The versions in force by now of what a batch of snapshots is about."""

    campaigns: Mapping[CampaignKey, int]
    vouchers: Mapping[CodeKey, int]
    segments: Mapping[SegmentKey, int]


async def enforce(pool: asyncpg.Pool, report: Report, snapshots: Sequence[Snapshot]) -> None:
    """Apply a batch and then report it; after an error do both again."""
    await report(await apply(pool, snapshots))


async def apply(pool: asyncpg.Pool, snapshots: Sequence[Snapshot]) -> list[outbox.Message]:
    """Apply a batch in one transaction, behind the locks of all campaigns that it touches.

    Return what is to be reported of it, now that it is committed. Raises SerializationError where a
    campaign that nobody could lock yet goes by what changes: try again.
    """
    campaigns = [s for s in snapshots if isinstance(s, CampaignChanged)]
    vouchers = [(s.projectid, s.data) for s in snapshots if isinstance(s, VoucherChanged)]
    segments = [(s.projectid, s.data) for s in snapshots if isinstance(s, SegmentChanged)]
    async with pool.acquire() as conn, conn.transaction():
        touched = [key for s in snapshots for key in campaigns_of(s)]
        segment_keys = [(project_id, each.id) for project_id, each in segments]
        restacked = await _restacked(conn, snapshots)
        reported = await _reported(conn, segments) if segments else []
        if reported:
            await locks.keep_reporting(conn, {s.projectid for s in snapshots}, exclusive=True)
        touched += await _that_go_by(conn, segment_keys, [*restacked, *reported])
        locked = await locks.make_and_lock(conn, touched) if touched else {}
        await locks.lock_names(
            conn, exclusive=_names(segment_keys, restacked), shared=_names_gone_by(snapshots)
        )
        if not locked.keys() >= set(await _that_go_by(conn, segment_keys, restacked)):
            # Another process has just put a campaign in force that goes by what changes here.
            raise asyncpg.SerializationError("a campaign began to go by what changes: try again")
        in_force = InForce(
            campaigns=await _put_campaigns(conn, campaigns, locked) if campaigns else {},
            vouchers=await definitions.put_vouchers(conn, vouchers) if vouchers else {},
            segments=await segment_store.put_segments(conn, segments) if segments else {},
        )
        if reported:
            await locks.set_reporting(conn, reported)
        applied = [(s, await _apply(conn, s, in_force)) for s in snapshots]
    return [_message(s, result) for s, result in applied]


async def _that_go_by(
    conn: Connection, segments: Sequence[SegmentKey], restacked: Sequence[str]
) -> list[CampaignKey]:
    """Return the campaigns that go by these segments, or by how codes of these projects stack."""
    found = await segment_store.campaigns_naming(conn, segments) if segments else []
    return found + (await projects.campaigns_of(conn, restacked) if restacked else [])


def _names(segments: Sequence[SegmentKey], projects: Sequence[str]) -> set[str]:
    """Name what is locked besides campaigns: for who changes it, and who begins to go by it."""
    return {f"segment {p} {s}" for p, s in segments} | {f"stacking {p}" for p in projects}


def _names_gone_by(snapshots: Sequence[Snapshot]) -> set[str]:
    named = [
        (s.projectid, segment)
        for s in snapshots
        if isinstance(s, CampaignChanged)
        for segment in s.data.terms.segment_ids
    ]
    return _names(named, [s.projectid for s in snapshots if campaigns_of(s)])


async def with_a_past_to_count(
    pool: asyncpg.Pool, snapshots: Sequence[Snapshot]
) -> list[CampaignChanged]:
    """Return those that put a limit on a campaign that went without: it takes its time."""
    changed = {(s.projectid, s.data.id): s for s in snapshots if isinstance(s, CampaignChanged)}
    if not changed:
        return []
    async with pool.acquire() as conn:
        before = await definitions.read_campaigns(conn, list(changed))
    return [
        s
        for s in snapshots
        if isinstance(s, CampaignChanged)
        and (known := before.get((s.projectid, s.data.id))) is not None
        and recount.appeared(s.data.terms, s.data.time_zone, known)
    ]


async def _reported(conn: Connection, segments: Sequence[tuple[str, SegmentSnapshot]]) -> list[str]:
    """Return the projects of those of the segments that outcomes tell of, or told until now."""
    keys = [(project_id, each.id) for project_id, each in segments]
    before = await segment_store.those_in_reports(conn, keys)
    now = {project_id for project_id, each in segments if each.in_reports}
    return sorted(now | {project_id for project_id, _ in before})


async def _restacked(conn: Connection, snapshots: Sequence[Snapshot]) -> list[str]:
    """Return the projects whose codes apply together in another way by these snapshots."""
    wanted = {s.projectid: s.data.stacking for s in snapshots if isinstance(s, ProjectChanged)}
    if not wanted:
        return []
    known = await projects.stacking(conn, wanted)
    return [id_ for id_, rules in wanted.items() if id_ in known and known[id_] != rules]


def campaigns_of(snapshot: Snapshot) -> list[CampaignKey]:
    """Name the campaign behind whose lock a snapshot is applied, if it tells.

    Which campaigns name a segment, or are of a project whose rules of stacking change, is not told:
    that is looked up.
    """
    match snapshot:
        case CampaignChanged():
            return [(snapshot.projectid, snapshot.data.id)]
        case VoucherChanged() | VouchersIssued():
            return [(snapshot.projectid, snapshot.data.campaign_id)]
        case ProjectChanged() | SegmentChanged():
            return []


def concern_of(snapshot: Snapshot) -> CampaignKey:
    """Name what waits together: a campaign, or else the thing alone, in nobody's way."""
    [concern] = campaigns_of(snapshot) or [(snapshot.projectid, snapshot.subject)]
    return concern


async def _apply(conn: Connection, snapshot: Snapshot, in_force: InForce) -> Applied:
    """Apply what was not written before, all in one statement; tell the version in force."""
    project_id = snapshot.projectid
    match snapshot:
        case CampaignChanged(data=campaign):
            version = in_force.campaigns[project_id, campaign.id]
            return Applied(kind="campaign", id=campaign.id, version=version)
        case VoucherChanged(data=voucher):
            version = in_force.vouchers[project_id, voucher.code]
            return Applied(kind="voucher", id=voucher.id, version=version)
        case VouchersIssued(data=chunk):
            await definitions.put_chunk(conn, project_id, chunk)
            return Applied(kind="chunk", id=f"{chunk.campaign_id}:{chunk.number}", version=1)
        case SegmentChanged(data=segment):
            version = in_force.segments[project_id, segment.id]
            return Applied(kind="segment", id=segment.id, version=version)
        case ProjectChanged(data=project):
            version = await projects.put_project(conn, project)
            return Applied(kind="project", id=project.id, version=version)


async def _put_campaigns(
    conn: Connection, changed: Sequence[CampaignChanged], locked: Mapping[CampaignKey, Lock]
) -> dict[CampaignKey, int]:
    """Put newer versions in force; return the versions that are in force now.

    All by a few statements: who renames a partner sends a snapshot of each of its campaigns, and
    others' switches wait behind them.
    """
    in_force = {key: locked[key].version or 0 for s in changed for key in campaigns_of(s)}
    newer: dict[CampaignKey, CampaignSnapshot] = {}
    for key, campaign in [((s.projectid, s.data.id), s.data) for s in changed]:
        if campaign.version > in_force[key]:
            in_force[key], newer[key] = campaign.version, campaign
    if newer:
        before = await definitions.read_campaigns(conn, newer)
        await definitions.put_campaigns(conn, newer)
        await locks.set_versions(conn, newer)
        await segment_store.set_named(conn, {k: c.terms.segment_ids for k, c in newer.items()})
        for key, campaign in newer.items():
            known = before.get(key)
            await recount.forget_what_is_gone(conn, key, campaign.terms, campaign.time_zone, known)
            if recount.appeared(campaign.terms, campaign.time_zone, known):
                await recount.recount_what_appeared(conn, key, known)
    return in_force


def _message(snapshot: Snapshot, applied: Applied) -> outbox.Message:
    event = SnapshotApplied(
        id=str(uuid7()),
        source=SOURCE,
        subject=applied.id,
        time=datetime.now(UTC),
        projectid=snapshot.projectid,
        data=applied,
    )
    return outbox.Message(topics.APPLIED.name, applied.id.encode(), event.encode())
