"""Foretells a decision without taking anything: the same facts and rules, no lock, no write."""

import asyncpg

from redemption import facts
from redemption.decide import decide
from redemption.memory import Memory
from redemption.model import Decision, Request


async def validate(pool: asyncpg.Pool, request: Request, memory: Memory) -> Decision:
    """Return what would become of a redemption now.

    A forecast: somebody else may take the last use between this answer and a redemption.
    """
    async with pool.acquire() as conn:
        return decide(request, await facts.load(conn, [request], memory, lock=False))
