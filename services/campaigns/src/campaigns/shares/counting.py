"""How many codes a share has, and how many of a campaign's were given."""

from dataclasses import dataclass

from campaigns.shares.store import Share
from servicekit.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Counts:
    """How many codes a share has, and of them: what is said of them, and what they are good for."""

    codes: int
    held_back: int
    withdrawn: int
    redeemed: int
    usable: int


@dataclass(frozen=True, slots=True)
class CampaignCounts:
    """How many codes a campaign has, how many were given, and how many can be allotted."""

    codes: int
    given: int
    unshared: int


async def counts(conn: Connection, project_id: str, share: Share) -> Counts:
    """Count a share's codes: a moment's work for thousands, seconds for a million."""
    counted = """
        SELECT count(*) AS codes,
            count(*) FILTER (WHERE s.state = 'held_back') AS held_back,
            count(*) FILTER (WHERE s.state = 'withdrawn') AS withdrawn,
            count(*) FILTER (WHERE v.redeemed_quantity > 0) AS redeemed,
            count(*) FILTER (
                WHERE coalesce(s.state, 'shared') = 'shared'
                AND v.active AND (v.quantity IS NULL OR v.redeemed_quantity < v.quantity)
            ) AS usable
    """
    given = f"""
        {counted} FROM shared_codes AS s
        JOIN vouchers AS v ON v.project_id = s.project_id AND v.id = s.voucher_id
        WHERE s.project_id = $1 AND s.share_id = $2 AND $3::text IS NOT NULL
            AND v.deleted_at IS NULL
    """
    all_others = f"""
        {counted} FROM vouchers AS v
        LEFT JOIN shared_codes AS s ON s.project_id = v.project_id AND s.voucher_id = v.id
        WHERE v.project_id = $1 AND v.campaign_id = $3 AND v.deleted_at IS NULL
            AND coalesce(s.share_id, $2) = $2
    """
    [row] = await conn.fetch(
        all_others if share.kind == "campaign" else given,
        project_id,
        share.id,
        share.campaign_id,
    )
    return Counts(**dict(row))


async def campaign_counts(conn: Connection, project_id: str, campaign_id: str) -> CampaignCounts:
    """Count what of a campaign is given, and what an allotment could still take."""
    [row] = await conn.fetch(
        """
        SELECT count(*) AS codes, count(s.voucher_id) AS given,
            count(*) FILTER (
                WHERE s.voucher_id IS NULL
                AND v.generated AND v.active AND v.redeemed_quantity = 0
                AND v.publication_id IS NULL
            ) AS unshared
        FROM vouchers AS v
        LEFT JOIN shared_codes AS s ON s.project_id = v.project_id AND s.voucher_id = v.id
        WHERE v.project_id = $1 AND v.campaign_id = $2 AND v.deleted_at IS NULL
        """,
        project_id,
        campaign_id,
    )
    return CampaignCounts(**dict(row))
