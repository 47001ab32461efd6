"""Finds what an unknown code may have been meant for, among the project's own."""

from typing import Final

from redemption.browsing.spellings import nearest, variants
from redemption.render.lookup import NearestCode
from redemption.store import vouchers
from servicekit.postgres.pool import Connection

SHOWN: Final = 5
NEIGHBOURS: Final = 100  # on either side, in the order of the codes


async def nearest_codes(conn: Connection, project_id: str, code: str) -> list[NearestCode]:
    """Return a project's codes that are nearest to this one, closest first; a few milliseconds.

    Looked at are the same code in other capitals, all a letter away, and those that begin alike.
    """
    near = await vouchers.those_of(conn, project_id, variants(code))
    near |= await vouchers.in_other_case(conn, project_id, code)
    near |= await vouchers.neighbours(conn, project_id, code, NEIGHBOURS)
    if code.upper() != code:
        near |= await vouchers.neighbours(conn, project_id, code.upper(), NEIGHBOURS)
    found = nearest(code, near.keys() - {code}, SHOWN)
    return [
        NearestCode(code=each, campaign_id=campaign_id, campaign=name, distance=distance)
        for each, distance in found
        for campaign_id, name in [near[each]]
    ]
