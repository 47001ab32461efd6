"""What the list of campaigns shows, of what the API says. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from console.design.parts import Column
from console.query import Query
from console.web import browsing, columns, filters
from console.web.browsing import Answers, Reader, Row, View

SORTS: Final = (
    *("created_at", "updated_at", "name", "status", "partner", "channel", "category"),
    *("start_date", "expiration_date", "redemptions", "vouchers_count"),
)
USUAL: Final = ("name", "status", "partner", "channel", "offer", "expiration_date", "redemptions")
# A new column is a line here, its cell in page.html, its label in words/campaigns.toml.
COLUMNS: Final = (
    Column("name", cut=True, card="title"),
    Column("status", card="status"),
    Column("partner", cut=True),
    Column("channel", cut=True),
    Column("category", cut=True),
    Column("offer"),
    Column("start_date"),
    Column("expiration_date"),
    Column("redemptions", number=True, card="figure"),
    Column("vouchers_count", number=True),
    Column("created_at"),
    Column("updated_at"),
)
NAMES: Final = filters.names((), SORTS, COLUMNS)


def view(asks: Query, answers: Answers, reader: Reader) -> View:
    rows = [_row(each, reader) for each in answers.found["campaigns"]]
    return browsing.view(
        asks, answers, reader, rows, columns.headed(asks, COLUMNS, SORTS, words="campaigns")
    )


def _row(campaign: Mapping[str, Any], reader: Reader) -> Row:
    return browsing.row(
        campaign,
        reader,
        key=campaign["id"],
        name=campaign["name"],
        discount=campaign["voucher"]["discount"],
        used=campaign["redemptions"],
        limit=campaign["total_limit"],
    )
