"""One question in every spelling that clients send is one; what is unknown is named."""

from urllib.parse import parse_qsl, quote

import pytest

from servicekit.http.brackets import Asked, Condition, parse
from servicekit.http.errors import ApiError


def asked(query: str, junctions: tuple[str, ...] = ("and",)) -> Asked:
    return parse(
        parse_qsl(query, keep_blank_values=True),
        plain=("code", "limit"),
        dates=("created_at",),
        fields={"code": ("$is", "$in"), "redemption.quantity": ("$more_than",)},
        families={"metadata.": ("$is",)},
        junctions=junctions,
    )


@pytest.mark.parametrize(
    "query",
    [
        "filters[code][conditions][$in][0]=A&filters[code][conditions][$in][1]=B",
        "filters[code][conditions][$in][]=A&filters[code][conditions][$in][]=B",
        "filters[code][conditions][$in]=A&filters[code][conditions][$in]=B",
        "filters[code][conditions][$in]=['A', 'B']",
        quote("filters[code][conditions][$in][0]") + "=A&filters[code][conditions][$in][7]=B",
        "filters%5Bcode%5D%5Bconditions%5D%5B$in%5D=%5B%27A%27%2C+%27B%27%5D",
    ],
)
def test_a_condition_may_be_spelt_in_every_manner(query: str) -> None:
    [condition] = asked(query).conditions

    assert condition[:3] == ("code", "$in", ("A", "B"))


@pytest.mark.parametrize(
    "query", ["code=A&code=B", "code[]=A&code[]=B", "code[0]=A&code[1]=B", "code[]=['A', 'B']"]
)
def test_a_plain_name_may_be_repeated(query: str) -> None:
    assert asked(query).plain == {"code": ("A", "B")}


def test_a_plain_value_is_as_it_was_sent() -> None:
    assert asked("code=['A', 'B']").plain == {"code": ("['A', 'B']",)}
    assert asked("code[]=[A, B]").plain == {"code": ("[A, B]",)}
    too_long = f"[0x{'f' * 6_000}]"
    assert asked(f"code[]={too_long}").plain == {"code": (too_long,)}


@pytest.mark.parametrize("query", ["created_at[after]=x", "[created_at][after]=x"])
def test_dates_have_bounds_without_filters(query: str) -> None:
    [condition] = asked(query).conditions

    assert condition[:3] == ("created_at", "after", ("x",))


def test_of_a_family_any_field_is_known() -> None:
    [condition] = asked("filters[metadata.lot size][conditions][$is]=3").conditions

    assert condition[:3] == ("metadata.lot size", "$is", ("3",))


def test_conditions_hold_all_together_unless_any_is_asked_for() -> None:
    assert asked("").junction == "and"
    assert asked("filters[junction]=or", ("and", "or")).junction == "or"


def test_a_name_with_a_dot_is_one_name() -> None:
    [condition] = asked("filters[redemption.quantity][conditions][$more_than][0]=3").conditions

    assert isinstance(condition, Condition)
    assert condition.values == ("3",)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("filters[code][conditions][$is]", "no filter is known here"),
        ("color", "is unknown, known are limit"),
    ],
)
def test_where_no_filter_is_known_none_is_named(name: str, said: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse([(name, "A")], plain=["limit"], fields={})

    assert refused.value.detail == f"Query parameter {name}: {said}"


def test_what_must_be_given_once_may_not_be_repeated() -> None:
    assert asked("limit=1").one("limit") == "1"
    assert asked("").one("limit") is None
    with pytest.raises(ApiError) as refused:
        asked("limit=1&limit=2").one("limit")
    assert "limit: is given more than once" in refused.value.detail


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("color=red", "color: is unknown, known are code, created_at[after|before], filters[…]"),
        ("code[is]=A", "code[is]: is unknown"),
        ("code][=A", "code][: is unknown"),
        ("=A", ": is unknown"),
        ("created_at[since]=x", "created_at[since]: is unknown"),
        ("filters[color][conditions][$is]=x", "filters[color] is unknown, known are code, meta"),
        ("filters[metadata.][conditions][$is]=x", "filters[metadata.] is unknown"),
        ("filters[metadata.lot][conditions][$in]=x", "$in of filters[metadata.lot] is unknown"),
        ("limit=%00", "limit: holds a character that is no text"),
        ("filters[metadata.%00][conditions][$is]=x", "holds a character that is no text"),
        ("code[]=['%5Cx00']", "code[]: holds a character that is no text"),
        ("code[]=['%5Cud800']", "code[]: holds a character that is no text"),
        ("filters[code][conditions][$in]=['%5Cud800']", "holds a character that is no text"),
        ("code=", "code: is empty: name a value, or leave it out"),
        ("code", "code: is empty"),
        ("limit=%20%09", "limit: is empty"),
        ("code[]=['A', '']", "code[]: is empty"),
        ("code[]=[]", "code[]: is an empty list: name a value, or leave it out"),
        ("filters[code][conditions][$in]=[]", "is an empty list"),
        ("filters[junction]=and&filters[junction]=and", "filters[junction]: is given more than"),
        ("filters=x", "filters[] is unknown"),
        ("filters[code][$is]=x", "is not of the form filters[code][conditions][$is][0]"),
        ("filters[code][conditions][$is][0][1]=x", "is not of the form"),
        ("filters[code][conditions][$starts_with]=x", "$starts_with of filters[code] is unknown"),
        ("filters[junction]=or", "filters[junction]: must be and here"),
        ("&".join(["code=A"] * 1001), "code: has 1,001 values, at most 1,000"),
        ("x" * 5000 + "=1", "x" * 100 + ": is unknown"),
    ],
)
def test_what_is_unknown_is_refused_by_name(query: str, said: str) -> None:
    with pytest.raises(ApiError) as refused:
        asked(query)

    assert refused.value.key == "invalid_query_params"
    assert said in refused.value.detail
