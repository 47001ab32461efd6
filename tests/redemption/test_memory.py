"""What a process remembers can never be wrong: a switch, a rollback and a new code prove it."""

from asyncio.subprocess import DEVNULL
from datetime import UTC, datetime

import asyncpg
import orjson
import pytest
from kit import outboxes
from kit import redemption_hammer as hammer
from kit.patience import until
from kit.redemption_books import audit
from kit.redemption_samples import (
    CAMPAIGN,
    CODE,
    PROJECT,
    a_request,
    an_offer,
    campaign_changed,
    voucher_changed,
)

from contracts.discounts import PercentOff
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.batches.redeem import redeem
from redemption.customers.segments import Segment
from redemption.decide.facts import Facts
from redemption.loading import memory
from redemption.loading.memory import Memory
from redemption.loading.needs import needs_of
from redemption.model import CustomerKey, Place
from redemption.outcomes import Response


async def decide(decider: Decider, code: str = CODE) -> str:
    [response] = await decider.decide([a_request(code, amount=1000)])
    return said(response)


def said(response: Response) -> str:
    body = orjson.loads(response.body)
    return str(body["key"] if response.status != 200 else body["order"]["total_discount_amount"])


async def test_a_switch_is_seen_by_the_next_decision_of_who_remembers_all(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    given = [await decide(decider)]

    for version, active in [(2, False), (3, True)]:
        await snapshots.apply(pool, [campaign_changed(version=version, active=active)])
        given.append(await decide(decider))
    for version, active in [(2, False), (3, True)]:
        await snapshots.apply(pool, [voucher_changed(version=version, active=active)])
        given.append(await decide(decider))

    assert given == ["500", "campaign_inactive", "500", "voucher_disabled", "500"]


@pytest.mark.fault
@pytest.mark.parametrize("crowd", [hammer.MANY, hammer.LONE], ids=["batches", "lone requests"])
async def test_once_a_disable_is_acknowledged_no_process_redeems_any_more(
    redemption_db: str, pool: asyncpg.Pool, crowd: hammer.Crowd
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed("HOT")])

    async def decided(kind: str) -> dict[str, int]:
        rows = await pool.fetch(
            "SELECT caller, count(*) FROM ledger WHERE kind = $1 GROUP BY caller", kind
        )
        return dict(map(tuple, rows))

    async def until_both(kind: str) -> None:
        before = await decided(kind)

        async def moved_on() -> bool:
            now = await decided(kind)
            return all(now.get(name, 0) > before.get(name, 0) + 50 for name in ("one", "two"))

        await until(moved_on)

    async with (
        hammer.running(redemption_db, "one", stdout=DEVNULL, crowd=crowd),
        hammer.running(redemption_db, "two", stdout=DEVNULL, crowd=crowd),
    ):
        for version in range(2, 12, 2):
            await until_both("redeemed")
            await snapshots.apply(pool, [campaign_changed(version=version, active=False)])
            acknowledged = await decided("redeemed")
            await until_both("refused")
            assert await decided("redeemed") == acknowledged
            await snapshots.apply(pool, [campaign_changed(version=version + 1)])


