"""Shares codes with partners, holds them back and withdraws them. The caller's transaction.

What is said of a code wins over what is said of its allotment, and that over what is said of its
campaign as a whole: so a code that is held back stays so, however it is shared besides.
"""

from collections.abc import Sequence
from typing import Final

from campaigns.campaigns import store as campaigns
from campaigns.history import differences
from campaigns.history import store as histories
from campaigns.history import verbs as history
from campaigns.history.store import Entry
from campaigns.model import Actor, Campaign, Target
from campaigns.partners import verbs as partners
from campaigns.refusals import InvalidError, NotFoundError, in_bin
from campaigns.shares import store as shares
from campaigns.shares.store import NamedCode, Share, State
from contracts import ids
from servicekit.postgres.pool import Connection

ID_PREFIX: Final = "share_"
MOST_NAMED: Final = 10

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


async def share_campaign(
    conn: Connection, project_id: str, actor: Actor, campaign: Campaign, *, name: str | None
) -> Share:
    """Share all codes of a campaign, those to come too; once: the second is a unique violation."""
    await shares.lock(conn, campaign.id)
    former = await shares.of_whole_campaign(conn, project_id, campaign.id)
    if former is not None and former.state == "withdrawn":
        await shares.set_state(conn, project_id, [former.id], "shared")
        return await _recorded(conn, project_id, actor, former, "released")
    return await _add(conn, project_id, actor, campaign, kind="campaign", name=name, count=None)


async def share_codes(
    conn: Connection,
    project_id: str,
    actor: Actor,
    *,
    partner_id: str,
    campaign_id: str | None,
    codes: Sequence[str],
    name: str | None,
) -> Share:
    """Share these codes of one campaign, of this one if it is said: all of them or none."""
    found = await _named(conn, project_id, partner_id, codes)
    theirs = {each.campaign_id for each in found} | ({campaign_id} - {None})
    if len(theirs) > 1:
        raise InvalidError(
            "Property .codes: are of several campaigns",
            "share those of each campaign by themselves",
        )
    campaign = await _campaign(conn, project_id, found[0].campaign_id)
    await shares.lock(conn, campaign.id)
    share = await _add(conn, project_id, actor, campaign, kind="codes", name=name, count=len(found))
    added = await shares.add_codes(conn, project_id, share.id, [each.voucher_id for each in found])
    if given := [each.code for each in found if each.voucher_id not in added]:
        raise InvalidError(
            f"{len(given)} of these codes are shared already",
            f"{_listed(given)}: release what is held back, or leave them out",
            "already_shared",
        )
    return share


