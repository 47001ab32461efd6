"""Records become values or dead letters, one by one."""

import json
from typing import Any

import pytest
from aiokafka import ConsumerRecord

from servicekit.kafka.reading import by_type, is_other_major, sort_records

READ = by_type({"coupons.visit.recorded.v1": json.loads}, ("coupons.visit.ended.v1",))


def a_record(value: bytes | None) -> ConsumerRecord[Any, Any]:
    return ConsumerRecord("topic", 0, 7, 0, 1, b"k", value, None, 0, 0, ())


def of_type(name: str) -> ConsumerRecord[Any, Any]:
    return a_record(json.dumps({"type": name}).encode())


def test_an_unreadable_record_does_not_hold_up_its_neighbours() -> None:
    records = [of_type("coupons.visit.recorded.v1"), a_record(b"{"), of_type("x"), a_record(None)]

    values, letters = sort_records([*records, records[0]], READ, (ValueError,))

    assert [value["type"] for value in values] == ["coupons.visit.recorded.v1"] * 2
    assert [letter.record for letter in letters] == records[1:]


@pytest.mark.parametrize(
    ("record", "error"),
    [
        pytest.param(a_record(None), "NoValueError", id="null-value"),
        pytest.param(a_record(b"\xff"), "UnreadableError", id="no-text"),
        pytest.param(a_record(b"[]"), "UnreadableError", id="no-object"),
        pytest.param(a_record(b"{}"), "UnreadableError", id="no-type"),
        pytest.param(a_record(b"[" * 100_000), "UnreadableError", id="too-deep"),
        pytest.param(of_type("coupons.visit.recorded.v2"), "NewerMajorError", id="newer"),
        pytest.param(of_type("coupons.visit.ended.v2"), "NewerMajorError", id="newer-neighbour"),
        pytest.param(of_type("coupons.visit.deleted.v1"), "UnknownTypeError", id="unknown"),
    ],
)
def test_what_cannot_be_read_says_why(record: ConsumerRecord[Any, Any], error: str) -> None:
    values, [letter] = sort_records([record], READ, ())

    assert values == []
    assert letter.error_class == error
    assert letter.error_text


def test_a_neighbours_record_is_neither_read_nor_set_aside() -> None:
    assert sort_records([of_type("coupons.visit.ended.v1")], READ, ()) == ([], [])


def test_a_bug_of_the_reader_is_no_fault_of_the_record() -> None:
    def broken(_record: ConsumerRecord[Any, Any]) -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        sort_records([a_record(b"{}")], broken, ())


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ("a.b.v2", True),
        ("a.b.v10", True),
        ("a.b.v1", False),
        ("a.b.v0", False),
        ("a.c.v2", False),
        ("a.b", False),
        ("", False),
    ],
)
def test_another_major_has_the_same_name(given: str, other: bool) -> None:
    assert is_other_major(given, "a.b.v1") is other
