"""Holds shares and single codes back, withdraws and releases them. The caller's transaction."""

from collections.abc import Sequence
from typing import Final

from campaigns.actors import Actor, Target
from campaigns.history import differences
from campaigns.history import store as histories
from campaigns.history.store import Entry
from campaigns.refusals import InvalidError, NotFoundError
from campaigns.shares import given, verbs
from campaigns.shares import store as shares
from campaigns.shares.store import Share, State
from servicekit.postgres.pool import Connection

# From where one may be brought where, and how history calls it.
FROM: Final[dict[State, tuple[State, ...]]] = {
    "shared": ("held_back", "withdrawn"),
    "held_back": ("shared",),
    "withdrawn": ("shared", "held_back"),
}
VERBS: Final[dict[State, str]] = {
    "shared": "released",
    "held_back": "held_back",
    "withdrawn": "withdrawn",
}


async def set_state(
    conn: Connection,
    project_id: str,
    actor: Actor,
    state: State,
    *,
    partner_id: str,
    share_id: str | None = None,
    campaign_id: str | None = None,
) -> list[Share]:
    """Hold back, withdraw or release a share, or all of a campaign; return those that changed.

    What was withdrawn is released by its own id alone, not with all the others of its campaign.
    """
    found = await shares.lock_shares(
        conn, project_id, partner_id, share_id=share_id, campaign_id=campaign_id
    )
    if not found:
        raise NotFoundError("share", share_id or campaign_id or "")
    former: tuple[State, ...] = FROM[state]
    if state == "shared" and share_id is None:
        former = ("held_back",)
    changing = [each for each in found if each.state in former]
    await shares.set_state(conn, project_id, [each.id for each in changing], state)
    return [await verbs.recorded(conn, project_id, actor, each, VERBS[state]) for each in changing]


async def set_state_of_codes(
    conn: Connection,
    project_id: str,
    actor: Actor,
    state: State,
    *,
    partner_id: str,
    codes: Sequence[str],
) -> int:
    """Hold back, withdraw or release single codes; return of how many that is news."""
    found = await verbs.named(conn, project_id, partner_id, codes)
    wholes: dict[str, Share] = {}
    for campaign_id in sorted({each.campaign_id for each in found}):  # rivals lock in one order
        await shares.lock(conn, campaign_id)
        whole = await shares.of_whole_campaign(conn, project_id, campaign_id)
        if whole is not None and whole.state != "withdrawn":
            wholes[campaign_id] = whole
    own = await given.own_states(conn, project_id, [each.voucher_id for each in found])
    if strangers := [
        each.code for each in found if each.voucher_id not in own and each.campaign_id not in wholes
    ]:
        raise InvalidError(
            f"{len(strangers)} of these codes are not shared", verbs.listed(strangers), "not_shared"
        )
    changing: dict[str, str] = {}
    entries: list[Entry] = []
    for each in found:
        share_id, current = own.get(each.voucher_id) or (wholes[each.campaign_id].id, "shared")
        if current in FROM[state]:
            changing[each.voucher_id] = share_id
            changes = differences.between({"sharing": current}, {"sharing": state})
            target = Target("voucher", each.voucher_id, each.code)
            entries.append(Entry(VERBS[state], target, changes))
    await given.set_state_of_codes(conn, project_id, changing, state)
    await shares.touch(conn, project_id, sorted(set(changing.values())))
    await histories.add(conn, project_id, actor, entries)
    return len(changing)
