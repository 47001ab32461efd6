"""A list as CSV: the same rows in the same order, read some at a time as they are sent.

Each part is a page of its own that begins after the last row: a slow reader holds no connection, no
snapshot of the store, and no row twice. ExportPlaces have connections of their own, and a limit.
"""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from campaigns.api import standing
from campaigns.api.places import ExportPlaces
from campaigns.campaigns import store as campaigns
from campaigns.campaigns import words
from campaigns.listing import verbs
from campaigns.listing.cursors import Key
from campaigns.listing.filters import Query
from campaigns.listing.plan import Page
from campaigns.model import Campaign, Voucher
from campaigns.refusals import InvalidQueryError
from campaigns.vouchers import store as vouchers
from contracts.instants import to_rfc3339
from servicekit.http.csv_lines import Block, Cell
from servicekit.postgres.pool import Connection, connection

AT_ONCE: Final = 2_000
MOST_ROWS: Final = 1_000_000

WHOSE: Final = ("partner_id", "partner", "channel", "category")
WORTH: Final = (
    "discount_type",
    "percent_off",
    "amount_limit",
    "amount_off",
    "fixed_amount",
    "currency",
)
WHEN: Final = ("start_date", "expiration_date")
CAMPAIGN_COLUMNS: Final = (
    *("id", "name", "status", *WHOSE, *WORTH, *WHEN, "redemptions", "total_limit"),
    *("per_customer_limit", "limits_text", "windows_text", "vouchers_count", "active"),
    *("created_at", "updated_at", "metadata"),
)
VOUCHER_COLUMNS: Final = (
    *("code", "id", "status", "campaign_id", "campaign", *WHOSE, *WORTH, *WHEN, "windows_text"),
    *("redeemed_quantity", "quantity", "active", "created_at", "updated_at", "metadata"),
)


class NextPage(Protocol):
    """Reads the rows that come next."""

    async def __call__(
        self,
        conn: Connection,
        project_id: str,
        query: Query,
        after: Key | None,
        *,
        at: datetime,
        most: int,
    ) -> Page: ...


Rows = Callable[[Connection, str, Sequence[str], datetime], Awaitable[Block]]


async def of_campaigns(
    exports: ExportPlaces, project_id: str, query: Query, at: datetime
) -> AsyncGenerator[Block]:
    async for block in _blocks(
        exports, project_id, query, at, read=verbs.campaigns_after, rows=_campaign_rows
    ):
        yield block


async def of_vouchers(
    exports: ExportPlaces, project_id: str, query: Query, at: datetime
) -> AsyncGenerator[Block]:
    async for block in _blocks(
        exports, project_id, query, at, read=verbs.vouchers_after, rows=_voucher_rows
    ):
        yield block


async def _blocks(
    exports: ExportPlaces,
    project_id: str,
    query: Query,
    at: datetime,
    *,
    read: NextPage,
    rows: Rows,
) -> AsyncGenerator[Block]:
    """Read page after page; the first one refuses what is too much."""
    after: Key | None = None
    async with exports.place(project_id) as pool:
        while True:
            async with (
                connection(pool) as conn,
                conn.transaction(isolation="repeatable_read", readonly=True),
            ):
                page = await read(conn, project_id, query, after, at=at, most=AT_ONCE)
                if after is None and page.total > MOST_ROWS:
                    raise InvalidQueryError(
                        "format",
                        f"csv takes {MOST_ROWS:,} rows, and these are some {page.total:,}: narrow",
                        key="too_many_rows",
                    )
                block = await rows(conn, project_id, [key[-1] for key in page.keys], at)
            yield block
            if not page.more or not page.keys:
                return
            after = page.keys[-1]


async def _campaign_rows(
    conn: Connection, project_id: str, campaign_ids: Sequence[str], at: datetime
) -> Block:
    found = {each.id: each for each in await campaigns.get_many(conn, project_id, [*campaign_ids])}
    return [_campaign_row(found[each], at) for each in campaign_ids if each in found]


def _campaign_row(campaign: Campaign, at: datetime) -> Sequence[Cell]:
    terms = campaign.definition.terms
    return (
        campaign.id,
        campaign.definition.name,
        standing.of_campaign(campaign, at).status,
        *_shared(campaign, campaign.definition.terms.validity.ends_at),
        campaign.redemptions,
        terms.limits.total,
        terms.limits.per_customer,
        words.limits(terms.limits.others, campaign.currency),
        words.windows(terms.validity, campaign.time_zone),
        campaign.vouchers_count,
        _flag(campaign.active),
        to_rfc3339(campaign.created_at),
        _instant(campaign.updated_at),
        _json(campaign.definition.metadata),
    )


async def _voucher_rows(
    conn: Connection, project_id: str, voucher_ids: Sequence[str], at: datetime
) -> Block:
    found = {each.id: each for each in await vouchers.get_many(conn, project_id, voucher_ids)}
    theirs = sorted({each.campaign_id for each in found.values()})
    by_id = {each.id: each for each in await campaigns.get_many(conn, project_id, theirs)}
    switched = [each.id for each in found.values() if not each.active]
    enforced = await vouchers.enforced(conn, project_id, switched) if switched else {}
    rows = [found[each] for each in voucher_ids if each in found]
    return [
        _voucher_row(row, by_id[row.campaign_id], at, enforced=enforced.get(row.id, True))
        for row in rows
    ]


def _voucher_row(
    voucher: Voucher, campaign: Campaign, at: datetime, *, enforced: bool
) -> Sequence[Cell]:
    return (
        voucher.code,
        voucher.id,
        standing.of_voucher(voucher, campaign, at, enforced=enforced).status,
        campaign.id,
        None if campaign.standalone else campaign.definition.name,
        *_shared(campaign, voucher.ends_within(campaign)),
        words.windows(campaign.definition.terms.validity, campaign.time_zone),
        voucher.redeemed_quantity,
        voucher.quantity,
        _flag(voucher.active),
        to_rfc3339(voucher.created_at),
        _instant(voucher.updated_at),
        _json(voucher.metadata),
    )


def _shared(campaign: Campaign, ends_at: datetime | None) -> Sequence[Cell]:
    """Return what both lists say of a campaign, from its partner to its end, or the code's."""
    terms, category = campaign.definition.terms, campaign.category
    return (
        campaign.partner.id,
        campaign.partner.name,
        campaign.definition.channel,
        None if category is None else category.name,
        *words.worth(terms.discount, campaign.currency),
        campaign.currency,
        _instant(terms.validity.starts_at),
        _instant(ends_at),
    )


def _instant(at: datetime | None) -> str | None:
    return None if at is None else to_rfc3339(at)


def _flag(on: bool) -> str:
    return "true" if on else "false"


def _json(metadata: dict[str, Any]) -> str:
    return json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))
