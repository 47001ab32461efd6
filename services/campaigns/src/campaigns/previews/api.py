"""Previews over HTTP: the form asks at each pause, and shows what comes of it."""

import secrets
from itertools import islice
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body

from campaigns import codes
from campaigns.api.access import CurrentCaller, Deps
from campaigns.campaigns.choices import CategoryChoice
from campaigns.codes import CodeConfig
from campaigns.model import CampaignDefinition, CodeTemplate
from campaigns.previews import bodies, drafts, estimates, verbs
from campaigns.previews.bodies import CampaignPreview, ProblemObject
from campaigns.projects import verbs as projects
from contracts.money import LARGEST_MINOR
from servicekit.postgres.pool import connection

router = APIRouter(prefix="/v1/campaigns/preview", tags=["campaigns"])

SAMPLE_CODES: Final = 5
SAMPLE: Final = "sample_order_minor"

DraftBody = Annotated[
    dict[str, Any],
    Body(
        description="As of POST /v1/campaigns, as far as it is written, and `sample_order_minor`.",
        examples=[{"name": "Autumn", "total_limit": 500, SAMPLE: 5000}],
    ),
]


@router.post("")
async def preview_campaign(body: DraftBody, caller: CurrentCaller, deps: Deps) -> CampaignPreview:
    """Say what a campaign would be, and what is wrong with it; nothing is changed."""
    order_minor, problems = _sample_order(body)
    draft = drafts.read({name: value for name, value in body.items() if name != SAMPLE})
    async with connection(deps.reading(caller)) as conn:
        project = await projects.get(conn, caller.project_id)
        preview = CampaignPreview(
            problems=problems, currency=project.currency, minor_units=project.minor_units
        )
        if draft is None:
            return preview
        sent = draft.body
        problems += [ProblemObject(field=f, message=m) for f, m in draft.problems]
        found = await verbs.compare(
            conn,
            caller.project_id,
            name=sent.name if draft.has_name else None,
            partner_id=sent.partner_id,
            category=CategoryChoice(sent.category_id, sent.category),
            rule_ids=sent.validation_rules or (),
        )
    definition = sent.to_domain(project.time_zone)
    template = caller.code_template(sent.voucher.code_template())
    found += verbs.check_terms(definition.terms, project.time_zone)
    found += verbs.check_codes(definition, template, sent.vouchers_count or 0)
    problems += [ProblemObject(field=f, message=m) for f, m in found]
    if codes.check_config(template.config) is None:
        preview.sample_codes = _samples(template.config)
        preview.code_space = bodies.code_space(template.config)
    if definition.terms.validity.ends_at is not None:
        ends_at = definition.terms.validity.ends_at
        preview.last_accepted = bodies.last_accepted(ends_at, project.time_zone)
    if draft.has_discount and order_minor is not None:
        _show_money(preview, definition, template, sent.vouchers_count, order_minor)
    preview.problems = problems
    return preview


def _show_money(
    preview: CampaignPreview,
    definition: CampaignDefinition,
    template: CodeTemplate,
    vouchers_count: int | None,
    order_minor: int,
) -> None:
    terms, plan = definition.terms, definition.commission_plan
    shown = bodies.sample(terms.discount, order_minor, preview.currency)
    preview.sample = shown
    preview.commission = bodies.commission_sample(plan, shown.to_pay_minor, preview.currency)
    uses = estimates.most_uses(terms.limits, vouchers_count, template, shown.discount_minor)
    if uses is not None:
        cost = estimates.cost_of(uses, shown.discount_minor, order_minor, plan)
        preview.if_all_used = bodies.cost_response(cost)


def _sample_order(body: dict[str, Any]) -> tuple[int | None, list[ProblemObject]]:
    sent = body.get(SAMPLE)
    if sent is None or (type(sent) is int and 0 <= sent <= LARGEST_MINOR):
        return sent, []
    message = "should be an amount in minor units, 0 or more"
    return None, [ProblemObject(field=SAMPLE, message=message)]


def _samples(config: CodeConfig) -> list[str]:
    drawn = islice(codes.generate(config, secrets.randbelow), SAMPLE_CODES)
    return list(dict.fromkeys(drawn))
