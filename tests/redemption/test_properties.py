"""What is said of a customer: of each property the newest word, and not too much of it."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.redemption_samples import DAY, NOON, TICK

from contracts.metadata import MOST_METADATA_BYTES, MOST_PROPERTIES
from redemption.customers.properties import Properties, TooManyPropertiesError

words = st.tuples(
    st.integers(0, 9).map(lambda n: NOON + timedelta(seconds=n)),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 9), min_size=1),
)


def after(*said: tuple[Any, dict[str, Any]]) -> Properties:
    properties = Properties()
    for at, metadata in said:
        properties = properties.after(metadata, at)
    return properties


@given(st.lists(words, max_size=6, unique_by=lambda word: word[0]), st.randoms())
def test_any_order_of_arrival_comes_to_the_same(said: list[Any], chance: Any) -> None:
    shuffled = [*said]
    chance.shuffle(shuffled)

    assert after(*shuffled) == after(*said)


def test_of_each_property_the_newest_word_holds() -> None:
    known = after((NOON, {"tier": "tin"}), (NOON + 2 * DAY, {"age": 41}))

    by_now = known.after({"tier": "gold", "age": 40, "town": "Rome"}, NOON + DAY)

    assert by_now.values == {"tier": "gold", "age": 41, "town": "Rome"}
    assert by_now.after({"tier": "gone"}, NOON).values["tier"] == "gold"


def test_of_too_many_properties_those_are_kept_that_were_said_last() -> None:
    each = [(NOON + n * TICK, {f"p{n}": n}) for n in range(MOST_PROPERTIES + 2)]

    known = after(*each[::-1])

    assert list(known.values.values()) == list(range(MOST_PROPERTIES + 1, 1, -1))
    assert known.said_at.keys() == known.values.keys()
    assert after(*each).values == known.values


def test_of_too_long_ones_likewise() -> None:
    text = "x" * (MOST_METADATA_BYTES // 2)

    known = after((NOON, {"old": text}), (NOON + DAY, {"new": text}))

    assert known.values.keys() == {"new"}


@pytest.mark.parametrize(
    "said", [{f"q{n}": n for n in range(MOST_PROPERTIES)}, {"q": "x" * (MOST_METADATA_BYTES - 9)}]
)
def test_whoever_says_it_by_hand_is_told_that_there_is_no_room(said: dict[str, Any]) -> None:
    known = after((NOON, {"tier": "gold"}))
    Properties().check_room_for(said, NOON)

    with pytest.raises(TooManyPropertiesError, match="10,000"):
        known.check_room_for(said, NOON)
