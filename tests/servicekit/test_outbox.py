"""Packs: what goes in comes out, in its order, and no row grows beyond its bound."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.postgres import outbox
from servicekit.postgres.outbox import PACK_BYTES, Message, TooLargeError

MESSAGES = st.lists(
    st.builds(
        Message,
        st.sampled_from(["coupons.campaigns.v1", "coupons.visits.v1"]),
        st.binary(max_size=40),
        st.one_of(
            st.binary(max_size=900),
            st.integers(1, 3 * PACK_BYTES).map(lambda size: b"v" * size),
        ),
    ),
    max_size=60,
)


@given(MESSAGES)
def test_messages_come_out_of_their_packs_as_they_went_in(messages: list[Message]) -> None:
    packs = [outbox.unpack(row[0]) for row in outbox.rows(messages).rows]

    assert [Message(*each) for pack in packs for each in pack] == messages
    assert all(packs)
    for pack in packs:
        assert len(pack) == 1 or sum(len(value) for _, _, value in pack) <= PACK_BYTES


def test_a_batch_of_outcomes_takes_few_rows() -> None:
    outcomes = [Message("coupons.redemptions.v1", b"r_1", b"v" * 850)] * 1000

    assert len(outbox.rows(outcomes).rows) == 36


class Written:
    """What is written, in place of a connection."""

    def __init__(self) -> None:
        self.rows: list[Any] = []

    async def copy_records_to_table(self, _table: str, *, columns: Any, records: Any) -> None:
        self.rows += [dict(zip(columns, record, strict=True)) for record in records]


async def test_what_kafka_would_never_take_is_not_left_for_the_relay() -> None:
    compressed = Message("coupons.campaigns.v1", b"a", b"v" * 3_000_000)
    too_large = Message("coupons.campaigns.v1", b"b", random.Random(1).randbytes(1_100_000))  # noqa: S311
    conn: Any = Written()

    await outbox.write(conn, [compressed])
    with pytest.raises(TooLargeError, match="1,000,000"):
        await outbox.write(conn, [too_large])

    assert [outbox.unpack(row["messages"])[0][1] for row in conn.rows] == [b"a"]
