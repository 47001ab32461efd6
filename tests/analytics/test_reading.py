"""The fast reader and the contract agree: what one takes, the other takes, and means the same."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.analytics_samples import a_failure, a_success
from pydantic import ValidationError

from analytics import outcomes, reading, rows
from analytics.reading import Unreadable, read_redemption
from contracts.event import Event
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
MODELS: dict[str, type[RedemptionSucceeded | RedemptionFailed]] = {
    "coupons.redemption.succeeded.v1": RedemptionSucceeded,
    "coupons.redemption.failed.v1": RedemptionFailed,
}
OUTCOMES = sorted(GOLDEN.glob("coupons.redemption.succeeded.*.json")) + sorted(
    GOLDEN.glob("coupons.redemption.failed.*.json")
)
EXAMPLES = [json.loads(path.read_bytes()) for path in OUTCOMES] + [
    json.loads(event.encode()) for event in (a_success(), a_failure())
]

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(
        [
            "EUR\n", "eur", "EUR", "1", "voucher_expired", "1.0", 0, -1, 1.0, 10_000, 10_001,
            "2026-11-23T12:00:00Z", "2026-11-23 12:00:00+01:00", "2026-02-30T12:00:00.000Z",
            "2026-11-23T12:00:00.1239999996Z", "0001-01-01T00:00:00.000+01:00", "2026-11-23",
            1795435200, "2026-11-23T12:00:00.000z", "2026-11-23T24:00:00.000Z",
            9_007_199_254_740_991, 9_007_199_254_740_992, [], {}, {"share_basis_points": "5"},
        ]
    ),
)  # fmt: skip


def accepted_by_contract(body: bytes) -> RedemptionSucceeded | RedemptionFailed | None:
    """What pydantic makes of it, by the type that the envelope names; None where it refuses."""
    try:
        return MODELS[Event.model_validate_json(body).type].model_validate_json(body)
    except (ValidationError, OverflowError, KeyError):
        return None


def assert_both_agree(body: bytes) -> None:
    by_contract = accepted_by_contract(body)
    found = read_redemption(body, 0, 0)
    if by_contract is None:
        assert isinstance(found, Unreadable), body
        return
    if isinstance(found, Unreadable):
        assert found.error_class == "UnstorableError", (found, body)
        return
    # The same row as from what the contract would have written itself.
    assert found == read_redemption(by_contract.encode(), 0, 0)


@pytest.mark.parametrize("path", OUTCOMES, ids=lambda path: path.stem)
def test_golden_files_are_read_fast(path: Path) -> None:
    event = reading._canonical(path.read_bytes())

    assert isinstance(event, outcomes.Succeeded | outcomes.Failed)
    assert_both_agree(path.read_bytes())


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_both_readers_agree_on_mutated_events(data: st.DataObject) -> None:
    event = json.loads(json.dumps(data.draw(st.sampled_from(EXAMPLES))))
    for _ in range(data.draw(st.integers(1, 2))):
        mutate(event, data)

    assert_both_agree(json.dumps(event, ensure_ascii=data.draw(st.booleans())).encode())


def mutate(event: dict[str, Any], data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([event, event.get("data")]))
    if not isinstance(place, dict) or not place:
        return
    name = data.draw(st.sampled_from([*place, "a_field_of_tomorrow"]))
    if data.draw(st.booleans()):
        place[name] = data.draw(values)
    else:
        place.pop(name, None)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(EXAMPLES), st.integers(0, 2**32), st.integers(1, 4))
def test_both_readers_agree_on_damaged_bytes(
    event: dict[str, Any], seed: int, damages: int
) -> None:
    body = bytearray(json.dumps(event).encode())
    chance = random.Random(seed)  # noqa: S311  # damage, not secrets
    for _ in range(damages):
        body[chance.randrange(len(body))] = chance.randrange(256)

    assert_both_agree(bytes(body))


@pytest.mark.parametrize(
    ("body", "error_class"),
    [
        pytest.param(None, "NoValue", id="null-value"),
        pytest.param(b"", "ValidationError", id="empty"),
        pytest.param(b"{", "ValidationError", id="invalid-json"),
        pytest.param(b"\xff\xfe", "ValidationError", id="not-utf-8"),
        pytest.param(b"[" * 100_000, "ValidationError", id="too-deep"),
        pytest.param(b'{"type": "coupons.redemption.succeeded.v1"}', "ValidationError", id="bare"),
        pytest.param(b'"text"', "ValidationError", id="not-an-object"),
    ],
)
def test_poison_is_unreadable_and_says_why(body: bytes | None, error_class: str) -> None:
    for read in (
        reading.read_redemption,
        reading.read_visit,
        reading.read_campaign,
        reading.read_project,
    ):
        found = read(body, 0, 0)
        assert isinstance(found, Unreadable)
        assert found.error_class == error_class
        assert 0 < len(found.error_text) <= 1000


def of_type(name: str) -> bytes:
    return a_success().model_copy(update={"type": name}).encode()


def test_a_newer_major_of_a_known_type_is_unreadable() -> None:
    found = read_redemption(of_type("coupons.redemption.succeeded.v2"), 0, 0)
    assert isinstance(found, Unreadable)
    assert found.error_class == "NewerMajor"


def test_an_unknown_type_is_unreadable_and_never_skipped() -> None:
    rolled_back = "coupons.redemption.rolled_back.v1"
    found = read_redemption(of_type(rolled_back), 0, 0)
    assert isinstance(found, Unreadable)
    assert (found.error_class, rolled_back in found.error_text) == ("UnknownType", True)


def test_an_instant_that_leaves_the_calendar_is_unreadable_and_no_crash() -> None:
    event = json.loads(a_success().encode())
    event["time"] = "0001-01-01T00:00:00.000+01:00"
    assert isinstance(read_redemption(json.dumps(event).encode(), 0, 0), Unreadable)


def test_an_event_is_read_in_microseconds() -> None:
    """Not a benchmark: a guard against the slow path becoming the usual one."""
    body = a_success().encode()
    assert isinstance(reading._canonical(body), outcomes.Succeeded)
    assert isinstance(rows.outcome(reading._canonical(body), 0, 0), tuple)
