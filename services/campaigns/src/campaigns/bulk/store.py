"""Jobs that change many things, and how far each got."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg

from campaigns.actors import Actor
from campaigns.bin.store import BinKind
from campaigns.bulk.acts import Action
from campaigns.model import JobStatus
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
    failure: str | None
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
                AND (i.outcome = 'done' OR i.version IS NOT NULL)
        )) WHERE project_id = $1 AND id = $2
        """,
        job.project_id,
        job.id,
        job.processed,
        job.enforced,
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


async def fail(conn: Connection, job: BulkJob, failure: str) -> None:
    """End a job that cannot go on from where it was seen."""
    await conn.execute(
        """
        UPDATE bulk_jobs SET status = 'FAILED', failure = $4, updated_at = clock_timestamp(),
            ended_at = clock_timestamp()
        WHERE project_id = $1 AND id = $2 AND done + skipped + failed = $3
            AND status IN ('ENQUEUED', 'IN_PROGRESS')
        """,
        job.project_id,
        job.id,
        job.processed,
        failure,
    )


async def stop(conn: Connection, project_id: str, job_id: str) -> None:
    """Let a job do no more than it has done."""
    await conn.execute(
        "UPDATE bulk_jobs SET stopped = true WHERE project_id = $1 AND id = $2", project_id, job_id
    )


def _job(row: asyncpg.Record) -> BulkJob:
    return BulkJob(**dict(row))
