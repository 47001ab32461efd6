"""A campaign's changes as clients write them: what PUT takes, and what it only lets be repeated."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import Field

from campaigns.api.body import example, overlay
from campaigns.api.fields import Name
from campaigns.api.metadata import MetadataChanges
from campaigns.api.voucherify import CampaignReadBack, IgnoredOfCampaigns, RefusedOfCampaigns
from campaigns.campaigns.bodies import (
    CommissionPlanBody,
    DetailFields,
    campaign_response,
    from_details,
    to_details,
)
from campaigns.campaigns.terms import DiscountBody, TermsFields, from_terms, to_terms
from campaigns.campaigns.verbs import CategoryChoice
from campaigns.model import Campaign, CampaignDefinition, CampaignType
from campaigns.refusals import InvalidError
from contracts.money import BasisPoints

# What a PUT may repeat as it is, and what to do instead of changing it.
FIXED: Final[Mapping[str, str]] = {
    "name": "a campaign keeps its name: reports and links of the past show it",
    "campaign_type": "there are discount coupons alone",
    "voucher": "send .discount for what codes are worth; codes issued later may have their own "
    "code_config and redemption",
    "vouchers_count": "POST …/vouchers?vouchers_count=n issues more",
    "partner_id": "make a campaign per partner",
    "partner": "make a campaign per partner; a partner is renamed by its own PUT",
    "channel": "make a campaign per channel",
}


def _fixed() -> Any:
    return Field(default=None, exclude=True, description="As it is: it cannot be changed here.")


class CampaignChanges(
    TermsFields,
    DetailFields,
    MetadataChanges,
    RefusedOfCampaigns,
    IgnoredOfCampaigns,
    CampaignReadBack,
):
    """What is absent stays; null empties; metadata are merged."""

    model_config = example(total_limit=800, expiration_date="2026-12-31T23:00:00Z")

    type: CampaignType | None = None
    active: bool | None = None
    category: Name | None = None
    category_id: Name | None = None
    discount: DiscountBody | None = None
    commission_plan: CommissionPlanBody | None = None
    margin_basis_points: BasisPoints | None = None

    name: Any = _fixed()
    campaign_type: Any = _fixed()
    voucher: Any = _fixed()
    vouchers_count: Any = _fixed()
    partner_id: Any = _fixed()
    partner: Any = _fixed()
    channel: Any = _fixed()

    def check_fixed(self, current: Campaign) -> None:
        """Raise for what never changes and was sent as something else than it is."""
        shown = campaign_response(current).model_dump(mode="json")
        for name in sorted(self.model_fields_set & FIXED.keys()):
            if not _says_the_same(getattr(self, name), shown[name]):
                raise InvalidError(f"Property .{name}: cannot be changed here", FIXED[name])

    def merged_with(self, current: CampaignDefinition) -> CampaignDefinition:
        """Lay what was sent over the campaign as it is: written as a client would, read again."""
        discount = current.terms.discount if self.discount is None else self.discount.to_domain()
        plan, margin = current.commission_plan, current.margin_basis_points
        if "commission_plan" in self.model_fields_set:
            plan = (self.commission_plan or CommissionPlanBody()).to_domain()
        if "margin_basis_points" in self.model_fields_set:
            margin = self.margin_basis_points or 0
        return CampaignDefinition(
            name=current.name,
            channel=current.channel,
            terms=to_terms(discount, overlay(from_terms(current.terms), self)),
            details=to_details(
                self.type or current.details.type, overlay(from_details(current.details), self)
            ),
            commission_plan=plan,
            margin_basis_points=margin,
            metadata=self.merged_metadata(current.metadata),
        )

    def category_choice(self) -> CategoryChoice | None:
        """Return the category that was sent, an empty one for null, or None for none sent."""
        if not self.model_fields_set & {"category", "category_id"}:
            return None
        return CategoryChoice(self.category_id, self.category)


def _says_the_same(sent: Any, shown: Any) -> bool:
    """Tell whether what was sent says nothing else; it may say less, as clients drop null."""
    if isinstance(sent, dict) and isinstance(shown, dict):
        return all(_says_the_same(value, shown.get(name)) for name, value in sent.items())
    return bool(sent == shown)
