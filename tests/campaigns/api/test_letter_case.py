"""Letter case is a setting of a project: where it tells nothing, a code is one however it is typed.

Through every door that takes a code, and with what is pasted around one.
"""

from typing import Any

import asyncpg
import httpx
import pytest
from kit.campaigns_samples import MANAGEMENT, Shop, open_shop, outbox_of

from campaigns.keys import callers, store
from contracts.projects import ProjectChanged
from contracts.vouchers import VoucherChanged

TEN: dict[str, Any] = {"type": "PERCENT", "percent_off": 10}
BODY: dict[str, Any] = {"type": "DISCOUNT_VOUCHER", "discount": TEN}
PASTED = "%E2%80%8B%C2%A0suMMer10%09%EF%BB%BF"  # zero-width, no-break, tab, byte order mark


@pytest.fixture
async def shop(applying: httpx.AsyncClient) -> Shop:
    """A project whose codes have no letter case, and a campaign in it."""
    opened = await open_shop(applying, case_sensitive_codes=False)
    await opened.campaign()
    return opened


@pytest.fixture
async def deaf_shop(http: httpx.AsyncClient) -> Shop:
    """Likewise, and nobody takes what it has to tell."""
    opened = await open_shop(http, case_sensitive_codes=False)
    await opened.campaign()
    return opened


async def codes_of(shop: Shop, query: str) -> list[str]:
    answer = await shop.call("GET", f"/v1/vouchers?{query}")
    assert answer.status_code == 200, answer.text
    return [each["code"] for each in answer.json()["vouchers"]]


@pytest.mark.parametrize("given", [None, True])
async def test_case_tells_codes_apart_unless_the_project_was_opened_otherwise(
    applying: httpx.AsyncClient, given: bool | None
) -> None:
    shop = await open_shop(applying, case_sensitive_codes=given)

    made = [(await shop.made(f"/v1/vouchers/{code}", BODY))["code"] for code in ("Ten", "TEN")]

    assert made == ["Ten", "TEN"]
    assert (await shop.call("GET", "/v1/vouchers/ten")).status_code == 404


async def test_it_is_told_to_others_and_never_changes(deaf_shop: Shop, campaigns_db: str) -> None:
    shop = deaf_shop
    read = (await shop.call("GET", "/v1/project")).json()
    same = await shop.call("PUT", "/v1/project", {"case_sensitive_codes": False, "name": "New"})
    other = await shop.call("PUT", "/v1/project", {"case_sensitive_codes": True})

    assert read["case_sensitive_codes"] is False
    assert (same.status_code, other.status_code) == (200, 400)
    assert "case_sensitive_codes" in other.json()["message"]
    told = [m["value"] for m in await outbox_of(campaigns_db) if m["topic"].endswith("projects.v1")]
    of_projects = [ProjectChanged.model_validate_json(each).data for each in told]
    assert {each.case_sensitive_codes for each in of_projects} == {False}


async def test_who_opens_a_project_says_yes_or_no(http: httpx.AsyncClient) -> None:
    body = {"name": "shop", "currency": "EUR", "case_sensitive_codes": "sometimes"}

    answer = await http.post("/management/v1/projects", json=body, headers=MANAGEMENT)

    assert answer.status_code == 400
    assert "case_sensitive_codes" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/vouchers/{code}", BODY),
        ("/v1/vouchers", BODY | {"code": "{code}"}),
        ("/v1/campaigns/Winter deal/vouchers/{code}", {}),
        ("/v1/campaigns/Winter deal/vouchers", {"code": "{code}"}),
        ("/v1/vouchers", {"campaign": "Winter deal", "code": "{code}"}),
    ],
)
async def test_a_code_is_issued_once_in_whatever_letters(
    deaf_shop: Shop, path: str, body: dict[str, Any], campaigns_db: str
) -> None:
    shop = deaf_shop

    def spelt(code: str) -> tuple[str, dict[str, Any]]:
        named = {"code": code} if "code" in body else {}
        return path.replace("{code}", code), body | named

    made = await shop.made(*spelt("Summer10"))
    again = await shop.call("POST", *spelt("sUMMER10"))

    assert made["code"] == "SUMMER10"
    assert (again.status_code, again.json()["key"]) == (409, "duplicate_found")
    told = [m["value"] for m in await outbox_of(campaigns_db) if m["topic"].endswith("vouchers.v1")]
    assert [VoucherChanged.model_validate_json(each).data.code for each in told] == ["SUMMER10"]


async def test_path_and_body_may_spell_one_code_differently(shop: Shop) -> None:
    standalone = await shop.made("/v1/vouchers/ten", BODY | {"code": "Ten"})
    joining = await shop.made("/v1/campaigns/Winter deal/vouchers/five", {"code": "FIVE"})

    assert (standalone["code"], joining["code"]) == ("TEN", "FIVE")
    for path in ("/v1/vouchers/a", "/v1/campaigns/Winter deal/vouchers/a"):
        body = (BODY if "campaigns" not in path else {}) | {"code": "b"}
        assert (await shop.call("POST", path, body)).status_code == 400


