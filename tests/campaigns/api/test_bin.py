"""What is deleted redeems no more, can be restored for a month, and then goes for ever."""

import asyncio
from typing import Any

import asyncpg
import pytest
from kit.campaigns_samples import Shop, outbox_of
from kit.patience import until

from campaigns.bulk import worker
from contracts.campaigns import CampaignChanged
from contracts.vouchers import VoucherChanged
from servicekit.health import Heartbeat
from servicekit.lifecycle import background_task


async def purged(shop: Shop, path: str) -> None:
    async def gone() -> bool:
        return (await shop.call("GET", path)).status_code == 404

    await until(gone)


async def binned(shop: Shop, query: str = "") -> list[dict[str, Any]]:
    answer = await shop.call("GET", f"/v1/trash-bin{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_a_deleted_campaign_is_told_as_switched_off_and_restored_as_it_was(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    made = await shop.campaign()
    path = f"/v1/campaigns/{made['id']}"

    answer = await shop.call("DELETE", path)

    assert answer.status_code == 202, answer.text
    [applied] = await pool.fetch("SELECT * FROM applied_versions WHERE kind = 'campaign'")
    assert applied["version"] == 2
    gone = (await shop.call("GET", path)).json()
    assert gone["deleted_at"] is not None
    assert gone["active"] is True  # its own switch stays as it was
    job = (await shop.call("GET", f"/v1/async-actions/{answer.json()['async_action_id']}")).json()
    assert (job["action"], job["done_count"]) == ("delete", 1)
    again = await shop.call("DELETE", path)
    assert again.json() == answer.json() | {"undo": None}  # it was there already

    undo = answer.json()["undo"]
    restored = await shop.call(undo["method"], undo["path"], undo["body"])
    assert (restored.status_code, restored.json()["deleted_at"]) == (200, None)
    assert restored.json()["version"] == 3
    assert await binned(shop) == []
    actions = (await shop.call("GET", f"{path}/history")).json()["data"]
    assert [each["action"] for each in actions][:2] == ["campaign.restored", "campaign.deleted"]
    assert actions[1]["changes"] == [{"field": "deleted", "before": False, "after": True}]


async def test_what_redemption_is_told_of_the_deleted_and_restored(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    made = await deaf_shop.campaign()
    await deaf_shop.made(f"/v1/campaigns/{made['id']}/vouchers/WINTER")
    late = [
        await deaf_shop.call("DELETE", f"/v1/campaigns/{made['id']}"),
        await deaf_shop.call("DELETE", "/v1/vouchers/WINTER"),
    ]
    assert {(each.status_code, each.json()["key"]) for each in late} == {(503, "not_enforced_yet")}
    await deaf_shop.call("POST", f"/v1/campaigns/{made['id']}/restore")
    await deaf_shop.call("POST", "/v1/vouchers/WINTER/restore")

    told = await outbox_of(campaigns_db)
    campaigns = [
        CampaignChanged.model_validate_json(row["value"]).data.active
        for row in told
        if row["topic"] == "coupons.campaigns.v1"
    ]
    vouchers = [
        VoucherChanged.model_validate_json(row["value"]).data.active
        for row in told
        if row["topic"] == "coupons.vouchers.v1"
    ]
    assert (campaigns, vouchers) == ([True, False, True], [True, False, True])


async def test_a_deleted_code_says_when_it_was_enforced_and_comes_back_switched_off_if_it_was(
    shop: Shop,
) -> None:
    made = await shop.campaign()
    await shop.made(f"/v1/campaigns/{made['id']}/vouchers/WINTER", {"active": False})

    answer = await shop.call("DELETE", "/v1/vouchers/WINTER")
    restored = await shop.call("POST", "/v1/vouchers/WINTER/restore")

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["X-Enforced-At"].endswith("Z")
    assert (restored.json()["active"], restored.json()["deleted_at"]) == (False, None)


async def test_the_undo_of_a_deleted_code_names_a_version_and_overwrites_nobody(
    shop: Shop,
) -> None:
    made = await shop.campaign()
    await shop.made(f"/v1/campaigns/{made['id']}/vouchers/WINTER")

    deleted = await shop.call("DELETE", "/v1/vouchers/WINTER")
    again = await shop.call("DELETE", "/v1/vouchers/WINTER")
    undo = {"version": int(deleted.headers["X-Undo-Version"])}
    await shop.call("POST", "/v1/vouchers/WINTER/restore")
    await shop.call("DELETE", "/v1/vouchers/WINTER")  # somebody else, later
    refused = await shop.call("POST", "/v1/vouchers/WINTER/restore", undo)

    assert "X-Undo-Version" not in again.headers  # it was there already: nothing to take back
    assert (refused.status_code, refused.json()["key"]) == (409, "version_conflict")
    undo = {"version": refused.json()["current"]["version"]}
    assert (await shop.call("POST", "/v1/vouchers/WINTER/restore", undo)).status_code == 200


async def test_the_bin_tells_what_by_whom_and_until_when_newest_first(shop: Shop) -> None:
    made = await shop.campaign()
    code = await shop.made(f"/v1/campaigns/{made['id']}/vouchers/WINTER")
    body = {"discount": {"type": "AMOUNT", "amount_off": 1}}
    alone = await shop.made("/v1/vouchers/ALONE", body)
    for path in ("vouchers/WINTER", f"campaigns/{made['id']}", "vouchers/ALONE"):
        await shop.call("DELETE", f"/v1/{path}")

    found = await binned(shop)

    assert [(each["id"], each["kind"], each["name"], each["campaign"]) for each in found] == [
        (alone["id"], "voucher", "ALONE", None),
        (made["id"], "campaign", "Winter deal", None),
        (code["id"], "voucher", "WINTER", "Winter deal"),
    ]
    assert found[0]["deleted_by"] == {"id": shop.key_id, "kind": "key", "name": "First key"}
    assert found[0]["deleted_at"] < found[0]["purge_at"]
    assert [each["kind"] for each in await binned(shop, "?kind=campaign")] == ["campaign"]
    first = (await shop.call("GET", "/v1/trash-bin?limit=2")).json()
    assert (first["total"], first["has_more"]) == (3, True)
    assert await binned(shop, f"?limit=2&cursor={first['more_cursor']}") == found[2:]


async def test_in_the_bin_nothing_is_done_but_restoring_and_switching_off(shop: Shop) -> None:
    made = await shop.campaign()
    path = f"/v1/campaigns/{made['id']}"
    await shop.made(f"{path}/vouchers/WINTER")
    await shop.call("DELETE", "/v1/vouchers/WINTER")
    await shop.call("DELETE", path)
    refused = [
        ("PUT", path, {"description": "x"}),
        ("POST", f"{path}/enable", None),
        ("POST", f"{path}/vouchers", None),
        ("POST", f"{path}/vouchers?vouchers_count=2", None),
        ("PUT", "/v1/vouchers/WINTER", {"metadata": {"a": 1}}),
        ("POST", "/v1/vouchers/WINTER/enable", None),
    ]

    for method, asked, body in refused:
        answer = await shop.call(method, asked, body)
        assert (answer.status_code, answer.json()["key"]) == (400, "in_bin"), asked

    for each in (path, "/v1/vouchers/WINTER"):
        assert (await shop.call("POST", f"{each}/disable")).status_code == 200
    worth = made["voucher"]
    for taken in (
        await shop.call("POST", "/v1/campaigns", {"name": "Winter deal", "voucher": worth}),
        await shop.call("POST", "/v1/vouchers/WINTER", {"discount": worth["discount"]}),
    ):
        assert (taken.status_code, taken.json()["key"]) == (409, "duplicate_found"), taken.text


async def test_a_purged_code_is_gone_and_nobody_gets_it_ever(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    made = await shop.campaign()
    code = await shop.made(f"/v1/campaigns/{made['id']}/vouchers/WINTER")
    await shop.call("DELETE", "/v1/vouchers/WINTER")

    answer = await shop.call("DELETE", f"/v1/trash-bin/{code['id']}")
    await purged(shop, "/v1/vouchers/WINTER")

    assert answer.status_code == 204
    assert await binned(shop) == []
    assert (await shop.call("POST", "/v1/vouchers/WINTER/restore")).status_code == 404
    campaign = (await shop.call("GET", f"/v1/campaigns/{made['id']}")).json()
    assert campaign["vouchers_count"] == 0
    again = await shop.call("POST", f"/v1/campaigns/{made['id']}/vouchers/WINTER")
    assert (again.status_code, again.json()["key"]) == (409, "duplicate_found")
    assert [
        tuple(row) for row in await pool.fetch("SELECT code, campaign_id FROM issued_codes")
    ] == [("WINTER", made["id"])]
    history = (await shop.call("GET", f"/v1/vouchers/{code['id']}/history")).json()["data"]
    assert [each["action"] for each in history] == [
        "voucher.purged",
        "voucher.deleted",
        "voucher.created",
    ]


async def test_a_drawn_code_is_none_that_was_purged(shop: Shop) -> None:
    made = await shop.campaign()
    path = f"/v1/campaigns/{made['id']}/vouchers"
    for code in "ABCDEFG":
        await shop.made(f"{path}/{code}")
        await shop.call("DELETE", f"/v1/vouchers/{code}?force=true")
        await purged(shop, f"/v1/vouchers/{code}")

    drawn = await shop.made(path, {"code_config": {"length": 1, "charset": "ABCDEFGH"}})

    assert drawn["code"] == "H"


async def test_a_campaign_purged_at_once_takes_its_codes_along_and_frees_its_name(
    shop: Shop, campaigns_db: str
) -> None:
    made = await shop.campaign(vouchers_count=2500)
    path = f"/v1/campaigns/{made['id']}"

    async def issued() -> bool:
        return bool((await shop.call("GET", path)).json()["vouchers_count"] == 2500)

    await until(issued)

    answer = await shop.call("DELETE", f"{path}?force=true")

    assert (answer.status_code, answer.json()["undo"]) == (202, None)
    assert await binned(shop) == []
    await purged(shop, path)
    job = f"/v1/async-actions/{answer.json()['async_action_id']}"

    async def over() -> bool:
        return bool((await shop.call("GET", job)).json()["status"] == "DONE")

    await until(over)
    assert (await shop.call("GET", "/v1/vouchers")).json()["total"] == 0
    assert (await shop.campaign())["id"] != made["id"]
    conn = await asyncpg.connect(campaigns_db)
    assert await conn.fetchval("SELECT count(*) FROM retired_codes") == 2500
    await conn.close()
    [entry, *_] = (await shop.call("GET", f"{path}/history")).json()["data"]
    assert entry["action"] == "campaign.purged"


async def test_a_standalone_code_takes_its_campaign_along(shop: Shop) -> None:
    body = {"discount": {"type": "AMOUNT", "amount_off": 1}}
    made = await shop.made("/v1/vouchers/ALONE", body)

    await shop.call("DELETE", "/v1/vouchers/ALONE?force=true")
    await purged(shop, "/v1/vouchers/ALONE")

    assert (await shop.call("GET", f"/v1/campaigns/{made['campaign_id']}")).status_code == 404


async def test_a_standalone_code_stays_the_only_one_of_its_campaign(shop: Shop) -> None:
    body = {"discount": {"type": "AMOUNT", "amount_off": 1}}
    made = await shop.made("/v1/vouchers/ALONE", body)
    path = f"/v1/campaigns/{made['campaign_id']}"

    changed = await shop.call("PUT", path, {"type": "AUTO_UPDATE"})
    second = await shop.call("POST", f"{path}/vouchers/SECOND")

    assert (changed.status_code, second.status_code) == (400, 400)
    assert (await shop.call("PUT", path, {"type": "STANDALONE"})).status_code == 200


async def test_a_code_that_came_into_a_standalone_ones_campaign_keeps_no_purge_from_its_end(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    body = {"discount": {"type": "AMOUNT", "amount_off": 1}}
    made = await shop.made("/v1/vouchers/ALONE", body)
    path = f"/v1/campaigns/{made['campaign_id']}"
    await pool.execute("""UPDATE campaigns SET details = details || '{"type": "AUTO_UPDATE"}'""")
    await shop.made(f"{path}/vouchers/SECOND")

    await shop.call("DELETE", "/v1/vouchers/ALONE?force=true")
    await purged(shop, "/v1/vouchers/ALONE")

    assert (await shop.call("GET", path)).status_code == 200
    await shop.call("DELETE", "/v1/vouchers/SECOND?force=true")
    await purged(shop, "/v1/vouchers/SECOND")
    assert (await shop.call("GET", path)).status_code == 404


async def test_what_is_in_the_bin_for_a_month_is_purged_and_nothing_younger(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    made = await shop.campaign()
    for code in ("OLD", "YOUNG"):
        await shop.made(f"/v1/campaigns/{made['id']}/vouchers/{code}")
        await shop.call("DELETE", f"/v1/vouchers/{code}")
    await pool.execute(
        """
        UPDATE bin SET deleted_at = deleted_at - interval '30 days 1 minute'
        WHERE id = (SELECT id FROM vouchers WHERE code = 'OLD')
        """
    )

    assert await worker.sweep(pool, 30) == 1
    assert await worker.sweep(pool, 30) == 0

    await purged(shop, "/v1/vouchers/OLD")
    assert [each["name"] for each in await binned(shop)] == ["YOUNG"]
    [entry] = (await shop.call("GET", "/v1/audit?action=voucher.purged")).json()["data"]
    assert (entry["actor"]["kind"], entry["door"]) == ("system", "job")


async def test_all_that_is_due_is_purged_however_much(
    shop: Shop, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SWEPT_AT_ONCE", 1)
    made = await shop.campaign()
    for code in "ABC":
        await shop.made(f"/v1/campaigns/{made['id']}/vouchers/{code}")
        await shop.call("DELETE", f"/v1/vouchers/{code}")
    await pool.execute("UPDATE bin SET deleted_at = deleted_at - interval '31 days'")

    async with background_task(worker.run(pool, asyncio.Event(), Heartbeat("test"))):
        for code in "ABC":
            await purged(shop, f"/v1/vouchers/{code}")


async def test_a_cursor_that_nobody_gave_is_refused(shop: Shop) -> None:
    for path in ("/v1/trash-bin", "/v1/async-actions"):
        answer = await shop.call("GET", f"{path}?cursor=yesterday")

        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params")
        assert "cursor" in answer.json()["message"]


async def test_the_bin_is_its_projects_own(shop: Shop, rival: Shop) -> None:
    made = await shop.campaign(name="Canary")
    code = await shop.made(f"/v1/campaigns/{made['id']}/vouchers/CANARY")
    asked = [
        ("DELETE", f"/v1/campaigns/{made['id']}"),
        ("DELETE", "/v1/campaigns/Canary?force=true"),
        ("DELETE", f"/v1/vouchers/{code['id']}"),
        ("DELETE", "/v1/vouchers/CANARY?force=true"),
    ]
    assert {(await rival.call(*each)).status_code for each in asked} == {404}
    await shop.call("DELETE", "/v1/vouchers/CANARY")
    asked = [
        ("DELETE", f"/v1/trash-bin/{code['id']}"),
        ("POST", "/v1/vouchers/CANARY/restore"),
        ("POST", "/v1/campaigns/Canary/restore"),
    ]
    assert {(await rival.call(*each)).status_code for each in asked} == {404}
    assert await binned(rival) == []
    assert [each["id"] for each in await binned(shop)] == [code["id"]]
