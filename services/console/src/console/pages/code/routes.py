"""One code, and what one does to it."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.api.refusals import OutageError
from console.design.words import say
from console.pages.code.view import Answers, view
from console.web import defined, switching
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/p/{project}/codes/{code}"
SHOWN: Final = 10
HISTORY: Final = 20
OURS: Final = re.compile(r"cust_[0-9a-f]{24}")
CHANNEL: Final = "console"


async def show(visit: Visit) -> Response:
    visit.query(())
    answers = Answers(
        *await asyncio.gather(
            visit.api.get(_of_api(visit)),
            _attempts(visit),
            visit.api.get(f"{_of_api(visit)}/history", {"limit": HISTORY}),
        )
    )
    kept, inherited, collections, reader = await asyncio.gather(
        defined.kept(visit, answers.code["validation_rules"]),
        defined.kept(visit, answers.code["campaign_validation_rules"]),
        defined.collections_in(visit, answers.code["applicable_to"]),
        defined.historian(visit, answers.entries["data"]),
    )
    answers = answers._replace(
        rules=kept, inherited=inherited, collections=collections, reader=reader
    )
    shown = view(answers, datetime.now(UTC), visit.zone, visit.project.currency)
    return visit.page("pages/code/page.html", shown, title=answers.code["code"])


async def disable(visit: Visit) -> Response:
    return await switching.switch(visit, _of_api(visit), _place(visit), "disable")


async def enable(visit: Visit) -> Response:
    return await switching.switch(visit, _of_api(visit), _place(visit), "enable")


async def delete(visit: Visit) -> Response:
    return await switching.delete(visit, _of_api(visit), _place(visit), visit.named("code"))


async def restore(visit: Visit) -> Response:
    await visit.api.post(f"{_of_api(visit)}/restore", switching.seen(visit))
    said = say("switching.restored", name=visit.named("code"))
    return visit.redirect(visit.back, Notice("ok", said))


async def give(visit: Visit) -> Response:
    """Give the code to a customer, who is named by the shop's own id, or by ours."""
    code, customer = visit.named("code"), visit.form.text("customer")
    if customer is None:
        return visit.redirect(visit.back, Notice("bad", say("publications.no_customer")))
    by = "id" if OURS.fullmatch(customer) else "source_id"
    wish = {"voucher": code, "customer": {by: customer}, "channel": CHANNEL}
    await visit.api.post("/v1/publications", wish | {"source_id": visit.form.key})
    said = say("publications.given_now", code=code, customer=customer)
    return visit.redirect(visit.back, Notice("ok", said))


async def _attempts(visit: Visit) -> Any:
    """Ask what became of it; the switch must not wait for a ledger that is out of reach."""
    try:
        return await visit.api.get(f"{_of_api(visit)}/redemptions", {"limit": SHOWN})
    except OutageError:
        return None


def _of_api(visit: Visit) -> str:
    return f"/v1/vouchers/{segment(visit.named('code'))}"


def _place(visit: Visit) -> str:
    return visit.path("codes", visit.named("code"))


PAGES: Final = (
    Page(PLACE, show, section="codes", scope="campaigns_read"),
    Page(f"{PLACE}/disable", save=disable, scope="campaigns"),
    Page(f"{PLACE}/enable", save=enable, scope="campaigns"),
    Page(f"{PLACE}/delete", save=delete, scope="campaigns"),
    Page(f"{PLACE}/give", save=give, scope="campaigns"),
    Page(f"{PLACE}/restore", save=restore, scope="campaigns"),
)
