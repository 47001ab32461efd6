"""Rules: from menus to what the API is told, back into the menus, and as sentences."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.pages.rule_form import filled, grouping, typed, view
from console.pages.rule_form.grouping import HOWS, Grouped
from console.pages.rule_form.spelled import plainly
from console.web import logic, rules
from console.web.conditions import Reader
from console.web.forms import Form
from console.web.logic import Group, Leaf, Not, Tree
from console.web.terms import Typed

BERLIN = ZoneInfo("Europe/Berlin")
READER = Reader("EUR", BERLIN, {"seg_1": "VIPs"})

leaves = st.sampled_from("123456789").map(Leaf)
trees = st.recursive(
    leaves,
    lambda inner: (
        inner.map(Not)
        | st.builds(
            lambda parts, is_all: Group(is_all, tuple(parts)),
            st.lists(inner, min_size=2, max_size=4),
            st.booleans(),
        )
    ),
    max_leaves=12,
)
groups = st.lists(
    st.builds(
        lambda how, parts: Grouped(how, tuple(parts)),
        st.sampled_from(HOWS),
        st.lists(st.tuples(st.sampled_from("123456789"), st.booleans()), min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=4,
)


def holds(tree: Tree, met: frozenset[str]) -> bool:
    """Judge by the plain meaning of the words."""
    match tree:
        case Leaf(key):
            return key in met
        case Not(of):
            return not holds(of, met)
        case Group(is_all, parts):
            return (all if is_all else any)(holds(each, met) for each in parts)


def group_holds(group: Grouped, met: frozenset[str]) -> bool:
    found = [(key in met) != is_not for key, is_not in group.parts]
    return {
        "all": all(found),
        "any": any(found),
        "none": not any(found),
        "not_all": not all(found),
    }[group.how]


def reading(**fields: Any) -> Typed:
    """A form: `_0_name` is conditions.0.name, `_0_like_1_value` conditions.0.like.1.value."""
    named = {
        (f"conditions{name.replace('_', '.')}" if name[0] == "_" else name): (
            (value,) if isinstance(value, str) else tuple(value)
        )
        for name, value in fields.items()
    }
    return Typed(typed.compacted(Form(typed=named)), "EUR", BERLIN)


def sent(fields: Any) -> Typed:
    """What a browser sends of fields that are filled in so."""
    shown = Form().starting(fields).initial
    return Typed(typed.compacted(Form(typed=shown)), "EUR", BERLIN)


def rule(logic_: str, **nodes: Any) -> dict[str, Any]:
    """A rule as the API tells it: `a1` is its condition 1."""
    told = {
        key.removeprefix("a"): {"property": None, "rules": {}, "error": None} | node
        for key, node in nodes.items()
    }
    return {"name": "Some", "rules": told | {"logic": logic_}, "error": None}


AMOUNT = {"name": "order.amount", "conditions": {"$more_than_equal": [5000]}}
NEW = {"name": "customer.is_new", "conditions": {"$is": [True]}}
VIP = {"name": "customer.segment", "conditions": {"$in": ["seg_1"]}}
SHOES = {
    "name": "order.items.any",
    "conditions": {
        "$in": [{"object": "product", "id": "shoes"}, {"object": "sku", "id": "boot-42"}]
    },
    "rules": {
        "1": {"name": "order.items.price", "property": None, "conditions": {"$more_than": [1000]}},
        "2": {"name": "order.items.metadata", "property": "size", "conditions": {"$is": [42]}},
        "logic": "1 and 2",
    },
}


@given(tree=trees, met=st.frozensets(st.sampled_from("123456789")))
def test_logic_that_is_written_means_the_same_when_it_is_read(
    tree: Tree, met: frozenset[str]
) -> None:
    assert holds(logic.parse(logic.write(tree)), met) == holds(tree, met)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 and",
        "1 2",
        "(1",
        "1)",
        "not",
        "1 xor 2",
        "1, 2",
        "and",
        "1 or or 2",
        "(" * 30 + "1" + ")" * 30,
    ],
)
def test_what_is_no_logic_is_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whichever part of it
        logic.parse(text)


@given(chosen=groups, is_all=st.booleans(), met=st.frozensets(st.sampled_from("123456789")))
def test_groups_mean_what_their_menus_say_and_are_the_same_groups_again(
    chosen: list[Grouped],
    is_all: bool,
    met: frozenset[str],
) -> None:
    tree = grouping.tree_of(chosen, is_all=is_all)
    written = logic.parse(logic.write(tree))
    again = grouping.groups_of(written)

    wanted = (all if is_all else any)(group_holds(each, met) for each in chosen)
    assert holds(tree, met) == wanted
    assert again is not None
    found, all_of_them = again
    assert (all if all_of_them else any)(group_holds(each, met) for each in found) == wanted
    assert grouping.canonical(grouping.tree_of(found, is_all=all_of_them)) == grouping.canonical(
        written
    )


def test_deeper_logic_stays_as_it_is_written() -> None:
    text = "1 and (2 or not (3 and 4))"

    assert grouping.groups_of(logic.parse(text)) is None
    told = rule(text, a1=AMOUNT, a2=NEW, a3=VIP, a4=NEW)
    fields = filled.values(told, "EUR")
    assert (fields["together"], fields["logic"]) == ("written", text)
    assert filled.is_said(told, reading())
    assert typed.rules(sent(fields))["logic"] == text


@pytest.mark.parametrize(
    "told",
    [
        rule("1", a1=AMOUNT),
        rule("1 and (2 or not 3)", a1=AMOUNT, a2=NEW, a3=VIP),
        rule("not (1 or 2) and not (3 and 4)", a1=AMOUNT, a2=NEW, a3=VIP, a4=SHOES),
        rule(
            "1",
            a1=SHOES | {"conditions": {"$is": [{"object": "products_collection", "id": "pc_1"}]}},
        ),
        rule("b or 7", ab=AMOUNT | {"error": {"message": "Buy for 50.00"}}, a7=SHOES),
        rule(
            "1",
            a1={
                "name": "order.items.none",
                "conditions": {"$is_not": [{"object": "product", "id": "x"}]},
            },
        ),
    ],
)
def test_a_rule_fills_the_form_that_says_it_again(told: dict[str, Any]) -> None:
    assert filled.is_said(told, reading())

    again = typed.body(sent(filled.values(told, "EUR")))

    assert again["name"] == "Some"
    assert set(again["rules"]) == set(told["rules"])
    assert grouping.canonical(logic.parse(again["rules"]["logic"])) == grouping.canonical(
        logic.parse(told["rules"]["logic"])
    )


@pytest.mark.parametrize(
    "node",
    [
        {"name": "order.amount", "conditions": {"$more_than": [1], "$is_not": [5]}},
        {"name": "order.weight", "conditions": {"$more_than": [1]}},
        {"name": "order.amount", "conditions": {"$is": [1, 2]}},
        {"name": "redemption.api_key", "conditions": {"$is": ["two\nlines"]}},
    ],
    ids=["two-operators", "of-a-later-version", "either-number", "two-lines"],
)
def test_what_the_form_cannot_say_is_known_not_to_be_said(node: dict[str, Any]) -> None:
    told = rule("1", a1=node)

    assert not filled.is_said(told, reading())
    assert rules.sentence(told, READER)


def test_menus_become_conditions_by_numbers_and_groups() -> None:
    read = reading(
        name="Big or VIP",
        **{"error.message": " Not for this basket "},
        together="or",
        **{"how.0": "all", "how.1": "none"},
        _0_key="1",
        _0_group="0",
        _0_name="order.amount",
        _0_operator="$more_than_equal",
        _0_value="50",
        _0_message="Buy for 50.00",
        _1_key="2",
        _1_group="0",
        _1_not="on",
        _1_name="customer.is_new",
        _1_operator="yes",
        _2_key="3",
        _2_group="0",
        _2_name="",
        _3_key="4",
        _3_group="1",
        _3_name="order.items.any",
        _3_which="these",
        _3_products="shoes\r\n boots ",
        _3_skus="",
        _3_like_0_name="",
        _3_like_1_name="order.items.price",
        _3_like_1_operator="$more_than",
        _3_like_1_value="10",
    )

    assert typed.body(read) == {
        "name": "Big or VIP",
        "error": {"message": "Not for this basket"},
        "rules": {
            "1": AMOUNT | {"error": {"message": "Buy for 50.00"}},
            "2": NEW,
            "4": {
                "name": "order.items.any",
                "conditions": {
                    "$is": [
                        {"object": "product", "id": "shoes"},
                        {"object": "product", "id": "boots"},
                    ]
                },
                "rules": {
                    "1": {"name": "order.items.price", "conditions": {"$more_than": [1000]}},
                    "logic": "1",
                },
            },
            "logic": "(1 and not 2) or not 4",
        },
    }
    assert read.faults == {}


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({}, "conditions"),
        ({"_0_name": "order.weight"}, "conditions.0.name"),
        ({"_0_name": "order.amount", "_0_value": ""}, "conditions.0.value"),
        ({"_0_name": "order.items.every"}, "conditions.0.products"),
        (
            {"_0_name": "order.items.every", "_0_like_0_name": "order.items.price"},
            "conditions.0.like.0.value",
        ),
        ({"_0_name": "customer.is_new", "together": "written", "logic": "1 and 2"}, "logic"),
        ({"_0_name": "customer.is_new", "together": "written", "logic": "1 and"}, "logic"),
        (
            {
                "_0_name": "customer.is_new",
                "_1_name": "customer.is_new",
                "together": "written",
                "logic": "1",
            },
            "logic",
        ),
    ],
)
def test_what_is_missing_is_told_where_it_is(fields: dict[str, str], at: str) -> None:
    read = reading(**fields)

    typed.rules(read)

    assert set(read.faults) == {at}


@pytest.mark.parametrize(
    ("faults", "shown"),
    [
        (
            {"rules": "7: order.amount: $is takes numbers"},
            {"conditions.1": "“Order: amount”: “is” takes numbers"},
        ),
        ({"rules": "9: what"}, {"conditions": "9: what"}),
        ({"rules": "logic is nested too deep"}, {"conditions": "logic is nested too deep"}),
        ({"name": "7: is taken"}, {"name": "7: is taken"}),
    ],
)
def test_what_the_api_says_of_a_condition_stands_at_its_row(
    faults: dict[str, str], shown: dict[str, str]
) -> None:
    form = reading(_0_key="a", _0_name="customer.is_new", _1_key="7", _1_name="order.amount").form

    assert typed.placed(form.wrong(**faults)).faults == shown


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        (
            "order.amount, 1 and 2: nothing can meet $more_than_equal, $less_than together",
            "“Order: amount”, 1 and 2: nothing can meet “is at least”, “is less than” together",
        ),
        (
            "redemption.count.daily is a limit: ask for $less_than_or_equal",
            "“Limit: redemptions of a code per day” is a limit: ask for “is at most”",
        ),
        ("order.weight $heavier, no is yes", "order.weight $heavier, no is yes"),
    ],
)
def test_what_the_api_says_of_rules_has_the_words_of_the_menus(said: str, plain: str) -> None:
    assert plainly(said) == plain


def test_a_form_shows_its_groups_with_an_empty_row_each_and_one_more_group() -> None:
    form = sent(filled.values(rule("1 and (2 or 3)", a1=AMOUNT, a2=NEW, a3=VIP), "EUR")).form

    shown = view.groups(form, READER)

    assert [[row.key for row in group.rows] for group in shown] == [
        ["1", "4"],
        ["2", "3", "5"],
        ["6"],
    ]
    assert [next(h.value for h in g.hows if h.chosen) for g in shown] == ["all", "any", "all"]
    assert [[row.key for row in group.rows] for group in view.groups(Form(), READER)] == [
        ["1"],
        ["2"],
    ]
    boxes = shown[1].rows[1].fields.boxes
    assert [(each.label, each.chosen) for each in boxes] == [("VIPs", True)]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (rule("1", a1=AMOUNT), "The order is at least 50.00 EUR"),
        (
            rule("1 and (2 or not 3)", a1=AMOUNT, a2=NEW, a3=VIP),
            (
                "The order is at least 50.00 EUR and (the customer is new"
                " or not (the customer is in VIPs))"
            ),
        ),
        (
            rule("1 or 2", a1=NEW, a2=SHOES),
            (
                "The customer is new or (at least one item is shoes or boot-42"
                " and its price is more than 10.00 EUR and its “size” is 42)"
            ),
        ),
        (
            rule("not (1 or 2)", a1=NEW, a2=VIP),
            "None of (the customer is new or the customer is in VIPs)",
        ),
        (
            rule("1", a1=SHOES),
            (
                "At least one item is shoes or boot-42 and its price is more than 10.00 EUR"
                " and its “size” is 42"
            ),
        ),
        (
            rule("1", a1={"name": "order.items.none", "conditions": {"$is_not": ["x"]}}),
            "No item is not x",
        ),
        (
            rule("1 nand 2", a1=AMOUNT, a2=NEW),
            "1 nand 2, of: the order is at least 50.00 EUR; the customer is new",
        ),
    ],
)
def test_a_rule_is_a_sentence(told: dict[str, Any], said: str) -> None:
    assert rules.sentence(told, READER) == said
