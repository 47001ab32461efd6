"""Codes of which something is said by themselves: named or allotted ones, and exceptions.

A code stands here once, whatever is said of it: so it is never given twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns.shares.positions import BEFORE_ALL, Position
from campaigns.shares.store import Share, State
from servicekit.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class SharedCode:
    """A code of a share, whatever became of it."""

    code: str
    position: Position
    state: State
    active: bool
    quantity: int | None
    redeemed_quantity: int


@dataclass(frozen=True, slots=True)
class NamedCode:
    """A code as far as sharing goes."""

    voucher_id: str
    code: str
    campaign_id: str
    partner_id: str


async def named_codes(conn: Connection, project_id: str, codes: Sequence[str]) -> list[NamedCode]:
    """Return those of the codes that there are."""
    rows = await conn.fetch(
        """
        SELECT v.id, v.code, v.campaign_id, c.partner_id FROM vouchers AS v
        JOIN campaigns AS c ON c.project_id = v.project_id AND c.id = v.campaign_id
        WHERE v.project_id = $1 AND v.code = ANY ($2) AND v.deleted_at IS NULL
        """,
        project_id,
        codes,
    )
    return [
        NamedCode(row["id"], row["code"], row["campaign_id"], row["partner_id"]) for row in rows
    ]


async def add_codes(
    conn: Connection, project_id: str, share_id: str, voucher_ids: Sequence[str]
) -> set[str]:
    """Put codes into a share and return which: not those that another one in force has."""
    rows = await conn.fetch(
        """
        INSERT INTO shared_codes AS s (project_id, voucher_id, campaign_id, issued_at, share_id)
        SELECT project_id, id, campaign_id, created_at, $2 FROM vouchers
        WHERE project_id = $1 AND id = ANY ($3) ORDER BY id
        ON CONFLICT (project_id, voucher_id) DO UPDATE
            SET share_id = excluded.share_id, state = 'shared'
            WHERE s.state = 'withdrawn' OR EXISTS (
                SELECT FROM shares WHERE shares.project_id = s.project_id
                    AND shares.id = s.share_id AND shares.state = 'withdrawn'
            )
        RETURNING voucher_id
        """,
        project_id,
        share_id,
        voucher_ids,
    )
    return {row["voucher_id"] for row in rows}


async def take_unshared(
    conn: Connection,
    project_id: str,
    share_id: str,
    campaign_id: str,
    *,
    quantity: int,
    after: Position | None,
) -> tuple[int, Position | None]:
    """Put the campaign's next unique codes that were never given into a share.

    Unused ones that are active and no customer's own, oldest first; returns how many, and the last.
    The caller holds the campaign's sharing, so that nobody else takes them meanwhile; what keeps a
    code from being given twice is the table's key.
    """
    row = await conn.fetchrow(
        """
        WITH taken AS (
            INSERT INTO shared_codes (project_id, voucher_id, campaign_id, issued_at, share_id)
            SELECT v.project_id, v.id, v.campaign_id, v.created_at, $2 FROM vouchers AS v
            WHERE v.project_id = $1 AND v.campaign_id = $3
                AND (v.created_at, v.id) > ($4, $5)
                AND v.generated AND v.active AND v.deleted_at IS NULL AND v.redeemed_quantity = 0
                AND v.publication_id IS NULL
                AND NOT EXISTS (
                    SELECT FROM shared_codes AS s
                    WHERE s.project_id = v.project_id AND s.voucher_id = v.id
                )
            ORDER BY v.created_at, v.id LIMIT $6
            RETURNING issued_at, voucher_id
        )
        SELECT issued_at, voucher_id, count(*) OVER () AS taken FROM taken
        ORDER BY issued_at DESC, voucher_id DESC LIMIT 1
        """,
        project_id,
        share_id,
        campaign_id,
        BEFORE_ALL if after is None else after.issued_at,
        "" if after is None else after.voucher_id,
        quantity,
    )
    if row is None:
        return 0, after
    return row["taken"], Position(campaign_id, row["issued_at"], row["voucher_id"])


async def own_states(
    conn: Connection, project_id: str, voucher_ids: Sequence[str]
) -> dict[str, tuple[str, State]]:
    """Return the share and the state of those codes of which something is said by themselves."""
    rows = await conn.fetch(
        """
        SELECT voucher_id, share_id, state FROM shared_codes
        WHERE project_id = $1 AND voucher_id = ANY ($2)
        """,
        project_id,
        voucher_ids,
    )
    return {row["voucher_id"]: (row["share_id"], row["state"]) for row in rows}


async def set_state_of_codes(
    conn: Connection, project_id: str, share_by_voucher: Mapping[str, str], state: State
) -> None:
    """Say this of codes by themselves, each as one of its share."""
    await conn.execute(
        """
        INSERT INTO shared_codes AS s
            (project_id, voucher_id, campaign_id, issued_at, share_id, state)
        SELECT v.project_id, v.id, v.campaign_id, v.created_at, said.share_id, $4
        FROM unnest($2::text[], $3::text[]) AS said (voucher_id, share_id)
        JOIN vouchers AS v ON v.project_id = $1 AND v.id = said.voucher_id
        ON CONFLICT (project_id, voucher_id) DO UPDATE SET state = excluded.state
        """,
        project_id,
        list(share_by_voucher),
        list(share_by_voucher.values()),
        state,
    )


async def codes_of(
    conn: Connection, project_id: str, share: Share, after: Position | None, limit: int
) -> list[SharedCode]:
    """Return a share's codes, oldest first."""
    given = """
        SELECT v.*, s.state FROM shared_codes AS s
        JOIN vouchers AS v ON v.project_id = s.project_id AND v.id = s.voucher_id
        WHERE s.project_id = $1 AND s.share_id = $2 AND $3::text IS NOT NULL
            AND v.deleted_at IS NULL
            AND (s.issued_at, s.voucher_id) > ($4, $5)
        ORDER BY s.issued_at, s.voucher_id LIMIT $6
    """
    all_others = """
        SELECT v.*, coalesce(s.state, 'shared') AS state FROM vouchers AS v
        LEFT JOIN shared_codes AS s ON s.project_id = v.project_id AND s.voucher_id = v.id
        WHERE v.project_id = $1 AND v.campaign_id = $3 AND v.deleted_at IS NULL
            AND coalesce(s.share_id, $2) = $2
            AND (v.created_at, v.id) > ($4, $5)
        ORDER BY v.created_at, v.id LIMIT $6
    """
    rows = await conn.fetch(
        all_others if share.kind == "campaign" else given,
        project_id,
        share.id,
        share.campaign_id,
        BEFORE_ALL if after is None else after.issued_at,
        "" if after is None else after.voucher_id,
        limit,
    )
    return [
        SharedCode(
            row["code"],
            Position(row["campaign_id"], row["created_at"], row["id"]),
            row["state"],
            row["active"],
            row["quantity"],
            row["redeemed_quantity"],
        )
        for row in rows
    ]
