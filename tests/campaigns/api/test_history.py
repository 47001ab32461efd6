"""Who changed what and when, as a person reads it."""

import csv
import io
from typing import Any

import asyncpg
import pytest
from kit.campaigns_people import a_person
from kit.campaigns_samples import Shop

from campaigns.history import api


async def entries(shop: Shop, path: str) -> list[dict[str, Any]]:
    answer = await shop.call("GET", path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_a_campaigns_history_tells_who_changed_what_newest_first(shop: Shop) -> None:
    made = await shop.campaign()
    path = f"/v1/campaigns/{made['id']}"
    await shop.call("PUT", path, {"total_limit": 5, "name": "Renamed"})
    switched = await shop.call("POST", f"{path}/disable")
    await shop.call("POST", f"{path}/disable")  # it stood so already: nothing happened

    off, updated, created = await entries(shop, f"{path}/history")

    assert (off["action"], off["changes"]) == (
        "campaign.disabled",
        [{"field": "active", "before": True, "after": False}],
    )
    assert (off["enforced_at"], updated["enforced_at"]) == (switched.json()["enforced_at"], None)
    assert updated["changes"] == [
        {"field": "name", "before": "Winter deal", "after": "Renamed"},
        {"field": "total_limit", "before": None, "after": 5},
    ]
    assert updated["target"] == {"kind": "campaign", "id": made["id"], "name": "Renamed"}
    assert (updated["actor"]["id"], updated["door"]) == (shop.key_id, "key")
    assert updated["request_id"]
    assert (created["action"], created["target"]["name"]) == ("campaign.created", "Winter deal")
    assert {c["field"]: c["after"] for c in created["changes"]}[
        "voucher.discount.amount_off"
    ] == 500
    assert created["at"] < updated["at"] < off["at"]
    assert await entries(shop, "/v1/campaigns/Renamed/history") == [off, updated, created]
    await shop.call("POST", f"{path}/vouchers?vouchers_count=2")
    issued, *rest = await entries(shop, f"{path}/history")
    assert (issued["action"], issued["enforced_at"]) == ("campaign.codes_issued", None)
    assert rest == [off, updated, created]  # to issue codes changes nothing that is in force
    await shop.call("PUT", f"/v1/partners/{made['partner_id']}", {"name": "Renamed, too"})
    [_, newest, *_] = await entries(shop, f"{path}/history")
    assert newest == off | {
        "enforced_at": None
    }  # what is in force is a later version, not the entry's


async def test_a_codes_and_a_partners_history_is_theirs_alone(shop: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    campaign = await shop.campaign(partner_id=partner["id"])
    voucher = await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/WINTER")
    await shop.call("POST", "/v1/vouchers/WINTER/disable")
    await shop.call("PUT", f"/v1/partners/{partner['id']}", {"contact": "jo"})

    of_code = await entries(shop, "/v1/vouchers/WINTER/history")
    of_partner = await entries(shop, f"/v1/partners/{partner['id']}/history")

    assert [each["action"] for each in of_code] == ["voucher.disabled", "voucher.created"]
    assert await entries(shop, f"/v1/vouchers/{voucher['id']}/history") == of_code
    assert [each["action"] for each in of_partner] == ["partner.updated", "partner.created"]


async def test_the_audit_log_is_all_of_it_page_by_page(shop: Shop) -> None:
    for name in "ABC":
        await shop.campaign(name=name)

    first = (await shop.call("GET", "/v1/audit?limit=2&action=campaign.created")).json()
    cursor = first["more_cursor"]
    second = (
        await shop.call("GET", f"/v1/audit?limit=2&action=campaign.created&cursor={cursor}")
    ).json()

    assert [each["target"]["name"] for each in first["data"]] == ["C", "B"]
    assert (first["has_more"], cursor) == (True, first["data"][-1]["id"])
    assert [each["target"]["name"] for each in second["data"]] == ["A"]
    assert (second["has_more"], second["more_cursor"]) == (False, None)


async def test_the_audit_log_is_narrowed_by_whom_what_and_when(shop: Shop) -> None:
    made = await shop.campaign()
    await shop.made("/v1/categories", {"name": "Winter", "hierarchy": 1})
    [newest, *_] = await entries(shop, "/v1/audit?limit=1")
    at = newest["at"]

    counts = {
        query: len(await entries(shop, f"/v1/audit?{query}"))
        for query in (
            "kind=category",
            f"kind=campaign&target={made['id']}",
            f"actor={shop.key_id}&kind=category",
            "actor=user_nobody",
            "action=category.deleted",
            "from=2020-01-01&to=2020-02-01",
            f"kind=category&from={at}",
            f"kind=category&to={at}",
        )
    }

    assert list(counts.values()) == [1, 1, 1, 0, 0, 0, 1, 0], counts


async def test_what_is_asked_of_history_that_cannot_be_is_refused_by_name(shop: Shop) -> None:
    made = await shop.campaign()
    asked = {
        "/v1/audit?cursor=yesterday": "cursor",
        "/v1/audit?cursor=hist_" + "9" * 30: "cursor",
        "/v1/audit?kind=weather": "kind",
        "/v1/audit?from=soon": "from",
        "/v1/audit?limit=101": "limit",
        "/v1/audit?colour=red": "colour",
        f"/v1/campaigns/{made['id']}/history?kind=campaign": "kind",
    }

    for path, named in asked.items():
        answer = await shop.call("GET", path)

        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params"), path
        assert named in answer.json()["message"], path


async def test_history_is_its_projects_own(shop: Shop, rival: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Canary"})
    made = await shop.campaign(name="Canary")
    voucher = await shop.made(f"/v1/campaigns/{made['id']}/vouchers/CANARY")
    paths = [
        *(f"/v1/campaigns/{named}/history" for named in (made["id"], "Canary")),
        *(f"/v1/vouchers/{named}/history" for named in (voucher["id"], "CANARY")),
        f"/v1/partners/{partner['id']}/history",
    ]

    assert {(await rival.call("GET", path)).status_code for path in paths} == {404}
    assert await entries(rival, f"/v1/audit?target={made['id']}") == []
    [mine] = await entries(shop, f"/v1/audit?target={made['id']}")
    assert await entries(rival, f"/v1/audit?cursor={mine['id']}") == []


async def test_a_change_by_a_person_says_who_and_only_owners_read_the_audit_log(
    shop: Shop,
) -> None:
    ann = await a_person(shop, "editor", name="Ann")
    owner = await a_person(shop, "owner")
    made = await shop.campaign()
    await ann.call("POST", f"/v1/campaigns/{made['id']}/disable")

    read = await ann.call("GET", f"/v1/campaigns/{made['id']}/history")
    refused = await ann.call("GET", "/v1/audit")
    audit = await owner.call("GET", "/v1/audit?action=campaign.disabled")

    by_ann = {"id": ann.user_id, "kind": "user", "name": "Ann"}
    assert (read.json()["data"][0]["actor"], read.json()["data"][0]["door"]) == (by_ann, "user")
    assert (refused.status_code, refused.json()["key"]) == (403, "missing_required_permission")
    assert audit.json()["data"] == [read.json()["data"][0] | {"enforced_at": None}]


async def test_history_is_taken_along_whole_however_long_it_is(
    shop: Shop, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "A_BLOCK", 10_000)
    made = await shop.campaign()
    await pool.execute(
        """
        INSERT INTO history (project_id, actor, door, action, kind, target, name, changes)
        SELECT $1, 'system', 'job', 'campaign.updated', 'campaign', $2, 'Long', '{"a": [1, 2]}'
        FROM generate_series(1, 100001)
        """,
        shop.project_id,
        made["id"],
    )

    written = await shop.call("GET", f"/v1/campaigns/{made['id']}/history?format=csv")

    rows = written.text.splitlines()[1:]
    assert sum(",Long," in row for row in rows) == 100_001
    assert "campaign.created" in rows[-1]


async def test_history_is_taken_along_as_csv_with_no_formula_in_it(shop: Shop) -> None:
    made = await shop.campaign(name="=1+1")
    path = f"/v1/campaigns/{made['id']}/history"
    await shop.call("PUT", f"/v1/campaigns/{made['id']}", {"total_limit": 5, "description": "a,b"})

    written = await shop.call("GET", f"{path}?format=csv")
    audit = await shop.http.get("/v1/audit", headers=shop.headers | {"Accept": "text/csv"})

    rows = list(csv.DictReader(io.StringIO(written.text.removeprefix("\ufeff"))))
    assert [(row["field"], row["before"], row["after"]) for row in rows[:2]] == [
        ("description", "", "a,b"),
        ("total_limit", "", "5"),
    ]
    assert rows[0]["action"] == "campaign.updated"
    assert {row["name"] for row in rows} == {"'=1+1"}
    assert audit.headers["content-type"].startswith("text/csv")
    assert audit.text.splitlines()[1:3] == written.text.splitlines()[1:3]
    paged = await shop.call("GET", f"{path}?format=csv&limit=5")
    assert (paged.status_code, "limit" in paged.json()["message"]) == (400, True)
