"""What each job is to change, thing by thing, and what became of it."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from servicekit.postgres.pool import Connection


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


async def add(conn: Connection, project_id: str, job_id: str, targets: Iterable[str]) -> None:
    """Give the things that a job is to change their numbers, from 1."""
    await conn.copy_records_to_table(
        "bulk_items",
        columns=("project_id", "job_id", "number", "target"),
        records=[(project_id, job_id, n, target) for n, target in enumerate(targets, 1)],
    )


async def add_to_undo(conn: Connection, project_id: str, job_id: str, undone: str) -> None:
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


async def after(
    conn: Connection, project_id: str, job_id: str, number: int, limit: int
) -> list[Item]:
    """Return the next items, those after a number."""
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
