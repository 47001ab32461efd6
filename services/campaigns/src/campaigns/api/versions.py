"""The version of what is changed, as bodies name it, and what an answer says of a switch."""

from typing import Annotated

from fastapi import Body as RequestBody
from pydantic import BaseModel, Field

from campaigns.api.body import Body
from contracts.instants import Instant

Version = Annotated[int, Field(strict=True, ge=1)]


class Versioned(Body):
    """A change of what was read: refused where it is another version by now."""

    version: Version | None = None


class SwitchBody(Versioned):
    """Nothing, or the version that is to be switched."""


Switch = Annotated[SwitchBody | None, RequestBody()]


class UndoBody(BaseModel):
    """Of which version it is."""

    version: int


class Undo(BaseModel):
    """The request that takes a change back, unless somebody else has changed it since."""

    method: str = "POST"
    path: str
    body: UndoBody | None = None


class Enforced(BaseModel):
    """Since when redemption acts by it; null while that is not known. No `undo`: it stood so."""

    enforced_at: Instant | None
    undo: Undo | None
