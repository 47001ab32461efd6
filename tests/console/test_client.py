"""How the console names things to the API."""

from urllib.parse import unquote

import httpx
import pytest

from console.api.client import segment


@pytest.mark.parametrize("name", [".", "..", "...", "a/b", "a%2Fb", "?x", "#x", "Ä ü", "SAVE.10"])
def test_no_name_leads_to_another_path(name: str) -> None:
    asked = httpx.Client(base_url="http://api").build_request("GET", f"/v1/{segment(name)}/x")

    empty, v1, named, x = asked.url.raw_path.decode().split("/")
    assert (empty, v1, unquote(named), x) == ("", "v1", name, "x")
