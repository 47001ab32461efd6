"""Outcomes tell which of the project's segments in reports a customer was in when it was judged."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
import pytest
from kit import outboxes
from kit.patience import until
from kit.redemption_books import audit, outcome, somebody_waits
from kit.redemption_rollbacks import a_rollback, ids_in
from kit.redemption_samples import (
    CUSTOMER_KEY,
    PROJECT,
    a_customer,
    a_request,
    campaign_changed,
    segment_changed,
    voucher_changed,
)

from contracts import ids, topics
from contracts.segments import Filter
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.batches.redeem import redeem
from redemption.loading.memory import Memory
from redemption.model import Request
from redemption.store import locks

ANN, BOB = (ids.customer(CUSTOMER_KEY, PROJECT, name) for name in ("ann", "bob"))


def filter_of(attribute: str, operator: str, *values: Any) -> Filter:
    condition = {"operator": operator, "values": values}
    criteria = [{"attribute": attribute, "conditions": [condition]}]
    return Filter.model_validate({"criteria": criteria})


def reported(segment: str = "seg_1", version: int = 1, **fields: Any) -> Any:
    return segment_changed(segment, version, **{"in_reports": True, **fields})


NEW = reported("seg_new", type="passive", filter=filter_of("is_new", "$is", True))
RETURNING = reported(
    "seg_back", type="passive", filter=filter_of("summary.orders.total_count", "$more_than", 0)
)


async def apply(pool: asyncpg.Pool, *segments: Any, **campaign: Any) -> None:
    await snapshots.apply(pool, [*segments, campaign_changed(**campaign), voucher_changed()])


async def told(pool: asyncpg.Pool) -> list[tuple[str, ...]]:
    """Return what the outcomes tell, in their order, and forget them."""
    messages = await outboxes.taken(pool)
    return [
        outcome(message.value).data.segment_ids
        for message in messages
        if message.topic == topics.REDEMPTIONS.name
    ]


async def ask(decider: Decider, *requests: Request) -> list[int]:
    return [each.status for each in await decider.decide(list(requests))]


def ordering(customer: Any, order_id: str, *codes: str) -> Request:
    return a_request(*codes, customer=customer, order_id=order_id)


async def test_of_lists_and_filters_those_are_told_that_are_in_reports(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await apply(
        pool,
        reported("seg_press", members=(ANN,)),
        NEW,
        segment_changed("seg_secret", members=(ANN, BOB)),
    )

    await ask(decider, ordering("ann", "order-1"))
    await ask(decider, ordering("bob", "order-2"))
    await ask(decider, ordering("ann", "order-3"), ordering("bob", "order-4"))
    await ask(decider, a_request())

    assert await told(pool) == [("seg_new", "seg_press"), ("seg_new",), ("seg_press",), (), ()]


async def test_each_is_judged_by_what_was_before_it_within_a_batch_too(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await apply(pool, NEW, RETURNING)

    await ask(decider, *[ordering("ann", f"order-{n}") for n in range(3)])
    await ask(decider, *[ordering("ann", f"later-{n}") for n in range(40)])

    assert await told(pool) == [("seg_new",), *[("seg_back",)] * 42]
    assert await audit_of_ledger(pool) == {"seg_new": 1, "seg_back": 42}


async def audit_of_ledger(pool: asyncpg.Pool) -> dict[str, int]:
    rows = await pool.fetch(
        """
        SELECT segment_id, count(*) AS entries
        FROM ledger, json_array_elements_text(segment_ids) AS segment_id GROUP BY segment_id
        """
    )
    return {row["segment_id"]: row["entries"] for row in rows}


async def test_who_has_redeemed_in_another_process_comes_back_here(
    pool: asyncpg.Pool, three_deciders: Sequence[Decider]
) -> None:
    await apply(pool, NEW, RETURNING)

    for number, decider in enumerate([*three_deciders, *three_deciders]):
        await ask(decider, ordering("ann", f"order-{number}"))

    assert await told(pool) == [("seg_new",), *[("seg_back",)] * 5]


async def test_a_refusal_and_each_code_of_a_stack_tell_them(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await apply(pool, reported(members=(ANN,)), total_limit=3)
    await snapshots.apply(pool, [voucher_changed("OTHER")])

    assert await ask(decider, a_request("SUMMER", "OTHER", customer="ann")) == [200]
    assert await ask(decider, a_request("SUMMER", "OTHER", customer="ann")) == [400]
    assert await ask(decider, a_request("NOBODYS", customer="ann")) == [404]

    assert await told(pool) == [*[("seg_1",)] * 4, ()]


async def test_metadata_that_come_with_the_request_count(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    gold = filter_of("metadata.tier", "$is", "gold")
    await apply(pool, reported(type="passive", filter=gold))

    await ask(decider, ordering(a_customer("ann", metadata={"tier": "gold"}), "order-1"))
    await ask(decider, ordering(a_customer("ann", metadata={"tier": "tin"}), "order-2"))

    assert await told(pool) == [("seg_1",), ()]


async def test_a_rollback_tells_those_of_what_it_gives_back(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await apply(pool, reported(members=(ANN,)))
    [answer] = await decider.decide([a_request(customer="ann")])
    await snapshots.apply(
        pool, [reported(version=2, members=()), reported("seg_2", members=(ANN,))]
    )

    [given] = await decider.decide([await a_rollback(pool, ids_in(answer)[0])])

    assert given.status == 200
    assert await told(pool) == [("seg_1",), ("seg_1",)]


async def test_it_begins_and_ends_with_the_segment_being_in_reports(
    pool: asyncpg.Pool, three_deciders: Sequence[Decider]
) -> None:
    await apply(pool, segment_changed(members=(ANN,)))
    steps = [
        reported(version=2, members=(ANN,)),
        reported(version=3, members=(BOB,)),
        reported(version=4, members=(ANN,)),
        segment_changed(version=5, members=(ANN,)),
        reported(version=6, members=(ANN,)),
        segment_changed(version=7, deleted=True),
    ]
    expected = [True, False, True, False, True, False]

    for step, is_in in zip(steps, expected, strict=True):
        for decider in three_deciders:  # by itself, and by the facts that were left
            await ask(decider, a_request(customer="ann"))
            await ask(decider, a_request(customer="ann"))
        await outboxes.taken(pool)
        await snapshots.apply(pool, [step])
        for decider in reversed(three_deciders):  # the last one has facts that are true still
            await ask(decider, a_request(customer="ann"))
        assert await told(pool) == [("seg_1",) if is_in else ()] * 3


async def test_a_campaign_that_is_made_later_tells_them_too(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [reported(members=(ANN,))])
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    await ask(decider, a_request(customer="ann"))

    assert await told(pool) == [("seg_1",)]


async def test_a_campaign_that_is_being_made_waits_and_then_knows(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute(
            "INSERT INTO segments VALUES ($1, 'seg_1', 1, 'x', NULL, true, false)", PROJECT
        )
        await locks.keep_reporting(conn, [PROJECT], exclusive=True)
        making = asyncio.create_task(snapshots.apply(pool, [campaign_changed()]))
        await until(lambda: somebody_waits(pool))

    await making
    assert await pool.fetchval("SELECT reports FROM campaign_locks")


async def test_a_segment_in_reports_waits_for_the_batch_in_flight(pool: asyncpg.Pool) -> None:
    await apply(pool)

    async with pool.acquire() as conn, conn.transaction():
        await redeem(conn, [a_request(customer="ann")], datetime.now(UTC), Memory())
        changing = asyncio.create_task(snapshots.apply(pool, [reported(members=(ANN,))]))
        await until(lambda: somebody_waits(pool))
        assert not changing.done()

    await changing
    assert await told(pool) == [()]


async def test_another_projects_segments_are_not_told(pool: asyncpg.Pool, decider: Decider) -> None:
    await apply(pool)
    await snapshots.apply(pool, [reported(project="proj_b", members=(ANN,))])
    await ask(decider, a_request(customer="ann"))

    assert await told(pool) == [()]


@pytest.mark.parametrize("many", [1, 40])
async def test_where_nothing_is_reported_nothing_more_is_asked_of_postgres(
    pool: asyncpg.Pool, many: int
) -> None:
    asked: list[bool] = []
    for project, segments in (("proj_a", []), ("proj_b", [reported(project="proj_b")])):
        campaign = f"camp_{project}"
        code = voucher_changed(f"C-{project}", campaign, project=project)
        made = campaign_changed(campaign, project=project)
        await snapshots.apply(pool, [*segments, made, code])
        statements: list[str] = []
        async with pool.acquire() as conn, conn.transaction():
            conn.add_query_logger(lambda query: statements.append(query.query))  # noqa: B023
            requests = [
                a_request(f"C-{project}", customer=f"c{n}", project=project) for n in range(many)
            ]
            await redeem(conn, requests, datetime.now(UTC), Memory())
        asked.append(any("in_reports" in each for each in statements))

    assert asked == [False, True]


async def test_the_books_add_up(pool: asyncpg.Pool, decider: Decider) -> None:
    await apply(pool, NEW, RETURNING, reported(members=(ANN,)))
    [first, _] = await decider.decide([ordering("ann", "order-1"), ordering("bob", "order-2")])
    await decider.decide([await a_rollback(pool, ids_in(first)[0])])

    assert await audit(pool) == 2
    assert orjson.loads(first.body)["redemptions"][0]["result"] == "SUCCESS"
