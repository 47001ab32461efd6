"""Asks whose a refused code is, and says what may be done about it."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from console.api.client import segment
from console.api.refusals import RefusedError
from console.web.cures import Cure, cures
from console.web.frame import may
from console.web.visit import Visit

NOT_FOUND: Final = 404


async def ways_out(
    visit: Visit,
    reason: str,
    code: str,
    campaign_id: str | None,
    partner_id: str | None = None,
    *,
    rule: tuple[str, str] | None = None,
) -> Sequence[Cure]:
    """Return what may be done, as far as somebody may know; the partner is the campaign's.

    `rule` is the id and the name of the validation rule that it was refused by.
    """
    if not may(visit.project.scopes, "campaigns_read"):
        return ()
    if partner_id is None:
        campaign = await _found(visit, "campaigns", campaign_id)
        of_partner = campaign["partner_id"] if campaign is not None else None
        partner = await _found(visit, "partners", of_partner)
    else:
        campaign, partner = await asyncio.gather(
            _found(visit, "campaigns", campaign_id), _found(visit, "partners", partner_id)
        )
    may_change = may(visit.project.scopes, "campaigns")
    return cures(
        visit.path(), (reason,), campaign, partner, may_change=may_change, code=code, rule=rule
    )


async def _found(visit: Visit, kind: str, named: str | None) -> dict[str, Any] | None:
    """Ask for what may be gone for ever by now."""
    if not named:
        return None
    try:
        told: dict[str, Any] = await visit.api.get(f"/v1/{kind}/{segment(named)}")
    except RefusedError as error:
        if error.status != NOT_FOUND:
            raise
        return None
    return told
