"""Many at once: what was ticked in a list, or all that it filters, becomes a job of the API's."""

from typing import Any, Final
from urllib.parse import parse_qs

from starlette.responses import Response

from console.design.words import say
from console.pages.bulk.view import ACTS, View
from console.web.forms import whole
from console.web.frame import Notice
from console.web.outcomes import NotFoundError
from console.web.pages import Page
from console.web.visit import Visit

KINDS: Final = {"campaigns": "campaigns", "codes": "vouchers"}


async def select(visit: Visit) -> Response:
    """Lead who comes back to the question, without what was selected, to where one selects."""
    if visit.named("kind") not in KINDS:
        raise NotFoundError
    return visit.redirect(visit.path(visit.named("kind")))


async def ask(visit: Visit) -> Response:
    """Ask once more, with how many the API says there are."""
    wanted = await _wanted(visit)
    if wanted is None:
        return visit.redirect(visit.back, Notice("warn", say("bulk.nothing")))
    body, count = wanted
    ids = body.get("ids", ())
    asked = visit.form.one("filter")
    exact = body.get("expected_count")
    view = View(visit.named("kind"), body["action"], count, exact, ids, asked, visit.back)
    return visit.page("pages/bulk/page.html", view, title=say("bulk.ask", act=view.title))


async def begin(visit: Visit) -> Response:
    """Begin the job, and lead to it."""
    wanted = await _wanted(visit)
    if wanted is None:
        return visit.redirect(visit.back, Notice("warn", say("bulk.nothing")))
    body, _ = wanted
    if (seen := whole(visit.form.one("count"))) is not None:
        body["expected_count"] = seen  # what was agreed to, however many there are by now
    path = f"/v1/{KINDS[visit.named('kind')]}/bulk"
    job = await visit.api.post(path, body, key=visit.form.key)
    return visit.redirect(visit.path("jobs", job["async_action_id"]))


async def _wanted(visit: Visit) -> tuple[dict[str, Any], int] | None:
    """Write it as the API takes it, and how many it is about; None where nothing was selected."""
    kind, act = visit.named("kind"), visit.form.one("act")
    if kind not in KINDS or act not in ACTS:
        raise NotFoundError
    if not visit.form.has("all", "1"):
        ids = visit.form.many("id")
        return ({"action": act, "ids": list(ids)}, len(ids)) if ids else None
    wanted = visit.form.one("filter")
    asked = {**parse_qs(wanted), "limit": "1"}
    answer = await visit.api.get(f"/v1/{KINDS[kind]}", asked)
    body: dict[str, Any] = {"action": act, "filter": wanted}
    if not answer["total_estimated"]:
        body["expected_count"] = answer["total"]
    return body, answer["total"]


PAGES: Final = (
    Page("/p/{project}/bulk/{kind}", select, ask, scope="campaigns", asks=True),
    Page("/p/{project}/bulk/{kind}/begin", save=begin, scope="campaigns"),
)
