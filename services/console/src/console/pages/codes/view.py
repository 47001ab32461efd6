"""What the list of codes shows, of what the API says. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.parts import Column
from console.query import Query
from console.web import browsing, columns, filters
from console.web.browsing import Answers, Reader, Row, View

SORTS: Final = ("created_at", "updated_at", "code", "redemptions", "campaign", "expiration_date")
USUAL: Final = ("code", "campaign", "status", "offer", "redemptions", "expiration_date")
# A new column is a line here, its cell in page.html, its label in words/codes.toml.
COLUMNS: Final = (
    Column("code", card="title"),
    Column("campaign", cut=True),
    Column("status", card="status"),
    Column("offer"),
    Column("redemptions", number=True, card="figure"),
    Column("expiration_date"),
    Column("partner", cut=True),
    Column("shared", cut=True),
    Column("channel", cut=True),
    Column("category", cut=True),
    Column("start_date"),
    Column("created_at"),
    Column("updated_at"),
)
NAMES: Final = filters.names(
    (
        query.text("campaign", many=True),
        query.text("shared", many=True),
        query.choice("standalone", ("yes",)),
    ),
    SORTS,
    COLUMNS,
)


def asked(asks: Query, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """Write a view as the API is asked for it."""
    own = {
        "campaign_id": list(asks.many("campaign")),
        "shared_with": list(asks.many("shared")),
        "standalone": "true" if asks.one("standalone") else None,
    }
    return filters.asked(asks, zone, now) | {n: value for n, value in own.items() if value}


def view(asks: Query, answers: Answers, reader: Reader) -> View:
    rows = [_row(each, reader) for each in answers.found["vouchers"]]
    return browsing.view(
        asks, answers, reader, rows, columns.headed(asks, COLUMNS, SORTS, words="codes")
    )


def _row(code: Mapping[str, Any], reader: Reader) -> Row:
    redemption = code["redemption"]
    return browsing.row(
        code,
        reader,
        key=code["code"],
        name=code["code"],
        discount=code["discount"],
        used=redemption["redeemed_quantity"],
        limit=redemption["quantity"],
    )
