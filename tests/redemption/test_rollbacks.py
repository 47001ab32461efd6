"""The promises of a rollback, on a real Postgres."""

import asyncio
from typing import Any

import asyncpg
import orjson
import pytest
from kit.redemption_books import audit
from kit.redemption_rollbacks import a_rollback, ids_in, key_of, parent_in
from kit.redemption_samples import (
    CAMPAIGN,
    DAY,
    NOON,
    a_request,
    campaign_changed,
    voucher_changed,
)

from contracts.terms import Limit, Rollback
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.outcomes import Response

OK = 200
BUDGET = Limit(of="campaign", what="discount", most=1000)


async def redeemed(decider: Decider, *codes: str, **asked: Any) -> Response:
    [response] = await decider.decide([a_request(*codes, **asked)])
    assert response.status == 200
    return response


async def test_a_use_and_a_budget_that_were_given_back_can_be_used_again(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(limits=(BUDGET,)), voucher_changed(quantity=1)])
    [id_] = ids_in(await redeemed(decider, customer="anna"))

    [given] = await decider.decide([await a_rollback(pool, id_, reason="came back")])
    await redeemed(decider, customer="anna")

    assert given.status == 200
    [told] = orjson.loads(given.body)["rollbacks"]
    assert (told["redemption"], told["whole"], told["amount"]) == (id_, True, 5000)
    assert told["order"]["status"] == "CANCELED"
    assert await audit(pool) == 2