async def test_a_code_is_found_changed_and_switched_in_whatever_letters(shop: Shop) -> None:
    made = await shop.made("/v1/vouchers/SUMMER10", BODY)
    path = f"/v1/vouchers/{PASTED}"

    found = await shop.call("GET", path)
    changed = await shop.call("PUT", path, {"code": "summer10", "metadata": {"a": 1}})
    refused = await shop.call("PUT", path, {"code": "SUMMER11"})
    switched = [(await shop.call("POST", f"{path}/{to}")).json() for to in ("disable", "enable")]
    history = await shop.call("GET", f"{path}/history")
    deleted = await shop.call("DELETE", path)
    restored = await shop.call("POST", f"{path}/restore")

    assert found.json() == made
    assert changed.json()["metadata"] == {"a": 1}
    assert refused.status_code == 400
    assert [each["active"] for each in switched] == [False, True]
    assert {each["target"]["name"] for each in history.json()["data"]} == {"SUMMER10"}
    assert (deleted.status_code, restored.json()["code"]) == (204, "SUMMER10")
    assert (await shop.call("GET", f"/v1/vouchers/{made['id']}")).json()["code"] == "SUMMER10"


async def test_lists_find_a_code_in_whatever_letters(shop: Shop) -> None:
    for code in ("SUMMER10", "STRASSE", "WINTER10"):
        await shop.made(f"/v1/vouchers/{code}", BODY)

    assert await codes_of(shop, f"code={PASTED}") == ["SUMMER10"]
    assert await codes_of(shop, "code=straße") == ["STRASSE"]
    assert await codes_of(shop, "filters[code][conditions][$is][0]=winter10") == ["WINTER10"]
    assert await codes_of(shop, "search=straß") == ["STRASSE"]
    assert await codes_of(shop, "search=mer1") == ["SUMMER10"]
    counted = (await shop.call("GET", "/v1/vouchers/counts?code=summer10")).json()
    assert counted["total"] == 1


async def test_many_are_named_in_whatever_letters(shop: Shop) -> None:
    for code in ("ONE", "TWO", "THREE"):
        await shop.made(f"/v1/vouchers/{code}", BODY)

    named = {"action": "disable", "ids": ["one", " Two\u200b", "TWO"]}
    found = {"action": "disable", "filter": "code=three"}
    jobs = [await shop.made("/v1/vouchers/bulk", each) for each in (named, found)]

    assert [job["count"] for job in jobs] == [2, 1]


async def test_codes_are_shared_in_whatever_letters(shop: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    await shop.made("/v1/vouchers/TEN", BODY | {"partner_id": partner["id"]})

    share = await shop.made(
        f"/v1/partners/{partner['id']}/shares", {"kind": "codes", "codes": ["ten", "Ten"]}
    )

    assert share["codes_count"] == 1


async def test_drawn_codes_are_in_capitals_and_counted_as_such(shop: Shop) -> None:
    config = {"prefix": "blog-", "pattern": "x##", "charset": "abcABC"}
    campaign = await shop.campaign(name="Drawn", voucher=BODY | {"code_config": config})
    drawn = await shop.made("/v1/campaigns/Drawn/vouchers")
    usual = await shop.made("/v1/vouchers", BODY)
    one_letter = BODY | {"code_config": {"charset": "aA", "length": 60}}
    refused = await shop.call("POST", "/v1/vouchers", one_letter)

    assert campaign["voucher"]["code_config"]["charset"] == "ABC"
    assert drawn["code"].startswith("BLOG-X")
    assert set(drawn["code"][6:]) <= set("ABC")
    # Twelve characters of 36 are 60 bits, of 62 it were eleven.
    assert (usual["code"], len(usual["code"])) == (usual["code"].upper(), 12)
    assert refused.json()["key"] == "invalid_code_config"


async def test_what_may_be_an_id_is_no_code_in_either_case(shop: Shop) -> None:
    for code in ("v_" + "a" * 32, "V_" + "A" * 32):
        answer = await shop.call("POST", f"/v1/vouchers/{code}", BODY)

        assert answer.status_code == 400, code


async def test_a_code_that_gets_too_long_in_capitals_is_refused(shop: Shop) -> None:
    answer = await shop.call("POST", f"/v1/vouchers/{'ß' * 150}", BODY)

    assert answer.status_code == 400
    assert "200 characters" in answer.text


async def test_a_project_that_is_opened_while_keys_are_read_is_known_as_it_is(
    http: httpx.AsyncClient, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    async def meanwhile(of: asyncpg.Pool) -> Any:
        opened.append(await open_shop(http, case_sensitive_codes=False))
        return await all_in_force(of)

    all_in_force = store.all_in_force
    monkeypatch.setattr(store, "all_in_force", meanwhile)
    known = await callers.load(pool)

    assert known.keys[opened[0].key_id].caller.case_sensitive_codes is False


async def test_a_rule_is_assigned_to_a_code_however_it_is_typed(deaf_shop: Shop) -> None:
    code = await deaf_shop.made("/v1/vouchers/Summer10", BODY)
    amount = {"name": "order.amount", "conditions": {"$more_than": [1]}}
    rule = await deaf_shop.made(
        "/v1/validation-rules", {"name": "Some", "rules": {"1": amount, "logic": "1"}}
    )
    path = f"/v1/validation-rules/{rule['id']}/assignments"

    by_code = await deaf_shop.made(path, {"voucher": "\u200b\u00a0suMMer10\t\ufeff"})
    by_kind = {"related_object_type": "voucher", "related_object_id": "sUmmer10"}
    twice = await deaf_shop.call("POST", path, by_kind)
    gone = await deaf_shop.call("DELETE", f"{path}/{by_code['id']}")
    by_id = await deaf_shop.made(path, by_kind | {"related_object_id": code["id"]})

    assert (twice.status_code, twice.json()["key"]) == (409, "duplicate_found")
    assert gone.status_code == 204
    assert by_code["related_object_id"] == by_id["related_object_id"] == code["id"]
