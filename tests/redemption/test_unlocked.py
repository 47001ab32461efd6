"""Few requests are decided without a lock: whoever comes between the look and the write is seen."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import orjson
import pytest
from asyncpg.pool import PoolConnectionProxy
from kit import outboxes
from kit.patience import until
from kit.redemption_books import audit, somebody_waits
from kit.redemption_samples import (
    CAMPAIGN,
    DAY,
    NOON,
    PROJECT,
    TICK,
    a_customer,
    a_request,
    campaign_changed,
    voucher_changed,
)
from kit.rules import a_rule

from contracts.terms import Limit
from redemption.applying import snapshots
from redemption.applying.snapshots import Snapshot
from redemption.batches.decider import BATCHES_OF_REPEATS, BATCHES_OF_RIVALS, Decider
from redemption.batches.redeem import are_few, redeem
from redemption.loading.memory import Memory
from redemption.model import Request
from redemption.orders import ordering
from redemption.orders.told import Told
from redemption.outcomes import Response

DAILY: Final = Limit(of="campaign", per="day", most=1_000)

Meanwhile = Callable[[], Awaitable[Any]]


class Interrupted:
    """A connection on which something happens before the statement that writes."""

    def __init__(self, conn: PoolConnectionProxy, meanwhile: Meanwhile) -> None:
        self._conn = conn
        self._meanwhile = meanwhile
        self.fetch = conn.fetch

    async def execute(self, *statement: Any) -> None:
        await self._meanwhile()
        await self._conn.execute(*statement)


async def nothing() -> None:
    return


async def look_and_write(
    pool: asyncpg.Pool,
    *requests: Request,
    memory: Memory | None = None,
    meanwhile: Meanwhile = nothing,
) -> list[str]:
    """Decide without a lock; what was committed is left to the next one of the same memory."""
    remembered = memory or Memory()
    async with pool.acquire() as conn:
        interrupted: Any = Interrupted(conn, meanwhile)
        redeemed = await redeem(interrupted, requests, datetime.now(UTC), remembered, lock=False)
    remembered.leave(redeemed.facts)
    return [said(response) for response in redeemed.responses]


async def locking(pool: asyncpg.Pool, *requests: Request) -> list[str]:
    """Decide as a rival does who locks first."""
    async with pool.acquire() as conn, conn.transaction():
        redeemed = await redeem(conn, requests, datetime.now(UTC), Memory())
    return [said(response) for response in redeemed.responses]


def said(response: Response) -> str:
    return "ok" if response.status == 200 else str(orjson.loads(response.body)["key"])


async def offer(
    pool: asyncpg.Pool,
    *,
    total_limit: int | None = None,
    per_customer_limit: int | None = None,
    quantity: int | None = None,
) -> None:
    limits: dict[str, Any] = {"total_limit": total_limit, "per_customer_limit": per_customer_limit}
    campaign = campaign_changed(CAMPAIGN, **limits)
    await snapshots.apply(pool, [campaign, voucher_changed(quantity=quantity)])


@pytest.mark.parametrize("is_left", [False, True], ids=["read", "left by the batch before"])
@pytest.mark.parametrize(
    "change",
    [
        campaign_changed(version=2, active=False),
        campaign_changed(version=2, per_customer_limit=1),
        voucher_changed(version=2, active=False),
        voucher_changed(version=2, quantity=1),
    ],
    ids=["campaign off", "new terms", "code off", "new quantity"],
)
async def test_what_is_changed_between_the_look_and_the_write_is_not_overlooked(
    pool: asyncpg.Pool, change: Snapshot, *, is_left: bool
) -> None:
    await offer(pool)
    memory = Memory()
    before = await look_and_write(pool, a_request(), memory=memory) if is_left else []

    with pytest.raises(asyncpg.SerializationError):
        await look_and_write(
            pool, a_request(), memory=memory, meanwhile=lambda: snapshots.apply(pool, [change])
        )

    assert await audit(pool) == len(before)


async def test_the_last_use_is_not_given_away_twice(pool: asyncpg.Pool) -> None:
    await offer(pool, quantity=1)

    with pytest.raises(asyncpg.SerializationError):
        await look_and_write(pool, a_request(), meanwhile=lambda: locking(pool, a_request()))

    assert await look_and_write(pool, a_request()) == ["quantity_exceeded"]
    assert await audit(pool) == 1


async def test_two_who_looked_at_the_same_time_do_not_both_write(pool: asyncpg.Pool) -> None:
    await offer(pool, total_limit=2)

    with pytest.raises(asyncpg.SerializationError):
        await look_and_write(pool, a_request(), meanwhile=lambda: look_and_write(pool, a_request()))

    assert await audit(pool) == 1


async def test_a_rival_who_takes_it_back_was_none(pool: asyncpg.Pool) -> None:
    await offer(pool, quantity=1)

    async with pool.acquire() as rival:
        holding = rival.transaction()
        await holding.start()
        await redeem(rival, [a_request()], datetime.now(UTC), Memory())
        waiting = asyncio.create_task(look_and_write(pool, a_request()))
        await until(lambda: somebody_waits(pool))
        await holding.rollback()

    assert await waiting == ["ok"]
    assert await audit(pool) == 1


async def test_a_rival_who_is_waited_for_is_seen(pool: asyncpg.Pool) -> None:
    await offer(pool, quantity=1)

    async with pool.acquire() as rival:
        holding = rival.transaction()
        await holding.start()
        await redeem(rival, [a_request()], datetime.now(UTC), Memory())
        waiting = asyncio.create_task(look_and_write(pool, a_request()))
        await until(lambda: somebody_waits(pool))
        await holding.commit()

    with pytest.raises(asyncpg.SerializationError):
        await waiting
    assert await audit(pool) == 1


async def test_the_same_request_elsewhere_meanwhile_is_decided_once(pool: asyncpg.Pool) -> None:
    await offer(pool)
    await snapshots.apply(pool, [campaign_changed("other"), voucher_changed("B", "other")])
    other = a_request("B", request_id="1")

    with pytest.raises(asyncpg.UniqueViolationError):
        await look_and_write(
            pool, a_request(request_id="1"), meanwhile=lambda: locking(pool, other)
        )

    assert await look_and_write(pool, a_request(request_id="1")) == ["idempotency_key_reused"]
    assert await audit(pool) == 1


async def test_a_customer_of_two_campaigns_at_once_is_new_once(pool: asyncpg.Pool) -> None:
    await offer(pool)
    await snapshots.apply(pool, [campaign_changed("other"), voucher_changed("B", "other")])

    with pytest.raises(asyncpg.UniqueViolationError):
        await look_and_write(
            pool,
            a_request(customer="anna"),
            meanwhile=lambda: locking(pool, a_request("B", customer="anna")),
        )

    assert await look_and_write(pool, a_request(customer="anna")) == ["ok"]
    assert await audit(pool) == 2  # which compares the events that say "new" with the customers


async def test_what_a_shop_tells_of_an_order_meanwhile_is_not_overwritten(
    pool: asyncpg.Pool,
) -> None:
    await offer(pool)
    memory = Memory()
    memory.meet_a_known_order()
    key = (PROJECT, "order-1")
    await ordering.keep(pool, [Told(key, at=NOON, status="PAID", amount_minor=5000)])
    fulfilled = Told(key, at=NOON + TICK, status="FULFILLED", amount_minor=9000)

    with pytest.raises(asyncpg.SerializationError):
        await look_and_write(
            pool,
            a_request(order_id="order-1", at=NOON + 2 * TICK),
            memory=memory,
            meanwhile=lambda: ordering.keep(pool, [fulfilled]),
        )

    row = await pool.fetchrow("SELECT status, amount_minor, counted_minor FROM orders")
    assert tuple(row or ()) == ("FULFILLED", 9000, 0)


async def test_what_a_customer_pays_meanwhile_is_not_overlooked(pool: asyncpg.Pool) -> None:
    new = a_rule(new={"name": "customer.is_new", "$is": [True]})
    await snapshots.apply(pool, [campaign_changed(rules=(new,)), voucher_changed()])
    anna = a_request(customer="anna")
    customer_id = anna.customer_id or ""
    await ordering.meet(pool, (PROJECT, customer_id), a_customer("anna"), NOON - DAY)
    paid = Told(
        (PROJECT, "another"),
        at=NOON - TICK,
        status="PAID",
        amount_minor=5000,
        customer_id=customer_id,
    )

    with pytest.raises(asyncpg.SerializationError):
        await look_and_write(pool, anna, meanwhile=lambda: ordering.keep(pool, [paid]))

    assert await look_and_write(pool, anna) == ["customer_rules_violated"]
    assert await audit(pool) == 0


async def test_uses_of_customers_are_read_anew_and_not_left(pool: asyncpg.Pool) -> None:
    await offer(pool, per_customer_limit=1)
    memory = Memory()

    given = [
        await look_and_write(pool, a_request(customer=name), memory=memory)
        for name in ("anna", "bert", "anna", "bert", "cleo")
    ]

    assert [one for [one] in given] == ["ok", "ok", *["customer_limit_exceeded"] * 2, "ok"]
    assert await audit(pool) == 3


async def test_sequences_and_uses_go_on_from_what_was_left(pool: asyncpg.Pool) -> None:
    await offer(pool, quantity=3)
    memory = Memory()

    given = [await look_and_write(pool, a_request(), memory=memory) for _ in range(4)]

    assert [one for [one] in given] == ["ok", "ok", "ok", "quantity_exceeded"]
    told = [orjson.loads(message.value)["data"] for message in await outboxes.messages(pool)][:3]
    assert [(data["uses"], data["sequence"]) for data in told] == [(1, 1), (2, 2), (3, 3)]
    assert await audit(pool) == 3


async def statements_of(decider: Decider, *requests: Request) -> tuple[list[str], list[Response]]:
    """Decide, and return what the decider said to Postgres."""
    heard: list[str] = []
    conn = await decider._server._held.get()
    with conn.query_logger(lambda record: heard.append(record.query)):
        responses = await decider.decide(requests)
    return heard, responses


async def test_a_lone_request_takes_two_round_trips_and_the_next_of_its_code_one(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed("A"), voucher_changed("B")])
    await decider.decide([a_request("B", customer="anna")])
    for _ in range(BATCHES_OF_REPEATS):
        await decider.decide([a_request("A", customer="anna")])

    looked, _ = await statements_of(decider, a_request("B", customer="anna"))
    remembered, _ = await statements_of(decider, a_request("B", customer="anna"))

    assert (len(looked), len(remembered)) == (2, 1)
    assert "use_unchanged" in looked[1]
    assert "use_unchanged" in remembered[0]
    assert await audit(pool) == 3 + BATCHES_OF_REPEATS


async def test_so_does_one_whose_terms_ask_for_limits_customers_and_orders(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    asks = a_rule(
        a={"name": "order.amount", "$more_than": [1]},
        b={"name": "customer.metadata", "property": "tier", "$is": ["gold"]},
    )
    terms: dict[str, Any] = {"per_customer_limit": 1_000, "limits": (DAILY,), "rules": (asks,)}
    codes = [voucher_changed("A"), voucher_changed("B")]
    await snapshots.apply(pool, [campaign_changed(**terms), *codes])
    gold = a_customer("anna", metadata={"tier": "gold"})
    for n in range(BATCHES_OF_REPEATS):
        await decider.decide([a_request("AB"[n % 2], customer=gold, order_id=f"{n}")])

    looked, _ = await statements_of(decider, a_request("A", customer=gold, order_id="first"))
    remembered, answers = await statements_of(
        decider, a_request("A", customer=gold, order_id="second")
    )

    assert [said(each) for each in answers] == ["ok"]
    assert [len(each) for each in (looked, remembered)] == [2, 2]
    assert "use_unchanged" in looked[1]
    assert await audit(pool) == BATCHES_OF_REPEATS + 2


async def test_who_is_remembered_by_old_terms_is_judged_by_what_new_ones_ask_for(
    pool: asyncpg.Pool,
) -> None:
    await offer(pool)
    memory = Memory()
    await look_and_write(pool, a_request(customer="anna"), memory=memory)
    memory.leave(None)  # by somebody whose batch was of another code
    await snapshots.apply(pool, [campaign_changed(version=2, per_customer_limit=1)])

    assert await look_and_write(pool, a_request(customer="anna"), memory=memory) == [
        "customer_limit_exceeded"
    ]
    assert await look_and_write(pool, a_request(customer="bert"), memory=memory) == ["ok"]
    assert await audit(pool) == 2


async def test_whoever_meets_rivals_locks_for_a_while(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    await offer(pool)

    async def lone_requests(decider: Decider) -> None:
        while not any(each._rivalled for each in three_deciders):
            await decider.decide([a_request()])

    async with asyncio.timeout(120):
        await asyncio.gather(*map(lone_requests, three_deciders))

    decider = max(three_deciders, key=lambda each: each._rivalled)
    locked, _ = await statements_of(decider, a_request())
    assert locked[0].startswith("BEGIN")
    for _ in range(BATCHES_OF_RIVALS):
        await decider.decide([a_request()])
    unlocked, _ = await statements_of(decider, a_request())
    assert "use_unchanged" in unlocked[-1]
    await audit(pool)


async def test_rivals_who_meet_in_turn_lock_from_the_second_time_on(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    one, other, _ = three_deciders
    for _ in range(3):  # each spoils what the other has left
        for decider in (one, other):
            await decider.decide([a_request()])

    locked, _ = await statements_of(one, a_request())

    assert locked[0].startswith("BEGIN")
    assert await audit(pool) == 7


def test_few_are_as_many_as_one_statement_writes() -> None:
    assert are_few([a_request() for _ in range(20)])
    assert not are_few([a_request() for _ in range(21)])
    assert not are_few([a_request(*(f"C-{n}" for n in range(30)))])
