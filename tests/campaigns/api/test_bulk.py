"""Many at once: a job that changes exactly what was selected, and can give it all back."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
from kit.campaigns_people import a_person
from kit.campaigns_samples import Shop, a_process, open_shop
from kit.patience import until


async def finished(shop: Shop, started: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def over() -> bool:
        answer = await shop.call("GET", f"/v1/async-actions/{started['async_action_id']}")
        found.update(answer.json())
        return found["status"] in {"DONE", "FAILED"}

    await until(over)
    return found


async def codes_of(shop: Shop, *codes: str) -> str:
    made = await shop.campaign()
    for code in codes:
        await shop.made(f"/v1/campaigns/{made['id']}/vouchers/{code}")
    identity: str = made["id"]
    return identity


async def switches(pool: asyncpg.Pool) -> dict[str, bool]:
    rows = await pool.fetch("SELECT code, active FROM vouchers ORDER BY code")
    return {row["code"]: row["active"] for row in rows}


async def test_a_job_disables_what_was_selected_and_says_when_all_of_it_was_enforced(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    await codes_of(shop, "A", "B", "C")
    off = await shop.call("POST", "/v1/vouchers/B/disable")

    started = await shop.call(
        "POST", "/v1/vouchers/bulk", {"action": "disable", "ids": ["A", off.json()["id"], "NONE"]}
    )

    assert (started.status_code, started.json()["count"]) == (202, 3)
    job = await finished(shop, started.json())
    assert await switches(pool) == {"A": False, "B": False, "C": True}
    counts = [job[f"{which}_count"] for which in ("wanted", "done", "skipped", "failed")]
    assert counts == [3, 1, 1, 1]
    assert (job["status"], job["progress"], job["stopped"]) == ("DONE", 100, False)
    assert (job["kind"], job["action"], job["type"]) == (
        "voucher",
        "disable",
        "VOUCHERS.BULK_UPDATE",
    )
    applied = await pool.fetchval(
        "SELECT max(applied_at) FROM applied_versions WHERE kind = 'voucher' AND version > 1"
    )
    assert job["enforced_at"][:23] == applied.isoformat()[:23]
    failures = (await shop.call("GET", f"/v1/async-actions/{job['id']}/failures")).json()["data"]
    assert [(each["number"], each["outcome"], each["reason"]) for each in failures] == [
        (2, "skipped", "unchanged"),
        (3, "failed", "not_found"),
    ]
    [entry, _] = (await shop.call("GET", "/v1/vouchers/A/history")).json()["data"]
    assert (entry["action"], entry["door"]) == ("voucher.disabled", "job")
    assert entry["job_id"] == job["id"]
    assert entry["actor"]["id"] == shop.key_id


async def test_an_undo_gives_back_exactly_what_the_job_changed(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    await codes_of(shop, "A", "B", "C", "D")
    await shop.call("POST", "/v1/vouchers/B/disable")
    started = await shop.made("/v1/vouchers/bulk", {"action": "disable", "ids": ["A", "B", "C"]})
    job = await finished(shop, started)
    await shop.call("PUT", "/v1/vouchers/C", {"metadata": {"touched": True}})

    undone = await shop.call(job["undo"]["method"], job["undo"]["path"])

    assert (undone.status_code, undone.json()["count"]) == (202, 2)
    undo = await finished(shop, undone.json())
    assert await switches(pool) == {"A": True, "B": False, "C": False, "D": True}
    assert (undo["done_count"], undo["failed_count"], undo["undo_of"]) == (1, 1, job["id"])
    [failure] = (await shop.call("GET", f"/v1/async-actions/{undo['id']}/failures")).json()["data"]
    assert (failure["name"], failure["reason"]) == ("C", "changed_since")
    assert shop.key_id in failure["message"]
    twice = await shop.call("POST", f"/v1/async-actions/{job['id']}/undo")
    assert (twice.status_code, twice.json()["key"]) == (409, "already_undone")
    assert (await finished(shop, started))["undo"] is None


@pytest.mark.parametrize("action", ["disable", "delete"])
async def test_what_anybody_was_told_is_off_no_earlier_job_gives_back(
    shop: Shop, action: str
) -> None:
    await codes_of(shop, "A", "B", "C")
    method, path = ("DELETE", "") if action == "delete" else ("POST", "/disable")
    other = await a_person(shop, "editor")
    first = await finished(
        shop, await shop.made("/v1/vouchers/bulk", {"action": action, "ids": ["A", "B", "C"]})
    )
    assert (await other.call(method, f"/v1/vouchers/A{path}")).is_success
    second = await finished(
        shop, await shop.made("/v1/vouchers/bulk", {"action": action, "ids": ["B"]})
    )

    undo = await finished(shop, await shop.made(f"/v1/async-actions/{first['id']}/undo"))

    assert (second["skipped_count"], second["enforced_at"] is not None) == (1, True)
    assert (undo["done_count"], undo["failed_count"]) == (1, 2)
    failures = (await shop.call("GET", f"/v1/async-actions/{undo['id']}/failures")).json()["data"]
    assert {each["name"]: each["reason"] for each in failures} == {
        "A": "changed_since",
        "B": "changed_since",
    }
    seen = {code: (await shop.call("GET", f"/v1/vouchers/{code}")).json() for code in "ABC"}
    off = {code for code, each in seen.items() if not each["active"] or each["deleted_at"]}
    assert off == {"A", "B"}


async def test_every_action_does_what_it_says_and_is_undone(shop: Shop) -> None:
    await codes_of(shop, "A")
    path = "/v1/vouchers/A"
    await shop.call("PUT", path, {"metadata": {"keep": 1, "drop": 2}})
    deeds: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"action": "disable"}, {"active": False}),
        (
            {"action": "metadata", "metadata": {"new": 3}, "unset_metadata_fields": ["drop"]},
            {"metadata": {"keep": 1, "new": 3}},
        ),
        ({"action": "delete"}, {}),
    ]

    for body, expected in deeds:
        before = (await shop.call("GET", path)).json()
        job = await finished(shop, await shop.made("/v1/vouchers/bulk", body | {"ids": ["A"]}))
        assert job["done_count"] == 1, job
        after = (await shop.call("GET", path)).json()
        assert after.items() >= expected.items()
        assert (after["deleted_at"] is not None) == (body["action"] == "delete")
        await finished(shop, await shop.made(f"/v1/async-actions/{job['id']}/undo"))
        now = (await shop.call("GET", path)).json()
        for field in ("active", "metadata", "deleted_at"):
            assert now[field] == before[field]
    assert (await shop.call("GET", "/v1/trash-bin")).json()["total"] == 0


async def test_campaigns_are_changed_in_the_same_way(shop: Shop) -> None:
    made = [await shop.campaign(name=name) for name in "ABC"]

    started = await shop.made(
        "/v1/campaigns/bulk", {"action": "delete", "ids": ["A", made[1]["id"], "none"]}
    )

    job = await finished(shop, started)
    assert (job["done_count"], job["failed_count"]) == (2, 1)
    binned = (await shop.call("GET", "/v1/trash-bin")).json()["data"]
    assert {each["name"] for each in binned} == {"A", "B"}
    restored = await finished(
        shop, await shop.made("/v1/campaigns/bulk", {"action": "restore", "ids": ["A", "B", "C"]})
    )
    assert (restored["done_count"], restored["skipped_count"]) == (2, 1)
    assert (await shop.call("GET", "/v1/trash-bin")).json()["total"] == 0


async def test_what_is_in_the_bin_is_not_switched_on_or_edited(shop: Shop) -> None:
    await codes_of(shop, "A")
    await shop.call("DELETE", "/v1/vouchers/A")

    for body in ({"action": "enable"}, {"action": "metadata", "metadata": {"a": 1}}):
        job = await finished(shop, await shop.made("/v1/vouchers/bulk", body | {"ids": ["A"]}))
        [failure] = (await shop.call("GET", f"/v1/async-actions/{job['id']}/failures")).json()[
            "data"
        ]
        assert failure["reason"] == "in_bin"


async def test_a_lists_filter_selects_what_the_list_finds_and_no_more_later(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    made = await codes_of(shop, "A-1", "A-2", "B-1")
    query = f"search=A-&campaign_id={made}&order=code"
    listed = (await shop.call("GET", f"/v1/vouchers?{query}")).json()
    body = {"action": "disable", "filter": query, "expected_count": listed["total"]}

    started = await shop.made("/v1/vouchers/bulk", body)
    await shop.made(f"/v1/campaigns/{made}/vouchers/A-3")  # the job has its codes already

    assert started["count"] == 2
    assert (await finished(shop, started))["done_count"] == 2
    assert await switches(pool) == {"A-1": False, "A-2": False, "A-3": True, "B-1": True}
    campaigns = await shop.made(
        "/v1/campaigns/bulk", {"action": "disable", "filter": "status=live"}
    )
    assert (await finished(shop, campaigns))["done_count"] == 1
    assert (await shop.call("GET", f"/v1/campaigns/{made}")).json()["active"] is False


async def test_what_failed_is_taken_along_as_csv(shop: Shop) -> None:
    job = await finished(
        shop, await shop.made("/v1/vouchers/bulk", {"action": "enable", "ids": ["=A", "B"]})
    )

    written = await shop.call("GET", f"/v1/async-actions/{job['id']}/failures?format=csv")

    assert written.text.removeprefix("\ufeff").splitlines() == [
        "number,target,name,outcome,reason,message",
        "1,'=A,,failed,not_found,there is none",
        "2,B,,failed,not_found,there is none",
    ]


async def test_a_filter_that_finds_nothing_or_is_none_is_refused(shop: Shop) -> None:
    await codes_of(shop, "A")
    asked: list[tuple[dict[str, Any], str, str]] = [
        ({"filter": "search=NONE"}, "nothing_selected", ""),
        ({"filter": "colour=red"}, "invalid_query_params", "colour"),
        ({"filter": "status=asleep"}, "invalid_query_params", "status"),
        ({"filter": "search=A", "ids": ["A"]}, "invalid_payload", ".filter"),
        ({"filter": "search=A&limit=1"}, "invalid_query_params", "limit"),
        ({"filter": "page=2&search=A"}, "invalid_query_params", "page"),
        ({"filter": "search=A&cursor=abc"}, "invalid_query_params", "cursor"),
        ({"filter": "search=A&format=csv"}, "invalid_query_params", "format"),
    ]

    for body, key, named in asked:
        answer = await shop.call("POST", "/v1/vouchers/bulk", {"action": "disable"} | body)

        assert (answer.status_code, answer.json()["key"]) == (400, key), answer.text
        assert named in answer.json()["message"]


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"action": "disable", "ids": []}, "nothing_selected", ""),
    ({"action": "disable"}, "nothing_selected", ""),
    ({"action": "explode", "ids": ["A"]}, "invalid_payload", ".action"),
    ({"ids": ["A"]}, "invalid_payload", ".action"),
    ({"action": "disable", "ids": ["A"], "metadata": {"a": 1}}, "invalid_payload", ".metadata"),
    ({"action": "metadata", "ids": ["A"]}, "invalid_payload", ".metadata"),
    ({"action": "disable", "ids": ["A"] * 1001}, "invalid_payload", ".ids"),
    ({"action": "disable", "ids": [7]}, "invalid_payload", ".ids"),
    ({"action": "disable", "ids": ["A"], "colour": "red"}, "invalid_payload", ".colour"),
]


@pytest.mark.parametrize(("body", "key", "named"), REFUSED)
async def test_what_selects_nothing_or_cannot_be_done_is_refused(
    shop: Shop, body: dict[str, Any], key: str, named: str
) -> None:
    for path in ("/v1/vouchers/bulk", "/v1/campaigns/bulk"):
        answer = await shop.call("POST", path, body)

        assert (answer.status_code, answer.json()["key"]) == (400, key), answer.text
        assert named in answer.json()["message"]
    assert (await shop.call("GET", "/v1/async-actions")).json()["async_actions"] == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
async def test_metadata_that_are_no_json_are_refused(shop: Shop, number: str) -> None:
    await codes_of(shop, "A")
    metadata = f'"metadata": {{"deep": [{{"a": {number}}}]}}'
    headers = shop.headers | {"Content-Type": "application/json"}

    for method, path, more in (
        ("POST", "/v1/vouchers/bulk", '"action": "metadata", "ids": ["A"], '),
        ("PUT", "/v1/vouchers/A", ""),
    ):
        sent = f"{{{more}{metadata}}}"
        answer = await shop.http.request(method, path, content=sent, headers=headers)

        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload"), answer.text
        assert "Property .metadata: holds a number" in answer.json()["message"]
    assert (await shop.call("GET", "/v1/vouchers/A")).json()["metadata"] == {}


async def test_what_nobody_expected_ends_one_job_with_a_reason_and_no_other(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    made = [await shop.campaign(name=name) for name in "AB"]
    await pool.execute(
        """UPDATE campaigns SET details = '{"colour": "red"}' WHERE id = $1""", made[0]["id"]
    )

    jobs = [
        await shop.made("/v1/campaigns/bulk", {"action": "disable", "ids": [each["id"]]})
        for each in made
    ]
    ended = [await finished(shop, job) for job in jobs]

    assert [job["status"] for job in ended] == ["FAILED", "DONE"]
    assert ended[0]["result"]["message"] == (
        "a fault of ours ended it: the operator finds it in the log, by the id of the job: "
        "0 done, 0 skipped, 0 failed of 1"
    )
    assert (ended[0]["stopped"], ended[0]["undo"]) == (False, None)


async def test_another_count_than_was_shown_starts_nothing(shop: Shop) -> None:
    await codes_of(shop, "A", "B")
    body = {"action": "disable", "ids": ["A", "B", "A"]}

    refused = await shop.call("POST", "/v1/vouchers/bulk", body | {"expected_count": 3})
    started = await shop.call("POST", "/v1/vouchers/bulk", body | {"expected_count": 2})

    assert (refused.status_code, refused.json()["key"]) == (409, "selection_changed")
    assert "it is 2" in refused.json()["details"]
    assert started.json()["count"] == 2


async def test_a_job_is_done_no_sooner_than_all_is_enforced(
    deaf_shop: Shop, pool: asyncpg.Pool
) -> None:
    made = await deaf_shop.campaign()
    await deaf_shop.made(f"/v1/campaigns/{made['id']}/vouchers/A")
    started = await deaf_shop.made("/v1/vouchers/bulk", {"action": "disable", "ids": ["A"]})

    async def stored() -> bool:
        return await switches(pool) == {"A": False}

    await until(stored)
    await asyncio.sleep(0.2)  # some looks of the worker
    path = f"/v1/async-actions/{started['async_action_id']}"
    waiting = (await deaf_shop.call("GET", path)).json()
    assert (waiting["status"], waiting["enforced_at"]) == ("IN_PROGRESS", None)
    assert waiting["progress"] == 0

    await pool.execute(
        """
        INSERT INTO applied_versions SELECT project_id, 'voucher', id, version, now() FROM vouchers
        ON CONFLICT (project_id, kind, id) DO UPDATE SET version = excluded.version
        """
    )
    job = await finished(deaf_shop, started)
    assert (job["status"], job["enforced_at"] is not None) == ("DONE", True)


async def test_a_job_that_is_stopped_does_no_more_and_what_it_did_is_undone(
    deaf_shop: Shop, pool: asyncpg.Pool
) -> None:
    shop = deaf_shop
    made = await shop.campaign(vouchers_count=600)

    async def issued() -> bool:
        return bool(await pool.fetchval("SELECT count(*) = 600 FROM vouchers"))

    await until(issued)
    ids = [row["id"] for row in await pool.fetch("SELECT id FROM vouchers ORDER BY id")]
    started = await shop.made("/v1/vouchers/bulk", {"action": "disable", "ids": ids})

    async def begun() -> bool:  # nobody confirms, so it is held after its first step
        return bool(await pool.fetchval("SELECT count(*) = 250 FROM vouchers WHERE NOT active"))

    await until(begun)
    stopped = await shop.call("POST", f"/v1/async-actions/{started['async_action_id']}/stop")
    assert (stopped.status_code, stopped.json()["stopped"]) == (200, True)
    await pool.execute(
        "INSERT INTO applied_versions SELECT project_id, 'voucher', id, 9, now() FROM vouchers"
    )

    job = await finished(shop, started)
    assert (job["status"], job["done_count"], job["stopped"]) == ("FAILED", 250, True)
    assert job["result"]["message"].startswith("stopped: 250 done")
    undo = await finished(shop, await shop.made(f"/v1/async-actions/{job['id']}/undo"))
    assert undo["done_count"] == 250
    assert await pool.fetchval("SELECT bool_and(active) FROM vouchers") is True
    over = await shop.call("POST", f"/v1/async-actions/{job['id']}/stop")
    assert (over.status_code, over.json()["key"]) == (400, "already_over")
    assert made["id"]


async def test_an_undo_is_offered_for_ten_minutes(shop: Shop, pool: asyncpg.Pool) -> None:
    await codes_of(shop, "A")
    job = await finished(
        shop, await shop.made("/v1/vouchers/bulk", {"action": "disable", "ids": ["A"]})
    )
    assert job["undo"] == {
        "method": "POST",
        "path": f"/v1/async-actions/{job['id']}/undo",
        "body": None,
    }
    await pool.execute("UPDATE bulk_jobs SET ended_at = ended_at - interval '10 minutes'")

    late = await shop.call("POST", f"/v1/async-actions/{job['id']}/undo")

    assert (late.status_code, late.json()["key"]) == (400, "undo_expired")
    assert (await finished(shop, {"async_action_id": job["id"]}))["undo"] is None


async def test_all_jobs_are_listed_newest_first(shop: Shop) -> None:
    campaign = await codes_of(shop, "A")
    issue = await shop.made(f"/v1/campaigns/{campaign}/vouchers?vouchers_count=2")
    bulk = [
        await shop.made("/v1/vouchers/bulk", {"action": action, "ids": ["A"]})
        for action in ("disable", "enable")
    ]

    listed = (await shop.call("GET", "/v1/async-actions")).json()

    assert (listed["object"], listed["data_ref"]) == ("list", "async_actions")
    expected = [each["async_action_id"] for each in [bulk[1], bulk[0], issue]]
    assert [each["id"] for each in listed["async_actions"]] == expected
    assert [each["action"] for each in listed["async_actions"]] == ["enable", "disable", "issue"]
    assert len({each["actor"]["id"] for each in listed["async_actions"]}) == 1
    first = (await shop.call("GET", "/v1/async-actions?limit=2")).json()
    assert first["has_more"] is True
    rest = await shop.call("GET", f"/v1/async-actions?limit=2&cursor={first['more_cursor']}")
    assert [each["id"] for each in rest.json()["async_actions"]] == expected[2:]
    before = listed["async_actions"][1]["created_at"]
    older = (await shop.call("GET", f"/v1/async-actions?end_date={before}")).json()
    assert expected[0] not in [each["id"] for each in older["async_actions"]]


async def test_jobs_are_their_projects_own(shop: Shop, rival: Shop) -> None:
    await codes_of(shop, "CANARY")
    job = await shop.made("/v1/vouchers/bulk", {"action": "disable", "ids": ["CANARY"]})
    path = f"/v1/async-actions/{job['async_action_id']}"
    asked = [("GET", path), ("GET", f"{path}/failures"), ("POST", f"{path}/stop")]
    await finished(shop, job)

    answers = {(await rival.call(*each)).status_code for each in [*asked, ("POST", f"{path}/undo")]}

    assert answers == {404}
    assert (await rival.call("GET", "/v1/async-actions")).json()["async_actions"] == []
    theirs = await rival.made("/v1/vouchers/bulk", {"action": "enable", "ids": ["CANARY"]})
    assert (await finished(rival, theirs))["failed_count"] == 1
    assert (await shop.call("GET", "/v1/vouchers/CANARY")).json()["active"] is False


@pytest.mark.process
async def test_a_job_goes_on_after_its_process_was_killed_and_changes_each_once(
    confirmed_db: str, pool: asyncpg.Pool
) -> None:
    async with a_process("api", confirmed_db) as api:
        async with httpx.AsyncClient(base_url=api.url, timeout=20) as http:
            shop = await open_shop(http)
            await shop.campaign(vouchers_count=1000)

            async def issued() -> bool:
                return bool(await pool.fetchval("SELECT count(*) = 1000 FROM vouchers"))

            await until(issued)
            ids = [row["id"] for row in await pool.fetch("SELECT id FROM vouchers")]
            await shop.made("/v1/vouchers/bulk", {"action": "disable", "ids": ids})

            async def begun() -> bool:
                return bool(await pool.fetchval("SELECT done > 0 FROM bulk_jobs"))

            await until(begun)
        api.kill()
    async with a_process("api", confirmed_db):

        async def over() -> bool:
            return bool(await pool.fetchval("SELECT status = 'DONE' FROM bulk_jobs"))

        await until(over)
    assert await pool.fetchval("SELECT count(*) FROM vouchers WHERE active OR version <> 2") == 0
    entries = "SELECT count(*), count(DISTINCT target) FROM history WHERE door = 'job'"
    assert [tuple(row) for row in await pool.fetch(entries)] == [(1000, 1000)]
