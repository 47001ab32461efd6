"""Jobs that change many things, and what each is to change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import asyncpg

from campaigns.bin.store import BinKind
from campaigns.bulk.acts import Action
from campaigns.model import Actor, JobStatus
from servicekit.postgres.pool import Connection

UNDO_MINUTES: Final = 10


@dataclass(frozen=True, slots=True)
class BulkJob:
    """A change of many things and how far it got; items up to `enforced` are acted by."""

    project_id: str
    id: str
    kind: BinKind
    action: Action
    changes: dict[str, Any]
    status: JobStatus
    wanted: int
    done: int
    skipped: int
    failed: int
    enforced: int
    stopped: bool
    actor: str
    request_id: str
    undo_of: str | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    enforced_at: datetime | None
    undone: bool
    undo_until: datetime | None

    @property
    def processed(self) -> int:
        """The number of the last item that was seen to."""
        return self.done + self.skipped + self.failed


class Item(NamedTuple):
    """One thing that a job is to change; of an undo also what to give back, and of what version."""

    number: int
    target: str
    wish: dict[str, Any] | None = None
    expected: int | None = None


class Result(NamedTuple):
    """What became of an item."""

    number: int
    outcome: str
    name: str | None = None
    reason: str | None = None
    message: str | None = None
    before: dict[str, Any] | None = None
    version: int | None = None


class NotDone(NamedTuple):
    """An item that was skipped or failed."""

    number: int
    target: str
    name: str | None
    outcome: str
    reason: str | None
    message: str | None


# A job as it is shown; it can be undone while it is young, once.
_JOBS: Final = f"""
    SELECT j.*,
        EXISTS (
            SELECT FROM bulk_jobs AS u WHERE u.project_id = j.project_id AND u.undo_of = j.id
        ) AS undone,
        j.ended_at + make_interval(mins => {UNDO_MINUTES}) AS undo_until
    FROM bulk_jobs AS j
"""  # noqa: S608 - a number of ours


async def add(
    conn: Connection,
    project_id: str,
    job_id: str,
    actor: Actor,
    *,
    kind: BinKind,
    action: Action,
    wanted: int,
    changes: dict[str, Any],
    undo_of: str | None = None,
) -> None:
    await conn.execute(
        """
        INSERT INTO bulk_jobs
            (project_id, id, kind, action, changes, wanted, actor, request_id, undo_of)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        project_id,
        job_id,
        kind,
        action,
        changes,
        wanted,
        actor.id,
        actor.request_id or "",
        undo_of,
    )


async def add_items(conn: Connection, project_id: str, job_id: str, targets: Iterable[str]) -> None:
    """Give the things that a job is to change their numbers, from 1."""
    await conn.copy_records_to_table(
        "bulk_items",
        columns=("project_id", "job_id", "number", "target"),
        records=[(project_id, job_id, n, target) for n, target in enumerate(targets, 1)],
    )


async def add_items_to_undo(conn: Connection, project_id: str, job_id: str, undone: str) -> None:
    """Take what another job changed, the last first, with how it was before."""
    await conn.execute(
        """
        INSERT INTO bulk_items (project_id, job_id, number, target, name, wish, expected)
        SELECT project_id, $2, row_number() OVER (ORDER BY number DESC), target, name, before,
            version
        FROM bulk_items WHERE project_id = $1 AND job_id = $3 AND outcome = 'done'
        """,
        project_id,
        job_id,
        undone,
    )


async def find(conn: Connection, project_id: str, job_id: str) -> BulkJob | None:
    row = await conn.fetchrow(f"{_JOBS} WHERE project_id = $1 AND id = $2", project_id, job_id)
    return None if row is None else _job(row)


async def lock(conn: Connection, project_id: str, job_id: str) -> BulkJob | None:
    """Hold a job between two of its steps."""
    row = await conn.fetchrow(
        f"{_JOBS} WHERE project_id = $1 AND id = $2 FOR NO KEY UPDATE OF j", project_id, job_id
    )
    return None if row is None else _job(row)


async def page(
    conn: Connection,
    project_id: str,
    *,
    before: datetime | None,
    older_than: tuple[datetime, str] | None,
    limit: int,
) -> list[BulkJob]:
    """Return jobs, newest first."""
    at, job_id = older_than or (None, None)
    rows = await conn.fetch(
        f"""
        {_JOBS} WHERE project_id = $1 AND ($2::timestamptz IS NULL OR created_at < $2)
            AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::text))
        ORDER BY created_at DESC, id DESC LIMIT $5
        """,
        project_id,
        before,
        at,
        job_id,
        limit,
    )
    return [_job(row) for row in rows]


