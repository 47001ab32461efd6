"""Campaigns: one per partner and channel."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from campaigns import define, issue, switch
from campaigns.api.access import By, Given
from campaigns.api.fields import Limit, Metadata, Moment, Name, Segment, Text, Url
from campaigns.api.objects import CampaignObject, Campaigns, shown_campaign
from campaigns.api.paging import Paging
from campaigns.api.partners import merged
from campaigns.api.terms import Commission, DiscountBody, Unsupported, VoucherTemplate
from campaigns.api.waiting import hope_for_campaigns
from campaigns.define import CategoryChoice
from campaigns.definitions import Campaign, Growth, Terms
from campaigns.refusals import NotFoundError
from campaigns.store import campaigns
from campaigns.store.connecting import Connection, transaction
from contracts.campaigns import CommissionPlan
from contracts.money import BasisPoints

router = APIRouter(prefix="/v1/campaigns", tags=["campaigns"])

DEFAULT_CHANNEL = "direct"


class NewCampaign(Unsupported):
    """Voucherify's body, and ours beside it: partner, channel, limits, commission, links."""

    name: Name
    voucher: VoucherTemplate
    campaign_type: Literal["DISCOUNT_COUPONS"] | None = None
    type: Growth | None = None
    description: Text | None = None
    start_date: Moment | None = None
    expiration_date: Moment | None = None
    category: Name | None = None
    category_id: Name | None = None
    metadata: Metadata | None = None
    vouchers_count: Annotated[int, Field(strict=True, ge=0, le=issue.MOST_CODES)] | None = None
    partner_id: Name | None = None
    channel: Name | None = None
    contract_notes: Text | None = None
    deal_url: Url | None = None
    landing_url: Url | None = None
    total_limit: Limit | None = None
    per_customer_limit: Limit | None = None
    commission_plan: Commission | None = None
    margin_basis_points: BasisPoints | None = None

    def terms(self) -> Terms:
        return Terms(
            name=self.name,
            growth=self.type or "AUTO_UPDATE",
            description=self.description,
            contract_notes=self.contract_notes,
            deal_url=self.deal_url,
            landing_url=self.landing_url,
            channel=self.channel or DEFAULT_CHANNEL,
            discount=self.voucher.discount.kept(),
            starts_at=self.start_date,
            ends_at=self.expiration_date,
            total_limit=self.total_limit,
            per_customer_limit=self.per_customer_limit,
            commission_plan=(self.commission_plan or Commission()).kept(),
            margin_basis_points=self.margin_basis_points or 0,
            metadata=self.metadata or {},
        )


class CampaignChanges(Unsupported):
    """What is absent stays; null empties; metadata are merged. Name and partner cannot change."""

    type: Growth | None = None
    description: Text | None = None
    start_date: Moment | None = None
    expiration_date: Moment | None = None
    category: Name | None = None
    category_id: Name | None = None
    metadata: Metadata | None = None
    unset_metadata_fields: list[str] | None = None
    discount: DiscountBody | None = None
    contract_notes: Text | None = None
    deal_url: Url | None = None
    landing_url: Url | None = None
    total_limit: Limit | None = None
    per_customer_limit: Limit | None = None
    commission_plan: Commission | None = None
    margin_basis_points: BasisPoints | None = None

    def amend(self, current: Terms) -> Terms:
        """Lay what was sent over the terms as they are."""
        sent = self.model_fields_set
        same_name = {
            "description",
            "contract_notes",
            "deal_url",
            "landing_url",
            "total_limit",
            "per_customer_limit",
        }
        given: dict[str, Any] = {name: getattr(self, name) for name in sent & same_name}
        if "start_date" in sent:
            given["starts_at"] = self.start_date
        if "expiration_date" in sent:
            given["ends_at"] = self.expiration_date
        if self.type is not None:
            given["growth"] = self.type
        if self.discount is not None:
            given["discount"] = self.discount.kept()
        if "commission_plan" in sent:
            plan = self.commission_plan
            given["commission_plan"] = CommissionPlan() if plan is None else plan.kept()
        if "margin_basis_points" in sent:
            given["margin_basis_points"] = self.margin_basis_points or 0
        given["metadata"] = merged(current.metadata, self.metadata, self.unset_metadata_fields)
        return replace(current, **given)

    def category_choice(self) -> CategoryChoice | None:
        """Return the category that was sent, an empty one for null, or None for none sent."""
        if not self.model_fields_set & {"category", "category_id"}:
            return None
        return CategoryChoice(self.category_id, self.category)


@router.post("")
async def create_campaign(new: NewCampaign, by: By, tools: Given) -> CampaignObject:
    codes = new.voucher.codes()
    wanted = new.vouchers_count or 0
    async with transaction(tools.pool) as conn:
        campaign = await define.create_campaign(
            conn,
            by.project_id,
            new.terms(),
            partner_id=new.partner_id,
            category=CategoryChoice(new.category_id, new.category),
            codes=codes,
        )
        issue.refuse_shape(codes.shape, 0, 1)
        if wanted:
            if wanted > 1:
                issue.refuse_many(campaign)
            await issue.start_job(
                conn, by.project_id, campaign, wanted, codes, metadata={}, request_id=by.request_id
            )
            campaign = await _found(conn, by.project_id, campaign.id)
    tools.job_begun.set()
    await hope_for_campaigns(tools.enforcement, by.project_id, [campaign])
    return shown_campaign(campaign)


@router.get("")
async def list_campaigns(
    by: By,
    tools: Given,
    page: Paging,
    order: Annotated[campaigns.Order, Query()] = "-created_at",
) -> Campaigns:
    async with transaction(tools.pool) as conn:
        found, total = await campaigns.page(conn, by.project_id, order, page.limit, page.offset)
    return Campaigns(campaigns=[shown_campaign(each) for each in found], total=total)


@router.get("/{campaign}")
async def get_campaign(campaign: Segment, by: By, tools: Given) -> CampaignObject:
    async with transaction(tools.pool) as conn:
        return shown_campaign(await _found(conn, by.project_id, campaign))


@router.put("/{campaign}")
async def update_campaign(
    campaign: Segment, changes: CampaignChanges, by: By, tools: Given
) -> CampaignObject:
    async with transaction(tools.pool) as conn:
        changed = await define.amend_campaign(
            conn, by.project_id, campaign, changes.amend, changes.category_choice()
        )
    await hope_for_campaigns(tools.enforcement, by.project_id, [changed])
    return shown_campaign(changed)


@router.post("/{campaign}/enable")
async def enable_campaign(campaign: Segment, by: By, tools: Given) -> dict[str, Any]:
    changed = await switch.turn_campaign(tools.pool, by.project_id, campaign, active=True)
    await hope_for_campaigns(tools.enforcement, by.project_id, [changed])
    return {}


@router.post("/{campaign}/disable")
async def disable_campaign(campaign: Segment, by: By, tools: Given) -> dict[str, Any]:
    """Answer once nothing of this campaign redeems any more; 503 when that is not known in time."""
    changed = await switch.turn_campaign(tools.pool, by.project_id, campaign, active=False)
    await tools.enforcement.demand((by.project_id, "campaign", changed.id), changed.version)
    return {}


async def _found(conn: Connection, project_id: str, named: str) -> Campaign:
    found = await campaigns.find(conn, project_id, named)
    if found is None:
        raise NotFoundError("campaign", named)
    return found
