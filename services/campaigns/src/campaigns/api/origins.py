"""By which address a caller reached us: links in answers begin with it."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request


def _origin(request: Request) -> str:
    # The gateway passes the name on by which it was called, and says whether that was encrypted.
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    return f"{'https' if scheme == 'https' else 'http'}://{request.url.netloc}"


Origin = Annotated[str, Depends(_origin)]
