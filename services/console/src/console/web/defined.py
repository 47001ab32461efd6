"""Asks what rules, segments and campaigns of a project are called, to choose from and to name."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from console.web.conditions import Reader
from console.web.frame import may
from console.web.violations import SEGMENT
from console.web.visit import Visit

AT_ONCE: Final = 100
MOST_PAGES: Final = 20


async def names(visit: Visit, kind: str) -> Mapping[str, str]:
    """Return the names of all `segments` or `validation-rules` by their ids."""
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
    """Return for whom conditions are written, segments by their names."""
    return Reader(visit.project.currency, visit.zone, await names(visit, "segments"))


async def segments_in(visit: Visit, hints: Iterable[str | None]) -> Mapping[str, str]:
    """Name segments where a refusal was for one, and to whom may know."""
    if not may(visit.project.scopes, "campaigns_read"):
        return {}
    is_asked = any(SEGMENT in (each or "") for each in hints)
    return await names(visit, "segments") if is_asked else {}
