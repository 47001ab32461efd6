import re
import secrets
import time
from collections import Counter
from uuid import RFC_4122

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import ids

KEY = b"the key of this installation"


def test_a_uuid_of_version_7_carries_its_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = ids.uuid7()
    after = time.time_ns() // 1_000_000

    assert made.version == 7
    assert made.variant == RFC_4122
    assert before <= made.int >> 80 <= after


def test_identities_of_later_milliseconds_sort_later() -> None:
    earlier = ids.uuid7()
    deadline = (earlier.int >> 80) + 1
    while time.time_ns() // 1_000_000 < deadline:  # at most a millisecond
        pass

    assert earlier < ids.uuid7()


def test_identities_within_a_millisecond_differ() -> None:
    made = {ids.uuid7() for _ in range(10_000)}

    assert len(made) == 10_000


def test_the_id_of_a_thing_is_its_prefix_and_24_letters_and_digits() -> None:
    assert re.fullmatch(r"camp_[0-9A-Za-z]{24}", ids.new("camp_"))
    assert re.fullmatch(r"valid_[0-9A-Za-z]{32}", ids.new("valid_", 32))
    assert ids.new("camp_") != ids.new("camp_")


def test_no_character_of_an_id_is_likelier_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    every = bytes(range(256))
    monkeypatch.setattr(secrets, "token_bytes", lambda _length: every)

    drawn = Counter(ids.new("", 248))

    assert drawn == dict.fromkeys(ids.ALPHANUMERIC, 4)


def test_what_stands_for_no_character_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter([b"\xff" * 48, b"\x00" * 23 + b"\xff" * 25, b"\x01" * 48])
    monkeypatch.setattr(secrets, "token_bytes", lambda _length: next(draws))

    assert ids.new("camp_") == "camp_" + "a" * 23 + "b"


def test_a_customers_id_is_pinned_because_history_hangs_on_it() -> None:
    assert ids.customer(KEY, "proj_a", "household-12") == "cust_875792f0cbd9a8f995827dd2"


def test_the_same_customer_in_two_projects_is_two_strangers() -> None:
    assert ids.customer(KEY, "proj_a", "1") != ids.customer(KEY, "proj_b", "1")


def test_another_installations_key_gives_other_pseudonyms() -> None:
    assert ids.customer(KEY, "proj_a", "1") != ids.customer(b"another", "proj_a", "1")


names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(one=st.tuples(names, names), other=st.tuples(names, names))
def test_no_two_customers_share_an_id(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (ids.customer(KEY, *one) == ids.customer(KEY, *other)) == (one == other)
