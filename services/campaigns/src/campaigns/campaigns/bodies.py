"""Campaigns as clients write and read them: Voucherify's words, and ours beside them.

In what we show, absent halves are null and not missing.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from campaigns.api import standing
from campaigns.api.body import Body, Unassigned, example
from campaigns.api.fields import Metadata, Name
from campaigns.api.standing import StatusFields
from campaigns.api.versions import Enforced, Undo, UndoBody
from campaigns.api.voucherify import IgnoredOfCampaigns, RefusedOfCampaigns, RefusedOfTemplates
from campaigns.campaigns.choices import DIRECT
from campaigns.campaigns.details import DetailFields, from_details, to_details
from campaigns.campaigns.discounts import DiscountBody, DiscountObject, discount_response
from campaigns.campaigns.terms import SentTermsFields, TermsFields, from_terms, to_terms
from campaigns.categories.bodies import CategoryObject
from campaigns.issuing.bodies import (
    CodeConfigBody,
    CodeConfigObject,
    TemplateRedemptionBody,
    code_config_response,
    to_code_template,
)
from campaigns.issuing.verbs import MOST_CODES
from campaigns.model import Campaign, CampaignDefinition, CampaignType, CodeTemplate
from campaigns.rules.bodies import AssignmentList, RuleIds, assignments_response
from contracts.campaigns import CommissionPlan
from contracts.instants import Instant
from contracts.money import BasisPoints, Minor

DEFAULT_CHANNEL = "direct"


class CommissionPlanBody(Body):
    """What the partner is owed per accepted redemption: the sum of its parts; null is none."""

    share_basis_points: BasisPoints | None = None
    flat_minor: Minor | None = None
    new_customer_bonus_minor: Minor | None = None

    def to_domain(self) -> CommissionPlan:
        return CommissionPlan(**self.model_dump(exclude_none=True))


class VoucherTemplate(RefusedOfTemplates):
    """What each of a campaign's codes is worth and how it looks."""

    type: Literal["DISCOUNT_VOUCHER"]
    discount: DiscountBody
    redemption: TemplateRedemptionBody | None = None
    code_config: CodeConfigBody | None = None

    def code_template(self) -> CodeTemplate:
        template = to_code_template(self.code_config, None, CodeTemplate())
        sent = self.redemption
        return template if sent is None else sent.laid_over(template, as_read=False)


class NewCampaign(SentTermsFields, DetailFields, RefusedOfCampaigns, IgnoredOfCampaigns):
    """Voucherify's body, and ours beside it: partner, channel, limits, commission, links."""

    model_config = example(
        name="Autumn",
        channel="newsletter",
        start_date="2026-09-01T00:00:00Z",
        total_limit=500,
        per_customer_limit=1,
        margin_basis_points=3000,
        commission_plan={"share_basis_points": 500},
        voucher={
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "PERCENT", "percent_off": 10},
            "redemption": {"quantity": None},
        },
    )

    name: Name
    voucher: VoucherTemplate
    campaign_type: Literal["DISCOUNT_COUPONS"] | None = None
    type: CampaignType | None = None
    active: bool | None = None
    category: Name | None = None
    category_id: Name | None = None
    metadata: Metadata | None = None
    vouchers_count: Annotated[int, Field(strict=True, ge=0, le=MOST_CODES)] | None = None
    partner_id: Annotated[
        Name | None,
        Field(
            description=f'Null, as if it were absent, is the partner "{DIRECT}": the one of'
            " campaigns that name none. It is made with the first of these."
        ),
    ] = None
    channel: Annotated[
        Name | None, Field(description=f'Null, as if it were absent, is "{DEFAULT_CHANNEL}".')
    ] = None
    commission_plan: CommissionPlanBody | None = None
    margin_basis_points: BasisPoints | None = None
    validation_rules: RuleIds | None = None

    validation_rules_assignments: Unassigned = None

    def to_domain(self, time_zone: str) -> CampaignDefinition:
        """Return it with its days as those of this zone."""
        return CampaignDefinition(
            name=self.name,
            channel=self.channel or DEFAULT_CHANNEL,
            terms=to_terms(self.voucher.discount.to_domain(), self.dated(time_zone)),
            details=to_details(self.type or "AUTO_UPDATE", self),
            commission_plan=(self.commission_plan or CommissionPlanBody()).to_domain(),
            margin_basis_points=self.margin_basis_points or 0,
            metadata=self.metadata or {},
        )


