"""Campaigns of a project. Reads go through the view that adds the names beside the ids."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import asyncpg

from campaigns.catalogue import AssignedRule, Assignment
from campaigns.codes import CodeConfig
from campaigns.limiting import WrittenRule
from campaigns.model import Campaign, CampaignDefinition, CodeTemplate, Details
from contracts.campaigns import CampaignCategory, CommissionPlan, Named
from contracts.terms import Terms
from servicekit.postgres.pool import Connection, connection


async def add(
    conn: Connection,
    project_id: str,
    campaign_id: str,
    definition: CampaignDefinition,
    *,
    partner_id: str,
    category_id: str | None,
    code_template: CodeTemplate,
    active: bool = True,
    standalone: bool = False,
) -> None:
    await conn.execute(
        """
        INSERT INTO campaigns (
            project_id, id, name, channel, terms, starts_at, ends_at, details, commission_plan,
            margin_basis_points, metadata, partner_id, category_id, code_template, active,
            standalone
        ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """,
        project_id,
        campaign_id,
        definition.name,
        definition.channel,
        definition.terms.model_dump(mode="json"),
        definition.terms.validity.starts_at,
        definition.terms.validity.ends_at,
        asdict(definition.details),
        definition.commission_plan.model_dump(),
        definition.margin_basis_points,
        definition.metadata,
        partner_id,
        category_id,
        asdict(code_template),
        active,
        standalone,
    )


async def change(
    conn: Connection, project_id: str, campaign: Campaign, *, category_id: str | None
) -> None:
    """Write what may change, as the next version."""
    definition = campaign.definition
    await conn.execute(
        """
        UPDATE campaigns SET terms = $3, starts_at = $4, ends_at = $5, details = $6,
            commission_plan = $7, margin_basis_points = $8, metadata = $9, category_id = $10,
            active = $11, name = $12, code_template = $13,
            version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        campaign.id,
        definition.terms.model_dump(mode="json"),
        definition.terms.validity.starts_at,
        definition.terms.validity.ends_at,
        asdict(definition.details),
        definition.commission_plan.model_dump(),
        definition.margin_basis_points,
        definition.metadata,
        category_id,
        campaign.active,
        definition.name,
        asdict(campaign.code_template),
    )


async def lock(conn: Connection, project_id: str, campaign: str) -> Campaign | None:
    """Hold a campaign, named by id or name, until commit; then read it as it is behind the lock."""
    campaign_id = await conn.fetchval(
        """
        SELECT id FROM campaigns
        WHERE project_id = $1 AND (id = $2 OR (name = $2 AND NOT standalone))
        ORDER BY id = $2 DESC LIMIT 1 FOR NO KEY UPDATE
        """,
        project_id,
        campaign,
    )
    return None if campaign_id is None else await find(conn, project_id, campaign_id)


async def set_active(conn: Connection, project_id: str, campaign_id: str, active: bool) -> None:
    """Switch a campaign, as its next version."""
    await conn.execute(
        """
        UPDATE campaigns SET active = $3, version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        campaign_id,
        active,
    )


async def count_vouchers(conn: Connection, project_id: str, campaign_id: str, count: int) -> None:
    """Count codes that join a campaign; holds the campaign, so that no two calls count at once."""
    await conn.execute(
        """
        UPDATE campaigns SET vouchers_count = vouchers_count + $3
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        campaign_id,
        count,
    )


async def open_chunk(conn: Connection, project_id: str, campaign_id: str, count: int) -> int:
    """Count a chunk of codes and return its number, unique in the campaign."""
    number = await conn.fetchval(
        """
        UPDATE campaigns SET chunks = chunks + 1, vouchers_count = vouchers_count + $3
        WHERE project_id = $1 AND id = $2 RETURNING chunks
        """,
        project_id,
        campaign_id,
        count,
    )
    return int(number)


async def find(conn: Connection, project_id: str, campaign: str) -> Campaign | None:
    """Find a campaign by id or by name; an id wins."""
    row = await conn.fetchrow(
        """
        SELECT * FROM campaign_sheets
        WHERE project_id = $1 AND (id = $2 OR (name = $2 AND NOT standalone))
        ORDER BY id = $2 DESC LIMIT 1
        """,
        project_id,
        campaign,
    )
    return None if row is None else _campaign(row)


async def projects_of(pool: asyncpg.Pool, campaign_ids: Sequence[str]) -> dict[str, str]:
    """Return whose these campaigns are; for links, which carry nothing but an id."""
    async with connection(pool) as conn:
        rows = await conn.fetch(
            "SELECT id, project_id FROM campaigns WHERE id = ANY ($1)", campaign_ids
        )
    return {row["id"]: row["project_id"] for row in rows}


async def uses(conn: Connection, project_id: str, campaign_id: str) -> int:
    """Return how often a campaign's codes were used, as far as we have heard."""
    count = await conn.fetchval(
        "SELECT uses FROM campaign_uses WHERE project_id = $1 AND campaign_id = $2",
        project_id,
        campaign_id,
    )
    return int(count or 0)


async def get_many(conn: Connection, project_id: str, campaigns: list[str]) -> list[Campaign]:
    """Return these campaigns, named by id."""
    rows = await conn.fetch(
        "SELECT * FROM campaign_sheets WHERE project_id = $1 AND id = ANY ($2) ORDER BY id",
        project_id,
        campaigns,
    )
    return [_campaign(row) for row in rows]


def _category(row: asyncpg.Record) -> CampaignCategory | None:
    if row["category_id"] is None:
        return None
    return CampaignCategory(
        id=row["category_id"], name=row["category_name"], hierarchy=row["category_hierarchy"]
    )


def _campaign(row: asyncpg.Record) -> Campaign:
    template = row["code_template"]
    return Campaign(
        id=row["id"],
        version=row["version"],
        active=row["active"],
        currency=row["currency"],
        time_zone=row["time_zone"],
        definition=CampaignDefinition(
            name=row["name"],
            channel=row["channel"],
            terms=Terms.model_validate(row["terms"]),
            details=Details(**row["details"]),
            commission_plan=CommissionPlan.model_validate(row["commission_plan"]),
            margin_basis_points=row["margin_basis_points"],
            metadata=row["metadata"],
        ),
        partner=Named(id=row["partner_id"], name=row["partner_name"]),
        partner_active=row["partner_active"],
        category=_category(row),
        code_template=CodeTemplate(
            config=CodeConfig(**template["config"]),
            quantity=template["quantity"],
            quantity_given=template["quantity_given"],
        ),
        vouchers_count=row["vouchers_count"],
        issuing=row["issuing"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        standalone=row["standalone"],
        deleted_at=row["deleted_at"],
        redemptions=row["redemptions"],
        enforced=row["enforced"],
        rules=tuple([_assigned(row["id"], each) for each in row["assignments"]]),
    )


def _assigned(campaign_id: str, of: Mapping[str, Any]) -> AssignedRule:
    rule = WrittenRule.model_validate(of["rule"])
    created_at = datetime.fromisoformat(of["created_at"])
    return AssignedRule(Assignment(of["id"], rule.id, campaign_id, created_at), rule)
