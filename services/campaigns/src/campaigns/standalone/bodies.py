"""A code as clients make it: with terms of its own, or in a campaign that has them."""

from typing import Any, Literal

from pydantic import Field

from campaigns.api.body import Unassigned, Unsupported, example
from campaigns.api.fields import Code, Metadata, Name
from campaigns.campaigns.bodies import DEFAULT_CHANNEL, CommissionPlanBody
from campaigns.campaigns.discounts import DiscountBody
from campaigns.campaigns.terms import SentTermsFields, to_terms
from campaigns.issuing.bodies import CodeConfigBody, NewCodes, RedemptionBody, to_code_template
from campaigns.model import CampaignDefinition, CodeTemplate, Details
from campaigns.refusals import InvalidError
from campaigns.rules.bodies import RuleIds
from contracts.money import BasisPoints


class NewVoucher(SentTermsFields):
    """Voucherify's body, and ours beside it: whose it is, and what is owed for it."""

    model_config = example(
        type="DISCOUNT_VOUCHER",
        discount={"type": "PERCENT", "percent_off": 10},
        redemption={"quantity": 1},
        expiration_date="2026-12-31T23:00:00Z",
    )

    type: Literal["DISCOUNT_VOUCHER"] | None = None
    discount: DiscountBody | None = None
    code: Code | None = None
    code_config: CodeConfigBody | None = None
    redemption: RedemptionBody | None = None
    active: bool | None = None
    metadata: Metadata | None = None
    campaign: Name | None = None
    campaign_id: Name | None = None
    category: Name | None = None
    category_id: Name | None = None
    partner_id: Name | None = None
    channel: Name | None = None
    commission_plan: CommissionPlanBody | None = None
    margin_basis_points: BasisPoints | None = None
    validation_rules: RuleIds | None = None

    gift: Unsupported = None
    loyalty_card: Unsupported = None
    is_referral_code: Unsupported = None
    categories: Unsupported = None
    validation_rules_assignments: Unassigned = None
    additional_info: Any = Field(
        default=None,
        exclude=True,
        description="Ignored: a remark that decides nothing: metadata are kept",
    )

    def code_template(self) -> CodeTemplate:
        return to_code_template(self.code_config, self.redemption, CodeTemplate())

    def to_domain(self, time_zone: str) -> CampaignDefinition:
        """Return the campaign of its own, in days of this zone; its name is to be the code."""
        if self.discount is None:
            raise InvalidError(
                "Property .discount: is needed", "what is the code worth? Or name its .campaign"
            )
        return CampaignDefinition(
            name="",
            channel=self.channel or DEFAULT_CHANNEL,
            terms=to_terms(self.discount.to_domain(), self.dated(time_zone)),
            details=Details(type="STANDALONE"),
            commission_plan=(self.commission_plan or CommissionPlanBody()).to_domain(),
            margin_basis_points=self.margin_basis_points or 0,
            metadata={},
        )

    def joins(self) -> str | None:
        """Return the campaign that the code is to join, which has all its terms."""
        if self.campaign is not None and self.campaign_id is not None:
            raise InvalidError("Properties .campaign and .campaign_id are both given", "send one")
        named = self.campaign_id or self.campaign
        if named is None:
            return None
        own = {"type", "code", "code_config", "redemption", "active", "metadata"}
        own |= {"validation_rules", "campaign", "campaign_id"}
        for name in sorted(self.model_fields_set - own):
            if getattr(self, name) is not None and not type(self).model_fields[name].exclude:
                raise InvalidError(
                    f"Property .{name}: belongs to the campaign {named}",
                    "leave it out, or leave out .campaign",
                )
        return named

    def to_new_codes(self) -> NewCodes:
        """Return what the campaign is asked for."""
        return NewCodes(
            code_config=self.code_config,
            redemption=self.redemption,
            metadata=self.metadata,
            active=self.active,
            validation_rules=self.validation_rules,
        )
