"""One job: to look at, to stop and to undo."""

from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.job.view import view
from console.web import jobs
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit, slug

PLACE: Final = "/p/{project}/jobs/{job}"
SHOWN: Final = 50


async def show(visit: Visit) -> Response:
    visit.query(())
    job: dict[str, Any] = await visit.api.get(_path(visit))
    failures: list[dict[str, Any]] = []
    if job.get("failed_count") or job.get("skipped_count"):
        found = await visit.api.get(f"{_path(visit)}/failures", {"limit": SHOWN})
        failures = found["data"]
    shown = view(job, failures, datetime.now(UTC), visit.zone)
    return visit.page("pages/job/page.html", shown, title=jobs.title(job))


async def export(visit: Visit) -> Response:
    visit.query(())
    return await visit.csv(f"{_path(visit)}/failures", {}, f"not-done-{slug(visit.named('job'))}")


async def stop(visit: Visit) -> Response:
    await visit.api.post(f"{_path(visit)}/stop")
    return visit.redirect(_page(visit, visit.named("job")), Notice("ok", say("job.stopped")))


async def undo(visit: Visit) -> Response:
    """Give back exactly what the job has changed: by a job of its own."""
    begun = await visit.api.post(f"{_path(visit)}/undo", key=visit.form.key)
    notice = Notice("ok", say("job.undoing", n=begun["count"]))
    return visit.redirect(_page(visit, begun["async_action_id"]), notice)


def _path(visit: Visit) -> str:
    return f"/v1/async-actions/{segment(visit.named('job'))}"


def _page(visit: Visit, job: str) -> str:
    return visit.path("jobs", job)


PAGES: Final = (
    Page(PLACE, show, section="jobs", scope="campaigns_read"),
    Page(f"{PLACE}/failures.csv", export, scope="campaigns_read"),
    Page(f"{PLACE}/stop", save=stop, section="jobs", scope="campaigns"),
    Page(f"{PLACE}/undo", save=undo, section="jobs", scope="campaigns"),
)
