"""Campaigns and codes as lists and pages show them: with what they are doing now, and why."""

from typing import Literal

from pydantic import BaseModel

from campaigns.campaigns.bodies import CampaignObject
from campaigns.status import Reason, Status
from campaigns.vouchers.bodies import VoucherDetail, VoucherObject
from contracts.instants import Instant


class StatusFields(BaseModel):
    """What it is doing now, who decides that, and since when, where that is known."""

    status: Status
    status_reason: Reason | None
    status_since: Instant | None


class ShownCampaign(CampaignObject, StatusFields):
    """A campaign with its status, and how many uses its codes have had: of its limit."""

    redemptions: int


class OfCampaign(BaseModel):
    """Whose a code is, as its campaign says."""

    partner: str
    partner_id: str
    channel: str


class ListedVoucher(VoucherObject, StatusFields, OfCampaign):
    """A code with its status, which is its campaign's where that is the stronger."""


class ShownVoucher(ListedVoucher, VoucherDetail):
    """One code; items of a list omit the assignments."""


class _List(BaseModel):
    object: Literal["list"] = "list"
    total: int
    total_estimated: bool
    has_more: bool
    more_cursor: str | None


class Campaigns(_List):
    data_ref: Literal["campaigns"] = "campaigns"
    campaigns: list[ShownCampaign]


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
