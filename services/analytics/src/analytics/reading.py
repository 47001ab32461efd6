"""From the bytes of a record to its row, or to the reason why there is none. Pure.

A record becomes a row, or it is unreadable: the contract refuses it, no column can hold it, its
type is another major of ours, or none that belongs to its topic.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
from pydantic import ValidationError

from analytics import rows
from analytics.outcomes import FAILED, SUCCEEDED, Failed, Succeeded
from analytics.rows import Row, UnstorableError
from contracts.campaigns import CampaignChanged
from contracts.event import Event, is_newer_major
from contracts.projects import ProjectChanged
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded
from contracts.visits import Visited

Make = Callable[[bytes, int, int], Row]

# Tells which decoder to try first; a false match is refused by it.
SUCCEEDED_MARK = b'"coupons.redemption.succeeded.v1"'
ESCAPED_NUL = rb"\u0000"

ERROR_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why nobody can ever read this record."""

    error_class: str
    error_text: str


Reading = Row | Unreadable
Read = Callable[[bytes | None, int, int], Reading]


def read_redemption(value: bytes | None, partition: int, offset: int) -> Reading:
    """Read an outcome: the canonical form fast, everything else with the contract itself."""
    try:
        return rows.outcome(_canonical(value or b""), partition, offset)
    except (UnstorableError, ValueError, RecursionError, msgspec.MsgspecError):
        return _read(value, partition, offset, REDEMPTIONS)


def read_visit(value: bytes | None, partition: int, offset: int) -> Reading:
    return _read(value, partition, offset, VISITS)


def read_campaign(value: bytes | None, partition: int, offset: int) -> Reading:
    return _read(value, partition, offset, CAMPAIGNS)


def read_project(value: bytes | None, partition: int, offset: int) -> Reading:
    return _read(value, partition, offset, PROJECTS)


def _canonical(value: bytes) -> Succeeded | Failed:
    if ESCAPED_NUL in value:
        raise ValueError("whether a NUL is allowed depends on the field: the contract knows")
    if not value.isascii():
        value.decode()  # msgspec would not look into fields that it skips; pydantic does
    return SUCCEEDED.decode(value) if SUCCEEDED_MARK in value else FAILED.decode(value)


def _read(value: bytes | None, partition: int, offset: int, known: Mapping[str, Make]) -> Reading:
    if value is None:
        return Unreadable("NoValue", "the record has no value")
    try:
        given = Event.model_validate_json(value).type
        if given in known:
            return known[given](value, partition, offset)
    except (ValidationError, UnstorableError, OverflowError) as error:
        # OverflowError: an instant that leaves the years 1 to 9999 on its way to UTC.
        return Unreadable(type(error).__name__, str(error)[:ERROR_LENGTH])
    if any(is_newer_major(given, ours) for ours in known):
        return Unreadable("NewerMajor", f"this reader does not know {given}"[:ERROR_LENGTH])
    return Unreadable("UnknownType", f"{given} is no type of this topic"[:ERROR_LENGTH])


def _succeeded(value: bytes, partition: int, offset: int) -> Row:
    canonical = RedemptionSucceeded.model_validate_json(value).encode()
    return rows.outcome(SUCCEEDED.decode(canonical), partition, offset)


def _failed(value: bytes, partition: int, offset: int) -> Row:
    canonical = RedemptionFailed.model_validate_json(value).encode()
    return rows.outcome(FAILED.decode(canonical), partition, offset)


def _visited(value: bytes, partition: int, offset: int) -> Row:
    return rows.visit(Visited.model_validate_json(value), partition, offset)


def _campaign(value: bytes, _partition: int, _offset: int) -> Row:
    return rows.campaign(CampaignChanged.model_validate_json(value))


def _project(value: bytes, _partition: int, _offset: int) -> Row:
    return rows.project(ProjectChanged.model_validate_json(value))


REDEMPTIONS: Mapping[str, Make] = {
    "coupons.redemption.succeeded.v1": _succeeded,
    "coupons.redemption.failed.v1": _failed,
}
VISITS: Mapping[str, Make] = {"coupons.visit.recorded.v1": _visited}
CAMPAIGNS: Mapping[str, Make] = {"coupons.campaign.changed.v1": _campaign}
PROJECTS: Mapping[str, Make] = {"coupons.project.changed.v1": _project}
