"""Vouchers as Voucherify shows them: absent halves are null, not missing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, Field

from campaigns.api import standing
from campaigns.api.standing import StatusFields
from campaigns.api.versions import Enforced, Undo, UndoBody
from campaigns.campaigns.applicable import ApplicableToBody
from campaigns.campaigns.discounts import DiscountObject, discount_response
from campaigns.campaigns.limits import LimitBodies
from campaigns.campaigns.rollbacks import RollbackBody
from campaigns.campaigns.terms import TermsFields, from_terms
from campaigns.campaigns.windows import Days, HoursBody, TimeframeBody
from campaigns.catalogue import Assignment
from campaigns.categories.bodies import CategoryObject
from campaigns.model import Campaign, Voucher
from campaigns.rules.bodies import AssignmentList, assignments_response
from contracts.instants import Instant
from contracts.terms import Terms


class PublishSummary(BaseModel):
    object: Literal["list"] = "list"
    count: int
    url: str


class RedemptionSummary(BaseModel):
    quantity: int | None
    redeemed_quantity: int
    object: Literal["list"] = "list"
    url: str


class VoucherObject(StatusFields):
    """A code with what it inherits; a standalone one shows no name of a campaign."""

    id: str
    code: str
    campaign: str | None
    campaign_id: str
    partner: str
    partner_id: str
    channel: str
    category: str | None
    category_id: str | None
    categories: list[CategoryObject] = Field(default_factory=list)
    type: Literal["DISCOUNT_VOUCHER"] = "DISCOUNT_VOUCHER"
    discount: DiscountObject
    gift: None = None
    loyalty_card: None = None
    start_date: Instant | None
    expiration_date: Instant | None
    validity_timeframe: TimeframeBody | None
    validity_day_of_week: Days | None
    validity_hours: HoursBody | None
    active: bool
    additional_info: None = None
    metadata: dict[str, Any]
    assets: None = None
    is_referral_code: bool = False
    created_at: Instant
    updated_at: Instant | None
    holder_id: str | None
    referrer_id: None = None
    publish: PublishSummary
    published_at: Instant | None
    redemption: RedemptionSummary
    version: int
    standalone: bool
    deleted_at: Instant | None
    object: Literal["voucher"] = "voucher"


class VoucherDetail(VoucherObject):
    """One voucher; items of a list omit the limits, its campaign's or its own, and assignments."""

    total_limit: int | None
    per_customer_limit: int | None
    limits: LimitBodies
    applicable_to: ApplicableToBody | None
    rollback: RollbackBody
    validation_rules: list[str] = Field(description="The code's own, all of which have to be met.")
    campaign_validation_rules: list[str] = Field(
        description="Its campaign's, which have to be met first."
    )
    validation_rules_assignments: AssignmentList


class SwitchedVoucher(VoucherDetail, Enforced):
    """A code whose switch stands as was asked, since when, and how it is undone."""


def voucher_response(
    voucher: Voucher, campaign: Campaign, at: datetime | None = None, *, enforced: bool = True
) -> VoucherDetail:
    """Show a code with what it inherits, and its status at a moment, which is now unless given.

    `enforced`: redemption has confirmed how it is now.
    """
    terms, category = campaign.definition.terms, campaign.category
    own = own_rules(voucher, campaign)
    path = f"/v1/vouchers/{quote(voucher.code, safe='')}"
    return VoucherDetail(
        id=voucher.id,
        code=voucher.code,
        campaign=None if campaign.standalone else campaign.definition.name,
        campaign_id=campaign.id,
        partner=campaign.partner.name,
        partner_id=campaign.partner.id,
        channel=campaign.definition.channel,
        category=None if category is None else category.name,
        category_id=None if category is None else category.id,
        discount=discount_response(terms.discount),
        **_terms(terms, ends_at=voucher.ends_within(campaign)),
        validation_rules=[each.rule_id for each in own],
        campaign_validation_rules=[]
        if campaign.standalone
        else [each.rule.id for each in campaign.rules],
        validation_rules_assignments=assignments_response(own),
        active=voucher.active,
        metadata=voucher.metadata,
        created_at=voucher.created_at,
        updated_at=voucher.updated_at,
        holder_id=voucher.holder_id,
        publish=PublishSummary(
            count=0 if voucher.publication_id is None else 1,
            url=f"{path}/publications?page=1&limit=10",
        ),
        published_at=voucher.published_at,
        redemption=RedemptionSummary(
            quantity=voucher.quantity,
            redeemed_quantity=voucher.redeemed_quantity,
            url=f"{path}/redemptions?page=1&limit=10",
        ),
        version=voucher.version,
        standalone=campaign.standalone,
        deleted_at=voucher.deleted_at,
        **standing.shown(
            standing.of_voucher(voucher, campaign, at or datetime.now(UTC), enforced=enforced)
        ),
    )


def switched_response(
    before: Voucher, after: Voucher, campaign: Campaign, since: datetime | None
) -> SwitchedVoucher:
    undo = None
    if before.active != after.active:
        back = "enable" if before.active else "disable"
        path = f"/v1/vouchers/{after.id}/{back}"
        undo = Undo(path=path, body=UndoBody(version=after.version))
    shown = voucher_response(after, campaign)
    return SwitchedVoucher(**dict(shown), enforced_at=since, undo=undo)


def own_rules(voucher: Voucher, campaign: Campaign) -> Sequence[Assignment]:
    """Return which rules hold for a code alone: for a standalone one all of its campaign's."""
    if not campaign.standalone:
        return voucher.rules
    return [replace(each.assignment, voucher_id=voucher.id) for each in campaign.rules]


def _terms(terms: Terms, *, ends_at: datetime | None) -> dict[str, Any]:
    """Return when and how often a code holds: as its campaign does, but for an end of its own."""
    shown = from_terms(terms).model_copy(update={"expiration_date": ends_at})
    return {name: getattr(shown, name) for name in TermsFields.model_fields}