async def lock_next(conn: Connection) -> BulkJob | None:
    """Hold the open job, of any project, that has waited longest and whose last step is enforced.

    So no more than one step of a job is ever on its way to redemption: others' switches stand
    behind that at most, and while Kafka is away nothing heaps up.
    """
    row = await conn.fetchrow(
        f"""
        {_JOBS} WHERE status IN ('ENQUEUED', 'IN_PROGRESS') AND NOT EXISTS (
            SELECT FROM bulk_items AS i
            LEFT JOIN applied_versions AS v
                ON v.project_id = i.project_id AND v.kind = j.kind AND v.id = i.target
            WHERE i.project_id = j.project_id AND i.job_id = j.id
                AND i.number > j.enforced AND i.number <= j.done + j.skipped + j.failed
                AND i.version > coalesce(v.version, 0)
        )
        ORDER BY updated_at LIMIT 1 FOR NO KEY UPDATE OF j SKIP LOCKED
        """
    )
    return None if row is None else _job(row)


async def any_open(conn: Connection) -> bool:
    """Tell whether any project has a job that is not over."""
    return bool(
        await conn.fetchval(
            "SELECT EXISTS (SELECT FROM bulk_jobs WHERE status IN ('ENQUEUED', 'IN_PROGRESS'))"
        )
    )


async def confirm(conn: Connection, job: BulkJob) -> None:
    """Note that redemption acts by all that was done so far, and since when."""
    await conn.execute(
        """
        UPDATE bulk_jobs AS j SET enforced = $3, enforced_at = greatest(enforced_at, (
            SELECT max(v.applied_at) FROM bulk_items AS i
            JOIN applied_versions AS v
                ON v.project_id = i.project_id AND v.kind = j.kind AND v.id = i.target
            WHERE i.project_id = $1 AND i.job_id = $2 AND i.number > $4 AND i.number <= $3
                AND i.outcome = 'done'
        )) WHERE project_id = $1 AND id = $2
        """,
        job.project_id,
        job.id,
        job.processed,
        job.enforced,
    )


async def items_after(
    conn: Connection, project_id: str, job_id: str, number: int, limit: int
) -> list[Item]:
    """Return the next items."""
    rows = await conn.fetch(
        """
        SELECT number, target, wish, expected FROM bulk_items
        WHERE project_id = $1 AND job_id = $2 AND number > $3 ORDER BY number LIMIT $4
        """,
        project_id,
        job_id,
        number,
        limit,
    )
    return [Item(row["number"], row["target"], row["wish"], row["expected"]) for row in rows]


async def add_progress(
    conn: Connection, project_id: str, job_id: str, results: Sequence[Result]
) -> None:
    """Note what became of the next items, in the transaction that changes the things."""
    await conn.execute(
        """
        UPDATE bulk_items AS i SET outcome = r.outcome, name = r.name, reason = r.reason,
            message = r.message, before = r.before, version = r.version
        FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[],
            $9::bigint[]) AS r (number, outcome, name, reason, message, before, version)
        WHERE i.project_id = $1 AND i.job_id = $2 AND i.number = r.number
        """,
        project_id,
        job_id,
        [each.number for each in results],
        [each.outcome for each in results],
        [each.name for each in results],
        [each.reason for each in results],
        [each.message for each in results],
        [each.before for each in results],
        [each.version for each in results],
    )
    count = [each.outcome for each in results].count
    await conn.execute(
        """
        UPDATE bulk_jobs SET status = 'IN_PROGRESS', done = done + $3, skipped = skipped + $4,
            failed = failed + $5, updated_at = clock_timestamp()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        job_id,
        count("done"),
        count("skipped"),
        count("failed"),
    )


async def touch(conn: Connection, project_id: str, job_id: str) -> None:
    """Note that a job goes on, within a large item."""
    await conn.execute(
        """
        UPDATE bulk_jobs SET status = 'IN_PROGRESS', updated_at = clock_timestamp()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        job_id,
    )


async def end(conn: Connection, project_id: str, job_id: str, status: JobStatus) -> None:
    await conn.execute(
        """
        UPDATE bulk_jobs SET status = $3, updated_at = clock_timestamp(),
            ended_at = clock_timestamp()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        job_id,
        status,
    )


async def stop(conn: Connection, project_id: str, job_id: str) -> None:
    """Let a job do no more than it has done."""
    await conn.execute(
        "UPDATE bulk_jobs SET stopped = true WHERE project_id = $1 AND id = $2", project_id, job_id
    )


async def not_done(
    conn: Connection, project_id: str, job_id: str, *, after: int, limit: int
) -> list[NotDone]:
    """Return the items that were skipped or failed, in their order."""
    rows = await conn.fetch(
        """
        SELECT number, target, name, outcome, reason, message FROM bulk_items
        WHERE project_id = $1 AND job_id = $2 AND outcome IN ('skipped', 'failed') AND number > $3
        ORDER BY number LIMIT $4
        """,
        project_id,
        job_id,
        after,
        limit,
    )
    return [NotDone(**dict(row)) for row in rows]


def _job(row: asyncpg.Record) -> BulkJob:
    return BulkJob(**dict(row))
