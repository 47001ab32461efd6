"""Foretells a decision without taking anything: the same facts and rules, no lock, no write."""

from redemption import facts
from redemption.decide import decide
from redemption.memory import Memory
from redemption.model import Decision, Request
from servicekit.postgres.pool import Lender, connection


async def validate(pool: Lender, request: Request, memory: Memory) -> Decision:
    """Return what would become of a redemption at the request's moment, of what is used by now.

    A forecast: somebody else may take the last use between this answer and a redemption.
    """
    async with connection(pool) as conn:
        loaded = await facts.load(conn, [request], memory, lock=False, spends=False)
        return decide(request, loaded)
