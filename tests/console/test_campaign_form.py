"""A campaign's form: what was typed is what the API is told, and what it tells fills the form."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.campaign_forms import BERLIN, PERCENT_OFF, campaign, reading

from console.pages.campaign_form import filled, typed, view
from console.web import rule_choice
from console.web.forms import Form, Initial
from console.web.terms import Typed


def test_a_day_without_a_time_is_the_whole_day_in_the_projects_zone() -> None:
    read = reading({"start_date": "2026-11-01", "expiration_date": "2026-11-30"})
    body = typed.changes(read)
    assert body["start_date"] == "2026-10-31T23:00:00Z"
    assert body["expiration_date"] == "2026-11-30T23:00:00Z"  # the first instant after the day


def test_the_whole_last_day_has_25_hours_when_clocks_are_put_back() -> None:
    read = reading({"start_date": "2026-10-25", "expiration_date": "2026-10-25"})
    body = typed.changes(read)
    begin, end = (datetime.fromisoformat(body[n]) for n in ("start_date", "expiration_date"))
    assert end - begin == timedelta(hours=25)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("total_limit", "many"),
        ("total_limit", "1.5"),
        ("per_customer_limit", "-1"),
        ("margin_basis_points", "100.01"),
        ("margin_basis_points", "12.345"),
        ("commission_plan.share_basis_points", "a third"),
        ("commission_plan.flat_minor", "1.005"),
        ("voucher.discount.percent_off", "101"),
        ("start_date", "31 November"),
        ("start_date", "0001-01-01"),
        ("expiration_date", "9999-12-31"),
        ("start_time", "25:00"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(name: str, text: str) -> None:
    read = reading({"voucher.discount.percent_off": "10", name: text})
    typed.changes(read)
    assert set(read.faults) == {name}


def test_a_time_that_clocks_jump_over_is_told() -> None:
    read = reading(
        {
            "voucher.discount.percent_off": "10",
            "start_date": "2026-03-29",
            "start_time": "02:30",
        }
    )
    typed.changes(read)
    assert set(read.faults) == {"start_time"}


def test_an_end_before_the_start_is_told() -> None:
    read = reading(
        {
            "voucher.discount.percent_off": "10",
            "start_date": "2026-11-30",
            "expiration_date": "2026-11-29",
        }
    )
    typed.changes(read)
    assert set(read.faults) == {"expiration_date"}


def test_a_discount_is_wanted() -> None:
    read = reading({"voucher.discount.type": "AMOUNT"})
    typed.changes(read)
    assert set(read.faults) == {"voucher.discount.amount_off"}


def test_what_is_left_empty_is_not_sent_when_a_campaign_is_made() -> None:
    read = reading({"name": "Autumn", "voucher.discount.percent_off": "10", "codes": "none"})
    body = typed.campaign(read, None)
    assert not read.faults
    assert "partner_id" not in body
    assert "vouchers_count" not in body
    assert body["voucher"]["discount"] == {
        "type": "PERCENT",
        "percent_off": 10,
        "amount_limit": None,
        "effect": "APPLY_TO_ORDER",
    }
    assert body["active"] is True


@given(
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
    minutes=st.integers(1, 500_000),
    zone=st.sampled_from(["Europe/Berlin", "Asia/Tokyo", "America/New_York", "Pacific/Apia"]),
    points=st.integers(0, 10_000),
    flat=st.integers(0, 10**9),
    limit=st.none() | st.integers(0, 2**53),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_an_edit_that_changes_nothing_sends_what_was_there(  # noqa: PLR0917
    start: datetime,
    minutes: int,
    zone: str,
    points: int,
    flat: int,
    limit: int | None,
    currency: str,
) -> None:
    begin = start.replace(second=0, microsecond=0, tzinfo=UTC)
    end = begin + timedelta(minutes=minutes)
    there = campaign(
        start_date=begin.isoformat(),
        expiration_date=end.isoformat(),
        total_limit=limit,
        margin_basis_points=points,
        commission_plan={
            "share_basis_points": points,
            "flat_minor": flat,
            "new_customer_bonus_minor": flat,
        },
    )
    place = ZoneInfo(zone)
    values = filled.values(there, Typed(Form(), currency, place))
    read = reading(values, place, currency)
    body = typed.changes(read)
    assert not read.faults
    assert _same_minute(body["start_date"], begin, place)
    assert _same_minute(body["expiration_date"], end, place)
    assert body["total_limit"] == limit
    assert body["validation_rules"] == ["val_1", "val_2"]
    assert body["margin_basis_points"] == points
    plan = body["commission_plan"]
    assert (plan["share_basis_points"], plan["flat_minor"] or 0) == (points, flat)
    assert body["voucher"]["discount"] == there["voucher"]["discount"]


def _same_minute(sent: str, was: datetime, zone: ZoneInfo) -> bool:
    """An hour that is there twice, once a year, cannot be told apart in a field."""
    local = datetime.fromisoformat(sent).astimezone(zone).replace(tzinfo=None, fold=0)
    return local == was.astimezone(zone).replace(tzinfo=None, fold=0)


@pytest.mark.parametrize(
    ("codes", "text", "sent"),
    [
        ("unique", "", 1),
        ("unique", "3", 3),
        ("none", "", None),
        ("public", "", None),  # not given: the API lets a chosen code redeem, a drawn one once
        ("public", "3", 3),
    ],
)
def test_a_code_left_to_us_redeems_once_but_a_public_one_as_often_as_limits_allow(
    codes: str, text: str, sent: int | None
) -> None:
    of_this_kind = {"codes": codes, "public_code": "AUTUMN15", typed.PER_CODE: text}
    body = typed.campaign(reading({**filled.EMPTY, **of_this_kind, **PERCENT_OFF}), None)
    assert body["voucher"]["redemption"] == {"quantity": sent, "quantity_given": sent is not None}


@pytest.mark.parametrize("quantity", [None, 1, 5])
@pytest.mark.parametrize("given", [True, False])
def test_an_edit_sends_back_how_often_codes_redeem_as_it_was_and_whether_anybody_said_so(
    quantity: int | None, given: bool
) -> None:
    there = campaign()
    there["voucher"]["redemption"] = was = {
        "quantity": quantity if given else None,
        "quantity_given": given,
    }
    sent = typed.changes(reading(filled.values(there, Typed(Form(), "EUR", BERLIN))))
    assert sent["voucher"]["redemption"] == was


def test_a_number_per_code_and_no_limit_cannot_both_be_meant() -> None:
    read = reading({typed.PER_CODE: "3", typed.NO_LIMIT: "on"} | PERCENT_OFF)
    typed.changes(read)
    assert set(read.faults) == {typed.PER_CODE}


@pytest.mark.parametrize(("quantity", "shown"), [(1, ""), (None, ""), (5, "5")])
def test_a_copy_prefills_no_single_use_that_would_hold_for_a_public_code(
    quantity: int | None, shown: str
) -> None:
    there = campaign()
    there["voucher"]["redemption"]["quantity"] = quantity
    values = filled.copied(there, Typed(Form(), "EUR", BERLIN))
    assert values[typed.PER_CODE] == shown
    assert values["name"] == "Autumn (copy)"


@pytest.mark.parametrize(
    ("per_code", "given", "said"),
    [
        (None, True, "as often as the limits allow"),
        (None, False, "a unique code once, a public code as often as the limits allow"),
        (1, True, "once"),
        (3, True, "3 times"),
    ],
)
def test_the_preview_says_how_often_each_code_redeems(
    per_code: int | None, given: bool, said: str
) -> None:
    told = {"quantity": per_code, "quantity_given": given}
    assert view.uses(told) == (("Each code redeems", said),)


@pytest.mark.parametrize(("text", "quantity"), [("5", 5), ("", None)])
def test_the_preview_of_a_public_code_is_of_one_code_with_the_number_that_was_said(
    text: str, quantity: int | None
) -> None:
    public = {"codes": "public", "public_code": "AUTUMN15", typed.PER_CODE: text}
    body = typed.draft(reading({**filled.EMPTY, **public, **PERCENT_OFF}), is_edit=False)
    assert body["vouchers_count"] == 1
    # Given, also where it is none: of a drawn code the API would say that it redeems once.
    assert body["voucher"]["redemption"] == {"quantity": quantity, "quantity_given": True}


def test_who_made_a_campaign_is_told_that_its_codes_are_still_being_made() -> None:
    notice = view.created("Autumn", 2_000, "/p/1/jobs")
    assert notice.text == "Autumn has been created. 2,000 codes are being made."
    assert notice.jobs == "/p/1/jobs"


@pytest.mark.parametrize("codes_count", [None, 0])
def test_a_campaign_without_unique_codes_leads_to_no_jobs(codes_count: int | None) -> None:
    notice = view.created("Autumn", codes_count, "/p/1/jobs")
    assert (notice.text, notice.jobs) == ("Autumn has been created.", None)


TERMS: dict[str, Any] = {
    "limits": [
        {
            "of": "customer",
            "per": "month",
            "redemptions": 2,
            "discount_amount": None,
            "orders_amount": None,
        },
        {
            "of": "campaign",
            "per": None,
            "redemptions": None,
            "discount_amount": 250_000,
            "orders_amount": None,
        },
    ],
    "validity_day_of_week": [0, 5],
    "validity_hours": {
        "daily": [{"start_time": "22:00", "expiration_time": "24:00", "days_of_week": [5]}]
    },
    "validity_timeframe": {"interval": "P7D", "duration": "PT12H"},
    "start_date": "2026-11-06T17:00:00Z",
}


@pytest.mark.parametrize("fill", [filled.values, filled.copied])
def test_an_edit_and_a_copy_keep_further_limits_and_windows(
    fill: Callable[[dict[str, Any], Typed], Initial],
) -> None:
    read = reading(fill(campaign(**TERMS), Typed(Form(), "EUR", BERLIN)))

    sent = typed.changes(read)

    assert not read.faults
    assert {name: sent[name] for name in TERMS} == TERMS


def test_what_was_emptied_is_emptied() -> None:
    sent = typed.changes(reading(filled.values(campaign(), Typed(Form(), "EUR", BERLIN))))

    emptied: dict[str, Any] = {
        "limits": [],
        **dict.fromkeys(name for name in TERMS if name != "limits"),
    }
    assert {name: sent[name] for name in TERMS} == emptied


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("limits.1.amount", {"voucher": {"discount": 1, "type": 2}, "start_date": "x"}),
        ("voucher.discount.percent_off", {"voucher": {"type": 2}, "limits": [{}, {}]}),
        ("start_date", {"voucher": {"discount": 1, "type": 2}, "limits": [{}, {}]}),
    ],
)
def test_of_a_list_that_cannot_be_read_the_preview_leaves_out_all(
    name: str, left: dict[str, Any]
) -> None:
    body: dict[str, Any] = {"voucher": {"discount": 1, "type": 2}, "limits": [{}, {}]}
    body["start_date"] = "x"

    typed.leave_out(body, name)

    assert {key: body[key] for key in left} == left
    assert body.keys() == left.keys() | ({"start_date"} if name.startswith("voucher") else set())


@pytest.mark.parametrize("use", [True, False])
@pytest.mark.parametrize("budget", [True, False])
def test_an_edit_keeps_what_rollbacks_give_back(*, use: bool, budget: bool) -> None:
    policy = {"use": use, "budget": budget, "on_cancelled_order": not use}
    read = reading(filled.values(campaign(rollback=policy), Typed(Form(), "EUR", BERLIN)))

    assert typed.changes(read)["rollback"] == policy


def test_a_new_campaign_gives_back_all_unless_it_is_said_otherwise() -> None:
    policy = {"use": True, "budget": True, "on_cancelled_order": False}

    assert typed.campaign(reading(filled.EMPTY), None)["rollback"] == policy


def test_rules_are_chosen_from_menus_each_once_and_two_menus_are_left() -> None:
    form = Form(typed={"validation_rules": ("", "val_2", "val_9", "val_2", "")})

    menus = rule_choice.shown(form, {"val_1": "Big baskets", "val_2": "New ones"})

    assert typed.changes(Typed(form, "EUR", BERLIN))["validation_rules"] == ["val_2", "val_9"]
    chosen = [next(each.label for each in menu if each.chosen) for menu in menus]
    assert chosen == ["New ones", "val_9", "No rule", "No rule"]
    full = Form(typed={"validation_rules": tuple(map(str, range(10)))})
    assert len(rule_choice.shown(full, {})) == 10
