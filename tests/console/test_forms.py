"""Whatever happens to a form, what was typed into it stays."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from console.api import refusals
from console.api.refusals import OutageError, RefusedError
from console.web import forms
from console.web.forms import Form


def sent(text: str) -> Form:
    return forms.sent(parse_qsl(text, keep_blank_values=True), "token")


def test_a_fresh_form_shows_what_is_stored() -> None:
    form = forms.fresh("token").starting(
        {"name": "Blog", "channels": ["a", "b"], "contact": None}, 3
    )

    assert (form.one("name"), form.many("channels"), form.one("contact")) == (
        "Blog",
        ("a", "b"),
        "",
    )
    assert form.hidden["_version"] == "3"
    assert form.key
    assert form.status == 200
    assert form.problems == ()


def test_two_renderings_are_two_wishes() -> None:
    assert forms.fresh("token").key != forms.fresh("token").key


def test_what_was_typed_wins_over_what_is_stored_also_where_it_is_empty() -> None:
    form = sent("name=&csrf=old&_key=k1").starting({"name": "Blog", "letters": ["on"]})

    assert form.one("name") == ""
    assert not form.has("letters")  # a box that is not ticked is not sent
    assert (form.key, form.csrf) == ("k1", "token")
    assert form.text("name") is None


def refused(**told: object) -> RefusedError:
    error = refusals.of(400, {"key": "invalid_payload", "message": "Invalid payload", **told})
    assert isinstance(error, RefusedError)
    return error


@pytest.mark.parametrize(
    ("told", "faults"),
    [
        pytest.param(
            {"details": "name: is too long; voucher.discount.percent_off: above 100: no"},
            {"name": "is too long", "voucher.discount.percent_off": "above 100: no"},
            id="several",
        ),
        pytest.param(
            {"message": "Property .time_zone: no such zone"},
            {"time_zone": "no such zone"},
            id="one",
        ),
        pytest.param(
            {"message": "Query parameter filters[color]: is unknown"},
            {"filters[color]": "is unknown"},
            id="of-a-query",
        ),
        pytest.param({"message": "Not now", "details": "come back later"}, {}, id="of-no-field"),
        pytest.param(
            {"message": "Duplicate", "details": "the project has one of its x with this y already"},
            {},
            id="taken-and-not-in-the-form",
        ),
        pytest.param(
            {
                "message": "Duplicate",
                "details": "the project has one of its categories with this name already",
            },
            {"name": "There is one with this name already: choose another"},
            id="taken",
        ),
    ],
)
def test_the_apis_words_stand_at_their_fields(
    told: dict[str, object], faults: dict[str, str]
) -> None:
    form = sent("name=x").refused(refused(**told))

    assert dict(form.faults) == faults
    assert form.status == 422
    assert form.problems
    assert form.one("name") == "x"


def test_the_summary_says_which_field_is_meant() -> None:
    form = sent("").wrong(start_date="Enter a day", expiration_date="Enter a day", other="Wrong")

    assert [each.text for each in form.problems] == [
        "First day: Enter a day",
        "Last day: Enter a day",
        "Wrong",
    ]


def test_a_refusal_of_no_field_stands_above_the_form() -> None:
    form = sent("").refused(refused(message="Not now", details="come back later"))

    assert [(each.field, each.text) for each in form.problems] == [
        (None, "Not now: come back later")
    ]


def test_of_two_who_edit_the_second_is_shown_theirs_and_yours_and_before() -> None:
    first = forms.fresh("token").starting({"name": "A", "contact": "a@x", "deal": "d"}, 3)
    typed = f"name=B&contact=a@x&deal=d&_version=3&_before={json.dumps(dict(first.initial))}"

    told = refused(key="version_conflict", current={"version": 4})
    second = sent(typed).refused(told).starting({"name": "C", "contact": "c@x", "deal": "d"}, 4)

    assert second.status == 409
    assert second.differences == (("Name", "A", "C", "B"), ("Contact", "a@x", "c@x", "a@x"))
    assert second.one("name") == "B"
    assert second.hidden["_version"] == "4"  # sent again, it is meant


def test_shown_again_a_form_stays_of_the_version_that_it_began_with() -> None:
    before = {"name": ("A",)}
    typed = f"name=&_version=3&_before={json.dumps(before)}"

    again = sent(typed).wrong(name="is missing").starting({"name": "C"}, 4)

    assert again.one("name") == ""
    assert again.hidden["_version"] == "3"  # so that the next save is told of theirs
    assert json.loads(again.hidden["_before"]) == {"name": ["A"]}


@pytest.mark.parametrize("before", ["x", "[]", '{"a": 1}', "null", "9", '{"a": [[1]]}'])
def test_what_is_not_as_we_wrote_it_is_no_before(before: str) -> None:
    form = forms.sent([("_before", before), ("_version", "1")], "token").refused(
        refused(key="version_conflict", current={})
    )

    assert all(
        difference.before in ("", "[1]") for difference in form.starting({"a": "1"}, 2).differences
    )


@pytest.mark.parametrize("told", [None, [], "x", {"details": None}])
def test_an_answer_that_is_no_error_object_is_an_error_all_the_same(told: object) -> None:
    assert refusals.of(400, told).key == "unknown"
    assert isinstance(refusals.of(502, told), OutageError)


def test_a_row_that_somebody_else_took_away_is_told_as_well() -> None:
    before = {"limits.0.amount": ("2",), "name": ("Blog",)}
    typed = {"limits.0.amount": ("2",), "name": ("Blog",)}
    form = replace(forms.Form(typed=typed, before=before), is_conflict=True)

    (found,) = form.starting({"name": "Blog"}).differences

    assert found == forms.Difference("Limit 1", "2", "", "2")


def test_what_is_sent_after_a_refusal_is_another_wish() -> None:
    """Under the same key it would be answered as the first one, or refused for being another."""
    form = sent("name=&_key=k1")
    refused = RefusedError(400, {"key": "invalid_payload", "details": "name: is empty"})

    assert form.key == "k1"
    assert form.wrong("not sent").key == "k1"
    assert form.refused(refused).key not in {"", "k1"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("9" * 5_000, None),
        ("", None),
        ("-1", None),
        ("²", None),
        ("٣", None),
    ],
)
def test_what_is_no_number_of_ours_is_none(text: str, number: int | None) -> None:
    assert forms.whole(text) == number
