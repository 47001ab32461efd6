"""What redemption applies by now, and since when, as it told us on Kafka."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from contracts.applied import Applied
from servicekit.postgres.pool import Connection

Subject = tuple[str, str, str]  # project, kind, id


class InForce(NamedTuple):
    """The version of something that redemption enforces, and since when."""

    version: int
    since: datetime


async def upsert(conn: Connection, applied: Collection[tuple[str, Applied, datetime]]) -> None:
    """Remember the highest version of each subject; repeats and disorder change nothing."""
    highest: dict[Subject, InForce] = {}
    for project_id, fact, at in applied:
        subject = (project_id, fact.kind, fact.id)
        known = highest.get(subject)
        if known is None or known.version < fact.version:
            highest[subject] = InForce(fact.version, at)
    subjects = sorted(highest)  # rivals lock rows in one order
    await conn.execute(
        """
        INSERT INTO applied_versions (project_id, kind, id, version, applied_at)
        SELECT * FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
        ON CONFLICT (project_id, kind, id)
        DO UPDATE SET version = excluded.version, applied_at = excluded.applied_at
        WHERE applied_versions.version < excluded.version
        """,
        [project_id for project_id, _, _ in subjects],
        [kind for _, kind, _ in subjects],
        [thing for _, _, thing in subjects],
        [highest[subject].version for subject in subjects],
        [highest[subject].since for subject in subjects],
    )


async def versions(conn: Connection, subjects: Collection[Subject]) -> dict[Subject, InForce]:
    """Return the version that redemption has reported of each subject, and when."""
    rows = await conn.fetch(
        """
        SELECT project_id, kind, id, version, applied_at
        FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (project_id, kind, id)
        JOIN applied_versions USING (project_id, kind, id)
        """,
        [project_id for project_id, _, _ in subjects],
        [kind for _, kind, _ in subjects],
        [thing for _, _, thing in subjects],
    )
    return {
        (r["project_id"], r["kind"], r["id"]): InForce(r["version"], r["applied_at"]) for r in rows
    }
