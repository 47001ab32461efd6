"""How the console names things to the API."""

from urllib.parse import unquote

import httpx
import pytest

from console.api.client import Api, segment
from console.api.refusals import RefusedError


@pytest.mark.parametrize("name", [".", "..", "...", "a/b", "a%2Fb", "?x", "#x", "Ä ü", "SAVE.10"])
def test_no_name_leads_to_another_path(name: str) -> None:
    asked = httpx.Client(base_url="http://api").build_request("GET", f"/v1/{segment(name)}/x")

    empty, v1, named, x = asked.url.raw_path.decode().split("/")
    assert (empty, v1, unquote(named), x) == ("", "v1", name, "x")


@pytest.mark.parametrize(
    ("answer", "undo"),
    [
        (httpx.Response(204, headers={"X-Undo-Version": "7"}), {"body": {"version": 7}}),
        (httpx.Response(204), None),
        (httpx.Response(202, json={"undo": {"body": {"version": 3}}}), {"body": {"version": 3}}),
    ],
)
async def test_what_was_put_into_the_bin_says_which_version_undoes_it(
    answer: httpx.Response, undo: object
) -> None:
    async with httpx.AsyncClient(
        base_url="http://api", transport=httpx.MockTransport(lambda _: answer)
    ) as client:
        assert (await Api(client).discard("/v1/vouchers/A"))["undo"] == undo


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (httpx.Response(200, json={"id": "cust_1"}), {"id": "cust_1"}),
        (httpx.Response(404, json={"key": "not_found"}), None),
    ],
)
async def test_what_is_not_there_is_none(answer: httpx.Response, found: object) -> None:
    assert await _found(answer) == found


async def test_what_may_not_be_seen_is_refused() -> None:
    with pytest.raises(RefusedError, match="403 forbidden"):
        await _found(httpx.Response(403, json={"key": "forbidden"}))


async def _found(answer: httpx.Response) -> object:
    async with httpx.AsyncClient(
        base_url="http://api", transport=httpx.MockTransport(lambda _: answer)
    ) as client:
        return await Api(client).find("/v1/customers/mia")
