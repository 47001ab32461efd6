"""From the bytes of a record to its event.

A record is unreadable when the contract refuses it, when its type is another major of ours, or
when it is none that belongs to its topic. What the fast decoder refuses, the contract reads again:
it has the last word.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from pydantic import ValidationError

from analytics.definitions import CampaignNamed, SegmentNamed
from contracts.event import Event
from contracts.guesses import GuessesRefused
from contracts.projects import ProjectChanged
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded
from contracts.rollbacks import RedemptionRolledBack
from contracts.visits import Visited
from servicekit.kafka.reading import NoValueError, UnreadableError, unknown
from servicekit.kafka.unpacking import UnparsableError
from servicekit.structs import decoder

E = TypeVar("E", bound=Event)

UNREADABLE = (UnreadableError, UnparsableError, ValidationError)


class Reader(Generic[E]):
    """Reads the events of one topic, which are of these types."""

    def __init__(self, *models: type[E], fast: bool) -> None:
        self._models: Mapping[str, type[E]] = {type_of(model): model for model in models}
        # The mark tells which decoder to try; a false match is refused by it.
        self._decoders: Mapping[bytes, Callable[[bytes], E]] = {
            f'"{name}"'.encode(): decoder(model, required=("type",))
            for name, model in self._models.items()
            if fast
        }

    def read(self, value: bytes | None) -> E:
        """Read an event: the canonical form fast, everything else with the contract itself.

        Raises one of UNREADABLE for what nobody can ever read.
        """
        try:
            return self.read_fast(value or b"")
        except (ValueError, RecursionError):  # msgspec's errors and bytes that are not text too
            return self._read(value)

    def read_fast(self, value: bytes) -> E:
        """Decode the canonical form; raise ValueError or RecursionError for anything else."""
        for mark, decode in self._decoders.items():
            if mark in value:
                return decode(value)
        raise ValueError("of no type that belongs here")

    def _read(self, value: bytes | None) -> E:
        if value is None:
            raise NoValueError("the record has no value")
        given = Event.model_validate_json(value).type
        if given not in self._models:
            raise unknown(given, self._models)
        return self._models[given].model_validate_json(value)


def type_of(model: type[Event]) -> str:
    """Return the type that the model's events have on the wire."""
    return str(model.model_fields["type"].default)


REDEMPTIONS = Reader[RedemptionSucceeded | RedemptionFailed | RedemptionRolledBack](
    RedemptionSucceeded, RedemptionFailed, RedemptionRolledBack, fast=True
)
VISITS = Reader(Visited, fast=True)
GUESSES = Reader(GuessesRefused, fast=False)  # a few a minute
CAMPAIGNS = Reader(CampaignNamed, fast=False)  # definitions are few
PROJECTS = Reader(ProjectChanged, fast=False)
SEGMENTS = Reader(SegmentNamed, fast=False)
