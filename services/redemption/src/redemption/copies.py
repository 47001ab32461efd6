"""Keeps our copies of definitions in Postgres, on the caller's transaction.

Whole snapshots, applied where the version is higher: repeats and reordering are harmless. Every
statement that changes what a decision depends on runs behind the counter lock of its campaign.
"""

from collections.abc import Sequence

from contracts.campaigns import AmountOff, Campaign, PercentOff
from contracts.projects import Project
from contracts.vouchers import Chunk, Voucher
from redemption.decisions import CampaignKey, CodeKey
from redemption.store import Connection, lock_counters

RECOUNT_SECONDS = 3600.0


async def hold(conn: Connection, campaigns: Sequence[CampaignKey]) -> None:
    """Take the locks that decisions take, making the rows that are not there yet."""
    keys = sorted(set(campaigns))
    await conn.execute(
        """
        INSERT INTO counters (project_id, campaign_id)
        SELECT p, c FROM unnest($1::text[], $2::text[]) AS asked (p, c)
        ORDER BY p, c ON CONFLICT DO NOTHING
        """,
        [key[0] for key in keys],
        [key[1] for key in keys],
    )
    await lock_counters(conn, keys)


async def put_campaign(conn: Connection, project_id: str, campaign: Campaign) -> int:
    """Apply a snapshot behind the campaign's lock; return the version that is in force now."""
    discount = campaign.discount
    await conn.execute(
        """
        INSERT INTO campaigns VALUES
            ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
        ON CONFLICT (project_id, campaign_id) DO UPDATE SET
            version = excluded.version, name = excluded.name, partner_id = excluded.partner_id,
            channel = excluded.channel, category_id = excluded.category_id,
            active = excluded.active, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
            total_limit = excluded.total_limit,
            per_customer_limit = excluded.per_customer_limit, currency = excluded.currency,
            amount_off_minor = excluded.amount_off_minor,
            discount_basis_points = excluded.discount_basis_points,
            commission_share_basis_points = excluded.commission_share_basis_points,
            commission_flat_minor = excluded.commission_flat_minor,
            commission_bonus_minor = excluded.commission_bonus_minor,
            margin_basis_points = excluded.margin_basis_points
        WHERE campaigns.version < excluded.version
        """,
        project_id,
        campaign.id,
        campaign.version,
        campaign.name,
        campaign.partner.id,
        campaign.channel,
        campaign.category.id if campaign.category else None,
        campaign.active,
        campaign.starts_at,
        campaign.ends_at,
        campaign.total_limit,
        campaign.per_customer_limit,
        campaign.currency,
        discount.amount_off_minor if isinstance(discount, AmountOff) else None,
        discount.basis_points if isinstance(discount, PercentOff) else None,
        campaign.commission_plan.share_basis_points,
        campaign.commission_plan.flat_minor,
        campaign.commission_plan.new_customer_bonus_minor,
        campaign.margin_basis_points,
    )
    version: int = await conn.fetchval(
        "SELECT version FROM campaigns WHERE project_id = $1 AND campaign_id = $2",
        project_id,
        campaign.id,
    )
    return version


async def recount_customers(conn: Connection, project_id: str, campaign_id: str) -> None:
    """Make the customers' uses agree with the ledger, when a limit on them appears.

    Uses are not counted while there is no limit. Behind the lock, for as long as it takes: cut off
    by a time limit, the snapshot would be tried again for ever.
    """
    await conn.execute("SET LOCAL statement_timeout = 0")
    await conn.execute(
        """
        INSERT INTO customer_uses (project_id, campaign_id, customer_id, used)
        SELECT project_id, campaign_id, customer_id, count(*)
        FROM ledger
        WHERE project_id = $1 AND campaign_id = $2 AND accepted AND customer_id IS NOT NULL
        GROUP BY project_id, campaign_id, customer_id
        ON CONFLICT (project_id, campaign_id, customer_id) DO UPDATE SET used = excluded.used
        """,
        project_id,
        campaign_id,
        timeout=RECOUNT_SECONDS,
    )


async def limits_customers(conn: Connection, project_id: str, campaign_id: str) -> bool:
    """Tell whether the campaign's terms in force limit each customer."""
    limited: bool | None = await conn.fetchval(
        """
        SELECT per_customer_limit IS NOT NULL FROM campaigns
        WHERE project_id = $1 AND campaign_id = $2
        """,
        project_id,
        campaign_id,
    )
    return bool(limited)


async def put_vouchers(
    conn: Connection, vouchers: Sequence[tuple[str, Voucher]]
) -> dict[CodeKey, int]:
    """Apply (project, snapshot) pairs behind their campaigns' locks; return versions in force."""
    newest = {(p, v.code): v for p, v in sorted(vouchers, key=lambda pair: pair[1].version)}
    keys = sorted(newest)
    projects, codes = [key[0] for key in keys], [key[1] for key in keys]
    await conn.execute(
        """
        INSERT INTO vouchers
            (project_id, code, campaign_id, voucher_id, version, active, quantity)
        SELECT * FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bool[], $7::bigint[])
        ON CONFLICT (project_id, code) DO UPDATE SET
            version = excluded.version, active = excluded.active, quantity = excluded.quantity
        WHERE vouchers.version < excluded.version
        """,
        projects,
        codes,
        [newest[key].campaign_id for key in keys],
        [newest[key].id for key in keys],
        [newest[key].version for key in keys],
        [newest[key].active for key in keys],
        [newest[key].quantity for key in keys],
    )
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, c)
        CROSS JOIN LATERAL (
            SELECT project_id, code, version FROM vouchers
            WHERE project_id = p AND code = c OFFSET 0
        ) AS found
        """,
        projects,
        codes,
    )
    return {(r[0], r[1]): r[2] for r in rows}


async def put_chunk(conn: Connection, project_id: str, chunk: Chunk) -> None:
    """Add freshly issued codes; those that are here already stay as they are."""
    vouchers = sorted((v.code, v.id) for v in chunk.vouchers)
    await conn.execute(
        """
        INSERT INTO vouchers
            (project_id, code, campaign_id, voucher_id, version, active, quantity)
        SELECT $1, code, $2, voucher_id, 1, true, $3
        FROM unnest($4::text[], $5::text[]) AS issued (code, voucher_id)
        ON CONFLICT DO NOTHING
        """,
        project_id,
        chunk.campaign_id,
        chunk.quantity,
        [code for code, _ in vouchers],
        [voucher_id for _, voucher_id in vouchers],
    )


async def put_project(conn: Connection, project: Project) -> int:
    """Apply a snapshot and replace the project's keys; return the version now in force."""
    version: int = await conn.fetchval(
        """
        INSERT INTO projects (project_id, version, currency, time_zone) VALUES ($1, $2, $3, $4)
        ON CONFLICT (project_id) DO UPDATE SET
            version = greatest(projects.version, excluded.version),
            currency = CASE WHEN projects.version < excluded.version
                THEN excluded.currency ELSE projects.currency END,
            time_zone = CASE WHEN projects.version < excluded.version
                THEN excluded.time_zone ELSE projects.time_zone END
        RETURNING version
        """,
        project.id,
        project.version,
        project.currency,
        project.time_zone,
    )
    if version > project.version:
        return version
    await conn.execute("DELETE FROM api_keys WHERE project_id = $1", project.id)
    await conn.executemany(
        "INSERT INTO api_keys (key_id, project_id, digest, scopes) VALUES ($1, $2, $3, $4)",
        [(k.id, project.id, bytes.fromhex(k.digest), list(k.scopes)) for k in project.keys],
    )
    return version
