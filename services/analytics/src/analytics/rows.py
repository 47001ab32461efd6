"""From an event to a row of its table. Pure: no I/O, no clock.

An id that an event does not name is stored as empty text. Instants are milliseconds since 1970,
as ClickHouse keeps them, and are brought into the range of years that it knows.
"""

from datetime import UTC, datetime
from typing import Any

from analytics.commissions import commission
from analytics.outcomes import Failed, Succeeded
from contracts.campaigns import CampaignChanged
from contracts.projects import ProjectChanged
from contracts.visits import Visited

Row = tuple[Any, ...]

# DateTime64 with milliseconds holds the years 1900 to 2299.
EARLIEST = round(datetime(1900, 1, 1, tzinfo=UTC).timestamp() * 1000)
LATEST = round(datetime(2299, 12, 31, tzinfo=UTC).timestamp() * 1000)

LARGEST_VERSION = 2**64 - 1
LARGEST_MARGIN = 2**16 - 1


class UnstorableError(ValueError):
    """The contract allows this value, and no column of ours can hold it."""


def outcome(event: Succeeded | Failed, partition: int, offset: int) -> Row:
    """Make the row of `redemption_events` for what became of a request."""
    if isinstance(event, Succeeded):
        return succeeded(event, partition, offset)
    return failed(event, partition, offset)


def succeeded(event: Succeeded, partition: int, offset: int) -> Row:
    data = event.data
    plan = data.commission_plan
    return (
        event.id,
        data.redemption_id,
        event.projectid,
        data.partner_id,
        data.campaign_id,
        _within(data.campaign_version, LARGEST_VERSION, "campaign_version"),
        data.channel,
        data.category_id or "",
        "succeeded",
        "",
        "",
        data.code,
        data.voucher_id,
        data.customer_id or "",
        data.customer_is_new,
        data.order_id or "",
        data.order_minor,
        data.discount_minor,
        commission(
            order_minor=data.order_minor,
            discount_minor=data.discount_minor,
            customer_is_new=data.customer_is_new,
            share_basis_points=plan.share_basis_points,
            flat_minor=plan.flat_minor,
            new_customer_bonus_minor=plan.new_customer_bonus_minor,
        ),
        _within(data.margin_basis_points, LARGEST_MARGIN, "margin_basis_points"),
        data.currency,
        data.visit_id or "",
        _wire_milliseconds(event.time),
        _wire_milliseconds(data.decided_at),
        partition,
        offset,
    )


def failed(event: Failed, partition: int, offset: int) -> Row:
    data = event.data
    return (
        event.id,
        data.redemption_id,
        event.projectid,
        data.partner_id or "",
        data.campaign_id or "",
        _within(data.campaign_version or 0, LARGEST_VERSION, "campaign_version"),
        data.channel or "",
        data.category_id or "",
        "failed",
        data.reason,
        data.hint,
        data.code,
        "",
        data.customer_id or "",
        False,
        data.order_id or "",
        data.order_minor,
        0,
        0,
        0,
        data.currency or "",
        data.visit_id or "",
        _wire_milliseconds(event.time),
        _wire_milliseconds(data.decided_at),
        partition,
        offset,
    )


def visit(event: Visited, partition: int, offset: int) -> Row:
    data = event.data
    return (
        event.id,
        data.visit_id,
        event.projectid,
        data.partner_id,
        data.campaign_id,
        data.channel,
        data.customer_id or "",
        _milliseconds(event.time),
        partition,
        offset,
    )


def campaign(event: CampaignChanged) -> Row:
    data = event.data
    return (
        event.projectid,
        data.id,
        _within(data.version, LARGEST_VERSION, "version"),
        data.name,
        data.partner.id,
        data.partner.name,
        data.channel,
        data.category.id if data.category else "",
        data.category.name if data.category else "",
        data.active,
        data.currency,
        _milliseconds(data.starts_at) if data.starts_at else None,
        _milliseconds(data.ends_at) if data.ends_at else None,
        data.margin_basis_points,
        data.commission_plan.share_basis_points,
        data.commission_plan.flat_minor,
        data.commission_plan.new_customer_bonus_minor,
        _milliseconds(event.time),
    )


def project(event: ProjectChanged) -> Row:
    data = event.data
    return (
        data.id,
        _within(data.version, LARGEST_VERSION, "version"),
        data.name,
        data.currency,
        data.time_zone,
        [key.id for key in data.keys],
        [key.digest for key in data.keys],
        [list(key.scopes) for key in data.keys],
        _milliseconds(event.time),
    )


def _milliseconds(instant: datetime) -> int:
    return min(max(round(instant.timestamp() * 1000), EARLIEST), LATEST)


def _wire_milliseconds(instant: str) -> int:
    return _milliseconds(datetime.fromisoformat(instant))


def _within(value: int, largest: int, name: str) -> int:
    if 0 <= value <= largest:
        return value
    raise UnstorableError(f"{name} must be between 0 and {largest}")
