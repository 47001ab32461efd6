"""The questions: one function per report, its SQL and its typed result together.

Every query names the project first and reads FINAL: a fact counts once however often it was stored.
Sums are 128 bits wide: no basket that the contract allows makes one overflow.
"""

from clickhouse_connect.driver.asyncclient import AsyncClient
from pydantic import BaseModel

from analytics.questions import IN_QUESTION, Page, Question, ask


class Earnings(BaseModel):
    """What was seen, redeemed and earned; money in minor units of `currency`."""

    currency: str
    visits: int
    redemptions: int
    new_customers: int
    gross_minor: int
    discount_minor: int
    commission_minor: int
    gross_profit_minor: int
    cost_minor: int
    profit_minor: int
    roi: float | None
    refused: int
    refused_minor: int


class Partner(BaseModel):
    """Who; a name that no snapshot has told yet is empty."""

    partner_id: str
    name: str


class Campaign(BaseModel):
    """Which deal; a name that no snapshot has told yet is empty."""

    campaign_id: str
    name: str
    partner_id: str
    partner_name: str
    channel: str


class PartnerEarnings(Earnings, Partner):
    """What a partner earned."""


class CampaignEarnings(Earnings, Campaign):
    """What a campaign earned."""


class Failures(BaseModel):
    """Refusals for one reason; no partner where nobody had issued the code."""

    reason: str
    partner_id: str | None
    partner_name: str | None
    count: int
    customers: int
    refused_minor: int
    currency: str


# Per campaign and currency. A visit has no currency, and a refusal need not name one: both count
# in the project's.
PERFORMANCE = f"""
    SELECT
        partner_id, campaign_id,
        if(currency = '', {{currency:String}}, currency) AS currency,
        toUInt64(0) AS visits,
        countIf(result = 'succeeded') AS redemptions,
        countIf(result = 'succeeded' AND customer_is_new) AS new_customers,
        sumIf(toInt128(order_minor), result = 'succeeded') AS gross,
        sumIf(toInt128(discount_minor), result = 'succeeded') AS discount,
        sumIf(toInt128(commission_minor), result = 'succeeded') AS commission,
        sumIf(toInt128(order_minor) * margin_basis_points, result = 'succeeded') AS weighted,
        countIf(result = 'failed') AS refused,
        sumIf(toInt128(order_minor), result = 'failed') AS refused_value
    FROM redemption_events FINAL
    WHERE {IN_QUESTION} AND partner_id != ''
    GROUP BY partner_id, campaign_id, currency
    UNION ALL
    SELECT partner_id, campaign_id, {{currency:String}}, count(), 0, 0, 0, 0, 0, 0, 0, 0
    FROM visits FINAL
    WHERE {IN_QUESTION} AND partner_id != ''
    GROUP BY partner_id, campaign_id
"""  # noqa: S608  # constants of this module

# Gross times margin is summed exactly and rounded once, half up.
SUMS = """
    sum(visits) AS visits,
    sum(redemptions) AS redemptions,
    sum(new_customers) AS new_customers,
    sum(gross) AS gross_minor,
    sum(discount) AS discount_minor,
    sum(commission) AS commission_minor,
    intDiv(sum(weighted) + 5000, 10000) AS gross_profit_minor,
    discount_minor + commission_minor AS cost_minor,
    gross_profit_minor - cost_minor AS profit_minor,
    if(cost_minor = 0, NULL, profit_minor / cost_minor) AS roi,
    sum(refused) AS refused,
    sum(refused_value) AS refused_minor
"""

PARTNERS = f"""
    WITH names AS (
        SELECT partner_id, argMax(partner_name, (changed_at, version)) AS name
        FROM campaigns FINAL WHERE project_id = {{project:String}} GROUP BY partner_id
    )
    SELECT f.partner_id AS partner_id, any(n.name) AS name, f.currency AS currency, {SUMS}
    FROM ({PERFORMANCE}) AS f LEFT JOIN names AS n ON n.partner_id = f.partner_id
    GROUP BY partner_id, currency
"""  # noqa: S608  # constants of this module

CAMPAIGNS = f"""
    WITH names AS (
        SELECT campaign_id, name, partner_name, channel
        FROM campaigns FINAL WHERE project_id = {{project:String}}
    )
    SELECT
        f.campaign_id AS campaign_id, any(n.name) AS name, f.partner_id AS partner_id,
        any(n.partner_name) AS partner_name, any(n.channel) AS channel,
        f.currency AS currency, {SUMS}
    FROM ({PERFORMANCE}) AS f LEFT JOIN names AS n ON n.campaign_id = f.campaign_id
    GROUP BY campaign_id, partner_id, currency
"""  # noqa: S608  # constants of this module

FAILURES = f"""
    WITH
        names AS (
            SELECT partner_id, argMax(partner_name, (changed_at, version)) AS name
            FROM campaigns FINAL WHERE project_id = {{project:String}} GROUP BY partner_id
        ),
        refusals AS (
            SELECT
                reason, partner_id,
                if(currency = '', {{currency:String}}, currency) AS currency,
                count() AS count,
                uniqExactIf(customer_id, customer_id != '') AS customers,
                sum(toInt128(order_minor)) AS refused_minor
            FROM redemption_events FINAL
            WHERE {IN_QUESTION} AND result = 'failed'
            GROUP BY reason, partner_id, currency
        )
    SELECT
        r.reason AS reason, nullIf(r.partner_id, '') AS partner_id,
        nullIf(n.name, '') AS partner_name,
        r.count AS count, r.customers AS customers, r.refused_minor AS refused_minor,
        r.currency AS currency
    FROM refusals AS r LEFT JOIN names AS n ON n.partner_id = r.partner_id
"""  # noqa: S608  # constants of this module


async def partners(
    client: AsyncClient, question: Question, page: Page
) -> tuple[list[PartnerEarnings], int]:
    """Tell what each partner earned, and how many partners there are to tell of."""
    found, total = await ask(client, PARTNERS, "partner_id, currency", question, page)
    return [PartnerEarnings.model_validate(line) for line in found], total


async def campaigns(
    client: AsyncClient, question: Question, page: Page
) -> tuple[list[CampaignEarnings], int]:
    """Tell what each campaign earned, and how many campaigns there are to tell of."""
    identity = "campaign_id, partner_id, currency"
    found, total = await ask(client, CAMPAIGNS, identity, question, page)
    return [CampaignEarnings.model_validate(line) for line in found], total


async def failures(
    client: AsyncClient, question: Question, page: Page
) -> tuple[list[Failures], int]:
    """Tell why customers of which partner were refused, and how many such lines there are."""
    identity = "reason, partner_id, currency"
    found, total = await ask(client, FAILURES, identity, question, page)
    return [Failures.model_validate(line) for line in found], total
