"""Validation rules on a real Postgres: from a snapshot to a decision, and in what is kept of it."""

import asyncio
from typing import Any

import asyncpg
import orjson
from kit.redemption_books import audit
from kit.redemption_samples import a_request, campaign_changed, voucher_changed
from kit.rules import a_rule

from redemption.applying import snapshots
from redemption.batches import recall
from redemption.batches.decider import Decider
from redemption.batches.validate import Forecasts
from redemption.loading.memory import Memory
from servicekit.postgres.bulkheads import Bulkheads

AT_LEAST_60 = a_rule(
    amount={"name": "order.amount", "$more_than_equal": [6000], "message": "Buy for 60.00"}
)
NEW = a_rule(new={"name": "customer.is_new", "$is": [True]})


async def test_a_rule_holds_from_its_version_on_and_a_changed_one_from_the_next(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(rules=(AT_LEAST_60,)), voucher_changed()])
    small = a_request(amount=5000)

    refused, accepted = await decider.decide([small, a_request(amount=6000)])
    await snapshots.apply(pool, [campaign_changed(version=2)])
    [then] = await decider.decide([a_request(amount=5000)])

    assert [refused.status, accepted.status, then.status] == [400, 200, 200]
    body: dict[str, Any] = orjson.loads(refused.body)
    assert (body["key"], body["error"]) == ("order_rules_violated", {"message": "Buy for 60.00"})
    assert body["would_pass"]["amount_short"] == 1000
    assert await audit(pool) == 2


async def test_a_rule_of_one_code_does_not_touch_the_others_of_its_campaign(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    of_one = AT_LEAST_60.model_copy(update={"vouchers": ("v_ONE",)})
    codes = [voucher_changed("ONE"), voucher_changed("TWO")]
    await snapshots.apply(pool, [campaign_changed(rules=(of_one,)), *codes])

    def asked(*codes: str) -> list[Any]:
        return [a_request(code, amount=5000) for code in codes] + [a_request(*codes, amount=5000)]

    one, two, stack = await decider.decide(asked("ONE", "TWO"))
    await snapshots.apply(pool, [campaign_changed(version=2)])
    free = await decider.decide(asked("ONE", "TWO"))

    assert [one.status, two.status, stack.status] == [400, 200, 400]
    told = orjson.loads(stack.body)
    assert told["key"] == "order_rules_violated"
    assert told["would_pass"]["rule_id"] == AT_LEAST_60.id
    assert [each.status for each in free] == [200, 200, 200]
    assert await audit(pool) == 5


async def test_a_rule_that_a_code_is_given_in_the_rush_holds_for_all_who_come_after(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(
        pool, [campaign_changed(), voucher_changed("ONE"), voucher_changed("TWO")]
    )
    of_one = AT_LEAST_60.model_copy(update={"vouchers": ("v_ONE",)})
    given = asyncio.Event()

    async def shop(code: str) -> list[tuple[bool, int]]:
        answers = []
        for _ in range(20):
            after = given.is_set()
            [answer] = await decider.decide([a_request(code, amount=5000)])
            answers.append((after, answer.status))
        return answers

    async def give() -> None:
        await asyncio.sleep(0)
        await snapshots.apply(pool, [campaign_changed(version=2, rules=(of_one,))])
        given.set()

    giving = asyncio.create_task(give())
    answered = await asyncio.gather(*[shop(code) for code in ("ONE", "TWO") * 4])
    await giving

    ones, twos = ([a for many in answered[n::2] for a in many] for n in (0, 1))
    assert {status for after, status in ones if after} <= {400}
    assert {status for _, status in twos} == {200}
    assert await shop("ONE") == [(True, 400)] * 20


async def test_a_refusal_by_a_rule_that_nobody_waited_for_is_told_as_it_would_have_been(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(rules=(AT_LEAST_60,)), voucher_changed()])
    request = a_request(amount=5000)
    [answered] = await decider.decide([request])

    async with pool.acquire() as conn:
        await conn.execute("UPDATE requests SET body = ''")
        told = await recall.recall(conn, request.project_id, request.key)

    assert told is not None
    assert told.body == answered.body


async def test_a_new_customer_is_new_once_however_the_requests_come(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(rules=(NEW,)), voucher_changed()])
    rivals = [a_request(customer="anna", order_id=f"o-{n}") for n in range(5)]

    batch = await decider.decide(rivals)
    [later] = await decider.decide([a_request(customer="anna", order_id="o-9")])
    [nobody] = await decider.decide([a_request()])

    assert [answer.status for answer in batch] == [200, 400, 400, 400, 400]
    refused: dict[str, Any] = orjson.loads(later.body)
    assert refused["key"] == "customer_rules_violated"
    assert refused["would_pass"]["found"] is False  # typed, where 0 and "false" are not
    assert orjson.loads(nobody.body)["key"] == "missing_customer"
    forecasts = Forecasts(Bulkheads(pool, 1), Memory())
    foretold = await forecasts.of(a_request(customer="anna"))
    assert foretold.refused is not None
    assert foretold.refused.refusal.reason == "customer_rules_violated"
