"""Loads the segments that a batch goes by, and who of its customers is on their lists.

They are those that its campaigns name, and those that its projects' outcomes tell.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from redemption.memory import Memory
from redemption.model import Campaign, CampaignKey, CodeKey, Offer, Request
from redemption.returns import Asked
from redemption.segments import (
    Listed,
    Reporting,
    Segment,
    Segments,
    Zoned,
    compile_filter,
    zone_of,
)
from redemption.store import segments as store
from servicekit.postgres.pool import Connection

NONE: Final = Segments()


def names(project_id: str, campaign: Campaign) -> list[Zoned]:
    """Name the segments that a campaign's rules ask about."""
    if campaign.judge is None:
        return []
    return [(project_id, each, campaign.time_zone) for each in campaign.terms.segment_ids]


async def load(
    conn: Connection,
    campaigns: Mapping[CampaignKey, Campaign],
    memory: Memory,
    reporting: Collection[Reporting] = (),
) -> Segments:
    """Return the segments in force of those that these campaigns name, and have arrived.

    And those that outcomes of the `reporting` projects tell.

    Read behind the campaigns' locks, or after their revisions: without both none of them changes.
    """
    asked = {name for (project, _), each in campaigns.items() for name in names(project, each)}
    reported = await _reported(conn, reporting) if reporting else {}
    asked |= {(of[0], each, of[1]) for of, segments in reported.items() for each in segments}
    if not asked:
        return NONE
    versions = await store.versions(conn, {name[:2] for name in asked})
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
        read = await store.read(conn, {name[:2] for name in unknown})
        found = {name: _compiled(read[name[:2]], name[2]) for name in unknown}
        memory.remember_segments(found)
        known |= found
    return Segments(known, reported=reported)


async def listed(
    conn: Connection,
    requests: Sequence[Asked],
    offers: Mapping[CodeKey, Offer],
    segments: Segments,
) -> Collection[Listed]:
    """Return which customers who redeem are on the lists that their campaigns name, or reports."""
    named = segments.named
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
    if segments.reported:
        asked |= {
            (request.project_id, each, request.customer_id)
            for request in requests
            if isinstance(request, Request) and request.customer_id is not None
            for time_zone in zone_of(request, offers)
            for each in segments.reported.get((request.project_id, time_zone), ())
            if named[request.project_id, each, time_zone].includes is None
        }
    return await store.listed(conn, asked) if asked else frozenset()


async def _reported(
    conn: Connection, reporting: Collection[Reporting]
) -> dict[Reporting, Sequence[str]]:
    found = await store.in_reports(conn, {project_id for project_id, _ in reporting})
    return {of: found[of[0]] for of in reporting if of[0] in found}


def _compiled(of: store.Definition, time_zone: str) -> Segment:
    includes = None if of.filter is None else compile_filter(of.filter, time_zone)
    return Segment(of.version, includes)
