"""Packs: what goes in comes out, in its order, and no row grows beyond its bound."""

from hypothesis import given
from hypothesis import strategies as st

from servicekit.postgres import outbox
from servicekit.postgres.outbox import PACK_BYTES, Message

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
