"""Rollbacks as a shop asks for them, of what was redeemed in a real database."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import asyncpg
import orjson

from kit.redemption_samples import CALLER, CUSTOMER_KEY, NOON, PROJECT
from redemption.outcomes import Response
from redemption.returns import Rollback
from redemption.rollbacks import originals
from redemption.rollbacks.asking_back import AskedBack, Wish


async def a_rollback(
    pool: asyncpg.Pool,
    redemption_id: str,
    *,
    project: str = PROJECT,
    request_id: str | None = None,
    at: datetime = NOON,
    **wish: Any,
) -> Rollback:
    """Ask for a redemption to be given back: all of it, or what a wish says.

    Without an id of its own the request is like no other.
    """
    wanted = Wish(rollback_of=redemption_id, **wish)
    asked = AskedBack(wanted, project, request_id or uuid4().hex, CALLER, at)
    async with pool.acquire() as conn:
        [rollback] = await originals.looked_up(conn, [asked], CUSTOMER_KEY)
    return rollback


def ids_in(response: Response) -> list[str]:
    """Return the ids of what a response says was redeemed."""
    return [each["id"] for each in orjson.loads(response.body)["redemptions"]]


def parent_in(response: Response) -> str:
    """Return the id of what codes redeemed together have in common, or of the only one."""
    body = orjson.loads(response.body)
    found: str = body.get("parent_redemption", body["redemptions"][0])["id"]
    return found


def key_of(response: Response) -> str:
    """Return "ok", or why nothing was given back."""
    key: str = "ok" if response.status == 200 else orjson.loads(response.body)["key"]
    return key
