"""What a validation rule may ask, and what is refused of it when it is written."""

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from contracts.conditions import Condition
from contracts.discounts import AmountOff
from contracts.rule_names import LINE_NAMES, LINES, NAMES, WITH_PROPERTY
from contracts.rule_nodes import LineCondition, Lines, Node
from contracts.rules import Rule, refuse_lines_that_may_not_be, segment_ids
from contracts.segments import Criterion
from contracts.terms import Conditions, Terms


def asked(operator: str, *values: Any) -> Condition:
    return Condition.model_validate({"operator": operator, "values": values})


def a_node(key: str = "1", name: str = "order.amount", *conditions: Condition, **more: Any) -> Node:
    return Node.model_validate({"key": key, "name": name, "conditions": conditions, **more})


def a_rule(*nodes: Node, logic: str = "1", **more: Any) -> Rule:
    return Rule(id="val_1", name="Rule", nodes=nodes, logic=logic, **more)


AT_LEAST_50 = asked("$more_than_equal", 5000)
SHOES = Lines(products=("shoes",))


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_can_be_asked(name: str) -> None:
    of_kind = {"number": asked("$less_than", 7), "flag": asked("$is", True)}
    wanted = {"redemption.channel": asked("$is", "API")}.get(
        name, of_kind.get(NAMES[name], asked("$is", "x"))
    )
    node = (
        a_node("1", name, lines=SHOES)
        if name in LINES
        else a_node("1", name, wanted, property="p" if name in WITH_PROPERTY else None)
    )

    assert Rule.model_validate_json(a_rule(node).model_dump_json()) == a_rule(node)


def test_what_can_be_asked_is_listed_whole() -> None:
    assert set(get_args(Node.model_fields["name"].annotation)) == NAMES.keys()
    assert set(get_args(LineCondition.model_fields["name"].annotation)) == LINE_NAMES.keys()
    assert {name for name in (*NAMES, *LINE_NAMES) if "metadata" in name} == WITH_PROPERTY


@pytest.mark.parametrize("name", sorted(LINE_NAMES))
def test_every_property_of_a_line_can_be_asked(name: str) -> None:
    like = LineCondition.model_validate(
        {
            "name": name,
            "property": "p" if name in WITH_PROPERTY else None,
            "conditions": [asked("$more_than", 1)],
        }
    )

    a_rule(a_node("1", "order.items.any", lines=Lines(like=(like,))))


def price(*conditions: Condition) -> LineCondition:
    return LineCondition(name="order.items.price", conditions=conditions)


