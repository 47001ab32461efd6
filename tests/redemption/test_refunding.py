"""Orders that are cancelled or refunded roll their redemptions back, where campaigns say so."""

from collections.abc import Collection, Sequence
from typing import Any, cast

import asyncpg
import pytest
from kit.redemption_books import audit
from kit.redemption_rollbacks import a_rollback
from kit.redemption_samples import (
    DAY,
    NOON,
    PROJECT,
    a_request,
    campaign_changed,
    voucher_changed,
)

from contracts.terms import Rollback
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.orders import ordering, overdue, refunding
from redemption.orders.told import Told
from redemption.outcomes import Response
from redemption.returns import Asked
from redemption.store import listing, refunds

KEY = (PROJECT, "order-1")


async def bought(pool: asyncpg.Pool, decider: Decider, *, follows: bool = True) -> None:
    """Redeem two codes on an order of 50.00, of which they take 10.00."""
    policy = Rollback(on_cancelled_order=follows)
    for name in ("one", "two"):
        changed = campaign_changed(name)
        terms = changed.data.terms.model_copy(update={"rollback": policy})
        data = changed.data.model_copy(update={"terms": terms})
        changed = changed.model_copy(update={"data": data})
        await snapshots.apply(pool, [changed, voucher_changed(name, name)])
    await decider.decide([a_request("one", "two", customer="anna", order_id="order-1")])


async def told(pool: asyncpg.Pool, decider: Decider, day: int, **said: object) -> None:
    order = Told(KEY, at=NOON + day * DAY, amount_minor=5000, **said)  # type: ignore[arg-type]
    await ordering.keep(pool, [order])
    await refunding.roll_back(pool, decider, [KEY])


async def given_back(pool: asyncpg.Pool) -> Collection[tuple[int, int]]:
    rows = await pool.fetch(
        """
        SELECT sum(order_minor)::int AS o, sum(discount_minor)::int AS d FROM ledger
        WHERE kind = 'rolled_back' GROUP BY code
        """
    )
    return [(row["o"], row["d"]) for row in rows]


async def test_a_cancelled_order_gives_all_back_once(pool: asyncpg.Pool, decider: Decider) -> None:
    await bought(pool, decider)

    for day in (1, 2):
        await told(pool, decider, day, status="CANCELED")

    assert await given_back(pool) == [(-2500, -500)] * 2
    assert await pool.fetchval("SELECT counted_minor FROM orders") == 0
    assert await pool.fetchval("SELECT sum(used) FROM campaign_locks") == 0
    assert await audit(pool) == 2


