"""The worker as a process, between a real Kafka and a real Postgres.

The topics and groups are the service's own, so every test speaks for a project of its own.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from kit.patience import until
from kit.redemption_books import audit, somebody_waits
from kit.redemption_processes import Outside
from kit.redemption_samples import (
    NOON,
    TICK,
    campaign_changed,
    envelope,
    voucher_changed,
)
from kit.redemption_worker import (
    ASIDE,
    HISTORY,
    LIVE,
    SNAPSHOTS,
    asked,
    decided,
    letters_of,
    open_a_shop,
    until_decided,
    with_data,
)
from kit.service_process import ServiceProcess

from contracts import topics
from contracts.answers import RequestAnswered
from contracts.orders import OrderChanged, OrderState
from contracts.terms import Rollback
from redemption.applying import snapshots
from redemption.batches.recall import recall
from redemption.reading.parsing import request_key

pytestmark = pytest.mark.fault

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_what_gets_no_decision_is_set_aside_with_the_reason(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    aside = await kafka.ends(ASIDE[:1])
    await open_a_shop(pool, project)
    first = asked(project, "1")
    document = json.loads(first)
    other = with_data(document, order={"amount_minor": 1})
    pasted = with_data(document, code="HOT\u00a0", customer=None)
    nobody = asked(f"{project}typo")

    await kafka.send(LIVE, first, other, first, nobody)
    await until(lambda: kafka.caught_up("redemption", [LIVE]))
    await kafka.send(LIVE, other, pasted, nobody, asked(project))

    await until_decided(pool, project, 2)
    await until(lambda: kafka.caught_up("redemption", [LIVE]))
    letters = [(letter.value, dict(letter.headers)) for letter in await kafka.since(aside)]
    reasons = sorted((headers["error-class"], value) for value, headers in letters)
    assert reasons == [
        *[(b"UnknownProjectError", nobody)] * 2,
        *[(b"idempotency_key_reused", other)] * 2,
    ]
    assert {headers["error-text"] for value, headers in letters if value == nobody} == {
        f"there is no project '{project}typo'".encode()
    }
    for table in ("ledger", "requests"):
        assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 2
    samples = (await worker.get("/metrics")).text
    assert re.search(r'^decisions_total{outcome="key_reused".*} 2.0$', samples, re.MULTILINE)
    assert re.search(r'^decisions_total{outcome="refused".*} 0.0$', samples, re.MULTILINE)
    assert worker.child.exit_code is None


async def test_codes_that_are_sent_together_are_redeemed_together(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    await open_a_shop(pool, project, total_limit=3)
    await snapshots.apply(pool, [voucher_changed("COLD", project=project)])
    document = json.loads(asked(project))
    codes = [{"code": "HOT"}, {"code": "COLD"}]
    stacks = [
        with_data(document, request_id=str(n), code=None, redeemables=codes) for n in range(2)
    ]

    await kafka.send(LIVE, *stacks, *stacks)

    await until_decided(pool, project, 4)
    await until(lambda: kafka.caught_up("redemption", [LIVE]))
    rows = await pool.fetch("SELECT reason, order_minor, caller FROM ledger ORDER BY id")
    assert sorted((row["reason"] or "", row["order_minor"]) for row in rows) == [
        ("", 2500),
        ("", 2500),
        ("campaign_limit_exceeded", 5000),
        ("stack_refused", 0),
    ]
    assert {row["caller"] for row in rows} == {LIVE}
    assert await audit(pool) == 2
    assert worker.child.exit_code is None


async def test_what_is_redeemed_on_an_order_after_its_cancellation_comes_back_by_itself(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    await open_a_shop(pool, project, rollback=Rollback(on_cancelled_order=True))
    cancelled = envelope(project, "order-1") | {"time": datetime.now(UTC) + timedelta(days=1)}
    state = OrderState(order_id="order-1", status="CANCELED")
    late = with_data(json.loads(asked(project)), order={"id": "order-1", "amount_minor": 5000})

    await kafka.send(topics.ORDERS.name, OrderChanged(**cancelled, data=state).encode())
    await until(lambda: kafka.caught_up("redemption-orders", [topics.ORDERS.name]))
    await kafka.send(LIVE, late)

    await until_decided(pool, project, 2)
    given = await pool.fetchrow("SELECT order_minor, caller FROM ledger WHERE kind <> 'redeemed'")
    assert tuple(given or ()) == (-5000, "orders")
    assert await audit(pool) == 1
    assert worker.child.exit_code is None


async def test_live_requests_are_judged_by_the_broker_and_the_past_by_its_importer(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    assert worker.child.exit_code is None
    await open_a_shop(pool, project, starts_at=NOON - TICK, ends_at=NOON)
    began, moment = datetime.now(UTC) - timedelta(minutes=1), int(NOON.timestamp() * 1000)
    async with kafka.producing() as producer:
        for topic in (LIVE, HISTORY):
            for at in (moment - 2, moment - 1, moment):
                await producer.send(topic, asked(project, f"{topic} {at}"), timestamp_ms=at)

    await until_decided(pool, project, 6)
    rows = await pool.fetch("SELECT at, reason FROM ledger WHERE project_id = $1", project)
    by_importer = {row["at"]: row["reason"] for row in rows if row["at"] <= NOON}
    assert by_importer == {
        NOON - 2 * TICK: "voucher_not_active",
        NOON - TICK: "",
        NOON: "voucher_expired",
    }
    by_broker = [row["reason"] for row in rows if row["at"] > began]
    assert by_broker == ["voucher_expired"] * 3
    assert await audit(pool) == 1


async def test_a_vendors_topic_is_noticed_and_speaks_for_its_project_alone(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str, vendors_topic: Any
) -> None:
    await open_a_shop(pool, project)
    await open_a_shop(pool, "proj_victim")
    topic = await vendors_topic()

    await kafka.send(topic, asked(project), asked("proj_victim"), asked(project))

    await until_decided(pool, project, 2)
    [letter] = await letters_of(kafka, topic)
    assert letter.value is not None
    assert json.loads(letter.value)["projectid"] == "proj_victim"
    assert await decided(pool, "proj_victim") == 0
    assert worker.child.exit_code is None


async def test_a_campaign_that_somebody_keeps_locked_holds_up_its_own_partition_alone(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str, vendors_topic: Any
) -> None:
    other = f"{project}other"
    await open_a_shop(pool, project)
    await open_a_shop(pool, other)
    topic = await vendors_topic()
    locked = "SELECT FROM campaign_locks WHERE project_id = $1 FOR UPDATE"
    requests = [asked(project) for _ in range(3)]
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute(locked, project)
        await kafka.send(topic, b"before", *requests, b"behind")
        await until(lambda: somebody_waits(pool))
        await kafka.send(LIVE, asked(other), asked(other))
        await until_decided(pool, other, 2)
        await kafka.send(LIVE, asked(other), asked(other))
        await until_decided(pool, other, 4)
        assert await decided(pool, project) == 0

    await until_decided(pool, project, 3)
    await until(lambda: kafka.caught_up("redemption", [topic, LIVE]))
    assert [letter.value for letter in await letters_of(kafka, topic)] == [b"before", b"behind"]
    assert await audit(pool) == 7
    assert worker.child.exit_code is None


async def test_a_campaign_that_somebody_keeps_locked_holds_up_nobody_elses_switch(
    definitions: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    """As one does whose limit is new, and counted through a past of millions."""
    other = f"{project}other"
    await open_a_shop(pool, project)
    await open_a_shop(pool, other)
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM campaign_locks WHERE project_id = $1 FOR UPDATE", project)
        for each in (project, other):
            changed = campaign_changed(project=each, version=2, active=False).encode()
            await kafka.send(topics.CAMPAIGNS.name, changed)
        await until(lambda: is_off(pool, other))
        off = campaign_changed(project=other, version=3, active=True).encode()
        await kafka.send(topics.CAMPAIGNS.name, off)
        await until(lambda: is_on(pool, other))
        assert not await kafka.caught_up("redemption-snapshots", [topics.CAMPAIGNS.name])
        assert await is_on(pool, project)

    await until(lambda: is_off(pool, project))
    await until(lambda: kafka.caught_up("redemption-snapshots", SNAPSHOTS))
    assert definitions.child.exit_code is None


async def is_on(pool: asyncpg.Pool, project: str) -> bool:
    sql = "SELECT active FROM campaign_locks WHERE project_id = $1"
    return bool(await pool.fetchval(sql, project))


async def is_off(pool: asyncpg.Pool, project: str) -> bool:
    return not await is_on(pool, project)


async def test_an_answer_is_on_the_topic_of_its_project_once_there_is_one(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str, vendors_topic: Any
) -> None:
    await open_a_shop(pool, project)
    asking = with_data(json.loads(asked(project, "till-1")) | {"traceparent": TRACE}, reply=True)
    aside = await kafka.ends(ASIDE[:1])

    await kafka.send(LIVE, asking)  # nobody has made the topic yet
    await until(lambda: kafka.caught_up("redemption", [LIVE]))
    nothing = await decided(pool, project)
    own, answers = await vendors_topic(), topics.answers_for(project)
    await kafka.send(LIVE, asking)
    await kafka.send(own, asking)
    since = dict.fromkeys(await kafka.ends([answers]), 0)

    async def both() -> bool:
        return len(await kafka.since(since)) == 2

    await until(both)
    async with pool.acquire() as conn:
        response = await recall(conn, project, request_key(project, "till-1"))
    assert response is not None
    found = await kafka.since(since)
    read = [RequestAnswered.model_validate_json(record.value) for record in found]
    assert all(b'"body":' + response.body in record.value for record in found)
    assert {(each.data.status, each.traceparent) for each in read} == {(200, TRACE)}
    assert {record.key for record in found} == {b"till-1"}
    assert {each.id.split(":")[0] for each in read} == {own, LIVE}  # by the record that asked
    [letter] = await kafka.since(aside)
    assert dict(letter.headers)["error-class"] == b"NoTopicOfAnswersError"
    assert (nothing, await audit(pool)) == (0, 1)

    async def counted() -> bool:
        samples = (await worker.get("/metrics")).text
        return bool(re.search(r"^answers_published_total{.*} 2.0$", samples, re.MULTILINE))

    await until(counted)
