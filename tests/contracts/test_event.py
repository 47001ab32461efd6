import pytest
from pydantic import BaseModel, ValidationError

from contracts.event import Identifier, is_newer_major


class Held(BaseModel):
    key: Identifier


@pytest.mark.parametrize(
    ("given", "newer"),
    [
        pytest.param("coupons.redemption.requested.v2", True, id="next-major"),
        pytest.param("coupons.redemption.requested.v12", True, id="two-digits"),
        pytest.param("coupons.redemption.requested.v1", False, id="ours"),
        pytest.param("coupons.redemption.reversed.v2", False, id="another-event"),
        pytest.param("coupons.redemption.requested.v0", False, id="no-version-zero"),
        pytest.param("coupons.redemption.requested", False, id="no-version"),
        pytest.param("com.example.v2", False, id="not-ours"),
        pytest.param("", False, id="empty"),
    ],
)
def test_a_newer_major_is_told_from_an_unknown_event(given: str, newer: bool) -> None:
    assert is_newer_major(given, "coupons.redemption.requested.v1") is newer


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param("", id="empty"),
        pytest.param("a\0b", id="nul-is-no-text-for-postgresql"),
        pytest.param("\0", id="nul-alone"),
        pytest.param("x" * 201, id="longer-than-200"),
    ],
)
def test_a_foreign_id_that_could_not_be_stored_is_refused(refused: str) -> None:
    with pytest.raises(ValidationError):
        Held(key=refused)


@pytest.mark.parametrize("accepted", ["x", "x" * 200, "SUMMER 20 % · ü 😀", "a\nb", " "])
def test_any_other_text_is_a_foreign_id(accepted: str) -> None:
    assert Held(key=accepted).key == accepted


def test_a_lone_surrogate_is_no_text() -> None:
    with pytest.raises(ValidationError):
        Held.model_validate_json(rb'{"key": "\ud800"}')
