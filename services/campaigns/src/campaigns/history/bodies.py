"""History as clients read it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field
from pydantic_core import to_json

from campaigns.actors import ActorDoor
from campaigns.history.actors import ActorObject
from campaigns.history.store import StoredEntry
from contracts.instants import Instant, to_rfc3339
from servicekit.http.csv_lines import Cell

COLUMNS: Final = (
    *("at", "action", "kind", "id", "name", "actor", "actor_name", "door", "job_id"),
    *("request_id", "field", "before", "after"),
)

Value = Annotated[Any, Field(description="Whatever answers have in this field.")]


class ChangeObject(BaseModel):
    """One field; null is "not there"."""

    field: str
    before: Value
    after: Value


class TargetObject(BaseModel):
    """What was changed, by the name that it had then."""

    kind: str
    id: str
    name: str


class EntryObject(BaseModel):
    """`enforced_at`: since when redemption acts by it, of one thing's last change."""

    id: str
    at: Instant
    enforced_at: Instant | None
    action: str
    target: TargetObject
    actor: ActorObject
    door: ActorDoor
    job_id: str | None
    request_id: str | None
    changes: list[ChangeObject]
    object: Literal["history_entry"] = "history_entry"


class Entries(BaseModel):
    """Newest first; `more_cursor` asks for what is older."""

    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[EntryObject]
    has_more: bool
    more_cursor: str | None


def entry_response(
    entry: StoredEntry, actor: ActorObject, enforced_at: datetime | None
) -> EntryObject:
    return EntryObject(
        id=entry.id,
        at=entry.at,
        enforced_at=enforced_at,
        action=entry.action,
        target=TargetObject(kind=entry.kind, id=entry.target, name=entry.name),
        actor=actor,
        door=entry.door,
        job_id=entry.job_id,
        request_id=entry.request_id,
        changes=[
            ChangeObject(field=field, before=before, after=after)
            for field, (before, after) in entry.changes.items()
        ],
    )


def page_response(
    shown: list[StoredEntry],
    actors: list[ActorObject],
    in_force: Mapping[str, datetime | None],
    *,
    more: bool,
) -> Entries:
    """Show a page of entries, since when some are in force, and whether there are older ones."""
    return Entries(
        data=[
            entry_response(entry, actor, in_force.get(entry.id))
            for entry, actor in zip(shown, actors, strict=True)
        ],
        has_more=more,
        more_cursor=shown[-1].id if more else None,
    )


def csv_rows(entry: StoredEntry, actor: ActorObject) -> Iterator[list[Cell]]:
    """Write an entry, a row for each field that was changed."""
    head: list[Cell] = [
        to_rfc3339(entry.at),
        entry.action,
        entry.kind,
        entry.target,
        entry.name,
        actor.id,
        actor.name,
        entry.door,
        entry.job_id,
        entry.request_id,
    ]
    for field, values in entry.changes.items():
        yield [*head, field, *map(_text, values)]


def _text(value: Any) -> Cell:
    return value if value is None or isinstance(value, str) else to_json(value).decode()
