"""What redemption applies by now, as it told us on Kafka."""

from collections.abc import Collection

from contracts.applied import Applied
from servicekit.postgres.pool import Connection

Subject = tuple[str, str, str]  # project, kind, id


async def upsert(conn: Connection, applied: Collection[tuple[str, Applied]]) -> None:
    """Remember the highest version of each subject; repeats and disorder change nothing."""
    highest: dict[Subject, int] = {}
    for project_id, fact in applied:
        subject = (project_id, fact.kind, fact.id)
        highest[subject] = max(fact.version, highest.get(subject, 0))
    subjects = sorted(highest)  # rivals lock rows in one order
    await conn.execute(
        """
        INSERT INTO applied_versions (project_id, kind, id, version)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
        ON CONFLICT (project_id, kind, id)
        DO UPDATE SET version = excluded.version
        WHERE applied_versions.version < excluded.version
        """,
        [project_id for project_id, _, _ in subjects],
        [kind for _, kind, _ in subjects],
        [thing for _, _, thing in subjects],
        [highest[subject] for subject in subjects],
    )


async def versions(conn: Connection, subjects: Collection[Subject]) -> dict[Subject, int]:
    """Return the version that redemption has reported of each subject."""
    rows = await conn.fetch(
        """
        SELECT project_id, kind, id, version
        FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (project_id, kind, id)
        JOIN applied_versions USING (project_id, kind, id)
        """,
        [project_id for project_id, _, _ in subjects],
        [kind for _, kind, _ in subjects],
        [thing for _, _, thing in subjects],
    )
    return {(r["project_id"], r["kind"], r["id"]): r["version"] for r in rows}
