"""The search of every page: each thing opens where it stands, the dearest look-ups come last."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from kit.visits import arranged

from console.pages.search import routes

NO_CODE = httpx.Response(404, json={"key": "not_found", "message": "not found"})


def given(**body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


async def searched(
    wanted: str, *answers: httpx.Response, scopes: str = "redemptions_read"
) -> tuple[str, dict[str, str], int]:
    """Search; return where it leads, and how often the API was asked."""
    allowed = frozenset({"campaigns_read", scopes})
    visit, sent = arranged("search", {"q": wanted}, *answers, scopes=allowed)
    response = await routes.search(visit)
    leads = urlsplit(response.headers["location"])
    return leads.path, dict(parse_qsl(leads.query)), len(sent)


NONE = given(campaigns=[])
NOTHING = given(redemptions=[])
SOME = given(redemptions=[{}])


@pytest.mark.parametrize(
    ("answers", "path", "query"),
    [
        ([given(code="m-7")], "codes/m-7", {}),
        ([NO_CODE, given(campaigns=[{}])], "campaigns", {"q": "m-7", "status": "all"}),
        ([NO_CODE, NONE, SOME], "redemptions", {"order": "m-7", "period": "all"}),
        ([NO_CODE, NONE, NOTHING, SOME], "redemptions", {"customer": "m-7", "period": "all"}),
        ([NO_CODE, NONE, NOTHING, NOTHING], "codes", {"q": "m-7", "status": "all"}),
    ],
)
async def test_what_is_searched_opens_where_it_stands(
    answers: list[httpx.Response], path: str, query: dict[str, str]
) -> None:
    leads, asked, sent = await searched("m-7", *answers)

    assert (leads, asked) == (f"/p/proj_1/{path}", query)
    assert sent == len(answers)


async def test_who_reads_no_redemptions_finds_codes_and_campaigns_alone() -> None:
    leads, _, sent = await searched("m-7", NO_CODE, NONE, scopes="reports")

    assert leads == "/p/proj_1/codes"
    assert sent == 2
