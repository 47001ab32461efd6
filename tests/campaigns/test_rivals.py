"""Changes at the same time: none is lost, and the last snapshot tells how things are."""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterable
from typing import Any

import asyncpg
from kit.campaigns_samples import Shop, outbox_of

from contracts.campaigns import CampaignChanged, CampaignSnapshot


async def told(dsn: str, campaign_id: str) -> list[CampaignSnapshot]:
    rows = [row for row in await outbox_of(dsn) if row["key"] == campaign_id.encode()]
    return [CampaignChanged.model_validate_json(row["value"]).data for row in rows]


async def test_of_many_changes_at_once_none_is_lost(deaf_shop: Shop, campaigns_db: str) -> None:
    made = await deaf_shop.campaign()
    path = f"/v1/campaigns/{made['id']}"

    answers = await asyncio.gather(
        *(deaf_shop.call("PUT", path, {"metadata": {f"m{n}": n}}) for n in range(8)),
        deaf_shop.call("PUT", path, {"total_limit": 5}),
        deaf_shop.call("POST", f"{path}/enable"),
    )

    assert {answer.status_code for answer in answers} == {200}
    now = (await deaf_shop.call("GET", path)).json()
    assert now["metadata"] == {f"m{n}": n for n in range(8)}
    assert (now["total_limit"], now["version"]) == (5, 10)  # enabled was what it was already
    snapshots = await told(campaigns_db, made["id"])
    assert [each.version for each in snapshots] == list(range(1, 11))
    assert snapshots[-1].terms.limits.total == 5


async def test_names_are_told_as_they_are_when_they_change_beside_their_campaigns(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    partner = await deaf_shop.made("/v1/partners", {"name": "Blog"})
    category = await deaf_shop.made("/v1/categories", {"name": "Winter", "hierarchy": 1})
    made = [
        await deaf_shop.campaign(name=name, partner_id=partner["id"], category_id=category["id"])
        for name in "AB"
    ]

    async def rename(n: int) -> None:
        await asyncio.gather(
            deaf_shop.call("PUT", f"/v1/partners/{partner['id']}", {"name": f"Blog {n}"}),
            deaf_shop.call(
                "PUT",
                f"/v1/categories/{category['id']}",
                {"name": f"Winter {n}", "hierarchy": n},
            ),
            *(
                deaf_shop.call("PUT", f"/v1/campaigns/{each['id']}", {"description": str(n)})
                for each in made
            ),
        )

    await asyncio.gather(*(rename(n) for n in range(3)))

    partner_name = (await deaf_shop.call("GET", f"/v1/partners/{partner['id']}")).json()["name"]
    category_name = (await deaf_shop.call("GET", f"/v1/categories/{category['id']}")).json()["name"]
    for each in made:
        now = (await deaf_shop.call("GET", f"/v1/campaigns/{each['id']}")).json()
        last = (await told(campaigns_db, each["id"]))[-1]
        assert (now["partner"], now["category"]) == (partner_name, category_name)
        assert last.category is not None
        assert (last.partner.name, last.category.name) == (partner_name, category_name)
        assert last.version == now["version"] == 10


async def test_of_rivals_for_one_code_one_gets_it(shop: Shop) -> None:
    campaigns = [await shop.campaign(name=name) for name in "ABC"]

    answers = await asyncio.gather(
        *(
            shop.call("POST", f"/v1/campaigns/{each['id']}/vouchers/WINTER")
            for each in campaigns
            for _ in range(3)
        )
    )

    outcomes: dict[int, int] = defaultdict(int)
    for answer in answers:
        outcomes[answer.status_code] += 1
    assert outcomes == {200: 1, 409: 8}
    counts = [
        (await shop.call("GET", f"/v1/campaigns/{each['id']}")).json()["vouchers_count"]
        for each in campaigns
    ]
    assert sorted(counts) == [0, 0, 1]


async def test_changes_that_wait_for_their_project_hold_up_no_other_projects_switch(
    shop: Shop, rival: Shop, pool: asyncpg.Pool
) -> None:
    busy = await shop.campaign()
    held = "SELECT FROM projects WHERE id = $1 FOR UPDATE"  # as by a partner of many campaigns
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute(held, shop.project_id)
        body = {"description": "again"}
        waiting = [shop.call("PUT", f"/v1/campaigns/{busy['id']}", body) for _ in range(30)]
        await _switches_at_once(rival, waiting)


async def test_lists_that_take_their_time_hold_up_no_other_projects_switch(
    shop: Shop, rival: Shop, pool: asyncpg.Pool
) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("LOCK TABLE vouchers IN ACCESS EXCLUSIVE MODE")  # a switch reads none
        waiting = [shop.call("GET", "/v1/vouchers?order=updated_at") for _ in range(30)]
        await _switches_at_once(rival, waiting)


async def _switches_at_once(rival: Shop, waiting: Iterable[Coroutine[Any, Any, Any]]) -> None:
    campaign = await rival.campaign()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in waiting]
        await asyncio.sleep(0.2)
        switched = await rival.call("POST", f"/v1/campaigns/{campaign['id']}/disable")
        still_waiting = [task for task in tasks if not task.done()]
        for task in tasks:
            task.cancel()
    assert switched.status_code == 200, switched.text
    assert still_waiting
