"""Loads the segments that a batch's campaigns name, and who of its customers is on their lists."""

from collections.abc import Collection, Mapping, Sequence

from redemption.memory import Memory
from redemption.model import Campaign, CampaignKey, CodeKey, Offer, Request
from redemption.returns import Asked
from redemption.segments import Listed, Segment, Zoned, compile_filter
from redemption.store import segments
from servicekit.postgres.pool import Connection


def names(project_id: str, campaign: Campaign) -> list[Zoned]:
    """Name the segments that a campaign's rules ask about."""
    if campaign.judge is None:
        return []
    return [(project_id, each, campaign.time_zone) for each in campaign.terms.segment_ids]


async def load(
    conn: Connection, campaigns: Mapping[CampaignKey, Campaign], memory: Memory
) -> dict[Zoned, Segment]:
    """Return the segments in force of those that these campaigns name, and have arrived.

    Read behind the campaigns' locks, or after their revisions: without both none of them changes.
    """
    asked = {name for (project, _), each in campaigns.items() for name in names(project, each)}
    if not asked:
        return {}
    versions = await segments.versions(conn, {name[:2] for name in asked})
    known: dict[Zoned, Segment] = {}
    unknown: list[Zoned] = []
    for name in asked:
        version = versions.get(name[:2])
        if version is None:
            continue
        segment = memory.segment(name, version)
        if segment is None:
            unknown.append(name)
        else:
            known[name] = segment
    if unknown:
        read = await segments.read(conn, {name[:2] for name in unknown})
        found = {name: _compiled(read[name[:2]], name[2]) for name in unknown}
        memory.remember_segments(found)
        known |= found
    return known


async def listed(
    conn: Connection,
    requests: Sequence[Asked],
    offers: Mapping[CodeKey, Offer],
    named: Mapping[Zoned, Segment],
) -> Collection[Listed]:
    """Return which customers who redeem are on the lists that their campaigns name."""
    if not named:
        return frozenset()
    asked = {
        (name[0], name[1], request.customer_id)
        for request in requests
        if isinstance(request, Request) and request.customer_id is not None
        for key in request.code_keys
        if (offer := offers.get(key))
        for name in names(offer.project_id, offer.campaign)
        if (segment := named.get(name)) and segment.includes is None
    }
    return await segments.listed(conn, asked) if asked else frozenset()


def _compiled(of: segments.Definition, time_zone: str) -> Segment:
    includes = None if of.filter is None else compile_filter(of.filter, time_zone)
    return Segment(of.version, includes)
