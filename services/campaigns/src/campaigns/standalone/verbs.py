"""Makes a code that has its own terms. The caller opened the transaction."""

from collections.abc import Sequence
from dataclasses import replace

from campaigns.campaigns import verbs as campaigns
from campaigns.campaigns.choices import CategoryChoice
from campaigns.issuing import verbs as issue
from campaigns.model import Campaign, CampaignDefinition, CodeTemplate, Metadata, Voucher
from servicekit.postgres.pool import Connection


async def create(
    conn: Connection,
    project_id: str,
    definition: CampaignDefinition,
    code: str | None,
    *,
    template: CodeTemplate,
    partner_id: str | None,
    category: CategoryChoice,
    metadata: Metadata,
    active: bool,
    rule_ids: Sequence[str] = (),
) -> tuple[Voucher, Campaign]:
    """Make a code, drawn unless it was chosen, and the campaign of its own, named by it."""
    drawn = code is None
    if code is None:
        issue.check_config(template.config, 0, 1)
        code = await issue.draw_code(conn, project_id, template.config)
    else:
        issue.check_code(code)
    campaign = await campaigns.create(
        conn,
        project_id,
        replace(definition, name=code),
        partner_id=partner_id,
        category=category,
        code_template=template,
        standalone=True,
        rule_ids=rule_ids,
    )
    voucher = await issue.add_code(
        conn,
        project_id,
        campaign,
        code,
        quantity=template.quantity_when_generated if drawn else template.quantity,
        metadata=metadata,
        active=active,
        generated=drawn,
    )
    return voucher, campaign
