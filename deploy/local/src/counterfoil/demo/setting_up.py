"""Creates partners, categories, campaigns and codes, as marketing would: over HTTP.

A call whose answer was lost is made again; then the name exists, and is looked up instead.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from counterfoil.demo.assumptions import MARGIN_BASIS_POINTS
from counterfoil.demo.gateway import Gateway
from counterfoil.demo.progress import Advance
from counterfoil.demo.scenario import CampaignPlan, PartnerPlan, Scenario
from counterfoil.demo.sending import Created

EXISTS = frozenset({HTTPStatus.CONFLICT})


async def set_up_campaigns(
    gateway: Gateway, scenario: Scenario, advance: Advance
) -> dict[str, Created]:
    """Create everything but the codes; return the campaigns by name."""
    partner_ids = {plan.name: await _partner(gateway, plan) for plan in scenario.partners}
    category_ids = {
        name: await _category(gateway, name, rank)
        for rank, name in enumerate(sorted({plan.category for plan in scenario.campaigns}))
    }
    partners = {plan.name: plan for plan in scenario.partners}
    created = await _counted(
        [
            _campaign(gateway, plan, partners[plan.partner], partner_ids, category_ids)
            for plan in scenario.campaigns
        ],
        advance,
    )
    return {plan.name: made for plan, made in zip(scenario.campaigns, created, strict=True)}


async def set_up_codes(
    gateway: Gateway, scenario: Scenario, campaigns: Mapping[str, Created], advance: Advance
) -> None:
    """Give each campaign its fixed codes; each may be used as often as the campaign allows."""
    await _counted(
        [
            gateway.call(
                "POST",
                f"/v1/campaigns/{campaigns[plan.name].id}/vouchers/{quote(code, safe='')}",
                {"redemption": {"quantity": None}},
                accepting=EXISTS,
            )
            for plan in scenario.campaigns
            for code in plan.codes
        ],
        advance,
    )


async def switch_off(gateway: Gateway, campaign: Created) -> None:
    """Disable a campaign; when this returns, nothing of it redeems any more."""
    await gateway.call("POST", f"/v1/campaigns/{campaign.id}/disable")


async def _partner(gateway: Gateway, plan: PartnerPlan) -> str:
    body = {
        "name": plan.name,
        "contract_notes": plan.contract_notes,
        "deal_url": plan.deal_link,
        "landing_url": plan.landing_page,
    }
    status, answer = await gateway.call("POST", "/v1/partners", body, accepting=EXISTS)
    if status == HTTPStatus.CONFLICT:
        _, listed = await gateway.call("GET", "/v1/partners?limit=100")
        return _named(listed["partners"], plan.name)
    return str(answer["id"])


async def _category(gateway: Gateway, name: str, rank: int) -> str:
    body = {"name": name, "hierarchy": rank}
    status, answer = await gateway.call("POST", "/v1/categories", body, accepting=EXISTS)
    if status == HTTPStatus.CONFLICT:
        _, listed = await gateway.call("GET", "/v1/categories")
        return _named(listed["data"], name)
    return str(answer["id"])


async def _campaign(
    gateway: Gateway,
    plan: CampaignPlan,
    partner: PartnerPlan,
    partner_ids: Mapping[str, str],
    category_ids: Mapping[str, str],
) -> Created:
    body = {
        "name": plan.name,
        "description": plan.description,
        "type": "AUTO_UPDATE",
        "partner_id": partner_ids[plan.partner],
        "channel": partner.channel,
        "category_id": category_ids[plan.category],
        "contract_notes": partner.contract_notes,
        "deal_url": partner.deal_link,
        "landing_url": partner.landing_page,
        "voucher": {
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "AMOUNT", "amount_off": plan.amount_off_minor},
            "code_config": {"prefix": partner.prefix},
        },
        "start_date": plan.starts_at.isoformat(),
        "expiration_date": plan.ends_at.isoformat(),
        "applicable_to": {
            "included": [{"object": "product", "id": str(each)} for each in plan.products]
        }
        if plan.products
        else None,
        "total_limit": plan.total_limit,
        "per_customer_limit": plan.per_customer_limit,
        "commission_plan": partner.commission.model_dump(),
        "margin_basis_points": MARGIN_BASIS_POINTS,
    }
    status, answer = await gateway.call("POST", "/v1/campaigns", body, accepting=EXISTS)
    if status == HTTPStatus.CONFLICT:
        _, answer = await gateway.call("GET", f"/v1/campaigns/{quote(plan.name, safe='')}")
    return Created(
        str(answer["id"]),
        str(answer["partner_id"]),
        str(answer["channel"]),
        answer["category_id"],
    )


def _named(listed: Iterable[Mapping[str, Any]], name: str) -> str:
    return str(next(each["id"] for each in listed if each["name"] == name))


async def _counted(calls: Iterable[Awaitable[Any]], advance: Advance) -> list[Any]:
    done = 0

    async def counting(call: Awaitable[Any]) -> Any:
        nonlocal done
        result = await call
        done += 1
        advance(done)
        return result

    return await asyncio.gather(*(counting(call) for call in calls))
