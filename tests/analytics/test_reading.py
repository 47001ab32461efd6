"""What becomes of a record that is not an event of ours: it is unreadable, and says why."""

import json

import pytest
from kit.analytics_samples import a_campaign, a_failure, a_success

from analytics import reading
from analytics.reading import UNREADABLE
from servicekit.kafka.reading import NewerMajorError, UnknownTypeError

READERS = (
    *(reading.REDEMPTIONS, reading.VISITS, reading.GUESSES),
    *(reading.CAMPAIGNS, reading.PROJECTS),
)


@pytest.mark.parametrize(
    ("body", "error_class"),
    [
        pytest.param(None, "NoValueError", id="null-value"),
        pytest.param(b"", "ValidationError", id="empty"),
        pytest.param(b"{", "ValidationError", id="invalid-json"),
        pytest.param(b"\xff\xfe", "ValidationError", id="not-utf-8"),
        pytest.param(b"[" * 100_000, "ValidationError", id="too-deep"),
        pytest.param(b'{"type": "coupons.redemption.succeeded.v1"}', "ValidationError", id="bare"),
        pytest.param(b'"text"', "ValidationError", id="not-an-object"),
    ],
)
def test_poison_is_unreadable_and_says_why(body: bytes | None, error_class: str) -> None:
    for reader in READERS:
        with pytest.raises(UNREADABLE) as caught:
            reader.read(body)
        assert type(caught.value).__name__ == error_class
        assert str(caught.value)


def of_type(name: str) -> bytes:
    return a_success().model_copy(update={"type": name}).encode()


def test_a_newer_major_of_a_known_type_is_unreadable() -> None:
    with pytest.raises(NewerMajorError):
        reading.REDEMPTIONS.read(of_type("coupons.redemption.succeeded.v2"))


def test_a_reason_that_only_a_newer_writer_knows_is_kept() -> None:
    new = a_failure().encode().replace(b"voucher_expired", b"moon_not_full")
    event = reading.REDEMPTIONS.read_fast(new)
    assert event.type == "coupons.redemption.failed.v1"
    assert event.data.reason == "moon_not_full"
    for odd in (b"", b"No reason", b"x" * 101):
        with pytest.raises(UNREADABLE):
            reading.REDEMPTIONS.read(new.replace(b"moon_not_full", odd))


def test_a_new_kind_of_discount_takes_no_campaign_its_name() -> None:
    snapshot = json.loads(a_campaign().encode())
    snapshot["data"]["terms"]["discount"] = {"type": "HAGGLE", "patience": 3}
    assert reading.CAMPAIGNS.read(json.dumps(snapshot).encode()).data.name == "Spring"


def test_an_unknown_type_is_unreadable_and_never_skipped() -> None:
    reserved = "coupons.redemption.reserved.v1"
    with pytest.raises(UnknownTypeError, match=reserved):
        reading.REDEMPTIONS.read(of_type(reserved))


def test_what_is_not_canonical_is_read_with_the_contract() -> None:
    event = a_success()
    loose = json.loads(event.encode())
    assert loose["time"] == "2026-11-23T12:00:00.000Z"
    loose["time"] = "2026-11-23T12:00Z"  # the fast decoder misses the seconds

    with pytest.raises(ValueError, match="Invalid RFC3339"):
        reading.REDEMPTIONS.read_fast(json.dumps(loose).encode())
    assert reading.REDEMPTIONS.read(json.dumps(loose).encode()) == event


def test_bytes_that_are_not_text_are_unreadable_wherever_they_are() -> None:
    broken = a_success().encode().replace(b'{"specversion"', b'{"unknown": "\xff", "specversion"')
    with pytest.raises(UNREADABLE):
        reading.REDEMPTIONS.read(broken)


def test_what_redemption_writes_is_read_fast() -> None:
    """Not a benchmark: a guard against the slow path becoming the usual one."""
    for event in (a_success(), a_failure()):
        assert reading.REDEMPTIONS.read_fast(event.encode()).data.code == event.data.code
