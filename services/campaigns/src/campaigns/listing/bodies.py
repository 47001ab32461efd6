"""Lists of campaigns and codes, and how many there are in each status, as clients read them."""

from typing import Literal

from pydantic import BaseModel

from campaigns.campaigns.bodies import CampaignObject
from campaigns.status import Status
from campaigns.vouchers.bodies import VoucherObject


class _List(BaseModel):
    object: Literal["list"] = "list"
    total: int
    total_estimated: bool
    has_more: bool
    more_cursor: str | None


class Campaigns(_List):
    data_ref: Literal["campaigns"] = "campaigns"
    campaigns: list[CampaignObject]


class ListedVoucher(VoucherObject):
    """`shared`: its partner sees it, or would if it could be redeemed."""

    shared: bool


class Vouchers(_List):
    data_ref: Literal["vouchers"] = "vouchers"
    vouchers: list[ListedVoucher]


class StatusCount(BaseModel):
    status: Status
    total: int
    total_estimated: bool


class Counts(BaseModel):
    """How many there are in each status; `total` is of all but the bin."""

    object: Literal["counts"] = "counts"
    data: list[StatusCount]
    total: int
    total_estimated: bool
