"""Shares codes with partners: of their own campaigns. The caller's transaction.

What is said of a code wins over what is said of its allotment, and that over what is said of its
campaign as a whole: so a code that is held back stays so, however it is shared besides.
"""

from collections.abc import Sequence
from typing import Final

from campaigns.actors import Actor, Target
from campaigns.campaigns import store as campaigns
from campaigns.history import verbs as history
from campaigns.model import Campaign
from campaigns.partners import verbs as partners
from campaigns.refusals import InvalidError, NotFoundError, in_bin
from campaigns.shares import given
from campaigns.shares import store as shares
from campaigns.shares.given import NamedCode
from campaigns.shares.store import Share
from contracts import ids
from servicekit.postgres.pool import Connection

ID_PREFIX: Final = "share_"
MOST_NAMED: Final = 10
TAKEN_AT_ONCE: Final = 10_000  # by one statement of an allotment


async def share_campaign(
    conn: Connection, project_id: str, actor: Actor, campaign: Campaign, *, name: str | None
) -> Share:
    """Share all codes of a campaign, those to come too; once: the second is a unique violation."""
    await shares.lock(conn, campaign.id)
    former = await shares.of_whole_campaign(conn, project_id, campaign.id)
    if former is not None and former.state == "withdrawn":
        await shares.set_state(conn, project_id, [former.id], "shared")
        return await recorded(conn, project_id, actor, former, "released")
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
    found = await named(conn, project_id, partner_id, codes)
    theirs = {each.campaign_id for each in found} | ({campaign_id} - {None})
    if len(theirs) > 1:
        raise InvalidError(
            "Property .codes: are of several campaigns",
            "share those of each campaign by themselves",
        )
    campaign = await _campaign(conn, project_id, found[0].campaign_id)
    await shares.lock(conn, campaign.id)
    share = await _add(conn, project_id, actor, campaign, kind="codes", name=name, count=len(found))
    added = await given.add_codes(conn, project_id, share.id, [each.voucher_id for each in found])
    if twice := [each.code for each in found if each.voucher_id not in added]:
        raise InvalidError(
            f"{len(twice)} of these codes are shared already",
            f"{listed(twice)}: release what is held back, or leave them out",
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
    taken, last = 0, None
    while taken < quantity:
        more, last = await given.take_unshared(
            conn,
            project_id,
            share.id,
            campaign.id,
            quantity=min(quantity - taken, TAKEN_AT_ONCE),
            after=last,
        )
        if not more:
            break
        taken += more
    if taken < quantity:
        raise InvalidError(
            "The campaign has not so many codes left",
            f"{taken} unique codes are active, unused and not given yet; {quantity} were asked for",
            "not_enough_codes",
        )
    return share


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


async def named(
    conn: Connection, project_id: str, partner_id: str, codes: Sequence[str]
) -> list[NamedCode]:
    partner = await partners.get(conn, project_id, partner_id)
    found = await given.named_codes(conn, project_id, codes)
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


async def recorded(
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


def listed(codes: Sequence[str]) -> str:
    more = len(codes) - MOST_NAMED
    return ", ".join(codes[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
