"""What is said of what was sent: which field is wrong, and what to send instead."""

from typing import Any, Literal

import msgspec
import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from servicekit import faults


class Line(msgspec.Struct, forbid_unknown_fields=True):
    quantity: int
    of: Literal["product", "sku"] | None = None
    passed_over: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    session: None = None


class Basket(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[Line]
    more: tuple[Line, ...] = ()
    notes: dict[str, Any] = {}


INSTEAD = {
    "pieces": faults.Instead("quantity", "send quantity"),
    "basket": faults.Instead("lines", "send lines"),
}


def said_of(sent: object) -> str:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(sent, Basket)
    return faults.of_msgspec(str(caught.value), Basket, INSTEAD)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (
            {"lines": [{"quantity": 1}, {"quantity": 1, "of": "shop"}]},
            "`$.lines[1].of`: Invalid enum value 'shop', known are product, sku",
        ),
        (
            {"lines": [], "more": [{"quantity": 1, "of": "`"}]},
            "`$.more[0].of`: Invalid enum value '`', known are product, sku",
        ),
        (
            {"lines": [{"quantiti": 1}]},
            "`$.lines[0].quantiti`: is unknown, known are of, quantity: send quantity",
        ),
        (
            {"lines": [{"pieces": 1}]},
            "`$.lines[0].pieces`: is unknown, known are of, quantity: send quantity",
        ),
        (
            {"pieces": 1},
            "`$.pieces`: is unknown, known are lines, more, notes",
        ),
        ({"basket": 1}, "`$.basket`: is unknown, known are lines, more, notes: send lines"),
        (
            {"lines": [{"basket": 1}]},
            "`$.lines[0].basket`: is unknown, known are of, quantity",
        ),
        ({"colour": 1}, "`$.colour`: is unknown, known are lines, more, notes"),
        ({"lines": [{"quantity": "1"}]}, "Expected `int`, got `str` - at `$.lines[0].quantity`"),
    ],
)
def test_what_may_be_sent_instead_is_said(sent: object, said: str) -> None:
    assert said_of(sent) == said


@pytest.mark.parametrize(
    "name",
    [
        "a` - at `$.lines",
        "x" * 10_000,
        "a\nb",
        "` - at `$[0].",
        "`",
        "a` - at `$." + "y" * 10_000,
    ],
)
def test_whatever_a_name_is_something_is_said(name: str) -> None:
    said = said_of({name: 1})

    assert len(said) < 400
    assert "is unknown" in said


def test_of_a_value_that_is_none_of_an_enums_a_piece_is_said() -> None:
    said = said_of({"lines": [{"quantity": 1, "of": "shop" * 10_000}]})

    assert len(said) < 400
    assert said.startswith("`$.lines[0].of`: Invalid enum value 'shopshop")
    assert said.endswith("known are product, sku")


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: int = Field(ge=0)
    state: Literal["on", "off"] = "on"


class Sent(BaseModel):
    given: tuple[Given, ...] | None = None


def test_a_models_faults_name_their_fields_and_nothing_that_stood_there() -> None:
    with pytest.raises(ValidationError) as caught:
        Sent.model_validate({"given": [{"amount": 1}, {"amount": "secret", "state": "secret"}]})

    assert faults.of_pydantic(caught.value) == (
        "`$.given[1].amount`: Input should be a valid integer, unable to parse string as an "
        "integer; `$.given[1].state`: Input should be 'on' or 'off'"
    )


def test_the_names_that_a_model_knows_are_told_where_it_is_given() -> None:
    with pytest.raises(ValidationError) as caught:
        Sent.model_validate({"given": [{"amount": 1, "stat": "on"}]})

    unknown = "`$.given[0].stat`: is unknown"
    assert faults.of_pydantic(caught.value) == unknown
    assert faults.of_pydantic(caught.value, Sent) == (
        f"{unknown}, known are amount, state: send state"
    )


def test_nothing_is_sought_that_is_like_a_name_of_a_megabyte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sought: list[str] = []

    def seek(name: str, *_: object, **__: object) -> list[str]:
        sought.append(name)
        return []

    monkeypatch.setattr(faults, "get_close_matches", seek)
    with pytest.raises(ValidationError) as caught:
        Sent.model_validate({"given": [{"amount": 1, "stat" * 250_000: "on"}]})

    faults.of_pydantic(caught.value, Sent)

    assert [len(name) for name in sought] == [faults.LONGEST_NAMED]


def test_of_many_faults_some_are_told() -> None:
    with pytest.raises(ValidationError) as caught:
        Sent.model_validate({"given": [{}] * 1_000})

    assert faults.of_pydantic(caught.value).count("Field required") == faults.SHOWN_FAULTS
