"""The cookies of a browser. Nothing of a session is kept anywhere else on our side."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

SESSION: Final = "__Host-sid"
NOTICE: Final = "__Host-notice"
OIDC: Final = "__Host-oidc"
NOTICE_SECONDS: Final = 60
OIDC_SECONDS: Final = 600


def get(request: Request, name: str) -> str:
    return request.cookies.get(name, "")


def put(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Give a cookie to this browser alone, for our requests alone; until it closes if no time."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
    )


def take_away(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


def begins_session(response: Response) -> bool:
    """Say whether the response gives somebody a session, whose secret nothing here may keep."""
    given = response.headers.getlist("set-cookie")
    return any(each.startswith(f"{SESSION}=") for each in given)
