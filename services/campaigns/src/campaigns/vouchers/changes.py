"""A code's changes as clients write them: what PUT takes, of any code and of a standalone one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import Field

from campaigns.api.body import Body, Fixed, Unsupported, example, overlay
from campaigns.api.fields import Quantity
from campaigns.api.metadata import MetadataChanges
from campaigns.api.versions import Versioned
from campaigns.api.voucherify import ReadBack, VoucherReadBack
from campaigns.campaigns.chosen import ChoiceChanges
from campaigns.campaigns.discounts import DiscountBody
from campaigns.campaigns.terms import SentTermsFields, from_terms, to_terms
from campaigns.model import Campaign, Voucher
from campaigns.refusals import InvalidError
from campaigns.vouchers.bodies import voucher_response

# What a PUT may repeat as it is, and what to do instead of changing it.
FIXED: Final[Mapping[str, str]] = {
    "code": "a code is what shoppers have: issue another one",
    "campaign": "a code stays in its campaign: issue another one there",
    "campaign_id": "a code stays in its campaign: issue another one there",
    "partner": "a code is its campaign's partner's",
    "partner_id": "a code is its campaign's partner's",
    "channel": "a code is handed out on its campaign's channel",
    "standalone": "a code of its own is made by POST /v1/vouchers",
    "campaign_validation_rules": "they hold for all its codes: PUT /v1/campaigns/{campaign}",
    "validation_rules_assignments": "send the rules' ids as .validation_rules",
    "deleted_at": "DELETE moves it to the bin, and POST …/restore takes it out",
}


class RedemptionChanges(Body):
    """How often the code may be used; the rest is an answer's own."""

    quantity: Quantity | None = None
    redeemed_quantity: Any = Field(default=None, exclude=True, description="Ignored: a count")
    object: Any = Field(default=None, exclude=True, description="Ignored: an answer's own")
    url: Any = Field(default=None, exclude=True, description="Ignored: an answer's own")


class VoucherChanges(
    SentTermsFields, ChoiceChanges, MetadataChanges, ReadBack, VoucherReadBack, Versioned
):
    """What is absent stays; null empties; metadata are merged.

    Of a code that belongs to a campaign, its terms are the campaign's: they may only be repeated.
    Its `validation_rules` are its own, beside the campaign's.
    """

    model_config = example(redemption={"quantity": 5}, metadata={"batch": "print"})

    active: bool | None = None
    redemption: RedemptionChanges | None = None
    discount: DiscountBody | None = None
    gift: Unsupported = None
    loyalty_card: Unsupported = None
    categories: Unsupported = None
    campaign_validation_rules: Fixed = None

    code: Fixed = None
    campaign: Fixed = None
    campaign_id: Fixed = None
    partner: Fixed = None
    partner_id: Fixed = None
    channel: Fixed = None
    standalone: Fixed = None
    deleted_at: Fixed = None

    def check_fixed(
        self, current: Voucher, campaign: Campaign, spelt: Callable[[str], str]
    ) -> None:
        """Raise for what never changes here and was sent as something else than it is."""
        shown = voucher_response(current, campaign).model_dump(mode="json")
        if isinstance(self.code, str) and spelt(self.code) == current.code:
            shown["code"] = self.code
        for name in sorted(self.model_fields_set & FIXED.keys()):
            sent = getattr(self, name)
            as_it_is = shown[name]
            if isinstance(sent, dict):  # clients drop what is null or empty
                as_it_is = {field: as_it_is.get(field) for field in sent}
            if sent != as_it_is:
                raise InvalidError(f"Property .{name}: cannot be changed here", FIXED[name])
        if not campaign.standalone:
            self._check_inherited(current, campaign)

    def _check_inherited(self, current: Voucher, campaign: Campaign) -> None:
        terms, category = campaign.definition.terms, campaign.category
        shown = from_terms(terms).model_copy(
            update={"expiration_date": current.ends_within(campaign)}
        )
        inherited: dict[str, Any] = shown.model_dump(mode="json")
        inherited["category"] = None if category is None else category.name
        inherited["category_id"] = None if category is None else category.id
        sent = self.dated(campaign.time_zone).model_dump(
            mode="json", include={*inherited} & self.model_fields_set
        )
        differing = [name for name, value in sent.items() if value != inherited[name]]
        if self.discount is not None and self.discount.to_domain() != terms.discount:
            differing.append("discount")
        if differing:
            raise InvalidError(
                f"Property .{differing[0]}: belongs to the code's campaign",
                f"it holds for all its codes: PUT /v1/campaigns/{campaign.id}",
            )

    def merged_with(self, current: Voucher) -> Voucher:
        """Lay over a code what is its own."""
        quantity = current.quantity
        if self.redemption is not None and "quantity" in self.redemption.model_fields_set:
            quantity = self.redemption.quantity
        return replace(
            current,
            active=current.active if self.active is None else self.active,
            quantity=quantity,
            metadata=self.merged_metadata(current.metadata),
        )

    def terms_merged_with(self, campaign: Campaign) -> Campaign:
        """Lay over a standalone code's campaign what is the code's to say."""
        definition = campaign.definition
        discount = definition.terms.discount
        if self.discount is not None:
            discount = self.discount.to_domain()
        sent = self.dated(campaign.time_zone)
        terms = to_terms(discount, overlay(from_terms(definition.terms), sent))
        return replace(campaign, definition=replace(definition, terms=terms))