@pytest.mark.parametrize("off", ["campaign", "code", "expired"])
async def test_it_needs_no_campaign_in_force(
    pool: asyncpg.Pool, decider: Decider, off: str
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    [id_] = ids_in(await redeemed(decider))
    changes: dict[str, dict[str, Any]] = {
        "campaign": {"active": False},
        "expired": {"ends_at": NOON},
    }
    campaign = changes.get(off, {})
    code = voucher_changed(version=2, active=off != "code")
    await snapshots.apply(pool, [campaign_changed(version=2, **campaign), code])

    [given] = await decider.decide([await a_rollback(pool, id_)])

    assert given.status == 200
    assert await audit(pool) == 1


async def test_a_repeat_gets_the_first_answer_and_a_second_one_is_refused(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    [id_] = ids_in(await redeemed(decider))
    wish = await a_rollback(pool, id_)
    other = await a_rollback(pool, id_)

    first, again, second = await decider.decide([wish, wish, other])
    [later, still] = await decider.decide([wish, other])

    assert again == later == first._replace(replayed=True)
    assert key_of(second) == "already_rolled_back"
    assert still == second._replace(replayed=True)
    [changed] = await decider.decide([wish._replace(fingerprint=b"something else")])
    assert changed.status == 422
    assert await audit(pool) == 1


async def test_repeats_while_the_first_is_under_way_get_its_answer(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    [id_] = ids_in(await redeemed(three_deciders[0]))
    wish = await a_rollback(pool, id_, amount_minor=700)

    answers = await asyncio.gather(*(d.decide([wish]) for d in three_deciders * 5))

    assert {(given.status, given.body) for [given] in answers} == {(200, answers[0][0].body)}
    assert [given.replayed for [given] in answers].count(False) == 1
    assert await audit(pool) == 1


async def test_rivals_give_a_redemption_back_once(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    await snapshots.apply(pool, [campaign_changed(limits=(BUDGET,)), voucher_changed()])
    responses = [await redeemed(three_deciders[0]) for _ in range(2)]
    whole, parted = (ids_in(response)[0] for response in responses)
    wishes = [await a_rollback(pool, whole) for _ in range(30)]
    parts = [await a_rollback(pool, parted, amount_minor=700) for _ in range(30)]

    async def send(decider: Decider, n: int) -> list[Response]:
        mine = [each for pair in zip(wishes[n::3], parts[n::3], strict=True) for each in pair]
        return [response for each in mine for response in await decider.decide([each])]

    answers = await asyncio.gather(*(send(d, n) for n, d in enumerate(three_deciders)))

    keys = [key_of(response) for own in answers for response in own]
    assert sorted(set(keys)) == ["already_rolled_back", "invalid_rollback_params", "ok"]
    assert keys.count("already_rolled_back") == 29
    assert keys.count("ok") == 1 + 5000 // 700
    assert await audit(pool) == 2


async def test_what_is_given_back_under_a_rush_is_used_again_and_no_cap_is_exceeded(
    pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    most, tries = 5, 40
    limits = (Limit(of="campaign", what="discount", most=most * 500),)
    await snapshots.apply(
        pool, [campaign_changed(total_limit=most, limits=limits), voucher_changed()]
    )

    async def shop(decider: Decider) -> int:
        given_back = 0
        for _ in range(tries):
            responses = await decider.decide([a_request(customer="anna") for _ in range(2)])
            for id_ in [ids_in(r)[0] for r in responses if r.status == OK][:1]:
                [back] = await decider.decide([await a_rollback(pool, id_)])
                given_back += back.status == OK
        return given_back

    given_back = sum(await asyncio.gather(*map(shop, three_deciders)))

    left = await pool.fetchval("SELECT used FROM campaign_locks")
    assert left <= most
    assert await audit(pool) == left + given_back
    assert given_back > most


async def test_what_was_redeemed_together_is_given_back_together_or_one_by_one(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(
        pool, [campaign_changed(), voucher_changed("A"), voucher_changed("B"), voucher_changed("C")]
    )
    stack = await redeemed(decider, "A", "B", "C", amount=3000)
    [first, *_] = ids_in(stack)

    [alone] = await decider.decide([await a_rollback(pool, first)])
    [rest] = await decider.decide([await a_rollback(pool, parent_in(stack))])
    [none] = await decider.decide([await a_rollback(pool, parent_in(stack))])

    assert [len(orjson.loads(each.body)["rollbacks"]) for each in (alone, rest)] == [1, 2]
    told = orjson.loads(rest.body)
    assert told["parent_rollback"]["redemption"] == parent_in(stack)
    assert {each["parent_rollback"] for each in told["rollbacks"]} == {
        told["parent_rollback"]["id"]
    }
    assert key_of(none) == "already_rolled_back"
    assert await audit(pool) == 3


async def test_the_event_tells_the_plan_that_the_redemption_was_judged_by(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    [id_] = ids_in(await redeemed(decider, customer="anna"))
    await snapshots.apply(
        pool, [campaign_changed(version=2, channel="blog", margin_basis_points=1)]
    )

    rollback = await a_rollback(pool, id_)

    [original] = rollback.originals
    assert (original.campaign_version, original.channel) == (1, "newsletter")
    assert original.margin_basis_points == 3000
    assert original.commission_plan.new_customer_bonus_minor == 300
    assert original.customer_is_new


async def test_a_limit_that_appears_counts_what_was_given_back(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(
        pool,
        [campaign_changed(rollback=Rollback(budget=False)), voucher_changed()],
    )
    one, two = [ids_in(await redeemed(decider, customer="anna"))[0] for _ in range(2)]
    later = NOON + 40 * DAY
    await decider.decide(
        [await a_rollback(pool, one, at=later), await a_rollback(pool, two, amount_minor=9)]
    )

    monthly = Limit(of="campaign", per="month", most=9)
    await snapshots.apply(
        pool, [campaign_changed(version=2, per_customer_limit=9, limits=(BUDGET, monthly))]
    )

    assert await audit(pool) == 2
    used = await pool.fetch("SELECT used FROM counters WHERE campaign_id = $1 ORDER BY 1", CAMPAIGN)
    assert [row["used"] for row in used] == [1, 1, 1000]


async def test_an_order_that_was_rolled_back_counts_again(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    [id_] = ids_in(await redeemed(decider, order_id="order-1"))
    await decider.decide([await a_rollback(pool, id_, amount_minor=2000)])

    await redeemed(decider, order_id="order-1")

    shares = await pool.fetch("SELECT order_minor FROM ledger ORDER BY decided_at")
    assert [row["order_minor"] for row in shares] == [5000, -2000, 2000]
    assert await audit(pool) == 2


async def test_nothing_is_given_back_of_what_is_not_there_or_anothers(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    [id_] = ids_in(await redeemed(decider))
    await decider.decide([a_request("UNKNOWN")])
    refused = await pool.fetchval("SELECT id FROM ledger WHERE kind = 'refused'")
    wishes = [
        await a_rollback(pool, id_, project="proj_b"),
        await a_rollback(pool, f"r_{'0' * 32}"),
        await a_rollback(pool, f"r_{refused.hex}"),
        await a_rollback(pool, "nonsense"),
    ]

    answers = await decider.decide(wishes)

    assert {key_of(answer) for answer in answers} == {"not_found"}
    assert {answer.status for answer in answers} == {404}
    assert await audit(pool) == 1


@pytest.mark.parametrize("rivalled", [0, 3])  # few at once look first, and lock then
async def test_redemptions_and_rollbacks_of_one_batch_are_decided_in_their_order(
    pool: asyncpg.Pool, decider: Decider, rivalled: int
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed(quantity=1)])
    [id_] = ids_in(await redeemed(decider))
    decider._rivalled = rivalled

    answers = await decider.decide(
        [a_request(), await a_rollback(pool, id_), a_request(), a_request()]
    )

    assert [answer.status for answer in answers] == [400, 200, 200, 400]
    assert await audit(pool) == 2
