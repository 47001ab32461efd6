"""Segments: by menus, as sentences, and from the first one to the last in front of the platform."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from kit.people import Shop, Somebody

from console.pages.segment_form import typed
from console.web import segments
from console.web.conditions import Reader
from console.web.forms import Form
from console.web.terms import Typed

BERLIN = ZoneInfo("Europe/Berlin")
READER = Reader("EUR", BERLIN)


def reading(**fields: str) -> Typed:
    """A form of rows: `_0_name` is criteria.0.name."""
    named = {
        (f"criteria{name.replace('_', '.', 2)}" if name[0] == "_" else name): (value,)
        for name, value in fields.items()
    }
    return Typed(typed.compacted(Form(typed=named)), "EUR", BERLIN)


def test_rows_of_one_attribute_are_its_conditions_together_and_empty_rows_are_none() -> None:
    read = reading(
        _0_name="summary.orders.total_amount",
        _0_operator="$more_than",
        _0_value="500",
        _1_name="",
        _1_value="left over",
        _2_name="summary.orders.total_amount",
        _2_operator="$is_not",
        _2_value="1000",
        _3_name="metadata",
        _3_property="tier",
        _3_operator="$is",
        _3_value="gold",
    )

    assert typed.filter_of(read) == {
        "junction": "and",
        "summary.orders.total_amount": {
            "conditions": {"$more_than": [50_000], "$is_not": [100_000]}
        },
        "metadata.tier": {"conditions": {"$is": ["gold"]}},
    }
    assert read.faults == {}


@pytest.mark.parametrize(
    ("junction", "operator"),
    [("and", "$more_than"), ("or", "$less_than")],
    ids=["the-same-twice", "either-of-one-attribute"],
)
def test_what_the_api_cannot_be_told_of_two_rows_is_told_at_the_second(
    junction: str, operator: str
) -> None:
    read = reading(
        junction=junction,
        _0_name="summary.orders.total_count",
        _0_operator="$more_than",
        _0_value="5",
        _1_name="summary.orders.total_count",
        _1_operator=operator,
        _1_value="2",
    )

    typed.filter_of(read)

    assert set(read.faults) == {"criteria.1.name"}


def test_a_filter_needs_a_condition() -> None:
    read = reading(_0_name="")

    typed.filter_of(read)

    assert set(read.faults) == {"criteria"}


@pytest.mark.parametrize(
    ("told", "is_said"),
    [
        ({"junction": "and", "is_new": {"conditions": {"$is": [True]}}}, True),
        ({"junction": "or", "metadata.a.b": {"conditions": {"$is": ["30", 30, False]}}}, True),
        (
            {
                "junction": "and",
                "created_at": {"conditions": {"$after": ["2026-01-01"], "$before": ["2027-01-01"]}},
            },
            True,
        ),
        # Either of two operators of one attribute, an instant, a name of a later version.
        (
            {
                "junction": "or",
                "created_at": {"conditions": {"$after": ["2026-01-01"], "$before": ["2027-01-01"]}},
            },
            False,
        ),
        (
            {"junction": "and", "created_at": {"conditions": {"$after": ["2026-01-01T12:00:00Z"]}}},
            False,
        ),
        ({"junction": "and", "email": {"conditions": {"$ends_with": ["@example.com"]}}}, False),
        ({"junction": "and", "is_new": {"conditions": {"$is_not": [True]}}}, False),
    ],
)
def test_what_the_form_cannot_say_is_left_as_it_is(told: dict[str, Any], is_said: bool) -> None:
    assert typed.is_said(told, Typed(Form(), "EUR", BERLIN)) is is_said


def test_a_segment_is_a_sentence() -> None:
    told = {
        "type": "passive",
        "filter": {
            "junction": "or",
            "summary.orders.last_order_date": {"conditions": {"$more_than_ago": [60]}},
            "metadata.tier": {"conditions": {"$in": ["gold", "silver"]}},
            "later.name": {"conditions": {"$is": ["x"]}},
        },
    }

    assert segments.sentence(told, READER) == (
        "The last paid order is more than 60 days ago or the customer's “tier” is gold or silver"
        " or later.name is x"
    )
    assert (
        segments.sentence({"type": "static", "customers_count": 1}, READER) == "1 customer, by name"
    )


def test_a_segment_is_made_looked_at_changed_and_deleted(owner: Somebody, shop: Shop) -> None:
    browser, base = owner.browser, f"{owner.home}/segments"
    form = browser.open(f"{base}/new")

    wrong = browser.send(form, f"{base}/new", name="Asleep")
    drawn = browser.post(
        f"{base}/draft",
        wrong.form(f"{base}/new").filled(criteria__0__name="summary.orders.last_order_date"),
    )
    made = browser.send(drawn, f"{base}/new", criteria__0__value="60")
    page = browser.follow(made)

    assert wrong.status == 422
    assert "one condition at least" in wrong.text
    assert "The last paid order is more than 60 days ago" in page.text
    [stored] = shop.listed("/v1/segments", owner)
    assert stored["filter"] == {
        "junction": "and",
        "summary.orders.last_order_date": {"conditions": {"$more_than_ago": [60]}},
    }

    here = f"{base}/{stored['id']}"
    saved = browser.send(browser.open(f"{here}/edit"), criteria__0__value="90", name="Far asleep")
    assert "Far asleep is saved" in browser.follow(saved).text
    assert "more than 90 days ago" in browser.open(base).text
    gone = browser.send(browser.open(here), f"{here}/delete")
    assert "Far asleep is deleted" in browser.follow(gone).text
    assert shop.listed("/v1/segments", owner) == []


def test_a_list_is_read_by_lines_and_told_again_and_a_name_that_is_taken_is_told(
    owner: Somebody, shop: Shop
) -> None:
    browser, base = owner.browser, f"{owner.home}/segments"
    form = browser.open(f"{base}/new")

    made = browser.send(form, type="static", name="Press", customers="ann\r\n\r\n bob \r\nann")
    taken = browser.send(browser.open(f"{base}/new"), type="static", name="Press", customers="ann")
    page = browser.follow(made)

    assert "2 customers" in page.text
    assert taken.status == 422
    [stored] = shop.listed("/v1/segments", owner)
    edit = browser.open(f"{base}/{stored['id']}/edit")
    assert edit.form().filled()[-1][1].count("cust_") == 2
    browser.send(edit, customers="ann")
    assert shop.listed("/v1/segments", owner)[0]["customers_count"] == 1


def test_a_segment_in_reports_says_how_many_are_in_it_and_what_they_brought(
    owner: Somebody, shop: Shop
) -> None:
    browser, base = owner.browser, f"{owner.home}/segments"
    form = browser.open(f"{base}/new")
    drawn = browser.post(
        f"{base}/draft", form.form(f"{base}/new").filled(criteria__0__name="is_new")
    )
    made = browser.send(
        drawn, f"{base}/new", name="Strangers", criteria__0__value="true", in_reports="on"
    )
    page = browser.follow(made)

    [stored] = shop.listed("/v1/segments", owner)
    assert stored["in_reports"] is True
    assert "0 customers at" in page.text
    assert "0 redemptions" in page.text
    refusals = f"{owner.home}/failures?segment={stored['id']}"
    assert refusals in page.links
    assert "Segment: Strangers" in browser.open(refusals).text
    assert browser.open(f"{owner.home}/failures?by=segment").status == 200

    edit = browser.open(f"{base}/{stored['id']}/edit")
    browser.send(edit, in_reports="")
    assert shop.listed("/v1/segments", owner)[0]["in_reports"] is False


def test_a_viewer_reads_segments_and_changes_none(
    sign_in: Callable[..., Somebody], shop: Shop
) -> None:
    made = shop.made("/v1/segments", {"name": "Press", "type": "static", "customers": ["ann"]})
    viewer = sign_in("viewer")
    place = f"{viewer.home}/segments/{made['id']}"

    page = viewer.browser.open(place)

    assert "1 customer" in page.text
    assert not [link for link in page.links if link.endswith("/edit")]
    assert viewer.browser.get(f"{place}/edit").status == 403


def test_a_filter_that_the_form_cannot_say_keeps_what_it_says(owner: Somebody, shop: Shop) -> None:
    told = {"junction": "and", "created_at": {"conditions": {"$after": ["2026-01-01T12:00:00Z"]}}}
    made = shop.made("/v1/segments", {"name": "Young", "type": "passive", "filter": told})
    place = f"{owner.home}/segments/{made['id']}/edit"

    page = owner.browser.open(place)
    owner.browser.send(page, name="Younger")

    assert "a manner that this form cannot show" in page.text
    assert "is after 1 Jan 2026" in page.text
    [stored] = shop.listed("/v1/segments", owner)
    assert (stored["name"], stored["filter"]) == ("Younger", told)


def test_a_long_list_that_was_kept_is_kept_when_somebody_has_shortened_it(
    owner: Somebody, shop: Shop
) -> None:
    customers = [f"customer {at}" for at in range(1_001)]
    made = shop.made("/v1/segments", {"name": "Press", "type": "static", "customers": customers})
    browser, place = owner.browser, f"{owner.home}/segments/{made['id']}/edit"
    mine = browser.open(place)
    path = f"/v1/segments/{made['id']}"

    shop.http.put(path, json={"customers": ["ann", "bob"]}, headers=shop.keys)
    late = browser.send(mine, name="Papers")
    again = browser.send(late)

    assert (late.status, again.status) == (409, 303)
    stored = shop.http.get(path, headers=shop.keys).json()
    assert (stored["name"], stored["customers_count"]) == ("Papers", 2)
