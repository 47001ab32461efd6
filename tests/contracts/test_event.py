import json
import re

import pytest
from pydantic import BaseModel, ValidationError

from contracts.event import Event, Identifier
from contracts.orders import OrderChanged
from contracts.redemptions import RedemptionRequested
from contracts.rollbacks import RollbackRequested


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


@pytest.mark.parametrize("event", [OrderChanged, RedemptionRequested, RollbackRequested])
def test_what_is_wrong_with_an_event_does_not_say_who_it_was(event: type[Event]) -> None:
    data = {"customer": {"email": "ann@example@org", "name": ["Ann Smith"]}, "reason": 7}

    with pytest.raises(ValidationError) as wrong:
        event.model_validate_json(json.dumps({"data": data}))

    assert "data.customer.email" in str(wrong.value)
    assert not re.search("ann", str(wrong.value), re.IGNORECASE)


def test_a_lone_surrogate_is_no_text() -> None:
    with pytest.raises(ValidationError):
        Held.model_validate_json(rb'{"key": "\ud800"}')
