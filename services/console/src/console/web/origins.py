"""Whether a form that arrives was on one of our pages."""

from urllib.parse import urlsplit

from starlette.requests import Request

from console.web.outcomes import ForeignFormError


def refuse_foreign(request: Request) -> None:
    """Raise ForeignFormError unless the browser says that the request came from our own pages.

    A browser that says neither is refused, too: all of them say one.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site != "same-origin":
            raise ForeignFormError
        return
    origin = request.headers.get("Origin", "")
    if not origin or urlsplit(origin).netloc != request.headers.get("Host"):
        raise ForeignFormError
