"""What is said of customers joins what is kept: of each property the newest word holds."""

from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.redemption_books import audit
from kit.redemption_deciders import deciding
from kit.redemption_samples import (
    CUSTOMER_KEY,
    NOON,
    PROJECT,
    a_customer,
    a_request,
    campaign_changed,
    voucher_changed,
)

from contracts import ids
from contracts.metadata import MOST_PROPERTIES
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.customers.properties import Properties
from redemption.model import Request

ANNA = ids.customer(CUSTOMER_KEY, PROJECT, "anna")
Word = tuple[int, dict[str, Any]]  # so many seconds after noon

words = st.lists(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), min_size=1, max_size=2),
        ),
        min_size=1,
        max_size=3,
    ),
    min_size=1,
    max_size=6,
)


def says(second: int, said: dict[str, Any]) -> Request:
    at = NOON + timedelta(seconds=second)
    return a_request(customer=a_customer("anna", metadata=said), at=at)


def others(count: int) -> list[Request]:
    """So many that a batch is written as batches are."""
    return [a_request(customer=f"other {n}") for n in range(count)]


async def kept(pool: asyncpg.Pool) -> tuple[dict[str, Any], dict[str, int], int | None]:
    row = await pool.fetchrow(
        "SELECT metadata, said_at, said_last FROM customers WHERE customer_id = $1", ANNA
    )
    assert row is not None
    metadata, said_at = row["metadata"] or {}, row["said_at"] or {}
    return dict(metadata), dict(said_at), row["said_last"]


async def start(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])


@pytest.mark.parametrize("beside", [0, 40])
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(batches=words)
async def test_the_newest_word_holds_in_whatever_batches_they_come(
    redemption_db: str, pool: asyncpg.Pool, beside: int, batches: list[list[Word]]
) -> None:
    await pool.execute("DELETE FROM customers")
    await start(pool)
    expected = Properties()

    async with deciding(redemption_db) as decider:
        await decider.decide([a_request(customer="anna")])  # is remembered from here on
        for batch in batches:
            responses = await decider.decide([*others(beside), *[says(*word) for word in batch]])
            assert {each.status for each in responses} == {200}
            for second, said in batch:
                expected = expected.after(said, NOON + timedelta(seconds=second))

    assert await kept(pool) == (*map(dict, expected), expected.said_last)


async def test_no_more_is_kept_of_a_customer_than_may_be(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await start(pool)
    await decider.decide([a_request(customer="anna")])
    await decider.decide([says(1, {f"old {n}": n for n in range(60)})])

    await decider.decide([says(2, {f"new {n}": n for n in range(60)})])

    metadata, said_at, _ = await kept(pool)
    assert len(metadata) == len(said_at) == MOST_PROPERTIES
    assert sum(name.startswith("new") for name in metadata) == 60


async def test_short_words_never_come_to_more_than_may_be_kept(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await start(pool)
    await decider.decide([a_request(customer="anna")])
    for n in range(MOST_PROPERTIES + 20):
        await decider.decide([says(n, {chr(0x4E00 + n): 1})])

    metadata, _, _ = await kept(pool)
    assert len(metadata) == MOST_PROPERTIES
    assert len(orjson.dumps(metadata)) < 10_000
    assert await audit(pool) == MOST_PROPERTIES + 21
