"""Definitions arrive repeated and reordered, and a switch is final on every replica at once."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import cast

import asyncpg
import orjson
import pytest
from kit.patience import until
from kit.redemption_books import audit, somebody_waits
from kit.redemption_samples import (
    CAMPAIGN,
    CODE,
    NOON,
    TICK,
    a_request,
    campaign_changed,
    codes_issued,
    project_changed,
    segment_changed,
    voucher_changed,
)

from contracts import topics
from contracts.applied import SnapshotApplied
from contracts.instants import to_rfc3339
from contracts.projects import ApiKey
from contracts.segments import MOST_MEMBERS
from redemption.applying import snapshots
from redemption.applying.snapshots import Snapshot
from redemption.batches.decider import Decider
from redemption.batches.redeem import redeem
from redemption.batches.validate import Forecasts
from redemption.loading.memory import Memory
from servicekit.postgres.bulkheads import Bulkheads
from servicekit.postgres.outbox import Message
from servicekit.postgres.pool import Connection


def applied(messages: Sequence[Message]) -> list[tuple[str, str, int]]:
    assert {message.topic for message in messages} == {topics.APPLIED.name}
    events = [SnapshotApplied.model_validate_json(message.value) for message in messages]
    assert [m.key for m in messages] == [event.data.id.encode() for event in events]
    return [(event.data.kind, event.data.id, event.data.version) for event in events]


async def reason(decider: Decider, code: str = CODE) -> str:
    [answer] = await decider.decide([a_request(code)])
    return "ok" if answer.status == 200 else str(orjson.loads(answer.body)["key"])


async def test_what_is_enforced_is_reported_once_it_is_committed(
    pool: asyncpg.Pool,
) -> None:
    reported: list[tuple[str, str, int]] = []

    async def report(messages: Sequence[Message]) -> None:
        assert await pool.fetchval("SELECT version FROM campaigns") == 1
        assert await pool.fetchval("SELECT version FROM campaign_locks") == 1
        reported.extend(applied(messages))

    await snapshots.enforce(
        pool,
        report,
        [project_changed(), campaign_changed(), codes_issued("A", number=3), voucher_changed()],
    )

    assert reported == [
        ("project", "proj_a", 1),
        ("campaign", CAMPAIGN, 1),
        ("chunk", f"{CAMPAIGN}:3", 1),
        ("voucher", f"v_{CODE}", 1),
    ]
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 0  # where it would have to queue


async def test_what_was_not_committed_is_not_reported(pool: asyncpg.Pool) -> None:
    async def report(messages: Sequence[Message]) -> None:
        raise AssertionError(messages)

    await snapshots.apply(pool, [campaign_changed()])
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM campaign_locks FOR UPDATE")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await snapshots.enforce(pool, report, [campaign_changed(version=2, active=False)])


async def test_an_old_snapshot_changes_nothing_and_names_what_is_in_force(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(
        pool, [campaign_changed(version=5, active=False), voucher_changed(version=5)]
    )

    old = await snapshots.apply(pool, [campaign_changed(version=4), voucher_changed(version=4)])

    assert await reason(decider) == "campaign_inactive"
    assert applied(old) == [("campaign", CAMPAIGN, 5), ("voucher", f"v_{CODE}", 5)]


async def test_a_repeated_snapshot_is_reported_again(pool: asyncpg.Pool) -> None:
    for _ in range(2):
        again = await snapshots.apply(pool, [campaign_changed(version=2)])
        assert applied(again) == [("campaign", CAMPAIGN, 2)]


@pytest.mark.parametrize("seed", range(5))
async def test_any_order_and_any_repeats_end_in_the_latest_state(
    pool: asyncpg.Pool, decider: Decider, seed: int
) -> None:
    history: list[Snapshot] = [
        codes_issued("A", "B"),
        *(campaign_changed(version=v, total_limit=v) for v in range(1, 5)),
        *(voucher_changed("A", version=v, quantity=v) for v in range(2, 6)),
        voucher_changed("A", version=6, active=False),
        *(project_changed("proj_a", v) for v in range(1, 4)),
        *(segment_changed(version=v, members=(f"cust_{v}", "cust_9")) for v in range(1, 4)),
    ]
    shuffled = random.Random(seed).choices(history, k=20) + history  # noqa: S311 - a repeatable shuffle
    random.Random(seed).shuffle(shuffled)  # noqa: S311

    for start in range(0, len(shuffled), 7):
        await snapshots.apply(pool, shuffled[start : start + 7])

    assert await pool.fetchval("SELECT (terms #>> '{limits,total}')::int FROM campaigns") == 4
    assert await pool.fetchval("SELECT version FROM projects") == 3
    members = await pool.fetch("SELECT customer_id FROM segment_members ORDER BY customer_id")
    assert [row["customer_id"] for row in members] == ["cust_3", "cust_9"]
    codes = await pool.fetch("SELECT code, version, active, quantity FROM vouchers ORDER BY code")
    assert [tuple(row) for row in codes] == [("A", 6, False, None), ("B", 1, True, 1)]
    assert [await reason(decider, code) for code in "AB"] == ["voucher_disabled", "ok"]


async def test_the_longest_list_of_a_segment_changes_at_once_and_goes(pool: asyncpg.Pool) -> None:
    members = [f"cust_{n}" for n in range(MOST_MEMBERS)]
    await snapshots.apply(pool, [segment_changed(members=members)])

    again = await snapshots.apply(pool, [segment_changed(version=2, members=members[1:])])
    assert applied(again) == [("segment", "seg_1", 2)]
    assert await pool.fetchval("SELECT count(*) FROM segment_members") == MOST_MEMBERS - 1

    await snapshots.apply(pool, [segment_changed(version=3, deleted=True)])
    await snapshots.apply(pool, [segment_changed(version=1, members=members)])
    assert await pool.fetchval("SELECT count(*) FROM segment_members") == 0


async def test_uses_survive_every_change_of_terms(pool: asyncpg.Pool, decider: Decider) -> None:
    await snapshots.apply(pool, [campaign_changed(total_limit=5), voucher_changed(quantity=3)])
    assert [await reason(decider) for _ in range(3)] == ["ok"] * 3

    await snapshots.apply(pool, [voucher_changed(version=2, quantity=4), codes_issued(CODE)])
    assert [await reason(decider) for _ in range(2)] == ["ok", "quantity_exceeded"]

    # A limit may be lowered below what is used: it refuses more uses and takes none back.
    await snapshots.apply(pool, [campaign_changed(version=2, total_limit=1)])
    assert await reason(decider) == "quantity_exceeded"
    await snapshots.apply(pool, [voucher_changed(version=3)])
    assert await reason(decider) == "campaign_limit_exceeded"
    await snapshots.apply(pool, [campaign_changed(version=3, total_limit=5)])
    assert [await reason(decider) for _ in range(2)] == ["ok", "campaign_limit_exceeded"]
    assert await audit(pool) == 5


async def test_a_revoked_key_is_gone_and_an_old_snapshot_does_not_bring_it_back(
    pool: asyncpg.Pool,
) -> None:
    one, two = (
        ApiKey(id=name, digest="ab" * 32, scopes=("redemptions",)) for name in ("one", "two")
    )
    await snapshots.apply(pool, [project_changed("proj_a", 2, one, two)])
    await snapshots.apply(pool, [project_changed("proj_a", 3, two)])
    await snapshots.apply(pool, [project_changed("proj_a", 2, one, two)])

    keys = await pool.fetch("SELECT key_id, project_id FROM api_keys")

    assert [tuple(row) for row in keys] == [("two", "proj_a")]


async def test_a_key_id_that_another_project_has_stays_where_it_is_and_stops_nothing(
    pool: asyncpg.Pool,
) -> None:
    shared, theirs, twice = (
        ApiKey(id=name, digest=digest * 32, scopes=("redemptions",))
        for name, digest in [("shared", "ab"), ("shared", "cd"), ("own", "ef")]
    )
    await snapshots.apply(pool, [project_changed("proj_a", 1, shared)])
    messages = await snapshots.apply(
        pool, [project_changed("proj_b", 1, theirs, twice, twice), campaign_changed()]
    )

    keys = await pool.fetch("SELECT key_id, project_id, digest FROM api_keys ORDER BY key_id")

    assert [tuple(row) for row in keys] == [
        ("own", "proj_b", b"\xef" * 32),
        ("shared", "proj_a", b"\xab" * 32),
    ]
    assert ("campaign", CAMPAIGN, 1) in applied(messages)


async def test_terms_of_one_project_leave_anothers_alone(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    await snapshots.apply(
        pool,
        [
            campaign_changed(project="proj_b", version=9, active=False),
            voucher_changed(project="proj_b", version=9, active=False),
        ],
    )

    assert await reason(decider) == "ok"


async def test_a_codes_own_end_holds_from_the_moment_that_it_is_told(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed(), codes_issued("OTHER")])
    assert await reason(decider) == "ok"

    await snapshots.apply(pool, [voucher_changed(version=2, ends_at=NOON + TICK)])
    assert await reason(decider) == "ok"
    await snapshots.apply(pool, [voucher_changed(version=3, ends_at=NOON)])
    expired, others = await reason(decider), await reason(decider, "OTHER")
    looked_at = await Forecasts(Bulkheads(pool, 1), Memory()).of(a_request())

    assert (expired, others) == ("voucher_expired", "ok")
    assert looked_at.refused is not None
    assert looked_at.refused.refusal.would_pass == {"ends_at": to_rfc3339(NOON)}


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([[1, 2, 3]], id="one-batch"),
        pytest.param([[1], [2], [3]], id="one-by-one"),
        pytest.param([[3], [2], [1], [2, 3]], id="reordered-and-repeated"),
        pytest.param([[3]], id="compacted"),
    ],
)
async def test_a_code_is_not_active_before_its_campaigns_version_that_brings_its_rules(
    pool: asyncpg.Pool, decider: Decider, told: list[list[int]]
) -> None:
    versions = {
        1: voucher_changed(active=False),
        2: voucher_changed(version=2, active_from_version=2),
        3: voucher_changed(version=3, active_from_version=2, quantity=9),
    }
    await snapshots.apply(pool, [campaign_changed(), codes_issued("OTHER")])
    for batch in told:
        await snapshots.apply(pool, [versions[each] for each in batch])

    before, others = await reason(decider), await reason(decider, "OTHER")
    looked_at = await Forecasts(Bulkheads(pool, 1), Memory()).of(a_request())
    await snapshots.apply(pool, [campaign_changed(version=2)])
    then = await reason(decider)
    await snapshots.apply(pool, [campaign_changed(version=3)])

    assert (before, others, then) == ("voucher_disabled", "ok", "ok")
    assert looked_at.refused is not None
    assert looked_at.refused.refusal.reason == "voucher_disabled"
    assert await reason(decider) == "ok"


async def test_who_decides_without_a_lock_goes_by_a_codes_own_end(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed(ends_at=NOON)])

    async with pool.acquire() as conn:
        redeemed = await redeem(conn, [a_request()], NOON, Memory(), lock=False)

    [answer] = redeemed.responses
    assert (answer.status, orjson.loads(answer.body)["key"]) == (400, "voucher_expired")


@pytest.fixture
async def flood(three_deciders: list[Decider]) -> AsyncIterator[Callable[[], None]]:
    """Redeem on three replicas without a pause until told to stop."""
    running = True

    async def client(decider: Decider) -> None:
        while running:
            await decider.decide([a_request() for _ in range(5)])

    def stop() -> None:
        nonlocal running
        running = False

    async with asyncio.TaskGroup() as clients:
        for decider in three_deciders * 3:
            clients.create_task(client(decider))
        yield stop
        stop()


SWITCHES = {
    "campaign": lambda version, on: campaign_changed(version=version, active=on),
    "code": lambda version, on: voucher_changed(version=version, active=on),
    "campaign-limit": lambda version, on: campaign_changed(
        version=version, total_limit=None if on else 0
    ),
}


@pytest.mark.parametrize("switch", SWITCHES.values(), ids=SWITCHES.keys())
async def test_once_a_switch_is_applied_no_replica_accepts_any_more(
    pool: asyncpg.Pool,
    flood: Callable[[], None],
    three_deciders: list[Decider],
    switch: Callable[[int, bool], Snapshot],
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])

    async def accepted() -> int:
        return int(await pool.fetchval("SELECT count(*) FROM ledger WHERE kind = 'redeemed'"))

    async def more_than(before: int) -> bool:
        return await accepted() > before

    for version in range(2, 14, 2):
        before = await accepted()
        await until(partial(more_than, before))
        await snapshots.apply(pool, [switch(version, False)])
        at_switch = await accepted()

        # Whatever was in flight on each replica when the switch was applied is decided by now.
        for _ in range(2):
            await asyncio.gather(*(d.decide([a_request()]) for d in three_deciders))
        assert await accepted() == at_switch
        await snapshots.apply(pool, [switch(version + 1, True)])
    flood()


async def test_a_batch_that_waited_for_a_switch_is_judged_by_it(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    assert await reason(decider) == "ok"  # which remembers the code and the terms

    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("LOCK TABLE campaigns IN SHARE MODE")  # written behind the lock
        off = [campaign_changed(version=2, active=False)]
        switching = asyncio.create_task(snapshots.apply(pool, off))
        await until(lambda: somebody_waits(pool))
        waiting = asyncio.create_task(reason(decider))
        await until(lambda: somebody_waits(pool, 2))
    await switching

    assert await waiting == "campaign_inactive"


async def test_a_switch_waits_for_the_batch_in_flight_and_is_reported_after_it(
    pool: asyncpg.Pool,
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])

    async with pool.acquire() as conn, conn.transaction():
        [accepted] = (await redeem(conn, [a_request()], datetime.now(UTC), Memory())).responses
        off = [campaign_changed(version=2, active=False)]
        switching = asyncio.create_task(snapshots.apply(pool, off))
        await until(lambda: somebody_waits(pool))
        assert not switching.done()

    assert accepted.status == 200
    assert applied(await switching) == [("campaign", CAMPAIGN, 2)]
    assert await audit(pool) == 1


async def test_everybody_takes_locks_in_one_order(pool: asyncpg.Pool) -> None:
    """Without the decider, which would repeat a batch that was the victim of a deadlock."""
    names = [f"camp_{n}" for n in range(12)]
    customers = [f"customer {n}" for n in range(12)]
    for name in names:
        await snapshots.apply(pool, [campaign_changed(name), voucher_changed(name, name)])

    async def decide(order: Sequence[str]) -> None:
        mixed = random.Random(str(order)).sample(customers, k=12)  # noqa: S311
        requests = [a_request(n, customer=c) for n, c in zip(order, mixed, strict=True)]
        async with pool.acquire() as conn, conn.transaction():
            await redeem(conn, requests, datetime.now(UTC), Memory())

    async def change(order: Sequence[str], version: int) -> None:
        await snapshots.apply(pool, [campaign_changed(n, version) for n in order])

    async def rival(number: int) -> None:
        for turn in range(10):
            order = random.Random(number * 100 + turn).sample(names, k=12)  # noqa: S311
            await (change(order, turn + 2) if number == 0 else decide(order))

    async with asyncio.TaskGroup() as rivals:
        for number in range(7):
            rivals.create_task(rival(number))

    assert await audit(pool) == 6 * 10 * 12


async def test_a_switch_never_waits_for_the_ledger_to_be_read(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])

    async with pool.acquire() as reader, reader.transaction():
        await reader.execute("LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE")
        async with asyncio.timeout(15):  # less than Postgres gives a statement
            await snapshots.apply(pool, [campaign_changed(version=2, active=False)])


class Listening:
    """A pool that notes the statements of who borrows from it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.statements: list[str] = []

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire() as conn:
            with conn.query_logger(lambda query: self.statements.append(query.query)):
                yield conn