async def test_terms_of_a_new_version_are_used_although_the_old_one_is_remembered(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    assert [await decide(decider) for decider in three_deciders] == ["500"] * 3

    tenth = PercentOff(basis_points=1000)
    await snapshots.apply(pool, [campaign_changed(version=2, discount=tenth, total_limit=5)])

    given = [await decide(decider) for decider in three_deciders]
    assert given == ["100", "100", "campaign_limit_exceeded"]
    assert await audit(pool) == 5
    versions = await pool.fetch("SELECT campaign_version FROM ledger ORDER BY id")
    assert [row[0] for row in versions] == [1, 1, 1, 2, 2, 2]


async def test_a_code_that_was_unknown_is_found_as_soon_as_it_is_there(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    given = [await decide(decider)]
    await snapshots.apply(pool, [voucher_changed()])
    given.append(await decide(decider))
    await snapshots.apply(pool, [campaign_changed()])
    given.append(await decide(decider))

    assert given == ["not_found", "not_found", "500"]


async def test_a_first_redemption_that_is_rolled_back_leaves_its_customer_new(
    pool: asyncpg.Pool,
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    remembered = Memory()

    async with pool.acquire() as conn:
        transaction = conn.transaction()
        await transaction.start()
        await redeem(conn, [a_request(customer="anna")], datetime.now(UTC), remembered)
        await transaction.rollback()
        for _ in range(3):
            async with conn.transaction():
                await redeem(conn, [a_request(customer="anna")], datetime.now(UTC), remembered)

    told = await outboxes.messages(pool)
    new = [orjson.loads(each.value)["data"]["customer_is_new"] for each in told]
    assert new == [True, False, False]
    assert await audit(pool) == 3


async def test_customers_of_one_name_in_two_projects_are_remembered_apart(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    for project in ("proj_a", "proj_b"):
        campaign = campaign_changed(project=project)
        await snapshots.apply(pool, [campaign, voucher_changed(project=project)])

    for project in ("proj_a", "proj_a", "proj_b", "proj_b"):
        await decider.decide([a_request(project=project, customer="anna")])

    assert await audit(pool) == 4
    assert await pool.fetchval("SELECT count(*) FROM customers") == 2


async def test_nothing_is_remembered_once_another_server_answers(
    pool: asyncpg.Pool, decider: Decider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    await decider.decide([a_request(customer="anna")])
    await pool.execute("DELETE FROM customers")  # a commit that the replica never had
    monkeypatch.setattr("redemption.batches.server.WHICH_SERVER", "SELECT clock_timestamp()")
    await decider._server.let_go()  # as after any error

    await decider.decide([a_request(customer="anna")])

    assert await pool.fetchval("SELECT count(*) FROM customers") == 1


async def test_another_connection_to_the_same_server_makes_nobody_forget(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    request = a_request(customer="anna")
    await decider.decide([request])
    await decider._server.let_go()

    await decider.decide([a_request("unknown")])

    assert decider._memory.unknown_customers([(PROJECT, str(request.customer_id))]) == []


async def test_after_a_deadlock_all_customers_are_locked_at_once_for_a_while(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    anna, bert = a_request(customer="anna"), a_request(customer="bert")
    await decider.decide([anna])
    known = decider._memory

    def locked() -> set[CustomerKey]:
        return set(needs_of([anna, bert], {}, known, spends=True).customers)

    before = locked()
    decider._note(asyncpg.DeadlockDetectedError("as Postgres says it"))
    after = locked()
    for _ in range(memory.BATCHES_OF_DEADLOCKS):
        known.pass_a_batch()

    theirs = [(PROJECT, str(request.customer_id)) for request in (anna, bert)]
    assert (before, after) == ({theirs[1]}, set(theirs))
    assert locked() == before


def test_what_is_forgotten_is_all_that_was_read() -> None:
    remembered, campaign = Memory(), an_offer().campaign
    key, zoned = (PROJECT, CAMPAIGN), (PROJECT, "seg_1", "UTC")
    remembered.remember_codes({key: Place(key, 1)})
    remembered.remember_campaigns({key: campaign})
    remembered.remember_segments({zoned: Segment(1, None)})
    remembered.remember_customers([key])
    remembered.leave(Facts({}, {}))

    remembered.forget()

    assert remembered.place_of(key) is None
    assert remembered.campaigns_as_seen([key]) == {}
    assert remembered.segment(zoned, 1) is None
    assert remembered.unknown_customers([key]) == [key]
    assert remembered.take(set()) is None


def test_another_version_of_a_campaign_is_not_what_is_remembered() -> None:
    remembered, campaign = Memory(), an_offer(version=3).campaign
    remembered.remember_campaigns({(PROJECT, CAMPAIGN): campaign})

    found = [remembered.campaign((PROJECT, CAMPAIGN), version) for version in (2, 3, 4)]

    assert found == [None, campaign, None]
    assert remembered.campaign(("proj_b", CAMPAIGN), 3) is None


def test_what_is_full_is_emptied_and_fills_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for most in ("MOST_CODES", "MOST_CAMPAIGNS", "MOST_CUSTOMERS"):
        monkeypatch.setattr(memory, most, 2)
    remembered, campaign = Memory(), an_offer().campaign

    for number in range(9):
        key = (PROJECT, str(number))
        remembered.remember_codes({key: Place((PROJECT, CAMPAIGN), number)})
        remembered.remember_campaigns({key: campaign})
        remembered.remember_customers([key])
        assert remembered.place_of(key) == Place((PROJECT, CAMPAIGN), number)
        assert remembered.campaign(key, campaign.version) == campaign
        assert remembered.unknown_customers([key]) == []

    keys = [(PROJECT, str(number)) for number in range(9)]
    assert sum(remembered.place_of(key) is not None for key in keys) <= 2
    assert sum(remembered.campaign(key, campaign.version) is not None for key in keys) <= 2
    assert len(remembered.unknown_customers(keys)) >= 9 - 3
