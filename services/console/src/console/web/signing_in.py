"""Signing in: on its own page, and in the middle of a form whose session has ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
from starlette.requests import Request
from starlette.responses import Response

from console.api.client import Api
from console.api.refusals import RefusedError
from console.design.words import say
from console.session import cookies

SESSION_SECONDS: Final = 30 * 24 * 3600  # no longer than the API keeps one
TOO_MANY: Final = 429
SECRET_WORDS: Final = ("password", "secret")  # of fields: they are typed again

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the sign-in page shows. `draft` is a form that waits for its author."""

    action: str
    next: str
    email: str = ""
    fault: str | None = None
    draft: Pairs = ()
    is_draft: bool = False
    offers_oidc: bool = False


def api(client: httpx.AsyncClient, request: Request) -> Api:
    """Return the API as nobody, for whom this browser asks: it throttles by its address."""
    headers = {"X-Request-Id": request.state.request_id}
    for name in ("X-Forwarded-For", "User-Agent"):
        if name in request.headers:
            headers[name] = request.headers[name]
    return Api(client, headers=headers)


async def begin(api: Api, email: str, password: str) -> str:
    """Return the secret of a new session."""
    made: dict[str, Any] = await api.post("/v1/sessions", {"email": email, "password": password})
    return str(made["secret"])


def fault(error: RefusedError) -> str:
    """Say why somebody is not let in: one text for whatever does not fit."""
    if error.status == TOO_MANY:
        return str(say("signin.too_many"))
    return str(say("signin.failed"))


def let_in(response: Response, secret: str) -> Response:
    """Give a browser its session."""
    cookies.put(response, cookies.SESSION, secret, SESSION_SECONDS)
    return response


def kept(pairs: Pairs) -> Pairs:
    """Return of a form what may wait in a page: no secrets, and not who sent it."""
    return tuple(
        (name, value)
        for name, value in pairs
        if name not in ("csrf", "_signin", "_email", "_password", "_resume")
        and not any(word in name.lower() for word in SECRET_WORDS)
    )
