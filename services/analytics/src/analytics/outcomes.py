"""The hot path's view of a redemption's outcome: the contract's fields in the contract's words.

Typed structs that msgspec fills five times as fast as pydantic would. They are at least as strict
as `contracts.redemptions`, never more lenient, and know nothing but the canonical wire form:
what they refuse is read again with the contract itself (`reading.py`), which has the last word.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.json import Decoder

from contracts.money import BASIS, LARGEST_MINOR
from contracts.redemptions import Reason

Key = Annotated[str, Meta(min_length=1, max_length=200)]  # and no NUL: see reading.py
Minor = Annotated[int, Meta(ge=0, le=LARGEST_MINOR)]
Count = Minor  # of uses, of versions: the same bounds
BasisPoints = Annotated[int, Meta(ge=0, le=BASIS)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
Wire = Annotated[
    str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\Z")
]


class Plan(Struct, frozen=True, gc=False):
    """A commission plan."""

    share_basis_points: BasisPoints = 0
    flat_minor: Minor = 0
    new_customer_bonus_minor: Minor = 0


class Accepted(Struct, frozen=True, gc=False):
    """What `contracts.redemptions.Succeeded` says."""

    redemption_id: str
    request_id: str | None
    code: str
    voucher_id: Key
    uses: Count
    sequence: Count
    campaign_id: Key
    campaign_version: Count
    partner_id: str
    channel: str
    category_id: str | None
    customer_id: str | None
    customer_is_new: bool
    order_id: str | None
    order_minor: Minor
    discount_minor: Minor
    currency: Currency
    commission_plan: Plan
    margin_basis_points: BasisPoints
    visit_id: str | None
    decided_at: Wire


class Refused(Struct, frozen=True, gc=False):
    """What `contracts.redemptions.Failed` says."""

    redemption_id: str
    request_id: str | None
    code: str
    reason: Reason
    hint: str
    campaign_id: str | None
    campaign_version: Count | None
    partner_id: str | None
    channel: str | None
    category_id: str | None
    customer_id: str | None
    order_id: str | None
    order_minor: Minor
    currency: Currency | None
    visit_id: str | None
    decided_at: Wire


class Succeeded(Struct, frozen=True, gc=False, kw_only=True):
    """An accepted redemption in its envelope."""

    specversion: Literal["1.0"] = "1.0"
    id: Key
    source: str
    type: Literal["coupons.redemption.succeeded.v1"]
    subject: str
    time: Wire
    datacontenttype: Literal["application/json"] = "application/json"
    projectid: Key
    traceparent: str | None = None
    data: Accepted


class Failed(Struct, frozen=True, gc=False, kw_only=True):
    """A refused redemption in its envelope."""

    specversion: Literal["1.0"] = "1.0"
    id: Key
    source: str
    type: Literal["coupons.redemption.failed.v1"]
    subject: str
    time: Wire
    datacontenttype: Literal["application/json"] = "application/json"
    projectid: Key
    traceparent: str | None = None
    data: Refused


SUCCEEDED = Decoder(Succeeded)
FAILED = Decoder(Failed)
