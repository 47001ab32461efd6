"""A campaign's changes as clients write them: what PUT takes, and what it only lets be repeated."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from campaigns.api.body import Fixed, example, overlay
from campaigns.api.fields import Name
from campaigns.api.metadata import MetadataChanges
from campaigns.api.versions import Versioned
from campaigns.api.voucherify import (
    CampaignReadBack,
    IgnoredOfCampaigns,
    RefusedOfCampaigns,
    RefusedOfTemplates,
)
from campaigns.campaigns.bodies import (
    CommissionPlanBody,
    campaign_response,
)
from campaigns.campaigns.chosen import ChoiceChanges
from campaigns.campaigns.details import DetailFields, from_details, to_details
from campaigns.campaigns.discounts import DiscountBody
from campaigns.campaigns.terms import SentTermsFields, from_terms, to_terms
from campaigns.issuing.bodies import CodeConfigBody, TemplateRedemptionBody, changed_template
from campaigns.model import Campaign, CampaignDefinition, CampaignType, CodeTemplate
from campaigns.refusals import InvalidError
from contracts.discounts import Discount
from contracts.money import BasisPoints

# What a PUT may repeat as it is, and what to do instead of changing it.
FIXED: Final[Mapping[str, str]] = {
    "campaign_type": "there are discount coupons alone",
    "vouchers_count": "POST …/vouchers?vouchers_count=n issues more",
    "partner_id": "what was earned stays with who earned it: make a campaign per partner",
    "partner": "make a campaign per partner; a partner is renamed by its own PUT",
    "validation_rules_assignments": "send the rules' ids as .validation_rules",
    "channel": "its figures are those of this channel: make a campaign per channel",
    "standalone": "a code of its own is made by POST /v1/vouchers",
    "deleted_at": "DELETE moves it to the bin, and POST …/restore takes it out",
}


class TemplateChanges(RefusedOfTemplates):
    """What codes are worth, and what those issued later are like: they may differ once more."""

    type: Literal["DISCOUNT_VOUCHER"] | None = None
    discount: DiscountBody | None = None
    redemption: TemplateRedemptionBody | None = None
    code_config: CodeConfigBody | None = None

    def merged_with(self, current: CodeTemplate) -> CodeTemplate:
        return changed_template(self.code_config, self.redemption, current)


class CampaignChanges(
    SentTermsFields,
    DetailFields,
    ChoiceChanges,
    MetadataChanges,
    RefusedOfCampaigns,
    IgnoredOfCampaigns,
    CampaignReadBack,
    Versioned,
):
    """What is absent stays; null empties; metadata are merged."""

    model_config = example(total_limit=800, expiration_date="2026-12-31T23:00:00Z")

    name: Name | None = None
    type: CampaignType | None = None
    active: bool | None = None
    discount: DiscountBody | None = None
    voucher: TemplateChanges | None = None
    commission_plan: CommissionPlanBody | None = None
    margin_basis_points: BasisPoints | None = None

    campaign_type: Fixed = None
    vouchers_count: Fixed = None
    partner_id: Fixed = None
    partner: Fixed = None
    channel: Fixed = None
    standalone: Fixed = None
    deleted_at: Fixed = None

    def check_fixed(self, current: Campaign) -> None:
        """Raise for what never changes and was sent as something else than it is."""
        shown = campaign_response(current).model_dump(mode="json")
        for name in sorted(self.model_fields_set & FIXED.keys()):
            if name == "vouchers_count" and self._was_read_before(shown[name]):
                continue
            if not _says_the_same(getattr(self, name), shown[name]):
                raise InvalidError(f"Property .{name}: cannot be changed here", FIXED[name])
        if current.standalone and self.type not in {None, current.definition.details.type}:
            raise InvalidError("Property .type: cannot be changed here", FIXED["standalone"])

    def _was_read_before(self, count: int) -> bool:
        """Tell whether who sends a version back had read it while codes were still being made."""
        sent = self.vouchers_count
        return self.version is not None and type(sent) is int and 0 <= sent <= count

    def merged_with(self, campaign: Campaign) -> Campaign:
        """Lay what was sent over a campaign; its category is chosen apart."""
        template = campaign.code_template
        return replace(
            campaign,
            definition=self._definition(campaign.definition, campaign.time_zone),
            active=campaign.active if self.active is None else self.active,
            code_template=template if self.voucher is None else self.voucher.merged_with(template),
        )

    def _definition(self, current: CampaignDefinition, time_zone: str) -> CampaignDefinition:
        """Lay what was sent over the campaign as it is: written as a client would, read again."""
        discount = self._discount() or current.terms.discount
        plan, margin = current.commission_plan, current.margin_basis_points
        if "commission_plan" in self.model_fields_set:
            plan = (self.commission_plan or CommissionPlanBody()).to_domain()
        if "margin_basis_points" in self.model_fields_set:
            margin = self.margin_basis_points or 0
        return CampaignDefinition(
            name=self.name or current.name,
            channel=current.channel,
            terms=to_terms(discount, overlay(from_terms(current.terms), self.dated(time_zone))),
            details=to_details(
                self.type or current.details.type, overlay(from_details(current.details), self)
            ),
            commission_plan=plan,
            margin_basis_points=margin,
            metadata=self.merged_metadata(current.metadata),
        )

    def _discount(self) -> Discount | None:
        """Return what codes are to be worth: it may be sent where it is shown, or by itself."""
        inner = None if self.voucher is None else self.voucher.discount
        if self.discount is not None and inner is not None and self.discount != inner:
            raise InvalidError(
                "Properties .discount and .voucher.discount differ", "send one of the two"
            )
        sent = self.discount or inner
        return None if sent is None else sent.to_domain()


def _says_the_same(sent: Any, shown: Any) -> bool:
    """Tell whether what was sent says nothing else; it may say less, as clients drop null."""
    if isinstance(sent, dict) and isinstance(shown, dict):
        return all(_says_the_same(value, shown.get(name)) for name, value in sent.items())
    return bool(sent == shown)
