"""The bin as clients read it."""

from typing import Literal

from pydantic import BaseModel

from campaigns.api.cursors import cursor_of
from campaigns.api.versions import Undo
from campaigns.bin.store import BinKind, InBin
from campaigns.history.actors import ActorObject
from contracts.instants import Instant


class BinEntry(BaseModel):
    """One thing in the bin; `name` of a code is the code, `campaign` the name of its campaign."""

    id: str
    kind: BinKind
    name: str
    campaign: str | None
    deleted_at: Instant
    deleted_by: ActorObject
    purge_at: Instant
    object: Literal["trash_bin_entry"] = "trash_bin_entry"


class TrashBin(BaseModel):
    """Newest first; `more_cursor` asks for what is older."""

    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[BinEntry]
    total: int
    has_more: bool
    more_cursor: str | None


class Deleted(BaseModel):
    """What became of a deleted campaign: in the bin, and redeemed no more since."""

    async_action_id: str
    enforced_at: Instant
    undo: Undo | None


def bin_response(
    shown: list[InBin], actors: list[ActorObject], *, total: int, more: bool
) -> TrashBin:
    """Show a page of the bin, and whether there is more that is older."""
    return TrashBin(
        data=[
            BinEntry(
                id=each.id,
                kind=each.kind,
                name=each.name,
                campaign=each.campaign,
                deleted_at=each.deleted_at,
                deleted_by=actor,
                purge_at=each.purge_at,
            )
            for each, actor in zip(shown, actors, strict=True)
        ],
        total=total,
        has_more=more,
        more_cursor=cursor_of(shown[-1].deleted_at, shown[-1].id) if more else None,
    )