class TemplateRedemption(BaseModel):
    """How often each code redeems; a quantity of null means "without limit" only if given."""

    quantity: int | None
    quantity_given: bool


class TemplateObject(BaseModel):
    """What each of a campaign's codes is worth and how it looks."""

    type: Literal["DISCOUNT_VOUCHER"] = "DISCOUNT_VOUCHER"
    discount: DiscountObject
    redemption: TemplateRedemption
    code_config: CodeConfigObject
    is_referral_code: bool = False


class CampaignObject(TermsFields, DetailFields, StatusFields):
    model_config = ConfigDict(extra="ignore")  # answers grow

    id: str
    name: str
    campaign_type: Literal["DISCOUNT_COUPONS"] = "DISCOUNT_COUPONS"
    type: CampaignType
    voucher: TemplateObject
    auto_join: bool = False
    use_voucher_metadata_schema: bool = False
    vouchers_count: int
    active: bool
    metadata: dict[str, Any]
    created_at: Instant
    updated_at: Instant | None
    category: str | None
    category_id: str | None
    categories: list[CategoryObject] = Field(default_factory=list)
    creation_status: Literal["IN_PROGRESS", "DONE"]
    vouchers_generation_status: Literal["IN_PROGRESS", "DONE"]
    protected: bool = False
    readonly: bool = False
    referral_program: None = None
    validation_rules: list[str]
    validation_rules_assignments: AssignmentList
    partner_id: str
    partner: str
    channel: str
    commission_plan: CommissionPlan
    margin_basis_points: int
    version: int
    standalone: bool
    deleted_at: Instant | None
    redemptions: int
    object: Literal["campaign"] = "campaign"


class Switched(Enforced, StatusFields):
    """A switch that stands as was asked; the official clients read nothing of it.

    `status` tells what comes of it: enabled under a partner that is switched off, it is disabled.
    """

    version: int


def campaign_response(campaign: Campaign, at: datetime | None = None) -> CampaignObject:
    """Show a campaign with its status at a moment, which is now unless one is given."""
    definition, category = campaign.definition, campaign.category
    issuing: Literal["IN_PROGRESS", "DONE"] = "IN_PROGRESS" if campaign.issuing else "DONE"
    return CampaignObject(
        id=campaign.id,
        name=definition.name,
        type=definition.details.type,
        voucher=TemplateObject(
            discount=discount_response(definition.terms.discount),
            redemption=TemplateRedemption(
                quantity=campaign.code_template.quantity,
                quantity_given=campaign.code_template.quantity_given,
            ),
            code_config=code_config_response(campaign.code_template.config),
        ),
        vouchers_count=campaign.vouchers_count,
        active=campaign.active,
        metadata=definition.metadata,
        created_at=campaign.created_at,
        updated_at=campaign.updated_at,
        category=None if category is None else category.name,
        category_id=None if category is None else category.id,
        creation_status=issuing,
        vouchers_generation_status=issuing,
        partner_id=campaign.partner.id,
        partner=campaign.partner.name,
        channel=definition.channel,
        commission_plan=definition.commission_plan,
        margin_basis_points=definition.margin_basis_points,
        version=campaign.version,
        standalone=campaign.standalone,
        deleted_at=campaign.deleted_at,
        redemptions=campaign.redemptions,
        validation_rules=[each.rule.id for each in campaign.rules],
        validation_rules_assignments=assignments_response(
            [each.assignment for each in campaign.rules]
        ),
        **standing.shown(standing.of_campaign(campaign, at or datetime.now(UTC))),
        **from_terms(definition.terms).model_dump(),
        **from_details(definition.details).model_dump(),
    )


def switched_response(before: Campaign, after: Campaign, since: datetime | None) -> Switched:
    """Say that it is done, since when, and how it is undone."""
    undo = None
    if before.active != after.active:
        back = "enable" if before.active else "disable"
        path = f"/v1/campaigns/{after.id}/{back}"
        undo = Undo(path=path, body=UndoBody(version=after.version))
    now = replace(after, enforced=since is not None)
    shown = standing.shown(standing.of_campaign(now, datetime.now(UTC)))
    return Switched(enforced_at=since, version=after.version, undo=undo, **shown)
