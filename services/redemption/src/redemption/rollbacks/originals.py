"""Looks up what is to be rolled back. Entries never change, so no lock is needed."""

from collections.abc import Sequence

from redemption.returns import Rollback
from redemption.rollbacks import asking_back
from redemption.rollbacks.asking_back import AskedBack
from redemption.store import rollbacks
from servicekit.postgres.pool import Connection


async def looked_up(
    conn: Connection, asked: Sequence[AskedBack], customer_key: bytes
) -> list[Rollback]:
    """Return the rollbacks that are asked for, in their order, with what was redeemed."""
    ids = {of for each in asked if (of := each.of) is not None}
    found = await rollbacks.originals(conn, ids) if ids else {}
    return [
        asking_back.rollback(each, found.get(of, []) if (of := each.of) else [], customer_key)
        for each in asked
    ]
