"""Batches of rivals, replicas and accidents: the caps hold and the books agree."""

import asyncio
import time
from itertools import cycle

import asyncpg
import orjson
import pytest
from kit.patience import until, until_true
from kit.redemption_books import audit, responses_kept, somebody_waits
from kit.redemption_deciders import idle, statuses
from kit.redemption_samples import (
    a_request,
    campaign_changed,
    codes_issued,
    voucher_changed,
)

from contracts.terms import Limit
from redemption.applying import snapshots
from redemption.batches import pace
from redemption.batches.decider import BATCHES_OF_REPEATS, Decider
from redemption.batches.pace import FEWEST_CODES, MOST_CODES
from redemption.batches.work import OverloadedError


async def test_one_of_fifty_rivals_wins_the_last_unit(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed(quantity=1)])

    answers = await asyncio.gather(
        *(d.decide([a_request()]) for d, _ in zip(cycle(three_deciders), range(50), strict=False))
    )

    assert statuses(answers) == [200] + [400] * 49
    assert await audit(pool) == 1


async def test_three_replicas_give_away_a_campaigns_uses_and_not_one_more(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    codes = [f"C-{n}" for n in range(30)]
    await snapshots.apply(pool, [campaign_changed(total_limit=40), codes_issued(*codes)])
    await snapshots.apply(pool, [voucher_changed(code, version=2) for code in codes])

    rivals = [
        decider.decide([a_request(code), a_request(code, customer=f"customer of {code}")])
        for code in codes
        for decider in three_deciders
    ]
    answers = await asyncio.gather(*rivals)

    assert statuses(answers) == [200] * 40 + [400] * 140
    assert await audit(pool) == 40


async def test_a_customer_gets_no_more_than_their_limit_on_any_replica(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    campaign = campaign_changed(per_customer_limit=2)
    await snapshots.apply(pool, [campaign, voucher_changed("A"), voucher_changed("B")])

    answers = await asyncio.gather(
        *(
            decider.decide([a_request(code, customer=customer)])
            for decider, code in zip(cycle(three_deciders), "ABBA" * 10, strict=False)
            for customer in ("anna", "bert")
        )
    )

    assert statuses(answers) == [200] * 4 + [400] * 76
    assert await audit(pool) == 4


@pytest.mark.parametrize(
    ("limit", "codes", "accepted"),
    [
        (Limit(of="campaign", per="day", most=13), ["A", "B"], 13),
        (Limit(of="code", per="month", most=5), ["A", "B"], 2 * 5),
        (Limit(of="customer", per="week", most=2), ["A", "B"], 4 * 2),
        (Limit(of="customer_and_code", most=1), ["A", "B"], 4 * 2 * 1),
        (Limit(of="campaign", what="discount", most=6400), ["A", "B"], 12),  # 5.00 each
        (Limit(of="customer", what="discount", most=1499), ["A", "B"], 4 * 2),
        (Limit(of="campaign", per="day", most=13), ["A+B"], 6),  # two uses each
        (Limit(of="campaign", what="discount", most=6400), ["A+B"], 6),
    ],
)
async def test_three_replicas_keep_each_limit_to_the_unit(
    pool: asyncpg.Pool,
    three_deciders: list[Decider],
    limit: Limit,
    codes: list[str],
    accepted: int,
) -> None:
    campaign = campaign_changed(limits=(limit,))
    await snapshots.apply(pool, [campaign, voucher_changed("A"), voucher_changed("B")])
    asked = [
        a_request(*code.split("+"), customer=customer)
        for _ in range(15)
        for customer in ("anna", "bert", "carl", "dora")
        for code in codes
    ]

    # Some alone, which look before they lock, and some together.
    batches = [[each] for each in asked[::3]] + [asked[1::3], asked[2::3]]
    answers = await asyncio.gather(
        *(d.decide(b) for d, b in zip(cycle(three_deciders), batches, strict=False))
    )

    uses = accepted * len(codes[0].split("+"))
    assert statuses(answers) == [200] * accepted + [400] * (len(asked) - accepted)
    assert await audit(pool) == uses


async def test_what_goes_by_an_unknown_clock_is_not_accepted_and_all_else_is(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    daily = Limit(of="campaign", per="day", most=5)
    for name, words in (("DAILY", {"limits": (daily,)}), ("MONDAYS", {"weekdays": (1,)})):
        await snapshots.apply(pool, [campaign_changed(name, time_zone="Mars/Olympus", **words)])
    plain = campaign_changed("PLAIN", time_zone="Mars/Olympus")
    codes = [voucher_changed(name, name) for name in ("DAILY", "MONDAYS", "PLAIN")]
    await snapshots.apply(pool, [plain, *codes])

    answers = await decider.decide([a_request(code) for code in ("DAILY", "MONDAYS", "PLAIN")])

    assert [answer.status for answer in answers] == [400, 400, 200]
    assert orjson.loads(answers[0].body)["key"] == "campaign_inactive"
    # Nor can Postgres recount by it: what else there is it can.
    assert await pool.fetch("SELECT * FROM reconciliation_counters WHERE used <> recounted") == []


async def test_rivals_with_the_same_keys_all_get_the_one_answer(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed(quantity=10)])
    requests = [a_request() for _ in range(40)]

    answers = await asyncio.gather(
        *(d.decide([request]) for request in requests for d in three_deciders)
    )

    for request, *rivals in zip(requests, answers[::3], answers[1::3], answers[2::3], strict=True):
        given = {(answer.status, answer.body) for one in rivals for answer in one}
        assert given == set(await responses_kept(pool, request))
        assert len(given) == 1
        assert sum(not answer.replayed for one in rivals for answer in one) == 1
    assert await audit(pool) == 10


async def test_the_same_keys_at_once_for_two_campaigns_are_decided_once(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    for name in ("one", "two", "three"):
        await snapshots.apply(pool, [campaign_changed(name), voucher_changed(name, name)])
    keys = [str(n) for n in range(30)]

    # Different locks, and the keys in opposite orders: only the unique key stands between them.
    answers = await asyncio.gather(
        three_deciders[0].decide([a_request("one", request_id=key) for key in keys]),
        three_deciders[1].decide([a_request("two", request_id=key) for key in reversed(keys)]),
        three_deciders[2].decide([a_request("three", request_id=key) for key in keys]),
    )

    assert statuses(answers) == [200] * 30 + [422] * 60
    assert await audit(pool) == 30


async def test_a_customer_of_two_campaigns_at_once_is_new_once(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    for name in ("one", "two", "three"):
        await snapshots.apply(pool, [campaign_changed(name), voucher_changed(name, name)])
    customers = [f"customer {n}" for n in range(30)]

    await asyncio.gather(
        *(
            decider.decide([a_request(code, customer=c) for c in customers[::step]])
            for decider, code, step in zip(
                three_deciders, ("one", "two", "three"), (1, -1, 1), strict=True
            )
        )
    )

    assert await audit(pool) == 90  # which compares the events that say "new" with the customers
    assert await pool.fetchval("SELECT count(*) FROM customers") == 30


async def test_a_caller_who_goes_away_does_not_undo_a_decision(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    request, neighbour = a_request(), a_request()

    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM campaign_locks FOR UPDATE")  # the batch waits here
        leaving = asyncio.create_task(decider.decide([request]))
        staying = asyncio.create_task(decider.decide([neighbour]))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])

    assert leaving.cancelled()
    assert (await staying)[0].status == 200
    assert await audit(pool) in (1, 2)  # decided or never begun, and nothing between
    assert (await decider.decide([request]))[0].status == 200
    assert await audit(pool) == 2


async def test_work_is_refused_before_it_begins_and_never_after(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])

    with pytest.raises(OverloadedError):
        await decider.decide([a_request()], deadline=time.monotonic() - 1)

    [answer] = await decider.decide([a_request()], deadline=time.monotonic() + 60)
    assert answer.status == 200
    assert await audit(pool) == 1


async def test_a_deadline_ends_the_wait_while_somebody_holds_the_campaign(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    async with pool.acquire() as rival, rival.transaction():
        await rival.execute("SELECT FROM campaign_locks FOR UPDATE")
        deadline = time.monotonic() + 1
        begun = asyncio.create_task(decider.decide([a_request()], deadline))
        await until(lambda: somebody_waits(pool))  # its batch has begun

        with pytest.raises(OverloadedError):
            await decider.decide([a_request()], deadline)
        assert not begun.done()

    assert statuses([await begun]) == [200]  # once begun it is answered, however late
    assert await audit(pool) == 1


async def test_a_full_queue_refuses_at_once(pool: asyncpg.Pool) -> None:
    unattended = idle(pool, backlog=2)
    waiting = [asyncio.create_task(unattended.decide([a_request()])) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(OverloadedError, match="too many"):
        await unattended.decide([a_request()])

    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)


async def test_nothing_asked_is_nothing_decided(pool: asyncpg.Pool) -> None:
    assert await idle(pool).decide([]) == []


async def test_what_waits_is_decided_together(pool: asyncpg.Pool, decider: Decider) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])

    tens = [[a_request() for _ in range(10)] for _ in range(MOST_CODES // 10 + 1)]
    answers = await asyncio.gather(*(decider.decide(ten) for ten in tens))

    assert statuses(answers) == [200] * (MOST_CODES + 10)
    batches = await pool.fetch("SELECT count(*) AS size FROM ledger GROUP BY decided_at")
    assert sorted(row["size"] for row in batches) == [10, MOST_CODES]


async def test_where_a_batch_takes_long_fewer_are_decided_together(
    pool: asyncpg.Pool, decider: Decider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "HELD_SECONDS", 0.0)
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    for _ in range(30):
        decider._pace.took(MOST_CODES, seconds=10.0)

    await asyncio.gather(*(decider.decide([a_request()]) for _ in range(1100)))

    batches = await pool.fetch("SELECT count(*) AS size FROM ledger GROUP BY decided_at")
    assert max(row["size"] for row in batches) == FEWEST_CODES == decider.batch_codes


async def test_what_waits_is_cut_by_codes_and_not_by_requests(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    stacks = [[f"{n}-{i}" for i in range(30)] for n in range(MOST_CODES // 30 + 1)]

    answers = await asyncio.gather(*(decider.decide([a_request(*codes)]) for codes in stacks))

    assert statuses(answers) == [404] * len(stacks)
    batches = await pool.fetch("SELECT count(*) AS size FROM ledger GROUP BY decided_at")
    assert sorted(row["size"] for row in batches) == [30, (len(stacks) - 1) * 30]


async def test_a_batch_that_outlasts_every_outage_is_reported_as_stuck(
    pool: asyncpg.Pool, decider: Decider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    assert decider.stuck_reason() is None
    monkeypatch.setattr("redemption.batches.decider.PATIENCE_SECONDS", 0.0)

    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM campaign_locks FOR UPDATE")
        waiting = asyncio.create_task(decider.decide([a_request()]))
        await until_true(lambda: "one batch" in (decider.stuck_reason() or ""))

    assert orjson.loads((await waiting)[0].body)["redemptions"]
    assert decider.stuck_reason() is None


async def test_a_repeat_is_met_although_nobody_looks_for_one_any_more(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    early = a_request()
    [first] = await decider.decide([early])
    for _ in range(BATCHES_OF_REPEATS):
        await decider.decide([a_request()])

    new, again = await decider.decide([a_request(), early])

    assert (new.status, new.replayed) == (200, False)
    assert again == first._replace(replayed=True)
    assert await audit(pool) == BATCHES_OF_REPEATS + 2
