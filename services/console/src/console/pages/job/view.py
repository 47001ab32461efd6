"""What one job shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.parts import Column
from console.design.words import say
from console.format import instants
from console.web import history, jobs

COLUMNS: Final[Mapping[str, Any]] = {"name": "title", "outcome": "status", "reason": "figure"}
EVERY_SECONDS: Final = 10
MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class View:
    """A job, how far it is, and what it could not do."""

    job: Mapping[str, Any]
    facts: tuple[tuple[str, Any], ...]
    columns: tuple[Column, ...]
    failures: Sequence[Mapping[str, Any]]
    more: int
    is_running: bool
    may_undo: bool
    stuck: bool


def view(
    job: Mapping[str, Any], failures: Sequence[Mapping[str, Any]], now: datetime, zone: ZoneInfo
) -> View:
    is_running = jobs.state(job) in jobs.RUNNING
    columns = tuple(Column(name, say(f"job.{name}"), card=card) for name, card in COLUMNS.items())
    undo = job.get("undo")
    return View(
        jobs.told(job),
        _facts(job, now, zone, is_running=is_running),
        columns,
        failures,
        _not_done(job) - len(failures),
        is_running,
        undo is not None and (not undo.get("until") or instants.read(undo["until"]) > now),
        jobs.is_stuck(job, now),
    )


def _facts(
    job: Mapping[str, Any], now: datetime, zone: ZoneInfo, *, is_running: bool
) -> tuple[tuple[str, Any], ...]:
    counts = [
        (say(f"job.{what}"), _number(job.get(f"{what}_count")))
        for what in ("done", "skipped", "failed")
    ]
    facts = [
        *counts,
        (say("job.started"), history.time(job["created_at"], zone)),
        (say("job.by"), history.actor(job.get("actor"))),
    ]
    why = (job.get("result") or {}).get("message")
    if jobs.state(job) in ("failed", "stopped") and why:
        facts.insert(0, (say("job.ended"), why))
    if is_running:
        facts.append((say("job.rate"), say("job.per_second", n=jobs.per_second(job, now))))
        left = jobs.seconds_left(job, now)
        if left is not None:
            facts.append((say("job.left"), _duration(left)))
    if job.get("enforced_at"):
        at = job["enforced_at"]
        when = f"{instants.day(at, zone)}, {instants.exactly_where(at, zone)}"
        facts.append((say("job.enforced"), when))
    return tuple(facts)


def _not_done(job: Mapping[str, Any]) -> int:
    return sum(job.get(f"{what}_count") or 0 for what in ("skipped", "failed"))


def _number(count: int | None) -> str:
    return say("job.count", n=count or 0)


def _duration(seconds: int) -> str:
    if seconds < MINUTE:
        return say("job.seconds", n=seconds)
    return say("job.minutes", n=round(seconds / MINUTE))
