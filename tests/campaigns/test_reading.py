import json
from typing import Any

from aiokafka import ConsumerRecord

from campaigns.reading import sort_out
from contracts.applied import SnapshotApplied
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded


def a_record(value: bytes | None) -> ConsumerRecord:
    return ConsumerRecord(
        topic="t",
        partition=0,
        offset=1,
        timestamp=0,
        timestamp_type=0,
        key=None,
        value=value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=(),
    )


def an_event(**overrides: Any) -> bytes:
    event: dict[str, Any] = {
        "id": "1",
        "source": "test",
        "type": "coupons.snapshot.applied.v1",
        "subject": "camp_1",
        "time": "2026-11-23T12:00:00.000Z",
        "projectid": "proj_a",
        "data": {"kind": "campaign", "id": "camp_1", "version": 2},
    }
    return json.dumps(event | overrides).encode()


def test_a_bad_record_does_not_hold_up_its_neighbours() -> None:
    bad = [None, b"", b"{", b"\xff", b"[]", b"[" * 10_000, an_event(data={})]
    records = [a_record(value) for value in [an_event(), *bad, an_event(id="2")]]

    events, unreadable = sort_out(records, SnapshotApplied)

    assert [event.id for event in events] == ["1", "2"]
    assert [each.record.value for each in unreadable] == bad


def test_a_newer_major_waits_for_our_upgrade_and_a_stranger_for_a_person() -> None:
    newer = an_event(type="coupons.snapshot.applied.v2")
    records = [a_record(newer), a_record(an_event(type="coupons.weather.changed.v1"))]

    events, unreadable = sort_out(records, SnapshotApplied)

    assert events == []
    errors = [type(each.error).__name__ for each in unreadable]
    assert errors == ["NewerMajorError", "UnknownTypeError"]


def test_a_known_neighbour_is_not_ours_and_no_stranger() -> None:
    refusal = an_event(type="coupons.redemption.failed.v1")

    events, unreadable = sort_out([a_record(refusal)], RedemptionSucceeded, (RedemptionFailed,))

    assert (events, unreadable) == ([], [])
