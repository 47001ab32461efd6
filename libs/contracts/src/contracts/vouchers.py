"""Codes on their way to redemption: one voucher's state, or a chunk of freshly issued codes."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.event import Event, Identifier, Model
from contracts.instants import Instant
from contracts.money import Count

CHUNK_SIZE = 1000  # stays far below the broker's record limit


class VoucherSnapshot(Model):
    """One code. `quantity` is how often it may be used; None leaves that to the campaign.

    `ends_at` is an end of its own, exclusive, beside its campaign's: whichever comes first holds.
    Nor is it active before its campaign's version `active_from_version`, which brings its rules:
    the two are told on topics without an order between them.
    """

    id: Identifier
    version: Count
    campaign_id: Identifier
    code: Identifier
    active: bool
    quantity: Count | None
    ends_at: Instant | None = None
    active_from_version: Count | None = None


class VoucherChanged(Event):
    """The whole voucher as it now is; the highest version wins."""

    type: Literal["coupons.voucher.changed.v1"] = "coupons.voucher.changed.v1"
    data: VoucherSnapshot


class IssuedCode(Model):
    """A code and the id of its voucher."""

    id: Identifier
    code: Identifier


class Chunk(Model):
    """Up to 1,000 codes as they were issued: version 1, all with the same switch and quantity."""

    campaign_id: Identifier
    number: Count
    quantity: Count | None
    active: bool = True
    vouchers: Annotated[tuple[IssuedCode, ...], Field(max_length=CHUNK_SIZE)]


class VouchersIssued(Event):
    """A chunk of a bulk issue; repeating it changes nothing."""

    type: Literal["coupons.vouchers.issued.v1"] = "coupons.vouchers.issued.v1"
    data: Chunk
