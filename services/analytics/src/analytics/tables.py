"""The reporting tables as the inserts see them.

Pure: `store` writes them, `migrations/` creates them, and a test holds the two together. What an
event does not name is stored as empty text or 0. Instants are milliseconds since 1970, as
ClickHouse keeps them, and are brought into the range of years that it knows.
"""

from datetime import UTC, datetime, timedelta

from analytics.columns import PLACE, Column, Table
from analytics.definitions import CampaignNamed, SegmentNamed
from analytics.outcomes import (
    RESULTS,
    Outcome,
    commission_of,
    discount_of,
    is_new,
    kept,
    net_of,
    order_of,
    refused,
    rolled_back,
    visit_of,
)
from contracts.guesses import GuessesRefused
from contracts.projects import ProjectChanged
from contracts.visits import Visited

TEXT = "String"
TEXTS = "Array(String)"
FLAG = "UInt8"
VERSION = COUNT = "UInt64"
BASIS_POINTS = "UInt16"
MONEY = "Int64"
INSTANT = "DateTime64(3, 'UTC')"
NULLABLE_INSTANT = f"Nullable({INSTANT})"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
# DateTime64 with milliseconds holds the years 1900 to 2299.
EARLIEST = (datetime(1900, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND
LATEST = (datetime(2299, 12, 31, tzinfo=UTC) - EPOCH) // MILLISECOND


def milliseconds(instant: datetime) -> int:
    since = (instant - EPOCH) // MILLISECOND
    return since if EARLIEST <= since <= LATEST else min(max(since, EARLIEST), LATEST)


def milliseconds_or_none(instant: datetime | None) -> int | None:
    return None if instant is None else milliseconds(instant)


# The plan in force is kept beside what it comes to: whoever accrues later, by volume or with a
# holding period, needs no other facts.
REDEMPTION_EVENTS = Table[Outcome](
    "redemption_events",
    (
        Column("event_id", TEXT, lambda e: e.id),
        Column("redemption_id", TEXT, lambda e: e.data.redemption_id),
        Column("rollback_id", TEXT, rolled_back(lambda e: e.data.rollback_id, "")),
        Column("is_whole", FLAG, rolled_back(lambda e: e.data.whole, False)),
        Column("parent_redemption_id", TEXT, lambda e: e.data.parent_redemption_id or ""),
        Column("project_id", TEXT, lambda e: e.projectid),
        Column("partner_id", TEXT, lambda e: e.data.partner_id or ""),
        Column("campaign_id", TEXT, lambda e: e.data.campaign_id or ""),
        Column("campaign_version", VERSION, lambda e: e.data.campaign_version or 0),
        Column("channel", TEXT, lambda e: e.data.channel or ""),
        Column("category_id", TEXT, lambda e: e.data.category_id or ""),
        Column("result", TEXT, lambda e: RESULTS[e.type]),
        Column("reason", TEXT, refused(lambda e: e.data.reason, "")),
        Column("hint", TEXT, refused(lambda e: e.data.hint, "")),
        Column("code", TEXT, lambda e: e.data.code),
        Column("voucher_id", TEXT, kept(lambda e: e.data.voucher_id, "")),
        Column("customer_id", TEXT, lambda e: e.data.customer_id or ""),
        Column("customer_is_new", FLAG, kept(is_new, False)),
        Column("segment_ids", TEXTS, lambda e: e.data.segment_ids),
        Column("order_id", TEXT, lambda e: e.data.order_id or ""),
        Column("order_minor", MONEY, order_of),
        Column("discount_minor", MONEY, kept(discount_of, 0)),
        Column("net_minor", MONEY, kept(net_of, 0)),
        Column("commission_minor", MONEY, kept(commission_of, 0)),
        Column(
            "share_basis_points",
            BASIS_POINTS,
            kept(lambda e: e.data.commission_plan.share_basis_points, 0),
        ),
        Column("flat_minor", MONEY, kept(lambda e: e.data.commission_plan.flat_minor, 0)),
        Column(
            "new_customer_bonus_minor",
            MONEY,
            kept(lambda e: e.data.commission_plan.new_customer_bonus_minor, 0),
        ),
        Column("margin_basis_points", BASIS_POINTS, kept(lambda e: e.data.margin_basis_points, 0)),
        Column("currency", TEXT, lambda e: e.data.currency or ""),
        Column("visit_id", TEXT, visit_of),
        Column("occurred_at", INSTANT, lambda e: milliseconds(e.time)),
        Column("decided_at", INSTANT, lambda e: milliseconds(e.data.decided_at)),
    ),
    PLACE,
)

VISITS = Table[Visited](
    "visits",
    (
        Column("event_id", TEXT, lambda e: e.id),
        Column("visit_id", TEXT, lambda e: e.data.visit_id),
        Column("project_id", TEXT, lambda e: e.projectid),
        Column("partner_id", TEXT, lambda e: e.data.partner_id),
        Column("campaign_id", TEXT, lambda e: e.data.campaign_id),
        Column("campaign_version", VERSION, lambda e: e.data.campaign_version or 0),
        Column("channel", TEXT, lambda e: e.data.channel),
        Column("category_id", TEXT, lambda e: e.data.category_id or ""),
        Column("customer_id", TEXT, lambda e: e.data.customer_id or ""),
        Column("occurred_at", INSTANT, lambda e: milliseconds(e.time)),
    ),
    PLACE,
)

GUESS_EVENTS = Table[GuessesRefused](
    "guess_events",
    (
        Column("event_id", TEXT, lambda e: e.id),
        Column("project_id", TEXT, lambda e: e.projectid),
        Column("minute", INSTANT, lambda e: milliseconds(e.data.minute)),
        Column("passed_limit", TEXT, lambda e: e.data.limit),
        Column("caller", TEXT, lambda e: e.data.caller),
        Column("requests", COUNT, lambda e: e.data.count),
    ),
    PLACE,
)

CAMPAIGNS = Table[CampaignNamed](
    "campaigns",
    (
        Column("project_id", TEXT, lambda e: e.projectid),
        Column("campaign_id", TEXT, lambda e: e.data.id),
        Column("version", VERSION, lambda e: e.data.version),
        Column("name", TEXT, lambda e: e.data.name),
        Column("partner_id", TEXT, lambda e: e.data.partner.id),
        Column("partner_name", TEXT, lambda e: e.data.partner.name),
        Column("channel", TEXT, lambda e: e.data.channel),
        Column("category_id", TEXT, lambda e: e.data.category.id if e.data.category else ""),
        Column("category_name", TEXT, lambda e: e.data.category.name if e.data.category else ""),
        Column("active", FLAG, lambda e: e.data.active),
        Column("currency", TEXT, lambda e: e.data.currency),
        Column(
            "starts_at",
            NULLABLE_INSTANT,
            lambda e: milliseconds_or_none(e.data.terms.validity.starts_at),
        ),
        Column(
            "ends_at",
            NULLABLE_INSTANT,
            lambda e: milliseconds_or_none(e.data.terms.validity.ends_at),
        ),
        Column("margin_basis_points", BASIS_POINTS, lambda e: e.data.margin_basis_points),
        Column(
            "share_basis_points", BASIS_POINTS, lambda e: e.data.commission_plan.share_basis_points
        ),
        Column("flat_minor", MONEY, lambda e: e.data.commission_plan.flat_minor),
        Column(
            "new_customer_bonus_minor",
            MONEY,
            lambda e: e.data.commission_plan.new_customer_bonus_minor,
        ),
        Column("changed_at", INSTANT, lambda e: milliseconds(e.time)),
    ),
)

SEGMENTS = Table[SegmentNamed](
    "segments",
    (
        Column("project_id", TEXT, lambda e: e.projectid),
        Column("segment_id", TEXT, lambda e: e.data.id),
        Column("version", VERSION, lambda e: e.data.version),
        Column("name", TEXT, lambda e: e.data.name),
        Column("in_reports", FLAG, lambda e: e.data.in_reports),
        Column("deleted", FLAG, lambda e: e.data.deleted),
        Column("changed_at", INSTANT, lambda e: milliseconds(e.time)),
    ),
)

PROJECTS = Table[ProjectChanged](
    "projects",
    (
        Column("project_id", TEXT, lambda e: e.data.id),
        Column("version", VERSION, lambda e: e.data.version),
        Column("name", TEXT, lambda e: e.data.name),
        Column("currency", TEXT, lambda e: e.data.currency),
        Column("changed_at", INSTANT, lambda e: milliseconds(e.time)),
    ),
)
