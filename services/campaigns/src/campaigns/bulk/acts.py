"""What each action does to one thing. Pure: what it is now, and what becomes of it."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic_core import to_json

from campaigns.model import Metadata
from contracts.metadata import MOST_METADATA_BYTES

Action = Literal["enable", "disable", "delete", "restore", "metadata", "purge", "undo"]

Verb = Literal["enabled", "disabled", "deleted", "restored", "updated"]


@dataclass(frozen=True, slots=True)
class State:
    """What a job can change of a campaign or a code."""

    active: bool
    deleted: bool
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class MetadataChange:
    """What is laid over a thing's metadata, and which of them go."""

    metadata: Metadata = field(default_factory=dict)
    unset: tuple[str, ...] = ()

    def merged_with(self, current: Metadata) -> Metadata:
        kept = current | self.metadata
        return {name: value for name, value in kept.items() if name not in self.unset}


@dataclass(frozen=True, slots=True)
class Changed:
    """It becomes this; `verb` is what history calls it."""

    verb: Verb
    state: State


@dataclass(frozen=True, slots=True)
class Reaffirmed:
    """It is so already, and stays so: no earlier undo takes back what this job is told."""

    verb: Literal["disabled", "deleted"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """It is as was asked already."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It cannot be done; `reason` is stable, for programs."""

    reason: str
    message: str


Outcome = Changed | Reaffirmed | Skipped | Failed
IN_BIN = Failed("in_bin", "it is in the bin: restore it first")


def act(action: Action, current: State, change: MetadataChange) -> Outcome:
    """Say what becomes of a thing."""
    match action:
        case "enable" if current.deleted:
            return IN_BIN
        case "enable":
            return _becomes("enabled", current, replace(current, active=True))
        case "disable":
            return _becomes("disabled", current, replace(current, active=False))
        case "delete":
            return _becomes("deleted", current, replace(current, deleted=True))
        case "restore":
            return _becomes("restored", current, replace(current, deleted=False))
        case "metadata" if current.deleted:
            return IN_BIN
        case "metadata":
            merged = change.merged_with(current.metadata)
            if len(to_json(merged)) > MOST_METADATA_BYTES:
                return Failed("invalid_payload", "its metadata would grow too large: unset some")
            return _becomes("updated", current, replace(current, metadata=merged))
        case _:
            raise ValueError(action)


def give_back(current: State, wish: dict[str, Any]) -> Outcome:
    """Say what becomes of a thing when a change of it is undone."""
    wanted = replace(current, **wish)
    if "deleted" in wish:
        return _becomes("deleted" if wanted.deleted else "restored", current, wanted)
    if "active" in wish:
        return _becomes("enabled" if wanted.active else "disabled", current, wanted)
    return _becomes("updated", current, wanted)


def fields(state: State) -> dict[str, Any]:
    """Return what history compares."""
    return {"active": state.active, "deleted": state.deleted, "metadata": state.metadata}


def before(old: State, new: State) -> dict[str, Any]:
    """Return the fields that differ, as they were: what an undo gives back."""
    was, now = fields(old), fields(new)
    return {name: value for name, value in was.items() if value != now[name]}


def _becomes(verb: Verb, current: State, wanted: State) -> Outcome:
    if wanted != current:
        return Changed(verb, wanted)
    match verb:
        case "disabled" | "deleted":
            return Reaffirmed(verb)
        case _:
            return Skipped()
