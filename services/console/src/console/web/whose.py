"""Asks whose a refused code is, and says what may be done about it."""

import asyncio
from collections.abc import Sequence
from typing import Any

from console.web import defined
from console.web.cures import Cure, cures
from console.web.frame import may
from console.web.visit import Visit


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
    return await defined.found(visit, kind, named)
