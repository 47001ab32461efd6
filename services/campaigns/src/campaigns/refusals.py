"""What cannot be done as asked; each is answered over HTTP and none is a fault of ours.

RefusedError
├── NotFoundError          a thing that the project does not have
├── InvalidError           a wish that cannot be met
│   ├── InvalidQueryError  a query string that says something unknown, or not to be had
│   └── InUseError         a deletion of what others refer to
├── ConflictError          a wish that something stored stands against
├── StaleError             a change of what is not any more as it was read
├── NotEnforcedYetError    a kill switch that redemption has not confirmed in time
├── SignInFailedError      somebody who has not proven who he is
└── TooManyTriesError      somebody who has tried too often to
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple


class LastChange(NamedTuple):
    """Who changed something last, and when, as the API shows them; None where nobody did."""

    by: dict[str, Any] | None = None
    at: datetime | None = None


class Referrer(NamedTuple):
    """What refers to another thing, as the API names it."""

    object: str
    id: str
    name: str
    in_bin: bool = False


class Referrers(NamedTuple):
    """The first few that refer to a thing, and how many there are."""

    first: Sequence[Referrer]
    total: int


SPOKEN: Final[Mapping[str, str]] = {
    "sku": "SKU",
    "validation_rules": "validation rule",
    "products_collection": "product collection",
}
LONGEST_NAMED = 100  # of a parameter's name, shown to who sent it


class RefusedError(Exception):
    """The parent of all: an answer, not an accident."""


class NotFoundError(RefusedError):
    """The project has no such thing; somebody else's thing looks the same."""

    def __init__(self, resource_type: str, resource_id: str) -> None:
        super().__init__(f"Cannot find {resource_type} with id {resource_id}")
        self.resource_type = resource_type
        self.resource_id = resource_id


class InvalidError(RefusedError):
    """The wish contradicts itself or what is stored; `key` is stable, for programs."""

    def __init__(self, message: str, details: str, key: str = "invalid_payload") -> None:
        super().__init__(message)
        self.key = key
        self.details = details


class InUseError(InvalidError):
    """It cannot be deleted: `used_by` are the first that refer to it, of so many in all."""

    def __init__(self, used_by: Referrers) -> None:
        named = ", ".join(_spoken(each) for each in used_by.first)
        more = used_by.total - len(used_by.first)
        others = f" and {more:,} more" if more > 0 else ""
        super().__init__(
            "Other resources refer to this one",
            f"{named}{others} refer to it, {used_by.total:,} in all: change or delete them first"
            if used_by.total > 1
            else f"{named} refers to it: change or delete it first",
            "resource_in_use",
        )
        self.used_by = used_by


class ConflictError(RefusedError):
    """The wish is well formed, and what is stored stands against it; `key` is for programs."""

    def __init__(self, message: str, details: str, key: str) -> None:
        super().__init__(message)
        self.key = key
        self.details = details


class InvalidQueryError(InvalidError):
    """A query string asks for what is not known, or not offered; it names the parameter."""

    def __init__(self, parameter: str, reason: str, key: str = "invalid_query_params") -> None:
        named = parameter[:LONGEST_NAMED]
        super().__init__(f"Query parameter {named}: {reason}", f"{named}: {reason}", key)


class StaleError(RefusedError):
    """Somebody changed it in between: `current` is how it is now, as the API shows it."""

    def __init__(self, sent: int, now: int, current: dict[str, Any], changed: LastChange) -> None:
        super().__init__("It was changed since it was read")
        self.details = f"it is version {now} by now, {sent} was sent"
        self.current = current
        self.changed = changed


class NotEnforcedYetError(RefusedError):
    """The change is stored and on its way; until it arrives, codes may still be redeemed."""


class SignInFailedError(RefusedError):
    """He has not proven who he is; why is nobody's business."""


class TooManyTriesError(RefusedError):
    """He may try again after some seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} seconds")
        self.seconds = seconds


def check_unused(used_by: Referrers) -> None:
    """Raise for what others refer to."""
    if used_by.total:
        raise InUseError(used_by)


def _spoken(referrer: Referrer) -> str:
    kind = SPOKEN.get(referrer.object, referrer.object)
    where = " in the bin" if referrer.in_bin else ""
    return f"{kind} {referrer.name}{where} ({referrer.id})"


def in_bin(kind: str, name: str) -> InvalidError:
    """Refuse what cannot be done with something that is in the bin."""
    return InvalidError("It is in the bin", f"restore the {kind} {name} first", "in_bin")
