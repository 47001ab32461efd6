"""Does jobs that change many things, some of them a transaction.

A step changes its things, publishes them, remembers it in history and notes the progress, all in
one transaction. Steps are small, and the next comes when redemption acts by the last:
snapshots stand in the prompt lane (a thing's versions must leave in their order, and a switch
thrown meanwhile stands there), and nobody's switch waits behind more than one step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg

from campaigns import snapshots
from campaigns.actors import Actor
from campaigns.bin import store as bin_store
from campaigns.bin import verbs as bins
from campaigns.bulk import acts
from campaigns.bulk import items as job_items
from campaigns.bulk import store as jobs
from campaigns.bulk.acts import Changed, Failed, MetadataChange, Outcome, Reaffirmed, Skipped, State
from campaigns.bulk.items import Item, Result
from campaigns.bulk.store import BulkJob
from campaigns.campaigns import many as campaigns
from campaigns.campaigns.verbs import publish_snapshots
from campaigns.history import differences
from campaigns.history import store as history
from campaigns.history.store import Entry
from campaigns.history.verbs import STANDS_SO
from campaigns.jobs import do_step as step_of
from campaigns.model import Campaign, Voucher
from campaigns.projects import store as projects
from campaigns.vouchers import many as vouchers
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection

VOUCHERS_A_STEP: Final = 250
CAMPAIGNS_A_STEP: Final = 50

Thing = Campaign | Voucher


async def do_step(pool: asyncpg.Pool) -> int | None:
    """Do the next step of some open job; return how many items it saw to, None without a job."""
    return await step_of(pool, jobs.lock_next, _step, jobs.fail)


async def _step(conn: Connection, job: BulkJob) -> int:
    if job.enforced < job.processed:
        await jobs.confirm(conn, job)
    if job.stopped or job.processed == job.wanted:
        await jobs.end(conn, job.project_id, job.id, "FAILED" if job.stopped else "DONE")
        return 0
    if job.action == "purge":
        return await _purge_step(conn, job)
    many = VOUCHERS_A_STEP if job.kind == "voucher" else CAMPAIGNS_A_STEP
    items = await job_items.after(conn, job.project_id, job.id, job.processed, many)
    held = await _hold(conn, job, [item.target for item in items])
    purging = await bin_store.purging(conn, job.project_id, held)
    outcomes = {
        item.number: await _decide(conn, job, item, held.get(item.target), purging)
        for item in items
    }
    changed = await _change(conn, job, items, held, outcomes)
    results = [_result(item, held, outcomes[item.number], changed) for item in items]
    await job_items.add_progress(conn, job.project_id, job.id, results)
    return len(items)


async def _hold(conn: Connection, job: BulkJob, ids: Sequence[str]) -> dict[str, Thing]:
    if job.kind == "voucher":
        return {each.id: each for each in await vouchers.lock(conn, job.project_id, ids)}
    await projects.lock(conn, job.project_id)
    return {each.id: each for each in await campaigns.lock(conn, job.project_id, ids)}


async def _decide(
    conn: Connection, job: BulkJob, item: Item, thing: Thing | None, purging: set[str]
) -> Outcome:
    if thing is None or thing.id in purging:
        return Failed("not_found", "there is none")
    if item.wish is None:
        change = MetadataChange(
            job.changes.get("metadata") or {}, tuple(job.changes.get("unset") or ())
        )
        return acts.act(job.action, _state(thing), change)
    if thing.version != item.expected:
        last = await history.last_change(conn, job.project_id, job.kind, thing.id)
        by = "somebody" if last is None else f"{last[0]} at {last[1].isoformat()}"
        return Failed("changed_since", f"it was changed by {by}")
    return acts.give_back(_state(thing), item.wish)


async def _change(
    conn: Connection,
    job: BulkJob,
    items: Sequence[Item],
    held: Mapping[str, Thing],
    outcomes: Mapping[int, Outcome],
) -> dict[str, Thing]:
    """Write, publish and remember what becomes something else; return it as it now is."""
    becoming = {
        item.target: outcome
        for item in items
        if isinstance(outcome := outcomes[item.number], Changed | Reaffirmed)
    }
    if not becoming:
        return {}
    wanted = [
        _with(held[target], outcome.state) if isinstance(outcome, Changed) else held[target]
        for target, outcome in becoming.items()
    ]
    changed = await _write(conn, job, wanted)
    await _note_bin(conn, job, becoming)
    actor = Actor(job.actor, "job", job.request_id, job.id)
    await history.add(conn, job.project_id, actor, [_entry(held[t], becoming[t]) for t in becoming])
    return changed


async def _write(conn: Connection, job: BulkJob, wanted: Sequence[Thing]) -> dict[str, Thing]:
    if job.kind == "voucher":
        codes = [each for each in wanted if isinstance(each, Voucher)]
        changed = await vouchers.change(conn, job.project_id, codes)
        told = [snapshots.of_voucher(job.project_id, each) for each in changed]
        await outbox.write(conn, told)
        return {each.id: each for each in changed}
    deals = [each for each in wanted if isinstance(each, Campaign)]
    await campaigns.change(conn, job.project_id, deals)
    ids = [each.id for each in deals]
    published = await publish_snapshots(conn, job.project_id, ids, may_grow=False)
    return {each.id: each for each in published}


async def _note_bin(
    conn: Connection, job: BulkJob, becoming: Mapping[str, Changed | Reaffirmed]
) -> None:
    moved = {
        target: outcome.state.deleted
        for target, outcome in becoming.items()
        if isinstance(outcome, Changed) and outcome.verb in {"deleted", "restored"}
    }
    thrown = [target for target, deleted in moved.items() if deleted]
    taken = [target for target, deleted in moved.items() if not deleted]
    if thrown:
        await bin_store.add(conn, job.project_id, job.kind, thrown, by=job.actor, job_id=job.id)
    if taken:
        await bin_store.remove(conn, job.project_id, taken)


async def _purge_step(conn: Connection, job: BulkJob) -> int:
    """Remove codes for ever, or a campaign with its codes: of a large one some at a time."""
    actor = Actor(job.actor, "job", job.request_id, job.id)
    many = VOUCHERS_A_STEP if job.kind == "voucher" else 1
    items = await job_items.after(conn, job.project_id, job.id, job.processed, many)
    targets = [item.target for item in items]
    if job.kind == "voucher":
        names = await bins.purge_vouchers(conn, job.project_id, actor, targets)
    else:
        [target] = targets
        gone = await bins.purge_campaign(conn, job.project_id, actor, target)
        if gone is None:
            await jobs.touch(conn, job.project_id, job.id)
            return 1
        names = gone
    results = [
        Result(item.number, "done", names[item.target])
        if item.target in names
        else Result(item.number, "failed", reason="not_found", message="there is none")
        for item in items
    ]
    await job_items.add_progress(conn, job.project_id, job.id, results)
    return len(items)


def _result(
    item: Item,
    held: Mapping[str, Thing],
    outcome: Outcome,
    changed: Mapping[str, Thing],
) -> Result:
    thing = held.get(item.target)
    name = None if thing is None else thing.target.name
    match outcome:
        case Changed():
            assert thing is not None  # noqa: S101 - what is not there fails
            before = acts.before(_state(thing), outcome.state)
            version = changed[item.target].version
            return Result(item.number, "done", name, before=before, version=version)
        case Reaffirmed():
            version = changed[item.target].version
            return Result(
                item.number, "skipped", name, "unchanged", "it is so already", version=version
            )
        case Skipped():
            return Result(item.number, "skipped", name, "unchanged", "it is so already")
        case Failed():
            return Result(item.number, "failed", name, outcome.reason, outcome.message)


def _entry(thing: Thing, outcome: Changed | Reaffirmed) -> Entry:
    if isinstance(outcome, Reaffirmed):
        return Entry(outcome.verb, thing.target, STANDS_SO[outcome.verb])
    changes = differences.between(acts.fields(_state(thing)), acts.fields(outcome.state))
    return Entry(outcome.verb, thing.target, changes)


def _state(thing: Thing) -> State:
    deleted = thing.deleted_at is not None
    return State(active=thing.active, deleted=deleted, metadata=_metadata(thing))


def _with(thing: Thing, state: State) -> Thing:
    deleted_at = None
    if state.deleted:
        deleted_at = thing.deleted_at or datetime.now(UTC)
    if isinstance(thing, Voucher):
        return replace(
            thing, active=state.active, metadata=dict(state.metadata), deleted_at=deleted_at
        )
    definition = replace(thing.definition, metadata=state.metadata)
    return replace(thing, active=state.active, definition=definition, deleted_at=deleted_at)


def _metadata(thing: Thing) -> dict[str, Any]:
    return thing.metadata if isinstance(thing, Voucher) else thing.definition.metadata
