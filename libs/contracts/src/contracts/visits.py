"""Awareness: somebody saw a deal."""

from typing import Literal

from contracts.event import Event, Model
from contracts.money import Count


class Visit(Model):
    """A look at a campaign's landing page, or a mailing of it; `customer_id` where it is known.

    `campaign_version` says by which names it goes; None: by those that the campaign now has.
    `category_id` is the campaign's at that moment, None without one.
    """

    visit_id: str
    campaign_id: str
    campaign_version: Count | None = None
    partner_id: str
    channel: str
    category_id: str | None = None
    customer_id: str | None = None


class Visited(Event):
    """`time` is the moment of the visit, `id` that of the visit."""

    type: Literal["coupons.visit.recorded.v1"] = "coupons.visit.recorded.v1"
    data: Visit
