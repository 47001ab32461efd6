"""What a partner sees now: its deals that are live or about to be, and the codes of these.

Judged anew at each look, so that what was switched off, used up, ended, held back or withdrawn is
gone from the next one. A code of which something is said by itself follows that and its own share;
all others follow the share of their whole campaign.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from campaigns.shares.positions import BEFORE_ALL, Position
from servicekit.postgres.pool import Connection

DealStatus = Literal["live", "scheduled"]


@dataclass(frozen=True, slots=True)
class Deal:
    """A campaign of which something is shared, or all of it (`whole`)."""

    campaign_id: str
    name: str
    status: DealStatus
    whole: bool


@dataclass(frozen=True, slots=True)
class VisibleCode:
    """A code that can be redeemed, or will be once its deal begins; and by which share it is seen.

    One that came after all of its campaign was shared was shared as it came.
    """

    code: str
    position: Position
    quantity: int | None
    redeemed_quantity: int
    shared_at: datetime
    share_name: str | None


async def deals(
    conn: Connection,
    project_id: str,
    partner_id: str,
    *,
    campaign_id: str | None = None,
    status: DealStatus | None = None,
) -> list[Deal]:
    """Return a partner's deals in the order of their ids; None does not narrow."""
    rows = await conn.fetch(
        """
        SELECT * FROM visible_deals WHERE project_id = $1 AND partner_id = $2
            AND ($3::text IS NULL OR id = $3) AND ($4::text IS NULL OR status = $4)
        ORDER BY id
        """,
        project_id,
        partner_id,
        campaign_id,
        status,
    )
    return [Deal(row["id"], row["name"], row["status"], row["whole"]) for row in rows]


async def codes(
    conn: Connection,
    project_id: str,
    deals: Sequence[Deal],
    *,
    after: Position | None = None,
    text: str | None = None,
    limit: int,
) -> list[VisibleCode]:
    """Return codes of these deals, deal by deal and oldest first.

    `text` is a part of the code or of the deal's name, in any case. Of a few deals at a time, since
    most pages end within the first, and others need thousands.
    """
    left = [each for each in deals if after is None or each.campaign_id >= after.campaign_id]
    found: list[VisibleCode] = []
    begin, size = 0, 1
    while begin < len(left) and len(found) < limit:
        some = left[begin : begin + size]
        found += await _codes(
            conn, project_id, some, after=after, text=text, limit=limit - len(found)
        )
        begin, size = begin + size, size * 2
    return found


async def _codes(
    conn: Connection,
    project_id: str,
    deals: Sequence[Deal],
    *,
    after: Position | None,
    text: str | None,
    limit: int,
) -> list[VisibleCode]:
    resumed = "" if after is None else after.campaign_id
    rows = await conn.fetch(
        """
        SELECT d.campaign_id, v.* FROM unnest(
            $2::text[], $3::boolean[], $4::boolean[], $5::timestamptz[], $6::text[]
        ) WITH ORDINALITY AS d (campaign_id, whole, any_code, after_at, after_id, place)
        CROSS JOIN LATERAL (
            (
                SELECT v.code, v.id, v.created_at, v.quantity, v.redeemed_quantity,
                    greatest(v.created_at, coalesce(shares.created_at, w.created_at)) AS shared_at,
                    CASE WHEN shares.id IS NULL THEN w.name ELSE shares.name END AS share_name
                FROM usable_codes AS v
                LEFT JOIN shared_codes AS s ON s.project_id = v.project_id AND s.voucher_id = v.id
                LEFT JOIN shares ON shares.project_id = s.project_id AND shares.id = s.share_id
                LEFT JOIN shares AS w ON w.project_id = v.project_id
                    AND w.campaign_id = v.campaign_id AND w.kind = 'campaign'
                WHERE d.whole AND v.project_id = $1 AND v.campaign_id = d.campaign_id
                    AND (v.created_at, v.id) > (d.after_at, d.after_id)
                    AND (s.state IS NULL OR (s.state = 'shared' AND shares.state = 'shared'))
                    AND (d.any_code OR strpos(lower(v.code), $7) > 0)
                ORDER BY v.created_at, v.id LIMIT $8
            ) UNION ALL (
                SELECT v.code, v.id, v.created_at, v.quantity, v.redeemed_quantity,
                    shares.created_at, shares.name
                FROM shared_codes AS s
                JOIN shares ON shares.project_id = s.project_id AND shares.id = s.share_id
                JOIN usable_codes AS v ON v.project_id = s.project_id AND v.id = s.voucher_id
                WHERE NOT d.whole AND s.project_id = $1 AND s.campaign_id = d.campaign_id
                    AND (s.issued_at, s.voucher_id) > (d.after_at, d.after_id)
                    AND s.state = 'shared' AND shares.state = 'shared'
                    AND (d.any_code OR strpos(lower(v.code), $7) > 0)
                ORDER BY s.issued_at, s.voucher_id LIMIT $8
            )
        ) AS v ORDER BY d.place, v.created_at, v.id LIMIT $8
        """,
        project_id,
        [each.campaign_id for each in deals],
        [each.whole for each in deals],
        [text is None or text.lower() in each.name.lower() for each in deals],
        [
            after.issued_at if after is not None and each.campaign_id == resumed else BEFORE_ALL
            for each in deals
        ],
        [
            after.voucher_id if after is not None and each.campaign_id == resumed else ""
            for each in deals
        ],
        "" if text is None else text.lower(),
        limit,
    )
    return [
        VisibleCode(
            row["code"],
            Position(row["campaign_id"], row["created_at"], row["id"]),
            row["quantity"],
            row["redeemed_quantity"],
            row["shared_at"],
            row["share_name"],
        )
        for row in rows
    ]
