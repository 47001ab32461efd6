"""Several codes in one request, on a real Postgres: all of them, or none and without a trace."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
import pytest
from kit import outboxes
from kit.patience import until
from kit.redemption_books import audit, outcome, responses_kept, somebody_waits
from kit.redemption_deciders import service_pool
from kit.redemption_samples import (
    DAY,
    NOON,
    a_request,
    campaign_changed,
    codes_issued,
    project_changed,
    voucher_changed,
)

from contracts.discounts import PercentOff
from contracts.redemptions import RedemptionSucceeded
from contracts.stacking import StackingRules
from redemption.applying import snapshots
from redemption.batches import recall
from redemption.batches.decider import Decider
from redemption.batches.redeem import redeem
from redemption.loading.memory import Memory
from redemption.model import Request
from redemption.outcomes import Response
from servicekit.postgres.pool import Connection


async def offer(pool: asyncpg.Pool, **words: dict[str, Any]) -> None:
    """Make a campaign per code, both of that name."""
    for code, campaign in words.items():
        await snapshots.apply(
            pool, [campaign_changed(code, **campaign), voucher_changed(code, code)]
        )


def reasons(responses: list[Response]) -> list[str]:
    return ["ok" if r.status == 200 else orjson.loads(r.body)["key"] for r in responses]


async def entries(pool: asyncpg.Pool) -> list[tuple[str, str, str, int, int]]:
    rows = await pool.fetch(
        """
        SELECT code, kind, reason, order_minor, discount_minor FROM ledger
        ORDER BY code, kind, order_minor
        """
    )
    return [tuple(row) for row in rows]


async def test_each_code_takes_its_discount_off_what_is_left_and_its_share_of_the_order(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool, FIVE={}, HALF={"discount": PercentOff(basis_points=5000)})

    [response] = await decider.decide([a_request("FIVE", "HALF", amount=2001)])

    body = orjson.loads(response.body)
    assert body["order"]["total_discount_amount"] == 500 + 751
    assert await entries(pool) == [
        ("FIVE", "redeemed", "", 800, 500),  # 799.8 of 2001
        ("HALF", "redeemed", "", 1201, 751),
    ]
    assert await audit(pool) == 2


async def test_the_ledger_keeps_what_each_code_took_off_each_line(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool, FIVE={}, HALF={"discount": PercentOff(basis_points=5000)}, OFF={"active": 0})

    await decider.decide([a_request("FIVE", "HALF", lines=[1001, 1000]), a_request("FIVE")])
    await decider.decide([a_request("OFF", lines=[1001, 1000])])

    kept = await pool.fetch("SELECT lines FROM ledger ORDER BY code, lines::text")
    assert [row["lines"] for row in kept] == [
        [["p0", None, 1, 1001, 250], ["p1", None, 1, 1000, 250]],
        None,
        [["p0", None, 1, 1001, 376], ["p1", None, 1, 1000, 375]],
        None,
    ]
    assert await audit(pool) == 3  # also that an answer is made from them anew


async def test_in_partial_mode_the_others_are_redeemed_and_the_books_say_why_one_was_not(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    rules = StackingRules(mode="PARTIAL", most=2)
    await snapshots.apply(pool, [project_changed(stacking=rules)])
    await offer(pool, A={"total_limit": 1}, B={"active": False}, C={}, D={})
    request = a_request("B", "A", "NOBODY", "C", "D", amount=4000, request_id="1")

    first, second, again = await decider.decide(
        [request, a_request("A", "C", customer="anna"), request]
    )

    assert again == first._replace(replayed=True)
    assert (first.status, second.status) == (200, 200)
    assert await entries(pool) == [
        ("A", "redeemed", "", 2000, 500),
        ("A", "refused", "campaign_limit_exceeded", 0, 0),
        ("B", "refused", "campaign_inactive", 0, 0),
        ("C", "redeemed", "", 2000, 500),
        ("C", "redeemed", "", 5000, 500),
        ("D", "refused", "applicable_redeemables_limit_exceeded", 0, 0),
        ("NOBODY", "refused", "not_found", 0, 0),
    ]
    # An answer that nobody waited for is made from the ledger: the same bytes.
    bare = {request.key: first._replace(body=b"", replayed=False)}
    async with pool.acquire() as conn:
        told = await recall.with_bodies(conn, bare, bare)
    assert told[request.key].body == first.body
    assert await audit(pool) == 3


async def revisions(pool: asyncpg.Pool) -> dict[str, int]:
    rows = await pool.fetch("SELECT campaign_id, revision FROM campaign_locks")
    return {row["campaign_id"]: row["revision"] for row in rows}


async def test_rules_of_stacking_change_behind_the_locks_of_all_campaigns(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [project_changed()])
    await offer(pool, A={}, B={})
    [before] = await decider.decide([a_request("A", "B")])
    known = await revisions(pool)
    one = project_changed(version=2, stacking=StackingRules(most=1))

    async with pool.acquire() as rival, rival.transaction():
        await rival.execute("SELECT FROM campaign_locks WHERE campaign_id = 'B' FOR UPDATE")
        change = asyncio.create_task(snapshots.apply(pool, [one]))
        await until(lambda: somebody_waits(pool))
        assert not change.done()
    await change

    [after] = await decider.decide([a_request("A", "B")])
    assert reasons([before, after]) == ["ok", "applicable_redeemables_limit_exceeded"]
    by_then = await revisions(pool)
    assert all(by_then[id_] > revision for id_, revision in known.items())
    await snapshots.apply(pool, [project_changed(version=3, stacking=StackingRules(most=1))])
    assert await revisions(pool) == by_then  # nothing that they go by has changed
    await audit(pool)


async def test_codes_of_several_that_were_asked_for_alone_before_go_by_the_rules(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [project_changed(stacking=StackingRules(most=1))])
    await offer(pool, A={}, B={})
    await decider.decide([a_request("A"), a_request("B")])  # what these leave is decided by next

    [together] = await decider.decide([a_request("A", "B")])

    assert reasons([together]) == ["applicable_redeemables_limit_exceeded"]


async def test_one_refusal_refuses_all_of_them(pool: asyncpg.Pool, decider: Decider) -> None:
    await offer(pool, A={}, B={"active": False}, C={})

    [response] = await decider.decide([a_request("A", "B", "C", amount=4999)])

    assert reasons([response]) == ["campaign_inactive"]
    assert await entries(pool) == [
        ("A", "refused", "stack_refused", 0, 0),
        ("B", "refused", "campaign_inactive", 4999, 0),
        ("C", "refused", "stack_refused", 0, 0),
    ]
    assert await audit(pool) == 0


async def test_an_unknown_code_refuses_all_of_them_and_is_in_the_books(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool, A={})

    [response] = await decider.decide([a_request("A", "NOBODY")])

    assert (response.status, reasons([response])) == (404, ["not_found"])
    assert [(code, reason) for code, _, reason, *_ in await entries(pool)] == [
        ("A", "stack_refused"),
        ("NOBODY", "not_found"),
    ]
    assert await audit(pool) == 0


async def test_a_stack_that_fails_half_way_leaves_no_trace_for_the_next_in_its_batch(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool, A={"total_limit": 1, "per_customer_limit": 1}, B={"total_limit": 0})

    responses = await decider.decide(
        [a_request(*codes, customer="anna") for codes in (["A", "B"], ["A"], ["A"])]
    )

    full = "campaign_limit_exceeded"
    assert reasons(responses) == [full, "ok", full]
    assert await audit(pool) == 1


@pytest.mark.parametrize("limit", ["total_limit", "per_customer_limit"])
async def test_two_codes_of_one_campaign_count_twice(
    pool: asyncpg.Pool, decider: Decider, limit: str
) -> None:
    words: dict[str, Any] = {limit: 3}
    campaign = campaign_changed(**words)
    await snapshots.apply(pool, [campaign, *(voucher_changed(code) for code in "AB")])

    responses = await decider.decide([a_request("A", "B", customer="anna") for _ in range(2)])

    refused = {"total_limit": "campaign", "per_customer_limit": "customer"}[limit]
    assert reasons(responses) == ["ok", f"{refused}_limit_exceeded"]
    assert await audit(pool) == 2
    [third] = await decider.decide([a_request("B", customer="anna")])
    assert third.status == 200
    assert await audit(pool) == 3


async def test_a_stack_counts_for_its_customer_across_replicas(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    campaign = campaign_changed(per_customer_limit=5)
    await snapshots.apply(pool, [campaign, *(voucher_changed(code) for code in "ABC")])

    responses = await asyncio.gather(
        *(
            decider.decide([a_request(*codes, customer="anna")])
            for decider in three_deciders
            for codes in ("AB", "BC", "CA", "A")
        )
    )

    redeemed = await audit(pool)
    assert redeemed in {4, 5}  # stacks of two, and perhaps one alone
    assert sum(r.status == 200 for one in responses for r in one) >= 2
    uses = await pool.fetchval("SELECT used FROM counters WHERE kind = 'customer'")
    assert uses == redeemed


async def test_a_customer_is_new_once_in_a_stack(pool: asyncpg.Pool, decider: Decider) -> None:
    await offer(pool, A={}, B={})

    await decider.decide([a_request("B", "A", customer="anna"), a_request("A", customer="anna")])

    events = [outcome(each.value) for each in await outboxes.messages(pool)]
    assert all(isinstance(event, RedemptionSucceeded) for event in events)
    new = [event.data.customer_is_new for event in events]  # type: ignore[union-attr]
    assert [event.data.code for event in events] == ["B", "A", "A"]
    assert new == [True, False, False]
    assert await audit(pool) == 3


@pytest.mark.parametrize("limit", [None, 0], ids=["accepted", "refused"])
async def test_the_same_stack_gets_the_same_response_byte_for_byte(
    pool: asyncpg.Pool, decider: Decider, limit: int | None
) -> None:
    await offer(pool, A={}, B={"total_limit": limit})
    request = a_request("A", "B")

    [first] = await decider.decide([request])
    await snapshots.apply(pool, [campaign_changed("B", 2, active=limit == 0)])
    again, within = await decider.decide([request._replace(at=NOON + DAY), request])

    assert again == within == first._replace(replayed=True)
    assert await responses_kept(pool, request) == [(first.status, first.body)]
    assert len(await entries(pool)) == 2
    await audit(pool)


async def test_the_same_codes_in_another_order_are_another_request(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool, A={}, B={})

    responses = await decider.decide(
        [a_request(*codes, request_id="1") for codes in ("AB", "BA", "A")]
    )

    assert reasons(responses) == ["ok", *["idempotency_key_reused"] * 2]
    assert await audit(pool) == 2


async def test_most_codes_at_once(pool: asyncpg.Pool, decider: Decider) -> None:
    codes = [f"C-{number}" for number in range(30)]
    await snapshots.apply(
        pool, [campaign_changed(total_limit=59), codes_issued(*codes, quantity=9)]
    )

    responses = await decider.decide([a_request(*codes, amount=7000) for _ in range(2)])

    assert reasons(responses) == ["ok", "campaign_limit_exceeded"]
    assert await audit(pool) == 30


async def test_replicas_with_stacks_in_opposite_orders_never_deadlock(
    pool: asyncpg.Pool, redemption_db: str
) -> None:
    """Without the decider, which would repeat a batch that was the victim of a deadlock."""
    codes = [f"C-{number}" for number in range(5)]
    await offer(pool, **{code: {} for code in codes})

    async def rival(conn: Connection, request: Request) -> list[Response]:
        async with conn.transaction():
            return (await redeem(conn, [request], datetime.now(UTC), Memory())).responses

    # Both are on their way when a third lets go of the campaign in the middle.
    async with (
        service_pool(redemption_db) as other,
        pool.acquire() as holding,
        pool.acquire() as one,
        other.acquire() as two,
    ):
        transaction = holding.transaction()
        await transaction.start()
        await redeem(holding, [a_request(codes[2])], datetime.now(UTC), Memory())
        rivals = [asyncio.create_task(rival(one, a_request(*codes, customer="anna")))]
        await until(lambda: somebody_waits(pool))
        rivals.append(asyncio.create_task(rival(two, a_request(*codes[::-1], customer="anna"))))
        await until(lambda: somebody_waits(pool, 2))
        await transaction.commit()
        responses = [response for one in await asyncio.gather(*rivals) for response in one]

    assert reasons(responses) == ["ok", "ok"]
    assert await audit(pool) == 11


async def test_stacks_of_many_rivals_take_a_campaigns_uses_and_not_one_more(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    await offer(pool, A={"total_limit": 10}, B={"total_limit": 15}, C={})

    responses = await asyncio.gather(
        *(
            decider.decide([a_request(*codes, customer=f"customer {number % 5}")])
            for number in range(10)
            for decider in three_deciders
            for codes in ("AC", "CB", "BA", "C")
        )
    )

    accepted = [r for one in responses for r in one if r.status == 200]
    redeemed = await audit(pool)
    assert redeemed == sum(len(orjson.loads(r.body)["redemptions"]) for r in accepted)
    used = dict(map(tuple, await pool.fetch("SELECT campaign_id, used FROM campaign_locks")))
    assert used["A"] <= 10
    assert used["B"] <= 15
    assert used["A"] == 10 or used["B"] == 15
