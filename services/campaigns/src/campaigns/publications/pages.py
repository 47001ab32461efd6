"""Pages of publications."""

from typing import Any

from campaigns.model import Publication
from campaigns.publications.lists import Query, Wanted
from campaigns.publications.store import publication_of
from servicekit.postgres.pool import Connection

# `id` last: so nothing comes twice, whatever is equal before it.
_MEANT = """
    project_id = $1
    AND ($2::text[] IS NULL OR campaign_id = ANY (ARRAY(
        SELECT id FROM campaigns
        WHERE project_id = $1 AND (id = ANY ($2) OR (name = ANY ($2) AND NOT standalone))
    )))
    AND ($3::text[] IS NULL OR customer_id = ANY ($3))
    AND ($4::text[] IS NULL OR id = ANY (ARRAY(
        SELECT publication_id FROM vouchers
        WHERE project_id = $1 AND (code = ANY ($4) OR id = ANY ($4)) AND publication_id IS NOT NULL
    )))
    AND ($5::bytea[] IS NULL OR (source_digest = ANY ($5) AND source_id IS NOT NULL))
    AND ($6::timestamptz IS NULL OR created_at > $6)
    AND ($7::timestamptz IS NULL OR created_at < $7)
"""


async def read(conn: Connection, project_id: str, query: Query) -> tuple[list[Publication], int]:
    """Return the publications that are meant, and how many there are in all."""
    if query.wanted.nothing:
        return [], 0
    meant = _values(project_id, query.wanted)
    way = "DESC" if query.descending else "ASC"
    rows = await conn.fetch(
        f"""
        SELECT * FROM publications WHERE {_MEANT}
        ORDER BY {query.order} {way}, id {way} LIMIT $8 OFFSET $9
        """,  # noqa: S608 - our own columns
        *meant,
        query.page.limit,
        query.page.offset,
    )
    total = await conn.fetchval(
        f"SELECT count(*) FROM publications WHERE {_MEANT}",  # noqa: S608 - the same
        *meant,
    )
    return [publication_of(row) for row in rows], total


def _values(project_id: str, wanted: Wanted) -> tuple[Any, ...]:
    return (
        project_id,
        wanted.campaigns,
        wanted.customer_ids,
        wanted.vouchers,
        wanted.sources,
        wanted.since,
        wanted.until,
    )
