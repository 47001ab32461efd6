"""The kill switch: success means that nothing redeems any more."""

import asyncio
import re

import asyncpg
import pytest
from kit.campaigns_samples import NOON, Shop, outbox_of
from kit.patience import until

from campaigns.app import Waits
from campaigns.metrics import Metrics
from campaigns.propagation import store as applied_versions
from campaigns.propagation.waiter import PropagationWaiter
from campaigns.refusals import NotEnforcedYetError
from contracts.applied import Applied
from contracts.campaigns import CampaignChanged
from contracts.instants import to_rfc3339
from servicekit.postgres.pool import transaction


async def test_a_disabled_campaign_is_told_and_enforced(shop: Shop, pool: asyncpg.Pool) -> None:
    campaign = await shop.campaign()

    answer = await shop.call("POST", f"/v1/campaigns/{campaign['id']}/disable")

    assert answer.status_code == 200
    path = f"/v1/campaigns/{campaign['id']}"
    assert (
        answer.json().items()
        >= {
            "version": 2,
            "undo": {"method": "POST", "path": f"{path}/enable", "body": {"version": 2}},
        }.items()
    )
    [applied] = await pool.fetch("SELECT * FROM applied_versions WHERE kind = 'campaign'")
    assert applied["version"] == 2
    assert answer.json()["enforced_at"] == to_rfc3339(applied["applied_at"])
    shown = (await shop.call("GET", f"/v1/campaigns/{campaign['id']}")).json()
    assert (shown["active"], shown["version"]) == (False, 2)
    again = await shop.call("POST", f"{path}/disable")
    assert (again.json()["undo"], again.json()["version"]) == (None, 2)  # it stood so already
    assert again.json()["enforced_at"] == answer.json()["enforced_at"]
    undo = answer.json()["undo"]
    undone = await shop.call(undo["method"], undo["path"], undo["body"])
    assert (undone.status_code, undone.json()["version"]) == (200, 3)
    assert (await shop.call("GET", path)).json()["active"] is True


async def test_a_disabled_code_is_answered_as_it_is(shop: Shop) -> None:
    campaign = await shop.campaign()
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/WINTER")

    off = await shop.call("POST", "/v1/vouchers/WINTER/disable")
    on = await shop.call("POST", "/v1/vouchers/WINTER/enable")

    assert (off.status_code, off.json()["active"]) == (200, False)
    assert (on.status_code, on.json()["active"]) == (200, True)


@pytest.mark.parametrize("waits", [Waits(60.0, 0.05, key_memory_seconds=0.0)])
async def test_a_switch_answers_no_sooner_than_it_is_enforced(
    deaf_shop: Shop, pool: asyncpg.Pool
) -> None:
    campaign = await deaf_shop.campaign()
    older = Applied(kind="campaign", id=campaign["id"], version=1)
    async with transaction(pool) as conn:
        await applied_versions.upsert(conn, [(deaf_shop.project_id, older, NOON)])
    call = asyncio.create_task(deaf_shop.call("POST", f"/v1/campaigns/{campaign['id']}/disable"))

    async def stored() -> bool:
        return bool(await pool.fetchval("SELECT NOT active FROM campaigns"))

    await until(stored)
    assert not call.done()

    newer = Applied(kind="campaign", id=campaign["id"], version=2)
    async with transaction(pool) as conn:
        await applied_versions.upsert(conn, [(deaf_shop.project_id, newer, NOON)])
    assert (await call).status_code == 200


async def test_who_waits_goes_on_with_the_look_that_finds_the_version_and_with_none_before(
    pool: asyncpg.Pool,
) -> None:
    metrics = Metrics("tests")
    waiter = PropagationWaiter(pool, metrics, deadline_seconds=60, patience_seconds=0)
    subject = ("proj_a", "campaign", "camp_1")

    async def applied(version: int) -> None:
        fact = Applied(kind="campaign", id="camp_1", version=version)
        async with transaction(pool) as conn:
            await applied_versions.upsert(conn, [("proj_a", fact, NOON)])

    waiting = asyncio.create_task(waiter.wait_or_fail(subject, 2))
    await asyncio.sleep(0)  # it waits now, for nothing but a look
    await applied(1)
    await waiter.look()
    await asyncio.sleep(0)
    assert not waiting.done()

    await applied(2)
    await waiter.look()
    await waiting
    await waiter.wait_for_all_or_fail("proj_a", {"camp_1": 2})
    assert switches(metrics) == {"enforced campaign": 1, "enforced partner": 1}


async def test_a_switch_that_is_late_is_counted_apart(pool: asyncpg.Pool) -> None:
    metrics = Metrics("tests")
    waiter = PropagationWaiter(pool, metrics, deadline_seconds=0, patience_seconds=0)

    with pytest.raises(NotEnforcedYetError):
        await waiter.wait_or_fail(("proj_a", "voucher", "v_1"), 1)
    with pytest.raises(NotEnforcedYetError):
        await waiter.wait_for_all_or_fail("proj_a", {"camp_1": 1, "camp_2": 1})
    await waiter.wait_briefly(("proj_a", "voucher", "v_1"), 1)

    assert switches(metrics) == {"late voucher": 1, "late partner": 1}


def switches(metrics: Metrics) -> dict[str, int]:
    """Return how many of each kind were enforced, or late."""
    names = {"_enforced_seconds_count": "enforced", "es_not_enforced_in_time_total": "late"}
    found = re.findall(
        r'^switch(\w+){kind="(\w+)".*} (\d+)\.0$', metrics.page().decode(), re.MULTILINE
    )
    return {f"{names[name]} {kind}": int(count) for name, kind, count in found if name in names}


@pytest.mark.parametrize("waits", [Waits(1.5, 0.05, key_memory_seconds=0.0)])
async def test_a_switch_that_nobody_confirms_is_no_success_but_stays(
    deaf_shop: Shop, campaigns_db: str, pool: asyncpg.Pool
) -> None:
    campaign = await deaf_shop.campaign()
    path = f"/v1/campaigns/{campaign['id']}"

    answer = await deaf_shop.call("POST", f"{path}/disable")

    assert (answer.status_code, answer.json()["key"]) == (503, "not_enforced_yet")
    assert answer.headers["Retry-After"] == "1"
    assert (await deaf_shop.call("GET", path)).json()["active"] is False
    told = CampaignChanged.model_validate_json((await outbox_of(campaigns_db))[-1]["value"])
    assert (told.data.active, told.data.version) == (False, 2)

    applied = Applied(kind="campaign", id=campaign["id"], version=2)
    async with transaction(pool) as conn:
        await applied_versions.upsert(conn, [(deaf_shop.project_id, applied, NOON)])
    again = await deaf_shop.call("POST", f"{path}/disable")
    assert again.status_code == 200
    assert (await deaf_shop.call("GET", path)).json()["version"] == 2


@pytest.mark.parametrize("waits", [Waits(1.5, 0.05, key_memory_seconds=0.0)])
async def test_another_projects_confirmation_is_none(deaf_shop: Shop, pool: asyncpg.Pool) -> None:
    campaign = await deaf_shop.campaign()
    foreign = Applied(kind="campaign", id=campaign["id"], version=9)
    async with transaction(pool) as conn:
        await applied_versions.upsert(conn, [("proj_other", foreign, NOON)])

    answer = await deaf_shop.call("POST", f"/v1/campaigns/{campaign['id']}/disable")

    assert answer.status_code == 503
