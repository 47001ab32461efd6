"""What is said of a customer in metadata: of each property the newest word holds. Pure.

Requests may be read long after they were sent, so what is newer is told by the instant of each
property. So much is kept of a customer, whoever tells how often: of more, what was said last.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson

from contracts.metadata import MOST_METADATA_BYTES, MOST_PROPERTIES

MICROSECONDS: Final = 1_000_000


class TooManyPropertiesError(ValueError):
    """What is said of a customer and what is kept are together more than is kept."""


class Properties(NamedTuple):
    """Metadata, and when each property of them was said, in microseconds of Unix time."""

    values: Mapping[str, Any] = MappingProxyType({})
    said_at: Mapping[str, int] = MappingProxyType({})

    @property
    def said_last(self) -> int | None:
        """Return when the newest of them was said; None where there are none."""
        return max(self.said_at.values(), default=None)

    def after(self, said: Mapping[str, Any], at: datetime) -> "Properties":
        """Return what holds after a word of an instant, and is kept: the newest."""
        by_now = self._with(said, at)
        if not _is_too_much(by_now.values):
            return by_now
        values = dict(by_now.values)
        for name in sorted(values, key=lambda name: (by_now.said_at[name], name)):
            if not _is_too_much(values):
                break
            del values[name]
        return Properties(values, {name: by_now.said_at[name] for name in values})

    def check_room_for(self, said: Mapping[str, Any], at: datetime) -> None:
        """Raise TooManyPropertiesError where not all of it would be kept."""
        values = self._with(said, at).values
        if _is_too_much(values):
            raise TooManyPropertiesError(
                f"with what is kept of this customer they are {len(values)} properties of "
                f"{len(orjson.dumps(values)):,} bytes as JSON, of which {MOST_PROPERTIES} of "
                f"{MOST_METADATA_BYTES:,} are kept"
            )

    def _with(self, said: Mapping[str, Any], at: datetime) -> "Properties":
        moment = int(at.timestamp() * MICROSECONDS)
        newer = {n: value for n, value in said.items() if self.said_at.get(n, moment) <= moment}
        return Properties(
            {**self.values, **newer}, {**self.said_at, **dict.fromkeys(newer, moment)}
        )


NONE_YET: Final = Properties()


def _is_too_much(values: Mapping[str, Any]) -> bool:
    return len(values) > MOST_PROPERTIES or len(orjson.dumps(values)) > MOST_METADATA_BYTES
