"""Several codes at once: what is typed is what the API is told, and what it tells is said."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.people import Shop, Somebody

from console.pages.settings.stacking import typed, view
from console.pages.settings.stacking.typed import CHOICES, LIMITS
from console.web.forms import Form
from console.web.terms import Typed

CATEGORIES = {"cat_1": "Welcome", "cat_2": "Free shipping"}

stored = st.fixed_dictionaries(
    {
        **dict.fromkeys(LIMITS, st.integers(1, 30)),
        **{name: st.sampled_from(values) for name, values in CHOICES.items()},
        "exclusive_categories": st.lists(st.sampled_from(list(CATEGORIES)), unique=True),
        "joint_categories": st.lists(st.sampled_from(list(CATEGORIES)), unique=True),
        "applicable_redeemables_category_limits": st.dictionaries(
            st.sampled_from(list(CATEGORIES)), st.integers(1, 30)
        ),
    }
)


def reading(**fields: Any) -> Typed:
    return Typed(Form(typed=Form().starting(fields).initial), "EUR", ZoneInfo("UTC"))


@given(told=stored)
def test_what_the_api_tells_is_told_to_it_again(told: dict[str, Any]) -> None:
    read = reading(**typed.filled(told))

    assert typed.body(read, list(CATEGORIES)) == told
    assert read.faults == {}


def test_an_empty_limit_is_the_usual_one_and_what_is_no_number_is_told_at_its_field() -> None:
    read = reading(
        applicable_redeemables_limit=" ",
        **{"applicable_redeemables_category_limits.cat_1": "few"},
    )

    assert typed.body(read, list(CATEGORIES))["applicable_redeemables_limit"] is None
    assert set(read.faults) == {"applicable_redeemables_category_limits.cat_1"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Up to 5 codes hold together. If one of them cannot be redeemed, none is."),
        (
            {"applicable_redeemables_per_category_limit": 1},
            "Up to 5 codes hold together. 1 of each category.",
        ),
        (
            {"applicable_redeemables_category_limits": {"cat_2": 2, "cat_9": 1}},
            "Up to 5 codes hold together. Up to 2 of Free shipping. 1 of cat_9.",
        ),
        (
            {"exclusive_categories": ["cat_1"], "joint_categories": ["cat_2"]},
            (
                "Up to 5 codes hold together. Nothing holds beside a code of Welcome."
                " But codes of Free shipping do. 1 exclusive code holds at once."
            ),
        ),
        (
            {"redeemables_application_mode": "PARTIAL"},
            (
                "Up to 5 codes hold together."
                " If one of them cannot be redeemed, the others are all the same."
            ),
        ),
    ],
)
def test_it_is_said_in_sentences(changed: dict[str, Any], said: str) -> None:
    rules = {
        **dict.fromkeys(LIMITS, 5),
        "applicable_exclusive_redeemables_limit": 1,
        **{name: values[0] for name, values in CHOICES.items()},
        "exclusive_categories": [],
        "joint_categories": [],
        "applicable_redeemables_category_limits": {},
    }

    assert " ".join(view.sentences(rules | changed, CATEGORIES)).startswith(said)


def test_of_two_who_change_the_rules_the_second_is_told(owner: Somebody, shop: Shop) -> None:
    browser, place = owner.browser, f"{owner.home}/settings/stacking"
    mine = browser.open(place)
    theirs = browser.open(place)

    browser.send(theirs, applicable_redeemables_limit="7")
    late = browser.send(mine, redeemables_no_effect_rule="SKIP")

    rules = shop.http.get("/v1/project/stacking-rules", headers=shop.keys).json()
    assert (late.status, rules["applicable_redeemables_limit"]) == (409, 7)
    assert "Somebody else saved this" in late.text
    assert browser.send(late).status == 303


def test_another_change_of_the_project_is_no_change_of_the_rules(
    owner: Somebody, shop: Shop
) -> None:
    browser, place = owner.browser, f"{owner.home}/settings/stacking"
    mine = browser.open(place)

    shop.made("/v1/keys", {"name": "Another", "scopes": ["reports"]})

    assert browser.send(mine, applicable_redeemables_limit="7").status == 303
