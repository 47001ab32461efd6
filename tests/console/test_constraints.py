"""What pydantic says of a value is no sentence for people: forms say it in their own."""

import pytest
from pydantic import BaseModel, Field, ValidationError

from console.api.refusals import RefusedError
from console.web import constraints, forms

INPUT = {"name": "xxxx", "short": "x", "empty": "", "many": [1, 2, 3], "least": -1, "most": 2000001}


class Thing(BaseModel):
    """One field of each constraint that the API's bodies have."""

    name: str = Field(max_length=3)
    short: str = Field(min_length=2)
    empty: str = Field(min_length=1)
    many: list[int] = Field(max_length=2)
    least: int = Field(ge=0)
    most: int = Field(le=1_000_000)
    needed: str


def test_each_constraint_is_said_in_words_of_a_form() -> None:
    with pytest.raises(ValidationError) as refused:
        Thing.model_validate(INPUT)

    said = {str(each["loc"][0]): constraints.plain(each["msg"]) for each in refused.value.errors()}

    assert said == {
        "name": "Enter 3 characters at most",
        "short": "Enter 2 characters at least",
        "empty": "Fill this in",
        "many": "Enter 2 at most",
        "least": "Enter 0 or more",
        "most": "Enter 1,000,000 at most",
        "needed": "Fill this in",
    }


def test_more_than_the_api_counts_is_too_much_whatever_the_currency() -> None:
    told = "Input should be less than or equal to 9007199254740991"

    assert constraints.plain(told) == "That is too much"


def test_what_the_api_says_in_words_of_its_own_stays() -> None:
    said = "should be an http or https address"

    assert constraints.plain(said) == said


def test_a_form_says_it_at_the_field() -> None:
    told = {"key": "invalid_payload", "details": "name: String should have at most 200 characters"}

    form = forms.fresh("csrf").refused(RefusedError(400, told))

    assert form.fault("name") == "Enter 200 characters at most"