async def test_a_hundred_renamed_campaigns_cost_as_many_statements_as_one(
    pool: asyncpg.Pool,
) -> None:
    def renamed(version: int, number: int) -> list[Snapshot]:
        """What a partner's new name brings: others' switches wait behind it."""
        return [campaign_changed(f"camp_{n}", version=version) for n in range(number)]

    await snapshots.apply(pool, renamed(1, 100))
    costs = []
    for version, number in ((2, 1), (3, 100)):
        listening = Listening(pool)
        messages = await snapshots.apply(cast("asyncpg.Pool", listening), renamed(version, number))
        assert {applied_version for _, _, applied_version in applied(messages)} == {version}
        costs.append(len(listening.statements))

    assert costs[0] == costs[1] > 0
    for table in ("campaign_locks", "campaigns"):
        assert await pool.fetchval(f"SELECT min(version) FROM {table}") == 3


async def test_of_a_campaigns_versions_in_one_batch_the_highest_holds_and_each_is_reported(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), codes_issued(CODE)])
    versions = [(2, True), (4, False), (3, True)]

    messages = await snapshots.apply(
        pool, [campaign_changed(version=version, active=active) for version, active in versions]
    )

    assert applied(messages) == [("campaign", CAMPAIGN, 4)] * 3
    assert await reason(decider) == "campaign_inactive"


async def test_codes_issued_switched_off_are_refused_until_they_are_switched_on(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), codes_issued(CODE, active=False)])
    assert await reason(decider) == "voucher_disabled"

    await snapshots.apply(pool, [voucher_changed(version=2)])
    assert await reason(decider) == "ok"
