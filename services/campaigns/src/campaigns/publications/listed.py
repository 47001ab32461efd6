"""Publications as lists show them."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from campaigns.campaigns.discounts import DiscountObject, discount_response
from campaigns.model import Campaign, Publication, Voucher
from campaigns.publications.bodies import PublicationFields, publication_fields
from contracts.instants import Instant


class SimpleVoucher(BaseModel):
    """A code that was published, as far as a list tells."""

    id: str
    code: str
    campaign: str | None
    campaign_id: str
    type: Literal["DISCOUNT_VOUCHER"] = "DISCOUNT_VOUCHER"
    discount: DiscountObject
    gift: None = None
    loyalty_card: None = None
    is_referral_code: bool = False
    expiration_date: Instant | None
    holder_id: str
    object: Literal["voucher"] = "voucher"


class ListedPublication(PublicationFields):
    """A publication in a list: `voucher` is there of one of a single code, if that still exists."""

    campaign: str | None
    campaign_id: str
    voucher: SimpleVoucher | None
    vouchers: list[str]


class Publications(BaseModel):
    """Newest first, unless another order is asked for."""

    object: Literal["list"] = "list"
    data_ref: Literal["publications"] = "publications"
    publications: list[ListedPublication]
    total: int


def listed_response(
    publication: Publication, campaign: Campaign, vouchers: Sequence[Voucher]
) -> ListedPublication:
    only = vouchers[0] if len(publication.codes) == len(vouchers) == 1 else None
    name = None if campaign.standalone else campaign.definition.name
    return ListedPublication(
        **publication_fields(publication, None),
        campaign=name,
        campaign_id=campaign.id,
        voucher=None
        if only is None
        else SimpleVoucher(
            id=only.id,
            code=only.code,
            campaign=name,
            campaign_id=campaign.id,
            discount=discount_response(campaign.definition.terms.discount),
            expiration_date=only.ends_within(campaign),
            holder_id=publication.customer_id,
        ),
        vouchers=list(publication.codes),
    )
