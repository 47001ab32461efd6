"""The entries of a project's history: appended to, and never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from campaigns.history.differences import Changes
from campaigns.model import Actor, Target, TargetKind
from servicekit.postgres.pool import Connection

COLUMNS = (
    "project_id",
    "actor",
    "door",
    "job_id",
    "request_id",
    "action",
    "kind",
    "target",
    "name",
    "changes",
)


class Entry(NamedTuple):
    """What happened to one thing."""

    verb: str
    target: Target
    changes: Changes


async def add(conn: Connection, project_id: str, actor: Actor, happened: Sequence[Entry]) -> None:
    """Append entries, in this order: one of a person's act, thousands of a job's."""
    await conn.copy_records_to_table(
        "history",
        columns=COLUMNS,
        records=[
            (
                project_id,
                actor.id,
                actor.door,
                actor.job_id,
                actor.request_id,
                f"{entry.target.kind}.{entry.verb}",
                entry.target.kind,
                entry.target.id,
                entry.target.name,
                entry.changes,
            )
            for entry in happened
        ],
    )


async def last_change(
    conn: Connection, project_id: str, kind: TargetKind, target: str
) -> tuple[str, datetime] | None:
    """Return who changed something last, by his id, and when."""
    row = await conn.fetchrow(
        """
        SELECT actor, at FROM history WHERE project_id = $1 AND kind = $2 AND target = $3
        ORDER BY at DESC, id DESC LIMIT 1
        """,
        project_id,
        kind,
        target,
    )
    return None if row is None else (row["actor"], row["at"])
