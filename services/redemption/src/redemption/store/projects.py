"""What a project sets for itself."""

from collections.abc import Collection

from contracts.guesses import GuessLimits
from servicekit.postgres.pool import Connection


async def guess_limits(conn: Connection, project_ids: Collection[str]) -> dict[str, GuessLimits]:
    """Return how many wrong codes each of the projects bears."""
    rows = await conn.fetch(
        "SELECT project_id, guess_limits FROM projects WHERE project_id = ANY ($1::text[])",
        list(project_ids),
    )
    return {row["project_id"]: GuessLimits.model_validate(row["guess_limits"]) for row in rows}
