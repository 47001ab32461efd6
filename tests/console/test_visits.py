"""What a visit writes that outlasts it."""

import json
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any, cast

import pytest

from console.api import client
from console.session import cookies
from console.session.seals import Seals
from console.web.frame import Notice
from console.web.visit import Deps, Visit

MOST_BYTES = 4096  # of a cookie that a browser keeps, with its name and all that it says


@pytest.mark.parametrize("letter", ["a", "\N{GRINNING FACE}", '"'])
def test_a_notice_of_any_length_is_kept_by_the_browser(letter: str) -> None:
    seals = Seals(b"k" * 32)
    deps = cast("Deps", SimpleNamespace(seals=seals))
    visit = Visit(deps, cast("Any", None), "")

    response = visit.redirect(
        "/", Notice("bad", letter * 5_000, "/p/1/codes/A/enable?version=2", "/p/1/jobs")
    )

    given = response.headers["set-cookie"]
    assert len(given) < MOST_BYTES
    sealed = SimpleCookie(given)[cookies.NOTICE].value
    tone, text, *ways = json.loads(seals.open("notice", sealed) or "")
    assert (tone, text[:9], text[-1], *ways) == (
        "bad",
        letter * 9,
        "\N{HORIZONTAL ELLIPSIS}",
        "/p/1/codes/A/enable?version=2",
        "/p/1/jobs",
    )


def test_the_api_is_asked_by_the_name_that_people_use() -> None:
    """Links in its answers begin with that, wherever the API is."""
    asked = client.http("http://gateway.internal:8080", "https://coupons.example")

    request = asked.build_request("GET", "/v1/portal/codes")

    assert request.url == "http://gateway.internal:8080/v1/portal/codes"
    assert request.headers["Host"] == "coupons.example"
    assert request.headers["X-Forwarded-Proto"] == "https"
