"""Campaigns and vouchers as Voucherify shows them: absent halves are null, not missing."""

from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel

from campaigns.api.terms import shown_discount
from campaigns.codes import Shape
from campaigns.definitions import Campaign, Voucher
from contracts.campaigns import CommissionPlan
from contracts.instants import Instant


class Assignments(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[Any] = []
    total: int = 0


class CampaignObject(BaseModel):
    id: str
    name: str
    description: str | None
    campaign_type: Literal["DISCOUNT_COUPONS"] = "DISCOUNT_COUPONS"
    type: str
    voucher: dict[str, Any]
    auto_join: bool = False
    join_once: bool = False
    use_voucher_metadata_schema: bool = False
    validity_timeframe: None = None
    validity_day_of_week: None = None
    validity_hours: None = None
    activity_duration_after_publishing: None = None
    vouchers_count: int
    start_date: Instant | None
    expiration_date: Instant | None
    active: bool
    metadata: dict[str, Any]
    created_at: Instant
    updated_at: Instant | None
    category: str | None
    category_id: str | None
    categories: list[Any] = []
    creation_status: Literal["IN_PROGRESS", "DONE"]
    vouchers_generation_status: Literal["IN_PROGRESS", "DONE"]
    protected: bool = False
    readonly: bool = False
    referral_program: None = None
    validation_rules_assignments: Assignments = Assignments()
    partner_id: str
    partner: str
    channel: str
    contract_notes: str | None
    deal_url: str | None
    landing_url: str | None
    total_limit: int | None
    per_customer_limit: int | None
    commission_plan: CommissionPlan
    margin_basis_points: int
    version: int
    object: Literal["campaign"] = "campaign"


class Campaigns(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["campaigns"] = "campaigns"
    campaigns: list[CampaignObject]
    total: int


class Sent(BaseModel):
    object: Literal["list"] = "list"
    count: int = 0
    url: str


class Redemptions(BaseModel):
    quantity: int | None
    redeemed_quantity: int
    object: Literal["list"] = "list"
    url: str


class VoucherObject(BaseModel):
    id: str
    code: str
    campaign: str
    campaign_id: str
    category: str | None
    category_id: str | None
    categories: list[Any] = []
    type: Literal["DISCOUNT_VOUCHER"] = "DISCOUNT_VOUCHER"
    discount: dict[str, Any]
    gift: None = None
    loyalty_card: None = None
    start_date: Instant | None
    expiration_date: Instant | None
    validity_timeframe: None = None
    validity_day_of_week: None = None
    validity_hours: None = None
    active: bool
    additional_info: None = None
    metadata: dict[str, Any]
    assets: None = None
    is_referral_code: bool = False
    created_at: Instant
    updated_at: Instant | None
    holder_id: None = None
    referrer_id: None = None
    publish: Sent
    redemption: Redemptions
    object: Literal["voucher"] = "voucher"


class WholeVoucher(VoucherObject):
    """One voucher; items of a list omit the assignments."""

    validation_rules_assignments: Assignments = Assignments()


class Vouchers(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["vouchers"] = "vouchers"
    vouchers: list[VoucherObject]
    total: int


def shown_campaign(campaign: Campaign) -> CampaignObject:
    terms, category = campaign.terms, campaign.category
    redemption = {"quantity": campaign.codes.quantity}
    status: Literal["IN_PROGRESS", "DONE"] = "IN_PROGRESS" if campaign.issuing else "DONE"
    return CampaignObject(
        id=campaign.id,
        name=terms.name,
        description=terms.description,
        type=terms.growth,
        voucher={
            "type": "DISCOUNT_VOUCHER",
            "discount": shown_discount(terms.discount),
            "redemption": redemption,
            "code_config": _code_config(campaign.codes.shape),
            "is_referral_code": False,
        },
        vouchers_count=campaign.vouchers_count,
        start_date=terms.starts_at,
        expiration_date=terms.ends_at,
        active=campaign.active,
        metadata=terms.metadata,
        created_at=campaign.created_at,
        updated_at=campaign.updated_at,
        category=None if category is None else category.name,
        category_id=None if category is None else category.id,
        creation_status=status,
        vouchers_generation_status=status,
        partner_id=campaign.partner.id,
        partner=campaign.partner.name,
        channel=terms.channel,
        contract_notes=terms.contract_notes,
        deal_url=terms.deal_url,
        landing_url=terms.landing_url,
        total_limit=terms.total_limit,
        per_customer_limit=terms.per_customer_limit,
        commission_plan=terms.commission_plan,
        margin_basis_points=terms.margin_basis_points,
        version=campaign.version,
    )


def shown_voucher(voucher: Voucher, campaign: Campaign) -> WholeVoucher:
    """Show a code with what it inherits from its campaign."""
    terms, category = campaign.terms, campaign.category
    path = f"/v1/vouchers/{quote(voucher.code, safe='')}"
    return WholeVoucher(
        id=voucher.id,
        code=voucher.code,
        campaign=terms.name,
        campaign_id=campaign.id,
        category=None if category is None else category.name,
        category_id=None if category is None else category.id,
        discount=shown_discount(terms.discount),
        start_date=terms.starts_at,
        expiration_date=terms.ends_at,
        active=voucher.active,
        metadata=voucher.metadata,
        created_at=voucher.created_at,
        updated_at=voucher.updated_at,
        publish=Sent(url=f"{path}/publications?page=1&limit=10"),
        redemption=Redemptions(
            quantity=voucher.quantity,
            redeemed_quantity=voucher.redeemed_quantity,
            url=f"{path}/redemptions?page=1&limit=10",
        ),
    )


def _code_config(shape: Shape) -> dict[str, Any]:
    return {
        "length": len(shape.middle),
        "charset": shape.charset,
        "prefix": shape.prefix,
        "postfix": shape.postfix,
        "pattern": shape.pattern,
    }