async def test_refunds_give_back_of_a_discount_on_an_order_that_was_counted_before(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    policy = Rollback(on_cancelled_order=True)
    for name in ("one", "two"):
        await snapshots.apply(
            pool, [campaign_changed(name, rollback=policy), voucher_changed(name, name)]
        )
        await decider.decide([a_request(name, customer="anna", order_id="order-1")])

    await told(pool, decider, 1, status="PAID", refunded_minor=1000)
    assert sorted(await given_back(pool)) == [(-1000, -100), (0, -100)]
    await told(pool, decider, 2, status="PAID", refunded_minor=2500)
    await told(pool, decider, 2, status="PAID", refunded_minor=2500)
    assert sorted(await given_back(pool)) == [(-2500, -250), (0, -250)]
    await told(pool, decider, 3, status="PAID", refunded_minor=5000)
    assert sorted(await given_back(pool)) == [(-5000, -500), (0, -500)]
    assert await pool.fetchval("SELECT sum(used) FROM campaign_locks") == 0
    assert await audit(pool) == 2


async def test_refunds_give_back_in_proportion_and_the_rest_with_the_last(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await bought(pool, decider)

    await told(pool, decider, 1, status="PAID", refunded_minor=1000)
    assert await given_back(pool) == [(-500, -100)] * 2
    await told(pool, decider, 2, status="PAID", refunded_minor=2500)
    assert await given_back(pool) == [(-1250, -250)] * 2
    await told(pool, decider, 3, status="PAID", refunded_minor=5000)

    assert await given_back(pool) == [(-2500, -500)] * 2
    assert await audit(pool) == 2


@pytest.mark.parametrize("status", ["PAID", "CANCELED"])
async def test_where_the_campaign_does_not_say_so_nothing_is_given_back(
    pool: asyncpg.Pool, decider: Decider, status: str
) -> None:
    await bought(pool, decider, follows=False)

    await told(pool, decider, 1, status=status, refunded_minor=1000)

    assert await given_back(pool) == []


async def test_who_dies_before_it_is_noted_does_it_again_and_it_was_done(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await bought(pool, decider)
    await told(pool, decider, 1, status="CANCELED")
    await pool.execute("UPDATE orders SET returned_minor = 0")

    await refunding.roll_back(pool, decider, [KEY])

    assert await given_back(pool) == [(-2500, -500)] * 2
    assert await audit(pool) == 2


async def test_two_refunds_of_one_order_at_once_give_back_what_the_latest_says(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await bought(pool, decider)

    class Overtaken:
        async def decide(self, asked: Sequence[Asked], deadline: float | None) -> list[Response]:
            await told(pool, decider, 2, status="PAID", refunded_minor=2000)
            return await decider.decide(asked, deadline)

    await told(pool, cast("Any", Overtaken()), 1, status="PAID", refunded_minor=1000)

    assert await given_back(pool) == [(-1000, -200)] * 2
    assert await audit(pool) == 2


async def test_a_refund_of_more_than_is_left_gives_back_what_is_left(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await bought(pool, decider)
    for row in await pool.fetch("SELECT id FROM ledger WHERE kind = 'redeemed'"):
        by_hand = await a_rollback(pool, f"r_{row['id'].hex}", amount_minor=2250)
        await decider.decide([by_hand])

    await told(pool, decider, 1, status="PAID", refunded_minor=1000)

    assert await given_back(pool) == [(-2500, -500)] * 2
    assert await audit(pool) == 2


async def test_an_order_that_is_paid_anew_after_its_refund_keeps_what_is_redeemed_then(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await bought(pool, decider)
    await told(pool, decider, 1, status="PAID", refunded_minor=5000)

    await decider.decide([a_request("one", order_id="order-1", at=NOON + 2 * DAY)])
    await told(pool, decider, 3)

    assert await pool.fetchval("SELECT status FROM orders") == "PAID"
    assert await given_back(pool) == [(-2500, -500)] * 2
    assert await audit(pool) == 3


@pytest.mark.parametrize("amount", [5000, None])
async def test_what_is_redeemed_after_a_cancellation_comes_back_without_another_word(
    pool: asyncpg.Pool, decider: Decider, amount: int | None
) -> None:
    cancelled = Told(KEY, at=NOON + DAY, status="CANCELED", amount_minor=amount)
    await ordering.keep(pool, [cancelled])
    await refunding.roll_back(pool, decider, [KEY])
    await bought(pool, decider)

    await overdue.roll_back_all(pool, decider)

    assert await given_back(pool) == [(-2500, -500)] * 2
    assert await audit(pool) == 2


async def test_of_what_is_redeemed_after_a_refund_a_part_comes_back_without_another_word(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await told(pool, decider, 1, status="PAID", refunded_minor=1000)
    await bought(pool, decider)

    await overdue.roll_back_all(pool, decider)
    await overdue.roll_back_all(pool, decider)

    assert await given_back(pool) == [(-500, -100)] * 2
    assert await audit(pool) == 2


async def test_orders_that_wait_for_a_locked_campaign_keep_no_others_waiting(
    pool: asyncpg.Pool, decider: Decider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refunds, "AT_ONCE", 1)
    policy = Rollback(on_cancelled_order=True)
    for name in ("one", "two"):
        changed = campaign_changed(name, rollback=policy)
        await snapshots.apply(pool, [changed, voucher_changed(name, name)])
        await decider.decide([a_request(name, order_id=name)])
    cancelled = [Told((PROJECT, each), NOON + DAY, "CANCELED") for each in ("one", "two")]
    await ordering.keep(pool, cancelled)

    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM campaign_locks WHERE campaign_id = 'one' FOR UPDATE")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await overdue.roll_back_all(pool, decider)
        assert await given_back(pool) == [(-5000, -500)]
    await overdue.roll_back_all(pool, decider)

    assert await given_back(pool) == [(-5000, -500)] * 2
    assert await refunds.overdue(cast("Any", pool), overdue.FIRST) == []
    assert await audit(pool) == 2


async def test_a_cancellation_without_an_amount_gives_back_what_was_redeemed_on_it(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await bought(pool, decider)
    await pool.execute("UPDATE orders SET amount_minor = 0")

    await ordering.keep(pool, [Told(KEY, at=NOON + DAY, status="CANCELED")])
    await refunding.roll_back(pool, decider, [KEY])

    assert await given_back(pool) == [(-2500, -500)] * 2


async def test_what_is_paid_anew_while_it_is_rolled_back_can_be_refunded_again(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await bought(pool, decider)

    class Overtaken:
        async def decide(self, asked: Sequence[Asked], *_: Any) -> list[Response]:
            responses = await decider.decide(asked)
            await decider.decide([a_request("one", order_id="order-1", at=NOON + 2 * DAY)])
            return responses

    await told(pool, cast("Any", Overtaken()), 1, status="CANCELED")
    await told(pool, decider, 3, status="PAID", refunded_minor=1000)

    assert sorted(await given_back(pool)) == [(-3500, -600), (-2500, -500)]


async def test_what_is_redeemed_while_a_cancellation_is_seen_to_comes_back_too(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await bought(pool, decider)

    class Overtaken:
        async def decide(self, asked: Sequence[Asked], *_: Any) -> list[Response]:
            await decider.decide([a_request("one", order_id="order-1", at=NOON)])
            return await decider.decide(asked)

    await told(pool, cast("Any", Overtaken()), 1, status="CANCELED")
    assert await pool.fetchval("SELECT count(*) FROM ledger WHERE kind = 'redeemed'") == 3
    await overdue.roll_back_all(pool, decider)

    assert await pool.fetchval("SELECT count(*) FROM ledger WHERE is_whole") == 3
    assert await refunds.overdue(cast("Any", pool), overdue.FIRST) == []
    assert await audit(pool) == 3


async def test_what_is_redeemed_on_an_order_of_which_nothing_is_to_come_back_is_seen_to(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    """Between the look at the order and the note that it is done."""
    await ordering.keep(pool, [Told(KEY, at=NOON + DAY, status="CANCELED", amount_minor=5000)])

    class Overtaken:
        async def decide(self, *_: Any) -> list[Response]:
            await bought(pool, decider)
            return []

    await refunding.roll_back(pool, cast("Any", Overtaken()), [KEY])
    await overdue.roll_back_all(pool, decider)

    assert await given_back(pool) == [(-2500, -500)] * 2


async def test_a_refund_that_is_refused_stays_due(pool: asyncpg.Pool, decider: Decider) -> None:
    await bought(pool, decider)

    class Refusing:
        async def decide(self, asked: Sequence[Asked], *_: Any) -> list[Response]:
            refused = Response(b"", 400, b'{"key": "invalid_rollback_params", "details": ""}')
            return [*await decider.decide(asked[1:]), refused]

    await ordering.keep(pool, [Told(KEY, at=NOON + DAY, status="CANCELED", amount_minor=5000)])
    assert not await refunding.roll_back(pool, cast("Any", Refusing()), [KEY])
    assert await refunds.overdue(cast("Any", pool), overdue.FIRST) == [KEY]

    assert await overdue.roll_back_all(pool, decider)
    assert await given_back(pool) == [(-2500, -500)] * 2
    assert await refunds.overdue(cast("Any", pool), overdue.FIRST) == []


async def test_however_much_was_redeemed_on_an_order_comes_back(
    pool: asyncpg.Pool, decider: Decider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "BLOCK", 1)
    await bought(pool, decider)

    await told(pool, decider, 1, status="CANCELED")

    assert await given_back(pool) == [(-2500, -500)] * 2


async def test_an_order_that_brings_trouble_keeps_no_others_waiting(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(
        pool,
        [
            campaign_changed("one", rollback=Rollback(on_cancelled_order=True)),
            voucher_changed("one", "one"),
        ],
    )
    for order in ("order-1", "order-2"):
        await decider.decide([a_request("one", order_id=order)])
    cancelled = [Told((PROJECT, each), NOON + DAY, "CANCELED") for each in ("order-1", "order-2")]
    await ordering.keep(pool, cancelled)

    class Troubled:
        async def decide(self, asked: Sequence[Any], *_: Any) -> list[Response]:
            if any(each.originals[0].order_id == "order-1" for each in asked):
                raise asyncpg.DataError("it cannot be kept")
            return await decider.decide(asked)

    assert not await overdue.roll_back_all(pool, cast("Any", Troubled()))

    assert await given_back(pool) == [(-5000, -500)]
    assert await refunds.overdue(cast("Any", pool), overdue.FIRST) == [KEY]
