"""Many at once: what was ticked in a list, or all that it filters, becomes a job of the API's."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from console import query
from console.design.words import say
from console.pages.bulk.view import ACTS, View
from console.pages.campaigns import view as campaigns
from console.pages.codes import view as codes
from console.web import browsing
from console.web.frame import Notice
from console.web.outcomes import NotFoundError
from console.web.pages import Page
from console.web.visit import Visit

KINDS: Final = {"campaigns": "campaigns", "codes": "vouchers"}


async def ask(visit: Visit) -> Response:
    """Ask once more, with how many the API says there are; then begin the job."""
    kind, act = visit.named("kind"), visit.form.one("act")
    if kind not in KINDS or act not in ACTS:
        raise NotFoundError
    ids, is_all = visit.form.many("id"), visit.form.has("all", "1")
    if not ids and not is_all:
        return visit.redirect(visit.back, Notice("warn", say("bulk.nothing")))
    wanted: dict[str, Any] = {"action": act, "ids": list(ids)}
    count = len(ids)
    if is_all:
        filters = _filter(visit, kind)
        answer = await visit.api.get(f"/v1/{KINDS[kind]}", [*filters, ("limit", "1")])
        count = answer["total"]
        wanted = {"action": act, "filter": urlencode(filters)}
        if not answer["total_estimated"]:
            wanted["expected_count"] = count
    if not visit.form.has("sure", "1"):
        back, chosen = visit.back, () if is_all else ids
        view = View(kind, act, count, chosen, is_all, visit.form.one("view"), back)
        return visit.page("pages/bulk/page.html", view, title=view.title)
    job = await visit.api.post(f"/v1/{KINDS[kind]}/bulk", wanted, key=visit.form.key)
    return visit.redirect(visit.path("jobs", job["async_action_id"]))


def _filter(visit: Visit, kind: str) -> list[tuple[str, str]]:
    """Write the list's view, as its address had it, in the words of the API's list."""
    page = campaigns if kind == "campaigns" else codes
    asks = query.read(page.NAMES, parse_qsl(visit.form.one("view").removeprefix("?")))
    now = datetime.now(UTC)
    if kind == "codes":
        asked = codes.asked(asks, visit.zone, now)
    else:
        asked = browsing.asked(asks, visit.zone, now)
    found: list[tuple[str, str]] = []
    for name, value in asked.items():
        if name != "order":
            found.extend((name, each) for each in ([value] if isinstance(value, str) else value))
    return found


PAGES: Final = (Page("/p/{project}/bulk/{kind}", save=ask, scope="campaigns"),)
