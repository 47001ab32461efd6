"""The segments that a batch's campaigns name, in the versions that are in force."""

from collections.abc import Mapping

from redemption.memory import Memory
from redemption.model import Campaign, CampaignKey, SegmentKey
from redemption.segments import Segment, Zoned, compile_filter, names
from redemption.store import segments
from servicekit.postgres.pool import Connection


async def load(
    conn: Connection,
    campaigns: Mapping[CampaignKey, Campaign],
    versions: Mapping[SegmentKey, int],
    memory: Memory,
) -> dict[Zoned, Segment]:
    """Return the segments in force of those that these campaigns name, and have arrived.

    `versions` were read behind the campaigns' locks, or with their revisions or after them: without
    both none of them changes.
    """
    known: dict[Zoned, Segment] = {}
    unknown: list[Zoned] = []
    for name in {name for (project, _), each in campaigns.items() for name in names(project, each)}:
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


def _compiled(of: segments.Definition, time_zone: str) -> Segment:
    includes = None if of.filter is None else compile_filter(of.filter, time_zone)
    return Segment(of.version, includes)
