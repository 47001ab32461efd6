"""Pages of the codes that a partner sees, with the campaigns that they are of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from campaigns.campaigns import store as campaigns
from campaigns.model import Campaign
from campaigns.shares import visible
from campaigns.shares.positions import Position
from campaigns.shares.visible import Deal, VisibleCode
from servicekit.postgres.pool import Connection

LOADED_AT_ONCE: Final = 50  # a campaign takes a moment to read, and others wait in this process


@dataclass(frozen=True, slots=True)
class CodesPage:
    """Codes, and their campaigns by their ids in the same order."""

    codes: list[VisibleCode]
    campaigns: dict[str, Campaign]
    goes_on_after: Position | None


async def read(
    conn: Connection,
    project_id: str,
    deals: Sequence[Deal],
    *,
    after: Position | None,
    limit: int,
    text: str | None = None,
) -> CodesPage:
    found = await visible.codes(conn, project_id, deals, after=after, text=text, limit=limit + 1)
    codes = found[:limit]
    ids = list(dict.fromkeys(each.position.campaign_id for each in codes))
    goes_on = codes[-1].position if len(found) > limit else None
    return CodesPage(codes, await load_campaigns(conn, project_id, ids), goes_on)


async def load_campaigns(
    conn: Connection, project_id: str, campaign_ids: list[str]
) -> dict[str, Campaign]:
    """Return campaigns by their ids, in this order: of many, some at a time."""
    loaded: dict[str, Campaign] = {}
    for begin in range(0, len(campaign_ids), LOADED_AT_ONCE):
        some = campaign_ids[begin : begin + LOADED_AT_ONCE]
        loaded |= {each.id: each for each in await campaigns.get_many(conn, project_id, some)}
    return {each: loaded[each] for each in campaign_ids}
