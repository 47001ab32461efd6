"""An entry of the ledger as a line of a spreadsheet: the columns of an export. Pure."""

from decimal import Decimal
from typing import Final

from contracts.currencies import MINOR_UNITS
from redemption.ledger.entries import ShownEntry
from redemption.render.shown import belongs_to, listed

COLUMNS: Final = (
    "id",
    "date",
    "result",
    "reason",
    "explanation",
    "hint",
    "code",
    "campaign_id",
    "campaign",
    "partner_id",
    "customer_id",
    "order_id",
    "order_amount",
    "discount",
    "currency",
    "tracking_id",
    "channel",
    "decided_at",
    "parent_redemption_id",
)


def row(entry: ShownEntry) -> list[str | Decimal | None]:
    """Show an entry as a line of CSV, in the order of COLUMNS: money in major units."""
    past = entry.past
    shown = listed(entry)
    return [
        shown.id,
        shown.date,
        shown.result,
        shown.reason,
        shown.explanation,
        shown.hint,
        past.code,
        past.campaign_id,
        past.campaign_name,
        entry.partner_id,
        past.customer_id,
        past.order_id,
        None if past.order_minor is None else _major(past.order_minor, past.currency),
        _major(past.discount_minor, past.currency),
        past.currency,
        past.tracking_id,
        entry.caller,
        shown.decided_at,
        belongs_to(entry),
    ]


def _major(minor: int, currency: str | None) -> Decimal:
    return Decimal(minor).scaleb(-MINOR_UNITS.get(currency or "", 2))
