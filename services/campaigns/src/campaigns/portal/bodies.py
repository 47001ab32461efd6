"""The portal as a partner's clients read it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from campaigns.campaigns import words
from campaigns.campaigns.discounts import DiscountObject
from campaigns.feeds import bodies as feeds
from campaigns.feeds.bodies import (
    DealObject,
    FeedKeyObject,
    Link,
    NamedObject,
    Path,
    deal_cells,
    link_to,
    path_of,
)
from campaigns.feeds.store import FeedKey
from campaigns.model import Campaign, Partner
from campaigns.portal.store import Change, DealFigures, Happened
from campaigns.shares.pages import CodesPage
from campaigns.shares.visible import Deal, DealStatus
from campaigns.tenants import Project
from contracts.campaigns import CommissionPlan
from contracts.instants import Instant, to_rfc3339
from servicekit.http.csv_lines import Cell

COLUMNS = (
    *("code", "status", "redeemed_quantity"),
    *(name for name in feeds.COLUMNS if name != "code"),
    *("shared_at", "share_name"),
)


class DealCounts(BaseModel):
    live: int
    scheduled: int


class PlanObject(BaseModel):
    commission_plan: CommissionPlan
    commission_text: str
    deals: int


class ChangeObject(BaseModel):
    """What happened to a deal; `codes_count` is null where it was all of it."""

    change: Happened
    at: Instant
    deal_id: str
    deal: str
    codes_count: int | None


class PortalObject(BaseModel):
    """A partner's first look: what it is, what it has, and what is new to this person."""

    object: Literal["portal"] = "portal"
    partner: NamedObject
    project: str
    currency: str
    minor_units: int
    time_zone: str
    deals: DealCounts
    commission_plans: list[PlanObject]
    feed_key: FeedKeyObject | None
    seen_at: Instant | None
    changes: list[ChangeObject]


class PortalDeal(DealObject):
    status: DealStatus
    codes_count: int
    redeemed_quantity: int


class PortalDeals(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["deals"] = "deals"
    deals: list[PortalDeal]
    total: int


class PortalCode(BaseModel):
    code: str
    status: DealStatus
    deal_id: str
    deal: str
    offer: DiscountObject
    offer_text: str
    start_date: Instant | None
    expiration_date: Instant | None
    quantity: int | None
    redeemed_quantity: int
    path: Path
    link: Link
    shared_at: Instant
    share_name: str | None


class PortalCodes(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["codes"] = "codes"
    codes: list[PortalCode]
    has_more: bool
    more_cursor: str | None


class LinkObject(BaseModel):
    """The link that a partner publishes: it counts a visit and goes on to the deal."""

    deal_id: str
    deal: str
    status: DealStatus
    expiration_date: Instant | None
    path: Path
    link: Link


class Links(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["links"] = "links"
    links: list[LinkObject]
    total: int


def portal_response(
    project: Project,
    partner: Partner,
    deals: Sequence[Deal],
    *,
    plans: Sequence[tuple[CommissionPlan, int]],
    feed_key: FeedKey | None,
    seen_at: datetime | None,
    changes: Sequence[Change],
) -> PortalObject:
    live = sum(each.status == "live" for each in deals)
    return PortalObject(
        partner=NamedObject(id=partner.id, name=partner.name),
        project=project.name,
        currency=project.currency,
        minor_units=project.minor_units,
        time_zone=project.time_zone,
        deals=DealCounts(live=live, scheduled=len(deals) - live),
        commission_plans=[
            PlanObject(
                commission_plan=plan,
                commission_text=words.commission(plan, project.currency),
                deals=count,
            )
            for plan, count in plans
        ],
        feed_key=None if feed_key is None else feeds.key_response(feed_key),
        seen_at=seen_at,
        changes=[ChangeObject.model_validate(each, from_attributes=True) for each in changes],
    )


def deal_response(
    campaign: Campaign, deal: Deal, figures: DealFigures, landing_url: str | None, origin: str
) -> PortalDeal:
    return PortalDeal(
        **feeds.deal_response(campaign, landing_url, origin).model_dump(),
        status=deal.status,
        codes_count=figures.codes_count,
        redeemed_quantity=figures.redeemed_quantity,
    )


def codes_response(
    page: CodesPage, deals: Mapping[str, Deal], landing_url: str | None, origin: str
) -> PortalCodes:
    shown = {
        each: feeds.deal_response(c, landing_url, origin) for each, c in page.campaigns.items()
    }
    codes = []
    for each in page.codes:
        deal = shown[each.position.campaign_id]
        codes.append(
            PortalCode(
                code=each.code,
                status=deals[deal.id].status,
                deal_id=deal.id,
                deal=deal.name,
                offer=deal.offer,
                offer_text=deal.offer_text,
                start_date=deal.start_date,
                expiration_date=deal.expiration_date,
                quantity=each.quantity,
                redeemed_quantity=each.redeemed_quantity,
                path=deal.path,
                link=deal.link,
                shared_at=each.shared_at,
                share_name=each.share_name,
            )
        )
    return PortalCodes(
        codes=codes,
        has_more=page.goes_on_after is not None,
        more_cursor=feeds.more_cursor(page),
    )


def code_rows(
    page: CodesPage, deals: Mapping[str, Deal], landing_url: str | None, origin: str
) -> list[list[Cell]]:
    """Return a row for each code, as wide as `COLUMNS`."""
    told = {each: deal_cells(c, landing_url, origin) for each, c in page.campaigns.items()}
    rows = []
    for each in page.codes:
        head, tail = told[each.position.campaign_id]
        status = deals[each.position.campaign_id].status
        shared = (to_rfc3339(each.shared_at), each.share_name)
        own = (each.code, status, each.redeemed_quantity)
        rows.append([*own, *head, each.quantity, *tail, *shared])
    return rows


def link_response(
    campaign: Campaign, deal: Deal, landing_url: str | None, origin: str
) -> LinkObject:
    path = path_of(campaign, landing_url)
    return LinkObject(
        deal_id=campaign.id,
        deal=campaign.definition.name,
        status=deal.status,
        expiration_date=campaign.definition.terms.validity.ends_at,
        path=path,
        link=link_to(path, origin),
    )
