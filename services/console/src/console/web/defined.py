"""Asks what rules, segments and campaigns of a project are called, to choose from and to name."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from console.api.client import segment
from console.web import changes, rules
from console.web.conditions import Reader
from console.web.frame import may
from console.web.violations import SEGMENT
from console.web.visit import Visit

COLLECTIONS: Final = "product-collections"
AT_ONCE: Final = 100
MOST_PAGES: Final = 20


async def names(visit: Visit, kind: str) -> Mapping[str, str]:
    """Return the names of all `segments`, `validation-rules` or collections by their ids."""
    return {each["id"]: each["name"] for each in await everything(visit, kind)}


async def everything(visit: Visit, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in range(1, MOST_PAGES + 1):
        answer = await visit.api.get(f"/v1/{kind}", {"limit": AT_ONCE, "page": page})
        found += answer[answer["data_ref"]]
        if len(found) >= answer["total"] or not answer[answer["data_ref"]]:
            break
    return found


async def reader(visit: Visit) -> Reader:
    """Return for whom conditions are written, segments and collections by their names."""
    segments, collections = await asyncio.gather(
        names(visit, "segments"), names(visit, COLLECTIONS)
    )
    return Reader(visit.project.currency, visit.zone, segments, collections)


async def segments_in(visit: Visit, hints: Iterable[str | None]) -> Mapping[str, str]:
    """Name segments where a refusal was for one, and to whom may know."""
    if not may(visit.project.scopes, "campaigns_read"):
        return {}
    is_asked = any(SEGMENT in (each or "") for each in hints)
    return await names(visit, "segments") if is_asked else {}


async def collections_in(
    visit: Visit, applicable_to: Mapping[str, Any] | None
) -> Mapping[str, str]:
    """Name collections where a discount is for one."""
    sides = [side for side in (applicable_to or {}).values() if isinstance(side, list)]
    is_asked = any(each["object"] == rules.COLLECTION for side in sides for each in side)
    return await names(visit, COLLECTIONS) if is_asked else {}


async def historian(visit: Visit, entries: Sequence[Mapping[str, Any]]) -> changes.Reader:
    """Return for whom a history is written, with the names of what its entries name."""
    known: dict[str, str] = {}
    if any(changes.names_things(each["changes"]) for each in entries):
        kinds = ("validation-rules", COLLECTIONS)
        for found in await asyncio.gather(*(names(visit, kind) for kind in kinds)):
            known |= found
    return changes.Reader(visit.zone, visit.project.currency, known)


async def rules_of(visit: Visit, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return these rules, without those that are gone."""
    asked = (found(visit, "validation-rules", each) for each in ids)
    return [each for each in await asyncio.gather(*asked) if each]


async def kept(visit: Visit, ids: Sequence[str]) -> list[rules.Kept]:
    """Say what these rules want: those of a campaign, or of a code."""
    found = await rules_of(visit, ids)
    if not found:
        return []
    reading = await reader(visit)
    return [rules.kept(each, reading) for each in found]


async def is_there(visit: Visit, kind: str, named: str | None) -> bool:
    return named is not None and await found(visit, kind, named) is not None


async def nothing() -> None:
    """Ask nobody."""


async def found(visit: Visit, kind: str, named: str) -> dict[str, Any] | None:
    """Return one of a kind (`products`, `orders`, …), None for one that is not there."""
    return await visit.api.find(f"/v1/{kind}/{segment(named)}")
