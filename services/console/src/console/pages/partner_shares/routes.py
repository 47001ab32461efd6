"""Which codes a partner sees, and how one changes that."""

import asyncio
from typing import Final

from starlette.responses import Response

from console.api.client import segment
from console.design.parts import Tab
from console.design.words import say
from console.pages.partner_shares.view import NAMES, giving, view
from console.web import partners, sharing
from console.web.frame import Notice
from console.web.outcomes import NotFoundError
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/p/{project}/partners/{partner}/shares"
OFFERED: Final = 100
ACTS: Final = frozenset({"hold-back", "withdraw", "release"})
# Its opposite; what was withdrawn or released may have been in one of two states before.
BACK: Final = {"hold-back": "release"}


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    wanted = {
        "state": asks.one("state") or None,
        "limit": asks.one("limit"),
        "page": asks.one("page"),
    }
    partner, answer = await asyncio.gather(
        visit.api.get(_of_api(visit)), visit.api.get(f"{_of_api(visit)}/shares", wanted)
    )
    shown = view(partner, _tabs(visit), asks, answer)
    return visit.page("pages/partner_shares/page.html", shown, title=partner["name"])


async def form(visit: Visit) -> Response:
    visit.query(())
    mine = {"partner_id": [visit.named("partner")], "limit": str(OFFERED), "order": "-created_at"}
    partner, campaigns = await asyncio.gather(
        visit.api.get(_of_api(visit)), visit.api.get("/v1/campaigns", mine)
    )
    filled = visit.form.starting({"kind": "allotment"})
    shown = giving(partner, campaigns["campaigns"], filled.one("kind"))
    return visit.with_form(filled).page(
        "pages/partner_shares/new.html", shown, title=say("shares.give_to", name=partner["name"])
    )


async def share(visit: Visit) -> Response:
    """Give a partner more: all of a campaign, the next so many, or named codes."""
    typed = visit.form
    if faults := sharing.superfluous(typed):
        return await form(visit.with_form(typed.wrong(**faults)))
    body = sharing.typed(typed)
    if body["kind"] != "codes":
        body["campaign_id"] = typed.one("campaign_id")
    made = await visit.api.post(f"{_of_api(visit)}/shares", body, key=typed.key)
    count = made["codes_count"]
    said = say("shares.shared_all") if count is None else say("shares.shared_some", n=count)
    return visit.redirect(_place(visit), Notice("ok", said, sharing.undo_of(visit, made)))


async def change(visit: Visit) -> Response:
    """Hold a share back, which is undone by its opposite, give it free again, or withdraw it."""
    act = visit.named("act")
    if act not in ACTS:
        raise NotFoundError
    share_id = visit.named("share")
    await visit.api.post(f"{_of_api(visit)}/shares/{act}", {"share_id": share_id})
    undo = f"{_place(visit)}/{segment(share_id)}/{BACK[act]}" if act in BACK else None
    return visit.redirect(visit.back, Notice("ok", say(f"shares.done_{act}"), undo))


async def export(visit: Visit) -> Response:
    """Give all codes of a share as the API's CSV."""
    visit.query(())
    path = f"{_of_api(visit)}/shares/{segment(visit.named('share'))}/codes"
    return await visit.csv(path, {"format": "csv"}, "shared-codes")


def _tabs(visit: Visit) -> tuple[Tab, ...]:
    return partners.tabs(visit, visit.named("partner"), "shares")


def _place(visit: Visit) -> str:
    return visit.path("partners", visit.named("partner"), "shares")


def _of_api(visit: Visit) -> str:
    return f"/v1/partners/{segment(visit.named('partner'))}"


PAGES: Final = (
    Page(PLACE, show, section="partners", scope="campaigns_read"),
    Page(f"{PLACE}/new", form, share, section="partners", scope="campaigns"),
    Page(PLACE + "/{share}/codes.csv", export, scope="campaigns_read"),
    Page(PLACE + "/{share}/{act}", save=change, section="partners", scope="campaigns"),
)
