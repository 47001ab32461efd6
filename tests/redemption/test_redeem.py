"""The promises of a decision, on a real Postgres."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import orjson
import pytest
from kit import outboxes
from kit.patience import until
from kit.redemption_books import audit, responses_kept, somebody_waits
from kit.redemption_samples import (
    CAMPAIGN,
    CUSTOMER_KEY,
    DAY,
    NOON,
    TICK,
    a_request,
    campaign_changed,
    codes_issued,
    content,
    voucher_changed,
)

from contracts import topics
from contracts.discounts import PercentOff
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.batches.redeem import redeem
from redemption.loading.memory import Memory
from redemption.model import Request
from redemption.outcomes import Response
from redemption.reading import parsing


async def decide(decider: Decider, *requests: Request) -> list[Response]:
    return await decider.decide(requests)


def reasons(answers: list[Response]) -> list[str]:
    return ["ok" if a.status == 200 else orjson.loads(a.body)["key"] for a in answers]


async def test_a_code_is_redeemed_once_its_campaign_is_known(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])

    [answer] = await decide(decider, a_request(amount=4999))

    assert answer.status == 200
    assert orjson.loads(answer.body)["order"]["total_amount"] == 4499
    assert await audit(pool) == 1


async def test_a_code_whose_campaign_is_not_known_yet_does_not_exist(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [voucher_changed()])
    early = await decide(decider, a_request())
    await snapshots.apply(pool, [campaign_changed()])

    assert reasons(early + await decide(decider, a_request())) == ["not_found", "ok"]
    assert await audit(pool) == 1


async def test_the_same_request_gets_the_same_answer_byte_for_byte(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed(quantity=1)])
    request = a_request()

    [first] = await decide(decider, request)
    [again] = await decide(decider, request._replace(at=NOON + DAY))

    assert (first.status, first.replayed) == (200, False)
    assert again == first._replace(replayed=True)
    assert await responses_kept(pool, request) == [(first.status, first.body)]
    assert await audit(pool) == 1


async def test_the_same_request_twice_in_one_batch_is_decided_once(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    request = a_request()

    first, again, other = await decide(decider, request, request, a_request())

    assert again == first._replace(replayed=True)
    assert not other.replayed
    assert await audit(pool) == 2


async def test_a_refusal_is_remembered_although_capacity_grew(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed(quantity=0)])
    request = a_request()
    [refused] = await decide(decider, request)
    await snapshots.apply(pool, [voucher_changed(version=2, quantity=5)])

    [again] = await decide(decider, request)
    [anew] = await decide(decider, a_request())

    assert again == refused._replace(replayed=True)
    assert reasons([refused, anew]) == ["quantity_exceeded", "ok"]
    assert await audit(pool) == 1


async def test_an_unknown_code_is_remembered_and_published_too(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    request = a_request("SUMER")

    first, again = await decide(decider, request) + await decide(decider, request)

    assert (first.status, again) == (404, first._replace(replayed=True))
    assert await audit(pool) == 0
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 1


@pytest.mark.parametrize("together", [True, False], ids=["one-batch", "two-batches"])
async def test_other_content_under_a_known_key_is_never_decided(
    pool: asyncpg.Pool, decider: Decider, together: bool
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    request, other = a_request(request_id="1"), a_request(request_id="1", amount=1)

    if together:
        first, reused = await decide(decider, request, other)
    else:
        first, reused = await decide(decider, request) + await decide(decider, other)

    assert reasons([first, reused]) == ["ok", "idempotency_key_reused"]
    assert (reused.status, reused.key_reused) == (422, True)
    assert await responses_kept(pool, request) == [(first.status, first.body)]
    assert await decide(decider, request) == [first._replace(replayed=True)]
    assert await audit(pool) == 1


async def test_a_key_is_known_in_its_own_project_alone(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    for project in ("proj_a", "proj_b"):
        campaign = campaign_changed(project=project)
        await snapshots.apply(pool, [campaign, voucher_changed(project=project)])

    answers = await decide(
        decider,
        a_request(project="proj_a", request_id="1"),
        a_request(project="proj_b", request_id="1", amount=1),
    )

    assert reasons(answers) == ["ok", "ok"]
    assert await audit(pool) == 2


async def test_one_batch_mixes_projects_that_use_the_same_names(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    terms = {"proj_a": 1, "proj_b": 2}
    for project, limit in terms.items():
        campaign = campaign_changed(project=project, total_limit=limit, per_customer_limit=1)
        await snapshots.apply(pool, [campaign, voucher_changed(project=project)])

    requests = [
        a_request(project=project, customer=customer)
        for customer in ("anna", "anna", "bert", "carl")
        for project in ("proj_a", "proj_b", "proj_c")
    ]
    answers = await decide(decider, *requests)

    by_project = {
        project: reasons(
            [a for r, a in zip(requests, answers, strict=True) if r.project_id == project]
        )
        for project in ("proj_a", "proj_b", "proj_c")
    }
    assert by_project == {
        "proj_a": ["ok", *["campaign_limit_exceeded"] * 3],
        "proj_b": ["ok", "customer_limit_exceeded", "ok", "campaign_limit_exceeded"],
        "proj_c": ["not_found"] * 4,
    }
    assert await audit(pool) == 3


async def test_who_came_first_in_a_batch_is_served_first(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(total_limit=3), voucher_changed()])

    answers = await decide(decider, *(a_request() for _ in range(5)))

    assert reasons(answers) == ["ok"] * 3 + ["campaign_limit_exceeded"] * 2


async def test_codes_of_one_campaign_share_its_limit_and_keep_their_own(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(
        pool, [campaign_changed(total_limit=3), codes_issued("A", "B", "C", "D", quantity=1)]
    )

    answers = await decide(decider, *(a_request(code) for code in "AABBCCDD"))

    ok, used = "ok", "quantity_exceeded"
    full = "campaign_limit_exceeded"
    assert reasons(answers) == [ok, used, ok, used, ok, used, full, full]
    assert await audit(pool) == 3


async def test_outcomes_of_a_code_are_numbered_in_the_order_of_their_decisions(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    await decide(decider, a_request(), a_request())
    await decide(decider, a_request())

    data = [orjson.loads(each.value)["data"] for each in await outboxes.messages(pool)]
    assert [(d["uses"], d["sequence"]) for d in data] == [(1, 1), (2, 2), (3, 3)]


async def test_every_request_is_judged_at_its_own_moment(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    campaign = campaign_changed(starts_at=NOON, ends_at=NOON + DAY)
    await snapshots.apply(pool, [campaign, voucher_changed()])

    moments = [NOON - TICK, NOON, NOON + DAY - TICK, NOON + DAY]
    answers = await decide(decider, *(a_request(at=moment) for moment in moments))

    assert reasons(answers) == ["voucher_not_active", "ok", "ok", "voucher_expired"]


async def test_switches_and_limits_are_judged_by_their_state_now(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    await snapshots.apply(pool, [campaign_changed(version=2, active=False)])

    [long_ago] = await decide(decider, a_request(at=NOON - 300 * DAY))

    assert reasons([long_ago]) == ["campaign_inactive"]


async def test_a_percentage_is_taken_off_the_order(pool: asyncpg.Pool, decider: Decider) -> None:
    campaign = campaign_changed(discount=PercentOff(basis_points=1550))
    await snapshots.apply(pool, [campaign, voucher_changed()])

    answers = await decide(decider, a_request(amount=1000), a_request(amount=None))

    assert orjson.loads(answers[0].body)["order"]["discount_amount"] == 155
    assert reasons(answers) == ["ok", "missing_order"]
    assert await audit(pool) == 1


async def test_a_customer_is_new_in_a_project_once_whatever_the_campaign(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    for name in ("one", "two"):
        await snapshots.apply(pool, [campaign_changed(name), voucher_changed(name, name)])

    await decide(
        decider,
        a_request("none", customer="anna"),  # a refusal makes nobody a customer
        a_request("two", customer="anna"),
        a_request("one", customer="anna"),
        a_request("one"),
    )
    await decide(decider, a_request("one", customer="anna"), a_request("one", customer="bert"))

    assert await audit(pool) == 5
    assert await pool.fetchval("SELECT count(*) FROM customers") == 2


async def test_http_and_kafka_share_one_space_of_keys(pool: asyncpg.Pool, decider: Decider) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    by_kafka = a_request(request_id="1", customer="anna", caller=topics.REDEMPTION_REQUESTS.name)
    by_http = a_request(request_id="1", customer="anna", caller="key_a")

    first, again = await decide(decider, by_kafka, by_http)

    assert again == first._replace(replayed=True)
    assert await audit(pool) == 1


async def test_requests_without_a_key_are_never_the_same(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(total_limit=1), voucher_changed()])
    without_key = [
        parsing.request(
            content(), "proj_a", None, caller="key_a", at=NOON, customer_key=CUSTOMER_KEY
        )
        for _ in range(2)
    ]

    answers = await decide(decider, *without_key)

    assert reasons(answers) == ["ok", "campaign_limit_exceeded"]


async def test_what_is_not_committed_never_happened(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(per_customer_limit=1), voucher_changed()])
    before = await pool.fetchval("SELECT count(*) FROM outbox")

    async with pool.acquire() as conn:
        transaction = conn.transaction()
        await transaction.start()
        redeemed = await redeem(conn, [a_request(customer="anna")], datetime.now(UTC), Memory())
        [answer] = redeemed.responses
        await transaction.rollback()

    assert answer.status == 200
    assert await audit(pool) == 0
    assert await pool.fetchval("SELECT count(*) FROM ledger") == 0
    assert await pool.fetchval("SELECT count(*) FROM outbox") == before


async def test_uses_before_a_customer_limit_count_once_it_appears(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    await decide(decider, *(a_request(customer="anna") for _ in range(2)))
    await snapshots.apply(pool, [campaign_changed(version=2, per_customer_limit=3)])

    answers = await decide(decider, *(a_request(customer="anna") for _ in range(2)))

    assert reasons(answers) == ["ok", "customer_limit_exceeded"]
    assert await audit(pool) == 3


async def test_the_campaigns_row_names_what_was_judged_by(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(version=7), voucher_changed()])
    await decide(decider, a_request())

    row = await pool.fetchrow("SELECT campaign_id, campaign_version FROM ledger")

    assert tuple(row or ()) == (CAMPAIGN, 7)


async def test_a_rival_behind_the_lock_finds_the_answer_already_given(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    request = a_request()

    async def rival() -> list[Response]:
        async with pool.acquire() as conn, conn.transaction():
            return (await redeem(conn, [request], datetime.now(UTC), Memory())).responses

    async with pool.acquire() as conn, conn.transaction():
        [first] = (await redeem(conn, [request], datetime.now(UTC), Memory())).responses
        waiting = asyncio.create_task(rival())
        await until(lambda: somebody_waits(pool))

    assert await waiting == [first._replace(replayed=True)]
    assert await audit(pool) == 1


async def test_rivals_with_the_same_keys_in_opposite_orders_never_deadlock(
    pool: asyncpg.Pool,
) -> None:
    """Without the decider, which would repeat a batch that was the victim of a deadlock."""
    for name in ("one", "two", "three"):
        await snapshots.apply(pool, [campaign_changed(name), voucher_changed(name, name)])
    ids = sorted((str(n) for n in range(9)), key=lambda id_: a_request(request_id=id_).key)

    async def rival(code: str, ids: list[str]) -> list[Response]:
        async with pool.acquire() as conn, conn.transaction():
            requests = [a_request(code, request_id=id_) for id_ in ids]
            return (await redeem(conn, requests, datetime.now(UTC), Memory())).responses

    # Both rivals are on their way when the third lets go of the key in the middle.
    async with pool.acquire() as conn:
        holding = conn.transaction()
        await holding.start()
        await redeem(conn, [a_request("three", request_id=ids[4])], datetime.now(UTC), Memory())
        rivals = [asyncio.create_task(rival("one", ids))]
        await until(lambda: somebody_waits(pool))
        rivals.append(asyncio.create_task(rival("two", ids[::-1])))
        await until(lambda: somebody_waits(pool, 2))
        await holding.rollback()
    outcomes = await asyncio.gather(*rivals, return_exceptions=True)

    assert isinstance(outcomes[0], list)
    assert isinstance(outcomes[1], asyncpg.UniqueViolationError)
    assert await audit(pool) == 9
