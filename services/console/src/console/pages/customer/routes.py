"""One customer, looked up, handed out, and forgotten."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from console.api.client import Query, segment
from console.design.words import say
from console.pages.customer.view import Answers, view
from console.web import given
from console.web.frame import Notice, may
from console.web.orders import called
from console.web.pages import Page
from console.web.visit import PRIVATE, Visit

PLACE: Final = "/p/{project}/customers/{customer}"
SHOWN: Final = 10


async def show(visit: Visit) -> Response:
    visit.query(())
    customer = await visit.api.get(_of_api(visit))
    about: Query = {"customer": customer["id"], "limit": SHOWN}
    orders, redemptions, segments = await asyncio.gather(
        visit.api.get("/v1/orders", about),
        visit.api.get("/v1/redemptions", about),
        visit.api.get(f"{_of_api(visit)}/segments"),
    )
    answers = Answers(customer, orders, redemptions, segments)
    shown = view(answers, visit.zone, visit.project)
    return visit.page("pages/customer/page.html", shown, title=called(customer))


async def export(visit: Visit) -> Response:
    """Hand out all that is kept of this person, as the API says it."""
    told: dict[str, Any] = await visit.api.get(f"{_of_api(visit)}/export")
    at = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    known = told["customer"]  # who was only refused is none yet
    customer_id = told["redemptions"][0]["customer_id"] if known is None else known["id"]
    if may(visit.project.scopes, "campaigns_read"):
        told["publications"] = await given.all_to(visit, customer_id)
    name = f"counterfoil-customer-{customer_id}-{at}.json"
    headers = PRIVATE | {"Content-Disposition": f'attachment; filename="{name}"'}
    written = json.dumps(told, ensure_ascii=False, indent=2)
    return Response(written, media_type="application/json", headers=headers)


async def erase(visit: Visit) -> Response:
    customer = await visit.api.get(_of_api(visit))
    name = called(customer)
    place = visit.path("customers", customer["id"])
    if visit.form.one("typed") != name:
        return visit.redirect(place, Notice("bad", say("customer.not_typed", name=name)))
    # Publications first: whoever is erased has no page any more from which the rest could be done.
    if may(visit.project.scopes, "campaigns"):  # who may erase is an owner, who may everything
        await given.forget(visit, customer["id"])
    await visit.api.post(f"/v1/customers/{segment(customer['id'])}/permanent-deletion")
    return visit.redirect(visit.path("customers"), Notice("ok", say("customer.erased")))


def _of_api(visit: Visit) -> str:
    return f"/v1/customers/{segment(visit.named('customer'))}"


PAGES: Final = (
    Page(PLACE, show, section="customers", scope="redemptions_read"),
    Page(f"{PLACE}/export", export, scope="redemptions_read"),
    Page(f"{PLACE}/erase", save=erase, scope="redemptions"),
)
