"""Bulk issues and how far each got."""

from dataclasses import asdict
from datetime import datetime

import asyncpg

from campaigns.actors import Actor
from campaigns.codes import CodeConfig
from campaigns.model import Job, Metadata
from servicekit.postgres.pool import Connection


async def add(
    conn: Connection,
    project_id: str,
    job_id: str,
    campaign_id: str,
    *,
    wanted: int,
    quantity: int | None,
    active: bool,
    config: CodeConfig,
    metadata: Metadata,
    actor: Actor,
) -> None:
    await conn.execute(
        """
        INSERT INTO issue_jobs
            (project_id, id, campaign_id, wanted, quantity, config, metadata, actor, request_id,
            active)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        project_id,
        job_id,
        campaign_id,
        wanted,
        quantity,
        asdict(config),
        metadata,
        actor.id,
        actor.request_id or "",
        active,
    )


async def find(conn: Connection, project_id: str, job_id: str) -> Job | None:
    row = await conn.fetchrow(
        "SELECT * FROM issue_jobs WHERE project_id = $1 AND id = $2", project_id, job_id
    )
    return None if row is None else _job(row)


async def page(
    conn: Connection,
    project_id: str,
    *,
    before: datetime | None,
    older_than: tuple[datetime, str] | None,
    limit: int,
) -> list[Job]:
    """Return jobs, newest first."""
    at, job_id = older_than or (None, None)
    rows = await conn.fetch(
        """
        SELECT * FROM issue_jobs
        WHERE project_id = $1 AND ($2::timestamptz IS NULL OR created_at < $2)
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


async def pending_count(conn: Connection, project_id: str, campaign_id: str) -> int:
    """Return how many codes the campaign's open jobs have still to draw."""
    count = await conn.fetchval(
        """
        SELECT coalesce(sum(wanted - done), 0) FROM issue_jobs
        WHERE project_id = $1 AND campaign_id = $2 AND status IN ('ENQUEUED', 'IN_PROGRESS')
        """,
        project_id,
        campaign_id,
    )
    return int(count)


async def lock_next(conn: Connection) -> Job | None:
    """Hold the open job, of any project, that has waited longest for its next chunk.

    A job that another process holds is skipped: that process is drawing its chunk.
    """
    row = await conn.fetchrow(
        """
        SELECT * FROM issue_jobs WHERE status IN ('ENQUEUED', 'IN_PROGRESS') AND done < wanted
        ORDER BY updated_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
        """
    )
    return None if row is None else _job(row)


async def add_progress(
    conn: Connection, project_id: str, job_id: str, issued: int, chunk: int
) -> datetime:
    """Count a chunk, in the transaction that stores its codes; return the moment."""
    at: datetime = await conn.fetchval(
        """
        UPDATE issue_jobs SET status = 'IN_PROGRESS', done = done + $3, last_chunk = $4,
            updated_at = clock_timestamp()
        WHERE project_id = $1 AND id = $2 RETURNING updated_at
        """,
        project_id,
        job_id,
        issued,
        chunk,
    )
    return at


async def fail(conn: Connection, job: Job, failure: str) -> None:
    """End a job that cannot go on from where it was seen."""
    await conn.execute(
        """
        UPDATE issue_jobs SET status = 'FAILED', failure = $4, updated_at = clock_timestamp()
        WHERE project_id = $1 AND id = $2 AND done = $3 AND status IN ('ENQUEUED', 'IN_PROGRESS')
        """,
        job.project_id,
        job.id,
        job.done,
        failure,
    )


async def finish(conn: Connection, patience_seconds: float) -> None:
    """End the jobs, of any project, whose last chunk redemption has, or had its time to take."""
    await conn.execute(
        """
        UPDATE issue_jobs AS j SET status = 'DONE', updated_at = clock_timestamp()
        WHERE status IN ('ENQUEUED', 'IN_PROGRESS') AND done = wanted AND (
            updated_at < clock_timestamp() - make_interval(secs => $1)
            OR EXISTS (
                SELECT FROM applied_versions AS v WHERE v.project_id = j.project_id
                AND v.kind = 'chunk' AND v.id = j.campaign_id || ':' || j.last_chunk
            )
        )
        """,
        patience_seconds,
    )


async def remove_all(conn: Connection, project_id: str, campaign_id: str) -> None:
    """Forget a campaign's jobs, those that are not over too: it is about to go."""
    await conn.execute(
        "DELETE FROM issue_jobs WHERE project_id = $1 AND campaign_id = $2",
        project_id,
        campaign_id,
    )


async def any_open(conn: Connection) -> bool:
    """Tell whether any project has a job that is not over."""
    return bool(
        await conn.fetchval(
            """
            SELECT EXISTS (
                SELECT FROM issue_jobs WHERE status IN ('ENQUEUED', 'IN_PROGRESS')
            )
            """
        )
    )


def _job(row: asyncpg.Record) -> Job:
    return Job(
        project_id=row["project_id"],
        id=row["id"],
        campaign_id=row["campaign_id"],
        status=row["status"],
        wanted=row["wanted"],
        done=row["done"],
        quantity=row["quantity"],
        active=row["active"],
        config=CodeConfig(**row["config"]),
        metadata=row["metadata"],
        actor=row["actor"],
        request_id=row["request_id"],
        failure=row["failure"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
