"""Jobs as pages show them: what the API does to many at once. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from console.design.words import say
from console.format import instants
from console.web import history

ACTIONS: Final = ("issue", "disable", "enable", "delete", "restore", "metadata", "purge", "undo")
RUNNING: Final = ("queued", "running")
STUCK_SECONDS: Final = 60


def told(job: Mapping[str, Any]) -> dict[str, Any]:
    """Add to a job of the API's its status as components/status.html knows it, and its words."""
    return {
        **job,
        "state": state(job),
        "title": title(job),
        "by": history.actor(job.get("actor")),
    }


def state(job: Mapping[str, Any]) -> str:
    if job.get("stopped"):
        return "stopped"
    known = {"ENQUEUED": "queued", "IN_PROGRESS": "running", "DONE": "done"}
    return known.get(job["status"], "failed")


def title(job: Mapping[str, Any]) -> str:
    """Write what a job does to how many: Disable 2,418 codes."""
    action, kind = job.get("action"), job.get("kind")
    if action not in ACTIONS or kind not in ("voucher", "campaign"):
        return say("jobs.other", name=str(job.get("type") or job["id"]))
    things = say(f"jobs.of_{kind}", n=job.get("wanted_count") or 0)
    return say(f"jobs.{action}", things=things)


def seconds_left(job: Mapping[str, Any], now: datetime) -> int | None:
    """Estimate how long a running job still takes, by how long it took so far."""
    done = _handled(job)
    if state(job) != "running" or not done:
        return None
    took = (now - instants.read(job["created_at"])).total_seconds()
    wanted: int = job["wanted_count"]
    return round(took / done * (wanted - done))


def is_stuck(job: Mapping[str, Any], now: datetime) -> bool:
    """Say whether a job has made no progress for a while, and has not ended."""
    if state(job) not in RUNNING:
        return False
    moved = job.get("updated_at") or job["created_at"]
    return (now - instants.read(moved)).total_seconds() > STUCK_SECONDS


def per_second(job: Mapping[str, Any], now: datetime) -> int:
    took = (now - instants.read(job["created_at"])).total_seconds()
    return round(_handled(job) / took) if took > 0 else 0


def _handled(job: Mapping[str, Any]) -> int:
    return sum(job.get(f"{what}_count") or 0 for what in ("done", "skipped", "failed"))
