"""What records say: the event that we follow, another, or nothing readable. Pure."""

from collections.abc import Sequence
from typing import TypeVar

from aiokafka import ConsumerRecord
from pydantic import ValidationError

from campaigns.dead_letters import Unreadable
from contracts.event import Event, Model, is_newer_major

E = TypeVar("E", bound=Event)


class NewerMajorError(ValueError):
    """A type that we know, in a version that we do not: set aside until we are upgraded."""


class UnknownTypeError(ValueError):
    """A type that no contract of this topic names: a person must look, nothing may vanish."""


class Head(Model):
    """As much of an envelope as tells who must read the rest."""

    type: str


def sort_out(
    records: Sequence[ConsumerRecord],
    wanted: type[E],
    neighbours: tuple[type[Event], ...] = (),
) -> tuple[list[E], list[Unreadable]]:
    """Judge records one by one: an unreadable one must not hold up the others.

    `neighbours` are known types of the same topic that are not for us. Returns the events, and
    what must be set aside.
    """
    known: tuple[type[Event], ...] = (wanted, *neighbours)
    events: list[E] = []
    unreadable: list[Unreadable] = []
    for record in records:
        try:
            given = Head.model_validate_json(record.value).type
            if given == _type(wanted):
                events.append(wanted.model_validate_json(record.value))
            elif any(is_newer_major(given, _type(each)) for each in known):
                raise NewerMajorError(f"{given} is newer than this service")  # noqa: TRY301
            elif given not in map(_type, neighbours):
                raise UnknownTypeError(f"{given} is no type of this topic")  # noqa: TRY301
        except (ValidationError, NewerMajorError, UnknownTypeError) as error:
            unreadable.append(Unreadable(record, error))
    return events, unreadable


def _type(event: type[Event]) -> str:
    return str(event.model_fields["type"].default)
