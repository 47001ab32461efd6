"""One rule, and its end."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.rule.view import SHOWN, view
from console.web import defined
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/p/{project}/rules/{rule}"


async def show(visit: Visit) -> Response:
    visit.query(())
    rule, found, reader = await asyncio.gather(
        visit.api.get(_of_api(visit)),
        visit.api.get(f"{_of_api(visit)}/assignments", {"limit": SHOWN}),
        defined.reader(visit),
    )
    keepers: list[dict[str, Any]] = await asyncio.gather(
        *(visit.api.get(_keeper(each)) for each in found[found["data_ref"]])
    )
    shown = view(rule, keepers, found["total"], reader)
    return visit.page("pages/rule/page.html", shown, title=rule["name"])


async def delete(visit: Visit) -> Response:
    rule = await visit.api.get(_of_api(visit))
    await visit.api.delete(_of_api(visit))
    notice = Notice("ok", say("rules.deleted", name=rule["name"]))
    return visit.redirect(visit.path("rules"), notice)


def _keeper(assignment: Mapping[str, str]) -> str:
    """Return where the API has what a rule is assigned to: a code, or a campaign."""
    kind = "vouchers" if assignment["related_object_type"] == "voucher" else "campaigns"
    return f"/v1/{kind}/{segment(assignment['related_object_id'])}"


def _of_api(visit: Visit) -> str:
    return f"/v1/validation-rules/{segment(visit.named('rule'))}"


PAGES: Final = (
    Page(PLACE, show, section="rules", scope="campaigns_read"),
    Page(f"{PLACE}/delete", save=delete, section="rules", scope="campaigns"),
)
