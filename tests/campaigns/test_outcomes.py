"""How outcomes are read, a hundred thousand a minute: as the contract reads them, only faster."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import ConsumerRecord

from campaigns.vouchers import outcomes
from campaigns.vouchers.counts import UseCount
from contracts.redemptions import RedemptionSucceeded
from servicekit.kafka.reading import UnreadableError, sort_records

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
SUCCEEDED = json.loads((GOLDEN / "coupons.redemption.succeeded.v1.json").read_text())
ROLLED_BACK = json.loads((GOLDEN / "coupons.redemption.rolled_back.v1.json").read_text())
FAILED = json.loads((GOLDEN / "coupons.redemption.failed.v1.json").read_text())


def a_record(value: bytes | None) -> ConsumerRecord:
    return ConsumerRecord("t", 0, 1, 0, 1, None, value, None, 0, 0, ())


def compact(event: dict[str, Any]) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()


def accepted(project_id: str = "proj_a", **data: Any) -> bytes:
    return compact(SUCCEEDED | {"projectid": project_id, "data": SUCCEEDED["data"] | data})


@pytest.mark.parametrize("as_bytes", [compact, lambda event: json.dumps(event, indent=2).encode()])
def test_an_accepted_redemption_is_read_and_a_refusal_is_not_ours(as_bytes: Any) -> None:
    values: list[outcomes.Followed]
    values, letters = sort_records(
        [a_record(as_bytes(SUCCEEDED)), a_record(as_bytes(FAILED))], outcomes.read, ()
    )

    [event] = values
    known = RedemptionSucceeded.model_validate(SUCCEEDED)
    assert (event.projectid, event.data.voucher_id) == (known.projectid, known.data.voucher_id)
    assert (event.data.uses, event.data.sequence) == (known.data.uses, known.data.sequence)
    assert letters == []


@pytest.mark.parametrize("as_bytes", [compact, lambda event: json.dumps(event, indent=2).encode()])
def test_a_rollback_tells_the_uses_of_its_code(as_bytes: Any) -> None:
    back = ROLLED_BACK | {"data": ROLLED_BACK["data"] | {"uses": 0, "sequence": 13}}
    values: list[outcomes.Followed]
    values, letters = sort_records(
        [a_record(as_bytes(back)), a_record(as_bytes(SUCCEEDED))], outcomes.read, ()
    )

    assert letters == []
    assert outcomes.latest_uses(values) == [UseCount("proj_9yX2", "v_1", uses=0, sequence=13)]


def test_a_code_that_looks_like_a_refusal_is_still_counted() -> None:
    record = a_record(accepted(code='"type":"coupons.redemption.failed.v1"'))

    assert outcomes.read(record) is not None


UNREADABLE: dict[str, bytes | None] = {
    "nothing": None,
    "no-json": b"{",
    "no-text": b"\xff",
    "too-deep": b"[" * 10_000,
    "no-type": compact({n: v for n, v in SUCCEEDED.items() if n != "type"}),
    "a-stranger": compact(SUCCEEDED | {"type": "coupons.weather.changed.v1"}),
    "a-newer-major": compact(SUCCEEDED | {"type": "coupons.redemption.succeeded.v2"}),
    "no-voucher": accepted(voucher_id=None),
    "a-nul-in-an-id": accepted(voucher_id="a\0"),
    "uses-below-zero": accepted(uses=-1),
    "uses-beyond-exact": accepted(uses=2**53),
    "uses-as-text": accepted(uses="1"),
}


@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_the_contract_refuses_is_refused(value: bytes | None) -> None:
    with pytest.raises((UnreadableError, ValueError)):
        outcomes.read(a_record(value))


def test_of_each_code_the_latest_outcome_counts() -> None:
    told = [
        accepted(voucher_id="v_1", uses=2, sequence=2),
        accepted(voucher_id="v_1", uses=1, sequence=1),
        accepted(voucher_id="v_2", uses=1, sequence=1),
        accepted(voucher_id="v_1", uses=1, sequence=3),
        accepted("proj_b", voucher_id="v_1", uses=9, sequence=1),
    ]
    events = [event for value in told if (event := outcomes.read(a_record(value))) is not None]

    assert set(outcomes.latest_uses(events)) == {
        UseCount("proj_a", "v_1", uses=1, sequence=3),
        UseCount("proj_a", "v_2", uses=1, sequence=1),
        UseCount("proj_b", "v_1", uses=9, sequence=1),
    }


def test_who_redeemed_and_when_last() -> None:
    early, late = "2026-11-23T13:00:00.000Z", "2026-11-23T14:00:00.000Z"
    events = [
        outcomes.read(a_record(accepted(project, caller=caller, decided_at=at)))
        for project, caller, at in (
            ("proj_a", "app_1", late),
            ("proj_a", "app_1", early),
            ("proj_b", "app_1", early),
            ("proj_b", None, late),
        )
    ]

    latest = outcomes.latest_callers([event for event in events if event is not None])

    assert latest == {
        ("proj_a", "app_1"): datetime.fromisoformat(late),
        ("proj_b", "app_1"): datetime.fromisoformat(early),
    }
