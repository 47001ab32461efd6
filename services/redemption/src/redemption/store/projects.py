"""Our copies of projects and their keys, which campaigns owns, on the caller's transaction."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from contracts.guesses import GuessLimits
from contracts.projects import ProjectSnapshot
from contracts.stacking import StackingRules
from redemption.model import CampaignKey
from servicekit.postgres.pool import Connection
from servicekit.postgres.reading import Question, Row


async def guess_limits(conn: Connection, project_ids: Collection[str]) -> dict[str, GuessLimits]:
    """Return how many wrong codes each of the projects bears."""
    rows = await conn.fetch(
        "SELECT project_id, guess_limits FROM projects WHERE project_id = ANY ($1::text[])",
        list(project_ids),
    )
    return {row["project_id"]: GuessLimits.model_validate(row["guess_limits"]) for row in rows}


class Lasting(NamedTuple):
    """What a project is opened with, and never changes."""

    case_sensitive_codes: bool
    currency: str


async def lasting(conn: Connection, project_ids: Collection[str]) -> dict[str, Lasting]:
    """Return those of the projects that exist, with what never changes of them."""
    rows = await conn.fetch(
        """
        SELECT project_id, case_sensitive_codes, currency FROM projects
        WHERE project_id = ANY ($1::text[])
        """,
        list(project_ids),
    )
    return {project_id: Lasting(*each) for project_id, *each in rows}


def stacking_question(project_ids: Collection[str]) -> Question:
    """Ask how codes apply together in each of the projects; true behind a campaign's lock."""
    return Question(
        "SELECT project_id, stacking FROM projects WHERE project_id = ANY ($1::text[])",
        [list(project_ids)],
        len(project_ids),
    )


async def stacking(conn: Connection, project_ids: Collection[str]) -> dict[str, StackingRules]:
    asked = stacking_question(project_ids)
    return stacking_found(await conn.fetch(asked.sql, *asked.arguments))


def stacking_found(rows: Sequence[Row]) -> dict[str, StackingRules]:
    return {project_id: StackingRules.model_validate(rules) for project_id, rules in rows}


async def campaigns_of(conn: Connection, project_ids: Collection[str]) -> list[CampaignKey]:
    """Return all campaigns of these projects."""
    rows = await conn.fetch(
        "SELECT project_id, campaign_id FROM campaign_locks WHERE project_id = ANY ($1::text[])",
        list(project_ids),
    )
    return [(row["project_id"], row["campaign_id"]) for row in rows]


async def time_zone(conn: Connection, project_id: str) -> str:
    """Return the zone by which a project's days begin."""
    zone: str | None = await conn.fetchval(
        "SELECT time_zone FROM projects WHERE project_id = $1", project_id
    )
    return zone or "UTC"


async def put_project(conn: Connection, project: ProjectSnapshot) -> int:
    """Apply a snapshot and replace the project's keys; return the version now in force.

    A key id that another project has stays that project's: who names it later takes nothing away,
    and holds up nobody's switch.
    """
    version: int = await conn.fetchval(
        """
        INSERT INTO projects (
            project_id, version, currency, time_zone, guess_limits, ended, case_sensitive_codes,
            stacking
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (project_id) DO UPDATE SET
            version = greatest(projects.version, excluded.version),
            currency = CASE WHEN projects.version < excluded.version
                THEN excluded.currency ELSE projects.currency END,
            time_zone = CASE WHEN projects.version < excluded.version
                THEN excluded.time_zone ELSE projects.time_zone END,
            guess_limits = CASE WHEN projects.version < excluded.version
                THEN excluded.guess_limits ELSE projects.guess_limits END,
            ended = CASE WHEN projects.version < excluded.version
                THEN excluded.ended ELSE projects.ended END,
            stacking = CASE WHEN projects.version < excluded.version
                THEN excluded.stacking ELSE projects.stacking END
        RETURNING version
        """,
        project.id,
        project.version,
        project.currency,
        project.time_zone,
        project.guess_limits.model_dump(),
        [each.id for each in project.ended],
        project.case_sensitive_codes,
        project.stacking.model_dump(mode="json"),
    )
    if version > project.version:
        return version
    await conn.execute("DELETE FROM api_keys WHERE project_id = $1", project.id)
    await conn.executemany(
        """
        INSERT INTO api_keys (key_id, project_id, digest, scopes, expires_at, origins)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT DO NOTHING
        """,
        [
            (
                k.id,
                project.id,
                bytes.fromhex(k.digest),
                list(k.scopes),
                k.expires_at,
                list(k.origins),
            )
            for k in project.keys
        ],
    )
    return version
