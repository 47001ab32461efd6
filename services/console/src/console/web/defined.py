"""Asks what rules, segments and campaigns of a project are called, to choose from and to name."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from console.api.client import segment
from console.api.refusals import RefusedError
from console.web import rules
from console.web.conditions import Reader
from console.web.frame import may
from console.web.violations import SEGMENT
from console.web.visit import Visit

AT_ONCE: Final = 100
NOT_FOUND: Final = 404
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


async def rules_of(visit: Visit, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return these rules, without those that are gone."""
    return [each for each in await asyncio.gather(*(_rule(visit, id_) for id_ in ids)) if each]


async def kept(visit: Visit, ids: Sequence[str]) -> list[rules.Kept]:
    """Say what these rules want: those of a campaign, or of a code."""
    found = await rules_of(visit, ids)
    if not found:
        return []
    reading = await reader(visit)
    return [rules.kept(each, reading) for each in found]


async def _rule(visit: Visit, rule_id: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = await visit.api.get(f"/v1/validation-rules/{segment(rule_id)}")
    except RefusedError as error:
        if error.status != NOT_FOUND:
            raise
        return None
    return found
