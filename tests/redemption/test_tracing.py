"""What names a trace is passed on, what does not is nobody's."""

import pytest

from redemption.reading.tracing import of_record, traceparent

ONE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"


@pytest.mark.parametrize(
    "none",
    [
        "",
        "1",
        ONE.upper(),
        f"{ONE} ",
        ONE.replace("00-", "ff-", 1),
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
        f"{ONE}-more",
    ],
)
def test_what_is_no_traceparent_is_passed_over(none: str) -> None:
    assert traceparent(none) is None
    assert traceparent(none, None, ONE) == ONE


def test_the_first_that_is_one_wins() -> None:
    assert traceparent(OTHER, ONE) == OTHER
    assert traceparent(None, None) is None


def test_a_records_header_may_be_missing_empty_or_no_text() -> None:
    assert of_record([]) is None
    assert of_record([("traceparent", None), ("traceparent", ONE.encode())]) == ONE
    assert traceparent(of_record([("traceparent", b"\xff\xfe")])) is None
    assert of_record([("tracestate", ONE.encode())]) is None
