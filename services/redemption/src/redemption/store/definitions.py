"""Our copies of what campaigns owns, on the caller's transaction.

Whole snapshots, applied where the version is higher: repeats and reordering are harmless. Whatever
changes what a decision depends on runs behind the lock of its campaign.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec

from contracts.campaigns import CampaignSnapshot, CommissionPlan
from contracts.terms import Terms
from contracts.vouchers import Chunk, VoucherSnapshot
from redemption.model import Campaign, CampaignKey, CodeKey
from redemption.moments.periods import clock
from redemption.rules.compiling import compile_rules
from redemption.store.columns import columns
from servicekit.postgres.pool import Connection
from servicekit.structs import twin

plan: Final = twin(CommissionPlan)  # outcomes are rendered from it


async def read_campaigns(
    conn: Connection, campaigns: Collection[CampaignKey]
) -> dict[CampaignKey, Campaign]:
    """Read and decode campaigns; behind their locks in the version that the lock has."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, c)
        CROSS JOIN LATERAL (
            SELECT * FROM campaigns WHERE project_id = p AND campaign_id = c OFFSET 0
        ) AS found
        """,
        *columns(campaigns, 2),
    )
    return {
        (r["project_id"], r["campaign_id"]): Campaign(
            id=r["campaign_id"],
            version=r["version"],
            name=r["name"],
            partner_id=r["partner_id"],
            channel=r["channel"],
            category_id=r["category_id"],
            category_hierarchy=r["category_hierarchy"],
            currency=r["currency"],
            time_zone=r["time_zone"],
            terms=terms,
            commission_plan=msgspec.convert(r["commission_plan"], plan),
            margin_basis_points=r["margin_basis_points"],
            judge=compile_rules(terms.conditions.rules, clock(r["time_zone"])),
        )
        for r in rows
        for terms in [Terms.model_validate(r["terms"])]
    }


async def put_campaigns(
    conn: Connection, campaigns: Mapping[CampaignKey, CampaignSnapshot]
) -> None:
    """Keep campaigns, whose versions are higher than those that were kept."""
    snapshots = campaigns.values()
    await conn.execute(
        """
        INSERT INTO campaigns (
            project_id, campaign_id, version, name, partner_id, channel, category_id, currency,
            time_zone, terms, commission_plan, margin_basis_points, category_hierarchy
        )
        SELECT * FROM unnest(
            $1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::jsonb[], $11::jsonb[], $12::integer[], $13::bigint[])
        ON CONFLICT (project_id, campaign_id) DO UPDATE SET
            version = excluded.version, name = excluded.name, partner_id = excluded.partner_id,
            channel = excluded.channel, category_id = excluded.category_id,
            currency = excluded.currency, time_zone = excluded.time_zone,
            terms = excluded.terms,
            commission_plan = excluded.commission_plan,
            margin_basis_points = excluded.margin_basis_points,
            category_hierarchy = excluded.category_hierarchy
        """,
        *columns(campaigns, 2),
        [each.version for each in snapshots],
        [each.name for each in snapshots],
        [each.partner.id for each in snapshots],
        [each.channel for each in snapshots],
        [each.category.id if each.category else None for each in snapshots],
        [each.currency for each in snapshots],
        [each.time_zone for each in snapshots],
        [each.terms.model_dump(mode="json") for each in snapshots],
        [each.commission_plan.model_dump(mode="json") for each in snapshots],
        [each.margin_basis_points for each in snapshots],
        [each.category.hierarchy if each.category else None for each in snapshots],
    )
    await _keep_versions(conn, campaigns)


async def _keep_versions(
    conn: Connection, campaigns: Mapping[CampaignKey, CampaignSnapshot]
) -> None:
    """Keep what redemptions are judged by from now on: who gives one back tells it again."""
    snapshots = campaigns.values()
    await conn.execute(
        """
        INSERT INTO campaign_versions (
            project_id, campaign_id, version, partner_id, channel, category_id, commission_plan,
            margin_basis_points
        )
        SELECT * FROM unnest(
            $1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::jsonb[],
            $8::integer[])
        ON CONFLICT DO NOTHING
        """,
        *columns(campaigns, 2),
        [each.version for each in snapshots],
        [each.partner.id for each in snapshots],
        [each.channel for each in snapshots],
        [each.category.id if each.category else None for each in snapshots],
        [each.commission_plan.model_dump(mode="json") for each in snapshots],
        [each.margin_basis_points for each in snapshots],
    )


async def put_vouchers(
    conn: Connection, vouchers: Sequence[tuple[str, VoucherSnapshot]]
) -> dict[CodeKey, int]:
    """Apply (project, snapshot) pairs behind their campaigns' locks; return versions in force."""
    newest = {(p, v.code): v for p, v in sorted(vouchers, key=lambda pair: pair[1].version)}
    keys = sorted(newest)
    await conn.execute(
        """
        INSERT INTO vouchers
            (project_id, code, campaign_id, voucher_id, version, active, quantity, ends_at,
                active_from_version)
        SELECT * FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bool[], $7::bigint[],
            $8::timestamptz[], $9::bigint[])
        ON CONFLICT (project_id, code) DO UPDATE SET
            version = excluded.version, active = excluded.active, quantity = excluded.quantity,
            ends_at = excluded.ends_at,
            active_from_version = excluded.active_from_version
        WHERE vouchers.version < excluded.version
        """,
        *columns(keys, 2),
        [newest[key].campaign_id for key in keys],
        [newest[key].id for key in keys],
        [newest[key].version for key in keys],
        [newest[key].active for key in keys],
        [newest[key].quantity for key in keys],
        [newest[key].ends_at for key in keys],
        [newest[key].active_from_version for key in keys],
    )
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, k)
        CROSS JOIN LATERAL (
            SELECT project_id, code, version FROM vouchers
            WHERE project_id = p AND code = k OFFSET 0
        ) AS found
        """,
        *columns(keys, 2),
    )
    return {(r["project_id"], r["code"]): r["version"] for r in rows}


async def put_chunk(conn: Connection, project_id: str, chunk: Chunk) -> None:
    """Add freshly issued codes; those that are here already stay as they are."""
    vouchers = sorted((v.code, v.id) for v in chunk.vouchers)
    await conn.execute(
        """
        INSERT INTO vouchers
            (project_id, code, campaign_id, voucher_id, version, active, quantity)
        SELECT $1, code, $2, voucher_id, 1, $4, $3
        FROM unnest($5::text[], $6::text[]) AS issued (code, voucher_id)
        ON CONFLICT DO NOTHING
        """,
        project_id,
        chunk.campaign_id,
        chunk.quantity,
        chunk.active,
        *columns(vouchers, 2),
    )
