"""A segment that a rule asks about is the one in force, on every path and in every process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
import orjson
import pytest
from kit.patience import until
from kit.redemption_books import audit, somebody_waits
from kit.redemption_samples import (
    CUSTOMER_KEY,
    PROJECT,
    a_customer,
    a_request,
    campaign_changed,
    segment_changed,
    voucher_changed,
)
from kit.rules import a_rule

from contracts import ids
from contracts.segments import Filter
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.batches.redeem import redeem
from redemption.batches.validate import Forecasts
from redemption.loading.memory import Memory
from redemption.orders import ordering
from redemption.orders.told import Told
from servicekit.postgres.bulkheads import Bulkheads
from servicekit.postgres.pool import Connection

ANN, BOB = (ids.customer(CUSTOMER_KEY, PROJECT, name) for name in ("ann", "bob"))
FOR_PRESS: Final = a_rule(a={"name": "customer.segment", "$is": ["seg_1"]})
NOT_FOR_STAFF: Final = a_rule(a={"name": "customer.segment", "$is_not": ["seg_1"]})


def filter_of(attribute: str, operator: str, *values: Any) -> Filter:
    condition = {"operator": operator, "values": values}
    criteria = [{"attribute": attribute, "conditions": [condition]}]
    return Filter.model_validate({"criteria": criteria})


async def reason(decider: Decider, customer: Any = "ann") -> str:
    [answer] = await decider.decide([a_request(customer=customer)])
    return "ok" if answer.status == 200 else str(orjson.loads(answer.body)["key"])


async def open_for(pool: asyncpg.Pool, rule: Any = FOR_PRESS, **segment: Any) -> None:
    await snapshots.apply(
        pool,
        [segment_changed(**segment), campaign_changed(rules=(rule,)), voucher_changed()],
    )


async def test_a_code_for_a_list_is_for_those_on_it_as_it_now_is(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await open_for(pool, members=(ANN,))
    assert await reason(decider) == "ok"  # by itself, without a lock: and its facts are left
    assert await reason(decider) == "ok"
    assert await reason(decider, "bob") == "customer_rules_violated"

    await snapshots.apply(pool, [segment_changed(version=2, members=(BOB,))])
    assert await reason(decider) == "customer_rules_violated"
    assert await reason(decider, "bob") == "ok"

    await snapshots.apply(pool, [segment_changed(version=3, deleted=True)])
    assert await reason(decider, "bob") == "customer_rules_violated"
    assert await audit(pool) == 3


async def test_in_one_batch_each_is_judged_by_himself(pool: asyncpg.Pool, decider: Decider) -> None:
    await open_for(pool, members=(ANN,))

    asked = [a_request(customer=name) for name in ("bob", "ann") * 20]
    answers = await decider.decide(asked)

    assert [each.status for each in answers] == [400, 200] * 20


async def test_a_filter_is_judged_by_what_the_customer_did_until_now(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await open_for(pool, type="passive", filter=filter_of("is_new", "$is", True))

    assert await reason(decider) == "ok"
    assert await reason(decider) == "customer_rules_violated"
    answers = await decider.decide([a_request(customer="bob") for _ in range(3)])
    assert [each.status for each in answers] == [200, 400, 400]


@pytest.mark.parametrize("lock", [True, False], ids=["locked", "looked"])
async def test_who_has_paid_this_very_order_is_asleep_still(
    pool: asyncpg.Pool, decider: Decider, *, lock: bool
) -> None:
    """Payments before and after a redemption come to the same: of the others the last counts."""
    asleep = filter_of("summary.orders.last_order_date", "$more_than_ago", 60)
    await open_for(pool, type="passive", filter=asleep)
    decider._rivalled = 9 if lock else 0
    now = datetime(2026, 11, 26, tzinfo=UTC)
    paid = [
        Told((PROJECT, f"{name}-{n}"), now - timedelta(days=days), "PAID", 5000, customer_id=who)
        for name, who, ago in (("ann", ANN, (300, 90, 0)), ("bob", BOB, (300, 30, 0)))
        for n, days in enumerate(ago)
    ]
    await ordering.keep(pool, paid)

    asked = [a_request(customer=name, order_id=f"{name}-2", at=now) for name in ("ann", "bob")]
    answers = await decider.decide(asked)

    assert [each.status for each in answers] == [200, 400]
    assert await audit(pool) == 1


async def test_who_came_back_is_not_asleep_any_more(pool: asyncpg.Pool, decider: Decider) -> None:
    """The example of docs/redemption.md."""
    asleep = filter_of("summary.orders.last_order_date", "$more_than_ago", 60)
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    last, now = (datetime(2026, *day, tzinfo=UTC) for day in ((9, 1), (11, 26)))

    async def pays(order_id: str, at: datetime) -> int:
        asked = a_request(customer="ann", order_id=order_id, at=at)
        [answer] = await decider.decide([asked])
        return answer.status

    assert await pays("order-1", last) == 200
    segment = segment_changed(type="passive", filter=asleep)
    await snapshots.apply(pool, [segment, campaign_changed(version=2, rules=(FOR_PRESS,))])

    assert await pays("order-2", last + timedelta(days=60)) == 400
    assert await pays("order-3", now) == 200
    assert await pays("order-4", now + timedelta(hours=1)) == 400


async def test_a_filter_is_the_one_in_force(pool: asyncpg.Pool, decider: Decider) -> None:
    some = filter_of("created_at", "$has_value")
    none = filter_of("summary.orders.total_amount", "$more_than", 10**9)
    await open_for(pool, type="passive", filter=some)
    assert [await reason(decider), await reason(decider)] == ["ok", "ok"]

    await snapshots.apply(pool, [segment_changed(version=2, type="passive", filter=none)])
    assert await reason(decider) == "customer_rules_violated"
    await snapshots.apply(pool, [segment_changed(version=3, type="passive", filter=some)])
    assert await reason(decider) == "ok"


async def test_metadata_that_come_with_a_request_count(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await open_for(pool, type="passive", filter=filter_of("metadata.tier", "$is", "gold"))

    gold = a_customer("ann", metadata={"tier": "gold"})
    assert await reason(decider, gold) == "ok"
    assert await reason(decider, a_customer("bob", metadata={"tier": "tin"})) != "ok"
    assert await reason(decider, "cleo") != "ok"


async def test_a_validation_says_the_same(pool: asyncpg.Pool) -> None:
    await open_for(pool, members=(ANN,))

    forecasts = Forecasts(Bulkheads(pool, 1), Memory())
    refused = [(await forecasts.of(a_request(customer=name))).refused for name in ("ann", "bob")]

    assert [each and each.refusal.reason.value for each in refused] == [
        None,
        "customer_rules_violated",
    ]


async def test_a_segment_that_has_not_arrived_lets_nobody_in(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(rules=(NOT_FOR_STAFF,)), voucher_changed()])
    assert await reason(decider) == "campaign_inactive"

    await snapshots.apply(pool, [segment_changed(members=(BOB,))])
    assert await reason(decider) == "ok"
    assert await reason(decider, "bob") == "customer_rules_violated"


async def test_another_projects_segment_of_the_same_name_is_another(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await open_for(pool, members=())
    await snapshots.apply(pool, [segment_changed(project="proj_b", members=(ANN,))])

    assert await reason(decider) == "customer_rules_violated"


async def test_a_segment_waits_for_the_first_campaign_that_names_it(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [segment_changed(members=(ANN,)), campaign_changed()])
    changed = [segment_changed(version=2, members=())]

    async with pool.acquire() as conn, conn.transaction():
        names_it = campaign_changed(version=2, rules=(FOR_PRESS,))
        await snapshots.apply(Lent(conn), [names_it])  # type: ignore[arg-type]  # as a pool
        changing = asyncio.create_task(snapshots.apply(pool, changed))
        await until(lambda: somebody_waits(pool))
        assert not changing.done()

    with pytest.raises(asyncpg.SerializationError):  # it has not locked this campaign: try again
        await changing
    before = await pool.fetchval("SELECT revision FROM campaign_locks")
    await snapshots.apply(pool, changed)
    assert await pool.fetchval("SELECT revision FROM campaign_locks") > before
    assert await pool.fetchval("SELECT count(*) FROM segment_members") == 0


async def test_the_first_campaign_that_names_a_segment_waits_for_its_change(
    pool: asyncpg.Pool,
) -> None:
    await snapshots.apply(pool, [segment_changed(members=(ANN,)), campaign_changed()])

    async with pool.acquire() as conn, conn.transaction():
        changed = [segment_changed(version=2, members=())]
        await snapshots.apply(Lent(conn), changed)  # type: ignore[arg-type]  # as a pool
        names_it = campaign_changed(version=2, rules=(FOR_PRESS,))
        naming = asyncio.create_task(snapshots.apply(pool, [names_it]))
        await until(lambda: somebody_waits(pool))
        assert not naming.done()
    await naming


class Lent:
    """As much of a pool as lends one connection, whose transaction goes on."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    @contextlib.asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        yield self._conn


