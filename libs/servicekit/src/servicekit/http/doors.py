"""Doors: what a path asks of who comes, before one byte of a body is read.

A service has a table of them. Where none fits nobody is asked for a key, and nothing has a body.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from servicekit.http.errors import too_large

Admit = Callable[[Request], Awaitable[object]]


class Door(NamedTuple):
    """All paths below `prefix`: who may come in, and the most bytes that he may bring.

    `admit` returns the caller, whom routes find in `request.state.caller`, or raises ApiError.
    """

    prefix: str
    admit: Admit | None
    largest_body: int


OPEN: Final = Door("", None, 0)


def open_to(routes: Collection[tuple[str, re.Pattern[str]]], admit: Admit) -> Admit:
    """Ask nobody for a key who comes to one of these: a method, and what its whole path is like."""

    async def unless_open(request: Request) -> object:
        path = request.scope["path"]
        if any(request.method == method and like.fullmatch(path) for method, like in routes):
            return None
        return await admit(request)

    return unless_open


def door_to(path: str, doors: Sequence[Door]) -> Door:
    """Return the first door that fits."""
    return next((door for door in doors if path.startswith(door.prefix)), OPEN)


def bounded(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Refuse a body that is announced too large, or grows so."""
    announced = next((v for n, v in scope["headers"] if n == b"content-length"), b"0")
    # A server refuses what is no number; whoever sends it past one announces nothing.
    is_too_large = announced.isdigit() and int(announced) > limit
    received = 0

    async def counted() -> Message:
        nonlocal received
        if is_too_large:
            raise too_large(limit)
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise too_large(limit)
        return message

    return counted
