"""Signing in and out."""

import contextlib
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from console.api.refusals import ApiError, RefusedError, SessionEndedError
from console.design.words import say
from console.query import read, text
from console.session import cookies
from console.web import signing_in
from console.web.frame import Notice
from console.web.pages import Page
from console.web.signing_in import SignIn
from console.web.visit import Visit, is_ours

NAMES: Final = (text("next"),)


async def show(visit: Visit) -> Response:
    wanted = read(NAMES, visit.request.query_params.multi_items()).one("next")
    return await _shown(visit, SignIn("/signin", wanted if is_ours(wanted) else ""))


async def sign_in(visit: Visit) -> Response:
    email, password = visit.form.one("_email"), visit.form.one("_password")
    wanted = visit.form.one("next")
    asking = signing_in.api(visit.deps.client, visit.request)
    try:
        secret = await signing_in.begin(asking, email, password)
    except RefusedError as error:
        view = SignIn("/signin", wanted, email=email, fault=signing_in.fault(error))
        return await _shown(visit, view, status=422)
    return signing_in.let_in(visit.redirect(wanted if is_ours(wanted) else "/"), secret)


async def sign_out(visit: Visit) -> Response:
    """End the session, wherever it is used: its tokens open nothing a moment later."""
    with contextlib.suppress(SessionEndedError):  # it had ended already
        await visit.own.delete("/v1/sessions/current")
    visit.deps.sessions.forget(visit.secret)
    response = visit.redirect("/signin", Notice("ok", say("signin.signed_out")))
    cookies.take_away(response, cookies.SESSION)
    return response


async def to_provider(visit: Visit) -> Response:
    """Go to the company's own sign-in; the browser keeps what it must bring back.

    By a link and not by a form: forms may lead to ourselves alone (content security policy).
    """
    asking = signing_in.api(visit.deps.client, visit.request)
    begun: dict[str, Any] = await asking.post("/v1/oidc/begin", {})
    wanted = read(NAMES, visit.request.query_params.multi_items()).one("next")
    response = visit.redirect(begun["authorization_url"])
    kept = visit.deps.seals.seal("oidc", urlencode({"state": begun["state"], "next": wanted}))
    cookies.put(response, cookies.OIDC, kept, cookies.OIDC_SECONDS)
    return response


async def from_provider(visit: Visit) -> Response:
    """Come back from there: only the browser that went, and only once."""
    query = visit.request.query_params
    kept = visit.deps.seals.open("oidc", cookies.get(visit.request, cookies.OIDC))
    went = dict(parse_qsl(kept or ""))
    view = SignIn("/signin", went.get("next", ""), fault=say("signin.failed"))
    if not went or query.get("state") != went["state"] or "code" not in query:
        return await _shown(visit, view, status=422)
    asking = signing_in.api(visit.deps.client, visit.request)
    try:
        made = await asking.post(
            "/v1/oidc/finish", {"code": query["code"], "state": query["state"]}
        )
    except (RefusedError, SessionEndedError):
        return await _shown(visit, view, status=422)
    wanted = went.get("next", "")
    response = visit.redirect(wanted if is_ours(wanted) else "/")
    cookies.take_away(response, cookies.OIDC)
    return signing_in.let_in(response, made["secret"])


async def _shown(visit: Visit, view: SignIn, status: int = 200) -> Response:
    view = replace(view, offers_oidc=await _offers_oidc(visit))
    return visit.page("pages/signin/page.html", view, title=say("signin.title"), status=status)


async def _offers_oidc(visit: Visit) -> bool:
    try:
        told = await signing_in.api(visit.deps.client, visit.request).get("/v1/oidc")
    except ApiError:
        return False
    return bool(told["offered"])


PAGES: Final = (
    Page("/signin", show, sign_in, is_open=True),
    Page("/signout", save=sign_out),
    Page("/signin/oidc/begin", to_provider, is_open=True),
    Page("/signin/oidc", from_provider, is_open=True),
)