async def test_a_segment_waits_for_the_batch_in_flight_and_is_reported_after_it(
    pool: asyncpg.Pool,
) -> None:
    await open_for(pool, members=(ANN,))

    async with pool.acquire() as conn, conn.transaction():
        asked = [a_request(customer="ann")]
        [accepted] = (await redeem(conn, asked, datetime.now(UTC), Memory())).responses
        changed = [segment_changed(version=2, members=())]
        changing = asyncio.create_task(snapshots.apply(pool, changed))
        await until(lambda: somebody_waits(pool))
        assert not changing.done()

    assert accepted.status == 200
    await changing
    assert await pool.fetchval("SELECT count(*) FROM segment_members") == 0


async def test_a_campaign_is_held_for_the_segments_that_it_names_now(pool: asyncpg.Pool) -> None:
    await open_for(pool, members=(ANN,))
    before = await pool.fetchval("SELECT revision FROM campaign_locks")
    await snapshots.apply(pool, [segment_changed(version=2, members=())])
    named = await pool.fetchval("SELECT revision FROM campaign_locks")
    await snapshots.apply(pool, [campaign_changed(version=2)])
    unnamed = await pool.fetchval("SELECT revision FROM campaign_locks")
    await snapshots.apply(pool, [segment_changed(version=3, members=(ANN,))])

    assert before < named < unnamed
    assert await pool.fetchval("SELECT revision FROM campaign_locks") == unnamed


@pytest.mark.parametrize("rounds", [4])
async def test_three_processes_forget_a_list_at_once(
    pool: asyncpg.Pool, three_deciders: list[Decider], rounds: int
) -> None:
    await open_for(pool, members=(ANN,))
    for version in range(2, 2 + 2 * rounds, 2):
        assert [await reason(each) for each in three_deciders] == ["ok"] * 3
        await snapshots.apply(pool, [segment_changed(version=version, members=())])
        found = await asyncio.gather(*(reason(each) for each in three_deciders))
        assert set(found) == {"customer_rules_violated"}
        await snapshots.apply(pool, [segment_changed(version=version + 1, members=(ANN,))])
