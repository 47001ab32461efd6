"""Users of a project, and invitations."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from console import query
from console.api.client import segment
from console.design.words import say
from console.pages.settings.tabs import tabs
from console.pages.settings.users.view import Things, standing, view
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/p/{project}/settings/users"
NAMES: Final = (query.text("partner"),)
MOST_PARTNERS: Final = 100


async def show(visit: Visit) -> Response:
    visit.query(())
    users, invitations, partners = await asyncio.gather(
        visit.api.get("/v1/users"), visit.api.get("/v1/invitations"), _partners(visit)
    )
    shown = view(tabs(visit, "users"), users["users"], invitations["invitations"], partners)
    return visit.page("pages/settings/users/page.html", shown, title=say("users.title"))


async def invitation(visit: Visit) -> Response:
    """Show the form: for one of a partner's people where a link says so."""
    partner = visit.query(NAMES).one("partner")
    role = "partner" if partner else "viewer"
    form = visit.form.starting({"role": role, "partner_id": partner})
    shown = standing(
        tabs(visit, "users"), form.one("role"), await _partners(visit), back=_back(visit, partner)
    )
    return visit.with_form(form).page(
        "pages/settings/users/form.html", shown, title=say("users.invite_title")
    )


async def invite(visit: Visit) -> Response:
    """Invite somebody; the link is shown once, for whoever sends it on."""
    body = {"email": visit.form.one("email"), **_standing(visit)}
    made: dict[str, Any] = await visit.api.post("/v1/invitations", body)
    link = f"{visit.deps.public}/invite/{segment(made['token'])}"
    back = _back(visit, made["partner_id"])
    shown = standing(tabs(visit, "users"), "", (), made, link, back=back)
    return visit.page("pages/settings/users/form.html", shown, title=say("users.invited_title"))


async def withdraw(visit: Visit) -> Response:
    await visit.api.delete(f"/v1/invitations/{segment(visit.named('invitation'))}")
    notice = Notice("ok", say("users.invitation_withdrawn"))
    return visit.redirect(visit.path("settings", "users"), notice)


async def user(visit: Visit) -> Response:
    visit.query(())
    found, partners = await asyncio.gather(visit.api.get(_path(visit)), _partners(visit))
    form = visit.form.starting({"role": found["role"], "partner_id": found["partner_id"]})
    shown = standing(tabs(visit, "users"), form.one("role"), partners, found)
    return visit.with_form(form).page(
        "pages/settings/users/form.html", shown, title=found["name"] or found["email"]
    )


async def change(visit: Visit) -> Response:
    await visit.api.put(_path(visit), _standing(visit))
    return visit.redirect(visit.path("settings", "users"), Notice("ok", say("users.saved")))


async def remove(visit: Visit) -> Response:
    """Take somebody out of the project, from who has typed the e-mail."""
    found = await visit.api.get(_path(visit))
    place = visit.path("settings", "users")
    if visit.form.one("typed") != found["email"]:
        said = say("users.not_typed", email=found["email"])
        return visit.redirect(place, Notice("bad", said))
    await visit.api.delete(_path(visit))
    return visit.redirect(place, Notice("ok", say("users.removed", email=found["email"])))


def _back(visit: Visit, partner: str | None) -> str:
    """Return the page of the partner whose people are invited, where they are a partner's."""
    return visit.path("partners", partner) if partner else ""


def _standing(visit: Visit) -> dict[str, Any]:
    role = visit.form.one("role")
    partner = {"partner_id": visit.form.text("partner_id")} if role == "partner" else {}
    return {"role": role, **partner}


def _path(visit: Visit) -> str:
    return f"/v1/users/{segment(visit.named('user'))}"


async def _partners(visit: Visit) -> Things:
    answer = await visit.api.get("/v1/partners", {"limit": MOST_PARTNERS, "order": "name"})
    found: Things = answer["partners"]
    return found


PAGES: Final = (
    Page(PLACE, show, section="settings", scope="settings"),
    Page(f"{PLACE}/invite", invitation, invite, section="settings", scope="settings"),
    Page(
        PLACE + "/invitations/{invitation}/withdraw",
        save=withdraw,
        section="settings",
        scope="settings",
    ),
    Page(PLACE + "/{user}", user, change, section="settings", scope="settings"),
    Page(PLACE + "/{user}/remove", save=remove, section="settings", scope="settings"),
)
