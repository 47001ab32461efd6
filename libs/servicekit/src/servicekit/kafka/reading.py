"""What records say: values, or dead letters. An unreadable record never holds up its neighbours.

A record's type is `<what happened>.v<major>`, in the field `type` of its JSON. Of a topic with
several types a reader takes those that it knows and passes over those that it names as its
neighbours'. Every other is a dead letter: one in another major version until the reader is
upgraded, one that nobody named until a person has looked.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec
from aiokafka import ConsumerRecord
from pydantic import BaseModel

from servicekit.kafka.distrust import Unparsable
from servicekit.kafka.letters import DeadLetter, dead_letter
from servicekit.kafka.unpacking import UnparsableError

T = TypeVar("T")

VERSIONED = re.compile(r"^(?P<name>[a-z_]+(?:\.[a-z_]+)+)\.v(?P<major>[1-9]\d*)$")

Read = Callable[[ConsumerRecord], T | None]


class UnreadableError(ValueError):
    """What no reader of this version can read."""


class NoValueError(UnreadableError):
    """A record without a value, where no topic of ours has tombstones."""


class NewerMajorError(UnreadableError):
    """A type that we know, in a major version that we do not: set aside until we are upgraded."""


class UnknownTypeError(UnreadableError):
    """A type that nobody names for this topic: a person must look, nothing may vanish."""


class _Head(msgspec.Struct):
    type: str


HEAD = msgspec.json.Decoder(_Head)


def sort_records(
    records: Iterable[ConsumerRecord],
    read: Read[T],
    errors: tuple[type[Exception], ...],
    model: type[BaseModel] | None = None,
) -> tuple[list[T], list[DeadLetter]]:
    """Judge records one by one: what `read` makes of them, and what must be set aside.

    `errors` say besides UnreadableError that a record is unreadable; any other is a bug. Records of
    which `read` makes None are somebody else's. Where all are to be of one model, letters say which
    names that knows.
    """
    unreadable: tuple[type[Exception], ...] = (UnreadableError, UnparsableError, *errors)
    values: list[T] = []
    letters: list[DeadLetter] = []
    for record in records:
        try:
            value = read(parsed(record))
        except unreadable as error:
            letters.append(dead_letter(record, error, model))
        else:
            if value is not None:
                values.append(value)
    return values, letters


def parsed(record: ConsumerRecord) -> ConsumerRecord:
    """Return a record, or raise UnparsableError where Kafka's client had none to give."""
    if isinstance(record, Unparsable):
        raise record.error
    return record


def by_type(readers: Mapping[str, Callable[[bytes], T]], neighbours: Sequence[str] = ()) -> Read[T]:
    """Make a reader of a topic with these types; `neighbours` are known and not for us."""
    known = (*readers, *neighbours)

    def read(record: ConsumerRecord) -> T | None:
        if record.value is None:
            raise NoValueError("the record has no value")
        try:
            given = HEAD.decode(record.value).type
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise UnreadableError(str(error)) from error
        if (reader := readers.get(given)) is not None:
            return reader(record.value)
        if given not in neighbours:
            raise unknown(given, known)
        return None

    return read


def unknown(given: str, known: Iterable[str]) -> UnreadableError:
    """Say what is wrong with a type that is none of the known ones."""
    if any(is_other_major(given, each) for each in known):
        return NewerMajorError(f"{given} is newer than this reader")
    return UnknownTypeError(f"{given} is no type of this topic")


def is_other_major(given: str, known: str) -> bool:
    """Tell whether `given` is the type `known` in another major version than we can read."""
    theirs, ours = VERSIONED.match(given), VERSIONED.match(known)
    if theirs is None or ours is None:
        return False
    return theirs["name"] == ours["name"] and theirs["major"] != ours["major"]