async def allot(
    conn: Connection,
    project_id: str,
    actor: Actor,
    campaign: Campaign,
    *,
    quantity: int,
    name: str | None,
) -> Share:
    """Share the next unique codes of a campaign that nobody was given yet: so many, or none."""
    await shares.lock(conn, campaign.id)
    whole = await shares.of_whole_campaign(conn, project_id, campaign.id)
    if whole is not None and whole.state != "withdrawn":
        raise InvalidError(
            "This campaign is shared as a whole: an allotment would give nothing more",
            f"withdraw {whole.id} first",
            "already_shared",
        )
    share = await _add(
        conn, project_id, actor, campaign, kind="allotment", name=name, count=quantity
    )
    taken = await shares.take_unshared(conn, project_id, share.id, campaign.id, quantity)
    if taken < quantity:
        raise InvalidError(
            "The campaign has not so many codes left",
            f"{taken} unique codes are active, unused and not given yet; {quantity} were asked for",
            "not_enough_codes",
        )
    return share


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
    return [await _recorded(conn, project_id, actor, each, VERBS[state]) for each in changing]


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
    found = await _named(conn, project_id, partner_id, codes)
    wholes: dict[str, Share] = {}
    for campaign_id in sorted({each.campaign_id for each in found}):  # rivals lock in one order
        await shares.lock(conn, campaign_id)
        whole = await shares.of_whole_campaign(conn, project_id, campaign_id)
        if whole is not None and whole.state != "withdrawn":
            wholes[campaign_id] = whole
    own = await shares.own_states(conn, project_id, [each.voucher_id for each in found])
    if strangers := [
        each.code for each in found if each.voucher_id not in own and each.campaign_id not in wholes
    ]:
        raise InvalidError(
            f"{len(strangers)} of these codes are not shared", _listed(strangers), "not_shared"
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
    await shares.set_state_of_codes(conn, project_id, changing, state)
    await shares.touch(conn, project_id, sorted(set(changing.values())))
    await histories.add(conn, project_id, actor, entries)
    return len(changing)


async def get(conn: Connection, project_id: str, partner_id: str, share_id: str) -> Share:
    found = await shares.find(conn, project_id, partner_id, share_id)
    if found is None:
        raise NotFoundError("share", share_id)
    return found


async def campaign_of(
    conn: Connection, project_id: str, partner_id: str, campaign_id: str
) -> Campaign:
    """Return a campaign whose codes may be shared with a partner: its own.

    Whoever is shown a code earns nothing by it unless its campaign is his.
    """
    partner = await partners.get(conn, project_id, partner_id)
    campaign = await _campaign(conn, project_id, campaign_id)
    if campaign.partner.id != partner.id:
        raise _other_partner(campaign.definition.name, campaign.partner.name, partner.name)
    return campaign


def _other_partner(campaign: str, owner: str, partner: str) -> InvalidError:
    return InvalidError(
        f"{campaign} is a campaign of {owner}: its codes cannot be shared with {partner}",
        "its commission goes to its own partner alone: make a campaign for this one",
        "other_partner",
    )


async def _named(
    conn: Connection, project_id: str, partner_id: str, codes: Sequence[str]
) -> list[NamedCode]:
    partner = await partners.get(conn, project_id, partner_id)
    found = await shares.named_codes(conn, project_id, codes)
    known = {each.code for each in found}
    for code in codes:
        if code not in known:
            raise NotFoundError("voucher", code)
    for each in found:
        if each.partner_id != partner.id:
            owner = await _campaign(conn, project_id, each.campaign_id)
            raise _other_partner(owner.definition.name, owner.partner.name, partner.name)
    return found


async def _campaign(conn: Connection, project_id: str, campaign_id: str) -> Campaign:
    found = await campaigns.find(conn, project_id, campaign_id)
    if found is None:
        raise NotFoundError("campaign", campaign_id)
    if found.deleted_at is not None:
        raise in_bin("campaign", found.definition.name)
    return found


async def _add(
    conn: Connection,
    project_id: str,
    actor: Actor,
    campaign: Campaign,
    *,
    kind: shares.Kind,
    name: str | None,
    count: int | None,
) -> Share:
    share_id = ids.new(ID_PREFIX)
    await shares.add(
        conn,
        project_id,
        share_id,
        campaign_id=campaign.id,
        partner_id=campaign.partner.id,
        kind=kind,
        name=name,
        codes_count=count,
        shared_by=actor.id,
    )
    share = await get(conn, project_id, campaign.partner.id, share_id)
    await _record(conn, project_id, actor, "created", before=None, after=share)
    return share


async def _recorded(
    conn: Connection, project_id: str, actor: Actor, before: Share, verb: str
) -> Share:
    after = await get(conn, project_id, before.partner_id, before.id)
    await _record(conn, project_id, actor, verb, before=before, after=after)
    return after


async def _record(
    conn: Connection,
    project_id: str,
    actor: Actor,
    verb: str,
    *,
    before: Share | None,
    after: Share,
) -> None:
    await history.record(
        conn,
        project_id,
        actor,
        verb,
        Target("share", after.id, after.name or after.campaign),
        before=None if before is None else _fields(before),
        after=_fields(after),
    )


def _fields(share: Share) -> dict[str, object]:
    return {
        "kind": share.kind,
        "state": share.state,
        "partner": share.partner,
        "campaign": share.campaign,
        "name": share.name,
        "codes_count": share.codes_count,
    }


def _listed(codes: Sequence[str]) -> str:
    more = len(codes) - MOST_NAMED
    return ", ".join(codes[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
