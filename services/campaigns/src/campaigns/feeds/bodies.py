"""Feed keys and feeds as clients read them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from campaigns.campaigns import words
from campaigns.campaigns.discounts import DiscountObject, discount_response
from campaigns.campaigns.limits import LimitBodies, limit_body
from campaigns.campaigns.terms import from_terms
from campaigns.campaigns.windows import Days, HoursBody, TimeframeBody
from campaigns.feeds.store import FeedKey
from campaigns.feeds.verbs import FeedPage
from campaigns.model import Campaign
from campaigns.projects.credentials import Credentials
from campaigns.shares import positions
from campaigns.shares.pages import CodesPage
from contracts.campaigns import CommissionPlan
from contracts.instants import Instant, to_rfc3339
from contracts.terms import Limit
from servicekit.http.csv_lines import Cell

COLUMNS = (
    "code",
    "deal_id",
    "deal",
    "description",
    "channel",
    "offer",
    "discount_type",
    "percent_off",
    "amount_limit",
    "amount_off",
    "fixed_amount",
    "currency",
    "start_date",
    "expiration_date",
    "quantity",
    "per_customer_limit",
    "limits_text",
    "windows_text",
    "deal_url",
    "link",
    "commission",
)


Path = Annotated[
    str | None,
    Field(
        description="The path of the link to publish; null while neither the campaign nor its "
        "partner has a landing page, nor the campaign a deal page: it would lead nowhere."
    ),
]
Link = Annotated[str | None, Field(description="The link to publish; null where `path` is.")]


class FeedKeyObject(BaseModel):
    """A feed key without its secret, which nobody can look up."""

    id: str
    created_by: str
    created_at: Instant
    revoked_at: Instant | None
    last_fetched_at: Instant | None
    last_fetched_by: str | None
    object: Literal["feed_key"] = "feed_key"


class NewFeedKey(FeedKeyObject):
    """The only answer that shows the secret: in `feed_key`, and in two parts beside it."""

    feed_key: str
    app_id: str
    app_token: str


class NamedObject(BaseModel):
    id: str
    name: str


class DealObject(BaseModel):
    """A campaign as its partner sees it: of the contract no more than its own commission plan.

    Of the limits those that a customer meets: how much all together may use is the shop's affair.
    """

    id: str
    name: str
    description: str | None
    channel: str
    offer: DiscountObject
    offer_text: str
    start_date: Instant | None
    expiration_date: Instant | None
    validity_timeframe: TimeframeBody | None
    validity_day_of_week: Days | None
    validity_hours: HoursBody | None
    windows_text: str | None
    per_customer_limit: int | None
    limits: LimitBodies
    limits_text: str | None
    deal_url: str | None
    path: Path
    link: Link
    commission_plan: CommissionPlan
    commission_text: str


class FeedCode(BaseModel):
    """A code; a quantity of null is as often as its deal allows."""

    code: str
    deal_id: str
    quantity: int | None


class Feed(BaseModel):
    """What is shared with a partner and redeems now; of the deals those of this page's codes."""

    object: Literal["feed"] = "feed"
    partner: NamedObject
    currency: str
    minor_units: int
    time_zone: str
    deals: list[DealObject]
    codes: list[FeedCode]
    has_more: bool
    more_cursor: str | None


def key_response(key: FeedKey) -> FeedKeyObject:
    return FeedKeyObject.model_validate(key, from_attributes=True)


def new_key_response(key: FeedKey, fresh: Credentials) -> NewFeedKey:
    shown = key_response(key).model_dump(exclude={"object"})
    return NewFeedKey(
        **shown,
        feed_key=f"{fresh.key_id}_{fresh.secret}",
        app_id=fresh.key_id,
        app_token=fresh.secret,
    )


def path_of(campaign: Campaign, landing_url: str | None) -> str | None:
    """Return the path of the link that a partner, with this landing page, publishes."""
    page = campaign.definition.details.landing_page(landing_url)
    return None if page is None else f"/go/{campaign.id}"


def link_to(path: str | None, origin: str) -> str | None:
    return None if path is None else origin + path


def deal_response(campaign: Campaign, landing_url: str | None, origin: str) -> DealObject:
    definition, path = campaign.definition, path_of(campaign, landing_url)
    terms, details = definition.terms, definition.details
    shown = from_terms(terms)
    return DealObject(
        id=campaign.id,
        name=definition.name,
        description=details.description,
        channel=definition.channel,
        offer=discount_response(terms.discount),
        offer_text=words.offer(terms.discount, campaign.currency),
        start_date=shown.start_date,
        expiration_date=shown.expiration_date,
        validity_timeframe=shown.validity_timeframe,
        validity_day_of_week=shown.validity_day_of_week,
        validity_hours=shown.validity_hours,
        windows_text=words.windows(terms.validity, campaign.time_zone),
        per_customer_limit=campaign.limits.per_customer,
        limits=tuple(limit_body(each) for each in _met(campaign)),
        limits_text=words.limits(_met(campaign), campaign.currency),
        deal_url=details.deal_url,
        path=path,
        link=link_to(path, origin),
        commission_plan=definition.commission_plan,
        commission_text=words.commission(definition.commission_plan, campaign.currency),
    )


def _met(campaign: Campaign) -> tuple[Limit, ...]:
    """Return the limits that a customer meets, beside how often each may redeem in all."""
    return tuple(each for each in campaign.limits.others if each.of != "campaign")


def feed_response(feed: FeedPage, origin: str) -> Feed:
    page = feed.page
    return Feed(
        partner=NamedObject(id=feed.partner.id, name=feed.partner.name),
        currency=feed.project.currency,
        minor_units=feed.project.minor_units,
        time_zone=feed.project.time_zone,
        deals=[
            deal_response(each, feed.partner.landing_url, origin)
            for each in page.campaigns.values()
        ],
        codes=[
            FeedCode(code=each.code, deal_id=each.position.campaign_id, quantity=each.quantity)
            for each in page.codes
        ],
        has_more=page.goes_on_after is not None,
        more_cursor=more_cursor(page),
    )


def more_cursor(page: CodesPage) -> str | None:
    return None if page.goes_on_after is None else positions.cursor(page.goes_on_after)


def feed_rows(feed: FeedPage, origin: str) -> list[list[Cell]]:
    """Return a row for each code, as wide as `COLUMNS`."""
    theirs = feed.partner.landing_url
    told = {each: deal_cells(c, theirs, origin) for each, c in feed.page.campaigns.items()}
    rows = []
    for each in feed.page.codes:
        head, tail = told[each.position.campaign_id]
        rows.append([each.code, *head, each.quantity, *tail])
    return rows


def deal_cells(
    campaign: Campaign, landing_url: str | None, origin: str
) -> tuple[list[Cell], list[Cell]]:
    """Return what stands in each row of a deal, before its code's quantity and behind it."""
    definition, currency = campaign.definition, campaign.currency
    discount, validity = definition.terms.discount, definition.terms.validity
    return [
        campaign.id,
        definition.name,
        definition.details.description,
        definition.channel,
        words.offer(discount, currency),
        *words.worth(discount, currency),
        currency,
        None if validity.starts_at is None else to_rfc3339(validity.starts_at),
        None if validity.ends_at is None else to_rfc3339(validity.ends_at),
    ], [
        campaign.limits.per_customer,
        words.limits(_met(campaign), currency),
        words.windows(validity, campaign.time_zone),
        definition.details.deal_url,
        link_to(path_of(campaign, landing_url), origin),
        words.commission(definition.commission_plan, currency),
    ]
