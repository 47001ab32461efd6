import pytest
from pydantic import BaseModel, ValidationError

from contracts.event import Identifier


class Held(BaseModel):
    key: Identifier


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
