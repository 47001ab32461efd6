"""Loads the segments that a batch goes by.

They are those that its campaigns name, and those that its projects' outcomes tell.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from redemption.customers.segments import (
    Reporting,
    Segment,
    Segments,
    Zoned,
    compile_filter,
    names,
)
from redemption.loading.memory import Memory
from redemption.model import Campaign, CampaignKey
from redemption.store import segments as store
from servicekit.postgres.pool import Connection

NONE: Final = Segments()


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


async def _reported(
    conn: Connection, reporting: Collection[Reporting]
) -> dict[Reporting, Sequence[str]]:
    found = await store.in_reports(conn, {project_id for project_id, _ in reporting})
    return {of: found[of[0]] for of in reporting if of[0] in found}


def _compiled(of: store.Definition, time_zone: str) -> Segment:
    includes = None if of.filter is None else compile_filter(of.filter, time_zone)
    return Segment(of.version, includes)