@pytest.mark.parametrize(
    ("node", "fault"),
    [
        pytest.param({"name": "order.colour"}, "name", id="unknown-name"),
        pytest.param({"name": "order.amount"}, "order.amount has no conditions", id="nothing"),
        pytest.param(
            {"name": "order.amount", "conditions": [{"operator": "$near", "values": [1]}]},
            "operator",
            id="unknown-operator",
        ),
        pytest.param(
            {"name": "order.amount", "conditions": [asked("$is", "5000")]},
            "order.amount: .* a number",
            id="wrong-type",
        ),
        pytest.param(
            {"name": "order.amount", "conditions": [asked("$starts_with", "5")]},
            "order.amount: ",
            id="wrong-operator",
        ),
        pytest.param(
            {"name": "order.amount", "conditions": [asked("$less_than", 0)]},
            "order.amount: nothing can meet",
            id="less-than-nothing",
        ),
        pytest.param(
            {"name": "order.amount", "conditions": [AT_LEAST_50, asked("$less_than", 5000)]},
            "order.amount: nothing can meet",
            id="contradiction",
        ),
        pytest.param(
            {"name": "order.metadata", "conditions": [asked("$is", "x")]},
            "order.metadata needs the name of a property",
            id="no-property",
        ),
        pytest.param(
            {"name": "order.amount", "property": "p", "conditions": [AT_LEAST_50]},
            "order.amount has no properties",
            id="a-property-of-an-amount",
        ),
        pytest.param(
            {"name": "order.amount", "conditions": [AT_LEAST_50], "lines": SHOES},
            "order.amount is of no lines",
            id="lines-of-an-amount",
        ),
        pytest.param({"name": "order.items.any"}, "has no conditions", id="any-of-no-lines"),
        pytest.param(
            {"name": "order.items.any", "lines": Lines()}, "has no conditions", id="any-line-at-all"
        ),
        pytest.param(
            {"name": "order.items.any", "lines": SHOES, "conditions": [AT_LEAST_50]},
            "asks for lines and nothing beside",
            id="lines-and-conditions",
        ),
        pytest.param(
            {
                "name": "order.items.none",
                "lines": Lines(excluded=True, like=(price(AT_LEAST_50),)),
            },
            "leaves out no products",
            id="all-but-nothing",
        ),
        pytest.param(
            {
                "name": "order.items.every",
                "lines": Lines(
                    like=(
                        LineCondition(
                            name="order.items.aggregated_amount", conditions=(AT_LEAST_50,)
                        ),
                    )
                ),
            },
            "order.items.aggregated_amount is of order.items.any alone",
            id="a-sum-of-every-line",
        ),
        pytest.param(
            {"name": "customer.is_new", "conditions": [asked("$is", "yes")]},
            "customer.is_new: .* a flag",
            id="a-text-for-a-flag",
        ),
        pytest.param(
            {"name": "customer.segment", "conditions": [asked("$starts_with", "seg_")]},
            r"customer.segment is compared by \$is",
            id="a-part-of-a-segment",
        ),
        pytest.param(
            {"name": "customer.segment", "conditions": [asked("$is", 7)]},
            "ids of segments",
            id="a-number-for-a-segment",
        ),
        pytest.param(
            {"name": "redemption.channel", "conditions": [asked("$is", "FAX")]},
            "redemption.channel is compared with API, KAFKA, USER",
            id="unknown-channel",
        ),
    ],
)
def test_a_condition_that_cannot_be_is_refused_by_name(node: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Node.model_validate({"key": "1", **node})


def test_what_was_written_before_it_was_refused_is_still_read() -> None:
    half = a_node("1", "order.amount", asked("$is", 1.5))
    some = a_node("2", "order.items.any", lines=SHOES)
    none = a_node("3", "order.items.none", lines=SHOES)
    pieces = LineCondition(name="order.items.quantity", conditions=(asked("$in", 1, 1.5),))
    halves = a_node("4", "order.items.every", lines=Lines(like=(pieces,)))
    rule = a_rule(half, some, none, halves, logic="1 and 2 and 3 and 4")

    assert Rule.model_validate_json(rule.model_dump_json()) == rule
    Criterion(attribute="summary.orders.total_amount", conditions=(asked("$is", 10.5),))


def test_a_line_cannot_be_like_what_no_line_is() -> None:
    with pytest.raises(ValidationError, match=r"order\.items\.price: nothing can meet"):
        price(asked("$less_than", 0))
    with pytest.raises(ValidationError, match=r"order\.items\.price has no conditions"):
        price()


CHEAP = a_node("2", "order.amount", asked("$less_than", 5000))
DEAR = a_node("1", "order.amount", AT_LEAST_50)


@pytest.mark.parametrize(
    ("nodes", "logic", "fault"),
    [
        ((DEAR,), "1 and 2", "logic names 2, which is no condition of it"),
        ((DEAR, CHEAP), "1", "logic leaves out 2: it would have no effect"),
        ((DEAR, DEAR.model_copy()), "1", "there are two conditions 1"),
        ((DEAR,), "", "a condition was expected"),
        ((DEAR,), "1 and not 1", "logic wants 1 met and not met"),
        ((DEAR, CHEAP), "1 and 2", "order.amount, 1 and 2: nothing can meet"),
        ((DEAR, CHEAP), "(1) and (2 and 1)", "order.amount, 1 and 2: nothing can meet"),
        ((), "1", "nodes"),
        (tuple(a_node(str(n), "order.amount", AT_LEAST_50) for n in range(51)), "1", "nodes"),
    ],
)
def test_logic_that_cannot_be_is_refused(nodes: tuple[Node, ...], logic: str, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        a_rule(*nodes, logic=logic)


BOOTS = Lines(products=("boots", "shoes"), skus=("shoes-42",))
DEAR_SHOES = Lines(products=("shoes",), like=(price(asked("$more_than", 9000)),))


@pytest.mark.parametrize("name", sorted(LINES - {"order.items.none"}))
@pytest.mark.parametrize(
    ("wanted", "unwanted"), [(SHOES, SHOES), (SHOES, BOOTS), (DEAR_SHOES,) * 2]
)
def test_a_line_is_not_wanted_that_none_may_be(name: str, wanted: Lines, unwanted: Lines) -> None:
    nodes = a_node("1", name, lines=wanted), a_node("2", "order.items.none", lines=unwanted)

    with pytest.raises(ValueError, match=f"{name}, 1 and 2: nothing can meet both"):
        refuse_lines_that_may_not_be(a_rule(*nodes, logic="1 and 2"))
    refuse_lines_that_may_not_be(a_rule(*nodes, logic="1 or 2"))


@pytest.mark.parametrize(
    ("wanted", "unwanted"),
    [
        (BOOTS, SHOES),
        (SHOES, DEAR_SHOES),
        (DEAR_SHOES, Lines(like=(price(asked("$less_than", 100)),))),
        (SHOES, Lines(products=("shoes",), excluded=True)),
        (Lines(like=DEAR_SHOES.like), SHOES),
    ],
)
def test_a_line_may_be_wanted_beside_others_that_none_may_be(
    wanted: Lines, unwanted: Lines
) -> None:
    some = a_node("1", "order.items.any", lines=wanted)

    none = a_node("2", "order.items.none", lines=unwanted)
    refuse_lines_that_may_not_be(a_rule(some, none, logic="1 and 2"))


def test_what_several_lines_or_segments_may_be_is_no_contradiction() -> None:
    prices = [
        a_node("1", "order.items.price_any", asked("$more_than", 5000)),
        a_node("2", "order.items.price_any", asked("$less_than", 100)),
    ]
    segments = [
        a_node("1", "customer.segment", asked("$is", "seg_a")),
        a_node("2", "customer.segment", asked("$is", "seg_b")),
    ]

    a_rule(*prices, logic="1 and 2")
    a_rule(*segments, logic="1 and 2")
    a_rule(DEAR, CHEAP, logic="1 or 2")
    a_rule(DEAR, CHEAP, logic="1 and not 2")


def test_terms_say_of_what_their_rules_hang() -> None:
    def terms(*nodes: Node) -> Terms:
        rules = (a_rule(*nodes, logic=" or ".join(n.key for n in nodes)),) if nodes else ()
        return Terms(discount=AmountOff(amount_off_minor=1), conditions=Conditions(rules=rules))

    segment = a_node("2", "customer.segment", asked("$in", "seg_a", "seg_b"))
    assert terms().segment_ids == frozenset()
    assert terms(DEAR, segment).segment_ids == {"seg_a", "seg_b"}
    assert segment_ids([]) == frozenset()
    assert not terms(DEAR).asks_about_the_past
    assert terms(DEAR, segment).asks_about_the_past
    assert terms(DEAR).goes_by_the_clock
